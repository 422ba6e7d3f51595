/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file spelling_xml.h
 * The part of the spelling (csta/spelling.h) that XML alone needs: shapes that are not the
 * descriptor's, what an edition does not have yet, and what stands
 * in for a mandatory element that a sender leaves out. Private to libcsta.
 *
 * In all tables a @p type stands for its aliases too (ConnectionIDBody for ConnectionID). A field
 * is named as in ECMA-285; @p type NULL means the field of that name in every type.
 */
#ifndef CSTA_SPELLING_XML_H
#define CSTA_SPELLING_XML_H

#include "csta/spelling.h"
#include "csta/xml.h"

/** A type, or a field, of another shape than its descriptor's. */
struct xml_shape_spelling {
	const asn_TYPE_descriptor_t *type;
	const char *field; /**< NULL: the type itself */
	enum xml_shape shape;
	/** XML_WRAPPED, XML_DESTINATIONS: the element in between; XML_BITS: the bit it lacks */
	const char *item;
};
extern const struct xml_shape_spelling xml_shape_spellings[];
extern const size_t xml_shape_spelling_count;

/** First edition that has a field, a bit or a value (as ECMA-323 names them); 0: none has. */
struct xml_edition_spelling {
	const asn_TYPE_descriptor_t *type;
	const char *name;
	unsigned edition;
	const char *substitute; /**< of a value: what is sent instead */
};
extern const struct xml_edition_spelling xml_edition_spellings[];
extern const size_t xml_edition_spelling_count;

/** What stands in for a mandatory field of a type that is absent. */
struct xml_fill_spelling {
	const asn_TYPE_descriptor_t *type;
	const char *field; /**< NULL: all of the type */
	const char
	        *value; /**< alternative or value; NULL: zeroed, that is no octets, bits, items */
};
extern const struct xml_fill_spelling xml_fill_spellings[];
extern const size_t xml_fill_spelling_count;

/** Fields with a standard value in ECMA-285, which ECMA-323 wants to see nevertheless. */
extern const struct csta_marked_field xml_required_spellings[];
extern const size_t xml_required_spelling_count;

/** Fields in another order than ECMA-285's: their names, separated by blanks. */
struct xml_order_spelling {
	const asn_TYPE_descriptor_t *type;
	const char *fields;
};
extern const struct xml_order_spelling xml_order_spellings[];
extern const size_t xml_order_spelling_count;

/** A field or bit (as in xml_edition_spelling) that had another name before an edition. */
struct xml_renamed_spelling {
	const asn_TYPE_descriptor_t *type;
	const char *name;
	unsigned edition;
	const char *before;
};
extern const struct xml_renamed_spelling xml_renamed_spellings[];
extern const size_t xml_renamed_spelling_count;

/** Elements that ECMA-285 has no field or bit for. */
struct xml_foreign_spelling {
	const asn_TYPE_descriptor_t *type;
	const char *after; /**< a field or bit (as in xml_edition_spelling); "": in front of all */
	const char *names; /**< separated by blanks */
	unsigned edition;  /**< first that has them */
	const char *text;  /**< what says no more than absence */
	bool demanded;     /**< written with that text, for the schema wants to see it */
};
extern const struct xml_foreign_spelling xml_foreign_spellings[];
extern const size_t xml_foreign_spelling_count;

#endif
