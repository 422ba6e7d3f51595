/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of private data: the text of a table and what is wrong in one, the private data of
 * captured messages under the table that the adapter has, the forms that show names, and hostile
 * data. Whatever is named, the octets stay what they were.
 */
#include "csta/event.h"
#include "csta/private.h"
#include "csta/walk.h"
#include "csta/write.h"
#include "test.h"
#include "tests/support/generate.h"

#include <EscapeArgument.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VENDORS "pbx-adapters/csta/vendors.conf"
/* ECMA-323's namespaces and what is around private data. */
#define IN(edition)                                                                                \
	" xmlns=\"http://www.ecma-international.org/standards/ecma-323/csta/ed" #edition "\""

static struct csta_codec *codec;
static struct csta_private *table;

static void text_read(const char *text, struct csta_private *into)
{
	struct cti_error error = {0};

	if (csta_private_read(into, text, strlen(text), "table", &error))
		fail_msg("%s", error.text);
}

/* A table of its own for the codec, in place of the one before. */
static void names_are(const char *text, const char *vendor)
{
	struct cti_error error = {0};

	assert_int_equal(csta_codec_names(codec, NULL, NULL, &error), 0);
	csta_private_destroy(&table);
	assert_int_equal(csta_private_create(&table, &error), 0);
	text_read(text, table);
	assert_int_equal(csta_codec_names(codec, table, vendor, &error), 0);
}

static void vendors_are(const char *vendor)
{
	static char text[65536];
	FILE *file = fopen(VENDORS, "r");
	size_t length;

	if (!file)
		fail_msg("%s is not there: run from the top of the project", VENDORS);
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	names_are(text, vendor);
}

static size_t octets_of(const char *hex, uint8_t *out)
{
	size_t length = 0;
	unsigned octet;
	int used;

	while (sscanf(hex, "%2x%n", &octet, &used) == 1) {
		out[length++] = (uint8_t)octet;
		hex += used;
	}
	return length;
}

static struct csta_message *ber_read(const char *hex)
{
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	uint8_t octets[512];
	size_t used, length = octets_of(hex, octets);

	if (csta_decode_ber(&message, codec, octets, length, &used, NULL, NULL, &error))
		fail_msg("%s", error.text);
	return message;
}

static struct csta_message *xml_read(const char *xml)
{
	struct csta_message *message = NULL;
	struct cti_error error = {0};

	if (csta_decode_xml(&message, codec, xml, strlen(xml), NULL, &error))
		fail_msg("%s", error.text);
	return message;
}

/* An Escape with this TLV. */
static struct csta_message *escape_of(const void *tlv, size_t length)
{
	struct csta_message *message = NULL;
	EscapeArgument_t *escape;

	assert_int_equal(
	        csta_message_create(&message, codec, csta_type_of_element("Escape", 6), NULL), 0);
	escape = message->value;
	assert_true(csta_octets_copy(message->arena, (OCTET_STRING_t *)&escape->privateData, tlv,
	                             length));
	message->invoke_id = 1;
	return message;
}

static struct csta_message *escape_of_hex(const char *hex)
{
	uint8_t octets[512];
	size_t length = octets_of(hex, octets);

	return escape_of(octets, length);
}

/* "vendor.name=value vendor.name=value", and a + where something has no name. */
struct found {
	char text[8192];
	size_t count;
};

static int note(void *arg, const struct csta_private_value *value)
{
	struct found *found = arg;
	size_t used = strlen(found->text);
	char *to = found->text + used;
	size_t size = sizeof(found->text) - used;

	found->count++;
	to += snprintf(to, size, "%s%s.%s=", used ? " " : "", value->vendor, value->name);
	size = sizeof(found->text) - (size_t)(to - found->text);
	switch (value->type) {
	case CSTA_PRIVATE_INTEGER:
		snprintf(to, size, "%lld", (long long)value->integer);
		break;
	case CSTA_PRIVATE_BOOLEAN:
		snprintf(to, size, "%s", value->boolean ? "true" : "false");
		break;
	case CSTA_PRIVATE_TEXT:
		snprintf(to, size, "'%.*s'", (int)value->length, (const char *)value->octets);
		break;
	case CSTA_PRIVATE_OCTETS:
		for (size_t i = 0; i < value->length && size > 3; i++, to += 2, size -= 2)
			snprintf(to, size, "%02x", value->octets[i]);
		break;
	}
	return 0;
}

