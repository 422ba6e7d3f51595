/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML that wants more than it says: entities, files from elsewhere, nesting, attributes, names,
 * floods of what means nothing, other encodings, NULs. Each is refused with a sentence, or costs no
 * more than its octets; and whatever it was, the next document is read.
 */
#include "csta/xml_scan.h"
#include "test.h"

#include <libxml/xmlIO.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 65000
#define ROOT "<SystemStatusResponse>"
#define END  "</SystemStatusResponse>"

static struct csta_codec *codec;
static unsigned loaded;

static xmlParserInput *load(const char *url, const char *id, xmlParserCtxt *ctxt)
{
	(void)url;
	(void)id;
	(void)ctxt;
	loaded++;
	return NULL;
}

static int match(const char *name)
{
	(void)name;
	loaded++;
	return 0;
}

static int read_length(const void *xml, size_t length, struct cti_error *error)
{
	struct csta_message *message = NULL;
	int code;

	*error = (struct cti_error){0};
	code = csta_decode_xml(&message, codec, xml, length, NULL, error);
	assert_int_equal(code, error->code);
	assert_true(!code == (message != NULL));
	csta_message_destroy(&message);
	return code;
}

static void assert_good(const void *xml, size_t length)
{
	struct cti_error error;

	if (read_length(xml, length, &error))
		fail_msg("%s", error.text);
}

static void assert_refused(const void *xml, size_t length, int code, const char *says)
{
	struct cti_error error;
	int got = read_length(xml, length, &error);

	if (got != code || !strstr(error.text, says))
		fail_msg("expected %d \"%s\", got %d \"%s\"", code, says, got, error.text);
	assert_good(ROOT END, strlen(ROOT END));
	assert_good("<!-- -->" ROOT END, strlen("<!-- -->" ROOT END));
}

/* Nothing is declared, expanded or fetched. */
static void test_entities(void **state)
{
	static const char *const documents[] = {
	        "<!DOCTYPE a>" ROOT END,
	        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\">" ROOT END,
	        "<!DOCTYPE a PUBLIC \"-//A//B\" \"http://127.0.0.1:9/a.dtd\">" ROOT END,
	        "<!DOCTYPE a [<!ENTITY b \"bb\">]>" ROOT "&b;" END,
	        "<!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">"
	        "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;\">]>" ROOT "&d;" END,
	        "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>" ROOT "&b;" END,
	        "<!DOCTYPE a [<!ENTITY % b SYSTEM \"http://127.0.0.1:9/b\">%b;]>" ROOT END,
	        "<!DOCTYPE a [<!ATTLIST SystemStatusResponse x CDATA \"y\">]>" ROOT END,
	        "<?xml version=\"1.0\" standalone=\"no\"?><!DOCTYPE a SYSTEM \"a.dtd\">" ROOT END,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++)
		assert_refused(documents[i], strlen(documents[i]), CTI_E_INVALID,
		               "<!DOCTYPE a: document types are refused");
	assert_refused(ROOT "&b;" END, strlen(ROOT "&b;" END), CTI_E_INVALID,
	               "Entity 'b' not defined");
	assert_int_equal(loaded, 0);
}

/* Other ways to name files: nobody follows them. */
static void test_no_loads(void **state)
{
	static const char *const documents[] = {
	        ROOT "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" "
	             "href=\"file:///etc/passwd\"/>" END,
	        "<?xml-stylesheet href=\"http://127.0.0.1:9/a.xsl\"?>" ROOT END,
	        "<?xml-model href=\"http://127.0.0.1:9/a.rng\"?>" ROOT END,
	        "<SystemStatusResponse xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
	        "xsi:schemaLocation=\"urn:a http://127.0.0.1:9/a.xsd\"><!-- -->" END,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++)
		assert_good(documents[i], strlen(documents[i]));
	assert_int_equal(loaded, 0);
}

/* @p front, then @p part as often as there is room or @p times, then @p back. Returns the length.
 */
static size_t flood(char *xml, const char *front, const char *part, unsigned times,
                    const char *back)
{
	size_t n = (size_t)sprintf(xml, "%s", front);

	for (unsigned i = 0; i < times && n + strlen(part) + 16 < SIZE; i++)
		n += (size_t)sprintf(xml + n, part, i);
	return n + (size_t)sprintf(xml + n, "%s", back);
}

