/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file catalogue.h
 * What there is to know of each message beside its encodings: the chapter of ECMA-269 it stands in,
 * and who in this program does something with it. Found out from the tables that do the work, so
 * that nobody has to write it down: `csta list` and the table in csta/README.md are made of it.
 */
#ifndef CSTA_CATALOGUE_H
#define CSTA_CATALOGUE_H

#include "csta/csta.h"

/** "request", "event", ... */
const char *csta_kind_name(enum csta_kind);
/** Kind of a name; -1 if there is none. */
int csta_kind_parse(const char *name);

/** Number of the chapter of ECMA-269, from the clause; 0: the message is another standard's. */
unsigned csta_chapter_of(const struct csta_type *);
/** "Call control"; NULL if there is no such chapter. */
const char *csta_chapter_title(unsigned chapter);

enum csta_doer {
	CSTA_DOER_NONE,    /**< it passes through whole */
	CSTA_DOER_SESSION, /**< csta/session.h: associations, heartbeats, registration, rejects */
	CSTA_DOER_VERB,    /**< a verb of pbx-adapters/adapter.h, by csta/event.h; name: the verb */
	CSTA_DOER_ERROR,   /**< the failed answer to any verb */
	CSTA_DOER_ROWS,    /**< rows of a snapshot that come apart from its answer */
	CSTA_DOER_EVENT,   /**< csta_event_read(); name: the type that clients see */
};

/**
 * Who does something with what the message says, and (@p name, may be NULL) by what name; NULL if
 * he has none. An answer belongs to whom its request belongs to.
 */
enum csta_doer csta_doer_of(const struct csta_type *, const char **name);
/** The same in words: "verb make_call", "event call.delivered", "passes through". */
int csta_doer_describe(const struct csta_type *, char *text, size_t size);

/** Phases of CSTA that have the message: 1 << phase, or together. */
unsigned csta_phases_of(const struct csta_type *);

#endif
