/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator as an adapter: options, requests and their answers, link, people who call. */
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/host.h"
#include "pbx-adapters/host/options.h"
#include "pbx-adapters/simulator/simulator.h"
#include "pbx-adapters/simulator/switch.h"
#include "tests/support/nomem.h"
#include "tests/unit/test.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define adapter cti_adapter_simulator

struct world {
	struct event_base *base;
	struct clock *clock;
	struct host host;
	config_t config;
	struct cti_options *options;
	struct cti_adapter_instance *instance;
	enum cti_link_state link;
	unsigned links, done, events, rings, answered, waited, missed;
	uint64_t token, digest;
	int code;
	char value[64], monitor[16];
};

static struct world *of(const struct cti_host *host)
{
	return host_of(host)->owner;
}

static void on_event(const struct cti_host *host, const struct cti_event *e,
                     const struct csta_message *original)
{
	struct world *w = of(host);
	assert_null(original);
	assert_non_null(e->monitor);
	w->events++;
	w->rings += e->type == CTI_EVENT_CALL_DELIVERED;
	w->answered += e->type == CTI_EVENT_CALL_ESTABLISHED;
	w->waited += e->type == CTI_EVENT_CALL_QUEUED;
	w->missed += e->type == CTI_EVENT_AGENT_NOT_READY && e->cause;
	char line[160];
	snprintf(line, sizeof line, "%s %lld %d %s %s", e->monitor, (long long)e->time_us,
	         (int)e->type, e->connection.call_id ? e->connection.call_id : "",
	         e->connection.device_id ? e->connection.device_id : "");
	for (const char *s = line; *s; s++)
		w->digest = (w->digest ^ (unsigned char)*s) * 1099511628211u;
}

static void on_done(const struct cti_host *host, uint64_t token, const struct cti_reply *reply)
{
	struct world *w = of(host);
	w->done++;
	w->token = token;
	w->code = reply->code;
	snprintf(w->value, sizeof w->value, "%s", reply->value ? reply->value : "");
	snprintf(w->monitor, sizeof w->monitor, "%s", reply->monitor ? reply->monitor : "");
}

static void on_link(const struct cti_host *host, enum cti_link_state state, const char *text)
{
	struct world *w = of(host);
	assert_true(state != CTI_LINK_DOWN || text);
	w->link = state;
	w->links++;
}

static int world_try(struct world **out, const char *settings, uint64_t seed,
                     struct cti_error *error)
{
	struct world *w = calloc(1, sizeof *w);
	w->base = event_base_new();
	config_init(&w->config);
	assert_int_equal(clock_create_virtual(&w->clock, 1700000000000000, NULL), 0);
	host_init(&w->host, "hq", w->base, w->clock, seed);
	w->host.owner = w;
	w->host.cti.event = on_event;
	w->host.cti.done = on_done;
	w->host.cti.link = on_link;
	*out = w;
	if (!config_read_string(&w->config, settings))
		fail_msg("line %d: %s", config_error_line(&w->config),
		         config_error_text(&w->config));
	int code = options_read(&w->options, config_root_setting(&w->config), adapter.options, NULL,
	                        error);
	if (!code)
		code = adapter.create(&w->instance, &w->host.cti, w->options, error);
	return code ? code : adapter.start(w->instance, error);
}

static struct world *world_create(const char *settings, uint64_t seed)
{
	struct world *w;
	struct cti_error error = {0};
	if (world_try(&w, settings, seed, &error))
		fail_msg("%s", error.text);
	return w;
}

static void world_destroy(struct world *w)
{
	if (w->instance)
		adapter.stop(w->instance);
	adapter.destroy(&w->instance);
	options_destroy(&w->options);
	config_destroy(&w->config);
	clock_destroy(&w->clock);
	event_base_free(w->base);
	free(w);
}

static void wait_s(struct world *w, unsigned seconds)
{
	clock_advance(w->clock, clock_now(w->clock) + seconds * UINT64_C(1000000), NULL, NULL);
}

