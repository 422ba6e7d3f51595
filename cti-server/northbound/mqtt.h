/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mqtt.h
 * The MQTT door: one connection to a broker, on a thread of its own, because libmosquitto
 * resolves names and connects while the caller waits. Between the loop and that thread stands one
 * bounded queue each way (mqtt_queue.h); everything else belongs to one side.
 *
 * - States are retained, the newest only; what is retained at the broker and no longer exists is
 *   cleared once the switch has been read.
 * - Events go with QoS 1 from our queue, at most `inflight` unacknowledged. What was not
 *   acknowledged when the connection was lost goes again: same id, perhaps twice.
 * - When the queue is full the oldest go, and a stream.gap says which. A ring that was answered
 *   or is too old is not sent; a stream.gap stands in its place.
 * - Requests come on `cti/v1/{tenant}/{switch}/request/{user}/{device}/{service}`. The broker's
 *   access list vouches for {user} (`cti-server --print-acl`). The answer goes to the response
 *   topic if that lies below `…/reply/{user}/`, else to `…/reply/{user}/{id}`.
 * - `cti/v1/server/{id}/status` says online, and offline by the last will.
 */
#ifndef SERVER_NORTHBOUND_MQTT_H
#define SERVER_NORTHBOUND_MQTT_H

#include "cti-server/northbound/door.h"

struct mqtt_door;

struct mqtt_door_stats {
	bool connected;
	int version; /**< 5 or 4 (3.1.1); 0: never connected */
	uint64_t connects;
	size_t queued_events, queued_bytes;
	uint64_t published; /**< messages handed to libmosquitto */
	uint64_t acknowledged;
	uint64_t events_dropped; /**< because the queue was full; a gap told them */
	uint64_t rings_stale;    /**< not sent: answered meanwhile, or too old */
	uint64_t gaps;           /**< stream.gap messages published */
	uint64_t strays_cleared; /**< retained states of what no longer exists */
	uint64_t requests;
	uint64_t malformed; /**< requests that were no requests */
};

/** @p options: the section `mqtt`, borrowed. Starts the thread; a broker that is away is no error.
 */
int mqtt_door_create(struct mqtt_door **out, const struct door_context *,
                     const struct cti_options *, struct cti_error *);
/** Tell the broker that the server goes, at most @p wait_ms; then as destroy. */
void mqtt_door_stop(struct mqtt_door **, unsigned wait_ms);
/** Sets NULL, takes NULL. */
void mqtt_door_destroy(struct mqtt_door **);
void mqtt_door_stats(struct mqtt_door *, struct mqtt_door_stats *);
/** True if there is nothing to send, or nobody to send it to. */
bool mqtt_door_is_quiet(struct mqtt_door *);

#endif
