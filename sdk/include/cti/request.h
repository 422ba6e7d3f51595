/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file request.h
 * What can be asked of a switch: one request and one reply for every door and every adapter.
 * Pointers are borrowed: valid for the call that hands them over.
 */
#ifndef CTI_REQUEST_H
#define CTI_REQUEST_H

#include <cti/error.h>
#include <cti/event.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Every service that the model knows: name in C, the verb in an adapter's table, ECMA-323 element.
 * Which fields of struct cti_request a service reads stands in the last column's comment of
 * adapter.h.
 */
#define CTI_SERVICES(X)                                                                            \
	X(MAKE_CALL, make_call, "MakeCall")                                                        \
	X(ANSWER_CALL, answer_call, "AnswerCall")                                                  \
	X(CLEAR_CONNECTION, clear_connection, "ClearConnection")                                   \
	X(CLEAR_CALL, clear_call, "ClearCall")                                                     \
	X(HOLD_CALL, hold_call, "HoldCall")                                                        \
	X(RETRIEVE_CALL, retrieve_call, "RetrieveCall")                                            \
	X(ALTERNATE_CALL, alternate_call, "AlternateCall")                                         \
	X(RECONNECT_CALL, reconnect_call, "ReconnectCall")                                         \
	X(CONSULTATION_CALL, consultation_call, "ConsultationCall")                                \
	X(TRANSFER_CALL, transfer_call, "TransferCall")                                            \
	X(CONFERENCE_CALL, conference_call, "ConferenceCall")                                      \
	X(SINGLE_STEP_TRANSFER_CALL, single_step_transfer_call, "SingleStepTransferCall")          \
	X(SINGLE_STEP_CONFERENCE_CALL, single_step_conference_call, "SingleStepConferenceCall")    \
	X(DEFLECT_CALL, deflect_call, "DeflectCall")                                               \
	X(DIRECTED_PICKUP_CALL, directed_pickup_call, "DirectedPickupCall")                        \
	X(GROUP_PICKUP_CALL, group_pickup_call, "GroupPickupCall")                                 \
	X(SET_AGENT_STATE, set_agent_state, "SetAgentState")                                       \
	X(GET_AGENT_STATE, get_agent_state, "GetAgentState")                                       \
	X(MONITOR_START, monitor_start, "MonitorStart")                                            \
	X(MONITOR_STOP, monitor_stop, "MonitorStop")                                               \
	X(CHANGE_MONITOR_FILTER, change_monitor_filter, "ChangeMonitorFilter")                     \
	X(SNAPSHOT_DEVICE, snapshot_device, "SnapshotDevice")                                      \
	X(SNAPSHOT_CALL, snapshot_call, "SnapshotCall")                                            \
	X(REQUEST_SYSTEM_STATUS, request_system_status, "RequestSystemStatus")                     \
	X(ESCAPE, escape, "Escape")

enum cti_service {
#define X(name, verb, element) CTI_SERVICE_##name,
	CTI_SERVICES(X)
#undef X
		CTI_SERVICES_COUNT,
	/**
	 * Any other service of ECMA-269, passed through: its ECMA-323 name and its arguments as JSON
	 * stand in the request (element, message).
	 */
	CTI_SERVICE_OTHER
};

/** ECMA-323 element of a service, for example "AnswerCall". */
const char *cti_service_name(enum cti_service service);
/** Service of an element name, -1 if there is none. Case matters. */
int cti_service_parse(const char *name);

/** What a SetAgentState asks for (ECMA-269 22.1.15). */
#define CTI_REQUESTED_AGENT_STATES(X)                                                              \
	X(LOGGED_ON, "loggedOn")                                                                   \
	X(LOGGED_OFF, "loggedOff")                                                                 \
	X(NOT_READY, "notReady")                                                                   \
	X(READY, "ready")                                                                          \
	X(WORKING_AFTER_CALL, "workingAfterCall")

enum cti_requested_agent_state {
#define X(name, text) CTI_REQUEST_##name,
	CTI_REQUESTED_AGENT_STATES(X)
#undef X
};
const char *cti_requested_agent_state_name(enum cti_requested_agent_state state);
int cti_requested_agent_state_parse(const char *name);

/** SingleStepConference: how the new device takes part. */
#define CTI_PARTICIPATIONS(X)                                                                      \
	X(SILENT, "silent")                                                                        \
	X(ACTIVE, "active")                                                                        \
	X(NONE, "none")
enum cti_participation {
#define X(name, text) CTI_PARTICIPATION_##name,
	CTI_PARTICIPATIONS(X)
#undef X
};

/** Timeout used where a request gives 0, milliseconds. */
#define CTI_REQUEST_TIMEOUT_MS 10000

