/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client.h
 * Inside libcti. client.c: life, dispatch, time. client_session.c: the connection and what comes
 * over it. client_subscribe.c: subscriptions. client_stream.c: positions and holes.
 * client_repair.c: delivery, and fetching what is missing. client_request.c: requests.
 * client_state.c: snapshots.
 *
 * A callback may do anything, even destroy the client: whoever calls one looks at client->dead
 * afterwards, and takes nothing from a list for granted. The memory goes when cti_dispatch()
 * returns.
 */
#ifndef SDK_CLIENT_H
#define SDK_CLIENT_H

#include "sdk/wire.h"

#include <cti/client.h>
#include <sys/queue.h>

#define SECOND_US      UINT64_C(1000000)
#define HELLO_US       (5 * SECOND_US)  /* from connecting to welcome */
#define CONFIRM_US     (30 * SECOND_US) /* from subscribe to subscribed */
#define RETRY_FIRST_US (SECOND_US / 4)  /* reconnect: first pause, doubled to the last */
#define RETRY_LAST_US  (30 * SECOND_US)
#define STABLE_US      (5 * SECOND_US)  /* a session this long begins the pauses anew */
#define GRACE_US       (2 * SECOND_US)  /* of a sent request: the server's answer has priority */
#define REPAIR_LAST_US (60 * SECOND_US) /* longest pause between repairs that do not help */
#define HEARTBEAT_MS   10000            /* where the welcome has none */
#define MESSAGES_ONCE  256              /* taken in one go before other things have their turn */
#define STREAMS_MAX    256
#define COUNTERS_MAX   65536 /* subjects watched for holes in one stream */
#define HELD_MAX       100000
#define HELD_BYTES_MAX (64 * 1024 * 1024)

/* "S5.2.0": subscription 5, generation 2, part 0. */
struct subscription {
	TAILQ_ENTRY(subscription) link;
	int number;
	char *filter, *switch_name;
	cti_subscribed *callback;
	void *arg;
	unsigned generation; /* of its wire ids */
	unsigned parts;      /* messages of this generation, one a switch when it resumes */
	unsigned waiting;    /* of these, not confirmed yet */
	bool confirmed;      /* once: it can resume */
	bool tell;           /* confirmed, callback to be called */
};

struct pending {
	TAILQ_ENTRY(pending) link;
	char id[CTI_WIRE_REQUEST_ID_MAX + 1];
	struct cti_text message;
	uint64_t deadline_us;
	bool sent;    /* at least once: its outcome is unknown without an answer */
	bool current; /* on this connection */
	bool ending;
	cti_replied *callback;
	void *arg;
};

struct echo {
	TAILQ_ENTRY(echo) link;
	unsigned number;
	bool sent, answered, ending;
	void (*callback)(void *arg, int code); /* NULL: heartbeat */
	void *arg;
};

/* One switch's events and how far we have them. */
struct stream {
	struct cti_stream told; /* strings owned; by welcome and sync */
	bool present;           /* in the last welcome */
	bool positioned;
	bool reset, gap_told; /* in this repair: the position was set, a gap was delivered */
	char *epoch;          /* of the position */
	uint64_t sequence;    /* last delivered, or held against by the server */
	void *counters;       /* tsearch(3): struct counter */
	size_t counter_count;
};

/* Came during a repair: sorted and delivered at its end. */
struct held {
	uint64_t sequence;
	size_t order;
	struct cti_event *event; /* or */
	json_t *state;           /* the message of a snapshot */
};

struct client_session {
	void *socket, *monitor;
	int socket_fd, monitor_fd;
	bool ready;
	const char *broken; /* why a send failed: the next dispatch loses the session */
	uint64_t heartbeat_us, began_us, heard_us, sent_us;
};

TAILQ_HEAD(subscriptions, subscription);
TAILQ_HEAD(pendings, pending);
TAILQ_HEAD(echoes, echo);

struct cti_client {
	struct cti_client_handlers handlers;
	void *arg;
	char *endpoint, *user, *password, *server_key, *public_key, *secret_key, *name;
	char *switch_name, *server;
	unsigned timeout_ms;

	enum cti_client_state state;
	void *zmq;
	int epoll_fd, timer_fd, wake_fd;
	bool awake;        /* wake_fd is readable */
	uint64_t armed_us; /* what timer_fd is set to; 0: nothing */
	uint64_t retry_us, retry_pause_us;
	struct client_session session;

	unsigned depth, calls; /* of callbacks made in this dispatch */
	bool dead;

	struct subscriptions subscriptions;
	unsigned subscription_count;
	int subscription_number;
	struct pendings pendings;
	unsigned pending_count;
	uint32_t id_prefix;
	unsigned id_number;
	struct echoes echoes;
	unsigned echo_number;

