/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of csta/dialects/ and what csta_init() makes of them.
 */
#include "csta/dialect.h"

#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define TYPE(name)                                           extern asn_TYPE_descriptor_t asn_DEF_##name;
#define SERVICE(element, code, argument, result)             TYPE(argument) TYPE(result)
#define ONE_WAY(element, code, argument)                     TYPE(argument)
#define QUERY(element, code, argument, result, field, value) TYPE(argument) TYPE(result)
#define EVENT(element, category, number, type)               TYPE(type)
#define FAILURE(type)                                        TYPE(type)
#define LACKS(phase, type, name)                             TYPE(type)
#define LACKS_FROM(phase, type, number)                      TYPE(type)
#define INSTEAD(type, name, other)                           TYPE(type)
#define SPLIT(type, name, value, flag)                       TYPE(type)
#define DEVICE_OF(type, device, connection)                  TYPE(type)
#define FILL(type, value)                                    TYPE(type)
#define MAY_DROP(type, field)                                TYPE(type)
#include "csta/dialects/all.def"

#define ROW(element_, kind_, code, category_, number_, layout_, field_, value_, other_)            \
	{.element = element_,                                                                      \
	 .kind = kind_,                                                                            \
	 .operation = code,                                                                        \
	 .category = category_,                                                                    \
	 .number = number_,                                                                        \
	 .layout = &asn_DEF_##layout_,                                                             \
	 .field = field_,                                                                          \
	 .value = value_,                                                                          \
	 .other = other_},

