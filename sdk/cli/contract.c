/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/cli/contract.h"

#include "sdk/names.h"
#include "sdk/wire_fields.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * A member of an object. The type: a schema's name, or "string", "count" (a number from 0),
 * "sequence" (its 20 digits), "time", "boolean", "true" (there if it is so), "hex", "object" (any),
 * "=constant";
 * with [] an array of it, with {} an object of them by any name.
 */
struct member {
	const char *name, *type;
	bool required;
	const char *text;
};

struct object {
	const char *name, *text;
	const struct member *members;
	size_t count;
};

static bool failed;

static void set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value))
		failed = true;
}

static void add(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		failed = true;
}

json_t *contract_schema_ref(const char *name)
{
	char target[96];
	snprintf(target, sizeof target, "#/components/schemas/%s", name);
	return json_pack("{ss}", "$ref", target);
}

/* ---- types ----------------------------------------------------------------------------------- */

static const struct {
	const char *name, *type, *keyword, *value;
} simple[] = {
        {"string", "string", NULL, NULL},
        {"boolean", "boolean", NULL, NULL},
        {"object", "object", NULL, NULL},
        {"sequence", "string", "pattern", "^[0-9]{20}$"},
        {"time", "string", "pattern",
         "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z$"},
        {"hex", "string", "pattern", "^([0-9A-F]{2})*$"},
};

static json_t *plain_schema(const char *type)
{
	for (size_t i = 0; i < COUNT(simple); i++) {
		if (strcmp(simple[i].name, type) != 0)
			continue;
		json_t *schema = json_pack("{ss}", "type", simple[i].type);
		if (simple[i].keyword)
			set(schema, simple[i].keyword, json_string(simple[i].value));
		return schema;
	}
	if (*type == '=')
		return json_pack("{ss}", "const", type + 1);
	if (!strcmp(type, "true"))
		return json_pack("{sb}", "const", 1);
	if (!strcmp(type, "count"))
		return json_pack("{ss si}", "type", "integer", "minimum", 0);
	return contract_schema_ref(type);
}

static json_t *type_schema(const char *type)
{
	size_t length = strlen(type);
	char one[64];
	const char *end = length > 2 ? type + length - 2 : "";
	snprintf(one, sizeof one, "%.*s", (int)(length - 2), type);
	if (!strcmp(end, "[]"))
		return json_pack("{ss so}", "type", "array", "items", plain_schema(one));
	if (!strcmp(end, "{}"))
		return json_pack("{ss so}", "type", "object", "additionalProperties",
		                 plain_schema(one));
	return plain_schema(type);
}

static void member_put(json_t *properties, json_t *required, const struct member *member)
{
	json_t *schema = type_schema(member->type);
	if (member->text)
		set(schema, "description", json_string(member->text));
	set(properties, member->name, schema);
	if (member->required)
		add(required, json_string(member->name));
}

static json_t *members_schema(const struct member *members, size_t count, const char *text)
{
	json_t *properties = json_object(), *required = json_array();
	json_t *schema = json_pack("{ss}", "type", "object");
	if (text)
		set(schema, "description", json_string(text));
	for (size_t i = 0; i < count; i++)
		member_put(properties, required, &members[i]);
	set(schema, "properties", properties);
	if (json_array_size(required))
		set(schema, "required", required);
	else
		json_decref(required);
	return schema;
}

/* ---- names ------------------------------------------------------------------------------------
 */

#define NAMED(name, text) text,
static const char *const connection_states[] = {CTI_CONNECTION_STATES(NAMED)};
static const char *const agent_states[] = {CTI_AGENT_STATES(NAMED)};
static const char *const requested_states[] = {CTI_REQUESTED_AGENT_STATES(NAMED)};
static const char *const participations[] = {CTI_PARTICIPATIONS(NAMED)};
static const char *const categories[] = {CTI_CATEGORIES(NAMED)};
#undef NAMED
#define NAMED(name, number, text) #name,
static const char *const codes[] = {CTI_CODES(NAMED)};
#undef NAMED
static const char *const links[] = {"up", "connecting", "down"};
#define NAMED(name, type, phase, element) type,
static const char *const event_types[] = {CTI_EVENTS(NAMED)};
#undef NAMED

