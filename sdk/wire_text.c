/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/wire_text.h"

#include "sdk/utf8.h"
#include "sdk/wire_reader.h"

#include <stdlib.h>

/* No text of this program comes near it: a length beyond is a mistake, not a message. */
#define TEXT_MAX (SIZE_MAX / 4)

bool text_grow(struct cti_text *text, size_t more)
{
	if (text->failed)
		return false;
	size_t size = text->size ? text->size : 1024;
	if (more < TEXT_MAX)
		while (size - text->length <= more && size < TEXT_MAX)
			size *= 2;
	char *data = size - text->length > more ? realloc(text->data, size) : NULL;
	if (!data) {
		text->failed = true;
		return false;
	}
	text->data = data;
	text->size = size;
	return true;
}

void cti_text_clear(struct cti_text *text)
{
	text->length = 0;
	text->failed = false;
}

void cti_text_free(struct cti_text *text)
{
	free(text->data);
	*text = (struct cti_text){0};
}

void cti_text_raw(struct cti_text *text, const char *data, size_t length)
{
	text_put(text, data, length);
	text_terminate(text);
}

void cti_text_literal(struct cti_text *text, const char *string)
{
	cti_text_raw(text, string, strlen(string));
}

/* Octets that stand for themselves in a JSON string. */
static const bool plain[256] = {
        [0x20] = 1,
        [0x21] = 1,
        [0x23 ... 0x5B] = 1,
        [0x5D ... 0x7F] = 1,
};

/* What is not plain: one character, escaped; returns how many octets it took. */
static size_t quote_special(struct cti_text *text, const unsigned char *at)
{
	static const char digits[] = "0123456789abcdef";
	if (*at >= 0x80) {
		size_t length = utf8_length(at);
		if (length)
			text_put(text, (const char *)at, length);
		else
			text_const(text, "\xEF\xBF\xBD");
		return length ? length : 1;
	}
	switch (*at) {
	case '"':
		text_const(text, "\\\"");
		break;
	case '\\':
		text_const(text, "\\\\");
		break;
	case '\n':
		text_const(text, "\\n");
		break;
	case '\t':
		text_const(text, "\\t");
		break;
	default: {
		char escape[] = {'\\', 'u', '0', '0', digits[*at >> 4], digits[*at & 15]};
		text_put(text, escape, sizeof escape);
	}
	}
	return 1;
}

void text_quote(struct cti_text *text, const char *string)
{
	const unsigned char *at = (const unsigned char *)string;
	text_const(text, "\"");
	for (;;) {
		const unsigned char *from = at;
		while (plain[*at])
			at++;
		text_put(text, (const char *)from, (size_t)(at - from));
		if (!*at)
			break;
		at += quote_special(text, at);
	}
	text_const(text, "\"");
}

void cti_text_string(struct cti_text *text, const char *string)
{
	if (string)
		text_quote(text, string);
	else
		text_const(text, "null");
	text_terminate(text);
}

void text_number(struct cti_text *text, uint64_t value)
{
	char digits[20];
	size_t at = sizeof digits;
	do
		digits[--at] = (char)('0' + value % 10);
	while (value /= 10);
	text_put(text, digits + at, sizeof digits - at);
}

void cti_text_unsigned(struct cti_text *text, uint64_t value)
{
	text_number(text, value);
	text_terminate(text);
}

static void digits_put(char *at, unsigned value, int count)
{
	while (count--) {
		at[count] = (char)('0' + value % 10);
		value /= 10;
	}
}

void text_time(struct cti_text *text, int64_t wall_us)
{
	/* RFC 3339 has years of four digits: 0000-01-01 to 9999-12-31. */
	const int64_t first = INT64_C(-62167219200) * 1000000;
	const int64_t last = INT64_C(253402300800) * 1000000 - 1;
	int64_t us = wall_us < first ? first : wall_us > last ? last : wall_us;
	uint64_t since = (uint64_t)(us - first);
	unsigned days = (unsigned)(since / UINT64_C(86400000000));
	uint64_t rest = since % UINT64_C(86400000000);

	/* Days of the Gregorian calendar, counted from 1 March of the year 0 - 400. */
	unsigned day = days + 146097 - 60;
	unsigned era = day / 146097, in_era = day % 146097;
	unsigned year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	unsigned in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	unsigned month = (5 * in_year + 2) / 153; /* 0: March */
	unsigned year = year_of_era + era * 400 - 400 + (month >= 10);

	char out[] = "\"0000-00-00T00:00:00.000000Z\"";
	digits_put(out + 1, year, 4);
	digits_put(out + 6, month < 10 ? month + 3 : month - 9, 2);
	digits_put(out + 9, in_year - (153 * month + 2) / 5 + 1, 2);
	digits_put(out + 12, (unsigned)(rest / 3600000000u), 2);
	digits_put(out + 15, (unsigned)(rest / 60000000 % 60), 2);
	digits_put(out + 18, (unsigned)(rest / 1000000 % 60), 2);
	digits_put(out + 21, (unsigned)(rest % 1000000), 6);
	text_put(text, out, sizeof out - 1);
}

void cti_wire_time_write(struct cti_text *text, int64_t wall_us)
{
	text_time(text, wall_us);
	text_terminate(text);
}

/* Octets that stand for themselves in a topic level. */
static bool in_topic(unsigned char c)
{
	return c >= ' ' && c != 0x7F && c != '/' && c != '+' && c != '#' && c != '%';
}

void cti_wire_topic_escape(struct cti_text *text, const char *id)
{
	static const char digits[] = "0123456789ABCDEF";
	for (const unsigned char *at = (const unsigned char *)id; *at;) {
		const unsigned char *run = at;
		while (in_topic(*at))
			at++;
		text_put(text, (const char *)run, (size_t)(at - run));
		if (!*at)
			break;
		char escape[] = {'%', digits[*at >> 4], digits[*at & 15]};
		text_put(text, escape, sizeof escape);
		at++;
	}
	text_terminate(text);
}

void cti_wire_topic_unescape(char *level)
{
	char *to = level;
	for (const char *at = level; *at; at++) {
		int high = *at == '%' ? reader_hex_digit(at[1]) : -1;
		int low = high >= 0 ? reader_hex_digit(at[2]) : -1;
		*to++ = low >= 0 ? (char)(high << 4 | low) : *at;
		at += low >= 0 ? 2 : 0;
	}
	*to = '\0';
}
