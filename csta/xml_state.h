/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file xml_state.h
 * The reader's insides, shared by xml_parser.c and xml_scan.c (tags and text), xml_read.c
 * (elements), xml_value.c (text to values) and xml_raw.c (any XML, kept as it came).
 */
#ifndef CSTA_XML_STATE_H
#define CSTA_XML_STATE_H

#include "csta/deviation.h"
#include "csta/xml.h"

#include <libxml/parser.h>

/** Longest name of an element or attribute that is accepted, octets with its prefix. */
#define XML_NAME_LENGTH_MAX 1000

/** One open element. */
struct xml_frame {
	const struct xml_type *type;
	const char *name;    /**< for messages */
	void *value;         /**< of type->asn, but see XML_BIT (the bits), XML_TWOFOLD, XML_ANY* */
	unsigned next;       /**< member that the schema expects next */
	unsigned bit;        /**< XML_BIT: its number */
	struct xml_set seen; /**< members seen; XML_BITS: bits set */
};

/** A DeviceID's attributes, until its text is known. */
struct xml_device {
	const struct xml_number *number; /**< NULL: dialingNumber */
	bool dynamic, private_number, private_name, media;
	uint16_t classes; /**< bits of MediaClass */
	struct xml_optional {
		bool there;
		long value;
	} rate, bit_rate, delay, ccie;
	uint8_t *elements; /**< NULL: absent */
	int elements_length;
};

/** A prefix as it stands in captured XML; names are of libxml2's dictionary. */
struct xml_prefix {
	const xmlChar *prefix; /**< NULL: the default namespace */
	const xmlChar *uri;    /**< NULL: none */
	unsigned depth;        /**< of the captured element that declares it */
};

struct csta_xml_state {
	xmlParserCtxt *ctxt;
	struct csta_codec *codec;
	struct csta_message *message; /**< NULL before the root */
	struct cti_error *error;
	int code;            /**< 0 while all is well */
	size_t length;       /**< of the document */
	int names;           /**< that libxml2 has met */
	size_t made_up;      /**< octets of messages that had names new to it */
	unsigned edition;    /**< of the document */
	unsigned deviations; /**< enum csta_deviation */
	struct xml_frame *frames;
	unsigned depth, skipped; /**< open frames; open elements within an unknown one */
	struct csta_buffer text; /**< of the open leaf */
	struct csta_buffer tlvs; /**< of private data */
	struct csta_buffer utf8; /**< the document, where it came in another encoding */
	struct xml_device device;
	unsigned raw;            /**< open elements within captured XML */
	bool scanning;           /**< xml_scan.c reads: what is wrong libxml2 will tell */
	bool scanned;            /**< it has read all of the message */
	bool checking;           /**< xml_raw_check(): the root is an element of any XML */
	bool raw_open;           /**< a start tag of it still wants its > */
	const xmlChar *last_uri; /**< the URI looked up last, by xml_scan.c */
	const xmlChar *own_uri;  /**< namespace of the root: captured XML leaves it out */
	struct xml_prefix *prefixes;
	size_t prefix_count, prefix_size;
};

/** Fail once: where, what, what was expected. Stops the parser; returns @p code. */
int xml_fail(struct csta_xml_state *, int code, const char *format, ...)
        __attribute__((format(printf, 3, 4), cold));
int xml_fail_memory(struct csta_xml_state *) __attribute__((cold));
/** How much of a text from the wire fits a sentence; not half of a character. */
int xml_shown(const char *text, size_t length);
/** Zeroed memory of the message; NULL: it has failed. */
void *xml_alloc(struct csta_xml_state *, size_t size);
/** The open element. */
static inline struct xml_frame *xml_top(struct csta_xml_state *rd)
{
	return &rd->frames[rd->depth - 1];
}

/**
 * A start tag. Its words are of libxml2's dictionary; in the scanner's tags the name is so, and
 * declarations are there, only where xml_captures(), and prefix and URI there and in the root.
 */
