/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the switch, shared by its files only.
 *
 *   switch.c   what there is: devices, clients, beginning and end of each change
 *   call.c     calls and connections: create, move, clear
 *   route.c    where a call goes: extensions, forwarding, outside
 *   monitor.c  monitors and the reports to them; snapshots
 *   service.c  the services: preconditions, refusals, effects   merge.c  transfer, conference
 *   feature.c  services beyond the plain structs, as JSON   json.c  their members
 *   dial.c     dialling in stages, on behalf of a group, connections without a call's other end
 *   join.c     into a call of others: single step conference, join, intrude
 *   complete.c camp-on, call back: what waits until a device is free
 *   park.c     parked calls, and those that come back      data.c  services of clause 18
 *   hunt.c     hunt groups         predict.c  predictive calls
 *   place.c    park slots, route points, voice units: where calls are without people
 *   acd.c      queues and agents                                phone.c  hands
 */
#ifndef SIMULATOR_INSIDE_H
#define SIMULATOR_INSIDE_H

#include "pbx-adapters/host/map.h"
#include "pbx-adapters/host/random.h"
#include "pbx-adapters/simulator/switch.h"

#include <sys/queue.h>

#define CALL_ID_SIZE   9 /* ECMA-285: 8 octets */
#define XREF_SIZE      5 /* ECMA-285: 4 octets */
#define LINKAGE_SIZE   8
#define CALL_HOPS_MAX  16
#define CONFERENCE_MAX 16
#define DEVICE_CALLS   8 /* connections of one extension at once */
#define DEFERRED_MAX   4096
#define OUTSIDE_MAX    200000 /* outside parties remembered */

enum kind { EXTENSION, TRUNK, QUEUE, OUTSIDE, PARK, HUNT, ROUTE_POINT, VOICE };

TAILQ_HEAD(conns, conn);
TAILQ_HEAD(monitors, monitor);
TAILQ_HEAD(watches, watch);

struct device {
	struct map_node node; /* first; by id */
	char id[SWITCH_ID_SIZE];
	struct sim_switch *sw;
	enum kind kind;
	struct conns conns; /* as device; of an outside party: as phone */
	struct monitors monitors;
	bool out_of_service, refuse_monitor;

	/* EXTENSION */
	char forward_immediate[SWITCH_ID_SIZE], forward_busy[SWITCH_ID_SIZE],
	        forward_no_answer[SWITCH_ID_SIZE];
	bool do_not_disturb, call_waiting, must_lift;
	uint64_t offer_us;            /* calls are offered for so long before they ring; 0: not */
	struct agent *agent;          /* logged on here */
	struct agent *home;           /* belongs here */
	TAILQ_ENTRY(device) in_group; /* pickup group, or the free trunks */
	struct group *group;

	struct queue *queue;                /* QUEUE */
	char default_route[SWITCH_ID_SIZE]; /* ROUTE_POINT */
	struct hunt *hunt;                  /* HUNT */
	uint64_t idle_since;                /* an order: when its last call left it */
	bool freed;                         /* in sw->freed: somebody may wait for it */
	TAILQ_ENTRY(device) in_freed;
	uint64_t plays_us; /* VOICE: its message; 0: listens until it is left */

	/* OUTSIDE */
	enum switch_behaviour behaviour;
	enum switch_listener listener;
	uint64_t delay_us;
	bool withheld, kept; /* kept: told how to behave */
	TAILQ_ENTRY(device) all;
};
TAILQ_HEAD(devices, device);

struct group {                /* of pickup */
	struct map_node node; /* first; by id */
	char id[SWITCH_ID_SIZE];
	struct devices members;
};

/** A call at a device. An outside party's device is its trunk, its phone the party. */
struct conn {
	struct call *call;
	struct device *device, *phone;
	enum cti_connection_state state;
	bool hidden;       /* not in the call yet: no reports */
	uint64_t order;    /* of creation */
	bool silent;       /* listens only: does not keep a call alive */
	bool prompted;     /* initiated, and its phone asks to be lifted */
	bool distributing; /* alerting in the mode "entering distribution" */
	bool waiting;      /* in queue->waiting */
	bool offered;      /* alerting in the mode "offered" */
	bool tone;         /* sends one */
	bool camped;       /* queued at a busy device, or at the own one: rings when it is free */
	bool multiple;     /* one of several that ring for a hunt group */
	uint32_t tried;    /* members of the hunt group that were asked, a bit each */
	struct hunt *hunt; /* that brought it here */
	bool joins;        /* prompted to join a call of others */
	const char *why;   /* the cause it failed, is offered or is to join for */
	struct device *recall;     /* who gets it back, when nobody comes for it */
	struct callback *callback; /* that this call is made for */
	struct queue *acd;         /* brought to an agent by this queue */
	struct cti_timer *timer;
	void (*expired)(struct conn *); /* what the timer means; NULL: nobody answers */
	TAILQ_ENTRY(conn) in_call, in_device, in_phone, in_queue;
};

