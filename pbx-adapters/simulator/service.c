/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The call control services of ECMA-269 clause 17.1, one function each: check everything,
 * ask_ack(), then change. A fault returned means that nothing has changed;
 * ECMA-269 12.2.14 names the faults and leaves open which stands for what: FAULTS in inside.h.
 */
#include "pbx-adapters/simulator/inside.h"

#include <stdlib.h>
#include <string.h>

/* ---- The asking --------------------------------------------------------------------------------
 */

void refuse(struct cti_reply *reply, enum fault fault)
{
	static const struct {
		enum cti_category category;
		const char *value, *text;
	} faults[] = {{CTI_CATEGORY_NONE, NULL, NULL},
#define X(name, category, text) {CTI_CATEGORY_##category, #name, text},
	              FAULTS(X)
#undef X
	};
	reply->code = CTI_E_REFUSED;
	reply->category = faults[fault].category;
	reply->value = faults[fault].value;
	reply->text = faults[fault].text;
}

void ask_ack(struct ask *a)
{
	a->acked = true;
	a->answer(a->arg, &a->reply);
}

enum fault ask_conn(struct ask *a, const struct cti_connection *ref,
                    enum cti_connection_state state, struct conn **out)
{
	struct device *d = device_find(a->sw, ref->device_id);
	struct conn *c;
	*out = NULL;
	if (!ref->call_id) {
		if (!d || d->kind == OUTSIDE)
			return invalidDeviceID;
		*out = conn_in_state(d, state);
		return OK;
	}
	struct call *call = table_find(&a->sw->calls, ref->call_id);
	if (!call)
		return invalidCallID;
	if (!d)
		return ref->device_id ? invalidDeviceID : invalidConnectionID;
	TAILQ_FOREACH (c, &call->conns, in_call)
		if (c->device == d || c->phone == d)
			*out = c;
	return *out ? OK : invalidConnectionID;
}

enum fault ask_conn_of(struct ask *a, const struct cti_connection *ref,
                       const enum cti_connection_state *states, struct conn **out)
{
	enum fault fault = ask_conn(a, ref, *states, out);
	while (!fault && !*out && *++states)
		fault = ask_conn(a, ref, *states, out);
	return fault;
}

enum fault ask_pair(struct ask *a, struct conn **held, struct conn **active)
{
	struct cti_connection h = a->request->held, c = a->request->connection;
	if (!h.device_id)
		h.device_id = c.device_id;
	if (!c.device_id)
		c.device_id = h.device_id;
	enum fault fault = ask_conn(a, &h, CTI_CONNECTION_HOLD, held);
	if (fault)
		return invalidHeldConnectionID;
	fault = ask_conn(a, &c, CTI_CONNECTION_CONNECTED, active);
	if (fault)
		return invalidActiveConnectionID;
	if (!*held)
		return noHeldCall;
	if (!*active)
		return noActiveCall;
	if (*held == *active)
		return notDifferentDevices;
	if ((*held)->device != (*active)->device)
		return notSameDevice;
	return (*held)->device->kind == EXTENSION ? OK : requestIncompatibleWithConnection;
}

enum fault ask_attachable(const struct cti_request *r)
{
	if (r->correlator.length > SWITCH_CORRELATOR_MAX)
		return correlatorDataOutOfRange;
	return r->user_data.length > SWITCH_USER_DATA_MAX ? valueOutOfRange : OK;
}

bool ask_attach(struct ask *a, struct call *call)
{
	const struct cti_octets *correlator = &a->request->correlator,
	                        *user = &a->request->user_data;
	if (user->data && user->length) {
		uint8_t *copy = malloc(user->length);
		if (!copy)
			return false;
		memcpy(copy, user->data, user->length);
		free(call->user_data);
		call->user_data = copy;
		call->user_data_length = user->length;
	}
	if (correlator->data) { /* a null string clears it: 12.2.10 */
		call->has_correlator = correlator->length > 0;
		call->correlator_length = correlator->length;
		memcpy(call->correlator, correlator->data, correlator->length);
	}
	return true;
}

