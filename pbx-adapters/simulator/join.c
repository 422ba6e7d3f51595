/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Into a call of others: single step conference (17.1.25), join (17.1.17), intrude (17.1.16).
 * The first two keep the call's id; an intruder's call and the one it breaks into become a new one.
 */
#include "pbx-adapters/simulator/json.h"
#include "pbx-adapters/simulator/merge.h"

#include <string.h>

/** Conferenced: @p joined is new in its call, @p by brought it there. */
static void tell_joined(struct conn *joined, const struct conn *by, const struct list *list,
                        const char *cause)
{
	struct cti_event e;
	call_event(joined->call, NULL, CTI_EVENT_CALL_CONFERENCED, cause, &e);
	merge_tell_linkage(&e, joined->call);
	e.primary_old = conn_ref(by);
	e.subject = conn_party(by);
	e.other = conn_party(joined);
	e.items = list->items;
	e.item_count = list->count;
	monitor_report(joined->call, &e, NULL);
}

/** Everybody in the call; the new one (the last) has no old connection. */
static void list_joined(struct list *list, const struct call *call)
{
	*list = (struct list){0};
	list_call(list, call, NULL, call);
	list->items[list->count - 1].old_connection = (struct cti_connection){0};
}

static enum fault may_join(struct ask *a, const struct call *call, const struct device *d,
                           enum fault nowhere)
{
	if (!d || d->kind == OUTSIDE || conn_at(call, d))
		return nowhere;
	if (d->kind != EXTENSION && d->kind != VOICE)
		return nowhere;
	if (d->out_of_service)
		return deviceOutOfService;
	if (d->kind == EXTENSION && conn_in_state(d, CTI_CONNECTION_UNKNOWN))
		return invalidDeviceState;
	return call_members(call) >= a->sw->config.max_conference ? conferenceMemberLimitExceeded
	                                                          : OK;
}

/** F19: the device is in at once. */
enum fault service_single_step_conference_call(struct ask *a)
{
	static const char *const causes[] = {"silentParticipation", "activeParticipation",
	                                     "singleStepConference"};
	const struct cti_request *r = a->request;
	struct conn *c, *joined;
	enum fault fault = ask_conn(a, &r->connection, CTI_CONNECTION_CONNECTED, &c);
	if (fault)
		return fault;
	if (!c)
		return noActiveCall;
	if (c->state != CTI_CONNECTION_CONNECTED)
		return invalidConnectionState;
	struct device *d = device_find(a->sw, r->destination);
	if ((size_t)r->participation >= sizeof causes / sizeof *causes)
		return valueOutOfRange;
	fault = may_join(a, c->call, d, invalidDestination);
	if (fault)
		return fault;
	joined = conn_create(c->call, d, d, CTI_CONNECTION_CONNECTED);
	if (!joined)
		return resourceLimitExceeded;
	joined->silent = r->participation == CTI_PARTICIPATION_SILENT;
	struct list list;
	list_joined(&list, c->call);
	a->reply.connection = conn_ref(joined);
	a->reply.items = list.items;
	a->reply.item_count = list.count;
	ask_ack(a);
	tell_joined(joined, c, &list, causes[r->participation]);
	return OK;
}

/* ---- JoinCall ------------------------------------------------------------------------------ */

void join_lifted(struct conn *c)
{
	struct list list;
	c->joins = c->prompted = false;
	c->call->sw->config.host->timer_clear(c->timer);
	c->state = CTI_CONNECTION_CONNECTED;
	acd_conn_changed(c);
	list_joined(&list, c->call);
	tell_joined(c, c, &list, c->why);
}

/** Silent, active or none; absent: active. */
static const char *participation(const json_t *argument, bool *silent)
{
	const char *type = json_string_value(json_object_get(argument, "participationType"));
	*silent = type && !strcmp(type, "silent");
	return type;
}