/** A device as an event names it. */
struct name {
	enum cti_device_status status;
	char text[SWITCH_ID_SIZE];
};

struct call {
	struct map_node node; /* first; by id */
	char id[CALL_ID_SIZE];
	struct sim_switch *sw;
	struct conns conns;
	struct watches watches;
	struct name calling, called, last, network_calling, network_called;
	struct device *calling_nid, *called_nid; /* trunks of the two, while they are in the call */
	struct device *caller;        /* whose dialling made the call; NULL once it left */
	char dialled[SWITCH_ID_SIZE]; /* while prompted: what will be dialled */
	const char *dial_cause;       /* NULL: newCall */
	uint8_t correlator[SWITCH_CORRELATOR_MAX];
	size_t correlator_length;
	bool has_correlator;
	char account[SWITCH_WORD_SIZE]; /* code; "" none */
	uint8_t *user_data;             /* until established */
	size_t user_data_length;
	struct predict *predict; /* while it looks for whom to put through */
	uint8_t global[LINKAGE_SIZE], thread[LINKAGE_SIZE];
	unsigned hops;
	TAILQ_ENTRY(call) all;
};
TAILQ_HEAD(calls, call);

struct monitor {
	struct map_node node; /* first; by xref, within its client */
	char xref[XREF_SIZE];
	struct sim_client *client;
	struct device
	        *device;   /* monitored, or NULL: call object; device-type of a call: its device */
	struct call *call; /* monitored call, or NULL: device object */
	bool call_type;
	uint64_t filter;
	struct watches watches; /* calls it follows */
	TAILQ_ENTRY(monitor) in_device, in_client;
};

/** One call followed by one monitor. */
struct watch {
	struct monitor *monitor;
	struct call *call;
	TAILQ_ENTRY(watch) in_call, in_monitor;
};

struct sim_client {
	struct sim_switch *sw;
	struct switch_sink sink;
	void *arg;
	struct map xrefs;
	struct monitors monitors;
	size_t monitor_count;
	uint32_t last_xref;
	bool dead; /* destroyed within a change: freed at its end */
	TAILQ_ENTRY(sim_client) all;
};
TAILQ_HEAD(clients, sim_client);

/** A request that came within a change. */
struct deferred {
	struct sim_client *client;
	struct cti_request *request;
	switch_reply *reply;
	void *arg;
	TAILQ_ENTRY(deferred) next;
};

TAILQ_HEAD(members, member);
struct queue {
	struct device *device;
	struct conns waiting; /* longest first */
	size_t waiting_count;
	struct members idle;    /* agents that can take a call, longest idle first */
	struct members members; /* everybody who serves it */
	bool dirty;
	TAILQ_ENTRY(queue) in_dirty;
};

struct member { /* an agent in a queue */
	struct agent *agent;
	struct queue *queue;
	bool is_idle;
	TAILQ_ENTRY(member) in_idle, in_queue;
};

struct agent {
	struct map_node node; /* first; by id */
	char id[SWITCH_WORD_SIZE];
	char password[SWITCH_WORD_SIZE], reason[SWITCH_WORD_SIZE];
	struct sim_switch *sw;
	struct device *device; /* NULL: not logged on */
	struct queue *group;   /* of its events */
	struct member memberships[SWITCH_AGENT_QUEUES];
	size_t queues;
	enum cti_agent_state state, pending; /* pending -1: none */
	bool missed, dirty;
	struct cti_timer *wrap_up;
	uint64_t wrap_up_us;
	TAILQ_ENTRY(agent) all, in_dirty;
};
TAILQ_HEAD(agents, agent);

struct hunt {
	struct device *device;
	enum switch_hunt_order order;
	bool hidden;
	struct device *members[SWITCH_HUNT_MEMBERS];
	size_t count, next; /* circular: who is asked first */
	char overflow[SWITCH_ID_SIZE];
};

/** Asked for by A: call B when both are free; or a message that A wants to be called by B. */
struct callback {
	struct device *from, *to;
	bool message;
	bool running; /* A is being called */
	TAILQ_ENTRY(callback) all;
};
TAILQ_HEAD(callbacks, callback);

