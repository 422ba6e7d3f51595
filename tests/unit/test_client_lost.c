/* SPDX-License-Identifier: Apache-2.0 */
/* libcti: lost connections, holes in the stream, and a server that is not one. */
#include "tests/support/fake_server.h"
#include "tests/support/nomem.h"

#include <string.h>

/* ---- Lost connections and holes ---------------------------------------------------------------
 */

static void server_restarts(void)
{
	fake_router_close();
	WAIT_FOR(told.state == CTI_CLIENT_WAITING);
	fake_router_open();
	expect("hello");
}

static void expect_resume(const char *epoch, int sequence)
{
	expect("subscribe");
	json_t *resume = json_object_get(message, "resume");
	assert_string_equal(json_string_value(json_object_get(resume, "epoch")), epoch);
	assert_int_equal(json_integer_value(json_object_get(resume, "sequence")), sequence);
	assert_string_equal(member("switch"), "hq");
}

static void resumes(void **state)
{
	struct cti_client_stats stats;
	(void)state;
	connect_client();
	subscribe("device/2001", 10);
	subscribe("device/2002", 10);
	say_event("e1", 11, 1);
	WAIT_FOR(told.events == 1);
	server_restarts();
	welcome("e1", 14);
	/* Each filter has its replay: one after the other, overlapping. Delivered once, in order.
	 */
	expect_resume("e1", 11);
	say_event("e1", 12, 2);
	say_event("e1", 14, 4);
	confirm("e1", 11, true);
	expect_resume("e1", 11);
	say_event("e1", 12, 2);
	say_event("e1", 13, 3);
	confirm("e1", 11, true);
	cti_client_sync(client, on_synced, NULL);
	expect("sync");
	answer_sync(14, 4);
	WAIT_FOR(told.events == 4 && told.subscribed == 4);
	SEQUENCES(11, 12, 13, 14);
	expect("sync");
	answer_sync(14, 4);
	WAIT_FOR(told.synced == 1);
	cti_client_stats(client, &stats);
	assert_int_equal(stats.duplicates, 1);
	assert_int_equal(stats.connects, 2);
	assert_int_equal(told.gaps, 0);
}

static void resume_fails(void **state)
{
	(void)state;
	connect_client();
	subscribe("device/2001", 10);
	say_event("e1", 11, 1);
	WAIT_FOR(told.events == 1);
	server_restarts();
	welcome("e2", 5);
	expect_resume("e1", 11);
	say("event",
	    "{\"type\":\"cti.stream.gap\",\"source\":\"/acme/hq\",\"epoch\":\"e2\","
	    "\"sequence\":\"%020d\",\"data\":{\"gapFrom\":\"%020d\",\"gapTo\":\"%020d\"}}",
	    5, 1, 5);
	say("state", "{\"subject\":\"device/2001\",\"switch\":\"hq\",\"sequence\":5,\"state\":{}}");
	confirm("e2", 5, false);
	expect("sync");
	answer_sync(5, 5);
	say_event("e2", 6, 6);
	WAIT_FOR(told.events == 2);
	SEQUENCES(11, 6);
	assert_int_equal(told.gaps, 1);
	assert_int_equal(told.gap_to, 5);
	assert_int_equal(told.snapshots, 1);
	assert_int_equal(told.subscribed, 2);
}

/* The counter jumps: the client asks, and gets what was missing. */
static void hole_is_repaired(void **state)
{
	struct cti_client_stats stats;
	(void)state;
	connect_client();
	subscribe("device/2001", 10);
	say_event("e1", 11, 1);
	say_event("e1", 20, 3);
	expect("unsubscribe");
	expect_resume("e1", 11);
	say_event("e1", 15, 2);
	say_event("e1", 20, 3);
	confirm("e1", 11, true);
	expect("sync");
	answer_sync(20, 3);
	WAIT_FOR(told.events == 3);
	SEQUENCES(11, 15, 20);
	assert_int_equal(told.gaps, 0);
	cti_client_stats(client, &stats);
	assert_int_equal(stats.repairs, 1);
	assert_int_equal(stats.duplicates, 1);
}

