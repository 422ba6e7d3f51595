/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshots. The message of a subject, and what stands in its state (cti-server/model/model.h):
 *
 * {"subject":"device/2001","switch":"hq","sequence":1042,"state":
 *   {"device":"2001","current":true,"monitored":true,"inService":true,"agent":"7001",
 *    "calls":[{"callID":"17","state":"alerting","since":"2026-...Z","interaction":"01J...",
 *              "callingDevice":{...},"calledDevice":{...},
 *              "partners":[{"callID":"17","deviceID":"3000","state":"queued"}],
 *              "attached":{"customer":"4711"}}]}}
 * agent/7001: {"agent":"7001","current":true,"state":"ready","device":"2003","groups":["3000"],
 *              "reason":"lunch","since":"..."}
 * queue/3000: {"queue":"3000","current":true,"monitored":true,"waiting":2,"longestSince":"...",
 *              "agents":{"loggedOn":3,"notReady":1,"ready":1,"busy":1,"workingAfterCall":0}}
 */
#include "sdk/client.h"
#include "sdk/wire_reader.h"

#include <stdlib.h>
#include <string.h>

static void read_partners(struct reader *reader, const json_t *item, struct cti_call *call)
{
	json_t *array = reader_array(reader, item, "partners");
	struct cti_connection *partners =
	        array ? reader_scratch(reader, json_array_size(array), sizeof *partners) : NULL;
	if (!partners)
		return;
	for (size_t i = 0; i < json_array_size(array); i++)
		reader_connection_members(reader, json_array_get(array, i), &partners[i]);
	call->partners = partners;
	call->partner_count = json_array_size(array);
}

static void read_calls(struct reader *reader, const json_t *object, struct cti_state *state)
{
	json_t *array = reader_array(reader, object, "calls");
	struct cti_call *calls =
	        array ? reader_scratch(reader, json_array_size(array), sizeof *calls) : NULL;
	if (!calls)
		return;
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *item = json_array_get(array, i);
		struct cti_call *call = &calls[i];
		reader_connection_members(reader, item, &call->connection);
		if (!call->connection.device_id)
			call->connection.device_id = state->device;
		call->interaction_id = reader_string(reader, item, "interaction");
		call->parent = reader_string(reader, item, "parent");
		reader_device(reader, item, "callingDevice", &call->calling);
		reader_device(reader, item, "calledDevice", &call->called);
		reader_device(reader, item, "lastRedirectionDevice", &call->last_redirection);
		reader_device(reader, item, "originalCallingDevice", &call->original_calling);
		call->since_us = reader_time(reader, item, "since");
		read_partners(reader, item, call);
		reader_pairs(reader, item, "attached", &call->attached, &call->attached_count);
	}
	state->calls = calls;
	state->call_count = json_array_size(array);
}

static void read_groups(struct reader *reader, const json_t *object, struct cti_state *state)
{
	json_t *array = reader_array(reader, object, "groups");
	const char **groups =
	        array ? reader_scratch(reader, json_array_size(array), sizeof *groups) : NULL;
	if (!groups)
		return;
	for (size_t i = 0; i < json_array_size(array); i++) {
		groups[i] = json_string_value(json_array_get(array, i));
		if (!groups[i])
			reader_wrong(reader, "groups", "an array of strings");
	}
	state->groups = groups;
	state->group_count = json_array_size(array);
}

static void read_counts(struct reader *reader, const json_t *object, struct cti_state *state)
{
	json_t *agents = reader_object(reader, object, "agents");
	const struct {
		const char *name;
		int *count;
	} rows[] = {
	        {"loggedOn", &state->agents.logged_on},
	        {"notReady", &state->agents.not_ready},
	        {"ready", &state->agents.ready},
	        {"busy", &state->agents.busy},
	        {"workingAfterCall", &state->agents.working_after_call},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		*rows[i].count =
		        (int)reader_integer(reader, agents, rows[i].name, -1, 0, INT32_MAX);
}

static void read_state(struct reader *reader, const json_t *object, struct cti_state *state)
{
	bool agent = !strncmp(state->subject, "agent/", 6);
	bool queue = !strncmp(state->subject, "queue/", 6);
	state->current = reader_boolean(reader, object, "current");
	state->monitored = reader_boolean(reader, object, "monitored");
	state->out_of_service = json_is_false(json_object_get(object, "inService"));
	state->device = reader_string(reader, object, queue ? "queue" : "device");
	state->agent_id = reader_string(reader, object, "agent");
	state->reason = reader_string(reader, object, "reason");
	if (agent) {
		state->agent_state = reader_agent_state(reader, object, "state");
		state->pending_state = reader_agent_state(reader, object, "pendingState");
	}
	state->since_us = reader_time(reader, object, queue ? "longestSince" : "since");
	state->waiting = (int)reader_integer(reader, object, "waiting", -1, 0, INT32_MAX);
	read_groups(reader, object, state);
	read_counts(reader, object, state);
	read_calls(reader, object, state);
}

void state_deliver(struct cti_client *client, const json_t *message)
{
	struct reader reader = {.what = "state"};
	struct cti_state state = {.agent_state = CTI_AGENT_UNKNOWN,
	                          .pending_state = CTI_AGENT_UNKNOWN,
	                          .waiting = -1};
	char *json = NULL;
	if (!client->handlers.snapshot)
		return;
	state.subject = reader_string(&reader, message, "subject");
	state.switch_name = reader_string(&reader, message, "switch");
	state.sequence = (uint64_t)reader_integer(&reader, message, "sequence", 0, 0, INT64_MAX);
	const json_t *object = reader_object(&reader, message, "state");
	if (object && state.subject) {
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