static const char *names_of(const struct csta_message *message, const OCTET_STRING_t *any)
{
	static struct found found;
	bool all;

	memset(&found, 0, sizeof(found));
	assert_int_equal(
	        csta_private_each(message, any->buf, (size_t)any->size, note, &found, &all), 0);
	return all ? found.text : strcat(found.text, "+");
}

static void assert_escape(struct csta_message *message, const char *expected)
{
	const EscapeArgument_t *escape = message->value;

	assert_string_equal(names_of(message, (const OCTET_STRING_t *)&escape->privateData),
	                    expected);
	csta_message_destroy(&message);
}

/* ---- the text ------------------------------------------------------------------------------- */

static void test_what_is_wrong_in_a_text(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
	        {"# nothing\n\nvendor a\nfield x",
	         "table line 4: \"field\", expected vendor, ber or xml"},
	        {"ber 4 x text", "table line 1: a field before any vendor"},
	        {"vendor", "table line 1: expected vendor NAME [oid OID | namespace URI]..."},
	        {"vendor a oid", "table line 1: expected vendor NAME"},
	        {"vendor a url x", "table line 1: \"url\", expected oid or namespace"},
	        {"vendor a.b", "table line 1: vendor \"a.b\": expected letters"},
	        {"vendor a oid 1", "table line 1: vendor a: \"1\" is no OID"},
	        {"vendor a oid 1.40.2", "\"1.40.2\" is no OID"},
	        {"vendor a oid 3.1", "\"3.1\" is no OID"},
	        {"vendor a oid 1.3.", "\"1.3.\" is no OID"},
	        {"vendor a oid 1.3.4294967296", "is no OID"},
	        {"vendor a oid 1.3.5\nvendor b oid 1.3.5", "table line 2: vendor b: 1.3.5 is a's"},
	        {"vendor a namespace urn:a\nvendor b namespace urn:a", "urn:a is a's"},
	        {"vendor a\nber 4 x", "table line 2: expected ber PATH NAME TYPE"},
	        {"vendor a\nber 4 x string",
	         "\"string\", expected text, integer, octets or boolean"},
	        {"vendor a\nber 4 x/y text", "field \"x/y\": expected letters"},
	        {"vendor a\nber 4/ x text",
	         "path \"4/\": octet 2 is no step, expected .24 of an OID"},
	        {"vendor a\nber 4.4 x text", "path \"4.4\": octet 1 is no step"},
	        {"vendor a\nber /4 x text", "octet 0 is no step"},
	        {"vendor a\nber c4 x text", "octet 0 is no step"},
	        {"vendor a\nber u4#0 x text", "octet 0 is no step"},
	        {"vendor a\nber u4#256 x text", "octet 0 is no step"},
	        {"vendor a\nber 1073741824 x text", "octet 0 is no step"},
	        {"vendor a\nxml a//b x text", "path \"a//b\": octet 2 is no step, expected names"},
	        {"vendor a\nxml @a/b x text", "is no step"},
	        {"vendor a\nxml a/@ x text", "is no step"},
	        {"vendor a\nber 4 x text\nber 4 y text", "table line 3: path \"4\" is x already"},
	        {"vendor a\nber 1/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1 x text", "more than 16 steps"},
	        {"vendor a\nber 1#1 a text\nber 2#1 a text\nber 3#1 a text\nber 4#1 a text\n"
	         "ber 5#1 a text\nber 6#1 a text\nber 7#1 a text\nber 8#1 a text\nber 9#1 a text",
	         "table line 10: more than 8192 steps of paths, or 8 counted tags"},
	        {"vendor a b c d e f g h i j k l m n o p q", "more than 16 words"},
	        {"vendor \xff", "table: not a text in UTF-8"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct csta_private *one = NULL;
		struct cti_error error = {0};

		assert_int_equal(csta_private_create(&one, &error), 0);
		assert_int_not_equal(csta_private_read(one, cases[i].text, strlen(cases[i].text),
		                                       "table", &error),
		                     0);
		if (!strstr(error.text, cases[i].error))
			fail_msg("\"%s\": \"%s\", expected \"%s\"", cases[i].text, error.text,
			         cases[i].error);
		csta_private_destroy(&one);
		csta_private_destroy(&one);
	}
}

