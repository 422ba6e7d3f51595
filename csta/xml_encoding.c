/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What characters a document is made of. libxml2 reads UTF-8 only; what comes as UTF-16 (which XML
 * requires of every reader) or ISO-8859-1 is made UTF-8 here. Others are refused: through iconv, a
 * sender could have the C library load a converter of his choice.
 *
 *     3c 3f 78 6d 6c ..        <?xml version="1.0" encoding="ISO-8859-1"?>   as it says, or UTF-8
 *     ff fe 3c 00 3f 00 ..     UTF-16, least significant octet first
 *     00 3c 00 3f ..           UTF-16 without a mark, most significant octet first
 */
#include "csta/text.h"
#include "csta/xml_state.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define NAME_MAX_LENGTH 24 /* of an encoding, as it is shown */
#define TAKEN           "UTF-8, UTF-16, ISO-8859-1 and US-ASCII are"

static bool put_character(struct csta_buffer *out, uint32_t c)
{
	char octets[4];

	return !csta_buffer_append(out, octets, csta_utf8_put(c, octets));
}

static int from_latin(struct csta_xml_state *rd, const uint8_t *at, const uint8_t *end)
{
	for (; at < end; at++)
		if (!put_character(&rd->utf8, *at))
			return xml_fail_memory(rd);
	return 0;
}

/* @p low: which octet of two is the lower. */
static int from_utf16(struct csta_xml_state *rd, const uint8_t *text, size_t length, unsigned low,
                      struct cti_error *error)
{
	uint32_t high = 0;

	for (size_t at = 0; at + 1 < length; at += 2) {
		uint32_t c = (uint32_t)text[at + !low] << 8 | text[at + low];
		bool second = c >= 0xdc00 && c <= 0xdfff;

		if (second != (high != 0))
			return cti_error_set(error, CTI_E_INVALID,
			                     "octet %zu: half a character of UTF-16", at);
		if (c >= 0xd800 && c < 0xdc00) {
			high = c;
			continue;
		}
		if (second)
			c = 0x10000 + ((high & 0x3ff) << 10 | (c & 0x3ff));
		high = 0;
		if (!put_character(&rd->utf8, c))
			return xml_fail_memory(rd);
	}
	if (length % 2 || high)
		return cti_error_set(error, CTI_E_TRUNCATED,
		                     "not well-formed XML: ends within a character of UTF-16");
	return 0;
}

/* The name behind encoding= in an XML declaration; "" where there is none. */
static void declared(const char *text, size_t length, char name[static NAME_MAX_LENGTH])
{
	const char *end = NULL, *at = NULL, *close;

	*name = '\0';
	if (length > 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		length -= 3;
	}
	if (length > 6 && !memcmp(text, "<?xml", 5) && csta_blank(text[5]))
		end = memchr(text, '>', length);
	if (end)
		at = memmem(text, (size_t)(end - text), "encoding", 8);
	if (!at)
		return;
	for (at += 8; csta_blank(*at) || *at == '=';)
		at++;
	if (*at != '"' && *at != '\'')
		return;
	close = memchr(at + 1, *at, (size_t)(end - at - 1));
	if (close)
		snprintf(name, NAME_MAX_LENGTH, "%.*s", (int)(close - at - 1), at + 1);
}

static bool is_any(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (!strcasecmp(name, *names))
			return true;
	return false;
}

int xml_encoding_read(struct csta_xml_state *rd, const char **text, size_t *length,
                      struct cti_error *error)
{
	static const char *const same[] = {"", "UTF-8", "UTF8", "US-ASCII", "ASCII", NULL};
	static const char *const latin[] = {"ISO-8859-1", "ISO_8859-1", "LATIN1", NULL};
	const uint8_t *data = (const uint8_t *)*text;
	char name[NAME_MAX_LENGTH];
	size_t mark = 0;
	int code;

	csta_buffer_clear(&rd->utf8);
	if (*length >= 4 && ((!data[0] && !data[1]) || (!data[2] && !data[3])))
		return cti_error_set(error, CTI_E_INVALID, "encoding UTF-32 is not taken, " TAKEN);
	if (*length >= 2 && (data[0] == 0xfe || data[0] == 0xff) && data[1] == (data[0] ^ 1))
		mark = 2;
	if (mark || (*length >= 2 && data[0] == '<' && !data[1]) ||
	    (*length >= 2 && !data[0] && data[1] == '<')) {
		unsigned low = mark ? data[0] == 0xfe : !data[0];

		code = from_utf16(rd, data + mark, *length - mark, low, error);
	} else {
		declared(*text, *length, name);
		if (is_any(name, same))
			return 0;
		if (!is_any(name, latin))
			return cti_error_set(error, CTI_E_INVALID,
			                     strncasecmp(name, "UTF-16", 6)
			                             ? "encoding \"%s\" is not taken, " TAKEN
			                             : "encoding \"%s\", but not two octets "
			                               "a character",
			                     name);
		code = from_latin(rd, data, data + *length);
	}
	if (code)
		return code;
	*text = (const char *)rd->utf8.data;
	*length = rd->utf8.length;
	return 0;
}
