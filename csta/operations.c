/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of messages. Adding a service is adding its types in asn1/ and its line here.
 * Operation codes and event tags are ECMA-285's, names ECMA-323's, clauses ECMA-269's.
 */
#include "csta/codec.h"

#include <AARE.h>
#include <AARQ.h>
#include <ABRT.h>
#include <AcceptCallArgument.h>
#include <AgentBusyEvent.h>
#include <AgentLoggedOffEvent.h>
#include <AgentLoggedOnEvent.h>
#include <AgentNotReadyEvent.h>
#include <AgentReadyEvent.h>
#include <AgentWorkingAfterCallEvent.h>
#include <AlternateCallArgument.h>
#include <AnswerCallArgument.h>
#include <ApplicationSessionTerminated.h>
#include <AssociateDataArgument.h>
#include <BackInServiceEvent.h>
#include <BridgedEvent.h>
#include <CallClearedEvent.h>
#include <CallInformationEvent.h>
#include <ChangeMonitorFilterArgument.h>
#include <ChangeMonitorFilterResult.h>
#include <ClearCallArgument.h>
#include <ClearConnectionArgument.h>
#include <ConferenceCallArgument.h>
#include <ConferenceCallResult.h>
#include <ConferencedEvent.h>
#include <ConnectionClearedEvent.h>
#include <ConsultationCallArgument.h>
#include <ConsultationCallResult.h>
#include <DeflectCallArgument.h>
#include <DeliveredEvent.h>
#include <DigitsDialedEvent.h>
#include <DirectedPickupCallArgument.h>
#include <DirectedPickupCallResult.h>
#include <DivertedEvent.h>
#include <EscapeArgument.h>
#include <EstablishedEvent.h>
#include <FailedEvent.h>
#include <GenerateDigitsArgument.h>
#include <GetAgentStateArgument.h>
#include <GetAgentStateResult.h>
#include <GroupPickupCallArgument.h>
#include <GroupPickupCallResult.h>
#include <HeldEvent.h>
#include <HoldCallArgument.h>
#include <MakeCallArgument.h>
#include <MakeCallResult.h>
#include <MonitorStartArgument.h>
#include <MonitorStartResult.h>
#include <MonitorStopArgument.h>
#include <NetworkCapabilitiesChangedEvent.h>
#include <NetworkReachedEvent.h>
#include <NoDataResult.h>
#include <OfferedEvent.h>
#include <OriginatedEvent.h>
#include <OutOfServiceEvent.h>
#include <PrivateEvent.h>
#include <QueuedEvent.h>
#include <RLRE.h>
#include <RLRQ.h>
#include <ReconnectCallArgument.h>
#include <RejectProblem.h>
#include <RequestSystemStatusArgument.h>
#include <RequestSystemStatusResult.h>
#include <ResetApplicationSessionTimer.h>
#include <ResetApplicationSessionTimerNegResponse.h>
#include <ResetApplicationSessionTimerPosResponse.h>
#include <RetrieveCallArgument.h>
#include <RetrievedEvent.h>
#include <SendUserInformationArgument.h>
#include <ServiceInitiatedEvent.h>
#include <SetAgentStateArgument.h>
#include <SetAgentStateResult.h>
#include <SingleStepConferenceCallArgument.h>
#include <SingleStepConferenceCallResult.h>
#include <SingleStepTransferCallArgument.h>
#include <SingleStepTransferCallResult.h>
#include <SnapshotCallArgument.h>
#include <SnapshotCallDataSegmentArgument.h>
#include <SnapshotCallResult.h>
#include <SnapshotDeviceArgument.h>
#include <SnapshotDeviceDataSegmentArgument.h>
#include <SnapshotDeviceResult.h>
#include <StartApplicationSession.h>
#include <StartApplicationSessionNegResponse.h>
#include <StartApplicationSessionPosResponse.h>
#include <StopApplicationSession.h>
#include <StopApplicationSessionNegResponse.h>
#include <StopApplicationSessionPosResponse.h>
#include <SystemRegisterAbortArgument.h>
#include <SystemRegisterArgument.h>
#include <SystemRegisterCancelArgument.h>
#include <SystemRegisterResult.h>
#include <SystemStatusArgument.h>
#include <TransferCallArgument.h>
#include <TransferCallResult.h>
#include <TransferredEvent.h>
#include <UniversalFailure.h>
#include <stdio.h>
#include <string.h>

#define EVERYWHERE (CSTA_IN_BER | CSTA_IN_XML | CSTA_IN_JSON)

#define ROW(name, row_kind, code, category, tag, layout, where, from, text, how, alone)            \
	{                                                                                          \
		.element = name, .kind = row_kind, .operation = code, .event_category = category,  \
		.event_tag = tag, .value = &asn_DEF_##layout, .encodings = where,                  \
		.first_edition = from, .clause = text, .use = how, .no_response = alone,           \
	}
