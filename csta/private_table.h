/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file private_table.h
 * The table of csta/private.h as a tree of steps for each vendor and encoding. Private to
 * private.c, which fills it, and private_find.c, which looks things up.
 */
#ifndef CSTA_PRIVATE_TABLE_H
#define CSTA_PRIVATE_TABLE_H

#include "csta/private.h"

/** Tags of which a certain one is meant (#2) among the steps from one place, at most. */
#define COUNTED_MAX 8

/** An arc of an OBJECT IDENTIFIER, as a step before all tags. */
#define STEP_ARC (UINT64_C(1) << 40)

struct private_step {
	struct private_step *next, *child; /**< others from the same place; where it leads */
	uint64_t tag;                      /**< as in csta/tlv.h; STEP_ARC and an arc; 0 in XML */
	unsigned position;                 /**< from 1; 0: any */
	char *text;                        /**< XML: local name, or @attribute */
	char *name;                        /**< of the field that ends here, NULL: none does */
	enum csta_private_type type;
};

struct private_vendor {
	char name[CSTA_PRIVATE_NAME_MAX + 1];
	struct private_step ber, xml; /**< roots */
};

/** What says whose data it is. */
struct private_mark {
	struct private_mark *next;
	const struct private_vendor *vendor;
	char *namespace; /**< NULL: an OID */
	size_t oid_length;
	uint8_t oid[]; /**< its content in BER */
};

struct csta_private {
	struct private_vendor *vendors[CSTA_PRIVATE_VENDORS_MAX];
	size_t vendor_count, step_count;
	struct private_mark *marks;
};

const struct private_vendor *private_vendor_find(const struct csta_private *, const char *name);

/** A search through one private data. */
struct private_search {
	const struct csta_private *table;
	const struct private_vendor *vendor; /**< whose data it is that does not say, or NULL */
	const struct csta_limits *limits;
	csta_private_found *found;
	void *arg;
	unsigned count; /**< found so far */
	bool rest;      /**< something has no name */
	int code;       /**< not 0: it is over */
};

/** A value of a step that has a name: as its type if it is such, else as octets. */
void private_tell(struct private_search *, const struct private_vendor *,
                  const struct private_step *, struct csta_private_value *);
/** private_xml.c: elements one after the other, any namespaces declared. */
void private_xml_search(struct private_search *, const char *xml, size_t length);

#endif
