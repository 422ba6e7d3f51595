/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file switch.h
 * A PBX with ACD as a deterministic discrete-event machine, in the terms of ECMA-269: devices,
 * calls, connections, agents, monitors, services. It knows nothing of adapters or sockets: who
 * wants to talk to it is a client with a sink for its events.
 *
 * The same configuration, seed and order of calls on the same (virtual) clock give the same
 * events, octet by octet: nothing depends on addresses or on the order of a hash.
 *
 * Order within one change: the answer of the request first, then the call events in the order
 * of ECMA TR/82's ladders, then the agent events, then what the ACD does next.
 *
 * Loop thread only. Events and replies are borrowed for the call that hands them over. From
 * within a sink or a reply, switch_request() waits until the present change is over; the phones
 * (switch_phone_*) answer CTI_E_STATE.
 */
#ifndef SIMULATOR_SWITCH_H
#define SIMULATOR_SWITCH_H

#include "pbx-adapters/adapter.h"

struct sim_switch;
struct sim_client;

/** Longest device number, trunk name or outside number, with its NUL. */
#define SWITCH_ID_SIZE 40
/** Longest agent id, password, reason code, with its NUL (ECMA-285: AgentID 32 octets). */
#define SWITCH_WORD_SIZE 33
/** ECMA-285's bounds, octets. */
#define SWITCH_CORRELATOR_MAX 32
#define SWITCH_USER_DATA_MAX  256

/** 0 stands for the default everywhere but where it is said. */
struct switch_config {
	const struct cti_host *host; /**< time, timers, seed, log; outlives the switch */
	uint64_t seed;               /**< of everything random; 0: the host's */
	uint64_t no_answer_us;   /**< a ring forwards, or goes back to its queue; default 20 s */
	uint64_t ring_limit_us;  /**< a ring that goes nowhere is cleared; default 180 s */
	uint64_t prompt_us;      /**< a prompted phone is not lifted; default 30 s */
	uint64_t wrap_up_us;     /**< working after call; 0: none, ready at once */
	uint64_t park_recall_us; /**< a parked call goes back to who parked it; default 60 s */
	uint64_t hold_recall_us; /**< a held call rings at who holds it; 0: never */
	uint64_t transfer_recall_us; /**< a transferred call that nobody answers goes back; 0: never
	                              */
	bool intrude_alternates; /**< IntrudeCall holds the call there is instead of joining it */
	const char *outside_prefix; /**< dialled to get a line; NULL or "": none needed */
	uint64_t outside_answer_us; /**< an outside party answers by itself; 0: when told */
	bool diverted_to_own;  /**< Diverted is reported at the diverting device only (17.2.7) */
	bool no_auto_hold;     /**< a second answer is refused instead of holding the first */
	size_t max_calls;      /**< default 100,000 */
	size_t max_monitors;   /**< of one client; default 1,000,000 */
	size_t max_conference; /**< members; default 8, at most 16 */
};

int switch_create(struct sim_switch **out, const struct switch_config *, struct cti_error *);
/** Clients must be gone before. Ends every call without events. Sets NULL, takes NULL. */
void switch_destroy(struct sim_switch **);

/* ---- What there is ------------------------------------------------------------------------- */

/** How an extension behaves; NULL numbers mean "none". Strings are copied. */
struct switch_extension {
	const char *pickup_group; /**< NULL: as it was */
	const char *forward_immediate, *forward_busy, *forward_no_answer;
	bool do_not_disturb;
	bool call_waiting; /**< rings although it talks; else it is busy (model 2: Failed with
	                      connection) */
	uint64_t
	        offer_us; /**< a call is offered for so long before it rings; 0: it rings at once */
	bool must_lift; /**< MakeCall prompts and waits for a hand; else the phone goes off-hook */
};

/** Add an extension or change how it behaves. @p how NULL: plain. */
int switch_extension(struct sim_switch *, const char *number, const struct switch_extension *how,
                     struct cti_error *);
