/* SPDX-License-Identifier: Apache-2.0 */
/* Queues and agents: who gets which call, agent states and what becomes of them. */
#include "tests/support/office.h"

#include <stdlib.h>
#include <string.h>

static struct office *call_centre(void)
{
	static const char *const devices[] = {"2001", "2002", "2003", "3000", "3001"};
	struct office *o = office_create(&(struct switch_config){.wrap_up_us = 5000000}, 1);
	must(switch_queue(o->sw, "3001", NULL));
	must(switch_agent(
	        o->sw,
	        &(struct switch_agent){.id = "7003", .device = "2003", .queues = {"3000", "3001"}},
	        NULL));
	for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
		must(office_monitor(o, devices[i])->code);
	return o;
}

static void on_duty(struct office *o, const char *phone, const char *agent)
{
	char text[64];
	snprintf(text, sizeof text, "%s agent loggedOn %s", phone, agent);
	must(office_act(o, text));
	snprintf(text, sizeof text, "%s agent ready", phone);
	must(office_act(o, text));
}

static const char *rings(struct office *o)
{
	static const char *const phones[] = {"2001", "2002", "2003"};
	for (size_t i = 0; i < 3; i++)
		if (switch_phone_call(o->sw, phones[i], CTI_CONNECTION_ALERTING))
			return phones[i];
	return "none";
}

/** A call that @p phone gets, takes and ends; wrap-up passes. */
static void served_by(struct office *o, const char *phone)
{
	must(switch_phone_dial(o->sw, "5551234", "3000", NULL));
	assert_string_equal(rings(o), phone);
	must(switch_phone_answer(o->sw, phone, NULL));
	must(switch_phone_hangup(o->sw, phone, NULL));
	must(office_act(o, "wait 11"));
}

static void longest_idle_first(void **state)
{
	(void)state;
	struct office *o = call_centre();
	on_duty(o, "2001", "7001");
	on_duty(o, "2002", "7002");
	on_duty(o, "2003", "7003");
	served_by(o, "2001");
	served_by(o, "2002");
	/* Who was not ready meanwhile, or on the phone, stands at the end again. */
	must(office_act(o, "2003 agent notReady"));
	must(office_act(o, "2003 agent ready"));
	served_by(o, "2001");
	must(switch_phone_dial(o->sw, "2002", "2004", NULL));
	must(switch_phone_hangup(o->sw, "2002", NULL));
	served_by(o, "2003");
	served_by(o, "2001");
	served_by(o, "2002");
	office_destroy(o);
}

static void callers_wait_in_order(void **state)
{
	(void)state;
	struct office *o = call_centre();
	static const char *const callers[] = {"5550001", "5550002", "5550003"};
	for (size_t i = 0; i < 3; i++)
		must(switch_phone_dial(o->sw, callers[i], "3000", NULL));
	must(switch_phone_hangup(o->sw, "5550002", NULL));
	on_duty(o, "2001", "7001");
	must(switch_phone_answer(o->sw, "2001", NULL));
	must(switch_phone_hangup(o->sw, "5550001", NULL));
	assert_string_equal(rings(o), "none"); /* wrap-up */
	must(office_act(o, "2001 agent ready"));
	must(switch_phone_answer(o->sw, "2001", NULL));
	assert_true(switch_phone_talks(o->sw, "5550003"));
	must(switch_phone_hangup(o->sw, "2001", NULL));
	assert_int_equal(switch_calls(o->sw), 0);
	office_destroy(o);
}

static void one_agent_two_queues(void **state)
{
	(void)state;
	struct office *o = call_centre();
	must(switch_phone_dial(o->sw, "5550001", "3001", NULL));
	must(switch_phone_dial(o->sw, "5550002", "3000", NULL));
	on_duty(o, "2001", "7001"); /* serves 3000 alone */
	assert_true(switch_phone_call(o->sw, "2001", CTI_CONNECTION_ALERTING) != NULL);
	on_duty(o, "2003", "7003");
	assert_true(switch_phone_call(o->sw, "2003", CTI_CONNECTION_ALERTING) != NULL);
	must(switch_phone_answer(o->sw, "2003", NULL));
	assert_true(switch_phone_talks(o->sw, "5550001"));
	office_closes(o);
	office_destroy(o);
}

/** Busy lasts as long as an ACD call does: on hold, through a consultation, until the transfer. */
static void busy_until_the_call_is_gone(void **state)
{
	(void)state;
	struct office *o = call_centre();
	on_duty(o, "2001", "7001");
	must(switch_phone_dial(o->sw, "5551234", "3000", NULL));
	must(switch_phone_answer(o->sw, "2001", NULL));
	o->log[0] = 0;
	must(switch_phone_hold(o->sw, "2001", NULL));
	must(switch_phone_retrieve(o->sw, "2001", NULL));
	must(switch_phone_consult(o->sw, "2001", "2004", NULL));
	must(switch_phone_answer(o->sw, "2004", NULL));
	assert_null(strstr(o->log, " A"));
	must(switch_phone_transfer(o->sw, "2001", NULL));
	assert_non_null(strstr(o->log, "2001 TR 2001(transfer)[n]; 2001 AW 2001"));
	office_closes(o);
	/* A call of one's own gives no agent event. */
	must(office_act(o, "2001 agent ready"));
	o->log[0] = 0;
	must(switch_phone_dial(o->sw, "2001", "2004", NULL));
	must(switch_phone_answer(o->sw, "2004", NULL));
	must(switch_phone_dial(o->sw, "5551234", "3000", NULL)); /* not to a phone in use */
	assert_string_equal(rings(o), "none");
	assert_null(strstr(o->log, " AB"));
	must(switch_phone_hangup(o->sw, "2001", NULL));
	assert_string_equal(rings(o), "2001");
	office_closes(o);
	office_destroy(o);
}

