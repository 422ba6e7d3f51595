/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/model/interaction.h"

#include "sdk/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static LIST_HEAD(every_interactions, interactions) all = LIST_HEAD_INITIALIZER(all);

int interactions_get(struct interactions **out, const void *bus, const char *tenant)
{
	struct interactions *is;
	LIST_FOREACH (is, &all, all)
		if (is->bus == bus && !strcmp(is->tenant, tenant)) {
			is->refs++;
			*out = is;
			return 0;
		}
	is = calloc(1, sizeof *is);
	if (!is)
		return CTI_E_NOMEM;
	*is = (struct interactions){.pool.size = sizeof(struct interaction), .refs = 1, .bus = bus};
	if (!(is->tenant = strdup(tenant))) {
		free(is);
		return CTI_E_NOMEM;
	}
	LIST_INSERT_HEAD(&all, is, all);
	*out = is;
	return 0;
}

void interactions_put(struct interactions **interactions)
{
	struct interactions *is = *interactions;
	*interactions = NULL;
	if (!is || --is->refs)
		return;
	LIST_REMOVE(is, all);
	pool_free(&is->pool);
	names_free(&is->names);
	free(is->tenant);
	free(is);
}

/* Crockford's base 32, most significant first: 10 letters of time, 16 of chance. */
void interaction_ulid(char out[INTERACTION_ID], int64_t wall_us, uint64_t high, uint64_t low)
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint64_t time = (uint64_t)(wall_us > 0 ? wall_us / 1000 : 0);
	for (int i = 9; i >= 0; i--, time >>= 5)
		out[i] = letters[time & 31];
	for (int i = 17; i >= 10; i--, high >>= 5)
		out[i] = letters[high & 31];
	for (int i = 25; i >= 18; i--, low >>= 5)
		out[i] = letters[low & 31];
	out[26] = '\0';
}

struct interaction *interaction_create(struct interactions *is, int64_t wall_us,
                                       uint64_t random_high, uint64_t random_low)
{
	struct interaction *i = pool_get(&is->pool);
	if (!i)
		return NULL;
	char id[INTERACTION_ID];
	interaction_ulid(id, wall_us, random_high, random_low);
	i->id = name_get(&is->names, id);
	if (!i->id) {
		pool_put(&is->pool, i);
		return NULL;
	}
	snprintf(i->subject, sizeof i->subject, "interaction/%s", id);
	i->id->interaction = i;
	i->born = ++is->born;
	LIST_INIT(&i->calls);
	return i;
}

void interaction_destroy(struct interactions *is, struct interaction **interaction)
{
	struct interaction *i = *interaction;
	*interaction = NULL;
	if (!i)
		return;
	if (i->id->interaction == i)
		i->id->interaction = NULL;
	for (unsigned n = 0; n < i->link_count; n++) {
		if (i->links[n]->interaction == i)
			i->links[n]->interaction = NULL;
		name_put(&is->names, &i->links[n]);
	}
	for (size_t n = 0; n < i->pair_count; n++)
		free((void *)(uintptr_t)i->pairs[n].key);
	free(i->pairs);
	party_clear(&is->names, &i->caller);
	party_clear(&is->names, &i->called);
	name_put(&is->names, &i->parent);
	name_put(&is->names, &i->id);
	pool_put(&is->pool, i);
}

struct interaction *interaction_find(const struct interactions *is, const char *id)
{
	struct name *name = name_find(&is->names, id);
	return name && strlen(id) == INTERACTION_ID - 1 ? name->interaction : NULL;
}

/* Call linkage ids stand among the names as "linkage:<hex>": no ULID looks like that. */
static bool link_text(char *out, size_t size, const struct cti_octets *octets)
{
	static const char prefix[] = "linkage:";
	size_t used = sizeof prefix - 1;
	if (!octets->data || !octets->length || used + 2 * octets->length >= size)
		return false;
	memcpy(out, prefix, used);
	for (size_t i = 0; i < octets->length; i++)
		used += (size_t)sprintf(out + used, "%02x", octets->data[i]);
	return true;
}

struct interaction *interaction_linked(const struct interactions *is,
                                       const struct cti_octets *octets)
{
	char text[128];
	struct name *name =
	        link_text(text, sizeof text, octets) ? name_find(&is->names, text) : NULL;
	return name ? name->interaction : NULL;
}

