/* SPDX-License-Identifier: Apache-2.0 */
/* A report about one connection of a call: told already, or applied and published. */
#include "cti-server/model/dialplan.h"
#include "cti-server/model/fsm.h"
#include "cti-server/model/model.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"

#include <string.h>

/* A call with an anomaly is read again when late reports have come in. */
#define HEAL_US 200000u

static uint32_t hash(uint32_t h, const void *data, size_t length)
{
	const unsigned char *at = data;
	for (size_t i = 0; i < length; i++)
		h = (h ^ at[i]) * 16777619u;
	return (h ^ 0xff) * 16777619u;
}

static uint32_t hash_text(uint32_t h, const char *text)
{
	return text ? hash(h, text, strlen(text)) : hash(h, "", 1);
}

struct fact model_fact(const struct cti_event *e, struct name *subject)
{
	uint32_t h = hash_text(2166136261u, e->cause);
	h = hash_text(h, e->digits);
	h = hash_text(h, e->reason);
	h = hash_text(h, e->other.number);
	h = hash(h, &e->number_queued, sizeof e->number_queued);
	h = hash(h, &e->calls_in_front, sizeof e->calls_in_front);
	h = hash(h, e->correlator.data, e->correlator.data ? e->correlator.length : 0);
	h = hash(h, e->user_data.data, e->user_data.data ? e->user_data.length : 0);
	return (struct fact){
	        .verb = e->type,
	        .subject = subject,
	        .distribution = e->flags & CTI_EVENT_DISTRIBUTION,
	        .early = e->flags & CTI_EVENT_ANOMALY,
	        .strict = e->type == CTI_EVENT_CALL_DIGITS_DIALED ||
	                  e->type == CTI_EVENT_CALL_INFORMATION,
	        .content = h,
	};
}

struct facts_source model_source(struct model *m, const struct call *call, struct name *monitor)
{
	struct facts_source source = {.monitor = monitor, .now = clock_now(m->clock)};
	struct device *d = monitor ? monitor->monitored : NULL;
	if (!d)
		return source;
	source.since = d->monitor_since;
	struct conn *conn = call ? model_conn_find(call, d->name) : NULL;
	if (conn)
		source.joined = conn->joined;
	return source;
}

/* The connection names the device, or the device the connection (ECMA-269 12.3.9). */
static void complete_subject(struct model *m, struct cti_event *e)
{
	/* Failed may name a device that has no connection in the call (ECMA-269 17.2.9). */
	if (!e->connection.device_id && e->subject.status == CTI_DEVICE_NUMBER &&
	    e->type != CTI_EVENT_CALL_FAILED && e->type != CTI_EVENT_CALL_CLEARED) {
		e->connection.device_id = e->subject.number;
		m->received = e->subject.received;
	} else if (e->connection.device_id && !e->connection.dynamic &&
	           e->subject.status == CTI_DEVICE_ABSENT) {
		e->subject = (struct cti_device){.status = CTI_DEVICE_NUMBER,
		                                 .number = e->connection.device_id,
		                                 .received = m->received};
	}
	if (e->cause && !strcmp(e->cause, "enteringDistribution") &&
	    e->type == CTI_EVENT_CALL_DELIVERED)
		e->flags |= CTI_EVENT_DISTRIBUTION;
}

/* The state of the monitored device's own connection, where nothing newer said otherwise.
 * True: it is another than was known. */
static bool learn_local(struct call *call, const struct cti_event *e,
                        const struct facts_source *source, const struct conn *subject)
{
	struct device *d = source->monitor ? source->monitor->monitored : NULL;
	if (!d || e->local_state == CTI_CONNECTION_UNKNOWN || call->over)
		return false;
	struct conn *conn = model_conn_find(call, d->name);
	if (conn == subject && subject)
		return false;
	if (!conn && e->local_state != CTI_CONNECTION_NULL) {
		struct cti_connection c = {.call_id = call->id->text, .device_id = d->name->text};
		conn = model_conn_get(call, &c, d->received ? d->received->text : NULL);
	} else if (!facts_passed(&call->facts, source, d->name)) {
		return false;
	}
	if (!conn || conn->state == e->local_state)
		return false;
	conn->implied = false;
	model_conn_set(conn, e->local_state);
	return true;
}

