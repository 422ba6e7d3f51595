/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A type becomes one entry of "$defs" under its name in ASN.1:
 *
 *   "ConnectionInformation": {"type": "object",
 *     "properties": {"flowDirection": {"$ref": "#/$defs/FlowDirection"}, ...},
 *     "required": ["flowDirection"], "additionalProperties": false}
 *
 * Beside a reference stands what is the field's own: its name in ECMA-285 where that differs, what
 * its absence stands for ("default"), "x-cti-secret" where it is masked when people look.
 */
#include "csta/schema.h"

#include "csta/catalogue.h"
#include "csta/codec.h"
#include "csta/walk.h"
#include "sdk/names.h"

#include <IA5String.h>
#include <TimeInfo.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define DIALECT      "https://json-schema.org/draft/2020-12/schema"
#define TYPES_MAX    2048
#define PROBE_OCTETS 1024 /* no length of the standard is beyond */
#define UNLIMITED    -1
/* Definitions that are not types of ASN.1's. */
#define HEX    "Hex"
#define OCTETS "Octets"
#define ANY    "PrivateData"

struct making {
	unsigned how;
	json_t *defs;
	const struct csta_layout *made[TYPES_MAX]; /* in the order of defs */
	size_t count;
	const char *clash; /* two types of one name */
	bool failed;       /* no memory */
};

static json_t *reference(struct making *, const struct csta_layout *);

static void set(struct making *making, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		making->failed = true;
}

static void append(struct making *making, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		making->failed = true;
}

static bool strict(const struct making *making)
{
	return making->how & CSTA_SCHEMA_STRICT;
}

/* ---- octets and numbers ----------------------------------------------------------------- */

/* What a SIZE or a range allows; asn1c tells it only as a function. */
struct limits {
	long least, most; /* most UNLIMITED */
	bool any;         /* there are no limits */
};
static const struct limits unlimited = {0, UNLIMITED, true};

static bool length_fits(const asn_TYPE_member_t *member, long length)
{
	static uint8_t zeros[PROBE_OCTETS + 1];
	OCTET_STRING_t octets = {.buf = zeros, .size = (int)length};
	return !member->memb_constraints(member->type, &octets, NULL, NULL);
}

static bool number_fits(const asn_TYPE_member_t *member, long number)
{
	return !member->memb_constraints(member->type, &number, NULL, NULL);
}

/* Farthest from @p inside towards @p outside that fits: all in between do. */
static long edge_find(const asn_TYPE_member_t *member, long inside, long outside)
{
	while (inside + 1 < outside || inside - 1 > outside) {
		long middle = inside / 2 + outside / 2 + (inside % 2 + outside % 2) / 2;
		if (number_fits(member, middle))
			inside = middle;
		else
			outside = middle;
	}
	return inside;
}

static struct limits limits_of(const asn_TYPE_member_t *member, enum csta_shape shape)
{
	struct limits limits = unlimited;
	if (!member || !member->memb_constraints)
		return limits;
	if (shape == CSTA_INTEGER) {
		/* All ranges of CSTA begin with 0 or 1. */
		limits.least = number_fits(member, 0) ? 0 : 1;
		if (!number_fits(member, limits.least) || number_fits(member, -1) ||
		    number_fits(member, INT_MAX))
			return limits;
		limits.most = edge_find(member, limits.least, INT_MAX);
		limits.any = false;
		return limits;
	}
	while (limits.least < PROBE_OCTETS && !length_fits(member, limits.least))
		limits.least++;
	for (long length = limits.least; length < PROBE_OCTETS; length++)
		if (length_fits(member, length))
			limits.most = length;
		else
			break;
	limits.any = limits.least == PROBE_OCTETS || limits.most == PROBE_OCTETS - 1;
	return limits;
}

