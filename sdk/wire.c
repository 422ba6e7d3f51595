/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing. One line of JSON without a space, members that have no value left out:
 *
 * {"specversion":"1.0","id":"7f3a91c2-1042","source":"/acme/hq","type":"cti.call.delivered",
 *  "subject":"device/2003","time":"2026-11-22T07:00:00.123456Z","epoch":"7f3a91c2",
 *  "sequence":"00000000000000001042","interactionid":"01J...","requestid":"r1",
 *  "data":{"subjects":{"device/2003":41},"phase":"ringing",
 *          "connection":{"callID":"17","deviceID":"2003","state":"alerting"},
 *          "alertingDevice":{"number":"2003"},"callingDevice":{"restricted":true}, ... }}
 *
 * An event is written on the hot path, once for all doors: constant fragments and memcpy.
 */
#include "sdk/wire_fields.h"
#include "sdk/wire_text.h"

struct fragment {
	const char *data;
	size_t length;
};
#define FRAGMENT(constant)                                                                         \
	{                                                                                          \
		constant, sizeof(constant) - 1                                                     \
	}

static const struct fragment type_fragments[] = {
#define X(name, type, phase, element) [CTI_EVENT_##name] = FRAGMENT("\",\"type\":\"cti." type "\""),
        CTI_EVENTS(X)
#undef X
};

static const struct fragment phase_fragments[] = {
#define X(name, type, phase, element) [CTI_EVENT_##name] = FRAGMENT(",\"phase\":\"" phase "\""),
        CTI_EVENTS(X)
#undef X
};

static const struct {
	struct fragment subject, other, items;
} name_fragments[] = {
#define X(name, subject, other, items)                                                             \
	[CTI_EVENT_##name] = {FRAGMENT(",\"" subject "\":"), FRAGMENT(",\"" other "\":"),          \
	                      FRAGMENT(",\"" items "\":[")},
        WIRE_EVENT_NAMES(X)
#undef X
};
_Static_assert(sizeof name_fragments / sizeof *name_fragments == CTI_EVENT_TYPES,
               "every event names its devices");

#define put_fragment(text, fragment) text_put(text, (fragment).data, (fragment).length)

static void string_put(struct cti_text *text, const char *key, size_t key_length, const char *value)
{
	if (!value)
		return;
	text_put(text, key, key_length);
	text_quote(text, value);
}
/* `,"name":"value"` unless NULL; the name is a constant. */
#define put_string(text, name, value)                                                              \
	string_put(text, ",\"" name "\":", sizeof(",\"" name "\":") - 1, value)
#define put_true(text, name, value)                                                                \
	do {                                                                                       \
		if (value)                                                                         \
			text_const(text, ",\"" name "\":true");                                    \
	} while (0)

/* JSON that is valid already. */
#define put_json(text, name, value)                                                                \
	do {                                                                                       \
		if (value) {                                                                       \
			text_const(text, ",\"" name "\":");                                        \
			text_put(text, value, strlen(value));                                      \
		}                                                                                  \
	} while (0)

static void put_boolean(struct cti_text *text, bool value)
{
	if (value)
		text_const(text, "true");
	else
		text_const(text, "false");
}

static void put_device(struct cti_text *text, const struct cti_device *device)
{
	/* Whatever an adapter left beside it: a withheld number is not told. */
	if (device->status == CTI_DEVICE_RESTRICTED) {
		text_const(text, "{\"restricted\":true}");
		return;
	}
	size_t at = text->length;
	switch (device->status) {
	case CTI_DEVICE_ABSENT:
	case CTI_DEVICE_NUMBER:
		break;
#define X(status, name)                                                                            \
	case CTI_DEVICE_##status:                                                                  \
		text_const(text, ",\"" name "\":true");                                            \
		break;
		WIRE_DEVICE_STATUS(X)
#undef X
	}
	put_string(text, "number", device->number);
	put_string(text, "received", device->received);
	put_string(text, "name", device->name);
	text_object_end(text, at);
}

