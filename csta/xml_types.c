/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts layouts (csta/walk.h) and spelling (csta/spelling_xml.h) together into struct xml_type, so
 * that reading and writing an element look nothing up by name in any table. Made once, never freed.
 */
#include "csta/spelling_xml.h"
#include "csta/xml.h"

#include <ConnectionPair.h>
#include <DeviceIdentifier.h>
#include <PrivateTON.h>
#include <PublicTON.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PUBLIC(name)                                                                               \
	{                                                                                          \
		"explicitPublic:" #name, DeviceIdentifier_PR_explicitPublic, PublicTON_PR_##name   \
	}
#define PRIVATE(name)                                                                              \
	{                                                                                          \
		"explicitPrivate:" #name, DeviceIdentifier_PR_explicitPrivate,                     \
		        PrivateTON_PR_##name                                                       \
	}

const struct xml_number xml_numbers[] = {
        {"dialingNumber", DeviceIdentifier_PR_dialingNumber, 0},
        {"deviceNumber", DeviceIdentifier_PR_deviceNumber, 0},
        {"implicitPublic", DeviceIdentifier_PR_implicitPublic, 0},
        PUBLIC(unknown),
        PUBLIC(international),
        PUBLIC(national),
        PUBLIC(networkspecific),
        PUBLIC(subscriber),
        PUBLIC(abbreviated),
        {"implicitPrivate", DeviceIdentifier_PR_implicitPrivate, 0},
        PRIVATE(unknown),
        PRIVATE(level3RegionalNumber),
        PRIVATE(level2RegionalNumber),
        PRIVATE(level1RegionalNumber),
        PRIVATE(pTNSpecificNumber),
        PRIVATE(localNumber),
        PRIVATE(abbreviated),
        {"other", DeviceIdentifier_PR_other, 0},
};
const size_t xml_number_count = sizeof(xml_numbers) / sizeof(xml_numbers[0]);

const char **xml_names;
size_t xml_name_count;
static char **xml_tags; /* "<name>\0</name>" for each name */

/* Every type made, to be found again: a layout in a shape of its own or of a spelling's row. */
static struct known {
	const struct csta_layout *layout;
	const struct xml_shape_spelling *row;
	struct xml_type *type;
} * known;
static size_t known_count, known_size;

static const struct xml_type **roots; /* by row of csta_types */

static const struct xml_type *type_make(const struct csta_layout *,
                                        const struct csta_layout *parent, const char *field);
static const struct xml_type *type_in_row(const struct csta_layout *,
                                          const struct xml_shape_spelling *);

/* Room for one more in an array that doubles; false: no memory. */
static bool room(void *array, size_t count, size_t *size, size_t item)
{
	size_t more = *size ? *size * 2 : 64;
	void *grown;

	if (count < *size)
		return true;
	memcpy(&grown, array, sizeof(grown));
	grown = csta_alloc_fails() ? NULL : realloc(grown, more * item);
	if (!grown)
		return false;
	memcpy(array, &grown, sizeof(grown));
	*size = more;
	return true;
}

static void *zeroed(size_t count, size_t size)
{
	return csta_alloc_fails() ? NULL : calloc(count ? count : 1, size);
}

/* Aliases share their members; primitive types are told apart by address. */
static bool same_type(const asn_TYPE_descriptor_t *a, const asn_TYPE_descriptor_t *b)
{
	return a == b || (a->elements && a->elements == b->elements);
}

static bool field_matches(const asn_TYPE_descriptor_t *type, const char *name,
                          const struct csta_layout *parent, const char *field)
{
	return field && name && !strcmp(field, name) &&
	       (!type || (parent && same_type(type, parent->type)));
}

static const struct xml_shape_spelling *row_of_type(const struct csta_layout *layout)
{
	for (size_t i = 0; i < xml_shape_spelling_count; i++)
		if (!xml_shape_spellings[i].field &&
		    same_type(xml_shape_spellings[i].type, layout->type))
			return &xml_shape_spellings[i];
	return NULL;
}

static const struct xml_shape_spelling *row_of_field(const struct csta_layout *parent,
                                                     const char *field)
{
	for (size_t i = 0; i < xml_shape_spelling_count; i++)
		if (field_matches(xml_shape_spellings[i].type, xml_shape_spellings[i].field, parent,
		                  field))
			return &xml_shape_spellings[i];
	return NULL;
}