struct sim_switch {
	struct switch_config config;
	char prefix[SWITCH_ID_SIZE];
	struct map devices, calls, agents, groups;
	struct calls all_calls;
	struct devices all_devices, free_trunks;
	struct agents all_agents;
	struct clients clients;
	size_t outside_count, trunk_count, longest, call_count;
	uint32_t last_call;
	uint64_t random, facts;
	uint64_t orders;
	unsigned drop;      /* facts until the one to be lost */
	uint64_t drop_type; /* bits: the next of this type is lost */
	unsigned depth;
	bool sweep;
	TAILQ_HEAD(deferreds, deferred) deferred;
	size_t deferred_count;
	struct agents dirty_agents;
	struct callbacks callbacks;
	TAILQ_HEAD(predicts, predict) predicted;
	struct devices freed;
	size_t awaited; /* camped calls and call backs */
	TAILQ_HEAD(queues, queue) dirty_queues;
};

/** What a number leads to. */
struct target {
	struct device *device;       /* NULL: outside */
	char number[SWITCH_ID_SIZE]; /* without the outside prefix */
};

/** The object of a text key in one of the tables, or NULL; NULL too for a NULL key. */
static inline void *table_find(const struct map *table, const char *key)
{
	return map_find_text(table, key); /* the node is the first member */
}

/* switch.c */
void switch_enter(struct sim_switch *);
void switch_leave(struct sim_switch *);
struct device *device_find(struct sim_switch *, const char *id); /* OUTSIDE are found too */
int device_add(struct sim_switch *, const char *id, enum kind, struct device **out,
               struct cti_error *);
/** It has a number that can be dialled: no trunk, nobody outside. */
bool device_dialled(const struct device *);
/** The outside party of that number, made if it is new; NULL: no memory, too many, too long. */
struct device *device_outside(struct sim_switch *, const char *number);
/** Forget an outside party that is in no call and does nothing special. */
void device_forget(struct device *);

/* call.c */
struct call *call_create(struct sim_switch *);
void call_destroy(struct call *);
/** The last connection is gone: tell the call monitors (unless @p silent) and free. */
void call_end(struct call *, const char *cause, bool silent);
struct conn *conn_create(struct call *, struct device *device, struct device *phone,
                         enum cti_connection_state);
void conn_move(struct conn *, struct call *to);
void conn_remove(struct conn *);
/** Connection of a device in a call; NULL if none. */
struct conn *conn_at(const struct call *, const struct device *);
/** Something is due after that time; @p expired NULL: a ring or a prompt ends. */
void conn_wait(struct conn *, uint64_t us, void (*expired)(struct conn *));
struct conn *conn_in_state(const struct device *phone, enum cti_connection_state);
struct cti_connection conn_ref(const struct conn *);
struct cti_device conn_party(const struct conn *);
void conn_name(const struct conn *, struct name *out);
/** ConnectionCleared, then whoever is left alone. The connection (and maybe its call) is gone. */
void conn_release(struct conn *, const char *cause);
/** ConnectionCleared of this one alone. */
void conn_drop(struct conn *, const char *cause);
/** Established. */
void conn_connect(struct conn *, const char *cause);
/** Everybody out: ClearCall. */
void call_clear(struct call *, const char *cause);
/** Somebody but @p except is off-hook in it. */
bool call_talks(const struct call *, const struct conn *except);
void conn_set(struct conn *, enum cti_connection_state, enum cti_event_type, const char *cause);
void conn_held(struct conn *, const char *cause);
void conn_retrieved(struct conn *, const char *cause);
struct cti_device name_device(const struct name *);
void name_set(struct name *, const char *text);
/** A call's event: envelope, subject, linkage; @p parties: calling, called and so on. */
void call_event(const struct call *, const struct conn *subject, enum cti_event_type,
                const char *cause, struct cti_event *out);

/* dial.c */
/** Empty, or with a semicolon at its end: more digits will come (17.1.18 FR7). */
bool dial_is_staged(const char *digits);
bool dial_is_number(const char *digits);
/** The phone of a connection (initiated) is off-hook: what is to be dialled is dialled. */
void dial_begin(struct conn *);
/** More digits; the last ones complete it. They fit: dial_fits(). */
void dial_more(struct conn *, const char *digits);
bool dial_fits(const struct conn *, const char *digits);

/* complete.c */
/** The busy extension that a call met; NULL: it met none. */
struct conn *complete_busy_end(const struct conn *caller);
bool complete_unsettled(const struct sim_switch *);
/** One device that became free: who waits for it is served. */
void complete_settle(struct sim_switch *);
void complete_freed(struct device *);
/** The call that was made for it is under way, or is over. */
void callback_done(struct callback *);
void complete_destroy(struct sim_switch *);

