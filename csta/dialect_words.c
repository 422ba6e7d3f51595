/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What csta/dialects/words.def says of names and values, and what is lost: see dialect_copy.c.
 */
#include "csta/dialect_copy.h"

#include <INTEGER.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is lost -------------------------------------------------------------------------- */

static bool in_words(const struct dialect_words *words, const asn_TYPE_descriptor_t *type,
                     const char *name)
{
	for (size_t i = 0; i < words->count; i++)
		if (dialect_is(type, words->words[i].type) &&
		    (!strcmp(words->words[i].name, "*") || !strcmp(words->words[i].name, name)))
			return true;
	return false;
}

/* "callingDevice.restricted, cause" in codec->lost, as far as there is room. */
void dialect_lose(struct csta_copy *c, const char *name)
{
	char *lost = c->codec->lost;
	size_t length = strlen(lost);

	snprintf(lost + length, sizeof(c->codec->lost) - length, "%s%s%s%s", length ? ", " : "",
	         c->path, *c->path && *name ? "." : "", name);
}

/* A whole field is lost: in a request more than a note. */
void dialect_drop(struct csta_copy *c, const asn_TYPE_descriptor_t *type, const char *name)
{
	dialect_lose(c, name);
	if (c->dropped || in_words(&dialect_may_drop, type, name))
		return;
	c->dropped = true;
	snprintf(c->where, sizeof(c->where), "%s%s%s", c->path, *c->path ? "." : "", name);
}

struct dialect_attempt dialect_attempt(const struct csta_copy *c)
{
	return (struct dialect_attempt){strlen(c->codec->lost), c->dropped};
}

bool dialect_attempt_end(struct csta_copy *c, struct dialect_attempt attempt, bool good)
{
	if (!good) {
		c->codec->lost[attempt.lost] = '\0';
		c->dropped = attempt.dropped;
	}
	return good;
}

/* ---- names --------------------------------------------------------------------------------- */

const char *dialect_enum_name(const struct csta_layout *layout, long value)
{
	const asn_INTEGER_specifics_t *specifics = layout->type->specifics;

	for (int i = 0; specifics && i < specifics->map_count; i++)
		if (specifics->value2enum[i].nat_value == value)
			return specifics->value2enum[i].enum_name;
	return NULL;
}

bool dialect_enum_value(const struct csta_layout *layout, const char *name, long *value)
{
	const asn_INTEGER_specifics_t *specifics = layout->type->specifics;

	for (int i = 0; specifics && i < specifics->map_count; i++)
		if (!strcmp(specifics->value2enum[i].enum_name, name)) {
			*value = specifics->value2enum[i].nat_value;
			return true;
		}
	return false;
}

/* What the other side says instead; the name itself if nothing. */
const char *dialect_other_name(const asn_TYPE_descriptor_t *type, const char *name)
{
	const char *all = name;

	for (size_t i = 0; i < dialect_instead.count; i++) {
		const struct dialect_word *word = &dialect_instead.words[i];

		if (!dialect_is(type, word->type))
			continue;
		if (!strcmp(word->name, name))
			return word->other;
		if (!strcmp(word->name, "*"))
			all = word->other;
	}
	return all;
}

/* Whether the phase does not have a field, an alternative, a bit, a value; never while reading. */
bool dialect_lacking(const struct csta_copy *c, const asn_TYPE_descriptor_t *type, const char *name,
                     long number)
{
	if (!c->out)
		return false;
	for (size_t i = 0; i < dialect_lacks.count; i++) {
		const struct dialect_word *word = &dialect_lacks.words[i];

		if (word->number == (long)c->phase && word->type == type && name &&
		    !strcmp(word->name, name))
			return true;
	}
	for (size_t i = 0; i < dialect_lacks_from.count; i++) {
		const struct dialect_word *word = &dialect_lacks_from.words[i];

		if (word->number == (long)c->phase && word->type == type &&
		    number >= strtol(word->other, NULL, 10))
			return true;
	}
	return false;
}

/* ---- values that are split ----------------------------------------------------------------- */

