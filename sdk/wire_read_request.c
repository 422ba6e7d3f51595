/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and replies, read: what wire.c writes. */
#include "sdk/pack.h"
#include "sdk/wire_fields.h"
#include "sdk/wire_reader.h"

#include <stdlib.h>
#include <string.h>

/*
 * Octets of a request need a home as long as the object's: a member "octets" beside the
 * hexadecimal "string", set here.
 */
static void get_octets_kept(struct reader *reader, const json_t *data, const char *name,
                            struct cti_octets *out)
{
	struct cti_octets octets = {0};
	json_t *object = reader_object(reader, data, name);
	if (object)
		reader_hex(reader, object, "string", &octets);
	if (!octets.data)
		return;
	json_t *kept = json_stringn_nocheck((const char *)octets.data, octets.length);
	if (!kept || json_object_set_new(object, "octets", kept)) {
		reader_no_memory(reader);
		return;
	}
	*out = (struct cti_octets){(const uint8_t *)json_string_value(kept), octets.length};
}

/* The message's text needs a home as well: a member "messageText" beside it. */
static const char *get_message_kept(struct reader *reader, const json_t *object)
{
	const char *text = reader_json(reader, object, "message");
	if (!text)
		return NULL;
	json_t *kept = json_string(text);
	if (!kept || json_object_set_new((json_t *)(uintptr_t)object, "messageText", kept)) {
		reader_no_memory(reader);
		return NULL;
	}
	return json_string_value(kept);
}

static int participation_parse(const char *text)
{
#define X(name, word)                                                                              \
	if (!strcmp(text, word))                                                                   \
		return CTI_PARTICIPATION_##name;
	CTI_PARTICIPATIONS(X)
#undef X
	return -1;
}

static uint64_t get_filter(struct reader *reader, const json_t *object)
{
	json_t *array = reader_array(reader, object, "monitorFilter");
	uint64_t filter = 0;
	for (size_t i = 0; i < json_array_size(array); i++) {
		int type = cti_event_type_parse(json_string_value(json_array_get(array, i)));
		if (type < 0)
			reader_wrong(reader, "monitorFilter", "an array of event types");
		else
			filter |= UINT64_C(1) << type;
	}
	return filter;
}
_Static_assert(CTI_EVENT_TYPES <= 64, "monitor_filter has a bit for each event");

int cti_wire_request_read(struct cti_request *out, const json_t *object, struct cti_error *error)
{
	struct reader reader = {.error = error, .what = "request"};
	struct cti_request request;
	if (!json_is_object(object))
		return cti_error_set(error, CTI_E_INVALID, "request: expected an object");
	const char *service = reader_string(&reader, object, "service");
	int number = cti_service_parse(service);
	if (!reader.code && !service)
		return cti_error_set(error, CTI_E_INVALID,
		                     "request: service: expected a service's name");
	cti_request_init(&request, number < 0 ? CTI_SERVICE_OTHER : (enum cti_service)number);
	if (number < 0) {
		request.element = service;
		request.message = get_message_kept(&reader, object);
	}
#define X(field, name) request.field = reader_string(&reader, object, name);
	WIRE_REQUEST_STRINGS(X)
#undef X
	if (request.id && strlen(request.id) > CTI_WIRE_REQUEST_ID_MAX)
		reader_wrong(&reader, "id", "at most 64 octets");
	request.timeout_ms =
	        (unsigned)reader_integer(&reader, object, "timeoutMs", 0, 0, UINT32_MAX);
#define X(field, name) reader_connection(&reader, object, name, &request.field);
	WIRE_REQUEST_CONNECTIONS(X)
#undef X
	request.agent_state = (enum cti_requested_agent_state)reader_word(
	        &reader, object, "requestedAgentState", 0, cti_requested_agent_state_parse,
	        "an agent state that can be asked for");
	if (number == CTI_SERVICE_SET_AGENT_STATE &&
	    !json_object_get(object, "requestedAgentState"))
		reader_wrong(&reader, "requestedAgentState",
		             "an agent state that can be asked for");
	request.participation = (enum cti_participation)reader_word(
	        &reader, object, "participationType", CTI_PARTICIPATION_ACTIVE, participation_parse,
	        "silent, active or none");
#define X(field, name) request.field = reader_boolean(&reader, object, name);
	WIRE_REQUEST_TRUTHS(X)
#undef X
	request.monitor_filter = get_filter(&reader, object);
#define X(field, name) get_octets_kept(&reader, object, name, &request.field);
	WIRE_OCTETS(X)
#undef X
	if (!reader_end(&reader))
		*out = request;
	return reader.code;
}

