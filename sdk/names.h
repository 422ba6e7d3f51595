/* SPDX-License-Identifier: Apache-2.0 */
/** @file names.h Tables of names: their length, and the index of one. */
#ifndef SDK_NAMES_H
#define SDK_NAMES_H

#include <stddef.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/** Index of @p name, which may be NULL; -1 if it is none of them. */
static inline int name_parse(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; name && i < count; i++)
		if (!strcmp(names[i], name))
			return (int)i;
	return -1;
}

#endif
