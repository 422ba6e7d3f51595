/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/tlv.h"

#include "csta/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Deeper nesting than this is refused whatever the limits say: it bounds every recursion. */
#define DEPTH_MAX  64
#define INDEFINITE SIZE_MAX

struct header {
	uint32_t tag;
	bool constructed;
	size_t size;   /* of the header */
	size_t length; /* of the content, or INDEFINITE */
};

/* 0, CTI_E_TRUNCATED or CTI_E_INVALID with *why. */
static int header_read(const uint8_t *data, size_t length, struct header *header, const char **why)
{
	size_t at = 0, octets;

	if (!length)
		return CTI_E_TRUNCATED;
	header->constructed = data[0] & 0x20;
	header->tag = data[0] & 0x1f;
	if (header->tag == 0x1f) { /* several octets of tag, seven bits each */
		header->tag = 0;
		do {
			if (++at == length)
				return CTI_E_TRUNCATED;
			if (at > 4) {
				*why = "a tag of more than 28 bits";
				return CTI_E_INVALID;
			}
			header->tag = header->tag << 7 | (data[at] & 0x7f);
		} while (data[at] & 0x80);
	}
	header->tag = TLV_TAG(data[0] >> 6, header->tag);
	if (++at == length)
		return CTI_E_TRUNCATED;
	octets = data[at] & 0x7f;
	header->length = octets;
	if (data[at] == 0x80) {
		header->length = INDEFINITE;
		if (!header->constructed) {
			*why = "a primitive element of indefinite length";
			return CTI_E_INVALID;
		}
	} else if (data[at] & 0x80) {
		header->length = 0;
		for (; octets; octets--) {
			if (++at == length)
				return CTI_E_TRUNCATED;
			if (header->length >> 24) {
				*why = "a length of more than 32 bits";
				return CTI_E_INVALID;
			}
			header->length = header->length << 8 | data[at];
		}
	}
	header->size = at + 1;
	return 0;
}

struct level {
	size_t end;   /* where it ends, or INDEFINITE */
	size_t bound; /* what it must not run over: its end or an enclosing one's, or that of the
	                 data */
	bool open;    /* nothing around it has a length: more data may come */
	bool within;  /* something is around it */
	unsigned children;
};

/* An element at @p at, whose header was read, against the level that it stands in. */
static int element_check(const struct level *level, const struct header *header, size_t at,
                         const struct csta_limits *limits, struct cti_error *error)
{
	size_t content = at + header->size, missing;

	if (header->length == INDEFINITE || header->length <= level->bound - content)
		return 0;
	missing = header->length - (level->bound - content);
	if (!level->open)
		return cti_error_set(error, CTI_E_INVALID,
		                     "octet %zu: length %zu runs over its parent's end by %zu", at,
		                     header->length, missing);
	if (header->length > limits->pdu || content > limits->pdu - header->length)
		return cti_error_set(error, CTI_E_LIMIT,
		                     "message of %zu octets, at most %zu are accepted",
		                     content + header->length, limits->pdu);
	return cti_error_set(error, CTI_E_TRUNCATED,
	                     "%zu octets are missing of the element at octet %zu", missing, at);
}

/* The header at @p at does not read. */
static int header_blame(const struct level *level, int failure, const char *why, size_t at,
                        const struct csta_limits *limits, struct cti_error *error)
{
	if (failure != CTI_E_TRUNCATED || !level->open)
		return cti_error_set(error, CTI_E_INVALID, "octet %zu: %s", at, why);
	if (level->bound > limits->pdu)
		return cti_error_set(error, CTI_E_LIMIT, "message of more than %zu octets",
		                     limits->pdu);
	return cti_error_set(error, failure, "ends after %zu octets, within an element",
	                     level->bound);
}

#define END_OF_CONTENTS 1

/* Read the header at @p at: 0, END_OF_CONTENTS or an error. */
static int header_check(const struct level *level, const uint8_t *data, size_t at,
                        const struct csta_limits *limits, struct header *header,
                        struct cti_error *error)
{
	const char *why = "an element that runs over its parent's end";
	int failure = header_read(data + at, level->bound - at, header, &why);

