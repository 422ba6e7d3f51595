/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/nomem.h"

#include <stddef.h>
#include <string.h>

static _Thread_local long left = -1;
static _Thread_local bool all_fail, failed;

void nomem_after(long count, bool all)
{
	left = count;
	all_fail = all;
	failed = false;
}

bool nomem_failed(void)
{
	return failed;
}

static bool refused(void)
{
	if (left < 0)
		return false;
	if (left > 0) {
		left--;
		return false;
	}
	failed = true;
	left = all_fail ? 0 : -1;
	return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t length);

void *__wrap_malloc(size_t size)
{
	return refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return refused() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return refused() ? NULL : __real_realloc(old, size);
}

char *__wrap_strndup(const char *text, size_t length)
{
	length = strnlen(text, length);
	char *copy = __wrap_malloc(length + 1);
	if (copy) {
		memcpy(copy, text, length);
		copy[length] = 0;
	}
	return copy;
}

char *__wrap_strdup(const char *text)
{
	return __wrap_strndup(text, strlen(text));
}
