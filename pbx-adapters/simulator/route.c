/* SPDX-License-Identifier: Apache-2.0 */
#include "pbx-adapters/simulator/inside.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum cti_code route_resolve(struct sim_switch *sw, const char *digits, struct target *out)
{
	size_t length = digits ? strlen(digits) : 0, prefix = strlen(sw->prefix);
	*out = (struct target){0};
	if (!length || length >= SWITCH_ID_SIZE || strspn(digits, "+*#0123456789") != length)
		return CTI_E_NOTFOUND;
	strcpy(out->number, digits);
	out->device = device_find(sw, digits);
	if (out->device && device_dialled(out->device))
		return CTI_OK;
	bool outside = out->device != NULL || length > sw->longest;
	out->device = NULL;
	if (prefix && length > prefix && !strncmp(digits, sw->prefix, prefix)) {
		outside = true;
		strcpy(out->number, digits + prefix);
	}
	return outside && sw->trunk_count ? CTI_OK : CTI_E_NOTFOUND;
}

/** Failed at @p c, which has the state now (ECMA-269 6.7.2, with an associated connection). */
static void fail(struct conn *c, const char *cause)
{
	c->call->sw->config.host->timer_clear(c->timer);
	c->why = cause;
	conn_set(c, CTI_CONNECTION_FAIL, CTI_EVENT_CALL_FAILED, cause);
}

/** The call cannot go on: its caller, or who is left of it, hears the tone. */
void route_fail_caller(struct call *call, const char *cause)
{
	struct conn *c;
	TAILQ_FOREACH (c, &call->conns, in_call)
		if (c->state == CTI_CONNECTION_CONNECTED || c->state == CTI_CONNECTION_INITIATED) {
			fail(c, cause);
			return;
		}
	if ((c = TAILQ_FIRST(&call->conns))) /* all are on hold: nobody would hear it */
		conn_release(c, cause);
}

void route_no_memory(struct call *call)
{
	call->sw->config.host->log(call->sw->config.host, CTI_LOG_ERROR,
	                           "call %s: out of memory, the call fails", call->id);
	route_fail_caller(call, "resourcesNotAvailable");
}

/** A second call would not ring: it has one, other than those that failed or wait. */
bool route_busy(const struct device *d)
{
	struct conn *c;
	unsigned n = 0;
	TAILQ_FOREACH (c, &d->conns, in_device)
		n += c->state != CTI_CONNECTION_FAIL && c->state != CTI_CONNECTION_QUEUED;
	return n >= (d->call_waiting ? DEVICE_CALLS : 1);
}

void route_fail_at(struct call *call, struct device *d, const char *cause)
{
	struct conn *c = conn_create(call, d, d, CTI_CONNECTION_NULL);
	if (c)
		fail(c, cause);
	else
		route_no_memory(call);
}

/** Where an extension sends a call on without ringing; NULL: nowhere. */
static const char *forwarded(struct call *call, struct device *d, const char **cause)
{
	if (call->hops >= CALL_HOPS_MAX)
		return NULL;
	if (*d->forward_immediate) { /* before delivery: nothing at d, 12.3.24 */
		call->last.status = CTI_DEVICE_NOT_KNOWN;
		*cause = "callForwardImmediate";
		return d->forward_immediate;
	}
	if (!*d->forward_busy || !route_busy(d))
		return NULL;
	name_set(&call->last, d->id);
	*cause = "callForwardBusy";
	return d->forward_busy;
}

void route_give_up(struct conn *c)
{
	conn_release(c, "alertTimeExpired");
}

void route_ring(struct conn *c, const char *cause)
{
	const struct switch_config *config = &c->call->sw->config;
	bool forwards = *c->device->forward_no_answer && c->call->hops < CALL_HOPS_MAX;
	c->offered = false;
	if (c->camped)
		c->call->sw->awaited--;
	c->camped = false;
	conn_wait(c, forwards ? config->no_answer_us : config->ring_limit_us, NULL);
	conn_set(c, CTI_CONNECTION_ALERTING, CTI_EVENT_CALL_DELIVERED, cause);
}

void route_accept(struct conn *c)
{
	route_ring(c, c->why);
}

void route_ring_at(struct call *call, struct device *d, const char *cause)
{
	struct conn *c = conn_create(call, d, d, CTI_CONNECTION_NULL);
	if (!c) {
		route_no_memory(call);
		return;
	}
	c->why = cause;
	if (!d->offer_us) {
		route_ring(c, cause);
		return;
	}
	c->offered = true; /* F31: accepted, rejected, or rings when the time is over */
	conn_wait(c, d->offer_us, route_accept);
	conn_set(c, CTI_CONNECTION_ALERTING, CTI_EVENT_CALL_OFFERED, cause);
}

