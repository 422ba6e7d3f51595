/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file private.h
 * Names for what vendors put into private data. CSTA carries it whole, as one TLV or as XML, and
 * so does libcsta; a table like this one lets traces, JSON and events show it by name:
 *
 *     # Alcatel: SEQUENCE { OBJECT IDENTIFIER 1.3.12.1206.24, SEQUENCE { [0] ..., OCTET STRING ...
 *     vendor alcatel oid 1.3.12.1206
 *     ber .24/u16/0  recordedDevice  text
 *     ber .24/u16/u2#1  port1  integer
 *     # Panasonic: a TLV that does not say whose it is
 *     vendor panasonic
 *     ber 4/0/4/1/0/u10  deviceCategory  integer
 *     vendor avaya namespace http://www.avaya.com/csta
 *     xml AvayaEvents/invertFilter  invertFilter  boolean
 *
 * A line is `vendor NAME [oid OID | namespace URI]...`, then its fields: `ber|xml PATH NAME TYPE`;
 * TYPE is text, integer, octets or boolean; # begins a comment.
 *
 * A path in BER is tags from outside to inside: 4 is [4], a4 [APPLICATION 4], p4 [PRIVATE 4], u4
 * [UNIVERSAL 4]; #2 behind one is the second of that tag among its neighbours, without it each.
 * Where an OBJECT IDENTIFIER stands first in a SEQUENCE (or in one right within) and begins with a
 * vendor's, the path begins with the rest of it (.24) and goes on with what stands beside it. In
 * XML it is local names of elements, at the end perhaps an @attribute; the outermost element's
 * namespace, or one that it declares, is a vendor's. Data that says nobody's name is the vendor's
 * whom csta_codec_names() says.
 *
 * What has no name, or a value that is not of its type, stays octets; nothing here changes what is
 * sent. No I/O: whoever has the file reads it. Once filled, a table may be used by many threads.
 */
#ifndef CSTA_PRIVATE_H
#define CSTA_PRIVATE_H

#include "csta/csta.h"

/** Limits of a table. */
#define CSTA_PRIVATE_TEXT_MAX    (1u << 20) /**< octets that csta_private_read() takes */
#define CSTA_PRIVATE_VENDORS_MAX 64
#define CSTA_PRIVATE_STEPS_MAX   8192 /**< steps of all paths */
#define CSTA_PRIVATE_DEPTH_MAX   16   /**< steps of one path */
#define CSTA_PRIVATE_NAME_MAX    64   /**< octets of a vendor's, field's or element's name */
/** Limits of what is named in one private data; beyond it, and what is longer, has no name. */
#define CSTA_PRIVATE_FOUND_MAX 256
#define CSTA_PRIVATE_VALUE_MAX 4096

enum csta_private_type {
	CSTA_PRIVATE_OCTETS,
	CSTA_PRIVATE_TEXT,
	CSTA_PRIVATE_INTEGER,
	CSTA_PRIVATE_BOOLEAN,
};

enum csta_private_encoding { CSTA_PRIVATE_BER, CSTA_PRIVATE_XML };

/** A table. */
struct csta_private;

int csta_private_create(struct csta_private **out, struct cti_error *);
/** Sets NULL, takes NULL. No codec that was told of it may be in use any more. */
void csta_private_destroy(struct csta_private **);

/**
 * Add the lines of a text as above. @p source says in errors whose lines: "vendors.conf line 7:
 * ...". On failure the table is to be destroyed.
 */
int csta_private_read(struct csta_private *, const char *text, size_t length, const char *source,
                      struct cti_error *);
/** Add a vendor, or another OID or namespace of one; both may be NULL. */
int csta_private_vendor(struct csta_private *, const char *vendor, const char *oid,
                        const char *namespace, struct cti_error *);
/** Add a field of a vendor that was added. */
int csta_private_field(struct csta_private *, const char *vendor, enum csta_private_encoding,
                       const char *path, const char *name, enum csta_private_type,
                       struct cti_error *);

/**
 * From now on, a codec's messages show private data by these names: csta_describe(),
 * csta_print_tree(), csta_encode_json() and csta_event_read(). @p vendor: whose data it is that
 * does not say; NULL: nobody's. The table outlives the codec; NULL: no names.
 */
int csta_codec_names(struct csta_codec *, const struct csta_private *, const char *vendor,
                     struct cti_error *);

/** A value that has a name. */
struct csta_private_value {
	const char *vendor, *name;
	enum csta_private_type type; /**< OCTETS too where it is not what the table says */
	int64_t integer;
	bool boolean;
	const uint8_t *octets; /**< TEXT, OCTETS; TEXT is UTF-8 */
	size_t length;
};
/** Told of each in turn; what it returns, if not 0, ends the search. Valid for the call. */
typedef int csta_private_found(void *arg, const struct csta_private_value *);

/**
 * What of one private data (@p tlv: a TLV of the message) has a name. *all (may be NULL): nothing
 * in it is without one. Returns 0, CTI_E_NOMEM or what @p found returned.
 */
int csta_private_each(const struct csta_message *, const uint8_t *tlv, size_t length,
                      csta_private_found *found, void *arg, bool *all);

#endif
