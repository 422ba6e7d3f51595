/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hunt groups: F4. A call to the group rings at one member after the other, or at all of them.
 * Members' own forwarding is not looked at; who is busy, disturbed by nobody or out of service is
 * passed over.
 */
#include "pbx-adapters/simulator/inside.h"

#include <stdlib.h>
#include <string.h>

static int hunt_fill(struct hunt *h, struct sim_switch *sw, const struct switch_hunt_group *how,
                     struct cti_error *error)
{
	if (!how->count || how->count > SWITCH_HUNT_MEMBERS)
		return cti_error_set(error, CTI_E_INVALID, "a hunt group has 1 to %d members",
		                     SWITCH_HUNT_MEMBERS);
	if (how->overflow && strlen(how->overflow) >= SWITCH_ID_SIZE)
		return cti_error_set(error, CTI_E_INVALID, "overflow of a hunt group: too long");
	for (size_t i = 0; i < how->count; i++) {
		struct device *d = device_find(sw, how->members[i]);
		if (!d || d->kind != EXTENSION)
			return cti_error_set(error, CTI_E_NOTFOUND,
			                     "hunt group: %.40s is no extension", how->members[i]);
		h->members[h->count++] = d;
	}
	h->order = how->order;
	h->hidden = how->hidden;
	strcpy(h->overflow, how->overflow ? how->overflow : "");
	return 0;
}

int switch_hunt_group(struct sim_switch *sw, const char *number,
                      const struct switch_hunt_group *how, struct cti_error *error)
{
	struct hunt *h = calloc(1, sizeof *h);
	if (!h)
		return cti_error_set(error, CTI_E_NOMEM, "switch: out of memory");
	int code = hunt_fill(h, sw, how, error);
	if (!code)
		code = device_add(sw, number, HUNT, &h->device, error);
	if (code) {
		free(h);
		return code;
	}
	h->device->hunt = h;
	return 0;
}

/* ---- Who is next --------------------------------------------------------------------------- */

/** Who sent the call here does not get it back. */
static bool can_take(const struct device *d, const struct call *call)
{
	if (call->last.status == CTI_DEVICE_NUMBER && !strcmp(call->last.text, d->id))
		return false;
	return !d->out_of_service && !d->do_not_disturb && !route_busy(d) && !conn_at(call, d);
}

/** The next that can take the call and was not @p tried (a bit each); SIZE_MAX: nobody. */
static size_t next_member(struct hunt *h, const struct call *call, uint32_t tried)
{
	size_t found = SIZE_MAX, from = h->order == SWITCH_HUNT_CIRCULAR ? h->next : 0;
	for (size_t i = 0; i < h->count; i++) {
		size_t at = (from + i) % h->count;
		if (tried >> at & 1 || !can_take(h->members[at], call))
			continue;
		if (h->order != SWITCH_HUNT_LONGEST_IDLE)
			return at;
		if (found == SIZE_MAX || h->members[at]->idle_since < h->members[found]->idle_since)
			found = at;
	}
	return found;
}

/* ---- Ringing ------------------------------------------------------------------------------- */

static void no_answer(struct conn *);

static void ring(struct hunt *h, struct call *call, size_t at, uint32_t tried, const char *cause)
{
	struct conn *c = conn_create(call, h->members[at], h->members[at], CTI_CONNECTION_NULL);
	if (!c) {
		route_no_memory(call);
		return;
	}
	h->next = (at + 1) % h->count;
	c->hunt = h;
	c->tried = tried | 1u << at;
	c->multiple = h->order == SWITCH_HUNT_PARALLEL;
	conn_wait(c, call->sw->config.no_answer_us, no_answer);
	conn_set(c, CTI_CONNECTION_ALERTING, CTI_EVENT_CALL_DELIVERED, cause);
}

static bool rings_elsewhere(const struct conn *c)
{
	struct conn *other;
	TAILQ_FOREACH (other, &c->call->conns, in_call)
		if (other != c && other->multiple && other->state == CTI_CONNECTION_ALERTING)
			return true;
	return false;
}

static void no_answer(struct conn *c)
{
	struct call *call = c->call;
	struct hunt *h = c->hunt;
	struct target target;
	size_t at = c->multiple ? SIZE_MAX : next_member(h, call, c->tried);
	uint32_t tried = c->tried;
	if (c->multiple && rings_elsewhere(c)) {
		conn_release(c, "alertTimeExpired");
	} else if (at != SIZE_MAX) {
		route_away(c, h->members[at]->id, "callForwardNoAnswer");
		ring(h, call, at, tried, "distributed");
	} else if (*h->overflow && !route_resolve(call->sw, h->overflow, &target)) {
		c->multiple = false;
		route_divert(c, &target, "overflow");
	} else { /* nobody else: it goes on ringing */
		conn_wait(c, call->sw->config.ring_limit_us, route_give_up);
	}
}

void hunt_answered(struct conn *c)
{
	if (!c->multiple)
		return;
	c->multiple = false;
	for (struct conn *other = TAILQ_FIRST(&c->call->conns), *next; other; other = next) {
		next = TAILQ_NEXT(other, in_call);
		if (other->multiple && other->state == CTI_CONNECTION_ALERTING)
			conn_drop(other, "multipleAlerting");
	}
}

/** The group's own connection, if it shows: Delivered as entering a distribution. */
static struct conn *show(struct hunt *h, struct call *call)
{
	struct conn *c = conn_create(call, h->device, h->device, CTI_CONNECTION_NULL);
	struct cti_event e;
	if (!c)
		return NULL;
	c->state = CTI_CONNECTION_ALERTING;
	c->distributing = true;
	call_event(call, c, CTI_EVENT_CALL_DELIVERED, "enteringDistribution", &e);
	e.flags = CTI_EVENT_DISTRIBUTION;
	monitor_report(call, &e, NULL);
	return c;
}

/** Nobody can take it. @p c: the group's connection, or NULL. */
static void all_busy(struct hunt *h, struct call *call, struct conn *c)
{
	struct target target;
	bool overflows = *h->overflow && call->hops < CALL_HOPS_MAX &&
	                 !route_resolve(call->sw, h->overflow, &target);
	if (overflows && c) {
		route_divert(c, &target, "overflow");
	} else if (overflows) {
		name_set(&call->last, h->device->id);
		call->hops++;
		route_to(call, &target, "overflow");
	} else if (c) {
		call->sw->config.host->timer_clear(c->timer);
		c->why = "busy";
		conn_set(c, CTI_CONNECTION_FAIL, CTI_EVENT_CALL_FAILED, "busy");
	} else {
		route_fail_at(call, h->device, "busy");
	}
}

void hunt_enter(struct hunt *h, struct call *call, const char *cause)
{
	struct conn *c = NULL;
	if (h->device->out_of_service || conn_at(call, h->device)) {
		route_fail_caller(call, "destNotObtainable");
		return;
	}
	if (!h->hidden && !(c = show(h, call))) {
		route_no_memory(call);
		return;
	}
	size_t at = next_member(h, call, 0);
	if (at == SIZE_MAX) {
		all_busy(h, call, c);
		return;
	}
	bool parallel = h->order == SWITCH_HUNT_PARALLEL;
	if (c)
		route_away(c, h->members[at]->id, "distributed");
	const char *why = parallel ? "multipleAlerting" : h->hidden ? cause : "distributed";
	uint32_t tried = 0;
	do {
		ring(h, call, at, tried, why);
		tried |= 1u << at;
		at = parallel ? next_member(h, call, tried) : SIZE_MAX;
	} while (at != SIZE_MAX);
}
