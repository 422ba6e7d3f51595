/* SPDX-License-Identifier: Apache-2.0 */
/* The model's life, its devices, and the way in for reports. */
#include "cti-server/model/model.h"

#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"
#include "pbx-adapters/host/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Canonical numbers and rows of one event: two hundred rows of a conference and to spare. */
#define SCRATCH_SIZE (256u << 10)
/* A limit that is met is logged once in this time. */
#define WARN_US   10000000u
#define CALLS_MAX 200000

/* Switches of one server have one seed and must not make the same ids. */
static uint64_t seed_of(const char *name, uint64_t seed)
{
	if (!seed && getrandom(&seed, sizeof seed, 0) != sizeof seed)
		log_warn("model", "no randomness from the system: ids can be guessed");
	for (; *name; name++)
		seed = random_mix(seed ^ (unsigned char)*name);
	return seed;
}

int model_create(struct model **out, const char *name, struct bus_stream *stream,
                 struct clock *clock, const struct pbx_dialplan *dialplan,
                 struct interactions *interactions, const struct model_owner *owner, uint64_t seed,
                 size_t max_calls)
{
	struct model *m = calloc(1, sizeof *m);
	if (!m)
		return CTI_E_NOMEM;
	*m = (struct model){
	        .name = name,
	        .stream = stream,
	        .clock = clock,
	        .dialplan = dialplan,
	        .interactions = interactions,
	        .random = seed_of(name, seed),
	        .max_calls = max_calls ? max_calls : CALLS_MAX,
	        .calls.size = sizeof(struct call),
	        .conns.size = sizeof(struct conn),
	        .scratch_size = SCRATCH_SIZE,
	};
	if (owner)
		m->owner = *owner;
	TAILQ_INIT(&m->live);
	TAILQ_INIT(&m->over);
	TAILQ_INIT(&m->devices);
	TAILQ_INIT(&m->agents);
	STAILQ_INIT(&m->dirty_devices);
	STAILQ_INIT(&m->dirty_agents);
	m->scratch = malloc(m->scratch_size);
	if (!m->scratch) {
		free(m);
		return CTI_E_NOMEM;
	}
	*out = m;
	return 0;
}

static void agent_destroy(struct model *m, struct agent *a)
{
	facts_free(&m->names, &a->facts);
	name_put(&m->names, &a->reason);
	name_put(&m->names, &a->id);
	free(a);
}

static void device_destroy(struct model *m, struct device *d)
{
	name_put(&m->names, &d->received);
	name_put(&m->names, &d->written);
	name_put(&m->names, &d->monitor);
	name_put(&m->names, &d->why);
	name_put(&m->names, &d->name);
	free(d);
}

void model_destroy(struct model **model)
{
	struct model *m = *model;
	*model = NULL;
	if (!m)
		return;
	for (struct call *c; (c = TAILQ_FIRST(&m->live));) {
		struct interaction *i = c->interaction;
		model_call_over(c);
		if (i && LIST_EMPTY(&i->calls))
			interaction_destroy(m->interactions, &i);
	}
	for (struct call *c; (c = TAILQ_FIRST(&m->over));)
		model_call_forget(c);
	for (struct agent *a; (a = TAILQ_FIRST(&m->agents));) {
		TAILQ_REMOVE(&m->agents, a, all);
		agent_destroy(m, a);
	}
	for (struct device *d; (d = TAILQ_FIRST(&m->devices));) {
		TAILQ_REMOVE(&m->devices, d, all);
		device_destroy(m, d);
	}
	pool_free(&m->calls);
	pool_free(&m->conns);
	names_free(&m->names);
	cti_text_free(&m->text);
	free(m->scratch);
	free(m);
}

struct device *model_device_find(const struct model *m, const char *number)
{
	struct name *name = name_find(&m->names, number);
	return name ? name->device : NULL;
}

struct device *model_device(struct model *m, const char *number)
{
	struct device *d = model_device_find(m, number);
	if (d)
		return d;
	if (m->device_count == MODEL_DEVICES_MAX) {
		model_over_limit(m, "devices");
		return NULL;
	}
	size_t first = strlen("device/") + strlen(number) + 1;
	size_t size = first + strlen("queue/") + strlen(number) + 1;
	struct name *name = name_get(&m->names, number);
	d = name ? calloc(1, sizeof *d + size) : NULL;
	if (!d) {
		name_put(&m->names, &name);
		return NULL;
	}
	d->name = name;
	name->device = d;
	d->current = m->all_seen;
	snprintf(d->subject, size, "device/%s", number);
	snprintf(d->subject + first, size - first, "queue/%s", number);
	d->queue_subject = d->subject + first;
	LIST_INIT(&d->conns);
	TAILQ_INSERT_TAIL(&m->devices, d, all);
	m->device_count++;
	return d;
}