/* hunt.c */
void hunt_enter(struct hunt *, struct call *, const char *cause);
/** Who else rings for the group stops. */
void hunt_answered(struct conn *);

/* predict.c */
/** The call has a struct predict. */
void predict_event(struct conn *, enum cti_event_type);
/** The first of sw->predicted. */
void predict_settle(struct sim_switch *);
void predict_destroy(struct call *);

/* park.c */
void park_held(struct conn *);
/** After a transfer: who does not answer, or cannot, sends the call back to @p from. */
void park_recall_transfer(struct conn *to, struct device *from);

/* place.c */
void place_enter(struct device *, struct call *, const char *cause);

/* route.c */
enum cti_code route_resolve(struct sim_switch *, const char *digits, struct target *out);
/** Bring the call to a target: the next events are its Delivered, Queued or Failed. */
void route_to(struct call *, const struct target *, const char *cause);
/** Diverted away from @p conn, which is gone, then to the target. */
void route_divert(struct conn *, const struct target *, const char *cause);
/** The dialling of a connection (state initiated or fresh) is complete: Originated, then on. */
void route_originate(struct conn *, const struct target *, const char *cause);
/** Delivered, and somebody must answer in time. */
void route_ring(struct conn *, const char *cause);
/** A device rings (or is offered the call) without more ado. */
void route_ring_at(struct call *, struct device *, const char *cause);
/** Diverted: the connection is gone. */
void route_away(struct conn *, const char *number, const char *cause);
/** What an offer's end is. */
void route_accept(struct conn *);
/** Nobody answers, and nobody else is asked. */
void route_give_up(struct conn *);
void route_timer(void *conn);
bool route_busy(const struct device *);
/** The call cannot go on: its caller, or who is left of it, hears the tone. */
void route_fail_caller(struct call *, const char *cause);
/** Failed with a connection of that device. */
void route_fail_at(struct call *, struct device *, const char *cause);
/** Nothing can be allocated any more: Failed at the caller. */
void route_no_memory(struct call *);

/* monitor.c */
void monitor_report(struct call *, struct cti_event *, const struct device *only);
void monitor_report_device(struct device *, struct cti_event *);
/** Call-type monitors of a device begin to follow a call. 0 or CTI_E_NOMEM. */
int monitor_follow(struct device *, struct call *);
/** What followed @p from follows @p to. Never fails: the watches move. */
void monitor_moved(struct call *from, struct call *to);
void monitor_call_gone(struct call *);
void monitor_destroy(struct monitor *);

/* service.c */
enum fault; /* below */
struct ask {
	struct sim_switch *sw;
	struct sim_client *client; /* NULL: a hand at a phone */
	const struct cti_request *request;
	struct cti_reply reply;
	switch_reply *answer;
	void *arg;
	bool acked;
	void *scratch; /* freed after the answer */
};
/** The positive answer: every check is done, nothing has changed yet. */
void ask_ack(struct ask *);
void ask_run(struct sim_switch *, struct sim_client *, const struct cti_request *, switch_reply *,
             void *arg);

