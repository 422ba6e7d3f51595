/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which request caused an event. A request is followed from before it is handed to the adapter
 * (its events may come before its answer) until a while after the answer, or until the event
 * that completes it: the answer often means "accepted" only (ECMA-269 multi-step model).
 */
#include "cti-server/pbx_private.h"
#include "pbx-adapters/host/clock.h"

#include <stdio.h>
#include <string.h>

/* After the answer, events are taken for its effect so long. */
#define EFFECT_US  5000000u
#define CAUSES_MAX 2000

#define E(name) (UINT64_C(1) << CTI_EVENT_CALL_##name)
#define PROGRESS                                                                                   \
	(E(SERVICE_INITIATED) | E(ORIGINATED) | E(DIGITS_DIALED) | E(OFFERED) | E(DELIVERED) |     \
	 E(QUEUED) | E(FAILED) | E(NETWORK_REACHED) | E(DIVERTED))
#define AGENT                                                                                      \
	(UINT64_C(1) << CTI_EVENT_AGENT_LOGGED_ON | UINT64_C(1) << CTI_EVENT_AGENT_LOGGED_OFF |    \
	 UINT64_C(1) << CTI_EVENT_AGENT_NOT_READY | UINT64_C(1) << CTI_EVENT_AGENT_READY |         \
	 UINT64_C(1) << CTI_EVENT_AGENT_WORKING_AFTER_CALL)
#define CSTA (UINT64_C(1) << CTI_EVENT_CSTA)

/* By service: what it makes happen. */
static const struct effect {
	uint64_t call;     /* events of its calls, wherever in them */
	uint64_t device;   /* events of its calls or others, at its device only */
	uint64_t begins;   /* of those at the device: a call that is new is one of its calls */
	uint64_t complete; /* then it has had its effect */
} effects[CTI_SERVICE_OTHER + 1] = {
        [CTI_SERVICE_MAKE_CALL] = {.call = PROGRESS,
                                   .device = E(SERVICE_INITIATED) | E(ORIGINATED) | E(FAILED),
                                   .begins = E(SERVICE_INITIATED) | E(ORIGINATED) | E(FAILED),
                                   .complete = E(DELIVERED) | E(FAILED)},
        [CTI_SERVICE_ANSWER_CALL] = {.device = E(ESTABLISHED) | E(ORIGINATED) | E(HELD),
                                     .complete = E(ESTABLISHED)},
        [CTI_SERVICE_CLEAR_CONNECTION] = {.call = E(CONNECTION_CLEARED) | E(CLEARED) | E(FAILED),
                                          .complete = E(CLEARED)},
        [CTI_SERVICE_CLEAR_CALL] = {.call = E(CONNECTION_CLEARED) | E(CLEARED),
                                    .complete = E(CLEARED)},
        [CTI_SERVICE_HOLD_CALL] = {.device = E(HELD), .complete = E(HELD)},
        [CTI_SERVICE_RETRIEVE_CALL] = {.device = E(RETRIEVED) | E(HELD), .complete = E(RETRIEVED)},
        [CTI_SERVICE_ALTERNATE_CALL] = {.device = E(HELD) | E(RETRIEVED) | E(ESTABLISHED),
                                        .complete = E(RETRIEVED) | E(ESTABLISHED)},
        [CTI_SERVICE_RECONNECT_CALL] = {.call = E(CONNECTION_CLEARED) | E(CLEARED),
                                        .device = E(RETRIEVED)},
        [CTI_SERVICE_CONSULTATION_CALL] = {.call = PROGRESS,
                                           .device = E(HELD) | E(SERVICE_INITIATED) |
                                                     E(ORIGINATED) | E(FAILED),
                                           .begins =
                                                   E(SERVICE_INITIATED) | E(ORIGINATED) | E(FAILED),
                                           .complete = E(DELIVERED) | E(FAILED)},
        [CTI_SERVICE_TRANSFER_CALL] = {.call = E(TRANSFERRED) | E(CLEARED)},
        [CTI_SERVICE_CONFERENCE_CALL] = {.call = E(CONFERENCED) | E(CLEARED),
                                         .device = E(RETRIEVED)},
        [CTI_SERVICE_SINGLE_STEP_TRANSFER_CALL] = {.call = E(TRANSFERRED) | E(CLEARED) | PROGRESS},
        [CTI_SERVICE_SINGLE_STEP_CONFERENCE_CALL] = {.call = E(CONFERENCED) | PROGRESS,
                                                     .complete = E(CONFERENCED)},
        [CTI_SERVICE_DEFLECT_CALL] = {.call = E(DIVERTED) | E(OFFERED) | E(DELIVERED) | E(QUEUED) |
                                              E(FAILED),
                                      .complete = E(DELIVERED) | E(FAILED)},
        [CTI_SERVICE_DIRECTED_PICKUP_CALL] = {.call = E(DIVERTED),
                                              .device = E(ESTABLISHED) | E(SERVICE_INITIATED) |
                                                        E(DELIVERED),
                                              .complete = E(ESTABLISHED)},
        [CTI_SERVICE_GROUP_PICKUP_CALL] = {.call = E(DIVERTED),
                                           .device = E(ESTABLISHED) | E(SERVICE_INITIATED) |
                                                     E(DELIVERED),
                                           .complete = E(ESTABLISHED)},
        [CTI_SERVICE_SET_AGENT_STATE] = {.device = AGENT},
        /* ParkCall, CampOnCall, SetDoNotDisturb: whatever moves the call or is said of the device.
         */
        [CTI_SERVICE_OTHER] = {.call = E(DIVERTED) | E(QUEUED) | E(OFFERED) | E(DELIVERED) |
                                       E(CONFERENCED) | E(INFORMATION) | CSTA,
                               .device = CSTA},
};

