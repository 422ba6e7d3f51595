/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests. Which member of the argument is which field of struct cti_request; monitor filters and
 * the objects of monitors, which are no plain fields, by hand.
 */
#include "csta/event_private.h"
#include "csta/pass.h"

#include <ChangeMonitorFilterArgument.h>
#include <MonitorFilter.h>
#include <MonitorStartArgument.h>
#include <MonitorType.h>
#include <pthread.h>
#include <string.h>

#define AT(field) offsetof(struct cti_request, field)

static const struct field common[] = {
        {"correlatorData", FIELD_OCTETS, AT(correlator)},
        {"userData", FIELD_OCTETS, AT(user_data)},
        {"extensions", FIELD_EXTENSIONS, AT(private_data)},
        {NULL, 0, 0},
};

#define HELD_AND_ACTIVE                                                                            \
	{                                                                                          \
		{"heldCall", FIELD_CONNECTION, AT(held)},                                          \
		{                                                                                  \
			"activeCall", FIELD_CONNECTION, AT(connection)                             \
		}                                                                                  \
	}
#define OWN_FIELDS 6

static const struct field own[CTI_SERVICES_COUNT][OWN_FIELDS] = {
        [CTI_SERVICE_MAKE_CALL] = {{"callingDevice", FIELD_NUMBER, AT(device)},
                                   {"calledDirectoryNumber", FIELD_NUMBER, AT(destination)},
                                   {"autoOriginate", FIELD_FLAG, AT(do_not_prompt)}},
        [CTI_SERVICE_ANSWER_CALL] = {{"callToBeAnswered", FIELD_CONNECTION, AT(connection)}},
        [CTI_SERVICE_CLEAR_CONNECTION] = {{"connectionToBeCleared", FIELD_CONNECTION,
                                           AT(connection)}},
        [CTI_SERVICE_CLEAR_CALL] = {{"callToBeCleared", FIELD_CONNECTION, AT(connection)}},
        [CTI_SERVICE_HOLD_CALL] = {{"callToBeHeld", FIELD_CONNECTION, AT(connection)}},
        [CTI_SERVICE_RETRIEVE_CALL] = {{"callToBeRetrieved", FIELD_CONNECTION, AT(connection)}},
        [CTI_SERVICE_ALTERNATE_CALL] = HELD_AND_ACTIVE,
        [CTI_SERVICE_RECONNECT_CALL] = HELD_AND_ACTIVE,
        [CTI_SERVICE_TRANSFER_CALL] = HELD_AND_ACTIVE,
        [CTI_SERVICE_CONFERENCE_CALL] = HELD_AND_ACTIVE,
        [CTI_SERVICE_CONSULTATION_CALL] = {{"existingCall", FIELD_CONNECTION, AT(connection)},
                                           {"consultedDevice", FIELD_NUMBER, AT(destination)}},
        [CTI_SERVICE_SINGLE_STEP_TRANSFER_CALL] = {{"activeCall", FIELD_CONNECTION, AT(connection)},
                                                   {"transferredTo", FIELD_NUMBER,
                                                    AT(destination)}},
        [CTI_SERVICE_SINGLE_STEP_CONFERENCE_CALL] =
                {{"activeCall", FIELD_CONNECTION, AT(connection)},
                 {"deviceToJoin", FIELD_NUMBER, AT(destination)},
                 {"participationType", FIELD_ENUM, AT(participation)}},
        [CTI_SERVICE_DEFLECT_CALL] = {{"callToBeDiverted", FIELD_CONNECTION, AT(connection)},
                                      {"newDestination", FIELD_NUMBER, AT(destination)}},
        [CTI_SERVICE_DIRECTED_PICKUP_CALL] = {{"callToBePickedUp", FIELD_CONNECTION,
                                               AT(connection)},
                                              {"requestingDevice", FIELD_NUMBER, AT(device)}},
        [CTI_SERVICE_GROUP_PICKUP_CALL] = {{"newDestination", FIELD_NUMBER, AT(device)},
                                           {"pickGroup", FIELD_NUMBER, AT(group)}},
        [CTI_SERVICE_SET_AGENT_STATE] = {{"device", FIELD_NUMBER, AT(device)},
                                         {"requestedAgentState", FIELD_ENUM, AT(agent_state)},
                                         {"agentID", FIELD_TEXT, AT(agent_id)},
                                         {"password", FIELD_TEXT, AT(password)},
                                         {"group", FIELD_NUMBER, AT(group)}},
        [CTI_SERVICE_GET_AGENT_STATE] = {{"device", FIELD_NUMBER, AT(device)},
                                         {"acdGroup", FIELD_NUMBER, AT(group)}},
        [CTI_SERVICE_MONITOR_START] = {{NULL, 0, 0}}, /* by hand, below */
        [CTI_SERVICE_MONITOR_STOP] = {{"crossRefIdentifier", FIELD_TEXT, AT(monitor)}},
        [CTI_SERVICE_CHANGE_MONITOR_FILTER] = {{"crossRefIdentifier", FIELD_TEXT, AT(monitor)}},
        [CTI_SERVICE_SNAPSHOT_DEVICE] = {{"snapshotObject", FIELD_NUMBER, AT(device)}},
        [CTI_SERVICE_SNAPSHOT_CALL] = {{"snapshotObject", FIELD_CONNECTION, AT(connection)}},
        [CTI_SERVICE_REQUEST_SYSTEM_STATUS] = {{NULL, 0, 0}},
        [CTI_SERVICE_ESCAPE] = {{"privateData", FIELD_PRIVATE, AT(private_data)}},
};

