/* SPDX-License-Identifier: Apache-2.0 */
/* A switch behind an adapter of the test's own: requests, monitors, resync, healing. */
#include "cti-server/pbx_private.h"
#include "tests/unit/model_play.h"

/* What the fake switch was asked, in order: "AnswerCall c1/2001", with its token. */
struct asked {
	char text[160];
	enum cti_service service;
	uint64_t token;
	bool answered;
};

struct cti_adapter_instance {
	const struct cti_host *host;
	struct asked asked[512];
	size_t count, shown;
	bool automatic; /* monitors are granted, nothing is found */
};

static struct cti_adapter_instance *fake;

static int fake_create(struct cti_adapter_instance **out, const struct cti_host *host,
                       const struct cti_options *options, struct cti_error *error)
{
	(void)options, (void)error;
	fake = calloc(1, sizeof *fake);
	assert_non_null(fake);
	fake->host = host;
	*out = fake;
	return 0;
}

static int fake_start(struct cti_adapter_instance *f, struct cti_error *error)
{
	(void)error;
	f->host->link(f->host, CTI_LINK_CONNECTING, NULL);
	return 0;
}

static void fake_stop(struct cti_adapter_instance *f)
{
	f->host->link(f->host, CTI_LINK_DOWN, "stopped");
}

static void fake_destroy(struct cti_adapter_instance **f)
{
	free(*f);
	*f = NULL;
	fake = NULL;
}

static void answer_token(uint64_t token, int code, const char *value, const char *monitor)
{
	struct cti_reply reply;
	cti_reply_init(&reply);
	reply.code = code;
	reply.category = code ? CTI_CATEGORY_OPERATION : CTI_CATEGORY_NONE;
	reply.value = value;
	reply.monitor = monitor;
	fake->host->done(fake->host, token, &reply);
}

static void fake_verb(struct cti_adapter_instance *f, uint64_t token, const struct cti_request *r)
{
	struct asked *a = &f->asked[f->count++];
	assert_true(f->count < 512);
	*a = (struct asked){.service = r->service, .token = token};
	snprintf(a->text, sizeof a->text, "%s%s%s%s%s%s%s%s", cti_service_name(r->service),
	         r->device ? " " : "", r->device ? r->device : "", r->connection.call_id ? " " : "",
	         r->connection.call_id ? r->connection.call_id : "",
	         r->connection.device_id ? "/" : "",
	         r->connection.device_id ? r->connection.device_id : "",
	         r->monitor ? r->monitor : "");
	if (r->destination) {
		strcat(a->text, " to ");
		strcat(a->text, r->destination);
	}
	if (f->automatic) {
		char monitor[40];
		snprintf(monitor, sizeof monitor, "m%s", r->device ? r->device : "");
		a->answered = true;
		answer_token(token, 0, NULL,
		             r->service == CTI_SERVICE_MONITOR_START ? monitor : NULL);
	}
}

static const struct cti_option no_options[] = {{.name = NULL}};

/* ParkCall's like: it cannot pick up calls of a group. */
static const struct cti_adapter adapter = {
        CTI_ADAPTER_HEAD,
        .name = "fake",
        .summary = "answers as the test says",
        .options = no_options,
        .create = fake_create,
        .start = fake_start,
        .stop = fake_stop,
        .destroy = fake_destroy,
        .make_call = fake_verb,
        .answer_call = fake_verb,
        .clear_connection = fake_verb,
        .hold_call = fake_verb,
        .consultation_call = fake_verb,
        .set_agent_state = fake_verb,
        .monitor_start = fake_verb,
        .monitor_stop = fake_verb,
        .snapshot_device = fake_verb,
        .snapshot_call = fake_verb,
};

static const char *const two[] = {"2001", "2002", NULL};

static struct pbx *pbx_for(struct play *p, const struct pbx_monitors *monitors,
                           const struct cti_adapter *a)
{
	struct pbx *pbx = NULL;
	struct cti_error error = {0};
	const struct pbx_config config = {.name = "hq",
	                                  .tenant = "acme",
	                                  .server = "cti-1",
	                                  .adapter = a,
	                                  .monitors = *monitors,
	                                  .seed = 42,
	                                  .max_requests = 3};
	if (pbx_create(&pbx, &config, p->bus, p->clock, NULL, &error))
		fail_msg("%s", error.text);
	p->model = NULL;
	assert_int_equal(pbx_start(pbx, &error), 0);
	return pbx;
}

