/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking private data up in the table of csta/private.h. Elements are followed only where the
 * table has steps for them, so the work is bounded by both; what it does not follow has no name.
 */
#include "csta/codec.h"
#include "csta/private_table.h"
#include "csta/tlv.h"
#include "csta/write.h"

#include <string.h>

#define UNIVERSAL_OID  TLV_TAG(TLV_UNIVERSAL, 6)
#define UNIVERSAL_UTF8 TLV_TAG(TLV_UNIVERSAL, 12)
#define UNIVERSAL_SEQ  TLV_TAG(TLV_UNIVERSAL, 16)

void private_tell(struct private_search *search, const struct private_vendor *vendor,
                  const struct private_step *step, struct csta_private_value *value)
{
	if (search->count == CSTA_PRIVATE_FOUND_MAX || value->length > CSTA_PRIVATE_VALUE_MAX) {
		search->rest = true;
		return;
	}
	search->count++;
	value->vendor = vendor->name;
	value->name = step->name;
	search->code = search->found(search->arg, value);
}

static bool integer_value(const struct tlv *tlv, int64_t *out)
{
	uint64_t value;

	if (!tlv->length || tlv->length > 8)
		return false;
	value = tlv->content[0] & 0x80 ? UINT64_MAX : 0;
	for (size_t i = 0; i < tlv->length; i++)
		value = value << 8 | tlv->content[i];
	memcpy(out, &value, sizeof(value));
	return true;
}

/* What is constructed is a value whole: octets. */
static void value_tell(struct private_search *search, const struct private_vendor *vendor,
                       const struct private_step *step, const struct tlv *tlv)
{
	struct csta_private_value value = {.octets = tlv->content, .length = tlv->length};
	enum csta_private_type type = tlv->constructed ? CSTA_PRIVATE_OCTETS : step->type;

	switch (type) {
	case CSTA_PRIVATE_TEXT:
		if (csta_is_utf8(tlv->content, tlv->length))
			value.type = type;
		break;
	case CSTA_PRIVATE_INTEGER:
		if (integer_value(tlv, &value.integer))
			value.type = type;
		break;
	case CSTA_PRIVATE_BOOLEAN:
		if (tlv->length == 1) {
			value.type = type;
			value.boolean = tlv->content[0];
		}
		break;
	case CSTA_PRIVATE_OCTETS:
		break;
	}
	private_tell(search, vendor, step, &value);
}

/* How many of each counted tag were met among the elements of one parent. */
struct counts {
	uint64_t tag[COUNTED_MAX];
	unsigned met[COUNTED_MAX], used;
};

static unsigned count_next(struct counts *counts, uint64_t tag)
{
	unsigned i = 0;

	while (i < counts->used && counts->tag[i] != tag)
		i++;
	if (i == COUNTED_MAX)
		return 0;
	if (i == counts->used)
		counts->tag[counts->used++] = tag;
	return ++counts->met[i];
}

/* The step that an element takes: one that means this very one goes before one that means any. */
static const struct private_step *step_of(const struct private_step *parent, uint64_t tag,
                                          struct counts *counts)
{
	const struct private_step *any = NULL, *exact = NULL;
	unsigned position = 0;

	for (const struct private_step *step = parent->child; step; step = step->next) {
		if (step->tag != tag)
			continue;
		if (!step->position) {
			any = step;
			continue;
		}
		if (!position)
			position = count_next(counts, tag);
		if (step->position == position)
			exact = step;
	}
	return exact ? exact : any;
}

static void elements_search(struct private_search *, const struct private_vendor *,
                            const struct private_step *parent, struct tlv_reader);

static void element_search(struct private_search *search, const struct private_vendor *vendor,
                           const struct private_step *step, const struct tlv *tlv)
{
	if (!step) {
		search->rest = true;
		return;
	}
	if (step->name)
		value_tell(search, vendor, step, tlv);
	if (step->child && tlv->constructed)
		elements_search(search, vendor, step, tlv_inside(tlv));
	else if (!step->name && tlv->length)
		search->rest = true;
}

