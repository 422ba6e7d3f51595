/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of messages, made of csta/chapters/, and its indices.
 */
#include "csta/codec.h"

#include <asn_application.h>
#include <stdio.h>
#include <string.h>

#define TYPE(layout)                                                 extern asn_TYPE_descriptor_t asn_DEF_##layout;
#define SERVICE(name, code, result, clause, use)                     TYPE(name##Argument) TYPE(result)
#define SERVICE_SINCE(since, name, code, result, clause, use)        TYPE(name##Argument) TYPE(result)
#define SERVICE_BER(name, code, result, clause, use)                 TYPE(name##Argument) TYPE(result)
#define SERVICE_XML(name, code, result, clause, use)                 TYPE(name##Argument) TYPE(result)
#define ONE_WAY(name, code, argument, clause, use)                   TYPE(argument)
#define ONE_WAY_SINCE(since, name, code, argument, clause, use)      TYPE(argument)
#define EVENT(name, category, tag, layout, clause, use)              TYPE(layout)
#define EVENT_SINCE(since, name, category, tag, layout, clause, use) TYPE(layout)
#define EVENT_BER(name, category, tag, layout, clause, use)          TYPE(layout)
#define ERROR(name, layout, clause)                                  TYPE(layout)
#define REJECT(name, layout, clause)                                 TYPE(layout)
#define ASSOCIATION(name)                                            TYPE(name)
#define SESSION(name)                                                TYPE(name)
#include "csta/chapters/all.def"

#define EVERYWHERE (CSTA_IN_BER | CSTA_IN_XML | CSTA_IN_JSON)
#define NO_XML     (CSTA_IN_BER | CSTA_IN_JSON)
#define NO_BER     (CSTA_IN_XML | CSTA_IN_JSON)

#define ROW(name, row_kind, code, category, tag, layout, where, since, text, how, alone)           \
	{                                                                                          \
	        .element = name,                                                                   \
	        .kind = row_kind,                                                                  \
	        .operation = code,                                                                 \
	        .event_category = category,                                                        \
	        .event_tag = tag,                                                                  \
	        .value = &asn_DEF_##layout,                                                        \
	        .encodings = where,                                                                \
	        .first_edition = since,                                                            \
	        .clause = text,                                                                    \
	        .use = CSTA_##how,                                                                 \
	        .no_response = alone,                                                              \
	},
