/* SPDX-License-Identifier: Apache-2.0 */
/** The ZeroMQ doors over real sockets on the loopback; the switch behind them is a fake. */
#include "cti-server/bus.h"
#include "cti-server/northbound/zmq.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"
#include "sdk/wire.h"
#include "tests/support/nomem.h"
#include "tests/unit/fake_pbx.h"
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define SECOND UINT64_C(1000000)
#define WAIT_MS                                                                                    \
	10000 /* until a message counts as missing; nothing waits that long that is well           \
	       */

#define PLAIN "zmq = { router = \"tcp://127.0.0.1:*\"; pub = \"tcp://127.0.0.1:*\"; %s };\n"

static const char users[] =
        "users = ( { name = \"ann\"; password = \"secret\"; role = \"agent\"; devices = [ \"2001\" "
        "];\n"
        "            agents = [ \"7001\" ]; },\n"
        "          { name = \"sue\"; password = \"secret\"; role = \"supervisor\"; },\n"
        "          { name = \"far\"; password = \"secret\"; role = \"admin\"; switches = [ "
        "\"moon\" ]; } );\n";

struct fixture {
	struct event_base *loop;
	struct clock *clock;
	struct bus *bus;
	struct bus_stream *stream;
	struct config *config;
	struct rights *rights;
	struct requests *requests;
	struct pbx hq;
	struct zmq_door *door;
	void *zmq;
	json_t *last; /* of the last message */
	char kind[32];
};

static void open_door(struct fixture *f, const char *zmq_options, const char *more)
{
	struct requests_options options = {600 * SECOND, 1000, 100, 100, 1000};
	struct cti_error why = {0};
	char text[4096], zmq_section[2048];
	log_set(CTI_LOG_ERROR, false);
	snprintf(zmq_section, sizeof zmq_section, PLAIN, zmq_options);
	snprintf(text, sizeof text, "switches = ();\n%s%s", zmq_section, more);
	if (config_load_text(&f->config, text, &why))
		fail_msg("%s", why.text);
	f->loop = event_base_new();
	f->zmq = zmq_ctx_new();
	f->hq = (struct pbx){.name = "hq", .link = CTI_LINK_UP, .current = true};
	assert_int_equal(clock_create_virtual(&f->clock, 0, NULL), 0);
	struct bus_options bus = {.ring_events = 1000};
	assert_int_equal(bus_create(&f->bus, f->clock, &bus, NULL), 0);
	f->stream = bus_stream(f->bus, "acme", "hq");
	assert_int_equal(rights_create(&f->rights, f->clock, f->bus, f->config, NULL), 0);
	assert_int_equal(requests_create(&f->requests, f->clock, f->rights, &options, NULL), 0);
	assert_int_equal(requests_add(f->requests, &f->hq), 0);
	struct door_context context = {"cti-1", f->bus, f->rights, f->requests, f->clock, f->loop};
	if (zmq_door_create(&f->door, &context, f->config->zmq, &why))
		fail_msg("%s", why.text);
}

static void close_door(struct fixture *f)
{
	struct cti_reply reply;
	cti_reply_init(&reply);
	while (f->hq.open_count)
		fake_answer(&f->hq, &reply);
	zmq_door_destroy(&f->door);
	json_decref(f->last);
	zmq_ctx_term(f->zmq);
	requests_destroy(&f->requests);
	rights_destroy(&f->rights);
	bus_destroy(&f->bus);
	clock_destroy(&f->clock);
	event_base_free(f->loop);
	config_unload(&f->config);
}

/** Lets the door work for a moment. */
static void turn(struct fixture *f)
{
	event_base_loop(f->loop, EVLOOP_NONBLOCK);
	poll(NULL, 0, 1);
}

static void *client_new(struct fixture *f)
{
	void *socket = zmq_socket(f->zmq, ZMQ_DEALER);
	int linger = 0;
	zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
	assert_int_equal(zmq_connect(socket, zmq_door_router_endpoint(f->door)), 0);
	return socket;
}

static void say(void *socket, const char *kind, const char *json)
{
	assert_true(zmq_send(socket, kind, strlen(kind), ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(socket, json, strlen(json), 0) >= 0);
}

/** The next message, into f->kind and f->last; false: none came. */
static bool hear_within(struct fixture *f, void *socket, int ms)
{
	char body[70000];
	struct timespec begin, now;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (;;) {
		int length = zmq_recv(socket, f->kind, sizeof f->kind - 1, ZMQ_DONTWAIT);
		if (length >= 0) {
			f->kind[length] = '\0';
			length = zmq_recv(socket, body, sizeof body, 0);
			json_decref(f->last);
			f->last = json_loadb(body, (size_t)length, 0, NULL);
			assert_non_null(f->last);
			return true;
		}
		turn(f);
		clock_gettime(CLOCK_MONOTONIC, &now);
		if ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 >
		    ms)
			return false;
	}
}

