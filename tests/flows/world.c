/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One thread runs it all: the server, its switch, the applications. Nothing ever sleeps. The
 * world is at rest when a whole round of echoes (application, server and back) has changed
 * nothing: each event that was published has then arrived, each octet of the link been read.
 */
#include "tests/flows/world.h"

#include "pbx-adapters/host/clock.h"
#include "tests/flows/apps.h"
#include "tests/flows/broker.h"
#include "tests/flows/path.h"

#include <event2/event.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A Monday morning. */
#define WALL_US INT64_C(1767600000000000)
/* Real time after which a world that does not come to rest is given up; generous: sanitizers. */
#define REST_S 60
/* The most rounds of echoes at one instant; a storm of messages beyond is a failure. */
#define ROUNDS_MAX 10000
/* Virtual time in which the switch must have been read at the beginning. */
#define BEGIN_US UINT64_C(120000000)

struct world {
	const struct flow *flow;
	struct ladder *ladder;
	struct world_extra extra;
	struct event_base *base;
	struct clock *clock;
	struct path *path;
	struct server *server;
	struct broker *broker;
	struct app *apps; /* the recorder among them */
	struct app *recorder;
	struct event *guard;
	bool late;
	uint64_t began;
	size_t recorder_from;
	unsigned plays;
	struct cti_error *trouble; /* of settling within clock_advance() */
	char lacks[300];
};

/* ---- Configuration ----------------------------------------------------------------------- */

struct text {
	char data[16384];
	size_t at;
};

static void add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->data + t->at, sizeof(t->data) - t->at, format, args);
	va_end(args);
	t->at += n > 0 ? (size_t)n : 0;
	if (t->at >= sizeof(t->data))
		t->at = sizeof(t->data) - 1;
}

static void add_quoted(void *arg, const char *word)
{
	struct text *t = arg;

	add(t, "%s\"%s\"", t->data[t->at - 1] == '[' ? " " : ", ", word);
}

static void add_monitors(struct text *t, const struct flow *flow)
{
	add(t, "  monitors = { per_second = 0; on_demand = true; ranges = [");
	for (size_t i = 0; i < flow->header_count; i++) {
		const struct flow_header *h = &flow->headers[i];

		for (size_t k = 0; k < h->count; k++) {
			bool inside =
			        h->kind == FLOW_HEADER_MONITORS ||
			        ((h->kind == FLOW_HEADER_QUEUE || h->kind == FLOW_HEADER_PLACE ||
			          h->kind == FLOW_HEADER_HUNT) &&
			         k == 0) ||
			        h->kind == FLOW_HEADER_PARK ||
			        (h->kind == FLOW_HEADER_PHONE &&
			         strlen(h->words[k]) <= PATH_EXTENSION_DIGITS);

			if (inside)
				add_quoted(t, h->words[k]);
		}
	}
	add(t, " ]; };\n");
}

/* Users are needed only where an application may not do everything. */
static void add_users(struct text *t, const struct flow *flow)
{
	bool any = false;

	for (size_t i = 0; i < flow->header_count; i++)
		any |= flow->headers[i].kind == FLOW_HEADER_APP &&
		       app_option(&flow->headers[i], "may");
	if (!any)
		return;
	add(t, "users = ( { name = \"recorder\"; password = \"recorder\"; role = \"admin\"; }");
	for (size_t i = 0; i < flow->header_count; i++) {
		const struct flow_header *h = &flow->headers[i];
		const char *may = app_option(h, "may"), *on = app_option(h, "on");

		if (h->kind != FLOW_HEADER_APP)
			continue;
		add(t, ",\n  { name = \"%s\"; password = \"%s\"; role = \"%s\"; devices = [",
		    h->words[0], h->words[0], may ? h->words[0] : "admin");
		app_words(on ? on : "*", add_quoted, t);
		add(t, " ]; }");
	}
	add(t, " );\nroles = (");
	for (size_t i = 0, n = 0; i < flow->header_count; i++) {
		const struct flow_header *h = &flow->headers[i];
		const char *may = app_option(h, "may");

		if (h->kind != FLOW_HEADER_APP || !may)
			continue;
		add(t, "%s{ name = \"%s\"; control = \"own\"; events = \"all\"; services = [",
		    n++ ? ",\n  " : " ", h->words[0]);
		app_words(may, add_quoted, t);
		add(t, " ]; }");
	}
	add(t, " );\n");
}

