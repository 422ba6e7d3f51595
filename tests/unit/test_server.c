/* SPDX-License-Identifier: Apache-2.0 */
/** The whole server in process, on a virtual clock, over the simulated switch; reload; signals. */
#include "cti-server/bus.h"
#include "cti-server/pbx.h"
#include "cti-server/server.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"
#include "tests/unit/test.h"

#include <event2/event.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#define WAIT_MS 20000

#define SWITCH(more)                                                                               \
	"zmq = { router = \"tcp://127.0.0.1:*\"; pub = \"tcp://127.0.0.1:*\"; };\n"                \
	"log = { level = \"error\"; };\n"                                                          \
	"switches = ( { name = \"hq\"; tenant = \"acme\"; adapter = \"simulator\";\n"              \
	"  options = { extensions = [ \"2001-2004\" ]; queues = [ \"3000\" ]; hands_free = true; " \
	"};\n"                                                                                     \
	"  monitors = { ranges = [ \"2001-2003\" ]; per_second = 0; }; } );\n" more

#define ANN "{ name = \"ann\"; password = \"x\"; role = \"agent\"; devices = [ \"2001\" ]; }"
#define SUE "{ name = \"sue\"; password = \"x\"; role = \"supervisor\"; }"

struct fixture {
	struct event_base *loop;
	struct clock *clock;
	struct server *server;
	void *zmq, *client;
	json_t *last;
	char kind[32];
};

static struct config *config_of(const char *text)
{
	struct config *config = NULL;
	struct cti_error why = {0};
	log_set(CTI_LOG_ERROR, false);
	if (config_load_text(&config, text, &why))
		fail_msg("%s", why.text);
	return config;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct config *config = config_of(SWITCH("users = ( " ANN ", " SUE " );"));
	struct cti_error why = {0};
	*state = f;
	f->loop = event_base_new();
	f->zmq = zmq_ctx_new();
	assert_int_equal(clock_create_virtual(&f->clock, INT64_C(1763795000000000), NULL), 0);
	if (server_create_with(&f->server, f->clock, f->loop, &config, &why) ||
	    server_start(f->server, &why))
		fail_msg("%s", why.text);
	assert_null(config);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	json_decref(f->last);
	if (f->client)
		zmq_close(f->client);
	zmq_ctx_term(f->zmq);
	server_destroy(&f->server);
	clock_destroy(&f->clock);
	event_base_free(f->loop);
	free(f);
	return 0;
}

static void turn(struct fixture *f)
{
	event_base_loop(f->loop, EVLOOP_NONBLOCK);
	if (clock_next(f->clock) <= clock_now(f->clock))
		clock_advance(f->clock, clock_now(f->clock), NULL, NULL);
	poll(NULL, 0, 1);
}

static bool hear_any(struct fixture *f)
{
	char body[70000];
	for (int i = 0; i < WAIT_MS; i++) {
		int length = zmq_recv(f->client, f->kind, sizeof f->kind - 1, ZMQ_DONTWAIT);
		if (length < 0) {
			turn(f);
			continue;
		}
		f->kind[length] = '\0';
		length = zmq_recv(f->client, body, sizeof body, 0);
		json_decref(f->last);
		f->last = json_loadb(body, (size_t)length, 0, NULL);
		return true;
	}
	return false;
}

/** Passes over everything before the first message of this kind. */
static void hear(struct fixture *f, const char *kind)
{
	do
		if (!hear_any(f))
			fail_msg("no '%s' came", kind);
	while (strcmp(f->kind, kind));
}

static const char *text_of(const struct fixture *f, const char *name)
{
	const char *text = json_string_value(json_object_get(f->last, name));
	return text ? text : "";
}

static void hear_event(struct fixture *f, const char *type)
{
	do
		hear(f, "event");
	while (strcmp(text_of(f, "type"), type));
}

static void say(struct fixture *f, const char *kind, const char *json)
{
	zmq_send(f->client, kind, strlen(kind), ZMQ_SNDMORE);
	zmq_send(f->client, json, strlen(json), 0);
}

static void enter(struct fixture *f, const char *user)
{
	char json[100];
	f->client = zmq_socket(f->zmq, ZMQ_DEALER);
	zmq_setsockopt(f->client, ZMQ_LINGER, &(int){0}, sizeof(int));
	assert_int_equal(zmq_connect(f->client, server_router_endpoint(f->server)), 0);
	snprintf(json, sizeof json, "{\"version\":1,\"user\":\"%s\",\"password\":\"x\"}", user);
	say(f, "hello", json);
	hear(f, "welcome");
}

