/* SPDX-License-Identifier: Apache-2.0 */
#include "pbx-adapters/simulator/acd.h"

#include <stdlib.h>
#include <string.h>

/* ---- Agents and their states: ECMA-269 6.1.1.6 --------------------------------------------------
 */

int switch_agent(struct sim_switch *sw, const struct switch_agent *from, struct cti_error *error)
{
	const struct cti_host *host = sw->config.host;
	struct device *home = from->device ? device_find(sw, from->device) : NULL;
	if (!from->id || !*from->id || strlen(from->id) >= SWITCH_WORD_SIZE ||
	    (from->password && strlen(from->password) >= SWITCH_WORD_SIZE))
		return cti_error_set(error, CTI_E_INVALID, "agent '%.40s': 1 to %d characters",
		                     from->id ? from->id : "", SWITCH_WORD_SIZE - 1);
	if (table_find(&sw->agents, from->id))
		return cti_error_set(error, CTI_E_EXISTS, "agent %s exists already", from->id);
	if (from->device && (!home || home->kind != EXTENSION))
		return cti_error_set(error, CTI_E_NOTFOUND, "agent %s: %.40s is no extension",
		                     from->id, from->device);
	struct agent *a = calloc(1, sizeof *a);
	if (a)
		a->wrap_up = host->timer_create(host, "wrap-up", acd_wrap_up, a);
	if (!a || !a->wrap_up) {
		free(a);
		return cti_error_set(error, CTI_E_NOMEM, "switch: out of memory");
	}
	strcpy(a->id, from->id);
	strcpy(a->password, from->password ? from->password : "");
	a->sw = sw;
	a->state = CTI_AGENT_NULL;
	a->pending = CTI_AGENT_UNKNOWN;
	a->wrap_up_us = from->wrap_up_us ? from->wrap_up_us : sw->config.wrap_up_us;
	int code = 0;
	for (size_t i = 0; !code && i < SWITCH_AGENT_QUEUES && from->queues[i]; i++) {
		struct device *q = device_find(sw, from->queues[i]);
		if (!q || q->kind != QUEUE)
			code = cti_error_set(error, CTI_E_NOTFOUND, "agent %s: %.40s is no queue",
			                     from->id, from->queues[i]);
		else
			a->memberships[a->queues++] =
			        (struct member){.agent = a, .queue = q->queue};
	}
	if (!code && map_insert_text(&sw->agents, &a->node, a->id))
		code = cti_error_set(error, CTI_E_NOMEM, "switch: out of memory");
	if (code) {
		host->timer_destroy(&a->wrap_up);
		free(a);
		return code;
	}
	TAILQ_INSERT_TAIL(&sw->all_agents, a, all);
	for (size_t i = 0; i < a->queues; i++)
		TAILQ_INSERT_TAIL(&a->memberships[i].queue->members, &a->memberships[i], in_queue);
	if (home && !home->home)
		home->home = a;
	return 0;
}

void acd_destroy(struct sim_switch *sw)
{
	for (struct agent *a; (a = TAILQ_FIRST(&sw->all_agents));) {
		TAILQ_REMOVE(&sw->all_agents, a, all);
		sw->config.host->timer_destroy(&a->wrap_up);
		free(a);
	}
	map_free(&sw->agents);
}

static void mark(struct agent *a)
{
	if (a->dirty)
		return;
	a->dirty = true;
	TAILQ_INSERT_TAIL(&a->sw->dirty_agents, a, in_dirty);
}

static void tell(struct agent *a, enum cti_event_type type, const char *cause)
{
	struct cti_event e;
	cti_event_init(&e, type);
	e.subject = (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = a->device->id};
	e.agent_id = a->id;
	e.cause = cause;
	if (a->group)
		e.group = (struct cti_device){.status = CTI_DEVICE_NUMBER,
		                              .number = a->group->device->id};
	if (type == CTI_EVENT_AGENT_BUSY || type == CTI_EVENT_AGENT_WORKING_AFTER_CALL)
		e.pending_state = a->pending;
	if (*a->reason && !cause)
		e.reason = a->reason;
	monitor_report_device(a->device, &e);
}

static void log_off(struct agent *a, const char *cause)
{
	tell(a, CTI_EVENT_AGENT_LOGGED_OFF, cause);
	a->sw->config.host->timer_clear(a->wrap_up);
	a->device->agent = NULL;
	a->device = NULL;
	a->state = CTI_AGENT_NULL;
	a->pending = CTI_AGENT_UNKNOWN;
	mark(a);
}