static void monitor(struct world *w, const char *device)
{
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_MONITOR_START);
	r.device = device;
	adapter.monitor_start(w->instance, 1, &r);
	assert_int_equal(w->code, 0);
}

static void requests_and_link(void **state)
{
	(void)state;
	struct world *w =
	        world_create("extensions = [ \"2001-2003\" ]; response_delay = \"250ms\";", 1);
	struct sim_switch *sw = simulator_switch(w->instance);
	struct cti_request r;
	assert_int_equal(w->link, CTI_LINK_UP);
	cti_request_init(&r, CTI_SERVICE_MONITOR_START);
	r.device = "2001";
	adapter.monitor_start(w->instance, 77, &r);
	assert_int_equal(w->done, 0);
	wait_s(w, 1);
	assert_int_equal(w->done, 1);
	assert_int_equal(w->token, 77);
	assert_string_equal(w->monitor, "1");
	/* Phones prompt unless they are hands-free; a late answer comes after its events. */
	cti_request_init(&r, CTI_SERVICE_MAKE_CALL);
	r.device = "2001";
	r.destination = "2002";
	adapter.make_call(w->instance, 78, &r);
	assert_int_equal(w->events, 1);
	assert_int_equal(w->done, 1);
	/* The link goes: the request is answered, once; the call lives on unseen. */
	simulator_link(w->instance, false, NULL);
	assert_int_equal(w->link, CTI_LINK_DOWN);
	assert_int_equal(w->done, 2);
	assert_int_equal(w->token, 78);
	assert_int_equal(w->code, CTI_E_CLOSED);
	assert_int_equal(switch_phone_answer(sw, "2001", NULL), 0);
	assert_int_equal(w->events, 1);
	adapter.make_call(w->instance, 79, &r);
	assert_int_equal(w->done, 3);
	assert_int_equal(w->code, CTI_E_CLOSED);
	wait_s(w, 1);
	assert_int_equal(w->done, 3);
	simulator_link(w->instance, false, NULL); /* twice is once */
	simulator_link(w->instance, true, NULL);
	assert_int_equal(w->link, CTI_LINK_UP);
	assert_int_equal(w->links, 3);
	simulator_delay(w->instance, 0);
	adapter.make_call(w->instance, 80, &r);
	assert_int_equal(w->code, CTI_E_REFUSED);
	assert_string_equal(w->value, "invalidCallingDeviceState");
	assert_int_equal(switch_phone_answer(sw, "2002", NULL), 0);
	assert_int_equal(w->events, 1); /* no monitor any more */
	monitor(w, "2002");
	assert_int_equal(switch_phone_hangup(sw, "2001", NULL), 0);
	assert_int_equal(w->events, 3);
	/* Stopped and started again. */
	adapter.stop(w->instance);
	assert_int_equal(w->link, CTI_LINK_DOWN);
	assert_int_equal(adapter.start(w->instance, NULL), 0);
	assert_int_equal(w->link, CTI_LINK_UP);
	monitor(w, "2002");
	world_destroy(w);
}

