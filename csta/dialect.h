/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dialect.h
 * CSTA Phases I and II (csta/dialects/): messages of Phase III to and from them. Private to
 * libcsta.
 *
 *   octets -> ber.c envelope -> dialect_ber.c -> asn1c -> struct of PHASE*.asn1
 *                                                           | dialect_copy.c
 *                                                         csta_message
 */
#ifndef CSTA_DIALECT_H
#define CSTA_DIALECT_H

#include "csta/codec.h"
#include "csta/spelling_xml.h"
#include "csta/walk.h"

/** A message that a phase has. */
struct dialect_row {
	int phase;
	const char *element; /**< of Phase III */
	enum csta_kind kind;
	int operation;
	int category; /**< of an event; -1: the phase has none */
	int number;   /**< of an event */
	const asn_TYPE_descriptor_t *layout;
	const char *field, *value; /**< a field of the layout that must have this value; or NULL */
	const char *other;         /**< what makes the element: "Response" or "" */
	const struct csta_type *type; /**< set by csta_init() */
};
extern struct dialect_row csta_dialect_rows[];
extern const size_t csta_dialect_row_count;

/** csta/dialects/words.def and the like; a type stands for its aliases too. */
struct dialect_word {
	const asn_TYPE_descriptor_t *type;
	const char *name, *other;
	long number; /**< phase, number or flag */
};
struct dialect_words {
	const struct dialect_word *words;
	size_t count;
};
extern const struct dialect_words dialect_lacks, dialect_lacks_from, dialect_instead,
        dialect_splits, dialect_devices, dialect_may_drop;
extern const struct xml_fill_spelling dialect_fills[];
extern const size_t dialect_fill_count;
extern const char *const dialect_deep[];
extern const size_t dialect_deep_count;

/** Whether a descriptor is that type or an alias of it. */
bool dialect_is(const asn_TYPE_descriptor_t *, const asn_TYPE_descriptor_t *type);
/** Resolve the rows; called by csta_init() when the layouts are made. */
int csta_dialects_init(struct cti_error *);
/** How a phase says a message; NULL: it has none such. */
const struct dialect_row *dialect_row_of_type(enum csta_phase, const struct csta_type *);

/** The layouts' roots: those of the rows. */
int csta_dialects_layouts(int (*make)(const asn_TYPE_descriptor_t *, struct cti_error *),
                          struct cti_error *);

struct csta_copy {
	enum csta_phase phase;
	bool out; /**< from Phase III to the dialect */
	struct csta_arena *arena;
	struct csta_codec *codec;      /**< its `lost` is written */
	const struct csta_field *skip; /**< a field that is handled elsewhere */
	const struct csta_type *type;
	const char *given; /**< a mandatory field that the row says: QUERY() */
	bool dropped;      /**< a field that is not in MAY_DROP was lost */
	char where[200];   /**< the first of them, or the mandatory field that is missing */
	char path[96];     /**< the field under way */
	/**
	 * The value under way, or the next, is a part of what it is made from: whoever makes the
	 * whole notes what no part takes.
	 */
	bool part, part_next;
	unsigned depth;
};
/**
 * Say a value in another layout; @p to is zeroed. CTI_E_UNSUPPORTED, CTI_E_NOMEM, with
 * copy->where. What could not be said is appended to copy->codec->lost.
 */
int csta_copy_value(struct csta_copy *, const struct csta_layout *from, const void *value,
                    const struct csta_layout *to, void *out);
/** Note what is lost, by the path of the field under way. */
void dialect_lose(struct csta_copy *, const char *name);

#endif
