/* SPDX-License-Identifier: Apache-2.0 */
#include "pbx-adapters/simulator/inside.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static uint64_t or_default(uint64_t value, uint64_t fallback)
{
	return value ? value : fallback;
}

int switch_create(struct sim_switch **out, const struct switch_config *config,
                  struct cti_error *error)
{
	if (config->outside_prefix && strlen(config->outside_prefix) >= SWITCH_ID_SIZE)
		return cti_error_set(error, CTI_E_INVALID, "outside prefix: too long");
	if (config->max_conference > CONFERENCE_MAX)
		return cti_error_set(error, CTI_E_INVALID, "conferences have at most %d members",
		                     CONFERENCE_MAX);
	struct sim_switch *sw = calloc(1, sizeof *sw);
	if (!sw)
		return cti_error_set(error, CTI_E_NOMEM, "switch: out of memory");
	sw->config = *config;
	if (config->outside_prefix)
		strcpy(sw->prefix, config->outside_prefix);
	sw->config.outside_prefix = sw->prefix;
	sw->config.no_answer_us = or_default(config->no_answer_us, 20000000);
	sw->config.ring_limit_us = or_default(config->ring_limit_us, 180000000);
	sw->config.prompt_us = or_default(config->prompt_us, 30000000);
	sw->config.park_recall_us = or_default(config->park_recall_us, 60000000);
	sw->config.max_calls = or_default(config->max_calls, 100000);
	sw->config.max_monitors = or_default(config->max_monitors, 1000000);
	sw->config.max_conference = or_default(config->max_conference, 8);
	sw->random = or_default(config->seed, config->host->seed);
	sw->last_call = 10000000 + (uint32_t)(random_next(&sw->random) % 50000000);
	TAILQ_INIT(&sw->all_calls);
	TAILQ_INIT(&sw->all_devices);
	TAILQ_INIT(&sw->free_trunks);
	TAILQ_INIT(&sw->all_agents);
	TAILQ_INIT(&sw->clients);
	TAILQ_INIT(&sw->deferred);
	TAILQ_INIT(&sw->dirty_agents);
	TAILQ_INIT(&sw->dirty_queues);
	TAILQ_INIT(&sw->callbacks);
	TAILQ_INIT(&sw->predicted);
	TAILQ_INIT(&sw->freed);
	*out = sw;
	return 0;
}

static void client_free(struct sim_client *client)
{
	for (struct monitor *m; (m = TAILQ_FIRST(&client->monitors));)
		monitor_destroy(m);
	map_free(&client->xrefs);
	TAILQ_REMOVE(&client->sw->clients, client, all);
	free(client);
}

static void deferred_free(struct sim_switch *sw, struct deferred *d)
{
	TAILQ_REMOVE(&sw->deferred, d, next);
	sw->deferred_count--;
	free(d->request);
	free(d);
}

static void groups_free(struct sim_switch *sw)
{
	for (size_t i = 0; i < sw->groups.size; i++)
		for (struct map_node *node = sw->groups.buckets[i], *next; node; node = next) {
			next = node->next;
			free(map_entry(node, struct group, node));
		}
	map_free(&sw->groups);
}

void switch_destroy(struct sim_switch **out)
{
	struct sim_switch *sw = *out;
	if (!sw)
		return;
	*out = NULL;
	for (struct deferred *d; (d = TAILQ_FIRST(&sw->deferred));)
		deferred_free(sw, d);
	for (struct sim_client *c; (c = TAILQ_FIRST(&sw->clients));)
		client_free(c);
	sw->depth++; /* nothing settles any more */
	for (struct call *call; (call = TAILQ_FIRST(&sw->all_calls));) {
		for (struct conn *c; (c = TAILQ_FIRST(&call->conns));)
			conn_remove(c);
		call_destroy(call);
	}
	complete_destroy(sw);
	acd_destroy(sw);
	groups_free(sw);
	for (struct device *d; (d = TAILQ_FIRST(&sw->all_devices));) {
		TAILQ_REMOVE(&sw->all_devices, d, all);
		free(d->queue);
		free(d->hunt);
		free(d);
	}
	map_free(&sw->devices);
	map_free(&sw->calls);
	free(sw);
}

