/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and writing ECMA-323: what senders do, what they must not do, and what is said about it;
 * input cut at every octet, floods, and every allocation failing. That values come back is
 * test_convert.c's, what real switches send is tests/captures'.
 */
#include "csta/codec.h"
#include "csta/deviation.h"
#include "csta/text.h"
#include "csta/xml_state.h"
#include "test.h"
#include "tests/support/messages.h"

#include <CallClearedEvent.h>
#include <DeliveredEvent.h>
#include <EscapeArgument.h>
#include <MakeCallArgument.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS(edition) "http://www.ecma-international.org/standards/ecma-323/csta/ed" #edition
#define IN(edition) " xmlns=\"" NS(edition) "\""

/* An event with something of everything. */
static const char delivered[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<DeliveredEvent" IN(
                4) ">\n"
                   "  <monitorCrossRefID>77</monitorCrossRefID>\n"
                   "  <connection><callID>17</callID><deviceID>2001</deviceID></connection>\n"
                   "  <alertingDevice><deviceIdentifier>2001</deviceIdentifier></alertingDevice>\n"
                   "  <callingDevice><deviceIdentifier typeOfNumber=\"explicitPublic:national\" "
                   "mediaClass=\"voice im\">75588880001</deviceIdentifier></callingDevice>\n"
                   "  <calledDevice><deviceIdentifier>3000</deviceIdentifier></calledDevice>\n"
                   "  "
                   "<lastRedirectionDevice><numberDialed>3000</numberDialed></"
                   "lastRedirectionDevice>\n"
                   "  <localConnectionInfo>alerting</localConnectionInfo>\n"
                   "  <correlatorData><string>01fF</string></correlatorData>\n"
                   "  <cause>distributed</cause>\n"
                   "  <servicesPermitted><callControlServices><answerCall>true</answerCall>"
                   "<clearCall>false</clearCall><deflectCall>1</deflectCall></callControlServices>"
                   "<callAssociatedServices/><mediaAttachementServices/><routeingServices/"
                   "><voiceServices/>"
                   "</servicesPermitted>\n"
                   "  <extensions><security><timeStamp>2026-11-22T07:00:00Z</timeStamp></security>"
                   "<privateData><private xmlns:v=\"urn:v\"><v:a b=\"&lt;\">&amp;</v:a></private>"
                   "</privateData></extensions>\n"
                   "</DeliveredEvent>\n";

static struct csta_message *read_good(const char *xml)
{
	struct csta_message *message = NULL;
	struct cti_error error = {0};

	if (csta_decode_xml(&message, codec, xml, strlen(xml), NULL, &error))
		fail_msg("%s\n%s", error.text, xml);
	return message;
}

static void assert_refused(const void *xml, size_t length, int code, const char *says)
{
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	int got = csta_decode_xml(&message, codec, xml, length, NULL, &error);

	if (got != code || error.code != code || !strstr(error.text, says))
		fail_msg("expected %d \"%s\", got %d \"%s\" for\n%.*s", code, says, got, error.text,
		         length > 300 ? 300 : (int)length, (const char *)xml);
	assert_null(message);
}

static void assert_writes(const struct csta_message *message, enum csta_edition edition,
                          const char *expected)
{
	struct csta_buffer text = {0};
	struct cti_error error = {0};

	if (csta_encode_xml(codec, message, edition, &text, &error))
		fail_msg("%s", error.text);
	assert_text(&text, expected);
	csta_buffer_free(&text);
}

/* ---- editions ---------------------------------------------------------------------------------
 */

static void test_editions(void **state)
{
	static const struct {
		const char *ns;
		unsigned edition;
	} cases[] = {
	        {NS(3), 3},
	        {NS(4), 4},
	        {NS(5), 5},
	        {NS(6), 6},
	        {NS(3) "/priv4", 3},
	        {NS(3) "/privA", 3},
	        {"http://www.ecma.ch/standards/ecma-323/csta/ed2", 2},
	        {NS(2) "/priv1", 2},
	        {NS(7), 0},
	        {NS(33), 0},
	        {"http://www.ecma-international.org/standards/ecma-323/csta/ed", 0},
	        {"urn:x", 0},
	        {"", 0},
	};
	char xml[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct csta_message *message = NULL;
		unsigned edition = 99;

		assert_int_equal(csta_edition_of(cases[i].ns, strlen(cases[i].ns)),
		                 cases[i].edition);
		snprintf(xml, sizeof(xml), "<p:MonitorStopResponse xmlns:p=\"%s\"/>",
		         *cases[i].ns ? cases[i].ns : "urn:none");
		assert_int_equal(csta_decode_xml(&message, codec, xml, strlen(xml), &edition, NULL),
		                 0);
		assert_int_equal(edition, cases[i].edition);
		csta_message_destroy(&message);
	}
	for (unsigned edition = CSTA_ED2; edition <= CSTA_ED6; edition++) {
		const char *ns = csta_edition_namespace(edition);

		assert_int_equal(csta_edition_of(ns, strlen(ns)), edition);
	}
	assert_null(csta_edition_namespace(7));
}