	if (failure)
		return header_blame(level, failure, why, at, limits, error);
	if (header->tag)
		return element_check(level, header, at, limits, error);
	/* Just 00 00: tlv_read() counts two octets, and so do others. */
	if (level->within && level->end == INDEFINITE && !header->constructed && !header->length &&
	    header->size == 2)
		return END_OF_CONTENTS;
	return cti_error_set(error, CTI_E_INVALID, /* X.690 8.1.5 */
	                     "octet %zu: [UNIVERSAL 0], which can only be 00 00 and end what has "
	                     "no length",
	                     at);
}

/* One octet of tag, one of length, and all of the content is there: most are so. */
static inline bool header_is_short(const uint8_t *data, size_t left)
{
	return left >= 2 && data[1] <= 0x7f && data[1] <= left - 2 && (data[0] & 0x1f) != 0x1f &&
	       (data[0] & ~0x20);
}

int tlv_check(const uint8_t *data, size_t length, const struct csta_limits *limits, size_t *size,
              struct cti_error *error)
{
	struct level levels[DEPTH_MAX + 1], *level = levels;
	const struct level *deepest =
	        levels + (limits->depth < DEPTH_MAX ? limits->depth : DEPTH_MAX);
	size_t at = 0;

	*level = (struct level){.end = INDEFINITE, .bound = length, .open = true};
	do {
		struct header header = {.size = 2};
		bool without = false;

		if (at == level->end) {
			level--;
			continue;
		}
		if (header_is_short(data + at, level->bound - at)) {
			header.constructed = data[at] & 0x20;
			header.length = data[at + 1];
		} else {
			int failure = header_check(level, data, at, limits, &header, error);

			if (failure == END_OF_CONTENTS) {
				at += header.size;
				level--;
				continue;
			}
			if (failure)
				return failure;
			without = header.length == INDEFINITE;
		}
		if (level->within && ++level->children > limits->elements)
			return cti_error_set(error, CTI_E_LIMIT,
			                     "octet %zu: more than %u elements in one", at,
			                     limits->elements);
		at += header.size;
		if (!header.constructed) {
			at += header.length;
			continue;
		}
		if (level == deepest)
			return cti_error_set(error, CTI_E_LIMIT,
			                     "octet %zu: elements nested deeper than %u",
			                     at - header.size, (unsigned)(deepest - levels));
		level[1] = (struct level){.end = without ? INDEFINITE : at + header.length,
		                          .bound = without ? level->bound : at + header.length,
		                          .open = without && level->open,
		                          .within = true};
		level++;
	} while (level > levels);
	if (at > limits->pdu)
		return cti_error_set(error, CTI_E_LIMIT,
		                     "message of %zu octets, at most %zu are accepted", at,
		                     limits->pdu);
	*size = at;
	return 0;
}

/* Size of checked content that ends with end-of-contents octets, without them. */
static size_t indefinite_length(const uint8_t *data, size_t length)
{
	size_t at = 0;
	unsigned open = 0;

	while (at < length) {
		struct header header;
		const char *why;

		if (header_read(data + at, length - at, &header, &why))
			break;
		if (!header.tag && !header.constructed && !header.length) {
			if (!open--)
				return at;
		} else if (header.length == INDEFINITE) {
			open++;
		} else {
			at += header.length;
		}
		at += header.size;
	}
	return length;
}

bool tlv_read_any(struct tlv_reader *reader, struct tlv *tlv)
{
	size_t left = (size_t)(reader->end - reader->next), length, total;
	struct header header;
	const char *why;

	if (!left || header_read(reader->next, left, &header, &why))
		return false;
	left -= header.size;
	length = total = header.length;
	if (header.length == INDEFINITE) {
		length = indefinite_length(reader->next + header.size, left);
		total = length + 2;
	}
	if (total > left)
		return false;
	tlv->tag = header.tag;
	tlv->constructed = header.constructed;
	tlv->start = reader->next;
	tlv->content = reader->next + header.size;
	tlv->length = length;
	tlv->total = header.size + total;
	reader->next += tlv->total;
	return true;
}

