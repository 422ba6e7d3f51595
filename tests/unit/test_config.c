/* SPDX-License-Identifier: Apache-2.0 */
/** The configuration: what is read, what is refused, and in which words. */
#include "cti-server/config.h"
#include "tests/support/nomem.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct config *load(const char *text)
{
	struct config *config = NULL;
	struct cti_error why = {0};
	if (config_load_text(&config, text, &why))
		fail_msg("%s", why.text);
	return config;
}

/** Refused, with every one of these words in the sentence. */
static void refused(const char *text, const char *one, const char *two)
{
	struct config *config = NULL;
	struct cti_error why = {0};
	if (!config_load_text(&config, text, &why))
		fail_msg("accepted: %s", text);
	assert_null(config);
	assert_int_equal(why.code, CTI_E_CONFIG);
	if (!strstr(why.text, one) || !strstr(why.text, two))
		fail_msg("'%s' lacks '%s' or '%s'", why.text, one, two);
}

static void test_defaults(void **state)
{
	struct config *config = load("switches = ();");
	(void)state;
	assert_string_equal(cti_options_string(config->server, "id"), "cti-1");
	assert_string_equal(cti_options_string(config->zmq, "router"), "tcp://127.0.0.1:5580");
	assert_int_equal(cti_options_int(config->zmq, "heartbeat"), 10000);
	assert_null(config->mqtt);
	assert_int_equal(config->user_count, 0);
	assert_int_equal(config->role_count, 4);
	assert_int_equal(config->log_options.level, CTI_LOG_INFO);
	assert_false(config->log_options.wire);
	config_unload(&config);
	assert_null(config);
}

static void test_switch(void **state)
{
	struct config *config =
	        load("switches = ( { name = \"hq\"; tenant = \"acme\"; adapter = \"simulator\"; "
	             "audit = \"5m\";\n"
	             "  monitors = { ranges = [ \"2001-2010\", \"3000\" ]; per_second = 2; retry = "
	             "\"10s\"; };\n"
	             "  dialplan = { country = \"86\"; extension_digits = 4; };\n"
	             "  options = { extensions = [ \"2001-2010\" ]; }; } );\n"
	             "log = { level = \"debug\"; format = \"json\"; wire = true; };");
	(void)state;
	const struct config_switch *hq = config_switch_find(config, "hq");
	assert_non_null(hq);
	assert_null(config_switch_find(config, "moon"));
	assert_string_equal(hq->pbx.tenant, "acme");
	assert_string_equal(hq->pbx.adapter->name, "simulator");
	assert_string_equal(hq->pbx.monitors.ranges[1], "3000");
	assert_null(hq->pbx.monitors.ranges[2]);
	assert_int_equal(hq->pbx.monitors.per_second, 2);
	assert_int_equal(hq->pbx.monitors.retry_us, 10000000);
	assert_true(hq->pbx.monitors.on_demand);
	assert_int_equal(hq->pbx.audit_us, 300000000);
	assert_string_equal(hq->pbx.dialplan.country, "86");
	assert_null(hq->pbx.dialplan.area);
	assert_int_equal(hq->pbx.dialplan.extension_digits, 4);
	assert_string_equal(cti_options_item(hq->pbx.options, "extensions", 0), "2001-2010");
	assert_int_equal(config->log_options.level, CTI_LOG_DEBUG);
	assert_int_equal(config->log_options.format, LOG_JSON);
	assert_true(config->log_options.wire);
	config_unload(&config);
}

static void test_users_and_roles(void **state)
{
	struct config *config = load(
	        "switches = ();\n"
	        "roles = ( { name = \"dialler\"; services = [ \"MakeCall\", \"AttachData\" ]; },\n"
	        "          { name = \"all\"; services = [ \"all\" ]; control = \"all\"; } );\n"
	        "users = ( { name = \"ann\"; role = \"dialler\"; devices = ( 2001, \"2005-2007\" "
	        "); },\n"
	        "          { name = \"sue\"; role = \"supervisor\"; } );");
	(void)state;
	const struct config_user *ann = &config->users[0];
	assert_int_equal(ann->role->services,
	                 CONFIG_ATTACH_DATA | (uint64_t)1 << CTI_SERVICE_MAKE_CALL);
	assert_false(ann->role->control_all);
	assert_true(config_in_ranges(ann->devices, "2001"));
	assert_true(config_in_ranges(ann->devices, "2006"));
	assert_false(config_in_ranges(ann->devices, "2008"));
	assert_false(config_in_ranges(ann->devices, "20060"));
	assert_false(config_in_ranges(ann->devices, "200x"));
	assert_true(config->users[1].role->events_all);
	assert_true(config_role(config, "all")->services & (uint64_t)1 << CTI_SERVICE_ESCAPE);
	assert_null(config_role(config, "nobody"));
	config_unload(&config);
}

