/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the switch says when it is asked (ECMA-269 16.1), against what the model believes.
 * Each difference is published as the event that was missed, marked CTI_EVENT_RESYNC.
 */
#include "cti-server/model/model.h"
#include "pbx-adapters/host/clock.h"

#include <string.h>

static const char missed_cause[] = "normalClearing";

/* The event that leads from what was believed to what is. */
static enum cti_event_type event_between(enum cti_connection_state from,
                                         enum cti_connection_state to, bool caller)
{
	switch (to) {
	case CTI_CONNECTION_INITIATED:
		return CTI_EVENT_CALL_SERVICE_INITIATED;
	case CTI_CONNECTION_ALERTING:
		return CTI_EVENT_CALL_DELIVERED;
	case CTI_CONNECTION_CONNECTED:
		if (from == CTI_CONNECTION_HOLD)
			return CTI_EVENT_CALL_RETRIEVED;
		return caller ? CTI_EVENT_CALL_ORIGINATED : CTI_EVENT_CALL_ESTABLISHED;
	case CTI_CONNECTION_HOLD:
		return CTI_EVENT_CALL_HELD;
	case CTI_CONNECTION_QUEUED:
		return CTI_EVENT_CALL_QUEUED;
	case CTI_CONNECTION_FAIL:
		return CTI_EVENT_CALL_FAILED;
	case CTI_CONNECTION_NULL:
	case CTI_CONNECTION_UNKNOWN:
	case CTI_CONNECTION_STATES_COUNT:
		break;
	}
	return CTI_EVENT_CALL_CONNECTION_CLEARED;
}

static void tell(struct model *m, struct call *call, enum cti_event_type type,
                 const struct cti_connection *c, const struct cti_reply *parties)
{
	struct cti_event e;
	cti_event_init(&e, type);
	e.flags = CTI_EVENT_RESYNC;
	e.connection = *c;
	e.connection.call_id = call->id->text;
	if (!c->dynamic)
		e.subject =
		        (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = c->device_id};
	if (type == CTI_EVENT_CALL_CONNECTION_CLEARED)
		e.cause = missed_cause;
	if (parties) {
		e.calling = parties->calling;
		e.called = parties->called;
	}
	struct facts_source source = model_source(m, call, NULL);
	model_call_apply(m, call, &e, &source);
}

static bool is_caller(const struct call *call, const struct cti_reply *parties, const char *device)
{
	const char *calling = parties && parties->calling.number ? parties->calling.number
	                      : call && call->calling.number     ? call->calling.number->text
	                                                         : NULL;
	return calling && device && !strcmp(calling, device);
}

/* One connection as the switch has it. @p call may be NULL: it is new. */
static struct call *take(struct model *m, struct call *call, const char *call_id,
                         const struct cti_connection *c, const struct cti_reply *parties)
{
	struct name *id = name_find(&m->names, c->device_id);
	struct conn *conn = call && id ? model_conn_find(call, id) : NULL;
	if (conn)
		conn->seen = true;
	if (c->state <= CTI_CONNECTION_NULL || (conn && conn->state == c->state)) {
		if (conn)
			conn->implied = false;
		return call;
	}
	enum cti_connection_state from = conn ? conn->state : CTI_CONNECTION_NULL;
	enum cti_event_type type =
	        event_between(from, c->state, is_caller(call, parties, c->device_id));
	if (!call) {
		struct cti_event begin;
		cti_event_init(&begin, type);
		begin.flags = CTI_EVENT_RESYNC;
		begin.connection = *c;
		begin.connection.call_id = call_id;
		call = model_call_start(m, &begin);
		if (!call)
			return NULL; /* said and counted there; the next snapshot tries again */
	}
	tell(m, call, type, c, parties);
	if (call->over)
		return NULL;
	id = name_find(&m->names, c->device_id);
	conn = id ? model_conn_find(call, id) : NULL;
	if (conn)
		conn->seen = true;
	return call;
}

/* Connections that the switch does not have any more. May end the call. */
static void drop(struct model *m, struct conn *conn)
{
	struct cti_connection c = {.call_id = conn->call->id->text,
	                           .device_id = conn->id->text,
	                           .dynamic = conn->dynamic};
	m->received = NULL;
	if (conn->implied) /* whom nobody ever reported nobody misses */
		model_conn_set(conn, CTI_CONNECTION_NULL);
	else
		tell(m, conn->call, CTI_EVENT_CALL_CONNECTION_CLEARED, &c, NULL);
}

static void drop_unseen_of_device(struct model *m, struct device *d)
{
	struct conn *conn = LIST_FIRST(&d->conns);
	while (conn) {
		if (conn->seen) {
			conn = LIST_NEXT(conn, by_device);
			continue;
		}
		drop(m, conn);
		conn = LIST_FIRST(&d->conns); /* others may have gone with it */
	}
}