static struct form forms[CTI_SERVICES_COUNT];
static struct cti_error broken;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void forms_resolve(void)
{
	for (int i = 0; i < CTI_SERVICES_COUNT; i++) {
		const char *element = cti_service_name((enum cti_service)i);
		const struct csta_type *type = csta_type_of_element(element, strlen(element));
		if (!type) {
			cti_error_set(&broken, CTI_E_INTERNAL, "no message %s", element);
			return;
		}
		if (form_resolve(&forms[i], type, own[i], common, &broken))
			return;
	}
}

static int forms_ready(struct cti_error *error)
{
	pthread_once(&once, forms_resolve);
	return broken.code ? cti_error_set(error, broken.code, "%s", broken.text) : CTI_OK;
}

/* ---- monitor filters ---------------------------------------------------------------------- */

/*
 * The bit of MonitorFilter that keeps an event away (ECMA-285, monitor-start; csta-asn1.md
 * section 5): not the tag of the event.
 */
static const struct {
	enum cti_event_type type;
	size_t category; /* offset in MonitorFilter_t */
	unsigned bit;
} filters[] = {
#define F(type, category, bit)                                                                     \
	{                                                                                          \
		CTI_EVENT_##type, offsetof(MonitorFilter_t, category), bit                         \
	}
        F(CALL_CLEARED, callControl, 0),
        F(CALL_CONFERENCED, callControl, 1),
        F(CALL_CONNECTION_CLEARED, callControl, 2),
        F(CALL_DELIVERED, callControl, 3),
        F(CALL_DIVERTED, callControl, 4),
        F(CALL_ESTABLISHED, callControl, 5),
        F(CALL_FAILED, callControl, 6),
        F(CALL_HELD, callControl, 7),
        F(CALL_NETWORK_REACHED, callControl, 8),
        F(CALL_ORIGINATED, callControl, 9),
        F(CALL_QUEUED, callControl, 10),
        F(CALL_RETRIEVED, callControl, 11),
        F(CALL_SERVICE_INITIATED, callControl, 12),
        F(CALL_TRANSFERRED, callControl, 13),
        F(CALL_DIGITS_DIALED, callControl, 14),
        F(CALL_OFFERED, callControl, 17),
        F(CALL_INFORMATION, callAssociated, 0),
        F(AGENT_BUSY, logicalDeviceFeature, 0),
        F(AGENT_LOGGED_ON, logicalDeviceFeature, 1),
        F(AGENT_LOGGED_OFF, logicalDeviceFeature, 2),
        F(AGENT_NOT_READY, logicalDeviceFeature, 3),
        F(AGENT_READY, logicalDeviceFeature, 4),
        F(AGENT_WORKING_AFTER_CALL, logicalDeviceFeature, 5),
        F(DEVICE_BACK_IN_SERVICE, maintenance, 0),
        F(DEVICE_OUT_OF_SERVICE, maintenance, 1),
        F(PRIVATE, private, 0),
#undef F
};

#define FILTER_OCTETS 3

static BIT_STRING_t **category_of(const MonitorFilter_t *filter, size_t category)
{
	return (BIT_STRING_t **)((uintptr_t)filter + category);
}

static uint64_t filter_read(const MonitorFilter_t *from)
{
	uint64_t out = 0;
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
		const BIT_STRING_t *bits = *category_of(from, filters[i].category);
		if (bits && csta_bit_get(bits, filters[i].bit))
			out |= UINT64_C(1) << filters[i].type;
	}
	return out;
}

static int filter_write(const struct convert *convert, uint64_t from, MonitorFilter_t *out)
{
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
		if (!(from & UINT64_C(1) << filters[i].type))
			continue;
		BIT_STRING_t **bits = category_of(out, filters[i].category);
		if (!*bits) {
			*bits = convert_room(convert, sizeof **bits);
			if (!*bits)
				return CTI_E_NOMEM;
			(*bits)->buf = convert_room(convert, FILTER_OCTETS);
			if (!(*bits)->buf)
				return CTI_E_NOMEM;
		}
		unsigned octet = filters[i].bit / 8, last = filters[i].bit % 8;
		(*bits)->buf[octet] |= (uint8_t)(0x80 >> last);
		/* The string ends with its last set bit. */
		if ((*bits)->size <= (int)octet) {
			(*bits)->size = (int)octet + 1;
			(*bits)->bits_unused = 7;
		}
		if ((*bits)->size == (int)octet + 1 && (*bits)->bits_unused > 7 - (int)last)
			(*bits)->bits_unused = 7 - (int)last;
	}
	return CTI_OK;
}