static void test_limits_of_a_text(void **state)
{
	struct csta_private *one = NULL;
	struct cti_error error = {0};
	char line[64], *large = calloc(1, CSTA_PRIVATE_TEXT_MAX + 2);
	int code = 0;

	(void)state;
	assert_non_null(large);
	memset(large, '\n', CSTA_PRIVATE_TEXT_MAX + 1);
	assert_int_equal(csta_private_create(&one, &error), 0);
	assert_int_equal(csta_private_read(one, large, CSTA_PRIVATE_TEXT_MAX, "blank", &error), 0);
	assert_int_equal(csta_private_read(one, large, CSTA_PRIVATE_TEXT_MAX + 1, "blank", &error),
	                 CTI_E_LIMIT);
	free(large);
	for (int i = 0; i < CSTA_PRIVATE_VENDORS_MAX; i++) {
		snprintf(line, sizeof(line), "v%d", i);
		assert_int_equal(csta_private_vendor(one, line, NULL, NULL, &error), 0);
	}
	assert_int_equal(csta_private_vendor(one, "v0", NULL, NULL, &error), 0);
	assert_int_equal(csta_private_vendor(one, "more", NULL, NULL, &error), CTI_E_LIMIT);
	for (int i = 0; !code && i <= CSTA_PRIVATE_STEPS_MAX; i++) {
		snprintf(line, sizeof(line), "%d", i);
		code = csta_private_field(one, "v1", CSTA_PRIVATE_BER, line, "x",
		                          CSTA_PRIVATE_OCTETS, &error);
		assert_int_equal(code, i < CSTA_PRIVATE_STEPS_MAX ? 0 : CTI_E_LIMIT);
	}
	assert_int_equal(csta_private_field(one, "v99", CSTA_PRIVATE_BER, "1", "x",
	                                    CSTA_PRIVATE_OCTETS, &error),
	                 CTI_E_NOTFOUND);
	assert_int_equal(csta_codec_names(codec, one, "v99", &error), CTI_E_NOTFOUND);
	csta_private_destroy(&one);
}

/* ---- what switches send -----------------------------------------------------------------------
 */

/* Captured of a KX-TDE's client: nothing in it says whose it is. */

static void test_panasonic(void **state)
{
	static const char hex[] = "a11602020602020133300da40ba009a407a105a0030a0105";
	struct csta_message *message;
	struct csta_buffer again = {0};
	uint8_t octets[64];
	size_t length = octets_of(hex, octets);

	(void)state;
	vendors_are("panasonic");
	message = ber_read(hex);
	assert_int_equal(csta_encode_ber(codec, message, &again, NULL), 0);
	assert_int_equal(again.length, length);
	assert_memory_equal(again.data, octets, length);
	csta_buffer_free(&again);
	assert_escape(message, "panasonic.systemData.get.deviceCategory=5");
	vendors_are(NULL);
	assert_escape(ber_read(hex), "+");
	/* systemDataLinkedReply: reference, segment, last; the data without a name */
	vendors_are("panasonic");
	assert_escape(escape_of_hex("a418a3163014a0040402ab01a103020102a2030101ffa3020500"),
	              "panasonic.systemData.reply.crossRefID=ab01 "
	              "panasonic.systemData.reply.segmentID=2 "
	              "panasonic.systemData.reply.lastSegment=true+");
}

