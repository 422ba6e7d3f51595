/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/explain.h"

#include "csta/ber_value.h"

#include <stdio.h>
#include <string.h>

#define PATH_MAX_LENGTH 80

struct explanation {
	const struct csta_type *type;
	const uint8_t *data; /* octet 0 of the message is offset before it */
	size_t offset;
	struct cti_error *error;
	char path[PATH_MAX_LENGTH];
};

/* Return CTI_E_INVALID: found. */
static int blame(const struct explanation *at, const uint8_t *octet, const struct tlv *tlv,
                 const char *problem, const char *expected)
{
	char found[32] = "the end";

	if (tlv)
		tlv_tag_text(tlv->tag, found, sizeof(found));
	return cti_error_set(at->error, CTI_E_INVALID, "%s%s%s: octet %zu: %s%s%s",
	                     at->type->element, *at->path ? " " : "", at->path,
	                     (size_t)(octet - at->data) + at->offset, found, problem, expected);
}

static int explain_value(struct explanation *, const struct csta_layout *, const struct csta_tags *,
                         struct tlv);

static int explain_field(struct explanation *at, const struct csta_field *field,
                         const struct tlv *tlv)
{
	size_t length = strlen(at->path);
	int found;

	snprintf(at->path + length, sizeof(at->path) - length, "%s%s", length ? "." : "",
	         field->name);
	found = explain_value(at, field->layout, &field->tags, *tlv);
	if (!found)
		at->path[length] = '\0';
	return found;
}

static int explain_sequence(struct explanation *at, const struct csta_layout *layout,
                            const struct tlv *whole)
{
	const struct csta_field *next = layout->fields, *end = next + layout->field_count;
	struct tlv_reader inside = tlv_inside(whole);
	struct tlv tlv;

	while (tlv_read(&inside, &tlv)) {
		const struct csta_field *field = next;
		bool last = inside.next == inside.end;
		int found;

		while (field < end && !csta_element_fits(layout, field, tlv.tag, last) &&
		       field->optional)
			field++;
		if (field == end)
			return blame(at, tlv.start, &tlv, ", expected ",
			             next < end ? next->name : "nothing more");
		if (!csta_element_fits(layout, field, tlv.tag, last))
			return blame(at, tlv.start, &tlv, ", expected ", field->name);
		found = explain_field(at, field, &tlv);
		if (found)
			return found;
		next = field + 1;
	}
	for (; next < end; next++)
		if (!next->optional)
			return blame(at, inside.next, NULL, ", expected ", next->name);
	return 0;
}

static int explain_choice(struct explanation *at, const struct csta_layout *layout,
                          const struct tlv *tlv)
{
	for (unsigned i = 0; i < layout->field_count; i++)
		if (csta_element_fits(layout, &layout->fields[i], tlv->tag, false))
			return explain_field(at, &layout->fields[i], tlv);
	return blame(at, tlv->start, tlv, ", expected an alternative of ", layout->type->name);
}

static int explain_list(struct explanation *at, const struct csta_layout *layout,
                        const struct tlv *whole)
{
	const struct csta_field *item = layout->fields;
	struct tlv_reader inside = tlv_inside(whole);
	struct tlv tlv;

	while (tlv_read(&inside, &tlv)) {
		int found;

		if (!csta_element_fits(layout, item, tlv.tag, false))
			return blame(at, tlv.start, &tlv, ", expected an item of ",
			             layout->type->name);
		found = explain_value(at, item->layout, &item->tags, tlv);
		if (found)
			return found;
	}
	return 0;
}

static int explain_primitive(struct explanation *at, const struct csta_layout *layout,
                             const struct tlv *tlv)
{
	bool string = layout->shape == CSTA_OCTETS || layout->shape == CSTA_TEXT ||
	              layout->shape == CSTA_BITS;

	if (tlv->constructed && !string && layout->shape != CSTA_ANY)
		return blame(at, tlv->start, tlv, " is constructed, expected ", layout->type->name);
	if ((layout->shape == CSTA_INTEGER || layout->shape == CSTA_ENUMERATED) &&
	    tlv->length > sizeof(long))
		return blame(at, tlv->start, tlv, " is a number of more than 8 octets", "");
	if (string && !csta_string_fits(layout, tlv))
		return blame(at, tlv->start, tlv,
		             layout->shape != CSTA_BITS ? " has segments that are no OCTET STRINGs"
		             : tlv->length > CSTA_BITS_MAX / 8
		                     ? " has a wrong count of unused bits, or more than 1024"
		                     : " has no right count of unused bits",
		             "");
	return 0;
}

/* The first tag fits. */
static int explain_value(struct explanation *at, const struct csta_layout *layout,
                         const struct csta_tags *tags, struct tlv tlv)
{
	const char *name = layout->type->name;
	unsigned untagged = layout->shape == CSTA_CHOICE || layout->shape == CSTA_ANY;

	for (unsigned i = 1; i < tags->count + (tags->count ? untagged : 0); i++) {
		struct tlv_reader inside = tlv_inside(&tlv);
		char expected[32];

		if (!tlv.constructed)
			return blame(at, tlv.start, &tlv, " is primitive, expected ", name);
		if (!tlv_read(&inside, &tlv))
			return blame(at, tlv.start, &tlv, " has nothing inside, expected ", name);
		if (inside.next != inside.end)
			return blame(at, inside.next, NULL, " of one element was expected in ",
			             name);
		if (i < tags->count && tlv.tag != tags->tag[i])
			return blame(at, tlv.start, &tlv, ", expected ",
			             tlv_tag_text(tags->tag[i], expected, sizeof(expected)));
	}
	switch (layout->shape) {
	case CSTA_SEQUENCE:
		return tlv.constructed
		               ? explain_sequence(at, layout, &tlv)
		               : blame(at, tlv.start, &tlv, " is primitive, expected ", name);
	case CSTA_CHOICE:
		return explain_choice(at, layout, &tlv);
	case CSTA_LIST:
		return tlv.constructed
		               ? explain_list(at, layout, &tlv)
		               : blame(at, tlv.start, &tlv, " is primitive, expected ", name);
	case CSTA_INTEGER:
	case CSTA_ENUMERATED:
	case CSTA_BOOLEAN:
	case CSTA_NULL:
	case CSTA_OCTETS:
	case CSTA_TEXT:
	case CSTA_ANY:
	case CSTA_BITS:
	case CSTA_OID:
		break;
	}
	return explain_primitive(at, layout, &tlv);
}

int csta_ber_explain(const struct csta_type *type, const struct tlv *tlv, bool implicit,
                     size_t offset, struct cti_error *error)
{
	const struct csta_layout *layout = csta_layout_of_type(type);
	struct explanation at = {
	        .type = type, .data = tlv->start, .offset = offset, .error = error};
	struct csta_tags tags = layout->tags;
	char expected[32];

	if (implicit)
		tags.count += !tags.count;
	else if (tags.count && tags.tag[0] != tlv->tag)
		return blame(&at, tlv->start, tlv, ", expected ",
		             tlv_tag_text(tags.tag[0], expected, sizeof(expected)));
	if (explain_value(&at, layout, &tags, *tlv))
		return CTI_E_INVALID;
	return cti_error_set(error, CTI_E_INVALID, "%s: octet %zu: not encoded as it should be",
	                     type->element, offset);
}
