/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/flows/apps.h"

#include "tests/flows/broker.h"

#include <cti/client.h>
#include <event2/event.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBJECTS_MAX 256

struct client {
	struct cti_client *cti; /* NULL: over MQTT */
	struct subscriber *mqtt;
	struct event *readable;
	struct ladder *ladder;
	size_t subscriptions, confirmed;
	bool echoed, away;
	struct cti_error refused;
	char filters[512];
	/* Counters of the subjects that this application listens to. */
	struct counter {
		char subject[96];
		uint64_t last;
	} counters[SUBJECTS_MAX];
	size_t counter_count;
	char hole[200];
};

struct asked {
	struct app *app;
	unsigned tag;
};

const char *app_option(const struct flow_header *h, const char *key)
{
	for (size_t i = 1; h && i + 1 < h->count; i += 2)
		if (strcmp(h->words[i], key) == 0)
			return h->words[i + 1];
	return NULL;
}

size_t app_words(const char *list, void (*each)(void *arg, const char *word), void *arg)
{
	char copy[512], *save = NULL;
	size_t count = 0;

	snprintf(copy, sizeof(copy), "%s", list ? list : "");
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		count++;
		if (each)
			each(arg, w);
	}
	return count;
}

/* ---- What comes -------------------------------------------------------------------------- */

/* Is this subject published to the application whatever it stands beside? */
static bool listens(const struct client *c, const char *subject)
{
	char copy[512], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", c->filters);
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		size_t length = strlen(w);

		if (strcmp(w, "all") == 0 || strcmp(w, subject) == 0 ||
		    (length && w[length - 1] == '*' && strncmp(w, subject, length - 1) == 0))
			return true;
	}
	return false;
}

static struct counter *counter_of(struct client *c, const char *switch_name, const char *subject)
{
	char name[sizeof(c->counters[0].subject)];

	snprintf(name, sizeof(name), "%s %s", switch_name ? switch_name : "", subject);
	for (size_t i = 0; i < c->counter_count; i++)
		if (strcmp(c->counters[i].subject, name) == 0)
			return &c->counters[i];
	if (c->counter_count == SUBJECTS_MAX)
		return NULL;
	snprintf(c->counters[c->counter_count].subject, sizeof(name), "%s", name);
	return &c->counters[c->counter_count++];
}

/* The next must be one more (@p exactly), or at least more. */
static void count_on(struct client *c, const struct app *app, const struct cti_event *e,
                     const char *subject, uint64_t value, bool exactly)
{
	struct counter *n = counter_of(c, e->switch_name, subject);
	bool wrong = n && n->last && (exactly ? value != n->last + 1 : value <= n->last);

	if (wrong && !c->hole[0])
		snprintf(c->hole, sizeof(c->hole), "%s: %s goes from %llu to %llu with event %s",
		         app->name, n->subject, (unsigned long long)n->last,
		         (unsigned long long)value, e->id ? e->id : "?");
	if (n)
		n->last = value;
}

/* Who listens to a device sees 41, 42, 43; who listens to all sees every sequence. */
static void check_counters(struct client *c, const struct app *app, const struct cti_event *e)
{
	for (size_t i = 0; i < e->subject_count; i++)
		if (listens(c, e->subjects[i].subject))
			count_on(c, app, e, e->subjects[i].subject, e->subjects[i].counter, true);
	count_on(c, app, e, "sequence", e->sequence, strcmp(c->filters, "all") == 0);
}

static void on_event(void *arg, const struct cti_event *event)
{
	struct app *app = arg;
	struct client *c = app->client;

	if (app->event_count == app->event_size) {
		size_t size = app->event_size ? 2 * app->event_size : 64;
		struct cti_event **grown = realloc(app->events, size * sizeof(*grown));

		if (!grown)
			return;
		app->events = grown;
		app->event_size = size;
	}
	app->events[app->event_count] = cti_event_copy(event);
	if (app->events[app->event_count])
		app->event_count++;
	check_counters(c, app, event);
	if (c->ladder)
		ladder_event(c->ladder, world_now(app->world), app->name, event);
}

static void on_subscribed(void *arg, const struct cti_error *error)
{
	struct client *c = arg;

	c->confirmed++;
	if (error && !c->refused.code)
		c->refused = *error;
}

static void on_state(void *arg, enum cti_client_state state, const struct cti_error *why)
{
	struct app *app = arg;
	struct client *c = app->client;

	if (state == CTI_CLIENT_REFUSED && why && !c->refused.code)
		c->refused = *why;
}

