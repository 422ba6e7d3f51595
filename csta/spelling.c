/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/spelling.h"

#include <AARE.h>
#include <AARQ.h>
#include <ACSERequirements.h>
#include <AccountInfo.h>
#include <AgentInfoList.h>
#include <AgentPassword.h>
#include <AgentStateEntry.h>
#include <AgentStateList.h>
#include <AlternateCallArgument.h>
#include <ApplicationInfo.h>
#include <AuthCode.h>
#include <AuthenticationEncoding.h>
#include <AuthenticationValue.h>
#include <CSTAFunctionality.h>
#include <CSTASecurityData.h>
#include <CSTAVersion.h>
#include <CallMediaInfoList.h>
#include <CompoundCallState.h>
#include <ConnectionID.h>
#include <ConnectionIDBody.h>
#include <ConnectionInformation.h>
#include <ConnectionList.h>
#include <ConsultationCallArgument.h>
#include <DeviceIDList.h>
#include <DeviceMediaInfoList.h>
#include <EstablishedEvent.h>
#include <EventCause.h>
#include <LocationInfoList.h>
#include <MakeCallArgument.h>
#include <MediaCallCharacteristics.h>
#include <MonitorFilter.h>
#include <MonitorStartResult.h>
#include <NameAndPassword.h>
#include <NetworkEvents.h>
#include <NetworkReachedEvent.h>
#include <NumberOfChargingUnits.h>
#include <ProtocolVersion.h>
#include <ProtocolVersionList.h>
#include <RedirectionDeviceID.h>
#include <RequestTypes.h>
#include <ServicesPermitted.h>
#include <SingleStepConferenceCallArgument.h>
#include <SnapshotCallData.h>
#include <SnapshotCallResponseInfo.h>
#include <SnapshotCallResult.h>
#include <SnapshotDeviceData.h>
#include <StatusFilter.h>
#include <UniversalFailure.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const struct csta_field_spelling csta_field_spellings[] = {
        {NULL, "crossRefIdentifier", "monitorCrossRefID"},
        {&asn_DEF_MonitorStartResult, "actualmonitorFilter", "actualMonitorFilter"},
        {&asn_DEF_MonitorFilter, "callControl", "callcontrol"},
        {&asn_DEF_MonitorFilter, "voiceUnit", "voice"},
        {&asn_DEF_SnapshotCallResult, "associatedCallingDeviceID", "associatedCallingDevice"},
        {&asn_DEF_SnapshotCallResult, "associatedCalledDeviceID", "associatedCalledDevice"},
        {&asn_DEF_SnapshotCallResponseInfo, "localConnectionState", "localConnectionInfo"},
        {&asn_DEF_CSTASecurityData, "timestamp", "timeStamp"},
        {&asn_DEF_ConnectionInformation, "mediaSessionInformation", "mediaSessionInfo"},
        {&asn_DEF_RedirectionDeviceID, "numberdialed", "numberDialed"},
        {&asn_DEF_AgentStateEntry, "loggedOn", "loggedOnState"},
        {NULL, "locationInfo", "locationInfoList"},
        {&asn_DEF_SnapshotCallResponseInfo, "locationInfo", "locationInfo"}, /* any XML there */
        {&asn_DEF_NetworkReachedEvent, "originatingNIDConneciton", "originatingNIDConnection"},
        {&asn_DEF_ServicesPermitted, "voiceUnitServices", "voiceServices"},
        /* Misspelt in the schema itself. */
        {&asn_DEF_ServicesPermitted, "mediaAttachmentServices", "mediaAttachementServices"},
        {&asn_DEF_EstablishedEvent, "originatingNIDConnection", "originatinNIDConnection"},
        {&asn_DEF_UniversalFailure, "systemResourceAvailability", "systemResourceAvailibility"},
        /* The items of lists. */
        {&asn_DEF_ConnectionList, "", "connectionListItem"},
        {&asn_DEF_AgentStateList, "", "agentStateEntry"},
        {&asn_DEF_AgentInfoList, "", "agentInfoItem"},
        {&asn_DEF_DeviceIDList, "", "device"},
        {&asn_DEF_SnapshotCallData, "", "snapshotCallResponseInfo"},
        {&asn_DEF_SnapshotDeviceData, "", "snapshotDeviceResponseInfo"},
        {&asn_DEF_CallMediaInfoList, "", "callMediaInfo"},
        {&asn_DEF_DeviceMediaInfoList, "", "deviceMediaInfo"},
        {&asn_DEF_CompoundCallState, "", "localConnectionState"},
        {&asn_DEF_NumberOfChargingUnits, "", "chargingUnitsRecord"},
        {&asn_DEF_LocationInfoList, "", "locationInfoEntry"},
        {&asn_DEF_ProtocolVersionList, "", "protocolVersion"},
};
const size_t csta_field_spelling_count = COUNT(csta_field_spellings);

