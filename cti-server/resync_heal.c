/* SPDX-License-Identifier: Apache-2.0 */
/* What is read again, and when: calls that surprised, calls out of sight, and the slow audit. */
#include "cti-server/pbx_private.h"
#include "pbx-adapters/host/clock.h"

void resync_heal_device(void *arg, struct device *d)
{
	resync_device(arg, d);
}

void resync_heal(void *arg, struct call *call, uint64_t delay)
{
	struct pbx *p = arg;
	struct resync *r = &p->resync;
	struct call *before;
	uint64_t at = clock_now(p->clock) + delay;
	if (delay != MODEL_LIMBO_US)
		call->suspect = true;
	if (call->over || p->link != CTI_LINK_UP || (call->heal_queued && call->heal_at <= at))
		return;
	resync_forget(p, call);
	/* The time of the last reading stands in heal_at until then. */
	call->heal_at = at > call->heal_at ? at : call->heal_at;
	call->heal_queued = true;
	TAILQ_FOREACH_REVERSE (before, &r->calls, heals, by_heal)
		if (before->heal_at <= call->heal_at)
			break;
	if (before)
		TAILQ_INSERT_AFTER(&r->calls, before, call, by_heal);
	else
		TAILQ_INSERT_HEAD(&r->calls, call, by_heal);
	if (!timer_is_set(r->timer) || TAILQ_FIRST(&r->calls) == call)
		timer_set(r->timer, call->heal_at - clock_now(p->clock));
}

void resync_forget(void *arg, struct call *call)
{
	struct pbx *p = arg;
	if (call->heal_queued)
		TAILQ_REMOVE(&p->resync.calls, call, by_heal);
	call->heal_queued = false;
}

/* The next device in turn: a call that was never reported shows up there. */
static void audit_device(struct pbx *p)
{
	struct resync *r = &p->resync;
	struct device *d = r->audited;
	for (size_t i = 0; i < p->model->device_count; i++) {
		d = d ? TAILQ_NEXT(d, all) : NULL;
		if (!d)
			d = TAILQ_FIRST(&p->model->devices);
		if (d->monitoring == MONITOR_ACTIVE) {
			r->audited = d;
			resync_device(p, d);
			return;
		}
	}
}

/* Every device once in the period, with no more than a quarter of the link's budget. */
uint64_t resync_audit_interval(const struct pbx *p)
{
	unsigned rate = p->config.monitors.per_second;
	uint64_t interval = p->config.audit_us / (p->resync.total ? p->resync.total : 1);
	uint64_t least = rate ? 4000000u / rate : 1000;
	return interval > least ? interval : least;
}

/* A switch loses events too: what has not been heard of for long is read (design, section 6). */
void resync_audit(void *arg)
{
	struct pbx *p = arg;
	struct model *m = p->model;
	uint64_t now = clock_now(p->clock), period = p->config.audit_us;
	struct call *call;
	while ((call = TAILQ_FIRST(&m->live)) && now - call->checked >= period) {
		call->checked = now;
		TAILQ_REMOVE(&m->live, call, by_age);
		TAILQ_INSERT_TAIL(&m->live, call, by_age);
		call->suspect = true;
		resync_heal(p, call, 0);
	}
	if (!p->resync.running)
		audit_device(p);
	timer_set(p->resync.audit, resync_audit_interval(p));
}
