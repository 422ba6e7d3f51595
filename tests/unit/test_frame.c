/* SPDX-License-Identifier: Apache-2.0 */
/* Frames: every framing there and back, cut at every octet; bad headers and the octet they name. */
#include "csta/frame.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

#define LIMIT        65527
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const uint8_t apdu[] = {0xA1, 0x0C, 0x02, 0x01, 0x01, 0x02, 0x02,
                               0x00, 0xD3, 0x30, 0x03, 0x0A, 0x01, 0x02};

static int cut(struct csta_frame *frame, enum csta_framing framing, const void *data, size_t length,
               struct csta_buffer *scratch, struct cti_error *error)
{
	/* A copy of the exact size, so that a sanitizer sees every octet read beyond it. */
	void *exact = malloc(length ? length : 1);
	assert_non_null(exact);
	if (length)
		memcpy(exact, data, length);
	int code = csta_frame_cut(frame, framing, exact, length, LIMIT, scratch, error);
	free(exact);
	return code;
}

static void wrapped_is_cut_again(void **state)
{
	static const enum csta_framing framings[] = {CSTA_FRAME_XML, CSTA_FRAME_BARE,
	                                             CSTA_FRAME_LEN16, CSTA_FRAME_HIPATH26,
	                                             CSTA_FRAME_TPKT};
	static const size_t totals[] = {22, 14, 16, 17, 18};
	(void)state;
	for (size_t i = 0; i < COUNT(framings); i++) {
		struct csta_buffer out = {0}, scratch = {0};
		struct csta_frame frame;
		struct cti_error error = {0};
		assert_int_equal(csta_framing_parse(csta_framing_name(framings[i])), framings[i]);
		assert_int_equal(csta_buffer_append(&out, "before", 6), 0);
		assert_int_equal(csta_frame_begin(framings[i], &out), 0);
		assert_int_equal(csta_buffer_append(&out, apdu, sizeof apdu), 0);
		assert_int_equal(csta_frame_end(framings[i], &out, 6, 42, &error), 0);
		const uint8_t *wire = out.data + 6;
		size_t length = out.length - 6;
		assert_int_equal(length, totals[i]);
		for (size_t part = 0; part < length; part++) {
			int code = cut(&frame, framings[i], wire, part, &scratch, &error);
			assert_int_equal(code, CTI_E_TRUNCATED);
			assert_true(frame.total > part);
			assert_true(frame.total <= length + 8);
		}
		assert_int_equal(
		        csta_frame_cut(&frame, framings[i], wire, length, LIMIT, &scratch, &error),
		        0);
		assert_int_equal(frame.total, length);
		assert_int_equal(frame.length, sizeof apdu);
		assert_memory_equal(frame.body, apdu, sizeof apdu);
		assert_int_equal(frame.invoke_id,
		                 framings[i] == CSTA_FRAME_XML ? 42 : CSTA_NO_INVOKE_ID);
		csta_buffer_free(&out);
		csta_buffer_free(&scratch);
	}
	assert_int_equal(csta_framing_parse("soap"), -1);
}

static void the_header_of_ecma_323(void **state)
{
	struct csta_buffer out = {0}, scratch = {0};
	struct csta_frame frame;
	struct cti_error error = {0};
	(void)state;
	csta_frame_begin(CSTA_FRAME_XML, &out);
	csta_buffer_append(&out, "<a/>", 4);
	assert_int_equal(csta_frame_end(CSTA_FRAME_XML, &out, 0, 9999, &error), 0);
	assert_memory_equal(out.data,
	                    "\0\0\0\x0c"
	                    "9999<a/>",
	                    12);
	assert_int_equal(csta_frame_end(CSTA_FRAME_XML, &out, 0, 10000, &error), CTI_E_INVALID);
	/* A PHP client writes digits into the format indicator. */
	assert_int_equal(cut(&frame, CSTA_FRAME_XML,
	                     "00\0\x0c"
	                     "0007<a/>",
	                     12, &scratch, &error),
	                 0);
	assert_int_equal(frame.invoke_id, 7);
	assert_int_equal(frame.total, 12);
	csta_buffer_free(&out);
	csta_buffer_free(&scratch);
}