/* A row without a layout begins a phase. */
struct dialect_row csta_dialect_rows[] = {
#define PHASE(number_) {.phase = number_},
#define SERVICE(element, code, argument, result)                                                   \
	ROW(#element, CSTA_REQUEST, code, -1, -1, argument, NULL, NULL, "")                        \
	ROW(#element, CSTA_RESPONSE, code, -1, -1, result, NULL, NULL, "Response")
#define ONE_WAY(element, code, argument)                                                           \
	ROW(#element, CSTA_REQUEST, code, -1, -1, argument, NULL, NULL, "")
#define QUERY(element, code, argument, result, field, value)                                       \
	ROW(#element, CSTA_REQUEST, code, -1, -1, argument, #field, #value, "")                    \
	ROW(#element, CSTA_RESPONSE, code, -1, -1, result, NULL, NULL, "Response")
#define EVENT(element, category, number, type)                                                     \
	ROW(#element, CSTA_EVENT, CSTA_OPERATION_EVENT_REPORT, category, number, type, NULL, NULL, \
	    "")
#define FAILURE(type) ROW("CSTAErrorCode", CSTA_ERROR, -1, -1, -1, type, NULL, NULL, "")
#include "csta/dialects/all.def"
};
const size_t csta_dialect_row_count = COUNT(csta_dialect_rows);

static const struct dialect_word lacks[] = {
#define LACKS(phase, type, name) {&asn_DEF_##type, #name, NULL, phase},
#include "csta/dialects/all.def"
};
static const struct dialect_word lacks_from[] = {
#define LACKS_FROM(phase, type, number_) {&asn_DEF_##type, NULL, #number_, phase},
#include "csta/dialects/all.def"
};
static const struct dialect_word instead[] = {
#define INSTEAD(type, name, other) {&asn_DEF_##type, #name, #other, 0},
#include "csta/dialects/all.def"
};
static const struct dialect_word splits[] = {
#define SPLIT(type, name, value, flag) {&asn_DEF_##type, #name, #value, flag},
#include "csta/dialects/all.def"
};
static const struct dialect_word devices[] = {
#define DEVICE_OF(event, device, connection) {&asn_DEF_##event, #device, #connection, 0},
#include "csta/dialects/all.def"
};
static const struct dialect_word may_drop[] = {
#define MAY_DROP(type, field) {&asn_DEF_##type, #field, NULL, 0},
#include "csta/dialects/all.def"
};
const struct dialect_words dialect_lacks = {lacks, COUNT(lacks)},
                           dialect_lacks_from = {lacks_from, COUNT(lacks_from)},
                           dialect_instead = {instead, COUNT(instead)},
                           dialect_splits = {splits, COUNT(splits)},
                           dialect_devices = {devices, COUNT(devices)},
                           dialect_may_drop = {may_drop, COUNT(may_drop)};
const struct xml_fill_spelling dialect_fills[] = {
#define FILL(type, value) {&asn_DEF_##type, NULL, value},
#include "csta/dialects/all.def"
};
const size_t dialect_fill_count = COUNT(dialect_fills);
const char *const dialect_deep[] = {
#define DEEP(name) #name,
#include "csta/dialects/all.def"
};
const size_t dialect_deep_count = COUNT(dialect_deep);

bool dialect_is(const asn_TYPE_descriptor_t *one, const asn_TYPE_descriptor_t *type)
{
	return one == type || (one->specifics && one->specifics == type->specifics);
}

int csta_dialects_layouts(int (*make)(const asn_TYPE_descriptor_t *, struct cti_error *),
                          struct cti_error *error)
{
	int failure = 0;

	for (size_t i = 0; i < csta_dialect_row_count && !failure; i++)
		if (csta_dialect_rows[i].layout)
			failure = make(csta_dialect_rows[i].layout, error);
	return failure;
}

static bool has_field(const struct csta_layout *layout, const char *name)
{
	for (unsigned i = 0; i < layout->field_count; i++)
		if (!strcmp(layout->fields[i].name, name))
			return true;
	return false;
}

/* A name of the table must be one of its type: a field, an alternative, a value, a bit. */
static bool has_name(const asn_TYPE_descriptor_t *type, const char *name)
{
	const struct csta_layout *layout = csta_layout_of(type);
	long value;

	return layout && (!strcmp(name, "*") || has_field(layout, name) ||
	                  csta_value_of(layout, name, strlen(name), &value));
}

static int words_check(const struct dialect_words *words, struct cti_error *error)
{
	for (size_t i = 0; i < words->count; i++) {
		const struct dialect_word *word = &words->words[i];

		if (!csta_layout_of(word->type) ||
		    (word->name && !has_name(word->type, word->name)))
			return cti_error_set(error, CTI_E_INTERNAL, "dialects: %s has no %s",
			                     word->type->name, word->name ? word->name : "layout");
	}
	return 0;
}

int csta_dialects_init(struct cti_error *error)
{
	const struct dialect_words *const all[] = {&dialect_lacks,   &dialect_lacks_from,
	                                           &dialect_instead, &dialect_splits,
	                                           &dialect_devices, &dialect_may_drop};
	int phase = 0, failure = 0;

	for (size_t i = 0; i < csta_dialect_row_count; i++) {
		struct dialect_row *row = &csta_dialect_rows[i];
		char element[80];
		int length;

		if (!row->layout) {
			phase = row->phase;
			continue;
		}
		row->phase = phase;
		length = snprintf(element, sizeof(element), "%s%s", row->element, row->other);
		row->type = csta_type_of_element(element, (size_t)length);
		if (!row->type || row->type->kind != row->kind)
			return cti_error_set(error, CTI_E_INTERNAL, "dialects: no message %s",
			                     element);
		if (row->field && !has_field(csta_layout_of(row->layout), row->field))
			return cti_error_set(error, CTI_E_INTERNAL, "dialects: %s has no %s",
			                     row->layout->name, row->field);
	}
	for (size_t i = 0; i < COUNT(all) && !failure; i++)
		failure = words_check(all[i], error);
	return failure;
}

const struct dialect_row *dialect_row_of_type(enum csta_phase phase, const struct csta_type *type)
{
	for (size_t i = 0; i < csta_dialect_row_count; i++)
		if (csta_dialect_rows[i].type == type && csta_dialect_rows[i].phase == (int)phase)
			return &csta_dialect_rows[i];
	return NULL;
}

unsigned csta_type_phases(const struct csta_type *type)
{
	unsigned phases = 1u << CSTA_PHASE_3;

	/* The envelope's and the association's own are the same in all. */
	if (type->kind == CSTA_REJECT || type->kind == CSTA_ASSOCIATION)
		phases |= 1u << CSTA_PHASE_1 | 1u << CSTA_PHASE_2;
	for (size_t i = 0; i < csta_dialect_row_count; i++)
		if (csta_dialect_rows[i].type == type)
			phases |= 1u << csta_dialect_rows[i].phase;
	return phases;
}

void csta_codec_set_phase(struct csta_codec *codec, enum csta_phase phase)
{
	codec->phase = phase == CSTA_PHASE_AUTO ? CSTA_PHASE_3 : phase;
}

enum csta_phase csta_codec_phase(const struct csta_codec *codec)
{
	return codec->phase;
}

const char *csta_codec_lost(const struct csta_codec *codec)
{
	return codec->lost;
}