static void test_errors(void **state)
{
	(void)state;
	refused("switches = (", ":1:", "syntax");
	refused("", "switches", "missing");
	refused("switches = ();\nzqm = { };", ":2:", "did you mean 'zmq'");
	refused("switches = ();\nzmq = { rooter = \"x\"; };", ":2:", "did you mean 'router'");
	refused("switches = ();\nzmq = { sessions = 0; };", ":2:", "1 to 1000000");
	refused("switches = ();\nzmq = { heartbeat = \"soon\"; };", ":2:", "duration");
	refused("switches = { };", "switches", "list");
	refused("switches = ( 1 );", ":1:", "group");
	refused("switches = ( { name = \"hq\"; tenant = \"server\"; adapter = \"simulator\"; } );",
	        "tenant", "'server'");
	refused("switches = ( { name = \"hq\"; adapter = \"pbx3000\"; } );", "pbx3000",
	        "simulator");
	refused("switches = ( { name = \"h q\"; adapter = \"simulator\"; } );", ":1:", "letters");
	refused("switches = ( { name = \"hq\"; adapter = \"simulator\"; options = { extensoins = "
	        "[]; }; } );",
	        ":1:", "extensions");
	refused("switches = ( { name = \"a\"; adapter = \"simulator\"; },\n { name = \"a\"; "
	        "adapter = "
	        "\"simulator\"; } );",
	        ":2:", "already");
	refused("switches = ( { name = \"hq\"; adapter = \"simulator\";\n monitors = { ranges = [ "
	        "\"2001-20\" ]; }; } );",
	        "2001-20", "digits");
	refused("switches = (); users = ( { name = \"a b\"; role = \"agent\"; } );",
	        ":1:", "spaces");
	refused("switches = (); users = ( { name = \"a\"; role = \"king\"; } );", "king", "agent");
	refused("switches = (); users = ( { name = \"a\"; } );", "role", "missing");
	refused("switches = (); users = ( { name = \"a\"; role = \"agent\"; curve = \"x\"; } );",
	        "'a'", "Z85");
	refused("switches = ();\nusers = ( { name = \"a\"; role = \"agent\"; },\n{ name = \"a\"; "
	        "role = "
	        "\"agent\"; } );",
	        ":3:", "already");
	refused("switches = (); roles = ( { name = \"r\"; services = [ \"MakeCal\" ]; } );",
	        "MakeCal", "did you mean 'MakeCall'");
	refused("switches = (); roles = ( { name = \"agent\"; } );", "agent", "already");
	refused("server = { id = \"a/b\"; }; switches = ();", "server.id", "letters");
}

/** Nothing is bound where other machines reach it without a lock. */
static void test_exposure(void **state)
{
#define USERS "users = ( { name = \"a\"; role = \"agent\"; } );\n"
	(void)state;
	refused("switches = (); zmq = { router = \"tcp://*:5580\"; };", "tcp://*:5580", "users");
	refused("switches = (); zmq = { router = \"tcp://0.0.0.0:5580\"; };" USERS, "0.0.0.0",
	        "CURVE");
	refused("switches = (); zmq = { pub = \"tcp://eth0:5581\"; };" USERS, "zmq.pub", "CURVE");
	refused("switches = (); mqtt = { host = \"broker.example\"; };" USERS, "broker.example",
	        "tls");
	refused("switches = (); mqtt = { host = \"broker.example\"; tls = true; };", "mqtt",
	        "users");
	struct config *config =
	        load("switches = (); mqtt = { host = \"broker.example\"; tls = true; };"
	             "zmq = { router = \"tcp://*:1\"; curve_secret_file = \"/k\"; };" USERS);
	config_unload(&config);

	static const char *const local[] = {"tcp://127.0.0.1:5580", "tcp://127.9.9.9:*",
	                                    "tcp://localhost:1", "tcp://[::1]:1", "ipc:///run/x"};
	static const char *const wide[] = {"tcp://*:1",
	                                   "tcp://128.0.0.1:1",
	                                   "tcp://127.0.0.1.evil.org:1",
	                                   "tcp://localhost.evil.org:1",
	                                   "tcp://[::]:1",
	                                   "tcp://eth0:1",
	                                   "udp://127.0.0.1:1",
	                                   ""};
	for (size_t i = 0; i < sizeof local / sizeof *local; i++)
		assert_true(config_endpoint_is_local(local[i]));
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		assert_false(config_endpoint_is_local(wide[i]));
}

