/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transferred and Conferenced: two calls become one (ECMA-269 17.2.3, 17.2.18, 12.2.9).
 *
 *     c1: A hold, B connected     c3: B connected, C connected       (transfer: A null)
 *     c2: A connected, C alerting     A connected, B, C              (conference)
 *
 * The result may have a new id or one of the old ones. In the local view (17.2.18 FR1) each
 * monitor names only the old call that its device knew: what the first report lacks, later
 * ones bring, so old calls are absorbed from merged reports too.
 */
#include "cti-server/model/fsm.h"
#include "cti-server/model/model.h"
#include "pbx-adapters/host/log.h"

#include <string.h>

/* One Transferred or Conferenced being worked on. */
struct merging {
	struct model *m;
	struct cti_event *e;
	struct name *monitor;
	struct name *who;    /* transferring or conferencing device */
	struct call *old[2]; /* primary, secondary; NULL: unknown, or the result itself */
	struct call *result;
};

static bool is_transfer(const struct merging *g)
{
	return g->e->type == CTI_EVENT_CALL_TRANSFERRED;
}

static const char *result_id(const struct cti_event *e)
{
	for (size_t i = 0; i < e->item_count; i++)
		if (e->items[i].new_connection.call_id)
			return e->items[i].new_connection.call_id;
	return e->connection.call_id ? e->connection.call_id : e->primary_old.call_id;
}

static bool is(const struct name *name, const char *text)
{
	return text && !strcmp(name->text, text);
}

/* The row of the list that says what becomes of a connection of an old call; NULL: none does. */
static const struct cti_connection_item *row_of(const struct cti_event *e, const struct conn *conn)
{
	for (size_t i = 0; i < e->item_count; i++) {
		const struct cti_connection_item *row = &e->items[i];
		if (is(conn->call->id, row->old_connection.call_id) &&
		    is(conn->id, row->old_connection.device_id))
			return row;
	}
	for (size_t i = 0; i < e->item_count; i++) {
		const struct cti_connection_item *row = &e->items[i];
		if (!row->old_connection.call_id && (is(conn->id, row->new_connection.device_id) ||
		                                     is(conn->id, row->endpoint.number)))
			return row;
	}
	return NULL;
}

static const char *row_received(const struct merging *g, const struct cti_connection_item *row)
{
	const struct cti_connection *as_written =
	        &g->m->items_received[row - g->e->items].new_connection;
	return as_written->device_id == row->new_connection.device_id ? NULL
	                                                              : as_written->device_id;
}

/* The connection of a row in the result, made if it is new. NULL: no memory, or the row
 * names nobody. */
static struct conn *row_conn(const struct merging *g, const struct cti_connection_item *row)
{
	struct cti_connection c = row->new_connection;
	const char *received = row_received(g, row);
	if (!c.device_id) {
		c.device_id = row->endpoint.number;
		received = row->endpoint.received;
	}
	return c.device_id ? model_conn_get(g->result, &c, received) : NULL;
}

static void move(const struct merging *g, struct conn *conn)
{
	enum cti_connection_state state = conn->state;
	const struct cti_connection_item *row = row_of(g->e, conn);
	if (row && row->new_connection.state > CTI_CONNECTION_NULL)
		state = row->new_connection.state;
	/* Who invites to a conference takes part in it, whatever was on hold (17.2.3). */
	else if (conn->id == g->who)
		state = CTI_CONNECTION_CONNECTED;
	struct conn *to = row ? row_conn(g, row) : NULL;
	if (!to) {
		struct cti_connection same = {.call_id = g->result->id->text,
		                              .device_id = conn->id->text,
		                              .dynamic = conn->dynamic};
		to = model_conn_get(g->result, &same, conn->received ? conn->received->text : NULL);
	}
	if (to) {
		to->implied = conn->implied;
		model_conn_set(to, state);
	}
}

/* Everybody of the old call but the one who transfers goes over. */
static void absorb(const struct merging *g, struct call *old)
{
	struct conn *conn;
	LIST_FOREACH (conn, &old->conns, by_call)
		if (conn->state != CTI_CONNECTION_NULL && !(is_transfer(g) && conn->id == g->who))
			move(g, conn);
	g->result->open = g->result->open || old->open;
	if (!g->result->queue)
		g->result->queue = old->queue;
	name_assign(&g->m->names, &old->became, g->result->id);
}