/* OmniPCX: start of a recording; and what comes with its DeliveredEvent (Phase II). */
static void test_alcatel(void **state)
{
	(void)state;
	vendors_are(NULL);
	assert_escape(ber_read("a12902010402013330"
	                       "21a11f301d06052b0c893618301480043330303104040afdfd050202138b"
	                       "0202138c"),
	              "alcatel.ipRecording.recordedDevice='3001' "
	              "alcatel.ipRecording.loggerAddress=0afdfd05 alcatel.ipRecording.port1=5003 "
	              "alcatel.ipRecording.port2=5004");
	assert_escape(escape_of_hex("301206062b0c893684003008800461626364 8100"), "+");
	names_are("vendor alcatel oid 1.3.12.1206 oid 1.3.12.1207\n"
	          "ber .512/u16/0 first text # of the capture\n"
	          "ber .512/u16/1 second text\n"
	          "ber .521/u4 stamp octets\n"
	          "vendor longer oid 1.3.12.1206.9\n"
	          "ber .1/u5 nothing octets",
	          NULL);
	assert_escape(escape_of_hex("301206062b0c8936840030088004616263648100"),
	              "alcatel.first='abcd' alcatel.second=''");
	assert_escape(escape_of_hex("301206062b0c89368409040803725b5658000100"),
	              "alcatel.stamp=03725b5658000100");
	assert_escape(escape_of_hex("300a06062b0c8936 09010500"), "longer.nothing=");
	assert_escape(escape_of_hex("300906052b0c89360a0500"), "+");
	/* an arc that does not end, one beyond 32 bits, none */
	assert_escape(escape_of_hex("300906052b0c8936840500"), "+");
	assert_escape(escape_of_hex("300e060a2b0c8936ffffffffff7f0500"), "+");
	assert_escape(escape_of_hex("300806042b0c89360500"), "+");
	assert_escape(escape_of_hex("30020500"), "+");
	assert_escape(escape_of_hex("3000"), "+");
}

static void test_namespaces(void **state)
{
	struct csta_message *message;
	struct csta_buffer text = {0}, again = {0};

	(void)state;
	vendors_are(NULL);
	message = xml_read("<MonitorStartResponse" IN(
	        3) "><monitorCrossRefID>1</monitorCrossRefID><extensions>"
	           "<privateData><private><AvayaEvents xmlns:ns1=\"http://www.avaya.com/csta\" "
	           "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
	           "xsi:type=\"AvayaEvents\">"
	           "<invertFilter>true</invertFilter></AvayaEvents></private></privateData></"
	           "extensions>"
	           "</MonitorStartResponse>");
	assert_int_equal(csta_print_tree(message, false, &text), 0);
	assert_int_equal(csta_buffer_append(&text, "", 1), 0);
	assert_non_null(strstr((char *)text.data, "      avaya.invertFilter: true\n"));
	assert_null(strstr((char *)text.data, "whole"));
	csta_buffer_clear(&text);
	assert_int_equal(csta_encode_xml(codec, message, CSTA_ED3, &text, NULL), 0);
	csta_message_destroy(&message);
	assert_int_equal(csta_codec_names(codec, NULL, NULL, NULL), 0);
	message = xml_read("<RequestSystemStatus" IN(
	        3) "><extensions><privateData><private>"
	           "<lcs:line xmlns:lcs=\"http://schemas.microsoft.com/Lcs/2005/04/"
	           "RCCExtension\">tel:73124</lcs:line></private></privateData></extensions>"
	           "</RequestSystemStatus>");
	csta_buffer_clear(&text);
	assert_int_equal(csta_print_tree(message, false, &text), 0);
	assert_int_equal(csta_buffer_append(&text, "", 1), 0);
	assert_null(strstr((char *)text.data, "microsoft"));
	vendors_are(NULL);
	csta_buffer_clear(&text);
	assert_int_equal(csta_print_tree(message, false, &text), 0);
	assert_int_equal(csta_buffer_append(&text, "", 1), 0);
	assert_non_null(strstr((char *)text.data, "microsoft.line: \"tel:73124\"\n"));
	/* what is shown changes nothing that is sent */
	csta_buffer_clear(&text);
	assert_int_equal(csta_encode_xml(codec, message, CSTA_ED3, &text, NULL), 0);
	assert_int_equal(csta_codec_names(codec, NULL, NULL, NULL), 0);
	assert_int_equal(csta_encode_xml(codec, message, CSTA_ED3, &again, NULL), 0);
	assert_int_equal(text.length, again.length);
	assert_memory_equal(text.data, again.data, text.length);
	csta_message_destroy(&message);
	csta_buffer_free(&text);
	csta_buffer_free(&again);
}

