/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A value of one layout said in another: from a dialect's struct to Phase III's, and back.
 *
 * What has the same name on both sides is the same thing (asn1/PHASE*.asn1 see to that). Beyond
 * names there is packing, which is looked through without a table:
 *
 *   Phase III                                Phases I and II
 *   SEQUENCE { deviceIdentifier CHOICE, .. } CHOICE                      first field <-> the whole
 *   CHOICE { callID, deviceID, both {..} }   SEQUENCE { callID, deviceID }      flat alternative
 *   SEQUENCE { a, extensions }               CHOICE { a, SEQUENCE { a, extensions } }
 *   SEQUENCE OF X                            X                                  one item
 *   SEQUENCE { filter bits, filter bits }    SEQUENCE { bits }                  bits by their names
 *
 * csta/dialects/words.def has the rest. What one side cannot say is noted in codec->lost, by name.
 */
#include "csta/dialect_copy.h"

#include <stdio.h>
#include <string.h>

/* Packing within packing; no layout comes near it. */
#define DEPTH_MAX 48
static bool fill_fields(struct csta_copy *, const struct csta_layout *, const void *,
                        const struct csta_layout *, void *, uint64_t *set);

/* Every mandatory field of a SEQUENCE, those that nothing was said of included. */
static bool complete(struct csta_copy *c, const struct csta_layout *to, void *out, uint64_t set)
{
	for (unsigned i = 0; i < to->field_count; i++) {
		const struct csta_field *field = &to->fields[i];

		bool given = !*c->path && c->given && !strcmp(field->name, c->given);

		if (field->optional || given || set >> i & 1 || dialect_fill(c, field, out))
			continue;
		if (!c->where[0])
			snprintf(c->where, sizeof(c->where), "%s%s%s", c->path, *c->path ? "." : "",
			         field->name);
		return false;
	}
	return true;
}

/* ---- one field of a SEQUENCE ----------------------------------------------------------------- */

/* An alternative whose name is the value, and whose fields stand beside it: SetAgentState. */
static bool hoist_read(struct csta_copy *c, const struct csta_layout *from, const void *value,
                       const struct csta_layout *parent, void *out_parent,
                       const struct csta_layout *to, long *out, uint64_t *set)
{
	int present = csta_choice_get(from, value);

	if (present < 0)
		return false;
	const struct csta_field *field = &from->fields[present];
	const char *name = field->name;

	if (!dialect_enum_value(to, name, out)) {
		name = dialect_other_name(from->type, name);
		if (!dialect_enum_value(to, name, out))
			return false;
		dialect_lose(c, field->name);
	}
	return field->layout->shape != CSTA_SEQUENCE ||
	       fill_fields(c, field->layout, csta_field_get(field, value), parent, out_parent, set);
}

static bool hoist_write(struct csta_copy *c, const struct csta_layout *parent, const void *value,
                        const struct csta_layout *from, long number, const struct csta_layout *to,
                        void *out)
{
	const char *name = dialect_enum_name(from, number);
	uint64_t set = 0;

	for (unsigned i = 0; name && i < to->field_count; i++) {
		if (strcmp(to->fields[i].name, name))
			continue;
		void *inner = csta_choice_make(c->arena, to, i, out);

		if (!inner || to->fields[i].layout->shape != CSTA_SEQUENCE)
			return inner;
		bool part = c->part, good;

		c->part = true;
		good = fill_fields(c, parent, value, to->fields[i].layout, inner, &set);
		c->part = part;
		return good;
	}
	return false;
}

/* The value of a field found on the other side, into the field of @p out. */
static bool copy_found(struct csta_copy *c, const struct csta_layout *from, const void *value,
                       const struct dialect_found *found, const int *flag,
                       const struct csta_layout *to, void *out, const struct csta_field *field,
                       uint64_t *set)
{
	void *made = csta_field_make(c->arena, field, out);

	if (!made)
		return false;
	if (found->layout->shape == CSTA_ENUMERATED && dialect_is_split(field->layout)) {
		const struct csta_field *own = dialect_flag_of(from);

		return dialect_split_write(c, found->layout, *(const long *)found->value,
		                           flag  ? flag
		                           : own ? csta_field_get(own, value)
		                                 : NULL,
		                           field->layout, made);
	}
	if (dialect_is_split(found->layout)) {
		const struct csta_field *own = dialect_flag_of(to);

		if (own)
			*set |= 1ull << (own - to->fields);
		return dialect_split_read(found->layout, *(const long *)found->value, field->layout,
		                          made, own ? csta_field_make(c->arena, own, out) : NULL);
	}
	if (found->layout->shape == CSTA_CHOICE && field->layout->shape == CSTA_ENUMERATED)
		return hoist_read(c, found->layout, found->value, to, out, field->layout, made,
		                  set);
	if (found->layout->shape == CSTA_ENUMERATED && field->layout->shape == CSTA_CHOICE)
		return hoist_write(c, from, value, found->layout, *(const long *)found->value,
		                   field->layout, made);
	return dialect_copy(c, found->layout, found->value, field->layout, made);
}

