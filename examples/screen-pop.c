/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Screen pop: while a telephone rings, its screen shows the caller's card; the card is taken down
 * when the call is answered, here or elsewhere, goes to somebody else, or the caller gives up.
 *
 *     screen-pop 2001                      Enter answers
 *     screen-pop --answer-after 3 2001     ... or three seconds do
 */
#include <cti/client.h>
#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#define WIDTH 64 /* columns between the card's sides */
#define NEVER INT64_MAX

/** A call at our telephone. */
struct card {
	LIST_ENTRY(card) next;
	char *call_id, *name;
	bool answered;
	int64_t answer_ms; /* when to answer by ourselves */
};

struct desk {
	struct cti_client *client;
	const char *device;
	sqlite3 *database;
	sqlite3_stmt *customer, *tickets, *contacts;
	LIST_HEAD(cards, card) cards;
	int64_t answer_after_ms; /* NEVER: the person does it */
	bool colour;
	int status; /* -1 while running */
};

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* ---- The customers ------------------------------------------------------------------------ */

static char *file_read(const char *name)
{
	char *text = NULL;
	size_t size = 0;
	FILE *file = fopen(name, "re");
	if (file && getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = NULL;
	}
	if (file)
		fclose(file);
	return text;
}

/** A database, or the SQL to make one of in memory. */
static bool customers_open(struct desk *desk, const char *name)
{
	const char *dot = strrchr(name, '.');
	bool sql = dot && !strcmp(dot, ".sql");
	char *text = sql ? file_read(name) : NULL;
	if (sql && !text) {
		fprintf(stderr, "screen-pop: %s: %s\n", name, strerror(errno));
		return false;
	}
	int code = sql ? sqlite3_open(":memory:", &desk->database)
	               : sqlite3_open_v2(name, &desk->database, SQLITE_OPEN_READONLY, NULL);
	if (!code && sql)
		code = sqlite3_exec(desk->database, text, NULL, NULL, NULL);
	free(text);
	const struct {
		sqlite3_stmt **statement;
		const char *sql;
	} queries[] = {
	        {&desk->customer, "SELECT id, name, address FROM customers WHERE number = ?1"},
	        {&desk->tickets, "SELECT printf('#%d  %s', id, subject) FROM tickets WHERE "
	                         "customer = ?1 AND state = 'open' ORDER BY id DESC LIMIT 3"},
	        {&desk->contacts, "SELECT printf('%s  %-5s  %s', day, channel, note) FROM contacts "
	                          "WHERE customer = ?1 ORDER BY day DESC LIMIT 3"}};
	for (size_t i = 0; !code && i < sizeof queries / sizeof *queries; i++)
		code = sqlite3_prepare_v2(desk->database, queries[i].sql, -1, queries[i].statement,
		                          NULL);
	if (code)
		fprintf(stderr, "screen-pop: %s: %s\n", name, sqlite3_errmsg(desk->database));
	return !code;
}

static const char *column(sqlite3_stmt *row, int index)
{
	const unsigned char *text = sqlite3_column_text(row, index);
	return text ? (const char *)text : "";
}

/* ---- The card ----------------------------------------------------------------------------- */

/**
 * Print text in at most @p width columns, "…" where it is cut; returns how many it took. What
 * came from outside moves no cursor: '?' stands for what cannot be printed.
 */
static int put(const char *text, int width)
{
	int used = 0, length;
	for (const char *at = text; *at; at += length) {
		wchar_t wide;
		length = mbtowc(&wide, at, MB_CUR_MAX);
		int columns = length > 0 ? wcwidth(wide) : -1;
		length = length > 0 ? length : 1;
		if (used + abs(columns) > width - (at[length] != '\0')) {
			printf("…");
			return used + 1;
		}
		printf("%.*s", columns < 0 ? 1 : length, columns < 0 ? "?" : at);
		used += abs(columns);
	}
	return used;
}

static void line(const char *format, ...)
{
	char text[1024];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	printf("│ ");
	printf("%*s │\n", WIDTH - put(text, WIDTH), "");
}

static void rule(const struct desk *desk, const char *left, const char *title, const char *right)
{
	int used = 1;
	printf("%s─", left);
	if (*title) {
		printf("%s ", desk->colour ? "\033[1m" : "");
		used += 2 + put(title, WIDTH - 4);
		printf(" %s", desk->colour ? "\033[0m" : "");
	}
	for (; used < WIDTH + 2; used++)
		printf("─");
	printf("%s\n", right);
}

