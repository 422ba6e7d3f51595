/* SPDX-License-Identifier: Apache-2.0 */
/* What has a name in an event's private data (csta/private.h), as pairs of texts. */
#include "csta/codec.h"
#include "csta/event_private.h"
#include "csta/private.h"

#include <PrivateDataList.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define REASON "reason"

struct names {
	const struct convert *convert;
	struct cti_pair *pairs; /* room for CSTA_PRIVATE_FOUND_MAX */
	size_t count;
	const char *reason;
};

/* "vendor.name", or "vendor.name#2". */
static const char *key_make(const struct names *names, const struct csta_private_value *value)
{
	char key[2 * CSTA_PRIVATE_NAME_MAX + 16];
	unsigned before = 0;
	size_t length = (size_t)snprintf(key, sizeof key, "%s.%s", value->vendor, value->name);
	char *copy;

	for (size_t i = 0; i < names->count; i++)
		before += !strncmp(names->pairs[i].key, key, length) &&
		          (!names->pairs[i].key[length] || names->pairs[i].key[length] == '#');
	if (before)
		length += (size_t)snprintf(key + length, sizeof key - length, "#%u", before + 1);
	copy = convert_room(names->convert, length + 1);
	if (copy)
		memcpy(copy, key, length);
	return copy;
}

static int value_text(const struct names *names, const struct csta_private_value *value,
                      const char **out)
{
	char number[24] = "";
	const char *text = number;

	switch (value->type) {
	case CSTA_PRIVATE_TEXT:
	case CSTA_PRIVATE_OCTETS:
		return octets_read(names->convert, value->octets, value->length, out);
	case CSTA_PRIVATE_INTEGER:
		snprintf(number, sizeof number, "%" PRId64, value->integer);
		break;
	case CSTA_PRIVATE_BOOLEAN:
		text = value->boolean ? "true" : "false";
		break;
	}
	return octets_read(names->convert, (const uint8_t *)text, strlen(text), out);
}

static int name_take(void *arg, const struct csta_private_value *value)
{
	struct names *names = arg;
	struct cti_pair pair = {0};
	int code;

	if (names->count == CSTA_PRIVATE_FOUND_MAX)
		return 0; /* of several private data together */
	code = value_text(names, value, &pair.value);
	if (code)
		return code;
	if (!pair.value)
		pair.value = "";
	pair.key = key_make(names, value);
	if (!pair.key)
		return CTI_E_NOMEM;
	if (!strcmp(value->name, REASON) && !names->reason)
		names->reason = pair.value;
	names->pairs[names->count++] = pair;
	return 0;
}

static int any_names(struct names *names, const ANY_t *any)
{
	return csta_private_each(names->convert->message, any->buf, (size_t)any->size, name_take,
	                         names, NULL);
}

static int list_names(struct names *names, const PrivateDataList_t *list)
{
	int code = 0;

	for (int i = 0; list && !code && i < list->list.count; i++)
		code = any_names(names, list->list.array[i]);
	return code;
}

int names_read(const struct convert *convert, struct cti_event *event)
{
	const struct csta_message *message = convert->message;
	const struct csta_layout *layout = csta_layout_of_type(message->type);
	struct names names = {.convert = convert};
	int code = 0;

	if (!message->arena->owner->names || !message->value || layout->shape != CSTA_SEQUENCE)
		return 0;
	names.pairs = convert_room(convert, CSTA_PRIVATE_FOUND_MAX * sizeof *names.pairs);
	if (!names.pairs)
		return CTI_E_NOMEM;
	for (unsigned i = 0; !code && i < layout->field_count; i++) {
		const struct csta_field *field = &layout->fields[i];
		const void *value = csta_field_get(field, message->value);

		if (value && field->layout->shape == CSTA_ANY)
			code = any_names(&names, value);
		else if (value && field->layout->type == &asn_DEF_CSTACommonArguments)
			code = list_names(&names,
			                  ((const CSTACommonArguments_t *)value)->privateData);
	}
	if (code)
		return convert_failed(convert, code, "no memory left for names");
	event->named = names.count ? names.pairs : NULL;
	event->named_count = names.count;
	if (!event->reason)
		event->reason = names.reason;
	return 0;
}
