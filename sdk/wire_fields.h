/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file wire_fields.h
 * The members of the JSON, once for writer and reader: field of the struct, name on the wire.
 * Names are ECMA-323's where it has one.
 */
#ifndef SDK_WIRE_FIELDS_H
#define SDK_WIRE_FIELDS_H

#include "sdk/wire.h"

#include <string.h>

/* struct cti_event, members of `data`; the subject device and `other` are named by the event. */
#define WIRE_EVENT_DEVICES(X)                                                                      \
	X(calling, "callingDevice")                                                                \
	X(called, "calledDevice")                                                                  \
	X(last_redirection, "lastRedirectionDevice")                                               \
	X(network_calling, "networkCallingDevice")                                                 \
	X(network_called, "networkCalledDevice")                                                   \
	X(original_calling, "originalCallingDevice")                                               \
	X(associated_calling, "associatedCallingDevice")                                           \
	X(associated_called, "associatedCalledDevice")                                             \
	X(group, "acdGroup")

#define WIRE_EVENT_CONNECTIONS(X)                                                                  \
	X(primary_old, "primaryOldCall")                                                           \
	X(secondary_old, "secondaryOldCall")

#define WIRE_EVENT_STRINGS(X)                                                                      \
	X(cause, "cause")                                                                          \
	X(agent_id, "agentID")                                                                     \
	X(reason, "reason")                                                                        \
	X(digits, "digits")                                                                        \
	X(merged_into, "mergedInto")                                                               \
	X(parent, "parent")                                                                        \
	X(text, "text")                                                                            \
	X(monitor, "monitorCrossRefID")                                                            \
	X(private_data, "privateData")                                                             \
	X(element, "element")

#define WIRE_EVENT_FLAGS(X)                                                                        \
	X(CTI_EVENT_RESYNC, "resync")                                                              \
	X(CTI_EVENT_ANOMALY, "anomaly")                                                            \
	X(CTI_EVENT_DERIVED, "derived")                                                            \
	X(CTI_EVENT_DISTRIBUTION, "distribution")

/* Numbers; below 0 they are not there. */
#define WIRE_EVENT_NUMBERS(X)                                                                      \
	X(number_queued, "numberQueued")                                                           \
	X(calls_in_front, "callsInFront")

/* CorrelatorData and UserData of ECMA-323: {"string":"0A0B"}, hexBinary. Of requests too. */
#define WIRE_OCTETS(X)                                                                             \
	X(correlator, "correlatorData")                                                            \
	X(user_data, "userData")

/* Hexadecimal, within "callLinkageData". */
#define WIRE_EVENT_LINKAGE(X)                                                                      \
	X(global_call, "globalCallLinkageID")                                                      \
	X(thread, "threadLinkageID")                                                               \
	X(old_global_call, "oldGlobalCallLinkageID")                                               \
	X(old_thread, "oldThreadLinkageID")

/* What a device is that has no number; the last that is true counts. */
#define WIRE_DEVICE_STATUS(X)                                                                      \
	X(NOT_SPECIFIED, "notSpecified")                                                           \
	X(NOT_REQUIRED, "notRequired")                                                             \
	X(NOT_KNOWN, "notKnown")                                                                   \
	X(RESTRICTED, "restricted")

/* struct cti_request */
#define WIRE_REQUEST_STRINGS(X)                                                                    \
	X(id, "id")                                                                                \
	X(switch_name, "switch")                                                                   \
	X(device, "device")                                                                        \
	X(destination, "destination")                                                              \
	X(group, "group")                                                                          \
	X(agent_id, "agentID")                                                                     \
	X(password, "agentPassword")                                                               \
	X(reason, "reason")                                                                        \
	X(monitor, "monitorCrossRefID")                                                            \
	X(private_data, "privateData")

#define WIRE_REQUEST_CONNECTIONS(X)                                                                \
	X(connection, "connection")                                                                \
	X(held, "heldCall")

#define WIRE_REQUEST_TRUTHS(X)                                                                     \
	X(do_not_prompt, "doNotPrompt")                                                            \
	X(call_type, "callType")

/*
 * What each service needs, and what else it reads, beside id, switch, timeoutMs and privateData
 * (ECMA-269: private data goes with every service).
 */
