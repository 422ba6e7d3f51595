/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client.h
 * libcti: telephones in a program. Subscribe to what happens, ask for what shall happen.
 *
 *     static void on_event(void *arg, const struct cti_event *event)
 *     {
 *             if (event->type == CTI_EVENT_CALL_DELIVERED && event->calling.number)
 *                     printf("%s rings\n", event->calling.number);
 *     }
 *
 *     struct cti_client *client;
 *     struct cti_client_options options = {.endpoint = "tcp://127.0.0.1:5580",
 *                                          .handlers.event = on_event};
 *     cti_client_create(&client, &options, &error);
 *     cti_subscribe(client, "device/2001", NULL, NULL, NULL);
 *     cti_connect(client, &error);
 *     while (running)
 *             cti_dispatch(client, 1000);
 *     cti_client_destroy(&client);
 *
 * **Threads.** A client belongs to one thread at a time. It calls back from within
 * cti_dispatch() (and cti_call_wait(), cti_client_destroy()) alone, on the thread that called.
 * Different clients do not know of each other.
 *
 * **Callbacks** may call every function here but cti_dispatch() and cti_call_wait(), and may
 * destroy the client. What they are handed is borrowed for the call; cti_event_copy() and
 * cti_reply_copy() keep it.
 *
 * **Lost connections** are the library's business: it connects again (250 ms after the loss, then
 * twice as long each time up to 30 s, less a random part), subscribes again and fetches what was
 * missed. What can no longer be fetched is told as CTI_EVENT_STREAM_GAP, followed by snapshots.
 * Every event comes once and in the order of its switch.
 *
 * Functions return 0 or an enum cti_code (negative).
 */
#ifndef CTI_CLIENT_H
#define CTI_CLIENT_H

#include <cti/error.h>
#include <cti/event.h>
#include <cti/request.h>

