/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file frame.h
 * Cutting messages out of a stream and wrapping them for it. Stateless: the caller keeps the octets
 * that are not a whole frame yet and comes back with more. Used by the session and by the
 * `csta` command.
 *
 *     XML       00 00 | 01 a7 | 30 30 30 32 | <?xml ...      length counts the header too
 *     bare BER  a1 0c 02 01 01 ...
 *     len16     00 0e | a1 0c 02 01 01 ...
 *     HiPath    26 80 0e | a1 0c 02 01 01 ...                top bit: message complete
 *     TPKT      03 00 00 12 | a1 0c 02 01 01 ...             length counts the header too
 */
#ifndef CSTA_FRAME_H
#define CSTA_FRAME_H

#include "csta/session.h"

/** One frame of a stream. */
struct csta_frame {
	const uint8_t *body; /**< the message; within the stream, or in the scratch buffer */
	size_t length;       /**< of the message */
	size_t total;        /**< octets of the stream that it took */
	uint32_t invoke_id;  /**< XML: of the header; else CSTA_NO_INVOKE_ID */
};

/**
 * Cut the first frame of @p data. CTI_E_TRUNCATED: it is not whole yet (nothing is wrong so
 * far; @p out->total says how many octets are needed at least). Any other code: the stream is no
 * longer in step, and @p error says which octet is wrong. @p limit: longest message accepted.
 * @p scratch takes a message that came in pieces (HiPath).
 */
int csta_frame_cut(struct csta_frame *out, enum csta_framing, const void *data, size_t length,
                   size_t limit, struct csta_buffer *scratch, struct cti_error *error);

/** Leave room for the header at the end of @p out; the message is to be appended behind it. */
int csta_frame_begin(enum csta_framing, struct csta_buffer *out);
/**
 * Fill the header that csta_frame_begin() left at @p start. @p invoke_id: XML only, 0..9999.
 * CTI_E_LIMIT: the message is longer than the frame can say.
 */
int csta_frame_end(enum csta_framing, struct csta_buffer *out, size_t start, uint32_t invoke_id,
                   struct cti_error *error);

/** Octets of a header. */
size_t csta_frame_header(enum csta_framing);
/** "xml", "bare", "len16", "hipath26", "tpkt". */
const char *csta_framing_name(enum csta_framing);
/** -1 if there is none of that name. */
int csta_framing_parse(const char *name);

/**
 * How many octets the BER value at @p data takes, its tag and length included, without decoding it.
 * CTI_E_TRUNCATED: not whole yet; *span then says how many are needed at least. CTI_E_INVALID:
 * no BER; CTI_E_LIMIT: longer than @p limit or nested too deep.
 */
int csta_ber_span(const void *data, size_t length, size_t limit, size_t *span, struct cti_error *);

#endif
