/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The switch against the ladders of the standard. A step is what somebody does; behind it
 * stands every report that it causes, in order (office.h).
 */
#include "tests/support/office.h"

#include <stdlib.h>
#include <string.h>

struct step {
	const char *does, *reports;
};

struct ladder {
	const char *name;
	const char *monitors; /* "2001 2002 3000 T1" */
	struct switch_config config;
	struct switch_extension at_2002;
	struct step steps[12];
};

static const struct ladder ladders[] = {
#include "tests/unit/switch_ladders.h"
#include "tests/unit/switch_ladders_more.h"
};

static void play(const struct ladder *l)
{
	struct office *o = office_create(&l->config, 42);
	char names[64], *save, *name;
	snprintf(names, sizeof names, "%s", l->monitors);
	assert_int_equal(switch_extension(o->sw, "2002", &l->at_2002, NULL), 0);
	for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save))
		assert_int_equal(office_monitor(o, name)->code, 0);
	for (size_t i = 0; i < 12 && l->steps[i].does; i++) {
		o->log[0] = 0;
		int code = office_act(o, l->steps[i].does);
		if (code == CTI_E_REFUSED) {
			strcat(o->log, "REFUSED");
			code = 0;
		}
		if (getenv("SHOW"))
			printf("# %s: {\"%s\",\n#   \"%s\"},\n", l->name, l->steps[i].does, o->log);
		else if (code || strcmp(o->log, l->steps[i].reports))
			fail_msg("%s: '%s' gives %d\n  got:      %s\n  expected: %s", l->name,
			         l->steps[i].does, code, o->log, l->steps[i].reports);
	}
	assert_int_equal(switch_calls(o->sw), 0);
	office_destroy(o);
}

static void flows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ladders / sizeof *ladders; i++)
		play(&ladders[i]);
}

/* ---- Identifiers and names ------------------------------------ */

/** Keeps the last event of a type. */
struct keeper {
	struct cti_event *kept[CTI_EVENT_TYPES];
};

static void keep(void *arg, const struct cti_event *e)
{
	struct keeper *k = arg;
	free(k->kept[e->type]);
	k->kept[e->type] = cti_event_copy(e);
	assert_non_null(k->kept[e->type]);
}

static void keeper_empty(struct keeper *k)
{
	for (size_t i = 0; i < CTI_EVENT_TYPES; i++)
		free(k->kept[i]);
}

static void ignore_reply(void *arg, const struct cti_reply *reply)
{
	*(int *)arg = reply->code;
}

static struct sim_client *keep_device(struct office *o, struct keeper *k, const char *number)
{
	static const struct switch_sink keeping = {keep, NULL};
	struct sim_client *c = NULL;
	struct cti_request r;
	int code = -1;
	assert_int_equal(switch_client_create(&c, o->sw, &keeping, k, NULL), 0);
	cti_request_init(&r, CTI_SERVICE_MONITOR_START);
	r.device = number;
	switch_request(c, &r, ignore_reply, &code);
	assert_int_equal(code, 0);
	return c;
}

static void assert_device(const struct cti_device *d, const char *text)
{
	assert_string_equal(office_device(d), text);
}

