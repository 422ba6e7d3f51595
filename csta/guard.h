/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file guard.h
 * What asn1c's runtime would let through, caught before it. Private to libcsta.
 */
#ifndef CSTA_GUARD_H
#define CSTA_GUARD_H

#include "csta/csta.h"

#include <asn_application.h>

/**
 * In place of OCTET_STRING_decode_ber() for BIT STRINGs: refuses a count of unused bits that is
 * more than 7 or than there are, which asn1c 0.9.28 shifts by unseen.
 */
ber_type_decoder_f csta_bits_decode_ber;

#endif