/* ---- Beginning and end of a change --------------------------------------------------------- */

void switch_enter(struct sim_switch *sw)
{
	sw->depth++;
}

static void sweep(struct sim_switch *sw)
{
	for (struct sim_client *c = TAILQ_FIRST(&sw->clients), *next; c; c = next) {
		next = TAILQ_NEXT(c, all);
		if (c->dead)
			client_free(c);
	}
	sw->sweep = false;
}

void switch_leave(struct sim_switch *sw)
{
	if (sw->depth > 1) {
		sw->depth--;
		return;
	}
	for (;;) {
		if (TAILQ_EMPTY(&sw->dirty_agents) && !TAILQ_EMPTY(&sw->predicted)) {
			predict_settle(sw);
			continue;
		}
		if (TAILQ_EMPTY(&sw->dirty_agents) && complete_unsettled(sw)) {
			complete_settle(sw);
			continue;
		}
		if (acd_unsettled(sw)) {
			acd_settle(sw);
			continue;
		}
		struct deferred *d = TAILQ_FIRST(&sw->deferred);
		if (!d)
			break;
		struct deferred now = *d;
		now.request = d->request;
		d->request = NULL;
		deferred_free(sw, d);
		if (!now.client->dead)
			ask_run(sw, now.client, now.request, now.reply, now.arg);
		free(now.request);
	}
	sw->depth = 0;
	if (sw->sweep)
		sweep(sw);
}

static void refuse_now(switch_reply *reply, void *arg, enum fault fault)
{
	struct cti_reply r;
	cti_reply_init(&r);
	refuse(&r, fault);
	reply(arg, &r);
}

void switch_request(struct sim_client *client, const struct cti_request *request,
                    switch_reply *reply, void *arg)
{
	struct sim_switch *sw = client->sw;
	if (!sw->depth) {
		switch_enter(sw);
		ask_run(sw, client, request, reply, arg);
		switch_leave(sw);
		return;
	}
	struct deferred *d = sw->deferred_count < DEFERRED_MAX ? malloc(sizeof *d) : NULL;
	struct cti_request *copy = d ? cti_request_copy(request) : NULL;
	if (!copy) {
		free(d);
		refuse_now(reply, arg, outstandingReqLimitExceeded);
		return;
	}
	*d = (struct deferred){.client = client, .request = copy, .reply = reply, .arg = arg};
	TAILQ_INSERT_TAIL(&sw->deferred, d, next);
	sw->deferred_count++;
}

/* ---- Clients ------------------------------------------------------------------------------- */

int switch_client_create(struct sim_client **out, struct sim_switch *sw,
                         const struct switch_sink *sink, void *arg, struct cti_error *error)
{
	struct sim_client *c = calloc(1, sizeof *c);
	if (!c)
		return cti_error_set(error, CTI_E_NOMEM, "switch: out of memory");
	*c = (struct sim_client){.sw = sw, .sink = *sink, .arg = arg};
	TAILQ_INIT(&c->monitors);
	TAILQ_INSERT_TAIL(&sw->clients, c, all);
	*out = c;
	return 0;
}

void switch_client_destroy(struct sim_client **client)
{
	struct sim_client *c = *client;
	if (!c)
		return;
	*client = NULL;
	c->dead = true;
	for (struct deferred *d = TAILQ_FIRST(&c->sw->deferred), *next; d; d = next) {
		next = TAILQ_NEXT(d, next);
		if (d->client == c)
			deferred_free(c->sw, d);
	}
	if (c->sw->depth)
		c->sw->sweep = true;
	else
		client_free(c);
}

/* ---- Devices ----------------------------------------------------------------------------------
 */

struct device *device_find(struct sim_switch *sw, const char *id)
{
	return table_find(&sw->devices, id);
}

bool device_dialled(const struct device *d)
{
	return d->kind != TRUNK && d->kind != OUTSIDE;
}

/** Digits, and what stands in numbers beside them. Trunks have names. */
static bool number_valid(const char *id, bool name)
{
	size_t n = id ? strlen(id) : 0;
	if (!n || n >= SWITCH_ID_SIZE)
		return false;
	for (; *id; id++)
		if (!isdigit((unsigned char)*id) && !strchr("+*#", *id) &&
		    !(name && (isalnum((unsigned char)*id) || strchr("-_", *id))))
			return false;
	return true;
}

