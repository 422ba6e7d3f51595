/* SPDX-License-Identifier: Apache-2.0 */
/** Who may do and see what: each role against each service, own and other devices. */
#include "cti-server/bus.h"
#include "cti-server/password.h"
#include "cti-server/rights.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOSQUITTO_HASH                                                                             \
	"$7$101$oXjHddDN1IvNoDo3$Ye3KVcHE6Ob9tl4+2RswA62VTF+NjZpShI7zBZKiq3pUyB"                   \
	"yNN6N9IOO7xQzxvvFrxt6hg58vl+NYa0CklBIu/A=="

static const char text[] =
        "switches = ();\n"
        "roles = ( { name = \"dialler\"; services = [ \"MakeCall\" ]; events = \"all\"; } );\n"
        "users = ( { name = \"ann\"; password = \"secret\"; role = \"agent\"; devices = [ \"2001\" "
        "];\n"
        "            agents = [ \"7001\" ]; curve = \"1234567890123456789012345678901234567890\"; "
        "},\n"
        "          { name = \"bob\"; role = \"agent\"; devices = [ \"*\" ]; switches = [ \"hq\" ]; "
        "},\n"
        "          { name = \"sue\"; role = \"supervisor\"; },\n"
        "          { name = \"adm\"; role = \"admin\"; },\n"
        "          { name = \"mon\"; role = \"monitor\"; },\n"
        "          { name = \"dia\"; role = \"dialler\"; devices = [ \"2001\" ]; } );\n";

struct fixture {
	struct clock *clock;
	struct bus *bus;
	struct config *config;
	struct rights *rights;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	*state = f;
	log_set(CTI_LOG_ERROR, false);
	assert_int_equal(clock_create_virtual(&f->clock, 0, NULL), 0);
	assert_int_equal(bus_create(&f->bus, f->clock, NULL, NULL), 0);
	assert_int_equal(config_load_text(&f->config, text, NULL), 0);
	assert_int_equal(rights_create(&f->rights, f->clock, f->bus, f->config, NULL), 0);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	rights_destroy(&f->rights);
	bus_destroy(&f->bus);
	clock_destroy(&f->clock);
	config_unload(&f->config);
	free(f);
	return 0;
}

/** Every device of the request is @p device; every call is the one that 2001 is in. */
static int may(struct fixture *f, const char *user, enum cti_service service, const char *device)
{
	struct cti_request request;
	cti_request_init(&request, service);
	request.device = device;
	request.connection = (struct cti_connection){"17", device, false, CTI_CONNECTION_CONNECTED};
	request.held = (struct cti_connection){"16", device, false, CTI_CONNECTION_HOLD};
	return rights_request(f->rights, user, "hq", &request, NULL);
}

static void call_hear(struct fixture *f, enum cti_event_type type, const char *call,
                      const char *device)
{
	char subject[64];
	const char *subjects[] = {subject};
	struct cti_event event;
	snprintf(subject, sizeof subject, "device/%s", device);
	cti_event_init(&event, type);
	event.connection.call_id = call;
	event.connection.device_id = device;
	assert_int_equal(bus_publish(bus_stream(f->bus, "acme", "hq"), &event, subjects, 1), 0);
}

