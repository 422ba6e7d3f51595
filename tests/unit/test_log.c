/* SPDX-License-Identifier: Apache-2.0 */
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"
#include "tests/unit/test.h"

#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char file[] = "/tmp/test_log.XXXXXX", moved[sizeof file + 2];
static struct clock *the_clock;

static int setup(void **state)
{
	(void)state;
	strcpy(file + sizeof file - 7, "XXXXXX");
	int fd = mkstemp(file);
	assert_true(fd >= 0);
	close(fd);
	snprintf(moved, sizeof moved, "%s.1", file);
	return clock_create_virtual(&the_clock, 1000000000123456, NULL);
}

static int teardown(void **state)
{
	(void)state;
	log_close();
	clock_destroy(&the_clock);
	unlink(file);
	unlink(moved);
	return 0;
}

static void open_log(enum log_format format, bool wire)
{
	struct log_options options = {CTI_LOG_INFO, format, wire, file};
	assert_int_equal(log_open(&options, the_clock, NULL), 0);
}

static char *slurp(const char *name)
{
	static char text[1 << 18];
	FILE *f = fopen(name, "r");
	assert_non_null(f);
	text[fread(text, 1, sizeof text - 1, f)] = 0;
	fclose(f);
	return text;
}

static void text_lines(void **state)
{
	(void)state;
	open_log(LOG_TEXT, true);
	log_info("model", "resync finished devices=%d", 20);
	log_debug("model", "not written");
	log_warn("zmq", "a\nb\x01\xff \xc3\xa9");
	log_wire("hq", CTI_WIRE_IN, "DeliveredEvent");
	log_set(CTI_LOG_DEBUG, false);
	log_debug("model", "written");
	log_wire("hq", CTI_WIRE_OUT, "not written");
	assert_string_equal(slurp(file),
	                    "2001-09-09T01:46:40.123456Z info model resync finished devices=20\n"
	                    "2001-09-09T01:46:40.123456Z warn zmq a\\nb\\x01\\xff \xc3\xa9\n"
	                    "2001-09-09T01:46:40.123456Z trace wire hq < DeliveredEvent\n"
	                    "2001-09-09T01:46:40.123456Z debug model written\n");
}

static void json_lines_parse(void **state)
{
	(void)state;
	static const char nasty[] = "q\" b\\ n\n \x01\x7f \xc3\xa9 \xff\xed\xa0\x80";
	open_log(LOG_JSON, false);
	log_error("a\"b", "%s", nasty);
	json_error_t error;
	json_t *line = json_loads(slurp(file), 0, &error);
	assert_non_null(line);
	assert_string_equal(json_string_value(json_object_get(line, "level")), "error");
	assert_string_equal(json_string_value(json_object_get(line, "category")), "a\"b");
	const char *message = json_string_value(json_object_get(line, "message"));
	assert_memory_equal(message, nasty, 9);
	assert_non_null(strstr(message, "\xc3\xa9"));
	json_decref(line);
}

static void long_messages_are_cut(void **state)
{
	(void)state;
	char *big = malloc(100001);
	memset(big, 'x', 100000);
	big[100000] = 0;
	open_log(LOG_TEXT, true);
	big[3000] = 0;
	log_info("m", "%s", big);
	char *text = slurp(file);
	assert_non_null(strstr(text, big));
	assert_null(strstr(text, "..."));
	big[3000] = 'x';
	log_info("m", "%s", big);
	text = slurp(file);
	assert_string_equal(text + strlen(text) - 5, "x...\n");
	assert_true(strlen(text) < 70000);
	free(big);
}

static void reopened_after_rotation(void **state)
{
	(void)state;
	open_log(LOG_TEXT, false);
	log_info("m", "one");
	assert_int_equal(rename(file, moved), 0);
	log_info("m", "two");
	log_reopen();
	log_info("m", "three");
	assert_non_null(strstr(slurp(moved), "two"));
	char *text = slurp(file);
	assert_non_null(strstr(text, "three"));
	assert_null(strstr(text, "two"));
}

static void a_file_that_cannot_be(void **state)
{
	(void)state;
	struct cti_error error = {0};
	struct log_options options = {CTI_LOG_INFO, LOG_TEXT, false, "/nonexistent/x.log"};
	assert_int_equal(log_open(&options, the_clock, &error), CTI_E_IO);
	assert_string_equal(error.text, "log file /nonexistent/x.log: No such file or directory");
}

static void *talk(void *arg)
{
	for (int i = 0; i < 500; i++)
		log_info(arg, "line %d of a thread", i);
	return NULL;
}

static void threads_do_not_mix_lines(void **state)
{
	(void)state;
	static char names[4][2] = {"a", "b", "c", "d"};
	pthread_t threads[4];
	open_log(LOG_TEXT, false);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, talk, names[i]), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	int lines = 0, next[4] = {0};
	for (char *save, *line = strtok_r(slurp(file), "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save), lines++) {
		char category;
		int number;
		assert_int_equal(
		        sscanf(line + 28, "info %c line %d of a thread", &category, &number), 2);
		assert_int_equal(next[category - 'a']++, number);
	}
	assert_int_equal(lines, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(text_lines, setup, teardown),
	        cmocka_unit_test_setup_teardown(json_lines_parse, setup, teardown),
	        cmocka_unit_test_setup_teardown(long_messages_are_cut, setup, teardown),
	        cmocka_unit_test_setup_teardown(reopened_after_rotation, setup, teardown),
	        cmocka_unit_test_setup_teardown(a_file_that_cannot_be, setup, teardown),
	        cmocka_unit_test_setup_teardown(threads_do_not_mix_lines, setup, teardown),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