static struct device *device_create(struct sim_switch *sw, const char *id, enum kind kind)
{
	struct device *d = calloc(1, sizeof *d);
	if (!d)
		return NULL;
	*d = (struct device){.sw = sw, .kind = kind};
	strcpy(d->id, id);
	TAILQ_INIT(&d->conns);
	TAILQ_INIT(&d->monitors);
	if (map_insert_text(&sw->devices, &d->node, d->id)) {
		free(d);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&sw->all_devices, d, all);
	if (device_dialled(d) && strlen(id) > sw->longest)
		sw->longest = strlen(id);
	return d;
}

int device_add(struct sim_switch *sw, const char *id, enum kind kind, struct device **out,
               struct cti_error *error)
{
	if (!number_valid(id, kind == TRUNK))
		return cti_error_set(error, CTI_E_INVALID,
		                     "device '%.60s': expected 1 to %d digits (+*# too)",
		                     id ? id : "", SWITCH_ID_SIZE - 1);
	if (device_find(sw, id))
		return cti_error_set(error, CTI_E_EXISTS, "device %s exists already", id);
	*out = device_create(sw, id, kind);
	return *out ? 0 : cti_error_set(error, CTI_E_NOMEM, "switch: out of memory");
}

struct device *device_outside(struct sim_switch *sw, const char *number)
{
	struct device *d = device_find(sw, number);
	if (d)
		return d->kind == OUTSIDE ? d : NULL;
	if (sw->outside_count >= OUTSIDE_MAX || !number_valid(number, false))
		return NULL;
	d = device_create(sw, number, OUTSIDE);
	if (!d)
		return NULL;
	d->behaviour = sw->config.outside_answer_us ? SWITCH_ANSWERS : SWITCH_RINGS;
	d->delay_us = sw->config.outside_answer_us;
	sw->outside_count++;
	return d;
}

void device_forget(struct device *d)
{
	if (d->kind != OUTSIDE || d->kept || !TAILQ_EMPTY(&d->conns))
		return;
	d->sw->outside_count--;
	map_remove(&d->sw->devices, &d->node);
	TAILQ_REMOVE(&d->sw->all_devices, d, all);
	free(d);
}

int switch_pickup_group(struct sim_switch *sw, const char *number, const char *id,
                        struct cti_error *error)
{
	struct device *d = device_find(sw, number);
	struct group *g = NULL;
	if (!d || d->kind != EXTENSION)
		return cti_error_set(error, CTI_E_NOTFOUND, "%.40s is no extension",
		                     number ? number : "");
	if (id && !number_valid(id, true))
		return cti_error_set(error, CTI_E_INVALID, "pickup group of %s: no valid name",
		                     d->id);
	if (id && !(g = table_find(&sw->groups, id))) {
		g = calloc(1, sizeof *g);
		if (g) {
			strcpy(g->id, id);
			TAILQ_INIT(&g->members);
		}
		if (!g || map_insert_text(&sw->groups, &g->node, g->id)) {
			free(g);
			return cti_error_set(error, CTI_E_NOMEM, "switch: out of memory");
		}
	}
	if (d->group)
		TAILQ_REMOVE(&d->group->members, d, in_group);
	d->group = g;
	if (g)
		TAILQ_INSERT_TAIL(&g->members, d, in_group);
	return 0;
}

static void copy_number(char to[SWITCH_ID_SIZE], const char *from)
{
	strcpy(to, from ? from : "");
}

