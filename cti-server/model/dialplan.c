/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/model/dialplan.h"

#include <stdio.h>
#include <string.h>

#define DIGITS "0123456789"
/* What people and switches write between digits (RFC 3966, 5.1.1). */
#define SEPARATORS " -.()"

/** A piece of a longer text. */
struct span {
	const char *at;
	size_t length;
};

static struct span cut(struct span s, const char *stops)
{
	size_t n = 0;
	while (n < s.length && !strchr(stops, s.at[n]))
		n++;
	return (struct span){s.at, n};
}

static bool begins(struct span s, const char *with)
{
	size_t n = strlen(with);
	return s.length >= n && !strncasecmp(s.at, with, n);
}

static struct span skip(struct span s, size_t n)
{
	return (struct span){s.at + n, s.length - n};
}

/* "N<2001!sub&1/2%7001>Ann;displayNumber=2001": the number within, the name after. */
static struct span unwrap_sfr(struct span s, struct span *name)
{
	struct span inside = skip(s, 2), number = cut(inside, "!&/%>");
	struct span to_end = cut(inside, ">");
	if (to_end.length < inside.length)
		*name = cut(skip(inside, to_end.length + 1), ";");
	return number;
}

/* "2001:CMSIM:192.0.2.1:0", the device id of Avaya DMCC: extension:switch:address:instance. */
static bool is_avaya(struct span s)
{
	int colons = 0;
	for (size_t i = 0; i < s.length; i++)
		colons += s.at[i] == ':';
	return colons == 3;
}

static struct span unwrap(struct span s, struct span *name)
{
	if (begins(s, "N<"))
		s = unwrap_sfr(s, name);
	if (begins(s, "tel:"))
		return cut(skip(s, 4), ";");
	if (begins(s, "sip:") || begins(s, "sips:"))
		return cut(skip(s, begins(s, "sip:") ? 4 : 5), "@;:");
	if (is_avaya(s))
		return cut(s, ":");
	return s;
}

static bool all_of(struct span s, const char *set)
{
	for (size_t i = 0; i < s.length; i++)
		if (!strchr(set, s.at[i]))
			return false;
	return s.length > 0;
}

/* Digits without what stands between them; false: not a dialable number, leave it. */
static bool digits_of(struct span s, char *out, size_t size)
{
	if (!s.length || !all_of(s.at[0] == '+' ? skip(s, 1) : s, DIGITS SEPARATORS))
		return false;
	size_t n = 0;
	for (size_t i = 0; i < s.length && n + 1 < size; i++)
		if (!strchr(SEPARATORS, s.at[i]))
			out[n++] = s.at[i];
	out[n] = '\0';
	return n > 0;
}

/* Length of @p prefix where @p number begins with it and goes on; 0 if not. */
static size_t prefix(const char *number, const char *prefix)
{
	size_t n = prefix ? strlen(prefix) : 0;
	return n && !strncmp(number, prefix, n) && number[n] ? n : 0;
}

static unsigned extension_digits(const struct pbx_dialplan *p)
{
	return p->extension_digits ? p->extension_digits : 6;
}

/* A public number without plus, line code taken off. */
static void public_number(const struct pbx_dialplan *p, const char *n, char *out, size_t size)
{
	size_t skip_digits;
	if ((skip_digits = prefix(n, p->international)))
		snprintf(out, size, "+%s", n + skip_digits);
	else if (p->country && (skip_digits = prefix(n, p->national)))
		snprintf(out, size, "+%s%s", p->country, n + skip_digits);
	else if (p->country && p->area)
		snprintf(out, size, "+%s%s%s", p->country, p->area, n);
	else
		snprintf(out, size, "%s", n);
}

bool dialplan_plain(const struct pbx_dialplan *p, const char *text)
{
	size_t n = strspn(text, DIGITS);
	if (text[0] == '+')
		return strlen(text) < DIALPLAN_NUMBER &&
		       strspn(text + 1, DIGITS) == strlen(text + 1);
	return n && n <= extension_digits(p) && n < DIALPLAN_NUMBER && !text[n];
}

void dialplan_canonical(const struct pbx_dialplan *p, const char *text, char *out, size_t size,
                        char *name)
{
	struct span in_text = {NULL, 0};
	struct span s = unwrap((struct span){text, strlen(text)}, &in_text);
	char digits[DIALPLAN_NUMBER];
	if (name)
		snprintf(name, DIALPLAN_NAME, "%.*s", (int)in_text.length,
		         in_text.at ? in_text.at : "");
	if (!digits_of(s, digits, sizeof digits))
		snprintf(out, size, "%.*s", (int)s.length, s.at);
	else if (digits[0] == '+' || strlen(digits) <= extension_digits(p))
		snprintf(out, size, "%s", digits);
	else
		/* Where lines are got by a digit, switches show public numbers with it. */
		public_number(p, digits + prefix(digits, p->outside), out, size);
}

bool dialplan_internal(const struct pbx_dialplan *p, const char *canonical)
{
	size_t n = strlen(canonical);
	return canonical[0] != '+' && (n <= extension_digits(p) || strspn(canonical, DIGITS) != n);
}

void dialplan_dial(const struct pbx_dialplan *p, const char *canonical, char *out, size_t size)
{
	const char *outside = p->outside ? p->outside : "";
	size_t country;
	if (dialplan_internal(p, canonical))
		snprintf(out, size, "%s", canonical);
	else if (canonical[0] != '+')
		snprintf(out, size, "%s%s", outside, canonical);
	else if (p->national && (country = prefix(canonical + 1, p->country)))
		snprintf(out, size, "%s%s%s", outside, p->national, canonical + 1 + country);
	else if (p->international)
		snprintf(out, size, "%s%s%s", outside, p->international, canonical + 1);
	else
		snprintf(out, size, "%s", canonical);
}
