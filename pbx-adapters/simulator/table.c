/* SPDX-License-Identifier: Apache-2.0 */
#include "pbx-adapters/simulator/table.h"

#include <cti/error.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/** FNV-1a. */
static size_t hash(const char *key)
{
	uint64_t h = 14695981039346656037u;
	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

/** The slot that holds the key, or the free one where it belongs. */
static size_t find(const struct table *t, const char *key)
{
	size_t i = hash(key) & (t->room - 1);
	while (t->slots[i] && strcmp(t->slots[i], key))
		i = (i + 1) & (t->room - 1);
	return i;
}

static int grow(struct table *t)
{
	struct table next = {.used = t->used, .room = t->room ? 2 * t->room : 32};
	next.slots = calloc(next.room, sizeof *next.slots);
	if (!next.slots)
		return CTI_E_NOMEM;
	for (size_t i = 0; i < t->room; i++)
		if (t->slots[i])
			next.slots[find(&next, t->slots[i])] = t->slots[i];
	free(t->slots);
	*t = next;
	return 0;
}

int table_add(struct table *t, char *object)
{
	if (t->used + 1 > t->room / 4 * 3 && grow(t))
		return CTI_E_NOMEM;
	t->slots[find(t, object)] = object;
	t->used++;
	return 0;
}

void *table_find(const struct table *t, const char *key)
{
	return t->room && key ? t->slots[find(t, key)] : NULL;
}

void table_remove(struct table *t, const char *key)
{
	size_t hole = t->room ? find(t, key) : 0, mask = t->room - 1;
	if (!t->room || !t->slots[hole])
		return;
	t->slots[hole] = NULL;
	t->used--;
	/* Whoever stands behind the hole and belongs at or before it moves up. */
	for (size_t i = (hole + 1) & mask; t->slots[i]; i = (i + 1) & mask) {
		size_t home = hash(t->slots[i]) & mask;
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			t->slots[hole] = t->slots[i];
			t->slots[i] = NULL;
			hole = i;
		}
	}
}

void table_free(struct table *t)
{
	free(t->slots);
	*t = (struct table){0};
}
