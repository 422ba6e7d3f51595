/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MakePredictiveCall (17.1.20, F22): the called party first, then the calling device, often a queue
 * or a group. Looked at when the change is over, before queues are served: what became of the call.
 */
#include "pbx-adapters/simulator/json.h"

#include <stdlib.h>
#include <string.h>

struct predict {
	struct device *from;
	bool at_delivery;                     /* else when it is established */
	bool detects;                         /* look who is there, before it is put through */
	bool clears[3], said[3], clears_else; /* by enum switch_listener */
	bool met;                             /* in sw->predicted */
	TAILQ_ENTRY(predict) next;
	struct call *call;
};

/** It is looked at soon: the called party rings, answers or fails. */
void predict_event(struct conn *c, enum cti_event_type type)
{
	struct predict *p = c->call->predict;
	bool from = c->device == p->from;
	bool looks = type == CTI_EVENT_CALL_FAILED ||
	             (!from && type == CTI_EVENT_CALL_ESTABLISHED) ||
	             (!from && type == CTI_EVENT_CALL_DELIVERED && p->at_delivery);
	if (!looks || p->met)
		return;
	p->met = true;
	TAILQ_INSERT_TAIL(&c->call->sw->predicted, p, next);
}

void predict_destroy(struct call *call)
{
	struct predict *p = call->predict;
	call->predict = NULL;
	if (p && p->met)
		TAILQ_REMOVE(&call->sw->predicted, p, next);
	free(p);
}

/** Who was called: whoever is there beside the calling device. */
static struct conn *called_party(const struct predict *p)
{
	struct conn *c;
	TAILQ_FOREACH (c, &p->call->conns, in_call)
		if (c->device != p->from)
			return c;
	return NULL;
}

/** The calling device gets the call as if it were called now. */
static void put_through(struct call *call, struct device *from)
{
	struct conn *g = conn_at(call, from);
	if (g) /* it goes on in another state: no event between the two */
		conn_remove(g);
	if (from->kind != EXTENSION) {
		route_to(call, &(struct target){.device = from}, "newCall");
		return;
	}
	/* Its own call is not offered to it. */
	g = conn_create(call, from, from, CTI_CONNECTION_NULL);
	if (g)
		route_ring(g, "makePredictiveCall");
	else
		route_no_memory(call);
}

void predict_settle(struct sim_switch *sw)
{
	struct predict *p = TAILQ_FIRST(&sw->predicted);
	struct call *call = p->call;
	struct device *from = p->from;
	struct conn *c = called_party(p);
	bool failed = !c || c->state == CTI_CONNECTION_FAIL;
	struct conn *g = conn_at(call, from);
	bool unheard = failed || (g && g->state == CTI_CONNECTION_FAIL);
	enum switch_listener who = c ? c->phone->listener : SWITCH_HUMAN;
	bool clear = p->detects && (p->said[who] ? p->clears[who] : p->clears_else);
	predict_destroy(call);
	if (unheard && g) /* nobody hears why */
		conn_release(g, "normalClearing");
	else if (unheard)
		call_clear(call, "normalClearing");
	else if (clear)
		conn_release(c, "destDetected");
	else
		put_through(call, from);
}

/** alertTime is over, and nobody was reached. */
static void alert_ends(struct conn *c)
{
	call_clear(c->call, "alertTimeExpired");
}

/* ---- The service --------------------------------------------------------------------------- */

static bool is(const json_t *object, const char *member, const char *value)
{
	const char *text = json_string_value(json_object_get(object, member));
	return text && !strcmp(text, value);
}

/** The first that names a condition counts. */
static bool read_conditions(struct predict *p, const json_t *list)
{
	static const char *const names[] = {
	        [SWITCH_HUMAN] = "humanVoice",
	        [SWITCH_MACHINE] = "answeringMachine",
	        [SWITCH_FAX] = "facsimileMachine",
	};
	size_t i;
	json_t *item;
	json_array_foreach (list, i, item) {
		bool known = false;
		for (int k = 0; k < 3; k++) {
			if (!is(item, "destinationCondition", names[k]))
				continue;
			known = true;
			if (!p->said[k])
				p->clears[k] = is(item, "detectionAction", "clearCalledConnection");
			p->said[k] = true;
		}
		if (!known)
			return false;
	}
	return true;
}

static enum fault checks(struct ask *a, const json_t *argument, struct device **from,
                         struct target *target)
{
	struct device *d =
	        device_find(a->sw, json_number(json_object_get(argument, "callingDevice")));
	const char *number = json_number(json_object_get(argument, "calledDirectoryNumber"));
	if (!d || !device_dialled(d) || d->kind == PARK || d->kind == VOICE)
		return invalidCallingDeviceID;
	if (d->out_of_service)
		return deviceOutOfService;
	if (d->kind == EXTENSION && conn_in_state(d, CTI_CONNECTION_UNKNOWN))
		return invalidCallingDeviceState;
	if (route_resolve(a->sw, number, target) || target->device == d)
		return invalidCalledDeviceID;
	if (!target->device && TAILQ_EMPTY(&a->sw->free_trunks))
		return networkBusy;
	*from = d;
	return OK;
}

static enum fault begin(struct ask *a, struct device *d, struct predict *p, struct conn **out)
{
	struct conn *c = p ? call_begin(d) : NULL;
	if (!c)
		return resourceLimitExceeded;
	struct cti_connection made = conn_ref(c);
	enum fault fault = json_answer(a, json_pack("{s:o, s:o}", "initiatedCall", json_conn(&made),
	                                            "callLinkageData", json_linkage(c->call)));
	if (fault || !ask_attach(a, c->call)) {
		struct call *call = c->call;
		conn_remove(c);
		call_destroy(call);
		return resourceLimitExceeded;
	}
	c->call->predict = p;
	p->call = c->call;
	*out = c;
	return OK;
}

static enum fault make_predictive_call(struct ask *a, const json_t *argument)
{
	const json_t *signalling = json_object_get(argument, "signallingDetection"),
	             *alert = json_object_get(argument, "alertTime");
	struct predict wanted = {
	        .at_delivery = is(signalling, "signallingCondition", "callDelivered"),
	        .detects = is(signalling, "signallingConditionsAction", "destinationDetection"),
	        .clears_else = is(argument, "defaultAction", "clearCalledConnection"),
	};
	struct target target;
	struct json_data data;
	struct conn *c;
	enum fault fault = checks(a, argument, &wanted.from, &target);
	if (!fault)
		fault = json_data(a, argument, &data);
	if (fault)
		return fault;
	if (!read_conditions(&wanted, json_object_get(argument, "destinationDetection")) ||
	    (alert && json_integer_value(alert) <= 0))
		return valueOutOfRange;
	struct predict *p = malloc(sizeof *p);
	if (p)
		*p = wanted;
	fault = begin(a, wanted.from, p, &c);
	if (fault) {
		free(p);
		return fault;
	}
	ask_ack(a);
	if (alert) /* seconds */
		conn_wait(c, (uint64_t)json_integer_value(alert) * 1000000, alert_ends);
	name_set(&c->call->called, target.number);
	conn_set(c, CTI_CONNECTION_CONNECTED, CTI_EVENT_CALL_ORIGINATED, "makePredictiveCall");
	route_to(c->call, &target, "makePredictiveCall");
	return OK;
}

const struct json_service predict_services[] = {{"MakePredictiveCall", make_predictive_call},
                                                {NULL, NULL}};
