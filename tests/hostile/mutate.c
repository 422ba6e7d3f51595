/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages that are nearly right: valid ones of libcsta with some octets changed (seeded),
 * cut or doubled, sent within an association: requests to the simulator's ports, events to the
 * adapter. They get further in than noise does.
 */
#include "csta/event.h"
#include "csta/frame.h"
#include "tests/hostile/shots.h"
#include "tests/hostile/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef MUTATIONS
#define MUTATIONS 400
#endif
#define GOOD_EVERY 40
#define VALID_MAX  16

/* ---- An association, made as an application would ------------------------------------------ */

struct client {
	struct attacker a;
	struct csta_session *session;
	struct csta_buffer out;
	bool up;
};

static int on_send(void *arg, const void *bytes, size_t length)
{
	struct client *c = arg;

	return csta_buffer_append(&c->out, bytes, length);
}

static void on_up(void *arg)
{
	((struct client *)arg)->up = true;
}

static void on_down(void *arg, const struct cti_error *why)
{
	(void)arg;
	(void)why;
}

static void on_message(void *arg, const struct csta_message *message)
{
	(void)arg;
	(void)message;
}

static void on_answer(void *arg, uint64_t token, const struct csta_message *answer,
                      const struct cti_error *error)
{
	(void)arg;
	(void)token;
	(void)answer;
	(void)error;
}

static void flush(struct client *c)
{
	attacker_send(&c->a, c->out.data, c->out.length);
	csta_buffer_clear(&c->out);
}

static void client_open(struct client *c, size_t port, bool ber)
{
	static const struct csta_session_ops ops = {
	        .send = on_send,
	        .up = on_up,
	        .down = on_down,
	        .message = on_message,
	        .answer = on_answer,
	};
	const struct csta_session_config config = {
	        .role = CSTA_COMPUTING,
	        .encoding = ber ? CSTA_BER : CSTA_XML,
	        .framing = ber ? CSTA_FRAME_LEN16 : CSTA_FRAME_XML,
	        .association = ber ? CSTA_ASSOCIATE_ACSE : CSTA_ASSOCIATE_SESSION,
	};
	const char *address = world_simulator_address(hostile_world, port);
	struct cti_error error = {0};

	memset(c, 0, sizeof(*c));
	assert_int_equal(
	        attacker_open(&c->a, (unsigned)strtoul(strrchr(address, ':') + 1, NULL, 10)), 0);
	if (csta_session_create(&c->session, &config, &ops, c, 0, &error) != 0)
		fail_msg("%s", error.text);
	csta_session_start(c->session, 0);
	for (int i = 0; i < 1000 && !c->up; i++) {
		flush(c);
		attacker_look(&c->a);
		csta_session_input(c->session, c->a.answer, c->a.received, 0);
		c->a.received = 0;
	}
	assert_true(c->up);
}

static void client_close(struct client *c)
{
	csta_session_destroy(&c->session);
	csta_buffer_free(&c->out);
	attacker_close(&c->a);
}

/* ---- Valid messages, in their frames ------------------------------------------------------- */

struct valid {
	struct csta_buffer messages[VALID_MAX];
	size_t count;
};

static void add_message(struct valid *v, struct csta_codec *codec, struct csta_message *m, bool ber)
{
	enum csta_framing framing = ber ? CSTA_FRAME_LEN16 : CSTA_FRAME_XML;
	struct csta_buffer *out = &v->messages[v->count];
	struct cti_error error = {0};
	int code = csta_frame_begin(framing, out);

	m->invoke_id =
	        m->type->kind == CSTA_EVENT && !ber ? CSTA_EVENT_INVOKE_ID : (uint32_t)v->count + 1;
	if (!code)
		code = ber ? csta_encode_ber(codec, m, out, &error)
		           : csta_encode_xml(codec, m, CSTA_ED4, out, &error);
	if (!code)
		code = csta_frame_end(framing, out, 0, m->invoke_id, &error);
	if (code)
		fail_msg("%s", error.text);
	v->count++;
	csta_message_destroy(&m);
}

