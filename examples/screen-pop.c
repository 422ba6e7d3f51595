/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Screen pop: the telephone rings, the customer's card is there; the call goes, the card goes.
 *
 *     screen-pop 2001                    what rings at device 2001
 *     screen-pop agent/7001              ... wherever agent 7001 sits
 *     screen-pop --answer-after 3 2001   and answers after three seconds
 *
 * In a terminal, `a` answers, `h` hangs up, `q` ends.
 */
#include <cti.h>
#include <getopt.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#define WIDTH 66 /* columns within the box */

static struct cti_client *client;
static sqlite3 *customers;
static char device[64];  /* whose card it is; "" until the agent's is known */
static char call_id[64]; /* of the card on the screen; "": none */
static bool answered, clear_screen, keys;
static int answer_after = -1; /* seconds; -1: a person answers */
static time_t rang_at;
static volatile sig_atomic_t stopped;

/* ---- The card -------------------------------------------------------------------------------- */

/* One line of the box: text at the left and at the right, cut where it is too long. */
static void line(const char *left, const char *right)
{
	wchar_t text[WIDTH + 1], end[WIDTH + 1];
	size_t length = mbstowcs(text, left ? left : "", WIDTH);
	size_t end_length = mbstowcs(end, right ? right : "", WIDTH);
	text[length <= WIDTH ? length : 0] = end[end_length <= WIDTH ? end_length : 0] = L'\0';
	int right_width = wcswidth(end, WIDTH);
	while (*text && wcswidth(text, WIDTH) + right_width > WIDTH)
		text[wcslen(text) - 1] = L'\0';
	printf("│ %ls%*s%ls │\n", text, WIDTH - wcswidth(text, WIDTH) - right_width, "", end);
}

static void rule(const char *begin, const char *title, const char *end)
{
	int used = printf("%s─%s%s%s", begin, *title ? " " : "", title, *title ? " " : "");
	used -= (int)strlen("╭─"); /* of octets, not of columns */
	for (; used < WIDTH + 1; used++)
		printf("─");
	printf("%s\n", end);
}

/* A section of the card: each row of a query whose first parameter is the number. */
static int rows(const char *title, const char *sql, const char *number)
{
	sqlite3_stmt *query;
	int count = 0;
	if (sqlite3_prepare_v2(customers, sql, -1, &query, NULL) != SQLITE_OK) {
		fprintf(stderr, "screen-pop: %s\n", sqlite3_errmsg(customers));
		return 0;
	}
	sqlite3_bind_text(query, 1, number, -1, SQLITE_STATIC);
	while (sqlite3_step(query) == SQLITE_ROW) {
		if (title && !count)
			rule("├", title, "┤");
		line((const char *)sqlite3_column_text(query, 0),
		     (const char *)sqlite3_column_text(query, 1));
		count++;
	}
	sqlite3_finalize(query);
	return count;
}

static void card_show(const struct cti_event *event)
{
	const char *number = cti_device_label(&event->calling);
	const char *called = cti_device_label(&event->called);
	char title[256];
	snprintf(title, sizeof title, "%s rings%s%s", device,
	         *called && strcmp(called, device) != 0 ? ", dialled " : "",
	         strcmp(called, device) != 0 ? called : "");
	rule("╭", title, "╮");
	if (!rows(NULL, "SELECT name, company FROM customer WHERE number = ?", number))
		line("Not in the customer table", "");
	line(number, "");
	rows(NULL, "SELECT address, '' FROM customer WHERE number = ?", number);
	for (size_t i = 0; i < event->attached_count; i++)
		line(event->attached[i].key, event->attached[i].value);
	rows("open tickets",
	     "SELECT '#' || id || '  ' || subject, opened FROM ticket"
	     " WHERE number = ? AND open ORDER BY opened DESC LIMIT 3",
	     number);
	rows("last contacts",
	     "SELECT channel || ': ' || about, day FROM contact"
	     " WHERE number = ? ORDER BY day DESC LIMIT 3",
	     number);
	rule("╰", keys ? "a answers, h hangs up, q ends" : "", "╯");
	fflush(stdout);
}

static void card_down(const char *why)
{
	if (clear_screen)
		printf("\033[H\033[2J");
	printf("  %s: %s\n", device, why);
	fflush(stdout);
	*call_id = '\0';
	answered = false;
}

/* ---- The telephone ------------------------------------------------------------------------- */

static void on_reply(void *what, const struct cti_reply *reply)
{
	if (reply->code)
		fprintf(stderr, "screen-pop: %s: %s\n", (const char *)what,
		        reply->text ? reply->text : cti_strerror(reply->code));
}

static void answer(void)
{
	const struct cti_connection call = {.call_id = call_id, .device_id = device};
	if (*call_id && !answered)
		cti_answer_call(client, &call, on_reply, "answer");
}

static void hang_up(void)
{
	const struct cti_connection call = {.call_id = call_id, .device_id = device};
	if (*call_id)
		cti_clear_connection(client, &call, on_reply, "hang up");
}

