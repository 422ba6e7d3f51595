/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/ber_value.h"

static const struct csta_layout *element_write(struct tlv_writer *, const struct csta_layout *,
                                               const struct csta_tags *, const void *value);

static void bits_write(struct tlv_writer *writer, const BIT_STRING_t *bits)
{
	uint8_t *octets;
	size_t size = bits->size > 0 ? (size_t)bits->size : 0;
	unsigned unused = size ? bits->bits_unused & 7 : 0;

	tlv_write(writer, bits->buf, size);
	octets = tlv_room(writer, 1);
	if (!octets)
		return;
	octets[0] = (uint8_t)unused;
	if (size)
		octets[size] &= (uint8_t)(0xff << unused);
}

static const struct csta_layout *sequence_write(struct tlv_writer *writer,
                                                const struct csta_layout *layout, const void *value)
{
	for (unsigned i = layout->field_count; i-- > 0;) {
		const struct csta_field *field = &layout->fields[i];
		const void *member = csta_field_get(field, value);
		const struct csta_layout *incomplete = NULL;

		if (member)
			incomplete = element_write(writer, field->layout, &field->tags, member);
		else if (!field->optional)
			incomplete = layout;
		if (incomplete)
			return incomplete;
	}
	return NULL;
}

static const struct csta_layout *choice_write(struct tlv_writer *writer,
                                              const struct csta_layout *layout, const void *value)
{
	int present = csta_choice_get(layout, value);
	const struct csta_field *field = present < 0 ? NULL : &layout->fields[present];
	const void *member = field ? csta_field_get(field, value) : NULL;

	return member ? element_write(writer, field->layout, &field->tags, member) : layout;
}

static const struct csta_layout *list_write(struct tlv_writer *writer,
                                            const struct csta_layout *layout, const void *value)
{
	const struct csta_field *item = layout->fields;

	for (size_t i = csta_list_count(value); i-- > 0;) {
		const struct csta_layout *incomplete =
		        element_write(writer, item->layout, &item->tags, csta_list_item(value, i));

		if (incomplete)
			return incomplete;
	}
	return NULL;
}

/* What stands in the innermost header. */
static const struct csta_layout *content_write(struct tlv_writer *writer,
                                               const struct csta_layout *layout, const void *value)
{
	const OCTET_STRING_t *octets = value;

	switch (layout->shape) {
	case CSTA_SEQUENCE:
		return sequence_write(writer, layout, value);
	case CSTA_CHOICE:
		return choice_write(writer, layout, value);
	case CSTA_LIST:
		return list_write(writer, layout, value);
	case CSTA_INTEGER:
	case CSTA_ENUMERATED:
		tlv_write_number(writer, *(const long *)value);
		break;
	case CSTA_BOOLEAN:
		tlv_write(writer, *(const int *)value ? "\xff" : "\0", 1);
		break;
	case CSTA_NULL:
		break;
	case CSTA_OCTETS:
	case CSTA_TEXT:
	case CSTA_OID:
	case CSTA_ANY:
		tlv_write(writer, octets->buf, octets->size > 0 ? (size_t)octets->size : 0);
		break;
	case CSTA_BITS:
		bits_write(writer, value);
		break;
	}
	return NULL;
}

static const struct csta_layout *element_write(struct tlv_writer *writer,
                                               const struct csta_layout *layout,
                                               const struct csta_tags *tags, const void *value)
{
	size_t before = tlv_written(writer);
	const struct csta_layout *incomplete = content_write(writer, layout, value);
	bool constructed = layout->shape <= CSTA_LIST || layout->shape == CSTA_ANY;

	for (unsigned i = tags->count; i-- > 0; constructed = true)
		tlv_write_header(writer, tags->tag[i], constructed, tlv_written(writer) - before);
	return incomplete;
}

const struct csta_layout *csta_value_write(struct tlv_writer *writer,
                                           const struct csta_layout *layout, uint32_t tag,
                                           const void *value)
{
	struct csta_tags tags = layout->tags;

	if (tag != CSTA_NO_TAG) {
		tags.tag[0] = tag;
		tags.count += !tags.count;
	}
	return element_write(writer, layout, &tags, value);
}
