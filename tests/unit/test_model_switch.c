/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model against a switch, with people who do whatever they like. Every device is monitored, so
 * the switch reports each fact up to a dozen times.
 * - In order: every fact is one event, no anomaly, and after each act model and switch agree.
 * - Monitors that lag behind each other: every fact is still one event.
 * - Lost and repeated reports: after a while model and switch agree again.
 */
#include "cti-server/pbx_private.h"
#include "pbx-adapters/host/log.h"
#include "sdk/names.h"
#include "tests/support/office.h"
#include "tests/unit/model_play.h"

#define LAG_MAX  24
#define MONITORS 32

/* Between switch and server: a link that can be bad. */
struct cti_adapter_instance {
	const struct cti_host *host;
	struct sim_client *client;
	/* Reports under way, a queue for each monitor: each monitor stays in order. */
	struct {
		char monitor[16];
		struct cti_event *events[LAG_MAX];
		size_t count;
	} lanes[MONITORS];
	bool lags;
	unsigned repeats; /* one of so many reports comes twice */
	uint64_t random;
	uint64_t last_fact, facts; /* that reached us, each once */
};

static struct office *office;
static struct cti_adapter_instance *link_of_test;

static unsigned chance(struct cti_adapter_instance *a, unsigned of)
{
	a->random = a->random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(a->random >> 33) % of;
}

static void lane_deliver(struct cti_adapter_instance *a, size_t lane)
{
	struct cti_event *e = a->lanes[lane].events[0];
	memmove(a->lanes[lane].events, a->lanes[lane].events + 1,
	        --a->lanes[lane].count * sizeof e);
	a->host->event(a->host, e, NULL);
	free(e);
}

static void lanes_flush(struct cti_adapter_instance *a)
{
	for (size_t lane = 0; lane < MONITORS; lane++)
		while (a->lanes[lane].count)
			lane_deliver(a, lane);
}

/* Some monitor goes on. */
static void lanes_step(struct cti_adapter_instance *a)
{
	size_t lane = chance(a, MONITORS);
	for (size_t i = 0; i < MONITORS; i++, lane = (lane + 1) % MONITORS)
		if (a->lanes[lane].count) {
			lane_deliver(a, lane);
			return;
		}
}

static void on_event(void *arg, const struct cti_event *e)
{
	struct cti_adapter_instance *a = arg;
	size_t lane = 0;
	if (e->type != CTI_EVENT_CALL_CLEARED && e->type != CTI_EVENT_CSTA &&
	    switch_facts(office->sw) != a->last_fact) {
		a->last_fact = switch_facts(office->sw);
		a->facts++;
	}
	if (!a->lags) {
		a->host->event(a->host, e, NULL);
		if (a->repeats && !chance(a, a->repeats))
			a->host->event(a->host, e, NULL);
		return;
	}
	while (a->lanes[lane].monitor[0] && strcmp(a->lanes[lane].monitor, e->monitor))
		lane++;
	assert_true(lane < MONITORS);
	snprintf(a->lanes[lane].monitor, sizeof a->lanes[lane].monitor, "%s", e->monitor);
	while (a->lanes[lane].count == LAG_MAX)
		lanes_step(a);
	a->lanes[lane].events[a->lanes[lane].count++] = cti_event_copy(e);
	while (chance(a, 3))
		lanes_step(a);
}

static void on_stopped(void *arg, const char *monitor, const char *why)
{
	struct cti_adapter_instance *a = arg;
	a->host->monitor_stopped(a->host, monitor, why);
}

static const struct switch_sink sink = {on_event, on_stopped};

static int create(struct cti_adapter_instance **out, const struct cti_host *host,
                  const struct cti_options *options, struct cti_error *error)
{
	(void)options, (void)error;
	link_of_test = calloc(1, sizeof *link_of_test);
	assert_non_null(link_of_test);
	link_of_test->host = host;
	*out = link_of_test;
	return 0;
}

static int start(struct cti_adapter_instance *a, struct cti_error *error)
{
	must(switch_client_create(&a->client, office->sw, &sink, a, error));
	a->host->link(a->host, CTI_LINK_UP, NULL);
	return 0;
}

static void stop(struct cti_adapter_instance *a)
{
	lanes_flush(a);
	switch_client_destroy(&a->client);
	a->host->link(a->host, CTI_LINK_DOWN, NULL);
}

static void destroy(struct cti_adapter_instance **a)
{
	free(*a);
	*a = NULL;
}

struct open {
	struct cti_adapter_instance *a;
	uint64_t token;
};

static void on_reply(void *arg, const struct cti_reply *reply)
{
	struct open *open = arg;
	/* An answer follows what was reported before it. */
	lanes_flush(open->a);
	open->a->host->done(open->a->host, open->token, reply);
	free(open);
}

