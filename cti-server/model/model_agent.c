/* SPDX-License-Identifier: Apache-2.0 */
/* Agents: who, at which device, in which groups, in which state (ECMA-269 6.1.1.6). */
#include "cti-server/model/fsm.h"
#include "cti-server/model/model.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reports of one change come from the device, the group and the agent within this time. */
#define MERGE_US 10000000u

static struct agent *agent_find(const struct model *m, const char *id)
{
	struct name *name = name_find(&m->names, id);
	return name ? name->agent : NULL;
}

static struct agent *agent_get(struct model *m, const char *id)
{
	struct agent *a = agent_find(m, id);
	if (a)
		return a;
	if (m->agent_count == MODEL_AGENTS_MAX) {
		model_over_limit(m, "agents");
		return NULL;
	}
	size_t size = strlen("agent/") + strlen(id) + 1;
	struct name *name = name_get(&m->names, id);
	a = name ? calloc(1, sizeof *a + size) : NULL;
	if (!a) {
		name_put(&m->names, &name);
		model_lost(m, NULL, "an agent");
		return NULL;
	}
	a->id = name;
	a->state = CTI_AGENT_NULL;
	a->pending = CTI_AGENT_UNKNOWN;
	a->since = clock_wall(m->clock);
	facts_init(&a->facts);
	snprintf(a->subject, size, "agent/%s", id);
	name->agent = a;
	TAILQ_INSERT_TAIL(&m->agents, a, all);
	m->agent_count++;
	return a;
}

/* Some switches name the device alone: the agent is whoever is logged on there, else the
 * device itself, which works like an agent. */
static const char *agent_id(const struct model *m, const struct cti_event *e)
{
	if (e->agent_id && *e->agent_id)
		return e->agent_id;
	struct device *d = e->subject.number ? model_device_find(m, e->subject.number) : NULL;
	return d && d->agent ? d->agent->id->text : e->subject.number;
}

static void group_dirty(struct model *m, struct agent *a)
{
	for (unsigned i = 0; i < a->group_count; i++)
		model_device_dirty(m, a->groups[i]);
}

/* The queues count their agents: out before a change of state or groups, in after it. */
static void groups_count(struct agent *a, int by)
{
	for (unsigned i = 0; i < a->group_count; i++)
		a->groups[i]->agents[a->state] += (unsigned)by;
}

static void group_join(struct model *m, struct agent *a, const char *number)
{
	for (unsigned i = 0; i < a->group_count; i++)
		if (!strcmp(a->groups[i]->name->text, number))
			return;
	struct device *d = model_device(m, number);
	if (!d) {
		model_lost(m, NULL, "a group of an agent");
		return;
	}
	if (a->group_count == MODEL_AGENT_GROUPS) {
		model_over_limit(m, "groups of an agent");
		return;
	}
	d->queue = true;
	a->groups[a->group_count++] = d;
}

static void group_leave(struct agent *a, const char *number)
{
	for (unsigned i = 0; i < a->group_count; i++)
		if (!strcmp(a->groups[i]->name->text, number)) {
			a->groups[i] = a->groups[--a->group_count];
			return;
		}
}

static void agent_at(struct model *m, struct agent *a, struct device *d)
{
	if (a->device && a->device != d && a->device->agent == a) {
		a->device->agent = NULL;
		model_device_dirty(m, a->device);
	}
	a->device = d;
	if (d && d->agent != a) {
		d->agent = a;
		model_device_dirty(m, d);
	}
}

/* Log on and off to groups: the state follows the first and the last of them (two steps,
 * ECMA-269 6.1.1.6). */
static enum cti_agent_state after_groups(struct model *m, struct agent *a,
                                         const struct cti_event *e)
{
	const char *group = e->group.status == CTI_DEVICE_NUMBER ? e->group.number : NULL;
	enum cti_agent_state to = fsm_agent_target(e->type);
	if (e->type == CTI_EVENT_AGENT_LOGGED_OFF) {
		if (group)
			group_leave(a, group);
		if (group && a->group_count)
			return a->state;
		group_dirty(m, a);
		a->group_count = 0;
		return to;
	}
	if (group)
		group_join(m, a, group);
	if (e->type == CTI_EVENT_AGENT_LOGGED_ON && a->state != CTI_AGENT_NULL)
		return a->state;
	return to;
}

