/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/model_play.h"

static const char *const three[] = {"2001", "2002", "2003", NULL};

/* Flow F1 as the monitors of both sides tell it: each fact once. */
static void basic_call_is_told_once(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	says(p, "2001: service-initiated c1/2001 local=initiated cause=makeCall");
	says(p, "2001: originated c1/2001 calling=2001 called=2002 local=connected");
	says(p, "2001: delivered c1/2002 calling=2001 called=2002 local=connected");
	says(p, "2002: delivered c1/2002 calling=2001 called=2002 local=alerting");
	says(p, "2002: established c1/2002 calling=2001 called=2002 local=connected");
	says(p, "2001: established c1/2002 calling=2001 called=2002 local=connected");
	heard(p, "service-initiated c1/2001 initiated i1\n"
	         "originated c1/2001 connected i1\n"
	         "delivered c1/2002 alerting i1\n"
	         "established c1/2002 connected i1");
	state_has(p, "device/2001",
	          "\"partners\":[{\"callID\":\"c1\",\"deviceID\":\"2002\","
	          "\"state\":\"connected\"}]");
	says(p, "2001: connection-cleared c1/2002 local=connected cause=normalClearing");
	says(p, "2002: connection-cleared c1/2002 local=null cause=normalClearing");
	says(p, "2001: connection-cleared c1/2001 local=null cause=normalClearing");
	heard(p, "connection-cleared c1/2002 null i1\n"
	         "connection-cleared c1/2001 null i1\n"
	         "cleared c1/ = i1\n"
	         "interaction.ended i1");
	state_has(p, "device/2001", "\"calls\":[]");
	/* A call monitor would say so too. */
	says(p, "2003: cleared c1");
	heard(p, "");
	assert_int_equal(p->model->stats.anomalies, 0);
	assert_int_equal(p->model->stats.merged, 4);
	play_end(&p);
}

static void established(struct play *p)
{
	says(p, "2001: originated c1/2001 calling=2001 called=2002");
	says(p, "2001: delivered c1/2002 calling=2001 called=2002");
	says(p, "2001: established c1/2002 calling=2001 called=2002");
	says(p, "2002: delivered c1/2002 calling=2001 called=2002");
	says(p, "2002: established c1/2002 calling=2001 called=2002");
	forget_heard(p);
}

/* The same verb at the same connection is another fact when something came between. */
static void held_again_is_another_fact(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	established(p);
	says(p, "2001: held c1/2001 local=hold");
	says(p, "2001: retrieved c1/2001 local=connected");
	says(p, "2001: held c1/2001 local=hold");
	/* The other monitor is late with all of it. */
	says(p, "2002: held c1/2001 local=connected");
	says(p, "2002: retrieved c1/2001 local=connected");
	says(p, "2002: held c1/2001 local=connected");
	heard(p, "held c1/2001 hold i1\n"
	         "retrieved c1/2001 connected i1\n"
	         "held c1/2001 hold i1");
	state_has(p, "device/2001", "\"state\":\"hold\"");
	/* Now it is ahead. */
	says(p, "2002: retrieved c1/2001 local=connected");
	says(p, "2001: retrieved c1/2001 local=connected");
	heard(p, "retrieved c1/2001 connected i1");
	assert_int_equal(p->model->stats.anomalies, 0);
	play_end(&p);
}

/* Who joins later did not see the first hold: his first report of one is of the second. */
static void late_joiner_does_not_take_the_second_for_the_first(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	established(p);
	says(p, "2001: held c1/2001");
	says(p, "2001: retrieved c1/2001");
	says(p, "2001: conferenced c1/2001 subject=2001 to=2003 old=c1/2001 item=c1/2001 "
	        "item=c1/2002 item=c1/2003");
	forget_heard(p);
	says(p, "2003: held c1/2001");
	heard(p, "held c1/2001 hold i1");
	says(p, "2001: held c1/2001");
	heard(p, "");
	play_end(&p);
}