static void cause_end(struct pbx *p, struct cause *c)
{
	TAILQ_REMOVE(&p->causes, c, all);
	for (unsigned i = 0; i < c->call_count; i++)
		name_put(&p->model->names, &c->calls[i]);
	name_put(&p->model->names, &c->device);
	pool_put(&p->cause_pool, c);
}

static bool has_call(const struct cause *c, const char *call_id)
{
	for (unsigned i = 0; call_id && i < c->call_count; i++)
		if (!strcmp(c->calls[i]->text, call_id))
			return true;
	return false;
}

static void add_call(struct pbx *p, struct cause *c, const char *call_id)
{
	if (!call_id || has_call(c, call_id) || c->call_count == sizeof c->calls / sizeof *c->calls)
		return;
	struct name *name = name_get(&p->model->names, call_id);
	if (name)
		c->calls[c->call_count++] = name;
}

struct cause *cause_begin(struct pbx *p, const struct cti_request *r)
{
	const struct effect *effect = &effects[r->service];
	if (!r->id || (!effect->call && !effect->device) || p->cause_pool.used == CAUSES_MAX)
		return NULL;
	struct cause *c = pool_get(&p->cause_pool);
	if (!c)
		return NULL;
	c->service = r->service;
	snprintf(c->id, sizeof c->id, "%s", r->id);
	TAILQ_INSERT_TAIL(&p->causes, c, all);
	if (r->connection.call_id)
		add_call(p, c, model_call_follow(p->model, r->connection.call_id));
	if (r->held.call_id)
		add_call(p, c, model_call_follow(p->model, r->held.call_id));
	const char *device = r->device ? r->device : r->connection.device_id;
	c->device = device ? name_get(&p->model->names, device) : NULL;
	return c;
}

void cause_answered(struct pbx *p, struct cause *c, const struct cti_reply *reply)
{
	if (c->spent || (reply->code && reply->code != CTI_E_TIMEOUT)) {
		cause_end(p, c);
		return;
	}
	add_call(p, c, reply->connection.call_id);
	c->answered = true;
	c->expires = clock_now(p->clock) + EFFECT_US;
}

static bool caused(struct pbx *p, struct cause *c, const struct cti_event *e)
{
	const struct effect *effect = &effects[c->service];
	uint64_t bit = UINT64_C(1) << e->type;
	bool here = c->device && e->subject.number && !strcmp(c->device->text, e->subject.number);
	bool own = has_call(c, e->connection.call_id) || has_call(c, e->primary_old.call_id) ||
	           has_call(c, e->secondary_old.call_id);
	if (here && !own && effect->begins & bit) {
		add_call(p, c, e->connection.call_id);
		return true;
	}
	return (own && effect->call & bit) || (here && effect->device & bit);
}

/* The open request that caused it; those whose time is over are ended on the way. */
static struct cause *cause_find(struct pbx *p, const struct cti_event *e)
{
	uint64_t now = clock_now(p->clock);
	struct cause *c, *next;
	for (c = TAILQ_FIRST(&p->causes); c; c = next) {
		next = TAILQ_NEXT(c, all);
		if (c->answered && c->expires <= now)
			cause_end(p, c);
		else if (!c->spent && caused(p, c, e))
			return c;
	}
	return NULL;
}

const char *cause_of(void *arg, const struct cti_event *e)
{
	struct pbx *p = arg;
	struct cause *c = e->flags & CTI_EVENT_RESYNC ? NULL : cause_find(p, e);
	if (!c)
		return NULL;
	memcpy(p->cause_id, c->id, sizeof p->cause_id);
	c->spent = effects[c->service].complete & UINT64_C(1) << e->type &&
	           !(e->flags & CTI_EVENT_DISTRIBUTION);
	if (c->spent && c->answered)
		cause_end(p, c);
	return p->cause_id;
}

void causes_free(struct pbx *p)
{
	for (struct cause *c; (c = TAILQ_FIRST(&p->causes));)
		cause_end(p, c);
	pool_free(&p->cause_pool);
}
