/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/wire_reader.h"

#include "sdk/wire_fields.h"

#include <stdlib.h>
#include <string.h>

struct scratch {
	struct scratch *next;
	max_align_t data[];
};

int reader_no_memory(struct reader *reader)
{
	if (!reader->code)
		reader->code = cti_error_set(reader->error, CTI_E_NOMEM, "%s: out of memory",
		                             reader->what);
	return reader->code;
}

void *reader_scratch(struct reader *reader, size_t count, size_t size)
{
	struct scratch *block = calloc(1, sizeof *block + (count ? count : 1) * size);
	if (!block) {
		reader_no_memory(reader);
		return NULL;
	}
	block->next = reader->scratch;
	reader->scratch = block;
	return block->data;
}

int reader_end(struct reader *reader)
{
	while (reader->scratch) {
		struct scratch *next = reader->scratch->next;
		free(reader->scratch);
		reader->scratch = next;
	}
	return reader->code;
}

void reader_wrong(struct reader *reader, const char *name, const char *expected)
{
	if (!reader->code)
		reader->code = cti_error_set(reader->error, CTI_E_INVALID, "%s: %s: expected %s",
		                             reader->what, name, expected);
}

/* Member @p name if it has a value of this type; NULL if there is none, or after a failure. */
static json_t *member(struct reader *reader, const json_t *object, const char *name, json_type type,
                      const char *expected)
{
	json_t *value = reader->code ? NULL : json_object_get(object, name);
	if (!value || json_is_null(value))
		return NULL;
	if (json_typeof(value) == type)
		return value;
	reader_wrong(reader, name, expected);
	return NULL;
}

const char *reader_string(struct reader *reader, const json_t *object, const char *name)
{
	json_t *value = member(reader, object, name, JSON_STRING, "a string");
	return value ? json_string_value(value) : NULL;
}

json_t *reader_object(struct reader *reader, const json_t *object, const char *name)
{
	return member(reader, object, name, JSON_OBJECT, "an object");
}

const char *reader_json(struct reader *reader, const json_t *object, const char *name)
{
	json_t *value = reader_object(reader, object, name);
	char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
	size_t size = text ? strlen(text) + 1 : 0;
	char *copy = text ? reader_scratch(reader, size, 1) : NULL;
	if (copy)
		memcpy(copy, text, size);
	else if (value)
		reader_no_memory(reader);
	free(text);
	return copy;
}

json_t *reader_array(struct reader *reader, const json_t *object, const char *name)
{
	return member(reader, object, name, JSON_ARRAY, "an array");
}

bool reader_boolean(struct reader *reader, const json_t *object, const char *name)
{
	json_t *value = reader->code ? NULL : json_object_get(object, name);
	if (value && !json_is_boolean(value) && !json_is_null(value))
		reader_wrong(reader, name, "true or false");
	return json_is_true(value);
}

int64_t reader_integer(struct reader *reader, const json_t *object, const char *name,
                       int64_t fallback, int64_t least, int64_t most)
{
	json_t *value = member(reader, object, name, JSON_INTEGER, "an integer");
	if (!value)
		return fallback;
	json_int_t integer = json_integer_value(value);
	if (integer < least || integer > most) {
		reader_wrong(reader, name, "an integer within its range");
		return fallback;
	}
	return integer;
}

/* A number that may not fit a double: written as a string of digits. */
uint64_t reader_sequence(struct reader *reader, const json_t *object, const char *name)
{
	const char *text = reader_string(reader, object, name);
	uint64_t value = 0;
	if (!text)
		return 0;
	for (const char *at = text; *at || at == text; at++) {
		unsigned digit = (unsigned)*at - '0';
		if (digit > 9 || value > (UINT64_MAX - digit) / 10) {
			reader_wrong(reader, name, "a string of decimal digits");
			return 0;
		}
		value = value * 10 + digit;
	}
	return value;
}

/* A word of a table; @p fallback if it is not there, an error if it is none of them. */
int reader_word(struct reader *reader, const json_t *object, const char *name, int fallback,
                int (*parse)(const char *), const char *expected)
{
	const char *text = reader_string(reader, object, name);
	if (!text)
		return fallback;
	int value = parse(text);
	if (value < 0)
		reader_wrong(reader, name, expected);
	return value < 0 ? fallback : value;
}

enum cti_connection_state reader_state(struct reader *reader, const json_t *object,
                                       const char *name)
{
	return (enum cti_connection_state)reader_word(reader, object, name, CTI_CONNECTION_UNKNOWN,
	                                              cti_connection_state_parse,
	                                              "a connection state");
}

enum cti_agent_state reader_agent_state(struct reader *reader, const json_t *object,
                                        const char *name)
{
	return (enum cti_agent_state)reader_word(reader, object, name, CTI_AGENT_UNKNOWN,
	                                         cti_agent_state_parse, "an agent state");
}

void reader_device(struct reader *reader, const json_t *object, const char *name,
                   struct cti_device *out)
{
	json_t *device = reader_object(reader, object, name);
	if (!device)
		return;
	*out = (struct cti_device){
	        .status = CTI_DEVICE_NUMBER,
	        .number = reader_string(reader, device, "number"),
	        .received = reader_string(reader, device, "received"),
	        .name = reader_string(reader, device, "name"),
	};
#define X(what, member)                                                                            \
	if (reader_boolean(reader, device, member))                                                \
		out->status = CTI_DEVICE_##what;
	WIRE_DEVICE_STATUS(X)
#undef X
}

