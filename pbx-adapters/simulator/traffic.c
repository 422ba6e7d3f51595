/* SPDX-License-Identifier: Apache-2.0 */
#include "pbx-adapters/simulator/traffic.h"

#include "pbx-adapters/host/options.h"
#include "pbx-adapters/host/random.h"
#include "pbx-adapters/host/range.h"
#include "pbx-adapters/simulator/simulator.h"
#include "pbx-adapters/simulator/switch.h"

#include <stdlib.h>
#include <string.h>

#define PEOPLE_MAX       10000
#define HOLD_US          6000000u
#define BACK_US          15000000u /* an agent who missed a call is back after this */
#define HANG_UP_US       1500000u  /* after the other side did */
#define PERCENT_HOLD     15
#define PERCENT_TRANSFER 10

static const struct cti_option traffic_options[] = {
        {.name = "calls_per_minute",
         .type = CTI_OPTION_INT,
         .fallback = "6",
         .min = 1,
         .max = 60000,
         .help = "Calls from outside."},
        {.name = "to", .type = CTI_OPTION_LIST, .fallback = "3000", .help = "Numbers called."},
        {.name = "callers",
         .type = CTI_OPTION_LIST,
         .fallback = "5551000-5551099",
         .help = "Outside numbers that call."},
        {.name = "staff",
         .type = CTI_OPTION_LIST,
         .fallback = "",
         .help = "Extensions where somebody answers; the others are left to you."},
        {.name = "answer",
         .type = CTI_OPTION_DURATION,
         .fallback = "4s",
         .min = 1,
         .max = 3600000,
         .help = "Staff answer after about this."},
        {.name = "talk",
         .type = CTI_OPTION_DURATION,
         .fallback = "30s",
         .min = 1,
         .max = 3600000,
         .help = "Calls last about this."},
        {.name = "patience",
         .type = CTI_OPTION_DURATION,
         .fallback = "60s",
         .min = 1,
         .max = 3600000,
         .help = "Callers give up after about this."},
        {0},
};

enum plan { NOTHING, ANSWER, HOLD, RETRIEVE, TRANSFER, HANG_UP, GET_READY };

struct person {
	char number[SWITCH_ID_SIZE];
	struct traffic *traffic;
	struct cti_timer *timer;
	enum plan plan; /* what the timer means; callers: ANSWER until answered, then HANG_UP */
	char monitor[16];
};

struct people {
	struct person *list;
	size_t count;
};

struct traffic {
	struct sim_switch *sw;
	const struct cti_host *host;
	struct sim_client *client;
	struct cti_timer *next;
	struct people callers, staff, to;
	uint64_t random, interval_us, answer_us, talk_us, patience_us;
};

/** Between half and one and a half of @p mean. */
static uint64_t about(struct traffic *t, uint64_t mean)
{
	return mean / 2 + random_next(&t->random) % (mean + 1);
}

static void intend(struct person *p, enum plan plan, uint64_t delay_us)
{
	p->plan = plan;
	p->traffic->host->timer_set(p->timer, delay_us);
}

/* ---- Callers ------------------------------------------------------------------------------- */

static void caller_acts(void *arg)
{
	struct person *p = arg;
	struct traffic *t = p->traffic;
	if (p->plan == ANSWER && switch_phone_talks(t->sw, p->number))
		intend(p, HANG_UP, about(t, t->talk_us)); /* whoever answered may end it before */
	else
		switch_phone_hangup(t->sw, p->number, NULL); /* gone already: fine */
}

static void call_comes(void *arg)
{
	struct traffic *t = arg;
	struct person *caller = &t->callers.list[random_next(&t->random) % t->callers.count];
	const char *to = t->to.list[random_next(&t->random) % t->to.count].number;
	struct cti_error error;
	t->host->timer_set(t->next, about(t, t->interval_us));
	if (switch_phone_call(t->sw, caller->number, CTI_CONNECTION_UNKNOWN))
		return; /* on the phone already */
	if (switch_phone_dial(t->sw, caller->number, to, &error)) {
		t->host->log(t->host, CTI_LOG_DEBUG, "traffic: %s", error.text);
		return;
	}
	intend(caller, ANSWER, about(t, t->patience_us));
}

