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
#include "csta/ber_value.h"
#include "csta/dialect.h"

#include <INTEGER.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Packing within packing; no layout comes near it. */
#define DEPTH_MAX 48
/* So deep a field of DEEP() stands at most. */
#define DEEP_MAX 3

/* A value somewhere in a struct. */
struct found {
	const struct csta_layout *layout;
	const void *value;
};

static bool copy(struct csta_copy *, const struct csta_layout *, const void *,
                 const struct csta_layout *, void *);
static bool copy_same(struct csta_copy *, const struct csta_layout *, const void *,
                      const struct csta_layout *, void *);
static bool fill_fields(struct csta_copy *, const struct csta_layout *, const void *,
                        const struct csta_layout *, void *, uint64_t *set);

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
void csta_copy_lose(struct csta_copy *c, const char *name)
{
	char *lost = c->codec->lost;
	size_t length = strlen(lost);

	snprintf(lost + length, sizeof(c->codec->lost) - length, "%s%s%s%s", length ? ", " : "",
	         c->path, *c->path && *name ? "." : "", name);
}

/* A whole field is lost: in a request more than a note. */
static void drop(struct csta_copy *c, const asn_TYPE_descriptor_t *type, const char *name)
{
	csta_copy_lose(c, name);
	if (c->dropped || in_words(&dialect_may_drop, type, name))
		return;
	c->dropped = true;
	snprintf(c->where, sizeof(c->where), "%s%s%s", c->path, *c->path ? "." : "", name);
}

/* An attempt that fails has lost nothing. */
struct attempt {
	size_t lost;
	bool dropped;
};

static struct attempt attempt_begin(const struct csta_copy *c)
{
	return (struct attempt){strlen(c->codec->lost), c->dropped};
}

static bool attempt_end(struct csta_copy *c, struct attempt attempt, bool good)
{
	if (!good) {
		c->codec->lost[attempt.lost] = '\0';
		c->dropped = attempt.dropped;
	}
	return good;
}

/* ---- names --------------------------------------------------------------------------------- */

/* What the other side says instead; the name itself if nothing. */
static const char *other_name(const asn_TYPE_descriptor_t *type, const char *name)
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
static bool lacking(const struct csta_copy *c, const asn_TYPE_descriptor_t *type, const char *name,
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

/* ---- looking for a field ------------------------------------------------------------------- */

/* Is there a place for that name: a field, an alternative, or one of those within flat ones. */
static bool takes(const struct csta_layout *layout, const char *name)
{
	if (layout->shape != CSTA_SEQUENCE && layout->shape != CSTA_CHOICE)
		return false;
	for (unsigned i = 0; i < layout->field_count; i++) {
		const struct csta_field *field = &layout->fields[i];

		if (field->flat ? takes(field->layout, name) : !strcmp(field->name, name))
			return true;
	}
	return false;
}

static bool find(const struct csta_layout *layout, const void *value, const char *name,
                 struct found *out)
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
			return find(field->layout, inner, name, out);
		*out = (struct found){field->layout, inner};
		return !strcmp(field->name, name);
	}
	for (unsigned i = 0; layout->shape == CSTA_SEQUENCE && i < layout->field_count; i++) {
		const struct csta_field *field = &layout->fields[i];
		const void *inner = csta_field_get(field, value);

		if (!inner)
			continue;
		if (field->flat ? find(field->layout, inner, name, out)
		                : !strcmp(field->name, name)) {
			if (!field->flat)
				*out = (struct found){field->layout, inner};
			return true;
		}
	}
	return false;
}

static bool is_deep(const char *name)
{
	for (size_t i = 0; i < dialect_deep_count; i++)
		if (!strcmp(dialect_deep[i], name))
			return true;
	return false;
}

static const struct csta_field *flag_of(const struct csta_layout *layout)
{
	for (unsigned i = 0; i < layout->field_count; i++)
		if (layout->fields[i].layout->shape == CSTA_BOOLEAN && !layout->fields[i].optional)
			return &layout->fields[i];
	return NULL;
}

/* A field further down, through the first items of lists; the BOOLEAN met on the way. */
static bool find_deep(const struct csta_layout *layout, const void *value, const char *name,
                      struct found *out, const int **flag)
{
	if (layout->shape == CSTA_LIST)
		return csta_list_count(value) &&
		       find_deep(layout->fields[0].layout, csta_list_item(value, 0), name, out,
		                 flag);
	if (layout->shape != CSTA_SEQUENCE)
		return false;
	const struct csta_field *own = flag_of(layout);

