/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/model/dialplan.h"
#include "tests/unit/test.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const struct pbx_dialplan bare = {.extension_digits = 6};
static const struct pbx_dialplan shenzhen = {.country = "86",
                                             .area = "755",
                                             .outside = "9",
                                             .national = "0",
                                             .international = "00",
                                             .extension_digits = 5};
static const struct pbx_dialplan zero = {.country = "30",
                                         .area = "211",
                                         .outside = "0",
                                         .national = "0",
                                         .international = "00",
                                         .extension_digits = 4};

static void reads(const struct pbx_dialplan *plan, const char *text, const char *canonical,
                  const char *name)
{
	char out[DIALPLAN_NUMBER], found[DIALPLAN_NAME];
	dialplan_canonical(plan, text, out, sizeof out, found);
	assert_string_equal(out, canonical);
	assert_string_equal(found, name);
}

static void forms_of_one_device(void **state)
{
	(void)state;
	reads(&bare, "2001", "2001", "");
	reads(&bare, "N<2001>", "2001", "");
	reads(&bare, "N<2001>Ann Lee;displayNumber=2001;uid=FF0001", "2001", "Ann Lee");
	reads(&bare, "N<3021>;displayNumber=3021;noa=nk", "3021", "");
	reads(&bare, "N<2001!sub&1/2%7001>Ann", "2001", "Ann");
	reads(&bare, "N<2001", "2001", "");
	reads(&bare, "sip:2001@pbx.example;transport=tcp", "2001", "");
	reads(&bare, "sips:2001@pbx.example", "2001", "");
	reads(&bare, "2001:CMSIM:192.0.2.1:0", "2001", "");
	reads(&bare, "tel:2001", "2001", "");
	reads(&bare, "T-12", "T-12", "");
	reads(&bare, "SUB_C", "SUB_C", "");
	reads(&bare, "*21", "*21", "");
	reads(&bare, "", "", "");
	reads(&bare, "N<>", "", "");
	reads(&bare, "+", "+", "");
}

static void public_numbers(void **state)
{
	(void)state;
	reads(&shenzhen, "tel:+86-755-8888-0001", "+8675588880001", "");
	reads(&shenzhen, "+86 (755) 8888 0001", "+8675588880001", "");
	reads(&shenzhen, "9 0755 88880001", "+8675588880001", "");
	reads(&shenzhen, "075588880001", "+8675588880001", "");
	reads(&shenzhen, "88880001", "+8675588880001", "");
	reads(&shenzhen, "988880001", "+8675588880001", "");
	reads(&shenzhen, "9004930123456", "+4930123456", "");
	reads(&shenzhen, "004930123456", "+4930123456", "");
	reads(&shenzhen, "20011", "20011", "");
	reads(&zero, "0002118840100", "+2118840100", "");
	reads(&zero, "002118840100", "+302118840100", "");
	reads(&zero, "N<08840100>Shop", "+302118840100", "Shop");
	/* Without a country nothing is guessed. */
	reads(&bare, "5551234", "5551234", "");
	reads(&bare, "N<302118840101>;displayNumber=302118840101;noa=nk", "302118840101", "");
}

static void dials_back(void **state)
{
	(void)state;
	static const struct {
		const struct pbx_dialplan *plan;
		const char *canonical, *dialled;
	} rows[] = {
	        {&shenzhen, "2001", "2001"},
	        {&shenzhen, "+8675588880001", "9075588880001"},
	        {&shenzhen, "+4930123456", "9004930123456"},
	        {&zero, "+302118840100", "002118840100"},
	        {&bare, "5551234", "5551234"},
	        {&bare, "+4930123456", "+4930123456"},
	        {&bare, "SUB_C", "SUB_C"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char out[DIALPLAN_NUMBER + 16], back[DIALPLAN_NUMBER];
		dialplan_dial(rows[i].plan, rows[i].canonical, out, sizeof out);
		assert_string_equal(out, rows[i].dialled);
		dialplan_canonical(rows[i].plan, out, back, sizeof back, NULL);
		assert_string_equal(back, rows[i].canonical);
	}
}

static void inside_and_outside(void **state)
{
	(void)state;
	assert_true(dialplan_internal(&bare, "2001"));
	assert_true(dialplan_internal(&bare, "SUB_C_long_name"));
	assert_false(dialplan_internal(&bare, "5551234"));
	assert_false(dialplan_internal(&bare, "+8675588880001"));
}

/* Canonical is canonical: whatever comes in, a second pass changes nothing; and never beyond
 * the end of the buffer. */
static void second_pass_changes_nothing(void **state)
{
	(void)state;
	static const char letters[] = "0123456789000999+-. ()N<>!&/%:;@*telsip:";
	uint64_t random = 1;
	for (int run = 0; run < 200000; run++) {
		char text[200], once[DIALPLAN_NUMBER], twice[DIALPLAN_NUMBER];
		random = random * 6364136223846793005u + 1442695040888963407u;
		size_t length = (random >> 33) % (run % 10 ? 24 : sizeof text - 1);
		for (size_t i = 0; i < length; i++) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			/* Mostly digits: what is to be read. */
			text[i] = letters[(random >> 33) % (run % 2 ? 16 : sizeof letters - 1)];
		}
		text[length] = '\0';
		dialplan_canonical(&shenzhen, text, once, sizeof once, NULL);
		if (dialplan_plain(&shenzhen, text) && strcmp(text, once))
			fail_msg("'%s' is no plain number: it becomes '%s'", text, once);
		if (strspn(once, "0123456789") == strlen(once) && strlen(once) > 5)
			fail_msg("'%s' stays '%s' although country and area are known", text, once);
		if (strspn(once, "+0123456789") != strlen(once) || strrchr(once, '+') > once)
			continue; /* no number: text as it is */
		dialplan_canonical(&shenzhen, once, twice, sizeof twice, NULL);
		if (strcmp(once, twice))
			fail_msg("'%s' -> '%s' -> '%s'", text, once, twice);
	}
	char little[6];
	dialplan_canonical(&shenzhen, "+8675588880001", little, sizeof little, NULL);
	assert_string_equal(little, "+8675");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(forms_of_one_device),
	        cmocka_unit_test(public_numbers),
	        cmocka_unit_test(dials_back),
	        cmocka_unit_test(inside_and_outside),
	        cmocka_unit_test(second_pass_changes_nothing),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("dialplan", tests, NULL, NULL);
}
