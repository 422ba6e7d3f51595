/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshots. The message of a subject, and what stands in its state:
 *
 * {"subject":"device/2001","switch":"hq","sequence":1042,"state":
 *   {"device":{"number":"2001"},"monitored":true,"current":true,"agentID":"7001",
 *    "calls":[{"connection":{"callID":"17","deviceID":"2001","state":"alerting"},
 *              "interactionid":"01J…","callingDevice":{…},"calledDevice":{…},"since":"2026-…Z",
 *              "connections":[…],"attached":{"customer":"4711"}}]}}
 * agent/7001: {"agentID":"7001","device":{…},"agentState":"ready","groups":[{"number":"3000"}]}
 * queue/3000: {"queue":{"number":"3000"},"numberQueued":2,"calls":[…]}
 */
#include "sdk/client.h"
#include "sdk/wire_reader.h"

#include <stdlib.h>
#include <string.h>

static void read_connections(struct reader *reader, const json_t *item, struct cti_call *call)
{
	json_t *array = reader_array(reader, item, "connections");
	struct cti_connection *connections =
	        array ? reader_scratch(reader, json_array_size(array), sizeof *connections) : NULL;
	if (!connections)
		return;
	for (size_t i = 0; i < json_array_size(array); i++) {
		/* Each stands alone in the list: look at it as at a member. */
		json_t *member = json_pack("{sO}", "connection", json_array_get(array, i));
		if (!member) {
			reader_no_memory(reader);
			return;
		}
		reader_connection(reader, member, "connection", &connections[i]);
		json_decref(member);
	}
	call->connections = connections;
	call->connection_count = json_array_size(array);
}

static void read_calls(struct reader *reader, const json_t *object, struct cti_state *state)
{
	json_t *array = reader_array(reader, object, "calls");
	struct cti_call *calls =
	        array ? reader_scratch(reader, json_array_size(array), sizeof *calls) : NULL;
	if (!calls)
		return;
	for (size_t i = 0; i < json_array_size(array); i++) {
		json_t *item = json_array_get(array, i);
		reader_connection(reader, item, "connection", &calls[i].connection);
		calls[i].interaction_id = reader_string(reader, item, "interactionid");
		reader_device(reader, item, "callingDevice", &calls[i].calling);
		reader_device(reader, item, "calledDevice", &calls[i].called);
		calls[i].since_us = reader_time(reader, item, "since");
		read_connections(reader, item, &calls[i]);
		reader_pairs(reader, item, "attached", &calls[i].attached,
		             &calls[i].attached_count);
	}
	state->calls = calls;
	state->call_count = json_array_size(array);
}

static void read_groups(struct reader *reader, const json_t *object, struct cti_state *state)
{
	json_t *array = reader_array(reader, object, "groups");
	struct cti_device *groups =
	        array ? reader_scratch(reader, json_array_size(array), sizeof *groups) : NULL;
	if (!groups)
		return;
	for (size_t i = 0; i < json_array_size(array); i++) {
		json_t *member = json_pack("{sO}", "group", json_array_get(array, i));
		if (!member) {
			reader_no_memory(reader);
			return;
		}
		reader_device(reader, member, "group", &groups[i]);
		json_decref(member);
	}
	state->groups = groups;
	state->group_count = json_array_size(array);
}

static void read_state(struct reader *reader, const json_t *object, struct cti_state *state)
{
	reader_device(reader, object, "queue", &state->device);
	reader_device(reader, object, "device", &state->device);
	state->monitored = reader_boolean(reader, object, "monitored");
	state->current = reader_boolean(reader, object, "current");
	state->out_of_service = json_is_false(json_object_get(object, "inService"));
	state->text = reader_string(reader, object, "text");
	state->agent_id = reader_string(reader, object, "agentID");
	state->agent_state = reader_agent_state(reader, object, "agentState");
	state->pending_state = reader_agent_state(reader, object, "pendingAgentState");
	state->reason = reader_string(reader, object, "reason");
	state->since_us = reader_time(reader, object, "since");
	state->number_queued =
	        (int)reader_integer(reader, object, "numberQueued", -1, 0, INT32_MAX);
	read_groups(reader, object, state);
	read_calls(reader, object, state);
}

void state_deliver(struct cti_client *client, const json_t *message)
{
	struct reader reader = {.what = "state"};
	struct cti_state state = {.agent_state = CTI_AGENT_UNKNOWN,
	                          .pending_state = CTI_AGENT_UNKNOWN,
	                          .number_queued = -1};
	char *json = NULL;
	if (!client->handlers.snapshot)
		return;
	state.subject = reader_string(&reader, message, "subject");
	state.switch_name = reader_string(&reader, message, "switch");
	state.sequence = (uint64_t)reader_integer(&reader, message, "sequence", 0, 0, INT64_MAX);
	const json_t *object = reader_object(&reader, message, "state");
	if (object) {
		read_state(&reader, object, &state);
		json = json_dumps(object, JSON_COMPACT);
		state.json = json;
	}
	if (reader.code || !state.subject || (object && !json)) {
		client->stats.malformed++;
	} else {
		client->calls++;
		client->handlers.snapshot(client->arg, &state);
	}
	free(json);
	reader_end(&reader);
}