static const struct {
	const char *name, *text;
	const char *const *names;
	size_t count;
} enumerations[] = {
        {"ConnectionState", "ECMA-269 6.1.3", connection_states, COUNT(connection_states)},
        {"AgentState", "ECMA-269 6.1.1.6.4; null: logged off", agent_states, COUNT(agent_states)},
        {"RequestedAgentState", "ECMA-269 22.1.15", requested_states, COUNT(requested_states)},
        {"ParticipationType", "ECMA-269 17.1.25", participations, COUNT(participations)},
        {"ErrorCode", NULL, codes, COUNT(codes)},
        {"ErrorCategory", "ECMA-269 12.2.14", categories + 1, COUNT(categories) - 1},
        {"Link", "The link from the server to the switch", links, COUNT(links)},
        {"EventType", "An event, without the leading cti.", event_types, COUNT(event_types)},
};

static void enumerations_put(json_t *schemas)
{
	for (size_t i = 0; i < COUNT(enumerations); i++) {
		json_t *names = json_array(), *schema = json_pack("{ss}", "type", "string");
		for (size_t k = 0; k < enumerations[i].count; k++)
			add(names, json_string(enumerations[i].names[k]));
		set(schema, "enum", names);
		if (enumerations[i].text)
			set(schema, "description", json_string(enumerations[i].text));
		set(schemas, enumerations[i].name, schema);
	}
}

/* ---- parts of events, requests and replies ----------------------------------------------------
 */

static const struct member device[] = {
        {"number", "string", false, "canonical, by the dial plan"},
        {"received", "string", false, "as the switch wrote it, where that differs"},
        {"name", "string", false, NULL},
#define X(status, name) {name, "true", false, NULL},
        WIRE_DEVICE_STATUS(X)
#undef X
};

static const struct member connection[] = {
        {"callID", "string", false, NULL},
        {"deviceID", "string", false, NULL},
        {"dynamic", "true", false, "deviceID names the device for this call only"},
        {"state", "ConnectionState", false, NULL},
};

static const struct member connection_item[] = {
        {"newConnection", "Connection", false, NULL},
        {"oldConnection", "Connection", false, NULL},
        {"endpoint", "Device", false, NULL},
        {"associatedNID", "Device", false, NULL},
};

static const struct member octets[] = {{"string", "hex", true, NULL}};

static const struct member linkage[] = {
#define X(field, name) {name, "hex", false, NULL},
        WIRE_EVENT_LINKAGE(X)
#undef X
};

static const struct member failure[] = {
        {"code", "ErrorCode", true, NULL},
        {"category", "ErrorCategory", false, "where the switch refused"},
        {"value", "string", false, "of the category: \"invalidDeviceID\""},
        {"text", "string", false, "one plain sentence"},
};

static const struct member envelope[] = {
        {"specversion", "=1.0", true, "CloudEvents"},
        {"id", "string", true, "the same in every copy"},
        {"source", "string", true, "/{tenant}/{switch}"},
        {"type", "string", true, "cti. and the event"},
        {"subject", "string", false, "whom it is about, of data.subjects"},
        {"time", "time", true, NULL},
        {"epoch", "string", true, "of the stream; another one: begin anew"},
        {"sequence", "sequence", true, "in the stream of the switch, without holes"},
        {"interactionid", "string", false, "one for a customer's contact"},
        {"requestid", "string", false, "of the request that caused it"},
        {"data", "EventData", true, NULL},
};