static void options_make_the_switch(void **state)
{
	(void)state;
	struct world *w = world_create(
	        "extensions = ( \"2001-2004\", 2010 ); trunks = 1; queues = [ 3000, 3001 ];\n"
	        "agents = ( { id = \"7001-7002\"; device = \"2001-2002\"; queues = [ \"3001\" ];\n"
	        "             wrap_up = \"5s\"; state = \"ready\"; },\n"
	        "           { id = \"8000\"; password = \"x\"; } );\n"
	        "pickup_groups = ( { id = \"2900\"; members = [ \"2003-2004\" ]; } );\n"
	        "phones = ( { number = \"2003\"; forward_no_answer = \"2010\"; hands_free = true; "
	        "} );\n"
	        "no_answer = \"7s\"; outside_prefix = \"0\"; outside_answer = \"2s\";\n"
	        "listen = [ \"xml:0\", \"ber:0\" ];",
	        1);
	struct sim_switch *sw = simulator_switch(w->instance);
	assert_non_null(simulator_address(w->instance, 0));
	assert_string_not_equal(simulator_address(w->instance, 0),
	                        simulator_address(w->instance, 1));
	assert_null(simulator_address(w->instance, 2));
	/* The agents are ready, in order; the password is asked for. */
	assert_int_equal(switch_phone_dial(sw, "5551234", "3001", NULL), 0);
	assert_int_equal(switch_phone_answer(sw, "2001", NULL), 0);
	assert_int_equal(switch_phone_dial(sw, "5555678", "3001", NULL),
	                 CTI_E_BUSY); /* one trunk */
	assert_int_equal(switch_phone_hangup(sw, "2001", NULL), 0);
	assert_int_equal(switch_phone_agent(sw, "2004", CTI_REQUEST_LOGGED_ON, "8000", NULL, NULL),
	                 CTI_E_REFUSED);
	/* The prefix, and who answers by himself. */
	assert_int_equal(switch_phone_dial(sw, "2004", "05551234", NULL), 0);
	wait_s(w, 2);
	assert_true(switch_phone_talks(sw, "2004"));
	assert_int_equal(switch_phone_hangup(sw, "2004", NULL), 0);
	/* Forwarding after seven seconds. */
	assert_int_equal(switch_phone_dial(sw, "2001", "2003", NULL), 0);
	wait_s(w, 7);
	assert_non_null(switch_phone_call(sw, "2010", CTI_CONNECTION_ALERTING));
	assert_int_equal(switch_phone_hangup(sw, "2001", NULL), 0);
	/* The group, and the phone that lifts itself. */
	assert_int_equal(switch_phone_dial(sw, "2001", "2004", NULL), 0);
	assert_int_equal(switch_phone_pickup(sw, "2003", NULL, NULL), 0);
	assert_int_equal(switch_phone_hangup(sw, "2003", NULL), 0);
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_MAKE_CALL);
	r.device = "2003";
	r.destination = "2001";
	adapter.make_call(w->instance, 1, &r);
	assert_non_null(switch_phone_call(sw, "2001", CTI_CONNECTION_ALERTING));
	world_destroy(w);
}