static int name_index(const char *name, size_t length)
{
	static size_t names_size;
	size_t tags_size = names_size;
	char *tag;

	for (size_t i = 0; i < xml_name_count; i++)
		if (!strncmp(xml_names[i], name, length) && !xml_names[i][length])
			return (int)i;
	if (!room(&xml_names, xml_name_count, &names_size, sizeof(*xml_names)) ||
	    !room(&xml_tags, xml_name_count, &tags_size, sizeof(*xml_tags)))
		return -1;
	/* name, <name>, </name>, each with its NUL */
	tag = zeroed(3 * length + 8, 1);
	if (!tag)
		return -1;
	memcpy(tag, name, length);
	snprintf(tag + length + 1, length + 3, "<%.*s>", (int)length, name);
	snprintf(tag + 2 * length + 4, length + 4, "</%.*s>", (int)length, name);
	xml_names[xml_name_count] = tag;
	xml_tags[xml_name_count] = tag + length + 1;
	return (int)xml_name_count++;
}

static bool member_name(struct xml_member *m, const char *name, size_t length)
{
	int index = name_index(name, length);

	if (index < 0)
		return false;
	m->name = (uint16_t)index;
	m->length = (uint16_t)length;
	m->open = xml_tags[index];
	m->close = xml_tags[index] + length + 3;
	return true;
}

/* The first edition of a name within a type, -1: none has it, 0: all have. */
static int edition_of(const struct csta_layout *layout, const char *name)
{
	for (size_t i = 0; i < xml_edition_spelling_count; i++) {
		const struct xml_edition_spelling *row = &xml_edition_spellings[i];

		if (field_matches(row->type, row->name, layout, name))
			return row->edition ? (int)row->edition : -1;
	}
	return 0;
}

static const struct xml_renamed_spelling *renamed(const struct csta_layout *layout,
                                                  const char *name)
{
	for (size_t i = 0; i < xml_renamed_spelling_count; i++)
		if (field_matches(xml_renamed_spellings[i].type, xml_renamed_spellings[i].name,
		                  layout, name))
			return &xml_renamed_spellings[i];
	return NULL;
}

/* An anonymous leaf: a bit, the forms of private data. */
static struct xml_type *leaf(enum xml_shape shape, const struct csta_layout *layout)
{
	struct xml_type *type = zeroed(1, sizeof(*type));

	if (type) {
		type->shape = shape;
		type->layout = layout;
	}
	return type;
}

static bool member_leaf(struct xml_type *type, const char *name, enum xml_shape shape,
                        const struct csta_layout *layout)
{
	struct xml_member *m = &type->members[type->count++];

	m->type = leaf(shape, layout);
	return m->type && member_name(m, name, strlen(name));
}

static struct xml_member *field_add(struct xml_type *type, const struct csta_layout *layout,
                                    unsigned index, const char *name, unsigned edition)
{
	const struct csta_field *field = &layout->fields[index];
	struct xml_member *m = &type->members[type->count++];

	if (!member_name(m, name, strlen(name)))
		return NULL;
	m->field = field;
	m->index = (uint8_t)index;
	m->edition = (uint8_t)edition;
	m->type = type_make(field->layout, layout, field->name);
	if (m->type && m->type->shape == XML_DESTINATIONS)
		m->index++; /* the list of more stands behind the first */
	return m->type ? m : NULL;
}

static bool field_mandatory(const struct csta_layout *layout, const struct csta_field *field)
{
	for (size_t i = 0; i < xml_fill_spelling_count; i++)
		if (field_matches(xml_fill_spellings[i].type, xml_fill_spellings[i].field, layout,
		                  field->name))
			return false;
	return !field->optional;
}

/* What stands behind a field or bit in ECMA-323, and ECMA-285 does not have. */
static bool foreign_make(struct xml_type *type, const struct csta_layout *layout, const char *after)
{
	for (size_t i = 0; i < xml_foreign_spelling_count; i++) {
		const struct xml_foreign_spelling *row = &xml_foreign_spellings[i];
		size_t length;

		if (!field_matches(row->type, row->after, layout, after))
			continue;
		for (const char *p = row->names; *p; p += length + (p[length] == ' ')) {
			struct xml_member *m = &type->members[type->count++];
			struct xml_type *fixed = leaf(XML_FIXED, layout);

			length = strcspn(p, " ");
			if (!fixed || !member_name(m, p, length))
				return false;
			fixed->text = row->text;
			m->type = fixed;
			m->edition = (uint8_t)row->edition;
			m->required = row->demanded;
		}
	}
	return true;
}