static const struct member event_data[] = {
        {"subjects", "count{}", true, "whom it concerns, each with its own counter without holes"},
        {"phase", "string", true, "the event in plain words"},
        {"connection", "Connection", false, NULL},
        {"localConnectionInfo", "ConnectionState", false, NULL},
#define X(field, name) {name, "Device", false, NULL},
        WIRE_EVENT_DEVICES(X)
#undef X
#define X(field, name) {name, "Connection", false, NULL},
                WIRE_EVENT_CONNECTIONS(X)
#undef X
#define X(field, name) {name, "count", false, NULL},
                        WIRE_EVENT_NUMBERS(X)
#undef X
#define X(field, name) {name, "Octets", false, NULL},
                                WIRE_OCTETS(X)
#undef X
                                        {"callLinkageData", "CallLinkageData", false, NULL},
#define X(field, name) {name, "string", false, NULL},
        WIRE_EVENT_STRINGS(X)
#undef X
                {"message", "object", false,
                 "of csta.event: what `csta schema` ELEMENT says of it"},
        {"pendingAgentState", "AgentState", false, NULL},
        {"monitored", "boolean", false, "of a device: its calls are reported"},
        {"gapFrom", "sequence", false, "first one that was lost"},
        {"gapTo", "sequence", false, "last one that was lost"},
        {"progress", "count", false, "devices that were read"},
        {"total", "count", false, "devices to be read"},
#define X(flag, name) {name, "true", false, NULL},
        WIRE_EVENT_FLAGS(X)
#undef X
                {"attached", "string{}", false, "data of the applications"},
        {"privateNames", "string{}", false,
         "what of privateData the table of the switch's adapter has a name for"},
};

static const struct member request[] = {
#define X(field, name) {name, "string", false, NULL},
        WIRE_REQUEST_STRINGS(X)
#undef X
                {"service", "string", false, "on MQTT the topic says it"},
        {"timeoutMs", "count", false, "10000 if absent"},
#define X(field, name) {name, "Connection", false, NULL},
        WIRE_REQUEST_CONNECTIONS(X)
#undef X
                {"requestedAgentState", "RequestedAgentState", false, NULL},
        {"participationType", "ParticipationType", false, "active if absent"},
#define X(field, name) {name, "boolean", false, NULL},
        WIRE_REQUEST_TRUTHS(X)
#undef X
                {"monitorFilter", "EventType[]", false, "events to keep away"},
#define X(field, name) {name, "Octets", false, NULL},
        WIRE_OCTETS(X)
#undef X
};

static const struct member attach_data[] = {
        {"id", "string", false, NULL},
        {"service", "=" CTI_WIRE_ATTACH_DATA, false, "on MQTT the topic says it"},
        {"switch", "string", false, NULL},
        {"interaction", "string", true, NULL},
        {"attached", "string{}", true, "an empty string takes the key away; 16 KiB together"},
};

/* By its name another service of ECMA-269, passed through. */
static const struct member other_request[] = {
        {"id", "string", false, NULL},
        {"service", "string", false, "element of ECMA-323; on MQTT the topic says it"},
        {"switch", "string", false, NULL},
        {"device", "string", false, NULL},
        {"timeoutMs", "count", false, "10000 if absent"},
        {"message", "object", false, "its arguments: what `csta schema` ELEMENT says of it"},
};

static const struct member snapshot_item[] = {
        {"connection", "Connection", false, NULL},
        {"device", "Device", false, NULL},
        {"otherStates", "ConnectionState[]", false, "of the other parties"},
};

static const struct member agent_item[] = {
        {"loggedOn", "boolean", true, NULL},
        {"agentID", "string", false, NULL},
        {"acdGroup", "Device", false, NULL},
        {"agentState", "AgentState", false, NULL},
        {"pendingAgentState", "AgentState", false, NULL},
};

