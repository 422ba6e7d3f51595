/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices that calls are at without people: park slots, route points, voice units (ECMA-269 6.1.1.4
 * names the categories park, routeingDevice, voiceUnit).
 */
#include "pbx-adapters/simulator/inside.h"

#include <string.h>

int switch_park(struct sim_switch *sw, const char *number, struct cti_error *error)
{
	struct device *d;
	return device_add(sw, number, PARK, &d, error);
}

int switch_route_point(struct sim_switch *sw, const char *number, const char *default_route,
                       struct cti_error *error)
{
	struct device *d;
	if (default_route && strlen(default_route) >= SWITCH_ID_SIZE)
		return cti_error_set(error, CTI_E_INVALID, "default route of %s: too long", number);
	int code = device_add(sw, number, ROUTE_POINT, &d, error);
	if (!code && default_route)
		strcpy(d->default_route, default_route);
	return code;
}

int switch_voice_unit(struct sim_switch *sw, const char *number, uint64_t plays_us,
                      struct cti_error *error)
{
	struct device *d;
	int code = device_add(sw, number, VOICE, &d, error);
	if (!code)
		d->plays_us = plays_us;
	return code;
}

static void default_route(struct conn *c)
{
	struct target target;
	if (*c->device->default_route &&
	    !route_resolve(c->call->sw, c->device->default_route, &target))
		route_divert(c, &target, "redirected");
	else
		conn_release(c, "alertTimeExpired");
}

/** F23: it is told as entering a distribution, and waits for a route. */
static void wait_for_route(struct conn *c)
{
	const struct switch_config *config = &c->call->sw->config;
	struct cti_event e;
	conn_wait(c, *c->device->default_route ? config->no_answer_us : config->ring_limit_us,
	          default_route);
	c->state = CTI_CONNECTION_ALERTING;
	c->distributing = true;
	call_event(c->call, c, CTI_EVENT_CALL_DELIVERED, "enteringDistribution", &e);
	e.flags = CTI_EVENT_DISTRIBUTION;
	monitor_report(c->call, &e, NULL);
}

static void message_ends(struct conn *c)
{
	conn_release(c, "normalClearing");
}

/** F26: it answers at once. */
static void listen(struct conn *c, const char *cause)
{
	conn_set(c, CTI_CONNECTION_ALERTING, CTI_EVENT_CALL_DELIVERED, cause);
	conn_connect(c, "newCall");
	if (c->device->plays_us)
		conn_wait(c, c->device->plays_us, message_ends);
}

void place_enter(struct device *d, struct call *call, const char *cause)
{
	if (d->out_of_service) {
		route_fail_at(call, d, "destOutOfOrder");
		return;
	}
	/* Nobody is at a park slot: calls are brought there, not dialled (17.1.21). */
	if (d->kind == PARK || conn_at(call, d)) {
		route_fail_caller(call, "destNotObtainable");
		return;
	}
	struct conn *c = conn_create(call, d, d, CTI_CONNECTION_NULL);
	if (!c)
		route_no_memory(call);
	else if (d->kind == ROUTE_POINT)
		wait_for_route(c);
	else
		listen(c, cause);
}
