/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole business of calls with each allocation failing in turn, alone and for good from there
 * on. Nothing may crash, nothing may be lost in silence, and what memory did not suffice for is
 * put right by reading the switch again.
 */
#include "cti-server/pbx_private.h"
#include "pbx-adapters/host/log.h"
#include "tests/support/nomem.h"
#include "tests/unit/model_play.h"

static const char *const devices[] = {"2001", "2002", "2003", "3000", NULL};

static const char *const story[] = {
        "2001: agent.logged-on subject=2001 agent=7001 group=3000",
        "2001: agent.not-ready subject=2001 agent=7001",
        "3000: delivered c1/3000 calling=5551234 called=3000 cause=enteringDistribution linkage=G1",
        "3000: queued c1/3000 calling=5551234 called=3000 cause=noAvailableAgents",
        "2001: agent.ready subject=2001 agent=7001 reason=back",
        "3000: diverted c1/3000 to=2001 cause=distributed local=null",
        "2001: delivered c1/N<2001>Ann calling=5551234 called=3000 redirected=3000 local=alerting",
        "2001: established c1/N<2001>Ann calling=5551234 called=3000",
        "2001: agent.busy subject=2001 agent=7001",
        "2001: held c1/N<2001>Ann cause=consultation",
        "2001: service-initiated c2/2001 cause=consultation",
        "2001: originated c2/2001 calling=2001 called=2002",
        "2002: delivered c2/2002 calling=2001 called=2002 local=alerting",
        "2001: delivered c2/2002 calling=2001 called=2002 local=connected",
        "2002: established c2/2002 calling=2001 called=2002 local=connected",
        "2001: transferred old=c1/2001 second=c2/2001 subject=2001 to=2002 "
        "item=c3/T5<c1/T5 item=c3/2002<c2/2002 local=null",
        "2002: transferred old=c1/2001 second=c2/2001 subject=2001 to=2002 "
        "item=c3/T5<c1/T5 item=c3/2002<c2/2002 local=connected",
        "2001: agent.working-after-call subject=2001 agent=7001",
        "2002: held c3/2002",
        "2002: originated c4/2002 calling=2002 called=2003",
        "2003: established c4/2003 calling=2002 called=2003",
        "2002: conferenced old=c3/2002 second=c4/2002 subject=2002 to=2003 "
        "item=c5/T5 item=c5/2002 item=c5/2003",
        "2003: connection-cleared c5/2002",
        "2003: connection-cleared c5/T9",
        "2003: connection-cleared c5/T5",
        "2003: connection-cleared c5/2003",
        "2001: agent.logged-off subject=2001 agent=7001",
};
#define STORY (sizeof story / sizeof *story)

/* How the owner hears that something has to be read again. */
static unsigned devices_to_read;
static void heal_device(void *arg, struct device *d)
{
	(void)arg, (void)d;
	devices_to_read++;
}

static struct play *begin(void)
{
	struct play *p = play_begin(devices);
	p->model->owner.heal_device = heal_device;
	devices_to_read = 0;
	return p;
}

static void tell(struct play *p, const char *line)
{
	char copy[1024], monitor[64];
	struct cti_event e;
	struct cti_connection_item items[8] = {0};
	snprintf(copy, sizeof copy, "%s", line);
	play_read(&e, items, monitor, copy);
	model_event(p->model, &e);
}

/* The switch is read again at last: nobody calls any more. */
static void read_again(struct play *p)
{
	struct model *m = p->model;
	for (const char *const *d = devices; *d; d++)
		model_device_snapshot(m, model_device_find(m, *d), NULL, 0, NULL, NULL);
	for (struct call *call; (call = TAILQ_FIRST(&m->live));)
		model_call_gone(m, call);
	model_agents_snapshot(m, model_device_find(m, "2001"), NULL, 0);
}