const struct csta_standard_value csta_standard_values[] = {
        {&asn_DEF_MediaCallCharacteristics, "bitRate", BitRate_constant},
        {&asn_DEF_ConnectionInformation, "numberOfChannels", 1},
        {&asn_DEF_MakeCallArgument, "autoOriginate", AutoOriginate_prompt},
        {&asn_DEF_AlternateCallArgument, "consultOptions", ConsultOptions_unrestricted},
        {&asn_DEF_ConsultationCallArgument, "consultOptions", ConsultOptions_unrestricted},
        {&asn_DEF_SingleStepConferenceCallArgument, "participationType", ParticipationType_active},
        {&asn_DEF_MonitorFilter, NULL, 0},
        {&asn_DEF_CSTAFunctionality, NULL, 0},
        {&asn_DEF_AARQ, "protocol-version", 1},
        {&asn_DEF_AARE, "protocol-version", 1},
};
const size_t csta_standard_value_count = COUNT(csta_standard_values);

const struct csta_bit_names csta_bit_names[] = {
        {&asn_DEF_MediaClass,
         "voice data image audio:4 other:3 notKnown:5 chat email message im sms mms"},
        {&asn_DEF_CallCharacteristics,
         "acdCall lowPriorityCall:11 priorityCall:1 highPriorityCall:12 "
         "maintainanceCall:2 directAgent assistCall voiceUnitCall privateCall "
         "personalCall sensitiveCall confidentialCall encryptedCall"},
        {&asn_DEF_CallControlServices,
         "acceptCall alternateCall answerCall callBack callBackMessage campOnCall "
         "clearCall clearConnection conferenceCall consultationCall deflectCall "
         "dialDigits directedPickupCall groupPickupCall holdCall intrudeCall joinCall "
         "makeCall makePredictiveCall parkCall reconnectCall retrieveCall sendMessage:26 "
         "singleStepConference:22 singleStepTransfer transferCall makeConnection"},
        {&asn_DEF_CallAssociatedServices,
         "associateData cancelTelephonyTones generateDigits generateTelephonyTones "
         "sendUserInformation changeConnectionInformation"},
        {&asn_DEF_MediaAttachmentServices, "attachMediaService detachMediaService"},
        {&asn_DEF_RouteingServices,
         "routeRegister routeRegisterCancel routeRegisterAbort reRoute routeEnd "
         "routeReject routeRequest routeSelect routeUsed"},
        {&asn_DEF_VoiceUnitServices,
         "activate:12 clear deactivate concatenateMessage:0 deleteMessage playMessage "
         "queryVoiceAttribute recordMessage reposition resume review setVoiceAttribute "
         "stop suspend synthesizeMessage"},
        {&asn_DEF_NetworkEvents,
         "bridged callCleared conferenced connectionCleared delivered digitsDialed "
         "diverted established failed held networkCapabilitiesChange networkReached "
         "offered originated queued retrieved serviceInitiated transferred"},
        {&asn_DEF_CallControlFilter,
         "bridged:15 callCleared:0 conferenced connectionCleared delivered "
         "digitsDialed:14 diverted:4 established failed held "
         "networkCapabilitiesChanged:16 networkReached:8 offered:17 originated:9 queued "
         "retrieved serviceInitiated transferred"},
        {&asn_DEF_CallAssociatedFilter,
         "callInformation charging digitsGenerated telephonyTonesGenerated "
         "serviceCompletionFailure"},
        {&asn_DEF_MediaAttachmentFilter, "mediaAttached mediaDetached"},
        {&asn_DEF_PhysicalDeviceFilter,
         "buttonInformation buttonPress displayUpdated hookswitch lampMode "
         "messageWaiting microphoneGain microphoneMute ringerStatus speakerMute "
         "speakerVolume"},
        {&asn_DEF_LogicalDeviceFilter,
         "agentBusy agentLoggedOn agentLoggedOff agentNotReady agentReady "
         "agentWorkingAfterCall autoAnswer autoWorkMode callBack callBackMessage "
         "callerIDStatus doNotDisturb forwarding presenceState:14 routeingMode:13"},
        {&asn_DEF_MaintenanceFilter,
         "backInService deviceCapabilityChanged:2 outOfService:1 partiallyInService:3"},
        {&asn_DEF_VoiceUnitFilter,
         "bookmarkReached:7 completed dtmfDetected emptied interruptionDetected "
         "notRecognized play:1 recognized:13 record:3 review:5 started:14 "
         "silenceTimeoutExpired speechDetected stop:0 suspendPlay:2 suspendRecord:4 "
         "voiceAttributesChanged:6 voiceErrorOccurred:17"},
        {&asn_DEF_VendorFilter, "private"},
        {&asn_DEF_RequestTypes, "systemStatus requestSystemStatus switchingFunctionCapsChanged "
                                "switchingFunctionDevicesChanged"},
        {&asn_DEF_StatusFilter,
         "initializing enabled normal messageLost disabled partiallyDisabled "
         "overloadImminent overloadReached overloadRelieved"},
        {&asn_DEF_SwitchingFunctionServicesC2,
         "alternateCall answerCall associateData callCompletion clearCall "
         "clearConnection conferenceCall consultationCall divertCall holdCall makeCall "
         "makePredictiveCall parkCall queryDevice reconnectCall retrieveCall "
         "sendDTMFTones setFeature singleStepConference singleStepTransfer transferCall"},
        {&asn_DEF_EventReportServicesC2,
         "callCleared conferenced connectionCleared delivered diverted established "
         "failed held networkReached originated queued retrieved serviceInitiated "
         "transferred autoAnswer callInformation doNotDisturb forwarding messageWaiting "
         "microphoneMute speakerMute speakerVolume agentBusy loggedOn loggedOff notReady "
         "ready workingAfterCall backInService outOfServiceEvent privateEvent playEvent "
         "recordEvent reviewEvent stopEvent suspendPlayEvent suspendRecordEvent "
         "voiceAttributesChangeEvent"},
        {&asn_DEF_ComputingFunctionServicesC2,
         "routeRequest reRouteRequest routeSelectRequest routeUsedRequest "
         "routeEndRequest"},
        {&asn_DEF_BidirectionalServicesC2, "escapeService systemStatus"},
        {&asn_DEF_StatusReportingServicesC2,
         "monitorStart changeMonitorFilter monitorStop snapshotDevice snapshotCall"},
        {&asn_DEF_InputOutputServicesC2,
         "startDataPathService stopDataPathService sendDataService "
         "sendMulticastDataService sendBroadcastDataService suspendDataPathService "
         "dataPathSuspendedService resumeDataPath dataPathResumedService fastData"},
        {&asn_DEF_VoiceUnitServicesC2,
         "concatenateMessage deleteMessage playMessage queryVoiceAttribute recordMessage "
         "reposition resume review setVoiceAttribute stop suspend synthesizeMessage"},
        {&asn_DEF_CSTAVersion,
         "versionOne versionTwo versionThree versionFour versionFive versionSix "
         "versionSeven versionEight versionNine versionTen versionEleven versionTwelve "
         "versionThirteen versionFourteen versionFifteen versionSixteen versionSeventeen "
         "versionEighteen versionNineteen versionTwenty versionTwentyone "
         "versionTwentytwo versionTwentythree versionTwentyfour"},
        {&asn_DEF_ProtocolVersion, "version1"},
        {&asn_DEF_ACSERequirements,
         "authentication aSO-context-negotiation higher-level-association nested-association"},
};
const size_t csta_bit_names_count = COUNT(csta_bit_names);