#define ANSWERED(name, code, result, where, since, clause, use)                                    \
	ROW(#name, CSTA_REQUEST, code, -1, -1, name##Argument, where, since, clause, use, false)   \
	ROW(#name "Response", CSTA_RESPONSE, code, -1, -1, result, where, since, clause, use, false)

const struct csta_type csta_types[] = {
#define SERVICE(name, code, result, clause, use)                                                   \
	ANSWERED(name, code, result, EVERYWHERE, 3, clause, use)
#define SERVICE_SINCE(since, name, code, result, clause, use)                                      \
	ANSWERED(name, code, result, EVERYWHERE, since, clause, use)
#define SERVICE_BER(name, code, result, clause, use)                                               \
	ANSWERED(name, code, result, NO_XML, 3, clause, use)
#define SERVICE_XML(name, code, result, clause, use)                                               \
	ANSWERED(name, code, result, NO_BER, 3, clause, use)
#define ONE_WAY(name, code, argument, clause, use)                                                 \
	ONE_WAY_SINCE(3, name, code, argument, clause, use)
#define ONE_WAY_SINCE(since, name, code, argument, clause, use)                                    \
	ROW(#name, CSTA_REQUEST, code, -1, -1, argument, EVERYWHERE, since, clause, use, true)
#define EVENT(name, category, tag, layout, clause, use)                                            \
	EVENT_SINCE(3, name, category, tag, layout, clause, use)
#define EVENT_SINCE(since, name, category, tag, layout, clause, use)                               \
	ROW(#name, CSTA_EVENT, CSTA_OPERATION_EVENT_REPORT, category, tag, layout, EVERYWHERE,     \
	    since, clause, use, true)
#define EVENT_BER(name, category, tag, layout, clause, use)                                        \
	ROW(#name, CSTA_EVENT, CSTA_OPERATION_EVENT_REPORT, category, tag, layout, NO_XML, 3,      \
	    clause, use, true)
#define ERROR(name, layout, clause)                                                                \
	ROW(#name, CSTA_ERROR, -1, -1, -1, layout, EVERYWHERE, 3, clause, INTERPRETED, false)
#define REJECT(name, layout, clause)                                                               \
	ROW(#name, CSTA_REJECT, -1, -1, -1, layout, NO_XML, 3, clause, INTERPRETED, false)
#define ASSOCIATION(name)                                                                          \
	ROW(#name, CSTA_ASSOCIATION, -1, -1, -1, name, NO_XML, 3, "X.227", INTERPRETED, false)
#define SESSION(name)                                                                              \
	ROW(#name, CSTA_SESSION, -1, -1, -1, name, NO_BER, 3, "ECMA-354", INTERPRETED, false)
#include "csta/chapters/all.def"
};
const size_t csta_type_count = sizeof(csta_types) / sizeof(csta_types[0]);

/* Indices, filled once by csta_init(): row number plus one, 0 for none. */
#define OPERATION_END 600 /* codes are below; ECMA-285 goes to 551 */
#define CATEGORY_END  8
#define EVENT_TAG_END 31
#define ELEMENT_SLOTS 2048 /* a power of two, at least twice the rows */

static uint16_t by_operation[2][OPERATION_END];
static uint16_t by_event[CATEGORY_END][EVENT_TAG_END];
static uint16_t by_element[ELEMENT_SLOTS];
static uint16_t response_of[sizeof(csta_types) / sizeof(csta_types[0])];

_Static_assert(sizeof(csta_types) / sizeof(csta_types[0]) * 2 <= ELEMENT_SLOTS,
               "the element index is too small");

static unsigned element_hash(const char *element, size_t length)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	while (length--)
		hash = (hash ^ (uint8_t)*element++) * 16777619u;
	return (hash ^ hash >> 16) & (ELEMENT_SLOTS - 1);
}

static const struct csta_type *row(uint16_t number)
{
	return number ? &csta_types[number - 1] : NULL;
}

const struct csta_type *csta_type_of_element(const char *element, size_t length)
{
	unsigned slot = element_hash(element, length);

	for (; by_element[slot]; slot = (slot + 1) & (ELEMENT_SLOTS - 1)) {
		const struct csta_type *type = row(by_element[slot]);

		if (strlen(type->element) == length && !memcmp(type->element, element, length))
			return type;
	}
	return NULL;
}

const struct csta_type *csta_type_of_operation(int operation, enum csta_kind kind)
{
	if (operation < 0 || operation >= OPERATION_END ||
	    (kind != CSTA_REQUEST && kind != CSTA_RESPONSE))
		return NULL;
	return row(by_operation[kind == CSTA_RESPONSE][operation]);
}

const struct csta_type *csta_type_of_event(int category, int tag)
{
	if (category < 0 || category >= CATEGORY_END || tag < 0 || tag >= EVENT_TAG_END)
		return NULL;
	return row(by_event[category][tag]);
}

const struct csta_type *csta_type_of_response(const struct csta_type *request)
{
	return row(response_of[request - csta_types]);
}

/* ECMA-354 calls the positive answer XPosResponse, ECMA-323 XResponse. */
static const struct csta_type *response_find(const struct csta_type *request)
{
	char name[64];
	int length;

	if (request->kind != CSTA_REQUEST && request->kind != CSTA_SESSION)
		return NULL;
	length = snprintf(name, sizeof(name), "%s%sResponse", request->element,
	                  request->kind == CSTA_SESSION ? "Pos" : "");
	return length < (int)sizeof(name) ? csta_type_of_element(name, (size_t)length) : NULL;
}

void csta_types_index(void)
{
	for (size_t i = 0; i < csta_type_count; i++) {
		const struct csta_type *type = &csta_types[i];
		unsigned slot = element_hash(type->element, strlen(type->element));

		while (by_element[slot])
			slot = (slot + 1) & (ELEMENT_SLOTS - 1);
		by_element[slot] = (uint16_t)(i + 1);
		if (type->kind == CSTA_EVENT)
			by_event[type->event_category][type->event_tag] = (uint16_t)(i + 1);
		else if (type->operation >= 0 && type->encodings & CSTA_IN_BER)
			by_operation[type->kind == CSTA_RESPONSE][type->operation] =
			        (uint16_t)(i + 1);
	}
	for (size_t i = 0; i < csta_type_count; i++) {
		const struct csta_type *response = response_find(&csta_types[i]);

		response_of[i] = response ? (uint16_t)(response - csta_types + 1) : 0;
	}
}