static void set_reason(struct model *m, struct agent *a, const char *reason)
{
	struct name *name = reason ? name_get(&m->names, reason) : NULL;
	if (reason && !name)
		model_lost(m, NULL, "an agent's reason");
	name_put(&m->names, &a->reason);
	a->reason = name;
}

static void agent_apply(struct model *m, struct agent *a, struct cti_event *e)
{
	enum cti_agent_state from = a->state;
	/* The groups it leaves hear of it too. */
	groups_count(a, -1);
	model_subjects_begin(m);
	for (unsigned i = 0; i < a->group_count; i++)
		model_subject_add(m, a->groups[i]->queue_subject);
	struct device *d = e->subject.number ? model_device(m, e->subject.number) : NULL;
	enum cti_agent_state to = after_groups(m, a, e);
	if (d)
		agent_at(m, a, d);
	if (from != to && !(e->flags & CTI_EVENT_RESYNC) && a->current &&
	    !fsm_agent_knows(from, e->type, to)) {
		e->flags |= CTI_EVENT_ANOMALY;
		m->stats.anomalies++;
		log_info("model", "%s: anomaly: agent %s: %s + %s", m->name, a->id->text,
		         cti_agent_state_name(from), cti_event_type_name(e->type));
		if (a->device && m->owner.heal_device)
			m->owner.heal_device(m->owner.arg, a->device);
	}
	a->pending = e->pending_state;
	if (from != to)
		a->since = clock_wall(m->clock);
	a->state = to;
	groups_count(a, 1);
	a->current = true;
	set_reason(m, a, e->reason);
	for (unsigned i = 0; i < a->group_count; i++)
		model_subject_add(m, a->groups[i]->queue_subject);
	group_dirty(m, a);
	model_agent_dirty(m, a);
	if (a->device)
		model_device_dirty(m, a->device);
	e->agent_id = a->id->text;
	model_subject_add(m, a->subject);
	if (d)
		model_subject_add(m, d->subject);
	model_publish(m, e, NULL);
	if (to == CTI_AGENT_NULL)
		agent_at(m, a, NULL);
}

static void publish_bare(struct model *m, struct cti_event *e)
{
	model_subjects_begin(m);
	struct device *d = e->subject.number ? model_device_find(m, e->subject.number) : NULL;
	if (d)
		model_subject_device(m, d);
	e->flags |= CTI_EVENT_ANOMALY;
	m->stats.anomalies++;
	model_publish(m, e, NULL);
}

void model_agent_event(struct model *m, struct cti_event *e)
{
	const char *id = agent_id(m, e);
	struct agent *a = id ? agent_get(m, id) : NULL;
	if (!a) {
		m->stats.malformed += !id;
		publish_bare(m, e);
		return;
	}
	const char *group_number = e->group.status == CTI_DEVICE_NUMBER ? e->group.number : NULL;
	struct name *group = group_number ? name_get(&m->names, group_number) : NULL;
	struct name *monitor = e->monitor ? name_get(&m->names, e->monitor) : NULL;
	if ((group_number && !group) || (e->monitor && !monitor)) {
		model_lost(m, NULL, "a report of an agent");
		publish_bare(m, e);
	} else {
		struct facts_source source = model_source(m, NULL, monitor);
		struct fact fact = model_fact(e, group);
		/* Content makes the difference: another reason is another fact. */
		fact.strict = true;
		if (!(e->flags & CTI_EVENT_RESYNC) &&
		    facts_known(&a->facts, &fact, &source, MERGE_US)) {
			m->stats.merged++;
		} else {
			facts_add(&a->facts, &m->names, &fact, &source);
			agent_apply(m, a, e);
		}
	}
	name_put(&m->names, &group);
	name_put(&m->names, &monitor);
}

void model_agent_pending(struct model *m, const char *device, const char *id,
                         enum cti_agent_state pending)
{
	struct device *d = device ? model_device_find(m, device) : NULL;
	struct agent *a = id ? agent_find(m, id) : d ? d->agent : NULL;
	if (!a)
		return;
	a->pending = pending;
	model_agent_dirty(m, a);
	model_flush(m);
}