/* ---- Staff --------------------------------------------------------------------------------- */

static void talk(struct person *p)
{
	struct traffic *t = p->traffic;
	uint64_t dice = random_next(&t->random) % 100;
	if (dice < PERCENT_HOLD)
		intend(p, HOLD, about(t, t->talk_us / 2));
	else if (dice < PERCENT_HOLD + PERCENT_TRANSFER)
		intend(p, TRANSFER, about(t, t->talk_us / 2));
	else
		intend(p, HANG_UP, about(t, t->talk_us));
}

/** To a colleague who is free; there may be none. */
static void transfer(struct person *p)
{
	struct traffic *t = p->traffic;
	struct person *to = &t->staff.list[random_next(&t->random) % t->staff.count];
	if (to == p || switch_phone_call(t->sw, to->number, CTI_CONNECTION_UNKNOWN) ||
	    switch_phone_blind_transfer(t->sw, p->number, to->number, NULL))
		intend(p, HANG_UP, about(t, t->talk_us / 2));
}

static void staff_acts(void *arg)
{
	struct person *p = arg;
	struct traffic *t = p->traffic;
	enum plan plan = p->plan;
	p->plan = NOTHING;
	/* A call that is gone makes any of these fail, which is how people find out. */
	switch (plan) {
	case NOTHING:
		break;
	case ANSWER:
		switch_phone_answer(t->sw, p->number, NULL);
		break;
	case HOLD:
		if (!switch_phone_hold(t->sw, p->number, NULL))
			intend(p, RETRIEVE, about(t, HOLD_US));
		break;
	case RETRIEVE:
		if (!switch_phone_retrieve(t->sw, p->number, NULL))
			intend(p, HANG_UP, about(t, t->talk_us / 2));
		break;
	case TRANSFER:
		transfer(p);
		break;
	case HANG_UP:
		switch_phone_hangup(t->sw, p->number, NULL);
		break;
	case GET_READY:
		switch_phone_agent(t->sw, p->number, CTI_REQUEST_READY, NULL, NULL, NULL);
		break;
	}
}

static struct person *staff_of(struct traffic *t, const struct cti_event *e)
{
	for (size_t i = 0; i < t->staff.count; i++)
		if (!strcmp(t->staff.list[i].monitor, e->monitor))
			return &t->staff.list[i];
	return NULL;
}

static void staff_hears(void *arg, const struct cti_event *e)
{
	struct traffic *t = arg;
	struct person *p = staff_of(t, e);
	if (!p)
		return;
	bool own = e->connection.device_id && !strcmp(e->connection.device_id, p->number);
	if (e->type == CTI_EVENT_AGENT_NOT_READY && e->cause)
		intend(p, GET_READY, BACK_US);
	else if (e->type == CTI_EVENT_CALL_DELIVERED && own)
		intend(p, ANSWER, about(t, t->answer_us));
	else if (e->type == CTI_EVENT_CALL_ESTABLISHED && own)
		talk(p);
	else if (e->local_state == CTI_CONNECTION_NULL && p->plan != GET_READY)
		p->plan = NOTHING;
	else if (e->local_state == CTI_CONNECTION_FAIL)
		intend(p, HANG_UP, HANG_UP_US);
}

struct monitor_answer {
	struct person *person;
	int code;
};

static void monitored(void *arg, const struct cti_reply *reply)
{
	struct monitor_answer *a = arg;
	a->code = reply->code;
	if (!reply->code)
		strncpy(a->person->monitor, reply->monitor, sizeof a->person->monitor - 1);
}

static int staff_listens(struct traffic *t, struct person *p, struct cti_error *error)
{
	struct monitor_answer a = {p, CTI_E_NOMEM};
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_MONITOR_START);
	r.device = p->number;
	switch_request(t->client, &r, monitored, &a);
	return a.code ? cti_error_set(error, CTI_E_CONFIG,
	                              "traffic: staff: there is no extension %s", p->number)
	              : 0;
}

/* ---- Life ---------------------------------------------------------------------------------- */

struct gathering {
	struct traffic *traffic;
	struct people *people;
	void (*acts)(void *);
	struct cti_error *error;
};