/* One that hears all watches the sequence itself; what nobody has any more is told. */
static void hole_stays(void **state)
{
	(void)state;
	connect_client();
	subscribe("all", 10);
	say_event("e1", 11, 1);
	say_event("e1", 14, 4);
	expect("unsubscribe");
	expect_resume("e1", 11);
	confirm("e1", 11, true);
	expect("sync");
	answer_sync(14, 4);
	WAIT_FOR(told.events == 2);
	SEQUENCES(11, 14);
	assert_int_equal(told.gaps, 1);
	assert_int_equal(told.gap_from, 12);
	assert_int_equal(told.gap_to, 13);
	/* The next hole is not asked for at once, but told; then snapshots are fetched. */
	say_event("e1", 20, 9);
	WAIT_FOR(told.events == 3);
	assert_int_equal(told.gaps, 2);
	assert_int_equal(told.gap_from, 15);
	expect("unsubscribe");
	expect("subscribe");
	assert_null(json_object_get(message, "resume"));
	confirm("e1", 20, false);
	say_event("e1", 21, 10);
	WAIT_FOR(told.events == 4);
	assert_int_equal(told.gaps, 2);
}

/* The last event was lost: only the heartbeat's answer shows it. */
static void lost_tail_shows(void **state)
{
	(void)state;
	assert_int_equal(cti_connect(client, NULL), 0);
	expect("hello");
	say("welcome",
	    "{\"version\":1,\"server\":\"cti-1\",\"heartbeatMs\":100,\"streams\":[" FAKE_STREAM
	    "]}",
	    "e1", 10);
	WAIT_FOR(told.state == CTI_CLIENT_READY);
	subscribe("device/2001", 10);
	say_event("e1", 11, 1);
	WAIT_FOR(told.events == 1);
	expect("sync");
	answer_sync(12, 2);
	expect("unsubscribe");
	expect_resume("e1", 11);
	say_event("e1", 12, 2);
	confirm("e1", 11, true);
	expect("sync");
	answer_sync(12, 2);
	WAIT_FOR(told.events == 2);
	SEQUENCES(11, 12);
	/* And a server that says nothing any more is left. */
	WAIT_FOR(told.state == CTI_CLIENT_WAITING);
	assert_int_equal(told.why.code, CTI_E_TIMEOUT);
}

/* Events of others do not count: what is known to be complete is not asked for again. */
static void position_advances(void **state)
{
	(void)state;
	connect_client();
	subscribe("device/2001", 10);
	say_event("e1", 11, 1);
	WAIT_FOR(told.events == 1);
	assert_int_equal(cti_client_sync(client, on_synced, NULL), 0);
	expect("sync");
	answer_sync(5000, 1);
	WAIT_FOR(told.synced == 1);
	server_restarts();
	welcome("e1", 5000);
	expect_resume("e1", 5000);
}

static void server_says_bye(void **state)
{
	(void)state;
	connect_client();
	subscribe("device/2001", 10);
	say("bye", "{\"text\":\"too slow\"}");
	WAIT_FOR(told.state == CTI_CLIENT_WAITING);
	assert_non_null(strstr(told.why.text, "too slow"));
	expect_hello(); /* and comes back */
}

/* ---- A server that is not one
 * ------------------------------------------------------------------------ */

static void garbage(void **state)
{
	static const char *const kinds[] = {"event", "state",    "subscribed", "reply",
	                                    "sync",  "welcome",  "error",      "bye",
	                                    "",      "nonsense", "event\0x"};
	static const char *const bodies[] = {
	        "",
	        "{",
	        "[]",
	        "null",
	        "7",
	        "\"x\"",
	        "{}",
	        "\xff\xfe",
	        "{\"id\":7}",
	        "{\"id\":\"S1.1.0\",\"streams\":7}",
	        "{\"id\":\"S1.99.7\",\"streams\":[{}]}",
	        "{\"subject\":7,\"state\":[]}",
	        "{\"subject\":\"device/1\",\"switch\":\"hq\",\"sequence\":-1,\"state\":{}}",
	        "{\"subject\":\"device/1\",\"state\":{\"calls\":[7,{\"callID\":7}]}}",
	        "{\"subject\":\"queue/1\",\"state\":{\"agents\":7,\"waiting\":\"x\"}}",
	        "{\"streams\":[{\"switch\":7},{\"switch\":\"hq\",\"epoch\":\"e1\"}],\"subjects\":[]"
	        "}",
	        "{\"id\":\"1\",\"streams\":[7],\"subjects\":{\"x\":1,\"hq/\":2,\"hq/device/"
	        "2001\":\"y\"}}",
	        "{\"type\":\"cti.call.held\",\"epoch\":\"e1\",\"sequence\":\"x\",\"data\":{}}",
	        "{\"type\":\"cti.stream.gap\",\"data\":{}}",
	        "{\"version\":-1}",
	};
	(void)state;
	connect_client();
	subscribe("device/2001", 10);
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
		for (size_t b = 0; b < sizeof bodies / sizeof *bodies; b++) {
			if (cti_client_state(client) != CTI_CLIENT_READY) {
				/* Without the pause that grows. */
				cti_disconnect(client);
				assert_int_equal(cti_connect(client, NULL), 0);
				expect_hello();
				welcome("e1", 10);
				WAIT_FOR(told.state == CTI_CLIENT_READY);
			}
			size_t length = k == 10 ? 7 : strlen(kinds[k]);
			say_frames((const char *[]){kinds[k], bodies[b]},
			           (size_t[]){length, strlen(bodies[b])}, 2);
			char came[32];
			run_once();
			run_once();
			while (take(came)) /* whatever it asks: no answer */
				;
		}
	struct cti_client_stats stats;
	cti_client_stats(client, &stats);
	assert_true(stats.malformed > 20);
	assert_true(stats.unknown > 20);
}

