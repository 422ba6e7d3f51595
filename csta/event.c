/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events. Every event of ECMA-269 names a connection and a subject device in members of its own;
 * the rest have the same names everywhere.
 */
#include "csta/event_private.h"
#include "csta/pass.h"

#include <pthread.h>
#include <string.h>

#define AT(field) offsetof(struct cti_event, field)

/* Members that mean the same wherever they stand. */
static const struct field common[] = {
        {"callingDevice", FIELD_DEVICE, AT(calling)},
        {"calledDevice", FIELD_DEVICE, AT(called)},
        {"lastRedirectionDevice", FIELD_REDIRECTION, AT(last_redirection)},
        {"networkCallingDevice", FIELD_DEVICE, AT(network_calling)},
        {"networkCalledDevice", FIELD_DEVICE, AT(network_called)},
        {"associatedCallingDevice", FIELD_DEVICE, AT(associated_calling)},
        {"associatedCalledDevice", FIELD_DEVICE, AT(associated_called)},
        {"localConnectionInfo", FIELD_STATE, AT(local_state)},
        {"correlatorData", FIELD_OCTETS, AT(correlator)},
        {"userData", FIELD_OCTETS, AT(user_data)},
        {"cause", FIELD_ENUM_NAME, AT(cause)},
        {"callLinkageData", FIELD_LINKAGE, AT(global_call)},
        {"callLinkageDataList", FIELD_LINKAGE_LIST, AT(global_call)},
        {"agentID", FIELD_TEXT, AT(agent_id)},
        {"acdGroup", FIELD_DEVICE_ID, AT(group)},
        {"pendingAgentState", FIELD_PENDING, AT(pending_state)},
        {"extensions", FIELD_EXTENSIONS, AT(private_data)},
        {NULL, 0, 0},
};

#define OWN_FIELDS 8

/*
 * What is the event's own, and the state that the connection has now (ECMA-269 17.2.x);
 * UNKNOWN: the event does not tell.
 */
