/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values in BER: asn1c's own codec, which is not used otherwise, is the oracle of csta/ber_read.c
 * and csta/ber_write.c. Octets are the same, values are the same, and what is damaged is refused by
 * both, save for the differences that ber_value.h names.
 *
 * Private data that is the last element (Escape, PrivateEvent) has a tag for asn1c that no wire
 * has; test_ber.c looks after it.
 */
#include "csta/ber_value.h"
#include "csta/codec.h"
#include "csta/explain.h"
#include "test.h"
#include "tests/support/generate.h"
#include "tests/support/messages.h"

#include <MediaClass.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS  25 /* of each row */
#define DAMAGES 20 /* of each message */

static struct csta_limits limits;
static unsigned long both_took, both_refused, only_asn1c, only_ours;

static asn_TYPE_descriptor_t *asn1c_type(const struct csta_type *type)
{
	return (asn_TYPE_descriptor_t *)(uintptr_t)type->value;
}

static bool has_oracle(const struct csta_type *type)
{
	const struct csta_layout *layout = csta_layout_of_type(type);

	return type->encodings & CSTA_IN_BER &&
	       !(layout->field_count && layout->fields[layout->field_count - 1].last_any);
}

static int collect(const void *data, size_t length, void *out)
{
	return csta_buffer_append(out, data, length);
}

static void asn1c_write(const struct csta_type *type, const void *value, struct csta_buffer *out)
{
	asn_enc_rval_t result;

	csta_buffer_clear(out);
	result = der_encode(asn1c_type(type), (void *)(uintptr_t)value, collect, out);
	if (result.encoded < 0)
		fail_msg("%s: asn1c does not write it", type->element);
}

static void ours_write(const struct csta_type *type, const void *value, struct csta_buffer *out)
{
	struct csta_buffer memory = {0};
	struct tlv_writer writer = tlv_writer(&memory);

	csta_buffer_clear(out);
	assert_null(csta_value_write(&writer, csta_layout_of_type(type), CSTA_NO_TAG, value));
	assert_false(writer.failed);
	assert_int_equal(csta_buffer_append(out, writer.at, tlv_written(&writer)), 0);
	csta_buffer_free(&memory);
}

static void assert_same(const struct csta_type *type, const struct csta_buffer *a,
                        const struct csta_buffer *b)
{
	if (a->length != b->length || memcmp(a->data, b->data, a->length))
		fail_msg("%s: asn1c's octets are others", type->element);
}

/* NULL: refused. */
static void *asn1c_read(const struct csta_type *type, const uint8_t *data, size_t length)
{
	asn_codec_ctx_t unlimited = {0}; /* depth was looked at, and sanitizers move the stack */
	void *value = NULL;
	asn_dec_rval_t result = ber_decode(&unlimited, asn1c_type(type), &value, data, length);

	if (result.code == RC_OK && result.consumed == length)
		return value;
	if (value)
		ASN_STRUCT_FREE(*asn1c_type(type), value);
	return NULL;
}

static void fail_octets(const uint8_t *data, size_t length, const char *what)
{
	for (size_t i = 0; i < length; i++)
		print_error("%02x", data[i]);
	fail_msg(": %s", what);
}

/* What asn1c takes and we do not, for reasons that are meant. */
static void check_only_asn1c(const struct csta_type *type, const struct tlv *tlv)
{
	struct cti_error error = {0};

	csta_ber_explain(type, tlv, false, 0, &error);
	if (!strstr(error.text, " is primitive, expected ") &&
	    !strstr(error.text, " expected in ANY") &&
	    !strstr(error.text, "has nothing inside, expected ANY") &&
	    !strstr(error.text, "a number of more than 8 octets") &&
	    !strstr(error.text, "has no right") && !strstr(error.text, "has segments"))
		fail_octets(tlv->start, tlv->total, error.text);
	only_asn1c++;
}

/*
 * One element that may be damaged, through both. Where ours alone takes it, asn1c must take what
 * ours writes of it. asn1c is not asked about bit strings whose count it would shift by unseen.
 */
static void check_reading(const struct csta_type *type, const uint8_t *data, size_t length)
{
	const struct csta_layout *layout = csta_layout_of_type(type);
	struct csta_buffer again = {0}, theirs = {0};
	struct tlv_reader reader = {data, data + length};
	struct csta_message *message;
	struct cti_error error = {0};
	void *value = NULL;
	struct tlv tlv;
	size_t size;
	bool taken;

	if (tlv_check(data, length, &limits, &size, &error) || size != length)
		return;
	assert_true(tlv_read(&reader, &tlv));
	assert_int_equal(csta_message_create(&message, codec, type, &error), 0);
	taken = csta_value_read(message->arena, layout, &tlv, false, message->value);
	if (!taken) {
		csta_ber_explain(type, &tlv, false, 0, &error);
		if (!strstr(error.text, "has no right"))
			value = asn1c_read(type, data, length);
		if (value)
			check_only_asn1c(type, &tlv);
		else
			both_refused++;
	} else {
		value = asn1c_read(type, data, length);
		both_took += value != NULL;
		only_ours += !value;
		ours_write(type, message->value, &again);
		if (!value)
			value = asn1c_read(type, again.data, again.length);
		if (!value)
			fail_octets(again.data, again.length, "asn1c does not take it");
		if (!csta_value_equal(layout, message->value, value))
			fail_octets(data, length, "asn1c reads another value");
		asn1c_write(type, value, &theirs);
		assert_same(type, &again, &theirs);
	}
	if (value)
		ASN_STRUCT_FREE(*asn1c_type(type), value);
	csta_message_destroy(&message);
	csta_buffer_free(&again);
	csta_buffer_free(&theirs);
}