/* Everything that ended is over, and the states say so. */
static void all_is_over(struct play *p, int failed)
{
	struct model *m = p->model;
	struct cti_error error = {0};
	struct device *d;
	if (!model_check(m, &error))
		fail_msg("allocation %d: %s", failed, error.text);
	assert_true(TAILQ_EMPTY(&m->live));
	assert_int_equal(p->interactions->pool.used, 0);
	TAILQ_FOREACH (d, &m->devices, all) {
		assert_true(LIST_EMPTY(&d->conns));
		model_device_dirty(m, d);
	}
	model_flush(m);
	state_has(p, "device/2001", "\"calls\":[]");
	state_has(p, "device/2003", "\"calls\":[]");
}

/* All the ways of saying: counted, to be read again, a hole in the sequence. */
static uint64_t said_so_far(const struct play *p)
{
	return p->model->stats.out_of_memory + p->healed + devices_to_read +
	       (bus_stream_sequence(p->stream) - p->sequence);
}

static void each_allocation_fails(bool for_good)
{
	struct play *p = begin();
	size_t length[STORY]; /* of what was heard until then */
	for (size_t i = 0; i < STORY; i++) {
		tell(p, story[i]);
		length[i] = p->used;
	}
	char *whole = strdup(p->text);
	uint64_t published = p->sequence;
	all_is_over(p, 0);
	play_end(&p);
	int failing = 0;
	for (bool failed = true; failed;) {
		p = begin();
		nomem_after(failing, for_good);
		failed = false;
		for (size_t i = 0; i < STORY; i++) {
			uint64_t said = said_so_far(p);
			tell(p, story[i]);
			/* The step that it happened in comes out as ever, or it is said there. */
			bool now = nomem_failed() && !failed;
			failed = nomem_failed();
			if (now && said_so_far(p) == said &&
			    (p->used != length[i] || strncmp(p->text, whole, p->used)))
				fail_msg("allocation %d failed in silence:\n%s", failing, p->text);
		}
		nomem_after(-1, false);
		if (!failed)
			assert_string_equal(p->text, whole);
		read_again(p);
		all_is_over(p, failing);
		play_end(&p);
		failing++;
	}
	free(whole);
	print_message("# %d allocations, %d events\n", failing - 1, (int)published);
	assert_true(failing > 50);
}

static void one_allocation_fails(void **state)
{
	(void)state;
	each_allocation_fails(false);
}

static void memory_is_gone(void **state)
{
	(void)state;
	each_allocation_fails(true);
}

/* ---- a switch behind an adapter -----------------------------------------------------------------
 */

static const struct cti_host *host;
static bool truth; /* is there a call? */

static int create(struct cti_adapter_instance **out, const struct cti_host *h,
                  const struct cti_options *options, struct cti_error *error)
{
	static int instance;
	(void)options, (void)error;
	host = h;
	*out = (struct cti_adapter_instance *)(void *)&instance;
	return 0;
}

static int start(struct cti_adapter_instance *i, struct cti_error *error)
{
	(void)i, (void)error;
	host->link(host, CTI_LINK_UP, NULL);
	return 0;
}

static void stop(struct cti_adapter_instance *i)
{
	(void)i;
	host->link(host, CTI_LINK_DOWN, NULL);
}

static void destroy(struct cti_adapter_instance **i)
{
	*i = NULL;
}

/* Answers at once, truly. */
static void verb(struct cti_adapter_instance *i, uint64_t token, const struct cti_request *r)
{
	(void)i;
	char monitor[40];
	struct cti_reply reply;
	const struct cti_snapshot_item call = {
	        .connection = {"c1", r->device ? r->device : "2001", false, CTI_CONNECTION_HOLD}};
	cti_reply_init(&reply);
	snprintf(monitor, sizeof monitor, "m%s", r->device ? r->device : "");
	if (r->service == CTI_SERVICE_MONITOR_START)
		reply.monitor = monitor;
	bool snapshot = (r->service == CTI_SERVICE_SNAPSHOT_DEVICE && !strcmp(r->device, "2001")) ||
	                r->service == CTI_SERVICE_SNAPSHOT_CALL;
	if (snapshot && truth) {
		reply.snapshot = &call;
		reply.snapshot_count = 1;
	}
	if (r->service == CTI_SERVICE_SNAPSHOT_CALL && !truth) {
		reply.code = CTI_E_REFUSED;
		reply.value = "invalidCallID";
	}
	host->done(host, token, &reply);
}

