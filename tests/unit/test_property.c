/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever the descriptors allow survives every encoding: generated messages of every row of the
 * table go through BER and JSON and come back the same, and every field takes part. And every
 * allocation that fails does so cleanly.
 */
#include "csta/codec.h"
#include "test.h"
#include "tests/support/generate.h"
#include "tests/support/messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 150 /* of each row */

static void assert_same(const struct csta_message *message, const struct csta_buffer *a,
                        const struct csta_buffer *b, const char *what)
{
	if (a->length != b->length || memcmp(a->data, b->data, a->length))
		fail_message(message, what);
}

/* BER, value, BER; the decoded value equals the first. */
static void check_ber(const struct csta_message *message)
{
	struct csta_buffer first = {0}, second = {0};
	struct csta_message *again = NULL;
	struct cti_error error = {0};
	size_t used = 0;

	if (csta_encode_ber(codec, message, &first, &error))
		fail_message(message, error.text);
	if (csta_decode_ber(&again, codec, first.data, first.length, &used, pending, NULL, &error))
		fail_message(message, error.text);
	assert_int_equal(used, first.length);
	assert_int_equal(csta_encode_ber(codec, again, &second, &error), 0);
	assert_same(message, &first, &second, "BER changed");
	if (!csta_message_equal(message, again) || !csta_message_equal(again, message))
		fail_message(message, "not equal after BER");
	csta_message_destroy(&again);
	csta_buffer_free(&first);
	csta_buffer_free(&second);
}

/* JSON, value, JSON; and the BER of the value is the same octets. */
static void check_json(const struct csta_message *message)
{
	struct csta_buffer first = {0}, second = {0};
	struct csta_message *again = NULL;
	struct cti_error error = {0};

	assert_int_equal(csta_encode_json(codec, message, &first, &error), 0);
	if (csta_decode_json(&again, codec, first.data, first.length, &error))
		fail_message(message, error.text);
	assert_int_equal(csta_encode_json(codec, again, &second, &error), 0);
	assert_same(message, &first, &second, "JSON changed");
	if (!csta_message_equal(message, again))
		fail_message(message, "not equal after JSON");
	if (message->type->encodings & CSTA_IN_BER) {
		csta_buffer_clear(&first);
		csta_buffer_clear(&second);
		assert_int_equal(csta_encode_ber(codec, message, &first, &error), 0);
		assert_int_equal(csta_encode_ber(codec, again, &second, &error), 0);
		assert_same(message, &first, &second, "BER changed through JSON");
	}
	csta_message_destroy(&again);
	csta_buffer_free(&first);
	csta_buffer_free(&second);
}

/* The fields that took part, by address. */
static const struct csta_field *seen[4096];
static size_t seen_count;

static void see(void *arg, const struct csta_field *field)
{
	(void)arg;
	for (size_t i = 0; i < seen_count; i++)
		if (seen[i] == field)
			return;
	assert_true(seen_count < sizeof(seen) / sizeof(seen[0]));
	seen[seen_count++] = field;
}

static void each(struct generator *generator, void (*check)(const struct csta_message *))
{
	for (size_t row = 0; row < csta_type_count; row++)
		for (unsigned round = 0; round < ROUNDS; round++) {
			struct csta_message *message = NULL;

			generator->how = round == 0  ? GENERATE_LEAST
			                 : round < 9 ? GENERATE_ALL
			                             : GENERATE_SOME;
			assert_int_equal(
			        generate_message(&message, generator, codec, &csta_types[row]), 0);
			check(message);
			csta_message_destroy(&message);
		}
}

static void check_both(const struct csta_message *message)
{
	pending_type = NULL;
	if (message->type->encodings & CSTA_IN_BER)
		check_ber(message);
	check_json(message);
}

static void test_everything_comes_back(void **state)
{
	struct generator generator = {.state = 20261122};

	(void)state;
	each(&generator, check_both);
}

static void test_standard_values_come_back(void **state)
{
	struct generator generator = {.state = 4711, .standard = true, .seen = see};

	(void)state;
	seen_count = 0;
	each(&generator, check_both);
}

/* Every field and alternative that a row reaches took part above. */
static void assert_covered(const struct csta_layout *layout, const struct csta_layout **done,
                           size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		if (done[i] == layout)
			return;
	assert_true(*count < 1024);
	done[(*count)++] = layout;
	for (unsigned i = 0; i < layout->field_count; i++) {
		bool found = layout->shape == CSTA_LIST;

		for (size_t k = 0; k < seen_count && !found; k++)
			found = seen[k] == &layout->fields[i];
		if (!found)
			fail_msg("%s.%s was never made", layout->type->name,
			         layout->fields[i].name);
		assert_covered(layout->fields[i].layout, done, count);
	}
}

