/* SPDX-License-Identifier: Apache-2.0 */
/* Hands at phones: most keys are a service, asked for by nobody's program. */
#include "pbx-adapters/simulator/inside.h"

#include <string.h>

struct outcome {
	int code;
	struct cti_error *error;
};

static void take(void *arg, const struct cti_reply *reply)
{
	struct outcome *o = arg;
	o->code = reply->code;
	if (reply->code)
		cti_error_set(o->error, reply->code, "%s: %s", reply->value ? reply->value : "",
		              reply->text ? reply->text : "");
}

static int press(struct sim_switch *sw, const struct cti_request *request, struct cti_error *error)
{
	struct outcome o = {0, error};
	if (sw->depth)
		return cti_error_set(error, CTI_E_STATE, "a phone was used from within an event");
	switch_enter(sw);
	ask_run(sw, NULL, request, take, &o);
	switch_leave(sw);
	return o.code;
}

static int not_found(struct cti_error *error, const char *phone)
{
	return cti_error_set(error, CTI_E_NOTFOUND, "there is no phone %.40s", phone ? phone : "");
}

/** A service on the phone's connection in @p state. */
static int key(struct sim_switch *sw, enum cti_service service, const char *phone,
               enum cti_connection_state state, const char *number, struct cti_error *error)
{
	struct device *d = device_find(sw, phone);
	struct conn *c = d ? conn_in_state(d, state) : NULL;
	struct cti_request r;
	cti_request_init(&r, service);
	if (!d)
		return not_found(error, phone);
	r.destination = number;
	r.connection.device_id = d->id;
	if (c)
		r.connection = conn_ref(c);
	else if (d->kind == OUTSIDE)
		return cti_error_set(error, CTI_E_STATE, "%s is in no such call", phone);
	return press(sw, &r, error);
}

/* ---- Dialling ------------------------------------------------------------------------------ */

/** The device that a number dialled in the network belongs to: its last digits are an extension. */
static struct device *direct_inward(struct sim_switch *sw, const char *number)
{
	size_t length = strlen(number);
	struct device *d;
	for (size_t n = length < sw->longest ? length : sw->longest; n; n--) {
		d = device_find(sw, number + length - n);
		if (d && device_dialled(d))
			return d;
	}
	return NULL;
}

static int dial_in(struct sim_switch *sw, const char *phone, const char *number,
                   struct cti_error *error)
{
	struct device *d = device_outside(sw, phone), *trunk = TAILQ_FIRST(&sw->free_trunks);
	struct target target = {.device = direct_inward(sw, number)};
	if (!d)
		return cti_error_set(error, CTI_E_INVALID, "'%.40s' can be no phone", phone);
	int code = 0;
	if (!TAILQ_EMPTY(&d->conns))
		return cti_error_set(error, CTI_E_STATE, "%s is in a call", phone);
	if (!target.device)
		code = cti_error_set(error, CTI_E_NOTFOUND, "%.40s leads nowhere", number);
	else if (!trunk)
		code = cti_error_set(error, CTI_E_BUSY, "all trunks are busy");
	struct call *call = code ? NULL : call_create(sw);
	struct conn *c = call ? conn_create(call, trunk, d, CTI_CONNECTION_NULL) : NULL;
	if (!c) {
		if (call)
			call_destroy(call);
		device_forget(d);
		return code ? code : cti_error_set(error, CTI_E_NOMEM, "no room for a call");
	}
	switch_enter(sw);
	TAILQ_REMOVE(&sw->free_trunks, trunk, in_group);
	strcpy(target.number, target.device->id);
	conn_name(c, &call->calling);
	name_set(&call->called, target.number);
	call->network_calling = call->calling;
	name_set(&call->network_called, number);
	call->calling_nid = trunk;
	call->caller = d;
	conn_set(c, CTI_CONNECTION_CONNECTED, CTI_EVENT_CALL_ORIGINATED, "newCall"); /* F7 */
	route_to(call, &target, "newCall");
	switch_leave(sw);
	return 0;
}

