/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file explain.h
 * Why a value was refused: csta_value_read() says only that it was. Private to libcsta.
 */
#ifndef CSTA_EXPLAIN_H
#define CSTA_EXPLAIN_H

#include "csta/tlv.h"

/**
 * Find the first element that does not fit the type and say so: "DeliveredEvent
 * callingDevice.deviceIdentifier: octet 34: [9], expected dialingNumber, ...". The checked element
 * was read in vain, at @p offset in the message; @p implicit: its tag is not the type's. Returns
 * CTI_E_INVALID.
 */
int csta_ber_explain(const struct csta_type *, const struct tlv *, bool implicit, size_t offset,
                     struct cti_error *error);

#endif
