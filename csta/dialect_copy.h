/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dialect_copy.h
 * The parts of csta_copy_value(), see dialect_copy.c. Private to them.
 */
#ifndef CSTA_DIALECT_COPY_H
#define CSTA_DIALECT_COPY_H

#include "csta/dialect.h"

/* dialect_words.c: what the tables say, and what is lost. */

/** A whole field is lost: in a request more than a note. */
void dialect_drop(struct csta_copy *, const asn_TYPE_descriptor_t *, const char *name);

/** An attempt that fails has lost nothing. */
struct dialect_attempt {
	size_t lost;
	bool dropped;
};
struct dialect_attempt dialect_attempt(const struct csta_copy *);
/** Returns @p good. */
bool dialect_attempt_end(struct csta_copy *, struct dialect_attempt, bool good);

/** Names of an enumeration's values, as its type has them. */
const char *dialect_enum_name(const struct csta_layout *, long value);
bool dialect_enum_value(const struct csta_layout *, const char *name, long *value);
/** What the other side says instead; the name itself if nothing. */
const char *dialect_other_name(const asn_TYPE_descriptor_t *, const char *name);
/** Whether the phase lacks a field, an alternative, a bit, a value; never while reading. */
bool dialect_lacking(const struct csta_copy *, const asn_TYPE_descriptor_t *, const char *name,
                     long number);

/** SPLIT: one value of the dialect, a value and a flag of Phase III. */
bool dialect_is_split(const struct csta_layout *);
bool dialect_split_read(const struct csta_layout *from, long value, const struct csta_layout *to,
                        long *out, int *flag);
bool dialect_split_write(struct csta_copy *, const struct csta_layout *from, long value,
                         const int *flag, const struct csta_layout *to, long *out);

/** FILL: is that what absence is read as? Make it. */
bool dialect_is_fill(const struct csta_layout *, const void *value);
bool dialect_fill(struct csta_copy *, const struct csta_field *, void *parent);
/** Whether a field has the value that absence stands for. */
bool dialect_standard(const struct csta_field *, const void *value);

/* dialect_find.c */

/** A value somewhere in a struct. */
struct dialect_found {
	const struct csta_layout *layout;
	const void *value;
};
/** Is there a place for that name: a field, an alternative, or one of those within flat ones? */
bool dialect_takes(const struct csta_layout *, const char *name);
/** The value of that name. */
bool dialect_find(const struct csta_layout *, const void *value, const char *name,
                  struct dialect_found *);
/** The mandatory BOOLEAN of a SEQUENCE, which is the flag of a split value. */
const struct csta_field *dialect_flag_of(const struct csta_layout *);
/** DEEP: such a name; its value further down, and the flag met on the way; the same, made. */
bool dialect_is_deep(const char *name);
bool dialect_find_deep(const struct csta_layout *, const void *value, const char *name,
                       struct dialect_found *, const int **flag);
void *dialect_make_deep(struct csta_copy *, const struct csta_layout *, void *value,
                        const char *name, const struct csta_layout **field_layout, int **flag);
/** A field of DEEP() that is there, also of flat ones. */
bool dialect_deep_field(const struct csta_layout *, const void *value, const struct csta_field **,
                        const void **inner);

/* dialect_leaf.c: numbers, strings, bits, times. */

bool dialect_copy_leaf(struct csta_copy *, const struct csta_layout *from, const void *value,
                       const struct csta_layout *to, void *out);

/* dialect_choice.c */

/** The first field of a SEQUENCE that is there, without it. */
bool dialect_unwrap(struct csta_copy *, const struct csta_layout *from, const void *value,
                    const struct csta_layout *to, void *out);
bool dialect_to_choice(struct csta_copy *, const struct csta_layout *from, const void *value,
                       const struct csta_layout *to, void *out);

/* dialect_copy.c */

bool dialect_copy(struct csta_copy *, const struct csta_layout *from, const void *value,
                  const struct csta_layout *to, void *out);
/** The same value, one layer of packing further. */
bool dialect_copy_same(struct csta_copy *, const struct csta_layout *from, const void *value,
                       const struct csta_layout *to, void *out);
/** One field of @p to; whatever fails leaves it absent, and is noted. */
void dialect_fill_field(struct csta_copy *, const struct csta_layout *from, const void *value,
                        const struct csta_layout *to, void *out, unsigned index, uint64_t *set);
/** What @p from has and @p to has no place for. */
bool dialect_leftovers(struct csta_copy *, const struct csta_layout *from, const void *value,
                       const struct csta_layout *to, void *out, uint64_t *set);

#endif