static void test_no_such_edition_to_send(void **state)
{
	struct csta_message *message = read_good("<MonitorStopResponse" IN(3) "/>");
	struct csta_buffer text = {0};
	struct cti_error error = {0};

	(void)state;
	assert_int_equal(csta_encode_xml(codec, message, 1, &text, &error), CTI_E_INVALID);
	assert_int_equal(csta_encode_xml(codec, message, 7, &text, &error), CTI_E_INVALID);
	assert_int_equal(text.length, 0);
	csta_message_destroy(&message);
}

/* ---- values -----------------------------------------------------------------------------------
 */

static void test_event(void **state)
{
	struct csta_message *message = read_good(delivered);
	const DeliveredEvent_t *event = message->value;

	(void)state;
	assert_int_equal(csta_codec_deviations(codec), 0);
	assert_int_equal(message->invoke_id, CSTA_NO_INVOKE_ID);
	assert_int_equal(message->monitor_length, 2);
	assert_memory_equal(message->monitor, "77", 2);
	assert_int_equal(event->connection.present, ConnectionIDBody_PR_both);
	assert_memory_equal(event->connection.choice.both.callID.buf, "17", 3);
	assert_int_equal(event->callingDevice.choice.deviceIdentifier.deviceIdentifier.present,
	                 DeviceIdentifier_PR_explicitPublic);
	assert_int_equal(event->cause, EventCause_distributed);
	assert_int_equal(event->correlatorData->size, 2);
	assert_memory_equal(event->correlatorData->buf, "\x01\xff", 2);
	assert_true(csta_bit_get(&event->servicesPermitted->callControlServices, 2));
	assert_true(csta_bit_get(&event->servicesPermitted->callControlServices, 10));
	assert_false(csta_bit_get(&event->servicesPermitted->callControlServices, 6));
	assert_memory_equal(event->extensions->security->timestamp->buf, "20261122070000Z", 16);
	csta_message_destroy(&message);
}

static void test_written_text(void **state)
{
	struct csta_message *message = read_good("<MakeCall" IN(
	        4) "><calledDirectoryNumber typeOfNumber=\"deviceNumber\"> 42 "
	           "</calledDirectoryNumber><callingDevice>N&lt;1&gt;\"A &amp; B\"</callingDevice>"
	           "<accountCode>0a 0B</accountCode><autoOriginate>prompt</autoOriginate>"
	           "<reason>newCall</reason></MakeCall>");

	(void)state;
	assert_int_equal(csta_codec_deviations(codec),
	                 CSTA_DEVIATION_ORDER | CSTA_DEVIATION_HEX_BLANKS);
	assert_writes(message, CSTA_ED6,
	              "<?xml version=\"1.0\" encoding=\"UTF-8\"?><MakeCall" IN(
	                      6) ">"
	                         "<callingDevice>N&lt;1&gt;&quot;A &amp; B&quot;</callingDevice>"
	                         "<calledDirectoryNumber typeOfNumber=\"deviceNumber\">42"
	                         "</calledDirectoryNumber><accountCode>0A0B</accountCode>"
	                         "<autoOriginate>prompt</autoOriginate><reason>newCall</reason></"
	                         "MakeCall>");
	/* Edition 3 has no reason. */
	assert_writes(message, CSTA_ED3,
	              "<?xml version=\"1.0\" encoding=\"UTF-8\"?><MakeCall" IN(
	                      3) ">"
	                         "<callingDevice>N&lt;1&gt;&quot;A &amp; B&quot;</callingDevice>"
	                         "<calledDirectoryNumber typeOfNumber=\"deviceNumber\">42"
	                         "</calledDirectoryNumber><accountCode>0A0B</accountCode>"
	                         "<autoOriginate>prompt</autoOriginate></MakeCall>");
	csta_message_destroy(&message);
}

