/* SPDX-License-Identifier: Apache-2.0 */
/* MQTT: what anybody may publish on the request topics of a real broker. */
#include "cti-server/server.h"
#include "tests/flows/broker.h"
#include "tests/hostile/hostile.h"
#include "tests/hostile/suite.h"

#include <jansson.h>
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WAIT_S 20

struct mallory {
	struct mosquitto *mosquitto;
	bool connected, subscribed;
	size_t refusals;
	char last[64]; /* id of the last good answer */
	char text[256];
};

static void on_connect(struct mosquitto *m, void *arg, int code)
{
	struct mallory *who = arg;

	who->connected = code == 0;
	mosquitto_subscribe(m, NULL, "cti/v1/+/+/reply/mallory/#", 1);
}

static void on_subscribe(struct mosquitto *m, void *arg, int id, int count, const int *qos)
{
	(void)m, (void)id, (void)count, (void)qos;
	((struct mallory *)arg)->subscribed = true;
}

static void on_message(struct mosquitto *m, void *arg, const struct mosquitto_message *message)
{
	struct mallory *who = arg;
	json_t *object = json_loadb(message->payload, (size_t)message->payloadlen, 0, NULL);
	const char *id = json_string_value(json_object_get(object, "id"));
	const char *text =
	        json_string_value(json_object_get(json_object_get(object, "error"), "text"));

	(void)m;
	if (json_is_true(json_object_get(object, "ok"))) {
		snprintf(who->last, sizeof(who->last), "%s", id ? id : "");
	} else if (text && *text) {
		who->refusals++;
		snprintf(who->text, sizeof(who->text), "%s", text);
	}
	json_decref(object);
}

/* Turn both loops until @p done says so, real time, at most WAIT_S. */
static bool turn(struct mallory *who, bool (*done)(const struct mallory *, const void *),
                 const void *arg)
{
	time_t until = time(NULL) + WAIT_S;

	while (!done(who, arg) && time(NULL) < until) {
		world_turn(hostile_world);
		mosquitto_loop(who->mosquitto, 5, 1);
	}
	return done(who, arg);
}

static bool is_subscribed(const struct mallory *who, const void *arg)
{
	(void)arg;
	return who->subscribed;
}

static bool has_refusals(const struct mallory *who, const void *arg)
{
	return who->refusals >= *(const size_t *)arg;
}

static bool has_answer(const struct mallory *who, const void *arg)
{
	return strcmp(who->last, arg) == 0;
}

static void mallory_open(struct mallory *who)
{
	memset(who, 0, sizeof(*who));
	mosquitto_lib_init();
	who->mosquitto = mosquitto_new(NULL, true, who);
	assert_non_null(who->mosquitto);
	mosquitto_connect_callback_set(who->mosquitto, on_connect);
	mosquitto_subscribe_callback_set(who->mosquitto, on_subscribe);
	mosquitto_message_callback_set(who->mosquitto, on_message);
	assert_int_equal(mosquitto_connect(who->mosquitto, "127.0.0.1",
	                                   (int)broker_port(world_broker(hostile_world)), 60),
	                 0);
	assert_true(turn(who, is_subscribed, NULL));
}

static void mallory_close(struct mallory *who)
{
	mosquitto_disconnect(who->mosquitto);
	mosquitto_destroy(who->mosquitto);
	mosquitto_lib_cleanup();
}

static void publish(struct mallory *who, const char *topic, const void *payload, size_t length)
{
	char full[300];

	snprintf(full, sizeof(full), "cti/v1/flows/%s", topic);
	assert_int_equal(
	        mosquitto_publish(who->mosquitto, NULL, full, (int)length, payload, 1, false), 0);
}

/* A good request comes back: the door lives, and all that was sent before has been read. */
static void ask_well(struct mallory *who, const char *id)
{
	char body[100];

	snprintf(body, sizeof(body), "{\"id\":\"%s\"}", id);
	publish(who, "hq/request/mallory/2001/SnapshotDevice", body, strlen(body));
	if (!turn(who, has_answer, id))
		fail_msg("no answer to %s", id);
}

static void test_payloads(void **state)
{
	static const char *const payloads[] = {
	        "{",
	        "[]",
	        "17",
	        "{\"id\":",
	        "{\"id\":\"a\",\"id\":\"b\"}",
	        "\xff\xfe\xfd",
	        "{\"id\":\"x\",\"service\":\"AnswerCall\"}",
	        "{\"id\":\"y\",\"destination\":{\"a\":[1,2,3]}}",
	        "{\"id\":17,\"destination\":\"2002\"}",
	};
	struct mallory who;
	size_t count = sizeof(payloads) / sizeof(payloads[0]);

	(void)state;
	mallory_open(&who);
	for (size_t i = 0; i < count; i++) {
		size_t wanted = i + 1;

		publish(&who, "hq/request/mallory/2001/MakeCall", payloads[i], strlen(payloads[i]));
		if (!turn(&who, has_refusals, &wanted))
			fail_msg("%s: not refused", payloads[i]);
	}
	ask_well(&who, "after-payloads");
	mallory_close(&who);
	good_call();
}

static void test_large_and_deep(void **state)
{
	size_t length = 1u << 20, wanted = 1;
	char *body = malloc(length);
	struct mallory who;

	(void)state;
	assert_non_null(body);
	mallory_open(&who);
	memset(body, '[', length);
	publish(&who, "hq/request/mallory/2001/MakeCall", body, length);
	assert_true(turn(&who, has_refusals, &wanted));
	wanted++;
	publish(&who, "hq/request/mallory/2001/MakeCall", body, 60000);
	assert_true(turn(&who, has_refusals, &wanted));
	free(body);
	ask_well(&who, "after-large");
	mallory_close(&who);
	good_call();
}

/* Topics that name nothing, or something else than the payload; and noise as payload. */
static void test_topics_and_noise(void **state)
{
	static const char *const topics[] = {
	        "hq/request/mallory/2001/Fly",
	        "hq/request/mallory/9999/MakeCall",
	        "hq/request/mallory/%2B%23/MakeCall",
	        "hq/request/mallory/%zz/MakeCall",
	        "moon/request/mallory/2001/MakeCall",
	        "hq/request/mallory/2001",
	        "hq/request/mallory//",
	        "hq/request/mallory/2001/MakeCall/more",
	        "hq/request",
	};
	uint8_t noise[3000];
	struct mallory who;

	(void)state;
	mallory_open(&who);
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
		publish(&who, topics[i], "{\"id\":\"t\",\"destination\":\"2002\"}", 32);
	for (uint64_t seed = 0; seed < 200; seed++) {
		random_bytes(600 + seed, noise, sizeof(noise));
		publish(&who, "hq/request/mallory/2001/MakeCall", noise, 15 * seed);
	}
	ask_well(&who, "after-noise");
	mallory_close(&who);
	rest();
	good_call();
}

const struct CMUnitTest mqtt_tests[] = {
        cmocka_unit_test(test_payloads),
        cmocka_unit_test(test_large_and_deep),
        cmocka_unit_test(test_topics_and_noise),
};
const size_t mqtt_test_count = sizeof(mqtt_tests) / sizeof(mqtt_tests[0]);