static void test_services(void **state)
{
	struct fixture *f = *state;
	call_hear(f, CTI_EVENT_CALL_ESTABLISHED, "17", "2001");
	for (int i = 0; i < CTI_SERVICES_COUNT; i++) {
		enum cti_service service = (enum cti_service)i;
		bool read = service == CTI_SERVICE_GET_AGENT_STATE ||
		            service == CTI_SERVICE_SNAPSHOT_DEVICE ||
		            service == CTI_SERVICE_SNAPSHOT_CALL;
		bool status = service == CTI_SERVICE_REQUEST_SYSTEM_STATUS;
		bool raw = service == CTI_SERVICE_MONITOR_START ||
		           service == CTI_SERVICE_MONITOR_STOP ||
		           service == CTI_SERVICE_CHANGE_MONITOR_FILTER ||
		           service == CTI_SERVICE_ESCAPE;
		/* The whole call is what ClearCall and SnapshotCall act on. */
		bool whole =
		        service == CTI_SERVICE_CLEAR_CALL || service == CTI_SERVICE_SNAPSHOT_CALL;
		assert_int_equal(may(f, "adm", service, "2002"), 0);
		assert_int_equal(may(f, "sue", service, "2002"), raw ? CTI_E_DENIED : 0);
		assert_int_equal(may(f, "ann", service, "2001"), raw || status ? CTI_E_DENIED : 0);
		assert_int_equal(may(f, "ann", service, "2002"), whole ? 0 : CTI_E_DENIED);
		assert_int_equal(may(f, "ann", service, NULL), whole ? 0 : CTI_E_DENIED);
		assert_int_equal(may(f, "bob", service, "2002"), raw || status ? CTI_E_DENIED : 0);
		assert_int_equal(may(f, "mon", service, "2002"), read || status ? 0 : CTI_E_DENIED);
		assert_int_equal(may(f, "dia", service, "2001"),
		                 service == CTI_SERVICE_MAKE_CALL ? 0 : CTI_E_DENIED);
		assert_int_equal(may(f, "eve", service, "2001"), CTI_E_AUTH);
	}
}

/** Somebody else's call stays theirs, whatever device stands beside its id. */
static void test_other_calls(void **state)
{
	struct fixture *f = *state;
	call_hear(f, CTI_EVENT_CALL_ESTABLISHED, "17", "2002");
	assert_int_equal(may(f, "ann", CTI_SERVICE_CLEAR_CALL, "2001"), CTI_E_DENIED);
	assert_int_equal(may(f, "ann", CTI_SERVICE_SNAPSHOT_CALL, "2001"), CTI_E_DENIED);
	call_hear(f, CTI_EVENT_CALL_DELIVERED, "17", "2001");
	assert_int_equal(may(f, "ann", CTI_SERVICE_CLEAR_CALL, "2001"), 0);
	call_hear(f, CTI_EVENT_CALL_CLEARED, "17", "2001");
	assert_int_equal(may(f, "ann", CTI_SERVICE_CLEAR_CALL, "2001"), CTI_E_DENIED);
}

/** A transfer needs both calls at an own device, and an agent id must be one's own. */
static void test_details(void **state)
{
	struct fixture *f = *state;
	struct cti_request request;
	cti_request_init(&request, CTI_SERVICE_TRANSFER_CALL);
	request.connection.device_id = "2001";
	request.held.device_id = "2002";
	assert_int_equal(rights_request(f->rights, "ann", "hq", &request, NULL), CTI_E_DENIED);
	request.held.device_id = "2001";
	assert_int_equal(rights_request(f->rights, "ann", "hq", &request, NULL), 0);
	cti_request_init(&request, CTI_SERVICE_SET_AGENT_STATE);
	request.device = "2001";
	request.agent_id = "7002";
	assert_int_equal(rights_request(f->rights, "ann", "hq", &request, NULL), CTI_E_DENIED);
	request.agent_id = "7001";
	assert_int_equal(rights_request(f->rights, "ann", "hq", &request, NULL), 0);
	/* Who picks up must be own; whom from need not be. */
	cti_request_init(&request, CTI_SERVICE_DIRECTED_PICKUP_CALL);
	request.device = "2001";
	request.connection.device_id = "2002";
	assert_int_equal(rights_request(f->rights, "ann", "hq", &request, NULL), 0);
	/* Another switch is another world. */
	cti_request_init(&request, CTI_SERVICE_MAKE_CALL);
	request.device = "2001";
	assert_int_equal(rights_request(f->rights, "bob", "hq", &request, NULL), 0);
	assert_int_equal(rights_request(f->rights, "bob", "branch", &request, NULL), CTI_E_DENIED);
	assert_true(rights_switch(f->rights, "bob", "hq"));
	assert_false(rights_switch(f->rights, "bob", "branch"));
}