static const struct cti_option no_options[] = {{.name = NULL}};
static const struct cti_adapter adapter = {
        CTI_ADAPTER_HEAD,        .name = "true",       .options = no_options,
        .create = create,        .start = start,       .stop = stop,
        .destroy = destroy,      .hold_call = verb,    .monitor_start = verb,
        .snapshot_device = verb, .snapshot_call = verb};

static void ended(void *arg, const struct cti_reply *reply)
{
	(void)reply;
	++*(int *)arg;
}

/* False: no allocation failed any more. */
static bool business(struct play *p, int *answers)
{
	struct pbx *pbx = NULL;
	struct cti_error error = {0};
	const char *const ranges[] = {"2001-2003", NULL};
	const struct pbx_config config = {.name = "hq",
	                                  .tenant = "acme",
	                                  .adapter = &adapter,
	                                  .monitors = {.ranges = ranges, .retry_us = 1000000},
	                                  .seed = 42};
	char copy[256], monitor[64];
	struct cti_event e;
	struct cti_connection_item items[8] = {0};
	truth = true;
	int code = pbx_create(&pbx, &config, p->bus, p->clock, NULL, &error);
	if (code) {
		assert_int_equal(code, CTI_E_NOMEM);
		assert_true(strlen(error.text) > 0);
		return true;
	}
	assert_int_equal(pbx_start(pbx, &error), 0);
	wait_us(p, 1000000);
	snprintf(copy, sizeof copy, "2002: delivered c2/2002 calling=5551234 called=2002");
	play_read(&e, items, monitor, copy);
	host->event(host, &e, NULL);
	struct cti_request hold;
	cti_request_init(&hold, CTI_SERVICE_HOLD_CALL);
	hold.id = "r1";
	hold.connection = (struct cti_connection){.call_id = "c2", .device_id = "2002"};
	pbx_request(pbx, &hold, ended, answers);
	assert_int_equal(*answers, 1);
	host->link(host, CTI_LINK_DOWN, "cut");
	host->link(host, CTI_LINK_UP, NULL);
	wait_us(p, 10000000);
	bool failed = nomem_failed();
	nomem_after(-1, false);
	/* It may have given up on a device; the next link puts everything right. */
	host->link(host, CTI_LINK_DOWN, "cut");
	host->link(host, CTI_LINK_UP, NULL);
	wait_us(p, 10000000);
	assert_true(pbx_current(pbx));
	struct call *call = model_call_find(pbx->model, "c1");
	assert_non_null(call);
	assert_false(call->over);
	struct device *d = model_device_find(pbx->model, "2001");
	assert_int_equal(d->monitoring, MONITOR_ACTIVE);
	assert_true(d->current);
	assert_int_equal(LIST_FIRST(&d->conns)->state, CTI_CONNECTION_HOLD);
	assert_true(model_check(pbx->model, &error));
	pbx_destroy(&pbx);
	return failed;
}

static void switch_without_memory(void **state)
{
	(void)state;
	for (int for_good = 0; for_good < 2; for_good++) {
		int failing = 0;
		for (bool failed = true; failed; failing++) {
			struct play *p = play_bus();
			int answers = 0;
			nomem_after(failing, for_good);
			failed = business(p, &answers);
			nomem_after(-1, false);
			play_end(&p);
		}
		print_message("# %d allocations\n", failing - 1);
		assert_true(failing > 50);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(one_allocation_fails),
	        cmocka_unit_test(memory_is_gone),
	        cmocka_unit_test(switch_without_memory),
	};
	/* Thousands of lines about memory that is missing on purpose. */
	const struct log_options quiet = {.level = CTI_LOG_ERROR, .file = "/dev/null"};
	log_open(&quiet, NULL, NULL);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("model_memory", tests, NULL, NULL);
}