static void take_rows(const struct merging *g)
{
	for (size_t i = 0; i < g->e->item_count; i++) {
		const struct cti_connection_item *row = &g->e->items[i];
		struct conn *conn = row_conn(g, row);
		if (!conn)
			continue;
		if (row->new_connection.state > CTI_CONNECTION_NULL)
			model_conn_set(conn, row->new_connection.state);
		else if (conn->state == CTI_CONNECTION_NULL)
			model_conn_set(conn, CTI_CONNECTION_CONNECTED);
	}
}

static void party_copy(struct model *m, struct party *to, const struct party *from)
{
	struct cti_device d = party_device(from);
	if (from->status && party_set(&m->names, to, &d))
		model_lost(m, NULL, "a party's number");
}

/* Who calls whom in the result, where the switch does not say: the caller of the first call goes
 * on, unless it is the one who left; then it is the other side (5.1 of 12.3.7). */
static void result_parties(const struct merging *g)
{
	const struct call *from = g->old[0] ? g->old[0] : g->old[1];
	struct call *result = g->result;
	if (!from)
		from = result;
	struct party calling = from->calling, called = from->called;
	if (is_transfer(g) && calling.number == g->who)
		calling = called;
	if (calling.number != result->calling.number || calling.status != result->calling.status)
		party_copy(g->m, &result->calling, &calling);
	const struct cti_device *to = &g->e->other;
	if (!is_transfer(g) && from != result)
		party_copy(g->m, &result->called, &called);
	else if (is_transfer(g) && to->status == CTI_DEVICE_NUMBER &&
	         (!result->calling.number || strcmp(result->calling.number->text, to->number)))
		model_call_parties(result, &(struct cti_event){.called = *to}, true);
}

static void merge_interactions(const struct merging *g)
{
	struct interaction *i = g->result->interaction;
	unsigned flags = g->e->flags & CTI_EVENT_RESYNC;
	for (int k = 0; k < 2; k++)
		if (g->old[k])
			i = model_interaction_merge(g->m, i, g->old[k]->interaction, flags);
	if (i)
		model_interaction_move(g->result, i);
	else
		model_interaction_begin(g->result, g->e);
}

/* The subject's connection: that of the transferring device, which is no more, or that of the
 * conferencing device in the new call. */
static void name_connection(const struct merging *g)
{
	struct cti_event *e = g->e;
	if (is_transfer(g)) {
		if (e->primary_old.call_id)
			e->connection = e->primary_old;
		e->connection.state = CTI_CONNECTION_NULL;
		e->primary_old.state = CTI_CONNECTION_NULL;
	} else {
		const struct conn *conn = g->who ? model_conn_find(g->result, g->who) : NULL;
		e->connection = (struct cti_connection){
		        .call_id = g->result->id->text,
		        .device_id = g->who ? g->who->text : NULL,
		        .state = conn ? conn->state : CTI_CONNECTION_CONNECTED,
		};
	}
}

static void check_states(const struct merging *g)
{
	for (int k = 0; k < 2; k++) {
		struct call *old = k ? g->old[1] : g->old[0] ? g->old[0] : g->result;
		struct conn *conn = old && g->who ? model_conn_find(old, g->who) : NULL;
		if (!conn || conn->implied || conn->state == CTI_CONNECTION_NULL ||
		    (conn->device && !conn->device->current) ||
		    fsm_connection_knows(conn->state, g->e->type,
		                         fsm_connection_target(g->e->type)))
			continue;
		log_info("model", "%s: anomaly: call %s device %s: %s + %s", g->m->name,
		         old->id->text, g->who->text, cti_connection_state_name(conn->state),
		         cti_event_type_name(g->e->type));
		g->e->flags |= CTI_EVENT_ANOMALY;
		g->m->stats.anomalies++;
		if (g->m->owner.heal)
			g->m->owner.heal(g->m->owner.arg, g->result, 200000);
	}
}

/* The old calls have ended, as everything that ends is told. */
static void end_old(const struct merging *g)
{
	for (int k = 0; k < 2; k++) {
		if (!g->old[k])
			continue;
		struct cti_event cleared;
		cti_event_init(&cleared, CTI_EVENT_CALL_CLEARED);
		cleared.cause = g->e->cause;
		model_call_end(g->old[k], &cleared,
		               CTI_EVENT_DERIVED | (g->e->flags & CTI_EVENT_RESYNC));
	}
}

