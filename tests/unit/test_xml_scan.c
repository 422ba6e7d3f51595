/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scanner of plain documents against libxml2: on generated messages of every row, on documents
 * written by hand, on our own captures, and on all of them spoilt, reading has the same outcome
 * with and without it. What is plain is really read by it; what is not, never.
 */
#include "csta/xml_scan.h"
#include "test.h"
#include "tests/support/generate.h"
#include "tests/support/messages.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS         "http://www.ecma-international.org/standards/ecma-323/csta/ed4"
#define ROUNDS     12 /* of each row and edition */
#define MUTATIONS  60 /* of each generated document */
#define FILE_MAX   70000
#define OWN_FOLDER "tests/captures/own/xml"

static struct generator generator = {.state = 20261122, .standard = true, .strict = true};
static unsigned tried, scanned, good;

struct outcome {
	int code;
	unsigned edition, deviations;
	bool scanned;
	struct cti_error error;
	struct csta_message *message;
};

static struct outcome outcome_of(const char *text, size_t length, bool by_libxml2)
{
	struct outcome out = {.edition = 99};
	/* A copy of just that size: AddressSanitizer watches both ends. */
	char *copy = malloc(length ? length : 1);

	assert_non_null(copy);
	memcpy(copy, text, length);
	xml_scan_off = by_libxml2;
	out.code = csta_decode_xml(&out.message, codec, copy, length, &out.edition, &out.error);
	xml_scan_off = false;
	out.deviations = csta_codec_deviations(codec);
	out.scanned = codec->xml && codec->xml->scanned;
	free(copy);
	return out;
}

static void fail_document(const char *text, size_t length, const char *what)
{
	print_error("%s\n%.*s\n", what, (int)length, text);
	fail();
}

/* Whether the scanner has read it. */
static bool same_outcome(const char *text, size_t length)
{
	struct outcome a = outcome_of(text, length, false), b = outcome_of(text, length, true);

	if (a.code != b.code || a.error.code != b.error.code ||
	    strcmp(a.error.text, b.error.text) != 0) {
		print_error("%d %s\n%d %s\n", a.code, a.error.text, b.code, b.error.text);
		fail_document(text, length, "another outcome:");
	}
	if (a.edition != b.edition || (!a.code && a.deviations != b.deviations))
		fail_document(text, length, "another edition, or other deviations:");
	if (a.code ? a.message || b.message : !csta_message_equal(a.message, b.message))
		fail_document(text, length, "another value:");
	if (b.scanned || (a.scanned && a.code))
		fail_document(text, length, "read by the wrong one:");
	tried++;
	scanned += a.scanned;
	good += !a.code;
	csta_message_destroy(&a.message);
	csta_message_destroy(&b.message);
	return a.scanned;
}

/* ---- spoiling ---------------------------------------------------------------------------------
 */

static const char *const pieces[] = {
        "<",
        ">",
        "/",
        "&",
        "&amp;",
        "&lt;",
        "&#65;",
        "&#x20AC;",
        "&#0;",
        "&#xD;",
        "]]>",
        "<!-- c -->",
        "<?p i?>",
        "<![CDATA[x]]>",
        "\r\n",
        "\r",
        "\t",
        "\xc3\xbc",
        "\xc0\x80",
        "\xed\xa0\x80",
        "\xef\xbf\xbe",
        "\xf4\x90\x80\x80",
        "\xff",
        "\x01",
        "\x7f",
        " a=\"1\"",
        " a='1'",
        " xmlns:q=\"urn:q\"",
        " q:a=\"\"",
        " xmlns=\"\"",
        " xml:lang=\"de\"",
        "<q:x/>",
        "<x/>",
        "<x xmlns=\"urn:x\" y=\"&gt;\">z</x>",
        "</x>",
        " ",
        "\n",
        "=",
        "\"",
        "'",
        ":",
        "x",
        "&quot;",
        "&#x1F600;",
        "<!DOCTYPE x>",
        "\xef\xbb\xbf",
        "&nbsp;",
        "]]",
        "&#10;",
};