/* "abc", or {"hex":"00ff"} where that is no text. */
static json_t *hex_schema(const struct limits *limits)
{
	char pattern[64] = "^([0-9A-Fa-f]{2})*$";
	if (!limits->any)
		snprintf(pattern, sizeof pattern, "^([0-9A-Fa-f]{2}){%ld,%ld}$", limits->least,
		         limits->most);
	return json_pack("{ss s{s{ss ss}} s[s] sb}", "type", "object", "properties", "hex", "type",
	                 "string", "pattern", pattern, "required", "hex", "additionalProperties",
	                 0);
}

static json_t *text_schema(const struct limits *limits, const char *pattern)
{
	json_t *schema = json_pack("{ss}", "type", "string");
	/* A length counts octets in CSTA, characters in JSON: of up to four octets each. */
	if (limits->any && !pattern)
		return schema;
	if (!limits->any &&
	    (json_object_set_new(schema, "minLength", json_integer((limits->least + 3) / 4)) ||
	     json_object_set_new(schema, "maxLength", json_integer(limits->most))))
		return NULL;
	if (pattern && json_object_set_new(schema, "pattern", json_string(pattern)))
		return NULL;
	return schema;
}

/* Reference to a definition that is not a type of ASN.1's. */
static json_t *shared(struct making *making, const char *name, json_t *schema)
{
	char target[64];
	if (making->defs)
		set(making, making->defs, name, schema);
	else
		json_decref(schema);
	snprintf(target, sizeof target, "%s#/$defs/%s", making->defs ? "" : CSTA_SCHEMA_TYPES,
	         name);
	return json_pack("{ss}", "$ref", target);
}

static json_t *any_octets_schema(struct making *making)
{
	json_t *hex = shared(making, HEX, hex_schema(&unlimited));
	return shared(making, OCTETS, json_pack("{s[{ss}o]}", "anyOf", "type", "string", hex));
}

/* BER as it came; what a table of private data says of it. */
static json_t *any_schema(struct making *making)
{
	json_t *schema = hex_schema(&unlimited);
	json_t *names = json_pack("{ss s{ss si}}", "type", "array", "items", "type", "object",
	                          "maxProperties", 1);
	set(making, json_object_get(schema, "properties"), "names", names);
	return shared(making, ANY, schema);
}

static json_t *octets_schema(struct making *making, const struct csta_layout *layout,
                             const struct limits *limits)
{
	if (strict(making) && layout->type == &asn_DEF_TimeInfo) /* GeneralizedTime of X.680 */
		return text_schema(limits,
		                   "^[0-9]{10}([0-9]{2}){0,2}([.,][0-9]+)?(Z|[+-][0-9]{4})?$");
	if (strict(making) && layout->shape == CSTA_TEXT)
		return text_schema(
		        limits, layout->type == &asn_DEF_IA5String ? "^[\\u0000-\\u007f]*$" : NULL);
	if (limits->any)
		return any_octets_schema(making);
	return json_pack("{s[oo]}", "anyOf", text_schema(limits, NULL), hex_schema(limits));
}

static json_t *integer_schema(const struct limits *limits)
{
	if (limits->any)
		return json_pack("{ss sI sI}", "type", "integer", "minimum", (json_int_t)LONG_MIN,
		                 "maximum", (json_int_t)LONG_MAX);
	return json_pack("{ss sI sI}", "type", "integer", "minimum", (json_int_t)limits->least,
	                 "maximum", (json_int_t)limits->most);
}

/* ---- names ------------------------------------------------------------------------------- */

static json_t *enumerated_schema(struct making *making, const struct csta_layout *layout)
{
	json_t *names = json_array();
	for (unsigned i = 0; i < layout->name_count; i++)
		append(making, names, json_string(layout->names[i].name));
	if (strict(making))
		return json_pack("{so}", "enum", names);
	return json_pack("{s[{so}{ss ss}]}", "anyOf", "enum", names, "type", "integer",
	                 "description", "a value that has no name");
}

