/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields by their names, and deeper ones: see dialect_copy.c.
 */
#include "csta/dialect_copy.h"

#include <string.h>

/* So deep a field of DEEP() stands at most. */
#define DEEP_MAX 3

/* Is there a place for that name: a field, an alternative, or one of those within flat ones. */
bool dialect_takes(const struct csta_layout *layout, const char *name)
{
	if (layout->shape != CSTA_SEQUENCE && layout->shape != CSTA_CHOICE)
		return false;
	for (unsigned i = 0; i < layout->field_count; i++) {
		const struct csta_field *field = &layout->fields[i];

		if (field->flat ? dialect_takes(field->layout, name) : !strcmp(field->name, name))
			return true;
	}
	return false;
}

bool dialect_find(const struct csta_layout *layout, const void *value, const char *name,
                  struct dialect_found *out)
{
	int present;

	if (layout->shape == CSTA_CHOICE) {
		present = csta_choice_get(layout, value);
		if (present < 0)
			return false;
		const struct csta_field *field = &layout->fields[present];
		const void *inner = csta_field_get(field, value);

		if (!inner)
			return false;
		if (field->flat)
			return dialect_find(field->layout, inner, name, out);
		*out = (struct dialect_found){field->layout, inner};
		return !strcmp(field->name, name);
	}
	for (unsigned i = 0; layout->shape == CSTA_SEQUENCE && i < layout->field_count; i++) {
		const struct csta_field *field = &layout->fields[i];
		const void *inner = csta_field_get(field, value);

		if (!inner)
			continue;
		if (field->flat ? dialect_find(field->layout, inner, name, out)
		                : !strcmp(field->name, name)) {
			if (!field->flat)
				*out = (struct dialect_found){field->layout, inner};
			return true;
		}
	}
	return false;
}

bool dialect_is_deep(const char *name)
{
	for (size_t i = 0; i < dialect_deep_count; i++)
		if (!strcmp(dialect_deep[i], name))
			return true;
	return false;
}

const struct csta_field *dialect_flag_of(const struct csta_layout *layout)
{
	for (unsigned i = 0; i < layout->field_count; i++)
		if (layout->fields[i].layout->shape == CSTA_BOOLEAN && !layout->fields[i].optional)
			return &layout->fields[i];
	return NULL;
}

/* A field further down, through the first items of lists; the BOOLEAN met on the way. */
bool dialect_find_deep(const struct csta_layout *layout, const void *value, const char *name,
                       struct dialect_found *out, const int **flag)
{
	if (layout->shape == CSTA_LIST)
		return csta_list_count(value) &&
		       dialect_find_deep(layout->fields[0].layout, csta_list_item(value, 0), name,
		                         out, flag);
	if (layout->shape != CSTA_SEQUENCE)
		return false;
	const struct csta_field *own = dialect_flag_of(layout);

	if (own && flag)
		*flag = csta_field_get(own, value);
	if (dialect_find(layout, value, name, out))
		return true;
	for (unsigned i = 0; i < layout->field_count; i++) {
		const void *inner = csta_field_get(&layout->fields[i], value);

		if (inner && dialect_find_deep(layout->fields[i].layout, inner, name, out, flag))
			return true;
	}
	return false;
}

static bool reaches(const struct csta_layout *layout, const char *name, unsigned depth)
{
	if (layout->shape == CSTA_LIST)
		return reaches(layout->fields[0].layout, name, depth);
	if (layout->shape != CSTA_SEQUENCE || !depth)
		return false;
	if (dialect_takes(layout, name))
		return true;
	for (unsigned i = 0; i < layout->field_count; i++)
		if (reaches(layout->fields[i].layout, name, depth - 1))
			return true;
	return false;
}

/* The same, made: lists get an item. NULL: no such field, or no memory. */
void *dialect_make_deep(struct csta_copy *c, const struct csta_layout *layout, void *value,
                        const char *name, const struct csta_layout **field_layout, int **flag)
{
	const struct csta_field *way = NULL, *own = dialect_flag_of(layout);

	if (layout->shape == CSTA_LIST) {
		void *item = csta_list_append(c->arena, layout, value);

		return item ? dialect_make_deep(c, layout->fields[0].layout, item, name,
		                                field_layout, flag)
		            : NULL;
	}
	if (own)
		*flag = csta_field_make(c->arena, own, value);
	for (unsigned i = 0; i < layout->field_count; i++) {
		const struct csta_field *field = &layout->fields[i];

		if (!strcmp(field->name, name)) {
			*field_layout = field->layout;
			return csta_field_make(c->arena, field, value);
		}
		if (!way && reaches(field->layout, name, DEEP_MAX))
			way = field;
	}
	void *made = way ? csta_field_make(c->arena, way, value) : NULL;

	return made ? dialect_make_deep(c, way->layout, made, name, field_layout, flag) : NULL;
}

/* A field of DEEP(), also of flat ones. */
bool dialect_deep_field(const struct csta_layout *from, const void *value,
                        const struct csta_field **out, const void **inner)
{
	for (unsigned i = 0; i < from->field_count; i++) {
		const struct csta_field *field = &from->fields[i];

		*inner = from->shape == CSTA_CHOICE && csta_choice_get(from, value) != (int)i
		                 ? NULL
		                 : csta_field_get(field, value);
		*out = field;
		if (*inner &&
		    (dialect_is_deep(field->name) ||
		     (field->flat && dialect_deep_field(field->layout, *inner, out, inner))))
			return true;
	}
	return false;
}
