/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/explain.h"

#include "csta/tlv.h"
#include "csta/walk.h"

#include <stdio.h>
#include <string.h>

#define PATH_MAX_LENGTH 80
#define ANY_TAG         ((ber_tlv_tag_t)-1) /* asn1c: the member's tag is not one alone */

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

static bool alternative_fits(const asn_TYPE_descriptor_t *type, uint32_t tag);

static bool member_fits(const asn_TYPE_member_t *member, uint32_t tag)
{
	if (member->tag != ANY_TAG)
		return member->tag == tag;
	return csta_layout_of(member->type)->shape == CSTA_ANY ||
	       alternative_fits(member->type, tag);
}

static bool alternative_fits(const asn_TYPE_descriptor_t *type, uint32_t tag)
{
	for (int i = 0; i < type->elements_count; i++)
		if (member_fits(&type->elements[i], tag))
			return true;
	return false;
}

static int explain_value(struct explanation *, const asn_TYPE_descriptor_t *, struct tlv, int mode);

static int explain_member(struct explanation *at, const asn_TYPE_member_t *member,
                          const struct tlv *tlv)
{
	size_t length = strlen(at->path);
	int found;

	snprintf(at->path + length, sizeof(at->path) - length, "%s%s", length ? "." : "",
	         member->name);
	found = explain_value(at, member->type, *tlv, member->tag_mode);
	if (!found)
		at->path[length] = '\0';
	return found;
}

static int explain_sequence(struct explanation *at, const asn_TYPE_descriptor_t *type,
                            const struct tlv *whole)
{
	struct tlv_reader inside = tlv_inside(whole);
	struct tlv tlv;
	int next = 0;

	while (tlv_read(&inside, &tlv)) {
		int member = next, found;

		while (member < type->elements_count &&
		       !member_fits(&type->elements[member], tlv.tag) &&
		       type->elements[member].optional)
			member++;
		if (member == type->elements_count)
			return blame(at, tlv.start, &tlv, ", expected ",
			             next < type->elements_count ? type->elements[next].name
			                                         : "nothing more");
		if (!member_fits(&type->elements[member], tlv.tag))
			return blame(at, tlv.start, &tlv, ", expected ",
			             type->elements[member].name);
		found = explain_member(at, &type->elements[member], &tlv);
		if (found)
			return found;
		next = member + 1;
	}
	for (; next < type->elements_count; next++)
		if (!type->elements[next].optional)
			return blame(at, inside.next, NULL, ", expected ",
			             type->elements[next].name);
	return 0;
}

static int explain_choice(struct explanation *at, const asn_TYPE_descriptor_t *type,
                          const struct tlv *tlv)
{
	for (int i = 0; i < type->elements_count; i++)
		if (member_fits(&type->elements[i], tlv->tag))
			return explain_member(at, &type->elements[i], tlv);
	return blame(at, tlv->start, tlv, ", expected an alternative of ", type->name);
}

static int explain_list(struct explanation *at, const asn_TYPE_descriptor_t *type,
                        const struct tlv *whole)
{
	struct tlv_reader inside = tlv_inside(whole);
	struct tlv tlv;

	while (tlv_read(&inside, &tlv)) {
		int found;

		if (!member_fits(&type->elements[0], tlv.tag))
			return blame(at, tlv.start, &tlv, ", expected an item of ", type->name);
		found = explain_value(at, type->elements[0].type, tlv, type->elements[0].tag_mode);
		if (found)
			return found;
	}
	return 0;
}

static int explain_primitive(struct explanation *at, const struct csta_layout *layout,
                             const struct tlv *tlv)
{
	bool string = layout->shape == CSTA_OCTETS || layout->shape == CSTA_TEXT ||
	              layout->shape == CSTA_BITS || layout->shape == CSTA_ANY;

	if (tlv->constructed && !string)
		return blame(at, tlv->start, tlv, " is constructed, expected ", layout->type->name);
	if ((layout->shape == CSTA_INTEGER || layout->shape == CSTA_ENUMERATED) &&
	    tlv->length > sizeof(long))
		return blame(at, tlv->start, tlv, " is a number of more than 8 octets", "");
	if (layout->shape == CSTA_BITS && !tlv->constructed &&
	    (!tlv->length || tlv->content[0] > 7))
		return blame(at, tlv->start, tlv, " has no right count of unused bits", "");
	return 0;
}

/* @p mode as in asn1c: 0 the type's own tags, -1 another in place of the first, 1 one around. */
static int explain_value(struct explanation *at, const asn_TYPE_descriptor_t *type, struct tlv tlv,
                         int mode)
{
	const struct csta_layout *layout = csta_layout_of(type);
	int own = type->tags_count, index = mode > 0 ? -1 : 0;
	int wrappers =
	        own + (mode > 0) - (layout->shape != CSTA_CHOICE && layout->shape != CSTA_ANY);

	for (;; index++, wrappers--) {
		struct tlv_reader inside;
		char expected[32];

		if (index >= 0 && index < own && !(index == 0 && mode < 0) &&
		    tlv.tag != type->tags[index])
			return blame(at, tlv.start, &tlv, ", expected ",
			             tlv_tag_text(type->tags[index], expected, sizeof(expected)));
		if (wrappers <= 0)
			break;
		inside = tlv_inside(&tlv);
		if (!tlv.constructed || !tlv_read(&inside, &tlv))
			return blame(at, tlv.start, &tlv, " has nothing inside, expected ",
			             type->name);
		if (inside.next != inside.end)
			return blame(at, inside.next, NULL, " of one element was expected in ",
			             type->name);
	}
	switch (layout->shape) {
	case CSTA_SEQUENCE:
		return tlv.constructed
		               ? explain_sequence(at, type, &tlv)
		               : blame(at, tlv.start, &tlv, " is primitive, expected ", type->name);
	case CSTA_CHOICE:
		return explain_choice(at, type, &tlv);
	case CSTA_LIST:
		return tlv.constructed
		               ? explain_list(at, type, &tlv)
		               : blame(at, tlv.start, &tlv, " is primitive, expected ", type->name);
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

int csta_ber_explain(const struct csta_type *type, const uint8_t *data, size_t length,
                     bool implicit, size_t offset, struct cti_error *error)
{
	struct explanation at = {.type = type, .data = data, .offset = offset, .error = error};
	struct tlv_reader reader = {data, data + length};
	struct tlv tlv;

	if (tlv_read(&reader, &tlv) && explain_value(&at, type->value, tlv, implicit ? -1 : 0))
		return CTI_E_INVALID;
	return cti_error_set(error, CTI_E_INVALID, "%s: octet %zu: not encoded as it should be",
	                     type->element, offset);
}
