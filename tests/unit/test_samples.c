/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages written out by hand from the modules of ECMA-285 and the schemas of ECMA-323: the octets
 * decode to the document, and the document to the octets.
 */
#include "csta/codec.h"
#include "csta/deviation.h"
#include "test.h"
#include "tests/support/messages.h"

#include <stdio.h>
#include <string.h>

#define D1         "30068004 32303031" /* DeviceID, dialled number: 2001 */
#define D2         "30068004 32303032"
#define D3         "30068004 32303033"
#define ID1        "<deviceIdentifier>2001</deviceIdentifier>"
#define ID2        "<deviceIdentifier>2002</deviceIdentifier>"
#define CALL17     "6b04 80023137"
#define XCALL17    "<callID>17</callID>"
#define MONITOR(x) "<monitorCrossRefID>9</monitorCrossRefID>" x

static const struct sample {
	const char *ber, *element, *content;
} samples[] = {
        /* routeing: the cross reference is [APPLICATION 24], most of the rest has a tag */
        {"a134 020103 02011f 302c 58023132 6208 30068004 33303030 6102 8800"
         " 6308 30068004 35303031" CALL17 "810101 820100 83021388",
         "RouteRequest",
         "<crossRefIdentifier>12</crossRefIdentifier>"
         "<currentRoute><deviceIdentifier>3000</deviceIdentifier></currentRoute>"
         "<callingDevice><restricted/></callingDevice>"
         "<routeingDevice><deviceIdentifier>5001</deviceIdentifier></routeingDevice>"
         "<routedCall>" XCALL17 "</routedCall><routeSelAlgorithm>leastCost</routeSelAlgorithm>"
         "<priority>false</priority><replyTimeout>5000</replyTimeout>"},
        {"a133 020101 020121 302b 58023132 800137 a108" D3 "a210" D1 D2 "a303 820102 8401ff",
         "RouteSelect",
         "<crossRefIdentifier>12</crossRefIdentifier><routeRegisterReqID>7</routeRegisterReqID>"
         "<routeSelected>2003</routeSelected><alternateRoutes><deviceID>2001</deviceID>"
         "<deviceID>2002</deviceID></alternateRoutes><remainRetries><retryCount>2</retryCount>"
         "</remainRetries><routeUsedReq>true</routeUsedReq>"},
        {"a114 020102 020123 300c 58023132 a106 a004 0a020090", "RouteEnd",
         "<crossRefIdentifier>12</crossRefIdentifier><errorValue>"
         "<operation>routeingTimerExpired</operation></errorValue>"},
        /* call control */
        {"a129 020104 020200df 3020 6b10 300e 80023137 a108" D3 D1 "800101 810100", "JoinCall",
         "<activeCall>" XCALL17 "<deviceID>2003</deviceID></activeCall>"
         "<joiningDevice>2001</joiningDevice><autoOriginate>doNotPrompt</autoOriginate>"
         "<participationType>silent</participationType>"},
        {"a133 020105 02010b 302b 30068004 33303030 30098007 35353531323334 a006 0a0101 0a0100"
         " a108 3006 0a0101 0a0100 820101 86011e",
         "MakePredictiveCall",
         "<callingDevice>3000</callingDevice>"
         "<calledDirectoryNumber>5551234</calledDirectoryNumber><signallingDetection>"
         "<signallingCondition>callEstablished</signallingCondition><signallingConditionsAction>"
         "destinationDetection</signallingConditionsAction></signallingDetection>"
         "<destinationDetection><detectionItem>"
         "<destinationCondition>answeringMachine</destinationCondition>"
         "<detectionAction>clearCalledConnection</detectionAction></detectionItem>"
         "</destinationDetection><defaultAction>remainConnected</defaultAction>"
         "<alertTime>30</alertTime>"},
        {"a121 020106 02020178 3018" D1 "3008" D2 "3004 1602 6869", "SendMessage",
         "<callingDevice>2001</callingDevice><destinationDevices><device>2002</device>"
         "</destinationDevices><messageInfo><messageInfoItem><contents>hi</contents>"
         "</messageInfoItem></messageInfo>"},
        {"a137 020107 020115 302f 550139 a12a a428 3011" D1 CALL17 "4e0103 a110 300e" D2 CALL17
         "0a0103",
         "ServiceCompletionFailureEvent",
         MONITOR("<primaryCall><deviceID>2001</deviceID><connectionID>" XCALL17
                 "</connectionID><localConnectionState>connected</localConnectionState>"
                 "</primaryCall><otherDevsPrimaryCallList><otherDevsPrimaryCall>"
                 "<deviceID>2002</deviceID><connectionID>" XCALL17
                 "</connectionID></otherDevsPrimaryCall></otherDevsPrimaryCallList>"
                 "<cause>busy</cause>")},
        {"a136 020107 020115 302e 550139 a229 a027 6b10 300e 80023137 a108" D1 "6308" D1
         "0a0109 81027331 03020520",
         "MediaAttachedEvent",
         MONITOR("<mediaConnection>" XCALL17 "<deviceID>2001</deviceID></mediaConnection>"
                 "<mediaDevice>" ID1 "</mediaDevice><mediaServiceType>cstaIVRScript1"
                 "</mediaServiceType><mediaStreamID>s1</mediaStreamID><callCharacteristics>"
                 "<maintainanceCall>true</maintainanceCall></callCharacteristics>")},
        /* devices; the order of the two ring fields is not the same */
        {"a12a 020107 020115 3022 550139 a41d ab1b 6308" D1 "0101ff 03020640 3008" D2,
         "DoNotDisturbEvent",
         MONITOR("<device>" ID1 "</device><doNotDisturbOn>true</doNotDisturbOn><callOrigination>"
                 "<external>true</external></callOrigination><callingDeviceList>"
                 "<callingDevice>2002</callingDevice></callingDeviceList>")},
        {"a130 020107 020115 3028 550139 a423 ac21 6308" D1 "0a0102 0101ff" D2
         "0a0102 020103 840114",
         "ForwardingEvent",
         MONITOR("<device>" ID1 "</device><forwardingType>forwardNoAns</forwardingType>"
                 "<forwardStatus>true</forwardStatus><forwardTo>2002</forwardTo>"
                 "<forwardDefault>forwardDN</forwardDefault><ringCount>3</ringCount>"
                 "<ringDuration>20</ringDuration>")},
        {"a223 020108 301e 02020135 3018 3016 3014 0a0100 010100" D2 "800114 020103",
         "GetForwardingResponse",
         "<forwardingList><forwardListItem><forwardingType>forwardImmediate</forwardingType>"
         "<forwardStatus>false</forwardStatus><forwardDN>2002</forwardDN>"
         "<ringCount>3</ringCount><ringDuration>20</ringDuration></forwardListItem>"
         "</forwardingList>"},
        {"a126 020107 020115 301e 550139 a419 a817 6308" D1 "6308" D2 "010100", "CallBackEvent",
         MONITOR("<originatingDevice>" ID1 "</originatingDevice><targetDevice>" ID2
                 "</targetDevice><callBackSetCanceled>false</callBackSetCanceled>")},
        {"a21a 020109 3015 02020175 300f 300d 300b 550131" D1, "GetMonitorsResponse",
         "<crossRefIDorRegistrationData><monitorList><monitorListEntry>"
         "<monitorCrossRefID>1</monitorCrossRefID><monitorObject>2001</monitorObject>"
         "</monitorListEntry></monitorList></crossRefIDorRegistrationData>"},
        /* physical devices; a volume is a CHOICE within its tag */
        {"a120 020103 02020118 3017" D1 "04027231 0a0100 810102 a203 020132", "SetRingerStatus",
         "<device>2001</device><ringer>r1</ringer><ringMode>ringing</ringMode>"
         "<ringPattern>2</ringPattern><ringVolume><volAbs>50</volAbs></ringVolume>"},
        {"a129 020107 020115 3021 550139 a31c a41a 6308" D1 "040131 04024d57 020103 0a0102 020101",
         "LampModeEvent",
         MONITOR("<device>" ID1 "</device><lamp>1</lamp><lampLabel>MW</lampLabel>"
                 "<lampMode>3</lampMode><lampBrightness>bright</lampBrightness>"
                 "<lampColor>1</lampColor>")},
        /* capabilities; bits are where ECMA-285 says, not where they stand in the schema */
        {"a129 020104 020200cd 3020 040131 0101ff 3018 3016" D1 "800100 810100 03020560 16025435",
         "SwitchingFunctionDevices",
         "<serviceCrossRefID>1</serviceCrossRefID><lastSegment>true</lastSegment>"
         "<deviceList><device><deviceID>2001</deviceID><deviceCategory>acd</deviceCategory>"
         "<namedDeviceTypes>acd</namedDeviceTypes><deviceAttributes>"
         "<routeingDevice>true</routeingDevice><groupACD>true</groupACD></deviceAttributes>"
         "<deviceModelName>T5</deviceModelName></device></deviceList>"},
        {"a233 020105 302e 020200c9 3028 0101ff 03020780 84020780 010100 0a0101 890102"
         " bb0a a008 9106 04 0000002010 bc06 a204 8e020640",
         "GetLogicalDeviceInformationResponse",
         "<hasPhysicalElement>true</hasPhysicalElement><acdModels>"
         "<visibleACDRelatedDevices>true</visibleACDRelatedDevices></acdModels>"
         "<agentLogOnModels><logOnToACDDevice>true</logOnToACDDevice></agentLogOnModels>"
         "<appearanceAddressable>false</appearanceAddressable>"
         "<appearanceType>basicStandard</appearanceType><maxCallbacks>2</maxCallbacks>"
         "<logDevServList><callControlServList><makeCall>"
         "<callCharacteristicsLowPriorityCall>true</callCharacteristicsLowPriorityCall>"
         "<reason>true</reason></makeCall></callControlServList></logDevServList>"
         "<logDevEvtsList><logicalEvtsList><presenceState><untilTime>true</untilTime>"
         "</presenceState></logicalEvtsList></logDevEvtsList>"},
        {"a230 020107 302b 020200ca 3025 800105 010100 ad1d 901b 00 00000000000000000000000000"
         " 02 0000000000000000000000 01",
         "GetPhysicalDeviceInformationResponse",
         "<deviceCategory>station</deviceCategory><hasLogicalElement>false</hasLogicalElement>"
         "<physDevServList><setLampMode><lampColorSf0>true</lampColorSf0>"
         "<ackModelMultiStep>true</ackModelMultiStep></setLampMode></physDevServList>"},
        /* [28] is there twice */
        {"a266 020108 3061 020200cb 305b 160141 160142 03020780 030100 030100 03020640 030100"
         " 0a0100 9c020780 0a0100 3024 020101 020102 020103 020104 020105 020106 020107 020108 "
         "020109 02010a 02010b 02010c"
         " bc12 02010d 02010e 02010f 020110 020111 020112",
         "GetSwitchingFunctionCapsResponse",
         "<switchingSubDomainName>A</switchingSubDomainName>"
         "<manufacturerName>B</manufacturerName><profiles>"
         "<basicTelephonyProfile>true</basicTelephonyProfile></profiles><deviceIDFormat/>"
         "<swDomainFeatures/><swAppearanceAddressability><addressable>true</addressable>"
         "</swAppearanceAddressability><swAppearanceTypes/>"
         "<ignoreUnsupportedParameters>ignoreParameters</ignoreUnsupportedParameters>"
         "<callLinkageOptions><callLinkageFeatureSupported>true</callLinkageFeatureSupported>"
         "</callLinkageOptions><connectionView>fixed</connectionView>"
         "<maxLengthParameters><accountInfo>1</accountInfo><authCode>2</authCode><agentI"
         "D>3</agentID><agentPassword>4</agentPassword><callIDInConnectionID>5</callIDIn"
         "ConnectionID><correlatorData>6</correlatorData><privateData>7</privateData><de"
         "viceIdentifiers>8</deviceIdentifiers><userData>9</userData><buttonLabel>10</bu"
         "ttonLabel><lampLabel>11</lampLabel><charactersToSend>12</charactersToSend></ma"
         "xLengthParameters><maxLengthParametersCont><monitorCrossRefID>13</monitorCross"
         "RefID><callQualifyingData>14</callQualifyingData><subDomainCallLinkageData>15<"
         "/subDomainCallLinkageData><subDomainThreadID>16</subDomainThreadID><ioData>17<"
         "/ioData><messageInfo>18</messageInfo></maxLengthParametersCont>"},
        /* system: a set in XML, one value here */
        {"a10f 020106 020200ce 3006 040135 0a0105", "ChangeSysStatFilter",
         "<sysStatRegisterID>5</sysStatRegisterID><requestedStatusFilter>"
         "<overloadImminent>true</overloadImminent></requestedStatusFilter>"},
};