static void frames_and_sizes(void **state)
{
	struct cti_client_stats stats;
	static char large[CTI_WIRE_MESSAGE_MAX + 1];
	(void)state;
	connect_client();
	subscribe("device/2001", 10);
	say_frames((const char *[]){"event"}, (size_t[]){5}, 1);
	say_frames((const char *[]){"event", "{}", "{}", "{}"}, (size_t[]){5, 2, 2, 2}, 4);
	say_event("e1", 11, 1);
	WAIT_FOR(told.events == 1);
	cti_client_stats(client, &stats);
	assert_int_equal(stats.malformed, 2);
	memset(large, '[', sizeof large);
	/* As large as allowed: refused as JSON. Larger: the connection goes, and comes again. */
	say_frames((const char *[]){"state", large}, (size_t[]){5, sizeof large - 1}, 2);
	WAIT_FOR((cti_client_stats(client, &stats), stats.malformed == 3));
	say_frames((const char *[]){"state", large}, (size_t[]){5, sizeof large}, 2);
	WAIT_FOR(told.state == CTI_CLIENT_WAITING);
	expect_hello();
}

/* ---- A client without memory ---------------------------------------------------------------- */

/* Answer what the client says, whatever it is. */
static void answer_all(int sequence)
{
	char kind[32];
	while (take(kind)) {
		if (!strcmp(kind, "hello"))
			welcome("e1", sequence);
		else if (!strcmp(kind, "subscribe"))
			confirm("e1", sequence, json_object_get(message, "resume") != NULL);
		else if (!strcmp(kind, "sync"))
			answer_sync(sequence, sequence);
	}
}

/*
 * Connect, subscribe, see events, a hole and a snapshot, while one allocation fails: the client
 * goes on, or comes back, and events come again. True if one did fail.
 */
static bool survives(long n)
{
	unsigned before;
	static int sequence = 10; /* the stream goes on from one to the next */
	cti_disconnect(client);
	memset(&told, 0, sizeof told);
	nomem_after(n, false);
	int number = cti_subscribe(client, "all", NULL, on_subscribed, NULL);
	if (cti_connect(client, NULL) || number < 0)
		goto failed; /* told at once */
	for (int64_t end = fake_now_ms() + FAKE_PATIENCE_MS; told.events < 3;) {
		if (fake_now_ms() > end)
			fail_msg("allocation %ld failed, and nothing comes any more", n);
		run_once();
		answer_all(sequence);
		if (told.state != CTI_CLIENT_READY)
			continue;
		sequence += sequence % 7 ? 1 : 2; /* a hole now and then */
		say("state", "{\"subject\":\"device/2001\",\"switch\":\"hq\",\"state\":{}}");
		say_event("e1", sequence, sequence);
	}
	before = told.events;
	for (int64_t end = fake_now_ms() + FAKE_PATIENCE_MS; told.events == before;) {
		assert_true(fake_now_ms() < end);
		sequence++;
		say_event("e1", sequence, sequence);
		run_once();
		answer_all(sequence);
	}
failed:;
	bool one = nomem_failed();
	nomem_after(-1, false);
	if (number > 0)
		cti_unsubscribe(client, number);
	return one;
}

static void without_memory(void **state)
{
	(void)state;
	for (long n = 0; survives(n); n++)
		;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        FAKE_TEST(resumes),          FAKE_TEST(resume_fails),
	        FAKE_TEST(hole_is_repaired), FAKE_TEST(hole_stays),
	        FAKE_TEST(lost_tail_shows),  FAKE_TEST(position_advances),
	        FAKE_TEST(server_says_bye),  FAKE_TEST(garbage),
	        FAKE_TEST(frames_and_sizes), FAKE_TEST(without_memory),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("client, lost", tests, NULL, NULL);
}
