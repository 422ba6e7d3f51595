/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file zmq.h
 * The ZeroMQ doors: ROUTER takes sessions (protocol in sdk/wire.h), PUB gives every event and
 * state to services. Loop thread only; libzmq has an I/O thread of its own.
 *
 * ROUTER: who says hello right has a session, with filters and a bounded queue. A client that
 * does not keep up is dropped with a reason (`bye`), may come back and resume, and never slows
 * the others. A client that says nothing for three heartbeats is forgotten.
 *
 * PUB: topics of design section 7, closed by '/'. It is an XPUB socket, so that with CURVE each
 * subscription is held against the rights of the key's user (a reload of rights takes effect when
 * the subscriber comes back). Without CURVE it is open to every
 * program of this machine, and is never bound wider (config.h). What a subscriber does not
 * take in time libzmq drops for him; the counters in `subjects` show it to him.
 */
#ifndef SERVER_NORTHBOUND_ZMQ_H
#define SERVER_NORTHBOUND_ZMQ_H

#include "cti-server/northbound/door.h"

struct zmq_door;

struct zmq_door_stats {
	size_t sessions;
	size_t queued_events, queued_bytes;
	uint64_t sent;         /**< messages handed to libzmq for sessions */
	uint64_t published;    /**< messages handed to libzmq on PUB */
	uint64_t pub_dropped;  /**< of these, not taken by some subscriber who was full */
	uint64_t slow_dropped; /**< clients dropped because they did not keep up */
	uint64_t expired;      /**< clients forgotten after three silent heartbeats */
	uint64_t malformed;    /**< messages that were refused */
	uint64_t logins_failed;
	uint64_t subscriptions_denied;
};

/** @p options: the section `zmq`, borrowed. Binds; the error names endpoint and cause. */
int zmq_door_create(struct zmq_door **out, const struct door_context *, const struct cti_options *,
                    struct cti_error *);
/** Sets NULL, takes NULL. What libzmq still holds gets 500 ms to go out. */
void zmq_door_destroy(struct zmq_door **);
/** Say goodbye to every client. */
void zmq_door_stop(struct zmq_door *, const char *why);
/** Rights have changed: drop filters and clients that have none any more. */
void zmq_door_reload(struct zmq_door *);
/** As bound; NULL if not bound. */
const char *zmq_door_router_endpoint(const struct zmq_door *);
const char *zmq_door_pub_endpoint(const struct zmq_door *);
void zmq_door_stats(const struct zmq_door *, struct zmq_door_stats *);

#endif