static void section(struct desk *desk, const char *title, sqlite3_stmt *rows, int64_t customer)
{
	bool first = true;
	sqlite3_bind_int64(rows, 1, customer);
	for (; sqlite3_step(rows) == SQLITE_ROW; first = false) {
		if (first)
			rule(desk, "├", title, "┤");
		line("%s", column(rows, 0));
	}
	sqlite3_reset(rows);
}

/** Draw the card; returns the name on it, which the caller frees. */
static char *card_draw(struct desk *desk, const struct cti_call *call)
{
	/* The customer, not the colleague who hands him over. */
	const char *number = cti_device_label(
	        call->original_calling.number ? &call->original_calling : &call->calling);
	const char *called = call->called.number;
	sqlite3_bind_text(desk->customer, 1, number, -1, SQLITE_STATIC);
	bool known = sqlite3_step(desk->customer) == SQLITE_ROW;
	char *name = strdup(known ? column(desk->customer, 1) : *number ? number : "unknown");
	rule(desk, "╭", known ? column(desk->customer, 1) : "Unknown caller", "╮");
	line("%s rings %s%s%s", *number ? number : "unknown", desk->device,
	     called && !same(called, desk->device) ? ", called " : "",
	     called && !same(called, desk->device) ? called : "");
	if (known)
		line("%s", column(desk->customer, 2));
	for (size_t i = 0; i < call->attached_count; i++)
		line("%s: %s", call->attached[i].key, call->attached[i].value);
	if (known) {
		int64_t id = sqlite3_column_int64(desk->customer, 0);
		section(desk, "Open tickets", desk->tickets, id);
		section(desk, "Last contacts", desk->contacts, id);
	}
	rule(desk, "╰", "", "╯");
	sqlite3_reset(desk->customer);
	return name;
}

static struct card *card_find(struct desk *desk, const char *call_id)
{
	struct card *card;
	LIST_FOREACH (card, &desk->cards, next)
		if (same(card->call_id, call_id))
			return card;
	return NULL;
}

static void card_free(struct card *card)
{
	LIST_REMOVE(card, next);
	free(card->call_id);
	free(card->name);
	free(card);
}

static void card_show(struct desk *desk, const struct cti_call *call)
{
	if (!call->connection.call_id || card_find(desk, call->connection.call_id))
		return;
	struct card *card = calloc(1, sizeof *card);
	if (card) {
		LIST_INSERT_HEAD(&desk->cards, card, next);
		card->call_id = strdup(call->connection.call_id);
		card->name = card_draw(desk, call);
		card->answer_ms =
		        desk->answer_after_ms == NEVER ? NEVER : now_ms() + desk->answer_after_ms;
	}
	if (!card || !card->call_id || !card->name) {
		fprintf(stderr, "screen-pop: out of memory\n");
		desk->status = 1;
	}
}

static void card_take(struct card *card, const char *why, const char *where)
{
	printf("%s: %s%s: ", card->answered ? "ended" : "taken", why, where);
	put(card->name, WIDTH);
	printf("\n");
	card_free(card);
}

static void card_answered(struct card *card, const char *interaction)
{
	printf("taken: answered here: ");
	put(card->name, WIDTH);
	printf("\nconnected: interaction %s\n", interaction ? interaction : "unknown");
	card->answered = true;
}

/* ---- The telephone ------------------------------------------------------------------------ */

static struct cti_call call_of(const struct cti_event *event)
{
	return (struct cti_call){
	        .connection = event->connection,
	        .interaction_id = event->interaction_id,
	        .calling = event->calling,
	        .original_calling = event->original_calling,
	        .called = event->called,
	        .attached = event->attached,
	        .attached_count = event->attached_count,
	};
}

/** Our call became part of another one: who was transferred to us sees the customer. */
static void call_moved(struct desk *desk, const struct cti_event *event)
{
	struct card *card = card_find(desk, event->primary_old.call_id);
	card = card ? card : card_find(desk, event->secondary_old.call_id);
	for (size_t i = 0; card && i < event->item_count; i++) {
		struct cti_call call = call_of(event);
		call.connection = event->items[i].new_connection;
		if (!same(call.connection.device_id, desk->device))
			continue;
		bool answered = card->answered;
		card_free(card);
		card_show(desk, &call);
		card = card_find(desk, call.connection.call_id);
		if (card && answered)
			card_answered(card, call.interaction_id);
		return;
	}
}

