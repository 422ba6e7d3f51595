/* SPDX-License-Identifier: Apache-2.0 */
/* Monitors and snapshots: ECMA-269 6.6.2, 15, 16. */
#include "pbx-adapters/simulator/inside.h"

#include <stdlib.h>
#include <string.h>

/* ---- Reports ------------------------------------------------------------------------------------
 */

static void deliver(struct monitor *m, struct cti_event *e)
{
	if (m->client->dead || m->filter >> e->type & 1)
		return;
	e->monitor = m->xref;
	m->client->sink.event(m->client->arg, e);
}

/** The fact counts; false: a fault eats it. */
static bool fact(struct sim_switch *sw, struct cti_event *e)
{
	const struct cti_host *host = sw->config.host;
	uint64_t bit = UINT64_C(1) << e->type;
	sw->facts++;
	e->time_us = host->wall_us(host);
	bool lost = (sw->drop && --sw->drop == 0) || sw->drop_type & bit;
	sw->drop_type &= ~bit;
	if (lost)
		host->log(host, CTI_LOG_INFO, "fault: %s is lost", cti_event_type_name(e->type));
	return !lost;
}

static void report_device(struct device *d, struct cti_event *e)
{
	struct monitor *m;
	TAILQ_FOREACH (m, &d->monitors, in_device)
		if (!m->call_type)
			deliver(m, e);
}

static void stop(struct monitor *m, const char *why)
{
	struct sim_client *client = m->client;
	char xref[XREF_SIZE];
	strcpy(xref, m->xref);
	monitor_destroy(m);
	if (!client->dead && client->sink.monitor_stopped)
		client->sink.monitor_stopped(client->arg, xref, why);
}

static void report_watch(struct watch *w, struct cti_event *e)
{
	struct monitor *m = w->monitor;
	if (m->call_type) { /* without localConnectionInfo: 12.2.17 */
		e->local_state = CTI_CONNECTION_UNKNOWN;
		deliver(m, e);
		return;
	}
	const struct conn *c = conn_at(w->call, m->device);
	if (!c || c->hidden || e->type == CTI_EVENT_CALL_CLEARED)
		return;
	e->local_state = c->state;
	bool last = c->state == CTI_CONNECTION_NULL;
	deliver(m, e);
	if (last)
		stop(m, "the device left the call");
}

void monitor_report(struct call *call, struct cti_event *e, const struct device *only)
{
	if (!fact(call->sw, e))
		return;
	struct conn *c;
	TAILQ_FOREACH (c, &call->conns, in_call)
		if (!c->hidden && (!only || c->device == only)) {
			e->local_state = c->state;
			report_device(c->device, e);
		}
	for (struct watch *w = TAILQ_FIRST(&call->watches), *next; w; w = next) {
		next = TAILQ_NEXT(w, in_call);
		report_watch(w, e);
	}
}

void monitor_report_device(struct device *d, struct cti_event *e)
{
	if (fact(d->sw, e))
		report_device(d, e);
}

/* ---- Which call is followed by whom -------------------------------------------------------- */

static struct watch *watch_find(const struct monitor *m, const struct call *call)
{
	struct watch *w;
	TAILQ_FOREACH (w, &m->watches, in_monitor)
		if (w->call == call)
			return w;
	return NULL;
}

static int watch_add(struct monitor *m, struct call *call)
{
	if (watch_find(m, call))
		return 0;
	struct watch *w = malloc(sizeof *w);
	if (!w)
		return CTI_E_NOMEM;
	w->monitor = m;
	w->call = call;
	TAILQ_INSERT_TAIL(&call->watches, w, in_call);
	TAILQ_INSERT_TAIL(&m->watches, w, in_monitor);
	return 0;
}

static void watch_remove(struct watch *w)
{
	TAILQ_REMOVE(&w->call->watches, w, in_call);
	TAILQ_REMOVE(&w->monitor->watches, w, in_monitor);
	free(w);
}

int monitor_follow(struct device *d, struct call *call)
{
	struct monitor *m;
	TAILQ_FOREACH (m, &d->monitors, in_device)
		if (m->call_type && watch_add(m, call))
			return CTI_E_NOMEM;
	return 0;
}

void monitor_moved(struct call *from, struct call *to)
{
	for (struct watch *w; (w = TAILQ_FIRST(&from->watches));) {
		if (w->monitor->call == from)
			w->monitor->call = to;
		if (watch_find(w->monitor, to)) {
			watch_remove(w);
			continue;
		}
		TAILQ_REMOVE(&from->watches, w, in_call);
		w->call = to;
		TAILQ_INSERT_TAIL(&to->watches, w, in_call);
	}
}

void monitor_call_gone(struct call *call)
{
	for (struct watch *w; (w = TAILQ_FIRST(&call->watches));) {
		if (w->monitor->call == call)
			stop(w->monitor, "the call is gone");
		else
			watch_remove(w);
	}
}

void monitor_destroy(struct monitor *m)
{
	for (struct watch *w; (w = TAILQ_FIRST(&m->watches));)
		watch_remove(w);
	if (m->device && !m->call)
		TAILQ_REMOVE(&m->device->monitors, m, in_device);
	TAILQ_REMOVE(&m->client->monitors, m, in_client);
	m->client->monitor_count--;
	map_remove(&m->client->xrefs, &m->node);
	free(m);
}

/* ---- MonitorStart, MonitorStop, ChangeMonitorFilter ---------------------------------------- */