static void test_filters(void **state)
{
	static const struct {
		const char *user, *filter;
		int code;
	} rows[] = {
	        {"ann", "device/2001", 0},
	        {"ann", "device/2002", CTI_E_DENIED},
	        {"ann", "agent/7001", 0},
	        {"ann", "agent/7002", CTI_E_DENIED},
	        {"ann", "all", CTI_E_DENIED},
	        {"ann", "device/*", CTI_E_DENIED},
	        {"ann", "queue/2001", 0},
	        {"ann", "queue/3000", CTI_E_DENIED},
	        {"ann", "interaction/I", CTI_E_DENIED},
	        {"bob", "device/*", CTI_E_DENIED},
	        {"bob", "device/2002", 0},
	        {"sue", "all", 0},
	        {"mon", "agent/*", 0},
	        {"dia", "all", 0},
	        {"eve", "device/2001", CTI_E_AUTH},
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(rights_filter(f->rights, rows[i].user, "hq", rows[i].filter, NULL),
		                 rows[i].code);
}

static void test_login(void **state)
{
	struct fixture *f = *state;
	struct cti_error why = {0};
	assert_int_equal(rights_login(f->rights, "ann", "secret", NULL), 0);
	assert_int_equal(rights_login(f->rights, "ann", "secret", NULL), 0);
	assert_int_equal(rights_login(f->rights, "ann", "Secret", NULL), CTI_E_AUTH);
	assert_int_equal(rights_login(f->rights, "ann", NULL, NULL), CTI_E_AUTH);
	/* No password is no empty password. */
	assert_int_equal(rights_login(f->rights, "bob", "", NULL), CTI_E_AUTH);
	assert_int_equal(rights_login(f->rights, "eve", "secret", &why), CTI_E_AUTH);
	assert_string_equal(why.text, "user or password is wrong");
	/* Guessing is slowed down; who is known already comes in. */
	int code = CTI_E_AUTH;
	for (int i = 0; i < 30 && code == CTI_E_AUTH; i++)
		code = rights_login(f->rights, "ann", "guess", NULL);
	assert_int_equal(code, CTI_E_BUSY);
	assert_int_equal(rights_login(f->rights, "ann", "secret", NULL), 0);
	clock_advance(f->clock, 2000000, NULL, NULL);
	assert_int_equal(rights_login(f->rights, "ann", "guess", NULL), CTI_E_AUTH);
	assert_string_equal(
	        rights_curve_user(f->rights, "1234567890123456789012345678901234567890"), "ann");
	assert_null(rights_curve_user(f->rights, "nobody's"));
}

static void test_hashes(void **state)
{
	char hash[PASSWORD_HASH_SIZE], other[PASSWORD_HASH_SIZE];
	(void)state;
	assert_int_equal(password_hash("secret", hash), 0);
	assert_int_equal(password_hash("secret", other), 0);
	assert_string_not_equal(hash, other);
	assert_true(password_verify(hash, "secret"));
	assert_false(password_verify(hash, "secret "));
	/* What mosquitto_passwd -H sha512-pbkdf2 made of "secret". */
	assert_true(password_verify(MOSQUITTO_HASH, "secret"));
	assert_false(password_verify(MOSQUITTO_HASH, "Secret"));
	static const char *const broken[] = {"$7$",
	                                     "$7$101",
	                                     "$7$101$",
	                                     "$7$101$aaaa$",
	                                     "$7$0$aaaa$aaaa",
	                                     "$7$99999999999$aaaa$aaaa",
	                                     "$7$101$####$####"};
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		assert_false(password_verify(broken[i], ""));
		assert_false(password_verify(broken[i], broken[i]));
	}
}

/** Without users whoever reaches a door may do everything. */
static void test_no_users(void **state)
{
	struct fixture *f = *state;
	struct config *open = NULL;
	assert_int_equal(config_load_text(&open, "switches = ();", NULL), 0);
	assert_int_equal(rights_load(f->rights, open, NULL), 0);
	assert_int_equal(rights_login(f->rights, "anybody", NULL, NULL), 0);
	assert_int_equal(may(f, "anybody", CTI_SERVICE_ESCAPE, "2002"), 0);
	assert_int_equal(rights_filter(f->rights, "anybody", "hq", "all", NULL), 0);
	assert_int_equal(rights_load(f->rights, f->config, NULL), 0);
	assert_int_equal(may(f, "anybody", CTI_SERVICE_ESCAPE, "2002"), CTI_E_AUTH);
	config_unload(&open);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_services, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_other_calls, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_details, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_filters, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_login, setup, teardown),
	        cmocka_unit_test(test_hashes),
	        cmocka_unit_test_setup_teardown(test_no_users, setup, teardown),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
