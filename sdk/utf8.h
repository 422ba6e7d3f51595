/* SPDX-License-Identifier: Apache-2.0 */
/** @file utf8.h What is UTF-8 and what is not. Not installed. */
#ifndef SDK_UTF8_H
#define SDK_UTF8_H

#include <stddef.h>

/** Length of the UTF-8 character at @p at, 0 if it is none (RFC 3629, section 4). */
static inline size_t utf8_length(const unsigned char *at)
{
	static const struct {
		unsigned char first, last, low, high; /* of the first octet, of the second */
		size_t length;
	} rows[] = {
	        {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
	        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3},
	        {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
	        {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (at[0] < rows[i].first || at[0] > rows[i].last)
			continue;
		if (at[1] < rows[i].low || at[1] > rows[i].high)
			return 0;
		for (size_t k = 2; k < rows[i].length; k++)
			if ((at[k] & 0xC0) != 0x80)
				return 0;
		return rows[i].length;
	}
	return 0;
}

#endif