static size_t spoil(const char *text, size_t length, char *out)
{
	unsigned at = generate_below(&generator, (unsigned)length + 1), n;
	const char *piece;

	memcpy(out, text, length);
	switch (generate_below(&generator, 6)) {
	case 0: /* one octet otherwise */
		if (at < length)
			out[at] = (char)(out[at] ^ 1 << generate_below(&generator, 8));
		return length;
	case 1: /* some are gone */
		n = 1 + generate_below(&generator, 12);
		if (n > length - at)
			n = (unsigned)(length - at);
		memmove(out + at, out + at + n, length - at - n);
		return length - n;
	case 2: /* the end is */
		return at;
	case 3: /* a tag is */
		while (at < length && out[at] != '<')
			at++;
		for (n = at; n < length && out[n] != '>';)
			n++;
		n += n < length;
		memmove(out + at, out + n, length - n);
		return length - (n - at);
	case 4: /* a piece too much behind a tag, where most of them are no harm */
		while (at < length && out[at] != '>')
			at++;
		at += at < length;
		break;
	}
	piece = pieces[generate_below(&generator, sizeof(pieces) / sizeof(*pieces))];
	n = (unsigned)strlen(piece);
	memmove(out + at + n, out + at, length - at);
	memcpy(out + at, piece, n);
	return length + n;
}

static void check_spoilt(const char *text, size_t length, unsigned times)
{
	char *other = malloc(length + 128), *again = malloc(length + 128);
	size_t n;

	assert_non_null(other);
	assert_non_null(again);
	for (unsigned i = 0; i < times; i++) {
		n = spoil(text, length, other);
		same_outcome(other, n);
		if (i % 4 == 0 && n) {
			n = spoil(other, n, again);
			same_outcome(again, n);
		}
	}
	free(other);
	free(again);
}

/* ---- generated --------------------------------------------------------------------------------
 */

static bool written(struct csta_buffer *text, const struct csta_type *type, unsigned edition)
{
	struct csta_message *message = NULL;
	int code;

	text->length = 0;
	assert_int_equal(generate_message(&message, &generator, codec, type), 0);
	code = csta_encode_xml(codec, message, edition, text, NULL);
	assert_true(!code || code == CTI_E_UNSUPPORTED || code == CTI_E_INVALID);
	csta_message_destroy(&message);
	return !code;
}

static void check_rows(unsigned rounds, unsigned mutations)
{
	struct csta_buffer text = {0};

	for (size_t i = 0; i < csta_type_count; i++) {
		if (!(csta_types[i].encodings & CSTA_IN_XML))
			continue;
		for (unsigned round = 0; round < rounds; round++) {
			generator.how = (enum generate_how)(round % 3);
			generator.standard = generator.strict = round % 2;
			if (!written(&text, &csta_types[i], CSTA_ED3 + round % 4))
				continue;
			if (!same_outcome((char *)text.data, text.length))
				fail_document((char *)text.data, text.length, "not plain:");
			check_spoilt((char *)text.data, text.length, mutations);
		}
	}
	csta_buffer_free(&text);
}

static void test_generated(void **state)
{
	(void)state;
	check_rows(ROUNDS * 4, 0);
	assert_int_equal(scanned, tried);
}

static void test_generated_and_spoilt(void **state)
{
	(void)state;
	tried = scanned = good = 0;
	check_rows(4, MUTATIONS);
	print_message("%u documents, %u good, %u by the scanner\n", tried, good, scanned);
	assert_true(scanned > tried / 20 && good < tried);
}

/* ---- written by hand --------------------------------------------------------------------------
 */

#define IN(root, inside) "<" root " xmlns=\"" NS "\">" inside "</" root ">"
#define CALL(text)                                                                                 \
	IN("AnswerCall", "<callToBeAnswered><callID>" text "</callID></callToBeAnswered>")
#define PRIVATE(inside) IN("Escape", "<privateData><private>" inside "</private></privateData>")
#define STATUS(before)  before "<SystemStatusResponse xmlns=\"" NS "\"/>"