static const struct member reply[] = {
        {"id", "string", true, "of the request; empty where it had none that could be read"},
        {"ok", "boolean", true, NULL},
        {"error", "Error", false, "if not ok"},
#define X(field, name) {name, "string", false, NULL},
        WIRE_REPLY_STRINGS(X)
#undef X
                {"message", "object", false, "of a service that passed through: its result"},
        {"connection", "Connection", false, "the new call"},
        {"connections", "ConnectionItem[]", false, "of a transfer or conference"},
        {"monitorExistingCalls", "true", false, NULL},
        {"snapshot", "SnapshotItem[]", false, NULL},
#define X(field, name) {name, "Device", false, NULL},
        WIRE_REPLY_DEVICES(X)
#undef X
                {"agents", "AgentItem[]", false, NULL},
        {"pendingAgentState", "AgentState", false, NULL},
};

/* ---- states (cti-server/model/model_state.c, northbound/topic.c, pbx.c) ------------------------
 */

static const struct member call_state[] = {
        {"callID", "string", true, NULL},
        {"state", "ConnectionState", true, "of the device in this call"},
        {"since", "time", true, NULL},
        {"interaction", "string", false, NULL},
        {"parent", "string", false, "interaction that this one came from"},
        {"callingDevice", "Device", false, NULL},
        {"calledDevice", "Device", false, NULL},
        {"lastRedirectionDevice", "Device", false, NULL},
        {"originalCallingDevice", "Device", false, NULL},
        {"attached", "string{}", false, NULL},
        {"partners", "Connection[]", false, "the others in the call"},
};

static const struct member device_state[] = {
        {"device", "string", true, NULL},
        {"current", "boolean", true, "false: not read again since the link was lost"},
        {"monitored", "boolean", true, NULL},
        {"reason", "string", false, "why it is not monitored"},
        {"inService", "boolean", true, NULL},
        {"agent", "string", false, "who is logged on there"},
        {"calls", "CallState[]", true, NULL},
};

static const struct member queue_state[] = {
        {"queue", "string", true, NULL},
        {"current", "boolean", true, NULL},
        {"monitored", "boolean", true, NULL},
        {"reason", "string", false, "why it is not monitored"},
        {"waiting", "count", true, NULL},
        {"longestSince", "time", false, NULL},
        {"agents", "count{}", true, "how many are loggedOn, and in each state"},
};

static const struct member agent_state[] = {
        {"agent", "string", true, NULL},     {"current", "boolean", true, NULL},
        {"state", "AgentState", true, NULL}, {"pendingState", "AgentState", false, NULL},
        {"device", "string", false, NULL},   {"groups", "string[]", true, NULL},
        {"reason", "string", false, NULL},   {"since", "time", true, NULL},
};

static const struct member link_state[] = {
        {"link", "Link", true, NULL},
        {"current", "boolean", true, "every device has been read"},
        {"progress", "count", true, "devices that were read"},
        {"total", "count", true, "devices to be read"},
        {"server", "string", false, NULL},
        {"text", "string", false, "why the link is down"},
};

static const struct member switch_status[] = {
        {"server", "string", true, "which server has the switch"},
        {"tenant", "string", true, NULL},
        {"switch", "string", true, NULL},
        {"link", "Link", true, NULL},
        {"current", "boolean", true, NULL},
        {"epoch", "string", true, NULL},
        {"sequence", "count", true, "of the last event when this was said"},
};

static const struct member server_status[] = {
        {"server", "string", true, NULL},
        {"online", "boolean", true, "false is the last will"},
};

/* ---- the session (sdk/wire.h) ------------------------------------------------------------------
 */

static const struct member hello[] = {
        {"version", "count", true, "of the protocol: 1"},
        {"user", "string", false, NULL},
        {"password", "string", false, NULL},
        {"client", "string", false, "name and version of the program"},
};

static const struct member stream[] = {
        {"tenant", "string", true, NULL}, {"switch", "string", true, NULL},
        {"epoch", "string", true, NULL},  {"sequence", "count", true, "of the last event"},
        {"link", "Link", true, NULL},
};

static const struct member welcome[] = {
        {"version", "count", true, NULL},
        {"server", "string", true, NULL},
        {"user", "string", true, "as whom"},
        {"heartbeatMs", "count", true,
         "say something as often; silent three times as long: forgotten"},
        {"streams", "Stream[]", true, "one a switch"},
};