enum fault ask_target(struct ask *a, const struct device *from, enum fault nowhere,
                      struct target *out)
{
	if (route_resolve(a->sw, a->request->destination, out) ||
	    (out->device && out->device == from))
		return nowhere;
	return out->device || !TAILQ_EMPTY(&a->sw->free_trunks) ? OK : networkBusy;
}

/* ---- Making calls -------------------------------------------------------------------------- */

struct conn *device_busy_with(const struct device *d)
{
	struct conn *c;
	TAILQ_FOREACH (c, &d->conns, in_device)
		if (c->state == CTI_CONNECTION_CONNECTED || c->state == CTI_CONNECTION_INITIATED ||
		    (c->state == CTI_CONNECTION_FAIL && c->call->caller == d))
			return c;
	return NULL;
}

/** Off-hook, and nothing dialled yet. */
static struct conn *dial_tone(const struct device *d)
{
	struct conn *c = device_busy_with(d);
	return c && c->state == CTI_CONNECTION_INITIATED && !c->prompted && !*c->call->dialled
	               ? c
	               : NULL;
}

struct conn *call_begin(struct device *d)
{
	struct call *call = call_create(d->sw);
	struct conn *c = call ? conn_create(call, d, d, CTI_CONNECTION_INITIATED) : NULL;
	if (!c) {
		if (call)
			call_destroy(call);
		return NULL;
	}
	name_set(&call->calling, d->id);
	call->caller = d;
	return c;
}

/** The same with the request's data. */
static struct conn *ask_begin(struct ask *a, struct device *d)
{
	struct conn *c = call_begin(d);
	if (c && !ask_attach(a, c->call)) {
		struct call *call = c->call;
		conn_remove(c);
		call_destroy(call);
		return NULL;
	}
	return c;
}

/** The number to be called, unless more digits will come. */
static enum fault ask_dialled(struct ask *a, const struct device *d, enum fault nowhere)
{
	const char *number = a->request->destination;
	struct target target;
	if (!number || strlen(number) >= SWITCH_ID_SIZE)
		return nowhere;
	if (dial_is_staged(number))
		return dial_is_number(number) ? OK : nowhere;
	return ask_target(a, d, nowhere, &target);
}

static enum fault service_make_call(struct ask *a)
{
	const struct cti_request *r = a->request;
	struct device *d = device_find(a->sw, r->device);
	if (!d || d->kind != EXTENSION)
		return invalidCallingDeviceID;
	if (d->out_of_service)
		return deviceOutOfService;
	enum fault fault = ask_dialled(a, d, invalidCalledDeviceID);
	if (!fault)
		fault = ask_attachable(r);
	if (fault)
		return fault;
	struct conn *c = dial_tone(d);
	bool lifted = c != NULL;
	if (!lifted && (device_busy_with(d) || conn_in_state(d, CTI_CONNECTION_ALERTING)))
		return invalidCallingDeviceState;
	if (lifted ? !ask_attach(a, c->call) : !(c = ask_begin(a, d)))
		return resourceLimitExceeded;
	a->reply.connection = conn_ref(c);
	ask_ack(a);
	strcpy(c->call->dialled, r->destination);
	if (!lifted && (!r->do_not_prompt || dial_is_staged(r->destination))) {
		c->prompted = !r->do_not_prompt;
		conn_set(c, CTI_CONNECTION_INITIATED, CTI_EVENT_CALL_SERVICE_INITIATED, "makeCall");
		if (d->must_lift && c->prompted) {
			conn_wait(c, a->sw->config.prompt_us, NULL);
			return OK;
		}
	}
	dial_begin(c);
	return OK;
}

