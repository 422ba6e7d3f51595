/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/tlv.h"

#include <stdio.h>

/* Deeper nesting than this is refused whatever the limits say: it bounds asn1c's recursion. */
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

int tlv_check(const uint8_t *data, size_t length, const struct csta_limits *limits, size_t *size,
              struct cti_error *error)
{
	struct level levels[DEPTH_MAX + 1] = {{.end = INDEFINITE, .bound = length, .open = true}};
	unsigned depth = 0, deepest = limits->depth < DEPTH_MAX ? limits->depth : DEPTH_MAX;
	size_t at = 0;

	do {
		struct level *level = &levels[depth];
		const char *why = "an element that runs over its parent's end";
		struct header header;
		int failure = 0;

		if (at == level->end) {
			depth--;
			continue;
		}
		failure = header_read(data + at, level->bound - at, &header, &why);
		if (failure)
			return header_blame(level, failure, why, at, limits, error);
		if (depth && level->end == INDEFINITE && !header.tag && !header.constructed &&
		    !header.length) { /* end-of-contents octets */
			at += header.size;
			depth--;
			continue;
		}
		/* X.690 8.1.5. asn1c spins on it where it waits for the two zeros. */
		if (!header.tag)
			return cti_error_set(error, CTI_E_INVALID,
			                     "octet %zu: [UNIVERSAL 0], which can only be 00 00 "
			                     "and end what has no length",
			                     at);
		if (depth && ++level->children > limits->elements)
			return cti_error_set(error, CTI_E_LIMIT,
			                     "octet %zu: more than %u elements in one", at,
			                     limits->elements);
		failure = element_check(level, &header, at, limits, error);
		if (failure)
			return failure;
		at += header.size;
		if (!header.constructed) {
			at += header.length;
			continue;
		}
		if (++depth > deepest)
			return cti_error_set(error, CTI_E_LIMIT,
			                     "octet %zu: elements nested deeper than %u",
			                     at - header.size, deepest);
		levels[depth] = *level;
		levels[depth].end = INDEFINITE;
		levels[depth].children = 0;
		if (header.length != INDEFINITE) {
			levels[depth].end = levels[depth].bound = at + header.length;
			levels[depth].open = false;
		}
	} while (depth);
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

bool tlv_read(struct tlv_reader *reader, struct tlv *tlv)
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

struct tlv_reader tlv_inside(const struct tlv *tlv)
{
	return (struct tlv_reader){tlv->content, tlv->content + tlv->length};
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

size_t tlv_header_size(size_t length)
{
	size_t size = 2;

	if (length > 0x7f)
		for (; length; length >>= 8)
			size++;
	return size;
}

int tlv_header(struct csta_buffer *out, uint8_t tag, size_t length)
{
	uint8_t octets[2 + sizeof(length)];
	size_t size = tlv_header_size(length);

	octets[0] = tag;
	octets[1] = (uint8_t)(size == 2 ? length : 0x80 | (size - 2));
	for (size_t i = size - 1; i > 1; i--, length >>= 8)
		octets[i] = (uint8_t)length;
	return csta_buffer_append(out, octets, size);
}

static size_t integer_octets(int32_t value)
{
	size_t octets = 1;

	while (octets < 4 && value >> (8 * octets - 1) != 0 && value >> (8 * octets - 1) != -1)
		octets++;
	return octets;
}

size_t tlv_integer_size(int32_t value)
{
	return 2 + integer_octets(value);
}

int tlv_append_integer(struct csta_buffer *out, uint8_t tag, int32_t value)
{
	uint8_t octets[6] = {tag};
	size_t size = integer_octets(value);

	octets[1] = (uint8_t)size;
	for (size_t i = 0; i < size; i++)
		octets[2 + i] = (uint8_t)((uint32_t)value >> (8 * (size - 1 - i)));
	return csta_buffer_append(out, octets, 2 + size);
}