/* Another octet, one less, one more, or an element without length. */
static void damage(struct generator *chance, const struct csta_type *type,
                   const struct csta_buffer *whole)
{
	size_t length = whole->length, at = generate_below(chance, (unsigned)length);
	uint8_t *data = malloc(length + 2);

	assert_non_null(data);
	memcpy(data, whole->data, length);
	switch (generate_below(chance, 4)) {
	case 0:
		data[at] = (uint8_t)generate_random(chance);
		break;
	case 1:
		data[at] ^= (uint8_t)(1u << generate_below(chance, 8));
		break;
	case 2: /* take one out, and say so in a length before it */
		memmove(data + at, data + at + 1, length - at - 1);
		data[at / 2]--;
		length--;
		break;
	case 3: /* the whole without length */
		if (data[1] < 0x80) {
			data[1] = 0x80;
			data[length++] = 0;
			data[length++] = 0;
		}
		break;
	}
	uint8_t *exact = malloc(length ? length : 1); /* so that sanitizers see its end */
	assert_non_null(exact);
	memcpy(exact, data, length);
	check_reading(type, exact, length);
	free(exact);
	free(data);
}

static void each(bool standard, uint64_t seed)
{
	struct generator generator = {.state = seed, .standard = standard};
	struct generator chance = {.state = seed + 1};
	struct csta_buffer ours = {0}, theirs = {0};

	for (size_t row = 0; row < csta_type_count; row++) {
		const struct csta_type *type = &csta_types[row];

		if (!has_oracle(type))
			continue;
		for (unsigned round = 0; round < ROUNDS; round++) {
			struct csta_message *message = NULL;

			generator.how = round == 0  ? GENERATE_LEAST
			                : round < 4 ? GENERATE_ALL
			                            : GENERATE_SOME;
			assert_int_equal(generate_message(&message, &generator, codec, type), 0);
			if (!message->value) {
				csta_message_destroy(&message);
				continue;
			}
			ours_write(type, message->value, &ours);
			asn1c_write(type, message->value, &theirs);
			assert_same(type, &ours, &theirs);
			check_reading(type, ours.data, ours.length);
			for (unsigned i = 0; i < DAMAGES; i++)
				damage(&chance, type, &ours);
			csta_message_destroy(&message);
		}
	}
	csta_buffer_free(&ours);
	csta_buffer_free(&theirs);
}

static void test_as_asn1c(void **state)
{
	(void)state;
	both_took = both_refused = only_asn1c = only_ours = 0;
	each(true, 20261122);
	each(false, 285);
	print_message("# taken by both %lu, refused by both %lu, by asn1c alone %lu, by ours alone "
	              "%lu\n",
	              both_took, both_refused, only_asn1c, only_ours);
	assert_true(both_took > 1000);
	assert_true(both_refused > 1000);
}

/* X.690 8.6.4: only the last segment has unused bits. NULL: refused. */
static const BIT_STRING_t *bits_read(struct csta_message *message, const char *octets,
                                     size_t length)
{
	static BIT_STRING_t bits;
	struct tlv_reader reader = {(const uint8_t *)octets, (const uint8_t *)octets + length};
	struct tlv tlv;

	memset(&bits, 0, sizeof(bits));
	assert_true(tlv_read(&reader, &tlv));
	return csta_value_read(message->arena, csta_layout_of(&asn_DEF_MediaClass), &tlv, false,
	                       &bits)
	               ? &bits
	               : NULL;
}

#define BITS(octets) bits_read(message, octets, sizeof(octets) - 1)

static void test_bits_in_segments(void **state)
{
	struct csta_message *message = NULL;
	const BIT_STRING_t *bits;
	char many[4 + 129];

	(void)state;
	assert_int_equal(csta_message_create(&message, codec,
	                                     csta_type_of_element("SystemStatus", 12), NULL),
	                 0);
	bits = BITS("\x23\x0a\x03\x02\x00\xf0\x23\x04\x03\x02\x04\xaf");
	assert_non_null(bits);
	assert_int_equal(bits->size, 2);
	assert_memory_equal(bits->buf, "\xf0\xa0", 2);
	assert_int_equal(bits->bits_unused, 4);
	assert_null(BITS("\x23\x08\x03\x02\x04\xf0\x03\x02\x00\xa0"));
	assert_null(BITS("\x23\x04\x04\x02\x00\xf0"));
	assert_null(BITS("\x23\x02\x03\x00"));
	assert_null(BITS("\x03\x00"));
	assert_null(BITS("\x03\x01\x04"));
	assert_null(BITS("\x03\x02\x08\xff"));
	/* No more than 1024 of them, so that every encoding has room. */
	memset(many, 0xff, sizeof(many));
	memcpy(many, "\x03\x81\x81\x00", 4);
	assert_non_null(bits_read(message, many, 4 + 128));
	many[2]++;
	assert_null(bits_read(message, many, 4 + 129));
	csta_message_destroy(&message);
}

static int setup(void **state)
{
	if (codec_setup(state))
		return -1;
	limits = codec->limits;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_as_asn1c),
	        cmocka_unit_test(test_bits_in_segments),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("values in BER", tests, setup, codec_teardown);
}
