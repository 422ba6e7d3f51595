/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What waits until a device is free: camped-on calls (F16), call backs (F17). Devices that became
 * free are served when the change is over, before queues are (a camped call came first).
 */
#include "pbx-adapters/simulator/json.h"

#include <stdlib.h>
#include <string.h>

/* ---- Who is free --------------------------------------------------------------------------- */

void complete_freed(struct device *d)
{
	if (d->kind != EXTENSION || d->freed || !d->sw->awaited)
		return;
	d->freed = true;
	TAILQ_INSERT_TAIL(&d->sw->freed, d, in_freed);
}

bool complete_unsettled(const struct sim_switch *sw)
{
	return !TAILQ_EMPTY(&sw->freed);
}

static bool is_free(const struct device *d)
{
	struct conn *c;
	if (d->out_of_service)
		return false;
	TAILQ_FOREACH (c, &d->conns, in_device)
		if (c->state != CTI_CONNECTION_FAIL && c->state != CTI_CONNECTION_QUEUED)
			return false;
	return true;
}

static struct conn *first_camped(const struct device *d)
{
	struct conn *c, *first = NULL;
	TAILQ_FOREACH (c, &d->conns, in_device)
		if (c->camped && (!first || c->order < first->order))
			first = c;
	return first;
}

/** F17: A is prompted; when it is off-hook, B is called. */
static void call_back(struct callback *b)
{
	struct conn *c = call_begin(b->from);
	if (!c) {
		const struct cti_host *host = b->from->sw->config.host;
		host->log(host, CTI_LOG_ERROR, "call back of %s to %s: no room for a call",
		          b->from->id, b->to->id);
		return; /* tried again when one of them is free again */
	}
	b->running = true;
	c->callback = b;
	c->prompted = true;
	c->call->dial_cause = "callBack";
	strcpy(c->call->dialled, b->to->id);
	conn_set(c, CTI_CONNECTION_INITIATED, CTI_EVENT_CALL_SERVICE_INITIATED, "callBack");
	if (b->from->must_lift)
		conn_wait(c, b->from->sw->config.prompt_us, NULL);
	else
		dial_begin(c);
}

void complete_settle(struct sim_switch *sw)
{
	struct device *d = TAILQ_FIRST(&sw->freed);
	TAILQ_REMOVE(&sw->freed, d, in_freed);
	d->freed = false;
	if (!is_free(d))
		return;
	struct conn *c = first_camped(d);
	if (c) {
		route_ring(c, "campOn");
		return;
	}
	struct callback *b;
	TAILQ_FOREACH (b, &sw->callbacks, all)
		if (!b->message && !b->running && (b->from == d || b->to == d) &&
		    is_free(b->from) && is_free(b->to)) {
			call_back(b);
			return;
		}
}

/* ---- CamponCall: 17.1.6 -------------------------------------------------------------------- */

/** The busy extension that a call met. */
struct conn *complete_busy_end(const struct conn *caller)
{
	struct conn *c;
	TAILQ_FOREACH (c, &caller->call->conns, in_call)
		if (c != caller && c->state == CTI_CONNECTION_FAIL &&
		    c->device->kind == EXTENSION && c->why && !strcmp(c->why, "busy"))
			return c;
	return NULL;
}

/** One for each pair (17.1.6 FR1). */
static bool camps(const struct device *from, const struct device *to)
{
	struct conn *c;
	TAILQ_FOREACH (c, &to->conns, in_device)
		if (c->camped && conn_at(c->call, from))
			return true;
	return false;
}

static enum fault camp_on(struct ask *a, const json_t *argument)
{
	struct cti_connection ref = json_connection(json_object_get(argument, "camponConnection"));
	struct conn *c, *busy;
	enum fault fault = ask_conn(a, &ref, CTI_CONNECTION_CONNECTED, &c);
	if (fault)
		return fault;
	busy = c ? complete_busy_end(c) : NULL;
	if (!busy)
		return noCallToComplete;
	if (c->state != CTI_CONNECTION_CONNECTED)
		return invalidConnectionState;
	if (camps(c->device, busy->device))
		return featureAlreadySet;
	ask_ack(a);
	busy->camped = true;
	a->sw->awaited++;
	conn_set(busy, CTI_CONNECTION_QUEUED, CTI_EVENT_CALL_QUEUED, "campOn");
	complete_freed(busy->device); /* it may be free by now */
	return OK;
}

/* ---- CallBack: 17.1.4, 17.1.5, 22.1 -------------------------------------------------------- */

static struct callback *callback_find(struct sim_switch *sw, const struct device *from,
                                      const struct device *to, bool message)
{
	struct callback *b;
	TAILQ_FOREACH (b, &sw->callbacks, all)
		if (b->from == from && b->to == to && b->message == message)
			return b;
	return NULL;
}

/** At both devices, as F17 has it. */
static void tell_callback(const struct callback *b, bool set)
{
	struct device *both[] = {b->from, b->to};
	for (int i = 0; i < 2; i++)
		json_report_device(
		        both[i], b->from, b->message ? "CallBackMessageEvent" : "CallBackEvent",
		        json_pack("{s:o, s:o, s:b}", "originatingDevice", json_subject(b->from),
		                  "targetDevice", json_subject(b->to),
		                  b->message ? "callBackMsgSetCanceled" : "callBackSetCanceled",
		                  set));
}

static void callback_free(struct sim_switch *sw, struct callback *b)
{
	TAILQ_REMOVE(&sw->callbacks, b, all);
	sw->awaited -= !b->message;
	free(b);
}

void callback_done(struct callback *b)
{
	tell_callback(b, false);
	callback_free(b->from->sw, b);
}

void complete_destroy(struct sim_switch *sw)
{
	for (struct callback *b; (b = TAILQ_FIRST(&sw->callbacks));)
		callback_free(sw, b);
}

