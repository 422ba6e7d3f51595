/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML changed as elements: one gone, doubled, renamed to a name of the table, put elsewhere, given
 * other text or attributes; and the pieces that parsers stumble over. Or all of it in another
 * encoding.
 */
#include "csta/xml.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

#define ELEMENTS     1024
#define COUNT(array) (unsigned)(sizeof(array) / sizeof((array)[0]))

/* Of the octets: <name ...> inside </name> */
struct element {
	size_t start, inside, inside_end, end;
};

static struct element elements[ELEMENTS];

static bool is_name(uint8_t c)
{
	return c > ' ' && !strchr("<>/=\"'?!", c);
}

/* What looks like elements; how many. */
static unsigned find_elements(const uint8_t *data, size_t length)
{
	unsigned open[64], depth = 0, count = 0;

	for (size_t at = 0; at + 1 < length && count < ELEMENTS; at++) {
		const uint8_t *close;

		if (data[at] != '<')
			continue;
		close = memchr(data + at, '>', length - at);
		if (!close)
			break;
		if (data[at + 1] == '/') {
			if (!depth)
				continue;
			elements[open[--depth]].inside_end = at;
			elements[open[depth]].end = (size_t)(close - data) + 1;
		} else if (is_name(data[at + 1])) {
			size_t end = (size_t)(close - data) + 1;

			elements[count] = (struct element){at, end, end, end};
			if (close[-1] != '/' && depth < COUNT(open))
				open[depth++] = count;
			count++;
		}
		at = (size_t)(close - data);
	}
	return count;
}

/* Put @p with in place of what is from @p from to @p to; 0: it does not fit. */
static size_t replace(uint8_t *data, size_t length, size_t size, size_t from, size_t to,
                      const void *with, size_t with_length)
{
	if (from > to || to > length || length - (to - from) + with_length > size)
		return 0;
	memmove(data + from + with_length, data + to, length - to);
	if (with_length)
		memcpy(data + from, with, with_length);
	return length - (to - from) + with_length;
}

static const char *const pieces[] = {
        "&amp;",
        "&lt;",
        "&#65;",
        "&#x20AC;",
        "&#0;",
        "&#xD;",
        "&x;",
        "]]>",
        "<!-- c -->",
        "<?p i?>",
        "<![CDATA[<x>]]>",
        "\r\n",
        "\xc3\xbc",
        "\xff",
        "\xed\xa0\x80",
        " ",
        "<!DOCTYPE x [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]>",
        "<!DOCTYPE x SYSTEM 'file:///x'>",
        "<x/>",
        "<x xmlns='urn:x'>y</x>",
        "true",
        "1",
        "-1",
        "9999999999999999999",
        "0x41",
        "",
        "&b;",
        "<ber xmlns='urn:ietf:params:xml:ns:cti:ber'>0403616263</ber>",
        "2026-11-22T07:00:00Z",
        "<?xml version='1.0' encoding='UTF-16'?>",
        "\xef\xbb\xbf",
        "<private><a b='c'/></private>",
        "<string>0102</string>",
        "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='/x'/>"};
static const char *const attributes[] = {" a='1'",
                                         " xmlns='urn:x'",
                                         " xmlns:p='urn:p'",
                                         " p:a=''",
                                         " typeOfNumber='deviceNumber'",
                                         " typeOfNumber='dialingNumber'",
                                         " mediaClass='voice im'",
                                         " bitRate='constant'",
                                         " xmlns=''",
                                         " xsi:schemaLocation='urn:x http://x/x.xsd'",
                                         " xml:lang='de'",
                                         " a='&lt;&#10;'",
                                         " a='\xc3\xbc'"};

/* UTF-16 of one octet a character, with a mark or without. */
static size_t widen(uint8_t *data, size_t length, size_t size, struct generator *chance)
{
	unsigned low = generate_below(chance, 2), mark = generate_below(chance, 3) ? 2 : 0;

	if (2 * length + mark > size)
		return 0;
	for (size_t i = length; i-- > 0;) {
		uint8_t c = data[i];

		data[mark + 2 * i + !low] = c;
		data[mark + 2 * i + low] = 0;
	}
	if (mark) {
		data[low] = 0xfe;
		data[!low] = 0xff;
	}
	return 2 * length + mark;
}

static size_t rename_element(uint8_t *data, size_t length, size_t size, const struct element *e,
                             const char *name)
{
	size_t n = 1;

	while (e->start + n < length && is_name(data[e->start + n]))
		n++;
	if (e->end > e->inside_end) /* the end tag first: it stands behind */
		length = replace(data, length, size, e->inside_end + 2, e->inside_end + 1 + n, name,
		                 strlen(name));
	if (!length)
		return 0;
	return replace(data, length, size, e->start + 1, e->start + n, name, strlen(name));
}

static uint8_t kept[1 << 16];

size_t mutate_xml(uint8_t *data, size_t length, size_t size, struct generator *chance)
{
	unsigned count = find_elements(data, length), at = (unsigned)length + 1;
	const struct element *e = &elements[count ? generate_below(chance, count) : 0],
	                     *other = &elements[count ? generate_below(chance, count) : 0];
	const char *piece = pieces[generate_below(chance, COUNT(pieces))];
	const char *attribute = attributes[generate_below(chance, COUNT(attributes))];
	size_t n = other->end - other->start;

	if (!count || !generate_below(chance, 10))
		return 0;
	switch (generate_below(chance, 40) ? generate_below(chance, 8) : 8) {
	case 0: /* gone */
		return replace(data, length, size, e->start, e->end, NULL, 0);
	case 1: /* another before it */
	case 2: /* another in its place */
		if (n > sizeof(kept))
			return 0;
		memcpy(kept, data + other->start, n);
		return replace(data, length, size, e->start,
		               generate_below(chance, 2) ? e->start : e->end, kept, n);
	case 3:
		return rename_element(data, length, size, e,
		                      xml_names[generate_below(chance, (unsigned)xml_name_count)]);
	case 4: /* other text in it */
		return replace(data, length, size, e->inside,
		               generate_below(chance, 2) ? e->inside : e->inside_end, piece,
		               strlen(piece));
	case 5:
		for (n = 1; e->start + n < e->inside && is_name(data[e->start + n]);)
			n++;
		return replace(data, length, size, e->start + n, e->start + n, attribute,
		               strlen(attribute));
	case 6: /* a piece anywhere */
		at = generate_below(chance, at);
		return replace(data, length, size, at, at, piece, strlen(piece));
	case 7: /* its text, octet by octet */
		n = e->inside_end - e->inside;
		if (n > sizeof(kept) / 2)
			return 0;
		memcpy(kept, data + e->inside, n);
		n = fuzz_mutate_octets(kept, n, sizeof(kept));
		return replace(data, length, size, e->inside, e->inside_end, kept, n);
	default:
		return widen(data, length, size, chance);
	}
}

size_t cross_xml(const uint8_t *data, size_t length, const uint8_t *other, size_t other_length,
                 uint8_t *out, size_t size, struct generator *chance)
{
	unsigned count = find_elements(other, other_length);
	struct element from;
	const struct element *e;

	if (!count || length > size)
		return 0;
	from = elements[generate_below(chance, count)];
	count = find_elements(data, length);
	if (!count)
		return 0;
	e = &elements[generate_below(chance, count)];
	memcpy(out, data, length);
	return replace(out, length, size, e->start, generate_below(chance, 2) ? e->start : e->end,
	               other + from.start, from.end - from.start);
}
