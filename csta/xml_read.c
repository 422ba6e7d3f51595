/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading ECMA-323 and ECMA-354: a stack of frames follows the parser's elements through the types
 * of xml_types.c.
 *
 *     <DeliveredEvent xmlns="http://www.ecma-international.org/standards/ecma-323/csta/ed4">
 *       <monitorCrossRefID>1</monitorCrossRefID>
 *       <connection><deviceID>2003</deviceID><callID>17</callID></connection>
 *       <alertingDevice><deviceIdentifier>2003</deviceIdentifier></alertingDevice> ...
 *
 * Elements are told apart by local name: clients send other namespaces, or none.
 */
#include "csta/deviation.h"
#include "csta/text.h"
#include "csta/xml_state.h"

#include <ConnectionIDBody.h>
#include <stdio.h>
#include <string.h>

/* Attributes of one element, namespaces included. */
#define ATTRIBUTES_MAX 64

/* What could stand here: "callID, deviceID". */
void xml_expected(const struct xml_type *type, char *out, size_t size)
{
	size_t used = 0;

	*out = '\0';
	for (unsigned i = 0; i < type->count && used < size && i < 4; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%.*s", i ? ", " : "",
		                         type->members[i].length,
		                         xml_member_name(&type->members[i]));
	if (type->count > 4 && used < size)
		snprintf(out + used, size - used, " ...");
}

/* ---- elements --------------------------------------------------------------------------- */

static inline struct xml_frame *push(struct csta_xml_state *rd, const struct xml_type *type,
                                     const char *name, void *value)
{
	struct xml_frame *frame = &rd->frames[rd->depth++];

	*frame = (struct xml_frame){.type = type, .name = name, .value = value};
	if (xml_is_leaf(type->shape))
		rd->text.length = 0;
	return frame;
}

static void root_start(struct csta_xml_state *rd, const struct xml_tag *tag)
{
	const struct csta_type *row = csta_type_of_element(tag->name, tag->length);
	const char *uri = (const char *)tag->uri;
	struct cti_error why = {0};
	size_t length = uri ? strlen(uri) : 0;

	if (!row || !(row->encodings & CSTA_IN_XML)) {
		xml_fail(rd, CTI_E_UNSUPPORTED,
		         "<%.*s> is no message of ECMA-323 or ECMA-354 known here",
		         xml_shown(tag->name, tag->length), tag->name);
		return;
	}
	rd->edition = csta_edition_of(uri ? uri : "", length);
	if (!rd->edition && !(uri && !strcmp(uri, XML_SESSION_NAMESPACE)))
		rd->deviations |= CSTA_DEVIATION_NAMESPACE;
	else if (rd->edition &&
	         strcmp(uri, csta_edition_namespace((enum csta_edition)rd->edition)) != 0)
		rd->deviations |= CSTA_DEVIATION_SUFFIX;
	rd->own_uri = tag->uri;
	if (csta_message_create(&rd->message, rd->codec, row, &why)) {
		xml_fail(rd, why.code, "%s", why.text);
		return;
	}
	csta_message_limit(rd->message, CSTA_MEMORY_OF(rd->length));
	push(rd, xml_type_of(row), row->element, rd->message->value);
}

static bool member_is(const struct xml_member *m, const char *name, size_t length)
{
	return m->length == length && !memcmp(xml_member_name(m), name, length);
}

/* From where the schema would go on, then from the top. -1: no such element here. */
static int member_find(const struct xml_frame *frame, const char *name, size_t length)
{
	const struct xml_member *members = frame->type->members;
	unsigned count = frame->type->count;

	for (unsigned i = frame->next; i < count; i++)
		if (member_is(&members[i], name, length))
			return (int)i;
	for (unsigned i = 0; i < frame->next && i < count; i++)
		if (member_is(&members[i], name, length))
			return (int)i;
	return -1;
}

/* Where the value of a child goes; NULL: it has failed, or the child is left out. */
static void *child_place(struct csta_xml_state *rd, struct xml_frame *frame,
                         const struct xml_member *m, bool *again)
{
	ConnectionIDBody_t *connection = frame->value;
	struct csta_arena *arena = rd->message->arena;
	const struct csta_field *fields;
	bool more;
	void *place;

	switch (frame->type->shape) {
	case XML_SEQUENCE:
		if (m->type->shape == XML_MONITOR || m->type->shape == XML_FIXED)
			return rd->message;
		place = m->type->shape == XML_DESTINATIONS
		                ? frame->value
		                : csta_field_make(arena, m->field, frame->value);
		break;
	case XML_CHOICE:
		if (!xml_set_empty(&frame->seen)) {
			*again = true;
			return NULL;
		}
		/* fallthrough */
	case XML_CHOICES: /* here it is the first */
		place = csta_choice_make(arena, frame->type->layout, m->index, frame->value);
		break;
	case XML_LIST:
		if (csta_list_count(frame->value) >= rd->codec->limits.elements) {
			xml_fail(rd, CTI_E_LIMIT, "more than %u items", rd->codec->limits.elements);
			return NULL;
		}
		place = csta_list_append(arena, frame->type->layout, frame->value);
		break;
	case XML_DESTINATIONS: /* the first, then the list behind it in the same struct */
		fields = frame[-1].type->layout->fields + frame->bit;
		more = !xml_set_empty(&frame->seen);
		place = csta_field_make(arena, more ? fields : fields - 1, frame->value);
		if (place && more)
			place = csta_list_append(arena, fields->layout, place);
		break;
	case XML_CONNECTION: /* as if both came; connection_end() puts it right */
		return m->index == 0 ? (void *)&connection->choice.both.callID
		                     : (void *)&connection->choice.both.deviceID;
	default: /* the value itself: bits, wrapped values, private data */
		return frame->value;
	}
	if (!place)
		xml_fail_memory(rd);
	return place;
}

