/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file map.h
 * A hash table of nodes that lie inside the caller's structs. Keys are octets, owned by the
 * caller, unchanged while the node is in the table. No thread of its own: who owns it locks it.
 */
#ifndef HOST_MAP_H
#define HOST_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_node {
	struct map_node *next;
	const void *key;
	size_t length;
	uint64_t hash;
};

/** Zero-initialise. */
struct map {
	struct map_node **buckets;
	size_t size, count;
	uint64_t seed; /* against chosen collisions; set on the first insert */
};

/** The node of a key, or NULL. */
struct map_node *map_find(const struct map *, const void *key, size_t length);
/** Set the node's key and put it in; the key must not be there yet. CTI_E_NOMEM. */
int map_insert(struct map *, struct map_node *, const void *key, size_t length);
/** The same for a key that is text; a NULL key is nowhere. */
struct map_node *map_find_text(const struct map *, const char *key);
int map_insert_text(struct map *, struct map_node *, const char *key);
void map_remove(struct map *, struct map_node *);
/** Frees the table, not the nodes. */
void map_free(struct map *);

/** The struct around a node. */
#define map_entry(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

#endif
