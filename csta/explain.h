/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file explain.h
 * Why asn1c refused a value: it says only that it did. Private to libcsta.
 */
#ifndef CSTA_EXPLAIN_H
#define CSTA_EXPLAIN_H

#include "csta/csta.h"

/**
 * Find the first element that does not fit the type and say so: "DeliveredEvent
 * callingDevice.deviceIdentifier: octet 34: [9], expected dialingNumber, ...". @p data is one
 * checked element that was decoded in vain, at @p offset in the message; @p implicit: its tag is
 * not the type's. Returns CTI_E_INVALID.
 */
int csta_ber_explain(const struct csta_type *, const uint8_t *data, size_t length, bool implicit,
                     size_t offset, struct cti_error *error);

#endif
