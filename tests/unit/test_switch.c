/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The switch against the ladders of csta-semantics section 3. A step is what somebody does; behind
 * it stands every report that it causes, in order: monitored device, event, subject, (cause), and
 * in brackets the local connection state of the monitored device.
 */
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/host.h"
#include "pbx-adapters/simulator/switch.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const codes[CTI_EVENT_TYPES] = {
        [CTI_EVENT_CALL_SERVICE_INITIATED] = "SI",
        [CTI_EVENT_CALL_ORIGINATED] = "OR",
        [CTI_EVENT_CALL_DELIVERED] = "DE",
        [CTI_EVENT_CALL_ESTABLISHED] = "ES",
        [CTI_EVENT_CALL_HELD] = "HE",
        [CTI_EVENT_CALL_RETRIEVED] = "RE",
        [CTI_EVENT_CALL_QUEUED] = "QU",
        [CTI_EVENT_CALL_DIVERTED] = "DV",
        [CTI_EVENT_CALL_TRANSFERRED] = "TR",
        [CTI_EVENT_CALL_CONFERENCED] = "CF",
        [CTI_EVENT_CALL_CONNECTION_CLEARED] = "CC",
        [CTI_EVENT_CALL_CLEARED] = "CALL",
        [CTI_EVENT_CALL_FAILED] = "FA",
        [CTI_EVENT_CALL_NETWORK_REACHED] = "NR",
        [CTI_EVENT_AGENT_LOGGED_ON] = "AL",
        [CTI_EVENT_AGENT_LOGGED_OFF] = "AO",
        [CTI_EVENT_AGENT_NOT_READY] = "AN",
        [CTI_EVENT_AGENT_READY] = "AR",
        [CTI_EVENT_AGENT_BUSY] = "AB",
        [CTI_EVENT_AGENT_WORKING_AFTER_CALL] = "AW",
        [CTI_EVENT_DEVICE_OUT_OF_SERVICE] = "OOS",
        [CTI_EVENT_DEVICE_BACK_IN_SERVICE] = "BIS",
};

#define MONITORS 16
#define LOG_SIZE 16384

struct office {
	struct clock *clock;
	struct host host;
	struct sim_switch *sw;
	struct sim_client *client;
	struct {
		char xref[8], name[16];
	} monitors[MONITORS];
	size_t monitor_count;
	char log[LOG_SIZE];
	struct cti_reply *reply;
	char *full; /* every field of every event, for determinism */
	size_t full_size;
	FILE *full_file;
};

/* ---- An office of four phones, two agents, three trunks
 * ------------------------------------------ */

static const char *name_of(const struct office *o, const char *xref)
{
	for (size_t i = 0; i < o->monitor_count; i++)
		if (!strcmp(o->monitors[i].xref, xref))
			return o->monitors[i].name;
	return "?";
}

static const char *device(const struct cti_device *d)
{
	switch (d->status) {
	case CTI_DEVICE_NUMBER:
		return d->number;
	case CTI_DEVICE_RESTRICTED:
		return "restricted";
	case CTI_DEVICE_NOT_KNOWN:
		return "notKnown";
	case CTI_DEVICE_NOT_REQUIRED:
		return "-";
	case CTI_DEVICE_NOT_SPECIFIED:
		return "notSpecified";
	case CTI_DEVICE_ABSENT:
		break;
	}
	return "";
}

