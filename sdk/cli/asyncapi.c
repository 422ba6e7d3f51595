/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cti asyncapi: the AsyncAPI 3 document of what clients and the server say to each other. It
 * describes the server: `send` is what it says, `receive` what it is told.
 *
 * Channels are the topics of MQTT, the same on PUB (closed by a '/'), and the session.
 */
#include "sdk/cli/cli.h"
#include "sdk/cli/contract.h"
#include "sdk/names.h"
#include "sdk/wire.h"
#include "sdk/wire_topics.h"

#include <stdlib.h>

/* The message of a service that has none of its own. */
#define OTHER  "OtherService"
#define SWITCH WIRE_TOPIC_ROOT "{tenant}/{switch}/"

enum says { EVENTS, STATE, STATUS, REQUESTS, REPLIES };

/* A topic; on MQTT, and those of events and states on PUB. */
static const struct topic {
	const char *name, *address, *title;
	enum says says;
	const char *schema; /* of what is not events or requests */
	const char *parameters;
} topics[] = {
        {"serverStatus", WIRE_TOPIC_ROOT WIRE_TOPIC_SERVER "{server}/" WIRE_TOPIC_STATUS,
         "A server is there, or (last will) is not", STATUS, "ServerStatus", "server"},
        {"switchStatus", SWITCH WIRE_TOPIC_STATUS, "How a switch stands, and which server has it",
         STATUS, "SwitchStatus", "tenant switch"},
        {"linkState", SWITCH WIRE_TOPIC_STATUS WIRE_TOPIC_STATE,
         "How far a switch has been read, and why its link is down", STATE, "LinkState",
         "tenant switch"},
        {"deviceState", SWITCH "device/{device}" WIRE_TOPIC_STATE, "A device and its calls", STATE,
         "DeviceState", "tenant switch device"},
        {"agentState", SWITCH "agent/{agent}" WIRE_TOPIC_STATE, "An agent", STATE, "AgentStatus",
         "tenant switch agent"},
        {"queueState", SWITCH "queue/{queue}" WIRE_TOPIC_STATE,
         "A queue: who waits, who could answer", STATE, "QueueState", "tenant switch queue"},
        {"deviceEvents", SWITCH "device/{device}" WIRE_TOPIC_EVENT "{type}",
         "What concerns a device", EVENTS, NULL, "tenant switch device type"},
        {"agentEvents", SWITCH "agent/{agent}" WIRE_TOPIC_EVENT "{type}", "What concerns an agent",
         EVENTS, NULL, "tenant switch agent type"},
        {"queueEvents", SWITCH "queue/{queue}" WIRE_TOPIC_EVENT "{type}", "What concerns a queue",
         EVENTS, NULL, "tenant switch queue type"},
        {"interactionEvents", SWITCH "interaction/{interaction}" WIRE_TOPIC_EVENT "{type}",
         "What concerns a customer's contact", EVENTS, NULL, "tenant switch interaction type"},
        {"allEvents", SWITCH WIRE_TOPIC_ALL "{type}", "Every event once", EVENTS, NULL,
         "tenant switch type"},
        {"requests", SWITCH WIRE_TOPIC_REQUEST "/{user}/{device}/{service}",
         "What a user asks of a switch; the broker's access list vouches for the user", REQUESTS,
         NULL, "tenant switch user device service"},
        {"replies", SWITCH WIRE_TOPIC_REPLY "/{user}/{id}",
         "The answer: on the response topic of MQTT 5 if that lies below the user's replies, else "
         "here",
         REPLIES, "Reply", "tenant switch user id"},
};