bool model_device_visible(const struct device *d)
{
	return d->monitoring != MONITOR_NONE && d->monitoring != MONITOR_REFUSED;
}

void model_device_dirty(struct model *m, struct device *d)
{
	if (d->dirty)
		return;
	d->dirty = true;
	STAILQ_INSERT_TAIL(&m->dirty_devices, d, by_dirty);
}

void model_agent_dirty(struct model *m, struct agent *a)
{
	if (a->dirty)
		return;
	a->dirty = true;
	STAILQ_INSERT_TAIL(&m->dirty_agents, a, by_dirty);
}

void model_stale(struct model *m)
{
	struct device *d;
	struct agent *a;
	TAILQ_FOREACH (d, &m->devices, all) {
		d->current = false;
		if (model_device_visible(d) || d->queue || !LIST_EMPTY(&d->conns))
			model_device_dirty(m, d);
	}
	TAILQ_FOREACH (a, &m->agents, all) {
		a->current = false;
		model_agent_dirty(m, a);
	}
	model_flush(m);
}

void model_device_current(struct model *m, struct device *d)
{
	struct agent *a;
	d->current = true;
	model_device_dirty(m, d);
	TAILQ_FOREACH (a, &m->agents, all)
		if (a->device == d && !a->current) {
			a->current = true;
			model_agent_dirty(m, a);
		}
	model_flush(m);
}

/* Whom it was about is not known: everybody is read again. */
static void heal_all(struct model *m)
{
	struct device *d;
	if (m->owner.heal_device)
		TAILQ_FOREACH (d, &m->devices, all)
			if (model_device_visible(d))
				m->owner.heal_device(m->owner.arg, d);
}

void model_lost(struct model *m, struct call *call, const char *what)
{
	m->stats.out_of_memory++;
	log_error("model", "%s: out of memory: %s%s%s; it will be read again", m->name, what,
	          call ? ", call " : "", call ? call->id->text : "");
	if (call && m->owner.heal)
		m->owner.heal(m->owner.arg, call, 0);
	else
		heal_all(m);
}

void model_over_limit(struct model *m, const char *what)
{
	m->stats.over_limit++;
	uint64_t now = clock_now(m->clock);
	if (m->warned_at && now - m->warned_at < WARN_US)
		return;
	m->warned_at = now ? now : 1;
	log_warn("model", "%s: limit of %s met, %" PRIu64 " times until now", m->name, what,
	         m->stats.over_limit);
}

/* What the model does not interpret goes on as it is. */
static void plain_event(struct model *m, struct cti_event *e)
{
	struct device *d = e->subject.number ? model_device_find(m, e->subject.number) : NULL;
	if (d && (e->type == CTI_EVENT_DEVICE_OUT_OF_SERVICE ||
	          e->type == CTI_EVENT_DEVICE_BACK_IN_SERVICE)) {
		bool out = e->type == CTI_EVENT_DEVICE_OUT_OF_SERVICE;
		if (d->out_of_service == out) {
			m->stats.merged++;
			return;
		}
		d->out_of_service = out;
		model_device_dirty(m, d);
	}
	struct call *call =
	        e->connection.call_id ? model_call_find(m, e->connection.call_id) : NULL;
	model_subjects_begin(m);
	if (d)
		model_subject_device(m, d);
	model_publish(m, e, call);
}

void model_event(struct model *m, const struct cti_event *report)
{
	struct cti_event e = *report;
	m->stats.reports++;
	model_over_purge(m);
	model_numbers_begin(m);
	if (!model_numbers(m, &e)) {
		m->stats.malformed++;
		log_warn("model",
		         "%s: %s has an empty or too long id, or too long a list: left out, the "
		         "switch is read again",
		         m->name, cti_event_type_name(e.type));
		heal_all(m);
		return;
	}
	/* The switch's own envelope does not exist. */
	e.id = e.tenant = e.switch_name = e.epoch = e.interaction_id = e.request_id = NULL;
	e.sequence = 0;
	e.subject_count = e.attached_count = 0;
	if (e.type <= CTI_EVENT_CALL_INFORMATION)
		model_call_event(m, &e);
	else if (e.type <= CTI_EVENT_AGENT_WORKING_AFTER_CALL)
		model_agent_event(m, &e);
	else if (e.type == CTI_EVENT_DEVICE_BACK_IN_SERVICE ||
	         e.type == CTI_EVENT_DEVICE_OUT_OF_SERVICE || e.type == CTI_EVENT_PRIVATE ||
	         e.type == CTI_EVENT_CSTA)
		plain_event(m, &e);
	else
		log_warn("model", "%s: the adapter reports %s, which is the server's own: ignored",
		         m->name, cti_event_type_name(e.type));
	if (m->owner.flush)
		m->owner.flush(m->owner.arg);
	else
		model_flush(m);
}