/** Put an extension into a pickup group (made when first named), out of its former one; NULL: none.
 */
int switch_pickup_group(struct sim_switch *, const char *number, const char *group,
                        struct cti_error *);
/** Add a trunk line: a network interface device that carries one outside party. */
int switch_trunk(struct sim_switch *, const char *name, struct cti_error *);
/** Add an ACD queue: callers wait in order, the agent who is idle longest gets the next. */
int switch_queue(struct sim_switch *, const char *number, struct cti_error *);

/** Add a park slot: one call waits there until it is picked up. */
int switch_park(struct sim_switch *, const char *number, struct cti_error *);
/** Add a route point: calls wait there to be routed, after no_answer_us to the default (or NULL).
 */
int switch_route_point(struct sim_switch *, const char *number, const char *default_route,
                       struct cti_error *);
/**
 * Add a voice unit: it answers at once, and leaves after its message of @p plays_us; 0: it listens
 * (a recorder) until it is left.
 */
int switch_voice_unit(struct sim_switch *, const char *number, uint64_t plays_us,
                      struct cti_error *);

#define SWITCH_HUNT_MEMBERS 32
enum switch_hunt_order {
	SWITCH_HUNT_SEQUENTIAL,   /**< from the first member, always */
	SWITCH_HUNT_CIRCULAR,     /**< from the one after the last that rang */
	SWITCH_HUNT_LONGEST_IDLE, /**< whose last call is over longest */
	SWITCH_HUNT_PARALLEL,     /**< all at once */
};
struct switch_hunt_group {
	enum switch_hunt_order order;
	bool hidden; /**< its device shows in no event but as the called device */
	const char *const *members;
	size_t count;
	const char *overflow; /**< where a call goes that nobody can take, or does; NULL: nowhere */
};
/** Add a hunt group of extensions; after no_answer_us a call goes to the next member. */
int switch_hunt_group(struct sim_switch *, const char *number, const struct switch_hunt_group *,
                      struct cti_error *);

#define SWITCH_AGENT_QUEUES 8
struct switch_agent {
	const char *id;
	const char *password; /**< NULL: none asked for */
	const char *device;   /**< where it logs on when no agent id is given; NULL: none */
	/** Queues served; the first is the group in its events. */
	const char *queues[SWITCH_AGENT_QUEUES];
	uint64_t wrap_up_us; /**< its working after call; 0: that of the switch */
};
int switch_agent(struct sim_switch *, const struct switch_agent *, struct cti_error *);

/* ---- Clients: computing functions ---------------------------------------------------------- */

/** What a client hears. */
struct switch_sink {
	/** One report: event->monitor names the monitor, local_state is its device's. */
	void (*event)(void *arg, const struct cti_event *);
	/** The switch stopped a monitor (its call is gone). */
	void (*monitor_stopped)(void *arg, const char *monitor, const char *why);
};

int switch_client_create(struct sim_client **out, struct sim_switch *, const struct switch_sink *,
                         void *arg, struct cti_error *);
/** Stops its monitors silently (the association is lost); open requests get no reply. */
void switch_client_destroy(struct sim_client **);

/** The answer to one request, exactly once. */
typedef void switch_reply(void *arg, const struct cti_reply *);
/**
 * Ask for a service (any of CTI_SERVICES). Refusals carry ECMA-269's category and
 * value and one sentence; then no state changed.
 */
void switch_request(struct sim_client *, const struct cti_request *, switch_reply *, void *arg);

/* ---- Phones by hand -----------------------------------------------------------------------
 * A phone is an extension or an outside party, named by its number. An outside party comes into
 * being when it is first named. Returns 0 or a code; refusals of the switch are CTI_E_REFUSED.
 */

/**
 * Lift and dial. From outside it takes a trunk (CTI_E_BUSY: none free) and @p number is the
 * number dialled in the network, of which the last digits name a device (CTI_E_NOTFOUND: none).
 * An extension's call that cannot be is a call that fails, as it is for people.
 */
