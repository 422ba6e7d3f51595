/* SPDX-License-Identifier: Apache-2.0 */
#include "pbx-adapters/simulator/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALL_ID_FIRST 10000000u
#define CALL_ID_LAST  99999999u

/* ---- Calls ------------------------------------------------------------------------------------
 */

static void random_octets(struct sim_switch *sw, uint8_t out[LINKAGE_SIZE])
{
	uint64_t r = random_next(&sw->random);
	for (int i = 0; i < LINKAGE_SIZE; i++)
		out[i] = (uint8_t)(r >> 8 * i);
}

struct call *call_create(struct sim_switch *sw)
{
	if (sw->call_count >= sw->config.max_calls)
		return NULL;
	struct call *call = calloc(1, sizeof *call);
	if (!call)
		return NULL;
	uint32_t id = sw->last_call;
	do { /* ids come round after ninety million calls: those that live are passed over */
		id = id == CALL_ID_LAST ? CALL_ID_FIRST : id + 1;
		snprintf(call->id, sizeof call->id, "%u", (unsigned)id);
	} while (table_find(&sw->calls, call->id));
	if (map_insert_text(&sw->calls, &call->node, call->id)) {
		free(call);
		return NULL;
	}
	sw->last_call = id;
	sw->call_count++;
	call->sw = sw;
	call->last.status = CTI_DEVICE_NOT_REQUIRED;
	random_octets(sw, call->global);
	random_octets(sw, call->thread);
	TAILQ_INIT(&call->conns);
	TAILQ_INIT(&call->watches);
	TAILQ_INSERT_TAIL(&sw->all_calls, call, all);
	return call;
}

void call_destroy(struct call *call)
{
	monitor_call_gone(call);
	predict_destroy(call);
	map_remove(&call->sw->calls, &call->node);
	TAILQ_REMOVE(&call->sw->all_calls, call, all);
	call->sw->call_count--;
	free(call->user_data);
	free(call);
}

void call_end(struct call *call, const char *cause, bool silent)
{
	if (!silent) {
		struct cti_event e;
		call_event(call, NULL, CTI_EVENT_CALL_CLEARED, cause, &e);
		e.connection.call_id = call->id;
		e.connection.state = CTI_CONNECTION_NULL;
		monitor_report(call, &e, NULL);
	}
	call_destroy(call);
}

/* ---- Names -------------------------------------------------------------------------------------
 */

void name_set(struct name *n, const char *text)
{
	n->status = CTI_DEVICE_NUMBER;
	snprintf(n->text, sizeof n->text, "%s", text);
}

struct cti_device name_device(const struct name *n)
{
	return (struct cti_device){
	        .status = n->status,
	        .number = n->status == CTI_DEVICE_NUMBER ? n->text : NULL,
	};
}

void conn_name(const struct conn *c, struct name *out)
{
	if (c->phone->kind == OUTSIDE && c->phone->withheld)
		*out = (struct name){.status = CTI_DEVICE_RESTRICTED};
	else
		name_set(out, c->phone->id);
}

struct cti_device conn_party(const struct conn *c)
{
	if (c->phone->kind == OUTSIDE && c->phone->withheld)
		return (struct cti_device){.status = CTI_DEVICE_RESTRICTED};
	return (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = c->phone->id};
}

struct cti_connection conn_ref(const struct conn *c)
{
	return (struct cti_connection){
	        .call_id = c->call->id, .device_id = c->device->id, .state = c->state};
}