/* A device that calls are distributed from is a queue (ECMA-269 6.1.1.6); parking and camp-on
 * make anybody wait. */
static void learn_queue(struct call *call, const struct cti_event *e, struct device *d)
{
	static const char *const waits[] = {"park", "campOn", "campOnTrunks"};
	bool queue = e->flags & CTI_EVENT_DISTRIBUTION;
	if (e->type == CTI_EVENT_CALL_QUEUED) {
		queue = true;
		for (size_t i = 0; e->cause && i < sizeof waits / sizeof *waits; i++)
			queue = queue && strcmp(e->cause, waits[i]);
	}
	if (!d || !queue)
		return;
	call->queue = d;
	if (!d->queue)
		model_device_dirty(call->model, d);
	d->queue = true;
}

static void anomaly(struct call *call, struct cti_event *e, enum cti_connection_state from)
{
	struct model *m = call->model;
	e->flags |= CTI_EVENT_ANOMALY;
	m->stats.anomalies++;
	log_info("model", "%s: anomaly: call %s device %s: %s + %s", m->name, call->id->text,
	         e->connection.device_id, cti_connection_state_name(from),
	         cti_event_type_name(e->type));
	if (m->owner.heal)
		m->owner.heal(m->owner.arg, call, HEAL_US);
}

/* From which state the subject's connection comes; UNKNOWN: nobody would have told us. */
static enum cti_connection_state state_before(const struct call *call, const struct conn *conn,
                                              const struct device *d)
{
	if (d && model_device_visible(d) && !d->current)
		return CTI_CONNECTION_UNKNOWN; /* not read yet since the link came up */
	if (conn && !conn->implied && (conn->state != CTI_CONNECTION_NULL || conn->told))
		return conn->state;
	if (call->open)
		return CTI_CONNECTION_NULL;
	return d && model_device_visible(d) ? CTI_CONNECTION_NULL : CTI_CONNECTION_UNKNOWN;
}

/* False: nothing changes by it, the connection is gone already. */
static bool apply_state(struct call *call, struct cti_event *e, struct conn **out)
{
	enum cti_connection_state to = fsm_connection_target(e->type);
	if (!e->connection.device_id)
		return true;
	struct model *m = call->model;
	struct name *id = name_find(&m->names, e->connection.device_id);
	struct conn *conn = id ? model_conn_find(call, id) : NULL;
	if (to == CTI_CONNECTION_UNKNOWN) { /* CallInformation changes no state */
		e->connection.state = conn ? conn->state : CTI_CONNECTION_UNKNOWN;
		return true;
	}
	enum cti_connection_state from = state_before(call, conn, id ? id->device : NULL);
	if (to == CTI_CONNECTION_NULL && conn && conn->state == CTI_CONNECTION_NULL)
		return false;
	/* Overlap dialling on a line that is connected. */
	if (e->type == CTI_EVENT_CALL_DIGITS_DIALED && from == CTI_CONNECTION_CONNECTED)
		to = from;
	e->connection.state = to;
	if (!(e->flags & CTI_EVENT_RESYNC) && from != CTI_CONNECTION_UNKNOWN &&
	    !fsm_connection_knows(from, e->type, to))
		anomaly(call, e, from);
	if (!conn && to == CTI_CONNECTION_NULL)
		return true; /* somebody whom we never heard of has left */
	if (!conn)
		conn = model_conn_get(call, &e->connection, m->received);
	if (conn) {
		conn->implied = false;
		*out = conn;
	} else {
		e->flags |= CTI_EVENT_ANOMALY; /* said, counted and to be read again */
	}
	return true;
}

static struct device *subject_device(const struct model *m, const struct cti_event *e,
                                     const struct conn *conn)
{
	if (conn)
		return conn->device;
	return e->subject.number ? model_device_find(m, e->subject.number) : NULL;
}