static void write_config(const struct world *w, struct text *t)
{
	const char *level = getenv("FLOWS_LOG");
	char settings[4096];

	path_settings(w->path, w->extra.simulator, settings, sizeof(settings));
	add(t, "server = { id = \"flows\"; seed = 7; };\n");
	if (w->extra.log)
		add(t, "log = { level = \"info\"; file = \"%s\"; };\n", w->extra.log);
	else
		add(t, "log = { level = \"%s\"; };\n", level ? level : "error");
	add(t, "zmq = { router = \"tcp://127.0.0.1:*\"; pub = \"%s\"; };\n",
	    w->extra.pub ? "tcp://127.0.0.1:*" : "");
	if (w->broker)
		add(t, "mqtt = { host = \"127.0.0.1\"; port = %u; };\n", broker_port(w->broker));
	add(t, "switches = ( { name = \"%s\"; tenant = \"flows\";\n", w->flow->switch_name);
	add_monitors(t, w->flow);
	add(t, "  dialplan = { extension_digits = %d; };\n", PATH_EXTENSION_DIGITS);
	add(t, "  %s }%s%s );\n", settings, w->extra.switches ? ",\n  " : "",
	    w->extra.switches ? w->extra.switches : "");
	add_users(t, w->flow);
}

/* ---- Rest -------------------------------------------------------------------------------- */

static void on_guard(evutil_socket_t fd, short what, void *arg)
{
	struct world *w = arg;

	(void)fd;
	(void)what;
	w->late = true;
	event_base_loopbreak(w->base);
}

static void fire_due(struct world *w)
{
	while (clock_next(w->clock) <= clock_now(w->clock))
		clock_advance(w->clock, clock_now(w->clock), NULL, NULL);
}

static uint64_t activity(const struct world *w)
{
	uint64_t n = path_activity(w->path);

	for (const struct app *a = w->apps; a; a = a->next) {
		n += a->event_count;
		for (const struct app_reply *r = a->replies; r; r = r->next)
			n++;
	}
	return n;
}

static bool all_echoed(const struct world *w)
{
	for (const struct app *a = w->apps; a; a = a->next)
		if (!app_echoed(a))
			return false;
	return true;
}

/* One round: the loop runs dry, the link is even, every application has had its echo. */
static int round_trip(struct world *w)
{
	fire_due(w);
	event_base_loop(w->base, EVLOOP_NONBLOCK);
	/* Not a wait for a descriptor: that octets have arrived is no event. */
	while (!path_quiet(w->path) && !w->late) {
		event_base_loop(w->base, EVLOOP_NONBLOCK);
		fire_due(w);
		sched_yield();
	}
	for (struct app *a = w->apps; a; a = a->next) {
		int code = app_echo(a);

		if (code)
			return code;
	}
	while (!all_echoed(w) && !w->late) {
		event_base_loop(w->base, EVLOOP_ONCE);
		fire_due(w);
	}
	return w->late ? CTI_E_TIMEOUT : 0;
}

int world_settle(struct world *w, struct cti_error *error)
{
	struct timeval rest = {REST_S, 0};
	uint64_t before;
	int code = 0, rounds = 0, still = 0;

	w->late = false;
	event_add(w->guard, &rest);
	/* Twice: what an echo set off may still lie in a buffer when the echo is here. */
	while (!code && still < 2 && rounds++ < ROUNDS_MAX) {
		before = activity(w);
		code = round_trip(w);
		still = activity(w) == before ? still + 1 : 0;
	}
	event_del(w->guard);
	if (path_complaint(w->path))
		return cti_error_set(error, CTI_E_INVALID, "%s", path_complaint(w->path));
	if (code || still < 2)
		return cti_error_set(error, CTI_E_TIMEOUT, "the world does not come to rest: %s",
		                     !path_quiet(w->path) ? "octets of the link are under way"
		                     : code               ? "an application has no echo"
		                                          : "it goes on and on");
	return 0;
}

static void between(void *arg)
{
	struct world *w = arg;

	if (w->trouble && !w->trouble->code)
		world_settle(w, w->trouble);
}

int world_advance(struct world *w, uint64_t us, struct cti_error *error)
{
	struct cti_error trouble = {0};

	w->trouble = &trouble;
	clock_advance(w->clock, clock_now(w->clock) + us, between, w);
	w->trouble = NULL;
	if (trouble.code)
		return cti_error_set(error, trouble.code, "%s", trouble.text);
	return world_settle(w, error);
}

uint64_t world_now(const struct world *w)
{
	return clock_now(w->clock) - w->began;
}