static void on_event(void *arg, const struct cti_event *e)
{
	struct office *o = arg;
	size_t n = strlen(o->log);
	char lcs[4] = "";
	if (e->local_state != CTI_CONNECTION_UNKNOWN)
		snprintf(lcs, sizeof lcs, "[%c]", "niachqf"[e->local_state]);
	n += (size_t)snprintf(o->log + n, LOG_SIZE - n, "%s%s %s %s%s%s%s%s", n ? "; " : "",
	                      name_of(o, e->monitor), codes[e->type], device(&e->subject),
	                      e->cause ? "(" : "", e->cause ? e->cause : "", e->cause ? ")" : "",
	                      lcs);
	assert_true(n < LOG_SIZE);
	if (!o->full_file)
		return;
	struct cti_event plain = *e;
	fprintf(o->full_file, "%lld %s %d %s/%s %s>%s last %s other %s nid %s %s\n",
	        (long long)plain.time_us, codes[e->type], (int)e->connection.state,
	        e->connection.call_id ? e->connection.call_id : "",
	        e->connection.device_id ? e->connection.device_id : "", device(&e->calling),
	        device(&e->called), device(&e->last_redirection), device(&e->other),
	        device(&e->associated_calling), device(&e->associated_called));
	fwrite(e->global_call.data, 1, e->global_call.length, o->full_file);
	fwrite(e->thread.data, 1, e->thread.length, o->full_file);
}

static void on_stopped(void *arg, const char *monitor, const char *why)
{
	struct office *o = arg;
	size_t n = strlen(o->log);
	assert_non_null(why);
	snprintf(o->log + n, LOG_SIZE - n, "%s%s STOPPED", n ? "; " : "", name_of(o, monitor));
}

static const struct switch_sink sink = {on_event, on_stopped};

static void on_reply(void *arg, const struct cti_reply *reply)
{
	struct office *o = arg;
	free(o->reply);
	o->reply = cti_reply_copy(reply);
	assert_non_null(o->reply);
}

static const struct cti_reply *ask(struct office *o, const struct cti_request *r)
{
	free(o->reply);
	o->reply = NULL;
	switch_request(o->client, r, on_reply, o);
	assert_non_null(o->reply);
	return o->reply;
}

static const struct cti_reply *monitor_named(struct office *o, const struct cti_request *r,
                                             const char *name)
{
	const struct cti_reply *reply = ask(o, r);
	if (!reply->code) {
		assert_true(o->monitor_count < MONITORS);
		snprintf(o->monitors[o->monitor_count].xref, 8, "%s", reply->monitor);
		snprintf(o->monitors[o->monitor_count++].name, 16, "%s", name);
		assert_true(strlen(reply->monitor) <= 4); /* ECMA-285 */
		assert_true(reply->monitor_existing_calls);
	}
	return reply;
}

static const struct cti_reply *monitor(struct office *o, const char *number)
{
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_MONITOR_START);
	r.device = number;
	return monitor_named(o, &r, number);
}

