/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two calls become one: transfer and conference (flows F9 to F12 and F19 of README.md). The result
 * is always a new call; both old ids die with the event, without ConnectionCleared or CallCleared.
 */
#include "pbx-adapters/simulator/merge.h"

#include <stdlib.h>
#include <string.h>

void list_add(struct list *l, const struct conn *c, const struct call *to)
{
	struct cti_connection_item *i = &l->items[l->count++];
	*i = (struct cti_connection_item){.new_connection = conn_ref(c),
	                                  .old_connection = conn_ref(c),
	                                  .endpoint = conn_party(c)};
	i->new_connection.call_id = to->id;
	if (c->device->kind == TRUNK)
		i->associated_nid =
		        (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = c->device->id};
}

void list_call(struct list *l, const struct call *from, const struct conn *except,
               const struct call *to)
{
	struct conn *c;
	TAILQ_FOREACH (c, &from->conns, in_call)
		if (c != except)
			list_add(l, c, to);
}

/** First party other than @p c: who is at the other end. */
static struct conn *far_end(const struct conn *c)
{
	struct conn *other = TAILQ_FIRST(&c->call->conns);
	return other == c ? TAILQ_NEXT(other, in_call) : other;
}

static bool is_name(const struct name *n, const struct device *d)
{
	return n->status == CTI_DEVICE_NUMBER && !strcmp(n->text, d->id);
}

static struct device *nid(const struct conn *c)
{
	return c && c->device->kind == TRUNK ? c->device : NULL;
}

/**
 * What the result inherits: the primary call's linkage, network pair and (before the other's)
 * correlator data; the names by 5.1.
 */
void merge_inherit(struct call *to, const struct conn *held, const struct conn *active)
{
	const struct call *first = held->call, *second = active ? active->call : NULL;
	const struct call *data = first->has_correlator || !second ? first : second;
	memcpy(to->global, first->global, LINKAGE_SIZE);
	memcpy(to->thread, first->thread, LINKAGE_SIZE);
	to->has_correlator = data->has_correlator;
	to->correlator_length = data->correlator_length;
	memcpy(to->correlator, data->correlator, sizeof to->correlator);
	to->calling = first->calling;
	to->called = first->called;
	to->calling_nid = first->calling_nid;
	to->called_nid = first->called_nid;
	to->network_calling = first->network_calling;
	to->network_called = first->network_called;
	to->caller = first->caller == held->phone ? NULL : first->caller;
}

/** The transferring device is out of the names: the remaining earlier side calls the new one. */
static void rename_parties(struct call *to, const struct conn *held, const struct conn *active)
{
	const struct conn *first = far_end(held), *second = active ? far_end(active) : NULL;
	if (is_name(&to->calling, held->device) && first) {
		conn_name(first, &to->calling);
		to->calling_nid = nid(first);
	}
	to->called_nid = NULL;
	if (active) {
		to->called = active->call->called;
		to->called_nid = active->call->called_nid;
		if (is_name(&to->called, held->device) && second) {
			conn_name(second, &to->called);
			to->called_nid = nid(second);
		}
	}
	name_set(&to->last, held->device->id);
}

/** The list of 17.2.3 and 17.2.18: what the result has, and what is over with the second call. */
void merge_tell_linkage(struct cti_event *e, const struct call *over)
{
	e->old_global_call = (struct cti_octets){over->global, LINKAGE_SIZE};
	e->old_thread = (struct cti_octets){over->thread, LINKAGE_SIZE};
}

void merge_move_all(struct call *from, const struct conn *except, struct call *to)
{
	for (struct conn *c = TAILQ_FIRST(&from->conns), *next; c; c = next) {
		next = TAILQ_NEXT(c, in_call);
		if (c != except)
			conn_move(c, to);
	}
}

static bool share_a_device(const struct conn *held, const struct conn *active)
{
	struct conn *c;
	TAILQ_FOREACH (c, &held->call->conns, in_call)
		if (c != held && conn_at(active->call, c->device))
			return true;
	return false;
}