static const struct cti_snapshot_item *get_snapshot(struct reader *reader, const json_t *object,
                                                    size_t *count)
{
	json_t *array = reader_array(reader, object, "snapshot");
	struct cti_snapshot_item *items =
	        array ? reader_scratch(reader, json_array_size(array), sizeof *items) : NULL;
	*count = items ? json_array_size(array) : 0;
	for (size_t i = 0; i < *count; i++) {
		json_t *item = json_array_get(array, i);
		if (!json_is_object(item))
			reader_wrong(reader, "snapshot", "an array of objects");
		reader_connection(reader, item, "connection", &items[i].connection);
		reader_device(reader, item, "device", &items[i].device);
		json_t *others = reader_array(reader, item, "otherStates");
		enum cti_connection_state *states =
		        others ? reader_scratch(reader, json_array_size(others), sizeof *states)
		               : NULL;
		for (size_t k = 0; states && k < json_array_size(others); k++) {
			const char *text = json_string_value(json_array_get(others, k));
			int state = cti_connection_state_parse(text);
			if (state < 0 && (!text || strcmp(text, "unknown") != 0))
				reader_wrong(reader, "otherStates", "connection states");
			states[items[i].other_count++] = (enum cti_connection_state)state;
		}
		items[i].other_states = states;
	}
	return items;
}

static const struct cti_agent_item *get_agents(struct reader *reader, const json_t *object,
                                               size_t *count)
{
	json_t *array = reader_array(reader, object, "agents");
	struct cti_agent_item *items =
	        array ? reader_scratch(reader, json_array_size(array), sizeof *items) : NULL;
	*count = items ? json_array_size(array) : 0;
	for (size_t i = 0; i < *count; i++) {
		json_t *item = json_array_get(array, i);
		if (!json_is_object(item))
			reader_wrong(reader, "agents", "an array of objects");
		items[i].agent_id = reader_string(reader, item, "agentID");
		reader_device(reader, item, "acdGroup", &items[i].group);
		items[i].logged_on = reader_boolean(reader, item, "loggedOn");
		items[i].state = reader_agent_state(reader, item, "agentState");
		items[i].pending_state = reader_agent_state(reader, item, "pendingAgentState");
	}
	return items;
}

