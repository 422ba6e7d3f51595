/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where ECMA-323 shapes a thing differently than ECMA-285. What no edition has an element for
 * (edition 0) exists in BER and JSON only; the property test of conversion lists it.
 */
#include "csta/spelling_xml.h"

#include <AccountInfo.h>
#include <AgentPassword.h>
#include <AgentState.h>
#include <AgentStateList.h>
#include <AuthCode.h>
#include <CallAssociatedServices.h>
#include <CallCharacteristics.h>
#include <CallControlServices.h>
#include <CallQualifyingData.h>
#include <CallState.h>
#include <ClearCallArgument.h>
#include <ConferenceCallResult.h>
#include <ConnectionIDBody.h>
#include <ConnectionList.h>
#include <ConsultationCallResult.h>
#include <CorrelatorData.h>
#include <DeflectCallArgument.h>
#include <DeviceHistory.h>
#include <DeviceID.h>
#include <DirectedPickupCallResult.h>
#include <EscapeArgument.h>
#include <EventCause.h>
#include <ExtendedDevice.h>
#include <GroupPickupCallResult.h>
#include <LocalDeviceID.h>
#include <LogicalDeviceFilter.h>
#include <MakeCallArgument.h>
#include <MakeCallResult.h>
#include <MessageInfo.h>
#include <MonitorStartArgument.h>
#include <MonitorStartResult.h>
#include <NoDataResult.h>
#include <PrivateDataList.h>
#include <PrivateEvent.h>
#include <RedirectionDevice.h>
#include <SecurityInfo.h>
#include <ServiceInitiatedEvent.h>
#include <SingleStepConferenceCallArgument.h>
#include <SingleStepConferenceCallResult.h>
#include <SingleStepTransferCallArgument.h>
#include <SingleStepTransferCallResult.h>
#include <SnapshotCallData.h>
#include <SnapshotDeviceData.h>
#include <SnapshotDeviceResponseInfo.h>
#include <SwitchingSubDomainCCIEType.h>
#include <SystemResourceAvailabilityErrors.h>
#include <SystemStatusValue.h>
#include <TimeInfo.h>
#include <TransferCallResult.h>
#include <UniversalFailure.h>
#include <UserData.h>
#include <XMLContent.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct xml_shape_spelling xml_shape_spellings[] = {
        {&asn_DEF_DeviceID, NULL, XML_DEVICE, NULL},
        {&asn_DEF_LocalDeviceID, NULL, XML_LOCAL_DEVICE, NULL},
        {&asn_DEF_ConnectionIDBody, NULL, XML_CONNECTION, NULL},
        {&asn_DEF_TimeInfo, NULL, XML_TIME, NULL},
        {&asn_DEF_XMLContent, NULL, XML_RAW, NULL},

        /* xs:hexBinary; other OCTET STRINGs are xs:string */
        {&asn_DEF_AccountInfo, NULL, XML_HEX, NULL},
        {&asn_DEF_AuthCode, NULL, XML_HEX, NULL},
        {&asn_DEF_AgentPassword, NULL, XML_HEX, NULL},
        {&asn_DEF_CallQualifyingData, NULL, XML_HEX, NULL},
        {NULL, "switchingSubDomainInformationElements", XML_HEX, NULL},
        {&asn_DEF_SecurityInfo, "string", XML_HEX, NULL},

        /* octets in hexadecimal, or private: any XML, which becomes the octets */
        {&asn_DEF_CorrelatorData, NULL, XML_TWOFOLD, NULL},
        {&asn_DEF_UserData, NULL, XML_TWOFOLD, NULL},
        {&asn_DEF_PrivateDataList, NULL, XML_ANY_LIST, NULL},
        {&asn_DEF_EscapeArgument, "privateData", XML_ANY, NULL},
        {&asn_DEF_PrivateEvent, "privateData", XML_ANY, NULL},

        /* a list there, one value in ECMA-285 */
        {&asn_DEF_DeviceHistory, NULL, XML_WRAPPED, "DeviceHistoryListItem"},
        {&asn_DEF_MessageInfo, NULL, XML_WRAPPED, "messageInfoItem"},
        /* a RedirectionDeviceID there, a DeviceID in ECMA-285 */
        {&asn_DEF_DeviceHistory, "oldDeviceID", XML_WRAPPED, "numberDialed"},
        /* MonitorMediaClass has no notKnown; ECMA-285's has */
        {&asn_DEF_MonitorStartArgument, "requestedMonitorMediaClass", XML_BITS, "notKnown"},
        {&asn_DEF_MonitorStartResult, "actualMonitorMediaClass", XML_BITS, "notKnown"},
        /* one list in edition 6, one number before; a number and a list of more in ECMA-285 */
        {&asn_DEF_DeflectCallArgument, "newDestination", XML_DESTINATIONS, "device"},
};
const size_t xml_shape_spelling_count = COUNT(xml_shape_spellings);

