/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages as JSON, without loss. The names are ECMA-323's:
 *
 *   {"DeliveredEvent":{"connection":{"callID":"17","deviceID":{"staticID":{...}}},...,
 *    "cause":"newCall"},"invokeID":7,"monitorCrossRefID":"*"}
 *
 *   SEQUENCE      object; absent fields are left out
 *   CHOICE        object of one member; the fields of a ConnectionID's both stand in its place
 *   SEQUENCE OF   array
 *   ENUMERATED    the name, or the number where there is none
 *   BIT STRING    object of booleans, one for each bit that is there, {"voice":true,"data":false};
 *                 a bit without a name goes by its number
 *   OCTET STRING, IA5String, UTF8String
 *                 string; {"hex":"00ff"} where the octets are not UTF-8 or have a NUL
 *   ANY           {"hex":"0403616263"}: BER as it came (private data); behind it, and not read,
 * what csta/private.h has names for: "names":[{"avaya.invertFilter":true}] OBJECT IDENTIFIER
 * "1.3.12.0.218" NULL          null; also a message that has no argument or result
 */
#include "csta/codec.h"
#include "csta/write.h"

#include <stdio.h>

static void write_value(struct csta_writer *, const struct csta_layout *, const void *);

static void write_octets(struct csta_writer *writer, const uint8_t *data, size_t length, bool hex)
{
	if (!hex && csta_plain_length(data, length) == length) { /* most are so */
		csta_write(writer, "\"", 1);
		csta_write(writer, (const char *)data, length);
		csta_write(writer, "\"", 1);
		return;
	}
	if (!hex && csta_is_utf8(data, length)) {
		csta_write_quoted(writer, data, length);
		return;
	}
	csta_write_text(writer, "{\"hex\":\"");
	csta_write_hex(writer, data, length);
	csta_write_text(writer, "\"}");
}

static void write_any(struct csta_writer *writer, const OCTET_STRING_t *any)
{
	csta_write_text(writer, "{\"hex\":\"");
	csta_write_hex(writer, any->buf, (size_t)any->size);
	csta_write_text(writer, "\"");
	csta_write_names_json(writer, any);
	csta_write_text(writer, "}");
}

static void write_key(struct csta_writer *writer, const char *name, bool *first)
{
	csta_write_text(writer, *first ? "\"" : ",\"");
	csta_write_text(writer, name);
	csta_write_text(writer, "\":");
	*first = false;
}

static void write_field_key(struct csta_writer *writer, const struct csta_field *field, bool first)
{
	csta_write(writer, field->key + first, field->key_length - first);
}

static void write_fields(struct csta_writer *writer, const struct csta_layout *layout,
                         const void *value)
{
	bool first = true;

	for (unsigned i = 0; i < layout->field_count; i++) {
		const struct csta_field *field = &layout->fields[i];
		const void *member = csta_field_get(field, value);

		if (!member)
			continue;
		write_field_key(writer, field, first);
		first = false;
		write_value(writer, field->layout, member);
	}
}

static void write_choice(struct csta_writer *writer, const struct csta_layout *layout,
                         const void *value)
{
	int present = csta_choice_get(layout, value);
	const struct csta_field *field = present < 0 ? NULL : &layout->fields[present];
	const void *member = field ? csta_field_get(field, value) : NULL;

	csta_write(writer, "{", 1);
	if (member && field->flat) {
		write_fields(writer, field->layout, member);
	} else if (member) {
		write_field_key(writer, field, true);
		write_value(writer, field->layout, member);
	}
	csta_write(writer, "}", 1);
}

static void write_bits(struct csta_writer *writer, const struct csta_layout *layout,
                       const BIT_STRING_t *bits)
{
	bool first = true;

	csta_write(writer, "{", 1);
	for (size_t i = 0; i < csta_bit_count(bits); i++) {
		const char *name = csta_name_of(layout, (long)i);
		char number[24];

		if (!name)
			snprintf(number, sizeof(number), "%zu", i);
		write_key(writer, name ? name : number, &first);
		csta_write_text(writer, csta_bit_get(bits, i) ? "true" : "false");
	}
	csta_write(writer, "}", 1);
}

