/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading ECMA-323 and ECMA-354: libxml2's SAX2 push parser, one context a codec, reset and used
 * again (a fresh one a message costs half as much as the message, a tree twice as much). A stack of
 * frames follows the elements through the types of xml_types.c:
 *
 *     <DeliveredEvent xmlns="http://www.ecma-international.org/standards/ecma-323/csta/ed4">
 *       <monitorCrossRefID>1</monitorCrossRefID>
 *       <connection><deviceID>2003</deviceID><callID>17</callID></connection>
 *       <alertingDevice><deviceIdentifier>2003</deviceIdentifier></alertingDevice> ...
 *
 * Elements are told apart by local name: clients send other namespaces, or none. Names are compared
 * by address, for libxml2 interns them, and ours in the same dictionary. No document type, no
 * entities but XML's five, nothing loaded from anywhere.
 */
#include "csta/deviation.h"
#include "csta/text.h"
#include "csta/xml_state.h"

#include <ConnectionIDBody.h>
#include <libxml/parserInternals.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* A sender that makes up names fills the dictionary: beyond this, a new parser takes its place. */
#define NAMES_MAX 20000
/* Attributes of one element, namespaces included. */
#define ATTRIBUTES_MAX 64

static const char *const namespaces[] = {
        [2] = "http://www.ecma.ch/standards/ecma-323/csta/ed2",
        [CSTA_ED3] = "http://www.ecma-international.org/standards/ecma-323/csta/ed3",
        [CSTA_ED4] = "http://www.ecma-international.org/standards/ecma-323/csta/ed4",
        [CSTA_ED5] = "http://www.ecma-international.org/standards/ecma-323/csta/ed5",
        [CSTA_ED6] = "http://www.ecma-international.org/standards/ecma-323/csta/ed6",
};
static const char stem_ed2[] = "http://www.ecma.ch/standards/ecma-323/csta/ed";
static const char stem[] = "http://www.ecma-international.org/standards/ecma-323/csta/ed";
static const char sessions[] = "http://www.ecma-international.org/standards/ecma-354/appl_session";

const char *csta_edition_namespace(enum csta_edition edition)
{
	return (unsigned)edition < sizeof(namespaces) / sizeof(*namespaces) ? namespaces[edition]
	                                                                    : NULL;
}

/* ".../ed3", ".../ed3/priv4"; edition 2 was published under ecma.ch, and Avaya used both. */
unsigned csta_edition_of(const char *ns, size_t length)
{
	size_t n = sizeof(stem) - 1;

	if (length > n && !memcmp(ns, stem, n))
		;
	else if (length > (n = sizeof(stem_ed2) - 1) && !memcmp(ns, stem_ed2, n))
		;
	else
		return 0;
	if (ns[n] < '2' || ns[n] > '6' || (length > n + 1 && ns[n + 1] != '/'))
		return 0;
	return (unsigned)(ns[n] - '0');
}

/* ---- failing ---------------------------------------------------------------------------- */

/* DeliveredEvent/connection/callID; the front is cut off where it gets long. */
static void path_write(const struct csta_xml_state *rd, char *path, size_t size)
{
	size_t used = 0;
	unsigned first = rd->depth > 4 ? rd->depth - 3 : 0;

	*path = '\0';
	if (first)
		used = (size_t)snprintf(path, size, "...");
	for (unsigned i = first; i < rd->depth && used < size; i++)
		used += (size_t)snprintf(path + used, size - used, "%s%s", i ? "/" : "",
		                         rd->frames[i].name);
}

int xml_fail(struct csta_xml_state *rd, int code, const char *format, ...)
{
	char what[CTI_ERROR_TEXT], path[96];
	va_list args;

	if (rd->code)
		return rd->code;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	path_write(rd, path, sizeof(path));
	rd->code = cti_error_set(rd->error, code, "line %d column %d%s%s: %s",
	                         rd->ctxt->input ? rd->ctxt->input->line : 0,
	                         rd->ctxt->input ? rd->ctxt->input->col : 0, *path ? ", " : "",
	                         path, what);
	xmlStopParser(rd->ctxt);
	return rd->code;
}

