/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file bench.h
 * The pieces of the benchmark: a trace of calls, a switch that plays it over TCP, a subscriber
 * that counts what arrives. Switch and subscriber live in one process, so that they share a
 * clock and the window; what is measured (server, relay, bridge) is another process.
 *
 * Every event carries a marker of 32 hexadecimal digits: a magic number, its number in the
 * trace, the time it was sent. A subscriber finds it in whatever encoding it is given.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MARK_MAGIC  "cafe"
#define MARK_DIGITS 32 /* magic 4, number 12, nanoseconds 16 */

enum wire_format { WIRE_XML, WIRE_BER, WIRE_AMI };

/** One event, ready to send but for its marker. */
struct frame {
	uint8_t *bytes;
	size_t length;
	size_t mark; /* where the marker's digits (XML, AMI) or octets (BER) begin */
};

struct trace {
	enum wire_format format;
	struct frame *frames;
	size_t count;
};

/** The same logical events whatever the format: calls of five events over @p devices, by seed. */
int trace_build(struct trace *, enum wire_format, size_t events, unsigned devices, uint64_t seed);
void trace_free(struct trace *);
/** Write number and time into frame @p index, at its place. */
void trace_stamp(struct trace *, size_t index, uint64_t number, uint64_t now_ns);

/** What arrived. One writer (the subscriber), read by the switch for its window. */
struct tally {
	atomic_uint_fast64_t received; /* distinct events */
	uint64_t duplicates, disorder;
	uint64_t highest;
	uint8_t *seen; /* a bit an event */
	uint64_t expected;
	uint64_t *latency_ns; /* by event */
};
int tally_init(struct tally *, uint64_t events);
void tally_free(struct tally *);
/** Look for markers in @p text and count them. */
void tally_text(struct tally *, const char *text, size_t length);

uint64_t now_ns(void);

/** How the events are sent. */
struct pace {
	uint64_t events;
	double per_second;        /* 0: as fast as the window allows */
	uint64_t window;          /* sent but not yet received, at most */
	void (*ended)(void *arg); /* all is through, the link still stands */
	void *arg;
};

/**
 * Accept one link on @p listener, play the trace, return when all was sent and received or nothing
 * moved for ten seconds. @p ready is set once the peer is prepared for events.
 */
int switch_play(int listener, struct trace *, unsigned devices, const struct pace *, struct tally *,
                atomic_bool *go, atomic_bool *ready);

struct subscriber;
enum door { DOOR_ZMQ, DOOR_SESSION, DOOR_MQTT, DOOR_TCP };
/** Subscribe on a thread of its own. @p where: endpoint or "host:port". */
int subscriber_start(struct subscriber **, enum door, const char *where, const char *topic,
                     struct tally *);
void subscriber_stop(struct subscriber **);

#endif
