/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file xml.h
 * ECMA-323 and ECMA-354 behind csta.h. Private to libcsta.
 *
 * csta_init() makes struct xml_type of the layouts of csta/walk.h and the spelling of
 * csta/chapters/ (xml_types.c). Reading (xml_parser.c: libxml2's SAX2, or xml_scan.c; xml_read.c,
 * xml_end.c, xml_value.c, xml_raw.c) and writing (xml_write.c) are one walk over them each.
 *
 * A struct xml_type says how a value of one ASN.1 type stands in an element: its shape, and for
 * shapes with children which element belongs to which member, in the order of the schema.
 */
#ifndef CSTA_XML_H
#define CSTA_XML_H

#include "csta/codec.h"
#include "csta/walk.h"

/** How a value stands in its element. The leaves, which hold text, come first. */
enum xml_shape {
	XML_BOOLEAN,      /**< true | false */
	XML_INTEGER,      /**< decimal */
	XML_FLOAT,        /**< INTEGER as xs:float: a fraction is rounded */
	XML_TRUTH,        /**< INTEGER as xs:boolean: any but 0 is true */
	XML_ENUMERATED,   /**< a name */
	XML_STRING,       /**< octets as text (csta/text.h) */
	XML_HEX,          /**< octets in hexadecimal */
	XML_TIME,         /**< GeneralizedTime as xs:dateTime */
	XML_DEVICE,       /**< DeviceID: the number is text, what it is are attributes */
	XML_LOCAL_DEVICE, /**< LocalDeviceID: the same, and typeOfNumber="dynamic" */
	XML_DESTINATIONS, /**< DeflectCall: a DeviceID and a list: text, or <device> each */
	XML_MONITOR,      /**< monitorCrossRefID of an event: beside the value */
	XML_BIT,          /**< one bit of XML_BITS */
	XML_RAW,          /**< any XML as it came: UTF-8 octets */
	XML_ANY_HEX,      /**< private data, string form: one TLV 04, its octets in hexadecimal */
	XML_ANY_RAW,      /**< private data, private form: any XML (xml_any.c) */
	XML_FIXED,        /**< of what ECMA-285 does not have: the text that says nothing */
	XML_NULL,         /**< an empty element */
	XML_SEQUENCE,     /**< each member an element */
	XML_CHOICE,       /**< one member an element */
	XML_CHOICES,      /**< the same where the schema has a list of choices: the first counts */
	XML_LIST,         /**< SEQUENCE OF: each item an element */
	XML_WRAPPED,      /**< one value where the schema has a list: one item */
	XML_BITS,         /**< BIT STRING with names: each bit an element, true or false */
	XML_ONE_BIT,      /**< ENUMERATED as XML_BITS, one of them set */
	XML_CONNECTION,   /**< ConnectionIDBody: callID, deviceID or both */
	XML_TWOFOLD,      /**< CorrelatorData, UserData: <string> in hexadecimal, or <private> */
	XML_ANY,          /**< one ANY: <string> or <private> */
	XML_ANY_LIST,     /**< SEQUENCE OF ANY: the same, and often more than one TLV */
};

static inline bool xml_is_leaf(enum xml_shape shape)
{
	return shape <= XML_NULL;
}

struct xml_type;

/** A set of members of an element, or of bits. */
#define XML_SET_END 256
struct xml_set {
	uint64_t words[XML_SET_END / 64];
};

static inline bool xml_set_has(const struct xml_set *set, unsigned number)
{
	return set->words[number / 64] >> number % 64 & 1;
}

static inline void xml_set_add(struct xml_set *set, unsigned number)
{
	set->words[number / 64] |= UINT64_C(1) << number % 64;
}

static inline bool xml_set_empty(const struct xml_set *set)
{
	return !(set->words[0] | set->words[1] | set->words[2] | set->words[3]);
}

/** An element within an element. */
struct xml_member {
	const struct xml_type *type;
	const struct csta_field
	        *field;    /**< NULL: not a field (an item, a bit, monitorCrossRefID) */
	const char *open;  /**< "<name>" */
	const char *close; /**< "</name>" */
	uint16_t length;   /**< of the name */
	uint16_t name;     /**< its index in xml_names */
	uint8_t index;     /**< bit number; alternative; DESTINATIONS: the list's field */
	uint8_t edition;   /**< first that has it, 0: all */
	uint8_t until;     /**< from this on it has the name of the next member; 0: never */
	bool required;     /**< written even where absence would say the same */
};

/** Whether an edition has the member, by this name. */
static inline bool xml_member_in(const struct xml_member *m, unsigned edition)
{
	return edition >= m->edition && (!m->until || edition < m->until);
}

/** A value of an enumeration that not every edition has. */
struct xml_value {
	long value;
	long substitute; /**< for the editions before */
	uint8_t edition; /**< first that has it; UINT8_MAX: none */
};

struct xml_type {
	enum xml_shape shape;
	const struct csta_layout *layout;
	struct xml_member *members; /**< in the order of the schema */
	unsigned count;
	struct xml_set mandatory; /**< members that must be there */
	const char *text;         /**< XML_FIXED */
	bool fills;               /**< absent where mandatory: zeroed, or */
	bool fills_value;         /**< this value, or alternative */
	long fill;
	struct xml_value *values; /**< XML_ENUMERATED: those with an edition */
	unsigned value_count;
};

/** Every element name once. */
extern const char **xml_names;
extern size_t xml_name_count;

/** Build the types; called once by csta_init(), after csta_layouts_make(). */
int csta_xml_init(struct cti_error *);
/** The type of a row's value, events with monitorCrossRefID in front. */
const struct xml_type *xml_type_of(const struct csta_type *);

/** The name in a member's tag; length octets. */
static inline const char *xml_member_name(const struct xml_member *m)
{
	return m->open + 1;
}

/** typeOfNumber of a DeviceID: the attribute's value and the alternatives that it means. */
struct xml_number {
	const char *name;
	uint8_t present, inner; /**< DeviceIdentifier_PR; PublicTON_PR, PrivateTON_PR or 0 */
};
extern const struct xml_number xml_numbers[];
extern const size_t xml_number_count;

/** Namespace of ECMA-354, whatever the edition of ECMA-323. */
#define XML_SESSION_NAMESPACE "http://www.ecma-international.org/standards/ecma-354/appl_session"

/** Namespace of the TLVs that XML cannot say: <ber xmlns="...">0500</ber>, any number of them. */
#define XML_BER_NAMESPACE "urn:ietf:params:xml:ns:cti:ber"

#endif
