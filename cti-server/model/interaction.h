/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file interaction.h
 * A customer's contact, from first ring to last hang-up: the calls that belong together, of all
 * switches of a tenant, with one id (a ULID) and the data that applications attached. A
 * consultation is an interaction of its own with a parent, until it merges: the older id
 * survives, the younger ends with `merged_into`.
 */
#ifndef SERVER_INTERACTION_H
#define SERVER_INTERACTION_H

#include "cti-server/model/model_names.h"

#include <cti/error.h>
#include <sys/queue.h>

/** Length of a ULID with its NUL. */
#define INTERACTION_ID 27
/** Longest key of attached data, with its NUL. */
#define INTERACTION_KEY 129
/** Call linkage ids remembered of one interaction. */
#define INTERACTION_LINKS 16

struct call;
LIST_HEAD(calls_of_interaction, call);

struct interaction {
	struct name *id, *parent;
	uint64_t born; /**< order of creation: the lower survives a merge */
	struct calls_of_interaction calls;
	struct party caller, called; /**< of its first call: who began it, whom they wanted */
	struct cti_pair *pairs;      /**< attached data, allocated; key and value in one block */
	size_t pair_count, pair_bytes;
	struct name *links[INTERACTION_LINKS];
	unsigned link_count;
	char subject[12 + INTERACTION_ID]; /**< "interaction/01J..." */
};

/** Interactions of one tenant, shared by its switches: call linkage crosses switches. */
struct interactions {
	struct names names;
	struct pool pool;
	uint64_t born;
	unsigned refs;
	const void *bus;
	char *tenant;
	LIST_ENTRY(interactions) all;
};

/** The interactions of a tenant on a bus, counted. */
int interactions_get(struct interactions **out, const void *bus, const char *tenant);
/** Sets NULL, takes NULL. */
void interactions_put(struct interactions **);

/** A new one; @p random is used up for its id. NULL: no memory. */
struct interaction *interaction_create(struct interactions *, int64_t wall_us, uint64_t random_high,
                                       uint64_t random_low);
/** Free one that has no calls. */
void interaction_destroy(struct interactions *, struct interaction **);
struct interaction *interaction_find(const struct interactions *, const char *id);

/** The interaction that this call linkage id belongs to; NULL: none yet. */
struct interaction *interaction_linked(const struct interactions *, const struct cti_octets *);
/** Remember the call linkage id; losing it costs only the linkage. */
void interaction_link(struct interactions *, struct interaction *, const struct cti_octets *);

/**
 * Set pairs (value NULL or "": remove the key). All or nothing. CTI_E_LIMIT beyond
 * CTI_WIRE_ATTACHED_MAX octets together, CTI_E_INVALID, CTI_E_NOMEM.
 */
int interaction_attach(struct interaction *, const struct cti_pair *, size_t count,
                       struct cti_error *);
/**
 * Data and links of @p from that @p into has not got go over to it, as far as there is room.
 * The calls are for the caller to move. CTI_E_NOMEM or CTI_E_LIMIT: data did not go over.
 */
int interaction_absorb(struct interactions *, struct interaction *into, struct interaction *from);

/** ULID of a time (48 bits of milliseconds) and 80 random bits. */
void interaction_ulid(char out[INTERACTION_ID], int64_t wall_us, uint64_t high, uint64_t low);

#endif
