/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making the layouts of csta/walk.h out of asn1c's descriptors and the spelling of csta/chapters/,
 * once.
 */
#include "csta/dialect.h"
#include "csta/spelling.h"
#include "csta/tlv.h"
#include "csta/walk.h"

#include <BOOLEAN.h>
#include <NULL.h>
#include <NativeEnumerated.h>
#include <NativeInteger.h>
#include <constr_CHOICE.h>
#include <constr_SEQUENCE.h>
#include <constr_SEQUENCE_OF.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN TLV_TAG(TLV_PRIVATE, 0) /* see asn1/README.md */

/* Descriptors, hashed by address; a power of two, at least twice their number. */
#define SLOTS 8192

static struct csta_layout *slots[SLOTS];
static unsigned taken;
/* The marks of the spelling tables' entries that fitted something. */
static bool *used_fields, *used_standards, *used_enums, *used_bits, *used_secrets, *used_flats;

static struct csta_layout **slot_of(const asn_TYPE_descriptor_t *type)
{
	size_t slot = ((uintptr_t)type >> 5) * 0x9E3779B97F4A7C15u >> 32 & (SLOTS - 1);

	while (slots[slot] && slots[slot]->type != type)
		slot = (slot + 1) & (SLOTS - 1);
	return &slots[slot];
}

const struct csta_layout *csta_layout_of(const asn_TYPE_descriptor_t *type)
{
	return *slot_of(type);
}

const struct csta_layout *csta_layout_of_type(const struct csta_type *type)
{
	return *slot_of(type->value);
}

/*
 * A type that is another one under a new name has functions of its own, which copy the other's
 * into the descriptor when they are first called. Calling them here, with nothing to free, does
 * it before any thread runs; an alias of an alias takes two calls.
 */
static void settle(asn_TYPE_descriptor_t *type)
{
	for (ber_type_decoder_f *before = NULL; before != type->ber_decoder;) {
		before = type->ber_decoder;
		type->free_struct(type, NULL, 0);
	}
}

/* The functions of the runtime tell the shape. What can be extended (...) has none. */
static bool shape_of(const asn_TYPE_descriptor_t *type, struct csta_layout *layout)
{
	const asn_OCTET_STRING_specifics_t *octets = type->specifics;

	layout->size = sizeof(OCTET_STRING_t);
	if (type->ber_decoder == SEQUENCE_decode_ber) {
		const asn_SEQUENCE_specifics_t *sequence = type->specifics;

		if (sequence->ext_before >= 0 || sequence->ext_after >= 0)
			return false;
		layout->shape = CSTA_SEQUENCE;
		layout->size = (size_t)sequence->struct_size;
	} else if (type->ber_decoder == CHOICE_decode_ber) {
		const asn_CHOICE_specifics_t *choice = type->specifics;

		if (choice->ext_start >= 0 || choice->pres_size != sizeof(unsigned))
			return false;
		layout->shape = CSTA_CHOICE;
		layout->size = (size_t)choice->struct_size;
		layout->present = (size_t)choice->pres_offset;
	} else if (type->ber_decoder == SEQUENCE_OF_decode_ber) {
		layout->shape = CSTA_LIST;
		layout->size = (size_t)((asn_SET_OF_specifics_t *)type->specifics)->struct_size;
	} else if (type->ber_decoder == NativeInteger_decode_ber) {
		layout->shape = type->xer_encoder == NativeEnumerated_encode_xer ? CSTA_ENUMERATED
		                                                                 : CSTA_INTEGER;
		layout->size = sizeof(long);
	} else if (type->ber_decoder == BOOLEAN_decode_ber) {
		layout->shape = type->der_encoder == NULL_encode_der ? CSTA_NULL : CSTA_BOOLEAN;
		layout->size = sizeof(int);
	} else if (type->ber_decoder == ber_decode_primitive) {
		layout->shape = CSTA_OID;
		layout->size = sizeof(OBJECT_IDENTIFIER_t);
	} else if (type->ber_decoder != OCTET_STRING_decode_ber) {
		return false;
	} else if (type->xer_encoder == OCTET_STRING_encode_xer_utf8) {
		layout->shape = CSTA_TEXT;
	} else if (octets && octets->subvariant == ASN_OSUBV_BIT) {
		layout->shape = CSTA_BITS;
		layout->size = sizeof(BIT_STRING_t);
	} else {
		layout->shape =
		        octets && octets->subvariant == ASN_OSUBV_ANY ? CSTA_ANY : CSTA_OCTETS;
	}
	return true;
}