static const struct {
	bool plain;
	const char *xml;
} documents[] = {
        {true, STATUS("")},
        {true, STATUS(" \r\n\t")},
        {true, STATUS("\xef\xbb\xbf")},
        {true, STATUS("<?xml version=\"1.0\"?>")},
        {true, STATUS("<?xml version='1.0' encoding='utf-8' ?>\r\n")},
        {true, STATUS("\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>")},
        {true, STATUS("<?xml  version = \"1.0\"\n standalone= 'no'?>")},
        {true, STATUS("") " \n\r\n"},
        {false, STATUS("<?xml version=\"1.1\"?>")},
        {false, STATUS("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>")},
        {false, STATUS("<?xml encoding=\"UTF-8\"?>")},
        {false, STATUS("<?xml version=\"1.0\"encoding=\"UTF-8\"?>")},
        {false, STATUS("<?xml version=\"1.0\" standalone=\"YES\"?>")},
        {false, STATUS("<?xml version=\"1.0\" standalone=\"yes\" encoding=\"UTF-8\"?>")},
        {false, STATUS("<?xml version=\"1.0\">")},
        {false, STATUS(" <?xml version=\"1.0\"?>")},
        {false, STATUS("<!DOCTYPE x>")},
        {false, STATUS("<!-- -->")},
        {false, STATUS("x")},
        {false, STATUS("") "x"},
        {false, STATUS("") STATUS("")},
        {false, STATUS("") "<!-- -->"},
        {false, ""},
        {false, ">"},
        {false, "<>"},
        {false, "<SystemStatusResponse"},
        {false, "<SystemStatusResponse/"},
        {true, "<SystemStatusResponse/>"},
        {true, "<SystemStatusResponse />"},
        {true, "<SystemStatusResponse></SystemStatusResponse\n>"},
        {false, "<SystemStatusResponse></SystemStatusRespons>"},
        {false, "<SystemStatusResponse></SystemStatusResponsee>"},
        {false, "<SystemStatusResponse></ SystemStatusResponse>"},
        {false, "<SystemStatusResponse / >"},
        {false, "< SystemStatusResponse/>"},
        {true, "<p:SystemStatusResponse xmlns:p='" NS "'/>"},
        {false, "<p:SystemStatusResponse/>"},
        {false, "<p:SystemStatusResponse xmlns:q='" NS "'/>"},
        {false, "<p:SystemStatusResponse xmlns:p=''/>"},
        {false, "<p:q:SystemStatusResponse xmlns:p='" NS "'/>"},
        {false, "<:SystemStatusResponse/>"},
        {false, "<p:SystemStatusResponse xmlns:p='urn:a' xmlns:p='urn:b'/>"},
        {false, "<SystemStatusResponse xmlns='urn:a' xmlns='urn:b'/>"},
        {false, "<SystemStatusResponse xmlns:xml='http://www.w3.org/XML/1998/namespace'/>"},
        {false, "<SystemStatusResponse xmlns:xmlns='http://www.w3.org/2000/xmlns/'/>"},
        {true, "<SystemStatusResponse a='1' b=\"'\" c = '\">\xc3\xbc'/>"},
        {false, "<SystemStatusResponse a='1' a='2'/>"},
        {false, "<SystemStatusResponse xmlns:p='u' xmlns:q='u' p:a='1' q:a='2'/>"},
        {false, "<SystemStatusResponse p:a='1'/>"},
        {false, "<SystemStatusResponse a='1'b='2'/>"},
        {false, "<SystemStatusResponse a=1/>"},
        {false, "<SystemStatusResponse a/>"},
        {false, "<SystemStatusResponse a='<'/>"},
        {false, "<SystemStatusResponse a='&'/>"},
        {false, "<SystemStatusResponse a='1>"},
        {false, "<SystemStatusResponse a='1' xml:lang='de'/>"},
        {true, CALL(" 17\r\n")},
        {true, CALL("a\rb\r\nc\nd\r")},
        {true, CALL("&lt;&gt;&amp;&quot;&apos;&#65;&#x20ac;&#x1F600;&#13;")},
        {true, CALL("]]&gt; ]] ]> >")},
        {true, CALL("Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80 \x7f \xc2\x80")},
        {false, CALL("]]>")},
        {false, CALL("&lt")},
        {false, CALL("&nbsp;")},
        {false, CALL("&#;")},
        {false, CALL("&#x;")},
        {false, CALL("&#X41;")},
        {false, CALL("&#0;")},
        {false, CALL("&#xFFFE;")},
        {false, CALL("&#xD800;")},
        {false, CALL("&#x110000;")},
        {false, CALL("&#99999999999999999999;")},
        {false, CALL("&#4294967361;")},
        {false, CALL("\x01")},
        {false, CALL("\xc3")},
        {false, CALL("\xc0\xbc")},
        {false, CALL("\xed\xa0\x80")},
        {false, CALL("\xef\xbf\xbf")},
        {false, CALL("\xf4\x90\x80\x80")},
        {false, CALL("\xe0\x80\x80")},
        {false, CALL("<![CDATA[17]]>")},
        {false, CALL("1<!-- -->7")},
        {false, CALL("1<?p?>7")},
        {true, CALL("1<x>8<y/></x>7")},
        {false, IN("AnswerCall", "17")},
        {false, IN("AnswerCall", "<callToBeAnswered/><callToBeAnswered/>")},
        {false, IN("NoSuchMessage", "")},
        {false, IN("SystemStatus", "<systemStatus>wrong</systemStatus>")},
        {true, PRIVATE("")},
        {true, PRIVATE("a&lt;\r\n]&#13;")},
        {true, PRIVATE("<a><b c=\"'\" d='\">'/> <b/></a>\n<c>&amp;</c>")},
        {true, PRIVATE("<v:a xmlns:v='urn:v' v:b='1'><v:c xmlns='urn:d'><e/></v:c></v:a><a/>")},
        {true, PRIVATE("<v:a xmlns:v='urn:v'/><v:a xmlns:v='urn:w'><w xmlns='" NS "'/></v:a>")},
        {true, PRIVATE("<ber xmlns=\"" XML_BER_NAMESPACE "\">0500</ber>")},
        {true, "<n:Escape xmlns:n='" NS "' xmlns:v='urn:v'><n:privateData><n:private w='1' "
               "xmlns:w='urn:w'><n:a><v:b w:c='d'><n:b/></v:b></n:a></n:private></n:privateData>"
               "</n:Escape>"},
        {true, IN("Escape", "<privateData><string>12 34</string></privateData>")},
        {true, PRIVATE("<a b='&amp;' c='x&lt;&#10;&#x20AC;y' d='&quot;'/>")},
        {true, PRIVATE("<v:a xmlns:v='urn:v&amp;w' v:b=\"1&apos;\"><v:c/></v:a>")},
        {false, PRIVATE("<a b='&'/>")},
        {false, PRIVATE("<a b='&lt'/>")},
        {false, PRIVATE("<a b='\t'/>")},
        {false, PRIVATE("<a b='\n'/>")},
        {false, PRIVATE("<a><!-- --></a>")},
        {false, PRIVATE("<a><b></a></b>")},
        {false, PRIVATE("<v:a/>")},
        {false, PRIVATE("<\xc3\xbc/>")},
        {true, IN("SnapshotDevice", "<snapshotObject typeOfNumber='deviceNumber' mediaClass="
                                    "\"voice smell\" x:y='' xmlns:x='urn:x'>12</snapshotObject>")},
};