static json_t *bits_schema(struct making *making, const struct csta_layout *layout)
{
	json_t *bits = json_object(), *schema;
	char number[24], text[32];
	long end = 0;
	for (unsigned i = 0; i < layout->name_count; i++) {
		long bit = layout->names[i].value;
		end = bit >= end ? bit + 1 : end;
		snprintf(text, sizeof text, "bit %ld", bit);
		set(making, bits, layout->names[i].name,
		    json_pack("{ss ss}", "type", "boolean", "description", text));
	}
	/* Those between named ones take room, and so have to be said. */
	for (long bit = 0; bit < end; bit++) {
		snprintf(number, sizeof number, "%ld", bit);
		if (!csta_name_of(layout, bit))
			set(making, bits, number, json_pack("{ss}", "type", "boolean"));
	}
	schema = json_pack("{ss so sb}", "type", "object", "properties", bits,
	                   "additionalProperties", 0);
	/* A bit string without any names has numbers for them in the standard too. */
	if ((!strict(making) || !layout->name_count) && schema)
		set(making, schema, "patternProperties",
		    json_pack("{s{ss ss}}", "^([0-9]{1,3}|10[01][0-9]|102[0-3])$", "type",
		              "boolean", "description", "a bit that has no name"));
	return schema;
}

/* ---- what has fields ---------------------------------------------------------------------- */

/* What absence stands for, as it would be written. */
static json_t *standard_value(const struct csta_field *field)
{
	const struct csta_layout *layout = field->layout;
	const char *name = csta_name_of(layout, field->standard);
	if (layout->shape == CSTA_BITS) { /* so many bits from the first */
		json_t *bits = json_object();
		for (long i = 0; i < field->standard; i++)
			if (!csta_name_of(layout, i) ||
			    json_object_set_new(bits, csta_name_of(layout, i), json_true()))
				return NULL;
		return bits;
	}
	if (layout->shape == CSTA_BOOLEAN)
		return json_boolean(field->standard);
	return name ? json_string(name) : json_integer(field->standard);
}

static json_t *field_schema(struct making *making, const struct csta_layout *parent, unsigned index)
{
	const struct csta_field *field = &parent->fields[index];
	enum csta_shape shape = field->layout->shape;
	struct limits limits = unlimited;
	json_t *schema;
	if (strict(making) && (shape == CSTA_INTEGER || shape == CSTA_OCTETS || shape == CSTA_TEXT))
		limits = limits_of(&parent->type->elements[index], shape);
	if (limits.any)
		schema = reference(making, field->layout);
	else if (shape == CSTA_INTEGER)
		schema = integer_schema(&limits);
	else
		schema = octets_schema(making, field->layout, &limits);
	if (field->xml != field->name && strcmp(field->xml, field->name) != 0) {
		char text[80];
		snprintf(text, sizeof text, "%s in ECMA-285", field->name);
		set(making, schema, "description", json_string(text));
	}
	if (field->has_standard)
		set(making, schema, "default", standard_value(field));
	if (field->secret)
		set(making, schema, "x-cti-secret", json_true());
	return schema;
}

static json_t *sequence_schema(struct making *making, const struct csta_layout *layout)
{
	json_t *properties = json_object(), *required = json_array(), *schema;
	for (unsigned i = 0; i < layout->field_count; i++) {
		set(making, properties, layout->fields[i].xml, field_schema(making, layout, i));
		if (!layout->fields[i].optional)
			append(making, required, json_string(layout->fields[i].xml));
	}
	schema = json_pack("{ss so}", "type", "object", "properties", properties);
	if (json_array_size(required))
		set(making, schema, "required", required);
	else
		json_decref(required);
	set(making, schema, "additionalProperties", json_false());
	return schema;
}