struct xml_tag {
	const char *name; /**< local */
	size_t length;
	const xmlChar *prefix, *uri;
	const xmlChar **declared;   /**< prefix and URI each */
	const xmlChar **attributes; /**< as libxml2 gives them: five pointers each */
	int declared_count, attribute_count;
};

/** xml_read.c: what is fed with tags and text. */
void xml_element_start(struct csta_xml_state *, const struct xml_tag *);
/** The words count only where the element was captured. */
void xml_element_end(struct csta_xml_state *, const xmlChar *local, const xmlChar *prefix,
                     const xmlChar *uri);
void xml_text(struct csta_xml_state *, const char *text, size_t length);
/** Whether white space is mere layout where the parser is. */
static inline bool xml_lays_out(const struct csta_xml_state *rd)
{
	return rd->skipped || !rd->depth || rd->frames[rd->depth - 1].type->shape >= XML_NULL;
}
/** Whether an element that starts now is XML to be kept as it came. */
static inline bool xml_captures(struct csta_xml_state *rd)
{
	return rd->depth && !rd->skipped &&
	       (xml_top(rd)->type->shape == XML_RAW || xml_top(rd)->type->shape == XML_ANY_RAW);
}
/** What could stand in an element: "callID, deviceID". */
void xml_expected(const struct xml_type *, char *out, size_t size);

/** xml_end.c: the element is complete. */
void xml_frame_end(struct csta_xml_state *, struct xml_frame *);

/**
 * xml_encoding.c: what characters a document is made of. Where it is not UTF-8, *text becomes a
 * copy that is. A code: the encoding is not taken.
 */
int xml_encoding_read(struct csta_xml_state *, const char **text, size_t *length,
                      struct cti_error *);

/** xml_value.c: the text of a leaf becomes its value. */
void xml_value_read(struct csta_xml_state *, const struct xml_frame *);
/** The attributes of a DeviceID, as libxml2 gives them: five pointers each. */
void xml_device_begin(struct csta_xml_state *, const struct xml_frame *, const xmlChar **attributes,
                      int count);
/** true, false, 1 or 0. */
void xml_boolean_read(struct csta_xml_state *, const struct xml_frame *, bool *out);
/** The octets of named bits: as few as hold the last one set. */
void xml_bits_store(struct csta_xml_state *, void *bit_string, const struct xml_set *bits);

/** xml_raw.c: begin to capture what stands in the open element; then its parts. */
void xml_raw_begin(struct csta_xml_state *);
void xml_raw_start(struct csta_xml_state *, const struct xml_tag *);
void xml_raw_text(struct csta_xml_state *, const char *text, size_t length);
void xml_raw_end(struct csta_xml_state *, const xmlChar *local, const xmlChar *prefix,
                 const xmlChar *uri);

/**
 * xml_any.c: what was captured in <private> as TLVs, appended to @p out: the <ber> elements' own
 * octets, or one UTF8String of the XML. Returns how many TLVs, or a negative code.
 */
int xml_any_from_raw(const char *raw, size_t length, struct csta_buffer *out);
/** One TLV of tag @p tag around @p content, appended to @p out. */
int xml_any_wrap(uint8_t tag, const void *content, size_t length, struct csta_buffer *out);
/**
 * Length of the first TLV of @p data (definite or indefinite), 0 if malformed. *tag is its first
 * octet; *content and *content_length what it holds (NULL and 0 if indefinite).
 */
size_t xml_any_next(const uint8_t *data, size_t length, uint8_t *tag, const uint8_t **content,
                    size_t *content_length);
/** Whether @p data is one TLV just as xml_any_wrap() makes it. */
bool xml_any_is_plain(const uint8_t *data, size_t length, uint8_t *tag, const uint8_t **content,
                      size_t *content_length);

/** What is to be thought of XML that shall stand in an element. */
enum xml_raw_state {
	XML_RAW_SAME,  /**< reading it gives the same octets again */
	XML_RAW_OTHER, /**< well-formed, but spelt otherwise */
	XML_RAW_BAD,
	XML_RAW_NO_MEMORY,
};
enum xml_raw_state xml_raw_check(struct csta_codec *, const char *raw, size_t length);

#endif
