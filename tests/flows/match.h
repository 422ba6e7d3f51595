/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file match.h
 * Fields against what came, with $names that are bound on first use, and the renaming of ids
 * so that two runs can be compared.
 */
#ifndef FLOWS_MATCH_H
#define FLOWS_MATCH_H

#include "tests/flows/fields.h"
#include "tests/flows/flow.h"

/** What the flow's $names stand for. Zero-initialise but for via, the link that all comes over. */
struct match_names {
	enum flow_transport via;
	char **names, **texts;
	size_t count;
};
void match_names_free(struct match_names *);

/**
 * Do all fields fit @p from? Names are bound only if they do. Otherwise @p differs says which
 * field, what was expected and what came.
 */
bool match_fields(struct match_names *, enum field_of, const void *from, const struct flow_field *,
                  size_t count, char *differs, size_t size);
/** @p text with its $names replaced, in @p pool. CTI_E_NOTFOUND: one is not bound. */
int match_expand(const struct match_names *, const char *text, struct field_pool *,
                 const char **out, struct cti_error *);

/** Ids by order of appearance: "c1", "i2". Zero-initialise. */
struct match_renamer {
	char **ids;
	size_t count, size;
};
void match_renamer_free(struct match_renamer *);
/**
 * An event as one line without what differs from run to run (ids, epoch), nor what a link cannot
 * say (losses.h).
 */
void match_normal(struct match_renamer *, enum flow_transport, const struct cti_event *, char *out,
                  size_t size);

#endif
