/* SPDX-License-Identifier: Apache-2.0 */
/* The state of each subject as JSON; the shapes stand in model.h. */
#include "cti-server/model/model.h"
#include "pbx-adapters/host/log.h"

#include <string.h>

/* Of a conference with more, a state shows so many; the events show all. */
#define PARTNERS_MAX 32

/* `,"name":`; the comma is left out behind an opening brace. Our names need no escapes. */
static void member(struct cti_text *t, const char *name)
{
	bool first = t->length && t->data[t->length - 1] == '{';
	cti_text_raw(t, ",\"" + first, 2 - first);
	cti_text_raw(t, name, strlen(name));
	cti_text_raw(t, "\":", 2);
}

static void put_string(struct cti_text *t, const char *name, const char *value)
{
	if (!value)
		return;
	member(t, name);
	cti_text_string(t, value);
}

static void put_name(struct cti_text *t, const char *name, const struct name *value)
{
	put_string(t, name, value ? value->text : NULL);
}

static void put_bool(struct cti_text *t, const char *name, bool value)
{
	member(t, name);
	cti_text_literal(t, value ? "true" : "false");
}

static void put_number(struct cti_text *t, const char *name, uint64_t value)
{
	member(t, name);
	cti_text_unsigned(t, value);
}

static void put_time(struct cti_text *t, const char *name, int64_t value)
{
	member(t, name);
	cti_wire_time_write(t, value);
}

static void put_party(struct cti_text *t, const char *name, const struct party *party)
{
	if (party->status == CTI_DEVICE_ABSENT)
		return;
	struct cti_device d = party_device(party);
	member(t, name);
	cti_wire_device_write(t, &d);
}

static void put_partners(struct cti_text *t, const struct conn *of)
{
	const struct conn *conn;
	int count = 0;
	LIST_FOREACH (conn, &of->call->conns, by_call) {
		if (conn == of || conn->state == CTI_CONNECTION_NULL || count == PARTNERS_MAX)
			continue;
		struct cti_connection c = {.call_id = conn->call->id->text,
		                           .device_id = conn->id->text,
		                           .dynamic = conn->dynamic,
		                           .state = conn->state};
		if (count++)
			cti_text_literal(t, ",");
		else
			member(t, "partners");
		cti_text_literal(t, count == 1 ? "[" : "");
		cti_wire_connection_write(t, &c);
	}
	cti_text_literal(t, count ? "]" : "");
}

static void put_attached(struct cti_text *t, const struct interaction *i)
{
	if (!i->pair_count)
		return;
	member(t, "attached");
	cti_text_literal(t, "{");
	for (size_t k = 0; k < i->pair_count; k++) {
		cti_text_literal(t, k ? "," : "");
		cti_text_string(t, i->pairs[k].key);
		cti_text_literal(t, ":");
		cti_text_string(t, i->pairs[k].value);
	}
	cti_text_literal(t, "}");
}

static void put_call(struct cti_text *t, const struct conn *conn)
{
	const struct call *call = conn->call;
	const struct interaction *i = call->interaction;
	cti_text_literal(t, "{");
	put_name(t, "callID", call->id);
	put_string(t, "state", cti_connection_state_name(conn->state));
	put_time(t, "since", conn->since);
	if (i) {
		put_name(t, "interaction", i->id);
		put_name(t, "parent", i->parent);
	}
	put_party(t, "callingDevice", &call->calling);
	put_party(t, "calledDevice", &call->called);
	put_party(t, "lastRedirectionDevice", &call->redirected);
	if (i) {
		put_party(t, "originalCallingDevice", &i->caller);
		put_attached(t, i);
	}
	put_partners(t, conn);
	cti_text_literal(t, "}");
}

static void store(struct model *m, const char *subject)
{
	int code = m->text.failed ? CTI_E_NOMEM
	                          : bus_state_set(m->stream, subject, m->text.data, m->text.length);
	if (m->text.failed)
		cti_text_free(&m->text);
	if (!code)
		return;
	/* The next change sets it whole; until then it is old, and the log says so. */
	m->stats.out_of_memory++;
	log_error("model", "%s: state of %s not set: %s", m->name, subject, cti_strerror(code));
}

