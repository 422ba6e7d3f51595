/* SPDX-License-Identifier: Apache-2.0 */
/* ZeroMQ: sessions on ROUTER, subscriptions on PUB, and what speaks no ZMTP at all. */
#include "cti-server/server.h"
#include "tests/hostile/shots.h"
#include "tests/hostile/suite.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

#define HEAR_MS 5000

static void *context;

static void *dealer(const char *endpoint, int type)
{
	int linger = 0, timeout = 0;
	void *socket;

	if (!context)
		context = zmq_ctx_new();
	socket = zmq_socket(context, type);
	assert_non_null(socket);
	zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof(linger));
	zmq_setsockopt(socket, ZMQ_RCVTIMEO, &timeout, sizeof(timeout));
	assert_int_equal(zmq_connect(socket, endpoint), 0);
	return socket;
}

static void say(void *socket, const char *kind, const void *body, size_t length)
{
	assert_true(zmq_send(socket, kind, strlen(kind), ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(socket, body, length, 0) >= 0);
}

/* The next message: its kind and JSON (decref it); kind "" if none comes within @p ms. */
static json_t *hear_within(void *socket, char kind[32], int ms)
{
	zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN};
	json_t *object;
	zmq_msg_t m;
	int n;

	for (int waited = 0;; waited += 5) {
		world_turn(hostile_world);
		if (zmq_poll(&item, 1, 5) > 0)
			break;
		if (waited >= ms) {
			kind[0] = '\0';
			return NULL;
		}
	}
	n = zmq_recv(socket, kind, 31, 0);
	assert_true(n >= 0);
	kind[n < 31 ? n : 31] = '\0';
	zmq_msg_init(&m);
	assert_true(zmq_msg_recv(&m, socket, 0) >= 0);
	object = json_loadb(zmq_msg_data(&m), zmq_msg_size(&m), 0, NULL);
	zmq_msg_close(&m);
	assert_non_null(object);
	return object;
}

static json_t *hear(void *socket, char kind[32])
{
	return hear_within(socket, kind, HEAR_MS);
}

static const char *endpoint(void)
{
	const char *e = server_router_endpoint(world_server(hostile_world));

	assert_non_null(e);
	return e;
}

static void *session(void)
{
	static const char hello[] = "{\"version\":1,\"user\":\"mallory\",\"client\":\"hostile\"}";
	void *socket = dealer(endpoint(), ZMQ_DEALER);
	char kind[32];
	json_t *object;

	say(socket, "hello", hello, strlen(hello));
	object = hear(socket, kind);
	assert_string_equal(kind, "welcome");
	json_decref(object);
	return socket;
}

/* An answer that says no, with a sentence; returns its code's name in @p code. */
static void hear_no(void *socket, const char *what, char code[32])
{
	char kind[32];
	json_t *object = hear(socket, kind), *error;

	if (!object)
		fail_msg("%s: no answer", what);
	error = json_object_get(object, "error");
	if (!error)
		error = object;
	if (strcmp(kind, "error") != 0 && strcmp(kind, "reply") != 0)
		fail_msg("%s: expected an error, came %s", what, kind);
	if (!json_is_string(json_object_get(error, "text")) ||
	    !json_string_length(json_object_get(error, "text")))
		fail_msg("%s: an error without a sentence", what);
	strcpy(code, "?");
	if (json_is_string(json_object_get(error, "code")))
		strncpy(code, json_string_value(json_object_get(error, "code")), 31);
	json_decref(object);
}

/* The session lives: a sync comes back. */
static bool in_session(void *socket)
{
	char kind[32];
	json_t *object;

	say(socket, "sync", "{\"id\":\"s\"}", 10);
	object = hear(socket, kind);
	json_decref(object);
	return strcmp(kind, "sync") == 0;
}

static char *nested_json(size_t depth)
{
	char *text = malloc(2 * depth + 8);

	assert_non_null(text);
	strcpy(text, "{\"a\":");
	memset(text + 5, '[', depth);
	text[5 + depth] = '\0';
	return text;
}

static void test_not_json(void **state)
{
	static const char *const bodies[] = {
	        "",
	        "{",
	        "[]",
	        "1",
	        "null",
	        "{\"id\":\"1\"",
	        "{\"id\":}",
	        "{\"id\":\"\\u0000\"}",
	        "{\"id\":\"1\",\"id\":\"2\"}",
	        "{\"id\":\"\xff\xfe\"}",
	        "not json at all",
	};
	void *socket = session();
	char code[32], *deep = nested_json(100000);

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		say(socket, "request", bodies[i], strlen(bodies[i]));
		hear_no(socket, bodies[i], code);
	}
	say(socket, "request", deep, strlen(deep));
	hear_no(socket, "a hundred thousand arrays deep", code);
	free(deep);
	assert_true(in_session(socket));
	zmq_close(socket);
	good_call();
}

