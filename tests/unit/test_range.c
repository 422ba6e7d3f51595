/* SPDX-License-Identifier: Apache-2.0 */
#include "pbx-adapters/host/range.h"
#include "tests/unit/test.h"

#include <string.h>

struct seen {
	size_t count;
	char first[RANGE_NUMBER_MAX], last[RANGE_NUMBER_MAX];
};

static int see(void *arg, const char *number, size_t index)
{
	struct seen *seen = arg;
	assert_int_equal(index, seen->count);
	strcpy(seen->count++ ? seen->last : seen->first, number);
	return 0;
}

static void test_numbers(void **state)
{
	(void)state;
	static const struct row {
		const char *range, *first, *last;
		size_t count;
	} rows[] = {
	        {"2001", "2001", "", 1},
	        {"2001-2010", "2001", "2010", 10},
	        {"0098-0101", "0098", "0101", 4},
	        {"+8675588880001-+8675588880020", "+8675588880001", "+8675588880020", 20},
	        {"front-desk", "front-desk", "", 1},
	        {"7-7", "7", "", 1},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct seen seen = {0};
		char at[RANGE_NUMBER_MAX];
		assert_int_equal(range_each(rows[i].range, see, &seen, NULL), 0);
		assert_int_equal(seen.count, rows[i].count);
		assert_string_equal(seen.first, rows[i].first);
		assert_string_equal(seen.last, rows[i].last);
		assert_true(range_at(rows[i].range, rows[i].count - 1, at));
		assert_string_equal(at, rows[i].count > 1 ? rows[i].last : rows[i].first);
		assert_false(range_at(rows[i].range, rows[i].count, at));
		assert_true(range_has(rows[i].range, rows[i].first));
	}
}

static void test_refused(void **state)
{
	(void)state;
	static const char *const rows[] = {"2001-210",   "2010-2001",     "+1-2", "1-+2",
	                                   "2001-2010x", "000000-999999", "1-"};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cti_error error = {0};
		struct seen seen = {0};
		assert_int_equal(range_each(rows[i], see, &seen, &error), CTI_E_CONFIG);
		assert_int_equal(seen.count, 0);
		assert_non_null(strstr(error.text, rows[i]));
	}
}

static void test_has(void **state)
{
	(void)state;
	assert_true(range_has("2001-2010", "2005"));
	assert_false(range_has("2001-2010", "2011"));
	assert_false(range_has("2001-2010", "02005"));
	assert_false(range_has("2001-2010", "+2005"));
	assert_false(range_has("2001-2010", "20x5"));
	assert_false(range_has("2001-210", "2005"));
	assert_true(range_has("+20-+29", "+25"));
	assert_false(range_has("+20-+29", "25"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_numbers),
	        cmocka_unit_test(test_refused),
	        cmocka_unit_test(test_has),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