/* How many members there are beyond fields and bits. */
static size_t more_members(const struct csta_layout *layout)
{
	size_t count = 0;

	for (size_t i = 0; i < xml_renamed_spelling_count; i++)
		count += same_type(xml_renamed_spellings[i].type, layout->type);
	for (size_t i = 0; i < xml_foreign_spelling_count; i++)
		if (same_type(xml_foreign_spellings[i].type, layout->type))
			count += strlen(xml_foreign_spellings[i].names) / 2 + 1;
	return count;
}

static bool field_member(struct xml_type *type, const struct csta_layout *layout, unsigned index)
{
	const struct csta_field *field = &layout->fields[index];
	const struct xml_renamed_spelling *old = renamed(layout, field->name);
	int edition = old ? (int)old->edition : edition_of(layout, field->name);
	struct xml_member *m;

	if (edition < 0)
		return true;
	if (old) {
		m = field_add(type, layout, index, old->before, 0);
		if (!m)
			return false;
		m->until = (uint8_t)old->edition;
	}
	m = field_add(type, layout, index, field->xml, (unsigned)edition);
	if (!m)
		return false;
	if (type->shape == XML_SEQUENCE && field_mandatory(layout, field))
		xml_set_add(&type->mandatory, type->count - 1);
	for (size_t i = 0; i < xml_required_spelling_count; i++)
		m->required |= field_matches(xml_required_spellings[i].type,
		                             xml_required_spellings[i].field, layout, field->name);
	return foreign_make(type, layout, field->name);
}

static int field_index(const struct csta_layout *layout, const char *name, size_t length)
{
	for (unsigned i = 0; i < layout->field_count; i++)
		if (!strncmp(layout->fields[i].name, name, length) &&
		    !layout->fields[i].name[length])
			return (int)i;
	return -1;
}

/* Another order than ECMA-285's; NULL: the same. */
static const char *order_of(const struct csta_layout *layout)
{
	for (size_t i = 0; i < xml_order_spelling_count; i++)
		if (same_type(xml_order_spellings[i].type, layout->type))
			return xml_order_spellings[i].fields;
	return NULL;
}

static bool fields_make(struct xml_type *type, const struct csta_layout *layout)
{
	size_t length;

	for (const char *p = order_of(layout); p && *p; p += length + (p[length] == ' ')) {
		int index;

		length = strcspn(p, " ");
		index = field_index(layout, p, length);
		if (index < 0 || !field_member(type, layout, (unsigned)index))
			return false;
	}
	for (unsigned i = 0; i < layout->field_count && !order_of(layout); i++)
		if (!field_member(type, layout, i))
			return false;
	return true;
}

static bool bit_add(struct xml_type *type, const struct csta_layout *layout, const char *name,
                    long number, unsigned edition, unsigned until)
{
	struct xml_member *m = &type->members[type->count];

	if (number >= XML_SET_END || !member_leaf(type, name, XML_BIT, layout))
		return false;
	m->index = (uint8_t)number;
	m->edition = (uint8_t)edition;
	m->until = (uint8_t)until;
	return true;
}

static bool bit_member(struct xml_type *type, const struct csta_layout *layout, const char *name,
                       long number)
{
	const struct xml_renamed_spelling *old = renamed(layout, name);
	int edition = edition_of(layout, name);

	if (old && !bit_add(type, layout, old->before, number, 0, old->edition))
		return false;
	if (old && !edition)
		edition = (int)old->edition;
	if (edition >= 0 && !bit_add(type, layout, name, number, (unsigned)edition, 0))
		return false;
	return foreign_make(type, layout, name);
}

static bool bits_make(struct xml_type *type, const struct csta_layout *layout, const char *lacks)
{
	size_t length;
	long number;

	if (!foreign_make(type, layout, ""))
		return false;
	for (const char *p = order_of(layout); p && *p; p += length + (p[length] == ' ')) {
		length = strcspn(p, " ");
		if (!csta_value_of(layout, p, length, &number) ||
		    !bit_member(type, layout, csta_name_of(layout, number), number))
			return false;
	}
	for (unsigned i = 0; i < layout->name_count && !order_of(layout); i++) {
		const struct csta_name *bit = &layout->names[i];

		if (!(lacks && !strcmp(lacks, bit->name)) &&
		    !bit_member(type, layout, bit->name, bit->value))
			return false;
	}
	return true;
}

