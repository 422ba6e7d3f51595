/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file csta.h
 * libcsta: the messages of ECMA CSTA Phase III (ECMA-269), in three encodings made from one
 * description: BER (ECMA-285), XML (ECMA-323, ECMA-354) and lossless JSON.
 *
 * No I/O, no threads, no clock. A codec is used by one thread at a time; different codecs may
 * be used by different threads once csta_init() has returned.
 */
#ifndef CSTA_H
#define CSTA_H

#include <cti/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct asn_TYPE_descriptor_s; /* asn1c's description of a type */

/**
 * Prepare the type descriptors (asn1c patches some on first use). Call once before any other
 * function and before any thread is started; further calls do nothing.
 */
int csta_init(struct cti_error *);

/* ---- Messages ------------------------------------------------------------------------ */

enum csta_kind {
	CSTA_REQUEST,     /**< ROSE invoke; XML request element */
	CSTA_RESPONSE,    /**< ROSE returnResult; XML ...Response */
	CSTA_ERROR,       /**< ROSE returnError; XML CSTAErrorCode */
	CSTA_REJECT,      /**< ROSE reject; BER and JSON only */
	CSTA_EVENT,       /**< CSTAEventReport; XML ...Event */
	CSTA_ASSOCIATION, /**< ACSE: AARQ, AARE, RLRQ, RLRE, ABRT; BER and JSON only */
	CSTA_SESSION,     /**< ECMA-354; XML and JSON only */
};

/** Encodings that a message has. */
enum csta_encodings { CSTA_IN_BER = 1, CSTA_IN_XML = 2, CSTA_IN_JSON = 4 };

/** What the server does with a message. */
enum csta_use { CSTA_PASSED, CSTA_INTERPRETED };

/** ROSE operation code of CSTAEventReport (ECMA-285). */
#define CSTA_OPERATION_EVENT_REPORT 21

/** One row of the table of messages: adding a service is adding its rows. */
struct csta_type {
	const char *element;   /**< ECMA-323 element ("TransferedEvent"), "AARQ" for ACSE */
	enum csta_kind kind;
	int operation;         /**< ROSE code; -1 if none */
	int event_category;    /**< tag of the category in CSTAEventReport; -1 if no event */
	int event_tag;         /**< tag within it; -1 if no event */
	const struct asn_TYPE_descriptor_s *value; /**< layout of csta_message.value */
	unsigned encodings;    /**< enum csta_encodings */
	unsigned first_edition;/**< first XML edition known to have it: 3 or 6 */
	const char *clause;    /**< ECMA-269 clause */
	enum csta_use use;
	bool no_response;      /**< ALWAYS RESPONDS FALSE: nobody answers it */
};

extern const struct csta_type csta_types[];
extern const size_t csta_type_count;

/** NULL where there is none. */
const struct csta_type *csta_type_of_element(const char *element, size_t length);
const struct csta_type *csta_type_of_operation(int operation, enum csta_kind kind);
const struct csta_type *csta_type_of_event(int category, int tag);
/** The response row that belongs to a request row; NULL if none. */
const struct csta_type *csta_type_of_response(const struct csta_type *request);

/** Invoke id of a message that has none on this wire (a reject with NULL, bare XML). */
#define CSTA_NO_INVOKE_ID UINT32_MAX
/** Invoke id of events in ECMA-323's framing. */
#define CSTA_EVENT_INVOKE_ID 9999u
/** Longest monitor cross reference accepted, octets (ECMA-285 allows 4; switches send more). */
#define CSTA_MONITOR_ID_MAX 32

/**
 * A decoded message. The value is the C struct that asn1c made of the row's type; include
 * its header (<DeliveredEvent.h>) to look inside. The monitor cross reference stands outside
 * the event in BER and is its first child in XML; here it stands beside the value.
 */
struct csta_message {
	const struct csta_type *type;
	uint32_t invoke_id; /**< CSTA_NO_INVOKE_ID if none */
	uint8_t monitor[CSTA_MONITOR_ID_MAX];
	size_t monitor_length; /**< events only */
	void *value;           /**< struct of type->value; NULL: no argument or result */
	struct csta_arena *arena; /**< owner of value and of itself; private */
};

/* ---- Editions, limits, codecs ----------------------------------------------------------- */

/**
 * XML editions. All are accepted whatever the codec sends, as their union. Editions 3 and 6 are sent
 * as their schemas have it. Of 2, 4 and 5 no schema was to be had: they are sent as edition 6 less
 * what edition 3 has not (or has otherwise), in their own namespace, and that is all that is claimed.
 */
enum csta_edition { CSTA_ED2 = 2, CSTA_ED3 = 3, CSTA_ED4 = 4, CSTA_ED5 = 5, CSTA_ED6 = 6 };
/** Namespace of an edition, a constant; NULL if there is none. */
const char *csta_edition_namespace(enum csta_edition);
/** Edition of a namespace (vendors' suffixes accepted), 0 if it is none. */
unsigned csta_edition_of(const char *ns, size_t length);