static void test_every_field_took_part(void **state)
{
	static const struct csta_layout *done[1024];
	size_t count = 0;

	(void)state;
	for (size_t row = 0; row < csta_type_count; row++)
		assert_covered(csta_layout_of_type(&csta_types[row]), done, &count);
}

/* The same seed gives the same message. */
static void test_generator_repeats(void **state)
{
	struct generator a = {.state = 7, .how = GENERATE_SOME}, b = a;
	struct csta_message *x = NULL, *y = NULL;

	(void)state;
	for (size_t row = 0; row < csta_type_count; row++) {
		assert_int_equal(generate_message(&x, &a, codec, &csta_types[row]), 0);
		assert_int_equal(generate_message(&y, &b, codec, &csta_types[row]), 0);
		assert_true(csta_message_equal(x, y));
		csta_message_destroy(&x);
		csta_message_destroy(&y);
	}
}

/* ---- every allocation fails once --------------------------------------------------------- */

/* One run with a codec of its own. Returns 0, or the code of what failed. */
static int run(const struct csta_type *type, const struct csta_buffer *ber,
               const struct csta_buffer *json)
{
	struct csta_message *message = NULL;
	struct csta_codec *own = NULL;
	struct csta_buffer out = {0};
	struct cti_error error = {0};
	size_t used;
	int failure = csta_codec_create(&own, NULL, &error);

	if (!failure && (type->encodings & CSTA_IN_BER)) {
		failure = csta_decode_ber(&message, own, ber->data, ber->length, &used, NULL, NULL,
		                          &error);
		failure = failure ? failure : csta_encode_ber(own, message, &out, &error);
		if (!failure)
			assert_true(out.length == ber->length);
		csta_message_destroy(&message);
	}
	csta_buffer_clear(&out);
	failure = failure ? failure
	                  : csta_decode_json(&message, own, json->data, json->length, &error);
	failure = failure ? failure : csta_encode_json(own, message, &out, &error);
	if (!failure)
		assert_true(out.length == json->length);
	csta_message_destroy(&message);
	csta_buffer_free(&out);
	csta_codec_destroy(&own);
	assert_int_equal(error.code, failure);
	return failure;
}

static void test_every_allocation_may_fail(void **state)
{
	struct generator generator = {.state = 99, .how = GENERATE_SOME};

	(void)state;
	for (size_t row = 0; row < csta_type_count; row++) {
		struct csta_buffer ber = {0}, json = {0};
		struct csta_message *message = NULL;
		long allowed = 0;
		int failure;

		assert_int_equal(generate_message(&message, &generator, codec, &csta_types[row]),
		                 0);
		if (csta_types[row].encodings & CSTA_IN_BER)
			assert_int_equal(csta_encode_ber(codec, message, &ber, NULL), 0);
		assert_int_equal(csta_encode_json(codec, message, &json, NULL), 0);
		csta_message_destroy(&message);
		do {
			csta_alloc_fail_after = allowed++;
			failure = run(&csta_types[row], &ber, &json);
			csta_alloc_fail_after = -1;
			if (failure && failure != CTI_E_NOMEM)
				fail_msg("%s: %d after %ld allocations", csta_types[row].element,
				         failure, allowed - 1);
		} while (failure);
		assert_true(allowed > 3);
		csta_buffer_free(&ber);
		csta_buffer_free(&json);
	}
}

/* jansson allocates by itself. */
static long json_allowed = -1;

static void *json_alloc(size_t size)
{
	if (json_allowed == 0)
		return NULL;
	if (json_allowed > 0)
		json_allowed--;
	return malloc(size);
}

void json_set_alloc_funcs(void *(*)(size_t), void (*)(void *)); /* jansson.h */

static void test_jansson_may_fail(void **state)
{
	static const char text[] =
	        "{\"SystemStatus\":{\"systemStatus\":\"normal\"},\"invokeID\":1}";
	struct csta_message *message = NULL;
	struct cti_error error;
	int failure;
	long allowed = 0;

	(void)state;
	json_set_alloc_funcs(json_alloc, free);
	do {
		json_allowed = allowed++;
		failure = csta_decode_json(&message, codec, text, sizeof(text) - 1, &error);
		if (failure)
			assert_null(message);
	} while (failure && allowed < 1000);
	json_allowed = -1;
	json_set_alloc_funcs(malloc, free);
	assert_int_equal(failure, 0);
	csta_message_destroy(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_everything_comes_back),
	        cmocka_unit_test(test_standard_values_come_back),
	        cmocka_unit_test(test_every_field_took_part),
	        cmocka_unit_test(test_generator_repeats),
	        cmocka_unit_test(test_every_allocation_may_fail),
	        cmocka_unit_test(test_jansson_may_fail),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("generated messages", tests, codec_setup,
	                                   codec_teardown);
}