/* Items without a name of their own (within PIDF-LO, any XML in ECMA-323) have their type's. */
static bool list_make(struct xml_type *type, const struct csta_layout *layout)
{
	const struct csta_field *item = &layout->fields[0];
	const char *name = *item->xml ? item->xml : item->layout->type->name;
	struct xml_member *m = type->members;

	type->count = 1;
	m->type = type_make(item->layout, layout, NULL);
	return m->type && member_name(m, name, strlen(name));
}

/* One element in between, which holds the value in the shape that it has otherwise. */
static bool wrapped_make(struct xml_type *type, const struct csta_layout *layout,
                         const struct xml_shape_spelling *row)
{
	struct xml_member *m = type->members;

	type->count = 1;
	m->type = type_in_row(layout, row->field ? row_of_type(layout) : NULL);
	return m->type && member_name(m, row->item, strlen(row->item));
}

static bool values_make(struct xml_type *type, const struct csta_layout *layout)
{
	type->values = zeroed(xml_edition_spelling_count, sizeof(*type->values));
	if (!type->values)
		return false;
	for (size_t i = 0; i < xml_edition_spelling_count; i++) {
		const struct xml_edition_spelling *row = &xml_edition_spellings[i];
		struct xml_value *value = &type->values[type->value_count];

		if (!row->type || !same_type(layout->type, row->type))
			continue;
		if (!csta_value_of(layout, row->name, strlen(row->name), &value->value) ||
		    !csta_value_of(layout, row->substitute, strlen(row->substitute),
		                   &value->substitute))
			return false;
		value->edition = row->edition ? (uint8_t)row->edition : UINT8_MAX;
		type->value_count++;
	}
	return true;
}

static bool connection_make(struct xml_type *type)
{
	const struct csta_layout *pair = csta_layout_of(&asn_DEF_ConnectionPair);

	return pair && field_member(type, pair, 0) && field_member(type, pair, 1);
}

static bool members_make(struct xml_type *type, const struct csta_layout *layout,
                         const struct xml_shape_spelling *row)
{
	switch (type->shape) {
	case XML_SEQUENCE:
	case XML_CHOICE:
	case XML_CHOICES:
		return fields_make(type, layout);
	case XML_LIST:
		return list_make(type, layout);
	case XML_WRAPPED:
		return wrapped_make(type, layout, row);
	case XML_BITS:
	case XML_ONE_BIT:
		return bits_make(type, layout, row ? row->item : NULL);
	case XML_CONNECTION:
		return connection_make(type);
	case XML_TWOFOLD:
		return member_leaf(type, "string", XML_HEX, layout) &&
		       member_leaf(type, "private", XML_RAW, layout);
	case XML_ANY:
	case XML_ANY_LIST:
		return member_leaf(type, "string", XML_ANY_HEX, layout) &&
		       member_leaf(type, "private", XML_ANY_RAW, layout);
	case XML_DESTINATIONS:
		return wrapped_make(type, layout, row);
	case XML_ENUMERATED:
		return values_make(type, layout);
	case XML_BOOLEAN:
	case XML_INTEGER:
	case XML_FLOAT:
	case XML_TRUTH:
	case XML_STRING:
	case XML_HEX:
	case XML_TIME:
	case XML_DEVICE:
	case XML_LOCAL_DEVICE:
	case XML_MONITOR:
	case XML_BIT:
	case XML_FIXED:
	case XML_RAW:
	case XML_ANY_HEX:
	case XML_ANY_RAW:
	case XML_NULL:
		return true;
	}
	return false;
}

static enum xml_shape natural_shape(const struct csta_layout *layout)
{
	switch (layout->shape) {
	case CSTA_SEQUENCE:
		return XML_SEQUENCE;
	case CSTA_CHOICE:
		return XML_CHOICE;
	case CSTA_LIST:
		return XML_LIST;
	case CSTA_INTEGER:
		return XML_INTEGER;
	case CSTA_ENUMERATED:
		return XML_ENUMERATED;
	case CSTA_BOOLEAN:
		return XML_BOOLEAN;
	case CSTA_NULL:
		return XML_NULL;
	case CSTA_OCTETS:
	case CSTA_TEXT:
	case CSTA_OID: /* in ACSE only, which has no XML */
		return XML_STRING;
	case CSTA_ANY:
		return XML_ANY;
	case CSTA_BITS:
		return XML_BITS;
	}
	return XML_STRING;
}