static enum fault callback_create(struct ask *a, struct device *from, struct device *to,
                                  bool message, struct callback **out)
{
	if (from == to)
		return requestIncompatibleWithDevice;
	if (callback_find(a->sw, from, to, message))
		return featureAlreadySet;
	struct callback *b = malloc(sizeof *b);
	if (!b)
		return resourceLimitExceeded;
	*b = (struct callback){.from = from, .to = to, .message = message};
	TAILQ_INSERT_TAIL(&a->sw->callbacks, b, all);
	a->sw->awaited += !message;
	*out = b;
	return OK;
}

static void callback_set(const struct callback *b)
{
	tell_callback(b, true);
	if (!b->message)
		complete_freed(b->to);
}

/** Whom a call has not reached: one that rings, is busy or lets it wait. */
static struct device *unreached(const struct conn *caller)
{
	struct conn *c;
	TAILQ_FOREACH (c, &caller->call->conns, in_call)
		if (c != caller && c->device->kind == EXTENSION &&
		    (c->state == CTI_CONNECTION_ALERTING || c->state == CTI_CONNECTION_FAIL ||
		     c->state == CTI_CONNECTION_QUEUED))
			return c->device;
	return NULL;
}

/** Set, then the call is cleared. */
static enum fault of_call(struct ask *a, const json_t *id, bool message)
{
	struct cti_connection ref = json_connection(id);
	struct conn *c;
	struct callback *b;
	enum fault fault = ask_conn(a, &ref, CTI_CONNECTION_CONNECTED, &c);
	if (fault)
		return fault;
	if (c && c->device->kind != EXTENSION)
		return requestIncompatibleWithConnection;
	struct device *to = c && c->state == CTI_CONNECTION_CONNECTED ? unreached(c) : NULL;
	if (!to)
		return noCallToComplete;
	fault = json_answer(a, json_pack("{s:o}", "targetDevice", json_device(to->id)));
	if (!fault)
		fault = callback_create(a, c->device, to, message, &b);
	if (fault)
		return fault;
	ask_ack(a);
	callback_set(b);
	conn_release(c, "normalClearing");
	return OK;
}

static enum fault call_back_of_call(struct ask *a, const json_t *argument)
{
	return of_call(a, json_object_get(argument, "callbackConnection"), false);
}

static enum fault call_back_message_of_call(struct ask *a, const json_t *argument)
{
	return of_call(a, json_object_get(argument, "callbackMessageConnection"), true);
}

static enum fault pair(struct ask *a, const json_t *argument, struct device **from,
                       struct device **to)
{
	*from = device_find(a->sw, json_number(json_object_get(argument, "originatingDevice")));
	*to = device_find(a->sw, json_number(json_object_get(argument, "targetDevice")));
	if (!*from || !*to || (*from)->kind == OUTSIDE || (*to)->kind == OUTSIDE)
		return invalidDeviceID;
	return (*from)->kind == EXTENSION && (*to)->kind == EXTENSION
	               ? OK
	               : requestIncompatibleWithDevice;
}

static enum fault set(struct ask *a, const json_t *argument, bool message)
{
	struct device *from, *to;
	struct callback *b;
	enum fault fault = pair(a, argument, &from, &to);
	if (!fault)
		fault = callback_create(a, from, to, message, &b);
	if (fault)
		return fault;
	ask_ack(a);
	callback_set(b);
	return OK;
}

static enum fault call_back_of_devices(struct ask *a, const json_t *argument)
{
	return set(a, argument, false);
}

static enum fault call_back_message_of_devices(struct ask *a, const json_t *argument)
{
	return set(a, argument, true);
}

/** One whose call is being made already is that call's now. */
static enum fault cancel(struct ask *a, const json_t *argument, bool message)
{
	struct device *from, *to;
	enum fault fault = pair(a, argument, &from, &to);
	if (fault)
		return fault;
	struct callback *b = callback_find(a->sw, from, to, message);
	if (!b || b->running)
		return noCallToComplete;
	ask_ack(a);
	callback_done(b);
	return OK;
}

static enum fault cancel_call_back(struct ask *a, const json_t *argument)
{
	return cancel(a, argument, false);
}

static enum fault cancel_call_back_message(struct ask *a, const json_t *argument)
{
	return cancel(a, argument, true);
}

/** What was asked for at the device, or of it. */
static enum fault get_call_back(struct ask *a, const json_t *argument)
{
	const struct device *d =
	        device_find(a->sw, json_number(json_object_get(argument, "device")));
	struct callback *b;
	if (!d || d->kind == OUTSIDE)
		return invalidDeviceID;
	json_t *list = json_array();
	int failed = !list;
	TAILQ_FOREACH (b, &a->sw->callbacks, all)
		if (b->from == d || b->to == d)
			failed |= json_array_append_new(
			        list, json_pack("{s:o, s:o, s:b}", "originatingDevice",
			                        json_device(b->from->id), "targetDevice",
			                        json_device(b->to->id), "callBackMessageIndicator",
			                        b->message));
	if (failed) {
		json_decref(list);
		return resourceLimitExceeded;
	}
	return json_answer(a, json_pack("{s:o}", "callBackList", list));
}

const struct json_service complete_services[] = {
        {"CamponCall", camp_on},
        {"CallBack", call_back_of_call},
        {"CallBackMessage", call_back_message_of_call},
        {"CallBackNonCallRelated", call_back_of_devices},
        {"CallBackMessageNonCallRelated", call_back_message_of_devices},
        {"CancelCallBack", cancel_call_back},
        {"CancelCallBackMessage", cancel_call_back_message},
        {"GetCallBack", get_call_back},
        {NULL, NULL},
};
