/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Truncated, oversized, nested, random and dripping input at every port. After each attack:
 * the log or an answer names the cause, the session is closed where it must be, a good call goes
 * through from ring to end, its application sees no hole, and memory has not grown beyond
 * bounds.
 */
#include "csta/csta.h"
#include "cti-server/server.h"
#include "tests/flows/play.h"
#include "tests/hostile/hostile.h"
#include "tests/hostile/suite.h"
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct world *hostile_world;
static struct flow *flow;
static struct ladder ladder;
static char log_path[64];
static long log_at;
static size_t memory_before;

/* Rings of events, answers that are remembered, parse buffers. */
#define MEMORY_GROWTH (16u << 20)

static const char good[] = "flow A good call\n"
                           "phone 5551234 2001 2002\n"
                           "queue 3000\n"
                           "app crm\n"
                           "app desk watches device/2001\n"
                           "\n"
                           "5551234 dials 2001\n"
                           "cti ==> crm call.delivered device=2001 connection=$c interaction=$i\n"
                           "cti ==> desk call.delivered device=2001 interaction=$i\n"
                           "crm --> cti AnswerCall connection=$c :1\n"
                           "cti --> crm ok :1\n"
                           "cti ==> crm call.established device=2001 interaction=$i\n"
                           "cti ==> desk call.established device=2001 interaction=$i\n"
                           "5551234 hangs up\n"
                           "cti ==> crm call.cleared interaction=$i\n"
                           "cti ==> desk call.cleared interaction=$i\n";

void good_call(void)
{
	struct play_result result = {0};
	struct cti_error error = {0};

	/* An application may ask only so often a second. */
	if (world_advance(hostile_world, 50000, &error) != 0)
		fail_msg("%s", error.text);
	play_in(hostile_world, flow, FLOW_INPROC, &result);
	if (result.outcome != PLAY_PASSED) {
		print_message("%s\n", result.text);
		fail_msg("the good call did not go through");
	}
	play_result_free(&result);
}

void rest(void)
{
	struct cti_error error = {0};

	if (world_settle(hostile_world, &error) != 0)
		fail_msg("%s", error.text);
}

char *log_news(void)
{
	FILE *f = fopen(log_path, "r");
	char *text = calloc(1, 65536);

	assert_non_null(text);
	if (f && fseek(f, log_at, SEEK_SET) == 0) {
		size_t length = fread(text, 1, 65535, f);

		fseek(f, 0, SEEK_END);
		log_at = ftell(f);
		text[length] = '\0';
	}
	if (f)
		fclose(f);
	return text;
}

void random_bytes(uint64_t seed, uint8_t *out, size_t length)
{
	uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;

	for (size_t i = 0; i < length; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		out[i] = (uint8_t)(x >> 32);
	}
}

/* ---- Raw connections ----------------------------------------------------------------------- */

int attacker_open(struct attacker *a, unsigned port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	memset(a, 0, sizeof(*a));
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (a->fd < 0 || connect(a->fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		return -1;
	return fcntl(a->fd, F_SETFL, O_NONBLOCK);
}

void attacker_look(struct attacker *a)
{
	uint8_t bytes[4096];
	ssize_t n;

	for (int turns = 0; turns < 20 && !a->closed; turns++) {
		world_turn(hostile_world);
		while ((n = recv(a->fd, bytes, sizeof(bytes), 0)) > 0) {
			size_t room = sizeof(a->answer) - 1 - a->received;
			size_t take = (size_t)n < room ? (size_t)n : room;

			memcpy(a->answer + a->received, bytes, take);
			a->received += take;
		}
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			a->closed = true;
	}
}

size_t attacker_send(struct attacker *a, const void *bytes, size_t length)
{
	size_t sent = 0;
	int idle = 0;

	while (sent < length && !a->closed && idle < 1000) {
		ssize_t n = send(a->fd, (const uint8_t *)bytes + sent, length - sent, MSG_NOSIGNAL);

		if (n > 0) {
			sent += (size_t)n;
			idle = 0;
		} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
			a->closed = true;
		} else {
			idle++;
		}
		world_turn(hostile_world);
	}
	return sent;
}

void attacker_close(struct attacker *a)
{
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}

static int hostile_listen(unsigned *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t length = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 8) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &length) != 0)
		return -1;
	*port = ntohs(at.sin_port);
	return fd;
}

