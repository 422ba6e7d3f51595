/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/fake_server.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

struct fake_told told;
static char curve_public[41], curve_secret[41]; /* "": not encrypted */

/* ---- The server --------------------------------------------------------------------------- */

static void *context, *router;
static char endpoint[128];
static zmq_msg_t peer; /* who spoke last */
json_t *message;       /* what it said */
struct cti_client *client;

void fake_router_close(void)
{
	zmq_close(router);
	router = NULL;
}

int64_t fake_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void fake_router_open(void)
{
	int zero = 0, no_limit = 0;
	size_t size = sizeof endpoint;
	router = zmq_socket(context, ZMQ_ROUTER);
	zmq_setsockopt(router, ZMQ_LINGER, &zero, sizeof zero);
	zmq_setsockopt(router, ZMQ_SNDHWM, &no_limit, sizeof no_limit);
	if (*curve_secret) {
		zmq_setsockopt(router, ZMQ_CURVE_SERVER, &(int){1}, sizeof(int));
		zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, curve_secret, sizeof curve_secret);
	}
	/* The port of the last time takes a moment to be free again. */
	for (int64_t end = fake_now_ms() + FAKE_PATIENCE_MS; zmq_bind(router, endpoint);)
		assert_true(fake_now_ms() < end);
	assert_int_equal(zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint, &size), 0);
}

void say_frames(const char *const *frames, const size_t *lengths, size_t count)
{
	zmq_msg_t to;
	zmq_msg_init(&to);
	zmq_msg_copy(&to, &peer);
	zmq_msg_send(&to, router, ZMQ_SNDMORE);
	for (size_t i = 0; i < count; i++)
		assert_true(zmq_send(router, frames[i], lengths[i],
		                     i + 1 < count ? ZMQ_SNDMORE : 0) >= 0);
}

void say(const char *kind, const char *format, ...)
{
	char *json;
	va_list arguments;
	va_start(arguments, format);
	int length = vasprintf(&json, format, arguments);
	va_end(arguments);
	assert_true(length >= 0);
	say_frames((const char *[]){kind, json}, (size_t[]){strlen(kind), (size_t)length}, 2);
	free(json);
}

/* One message, if there is one. */
bool take(char kind[32])
{
	zmq_msg_t from, body;
	zmq_msg_init(&from);
	if (zmq_msg_recv(&from, router, ZMQ_DONTWAIT) < 0)
		return false;
	zmq_msg_move(&peer, &from);
	int length = zmq_recv(router, kind, 31, 0);
	assert_in_range(length, 1, 31);
	kind[length] = '\0';
	zmq_msg_init(&body);
	assert_true(zmq_msg_recv(&body, router, 0) >= 0);
	json_decref(message);
	message = json_loadb(zmq_msg_data(&body), zmq_msg_size(&body), 0, NULL);
	assert_non_null(message);
	zmq_msg_close(&body);
	return true;
}

void run_once(void)
{
	struct pollfd fd = {.fd = cti_fd(client), .events = POLLIN};
	poll(&fd, 1, 1);
	assert_true(cti_dispatch(client, 0) >= 0);
}

/* The next message must be of this kind. Syncs in between are answered where none is asked for. */
void expect(const char *kind)
{
	char came[32];
	for (int64_t end = fake_now_ms() + FAKE_PATIENCE_MS; !take(came);) {
		if (fake_now_ms() > end)
			fail_msg("no %s came", kind);
		run_once();
	}
	if (strcmp(came, kind) != 0) {
		char *text = json_dumps(message, JSON_COMPACT);
		fail_msg("expected %s, came %s %s", kind, came, text);
	}
}

const char *member(const char *name)
{
	const char *text = json_string_value(json_object_get(message, name));
	return text ? text : "";
}

/* ---- The client, and what it was told ------------------------------------------------------ */

static void on_state(void *arg, enum cti_client_state state, const struct cti_error *why)
{
	assert_ptr_equal(arg, &told);
	told.state = state;
	told.why = why ? *why : (struct cti_error){0};
	told.states++;
}

static void on_event(void *arg, const struct cti_event *event)
{
	assert_ptr_equal(arg, &told);
	if (event->type == CTI_EVENT_STREAM_GAP) {
		told.gaps++;
		told.gap_from = event->gap_from;
		told.gap_to = event->gap_to;
		return;
	}
	if (told.events < sizeof told.sequences / sizeof *told.sequences)
		told.sequences[told.events] = event->sequence;
	told.events++;
}