static const struct {
	enum cti_event_type type;
	enum cti_connection_state state;
	struct field own[OWN_FIELDS];
} shapes[] = {
        {CTI_EVENT_CALL_SERVICE_INITIATED,
         CTI_CONNECTION_INITIATED,
         {{"initiatedConnection", FIELD_CONNECTION, AT(connection)},
          {"initiatingDevice", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_CALL_ORIGINATED,
         CTI_CONNECTION_CONNECTED,
         {{"originatedConnection", FIELD_CONNECTION, AT(connection)},
          {"callingDevice", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_CALL_DIGITS_DIALED,
         CTI_CONNECTION_INITIATED,
         {{"dialingConnection", FIELD_CONNECTION, AT(connection)},
          {"dialingDevice", FIELD_DEVICE, AT(subject)},
          {"dialingSequence", FIELD_DEVICE_ID, AT(other)}}},
        {CTI_EVENT_CALL_OFFERED,
         CTI_CONNECTION_ALERTING,
         {{"offeredConnection", FIELD_CONNECTION, AT(connection)},
          {"offeredDevice", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_CALL_DELIVERED,
         CTI_CONNECTION_ALERTING,
         {{"connection", FIELD_CONNECTION, AT(connection)},
          {"alertingDevice", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_CALL_ESTABLISHED,
         CTI_CONNECTION_CONNECTED,
         {{"establishedConnection", FIELD_CONNECTION, AT(connection)},
          {"answeringDevice", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_CALL_HELD,
         CTI_CONNECTION_HOLD,
         {{"heldConnection", FIELD_CONNECTION, AT(connection)},
          {"holdingDevice", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_CALL_RETRIEVED,
         CTI_CONNECTION_CONNECTED,
         {{"retrievedConnection", FIELD_CONNECTION, AT(connection)},
          {"retrievingDevice", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_CALL_QUEUED,
         CTI_CONNECTION_QUEUED,
         {{"queuedConnection", FIELD_CONNECTION, AT(connection)},
          {"queue", FIELD_DEVICE, AT(subject)},
          {"numberQueued", FIELD_INTEGER, AT(number_queued)},
          {"callsInFront", FIELD_INTEGER, AT(calls_in_front)}}},
        {CTI_EVENT_CALL_DIVERTED,
         CTI_CONNECTION_NULL,
         {{"connection", FIELD_CONNECTION, AT(connection)},
          {"divertingDevice", FIELD_DEVICE, AT(subject)},
          {"newDestination", FIELD_DEVICE, AT(other)}}},
        {CTI_EVENT_CALL_TRANSFERRED,
         CTI_CONNECTION_UNKNOWN,
         {{"primaryOldCall", FIELD_CONNECTION, AT(primary_old)},
          {"secondaryOldCall", FIELD_CONNECTION, AT(secondary_old)},
          {"transferringDevice", FIELD_DEVICE, AT(subject)},
          {"transferredToDevice", FIELD_DEVICE, AT(other)},
          {"transferredConnections", FIELD_CONNECTIONS, AT(items)}}},
        {CTI_EVENT_CALL_CONFERENCED,
         CTI_CONNECTION_UNKNOWN,
         {{"primaryOldCall", FIELD_CONNECTION, AT(primary_old)},
          {"secondaryOldCall", FIELD_CONNECTION, AT(secondary_old)},
          {"conferencingDevice", FIELD_DEVICE, AT(subject)},
          {"addedParty", FIELD_DEVICE, AT(other)},
          {"conferenceConnections", FIELD_CONNECTIONS, AT(items)}}},
        {CTI_EVENT_CALL_CONNECTION_CLEARED,
         CTI_CONNECTION_NULL,
         {{"droppedConnection", FIELD_CONNECTION, AT(connection)},
          {"releasingDevice", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_CALL_CLEARED,
         CTI_CONNECTION_NULL,
         {{"clearedCall", FIELD_CONNECTION, AT(connection)}}},
        {CTI_EVENT_CALL_FAILED,
         CTI_CONNECTION_FAIL,
         {{"failedConnection", FIELD_CONNECTION, AT(connection)},
          {"failingDevice", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_CALL_NETWORK_REACHED,
         CTI_CONNECTION_CONNECTED,
         {{"outboundConnection", FIELD_CONNECTION, AT(connection)},
          {"networkInterfaceUsed", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_CALL_INFORMATION,
         CTI_CONNECTION_UNKNOWN,
         {{"connection", FIELD_CONNECTION, AT(connection)}, {"device", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_AGENT_LOGGED_ON,
         CTI_CONNECTION_UNKNOWN,
         {{"agentDevice", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_AGENT_LOGGED_OFF,
         CTI_CONNECTION_UNKNOWN,
         {{"agentDevice", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_AGENT_NOT_READY,
         CTI_CONNECTION_UNKNOWN,
         {{"agentDevice", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_AGENT_READY,
         CTI_CONNECTION_UNKNOWN,
         {{"agentDevice", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_AGENT_BUSY,
         CTI_CONNECTION_UNKNOWN,
         {{"agentDevice", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_AGENT_WORKING_AFTER_CALL,
         CTI_CONNECTION_UNKNOWN,
         {{"agentDevice", FIELD_DEVICE, AT(subject)},
          {"pendingAgentState", FIELD_PENDING_AFTER, AT(pending_state)}}},
        {CTI_EVENT_DEVICE_BACK_IN_SERVICE,
         CTI_CONNECTION_UNKNOWN,
         {{"device", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_DEVICE_OUT_OF_SERVICE,
         CTI_CONNECTION_UNKNOWN,
         {{"device", FIELD_DEVICE, AT(subject)}}},
        {CTI_EVENT_PRIVATE,
         CTI_CONNECTION_UNKNOWN,
         {{"privateData", FIELD_PRIVATE, AT(private_data)}}},
};

#define SHAPES (sizeof shapes / sizeof *shapes)

static struct form forms[SHAPES];
static uint8_t shape_of[CTI_EVENT_TYPES]; /* index + 1, 0: the server's own */
static struct cti_error broken;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void forms_resolve(void)
{
	for (size_t i = 0; i < SHAPES; i++) {
		const char *element = cti_event_element(shapes[i].type);
		const struct csta_type *type = csta_type_of_element(element, strlen(element));
		if (!type) {
			cti_error_set(&broken, CTI_E_INTERNAL, "no message %s", element);
			return;
		}
		if (form_resolve(&forms[i], type, shapes[i].own, common, &broken))
			return;
		shape_of[shapes[i].type] = (uint8_t)(i + 1);
	}
}

static int forms_ready(struct cti_error *error)
{
	pthread_once(&once, forms_resolve);
	return broken.code ? cti_error_set(error, broken.code, "%s", broken.text) : CTI_OK;
}

/* SHAPES if there is none. */
static size_t shape_find(const struct csta_type *type)
{
	size_t shape = 0;
	while (shape < SHAPES && forms[shape].type != type)
		shape++;
	return shape;
}

int csta_event_type_of(const struct csta_type *type)
{
	size_t shape = forms_ready(NULL) ? SHAPES : shape_find(type);
	return shape < SHAPES ? (int)shapes[shape].type : -1;
}

int csta_event_read(const struct csta_message *borrowed, struct cti_event *out,
                    struct cti_error *error)
{
	struct csta_message *message = convert_message(borrowed);
	int code = forms_ready(error);
	if (code)
		return code;
	size_t shape = shape_find(message->type);
	struct convert convert = {message, "privateData", error};
	if (shape == SHAPES) {
		struct cti_event passed;
		code = csta_pass_event_read(message, &passed, error);
		if (!code)
			code = names_read(&convert, &passed);
		if (!code)
			*out = passed;
		return code;
	}

	struct cti_event event;
	cti_event_init(&event, shapes[shape].type);
	code = form_read(&forms[shape], message, &event, error);
	if (code)
		return code;
	event.connection.state = shapes[shape].state;
	if (event.type == CTI_EVENT_CALL_ORIGINATED)
		event.calling = event.subject;
	if (event.type == CTI_EVENT_CALL_DIGITS_DIALED)
		event.digits = event.other.number;
	/* ECMA-269 17.2.5: the call is at a distribution mechanism, nothing rings. */
	if (event.type == CTI_EVENT_CALL_DELIVERED && event.cause &&
	    !strcmp(event.cause, "enteringDistribution"))
		event.flags |= CTI_EVENT_DISTRIBUTION;
	convert.member = "monitorCrossRefID";
	if (message->monitor_length)
		code = octets_read(&convert, message->monitor, message->monitor_length,
		                   &event.monitor);
	if (!code && event.private_data)
		code = reason_read(&convert, &event.private_data, &event.reason);
	if (!code)
		code = names_read(&convert, &event);
	if (code)
		return code;
	*out = event;
	return CTI_OK;
}

static int monitor_write(struct csta_message *message, const char *monitor, struct cti_error *error)
{
	struct convert convert = {message, "monitorCrossRefID", error};
	OCTET_STRING_t octets = {0};
	if (!monitor)
		return convert_failed(&convert, CTI_E_INVALID, "an event without a monitor");
	int code = octets_write(&convert, monitor, &octets);
	if (code)
		return code;
	if (!octets.size || octets.size > CSTA_MONITOR_ID_MAX)
		return convert_failed(&convert, CTI_E_LIMIT, "not 1 to 32 octets");
	memcpy(message->monitor, octets.buf, (size_t)octets.size);
	message->monitor_length = (size_t)octets.size;
	return CTI_OK;
}

/* The envelope; takes the message. */
static int event_send_off(struct csta_message **out, struct csta_message *message,
                          const char *monitor, struct cti_error *error)
{
	int code = monitor_write(message, monitor, error);
	if (code) {
		csta_message_destroy(&message);
		return code;
	}
	message->invoke_id = CSTA_EVENT_INVOKE_ID;
	*out = message;
	return CTI_OK;
}

int csta_event_write(struct csta_message **out, struct csta_codec *codec,
                     const struct cti_event *event, struct cti_error *error)
{
	int code = forms_ready(error);
	if (code)
		return code;
	struct csta_message *message;
	if (event->type == CTI_EVENT_CSTA) {
		code = csta_pass_event_write(&message, codec, event, error);
		return code ? code : event_send_off(out, message, event->monitor, error);
	}
	if ((size_t)event->type >= CTI_EVENT_TYPES || !shape_of[event->type])
		return cti_error_set(error, CTI_E_UNSUPPORTED, "%s has no CSTA event",
		                     cti_event_type_name(event->type));
	const struct form *form = &forms[shape_of[event->type] - 1];
	code = csta_message_create(&message, codec, form->type, error);
	if (code)
		return code;

	struct cti_event plain = *event;
	if (plain.type == CTI_EVENT_CALL_ORIGINATED && plain.subject.status == CTI_DEVICE_ABSENT)
		plain.subject = plain.calling;
	if (plain.type == CTI_EVENT_CALL_DIGITS_DIALED && !plain.other.number)
		plain.other = (struct cti_device){CTI_DEVICE_NUMBER, plain.digits, NULL, NULL};
	struct convert convert = {message, "reason", error};
	if (plain.reason && !plain.private_data)
		code = reason_write(&convert, plain.reason, &plain.private_data);
	if (!code)
		code = form_write(form, message, &plain, error);
	if (code) {
		csta_message_destroy(&message);
		return code;
	}
	return event_send_off(out, message, plain.monitor, error);
}
