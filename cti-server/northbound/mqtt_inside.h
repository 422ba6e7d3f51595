/* SPDX-License-Identifier: Apache-2.0 */
/** @file mqtt_inside.h What loop and thread of the MQTT door share; private to mqtt*.c. */
#ifndef SERVER_NORTHBOUND_MQTT_INSIDE_H
#define SERVER_NORTHBOUND_MQTT_INSIDE_H

#include "cti-server/northbound/mqtt.h"
#include "cti-server/northbound/mqtt_queue.h"
#include "sdk/wire.h"

#include <pthread.h>
#include <sys/queue.h>

struct event;
struct mosquitto;

#define SWITCHES_MAX 256
/* Requests that wait for the loop; beyond, the broker is not read. */
#define REQUESTS_MAX 1000

/* A request that is under way: where its answer goes. Loop's side. */
struct asked {
	TAILQ_ENTRY(asked) link;
	struct mqtt_door *door;
	struct letter *letter;
	char *prefix; /* "cti/v1/acme/hq/reply/ann/" */
};
TAILQ_HEAD(askeds, asked);

/* A switch's topics begin with its prefix; current once everything of it has been read. */
struct mqtt_switch {
	char *prefix; /* "cti/v1/acme/hq/" */
	bool current;
};

struct mqtt_door {
	/* Loop's side. */
	struct door_context context;
	struct event *inbox_event;
	struct askeds asked;
	struct cti_text topic, text;

	/* Set before the thread starts, then only read. */
	const struct cti_options *options;
	char *client_id, *status_topic, *online, *offline;
	int inbox_fd, outbox_fd; /* eventfd: there is something for the loop, for the thread */
	pthread_t thread;

	/* Shared, under the lock. */
	pthread_mutex_t lock;
	struct mqtt_queue queue;
	struct mqtt_switch switches[SWITCHES_MAX];
	size_t switch_count;
	struct mqtt_door_stats stats;
	uint64_t stop_by_us; /* CLOCK_MONOTONIC; 0: not asked to stop */
	bool outbox_told;    /* outbox_fd is readable */
	bool orphaned;       /* the loop's side is gone: the thread frees the rest */
	bool over;           /* the thread is done with this struct, unless it is orphaned */
	size_t inflight;     /* copy of the thread's, for is_quiet */
};

/* mqtt_thread.c */
void *mqtt_thread(void *door);
uint64_t mqtt_now(void);
/** Free what both sides share; the last of them calls. */
void mqtt_door_free(struct mqtt_door *);

/* mqtt_request.c: loop's side */
/** Take what came from the broker to the requests. */
void mqtt_requests_take(struct mqtt_door *);
void mqtt_requests_forget(struct mqtt_door *);
/** Wake the thread; the lock is held. */
void mqtt_tell_thread(struct mqtt_door *);

#endif