static void test_depth(void **state)
{
	static const char *const fronts[] = {ROOT, "<!-- -->" ROOT,
	                                     "<Escape><privateData><private>"};
	char *xml = malloc(2 * SIZE);

	(void)state;
	assert_non_null(xml);
	for (size_t i = 0; i < sizeof(fronts) / sizeof(*fronts); i++) {
		size_t n = flood(xml, fronts[i], "<x>", SIZE, "");

		assert_refused(xml, n, CTI_E_LIMIT, "nested deeper than 32 elements");
	}
	free(xml);
}

static void test_attributes(void **state)
{
	char *xml = malloc(2 * SIZE);
	size_t n;

	(void)state;
	assert_non_null(xml);
	n = flood(xml, "<SystemStatusResponse", " a%u=''", 64, "/>");
	assert_good(xml, n);
	n = flood(xml, "<SystemStatusResponse", " a%u=''", 65, "/>");
	assert_refused(xml, n, CTI_E_LIMIT, "<SystemStatusResponse> has more than 64 attributes");
	n = flood(xml, "<SystemStatusResponse", " xmlns:a%u='u'", 65, "/>");
	assert_refused(xml, n, CTI_E_LIMIT, "<SystemStatusResponse> has more than 64 attributes");
	n = flood(xml, "<SystemStatusResponse", " a%u=''", SIZE, "/>");
	assert_refused(xml, n, CTI_E_LIMIT, "has more than 64 attributes");
	/* One of them may be as long as a message. */
	n = flood(xml, "<SystemStatusResponse a='", "x", SIZE, "'/>");
	assert_good(xml, n);
	n = flood(xml, "<SystemStatusResponse a='", "&amp;", SIZE, "'/>");
	assert_good(xml, n);
	free(xml);
}

static void test_names(void **state)
{
	char *xml = malloc(2 * SIZE);
	size_t n;

	(void)state;
	assert_non_null(xml);
	n = flood(xml, ROOT "<", "x", 1000, "/>" END);
	assert_good(xml, n);
	n = flood(xml, ROOT "<", "x", 1001, "/>" END);
	assert_refused(
	        xml, n, CTI_E_LIMIT,
	        "<xxxxxxxxxxxxxxxxxxxxxxxx: a name of 1001 octets, at most 1000 are accepted");
	n = flood(xml, "<SystemStatusResponse ", "x", 1001, "=''/>");
	assert_refused(xml, n, CTI_E_LIMIT, "a name of 1001 octets, at most 1000 are accepted");
	n = flood(xml, "<", "x", 900, "/>");
	assert_refused(xml, n, CTI_E_UNSUPPORTED, "<xxxxxxxxxxxxxxxxxxxxxxxx> is no message");
	n = flood(xml, "<", "x", SIZE, "/>");
	assert_refused(xml, n, CTI_E_INVALID, "Name too long");
	free(xml);
}

/* What means nothing costs its octets and no memory. */
static void test_floods(void **state)
{
	static const char *const parts[] = {"<?p?>",       "<!---->", "<![CDATA[]]>",  " ", "<x/>",
	                                    "<x y='%u'/>", "\r\n\t",  "<!-- -->\n<x/>"};
	char *xml = malloc(2 * SIZE);

	(void)state;
	assert_non_null(xml);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		size_t n = flood(xml, ROOT, parts[i], SIZE, END);

		assert_good(xml, n);
		n = flood(xml, "<Escape><privateData><private>", parts[i], SIZE,
		          "</private></privateData></Escape>");
		assert_good(xml, n);
	}
	free(xml);
}

/* ---- characters -------------------------------------------------------------------------------
 */

/* Two octets a character, the lower one at @p low; or four. */
static size_t widen(const char *text, unsigned octets, unsigned low, char *out)
{
	size_t n = strlen(text);

	memset(out, 0, n * octets);
	for (size_t i = 0; i < n; i++)
		out[i * octets + low] = text[i];
	return n * octets;
}