static struct conn *hears_dial_tone(const struct device *d)
{
	struct conn *c = conn_in_state(d, CTI_CONNECTION_INITIATED);
	return c && !c->prompted ? c : NULL;
}

/** ServiceInitiated: off-hook, dial tone. */
static int lift(struct device *d, struct conn **out, struct cti_error *error)
{
	struct sim_switch *sw = d->sw;
	struct conn *other;
	if (d->out_of_service)
		return cti_error_set(error, CTI_E_STATE, "%s is out of service", d->id);
	TAILQ_FOREACH (other, &d->conns, in_device)
		if (other->state != CTI_CONNECTION_HOLD && other->state != CTI_CONNECTION_FAIL)
			return cti_error_set(error, CTI_E_STATE, "%s is in a call", d->id);
	struct call *call = call_create(sw);
	struct conn *c = call ? conn_create(call, d, d, CTI_CONNECTION_NULL) : NULL;
	if (!c) {
		if (call)
			call_destroy(call);
		return cti_error_set(error, CTI_E_NOMEM, "no room for a call");
	}
	name_set(&call->calling, d->id);
	call->caller = d;
	conn_set(c, CTI_CONNECTION_INITIATED, CTI_EVENT_CALL_SERVICE_INITIATED, "newCall");
	*out = c;
	return 0;
}

int switch_phone_dial(struct sim_switch *sw, const char *phone, const char *number,
                      struct cti_error *error)
{
	struct device *d = device_find(sw, phone);
	struct target target;
	if (sw->depth)
		return cti_error_set(error, CTI_E_STATE, "a phone was used from within an event");
	if (!number || !*number || strlen(number) >= SWITCH_ID_SIZE)
		return cti_error_set(error, CTI_E_INVALID, "'%.40s' cannot be dialled",
		                     number ? number : "");
	if (!d || d->kind != EXTENSION)
		return dial_in(sw, phone, number, error);
	switch_enter(sw);
	struct conn *c = hears_dial_tone(d);
	bool staged = c && *c->call->dialled;
	int code = c ? 0 : lift(d, &c, error);
	if (staged && !dial_fits(c, number))
		code = cti_error_set(error, CTI_E_INVALID, "'%.40s' is too long", number);
	else if (staged)
		dial_more(c, number);
	else if (!code && route_resolve(sw, number, &target)) { /* TR/82: the caller hears a tone */
		name_set(&c->call->called, number);
		conn_set(c, CTI_CONNECTION_FAIL, CTI_EVENT_CALL_FAILED, "numberUnallocated");
	} else if (!code) {
		route_originate(c, &target, c->call->dial_cause ? c->call->dial_cause : "newCall");
	}
	switch_leave(sw);
	return code;
}

int switch_phone_lift(struct sim_switch *sw, const char *phone, struct cti_error *error)
{
	struct device *d = device_find(sw, phone);
	struct conn *c;
	if (!d)
		return not_found(error, phone);
	if (d->kind == OUTSIDE || conn_in_state(d, CTI_CONNECTION_ALERTING) ||
	    conn_in_state(d, CTI_CONNECTION_INITIATED))
		return switch_phone_answer(sw, phone, error);
	if (d->kind != EXTENSION || sw->depth)
		return cti_error_set(error, CTI_E_STATE, "%s cannot be lifted now", phone);
	switch_enter(sw);
	int code = lift(d, &c, error);
	switch_leave(sw);
	return code;
}

/* ---- Keys ---------------------------------------------------------------------------------- */