/* Editions 4 and 5 are not known in detail: what edition 3 lacks is sent from 6 on. */
const struct xml_edition_spelling xml_edition_spellings[] = {
        {NULL, "locationInfo", 6, NULL},
        {NULL, "deviceInfo", 6, NULL},
        {&asn_DEF_ServiceInitiatedEvent, "calledDevice", 6, NULL},
        {&asn_DEF_MakeCallArgument, "reason", 6, NULL},
        {&asn_DEF_ClearCallArgument, "reason", 6, NULL},
        {&asn_DEF_DeflectCallArgument, "callCharacteristics", 6, NULL},
        {&asn_DEF_SingleStepTransferCallArgument, "callCharacteristics", 6, NULL},
        {&asn_DEF_MakeCallResult, "callLinkageData", 6, NULL},
        {&asn_DEF_ConsultationCallResult, "callLinkageData", 6, NULL},
        {&asn_DEF_DirectedPickupCallResult, "callLinkageData", 6, NULL},
        {&asn_DEF_GroupPickupCallResult, "callLinkageData", 6, NULL},
        {&asn_DEF_SnapshotDeviceResponseInfo, "callLinkageData", 6, NULL},
        {&asn_DEF_ConferenceCallResult, "callLinkageDataList", 6, NULL},
        {&asn_DEF_SingleStepConferenceCallResult, "callLinkageDataList", 6, NULL},
        {&asn_DEF_SingleStepTransferCallResult, "callLinkageDataList", 6, NULL},
        {&asn_DEF_TransferCallResult, "callLinkageDataList", 6, NULL},

        {&asn_DEF_CallCharacteristics, "encryptedCall", 6, NULL},
        {&asn_DEF_CallAssociatedServices, "changeConnectionInformation", 6, NULL},
        {&asn_DEF_LogicalDeviceFilter, "presenceState", 6, NULL},

        {&asn_DEF_EventCause, "makeConnection", 6, "makeCall"},
        {&asn_DEF_EventCause, "callInterception", 6, "redirected"},
        {&asn_DEF_EventCause, "callInterceptionBusy", 6, "redirected"},
        {&asn_DEF_EventCause, "callInterceptionForwarded", 6, "redirected"},
        {&asn_DEF_EventCause, "callInterceptionNoAnswer", 6, "redirected"},
        {&asn_DEF_EventCause, "callInterceptionResourcesNotAvailable", 6, "redirected"},
        {&asn_DEF_EventCause, "lawfulInterception", 6, "normal"},
        {&asn_DEF_SystemResourceAvailabilityErrors, "conferenceResourceCannotBeSatisfied", 6,
         "generic"},
        {&asn_DEF_SystemResourceAvailabilityErrors, "maxDevicesExceeded", 6, "generic"},
        {&asn_DEF_SystemResourceAvailabilityErrors, "startTimeOutOfRange", 6, "generic"},
        {&asn_DEF_SystemResourceAvailabilityErrors, "durationExceeded", 6, "generic"},
        {&asn_DEF_SwitchingSubDomainCCIEType, "sip", 6, "other"},

        /* in no edition */
        {&asn_DEF_CallControlServices, "makeConnection", 0, NULL},
        {&asn_DEF_NoDataResult, "noData", 0, NULL}, /* the absence of extensions says it */
        {&asn_DEF_DeflectCallArgument, "addNewDestinationsList", 0, NULL}, /* in newDestination */
};
const size_t xml_edition_spelling_count = COUNT(xml_edition_spellings);

/*
 * Whoever leaves out what the standard demands still sends an event that happened. What nothing
 * can be done without (the connection, the monitored object) is refused.
 */
const struct xml_fill_spelling xml_fill_spellings[] = {
        {&asn_DEF_ExtendedDevice, NULL, "notKnown"},
        {&asn_DEF_RedirectionDevice, NULL, "notKnown"},
        {&asn_DEF_EventCause, NULL, "normal"},
        {&asn_DEF_SystemStatusValue, NULL, "normal"}, /* a bare SystemStatus is a heartbeat */
        {&asn_DEF_NoDataResult, NULL, "noData"},
        {&asn_DEF_UniversalFailure, NULL, "unspecified"}, /* privateErrorCode is in XML only */
        {&asn_DEF_AgentState, NULL, "agentNull"},
        {&asn_DEF_CallState, NULL, "unknown"},
        {&asn_DEF_ConnectionList, NULL, NULL},
        {&asn_DEF_SnapshotCallData, NULL, NULL},
        {&asn_DEF_SnapshotDeviceData, NULL, NULL},
        {&asn_DEF_AgentStateList, NULL, NULL},
        {&asn_DEF_MessageInfo, "contents", NULL}, /* optional in the schema */
};
const size_t xml_fill_spelling_count = COUNT(xml_fill_spellings);

const struct xml_required_spelling xml_required_spellings[] = {
        {&asn_DEF_SingleStepConferenceCallArgument, "participationType"},
};
const size_t xml_required_spelling_count = COUNT(xml_required_spellings);

const struct xml_order_spelling xml_order_spellings[] = {
        {&asn_DEF_MessageInfo, "contentTypeAndSubtype contents contentsLength"},
};
const size_t xml_order_spelling_count = COUNT(xml_order_spellings);