static void on_event(void *arg, const struct cti_event *event)
{
	struct desk *desk = arg;
	enum cti_event_type type = event->type;
	struct card *card = card_find(desk, event->connection.call_id);
	bool ours = same(event->connection.device_id, desk->device);
	struct cti_call call = call_of(event);

	if (type == CTI_EVENT_CALL_DELIVERED && ours)
		card_show(desk, &call);
	else if (type == CTI_EVENT_CALL_TRANSFERRED || type == CTI_EVENT_CALL_CONFERENCED)
		call_moved(desk, event);
	else if (type == CTI_EVENT_DEVICE_MONITORED && !event->monitored)
		fprintf(stderr, "screen-pop: %s is not monitored: %s\n", desk->device,
		        event->text ? event->text : "");
	else if (!card)
		return; /* a call that does not ring here */
	else if (type == CTI_EVENT_CALL_ESTABLISHED && ours)
		card_answered(card, event->interaction_id);
	else if (type == CTI_EVENT_CALL_CLEARED ||
	         (type == CTI_EVENT_CALL_CONNECTION_CLEARED && ours))
		card_take(card, card->answered ? "hung up" : "caller gave up", "");
	else if (type == CTI_EVENT_CALL_DIVERTED && ours && same(event->cause, "callPickup"))
		card_take(card, "answered elsewhere, at ", cti_device_label(&event->other));
	else if (type == CTI_EVENT_CALL_DIVERTED && ours)
		card_take(card, "went to ", cti_device_label(&event->other));
	else if (card->answered && ours) /* held, retrieved */
		printf("%s: %s\n", cti_event_phase(type), card->name);
}

/** How the telephone stands: at the beginning, and after events were missed. */
static void on_snapshot(void *arg, const struct cti_state *state)
{
	struct desk *desk = arg;
	struct card *card = LIST_FIRST(&desk->cards);
	while (card) {
		struct card *next = LIST_NEXT(card, next);
		const struct cti_call *call = state->calls, *end = call + state->call_count;
		while (call < end && !same(call->connection.call_id, card->call_id))
			call++;
		if (call == end)
			card_take(card, "over meanwhile", "");
		else if (call->connection.state == CTI_CONNECTION_CONNECTED && !card->answered)
			card_answered(card, call->interaction_id);
		card = next;
	}
	for (size_t i = 0; i < state->call_count; i++)
		if (state->calls[i].connection.state == CTI_CONNECTION_ALERTING)
			card_show(desk, &state->calls[i]);
	if (state->reason)
		fprintf(stderr, "screen-pop: %s is not monitored: %s\n", desk->device,
		        state->reason);
}

static void on_reply(void *arg, const struct cti_reply *reply)
{
	(void)arg;
	if (reply->code)
		fprintf(stderr, "screen-pop: not answered: %s\n", reply->text);
}

/** Answer what was to be answered by @p now. */
static void answer(struct desk *desk, int64_t now)
{
	for (struct card *card = LIST_FIRST(&desk->cards); card; card = LIST_NEXT(card, next)) {
		if (card->answered || card->answer_ms > now)
			continue;
		struct cti_connection call = {.call_id = card->call_id, .device_id = desk->device};
		card->answer_ms = NEVER;
		int code = cti_answer_call(desk->client, &call, on_reply, NULL);
		if (code)
			fprintf(stderr, "screen-pop: not answered: %s\n", cti_strerror(code));
	}
}

/* ---- The connection ----------------------------------------------------------------------- */

static void on_state(void *arg, enum cti_client_state state, const struct cti_error *why)
{
	struct desk *desk = arg;
	if (why)
		fprintf(stderr, "screen-pop: %s\n", why->text);
	if (state == CTI_CLIENT_REFUSED)
		desk->status = 1;
}

static void on_subscribed(void *arg, const struct cti_error *error)
{
	struct desk *desk = arg;
	if (error) {
		fprintf(stderr, "screen-pop: %s: %s\n", desk->device, error->text);
		desk->status = 1;
		return;
	}
	printf("Waiting for calls at %s.%s\n", desk->device,
	       isatty(STDIN_FILENO) ? " Enter answers, Ctrl-C ends." : "");
}