/* Nor does a monitor that was started again in the middle of the call. */
static void new_monitor_tells_from_its_start(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	established(p);
	says(p, "2001: held c1/2001");
	says(p, "2001: retrieved c1/2001");
	forget_heard(p);
	wait_us(p, 1000000);
	struct device *d = model_device_find(p->model, "2002");
	d->monitor->monitored = NULL;
	name_put(&p->model->names, &d->monitor);
	d->monitor = name_get(&p->model->names, "mk");
	d->monitor->monitored = d;
	d->monitor_since = clock_now(p->clock);
	says(p, "k: held c1/2001");
	heard(p, "held c1/2001 hold i1");
	says(p, "2001: held c1/2001");
	heard(p, "");
	play_end(&p);
}

/* What a monitor says of its own device is as old as the report. */
static void stale_local_state_is_not_taken(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	established(p);
	says(p, "2002: held c1/2001 local=connected");
	says(p, "2001: information c1/2002 local=connected");
	state_has(p, "device/2001", "\"state\":\"hold\"");
	/* Of what nobody reports it is the only word: no Originated ever came (Panasonic). */
	says(p, "2003: service-initiated c2/2003 local=initiated");
	says(p, "2003: delivered c2/5551234 local=connected");
	state_has(p, "device/2003", "\"state\":\"connected\"");
	play_end(&p);
}

/* What one monitor alone tells does not set it ahead of what others told before. */
static void lagging_monitor_may_tell_something_new(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	established(p);
	says(p, "2001: held c1/2001 cause=keyOperation");
	says(p, "2001: retrieved c1/2001");
	forget_heard(p);
	says(p, "2002: information c1/2002 digits=5");
	says(p, "2002: held c1/2001");
	says(p, "2002: retrieved c1/2001");
	heard(p, "information c1/2002 connected i1");
	/* It lost one: what it tells after that is not taken for what it lost. */
	says(p, "2001: held c1/2001");
	says(p, "2002: retrieved c1/2001");
	says(p, "2002: held c1/2001");
	heard(p, "held c1/2001 hold i1\n"
	         "retrieved c1/2001 connected i1\n"
	         "held c1/2001 hold i1");
	play_end(&p);
}

static void switch_repeats_itself(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	established(p);
	says(p, "2002: established c1/2002 calling=2001 called=2002");
	says(p, "2001: held c1/2001 cause=keyOperation");
	says(p, "2001: held c1/2001 cause=keyOperation");
	heard(p, "held c1/2001 hold i1");
	/* Digits are content, not a state: each report says more. */
	says(p, "2003: service-initiated c5/2003");
	says(p, "2003: digits-dialed c5/2003 digits=9");
	says(p, "2003: digits-dialed c5/2003 digits=91");
	says(p, "2003: digits-dialed c5/2003 digits=91");
	heard(p, "service-initiated c5/2003 initiated i2\n"
	         "digits-dialed c5/2003 initiated i2\n"
	         "digits-dialed c5/2003 initiated i2");
	play_end(&p);
}

static void reused_id_is_another_call(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	established(p);
	says(p, "2001: connection-cleared c1/2002");
	says(p, "2001: connection-cleared c1/2001");
	/* Late words of the other monitor are about the first call ... */
	says(p, "2002: connection-cleared c1/2002");
	heard(p, "connection-cleared c1/2002 null i1\n"
	         "connection-cleared c1/2001 null i1\n"
	         "cleared c1/ = i1\n"
	         "interaction.ended i1");
	/* ... this is about a second one with its id. */
	says(p, "2002: delivered c1/2002 calling=2003 called=2002");
	says(p, "2003: delivered c1/2002 calling=2003 called=2002");
	heard(p, "delivered c1/2002 alerting i2");
	assert_int_equal(p->model->stats.calls_begun, 2);
	play_end(&p);
}

