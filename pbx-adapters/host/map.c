/* SPDX-License-Identifier: Apache-2.0 */
#include "pbx-adapters/host/map.h"

#include <cti/error.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define FIRST_SIZE 64

/* Eight octets a step: a multiplication whose halves are folded (as wyhash does). */
static uint64_t mix(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t key_hash(uint64_t seed, const void *key, size_t length)
{
	const unsigned char *at = key;
	uint64_t hash = seed ^ length, part = 0;
	for (; length > 8; length -= 8, at += 8) {
		memcpy(&part, at, 8);
		hash = mix(hash ^ part, 0xa0761d6478bd642fu);
	}
	part = 0;
	memcpy(&part, at, length);
	return mix(hash ^ part, 0xe7037ed1a0b428dbu);
}

struct map_node *map_find(const struct map *map, const void *key, size_t length)
{
	if (!map->count)
		return NULL;
	uint64_t hash = key_hash(map->seed, key, length);
	struct map_node *node = map->buckets[hash & (map->size - 1)];
	while (node &&
	       (node->hash != hash || node->length != length || memcmp(node->key, key, length)))
		node = node->next;
	return node;
}

/* Fails only where there is no table at all: a crowded one still works. */
static int map_grow(struct map *map)
{
	size_t size = map->size ? map->size * 2 : FIRST_SIZE;
	struct map_node **buckets = calloc(size, sizeof *buckets);
	if (!buckets)
		return map->size ? 0 : CTI_E_NOMEM;
	if (!map->size && getrandom(&map->seed, sizeof map->seed, GRND_NONBLOCK) < 0)
		map->seed = (uintptr_t)buckets;
	for (size_t i = 0; i < map->size; i++)
		for (struct map_node *node = map->buckets[i], *next; node; node = next) {
			struct map_node **bucket = &buckets[node->hash & (size - 1)];
			next = node->next;
			node->next = *bucket;
			*bucket = node;
		}
	free(map->buckets);
	map->buckets = buckets;
	map->size = size;
	return 0;
}

int map_insert(struct map *map, struct map_node *node, const void *key, size_t length)
{
	if (map->count >= map->size && map_grow(map))
		return CTI_E_NOMEM;
	node->key = key;
	node->length = length;
	node->hash = key_hash(map->seed, key, length);
	struct map_node **bucket = &map->buckets[node->hash & (map->size - 1)];
	node->next = *bucket;
	*bucket = node;
	map->count++;
	return 0;
}

struct map_node *map_find_text(const struct map *map, const char *key)
{
	return key ? map_find(map, key, strlen(key)) : NULL;
}

int map_insert_text(struct map *map, struct map_node *node, const char *key)
{
	return map_insert(map, node, key, strlen(key));
}

void map_remove(struct map *map, struct map_node *node)
{
	struct map_node **at = &map->buckets[node->hash & (map->size - 1)];
	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	map->count--;
}

void map_free(struct map *map)
{
	free(map->buckets);
	*map = (struct map){0};
}