static void device_put(struct cti_text *text, const char *key, size_t key_length,
                       const struct cti_device *device)
{
	if (device->status == CTI_DEVICE_ABSENT)
		return;
	text_put(text, key, key_length);
	put_device(text, device);
}
#define put_device_member(text, name, device)                                                      \
	device_put(text, ",\"" name "\":", sizeof(",\"" name "\":") - 1, device)

static void put_connection(struct cti_text *text, const struct cti_connection *connection)
{
	size_t at = text->length;
	put_string(text, "callID", connection->call_id);
	put_string(text, "deviceID", connection->device_id);
	put_true(text, "dynamic", connection->dynamic);
	if (connection->state != CTI_CONNECTION_UNKNOWN)
		put_string(text, "state", cti_connection_state_name(connection->state));
	text_object_end(text, at);
}

static void connection_put(struct cti_text *text, const char *key, size_t key_length,
                           const struct cti_connection *connection)
{
	if (!connection->call_id && !connection->device_id && !connection->dynamic &&
	    connection->state == CTI_CONNECTION_UNKNOWN)
		return;
	text_put(text, key, key_length);
	put_connection(text, connection);
}
#define put_connection_member(text, name, connection)                                              \
	connection_put(text, ",\"" name "\":", sizeof(",\"" name "\":") - 1, connection)

void cti_wire_device_write(struct cti_text *text, const struct cti_device *device)
{
	put_device(text, device);
	text_terminate(text);
}

void cti_wire_connection_write(struct cti_text *text, const struct cti_connection *connection)
{
	put_connection(text, connection);
	text_terminate(text);
}

/* A transfer's or conference's list; the key with its bracket is written already. */
static void put_items(struct cti_text *text, const struct cti_connection_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i)
			text_const(text, ",");
		size_t at = text->length;
		put_connection_member(text, "newConnection", &items[i].new_connection);
		put_connection_member(text, "oldConnection", &items[i].old_connection);
		put_device_member(text, "endpoint", &items[i].endpoint);
		put_device_member(text, "associatedNID", &items[i].associated_nid);
		text_object_end(text, at);
	}
	text_const(text, "]");
}

static void put_hex(struct cti_text *text, const struct cti_octets *octets)
{
	static const char digits[] = "0123456789ABCDEF";
	text_const(text, "\"");
	for (size_t i = 0; i < octets->length; i++) {
		char pair[] = {digits[octets->data[i] >> 4], digits[octets->data[i] & 15]};
		text_put(text, pair, sizeof pair);
	}
	text_const(text, "\"");
}

static void put_octets(struct cti_text *text, const char *key, const struct cti_octets *octets)
{
	if (!octets->data)
		return;
	text_put(text, key, strlen(key));
	text_const(text, "{\"string\":");
	put_hex(text, octets);
	text_const(text, "}");
}

static void put_linkage(struct cti_text *text, const struct cti_event *event)
{
	if (!event->global_call.data && !event->thread.data)
		return;
	text_const(text, ",\"callLinkageData\":");
	size_t at = text->length;
#define X(field, name)                                                                             \
	if (event->field.data) {                                                                   \
		text_const(text, ",\"" name "\":");                                                \
		put_hex(text, &event->field);                                                      \
	}
	WIRE_EVENT_LINKAGE(X)
#undef X
	text_object_end(text, at);
}

static void put_sequence(struct cti_text *text, uint64_t sequence)
{
	char digits[22] = "\"00000000000000000000\"";
	for (size_t at = 20; sequence; at--, sequence /= 10)
		digits[at] = (char)('0' + sequence % 10);
	text_put(text, digits, sizeof digits);
}

static void put_subjects(struct cti_text *text, const struct cti_event *event)
{
	text_const(text, ",\"data\":{\"subjects\":{");
	for (size_t i = 0; i < event->subject_count; i++) {
		if (i)
			text_const(text, ",");
		text_quote(text, event->subjects[i].subject);
		text_const(text, ":");
		text_number(text, event->subjects[i].counter);
	}
	text_const(text, "}");
}