static void names_of_an_outside_call(void **state)
{
	(void)state;
	struct office *o = office_create(&(struct switch_config){0}, 1);
	struct keeper k = {0};
	struct sim_client *c = keep_device(o, &k, "2001");
	must(switch_phone_dial(o->sw, "5551234", "07552001", NULL));
	const struct cti_event *e = k.kept[CTI_EVENT_CALL_DELIVERED];
	assert_device(&e->subject, "2001");
	assert_device(&e->calling, "5551234");
	assert_device(&e->called, "2001");
	assert_device(&e->last_redirection, "-");
	assert_device(&e->network_calling, "5551234");
	assert_device(&e->network_called, "07552001");
	assert_device(&e->associated_calling, "T1");
	assert_device(&e->associated_called, "");
	assert_int_equal(e->connection.state, CTI_CONNECTION_ALERTING);
	assert_int_equal(strlen(e->connection.call_id), 8);
	assert_int_equal(e->global_call.length, 8);
	must(switch_phone_answer(o->sw, "2001", NULL));
	/* Out and blind to 2003: the caller stays visible, 2001 is the last redirection. */
	must(switch_phone_blind_transfer(o->sw, "2001", "2003", NULL));
	const struct cti_event *t = k.kept[CTI_EVENT_CALL_TRANSFERRED];
	assert_device(&t->subject, "2001");
	assert_device(&t->other, "2003");
	assert_string_equal(t->primary_old.call_id, e->connection.call_id);
	assert_null(t->secondary_old.call_id);
	assert_int_equal(t->item_count, 1);
	assert_device(&t->items[0].endpoint, "5551234");
	assert_device(&t->items[0].associated_nid, "T1");
	assert_string_not_equal(t->items[0].new_connection.call_id, e->connection.call_id);
	struct keeper k3 = {0};
	struct sim_client *c3 = keep_device(o, &k3, "2003");
	must(switch_phone_answer(o->sw, "2003", NULL));
	e = k3.kept[CTI_EVENT_CALL_ESTABLISHED];
	assert_device(&e->calling, "5551234");
	assert_device(&e->called, "2003");
	assert_device(&e->last_redirection, "2001");
	assert_device(&e->network_called, "07552001");
	assert_string_equal(e->connection.call_id, t->items[0].new_connection.call_id);
	must(switch_phone_hold(o->sw, "2003", NULL));
	must(switch_phone_hangup(o->sw, "5551234", NULL));
	/* A number that is withheld is said to be. */
	must(switch_outside(o->sw, "5559999", SWITCH_RINGS, 0, true, NULL));
	must(switch_phone_dial(o->sw, "5559999", "2003", NULL));
	e = k3.kept[CTI_EVENT_CALL_DELIVERED];
	assert_device(&e->calling, "restricted");
	must(switch_phone_hangup(o->sw, "5559999", NULL));
	assert_device(&k3.kept[CTI_EVENT_CALL_CONNECTION_CLEARED]->subject, "2003");
	switch_client_destroy(&c);
	switch_client_destroy(&c3);
	keeper_empty(&k);
	keeper_empty(&k3);
	office_destroy(o);
}

static void names_of_a_consulted_transfer(void **state)
{
	(void)state;
	struct office *o = office_create(&(struct switch_config){0}, 1);
	struct keeper a = {0}, b = {0};
	struct sim_client *ca = keep_device(o, &a, "2001"), *cb = keep_device(o, &b, "2002");
	must(switch_phone_dial(o->sw, "2001", "5551234", NULL));
	must(switch_phone_answer(o->sw, "5551234", NULL));
	struct cti_event *c1 = cti_event_copy(a.kept[CTI_EVENT_CALL_ESTABLISHED]);
	assert_device(&c1->associated_called, "T1");
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_CONSULTATION_CALL);
	r.connection.device_id = "2001";
	r.destination = "2002";
	r.correlator = (struct cti_octets){(const uint8_t *)"c2", 2};
	r.user_data = (struct cti_octets){(const uint8_t *)"hi", 2};
	must(office_ask(o, &r)->code);
	const struct cti_event *c2 = b.kept[CTI_EVENT_CALL_DELIVERED];
	assert_device(&c2->calling, "2001");
	assert_device(&c2->called, "2002");
	assert_memory_equal(c2->correlator.data, "c2", 2);
	assert_memory_equal(c2->user_data.data, "hi", 2);
	/* A global id of its own, the thread of the first. */
	assert_memory_not_equal(c2->global_call.data, c1->global_call.data, 8);
	assert_memory_equal(c2->thread.data, c1->thread.data, 8);
	must(switch_phone_transfer(o->sw, "2001", NULL));
	const struct cti_event *t = b.kept[CTI_EVENT_CALL_TRANSFERRED];
	assert_string_equal(t->primary_old.call_id, c1->connection.call_id);
	assert_string_equal(t->primary_old.device_id, "2001");
	assert_string_equal(t->secondary_old.call_id, c2->connection.call_id);
	assert_device(&t->subject, "2001");
	assert_device(&t->other, "2002");
	assert_int_equal(t->item_count, 2);
	assert_string_equal(t->items[0].new_connection.device_id, "T1");
	assert_string_equal(t->items[0].old_connection.call_id, c1->connection.call_id);
	assert_string_equal(t->items[1].old_connection.call_id, c2->connection.call_id);
	assert_int_equal(t->items[1].new_connection.state, CTI_CONNECTION_ALERTING);
	/* The first call's linkage goes on, the second's is over (17.2.18). */
	assert_memory_equal(t->global_call.data, c1->global_call.data, 8);
	assert_memory_equal(t->old_global_call.data, c2->global_call.data, 8);
	assert_memory_equal(t->old_thread.data, c2->thread.data, 8);
	must(switch_phone_answer(o->sw, "2002", NULL));
	const struct cti_event *e = b.kept[CTI_EVENT_CALL_ESTABLISHED];
	assert_device(&e->calling, "5551234");
	assert_device(&e->associated_calling, "T1");
	assert_device(&e->called, "2002");
	assert_device(&e->last_redirection, "2001");
	assert_memory_equal(e->global_call.data, c1->global_call.data, 8);
	assert_null(e->user_data.data);                   /* given once */
	assert_memory_equal(e->correlator.data, "c2", 2); /* the first call had none */
	/* Old ids are dead. */
	cti_request_init(&r, CTI_SERVICE_SNAPSHOT_CALL);
	r.connection.call_id = c1->connection.call_id;
	assert_string_equal(office_ask(o, &r)->value, "invalidCallID");
	must(switch_phone_hangup(o->sw, "2002", NULL));
	free(c1);
	switch_client_destroy(&ca);
	switch_client_destroy(&cb);
	keeper_empty(&a);
	keeper_empty(&b);
	office_destroy(o);
}