int switch_extension(struct sim_switch *sw, const char *number, const struct switch_extension *how,
                     struct cti_error *error)
{
	static const struct switch_extension plain;
	struct device *d = number ? device_find(sw, number) : NULL;
	if (!how)
		how = &plain;
	const char *numbers[] = {how->forward_immediate, how->forward_busy, how->forward_no_answer};
	for (size_t i = 0; i < 3; i++)
		if (numbers[i] && !number_valid(numbers[i], false))
			return cti_error_set(error, CTI_E_INVALID,
			                     "extension %s: '%.40s' is no number to forward to",
			                     number, numbers[i]);
	if (d && d->kind != EXTENSION)
		return cti_error_set(error, CTI_E_EXISTS, "device %s is no extension", number);
	int code = d ? 0 : device_add(sw, number, EXTENSION, &d, error);
	if (!code && how->pickup_group)
		code = switch_pickup_group(sw, number, how->pickup_group, error);
	if (code)
		return code;
	copy_number(d->forward_immediate, how->forward_immediate);
	copy_number(d->forward_busy, how->forward_busy);
	copy_number(d->forward_no_answer, how->forward_no_answer);
	d->do_not_disturb = how->do_not_disturb;
	d->call_waiting = how->call_waiting;
	d->must_lift = how->must_lift;
	d->offer_us = how->offer_us;
	return 0;
}

int switch_trunk(struct sim_switch *sw, const char *name, struct cti_error *error)
{
	struct device *d;
	int code = device_add(sw, name, TRUNK, &d, error);
	if (code)
		return code;
	TAILQ_INSERT_TAIL(&sw->free_trunks, d, in_group);
	sw->trunk_count++;
	return 0;
}

int switch_queue(struct sim_switch *sw, const char *number, struct cti_error *error)
{
	struct device *d;
	struct queue *q = calloc(1, sizeof *q);
	if (!q)
		return cti_error_set(error, CTI_E_NOMEM, "switch: out of memory");
	int code = device_add(sw, number, QUEUE, &d, error);
	if (code) {
		free(q);
		return code;
	}
	q->device = d;
	TAILQ_INIT(&q->waiting);
	TAILQ_INIT(&q->idle);
	TAILQ_INIT(&q->members);
	d->queue = q;
	return 0;
}

int switch_outside(struct sim_switch *sw, const char *number, enum switch_behaviour behaviour,
                   uint64_t delay_us, bool withhold_number, struct cti_error *error)
{
	struct device *d = device_outside(sw, number);
	if (!d)
		return cti_error_set(error, CTI_E_INVALID, "'%.60s' can be no outside number",
		                     number ? number : "");
	d->behaviour = behaviour;
	d->delay_us = delay_us;
	d->withheld = withhold_number;
	d->kept = true;
	return 0;
}

int switch_outside_is(struct sim_switch *sw, const char *number, enum switch_listener listener,
                      struct cti_error *error)
{
	struct device *d = device_outside(sw, number);
	if (!d)
		return cti_error_set(error, CTI_E_INVALID, "'%.60s' can be no outside number",
		                     number ? number : "");
	d->listener = listener;
	d->kept = true;
	return 0;
}

size_t switch_calls(const struct sim_switch *sw)
{
	return sw->call_count;
}

uint64_t switch_facts(const struct sim_switch *sw)
{
	return sw->facts;
}

/* ---- Faults -------------------------------------------------------------------------------- */

int switch_fault_monitor(struct sim_switch *sw, const char *device, bool refuse_it)
{
	struct device *d = device_find(sw, device);
	if (!d)
		return CTI_E_NOTFOUND;
	d->refuse_monitor = refuse_it;
	return 0;
}

void switch_fault_drop(struct sim_switch *sw, unsigned nth)
{
	sw->drop = nth;
}

void switch_fault_miss(struct sim_switch *sw, enum cti_event_type type)
{
	sw->drop_type |= UINT64_C(1) << type;
}

int switch_fault_service(struct sim_switch *sw, const char *device, bool out)
{
	struct device *d = device_find(sw, device);
	if (!d || d->kind == OUTSIDE)
		return CTI_E_NOTFOUND;
	if (sw->depth)
		return CTI_E_STATE;
	if (d->out_of_service == out)
		return 0;
	switch_enter(sw);
	d->out_of_service = out;
	for (struct conn *c; out && (c = TAILQ_FIRST(&d->conns));)
		conn_release(c, "destOutOfOrder");
	struct cti_event e;
	cti_event_init(&e,
	               out ? CTI_EVENT_DEVICE_OUT_OF_SERVICE : CTI_EVENT_DEVICE_BACK_IN_SERVICE);
	e.subject = (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = d->id};
	e.cause = "maintenance";
	monitor_report_device(d, &e);
	if (out && d->agent)
		acd_force_off(d->agent);
	switch_leave(sw);
	return 0;
}