#define FAULTS(X)                                                                                  \
	X(invalidDeviceID, OPERATION, "there is no such device")                                   \
	X(invalidCallingDeviceID, OPERATION, "there is no such calling device")                    \
	X(invalidCalledDeviceID, OPERATION, "the called number leads nowhere")                     \
	X(invalidDestination, OPERATION, "the destination leads nowhere")                          \
	X(invalidCallID, OPERATION, "there is no such call")                                       \
	X(invalidConnectionID, OPERATION, "the device is not in that call")                        \
	X(invalidHeldConnectionID, OPERATION, "there is no such held connection")                  \
	X(invalidActiveConnectionID, OPERATION, "there is no such active connection")              \
	X(invalidObjectType, OPERATION, "that is an object of the wrong kind")                     \
	X(notSameDevice, OPERATION, "the two connections are not at the same device")              \
	X(notDifferentDevices, OPERATION, "the two connections must differ")                       \
	X(requestIncompatibleWithDevice, OPERATION, "that device cannot do this")                  \
	X(requestIncompatibleWithConnection, OPERATION, "that connection cannot do this")          \
	X(serviceNotSupported, OPERATION, "this switch does not have the service")                 \
	X(valueOutOfRange, OPERATION, "a value is outside its range")                              \
	X(correlatorDataOutOfRange, OPERATION, "correlator data is limited to 32 octets")          \
	X(atLeastOneConditionalParameterNotProvided, OPERATION, "a parameter is missing")          \
	X(featureAlreadySet, OPERATION, "it is so already")                                        \
	X(invalidMonitorCrossRefID, OPERATION, "there is no such monitor")                         \
	X(invalidAgentIdentifier, OPERATION, "there is no such agent")                             \
	X(invalidAgentPassword, OPERATION, "the agent's password is wrong")                        \
	X(invalidAgentGroup, OPERATION, "there is no such group for this agent")                   \
	X(invalidAgentState, OPERATION, "no agent is logged on there")                             \
	X(noCallToAnswer, STATE_INCOMPATIBILITY, "nothing rings there")                            \
	X(noActiveCall, STATE_INCOMPATIBILITY, "there is no active call")                          \
	X(noHeldCall, STATE_INCOMPATIBILITY, "there is no call on hold")                           \
	X(noCallToComplete, STATE_INCOMPATIBILITY, "there is no call to complete")                 \
	X(noConnectionToClear, STATE_INCOMPATIBILITY, "there is nothing to clear")                 \
	X(connectedCallExists, STATE_INCOMPATIBILITY, "another call is connected at the device")   \
	X(invalidConnectionState, STATE_INCOMPATIBILITY,                                           \
	  "the connection is not in the state for this")                                           \
	X(invalidHeldConnectionState, STATE_INCOMPATIBILITY,                                       \
	  "the held connection is not in the state for this")                                      \
	X(invalidActiveConnectionState, STATE_INCOMPATIBILITY,                                     \
	  "the active connection is not in the state for this")                                    \
	X(invalidCallingDeviceState, STATE_INCOMPATIBILITY, "the calling device is busy")          \
	X(invalidDeviceState, STATE_INCOMPATIBILITY, "the device is not in the state for this")    \
	X(deviceOutOfService, SYSTEM_RESOURCE, "the device is out of service")                     \
	X(resourceBusy, SYSTEM_RESOURCE, "it is taken")                                            \
	X(networkBusy, SYSTEM_RESOURCE, "no trunk is free")                                        \
	X(resourceLimitExceeded, SYSTEM_RESOURCE, "the switch has no room for it")                 \
	X(overallMonitorLimitExceeded, SYSTEM_RESOURCE, "the switch has no room for monitors")     \
	X(conferenceMemberLimitExceeded, SYSTEM_RESOURCE, "the conference is full")                \
	X(objectMonitorLimitExceeded, SUBSCRIBED_RESOURCE,                                         \
	  "the switch has no monitor licence left")                                                \
	X(outstandingReqLimitExceeded, SUBSCRIBED_RESOURCE, "too many requests are waiting")

enum fault {
	OK,
#define X(name, category, text) name,
	FAULTS(X)
#undef X
};
/** The connection a request names; device-only form: the one at the device in @p state. */
enum fault ask_conn(struct ask *, const struct cti_connection *, enum cti_connection_state,
                    struct conn **out);
/** The same; device-only form: the first in one of these states, CTI_CONNECTION_NULL ends them. */
enum fault ask_conn_of(struct ask *, const struct cti_connection *,
                       const enum cti_connection_state *states, struct conn **out);
bool ask_attach(struct ask *, struct call *);
void refuse(struct cti_reply *, enum fault);
/** The two connections of Alternate, Reconnect, Transfer, Conference. */
enum fault ask_pair(struct ask *, struct conn **held, struct conn **active);
/** May the request's data be attached? Then ask_attach() does it; false: no memory. */
enum fault ask_attachable(const struct cti_request *);
/** The request's destination; @p from: the device that must not call itself. */
/** The connection that keeps a phone's user busy: talking, dialling, listening to a tone. */
struct conn *device_busy_with(const struct device *);
/** A fresh call with its caller, initiated; NULL: no room. */
struct conn *call_begin(struct device *);
enum fault ask_target(struct ask *, const struct device *from, enum fault nowhere,
                      struct target *out);

/* merge.c; its parts: merge.h */
enum fault service_transfer_call(struct ask *);
enum fault service_conference_call(struct ask *);
enum fault service_single_step_transfer_call(struct ask *);

/* join.c */
enum fault service_single_step_conference_call(struct ask *);
/** Who was prompted to join lifts. */
void join_lifted(struct conn *);

/* monitor.c, the services */
enum fault service_monitor_start(struct ask *);
enum fault service_monitor_stop(struct ask *);
enum fault service_change_monitor_filter(struct ask *);
enum fault service_snapshot_device(struct ask *);
enum fault service_snapshot_call(struct ask *);

/* feature.c */
enum fault service_other(struct ask *);

#include "pbx-adapters/simulator/acd.h"

#endif
