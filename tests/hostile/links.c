/* SPDX-License-Identifier: Apache-2.0 */
/* CSTA links: the simulator's ports, and the adapter as the client of a hostile switch. */
#include "tests/hostile/shots.h"
#include "tests/hostile/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- The simulator's ports ----------------------------------------------------------------- */

static unsigned port_of(size_t index)
{
	const char *address = world_simulator_address(hostile_world, index);

	assert_non_null(address);
	return (unsigned)strtoul(strrchr(address, ':') + 1, NULL, 10);
}

/* A good call goes on between the octets; what is left follows at once. */
static void drip(struct attacker *a, const struct shot *s)
{
	size_t at = 0;

	for (; at < s->length && at < 24 && !a->closed; at++) {
		attacker_send(a, s->bytes + at, 1);
		if (at % 6 == 0)
			good_call();
	}
	attacker_send(a, s->bytes + at, s->length - at);
}

static void shoot(struct attacker *a, const struct shot *s)
{
	if (s->drip)
		drip(a, s);
	else
		attacker_send(a, s->bytes, s->length);
	attacker_look(a);
}

/* Two virtual minutes: what is half said by then is given up. */
static void pass_time(void)
{
	struct cti_error error = {0};

	if (world_advance(hostile_world, UINT64_C(120000000), &error) != 0)
		fail_msg("%s", error.text);
}

/* Was it told, in the log (under @p name) or to the sender? */
static bool told(const struct attacker *a, const char *name)
{
	char *news = log_news();
	bool named = strstr(news, name) != NULL;

	free(news);
	return named || a->received;
}

/*
 * Who sent something whole hears of it, or the log does; who did not, and waits, is given up
 * after a while with a line in the log: an association that never comes holds no link for ever.
 */
static void attack_port(unsigned port, const struct shot *s)
{
	struct attacker a;
	bool named;

	free(log_news());
	assert_int_equal(attacker_open(&a, port), 0);
	shoot(&a, s);
	if (s->close)
		attacker_close(&a);
	rest();
	good_call();
	named = told(&a, "application 127.0.0.1");
	if (!named && !s->close) {
		pass_time();
		attacker_look(&a);
		named = told(&a, "application 127.0.0.1");
		if (!a.closed)
			fail_msg("%s: neither an answer nor an end", s->name);
	}
	if (!named && !s->close)
		fail_msg("%s: the cause is named nowhere", s->name);
	attacker_close(&a);
	rest();
}

static void attack_all(unsigned port, size_t (*load)(struct shot *))
{
	static struct shot shots[SHOTS_MAX];
	size_t count = load(shots);

	for (size_t i = 0; i < count; i++)
		attack_port(port, &shots[i]);
	shots_free(shots, count);
}

static void test_xml_port(void **state)
{
	(void)state;
	attack_all(port_of(0), shots_xml);
}

static void test_ber_port(void **state)
{
	(void)state;
	attack_all(port_of(1), shots_ber);
}

/* Many at once, none of whom says anything whole. */
static void test_crowd(void **state)
{
	struct attacker crowd[200];
	size_t closed = 0;

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		assert_int_equal(attacker_open(&crowd[i], port_of(i % 2)), 0);
		attacker_send(&crowd[i], "\0", 1);
	}
	good_call();
	for (size_t i = 0; i < 200; i++) {
		attacker_look(&crowd[i]);
		closed += crowd[i].closed;
	}
	/* The ports have a limit of links: who is beyond it was turned away. */
	assert_true(closed > 0);
	for (size_t i = 0; i < 200; i++)
		attacker_close(&crowd[i]);
	rest();
	good_call();
}

/* ---- The adapter's side -------------------------------------------------------------------- */

int adapter_accept(int listener)
{
	struct cti_error error = {0};

	for (int seconds = 0; seconds < 120; seconds++) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			return fd;
		if (world_advance(hostile_world, 1000000, &error) != 0)
			fail_msg("%s", error.text);
	}
	return -1;
}

static void attack_adapter(size_t which, const struct shot *s)
{
	const char *name = which ? "badber" : "badxml";
	struct attacker a = {.fd = adapter_accept(hostile_switch[which])};
	bool named;

	if (a.fd < 0)
		fail_msg("%s: the adapter does not come back", s->name);
	attacker_look(&a);
	a.received = 0;
	free(log_news());
	shoot(&a, s);
	if (s->close)
		attacker_close(&a);
	rest();
	good_call();
	named = told(&a, name);
	if (!named) {
		pass_time();
		named = told(&a, name);
	}
	if (!named)
		fail_msg("%s to the adapter: the log does not name it", s->name);
	attacker_close(&a);
	rest();
}

static void attack_adapter_all(size_t which, size_t (*load)(struct shot *))
{
	static struct shot shots[SHOTS_MAX];
	size_t count = load(shots);

	for (size_t i = 0; i < count; i++)
		attack_adapter(which, &shots[i]);
	shots_free(shots, count);
}

static void test_adapter_xml(void **state)
{
	(void)state;
	attack_adapter_all(0, shots_xml);
}

static void test_adapter_ber(void **state)
{
	(void)state;
	attack_adapter_all(1, shots_ber);
}

const struct CMUnitTest link_tests[] = {
        cmocka_unit_test(test_xml_port),    cmocka_unit_test(test_ber_port),
        cmocka_unit_test(test_crowd),       cmocka_unit_test(test_adapter_xml),
        cmocka_unit_test(test_adapter_ber),
};
const size_t link_test_count = sizeof(link_tests) / sizeof(link_tests[0]);
