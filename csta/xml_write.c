/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing ECMA-323 and ECMA-354: the types of xml_types.c in the order of the schema, in the
 * session's edition, which is what the root's namespace says. What the edition does not have is
 * left out, a value that it does not have is sent as the nearest one that it has.
 */
#include "csta/text.h"
#include "csta/xml_state.h"

#include <BitRate.h>
#include <ConnectionIDBody.h>
#include <DeviceID.h>
#include <LocalDeviceID.h>
#include <MediaCallCharacteristics.h>
#include <MediaClass.h>
#include <SwitchingSubDomainCCIEType.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

struct writer {
	struct csta_codec *codec;
	struct csta_buffer *out;
	unsigned edition;
	int code;
	struct cti_error *error;
	const struct csta_message *message;
};

static void fail(struct writer *w, int code, const char *format, ...)
{
	char what[CTI_ERROR_TEXT];
	va_list args;

	if (w->code)
		return;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	w->code = cti_error_set(w->error, code, "%s: %s", w->message->type->element, what);
}

static inline void put(struct writer *w, const void *data, size_t length)
{
	struct csta_buffer *out = w->out;

	if (!length) /* of nothing at no address, perhaps */
		return;
	if (length <= out->size - out->length) {
		memcpy(out->data + out->length, data, length);
		out->length += length;
	} else if (csta_buffer_append(out, data, length)) {
		fail(w, CTI_E_NOMEM, "no memory");
	}
}

#define PUT(w, literal) put(w, literal, sizeof(literal) - 1)

static void put_string(struct writer *w, const char *text)
{
	put(w, text, strlen(text));
}

static void put_escaped(struct writer *w, const char *text, size_t length)
{
	const char *from = text, *end = text + length;

	for (; text < end; text++) {
		const char *entity;

		if (*text > '>') /* the usual case first */
			continue;
		entity = *text == '<'   ? "&lt;"
		         : *text == '>' ? "&gt;"
		         : *text == '&' ? "&amp;"
		         : *text == '"' ? "&quot;"
		                        : NULL;
		if (!entity)
			continue;
		put(w, from, (size_t)(text - from));
		put_string(w, entity);
		from = text + 1;
	}
	put(w, from, (size_t)(end - from));
}

static void put_hex(struct writer *w, const uint8_t *octets, size_t length)
{
	static const char digits[] = "0123456789ABCDEF";
	char out[128];
	size_t n = 0;

	for (size_t i = 0; i < length; i++) {
		out[n++] = digits[octets[i] >> 4];
		out[n++] = digits[octets[i] & 15];
		if (n == sizeof(out) || i + 1 == length) {
			put(w, out, n);
			n = 0;
		}
	}
}

static void put_long(struct writer *w, long value)
{
	char text[24];
	char *p = text + sizeof(text);
	unsigned long rest = value < 0 ? -(unsigned long)value : (unsigned long)value;

	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (value < 0)
		*--p = '-';
	put(w, p, (size_t)(text + sizeof(text) - p));
}

/* See csta/text.h. */
static void put_plain(struct writer *w, const uint8_t *octets, size_t length)
{
	if (csta_text_plain(octets, length)) {
		put_escaped(w, (const char *)octets, length);
	} else {
		PUT(w, "0x");
		put_hex(w, octets, length);
	}
}

static void put_octets(struct writer *w, const OCTET_STRING_t *octets)
{
	put_plain(w, octets->buf, octets->size > 0 ? (size_t)octets->size : 0);
}

static void put_time(struct writer *w, const OCTET_STRING_t *octets)
{
	char text[48];
	size_t n = octets->size > 0 ? csta_time_write(octets->buf, (size_t)octets->size, text) : 0;

	if (n)
		put(w, text, n);
	else
		put_octets(w, octets);
}

/* ---- devices ------------------------------------------------------------------------------ */

static void attribute(struct writer *w, const char *name, const char *value)
{
	PUT(w, " ");
	put_string(w, name);
	PUT(w, "=\"");
	put_string(w, value);
	PUT(w, "\"");
}

static void attribute_long(struct writer *w, const char *name, long value)
{
	PUT(w, " ");
	put_string(w, name);
	PUT(w, "=\"");
	put_long(w, value);
	PUT(w, "\"");
}

static void attribute_name(struct writer *w, const char *name, const asn_TYPE_descriptor_t *type,
                           long value)
{
	const char *text = csta_name_of(csta_layout_of(type), value);

	if (text)
		attribute(w, name, text);
	else
		fail(w, CTI_E_INVALID, "%s %ld has no name", name, value);
}