static const struct member resume[] = {
        {"epoch", "string", true, NULL},
        {"sequence", "count", true, "of the last event that came"},
};

static const struct member subscribe[] = {
        {"id", "string", true, "1 to 64 characters"},
        {"filter", "Filter", true, NULL},
        {"switch", "string", false, "every one if absent"},
        {"resume", "Resume", false, "what was missed comes first, or a stream.gap and snapshots"},
};

static const struct member subscribed_stream[] = {
        {"tenant", "string", true, NULL},   {"switch", "string", true, NULL},
        {"epoch", "string", true, NULL},    {"sequence", "count", true, "events after it follow"},
        {"resumed", "boolean", true, NULL},
};

static const struct member subscribed[] = {
        {"id", "string", true, NULL},
        {"filter", "string", true, NULL},
        {"streams", "SubscribedStream[]", true, NULL},
};

static const struct member by_id[] = {{"id", "string", true, NULL}};

static const struct member sync_answer[] = {
        {"id", "string", true, "as asked; after every event before it"},
        {"streams", "Stream[]", true, NULL},
        {"subjects", "count{}", true,
         "{switch}/{subject}: its counter; another one: events were lost"},
};

static const struct member state_message[] = {
        {"subject", "string", true, NULL},
        {"switch", "string", true, NULL},
        {"sequence", "count", true, "events up to it are in the state"},
        {"state", "State", true, NULL},
};

static const struct member session_error[] = {
        {"code", "ErrorCode", true, NULL},
        {"text", "string", true, NULL},
        {"id", "string", false, "of the subscription it is about"},
};

static const struct member bye[] = {{"text", "string", false, "why"}};

#define OBJECT(name, members, text)                                                                \
	{                                                                                          \
		name, text, members, COUNT(members)                                                \
	}
static const struct object objects[] = {
        OBJECT("Device", device, "ECMA-269 12.3; a withheld number is {\"restricted\":true}"),
        OBJECT("Connection", connection, "A call at a device"),
        OBJECT("ConnectionItem", connection_item, "ECMA-269 12.2.9"),
        OBJECT("Octets", octets, NULL),
        OBJECT("CallLinkageData", linkage, NULL),
        OBJECT("Error", failure, NULL),
        OBJECT("Event", envelope, "A CloudEvent"),
        OBJECT("EventData", event_data, "ECMA-323's names"),
        OBJECT("SnapshotItem", snapshot_item, "A call of a device, a party of a call"),
        OBJECT("AgentItem", agent_item, NULL),
        OBJECT("Reply", reply, NULL),
        OBJECT("AttachData", attach_data, NULL),
        OBJECT("OtherRequest", other_request, "Any service of ECMA-269 that has no row of its own"),
        OBJECT("CallState", call_state, NULL),
        OBJECT("DeviceState", device_state, NULL),
        OBJECT("QueueState", queue_state, NULL),
        OBJECT("AgentStatus", agent_state, NULL),
        OBJECT("LinkState", link_state, NULL),
        OBJECT("SwitchStatus", switch_status, NULL),
        OBJECT("ServerStatus", server_status, NULL),
        OBJECT("Hello", hello, NULL),
        OBJECT("Welcome", welcome, NULL),
        OBJECT("Stream", stream, NULL),
        OBJECT("Subscribe", subscribe, NULL),
        OBJECT("Resume", resume, NULL),
        OBJECT("Subscribed", subscribed, NULL),
        OBJECT("SubscribedStream", subscribed_stream, NULL),
        OBJECT("Unsubscribe", by_id, NULL),
        OBJECT("SyncRequest", by_id, NULL),
        OBJECT("Sync", sync_answer, NULL),
        OBJECT("SessionState", state_message, NULL),
        OBJECT("SessionError", session_error, NULL),
        OBJECT("Bye", bye, NULL),
};

