/* SPDX-License-Identifier: Apache-2.0 */
/* From an event with canonical numbers to the bus: whom it concerns, and what is filled in. */
#include "cti-server/model/model.h"
#include "pbx-adapters/host/log.h"

#include <string.h>

void model_subjects_begin(struct model *m)
{
	m->subject_count = 0;
}

void model_subject_add(struct model *m, const char *subject)
{
	for (size_t i = 0; i < m->subject_count; i++)
		if (!strcmp(m->subjects[i], subject))
			return;
	if (m->subject_count == MODEL_SUBJECTS_MAX) {
		model_over_limit(m, "subjects of an event");
		return;
	}
	m->subjects[m->subject_count++] = subject;
}

void model_subject_device(struct model *m, struct device *d)
{
	model_subject_add(m, d->subject);
	if (d->queue)
		model_subject_add(m, d->queue_subject);
	if (d->agent && d->agent->state != CTI_AGENT_NULL)
		model_subject_add(m, d->agent->subject);
}

void model_subject_call(struct model *m, struct call *call, bool gone_too)
{
	struct conn *conn;
	LIST_FOREACH (conn, &call->conns, by_call) {
		if (!conn->device || (!gone_too && conn->state == CTI_CONNECTION_NULL))
			continue;
		model_subject_device(m, conn->device);
		model_device_dirty(m, conn->device); /* its state shows the others */
	}
	if (call->queue)
		model_subject_add(m, call->queue->queue_subject);
	if (call->interaction)
		model_subject_add(m, call->interaction->subject);
}

static void fill(struct cti_device *to, const struct party *party)
{
	if (to->status == CTI_DEVICE_ABSENT)
		*to = party_device(party);
}

/* The customer stays visible to whoever receives a transfer (design, section 6). */
static void show_caller(struct cti_event *e, const struct interaction *i)
{
	const struct party *caller = &i->caller;
	if (caller->status == CTI_DEVICE_NUMBER &&
	    (!e->calling.number || strcmp(e->calling.number, caller->number->text)))
		e->original_calling = party_device(caller);
}

void model_publish(struct model *m, struct cti_event *e, struct call *call)
{
	struct interaction *i = call ? call->interaction : NULL;
	if (call) {
		/* Many events do not say who calls whom: who reads one should not have to search.
		 */
		fill(&e->calling, &call->calling);
		fill(&e->called, &call->called);
	}
	if (i) {
		show_caller(e, i);
		e->interaction_id = i->id->text;
		e->parent = i->parent ? i->parent->text : NULL;
		e->attached = i->pairs;
		e->attached_count = i->pair_count;
	}
	/* These are one monitor's view, the fact is everybody's. */
	e->monitor = NULL;
	e->local_state = CTI_CONNECTION_UNKNOWN;
	if (m->owner.cause)
		e->request_id = m->owner.cause(m->owner.arg, e);
	if (e->flags & CTI_EVENT_RESYNC)
		m->stats.resynced++;
	int code = bus_publish(m->stream, e, m->subjects, m->subject_count);
	if (code) {
		/* The bus shows the hole as stream.gap. */
		log_error("model", "%s: %s not published: %s", m->name,
		          cti_event_type_name(e->type), cti_strerror(code));
		m->stats.out_of_memory++;
		return;
	}
	m->stats.published++;
}