static volatile sig_atomic_t stopped;
static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

static struct timespec pause_until_answer(const struct desk *desk)
{
	const struct card *card;
	int64_t now = now_ms(), wait = 60000;
	LIST_FOREACH (card, &desk->cards, next)
		if (!card->answered && card->answer_ms < now + wait)
			wait = card->answer_ms > now ? card->answer_ms - now : 0;
	return (struct timespec){wait / 1000, wait % 1000 * 1000000};
}

static void run(struct desk *desk)
{
	struct pollfd files[] = {{cti_fd(desk->client), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
	struct sigaction action = {.sa_handler = on_signal};
	char keys[64];
	sigset_t stop, usual;
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, &usual); /* they come within ppoll() alone */
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	while (!stopped && desk->status < 0) {
		struct timespec pause = pause_until_answer(desk);
		fflush(stdout);
		if (ppoll(files, 2, &pause, &usual) > 0 && files[1].revents) {
			if (read(STDIN_FILENO, keys, sizeof keys) > 0)
				answer(desk, NEVER);
			else
				files[1].fd = -1; /* nobody types */
		}
		cti_dispatch(desk->client, 0);
		answer(desk, now_ms());
	}
}

static int usage(int status)
{
	fputs("usage: screen-pop [OPTIONS] DEVICE\n"
	      "\n"
	      "  --server ENDPOINT       default: $CTI_SERVER, or " CTI_ENDPOINT "\n"
	      "  --switch NAME           where there are several\n"
	      "  --database FILE         SQLite database, or .sql to make one of in memory\n"
	      "                          (default: examples/customers.sql)\n"
	      "  --answer-after SECONDS  answer by itself; otherwise Enter does\n"
	      "\n"
	      "$CTI_USER and $CTI_PASSWORD say who you are.\n",
	      status ? stderr : stdout);
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"server", required_argument, NULL, 's'},
	                                        {"database", required_argument, NULL, 'd'},
	                                        {"answer-after", required_argument, NULL, 'a'},
	                                        {"switch", required_argument, NULL, 'w'},
	                                        {"help", no_argument, NULL, 'h'},
	                                        {0}};
	struct desk desk = {.answer_after_ms = NEVER,
	                    .colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
	                    .status = -1};
	struct cti_client_options client = {.endpoint = getenv("CTI_SERVER"),
	                                    .user = getenv("CTI_USER"),
	                                    .password = getenv("CTI_PASSWORD"),
	                                    .name = "screen-pop",
	                                    .handlers = {on_state, on_event, on_snapshot},
	                                    .arg = &desk};
	const char *database = "examples/customers.sql";
	char *end = "";
	for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
		if (option == 's')
			client.endpoint = optarg;
		else if (option == 'w')
			client.switch_name = optarg;
		else if (option == 'd')
			database = optarg;
		else if (option == 'a')
			desk.answer_after_ms = (int64_t)(strtod(optarg, &end) * 1000);
		else
			return usage(option == 'h' ? 0 : 2);
	}
	if (optind + 1 != argc || *end || desk.answer_after_ms < 0)
		return usage(2);
	desk.device = argv[optind];

	setlocale(LC_CTYPE, "C.UTF-8"); /* the card's */
	if (!customers_open(&desk, database))
		return 1;
	char filter[80];
	struct cti_error error;
	snprintf(filter, sizeof filter, "device/%s", desk.device);
	int code = cti_client_create(&desk.client, &client, &error);
	if (!code)
		code = cti_connect(desk.client, &error);
	if (!code &&
	    cti_subscribe(desk.client, filter, client.switch_name, on_subscribed, &desk) < 0)
		code = cti_error_set(&error, CTI_E_INVALID, "%s is no device", desk.device);
	if (code)
		fprintf(stderr, "screen-pop: %s\n", error.text);
	else
		run(&desk);

	cti_client_destroy(&desk.client);
	while (!LIST_EMPTY(&desk.cards))
		card_free(LIST_FIRST(&desk.cards));
	sqlite3_finalize(desk.customer);
	sqlite3_finalize(desk.tickets);
	sqlite3_finalize(desk.contacts);
	sqlite3_close(desk.database);
	return code || desk.status > 0 ? 1 : 0;
}