static const struct {
	const char *name, *text;
} parameters[] = {
        {"server", "Id of a server"},
        {"tenant", "Whose switch it is"},
        {"switch", "Name of a switch"},
        {"device", "Number of a device; in a request - for none"},
        {"agent", "Id of an agent"},
        {"queue", "Number of a queue"},
        {"interaction", "Id of an interaction"},
        {"user", "Name of a user"},
        {"id", "Id of the request; error where it had none that could be read"},
        {"type", "An event"},
        {"service", "A service: AttachData, or an element of ECMA-323"},
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

static json_t *ref(const char *place, const char *name)
{
	char target[160];
	snprintf(target, sizeof target, "#/%s/%s", place, name);
	return json_pack("{ss}", "$ref", target);
}

/* What concerns a switch as a whole has no subject: it is on all/ alone, but for lost events. */
static bool event_is_on(int type, const struct topic *topic)
{
	return strncmp(cti_event_type_name((enum cti_event_type)type), "switch.", 7) != 0 ||
	       !strcmp(topic->name, "allEvents");
}

/* ---- messages
 * ------------------------------------------------------------------------------------ */

static void message_put(json_t *messages, const char *name, const char *schema, const char *summary)
{
	json_t *message =
	        json_pack("{ss so}", "name", name, "payload", contract_schema_ref(schema));
	if (summary)
		set(message, "summary", json_string(summary));
	set(messages, name, message);
}

/* A message of the session: the kind is its first frame. */
static void kind_put(json_t *messages, const struct contract_kind *kind)
{
	char name[64];
	snprintf(name, sizeof name, "session.%s.%s", kind->from_server ? "server" : "client",
	         kind->kind);
	message_put(messages, name, kind->schema, kind->text);
	set(json_object_get(messages, name), "headers",
	    json_pack("{ss s{s{ss}} s[s]}", "type", "object", "properties", "kind", "const",
	              kind->kind, "required", "kind"));
}

static json_t *messages_make(void)
{
	json_t *messages = json_object();
	char schema[64];
	for (int i = 0; i < CTI_EVENT_TYPES; i++) {
		contract_event_schema(schema, i);
		message_put(messages, cti_event_type_name((enum cti_event_type)i), schema,
		            cti_event_phase((enum cti_event_type)i));
	}
	for (int i = 0; i < CTI_SERVICES_COUNT; i++) {
		contract_service_schema(schema, i);
		message_put(messages, cti_service_name((enum cti_service)i), schema, NULL);
	}
	message_put(messages, CTI_WIRE_ATTACH_DATA, "AttachData",
	            "Of the server itself: data for an interaction");
	message_put(messages, OTHER, "OtherRequest",
	            "Any other service of ECMA-269, passed through");
	for (size_t i = 0; i < COUNT(topics); i++)
		if (topics[i].schema)
			message_put(messages, topics[i].schema, topics[i].schema, topics[i].title);
	set(messages, "Gone",
	    json_pack("{ss ss s{ss}}", "name", "Gone", "summary",
	              "Nothing at all, no JSON: what the state was of exists no longer", "payload",
	              "type", "null"));
	for (size_t i = 0; i < contract_kind_count; i++)
		kind_put(messages, &contract_kinds[i]);
	return messages;
}

/* ---- channels
 * -------------------------------------------------------------------------------------- */

static void channel_message(json_t *messages, const char *name)
{
	set(messages, name, ref("components/messages", name));
}

static json_t *topic_messages(const struct topic *topic)
{
	json_t *messages = json_object();
	for (int i = 0; topic->says == EVENTS && i < CTI_EVENT_TYPES; i++)
		if (event_is_on(i, topic))
			channel_message(messages, cti_event_type_name((enum cti_event_type)i));
	for (int i = 0; topic->says == REQUESTS && i < CTI_SERVICES_COUNT; i++)
		channel_message(messages, cti_service_name((enum cti_service)i));
	if (topic->says == REQUESTS)
		channel_message(messages, CTI_WIRE_ATTACH_DATA);
	if (topic->says == REQUESTS)
		channel_message(messages, OTHER);
	if (topic->schema)
		channel_message(messages, topic->schema);
	if (topic->says == STATE)
		channel_message(messages, "Gone");
	return messages;
}

static json_t *topic_parameters(const struct topic *topic)
{
	json_t *object = json_object();
	for (const char *at = topic->parameters; *at;) {
		char name[32];
		size_t length = strcspn(at, " ");
		snprintf(name, sizeof name, "%.*s", (int)length, at);
		set(object, name, ref("components/parameters", name));
		at += length;
		at += strspn(at, " ");
	}
	return object;
}

static void channel_put(json_t *channels, const struct topic *topic, const char *name,
                        const char *suffix, const char *server)
{
	char address[160];
	snprintf(address, sizeof address, "%s%s", topic->address, suffix);
	set(channels, name,
	    json_pack("{ss ss so so s[o]}", "address", address, "title", topic->title, "messages",
	              topic_messages(topic), "parameters", topic_parameters(topic), "servers",
	              ref("servers", server)));
}

/* "deviceState" on PUB is "pubDeviceState". */
static void pub_name(char out[64], const struct topic *topic)
{
	snprintf(out, 64, "pub%c%s", topic->name[0] - 'a' + 'A', topic->name + 1);
}

static bool is_on_pub(const struct topic *topic)
{
	return topic->says == EVENTS || topic->says == STATE;
}

static json_t *channels_make(void)
{
	json_t *channels = json_object(), *messages = json_object();
	char name[64];
	for (size_t i = 0; i < COUNT(topics); i++)
		channel_put(channels, &topics[i], topics[i].name, "", "mqtt");
	for (size_t i = 0; i < COUNT(topics); i++)
		if (is_on_pub(&topics[i])) {
			pub_name(name, &topics[i]);
			channel_put(channels, &topics[i], name, "/", "pub");
		}
	for (size_t i = 0; i < contract_kind_count; i++) {
		snprintf(name, sizeof name, "session.%s.%s",
		         contract_kinds[i].from_server ? "server" : "client",
		         contract_kinds[i].kind);
		channel_message(messages, name);
	}
	set(channels, "session",
	    json_pack("{sn ss ss so s[o]}", "address", "title", "A session", "description",
	              "ZeroMQ DEALER to ROUTER. Each message is two frames, a kind and a JSON "
	              "object. A "
	              "client that says nothing for three heartbeats is forgotten; one that hears "
	              "nothing asks `sync`.",
	              "messages", messages, "servers", ref("servers", "router")));
	return channels;
}

/* ---- operations
 * ------------------------------------------------------------------------------------ */

static json_t *operation(const char *action, const char *channel, const char *summary)
{
	return json_pack("{ss so ss}", "action", action, "channel", ref("channels", channel),
	                 "summary", summary);
}

static void topic_operation(json_t *operations, const struct topic *topic)
{
	char name[64];
	json_t *made;
	if (topic->says == REPLIES)
		return; /* stands in the request's */
	snprintf(name, sizeof name, "%s%c%s", topic->says == REQUESTS ? "take" : "publish",
	         topic->name[0] - 'a' + 'A', topic->name + 1);
	made = operation(topic->says == REQUESTS ? "receive" : "send", topic->name, topic->title);
	set(made, "bindings",
	    json_pack("{s{si sb ss}}", "mqtt", "qos", 1, "retain",
	              topic->says == STATE || topic->says == STATUS, "bindingVersion", "0.2.0"));
	if (topic->says == REQUESTS)
		set(made, "reply",
		    json_pack("{so s{ss ss}}", "channel", ref("channels", "replies"), "address",
		              "location", "$message.header#/responseTopic", "description",
		              "MQTT 5's response topic; without one, or with 3.1.1, the reply's "
		              "channel"));
	set(operations, name, made);
	if (is_on_pub(topic)) {
		pub_name(name, topic);
		made = operation("send", name, topic->title);
		name[0] = 'P';
		char full[80];
		snprintf(full, sizeof full, "send%s", name);
		set(operations, full, made);
	}
}

static json_t *session_messages(int from_server)
{
	json_t *messages = json_array();
	for (size_t i = 0; i < contract_kind_count; i++) {
		char name[64];
		snprintf(name, sizeof name, "session.%s.%s", from_server ? "server" : "client",
		         contract_kinds[i].kind);
		if (contract_kinds[i].from_server == from_server)
			add(messages, ref("channels/session/messages", name));
	}
	return messages;
}

static json_t *operations_make(void)
{
	json_t *operations = json_object();
	json_t *say = operation("send", "session", "What the server says in a session");
	json_t *hear = operation("receive", "session", "What a client says in a session");
	for (size_t i = 0; i < COUNT(topics); i++)
		topic_operation(operations, &topics[i]);
	set(say, "messages", session_messages(1));
	set(hear, "messages", session_messages(0));
	set(hear, "reply",
	    json_pack("{so so}", "channel", ref("channels", "session"), "messages",
	              session_messages(1)));
	set(operations, "hearSession", hear);
	set(operations, "saySession", say);
	return operations;
}

/* ---- the document
 * ---------------------------------------------------------------------------------- */

static json_t *parameters_make(void)
{
	json_t *object = json_object(), *types = json_array();
	for (size_t i = 0; i < COUNT(parameters); i++)
		set(object, parameters[i].name,
		    json_pack("{ss}", "description", parameters[i].text));
	for (int i = 0; i < CTI_EVENT_TYPES; i++)
		add(types, json_string(cti_event_type_name((enum cti_event_type)i)));
	set(json_object_get(object, "type"), "enum", types);
	return object;
}

static const char description[] =
        "What happens at telephone switches, as CloudEvents in the words of ECMA-269 with the "
        "names "
        "of ECMA-323, and what is asked of them. Ids in topics are percent-escaped (/ + # %). "
        "Members that are not described here may come with a later version: ignore them. Made by "
        "`cti asyncapi` of the tables that the program is made of.";

static json_t *servers_make(void)
{
	return json_pack("{s{ss ss ss} s{ss ss ss} s{ss ss ss}}", "mqtt", "host", "localhost:1883",
	                 "protocol", "mqtt", "description",
	                 "A broker that the operator runs: MQTT 5, or 3.1.1 with the same payloads",
	                 "router", "host", "127.0.0.1:5580", "protocol", "zmq", "description",
	                 "ZeroMQ ROUTER: sessions, authorised, filtered, numbered, resumable",
	                 "pub", "host", "127.0.0.1:5581", "protocol", "zmq", "description",
	                 "ZeroMQ PUB: two frames, the topic and the JSON object");
}

static json_t *document_make(void)
{
	json_t *schemas = contract_schemas();
	json_t *components = json_pack("{so so so}", "schemas", schemas, "messages",
	                               messages_make(), "parameters", parameters_make());
	return json_pack("{ss s{ss ss ss s{ss}} ss so so so so}", "asyncapi", "3.0.0", "info",
	                 "title", "cti-server", "version", CTI_VERSION, "description", description,
	                 "license", "name", "Apache-2.0", "defaultContentType", "application/json",
	                 "servers", servers_make(), "channels", channels_make(), "operations",
	                 operations_make(), "components", components);
}

int asyncapi_run(struct cli *cli, int argc, char **argv)
{
	json_t *document = document_make();
	char *text = document && !failed ? json_dumps(document, JSON_INDENT(1)) : NULL;
	(void)argc, (void)argv;
	json_decref(document);
	if (!text)
		return cli_fail(cli, CLI_REFUSED, "out of memory");
	puts(text);
	free(text);
	return CLI_OK;
}
