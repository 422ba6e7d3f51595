/* SPDX-License-Identifier: Apache-2.0 */
/* Calls and their connections: how they begin, change, end and are forgotten. */
#include "cti-server/model/dialplan.h"
#include "cti-server/model/model.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"

#include <string.h>

struct call *model_call_find(const struct model *m, const char *id)
{
	struct name *name = name_find(&m->names, id);
	return name ? name->call : NULL;
}

const char *model_call_follow(const struct model *m, const char *id)
{
	/* A transferred call may have been transferred again. */
	for (int hops = 0; hops < 8; hops++) {
		struct call *call = model_call_find(m, id);
		if (!call || !call->over || !call->became)
			break;
		id = call->became->text;
	}
	return id;
}

static bool make_room(struct model *m)
{
	if (m->calls.used < m->max_calls)
		return true;
	if (TAILQ_EMPTY(&m->over)) {
		model_over_limit(m, "calls");
		return false;
	}
	model_call_forget(TAILQ_FIRST(&m->over));
	return true;
}

/* The caller is connected while it hears the other side ring (ECMA-269 6.1.3). One whom nobody
 * monitors may never be reported: it is there as long as the call. The report of one who is
 * monitored may lag behind. */
static void imply_caller(struct call *call, const struct cti_event *e)
{
	struct model *m = call->model;
	/* A call from outside comes over a trunk (associatedCallingDevice, ECMA-269 17.2.5). */
	const struct cti_device *trunk = &e->associated_calling;
	bool over_trunk = trunk->status == CTI_DEVICE_NUMBER && model_device_find(m, trunk->number);
	const struct cti_device *who = over_trunk ? trunk : &e->calling;
	if (m->all_seen /* it was reported */ || who->status != CTI_DEVICE_NUMBER ||
	    !e->subject.number || !strcmp(who->number, e->subject.number) ||
	    !dialplan_internal(m->dialplan, who->number))
		return;
	struct cti_connection c = {.call_id = call->id->text, .device_id = who->number};
	struct conn *conn = model_conn_get(call, &c, who->received);
	if (!conn)
		return;
	conn->implied = true;
	model_conn_set(conn, CTI_CONNECTION_CONNECTED);
}

struct call *model_call_start(struct model *m, const struct cti_event *e)
{
	const char *id = e->connection.call_id;
	if (!make_room(m))
		return NULL;
	struct name *name = name_get(&m->names, id);
	struct call *call = name ? pool_get(&m->calls) : NULL;
	if (!call) {
		name_put(&m->names, &name);
		model_lost(m, NULL, "a new call");
		return NULL;
	}
	if (name->call)
		model_call_forget(name->call);
	*call = (struct call){
	        .model = m,
	        .id = name,
	        .incarnation = ++m->incarnations,
	        .checked = clock_now(m->clock),
	        .open = !e->monitor && !(e->flags & CTI_EVENT_RESYNC),
	};
	name->call = call;
	LIST_INIT(&call->conns);
	facts_init(&call->facts);
	TAILQ_INSERT_TAIL(&m->live, call, by_age);
	m->stats.calls_begun++;
	if (e->type == CTI_EVENT_CALL_DELIVERED || e->type == CTI_EVENT_CALL_OFFERED ||
	    e->type == CTI_EVENT_CALL_QUEUED || e->type == CTI_EVENT_CALL_FAILED ||
	    e->type == CTI_EVENT_CALL_ESTABLISHED)
		imply_caller(call, e);
	return call;
}

static bool party_learn(struct call *call, struct party *party, const struct cti_device *device,
                        bool overwrite)
{
	if (device->status == CTI_DEVICE_ABSENT || (!overwrite && party->status))
		return false;
	/* The usual case: nothing new. */
	if (party->status == device->status &&
	    (!device->number || !strcmp(device->number, party->number->text)) &&
	    (!device->name || (party->label && !strcmp(device->name, party->label->text))))
		return false;
	if (party_set(&call->model->names, party, device))
		model_lost(call->model, call, "a party's number");
	return true;
}

