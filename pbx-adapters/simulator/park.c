/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that wait for somebody, and come back when nobody comes: parked (17.1.21, F15), held (F33),
 * transferred to who does not answer (F10).
 */
#include "pbx-adapters/simulator/json.h"

#include <string.h>

/** It would ring there now. */
static bool can_ring(const struct device *d)
{
	return !d->out_of_service && !route_busy(d);
}

/* ---- ParkCall ------------------------------------------------------------------------------ */

static void park_recall(struct conn *c)
{
	struct call *call = c->call;
	struct device *to = c->recall;
	if (c->device == to ? device_busy_with(to) || to->out_of_service : !can_ring(to)) {
		conn_wait(c, call->sw->config.park_recall_us, park_recall);
	} else if (c->device == to) {
		route_ring(c, "recall");
	} else {
		route_away(c, to->id, "recall");
		route_ring_at(call, to, "recall");
	}
}

/** On the own device it stays where it is (17.1.21 FR2). */
static void park(struct conn *c, struct device *at)
{
	struct call *call = c->call;
	struct device *from = c->device;
	if (at != from) {
		route_away(c, at->id, "park");
		c = conn_create(call, at, at, CTI_CONNECTION_NULL);
	}
	if (!c) {
		route_no_memory(call);
		return;
	}
	c->recall = from;
	conn_wait(c, call->sw->config.park_recall_us, park_recall);
	conn_set(c, CTI_CONNECTION_QUEUED, CTI_EVENT_CALL_QUEUED, "park");
}

/** A slot has room for one; a phone's forwarding and do not disturb are honoured (FR4). */
static enum fault parkable(struct ask *a, struct device **at, const struct conn *c)
{
	struct device *d = *at;
	if (!d || d->kind == OUTSIDE)
		return invalidDestination;
	if (d->kind == EXTENSION && *d->forward_immediate && d != c->device)
		d = device_find(a->sw, d->forward_immediate);
	if (!d || (d->kind != PARK && d->kind != EXTENSION))
		return requestIncompatibleWithDevice;
	if (d->out_of_service)
		return deviceOutOfService;
	if (d != c->device && conn_at(c->call, d))
		return invalidDestination;
	if (d->kind == PARK && !TAILQ_EMPTY(&d->conns))
		return resourceBusy;
	if (d->kind == EXTENSION && d->do_not_disturb && d != c->device)
		return invalidDeviceState;
	*at = d;
	return OK;
}

static enum fault park_call(struct ask *a, const json_t *argument)
{
	struct cti_connection ref = json_connection(json_object_get(argument, "parking"));
	const char *number = json_number(json_object_get(argument, "parkTo"));
	struct device *at = device_find(a->sw, number);
	struct json_data data;
	struct conn *c;
	static const enum cti_connection_state states[] = {
	        CTI_CONNECTION_CONNECTED, CTI_CONNECTION_HOLD, CTI_CONNECTION_NULL};
	enum fault fault = ask_conn_of(a, &ref, states, &c);
	if (!fault)
		fault = json_data(a, argument, &data);
	if (fault)
		return fault;
	if (!c)
		return noActiveCall;
	if (c->device->kind != EXTENSION)
		return requestIncompatibleWithConnection;
	if ((c->state != CTI_CONNECTION_CONNECTED && c->state != CTI_CONNECTION_HOLD) ||
	    !call_talks(c->call, c))
		return invalidConnectionState;
	fault = parkable(a, &at, c);
	if (fault)
		return fault;
	struct cti_connection parked = {.call_id = c->call->id, .device_id = at->id};
	fault = json_answer(a, json_pack("{s:o, s:o}", "parkedTo", json_conn(&parked),
	                                 "callLinkageData", json_linkage(c->call)));
	if (!fault && !ask_attach(a, c->call))
		fault = resourceLimitExceeded;
	if (fault)
		return fault;
	ask_ack(a);
	park(c, at);
	return OK;
}

/* ---- Recalls ------------------------------------------------------------------------------- */

/** The held party rings at who holds it, unless that one is on the phone. */
static void hold_recall(struct conn *c)
{
	const struct switch_config *config = &c->call->sw->config;
	if (c->state != CTI_CONNECTION_HOLD)
		return;
	if (device_busy_with(c->device)) {
		conn_wait(c, config->hold_recall_us, hold_recall);
		return;
	}
	conn_wait(c, config->ring_limit_us, route_give_up);
	conn_set(c, CTI_CONNECTION_ALERTING, CTI_EVENT_CALL_DELIVERED, "recall");
}

void park_held(struct conn *c)
{
	if (c->device->kind == EXTENSION && c->call->sw->config.hold_recall_us)
		conn_wait(c, c->call->sw->config.hold_recall_us, hold_recall);
}

static void back(struct conn *c, const char *cause)
{
	struct call *call = c->call;
	struct device *to = c->recall;
	if (!can_ring(to) || conn_at(call, to)) {
		if (c->state == CTI_CONNECTION_ALERTING)
			conn_wait(c, call->sw->config.ring_limit_us, route_give_up);
		return;
	}
	route_away(c, to->id, cause);
	route_ring_at(call, to, cause);
}

static void transfer_recall(struct conn *c)
{
	back(c, "recallNoAnswer");
}

void park_recall_transfer(struct conn *to, struct device *from)
{
	const struct switch_config *config = &from->sw->config;
	if (!config->transfer_recall_us || to->device->kind != EXTENSION)
		return;
	to->recall = from;
	if (to->state == CTI_CONNECTION_ALERTING)
		conn_wait(to, config->transfer_recall_us, transfer_recall);
	else if (to->state == CTI_CONNECTION_FAIL)
		back(to, "recallBusy");
}

const struct json_service park_services[] = {{"ParkCall", park_call}, {NULL, NULL}};