/* ---- The world ----------------------------------------------------------------------------- */

/* Where the server's own adapters connect to: one listener for each encoding. */
int hostile_switch[2];
static unsigned switch_ports[2];

static int begin(void **state)
{
	static char switches[1024];
	struct world_extra extra = {.simulator = "listen = [ \"xml:0\", \"ber+len16:0\" ];",
	                            .switches = switches,
	                            .log = log_path,
	                            .pub = true,
	                            .broker = true};
	struct cti_error error = {0};
	int fd;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	snprintf(log_path, sizeof(log_path), "/tmp/hostile-log-XXXXXX");
	fd = mkstemp(log_path);
	if (fd < 0)
		return -1;
	close(fd);
	for (int i = 0; i < 2; i++) {
		hostile_switch[i] = hostile_listen(&switch_ports[i]);
		if (hostile_switch[i] < 0)
			return -1;
	}
	snprintf(switches, sizeof(switches),
	         "{ name = \"badxml\"; tenant = \"flows\"; adapter = \"csta\"; options = { "
	         "host = \"127.0.0.1\"; port = %u; association = \"none\"; max_requests = 16; "
	         "reconnect_max = \"2s\"; }; monitors = { ranges = [ \"4001\" ]; }; },\n"
	         "  { name = \"badber\"; tenant = \"flows\"; adapter = \"csta\"; options = { "
	         "host = \"127.0.0.1\"; port = %u; encoding = \"ber\"; framing = \"len16\"; "
	         "association = \"none\"; max_requests = 16; reconnect_max = \"2s\"; }; "
	         "monitors = { ranges = [ \"5001\" ]; }; }",
	         switch_ports[0], switch_ports[1]);
	if (csta_init(&error) != 0 ||
	    flow_parse(&flow, "good.flow", good, strlen(good), &error) != 0 ||
	    world_create(&hostile_world, flow, FLOW_INPROC, &extra, &ladder, &error) != 0) {
		print_message("%s\n", error.text);
		return -1;
	}
	good_call();
	memory_before = mallinfo2().uordblks;
	return 0;
}

/*
 * Whatever was sent, the server holds no more than it did: buffers may have grown to their
 * limits, nothing adds up. (Sanitizers have an allocator of their own, which does not tell.)
 */
static void test_memory(void **state)
{
	struct mallinfo2 now;

	(void)state;
	rest();
	now = mallinfo2();
	if (now.uordblks > memory_before + MEMORY_GROWTH)
		fail_msg("%zu octets in use, at the beginning %zu", now.uordblks, memory_before);
}

static int end(void **state)
{
	(void)state;
	world_destroy(&hostile_world);
	flow_destroy(&flow);
	ladder_free(&ladder);
	close(hostile_switch[0]);
	close(hostile_switch[1]);
	unlink(log_path);
	return 0;
}

#define TESTS_MAX 63

int main(void)
{
	static struct CMUnitTest tests[TESTS_MAX + 1];
	size_t count = 0;

	for (size_t i = 0; i < link_test_count && count < TESTS_MAX; i++)
		tests[count++] = link_tests[i];
	for (size_t i = 0; i < session_test_count && count < TESTS_MAX; i++)
		tests[count++] = session_tests[i];
	for (size_t i = 0; i < mutation_test_count && count < TESTS_MAX; i++)
		tests[count++] = mutation_tests[i];
	for (size_t i = 0; i < mqtt_test_count && count < TESTS_MAX; i++)
		tests[count++] = mqtt_tests[i];
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_memory);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return _cmocka_run_group_tests("hostile", tests, count, begin, end);
}