/* What stands between the tags of callID, and the octets that it is. */
static void test_octets_as_text(void **state)
{
	static const struct {
		const char *text, *octets;
		size_t length;
		const char *again; /* NULL: the same text */
	} cases[] = {
	        {"FF0001", "FF0001", 6, NULL},
	        {"\n   17\t", "17", 2, "17"},
	        {"", "", 0, NULL},
	        {"0x0058", "\x00\x58", 2, NULL},
	        {"0x00ff", "0x00ff", 6, NULL}, /* lower case: a text */
	        {"0x4142", "0x4142", 6, NULL}, /* printable: never sent so, a text */
	        {"0x307830303538", "0x0058", 6, NULL},
	        {"0x", "0x", 2, NULL},
	        {"0x0", "0x0", 3, NULL},
	        {"Z\xc3\xbcrich", "Z\xc3\xbcrich", 7, NULL},
	        {"&#x1F600;", "\xf0\x9f\x98\x80", 4, "\xf0\x9f\x98\x80"},
	        {"a&#10;b", "a\nb", 3, "0x610A62"},
	        {"0x2041", " A", 2, NULL},
	};
	char xml[512], expected[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *form = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><CallClearedEvent" IN(
		        3) "><monitorCrossRefID>1</monitorCrossRefID><clearedCall><callID>%s</"
		           "callID>"
		           "</clearedCall><cause>normal</cause></CallClearedEvent>";
		struct csta_message *message;
		const CallClearedEvent_t *event;

		snprintf(xml, sizeof(xml), form, cases[i].text);
		snprintf(expected, sizeof(expected), form,
		         cases[i].again ? cases[i].again : cases[i].text);
		message = read_good(xml);
		event = message->value;
		assert_int_equal(event->clearedCall.choice.callID.size, cases[i].length);
		assert_memory_equal(event->clearedCall.choice.callID.buf, cases[i].octets,
		                    cases[i].length);
		if (*cases[i].text)
			assert_writes(message, CSTA_ED3, expected);
		csta_message_destroy(&message);
	}
}

#define FEATURES(events)                                                                           \
	"<GetCSTAFeaturesResponse" IN(                                                             \
	        3) "><supportedServices/><supportedEvents><voiceEvtsList>" events                  \
	           "</voiceEvtsList></supportedEvents></GetCSTAFeaturesResponse>"