static void verb(struct cti_adapter_instance *a, uint64_t token, const struct cti_request *r)
{
	struct open *open = malloc(sizeof *open);
	assert_non_null(open);
	*open = (struct open){a, token};
	switch_request(a->client, r, on_reply, open);
}

static const struct cti_option no_options[] = {{.name = NULL}};
static const struct cti_adapter adapter = {
        CTI_ADAPTER_HEAD,        .name = "bad-link",    .options = no_options,
        .create = create,        .start = start,        .stop = stop,
        .destroy = destroy,      .monitor_start = verb, .monitor_stop = verb,
        .snapshot_device = verb, .snapshot_call = verb, .get_agent_state = verb};

/* ---- the day ------------------------------------------------------------------------------------
 */

static const char *const devices[] = {"2001", "2002", "2003", "2004", "3000", "T1",
                                      "T2",   "T3",   "2910", "2911", "2912", "2913",
                                      "2950", "2960", "2970", "2980", NULL};

struct day {
	struct bus *bus;
	struct interactions *interactions;
	struct pbx *pbx;
	uint64_t told, resynced, ended, begun;
	uint64_t random;
	unsigned data;
	char last[256]; /* what was done, for the failure */
};

static void count_event(void *arg, const struct bus_event *b, const struct cti_event *e)
{
	struct day *day = arg;
	(void)b;
	if (e->flags & CTI_EVENT_RESYNC)
		day->resynced++;
	else if (e->type <= CTI_EVENT_DEVICE_OUT_OF_SERVICE && e->type != CTI_EVENT_CALL_CLEARED)
		day->told++;
}

static const struct bus_door door = {.event = count_event};

static void day_begin(struct day *day, uint64_t seed)
{
	*day = (struct day){.random = seed};
	struct switch_config how = {.intrude_alternates = seed % 4 == 0};
	if (seed % 2) {
		how.hold_recall_us = 30000000;
		how.transfer_recall_us = 15000000;
	}
	office = office_create(&how, seed);
	const struct switch_extension offered = {.offer_us = 5000000, .must_lift = seed % 3 == 0};
	must(switch_extension(office->sw, "2003", &offered, NULL));
	const struct bus_options options = {.seed = seed, .ring_events = 64};
	const struct pbx_config config = {.name = "hq",
	                                  .tenant = "acme",
	                                  .adapter = &adapter,
	                                  .monitors = {.ranges = devices},
	                                  .audit_us = 600000000,
	                                  .seed = seed};
	must(bus_create(&day->bus, office->clock, &options, NULL));
	must(bus_attach(day->bus, &door, day));
	must(pbx_create(&day->pbx, &config, day->bus, office->clock, NULL, NULL));
	must(pbx_start(day->pbx, NULL));
	clock_advance(office->clock, clock_now(office->clock) + 1000000, NULL, NULL);
	assert_true(pbx_current(day->pbx));
	link_of_test->random = seed;
}

static void day_end(struct day *day)
{
	pbx_destroy(&day->pbx);
	bus_destroy(&day->bus);
	office_destroy(office);
}

static unsigned any(struct day *day, unsigned of)
{
	day->random = day->random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(day->random >> 33) % of;
}

static void act(struct day *day)
{
	static const char *const phones[] = {"2001", "2002", "2003", "2004", "5551234", "5555678"};
	static const char *const numbers[] = {"2001", "2002", "2003", "3000", "5550000",
	                                      "2999", "2004", "2910", "2911", "2912",
	                                      "2913", "2950", "2960", "2980", "2;"};
	static const char *const verbs[] = {
	        "dials",          "dials",        "answers",     "answers",        "answers",
	        "hangs-up",       "holds",        "retrieves",   "alternates",     "reconnects",
	        "consults",       "consults",     "transfers",   "conferences",    "transfers-to",
	        "deflects",       "picks-up",     "agent ready", "agent loggedOn", "agent notReady",
	        "make",           "make-at-once", "joins",       "lifts",          "agent ready",
	        "agent loggedOff"};
	const char *what = verbs[any(day, COUNT(verbs))];
	const char *phone = phones[any(day, 6)];
	snprintf(day->last, sizeof day->last, "%s %s %s", phone, what,
	         strncmp(what, "agent", 5) ? numbers[any(day, COUNT(numbers))] : "");
	if (!any(day, 3))
		office_form(day->last, sizeof day->last, any(day, 1000), phone,
		            numbers[any(day, COUNT(numbers))], ++day->data);
	if (!any(day, 8)) {
		/* Reports lag, but not by seconds. */
		lanes_flush(link_of_test);
		link_of_test->lags = false;
		snprintf(day->last, sizeof day->last, "wait %u", any(day, 40));
	}
	office->log[0] = '\0';
	office_act(office, day->last);
}