static void to_extension(struct call *call, struct device *d, const char *cause)
{
	struct target next;
	const char *number = d->out_of_service ? NULL : forwarded(call, d, &cause);
	if (number) {
		call->hops++;
		if (route_resolve(call->sw, number, &next))
			route_fail_caller(call, "destNotObtainable");
		else
			route_to(call, &next, cause);
		return;
	}
	if (conn_at(call, d)) /* forwarded in a circle */
		route_fail_caller(call, "destNotObtainable");
	else if (d->out_of_service)
		route_fail_at(call, d, "destOutOfOrder");
	else if (d->do_not_disturb)
		route_fail_at(call, d, "doNotDisturb");
	else if (route_busy(d))
		route_fail_at(call, d, "busy");
	else
		route_ring_at(call, d, cause);
}

/** F8: the network is reached, then what the far end does. */
static void to_outside(struct call *call, const char *number)
{
	struct sim_switch *sw = call->sw;
	struct device *trunk = TAILQ_FIRST(&sw->free_trunks), *party;
	if (!trunk) {
		route_fail_caller(call, "trunksBusy");
		return;
	}
	party = device_outside(sw, number);
	bool busy = party && (!TAILQ_EMPTY(&party->conns) || party->behaviour == SWITCH_IS_BUSY);
	struct conn *c = party ? conn_create(call, trunk, party, CTI_CONNECTION_NULL) : NULL;
	if (!c) {
		if (party)
			device_forget(party);
		route_no_memory(call);
		return;
	}
	TAILQ_REMOVE(&sw->free_trunks, trunk, in_group);
	if (call->called.status == CTI_DEVICE_NUMBER && !strcmp(call->called.text, number))
		call->called_nid = trunk;
	struct cti_event e;
	c->state = CTI_CONNECTION_CONNECTED;
	call_event(call, c, CTI_EVENT_CALL_NETWORK_REACHED, "newCall", &e);
	e.subject = (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = trunk->id};
	monitor_report(call, &e, NULL);
	if (busy) {
		fail(c, "busy");
		return;
	}
	bool answers = party->behaviour == SWITCH_ANSWERS;
	conn_wait(c, answers ? party->delay_us : sw->config.ring_limit_us, NULL);
	conn_set(c, CTI_CONNECTION_ALERTING, CTI_EVENT_CALL_DELIVERED, "networkSignal");
}

void route_to(struct call *call, const struct target *target, const char *cause)
{
	if (!target->device)
		to_outside(call, target->number);
	else if (target->device->kind == QUEUE)
		acd_enter(target->device->queue, call, false);
	else if (target->device->kind == EXTENSION)
		to_extension(call, target->device, cause);
	else if (target->device->kind == HUNT)
		hunt_enter(target->device->hunt, call, cause);
	else
		place_enter(target->device, call, cause);
}

void route_away(struct conn *c, const char *number, const char *cause)
{
	struct call *call = c->call;
	struct cti_event e;
	c->state = CTI_CONNECTION_NULL;
	call_event(call, c, CTI_EVENT_CALL_DIVERTED, cause, &e);
	e.other = (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = number};
	monitor_report(call, &e, call->sw->config.diverted_to_own ? c->device : NULL);
	conn_name(c, &call->last);
	conn_remove(c);
	call->hops++;
}

void route_divert(struct conn *c, const struct target *target, const char *cause)
{
	struct call *call = c->call;
	route_away(c, target->number, cause);
	route_to(call, target, cause);
}

void route_originate(struct conn *c, const struct target *target, const char *cause)
{
	name_set(&c->call->called, target->number);
	c->prompted = false;
	c->call->sw->config.host->timer_clear(c->timer);
	conn_set(c, CTI_CONNECTION_CONNECTED, CTI_EVENT_CALL_ORIGINATED, cause);
	route_to(c->call, target, cause);
}

/** Whatever a connection waited for did not happen, or does now. */
void route_timer(void *arg)
{
	struct conn *c = arg;
	struct sim_switch *sw = c->call->sw;
	struct target next;
	switch_enter(sw);
	if (c->expired)
		c->expired(c);
	else if (c->state != CTI_CONNECTION_ALERTING)
		conn_release(c, "alertTimeExpired"); /* nobody lifts the phone that prompts */
	else if (c->phone->kind == OUTSIDE && c->phone->behaviour == SWITCH_ANSWERS)
		conn_connect(c, "networkSignal");
	else if (c->acd)
		acd_missed(c);
	else if (*c->device->forward_no_answer &&
	         !route_resolve(sw, c->device->forward_no_answer, &next))
		route_divert(c, &next, "callForwardNoAnswer");
	else
		conn_release(c, "alertTimeExpired");
	switch_leave(sw);
}