int xml_fail_memory(struct csta_xml_state *rd)
{
	struct cti_error why = {0};

	if (rd->message)
		csta_message_nomem(rd->message, &why);
	else
		cti_error_set(&why, CTI_E_NOMEM, "no memory");
	return xml_fail(rd, why.code, "%s", why.text);
}

void *xml_alloc(struct csta_xml_state *rd, size_t size)
{
	void *block = csta_message_alloc(rd->message, size);

	if (!block)
		xml_fail_memory(rd);
	return block;
}

/* What could stand here: "callID, deviceID". */
static void expected_write(const struct xml_type *type, char *out, size_t size)
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

#if LIBXML_VERSION >= 21200
#define PARSER_ERROR const xmlError
#else
#define PARSER_ERROR xmlError
#endif

/* libxml2's own errors: the document is not well formed. */
static void parser_error(void *data, PARSER_ERROR *why)
{
	struct csta_xml_state *rd = ((xmlParserCtxt *)data)->_private;
	int code = CTI_E_INVALID;
	size_t length;

	if (!rd || why->level != XML_ERR_FATAL || rd->code)
		return; /* a prefix without namespace is no reason to refuse anything */
	if (why->code == XML_ERR_NO_MEMORY)
		code = CTI_E_NOMEM;
	else if (why->code != XML_ERR_TAG_NAME_MISMATCH && rd->ctxt->input &&
	         rd->ctxt->input->cur >= rd->ctxt->input->end &&
	         (rd->depth || !rd->message)) /* at the end, and something is still open */
		code = CTI_E_TRUNCATED;
	length = why->message ? strcspn(why->message, "\n") : 0;
	xml_fail(rd, code, "not well-formed XML: %.*s", (int)length, why->message);
}

/* ---- elements --------------------------------------------------------------------------- */

static struct xml_frame *push(struct csta_xml_state *rd, const struct xml_type *type,
                              const char *name, void *value)
{
	struct xml_frame *frame;

	if (rd->depth >= rd->codec->limits.depth) {
		xml_fail(rd, CTI_E_LIMIT, "nested deeper than %u elements",
		         rd->codec->limits.depth);
		return NULL;
	}
	frame = &rd->frames[rd->depth++];
	*frame = (struct xml_frame){.type = type, .name = name, .value = value};
	if (xml_is_leaf(type->shape))
		rd->text.length = 0;
	return frame;
}

static void root_start(struct csta_xml_state *rd, const char *name, const char *uri)
{
	const struct csta_type *row = csta_type_of_element(name, strlen(name));
	struct cti_error why = {0};
	size_t length = uri ? strlen(uri) : 0;

	if (!row || !(row->encodings & CSTA_IN_XML)) {
		xml_fail(rd, CTI_E_UNSUPPORTED,
		         "<%s> is no message of ECMA-323 or ECMA-354 known here", name);
		return;
	}
	rd->edition = csta_edition_of(uri ? uri : "", length);
	if (!rd->edition && !(uri && !strcmp(uri, sessions)))
		rd->deviations |= CSTA_DEVIATION_NAMESPACE;
	else if (rd->edition && strcmp(uri, namespaces[rd->edition]) != 0)
		rd->deviations |= CSTA_DEVIATION_SUFFIX;
	rd->own_uri = (const xmlChar *)uri;
	if (csta_message_create(&rd->message, rd->codec, row, &why)) {
		xml_fail(rd, why.code, "%s", why.text);
		return;
	}
	push(rd, xml_type_of(row), row->element, rd->message->value);
}

