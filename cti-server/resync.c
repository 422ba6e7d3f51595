/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/resync.h"

#include "cti-server/pbx_private.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"

#include <stdlib.h>
#include <string.h>

/* A call is not read more often than this, however often it surprises. */
#define HEAL_AGAIN_US 1000000u
/* A call out of sight is looked for again after this, so many times. */
#define LIMBO_AGAIN_US 30000000u
#define LIMBO_TRIES    20
/* A read that failed is tried again after this, so many times. */
#define AGAIN_US 2000000u
#define TRIES    3
/* switch.resync is told about so many times a run. */
#define PROGRESS_STEPS 10

enum step { STEP_MONITOR, STEP_SNAPSHOT, STEP_AGENTS, STEP_DONE };

/* A call that a device has and the model has not got: asked for before it is told. */
struct unknown {
	TAILQ_ENTRY(unknown) all;
	struct cti_snapshot_item item; /* as the switch wrote it; strings behind */
	struct device *device;
	struct name *id;
	bool reading;
	char device_id[];
};

static void unknown_end(struct pbx *p, struct unknown *u)
{
	TAILQ_REMOVE(&p->resync.unknowns, u, all);
	u->device->unknown_calls--;
	u->id->unknown = NULL;
	name_put(&p->model->names, &u->id);
	free(u);
}

/* ---- the answers ------------------------------------------------------------------------------
 */

static void progress(struct pbx *p, bool always)
{
	struct resync *r = &p->resync;
	unsigned step = r->total ? r->done * PROGRESS_STEPS / r->total : PROGRESS_STEPS;
	if (!always && (step == r->told || r->done == r->total))
		return;
	r->told = step;
	struct cti_event e;
	cti_event_init(&e, CTI_EVENT_SWITCH_RESYNC);
	e.progress = r->done;
	e.total = r->total;
	pbx_publish(p, &e, NULL);
	pbx_status(p);
}

static void queue_device(struct resync *r, struct device *d, bool front)
{
	if (d->queued)
		return;
	d->queued = true;
	if (front)
		TAILQ_INSERT_HEAD(&r->devices, d, by_job);
	else
		TAILQ_INSERT_TAIL(&r->devices, d, by_job);
}

/* This device is read, or cannot be. */
static void device_end(struct pbx *p, struct device *d, bool current)
{
	struct resync *r = &p->resync;
	d->step = STEP_DONE;
	d->tries = 0;
	d->waiting = current && d->unknown_calls;
	if (d->waiting)
		return;
	if (current)
		model_device_current(p->model, d);
	if (r->running && r->done < r->total) {
		r->done++;
		progress(p, false);
	}
}

/* Pass the steps that need no request; false: none is left. */
static bool device_step(struct pbx *p, struct device *d)
{
	struct resync *r = &p->resync;
	if (d->monitoring == MONITOR_REFUSED || d->monitoring == MONITOR_WANTED)
		d->step = STEP_MONITOR;
	if (d->step == STEP_MONITOR && !pbx_can(p, CTI_SERVICE_MONITOR_START)) {
		d->monitoring = MONITOR_ACTIVE; /* the switch reports everything */
		d->step = STEP_SNAPSHOT;
	}
	if (d->step == STEP_SNAPSHOT &&
	    (r->no_snapshot_device || !pbx_can(p, CTI_SERVICE_SNAPSHOT_DEVICE)))
		d->step = STEP_AGENTS;
	if (d->step == STEP_AGENTS && (r->no_agents || !pbx_can(p, CTI_SERVICE_GET_AGENT_STATE)))
		d->step = STEP_DONE;
	return d->step != STEP_DONE;
}

/* The next step of a device before those of others: device by device. */
static void device_next(struct pbx *p, struct device *d, enum step step)
{
	d->step = step;
	d->tries = 0;
	if (device_step(p, d))
		queue_device(&p->resync, d, true);
	else
		device_end(p, d, true);
}