static void put_pairs(struct cti_text *text, const struct cti_pair *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i)
			text_const(text, ",");
		text_quote(text, pairs[i].key);
		text_const(text, ":");
		text_quote(text, pairs[i].value);
	}
	text_const(text, "}");
}

/* A segment of a URI's path: all but its unreserved characters escaped (RFC 3986, 2.3). */
static void put_segment(struct cti_text *text, const char *name)
{
	static const char digits[] = "0123456789ABCDEF";
	text_const(text, "/");
	for (const unsigned char *at = (const unsigned char *)name; name && *at; at++) {
		char escape[] = {'%', digits[*at >> 4], digits[*at & 15]};
		if (((unsigned)*at | 0x20) - 'a' < 26 || (unsigned)*at - '0' < 10 ||
		    strchr("-._~", *at))
			text_put(text, (const char *)at, 1);
		else
			text_put(text, escape, sizeof escape);
	}
}

static void put_envelope(struct cti_text *text, const struct cti_event *event)
{
	text_const(text, "{\"specversion\":\"1.0\"");
	put_string(text, "id", event->id);
	text_const(text, ",\"source\":\"");
	put_segment(text, event->tenant);
	put_segment(text, event->switch_name);
	put_fragment(text, type_fragments[event->type]);
	/* The first subject is the one that the event is about. */
	if (event->subject_count)
		put_string(text, "subject", event->subjects[0].subject);
	text_const(text, ",\"time\":");
	text_time(text, event->time_us);
	put_string(text, "epoch", event->epoch);
	text_const(text, ",\"sequence\":");
	put_sequence(text, event->sequence);
	put_string(text, "interactionid", event->interaction_id);
	put_string(text, "requestid", event->request_id);
}

static void put_call_data(struct cti_text *text, const struct cti_event *event)
{
	put_connection_member(text, "connection", &event->connection);
	if (event->local_state != CTI_CONNECTION_UNKNOWN)
		put_string(text, "localConnectionInfo",
		           cti_connection_state_name(event->local_state));
	device_put(text, name_fragments[event->type].subject.data,
	           name_fragments[event->type].subject.length, &event->subject);
	device_put(text, name_fragments[event->type].other.data,
	           name_fragments[event->type].other.length, &event->other);
#define X(field, name) put_device_member(text, name, &event->field);
	WIRE_EVENT_DEVICES(X)
#undef X
#define X(field, name) put_connection_member(text, name, &event->field);
	WIRE_EVENT_CONNECTIONS(X)
#undef X
	if (event->item_count) {
		put_fragment(text, name_fragments[event->type].items);
		put_items(text, event->items, event->item_count);
	}
#define X(field, name)                                                                             \
	if (event->field >= 0) {                                                                   \
		text_const(text, ",\"" name "\":");                                                \
		text_number(text, (uint64_t)event->field);                                         \
	}
	WIRE_EVENT_NUMBERS(X)
#undef X
#define X(field, name) put_octets(text, ",\"" name "\":", &event->field);
	WIRE_OCTETS(X)
#undef X
	put_linkage(text, event);
}

static void put_other_data(struct cti_text *text, const struct cti_event *event)
{
#define X(field, name) put_string(text, name, event->field);
	WIRE_EVENT_STRINGS(X)
#undef X
	put_json(text, "message", event->message);
	if (event->pending_state != CTI_AGENT_UNKNOWN)
		put_string(text, "pendingAgentState", cti_agent_state_name(event->pending_state));
	if (event->monitored || event->type == CTI_EVENT_DEVICE_MONITORED) {
		text_const(text, ",\"monitored\":");
		put_boolean(text, event->monitored);
	}
	if (event->gap_from || event->gap_to) {
		text_const(text, ",\"gapFrom\":");
		put_sequence(text, event->gap_from);
		text_const(text, ",\"gapTo\":");
		put_sequence(text, event->gap_to);
	}
	if (event->progress || event->total) {
		text_const(text, ",\"progress\":");
		text_number(text, event->progress);
		text_const(text, ",\"total\":");
		text_number(text, event->total);
	}
#define X(flag, name) put_true(text, name, event->flags &flag);
	WIRE_EVENT_FLAGS(X)
#undef X
	if (event->attached_count) {
		text_const(text, ",\"attached\":{");
		put_pairs(text, event->attached, event->attached_count);
	}
	if (event->named_count) {
		text_const(text, ",\"privateNames\":{");
		put_pairs(text, event->named, event->named_count);
	}
}