/* A request and its response. */
#define SERVICE(name, code, result, text, how)                                                     \
	ROW(#name, CSTA_REQUEST, code, -1, -1, name##Argument, EVERYWHERE, 3, text, how, false),   \
	        ROW(#name "Response", CSTA_RESPONSE, code, -1, -1, result, EVERYWHERE, 3, text,    \
	            how, false)
/* A request that nobody answers. */
#define ONE_WAY(name, code, argument, text, how)                                                   \
	ROW(#name, CSTA_REQUEST, code, -1, -1, argument, EVERYWHERE, 3, text, how, true)
#define EVENT(name, category, tag, layout, text, how)                                              \
	ROW(#name, CSTA_EVENT, CSTA_OPERATION_EVENT_REPORT, category, tag, layout, EVERYWHERE, 3,  \
	    text, how, true)
#define ASSOCIATION(name)                                                                          \
	ROW(#name, CSTA_ASSOCIATION, -1, -1, -1, name, CSTA_IN_BER | CSTA_IN_JSON, 3, "X.227",     \
	    CSTA_INTERPRETED, false)
#define SESSION(name)                                                                              \
	ROW(#name, CSTA_SESSION, -1, -1, -1, name, CSTA_IN_XML | CSTA_IN_JSON, 3, "ECMA-354",      \
	    CSTA_INTERPRETED, false)

const struct csta_type csta_types[] = {
        SERVICE(AcceptCall, 214, NoDataResult, "17.1.1", CSTA_INTERPRETED),
        SERVICE(AlternateCall, 1, NoDataResult, "17.1.2", CSTA_INTERPRETED),
        SERVICE(AnswerCall, 2, NoDataResult, "17.1.3", CSTA_INTERPRETED),
        SERVICE(ClearCall, 4, NoDataResult, "17.1.7", CSTA_INTERPRETED),
        SERVICE(ClearConnection, 5, NoDataResult, "17.1.8", CSTA_INTERPRETED),
        SERVICE(ConferenceCall, 6, ConferenceCallResult, "17.1.9", CSTA_INTERPRETED),
        SERVICE(ConsultationCall, 7, ConsultationCallResult, "17.1.10", CSTA_INTERPRETED),
        SERVICE(DeflectCall, 218, NoDataResult, "17.1.11", CSTA_INTERPRETED),
        SERVICE(DirectedPickupCall, 220, DirectedPickupCallResult, "17.1.13", CSTA_INTERPRETED),
        SERVICE(GroupPickupCall, 221, GroupPickupCallResult, "17.1.14", CSTA_INTERPRETED),
        SERVICE(HoldCall, 9, NoDataResult, "17.1.15", CSTA_INTERPRETED),
        SERVICE(MakeCall, 10, MakeCallResult, "17.1.18", CSTA_INTERPRETED),
        SERVICE(ReconnectCall, 13, NoDataResult, "17.1.22", CSTA_INTERPRETED),
        SERVICE(RetrieveCall, 14, NoDataResult, "17.1.23", CSTA_INTERPRETED),
        SERVICE(SingleStepConferenceCall, 20, SingleStepConferenceCallResult, "17.1.25",
                CSTA_INTERPRETED),
        SERVICE(SingleStepTransferCall, 50, SingleStepTransferCallResult, "17.1.26",
                CSTA_INTERPRETED),
        SERVICE(TransferCall, 16, TransferCallResult, "17.1.27", CSTA_INTERPRETED),
        SERVICE(AssociateData, 230, NoDataResult, "18.1.1", CSTA_INTERPRETED),
        SERVICE(GenerateDigits, 232, NoDataResult, "18.1.4", CSTA_INTERPRETED),
        SERVICE(SendUserInformation, 234, NoDataResult, "18.1.6", CSTA_PASSED),
        SERVICE(GetAgentState, 304, GetAgentStateResult, "22.1.5", CSTA_INTERPRETED),
        SERVICE(SetAgentState, 312, SetAgentStateResult, "22.1.15", CSTA_INTERPRETED),
        SERVICE(ChangeMonitorFilter, 72, ChangeMonitorFilterResult, "15.1.1", CSTA_PASSED),
        SERVICE(MonitorStart, 71, MonitorStartResult, "15.1.2", CSTA_INTERPRETED),
        SERVICE(MonitorStop, 73, NoDataResult, "15.1.3", CSTA_INTERPRETED),
        SERVICE(SnapshotCall, 75, SnapshotCallResult, "16.1", CSTA_INTERPRETED),
        SERVICE(SnapshotDevice, 74, SnapshotDeviceResult, "16.1", CSTA_INTERPRETED),
        ONE_WAY(SnapshotCallData, 76, SnapshotCallDataSegmentArgument, "16.1", CSTA_INTERPRETED),
        ONE_WAY(SnapshotDeviceData, 77, SnapshotDeviceDataSegmentArgument, "16.1",
                CSTA_INTERPRETED),
        SERVICE(SystemRegister, 207, SystemRegisterResult, "14.1", CSTA_INTERPRETED),
        ONE_WAY(SystemRegisterAbort, 208, SystemRegisterAbortArgument, "14.1", CSTA_INTERPRETED),
        SERVICE(SystemRegisterCancel, 209, NoDataResult, "14.1", CSTA_INTERPRETED),
        SERVICE(RequestSystemStatus, 210, RequestSystemStatusResult, "14.1", CSTA_INTERPRETED),
        SERVICE(SystemStatus, 211, NoDataResult, "14.1", CSTA_INTERPRETED),
        SERVICE(Escape, 51, NoDataResult, "28.2", CSTA_PASSED),

        EVENT(BridgedEvent, 0, 0, BridgedEvent, "17.2.1", CSTA_INTERPRETED),
        EVENT(CallClearedEvent, 0, 1, CallClearedEvent, "17.2.2", CSTA_INTERPRETED),
        EVENT(ConferencedEvent, 0, 2, ConferencedEvent, "17.2.3", CSTA_INTERPRETED),
        EVENT(ConnectionClearedEvent, 0, 3, ConnectionClearedEvent, "17.2.4", CSTA_INTERPRETED),
        EVENT(DeliveredEvent, 0, 4, DeliveredEvent, "17.2.5", CSTA_INTERPRETED),
        EVENT(DigitsDialedEvent, 0, 5, DigitsDialedEvent, "17.2.6", CSTA_INTERPRETED),
        EVENT(DivertedEvent, 0, 6, DivertedEvent, "17.2.7", CSTA_INTERPRETED),
        EVENT(EstablishedEvent, 0, 7, EstablishedEvent, "17.2.8", CSTA_INTERPRETED),
        EVENT(FailedEvent, 0, 8, FailedEvent, "17.2.9", CSTA_INTERPRETED),
        EVENT(HeldEvent, 0, 9, HeldEvent, "17.2.10", CSTA_INTERPRETED),
        EVENT(NetworkCapabilitiesChangedEvent, 0, 10, NetworkCapabilitiesChangedEvent, "17.2.11",
              CSTA_INTERPRETED),
        EVENT(NetworkReachedEvent, 0, 11, NetworkReachedEvent, "17.2.12", CSTA_INTERPRETED),
        EVENT(OfferedEvent, 0, 12, OfferedEvent, "17.2.13", CSTA_INTERPRETED),
        EVENT(OriginatedEvent, 0, 13, OriginatedEvent, "17.2.14", CSTA_INTERPRETED),
        EVENT(QueuedEvent, 0, 14, QueuedEvent, "17.2.15", CSTA_INTERPRETED),
        EVENT(RetrievedEvent, 0, 15, RetrievedEvent, "17.2.16", CSTA_INTERPRETED),
        EVENT(ServiceInitiatedEvent, 0, 16, ServiceInitiatedEvent, "17.2.17", CSTA_INTERPRETED),
        EVENT(TransferedEvent, 0, 17, TransferredEvent, "17.2.18", CSTA_INTERPRETED),
        EVENT(CallInformationEvent, 1, 0, CallInformationEvent, "18.2.1", CSTA_INTERPRETED),
        EVENT(AgentBusyEvent, 4, 0, AgentBusyEvent, "22.2.1", CSTA_INTERPRETED),
        EVENT(AgentLoggedOnEvent, 4, 1, AgentLoggedOnEvent, "22.2.3", CSTA_INTERPRETED),
        EVENT(AgentLoggedOffEvent, 4, 2, AgentLoggedOffEvent, "22.2.2", CSTA_INTERPRETED),
        EVENT(AgentNotReadyEvent, 4, 3, AgentNotReadyEvent, "22.2.4", CSTA_INTERPRETED),
        EVENT(AgentReadyEvent, 4, 4, AgentReadyEvent, "22.2.5", CSTA_INTERPRETED),
        EVENT(AgentWorkingAfterCallEvent, 4, 5, AgentWorkingAfterCallEvent, "22.2.6",
              CSTA_INTERPRETED),
        EVENT(BackInServiceEvent, 5, 0, BackInServiceEvent, "23", CSTA_INTERPRETED),
        EVENT(OutOfServiceEvent, 5, 2, OutOfServiceEvent, "23", CSTA_INTERPRETED),
        EVENT(PrivateEvent, 7, 0, PrivateEvent, "28.3", CSTA_PASSED),

        ROW("CSTAErrorCode", CSTA_ERROR, -1, -1, -1, UniversalFailure, EVERYWHERE, 3, "12.2.14",
            CSTA_INTERPRETED, false),
        ROW("Reject", CSTA_REJECT, -1, -1, -1, RejectProblem, CSTA_IN_BER | CSTA_IN_JSON, 3,
            "X.880", CSTA_INTERPRETED, false),

        ASSOCIATION(AARQ),
        ASSOCIATION(AARE),
        ASSOCIATION(RLRQ),
        ASSOCIATION(RLRE),
        ASSOCIATION(ABRT),

        SESSION(StartApplicationSession),
        SESSION(StartApplicationSessionPosResponse),
        SESSION(StartApplicationSessionNegResponse),
        SESSION(StopApplicationSession),
        SESSION(StopApplicationSessionPosResponse),
        SESSION(StopApplicationSessionNegResponse),
        SESSION(ResetApplicationSessionTimer),
        SESSION(ResetApplicationSessionTimerPosResponse),
        SESSION(ResetApplicationSessionTimerNegResponse),
        SESSION(ApplicationSessionTerminated),
};
const size_t csta_type_count = sizeof(csta_types) / sizeof(csta_types[0]);

/* Indices, filled once by csta_init(): row number plus one, 0 for none. */
#define OPERATION_END 600 /* codes are below; ECMA-285 goes to 551 */
#define CATEGORY_END  8
#define EVENT_TAG_END 31
#define ELEMENT_SLOTS 1024 /* a power of two, at least twice the rows */

static uint16_t by_operation[2][OPERATION_END];
static uint16_t by_event[CATEGORY_END][EVENT_TAG_END];
static uint16_t by_element[ELEMENT_SLOTS];
static uint16_t response_of[sizeof(csta_types) / sizeof(csta_types[0])];

_Static_assert(sizeof(csta_types) / sizeof(csta_types[0]) * 2 <= ELEMENT_SLOTS,
               "the element index is too small");

static unsigned element_hash(const char *element, size_t length)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	while (length--)
		hash = (hash ^ (uint8_t)*element++) * 16777619u;
	return (hash ^ hash >> 16) & (ELEMENT_SLOTS - 1);
}

static const struct csta_type *row(uint16_t number)
{
	return number ? &csta_types[number - 1] : NULL;
}

const struct csta_type *csta_type_of_element(const char *element, size_t length)
{
	unsigned slot = element_hash(element, length);

	for (; by_element[slot]; slot = (slot + 1) & (ELEMENT_SLOTS - 1)) {
		const struct csta_type *type = row(by_element[slot]);

		if (strlen(type->element) == length && !memcmp(type->element, element, length))
			return type;
	}
	return NULL;
}

const struct csta_type *csta_type_of_operation(int operation, enum csta_kind kind)
{
	if (operation < 0 || operation >= OPERATION_END ||
	    (kind != CSTA_REQUEST && kind != CSTA_RESPONSE))
		return NULL;
	return row(by_operation[kind == CSTA_RESPONSE][operation]);
}

const struct csta_type *csta_type_of_event(int category, int tag)
{
	if (category < 0 || category >= CATEGORY_END || tag < 0 || tag >= EVENT_TAG_END)
		return NULL;
	return row(by_event[category][tag]);
}

const struct csta_type *csta_type_of_response(const struct csta_type *request)
{
	return row(response_of[request - csta_types]);
}

/* ECMA-354 calls the positive answer XPosResponse, ECMA-323 XResponse. */
static const struct csta_type *response_find(const struct csta_type *request)
{
	char name[64];
	int length;

	if (request->kind == CSTA_REQUEST)
		return csta_type_of_operation(request->operation, CSTA_RESPONSE);
	if (request->kind != CSTA_SESSION)
		return NULL;
	length = snprintf(name, sizeof(name), "%sPosResponse", request->element);
	return length < (int)sizeof(name) ? csta_type_of_element(name, (size_t)length) : NULL;
}

void csta_types_index(void)
{
	for (size_t i = 0; i < csta_type_count; i++) {
		const struct csta_type *type = &csta_types[i];
		unsigned slot = element_hash(type->element, strlen(type->element));

		while (by_element[slot])
			slot = (slot + 1) & (ELEMENT_SLOTS - 1);
		by_element[slot] = (uint16_t)(i + 1);
		if (type->kind == CSTA_EVENT)
			by_event[type->event_category][type->event_tag] = (uint16_t)(i + 1);
		else if (type->operation >= 0)
			by_operation[type->kind == CSTA_RESPONSE][type->operation] =
			        (uint16_t)(i + 1);
	}
	for (size_t i = 0; i < csta_type_count; i++) {
		const struct csta_type *response = response_find(&csta_types[i]);

		response_of[i] = response ? (uint16_t)(response - csta_types + 1) : 0;
	}
}
