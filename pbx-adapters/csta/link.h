/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file link.h
 * The insides of the `csta` adapter: one link to a switch that speaks CSTA over TCP.
 *
 *     adapter.c   options, life, the table of verbs
 *     link.c      connection, TLS, reconnect, time: bytes between a bufferevent and a session
 *     requests.c  verbs to CSTA requests, answers to host->done()
 *     segments.c  long snapshots, which come in pieces
 *     events.c    what the switch says on its own: events, MonitorStop, SystemStatus
 */
#ifndef ADAPTER_CSTA_LINK_H
#define ADAPTER_CSTA_LINK_H

#include "csta/session.h"
#include "pbx-adapters/adapter.h"

struct bufferevent;
struct evdns_base;
struct ssl_ctx_st;

/** A request that the switch has not answered yet. */
struct link_request {
	uint64_t token;
	enum cti_service service;
	unsigned next;
	bool used;
};

/** Snapshots that are collected from segments at once, at most. */
#define COLLECTIONS 16

/** A snapshot of which not all segments have come. */
struct link_collection {
	char *reference; /* NULL: the place is free */
	uint64_t token;
	struct cti_reply **parts;
	size_t count;
};

/** Options that are not the session's. Strings are the instance's own. */
struct link_options {
	char *host, *tls_ca, *tls_cert, *tls_key, *tls_name;
	int port;
	bool tls, nodelay;
	uint64_t connect_us, backoff_min_us, backoff_max_us;
	size_t out_limit;
};

struct cti_adapter_instance {
	const struct cti_host *host;
	struct link_options options;
	struct csta_session_config config;
	struct csta_private *names; /* config.names */

	struct evdns_base *dns;
	struct ssl_ctx_st *tls;
	struct bufferevent *bev;
	struct csta_session *session;
	struct cti_timer *retry;   /* connect again */
	struct cti_timer *connect; /* the connection takes too long */
	struct cti_timer *tick;    /* the session's deadline */
	uint64_t tick_at;          /* when that is set to, UINT64_MAX: not */

	enum cti_link_state state;
	uint64_t up_at;
	unsigned attempts;   /* since the link last stood for a while */
	unsigned complaints; /* bad messages since the link stands */
	uint64_t random;
	unsigned depth; /* calls into the session under way */
	bool ended;     /* the session said down */
	bool running;
	bool was_disabled; /* the switch said initializing or disabled */
	char why[CTI_ERROR_TEXT];

	struct link_request *requests; /* config.pending of them */
	unsigned idle;                 /* first free one, index + 1 */
	struct link_collection collections[COLLECTIONS];
	struct cti_timer *collect; /* no segment came for too long */
	uint8_t input[65536];      /* octets taken from the socket at once */
};

/* link.c */
int link_create(struct cti_adapter_instance *, struct cti_error *);
void link_destroy(struct cti_adapter_instance *);
void link_connect(struct cti_adapter_instance *);
/** Close now, without a new attempt. */
void link_close(struct cti_adapter_instance *, const char *why);
/** Around every call into the session: what it ended is cleared away when the last is left. */
void link_enter(struct cti_adapter_instance *);
void link_leave(struct cti_adapter_instance *);
void link_state(struct cti_adapter_instance *, enum cti_link_state, const char *text);

/* requests.c */
int link_requests_create(struct cti_adapter_instance *, struct cti_error *);
void link_requests_destroy(struct cti_adapter_instance *);
cti_verb request_start;
void request_pass(struct cti_adapter_instance *, uint64_t token, const struct csta_message *);
void request_answered(void *instance, uint64_t token, const struct csta_message *answer,
                      const struct cti_error *error);

/** End a request with a code of ours and a sentence that names the switch. */
void link_done_failed(struct cti_adapter_instance *, uint64_t token, int code, const char *text);

/* segments.c */
/** Collect, if the answer to a snapshot gives a cross reference instead of rows. */
bool segments_begin(struct cti_adapter_instance *, uint64_t token, enum cti_service,
                    const struct csta_message *answer);
/** False: the message is no segment. */
bool segment_received(struct cti_adapter_instance *, const struct csta_message *);
/** End what is being collected. */
void segments_abandon(struct cti_adapter_instance *, int code, const char *text);

/* events.c */
void message_received(void *instance, const struct csta_message *);
void status_received(void *instance, const struct csta_message *);

#endif