static void monitor_that_lags_across_the_end_is_merged(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	says(p, "2001: originated c1/2001 calling=2001 called=2002");
	says(p, "2001: delivered c1/2002 calling=2001 called=2002");
	says(p, "2001: established c1/2002");
	says(p, "2001: connection-cleared c1/2002");
	says(p, "2001: connection-cleared c1/2001");
	forget_heard(p);
	says(p, "2002: delivered c1/2002 calling=2001 called=2002 local=alerting");
	says(p, "2002: established c1/2002 local=connected");
	says(p, "2002: connection-cleared c1/2002 local=null");
	heard(p, "");
	assert_int_equal(p->model->stats.calls_begun, 1);
	state_has(p, "device/2002", "\"calls\":[]");
	play_end(&p);
}

/* Applied, flagged, counted, to be healed: never dropped. */
static void unknown_transition_is_applied(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	says(p, "2002: delivered c1/2002 calling=2001 called=2002");
	says(p, "2002: held c1/2002");
	heard(p, "delivered c1/2002 alerting i1\n"
	         "held c1/2002 hold ! i1");
	state_has(p, "device/2002", "\"state\":\"hold\"");
	assert_int_equal(p->model->stats.anomalies, 1);
	assert_int_equal(p->healed, 1);
	play_end(&p);
}

static void caller_outside_leaves_and_the_call_ends(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	says(p, "2002: delivered c1/T1 calling=5551234 called=2002");
	says(p, "2002: delivered c2/2002 calling=5551234 called=2002");
	forget_heard(p);
	says(p, "2002: established c2/2002");
	says(p, "2002: connection-cleared c2/T9 cause=normalClearing");
	says(p, "2002: connection-cleared c2/2002 cause=normalClearing");
	heard(p, "established c2/2002 connected i2\n"
	         "connection-cleared c2/T9 null i2\n"
	         "connection-cleared c2/2002 null i2\n"
	         "cleared c2/ = i2\n"
	         "interaction.ended i2");
	play_end(&p);
}

/* Deflected to where nobody looks: it goes on until somebody says where. */
static void diverted_out_of_sight_goes_on(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	says(p, "2002: delivered c1/2002 calling=5551234 called=2002");
	says(p, "2002: diverted c1/2002 to=2009 cause=redirected");
	heard(p, "delivered c1/2002 alerting i1\ndiverted c1/2002 null i1");
	assert_int_equal(p->healed, 1);
	assert_false(model_call_find(p->model, "c1")->over);
	says(p, "2003: delivered c1/2003 calling=5551234 called=2002 redirected=2009");
	heard(p, "delivered c1/2003 alerting i1");
	play_end(&p);
}

static void numbers_are_canonical(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	p->dialplan = (struct pbx_dialplan){
	        .country = "86", .area = "755", .outside = "0", .extension_digits = 5};
	says(p, "2001: delivered c1/N<2001>;noa=nk calling=tel:+86-755-88880001 called=N<2001>Ann");
	heard(p, "delivered c1/2001 alerting i1");
	assert_non_null(strstr(p->last_json, "\"callingDevice\":{\"number\":\"+8675588880001\""));
	assert_non_null(strstr(p->last_json, "\"subjects\":{\"device/2001\":1,"));
	struct cti_connection c = {.call_id = "c1", .device_id = "2001"};
	model_connection_received(p->model, &c);
	assert_string_equal(c.device_id, "N<2001>;noa=nk");
	play_end(&p);
}