static bool unsupported(const struct cti_reply *reply)
{
	return reply->code == CTI_E_UNSUPPORTED || (reply->code == CTI_E_REFUSED && reply->value &&
	                                            !strcmp(reply->value, "serviceNotSupported"));
}

static bool no_such_call(const struct cti_reply *reply)
{
	static const char *const values[] = {"invalidCallID", "invalidConnectionID",
	                                     "invalidConnectionIdentifier"};
	if (reply->code == CTI_E_NOTFOUND)
		return true;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		if (reply->code == CTI_E_REFUSED && reply->value &&
		    !strcmp(reply->value, values[i]))
			return true;
	return false;
}

/* Try again, a while later, a few times; then it stays as it is, and the log says so. */
static void device_again(struct pbx *p, struct device *d, const struct cti_reply *reply)
{
	if (++d->tries < TRIES && reply->code != CTI_E_REFUSED) {
		queue_device(&p->resync, d, false);
		return;
	}
	log_warn(p->config.name, "device %s cannot be read: %s", d->name->text, reply->text);
	device_end(p, d, false);
}

static void unknown_call(void *arg, const struct cti_snapshot_item *item)
{
	struct resync_job *job = arg;
	struct pbx *p = job->pbx;
	const char *device = item->connection.device_id ? item->connection.device_id : "";
	struct name *id = name_get(&p->model->names, item->connection.call_id);
	if (id && id->unknown) { /* another device of the same call was read before */
		name_put(&p->model->names, &id);
		return;
	}
	struct unknown *u = id ? calloc(1, sizeof *u + strlen(device) + 1) : NULL;
	if (!u) {
		name_put(&p->model->names, &id);
		model_lost(p->model, NULL, "a call found by reading a device");
		return;
	}
	strcpy(u->device_id, device);
	u->id = id;
	id->unknown = u;
	u->device = job->device;
	u->device->unknown_calls++;
	u->item.connection = item->connection;
	u->item.connection.call_id = id->text;
	u->item.connection.device_id = *device ? u->device_id : NULL;
	TAILQ_INSERT_TAIL(&p->resync.unknowns, u, all);
}

static void device_answered(struct pbx *p, struct resync_job *job, const struct cti_reply *reply)
{
	struct resync *r = &p->resync;
	struct device *d = job->device;
	d->reading = false;
	switch ((enum step)d->step) {
	case STEP_MONITOR:
		if (monitor_started(p, d, reply))
			device_next(p, d, STEP_SNAPSHOT);
		else
			device_end(p, d, false);
		break;
	case STEP_SNAPSHOT:
		r->no_snapshot_device = r->no_snapshot_device || unsupported(reply);
		if (!reply->code)
			model_device_snapshot(p->model, d, reply->snapshot, reply->snapshot_count,
			                      r->no_snapshot_call ||
			                                      !pbx_can(p, CTI_SERVICE_SNAPSHOT_CALL)
			                              ? NULL
			                              : unknown_call,
			                      job);
		if (!reply->code || unsupported(reply))
			device_next(p, d, STEP_AGENTS);
		else
			device_again(p, d, reply);
		break;
	case STEP_AGENTS:
		r->no_agents = r->no_agents || unsupported(reply);
		if (!reply->code)
			model_agents_snapshot(p->model, d, reply->agents, reply->agent_count);
		/* A refusal means that no agent works there (ECMA-269 22.1.7). */
		device_end(p, d, true);
		break;
	case STEP_DONE:
		break;
	}
}

static void call_again(struct pbx *p, struct call *call, const struct cti_reply *reply)
{
	if (++call->heal_tries < TRIES) {
		resync_heal(p, call, AGAIN_US);
		return;
	}
	log_warn(p->config.name, "call %s cannot be read: %s", call->id->text, reply->text);
	call->heal_tries = 0;
}

