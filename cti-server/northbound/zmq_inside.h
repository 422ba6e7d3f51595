/* SPDX-License-Identifier: Apache-2.0 */
/** @file zmq_inside.h What the parts of the ZeroMQ doors share; private to northbound/zmq*.c. */
#ifndef SERVER_NORTHBOUND_ZMQ_INSIDE_H
#define SERVER_NORTHBOUND_ZMQ_INSIDE_H

#include "cti-server/northbound/zmq.h"
#include "pbx-adapters/host/map.h"
#include "sdk/wire.h"

#include <jansson.h>
#include <sys/queue.h>

struct cti_timer;
struct event;
struct zap;

#define ROUTING_ID_MAX 255
#define WORD_SIZE      256 /* filters and index keys */

/* One filter of one client on one stream. */
struct filter {
	TAILQ_ENTRY(filter) by_topic; /* once it is in the index */
	TAILQ_ENTRY(filter) by_session;
	struct session *session;
	struct topic *topic; /* NULL: still to be resumed */
	struct bus_stream *stream;
	uint64_t since; /* events after this sequence reach it */
	bool resumed;
	bool confirm; /* `subscribed` is sent once it has its replay */
	char id[CTI_WIRE_REQUEST_ID_MAX + 1];
	char subject[]; /* "device/2001", canonical */
};
TAILQ_HEAD(filters, filter);

/* Everybody who listens to "hq device/2001". */
struct topic {
	struct map_node node;
	struct filters filters;
	char key[];
};

/* A message waiting for one client: an event that all share, or a text of its own. */
struct item {
	STAILQ_ENTRY(item) link;
	const char *kind;
	struct bus_event *event;
	char *text;
	size_t length;
	bool extra; /* of a snapshot or a resume: not counted against the queue's limit */
};
STAILQ_HEAD(items, item);

struct session {
	struct map_node node;
	TAILQ_ENTRY(session) link;
	TAILQ_ENTRY(session) blocked_link, resuming_link;
	struct zmq_door *door;
	char *user, *client;
	struct filters filters;
	size_t filter_count;
	struct items queue;
	size_t events, bytes, extra_bytes;
	bool blocked;  /* in the door's list: libzmq takes no more for now */
	bool resuming; /* in the door's list: filters wait for their replay */
	enum { SESSION_OPEN, SESSION_CLOSING /* bye waits to go out */, SESSION_DEAD } state;
	uint64_t heard_us;
	uint64_t mark; /* the last event it got, so that it gets each once */
	size_t id_length;
	unsigned char id[];
};
TAILQ_HEAD(sessions, session);

/* Events that wait for the end of a pass of the loop, at most. */
#define PUB_BURST 256

struct zmq_door {
	struct door_context context;
	const struct cti_options *options;
	struct zmq_door_stats stats;
	void *zmq, *router, *pub;
	struct zap *zap;
	struct event *router_event, *pub_event;
	struct cti_timer *sweep, *retry;
	char *router_endpoint, *pub_endpoint;
	struct map by_id, topics;
	struct sessions sessions, blocked, resuming;
	size_t session_limit, filter_limit, event_limit, byte_limit, total_limit, message_max;
	uint64_t heartbeat_us;
	uint64_t mark;
	size_t total_bytes;
	size_t pub_subscriptions;
	/** What is subscribed to while that is a few prefixes; beyond, libzmq sorts it out. */
	struct pub_prefix *pub_prefixes;
	size_t pub_prefix_count;
	/** Events of this pass of the loop: sent in one burst, so that libzmq's thread wakes once.
	 */
	struct bus_event *pub_waiting[PUB_BURST];
	size_t pub_waiting_count;
	struct event *pub_burst;
	bool handling; /* the handler of router_event looks again by itself */
	bool recheck;  /* router_event is active already */
	bool pub_recheck;
	bool has_dead; /* sessions to be reaped */
	struct cti_text text, topic;
};

/* zmq.c */
/** One message to a client. 0, CTI_E_BUSY (full for now), CTI_E_CLOSED (gone). Takes neither. */
int door_send(struct zmq_door *, const void *id, size_t id_length, const char *kind,
              struct bus_event *event, const char *text, size_t length);

/* zmq_session.c: one client's queue and life. */
struct session *session_find(struct zmq_door *, const void *id, size_t length);
struct session *session_create(struct zmq_door *, const void *id, size_t length, const char *user,
                               const char *client);
void session_destroy(struct session *);
/** Send or queue. A session that cannot take it dies, but stays until sessions_reap(). */
void session_send(struct session *, const char *kind, struct bus_event *event, const char *text,
                  size_t length, bool extra);
/** ... the door's text. */
void session_send_text(struct session *, const char *kind, bool extra);
/** Hand out what waits, as far as libzmq takes it; true if it took any. */
bool session_flush(struct session *);
/** Say goodbye; what waited is thrown away. */
void session_bye(struct session *, const char *why);
bool sessions_flush(struct zmq_door *);
void sessions_reap(struct zmq_door *);

/* zmq_filter.c: who gets which event. */
/** Checks the words of a filter; its canonical form for this switch goes to @p out. */
int filter_canonical(struct zmq_door *, struct bus_stream *, const char *filter,
                     char out[WORD_SIZE], struct cti_error *);
/** Without topic; NULL: no memory. */
struct filter *filter_create(struct session *, struct bus_stream *, const char *id,
                             const char *subject);
/** From now on events reach it. CTI_E_NOMEM. */
int filter_index(struct filter *);
void filter_destroy(struct filter *);
bool filter_matches(const struct filter *, const struct bus_event *);
/** An event from the bus to every session that has a filter for it. */
void filters_publish(struct zmq_door *, const struct bus_event *);
/** Replay and confirm every filter that waits for it: what several of them want once, in order. */
void filters_resume(struct zmq_door *);

/* zmq_protocol.c: what clients say. */
/** @p peer: user that CURVE proved, or NULL. */
void protocol_take(struct zmq_door *, const void *id, size_t id_length, const char *kind,
                   size_t kind_length, const void *bytes, size_t length, const char *peer);
/** {"code":"DENIED","text":"…","id":"1"}; @p id may be NULL. */
void protocol_error(struct session *, const struct cti_error *, const char *id);
/** Confirm the subscription of this id. */
void protocol_subscribed(struct session *, const char *id);
/** The answer of a request, for requests_done; @p arg: the session. */
void protocol_reply(void *arg, const char *id, const struct cti_reply *);

/* zmq_pub.c */
int pub_create(struct zmq_door *, struct cti_error *);
void pub_destroy(struct zmq_door *);
void pub_event(struct zmq_door *, const struct bus_event *);
/** Could a state's topic begin with what is subscribed to? */
bool pub_wants_states(const struct zmq_door *);
void pub_state(struct zmq_door *, const struct bus_state *);

/* zmq_curve.c */
/** Turn CURVE on for @p socket if it is configured. */
int curve_apply(struct zmq_door *, void *socket, struct cti_error *);
bool curve_is_on(const struct zmq_door *);
/** The loop's own answer to libzmq's question who may connect (ZAP, RFC 27). */
int zap_create(struct zmq_door *, struct cti_error *);
void zap_destroy(struct zmq_door *);

#endif
