/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/names.h"
#include "sdk/pack.h"

static const char *const services[] = {
#define X(name, verb, element) element,
        CTI_SERVICES(X)
#undef X
};

static const char *const requested_states[] = {
#define X(name, text) text,
        CTI_REQUESTED_AGENT_STATES(X)
#undef X
};

const char *cti_service_name(enum cti_service service)
{
	return (size_t)service < COUNT(services) ? services[service] : "?";
}

int cti_service_parse(const char *name)
{
	return name_parse(services, COUNT(services), name);
}

const char *cti_requested_agent_state_name(enum cti_requested_agent_state state)
{
	return (size_t)state < COUNT(requested_states) ? requested_states[state] : "?";
}

int cti_requested_agent_state_parse(const char *name)
{
	return name_parse(requested_states, COUNT(requested_states), name);
}

void cti_request_init(struct cti_request *request, enum cti_service service)
{
	*request = (struct cti_request){
	        .service = service,
	        .connection.state = CTI_CONNECTION_UNKNOWN,
	        .held.state = CTI_CONNECTION_UNKNOWN,
	        .participation = CTI_PARTICIPATION_ACTIVE, /* ECMA-269 17.1.25: the default */
	};
}

void cti_reply_init(struct cti_reply *reply)
{
	*reply = (struct cti_reply){
	        .connection.state = CTI_CONNECTION_UNKNOWN,
	        .pending_state = CTI_AGENT_UNKNOWN,
	};
}

static void request_pack(struct pack *pack, void *block)
{
	struct cti_request *request = block;
	const char **strings[] = {
	        &request->switch_name, &request->id,           &request->user,
	        &request->device,      &request->destination,  &request->group,
	        &request->agent_id,    &request->password,     &request->reason,
	        &request->monitor,     &request->private_data, &request->element,
	        &request->message,
	};

	for (size_t i = 0; i < COUNT(strings); i++)
		pack_string(pack, strings[i]);
	pack_connection(pack, &request->connection);
	pack_connection(pack, &request->held);
	pack_octets(pack, &request->correlator);
	pack_octets(pack, &request->user_data);
}

struct cti_request *cti_request_copy(const struct cti_request *request)
{
	return pack_copy(request, sizeof *request, request_pack);
}

static void snapshot_pack(struct pack *pack, struct cti_reply *reply)
{
	struct cti_snapshot_item *to = pack_room(pack, reply->snapshot_count * sizeof *to);
	for (size_t i = 0; i < reply->snapshot_count; i++) {
		struct cti_snapshot_item item = reply->snapshot[i];
		pack_connection(pack, &item.connection);
		pack_device(pack, &item.device);
		item.other_states = pack_bytes(pack, item.other_states,
		                               item.other_count * sizeof *item.other_states);
		if (to)
			to[i] = item;
	}
	if (to)
		reply->snapshot = to;
}

static void agents_pack(struct pack *pack, struct cti_reply *reply)
{
	struct cti_agent_item *to = pack_room(pack, reply->agent_count * sizeof *to);
	for (size_t i = 0; i < reply->agent_count; i++) {
		struct cti_agent_item item = reply->agents[i];
		pack_string(pack, &item.agent_id);
		pack_device(pack, &item.group);
		if (to)
			to[i] = item;
	}
	if (to)
		reply->agents = to;
}

static void reply_pack(struct pack *pack, void *block)
{
	struct cti_reply *reply = block;
	pack_string(pack, &reply->value);
	pack_string(pack, &reply->text);
	pack_string(pack, &reply->monitor);
	pack_string(pack, &reply->system_status);
	pack_string(pack, &reply->private_data);
	pack_string(pack, &reply->message);
	pack_connection(pack, &reply->connection);
	pack_items(pack, &reply->items, reply->item_count);
	pack_device(pack, &reply->calling);
	pack_device(pack, &reply->called);
	snapshot_pack(pack, reply);
	agents_pack(pack, reply);
}

struct cti_reply *cti_reply_copy(const struct cti_reply *reply)
{
	return pack_copy(reply, sizeof *reply, reply_pack);
}