#define WIRE_SERVICES(X)                                                                           \
	X(MAKE_CALL, "device destination", "doNotPrompt correlatorData userData")                  \
	X(ANSWER_CALL, "connection", "correlatorData userData")                                    \
	X(CLEAR_CONNECTION, "connection", "correlatorData userData")                               \
	X(CLEAR_CALL, "connection", "userData")                                                    \
	X(HOLD_CALL, "connection", "")                                                             \
	X(RETRIEVE_CALL, "connection", "")                                                         \
	X(ALTERNATE_CALL, "heldCall connection", "")                                               \
	X(RECONNECT_CALL, "heldCall connection", "")                                               \
	X(CONSULTATION_CALL, "connection destination", "correlatorData userData")                  \
	X(TRANSFER_CALL, "heldCall connection", "")                                                \
	X(CONFERENCE_CALL, "heldCall connection", "")                                              \
	X(SINGLE_STEP_TRANSFER_CALL, "connection destination", "correlatorData userData")          \
	X(SINGLE_STEP_CONFERENCE_CALL, "connection destination",                                   \
	  "participationType correlatorData userData")                                             \
	X(DEFLECT_CALL, "connection destination", "correlatorData userData")                       \
	X(DIRECTED_PICKUP_CALL, "connection device", "correlatorData userData")                    \
	X(GROUP_PICKUP_CALL, "device", "group correlatorData userData")                            \
	X(SET_AGENT_STATE, "device requestedAgentState", "agentID agentPassword group reason")     \
	X(GET_AGENT_STATE, "device", "group")                                                      \
	X(MONITOR_START, "", "device connection callType monitorFilter")                           \
	X(MONITOR_STOP, "monitorCrossRefID", "")                                                   \
	X(CHANGE_MONITOR_FILTER, "monitorCrossRefID monitorFilter", "")                            \
	X(SNAPSHOT_DEVICE, "device", "")                                                           \
	X(SNAPSHOT_CALL, "connection", "")                                                         \
	X(REQUEST_SYSTEM_STATUS, "", "")                                                           \
	X(ESCAPE, "privateData", "")

/* struct cti_reply */
#define WIRE_REPLY_STRINGS(X)                                                                      \
	X(monitor, "monitorCrossRefID")                                                            \
	X(system_status, "systemStatus")                                                           \
	X(private_data, "privateData")

#define WIRE_REPLY_DEVICES(X)                                                                      \
	X(calling, "callingDevice")                                                                \
	X(called, "calledDevice")

/* What an event calls its subject device, its second device and its connection list. */
#define WIRE_EVENT_NAMES(X)                                                                        \
	X(CALL_SERVICE_INITIATED, "initiatingDevice", "otherDevice", "connections")                \
	X(CALL_ORIGINATED, "originatingDevice", "otherDevice", "connections")                      \
	X(CALL_DIGITS_DIALED, "dialingDevice", "dialingSequence", "connections")                   \
	X(CALL_OFFERED, "offeredDevice", "otherDevice", "connections")                             \
	X(CALL_DELIVERED, "alertingDevice", "otherDevice", "connections")                          \
	X(CALL_ESTABLISHED, "answeringDevice", "otherDevice", "connections")                       \
	X(CALL_HELD, "holdingDevice", "otherDevice", "connections")                                \
	X(CALL_RETRIEVED, "retrievingDevice", "otherDevice", "connections")                        \
	X(CALL_QUEUED, "queue", "otherDevice", "connections")                                      \
	X(CALL_DIVERTED, "divertingDevice", "newDestination", "connections")                       \
	X(CALL_TRANSFERRED, "transferringDevice", "transferredToDevice", "transferredConnections") \
	X(CALL_CONFERENCED, "conferencingDevice", "addedParty", "conferenceConnections")           \
	X(CALL_CONNECTION_CLEARED, "releasingDevice", "otherDevice", "connections")                \
	X(CALL_CLEARED, "device", "otherDevice", "connections")                                    \
	X(CALL_FAILED, "failingDevice", "otherDevice", "connections")                              \
	X(CALL_NETWORK_REACHED, "networkInterfaceUsed", "otherDevice", "connections")              \
	X(CALL_INFORMATION, "device", "otherDevice", "connections")                                \
	X(AGENT_LOGGED_ON, "agentDevice", "otherDevice", "connections")                            \
	X(AGENT_LOGGED_OFF, "agentDevice", "otherDevice", "connections")                           \
	X(AGENT_NOT_READY, "agentDevice", "otherDevice", "connections")                            \
	X(AGENT_READY, "agentDevice", "otherDevice", "connections")                                \
	X(AGENT_BUSY, "agentDevice", "otherDevice", "connections")                                 \
	X(AGENT_WORKING_AFTER_CALL, "agentDevice", "otherDevice", "connections")                   \
	X(DEVICE_BACK_IN_SERVICE, "device", "otherDevice", "connections")                          \
	X(DEVICE_OUT_OF_SERVICE, "device", "otherDevice", "connections")                           \
	X(DEVICE_MONITORED, "device", "otherDevice", "connections")                                \
	X(INTERACTION_MERGED, "device", "otherDevice", "connections")                              \
	X(INTERACTION_ENDED, "device", "otherDevice", "connections")                               \
	X(INTERACTION_ATTACHED, "device", "otherDevice", "connections")                            \
	X(SWITCH_LINK_UP, "device", "otherDevice", "connections")                                  \
	X(SWITCH_LINK_DOWN, "device", "otherDevice", "connections")                                \
	X(SWITCH_RESYNC, "device", "otherDevice", "connections")                                   \
	X(STREAM_GAP, "device", "otherDevice", "connections")                                      \
	X(PRIVATE, "device", "otherDevice", "connections")                                         \
	X(CSTA, "device", "otherDevice", "connections")

#endif