static void queue_and_agent(void **state)
{
	(void)state;
	static const char *const devices[] = {"3000", "2001", NULL};
	struct play *p = play_begin(devices);
	says(p, "2001: agent.logged-on subject=2001 agent=7001 group=3000");
	says(p, "3000: agent.logged-on subject=2001 agent=7001 group=3000");
	says(p, "2001: agent.not-ready subject=2001 agent=7001");
	heard(p, "agent.logged-on 7001\nagent.not-ready 7001");
	state_has(p, "queue/3000", "\"agents\":{\"loggedOn\":1,\"notReady\":1,\"ready\":0");
	says(p, "3000: delivered c1/3000 calling=5551234 called=3000 cause=enteringDistribution");
	says(p, "3000: queued c1/3000 calling=5551234 called=3000 cause=noAvailableAgents");
	state_has(p, "queue/3000", "\"waiting\":1,\"longestSince\":");
	says(p, "2001: agent.ready subject=2001 agent=7001");
	says(p, "3000: diverted c1/3000 to=2001 cause=distributed");
	forget_heard(p);
	says(p, "2001: delivered c1/2001 calling=5551234 called=3000 redirected=3000 "
	        "cause=distributed");
	heard(p, "delivered c1/2001 alerting i1");
	/* Design, section 7: the ring is on the device, its agent, the queue, the interaction. */
	assert_non_null(strstr(p->last_json, "\"device/2001\":"));
	assert_non_null(strstr(p->last_json, "\"agent/7001\":"));
	assert_non_null(strstr(p->last_json, "\"queue/3000\":"));
	assert_non_null(strstr(p->last_json, "\"interaction/"));
	state_has(p, "queue/3000",
	          "\"waiting\":0,\"agents\":{\"loggedOn\":1,\"notReady\":0,\"ready\":1");
	says(p, "2001: established c1/2001");
	says(p, "2001: agent.busy subject=2001 agent=7001");
	says(p, "2001: connection-cleared c1/2001");
	says(p, "2001: agent.working-after-call subject=2001 agent=7001");
	says(p, "2001: agent.ready subject=2001 agent=7001");
	says(p, "2001: agent.not-ready subject=2001 agent=7001 reason=lunch");
	says(p, "3000: agent.not-ready subject=2001 agent=7001 reason=lunch");
	says(p, "2001: agent.not-ready subject=2001 agent=7001 reason=meeting");
	forget_heard(p);
	state_has(p, "agent/7001",
	          "\"state\":\"notReady\",\"device\":\"2001\",\"groups\":[\"3000\"],"
	          "\"reason\":\"meeting\"");
	says(p, "2001: agent.logged-off subject=2001 agent=7001");
	heard(p, "agent.logged-off 7001");
	state_has(p, "agent/7001", "\"state\":\"null\",\"groups\":[]");
	state_has(p, "queue/3000", "\"loggedOn\":0");
	assert_int_equal(p->model->stats.anomalies, 0);
	play_end(&p);
}

static void two_steps_to_log_on(void **state)
{
	(void)state;
	static const char *const devices[] = {"2001", NULL};
	struct play *p = play_begin(devices);
	says(p, "2001: agent.logged-on subject=2001 agent=7001");
	says(p, "2001: agent.ready subject=2001 agent=7001");
	says(p, "2001: agent.logged-on subject=2001 agent=7001 group=3000");
	says(p, "2001: agent.logged-on subject=2001 agent=7001 group=3001");
	state_has(p, "agent/7001",
	          "\"state\":\"ready\",\"device\":\"2001\","
	          "\"groups\":[\"3000\",\"3001\"]");
	says(p, "2001: agent.logged-off subject=2001 agent=7001 group=3000");
	state_has(p, "agent/7001", "\"state\":\"ready\",\"device\":\"2001\",\"groups\":[\"3001\"]");
	says(p, "2001: agent.logged-off subject=2001 agent=7001 group=3001");
	state_has(p, "agent/7001", "\"state\":\"null\"");
	/* Some switches name the device alone, and tell no log on (Panasonic). */
	forget_heard(p);
	says(p, "2001: agent.ready subject=2001");
	heard(p, "agent.ready 2001");
	assert_int_equal(p->model->stats.anomalies, 0);
	play_end(&p);
}

/* Without monitors a switch tells each fact once, and all of them. */
static void switch_without_monitors(void **state)
{
	(void)state;
	struct play *p = play_begin(NULL);
	p->model->all_seen = true;
	says(p, "-: originated c1/2001 calling=2001 called=2002");
	says(p, "-: delivered c1/2002 calling=2001 called=2002");
	says(p, "-: established c1/2002");
	says(p, "-: held c1/2001");
	says(p, "-: retrieved c1/2001");
	says(p, "-: held c1/2001");
	says(p, "-: connection-cleared c1/2001");
	heard(p, "originated c1/2001 connected i1\ndelivered c1/2002 alerting i1\n"
	         "established c1/2002 connected i1\nheld c1/2001 hold i1\n"
	         "retrieved c1/2001 connected i1\nheld c1/2001 hold i1\n"
	         "connection-cleared c1/2001 null i1");
	says(p, "-: connection-cleared c1/2002");
	heard(p, "connection-cleared c1/2002 null i1\ncleared c1/ = i1\ninteraction.ended i1");
	play_end(&p);
}