bool model_call_parties(struct call *call, const struct cti_event *e, bool overwrite)
{
	bool news = party_learn(call, &call->calling, &e->calling, overwrite);
	news = party_learn(call, &call->called, &e->called, overwrite) || news;
	news = party_learn(call, &call->redirected, &e->last_redirection, overwrite) || news;
	struct interaction *i = call->interaction;
	if (!i)
		return news;
	struct interactions *is = call->model->interactions;
	if (!i->caller.status && call->calling.status) {
		struct cti_device d = party_device(&call->calling);
		(void)party_set(&is->names, &i->caller, &d); /* tried again with the next event */
	}
	if (!i->called.status && call->called.status) {
		struct cti_device d = party_device(&call->called);
		(void)party_set(&is->names, &i->called, &d);
	}
	if (e->global_call.data)
		interaction_link(is, i, &e->global_call);
	return news;
}

struct conn *model_conn_find(const struct call *call, const struct name *id)
{
	struct conn *conn;
	LIST_FOREACH (conn, &call->conns, by_call)
		if (conn->id == id)
			return conn;
	return NULL;
}

/* The device of the switch behind a connection: none for outside parties and dynamic ids. */
static struct device *device_of(struct model *m, const struct cti_connection *c)
{
	struct device *d = model_device_find(m, c->device_id);
	if (d || c->dynamic || !dialplan_internal(m->dialplan, c->device_id))
		return c->dynamic ? NULL : d;
	return model_device(m, c->device_id);
}

struct conn *model_conn_get(struct call *call, const struct cti_connection *c, const char *received)
{
	struct model *m = call->model;
	struct name *id = name_get(&m->names, c->device_id);
	struct conn *conn = id ? model_conn_find(call, id) : NULL;
	if (conn) {
		name_put(&m->names, &id);
		return conn;
	}
	if (id && call->conn_count == MODEL_PARTIES_MAX) {
		name_put(&m->names, &id);
		model_over_limit(m, "connections of a call");
		return NULL;
	}
	conn = id ? pool_get(&m->conns) : NULL;
	struct name *as_written = conn && received ? name_get(&m->names, received) : NULL;
	if (!conn || (received && !as_written)) {
		if (conn)
			pool_put(&m->conns, conn);
		name_put(&m->names, &id);
		model_lost(m, call, "a connection");
		return NULL;
	}
	*conn = (struct conn){
	        .call = call,
	        .id = id,
	        .received = as_written,
	        .dynamic = c->dynamic,
	        .device = device_of(m, c),
	        .joined = call->facts.count,
	};
	if (conn->device && as_written && !conn->device->received)
		name_assign(&m->names, &conn->device->received, as_written);
	LIST_INSERT_HEAD(&call->conns, conn, by_call);
	call->conn_count++;
	return conn;
}

void model_conn_set(struct conn *conn, enum cti_connection_state state)
{
	struct model *m = conn->call->model;
	enum cti_connection_state was = conn->state;
	conn->told = conn->call->facts.count;
	if (was == state)
		return;
	conn->state = state;
	conn->since = clock_wall(m->clock);
	struct device *d = conn->device;
	if (!d)
		return;
	if (was == CTI_CONNECTION_NULL)
		LIST_INSERT_HEAD(&d->conns, conn, by_device);
	else if (state == CTI_CONNECTION_NULL)
		LIST_REMOVE(conn, by_device);
	model_device_dirty(m, d);
}

void model_conn_rename(struct conn *conn, struct name *id, struct device *device)
{
	struct model *m = conn->call->model;
	if (conn->device && conn->state != CTI_CONNECTION_NULL) {
		LIST_REMOVE(conn, by_device);
		model_device_dirty(m, conn->device);
	}
	name_assign(&m->names, &conn->id, id);
	conn->device = device;
	if (device && conn->state != CTI_CONNECTION_NULL) {
		LIST_INSERT_HEAD(&device->conns, conn, by_device);
		model_device_dirty(m, device);
	}
}

/* Out of the living; it stays for a while, for late reports and old ids. */
void model_call_over(struct call *call)
{
	struct model *m = call->model;
	struct conn *conn;
	LIST_FOREACH (conn, &call->conns, by_call)
		model_conn_set(conn, CTI_CONNECTION_NULL);
	if (call->interaction)
		LIST_REMOVE(call, by_interaction);
	call->interaction = NULL;
	call->over = true;
	call->over_at = clock_now(m->clock);
	TAILQ_REMOVE(&m->live, call, by_age);
	TAILQ_INSERT_TAIL(&m->over, call, by_age);
	m->stats.calls_ended++;
	if (m->owner.forget)
		m->owner.forget(m->owner.arg, call);
}