/* May stand more than once: items, and private data. */
static bool repeats(const struct xml_type *parent, const struct xml_type *child)
{
	return parent->shape == XML_LIST || parent->shape == XML_DESTINATIONS ||
	       parent->shape == XML_ANY_LIST || child->shape == XML_ANY_LIST;
}

static void skip(struct csta_xml_state *rd, unsigned deviation)
{
	rd->deviations |= deviation;
	rd->skipped = 1;
}

static void child_start(struct csta_xml_state *rd, const struct xml_tag *tag)
{
	struct xml_frame *frame = xml_top(rd), *child;
	const struct xml_member *m;
	int index = member_find(frame, tag->name, tag->length);
	bool again, many, bits;
	void *place;

	if (index < 0) {
		skip(rd, CSTA_DEVIATION_UNKNOWN);
		return;
	}
	bits = frame->type->shape == XML_BITS || frame->type->shape == XML_ONE_BIT;
	if (frame->type->members[index].until && !bits)
		index++; /* its name of today */
	m = &frame->type->members[index];
	many = repeats(frame->type, m->type);
	again = !bits && !many && xml_set_has(&frame->seen, (unsigned)index);
	/* Of what is one in ECMA-285 the first counts: items, attributes, grammars. */
	if ((again && (frame->type->shape == XML_WRAPPED || m->type->shape == XML_RAW)) ||
	    (frame->type->shape == XML_CHOICES && !xml_set_empty(&frame->seen))) {
		skip(rd, CSTA_DEVIATION_LIST);
		return;
	}
	if ((unsigned)index < frame->next && !many)
		rd->deviations |= CSTA_DEVIATION_ORDER;
	place = again ? NULL : child_place(rd, frame, m, &again);
	if (again) {
		xml_fail(rd, CTI_E_INVALID, "a second <%.*s>", (int)tag->length, tag->name);
		return;
	}
	if (!place)
		return;
	if (!bits)
		xml_set_add(&frame->seen, (unsigned)index);
	frame->next = many ? (unsigned)index : (unsigned)index + 1;
	child = push(rd, m->type, xml_names[m->name], place);
	child->bit = m->index;
	if (m->type->shape == XML_DEVICE || m->type->shape == XML_LOCAL_DEVICE ||
	    m->type->shape == XML_DESTINATIONS)
		xml_device_begin(rd, child, tag->attributes, tag->attribute_count);
	else if (m->type->shape == XML_RAW || m->type->shape == XML_ANY_RAW)
		xml_raw_begin(rd);
}

/* What xml_raw_check() reads. */
static const struct xml_type any_xml = {.shape = XML_RAW};

void xml_element_start(struct csta_xml_state *rd, const struct xml_tag *tag)
{
	if (rd->code)
		return;
	if (tag->attribute_count + tag->declared_count > ATTRIBUTES_MAX) {
		xml_fail(rd, CTI_E_LIMIT, "<%.*s> has more than %d attributes",
		         xml_shown(tag->name, tag->length), tag->name, ATTRIBUTES_MAX);
	} else if (rd->depth + rd->skipped + rd->raw >= rd->codec->limits.depth) {
		xml_fail(rd, CTI_E_LIMIT, "nested deeper than %u elements",
		         rd->codec->limits.depth);
	} else if (rd->skipped) {
		rd->skipped++;
	} else if (rd->depth == 0 && rd->checking) {
		push(rd, &any_xml, "private", NULL);
		xml_raw_begin(rd);
	} else if (rd->depth == 0) {
		root_start(rd, tag);
	} else if (xml_captures(rd)) {
		xml_raw_start(rd, tag);
	} else {
		child_start(rd, tag);
	}
}

void xml_element_end(struct csta_xml_state *rd, const xmlChar *local, const xmlChar *prefix,
                     const xmlChar *uri)
{
	if (rd->code)
		return;
	if (rd->skipped) {
		rd->skipped--;
	} else if (rd->raw) {
		xml_raw_end(rd, local, prefix, uri);
	} else if (rd->depth) {
		if (!rd->checking)
			xml_frame_end(rd, xml_top(rd));
		rd->depth--;
	}
}

void xml_text(struct csta_xml_state *rd, const char *text, size_t length)
{
	const struct xml_frame *frame;
	char expected[96];
	size_t i = 0;

	if (rd->code || rd->skipped || !rd->depth)
		return;
	frame = xml_top(rd);
	if (frame->type->shape == XML_RAW || frame->type->shape == XML_ANY_RAW) {
		xml_raw_text(rd, text, length);
		return;
	}
	if (xml_is_leaf(frame->type->shape) && frame->type->shape != XML_NULL) {
		if (length < rd->text.size - rd->text.length) {
			memcpy(rd->text.data + rd->text.length, text, length);
			rd->text.length += length;
		} else if (csta_buffer_append(&rd->text, text, length)) {
			xml_fail_memory(rd);
		}
		return;
	}
	while (i < length && csta_blank(text[i]))
		i++;
	if (i == length)
		return;
	xml_expected(frame->type, expected, sizeof(expected));
	xml_fail(rd, CTI_E_INVALID, "text \"%.*s\", expected %s", xml_shown(text + i, length - i),
	         text + i, *expected ? expected : "nothing");
}