static enum fault service_consultation_call(struct ask *a)
{
	struct conn *first, *c;
	enum fault fault = ask_conn(a, &a->request->connection, CTI_CONNECTION_CONNECTED, &first);
	if (fault)
		return fault;
	if (!first)
		return noActiveCall;
	struct device *d = first->device;
	if (d->kind != EXTENSION)
		return requestIncompatibleWithConnection;
	if (first->state != CTI_CONNECTION_CONNECTED)
		return device_busy_with(d) ? invalidConnectionState : noActiveCall;
	fault = ask_dialled(a, d, invalidDestination);
	if (!fault)
		fault = ask_attachable(a->request);
	if (fault)
		return fault;
	unsigned calls = 0;
	TAILQ_FOREACH (c, &d->conns, in_device)
		calls++;
	c = calls < DEVICE_CALLS ? ask_begin(a, d) : NULL;
	if (!c)
		return resourceLimitExceeded;
	/* A global id of its own, the thread of the call it came from: ECMA-269 6.1.2.7. */
	memcpy(c->call->thread, first->call->thread, LINKAGE_SIZE);
	a->reply.connection = conn_ref(c);
	ask_ack(a);
	conn_held(first, "consultation");
	conn_set(c, CTI_CONNECTION_INITIATED, CTI_EVENT_CALL_SERVICE_INITIATED, "consultation");
	strcpy(c->call->dialled, a->request->destination);
	c->call->dial_cause = "consultation";
	dial_begin(c);
	return OK;
}

/* ---- One connection ------------------------------------------------------------------------ */

static enum fault service_answer_call(struct ask *a)
{
	struct conn *c, *other;
	enum fault fault = ask_conn(a, &a->request->connection, CTI_CONNECTION_ALERTING, &c);
	if (fault)
		return fault;
	if (!c) { /* device only: a phone that prompts is answered too, and what waits there */
		struct device *d = device_find(a->sw, a->request->connection.device_id);
		c = conn_in_state(d, CTI_CONNECTION_INITIATED);
		if (!c)
			c = conn_in_state(d, CTI_CONNECTION_QUEUED);
	}
	if (!c)
		return noCallToAnswer;
	if (c->device->kind != EXTENSION)
		return requestIncompatibleWithConnection;
	if (c->state == CTI_CONNECTION_INITIATED && c->prompted) {
		ask_ack(a);
		dial_begin(c);
		return OK;
	}
	/* 17.1.1: what is only offered cannot be answered; a call that waits here can. */
	if (c->offered)
		return invalidConnectionState;
	if (c->state != CTI_CONNECTION_ALERTING && c->state != CTI_CONNECTION_QUEUED)
		return conn_in_state(c->device, CTI_CONNECTION_ALERTING) ? invalidConnectionState
		                                                         : noCallToAnswer;
	other = device_busy_with(c->device);
	if (other && (other->state != CTI_CONNECTION_CONNECTED || a->sw->config.no_auto_hold))
		return connectedCallExists;
	ask_ack(a);
	if (other)
		conn_held(other, "normal");
	conn_connect(c, "newCall");
	return OK;
}

static enum fault service_clear_connection(struct ask *a)
{
	struct conn *c, *other;
	enum fault fault = ask_conn(a, &a->request->connection, CTI_CONNECTION_CONNECTED, &c);
	if (fault)
		return fault;
	if (!c) {
		struct device *d = device_find(a->sw, a->request->connection.device_id);
		c = conn_in_state(d, CTI_CONNECTION_UNKNOWN);
	}
	if (!c)
		return noConnectionToClear;
	ask_ack(a);
	const char *cause = "normalClearing";
	if (c->state != CTI_CONNECTION_ALERTING && !call_talks(c->call, c))
		TAILQ_FOREACH (other, &c->call->conns, in_call)
			if (other->state == CTI_CONNECTION_ALERTING ||
			    other->state == CTI_CONNECTION_QUEUED)
				cause = "callCancelled"; /* the caller gave up: F5 */
	conn_release(c, cause);
	return OK;
}

static enum fault service_clear_call(struct ask *a)
{
	struct call *call = table_find(&a->sw->calls, a->request->connection.call_id);
	if (!call)
		return invalidCallID;
	ask_ack(a);
	call_clear(call, "normalClearing");
	return OK;
}