void model_call_apply(struct model *m, struct call *call, struct cti_event *e,
                      const struct facts_source *source)
{
	struct conn *conn = NULL;
	if (!call->interaction)
		model_interaction_begin(call, e);
	if (e->type == CTI_EVENT_CALL_CLEARED) {
		model_call_parties(call, e, true);
		model_call_end(call, e, 0);
		return;
	}
	if (!apply_state(call, e, &conn)) {
		m->stats.late++;
		return;
	}
	struct name *subject =
	        conn ? conn->id
	             : (e->connection.device_id ? name_find(&m->names, e->connection.device_id)
	                                        : NULL);
	struct fact fact = model_fact(e, subject);
	facts_add(&call->facts, &m->names, &fact, source);
	if (conn)
		model_conn_set(conn, e->connection.state);
	learn_local(call, e, source, conn);
	struct device *d = subject_device(m, e, conn);
	learn_queue(call, e, d);
	model_call_parties(call, e, true);
	model_subjects_begin(m);
	if (d)
		model_subject_device(m, d);
	model_subject_call(m, call, false);
	model_publish(m, e, call);
	model_call_check(call, e);
}

/* Without a call there is nothing to apply it to; it is told all the same. */
static void publish_bare(struct model *m, struct cti_event *e)
{
	struct device *d = e->subject.number ? model_device_find(m, e->subject.number) : NULL;
	e->flags |= CTI_EVENT_ANOMALY;
	m->stats.anomalies++;
	model_subjects_begin(m);
	if (d)
		model_subject_device(m, d);
	model_publish(m, e, NULL);
}

/* Another monitor's word on what is known: it may know more than the first. */
static void merge(struct call *call, const struct cti_event *e, const struct facts_source *source)
{
	call->model->stats.merged++;
	if (call->over)
		return;
	bool news = model_call_parties(call, e, false);
	news = learn_local(call, e, source, NULL) || news;
	if (!news)
		return;
	model_subjects_begin(call->model);
	model_subject_call(call->model, call, false);
}

/* Can a report about an ended call be the first of a new one with the same id? */
static bool begins_call(const struct call *over, const struct cti_event *e)
{
	if (fsm_connection_target(e->type) == CTI_CONNECTION_NULL ||
	    e->type == CTI_EVENT_CALL_INFORMATION)
		return false;
	/* It went on under another id, and its monitors with it: this was late. */
	return !over->became || e->type == CTI_EVENT_CALL_SERVICE_INITIATED ||
	       e->type == CTI_EVENT_CALL_ORIGINATED;
}

/* Somebody who left may have been taken in again, by a conference of others. */
static bool has_moved(const struct call *call, const struct cti_event *e,
                      const struct name *subject)
{
	enum cti_connection_state to = fsm_connection_target(e->type);
	const struct conn *conn = subject ? model_conn_find(call, subject) : NULL;
	return conn && to != CTI_CONNECTION_UNKNOWN && conn->state != to;
}

static void report(struct model *m, struct cti_event *e, struct name *monitor, struct name *subject)
{
	struct call *call = model_call_find(m, e->connection.call_id);
	struct fact fact = model_fact(e, subject);
	struct facts_source source = model_source(m, call, monitor);
	source.moved = call && has_moved(call, e, subject);
	if (call && facts_known(&call->facts, &fact, &source, MODEL_MERGE_US)) {
		merge(call, e, &source);
		return;
	}
	if (call && call->over && !begins_call(call, e)) {
		m->stats.late++;
		return;
	}
	if (!call || call->over) {
		call = model_call_start(m, e);
		source = model_source(m, call, monitor);
	}
	if (!call) {
		publish_bare(m, e);
		return;
	}
	call->open = call->open || !monitor;
	model_call_apply(m, call, e, &source);
}

void model_call_event(struct model *m, struct cti_event *e)
{
	if (e->type == CTI_EVENT_CALL_TRANSFERRED || e->type == CTI_EVENT_CALL_CONFERENCED) {
		model_merge_event(m, e);
		return;
	}
	complete_subject(m, e);
	if (!e->connection.call_id) {
		m->stats.malformed++;
		log_warn("model", "%s: %s without a call", m->name, cti_event_type_name(e->type));
		publish_bare(m, e);
		return;
	}
	const char *device = e->type == CTI_EVENT_CALL_CLEARED ? NULL : e->connection.device_id;
	struct name *subject = device ? name_get(&m->names, device) : NULL;
	struct name *monitor = e->monitor ? name_get(&m->names, e->monitor) : NULL;
	if ((device && !subject) || (e->monitor && !monitor)) {
		model_lost(m, model_call_find(m, e->connection.call_id), "a report of a call");
		publish_bare(m, e);
	} else {
		report(m, e, monitor, subject);
	}
	name_put(&m->names, &subject);
	name_put(&m->names, &monitor);
}
