/* SPDX-License-Identifier: Apache-2.0 */
/* Which interaction a call belongs to, and what becomes of it. */
#include "cti-server/model/dialplan.h"
#include "cti-server/model/model.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"
#include "pbx-adapters/host/random.h"

#include <string.h>

static bool has_cause(const struct cti_event *e, const char *cause)
{
	return e->cause && !strcmp(e->cause, cause);
}

/* The one who began this call has another on hold: this is a consultation (ECMA-269 17.1.10),
 * whether a service or a key began it. */
static struct interaction *consulting(const struct model *m, const struct call *call,
                                      const struct cti_event *e)
{
	const char *number = e->type == CTI_EVENT_CALL_SERVICE_INITIATED ||
	                                     e->type == CTI_EVENT_CALL_ORIGINATED ||
	                                     e->type == CTI_EVENT_CALL_DIGITS_DIALED
	                             ? e->subject.number
	                             : e->calling.number;
	struct device *d = number ? model_device_find(m, number) : NULL;
	struct conn *conn;
	if (d)
		LIST_FOREACH (conn, &d->conns, by_device)
			if (conn->call != call && conn->state == CTI_CONNECTION_HOLD)
				return conn->call->interaction;
	return NULL;
}

/* Delivered of a single step transfer may come before Transferred says from where: the call
 * that the redirecting device has is the one that goes on (ECMA-269 17.1.26). */
static struct interaction *handed_over(const struct model *m, const struct call *call,
                                       const struct cti_event *e)
{
	if (!has_cause(e, "singleStepTransfer") && !has_cause(e, "transfer"))
		return NULL;
	struct device *d = e->last_redirection.number
	                           ? model_device_find(m, e->last_redirection.number)
	                           : NULL;
	struct conn *conn = d ? LIST_FIRST(&d->conns) : NULL;
	if (!conn || LIST_NEXT(conn, by_device) || conn->call == call)
		return NULL;
	return conn->call->interaction;
}

void model_interaction_move(struct call *call, struct interaction *to)
{
	if (call->interaction)
		LIST_REMOVE(call, by_interaction);
	call->interaction = to;
	if (to)
		LIST_INSERT_HEAD(&to->calls, call, by_interaction);
}

void model_interaction_begin(struct call *call, const struct cti_event *e)
{
	struct model *m = call->model;
	struct interaction *known = interaction_linked(m->interactions, &e->global_call);
	if (!known)
		known = handed_over(m, call, e);
	if (known) {
		model_interaction_move(call, known);
		return;
	}
	uint64_t high = random_next(&m->random), low = random_next(&m->random);
	struct interaction *i =
	        interaction_create(m->interactions, clock_wall(m->clock), high, low);
	if (!i) {
		model_lost(m, call, "an interaction");
		return;
	}
	struct interaction *parent = consulting(m, call, e);
	if (parent)
		name_assign(&m->interactions->names, &i->parent, parent->id);
	model_interaction_move(call, i);
}

struct interaction *model_interaction_merge(struct model *m, struct interaction *a,
                                            struct interaction *b, unsigned flags)
{
	if (!a || !b || a == b)
		return a ? a : b;
	struct interaction *into = a->born < b->born ? a : b, *from = into == a ? b : a;
	if (interaction_absorb(m->interactions, into, from))
		log_warn("model", "%s: data attached to %s does not fit beside that of %s", m->name,
		         from->id->text, into->id->text);
	struct cti_event e;
	cti_event_init(&e, CTI_EVENT_INTERACTION_MERGED);
	e.flags = flags;
	e.interaction_id = from->id->text;
	e.parent = from->parent ? from->parent->text : NULL;
	e.merged_into = into->id->text;
	e.attached = into->pairs;
	e.attached_count = into->pair_count;
	model_subjects_begin(m);
	struct call *call;
	LIST_FOREACH (call, &from->calls, by_interaction)
		if (call->model == m)
			model_subject_call(m, call, false);
	model_subject_add(m, into->subject);
	model_subject_add(m, from->subject);
	model_publish(m, &e, NULL);
	while ((call = LIST_FIRST(&from->calls)))
		model_interaction_move(call, into);
	interaction_destroy(m->interactions, &from);
	return into;
}

void model_interaction_release(struct model *m, struct interaction *i, unsigned flags)
{
	if (!LIST_EMPTY(&i->calls))
		return;
	struct cti_event e;
	cti_event_init(&e, CTI_EVENT_INTERACTION_ENDED);
	e.flags = flags;
	e.interaction_id = i->id->text;
	e.parent = i->parent ? i->parent->text : NULL;
	e.calling = party_device(&i->caller);
	e.called = party_device(&i->called);
	e.attached = i->pairs;
	e.attached_count = i->pair_count;
	model_subjects_begin(m);
	model_subject_add(m, i->subject);
	model_publish(m, &e, NULL);
	interaction_destroy(m->interactions, &i);
}

int model_attach(struct model *m, const char *id, const struct cti_pair *pairs, size_t count,
                 struct cti_error *error)
{
	struct interaction *i = interaction_find(m->interactions, id);
	if (!i)
		return cti_error_set(error, CTI_E_NOTFOUND, "%s: no interaction %s goes on",
		                     m->name, id);
	int code = interaction_attach(i, pairs, count, error);
	if (code)
		return code;
	struct cti_event e;
	cti_event_init(&e, CTI_EVENT_INTERACTION_ATTACHED);
	e.interaction_id = i->id->text;
	e.attached = i->pairs;
	e.attached_count = i->pair_count;
	model_subjects_begin(m);
	struct call *call;
	LIST_FOREACH (call, &i->calls, by_interaction)
		if (call->model == m)
			model_subject_call(m, call, false);
	model_subject_add(m, i->subject);
	model_publish(m, &e, NULL);
	model_flush(m);
	return 0;
}