static void pbx_gone(struct play **p, struct pbx **pbx)
{
	struct cti_error error = {0};
	if (!model_check((*pbx)->model, &error))
		fail_msg("%s", error.text);
	pbx_stop(*pbx);
	assert_int_equal((*pbx)->open_count, 0);
	pbx_destroy(pbx);
	play_end(p);
}

/* Let timers fire that are due now. */
static void settle(struct play *p)
{
	wait_us(p, 0);
}

/* What was asked since the last time, lines in order. */
static void was_asked(const char *expected)
{
	char text[4096] = "";
	for (; fake->shown < fake->count; fake->shown++) {
		if (*text)
			strcat(text, "\n");
		strcat(text, fake->asked[fake->shown].text);
	}
	if (strcmp(text, expected))
		fail_msg("expected:\n%s\nasked:\n%s", expected, text);
}

static struct asked *open_one(const char *text)
{
	for (size_t i = 0; i < fake->count; i++)
		if (!fake->asked[i].answered && !strcmp(fake->asked[i].text, text))
			return &fake->asked[i];
	fail_msg("no open request %s", text);
	return NULL;
}

static void grant(struct play *p, const char *text, const char *monitor)
{
	struct asked *a = open_one(text);
	a->answered = true;
	answer_token(a->token, 0, NULL, monitor);
	settle(p);
}

static void refuse(struct play *p, const char *text, const char *value)
{
	struct asked *a = open_one(text);
	a->answered = true;
	answer_token(a->token, CTI_E_REFUSED, value, NULL);
	settle(p);
}

static void snapshot(struct play *p, const char *text, const struct cti_snapshot_item *items,
                     size_t count)
{
	struct asked *a = open_one(text);
	struct cti_reply reply;
	cti_reply_init(&reply);
	reply.snapshot = items;
	reply.snapshot_count = count;
	a->answered = true;
	fake->host->done(fake->host, a->token, &reply);
	settle(p);
}

static void reports(const char *line)
{
	char copy[1024], monitor[64];
	struct cti_event e;
	struct cti_connection_item items[8] = {0};
	snprintf(copy, sizeof copy, "%s", line);
	play_read(&e, items, monitor, copy);
	fake->host->event(fake->host, &e, NULL);
}

static void link_is(struct play *p, enum cti_link_state state, const char *text)
{
	fake->host->link(fake->host, state, text);
	settle(p);
}

/* Link up, everything granted at once, nothing there. */
static void up(struct play *p)
{
	fake->automatic = true;
	link_is(p, CTI_LINK_UP, NULL);
	fake->automatic = false;
	fake->shown = fake->count;
	forget_heard(p);
}

/* ---- reading the switch ------------------------------------------------------------------------
 */

static void device_by_device(void **state)
{
	(void)state;
	struct play *p = play_bus();
	struct pbx *pbx =
	        pbx_for(p, &(struct pbx_monitors){.ranges = two, .per_second = 2}, &adapter);
	state_has(p, "status", "{\"link\":\"connecting\",\"current\":false,\"progress\":0");
	state_has(p, "device/2001", "\"current\":false,\"monitored\":false");
	link_is(p, CTI_LINK_UP, NULL);
	heard(p, "switch.resync 0/2");
	was_asked("MonitorStart 2001");
	grant(p, "MonitorStart 2001", "m2001");
	was_asked(""); /* two a second, not more */
	wait_us(p, 500000);
	was_asked("SnapshotDevice 2001");
	const struct cti_snapshot_item found[] = {
	        {.connection = {"c1", "2001", false, CTI_CONNECTION_CONNECTED}}};
	snapshot(p, "SnapshotDevice 2001", found, 1);
	wait_us(p, 500000);
	/* Who is in it is asked before it is told. */
	was_asked("SnapshotCall c1/2001");
	heard(p, "");
	state_has(p, "device/2001", "\"current\":false,\"monitored\":true");
	const struct cti_snapshot_item parties[] = {
	        {.connection = {"c1", "2001", false, CTI_CONNECTION_CONNECTED}},
	        {.connection = {"c1", "5551234", false, CTI_CONNECTION_CONNECTED}}};
	snapshot(p, "SnapshotCall c1/2001", parties, 2);
	heard(p, "established c1/2001 connected ~ i1\nestablished c1/5551234 connected ~ i1\n"
	         "switch.resync 1/2");
	state_has(p, "device/2001", "\"current\":true,\"monitored\":true");
	wait_us(p, 500000);
	was_asked("MonitorStart 2002");
	assert_false(pbx_current(pbx));
	grant(p, "MonitorStart 2002", "m2002");
	wait_us(p, 500000);
	heard(p, "");
	snapshot(p, "SnapshotDevice 2002", NULL, 0);
	heard(p, "switch.link-up 2/2");
	assert_true(pbx_current(pbx));
	state_has(p, "status",
	          "{\"link\":\"up\",\"current\":true,\"progress\":2,\"total\":2,"
	          "\"server\":\"cti-1\"}");
	pbx_gone(&p, &pbx);
}