static void enter_state(struct agent *a, enum cti_agent_state state, const char *cause)
{
	const struct cti_host *host = a->sw->config.host;
	if (state == CTI_AGENT_READY || state == CTI_AGENT_BUSY)
		a->reason[0] = 0;
	if (state == CTI_AGENT_NULL) {
		log_off(a, cause);
		return;
	}
	a->state = state;
	mark(a);
	host->timer_clear(a->wrap_up);
	if (state == CTI_AGENT_WORKING_AFTER_CALL && a->wrap_up_us)
		host->timer_set(a->wrap_up, a->wrap_up_us);
	tell(a,
	     state == CTI_AGENT_READY       ? CTI_EVENT_AGENT_READY
	     : state == CTI_AGENT_NOT_READY ? CTI_EVENT_AGENT_NOT_READY
	     : state == CTI_AGENT_BUSY      ? CTI_EVENT_AGENT_BUSY
	                                    : CTI_EVENT_AGENT_WORKING_AFTER_CALL,
	     cause);
}

void acd_wrap_up(void *arg)
{
	struct agent *a = arg;
	switch_enter(a->sw);
	if (a->state == CTI_AGENT_WORKING_AFTER_CALL)
		enter_state(a, CTI_AGENT_READY, NULL);
	switch_leave(a->sw);
}

void acd_force_off(struct agent *a)
{
	log_off(a, "forcedTransition");
}

static void after_call(struct agent *a)
{
	enum cti_agent_state pending = a->pending;
	a->pending = CTI_AGENT_UNKNOWN;
	if (pending != CTI_AGENT_UNKNOWN)
		enter_state(a, pending, NULL);
	else
		enter_state(a, a->wrap_up_us ? CTI_AGENT_WORKING_AFTER_CALL : CTI_AGENT_READY,
		            NULL);
}

/** Ready, and nothing at the phone. */
static bool available(const struct agent *a)
{
	struct conn *c;
	if (!a->device || a->state != CTI_AGENT_READY || a->missed || a->device->out_of_service)
		return false;
	TAILQ_FOREACH (c, &a->device->conns, in_device)
		if (c->state != CTI_CONNECTION_FAIL)
			return false;
	return true;
}

static void queue_mark(struct queue *q)
{
	if (q->dirty || TAILQ_EMPTY(&q->waiting))
		return;
	q->dirty = true;
	TAILQ_INSERT_TAIL(&q->device->sw->dirty_queues, q, in_dirty);
}

static void settle_idle(struct agent *a)
{
	bool idle = available(a);
	for (size_t i = 0; i < a->queues; i++) {
		struct member *m = &a->memberships[i];
		if (idle && !m->is_idle)
			TAILQ_INSERT_TAIL(&m->queue->idle, m, in_idle);
		else if (!idle && m->is_idle)
			TAILQ_REMOVE(&m->queue->idle, m, in_idle);
		m->is_idle = idle;
		if (idle)
			queue_mark(m->queue);
	}
}

static void settle_agent(struct agent *a)
{
	bool talks = false;
	struct conn *c;
	if (a->device)
		TAILQ_FOREACH (c, &a->device->conns, in_device)
			talks |= c->acd && (c->state == CTI_CONNECTION_CONNECTED ||
			                    c->state == CTI_CONNECTION_HOLD);
	if (a->missed && a->state == CTI_AGENT_READY) {
		enter_state(a, CTI_AGENT_NOT_READY, "forcedTransition");
	} else if (talks && a->state != CTI_AGENT_BUSY) {
		if (a->state == CTI_AGENT_NOT_READY) /* said so while it rang */
			a->pending = CTI_AGENT_NOT_READY;
		enter_state(a, CTI_AGENT_BUSY, NULL);
	} else if (!talks && a->state == CTI_AGENT_BUSY) {
		after_call(a);
	}
	a->missed = false;
	settle_idle(a);
}

/* ---- Queues -------------------------------------------------------------------------------- */

static void tell_queued(struct conn *c, size_t in_front, const char *cause)
{
	struct cti_event e;
	c->state = CTI_CONNECTION_QUEUED;
	c->distributing = false;
	call_event(c->call, c, CTI_EVENT_CALL_QUEUED, cause, &e);
	e.number_queued = (int)c->device->queue->waiting_count;
	e.calls_in_front = (int)in_front;
	monitor_report(c->call, &e, NULL);
}