static const char *field_xml(const asn_TYPE_descriptor_t *type, const char *field)
{
	const char *xml = field;

	for (size_t i = 0; i < csta_field_spelling_count; i++) {
		const struct csta_field_spelling *entry = &csta_field_spellings[i];

		if ((entry->type && entry->type != type) || strcmp(entry->field, field))
			continue;
		used_fields[i] = true;
		xml = entry->xml;
		if (entry->type)
			break; /* the particular wins over the general */
	}
	return xml;
}

static bool standard_value(const struct csta_layout *layout, const char *text, long *value)
{
	char *end;

	if (csta_value_of(layout, text, strlen(text), value))
		return true;
	*value = strtol(text, &end, 10);
	return !*end;
}

static int field_standard(const asn_TYPE_descriptor_t *type, struct csta_field *field,
                          struct cti_error *error)
{
	for (size_t i = 0; i < csta_standard_value_count; i++) {
		const struct csta_standard_value *entry = &csta_standard_values[i];

		if (entry->type == type && (!entry->field || !strcmp(entry->field, field->name))) {
			used_standards[i] = true;
			field->has_standard = true;
			if (!standard_value(field->layout, entry->value, &field->standard))
				return cti_error_set(error, CTI_E_INTERNAL,
				                     "spelling: %s %s has no value %s", type->name,
				                     field->name, entry->value);
		}
	}
	return 0;
}

/* Whether a field, or its type as such, stands in a table; marks the entries. */
static bool field_marked(const struct csta_marked_field *table, size_t count, bool *used,
                         const asn_TYPE_descriptor_t *type, const asn_TYPE_member_t *member)
{
	bool marked = false;

	for (size_t i = 0; i < count; i++) {
		if (table[i].field ? table[i].type == type && !strcmp(table[i].field, member->name)
		                   : table[i].type == member->type)
			used[i] = marked = true;
	}
	return marked;
}

static bool field_key(struct csta_field *field)
{
	char *key;
	int length = asprintf(&key, ",\"%s\":", field->xml);

	if (length < 0)
		return false;
	field->key = key; /* lives on, as the layouts do */
	field->key_length = (unsigned)length;
	return true;
}

/* Behind @p outer, if there is one, the tags of the type from @p from on. */
static int tags_make(struct csta_tags *tags, const uint32_t *outer,
                     const asn_TYPE_descriptor_t *type, int from, struct cti_error *error)
{
	int count = type->tags_count > from ? type->tags_count - from : 0;

	if (count + (outer != NULL) > CSTA_TAGS_MAX)
		return cti_error_set(error, CTI_E_INTERNAL, "%s has more than %d tags", type->name,
		                     CSTA_TAGS_MAX);
	tags->tag[0] = CSTA_NO_TAG;
	tags->count = 0;
	if (outer)
		tags->tag[tags->count++] = *outer;
	for (int i = 0; i < count; i++)
		tags->tag[tags->count++] = type->tags[from + i];
	return 0;
}

/* The member's tag in place of its type's first, or around it, or none of its own. */
static int field_tags(struct csta_field *field, const asn_TYPE_member_t *member,
                      struct cti_error *error)
{
	field->last_any = member->tag == OPEN && field->layout->shape == CSTA_ANY;
	if (!member->tag_mode || field->last_any)
		return tags_make(&field->tags, NULL, member->type, 0, error);
	return tags_make(&field->tags, &member->tag, member->type, member->tag_mode < 0, error);
}

static struct csta_layout *layout_make(asn_TYPE_descriptor_t *type, struct cti_error *error);

