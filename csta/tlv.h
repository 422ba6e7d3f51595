/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tlv.h
 * Reading and writing single BER elements (X.690 8.1), without types. Private to libcsta.
 */
#ifndef CSTA_TLV_H
#define CSTA_TLV_H

#include "csta/csta.h"

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

/** Next element of checked octets; false, with nothing changed, at the end or where there is none.
 */
bool tlv_read(struct tlv_reader *, struct tlv *);
/** A reader of what is inside. */
struct tlv_reader tlv_inside(const struct tlv *);
/** Value of an INTEGER's content of at most four octets; false if it has none or more. */
bool tlv_integer(const struct tlv *, int32_t *);

/** Tag for people: "[APPLICATION 21]", "[4]", "INTEGER". Returns @p text. */
const char *tlv_tag_text(uint32_t tag, char *text, size_t size);

/** Octets of a header (one-octet tag) before @p length octets of content. */
size_t tlv_header_size(size_t length);
/** Append a header; @p tag is its octet. */
int tlv_header(struct csta_buffer *, uint8_t tag, size_t length);
/** Append an INTEGER, or another tag with an integer's content, in the fewest octets. */
int tlv_append_integer(struct csta_buffer *, uint8_t tag, int32_t value);
/** Octets that tlv_append_integer() takes. */
size_t tlv_integer_size(int32_t value);

#endif