static void test_file(void **state)
{
	char path[] = "/tmp/test_config.XXXXXX";
	struct config *config = NULL;
	struct cti_error why = {0};
	int fd = mkstemp(path);
	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "switches = ();\nlog = { level = \"loud\"; };\n", 41), 41);
	close(fd);
	assert_int_equal(config_load(&config, path, &why), CTI_E_CONFIG);
	assert_non_null(strstr(why.text, path));
	assert_non_null(strstr(why.text, ":2:"));
	assert_non_null(strstr(why.text, "info"));
	unlink(path);
	assert_int_equal(config_load(&config, path, &why), CTI_E_CONFIG);
	assert_non_null(strstr(why.text, "No such file"));
	assert_int_equal(config_load(&config, "/tmp", &why), CTI_E_CONFIG);
}

/** What ships with the server is good. */
static void test_demo(void **state)
{
	struct config *config = load(config_demo);
	(void)state;
	assert_int_equal(config->switch_count, 1);
	assert_true(config_endpoint_is_local(cti_options_string(config->zmq, "router")));
	assert_true(config_endpoint_is_local(cti_options_string(config->zmq, "pub")));
	config_unload(&config);
	if (access("cti-server/cti-server.conf.example", R_OK))
		skip();
	struct cti_error why = {0};
	if (config_load(&config, "cti-server/cti-server.conf.example", &why))
		fail_msg("%s", why.text);
	config_unload(&config);
}

/** Each allocation fails in turn: an error, and nothing is left behind. */
static void test_memory(void **state)
{
	bool failed = true;
	(void)state;
	for (long i = 0; failed; i++) {
		struct config *config = NULL;
		struct cti_error why = {0};
		assert_in_range(i, 0, 1000);
		nomem_after(i, false);
		int code = config_load_text(
		        &config,
		        "switches = ( { name = \"hq\"; adapter = \"simulator\";"
		        " monitors = { ranges = [ \"2001-2010\" ]; }; } ); mqtt = { };"
		        "roles = ( { name = \"r\"; services = [ \"MakeCall\" ]; } );"
		        "users = ( { name = \"ann\"; role = \"r\"; devices = [ \"2001\" ]; } );",
		        &why);
		failed = nomem_failed();
		nomem_after(-1, false);
		assert_int_equal(code, failed ? CTI_E_NOMEM : 0);
		if (failed)
			assert_null(config);
		config_unload(&config);
	}
}

static char *printed(void (*print)(const struct config *, FILE *), const struct config *config)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	print(config, out);
	fclose(out);
	return text;
}

static void print_acl(const struct config *config, FILE *out)
{
	config_print_acl(config, out);
}

static void print_manual(const struct config *config, FILE *out)
{
	(void)config;
	config_print_manual(out);
}

static void test_printed(void **state)
{
	struct config *config = load(
	        "switches = ( { name = \"hq\"; tenant = \"t\"; adapter = \"simulator\"; },\n"
	        "             { name = \"lab\"; tenant = \"t\"; adapter = \"simulator\"; } );\n"
	        "mqtt = { user = \"server\"; };\n"
	        "users = ( { name = \"a+b\"; role = \"agent\"; devices = [ \"2001-2002\" ];\n"
	        "            switches = [ \"hq\" ]; }, { name = \"mon\"; role = \"monitor\"; } );");
	(void)state;
	char *acl = printed(print_acl, config);
	assert_non_null(strstr(acl, "user server\ntopic readwrite cti/v1/#\n"));
	/* A '+' in a user's name must not become a wildcard. */
	assert_non_null(strstr(acl, "user a+b\n"));
	assert_non_null(strstr(acl, "topic write cti/v1/t/hq/request/a%2Bb/+/+\n"));
	assert_non_null(strstr(acl, "topic read cti/v1/t/hq/device/2002/#\n"));
	assert_null(strstr(acl, "device/2003"));
	assert_null(strstr(acl, "lab/request/a%2Bb"));
	assert_non_null(strstr(acl, "topic read cti/v1/t/lab/device/#\n"));
	assert_null(strstr(acl, "topic read cti/v1/t/lab/#"));
	free(acl);
	char *manual = printed(print_manual, config);
	assert_non_null(strstr(manual, "queue_events"));
	assert_non_null(strstr(manual, "extensions"));
	free(manual);
	config_unload(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_defaults),
	        cmocka_unit_test(test_switch),
	        cmocka_unit_test(test_users_and_roles),
	        cmocka_unit_test(test_errors),
	        cmocka_unit_test(test_exposure),
	        cmocka_unit_test(test_file),
	        cmocka_unit_test(test_demo),
	        cmocka_unit_test(test_printed),
	        cmocka_unit_test(test_memory),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
