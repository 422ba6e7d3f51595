/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as csta/json_write.c describes it, to messages. */
#include "csta/codec.h"
#include "csta/text.h"
#include "csta/tlv.h"
#include "csta/walk.h"
#include "csta/write.h"
#include "sdk/json_check.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_MAX_LENGTH 96
#define TEXT_PER_PDU    16 /* a text of this many times the largest PDU is refused unread */
#define DEPTH           64 /* of arrays and objects */

struct reading {
	const struct csta_limits *limits;
	struct csta_message *message;
	struct cti_error *error;
	bool several; /* an open type has a tag around it: none or several elements fit in it */
	char path[PATH_MAX_LENGTH];
};

static int read_value(struct reading *, const struct csta_layout *, json_t *, void *value);

static int refuse(const struct reading *reading, const char *found, const char *expected)
{
	return cti_error_set(reading->error, CTI_E_INVALID, "%s%s%s: %s, expected %s",
	                     reading->message->type->element, *reading->path ? " " : "",
	                     reading->path, found, expected);
}

static const char *kind_of(const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
		return "a number";
	case JSON_REAL:
		return "a number with a fraction";
	case JSON_TRUE:
	case JSON_FALSE:
		return "a boolean";
	case JSON_NULL:
		return "null";
	}
	return "something";
}

static int nomem(const struct reading *reading)
{
	return csta_message_nomem(reading->message, reading->error);
}

static int read_field(struct reading *reading, const struct csta_layout *layout,
                      const struct csta_field *field, json_t *json, void *value)
{
	size_t length = strlen(reading->path);
	void *member = csta_field_make(reading->message->arena, field, value);
	int failure;

	if (!member)
		return nomem(reading);
	snprintf(reading->path + length, sizeof(reading->path) - length, "%s%s", length ? "." : "",
	         field->xml);
	reading->several = (layout->type->elements[field - layout->fields].tag & 3) == TLV_CONTEXT;
	failure = read_value(reading, field->layout, json, member);
	if (!failure)
		reading->path[length] = '\0';
	return failure;
}

static int read_sequence(struct reading *reading, const struct csta_layout *layout, json_t *json,
                         void *value)
{
	const char *key;
	json_t *member;

	if (!json_is_object(json))
		return refuse(reading, kind_of(json), "an object");
	json_object_foreach (json, key, member) {
		const struct csta_field *field = csta_field_find(layout, key, strlen(key), 0);
		int failure = field ? read_field(reading, layout, field, member, value)
		                    : refuse(reading, key, "no such field");

		if (failure)
			return failure;
	}
	for (unsigned i = 0; i < layout->field_count; i++)
		if (!layout->fields[i].optional && !json_object_get(json, layout->fields[i].xml))
			return refuse(reading, "it is missing", layout->fields[i].xml);
	return 0;
}

/* The alternative that the object is: the one it names, or the flat one with its fields. */
static const struct csta_field *alternative_of(const struct csta_layout *layout, json_t *json)
{
	const char *key = json_object_iter_key(json_object_iter(json));
	const struct csta_field *found = NULL;

	if (json_object_size(json) == 1)
		found = csta_field_find(layout, key, strlen(key), 0);
	for (unsigned i = 0; !found && i < layout->field_count; i++)
		if (layout->fields[i].flat)
			found = &layout->fields[i];
	return found;
}

static int read_choice(struct reading *reading, const struct csta_layout *layout, json_t *json,
                       void *value)
{
	const struct csta_field *field;
	void *member;

	if (!json_is_object(json))
		return refuse(reading, kind_of(json), "an object of one member");
	if (!json_object_size(json))
		return 0; /* nothing chosen: what an alternative beyond the standard leaves */
	field = alternative_of(layout, json);
	if (!field)
		return refuse(reading, json_object_iter_key(json_object_iter(json)),
		              "one alternative that there is");
	member = csta_choice_make(reading->message->arena, layout,
	                          (unsigned)(field - layout->fields), value);
	if (!member)
		return nomem(reading);
	if (field->flat)
		return read_value(reading, field->layout, json, member);
	return read_field(reading, layout, field, json_object_iter_value(json_object_iter(json)),
	                  value);
}