static void test_deviations(void **state)
{
	static const struct {
		const char *xml;
		unsigned deviations;
	} cases[] = {
	        {"<SystemStatus/>", CSTA_DEVIATION_NAMESPACE | CSTA_DEVIATION_MISSING},
	        {"<SystemStatus" IN(3) "/>", CSTA_DEVIATION_MISSING},
	        {"<SystemStatus" IN(3) "><systemStatus> normal </systemStatus></SystemStatus>", 0},
	        {"<SystemStatusResponse" IN(6) "></SystemStatusResponse>", 0},
	        {"<SystemStatusResponse xmlns=\"" NS(3) "/priv9\"/>", CSTA_DEVIATION_SUFFIX},
	        {"<SystemStatusResponse" IN(3) "><x:y z=\"1\"/></SystemStatusResponse>",
	         CSTA_DEVIATION_UNKNOWN},
	        {"<AnswerCall" IN(3) "><callToBeAnswered/></AnswerCall>", CSTA_DEVIATION_MISSING},
	        {"<AnswerCall" IN(3) "><callToBeAnswered><callID/></callToBeAnswered></AnswerCall>",
	         0},
	        {"<SnapshotDevice" IN(3) "><snapshotObject typeOfNumber=\"deviceNumber\">2001a"
	                                 "</snapshotObject></SnapshotDevice>",
	         CSTA_DEVIATION_NUMBER},
	        {"<SnapshotDevice" IN(3) "><snapshotObject typeOfNumber=\"unheardOf\">2001"
	                                 "</snapshotObject></SnapshotDevice>",
	         CSTA_DEVIATION_NUMBER},
	        {"<SnapshotDevice" IN(3) "><snapshotObject mediaClass=\"voice smell\">2001"
	                                 "</snapshotObject></SnapshotDevice>",
	         CSTA_DEVIATION_UNKNOWN},
	        {"<DeflectCall" IN(3) "><callToBeDiverted><callID>1</callID></callToBeDiverted>"
	                              "<newDestination>2002</newDestination></DeflectCall>",
	         0},
	        {"<DeflectCall" IN(6) "><callToBeDiverted><callID>1</callID></callToBeDiverted>"
	                              "<newDestination>2002</newDestination></DeflectCall>",
	         CSTA_DEVIATION_PLAIN_DESTINATION},
	        {"<StopApplicationSessionPosResponse" IN(3) "/>", 0},
	        /* a name of another edition; flags that ECMA-285 does not have, set and not */
	        {"<SetLampMode" IN(6) "><device>1</device><lamp>1</lamp><LampMode>3</LampMode>"
	                              "</SetLampMode>",
	         0},
	        {FEATURES("<play><message>false</message><cause>true</cause></play>"), 0},
	        {FEATURES("<play><message>true</message></play>"), CSTA_DEVIATION_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct csta_message *message = read_good(cases[i].xml);

		if (csta_codec_deviations(codec) != cases[i].deviations)
			fail_msg("%x, expected %x: %s", csta_codec_deviations(codec),
			         cases[i].deviations, cases[i].xml);
		csta_message_destroy(&message);
	}
	for (unsigned bit = 0; bit < CSTA_DEVIATION_COUNT; bit++)
		assert_non_null(csta_deviation_name(bit));
	assert_null(csta_deviation_name(CSTA_DEVIATION_COUNT));
}

static void test_encodings(void **state)
{
	static const char latin[] =
	        "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><SnapshotDevice" IN(
	                3) "><snapshotObject>M\xfcller</snapshotObject></SnapshotDevice>";
	static const char marked[] = "\xef\xbb\xbf<SystemStatusResponse/>";
	static const char plain[] = "<SystemStatusResponse" IN(3) "/>";
	struct csta_message *message;
	struct csta_buffer text = {0};
	uint8_t wide[2 + 2 * sizeof(plain)] = {0xff, 0xfe};

	(void)state;
	message = read_good(latin);
	assert_int_equal(csta_encode_xml(codec, message, CSTA_ED3, &text, NULL), 0);
	assert_int_equal(csta_buffer_append(&text, "", 1), 0);
	assert_non_null(strstr((char *)text.data, ">M\xc3\xbcller<"));
	csta_buffer_free(&text);
	csta_message_destroy(&message);
	for (size_t i = 0; i < sizeof(plain) - 1; i++)
		wide[2 + 2 * i] = (uint8_t)plain[i];
	assert_int_equal(
	        csta_decode_xml(&message, codec, wide, 2 + 2 * (sizeof(plain) - 1), NULL, NULL), 0);
	csta_message_destroy(&message);
	assert_int_equal(csta_decode_xml(&message, codec, marked, sizeof(marked) - 1, NULL, NULL),
	                 0);
	csta_message_destroy(&message);
}

/* ---- private data -------------------------------------------------------------------------------
 */

#define ESCAPE(inside) "<Escape" IN(3) "><privateData>" inside "</privateData></Escape>"
#define BER            "<ber xmlns=\"" XML_BER_NAMESPACE "\">"

static void test_private_data(void **state)
{
	/* kept: what is in the UTF8String; NULL: another TLV, from_ber. */
	static const struct {
		const char *xml, *kept, *from_ber;
	} cases[] = {
	        {ESCAPE("<string>12 34</string>"), NULL, "\x04\x02\x12\x34"},
	        {ESCAPE("<private/>"), "", NULL},
	        {ESCAPE("<private>a&lt;b</private>"), "a&lt;b", NULL},
	        {ESCAPE("<private><!-- no --><a><![CDATA[<]]></a><?no?></private>"), "<a>&lt;</a>",
	         NULL},
	        /* the message's own namespace goes without saying */
	        {"<n:Escape xmlns:n=\"" NS(3) "\"><n:privateData><n:private><n:a><n:b/></n:a>"
	                                      "</n:private></n:privateData></n:Escape>",
	         "<a><b/></a>", NULL},
	        {ESCAPE("<private xmlns:v=\"urn:v\"><v:a/><v:a v:b=\"\"/></private>"),
	         "<v:a xmlns:v=\"urn:v\"/><v:a xmlns:v=\"urn:v\" v:b=\"\"/>", NULL},
	        {ESCAPE("<private><a xmlns=\"urn:v\"><b xmlns=\"\"/></a></private>"),
	         "<a xmlns=\"urn:v\"><b xmlns=\"\"/></a>", NULL},
	        {ESCAPE("<private><a t='&quot;&#10;&lt;'/></private>"),
	         "<a t=\"&quot;&#10;&lt;\"/>", NULL},
	        {ESCAPE("<private>" BER "a1 04 8002\n7879</ber></private>"), NULL,
	         "\xa1\x04\x80\x02xy"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct csta_message *message = read_good(cases[i].xml);
		const EscapeArgument_t *escape = message->value;
		struct csta_message *again = NULL;
		struct csta_buffer text = {0}, tlv = {0};

		if (cases[i].kept)
			assert_int_equal(
			        xml_any_wrap(0x0c, cases[i].kept, strlen(cases[i].kept), &tlv), 0);
		else
			assert_int_equal(csta_buffer_append(&tlv, cases[i].from_ber,
			                                    strlen(cases[i].from_ber)),
			                 0);
		if ((size_t)escape->privateData.size != tlv.length ||
		    memcmp(escape->privateData.buf, tlv.data, tlv.length) != 0)
			fail_msg("%s: %.*s", cases[i].xml, escape->privateData.size - 2,
			         (char *)escape->privateData.buf + 2);
		assert_int_equal(csta_encode_xml(codec, message, CSTA_ED6, &text, NULL), 0);
		assert_int_equal(csta_decode_xml(&again, codec, text.data, text.length, NULL, NULL),
		                 0);
		assert_true(csta_message_equal(message, again));
		csta_message_destroy(&again);
		csta_message_destroy(&message);
		csta_buffer_free(&text);
		csta_buffer_free(&tlv);
	}
}

/* Text from a BER peer must not end our elements: what is no XML goes as TLV. */
static void test_private_data_cannot_break_out(void **state)
{
	static const char *const evil[] = {"</private></privateData><cause>busy</cause>",
	                                   "<a>",
	                                   "&amp",
	                                   "a & b",
	                                   "]]>",
	                                   "<!DOCTYPE a>",
	                                   "<?xml version=\"1.0\"?><a/>",
	                                   "\x01",
	                                   "<a></a>",
	                                   "\xff"};

	(void)state;
	for (size_t i = 0; i < sizeof(evil) / sizeof(evil[0]); i++) {
		struct csta_message *message = NULL, *again = NULL;
		struct csta_buffer tlv = {0}, text = {0};
		EscapeArgument_t *escape;

		assert_int_equal(csta_message_create(&message, codec,
		                                     csta_type_of_element("Escape", 6), NULL),
		                 0);
		escape = message->value;
		assert_int_equal(xml_any_wrap(0x0c, evil[i], strlen(evil[i]), &tlv), 0);
		assert_true(csta_octets_copy(message->arena, (OCTET_STRING_t *)&escape->privateData,
		                             tlv.data, tlv.length));
		assert_int_equal(csta_encode_xml(codec, message, CSTA_ED3, &text, NULL), 0);
		assert_int_equal(csta_buffer_append(&text, "", 1), 0);
		assert_non_null(strstr((char *)text.data, "<private>" BER "0C"));
		assert_int_equal(
		        csta_decode_xml(&again, codec, text.data, text.length - 1, NULL, NULL), 0);
		assert_true(csta_message_equal(message, again));
		csta_message_destroy(&again);
		csta_message_destroy(&message);
		csta_buffer_free(&tlv);
		csta_buffer_free(&text);
	}
}

/* ---- bad input ----------------------------------------------------------------------------------
 */

static void test_refusals(void **state)
{
#define CLEARED(inside)                                                                            \
	"<CallClearedEvent" IN(3) "><monitorCrossRefID>1</monitorCrossRefID>" inside               \
	                          "</CallClearedEvent>"
#define CALL "<clearedCall><callID>1</callID></clearedCall>"
	static const struct {
		const char *xml;
		int code;
		const char *says;
	} cases[] = {
	        {"", CTI_E_TRUNCATED, "empty"},
	        {"   ", CTI_E_TRUNCATED, "not well-formed"},
	        {"hello", CTI_E_INVALID, "line 1 column 1: not well-formed XML"},
	        {"<Foo/>", CTI_E_UNSUPPORTED, "line 1 column 5: <Foo> is no message"},
	        {"<AARQ/>", CTI_E_UNSUPPORTED, "<AARQ> is no message"},
	        {"<SystemStatus><a></SystemStatus>", CTI_E_INVALID, "mismatch"},
	        {"<SystemStatus/><SystemStatus/>", CTI_E_INVALID, "Extra content"},
	        {"<SystemStatus", CTI_E_TRUNCATED, "not well-formed"},
	        {"<SystemStatus>", CTI_E_TRUNCATED, "not well-formed"},
	        {CLEARED("what? " CALL "<cause>busy</cause>"), CTI_E_INVALID,
	         "CallClearedEvent: text \"what? \", expected monitorCrossRefID, clearedCall"},
	        {CLEARED(CALL "<cause>tired</cause>"), CTI_E_INVALID,
	         "CallClearedEvent/cause: \"tired\" is no EventCause"},
	        {CLEARED(CALL "<cause>busy</cause><cause>busy</cause>"), CTI_E_INVALID,
	         "CallClearedEvent: a second <cause>"},
	        {CLEARED("<cause>busy</cause>"), CTI_E_INVALID, "<clearedCall> is missing"},
	        {"<SetLampMode" IN(6) "><LampMode>3</LampMode><lampMode>3</lampMode></SetLampMode>",
	         CTI_E_INVALID, "SetLampMode: a second <lampMode>"},
	        {"<SetLampMode" IN(3) "><device>1</device><lamp>1</lamp></SetLampMode>",
	         CTI_E_INVALID, "<lampMode> is missing"},
	        {"<ChangeSysStatFilter" IN(3) "><sysStatRegisterID>1</sysStatRegisterID>"
	                                      "<requestedStatusFilter><enabled>true</enabled>"
	                                      "<normal>1</normal><disabled>false</disabled>"
	                                      "</requestedStatusFilter></ChangeSysStatFilter>",
	         CTI_E_INVALID,
	         "requestedStatusFilter: 2 of them are true, expected one: ECMA-285 has one "
	         "FilteredStatus"},
	        {CLEARED(CALL "<correlatorData><string>0g</string></correlatorData>"),
	         CTI_E_INVALID, "correlatorData/string: \"0g\" is not hexadecimal"},
	        {CLEARED(CALL "<userData><string>012</string></userData>"), CTI_E_INVALID,
	         "3 hexadecimal digits, expected an even number"},
	        {CLEARED(CALL "<callCharacteristics><acdCall>yes</acdCall></callCharacteristics>"),
	         CTI_E_INVALID, "acdCall: \"yes\", expected true or false"},
	        {"<QueuedEvent" IN(3) "><numberQueued>many</numberQueued></QueuedEvent>",
	         CTI_E_INVALID, "QueuedEvent/numberQueued: \"many\", expected a number"},
	        {"<QueuedEvent" IN(3) "><numberQueued>9223372036854775808</numberQueued>"
	                              "</QueuedEvent>",
	         CTI_E_INVALID, "expected a number"},
	        {"<SnapshotDevice" IN(3) "><snapshotObject bitRate=\"slow\">1</snapshotObject>"
	                                 "</SnapshotDevice>",
	         CTI_E_INVALID, "attribute bitRate=\"slow\" is no BitRate"},
	        {"<MonitorStart" IN(3) "><monitorObject/></MonitorStart>", CTI_E_INVALID,
	         "monitorObject: empty, expected one of deviceObject, callObject"},
	        {"<MonitorStart" IN(3) "><monitorObject><deviceObject>1</deviceObject>"
	                               "<callObject/></monitorObject></MonitorStart>",
	         CTI_E_INVALID, "a second <callObject>"},
	        {"<Escape" IN(3) "><privateData/></Escape>", CTI_E_INVALID,
	         "expected <string> or <private>"},
	        {"<CallClearedEvent" IN(3) "><monitorCrossRefID>123456789012345678901234567890123"
	                                   "</monitorCrossRefID></CallClearedEvent>",
	         CTI_E_LIMIT, "33 octets, the limit is 32"},
	        {"<?xml version=\"1.0\" encoding=\"UTF-7x\"?><SystemStatus/>", CTI_E_INVALID,
	         "encoding \"UTF-7x\" is not taken, UTF-8, UTF-16, ISO-8859-1 and US-ASCII are"},
	        {"<SystemStatus>\xff</SystemStatus>", CTI_E_INVALID, "not well-formed XML"},
	        {"<SystemStatus>&x;</SystemStatus>", CTI_E_INVALID, "Entity 'x' not defined"},
	        {"<SystemStatus a='1' a='2'/>", CTI_E_INVALID, "redefined"},
	        {"<SystemStatus>&#0;</SystemStatus>", CTI_E_INVALID, "not well-formed XML"},
	        {"<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><SystemStatus/>", CTI_E_INVALID,
	         "document types are refused"},
	        {"<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><SystemStatus>&b;"
	         "</SystemStatus>",
	         CTI_E_INVALID, "document types are refused"},
	        {"<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">"
	         "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]><SystemStatus>&c;</SystemStatus>",
	         CTI_E_INVALID, "document types are refused"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct csta_message *message;

		assert_refused(cases[i].xml, strlen(cases[i].xml), cases[i].code, cases[i].says);
		/* and the parser is as good as new */
		message = read_good(delivered);
		csta_message_destroy(&message);
	}
}

static void test_cut_at_every_octet(void **state)
{
	size_t end = sizeof(delivered) - 2; /* the last line feed is not needed */

	(void)state;
	for (size_t length = 0; length < end; length++) {
		struct csta_message *message = NULL;
		struct cti_error error = {0};
		int code = csta_decode_xml(&message, codec, delivered, length, NULL, &error);

		if (code != CTI_E_TRUNCATED && code != CTI_E_INVALID)
			fail_msg("%zu octets: %d %s", length, code, error.text);
		assert_null(message);
		assert_int_equal(error.code, code);
	}
}

/* Every octet replaced: refused or read, with no harm. */
static void test_every_octet_spoilt(void **state)
{
	static const char with[] = {'\0', '<', '>', '&', '"', '/', 'x', '\xff', ' '};
	char xml[sizeof(delivered)];
	struct csta_message *message = NULL;
	struct cti_error error;

	(void)state;
	for (size_t at = 0; at < sizeof(delivered) - 1; at++)
		for (size_t i = 0; i < sizeof(with); i++) {
			memcpy(xml, delivered, sizeof(xml));
			xml[at] = with[i];
			if (csta_decode_xml(&message, codec, xml, sizeof(xml) - 1, NULL, &error)) {
				assert_true(strlen(error.text) > 10);
				assert_null(message);
			}
			csta_message_destroy(&message);
		}
}

static void put(struct csta_buffer *text, const char *part, unsigned times)
{
	while (times--)
		assert_int_equal(csta_buffer_append(text, part, strlen(part)), 0);
}

static void test_limits(void **state)
{
	const struct csta_limits narrow = {
	        .pdu = 20000, .depth = 8, .elements = 10, .memory = 30000};
	struct csta_codec *wide = codec;
	struct csta_buffer text = {0};

	(void)state;
	assert_int_equal(csta_codec_create(&codec, &narrow, NULL), 0);

	put(&text, "<SystemStatus>", 1);
	put(&text, " ", 20000);
	assert_refused(text.data, text.length, CTI_E_LIMIT,
	               "20014 octets of XML, the limit is 20000");

	csta_buffer_clear(&text);
	put(&text, "<SystemStatus>", 1);
	put(&text, "<a>", 1000);
	assert_refused(text.data, text.length, CTI_E_LIMIT, "nested deeper than 8 elements");

	csta_buffer_clear(&text);
	put(&text, "<Escape><privateData><private>", 1);
	put(&text, "<a>", 1000);
	assert_refused(text.data, text.length, CTI_E_LIMIT, "nested deeper than 8 elements");

	csta_buffer_clear(&text);
	put(&text, "<SystemStatus", 1);
	for (int i = 0; i < 65; i++) {
		char attribute[32];

		snprintf(attribute, sizeof(attribute), " a%d=''", i);
		put(&text, attribute, 1);
	}
	put(&text, "/>", 1);
	assert_refused(text.data, text.length, CTI_E_LIMIT, "more than 64 attributes");

	csta_buffer_clear(&text);
	put(&text, "<GetAgentStateResponse><agentStateList>", 1);
	put(&text, "<agentStateEntry><loggedOnState>true</loggedOnState></agentStateEntry>", 11);
	put(&text, "</agentStateList></GetAgentStateResponse>", 1);
	assert_refused(text.data, text.length, CTI_E_LIMIT, "more than 10 items");

	csta_buffer_clear(&text);
	put(&text, "<AnswerCall><callToBeAnswered><callID>", 1);
	put(&text, "1", 19000);
	put(&text, "</callID></callToBeAnswered><correlatorData><string>", 1);
	put(&text, "01", 10);
	put(&text, "</string></correlatorData></AnswerCall>", 1);
	csta_codec_destroy(&codec);
	assert_int_equal(csta_codec_create(&codec, &(struct csta_limits){.memory = 10000}, NULL),
	                 0);
	assert_refused(text.data, text.length, CTI_E_LIMIT,
	               "more than 10000 octets of decoded value");

	csta_buffer_free(&text);
	csta_codec_destroy(&codec);
	codec = wide;
}

/*
 * libxml2 keeps every name it has met: made-up names must not fill the memory for ever, be they
 * many or long.
 */
static void test_made_up_names(void **state)
{
	static char xml[2100];
	size_t most = 0, fewest = SIZE_MAX;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct csta_message *message;
		size_t now;

		snprintf(xml, sizeof(xml),
		         "<SystemStatusResponse><!----><a%0*d/></SystemStatusResponse>",
		         i % 40 ? 1 : 990, i);
		message = read_good(xml);
		csta_message_destroy(&message);
		now = xmlDictGetUsage(codec->xml->ctxt->dict);
		most = now > most ? now : most;
		now = (size_t)xmlDictSize(codec->xml->ctxt->dict);
		fewest = i > 5000 && now < fewest ? now : fewest;
	}
	assert_in_range(most, 1000, 400000);
	assert_in_range(fewest, xml_name_count, xml_name_count + csta_type_count + 100);
	/* Good messages bring none, however they are written. */
	for (int i = 0; i < 2; i++) {
		struct csta_message *message;

		most = codec->xml->made_up;
		snprintf(xml, sizeof(xml), "<!-- --><SystemStatusResponse" IN(4) "/>");
		message = read_good(xml);
		csta_message_destroy(&message);
	}
	assert_int_equal(codec->xml->made_up, most);
}

/* ---- threads ------------------------------------------------------------------------------------
 */

static void *read_and_write(void *arg)
{
	struct csta_codec *own = NULL;
	bool *good = arg;

	*good = !csta_codec_create(&own, NULL, NULL);
	for (int i = 0; i < 200 && *good; i++) {
		struct csta_message *message = NULL;
		struct csta_buffer text = {0};

		*good = !csta_decode_xml(&message, own, delivered, sizeof(delivered) - 1, NULL,
		                         NULL) &&
		        !csta_encode_xml(own, message, CSTA_ED5, &text, NULL);
		csta_message_destroy(&message);
		csta_buffer_free(&text);
	}
	csta_codec_destroy(&own);
	return NULL;
}

static void test_a_codec_a_thread(void **state)
{
	pthread_t threads[4];
	bool good[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_and_write, &good[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_true(good[i]);
	}
}

/* ---- every allocation fails once
 * ------------------------------------------------------------------ */

static long xml_allowed = -1;

static bool xml_fails(void)
{
	if (xml_allowed < 0)
		return false;
	return xml_allowed == 0 || xml_allowed-- == 0;
}

static void *xml_test_malloc(size_t size)
{
	return xml_fails() ? NULL : malloc(size);
}

static void *xml_test_realloc(void *old, size_t size)
{
	return xml_fails() ? NULL : realloc(old, size);
}

static char *xml_test_strdup(const char *text)
{
	return xml_fails() ? NULL : strdup(text);
}

static int run(void)
{
	struct csta_codec *own = NULL;
	struct csta_message *message = NULL, *again = NULL;
	struct csta_buffer text = {0};
	struct cti_error error = {0};
	int code = csta_codec_create(&own, NULL, &error);

	if (!code)
		code = csta_decode_xml(&message, own, delivered, sizeof(delivered) - 1, NULL,
		                       &error);
	if (!code)
		code = csta_encode_xml(own, message, CSTA_ED6, &text, &error);
	if (!code)
		code = csta_decode_xml(&again, own, text.data, text.length, NULL, &error);
	if (!code)
		assert_true(csta_message_equal(message, again));
	assert_int_equal(error.code, code);
	csta_message_destroy(&message);
	csta_message_destroy(&again);
	csta_buffer_free(&text);
	csta_codec_destroy(&own);
	return code;
}

static void test_every_allocation_may_fail(void **state)
{
	long allowed = 0;
	int code;

	(void)state;
	do {
		csta_alloc_fail_after = allowed++;
		code = run();
		csta_alloc_fail_after = -1;
		if (code && code != CTI_E_NOMEM)
			fail_msg("%d after %ld allocations", code, allowed - 1);
	} while (code);
	assert_true(allowed > 10);
}

static void test_every_allocation_of_libxml2_may_fail(void **state)
{
	long allowed = 0;
	int code;

	(void)state;
	do {
		xml_allowed = allowed++;
		code = run();
		xml_allowed = -1;
		if (code && code != CTI_E_NOMEM)
			fail_msg("%d after %ld allocations", code, allowed - 1);
	} while (code && allowed < 100000);
	assert_int_equal(code, 0);
	assert_true(allowed > 10);
}

/* libxml2 complains to standard error while it has no parser to complain to. */
static void silent(void *arg, const char *format, ...)
{
	(void)arg;
	(void)format;
}

static int setup(void **state)
{
	xmlSetGenericErrorFunc(NULL, silent);
	if (xmlMemSetup(free, xml_test_malloc, xml_test_realloc, xml_test_strdup))
		return -1;
	return codec_setup(state);
}

static int teardown(void **state)
{
	codec_teardown(state);
	xmlCleanupParser();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_editions),
	        cmocka_unit_test(test_no_such_edition_to_send),
	        cmocka_unit_test(test_event),
	        cmocka_unit_test(test_written_text),
	        cmocka_unit_test(test_octets_as_text),
	        cmocka_unit_test(test_deviations),
	        cmocka_unit_test(test_encodings),
	        cmocka_unit_test(test_private_data),
	        cmocka_unit_test(test_private_data_cannot_break_out),
	        cmocka_unit_test(test_refusals),
	        cmocka_unit_test(test_cut_at_every_octet),
	        cmocka_unit_test(test_every_octet_spoilt),
	        cmocka_unit_test(test_limits),
	        cmocka_unit_test(test_made_up_names),
	        cmocka_unit_test(test_a_codec_a_thread),
	        cmocka_unit_test(test_every_allocation_may_fail),
	        cmocka_unit_test(test_every_allocation_of_libxml2_may_fail),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("XML", tests, setup, teardown);
}