static void path_push(struct csta_copy *c, const char *name, size_t *length)
{
	*length = strlen(c->path);
	snprintf(c->path + *length, sizeof(c->path) - *length, "%s%s", *length ? "." : "", name);
}

/* A field that came to nothing is absent again. */
static void unmake(const struct csta_field *field, void *out)
{
	if (field->pointer)
		*(void **)(void *)((char *)out + field->offset) = NULL;
	else
		memset((char *)out + field->offset, 0, field->layout->size);
}

/* ---- the fields of a SEQUENCE ---------------------------------------------------------------- */

/* Bits whose field the other side has not go by their names to whatever field has them. */
static bool spread_bits(struct csta_copy *c, const struct csta_layout *layout,
                        const BIT_STRING_t *bits, const struct csta_layout *to, void *out)
{
	for (size_t i = 0; i < csta_bit_count(bits); i++) {
		const char *name = csta_name_of(layout, (long)i), *other;
		bool placed = false;

		if (!csta_bit_get(bits, i))
			continue;
		other = name ? dialect_other_name(layout->type, name) : "";
		for (unsigned k = 0; k < to->field_count && !placed; k++) {
			const struct csta_field *field = &to->fields[k];
			long position;

			if (field->layout->shape != CSTA_BITS ||
			    !csta_value_of(field->layout, other, strlen(other), &position) ||
			    dialect_lacking(c, to->type, field->name, 0) ||
			    dialect_lacking(c, field->layout->type, other, position))
				continue;
			BIT_STRING_t *made = csta_field_make(c->arena, field, out);

			if (!made || !csta_bit_set(c->arena, made, (size_t)position))
				return false;
			placed = true;
		}
		if (!placed || other != name)
			dialect_lose(c, name ? name : "a bit without name");
	}
	return true;
}

/* Whether hoist_write() has a place for it. */
static bool hoisted(const struct csta_layout *from, const struct csta_layout *to, const void *out,
                    const char *name)
{
	for (unsigned i = 0; to->shape == CSTA_SEQUENCE && i < to->field_count; i++) {
		const struct csta_field *field = &to->fields[i];
		const void *inner = field->layout->shape == CSTA_CHOICE && !field->flat
		                            ? csta_field_get(field, out)
		                            : NULL;
		int present = inner ? csta_choice_get(field->layout, inner) : -1;

		for (unsigned k = 0; present >= 0 && k < from->field_count; k++)
			if (from->fields[k].layout->shape == CSTA_ENUMERATED &&
			    !strcmp(from->fields[k].name, field->name) &&
			    dialect_takes(field->layout->fields[present].layout, name))
				return true;
	}
	return false;
}

static bool deep_read(struct csta_copy *c, const struct csta_field *field, const void *inner,
                      const struct csta_layout *to, void *out)
{
	const struct csta_layout *deep;
	int *flag = NULL;
	void *made = dialect_make_deep(c, to, out, field->name, &deep, &flag);

	return made && dialect_split_read(field->layout, *(const long *)inner, deep, made, flag);
}

/* What @p from has and @p to has no place for. */
bool dialect_leftovers(struct csta_copy *c, const struct csta_layout *from, const void *value,
                       const struct csta_layout *to, void *out, uint64_t *set)
{
	for (unsigned i = 0; i < from->field_count; i++) {
		const struct csta_field *field = &from->fields[i];
		const void *inner = csta_field_get(field, value);

		if (!inner || field == c->skip || dialect_takes(to, field->name) ||
		    (c->out && hoisted(from, to, out, field->name)))
			continue;
		if (field->flat) {
			if (field->layout->shape == CSTA_SEQUENCE &&
			    !dialect_leftovers(c, field->layout, inner, to, out, set))
				return false;
			continue;
		}
		if (field->layout->shape == CSTA_BITS && to->shape == CSTA_SEQUENCE &&
		    from->type->elements_count > 1) {
			bool any = false;

			for (unsigned k = 0; k < to->field_count; k++)
				any |= to->fields[k].layout->shape == CSTA_BITS;
			if (any) {
				if (!spread_bits(c, field->layout, inner, to, out))
					return false;
				continue;
			}
		}
		if (!c->out && dialect_is_deep(field->name)) {
			if (!deep_read(c, field, inner, to, out))
				return false;
			*set = UINT64_MAX;
			continue;
		}
		/* Part of a split value; or what absence says too. */
		if (c->out && field == dialect_flag_of(from))
			continue;
		if (!c->part && !dialect_standard(field, inner) &&
		    (field->optional || !dialect_is_fill(field->layout, inner)))
			dialect_drop(c, from->type, field->name);
	}
	return true;
}

