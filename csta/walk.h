/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file walk.h
 * The walk over asn1c's type descriptors that XML, JSON, the printed tree, equality and the
 * generated test values share. Private to libcsta and its tests.
 *
 * csta_init() makes of each descriptor that a row of csta_types reaches one struct csta_layout:
 * what shape the C value has and which fields, with the names of ECMA-323 beside those of
 * ECMA-285 (csta/chapters/). A walker is a switch over layout->shape:
 *
 *   CSTA_SEQUENCE  struct; each of layout->fields, csta_field_get() says whether it is there
 *   CSTA_CHOICE    struct; csta_choice_get() is the alternative that is there
 *   CSTA_LIST      csta_list_count() items of layout->fields[0].layout
 *   CSTA_INTEGER, CSTA_ENUMERATED   long; names with csta_name_of()
 *   CSTA_BOOLEAN   int          CSTA_NULL   int, no meaning
 *   CSTA_OCTETS, CSTA_TEXT, CSTA_ANY  OCTET_STRING_t (TEXT: IA5 or UTF-8; ANY: one whole TLV)
 *   CSTA_BITS      BIT_STRING_t; csta_bit_get(), csta_bit_set()
 *   CSTA_OID       OBJECT_IDENTIFIER_t
 */
#ifndef CSTA_WALK_H
#define CSTA_WALK_H

#include "csta/arena.h"
#include "csta/csta.h"

#include <ANY.h>
#include <BIT_STRING.h>
#include <OBJECT_IDENTIFIER.h>
#include <OCTET_STRING.h>
#include <asn_SET_OF.h>
#include <asn_application.h>

enum csta_shape {
	CSTA_SEQUENCE,
	CSTA_CHOICE,
	CSTA_LIST,
	CSTA_INTEGER,
	CSTA_ENUMERATED,
	CSTA_BOOLEAN,
	CSTA_NULL,
	CSTA_OCTETS,
	CSTA_TEXT,
	CSTA_ANY,
	CSTA_BITS,
	CSTA_OID,
};

/** A value of an enumeration or a bit of a bit string. */
struct csta_name {
	const char *name; /**< as ECMA-323 spells it */
	long value;       /**< number, or position of the bit */
};

/** Tags that a value has at most, each around the next. */
#define CSTA_TAGS_MAX 4
/** In place of the first where there is none: an ANY, or a CHOICE, whose alternatives have theirs.
 */
#define CSTA_NO_TAG UINT32_MAX

/** The tags of a value in BER from the outermost on, numbered as in csta/tlv.h. */
struct csta_tags {
	uint32_t tag[CSTA_TAGS_MAX];
	uint8_t count;
};

struct csta_layout {
	const asn_TYPE_descriptor_t
	        *type; /**< &asn_DEF_DeviceID and so on: compare to tell types */
	enum csta_shape shape;
	size_t size;                     /**< of the C value */
	const struct csta_field *fields; /**< SEQUENCE, CHOICE: field_count; LIST: one */
	unsigned field_count;
	const struct csta_name *names; /**< ENUMERATED: by value; BITS: in the order of ECMA-323 */
	unsigned name_count;
	size_t present;        /**< CHOICE: where the number of the alternative stands */
	struct csta_tags tags; /**< its own */
};

struct csta_field {
	const char *name; /**< ECMA-285: locationInfo */
	const char *xml;  /**< ECMA-323: locationInfoList; also what JSON and the tree say */
	const char *key;  /**< of JSON: ,"locationInfoList": */
	const struct csta_layout *layout;
	size_t offset;
	unsigned key_length;
	bool pointer;  /**< the value is behind a pointer, NULL if absent */
	bool optional; /**< may be absent */
	bool secret;   /**< masked where people look: passwords, account and authorisation codes */
	bool flat; /**< alternative whose fields stand in its parent's place: ConnectionID's both */
	bool has_standard;
	bool last_any; /**< ANY without tag that is the last element (asn1/README.md, [PRIVATE 0])
	                */
	long standard; /**< what absence stands for (DEFAULT in ECMA-285); bit strings: no bit set
	                */
	struct csta_tags tags; /**< here: the layout's own, or others in place of them or around */
};

