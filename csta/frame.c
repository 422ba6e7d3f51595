/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/frame.h"

#include <string.h>

#define XML_HEADER      8
#define LEN16_HEADER    2
#define HIPATH_HEADER   3
#define HIPATH_MARK     0x26
#define HIPATH_COMPLETE 0x80
#define TPKT_HEADER     4
#define TPKT_VERSION    3
/** Indefinite lengths within each other, at most. */
#define SPAN_DEPTH 64

static const char *const names[] = {
        [CSTA_FRAME_XML] = "xml",     [CSTA_FRAME_BARE] = "bare",
        [CSTA_FRAME_LEN16] = "len16", [CSTA_FRAME_HIPATH26] = "hipath26",
        [CSTA_FRAME_TPKT] = "tpkt",
};

const char *csta_framing_name(enum csta_framing framing)
{
	return names[framing];
}

int csta_framing_parse(const char *name)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i], name))
			return (int)i;
	return -1;
}

size_t csta_frame_header(enum csta_framing framing)
{
	switch (framing) {
	case CSTA_FRAME_XML:
		return XML_HEADER;
	case CSTA_FRAME_BARE:
		return 0;
	case CSTA_FRAME_LEN16:
		return LEN16_HEADER;
	case CSTA_FRAME_HIPATH26:
		return HIPATH_HEADER;
	case CSTA_FRAME_TPKT:
		return TPKT_HEADER;
	}
	return 0;
}

static size_t get16(const uint8_t *at)
{
	return (size_t)at[0] << 8 | at[1];
}

static int more(struct csta_frame *out, size_t total)
{
	out->total = total;
	return CTI_E_TRUNCATED;
}

static int whole(struct csta_frame *out, const uint8_t *data, size_t header, size_t total)
{
	out->body = data + header;
	out->length = total - header;
	out->total = total;
	return CTI_OK;
}

static int too_long(size_t length, size_t limit, struct cti_error *error)
{
	return cti_error_set(error, CTI_E_LIMIT,
	                     "frame: a message of %zu octets exceeds the limit of %zu", length,
	                     limit);
}

/*
 * ECMA-323 J-2. The format indicator is 0000. Deviation taken: one PHP client writes the ASCII
 * digits "00" there. SOAP in frames (0001) is not spoken.
 */
static int xml_cut(struct csta_frame *out, const uint8_t *data, size_t length, size_t limit,
                   struct cti_error *error)
{
	for (size_t i = 0; i < length && i < 2; i++)
		if (data[i] != 0 && (data[i] != '0' || data[0] != '0'))
			return cti_error_set(error, CTI_E_INVALID,
			                     "frame: octet %zu is %02x, expected the format "
			                     "indicator 0000 of ECMA-323 J-2",
			                     i, data[i]);
	for (size_t i = 4; i < length && i < XML_HEADER; i++)
		if (data[i] < '0' || data[i] > '9')
			return cti_error_set(error, CTI_E_INVALID,
			                     "frame: octet %zu is %02x, expected a digit of the "
			                     "invoke id",
			                     i, data[i]);
	if (length < 4)
		return more(out, XML_HEADER);
	size_t total = get16(data + 2);
	if (total < XML_HEADER)
		return cti_error_set(error, CTI_E_INVALID,
		                     "frame: octets 2 and 3 give a length of %zu, less than the "
		                     "header's 8",
		                     total);
	if (total - XML_HEADER > limit)
		return too_long(total - XML_HEADER, limit, error);
	if (length < total || length < XML_HEADER)
		return more(out, total);
	out->invoke_id = 0;
	for (size_t i = 4; i < XML_HEADER; i++)
		out->invoke_id = out->invoke_id * 10 + (data[i] - '0');
	return whole(out, data, XML_HEADER, total);
}

static int len16_cut(struct csta_frame *out, const uint8_t *data, size_t length, size_t limit,
                     struct cti_error *error)
{
	if (length < LEN16_HEADER)
		return more(out, LEN16_HEADER);
	size_t body = get16(data);
	if (!body)
		return cti_error_set(error, CTI_E_INVALID,
		                     "frame: octets 0 and 1 give a length of 0");
	if (body > limit)
		return too_long(body, limit, error);
	if (length < LEN16_HEADER + body)
		return more(out, LEN16_HEADER + body);
	return whole(out, data, LEN16_HEADER, LEN16_HEADER + body);
}

