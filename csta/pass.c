/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/pass.h"

#include "csta/event_private.h"

#include <NoDataResult.h>
#include <string.h>

/* The message without its envelope, in memory of the message. */
static int body_read(const struct convert *convert, const char **out)
{
	struct csta_buffer text = {0};
	char *copy = NULL;
	int code = csta_encode_json_value(convert->message, &text, convert->error);

	if (!code)
		copy = convert_room(convert, text.length + 1);
	if (copy)
		memcpy(copy, text.data, text.length);
	csta_buffer_free(&text);
	if (code || !copy)
		return code ? code : CTI_E_NOMEM;
	*out = copy;
	return 0;
}

/* Depth first, in the order of ECMA-285: the first value of that type. */
static const void *first_of(const struct csta_layout *layout, const void *value,
                            const asn_TYPE_descriptor_t *type)
{
	const void *found = NULL;
	int present;

	/* Another name of a type shares its members. */
	if (layout->type == type || layout->type->elements == type->elements)
		return value;
	if (layout->shape == CSTA_SEQUENCE) {
		for (unsigned i = 0; i < layout->field_count && !found; i++) {
			const struct csta_field *field = &layout->fields[i];
			const void *member = csta_field_get(field, value);

			if (member)
				found = first_of(field->layout, member, type);
		}
	} else if (layout->shape == CSTA_CHOICE) {
		present = csta_choice_get(layout, value);
		if (present >= 0)
			found = first_of(layout->fields[present].layout,
			                 csta_field_get(&layout->fields[present], value), type);
	} else if (layout->shape == CSTA_LIST) {
		for (size_t i = 0; i < csta_list_count(value) && !found; i++)
			found = first_of(layout->fields[0].layout, csta_list_item(value, i), type);
	}
	return found;
}

static const void *first_in(const struct csta_message *message, const asn_TYPE_descriptor_t *type)
{
	return message->value ? first_of(csta_layout_of_type(message->type), message->value, type)
	                      : NULL;
}

int csta_pass_object(const struct csta_message *message, struct cti_device *device,
                     struct cti_connection *connection, struct cti_error *error)
{
	const DeviceID_t *number = first_in(message, &asn_DEF_DeviceID);
	const ConnectionID_t *call = first_in(message, &asn_DEF_ConnectionID);
	struct convert convert = {convert_message(message), "device", error};
	int code;

	*device = (struct cti_device){0};
	*connection = (struct cti_connection){.state = CTI_CONNECTION_UNKNOWN};
	code = number ? device_id_read(&convert, number, device) : 0;
	convert.member = "connection";
	return code || !call ? code : connection_read(&convert, call, connection);
}

/* {"SetForwarding":{...}}, as the decoder wants it; an event has its monitor beside. */
static int message_write(struct csta_message **out, struct csta_codec *codec, const char *element,
                         const char *body, const char *tail, struct cti_error *error)
{
	const char *parts[] = {"{\"", element, "\":", body ? body : "{}", tail, "}"};
	struct csta_buffer text = {0};
	int code = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !code; i++)
		if (csta_buffer_append(&text, parts[i], strlen(parts[i])))
			code = cti_error_set(error, CTI_E_NOMEM, "%s: no memory", element);
	if (!code)
		code = csta_decode_json(out, codec, text.data, text.length, error);
	csta_buffer_free(&text);
	return code;
}

static const struct csta_type *type_find(const char *element, enum csta_kind kind,
                                         struct cti_error *error)
{
	const struct csta_type *type =
	        element ? csta_type_of_element(element, strlen(element)) : NULL;

	if (type && type->kind == kind)
		return type;
	cti_error_set(error, CTI_E_UNSUPPORTED, "ECMA-269 has no %s %.60s",
	              kind == CSTA_EVENT ? "event" : "service",
	              element ? element : "without a name");
	return NULL;
}

int csta_pass_request_write(struct csta_message **out, struct csta_codec *codec,
                            const struct cti_request *request, struct cti_error *error)
{
	if (!type_find(request->element, CSTA_REQUEST, error))
		return CTI_E_UNSUPPORTED;
	return message_write(out, codec, request->element, request->message, "", error);
}

int csta_pass_request_read(const struct csta_message *message, struct cti_request *out,
                           struct cti_error *error)
{
	struct convert convert = {convert_message(message), NULL, error};
	struct cti_device device = {0};
	struct cti_request request;
	int code;

	cti_request_init(&request, CTI_SERVICE_OTHER);
	request.element = message->type->element;
	code = body_read(&convert, &request.message);
	if (!code)
		code = csta_pass_object(message, &device, &request.connection, error);
	request.device = device.number;
	if (!code)
		*out = request;
	return code;
}

int csta_pass_reply_read(const struct csta_message *message, struct cti_reply *out,
                         struct cti_error *error)
{
	struct convert convert = {convert_message(message), NULL, error};
	struct cti_reply reply;
	int code;

	cti_reply_init(&reply);
	/* A value that is no object, such as NULL, says nothing but that it was done. */
	code = body_read(&convert, &reply.message);
	if (code)
		return code;
	if (*reply.message != '{')
		reply.message = NULL;
	*out = reply;
	return 0;
}

int csta_pass_reply_write(struct csta_message **out, struct csta_codec *codec,
                          const struct csta_type *request, const struct cti_reply *reply,
                          struct cti_error *error)
{
	const struct csta_type *type = csta_type_of_response(request);

	if (reply->code)
		return csta_reply_write(out, codec, CTI_SERVICE_OTHER, reply, error);
	if (!type)
		return cti_error_set(error, CTI_E_INVALID, "%s has no answer", request->element);
	if (!reply->message && type->value == &asn_DEF_NoDataResult)
		return message_write(out, codec, type->element, "{\"noData\":null}", "", error);
	return message_write(out, codec, type->element, reply->message, "", error);
}

int csta_pass_event_read(const struct csta_message *message, struct cti_event *out,
                         struct cti_error *error)
{
	struct convert convert = {convert_message(message), NULL, error};
	struct cti_event event;
	int code;

	cti_event_init(&event, CTI_EVENT_CSTA);
	event.element = message->type->element;
	code = body_read(&convert, &event.message);
	if (!code)
		code = csta_pass_object(message, &event.subject, &event.connection, error);
	if (!code && message->monitor_length)
		code = octets_read(&convert, message->monitor, message->monitor_length,
		                   &event.monitor);
	if (!code)
		*out = event;
	return code;
}

int csta_pass_event_write(struct csta_message **out, struct csta_codec *codec,
                          const struct cti_event *event, struct cti_error *error)
{
	if (!type_find(event->element, CSTA_EVENT, error))
		return CTI_E_UNSUPPORTED;
	return message_write(out, codec, event->element, event->message,
	                     ",\"monitorCrossRefID\":\"\"", error);
}
