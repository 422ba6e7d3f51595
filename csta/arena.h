/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file arena.h
 * Memory of one message: everything that is allocated for it, given back at once. Private to
 * libcsta and its tests.
 */
#ifndef CSTA_ARENA_H
#define CSTA_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct csta_codec;

struct csta_arena {
	struct csta_chunk *first, *current;
	size_t limit, taken;
	bool failed;   /* an allocation failed since the last reset */
	bool exceeded; /* and it was for the limit */
	struct csta_codec *owner;
	struct csta_arena *next; /* in the owner's list of idle ones */
};

/** An empty arena of at most @p limit octets; NULL: no memory. */
struct csta_arena *csta_arena_create(struct csta_codec *owner, size_t limit);
void csta_arena_destroy(struct csta_arena *);
/** Forget everything in it; the first chunk stays for the next message. */
void csta_arena_reset(struct csta_arena *);

/** Zeroed, aligned for anything; NULL: over the limit or no memory. */
void *csta_arena_alloc(struct csta_arena *, size_t size);

/** A copy of octets, closed by a NUL; NULL: as above. */
void *csta_arena_copy(struct csta_arena *, const void *data, size_t length);

/**
 * For tests: every allocation of libcsta from the n-th on fails; negative: none. Counts down on
 * the calling thread.
 */
extern _Thread_local long csta_alloc_fail_after;
/** Whether the next allocation shall fail; libcsta asks before each. */
bool csta_alloc_fails(void);

#endif