static void load_requests(struct valid *v, struct csta_codec *codec, bool ber)
{
	static const enum cti_service services[] = {
	        CTI_SERVICE_MAKE_CALL,     CTI_SERVICE_ANSWER_CALL,  CTI_SERVICE_CONSULTATION_CALL,
	        CTI_SERVICE_TRANSFER_CALL, CTI_SERVICE_DEFLECT_CALL, CTI_SERVICE_SET_AGENT_STATE,
	        CTI_SERVICE_MONITOR_START, CTI_SERVICE_MONITOR_STOP, CTI_SERVICE_SNAPSHOT_DEVICE,
	        CTI_SERVICE_SNAPSHOT_CALL, CTI_SERVICE_ESCAPE,
	};

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		struct csta_message *m = NULL;
		struct cti_request r;
		struct cti_error error = {0};

		cti_request_init(&r, services[i]);
		r.device = "2002";
		r.destination = "2001";
		r.connection = (struct cti_connection){.call_id = "77", .device_id = "2002"};
		r.held = (struct cti_connection){.call_id = "78", .device_id = "2002"};
		r.agent_id = "7001";
		r.password = "secret";
		r.group = "3000";
		r.monitor = "1";
		r.private_data = ber ? "040161" : "<x xmlns=\"urn:x\">a</x>";
		r.correlator = (struct cti_octets){(const uint8_t *)"data", 4};
		if (services[i] == CTI_SERVICE_SNAPSHOT_DEVICE ||
		    services[i] == CTI_SERVICE_MONITOR_START)
			r.connection = (struct cti_connection){0};
		if (csta_request_write(&m, codec, &r, &error) != 0)
			fail_msg("%s: %s", cti_service_name(services[i]), error.text);
		add_message(v, codec, m, ber);
	}
}

static void load_events(struct valid *v, struct csta_codec *codec, bool ber)
{
	static const enum cti_event_type types[] = {
	        CTI_EVENT_CALL_SERVICE_INITIATED,
	        CTI_EVENT_CALL_ORIGINATED,
	        CTI_EVENT_CALL_DELIVERED,
	        CTI_EVENT_CALL_ESTABLISHED,
	        CTI_EVENT_CALL_HELD,
	        CTI_EVENT_CALL_QUEUED,
	        CTI_EVENT_CALL_DIVERTED,
	        CTI_EVENT_CALL_TRANSFERRED,
	        CTI_EVENT_CALL_CONFERENCED,
	        CTI_EVENT_CALL_CONNECTION_CLEARED,
	        CTI_EVENT_AGENT_LOGGED_ON,
	        CTI_EVENT_AGENT_READY,
	};
	const char *device = ber ? "5001" : "4001";
	const struct cti_device here = {.status = CTI_DEVICE_NUMBER, .number = device};
	const struct cti_device there = {.status = CTI_DEVICE_NUMBER, .number = "5559999"};
	const struct cti_connection_item items[] = {
	        {.new_connection = {.call_id = "80", .device_id = device}, .endpoint = here},
	        {.new_connection = {.call_id = "80", .device_id = "5559999"}, .endpoint = there},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct csta_message *m = NULL;
		struct cti_event e;
		struct cti_error error = {0};

		cti_event_init(&e, types[i]);
		e.monitor = "1";
		e.connection = (struct cti_connection){.call_id = "79", .device_id = device};
		e.primary_old = e.connection;
		e.secondary_old = (struct cti_connection){.call_id = "78", .device_id = device};
		e.subject = here;
		e.calling = there;
		e.called = here;
		e.last_redirection.status = CTI_DEVICE_NOT_REQUIRED;
		e.other = there;
		e.items = items;
		e.item_count = 2;
		e.agent_id = "7001";
		e.cause = "normal";
		e.local_state = CTI_CONNECTION_CONNECTED;
		if (csta_event_write(&m, codec, &e, &error) != 0)
			fail_msg("%s: %s", cti_event_type_name(types[i]), error.text);
		add_message(v, codec, m, ber);
	}
}

