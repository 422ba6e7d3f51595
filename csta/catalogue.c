/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/catalogue.h"

#include "csta/event.h"
#include "csta/session.h"
#include "sdk/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
        [CSTA_REQUEST] = "request", [CSTA_RESPONSE] = "response",
        [CSTA_ERROR] = "error",     [CSTA_REJECT] = "reject",
        [CSTA_EVENT] = "event",     [CSTA_ASSOCIATION] = "association",
        [CSTA_SESSION] = "session",
};

static const struct {
	unsigned number;
	const char *title;
} chapters[] = {
        {12, "Errors"},
        {13, "Capability exchange"},
        {14, "System"},
        {15, "Monitoring"},
        {16, "Snapshot"},
        {17, "Call control"},
        {18, "Call associated"},
        {19, "Media attachment"},
        {20, "Routeing"},
        {21, "Physical device"},
        {22, "Logical device"},
        {23, "Device maintenance"},
        {24, "I/O"},
        {25, "Data collection"},
        {26, "Voice unit"},
        {27, "Call detail record"},
        {28, "Location"},
        {29, "Vendor specific"},
};

static const char *const verbs[] = {
#define X(name, verb, element) #verb,
        CTI_SERVICES(X)
#undef X
};

const char *csta_kind_name(enum csta_kind kind)
{
	return (size_t)kind < COUNT(kinds) ? kinds[kind] : "?";
}

int csta_kind_parse(const char *name)
{
	return name_parse(kinds, COUNT(kinds), name);
}

unsigned csta_chapter_of(const struct csta_type *type)
{
	/* "17.2.5", but "X.227" and "ECMA-354". */
	return (unsigned)strtoul(type->clause, NULL, 10);
}

const char *csta_chapter_title(unsigned chapter)
{
	for (size_t i = 0; i < COUNT(chapters); i++)
		if (chapters[i].number == chapter)
			return chapters[i].title;
	return NULL;
}

enum csta_doer csta_doer_of(const struct csta_type *type, const char **name)
{
	const char *nobody = NULL;
	int number;
	name = name ? name : &nobody;
	*name = NULL;
	if (type->kind == CSTA_ERROR)
		return CSTA_DOER_ERROR;
	if (type->kind == CSTA_EVENT) {
		number = csta_event_type_of(type);
		if (number < 0)
			return CSTA_DOER_NONE;
		*name = cti_event_type_name((enum cti_event_type)number);
		return CSTA_DOER_EVENT;
	}
	const struct csta_type *request =
	        type->kind == CSTA_RESPONSE ? csta_type_of_operation(type->operation, CSTA_REQUEST)
	                                    : type;
	number = request ? cti_service_parse(request->element) : -1;
	if (number >= 0) {
		*name = verbs[number];
		return CSTA_DOER_VERB;
	}
	if (csta_session_takes(type))
		return CSTA_DOER_SESSION;
	return csta_snapshot_is_segment(type) ? CSTA_DOER_ROWS : CSTA_DOER_NONE;
}

int csta_doer_describe(const struct csta_type *type, char *text, size_t size)
{
	const char *name;
	switch (csta_doer_of(type, &name)) {
	case CSTA_DOER_NONE:
		return snprintf(text, size, "passes through");
	case CSTA_DOER_SESSION:
		return snprintf(text, size, "session");
	case CSTA_DOER_VERB:
		/* What is asked of a switch may be asked of us too. */
		return snprintf(text, size, "verb %s%s", name,
		                csta_session_takes(type) ? ", session" : "");
	case CSTA_DOER_ERROR:
		return snprintf(text, size, "every verb");
	case CSTA_DOER_ROWS:
		return snprintf(text, size, "rows of a snapshot");
	case CSTA_DOER_EVENT:
		return snprintf(text, size, "event %s", name);
	}
	return snprintf(text, size, "?");
}

unsigned csta_phases_of(const struct csta_type *type)
{
	return csta_type_phases(type);
}
