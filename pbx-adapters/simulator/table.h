/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table of objects whose first member is their key, a char array. */
#ifndef SIMULATOR_TABLE_H
#define SIMULATOR_TABLE_H

#include <stddef.h>

struct table {
	char **slots; /* open addressing, linear probing; room is a power of two */
	size_t used, room;
};

/** 0 or CTI_E_NOMEM. The key must not be there yet. */
int table_add(struct table *, char *object);
/** NULL if there is none; NULL too for a NULL key. */
void *table_find(const struct table *, const char *key);
void table_remove(struct table *, const char *key);
void table_free(struct table *);

#endif