/* A UTF8String of this XML. */
static void assert_xml(const char *xml, const char *expected)
{
	size_t length = strlen(xml);
	uint8_t *tlv = malloc(length + 4);

	assert_non_null(tlv);
	assert_true(length < 65536);
	tlv[0] = 0x0c;
	tlv[1] = 0x82;
	tlv[2] = (uint8_t)(length >> 8);
	tlv[3] = (uint8_t)length;
	memcpy(tlv + 4, xml, length);
	assert_escape(escape_of(tlv, length + 4), expected);
	free(tlv);
}

static void test_xml(void **state)
{
	(void)state;
	names_are("vendor a namespace urn:a\n"
	          "xml e/n number integer\nxml e/b flag boolean\nxml e/t word text\n"
	          "xml e/o raw octets\nxml e/@k key integer\nxml e/s/t deep text\n"
	          "vendor b namespace urn:b\nxml e other text",
	          NULL);
	assert_xml("<e xmlns='urn:a' k='7'><n> -12 </n><b>1</b><t>a &lt; "
	           "b</t><o>00</o><s><t/></s></e>",
	           "a.key=7 a.number=-12 a.flag=true a.word='a < b' a.raw='00' a.deep=''");
	assert_xml("<p:e xmlns:p='urn:a'><p:n>x</p:n><p:b>yes</p:b></p:e>",
	           "a.number='x' a.flag='yes'");
	assert_xml("<e xmlns='urn:b'>1</e><e xmlns='urn:a'><n>2</n><n>3</n></e>",
	           "b.other='1' a.number=2 a.number=3");
	assert_xml("<e xmlns='urn:c'><n>1</n></e>", "+");
	assert_xml("<e><n>1</n></e>", "+");
	assert_xml("<e xmlns='urn:a'><x/><n>1</n></e>", "a.number=1+");
	assert_xml("<e xmlns='urn:a' z='1'><n>99999999999999999999</n></e>",
	           "a.number='99999999999999999999'+");
	assert_xml("<e xmlns='urn:a'>text<n>1</n></e>", "a.number=1+");
	assert_xml("text", "+");
	assert_xml("", "");
	/* no XML, or none that is closed */
	assert_xml("<e xmlns='urn:a'><n>1</n>", "a.number=1+");
	assert_xml("<e xmlns='urn:a'><n>1</e>", "+");
	assert_xml("</private><e xmlns='urn:a'><n>1</n></e><private>", "+");
	/* entities are XML's own: there is no place to declare others */
	assert_xml("<!DOCTYPE e [<!ENTITY x \"y\">]><e xmlns='urn:a'><t>&x;</t></e>", "+");
	assert_xml("<e xmlns='urn:a'><t>&x;</t></e>", "+");
	assert_xml("<e xmlns='urn:a'><t><![CDATA[<&>]]></t></e>", "a.word='<&>'");
	names_are("vendor a namespace urn:a\nvendor mine\nxml e own text", "mine");
	assert_xml("<e>1</e>", "mine.own='1'");
}

/* ---- BER ------------------------------------------------------------------------------------ */

static void test_values(void **state)
{
	(void)state;
	names_are(
	        "vendor v\n"
	        "ber u2 n integer\nber u4 t text\nber u1 b boolean\nber 1/u2#2 second integer\n"
	        "ber 1/u2 each integer\nber a5/p6 o octets\nber 9 whole text\nber 9/1 part integer",
	        "v");
	assert_escape(escape_of_hex("020180"), "v.n=-128");
	assert_escape(escape_of_hex("02087fffffffffffffff"), "v.n=9223372036854775807");
	assert_escape(escape_of_hex("0209007fffffffffffffff"), "v.n=007fffffffffffffff");
	assert_escape(escape_of_hex("0200"), "v.n=");
	assert_escape(escape_of_hex("0402c3bc"), "v.t='ü'");
	assert_escape(escape_of_hex("0402c328"), "v.t=c328");
	assert_escape(escape_of_hex("010100"), "v.b=false");
	assert_escape(escape_of_hex("01020001"), "v.b=0001");
	assert_escape(escape_of_hex("a109020101020102020103"), "v.each=1 v.second=2 v.each=3");
	assert_escape(escape_of_hex("6503c60107"), "v.o=07");
	assert_escape(escape_of_hex("a903810105"), "v.whole=810105 v.part=5");
	assert_escape(escape_of_hex("a903820105"), "v.whole=820105+");
	assert_escape(escape_of_hex("2280020105 0000"), "v.n=020105");
	/* not an element, or not one whole */
	assert_escape(escape_of_hex("0205"), "+");
	assert_escape(escape_of_hex("02"), "+");
	assert_escape(escape_of_hex("020101ff"), "v.n=1+");
	assert_escape(escape_of("", 0), "");
}

