/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/ber_value.h"

#include <constr_CHOICE.h>
#include <string.h>

/*
 * The octets are copied to the message's memory at once, and strings point into the copy. Each is
 * closed by a NUL, which falls on the tag of the next element there: tags are read from the
 * original.
 */
struct reading {
	struct csta_arena *arena;
	const uint8_t *data;
	uint8_t *copy;
};

static bool element_read(const struct reading *, const struct csta_layout *,
                         const struct csta_tags *, const struct tlv *, void *value);

/* ---- numbers and strings -------------------------------------------------------------------- */

static bool number_read(const struct tlv *tlv, long *value)
{
	uint64_t sum;

	if (tlv->constructed || tlv->length > sizeof(sum))
		return false;
	sum = tlv->length && tlv->content[0] & 0x80 ? UINT64_MAX : 0;
	for (size_t i = 0; i < tlv->length; i++)
		sum = sum << 8 | tlv->content[i];
	*value = (long)sum;
	return true;
}

static bool boolean_read(const struct tlv *tlv, int *value)
{
	*value = 0;
	for (size_t i = 0; i < tlv->length; i++)
		*value |= tlv->content[i] != 0;
	return !tlv->constructed;
}

/* @p buf is in the copy or allocated with room for one more. */
static void octets_set(OCTET_STRING_t *octets, uint8_t *buf, size_t length)
{
	buf[length] = '\0';
	octets->buf = buf;
	octets->size = (int)length;
}

/*
 * X.690 8.7.3, 8.6.4: segments are OCTET STRINGs or BIT STRINGs; those of a character string often
 * have its own tag. Sums their octets, and appends them where @p out is not NULL.
 */
static bool segments_read(const struct csta_layout *layout, const struct tlv *whole, uint8_t *out,
                          size_t *length, unsigned *unused)
{
	const asn_TYPE_descriptor_t *type = layout->type;
	uint32_t own = type->all_tags_count ? type->all_tags[type->all_tags_count - 1] : 0;
	bool bits = layout->shape == CSTA_BITS;
	struct tlv_reader inside = tlv_inside(whole);
	struct tlv tlv;

	while (tlv_read(&inside, &tlv)) {
		if (tlv.tag != own && tlv.tag != TLV_TAG(TLV_UNIVERSAL, bits ? 3 : 4))
			return false;
		if (*unused) /* not the last */
			return false;
		if (tlv.constructed) {
			if (!segments_read(layout, &tlv, out, length, unused))
				return false;
			continue;
		}
		if (bits && !tlv.length)
			return false;
		if (bits)
			*unused = tlv.content[0];
		if (out)
			memcpy(out + *length, tlv.content + bits, tlv.length - bits);
		*length += tlv.length - bits;
	}
	return true;
}

/* The length without the octet of unused bits, and their number; false: not so encoded. */
static bool string_measure(const struct csta_layout *layout, const struct tlv *tlv, size_t *length,
                           unsigned *unused)
{
	bool bits = layout->shape == CSTA_BITS;

	*length = *unused = 0;
	if (tlv->constructed) {
		if (layout->shape == CSTA_OID || !segments_read(layout, tlv, NULL, length, unused))
			return false;
	} else {
		if (bits && !tlv->length)
			return false;
		*unused = bits ? tlv->content[0] : 0;
		*length = tlv->length - bits;
	}
	return *unused <= (*length ? 7 : 0) && (!bits || *length <= CSTA_BITS_MAX / 8);
}

bool csta_string_fits(const struct csta_layout *layout, const struct tlv *tlv)
{
	size_t length;
	unsigned unused;

	return string_measure(layout, tlv, &length, &unused);
}

static bool string_read(const struct reading *reading, const struct csta_layout *layout,
                        const struct tlv *tlv, OCTET_STRING_t *octets, unsigned *unused)
{
	size_t length, again = 0;
	uint8_t *buf;

	if (!string_measure(layout, tlv, &length, unused))
		return false;
	if (!tlv->constructed) {
		buf = reading->copy + (tlv->content - reading->data) + (tlv->length - length);
	} else {
		buf = csta_arena_alloc(reading->arena, length + 1);
		*unused = 0;
		if (!buf || !segments_read(layout, tlv, buf, &again, unused))
			return false;
	}
	octets_set(octets, buf, length);
	return true;
}

static bool bits_read(const struct reading *reading, const struct csta_layout *layout,
                      const struct tlv *tlv, BIT_STRING_t *bits)
{
	OCTET_STRING_t octets = {0};
	unsigned unused;

	if (!string_read(reading, layout, tlv, &octets, &unused))
		return false;
	bits->buf = octets.buf;
	bits->size = octets.size;
	bits->bits_unused = (int)unused;
	if (bits->size)
		bits->buf[bits->size - 1] &= (uint8_t)(0xff << unused);
	return true;
}

/* Whole, with its header, which may be overwritten in the copy. */
static bool any_read(const struct reading *reading, const struct tlv *tlv, ANY_t *any)
{
	any->buf = csta_arena_copy(reading->arena, tlv->start, tlv->total);
	any->size = (int)tlv->total;
	return any->buf;
}

/* ---- structures ----------------------------------------------------------------------------- */