/* What the switch says of a device, beside what the model thinks. */
static bool device_agrees(struct day *day, const char *number, char *why, size_t size)
{
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_SNAPSHOT_DEVICE);
	r.device = number;
	const struct cti_reply *truth = office_ask(office, &r);
	struct device *d = model_device_find(day->pbx->model, number);
	struct conn *conn;
	size_t count = 0;
	must(truth->code);
	LIST_FOREACH (conn, &d->conns, by_device) {
		bool found = false;
		for (size_t i = 0; i < truth->snapshot_count; i++) {
			const struct cti_connection *c = &truth->snapshot[i].connection;
			found = found || (!strcmp(c->call_id, conn->call->id->text) &&
			                  c->state == conn->state);
		}
		if (!found)
			snprintf(why, size, "%s: model has %s/%s %s, the switch has not", day->last,
			         conn->call->id->text, number,
			         cti_connection_state_name(conn->state));
		if (!found)
			return false;
		count++;
	}
	if (count != truth->snapshot_count)
		snprintf(why, size, "%s: device %s has %zu calls, in the model %zu", day->last,
		         number, truth->snapshot_count, count);
	return count == truth->snapshot_count;
}

static bool agrees(struct day *day, char *why, size_t size)
{
	struct cti_error error = {0};
	if (!model_check(day->pbx->model, &error))
		fail_msg("%s: %s", day->last, error.text);
	for (const char *const *d = devices; *d; d++)
		if (!device_agrees(day, *d, why, size))
			return false;
	return true;
}

static void all_go_home(struct day *day)
{
	link_of_test->lags = false;
	link_of_test->repeats = 0;
	lanes_flush(link_of_test);
	snprintf(day->last, sizeof day->last, "all go home");
	office_closes(office);
	clock_advance(office->clock, clock_now(office->clock) + 2000000000, NULL, NULL);
	assert_true(TAILQ_EMPTY(&day->pbx->model->live));
	assert_int_equal(day->pbx->interactions->pool.used, 0);
}

static void in_order(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct day day;
		char why[512];
		day_begin(&day, seed);
		for (int i = 0; i < 1500; i++) {
			act(&day);
			if (!agrees(&day, why, sizeof why))
				fail_msg("seed %d, act %d: %s", (int)seed, i, why);
			if (day.told != link_of_test->facts)
				fail_msg("seed %d, act %d, %s: %d facts, %d events", (int)seed, i,
				         day.last, (int)link_of_test->facts, (int)day.told);
			if (day.pbx->model->stats.anomalies)
				fail_msg("seed %d, act %d: anomaly at %s", (int)seed, i, day.last);
		}
		assert_true(day.told > 300);
		assert_int_equal(day.resynced, 0);
		all_go_home(&day);
		day_end(&day);
	}
}

static void monitors_that_lag(void **state)
{
	(void)state;
	uint64_t merged = 0;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct day day;
		day_begin(&day, seed);
		for (int i = 0; i < 1500; i++) {
			link_of_test->lags = true;
			act(&day);
			if (any(&day, 4))
				continue;
			lanes_flush(link_of_test);
			if (day.told != link_of_test->facts)
				fail_msg("seed %d, act %d, %s: %d facts, %d events", (int)seed, i,
				         day.last, (int)link_of_test->facts, (int)day.told);
		}
		merged += day.pbx->model->stats.merged;
		all_go_home(&day);
		day_end(&day);
	}
	assert_true(merged > 1000);
}

static void lost_and_repeated(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct day day;
		char why[512];
		day_begin(&day, seed);
		for (int i = 0; i < 600; i++) {
			link_of_test->repeats = 4;
			if (!any(&day, 10))
				switch_fault_drop(office->sw, 1 + any(&day, 5));
			act(&day);
			if (i % 50)
				continue;
			/* Nothing happens for as long as the audit needs. */
			switch_fault_drop(office->sw, 0);
			snprintf(day.last, sizeof day.last, "quiet");
			clock_advance(office->clock, clock_now(office->clock) + 1300000000, NULL,
			              NULL);
			if (!agrees(&day, why, sizeof why))
				fail_msg("seed %d, act %d: %s", (int)seed, i, why);
		}
		switch_fault_drop(office->sw, 0);
		all_go_home(&day);
		day_end(&day);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(in_order),
	        cmocka_unit_test(monitors_that_lag),
	        cmocka_unit_test(lost_and_repeated),
	};
	const struct log_options quiet = {.level = CTI_LOG_ERROR, .file = NULL};
	log_open(&quiet, NULL, NULL);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("model_switch", tests, NULL, NULL);
}
