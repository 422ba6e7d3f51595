/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs: struct cti_request filled in for the asking. */
#include "sdk/client.h"

#include <stdlib.h>

static int on_calls(struct cti_client *client, enum cti_service service,
                    const struct cti_connection *held, const struct cti_connection *call,
                    const char *destination, cti_replied *callback, void *arg)
{
	struct cti_request request;
	cti_request_init(&request, service);
	if (!call)
		return CTI_E_INVALID;
	request.connection = *call;
	request.destination = destination;
	if (held)
		request.held = *held;
	return cti_request(client, &request, callback, arg);
}

#define ON_CALL(verb, service)                                                                     \
	int cti_##verb(struct cti_client *client, const struct cti_connection *call,               \
	               cti_replied *callback, void *arg)                                           \
	{                                                                                          \
		return on_calls(client, CTI_SERVICE_##service, NULL, call, NULL, callback, arg);   \
	}
ON_CALL(answer_call, ANSWER_CALL)
ON_CALL(clear_connection, CLEAR_CONNECTION)
ON_CALL(clear_call, CLEAR_CALL)
ON_CALL(hold_call, HOLD_CALL)
ON_CALL(retrieve_call, RETRIEVE_CALL)

#define ON_TWO_CALLS(verb, service)                                                                \
	int cti_##verb(struct cti_client *client, const struct cti_connection *held,               \
	               const struct cti_connection *active, cti_replied *callback, void *arg)      \
	{                                                                                          \
		if (!held)                                                                         \
			return CTI_E_INVALID;                                                      \
		return on_calls(client, CTI_SERVICE_##service, held, active, NULL, callback, arg); \
	}
ON_TWO_CALLS(alternate_call, ALTERNATE_CALL)
ON_TWO_CALLS(reconnect_call, RECONNECT_CALL)
ON_TWO_CALLS(transfer_call, TRANSFER_CALL)
ON_TWO_CALLS(conference_call, CONFERENCE_CALL)

#define TO_DESTINATION(verb, service)                                                              \
	int cti_##verb(struct cti_client *client, const struct cti_connection *call,               \
	               const char *destination, cti_replied *callback, void *arg)                  \
	{                                                                                          \
		if (!destination)                                                                  \
			return CTI_E_INVALID;                                                      \
		return on_calls(client, CTI_SERVICE_##service, NULL, call, destination, callback,  \
		                arg);                                                              \
	}
TO_DESTINATION(consultation_call, CONSULTATION_CALL)
TO_DESTINATION(single_step_transfer, SINGLE_STEP_TRANSFER_CALL)
TO_DESTINATION(deflect_call, DEFLECT_CALL)

int cti_make_call(struct cti_client *client, const char *device, const char *destination,
                  cti_replied *callback, void *arg)
{
	struct cti_request request;
	cti_request_init(&request, CTI_SERVICE_MAKE_CALL);
	if (!device || !destination)
		return CTI_E_INVALID;
	request.device = device;
	request.destination = destination;
	return cti_request(client, &request, callback, arg);
}

int cti_pickup_call(struct cti_client *client, const struct cti_connection *call,
                    const char *device, cti_replied *callback, void *arg)
{
	struct cti_request request;
	cti_request_init(&request, CTI_SERVICE_DIRECTED_PICKUP_CALL);
	if (!call || !device)
		return CTI_E_INVALID;
	request.connection = *call;
	request.device = device;
	return cti_request(client, &request, callback, arg);
}

int cti_set_agent_state(struct cti_client *client, const char *device,
                        enum cti_requested_agent_state state, const char *agent_id,
                        const char *password, const char *group, const char *reason,
                        cti_replied *callback, void *arg)
{
	struct cti_request request;
	cti_request_init(&request, CTI_SERVICE_SET_AGENT_STATE);
	if (!device)
		return CTI_E_INVALID;
	request.device = device;
	request.agent_state = state;
	request.agent_id = agent_id;
	request.password = password;
	request.group = group;
	request.reason = reason;
	return cti_request(client, &request, callback, arg);
}

static int of_device(struct cti_client *client, enum cti_service service, const char *device,
                     cti_replied *callback, void *arg)
{
	struct cti_request request;
	cti_request_init(&request, service);
	if (!device)
		return CTI_E_INVALID;
	request.device = device;
	return cti_request(client, &request, callback, arg);
}

int cti_get_agent_state(struct cti_client *client, const char *device, cti_replied *callback,
                        void *arg)
{
	return of_device(client, CTI_SERVICE_GET_AGENT_STATE, device, callback, arg);
}

int cti_snapshot_device(struct cti_client *client, const char *device, cti_replied *callback,
                        void *arg)
{
	return of_device(client, CTI_SERVICE_SNAPSHOT_DEVICE, device, callback, arg);
}

char *cti_event_json(const struct cti_event *event)
{
	struct cti_text text = {0};
	if (cti_wire_event_write(&text, event))
		cti_text_free(&text);
	return text.data;
}

const char *cti_device_label(const struct cti_device *device)
{
	switch (device->status) {
	case CTI_DEVICE_ABSENT:
	case CTI_DEVICE_NOT_REQUIRED:
	case CTI_DEVICE_NOT_SPECIFIED:
		return "";
	case CTI_DEVICE_NOT_KNOWN:
		return "unknown";
	case CTI_DEVICE_RESTRICTED:
		return "withheld";
	case CTI_DEVICE_NUMBER:
		break;
	}
	return device->number ? device->number : device->received ? device->received : "";
}
