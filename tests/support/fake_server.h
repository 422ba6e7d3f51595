/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fake_server.h
 * A server for tests of libcti: a ROUTER in the test's own thread that says what the test wants,
 * right or wrong, and a client whose callbacks write down what they were told. Nothing depends
 * on how fast the machine is: what must come is waited for (FAKE_PATIENCE_MS is for a hang, not
 * for a measure).
 */
#ifndef TESTS_SUPPORT_FAKE_SERVER_H
#define TESTS_SUPPORT_FAKE_SERVER_H

#include "sdk/wire.h"
#include "tests/unit/test.h"

#include <cti.h>
#include <stdio.h>

#define FAKE_PATIENCE_MS 30000
/* printf: epoch, sequence */
#define FAKE_STREAM                                                                                \
	"{\"tenant\":\"acme\",\"switch\":\"hq\",\"epoch\":\"%s\",\"sequence\":%d,\"link\":\"up\"}"

/* What the client's callbacks were told. */
struct fake_told {
	enum cti_client_state state;
	struct cti_error why;
	unsigned states, events, snapshots, subscribed, refused, synced, replies, gaps;
	uint64_t sequences[4096];
	int sync_code, reply_code;
	char subject[64], text[160], cause[64], call[32];
	uint64_t gap_from, gap_to;
	struct cti_error refusal;
};
extern struct fake_told told;
extern struct cti_client *client;
extern json_t *message; /* what the client said last */

/** Open server and client for a test (cmocka), and close them. */
int fake_setup(void **state);
/** ... that speaks CURVE only. */
int fake_setup_curve(void **state);
int fake_teardown(void **state);
/** The server goes, and comes back on the same port. */
void fake_router_close(void);
void fake_router_open(void);
int64_t fake_now_ms(void);

/** To who spoke last. */
void say(const char *kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
void say_frames(const char *const *frames, const size_t *lengths, size_t count);
/** The next message, if there is one. */
bool take(char kind[32]);
/** Let the client work a little. */
void run_once(void);
/** The next message must be of this kind. */
void expect(const char *kind);
/** Past everything else, to the next hello. */
void expect_hello(void);
/** A string of the message; "" if it has none. */
const char *member(const char *name);

/** Hello and welcome: stream hq of epoch e1 at 10. */
void connect_client(void);
void welcome(const char *epoch, int sequence);
/** Subscribe and confirm at this sequence. */
void subscribe(const char *filter, int sequence);
/** Answer the subscribe that came last. */
void confirm(const char *epoch, int sequence, bool resumed);
/** ... the sync. */
void answer_sync(int sequence, int counter);
/** An event of device 2001. */
void say_event(const char *epoch, int sequence, int counter);

void on_reply(void *count, const struct cti_reply *);
void on_subscribed(void *arg, const struct cti_error *);
void on_synced(void *arg, int code);

#define WAIT_FOR(condition)                                                                        \
	do {                                                                                       \
		for (int64_t end = fake_now_ms() + FAKE_PATIENCE_MS; !(condition);) {              \
			if (fake_now_ms() > end)                                                   \
				fail_msg("%s did not come true", #condition);                      \
			run_once();                                                                \
		}                                                                                  \
	} while (0)

/** Exactly these were delivered, in this order. */
void sequences_are(const uint64_t *expected, size_t count);
#define SEQUENCES(...)                                                                             \
	sequences_are((uint64_t[]){__VA_ARGS__}, sizeof((uint64_t[]){__VA_ARGS__}) / 8)

#define FAKE_TEST(function) cmocka_unit_test_setup_teardown(function, fake_setup, fake_teardown)

#endif