void reader_connection_members(struct reader *reader, const json_t *object,
                               struct cti_connection *out)
{
	*out = (struct cti_connection){
	        .call_id = reader_string(reader, object, "callID"),
	        .device_id = reader_string(reader, object, "deviceID"),
	        .dynamic = reader_boolean(reader, object, "dynamic"),
	        .state = reader_state(reader, object, "state"),
	};
}

void reader_connection(struct reader *reader, const json_t *object, const char *name,
                       struct cti_connection *out)
{
	json_t *connection = reader_object(reader, object, name);
	*out = (struct cti_connection){.state = CTI_CONNECTION_UNKNOWN};
	if (connection)
		reader_connection_members(reader, connection, out);
}

int reader_hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	                              : -1;
}

/* False if it is no hexBinary; @p to has room for half of it. */
static bool hex_decode(const char *text, uint8_t *to)
{
	for (; *text; text += 2, to++) {
		int high = reader_hex_digit(text[0]),
		    low = high < 0 ? -1 : reader_hex_digit(text[1]);
		if (low < 0)
			return false;
		*to = (uint8_t)(high << 4 | low);
	}
	return true;
}

void reader_hex(struct reader *reader, const json_t *object, const char *name,
                struct cti_octets *out)
{
	const char *text = reader_string(reader, object, name);
	uint8_t *octets = text ? reader_scratch(reader, strlen(text) / 2, 1) : NULL;
	if (!octets)
		return;
	if (hex_decode(text, octets))
		*out = (struct cti_octets){octets, strlen(text) / 2};
	else
		reader_wrong(reader, name, "pairs of hexadecimal digits");
}

const struct cti_connection_item *reader_items(struct reader *reader, const json_t *object,
                                               const char *name, size_t *count)
{
	json_t *array = reader_array(reader, object, name);
	struct cti_connection_item *items =
	        array ? reader_scratch(reader, json_array_size(array), sizeof *items) : NULL;
	*count = items ? json_array_size(array) : 0;
	for (size_t i = 0; i < *count; i++) {
		json_t *item = json_array_get(array, i);
		if (!json_is_object(item))
			reader_wrong(reader, name, "an array of objects");
		reader_connection(reader, item, "newConnection", &items[i].new_connection);
		reader_connection(reader, item, "oldConnection", &items[i].old_connection);
		reader_device(reader, item, "endpoint", &items[i].endpoint);
		reader_device(reader, item, "associatedNID", &items[i].associated_nid);
	}
	return items;
}

/* Seconds since 1970 of a day, by the Gregorian calendar. */
static int64_t day_seconds(int year, int month, int day)
{
	int y = year - (month <= 2);
	int era = (y >= 0 ? y : y - 399) / 400, year_of_era = y - era * 400;
	int in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t days = (int64_t)era * 146097 + year_of_era * 365 + year_of_era / 4 -
	               year_of_era / 100 + in_year - 719468;
	return days * 86400;
}

/* Decimal digits at @p at, -1 if one is none. */
static int digits_read(const char *at, int count)
{
	int value = 0;
	while (count--) {
		if (*at < '0' || *at > '9')
			return -1;
		value = value * 10 + (*at++ - '0');
	}
	return value;
}

/* RFC 3339 with 0 to 6 digits of a second's fraction (more are cut), Z or an offset. */
static bool time_parse(const char *text, int64_t *out)
{
	static const char shape[] = "0000-00-00T00:00:00";
	for (size_t i = 0; i < sizeof shape - 1; i++)
		if (shape[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
			return false;
	int month = digits_read(text + 5, 2), day = digits_read(text + 8, 2);
	int hour = digits_read(text + 11, 2), minute = digits_read(text + 14, 2);
	int second = digits_read(text + 17, 2);
	if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
	    second > 60)
		return false;
	int64_t fraction = 0, scale = 100000;
	const char *at = text + 19;
	if (*at == '.')
		for (at++; *at >= '0' && *at <= '9'; at++, scale /= 10)
			fraction += (*at - '0') * scale;
	int offset = 0;
	if (*at == '+' || *at == '-') {
		if (strlen(at) != 6 || at[3] != ':' || digits_read(at + 1, 2) < 0 ||
		    digits_read(at + 4, 2) < 0)
			return false;
		offset = (digits_read(at + 1, 2) * 60 + digits_read(at + 4, 2)) * 60;
		if (*at == '-')
			offset = -offset;
	} else if (strcmp(at, "Z") != 0) {
		return false;
	}
	int64_t seconds = day_seconds(digits_read(text, 4), month, day) + hour * 3600 +
	                  minute * 60 + second - offset;
	*out = seconds * 1000000 + fraction;
	return true;
}

int64_t reader_time(struct reader *reader, const json_t *object, const char *name)
{
	const char *text = reader_string(reader, object, name);
	int64_t time_us = 0;
	if (text && !time_parse(text, &time_us))
		reader_wrong(reader, name, "a time by RFC 3339");
	return time_us;
}

void reader_pairs(struct reader *reader, const json_t *data, const char *name,
                  const struct cti_pair **out, size_t *count)
{
	json_t *object = reader_object(reader, data, name);
	struct cti_pair *pairs =
	        object ? reader_scratch(reader, json_object_size(object), sizeof *pairs) : NULL;
	const char *key;
	json_t *value;
	size_t used = 0;
	if (!pairs)
		return;
	json_object_foreach (object, key, value) {
		if (!json_is_string(value)) {
			reader_wrong(reader, name, "an object of strings");
			return;
		}
		pairs[used++] = (struct cti_pair){key, json_string_value(value)};
	}
	*out = pairs;
	*count = used;
}

void reader_octets(struct reader *reader, const json_t *data, const char *name,
                   struct cti_octets *out)
{
	json_t *object = reader_object(reader, data, name);
	if (object)
		reader_hex(reader, object, "string", out);
}