static void document(const struct sample *sample, char *out, size_t size)
{
	snprintf(out, size, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><%s xmlns=\"%s\">%s</%s>",
	         sample->element, csta_edition_namespace(CSTA_ED6), sample->content,
	         sample->element);
}

static void test_octets_to_document(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct csta_message *message = NULL;
		struct csta_buffer out = {0};
		struct cti_error error = {0};
		char expected[2048];
		uint8_t octets[512];
		size_t used, length = unhex(samples[i].ber, octets, sizeof(octets));

		document(&samples[i], expected, sizeof(expected));
		if (csta_decode_ber(&message, codec, octets, length, &used, NULL, NULL, &error) ||
		    csta_encode_xml(codec, message, CSTA_ED6, &out, &error))
			fail_msg("%s: %s", samples[i].element, error.text);
		assert_int_equal(used, length);
		assert_int_equal(csta_buffer_append(&out, "", 1), 0);
		assert_string_equal(out.data, expected);
		csta_buffer_free(&out);
		csta_message_destroy(&message);
	}
}

static void test_document_to_octets(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct csta_message *message = NULL;
		struct csta_buffer out = {0};
		struct cti_error error = {0};
		char text[2048];
		uint8_t octets[512];
		size_t length = unhex(samples[i].ber, octets, sizeof(octets));

		document(&samples[i], text, sizeof(text));
		if (csta_decode_xml(&message, codec, text, strlen(text), NULL, &error))
			fail_msg("%s: %s", samples[i].element, error.text);
		assert_int_equal(csta_codec_deviations(codec), 0);
		message->invoke_id = octets[4]; /* stands in the frame, not in the document */
		if (csta_encode_ber(codec, message, &out, &error))
			fail_msg("%s: %s", samples[i].element, error.text);
		assert_int_equal(out.length, length);
		assert_memory_equal(out.data, octets, length);
		csta_buffer_free(&out);
		csta_message_destroy(&message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_octets_to_document),
	        cmocka_unit_test(test_document_to_octets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("samples", tests, codec_setup, codec_teardown);
}