static void calls_have_a_limit(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	p->model->max_calls = 2;
	says(p, "2001: delivered c1/2001 calling=5551");
	says(p, "2002: delivered c2/2002 calling=5552");
	forget_heard(p);
	/* Told all the same, though not tracked. */
	says(p, "2003: delivered c3/2003 calling=5553");
	heard(p, "delivered c3/2003 unknown !");
	assert_int_equal(p->model->stats.over_limit, 1);
	says(p, "2001: connection-cleared c1/2001");
	forget_heard(p);
	/* One that ended makes room at once, however late reports may be. */
	says(p, "2003: delivered c4/2003 calling=5553");
	heard(p, "delivered c4/2003 alerting i3");
	play_end(&p);
}

static void malformed_reports_are_counted(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	char long_id[600] = "2001: delivered ";
	memset(long_id + strlen(long_id), 'x', 400);
	strcat(long_id, "/2001");
	says(p, long_id);
	heard(p, "");
	assert_int_equal(p->model->stats.malformed, 1);
	says(p, "2001: delivered subject=2001 calling=5551");
	heard(p, "delivered !");
	says(p, "2001: interaction.ended subject=2001");
	heard(p, "");
	says(p, "2001: device.out-of-service subject=2001");
	says(p, "2002: device.out-of-service subject=2001");
	heard(p, "device.out-of-service");
	state_has(p, "device/2001", "\"inService\":false");
	play_end(&p);
}

/* Snapshot of a device: what vanished, what is new, what changed. */
static void snapshot_tells_the_difference(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	established(p);
	says(p, "2003: delivered c2/2003 calling=5551234 called=2003");
	forget_heard(p);
	model_stale(p->model);
	state_has(p, "device/2001", "\"current\":false");
	const struct cti_snapshot_item at_2001[] = {
	        {.connection = {"c1", "2001", false, CTI_CONNECTION_HOLD}},
	        {.connection = {"c9", "2001", false, CTI_CONNECTION_CONNECTED}},
	};
	model_device_snapshot(p->model, model_device_find(p->model, "2001"), at_2001, 2, NULL,
	                      NULL);
	heard(p, "held c1/2001 hold ~ i1\nestablished c9/2001 connected ~ i3");
	model_device_snapshot(p->model, model_device_find(p->model, "2003"), NULL, 0, NULL, NULL);
	heard(p, "connection-cleared c2/2003 null ~ i2\ncleared c2/ ~= i2\n"
	         "interaction.ended ~ i2");
	model_device_current(p->model, model_device_find(p->model, "2003"));
	state_has(p, "device/2003", "\"current\":true");
	/* The report of what was found comes late: it is the same fact. */
	says(p, "2001: held c1/2001 local=hold");
	heard(p, "");
	/* Nothing changed: nothing is told. */
	model_device_snapshot(p->model, model_device_find(p->model, "2001"), at_2001, 2, NULL,
	                      NULL);
	heard(p, "");
	play_end(&p);
}

static void snapshot_of_a_call(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	established(p);
	const struct cti_snapshot_item parties[] = {
	        {.connection = {"c1", "2001", false, CTI_CONNECTION_CONNECTED}},
	        {.connection = {"c1", "2003", false, CTI_CONNECTION_ALERTING}},
	};
	struct cti_reply reply;
	cti_reply_init(&reply);
	reply.snapshot = parties;
	reply.snapshot_count = 2;
	model_call_snapshot(p->model, "c1", &reply);
	heard(p, "delivered c1/2003 alerting ~ i1\nconnection-cleared c1/2002 null ~ i1");
	model_call_gone(p->model, model_call_find(p->model, "c1"));
	struct cti_error error = {0};
	assert_true(model_check(p->model, &error));
	heard(p, "connection-cleared c1/2003 null ~ i1\nconnection-cleared c1/2001 null ~ i1\n"
	         "cleared c1/ ~= i1\ninteraction.ended ~ i1");
	play_end(&p);
}

