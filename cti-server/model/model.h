/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file model.h
 * One model of every call, device, agent and queue of a switch, in ECMA-269's terms. Reports of
 * the switch go in, each fact comes out once on the bus, and the state of every subject that it
 * touched is set.
 *
 *     report -> canonical numbers -> told already? merge : apply -> publish -> states
 *
 * The switch is right: what the state tables do not know is applied, counted, flagged
 * CTI_EVENT_ANOMALY and handed to the owner to be read again. So is what memory did not suffice
 * for.
 *
 * **States**, as the bus keeps them (times RFC 3339 in UTC, devices and connections as in
 * events; members that have nothing to say are left out):
 *
 *     device/2003  {"device":"2003","current":true,"monitored":true,"reason":"why not monitored",
 *                   "inService":true,"agent":"7001",
 *                   "calls":[{"callID":"17","state":"alerting","since":"...","interaction":"01J...",
 *                             "parent":"01J...","callingDevice":{...},"calledDevice":{...},
 *                             "lastRedirectionDevice":{...},"originalCallingDevice":{...},
 *                             "partners":[{"callID":"17","deviceID":"2001","state":"connected"}],
 *                             "attached":{"customer":"4711"}}]}
 *     agent/7001   {"agent":"7001","current":true,"state":"ready","pendingState":"notReady",
 *                   "device":"2003","groups":["3000"],"reason":"lunch","since":"..."}
 *     queue/3000 {"queue":"3000","current":true,"monitored":true,"waiting":2,"longestSince":"...",
 *                   "agents":{"loggedOn":3,"notReady":1,"ready":1,"busy":1,"workingAfterCall":0}}
 *     status       {"link":"up","current":true,"progress":12,"total":12,
 *                   "server":"cti-1","text":"why it is down"}
 *
 * Loop thread only.
 */
#ifndef SERVER_MODEL_H
#define SERVER_MODEL_H

#include "cti-server/bus.h"
#include "cti-server/model/interaction.h"
#include "cti-server/model/model_facts.h"
#include "cti-server/pbx.h"
#include "sdk/wire.h"

/** Limits; each has a counter in struct model_stats. */
#define MODEL_DEVICES_MAX  200000 /* devices of one switch; others are treated as outside */
#define MODEL_AGENTS_MAX   100000 /* agents; of others events are published without a state */
#define MODEL_AGENT_GROUPS 32     /* groups of an agent; of others the log on is not shown */
#define MODEL_PARTIES_MAX  256    /* connections of a call, gone ones too */
#define MODEL_ID_MAX       256    /* octets of a call id, device id or agent id */
#define MODEL_SUBJECTS_MAX 64     /* subjects of one event, as bus.c takes them */
/** A call that ended is remembered so long, for late reports and requests with its old id. */
#define MODEL_LINGER_US (10 * 1000000u)
/** Reports of one fact come from several monitors within this time. */
#define MODEL_MERGE_US (60 * 1000000u)
/** A call that went where nobody is monitored is looked for after this. */
#define MODEL_LIMBO_US (5 * 1000000u)

struct clock;

/** Counters since the model was made. */
struct model_stats {
	uint64_t reports; /**< taken from the adapter */
	uint64_t merged;  /**< told already by another monitor */
	uint64_t late;    /**< about what is over, nothing new */
	uint64_t published;
	uint64_t anomalies;  /**< transitions that no table has */
	uint64_t derived;    /**< CallCleared that the switch did not tell */
	uint64_t resynced;   /**< found by reading again */
	uint64_t malformed;  /**< call events without a call, ids beyond MODEL_ID_MAX */
	uint64_t over_limit; /**< beyond one of the limits above, or max_calls */
	uint64_t out_of_memory;
	uint64_t calls_begun, calls_ended;
};

/* Where a device stands with its monitor (monitors.h). */
enum monitor_state {
	MONITOR_NONE,    /* nobody wants it */
	MONITOR_WANTED,  /* will be started */
	MONITOR_STARTED, /* MonitorStart is under way */
	MONITOR_ACTIVE,
	MONITOR_REFUSED, /* the device says why */
};

LIST_HEAD(conns, conn);

struct device {
	struct name *name;     /* its number */
	struct name *received; /* as the switch writes it, for requests; NULL: the same */
	struct conns conns;    /* not null */
	struct agent *agent;   /* who logged on here last */
	bool queue;            /* calls were distributed from it */
	unsigned agents[CTI_AGENT_STATES_COUNT]; /* that work for it, by state */
	bool out_of_service;
	bool current; /* read since the link came up */
	bool dirty;   /* state to be set */
	TAILQ_ENTRY(device) all;
	STAILQ_ENTRY(device) by_dirty;

	/* monitors.c */
	enum monitor_state monitoring;
	bool listed, demanded; /* by the policy, by a client */
	struct name *written;  /* as the configuration or the client writes it */
	struct name *monitor;  /* cross reference while active */
	uint64_t monitor_since;
	struct name *why; /* refused: the reason */
	uint64_t retry_at;
	TAILQ_ENTRY(device) by_retry;
	bool retrying;