/** DV Q>B, DE B (F5). False: not to this agent, nothing happened. */
static bool distribute(struct conn *from, struct agent *a)
{
	struct call *call = from->call;
	struct device *d = a->device;
	struct queue *q = from->device->queue;
	if (conn_at(call, d))
		return false;
	struct conn *c = conn_create(call, d, d, CTI_CONNECTION_NULL);
	if (!c)
		return false;
	c->hidden = true;
	c->acd = q;
	struct cti_event e;
	from->state = CTI_CONNECTION_NULL;
	call_event(call, from, CTI_EVENT_CALL_DIVERTED, "distributed", &e);
	e.other = (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = d->id};
	monitor_report(call, &e, call->sw->config.diverted_to_own ? from->device : NULL);
	name_set(&call->last, q->device->id);
	conn_remove(from);
	c->hidden = false;
	conn_wait(c, call->sw->config.no_answer_us, NULL);
	conn_set(c, CTI_CONNECTION_ALERTING, CTI_EVENT_CALL_DELIVERED, "distributed");
	return true;
}

/** To the agent who is idle longest and not in the call already. */
static bool serve(struct conn *c)
{
	struct member *m, *next;
	for (m = TAILQ_FIRST(&c->device->queue->idle); m; m = next) {
		next = TAILQ_NEXT(m, in_idle);
		if (available(m->agent) && distribute(c, m->agent))
			return true;
	}
	return false;
}

static void wait_in(struct queue *q, struct conn *c, bool front)
{
	c->waiting = true;
	q->waiting_count++;
	if (front)
		TAILQ_INSERT_HEAD(&q->waiting, c, in_queue);
	else
		TAILQ_INSERT_TAIL(&q->waiting, c, in_queue);
}

void acd_enter(struct queue *q, struct call *call, bool again)
{
	if (conn_at(call, q->device)) { /* waits there already */
		if (!call_talks(call, NULL))
			call_clear(call, "normalClearing");
		return;
	}
	struct conn *c = conn_create(call, q->device, q->device, CTI_CONNECTION_NULL);
	if (!c) {
		route_no_memory(call);
		return;
	}
	if (q->device->out_of_service) {
		conn_set(c, CTI_CONNECTION_FAIL, CTI_EVENT_CALL_FAILED, "destOutOfOrder");
		return;
	}
	if (again) {
		wait_in(q, c, true);
		tell_queued(c, 0, "redirected");
		queue_mark(q);
		return;
	}
	struct cti_event e;
	c->state = CTI_CONNECTION_ALERTING;
	c->distributing = true;
	call_event(call, c, CTI_EVENT_CALL_DELIVERED, "enteringDistribution", &e);
	e.flags = CTI_EVENT_DISTRIBUTION;
	monitor_report(call, &e, NULL);
	if (TAILQ_EMPTY(&q->waiting) && serve(c))
		return;
	size_t in_front = q->waiting_count;
	wait_in(q, c, false);
	tell_queued(c, in_front, "noAvailableAgents");
}

void acd_missed(struct conn *c)
{
	struct call *call = c->call;
	struct queue *q = c->acd;
	struct cti_event e;
	if (c->device->agent) {
		c->device->agent->missed = true;
		mark(c->device->agent);
	}
	c->state = CTI_CONNECTION_NULL;
	call_event(call, c, CTI_EVENT_CALL_DIVERTED, "callForwardNoAnswer", &e);
	e.other = (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = q->device->id};
	monitor_report(call, &e, call->sw->config.diverted_to_own ? c->device : NULL);
	conn_name(c, &call->last);
	conn_remove(c);
	acd_enter(q, call, true);
}

void acd_conn_changed(struct conn *c)
{
	if (c->device->agent)
		mark(c->device->agent);
}

void acd_conn_gone(struct conn *c)
{
	if (c->waiting) {
		struct queue *q = c->device->queue;
		TAILQ_REMOVE(&q->waiting, c, in_queue);
		q->waiting_count--;
	}
	acd_conn_changed(c);
}

bool acd_unsettled(const struct sim_switch *sw)
{
	return !TAILQ_EMPTY(&sw->dirty_agents) || !TAILQ_EMPTY(&sw->dirty_queues);
}

void acd_settle(struct sim_switch *sw)
{
	struct agent *a = TAILQ_FIRST(&sw->dirty_agents);
	if (a) {
		TAILQ_REMOVE(&sw->dirty_agents, a, in_dirty);
		a->dirty = false;
		settle_agent(a);
		return;
	}
	struct queue *q = TAILQ_FIRST(&sw->dirty_queues);
	TAILQ_REMOVE(&sw->dirty_queues, q, in_dirty);
	q->dirty = false;
	for (struct conn *c; (c = TAILQ_FIRST(&q->waiting));)
		if (!serve(c))
			break;
}

/* ---- SetAgentState, GetAgentState: 22.1.15 ------------------------------------------------- */

