/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Most messages fit the first chunk: an EstablishedEvent takes 4 kB of decoded value. */
#define FIRST_CHUNK 16384
#define ALIGN       16u

struct csta_chunk {
	struct csta_chunk *next;
	size_t size, used;
	_Alignas(ALIGN) unsigned char data[];
};

_Thread_local long csta_alloc_fail_after = -1;

bool csta_alloc_fails(void)
{
	if (csta_alloc_fail_after < 0)
		return false;
	if (csta_alloc_fail_after == 0)
		return true;
	csta_alloc_fail_after--;
	return false;
}

static struct csta_chunk *chunk_create(size_t size)
{
	struct csta_chunk *chunk = csta_alloc_fails() ? NULL : malloc(sizeof(*chunk) + size);

	if (chunk) {
		chunk->next = NULL;
		chunk->size = size;
		chunk->used = 0;
	}
	return chunk;
}

struct csta_arena *csta_arena_create(struct csta_codec *owner, size_t limit)
{
	struct csta_arena *arena = csta_alloc_fails() ? NULL : calloc(1, sizeof(*arena));

	if (!arena)
		return NULL;
	arena->owner = owner;
	arena->limit = limit;
	arena->first = arena->current = chunk_create(FIRST_CHUNK);
	if (!arena->first) {
		free(arena);
		return NULL;
	}
	return arena;
}

static void chunks_free(struct csta_chunk *chunk)
{
	while (chunk) {
		struct csta_chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
}

void csta_arena_destroy(struct csta_arena *arena)
{
	if (!arena)
		return;
	chunks_free(arena->first);
	free(arena);
}

void csta_arena_reset(struct csta_arena *arena)
{
	chunks_free(arena->first->next);
	arena->first->next = NULL;
	arena->first->used = 0;
	arena->current = arena->first;
	arena->taken = 0;
	arena->failed = arena->exceeded = false;
}

static bool chunk_add(struct csta_arena *arena, size_t size)
{
	/* Chunks double, so that a large message takes few of them, up to the limit. */
	size_t want = arena->current->size * 2, left = arena->limit - arena->taken;
	struct csta_chunk *chunk;

	want = want < left ? want : left;
	chunk = chunk_create(size > want ? size : want);

	if (!chunk)
		return false;
	arena->current->next = chunk;
	arena->current = chunk;
	return true;
}

/* Not zeroed. */
static void *arena_take(struct csta_arena *arena, size_t size)
{
	void *block;

	if (size > arena->limit || arena->taken > arena->limit - size) {
		arena->failed = arena->exceeded = true;
		return NULL;
	}
	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (csta_alloc_fails() ||
	    (size > arena->current->size - arena->current->used && !chunk_add(arena, size))) {
		arena->failed = true;
		return NULL;
	}
	block = arena->current->data + arena->current->used;
	arena->current->used += size;
	arena->taken += size;
	return block;
}

void *csta_arena_alloc(struct csta_arena *arena, size_t size)
{
	void *block = arena_take(arena, size);

	if (block)
		memset(block, 0, size);
	return block;
}

void *csta_arena_copy(struct csta_arena *arena, const void *data, size_t length)
{
	char *copy = length < SIZE_MAX ? arena_take(arena, length + 1) : NULL;

	if (!copy)
		return NULL;
	if (length)
		memcpy(copy, data, length);
	copy[length] = '\0';
	return copy;
}