static void put_media(struct writer *w, const MediaCallCharacteristics_t *media, bool local)
{
	const struct csta_layout *classes = csta_layout_of(&asn_DEF_MediaClass);
	bool first = true;

	PUT(w, " mediaClass=\"");
	for (unsigned i = 0; i < classes->name_count; i++) {
		if (!csta_bit_get(&media->mediaClass, (size_t)classes->names[i].value))
			continue;
		if (!first)
			PUT(w, " ");
		put_string(w, classes->names[i].name);
		first = false;
	}
	PUT(w, "\"");
	if (media->connectionRate)
		attribute_long(w, "connectionRate", *media->connectionRate);
	if (media->bitRate)
		attribute_name(w, "bitRate", &asn_DEF_BitRate, *media->bitRate);
	if (media->delayTolerance)
		attribute_long(w, "delayTolerance", *media->delayTolerance);
	if (media->switchingSubDomainCCIEType) {
		long type = *media->switchingSubDomainCCIEType;

		/* Edition 6 knows sip, but not in a LocalDeviceID. */
		if (type == SwitchingSubDomainCCIEType_sip && (local || w->edition < CSTA_ED6))
			type = SwitchingSubDomainCCIEType_other;
		attribute_name(w, "switchingSubDomainCCIEType", &asn_DEF_SwitchingSubDomainCCIEType,
		               type);
	}
	if (media->switchingSubDomainInformationElements) {
		PUT(w, " switchingSubDomainInformationElements=\"");
		put_hex(w, media->switchingSubDomainInformationElements->buf,
		        (size_t)media->switchingSubDomainInformationElements->size);
		PUT(w, "\"");
	}
}

/* Where the number is, and what kind it is. NULL: it is deviceNumber. */
static const OCTET_STRING_t *number_of(const DeviceIdentifier_t *id, unsigned *inner)
{
	*inner = 0;
	switch (id->present) {
	case DeviceIdentifier_PR_explicitPublic:
		*inner = id->choice.explicitPublic.present;
		return &id->choice.explicitPublic.choice.unknown; /* all in one place */
	case DeviceIdentifier_PR_explicitPrivate:
		*inner = id->choice.explicitPrivate.present;
		return &id->choice.explicitPrivate.choice.unknown;
	case DeviceIdentifier_PR_deviceNumber:
		return NULL;
	case DeviceIdentifier_PR_NOTHING:
	case DeviceIdentifier_PR_dialingNumber:
	case DeviceIdentifier_PR_implicitPublic:
	case DeviceIdentifier_PR_implicitPrivate:
	case DeviceIdentifier_PR_other:
		break;
	}
	return &id->choice.dialingNumber;
}

/* The rest of a start tag, the number, and the end tag. */
static void put_device(struct writer *w, const struct xml_member *m, const DeviceID_t *device)
{
	const DeviceIdentifier_t *id = &device->deviceIdentifier;
	const char *name = NULL;
	const OCTET_STRING_t *number;
	unsigned inner;

	number = number_of(id, &inner);
	for (size_t i = 0; i < xml_number_count && !name; i++)
		if (xml_numbers[i].present == id->present && xml_numbers[i].inner == inner)
			name = xml_numbers[i].name;
	if (!name) {
		fail(w, CTI_E_INVALID, "%.*s: a DeviceID without number", m->length,
		     xml_member_name(m));
		return;
	}
	if (id->present != DeviceIdentifier_PR_dialingNumber)
		attribute(w, "typeOfNumber", name);
	if (device->mediaCallCharacteristics)
		put_media(w, device->mediaCallCharacteristics, m->type->shape == XML_LOCAL_DEVICE);
	/* Flags here, a number and a name of their own in ECMA-285, which are not said. */
	if (device->privateNumber && w->edition >= CSTA_ED6)
		attribute(w, "privateNumber", "true");
	if (device->privateName && w->edition >= CSTA_ED6)
		attribute(w, "privateName", "true");
	PUT(w, ">");
	if (number)
		put_octets(w, number);
	else
		put_long(w, id->choice.deviceNumber);
	put_string(w, m->close);
}

/* ---- elements ----------------------------------------------------------------------------- */

static void put_content(struct writer *, const struct xml_member *, const void *value);