static bool is(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

static void on_event(void *arg, const struct cti_event *event)
{
	bool here = is(event->connection.device_id, device);
	bool shown = *call_id && is(event->connection.call_id, call_id);
	(void)arg;
	if (event->type == CTI_EVENT_CALL_DELIVERED && here && !*call_id &&
	    event->connection.call_id) {
		snprintf(call_id, sizeof call_id, "%s", event->connection.call_id);
		rang_at = time(NULL);
		card_show(event);
	} else if (event->type == CTI_EVENT_CALL_ESTABLISHED && here && shown) {
		answered = true;
		printf("  %s: talking to %s\n", device, cti_device_label(&event->calling));
		fflush(stdout);
	} else if (event->type == CTI_EVENT_CALL_DIVERTED && here && shown) {
		char why[128];
		const char *to = cti_device_label(&event->other);
		snprintf(why, sizeof why, "it went to %s", *to ? to : "somebody else");
		card_down(why);
	} else if (event->type == CTI_EVENT_CALL_CONNECTION_CLEARED && here && shown) {
		card_down(answered ? "the call is over" : "the call went elsewhere");
	} else if ((event->type == CTI_EVENT_CALL_CLEARED ||
	            (event->type == CTI_EVENT_CALL_FAILED && here)) &&
	           shown) {
		card_down(answered ? "the call is over" : "the caller gave up");
	} else if (event->type == CTI_EVENT_STREAM_GAP && *call_id) {
		card_down("events were lost: looking again");
	}
}

/* Where an agent sits, when only the agent was given. */
static void on_snapshot(void *agent, const struct cti_state *state)
{
	char filter[80];
	if (!agent || !state->device || !is(state->subject, agent) || is(device, state->device))
		return;
	snprintf(device, sizeof device, "%s", state->device);
	snprintf(filter, sizeof filter, "device/%s", device);
	printf("%s sits at %s\n", (const char *)agent, device);
	cti_subscribe(client, filter, NULL, NULL, NULL);
}

static void on_state(void *arg, enum cti_client_state state, const struct cti_error *why)
{
	(void)arg;
	if (why)
		fprintf(stderr, "screen-pop: %s\n", why->text);
	stopped |= state == CTI_CLIENT_REFUSED;
}

static void on_subscribed(void *arg, const struct cti_error *error)
{
	(void)arg;
	if (error)
		fprintf(stderr, "screen-pop: %s\n", error->text);
	stopped |= error != NULL;
}

/* ---- The program ------------------------------------------------------------------------------
 */

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

/* An SQLite database, or the SQL to make one in memory. */
static bool customers_open(const char *file)
{
	char sql[65536];
	size_t length = strlen(file);
	if (length < 4 || strcmp(file + length - 4, ".sql") != 0)
		return sqlite3_open_v2(file, &customers, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK;
	FILE *from = fopen(file, "r");
	length = from ? fread(sql, 1, sizeof sql - 1, from) : 0;
	sql[length] = '\0';
	if (from)
		fclose(from);
	return length && sqlite3_open(":memory:", &customers) == SQLITE_OK &&
	       sqlite3_exec(customers, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* Events and keys, until the end. */
static void run(void)
{
	struct pollfd fds[] = {{cti_fd(client), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
	while (!stopped) {
		char key = 0;
		bool soon = answer_after >= 0 && *call_id && !answered;
		poll(fds, keys ? 2 : 1, soon ? 200 : -1);
		cti_dispatch(client, 0);
		if (soon && time(NULL) >= rang_at + answer_after) {
			answer();
			rang_at = time(NULL) + 60; /* once */
		}
		if (keys && fds[1].revents && read(STDIN_FILENO, &key, 1) <= 0)
			keys = false;
		if (key == 'a')
			answer();
		else if (key == 'h')
			hang_up();
		else if (key == 'q')
			stopped = 1;
	}
}

static const struct option options[] = {
        {"server", required_argument, NULL, 's'},
        {"user", required_argument, NULL, 'u'},
        {"customers", required_argument, NULL, 'c'},
        {"auto-answer", no_argument, NULL, 'a'},
        {"answer-after", required_argument, NULL, 'A'},
        {"clear", no_argument, NULL, 'C'},
        {NULL, 0, NULL, 0},
};

int main(int argc, char **argv)
{
	struct cti_client_options connect = {
	        .endpoint = getenv("CTI_SERVER"),
	        .user = getenv("CTI_USER"),
	        .password = getenv("CTI_PASSWORD"),
	        .name = "screen-pop",
	        .handlers = {on_state, on_event, on_snapshot},
	};
	const char *file = "examples/customers.sql";
	struct cti_error error;
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		switch (option) {
		case 's':
			connect.endpoint = optarg;
			break;
		case 'u':
			connect.user = optarg;
			break;
		case 'c':
			file = optarg;
			break;
		case 'a':
			answer_after = 0;
			break;
		case 'A':
			answer_after = atoi(optarg);
			break;
		case 'C':
			clear_screen = true;
			break;
		default:
			return 2;
		}
	if (optind + 1 != argc) {
		fprintf(stderr,
		        "Usage: screen-pop [--server ENDPOINT] [--user NAME] [--customers FILE]\n"
		        "       [--auto-answer | --answer-after SECONDS] [--clear] "
		        "DEVICE | agent/ID\n");
		return 2;
	}
	setlocale(LC_CTYPE, "C.UTF-8");
	if (!customers_open(file)) {
		fprintf(stderr, "screen-pop: %s: no customers there\n", file);
		return 1;
	}

	char filter[80];
	bool agent = !strncmp(argv[optind], "agent/", 6);
	snprintf(filter, sizeof filter, "%s%s", agent ? "" : "device/", argv[optind]);
	if (!agent)
		snprintf(device, sizeof device, "%s", argv[optind]);
	connect.arg = agent ? argv[optind] : NULL;
	if (cti_client_create(&client, &connect, &error) ||
	    cti_subscribe(client, filter, NULL, on_subscribed, NULL) < 0 ||
	    cti_connect(client, &error)) {
		fprintf(stderr, "screen-pop: %s\n", error.text);
		return 1;
	}

	struct termios old, raw;
	keys = isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp() &&
	       !tcgetattr(STDIN_FILENO, &old);
	if (keys) {
		raw = old;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	}
	struct sigaction action = {.sa_handler = stop};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	run();
	if (keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &old);
	cti_client_destroy(&client);
	sqlite3_close(customers);
	return 0;
}