/* SPLIT: one value of the dialect, a value and a flag of Phase III. */
bool dialect_split_read(const struct csta_layout *from, long value, const struct csta_layout *to,
                        long *out, int *flag)
{
	const char *name = dialect_enum_name(from, value);

	for (size_t i = 0; name && i < dialect_splits.count; i++) {
		const struct dialect_word *word = &dialect_splits.words[i];

		if (word->type != from->type || strcmp(word->name, name))
			continue;
		if (flag)
			*flag = (int)word->number;
		return dialect_enum_value(to, word->other, out);
	}
	return false;
}

static bool split_name(const char *name, const int *flag, const struct csta_layout *to, long *out)
{
	for (size_t i = 0; name && i < dialect_splits.count; i++) {
		const struct dialect_word *word = &dialect_splits.words[i];

		if (word->type == to->type && !strcmp(word->other, name) &&
		    (!flag || !*flag == !word->number))
			return dialect_enum_value(to, word->name, out);
	}
	return false;
}

bool dialect_split_write(struct csta_copy *c, const struct csta_layout *from, long value,
                         const int *flag, const struct csta_layout *to, long *out)
{
	const char *name = dialect_enum_name(from, value);

	if (!name || split_name(name, flag, to, out))
		return name;
	if (!split_name(dialect_other_name(from->type, name), flag, to, out))
		return false;
	dialect_lose(c, name);
	return true;
}

bool dialect_is_split(const struct csta_layout *layout)
{
	for (size_t i = 0; layout->shape == CSTA_ENUMERATED && i < dialect_splits.count; i++)
		if (dialect_splits.words[i].type == layout->type)
			return true;
	return false;
}

/* ---- what stands for what is not there ----------------------------------------------------- */

static const struct xml_fill_spelling *fill_of(const struct xml_fill_spelling *fills, size_t count,
                                               const asn_TYPE_descriptor_t *type)
{
	for (size_t i = 0; i < count; i++)
		if (!fills[i].field && dialect_is(type, fills[i].type))
			return &fills[i];
	return NULL;
}

static const struct xml_fill_spelling *fill_find(const asn_TYPE_descriptor_t *type)
{
	return fill_of(dialect_fills, dialect_fill_count, type);
}

/* Is that what absence is read as: then its absence is no loss. */
bool dialect_is_fill(const struct csta_layout *layout, const void *value)
{
	const struct xml_fill_spelling *fill = fill_find(layout->type);
	int present;

	if (!fill || !fill->value)
		return fill && layout->shape == CSTA_LIST && !csta_list_count(value);
	if (layout->shape == CSTA_ENUMERATED) {
		const char *name = dialect_enum_name(layout, *(const long *)value);

		return name && !strcmp(name, fill->value);
	}
	present = layout->shape == CSTA_CHOICE ? csta_choice_get(layout, value) : -1;
	return present >= 0 && layout->fields[present].layout->shape == CSTA_NULL &&
	       !strcmp(layout->fields[present].name, fill->value);
}

bool dialect_fill(struct csta_copy *c, const struct csta_field *field, void *parent)
{
	const struct xml_fill_spelling *entry = fill_find(field->layout->type);
	void *value = entry ? csta_field_make(c->arena, field, parent) : NULL;

	if (!value)
		return false;
	if (!entry->value)
		return true;
	if (field->layout->shape == CSTA_ENUMERATED)
		return dialect_enum_value(field->layout, entry->value, value);
	for (unsigned i = 0; i < field->layout->field_count; i++)
		if (!strcmp(field->layout->fields[i].name, entry->value))
			return csta_choice_make(c->arena, field->layout, i, value);
	return false;
}

bool dialect_standard(const struct csta_field *field, const void *value)
{
	if (!field->has_standard)
		return false;
	if (field->layout->shape == CSTA_BITS) {
		for (size_t i = 0; i < csta_bit_count(value); i++)
			if (csta_bit_get(value, i))
				return false;
		return true;
	}
	return *(const long *)value == field->standard;
}