static void options_that_cannot_be(void **state)
{
	(void)state;
	static const struct {
		const char *settings, *error;
	} rows[] = {
	        {"extensions = [ \"2001-20\" ];", "'2001-20' is no range"},
	        {"extensions = [ \"2002-2001\" ];", "ends before it begins"},
	        {"extensions = [ \"100000-999999\" ];", "more than 100000 numbers"},
	        {"extensions = [ \"20x1\" ];", "device '20x1': expected"},
	        {"extensions = [ \"3000\" ];", "device 3000 exists already"},
	        {"\nagents = ( { id = \"7001\"; device = \"2999\"; } );",
	         ":2: agent 7001: 2999 is no extension"},
	        {"agents = ( { id = \"7001\"; queues = [ \"2001\" ]; } );",
	         "agent 7001: 2001 is no queue"},
	        {"agents = ( { id = \"7001\"; },\n{ id = \"7001\"; } );",
	         ":2: agent 7001 exists already"},
	        {"agents = ( { id = \"7001-7003\"; device = \"2001-2002\"; } );",
	         "agent 7003: no device"},
	        {"agents = ( { id = \"7001\"; state = \"redy\"; } );",
	         "must be one of: off notReady ready"},
	        {"agents = ( { id = \"7001\"; state = \"ready\"; } );", "no device to log on at"},
	        {"agents = ( { idd = \"7001\"; } );", "unknown setting 'idd'; did you mean 'id'?"},
	        {"agents = { id = \"7001\"; };", "'agents' must be a list"},
	        {"pickup_groups = ( { id = \"1\"; members = [ \"2999\" ]; } );",
	         "2999 is no extension"},
	        {"phones = ( { number = \"3000\"; } );", "device 3000 is no extension"},
	        {"phones = ( { number = \"2001\"; forward_busy = \"home\"; } );",
	         "'home' is no number"},
	        {"listen = [ \"xml:99999\" ];", "'xml:99999': expected such as xml:8765"},
	        {"listen = [ \"xml:10.0.0.1:0\" ];", "loopback"},
	        {"traffic = { staff = [ \"2999\" ]; };", "there is no extension 2999"},
	        {"traffic = { callers = [ ]; };", "need a number"},
	        {"traffic = { talks = \"5s\"; };", "unknown setting 'talks'; did you mean 'talk'?"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct world *w;
		struct cti_error error = {0};
		int code = world_try(&w, rows[i].settings, 1, &error);
		if (code == 0 || !strstr(error.text, rows[i].error))
			fail_msg("row %zu: %d '%s' lacks '%s'", i, code, error.text, rows[i].error);
		world_destroy(w);
	}
}

static const char busy_office[] =
        "extensions = [ \"2001-2012\" ]; trunks = 20; wrap_up = \"10s\";\n"
        "agents = ( { id = \"7002-7006\"; device = \"2002-2006\"; queues = [ \"3000\" ];\n"
        "             state = \"ready\"; } );\n"
        "traffic = { calls_per_minute = 12; to = [ \"3000\", \"3000\", \"2007\", \"2001\" ];\n"
        "            staff = [ \"2002-2010\" ]; };";

static uint64_t an_hour(uint64_t seed)
{
	struct world *w = world_create(busy_office, seed);
	char number[16];
	for (int i = 1; i <= 12; i++) {
		snprintf(number, sizeof number, "%d", 2000 + i);
		monitor(w, number);
	}
	monitor(w, "3000");
	w->digest = 1;
	wait_s(w, 3600);
	/* 720 calls more or less; most are answered, some wait, 2001 is left to the visitor. */
	assert_true(w->rings > 400);
	assert_true(w->answered > 300);
	assert_true(w->waited > 0);
	struct sim_switch *sw = simulator_switch(w->instance);
	uint64_t digest = w->digest;
	adapter.stop(w->instance);
	wait_s(w, 600); /* nobody calls any more, but who talks goes on; rings end */
	assert_true(switch_calls(sw) < 40);
	world_destroy(w);
	return digest;
}

static void people_call_and_answer(void **state)
{
	(void)state;
	uint64_t once = an_hour(1), again = an_hour(1), other = an_hour(2);
	assert_true(once == again);
	assert_true(once != other);
}

static void every_allocation_fails(void **state)
{
	(void)state;
	long runs = 0;
	for (bool failed = true; failed; runs++) {
		struct world *w = world_create("extensions = [ \"2001-2003\" ];", 1);
		struct cti_adapter_instance *second = NULL;
		struct cti_error error = {0};
		struct cti_request r;
		nomem_after(runs, false);
		int code = adapter.create(&second, &w->host.cti, w->options, &error);
		if (!code)
			code = adapter.start(second, &error);
		cti_request_init(&r, CTI_SERVICE_MONITOR_START);
		r.device = "2001";
		w->done = 0;
		if (!code)
			adapter.monitor_start(second, 5, &r);
		failed = nomem_failed();
		nomem_after(-1, false);
		assert_true(code ? code == CTI_E_NOMEM || code == CTI_E_CONFIG : w->done == 1);
		assert_true(!code || *error.text);
		if (second)
			adapter.stop(second);
		adapter.destroy(&second);
		world_destroy(w);
	}
	assert_true(runs > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(requests_and_link),      cmocka_unit_test(options_make_the_switch),
	        cmocka_unit_test(options_that_cannot_be), cmocka_unit_test(people_call_and_answer),
	        cmocka_unit_test(every_allocation_fails),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
