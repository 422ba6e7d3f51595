/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pbx_private.h
 * The inside of a switch, for its own files:
 *
 *   pbx.c           life, the host that the adapter sees, link, reload
 *   pbx_requests.c  requests to the adapter: tokens, deadlines, answers, numbers
 *   pbx_causes.c    which request caused an event
 *   monitors.c      who is monitored, start, refusal, retry
 *   resync.c        reading the switch: order, pace, progress
 *   resync_heal.c   what is read again, and when: anomalies, calls out of sight, audit
 */
#ifndef SERVER_PBX_PRIVATE_H
#define SERVER_PBX_PRIVATE_H

#include "cti-server/model/model.h"
#include "cti-server/monitors.h"
#include "cti-server/pbx.h"
#include "cti-server/resync.h"
#include "pbx-adapters/host/host.h"

/** An open request; slots are kept for reuse. */
struct open_request {
	struct pbx *pbx;
	uint32_t index, generation; /* together the token */
	bool open, internal;
	enum cti_service service;
	const char *name; /* of the service; a constant */
	pbx_done *done;
	void *arg;
	struct cti_timer *timer;
	unsigned timeout_ms;
	struct cause *cause; /* NULL: events do not name it */
	struct name *device; /* SetAgentState: whose pending state it may be */
	struct name *agent;
	struct open_request *next_free;
};

/** What a client's request makes happen, until a while after its answer. */
struct cause {
	TAILQ_ENTRY(cause) all;
	enum cti_service service;
	char id[CTI_WIRE_REQUEST_ID_MAX + 1];
	struct name *calls[4]; /* whose events it causes */
	unsigned call_count;
	struct name *device; /* canonical: at which it acts */
	bool answered;
	bool spent; /* it had its effect */
	uint64_t expires;
};

/** Counters since the switch was made; those of the model are in its own. */
struct pbx_stats {
	uint64_t requests; /**< of clients, to the adapter */
	uint64_t failed;   /**< of those: answered with an error */
	uint64_t timeouts; /**< requests that the adapter did not answer in time, own ones too */
	uint64_t late_answers; /**< answers to requests that are not open (any more): ignored */
	uint64_t monitors_refused;
	uint64_t links_lost;
};

struct event; /* of libevent */

struct pbx {
	struct pbx_config config;
	char *born, *block; /* strings of the configuration at creation, and of the last reload */
	struct host host;
	struct bus *bus;
	struct bus_stream *stream;
	struct clock *clock;
	struct cti_adapter_instance *instance;
	struct interactions *interactions;
	struct model *model;
	struct event *flush; /* active: states wait to be set */
	enum cti_link_state link;
	char link_text[CTI_ERROR_TEXT];
	bool started, stopping;
	struct monitors monitors;
	struct resync resync;

	struct open_request **requests;
	size_t request_room, request_count, open_count;
	struct open_request *free_requests;
	struct csta_codec *codec; /* for what passes through; made when first needed */
	struct pool cause_pool;
	TAILQ_HEAD(causes, cause) causes;
	char cause_id[CTI_WIRE_REQUEST_ID_MAX + 1]; /* of the event being published */
	struct pbx_stats stats;
};

/** Like pbx_request(), for the server's own: not counted among the clients', numbers as given. */
void pbx_ask(struct pbx *, const struct cti_request *, pbx_done *, void *arg);
/** Is there such a verb? */
bool pbx_can(const struct pbx *, enum cti_service);
/** The adapter's answer. */
void pbx_answer(struct pbx *, uint64_t token, const struct cti_reply *);
/** End every open request. */
void pbx_requests_close(struct pbx *, int code, const char *why);
void pbx_requests_free(struct pbx *);

/** NULL: no memory; events then do not name the request. */
struct cause *cause_begin(struct pbx *, const struct cti_request *);
void cause_answered(struct pbx *, struct cause *, const struct cti_reply *);
/** Id of the request that caused this event, or NULL. */
const char *cause_of(void *pbx, const struct cti_event *);
void causes_free(struct pbx *);

/** Publish an event of the switch itself; @p device may be NULL. */
void pbx_publish(struct pbx *, struct cti_event *, struct device *);
/** Set the state "status". */
void pbx_status(struct pbx *);

#endif
