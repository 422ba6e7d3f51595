/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/json_check.h"

#include <stdbool.h>

/*
 * What jansson 2.14 takes, rounded up: an object with its first eight buckets, an array with its
 * first eight items, the entry of a member beside its name, a string or number. Texts themselves
 * are twice there.
 */
#define OBJECT 224
#define ARRAY  144
#define MEMBER 112
#define VALUE  48

int cti_json_check(const char *text, size_t length, unsigned most, struct cti_error *error)
{
	size_t cost = 2 * length;
	unsigned depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < length; i++) {
		if (quoted) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				quoted = false;
			continue;
		}
		switch (text[i]) {
		case '"':
			quoted = true;
			cost += VALUE;
			break;
		case '{':
		case '[':
			cost += text[i] == '{' ? OBJECT : ARRAY;
			if (++depth > most)
				return cti_error_set(error, CTI_E_LIMIT,
				                     "JSON nested deeper than %u levels", most);
			break;
		case '}':
		case ']':
			depth -= depth > 0;
			break;
		case ':':
			cost += MEMBER;
			break;
		case ',': /* an item, in an array that doubles; or a number, true, false or null */
			cost += VALUE;
			break;
		}
	}
	if (cost > CTI_JSON_MEMORY_OF(length))
		return cti_error_set(error, CTI_E_LIMIT,
		                     "JSON of %zu octets that would take %zu, at most %zu", length,
		                     cost, (size_t)CTI_JSON_MEMORY_OF(length));
	return 0;
}