/** Limits on what is decoded; 0 means the default. */
struct csta_limits {
	size_t pdu;        /**< octets of one message, default 65527 (ECMA-323 J-2) */
	unsigned depth;    /**< nesting, default 32 */
	unsigned elements; /**< items in one list, default 4096 */
	size_t memory;     /**< octets of decoded value, default 64 x pdu + 64 KiB; never more
	                        than 48 x the message + 48 KiB */
};

struct csta_codec;

/** A codec: reused parser and arenas. @p limits NULL: defaults. */
int csta_codec_create(struct csta_codec **out, const struct csta_limits *, struct cti_error *);
void csta_codec_destroy(struct csta_codec **);

/**
 * Phases of CSTA. Messages are Phase III's whatever is on the wire: in BER a codec can speak the
 * earlier protocols, as far as they have the message (csta/dialects/).
 */
enum csta_phase {
	CSTA_PHASE_AUTO, /**< where one is asked for: find out */
	CSTA_PHASE_1,    /**< ECMA-180 (Ericsson MD110) */
	CSTA_PHASE_2,    /**< ECMA-218 (Alcatel OmniPCX) */
	CSTA_PHASE_3,    /**< ECMA-285; the default */
};
/** The phase that BER is read and written in from now on. AUTO: 3. */
void csta_codec_set_phase(struct csta_codec *, enum csta_phase);
enum csta_phase csta_codec_phase(const struct csta_codec *);
/**
 * Fields and values that the last message in BER lost between its phase and III, separated by
 * commas; "" if none. Valid until the next.
 */
const char *csta_codec_lost(const struct csta_codec *);
/** Which phases have a message in BER: bits 1 << enum csta_phase. */
unsigned csta_type_phases(const struct csta_type *);

/** Growing output buffer, reused from message to message. Zero-initialise it. */
struct csta_buffer {
	uint8_t *data;
	size_t length;
	size_t size;
};
int csta_buffer_append(struct csta_buffer *, const void *data, size_t length);
void csta_buffer_clear(struct csta_buffer *); /* length = 0, memory kept */
void csta_buffer_free(struct csta_buffer *);

/** An empty message of a row, value zeroed (allocated, unless the row has none). */
int csta_message_create(struct csta_message **out, struct csta_codec *, const struct csta_type *,
			struct cti_error *);
/** Give it back to its codec; sets NULL, takes NULL. Messages die before their codec. */
void csta_message_destroy(struct csta_message **);
/** Memory that lives as long as the message, zeroed; NULL: limit or no memory. */
void *csta_message_alloc(struct csta_message *, size_t size);
/** Equal as decoded values, absent fields standing for their DEFAULT. */
bool csta_message_equal(const struct csta_message *, const struct csta_message *);

/**
 * Tells which request an answer belongs to: a BER result names its operation mostly, an
 * error never does. Returns the request's row or NULL.
 */
typedef const struct csta_type *csta_pending(void *arg, uint32_t invoke_id);

/* ---- The three encodings ----------------------------------------------------------------
 * Decoders fill @p error with what, where (octet offset, line, path) and what was expected.
 * Encoders append to @p out; on failure its length is as before.
 */

/**
 * Decode one BER APDU (ROSE or ACSE). *used: octets taken, also where a whole APDU was refused.
 * CTI_E_TRUNCATED if more input could complete it; CTI_E_UNSUPPORTED: an operation or event not in
 * the table. @p pending may be NULL.
 */
int csta_decode_ber(struct csta_message **out, struct csta_codec *, const void *data, size_t length,
		    size_t *used, csta_pending *pending, void *pending_arg, struct cti_error *);
int csta_encode_ber(struct csta_codec *, const struct csta_message *, struct csta_buffer *out,
		    struct cti_error *);

/**
 * Decode in the only phase that the octets fit; in Phase III where they fit that. *phase: which one
 * (II where I says the same). The codec's own stays as it is. An error is that of Phase III.
 */
int csta_decode_ber_any(struct csta_message **out, struct csta_codec *, const void *data,
                        size_t length, size_t *used, csta_pending *pending, void *pending_arg,
                        enum csta_phase *phase, struct cti_error *);

/** Decode one XML document. *edition (may be NULL): the one it named, 0 if none. */
int csta_decode_xml(struct csta_message **out, struct csta_codec *, const void *data, size_t length,
		    unsigned *edition, struct cti_error *);
int csta_encode_xml(struct csta_codec *, const struct csta_message *, enum csta_edition,
		    struct csta_buffer *out, struct cti_error *);

int csta_decode_json(struct csta_message **out, struct csta_codec *, const void *data,
		     size_t length, struct cti_error *);
int csta_encode_json(struct csta_codec *, const struct csta_message *, struct csta_buffer *out,
		     struct cti_error *);

/** The value alone, without element, invoke id and monitor. */
int csta_encode_json_value(const struct csta_message *, struct csta_buffer *out,
			   struct cti_error *);

/** One line for a trace: element, invoke id, the scalar fields; secrets masked. NUL-terminated. */
int csta_describe(const struct csta_message *, char *line, size_t size);
/** The whole message as an indented tree, one field a line; secrets masked unless @p secrets. */
int csta_print_tree(const struct csta_message *, bool secrets, struct csta_buffer *out);

#endif
