/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ber_value.h
 * Values in BER, by the layouts of csta/walk.h: the tags, shapes and places that asn1c's
 * descriptors name, without a call of its runtime. Private to libcsta and its tests, which hold
 * both against asn1c (tests/unit/test_ber_value.c).
 *
 * What is read beyond asn1c: strings in segments under a tag of their own, and definite lengths
 * mixed with indefinite ones. What is refused where asn1c does not: numbers of more than 8 octets;
 * unused bits that are not there, or not at the end; more than 1024 bits; a CHOICE within an element that says that it
 * is primitive; an ANY of other than one element.
 */
#ifndef CSTA_BER_VALUE_H
#define CSTA_BER_VALUE_H

#include "csta/tlv.h"
#include "csta/walk.h"

/**
 * Read an element, which tlv_check() passed, into @p value, zeroed. @p implicit: its tag is the
 * envelope's, not the type's. False: it is not of the type, or the arena has failed.
 */
bool csta_value_read(struct csta_arena *, const struct csta_layout *, const struct tlv *,
                     bool implicit, void *value);

/**
 * Whether an element belongs to a field of a SEQUENCE, or to the item of a list. @p last: none
 * follows.
 */
bool csta_element_fits(const struct csta_layout *, const struct csta_field *, uint32_t tag,
                       bool last);

/** Whether an element is a string of the layout's shape: OCTETS, TEXT, BITS or OID. */
bool csta_string_fits(const struct csta_layout *, const struct tlv *);

/**
 * Write a value. @p tag: in place of its outermost, or CSTA_NO_TAG. Returns NULL, or the layout of
 * what is incomplete in it; where there is no memory the writer has failed.
 */
const struct csta_layout *csta_value_write(struct tlv_writer *, const struct csta_layout *,
                                           uint32_t tag, const void *value);

#endif