static void on_echo(void *arg, int code)
{
	struct client *c = arg;

	(void)code;
	c->echoed = true;
}

static void on_reply(void *arg, const struct cti_reply *reply)
{
	struct asked *a = arg;
	struct app_reply *r = calloc(1, sizeof(*r));
	struct client *c = a->app->client;

	if (r)
		r->reply = cti_reply_copy(reply);
	if (r && r->reply) {
		r->tag = a->tag;
		r->next = a->app->replies;
		a->app->replies = r;
		if (c->ladder)
			ladder_reply(c->ladder, world_now(a->app->world), a->app->name, a->tag,
			             reply);
	} else {
		free(r);
	}
	free(a);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	cti_dispatch(arg, 0);
}

/* ---- Life -------------------------------------------------------------------------------- */

struct subscribing {
	struct app *app;
	const char *switch_name; /* NULL: of every switch */
	int code;
};

static void subscribe(void *arg, const char *filter)
{
	struct subscribing *s = arg;
	struct client *c = s->app->client;
	int number = cti_subscribe(c->cti, filter, s->switch_name, on_subscribed, c);

	if (number < 0)
		s->code = number;
	else
		c->subscriptions++;
}

static int create_client(struct app *app, const struct flow_header *h,
                         const struct apps_place *place, struct cti_error *error)
{
	struct client *c = app->client;
	struct subscribing s = {app, h ? place->switch_name : NULL, 0};
	struct cti_client_options options = {
	        .endpoint = place->endpoint,
	        .user = app->name,
	        /* Where users are configured, the name is the password: see world_config.c. */
	        .password = app->name,
	        .name = "flow",
	        .switch_name = place->switch_name,
	        .handlers = {.event = on_event, .state = on_state},
	        .arg = app,
	};
	int code = cti_client_create(&c->cti, &options, error);

	if (code)
		return code;
	c->readable =
	        event_new(place->base, cti_fd(c->cti), EV_READ | EV_PERSIST, on_readable, c->cti);
	if (!c->readable || event_add(c->readable, NULL) != 0)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	app_words(c->filters, subscribe, &s);
	if (s.code)
		return cti_error_set(error, s.code, "%s: cannot subscribe to %s: %s", app->name,
		                     c->filters, cti_strerror(s.code));
	return cti_connect(c->cti, error);
}

int app_create(struct app **out, struct world *world, const struct flow_header *h,
               const struct apps_place *place, struct cti_error *error)
{
	struct app *app = calloc(1, sizeof(*app));
	struct client *c = calloc(1, sizeof(*c));
	const char *watches = app_option(h, "watches"), *over = app_option(h, "over");
	int code;

	if (!app || !c) {
		free(app);
		free(c);
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	}
	app->client = c;
	app->world = world;
	app->name = h ? h->words[0] : "recorder";
	c->ladder = h ? place->ladder : NULL;
	snprintf(c->filters, sizeof(c->filters), "%s", watches ? watches : "all");
	if (over && strcmp(over, "mqtt") == 0)
		code = subscriber_create(&c->mqtt, place->broker, c->filters, on_event, app, error);
	else
		code = create_client(app, h, place, error);
	if (code)
		app_destroy(&app);
	else
		*out = app;
	return code;
}

void app_destroy(struct app **out)
{
	struct app *app = *out;
	struct client *c = app ? app->client : NULL;

	if (!app)
		return;
	c->ladder = NULL;
	if (c->readable)
		event_free(c->readable);
	cti_client_destroy(&c->cti);
	subscriber_destroy(&c->mqtt);
	for (size_t i = 0; i < app->event_count; i++)
		free(app->events[i]);
	free(app->events);
	while (app->replies) {
		struct app_reply *r = app->replies;

		app->replies = r->next;
		free(r->reply);
		free(r);
	}
	free(c);
	free(app);
	*out = NULL;
}

bool app_over_mqtt(const struct app *app)
{
	return ((const struct client *)app->client)->mqtt != NULL;
}

bool app_ready(const struct app *app, struct cti_error *error)
{
	const struct client *c = app->client;

	if (c->refused.code && error)
		cti_error_set(error, c->refused.code, "%s: %s", app->name, c->refused.text);
	if (c->mqtt)
		return subscriber_ready(c->mqtt);
	return c->refused.code || c->confirmed >= c->subscriptions;
}

