/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file generate.h
 * Messages made up from the descriptors, the same for the same seed: every row of csta_types, all
 * or some of the optional fields, every alternative, lists of several lengths, numbers at their
 * limits. Linked into every unit test.
 */
#ifndef TESTS_GENERATE_H
#define TESTS_GENERATE_H

#include "csta/walk.h"

enum generate_how {
	GENERATE_LEAST, /**< no optional field */
	GENERATE_SOME,  /**< each with even chance */
	GENERATE_ALL,   /**< every one */
};

struct generator {
	uint64_t state; /**< the seed; any but 0 */
	enum generate_how how;
	/**
	 * Only what the standard describes: enumerations by name, bits with names, printable text,
	 * times that are times. Otherwise also what a wire can carry beyond.
	 */
	bool standard;
	bool strict;     /**< to ECMA-285's letter: private data is an OCTET STRING or NULL */
	unsigned budget; /**< items that lists may still have; set for each message */
	/** Told of each field that is made present; may be NULL. */
	void (*seen)(void *arg, const struct csta_field *);
	void *arg;
};

uint64_t generate_random(struct generator *);
/** A number below @p end (1 or more). */
unsigned generate_below(struct generator *, unsigned end);

/** A message of @p type with an invoke id, and a monitor if it is an event. */
int generate_message(struct csta_message **out, struct generator *, struct csta_codec *,
                     const struct csta_type *);

#endif
