/* SPDX-License-Identifier: Apache-2.0 */
#include "pbx-adapters/host/options.h"
#include "tests/unit/test.h"

#include <string.h>

static const struct cti_option table[] = {
        {.name = "host", .type = CTI_OPTION_STRING, .fallback = "127.0.0.1", .help = "Address."},
        {.name = "port", .type = CTI_OPTION_INT, .min = 1, .max = 65535, .help = "TCP port."},
        {.name = "encoding", .type = CTI_OPTION_ENUM, .fallback = "xml", .words = "xml ber"},
        {.name = "heartbeat",
         .type = CTI_OPTION_DURATION,
         .fallback = "30s",
         .min = 100,
         .max = 600000},
        {.name = "trunks", .type = CTI_OPTION_BOOL, .fallback = "false"},
        {.name = "password", .type = CTI_OPTION_SECRET, .optional = true},
        {.name = "extensions", .type = CTI_OPTION_LIST, .fallback = "2001-2004 2010"},
        {.name = "agents", .type = CTI_OPTION_GROUP, .optional = true},
        {0},
};

static int read_from(config_t *config, const char *text, struct cti_options **out,
                     struct cti_error *error)
{
	static const char *const ignore[] = {"adapter", NULL};
	config_init(config);
	assert_true(config_read_string(config, text));
	*error = (struct cti_error){0};
	return options_read(out, config_root_setting(config), table, ignore, error);
}

static void values_and_defaults(void **state)
{
	(void)state;
	config_t config;
	struct cti_error error;
	struct cti_options *o = NULL;
	assert_int_equal(
	        read_from(&config,
	                  "adapter = \"x\"; port = 8765; heartbeat = \"2m\"; trunks = true;"
	                  "extensions = ( 2001, \"2010-2019\" ); agents = ( { id = 1; } );",
	                  &o, &error),
	        0);
	assert_string_equal(cti_options_string(o, "host"), "127.0.0.1");
	assert_int_equal(cti_options_int(o, "port"), 8765);
	assert_string_equal(cti_options_string(o, "encoding"), "xml");
	assert_int_equal(cti_options_int(o, "heartbeat"), 120000);
	assert_int_equal(cti_options_int(o, "trunks"), 1);
	assert_null(cti_options_string(o, "password"));
	assert_int_equal(cti_options_count(o, "extensions"), 2);
	assert_string_equal(cti_options_item(o, "extensions", 0), "2001");
	assert_string_equal(cti_options_item(o, "extensions", 1), "2010-2019");
	assert_null(cti_options_item(o, "extensions", 2));
	assert_int_equal(config_setting_length(cti_options_group(o, "agents")), 1);
	options_destroy(&o);
	assert_null(o);
	config_destroy(&config);

	assert_int_equal(read_from(&config, "port = 1;", &o, &error), 0);
	assert_int_equal(cti_options_count(o, "extensions"), 2);
	assert_string_equal(cti_options_item(o, "extensions", 1), "2010");
	assert_int_equal(cti_options_int(o, "heartbeat"), 30000);
	assert_null(cti_options_group(o, "agents"));
	options_destroy(&o);
	config_destroy(&config);
}

static void errors_name_place_and_cure(void **state)
{
	(void)state;
	static const struct {
		const char *text, *error;
	} cases[] = {
	        {"port = 1;\n\nhartbeat = 5;",
	         ":3: unknown setting 'hartbeat'; did you mean 'heartbeat'?"},
	        {"port = 1;\nzzz = 5;", ":2: unknown setting 'zzz'"},
	        {"port = 1; adaptr = 5;", "did you mean 'adapter'?"},
	        {"", "setting 'port' is missing: TCP port."},
	        {"\nport = 65536;", ":2: 'port' must be 1 to 65535"},
	        {"port = \"5\";", ":1: 'port' must be a whole number"},
	        {"port = 1; heartbeat = \"5 s\";", "'heartbeat' must be a duration"},
	        {"port = 1; heartbeat = \"50ms\";", "'heartbeat' must be 100 to 600000 ms"},
	        {"port = 1; heartbeat = \"-5s\";", "'heartbeat' must be a duration"},
	        {"port = 1; heartbeat = \"9223372036854775807h\";", "must be a duration"},
	        {"port = 1; encoding = \"json\";", "'encoding' must be one of: xml ber"},
	        {"port = 1; encoding = \"ml\";", "'encoding' must be one of: xml ber"},
	        {"port = 1; encoding = \"\";", "'encoding' must be one of: xml ber"},
	        {"port = 1; trunks = 1;", "'trunks' must be true or false"},
	        {"port = 1; host = 1;", "'host' must be a text in \"quotes\""},
	        {"port = 1; extensions = ( 1.5 );",
	         "'extensions' must be a list of texts or numbers"},
	        {"port = 1; extensions = { a = 1; };", "'extensions' must be a list"},
	        {"port = 1; agents = 7;", "'agents' must be a group"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		config_t config;
		struct cti_error error;
		struct cti_options *o = NULL;
		assert_int_equal(read_from(&config, cases[i].text, &o, &error), CTI_E_CONFIG);
		assert_null(o);
		if (!strstr(error.text, cases[i].error))
			fail_msg("case %zu: '%s' lacks '%s'", i, error.text, cases[i].error);
		config_destroy(&config);
	}
}

static void durations(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		long ms;
	} cases[] = {{"0", 0},        {"250ms", 250}, {"5s", 5000}, {"2m", 120000},
	             {"1h", 3600000}, {"7", 7},       {"", -1},     {"s", -1},
	             {"5x", -1},      {"5sm", -1},    {" 5s", -1},  {"+5", -1}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(options_duration(cases[i].text), cases[i].ms);
}

static void nearest(void **state)
{
	(void)state;
	static const char *const names[] = {"endpoint", "listen", "port", NULL};
	assert_string_equal(options_nearest("lisen", names), "listen");
	assert_string_equal(options_nearest("Port", names), "port");
	assert_string_equal(options_nearest("end_piont", names), "endpoint");
	assert_null(options_nearest("colour", names));
	char longer[200];
	memset(longer, 'a', sizeof longer - 1);
	longer[sizeof longer - 1] = 0;
	assert_null(options_nearest(longer, names));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(values_and_defaults),
	        cmocka_unit_test(errors_name_place_and_cure),
	        cmocka_unit_test(durations),
	        cmocka_unit_test(nearest),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
