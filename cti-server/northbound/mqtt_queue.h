/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mqtt_queue.h
 * What waits for the broker: answers, events in order, the newest state of each topic; and what
 * came from it. No locks here: mqtt.c's holder of the lock calls. Private to northbound/mqtt*.c.
 */
#ifndef SERVER_NORTHBOUND_MQTT_QUEUE_H
#define SERVER_NORTHBOUND_MQTT_QUEUE_H

#include "cti-server/bus.h"
#include "pbx-adapters/host/map.h"

#include <sys/queue.h>

#define GAP_SUBJECTS 64

/* Events of one stream that will not be sent. */
struct lost {
	char *tenant, *switch_name, *epoch;
	uint64_t from, to;
	const char *why;
	size_t subject_count;
	bool more; /* than the subjects that are listed */
	char *subjects[GAP_SUBJECTS];
};

struct ring_call;

/* One event, or in its place the news that it was lost. */
struct outgoing {
	TAILQ_ENTRY(outgoing) link; /* waiting, or sent and not acknowledged */
	TAILQ_ENTRY(outgoing) by_call;
	struct ring_call *call; /* a ring: it may become stale */
	struct bus_event *event;
	struct lost *lost;
	uint64_t queued_us; /* CLOCK_MONOTONIC: the broker's time is real */
	size_t bytes;
	size_t unacknowledged; /* copies on the way */
	bool stale;
	bool sending; /* not all copies are out yet */
	size_t next;  /* copy that goes next */
};
TAILQ_HEAD(outgoings, outgoing);

/* The rings of one call that have not been acknowledged. */
struct ring_call {
	struct map_node node;
	struct outgoings rings;
	char key[];
};

/* A retained topic: what it should say. */
struct retained {
	struct map_node node;
	TAILQ_ENTRY(retained) link; /* all of them, in order */
	TAILQ_ENTRY(retained) dirty_link;
	bool dirty;
	char *payload; /* NULL: cleared */
	size_t length;
	char topic[];
};
TAILQ_HEAD(retaineds, retained);

/* A message with a topic of its own: an answer to a request; a request that came. */
struct letter {
	STAILQ_ENTRY(letter) link;
	char *topic;
	char *payload;
	size_t length;
	char *response; /* topic of the answer; NULL: the usual one */
	void *correlation;
	uint16_t correlation_length;
};
STAILQ_HEAD(letters, letter);

struct mqtt_queue {
	size_t event_limit, byte_limit, letter_limit;
	uint64_t expiry_us;
	struct outgoings losses; /* of events that were dropped: they come first */
	struct outgoings events;
	size_t count, bytes;
	struct map calls;
	struct map topics;
	struct retaineds retained, dirty;
	struct letters replies, requests;
	size_t reply_count, request_count;
	uint64_t events_dropped, rings_stale, replies_dropped;
};

void queue_init(struct mqtt_queue *);
void queue_free(struct mqtt_queue *);

/** Behind the others; drops the oldest where there is no room. Never fails: what cannot be kept
 * becomes part of a gap, or is counted where even that has no memory. */
void queue_event(struct mqtt_queue *, const struct bus_event *, uint64_t now_us);
/** The next to send, taken out; NULL: none. The caller gives it back or frees it. */
struct outgoing *queue_take(struct mqtt_queue *, uint64_t now_us);
/** The connection was lost before it was acknowledged: first again. */
void queue_return(struct mqtt_queue *, struct outgoing *);
void outgoing_free(struct mqtt_queue *, struct outgoing *);
/** True for what makes somebody's phone ring, and has a point only while it does. */
bool event_is_ring(const struct bus_event *);

/** What a topic should say from now on; payload NULL: nothing. CTI_E_NOMEM. */
int queue_retain(struct mqtt_queue *, const char *topic, const char *payload, size_t length);
struct retained *queue_retained(const struct mqtt_queue *, const char *topic);
/** The next topic to publish, no longer dirty; NULL: none. */
struct retained *queue_dirty(struct mqtt_queue *);
/** A new broker, or the same after a restart: everything goes again. */
void queue_dirty_all(struct mqtt_queue *);
/** Forget a topic that is cleared. */
void retained_free(struct mqtt_queue *, struct retained *);

/** Takes the letter; a full queue drops the oldest. */
void queue_reply(struct mqtt_queue *, struct letter *);
struct letter *letter_create(const char *topic, const void *payload, size_t length);
void letter_free(struct letter *);
struct letter *letters_take(struct letters *, size_t *count);

#endif