/** Make the layouts of everything that csta_types reaches; called by csta_init(). */
int csta_layouts_make(struct cti_error *);
/** Layout of a descriptor; NULL if no row reaches it. */
const struct csta_layout *csta_layout_of(const asn_TYPE_descriptor_t *);
/** Layout of a row's value. */
const struct csta_layout *csta_layout_of_type(const struct csta_type *);

/** Value of a field, NULL if absent. @p value is the SEQUENCE, CHOICE struct. */
static inline const void *csta_field_get(const struct csta_field *field, const void *value)
{
	const void *place = (const char *)value + field->offset;

	return field->pointer ? *(const void *const *)place : place;
}
/** Make a field present, zeroed if it was not; returns its value, NULL: no memory. */
void *csta_field_make(struct csta_arena *, const struct csta_field *, void *value);
/** Field by its ECMA-323 name; NULL. Tries @p hint (an index) first, for input that is in order. */
const struct csta_field *csta_field_find(const struct csta_layout *, const char *xml, size_t length,
                                         unsigned hint);

/** Index of the alternative that is there; -1: none. */
static inline int csta_choice_get(const struct csta_layout *layout, const void *value)
{
	/* asn1c: an enum, 0 for nothing, else the alternative's index plus one. */
	unsigned present = *(const unsigned *)(const void *)((const char *)value + layout->present);

	return present > layout->field_count ? -1 : (int)present - 1;
}
/** Choose an alternative of a value that is zero otherwise. */
static inline void csta_choice_set(const struct csta_layout *layout, unsigned index, void *value)
{
	*(unsigned *)(void *)((char *)value + layout->present) = index + 1;
}
/** Choose an alternative; its value is zeroed. Returns the value as csta_field_make() does. */
void *csta_choice_make(struct csta_arena *, const struct csta_layout *, unsigned index,
                       void *value);

static inline size_t csta_list_count(const void *list)
{
	return (size_t)((const asn_anonymous_set_ *)list)->count;
}
static inline void *csta_list_item(const void *list, size_t index)
{
	return ((const asn_anonymous_set_ *)list)->array[index];
}
/** Append one zeroed item and return it; NULL: no memory. */
void *csta_list_append(struct csta_arena *, const struct csta_layout *, void *list);

/** Copy octets into an OCTET_STRING_t (or ANY_t, OBJECT_IDENTIFIER_t); NUL follows. False: no
 * memory. */
bool csta_octets_copy(struct csta_arena *, OCTET_STRING_t *, const void *data, size_t length);

/** Name of a number, NULL if it has none. */
const char *csta_name_of(const struct csta_layout *, long value);
/** Number of a name; false if there is none such. */
bool csta_value_of(const struct csta_layout *, const char *name, size_t length, long *value);

/** Bits that a BIT STRING can have here, whatever it came in; the standard's have up to 64 or so. */
#define CSTA_BITS_MAX 1024
/** Number of bits that are there; bits beyond are clear. */
size_t csta_bit_count(const BIT_STRING_t *);
bool csta_bit_get(const BIT_STRING_t *, size_t bit);
/** Set a bit, growing the string to hold it. False: no memory or beyond 1024. */
bool csta_bit_set(struct csta_arena *, BIT_STRING_t *, size_t bit);
/** The string has exactly @p bits bits, new ones clear. False: no memory or beyond 1024. */
bool csta_bit_resize(struct csta_arena *, BIT_STRING_t *, size_t bits);

/** Equal as values: absent stands for the standard value, trailing clear bits do not count. */
bool csta_value_equal(const struct csta_layout *, const void *, const void *);

#endif