void model_device_snapshot(struct model *m, struct device *d, const struct cti_snapshot_item *items,
                           size_t count,
                           void (*unknown)(void *arg, const struct cti_snapshot_item *), void *arg)
{
	struct conn *conn;
	LIST_FOREACH (conn, &d->conns, by_device)
		conn->seen = false;
	for (size_t i = 0; i < count; i++) {
		struct cti_connection c = items[i].connection;
		model_numbers_begin(m);
		if (!c.call_id || !model_number_connection(m, &c, &m->received))
			continue;
		/* It is a snapshot of this device, whatever its connection's id looks like. */
		if (!c.device_id || (!c.dynamic && strcmp(c.device_id, d->name->text)))
			c.device_id = d->name->text;
		struct call *call = model_call_find(m, c.call_id);
		if (call && call->over)
			call = NULL;
		if (!call && unknown && c.state > CTI_CONNECTION_NULL)
			unknown(arg, &items[i]);
		else
			take(m, call, c.call_id, &c, NULL);
	}
	drop_unseen_of_device(m, d);
	model_flush(m);
}

void model_call_gone(struct model *m, struct call *call)
{
	struct conn *conn;
	model_numbers_begin(m);
	/* The first connection that is left, until none is, or the call ended with one of them. */
	do {
		LIST_FOREACH (conn, &call->conns, by_call)
			if (conn->state != CTI_CONNECTION_NULL)
				break;
		if (conn)
			drop(m, conn);
	} while (conn && !call->over);
	if (!call->over)
		model_call_end(call, NULL, CTI_EVENT_RESYNC | CTI_EVENT_DERIVED);
	model_flush(m);
}

static void drop_unseen_of_call(struct model *m, const char *call_id)
{
	struct call *call;
	struct conn *conn;
	do {
		call = model_call_find(m, call_id);
		if (!call || call->over)
			return;
		LIST_FOREACH (conn, &call->conns, by_call)
			if (!conn->seen && conn->state != CTI_CONNECTION_NULL)
				break;
		if (conn)
			drop(m, conn);
	} while (conn);
}

void model_call_snapshot(struct model *m, const char *call_id, const struct cti_reply *reply)
{
	struct cti_reply parties = *reply;
	struct call *call = model_call_find(m, call_id);
	struct conn *conn;
	if (call && call->over)
		call = NULL;
	if (call) {
		call->checked = clock_now(m->clock);
		TAILQ_REMOVE(&m->live, call, by_age);
		TAILQ_INSERT_TAIL(&m->live, call, by_age);
		LIST_FOREACH (conn, &call->conns, by_call)
			conn->seen = false;
	}
	for (size_t i = 0; i < reply->snapshot_count; i++) {
		struct cti_connection c = reply->snapshot[i].connection;
		struct cti_device device = reply->snapshot[i].device;
		model_numbers_begin(m);
		parties.calling = reply->calling;
		parties.called = reply->called;
		if (!model_number_device(m, &parties.calling) ||
		    !model_number_device(m, &parties.called) || !model_number_device(m, &device) ||
		    !model_number_connection(m, &c, &m->received))
			continue;
		if (!c.device_id) {
			c.device_id = device.number;
			m->received = device.received;
		}
		if (c.device_id)
			call = take(m, call, call_id, &c, &parties);
	}
	drop_unseen_of_call(m, call_id);
	model_flush(m);
}

/* The dial plan changed: what stood for a device may have another number now. */
void model_renumber(struct model *m)
{
	struct call *call;
	struct conn *conn;
	TAILQ_FOREACH (call, &m->live, by_age)
		LIST_FOREACH (conn, &call->conns, by_call) {
			struct cti_connection c = {
			        .device_id = conn->received ? conn->received->text : conn->id->text,
			        .dynamic = conn->dynamic};
			model_numbers_begin(m);
			if (!model_number_connection(m, &c, NULL) ||
			    !strcmp(c.device_id, conn->id->text))
				continue;
			struct name *id = name_get(&m->names, c.device_id);
			if (!id) {
				model_lost(m, call, "a new number");
				continue;
			}
			model_conn_rename(conn, id, model_device_find(m, c.device_id));
			name_put(&m->names, &id);
		}
	model_flush(m);
}

void model_connection_received(const struct model *m, struct cti_connection *c)
{
	struct call *call;
	struct name *id = c->device_id ? name_find(&m->names, c->device_id) : NULL;
	if (!c->call_id)
		return;
	c->call_id = model_call_follow(m, c->call_id);
	call = model_call_find(m, c->call_id);
	struct conn *conn = call && id ? model_conn_find(call, id) : NULL;
	if (!conn)
		return;
	c->dynamic = conn->dynamic;
	if (conn->received)
		c->device_id = conn->received->text;
}