static void agents_snapshot(void **state)
{
	(void)state;
	struct play *p = play_begin(three);
	struct device *d = model_device_find(p->model, "2001");
	struct cti_agent_item items[] = {{.agent_id = "7001",
	                                  .group = {.status = CTI_DEVICE_NUMBER, .number = "3000"},
	                                  .logged_on = true,
	                                  .state = CTI_AGENT_READY,
	                                  .pending_state = CTI_AGENT_NOT_READY}};
	model_agents_snapshot(p->model, d, items, 1);
	heard(p, "agent.logged-on 7001 ~\nagent.ready 7001 ~");
	state_has(p, "agent/7001", "\"state\":\"ready\",\"pendingState\":\"notReady\"");
	model_agents_snapshot(p->model, d, items, 1);
	heard(p, "");
	/* The group lists its members; they stay where they sit. */
	struct device *group = model_device_find(p->model, "3000");
	model_agents_snapshot(p->model, group, items, 1);
	heard(p, "");
	items[0].state = CTI_AGENT_BUSY;
	model_agents_snapshot(p->model, group, items, 1);
	heard(p, "agent.busy 7001 ~");
	state_has(p, "agent/7001",
	          "\"state\":\"busy\",\"pendingState\":\"notReady\",\"device\":\"2001\"");
	items[0].agent_id = "7002";
	model_agents_snapshot(p->model, group, items, 1);
	heard(p, "agent.logged-on 7002 ~\nagent.busy 7002 ~\nagent.logged-off 7001 ~");
	model_agents_snapshot(p->model, d, NULL, 0);
	heard(p, "");
	items[0].agent_id = "7001";
	items[0].group.status = CTI_DEVICE_ABSENT;
	model_agents_snapshot(p->model, d, items, 1);
	forget_heard(p);
	model_agents_snapshot(p->model, d, NULL, 0);
	heard(p, "agent.logged-off 7001 ~");
	play_end(&p);
}

/* ---- whatever comes ----------------------------------------------------------------------------
 */

static uint64_t random_state;
static unsigned chance(unsigned of)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(random_state >> 33) % of;
}

static const char *const numbers[] = {"2001", "2002", "2003", "3000", "5551234", "T1", "*"};
static const char *const calls[] = {"c1", "c2", "c3", "c4", "c5"};
static const char *const causes[] = {"newCall",      "enteringDistribution", "distributed",
                                     "consultation", "singleStepTransfer",   "park"};
#define ONE_OF(array) (array)[chance(sizeof(array) / sizeof *(array))]

static struct cti_connection any_connection(void)
{
	return (struct cti_connection){
	        .call_id = chance(20) ? ONE_OF(calls) : NULL,
	        .device_id = chance(12) ? ONE_OF(numbers) : NULL,
	        .dynamic = !chance(10),
	        .state = (enum cti_connection_state)((int)chance(8) - 1),
	};
}

static struct cti_device any_device(void)
{
	return (struct cti_device){.status = (enum cti_device_status)chance(6),
	                           .number = chance(8) ? ONE_OF(numbers) : NULL};
}