static void test_limits_of_what_is_named(void **state)
{
	static uint8_t tlv[65536];
	struct csta_message *message;
	struct found found = {.count = 0};
	const EscapeArgument_t *escape;
	size_t length = 4;
	bool all;

	(void)state;
	names_are("vendor v\nber 1/u2 each integer\nber 1/u2#255 last integer\nber 2 text text",
	          "v");
	for (; length + 3 < 3000; length += 3)
		memcpy(tlv + length, "\x02\x01\x07", 3);
	tlv[0] = 0xa1;
	tlv[1] = 0x82;
	tlv[2] = (uint8_t)((length - 4) >> 8);
	tlv[3] = (uint8_t)(length - 4);
	message = escape_of(tlv, length);
	escape = message->value;
	assert_int_equal(csta_private_each(message, escape->privateData.buf,
	                                   (size_t)escape->privateData.size, note, &found, &all),
	                 0);
	assert_int_equal(found.count, CSTA_PRIVATE_FOUND_MAX);
	assert_false(all);
	csta_message_destroy(&message);
	/* a text that is too long has no name */
	memset(tlv, 'a', sizeof(tlv));
	memcpy(tlv, "\x82\x82\x10\x01", 4);
	assert_escape(escape_of(tlv, 4 + CSTA_PRIVATE_VALUE_MAX + 1), "+");
	/* as deep as the limits allow, which is deeper than any path */
	for (int i = 0; i < 60; i++) {
		tlv[2 * i] = 0xa1;
		tlv[2 * i + 1] = (uint8_t)(118 - 2 * i);
	}
	assert_escape(escape_of(tlv, 120), "+");
}

static int refuse(void *arg, const struct csta_private_value *value)
{
	(void)arg, (void)value;
	return CTI_E_LIMIT;
}

static void test_whoever_is_told_may_stop(void **state)
{
	struct csta_message *message;
	const EscapeArgument_t *escape;
	bool all = true;

	(void)state;
	names_are("vendor v\nber u2 n integer", "v");
	message = escape_of_hex("020101");
	escape = message->value;
	assert_int_equal(csta_private_each(message, escape->privateData.buf,
	                                   (size_t)escape->privateData.size, refuse, NULL, &all),
	                 CTI_E_LIMIT);
	assert_false(all);
	csta_message_destroy(&message);
}

/* ---- forms ---------------------------------------------------------------------------------- */

static void test_json_says_both(void **state)
{
	struct csta_message *message, *again = NULL;
	struct csta_buffer text = {0};
	struct cti_error error = {0};

	(void)state;
	names_are("vendor v\nber 1/u2 n integer\nber 1/u4 o octets\nber 1/u12 t text", "v");
	message = escape_of_hex("a10e0201010401ff0c0161020102 0500");
	assert_int_equal(csta_encode_json(codec, message, &text, &error), 0);
	assert_int_equal(csta_buffer_append(&text, "", 1), 0);
	assert_string_equal(
	        (char *)text.data,
	        "{\"Escape\":{\"privateData\":{\"hex\":\"a10e0201010401ff0c01610201020500"
	        "\",\"names\":[{\"v.n\":1},{\"v.o\":{\"hex\":\"ff\"}},{\"v.t\":\"a\"},"
	        "{\"v.n\":2}]}},\"invokeID\":1}");
	if (csta_decode_json(&again, codec, text.data, text.length - 1, &error))
		fail_msg("%s", error.text);
	assert_true(csta_message_equal(message, again));
	csta_message_destroy(&again);
	csta_message_destroy(&message);
	csta_buffer_free(&text);
}