/** At most four octets (ECMA-285), never reused within an association (ECMA-269 12.3.21). */
static bool xref_next(struct sim_client *client, char out[XREF_SIZE])
{
	uint32_t n = client->last_xref + 1;
	char digits[8];
	size_t length = 0;
	for (; n; n /= 36)
		digits[length++] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[n % 36];
	if (length >= XREF_SIZE)
		return false;
	client->last_xref++;
	for (size_t i = 0; i < length; i++)
		out[i] = digits[length - 1 - i];
	out[length] = 0;
	return true;
}

static enum fault monitor_create(struct ask *a, struct device *d, struct call *call, bool call_type)
{
	struct sim_client *client = a->client;
	struct monitor *m = calloc(1, sizeof *m);
	if (!m)
		return resourceLimitExceeded;
	*m = (struct monitor){.client = client,
	                      .device = d,
	                      .call = call,
	                      .call_type = call_type,
	                      .filter = a->request->monitor_filter};
	TAILQ_INIT(&m->watches);
	if (client->monitor_count >= a->sw->config.max_monitors || !xref_next(client, m->xref)) {
		free(m);
		return overallMonitorLimitExceeded;
	}
	if (map_insert_text(&client->xrefs, &m->node, m->xref)) {
		free(m);
		return resourceLimitExceeded;
	}
	TAILQ_INSERT_TAIL(&client->monitors, m, in_client);
	client->monitor_count++;
	if (!call)
		TAILQ_INSERT_TAIL(&d->monitors, m, in_device);
	int failed = call ? watch_add(m, call) : 0;
	struct conn *c;
	if (!call && call_type)
		TAILQ_FOREACH (c, &d->conns, in_device)
			failed |= watch_add(m, c->call);
	if (failed) {
		monitor_destroy(m);
		return resourceLimitExceeded;
	}
	a->reply.monitor = m->xref;
	a->reply.monitor_existing_calls = true;
	ask_ack(a);
	return OK;
}

enum fault service_monitor_start(struct ask *a)
{
	const struct cti_request *r = a->request;
	struct device *d = NULL;
	struct call *call = NULL;
	const char *id = r->connection.call_id ? r->connection.device_id : r->device;
	if (r->connection.call_id && !(call = table_find(&a->sw->calls, r->connection.call_id)))
		return invalidCallID;
	if (id && (!(d = device_find(a->sw, id)) || d->kind == OUTSIDE))
		return invalidDeviceID;
	if (!call && !d)
		return atLeastOneConditionalParameterNotProvided;
	if (call && !r->call_type && (!d || !conn_at(call, d)))
		return invalidConnectionID;
	if (!call && d->refuse_monitor)
		return objectMonitorLimitExceeded;
	return monitor_create(a, call && r->call_type ? NULL : d, call, r->call_type);
}

static struct monitor *monitor_of(const struct ask *a)
{
	return table_find(&a->client->xrefs, a->request->monitor);
}

enum fault service_monitor_stop(struct ask *a)
{
	struct monitor *m = monitor_of(a);
	if (!m)
		return invalidMonitorCrossRefID;
	monitor_destroy(m);
	return OK;
}

enum fault service_change_monitor_filter(struct ask *a)
{
	struct monitor *m = monitor_of(a);
	if (!m)
		return invalidMonitorCrossRefID;
	m->filter = a->request->monitor_filter;
	return OK;
}

/* ---- Snapshots ----------------------------------------------------------------------------- */

enum fault service_snapshot_device(struct ask *a)
{
	struct device *d = device_find(a->sw, a->request->device);
	if (!d || d->kind == OUTSIDE)
		return invalidDeviceID;
	size_t items = 0, states = 0;
	struct conn *c, *other;
	TAILQ_FOREACH (c, &d->conns, in_device) {
		items++;
		TAILQ_FOREACH (other, &c->call->conns, in_call)
			states++; /* itself too: room to spare */
	}
	struct cti_snapshot_item *item;
	enum cti_connection_state *state;
	item = calloc(1, items * sizeof *item + states * sizeof *state + 1);
	if (!item)
		return resourceLimitExceeded;
	a->scratch = item;
	a->reply.snapshot = item;
	a->reply.snapshot_count = items;
	state = (enum cti_connection_state *)(item + items);
	TAILQ_FOREACH (c, &d->conns, in_device) {
		item->connection = conn_ref(c);
		item->device = (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = d->id};
		item->other_states = state;
		TAILQ_FOREACH (other, &c->call->conns, in_call)
			if (other != c) {
				*state++ = other->state;
				item->other_count++;
			}
		item++;
	}
	return OK;
}

enum fault service_snapshot_call(struct ask *a)
{
	const struct cti_connection *r = &a->request->connection;
	struct call *call = table_find(&a->sw->calls, r->call_id);
	struct device *d = device_find(a->sw, r->device_id);
	if (!call)
		return invalidCallID;
	if (r->device_id && (!d || (d->kind != OUTSIDE && !conn_at(call, d))))
		return invalidConnectionID;
	size_t items = 0;
	struct conn *c;
	TAILQ_FOREACH (c, &call->conns, in_call)
		items++;
	struct cti_snapshot_item *item = calloc(items + 1, sizeof *item);
	if (!item)
		return resourceLimitExceeded;
	a->scratch = item;
	a->reply.snapshot = item;
	a->reply.snapshot_count = items;
	a->reply.calling = name_device(&call->calling);
	a->reply.called = name_device(&call->called);
	TAILQ_FOREACH (c, &call->conns, in_call) {
		item->connection = conn_ref(c);
		item++->device = conn_party(c);
	}
	return OK;
}