bool tlv_integer(const struct tlv *tlv, int32_t *value)
{
	int64_t sum;

	if (tlv->constructed || !tlv->length || tlv->length > 5)
		return false;
	sum = tlv->content[0] & 0x80 ? -1 : 0;
	for (size_t i = 0; i < tlv->length; i++)
		sum = (int64_t)((uint64_t)sum << 8 | tlv->content[i]);
	if (sum < INT32_MIN || sum > INT32_MAX)
		return false;
	*value = (int32_t)sum;
	return true;
}

const char *tlv_tag_text(uint32_t tag, char *text, size_t size)
{
	static const char *const classes[] = {"UNIVERSAL ", "APPLICATION ", "", "PRIVATE "};
	static const char *const types[] = {
	        [1] = "BOOLEAN",      [2] = "INTEGER",   [3] = "BIT STRING",
	        [4] = "OCTET STRING", [5] = "NULL",      [6] = "OBJECT IDENTIFIER",
	        [10] = "ENUMERATED",  [16] = "SEQUENCE", [22] = "IA5String"};
	uint32_t number = tag >> 2;

	if ((tag & 3) == TLV_UNIVERSAL && number < sizeof(types) / sizeof(types[0]) &&
	    types[number])
		snprintf(text, size, "%s", types[number]);
	else
		snprintf(text, size, "[%s%u]", classes[tag & 3], number);
	return text;
}

/* ---- writing --------------------------------------------------------------------------------- */

struct tlv_writer tlv_writer(struct csta_buffer *buffer)
{
	return (struct tlv_writer){buffer, buffer->data + buffer->size, false};
}

bool tlv_grow(struct tlv_writer *writer, size_t length)
{
	struct csta_buffer larger = {0};
	size_t written = tlv_written(writer), size = writer->buffer->size;

	if (writer->failed)
		return false;
	size = length > SIZE_MAX / 4 - size ? SIZE_MAX : 2 * (size + length) + 256;
	larger.data = csta_alloc_fails() || size == SIZE_MAX ? NULL : malloc(size);
	if (!larger.data) {
		writer->failed = true;
		return false;
	}
	larger.size = size;
	if (written)
		memcpy(larger.data + size - written, writer->at, written);
	csta_buffer_free(writer->buffer);
	*writer->buffer = larger;
	writer->at = larger.data + size - written;
	return true;
}

void tlv_write_header_any(struct tlv_writer *writer, uint32_t tag, bool constructed, size_t length)
{
	uint8_t octets[16], *at = octets + sizeof(octets), first;
	uint32_t number = tag >> 2;

	first = (uint8_t)((tag & 3) << 6 | (constructed ? 0x20 : 0));
	if (length <= 0x7f) {
		*--at = (uint8_t)length;
	} else {
		uint8_t *end = at;

		for (; length; length >>= 8)
			*--at = (uint8_t)length;
		*(at - 1) = (uint8_t)(0x80 | (end - at));
		at--;
	}
	if (number < 0x1f) {
		*--at = (uint8_t)(first | number);
	} else { /* seven bits each, the top bit in all but the last */
		*--at = number & 0x7f;
		for (number >>= 7; number; number >>= 7)
			*--at = (uint8_t)(0x80 | (number & 0x7f));
		*--at = first | 0x1f;
	}
	tlv_write(writer, at, (size_t)(octets + sizeof(octets) - at));
}

void tlv_write_number(struct tlv_writer *writer, long value)
{
	uint8_t octets[sizeof(value)], *at = octets + sizeof(octets);
	long rest = value;

	do {
		*--at = (uint8_t)rest;
		rest >>= 8;
	} while (at > octets && rest != (*at & 0x80 ? -1 : 0));
	tlv_write(writer, at, (size_t)(octets + sizeof(octets) - at));
}

void tlv_write_integer(struct tlv_writer *writer, uint32_t tag, long value)
{
	size_t before = tlv_written(writer);

	tlv_write_number(writer, value);
	tlv_write_header(writer, tag, false, tlv_written(writer) - before);
}