static enum fault service_hold_call(struct ask *a)
{
	struct conn *c;
	enum fault fault = ask_conn(a, &a->request->connection, CTI_CONNECTION_CONNECTED, &c);
	if (fault)
		return fault;
	if (!c)
		return noActiveCall;
	if (c->device->kind != EXTENSION)
		return requestIncompatibleWithConnection;
	if (c->state != CTI_CONNECTION_CONNECTED)
		return conn_in_state(c->device, CTI_CONNECTION_CONNECTED) ? invalidConnectionState
		                                                          : noActiveCall;
	ask_ack(a);
	conn_held(c, "normal");
	return OK;
}

static enum fault service_retrieve_call(struct ask *a)
{
	struct conn *c;
	enum fault fault = ask_conn(a, &a->request->connection, CTI_CONNECTION_HOLD, &c);
	if (fault)
		return fault;
	if (!c)
		return noHeldCall;
	if (c->device->kind != EXTENSION)
		return requestIncompatibleWithConnection;
	if (c->state != CTI_CONNECTION_HOLD)
		return conn_in_state(c->device, CTI_CONNECTION_HOLD) ? invalidConnectionState
		                                                     : noHeldCall;
	if (device_busy_with(c->device))
		return connectedCallExists;
	ask_ack(a);
	conn_retrieved(c, "normal");
	return OK;
}

/* ---- Two connections of one device --------------------------------------------------------- */

static enum fault service_alternate_call(struct ask *a)
{
	struct conn *held, *active;
	enum fault fault = ask_pair(a, &held, &active);
	if (fault)
		return fault;
	if (active->state != CTI_CONNECTION_CONNECTED)
		return invalidActiveConnectionState;
	if (held->state != CTI_CONNECTION_HOLD && held->state != CTI_CONNECTION_ALERTING)
		return invalidHeldConnectionState;
	ask_ack(a);
	conn_held(active, "alternate");
	if (held->state == CTI_CONNECTION_HOLD)
		conn_retrieved(held, "alternate");
	else
		conn_connect(held, "alternate");
	return OK;
}

static enum fault service_reconnect_call(struct ask *a)
{
	struct conn *held, *active;
	enum fault fault = ask_pair(a, &held, &active);
	if (fault)
		return fault;
	if (active->state == CTI_CONNECTION_HOLD)
		return invalidActiveConnectionState;
	if (held->state != CTI_CONNECTION_HOLD)
		return invalidHeldConnectionState;
	ask_ack(a);
	conn_release(active, "normalClearing");
	conn_retrieved(held, "normal");
	return OK;
}

/* ---- To another device --------------------------------------------------------------------- */

static enum fault service_deflect_call(struct ask *a)
{
	static const enum cti_connection_state states[] = {
	        CTI_CONNECTION_ALERTING, CTI_CONNECTION_QUEUED, CTI_CONNECTION_CONNECTED,
	        CTI_CONNECTION_HOLD,     CTI_CONNECTION_FAIL,   CTI_CONNECTION_NULL};
	struct conn *c;
	struct target target;
	enum fault fault = ask_conn_of(a, &a->request->connection, states, &c);
	if (fault)
		return fault;
	if (!c)
		return invalidConnectionState;
	if (!device_dialled(c->device))
		return requestIncompatibleWithConnection;
	if (c->state == CTI_CONNECTION_INITIATED || !call_talks(c->call, c))
		return invalidConnectionState;
	fault = ask_target(a, c->device, invalidDestination, &target);
	if (!fault)
		fault = ask_attachable(a->request);
	if (fault)
		return fault;
	if (target.device && conn_at(c->call, target.device))
		return invalidDestination;
	if (!ask_attach(a, c->call))
		return resourceLimitExceeded;
	ask_ack(a);
	route_divert(c, &target, "redirected");
	return OK;
}

static enum fault picker(struct ask *a, struct device **out)
{
	*out = device_find(a->sw, a->request->device);
	if (!*out)
		return invalidDeviceID;
	if ((*out)->kind != EXTENSION)
		return requestIncompatibleWithDevice;
	if ((*out)->out_of_service)
		return deviceOutOfService;
	return device_busy_with(*out) || conn_in_state(*out, CTI_CONNECTION_ALERTING)
	               ? invalidDeviceState
	               : OK;
}

