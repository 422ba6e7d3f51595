/* SPDX-License-Identifier: Apache-2.0 */
/* Timers stand in a binary heap by (due, order of setting). The heap has room for every timer
 * from its creation on, so that timer_set() cannot fail. */
#include "pbx-adapters/host/clock.h"

#include "pbx-adapters/host/log.h"

#include <event2/event.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

/** A handler that takes longer than this is worth a warning: everything waits for it. */
#define SLOW_US 100000u
#define NOT_SET SIZE_MAX

struct cti_timer {
	struct clock *clock;
	const char *name;
	void (*fire)(void *arg);
	void *arg;
	uint64_t due;
	uint64_t order;
	size_t place; /* in the heap, NOT_SET if not running */
};

struct clock {
	struct event *event;  /* NULL: virtual */
	_Atomic uint64_t now; /* virtual time; the log reads it from any thread */
	int64_t wall;         /* UTC at virtual 0 */
	struct cti_timer **heap;
	size_t running, timers, room;
	uint64_t orders;
};

static uint64_t time_of(clockid_t id)
{
	struct timespec ts;
	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000u + (uint64_t)ts.tv_nsec / 1000u;
}

uint64_t clock_now(const struct clock *c)
{
	return c->event ? time_of(CLOCK_MONOTONIC) : atomic_load(&c->now);
}

int64_t clock_wall(const struct clock *c)
{
	return c->event ? (int64_t)time_of(CLOCK_REALTIME)
	                : c->wall + (int64_t)atomic_load(&c->now);
}

uint64_t clock_next(const struct clock *c)
{
	return c->running ? c->heap[0]->due : UINT64_MAX;
}

static bool earlier(const struct cti_timer *a, const struct cti_timer *b)
{
	return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void put(struct clock *c, size_t place, struct cti_timer *t)
{
	c->heap[place] = t;
	t->place = place;
}

/** Let the timer find its place from @p place on, upwards or downwards. */
static void settle(struct clock *c, size_t place, struct cti_timer *t)
{
	while (place && earlier(t, c->heap[(place - 1) / 2])) {
		put(c, place, c->heap[(place - 1) / 2]);
		place = (place - 1) / 2;
	}
	for (size_t child; (child = 2 * place + 1) < c->running; place = child) {
		if (child + 1 < c->running && earlier(c->heap[child + 1], c->heap[child]))
			child++;
		if (!earlier(c->heap[child], t))
			break;
		put(c, place, c->heap[child]);
	}
	put(c, place, t);
}

/** Real clock: the one libevent event follows the earliest timer. */
static void rearm(struct clock *c)
{
	if (!c->event)
		return;
	if (!c->running) {
		evtimer_del(c->event);
		return;
	}
	uint64_t now = clock_now(c), due = c->heap[0]->due, delay = due > now ? due - now : 0;
	struct timeval tv = {(time_t)(delay / 1000000u), (suseconds_t)(delay % 1000000u)};
	if (evtimer_add(c->event, &tv))
		log_error("clock", "libevent does not take the deadline of '%s'", c->heap[0]->name);
}

static void remove_timer(struct clock *c, struct cti_timer *t)
{
	size_t place = t->place;
	if (place == NOT_SET)
		return;
	t->place = NOT_SET;
	struct cti_timer *last = c->heap[--c->running];
	if (last != t)
		settle(c, place, last);
}

static void fire_first(struct clock *c)
{
	struct cti_timer *t = c->heap[0];
	const char *name = t->name;
	remove_timer(c, t);
	uint64_t before = c->event ? clock_now(c) : 0;
	t->fire(t->arg); /* t may be gone afterwards */
	if (c->event && clock_now(c) - before > SLOW_US)
		log_warn("clock", "handler of timer '%s' took %llu ms", name,
		         (unsigned long long)((clock_now(c) - before) / 1000u));
}

static void real_fire(evutil_socket_t fd, short what, void *arg)
{
	struct clock *c = arg;
	(void)fd, (void)what;
	uint64_t now = clock_now(c);
	while (c->running && c->heap[0]->due <= now)
		fire_first(c);
	rearm(c);
}

int clock_create_real(struct clock **out, struct event_base *base, struct cti_error *error)
{
	struct clock *c = calloc(1, sizeof *c);
	if (c)
		c->event = evtimer_new(base, real_fire, c);
	if (!c || !c->event) {
		free(c);
		return cti_error_set(error, CTI_E_NOMEM, "clock: out of memory");
	}
	*out = c;
	return 0;
}

int clock_create_virtual(struct clock **out, int64_t wall_us, struct cti_error *error)
{
	struct clock *c = calloc(1, sizeof *c);
	if (!c)
		return cti_error_set(error, CTI_E_NOMEM, "clock: out of memory");
	c->wall = wall_us;
	*out = c;
	return 0;
}

void clock_destroy(struct clock **clock)
{
	struct clock *c = *clock;
	if (!c)
		return;
	if (c->timers)
		log_error("clock", "destroyed while %zu timers exist", c->timers);
	if (c->event)
		event_free(c->event);
	free(c->heap);
	free(c);
	*clock = NULL;
}

void clock_advance(struct clock *c, uint64_t until, void (*between)(void *arg), void *arg)
{
	if (c->event)
		return; /* real time moves by itself */
	while (c->running && c->heap[0]->due <= until) {
		if (c->heap[0]->due > c->now)
			c->now = c->heap[0]->due;
		while (c->running && c->heap[0]->due <= c->now)
			fire_first(c);
		if (between)
			between(arg);
	}
	if (until > c->now)
		c->now = until;
}

struct cti_timer *timer_create_on(struct clock *c, const char *name, void (*fire)(void *arg),
                                  void *arg)
{
	if (c->timers == c->room) {
		size_t room = c->room ? 2 * c->room : 16;
		struct cti_timer **heap = realloc(c->heap, room * sizeof *heap);
		if (!heap)
			return NULL;
		c->heap = heap;
		c->room = room;
	}
	struct cti_timer *t = malloc(sizeof *t);
	if (!t)
		return NULL;
	*t = (struct cti_timer){
	        .clock = c, .name = name, .fire = fire, .arg = arg, .place = NOT_SET};
	c->timers++;
	return t;
}

void timer_set(struct cti_timer *t, uint64_t delay_us)
{
	struct clock *c = t->clock;
	struct cti_timer *first = c->running ? c->heap[0] : NULL;
	uint64_t now = clock_now(c);
	remove_timer(c, t);
	t->due = delay_us < UINT64_MAX - now ? now + delay_us : UINT64_MAX - 1;
	t->order = c->orders++;
	settle(c, c->running++, t);
	if (first == t || c->heap[0] == t)
		rearm(c);
}

void timer_clear(struct cti_timer *t)
{
	bool first = t->place == 0;
	remove_timer(t->clock, t);
	if (first)
		rearm(t->clock);
}

bool timer_is_set(const struct cti_timer *t)
{
	return t->place != NOT_SET;
}

void timer_destroy(struct cti_timer **timer)
{
	if (!*timer)
		return;
	timer_clear(*timer);
	(*timer)->clock->timers--;
	free(*timer);
	*timer = NULL;
}