static void first_report(const struct merging *g, const struct facts_source *source)
{
	struct model *m = g->m;
	struct cti_event *e = g->e;
	check_states(g);
	for (int k = 0; k < 2; k++)
		if (g->old[k])
			absorb(g, g->old[k]);
	take_rows(g);
	struct conn *who = g->who ? model_conn_find(g->result, g->who) : NULL;
	if (who)
		model_conn_set(who,
		               is_transfer(g) ? CTI_CONNECTION_NULL : CTI_CONNECTION_CONNECTED);
	struct fact fact = model_fact(e, g->who);
	facts_add(&g->result->facts, &m->names, &fact, source);
	result_parties(g);
	merge_interactions(g);
	model_call_parties(g->result, e, true);
	name_connection(g);
	model_subjects_begin(m);
	if (g->who && g->who->device)
		model_subject_device(m, g->who->device);
	model_subject_call(m, g->result, false);
	for (int k = 0; k < 2; k++)
		if (g->old[k])
			model_subject_call(m, g->old[k], false);
	model_publish(m, e, g->result);
	end_old(g);
	model_call_check(g->result, e);
}

/* Another monitor's word: it may know the other old call. */
static void later_report(const struct merging *g)
{
	g->m->stats.merged++;
	if (g->result->over)
		return;
	bool more = g->old[0] || g->old[1];
	for (int k = 0; k < 2; k++)
		if (g->old[k])
			absorb(g, g->old[k]);
	if (more) {
		result_parties(g);
		merge_interactions(g);
		end_old(g);
		model_subjects_begin(g->m);
		model_subject_call(g->m, g->result, false); /* their states show it */
	}
	model_call_check(g->result, g->e);
}

static struct call *old_call(const struct model *m, const struct cti_connection *c)
{
	struct call *call = c->call_id ? model_call_find(m, c->call_id) : NULL;
	return call && !call->over ? call : NULL;
}

static void merge_named(struct merging *g, const char *id)
{
	struct model *m = g->m;
	g->result = model_call_find(m, id);
	g->old[0] = old_call(m, &g->e->primary_old);
	g->old[1] = old_call(m, &g->e->secondary_old);
	if (g->old[0] == g->old[1])
		g->old[1] = NULL;
	for (int k = 0; k < 2; k++)
		if (g->old[k] == g->result)
			g->old[k] = NULL;
	struct facts_source source = model_source(m, g->result, g->monitor);
	struct fact fact = model_fact(g->e, g->who);
	if (g->result && facts_known(&g->result->facts, &fact, &source, MODEL_MERGE_US)) {
		later_report(g);
		return;
	}
	if (!g->result || g->result->over) {
		struct cti_event begin = *g->e;
		begin.connection.call_id = id;
		g->result = model_call_start(m, &begin);
		source = model_source(m, g->result, g->monitor);
	}
	if (!g->result) {
		/* What it changes is not known: the old calls are read again, and end thereby. */
		for (int k = 0; k < 2; k++)
			if (g->old[k])
				model_lost(m, g->old[k], cti_event_type_name(g->e->type));
		g->e->flags |= CTI_EVENT_ANOMALY;
		model_subjects_begin(m);
		model_publish(m, g->e, NULL);
		return;
	}
	g->result->open = g->result->open || !g->monitor;
	first_report(g, &source);
}

void model_merge_event(struct model *m, struct cti_event *e)
{
	const char *id = result_id(e);
	if (e->subject.status == CTI_DEVICE_ABSENT && e->primary_old.device_id)
		e->subject = (struct cti_device){.status = CTI_DEVICE_NUMBER,
		                                 .number = e->primary_old.device_id};
	const char *who = e->subject.number ? e->subject.number : e->primary_old.device_id;
	struct merging g = {.m = m, .e = e};
	if (!id) {
		m->stats.malformed++;
		log_warn("model", "%s: %s without a call", m->name, cti_event_type_name(e->type));
		e->flags |= CTI_EVENT_ANOMALY;
		model_subjects_begin(m);
		model_publish(m, e, NULL);
		return;
	}
	g.who = who ? name_get(&m->names, who) : NULL;
	g.monitor = e->monitor ? name_get(&m->names, e->monitor) : NULL;
	if ((who && !g.who) || (e->monitor && !g.monitor))
		model_lost(m, model_call_find(m, id), cti_event_type_name(e->type));
	else
		merge_named(&g, id);
	name_put(&m->names, &g.who);
	name_put(&m->names, &g.monitor);
}