static int hipath_cut(struct csta_frame *out, const uint8_t *data, size_t length, size_t limit,
                      struct csta_buffer *scratch, struct cti_error *error)
{
	size_t at = 0, joined = 0;
	bool complete = false;
	while (!complete) {
		if (at < length && data[at] != HIPATH_MARK)
			return cti_error_set(error, CTI_E_INVALID,
			                     "frame: octet %zu is %02x, expected 26 (HiPath)", at,
			                     data[at]);
		if (length - at < HIPATH_HEADER)
			return more(out, at + HIPATH_HEADER);
		complete = data[at + 1] & HIPATH_COMPLETE;
		size_t body = get16(data + at + 1) & 0x7FFF;
		if (!body)
			return cti_error_set(error, CTI_E_INVALID,
			                     "frame: octets %zu and %zu give a length of 0", at + 1,
			                     at + 2);
		joined += body;
		if (joined > limit)
			return too_long(joined, limit, error);
		at += HIPATH_HEADER + body;
		if (length < at)
			return more(out, at);
	}
	if (joined == at - HIPATH_HEADER)
		return whole(out, data, HIPATH_HEADER, at);
	csta_buffer_clear(scratch);
	for (size_t from = 0; from < at;) {
		size_t body = get16(data + from + 1) & 0x7FFF;
		if (csta_buffer_append(scratch, data + from + HIPATH_HEADER, body))
			return cti_error_set(error, CTI_E_NOMEM, "frame: out of memory");
		from += HIPATH_HEADER + body;
	}
	out->body = scratch->data;
	out->length = joined;
	out->total = at;
	return CTI_OK;
}

static int tpkt_cut(struct csta_frame *out, const uint8_t *data, size_t length, size_t limit,
                    struct cti_error *error)
{
	if (length && data[0] != TPKT_VERSION)
		return cti_error_set(error, CTI_E_INVALID,
		                     "frame: octet 0 is %02x, expected TPKT version 03", data[0]);
	if (length < TPKT_HEADER)
		return more(out, TPKT_HEADER);
	size_t total = get16(data + 2);
	if (total <= TPKT_HEADER)
		return cti_error_set(
		        error, CTI_E_INVALID,
		        "frame: octets 2 and 3 give a length of %zu, not more than the "
		        "header's 4",
		        total);
	if (total - TPKT_HEADER > limit)
		return too_long(total - TPKT_HEADER, limit, error);
	if (length < total)
		return more(out, total);
	return whole(out, data, TPKT_HEADER, total);
}

/* A bare stream holds ROSE (a1..a4) and ACSE (60..64) APDUs, nothing else. */
static int bare_cut(struct csta_frame *out, const uint8_t *data, size_t length, size_t limit,
                    struct cti_error *error)
{
	if (!length)
		return more(out, 2);
	if (!(data[0] >= 0xA1 && data[0] <= 0xA4) && !(data[0] >= 0x60 && data[0] <= 0x64))
		return cti_error_set(
		        error, CTI_E_INVALID,
		        "frame: octet 0 is %02x, expected the tag of a ROSE (a1..a4) or "
		        "ACSE (60..64) APDU",
		        data[0]);
	size_t span = 0;
	int code = csta_ber_span(data, length, limit, &span, error);
	if (code == CTI_E_TRUNCATED)
		return more(out, span);
	return code ? code : whole(out, data, 0, span);
}

int csta_frame_cut(struct csta_frame *out, enum csta_framing framing, const void *data,
                   size_t length, size_t limit, struct csta_buffer *scratch,
                   struct cti_error *error)
{
	*out = (struct csta_frame){.invoke_id = CSTA_NO_INVOKE_ID};
	switch (framing) {
	case CSTA_FRAME_XML:
		return xml_cut(out, data, length, limit, error);
	case CSTA_FRAME_BARE:
		return bare_cut(out, data, length, limit, error);
	case CSTA_FRAME_LEN16:
		return len16_cut(out, data, length, limit, error);
	case CSTA_FRAME_HIPATH26:
		return hipath_cut(out, data, length, limit, scratch, error);
	case CSTA_FRAME_TPKT:
		return tpkt_cut(out, data, length, limit, error);
	}
	return cti_error_set(error, CTI_E_INVALID, "frame: unknown framing %d", (int)framing);
}

int csta_frame_begin(enum csta_framing framing, struct csta_buffer *out)
{
	static const uint8_t room[XML_HEADER];
	size_t header = csta_frame_header(framing);
	return header ? csta_buffer_append(out, room, header) : CTI_OK;
}