#ifdef __cplusplus
extern "C" {
#endif

struct cti_client;

/** Where a server listens unless told otherwise. */
#define CTI_ENDPOINT "tcp://127.0.0.1:5580"

/** Limits of one client; CTI_E_BUSY or CTI_E_LIMIT beyond. */
#define CTI_CLIENT_REQUESTS_MAX      1000
#define CTI_CLIENT_SUBSCRIPTIONS_MAX 1024

enum cti_client_state {
	CTI_CLIENT_IDLE,       /**< before cti_connect(), after cti_disconnect() */
	CTI_CLIENT_CONNECTING, /**< saying hello */
	CTI_CLIENT_READY,      /**< the server said welcome */
	CTI_CLIENT_WAITING,    /**< lost; the next attempt has its time */
	CTI_CLIENT_REFUSED,    /**< the server does not want us: cti_connect() tries again */
};

/** A call at a device, as a snapshot shows it. */
struct cti_call {
	struct cti_connection connection; /**< the device's own */
	const char *interaction_id;
	const char *parent; /**< interaction that this one came from, or NULL */
	struct cti_device calling;
	struct cti_device called;
	struct cti_device last_redirection;
	struct cti_device original_calling; /**< the customer, whoever transferred him */
	int64_t since_us; /**< UTC, microseconds since 1970: of this connection state; 0 if unknown
	                   */
	const struct cti_connection *partners; /**< the other connections of the call */
	size_t partner_count;
	const struct cti_pair *attached;
	size_t attached_count;
};

/** How many agents of a queue are in which state; -1 if not told. */
struct cti_agent_counts {
	int logged_on, not_ready, ready, busy, working_after_call;
};

/**
 * How a subject stood at a sequence of its switch's stream: comes for each subject of a
 * subscription before the subscription is confirmed, and after a gap.
 */
struct cti_state {
	const char *subject; /**< "device/2001", "agent/7001", "queue/3000" */
	const char *switch_name;
	uint64_t sequence; /**< of the event that set it */
	const char *json;  /**< the state as the server wrote it; NULL: there is none any more */
	bool current;      /**< read from the switch since the link came up */
	bool monitored;    /**< device, queue: its events are reported */
	bool out_of_service;
	const char *device;   /**< the device; where the agent sits, or NULL; the queue */
	const char *agent_id; /**< agent; device: who is logged on there, or NULL */
	enum cti_agent_state agent_state; /**< -1 if it is no agent */
	enum cti_agent_state pending_state;
	const char *reason;        /**< why not monitored; agent: reason code */
	int64_t since_us;          /**< agent: of the state; queue: longest waiting call */
	const char *const *groups; /**< agent: ACD groups */
	size_t group_count;
	int waiting;                    /**< queue: calls waiting, -1 if not told */
	struct cti_agent_counts agents; /**< queue */
	const struct cti_call *calls;   /**< device */
	size_t call_count;
};

/** One switch behind the server. */
struct cti_stream {
	const char *tenant;
	const char *switch_name;
	const char *link;  /**< "up", "down", "connecting", as of the last welcome or sync */
	const char *epoch; /**< of the stream of events */
	uint64_t sequence; /**< last that the server published, as of the last welcome or sync */
};

/** What a client has counted since it was created. */
struct cti_client_stats {
	uint64_t events;     /**< delivered */
	uint64_t duplicates; /**< came again after a resume, not delivered */
	uint64_t gaps;       /**< CTI_EVENT_STREAM_GAP delivered */
	uint64_t repairs;    /**< holes that made the client ask again */
	uint64_t malformed;  /**< messages that could not be read */
	uint64_t unknown;    /**< events and kinds of messages that this version does not know */
	uint64_t connects;   /**< welcomes */
};

/** Each may be NULL. */
struct cti_client_handlers {
	/** The state changed. @p why: NULL, or what went wrong. */
	void (*state)(void *arg, enum cti_client_state state, const struct cti_error *why);
	/** Something happened, on any of the subscriptions; once however many of them match. */
	void (*event)(void *arg, const struct cti_event *event);
	/** How a subject stands; see struct cti_state. */
	void (*snapshot)(void *arg, const struct cti_state *state);
};

/** Copied by cti_client_create(). Everything but the endpoint may be zero. */
struct cti_client_options {
	const char
	        *endpoint; /**< "tcp://127.0.0.1:5580", "ipc:///run/cti/zmq"; NULL: CTI_ENDPOINT */
	const char *user;
	const char *password; /**< goes over the wire as it is: only encrypted or on this machine */
	const char *server_key; /**< CURVE public key of the server, 40 characters Z85: encrypts */
	const char *public_key; /**< own CURVE key pair; NULL: one is made for the occasion */
	const char *secret_key;
	const char *name;            /**< what this program is, for the server's log: "crm/2.1" */
	const char *switch_name;     /**< switch that the verbs below ask; NULL: the only one */
	unsigned request_timeout_ms; /**< 0: CTI_REQUEST_TIMEOUT_MS */
	bool insecure; /**< send the password unencrypted over a network, knowing what that means */
	struct cti_client_handlers handlers;
	void *arg; /**< of the handlers */
};

/**
 * Make a client. It does nothing until cti_connect(). CTI_E_INVALID: endpoint or key malformed;
 * CTI_E_DENIED: a password without encryption to another machine; CTI_E_NOMEM, CTI_E_IO.
 */
int cti_client_create(struct cti_client **out, const struct cti_client_options *options,
                      struct cti_error *error);

/**
 * Say good-bye and free. Every open request and sync is answered CTI_E_CLOSED before it
 * returns; nothing is called back afterwards. Takes at most 100 ms. Sets *client NULL, takes NULL.
 */
void cti_client_destroy(struct cti_client **client);

/** Begin to connect, and stay connected. Returns at once; handlers.state tells the rest. */
int cti_connect(struct cti_client *client, struct cti_error *error);

/** Say good-bye and stay away. Subscriptions are kept for the next cti_connect(). */
void cti_disconnect(struct cti_client *client);

enum cti_client_state cti_client_state(const struct cti_client *client);
/** "idle", "connecting", "ready", "waiting", "refused". */
const char *cti_client_state_name(enum cti_client_state state);

/**
 * A descriptor for poll(2), epoll or any event loop: readable (level-triggered) when
 * cti_dispatch() has something to do, timers included. The same for the client's whole life.
 * Do not read, write or close it.
 */
int cti_fd(const struct cti_client *client);

/**
 * Do what there is to do and call back. Waits up to @p timeout_ms for something to call back for
 * (0: does not wait, -1: as long as it takes). Returns the number of callbacks, 0 when the time
 * is over or a signal came, CTI_E_STATE from within a callback.
 */
int cti_dispatch(struct cti_client *client, int timeout_ms);

/**
 * How a subscription stands: @p error NULL when the server has confirmed it and all its snapshots
 * have come, again after each reconnect; not NULL when the server refuses it: it is gone then.
 */
typedef void cti_subscribed(void *arg, const struct cti_error *error);

/**
 * Want the events of @p filter: "all", "device/2001", "device/<star>", "agent/7001",
 * "agent/<star>", "queue/3000", "queue/<star>", "interaction/ID", where <star> is "*".
 * @p switch_name NULL: of every switch. May be called in any state. @p callback may be NULL.
 * Returns a number above 0 for cti_unsubscribe(), or CTI_E_INVALID, CTI_E_LIMIT, CTI_E_NOMEM.
 */
int cti_subscribe(struct cti_client *client, const char *filter, const char *switch_name,
                  cti_subscribed *callback, void *arg);
/** CTI_E_NOTFOUND if there is no such subscription. */
int cti_unsubscribe(struct cti_client *client, int subscription);

/**
 * Echo: @p callback is called (code 0) once every event that the server published before the
 * question has been delivered. Waits for a connection. CTI_E_CLOSED: the client was destroyed
 * or refused first.
 */
int cti_client_sync(struct cti_client *client, void (*callback)(void *arg, int code), void *arg);

/** Call @p each for every switch that the server named. */
void cti_client_streams(const struct cti_client *client,
                        void (*each)(void *arg, const struct cti_stream *stream), void *arg);
/** Name that the server calls itself; "" before the first welcome. */
const char *cti_client_server(const struct cti_client *client);
void cti_client_stats(const struct cti_client *client, struct cti_client_stats *out);

/* ---- Requests --------------------------------------------------------------------------
 *
 * A request is answered exactly once, if the function returned 0 and never otherwise: with the
 * switch's answer, a refusal, or
 * - CTI_E_TIMEOUT: it could not be sent in time, nothing was done;
 * - CTI_E_UNKNOWN_OUTCOME: it was sent and the answer was lost, it may have been done;
 * - CTI_E_CLOSED: the client was destroyed or disconnected.
 * Made while there is no connection, it waits for one. It is sent again after a reconnect with
 * the same id, which the server does not do twice.
 *
 * Every function returns CTI_E_INVALID for what is missing, CTI_E_BUSY beyond
 * CTI_CLIENT_REQUESTS_MAX, CTI_E_LIMIT where it is too large, CTI_E_NOMEM. The callback may be
 * NULL.
 */

typedef void cti_replied(void *arg, const struct cti_reply *reply);

/**
 * Ask for any service; see struct cti_request for what each reads. switch_name, id and
 * timeout_ms are filled in where they are not given.
 */
int cti_request(struct cti_client *client, const struct cti_request *request, cti_replied *callback,
                void *arg);

/**
 * The same, waiting for the answer; events are called back meanwhile. Connects first if need be.
 * *out is the reply, to be freed with free(); @p error is filled from it if it is no success.
 * Returns the reply's code. CTI_E_STATE from within a callback.
 */
int cti_call_wait(struct cti_client *client, const struct cti_request *request,
                  struct cti_reply **out, struct cti_error *error);

/** Call @p destination from @p device (ECMA-269 17.1.18). The reply names the new connection. */
int cti_make_call(struct cti_client *client, const char *device, const char *destination,
                  cti_replied *callback, void *arg);
/** Answer a ringing call (ECMA-269 17.1.3). */
int cti_answer_call(struct cti_client *client, const struct cti_connection *call,
                    cti_replied *callback, void *arg);
/** Hang up one party's connection (ECMA-269 17.1.8). */
int cti_clear_connection(struct cti_client *client, const struct cti_connection *call,
                         cti_replied *callback, void *arg);
/** End the whole call (ECMA-269 17.1.7). */
int cti_clear_call(struct cti_client *client, const struct cti_connection *call,
                   cti_replied *callback, void *arg);
/** ECMA-269 17.1.15. */
int cti_hold_call(struct cti_client *client, const struct cti_connection *call,
                  cti_replied *callback, void *arg);
/** Take a held call back (ECMA-269 17.1.23). */
int cti_retrieve_call(struct cti_client *client, const struct cti_connection *call,
                      cti_replied *callback, void *arg);
/** Swap the held and the active call (ECMA-269 17.1.2). */
int cti_alternate_call(struct cti_client *client, const struct cti_connection *held,
                       const struct cti_connection *active, cti_replied *callback, void *arg);
/** Hang up the active call and take the held one back (ECMA-269 17.1.22). */
int cti_reconnect_call(struct cti_client *client, const struct cti_connection *held,
                       const struct cti_connection *active, cti_replied *callback, void *arg);
/** Hold the call and call @p destination (ECMA-269 17.1.10). */
int cti_consultation_call(struct cti_client *client, const struct cti_connection *call,
                          const char *destination, cti_replied *callback, void *arg);
/** Join the other parties of both calls and leave (ECMA-269 17.1.27). */
int cti_transfer_call(struct cti_client *client, const struct cti_connection *held,
                      const struct cti_connection *active, cti_replied *callback, void *arg);
/** Make one call of both (ECMA-269 17.1.9). */
int cti_conference_call(struct cti_client *client, const struct cti_connection *held,
                        const struct cti_connection *active, cti_replied *callback, void *arg);
/** Transfer without consultation (ECMA-269 17.1.26). */
int cti_single_step_transfer(struct cti_client *client, const struct cti_connection *call,
                             const char *destination, cti_replied *callback, void *arg);
/** Send a ringing call elsewhere (ECMA-269 17.1.11). */
int cti_deflect_call(struct cti_client *client, const struct cti_connection *call,
                     const char *destination, cti_replied *callback, void *arg);
/** @p device answers a call that rings elsewhere (ECMA-269 17.1.13). */
int cti_pickup_call(struct cti_client *client, const struct cti_connection *call,
                    const char *device, cti_replied *callback, void *arg);

/**
 * Log an agent on or off, make it ready or not (ECMA-269 22.1.15). @p agent_id, @p password,
 * @p group and @p reason may be NULL where the switch does not want them.
 */
int cti_set_agent_state(struct cti_client *client, const char *device,
                        enum cti_requested_agent_state state, const char *agent_id,
                        const char *password, const char *group, const char *reason,
                        cti_replied *callback, void *arg);
/** The reply lists the agents at @p device (ECMA-269 22.1.5). */
int cti_get_agent_state(struct cti_client *client, const char *device, cti_replied *callback,
                        void *arg);
/** The reply lists the calls at @p device (ECMA-269 16.1.3). */
int cti_snapshot_device(struct cti_client *client, const char *device, cti_replied *callback,
                        void *arg);

/**
 * Attach data to an interaction: keys that are there already are replaced, a value "" takes its
 * key away. Follows the customer through transfers. At most 16 KiB: CTI_E_LIMIT.
 */
int cti_attach_data(struct cti_client *client, const char *interaction,
                    const struct cti_pair *pairs, size_t count, cti_replied *callback, void *arg);

/**
 * The event as the CloudEvent that MQTT and ZeroMQ subscribers get, NUL-terminated; free() it.
 * NULL: no memory.
 */
char *cti_event_json(const struct cti_event *event);
/** "7001", "+86…", or "withheld", "unknown", "": a device for people. Never NULL. */
const char *cti_device_label(const struct cti_device *device);

#ifdef __cplusplus
}
#endif
#endif