static void put_monitoring(struct cti_text *t, const struct device *d)
{
	put_bool(t, "current", d->current);
	put_bool(t, "monitored", d->monitoring == MONITOR_ACTIVE);
	put_name(t, "reason", d->monitoring == MONITOR_REFUSED ? d->why : NULL);
}

static void device_state(struct model *m, struct device *d)
{
	struct cti_text *t = &m->text;
	/* A device that nobody asked for is shown as long as something happens there. */
	if (d->monitoring == MONITOR_NONE && LIST_EMPTY(&d->conns) && !d->agent) {
		bus_state_set(m->stream, d->subject, NULL, 0);
		return;
	}
	cti_text_clear(t);
	cti_text_literal(t, "{");
	put_name(t, "device", d->name);
	put_monitoring(t, d);
	put_bool(t, "inService", !d->out_of_service);
	put_name(t, "agent", d->agent ? d->agent->id : NULL);
	member(t, "calls");
	cti_text_literal(t, "[");
	const struct conn *conn;
	LIST_FOREACH (conn, &d->conns, by_device) {
		put_call(t, conn);
		cti_text_literal(t, LIST_NEXT(conn, by_device) ? "," : "");
	}
	cti_text_literal(t, "]}");
	store(m, d->subject);
}

static void put_agents(struct cti_text *t, const struct device *group)
{
	uint64_t on = 0;
	for (int state = 0; state < CTI_AGENT_STATES_COUNT; state++)
		on += state == CTI_AGENT_NULL ? 0 : group->agents[state];
	member(t, "agents");
	cti_text_literal(t, "{");
	put_number(t, "loggedOn", on);
	for (int state = 0; state < CTI_AGENT_STATES_COUNT; state++)
		if (state != CTI_AGENT_NULL)
			put_number(t, cti_agent_state_name(state), group->agents[state]);
	cti_text_literal(t, "}");
}

static void queue_state(struct model *m, struct device *d)
{
	struct cti_text *t = &m->text;
	uint64_t waiting = 0;
	int64_t longest = INT64_MAX;
	const struct conn *conn;
	LIST_FOREACH (conn, &d->conns, by_device)
		if (conn->state == CTI_CONNECTION_QUEUED) {
			waiting++;
			longest = conn->since < longest ? conn->since : longest;
		}
	cti_text_clear(t);
	cti_text_literal(t, "{");
	put_name(t, "queue", d->name);
	put_monitoring(t, d);
	put_number(t, "waiting", waiting);
	if (waiting)
		put_time(t, "longestSince", longest);
	put_agents(t, d);
	cti_text_literal(t, "}");
	store(m, d->queue_subject);
}

static void agent_state(struct model *m, struct agent *a)
{
	struct cti_text *t = &m->text;
	cti_text_clear(t);
	cti_text_literal(t, "{");
	put_name(t, "agent", a->id);
	put_bool(t, "current", a->current);
	put_string(t, "state", cti_agent_state_name(a->state));
	if (a->pending != CTI_AGENT_UNKNOWN)
		put_string(t, "pendingState", cti_agent_state_name(a->pending));
	put_name(t, "device", a->device ? a->device->name : NULL);
	member(t, "groups");
	cti_text_literal(t, "[");
	for (unsigned i = 0; i < a->group_count; i++) {
		cti_text_literal(t, i ? "," : "");
		cti_text_string(t, a->groups[i]->name->text);
	}
	cti_text_literal(t, "]");
	put_name(t, "reason", a->reason);
	put_time(t, "since", a->since);
	cti_text_literal(t, "}");
	store(m, a->subject);
}

void model_flush(struct model *m)
{
	for (struct device *d; (d = STAILQ_FIRST(&m->dirty_devices));) {
		STAILQ_REMOVE_HEAD(&m->dirty_devices, by_dirty);
		d->dirty = false;
		device_state(m, d);
		if (d->queue)
			queue_state(m, d);
	}
	for (struct agent *a; (a = STAILQ_FIRST(&m->dirty_agents));) {
		STAILQ_REMOVE_HEAD(&m->dirty_agents, by_dirty);
		a->dirty = false;
		agent_state(m, a);
	}
}
