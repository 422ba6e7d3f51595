/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec.h
 * What the encodings share behind csta.h: the codec's insides. Private to libcsta.
 */
#ifndef CSTA_CODEC_H
#define CSTA_CODEC_H

#include "csta/arena.h"
#include "csta/csta.h"

struct csta_private;
struct csta_xml_state;
struct private_vendor;

struct csta_codec {
	enum csta_phase phase; /* of BER; never AUTO */
	char lost[1024];       /* what the last message of a dialect lost, see csta_codec_lost() */
	struct csta_limits limits;           /* never 0: the defaults are filled in */
	const struct csta_private *names;    /* of private data, or NULL */
	const struct private_vendor *vendor; /* whose it is that does not say, or NULL */
	struct csta_arena *idle;             /* arenas that wait for the next message */
	unsigned idle_count;
	struct csta_buffer scratch;                   /* reused by the encoders */
	struct csta_xml_state *xml;                   /* the reused XML parser, or NULL */
	void (*xml_free)(struct csta_xml_state *xml); /* set by whoever made it */
};

/**
 * What a message of @p octets may take when it is decoded, beside its encoding's own work: no
 * sender gets 64 times what he sends and 64 KiB.
 */
#define CSTA_MEMORY_OF(octets) (48 * (octets) + 49152)
/** From now on the message's value takes no more than @p most, nor than the codec's limit. */
void csta_message_limit(struct csta_message *, size_t most);

/** Why an allocation for the message failed: the limit or no memory. Returns the code. */
int csta_message_nomem(const struct csta_message *, struct cti_error *);

/** ROSE lets an argument, a result or an error's parameter be absent: csta_message.value NULL. */
static inline bool csta_type_may_be_empty(const struct csta_type *type)
{
	return type->kind == CSTA_REQUEST || type->kind == CSTA_RESPONSE ||
	       type->kind == CSTA_ERROR;
}

/** Fill the indices of csta_types; called by csta_init(). */
void csta_types_index(void);

/** Resolve csta/dialects/; called by csta_init() when the layouts are there. */
int csta_dialects_init(struct cti_error *);

#endif