static void test_a_line(void **state)
{
	struct csta_message *message;
	char line[128];

	(void)state;
	names_are("vendor v\nber 1/u2 n integer", "v");
	message = escape_of_hex("a103020105");
	assert_int_equal(csta_describe(message, line, sizeof(line)), 0);
	assert_string_equal(line, "Escape 1 privateData=v.n=5");
	csta_message_destroy(&message);
	message = escape_of_hex("a1050201050500");
	assert_int_equal(csta_describe(message, line, sizeof(line)), 0);
	assert_string_equal(line, "Escape 1 privateData=v.n=5 0xa1050201050500");
	csta_message_destroy(&message);
}

static void test_events_have_names(void **state)
{
	struct csta_message *message;
	struct cti_event event, *copy;
	struct cti_error error = {0};

	(void)state;
	names_are("vendor v namespace urn:v\nxml a/reason reason text\nxml a/n n integer", NULL);
	message = xml_read("<AgentNotReadyEvent" IN(
	        6) "><monitorCrossRefID>1</monitorCrossRefID><agentDevice>"
	           "<deviceIdentifier>2001</deviceIdentifier></"
	           "agentDevice><extensions><privateData>"
	           "<private><a "
	           "xmlns=\"urn:v\"><reason>lunch</reason><n>1</n><n>2</n></a></private>"
	           "</privateData></extensions></AgentNotReadyEvent>");
	if (csta_event_read(message, &event, &error))
		fail_msg("%s", error.text);
	copy = cti_event_copy(&event);
	csta_message_destroy(&message);
	assert_non_null(copy);
	assert_int_equal(copy->named_count, 3);
	assert_string_equal(copy->named[0].key, "v.reason");
	assert_string_equal(copy->named[0].value, "lunch");
	assert_string_equal(copy->named[1].key, "v.n");
	assert_string_equal(copy->named[2].key, "v.n#2");
	assert_string_equal(copy->named[2].value, "2");
	assert_string_equal(copy->reason, "lunch");
	assert_non_null(copy->private_data); /* whole */
	free(copy);
	/* an event that the model does not know */
	message = xml_read("<DoNotDisturbEvent" IN(
	        6) "><monitorCrossRefID>1</monitorCrossRefID>"
	           "<device><deviceIdentifier>2001</deviceIdentifier></device>"
	           "<doNotDisturbOn>true</doNotDisturbOn><extensions><privateData><private>"
	           "<a xmlns=\"urn:v\"><n>7</n></a></private></privateData></extensions>"
	           "</DoNotDisturbEvent>");
	if (csta_event_read(message, &event, &error))
		fail_msg("%s", error.text);
	assert_int_equal(event.type, CTI_EVENT_CSTA);
	assert_int_equal(event.named_count, 1);
	assert_string_equal(event.named[0].value, "7");
	csta_message_destroy(&message);
}

/* ---- the worst ------------------------------------------------------------------------------ */

/* Octets of any kind, and good ones spoilt: no more than is there is read, and nothing is changed.
 */
static void test_hostile(void **state)
{
	static const char *const seeds[] = {
	        "a40ba009a407a105a0030a0105",
	        "301d06052b0c893618301480043330303104040afdfd050202138b0202138c",
	        "a11f301d06052b0c893618301480043330303104040afdfd050202138b0202138c",
	        "0c3e3c6520786d6c6e733d2275726e3a61223e3c6e3e313c2f6e3e3c742f3e3c2f653e"
	        "3c6520786d6c6e733d2275726e3a61223e3c6e3e313c2f6e3e3c2f653e20"};
	struct generator generator = {.state = 20261122};
	unsigned named = 0;

	(void)state;
	names_are("vendor alcatel oid 1.3.12.1206 namespace urn:a\n"
	          "ber .24/u16/0 a text\nber .24/u16/u4 b octets\nber .24/u16/u2#1 c integer\n"
	          "ber 4/0/4/1/0/u10 d integer\nxml e/n e integer\nxml e/t f text",
	          "alcatel");
	for (int round = 0; round < 20000; round++) {
		uint8_t octets[512], *exact;
		size_t length = octets_of(seeds[generate_below(&generator, 4)], octets);
		struct csta_message *message;
		const EscapeArgument_t *escape;
		struct found found = {.count = 0};
		bool all;

		for (unsigned n = generate_below(&generator, 4); n--;)
			octets[generate_below(&generator, (unsigned)length)] =
			        (uint8_t)generate_random(&generator);
		if (!generate_below(&generator, 8))
			length = generate_below(&generator, (unsigned)length) + 1;
		exact = malloc(length); /* the sanitizer sees the end */
		assert_non_null(exact);
		memcpy(exact, octets, length);
		message = escape_of("\x05", 1);
		escape = message->value;
		(void)escape;
		assert_int_equal(csta_private_each(message, exact, length, note, &found, &all), 0);
		assert_memory_equal(exact, octets, length);
		named += found.count > 0;
		csta_message_destroy(&message);
		free(exact);
	}
	assert_true(named > 1000);
}