static int read_list(struct reading *reading, const struct csta_layout *layout, json_t *json,
                     void *value)
{
	size_t length = strlen(reading->path), index;
	json_t *item;

	if (!json_is_array(json))
		return refuse(reading, kind_of(json), "an array");
	if (json_array_size(json) > reading->limits->elements)
		return cti_error_set(reading->error, CTI_E_LIMIT, "%s %s: %zu items, at most %u",
		                     reading->message->type->element, reading->path,
		                     json_array_size(json), reading->limits->elements);
	json_array_foreach (json, index, item) {
		void *place = csta_list_append(reading->message->arena, layout, value);
		int failure;

		if (!place)
			return nomem(reading);
		snprintf(reading->path + length, sizeof(reading->path) - length, "[%zu]", index);
		reading->several = false;
		failure = read_value(reading, layout->fields[0].layout, item, place);
		if (failure)
			return failure;
	}
	reading->path[length] = '\0';
	return 0;
}

/* "abc" or {"hex":"00ff"} */
static int read_octets(struct reading *reading, json_t *json, OCTET_STRING_t *octets)
{
	json_t *hex = json_object_get(json, "hex");
	const char *digits;

	if (json_is_string(json))
		return csta_octets_copy(reading->message->arena, octets, json_string_value(json),
		                        json_string_length(json))
		               ? 0
		               : nomem(reading);
	if (!json_is_string(hex) || json_object_size(json) != 1 || json_string_length(hex) % 2)
		return refuse(reading, kind_of(json), "a string or {\"hex\":\"...\"}");
	digits = json_string_value(hex);
	if (!csta_octets_copy(reading->message->arena, octets, digits, json_string_length(hex)))
		return nomem(reading);
	octets->size /= 2;
	for (int i = 0; i < octets->size; i++) {
		int high = csta_hex_digit(digits[2 * i]), low = csta_hex_digit(digits[2 * i + 1]);

		if (high < 0 || low < 0)
			return refuse(reading, "another character", "hexadecimal digits");
		octets->buf[i] = (uint8_t)(high << 4 | low);
	}
	octets->buf[octets->size] = 0;
	return 0;
}

/* One element; what stands in a tag of its own may be none or several. */
static int read_any(struct reading *reading, json_t *json, OCTET_STRING_t *octets)
{
	size_t size;
	int failure, count = 0;

	json_object_del(json, "names"); /* for people: the octets say all */
	failure = read_octets(reading, json, octets);
	for (int at = 0; !failure && at < octets->size; at += (int)size, count++)
		if (tlv_check(octets->buf + at, (size_t)(octets->size - at), reading->limits, &size,
		              NULL))
			return refuse(reading, "other octets", "whole BER elements");
	if (!failure && count != 1 && !reading->several)
		return refuse(reading, count ? "several elements" : "nothing", "one BER element");
	return failure;
}

static int read_bits(struct reading *reading, const struct csta_layout *layout, json_t *json,
                     BIT_STRING_t *bits)
{
	const char *key;
	json_t *member;

	if (!json_is_object(json))
		return refuse(reading, kind_of(json), "an object of booleans");
	if (!csta_bit_resize(reading->message->arena, bits, 0))
		return nomem(reading);
	json_object_foreach (json, key, member) {
		char *end;
		long bit;

		if (!csta_value_of(layout, key, strlen(key), &bit)) {
			bit = strtol(key, &end, 10);
			if (end == key || *end || bit < 0)
				return refuse(reading, key, "the name or number of a bit");
		}
		if (!json_is_boolean(member))
			return refuse(reading, kind_of(member), "a boolean");
		if ((size_t)bit >= csta_bit_count(bits) &&
		    !csta_bit_resize(reading->message->arena, bits, (size_t)bit + 1))
			return bit >= CSTA_BITS_MAX ? refuse(reading, key, "a bit below 1024")
			                            : nomem(reading);
		if (json_is_true(member))
			csta_bit_set(reading->message->arena, bits, (size_t)bit);
	}
	return 0;
}