static void test_wrong_members(void **state)
{
	static const struct {
		const char *kind, *body;
	} cases[] = {
	        {"nonsense", "{}"},
	        {"subscribe", "{}"},
	        {"subscribe", "{\"id\":\"1\"}"},
	        {"subscribe", "{\"id\":\"1\",\"filter\":\"everything\"}"},
	        {"subscribe", "{\"id\":\"1\",\"filter\":\"device/\"}"},
	        {"subscribe", "{\"id\":\"1\",\"filter\":\"all\",\"switch\":\"moon\"}"},
	        {"subscribe", "{\"id\":\"1\",\"filter\":\"all\",\"resume\":{\"epoch\":1}}"},
	        {"subscribe", "{\"id\":\"1\",\"filter\":\"all\",\"resume\":{\"epoch\":\"x\","
	                      "\"sequence\":-1}}"},
	        {"unsubscribe", "{\"id\":\"never\"}"},
	        {"request", "{}"},
	        {"request", "{\"id\":\"1\"}"},
	        {"request", "{\"id\":\"1\",\"service\":\"Fly\",\"switch\":\"hq\"}"},
	        {"request", "{\"id\":\"2\",\"service\":\"AnswerCall\",\"switch\":\"moon\"}"},
	        {"request", "{\"id\":\"3\",\"service\":\"AnswerCall\",\"switch\":\"hq\"}"},
	        {"request", "{\"id\":\"4\",\"service\":\"AnswerCall\",\"switch\":\"hq\","
	                    "\"connection\":17}"},
	        {"request", "{\"id\":\"5\",\"service\":\"MakeCall\",\"switch\":\"hq\",\"device\":"
	                    "{\"number\":[1]},\"destination\":2}"},
	        {"request", "{\"id\":\"6\",\"service\":\"AttachData\",\"switch\":\"hq\","
	                    "\"interaction\":\"none\",\"attached\":{\"a\":\"b\"}}"},
	};
	void *socket = session();
	char code[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		say(socket, cases[i].kind, cases[i].body, strlen(cases[i].body));
		hear_no(socket, cases[i].body, code);
	}
	assert_true(in_session(socket));
	zmq_close(socket);
	good_call();
}

static void test_before_hello(void **state)
{
	static const char make[] = "{\"id\":\"1\",\"service\":\"MakeCall\",\"switch\":\"hq\","
	                           "\"device\":\"2001\",\"destination\":\"2002\"}";
	void *socket = dealer(endpoint(), ZMQ_DEALER);
	char code[32], kind[32];
	json_t *object;

	(void)state;
	say(socket, "request", make, strlen(make));
	hear_no(socket, "a request before hello", code);
	assert_string_equal(code, "AUTH");
	object = hear(socket, kind);
	assert_string_equal(kind, "bye");
	json_decref(object);
	say(socket, "hello", "{\"version\":99}", 14);
	hear_no(socket, "a version from the future", code);
	zmq_close(socket);
	good_call();
}

/* Beyond the largest message the session may end; whoever asks anew is let in. */
static void test_oversized(void **state)
{
	size_t length = 4u << 20;
	char *body = malloc(length), kind[32];
	void *socket = session();
	json_t *object;

	(void)state;
	assert_non_null(body);
	memset(body, ' ', length);
	body[0] = '{';
	body[length - 1] = '}';
	say(socket, "request", body, length);
	free(body);
	object = hear_within(socket, kind, 500);
	if (object)
		assert_true(strcmp(kind, "error") == 0 || strcmp(kind, "reply") == 0 ||
		            strcmp(kind, "bye") == 0);
	json_decref(object);
	zmq_close(socket);
	socket = session();
	assert_true(in_session(socket));
	zmq_close(socket);
	good_call();
}

static void test_wrong_frames(void **state)
{
	void *socket = session();
	uint8_t noise[2000];

	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++) {
		int frames = (int)(seed % 4) + 1;

		random_bytes(300 + seed, noise, sizeof(noise));
		for (int i = 0; i < frames; i++)
			zmq_send(socket, noise + 100 * i, seed % 2 ? 100 * (size_t)i : 7,
			         i + 1 < frames ? ZMQ_SNDMORE : 0);
	}
	for (int i = 0; i < 100; i++)
		zmq_send(socket, noise, 10, i < 99 ? ZMQ_SNDMORE : 0);
	good_call();
	zmq_close(socket);
	socket = session();
	assert_true(in_session(socket));
	zmq_close(socket);
	good_call();
}

