/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fields.h
 * The words before the `=` in a flow: each names one field of an event, a request or a reply,
 * and is read as text and written from text by the same table.
 */
#ifndef FLOWS_FIELDS_H
#define FLOWS_FIELDS_H

#include <cti/error.h>
#include <cti/event.h>
#include <cti/request.h>

/** Which struct a table speaks of. */
enum field_of { FIELD_EVENT, FIELD_REQUEST, FIELD_REPLY };

/** Longest text of a field, with its NUL. */
#define FIELD_TEXT 512

/** Memory for what a written field points to. Zero-initialise; field_pool_free() at the end. */
struct field_pool {
	void **blocks;
	size_t count, size;
};
void *field_pool_take(struct field_pool *, const void *from, size_t length);
void field_pool_free(struct field_pool *);

/** Is there a field of this name? "attached.KEY" is one of events for any KEY. */
bool field_known(enum field_of, const char *name);
/** The nearest known name, NULL if none is near. */
const char *field_nearest(enum field_of, const char *name);

/**
 * Text of a field of @p from (struct cti_event, cti_request or cti_reply); "" where it is not
 * there. @p name must be known.
 */
void field_read(enum field_of, const void *from, const char *name, char text[FIELD_TEXT]);
/** Set a field from text. CTI_E_INVALID: the text is none of its values; CTI_E_NOMEM. */
int field_write(enum field_of, void *to, const char *name, const char *text, struct field_pool *,
                struct cti_error *);

/**
 * Call @p each with every field that is there, in the table's order: a line of the ladder.
 * A name that is another one's alias is not repeated.
 */
void field_each(enum field_of, const void *from,
                void (*each)(void *arg, const char *name, const char *text), void *arg);

#endif