static void valid_free(struct valid *v)
{
	for (size_t i = 0; i < v->count; i++)
		csta_buffer_free(&v->messages[i]);
}

/* One of them with a few octets changed, or cut, or with a piece of itself in it again. */
static size_t mutate(const struct valid *v, uint64_t seed, uint8_t *out, size_t size)
{
	const struct csta_buffer *from;
	uint16_t dice[16];
	size_t length, header = 0;

	random_bytes(1000 + seed, (uint8_t *)dice, sizeof(dice));
	from = &v->messages[dice[0] % v->count];
	length = from->length < size ? from->length : size;
	memcpy(out, from->data, length);
	/* Mostly the frame stays in step, so that the message is what is wrong. */
	if (dice[1] % 8)
		header = out[0] == 0 && out[1] == 0 ? 8 : 2;
	for (int i = 0; i < 1 + dice[2] % 4; i++)
		out[header + dice[3 + i] % (length - header)] = (uint8_t)dice[8 + i];
	if (dice[13] % 6 == 0 && length > header + 20) {
		size_t at = header + dice[14] % (length - header - 10);

		memmove(out + at, out + header, 10);
	}
	return length;
}

/* ---- The tests ----------------------------------------------------------------------------- */

static void attack_in_session(size_t port, bool ber)
{
	struct valid v = {0};
	struct csta_codec *codec = NULL;
	struct client c;
	uint8_t bytes[8192];

	assert_int_equal(csta_codec_create(&codec, NULL, NULL), 0);
	load_requests(&v, codec, ber);
	client_open(&c, port, ber);
	for (uint64_t i = 0; i < MUTATIONS; i++) {
		size_t length = mutate(&v, i + (ber ? 10000 : 0), bytes, sizeof(bytes));

		attacker_send(&c.a, bytes, length);
		attacker_look(&c.a);
		c.a.received = 0;
		if (c.a.closed || i % 50 == 49) {
			client_close(&c);
			rest();
			client_open(&c, port, ber);
		}
		if (i % GOOD_EVERY == 0)
			good_call();
	}
	client_close(&c);
	valid_free(&v);
	csta_codec_destroy(&codec);
	rest();
	good_call();
}

static void test_xml_session(void **state)
{
	(void)state;
	attack_in_session(0, false);
}

static void test_ber_session(void **state)
{
	(void)state;
	attack_in_session(1, true);
}

static void attack_adapter_events(size_t which, bool ber)
{
	struct attacker a = {.fd = -1, .closed = true};
	struct valid v = {0};
	struct csta_codec *codec = NULL;
	uint8_t bytes[8192];

	assert_int_equal(csta_codec_create(&codec, NULL, NULL), 0);
	load_events(&v, codec, ber);
	for (uint64_t i = 0; i < MUTATIONS; i++) {
		size_t length = mutate(&v, i + (ber ? 30000 : 20000), bytes, sizeof(bytes));

		if (a.closed) {
			attacker_close(&a);
			memset(&a, 0, sizeof(a));
			a.fd = adapter_accept(hostile_switch[which]);
			assert_true(a.fd >= 0);
		}
		attacker_send(&a, bytes, length);
		attacker_look(&a);
		a.received = 0;
		if (i % GOOD_EVERY == 0)
			good_call();
	}
	attacker_close(&a);
	valid_free(&v);
	csta_codec_destroy(&codec);
	rest();
	good_call();
}

static void test_xml_events(void **state)
{
	(void)state;
	attack_adapter_events(0, false);
}

static void test_ber_events(void **state)
{
	(void)state;
	attack_adapter_events(1, true);
}

const struct CMUnitTest mutation_tests[] = {
        cmocka_unit_test(test_xml_session),
        cmocka_unit_test(test_ber_session),
        cmocka_unit_test(test_xml_events),
        cmocka_unit_test(test_ber_events),
};
const size_t mutation_test_count = sizeof(mutation_tests) / sizeof(mutation_tests[0]);