static void put_member(struct writer *w, const struct xml_member *m, const void *value)
{
	const LocalDeviceID_t *local = value;
	size_t start;

	switch (m->type->shape) {
	case XML_DEVICE:
		put(w, m->open, m->length + 1u);
		put_device(w, m, value);
		return;
	case XML_LOCAL_DEVICE:
		put(w, m->open, m->length + 1u);
		if (local->present == LocalDeviceID_PR_staticID) {
			put_device(w, m, &local->choice.staticID);
			return;
		}
		PUT(w, " typeOfNumber=\"dynamic\">");
		put_octets(w, &local->choice.dynamicID);
		break;
	case XML_NULL:
		put(w, m->open, m->length + 1u);
		PUT(w, "/>");
		return;
	default:
		put(w, m->open, m->length + 2u);
		start = w->out->length;
		put_content(w, m, value);
		if (w->out->length == start && !w->code) {
			w->out->length--;
			PUT(w, "/>");
			return;
		}
		break;
	}
	put(w, m->close, m->length + 3u);
}

static void put_sequence(struct writer *w, const struct xml_type *type, const void *value)
{
	for (unsigned i = 0; i < type->count && !w->code; i++) {
		const struct xml_member *m = &type->members[i];
		const void *inner;

		if (!xml_member_in(m, w->edition))
			continue;
		if (m->type->shape == XML_MONITOR)
			inner = w->message;
		else if (m->type->shape == XML_FIXED)
			inner = m->required ? w->message : NULL;
		else if (m->type->shape == XML_DESTINATIONS)
			inner = value;
		else
			inner = csta_field_get(m->field, value);
		if (!inner && m->required && m->field)
			inner = &m->field->standard;
		if (inner)
			put_member(w, m, inner);
	}
}

static void put_choice(struct writer *w, const struct xml_member *holder,
                       const struct xml_type *type, const void *value)
{
	int chosen = csta_choice_get(type->layout, value);
	const struct csta_field *field;
	const void *inner;

	if (chosen < 0) {
		fail(w, CTI_E_INVALID, "%.*s: a CHOICE without alternative",
		     holder ? holder->length : 0, holder ? xml_member_name(holder) : "");
		return;
	}
	for (unsigned i = 0; i < type->count; i++) {
		if (type->members[i].index != chosen)
			continue;
		field = type->members[i].field;
		inner = csta_field_get(field, value);
		if (inner)
			put_member(w, &type->members[i], inner);
	}
	/* An alternative without element (noData) says so by its absence. */
}

static void put_enumerated(struct writer *w, const struct xml_member *m, long value)
{
	const struct xml_type *type = m->type;
	const char *name;

	for (unsigned i = 0; i < type->value_count; i++)
		if (type->values[i].value == value && type->values[i].edition > w->edition) {
			value = type->values[i].substitute;
			break;
		}
	name = csta_name_of(type->layout, value);
	if (name)
		put_string(w, name);
	else
		fail(w, CTI_E_INVALID, "%.*s: %ld is no %s", m->length, xml_member_name(m), value,
		     type->layout->type->name);
}

static void put_bit(struct writer *w, const struct xml_member *m)
{
	put(w, m->open, m->length + 2u);
	PUT(w, "true");
	put(w, m->close, m->length + 3u);
}

static void put_one_bit(struct writer *w, const struct xml_member *holder, long value)
{
	const struct xml_type *type = holder->type;

	for (unsigned i = 0; i < type->count; i++)
		if (type->members[i].index == value) {
			put_bit(w, &type->members[i]);
			return;
		}
	fail(w, CTI_E_INVALID, "%.*s: %ld is no %s", holder->length, xml_member_name(holder), value,
	     type->layout->type->name);
}

static void put_bits(struct writer *w, const struct xml_type *type, const BIT_STRING_t *bits)
{
	for (unsigned i = 0; i < type->count; i++) {
		const struct xml_member *m = &type->members[i];

		if (m->type->shape == XML_BIT && xml_member_in(m, w->edition) &&
		    csta_bit_get(bits, m->index))
			put_bit(w, m);
	}
}

static void put_list(struct writer *w, const struct xml_type *type, const void *list)
{
	size_t count = csta_list_count(list);

	for (size_t i = 0; i < count && !w->code; i++)
		put_member(w, type->members, csta_list_item(list, i));
}

