/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/monitors.h"

#include "cti-server/model/dialplan.h"
#include "cti-server/pbx_private.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"
#include "pbx-adapters/host/range.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Devices that may be monitored. */
#define DEVICES_MAX 100000
/* A monitor that the switch stopped is started again after this. */
#define RESTART_US 5000000u

int monitors_check(const char *const *ranges, struct cti_error *error)
{
	long total = 0;
	for (; ranges && *ranges; ranges++) {
		if (!**ranges || strlen(*ranges) >= 2 * DIALPLAN_NUMBER)
			return cti_error_set(error, CTI_E_CONFIG,
			                     "monitor range '%.40s': a device has 1 to %d letters",
			                     *ranges, DIALPLAN_NUMBER - 1);
		long count = range_count(*ranges, error);
		if (count < 0)
			return CTI_E_CONFIG;
		total += count;
		if (total > DEVICES_MAX)
			return cti_error_set(error, CTI_E_LIMIT,
			                     "monitor ranges: more than %d devices with '%s'",
			                     DEVICES_MAX, *ranges);
	}
	return 0;
}

/* The device of a number as somebody wrote it. */
static struct device *device_written(struct pbx *p, const char *written)
{
	struct model *m = p->model;
	char number[DIALPLAN_NUMBER];
	dialplan_canonical(&p->config.dialplan, written, number, sizeof number, NULL);
	struct device *d = model_device(m, number);
	struct name *name = d ? name_get(&m->names, written) : NULL;
	if (!name)
		return NULL;
	name_put(&m->names, &d->written);
	d->written = name;
	return d;
}

struct wanting {
	struct pbx *pbx;
	struct cti_error *error;
};

static int want(void *arg, const char *written, size_t index)
{
	const struct wanting *w = arg;
	struct pbx *p = w->pbx;
	struct device *d = device_written(p, written);
	(void)index;
	if (!d)
		return cti_error_set(w->error, CTI_E_NOMEM,
		                     "%s: out of memory, or of devices, at device %s",
		                     p->config.name, written);
	d->listed = true;
	if (d->monitoring == MONITOR_NONE)
		d->monitoring = MONITOR_WANTED;
	model_device_dirty(p->model, d);
	return 0;
}

static void nothing(void *arg, const struct cti_reply *reply)
{
	(void)arg, (void)reply; /* the monitor is forgotten either way */
}

static void forget_monitor(struct pbx *p, struct device *d)
{
	if (d->monitor)
		d->monitor->monitored = NULL;
	name_put(&p->model->names, &d->monitor);
}

static void unwant(struct pbx *p, struct device *d)
{
	if (d->monitor && p->link == CTI_LINK_UP && pbx_can(p, CTI_SERVICE_MONITOR_STOP)) {
		struct cti_request stop;
		cti_request_init(&stop, CTI_SERVICE_MONITOR_STOP);
		stop.monitor = d->monitor->text;
		stop.device = d->written ? d->written->text : d->name->text;
		pbx_ask(p, &stop, nothing, NULL);
	}
	forget_monitor(p, d);
	d->monitoring = MONITOR_NONE;
	d->demanded = false;
	model_device_dirty(p->model, d);
}

int monitors_apply(struct pbx *p, struct cti_error *error)
{
	struct device *d;
	struct wanting wanting = {p, error};
	int code = monitors_check(p->config.monitors.ranges, error);
	if (code)
		return code;
	TAILQ_FOREACH (d, &p->model->devices, all)
		d->listed = false;
	for (const char *const *r = p->config.monitors.ranges; r && *r && !code; r++)
		code = range_each(*r, want, &wanting, error);
	TAILQ_FOREACH (d, &p->model->devices, all)
		if (!d->listed && d->monitoring != MONITOR_NONE &&
		    !(d->demanded && p->config.monitors.on_demand))
			unwant(p, d);
	model_flush(p->model);
	return code;
}

void monitors_demand(struct pbx *p, const char *number, const char *written)
{
	if (!p->config.monitors.on_demand)
		return;
	struct device *d = model_device_find(p->model, number);
	if (d && d->monitoring != MONITOR_NONE)
		return;
	if (!dialplan_internal(&p->config.dialplan, number) && !d)
		return; /* nobody monitors an outside number */
	d = device_written(p, written);
	if (!d) {
		log_error(p->config.name, "device %s not monitored: out of memory", number);
		return;
	}
	d->demanded = true;
	d->monitoring = MONITOR_WANTED;
	model_device_dirty(p->model, d);
	model_flush(p->model);
	resync_device(p, d);
}

/* ---- refusals ---------------------------------------------------------------------------------
 */

static void retry_set(struct pbx *p)
{
	struct device *d = TAILQ_FIRST(&p->monitors.retries);
	uint64_t now = clock_now(p->clock);
	if (d)
		timer_set(p->monitors.timer, d->retry_at > now ? d->retry_at - now : 0);
}