static void link_lost_and_back(void **state)
{
	(void)state;
	struct play *p = play_bus();
	struct pbx *pbx = pbx_for(p, &(struct pbx_monitors){.ranges = two}, &adapter);
	up(p);
	reports("2001: established c1/2001 calling=5551234 called=2001");
	reports("2002: delivered c2/2002 calling=5559999 called=2002");
	forget_heard(p);
	link_is(p, CTI_LINK_DOWN, "connection reset by peer");
	heard(p, "switch.link-down");
	assert_non_null(strstr(p->last_json, "connection reset by peer"));
	state_has(p, "device/2001", "\"current\":false,\"monitored\":false");
	state_has(p, "device/2001", "\"callID\":\"c1\""); /* as last known */
	state_has(p, "status", "\"link\":\"down\",\"current\":false");
	wait_us(p, 10000000);
	link_is(p, CTI_LINK_CONNECTING, NULL);
	fake->shown = fake->count;
	link_is(p, CTI_LINK_UP, NULL);
	was_asked("MonitorStart 2001\nMonitorStart 2002");
	grant(p, "MonitorStart 2001", "n1");
	grant(p, "MonitorStart 2002", "n2");
	const struct cti_snapshot_item at_2001[] = {
	        {.connection = {"c1", "2001", false, CTI_CONNECTION_HOLD}}};
	snapshot(p, "SnapshotDevice 2001", at_2001, 1);
	forget_heard(p);
	snapshot(p, "SnapshotDevice 2002", NULL, 0);
	/* c2 is gone; c1 goes on with its interaction. */
	heard(p, "connection-cleared c2/2002 null ~ i2\ncleared c2/ ~= i2\n"
	         "interaction.ended ~ i2\nswitch.link-up 2/2");
	/* The old monitor's reference means nothing now. */
	reports("2001: retrieved c1/2001");
	heard(p, "retrieved c1/2001 connected i1");
	pbx_gone(&p, &pbx);
}

/* Up without having been down: the switch restarted (12.2.28). */
static void restart_voids_monitors(void **state)
{
	(void)state;
	struct play *p = play_bus();
	struct pbx *pbx = pbx_for(p, &(struct pbx_monitors){.ranges = two}, &adapter);
	up(p);
	link_is(p, CTI_LINK_UP, NULL);
	heard(p, "switch.link-down\nswitch.resync 0/2");
	was_asked("MonitorStart 2001\nMonitorStart 2002");
	/* And once more while that is under way: older answers do not count. */
	struct asked first = *open_one("MonitorStart 2001");
	link_is(p, CTI_LINK_DOWN, "gone again");
	heard(p, "switch.link-down");
	answer_token(first.token, 0, NULL, "m2001");
	assert_int_equal(pbx->stats.late_answers, 1);
	state_has(p, "device/2001", "\"monitored\":false");
	pbx_gone(&p, &pbx);
}

/* An adapter ends what is open before it says that the link is down: that refuses nothing. */
static void lost_link_refuses_no_monitor(void **state)
{
	(void)state;
	struct play *p = play_bus();
	struct pbx *pbx = pbx_for(p, &(struct pbx_monitors){.ranges = two}, &adapter);
	link_is(p, CTI_LINK_UP, NULL);
	heard(p, "switch.resync 0/2");
	was_asked("MonitorStart 2001\nMonitorStart 2002");
	answer_token(open_one("MonitorStart 2001")->token, CTI_E_CLOSED, "hq: link closed", NULL);
	heard(p, "switch.resync 1/2"); /* and no device.monitored 2001 0 */
	link_is(p, CTI_LINK_DOWN, "cut");
	heard(p, "switch.link-down");
	link_is(p, CTI_LINK_UP, NULL);
	was_asked("MonitorStart 2001\nMonitorStart 2002");
	pbx_gone(&p, &pbx);
}