static void what_does_not_fit_is_refused(void **state)
{
	static const struct {
		enum csta_framing framing;
		size_t most;
	} rows[] = {{CSTA_FRAME_XML, 65527},
	            {CSTA_FRAME_LEN16, 65535},
	            {CSTA_FRAME_HIPATH26, 32767},
	            {CSTA_FRAME_TPKT, 65531}};
	uint8_t *body = calloc(1, 70000);
	(void)state;
	assert_non_null(body);
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t over = 0; over < 2; over++) {
			struct csta_buffer out = {0};
			struct cti_error error = {0};
			csta_frame_begin(rows[i].framing, &out);
			csta_buffer_append(&out, body, rows[i].most + over);
			assert_int_equal(csta_frame_end(rows[i].framing, &out, 0, 1, &error),
			                 over ? CTI_E_LIMIT : 0);
			csta_buffer_free(&out);
		}
	}
	free(body);
}

static void bad_headers_are_named(void **state)
{
	static const struct {
		enum csta_framing framing;
		const char *octets;
		size_t length;
		int code;
		const char *text;
	} rows[] = {
	        {CSTA_FRAME_XML, "<", 1, CTI_E_INVALID, "octet 0 is 3c"},
	        {CSTA_FRAME_XML, "\0\x01", 2, CTI_E_INVALID, "octet 1 is 01"},
	        {CSTA_FRAME_XML,
	         "\0\0\0\x0c"
	         "0x",
	         6, CTI_E_INVALID, "octet 5 is 78"},
	        {CSTA_FRAME_XML, "\0\0\0\x07", 4, CTI_E_INVALID, "length of 7"},
	        {CSTA_FRAME_LEN16, "\0\0", 2, CTI_E_INVALID, "length of 0"},
	        {CSTA_FRAME_LEN16, "\xff\xff", 2, CTI_E_LIMIT, "65535 octets exceeds the limit"},
	        {CSTA_FRAME_HIPATH26, "\x27", 1, CTI_E_INVALID, "octet 0 is 27"},
	        {CSTA_FRAME_HIPATH26, "\x26\x80\0", 3, CTI_E_INVALID, "length of 0"},
	        {CSTA_FRAME_TPKT, "\x04", 1, CTI_E_INVALID, "octet 0 is 04"},
	        {CSTA_FRAME_TPKT, "\x03\0\0\x04", 4, CTI_E_INVALID, "length of 4"},
	        {CSTA_FRAME_BARE, "\x30\x03", 2, CTI_E_INVALID, "octet 0 is 30"},
	        {CSTA_FRAME_BARE, "\xa1\x84\x7f\xff\xff\xff", 6, CTI_E_LIMIT, "exceeds the limit"},
	        {CSTA_FRAME_BARE, "\xa1\x85\1\1\1\1\1", 7, CTI_E_LIMIT, "length of 5 octets"},
	        {CSTA_FRAME_BARE, "\xa1\x80\x04\x80", 4, CTI_E_INVALID, "octet 3: indefinite"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct csta_buffer scratch = {0};
		struct csta_frame frame;
		struct cti_error error = {0};
		assert_int_equal(cut(&frame, rows[i].framing, rows[i].octets, rows[i].length,
		                     &scratch, &error),
		                 rows[i].code);
		if (!strstr(error.text, rows[i].text))
			fail_msg("row %zu: \"%s\" does not say \"%s\"", i, error.text,
			         rows[i].text);
		csta_buffer_free(&scratch);
	}
}

/* A message longer than 15 bits can say, or one that the switch cut for its own reasons. */
static void hipath_pieces_are_joined(void **state)
{
	static const uint8_t wire[] = {0x26, 0x00, 0x03, 0xA1, 0x04, 0x02, 0x26,
	                               0x80, 0x03, 0x01, 0x01, 0x05, 0x26};
	static const uint8_t joined[] = {0xA1, 0x04, 0x02, 0x01, 0x01, 0x05};
	struct csta_buffer scratch = {0};
	struct csta_frame frame;
	struct cti_error error = {0};
	(void)state;
	for (size_t part = 0; part < 12; part++)
		assert_int_equal(cut(&frame, CSTA_FRAME_HIPATH26, wire, part, &scratch, &error),
		                 CTI_E_TRUNCATED);
	assert_int_equal(cut(&frame, CSTA_FRAME_HIPATH26, wire, sizeof wire, &scratch, &error), 0);
	assert_int_equal(frame.total, 12);
	assert_int_equal(frame.length, sizeof joined);
	assert_memory_equal(frame.body, joined, sizeof joined);
	csta_buffer_free(&scratch);
}

static void spans(void **state)
{
	static const struct {
		const char *octets;
		size_t length, span;
	} rows[] = {
	        {"\xa1\x00", 2, 2},
	        {"\xa1\x81\x03\1\2\3", 6, 6},
	        {"\x7f\x81\x01\x02\xAA\xBB", 6, 6},
	        {"\xa1\x80\x02\x01\x07\x00\x00", 7, 7},
	        {"\xa1\x80\x30\x80\x00\x00\x00\x00", 8, 8},
	};
	size_t span;
	struct cti_error error;
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t part = 0; part < rows[i].length; part++) {
			span = 0;
			assert_int_equal(csta_ber_span(rows[i].octets, part, LIMIT, &span, &error),
			                 CTI_E_TRUNCATED);
			assert_true(span > part);
		}
		assert_int_equal(
		        csta_ber_span(rows[i].octets, rows[i].length, LIMIT, &span, &error), 0);
		assert_int_equal(span, rows[i].span);
	}
	uint8_t deep[400];
	for (size_t i = 0; i < sizeof deep; i += 2)
		memcpy(deep + i, "\x30\x80", 2);
	assert_int_equal(csta_ber_span(deep, sizeof deep, LIMIT, &span, &error), CTI_E_LIMIT);
	assert_int_equal(csta_ber_span("\x3f\xff\xff\xff\xff\xff\xff", 7, LIMIT, &span, &error),
	                 CTI_E_INVALID);
}