static void fill_find(struct xml_type *type, const struct csta_layout *layout)
{
	type->fills = type->shape == XML_BITS; /* no bit set */
	for (size_t i = 0; i < xml_fill_spelling_count; i++) {
		const struct xml_fill_spelling *row = &xml_fill_spellings[i];
		int index;

		if (row->field || !same_type(row->type, layout->type))
			continue;
		type->fills = true;
		if (!row->value)
			return;
		type->fills_value = true;
		if (layout->shape == CSTA_ENUMERATED) {
			if (!csta_value_of(layout, row->value, strlen(row->value), &type->fill))
				type->fills = type->fills_value = false;
			return;
		}
		index = field_index(layout, row->value, strlen(row->value));
		type->fills = type->fills_value = index >= 0;
		type->fill = index;
		return;
	}
}

/* The type of a layout in the shape that a row says; NULL: in its natural shape. */
static const struct xml_type *type_in_row(const struct csta_layout *layout,
                                          const struct xml_shape_spelling *row)
{
	struct xml_type *type;

	for (size_t i = 0; i < known_count; i++)
		if (known[i].layout == layout && known[i].row == row)
			return known[i].type;
	type = zeroed(1, sizeof(*type));
	if (!type || !room(&known, known_count, &known_size, sizeof(*known)))
		return NULL;
	known[known_count++] = (struct known){layout, row, type};
	type->shape = row ? row->shape : natural_shape(layout);
	type->layout = layout;
	/* Two for the forms that are no fields. */
	type->members = zeroed(layout->field_count + layout->name_count + 2 + more_members(layout),
	                       sizeof(*type->members));
	fill_find(type, layout);
	if (!type->members || !members_make(type, layout, row) || type->count > XML_SET_END)
		return NULL;
	return type;
}

static const struct xml_type *type_make(const struct csta_layout *layout,
                                        const struct csta_layout *parent, const char *field)
{
	const struct xml_shape_spelling *row = row_of_field(parent, field);

	return type_in_row(layout, row ? row : row_of_type(layout));
}

/* An event in XML has its monitor cross reference as the first child. */
static struct xml_type *event_make(const struct xml_type *inner)
{
	struct xml_type *type = zeroed(1, sizeof(*type));
	struct xml_member *members = zeroed(inner->count + 1, sizeof(*members));

	if (!type || !members)
		return NULL;
	*type = *inner;
	type->members = members;
	type->count = 0;
	if (!member_leaf(type, "monitorCrossRefID", XML_MONITOR, NULL))
		return NULL;
	memcpy(members + 1, inner->members, inner->count * sizeof(*members));
	type->count = inner->count + 1;
	type->mandatory = (struct xml_set){{1}};
	for (unsigned i = 0; i < inner->count; i++)
		if (xml_set_has(&inner->mandatory, i))
			xml_set_add(&type->mandatory, i + 1);
	return type;
}

int csta_xml_init(struct cti_error *error)
{
	if (roots)
		return 0;
	xmlInitParser(); /* before there are threads */
	roots = zeroed(csta_type_count, sizeof(*roots));
	for (size_t i = 0; roots && i < csta_type_count; i++) {
		const struct csta_type *row = &csta_types[i];
		const struct xml_type *type;

		if (!(row->encodings & CSTA_IN_XML))
			continue;
		type = csta_layout_of_type(row) ? type_make(csta_layout_of_type(row), NULL, NULL)
		                                : NULL;
		if (type && row->kind == CSTA_EVENT)
			type = event_make(type);
		if (!type)
			return cti_error_set(error, CTI_E_INTERNAL,
			                     "XML of %s: no memory, or a "
			                     "spelling fits nothing",
			                     row->element);
		roots[i] = type;
	}
	return roots ? 0 : cti_error_set(error, CTI_E_NOMEM, "XML types: out of memory");
}

const struct xml_type *xml_type_of(const struct csta_type *row)
{
	return roots[row - csta_types];
}