/* The call cannot be read as such: its devices can. */
static void heal_by_devices(struct pbx *p, struct call *call)
{
	struct conn *conn;
	bool any = false;
	LIST_FOREACH (conn, &call->conns, by_call)
		if (conn->state != CTI_CONNECTION_NULL && conn->device &&
		    model_device_visible(conn->device)) {
			resync_heal_device(p, conn->device);
			any = true;
		}
	if (any)
		return;
	if (++call->heal_tries >= TRIES)
		model_call_gone(p->model, call); /* nobody can tell whether it goes on */
	else
		resync_heal(p, call, LIMBO_AGAIN_US);
}

static void known_call_answered(struct pbx *p, struct call *call, const struct cti_reply *reply)
{
	call->reading = false;
	if (no_such_call(reply)) {
		model_call_gone(p->model, call);
		return;
	}
	if (unsupported(reply)) {
		p->resync.no_snapshot_call = true;
		heal_by_devices(p, call);
		return;
	}
	if (reply->code) {
		call_again(p, call, reply);
		return;
	}
	struct name *id = name_ref(call->id);
	model_call_snapshot(p->model, id->text, reply);
	call = id->call;
	if (call && !call->over && !model_call_visible(call)) {
		if (++call->heal_tries < LIMBO_TRIES)
			resync_heal(p, call, LIMBO_AGAIN_US);
		else
			model_call_gone(p->model, call);
	} else if (call) {
		call->heal_tries = 0;
	}
	name_put(&p->model->names, &id);
}

static void unknown_answered(struct pbx *p, struct unknown *u, const struct cti_reply *reply)
{
	p->resync.no_snapshot_call = p->resync.no_snapshot_call || unsupported(reply);
	if (!reply->code) {
		model_call_snapshot(p->model, u->item.connection.call_id, reply);
	} else if (!no_such_call(reply)) {
		/* As far as the device's snapshot tells. */
		struct cti_reply alone;
		cti_reply_init(&alone);
		alone.snapshot = &u->item;
		alone.snapshot_count = 1;
		struct call *call = u->id->call;
		if (!call || call->over)
			model_call_snapshot(p->model, u->item.connection.call_id, &alone);
	}
	struct device *d = u->device;
	unknown_end(p, u);
	if (d->waiting)
		device_end(p, d, true);
}

static void answered(void *arg, const struct cti_reply *reply)
{
	struct resync_job *job = arg;
	struct pbx *p = job->pbx;
	struct resync_job was = *job;
	if (was.run == p->resync.run) {
		struct call *call = was.call ? was.call->call : NULL;
		if (was.unknown)
			unknown_answered(p, (struct unknown *)(uintptr_t)was.unknown, reply);
		else if (was.device)
			device_answered(p, job, reply);
		else if (call && !call->over && call->reading)
			known_call_answered(p, call, reply);
	}
	name_put(&p->model->names, &job->call);
	job->used = false;
	p->resync.open--;
	resync_pump(p);
}

/* ---- the questions ----------------------------------------------------------------------------
 */

static struct resync_job *job_begin(struct pbx *p)
{
	for (size_t i = 0; i < RESYNC_WINDOW; i++) {
		struct resync_job *job = &p->resync.jobs[i];
		if (job->used)
			continue;
		*job = (struct resync_job){.pbx = p, .used = true, .run = p->resync.run};
		p->resync.open++;
		return job;
	}
	return NULL;
}

/* What the budget has to pay for; steps that need no request are passed. */
static bool device_ask(struct pbx *p, struct device *d)
{
	struct cti_request request;
	if (d->monitoring == MONITOR_NONE || !device_step(p, d)) {
		device_end(p, d, d->monitoring != MONITOR_NONE);
		return false;
	}
	cti_request_init(&request, d->step == STEP_MONITOR    ? CTI_SERVICE_MONITOR_START
	                           : d->step == STEP_SNAPSHOT ? CTI_SERVICE_SNAPSHOT_DEVICE
	                                                      : CTI_SERVICE_GET_AGENT_STATE);
	request.device = d->written ? d->written->text : d->name->text;
	if (d->step == STEP_MONITOR)
		d->monitoring = MONITOR_STARTED;
	struct resync_job *job = job_begin(p);
	job->device = d;
	d->reading = true;
	pbx_ask(p, &request, answered, job);
	return true;
}

