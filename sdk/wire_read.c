/* SPDX-License-Identifier: Apache-2.0 */
/* Events, read: what wire.c writes. */
#include "sdk/json_check.h"
#include "sdk/wire_fields.h"
#include "sdk/wire_reader.h"

#include <stdlib.h>
#include <string.h>

/* "/acme/hq", each name percent-escaped; an empty name is none. */
static void get_source(struct reader *reader, const json_t *root, struct cti_event *event)
{
	const char *source = reader_string(reader, root, "source");
	const char **names[] = {&event->tenant, &event->switch_name};
	for (size_t i = 0; source && i < 2; i++) {
		if (*source != '/') {
			reader_wrong(reader, "source", "/tenant/switch");
			return;
		}
		size_t length = strcspn(++source, "/"), used = 0;
		char *name = reader_scratch(reader, length + 1, 1);
		if (!name)
			return;
		for (size_t at = 0; at < length; at++) {
			int high = source[at] == '%' ? reader_hex_digit(source[at + 1]) : -1;
			int low = high < 0 ? -1 : reader_hex_digit(source[at + 2]);
			name[used++] = low < 0 ? source[at] : (char)(high << 4 | low);
			at += low < 0 ? 0 : 2;
		}
		json_t *valid = json_stringn(name, used);
		if (!valid || strlen(name) != used)
			reader_wrong(reader, "source", "names in UTF-8");
		json_decref(valid);
		*names[i] = used ? name : NULL;
		source += length;
	}
}

static void get_subjects(struct reader *reader, const json_t *data, struct cti_event *event)
{
	json_t *object = reader_object(reader, data, "subjects");
	struct cti_subject *subjects =
	        object ? reader_scratch(reader, json_object_size(object), sizeof *subjects) : NULL;
	const char *key;
	json_t *value;
	if (!subjects)
		return;
	json_object_foreach (object, key, value) {
		if (!json_is_integer(value) || json_integer_value(value) < 0) {
			reader_wrong(reader, "subjects", "counters, integers from 0");
			return;
		}
		subjects[event->subject_count++] =
		        (struct cti_subject){key, (uint64_t)json_integer_value(value)};
	}
	event->subjects = subjects;
}

static const struct {
	const char *subject, *other, *items;
} names[] = {
#define X(name, subject, other, items) [CTI_EVENT_##name] = {subject, other, items},
        WIRE_EVENT_NAMES(X)
#undef X
};

static void get_type(struct reader *reader, const json_t *root, struct cti_event *event)
{
	const char *type = reader_string(reader, root, "type");
	int number = cti_event_type_parse(type);
	if (!type)
		reader_wrong(reader, "type", "a string");
	event->type = number < 0 ? CTI_EVENT_TYPES : (enum cti_event_type)number;
}

static void get_envelope(struct reader *reader, const json_t *root, struct cti_event *event)
{
	get_type(reader, root, event);
	event->id = reader_string(reader, root, "id");
	get_source(reader, root, event);
	event->time_us = reader_time(reader, root, "time");
	event->epoch = reader_string(reader, root, "epoch");
	event->sequence = reader_sequence(reader, root, "sequence");
	event->interaction_id = reader_string(reader, root, "interactionid");
	event->request_id = reader_string(reader, root, "requestid");
}

static void get_call_data(struct reader *reader, const json_t *data, struct cti_event *event)
{
	reader_connection(reader, data, "connection", &event->connection);
	event->local_state = reader_state(reader, data, "localConnectionInfo");
	reader_device(reader, data, names[event->type].subject, &event->subject);
	reader_device(reader, data, names[event->type].other, &event->other);
#define X(field, name) reader_device(reader, data, name, &event->field);
	WIRE_EVENT_DEVICES(X)
#undef X
#define X(field, name) reader_connection(reader, data, name, &event->field);
	WIRE_EVENT_CONNECTIONS(X)
#undef X
	event->items = reader_items(reader, data, names[event->type].items, &event->item_count);
#define X(field, name) event->field = (int)reader_integer(reader, data, name, -1, 0, INT32_MAX);
	WIRE_EVENT_NUMBERS(X)
#undef X
#define X(field, name) reader_octets(reader, data, name, &event->field);
	WIRE_OCTETS(X)
#undef X
	json_t *linkage = reader_object(reader, data, "callLinkageData");
	if (!linkage)
		return;
#define X(field, name) reader_hex(reader, linkage, name, &event->field);
	WIRE_EVENT_LINKAGE(X)
#undef X
}

static void get_other_data(struct reader *reader, const json_t *data, struct cti_event *event)
{
#define X(field, name) event->field = reader_string(reader, data, name);
	WIRE_EVENT_STRINGS(X)
#undef X
	event->message = reader_json(reader, data, "message");
	event->pending_state = reader_agent_state(reader, data, "pendingAgentState");
	event->monitored = reader_boolean(reader, data, "monitored");
	event->gap_from = reader_sequence(reader, data, "gapFrom");
	event->gap_to = reader_sequence(reader, data, "gapTo");
	event->progress = (unsigned)reader_integer(reader, data, "progress", 0, 0, UINT32_MAX);
	event->total = (unsigned)reader_integer(reader, data, "total", 0, 0, UINT32_MAX);
#define X(flag, name) event->flags |= reader_boolean(reader, data, name) ? flag : 0;
	WIRE_EVENT_FLAGS(X)
#undef X
	reader_pairs(reader, data, "attached", &event->attached, &event->attached_count);
	reader_pairs(reader, data, "privateNames", &event->named, &event->named_count);
}

static void get_event(struct reader *reader, const json_t *root, struct cti_event *event)
{
	cti_event_init(event, CTI_EVENT_TYPES);
	if (!json_is_object(root))
		reader_wrong(reader, "message", "an object");
	get_envelope(reader, root, event);
	json_t *data = reader_object(reader, root, "data");
	if (!data)
		reader_wrong(reader, "data", "an object");
	get_subjects(reader, data, event);
	if (event->type == CTI_EVENT_TYPES)
		return;
	get_call_data(reader, data, event);
	get_other_data(reader, data, event);
}

int wire_event_read_any(struct cti_event **out, const char *json, size_t length,
                        struct cti_error *error)
{
	struct reader reader = {.error = error, .what = "event"};
	if (length > CTI_WIRE_MESSAGE_MAX)
		return cti_error_set(error, CTI_E_LIMIT, "event: %zu octets, at most %d", length,
		                     CTI_WIRE_MESSAGE_MAX);
	if (cti_json_check(json, length, CTI_WIRE_DEPTH_MAX, error))
		return CTI_E_LIMIT;
	json_error_t where;
	json_t *root = json_loadb(json, length, JSON_REJECT_DUPLICATES, &where);
	if (!root)
		return cti_error_set(error, CTI_E_INVALID, "event: octet %d: %s", where.position,
		                     where.text);
	struct cti_event event;
	get_event(&reader, root, &event);
	struct cti_event *copy = reader.code ? NULL : cti_event_copy(&event);
	if (!copy)
		reader_no_memory(&reader);
	json_decref(root);
	if (!reader_end(&reader))
		*out = copy;
	return reader.code;
}

int cti_wire_event_read(struct cti_event **out, const char *json, size_t length,
                        struct cti_error *error)
{
	struct cti_event *event;
	int code = wire_event_read_any(&event, json, length, error);
	if (code)
		return code;
	if (event->type == CTI_EVENT_TYPES) {
		free(event);
		return cti_error_set(error, CTI_E_UNSUPPORTED, "event: type: not known here");
	}
	*out = event;
	return 0;
}