size_t call_members(const struct call *call)
{
	size_t n = 0;
	struct conn *c;
	TAILQ_FOREACH (c, &call->conns, in_call)
		n++;
	return n;
}

static bool usable(const struct conn *c)
{
	return c->state == CTI_CONNECTION_CONNECTED || c->state == CTI_CONNECTION_HOLD;
}

/** What transfer and conference ask for alike. */
static enum fault mergeable(struct ask *a, struct conn **held, struct conn **active)
{
	enum fault fault = ask_pair(a, held, active);
	if (fault)
		return fault;
	if (!usable(*held))
		return invalidHeldConnectionState;
	struct conn *c;
	TAILQ_FOREACH (c, &(*active)->call->conns, in_call)
		if (c->state == CTI_CONNECTION_FAIL)
			return invalidActiveConnectionState;
	TAILQ_FOREACH (c, &(*held)->call->conns, in_call)
		if (c->state == CTI_CONNECTION_FAIL)
			return invalidHeldConnectionState;
	if (!usable(*active) || share_a_device(*held, *active))
		return invalidActiveConnectionState;
	if (call_members((*held)->call) < 2)
		return invalidHeldConnectionState;
	if (call_members((*active)->call) < 2)
		return invalidActiveConnectionState;
	return call_members((*held)->call) + call_members((*active)->call) - 1 >
	                       a->sw->config.max_conference
	               ? conferenceMemberLimitExceeded
	               : OK;
}

enum fault service_transfer_call(struct ask *a)
{
	struct conn *held, *active, *to;
	enum fault fault = mergeable(a, &held, &active);
	if (fault)
		return fault;
	/* Somebody must be left who talks: two who ring or wait are no call. */
	if (!call_talks(held->call, held) && !call_talks(active->call, active))
		return invalidHeldConnectionState;
	struct call *result = call_create(a->sw), *first = held->call, *second = active->call;
	if (!result)
		return resourceLimitExceeded;
	struct device *from = held->device;
	struct list list = {0};
	list_call(&list, first, held, result);
	list_call(&list, second, active, result);
	to = far_end(active);
	a->reply.connection = conn_ref(to);
	a->reply.connection.call_id = result->id;
	a->reply.items = list.items;
	a->reply.item_count = list.count;
	ask_ack(a);

	merge_inherit(result, held, active);
	rename_parties(result, held, active);
	struct cti_event e;
	call_event(result, NULL, CTI_EVENT_CALL_TRANSFERRED, "transfer", &e);
	merge_tell_linkage(&e, second);
	e.primary_old = conn_ref(held);
	e.secondary_old = conn_ref(active);
	e.subject = conn_party(held);
	e.other = conn_party(to);
	e.items = list.items;
	e.item_count = list.count;
	held->state = active->state = e.primary_old.state = e.secondary_old.state =
	        CTI_CONNECTION_NULL;
	monitor_moved(first, result);
	monitor_moved(second, result);
	merge_move_all(first, held, result);
	merge_move_all(second, active, result);
	conn_move(active, result); /* its monitors hear it with null, and then no more */
	monitor_report(result, &e, NULL);
	result->calling_nid = result->calling_nid && conn_at(result, result->calling_nid)
	                              ? result->calling_nid
	                              : NULL;
	conn_remove(active);
	conn_remove(held);
	call_destroy(first);
	call_destroy(second);
	park_recall_transfer(to, from);
	return OK;
}

enum fault service_conference_call(struct ask *a)
{
	struct conn *held, *active;
	enum fault fault = mergeable(a, &held, &active);
	if (fault)
		return fault;
	struct call *result = call_create(a->sw), *first = held->call, *second = active->call;
	if (!result)
		return resourceLimitExceeded;
	struct list list = {0};
	list_add(&list, held, result);
	list.items[0].new_connection.state = CTI_CONNECTION_CONNECTED;
	list_call(&list, first, held, result);
	list_call(&list, second, active, result);
	a->reply.connection = list.items[0].new_connection;
	a->reply.items = list.items;
	a->reply.item_count = list.count;
	ask_ack(a);