static void test_documents(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++) {
		const char *xml = documents[i].xml;

		if (same_outcome(xml, strlen(xml)) != documents[i].plain)
			fail_document(xml, strlen(xml), "plain, or not, against expectation:");
		check_spoilt(xml, strlen(xml), 400);
	}
}

/* What is kept of private XML says the same when it is read again. */
static void test_references_in_attributes(void **state)
{
	static const char xml[] = PRIVATE("<a b=\"&amp;&lt;&quot;&#10;\"/>");
	struct csta_buffer text = {0};

	(void)state;
	for (int by_libxml2 = 0; by_libxml2 < 2; by_libxml2++) {
		struct outcome out = outcome_of(xml, strlen(xml), by_libxml2);

		assert_int_equal(out.code, 0);
		text.length = 0;
		assert_int_equal(csta_encode_xml(codec, out.message, CSTA_ED4, &text, NULL), 0);
		assert_non_null(memmem(text.data, text.length, xml, strlen(xml)));
		csta_message_destroy(&out.message);
	}
	csta_buffer_free(&text);
}

/* The same where the document, then the message, is bigger than either reader may have it. */
static void test_limits(void **state)
{
	static const char *const fronts[] = {"<x>", "<x a='1' b='2'>", "<x xmlns='urn:x'>",
	                                     "<x xmlns:p='urn:x'>"};
	struct csta_limits limits = {.depth = 200};
	struct csta_codec *usual = codec;
	char *xml = malloc(100000);

	(void)state;
	assert_non_null(xml);
	for (unsigned wide = 0; wide < 2; wide++) {
		if (wide)
			assert_int_equal(csta_codec_create(&codec, &limits, NULL), 0);
		for (unsigned i = 0; i < 4 * 100; i++) {
			size_t n = (size_t)sprintf(xml, "<SystemStatusResponse xmlns=\"" NS "\">");

			for (unsigned depth = 0; depth < i / 4; depth++)
				n += (size_t)sprintf(xml + n, "%s", fronts[i % 4]);
			for (unsigned depth = 0; depth < i / 4; depth++)
				n += (size_t)sprintf(xml + n, "</x>");
			n += (size_t)sprintf(xml + n, "</SystemStatusResponse>");
			same_outcome(xml, n);
		}
		for (unsigned count = 0; count < 80; count++) {
			size_t n = (size_t)sprintf(xml, "<SystemStatusResponse");

			for (unsigned i = 0; i < count; i++)
				n += (size_t)sprintf(xml + n, wide ? " xmlns:a%u='u'" : " a%u='u'",
				                     i);
			n += (size_t)sprintf(xml + n, "/>");
			same_outcome(xml, n);
		}
		for (size_t length = 1; length < 70000; length *= 3) {
			size_t n = (size_t)sprintf(xml, "<SystemStatusResponse><x>");

			memset(xml + n, 'a', length);
			xml[n + (wide ? 0 : length)] = wide ? '<' : 'a';
			n += length;
			n += (size_t)sprintf(xml + n, wide ? "/></x></SystemStatusResponse>"
			                                   : "</x></SystemStatusResponse>");
			same_outcome(xml, n);
		}
	}
	csta_codec_destroy(&codec);
	codec = usual;
	free(xml);
}