int switch_phone_dial(struct sim_switch *, const char *phone, const char *number,
                      struct cti_error *);
/** Lift: answer what rings or prompts, else get the dial tone (ServiceInitiated). */
int switch_phone_lift(struct sim_switch *, const char *phone, struct cti_error *);
/** Answer what rings, or lift the phone that prompts. */
int switch_phone_answer(struct sim_switch *, const char *phone, struct cti_error *);
/** Leave the active call; without one reject what rings; without that drop what is held. */
int switch_phone_hangup(struct sim_switch *, const char *phone, struct cti_error *);

/* Extensions only. */
int switch_phone_hold(struct sim_switch *, const char *phone, struct cti_error *);
int switch_phone_retrieve(struct sim_switch *, const char *phone, struct cti_error *);
int switch_phone_alternate(struct sim_switch *, const char *phone, struct cti_error *);
int switch_phone_reconnect(struct sim_switch *, const char *phone, struct cti_error *);
int switch_phone_consult(struct sim_switch *, const char *phone, const char *number,
                         struct cti_error *);
int switch_phone_transfer(struct sim_switch *, const char *phone, struct cti_error *);
int switch_phone_conference(struct sim_switch *, const char *phone, struct cti_error *);
int switch_phone_blind_transfer(struct sim_switch *, const char *phone, const char *number,
                                struct cti_error *);
int switch_phone_deflect(struct sim_switch *, const char *phone, const char *number,
                         struct cti_error *);
/** Pick up what rings at @p from; NULL: what rings longest in the phone's pickup group. */
int switch_phone_pickup(struct sim_switch *, const char *phone, const char *from,
                        struct cti_error *);
/** The agent's keys. @p agent_id NULL: who is logged on here, or belongs here. */
int switch_phone_agent(struct sim_switch *, const char *phone, enum cti_requested_agent_state,
                       const char *agent_id, const char *password, struct cti_error *);

/** What an outside party does when it is called. */
enum switch_behaviour {
	SWITCH_RINGS,   /**< rings until told to answer */
	SWITCH_ANSWERS, /**< answers after the delay */
	SWITCH_IS_BUSY,
};
int switch_outside(struct sim_switch *, const char *number, enum switch_behaviour,
                   uint64_t delay_us, bool withhold_number, struct cti_error *);

/** What answers there, for who can tell (17.1.20): destination conditions of predictive calls. */
enum switch_listener { SWITCH_HUMAN, SWITCH_MACHINE, SWITCH_FAX };
int switch_outside_is(struct sim_switch *, const char *number, enum switch_listener,
                      struct cti_error *);

/**
 * The call id of the phone's oldest connection in @p state (any but null: CTI_CONNECTION_UNKNOWN);
 * NULL if there is none. Valid until the next change.
 */
const char *switch_phone_call(struct sim_switch *, const char *phone,
                              enum cti_connection_state state);
/** Is somebody else off-hook in that call? A caller has been answered, a held one waits. */
bool switch_phone_talks(struct sim_switch *, const char *phone);
/** Calls that exist now. */
size_t switch_calls(const struct sim_switch *);
/** Facts reported so far (each once, however many monitors). */
uint64_t switch_facts(const struct sim_switch *);

/* ---- Faults -------------------------------------------------------------------------------- */

/** Refuse to monitor @p device from now on (objectMonitorLimitExceeded), or no longer. */
int switch_fault_monitor(struct sim_switch *, const char *device, bool refuse);
/** The @p nth fact from now (1: the next) is reported to nobody; 0: none. */
void switch_fault_drop(struct sim_switch *, unsigned nth);
/** The next fact of that type is reported to nobody. */
void switch_fault_miss(struct sim_switch *, enum cti_event_type);
/** Take a device out of service (its calls end, its agent is logged off) or back. */
int switch_fault_service(struct sim_switch *, const char *device, bool out);

#endif
