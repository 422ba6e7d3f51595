/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/utf8.h"

#include <cti/error.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int cti_error_set(struct cti_error *error, int code, const char *format, ...)
{
	if (!error)
		return code;
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(error->text, sizeof error->text, format, arguments);
	va_end(arguments);
	if (length < 0)
		error->text[0] = '\0';
	if (length >= (int)sizeof error->text) {
		/* Cut before a character that did not fit whole: back to its first octet. */
		size_t end = sizeof error->text - 1, start = end;
		while (start > 0 && ((unsigned char)error->text[start - 1] & 0xC0) == 0x80)
			start--;
		if (start > 0) {
			unsigned char lead = (unsigned char)error->text[start - 1];
			size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
			if (need > end - start + 1)
				error->text[start - 1] = '\0';
		}
	}
	/* What a peer sent may be quoted in it: one line of UTF-8, whatever it was. */
	for (char *at = error->text; *at;) {
		size_t octets = *at & 0x80 ? utf8_length((unsigned char *)at) : 1;
		if (!octets)
			*at = '?';
		else if ((unsigned char)*at < ' ' || *at == 0x7F)
			*at = ' ';
		at += octets ? octets : 1;
	}
	error->code = code;
	return code;
}

const char *cti_strerror(int code)
{
	switch (code) {
	case CTI_OK:
		return "success";
#define X(name, number, text)                                                                      \
	case number:                                                                               \
		return text;
		CTI_CODES(X)
#undef X
	}
	return "unknown error";
}

const char *cti_code_name(int code)
{
	switch (code) {
	case CTI_OK:
		return "OK";
#define X(name, number, text)                                                                      \
	case number:                                                                               \
		return #name;
		CTI_CODES(X)
#undef X
	}
	return "?";
}

const char *cti_category_name(enum cti_category category)
{
	static const char *const names[] = {
#define X(name, text) text,
	        CTI_CATEGORIES(X)
#undef X
	};
	size_t index = (size_t)category;
	return index < sizeof names / sizeof *names ? names[index] : "";
}
