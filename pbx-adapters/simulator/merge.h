/* SPDX-License-Identifier: Apache-2.0 */
/* What services that make one call of two, or bring somebody into one, have in common. */
#ifndef SIMULATOR_MERGE_H
#define SIMULATOR_MERGE_H

#include "pbx-adapters/simulator/inside.h"

/** The connection list of a reply and an event, and the old ids that it speaks of. */
struct list {
	struct cti_connection_item items[2 * CONFERENCE_MAX];
	size_t count;
};

/** @p c as a party of @p to. */
void list_add(struct list *, const struct conn *c, const struct call *to);
/** Everybody of a call but @p except. */
void list_call(struct list *, const struct call *from, const struct conn *except,
               const struct call *to);
size_t call_members(const struct call *);
/** Linkage, names, network pair and correlator data of the result of two calls. */
void merge_inherit(struct call *to, const struct conn *held, const struct conn *active);
void merge_move_all(struct call *from, const struct conn *except, struct call *to);
/** The list of 17.2.3 and 17.2.18: what the result has is said, @p over is the call that ends. */
void merge_tell_linkage(struct cti_event *, const struct call *over);

#endif
