/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file event.h
 * What happens at a switch, in the words of ECMA-269, as plain structs. The same struct
 * travels from an adapter to the server and from libcti to an application.
 *
 * Every pointer in these structs is borrowed: valid for the call that hands it over.
 * A string that is not there is NULL. All text is UTF-8.
 */
#ifndef CTI_EVENT_H
#define CTI_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Every event: name in C, type on the wire without the leading "cti.", phase in plain words,
 * and the ECMA-323 element it comes from ("" where it is the server's own). CSTA is every event
 * of ECMA-269 that has no type of its own here, passed through whole: element and message.
 */
#define CTI_EVENTS(X)                                                                              \
	X(CALL_SERVICE_INITIATED, "call.service-initiated", "dialing", "ServiceInitiatedEvent")    \
	X(CALL_ORIGINATED, "call.originated", "dialed", "OriginatedEvent")                         \
	X(CALL_DIGITS_DIALED, "call.digits-dialed", "dialing", "DigitsDialedEvent")                \
	X(CALL_OFFERED, "call.offered", "offered", "OfferedEvent")                                 \
	X(CALL_DELIVERED, "call.delivered", "ringing", "DeliveredEvent")                           \
	X(CALL_ESTABLISHED, "call.established", "answered", "EstablishedEvent")                    \
	X(CALL_HELD, "call.held", "held", "HeldEvent")                                             \
	X(CALL_RETRIEVED, "call.retrieved", "retrieved", "RetrievedEvent")                         \
	X(CALL_QUEUED, "call.queued", "queued", "QueuedEvent")                                     \
	X(CALL_DIVERTED, "call.diverted", "diverted", "DivertedEvent")                             \
	X(CALL_TRANSFERRED, "call.transferred", "transferred", "TransferedEvent")                  \
	X(CALL_CONFERENCED, "call.conferenced", "conferenced", "ConferencedEvent")                 \
	X(CALL_CONNECTION_CLEARED, "call.connection-cleared", "left", "ConnectionClearedEvent")    \
	X(CALL_CLEARED, "call.cleared", "ended", "CallClearedEvent")                               \
	X(CALL_FAILED, "call.failed", "failed", "FailedEvent")                                     \
	X(CALL_NETWORK_REACHED, "call.network-reached", "outgoing", "NetworkReachedEvent")         \
	X(CALL_INFORMATION, "call.information", "information", "CallInformationEvent")             \
	X(AGENT_LOGGED_ON, "agent.logged-on", "logged on", "AgentLoggedOnEvent")                   \
	X(AGENT_LOGGED_OFF, "agent.logged-off", "logged off", "AgentLoggedOffEvent")               \
	X(AGENT_NOT_READY, "agent.not-ready", "not ready", "AgentNotReadyEvent")                   \
	X(AGENT_READY, "agent.ready", "ready", "AgentReadyEvent")                                  \
	X(AGENT_BUSY, "agent.busy", "busy", "AgentBusyEvent")                                      \
	X(AGENT_WORKING_AFTER_CALL, "agent.working-after-call", "after-call work",                 \
	  "AgentWorkingAfterCallEvent")                                                            \
	X(DEVICE_BACK_IN_SERVICE, "device.back-in-service", "in service", "BackInServiceEvent")    \
	X(DEVICE_OUT_OF_SERVICE, "device.out-of-service", "out of service", "OutOfServiceEvent")   \
	X(DEVICE_MONITORED, "device.monitored", "monitored", "")                                   \
	X(INTERACTION_MERGED, "interaction.merged", "merged", "")                                  \
	X(INTERACTION_ENDED, "interaction.ended", "ended", "")                                     \
	X(INTERACTION_ATTACHED, "interaction.attached", "data attached", "")                       \
	X(SWITCH_LINK_UP, "switch.link-up", "link up", "")                                         \
	X(SWITCH_LINK_DOWN, "switch.link-down", "link down", "")                                   \
	X(SWITCH_RESYNC, "switch.resync", "reading the switch again", "")                          \
	X(STREAM_GAP, "stream.gap", "events were lost", "")                                        \
	X(PRIVATE, "private.event", "private", "PrivateEvent")                                     \
	X(CSTA, "csta.event", "reported", "")

enum cti_event_type {
#define X(name, type, phase, element) CTI_EVENT_##name,
	CTI_EVENTS(X)
#undef X
		CTI_EVENT_TYPES /**< how many there are; not an event */
};

/** Wire type of an event, for example "call.delivered". */
const char *cti_event_type_name(enum cti_event_type type);
/** The same in plain words, for example "ringing". */
const char *cti_event_phase(enum cti_event_type type);
/** Event of a wire type ("call.delivered", with or without "cti."); -1 if there is none. */
int cti_event_type_parse(const char *name);
/** ECMA-323 element of an event; "" for the server's own. */
const char *cti_event_element(enum cti_event_type type);

/** Connection states, ECMA-269 6.1.3; the numbers are ECMA-285's LocalConnectionState. */
#define CTI_CONNECTION_STATES(X)                                                                   \
	X(NULL, "null")                                                                            \
	X(INITIATED, "initiated")                                                                  \
	X(ALERTING, "alerting")                                                                    \
	X(CONNECTED, "connected")                                                                  \
	X(HOLD, "hold")                                                                            \
	X(QUEUED, "queued")                                                                        \
	X(FAIL, "fail")

enum cti_connection_state {
	CTI_CONNECTION_UNKNOWN = -1,
#define X(name, text) CTI_CONNECTION_##name,
	CTI_CONNECTION_STATES(X)
#undef X
		CTI_CONNECTION_STATES_COUNT
};

const char *cti_connection_state_name(enum cti_connection_state state);
int cti_connection_state_parse(const char *name);

/** Agent states, ECMA-269 6.1.1.6.4, in the order of ECMA-285's AgentState. */
#define CTI_AGENT_STATES(X)                                                                        \
	X(NOT_READY, "notReady")                                                                   \
	X(NULL, "null")                                                                            \
	X(READY, "ready")                                                                          \
	X(BUSY, "busy")                                                                            \
	X(WORKING_AFTER_CALL, "workingAfterCall")

enum cti_agent_state {
	CTI_AGENT_UNKNOWN = -1,
#define X(name, text) CTI_AGENT_##name,
	CTI_AGENT_STATES(X)
#undef X
		CTI_AGENT_STATES_COUNT
};

const char *cti_agent_state_name(enum cti_agent_state state);
int cti_agent_state_parse(const char *name);

/** How a device is named in an event (ECMA-269 12.3). */
enum cti_device_status {
	CTI_DEVICE_ABSENT = 0,    /**< the field is not in the event */
	CTI_DEVICE_NUMBER,        /**< number says which */
	CTI_DEVICE_NOT_KNOWN,     /**< the switch does not know */
	CTI_DEVICE_RESTRICTED,    /**< withheld */
	CTI_DEVICE_NOT_REQUIRED,  /**< redirection only: the call was never redirected */
	CTI_DEVICE_NOT_SPECIFIED, /**< redirection only: the switch cannot tell */
};

struct cti_device {
	enum cti_device_status status;
	const char *number;   /**< canonical number by the dial plan; an adapter gives what it got */
	const char *received; /**< as the switch wrote it; NULL if the same */
	const char *name;     /**< name the switch gave with it, or NULL */
};

/** A call at a device. device_id is canonical as in struct cti_device. */
struct cti_connection {
	const char *call_id;   /**< NULL where the switch gave none */
	const char *device_id; /**< NULL where the switch gave none */
	bool dynamic;          /**< device_id names the device for this call only (ECMA-269 12.3.9) */
	enum cti_connection_state state; /**< after the event */
};

/** One row of the connection list of a transfer or conference (ECMA-269 12.2.9). */
struct cti_connection_item {
	struct cti_connection new_connection;
	struct cti_connection old_connection; /**< call_id NULL if not given */
	struct cti_device endpoint;
	struct cti_device associated_nid;
};

/** Octets that nobody but the applications interprets (correlator and user data). */
struct cti_octets {
	const uint8_t *data; /**< NULL if not given; a non-NULL of length 0 clears */
	size_t length;
};

/** Counter of one subject, "device/2003": consecutive numbers mean nothing was lost. */
struct cti_subject {
	const char *subject;
	uint64_t counter;
};

/** Data that applications attached to the interaction. */
struct cti_pair {
	const char *key;
	const char *value;
};

enum cti_event_flags {
	CTI_EVENT_RESYNC = 1 << 0,  /**< found by reading the switch again, not reported by it */
	CTI_EVENT_ANOMALY = 1 << 1, /**< a transition the state tables do not have */
	CTI_EVENT_DERIVED = 1 << 2, /**< concluded by the server (CallCleared after the last connection) */
	CTI_EVENT_DISTRIBUTION = 1 << 3, /**< Delivered to a distribution mechanism, nothing rings */
};

/**
 * One event. Which of the fields have a meaning depends on the type; those that have none are
 * zero. The subject device is ECMA-269's: alertingDevice in Delivered, answeringDevice in
 * Established, releasingDevice in ConnectionCleared, divertingDevice in Diverted, queue in
 * Queued, transferringDevice, conferencingDevice, failingDevice, holdingDevice, ... .
 */
struct cti_event {
	enum cti_event_type type;
	unsigned flags; /**< enum cti_event_flags */

	/* Envelope: set by the server, zero in what an adapter reports. */
	const char *id;             /**< "<epoch>-<sequence>" */
	const char *tenant;
	const char *switch_name;
	const char *epoch;
	uint64_t sequence;          /**< without holes within an epoch of a switch */
	int64_t time_us;            /**< UTC, microseconds since 1970; an adapter may give the switch's */
	const char *interaction_id; /**< one for a customer's contact, through every transfer */
	const char *request_id;     /**< of the request that caused this, or NULL */
	const struct cti_subject *subjects;
	size_t subject_count;
	const struct cti_pair *attached;
	size_t attached_count;

	/* What the switch said of a call. */
	const char *monitor;              /**< monitor cross reference, adapters only */
	struct cti_connection connection; /**< the subject's connection, with the state it has now */
	enum cti_connection_state local_state; /**< localConnectionInfo of the monitored device, or -1 */
	struct cti_device subject;
	struct cti_device calling;
	struct cti_device called;
	struct cti_device last_redirection;
	struct cti_device other; /**< newDestination, transferredToDevice, addedParty, or the dialled number */
	struct cti_device network_calling;
	struct cti_device network_called;
	struct cti_device original_calling; /**< who began the interaction, where calling does not say */
	struct cti_device associated_calling;
	struct cti_device associated_called;
	const char *cause;              /**< EventCause as ECMA-323 spells it: "newCall"; NULL if none */
	struct cti_connection primary_old;   /**< transferred, conferenced */
	struct cti_connection secondary_old; /**< transferred, conferenced; call_id NULL if none */
	const struct cti_connection_item *items;
	size_t item_count;
	int number_queued;   /**< queued: calls in the queue, -1 if not told */
	int calls_in_front;  /**< queued: calls before this one, -1 if not told */
	struct cti_octets correlator;
	struct cti_octets user_data;
	struct cti_octets global_call; /**< call linkage: globally unique call id */
	struct cti_octets thread;      /**< call linkage: thread */
	/** Transferred, conferenced: linkage of the call that is over. */
	struct cti_octets old_global_call;
	struct cti_octets old_thread;
	const char *digits;            /**< digits dialled or generated */

	/* What the switch said of an agent. */
	const char *agent_id;
	struct cti_device group; /**< ACD group, or ABSENT */
	enum cti_agent_state pending_state;
	const char *reason; /**< reason code: not in ECMA-269, from private data */

	/* Interactions, links and streams. */
	const char *merged_into;  /**< interaction.merged: the id that survives */
	const char *parent;       /**< interaction this one came from (a consultation) */
	const char *text;         /**< a sentence: why a link went down, why a device is not monitored */
	bool monitored;           /**< device.monitored */
	uint64_t gap_from;        /**< stream.gap: first sequence lost */
	uint64_t gap_to;          /**< stream.gap: last sequence lost */
	unsigned progress, total; /**< switch.resync: devices read, devices to read */
	const char *private_data; /**< as text: XML, or BER in hexadecimal; NULL if none */

	/* CTI_EVENT_CSTA. */
	const char *element; /**< ECMA-323's name, "DoNotDisturbEvent" */
	const char *message; /**< what is in it: a JSON object as `csta convert` writes it */

	/**
	 * What of the private data has a name in the table of the switch's adapter, "avaya.invertFilter"
	 * and "true"; a name that comes again is "name#2". Octets are "0x" and hexadecimal.
	 */
	const struct cti_pair *named;
	size_t named_count;
};

/** Set every field to "not there": zero, and -1 where that is the sign. */
void cti_event_init(struct cti_event *event, enum cti_event_type type);

/** Copy an event with everything it points to into one block; free() it. NULL: no memory. */
struct cti_event *cti_event_copy(const struct cti_event *event);

#ifdef __cplusplus
}
#endif
#endif
