/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file wire_text.h
 * The inner loop of the writer: appends without a terminating NUL, with lengths known at
 * compile time.
 */
#ifndef SDK_WIRE_TEXT_H
#define SDK_WIRE_TEXT_H

#include "sdk/wire.h"

#include <string.h>

/** Make room for @p more octets and a NUL; false (and `failed`) if there is no memory. */
bool text_grow(struct cti_text *, size_t more);
/** Quoted and escaped, without a NUL. */
void text_quote(struct cti_text *, const char *);
void text_number(struct cti_text *, uint64_t);
/** An int64_t of microseconds as "2026-11-22T07:00:00.123456Z", quoted. */
void text_time(struct cti_text *, int64_t wall_us);

static inline bool text_reserve(struct cti_text *text, size_t more)
{
	return text->size - text->length > more || text_grow(text, more);
}

static inline void text_put(struct cti_text *text, const char *data, size_t length)
{
	if (!text_reserve(text, length))
		return;
	memcpy(text->data + text->length, data, length);
	text->length += length;
}

/** A string constant. */
#define text_const(text, constant) text_put(text, constant, sizeof(constant) - 1)

static inline void text_terminate(struct cti_text *text)
{
	if (text_reserve(text, 0))
		text->data[text->length] = '\0';
}

/**
 * An object whose members are each written as `,"name":value`: the first comma becomes the
 * brace. @p at: the length before the first member.
 */
static inline void text_object_end(struct cti_text *text, size_t at)
{
	if (text->length == at)
		text_const(text, "{");
	else if (!text->failed)
		text->data[at] = '{';
	text_const(text, "}");
}

#endif
