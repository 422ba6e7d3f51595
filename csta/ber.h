/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ber.h
 * What ber.c (envelopes, Phase III) and dialect_ber.c (Phases I and II) share. Private to libcsta.
 */
#ifndef CSTA_BER_H
#define CSTA_BER_H

#include "csta/codec.h"
#include "csta/tlv.h"

struct decoding {
	struct csta_codec *codec;
	const uint8_t *data;
	size_t length; /* of the APDU */
	csta_pending *pending;
	void *pending_arg;
	struct cti_error *error;
};

/** "octet 12: INTEGER, expected SEQUENCE". */
int ber_unexpected(const struct decoding *, const struct tlv_reader *, const char *expected);
/** A message with its invoke id. */
int ber_message_begin(const struct decoding *, struct csta_message **, const struct csta_type *,
                      int32_t invoke_id);
/** crossRefIdentifier, [APPLICATION 21], at the front of an event report. */
int ber_read_monitor(const struct decoding *, struct tlv_reader *, struct tlv *monitor);
/** The monitor in front of what was written, and the SEQUENCE of the report around both. */
void ber_write_monitor(struct tlv_writer *, const struct csta_message *);
/** What stands around argument, result, error or report: @p empty if there is no value. */
void ber_write_envelope(struct tlv_writer *, enum csta_kind, uint32_t invoke_id, int operation,
                        bool empty);

/* dialect_ber.c: the same for Phases I and II. @p reader stands behind the operation or error code.
 */
int dialect_read_request(const struct decoding *, struct csta_message **, struct tlv_reader *,
                         int32_t invoke_id, int operation);
/** @p request: what it answers, or NULL. */
int dialect_read_result(const struct decoding *, struct csta_message **, struct tlv_reader *,
                        int32_t invoke_id, int operation, const struct csta_type *request);
int dialect_read_error(const struct decoding *, struct csta_message **, struct tlv_reader *,
                       int32_t invoke_id);
int dialect_read_event(const struct decoding *, struct csta_message **, struct tlv_reader *,
                       int32_t invoke_id);
/** Write the value, and of an event what stands around it in the report. */
int dialect_write(struct csta_codec *, struct tlv_writer *, const struct csta_message *,
                  int *operation, struct cti_error *);

#endif