static int gather_one(void *arg, const char *number, size_t index)
{
	struct gathering *g = arg;
	struct people *people = g->people;
	(void)index;
	if (people->count >= PEOPLE_MAX || strlen(number) >= SWITCH_ID_SIZE)
		return cti_error_set(g->error, CTI_E_CONFIG,
		                     "traffic: at most %d people, not %.40s", PEOPLE_MAX, number);
	if (!(people->count & (people->count - 1))) {
		size_t room = people->count ? 2 * people->count : 1;
		struct person *list = realloc(people->list, room * sizeof *list);
		if (!list)
			return cti_error_set(g->error, CTI_E_NOMEM, "traffic: out of memory");
		people->list = list;
	}
	struct person *p = &people->list[people->count++];
	*p = (struct person){.traffic = g->traffic};
	strcpy(p->number, number);
	return 0;
}

static int gather(struct traffic *t, struct people *people, const struct cti_options *o,
                  const char *name, void (*acts)(void *), struct cti_error *error)
{
	struct gathering g = {t, people, acts, error};
	int code = 0;
	for (size_t i = 0; !code && i < cti_options_count(o, name); i++)
		code = range_each(cti_options_item(o, name, i), gather_one, &g, error);
	for (size_t i = 0; !code && acts && i < people->count; i++) {
		struct person *p = &people->list[i];
		p->timer = t->host->timer_create(t->host, "person", acts, p);
		if (!p->timer)
			code = cti_error_set(error, CTI_E_NOMEM, "traffic: out of memory");
	}
	return code;
}

static int begin(struct traffic *t, const struct cti_options *o, struct cti_error *error)
{
	static const struct switch_sink sink = {staff_hears, NULL};
	t->interval_us = 60000000u / (uint64_t)cti_options_int(o, "calls_per_minute");
	t->answer_us = (uint64_t)cti_options_int(o, "answer") * 1000;
	t->talk_us = (uint64_t)cti_options_int(o, "talk") * 1000;
	t->patience_us = (uint64_t)cti_options_int(o, "patience") * 1000;
	int code = gather(t, &t->callers, o, "callers", caller_acts, error);
	if (!code)
		code = gather(t, &t->staff, o, "staff", staff_acts, error);
	if (!code)
		code = gather(t, &t->to, o, "to", NULL, error);
	if (!code && (!t->callers.count || !t->to.count))
		code = cti_error_set(error, CTI_E_CONFIG,
		                     "traffic: 'callers' and 'to' need a number");
	if (!code)
		code = switch_client_create(&t->client, t->sw, &sink, t, error);
	for (size_t i = 0; !code && i < t->staff.count; i++)
		code = staff_listens(t, &t->staff.list[i], error);
	t->next = code ? NULL : t->host->timer_create(t->host, "next call", call_comes, t);
	if (!code && !t->next)
		code = cti_error_set(error, CTI_E_NOMEM, "traffic: out of memory");
	if (!code)
		t->host->timer_set(t->next, about(t, t->interval_us) / 2);
	return code;
}

int traffic_create(struct traffic **out, struct sim_switch *sw, const struct cti_host *host,
                   void *group, struct cti_error *error)
{
	struct cti_options *o = NULL;
	int code = options_read(&o, group, traffic_options, NULL, error);
	struct traffic *t = code ? NULL : calloc(1, sizeof *t);
	if (!code && !t)
		code = cti_error_set(error, CTI_E_NOMEM, "traffic: out of memory");
	if (!code) {
		*t = (struct traffic){
		        .sw = sw, .host = host, .random = host->seed ^ 0x7472616666696371u};
		code = begin(t, o, error);
	}
	options_destroy(&o);
	if (code)
		traffic_destroy(&t);
	else
		*out = t;
	return code;
}

static void people_free(struct people *people, const struct cti_host *host)
{
	for (size_t i = 0; i < people->count; i++)
		host->timer_destroy(&people->list[i].timer);
	free(people->list);
}

void traffic_destroy(struct traffic **traffic)
{
	struct traffic *t = *traffic;
	if (!t)
		return;
	*traffic = NULL;
	switch_client_destroy(&t->client);
	t->host->timer_destroy(&t->next);
	people_free(&t->callers, t->host);
	people_free(&t->staff, t->host);
	people_free(&t->to, t->host);
	free(t);
}