static void put_connection(struct writer *w, const struct xml_type *type,
                           const ConnectionIDBody_t *connection)
{
	const struct xml_member *call = &type->members[0], *device = &type->members[1];

	switch (connection->present) {
	case ConnectionIDBody_PR_callID:
		put_member(w, call, &connection->choice.callID);
		return;
	case ConnectionIDBody_PR_deviceID:
		put_member(w, device, &connection->choice.deviceID);
		return;
	case ConnectionIDBody_PR_both:
		put_member(w, call, &connection->choice.both.callID);
		put_member(w, device, &connection->choice.both.deviceID);
		return;
	case ConnectionIDBody_PR_NOTHING:
		fail(w, CTI_E_INVALID, "a ConnectionID without callID and deviceID");
		return;
	}
}

static void put_destinations(struct writer *w, const struct xml_member *m, const void *value)
{
	/* The message's own struct: one number, and a list of more behind it. */
	const struct csta_field *first = m->field, *more = m->field + 1;
	const void *list = csta_field_get(more, value);
	struct xml_member bare = *m;

	if (w->edition < CSTA_ED6) {
		/* One number only, as the element's own text. */
		if (list && csta_list_count(list)) {
			fail(w, CTI_E_UNSUPPORTED, "more than one newDestination before edition 6");
			return;
		}
		w->out->length--; /* the > of the start tag: attributes follow */
		bare.close = "";
		put_device(w, &bare, csta_field_get(first, value));
		return;
	}
	put_member(w, m->type->members, csta_field_get(first, value));
	for (size_t i = 0; list && i < csta_list_count(list); i++)
		put_member(w, m->type->members, csta_list_item(list, i));
}

/* ---- private data ------------------------------------------------------------------------- */

static void put_ber(struct writer *w, const OCTET_STRING_t *tlv)
{
	PUT(w, "<ber xmlns=\"" XML_BER_NAMESPACE "\">");
	put_hex(w, tlv->buf, (size_t)tlv->size);
	PUT(w, "</ber>");
}

/* One TLV: <string>, the XML that it carries, or what it is. */
static void put_any(struct writer *w, const OCTET_STRING_t *tlv)
{
	const uint8_t *content = NULL;
	size_t length = 0, size = tlv->size > 0 ? (size_t)tlv->size : 0;
	uint8_t tag = 0;
	enum xml_raw_state state = XML_RAW_BAD;

	/* Whatever reading would not give back octet by octet goes as it is. */
	if (!xml_any_is_plain(tlv->buf, size, &tag, &content, &length))
		tag = 0;
	if (tag == 0x04) {
		PUT(w, "<string>");
		put_hex(w, content, length);
		PUT(w, "</string>");
		return;
	}
	if (tag == 0x0c)
		state = xml_raw_check(w->codec, (const char *)content, length);
	if (state == XML_RAW_NO_MEMORY)
		fail(w, CTI_E_NOMEM, "no memory");
	PUT(w, "<private>");
	if (state == XML_RAW_SAME)
		put(w, content, length);
	else
		put_ber(w, tlv);
	PUT(w, "</private>");
}

static void put_any_list(struct writer *w, const void *list)
{
	size_t count = csta_list_count(list);

	if (count == 1) {
		put_any(w, csta_list_item(list, 0));
		return;
	}
	PUT(w, "<private>");
	if (count == 0)
		PUT(w, "<ber xmlns=\"" XML_BER_NAMESPACE "\"/>");
	for (size_t i = 0; i < count; i++)
		put_ber(w, csta_list_item(list, i));
	PUT(w, "</private>");
}

/* Any XML, which came from elsewhere (JSON, BER): it must not end our own elements. */
static void put_raw(struct writer *w, const struct xml_member *m, const OCTET_STRING_t *octets)
{
	size_t length = octets->size > 0 ? (size_t)octets->size : 0;
	enum xml_raw_state state = xml_raw_check(w->codec, (const char *)octets->buf, length);

	if (state == XML_RAW_NO_MEMORY)
		fail(w, CTI_E_NOMEM, "no memory");
	else if (state == XML_RAW_BAD)
		fail(w, CTI_E_INVALID, "%.*s is not well-formed XML", m->length,
		     xml_member_name(m));
	else
		put(w, octets->buf, length);
}