/* All or nothing: @p at is where the text ended before. */
static int text_finish(struct cti_text *text, size_t at)
{
	text_terminate(text);
	int code = text->failed                               ? CTI_E_NOMEM
	           : text->length - at > CTI_WIRE_MESSAGE_MAX ? CTI_E_LIMIT
	                                                      : 0;
	if (code)
		text->length = at;
	return code;
}

int cti_wire_event_write(struct cti_text *text, const struct cti_event *event)
{
	size_t at = text->length;
	if ((unsigned)event->type >= CTI_EVENT_TYPES)
		return CTI_E_INVALID;
	put_envelope(text, event);
	put_subjects(text, event);
	/* Entering a distribution mechanism nothing rings (ECMA-269 6.1.3, 17.2.5). */
	static const struct fragment distributing = FRAGMENT(",\"phase\":\"in distribution\"");
	bool nothing_rings =
	        event->type == CTI_EVENT_CALL_DELIVERED && event->flags & CTI_EVENT_DISTRIBUTION;
	put_fragment(text, nothing_rings ? distributing : phase_fragments[event->type]);
	put_call_data(text, event);
	put_other_data(text, event);
	text_const(text, "}}");
	return text_finish(text, at);
}

static void put_filter(struct cti_text *text, uint64_t filter)
{
	const char *separator = "";
	text_const(text, ",\"monitorFilter\":[");
	for (int type = 0; type < CTI_EVENT_TYPES; type++) {
		if (!(filter & UINT64_C(1) << type))
			continue;
		text_put(text, separator, strlen(separator));
		text_quote(text, cti_event_type_name((enum cti_event_type)type));
		separator = ",";
	}
	text_const(text, "]");
}

static const char *const participations[] = {
#define X(name, text) text,
        CTI_PARTICIPATIONS(X)
#undef X
};

/* What an application hands over must not break the JSON that it goes into. */
static bool is_object(const char *json)
{
	json_t *value = json_loads(json, JSON_REJECT_DUPLICATES, NULL);
	bool object = json_is_object(value);
	json_decref(value);
	return object;
}

int cti_wire_request_write(struct cti_text *text, const struct cti_request *request)
{
	size_t at = text->length;
	bool other = request->service == CTI_SERVICE_OTHER;
	if (((unsigned)request->service >= CTI_SERVICES_COUNT && !other) ||
	    (other && !request->element) || (request->message && !is_object(request->message)) ||
	    (size_t)request->participation >= sizeof participations / sizeof *participations)
		return CTI_E_INVALID;
	put_string(text, "service", other ? request->element : cti_service_name(request->service));
	put_json(text, "message", request->message);
#define X(field, name) put_string(text, name, request->field);
	WIRE_REQUEST_STRINGS(X)
#undef X
	if (request->timeout_ms) {
		text_const(text, ",\"timeoutMs\":");
		text_number(text, request->timeout_ms);
	}
#define X(field, name) put_connection_member(text, name, &request->field);
	WIRE_REQUEST_CONNECTIONS(X)
#undef X
	if (request->service == CTI_SERVICE_SET_AGENT_STATE)
		put_string(text, "requestedAgentState",
		           cti_requested_agent_state_name(request->agent_state));
	if (request->participation != CTI_PARTICIPATION_ACTIVE)
		put_string(text, "participationType", participations[request->participation]);
#define X(field, name) put_true(text, name, request->field);
	WIRE_REQUEST_TRUTHS(X)
#undef X
	if (request->monitor_filter)
		put_filter(text, request->monitor_filter);
#define X(field, name) put_octets(text, ",\"" name "\":", &request->field);
	WIRE_OCTETS(X)
#undef X
	text_object_end(text, at);
	return text_finish(text, at);
}

