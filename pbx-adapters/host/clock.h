/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file clock.h
 * Time and deadlines. The real clock follows CLOCK_MONOTONIC and one libevent event; the virtual
 * clock stands still until a test moves it, so a business day runs in seconds and the same
 * seed gives the same run. All deadlines of the program are timers of a clock.
 * Loop thread only.
 */
#ifndef HOST_CLOCK_H
#define HOST_CLOCK_H

#include <cti/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct clock;
struct cti_timer;

/** Real time, driven by @p base. */
int clock_create_real(struct clock **out, struct event_base *base, struct cti_error *);
/** Time that only clock_advance() moves; starts at 0 with UTC @p wall_us. */
int clock_create_virtual(struct clock **out, int64_t wall_us, struct cti_error *);
/** Timers must be gone before. Sets NULL, takes NULL. */
void clock_destroy(struct clock **);

uint64_t clock_now(const struct clock *); /**< monotonic, microseconds */
int64_t clock_wall(const struct clock *); /**< UTC, microseconds since 1970 */

/** When the earliest timer is due (monotonic, microseconds), UINT64_MAX if none is set. */
uint64_t clock_next(const struct clock *);
/**
 * Virtual clock: go on to @p until, firing what is due on the way in order of time, then of
 * setting. @p between (may be NULL) is called after each instant that fired something, to let
 * the sockets settle.
 */
void clock_advance(struct clock *, uint64_t until, void (*between)(void *arg), void *arg);

/** A deadline, not running. @p name is a constant, for the log. NULL: no memory. */
struct cti_timer *timer_create_on(struct clock *, const char *name, void (*fire)(void *arg),
                                  void *arg);
/** Fire once in @p delay_us, instead of whenever it was set to. Never fails. */
void timer_set(struct cti_timer *, uint64_t delay_us);
void timer_clear(struct cti_timer *);
bool timer_is_set(const struct cti_timer *);
/** May be called from its own fire(). Sets NULL, takes NULL. */
void timer_destroy(struct cti_timer **);

#endif