/* Append a number in sevens of bits (X.690 8.19.2); false: full. */
static bool oid_append(OCTET_STRING_t *oid, uint64_t number)
{
	int more = 0;

	while (number >> (7 * (more + 1)))
		more++;
	if (oid->size + more >= CSTA_OID_MAX)
		return false;
	for (; more >= 0; more--)
		oid->buf[oid->size++] =
		        (uint8_t)((number >> (7 * more) & 0x7f) | (more ? 0x80 : 0));
	return true;
}

/* "1.3.12.0.218" */
static bool oid_parse(const char *text, OCTET_STRING_t *oid)
{
	uint64_t root = 0;

	for (unsigned arc = 0;; arc++) {
		uint64_t number = 0;

		if (*text < '0' || *text > '9')
			return false;
		for (; *text >= '0' && *text <= '9'; text++) {
			uint64_t digit = (uint64_t)(*text - '0');

			if (number > (INT64_MAX - digit) / 10) /* as far as csta_write_oid() goes */
				return false;
			number = number * 10 + digit;
		}
		if (arc == 0 && number > 2)
			return false;
		if (arc == 1 && number > (root < 2 ? 39 : INT64_MAX - 80))
			return false;
		if (arc == 0)
			root = number;
		else if (!oid_append(oid, arc == 1 ? root * 40 + number : number))
			return false;
		if (!*text)
			return arc > 0;
		if (*text++ != '.')
			return false;
	}
}

static int read_oid(struct reading *reading, json_t *json, OBJECT_IDENTIFIER_t *oid)
{
	OCTET_STRING_t octets = {0};
	int failure = 0;

	if (!json_is_string(json)) {
		failure = read_octets(reading, json, &octets);
	} else {
		octets.buf = csta_arena_alloc(reading->message->arena, CSTA_OID_MAX);
		if (!octets.buf)
			return nomem(reading);
		if (!oid_parse(json_string_value(json), &octets))
			return refuse(reading, json_string_value(json), "an object identifier");
	}
	oid->buf = octets.buf;
	oid->size = octets.size;
	return failure;
}

static int read_enumerated(struct reading *reading, const struct csta_layout *layout, json_t *json,
                           long *value)
{
	if (json_is_integer(json)) {
		*value = (long)json_integer_value(json);
		return 0;
	}
	if (!json_is_string(json))
		return refuse(reading, kind_of(json), "a name or a number");
	if (!csta_value_of(layout, json_string_value(json), json_string_length(json), value))
		return refuse(reading, json_string_value(json), "a name that there is");
	return 0;
}

static int read_value(struct reading *reading, const struct csta_layout *layout, json_t *json,
                      void *value)
{
	switch (layout->shape) {
	case CSTA_SEQUENCE:
		return read_sequence(reading, layout, json, value);
	case CSTA_CHOICE:
		return read_choice(reading, layout, json, value);
	case CSTA_LIST:
		return read_list(reading, layout, json, value);
	case CSTA_INTEGER:
		if (!json_is_integer(json))
			return refuse(reading, kind_of(json), "a whole number");
		*(long *)value = (long)json_integer_value(json);
		return 0;
	case CSTA_ENUMERATED:
		return read_enumerated(reading, layout, json, value);
	case CSTA_BOOLEAN:
		if (!json_is_boolean(json))
			return refuse(reading, kind_of(json), "a boolean");
		*(int *)value = json_is_true(json);
		return 0;
	case CSTA_NULL:
		return json_is_null(json) ? 0 : refuse(reading, kind_of(json), "null");
	case CSTA_OCTETS:
	case CSTA_TEXT:
		return read_octets(reading, json, value);
	case CSTA_ANY:
		return read_any(reading, json, value);
	case CSTA_BITS:
		return read_bits(reading, layout, json, value);
	case CSTA_OID:
		return read_oid(reading, json, value);
	}
	return CTI_E_INTERNAL;
}

