/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private data: an open type in ECMA-285 (any one TLV), any XML in ECMA-323. Nothing maps one to
 * the other, so each carries the other whole:
 *
 *     04 02 12 34                 <string>1234</string>                       the standard's own
 *     0c 05 <a/>..                <private><a/>..</private>                   XML in BER:
 * UTF8String a1 05 a0 03 0a 01 05        <private><ber xmlns="...">A105..</ber></private>
 *
 * A list of several TLVs, or of none, is several <ber>, or one that is empty.
 */
#include "csta/text.h"
#include "csta/tlv.h"
#include "csta/xml_state.h"

#include <string.h>

#define OPEN  "<ber xmlns=\"" XML_BER_NAMESPACE "\">"
#define CLOSE "</ber>"
#define EMPTY "<ber xmlns=\"" XML_BER_NAMESPACE "\"/>"

int xml_any_wrap(uint8_t tag, const void *content, size_t length, struct csta_buffer *out)
{
	uint8_t head[6] = {tag};
	size_t size = 2, more = 0;
	int code;

	if (length < 0x80) {
		head[1] = (uint8_t)length;
	} else {
		for (size_t rest = length; rest; rest >>= 8)
			more++;
		head[1] = (uint8_t)(0x80 | more);
		for (size_t i = 0; i < more; i++)
			head[size++] = (uint8_t)(length >> 8 * (more - 1 - i));
	}
	code = csta_buffer_append(out, head, size);
	return code ? code : csta_buffer_append(out, content, length);
}

/* As deep, and as many in one, as a codec takes by default; how long, the message's limit has said.
 */
static const struct csta_limits limits = {.pdu = SIZE_MAX / 2, .depth = 32, .elements = 4096};

size_t xml_any_next(const uint8_t *data, size_t length, uint8_t *tag, const uint8_t **content,
                    size_t *content_length)
{
	struct tlv_reader reader = {data, data + length};
	struct tlv tlv;
	size_t size;

	*tag = 0;
	*content = NULL;
	*content_length = 0;
	if (tlv_check(data, length, &limits, &size, NULL) || !tlv_read(&reader, &tlv))
		return 0;
	*tag = data[0];
	if (tlv.content + tlv.length == tlv.start + size) { /* definite */
		*content = tlv.content;
		*content_length = tlv.length;
	}
	return size;
}

bool xml_any_is_plain(const uint8_t *data, size_t length, uint8_t *tag, const uint8_t **content,
                      size_t *content_length)
{
	size_t head = 2;

	if (xml_any_next(data, length, tag, content, content_length) != length || !*content ||
	    length == 0)
		return false;
	for (size_t rest = *content_length < 0x80 ? 0 : *content_length; rest; rest >>= 8)
		head++;
	return (*tag & 0x1f) != 0x1f && length == head + *content_length;
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && csta_blank(*p))
		p++;
	return p;
}

static bool take(const char **p, const char *end, const char *word, size_t length)
{
	if ((size_t)(end - *p) < length || memcmp(*p, word, length) != 0)
		return false;
	*p += length;
	return true;
}

/* Appends what is between two tags, which must be one whole TLV; false if it is not. */
static bool take_tlv(const char **p, const char *end, struct csta_buffer *out, int *code)
{
	size_t start = out->length, content_length;
	const uint8_t *content;
	uint8_t octet, tag;

	for (;;) {
		int high, low;

		*p = skip_blanks(*p, end);
		if (end - *p < 2)
			return false;
		high = csta_hex_digit((*p)[0]);
		low = csta_hex_digit((*p)[1]);
		if (high < 0 || low < 0)
			break;
		octet = (uint8_t)(high << 4 | low);
		*code = csta_buffer_append(out, &octet, 1);
		if (*code)
			return false;
		*p += 2;
	}
	return out->length > start &&
	       xml_any_next(out->data + start, out->length - start, &tag, &content,
	                    &content_length) == out->length - start &&
	       take(p, end, CLOSE, sizeof(CLOSE) - 1);
}

/* The <ber> elements and nothing else; -1 if it is anything else. */
static int from_ber(const char *raw, size_t length, struct csta_buffer *out, int *code)
{
	const char *p = raw, *end = raw + length;
	int count = 0;

	p = skip_blanks(p, end);
	if (take(&p, end, EMPTY, sizeof(EMPTY) - 1))
		return skip_blanks(p, end) == end ? 0 : -1;
	while (p < end) {
		if (!take(&p, end, OPEN, sizeof(OPEN) - 1) || !take_tlv(&p, end, out, code))
			return -1;
		count++;
		p = skip_blanks(p, end);
	}
	return count ? count : -1;
}

int xml_any_from_raw(const char *raw, size_t length, struct csta_buffer *out)
{
	size_t start = out->length;
	int code = 0, count = from_ber(raw, length, out, &code);

	if (code)
		return code;
	if (count >= 0)
		return count;
	out->length = start;
	code = xml_any_wrap(0x0c, raw, length, out);
	return code ? code : 1;
}