const struct contract_kind contract_kinds[] = {
        {"hello", "Hello", "The first message", 0},
        {"subscribe", "Subscribe", "What to hear: states come first, then events", 0},
        {"unsubscribe", "Unsubscribe", NULL, 0},
        {"request", "Request", "Answered by exactly one reply", 0},
        {"sync", "SyncRequest", "The heartbeat; answered by sync", 0},
        {"bye", "Bye", NULL, 0},
        {"welcome", "Welcome", "The answer to hello", 1},
        {"state", "SessionState", "A snapshot, before subscribed", 1},
        {"subscribed", "Subscribed", "The snapshots are through, events follow", 1},
        {"event", "AnyEvent", "Each event once, however many filters match", 1},
        {"reply", "Reply", "Of a request", 1},
        {"sync", "Sync", "How far everything is: a lost tail shows", 1},
        {"error", "SessionError", "Of what was said, or of the session; then a bye follows", 1},
        {"bye", "Bye", "The session is over", 1},
};
const size_t contract_kind_count = COUNT(contract_kinds);

/* ---- one schema an event, one a service ---------------------------------------------------------
 */

/* "call.connection-cleared" is CallConnectionCleared. */
void contract_event_schema(char out[64], int type)
{
	bool upper = true;
	const char *at = cti_event_type_name((enum cti_event_type)type);
	size_t length = 0;
	for (; *at && length < 63; at++) {
		if (isalnum((unsigned char)*at))
			out[length++] = upper ? (char)toupper((unsigned char)*at) : *at;
		upper = !isalnum((unsigned char)*at);
	}
	out[length] = '\0';
}

void contract_service_schema(char out[64], int service)
{
	snprintf(out, 64, "%sRequest", cti_service_name((enum cti_service)service));
}

static void event_put(json_t *schemas, int type, const char *subject, const char *other,
                      const char *items)
{
	char name[64], full[64];
	const char *element = cti_event_element((enum cti_event_type)type);
	const char *phase = cti_event_phase((enum cti_event_type)type);
	json_t *properties = json_pack("{s{ss}}", "phase", "const", phase), *schema;
	/* Entering a distribution mechanism, nothing rings. */
	if (type == CTI_EVENT_CALL_DELIVERED)
		set(properties, "phase", json_pack("{s[ss]}", "enum", phase, "in distribution"));
	set(properties, subject, contract_schema_ref("Device"));
	set(properties, other, contract_schema_ref("Device"));
	set(properties, items, type_schema("ConnectionItem[]"));
	snprintf(full, sizeof full, "cti.%s", cti_event_type_name((enum cti_event_type)type));
	schema = json_pack("{s[o] s{s{ss} s{s[o] so}}}", "allOf", contract_schema_ref("Event"),
	                   "properties", "type", "const", full, "data", "allOf",
	                   contract_schema_ref("EventData"), "properties", properties);
	if (*element) {
		char text[80];
		snprintf(text, sizeof text, "ECMA-323 %s", element);
		set(schema, "description", json_string(text));
	}
	contract_event_schema(name, type);
	set(schemas, name, schema);
}

static const struct member *request_member(const char *name, size_t length)
{
	for (size_t i = 0; i < COUNT(request); i++)
		if (!strncmp(request[i].name, name, length) && !request[i].name[length])
			return &request[i];
	failed = true; /* the table has a member that no request has */
	return NULL;
}

static void words_put(json_t *properties, json_t *required, const char *words, bool all)
{
	while (*words) {
		size_t length = strcspn(words, " ");
		const struct member *found = request_member(words, length);
		if (found) {
			struct member member = *found;
			/* On MQTT the topic says it; what a session wants stands in Request. */
			member.required = all && strcmp(member.name, "device") != 0;
			member_put(properties, required, &member);
		}
		words += length;
		words += strspn(words, " ");
	}
}