static int fields_make(struct csta_layout *layout, struct cti_error *error)
{
	const asn_TYPE_descriptor_t *type = layout->type;
	struct csta_field *fields = calloc((size_t)type->elements_count + 1, sizeof(*fields));

	if (!fields)
		return cti_error_set(error, CTI_E_NOMEM, "no memory for the layout of %s",
		                     type->name);
	layout->fields = fields;
	layout->field_count = (unsigned)type->elements_count;
	for (unsigned i = 0; i < layout->field_count; i++) {
		const asn_TYPE_member_t *member = &type->elements[i];
		struct csta_field *field = &fields[i];

		field->name = member->name;
		field->xml = field_xml(type, member->name);
		if (!field_key(field))
			return cti_error_set(error, CTI_E_NOMEM, "no memory for a key of %s",
			                     type->name);
		field->offset = (size_t)member->memb_offset;
		field->pointer = member->flags & ATF_POINTER;
		field->optional = layout->shape == CSTA_SEQUENCE && member->optional;
		field->secret =
		        field_marked(csta_secrets, csta_secret_count, used_secrets, type, member);
		field->flat = field_marked(csta_flats, csta_flat_count, used_flats, type, member);
		field->layout = layout_make(member->type, error);
		if (!field->layout || field_standard(type, field, error) ||
		    field_tags(field, member, error))
			return CTI_E_INTERNAL;
	}
	return 0;
}

static int enum_names_make(struct csta_layout *layout, struct cti_error *error)
{
	const asn_INTEGER_specifics_t *specifics = layout->type->specifics;
	struct csta_name *names;

	if (!specifics)
		return 0;
	names = calloc((size_t)specifics->map_count + 1, sizeof(*names));
	if (!names)
		return cti_error_set(error, CTI_E_NOMEM, "no memory for the names of %s",
		                     layout->type->name);
	layout->names = names;
	layout->name_count = (unsigned)specifics->map_count;
	for (unsigned i = 0; i < layout->name_count; i++) {
		names[i].name = specifics->value2enum[i].enum_name;
		names[i].value = specifics->value2enum[i].nat_value;
		for (size_t k = 0; k < csta_enum_spelling_count; k++)
			if (csta_enum_spellings[k].type == layout->type &&
			    !strcmp(csta_enum_spellings[k].name, names[i].name)) {
				names[i].name = csta_enum_spellings[k].xml;
				used_enums[k] = true;
			}
	}
	return 0;
}

/* A word of BITS: one name, or ten for "tone0..9". They live on, as the layouts do. */
static bool bit_names_add(struct csta_layout *layout, const char *word, long number)
{
	const char *dots = strstr(word, ".."), *digits = dots ? dots : word + strlen(word);
	long from = 0, to = 0;
	struct csta_name *names;

	while (dots && digits > word && digits[-1] >= '0' && digits[-1] <= '9')
		digits--;
	if (dots) {
		from = strtol(digits, NULL, 10);
		to = strtol(dots + 2, NULL, 10);
	}
	names = realloc((void *)(uintptr_t)layout->names,
	                (layout->name_count + (size_t)(to - from + 1)) * sizeof(*names));
	if (!names)
		return false;
	layout->names = names;
	for (long i = from; i <= to; i++) {
		char *name = NULL;

		if (asprintf(&name, dots ? "%.*s%ld" : "%.*s", (int)(digits - word), word, i) < 0)
			return false;
		names[layout->name_count].name = name;
		names[layout->name_count++].value = number + i - from;
	}
	return true;
}

/* "voice data audio:4": see csta/chapters/all.def. */
static int bit_names_make(struct csta_layout *layout, struct cti_error *error)
{
	const char *text = NULL;
	char *copy, *save = NULL;
	bool complete = true;
	long next = 0;

	for (size_t i = 0; i < csta_bit_names_count; i++)
		if (csta_bit_names[i].type == layout->type) {
			text = csta_bit_names[i].names;
			used_bits[i] = true;
		}
	if (!text)
		return 0;
	copy = strdup(text);
	for (char *word = copy ? strtok_r(copy, " ", &save) : NULL; word && complete;
	     word = strtok_r(NULL, " ", &save)) {
		char *colon = strchr(word, ':');

		if (colon) {
			*colon = '\0';
			next = strtol(colon + 1, NULL, 10);
		}
		complete = bit_names_add(layout, word, next);
		next = layout->name_count ? layout->names[layout->name_count - 1].value + 1 : 0;
	}
	complete = complete && copy;
	free(copy);
	return complete ? 0
	                : cti_error_set(error, CTI_E_NOMEM, "no memory for the names of %s",
	                                layout->type->name);
}

static struct csta_layout *layout_make(asn_TYPE_descriptor_t *type, struct cti_error *error)
{
	struct csta_layout **slot = slot_of(type), *layout;
	int failure = 0;