	struct stream *streams;
	size_t stream_count;
	bool repairing;
	unsigned repair_echo; /* its answer: all that was replayed has come */
	bool repair_echoed;
	uint64_t confirm_by_us;              /* repair's deadline */
	uint64_t repair_us, repair_pause_us; /* no repair before; how long that was */
	bool repair_failed, refresh;         /* refresh: snapshots are due at repair_us */
	struct held *held;
	size_t held_count, held_size, held_bytes;

	struct cti_text text; /* of what is sent */
	struct cti_client_stats stats;
};

/* client.c */
uint64_t client_now(void);
void client_state_set(struct cti_client *, enum cti_client_state, const struct cti_error *why);
/** After anything that may have sent: descriptor and timer as they must be. */
void client_settle(struct cti_client *);

/* client_session.c */
int session_open(struct cti_client *, struct cti_error *);
void client_session_close(struct cti_client *, const char *bye);
/** It is lost: close, and try again later. */
void session_lost(struct cti_client *, int code, const char *text);
/** Read what has come, at most MESSAGES_ONCE; true if there may be more. */
bool session_read(struct cti_client *);
/** Send client->text; a failure loses the session, soon. */
void client_session_send(struct cti_client *, const char *kind);
void session_time(struct cti_client *, uint64_t now);
uint64_t session_deadline(const struct cti_client *);
/** True if a message waits that no descriptor would tell of. */
bool session_pending(struct cti_client *);

/* client_stream.c */
/** The stream of a switch, made when it is new; NULL: no memory, or too many. */
struct stream *stream_get(struct cti_client *, const char *switch_name);
/** ... of an item of the server's lists, and where it says that it stands. */
struct stream *stream_read(struct cti_client *, const json_t *item, const char **epoch,
                           uint64_t *sequence);
/** True if the server began a stream anew: it does not remember what was before. */
bool stream_told(struct cti_client *, const json_t *streams, bool welcome);
void streams_free(struct cti_client *);
void stream_counters_clear(struct stream *);
/** From here on events of this epoch after @p sequence are expected. */
void stream_position(struct stream *, const char *epoch, uint64_t sequence);
/** Is something missing before this event? */
bool stream_hole(const struct cti_client *, const struct stream *, const struct cti_event *);
bool stream_duplicate(const struct stream *, const struct cti_event *);
/** It will be delivered: the next one is expected. */
void stream_account(struct cti_client *, struct stream *, const struct cti_event *);
/** What the server says each counter is: a lost tail begins a repair. */
void counters_told(struct cti_client *, const json_t *streams, const json_t *subjects);

/* client_repair.c */
void event_received(struct cti_client *, const char *json, size_t length);
void state_received(struct cti_client *, json_t *message);
void repair_begin(struct cti_client *);
/** If a repair has all its answers: deliver what was held; tell who asked. */
void repair_end(struct cti_client *);
void held_clear(struct cti_client *);

/* client_subscribe.c */
void subscriptions_send(struct cti_client *);
void subscriptions_lost(struct cti_client *);
void subscriptions_free(struct cti_client *);
/** Is one of them not confirmed yet? */
bool subscriptions_waiting(const struct cti_client *);
/** Call back for those that were confirmed. */
void subscriptions_tell(struct cti_client *);
void subscribed_received(struct cti_client *, json_t *message);
/** True if @p id is that of a subscription. */
bool subscription_refused(struct cti_client *, const char *id, const struct cti_error *);
void stream_time(struct cti_client *, uint64_t now);
uint64_t stream_deadline(const struct cti_client *);

/* client_request.c */
void requests_send(struct cti_client *);
void requests_end(struct cti_client *, int code, const char *text);
/** The connection went. */
void requests_lost(struct cti_client *);
/** So did the server's memory: what was sent to it must not be sent again. */
void requests_forgotten(struct cti_client *);
void requests_time(struct cti_client *, uint64_t now);
uint64_t requests_deadline(const struct cti_client *);
void reply_received(struct cti_client *, json_t *message);
/** True if @p id is that of a request. */
bool request_refused(struct cti_client *, const char *id, const struct cti_error *);
void echoes_send(struct cti_client *);
/** A sync that nobody waits for; its number. */
unsigned echo_send_quiet(struct cti_client *);
void echo_received(struct cti_client *, const json_t *message);
/** Call back for those that were answered, unless a repair holds back what came before. */
void echoes_tell(struct cti_client *);
void echoes_end(struct cti_client *, int code);
void echoes_lost(struct cti_client *);

/* client_state.c */
/** Parse a `state` message and hand it to the application. */
void state_deliver(struct cti_client *, const json_t *message);

#endif