	/* resync.c */
	TAILQ_ENTRY(device) by_job;
	bool queued;            /* stands in the queue of jobs */
	bool reading;           /* one of its requests is under way */
	bool waiting;           /* read but for calls that are being asked for ... */
	unsigned unknown_calls; /* ... so many */
	unsigned step;          /* what is asked next */
	unsigned tries;

	const char *queue_subject; /* "queue/3000", behind the other one */
	char subject[];            /* "device/3000" */
};

struct conn {
	LIST_ENTRY(conn) by_call, by_device; /* by_device while not null */
	struct call *call;
	struct name *id;       /* canonical device id */
	struct name *received; /* as the switch writes it; NULL: the same */
	struct device *device; /* NULL: outside */
	enum cti_connection_state state;
	int64_t since;   /* UTC */
	uint32_t joined; /* facts of the call when it began */
	uint32_t told;   /* facts of the call when it last changed */
	bool dynamic;
	bool implied; /* nobody reported it, it follows from the calling device */
	bool seen;    /* in the snapshot that is being compared */
};

struct call {
	struct model *model;
	struct name *id;
	uint64_t incarnation;
	struct conns conns; /* null ones too, until the call is forgotten */
	unsigned conn_count;
	struct party calling, called, redirected;
	struct device *queue; /* that it came through */
	struct interaction *interaction;
	LIST_ENTRY(call) by_interaction;
	struct name *became; /* over: id of the call that it went on in */
	bool over;
	bool open; /* reported without monitors: all of it is visible */
	struct facts facts;
	uint64_t checked; /* begun, or last read again */
	uint64_t over_at;
	TAILQ_ENTRY(call) by_age; /* in live (by checked) or over (by over_at) */

	/* resync.c */
	bool heal_queued, reading;
	bool suspect; /* to be read although it is visible */
	uint64_t heal_at;
	unsigned heal_tries;
	TAILQ_ENTRY(call) by_heal;
};
TAILQ_HEAD(calls, call);

struct agent {
	struct name *id;
	struct device *device; /* where it logged on last */
	struct device *groups[MODEL_AGENT_GROUPS];
	unsigned group_count;
	enum cti_agent_state state, pending;
	struct name *reason;
	int64_t since;
	struct facts facts;
	bool current, dirty;
	TAILQ_ENTRY(agent) all;
	STAILQ_ENTRY(agent) by_dirty;
	char subject[]; /* "agent/7001" */
};

/** What the model asks of who owns it; any may be NULL. */
struct model_owner {
	void *arg;
	/** Read this call again in @p delay_us. */
	void (*heal)(void *arg, struct call *, uint64_t delay_us);
	/** Read this device again. */
	void (*heal_device)(void *arg, struct device *);
	/** This call will be freed: forget it. */
	void (*forget)(void *arg, struct call *);
	/** Id of the client's request that caused this event, or NULL. */
	const char *(*cause)(void *arg, const struct cti_event *);
	/** States have changed: call model_flush() once this batch of reports is through. */
	void (*flush)(void *arg);
};

struct model {
	const char *name; /* of the switch, for the log */
	struct bus_stream *stream;
	struct clock *clock;
	const struct pbx_dialplan *dialplan;
	struct model_owner owner;
	struct interactions *interactions;
	uint64_t random;
	size_t max_calls;
	bool all_seen; /* the switch has no monitors: it reports everything */
	struct names names;
	struct pool calls, conns;
	struct calls live, over;
	TAILQ_HEAD(devices, device) devices;
	TAILQ_HEAD(agents, agent) agents;
	size_t device_count, agent_count;
	uint64_t incarnations;
	struct model_stats stats;
	/* one event's work */
	STAILQ_HEAD(dirty_devices, device) dirty_devices;
	STAILQ_HEAD(dirty_agents, agent) dirty_agents;
	const char *subjects[MODEL_SUBJECTS_MAX];
	size_t subject_count;
	struct cti_text text;
	char *scratch; /* canonical numbers of the event */
	size_t scratch_used, scratch_size;
	const char *received; /* the event's connection as written; NULL: the same */
	const struct cti_connection_item *items_received; /* its list likewise */
	uint64_t warned_at;
};

/** What is borrowed must outlive the model. @p seed: of interaction ids; the same run, the same
 * ids. */
int model_create(struct model **out, const char *name, struct bus_stream *, struct clock *,
                 const struct pbx_dialplan *, struct interactions *, const struct model_owner *,
                 uint64_t seed, size_t max_calls);
void model_destroy(struct model **);

/** A report of the adapter, numbers as the switch writes them. */
void model_event(struct model *, const struct cti_event *);
/** Set the states that changed. Everything public here sees to that itself. */
void model_flush(struct model *);

/* ---- devices and agents (model.c, model_agent.c) ----------------------------------------------
 */

