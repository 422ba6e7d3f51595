/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSTA Phases I and II against Phase III, for every row that a phase has: III said in the phase
 * and read again is the same but for what was declared lost; what the phase allows and Phase III
 * makes of it is said again in the same octets. What a phase lacks is an error, bad octets are one,
 * and so is each allocation that fails.
 */
#include "csta/ber.h"
#include "csta/ber_value.h"
#include "csta/dialect.h"
#include "test.h"
#include "tests/support/generate.h"
#include "tests/support/messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 400 /* of each row */

static const char *const phases[] = {"auto", "I", "II", "III"};

/* The rows of the dialects that have a message, each type once a phase. */
static const struct dialect_row *row_at(size_t i)
{
	const struct dialect_row *row = &csta_dialect_rows[i];

	return row->layout && dialect_row_of_type((enum csta_phase)row->phase, row->type) == row
	               ? row
	               : NULL;
}

static void phase_set(const struct dialect_row *row)
{
	const struct csta_type *type = row->type;

	csta_codec_set_phase(codec, (enum csta_phase)row->phase);
	pending_type = type->kind == CSTA_RESPONSE
	                       ? csta_type_of_operation(type->operation, CSTA_REQUEST)
	                       : NULL;
}

static int decode(struct csta_message **out, const struct csta_buffer *in, struct cti_error *error)
{
	size_t used = 0;
	int code = csta_decode_ber(out, codec, in->data, in->length, &used, pending, NULL, error);

	if (!code)
		assert_int_equal(used, in->length);
	return code;
}

static struct generator generator_of(unsigned round, uint64_t seed)
{
	return (struct generator){.state = seed + round,
	                          .standard = true,
	                          .how = round == 0  ? GENERATE_LEAST
	                                 : round < 9 ? GENERATE_ALL
	                                             : GENERATE_SOME};
}

static bool same(const struct csta_buffer *a, const struct csta_buffer *b)
{
	return a->length == b->length && !memcmp(a->data, b->data, a->length);
}

static void print_octets(const char *what, const struct csta_buffer *octets)
{
	print_message("# %s:", what);
	for (size_t i = 0; i < octets->length; i++)
		print_message(" %02x", octets->data[i]);
	print_message("\n");
}

static void fields_note(const struct dialect_row *, const struct csta_message *);

/* ---- III, phase, III ----------------------------------------------------------------------- */

/* Returns whether the phase can say the message. */
static bool check_there_and_back(const struct dialect_row *row, const struct csta_message *message)
{
	struct csta_buffer first = {0}, second = {0};
	struct csta_message *again = NULL, *last = NULL;
	struct cti_error error = {0};
	bool lost;
	int code = csta_encode_ber(codec, message, &first, &error);

	if (code) {
		if (code != CTI_E_UNSUPPORTED || !strstr(error.text, "not in CSTA Phase I"))
			fail_message(message, error.text);
		csta_buffer_free(&first);
		return false;
	}
	lost = csta_codec_lost(codec)[0];
	if (decode(&again, &first, &error))
		fail_message(message, error.text);
	assert_ptr_equal(again->type, message->type);
	fields_note(row, again);
	if (!lost && !csta_message_equal(message, again)) {
		struct csta_buffer tree = {0};

		print_octets(phases[row->phase], &first);
		csta_print_tree(again, true, &tree);
		print_message("%.*s\n", (int)tree.length, (char *)tree.data);
		fail_message(message, "not equal, and nothing is declared as lost");
	}
	if (csta_encode_ber(codec, again, &second, &error))
		fail_message(again, error.text);
	/* What is lost may have been a reason to say the rest in a longer form. */
	if (!lost && !same(&first, &second)) {
		print_octets(phases[row->phase], &first);
		print_octets("again", &second);
		fail_message(again, "other octets");
	}
	if (decode(&last, &second, &error))
		fail_message(message, error.text);
	if (!csta_message_equal(again, last))
		fail_message(again, "not equal when said twice");
	csta_message_destroy(&again);
	csta_message_destroy(&last);
	csta_buffer_free(&first);
	csta_buffer_free(&second);
	return true;
}