/* ---- MonitorStart ------------------------------------------------------------------------- */

static int monitor_start_read(const struct convert *convert, struct cti_request *out)
{
	const MonitorStartArgument_t *from = convert->message->value;
	const CSTAObject_t *object = &from->monitorObject;
	struct cti_device device = {0};
	int code = CTI_OK;
	switch (object->present) {
	case CSTAObject_PR_deviceObject:
		code = device_id_read(convert, &object->choice.deviceObject, &device);
		out->device = device.number;
		break;
	case CSTAObject_PR_callObject:
		code = connection_read(convert, &object->choice.callObject, &out->connection);
		break;
	case CSTAObject_PR_NOTHING:
		return convert_failed(convert, CTI_E_INVALID, "neither a device nor a call");
	}
	if (from->requestedMonitorFilter)
		out->monitor_filter = filter_read(from->requestedMonitorFilter);
	out->call_type = from->monitorType && *from->monitorType == MonitorType_call;
	return code;
}

static int monitor_start_write(const struct convert *convert, const struct cti_request *from)
{
	MonitorStartArgument_t *out = convert->message->value;
	CSTAObject_t *object = &out->monitorObject;
	int code;
	if (from->device) {
		object->present = CSTAObject_PR_deviceObject;
		code = number_write(convert, from->device, &object->choice.deviceObject);
	} else {
		object->present = CSTAObject_PR_callObject;
		code = connection_write(convert, &from->connection, &object->choice.callObject);
	}
	out->monitorType = convert_room(convert, sizeof *out->monitorType);
	if (code || !out->monitorType)
		return code ? code : CTI_E_NOMEM;
	*out->monitorType = from->call_type ? MonitorType_call : MonitorType_device;
	if (!from->monitor_filter)
		return CTI_OK;
	out->requestedMonitorFilter = convert_room(convert, sizeof *out->requestedMonitorFilter);
	return out->requestedMonitorFilter
	               ? filter_write(convert, from->monitor_filter, out->requestedMonitorFilter)
	               : CTI_E_NOMEM;
}

/* ---- the two directions ------------------------------------------------------------------- */

int csta_request_read(const struct csta_message *borrowed, struct cti_request *out,
                      struct cti_error *error)
{
	struct csta_message *message = convert_message(borrowed);
	int code = forms_ready(error);
	if (code)
		return code;
	int service = message->type->kind == CSTA_REQUEST
	                      ? cti_service_parse(message->type->element)
	                      : -1;
	if (service < 0)
		return csta_pass_request_read(message, out, error);
	struct cti_request request;
	struct convert convert = {message, NULL, error};
	cti_request_init(&request, (enum cti_service)service);
	code = form_read(&forms[service], message, &request, error);
	if (!code && service == CTI_SERVICE_MONITOR_START) {
		convert.member = "monitorObject";
		code = message->value ? monitor_start_read(&convert, &request)
		                      : convert_failed(&convert, CTI_E_INVALID, "missing");
	}
	if (!code && service == CTI_SERVICE_CHANGE_MONITOR_FILTER) {
		const ChangeMonitorFilterArgument_t *change = message->value;
		request.monitor_filter = filter_read(&change->requestedFilterList);
	}
	if (!code && service == CTI_SERVICE_SET_AGENT_STATE)
		code = reason_read(&convert, &request.private_data, &request.reason);
	if (!code)
		*out = request;
	return code;
}

int csta_request_write(struct csta_message **out, struct csta_codec *codec,
                       const struct cti_request *request, struct cti_error *error)
{
	int code = forms_ready(error);
	if (code)
		return code;
	if (request->service == CTI_SERVICE_OTHER)
		return csta_pass_request_write(out, codec, request, error);
	if ((size_t)request->service >= CTI_SERVICES_COUNT)
		return cti_error_set(error, CTI_E_INVALID, "no such service");
	const struct form *form = &forms[request->service];
	struct csta_message *message;
	code = csta_message_create(&message, codec, form->type, error);
	if (code)
		return code;
	struct cti_request plain = *request;
	struct convert convert = {message, "reason", error};
	if (plain.service == CTI_SERVICE_SET_AGENT_STATE && plain.reason && !plain.private_data)
		code = reason_write(&convert, plain.reason, &plain.private_data);
	if (!code)
		code = form_write(form, message, &plain, error);
	if (!code && plain.service == CTI_SERVICE_MONITOR_START) {
		convert.member = "monitorObject";
		code = monitor_start_write(&convert, &plain);
	}
	if (!code && plain.service == CTI_SERVICE_CHANGE_MONITOR_FILTER) {
		ChangeMonitorFilterArgument_t *change = message->value;
		code = filter_write(&convert, plain.monitor_filter, &change->requestedFilterList);
	}
	if (code)
		csta_message_destroy(&message);
	else
		*out = message;
	return code;
}