/* ---- Life -------------------------------------------------------------------------------- */

static int needs_broker(const struct flow *flow)
{
	for (size_t i = 0; i < flow->header_count; i++)
		if (flow->headers[i].kind == FLOW_HEADER_APP &&
		    app_option(&flow->headers[i], "over"))
			return 1;
	return 0;
}

/* Files that are not there skip the flow before anything is built. */
static int check_files(const struct flow *flow, struct cti_error *error)
{
	for (size_t i = 0; i < flow->step_count; i++) {
		char *text = NULL;
		size_t length;
		int code;

		if (flow->steps[i].kind != FLOW_SEND || !flow->steps[i].argument)
			continue;
		code = peer_file(flow, flow->steps[i].argument, &text, &length, error);
		free(text);
		if (code)
			return code;
	}
	return 0;
}

static int create_server(struct world *w, struct cti_error *error)
{
	struct text *t = calloc(1, sizeof(*t));
	struct config *config = NULL;
	int code;

	if (!t)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	write_config(w, t);
	code = config_load_text(&config, t->data, error);
	if (!code)
		code = log_open(&config->log_options, w->clock, error);
	if (!code)
		code = server_create_with(&w->server, w->clock, w->base, &config, error);
	config_unload(&config);
	free(t);
	if (!code)
		code = path_attach(w->path, w->server, error);
	return code ? code : server_start(w->server, error);
}

static int add_app(struct world *w, const struct flow_header *h, struct cti_error *error)
{
	struct apps_place place = {.base = w->base,
	                           .endpoint = server_router_endpoint(w->server),
	                           .switch_name = w->flow->switch_name,
	                           .broker = w->broker,
	                           .ladder = w->ladder};
	struct app *app = NULL, **at = &w->apps;
	int code = app_create(&app, w, h, &place, error);

	if (code)
		return code;
	while (*at)
		at = &(*at)->next;
	*at = app;
	if (!h)
		w->recorder = app;
	return 0;
}

static int wait_ready(struct world *w, struct cti_error *error)
{
	struct timeval rest = {REST_S, 0};
	struct cti_error refused = {0};

	w->late = false;
	event_add(w->guard, &rest);
	for (struct app *a = w->apps; a; a = a->next)
		while (!app_ready(a, &refused) && !w->late)
			event_base_loop(w->base, app_over_mqtt(a) ? EVLOOP_NONBLOCK : EVLOOP_ONCE);
	while (w->broker && !server_mqtt_connected(w->server) && !w->late)
		event_base_loop(w->base, EVLOOP_ONCE);
	event_del(w->guard);
	if (refused.code)
		return cti_error_set(error, refused.code, "%s", refused.text);
	return w->late ? cti_error_set(error, CTI_E_TIMEOUT, "an application cannot connect") : 0;
}

/* A flow of the second kind may script the beginning itself: it takes over where it is asked. */
static bool begins_itself(const struct world *w)
{
	struct peer *peer = path_peer(w->path);

	for (size_t i = 0; peer && i < w->flow->header_count; i++)
		if (w->flow->headers[i].kind == FLOW_HEADER_SESSION &&
		    strcmp(w->flow->headers[i].words[0], "openscape") == 0)
			return peer_connected(peer);
	return peer && peer_received(peer);
}

static int wait_current(struct world *w, struct cti_error *error)
{
	const struct pbx *pbx = server_pbx(w->server, w->flow->switch_name);
	uint64_t until = clock_now(w->clock) + BEGIN_US;
	int code = world_settle(w, error);

	while (!code && !begins_itself(w) && !pbx_current(pbx) && clock_now(w->clock) < until)
		code = world_advance(w, 1000000, error);
	if (!code && !begins_itself(w) && !pbx_current(pbx))
		return cti_error_set(error, CTI_E_TIMEOUT, "the switch was not read within %d s",
		                     (int)(BEGIN_US / 1000000));
	return code;
}

static int build(struct world *w, enum flow_transport transport, struct cti_error *error)
{
	int code = check_files(w->flow, error);

	w->base = event_base_new();
	if (!w->base)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	w->guard = event_new(w->base, -1, 0, on_guard, w);
	if (!w->guard)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	if (!code)
		code = clock_create_virtual(&w->clock, WALL_US, error);
	if (!code)
		code = path_create(&w->path, w->flow, transport, w->clock, w->base, error);
	if (!code && (w->extra.broker || needs_broker(w->flow)))
		code = broker_create(&w->broker, error);
	if (!code)
		code = create_server(w, error);
	if (!code)
		code = add_app(w, NULL, error);
	for (size_t i = 0; i < w->flow->header_count && !code; i++)
		if (w->flow->headers[i].kind == FLOW_HEADER_APP)
			code = add_app(w, &w->flow->headers[i], error);
	if (!code)
		code = wait_ready(w, error);
	if (!code)
		code = wait_current(w, error);
	return code;
}