void model_call_forget(struct call *call)
{
	struct model *m = call->model;
	if (!call->over)
		model_call_over(call);
	TAILQ_REMOVE(&m->over, call, by_age);
	for (struct conn *conn; (conn = LIST_FIRST(&call->conns));) {
		LIST_REMOVE(conn, by_call);
		name_put(&m->names, &conn->id);
		name_put(&m->names, &conn->received);
		pool_put(&m->conns, conn);
	}
	facts_free(&m->names, &call->facts);
	party_clear(&m->names, &call->calling);
	party_clear(&m->names, &call->called);
	party_clear(&m->names, &call->redirected);
	name_put(&m->names, &call->became);
	if (call->id->call == call)
		call->id->call = NULL;
	name_put(&m->names, &call->id);
	pool_put(&m->calls, call);
}

void model_over_purge(struct model *m)
{
	uint64_t now = clock_now(m->clock);
	for (struct call *call; (call = TAILQ_FIRST(&m->over));) {
		if (now - call->over_at < MODEL_LINGER_US)
			break;
		model_call_forget(call);
	}
}

bool model_call_visible(const struct call *call)
{
	const struct conn *conn;
	LIST_FOREACH (conn, &call->conns, by_call) {
		if (conn->state == CTI_CONNECTION_NULL || conn->implied)
			continue;
		if (call->open || call->model->all_seen ||
		    (conn->device && model_device_visible(conn->device)))
			return true;
	}
	return false;
}

/* Somebody of whom we should hear was taken to be in it, and has not been heard of yet. */
static bool awaits_caller(const struct call *call)
{
	const struct conn *conn;
	LIST_FOREACH (conn, &call->conns, by_call)
		if (conn->implied && conn->state != CTI_CONNECTION_NULL && conn->device &&
		    model_device_visible(conn->device))
			return true;
	return false;
}

void model_call_end(struct call *call, struct cti_event *told, unsigned flags)
{
	struct model *m = call->model;
	struct cti_event e;
	if (told)
		e = *told;
	else
		cti_event_init(&e, CTI_EVENT_CALL_CLEARED);
	e.flags |= flags;
	e.connection =
	        (struct cti_connection){.call_id = call->id->text, .state = CTI_CONNECTION_NULL};
	struct interaction *i = call->interaction;
	struct facts_source source = model_source(m, call, NULL);
	struct fact fact = model_fact(&e, NULL);
	facts_add(&call->facts, &m->names, &fact, &source);
	if (e.flags & CTI_EVENT_DERIVED)
		m->stats.derived++;
	model_subjects_begin(m);
	model_subject_call(m, call, true);
	model_publish(m, &e, call);
	model_call_over(call);
	if (i)
		model_interaction_release(m, i, flags & CTI_EVENT_RESYNC);
}

void model_call_check(struct call *call, const struct cti_event *e)
{
	struct model *m = call->model;
	if (call->over || model_call_visible(call))
		return;
	switch ((int)e->type) {
	case CTI_EVENT_CALL_CONNECTION_CLEARED:
		if (!awaits_caller(call)) {
			/* The last one whom we hear of has left (ECMA-269 17.2.2). */
			struct cti_event cleared;
			cti_event_init(&cleared, CTI_EVENT_CALL_CLEARED);
			cleared.cause = e->cause;
			model_call_end(call, &cleared,
			               CTI_EVENT_DERIVED | (e->flags & CTI_EVENT_RESYNC));
			break;
		}
		/* fallthrough */
	case CTI_EVENT_CALL_DIVERTED:
	case CTI_EVENT_CALL_TRANSFERRED:
	case CTI_EVENT_CALL_CONFERENCED:
		/* It goes on somewhere: the next report says where, or we have to look. */
		if (m->owner.heal)
			m->owner.heal(m->owner.arg, call, MODEL_LIMBO_US);
		break;
	}
}