static void refused_device_shows_why_and_is_tried_again(void **state)
{
	(void)state;
	struct play *p = play_bus();
	struct pbx *pbx =
	        pbx_for(p, &(struct pbx_monitors){.ranges = two, .retry_us = 60000000}, &adapter);
	link_is(p, CTI_LINK_UP, NULL);
	forget_heard(p);
	refuse(p, "MonitorStart 2001", "overallMonitorLimitExceeded");
	heard(p, "device.monitored 2001 0\nswitch.resync 1/2");
	state_has(p, "device/2001",
	          "\"monitored\":false,"
	          "\"reason\":\"hq: the switch has no monitor licence left\"");
	grant(p, "MonitorStart 2002", "m2002");
	snapshot(p, "SnapshotDevice 2002", NULL, 0);
	heard(p, "switch.link-up 2/2"); /* the others work */
	fake->shown = fake->count;
	wait_us(p, 60000000);
	was_asked("MonitorStart 2001");
	refuse(p, "MonitorStart 2001", "overallMonitorLimitExceeded");
	heard(p, ""); /* no news */
	wait_us(p, 60000000);
	grant(p, "MonitorStart 2001", "m2001");
	heard(p, "device.monitored 2001 1");
	snapshot(p, "SnapshotDevice 2001", NULL, 0);
	state_has(p, "device/2001", "\"current\":true,\"monitored\":true,\"inService\"");
	assert_int_equal(pbx->stats.monitors_refused, 2);
	pbx_gone(&p, &pbx);
}

static void stopped_monitor_is_started_again(void **state)
{
	(void)state;
	struct play *p = play_bus();
	struct pbx *pbx = pbx_for(p, &(struct pbx_monitors){.ranges = two}, &adapter);
	up(p);
	fake->host->monitor_stopped(fake->host, "m2001", "overload");
	fake->host->monitor_stopped(fake->host, "nobody's", "overload");
	settle(p);
	heard(p, "device.monitored 2001 0");
	was_asked("");
	wait_us(p, 5000000);
	was_asked("MonitorStart 2001");
	grant(p, "MonitorStart 2001", "k2001");
	heard(p, "device.monitored 2001 1");
	was_asked("SnapshotDevice 2001");
	pbx_gone(&p, &pbx);
}

static void on_demand(void **state)
{
	(void)state;
	struct play *p = play_bus();
	struct pbx *pbx =
	        pbx_for(p, &(struct pbx_monitors){.ranges = two, .on_demand = true}, &adapter);
	up(p);
	pbx_demand(pbx, "2077");
	pbx_demand(pbx, "2077");
	pbx_demand(pbx, "2001");
	pbx_demand(pbx, "+8675588880001"); /* nobody monitors the outside world */
	settle(p);
	was_asked("MonitorStart 2077");
	grant(p, "MonitorStart 2077", "m2077");
	snapshot(p, "SnapshotDevice 2077", NULL, 0);
	state_has(p, "device/2077", "\"current\":true,\"monitored\":true");
	/* Reload: 2001 is not wanted any more, 2099 is; what clients demanded stays. */
	static const char *const other[] = {"2002", "2098-2099", NULL};
	const struct pbx_config next = {.name = "hq",
	                                .tenant = "acme",
	                                .adapter = &adapter,
	                                .monitors = {.ranges = other, .on_demand = true}};
	struct cti_error error = {0};
	fake->shown = fake->count;
	assert_int_equal(pbx_reconfigure(pbx, &next, &error), 0);
	settle(p);
	was_asked("MonitorStop 2001m2001\nMonitorStart 2098\nMonitorStart 2099");
	state_has(p, "device/2001", NULL);
	const struct pbx_config broken = {.name = "hq",
	                                  .tenant = "acme",
	                                  .adapter = &adapter,
	                                  .monitors = {.ranges = (const char *[]){"9-1", NULL}}};
	assert_int_equal(pbx_reconfigure(pbx, &broken, &error), CTI_E_CONFIG);
	assert_string_equal(error.text, "range '9-1' ends before it begins");
	pbx_gone(&p, &pbx);
}

