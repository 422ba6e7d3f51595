/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values without parts, from one layout to another: see dialect_copy.c.
 */
#include "csta/ber_value.h"
#include "csta/dialect_copy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number without a name, which only a wire brings, stays what it is. */
static bool copy_enum(struct csta_copy *c, const struct csta_layout *from, long value,
                      const struct csta_layout *to, long *out)
{
	const char *name = dialect_enum_name(from, value), *other;

	if (!name) {
		*out = value;
		return !dialect_enum_name(to, value);
	}
	if (dialect_enum_value(to, name, out) && !dialect_lacking(c, to->type, name, *out))
		return true;
	other = dialect_other_name(from->type, name);
	if (other == name || !dialect_enum_value(to, other, out) ||
	    dialect_lacking(c, to->type, other, *out))
		return false;
	dialect_lose(c, name);
	return true;
}

static bool copy_bits(struct csta_copy *c, const struct csta_layout *from, const BIT_STRING_t *bits,
                      const struct csta_layout *to, BIT_STRING_t *out)
{
	for (size_t i = 0; i < csta_bit_count(bits); i++) {
		const char *name = csta_name_of(from, (long)i);
		long position;

		if (!csta_bit_get(bits, i))
			continue;
		if (name && !csta_value_of(to, name, strlen(name), &position))
			name = dialect_other_name(from->type, name);
		if (!name || !csta_value_of(to, name, strlen(name), &position) ||
		    dialect_lacking(c, to->type, name, position))
			dialect_lose(c, name ? name : "a bit without name");
		else if (!csta_bit_set(c->arena, out, (size_t)position))
			return false;
	}
	return true;
}

static bool is_tagged(const struct csta_layout *layout, ber_tlv_tag_t number)
{
	return layout->type->tags_count == 1 &&
	       layout->type->tags[0] == (ASN_TAG_CLASS_UNIVERSAL | number << 2);
}

/*
 * UTCTime 151129224534Z and GeneralizedTime 20151129224534Z. Two digits of a year mean 1950 to 2049
 * (X.509); a time of other centuries, or of an unknown zone, has no UTCTime.
 */
static bool copy_time(struct csta_copy *c, bool utc, const OCTET_STRING_t *from,
                      OCTET_STRING_t *out)
{
	const char *text = (const char *)from->buf;
	size_t length = from->size > 0 ? (size_t)from->size : 0;
	char other[40];
	int size;

	if (length < 11 || length > 30 || strspn(text, "0123456789") < 10)
		return false;
	if (utc) {
		size = snprintf(other, sizeof(other), "%s%.*s", text[0] < '5' ? "20" : "19",
		                (int)length, text);
	} else {
		size_t digits = strspn(text, "0123456789"), zone = digits;

		if (digits < 12 || digits > 14 ||
		    atoi((char[]){text[0], text[1], text[2], text[3], 0}) < 1950 ||
		    (strncmp(text, "19", 2) && strncmp(text, "20", 2)) ||
		    (text[0] == '2' && text[2] >= '5'))
			return false;
		while (zone < length && text[zone] != 'Z' && text[zone] != '+' && text[zone] != '-')
			zone++;
		if (zone == length)
			return false;
		if (zone > digits)
			dialect_lose(c, "fraction");
		size = snprintf(other, sizeof(other), "%.*s%.*s", (int)digits - 2, text + 2,
		                (int)(length - zone), text + zone);
	}
	return csta_octets_copy(c->arena, out, other, (size_t)size);
}

/* A typed value as one TLV, and back. */
static bool copy_to_any(struct csta_copy *c, const struct csta_layout *from, const void *value,
                        ANY_t *out)
{
	struct csta_buffer buffer = {0};
	struct tlv_writer writer = tlv_writer(&buffer);
	bool good =
	        !csta_value_write(&writer, from, CSTA_NO_TAG, value) && !writer.failed &&
	        csta_octets_copy(c->arena, (OCTET_STRING_t *)out, writer.at, tlv_written(&writer));

	c->arena->failed |= writer.failed;
	csta_buffer_free(&buffer);
	return good;
}

static bool copy_from_any(struct csta_copy *c, const ANY_t *value, const struct csta_layout *to,
                          void *out)
{
	struct tlv_reader reader = {value->buf, value->buf + value->size};
	struct tlv tlv;
	size_t size;

	return value->size > 0 &&
	       !tlv_check(value->buf, (size_t)value->size, &c->codec->limits, &size, NULL) &&
	       tlv_read(&reader, &tlv) && reader.next == reader.end &&
	       csta_value_read(c->arena, to, &tlv, false, out);
}

bool dialect_copy_leaf(struct csta_copy *c, const struct csta_layout *from, const void *value,
                       const struct csta_layout *to, void *out)
{
	if (to->shape == CSTA_ANY && from->shape != CSTA_ANY)
		return from->shape == CSTA_SEQUENCE && copy_to_any(c, from, value, out);
	if (from->shape == CSTA_ANY && to->shape != CSTA_ANY)
		return to->shape == CSTA_SEQUENCE && copy_from_any(c, value, to, out);
	if (from->shape == CSTA_BOOLEAN && to->shape == CSTA_BITS)
		return !*(const int *)value || csta_bit_set(c->arena, out, 0);
	if (from->shape == CSTA_BITS && to->shape == CSTA_BOOLEAN) {
		*(int *)out = csta_bit_get(value, 0);
		return true;
	}
	if (from->shape != to->shape)
		return false;
	switch (from->shape) {
	case CSTA_ENUMERATED:
		return copy_enum(c, from, *(const long *)value, to, out);
	case CSTA_INTEGER:
		*(long *)out = *(const long *)value;
		return true;
	case CSTA_BOOLEAN:
		*(int *)out = *(const int *)value;
		return true;
	case CSTA_NULL:
		return true;
	case CSTA_BITS:
		return copy_bits(c, from, value, to, out);
	case CSTA_OCTETS:
		if (is_tagged(from, 23) != is_tagged(to, 23))
			return copy_time(c, is_tagged(from, 23), value, out);
		/* fall through */
	case CSTA_TEXT:
	case CSTA_ANY:
	case CSTA_OID: /* the octets are shared: both live as long as the message */
		((OCTET_STRING_t *)out)->buf = ((const OCTET_STRING_t *)value)->buf;
		((OCTET_STRING_t *)out)->size = ((const OCTET_STRING_t *)value)->size;
		return true;
	case CSTA_SEQUENCE:
	case CSTA_CHOICE:
	case CSTA_LIST:
		break;
	}
	return false;
}