/** The device of a canonical number; made if it is new. NULL: no memory, or over the limit. */
struct device *model_device(struct model *, const char *number);
struct device *model_device_find(const struct model *, const char *number);
/** Is its connection one whose changes we are told? */
bool model_device_visible(const struct device *);
void model_device_dirty(struct model *, struct device *);
void model_agent_dirty(struct model *, struct agent *);
/** Link lost: nothing is current any more. */
void model_stale(struct model *);
/** The device has been read. */
void model_device_current(struct model *, struct device *);
void model_agent_event(struct model *, struct cti_event *);
/** The state that a switch granted, for later (ECMA-269 22.1.15). */
void model_agent_pending(struct model *, const char *device, const char *agent_id,
                         enum cti_agent_state);
/** Compare with GetAgentState of a device; differences are published as resync. */
void model_agents_snapshot(struct model *, struct device *, const struct cti_agent_item *,
                           size_t count);

/* ---- calls ------------------------------------------------------------------------------------
 */

struct call *model_call_find(const struct model *, const char *id);
/** Follow the id of a call that went on in another; @p id itself if it did not. */
const char *model_call_follow(const struct model *, const char *id);
/** The connection as the switch writes it, for a request. Unchanged if not known. */
void model_connection_received(const struct model *, struct cti_connection *);
/**
 * Compare with SnapshotDevice. Differences are published as resync events. A call that the
 * model does not know is handed to @p unknown, or, where that is NULL, taken as far as it shows.
 */
void model_device_snapshot(struct model *, struct device *, const struct cti_snapshot_item *,
                           size_t count,
                           void (*unknown)(void *arg, const struct cti_snapshot_item *), void *arg);
/** Compare with SnapshotCall. */
void model_call_snapshot(struct model *, const char *call_id, const struct cti_reply *);
/** The switch does not know the call any more: its end is published as resync. */
void model_call_gone(struct model *, struct call *);
/** Does anybody tell us how this call goes on? */
bool model_call_visible(const struct call *);
/** The dial plan changed: numbers of live connections are read anew. */
void model_renumber(struct model *);
/** Attach data to an interaction, see pbx_attach(). */
int model_attach(struct model *, const char *interaction, const struct cti_pair *, size_t count,
                 struct cti_error *);
/** Are all counts and links consistent; a sentence in @p error if not. For tests. */
bool model_check(const struct model *, struct cti_error *);

/* ---- between the files of the model -----------------------------------------------------------
 */

/** model_numbers.c: every number of the event in canonical form; false: no memory, or too long. */
bool model_numbers(struct model *, struct cti_event *);
bool model_numbers_reply(struct model *, struct cti_reply *);
bool model_number_device(struct model *, struct cti_device *);
bool model_number_connection(struct model *, struct cti_connection *, const char **received);
void model_numbers_begin(struct model *);

/* model_calls.c: calls and connections */
struct call *model_call_start(struct model *, const struct cti_event *);
void model_call_over(struct call *);
void model_call_forget(struct call *);
/** True if something new was learned. */
bool model_call_parties(struct call *, const struct cti_event *, bool overwrite);
struct conn *model_conn_find(const struct call *, const struct name *id);
struct conn *model_conn_get(struct call *, const struct cti_connection *, const char *received);
void model_conn_set(struct conn *, enum cti_connection_state);
void model_conn_rename(struct conn *, struct name *id, struct device *);

/* model_interaction.c: which interaction a call belongs to */
void model_interaction_begin(struct call *, const struct cti_event *);
void model_interaction_move(struct call *, struct interaction *);
/** The older of both survives; the other's end is published. */
struct interaction *model_interaction_merge(struct model *, struct interaction *,
                                            struct interaction *, unsigned flags);
/** Free it and publish its end if it has no calls left. */
void model_interaction_release(struct model *, struct interaction *, unsigned flags);

/* model_publish.c: from an event with canonical numbers to the bus */
void model_subjects_begin(struct model *);
void model_subject_add(struct model *, const char *subject);
void model_subject_device(struct model *, struct device *);
/** All devices of the call, whose states will be set too. */
void model_subject_call(struct model *, struct call *, bool gone_too);
/** Publish with the subjects collected since model_subjects_begin(). */
void model_publish(struct model *, struct cti_event *, struct call *);
/** Memory did not suffice: say so, count it, have the call (may be NULL) read again. */
void model_lost(struct model *, struct call *, const char *what);
/** A limit was met: say so now and then, count it. */
void model_over_limit(struct model *, const char *what);

/* model_merge.c: Transferred and Conferenced */
void model_merge_event(struct model *, struct cti_event *);
/* model_calls.c / model_event.c */
void model_call_event(struct model *, struct cti_event *);
/** Apply without asking whether it was told already; connection as written in model->received. */
void model_call_apply(struct model *, struct call *, struct cti_event *,
                      const struct facts_source *);
void model_call_end(struct call *, struct cti_event *cleared, unsigned flags);
/** After somebody left: has the call ended, or does it go on out of sight? */
void model_call_check(struct call *, const struct cti_event *);
struct facts_source model_source(struct model *, const struct call *, struct name *monitor);
struct fact model_fact(const struct cti_event *, struct name *subject);
void model_over_purge(struct model *);

#endif