	if (own && flag)
		*flag = csta_field_get(own, value);
	if (find(layout, value, name, out))
		return true;
	for (unsigned i = 0; i < layout->field_count; i++) {
		const void *inner = csta_field_get(&layout->fields[i], value);

		if (inner && find_deep(layout->fields[i].layout, inner, name, out, flag))
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
	if (takes(layout, name))
		return true;
	for (unsigned i = 0; i < layout->field_count; i++)
		if (reaches(layout->fields[i].layout, name, depth - 1))
			return true;
	return false;
}

/* The same, made: lists get an item. NULL: no such field, or no memory. */
static void *make_deep(struct csta_copy *c, const struct csta_layout *layout, void *value,
                       const char *name, const struct csta_layout **field_layout, int **flag)
{
	const struct csta_field *way = NULL, *own = flag_of(layout);

	if (layout->shape == CSTA_LIST) {
		void *item = csta_list_append(c->arena, layout, value);

		return item ? make_deep(c, layout->fields[0].layout, item, name, field_layout, flag)
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

	return made ? make_deep(c, way->layout, made, name, field_layout, flag) : NULL;
}

/* ---- leaves -------------------------------------------------------------------------------- */

static const char *enum_name(const struct csta_layout *layout, long value)
{
	const asn_INTEGER_specifics_t *specifics = layout->type->specifics;

	for (int i = 0; specifics && i < specifics->map_count; i++)
		if (specifics->value2enum[i].nat_value == value)
			return specifics->value2enum[i].enum_name;
	return NULL;
}

static bool enum_value(const struct csta_layout *layout, const char *name, long *value)
{
	const asn_INTEGER_specifics_t *specifics = layout->type->specifics;

	for (int i = 0; specifics && i < specifics->map_count; i++)
		if (!strcmp(specifics->value2enum[i].enum_name, name)) {
			*value = specifics->value2enum[i].nat_value;
			return true;
		}
	return false;
}

/* A number without a name, which only a wire brings, stays what it is. */
static bool copy_enum(struct csta_copy *c, const struct csta_layout *from, long value,
                      const struct csta_layout *to, long *out)
{
	const char *name = enum_name(from, value), *other;

	if (!name) {
		*out = value;
		return !enum_name(to, value);
	}
	if (enum_value(to, name, out) && !lacking(c, to->type, name, *out))
		return true;
	other = other_name(from->type, name);
	if (other == name || !enum_value(to, other, out) || lacking(c, to->type, other, *out))
		return false;
	csta_copy_lose(c, name);
	return true;
}

static bool copy_bits(struct csta_copy *c, const struct csta_layout *from, const BIT_STRING_t *bits,
                      const struct csta_layout *to, BIT_STRING_t *out)
{
	for (size_t i = 0; i < csta_bit_count(bits); i++) {
		const char *name = csta_name_of(from, (long)i);
		long position;

		if (!csta_bit_get(bits, i))
			continue;
		if (name && !csta_value_of(to, name, strlen(name), &position))
			name = other_name(from->type, name);
		if (!name || !csta_value_of(to, name, strlen(name), &position) ||
		    lacking(c, to->type, name, position))
			csta_copy_lose(c, name ? name : "a bit without name");
		else if (!csta_bit_set(c->arena, out, (size_t)position))
			return false;
	}
	return true;
}

static bool is_tagged(const struct csta_layout *layout, ber_tlv_tag_t number)
{
	return layout->type->tags_count == 1 &&
	       layout->type->tags[0] == (ASN_TAG_CLASS_UNIVERSAL | number << 2);
}

/*
 * UTCTime 151129224534Z and GeneralizedTime 20151129224534Z. Two digits of a year mean 1950 to 2049
 * (X.509); a time of other centuries, or of an unknown zone, has no UTCTime.
 */
static bool copy_time(struct csta_copy *c, bool utc, const OCTET_STRING_t *from,
                      OCTET_STRING_t *out)
{
	const char *text = (const char *)from->buf;
	size_t length = from->size > 0 ? (size_t)from->size : 0;
	char other[40];
	int size;

	if (length < 11 || length > 30 || strspn(text, "0123456789") < 10)
		return false;
	if (utc) {
		size = snprintf(other, sizeof(other), "%s%.*s", text[0] < '5' ? "20" : "19",
		                (int)length, text);
	} else {
		size_t digits = strspn(text, "0123456789"), zone = digits;

		if (digits < 12 || digits > 14 ||
		    atoi((char[]){text[0], text[1], text[2], text[3], 0}) < 1950 ||
		    (strncmp(text, "19", 2) && strncmp(text, "20", 2)) ||
		    (text[0] == '2' && text[2] >= '5'))
			return false;
		while (zone < length && text[zone] != 'Z' && text[zone] != '+' && text[zone] != '-')
			zone++;
		if (zone == length)
			return false;
		if (zone > digits)
			csta_copy_lose(c, "fraction");
		size = snprintf(other, sizeof(other), "%.*s%.*s", (int)digits - 2, text + 2,
		                (int)(length - zone), text + zone);
	}
	return csta_octets_copy(c->arena, out, other, (size_t)size);
}

/* A typed value as one TLV, and back. */
static bool copy_to_any(struct csta_copy *c, const struct csta_layout *from, const void *value,
                        ANY_t *out)
{
	struct csta_buffer buffer = {0};
	struct tlv_writer writer = tlv_writer(&buffer);
	bool good =
	        !csta_value_write(&writer, from, CSTA_NO_TAG, value) && !writer.failed &&
	        csta_octets_copy(c->arena, (OCTET_STRING_t *)out, writer.at, tlv_written(&writer));

	c->arena->failed |= writer.failed;
	csta_buffer_free(&buffer);
	return good;
}

static bool copy_from_any(struct csta_copy *c, const ANY_t *value, const struct csta_layout *to,
                          void *out)
{
	struct tlv_reader reader = {value->buf, value->buf + value->size};
	struct tlv tlv;
	size_t size;

	return value->size > 0 &&
	       !tlv_check(value->buf, (size_t)value->size, &c->codec->limits, &size, NULL) &&
	       tlv_read(&reader, &tlv) && reader.next == reader.end &&
	       csta_value_read(c->arena, to, &tlv, false, out);
}

static bool copy_leaf(struct csta_copy *c, const struct csta_layout *from, const void *value,
                      const struct csta_layout *to, void *out)
{
	if (to->shape == CSTA_ANY && from->shape != CSTA_ANY)
		return from->shape == CSTA_SEQUENCE && copy_to_any(c, from, value, out);
	if (from->shape == CSTA_ANY && to->shape != CSTA_ANY)
		return to->shape == CSTA_SEQUENCE && copy_from_any(c, value, to, out);
	if (from->shape == CSTA_BOOLEAN && to->shape == CSTA_BITS)
		return !*(const int *)value || csta_bit_set(c->arena, out, 0);
	if (from->shape == CSTA_BITS && to->shape == CSTA_BOOLEAN) {
		*(int *)out = csta_bit_get(value, 0);
		return true;
	}
	if (from->shape != to->shape)
		return false;
	switch (from->shape) {
	case CSTA_ENUMERATED:
		return copy_enum(c, from, *(const long *)value, to, out);
	case CSTA_INTEGER:
		*(long *)out = *(const long *)value;
		return true;
	case CSTA_BOOLEAN:
		*(int *)out = *(const int *)value;
		return true;
	case CSTA_NULL:
		return true;
	case CSTA_BITS:
		return copy_bits(c, from, value, to, out);
	case CSTA_OCTETS:
		if (is_tagged(from, 23) != is_tagged(to, 23))
			return copy_time(c, is_tagged(from, 23), value, out);
		/* fall through */
	case CSTA_TEXT:
	case CSTA_ANY:
	case CSTA_OID: /* the octets are shared: both live as long as the message */
		((OCTET_STRING_t *)out)->buf = ((const OCTET_STRING_t *)value)->buf;
		((OCTET_STRING_t *)out)->size = ((const OCTET_STRING_t *)value)->size;
		return true;
	case CSTA_SEQUENCE:
	case CSTA_CHOICE:
	case CSTA_LIST:
		break;
	}
	return false;
}

/* ---- what stands for what is not there ------------------------------------------------------ */

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
static bool is_fill(const struct csta_layout *layout, const void *value)
{
	const struct xml_fill_spelling *fill = fill_find(layout->type);
	int present;

	if (!fill || !fill->value)
		return fill && layout->shape == CSTA_LIST && !csta_list_count(value);
	if (layout->shape == CSTA_ENUMERATED) {
		const char *name = enum_name(layout, *(const long *)value);

		return name && !strcmp(name, fill->value);
	}
	present = layout->shape == CSTA_CHOICE ? csta_choice_get(layout, value) : -1;
	return present >= 0 && layout->fields[present].layout->shape == CSTA_NULL &&
	       !strcmp(layout->fields[present].name, fill->value);
}

static bool fill(struct csta_copy *c, const struct csta_field *field, void *parent)
{
	const struct xml_fill_spelling *entry = fill_find(field->layout->type);
	void *value = entry ? csta_field_make(c->arena, field, parent) : NULL;

	if (!value)
		return false;
	if (!entry->value)
		return true;
	if (field->layout->shape == CSTA_ENUMERATED)
		return enum_value(field->layout, entry->value, value);
	for (unsigned i = 0; i < field->layout->field_count; i++)
		if (!strcmp(field->layout->fields[i].name, entry->value))
			return csta_choice_make(c->arena, field->layout, i, value);
	return false;
}

/* Every mandatory field of a SEQUENCE, those that nothing was said of included. */
static bool complete(struct csta_copy *c, const struct csta_layout *to, void *out, uint64_t set)
{
	for (unsigned i = 0; i < to->field_count; i++) {
		const struct csta_field *field = &to->fields[i];

		bool given = !*c->path && c->given && !strcmp(field->name, c->given);

		if (field->optional || given || set >> i & 1 || fill(c, field, out))
			continue;
		if (!c->where[0])
			snprintf(c->where, sizeof(c->where), "%s%s%s", c->path, *c->path ? "." : "",
			         field->name);
		return false;
	}
	return true;
}

/* ---- one field of a SEQUENCE ----------------------------------------------------------------- */

/* SPLIT: one value of the dialect, a value and a flag of Phase III. */
static bool split_read(const struct csta_layout *from, long value, const struct csta_layout *to,
                       long *out, int *flag)
{
	const char *name = enum_name(from, value);

	for (size_t i = 0; name && i < dialect_splits.count; i++) {
		const struct dialect_word *word = &dialect_splits.words[i];

		if (word->type != from->type || strcmp(word->name, name))
			continue;
		if (flag)
			*flag = (int)word->number;
		return enum_value(to, word->other, out);
	}
	return false;
}

static bool split_name(const char *name, const int *flag, const struct csta_layout *to, long *out)
{
	for (size_t i = 0; name && i < dialect_splits.count; i++) {
		const struct dialect_word *word = &dialect_splits.words[i];

		if (word->type == to->type && !strcmp(word->other, name) &&
		    (!flag || !*flag == !word->number))
			return enum_value(to, word->name, out);
	}
	return false;
}

static bool split_write(struct csta_copy *c, const struct csta_layout *from, long value,
                        const int *flag, const struct csta_layout *to, long *out)
{
	const char *name = enum_name(from, value);

	if (!name || split_name(name, flag, to, out))
		return name;
	if (!split_name(other_name(from->type, name), flag, to, out))
		return false;
	csta_copy_lose(c, name);
	return true;
}

static bool is_split(const struct csta_layout *layout)
{
	for (size_t i = 0; layout->shape == CSTA_ENUMERATED && i < dialect_splits.count; i++)
		if (dialect_splits.words[i].type == layout->type)
			return true;
	return false;
}

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

	if (!enum_value(to, name, out)) {
		name = other_name(from->type, name);
		if (!enum_value(to, name, out))
			return false;
		csta_copy_lose(c, field->name);
	}
	return field->layout->shape != CSTA_SEQUENCE ||
	       fill_fields(c, field->layout, csta_field_get(field, value), parent, out_parent, set);
}

static bool hoist_write(struct csta_copy *c, const struct csta_layout *parent, const void *value,
                        const struct csta_layout *from, long number, const struct csta_layout *to,
                        void *out)
{
	const char *name = enum_name(from, number);
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
                       const struct found *found, const int *flag, const struct csta_layout *to,
                       void *out, const struct csta_field *field, uint64_t *set)
{
	void *made = csta_field_make(c->arena, field, out);

	if (!made)
		return false;
	if (found->layout->shape == CSTA_ENUMERATED && is_split(field->layout)) {
		const struct csta_field *own = flag_of(from);

		return split_write(c, found->layout, *(const long *)found->value,
		                   flag  ? flag
		                   : own ? csta_field_get(own, value)
		                         : NULL,
		                   field->layout, made);
	}
	if (is_split(found->layout)) {
		const struct csta_field *own = flag_of(to);

		if (own)
			*set |= 1ull << (own - to->fields);
		return split_read(found->layout, *(const long *)found->value, field->layout, made,
		                  own ? csta_field_make(c->arena, own, out) : NULL);
	}
	if (found->layout->shape == CSTA_CHOICE && field->layout->shape == CSTA_ENUMERATED)
		return hoist_read(c, found->layout, found->value, to, out, field->layout, made,
		                  set);
	if (found->layout->shape == CSTA_ENUMERATED && field->layout->shape == CSTA_CHOICE)
		return hoist_write(c, from, value, found->layout, *(const long *)found->value,
		                   field->layout, made);
	return copy(c, found->layout, found->value, field->layout, made);
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

static bool standard(const struct csta_field *field, const void *value)
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
		other = name ? other_name(layout->type, name) : "";
		for (unsigned k = 0; k < to->field_count && !placed; k++) {
			const struct csta_field *field = &to->fields[k];
			long position;

			if (field->layout->shape != CSTA_BITS ||
			    !csta_value_of(field->layout, other, strlen(other), &position) ||
			    lacking(c, to->type, field->name, 0) ||
			    lacking(c, field->layout->type, other, position))
				continue;
			BIT_STRING_t *made = csta_field_make(c->arena, field, out);

			if (!made || !csta_bit_set(c->arena, made, (size_t)position))
				return false;
			placed = true;
		}
		if (!placed || other != name)
			csta_copy_lose(c, name ? name : "a bit without name");
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
			    takes(field->layout->fields[present].layout, name))
				return true;
	}
	return false;
}