/* ---- Monitors and snapshots ---------------------------------------------------------------- */

static void filters_and_stops(void **state)
{
	(void)state;
	struct office *o = office_create(&(struct switch_config){0}, 1);
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_MONITOR_START);
	r.device = "2001";
	r.monitor_filter = UINT64_C(1) << CTI_EVENT_CALL_ORIGINATED; /* a bit keeps away: 15.1.2 */
	must(office_monitor_as(o, &r, "a")->code);
	must(switch_phone_dial(o->sw, "2001", "2002", NULL));
	assert_string_equal(o->log, "a SI 2001(newCall)[i]; a DE 2002(newCall)[c]");
	cti_request_init(&r, CTI_SERVICE_CHANGE_MONITOR_FILTER);
	r.monitor = o->monitors[0].xref;
	r.monitor_filter = UINT64_C(1)
	                   << CTI_EVENT_CALL_ESTABLISHED; /* the whole filter is replaced */
	must(office_ask(o, &r)->code);
	o->log[0] = 0;
	must(switch_phone_answer(o->sw, "2002", NULL));
	assert_string_equal(o->log, "");
	r.service = CTI_SERVICE_MONITOR_STOP;
	must(office_ask(o, &r)->code);
	assert_int_equal(office_ask(o, &r)->code, CTI_E_REFUSED);
	must(switch_phone_hangup(o->sw, "2002", NULL));
	assert_string_equal(o->log, "");
	must(office_monitor(o, "2001")->code);
	assert_string_not_equal(o->monitors[1].xref, o->monitors[0].xref); /* never reused */
	switch_fault_monitor(o->sw, "2002", true);
	assert_string_equal(office_monitor(o, "2002")->value, "objectMonitorLimitExceeded");
	assert_int_equal(o->reply->category, CTI_CATEGORY_SUBSCRIBED_RESOURCE);
	switch_fault_monitor(o->sw, "2002", false);
	must(office_monitor(o, "2002")->code);
	office_destroy(o);
}

