/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/names.h"
#include "sdk/pack.h"

#include <string.h>

static const struct {
	const char *type, *phase, *element;
} events[] = {
#define X(name, type, phase, element) {type, phase, element},
        CTI_EVENTS(X)
#undef X
};

static const char *const connection_states[] = {
#define X(name, text) text,
        CTI_CONNECTION_STATES(X)
#undef X
};

static const char *const agent_states[] = {
#define X(name, text) text,
        CTI_AGENT_STATES(X)
#undef X
};

const char *cti_event_type_name(enum cti_event_type type)
{
	return (size_t)type < COUNT(events) ? events[type].type : "?";
}

const char *cti_event_phase(enum cti_event_type type)
{
	return (size_t)type < COUNT(events) ? events[type].phase : "?";
}

const char *cti_event_element(enum cti_event_type type)
{
	return (size_t)type < COUNT(events) ? events[type].element : "";
}

int cti_event_type_parse(const char *name)
{
	if (name && !strncmp(name, "cti.", 4))
		name += 4;
	for (size_t i = 0; name && i < COUNT(events); i++)
		if (!strcmp(events[i].type, name))
			return (int)i;
	return -1;
}

const char *cti_connection_state_name(enum cti_connection_state state)
{
	return (size_t)state < COUNT(connection_states) ? connection_states[state] : "unknown";
}

int cti_connection_state_parse(const char *name)
{
	return name_parse(connection_states, COUNT(connection_states), name);
}

const char *cti_agent_state_name(enum cti_agent_state state)
{
	return (size_t)state < COUNT(agent_states) ? agent_states[state] : "unknown";
}

int cti_agent_state_parse(const char *name)
{
	return name_parse(agent_states, COUNT(agent_states), name);
}

void cti_event_init(struct cti_event *event, enum cti_event_type type)
{
	*event = (struct cti_event){
	        .type = type,
	        .connection.state = CTI_CONNECTION_UNKNOWN,
	        .local_state = CTI_CONNECTION_UNKNOWN,
	        .primary_old.state = CTI_CONNECTION_UNKNOWN,
	        .secondary_old.state = CTI_CONNECTION_UNKNOWN,
	        .number_queued = -1,
	        .calls_in_front = -1,
	        .pending_state = CTI_AGENT_UNKNOWN,
	};
}

static void subjects_pack(struct pack *pack, struct cti_event *event)
{
	struct cti_subject *to = pack_room(pack, event->subject_count * sizeof *to);
	for (size_t i = 0; i < event->subject_count; i++) {
		struct cti_subject subject = event->subjects[i];
		pack_string(pack, &subject.subject);
		if (to)
			to[i] = subject;
	}
	if (to)
		event->subjects = to;
}

static void event_pack(struct pack *pack, void *block)
{
	struct cti_event *event = block;
	const char **strings[] = {
	        &event->id,       &event->tenant,         &event->switch_name,
	        &event->epoch,    &event->interaction_id, &event->request_id,
	        &event->monitor,  &event->cause,          &event->digits,
	        &event->agent_id, &event->reason,         &event->merged_into,
	        &event->parent,   &event->text,           &event->private_data,
	        &event->element,  &event->message,
	};
	struct cti_device *devices[] = {
	        &event->subject,
	        &event->calling,
	        &event->called,
	        &event->last_redirection,
	        &event->other,
	        &event->network_calling,
	        &event->network_called,
	        &event->original_calling,
	        &event->associated_calling,
	        &event->associated_called,
	        &event->group,
	};
	struct cti_octets *octets[] = {
	        &event->correlator, &event->user_data,       &event->global_call,
	        &event->thread,     &event->old_global_call, &event->old_thread,
	};

	for (size_t i = 0; i < COUNT(strings); i++)
		pack_string(pack, strings[i]);
	for (size_t i = 0; i < COUNT(devices); i++)
		pack_device(pack, devices[i]);
	for (size_t i = 0; i < COUNT(octets); i++)
		pack_octets(pack, octets[i]);
	pack_connection(pack, &event->connection);
	pack_connection(pack, &event->primary_old);
	pack_connection(pack, &event->secondary_old);
	pack_items(pack, &event->items, event->item_count);
	subjects_pack(pack, event);
	pack_pairs(pack, &event->attached, event->attached_count);
	pack_pairs(pack, &event->named, event->named_count);
}

struct cti_event *cti_event_copy(const struct cti_event *event)
{
	return pack_copy(event, sizeof *event, event_pack);
}