/**
 * A request. Fields by service (all others are ignored):
 * - MakeCall: device (the caller), destination, auto_originate, correlator, user_data
 * - AnswerCall, ClearConnection, HoldCall, RetrieveCall, ClearCall: connection
 *   (ClearCall: call_id only is enough)
 * - AlternateCall, ReconnectCall, TransferCall, ConferenceCall: held, connection (the active call)
 * - ConsultationCall: connection (existing call), destination, correlator, user_data
 * - SingleStepTransferCall, DeflectCall: connection, destination, correlator, user_data
 * - SingleStepConferenceCall: connection, destination (device to join), participation
 * - DirectedPickupCall: connection (call to pick up), device (who picks it up)
 * - GroupPickupCall: device (who picks up), group (optional)
 * - SetAgentState: device, agent_state, agent_id, password, group, reason
 * - GetAgentState: device, group
 * - MonitorStart: device, or connection (call monitor); call_type for a call-type monitor
 * - MonitorStop, ChangeMonitorFilter: monitor
 * - SnapshotDevice: device. SnapshotCall: connection
 * - Escape: private_data
 * - CTI_SERVICE_OTHER: element, message. Devices stand in it as the switch writes them; the first
 *   device and connection that it names are its object, and the server fills them in here (device,
 *   connection). Who may not control every device may only name own ones there.
 */
struct cti_request {
	enum cti_service service;
	const char *switch_name; /**< which switch; NULL: the only one */
	const char *id;          /**< the client's, at most 64 characters; repeats are harmless */
	const char *user;        /**< who asks; set by the server after authentication */
	unsigned timeout_ms;     /**< 0: CTI_REQUEST_TIMEOUT_MS */

	struct cti_connection connection;
	struct cti_connection held;
	const char *device;
	const char *destination;
	const char *group;
	const char *agent_id;
	const char *password; /**< secret: never logged, traced or echoed */
	const char *reason;   /**< agent reason code */
	enum cti_requested_agent_state agent_state;
	enum cti_participation participation;
	bool do_not_prompt; /**< MakeCall: go off-hook without prompting (autoOriginate doNotPrompt) */
	bool call_type;     /**< MonitorStart: call type instead of device type */
	const char *monitor;
	uint64_t monitor_filter; /**< event types to keep away, bit 1 << enum cti_event_type */
	struct cti_octets correlator;
	struct cti_octets user_data;
	const char *private_data; /**< Escape: as text, XML or BER in hexadecimal */
	const char *element; /**< CTI_SERVICE_OTHER: ECMA-323's name, "SetForwarding" */
	const char *message; /**< CTI_SERVICE_OTHER: a JSON object as `csta convert` writes it; NULL: {} */
};

/** One call of a snapshot of a device, one party of a snapshot of a call. */
struct cti_snapshot_item {
	struct cti_connection connection; /**< the device's own connection with its state */
	struct cti_device device;         /**< SnapshotCall: the party */
	const enum cti_connection_state *other_states; /**< compound state: of the other parties */
	size_t other_count;
};

/** One row of GetAgentState. */
struct cti_agent_item {
	const char *agent_id;
	struct cti_device group;
	bool logged_on;
	enum cti_agent_state state;
	enum cti_agent_state pending_state;
};

/** How a request ended: exactly one for each. */
struct cti_reply {
	int code;                   /**< 0, CTI_E_REFUSED (see category), or another enum cti_code */
	enum cti_category category; /**< of ECMA-269, when the switch refused */
	const char *value;          /**< "invalidDeviceID"; NULL if none */
	const char *text;           /**< one plain sentence; NULL if code is 0 */

	struct cti_connection connection; /**< new call: initiatedCall, transferredCall, ... */
	const struct cti_connection_item *items; /**< TransferCall, ConferenceCall */
	size_t item_count;
	const char *monitor;             /**< MonitorStart: cross reference */
	bool monitor_existing_calls;     /**< MonitorStart: calls that are there already are reported too */
	const struct cti_snapshot_item *snapshot;
	size_t snapshot_count;
	struct cti_device calling, called; /**< SnapshotCall */
	const struct cti_agent_item *agents;
	size_t agent_count;
	enum cti_agent_state pending_state; /**< SetAgentState: -1 if it took effect at once */
	const char *system_status;          /**< "normal", "enabled", ... as ECMA-323 spells it */
	const char *private_data;
	const char *message; /**< CTI_SERVICE_OTHER: the result as JSON; NULL: none */
};

/** Set every field to "not there". */
void cti_request_init(struct cti_request *request, enum cti_service service);
void cti_reply_init(struct cti_reply *reply);

/** Copy with everything it points to into one block; free() it. NULL: no memory. */
struct cti_request *cti_request_copy(const struct cti_request *request);
struct cti_reply *cti_reply_copy(const struct cti_reply *reply);

#ifdef __cplusplus
}
#endif
#endif