/* Whether that is the field that is handled elsewhere, which is of one layout only. */
static bool is_skipped(const struct csta_copy *c, const struct csta_layout *from, const void *value,
                       const struct dialect_found *found)
{
	for (unsigned i = 0; c->skip && i < from->field_count; i++)
		if (&from->fields[i] == c->skip)
			return found->layout == c->skip->layout &&
			       found->value == csta_field_get(c->skip, value);
	return false;
}

/* One field of @p to; whatever fails leaves it absent, and is noted. */
void dialect_fill_field(struct csta_copy *c, const struct csta_layout *from, const void *value,
                        const struct csta_layout *to, void *out, unsigned i, uint64_t *set)
{
	const struct csta_field *field = &to->fields[i];
	struct dialect_found found;
	const int *flag = NULL;
	size_t length;

	if (dialect_lacking(c, to->type, field->name, 0)) {
		if (dialect_find(from, value, field->name, &found))
			dialect_drop(c, from->type, field->name);
		return;
	}
	if (!dialect_find(from, value, field->name, &found) &&
	    !(c->out && dialect_is_deep(field->name) &&
	      dialect_find_deep(from, value, field->name, &found, &flag)))
		return;
	if (is_skipped(c, from, value, &found))
		return;
	path_push(c, field->name, &length);
	struct dialect_attempt attempt = dialect_attempt(c);
	bool good = dialect_attempt_end(
	        c, attempt, copy_found(c, from, value, &found, flag, to, out, field, set));

	c->path[length] = '\0';
	if (good) {
		*set |= 1ull << i;
		return;
	}
	unmake(field, out);
	if (!dialect_is_fill(found.layout, found.value))
		dialect_drop(c, from->type, field->name);
}

static bool fill_fields(struct csta_copy *c, const struct csta_layout *from, const void *value,
                        const struct csta_layout *to, void *out, uint64_t *set)
{
	for (unsigned i = 0; i < to->field_count; i++) {
		const struct csta_field *field = &to->fields[i];

		if (!field->flat) {
			dialect_fill_field(c, from, value, to, out, i, set);
		} else {
			/* Its fields are those of all of @p from. */
			void *made = csta_field_make(c->arena, field, out);

			c->part_next = true;
			if (made && dialect_copy(c, from, value, field->layout, made))
				*set |= 1ull << i;
			else
				unmake(field, out);
		}
		if (c->arena->failed)
			return false;
	}
	return from->shape != CSTA_SEQUENCE || dialect_leftovers(c, from, value, to, out, set);
}

/* DEVICE_OF: the device that Phase III names beside its connection. */
static void device_of(struct csta_copy *c, const struct csta_layout *to, void *out, uint64_t *set)
{
	for (size_t i = 0; !c->out && i < dialect_devices.count; i++) {
		const struct dialect_word *word = &dialect_devices.words[i];
		struct dialect_found connection, device;

		if (word->type != to->type || !dialect_find(to, out, word->other, &connection) ||
		    !dialect_find(connection.layout, connection.value, "deviceID", &device) ||
		    !dialect_find(device.layout, device.value, "staticID", &device))
			continue;
		for (unsigned k = 0; k < to->field_count; k++) {
			void *made = !strcmp(to->fields[k].name, word->name) && !(*set >> k & 1)
			                     ? csta_field_make(c->arena, &to->fields[k], out)
			                     : NULL;

			if (made && dialect_copy(c, device.layout, device.value,
			                         to->fields[k].layout, made))
				*set |= 1ull << k;
		}
	}
}

static bool to_sequence(struct csta_copy *c, const struct csta_layout *from, const void *value,
                        const struct csta_layout *to, void *out)
{
	uint64_t set = 0;
	int present = -1;

	if (from->shape == CSTA_SEQUENCE || from->shape == CSTA_CHOICE) {
		if (!fill_fields(c, from, value, to, out, &set))
			return false;
		if (from->shape == CSTA_CHOICE)
			present = csta_choice_get(from, value);
	}
	const struct csta_field *field;
	const void *inner;

	if (!c->out && present >= 0 && dialect_deep_field(from, value, &field, &inner)) {
		if (!deep_read(c, field, inner, to, out))
			return false;
		set = UINT64_MAX;
	}
	/* NULL, or an alternative that is NULL: nothing to say. Else all of it is the first field.
	 */
	bool nothing = from->shape == CSTA_NULL ||
	               (present >= 0 && (from->fields[present].layout->shape == CSTA_NULL ||
	                                 from->fields[present].flat));
	if (!set && !nothing && from->shape != CSTA_SEQUENCE) {
		unsigned first = 0;

		while (first < to->field_count && to->fields[first].optional)
			first++;
		if (first == to->field_count)
			return false;
		void *made = csta_field_make(c->arena, &to->fields[first], out);

		if (!made || !dialect_copy_same(c, from, value, to->fields[first].layout, made))
			return false;
		set |= 1ull << first;
	}
	device_of(c, to, out, &set);
	return complete(c, to, out, set);
}