int switch_phone_answer(struct sim_switch *sw, const char *phone, struct cti_error *error)
{
	struct device *d = device_find(sw, phone);
	struct conn *c = d ? conn_in_state(d, CTI_CONNECTION_ALERTING) : NULL;
	if (!d || d->kind != OUTSIDE)
		return key(sw, CTI_SERVICE_ANSWER_CALL, phone,
		           c ? CTI_CONNECTION_ALERTING : CTI_CONNECTION_INITIATED, NULL, error);
	if (!c || sw->depth)
		return cti_error_set(error, CTI_E_STATE, "nothing rings at %s", phone);
	switch_enter(sw);
	conn_connect(c, "networkSignal");
	switch_leave(sw);
	return 0;
}

int switch_phone_hangup(struct sim_switch *sw, const char *phone, struct cti_error *error)
{
	static const enum cti_connection_state order[] = {
	        CTI_CONNECTION_CONNECTED, CTI_CONNECTION_INITIATED, CTI_CONNECTION_FAIL,
	        CTI_CONNECTION_ALERTING, CTI_CONNECTION_HOLD};
	struct device *d = device_find(sw, phone);
	for (size_t i = 0; d && i < sizeof order / sizeof *order; i++)
		if (conn_in_state(d, order[i]))
			return key(sw, CTI_SERVICE_CLEAR_CONNECTION, phone, order[i], NULL, error);
	return d ? cti_error_set(error, CTI_E_STATE, "%s is in no call", phone)
	         : not_found(error, phone);
}

#define KEY(name, service, state)                                                                  \
	int switch_phone_##name(struct sim_switch *sw, const char *phone, struct cti_error *error) \
	{                                                                                          \
		return key(sw, CTI_SERVICE_##service, phone, CTI_CONNECTION_##state, NULL, error); \
	}
#define KEY_NUMBER(name, service, state)                                                           \
	int switch_phone_##name(struct sim_switch *sw, const char *phone, const char *number,      \
	                        struct cti_error *error)                                           \
	{                                                                                          \
		return key(sw, CTI_SERVICE_##service, phone, CTI_CONNECTION_##state, number,       \
		           error);                                                                 \
	}
KEY(hold, HOLD_CALL, CONNECTED)
KEY(retrieve, RETRIEVE_CALL, HOLD)
KEY(alternate, ALTERNATE_CALL, CONNECTED)
KEY(reconnect, RECONNECT_CALL, CONNECTED)
KEY(transfer, TRANSFER_CALL, CONNECTED)
KEY(conference, CONFERENCE_CALL, CONNECTED)
KEY_NUMBER(consult, CONSULTATION_CALL, CONNECTED)
KEY_NUMBER(blind_transfer, SINGLE_STEP_TRANSFER_CALL, CONNECTED)
KEY_NUMBER(deflect, DEFLECT_CALL, ALERTING)

int switch_phone_pickup(struct sim_switch *sw, const char *phone, const char *from,
                        struct cti_error *error)
{
	struct cti_request r;
	cti_request_init(&r,
	                 from ? CTI_SERVICE_DIRECTED_PICKUP_CALL : CTI_SERVICE_GROUP_PICKUP_CALL);
	r.device = phone;
	r.connection.device_id = from;
	return press(sw, &r, error);
}

int switch_phone_agent(struct sim_switch *sw, const char *phone,
                       enum cti_requested_agent_state state, const char *agent_id,
                       const char *password, struct cti_error *error)
{
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_SET_AGENT_STATE);
	r.device = phone;
	r.agent_state = state;
	r.agent_id = agent_id;
	r.password = password;
	return press(sw, &r, error);
}

const char *switch_phone_call(struct sim_switch *sw, const char *phone,
                              enum cti_connection_state state)
{
	struct device *d = device_find(sw, phone);
	struct conn *c = d ? conn_in_state(d, state) : NULL;
	return c ? c->call->id : NULL;
}

bool switch_phone_talks(struct sim_switch *sw, const char *phone)
{
	struct device *d = device_find(sw, phone);
	struct conn *c = d ? conn_in_state(d, CTI_CONNECTION_CONNECTED) : NULL;
	return c && call_talks(c->call, c);
}