int csta_frame_end(enum csta_framing framing, struct csta_buffer *out, size_t start,
                   uint32_t invoke_id, struct cti_error *error)
{
	size_t header = csta_frame_header(framing);
	size_t total = out->length - start, body = total - header;
	size_t most = framing == CSTA_FRAME_BARE       ? SIZE_MAX
	              : framing == CSTA_FRAME_HIPATH26 ? 0x7FFF
	              : framing == CSTA_FRAME_LEN16    ? 0xFFFF
	                                               : 0xFFFF - header;
	uint8_t *at = out->data + start;

	if (body > most)
		return cti_error_set(error, CTI_E_LIMIT,
		                     "frame: a message of %zu octets does not fit %s framing (%zu)",
		                     body, names[framing], most);
	switch (framing) {
	case CSTA_FRAME_XML:
		if (invoke_id > CSTA_EVENT_INVOKE_ID)
			return cti_error_set(error, CTI_E_INVALID,
			                     "frame: invoke id %u has more than four digits",
			                     invoke_id);
		at[2] = (uint8_t)(total >> 8);
		at[3] = (uint8_t)total;
		for (size_t i = XML_HEADER; i-- > 4; invoke_id /= 10)
			at[i] = (uint8_t)('0' + invoke_id % 10);
		break;
	case CSTA_FRAME_LEN16:
		at[0] = (uint8_t)(body >> 8);
		at[1] = (uint8_t)body;
		break;
	case CSTA_FRAME_HIPATH26:
		at[0] = HIPATH_MARK;
		at[1] = (uint8_t)(body >> 8 | HIPATH_COMPLETE);
		at[2] = (uint8_t)body;
		break;
	case CSTA_FRAME_TPKT:
		at[0] = TPKT_VERSION;
		at[2] = (uint8_t)(total >> 8);
		at[3] = (uint8_t)total;
		break;
	case CSTA_FRAME_BARE:
		break;
	}
	return CTI_OK;
}

/* X.690 8.1.2, 8.1.3: tag and length octets at @p at. *body SIZE_MAX: indefinite length. */
static int header_read(const uint8_t *data, size_t length, size_t at, size_t *end, size_t *body,
                       struct cti_error *error)
{
	size_t start = at;
	if (at >= length)
		goto truncated;
	bool constructed = data[at] & 0x20;
	if ((data[at++] & 0x1F) == 0x1F) {
		do {
			if (at >= length)
				goto truncated;
			if (at - start > 5)
				return cti_error_set(error, CTI_E_INVALID,
				                     "octet %zu: tag number too long", start);
		} while (data[at++] & 0x80);
	}
	if (at >= length)
		goto truncated;
	size_t count = data[at++];
	*body = count;
	if (count == 0x80) {
		if (!constructed)
			return cti_error_set(error, CTI_E_INVALID,
			                     "octet %zu: indefinite length of a primitive value",
			                     at - 1);
		*body = SIZE_MAX;
	} else if (count > 0x80) {
		count &= 0x7F;
		if (count > 4)
			return cti_error_set(error, CTI_E_LIMIT,
			                     "octet %zu: a length of %zu octets, at most 4 are "
			                     "accepted",
			                     at - 1, count);
		for (*body = 0; count; count--) {
			if (at >= length)
				goto truncated;
			*body = *body << 8 | data[at++];
		}
	}
	*end = at;
	return CTI_OK;
truncated:
	return CTI_E_TRUNCATED;
}

int csta_ber_span(const void *octets, size_t length, size_t limit, size_t *span,
                  struct cti_error *error)
{
	const uint8_t *data = octets;
	size_t at = 0, open = 0; /* indefinite values that are not closed yet */
	do {
		size_t end = 0, body = 0;
		if (open && length - at >= 2 && !data[at] && !data[at + 1]) {
			at += 2;
			open--;
			continue;
		}
		int code = header_read(data, length, at, &end, &body, error);
		if (code) {
			*span = length + 1;
			return code;
		}
		if (body == SIZE_MAX) {
			if (++open > SPAN_DEPTH)
				return cti_error_set(error, CTI_E_LIMIT,
				                     "octet %zu: more than %d indefinite lengths "
				                     "within each other",
				                     at, SPAN_DEPTH);
			at = end;
		} else {
			at = end + body;
		}
		if (at > limit)
			return too_long(at, limit, error);
		if (at > length) {
			*span = at;
			return CTI_E_TRUNCATED;
		}
	} while (open);
	*span = at;
	return CTI_OK;
}
