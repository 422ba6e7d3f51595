/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/pack.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

void *pack_room(struct pack *pack, size_t size)
{
	size_t align = alignof(max_align_t);
	size_t at = pack->used;
	pack->used += (size + align - 1) / align * align;
	return pack->block ? pack->block + at : NULL;
}

const void *pack_bytes(struct pack *pack, const void *at, size_t size)
{
	if (!at)
		return NULL;
	void *copy = pack_room(pack, size ? size : 1);
	if (!copy)
		return at;
	if (size)
		memcpy(copy, at, size);
	return copy;
}

void pack_string(struct pack *pack, const char **string)
{
	if (*string)
		*string = pack_bytes(pack, *string, strlen(*string) + 1);
}

void pack_octets(struct pack *pack, struct cti_octets *octets)
{
	octets->data = pack_bytes(pack, octets->data, octets->length);
}

void pack_device(struct pack *pack, struct cti_device *device)
{
	pack_string(pack, &device->number);
	pack_string(pack, &device->received);
	pack_string(pack, &device->name);
}

void pack_connection(struct pack *pack, struct cti_connection *connection)
{
	pack_string(pack, &connection->call_id);
	pack_string(pack, &connection->device_id);
}

void pack_items(struct pack *pack, const struct cti_connection_item **items, size_t count)
{
	const struct cti_connection_item *from = *items;
	struct cti_connection_item *to = pack_room(pack, count * sizeof *to);
	for (size_t i = 0; i < count; i++) {
		struct cti_connection_item item = from[i];
		pack_connection(pack, &item.new_connection);
		pack_connection(pack, &item.old_connection);
		pack_device(pack, &item.endpoint);
		pack_device(pack, &item.associated_nid);
		if (to)
			to[i] = item;
	}
	if (to)
		*items = to;
}

void pack_pairs(struct pack *pack, const struct cti_pair **pairs, size_t count)
{
	const struct cti_pair *from = *pairs;
	struct cti_pair *to = pack_room(pack, count * sizeof *to);
	for (size_t i = 0; i < count; i++) {
		struct cti_pair pair = from[i];
		pack_string(pack, &pair.key);
		pack_string(pack, &pair.value);
		if (to)
			to[i] = pair;
	}
	if (to)
		*pairs = to;
}

void *pack_copy(const void *from, size_t size, void (*deep)(struct pack *, void *))
{
	struct pack pack = {0};
	void *scratch = malloc(size);
	if (!scratch)
		return NULL;
	memcpy(scratch, from, size);
	pack_room(&pack, size);
	deep(&pack, scratch);
	free(scratch);

	pack.block = malloc(pack.used);
	if (!pack.block)
		return NULL;
	memcpy(pack.block, from, size);
	pack.used = 0;
	pack_room(&pack, size);
	deep(&pack, pack.block);
	return pack.block;
}