/** Which device goes where: ECMA-269 12.3.7, 12.3.24, 17.2.5; README.md. */
void call_event(const struct call *call, const struct conn *subject, enum cti_event_type type,
                const char *cause, struct cti_event *e)
{
	cti_event_init(e, type);
	e->cause = cause;
	if (subject) {
		e->connection = conn_ref(subject);
		e->subject = conn_party(subject);
	}
	if (call->has_correlator)
		e->correlator = (struct cti_octets){call->correlator, call->correlator_length};
	e->global_call = (struct cti_octets){call->global, LINKAGE_SIZE};
	e->thread = (struct cti_octets){call->thread, LINKAGE_SIZE};
	bool originated = type == CTI_EVENT_CALL_ORIGINATED;
	if (!originated && type != CTI_EVENT_CALL_OFFERED && type != CTI_EVENT_CALL_DELIVERED &&
	    type != CTI_EVENT_CALL_ESTABLISHED && type != CTI_EVENT_CALL_QUEUED &&
	    type != CTI_EVENT_CALL_DIVERTED && type != CTI_EVENT_CALL_FAILED &&
	    type != CTI_EVENT_CALL_NETWORK_REACHED)
		return;
	e->calling = name_device(&call->calling);
	e->called = name_device(&call->called);
	e->network_calling = name_device(&call->network_calling);
	e->network_called = name_device(&call->network_called);
	if (call->calling_nid)
		e->associated_calling = (struct cti_device){.status = CTI_DEVICE_NUMBER,
		                                            .number = call->calling_nid->id};
	if (originated)
		return;
	e->last_redirection = name_device(&call->last);
	if (call->called_nid && type != CTI_EVENT_CALL_NETWORK_REACHED)
		e->associated_called = (struct cti_device){.status = CTI_DEVICE_NUMBER,
		                                           .number = call->called_nid->id};
	if (call->user_data)
		e->user_data = (struct cti_octets){call->user_data, call->user_data_length};
}

/* ---- Connections --------------------------------------------------------------------------------
 */

struct conn *conn_create(struct call *call, struct device *device, struct device *phone,
                         enum cti_connection_state state)
{
	const struct cti_host *host = call->sw->config.host;
	struct conn *c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	c->timer = host->timer_create(host, "connection", route_timer, c);
	if (!c->timer || monitor_follow(device, call)) {
		host->timer_destroy(&c->timer);
		free(c);
		return NULL;
	}
	c->call = call;
	c->device = device;
	c->phone = phone;
	c->state = state;
	c->order = call->sw->orders++;
	TAILQ_INSERT_TAIL(&call->conns, c, in_call);
	TAILQ_INSERT_TAIL(&device->conns, c, in_device);
	if (phone != device)
		TAILQ_INSERT_TAIL(&phone->conns, c, in_phone);
	acd_conn_changed(c);
	return c;
}

void conn_move(struct conn *c, struct call *to)
{
	TAILQ_REMOVE(&c->call->conns, c, in_call);
	c->call = to;
	TAILQ_INSERT_TAIL(&to->conns, c, in_call);
}

void conn_remove(struct conn *c)
{
	struct call *call = c->call;
	struct device *device = c->device, *phone = c->phone;
	struct sim_switch *sw = call->sw;
	TAILQ_REMOVE(&call->conns, c, in_call);
	TAILQ_REMOVE(&device->conns, c, in_device);
	if (phone != device)
		TAILQ_REMOVE(&phone->conns, c, in_phone);
	if (c->callback)
		callback_done(c->callback);
	if (c->camped)
		sw->awaited--;
	complete_freed(device);
	if (TAILQ_EMPTY(&device->conns))
		device->idle_since = sw->orders++;
	if (call->caller == phone)
		call->caller = NULL;
	if (device->kind == TRUNK) { /* the line is free; the network pair goes with it */
		if (call->calling_nid == device) {
			call->calling_nid = NULL;
			call->network_calling.status = CTI_DEVICE_ABSENT;
			call->network_called.status = CTI_DEVICE_ABSENT;
		}
		if (call->called_nid == device)
			call->called_nid = NULL;
		TAILQ_INSERT_TAIL(&sw->free_trunks, device, in_group);
	}
	acd_conn_gone(c);
	sw->config.host->timer_destroy(&c->timer);
	free(c);
	if (phone != device)
		device_forget(phone);
}

void conn_wait(struct conn *c, uint64_t us, void (*expired)(struct conn *))
{
	c->expired = expired;
	c->call->sw->config.host->timer_set(c->timer, us);
}