const struct csta_enum_spelling csta_enum_spellings[] = {
        {&asn_DEF_EventCause, "notAvaliableBearerService", "notAvailableBearerService"},
        {&asn_DEF_EventCause, "badUri", "badURI"},
        {&asn_DEF_EventCause, "interDigitTimeout", "interdigitTimeout"},
};
const size_t csta_enum_spelling_count = COUNT(csta_enum_spellings);

bool csta_field_is_secret(const asn_TYPE_descriptor_t *type,
                          const asn_TYPE_descriptor_t *field_type, const char *field)
{
	if (field_type == &asn_DEF_AccountInfo || field_type == &asn_DEF_AuthCode ||
	    field_type == &asn_DEF_AgentPassword)
		return true;
	if (type == &asn_DEF_NameAndPassword)
		return !strcmp(field, "password");
	if (type == &asn_DEF_AuthenticationValue || type == &asn_DEF_AuthenticationEncoding)
		return strcmp(field, "external") && strcmp(field, "single-ASN1-type");
	/* Avaya, OpenScape and others log in here. */
	return type == &asn_DEF_ApplicationInfo && !strcmp(field, "applicationSpecificInfo");
}

bool csta_field_is_flat(const asn_TYPE_descriptor_t *type, const char *field)
{
	return (type == &asn_DEF_ConnectionID || type == &asn_DEF_ConnectionIDBody) &&
	       !strcmp(field, "both");
}