static void link_take(struct interactions *is, struct interaction *i, struct name *name)
{
	if (i->link_count == INTERACTION_LINKS) {
		name->interaction = NULL;
		name_put(&is->names, &name);
		return;
	}
	name->interaction = i;
	i->links[i->link_count++] = name;
}

void interaction_link(struct interactions *is, struct interaction *i,
                      const struct cti_octets *octets)
{
	char text[128];
	if (!link_text(text, sizeof text, octets))
		return;
	struct name *name = name_get(&is->names, text);
	if (name && name->interaction)
		name_put(&is->names, &name);
	else if (name)
		link_take(is, i, name);
}

static size_t octets_of(const struct cti_pair *pair)
{
	return strlen(pair->key) + strlen(pair->value);
}

/* Key and value in one block: the key begins it. */
static int pair_copy(struct cti_pair *pair)
{
	size_t key = strlen(pair->key) + 1, value = strlen(pair->value) + 1;
	char *block = malloc(key + value);
	if (!block)
		return CTI_E_NOMEM;
	memcpy(block, pair->key, key);
	memcpy(block + key, pair->value, value);
	pair->key = block;
	pair->value = block + key;
	return 0;
}

static struct cti_pair *pair_find(struct cti_pair *pairs, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(pairs[i].key, key))
			return &pairs[i];
	return NULL;
}

static void pairs_free(struct cti_pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free((void *)(uintptr_t)pairs[i].key);
	free(pairs);
}

static int attach_check(const struct cti_pair *pairs, size_t count, struct cti_error *error)
{
	for (size_t i = 0; i < count; i++)
		if (!pairs[i].key || !*pairs[i].key || strlen(pairs[i].key) >= INTERACTION_KEY)
			return cti_error_set(error, CTI_E_INVALID,
			                     "attached data: a key has 1 to %d octets",
			                     INTERACTION_KEY - 1);
	return 0;
}

/* What it would be afterwards, as a list that borrows; then copied whole. */
int interaction_attach(struct interaction *i, const struct cti_pair *pairs, size_t count,
                       struct cti_error *error)
{
	int code = attach_check(pairs, count, error);
	if (code || !count)
		return code;
	struct cti_pair *next = malloc((i->pair_count + count) * sizeof *next);
	if (!next)
		return cti_error_set(error, CTI_E_NOMEM, "attached data: out of memory");
	size_t n = i->pair_count, bytes = 0, done = 0;
	if (n)
		memcpy(next, i->pairs, n * sizeof *next);
	for (size_t k = 0; k < count; k++) {
		struct cti_pair *old = pair_find(next, n, pairs[k].key);
		if (pairs[k].value && *pairs[k].value)
			*(old ? old : &next[n++]) = pairs[k];
		else if (old)
			*old = next[--n];
	}
	for (size_t k = 0; k < n; k++)
		bytes += octets_of(&next[k]);
	if (bytes > CTI_WIRE_ATTACHED_MAX)
		code = cti_error_set(error, CTI_E_LIMIT,
		                     "attached data: %zu octets, at most %d are kept", bytes,
		                     CTI_WIRE_ATTACHED_MAX);
	for (; !code && done < n; done++)
		code = pair_copy(&next[done]);
	if (code) {
		pairs_free(next, code == CTI_E_NOMEM && done ? done - 1 : 0);
		return code == CTI_E_NOMEM
		               ? cti_error_set(error, code, "attached data: out of memory")
		               : code;
	}
	pairs_free(i->pairs, i->pair_count);
	i->pairs = next;
	i->pair_count = n;
	i->pair_bytes = bytes;
	return 0;
}

int interaction_absorb(struct interactions *is, struct interaction *into, struct interaction *from)
{
	while (from->link_count)
		link_take(is, into, from->links[--from->link_count]);
	/* The older contact's word stands where both have one. */
	int code = 0;
	for (size_t k = 0; k < from->pair_count; k++)
		if (!pair_find(into->pairs, into->pair_count, from->pairs[k].key)) {
			int one = interaction_attach(into, &from->pairs[k], 1, NULL);
			code = code ? code : one;
		}
	return code;
}