static void hear(struct fixture *f, void *socket, const char *kind)
{
	if (!hear_within(f, socket, WAIT_MS))
		fail_msg("no '%s' came", kind);
	if (strcmp(f->kind, kind))
		fail_msg("expected '%s', got '%s' %s", kind, f->kind, json_dumps(f->last, 0));
}

/** Everything that was sent before is answered before this is. */
static void sync_with(struct fixture *f, void *socket)
{
	say(socket, "sync", "{\"id\":\"s\"}");
	hear(f, socket, "sync");
}

static const char *text_of(const struct fixture *f, const char *name)
{
	const char *text = json_string_value(json_object_get(f->last, name));
	return text ? text : "";
}

static json_int_t number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static json_t *stream_of(const struct fixture *f)
{
	return json_array_get(json_object_get(f->last, "streams"), 0);
}

static void *hello(struct fixture *f, const char *user)
{
	void *socket = client_new(f);
	char json[200];
	snprintf(json, sizeof json,
	         "{\"version\":1,\"user\":\"%s\",\"password\":\"secret\",\"client\":\"test\"}",
	         user);
	say(socket, "hello", json);
	hear(f, socket, "welcome");
	return socket;
}

static void publish(struct fixture *f, enum cti_event_type type, const char *one, const char *two)
{
	const char *subjects[] = {one, two};
	struct cti_event event;
	cti_event_init(&event, type);
	assert_int_equal(bus_publish(f->stream, &event, subjects, (one != NULL) + (two != NULL)),
	                 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	*state = f;
	open_door(f, "", users);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	close_door(f);
	free(f);
	return 0;
}

/* ---- sessions ---------------------------------------------------------------------------- */

static void test_hello(void **state)
{
	struct fixture *f = *state;
	publish(f, CTI_EVENT_CALL_HELD, "device/2001", NULL);
	void *ann = hello(f, "ann");
	assert_string_equal(text_of(f, "server"), "cti-1");
	assert_string_equal(text_of(f, "user"), "ann");
	assert_int_equal(number_of(f->last, "heartbeatMs"), 10000);
	assert_string_equal(json_string_value(json_object_get(stream_of(f), "epoch")),
	                    bus_stream_epoch(f->stream));
	assert_int_equal(number_of(stream_of(f), "sequence"), 1);
	assert_string_equal(json_string_value(json_object_get(stream_of(f), "link")), "up");

	/* A switch that one has no rights on is not even named. */
	void *far = hello(f, "far");
	assert_int_equal(json_array_size(json_object_get(f->last, "streams")), 0);

	void *bad = client_new(f);
	say(bad, "hello", "{\"version\":1,\"user\":\"ann\",\"password\":\"wrong\"}");
	hear(f, bad, "error");
	assert_string_equal(text_of(f, "code"), "AUTH");
	hear(f, bad, "bye");
	say(bad, "hello", "{\"version\":1,\"user\":\"nobody\",\"password\":\"secret\"}");
	hear(f, bad, "error");
	assert_string_equal(text_of(f, "code"), "AUTH");
	hear(f, bad, "bye");
	say(bad, "hello", "{\"version\":2,\"user\":\"ann\",\"password\":\"secret\"}");
	hear(f, bad, "error");
	assert_string_equal(text_of(f, "code"), "UNSUPPORTED");
	hear(f, bad, "bye");
	say(bad, "subscribe", "{\"id\":\"1\",\"filter\":\"all\"}");
	hear(f, bad, "error");
	assert_string_equal(text_of(f, "code"), "AUTH");
	hear(f, bad, "bye");
	zmq_close(bad);
	zmq_close(far);
	zmq_close(ann);
}

static void subscribe(struct fixture *f, void *socket, const char *id, const char *filter)
{
	char json[200];
	snprintf(json, sizeof json, "{\"id\":\"%s\",\"filter\":\"%s\"}", id, filter);
	say(socket, "subscribe", json);
	while (hear_within(f, socket, WAIT_MS) && !strcmp(f->kind, "state"))
		;
	assert_string_equal(f->kind, "subscribed");
}

static void test_subscribe(void **state)
{
	struct fixture *f = *state;
	void *sue = hello(f, "sue");
	assert_int_equal(bus_state_set(f->stream, "device/2001", "{\"number\":\"2001\"}", 17), 0);
	assert_int_equal(bus_state_set(f->stream, "device/2002", "{\"number\":\"2002\"}", 17), 0);
	publish(f, CTI_EVENT_CALL_HELD, "device/2001", NULL);

	say(sue, "subscribe", "{\"id\":\"1\",\"filter\":\"device/tel:2001\",\"switch\":\"hq\"}");
	hear(f, sue, "state");
	assert_string_equal(text_of(f, "subject"), "device/2001");
	assert_string_equal(text_of(f, "switch"), "hq");
	assert_string_equal(
	        json_string_value(json_object_get(json_object_get(f->last, "state"), "number")),
	        "2001");
	hear(f, sue, "subscribed");
	assert_int_equal(number_of(stream_of(f), "sequence"), 1);
	assert_true(json_is_false(json_object_get(stream_of(f), "resumed")));
	assert_string_equal(f->hq.demanded, "2001");

	/* Each event once, though three filters want it; others not at all. */
	subscribe(f, sue, "2", "device/*");
	subscribe(f, sue, "3", "queue/3000");
	publish(f, CTI_EVENT_AGENT_READY, "agent/7001", NULL);
	publish(f, CTI_EVENT_CALL_DELIVERED, "device/2001", "queue/3000");
	publish(f, CTI_EVENT_CALL_QUEUED, "queue/3000", NULL);
	hear(f, sue, "event");
	assert_string_equal(text_of(f, "type"), "cti.call.delivered");
	hear(f, sue, "event");
	assert_string_equal(text_of(f, "type"), "cti.call.queued");
	sync_with(f, sue);
	json_t *subjects = json_object_get(f->last, "subjects");
	assert_int_equal(number_of(subjects, "hq/device/2001"), 2);
	assert_int_equal(number_of(subjects, "hq/queue/3000"), 2);
	assert_int_equal(json_object_size(subjects), 2);
	assert_int_equal(number_of(stream_of(f), "sequence"), 4);

	say(sue, "unsubscribe", "{\"id\":\"2\"}");
	say(sue, "unsubscribe", "{\"id\":\"1\"}");
	sync_with(f, sue);
	publish(f, CTI_EVENT_CALL_HELD, "device/2001", NULL);
	/* What concerns the switch as a whole reaches whoever listens to anything of it. */
	publish(f, CTI_EVENT_SWITCH_LINK_DOWN, NULL, NULL);
	hear(f, sue, "event");
	assert_string_equal(text_of(f, "type"), "cti.switch.link-down");
	zmq_close(sue);
}

static void refused(struct fixture *f, void *socket, const char *json, const char *code)
{
	say(socket, "subscribe", json);
	hear(f, socket, "error");
	assert_string_equal(text_of(f, "code"), code);
	assert_true(strlen(text_of(f, "text")) > 10);
}

static void test_rights(void **state)
{
	struct fixture *f = *state;
	void *ann = hello(f, "ann");
	refused(f, ann, "{\"id\":\"1\",\"filter\":\"all\"}", "DENIED");
	refused(f, ann, "{\"id\":\"1\",\"filter\":\"device/*\"}", "DENIED");
	refused(f, ann, "{\"id\":\"1\",\"filter\":\"device/2002\"}", "DENIED");
	refused(f, ann, "{\"id\":\"1\",\"filter\":\"agent/7002\"}", "DENIED");
	refused(f, ann, "{\"id\":\"1\",\"filter\":\"interaction/I1\"}", "DENIED");
	subscribe(f, ann, "1", "device/2001");
	subscribe(f, ann, "2", "agent/7001");
	refused(f, ann, "{\"id\":\"1\",\"filter\":\"device/2001\"}", "EXISTS");
	refused(f, ann, "{\"id\":\"3\",\"filter\":\"device/\"}", "INVALID");
	refused(f, ann, "{\"id\":\"3\",\"filter\":\"interaction/*\"}", "INVALID");
	refused(f, ann, "{\"id\":\"3\",\"filter\":\"2001\"}", "INVALID");
	refused(f, ann, "{\"id\":\"3\"}", "INVALID");
	refused(f, ann, "{\"filter\":\"all\"}", "INVALID");
	refused(f, ann, "{\"id\":\"3\",\"filter\":\"device/2001\",\"switch\":\"moon\"}",
	        "NOTFOUND");
	/* Seen once an own device takes part. */
	publish(f, CTI_EVENT_CALL_DELIVERED, "device/2001", "interaction/I1");
	hear(f, ann, "event");
	subscribe(f, ann, "4", "interaction/I1");
	struct zmq_door_stats stats;
	zmq_door_stats(f->door, &stats);
	assert_int_equal(stats.subscriptions_denied, 5);
	zmq_close(ann);
}

static void test_reload(void **state)
{
	struct fixture *f = *state;
	struct config *next = NULL;
	void *ann = hello(f, "ann"), *sue = hello(f, "sue");
	subscribe(f, ann, "d1", "device/2001");
	subscribe(f, sue, "d2", "all");
	assert_int_equal(
	        config_load_text(&next,
	                         "switches = (); users = ( { name = \"ann\"; role = \"agent\";"
	                         " devices = [ \"2009\" ]; } );",
	                         NULL),
	        0);
	assert_int_equal(rights_load(f->rights, next, NULL), 0);
	zmq_door_reload(f->door);
	hear(f, ann, "error");
	assert_string_equal(text_of(f, "id"), "d1");
	assert_string_equal(text_of(f, "code"), "DENIED");
	hear(f, sue, "bye");
	publish(f, CTI_EVENT_CALL_HELD, "device/2001", NULL);
	sync_with(f, ann);
	assert_int_equal(rights_load(f->rights, f->config, NULL), 0);
	config_unload(&next);
	zmq_close(ann);
	zmq_close(sue);
}

static void test_resume(void **state)
{
	struct fixture *f = *state;
	char json[200];
	for (int i = 0; i < 10; i++)
		publish(f, CTI_EVENT_CALL_HELD, i % 2 ? "device/2001" : "queue/3000",
		        i == 5 ? "queue/3000" : NULL);
	void *sue = hello(f, "sue");
	/* Two filters resume after 3: 4 to 10 once each and in order, then both are confirmed. */
	snprintf(json, sizeof json,
	         "{\"id\":\"1\",\"filter\":\"device/"
	         "2001\",\"switch\":\"hq\",\"resume\":{\"epoch\":\"%s\","
	         "\"sequence\":3}}",
	         bus_stream_epoch(f->stream));
	say(sue, "subscribe", json);
	hear(f, sue, "event");
	assert_string_equal(text_of(f, "sequence"), "00000000000000000004");
	hear(f, sue, "event");
	assert_string_equal(text_of(f, "sequence"), "00000000000000000006");
	hear(f, sue, "event");
	hear(f, sue, "event");
	assert_string_equal(text_of(f, "sequence"), "00000000000000000010");
	hear(f, sue, "subscribed");
	assert_true(json_is_true(json_object_get(stream_of(f), "resumed")));
	publish(f, CTI_EVENT_CALL_RETRIEVED, "device/2001", NULL);
	hear(f, sue, "event");
	assert_string_equal(text_of(f, "sequence"), "00000000000000000011");

	/* Another epoch, and what is too old: a gap, then the snapshot. */
	assert_int_equal(bus_state_set(f->stream, "queue/3000", "{}", 2), 0);
	say(sue, "subscribe",
	    "{\"id\":\"2\",\"filter\":\"queue/"
	    "3000\",\"switch\":\"hq\",\"resume\":{\"epoch\":\"00000000\","
	    "\"sequence\":3}}");
	hear(f, sue, "event");
	assert_string_equal(text_of(f, "type"), "cti.stream.gap");
	hear(f, sue, "state");
	hear(f, sue, "subscribed");
	assert_true(json_is_false(json_object_get(stream_of(f), "resumed")));
	for (int i = 0; i < 1200; i++)
		publish(f, CTI_EVENT_CALL_HELD, "device/2999", NULL);
	json[7] = '3';
	say(sue, "subscribe", json);
	hear(f, sue, "event");
	assert_string_equal(text_of(f, "type"), "cti.stream.gap");
	json_t *data = json_object_get(f->last, "data");
	assert_non_null(data);
	struct cti_event *gap = NULL;
	char *text = json_dumps(f->last, 0);
	assert_int_equal(cti_wire_event_read(&gap, text, strlen(text), NULL), 0);
	assert_int_equal(gap->gap_from, 4);
	assert_int_equal(gap->gap_to, 1211);
	free(gap);
	free(text);
	hear(f, sue, "subscribed");
	refused(f, sue, "{\"id\":\"9\",\"filter\":\"all\",\"resume\":{\"epoch\":\"x\"}}",
	        "INVALID");
	zmq_close(sue);
}

static void test_requests(void **state)
{
	struct fixture *f = *state;
	struct cti_reply reply;
	void *ann = hello(f, "ann");
	say(ann, "request",
	    "{\"id\":\"r1\",\"service\":\"MakeCall\",\"device\":\"2001\",\"destination\":"
	    "\"3000\"}");
	sync_with(f, ann);
	assert_int_equal(f->hq.open_count, 1);
	cti_reply_init(&reply);
	reply.code = CTI_E_REFUSED;
	reply.category = CTI_CATEGORY_OPERATION;
	reply.value = "invalidCalledDeviceID";
	reply.text = "hq: no such number";
	fake_answer(&f->hq, &reply);
	hear(f, ann, "reply");
	assert_string_equal(text_of(f, "id"), "r1");
	json_t *error = json_object_get(f->last, "error");
	assert_string_equal(json_string_value(json_object_get(error, "value")),
	                    "invalidCalledDeviceID");
	say(ann, "request",
	    "{\"id\":\"r2\",\"service\":\"MakeCall\",\"device\":\"2002\",\"destination\":"
	    "\"3000\"}");
	hear(f, ann, "reply");
	error = json_object_get(f->last, "error");
	assert_string_equal(json_string_value(json_object_get(error, "code")), "DENIED");

	/* Who leaves before the answer comes has none, and hurts nobody. */
	say(ann, "request",
	    "{\"id\":\"r3\",\"service\":\"MakeCall\",\"device\":\"2001\",\"destination\":"
	    "\"3000\"}");
	say(ann, "bye", "{}");
	while (!f->hq.open_count)
		turn(f);
	for (int i = 0; i < 10; i++)
		turn(f);
	fake_answer(&f->hq, &reply);
	void *again = hello(f, "ann");
	say(again, "request",
	    "{\"id\":\"r3\",\"service\":\"MakeCall\",\"device\":\"2001\",\"destination\":"
	    "\"3000\"}");
	hear(f, again, "reply");
	assert_int_equal(f->hq.requests, 2);
	zmq_close(again);
	zmq_close(ann);
}

/* ---- what goes wrong --------------------------------------------------------------------- */

/** An event of some 30 kB, so that the system's buffers are full soon. */
static void publish_long(struct fixture *f)
{
	static char text[30000];
	const char *subject = "device/2001";
	struct cti_event event;
	memset(text, 'x', sizeof text - 1);
	cti_event_init(&event, CTI_EVENT_PRIVATE);
	event.private_data = text;
	assert_int_equal(bus_publish(f->stream, &event, &subject, 1), 0);
}

/** A client that does not read is dropped with a reason, may resume; the others notice nothing. */
static void test_slow_client(void **state)
{
	struct fixture f[1] = {{0}};
	struct zmq_door_stats stats;
	int one = 1, buffer = 4096;
	char json[200];
	(void)state;
	open_door(f, "queue_events = 50;", users);
	/* A program of its own: its I/O thread is not that of the others. */
	void *program = zmq_ctx_new(), *slow = zmq_socket(program, ZMQ_DEALER);
	zmq_setsockopt(slow, ZMQ_RCVHWM, &one, sizeof one);
	zmq_setsockopt(slow, ZMQ_RCVBUF, &buffer, sizeof buffer);
	zmq_setsockopt(slow, ZMQ_LINGER, &(int){0}, sizeof(int));
	assert_int_equal(zmq_connect(slow, zmq_door_router_endpoint(f->door)), 0);
	say(slow, "hello", "{\"version\":1,\"user\":\"sue\",\"password\":\"secret\"}");
	hear(f, slow, "welcome");
	subscribe(f, slow, "1", "all");
	void *quick = hello(f, "sue");
	subscribe(f, quick, "1", "all");

	size_t sent = 0;
	do {
		publish_long(f);
		sent++;
		hear(f, quick, "event");
		zmq_door_stats(f->door, &stats);
	} while (!stats.slow_dropped && sent < 100000);
	assert_int_equal(stats.slow_dropped, 1);
	assert_in_range(stats.queued_events, 0, 51);

	size_t got = 0;
	while (hear_within(f, slow, WAIT_MS) && !strcmp(f->kind, "event"))
		got++;
	assert_string_equal(f->kind, "bye");
	assert_non_null(strstr(text_of(f, "text"), "slow"));
	assert_in_range(got, 1, sent - 1);
	say(slow, "hello", "{\"version\":1,\"user\":\"sue\",\"password\":\"secret\"}");
	hear(f, slow, "welcome");
	snprintf(json, sizeof json,
	         "{\"id\":\"1\",\"filter\":\"all\",\"switch\":\"hq\",\"resume\":{\"epoch\":"
	         "\"%s\","
	         "\"sequence\":%zu}}",
	         bus_stream_epoch(f->stream), got);
	say(slow, "subscribe", json);
	while (hear_within(f, slow, WAIT_MS) && !strcmp(f->kind, "event"))
		got++;
	assert_string_equal(f->kind, "subscribed");
	assert_int_equal(got, sent);
	zmq_close(slow);
	zmq_ctx_term(program);
	zmq_close(quick);
	close_door(f);
}

static void test_expiry(void **state)
{
	struct fixture *f = *state;
	struct zmq_door_stats stats;
	void *ann = hello(f, "ann"), *sue = hello(f, "sue");
	for (int i = 1; i <= 4; i++) {
		clock_advance(f->clock, (uint64_t)i * 10 * SECOND, NULL, NULL);
		sync_with(f, sue);
	}
	hear(f, ann, "bye");
	zmq_door_stats(f->door, &stats);
	assert_int_equal(stats.sessions, 1);
	assert_int_equal(stats.expired, 1);
	/* Whoever was forgotten is told to begin again. */
	say(ann, "sync", "{\"id\":\"1\"}");
	hear(f, ann, "error");
	assert_string_equal(text_of(f, "code"), "AUTH");
	zmq_close(ann);
	zmq_close(sue);
}

static void test_session_limit(void **state)
{
	struct fixture f[1] = {{0}};
	(void)state;
	open_door(f, "sessions = 1; subscriptions = 2;", users);
	void *sue = hello(f, "sue"), *more = client_new(f);
	say(more, "hello", "{\"version\":1,\"user\":\"sue\",\"password\":\"secret\"}");
	hear(f, more, "error");
	assert_string_equal(text_of(f, "code"), "BUSY");
	subscribe(f, sue, "1", "all");
	subscribe(f, sue, "2", "device/1");
	refused(f, sue, "{\"id\":\"3\",\"filter\":\"all\"}", "LIMIT");
	/* A hello again is the same client from the start. */
	say(sue, "hello", "{\"version\":1,\"user\":\"sue\",\"password\":\"secret\"}");
	hear(f, sue, "welcome");
	subscribe(f, sue, "1", "all");
	zmq_close(sue);
	zmq_close(more);
	close_door(f);
}

static void send_frames(void *socket, size_t count, const char *frame, size_t length)
{
	for (size_t i = 0; i < count; i++)
		zmq_send(socket, frame, length, i + 1 < count ? ZMQ_SNDMORE : 0);
}

/** Nonsense of every kind on the port; a client beside it goes on undisturbed. */
static void test_hostile(void **state)
{
	struct fixture *f = *state;
	static char big[300000], deep[1000];
	void *sue = hello(f, "sue");
	subscribe(f, sue, "1", "all");
	memset(big, 'x', sizeof big);
	memset(deep, '[', sizeof deep);

	void *bad = client_new(f);
	for (size_t frames = 1; frames < 20; frames++)
		if (frames != 2)
			send_frames(bad, frames, "hello", 5);
	send_frames(bad, 2, "", 0);
	send_frames(bad, 2, "hello", 5);
	say(bad, "hello", "[]");
	say(bad, "hello", "{\"version\":1,\"user\":7}");
	say(bad, "hello", "{\"version\":1,\"user\":\"sue\",\"password\":\"secret\"");
	for (int i = 0; i < 40; i++) {
		sync_with(f, sue);
		while (zmq_recv(bad, deep, 0, ZMQ_DONTWAIT) >= 0)
			;
	}
	memset(deep, '[', sizeof deep);
	void *in = hello(f, "ann");
	zmq_send(in, "request", 7, ZMQ_SNDMORE);
	zmq_send(in, deep, sizeof deep, 0);
	hear(f, in, "error");
	assert_string_equal(text_of(f, "code"), "LIMIT");
	zmq_send(in, "request", 7, ZMQ_SNDMORE);
	zmq_send(in, "{\"id\":\"\xff\xfe\"}", 12, 0);
	hear(f, in, "error");
	say(in, "dance", "{}");
	hear(f, in, "error");
	/* Too big: libzmq ends the connection. */
	zmq_send(in, "request", 7, ZMQ_SNDMORE);
	zmq_send(in, big, sizeof big, 0);

	int raw = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in address = {.sin_family = AF_INET,
	                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	address.sin_port =
	        htons((uint16_t)atoi(strrchr(zmq_door_router_endpoint(f->door), ':') + 1));
	assert_int_equal(connect(raw, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(write(raw, big, 64), 64);

	publish(f, CTI_EVENT_CALL_HELD, "device/2001", NULL);
	hear(f, sue, "event");
	sync_with(f, sue);
	close(raw);
	zmq_close(in);
	zmq_close(bad);
	zmq_close(sue);
}

/** Each allocation of the door fails in turn: an answer or a goodbye, and others go on. */
static void test_memory(void **state)
{
	struct fixture *f = *state;
	void *sue = hello(f, "sue");
	subscribe(f, sue, "1", "device/2001");
	assert_int_equal(bus_state_set(f->stream, "device/2002", "{}", 2), 0);
	for (long i = 0; i < 60; i++) {
		void *ann = client_new(f);
		nomem_after(i, false);
		say(ann, "hello", "{\"version\":1,\"user\":\"sue\",\"password\":\"secret\"}");
		assert_true(hear_within(f, ann, WAIT_MS));
		if (!strcmp(f->kind, "welcome")) {
			say(ann, "subscribe", "{\"id\":\"1\",\"filter\":\"all\"}");
			assert_true(hear_within(f, ann, WAIT_MS));
			say(ann, "request", "{\"id\":\"r\",\"service\":\"SnapshotDevice\"}");
			say(ann, "sync", "{\"id\":\"2\"}");
			do
				assert_true(hear_within(f, ann, WAIT_MS));
			while (strcmp(f->kind, "sync") && strcmp(f->kind, "bye"));
		}
		nomem_after(-1, false);
		zmq_close(ann);
		sync_with(f, sue);
	}
	publish(f, CTI_EVENT_CALL_HELD, "device/2001", NULL);
	hear(f, sue, "event");
	zmq_close(sue);
}

static void test_stop(void **state)
{
	struct fixture *f = *state;
	void *sue = hello(f, "sue");
	zmq_door_stop(f->door, "the server stops");
	hear(f, sue, "bye");
	assert_string_equal(text_of(f, "text"), "the server stops");
	zmq_close(sue);
}

/* ---- PUB --------------------------------------------------------------------------------- */

static void *subscriber(struct fixture *f, const char *topic)
{
	void *socket = zmq_socket(f->zmq, ZMQ_SUB);
	zmq_setsockopt(socket, ZMQ_LINGER, &(int){0}, sizeof(int));
	zmq_setsockopt(socket, ZMQ_SUBSCRIBE, topic, strlen(topic));
	return socket;
}

/** Publishes until the subscription has taken hold. */
static void until_heard(struct fixture *f, void *socket, const char *subject, char topic[256])
{
	for (int i = 0; i < WAIT_MS; i++) {
		publish(f, CTI_EVENT_CALL_DELIVERED, subject, NULL);
		turn(f);
		int length = zmq_recv(socket, topic, 255, ZMQ_DONTWAIT);
		if (length < 0)
			continue;
		topic[length] = '\0';
		return;
	}
	fail_msg("nothing came");
}

static void test_pub(void **state)
{
	struct fixture *f = *state;
	char topic[256], body[4096];
	void *sub = subscriber(f, "cti/v1/acme/hq/device/+49#/");
	assert_int_equal(zmq_connect(sub, zmq_door_pub_endpoint(f->door)), 0);
	zmq_setsockopt(sub, ZMQ_SUBSCRIBE, "cti/v1/acme/hq/device/%2B49%23/", 31);
	until_heard(f, sub, "device/+49#", topic);
	assert_string_equal(topic, "cti/v1/acme/hq/device/%2B49%23/event/call.delivered/");
	int length = zmq_recv(sub, body, sizeof body, 0);
	struct cti_event *event = NULL;
	assert_int_equal(cti_wire_event_read(&event, body, (size_t)length, NULL), 0);
	assert_string_equal(event->subjects[0].subject, "device/+49#");
	free(event);

	/* A prefix closed by '/' never catches a longer number. */
	publish(f, CTI_EVENT_CALL_HELD, "device/+49#1", NULL);
	assert_int_equal(bus_state_set(f->stream, "device/+49#", "{\"s\":1}", 7), 0);
	do {
		while ((length = zmq_recv(sub, topic, 255, ZMQ_DONTWAIT)) < 0)
			turn(f);
		topic[length] = '\0';
		length = zmq_recv(sub, body, sizeof body, 0);
		assert_null(strstr(topic, "%231"));
	} while (!strstr(topic, "/state/"));
	assert_int_equal(length, 7);
	zmq_close(sub);
}

/** What one subscriber gets does not hang on how many prefixes are subscribed to, or were. */
static void test_pub_many(void **state)
{
	struct fixture *f = *state;
	char topic[256], filter[64];
	void *sub = subscriber(f, "cti/v1/acme/hq/device/2001/");
	assert_int_equal(zmq_connect(sub, zmq_door_pub_endpoint(f->door)), 0);
	until_heard(f, sub, "device/2001", topic);
	void *many = subscriber(f, "cti/v1/acme/hq/device/3000/");
	for (int i = 1; i < 40; i++) {
		snprintf(filter, sizeof filter, "cti/v1/acme/hq/device/%d/", 3000 + i);
		zmq_setsockopt(many, ZMQ_SUBSCRIBE, filter, strlen(filter));
	}
	assert_int_equal(zmq_connect(many, zmq_door_pub_endpoint(f->door)), 0);
	until_heard(f, many, "device/3039", topic);
	assert_string_equal(topic, "cti/v1/acme/hq/device/3039/event/call.delivered/");
	zmq_close(many);
	for (int i = 0; i < 50; i++)
		turn(f);
	while (zmq_recv(sub, topic, sizeof topic, ZMQ_DONTWAIT) >= 0)
		continue;
	until_heard(f, sub, "device/2001", topic);
	assert_string_equal(topic, "cti/v1/acme/hq/device/2001/event/call.delivered/");
	zmq_close(sub);
}

/* ---- CURVE ------------------------------------------------------------------------------- */

struct keys {
	char server_public[41], server_secret[41], ann_public[41], ann_secret[41], sue_public[41],
	        sue_secret[41], file[64];
};

static void open_curve(struct fixture *f, struct keys *keys)
{
	char options[200], more[1000];
	zmq_curve_keypair(keys->server_public, keys->server_secret);
	zmq_curve_keypair(keys->ann_public, keys->ann_secret);
	zmq_curve_keypair(keys->sue_public, keys->sue_secret);
	snprintf(keys->file, sizeof keys->file, "/tmp/test_zmq.%d.key", (int)getpid());
	int fd = open(keys->file, O_CREAT | O_WRONLY | O_TRUNC, 0600);
	assert_int_equal(write(fd, keys->server_secret, 40), 40);
	close(fd);
	snprintf(options, sizeof options, "curve_secret_file = \"%s\";", keys->file);
	snprintf(more, sizeof more,
	         "users = ( { name = \"ann\"; curve = \"%s\"; role = \"agent\"; devices = [ "
	         "\"2001\" ]; },"
	         " { name = \"sue\"; curve = \"%s\"; role = \"supervisor\"; } );",
	         keys->ann_public, keys->sue_public);
	open_door(f, options, more);
	unlink(keys->file);
}

static void use_keys(void *socket, const struct keys *keys, const char *public, const char *secret)
{
	assert_int_equal(zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, keys->server_public, 41), 0);
	assert_int_equal(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public, 41), 0);
	assert_int_equal(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret, 41), 0);
}

static void *curve_client(struct fixture *f, const struct keys *keys, const char *public,
                          const char *secret)
{
	void *socket = zmq_socket(f->zmq, ZMQ_DEALER);
	zmq_setsockopt(socket, ZMQ_LINGER, &(int){0}, sizeof(int));
	use_keys(socket, keys, public, secret);
	assert_int_equal(zmq_connect(socket, zmq_door_router_endpoint(f->door)), 0);
	return socket;
}

static void test_curve(void **state)
{
	struct fixture f[1] = {{0}};
	struct keys keys;
	char public[41], secret[41], topic[256];
	(void)state;
	if (!zmq_has("curve"))
		skip();
	open_curve(f, &keys);
	zmq_curve_keypair(public, secret);

	/* The key is the user: no password, and no other name. */
	void *ann = curve_client(f, &keys, keys.ann_public, keys.ann_secret);
	say(ann, "hello", "{\"version\":1}");
	hear(f, ann, "welcome");
	assert_string_equal(text_of(f, "user"), "ann");
	say(ann, "hello", "{\"version\":1,\"user\":\"sue\"}");
	hear(f, ann, "error");
	assert_string_equal(text_of(f, "code"), "AUTH");

	/* Nobody's key, and no key, do not come in. */
	void *stranger = curve_client(f, &keys, public, secret), *plain = client_new(f);
	say(stranger, "hello", "{\"version\":1,\"user\":\"sue\"}");
	say(plain, "hello", "{\"version\":1,\"user\":\"sue\"}");
	assert_false(hear_within(f, stranger, 300));
	assert_false(hear_within(f, plain, 300));

	/* PUB: each subscription against the rights of the key's user. */
	void *sub = subscriber(f, "cti/v1/acme/hq/device/2001/");
	zmq_setsockopt(sub, ZMQ_SUBSCRIBE, "cti/", 4);
	zmq_setsockopt(sub, ZMQ_SUBSCRIBE, "cti/v1/acme/hq/device/200", 25);
	zmq_setsockopt(sub, ZMQ_SUBSCRIBE, "cti/v1/acme/hq/all/", 19);
	use_keys(sub, &keys, keys.ann_public, keys.ann_secret);
	assert_int_equal(zmq_connect(sub, zmq_door_pub_endpoint(f->door)), 0);
	until_heard(f, sub, "device/2001", topic);
	assert_string_equal(topic, "cti/v1/acme/hq/device/2001/event/call.delivered/");
	publish(f, CTI_EVENT_CALL_DELIVERED, "device/2002", NULL);
	publish(f, CTI_EVENT_CALL_HELD, "device/2001", NULL);
	do {
		char body[4096];
		int length = zmq_recv(sub, body, sizeof body, ZMQ_DONTWAIT);
		if (length < 0)
			turn(f);
		else if (!strncmp(body, "cti/", 4)) {
			body[length] = '\0';
			assert_int_equal(strncmp(body, "cti/v1/acme/hq/device/2001/", 27), 0);
			snprintf(topic, sizeof topic, "%.200s", body);
		}
	} while (!strstr(topic, "call.held"));
	void *every = subscriber(f, "cti/");
	use_keys(every, &keys, keys.sue_public, keys.sue_secret);
	assert_int_equal(zmq_connect(every, zmq_door_pub_endpoint(f->door)), 0);
	until_heard(f, every, "device/2002", topic);
	zmq_close(every);
	zmq_close(sub);
	zmq_close(plain);
	zmq_close(stranger);
	zmq_close(ann);
	close_door(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_hello, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_subscribe, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_rights, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_reload, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_resume, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_requests, setup, teardown),
	        cmocka_unit_test(test_slow_client),
	        cmocka_unit_test_setup_teardown(test_expiry, setup, teardown),
	        cmocka_unit_test(test_session_limit),
	        cmocka_unit_test_setup_teardown(test_hostile, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_stop, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_pub, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_pub_many, setup, teardown),
	        cmocka_unit_test(test_curve),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