/* A field of DEEP(), also of flat ones. */
static bool deep_field(const struct csta_layout *from, const void *value,
                       const struct csta_field **out, const void **inner)
{
	for (unsigned i = 0; i < from->field_count; i++) {
		const struct csta_field *field = &from->fields[i];

		*inner = from->shape == CSTA_CHOICE && csta_choice_get(from, value) != (int)i
		                 ? NULL
		                 : csta_field_get(field, value);
		*out = field;
		if (*inner && (is_deep(field->name) ||
		               (field->flat && deep_field(field->layout, *inner, out, inner))))
			return true;
	}
	return false;
}

static bool deep_read(struct csta_copy *c, const struct csta_field *field, const void *inner,
                      const struct csta_layout *to, void *out)
{
	const struct csta_layout *deep;
	int *flag = NULL;
	void *made = make_deep(c, to, out, field->name, &deep, &flag);

	return made && split_read(field->layout, *(const long *)inner, deep, made, flag);
}

/* What @p from has and @p to has no place for. */
static bool leftovers(struct csta_copy *c, const struct csta_layout *from, const void *value,
                      const struct csta_layout *to, void *out, uint64_t *set)
{
	for (unsigned i = 0; i < from->field_count; i++) {
		const struct csta_field *field = &from->fields[i];
		const void *inner = csta_field_get(field, value);

		if (!inner || field == c->skip || takes(to, field->name) ||
		    (c->out && hoisted(from, to, out, field->name)))
			continue;
		if (field->flat) {
			if (field->layout->shape == CSTA_SEQUENCE &&
			    !leftovers(c, field->layout, inner, to, out, set))
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
		if (!c->out && is_deep(field->name)) {
			if (!deep_read(c, field, inner, to, out))
				return false;
			*set = UINT64_MAX;
			continue;
		}
		/* Part of a split value; or what absence says too. */
		if (c->out && field == flag_of(from))
			continue;
		if (!c->part && !standard(field, inner) &&
		    (field->optional || !is_fill(field->layout, inner)))
			drop(c, from->type, field->name);
	}
	return true;
}

/* One field of @p to; whatever fails leaves it absent, and is noted. */
static void fill_field(struct csta_copy *c, const struct csta_layout *from, const void *value,
                       const struct csta_layout *to, void *out, unsigned i, uint64_t *set)
{
	const struct csta_field *field = &to->fields[i];
	struct found found;
	const int *flag = NULL;
	size_t length;

	if (lacking(c, to->type, field->name, 0)) {
		if (find(from, value, field->name, &found))
			drop(c, from->type, field->name);
		return;
	}
	if (!find(from, value, field->name, &found) &&
	    !(c->out && is_deep(field->name) && find_deep(from, value, field->name, &found, &flag)))
		return;
	if (c->skip && found.value == csta_field_get(c->skip, value) &&
	    found.layout == c->skip->layout)
		return;
	path_push(c, field->name, &length);
	struct attempt attempt = attempt_begin(c);
	bool good = attempt_end(c, attempt,
	                        copy_found(c, from, value, &found, flag, to, out, field, set));

	c->path[length] = '\0';
	if (good) {
		*set |= 1ull << i;
		return;
	}
	unmake(field, out);
	if (!is_fill(found.layout, found.value))
		drop(c, from->type, field->name);
}

static bool fill_fields(struct csta_copy *c, const struct csta_layout *from, const void *value,
                        const struct csta_layout *to, void *out, uint64_t *set)
{
	for (unsigned i = 0; i < to->field_count; i++) {
		const struct csta_field *field = &to->fields[i];

		if (!field->flat) {
			fill_field(c, from, value, to, out, i, set);
		} else {
			/* Its fields are those of all of @p from. */
			void *made = csta_field_make(c->arena, field, out);

			c->part_next = true;
			if (made && copy(c, from, value, field->layout, made))
				*set |= 1ull << i;
			else
				unmake(field, out);
		}
		if (c->arena->failed)
			return false;
	}
	return from->shape != CSTA_SEQUENCE || leftovers(c, from, value, to, out, set);
}

/* DEVICE_OF: the device that Phase III names beside its connection. */
static void device_of(struct csta_copy *c, const struct csta_layout *to, void *out, uint64_t *set)
{
	for (size_t i = 0; !c->out && i < dialect_devices.count; i++) {
		const struct dialect_word *word = &dialect_devices.words[i];
		struct found connection, device;

		if (word->type != to->type || !find(to, out, word->other, &connection) ||
		    !find(connection.layout, connection.value, "deviceID", &device) ||
		    !find(device.layout, device.value, "staticID", &device))
			continue;
		for (unsigned k = 0; k < to->field_count; k++) {
			void *made = !strcmp(to->fields[k].name, word->name) && !(*set >> k & 1)
			                     ? csta_field_make(c->arena, &to->fields[k], out)
			                     : NULL;

			if (made &&
			    copy(c, device.layout, device.value, to->fields[k].layout, made))
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

	if (!c->out && present >= 0 && deep_field(from, value, &field, &inner)) {
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

		if (!made || !copy_same(c, from, value, to->fields[first].layout, made))
			return false;
		set |= 1ull << first;
	}
	device_of(c, to, out, &set);
	return complete(c, to, out, set);
}

/* ---- choices ----------------------------------------------------------------------------------
 */

/* How many of a SEQUENCE's fields that are there an alternative has a place for. */
static unsigned score(const struct csta_copy *c, const struct csta_layout *from, const void *value,
                      const struct csta_field *alternative)
{
	unsigned count = 0;
	struct found found;

	if (!alternative->flat)
		return find(from, value, alternative->name, &found) ||
		       (c->out && is_deep(alternative->name) &&
		        find_deep(from, value, alternative->name, &found, NULL));
	for (unsigned i = 0; i < from->field_count; i++)
		count += csta_field_get(&from->fields[i], value) && &from->fields[i] != c->skip &&
		         takes(alternative->layout, from->fields[i].name);
	return count;
}

/* The first field that is there, without its SEQUENCE. */
static bool unwrap_sequence(struct csta_copy *c, const struct csta_layout *from, const void *value,
                            const struct csta_layout *to, void *out)
{
	unsigned first = 0;

	while (first < from->field_count && !csta_field_get(&from->fields[first], value))
		first++;
	if (first == from->field_count ||
	    !copy(c, from->fields[first].layout, csta_field_get(&from->fields[first], value), to,
	          out))
		return false;
	while (++first < from->field_count)
		if (csta_field_get(&from->fields[first], value))
			drop(c, from->type, from->fields[first].name);
	return true;
}

/* The alternative of a result that says nothing; what was to be said is lost. */
static bool no_data(struct csta_copy *c, const struct csta_layout *to, void *out,
                    const char *instead_of)
{
	for (unsigned i = 0; i < to->field_count; i++)
		if (to->fields[i].layout->shape == CSTA_NULL &&
		    !strcmp(to->fields[i].name, "noData")) {
			if (instead_of)
				csta_copy_lose(c, instead_of);
			return csta_choice_make(c->arena, to, i, out);
		}
	return false;
}

static bool sequence_to_choice(struct csta_copy *c, const struct csta_layout *from,
                               const void *value, const struct csta_layout *to, void *out)
{
	unsigned best = to->field_count, most = 0;
	uint64_t set = 0;

	for (unsigned i = 0; i < to->field_count; i++) {
		unsigned count = lacking(c, to->type, to->fields[i].name, 0)
		                         ? 0
		                         : score(c, from, value, &to->fields[i]);

		if (count > most) {
			most = count;
			best = i;
		}
	}
	if (best == to->field_count) {
		struct attempt attempt = attempt_begin(c);

		if (no_data(c, to, out, NULL))
			return leftovers(c, from, value, to, out, &set);
		if (attempt_end(c, attempt, unwrap_sequence(c, from, value, to, out)))
			return true;
		/* Nothing of it is there: the alternative that is a SEQUENCE may be empty too. */
		for (best = 0; best < to->field_count; best++)
			if (to->fields[best].flat &&
			    !lacking(c, to->type, to->fields[best].name, 0))
				break;
		void *empty =
		        best < to->field_count ? csta_choice_make(c->arena, to, best, out) : NULL;

		return empty && copy_same(c, from, value, to->fields[best].layout, empty);
	}
	const struct csta_field *field = &to->fields[best];
	void *made = csta_choice_make(c->arena, to, best, out);

	if (!made)
		return false;
	if (field->flat)
		return copy_same(c, from, value, field->layout, made);
	/* As one field of a SEQUENCE, with the others left over. */
	struct csta_field only = *field;
	struct csta_layout single = *to;

	single.fields = &only;
	single.field_count = 1;
	fill_field(c, from, value, &single, out, 0, &set);
	return (set & 1 || no_data(c, to, out, NULL)) &&
	       leftovers(c, from, value, &single, out, &set);
}

static bool copy_choice(struct csta_copy *c, const struct csta_layout *from, const void *value,
                        const struct csta_layout *to, void *out)
{
	int present = csta_choice_get(from, value);

	if (present < 0)
		return false;
	const struct csta_field *field = &from->fields[present];
	const void *inner = csta_field_get(field, value);
	const char *names[] = {field->name, other_name(from->type, field->name)};

	for (unsigned n = 0; n < 2 && inner; n++)
		for (unsigned i = 0; i < to->field_count; i++) {
			const char *name = to->fields[i].name;

			if (strcmp(name, names[n]) || lacking(c, to->type, name, 0))
				continue;
			if (n)
				csta_copy_lose(c, field->name);
			void *made = csta_choice_make(c->arena, to, i, out);

			struct attempt attempt = attempt_begin(c);

			return (made && attempt_end(c, attempt,
			                            to->fields[i].layout->shape == CSTA_NULL ||
			                                    copy(c, field->layout, inner,
			                                         to->fields[i].layout, made))) ||
			       no_data(c, to, out, field->name);
		}
	if (!inner || field->layout->shape == CSTA_NULL)
		return false;
	struct attempt attempt = attempt_begin(c);

	if (attempt_end(c, attempt, copy(c, field->layout, inner, to, out))) {
		/* A number that became one of another kind. */
		if (field->layout->field_count == 0)
			csta_copy_lose(c, field->name);
		return true;
	}
	for (unsigned i = 0; i < to->field_count; i++) {
		if (lacking(c, to->type, to->fields[i].name, 0))
			continue;
		void *made = csta_choice_make(c->arena, to, i, out);

		if (made &&
		    attempt_end(c, attempt, copy_same(c, from, value, to->fields[i].layout, made)))
			return true;
	}
	return no_data(c, to, out, field->name);
}

static bool to_choice(struct csta_copy *c, const struct csta_layout *from, const void *value,
                      const struct csta_layout *to, void *out)
{
	struct attempt attempt = attempt_begin(c);

	if (from->shape == CSTA_CHOICE)
		return copy_choice(c, from, value, to, out);
	if (from->shape == CSTA_SEQUENCE)
		return sequence_to_choice(c, from, value, to, out);
	for (unsigned i = 0; from->shape != CSTA_NULL && i < to->field_count; i++) {
		if (lacking(c, to->type, to->fields[i].name, 0))
			continue;
		void *made = csta_choice_make(c->arena, to, i, out);

		if (made &&
		    attempt_end(c, attempt, copy_same(c, from, value, to->fields[i].layout, made)))
			return true;
	}
	return false;
}

/* ---- all
 * ----------------------------------------------------------------------------------------- */

static bool from_list(struct csta_copy *c, const struct csta_layout *from, const void *value,
                      const struct csta_layout *to, void *out)
{
	size_t count = csta_list_count(value);
	const struct csta_layout *item = from->fields[0].layout;

	if (to->shape == CSTA_LIST) {
		for (size_t i = 0; i < count; i++) {
			void *made = csta_list_append(c->arena, to, out);

			struct attempt attempt = attempt_begin(c);

			if (made && attempt_end(c, attempt,
			                        copy(c, item, csta_list_item(value, i),
			                             to->fields[0].layout, made)))
				continue;
			if (!made || c->arena->failed)
				return false;
			/* An item that cannot be said: the others can. */
			((asn_anonymous_set_ *)out)->count--;
			drop(c, from->type, "item");
		}
		return !count || csta_list_count(out);
	}
	if (!count || !copy(c, item, csta_list_item(value, 0), to, out))
		return false;
	if (count > 1)
		csta_copy_lose(c, "further items");
	return true;
}

static bool copy_any(struct csta_copy *c, const struct csta_layout *from, const void *value,
                     const struct csta_layout *to, void *out)
{
	void *made;
	int present;

	if (to->shape == CSTA_CHOICE &&
	    from->shape == CSTA_LIST) /* ConnectionList, packed thrice */
		return to_choice(c, from, value, to, out);
	if (from->shape == CSTA_LIST)
		return from_list(c, from, value, to, out);
	if (from->shape == CSTA_CHOICE && to->shape == CSTA_LIST) {
		present = csta_choice_get(from, value);
		if (present >= 0 && from->fields[present].layout->shape == CSTA_LIST)
			return copy(c, from->fields[present].layout,
			            csta_field_get(&from->fields[present], value), to, out);
	}
	if (to->shape == CSTA_LIST) {
		made = csta_list_append(c->arena, to, out);
		return made && copy_same(c, from, value, to->fields[0].layout, made);
	}
	if (to->shape == CSTA_CHOICE)
		return to_choice(c, from, value, to, out);
	if (to->shape == CSTA_SEQUENCE && from->shape != CSTA_ANY)
		return to_sequence(c, from, value, to, out);
	if (from->shape == CSTA_CHOICE) {
		present = csta_choice_get(from, value);
		if (present < 0 || !copy(c, from->fields[present].layout,
		                         csta_field_get(&from->fields[present], value), to, out))
			return false;
		if (present > 0)
			csta_copy_lose(c, from->fields[present].name);
		return true;
	}
	if (from->shape == CSTA_SEQUENCE && to->shape != CSTA_ANY)
		return unwrap_sequence(c, from, value, to, out);
	return copy_leaf(c, from, value, to, out);
}

static bool copy(struct csta_copy *c, const struct csta_layout *from, const void *value,
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
static bool copy_same(struct csta_copy *c, const struct csta_layout *from, const void *value,
                      const struct csta_layout *to, void *out)
{
	c->part_next = c->part;
	return copy(c, from, value, to, out);
}

int csta_copy_value(struct csta_copy *c, const struct csta_layout *from, const void *value,
                    const struct csta_layout *to, void *out)
{
	bool good = copy(c, from, value, to, out);

	if (c->arena->failed)
		return CTI_E_NOMEM;
	return good ? 0 : CTI_E_UNSUPPORTED;
}