/* ---- captures ---------------------------------------------------------------------------------
 */

static void test_own_captures(void **state)
{
	DIR *folder = opendir(OWN_FOLDER);
	char *text = malloc(FILE_MAX), path[512];
	struct dirent *entry;
	unsigned files = 0;

	(void)state;
	assert_non_null(folder); /* run where the Makefile is */
	assert_non_null(text);
	while ((entry = readdir(folder)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');
		FILE *file;
		size_t length;

		if (!dot || strcmp(dot, ".xml") != 0)
			continue;
		snprintf(path, sizeof(path), OWN_FOLDER "/%s", entry->d_name);
		file = fopen(path, "rb");
		assert_non_null(file);
		length = fread(text, 1, FILE_MAX, file);
		fclose(file);
		same_outcome(text, length);
		check_spoilt(text, length, 600);
		files++;
	}
	closedir(folder);
	free(text);
	assert_true(files > 10);
}

/* ---- memory -----------------------------------------------------------------------------------
 */

static void test_no_memory(void **state)
{
	static const char *const texts[] = {
	        CALL("1&lt;7"),
	        PRIVATE("<v:a xmlns:v='urn:v' b='1'><v:c xmlns='urn:d'><e/></v:c></v:a><a/>"),
	        IN("DeflectCall", "<callToBeDiverted><callID>1</callID></callToBeDiverted>"
	                          "<newDestination mediaClass='voice'>2</newDestination>"),
	};
	struct csta_codec *usual = codec;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct outcome out = {.code = CTI_E_NOMEM};

		for (long n = 0; out.code; n++) {
			assert_true(n < 1000);
			assert_int_equal(out.code, CTI_E_NOMEM);
			assert_int_equal(csta_codec_create(&codec, NULL, NULL), 0);
			csta_alloc_fail_after = n;
			out = outcome_of(texts[i], strlen(texts[i]), false);
			csta_alloc_fail_after = -1;
			/* Whatever failed, the next document is read. */
			if (out.code)
				assert_true(same_outcome(texts[i], strlen(texts[i])));
			else
				assert_true(out.scanned);
			csta_message_destroy(&out.message);
			csta_codec_destroy(&codec);
		}
	}
	codec = usual;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_generated),
	        cmocka_unit_test(test_generated_and_spoilt),
	        cmocka_unit_test(test_documents),
	        cmocka_unit_test(test_limits),
	        cmocka_unit_test(test_references_in_attributes),
	        cmocka_unit_test(test_own_captures),
	        cmocka_unit_test(test_no_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, codec_setup, codec_teardown);
}