/** F13: the picked connection is diverted, the requester's is established without ringing. */
static enum fault pick_up(struct ask *a, struct conn *picked, struct device *d)
{
	struct call *call = picked->call;
	if (conn_at(call, d))
		return requestIncompatibleWithDevice;
	if (!call_talks(call, picked))
		return invalidConnectionState;
	struct conn *c = conn_create(call, d, d, CTI_CONNECTION_NULL);
	if (!c)
		return resourceLimitExceeded;
	c->hidden = true;
	a->reply.connection = conn_ref(c);
	a->reply.connection.state = CTI_CONNECTION_CONNECTED;
	ask_ack(a);
	struct cti_event e;
	picked->state = CTI_CONNECTION_NULL;
	call_event(call, picked, CTI_EVENT_CALL_DIVERTED, "callPickup", &e);
	e.other = (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = d->id};
	monitor_report(call, &e, a->sw->config.diverted_to_own ? picked->device : NULL);
	conn_name(picked, &call->last);
	conn_remove(picked);
	c->hidden = false;
	conn_connect(c, "callPickup");
	return OK;
}

static enum fault service_directed_pickup_call(struct ask *a)
{
	static const enum cti_connection_state states[] = {
	        CTI_CONNECTION_ALERTING, CTI_CONNECTION_QUEUED, CTI_CONNECTION_HOLD,
	        CTI_CONNECTION_CONNECTED, CTI_CONNECTION_NULL};
	struct conn *c;
	struct device *d;
	enum fault fault = ask_conn_of(a, &a->request->connection, states, &c);
	if (!fault)
		fault = picker(a, &d);
	if (fault)
		return fault;
	if (!c)
		return noCallToAnswer;
	if (c->device->kind == TRUNK)
		return requestIncompatibleWithConnection;
	if (c->state == CTI_CONNECTION_INITIATED || c->state == CTI_CONNECTION_FAIL)
		return invalidConnectionState;
	return pick_up(a, c, d);
}

static enum fault service_group_pickup_call(struct ask *a)
{
	struct device *d, *member;
	enum fault fault = picker(a, &d);
	if (fault)
		return fault;
	struct group *g =
	        a->request->group ? table_find(&a->sw->groups, a->request->group) : d->group;
	if (!g)
		return a->request->group ? invalidDeviceID : noCallToAnswer;
	struct conn *c, *oldest = NULL;
	TAILQ_FOREACH (member, &g->members, in_group) {
		c = conn_in_state(member, CTI_CONNECTION_ALERTING);
		if (c && (!oldest || c->order < oldest->order))
			oldest = c;
	}
	return oldest ? pick_up(a, oldest, d) : noCallToAnswer;
}

/* ---- System -------------------------------------------------------------------------------- */

static enum fault service_request_system_status(struct ask *a)
{
	a->reply.system_status = "normal";
	return OK;
}

static enum fault service_escape(struct ask *a)
{
	(void)a;
	return serviceNotSupported;
}

/* ---- Dispatch ------------------------------------------------------------------------------ */

static enum fault perform(struct ask *a)
{
	switch (a->request->service) {
#define X(name, verb, element)                                                                     \
	case CTI_SERVICE_##name:                                                                   \
		return service_##verb(a);
		CTI_SERVICES(X)
#undef X
	case CTI_SERVICE_OTHER:
		return service_other(a);
	case CTI_SERVICES_COUNT:
		break;
	}
	return serviceNotSupported;
}

void ask_run(struct sim_switch *sw, struct sim_client *client, const struct cti_request *request,
             switch_reply *answer, void *arg)
{
	struct ask a = {
	        .sw = sw, .client = client, .request = request, .answer = answer, .arg = arg};
	cti_reply_init(&a.reply);
	enum fault fault = perform(&a);
	if (fault)
		refuse(&a.reply, fault);
	if (!a.acked)
		ask_ack(&a);
	free(a.scratch);
}