/* No deeper than the table's paths are long. */
static void elements_search(struct private_search *search, const struct private_vendor *vendor,
                            const struct private_step *parent, struct tlv_reader reader)
{
	struct counts counts = {.used = 0};
	struct tlv tlv;

	while (!search->code && tlv_read(&reader, &tlv))
		element_search(search, vendor, step_of(parent, tlv.tag, &counts), &tlv);
}

/* ---- SEQUENCE { OBJECT IDENTIFIER, ... } ------------------------------------------------- */

/* The longest that fits. */
static const struct private_mark *mark_of(const struct csta_private *table, const struct tlv *oid)
{
	const struct private_mark *best = NULL;

	for (const struct private_mark *mark = table->marks; mark; mark = mark->next)
		if (!mark->namespace && mark->oid_length <= oid->length &&
		    !memcmp(mark->oid, oid->content, mark->oid_length) &&
		    (!best || mark->oid_length > best->oid_length))
			best = mark;
	return best;
}

/* The steps of the arcs that follow the vendor's; NULL: the table has none such. */
static const struct private_step *arcs_follow(const struct private_step *step, const uint8_t *arcs,
                                              size_t length)
{
	struct counts none = {.used = 0};
	uint64_t arc = 0;

	for (size_t i = 0; i < length && step; i++) {
		if (arc >> 25) /* no arc of the table is beyond 32 bits */
			return NULL;
		arc = arc << 7 | (arcs[i] & 0x7f);
		if (arcs[i] & 0x80)
			continue;
		step = step_of(step, STEP_ARC | arc, &none);
		arc = 0;
	}
	return length && arcs[length - 1] & 0x80 ? NULL : step;
}

/* False: it does not begin with a vendor's OID. */
static bool marked_search(struct private_search *search, const struct tlv *tlv)
{
	struct tlv_reader reader = tlv_inside(tlv);
	const struct private_mark *mark;
	const struct private_step *step;
	struct tlv oid;

	if (tlv->tag != UNIVERSAL_SEQ || !tlv_read(&reader, &oid) || oid.tag != UNIVERSAL_OID ||
	    oid.constructed)
		return false;
	mark = mark_of(search->table, &oid);
	if (!mark)
		return false;
	step = arcs_follow(&mark->vendor->ber, oid.content + mark->oid_length,
	                   oid.length - mark->oid_length);
	if (step)
		elements_search(search, mark->vendor, step, reader);
	else
		search->rest = true;
	return true;
}

/* Such in a tag around them, as OmniPCX has it in Escape. */
static bool inner_search(struct private_search *search, const struct tlv *tlv)
{
	struct tlv_reader reader = tlv_inside(tlv);
	bool found = false, others = false;
	struct tlv inner;

	while (tlv->constructed && !search->code && tlv_read(&reader, &inner))
		if (marked_search(search, &inner))
			found = true;
		else
			others = true;
	search->rest |= found && others;
	return found;
}

/* One element, checked. */
static void ber_search(struct private_search *search, const uint8_t *data, size_t length)
{
	struct tlv_reader reader = {data, data + length};
	struct tlv tlv;

	if (!tlv_read(&reader, &tlv)) {
		search->rest = true;
		return;
	}
	if (tlv.tag == UNIVERSAL_UTF8 && !tlv.constructed) {
		private_xml_search(search, (const char *)tlv.content, tlv.length);
		return;
	}
	if (marked_search(search, &tlv) || inner_search(search, &tlv))
		return;
	if (search->vendor)
		elements_search(search, search->vendor, &search->vendor->ber,
		                (struct tlv_reader){data, data + length});
	else
		search->rest = true;
}

int csta_private_each(const struct csta_message *message, const uint8_t *tlv, size_t length,
                      csta_private_found *found, void *arg, bool *all)
{
	const struct csta_codec *codec = message->arena->owner;
	struct private_search search = {.table = codec->names,
	                                .vendor = codec->vendor,
	                                .limits = &codec->limits,
	                                .found = found,
	                                .arg = arg};
	size_t size;

	/* It may have come by another way than through ber.c's checks. */
	for (size_t at = 0; search.table && !search.code && at < length; at += size) {
		if (tlv_check(tlv + at, length - at, search.limits, &size, NULL)) {
			search.rest = true;
			break;
		}
		ber_search(&search, tlv + at, size);
	}
	if (all)
		*all = search.table && !search.rest && !search.code;
	return search.code;
}