static void service_put(json_t *schemas, int service, const char *needs, const char *reads)
{
	char name[64];
	json_t *properties = json_object(), *required = json_array();
	const struct member said = {"service", "string", false, "on MQTT the topic says it"};
	words_put(properties, required, "id", false);
	member_put(properties, required, &said);
	set(json_object_get(properties, "service"), "const",
	    json_string(cti_service_name((enum cti_service)service)));
	words_put(properties, required, "switch timeoutMs", false);
	words_put(properties, required, needs, true);
	words_put(properties, required, reads, false);
	if (!json_object_get(properties, "privateData"))
		words_put(properties, required, "privateData", false);
	contract_service_schema(name, service);
	json_t *schema = json_pack("{ss so}", "type", "object", "properties", properties);
	if (json_array_size(required))
		set(schema, "required", required);
	else
		json_decref(required);
	set(schemas, name, schema);
}

/* One of several schemas. */
static json_t *any_of(json_t *names)
{
	json_t *refs = json_array(), *name;
	size_t i;
	json_array_foreach (names, i, name) {
		add(refs, contract_schema_ref(json_string_value(name)));
	}
	json_decref(names);
	return json_pack("{so}", "oneOf", refs);
}

/* By the name alone: it is none that has a row. */
static void others_tell(json_t *schemas)
{
	json_t *names = json_pack("[s]", CTI_WIRE_ATTACH_DATA);
	json_t *other = json_object_get(schemas, "OtherRequest");
	for (int i = 0; i < CTI_SERVICES_COUNT; i++)
		add(names, json_string(cti_service_name((enum cti_service)i)));
	set(json_object_get(json_object_get(other, "properties"), "service"), "not",
	    json_pack("{so}", "enum", names));
}

static void unions_put(json_t *schemas)
{
	json_t *events = json_array(), *services = json_array(), *with_device = json_array();
	char name[64];
#define X(service, needs, reads)                                                                   \
	if (strstr(needs, "device"))                                                               \
		add(with_device, json_string(cti_service_name(CTI_SERVICE_##service)));
	WIRE_SERVICES(X)
#undef X
	for (int i = 0; i < CTI_EVENT_TYPES; i++) {
		contract_event_schema(name, i);
		add(events, json_string(name));
	}
	for (int i = 0; i < CTI_SERVICES_COUNT; i++) {
		contract_service_schema(name, i);
		add(services, json_string(name));
	}
	add(services, json_string("AttachData"));
	add(services, json_string("OtherRequest"));
	set(schemas, "AnyEvent", any_of(events));
	others_tell(schemas);
	json_t *request_of_session = any_of(services);
	set(request_of_session, "required", json_pack("[ss]", "id", "service"));
	set(request_of_session, "if",
	    json_pack("{s{s{so}}}", "properties", "service", "enum", with_device));
	set(request_of_session, "then", json_pack("{s[s]}", "required", "device"));
	set(schemas, "Request", request_of_session);
	set(schemas, "State",
	    any_of(json_pack("[ssss]", "DeviceState", "QueueState", "AgentStatus", "LinkState")));
}

json_t *contract_schemas(void)
{
	json_t *schemas = json_object();
	failed = false;
	enumerations_put(schemas);
	for (size_t i = 0; i < COUNT(objects); i++)
		set(schemas, objects[i].name,
		    members_schema(objects[i].members, objects[i].count, objects[i].text));
	set(schemas, "Filter",
	    json_pack("{ss ss}", "type", "string", "pattern",
	              "^(all|(device|agent|queue)/(\\*|.+)|interaction/.+)$"));
	set(json_object_get(schemas, "Reply"), "if",
	    json_pack("{s{s{sb}}}", "properties", "ok", "const", 0));
	set(json_object_get(schemas, "Reply"), "then", json_pack("{s[s]}", "required", "error"));
#define X(name, subject, other, items) event_put(schemas, CTI_EVENT_##name, subject, other, items);
	WIRE_EVENT_NAMES(X)
#undef X
#define X(name, needs, reads) service_put(schemas, CTI_SERVICE_##name, needs, reads);
	WIRE_SERVICES(X)
#undef X
	unions_put(schemas);
	if (!failed)
		return schemas;
	json_decref(schemas);
	return NULL;
}