/* Nothing that can come crashes it, and every outcome is one of four. */
static void random_octets(void **state)
{
	uint64_t seed = 20261122;
	(void)state;
	for (int round = 0; round < 20000; round++) {
		uint8_t octets[48];
		struct csta_buffer scratch = {0};
		struct csta_frame frame;
		struct cti_error error = {0};
		for (size_t i = 0; i < sizeof octets; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			octets[i] = (uint8_t)(seed >> 56);
		}
		enum csta_framing framing = (enum csta_framing)(round % 5);
		size_t length = (size_t)(seed >> 40) % sizeof octets;
		/* Give it a header that is nearly right, else nothing gets past the first octet. */
		if (framing == CSTA_FRAME_XML)
			memcpy(octets, "\0\0\0", 3);
		if (framing == CSTA_FRAME_BARE)
			octets[0] = 0xA1;
		if (framing == CSTA_FRAME_HIPATH26)
			octets[0] = 0x26;
		if (framing == CSTA_FRAME_TPKT)
			octets[0] = 3;
		int code = cut(&frame, framing, octets, length, &scratch, &error);
		assert_true(code == 0 || code == CTI_E_TRUNCATED || code == CTI_E_INVALID ||
		            code == CTI_E_LIMIT);
		if (!code)
			assert_true(frame.total <= length && frame.length <= frame.total);
		else if (code != CTI_E_TRUNCATED)
			assert_true(error.code == code && error.text[0]);
		csta_buffer_free(&scratch);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(wrapped_is_cut_again),
	        cmocka_unit_test(the_header_of_ecma_323),
	        cmocka_unit_test(what_does_not_fit_is_refused),
	        cmocka_unit_test(bad_headers_are_named),
	        cmocka_unit_test(hipath_pieces_are_joined),
	        cmocka_unit_test(spans),
	        cmocka_unit_test(random_octets),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