/** From a desktop's request to another desktop's ring, through switch and model and back. */
static void test_call(void **state)
{
	struct fixture *f = *state;
	enter(f, "sue");
	say(f, "subscribe", "{\"id\":\"1\",\"filter\":\"device/2002\"}");
	hear(f, "state");
	assert_string_equal(text_of(f, "subject"), "device/2002");
	hear(f, "subscribed");
	say(f, "request",
	    "{\"id\":\"r1\",\"service\":\"MakeCall\",\"device\":\"2001\",\"destination\":"
	    "\"2002\"}");
	bool replied = false, rang = false;
	json_t *connection = NULL;
	while ((!replied || !rang) && hear_any(f)) {
		replied = replied || !strcmp(f->kind, "reply");
		if (strcmp(f->kind, "event") || strcmp(text_of(f, "type"), "cti.call.delivered"))
			continue;
		rang = true;
		connection = json_deep_copy(
		        json_object_get(json_object_get(f->last, "data"), "connection"));
	}
	assert_true(replied && rang);
	assert_string_equal(json_string_value(json_object_get(connection, "deviceID")), "2002");
	json_t *answer = json_pack("{s:s,s:s,s:o}", "id", "r2", "service", "AnswerCall",
	                           "connection", connection);
	char *text = json_dumps(answer, 0);
	say(f, "request", text);
	hear_event(f, "cti.call.established");
	free(text);
	json_decref(answer);
	for (int i = 0; i < WAIT_MS && !server_is_quiet(f->server); i++)
		turn(f);
	assert_true(server_is_quiet(f->server));
	assert_non_null(server_pub_endpoint(f->server));
	assert_false(server_mqtt_connected(f->server));
	assert_non_null(server_pbx(f->server, "hq"));
	assert_null(server_pbx(f->server, "moon"));
}

/** A reload: the session and the link stay, the rights are the new ones, monitors too. */
static void test_reload(void **state)
{
	struct fixture *f = *state;
	struct config *next;
	struct cti_error why = {0};
	enter(f, "ann");
	say(f, "subscribe", "{\"id\":\"1\",\"filter\":\"device/2001\"}");
	hear(f, "subscribed");
	struct bus_stream *stream = bus_stream(server_bus(f->server), "acme", "hq");
	char epoch[9];
	strcpy(epoch, bus_stream_epoch(stream));

	next = config_of(SWITCH("users = ( { name = \"ann\"; password = \"x\"; role = \"agent\";"
	                        " devices = [ \"2002\" ]; } );"));
	assert_int_equal(server_reload(f->server, &next, &why), 0);
	assert_null(next);
	hear(f, "error");
	assert_string_equal(text_of(f, "code"), "DENIED");
	say(f, "subscribe", "{\"id\":\"2\",\"filter\":\"device/2002\"}");
	hear(f, "subscribed");
	say(f, "request",
	    "{\"id\":\"r1\",\"service\":\"MakeCall\",\"device\":\"2001\",\"destination\":"
	    "\"2002\"}");
	hear(f, "reply");
	assert_true(json_is_false(json_object_get(f->last, "ok")));
	assert_int_equal(pbx_link(server_pbx(f->server, "hq")), CTI_LINK_UP);
	assert_string_equal(bus_stream_epoch(stream), epoch);

	/* Again: what the second one replaced is gone, what the first started is still there. */
	next = config_of(SWITCH("users = ( " ANN " );"));
	assert_int_equal(server_reload(f->server, &next, &why), 0);
	hear(f, "error");
	say(f, "request",
	    "{\"id\":\"r2\",\"service\":\"MakeCall\",\"device\":\"2001\",\"destination\":"
	    "\"2003\"}");
	hear(f, "reply");
	assert_true(json_is_true(json_object_get(f->last, "ok")));

	/* Who is no longer in the configuration is told goodbye. */
	next = config_of(SWITCH("users = ( " SUE " );"));
	assert_int_equal(server_reload(f->server, &next, &why), 0);
	hear(f, "bye");
}

static void test_stop(void **state)
{
	struct fixture *f = *state;
	enter(f, "sue");
	server_stop(f->server);
	hear(f, "bye");
	assert_string_equal(text_of(f, "text"), "the server stops");
	assert_null(server_router_endpoint(f->server));
	server_stop(f->server);
}

/** What cannot be bound is said with endpoint and cause; nothing is left behind. */
static void test_taken_port(void **state)
{
	struct fixture *f = *state;
	struct server *second = NULL;
	struct cti_error why = {0};
	char text[400];
	snprintf(text, sizeof text, "zmq = { router = \"%s\"; }; switches = ();",
	         server_router_endpoint(f->server));
	struct config *config = config_of(text);
	assert_int_equal(server_create_with(&second, f->clock, f->loop, &config, &why), 0);
	assert_int_equal(server_start(second, &why), CTI_E_IO);
	assert_non_null(strstr(why.text, server_router_endpoint(f->server)));
	assert_non_null(strstr(why.text, "in use"));
	server_destroy(&second);
}

/** The process: SIGHUP does not end it, SIGTERM does, with status 0. */
static void test_signals(void **state)
{
	int status;
	(void)state;
	signal(SIGHUP, SIG_IGN); /* in the child, until server_run() has handlers of its own */
	signal(SIGTERM, SIG_IGN);
	pid_t pid = fork();
	if (!pid) {
		struct config *config = config_of(SWITCH("users = ( " SUE " );"));
		struct server *server = NULL;
		struct cti_error why = {0};
		int code = server_create(&server, &config, &why);
		if (!code)
			code = server_start(server, &why);
		if (!code)
			code = server_run(server, NULL, &why);
		server_destroy(&server);
		_exit(code ? 1 : 0);
	}
	signal(SIGHUP, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	for (int i = 0; i < 10; i++) {
		kill(pid, SIGHUP);
		poll(NULL, 0, 20);
		assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	}
	pid_t ended = 0;
	for (int i = 0; i < WAIT_MS / 20 && !ended; i++) {
		kill(pid, SIGTERM);
		poll(NULL, 0, 20);
		ended = waitpid(pid, &status, WNOHANG);
	}
	assert_int_equal(ended, pid);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_call, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_reload, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_stop, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_taken_port, setup, teardown),
	        cmocka_unit_test(test_signals),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
