/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file host.h
 * The part of struct cti_host that is the same in every program: time, timers, log. The owner
 * fills in what happens with events, answers, links and PDUs.
 * Loop thread only.
 */
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include "pbx-adapters/adapter.h"

struct clock;

/** A host of one adapter instance. `cti` comes first: a struct cti_host * leads back to it. */
struct host {
	struct cti_host cti;
	struct clock *clock;
	void *owner; /**< the program's own */
};

/**
 * Fill @p host: time and timers on @p clock, log() under the category @p switch_name; event,
 * done, link and monitor_stopped only write a debug line, wire goes to log_wire(): the owner
 * replaces what it wants. Nothing to free. Strings and clock are borrowed.
 */
void host_init(struct host *host, const char *switch_name, struct event_base *loop,
               struct clock *clock, uint64_t seed);

/** The struct host around what an adapter was given. */
struct host *host_of(const struct cti_host *cti);

#endif