static void any_report(struct play *p)
{
	struct cti_connection_item items[4];
	struct cti_event e;
	cti_event_init(&e, (enum cti_event_type)chance(chance(3) ? CTI_EVENT_AGENT_LOGGED_ON
	                                                         : CTI_EVENT_TYPES));
	char monitor[16];
	snprintf(monitor, sizeof monitor, "m%s", ONE_OF(numbers));
	e.monitor = chance(10) ? monitor : NULL;
	e.connection = any_connection();
	e.local_state = (enum cti_connection_state)((int)chance(8) - 1);
	e.subject = any_device();
	e.calling = any_device();
	e.called = any_device();
	e.last_redirection = any_device();
	e.other = any_device();
	e.cause = ONE_OF(causes);
	e.primary_old = any_connection();
	e.secondary_old = any_connection();
	e.item_count = chance(5);
	for (size_t i = 0; i < e.item_count; i++)
		items[i] = (struct cti_connection_item){.new_connection = any_connection(),
		                                        .old_connection = any_connection(),
		                                        .endpoint = any_device()};
	e.items = items;
	e.agent_id = chance(3) ? ONE_OF(numbers) : NULL;
	e.group = any_device();
	if (!chance(4)) {
		e.global_call.data = (const uint8_t *)ONE_OF(calls);
		e.global_call.length = 2;
	}
	model_event(p->model, &e);
}

static void any_snapshot(struct play *p)
{
	struct cti_snapshot_item items[4];
	struct cti_reply reply;
	cti_reply_init(&reply);
	reply.snapshot = items;
	reply.snapshot_count = chance(5);
	for (size_t i = 0; i < reply.snapshot_count; i++)
		items[i] = (struct cti_snapshot_item){.connection = any_connection(),
		                                      .device = any_device()};
	struct call *call = model_call_find(p->model, ONE_OF(calls));
	if (chance(2))
		model_call_snapshot(p->model, ONE_OF(calls), &reply);
	else if (call && !call->over && !chance(3))
		model_call_gone(p->model, call);
	else
		model_device_snapshot(p->model, model_device_find(p->model, three[chance(3)]),
		                      items, reply.snapshot_count, NULL, NULL);
}

/* No crash, nothing inconsistent, and in the end everything ends. */
static void random_reports(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct play *p = play_begin(three);
		struct cti_error error = {0};
		random_state = seed;
		for (int i = 0; i < 2000; i++) {
			if (chance(20))
				any_report(p);
			else
				any_snapshot(p);
			if (!chance(50))
				wait_us(p, 3000000);
			forget_heard(p);
			if (!model_check(p->model, &error))
				fail_msg("seed %d, step %d: %s", (int)seed, i, error.text);
		}
		for (struct call *call; (call = TAILQ_FIRST(&p->model->live));)
			model_call_gone(p->model, call);
		forget_heard(p);
		assert_int_equal(p->model->stats.calls_begun, p->model->stats.calls_ended);
		struct device *d;
		TAILQ_FOREACH (d, &p->model->devices, all)
			assert_true(LIST_EMPTY(&d->conns));
		/* Every interaction began and ended with its calls. */
		assert_int_equal(p->interactions->pool.used, 0);
		play_end(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(basic_call_is_told_once),
	        cmocka_unit_test(held_again_is_another_fact),
	        cmocka_unit_test(late_joiner_does_not_take_the_second_for_the_first),
	        cmocka_unit_test(new_monitor_tells_from_its_start),
	        cmocka_unit_test(stale_local_state_is_not_taken),
	        cmocka_unit_test(lagging_monitor_may_tell_something_new),
	        cmocka_unit_test(switch_repeats_itself),
	        cmocka_unit_test(reused_id_is_another_call),
	        cmocka_unit_test(monitor_that_lags_across_the_end_is_merged),
	        cmocka_unit_test(unknown_transition_is_applied),
	        cmocka_unit_test(caller_outside_leaves_and_the_call_ends),
	        cmocka_unit_test(diverted_out_of_sight_goes_on),
	        cmocka_unit_test(numbers_are_canonical),
	        cmocka_unit_test(queue_and_agent),
	        cmocka_unit_test(two_steps_to_log_on),
	        cmocka_unit_test(switch_without_monitors),
	        cmocka_unit_test(calls_have_a_limit),
	        cmocka_unit_test(malformed_reports_are_counted),
	        cmocka_unit_test(snapshot_tells_the_difference),
	        cmocka_unit_test(snapshot_of_a_call),
	        cmocka_unit_test(agents_snapshot),
	        cmocka_unit_test(random_reports),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
