/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/write.h"

#include <stdio.h>
#include <string.h>

void csta_write_more(struct csta_writer *writer, const char *text, size_t length)
{
	if (!writer->failed && csta_buffer_append(writer->out, text, length))
		writer->failed = true;
}

void csta_write_number(struct csta_writer *writer, long number)
{
	char text[24], *at = text + sizeof(text);
	unsigned long rest = number < 0 ? -(unsigned long)number : (unsigned long)number;

	do {
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (number < 0)
		*--at = '-';
	csta_write(writer, at, (size_t)(text + sizeof(text) - at));
}

void csta_write_hex(struct csta_writer *writer, const uint8_t *data, size_t length)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		const char pair[] = {digits[data[i] >> 4], digits[data[i] & 15]};

		csta_write(writer, pair, 2);
	}
}

void csta_write_escaped(struct csta_writer *writer, const uint8_t *data, size_t length)
{
	size_t plain = 0; /* where the octets that need no escape begin */

	for (size_t i = 0; i < length; i++) {
		char escape[8];
		int size;

		if (data[i] >= 0x20 && data[i] != '"' && data[i] != '\\' && data[i] != 0x7f)
			continue;
		csta_write(writer, (const char *)data + plain, i - plain);
		plain = i + 1;
		size = data[i] == '"' || data[i] == '\\'
		               ? snprintf(escape, sizeof(escape), "\\%c", data[i])
		               : snprintf(escape, sizeof(escape), "\\u%04x", data[i]);
		csta_write(writer, escape, (size_t)size);
	}
	csta_write(writer, (const char *)data + plain, length - plain);
}

void csta_write_quoted(struct csta_writer *writer, const uint8_t *data, size_t length)
{
	csta_write(writer, "\"", 1);
	csta_write_escaped(writer, data, length);
	csta_write(writer, "\"", 1);
}

/* One number of X.690 8.19.2 at *at, which moves on; false where it is not in the fewest octets. */
static bool oid_number(const OBJECT_IDENTIFIER_t *oid, int *at, uint64_t *number)
{
	if (oid->buf[*at] == 0x80)
		return false;
	for (*number = 0; *at < oid->size; ++*at) {
		if (*number >> 56)
			return false;
		*number = *number << 7 | (oid->buf[*at] & 0x7f);
		if (!(oid->buf[*at] & 0x80))
			return ++*at;
	}
	return false;
}

bool csta_write_oid(struct csta_writer *writer, const OBJECT_IDENTIFIER_t *oid)
{
	uint64_t number, root;

	if (oid->size > CSTA_OID_MAX)
		return false;
	for (int at = 0; at < oid->size;)
		if (!oid_number(oid, &at, &number))
			return false;
	for (int at = 0; at < oid->size;) {
		bool first = !at;

		oid_number(oid, &at, &number);
		root = number < 80 ? number / 40 : 2;
		if (first) { /* the first two arcs share a number */
			csta_write_number(writer, (long)root);
			number -= root * 40;
		}
		csta_write(writer, ".", 1);
		csta_write_number(writer, (long)number);
	}
	return oid->size > 0;
}

/* Length of the character at @p data, 0 if it is malformed. */
static size_t character_size(const uint8_t *data, size_t length)
{
	size_t size = data[0] < 0x80 ? 1 : data[0] < 0xe0 ? 2 : data[0] < 0xf0 ? 3 : 4;

	if (!data[0] || (data[0] >= 0x80 && data[0] < 0xc2) || data[0] > 0xf4 || size > length)
		return 0;
	for (size_t i = 1; i < size; i++)
		if (data[i] >> 6 != 2)
			return 0;
	if ((data[0] == 0xe0 && data[1] < 0xa0) || (data[0] == 0xed && data[1] > 0x9f) ||
	    (data[0] == 0xf0 && data[1] < 0x90) || (data[0] == 0xf4 && data[1] > 0x8f))
		return 0;
	return size;
}

size_t csta_plain_length(const uint8_t *data, size_t length)
{
	size_t at = 0;

	while (at < length && data[at] >= 0x20 && data[at] < 0x7f && data[at] != '"' &&
	       data[at] != '\\')
		at++;
	return at;
}

bool csta_is_utf8(const uint8_t *data, size_t length)
{
	for (size_t at = 0; at < length;) {
		size_t size = character_size(data + at, length - at);

		if (!size)
			return false;
		at += size;
	}
	return true;
}