void world_begin(struct world *w)
{
	w->began = clock_now(w->clock);
	w->plays++;
	for (struct app *a = w->apps; a; a = a->next)
		a->taken = a->event_count;
	w->recorder_from = w->recorder->event_count;
}

unsigned world_plays(const struct world *w)
{
	return w->plays;
}

void world_turn(struct world *w)
{
	fire_due(w);
	event_base_loop(w->base, EVLOOP_NONBLOCK);
}

struct server *world_server(struct world *w)
{
	return w->server;
}

struct sim_switch *world_switch(struct world *w)
{
	return path_switch(w->path);
}

const char *world_simulator_address(struct world *w, size_t index)
{
	return path_simulator_address(w->path, index);
}

struct broker *world_broker(struct world *w)
{
	return w->broker;
}

int world_create(struct world **out, const struct flow *flow, enum flow_transport transport,
                 const struct world_extra *extra, struct ladder *ladder, struct cti_error *error)
{
	struct world *w = calloc(1, sizeof(*w));
	bool verbose = ladder->verbose;
	int code;

	if (!w)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	w->flow = flow;
	w->ladder = ladder;
	w->extra = extra ? *extra : (struct world_extra){0};
	ladder->verbose = false;
	code = build(w, transport, error);
	if (code) {
		world_destroy(&w);
		return code;
	}
	ladder_free(ladder);
	ladder->verbose = verbose;
	*out = w;
	return 0;
}

void world_destroy(struct world **world)
{
	struct world *w = *world;

	if (!w)
		return;
	while (w->apps) {
		struct app *a = w->apps;

		w->apps = a->next;
		app_destroy(&a);
	}
	server_destroy(&w->server);
	path_destroy(&w->path);
	broker_destroy(&w->broker);
	clock_destroy(&w->clock);
	log_close();
	if (w->guard)
		event_free(w->guard);
	if (w->base)
		event_base_free(w->base);
	free(w);
	*world = NULL;
}

const char *world_lacks(struct world *w)
{
	return path_lacks(w->path);
}

/* ---- Steps ------------------------------------------------------------------------------- */

int world_do(struct world *w, const struct flow_step *s, struct cti_error *error)
{
	if (s->kind == FLOW_LEAVE)
		return app_leave(world_app(w, s->actor));
	if (s->kind == FLOW_RETURN)
		return app_return(world_app(w, s->actor), error);
	if (s->kind == FLOW_RAW)
		return peer_raw(path_peer(w->path), s->octets, s->octet_count, error);
	return path_do(w->path, s, error);
}

int world_request(struct world *w, struct app *app, const struct flow_step *s,
                  const struct flow_field *fields, struct cti_error *error)
{
	(void)w;
	return app_request(app, s, fields, error);
}

int world_send(struct world *w, const struct flow_step *s, const struct flow_field *fields,
               struct cti_error *error)
{
	return peer_send(path_peer(w->path), s, fields, error);
}

struct world_request *world_received(struct world *w)
{
	return path_peer(w->path) ? peer_received(path_peer(w->path)) : NULL;
}

void world_received_take(struct world *w, struct world_request *r, unsigned tag)
{
	peer_take(path_peer(w->path), r, tag);
}

struct app *world_app(struct world *w, const char *name)
{
	struct app *a = w->apps;

	while (a && strcmp(a->name, name) != 0)
		a = a->next;
	return a;
}

void world_wait(struct world *w, struct app *app, size_t count)
{
	time_t until = time(NULL) + REST_S;

	while (app_over_mqtt(app) && app->event_count <= count && time(NULL) < until) {
		event_base_loop(w->base, EVLOOP_NONBLOCK);
		app_poll(app, 20);
	}
}

const struct app *world_recorder(const struct world *w)
{
	return w->recorder;
}

size_t world_recorded_from(const struct world *w)
{
	return w->recorder_from;
}

const char *world_holes(struct world *w)
{
	for (const struct app *a = w->apps; a; a = a->next)
		if (app_holes(a))
			return app_holes(a);
	return NULL;
}