int app_echo(struct app *app)
{
	struct client *c = app->client;

	c->echoed = c->mqtt || c->away;
	return c->echoed ? 0 : cti_client_sync(c->cti, on_echo, c);
}

bool app_echoed(const struct app *app)
{
	return ((const struct client *)app->client)->echoed;
}

int app_leave(struct app *app)
{
	struct client *c = app->client;

	if (c->mqtt)
		return CTI_E_UNSUPPORTED;
	cti_disconnect(c->cti);
	c->away = true;
	return 0;
}

int app_return(struct app *app, struct cti_error *error)
{
	struct client *c = app->client;

	if (c->mqtt)
		return CTI_E_UNSUPPORTED;
	c->away = false;
	return cti_connect(c->cti, error);
}

void app_poll(struct app *app, int ms)
{
	struct client *c = app->client;

	if (c->mqtt)
		subscriber_poll(c->mqtt, ms);
}

const char *app_holes(const struct app *app)
{
	const struct client *c = app->client;

	return c->hole[0] ? c->hole : NULL;
}

/* ---- Requests ---------------------------------------------------------------------------- */

static int attach(struct app *app, const struct flow_step *s, const struct flow_field *fields,
                  struct asked *asked)
{
	struct client *c = app->client;
	struct cti_pair pairs[FLOW_WORDS_MAX];
	const char *interaction = NULL;
	size_t count = 0;

	for (size_t i = 0; i < s->field_count; i++)
		if (strcmp(fields[i].name, "interaction") == 0)
			interaction = fields[i].text;
		else
			pairs[count++] = (struct cti_pair){fields[i].name, fields[i].text};
	return cti_attach_data(c->cti, interaction, pairs, count, on_reply, asked);
}

/* A member of the message: connection 17/2001, device 2001, true, text:... */
static json_t *member_make(const char *text)
{
	static const char device[] = "{s:{s:s}}";
	const char *slash = strrchr(text, '/');
	char call[64];

	if (!strncmp(text, "text:", 5))
		return json_string(text + 5);
	if (!strcmp(text, "true") || !strcmp(text, "false"))
		return json_boolean(*text == 't');
	if (!slash)
		return json_pack(device, "deviceIdentifier", "dialingNumber", text);
	snprintf(call, sizeof(call), "%.*s", (int)(slash - text), text);
	return json_pack("{s:s, s:{s:o}}", "callID", call, "deviceID", "staticID",
	                 json_pack(device, "deviceIdentifier", "dialingNumber", slash + 1));
}

/* Of a service that has no fields of its own. NULL: no memory. */
static char *message_make(const struct flow_step *s, const struct flow_field *fields)
{
	json_t *message = json_object();
	int failed = !message;
	char *text;

	for (size_t i = 0; i < s->field_count; i++)
		failed |= json_object_set_new(message, fields[i].name, member_make(fields[i].text));
	text = failed ? NULL : json_dumps(message, JSON_COMPACT);
	json_decref(message);
	return text;
}

int app_request(struct app *app, const struct flow_step *s, const struct flow_field *fields,
                struct cti_error *error)
{
	struct client *c = app->client;
	struct asked *asked = calloc(1, sizeof(*asked));
	struct field_pool pool = {0};
	struct cti_request request;
	char id[64], *message = NULL;
	int code = 0;

	if (!asked || c->mqtt) {
		free(asked);
		return cti_error_set(error, CTI_E_UNSUPPORTED, "%s cannot ask over MQTT",
		                     app->name);
	}
	*asked = (struct asked){app, s->tag};
	if (s->attach) {
		code = attach(app, s, fields, asked);
	} else {
		cti_request_init(&request, (enum cti_service)s->type);
		if (s->type == CTI_SERVICE_OTHER) {
			request.element = s->argument;
			request.message = message = message_make(s, fields);
			code = message ? 0 : CTI_E_NOMEM;
		}
		for (size_t i = 0; i < s->field_count && !code && !message; i++)
			code = field_write(FIELD_REQUEST, &request, fields[i].name, fields[i].text,
			                   &pool, error);
		/* The library would make one up; the same in every run compares. */
		snprintf(id, sizeof(id), "%.40s-%u-%u", app->name, world_plays(app->world), s->tag);
		if (!request.id)
			request.id = id;
		if (!code)
			code = cti_request(c->cti, &request, on_reply, asked);
	}
	field_pool_free(&pool);
	free(message);
	if (code)
		free(asked);
	if (code && (!error || !error->code))
		cti_error_set(error, code, "%s", cti_strerror(code));
	return code;
}