static void put_snapshot(struct cti_text *text, const struct cti_reply *reply)
{
	text_const(text, ",\"snapshot\":[");
	for (size_t i = 0; i < reply->snapshot_count; i++) {
		const struct cti_snapshot_item *item = &reply->snapshot[i];
		if (i)
			text_const(text, ",");
		size_t at = text->length;
		put_connection_member(text, "connection", &item->connection);
		put_device_member(text, "device", &item->device);
		if (item->other_count)
			text_const(text, ",\"otherStates\":[");
		for (size_t k = 0; k < item->other_count; k++) {
			if (k)
				text_const(text, ",");
			text_quote(text, cti_connection_state_name(item->other_states[k]));
		}
		if (item->other_count)
			text_const(text, "]");
		text_object_end(text, at);
	}
	text_const(text, "]");
}

static void put_agents(struct cti_text *text, const struct cti_reply *reply)
{
	text_const(text, ",\"agents\":[");
	for (size_t i = 0; i < reply->agent_count; i++) {
		const struct cti_agent_item *item = &reply->agents[i];
		if (i)
			text_const(text, ",");
		text_const(text, "{\"loggedOn\":");
		put_boolean(text, item->logged_on);
		put_string(text, "agentID", item->agent_id);
		put_device_member(text, "acdGroup", &item->group);
		if (item->state != CTI_AGENT_UNKNOWN)
			put_string(text, "agentState", cti_agent_state_name(item->state));
		if (item->pending_state != CTI_AGENT_UNKNOWN)
			put_string(text, "pendingAgentState",
			           cti_agent_state_name(item->pending_state));
		text_const(text, "}");
	}
	text_const(text, "]");
}

static void put_result(struct cti_text *text, const struct cti_reply *reply)
{
#define X(field, name) put_string(text, name, reply->field);
	WIRE_REPLY_STRINGS(X)
#undef X
	put_json(text, "message", reply->message);
	put_connection_member(text, "connection", &reply->connection);
	if (reply->item_count) {
		text_const(text, ",\"connections\":[");
		put_items(text, reply->items, reply->item_count);
	}
	put_true(text, "monitorExistingCalls", reply->monitor_existing_calls);
	if (reply->snapshot_count)
		put_snapshot(text, reply);
#define X(field, name) put_device_member(text, name, &reply->field);
	WIRE_REPLY_DEVICES(X)
#undef X
	if (reply->agent_count)
		put_agents(text, reply);
	if (reply->pending_state != CTI_AGENT_UNKNOWN)
		put_string(text, "pendingAgentState", cti_agent_state_name(reply->pending_state));
}

static void put_error(struct cti_text *text, const struct cti_reply *reply)
{
	text_const(text, ",\"error\":{\"code\":");
	text_quote(text, cti_code_name(reply->code));
	if (reply->category != CTI_CATEGORY_NONE)
		put_string(text, "category", cti_category_name(reply->category));
	put_string(text, "value", reply->value);
	put_string(text, "text", reply->text);
	text_const(text, "}");
}

int cti_wire_reply_write(struct cti_text *text, const char *id, const struct cti_reply *reply)
{
	size_t at = text->length;
	text_const(text, "{\"id\":");
	text_quote(text, id ? id : "");
	text_const(text, ",\"ok\":");
	put_boolean(text, reply->code == 0);
	if (reply->code)
		put_error(text, reply);
	put_result(text, reply);
	text_const(text, "}");
	return text_finish(text, at);
}

int cti_wire_attach_write(struct cti_text *text, const struct cti_wire_attach *attach)
{
	size_t at = text->length;
	text_const(text, "{\"service\":\"" CTI_WIRE_ATTACH_DATA "\"");
	put_string(text, "id", attach->id);
	put_string(text, "switch", attach->switch_name);
	put_string(text, "interaction", attach->interaction);
	text_const(text, ",\"attached\":{");
	put_pairs(text, attach->pairs, attach->pair_count);
	text_const(text, "}");
	return text_finish(text, at);
}
