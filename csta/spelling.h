/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file spelling.h
 * Where ECMA-323 spells a thing differently than ECMA-285, what asn1c's descriptors do not tell
 * (names of bits, DEFAULTs), and which fields are secret, as csta/chapters/ says it. csta_init()
 * puts it into the layouts of csta/walk.h and fails if an entry fits nothing. Private to libcsta.
 */
#ifndef CSTA_SPELLING_H
#define CSTA_SPELLING_H

#include "csta/walk.h"

/** A field that differs. @p type NULL: the field of that name in every type. */
struct csta_field_spelling {
	const asn_TYPE_descriptor_t *type;
	const char *field; /**< ECMA-285 */
	const char *xml;   /**< ECMA-323 */
};
extern const struct csta_field_spelling csta_field_spellings[];
extern const size_t csta_field_spelling_count;

/** What an absent field stands for. */
struct csta_standard_value {
	const asn_TYPE_descriptor_t *type;
	const char *field; /**< NULL: every field of the type */
	const char *value; /**< its name or number */
};
extern const struct csta_standard_value csta_standard_values[];
extern const size_t csta_standard_value_count;

/**
 * Names of the bits of a BIT STRING, in the order of ECMA-323's elements, separated by
 * blanks; `name:7` is bit 7, a bare name is the bit after the one before (first: 0).
 */
struct csta_bit_names {
	const asn_TYPE_descriptor_t *type;
	const char *names;
};
extern const struct csta_bit_names csta_bit_names[];
extern const size_t csta_bit_names_count;

/** A value of an enumeration that ECMA-323 spells differently. */
struct csta_enum_spelling {
	const asn_TYPE_descriptor_t *type;
	const char *name; /**< ECMA-285 */
	const char *xml;  /**< ECMA-323 */
};
extern const struct csta_enum_spelling csta_enum_spellings[];
extern const size_t csta_enum_spelling_count;

/** A type, or one field of it. */
struct csta_marked_field {
	const asn_TYPE_descriptor_t *type;
	const char *field; /**< NULL: every field of that type */
};
/** What is masked where people look. */
extern const struct csta_marked_field csta_secrets[];
extern const size_t csta_secret_count;
/** Alternatives whose fields stand in their parent's place. */
extern const struct csta_marked_field csta_flats[];
extern const size_t csta_flat_count;

#endif