/* ---- all ----------------------------------------------------------------------------------- */

static bool from_list(struct csta_copy *c, const struct csta_layout *from, const void *value,
                      const struct csta_layout *to, void *out)
{
	size_t count = csta_list_count(value);
	const struct csta_layout *item = from->fields[0].layout;

	if (to->shape == CSTA_LIST) {
		for (size_t i = 0; i < count; i++) {
			void *made = csta_list_append(c->arena, to, out);

			struct dialect_attempt attempt = dialect_attempt(c);

			if (made &&
			    dialect_attempt_end(c, attempt,
			                        dialect_copy(c, item, csta_list_item(value, i),
			                                     to->fields[0].layout, made)))
				continue;
			if (!made || c->arena->failed)
				return false;
			/* An item that cannot be said: the others can. */
			((asn_anonymous_set_ *)out)->count--;
			dialect_drop(c, from->type, "item");
		}
		return !count || csta_list_count(out);
	}
	if (!count || !dialect_copy(c, item, csta_list_item(value, 0), to, out))
		return false;
	if (count > 1)
		dialect_lose(c, "further items");
	return true;
}

static bool copy_any(struct csta_copy *c, const struct csta_layout *from, const void *value,
                     const struct csta_layout *to, void *out)
{
	void *made;
	int present;

	if (to->shape == CSTA_CHOICE &&
	    from->shape == CSTA_LIST) /* ConnectionList, packed thrice */
		return dialect_to_choice(c, from, value, to, out);
	if (from->shape == CSTA_LIST)
		return from_list(c, from, value, to, out);
	if (from->shape == CSTA_CHOICE && to->shape == CSTA_LIST) {
		present = csta_choice_get(from, value);
		if (present >= 0 && from->fields[present].layout->shape == CSTA_LIST)
			return dialect_copy(c, from->fields[present].layout,
			                    csta_field_get(&from->fields[present], value), to, out);
	}
	if (to->shape == CSTA_LIST) {
		made = csta_list_append(c->arena, to, out);
		return made && dialect_copy_same(c, from, value, to->fields[0].layout, made);
	}
	if (to->shape == CSTA_CHOICE)
		return dialect_to_choice(c, from, value, to, out);
	if (to->shape == CSTA_SEQUENCE && from->shape != CSTA_ANY)
		return to_sequence(c, from, value, to, out);
	if (from->shape == CSTA_CHOICE) {
		present = csta_choice_get(from, value);
		if (present < 0 ||
		    !dialect_copy(c, from->fields[present].layout,
		                  csta_field_get(&from->fields[present], value), to, out))
			return false;
		if (present > 0)
			dialect_lose(c, from->fields[present].name);
		return true;
	}
	if (from->shape == CSTA_SEQUENCE && to->shape != CSTA_ANY)
		return dialect_unwrap(c, from, value, to, out);
	return dialect_copy_leaf(c, from, value, to, out);
}

bool dialect_copy(struct csta_copy *c, const struct csta_layout *from, const void *value,
                  const struct csta_layout *to, void *out)
{
	if (!value || c->depth == DEPTH_MAX || c->arena->failed)
		return false;
	bool part = c->part, good;

	c->part = c->part_next;
	c->part_next = false;
	c->depth++;
	good = copy_any(c, from, value, to, out);
	c->depth--;
	c->part = part;
	return good;
}

/* The same value, one layer of packing further. */
bool dialect_copy_same(struct csta_copy *c, const struct csta_layout *from, const void *value,
                       const struct csta_layout *to, void *out)
{
	c->part_next = c->part;
	return dialect_copy(c, from, value, to, out);
}

int csta_copy_value(struct csta_copy *c, const struct csta_layout *from, const void *value,
                    const struct csta_layout *to, void *out)
{
	bool good = dialect_copy(c, from, value, to, out);

	if (c->arena->failed)
		return CTI_E_NOMEM;
	return good ? 0 : CTI_E_UNSUPPORTED;
}