/* An object of one member; a flat alternative is an object of its own. */
static json_t *choice_schema(struct making *making, const struct csta_layout *layout)
{
	json_t *properties = json_object(), *flat = NULL, *schema;
	for (unsigned i = 0; i < layout->field_count; i++)
		if (layout->fields[i].flat)
			flat = reference(making, layout->fields[i].layout);
		else
			set(making, properties, layout->fields[i].xml,
			    field_schema(making, layout, i));
	schema = json_pack("{ss si so sb}", "type", "object", "maxProperties", 1, "properties",
	                   properties, "additionalProperties", 0);
	/* {}: an alternative came that the standard does not have. */
	if (strict(making))
		set(making, schema, "minProperties", json_integer(1));
	return flat ? json_pack("{s[oo]}", "anyOf", flat, schema) : schema;
}

static json_t *oid_schema(struct making *making)
{
	json_t *schema = text_schema(&unlimited, "^([01]\\.[0-3]?[0-9]|2\\.[0-9]+)(\\.[0-9]+)*$");
	if (strict(making))
		return schema;
	return json_pack("{s[oo]}", "anyOf", schema, shared(making, HEX, hex_schema(&unlimited)));
}

static json_t *layout_schema(struct making *making, const struct csta_layout *layout)
{
	switch (layout->shape) {
	case CSTA_SEQUENCE:
		return sequence_schema(making, layout);
	case CSTA_CHOICE:
		return choice_schema(making, layout);
	case CSTA_LIST:
		return json_pack("{ss so}", "type", "array", "items",
		                 reference(making, layout->fields[0].layout));
	case CSTA_INTEGER:
		return integer_schema(&unlimited);
	case CSTA_ENUMERATED:
		return enumerated_schema(making, layout);
	case CSTA_BOOLEAN:
		return json_pack("{ss}", "type", "boolean");
	case CSTA_NULL:
		return json_pack("{ss}", "type", "null");
	case CSTA_OCTETS:
	case CSTA_TEXT:
		return octets_schema(making, layout, &unlimited);
	case CSTA_ANY:
		return any_schema(making);
	case CSTA_BITS:
		return bits_schema(making, layout);
	case CSTA_OID:
		return oid_schema(making);
	}
	return NULL;
}

/* ---- types ------------------------------------------------------------------------------- */

/* ASN.1's own types, and those that asn1c called by the field they stand in, have no name. */
static bool has_name(const struct csta_layout *layout)
{
	static const char *const own[] = {"ANY",  "BOOLEAN",   "INTEGER",
	                                  "NULL", "IA5String", "UTF8String"};
	const char *name = layout->type->name;
	return *name >= 'A' && *name <= 'Z' && !strchr(name, ' ') &&
	       name_parse(own, COUNT(own), name) < 0;
}

static void definition_make(struct making *making, const struct csta_layout *layout)
{
	for (size_t i = 0; i < making->count; i++) {
		if (making->made[i] == layout)
			return;
		if (!strcmp(making->made[i]->type->name, layout->type->name))
			making->clash = layout->type->name;
	}
	if (json_object_get(making->defs, layout->type->name))
		making->clash = layout->type->name;
	if (making->clash || making->count == TYPES_MAX) {
		making->failed = true;
		return;
	}
	making->made[making->count++] = layout;
	/* Its place is taken first: a type may reach itself. */
	set(making, making->defs, layout->type->name, json_object());
	set(making, making->defs, layout->type->name, layout_schema(making, layout));
}

static json_t *reference(struct making *making, const struct csta_layout *layout)
{
	char target[160];
	bool apart = making->how & CSTA_SCHEMA_APART && !making->defs;
	if (!has_name(layout))
		return layout_schema(making, layout);
	if (!apart)
		definition_make(making, layout);
	snprintf(target, sizeof target, "%s#/$defs/%s", apart ? CSTA_SCHEMA_TYPES : "",
	         layout->type->name);
	return json_pack("{ss}", "$ref", target);
}

/* ---- messages ---------------------------------------------------------------------------- */

