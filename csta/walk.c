/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/walk.h"

#include "csta/spelling.h"

#include <stdlib.h>
#include <string.h>

/* A bit string longer than this is not built here; what came from a wire may be longer. */

/* ---- fields -------------------------------------------------------------------------- */

void *csta_field_make(struct csta_arena *arena, const struct csta_field *field, void *value)
{
	void *place = (char *)value + field->offset;
	void **pointer = place;

	if (!field->pointer)
		return place;
	if (!*pointer)
		*pointer = csta_arena_alloc(arena, field->layout->size);
	return *pointer;
}

static bool name_is(const char *name, const char *text, size_t length)
{
	return !strncmp(name, text, length) && !name[length];
}

const struct csta_field *csta_field_find(const struct csta_layout *layout, const char *xml,
                                         size_t length, unsigned hint)
{
	for (unsigned i = 0; i < layout->field_count; i++) {
		unsigned index =
		        hint + i < layout->field_count ? hint + i : hint + i - layout->field_count;

		if (index < layout->field_count && name_is(layout->fields[index].xml, xml, length))
			return &layout->fields[index];
	}
	return NULL;
}

/* ---- choices ------------------------------------------------------------------------- */

void *csta_choice_make(struct csta_arena *arena, const struct csta_layout *layout, unsigned index,
                       void *value)
{
	memset(value, 0, layout->size);
	csta_choice_set(layout, index, value);
	return csta_field_make(arena, &layout->fields[index], value);
}

/* ---- lists --------------------------------------------------------------------------- */

void *csta_list_append(struct csta_arena *arena, const struct csta_layout *layout, void *list)
{
	asn_anonymous_set_ *set = list;
	void *item = csta_arena_alloc(arena, layout->fields[0].layout->size);

	if (!item)
		return NULL;
	if (set->count == set->size) {
		int size = set->size ? set->size * 2 : 4;
		void **array = csta_arena_alloc(arena, (size_t)size * sizeof(*array));

		if (!array)
			return NULL;
		if (set->count)
			memcpy(array, set->array, (size_t)set->count * sizeof(*array));
		set->array = array;
		set->size = size;
	}
	set->array[set->count++] = item;
	return item;
}

/* ---- strings, bits, names ------------------------------------------------------------- */

bool csta_octets_copy(struct csta_arena *arena, OCTET_STRING_t *octets, const void *data,
                      size_t length)
{
	uint8_t *copy = length < INT32_MAX ? csta_arena_copy(arena, data, length) : NULL;

	if (!copy)
		return false;
	octets->buf = copy;
	octets->size = (int)length;
	return true;
}

size_t csta_bit_count(const BIT_STRING_t *bits)
{
	return bits->size > 0 ? (size_t)bits->size * 8 - (bits->bits_unused & 7) : 0;
}

bool csta_bit_get(const BIT_STRING_t *bits, size_t bit)
{
	return bit < csta_bit_count(bits) && bits->buf[bit / 8] >> (7 - bit % 8) & 1;
}

bool csta_bit_resize(struct csta_arena *arena, BIT_STRING_t *bits, size_t count)
{
	size_t size = (count + 7) / 8;
	uint8_t *copy = count <= CSTA_BITS_MAX ? csta_arena_alloc(arena, size ? size : 1) : NULL;

	if (!copy)
		return false;
	for (size_t i = 0; i < count && i < csta_bit_count(bits); i++)
		if (csta_bit_get(bits, i))
			copy[i / 8] |= (uint8_t)(0x80 >> i % 8);
	bits->buf = copy;
	bits->size = (int)size;
	bits->bits_unused = (int)(size * 8 - count);
	return true;
}

bool csta_bit_set(struct csta_arena *arena, BIT_STRING_t *bits, size_t bit)
{
	if (bit >= csta_bit_count(bits) && !csta_bit_resize(arena, bits, bit + 1))
		return false;
	bits->buf[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return true;
}

const char *csta_name_of(const struct csta_layout *layout, long value)
{
	unsigned low = 0, high = layout->name_count;

	if (layout->shape != CSTA_ENUMERATED) {
		for (unsigned i = 0; i < layout->name_count; i++)
			if (layout->names[i].value == value)
				return layout->names[i].name;
		return NULL;
	}
	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (layout->names[middle].value < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low < layout->name_count && layout->names[low].value == value
	               ? layout->names[low].name
	               : NULL;
}

bool csta_value_of(const struct csta_layout *layout, const char *name, size_t length, long *value)
{
	for (unsigned i = 0; i < layout->name_count; i++)
		if (name_is(layout->names[i].name, name, length)) {
			*value = layout->names[i].value;
			return true;
		}
	return false;
}

/* ---- equality ------------------------------------------------------------------------ */

static bool bits_equal(const BIT_STRING_t *a, const BIT_STRING_t *b)
{
	size_t count =
	        csta_bit_count(a) > csta_bit_count(b) ? csta_bit_count(a) : csta_bit_count(b);

	for (size_t i = 0; i < count; i++)
		if (csta_bit_get(a, i) != csta_bit_get(b, i))
			return false;
	return true;
}

/* Whether a field that is there says what its absence says. */
static bool is_standard(const struct csta_field *field, const void *value)
{
	if (!field->has_standard)
		return false;
	if (field->layout->shape != CSTA_BITS)
		return *(const long *)value == field->standard;
	/* The standard bits of a bit string are counted from the first: 0 none, 1 the first. */
	for (size_t i = 0; i < csta_bit_count(value); i++)
		if (csta_bit_get(value, i) != ((long)i < field->standard))
			return false;
	return (long)csta_bit_count(value) >= field->standard;
}

static bool fields_equal(const struct csta_field *field, const void *a, const void *b)
{
	a = csta_field_get(field, a);
	b = csta_field_get(field, b);
	if (a && b)
		return csta_value_equal(field->layout, a, b);
	return a == b || is_standard(field, a ? a : b);
}

bool csta_value_equal(const struct csta_layout *layout, const void *a, const void *b)
{
	const OCTET_STRING_t *x = a, *y = b;
	int present;

	switch (layout->shape) {
	case CSTA_SEQUENCE:
		for (unsigned i = 0; i < layout->field_count; i++)
			if (!fields_equal(&layout->fields[i], a, b))
				return false;
		return true;
	case CSTA_CHOICE:
		present = csta_choice_get(layout, a);
		return present == csta_choice_get(layout, b) &&
		       (present < 0 || fields_equal(&layout->fields[present], a, b));
	case CSTA_LIST:
		if (csta_list_count(a) != csta_list_count(b))
			return false;
		for (size_t i = 0; i < csta_list_count(a); i++)
			if (!csta_value_equal(layout->fields[0].layout, csta_list_item(a, i),
			                      csta_list_item(b, i)))
				return false;
		return true;
	case CSTA_INTEGER:
	case CSTA_ENUMERATED:
		return *(const long *)a == *(const long *)b;
	case CSTA_BOOLEAN:
		return !*(const int *)a == !*(const int *)b;
	case CSTA_NULL:
		return true;
	case CSTA_OCTETS:
	case CSTA_TEXT:
	case CSTA_ANY:
	case CSTA_OID: /* asn1c: the same first members */
		return x->size == y->size && (!x->size || !memcmp(x->buf, y->buf, (size_t)x->size));
	case CSTA_BITS:
		return bits_equal(a, b);
	}
	return false;
}