static void unknown_ask(struct pbx *p, struct unknown *u)
{
	struct cti_request request;
	cti_request_init(&request, CTI_SERVICE_SNAPSHOT_CALL);
	request.connection = u->item.connection;
	struct resync_job *job = job_begin(p);
	job->unknown = u;
	u->reading = true;
	pbx_ask(p, &request, answered, job);
}

static bool call_ask(struct pbx *p, struct call *call)
{
	struct conn *conn, *at = NULL;
	resync_forget(p, call);
	if (!call->suspect && model_call_visible(call))
		return false; /* it turned up by itself */
	call->suspect = false;
	if (p->resync.no_snapshot_call || !pbx_can(p, CTI_SERVICE_SNAPSHOT_CALL)) {
		heal_by_devices(p, call);
		return false;
	}
	LIST_FOREACH (conn, &call->conns, by_call)
		if (conn->state != CTI_CONNECTION_NULL &&
		    (!at || (conn->device && model_device_visible(conn->device))))
			at = conn;
	/* Where nobody is known to be in it, by its id alone: a device that left is no proof. */
	struct cti_request request;
	cti_request_init(&request, CTI_SERVICE_SNAPSHOT_CALL);
	request.connection.call_id = call->id->text;
	request.connection.device_id = at ? at->id->text : NULL;
	model_connection_received(p->model, &request.connection);
	struct resync_job *job = job_begin(p);
	job->call = name_ref(call->id);
	call->reading = true;
	call->heal_at = clock_now(p->clock) + HEAL_AGAIN_US;
	pbx_ask(p, &request, answered, job);
	return true;
}

static struct unknown *unknown_next(struct resync *r)
{
	struct unknown *u;
	TAILQ_FOREACH (u, &r->unknowns, all)
		if (!u->reading)
			return u;
	return NULL;
}

/* One request, the most urgent. 0: asked; 1: something passed without one; -1: nothing to do. */
static int step(struct pbx *p)
{
	struct resync *r = &p->resync;
	struct unknown *u = unknown_next(r);
	struct device *d = TAILQ_FIRST(&r->devices);
	struct call *call = TAILQ_FIRST(&r->calls);
	if (u) {
		unknown_ask(p, u);
		return 0;
	}
	if (d) {
		TAILQ_REMOVE(&r->devices, d, by_job);
		d->queued = false;
		return device_ask(p, d) ? 0 : 1;
	}
	if (call && call->heal_at <= clock_now(p->clock))
		return call_ask(p, call) ? 0 : 1;
	return -1;
}

/* Everything has been read. What nobody sees any more may be gone. */
static void finish(struct pbx *p)
{
	struct resync *r = &p->resync;
	struct call *call;
	if (!r->running || r->open || !TAILQ_EMPTY(&r->devices) || !TAILQ_EMPTY(&r->unknowns))
		return;
	r->running = false;
	TAILQ_FOREACH (call, &p->model->live, by_age)
		if (!model_call_visible(call)) {
			call->suspect = true;
			resync_heal(p, call, 0);
		}
	struct cti_event e;
	cti_event_init(&e, CTI_EVENT_SWITCH_LINK_UP);
	e.progress = r->done;
	e.total = r->total;
	log_info(p->config.name, "link up, %u devices read", r->done);
	pbx_publish(p, &e, NULL);
	pbx_status(p);
}