static int everything(const char *text)
{
	struct csta_private *one = NULL;
	struct csta_message *message = NULL;
	struct csta_buffer out = {0};
	struct cti_event event;
	char line[64];
	int code = csta_private_create(&one, NULL);

	if (!code)
		code = csta_private_read(one, text, strlen(text), "table", NULL);
	if (!code)
		code = csta_codec_names(codec, one, "v", NULL);
	if (!code)
		code = csta_decode_xml(&message, codec, text + strlen(text) + 1,
		                       strlen(text + strlen(text) + 1), NULL, NULL);
	if (!code)
		code = csta_print_tree(message, true, &out);
	if (!code)
		code = csta_describe(message, line, sizeof(line));
	if (!code)
		code = csta_encode_json(codec, message, &out, NULL);
	if (!code)
		code = csta_event_read(message, &event, NULL);
	csta_message_destroy(&message);
	assert_int_equal(csta_codec_names(codec, NULL, NULL, NULL), 0);
	csta_private_destroy(&one);
	csta_buffer_free(&out);
	return code;
}

static void test_every_allocation_may_fail(void **state)
{
	static const char text[] =
	        "vendor v oid 1.2.3 namespace urn:v\nber .1/u2 a integer\nxml a/n b integer\0"
	        "<CallClearedEvent" IN(
	                6) "><monitorCrossRefID>1</monitorCrossRefID><clearedCall>"
	                   "<callID>1</callID></clearedCall><cause>normal</"
	                   "cause><extensions><privateData>"
	                   "<private><a "
	                   "xmlns=\"urn:v\"><n>1</n></a></private></privateData></extensions>"
	                   "</CallClearedEvent>";
	int failure;
	long allowed = 0;

	(void)state;
	assert_int_equal(everything(text), 0);
	do {
		csta_alloc_fail_after = allowed++;
		failure = everything(text);
		csta_alloc_fail_after = -1;
		if (failure && failure != CTI_E_NOMEM)
			fail_msg("%d after %ld allocations", failure, allowed - 1);
	} while (failure);
	assert_true(allowed > 8);
}

static int setup(void **state)
{
	struct cti_error error = {0};

	(void)state;
	if (csta_init(&error) || csta_codec_create(&codec, NULL, &error)) {
		print_error("%s\n", error.text);
		return -1;
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	csta_codec_destroy(&codec);
	csta_private_destroy(&table);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_what_is_wrong_in_a_text),
	        cmocka_unit_test(test_limits_of_a_text),
	        cmocka_unit_test(test_panasonic),
	        cmocka_unit_test(test_alcatel),
	        cmocka_unit_test(test_namespaces),
	        cmocka_unit_test(test_xml),
	        cmocka_unit_test(test_values),
	        cmocka_unit_test(test_limits_of_what_is_named),
	        cmocka_unit_test(test_whoever_is_told_may_stop),
	        cmocka_unit_test(test_json_says_both),
	        cmocka_unit_test(test_a_line),
	        cmocka_unit_test(test_events_have_names),
	        cmocka_unit_test(test_hostile),
	        cmocka_unit_test(test_every_allocation_may_fail),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("private data", tests, setup, teardown);
}