/* What a newer server may call by a name that is not known here still is a failure. */
static int code_parse(const char *name)
{
#define X(code, number, text)                                                                      \
	if (name && !strcmp(name, #code))                                                          \
		return number;
	CTI_CODES(X)
#undef X
	return CTI_E_INTERNAL;
}

static enum cti_category category_parse(const char *name)
{
#define X(category, text)                                                                          \
	if (name && !strcmp(name, text))                                                           \
		return CTI_CATEGORY_##category;
	CTI_CATEGORIES(X)
#undef X
	return name ? CTI_CATEGORY_UNSPECIFIED : CTI_CATEGORY_NONE;
}

static void get_error(struct reader *reader, const json_t *object, struct cti_reply *reply)
{
	json_t *error = reader_object(reader, object, "error");
	reply->code = CTI_E_INTERNAL;
	if (!error) {
		reader_wrong(reader, "error", "an object");
		return;
	}
	reply->code = code_parse(reader_string(reader, error, "code"));
	reply->category = category_parse(reader_string(reader, error, "category"));
	reply->value = reader_string(reader, error, "value");
	reply->text = reader_string(reader, error, "text");
}

int cti_wire_reply_read(struct cti_reply **out, const char **id, const json_t *object,
                        struct cti_error *error)
{
	struct reader reader = {.error = error, .what = "reply"};
	struct cti_reply reply;
	cti_reply_init(&reply);
	if (!json_is_object(object))
		return cti_error_set(error, CTI_E_INVALID, "reply: expected an object");
	const char *reply_id = reader_string(&reader, object, "id");
	if (!reply_id)
		reader_wrong(&reader, "id", "a string");
	if (!json_is_boolean(json_object_get(object, "ok")))
		reader_wrong(&reader, "ok", "true or false");
	if (!json_is_true(json_object_get(object, "ok")))
		get_error(&reader, object, &reply);
#define X(field, name) reply.field = reader_string(&reader, object, name);
	WIRE_REPLY_STRINGS(X)
#undef X
	reply.message = reader_json(&reader, object, "message");
	reader_connection(&reader, object, "connection", &reply.connection);
	reply.items = reader_items(&reader, object, "connections", &reply.item_count);
	reply.monitor_existing_calls = reader_boolean(&reader, object, "monitorExistingCalls");
	reply.snapshot = get_snapshot(&reader, object, &reply.snapshot_count);
#define X(field, name) reader_device(&reader, object, name, &reply.field);
	WIRE_REPLY_DEVICES(X)
#undef X
	reply.agents = get_agents(&reader, object, &reply.agent_count);
	reply.pending_state = reader_agent_state(&reader, object, "pendingAgentState");
	struct cti_reply *copy = reader.code ? NULL : cti_reply_copy(&reply);
	if (!copy)
		reader_no_memory(&reader);
	if (!reader_end(&reader)) {
		*out = copy;
		*id = reply_id;
	}
	return reader.code;
}

static void attach_pack(struct pack *pack, void *block)
{
	struct cti_wire_attach *attach = block;
	pack_string(pack, &attach->id);
	pack_string(pack, &attach->switch_name);
	pack_string(pack, &attach->interaction);
	pack_pairs(pack, &attach->pairs, attach->pair_count);
}

static struct cti_wire_attach *attach_copy(const struct cti_wire_attach *attach)
{
	return pack_copy(attach, sizeof *attach, attach_pack);
}

int cti_wire_attach_read(struct cti_wire_attach **out, const json_t *object,
                         struct cti_error *error)
{
	struct reader reader = {.error = error, .what = "AttachData"};
	struct cti_wire_attach attach = {0};
	if (!json_is_object(object))
		return cti_error_set(error, CTI_E_INVALID, "AttachData: expected an object");
	attach.id = reader_string(&reader, object, "id");
	attach.switch_name = reader_string(&reader, object, "switch");
	attach.interaction = reader_string(&reader, object, "interaction");
	reader_pairs(&reader, object, "attached", &attach.pairs, &attach.pair_count);
	if (attach.id && strlen(attach.id) > CTI_WIRE_REQUEST_ID_MAX)
		reader_wrong(&reader, "id", "at most 64 octets");
	if (!attach.interaction)
		reader_wrong(&reader, "interaction", "the id of an interaction");
	size_t octets = 0;
	for (size_t i = 0; i < attach.pair_count; i++)
		octets += strlen(attach.pairs[i].key) + strlen(attach.pairs[i].value);
	if (!reader.code && octets > CTI_WIRE_ATTACHED_MAX)
		reader.code = cti_error_set(error, CTI_E_LIMIT,
		                            "AttachData: attached: %zu octets, at most %d", octets,
		                            CTI_WIRE_ATTACHED_MAX);
	struct cti_wire_attach *copy = reader.code ? NULL : attach_copy(&attach);
	if (!copy)
		reader_no_memory(&reader);
	if (!reader_end(&reader))
		*out = copy;
	return reader.code;
}