void resync_pump(struct pbx *p)
{
	struct resync *r = &p->resync;
	unsigned rate = p->config.monitors.per_second;
	int did = 1;
	/* One slot stays free: an answer may come before the question returns. */
	while (p->link == CTI_LINK_UP && !p->stopping && r->open < RESYNC_WINDOW && did >= 0) {
		uint64_t now = clock_now(p->clock);
		if (rate && r->next_at > now)
			break;
		if (rate)
			r->next_at = now + 1000000u / rate;
		uint64_t before = r->next_at;
		did = step(p);
		/* What needed no request costs nothing. */
		if (did && rate && r->next_at == before)
			r->next_at = now;
	}
	if (p->link != CTI_LINK_UP || p->stopping)
		return;
	finish(p);
	struct call *call = TAILQ_FIRST(&r->calls);
	bool more = unknown_next(r) || !TAILQ_EMPTY(&r->devices);
	uint64_t now = clock_now(p->clock), due = r->next_at;
	if (!more && !call)
		timer_clear(r->timer);
	else if (r->open < RESYNC_WINDOW) {
		if (!more && call->heal_at > due)
			due = call->heal_at;
		timer_set(r->timer, due > now ? due - now : 0);
	}
}

static void due(void *arg)
{
	resync_pump(arg);
}

/* ---- what is to be read -----------------------------------------------------------------------
 */

void resync_device(struct pbx *p, struct device *d)
{
	struct resync *r = &p->resync;
	if (p->link != CTI_LINK_UP || d->queued)
		return;
	if (d->reading)
		return; /* its turn is now */
	d->step = d->monitoring == MONITOR_ACTIVE ? STEP_SNAPSHOT : STEP_MONITOR;
	d->tries = 0;
	if (r->running)
		r->total++;
	queue_device(r, d, false);
	/* Not at once: this may come from within the adapter or the model. */
	if (!timer_is_set(r->timer))
		timer_set(r->timer, 0);
}

void resync_start(struct pbx *p)
{
	struct resync *r = &p->resync;
	struct device *d;
	r->running = true;
	r->done = r->total = 0;
	r->no_snapshot_device = r->no_snapshot_call = r->no_agents = false;
	r->next_at = clock_now(p->clock);
	TAILQ_FOREACH (d, &p->model->devices, all)
		if (d->monitoring != MONITOR_NONE) {
			d->step = STEP_MONITOR;
			d->tries = 0;
			r->total++;
			queue_device(r, d, false);
		}
	progress(p, true);
	if (p->config.audit_us)
		timer_set(r->audit, resync_audit_interval(p));
	timer_set(r->timer, 0);
}

void resync_stop(struct pbx *p)
{
	struct resync *r = &p->resync;
	r->run++;
	r->running = false;
	timer_clear(r->timer);
	timer_clear(r->audit);
	for (struct device *d; (d = TAILQ_FIRST(&r->devices));) {
		TAILQ_REMOVE(&r->devices, d, by_job);
		d->queued = false;
	}
	for (struct call *call; (call = TAILQ_FIRST(&r->calls));)
		resync_forget(p, call);
	for (struct unknown *u; (u = TAILQ_FIRST(&r->unknowns));)
		unknown_end(p, u);
	struct device *d;
	TAILQ_FOREACH (d, &p->model->devices, all)
		d->reading = d->waiting = false;
}

int resync_init(struct pbx *p)
{
	struct resync *r = &p->resync;
	TAILQ_INIT(&r->devices);
	TAILQ_INIT(&r->calls);
	TAILQ_INIT(&r->unknowns);
	r->timer = timer_create_on(p->clock, "resync", due, p);
	r->audit = timer_create_on(p->clock, "audit", resync_audit, p);
	return r->timer && r->audit ? 0 : CTI_E_NOMEM;
}

void resync_free(struct pbx *p)
{
	timer_destroy(&p->resync.timer);
	timer_destroy(&p->resync.audit);
}