/** 4.1: device-type stops with the device, call-type goes on; call objects end with their call. */
static void types_of_monitors(void **state)
{
	(void)state;
	struct office *o = office_create(&(struct switch_config){0}, 1);
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_MONITOR_START);
	r.device = "2001";
	must(office_monitor_as(o, &r, "dd")->code);
	r.call_type = true;
	must(office_monitor_as(o, &r, "dc")->code);
	must(switch_phone_dial(o->sw, "5551234", "2001", NULL));
	cti_request_init(&r, CTI_SERVICE_MONITOR_START);
	r.connection.call_id = switch_phone_call(o->sw, "2001", CTI_CONNECTION_ALERTING);
	r.connection.device_id = "2001";
	must(office_monitor_as(o, &r, "cd")->code);
	r.call_type = true;
	must(office_monitor_as(o, &r, "cc")->code);
	o->log[0] = 0;
	must(switch_phone_answer(o->sw, "2001", NULL));
	assert_string_equal(o->log, "dd ES 2001(newCall)[c]; dc ES 2001(newCall); "
	                            "cd ES 2001(newCall)[c]; cc ES 2001(newCall)");
	/* The consultation is not part of the call, what comes of it is. */
	o->log[0] = 0;
	must(switch_phone_consult(o->sw, "2001", "2002", NULL));
	assert_null(strstr(o->log, "cc SI"));
	assert_non_null(strstr(o->log, "dc SI"));
	o->log[0] = 0;
	must(switch_phone_transfer(o->sw, "2001", NULL));
	assert_string_equal(o->log, "dd TR 2001(transfer)[n]; dc TR 2001(transfer); "
	                            "cd TR 2001(transfer)[n]; cd STOPPED; cc TR 2001(transfer)");
	o->log[0] = 0;
	must(switch_phone_answer(o->sw, "2002", NULL));
	assert_string_equal(o->log, "dc ES 2002(newCall); cc ES 2002(newCall)");
	o->log[0] = 0;
	must(switch_phone_hangup(o->sw, "2002", NULL));
	assert_string_equal(o->log,
	                    "dc CC 2002(normalClearing); cc CC 2002(normalClearing); "
	                    "dc CC 5551234(normalClearing); cc CC 5551234(normalClearing); "
	                    "dc CALL (normalClearing); cc CALL (normalClearing); cc STOPPED");
	office_destroy(o);
}

static void snapshots(void **state)
{
	(void)state;
	struct office *o = office_create(&(struct switch_config){0}, 1);
	struct cti_request r;
	must(switch_phone_dial(o->sw, "5551234", "2001", NULL));
	must(switch_phone_answer(o->sw, "2001", NULL));
	must(switch_phone_consult(o->sw, "2001", "2002", NULL));
	cti_request_init(&r, CTI_SERVICE_SNAPSHOT_DEVICE);
	r.device = "2001";
	const struct cti_reply *reply = office_ask(o, &r);
	must(reply->code);
	assert_int_equal(reply->snapshot_count, 2);
	assert_int_equal(reply->snapshot[0].connection.state, CTI_CONNECTION_HOLD);
	assert_int_equal(reply->snapshot[0].other_count, 1);
	assert_int_equal(reply->snapshot[0].other_states[0], CTI_CONNECTION_CONNECTED);
	assert_int_equal(reply->snapshot[1].connection.state, CTI_CONNECTION_CONNECTED);
	assert_int_equal(reply->snapshot[1].other_states[0], CTI_CONNECTION_ALERTING);
	struct cti_reply *first = cti_reply_copy(reply);
	cti_request_init(&r, CTI_SERVICE_SNAPSHOT_CALL);
	r.connection.call_id = first->snapshot[0].connection.call_id;
	reply = office_ask(o, &r);
	must(reply->code);
	assert_int_equal(reply->snapshot_count, 2);
	assert_string_equal(reply->snapshot[0].connection.device_id, "T1");
	assert_device(&reply->snapshot[0].device, "5551234");
	assert_device(&reply->snapshot[1].device, "2001");
	assert_device(&reply->calling, "5551234");
	assert_device(&reply->called, "2001");
	cti_request_init(&r, CTI_SERVICE_GET_AGENT_STATE);
	r.device = "3000";
	assert_int_equal(office_ask(o, &r)->agent_count, 0);
	must(switch_phone_agent(o->sw, "2001", CTI_REQUEST_LOGGED_ON, "7001", NULL, NULL));
	reply = office_ask(o, &r);
	assert_int_equal(reply->agent_count, 1);
	assert_string_equal(reply->agents[0].agent_id, "7001");
	assert_int_equal(reply->agents[0].state, CTI_AGENT_NOT_READY);
	assert_device(&reply->agents[0].group, "3000");
	cti_request_init(&r, CTI_SERVICE_REQUEST_SYSTEM_STATUS);
	assert_string_equal(office_ask(o, &r)->system_status, "normal");
	free(first);
	must(switch_phone_hangup(o->sw, "2001", NULL));
	must(switch_phone_hangup(o->sw, "2001", NULL));
	office_destroy(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(flows),
	        cmocka_unit_test(names_of_an_outside_call),
	        cmocka_unit_test(names_of_a_consulted_transfer),
	        cmocka_unit_test(filters_and_stops),
	        cmocka_unit_test(types_of_monitors),
	        cmocka_unit_test(snapshots),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