/* Index of the alternative that begins with a tag; -1: none. A CHOICE within has its own there. */
static int alternative_find(const struct csta_layout *layout, uint32_t tag)
{
	const asn_CHOICE_specifics_t *choice = layout->type->specifics;

	for (int i = 0; i < choice->tag2el_count; i++)
		if (choice->tag2el[i].el_tag == tag)
			return choice->tag2el[i].el_no;
	return -1;
}

bool csta_element_fits(const struct csta_layout *layout, const struct csta_field *field,
                       uint32_t tag, bool last)
{
	if (last && layout->fields[layout->field_count - 1].last_any)
		return field->last_any;
	if (field->tags.tag[0] != CSTA_NO_TAG)
		return field->tags.tag[0] == tag;
	if (field->layout->shape == CSTA_CHOICE)
		return alternative_find(field->layout, tag) >= 0;
	return !field->last_any;
}

static bool field_read(const struct reading *reading, const struct csta_field *field,
                       const struct tlv *tlv, void *value)
{
	void *member = csta_field_make(reading->arena, field, value);

	return member && element_read(reading, field->layout, &field->tags, tlv, member);
}

static bool sequence_read(const struct reading *reading, const struct csta_layout *layout,
                          const struct tlv *whole, void *value)
{
	const struct csta_field *field = layout->fields, *end = field + layout->field_count;
	struct tlv_reader inside = tlv_inside(whole);
	struct tlv tlv;

	while (tlv_read(&inside, &tlv)) {
		bool last = inside.next == inside.end;

		for (;; field++) {
			if (field == end)
				return false;
			if (csta_element_fits(layout, field, tlv.tag, last))
				break;
			if (!field->optional)
				return false;
		}
		if (!field_read(reading, field, &tlv, value))
			return false;
		field++;
	}
	for (; field < end; field++)
		if (!field->optional)
			return false;
	return whole->constructed;
}

static bool choice_read(const struct reading *reading, const struct csta_layout *layout,
                        const struct tlv *tlv, void *value)
{
	int index = alternative_find(layout, tlv->tag);

	if (index < 0)
		return false;
	csta_choice_set(layout, (unsigned)index, value);
	return field_read(reading, &layout->fields[index], tlv, value);
}

static bool list_read(const struct reading *reading, const struct csta_layout *layout,
                      const struct tlv *whole, void *value)
{
	const struct csta_field *item = layout->fields;
	struct tlv_reader inside = tlv_inside(whole);
	struct tlv tlv;

	while (tlv_read(&inside, &tlv)) {
		void *member;

		if (!csta_element_fits(layout, item, tlv.tag, false))
			return false;
		member = csta_list_append(reading->arena, layout, value);
		if (!member || !element_read(reading, item->layout, &item->tags, &tlv, member))
			return false;
	}
	return whole->constructed;
}

/* The only element within another. */
static bool unwrap(struct tlv *tlv)
{
	struct tlv_reader inside = tlv_inside(tlv);

	return tlv->constructed && tlv_read(&inside, tlv) && inside.next == inside.end;
}

/* The first tag was looked at. */
static bool element_read(const struct reading *reading, const struct csta_layout *layout,
                         const struct csta_tags *tags, const struct tlv *outer, void *value)
{
	const struct tlv *tlv = outer;
	struct tlv inner;
	unsigned unused;

	if (tags->count > 1 ||
	    (tags->count && (layout->shape == CSTA_CHOICE || layout->shape == CSTA_ANY))) {
		inner = *outer;
		tlv = &inner;
		for (unsigned i = 1; i < tags->count; i++)
			if (!unwrap(&inner) || inner.tag != tags->tag[i])
				return false;
		if ((layout->shape == CSTA_CHOICE || layout->shape == CSTA_ANY) && !unwrap(&inner))
			return false;
	}
	switch (layout->shape) {
	case CSTA_SEQUENCE:
		return sequence_read(reading, layout, tlv, value);
	case CSTA_CHOICE:
		return choice_read(reading, layout, tlv, value);
	case CSTA_LIST:
		return list_read(reading, layout, tlv, value);
	case CSTA_INTEGER:
	case CSTA_ENUMERATED:
		return number_read(tlv, value);
	case CSTA_BOOLEAN:
	case CSTA_NULL:
		return boolean_read(tlv, value);
	case CSTA_OCTETS:
	case CSTA_TEXT:
	case CSTA_OID:
		return string_read(reading, layout, tlv, value, &unused);
	case CSTA_BITS:
		return bits_read(reading, layout, tlv, value);
	case CSTA_ANY:
		return any_read(reading, tlv, value);
	}
	return false;
}

bool csta_value_read(struct csta_arena *arena, const struct csta_layout *layout,
                     const struct tlv *tlv, bool implicit, void *value)
{
	struct reading reading = {arena, tlv->start,
	                          csta_arena_copy(arena, tlv->start, tlv->total)};
	struct csta_tags tags = layout->tags;

	if (implicit)
		tags.count += !tags.count;
	else if (tags.count && tags.tag[0] != tlv->tag)
		return false;
	return reading.copy && element_read(&reading, layout, &tags, tlv, value);
}
