/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/text.h"

#include <string.h>

int csta_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/*
 * What is left after taking the hexadecimal form off @p level times, octet by octet, so that no
 * memory is needed: a form is never as long as half of what it stands in.
 */
struct view {
	const uint8_t *octets;
	size_t length;
	unsigned level;
};

static uint8_t view_get(const struct view *v, unsigned level, size_t at)
{
	if (level == 0)
		return v->octets[at];
	return (uint8_t)(csta_hex_digit((char)view_get(v, level - 1, 2 * at + 2)) << 4 |
	                 csta_hex_digit((char)view_get(v, level - 1, 2 * at + 3)));
}

static uint8_t view_at(const struct view *v, size_t at)
{
	return view_get(v, v->level, at);
}

/* 0x and pairs of upper case digits, at least one. */
static bool view_is_form(const struct view *v)
{
	if (v->length < 4 || v->length % 2 || view_at(v, 0) != '0' || view_at(v, 1) != 'x')
		return false;
	for (size_t i = 2; i < v->length; i++) {
		uint8_t c = view_at(v, i);

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F')))
			return false;
	}
	return true;
}

/* One character of UTF-8 at *at, which moves on; -1: malformed. */
static int32_t view_character(const struct view *v, size_t *at)
{
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	uint8_t lead = view_at(v, *at);
	unsigned more = lead < 0x80 ? 0 : lead >> 5 == 6 ? 1 : lead >> 4 == 14 ? 2 : 3;
	uint32_t c = more == 0 ? lead : lead & (0x3fu >> more);

	if (lead >= 0x80 && (lead < 0xc2 || lead > 0xf4))
		return -1;
	if (v->length - *at <= more)
		return -1;
	for (unsigned i = 1; i <= more; i++) {
		uint8_t next = view_at(v, *at + i);

		if (next >> 6 != 2)
			return -1;
		c = c << 6 | (next & 0x3f);
	}
	*at += more + 1;
	return c >= least[more] && c <= 0x10ffff ? (int32_t)c : -1;
}

static bool view_is_printable(const struct view *v)
{
	if (v->length == 0)
		return true;
	if (view_at(v, 0) == ' ' || view_at(v, v->length - 1) == ' ')
		return false;
	for (size_t at = 0; at < v->length;) {
		int32_t c = view_character(v, &at);

		if (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0xd800 && c < 0xe000) ||
		    c == 0xfffe || c == 0xffff)
			return false;
	}
	return true;
}

static bool view_is_plain(struct view v)
{
	for (;;) {
		if (!view_is_printable(&v))
			return false;
		if (!view_is_form(&v))
			return true;
		v.length = v.length / 2 - 1;
		v.level++;
	}
}

bool csta_text_plain(const uint8_t *octets, size_t length)
{
	size_t i = 0;

	while (i < length && octets[i] > 0x20 && octets[i] < 0x7f)
		i++;
	if (i == length && !(length >= 4 && octets[0] == '0' && octets[1] == 'x'))
		return true;
	return view_is_plain((struct view){octets, length, 0});
}

bool csta_text_hex(const char *text, size_t length)
{
	struct view v = {(const uint8_t *)text, length, 0};

	if (!view_is_form(&v))
		return false;
	v.length = length / 2 - 1;
	v.level = 1;
	return !view_is_plain(v);
}

/*
 * Copies @p pattern's shape from @p in to @p out: 'd' takes a digit; upper case 'T', '-' and ':'
 * stand in xs:dateTime only. @p writing: they are added, else they are required and left out.
 */
static size_t time_copy(const char *pattern, const char **in, size_t *left, char *out, bool writing)
{
	size_t n = 0;

	for (; *pattern; pattern++) {
		if (*pattern != 'd' && writing) {
			out[n++] = *pattern;
			continue;
		}
		if (*left == 0)
			return 0;
		if (*pattern == 'd' ? **in < '0' || **in > '9' : **in != *pattern)
			return 0;
		if (*pattern == 'd')
			out[n++] = **in;
		++*in;
		--*left;
	}
	return n;
}

static size_t time_convert(const char *in, size_t left, char *out, bool writing)
{
	size_t n, zone;

	if (left > 40)
		return 0;
	n = time_copy("dddd-dd-ddTdd:dd:dd", &in, &left, out, writing);
	if (n == 0)
		return 0;
	if (left > 1 && *in == '.') {
		do {
			out[n++] = *in++;
			left--;
		} while (left && *in >= '0' && *in <= '9');
		if (out[n - 1] == '.')
			return 0;
	}
	if (left == 1 && *in == 'Z') {
		out[n++] = 'Z';
		return n;
	}
	if (left && (*in == '+' || *in == '-')) {
		out[n++] = *in++;
		left--;
		zone = time_copy("dd:dd", &in, &left, out + n, writing);
		if (zone == 0)
			return 0;
		n += zone;
	}
	return left == 0 ? n : 0;
}

size_t csta_time_write(const uint8_t *octets, size_t length, char out[static 48])
{
	return time_convert((const char *)octets, length, out, true);
}

size_t csta_time_read(const char *text, size_t length, char out[static 48])
{
	return time_convert(text, length, out, false);
}

size_t csta_utf8_put(uint32_t c, char out[static 4])
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}