static void test_utf16(void **state)
{
	static const char text[] = ROOT END,
	                  declared[] = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>" ROOT END;
	char wide[512] = "";
	size_t n;

	(void)state;
	for (unsigned low = 0; low < 2; low++) {
		n = widen(text, 2, low, wide);
		assert_good(wide, n);
		n = widen(declared, 2, low, wide);
		assert_good(wide, n);
		memcpy(wide, low ? "\xfe\xff" : "\xff\xfe", 2);
		n = 2 + widen(declared, 2, low, wide + 2);
		assert_good(wide, n);
		assert_refused(wide, n - 1, CTI_E_TRUNCATED, "ends within a character of UTF-16");
		memcpy(wide + n, low ? "\xd8\x00" : "\x00\xd8", 2);
		assert_refused(wide, n + 2, CTI_E_TRUNCATED, "ends within a character of UTF-16");
		memcpy(wide + n, low ? "\xdc\x00" : "\x00\xdc", 2);
		assert_refused(wide, n + 2, CTI_E_INVALID, "half a character of UTF-16");
		memset(wide + n, 0, 2);
		assert_refused(wide, n + 2, CTI_E_INVALID, "not well-formed XML");
	}
	/* A pair of them is one character. */
	n = widen(
	        "<AnswerCall><callToBeAnswered><callID>ab</callID></callToBeAnswered></AnswerCall>",
	        2, 0, wide);
	memcpy(wide + 2 * 38, "\x3d\xd8\x00\xde", 4);
	assert_good(wide, n);
}

static void test_other_encodings(void **state)
{
	static const struct {
		const char *xml, *says;
	} cases[] = {
	        {"<?xml version='1.0' encoding='EBCDIC-US'?>" ROOT END,
	         "encoding \"EBCDIC-US\" is not taken, UTF-8, UTF-16, ISO-8859-1 and US-ASCII are"},
	        {"<?xml version='1.0' encoding='UTF-7'?>" ROOT END, "\"UTF-7\" is not taken"},
	        {"<?xml version='1.0' encoding=\"ISO-2022-CN-EXT\"?>" ROOT END,
	         "\"ISO-2022-CN-EXT\" is not taken"},
	        {"\xef\xbb\xbf<?xml version='1.0' encoding='GBK'?>" ROOT END,
	         "\"GBK\" is not taken"},
	        {"<?xml version='1.0' encoding='UTF-32LE'?>" ROOT END, "\"UTF-32LE\" is not taken"},
	        {"<?xml version='1.0' encoding='UTF-16'?>" ROOT END,
	         "encoding \"UTF-16\", but not two octets a character"},
	        {"<?xml version='1.0' encoding='//TRANSLIT'?>" ROOT END, "is not taken"},
	        {"\x4c\x6f\xa7\x94\x93", "not well-formed XML"},
	};
	char wide[512] = "";
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_refused(cases[i].xml, strlen(cases[i].xml), CTI_E_INVALID, cases[i].says);
	for (unsigned low = 0; low < 4; low += 3) {
		n = widen(ROOT END, 4, low, wide);
		assert_refused(wide, n, CTI_E_INVALID, "encoding UTF-32 is not taken");
	}
	memcpy(wide, "\xff\xfe\0\0", 4);
	n = 4 + widen(ROOT END, 4, 0, wide + 4);
	assert_refused(wide, n, CTI_E_INVALID, "encoding UTF-32 is not taken");
	/* A declaration further on is none: the encoding does not change within a document. */
	assert_refused(ROOT "<?xml version='1.0' encoding='UTF-16'?>" END,
	               strlen(ROOT "<?xml version='1.0' encoding='UTF-16'?>" END), CTI_E_INVALID,
	               "not well-formed XML");
}

static void test_nul(void **state)
{
	static const char within[] = ROOT "\0" END, name[] = "<System\0Status/>",
	                  value[] = "<SystemStatusResponse a='\0'/>";

	(void)state;
	assert_refused(within, sizeof(within) - 1, CTI_E_INVALID, "not well-formed XML");
	assert_refused(name, sizeof(name) - 1, CTI_E_INVALID, "not well-formed XML");
	assert_refused(value, sizeof(value) - 1, CTI_E_INVALID, "not well-formed XML");
	assert_refused("\0\0\0", 3, CTI_E_INVALID, "Document is empty");
	/* Behind the document they pad it, as C programs do. */
	assert_good(ROOT END "\0\0", strlen(ROOT END) + 2);
}

static int setup(void **state)
{
	(void)state;
	if (csta_init(NULL))
		return -1;
	xmlSetExternalEntityLoader(load);
	xmlRegisterInputCallbacks(match, NULL, NULL, NULL);
	return csta_codec_create(&codec, NULL, NULL);
}

static int teardown(void **state)
{
	(void)state;
	csta_codec_destroy(&codec);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_entities), cmocka_unit_test(test_no_loads),
	        cmocka_unit_test(test_depth),    cmocka_unit_test(test_attributes),
	        cmocka_unit_test(test_names),    cmocka_unit_test(test_floods),
	        cmocka_unit_test(test_utf16),    cmocka_unit_test(test_other_encodings),
	        cmocka_unit_test(test_nul),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("limits of XML", tests, setup, teardown);
}