struct conn *conn_at(const struct call *call, const struct device *device)
{
	struct conn *c;
	TAILQ_FOREACH (c, &call->conns, in_call)
		if (c->device == device)
			return c;
	return NULL;
}

struct conn *conn_in_state(const struct device *phone, enum cti_connection_state state)
{
	struct conn *c = TAILQ_FIRST(&phone->conns);
	while (c && state != CTI_CONNECTION_UNKNOWN && c->state != state)
		c = phone->kind == OUTSIDE ? TAILQ_NEXT(c, in_phone) : TAILQ_NEXT(c, in_device);
	return c;
}

/* ---- Changes of one connection ------------------------------------------------------------- */

void conn_set(struct conn *c, enum cti_connection_state state, enum cti_event_type type,
              const char *cause)
{
	struct cti_event e;
	c->state = state;
	acd_conn_changed(c);
	call_event(c->call, c, type, cause, &e);
	monitor_report(c->call, &e, NULL);
	if (c->call->predict)
		predict_event(c, type);
}

void conn_held(struct conn *c, const char *cause)
{
	c->tone = false;
	conn_set(c, CTI_CONNECTION_HOLD, CTI_EVENT_CALL_HELD, cause);
	park_held(c);
}

void conn_retrieved(struct conn *c, const char *cause)
{
	c->call->sw->config.host->timer_clear(c->timer);
	conn_set(c, CTI_CONNECTION_CONNECTED, CTI_EVENT_CALL_RETRIEVED, cause);
}

void conn_connect(struct conn *c, const char *cause)
{
	struct call *call = c->call;
	call->sw->config.host->timer_clear(c->timer);
	c->expired = NULL;
	c->recall = NULL;
	c->offered = false;
	if (c->camped)
		call->sw->awaited--;
	c->camped = false;
	conn_set(c, CTI_CONNECTION_CONNECTED, CTI_EVENT_CALL_ESTABLISHED, cause);
	/* Kept until established (12.3.24); user data is given once. */
	call->last.status = CTI_DEVICE_NOT_REQUIRED;
	free(call->user_data);
	call->user_data = NULL;
	hunt_answered(c);
}

void conn_drop(struct conn *c, const char *cause)
{
	struct cti_event e;
	c->state = CTI_CONNECTION_NULL;
	call_event(c->call, c, CTI_EVENT_CALL_CONNECTION_CLEARED, cause, &e);
	monitor_report(c->call, &e, NULL);
	conn_remove(c);
}

/** Who is in the call for its own sake (no machine), @p except apart; *talks: somebody is off-hook in it. */
static size_t parties(const struct call *call, const struct conn *except, bool *talks)
{
	size_t n = 0;
	struct conn *c;
	*talks = false;
	TAILQ_FOREACH (c, &call->conns, in_call)
		if (c != except && !c->silent && c->device->kind != VOICE) {
			n++;
			*talks |= c->state == CTI_CONNECTION_CONNECTED ||
			          c->state == CTI_CONNECTION_HOLD ||
			          c->state == CTI_CONNECTION_INITIATED;
		}
	return n;
}

bool call_talks(const struct call *call, const struct conn *except)
{
	bool talks;
	parties(call, except, &talks);
	return talks;
}

void call_clear(struct call *call, const char *cause)
{
	for (struct conn *c; (c = TAILQ_FIRST(&call->conns));)
		conn_drop(c, cause);
	call_end(call, cause, false);
}

/** Far ends are cleared, not left to hear the tone (TR/82 6.3). */
void conn_release(struct conn *c, const char *cause)
{
	struct call *call = c->call;
	bool talks;
	bool over = parties(call, c, &talks) < 2 || !talks;
	struct conn *other;
	if (over) /* a failed connection goes first */
		TAILQ_FOREACH (other, &call->conns, in_call)
			if (other != c && other->state == CTI_CONNECTION_FAIL) {
				conn_drop(other, cause);
				break;
			}
	conn_drop(c, cause);
	if (!over)
		return;
	call_clear(call, cause);
}
