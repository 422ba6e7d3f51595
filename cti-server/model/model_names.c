/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/model/model_names.h"

#include <cti/error.h>
#include <stdlib.h>
#include <string.h>

struct name *name_get_n(struct names *names, const char *text, size_t length)
{
	struct map_node *node = map_find(&names->map, text, length);
	if (node)
		return name_ref(map_entry(node, struct name, node));
	struct name *name = calloc(1, sizeof *name + length + 1);
	if (!name)
		return NULL;
	memcpy(name->text, text, length);
	name->refs = 1;
	if (map_insert(&names->map, &name->node, name->text, length)) {
		free(name);
		return NULL;
	}
	return name;
}

struct name *name_get(struct names *names, const char *text)
{
	return name_get_n(names, text, strlen(text));
}

struct name *name_find(const struct names *names, const char *text)
{
	struct map_node *node = map_find_text(&names->map, text);
	return node ? map_entry(node, struct name, node) : NULL;
}

struct name *name_ref(struct name *name)
{
	name->refs++;
	return name;
}

void name_put(struct names *names, struct name **name)
{
	struct name *n = *name;
	*name = NULL;
	if (!n || --n->refs)
		return;
	map_remove(&names->map, &n->node);
	free(n);
}

void name_assign(struct names *names, struct name **to, struct name *name)
{
	if (name)
		name_ref(name);
	name_put(names, to);
	*to = name;
}

void names_free(struct names *names)
{
	map_free(&names->map);
}

int party_set(struct names *names, struct party *party, const struct cti_device *device)
{
	struct name *number = NULL, *label = NULL;
	if (device->status == CTI_DEVICE_NUMBER && device->number &&
	    !(number = name_get(names, device->number)))
		return CTI_E_NOMEM;
	if (device->name && !(label = name_get(names, device->name))) {
		name_put(names, &number);
		return CTI_E_NOMEM;
	}
	party_clear(names, party);
	*party = (struct party){device->status, number, label};
	return 0;
}

void party_clear(struct names *names, struct party *party)
{
	party->status = CTI_DEVICE_ABSENT;
	name_put(names, &party->number);
	name_put(names, &party->label);
}

struct cti_device party_device(const struct party *party)
{
	return (struct cti_device){
	        .status = party->status,
	        .number = party->number ? party->number->text : NULL,
	        .name = party->label ? party->label->text : NULL,
	};
}

void *pool_get(struct pool *pool)
{
	void *object = pool->free;
	if (object)
		memcpy(&pool->free, object, sizeof pool->free);
	else if (!(object = malloc(pool->size)))
		return NULL;
	memset(object, 0, pool->size);
	pool->used++;
	return object;
}

void pool_put(struct pool *pool, void *object)
{
	memcpy(object, &pool->free, sizeof pool->free);
	pool->free = object;
	pool->used--;
}

void pool_free(struct pool *pool)
{
	while (pool->free) {
		void *object = pool->free;
		memcpy(&pool->free, object, sizeof pool->free);
		free(object);
	}
}