/* Somebody who never reads: his queue is bounded, he is dropped, the others go on. */
static void test_never_reads(void **state)
{
	static const char subscribe[] = "{\"id\":\"1\",\"filter\":\"all\"}";
	void *socket = session();
	int few = 1;

	(void)state;
	zmq_setsockopt(socket, ZMQ_RCVHWM, &few, sizeof(few));
	say(socket, "subscribe", subscribe, strlen(subscribe));
	for (int i = 0; i < 20; i++)
		good_call();
	zmq_close(socket);
	good_call();
}

static unsigned tcp_port(const char *e)
{
	return (unsigned)strtoul(strrchr(e, ':') + 1, NULL, 10);
}

/* Octets that are no ZMTP, whole or in drips, at both sockets. */
static void test_no_zmtp(void **state)
{
	static const uint8_t greeting[] = {0xff, 0,    0, 0, 0,   0,   0,   0,
	                                   1,    0x7f, 3, 0, 'N', 'U', 'L', 'L'};
	const char *pub = server_pub_endpoint(world_server(hostile_world));
	uint8_t noise[4096];

	(void)state;
	assert_non_null(pub);
	for (uint64_t seed = 0; seed < 16; seed++) {
		struct attacker a;

		random_bytes(400 + seed, noise, sizeof(noise));
		if (seed % 4 == 1)
			memcpy(noise, greeting, sizeof(greeting));
		if (seed % 4 == 3)
			memcpy(noise, "GET / HTTP/1.1\r\n\r\n", 18);
		assert_int_equal(attacker_open(&a, tcp_port(seed % 2 ? pub : endpoint())), 0);
		if (seed % 4 == 2) {
			for (size_t i = 0; i < 40; i++)
				attacker_send(&a, noise + i, 1);
			good_call();
		}
		attacker_send(&a, noise, sizeof(noise));
		good_call();
		attacker_close(&a);
	}
	good_call();
}

/* How many rings a good subscriber has been told since the last call. */
static size_t rings_heard(void *socket, int ms)
{
	zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN};
	char topic[200];
	size_t rings = 0;

	while (zmq_poll(&item, 1, rings ? 50 : ms) > 0) {
		int n = zmq_recv(socket, topic, sizeof(topic) - 1, 0), more = 0;
		size_t size = sizeof(more);

		assert_true(n >= 0);
		topic[n < 199 ? n : 199] = '\0';
		rings += strstr(topic, "/call.delivered/") != NULL;
		while (!zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) && more)
			zmq_recv(socket, topic, sizeof(topic), 0);
	}
	return rings;
}

static void test_subscriptions(void **state)
{
	const char *pub = server_pub_endpoint(world_server(hostile_world));
	void *socket = dealer(pub, ZMQ_SUB), *good = dealer(pub, ZMQ_SUB);
	size_t rings = 0, length = 20000; /* libzmq's own side recurses for each octet */
	char *topic = malloc(length);

	(void)state;
	assert_non_null(topic);
	assert_int_equal(zmq_setsockopt(good, ZMQ_SUBSCRIBE, "cti/v1/flows/hq/all/", 20), 0);
	/* The subscription travels: the first ring that it brings says that it has arrived. */
	for (int i = 0; i < 100 && !rings; i++) {
		good_call();
		rings = rings_heard(good, 50);
	}
	assert_true(rings > 0);
	memset(topic, 'x', length);
	assert_int_equal(zmq_setsockopt(socket, ZMQ_SUBSCRIBE, topic, length), 0);
	for (uint64_t seed = 0; seed < 2000; seed++) {
		random_bytes(500 + seed, (uint8_t *)topic, 64);
		zmq_setsockopt(socket, ZMQ_SUBSCRIBE, topic, 64);
		world_turn(hostile_world);
	}
	free(topic);
	good_call();
	assert_int_equal(rings_heard(good, HEAR_MS), 1);
	zmq_close(socket);
	good_call();
	assert_int_equal(rings_heard(good, HEAR_MS), 1);
	zmq_close(good);
	zmq_ctx_term(context);
	context = NULL;
}

const struct CMUnitTest session_tests[] = {
        cmocka_unit_test(test_not_json),     cmocka_unit_test(test_wrong_members),
        cmocka_unit_test(test_before_hello), cmocka_unit_test(test_oversized),
        cmocka_unit_test(test_wrong_frames), cmocka_unit_test(test_never_reads),
        cmocka_unit_test(test_no_zmtp),      cmocka_unit_test(test_subscriptions),
};
const size_t session_test_count = sizeof(session_tests) / sizeof(session_tests[0]);