static json_t *description_of(const struct csta_type *type)
{
	char text[300], doer[80], place[64] = "", edition[32] = "";
	csta_doer_describe(type, doer, sizeof doer);
	if (type->kind == CSTA_EVENT)
		snprintf(place, sizeof place, ", category %d, tag %d of CSTAEventReport",
		         type->event_category, type->event_tag);
	else if (type->operation >= 0)
		snprintf(place, sizeof place, ", operation %d", type->operation);
	if (type->encodings & CSTA_IN_XML)
		snprintf(edition, sizeof edition, "; in XML since edition %u", type->first_edition);
	snprintf(text, sizeof text, "%s%s: %s%s%s%s. In cti-server: %s.",
	         csta_chapter_of(type) ? "ECMA-269 " : "", type->clause, csta_kind_name(type->kind),
	         place, edition, type->encodings & CSTA_IN_BER ? "" : "; not in BER", doer);
	return json_string(text);
}

/* {"HoldCall": …, "invokeID": 7} */
static json_t *envelope_schema(struct making *making, const struct csta_type *type,
                               const char *name)
{
	static const struct limits monitor = {0, CSTA_MONITOR_ID_MAX, false};
	json_t *properties = json_object(), *required = json_pack("[s]", type->element);
	json_t *value = reference(making, csta_layout_of_type(type));
	if (csta_type_may_be_empty(type))
		value = json_pack("{s[o{ss}]}", "anyOf", value, "type", "null");
	set(making, properties, type->element, value);
	set(making, properties, "invokeID",
	    json_pack("{ss si sI ss}", "type", "integer", "minimum", 0, "maximum",
	              (json_int_t)CSTA_NO_INVOKE_ID - 1, "description",
	              "absent where the wire had none"));
	if (type->kind == CSTA_EVENT) {
		set(making, properties, "monitorCrossRefID",
		    octets_schema(making, csta_layout_of_type(type), &monitor));
		append(making, required, json_string("monitorCrossRefID"));
	}
	return json_pack("{ss ss ss so ss so so sb}", "$schema", DIALECT, "$id", name, "title",
	                 type->element, "description", description_of(type), "type", "object",
	                 "properties", properties, "required", required, "additionalProperties", 0);
}

/* @p schema is taken. */
static int schema_write(struct making *making, json_t *schema, const char *name,
                        struct csta_buffer *out, struct cti_error *error)
{
	char *text;
	int failure;
	if (making->defs && json_object_size(making->defs))
		set(making, schema, "$defs", json_incref(making->defs));
	text = making->failed ? NULL : json_dumps(schema, JSON_INDENT(1));
	failure = !text || csta_buffer_append(out, text, strlen(text)) ||
	          csta_buffer_append(out, "\n", 1);
	free(text);
	json_decref(schema);
	json_decref(making->defs);
	if (making->clash)
		return cti_error_set(error, CTI_E_INTERNAL, "schema: two types are called %s",
		                     making->clash);
	return failure ? cti_error_set(error, CTI_E_NOMEM, "%s: no memory for its schema", name)
	               : 0;
}

int csta_schema_message(const struct csta_type *type, unsigned how, struct csta_buffer *out,
                        struct cti_error *error)
{
	struct making making = {.how = how, .defs = how & CSTA_SCHEMA_APART ? NULL : json_object()};
	char name[96];
	snprintf(name, sizeof name, "%s.json", type->element);
	return schema_write(&making, envelope_schema(&making, type, name), name, out, error);
}

int csta_schema_types(unsigned how, struct csta_buffer *out, struct cti_error *error)
{
	struct making making = {.how = how, .defs = json_object()};
	for (size_t i = 0; i < csta_type_count; i++)
		json_decref(reference(&making, csta_layout_of_type(&csta_types[i])));
	return schema_write(&making,
	                    json_pack("{ss ss ss}", "$schema", DIALECT, "$id", CSTA_SCHEMA_TYPES,
	                              "title", "Types of CSTA messages"),
	                    CSTA_SCHEMA_TYPES, out, error);
}