/* From where the schema would go on, then from the top. -1: no such element here. */
static int member_find(const struct csta_xml_state *rd, const struct xml_frame *frame,
                       const xmlChar *name)
{
	const struct xml_member *members = frame->type->members;
	unsigned count = frame->type->count;

	for (unsigned i = frame->next; i < count; i++)
		if (rd->names[members[i].name] == name)
			return (int)i;
	for (unsigned i = 0; i < frame->next && i < count; i++)
		if (rd->names[members[i].name] == name)
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
	void *place;

	switch (frame->type->shape) {
	case XML_SEQUENCE:
		if (m->type->shape == XML_MONITOR)
			return rd->message;
		place = m->type->shape == XML_DESTINATIONS
		                ? frame->value
		                : csta_field_make(arena, m->field, frame->value);
		break;
	case XML_CHOICE:
		if (frame->seen) {
			*again = true;
			return NULL;
		}
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
		place = csta_field_make(arena, frame->seen ? fields : fields - 1, frame->value);
		if (place && frame->seen)
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

static void child_start(struct csta_xml_state *rd, const xmlChar *name, int attribute_count,
                        const xmlChar **attributes)
{
	struct xml_frame *frame = xml_top(rd), *child;
	const struct xml_member *m;
	int index = member_find(rd, frame, name);
	uint64_t bit;
	bool again;
	void *place;

	if (index < 0) {
		skip(rd, CSTA_DEVIATION_UNKNOWN);
		return;
	}
	m = &frame->type->members[index];
	bit = UINT64_C(1) << index;
	again = frame->seen & bit && frame->type->shape != XML_BITS &&
	        !repeats(frame->type, m->type);
	if (again && frame->type->shape == XML_WRAPPED) {
		skip(rd, CSTA_DEVIATION_LIST);
		return;
	}
	if ((unsigned)index < frame->next && !repeats(frame->type, m->type))
		rd->deviations |= CSTA_DEVIATION_ORDER;
	place = again ? NULL : child_place(rd, frame, m, &again);
	if (again) {
		xml_fail(rd, CTI_E_INVALID, "a second <%s>", (const char *)name);
		return;
	}
	if (!place)
		return;
	if (frame->type->shape != XML_BITS)
		frame->seen |= bit;
	frame->next = repeats(frame->type, m->type) ? (unsigned)index : (unsigned)index + 1;
	child = push(rd, m->type, (const char *)name, place);
	if (!child)
		return;
	child->bit = m->index;
	if (m->type->shape == XML_DEVICE || m->type->shape == XML_LOCAL_DEVICE ||
	    m->type->shape == XML_DESTINATIONS)
		xml_device_begin(rd, child, attributes, attribute_count);
	else if (m->type->shape == XML_RAW || m->type->shape == XML_ANY_RAW)
		xml_raw_begin(rd);
}

/* What xml_raw_check() reads. */
static const struct xml_type any_xml = {.shape = XML_RAW};

static void start_element(void *data, const xmlChar *local, const xmlChar *prefix,
                          const xmlChar *uri, int declared_count, const xmlChar **declared,
                          int attribute_count, int defaulted, const xmlChar **attributes)
{
	struct csta_xml_state *rd = ((xmlParserCtxt *)data)->_private;

	(void)defaulted;
	/* A tag that is cut off comes here too, before the parser says that it is. */
	if (rd->code || (*rd->ctxt->input->cur != '>' && *rd->ctxt->input->cur != '/'))
		return;
	if (attribute_count + declared_count > ATTRIBUTES_MAX) {
		xml_fail(rd, CTI_E_LIMIT, "<%s> has more than %d attributes", (const char *)local,
		         ATTRIBUTES_MAX);
	} else if (rd->depth + rd->skipped + rd->raw >= rd->codec->limits.depth) {
		xml_fail(rd, CTI_E_LIMIT, "nested deeper than %u elements",
		         rd->codec->limits.depth);
	} else if (rd->skipped) {
		rd->skipped++;
	} else if (rd->depth == 0 && rd->checking) {
		push(rd, &any_xml, "private", NULL);
		xml_raw_begin(rd);
	} else if (rd->depth == 0) {
		root_start(rd, (const char *)local, (const char *)uri);
	} else if (xml_top(rd)->type->shape == XML_RAW || xml_top(rd)->type->shape == XML_ANY_RAW) {
		xml_raw_start(rd, local, prefix, uri, declared_count, declared, attribute_count,
		              attributes);
	} else {
		child_start(rd, local, attribute_count, attributes);
	}
}

/* ---- the ends of elements ----------------------------------------------------------------- */

/* The not-known value of a mandatory member that did not come. False: refused. */
static bool fill(struct csta_xml_state *rd, const struct xml_member *m, void *parent)
{
	void *value;

	if (m->type->shape == XML_MONITOR) {
		rd->message->monitor_length = 0;
		return true;
	}
	if (!m->type->fills)
		return false;
	value = csta_field_make(rd->message->arena, m->field, parent);
	if (!value)
		return !xml_fail_memory(rd);
	if (!m->type->fills_value)
		return true;
	if (m->type->layout->shape == CSTA_ENUMERATED)
		memcpy(value, &m->type->fill, sizeof(m->type->fill));
	else if (!csta_choice_make(rd->message->arena, m->type->layout, (unsigned)m->type->fill,
	                           value))
		return !xml_fail_memory(rd);
	return true;
}

static void sequence_end(struct csta_xml_state *rd, const struct xml_frame *frame)
{
	const struct xml_type *type = frame->type;
	uint64_t missing = type->mandatory & ~frame->seen;

	for (unsigned i = 0; missing; i++, missing >>= 1) {
		const struct xml_member *m = &type->members[i];

		if (!(missing & 1))
			continue;
		if (!fill(rd, m, frame->value)) {
			xml_fail(rd, CTI_E_INVALID, "<%.*s> is missing", m->length,
			         xml_member_name(m));
			return;
		}
		/* Services that are not permitted need not be named. */
		if (m->type->shape != XML_BITS)
			rd->deviations |= CSTA_DEVIATION_MISSING;
	}
}

/* A result without extensions says so by having none. */
static bool has_element(const struct xml_type *choice, long alternative)
{
	for (unsigned i = 0; i < choice->count; i++)
		if (choice->members[i].index == alternative)
			return true;
	return false;
}

static void choice_end(struct csta_xml_state *rd, const struct xml_frame *frame)
{
	const struct xml_type *type = frame->type;
	char expected[96];

	if (frame->seen)
		return;
	if (type->fills_value) {
		if (has_element(type, type->fill))
			rd->deviations |= CSTA_DEVIATION_MISSING;
		if (!csta_choice_make(rd->message->arena, type->layout, (unsigned)type->fill,
		                      frame->value))
			xml_fail_memory(rd);
		return;
	}
	expected_write(type, expected, sizeof(expected));
	xml_fail(rd, CTI_E_INVALID, "empty, expected one of %s", expected);
}

/* callID or deviceID or both came, and stand where they would if both had. */
static void connection_end(struct csta_xml_state *rd, const struct xml_frame *frame)
{
	ConnectionIDBody_t *connection = frame->value;
	LocalDeviceID_t device = connection->choice.both.deviceID;
	CallID_t call = connection->choice.both.callID;

	switch (frame->seen) {
	case 3:
		connection->present = ConnectionIDBody_PR_both;
		return;
	case 2:
		memset(&connection->choice, 0, sizeof(connection->choice));
		connection->present = ConnectionIDBody_PR_deviceID;
		connection->choice.deviceID = device;
		return;
	case 0: /* known to be a connection, and no more: an empty callID */
		rd->deviations |= CSTA_DEVIATION_MISSING;
		if (!csta_octets_copy(rd->message->arena, &call, "", 0)) {
			xml_fail_memory(rd);
			return;
		}
		break;
	}
	memset(&connection->choice, 0, sizeof(connection->choice));
	connection->present = ConnectionIDBody_PR_callID;
	connection->choice.callID = call;
}

static void any_end(struct csta_xml_state *rd, const struct xml_frame *frame)
{
	if (!frame->seen && frame->type->shape == XML_ANY)
		xml_fail(rd, CTI_E_INVALID, "empty, expected <string> or <private>");
}

/* What was captured or written in hexadecimal as TLVs: one for ANY, any number in a list. */
static void any_store(struct csta_xml_state *rd, const struct xml_frame *holder, void *value,
                      const struct csta_buffer *tlvs)
{
	const uint8_t *p = tlvs->data, *end = p + tlvs->length, *content;
	size_t content_length;
	uint8_t tag;

	while (p < end) {
		size_t length = xml_any_next(p, (size_t)(end - p), &tag, &content, &content_length);
		ANY_t *any = value;

		if (holder->type->shape == XML_ANY_LIST)
			any = csta_list_append(rd->message->arena, holder->type->layout, value);
		if (!any ||
		    !csta_octets_copy(rd->message->arena, (OCTET_STRING_t *)any, p, length)) {
			xml_fail_memory(rd);
			return;
		}
		p += length;
	}
}

static void private_end(struct csta_xml_state *rd, const struct xml_frame *frame, bool raw)
{
	const struct xml_frame *holder = frame - 1;
	struct csta_buffer tlvs = {0};
	OCTET_STRING_t octets = {0};
	struct xml_frame hex = *frame;
	int code;

	if (raw) {
		code = xml_any_from_raw((const char *)rd->text.data, rd->text.length, &tlvs);
		if (code >= 0 && code != 1 && holder->type->shape == XML_ANY)
			xml_fail(rd, CTI_E_INVALID, "%d private data, expected one", code);
	} else {
		hex.value = &octets;
		xml_value_read(rd, &hex);
		code = xml_any_wrap(0x04, octets.buf, (size_t)octets.size, &tlvs);
	}
	if (code < 0)
		xml_fail_memory(rd);
	if (!rd->code)
		any_store(rd, holder, frame->value, &tlvs);
	csta_buffer_free(&tlvs);
}

/* A list of no items is no value; what only XML can say of a device (notKnown) no number. */
static void wrapped_empty(struct csta_xml_state *rd, const struct xml_frame *frame)
{
	const struct csta_field *field = frame[-1].type->layout->fields + frame->bit;
	struct xml_frame device = {.type = frame->type->members->type, .value = frame->value};
	void **pointer = (void **)((char *)frame[-1].value + field->offset);

	if (field->pointer) {
		*pointer = NULL;
		return;
	}
	rd->deviations |= CSTA_DEVIATION_MISSING;
	rd->text.length = 0;
	xml_device_begin(rd, &device, NULL, 0);
	xml_value_read(rd, &device);
}

static void frame_end(struct csta_xml_state *rd, struct xml_frame *frame)
{
	switch (frame->type->shape) {
	case XML_SEQUENCE:
		sequence_end(rd, frame);
		break;
	case XML_CHOICE:
		choice_end(rd, frame);
		break;
	case XML_CONNECTION:
		connection_end(rd, frame);
		break;
	case XML_BITS:
		xml_bits_store(rd, frame->value, frame->seen);
		break;
	case XML_BIT: {
		bool set = false;

		xml_boolean_read(rd, frame, &set);
		if (set)
			frame[-1].seen |= UINT64_C(1) << frame->bit;
		break;
	}
	case XML_WRAPPED:
		if (!frame->seen)
			wrapped_empty(rd, frame);
		break;
	case XML_TWOFOLD:
		/* <correlatorData/>: no octets */
		break;
	case XML_ANY:
	case XML_ANY_LIST:
		any_end(rd, frame);
		break;
	case XML_ANY_HEX:
		private_end(rd, frame, false);
		break;
	case XML_ANY_RAW:
		private_end(rd, frame, true);
		break;
	case XML_LIST:
	case XML_NULL:
		break;
	case XML_DESTINATIONS:
	case XML_BOOLEAN:
	case XML_INTEGER:
	case XML_ENUMERATED:
	case XML_STRING:
	case XML_HEX:
	case XML_TIME:
	case XML_DEVICE:
	case XML_LOCAL_DEVICE:
	case XML_MONITOR:
	case XML_RAW:
		xml_value_read(rd, frame);
		break;
	}
}

static void end_element(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	struct csta_xml_state *rd = ((xmlParserCtxt *)data)->_private;

	if (rd->code)
		return;
	if (rd->skipped) {
		rd->skipped--;
	} else if (rd->raw) {
		xml_raw_end(rd, local, prefix, uri);
	} else if (rd->depth) {
		if (!rd->checking)
			frame_end(rd, xml_top(rd));
		rd->depth--;
	}
}

static void characters(void *data, const xmlChar *text, int length)
{
	struct csta_xml_state *rd = ((xmlParserCtxt *)data)->_private;
	const struct xml_frame *frame;
	char expected[96];
	int i = 0;

	if (rd->code || rd->skipped || !rd->depth)
		return;
	frame = xml_top(rd);
	if (frame->type->shape == XML_RAW || frame->type->shape == XML_ANY_RAW) {
		xml_raw_text(rd, (const char *)text, (size_t)length);
		return;
	}
	if (xml_is_leaf(frame->type->shape) && frame->type->shape != XML_NULL) {
		if (csta_buffer_append(&rd->text, text, (size_t)length))
			xml_fail_memory(rd);
		return;
	}
	while (i < length && csta_blank((char)text[i]))
		i++;
	if (i == length)
		return;
	expected_write(frame->type, expected, sizeof(expected));
	xml_fail(rd, CTI_E_INVALID, "text \"%.*s\", expected %s", length - i > 20 ? 20 : length - i,
	         (const char *)text + i, *expected ? expected : "nothing");
}

/* <!DOCTYPE: the door of entities and of files elsewhere. No message has one. */
static void internal_subset(void *data, const xmlChar *name, const xmlChar *external,
                            const xmlChar *system)
{
	struct csta_xml_state *rd = ((xmlParserCtxt *)data)->_private;

	(void)external;
	(void)system;
	xml_fail(rd, CTI_E_INVALID, "<!DOCTYPE %.20s: document types are refused",
	         (const char *)name);
}

static xmlEntity *get_entity(void *data, const xmlChar *name)
{
	(void)data;
	return xmlGetPredefinedEntity(name);
}

/* ---- the context -------------------------------------------------------------------------- */

static void state_free(struct csta_xml_state *rd)
{
	if (!rd)
		return;
	xmlFreeParserCtxt(rd->ctxt);
	free(rd->names);
	free(rd->frames);
	free(rd->prefixes);
	csta_buffer_free(&rd->text);
	free(rd);
}

static void forget(struct csta_codec *codec)
{
	state_free(codec->xml);
	codec->xml = NULL;
}

static int state_fill(struct csta_xml_state *rd)
{
	xmlSAXHandler sax = {
	        .initialized = XML_SAX2_MAGIC,
	        .startElementNs = start_element,
	        .endElementNs = end_element,
	        .characters = characters,
	        .ignorableWhitespace = characters,
	        .cdataBlock = characters,
	        .internalSubset = internal_subset,
	        .getEntity = get_entity,
	        .serror = parser_error,
	};

	rd->names = csta_alloc_fails() ? NULL : malloc(xml_name_count * sizeof(*rd->names));
	rd->frames = csta_alloc_fails() ? NULL
	                                : calloc(rd->codec->limits.depth + 1, sizeof(*rd->frames));
	if (!rd->names || !rd->frames)
		return CTI_E_NOMEM;
	rd->ctxt = csta_alloc_fails() ? NULL : xmlCreatePushParserCtxt(&sax, NULL, NULL, 0, NULL);
	if (!rd->ctxt || xmlCtxtUseOptions(rd->ctxt, XML_PARSE_NONET))
		return CTI_E_NOMEM;
	rd->ctxt->_private = rd;
	rd->ctxt->userData = rd->ctxt;
	for (size_t i = 0; i < xml_name_count; i++) {
		rd->names[i] = xmlDictLookup(rd->ctxt->dict, (const xmlChar *)xml_names[i], -1);
		if (!rd->names[i])
			return CTI_E_NOMEM;
	}
	return 0;
}

/* The codec's parser; NULL: no memory. */
static struct csta_xml_state *state_get(struct csta_codec *codec)
{
	struct csta_xml_state *rd = codec->xml;

	if (rd && xmlDictSize(rd->ctxt->dict) <= NAMES_MAX)
		return rd;
	forget(codec);
	rd = csta_alloc_fails() ? NULL : calloc(1, sizeof(*rd));
	if (!rd)
		return NULL;
	rd->codec = codec;
	if (state_fill(rd)) {
		state_free(rd);
		return NULL;
	}
	codec->xml = rd;
	codec->xml_free = state_free;
	return rd;
}

/* Ready for a document that begins with @p text, whose first octets tell the encoding. */
static void state_reset(struct csta_xml_state *rd, const char *text, size_t length,
                        struct cti_error *error)
{
	rd->message = NULL;
	rd->error = error;
	rd->code = 0;
	rd->edition = rd->deviations = 0;
	rd->checking = false;
	rd->own_uri = NULL;
	rd->depth = rd->skipped = rd->raw = 0;
	rd->raw_open = false;
	rd->prefix_count = 0;
	rd->text.length = 0;
	if (xmlCtxtResetPush(rd->ctxt, text, (int)length, NULL, NULL))
		xml_fail_memory(rd);
}

/* C programs send the NUL at the end of their strings. */
static size_t padding_length(const char *text, size_t length)
{
	size_t padding = 0;

	/* Two octets a character, where a NUL is half of one. */
	if (length >= 2 && (!text[0] || !text[1] || (uint8_t)text[0] >= 0xfe))
		return 0;
	while (padding < length && !text[length - 1 - padding])
		padding++;
	return padding;
}

int csta_decode_xml(struct csta_message **out, struct csta_codec *codec, const void *data,
                    size_t length, unsigned *edition, struct cti_error *error)
{
	struct csta_xml_state *rd;
	size_t padding = padding_length(data, length);

	if (length > codec->limits.pdu)
		return cti_error_set(error, CTI_E_LIMIT, "%zu octets of XML, the limit is %zu",
		                     length, codec->limits.pdu);
	length -= padding;
	if (length == 0)
		return cti_error_set(error, CTI_E_TRUNCATED, "no XML: empty message");
	rd = state_get(codec);
	if (!rd)
		return cti_error_set(error, CTI_E_NOMEM, "XML parser: no memory");
	state_reset(rd, data, length, error);
	if (padding)
		rd->deviations |= CSTA_DEVIATION_PADDING;
	if (!rd->code)
		xmlParseChunk(rd->ctxt, NULL, 0, 1);
	if (!rd->code && rd->ctxt->errNo == XML_ERR_NO_MEMORY)
		xml_fail_memory(rd);
	if (!rd->code && (!rd->ctxt->wellFormed || !rd->message || rd->depth))
		xml_fail(rd, CTI_E_TRUNCATED, "not well-formed XML: the document ends too early");
	if (rd->code) {
		int code = rd->code;

		csta_message_destroy(&rd->message);
		if (code == CTI_E_NOMEM)
			forget(codec); /* the parser may be half of one */
		return code;
	}
	*out = rd->message;
	rd->message = NULL;
	if (edition)
		*edition = rd->edition;
	return 0;
}

enum xml_raw_state xml_raw_check(struct csta_codec *codec, const char *raw, size_t length)
{
	static const char open[] = "<private>", close[] = "</private>";
	struct csta_xml_state *rd = state_get(codec);
	unsigned deviations;
	bool same;

	if (!rd)
		return XML_RAW_NO_MEMORY;
	deviations = rd->deviations;
	state_reset(rd, open, sizeof(open) - 1, NULL);
	rd->deviations = deviations;
	rd->checking = true;
	if (!rd->code) {
		xmlParseChunk(rd->ctxt, raw, (int)length, 0);
		xmlParseChunk(rd->ctxt, close, sizeof(close) - 1, 1);
	}
	if (rd->code || !rd->ctxt->wellFormed || rd->depth)
		return rd->code == CTI_E_NOMEM ? XML_RAW_NO_MEMORY : XML_RAW_BAD;
	same = rd->text.length == length && !memcmp(rd->text.data, raw, length);
	return same ? XML_RAW_SAME : XML_RAW_OTHER;
}

unsigned csta_codec_deviations(const struct csta_codec *codec)
{
	return codec->xml ? codec->xml->deviations : 0;
}

const char *csta_deviation_name(unsigned bit)
{
	static const char *const names[] = {
#define X(name, text, meaning) text,
	        CSTA_DEVIATIONS(X)
#undef X
	};

	return bit < CSTA_DEVIATION_COUNT ? names[bit] : NULL;
}