/** The new connection goes last in the list: it is created last. */
static enum fault join_call(struct ask *a, const json_t *argument)
{
	struct cti_connection ref = json_connection(json_object_get(argument, "activeCall"));
	const char *originate = json_string_value(json_object_get(argument, "autoOriginate"));
	struct device *d =
	        device_find(a->sw, json_number(json_object_get(argument, "joiningDevice")));
	struct json_data data;
	struct conn *active, *c;
	enum fault fault = ask_conn(a, &ref, CTI_CONNECTION_CONNECTED, &active);
	if (!fault)
		fault = json_data(a, argument, &data);
	if (fault)
		return fault;
	if (!active)
		return noActiveCall;
	if (!call_talks(active->call, NULL))
		return invalidConnectionState;
	fault = may_join(a, active->call, d, invalidDeviceID);
	if (fault)
		return fault;
	c = conn_create(active->call, d, d, CTI_CONNECTION_NULL);
	if (!c || !ask_attach(a, c->call)) {
		if (c)
			conn_remove(c);
		return resourceLimitExceeded;
	}
	participation(argument, &c->silent);
	c->why = "joinCall";
	struct cti_connection joined = conn_ref(c);
	fault = json_answer(a, json_pack("{s:o}", "conferencedCall", json_conn(&joined)));
	if (fault) {
		conn_remove(c);
		return fault;
	}
	ask_ack(a);
	if (d->must_lift && !(originate && !strcmp(originate, "doNotPrompt"))) {
		c->prompted = c->joins = true;
		conn_wait(c, a->sw->config.prompt_us, NULL);
		conn_set(c, CTI_CONNECTION_INITIATED, CTI_EVENT_CALL_SERVICE_INITIATED, c->why);
		return OK;
	}
	join_lifted(c);
	return OK;
}

/* ---- IntrudeCall --------------------------------------------------------------------------- */

/** F18, alternate model: who is called holds the call it is in, and takes the intruder's. */
static void intrude_alternate(struct conn *talk, struct conn *failed)
{
	conn_held(talk, "intrude");
	conn_connect(failed, "intrude");
}

/** F18, conference model: the call of the two goes on, the intruder's comes into it. */
static void intrude_conference(struct conn *intruder, struct conn *talk, struct conn *failed,
                               struct call *result, const struct list *list)
{
	struct call *first = talk->call, *second = intruder->call;
	struct cti_event e;
	merge_inherit(result, talk, intruder);
	result->caller = first->caller;
	call_event(result, NULL, CTI_EVENT_CALL_CONFERENCED, "intrude", &e);
	merge_tell_linkage(&e, second);
	e.primary_old = conn_ref(talk);
	e.secondary_old = conn_ref(intruder);
	e.primary_old.state = e.secondary_old.state = CTI_CONNECTION_NULL;
	e.subject = e.other = conn_party(intruder);
	e.items = list->items;
	e.item_count = list->count;
	monitor_moved(first, result);
	monitor_moved(second, result);
	merge_move_all(first, NULL, result);
	conn_remove(failed);
	merge_move_all(second, NULL, result);
	monitor_report(result, &e, NULL);
	call_destroy(first);
	call_destroy(second);
}

static enum fault intrude_call(struct ask *a, const json_t *argument)
{
	struct cti_connection ref = json_connection(json_object_get(argument, "intrude"));
	struct conn *c, *failed, *talk;
	enum fault fault = ask_conn(a, &ref, CTI_CONNECTION_CONNECTED, &c);
	if (fault)
		return fault;
	if (!c)
		return noCallToComplete;
	if (c->state != CTI_CONNECTION_CONNECTED)
		return invalidConnectionState;
	failed = complete_busy_end(c);
	talk = failed ? conn_in_state(failed->device, CTI_CONNECTION_CONNECTED) : NULL;
	if (!talk)
		return noCallToComplete;
	bool alternates = a->sw->config.intrude_alternates;
	/* Who intrudes comes as one more. */
	if (!alternates && call_members(talk->call) >= a->sw->config.max_conference)
		return conferenceMemberLimitExceeded;
	if (!alternates && conn_at(talk->call, c->device))
		return invalidConnectionState;
	struct call *result = alternates ? c->call : call_create(a->sw);
	struct list list = {0};
	if (!result)
		return resourceLimitExceeded;
	list_add(&list, c, result);
	if (!alternates)
		list_call(&list, talk->call, NULL, result);
	fault = json_answer(
	        a, json_pack("{s:o}", "conferencedCall", json_conn(&list.items[0].new_connection)));
	if (fault) {
		if (!alternates)
			call_destroy(result);
		return fault;
	}
	ask_ack(a);
	if (alternates) {
		intrude_alternate(talk, failed);
		return OK;
	}
	participation(argument, &c->silent);
	intrude_conference(c, talk, failed, result, &list);
	return OK;
}

const struct json_service join_services[] = {
        {"JoinCall", join_call}, {"IntrudeCall", intrude_call}, {NULL, NULL}};