static struct office *office_create(const struct switch_config *how, uint64_t seed)
{
	static const struct switch_agent agents[] = {
	        {.id = "7001", .device = "2001", .queues = {"3000"}, .wrap_up_us = 10000000},
	        {.id = "7002", .device = "2002", .queues = {"3000"}, .password = "secret"},
	};
	struct office *o = calloc(1, sizeof *o);
	struct switch_config config = *how;
	char number[16];
	assert_int_equal(clock_create_virtual(&o->clock, 1000000, NULL), 0);
	host_init(&o->host, "hq", NULL, o->clock, seed);
	config.host = &o->host.cti;
	assert_int_equal(switch_create(&o->sw, &config, NULL), 0);
	for (int i = 1; i <= 4; i++) {
		snprintf(number, sizeof number, "200%d", i);
		struct switch_extension e = {.pickup_group = "2900"};
		assert_int_equal(switch_extension(o->sw, number, &e, NULL), 0);
		snprintf(number, sizeof number, "T%d", i);
		assert_int_equal(i == 4 ? 0 : switch_trunk(o->sw, number, NULL), 0);
	}
	assert_int_equal(switch_queue(o->sw, "3000", NULL), 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(switch_agent(o->sw, &agents[i], NULL), 0);
	assert_int_equal(switch_client_create(&o->client, o->sw, &sink, o, NULL), 0);
	return o;
}

static void office_destroy(struct office *o)
{
	switch_client_destroy(&o->client);
	switch_destroy(&o->sw);
	clock_destroy(&o->clock);
	if (o->full_file)
		fclose(o->full_file);
	free(o->full);
	free(o->reply);
	free(o);
}

/* ---- Steps
 * ---------------------------------------------------------------------------------------------- */

static int agent_key(struct office *o, const char *phone, const char *what, const char *id)
{
	int state = cti_requested_agent_state_parse(what);
	assert_true(state >= 0);
	return switch_phone_agent(o->sw, phone, (enum cti_requested_agent_state)state, id,
	                          id && !strcmp(id, "7002") ? "secret" : NULL, NULL);
}

static int press(struct office *o, const char *phone, const char *verb, const char *number)
{
	static const struct {
		const char *verb;
		int (*key)(struct sim_switch *, const char *, struct cti_error *);
		int (*key_number)(struct sim_switch *, const char *, const char *,
		                  struct cti_error *);
	} keys[] = {
	        {"dials", NULL, switch_phone_dial},
	        {"answers", switch_phone_answer, NULL},
	        {"lifts", switch_phone_lift, NULL},
	        {"hangs-up", switch_phone_hangup, NULL},
	        {"holds", switch_phone_hold, NULL},
	        {"retrieves", switch_phone_retrieve, NULL},
	        {"alternates", switch_phone_alternate, NULL},
	        {"reconnects", switch_phone_reconnect, NULL},
	        {"consults", NULL, switch_phone_consult},
	        {"transfers", switch_phone_transfer, NULL},
	        {"conferences", switch_phone_conference, NULL},
	        {"transfers-to", NULL, switch_phone_blind_transfer},
	        {"deflects", NULL, switch_phone_deflect},
	        {"picks-up", NULL, switch_phone_pickup},
	};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		if (strcmp(keys[i].verb, verb))
			continue;
		return keys[i].key
		               ? keys[i].key(o->sw, phone, NULL)
		               : keys[i].key_number(o->sw, phone, *number ? number : NULL, NULL);
	}
	fail_msg("no verb '%s'", verb);
	return -1;
}

/** "2001 dials 2002", "wait 20", "2001 agent ready 7001", "2002 make 2001". */
static int act(struct office *o, const char *text)
{
	char who[32] = "", verb[32] = "", what[32] = "", more[32] = "";
	sscanf(text, "%31s %31s %31s %31s", who, verb, what, more);
	if (!strcmp(who, "wait")) {
		clock_advance(o->clock, clock_now(o->clock) + strtoull(verb, NULL, 10) * 1000000,
		              NULL, NULL);
		return 0;
	}
	if (!strcmp(verb, "agent"))
		return agent_key(o, who, what, *more ? more : NULL);
	if (!strcmp(verb, "fails") || !strcmp(verb, "works"))
		return switch_fault_service(o->sw, who, *verb == 'f');
	if (!strcmp(verb, "make") || !strcmp(verb, "make-at-once")) {
		struct cti_request r;
		cti_request_init(&r, CTI_SERVICE_MAKE_CALL);
		r.device = who;
		r.destination = what;
		r.do_not_prompt = verb[4] != 0;
		return ask(o, &r)->code;
	}
	if (!strcmp(verb, "joins")) { /* 2004 joins 2001 silently */
		struct cti_request r;
		cti_request_init(&r, CTI_SERVICE_SINGLE_STEP_CONFERENCE_CALL);
		r.connection.device_id = what;
		r.destination = who;
		r.participation =
		        *more == 's' ? CTI_PARTICIPATION_SILENT : CTI_PARTICIPATION_ACTIVE;
		return ask(o, &r)->code;
	}
	return press(o, who, verb, what);
}

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
};

static void play(const struct ladder *l)
{
	struct office *o = office_create(&l->config, 42);
	char names[64], *save, *name;
	snprintf(names, sizeof names, "%s", l->monitors);
	assert_int_equal(switch_extension(o->sw, "2002", &l->at_2002, NULL), 0);
	for (name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save))
		assert_int_equal(monitor(o, name)->code, 0);
	for (size_t i = 0; i < 12 && l->steps[i].does; i++) {
		o->log[0] = 0;
		int code = act(o, l->steps[i].does);
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

#include "tests/unit/switch_more.h"