	merge_inherit(result, held, active);
	struct cti_event e;
	call_event(result, NULL, CTI_EVENT_CALL_CONFERENCED, "conference", &e);
	merge_tell_linkage(&e, second);
	e.primary_old = conn_ref(held);
	e.secondary_old = conn_ref(active);
	e.primary_old.state = e.secondary_old.state = CTI_CONNECTION_NULL;
	e.subject = conn_party(held);
	e.other = conn_party(far_end(active));
	e.items = list.items;
	e.item_count = list.count;
	active->state = CTI_CONNECTION_CONNECTED;
	active->acd = active->acd ? active->acd : held->acd;
	monitor_moved(first, result);
	monitor_moved(second, result);
	conn_move(active, result);
	merge_move_all(first, held, result);
	merge_move_all(second, active, result);
	conn_remove(held);
	monitor_report(result, &e, NULL);
	call_destroy(first);
	call_destroy(second);
	return OK;
}

/** F11: everybody but the transferring device moves, then the call goes to the new one. */
enum fault service_single_step_transfer_call(struct ask *a)
{
	struct conn *c;
	struct target target;
	enum fault fault = ask_conn(a, &a->request->connection, CTI_CONNECTION_CONNECTED, &c);
	if (fault)
		return fault;
	if (!c)
		return noActiveCall;
	if (c->device->kind != EXTENSION)
		return requestIncompatibleWithConnection;
	if (c->state != CTI_CONNECTION_CONNECTED || !call_talks(c->call, c))
		return invalidConnectionState;
	fault = ask_target(a, c->device, invalidDestination, &target);
	if (!fault)
		fault = ask_attachable(a->request);
	if (fault)
		return fault;
	struct call *first = c->call, *result;
	if (target.device && conn_at(first, target.device))
		return invalidDestination;
	if (call_members(first) > a->sw->config.max_conference)
		return conferenceMemberLimitExceeded;
	result = call_create(a->sw);
	if (!result)
		return resourceLimitExceeded;
	if (!ask_attach(a, result)) {
		call_destroy(result);
		return resourceLimitExceeded;
	}
	char id[CALL_ID_SIZE];
	strcpy(id, result->id);
	bool own_data = a->request->correlator.data != NULL;
	struct call data = *result;
	struct list list = {0};
	list_call(&list, first, c, result);
	a->reply.connection.call_id = result->id;
	a->reply.connection.device_id =
	        target.device ? target.number : list.items[0].new_connection.device_id;
	a->reply.items = list.items;
	a->reply.item_count = list.count;
	ask_ack(a);

	merge_inherit(result, c, NULL);
	rename_parties(result, c, NULL);
	name_set(&result->called, target.number);
	if (own_data) {
		result->has_correlator = data.has_correlator;
		result->correlator_length = data.correlator_length;
		memcpy(result->correlator, data.correlator, sizeof data.correlator);
	}
	struct cti_event e;
	call_event(result, NULL, CTI_EVENT_CALL_TRANSFERRED, "singleStepTransfer", &e);
	merge_tell_linkage(&e, first);
	e.primary_old = conn_ref(c);
	e.primary_old.state = c->state = CTI_CONNECTION_NULL;
	e.subject = conn_party(c);
	e.other = (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = target.number};
	e.items = list.items;
	e.item_count = list.count;
	monitor_moved(first, result);
	merge_move_all(first, c, result);
	conn_move(c, result);
	monitor_report(result, &e, NULL);
	struct device *from = c->device;
	conn_remove(c);
	call_destroy(first);
	route_to(result, &target, "singleStepTransfer");
	/* The call may have ended with it: then its last connection is gone too. */
	c = table_find(&a->sw->calls, id) ? TAILQ_LAST(&result->conns, conns) : NULL;
	if (c)
		park_recall_transfer(c, from);
	return OK;
}