	if (*slot)
		return *slot;
	layout = taken < SLOTS / 2 ? calloc(1, sizeof(*layout)) : NULL;
	if (!layout) {
		cti_error_set(error, CTI_E_NOMEM, "no room for the layout of %s", type->name);
		return NULL;
	}
	settle(type);
	layout->type = type;
	*slot = layout;
	taken++;
	if (!shape_of(type, layout)) {
		cti_error_set(error, CTI_E_INTERNAL, "%s has a shape that the walk does not know",
		              type->name);
		return NULL;
	}
	failure = tags_make(&layout->tags, NULL, type, 0, error);
	if (failure)
		return NULL;
	switch (layout->shape) {
	case CSTA_SEQUENCE:
	case CSTA_CHOICE:
	case CSTA_LIST:
		failure = fields_make(layout, error);
		break;
	case CSTA_ENUMERATED:
		failure = enum_names_make(layout, error);
		break;
	case CSTA_BITS:
		failure = bit_names_make(layout, error);
		break;
	case CSTA_INTEGER:
	case CSTA_BOOLEAN:
	case CSTA_NULL:
	case CSTA_OCTETS:
	case CSTA_TEXT:
	case CSTA_ANY:
	case CSTA_OID:
		break;
	}
	return failure ? NULL : layout;
}

/* An entry of the spelling tables that fitted nothing is a slip of the pen. */
static int tables_check(struct cti_error *error)
{
	for (size_t i = 0; i < csta_field_spelling_count; i++)
		if (!used_fields[i])
			return cti_error_set(error, CTI_E_INTERNAL, "spelling: no field %s",
			                     csta_field_spellings[i].field);
	for (size_t i = 0; i < csta_standard_value_count; i++)
		if (!used_standards[i])
			return cti_error_set(error, CTI_E_INTERNAL,
			                     "spelling: no field for standard value %s",
			                     csta_standard_values[i].value);
	for (size_t i = 0; i < csta_enum_spelling_count; i++)
		if (!used_enums[i])
			return cti_error_set(error, CTI_E_INTERNAL, "spelling: no value %s",
			                     csta_enum_spellings[i].name);
	for (size_t i = 0; i < csta_bit_names_count; i++)
		if (!used_bits[i])
			return cti_error_set(error, CTI_E_INTERNAL, "spelling: no bits %s",
			                     csta_bit_names[i].type->name);
	for (size_t i = 0; i < csta_secret_count; i++)
		if (!used_secrets[i])
			return cti_error_set(error, CTI_E_INTERNAL, "spelling: no secret in %s",
			                     csta_secrets[i].type->name);
	for (size_t i = 0; i < csta_flat_count; i++)
		if (!used_flats[i])
			return cti_error_set(error, CTI_E_INTERNAL, "spelling: nothing flat in %s",
			                     csta_flats[i].type->name);
	return 0;
}

static bool marks_make(void)
{
	used_fields = calloc(csta_field_spelling_count, sizeof(bool));
	used_standards = calloc(csta_standard_value_count, sizeof(bool));
	used_enums = calloc(csta_enum_spelling_count, sizeof(bool));
	used_bits = calloc(csta_bit_names_count, sizeof(bool));
	used_secrets = calloc(csta_secret_count, sizeof(bool));
	used_flats = calloc(csta_flat_count, sizeof(bool));
	return used_fields && used_standards && used_enums && used_bits && used_secrets &&
	       used_flats;
}

static void marks_free(void)
{
	free(used_fields);
	free(used_standards);
	free(used_enums);
	free(used_bits);
	free(used_secrets);
	free(used_flats);
}

/* The descriptors are asn1c's variables; only the rows see them const. */
static int root_make(const asn_TYPE_descriptor_t *type, struct cti_error *error)
{
	if (layout_make((asn_TYPE_descriptor_t *)(uintptr_t)type, error))
		return 0;
	return error && error->code ? error->code : CTI_E_INTERNAL;
}

static int layouts_make(struct cti_error *error)
{
	int failure = 0;

	for (size_t i = 0; i < csta_type_count && !failure; i++)
		failure = root_make(csta_types[i].value, error);
	failure = failure ? failure : csta_dialects_layouts(root_make, error);
	return failure ? failure : tables_check(error);
}

int csta_layouts_make(struct cti_error *error)
{
	int failure = marks_make() ? layouts_make(error)
	                           : cti_error_set(error, CTI_E_NOMEM, "no memory for layouts");

	marks_free();
	return failure;
}