static void anomaly_is_healed(void **state)
{
	(void)state;
	struct play *p = play_bus();
	struct pbx *pbx = pbx_for(p, &(struct pbx_monitors){.ranges = two}, &adapter);
	up(p);
	reports("2001: delivered c1/2001 calling=5551234 called=2001");
	reports("2001: held c1/2001");
	reports("2001: delivered c1/2001 calling=5551234 called=2001");
	reports("2001: retrieved c1/2001");
	settle(p);
	was_asked("");
	wait_us(p, 200000);
	was_asked("SnapshotCall c1/2001"); /* once for all of them */
	const struct cti_snapshot_item parties[] = {
	        {.connection = {"c1", "2001", false, CTI_CONNECTION_CONNECTED}}};
	snapshot(p, "SnapshotCall c1/2001", parties, 1);
	forget_heard(p);
	/* Again at once: not before a second has passed. */
	reports("2001: delivered c1/2001 calling=5551234 called=2001");
	reports("2001: retrieved c1/2001");
	wait_us(p, 200000);
	was_asked("");
	wait_us(p, 800000);
	was_asked("SnapshotCall c1/2001");
	forget_heard(p);
	refuse(p, "SnapshotCall c1/2001", "invalidCallID");
	heard(p, "connection-cleared c1/2001 null ~ i1\ncleared c1/ ~= i1\n"
	         "interaction.ended ~ i1");
	pbx_gone(&p, &pbx);
}

static void call_out_of_sight_is_looked_for(void **state)
{
	(void)state;
	struct play *p = play_bus();
	struct pbx *pbx = pbx_for(p, &(struct pbx_monitors){.ranges = two}, &adapter);
	up(p);
	reports("2001: delivered c1/2001 calling=5551234 called=2001");
	reports("2001: diverted c1/2001 to=2099");
	wait_us(p, MODEL_LIMBO_US);
	was_asked("SnapshotCall c1");
	const struct cti_snapshot_item parties[] = {
	        {.connection = {"c1", "2099", false, CTI_CONNECTION_ALERTING}}};
	snapshot(p, "SnapshotCall c1", parties, 1);
	wait_us(p, 30000000);
	was_asked("SnapshotCall c1/2099");
	forget_heard(p);
	refuse(p, "SnapshotCall c1/2099", "invalidConnectionID");
	heard(p, "connection-cleared c1/2099 null ~ i1\ncleared c1/ ~= i1\n"
	         "interaction.ended ~ i1");
	/* It turned up in time: nobody asks. */
	reports("2001: delivered c2/2001 calling=5551234 called=2001");
	reports("2001: diverted c2/2001 to=2002");
	reports("2002: delivered c2/2002 calling=5551234 called=2001");
	wait_us(p, MODEL_LIMBO_US);
	was_asked("");
	pbx_gone(&p, &pbx);
}

static void calls_and_devices_are_audited(void **state)
{
	(void)state;
	struct play *p = play_bus();
	struct pbx *pbx = pbx_for(p, &(struct pbx_monitors){.ranges = two}, &adapter);
	pbx->config.audit_us = 3600000000;
	up(p);
	wait_us(p, 600000000);
	reports("2001: established c1/2001 calling=5551234 called=2001");
	/* Each device once an hour, in turn: what was never reported shows up. */
	wait_us(p, 1200000000);
	was_asked("SnapshotDevice 2001");
	const struct cti_snapshot_item at_2001[] = {
	        {.connection = {"c1", "2001", false, CTI_CONNECTION_CONNECTED}},
	        {.connection = {"c2", "2001", false, CTI_CONNECTION_HOLD}}};
	snapshot(p, "SnapshotDevice 2001", at_2001, 2);
	was_asked("SnapshotCall c2/2001");
	forget_heard(p);
	snapshot(p, "SnapshotCall c2/2001", at_2001 + 1, 1);
	heard(p, "held c2/2001 hold ~ i2");
	wait_us(p, 1800000000);
	was_asked("SnapshotDevice 2002");
	snapshot(p, "SnapshotDevice 2002", NULL, 0);
	was_asked(""); /* no call is an hour old */
	wait_us(p, 1800000000);
	was_asked("SnapshotDevice 2001\nSnapshotCall c1/2001\nSnapshotCall c2/2001");
	forget_heard(p);
	refuse(p, "SnapshotCall c1/2001", "invalidCallID");
	heard(p, "connection-cleared c1/2001 null ~ i1\ncleared c1/ ~= i1\n"
	         "interaction.ended ~ i1");
	pbx_gone(&p, &pbx);
}

/* ---- requests ----------------------------------------------------------------------------------
 */

struct ended {
	int times, code;
	char text[200], call[64], device[64];
};

