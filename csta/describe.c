/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages for people. One line for the trace,
 *
 *   DeliveredEvent 7 monitor "42" connection=17/2003 alertingDevice=2003 ... cause=newCall
 *
 * where a value is its leaves joined by slashes; and the whole as a tree, a field a line.
 */
#include "csta/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MASK "***"
#define CUT  "..."

static void write_octets(struct csta_writer *writer, const OCTET_STRING_t *octets)
{
	if (octets->size && !csta_is_utf8(octets->buf, (size_t)octets->size)) {
		csta_write_text(writer, "0x");
		csta_write_hex(writer, octets->buf, (size_t)octets->size);
		return;
	}
	csta_write_quoted(writer, octets->buf, (size_t)octets->size);
}

static void write_bits(struct csta_writer *writer, const struct csta_layout *layout,
                       const BIT_STRING_t *bits)
{
	bool first = true;

	csta_write(writer, "{", 1);
	for (size_t i = 0; i < csta_bit_count(bits); i++) {
		const char *name = csta_name_of(layout, (long)i);

		if (!csta_bit_get(bits, i))
			continue;
		if (!first)
			csta_write(writer, " ", 1);
		first = false;
		if (name)
			csta_write_text(writer, name);
		else
			csta_write_number(writer, (long)i);
	}
	csta_write(writer, "}", 1);
}

/* A value that has no fields. */
static void write_leaf(struct csta_writer *writer, const struct csta_layout *layout,
                       const void *value)
{
	const OCTET_STRING_t *octets = value;
	const char *name;

	switch (layout->shape) {
	case CSTA_INTEGER:
	case CSTA_ENUMERATED:
		name = csta_name_of(layout, *(const long *)value);
		if (name)
			csta_write_text(writer, name);
		else
			csta_write_number(writer, *(const long *)value);
		break;
	case CSTA_BOOLEAN:
		csta_write_text(writer, *(const int *)value ? "true" : "false");
		break;
	case CSTA_OCTETS:
	case CSTA_TEXT:
		write_octets(writer, octets);
		break;
	case CSTA_OID: /* one that is none is shown as it is */
		if (csta_write_oid(writer, value))
			break;
		/* fall through */
	case CSTA_ANY:
		if (layout->shape == CSTA_ANY && csta_write_names_short(writer, octets))
			break;
		csta_write_text(writer, "0x");
		csta_write_hex(writer, octets->buf, (size_t)octets->size);
		break;
	case CSTA_BITS:
		write_bits(writer, layout, value);
		break;
	case CSTA_NULL:
	case CSTA_SEQUENCE:
	case CSTA_CHOICE:
	case CSTA_LIST:
		break;
	}
}

/* ---- one line --------------------------------------------------------------------------- */

static void write_short(struct csta_writer *, const struct csta_layout *, const void *);

static void write_short_field(struct csta_writer *writer, const struct csta_field *field,
                              const void *value)
{
	if (field->secret)
		csta_write_text(writer, MASK);
	else if (field->layout->shape == CSTA_NULL)
		csta_write_text(writer, field->xml);
	else
		write_short(writer, field->layout, value);
}

static void write_short(struct csta_writer *writer, const struct csta_layout *layout,
                        const void *value)
{
	const OCTET_STRING_t *octets = value;
	bool first = true;
	int present;

	switch (layout->shape) {
	case CSTA_SEQUENCE:
		for (unsigned i = 0; i < layout->field_count; i++) {
			const void *member = csta_field_get(&layout->fields[i], value);

			if (!member)
				continue;
			if (!first)
				csta_write(writer, "/", 1);
			first = false;
			write_short_field(writer, &layout->fields[i], member);
		}
		break;
	case CSTA_CHOICE:
		present = csta_choice_get(layout, value);
		if (present >= 0 && csta_field_get(&layout->fields[present], value))
			write_short_field(writer, &layout->fields[present],
			                  csta_field_get(&layout->fields[present], value));
		break;
	case CSTA_LIST:
		csta_write(writer, "[", 1);
		for (size_t i = 0; i < csta_list_count(value); i++) {
			if (i)
				csta_write(writer, " ", 1);
			write_short(writer, layout->fields[0].layout, csta_list_item(value, i));
		}
		csta_write(writer, "]", 1);
		break;
	case CSTA_TEXT:
	case CSTA_OCTETS:
		/* Numbers and names read better without quotes. */
		if (octets->size && csta_is_utf8(octets->buf, (size_t)octets->size)) {
			csta_write_escaped(writer, octets->buf, (size_t)octets->size);
			break;
		}
		/* fall through */
	case CSTA_INTEGER:
	case CSTA_ENUMERATED:
	case CSTA_BOOLEAN:
	case CSTA_NULL:
	case CSTA_ANY:
	case CSTA_BITS:
	case CSTA_OID:
		write_leaf(writer, layout, value);
		break;
	}
}