static enum cti_event_type event_of(enum cti_agent_state state)
{
	switch (state) {
	case CTI_AGENT_NOT_READY:
		return CTI_EVENT_AGENT_NOT_READY;
	case CTI_AGENT_READY:
		return CTI_EVENT_AGENT_READY;
	case CTI_AGENT_BUSY:
		return CTI_EVENT_AGENT_BUSY;
	case CTI_AGENT_WORKING_AFTER_CALL:
		return CTI_EVENT_AGENT_WORKING_AFTER_CALL;
	case CTI_AGENT_NULL:
	case CTI_AGENT_UNKNOWN:
	case CTI_AGENT_STATES_COUNT:
		break;
	}
	return CTI_EVENT_AGENT_LOGGED_OFF;
}

/* @p at: the agent's device; NULL: the group was asked, which does not know it. */
static void found(struct model *m, const struct device *at, const char *id,
                  const struct cti_device *group, enum cti_event_type type,
                  enum cti_agent_state pending)
{
	struct cti_event e;
	cti_event_init(&e, type);
	e.flags = CTI_EVENT_RESYNC;
	e.agent_id = id;
	if (at)
		e.subject =
		        (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = at->name->text};
	if (group)
		e.group = *group;
	e.pending_state = pending;
	model_agent_event(m, &e);
}

static bool is_number(const struct cti_device *device, const char *number)
{
	return device->status == CTI_DEVICE_NUMBER && !strcmp(device->number, number);
}

static void compare(struct model *m, struct device *d, const struct cti_agent_item *item)
{
	struct cti_device group = item->group;
	const char *id = item->agent_id && *item->agent_id ? item->agent_id
	                 : d->agent                        ? d->agent->id->text
	                                                   : d->name->text;
	struct agent *a = agent_find(m, id);
	enum cti_agent_state state = item->logged_on ? item->state : CTI_AGENT_NULL;
	bool on = state != CTI_AGENT_NULL && state != CTI_AGENT_UNKNOWN;
	if (!model_number_device(m, &group))
		return;
	/* A group lists its members, wherever they sit. */
	bool asked_group = d->queue || is_number(&group, d->name->text);
	const struct device *at = asked_group ? NULL : d;
	if (on && (!a || a->state == CTI_AGENT_NULL || (at && a->device != at))) {
		found(m, at, id, &group, CTI_EVENT_AGENT_LOGGED_ON, CTI_AGENT_UNKNOWN);
		a = agent_find(m, id);
	} else if (on && group.status == CTI_DEVICE_NUMBER) {
		groups_count(a, -1);
		group_join(m, a, group.number);
		groups_count(a, 1);
		group_dirty(m, a);
	}
	if (a && (on || (at && a->device == at)) && a->state != (on ? state : CTI_AGENT_NULL))
		found(m, at, id, on ? &group : NULL, event_of(state), item->pending_state);
	if (a) {
		a->current = true;
		a->pending = item->pending_state;
		model_agent_dirty(m, a);
	}
}

static bool is_listed(const struct agent *a, const struct cti_agent_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!items[i].agent_id || !*items[i].agent_id ||
		    !strcmp(items[i].agent_id, a->id->text))
			return true;
	return false;
}

static bool works_for(const struct agent *a, const struct device *group)
{
	for (unsigned i = 0; i < a->group_count; i++)
		if (a->groups[i] == group)
			return true;
	return false;
}

void model_agents_snapshot(struct model *m, struct device *d, const struct cti_agent_item *items,
                           size_t count)
{
	struct agent *a;
	const struct cti_device group = {.status = CTI_DEVICE_NUMBER, .number = d->name->text};
	model_numbers_begin(m);
	for (size_t i = 0; i < count; i++)
		compare(m, d, &items[i]);
	/* Who was logged on here and is not in the list has logged off meanwhile. */
	TAILQ_FOREACH (a, &m->agents, all) {
		if (a->state == CTI_AGENT_NULL || is_listed(a, items, count))
			continue;
		if (d->queue && works_for(a, d))
			found(m, NULL, a->id->text, &group, CTI_EVENT_AGENT_LOGGED_OFF,
			      CTI_AGENT_UNKNOWN);
		else if (!d->queue && a->device == d)
			found(m, d, a->id->text, NULL, CTI_EVENT_AGENT_LOGGED_OFF,
			      CTI_AGENT_UNKNOWN);
	}
	model_flush(m);
}
