/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tlv.h
 * Reading and writing single BER elements (X.690 8.1), without types. Private to libcsta.
 */
#ifndef CSTA_TLV_H
#define CSTA_TLV_H

#include "csta/csta.h"

#include <string.h>

/** A tag as asn1c numbers it: number << 2 | class (0 universal, 1 application, 2 context, 3
 * private). */
#define TLV_TAG(class, number) ((uint32_t)(number) << 2 | (class))
enum { TLV_UNIVERSAL, TLV_APPLICATION, TLV_CONTEXT, TLV_PRIVATE };

struct tlv {
	uint32_t tag;
	bool constructed;
	const uint8_t *start;   /**< its first octet */
	const uint8_t *content; /**< behind tag and length */
	size_t length;          /**< of the content, without end-of-contents octets */
	size_t total;           /**< from start to behind its last octet */
};

/** Octets not yet read. */
struct tlv_reader {
	const uint8_t *next, *end;
};

/**
 * Check the element at the start of @p data: lengths within their parents, depth and number of
 * elements within the limits. Returns 0 and its size, CTI_E_TRUNCATED, CTI_E_LIMIT or
 * CTI_E_INVALID. Whatever it passes, tlv_read() reads without overrun.
 */
int tlv_check(const uint8_t *data, size_t length, const struct csta_limits *, size_t *size,
              struct cti_error *);

/** tlv_read() of any element; this one inlines what most are: one octet of tag, one of length. */
bool tlv_read_any(struct tlv_reader *, struct tlv *);
/** Next element of checked octets; false, with nothing changed, at the end or where there is none.
 */
static inline bool tlv_read(struct tlv_reader *reader, struct tlv *tlv)
{
	const uint8_t *at = reader->next;
	size_t left = (size_t)(reader->end - at);

	if (left < 2 || (at[0] & 0x1f) == 0x1f || at[1] > 0x7f || at[1] > left - 2)
		return tlv_read_any(reader, tlv);
	tlv->tag = TLV_TAG(at[0] >> 6, at[0] & 0x1f);
	tlv->constructed = at[0] & 0x20;
	tlv->start = at;
	tlv->content = at + 2;
	tlv->length = at[1];
	tlv->total = at[1] + 2u;
	reader->next = at + 2 + at[1];
	return true;
}
/** A reader of what is inside. */
static inline struct tlv_reader tlv_inside(const struct tlv *tlv)
{
	return (struct tlv_reader){tlv->content, tlv->content + tlv->length};
}
/** Value of an INTEGER's content of at most four octets; false if it has none or more. */
bool tlv_integer(const struct tlv *, int32_t *);

/** Tag for people: "[APPLICATION 21]", "[4]", "INTEGER". Returns @p text. */
const char *tlv_tag_text(uint32_t tag, char *text, size_t size);

/**
 * Writing goes backwards: what is inside first, its header when its length is known. What was
 * written stands at the end of the buffer's memory.
 */
struct tlv_writer {
	struct csta_buffer *buffer; /**< length is not used */
	uint8_t *at;                /**< the first octet; the last is buffer->data + size - 1 */
	bool failed;                /**< no memory: nothing more is written */
};

struct tlv_writer tlv_writer(struct csta_buffer *);
/** Octets written so far. */
static inline size_t tlv_written(const struct tlv_writer *writer)
{
	return (size_t)(writer->buffer->data + writer->buffer->size - writer->at);
}
/** A larger buffer for @p length octets more; false: no memory. */
bool tlv_grow(struct tlv_writer *, size_t length);
/** Room for octets in front of all that was written; NULL: no memory. */
static inline uint8_t *tlv_room(struct tlv_writer *writer, size_t length)
{
	if ((size_t)(writer->at - writer->buffer->data) < length && !tlv_grow(writer, length))
		return NULL;
	return writer->at -= length;
}
static inline void tlv_write(struct tlv_writer *writer, const void *data, size_t length)
{
	uint8_t *room = tlv_room(writer, length);

	if (room && length)
		memcpy(room, data, length);
}
/** tlv_write_header() of any; this one inlines what most are: one octet of tag, one of length. */
void tlv_write_header_any(struct tlv_writer *, uint32_t tag, bool constructed, size_t length);
/** Tag and length in front of @p length octets. */
static inline void tlv_write_header(struct tlv_writer *writer, uint32_t tag, bool constructed,
                                    size_t length)
{
	uint8_t *room;

	if (length > 0x7f || tag >= 0x1f << 2) {
		tlv_write_header_any(writer, tag, constructed, length);
		return;
	}
	room = tlv_room(writer, 2);
	if (!room)
		return;
	room[0] = (uint8_t)((tag & 3) << 6 | (constructed ? 0x20 : 0) | tag >> 2);
	room[1] = (uint8_t)length;
}
/** An INTEGER's content in the fewest octets. */
void tlv_write_number(struct tlv_writer *, long value);
/** The same with its header. */
void tlv_write_integer(struct tlv_writer *, uint32_t tag, long value);

#endif