static void retry_remove(struct pbx *p, struct device *d)
{
	if (d->retrying)
		TAILQ_REMOVE(&p->monitors.retries, d, by_retry);
	d->retrying = false;
}

static void retry_at(struct pbx *p, struct device *d, uint64_t delay)
{
	struct device *before;
	retry_remove(p, d);
	d->retry_at = clock_now(p->clock) + delay;
	d->retrying = true;
	TAILQ_FOREACH_REVERSE (before, &p->monitors.retries, retries, by_retry)
		if (before->retry_at <= d->retry_at)
			break;
	if (before)
		TAILQ_INSERT_AFTER(&p->monitors.retries, before, d, by_retry);
	else
		TAILQ_INSERT_HEAD(&p->monitors.retries, d, by_retry);
	retry_set(p);
}

static void retry(void *arg)
{
	struct pbx *p = arg;
	uint64_t now = clock_now(p->clock);
	for (struct device *d; (d = TAILQ_FIRST(&p->monitors.retries)) && d->retry_at <= now;) {
		retry_remove(p, d);
		if (p->link == CTI_LINK_UP && d->monitoring == MONITOR_REFUSED)
			resync_device(p, d);
	}
	retry_set(p);
}

static void tell(struct pbx *p, struct device *d, bool monitored, const char *why)
{
	struct cti_event e;
	cti_event_init(&e, CTI_EVENT_DEVICE_MONITORED);
	e.subject = (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = d->name->text};
	e.monitored = monitored;
	e.text = why;
	pbx_publish(p, &e, d);
	model_device_dirty(p->model, d);
	model_flush(p->model);
}

static void refused(struct pbx *p, struct device *d, const char *why, uint64_t again)
{
	struct name *name = name_get(&p->model->names, why);
	bool news = !name || name != d->why;
	forget_monitor(p, d);
	name_put(&p->model->names, &d->why);
	d->why = name; /* without memory the state lacks the reason; event and log have it */
	d->monitoring = MONITOR_REFUSED;
	d->current = false;
	if (news) {
		log_warn(p->config.name, "device %s is not monitored: %s", d->name->text, why);
		tell(p, d, false, why);
	}
	if (again)
		retry_at(p, d, again);
}

bool monitor_started(struct pbx *p, struct device *d, const struct cti_reply *reply)
{
	bool was_refused = d->why != NULL;
	if (!reply->code && !reply->monitor && d->monitoring == MONITOR_STARTED)
		log_debug(p->config.name, "device %s: a monitor without reference", d->name->text);
	if (d->monitoring == MONITOR_NONE)
		return false; /* nobody wants it any more */
	if (reply->code ==
	    CTI_E_CLOSED) { /* the link went, nobody refused: it comes with the next one */
		d->monitoring = MONITOR_WANTED;
		return false;
	}
	if (reply->code) {
		p->stats.monitors_refused++;
		refused(p, d, reply->text, p->config.monitors.retry_us);
		return false;
	}
	struct name *name = reply->monitor ? name_get(&p->model->names, reply->monitor) : NULL;
	if (reply->monitor && !name) {
		/* Its reports cannot be told apart; it is started anew. */
		refused(p, d, "out of memory", RESTART_US);
		return false;
	}
	forget_monitor(p, d);
	d->monitor = name;
	if (name)
		name->monitored = d;
	d->monitor_since = clock_now(p->clock);
	d->monitoring = MONITOR_ACTIVE;
	retry_remove(p, d);
	name_put(&p->model->names, &d->why);
	model_device_dirty(p->model, d);
	if (was_refused)
		tell(p, d, true, NULL);
	model_flush(p->model);
	return true;
}

void monitor_ended(struct pbx *p, const char *monitor, const char *why)
{
	struct name *name = monitor ? name_find(&p->model->names, monitor) : NULL;
	struct device *d = name ? name->monitored : NULL;
	if (!d) {
		log_info(p->config.name, "the switch stopped a monitor that we do not know: %s",
		         monitor ? monitor : "?");
		return;
	}
	refused(p, d, why ? why : "the switch stopped the monitor", RESTART_US);
}

void monitors_void(struct pbx *p)
{
	struct device *d;
	TAILQ_FOREACH (d, &p->model->devices, all) {
		if (d->monitoring == MONITOR_NONE)
			continue;
		forget_monitor(p, d);
		retry_remove(p, d);
		d->monitoring = MONITOR_WANTED;
	}
	timer_clear(p->monitors.timer);
}

int monitors_init(struct pbx *p)
{
	TAILQ_INIT(&p->monitors.retries);
	p->monitors.timer = timer_create_on(p->clock, "monitor retry", retry, p);
	return p->monitors.timer ? 0 : CTI_E_NOMEM;
}

void monitors_free(struct pbx *p)
{
	timer_destroy(&p->monitors.timer);
}