static void ended(void *arg, const struct cti_reply *reply)
{
	struct ended *e = arg;
	e->times++;
	e->code = reply->code;
	snprintf(e->text, sizeof e->text, "%s", reply->text ? reply->text : "");
	snprintf(e->call, sizeof e->call, "%s",
	         reply->connection.call_id ? reply->connection.call_id : "");
	snprintf(e->device, sizeof e->device, "%s",
	         reply->connection.device_id ? reply->connection.device_id : "");
}

static struct cti_request answer_request(const char *id)
{
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_ANSWER_CALL);
	r.id = id;
	r.connection = (struct cti_connection){.call_id = "c1", .device_id = "2001"};
	return r;
}

static void requests_end_once(void **state)
{
	(void)state;
	struct play *p = play_bus();
	struct pbx *pbx = pbx_for(p, &(struct pbx_monitors){.ranges = two}, &adapter);
	struct ended e = {0}, f = {0}, g = {0}, h = {0};
	struct cti_request r = answer_request("r1");
	pbx_request(pbx, &r, ended, &e);
	assert_int_equal(e.code, CTI_E_CLOSED);
	assert_string_equal(e.text, "hq: no link to the switch");
	up(p);

	struct cti_request cannot;
	cti_request_init(&cannot, CTI_SERVICE_GROUP_PICKUP_CALL);
	cannot.device = "2001";
	pbx_request(pbx, &cannot, ended, &e);
	assert_int_equal(e.code, CTI_E_UNSUPPORTED);
	assert_string_equal(e.text, "hq: the switch cannot pick up calls of a group");
	struct cti_request empty;
	cti_request_init(&empty, CTI_SERVICE_MAKE_CALL);
	empty.device = "2001";
	pbx_request(pbx, &empty, ended, &e);
	assert_int_equal(e.code, CTI_E_INVALID);
	assert_string_equal(e.text, "hq: MakeCall needs 'destination'");

	/* Answered, and answered again. */
	e = (struct ended){0};
	pbx_request(pbx, &r, ended, &e);
	struct asked *a = open_one("AnswerCall c1/2001");
	answer_token(a->token, 0, NULL, NULL);
	answer_token(a->token, 0, NULL, NULL);
	assert_int_equal(e.times, 1);
	assert_int_equal(e.code, 0);
	assert_int_equal(pbx->stats.late_answers, 1);

	/* Too late: the token's slot may serve another request then. */
	a->answered = true;
	e = (struct ended){0};
	r.timeout_ms = 1500;
	pbx_request(pbx, &r, ended, &e);
	uint64_t late = open_one("AnswerCall c1/2001")->token;
	open_one("AnswerCall c1/2001")->answered = true;
	wait_us(p, 1499999);
	assert_int_equal(e.times, 0);
	wait_us(p, 1);
	assert_int_equal(e.code, CTI_E_TIMEOUT);
	assert_string_equal(e.text, "hq: no answer to AnswerCall within 1.5 s");
	pbx_request(pbx, &r, ended, &f);
	answer_token(late, 0, NULL, NULL);
	assert_int_equal(f.times, 0);
	assert_int_equal(e.times, 1);
	assert_int_equal(pbx->stats.late_answers, 2);
	assert_int_equal(pbx->stats.timeouts, 1);

	/* Refused, in a plain sentence; full; and closed at the end. */
	answer_token(open_one("AnswerCall c1/2001")->token, CTI_E_REFUSED, "noCallToAnswer", NULL);
	assert_string_equal(f.text, "hq: no call rings there");
	r.timeout_ms = 0;
	e = f = (struct ended){0};
	pbx_request(pbx, &r, ended, &e);
	pbx_request(pbx, &r, ended, &f);
	pbx_request(pbx, &r, ended, &g);
	pbx_request(pbx, &r, ended, &h);
	assert_int_equal(h.code, CTI_E_BUSY);
	assert_string_equal(h.text, "hq: 3 requests are open already");
	link_is(p, CTI_LINK_DOWN, "cut");
	assert_int_equal(e.code, CTI_E_UNKNOWN_OUTCOME);
	assert_string_equal(e.text, "hq: the link broke before the switch answered");
	assert_int_equal(e.times + f.times + g.times, 3);
	pbx_gone(&p, &pbx);
}