static void write_line(struct csta_writer *writer, const struct csta_message *message)
{
	const struct csta_layout *layout = csta_layout_of_type(message->type);

	csta_write_text(writer, message->type->element);
	if (message->invoke_id != CSTA_NO_INVOKE_ID) {
		csta_write(writer, " ", 1);
		csta_write_number(writer, (long)message->invoke_id);
	}
	if (message->monitor_length) {
		OCTET_STRING_t monitor = {.buf = (uint8_t *)(uintptr_t)message->monitor,
		                          .size = (int)message->monitor_length};

		csta_write_text(writer, " monitor ");
		write_octets(writer, &monitor);
	}
	if (!message->value)
		return;
	if (layout->shape != CSTA_SEQUENCE) {
		int present = csta_choice_get(layout, message->value);

		if (present < 0 || layout->fields[present].layout->shape == CSTA_NULL)
			return;
		csta_write(writer, " ", 1);
		csta_write_text(writer, layout->fields[present].xml);
		csta_write(writer, "=", 1);
		write_short(writer, layout, message->value);
		return;
	}
	for (unsigned i = 0; i < layout->field_count; i++) {
		const void *member = csta_field_get(&layout->fields[i], message->value);

		if (!member)
			continue;
		csta_write(writer, " ", 1);
		csta_write_text(writer, layout->fields[i].xml);
		csta_write(writer, "=", 1);
		write_short_field(writer, &layout->fields[i], member);
	}
}

int csta_describe(const struct csta_message *message, char *line, size_t size)
{
	struct csta_buffer text = {0};
	struct csta_writer writer = {.out = &text, .message = message};
	size_t length;

	write_line(&writer, message);
	if (!writer.failed && size) {
		length = text.length < size ? text.length : size - 1;
		if (length)
			memcpy(line, text.data, length);
		line[length] = '\0';
		if (length < text.length && size > sizeof(CUT))
			memcpy(line + size - sizeof(CUT), CUT, sizeof(CUT));
	}
	csta_buffer_free(&text);
	return writer.failed ? CTI_E_NOMEM : 0;
}

/* ---- tree ------------------------------------------------------------------------------- */

struct tree {
	struct csta_writer writer;
	bool secrets;
};

static void tree_value(struct tree *, const struct csta_layout *, const void *, unsigned depth);

static void tree_indent(struct tree *tree, unsigned depth)
{
	while (depth--)
		csta_write(&tree->writer, "  ", 2);
}

static void tree_field(struct tree *tree, const char *name, const struct csta_field *field,
                       const void *value, unsigned depth)
{
	enum csta_shape shape = field->layout->shape;

	if (shape == CSTA_ANY && csta_write_names_tree(&tree->writer, value, depth))
		return;
	tree_indent(tree, depth);
	csta_write_text(&tree->writer, name);
	if (field->secret && !tree->secrets) {
		csta_write_text(&tree->writer, ": " MASK "\n");
	} else if (shape == CSTA_SEQUENCE || shape == CSTA_CHOICE || shape == CSTA_LIST) {
		csta_write(&tree->writer, "\n", 1);
		tree_value(tree, field->layout, value, depth + 1);
	} else {
		csta_write_text(&tree->writer, shape == CSTA_NULL ? "" : ": ");
		write_leaf(&tree->writer, field->layout, value);
		csta_write(&tree->writer, "\n", 1);
	}
}

static void tree_value(struct tree *tree, const struct csta_layout *layout, const void *value,
                       unsigned depth)
{
	int present;

	switch (layout->shape) {
	case CSTA_SEQUENCE:
		for (unsigned i = 0; i < layout->field_count; i++) {
			const void *member = csta_field_get(&layout->fields[i], value);

			if (member)
				tree_field(tree, layout->fields[i].xml, &layout->fields[i], member,
				           depth);
		}
		break;
	case CSTA_CHOICE:
		present = csta_choice_get(layout, value);
		if (present >= 0 && csta_field_get(&layout->fields[present], value))
			tree_field(tree, layout->fields[present].xml, &layout->fields[present],
			           csta_field_get(&layout->fields[present], value), depth);
		break;
	case CSTA_LIST:
		for (size_t i = 0; i < csta_list_count(value); i++)
			tree_field(tree, *layout->fields[0].xml ? layout->fields[0].xml : "-",
			           &layout->fields[0], csta_list_item(value, i), depth);
		break;
	case CSTA_INTEGER:
	case CSTA_ENUMERATED:
	case CSTA_BOOLEAN:
	case CSTA_NULL:
	case CSTA_OCTETS:
	case CSTA_TEXT:
	case CSTA_ANY:
	case CSTA_BITS:
	case CSTA_OID:
		break; /* tree_field() writes them on the line of their name */
	}
}

int csta_print_tree(const struct csta_message *message, bool secrets, struct csta_buffer *out)
{
	struct tree tree = {.writer = {.out = out, .message = message}, .secrets = secrets};
	size_t before = out->length;

	csta_write_text(&tree.writer, message->type->element);
	csta_write(&tree.writer, "\n", 1);
	if (message->invoke_id != CSTA_NO_INVOKE_ID) {
		csta_write_text(&tree.writer, "  invokeID: ");
		csta_write_number(&tree.writer, (long)message->invoke_id);
		csta_write(&tree.writer, "\n", 1);
	}
	if (message->type->kind == CSTA_EVENT) {
		OCTET_STRING_t monitor = {.buf = (uint8_t *)(uintptr_t)message->monitor,
		                          .size = (int)message->monitor_length};

		csta_write_text(&tree.writer, "  monitorCrossRefID: ");
		write_octets(&tree.writer, &monitor);
		csta_write(&tree.writer, "\n", 1);
	}
	if (message->value)
		tree_value(&tree, csta_layout_of_type(message->type), message->value, 1);
	if (!tree.writer.failed)
		return 0;
	out->length = before;
	return CTI_E_NOMEM;
}