static void test_phase_three_comes_back(void **state)
{
	unsigned bad = 0;
	(void)state;
	for (size_t i = 0; i < csta_dialect_row_count; i++) {
		const struct dialect_row *row = row_at(i);
		unsigned said = 0;

		for (unsigned round = 0; row && round < ROUNDS; round++) {
			struct generator generator = generator_of(round, 1000 * (i + 1));
			struct csta_message *message = NULL;

			phase_set(row);
			assert_int_equal(generate_message(&message, &generator, codec, row->type),
			                 0);
			said += check_there_and_back(row, message);
			csta_message_destroy(&message);
		}
		if (row && !said && row->kind != CSTA_REQUEST) {
			print_message("# %s: no message of it could be said in Phase %s\n",
			              row->type->element, phases[row->phase]);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

/* ---- phase, III, phase --------------------------------------------------------------------- */

/* A row's own type made up, in its envelope. */
static void dialect_make(const struct dialect_row *row, struct generator *generator,
                         struct csta_buffer *out)
{
	struct csta_type type = *row->type;
	struct csta_message *made = NULL;
	struct csta_buffer octets = {0};
	struct tlv_writer writer = tlv_writer(&octets);
	const struct csta_layout *layout = csta_layout_of(row->layout);

	type.value = row->layout;
	assert_int_equal(generate_message(&made, generator, codec, &type), 0);
	if (row->field) {
		struct csta_layout whole = *layout;

		for (unsigned i = 0; i < whole.field_count; i++)
			if (!strcmp(whole.fields[i].name, row->field))
				csta_value_of(
				        whole.fields[i].layout, row->value, strlen(row->value),
				        (long *)((char *)made->value + whole.fields[i].offset));
	}
	assert_null(csta_value_write(&writer, layout, CSTA_NO_TAG, made->value));
	if (row->kind == CSTA_EVENT) {
		size_t length = tlv_written(&writer);

		if (row->category < 0) {
			tlv_write_integer(&writer, TLV_TAG(TLV_CONTEXT, 0), row->number);
		} else {
			tlv_write_header(&writer, TLV_TAG(TLV_CONTEXT, row->number), true, length);
			tlv_write_header(&writer, TLV_TAG(TLV_CONTEXT, row->category), true,
			                 tlv_written(&writer));
		}
		ber_write_monitor(&writer, made);
	}
	ber_write_envelope(&writer, row->kind, made->invoke_id, row->operation, false);
	assert_false(writer.failed);
	csta_buffer_clear(out);
	assert_int_equal(csta_buffer_append(out, writer.at, tlv_written(&writer)), 0);
	csta_message_destroy(&made);
	csta_buffer_free(&octets);
}

/* Returns whether Phase III has words for it. */
static bool check_back_and_there(const struct dialect_row *row, const struct csta_buffer *octets)
{
	struct csta_buffer again = {0}, last = {0};
	struct csta_message *message = NULL, *twice = NULL;
	struct cti_error error = {0};
	char lost[1024];
	int code = decode(&message, octets, &error);

	if (code) {
		if (code != CTI_E_INVALID && code != CTI_E_UNSUPPORTED) {
			print_octets(phases[row->phase], octets);
			fail_msg("%s: %d %s", row->type->element, code, error.text);
		}
		return false;
	}
	fields_note(row, message);
	snprintf(lost, sizeof lost, "%s", csta_codec_lost(codec));
	code = csta_encode_ber(codec, message, &again, &error);
	/* The phase's own types allow a connection of neither call nor device, for example. */
	if (code == CTI_E_UNSUPPORTED && row->kind != CSTA_REQUEST) {
		csta_message_destroy(&message);
		csta_buffer_free(&again);
		return false;
	}
	if (code) {
		print_octets(phases[row->phase], octets);
		fail_message(message, error.text);
	}
	snprintf(lost + strlen(lost), sizeof lost - strlen(lost), "%s", csta_codec_lost(codec));
	if (decode(&twice, &again, &error)) {
		print_octets(phases[row->phase], &again);
		fail_message(message, error.text);
	}
	if (!lost[0] && !csta_message_equal(message, twice)) {
		print_octets(phases[row->phase], octets);
		print_octets("again", &again);
		fail_message(message, "not equal");
	}
	if (csta_encode_ber(codec, twice, &last, &error))
		fail_message(twice, error.text);
	if (!lost[0] && !same(&again, &last)) {
		print_octets(phases[row->phase], &again);
		print_octets("again", &last);
		fail_message(message, "other octets");
	}
	csta_message_destroy(&message);
	csta_message_destroy(&twice);
	csta_buffer_free(&again);
	csta_buffer_free(&last);
	return true;
}

static void test_phases_come_back(void **state)
{
	unsigned bad = 0;

	(void)state;
	for (size_t i = 0; i < csta_dialect_row_count; i++) {
		const struct dialect_row *row = &csta_dialect_rows[i];
		struct csta_buffer octets = {0};
		unsigned read = 0;

		for (unsigned round = 0; row->layout && round < ROUNDS; round++) {
			struct generator generator = generator_of(round, 500 * (i + 1));

			phase_set(row);
			dialect_make(row, &generator, &octets);
			read += check_back_and_there(row, &octets);
		}
		csta_buffer_free(&octets);
		if (row->layout && read < ROUNDS / 5) {
			print_message("# %s: %u of %u that Phase %s says are read\n",
			              row->type->element, read, ROUNDS, phases[row->phase]);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

/* ---- what a phase lacks -------------------------------------------------------------------- */

/* The fields of Phase III that were in a message read from a row's phase. */
static uint64_t came[512];

static void fields_note(const struct dialect_row *row, const struct csta_message *message)
{
	const struct csta_layout *layout = csta_layout_of_type(message->type);
	size_t at = (size_t)(dialect_row_of_type((enum csta_phase)row->phase, message->type) -
	                     csta_dialect_rows);

	assert_true(at < sizeof came / sizeof *came);
	for (unsigned i = 0;
	     message->value && layout->shape == CSTA_SEQUENCE && i < layout->field_count && i < 64;
	     i++)
		if (csta_field_get(&layout->fields[i], message->value))
			came[at] |= 1ull << i;
}

/* "II HeldEvent: associatedCalledDevice callLinkageData" of each row, as dialects.txt has it. */
static void test_what_is_lacking_is_listed(void **state)
{
	char line[2000], expected[2000];
	FILE *file = fopen("tests/unit/dialects.txt", "r");
	unsigned wrong = 0;

	(void)state;
	assert_non_null(file);
	for (size_t i = 0; i < csta_dialect_row_count; i++) {
		const struct dialect_row *row = row_at(i);
		const struct csta_layout *layout = row ? csta_layout_of_type(row->type) : NULL;

		if (!row || layout->shape != CSTA_SEQUENCE)
			continue;
		size_t at = (size_t)snprintf(line, sizeof line, "%s %s:", phases[row->phase],
		                             row->type->element);

		for (unsigned k = 0; k < layout->field_count && k < 64; k++)
			if (!(came[i] >> k & 1))
				at += (size_t)snprintf(line + at, sizeof line - at, " %s",
				                       layout->fields[k].name);
		assert_true(at < sizeof line);
		do {
			if (!fgets(expected, sizeof expected, file))
				strcpy(expected, "nothing");
		} while (expected[0] == '#');
		expected[strcspn(expected, "\n")] = '\0';
		if (strcmp(line, expected)) {
			print_message("# dialects.txt has: %s\n# should be:        %s\n", expected,
			              line);
			wrong++;
		}
	}
	fclose(file);
	assert_int_equal(wrong, 0);
}

/* ---- what a phase does not have ------------------------------------------------------------ */

static void test_others_are_refused(void **state)
{
	struct generator generator = {.state = 11, .how = GENERATE_LEAST, .standard = true};
	unsigned refused = 0;

	(void)state;
	for (size_t i = 0; i < csta_type_count; i++)
		for (int phase = CSTA_PHASE_1; phase <= CSTA_PHASE_2; phase++) {
			const struct csta_type *type = &csta_types[i];
			struct csta_message *message = NULL;
			struct csta_buffer out = {0};
			struct cti_error error = {0};
			char expected[200];

			if (csta_type_phases(type) >> phase & 1 || !(type->encodings & CSTA_IN_BER))
				continue;
			csta_codec_set_phase(codec, (enum csta_phase)phase);
			assert_int_equal(generate_message(&message, &generator, codec, type), 0);
			assert_int_equal(csta_encode_ber(codec, message, &out, &error),
			                 CTI_E_UNSUPPORTED);
			snprintf(expected, sizeof expected, "%s: not in CSTA Phase %s",
			         type->element, phases[phase]);
			assert_string_equal(error.text, expected);
			assert_int_equal(out.length, 0);
			refused++;
			csta_message_destroy(&message);
			csta_buffer_free(&out);
		}
	assert_true(refused > 300);
}

static void test_phases_of_messages(void **state)
{
	static const struct {
		const char *element;
		unsigned phases;
	} rows[] = {{"MakeCall", 7}, {"ParkCall", 6}, {"JoinCall", 4},    {"AgentBusyEvent", 6},
	            {"Reject", 7},   {"AARQ", 7},     {"BridgedEvent", 4}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct csta_type *type =
		        csta_type_of_element(rows[i].element, strlen(rows[i].element));

		assert_non_null(type);
		assert_int_equal(csta_type_phases(type) >> CSTA_PHASE_1, rows[i].phases);
	}
}

/* ---- whatever comes ------------------------------------------------------------------------ */

/* Octets that may be anything: an error in words, or a message that can be shown and said again. */
static void take(const struct csta_buffer *octets)
{
	struct csta_message *message = NULL;
	struct csta_buffer out = {0};
	struct cti_error error = {0};
	size_t used = 0;
	char line[200];
	void *exact = malloc(octets->length);
	int code;

	assert_non_null(exact);
	memcpy(exact, octets->data, octets->length);
	code = csta_decode_ber(&message, codec, exact, octets->length, &used, pending, NULL,
	                       &error);
	free(exact);
	assert_true(strlen(csta_codec_lost(codec)) < sizeof codec->lost);
	if (code) {
		assert_null(message);
		assert_int_equal(error.code, code);
		assert_true(error.text[0]);
		return;
	}
	csta_describe(message, line, sizeof line);
	csta_print_tree(message, false, &out);
	csta_buffer_clear(&out);
	code = csta_encode_ber(codec, message, &out, &error);
	if (code && code != CTI_E_UNSUPPORTED && code != CTI_E_INVALID)
		fail_message(message, error.text);
	csta_buffer_free(&out);
	csta_message_destroy(&message);
}

static void mutate(struct generator *generator, const struct csta_buffer *good,
                   struct csta_buffer *bad)
{
	unsigned at = generate_below(generator, (unsigned)good->length);

	csta_buffer_clear(bad);
	csta_buffer_append(bad, good->data, good->length);
	switch (generate_below(generator, 4)) {
	case 0:
		bad->data[at] ^= (uint8_t)(1u << generate_below(generator, 8));
		break;
	case 1:
		bad->data[at] = (uint8_t)generate_random(generator);
		break;
	case 2:
		bad->length = at + 1;
		break;
	case 3:
		memmove(bad->data + at, bad->data + at + 1, bad->length - at - 1);
		bad->length -= bad->length > 1;
		break;
	}
}

static void test_hostile_octets(void **state)
{
	struct csta_buffer good = {0}, bad = {0};

	(void)state;
	for (size_t i = 0; i < csta_dialect_row_count; i++) {
		const struct dialect_row *row = &csta_dialect_rows[i];
		struct generator generator = {
		        .state = 77 + i, .how = GENERATE_SOME, .standard = true};

		for (unsigned round = 0; row->layout && round < 20; round++) {
			phase_set(row);
			dialect_make(row, &generator, &good);
			for (unsigned k = 0; k < 40; k++) {
				mutate(&generator, &good, &bad);
				take(&bad);
			}
			/* What is beyond the standard, too. */
			generator.standard = false;
			dialect_make(row, &generator, &good);
			take(&good);
			generator.standard = true;
		}
	}
	csta_buffer_free(&good);
	csta_buffer_free(&bad);
}

/* Elements that an event's type does not describe are left out and noted; once, not 1000 times. */
static void test_unknown_elements(void **state)
{
	struct csta_buffer octets = {0};
	struct csta_message *message = NULL;
	struct tlv_writer writer;
	struct csta_buffer room = {0};
	struct cti_error error = {0};

	(void)state;
	csta_codec_set_phase(codec, CSTA_PHASE_2);
	for (unsigned count = 1; count <= 1000; count *= 10) {
		static const uint8_t fields[] = {0x6b, 0x05, 0x82, 0x01, 0x31, 0x83, 0x00, 0x63,
		                                 0x03, 0x80, 0x01, 0x32, 0x0a, 0x01, 0x30};
		char first[20];
		struct csta_message fake = {.monitor = "1", .monitor_length = 1};

		writer = tlv_writer(&room);
		for (unsigned i = 0; i < count; i++)
			tlv_write_header(&writer, TLV_TAG(TLV_CONTEXT, 60 + i), false, 0);
		tlv_write(&writer, fields, sizeof fields);
		tlv_write_header(&writer, TLV_TAG(TLV_UNIVERSAL, 16), true, tlv_written(&writer));
		tlv_write_header(&writer, TLV_TAG(TLV_CONTEXT, 2), true, tlv_written(&writer));
		tlv_write_header(&writer, TLV_TAG(TLV_CONTEXT, 0), true, tlv_written(&writer));
		ber_write_monitor(&writer, &fake);
		ber_write_envelope(&writer, CSTA_EVENT, 1, CSTA_OPERATION_EVENT_REPORT, false);
		assert_false(writer.failed);
		csta_buffer_clear(&octets);
		csta_buffer_append(&octets, writer.at, tlv_written(&writer));
		if (decode(&message, &octets, &error))
			fail_msg("%u: %s", count, error.text);
		assert_string_equal(message->type->element, "ConnectionClearedEvent");
		/* Written from behind: the last is the first. */
		snprintf(first, sizeof first, "[%u]", 60 + count - 1);
		assert_memory_equal(csta_codec_lost(codec), first, strlen(first));
		csta_message_destroy(&message);
	}
	csta_buffer_free(&octets);
	csta_buffer_free(&room);
}

static void test_every_allocation_may_fail(void **state)
{
	(void)state;
	for (size_t i = 0; i < csta_dialect_row_count; i++) {
		const struct dialect_row *row = row_at(i);
		struct generator generator = {.state = 5, .how = GENERATE_ALL, .standard = true};
		struct csta_buffer octets = {0}, out = {0};
		struct cti_error error;
		long allowed = 0;
		int code = 0;

		if (!row)
			continue;
		phase_set(row);
		dialect_make(row, &generator, &octets);
		enum csta_phase phase = csta_codec_phase(codec);
		do {
			struct csta_codec *own = NULL;
			struct csta_message *message = NULL;
			size_t used;

			assert_int_equal(csta_codec_create(&own, NULL, NULL), 0);
			csta_codec_set_phase(own, phase);
			csta_buffer_free(&out);
			csta_alloc_fail_after = allowed++;
			code = csta_decode_ber(&message, own, octets.data, octets.length, &used,
			                       pending, NULL, &error);
			code = code ? code : csta_encode_ber(own, message, &out, &error);
			csta_alloc_fail_after = -1;
			csta_message_destroy(&message);
			csta_codec_destroy(&own);
			assert_true(allowed < 10000);
		} while (code == CTI_E_NOMEM);
		if (code && code != CTI_E_INVALID && code != CTI_E_UNSUPPORTED)
			fail_msg("%s: %d after %ld", row->type->element, code, allowed);
		assert_true(allowed > 2);
		csta_buffer_free(&octets);
		csta_buffer_free(&out);
	}
}

/* ---- recognised ---------------------------------------------------------------------------- */

static void test_phase_is_found_out(void **state)
{
	unsigned right = 0, wrong = 0;

	(void)state;
	for (size_t i = 0; i < csta_dialect_row_count; i++) {
		const struct dialect_row *row = row_at(i);
		struct generator generator = {
		        .state = 99 + i, .how = GENERATE_SOME, .standard = true};
		struct csta_buffer octets = {0};

		for (unsigned round = 0; row && row->kind == CSTA_EVENT && round < 20; round++) {
			struct csta_message *own = NULL, *any = NULL;
			enum csta_phase phase;
			size_t used;

			phase_set(row);
			dialect_make(row, &generator, &octets);
			if (decode(&own, &octets, NULL))
				continue;
			csta_codec_set_phase(codec, CSTA_PHASE_3);
			if (!csta_decode_ber_any(&any, codec, octets.data, octets.length, &used,
			                         pending, NULL, &phase, NULL) &&
			    phase == (enum csta_phase)row->phase) {
				assert_true(csta_message_equal(own, any));
				right++;
			} else {
				wrong++;
			}
			assert_int_equal(csta_codec_phase(codec), CSTA_PHASE_3);
			csta_message_destroy(&own);
			csta_message_destroy(&any);
		}
		csta_buffer_free(&octets);
	}
	/* An event names its phase by its form; few fit another too. */
	print_message("# %u events recognised, %u not\n", right, wrong);
	assert_true(right > 20 * wrong);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_phase_three_comes_back),
	        cmocka_unit_test(test_phases_come_back),
	        cmocka_unit_test(test_what_is_lacking_is_listed),
	        cmocka_unit_test(test_others_are_refused),
	        cmocka_unit_test(test_phases_of_messages),
	        cmocka_unit_test(test_hostile_octets),
	        cmocka_unit_test(test_unknown_elements),
	        cmocka_unit_test(test_every_allocation_may_fail),
	        cmocka_unit_test(test_phase_is_found_out),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("dialects", tests, codec_setup, codec_teardown);
}