static bool member_of(const struct agent *a, const struct device *q)
{
	for (size_t i = 0; i < a->queues; i++)
		if (a->memberships[i].queue->device == q)
			return true;
	return false;
}

static enum fault log_on(struct ask *ask, struct device *d)
{
	const struct cti_request *r = ask->request;
	struct agent *a = r->agent_id ? table_find(&ask->sw->agents, r->agent_id) : d->home;
	struct device *group = r->group ? device_find(ask->sw, r->group) : NULL;
	if (!a)
		return r->agent_id ? invalidAgentIdentifier
		                   : atLeastOneConditionalParameterNotProvided;
	if (a->device == d)
		return featureAlreadySet;
	if (a->device || d->agent)
		return invalidDeviceState;
	if (*a->password && (!r->password || strcmp(a->password, r->password)))
		return invalidAgentPassword;
	if (r->group && (!group || group->kind != QUEUE || !member_of(a, group)))
		return invalidAgentGroup;
	ask_ack(ask);
	a->group = group ? group->queue : a->queues ? a->memberships[0].queue : NULL;
	a->device = d;
	d->agent = a;
	a->reason[0] = 0;
	tell(a, CTI_EVENT_AGENT_LOGGED_ON, NULL);
	enter_state(a, CTI_AGENT_NOT_READY, NULL);
	return OK;
}

enum fault service_set_agent_state(struct ask *ask)
{
	static const enum cti_agent_state states[] = {
	        [CTI_REQUEST_LOGGED_OFF] = CTI_AGENT_NULL,
	        [CTI_REQUEST_NOT_READY] = CTI_AGENT_NOT_READY,
	        [CTI_REQUEST_READY] = CTI_AGENT_READY,
	        [CTI_REQUEST_WORKING_AFTER_CALL] = CTI_AGENT_WORKING_AFTER_CALL,
	};
	const struct cti_request *r = ask->request;
	struct device *d = device_find(ask->sw, r->device);
	if (!d || d->kind == OUTSIDE)
		return invalidDeviceID;
	if (d->kind != EXTENSION)
		return requestIncompatibleWithDevice;
	if (d->out_of_service)
		return deviceOutOfService;
	if ((size_t)r->agent_state >= sizeof states / sizeof *states ||
	    (r->reason && strlen(r->reason) >= SWITCH_WORD_SIZE))
		return valueOutOfRange;
	if (r->agent_state == CTI_REQUEST_LOGGED_ON)
		return log_on(ask, d);
	struct agent *a = d->agent;
	if (r->agent_id && !table_find(&ask->sw->agents, r->agent_id))
		return invalidAgentIdentifier;
	if (!a || (r->agent_id && strcmp(a->id, r->agent_id)))
		return invalidAgentState;
	enum cti_agent_state state = states[r->agent_state];
	bool waits = a->state == CTI_AGENT_BUSY;
	if (a->state == state)
		return featureAlreadySet;
	strcpy(a->reason, r->reason ? r->reason : "");
	if (waits) { /* until the call is over; a second request replaces the first */
		ask->reply.pending_state = a->pending = state;
		return OK;
	}
	ask_ack(ask);
	enter_state(a, state, NULL);
	return OK;
}

static void describe(struct cti_agent_item *item, const struct agent *a)
{
	*item = (struct cti_agent_item){
	        .agent_id = a->id,
	        .logged_on = a->device != NULL,
	        .state = a->state,
	        .pending_state = a->pending,
	};
	if (a->group)
		item->group = (struct cti_device){.status = CTI_DEVICE_NUMBER,
		                                  .number = a->group->device->id};
}

/** Of the agent at an extension, or of all who are logged on to a queue. */
enum fault service_get_agent_state(struct ask *ask)
{
	struct device *d = device_find(ask->sw, ask->request->device);
	if (!d || d->kind == OUTSIDE)
		return invalidDeviceID;
	if (d->kind == TRUNK)
		return requestIncompatibleWithDevice;
	size_t count = d->agent ? 1 : 0;
	struct member *m;
	if (d->queue)
		TAILQ_FOREACH (m, &d->queue->members, in_queue)
			count += m->agent->device != NULL;
	struct cti_agent_item *items = calloc(count + 1, sizeof *items);
	if (!items)
		return resourceLimitExceeded;
	ask->scratch = items;
	ask->reply.agents = items;
	ask->reply.agent_count = count;
	if (d->agent)
		describe(items, d->agent);
	if (d->queue)
		TAILQ_FOREACH (m, &d->queue->members, in_queue)
			if (m->agent->device)
				describe(items++, m->agent);
	return OK;
}