static void numbers_go_out_as_the_switch_wants_them(void **state)
{
	(void)state;
	struct play *p = play_bus();
	struct pbx *pbx = pbx_for(p, &(struct pbx_monitors){.ranges = two}, &adapter);
	pbx->config.dialplan = (struct pbx_dialplan){.country = "86",
	                                             .area = "755",
	                                             .outside = "9",
	                                             .national = "0",
	                                             .international = "00",
	                                             .extension_digits = 5};
	up(p);
	reports("2001: delivered c1/N<2001>;noa=nk calling=13800138000 called=2001");
	struct ended e = {0};
	struct cti_request r = answer_request(NULL);
	pbx_request(pbx, &r, ended, &e);
	was_asked("AnswerCall c1/N<2001>;noa=nk");
	cti_request_init(&r, CTI_SERVICE_MAKE_CALL);
	r.device = "2002";
	r.destination = "+4930123456";
	pbx_request(pbx, &r, ended, &e);
	was_asked("MakeCall 2002 to 9004930123456");
	struct cti_reply reply;
	cti_reply_init(&reply);
	reply.connection = (struct cti_connection){.call_id = "c5", .device_id = "N<2002>Bo"};
	fake->host->done(fake->host, open_one("MakeCall 2002 to 9004930123456")->token, &reply);
	assert_string_equal(e.call, "c5");
	assert_string_equal(e.device, "2002");
	pbx_gone(&p, &pbx);
}

/* Events name the request that caused them, before and after its answer, and no others. */
static void events_name_their_request(void **state)
{
	(void)state;
	struct play *p = play_bus();
	struct pbx *pbx = pbx_for(p, &(struct pbx_monitors){.ranges = two}, &adapter);
	struct ended e = {0};
	up(p);
	reports("2001: delivered c1/2001 calling=5551234 called=2001");
	struct cti_request r = answer_request("r1");
	pbx_request(pbx, &r, ended, &e);
	forget_heard(p);
	reports("2001: established c1/2001");
	heard(p, "established c1/2001 connected i1 by r1");
	reports("2001: held c1/2001");
	grant(p, "AnswerCall c1/2001", NULL);
	reports("2001: retrieved c1/2001");
	reports("2001: held c1/2001");
	heard(p, "held c1/2001 hold i1\nretrieved c1/2001 connected i1\nheld c1/2001 hold i1");

	cti_request_init(&r, CTI_SERVICE_MAKE_CALL);
	r.id = "r2";
	r.device = "2002";
	r.destination = "5559999";
	pbx_request(pbx, &r, ended, &e);
	reports("2002: service-initiated c2/2002");
	struct cti_reply reply;
	cti_reply_init(&reply);
	reply.connection = (struct cti_connection){.call_id = "c2", .device_id = "2002"};
	fake->host->done(fake->host, open_one("MakeCall 2002 to 5559999")->token, &reply);
	reports("2002: originated c2/2002 calling=2002 called=5559999");
	reports("2002: delivered c2/T1 subject=5559999 calling=2002 called=5559999");
	reports("2002: established c2/T1 subject=5559999 calling=2002 called=5559999");
	heard(p, "service-initiated c2/2002 initiated i2 by r2\n"
	         "originated c2/2002 connected i2 by r2\n"
	         "delivered c2/T1 alerting i2 by r2\n"
	         "established c2/T1 connected i2");

	cti_request_init(&r, CTI_SERVICE_CLEAR_CONNECTION);
	r.id = "r3";
	r.connection = (struct cti_connection){.call_id = "c2", .device_id = "2002"};
	pbx_request(pbx, &r, ended, &e);
	grant(p, "ClearConnection c2/2002", NULL);
	wait_us(p, 4000000);
	reports("2002: connection-cleared c2/2002");
	heard(p, "connection-cleared c2/2002 null i2 by r3\ncleared c2/ = i2 by r3\n"
	         "interaction.ended i2");

	/* The effect of what was asked long ago is nobody's. */
	cti_request_init(&r, CTI_SERVICE_HOLD_CALL);
	r.id = "r4";
	r.connection = (struct cti_connection){.call_id = "c1", .device_id = "2001"};
	pbx_request(pbx, &r, ended, &e);
	grant(p, "HoldCall c1/2001", NULL);
	wait_us(p, 6000000);
	reports("2001: retrieved c1/2001");
	reports("2001: held c1/2001");
	heard(p, "retrieved c1/2001 connected i1\nheld c1/2001 hold i1");
	assert_int_equal(pbx->cause_pool.used, 0);
	pbx_gone(&p, &pbx);
}

