/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pack.h
 * Deep copies into one block. The same function runs twice: first over a pack without a
 * block, which only adds up what is needed, then over one that has it.
 */
#ifndef SDK_PACK_H
#define SDK_PACK_H

#include <cti/request.h>
#include <stdint.h>

struct pack {
	char *block; /* NULL: measure */
	size_t used;
};

/** Room for @p size octets, aligned for anything that lies in these structs. NULL: measuring. */
void *pack_room(struct pack *, size_t size);
/** Replace what @p at points to by a copy of its @p size octets; NULL stays NULL. */
const void *pack_bytes(struct pack *, const void *at, size_t size);
void pack_string(struct pack *, const char **);
void pack_octets(struct pack *, struct cti_octets *);
void pack_device(struct pack *, struct cti_device *);
void pack_connection(struct pack *, struct cti_connection *);
void pack_items(struct pack *, const struct cti_connection_item **, size_t count);
void pack_pairs(struct pack *, const struct cti_pair **pairs, size_t count);

/**
 * Copy @p size octets at @p from into one malloced block with all that @p deep packs of it.
 * NULL: no memory.
 */
void *pack_copy(const void *from, size_t size, void (*deep)(struct pack *, void *));

#endif
