/* SPDX-License-Identifier: Apache-2.0 */
/* Names of private data in the printed forms and JSON. */
#include "csta/codec.h"
#include "csta/private.h"
#include "csta/text.h"
#include "csta/write.h"

struct names {
	struct csta_writer *writer;
	const char *before, *between, *after; /* each name, name and value, each value */
	unsigned depth, count;
	bool json;
};

static void write_octets(struct csta_writer *writer, const uint8_t *octets, size_t length)
{
	csta_write_text(writer, "0x");
	csta_write_hex(writer, octets, length);
}

static void write_value(const struct names *names, const struct csta_private_value *value)
{
	struct csta_writer *writer = names->writer;

	switch (value->type) {
	case CSTA_PRIVATE_INTEGER:
		csta_write_number(writer, (long)value->integer);
		break;
	case CSTA_PRIVATE_BOOLEAN:
		csta_write_text(writer, value->boolean ? "true" : "false");
		break;
	case CSTA_PRIVATE_TEXT:
		csta_write_quoted(writer, value->octets, value->length);
		break;
	case CSTA_PRIVATE_OCTETS:
		if (names->json)
			csta_write_text(writer, "{\"hex\":\"");
		else
			csta_write_text(writer, "0x");
		csta_write_hex(writer, value->octets, value->length);
		if (names->json)
			csta_write_text(writer, "\"}");
		break;
	}
}

static int write_name(void *arg, const struct csta_private_value *value)
{
	struct names *names = arg;
	struct csta_writer *writer = names->writer;

	for (unsigned i = 0; i < names->depth; i++)
		csta_write(writer, "  ", 2);
	csta_write_text(writer, names->before);
	csta_write_text(writer, value->vendor);
	csta_write(writer, ".", 1);
	csta_write_text(writer, value->name);
	csta_write_text(writer, names->between);
	write_value(names, value);
	csta_write_text(writer, names->after);
	names->count++;
	return 0;
}

/* True: something had a name. *all: nothing is left without. */
static bool each_name(struct names *names, const OCTET_STRING_t *any, bool *all)
{
	const struct csta_message *message = names->writer->message;

	if (!message || !message->arena->owner->names)
		return false;
	if (csta_private_each(message, any->buf, (size_t)any->size, write_name, names, all))
		names->writer->failed = true;
	return names->count;
}

bool csta_write_names_short(struct csta_writer *writer, const OCTET_STRING_t *any)
{
	struct names names = {.writer = writer, .before = "", .between = "=", .after = " "};
	bool all;

	if (!each_name(&names, any, &all))
		return false;
	if (!all)
		write_octets(writer, any->buf, (size_t)any->size);
	else if (!writer->failed)
		writer->out->length--; /* the blank behind the last */
	return true;
}

bool csta_write_names_tree(struct csta_writer *writer, const OCTET_STRING_t *any, unsigned depth)
{
	struct names names = {
	        .writer = writer, .before = "", .between = ": ", .after = "\n", .depth = depth};
	bool all;

	if (!each_name(&names, any, &all))
		return false;
	if (all)
		return true;
	for (unsigned i = 0; i < depth; i++)
		csta_write(writer, "  ", 2);
	csta_write_text(writer, "(whole): ");
	write_octets(writer, any->buf, (size_t)any->size);
	csta_write(writer, "\n", 1);
	return true;
}

/* A list, for a name may come again. */
bool csta_write_names_json(struct csta_writer *writer, const OCTET_STRING_t *any)
{
	struct names names = {
	        .writer = writer, .before = "{\"", .between = "\":", .after = "},", .json = true};
	size_t before = writer->out->length;

	csta_write_text(writer, ",\"names\":[");
	if (!each_name(&names, any, NULL)) {
		writer->out->length = before;
		return false;
	}
	if (!writer->failed)
		writer->out->data[writer->out->length - 1] = ']'; /* the last comma */
	return true;
}
