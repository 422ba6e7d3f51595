/* SPDX-License-Identifier: Apache-2.0 */
/* What the rows of csta/chapters say of themselves against what the program does. */
#include "csta/catalogue.h"
#include "test.h"

#include <string.h>

static int set_up(void **state)
{
	(void)state;
	return csta_init(NULL);
}

static const struct csta_type *type_of(const char *element)
{
	return csta_type_of_element(element, strlen(element));
}

/* INTERPRETED and PASSED stand in the rows for the reader; the truth is in the tables of the doers.
 */
static void rows_say_truly_what_is_interpreted(void **state)
{
	unsigned wrong = 0;
	(void)state;
	for (size_t i = 0; i < csta_type_count; i++) {
		const struct csta_type *type = &csta_types[i];
		char doer[80];
		bool interpreted = csta_doer_of(type, NULL) != CSTA_DOER_NONE;
		if ((type->use == CSTA_INTERPRETED) == interpreted)
			continue;
		csta_doer_describe(type, doer, sizeof doer);
		print_message("# %s: the row says %s, the program: %s\n", type->element,
		              type->use == CSTA_INTERPRETED ? "INTERPRETED" : "PASSED", doer);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void every_clause_is_of_a_chapter(void **state)
{
	(void)state;
	for (size_t i = 0; i < csta_type_count; i++) {
		const struct csta_type *type = &csta_types[i];
		bool other = !strncmp(type->clause, "X.", 2) || !strcmp(type->clause, "ECMA-354");
		if (!csta_chapter_title(csta_chapter_of(type)) == !other)
			fail_msg("%s: clause %s", type->element, type->clause);
		assert_true(csta_phases_of(type) & (1u << 1 | 1u << 2 | 1u << 3));
	}
}

static void kinds_come_back(void **state)
{
	(void)state;
	for (int kind = CSTA_REQUEST; kind <= CSTA_SESSION; kind++)
		assert_int_equal(csta_kind_parse(csta_kind_name((enum csta_kind)kind)), kind);
	assert_int_equal(csta_kind_parse("evnt"), -1);
}

static void doers_are_named(void **state)
{
	static const struct {
		const char *element;
		enum csta_doer doer;
		const char *name, *text;
	} cases[] = {
	        {"HoldCall", CSTA_DOER_VERB, "hold_call", "verb hold_call"},
	        {"HoldCallResponse", CSTA_DOER_VERB, "hold_call", "verb hold_call"},
	        {"RequestSystemStatus", CSTA_DOER_VERB, "request_system_status",
	         "verb request_system_status, session"},
	        {"DeliveredEvent", CSTA_DOER_EVENT, "call.delivered", "event call.delivered"},
	        {"SystemRegister", CSTA_DOER_SESSION, NULL, "session"},
	        {"SystemRegisterResponse", CSTA_DOER_SESSION, NULL, "session"},
	        {"AARQ", CSTA_DOER_SESSION, NULL, "session"},
	        {"Reject", CSTA_DOER_SESSION, NULL, "session"},
	        {"CSTAErrorCode", CSTA_DOER_ERROR, NULL, "every verb"},
	        {"SnapshotCallData", CSTA_DOER_ROWS, NULL, "rows of a snapshot"},
	        {"SendUserInformation", CSTA_DOER_NONE, NULL, "passes through"},
	        {"BridgedEvent", CSTA_DOER_NONE, NULL, "passes through"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct csta_type *type = type_of(cases[i].element);
		const char *name;
		char text[80];
		assert_non_null(type);
		assert_int_equal(csta_doer_of(type, &name), cases[i].doer);
		if (cases[i].name)
			assert_string_equal(name, cases[i].name);
		else
			assert_null(name);
		csta_doer_describe(type, text, sizeof text);
		assert_string_equal(text, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(rows_say_truly_what_is_interpreted),
	        cmocka_unit_test(every_clause_is_of_a_chapter),
	        cmocka_unit_test(kinds_come_back),
	        cmocka_unit_test(doers_are_named),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("catalogue", tests, set_up, NULL);
}