/* What is in the element: all that is not done by put_member(). */
static void put_content(struct writer *w, const struct xml_member *m, const void *value)
{
	const OCTET_STRING_t *octets = value;

	switch (m->type->shape) {
	case XML_BOOLEAN:
		put_string(w, *(const int *)value ? "true" : "false");
		break;
	case XML_INTEGER:
		put_long(w, *(const long *)value);
		break;
	case XML_FLOAT:
		put_long(w, *(const long *)value);
		break;
	case XML_TRUTH:
		put_string(w, *(const long *)value ? "true" : "false");
		break;
	case XML_ENUMERATED:
		put_enumerated(w, m, *(const long *)value);
		break;
	case XML_STRING:
		put_octets(w, octets);
		break;
	case XML_HEX:
		put_hex(w, octets->buf, octets->size > 0 ? (size_t)octets->size : 0);
		break;
	case XML_TIME:
		put_time(w, octets);
		break;
	case XML_DESTINATIONS:
		put_destinations(w, m, value);
		break;
	case XML_MONITOR:
		put_plain(w, w->message->monitor, w->message->monitor_length);
		break;
	case XML_RAW:
		put_raw(w, m, octets);
		break;
	case XML_SEQUENCE:
		put_sequence(w, m->type, value);
		break;
	case XML_CHOICE:
	case XML_CHOICES:
		put_choice(w, m, m->type, value);
		break;
	case XML_LIST:
		put_list(w, m->type, value);
		break;
	case XML_WRAPPED:
		put_member(w, m->type->members, value);
		break;
	case XML_BITS:
		put_bits(w, m->type, value);
		break;
	case XML_ONE_BIT:
		put_one_bit(w, m, *(const long *)value);
		break;
	case XML_FIXED:
		put_string(w, m->type->text);
		break;
	case XML_CONNECTION:
		put_connection(w, m->type, value);
		break;
	case XML_TWOFOLD:
		PUT(w, "<string>");
		put_hex(w, octets->buf, octets->size > 0 ? (size_t)octets->size : 0);
		PUT(w, "</string>");
		break;
	case XML_ANY:
		put_any(w, octets);
		break;
	case XML_ANY_LIST:
		put_any_list(w, value);
		break;
	case XML_DEVICE:
	case XML_LOCAL_DEVICE:
	case XML_NULL:
	case XML_BIT:
	case XML_ANY_HEX:
	case XML_ANY_RAW:
		break; /* written by their holders */
	}
}

/* Whether an element without anything in it would be read. */
static bool may_be_empty(const struct xml_type *type)
{
	if (type->shape == XML_CHOICE)
		return type->fills_value;
	if (type->shape == XML_WRAPPED)
		return false;
	for (unsigned i = 0; i < type->count; i++)
		if (xml_set_has(&type->mandatory, i) &&
		    type->members[i].type->shape != XML_MONITOR && !type->members[i].type->fills)
			return false;
	return true;
}

int csta_encode_xml(struct csta_codec *codec, const struct csta_message *message,
                    enum csta_edition edition, struct csta_buffer *out, struct cti_error *error)
{
	const struct csta_type *row = message->type;
	const struct xml_member root = {.type = xml_type_of(row), .open = "<", .close = ""};
	struct writer w = {
	        .codec = codec, .out = out, .edition = edition, .error = error, .message = message};
	const char *ns = csta_edition_namespace(edition);
	size_t start = out->length;

	if (!(row->encodings & CSTA_IN_XML))
		return cti_error_set(error, CTI_E_UNSUPPORTED, "%s has no XML", row->element);
	if (!ns)
		return cti_error_set(error, CTI_E_INVALID, "no edition %d of ECMA-323", edition);
	/* What is known of edition 2 is that edition 3 came after it. */
	if (edition == CSTA_ED2)
		w.edition = CSTA_ED3;
	if (row->first_edition > w.edition)
		return cti_error_set(error, CTI_E_UNSUPPORTED,
		                     "%s: edition %d does not have it, edition %u does",
		                     row->element, edition, row->first_edition);
	if (!message->value && root.type && !may_be_empty(root.type))
		return cti_error_set(error, CTI_E_INVALID, "%s: no value, which XML needs",
		                     row->element);
	PUT(&w, declaration);
	PUT(&w, "<");
	put_string(&w, row->element);
	attribute(&w, "xmlns", row->kind == CSTA_SESSION ? XML_SESSION_NAMESPACE : ns);
	PUT(&w, ">");
	if (root.type && message->value)
		put_content(&w, &root, message->value);
	PUT(&w, "</");
	put_string(&w, row->element);
	PUT(&w, ">");
	if (w.code)
		out->length = start;
	return w.code;
}