static void not_ready_while_it_rings(void **state)
{
	(void)state;
	struct office *o = call_centre();
	on_duty(o, "2001", "7001");
	must(switch_phone_dial(o->sw, "5551234", "3000", NULL));
	must(office_act(o, "2001 agent notReady"));
	o->log[0] = 0;
	must(switch_phone_answer(o->sw, "2001", NULL));
	must(switch_phone_hangup(o->sw, "2001", NULL));
	assert_non_null(strstr(o->log, "2001 AB 2001"));
	assert_non_null(strstr(o->log, "2001 AN 2001"));
	assert_null(strstr(o->log, "2001 AW"));
	office_destroy(o);
}

/** The log holds nothing but these reasons and states, so ask the switch too. */
static void pending_states_are_shown(void **state)
{
	(void)state;
	struct office *o = call_centre();
	struct cti_request r;
	on_duty(o, "2001", "7001");
	must(switch_phone_dial(o->sw, "5551234", "3000", NULL));
	must(switch_phone_answer(o->sw, "2001", NULL));
	cti_request_init(&r, CTI_SERVICE_SET_AGENT_STATE);
	r.device = "2001";
	r.agent_state = CTI_REQUEST_LOGGED_OFF;
	assert_int_equal(office_ask(o, &r)->pending_state, CTI_AGENT_NULL);
	r.agent_state = CTI_REQUEST_WORKING_AFTER_CALL; /* the later one counts */
	r.reason = "lunch";
	assert_int_equal(office_ask(o, &r)->pending_state, CTI_AGENT_WORKING_AFTER_CALL);
	cti_request_init(&r, CTI_SERVICE_GET_AGENT_STATE);
	r.device = "2001";
	const struct cti_agent_item *a = office_ask(o, &r)->agents;
	assert_int_equal(a->state, CTI_AGENT_BUSY);
	assert_int_equal(a->pending_state, CTI_AGENT_WORKING_AFTER_CALL);
	assert_true(a->logged_on);
	must(switch_phone_hangup(o->sw, "2001", NULL));
	a = office_ask(o, &r)->agents;
	assert_int_equal(a->state, CTI_AGENT_WORKING_AFTER_CALL);
	assert_int_equal(a->pending_state, CTI_AGENT_UNKNOWN);
	r.device = "3000";
	assert_int_equal(office_ask(o, &r)->agent_count, 1);
	r.device = "2004";
	assert_int_equal(office_ask(o, &r)->agent_count, 0);
	office_destroy(o);
}

static void logging_on_and_off(void **state)
{
	(void)state;
	struct office *o = call_centre();
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_SET_AGENT_STATE);
	r.device = "2004";
	r.agent_id = "7002";
	r.password = "secret";
	must(office_ask(o, &r)->code);
	assert_string_equal(office_ask(o, &r)->value, "featureAlreadySet");
	r.device = "2001";
	assert_string_equal(office_ask(o, &r)->value, "invalidDeviceState"); /* is at 2004 */
	r.device = "2004";
	r.agent_id = "7001";
	assert_string_equal(office_ask(o, &r)->value, "invalidDeviceState"); /* 7002 is there */
	r.agent_state = CTI_REQUEST_READY;
	assert_string_equal(office_ask(o, &r)->value, "invalidAgentState");
	r.agent_id = "7002";
	must(office_ask(o, &r)->code);
	assert_string_equal(office_ask(o, &r)->value, "featureAlreadySet");
	r.agent_state = CTI_REQUEST_LOGGED_OFF;
	must(office_ask(o, &r)->code);
	assert_string_equal(office_ask(o, &r)->value, "invalidAgentState");
	r.agent_state = (enum cti_requested_agent_state)9;
	assert_string_equal(office_ask(o, &r)->value, "valueOutOfRange");
	/* In which queue: the second one, which stands in its events. */
	r = (struct cti_request){.service = CTI_SERVICE_SET_AGENT_STATE,
	                         .device = "2003",
	                         .agent_id = "7003",
	                         .group = "3001"};
	must(office_ask(o, &r)->code);
	cti_request_init(&r, CTI_SERVICE_GET_AGENT_STATE);
	r.device = "2003";
	assert_string_equal(office_ask(o, &r)->agents[0].group.number, "3001");
	office_destroy(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(longest_idle_first),
	        cmocka_unit_test(callers_wait_in_order),
	        cmocka_unit_test(one_agent_two_queues),
	        cmocka_unit_test(busy_until_the_call_is_gone),
	        cmocka_unit_test(not_ready_while_it_rings),
	        cmocka_unit_test(pending_states_are_shown),
	        cmocka_unit_test(logging_on_and_off),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