/* The member of the envelope that is the message itself. */
static const struct csta_type *envelope_type(json_t *envelope, struct cti_error *error)
{
	const struct csta_type *found = NULL;
	const char *key;
	json_t *member;

	json_object_foreach (envelope, key, member) {
		const struct csta_type *type = csta_type_of_element(key, strlen(key));

		if (!strcmp(key, "invokeID") || !strcmp(key, "monitorCrossRefID"))
			continue;
		if (!type || found) {
			cti_error_set(error, CTI_E_INVALID, "%s: %s", key,
			              type ? "a second message" : "no such message");
			return NULL;
		}
		found = type;
	}
	if (!found)
		cti_error_set(error, CTI_E_INVALID, "no message in the object");
	return found;
}

static int read_envelope(struct reading *reading, json_t *envelope)
{
	struct csta_message *message = reading->message;
	json_t *id = json_object_get(envelope, "invokeID");
	json_t *monitor = json_object_get(envelope, "monitorCrossRefID");
	json_t *value = json_object_get(envelope, message->type->element);
	OCTET_STRING_t octets = {0};
	int failure;

	if (id) {
		snprintf(reading->path, sizeof(reading->path), "invokeID");
		if (message->type->kind == CSTA_ASSOCIATION)
			return refuse(reading, "it is there", "none with ACSE");
		if (!json_is_integer(id) || json_integer_value(id) < 0 ||
		    json_integer_value(id) >= CSTA_NO_INVOKE_ID)
			return refuse(reading, kind_of(id), "a number from 0 to 4294967294");
		message->invoke_id = (uint32_t)json_integer_value(id);
	}
	if (message->type->kind == CSTA_EVENT || monitor) {
		snprintf(reading->path, sizeof(reading->path), "monitorCrossRefID");
		if (message->type->kind != CSTA_EVENT)
			return refuse(reading, "it is there", "it with events only");
		if (!monitor)
			return refuse(reading, "it is missing", "it with an event");
		failure = read_octets(reading, monitor, &octets);
		if (failure)
			return failure;
		if (octets.size > CSTA_MONITOR_ID_MAX)
			return refuse(reading, "a longer one", "at most 32 octets");
		if (octets.size)
			memcpy(message->monitor, octets.buf, (size_t)octets.size);
		message->monitor_length = (size_t)octets.size;
	}
	*reading->path = '\0';
	if (!json_is_null(value))
		return read_value(reading, csta_layout_of_type(message->type), value,
		                  message->value);
	if (!csta_type_may_be_empty(message->type))
		return refuse(reading, kind_of(value), "an object");
	message->value = NULL;
	return 0;
}

int csta_decode_json(struct csta_message **out, struct csta_codec *codec, const void *data,
                     size_t length, struct cti_error *error)
{
	struct reading reading = {.limits = &codec->limits, .error = error};
	const struct csta_type *type;
	json_error_t syntax;
	json_t *envelope;
	int failure;

	if (length / TEXT_PER_PDU > codec->limits.pdu)
		return cti_error_set(error, CTI_E_LIMIT,
		                     "text of %zu octets, at most %zu are accepted", length,
		                     codec->limits.pdu * TEXT_PER_PDU);
	failure = cti_json_check(data, length, DEPTH, error);
	if (failure)
		return failure;
	envelope = json_loadb(data, length, JSON_REJECT_DUPLICATES, &syntax);
	if (!envelope)
		return json_error_code(&syntax) == json_error_out_of_memory
		               ? cti_error_set(error, CTI_E_NOMEM, "no memory for the JSON text")
		               : cti_error_set(error, CTI_E_INVALID, "line %d, column %d: %s",
		                               syntax.line, syntax.column, syntax.text);
	type = json_is_object(envelope) ? envelope_type(envelope, error) : NULL;
	if (!json_is_object(envelope))
		failure = cti_error_set(error, CTI_E_INVALID, "%s, expected an object",
		                        kind_of(envelope));
	else
		failure = type ? csta_message_create(&reading.message, codec, type, error)
		               : CTI_E_INVALID;
	if (!failure) {
		csta_message_limit(reading.message, CTI_JSON_MEMORY_OF(length));
		failure = read_envelope(&reading, envelope);
	}
	json_decref(envelope);
	if (failure) {
		csta_message_destroy(&reading.message);
		return failure;
	}
	csta_message_limit(reading.message, SIZE_MAX);
	*out = reading.message;
	return 0;
}