static void on_snapshot(void *arg, const struct cti_state *state)
{
	assert_ptr_equal(arg, &told);
	told.snapshots++;
	snprintf(told.subject, sizeof told.subject, "%s", state->subject);
	if (state->call_count)
		snprintf(told.call, sizeof told.call, "%s", state->calls[0].connection.call_id);
}

void on_subscribed(void *arg, const struct cti_error *error)
{
	(void)arg;
	if (error)
		told.refusal = *error;
	told.refused += error != NULL;
	told.subscribed += error == NULL;
}

void on_synced(void *arg, int code)
{
	(void)arg;
	told.synced++;
	told.sync_code = code;
}

void on_reply(void *arg, const struct cti_reply *reply)
{
	if (arg)
		++*(unsigned *)arg;
	told.replies++;
	told.reply_code = reply->code;
	snprintf(told.text, sizeof told.text, "%s", reply->text ? reply->text : "");
	snprintf(told.cause, sizeof told.cause, "%s", reply->value ? reply->value : "");
	snprintf(told.call, sizeof told.call, "%s",
	         reply->connection.call_id ? reply->connection.call_id : "");
}

int fake_setup(void **state)
{
	struct cti_client_options options = {
	        .endpoint = endpoint,
	        .user = "ann",
	        .password = "secret",
	        .name = "test/1",
	        .server_key = *curve_public ? curve_public : NULL,
	        .handlers = {on_state, on_event, on_snapshot},
	        .arg = &told,
	};
	(void)state;
	memset(&told, 0, sizeof told);
	context = zmq_ctx_new();
	zmq_msg_init(&peer);
	snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:*");
	fake_router_open();
	return cti_client_create(&client, &options, NULL);
}

int fake_setup_curve(void **state)
{
	assert_int_equal(zmq_curve_keypair(curve_public, curve_secret), 0);
	int code = fake_setup(state);
	*curve_public = *curve_secret = '\0';
	return code;
}

int fake_teardown(void **state)
{
	(void)state;
	cti_client_destroy(&client);
	zmq_msg_close(&peer);
	if (router)
		zmq_close(router);
	zmq_ctx_term(context);
	json_decref(message);
	message = NULL;
	return 0;
}

void welcome(const char *epoch, int sequence)
{
	say("welcome",
	    "{\"version\":1,\"server\":\"cti-1\",\"user\":\"ann\",\"heartbeatMs\":3600000,"
	    "\"streams\":[" FAKE_STREAM "]}",
	    epoch, sequence);
}

void connect_client(void)
{
	assert_int_equal(cti_connect(client, NULL), 0);
	expect("hello");
	welcome("e1", 10);
	WAIT_FOR(told.state == CTI_CLIENT_READY);
}

void confirm(const char *epoch, int sequence, bool resumed)
{
	say("subscribed",
	    "{\"id\":\"%s\",\"filter\":\"%s\",\"streams\":[{\"switch\":\"hq\",\"epoch\":\"%s\","
	    "\"sequence\":%d,\"resumed\":%s}]}",
	    member("id"), member("filter"), epoch, sequence, resumed ? "true" : "false");
}

void subscribe(const char *filter, int sequence)
{
	unsigned before = told.subscribed;
	assert_true(cti_subscribe(client, filter, NULL, on_subscribed, NULL) > 0);
	expect("subscribe");
	assert_string_equal(member("filter"), filter);
	confirm("e1", sequence, false);
	WAIT_FOR(told.subscribed == before + 1);
}

void say_event(const char *epoch, int sequence, int counter)
{
	say("event",
	    "{\"specversion\":\"1.0\",\"id\":\"%s-%d\",\"source\":\"/acme/hq\","
	    "\"type\":\"cti.call.held\",\"time\":\"2026-11-22T07:00:00Z\",\"epoch\":\"%s\","
	    "\"sequence\":\"%020d\",\"data\":{\"subjects\":{\"device/2001\":%d},"
	    "\"holdingDevice\":{\"number\":\"2001\"}}}",
	    epoch, sequence, epoch, sequence, counter);
}

void answer_sync(int sequence, int counter)
{
	say("sync",
	    "{\"id\":\"%s\",\"streams\":[" FAKE_STREAM "],\"subjects\":{\"hq/device/2001\":%d}}",
	    member("id"), "e1", sequence, counter);
}

void sequences_are(const uint64_t *expected, size_t count)
{
	assert_int_equal(told.events, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(told.sequences[i], expected[i]);
}
/* Lost, and back: whatever was said in between is thrown away. */
void expect_hello(void)
{
	char came[32] = "";
	for (int64_t end = fake_now_ms() + FAKE_PATIENCE_MS; strcmp(came, "hello") != 0;) {
		assert_true(fake_now_ms() < end);
		if (!take(came))
			run_once();
	}
}
