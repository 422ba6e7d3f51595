/* SPDX-License-Identifier: Apache-2.0 */
/* csta_types, the layouts of csta/walk.h and the types of csta/xml.h, for other programs to judge.
 */
#include "interop.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *const kinds[] = {"request", "response",    "error",  "reject",
                                    "event",   "association", "session"};
static const char *const shapes[] = {"SEQUENCE",   "CHOICE",  "SEQUENCE OF", "INTEGER",
                                     "ENUMERATED", "BOOLEAN", "NULL",        "OCTET STRING",
                                     "text",       "ANY",     "BIT STRING",  "OBJECT IDENTIFIER"};
/* One without name is printed as its number. */
#define SHAPE(name) [XML_##name] = #name
static const char *const xml_shapes[XML_ANY_LIST + 1] = {
        SHAPE(BOOLEAN),      SHAPE(INTEGER), SHAPE(FLOAT),   SHAPE(TRUTH),    SHAPE(ENUMERATED),
        SHAPE(STRING),       SHAPE(HEX),     SHAPE(TIME),    SHAPE(DEVICE),   SHAPE(LOCAL_DEVICE),
        SHAPE(DESTINATIONS), SHAPE(MONITOR), SHAPE(BIT),     SHAPE(RAW),      SHAPE(ANY_HEX),
        SHAPE(ANY_RAW),      SHAPE(FIXED),   SHAPE(NULL),    SHAPE(SEQUENCE), SHAPE(CHOICE),
        SHAPE(CHOICES),      SHAPE(LIST),    SHAPE(WRAPPED), SHAPE(BITS),     SHAPE(ONE_BIT),
        SHAPE(CONNECTION),   SHAPE(TWOFOLD), SHAPE(ANY),     SHAPE(ANY_LIST)};

_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == CSTA_SESSION + 1, "a kind without name");
_Static_assert(sizeof(shapes) / sizeof(shapes[0]) == CSTA_OID + 1, "a shape without name");

/* What is still to be printed; each once, so that recursive types end. */
static struct list {
	const void **items;
	size_t count, size;
} layouts, types;

static void reach(struct list *list, const void *item)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i] == item)
			return;
	if (list->count == list->size) {
		list->size = list->size ? 2 * list->size : 1024;
		list->items = realloc(list->items, list->size * sizeof(*list->items));
		if (!list->items)
			abort(); /* a tool of the tests */
	}
	list->items[list->count++] = item;
}

static void print_id(const void *item)
{
	printf("\"%" PRIxPTR "\"", (uintptr_t)item);
}

static void print_row(const struct csta_type *row, const char *comma)
{
	printf("%s\n{\"element\":\"%s\",\"kind\":\"%s\",\"operation\":%d,\"category\":%d,\"tag\":%"
	       "d,"
	       "\"value\":\"%s\",\"encodings\":%u,\"edition\":%u,\"clause\":\"%s\",\"silent\":%s",
	       comma, row->element, kinds[row->kind], row->operation, row->event_category,
	       row->event_tag, row->value ? row->value->name : "", row->encodings,
	       row->first_edition, row->clause, row->no_response ? "true" : "false");
	if (row->value) {
		printf(",\"layout\":");
		print_id(csta_layout_of_type(row));
		reach(&layouts, csta_layout_of_type(row));
	}
	if (row->encodings & CSTA_IN_XML) {
		printf(",\"xml\":");
		print_id(xml_type_of(row));
		reach(&types, xml_type_of(row));
	}
	printf("}");
}

static void print_layout(const struct csta_layout *layout, const char *comma)
{
	printf("%s\n", comma);
	print_id(layout);
	printf(":{\"type\":\"%s\",\"shape\":\"%s\",\"fields\":[", layout->type->name,
	       shapes[layout->shape]);
	for (unsigned i = 0; i < layout->field_count; i++) {
		const struct csta_field *field = &layout->fields[i];

		printf("%s{\"name\":\"%s\",\"xml\":\"%s\",\"optional\":%s,\"of\":", i ? "," : "",
		       field->name, field->xml, field->optional ? "true" : "false");
		print_id(field->layout);
		reach(&layouts, field->layout);
		if (field->has_standard)
			printf(",\"standard\":%ld", field->standard);
		printf("}");
	}
	printf("],\"names\":{");
	for (unsigned i = 0; i < layout->name_count; i++)
		printf("%s\"%s\":%ld", i ? "," : "", layout->names[i].name, layout->names[i].value);
	printf("}}");
}

static void print_type(const struct xml_type *type, const char *comma)
{
	printf("%s\n", comma);
	print_id(type);
	if (xml_shapes[type->shape])
		printf(":{\"shape\":\"%s\"", xml_shapes[type->shape]);
	else
		printf(":{\"shape\":\"%d\"", (int)type->shape);
	printf(",\"name\":\"%s\",\"members\":[", type->layout ? type->layout->type->name : "");
	for (unsigned i = 0; i < type->count; i++) {
		const struct xml_member *m = &type->members[i];

		printf("%s{\"name\":\"%s\",\"edition\":%u,\"until\":%u,\"mandatory\":%s,\"field\":"
		       "\"%s\","
		       "\"of\":",
		       i ? "," : "", xml_names[m->name], m->edition, m->until,
		       xml_set_has(&type->mandatory, i) ? "true" : "false",
		       m->field ? m->field->name : "");
		print_id(m->type);
		reach(&types, m->type);
		printf("}");
	}
	printf("],\"values\":{");
	for (unsigned i = 0; (type->shape == XML_ENUMERATED || type->shape == XML_ONE_BIT) &&
	                     i < type->layout->name_count;
	     i++) {
		const struct csta_name *name = &type->layout->names[i];
		unsigned edition = 0;

		for (unsigned k = 0; k < type->value_count; k++)
			if (type->values[k].value == name->value)
				edition = type->values[k].edition;
		printf("%s\"%s\":%u", i ? "," : "", name->name, edition);
	}
	printf("}}");
}

int interop_dump(FILE *unused)
{
	(void)unused;
	printf("{\"rows\":[");
	for (size_t i = 0; i < csta_type_count; i++)
		print_row(&csta_types[i], i ? "," : "");
	printf("],\n\"layouts\":{");
	for (size_t i = 0; i < layouts.count; i++)
		print_layout(layouts.items[i], i ? "," : "");
	printf("},\n\"xml\":{");
	for (size_t i = 0; i < types.count; i++)
		print_type(types.items[i], i ? "," : "");
	printf("}}\n");
	free(layouts.items);
	free(types.items);
	return 0;
}