static void pending_agent_state(void **state)
{
	(void)state;
	struct play *p = play_bus();
	struct pbx *pbx = pbx_for(p, &(struct pbx_monitors){.ranges = two}, &adapter);
	struct ended e = {0};
	up(p);
	reports("2001: agent.logged-on subject=2001 agent=7001");
	reports("2001: agent.ready subject=2001 agent=7001");
	reports("2001: agent.busy subject=2001 agent=7001");
	forget_heard(p);
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_SET_AGENT_STATE);
	r.id = "r1";
	r.device = "2001";
	r.agent_state = CTI_REQUEST_NOT_READY;
	pbx_request(pbx, &r, ended, &e);
	struct cti_reply reply;
	cti_reply_init(&reply);
	reply.pending_state = CTI_AGENT_NOT_READY;
	fake->host->done(fake->host, open_one("SetAgentState 2001")->token, &reply);
	heard(p, ""); /* no event until it happens (22.1.15) */
	state_has(p, "agent/7001", "\"state\":\"busy\",\"pendingState\":\"notReady\"");
	reports("2001: agent.not-ready subject=2001 agent=7001");
	heard(p, "agent.not-ready 7001 by r1");
	state_has(p, "agent/7001", "\"state\":\"notReady\",\"device\"");
	pbx_gone(&p, &pbx);
}

/* A switch without monitors and snapshots is current at once. */
static void switch_that_just_talks(void **state)
{
	(void)state;
	static struct cti_adapter plain;
	plain = adapter;
	plain.monitor_start = plain.snapshot_device = plain.snapshot_call = NULL;
	struct play *p = play_bus();
	struct pbx *pbx = pbx_for(p, &(struct pbx_monitors){.ranges = two}, &plain);
	link_is(p, CTI_LINK_UP, NULL);
	heard(p, "switch.resync 0/2\nswitch.resync 1/2\nswitch.link-up 2/2");
	reports("-: delivered c1/2001 calling=5551234 called=2001");
	reports("-: connection-cleared c1/2001");
	heard(p, "delivered c1/2001 alerting i1\nconnection-cleared c1/2001 null i1\n"
	         "cleared c1/ = i1\ninteraction.ended i1");
	/* It cannot be asked about what is out of sight. */
	reports("-: delivered c2/2001 calling=5551234 called=2001");
	reports("-: diverted c2/2001 to=2099");
	forget_heard(p);
	wait_us(p, 90000000);
	heard(p, "cleared c2/ ~= i2\ninteraction.ended ~ i2");
	pbx_gone(&p, &pbx);
}

static void configuration_errors(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const char *range;
		const char *text;
	} rows[] = {
	        {"h q", "2001",
	         "switch 'h q': name and tenant are words of letters, digits, "
	         "'-' and '_'"},
	        {"hq", "2099-2001", "range '2099-2001' ends before it begins"},
	        {"hq", "1-100", "'1-100' is no range: both ends need the same number of digits"},
	        {"hq", "000000-999999",
	         "range '000000-999999' stands for more than 100000 numbers"},
	        {"hq", "", "monitor range '': a device has 1 to 128 letters"},
	};
	struct play *p = play_bus();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct pbx *pbx = NULL;
		struct cti_error error = {0};
		const char *const ranges[] = {rows[i].range, NULL};
		const struct pbx_config config = {.name = rows[i].name,
		                                  .tenant = "acme",
		                                  .adapter = &adapter,
		                                  .monitors = {.ranges = ranges}};
		assert_true(pbx_create(&pbx, &config, p->bus, p->clock, NULL, &error) < 0);
		assert_string_equal(error.text, rows[i].text);
		assert_null(pbx);
	}
	play_end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(device_by_device),
	        cmocka_unit_test(link_lost_and_back),
	        cmocka_unit_test(lost_link_refuses_no_monitor),
	        cmocka_unit_test(restart_voids_monitors),
	        cmocka_unit_test(refused_device_shows_why_and_is_tried_again),
	        cmocka_unit_test(stopped_monitor_is_started_again),
	        cmocka_unit_test(on_demand),
	        cmocka_unit_test(anomaly_is_healed),
	        cmocka_unit_test(call_out_of_sight_is_looked_for),
	        cmocka_unit_test(calls_and_devices_are_audited),
	        cmocka_unit_test(requests_end_once),
	        cmocka_unit_test(numbers_go_out_as_the_switch_wants_them),
	        cmocka_unit_test(events_name_their_request),
	        cmocka_unit_test(pending_agent_state),
	        cmocka_unit_test(switch_that_just_talks),
	        cmocka_unit_test(configuration_errors),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("pbx", tests, NULL, NULL);
}