static void write_enumerated(struct csta_writer *writer, const struct csta_layout *layout,
                             long value)
{
	const char *name = csta_name_of(layout, value);

	if (!name) {
		csta_write_number(writer, value);
		return;
	}
	csta_write(writer, "\"", 1);
	csta_write_text(writer, name);
	csta_write(writer, "\"", 1);
}

static void write_oid(struct csta_writer *writer, const OBJECT_IDENTIFIER_t *oid)
{
	size_t before = writer->out->length;

	csta_write(writer, "\"", 1);
	if (csta_write_oid(writer, oid)) {
		csta_write(writer, "\"", 1);
		return;
	}
	writer->out->length = before;
	write_octets(writer, oid->buf, (size_t)oid->size, true);
}

static void write_value(struct csta_writer *writer, const struct csta_layout *layout,
                        const void *value)
{
	const OCTET_STRING_t *octets = value;

	switch (layout->shape) {
	case CSTA_SEQUENCE:
		csta_write(writer, "{", 1);
		write_fields(writer, layout, value);
		csta_write(writer, "}", 1);
		break;
	case CSTA_CHOICE:
		write_choice(writer, layout, value);
		break;
	case CSTA_LIST:
		csta_write(writer, "[", 1);
		for (size_t i = 0; i < csta_list_count(value); i++) {
			if (i)
				csta_write(writer, ",", 1);
			write_value(writer, layout->fields[0].layout, csta_list_item(value, i));
		}
		csta_write(writer, "]", 1);
		break;
	case CSTA_INTEGER:
		csta_write_number(writer, *(const long *)value);
		break;
	case CSTA_ENUMERATED:
		write_enumerated(writer, layout, *(const long *)value);
		break;
	case CSTA_BOOLEAN:
		csta_write_text(writer, *(const int *)value ? "true" : "false");
		break;
	case CSTA_NULL:
		csta_write_text(writer, "null");
		break;
	case CSTA_OCTETS:
	case CSTA_TEXT:
		write_octets(writer, octets->buf, (size_t)octets->size, false);
		break;
	case CSTA_ANY:
		write_any(writer, octets);
		break;
	case CSTA_BITS:
		write_bits(writer, layout, value);
		break;
	case CSTA_OID:
		write_oid(writer, value);
		break;
	}
}

static int write_end(struct csta_writer *writer, const struct csta_message *message, size_t before,
                     struct cti_error *error)
{
	if (!writer->failed)
		return 0;
	writer->out->length = before;
	return cti_error_set(error, CTI_E_NOMEM, "%s: no memory", message->type->element);
}

int csta_encode_json_value(const struct csta_message *message, struct csta_buffer *out,
                           struct cti_error *error)
{
	struct csta_writer writer = {.out = out, .message = message};
	size_t before = out->length;

	if (message->value)
		write_value(&writer, csta_layout_of_type(message->type), message->value);
	else
		csta_write_text(&writer, "null");
	return write_end(&writer, message, before, error);
}

int csta_encode_json(struct csta_codec *codec, const struct csta_message *message,
                     struct csta_buffer *out, struct cti_error *error)
{
	struct csta_writer writer = {.out = out, .message = message};
	size_t before = out->length;
	bool first = true;

	(void)codec;
	csta_write(&writer, "{", 1);
	write_key(&writer, message->type->element, &first);
	if (message->value)
		write_value(&writer, csta_layout_of_type(message->type), message->value);
	else
		csta_write_text(&writer, "null");
	if (message->invoke_id != CSTA_NO_INVOKE_ID) {
		write_key(&writer, "invokeID", &first);
		csta_write_number(&writer, (long)message->invoke_id);
	}
	if (message->type->kind == CSTA_EVENT) {
		write_key(&writer, "monitorCrossRefID", &first);
		write_octets(&writer, message->monitor, message->monitor_length, false);
	}
	csta_write(&writer, "}", 1);
	return write_end(&writer, message, before, error);
}
