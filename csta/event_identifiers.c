/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/event_private.h"
#include "csta/text.h"
#include "csta/write.h"
#include "csta/xml_state.h"

#include <stdio.h>
#include <string.h>

#define XML_TAG    0x0C /* UTF8String */
#define STRING_TAG 0x04 /* OCTET STRING: the string form of ECMA-285 */

int convert_failed(const struct convert *convert, int code, const char *what)
{
	return cti_error_set(convert->error, code, "%s: %s: %s", convert->message->type->element,
	                     convert->member ? convert->member : "message", what);
}

void *convert_room(const struct convert *convert, size_t size)
{
	void *room = csta_message_alloc(convert->message, size);
	if (!room)
		convert_failed(convert, CTI_E_NOMEM, "no memory left for the message");
	return room;
}

int list_make(const struct convert *convert, void *list, size_t count, size_t size)
{
	A_SEQUENCE_OF(void) *sequence = list;
	if (count > INT32_MAX / (size + sizeof(void *)))
		return convert_failed(convert, CTI_E_LIMIT, "too many items");
	sequence->array = convert_room(convert, count * sizeof *sequence->array);
	char *items = convert_room(convert, count * size);
	if (!sequence->array || !items)
		return CTI_E_NOMEM;
	for (size_t i = 0; i < count; i++)
		sequence->array[i] = items + i * size;
	sequence->count = sequence->size = (int)count;
	return CTI_OK;
}

/* ---- octets and text ------------------------------------------------------------------- */

static void hex_write(char *to, const uint8_t *octets, size_t length)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < length; i++) {
		*to++ = digits[octets[i] >> 4];
		*to++ = digits[octets[i] & 15];
	}
}

/* Octets of @p hex into @p to; false: not pairs of digits. */
static bool hex_read(const char *hex, size_t length, uint8_t *to)
{
	if (length % 2)
		return false;
	for (size_t i = 0; i < length; i += 2) {
		int high = csta_hex_digit(hex[i]), low = csta_hex_digit(hex[i + 1]);
		if (high < 0 || low < 0)
			return false;
		*to++ = (uint8_t)(high << 4 | low);
	}
	return true;
}

int octets_read(const struct convert *convert, const uint8_t *octets, size_t length,
                const char **out)
{
	bool hex = !csta_text_plain(octets, length);
	char *text = convert_room(convert, hex ? 2 * length + 3 : length + 1);
	if (!text)
		return CTI_E_NOMEM;
	if (hex) {
		memcpy(text, "0x", 2);
		hex_write(text + 2, octets, length);
	} else if (length) {
		memcpy(text, octets, length);
	}
	*out = text;
	return CTI_OK;
}

int octets_write(const struct convert *convert, const char *text, OCTET_STRING_t *out)
{
	size_t length = strlen(text);
	if (length > INT32_MAX)
		return convert_failed(convert, CTI_E_LIMIT, "too long");
	out->buf = convert_room(convert, length + 1);
	if (!out->buf)
		return CTI_E_NOMEM;
	if (csta_text_hex(text, length) && hex_read(text + 2, length - 2, out->buf)) {
		out->size = (int)(length - 2) / 2;
		return CTI_OK;
	}
	memcpy(out->buf, text, length + 1);
	out->size = (int)length;
	return CTI_OK;
}

/* A name is for people only: what is no UTF-8 is taken as ISO 8859-1, controls become spaces. */
static int name_read(const struct convert *convert, const OCTET_STRING_t *from, const char **out)
{
	size_t length = (size_t)from->size;
	bool utf8 = csta_is_utf8(from->buf, length);
	char *text = convert_room(convert, 2 * length + 1), *to = text;
	if (!text)
		return CTI_E_NOMEM;
	for (size_t i = 0; i < length; i++) {
		uint8_t octet = from->buf[i];
		if (octet < ' ' || octet == 0x7F) {
			*to++ = ' ';
		} else if (octet < 0x80 || utf8) {
			*to++ = (char)octet;
		} else {
			*to++ = (char)(0xC0 | octet >> 6);
			*to++ = (char)(0x80 | (octet & 0x3F));
		}
	}
	*out = text;
	return CTI_OK;
}

/* ---- devices ----------------------------------------------------------------------------- */

/* A number that is said to be international, without the plus that would say so: +, and as it was.
 */
static int international_read(const struct convert *convert, struct cti_device *out)
{
	if (out->number[0] == '+')
		return CTI_OK;
	size_t length = strlen(out->number);
	char *plus = convert_room(convert, length + 2);
	if (!plus)
		return CTI_E_NOMEM;
	plus[0] = '+';
	memcpy(plus + 1, out->number, length + 1);
	out->received = out->number;
	out->number = plus;
	return CTI_OK;
}

int device_id_read(const struct convert *convert, const DeviceID_t *from, struct cti_device *out)
{
	const DeviceIdentifier_t *id = &from->deviceIdentifier;
	const OCTET_STRING_t *octets = NULL;
	bool international = false;
	switch (id->present) {
	case DeviceIdentifier_PR_dialingNumber:
	case DeviceIdentifier_PR_implicitPublic:
	case DeviceIdentifier_PR_implicitPrivate:
	case DeviceIdentifier_PR_other:
		octets = &id->choice.dialingNumber; /* all four are octets in the same place */
		break;
	case DeviceIdentifier_PR_explicitPublic:
		octets = &id->choice.explicitPublic.choice.unknown;
		international = id->choice.explicitPublic.present == PublicTON_PR_international;
		if (id->choice.explicitPublic.present == PublicTON_PR_NOTHING)
			octets = NULL;
		break;
	case DeviceIdentifier_PR_explicitPrivate:
		octets = &id->choice.explicitPrivate.choice.unknown;
		if (id->choice.explicitPrivate.present == PrivateTON_PR_NOTHING)
			octets = NULL;
		break;
	case DeviceIdentifier_PR_deviceNumber: {
		char *text = convert_room(convert, 24);
		if (!text)
			return CTI_E_NOMEM;
		snprintf(text, 24, "%ld", id->choice.deviceNumber);
		out->number = text;
		break;
	}
	case DeviceIdentifier_PR_NOTHING:
		break;
	}
	if (octets) {
		int code = octets_read(convert, octets->buf, (size_t)octets->size, &out->number);
		if (code)
			return code;
	}
	if (!out->number)
		return convert_failed(convert, CTI_E_INVALID, "a device of no known kind");
	out->status = CTI_DEVICE_NUMBER;
	if (international && international_read(convert, out))
		return CTI_E_NOMEM;
	return from->privateName ? name_read(convert, from->privateName, &out->name) : CTI_OK;
}

int number_write(const struct convert *convert, const char *number, DeviceID_t *out)
{
	if (!number)
		return convert_failed(convert, CTI_E_INVALID, "a number is missing");
	out->deviceIdentifier.present = DeviceIdentifier_PR_dialingNumber;
	return octets_write(convert, number, &out->deviceIdentifier.choice.dialingNumber);
}

int device_id_write(const struct convert *convert, const struct cti_device *from, DeviceID_t *out)
{
	if (from->name) {
		out->privateName = convert_room(convert, sizeof *out->privateName);
		size_t length = strlen(from->name);
		uint8_t *copy = convert_room(convert, length + 1);
		if (!out->privateName || !copy)
			return CTI_E_NOMEM;
		memcpy(copy, from->name, length);
		out->privateName->buf = copy;
		out->privateName->size = (int)length;
	}
	return number_write(convert, from->number, out);
}

int device_read(const struct convert *convert, const ExtendedDevice_t *from, struct cti_device *out)
{
	switch (from->present) {
	case ExtendedDevice_PR_deviceIdentifier:
		return device_id_read(convert, &from->choice.deviceIdentifier, out);
	case ExtendedDevice_PR_restricted:
		out->status = CTI_DEVICE_RESTRICTED;
		return CTI_OK;
	case ExtendedDevice_PR_notKnown:
	case ExtendedDevice_PR_NOTHING:
		break;
	}
	out->status = CTI_DEVICE_NOT_KNOWN;
	return CTI_OK;
}

int device_write(const struct convert *convert, const struct cti_device *from,
                 ExtendedDevice_t *out)
{
	switch (from->status) {
	case CTI_DEVICE_NUMBER:
		out->present = ExtendedDevice_PR_deviceIdentifier;
		return device_id_write(convert, from, &out->choice.deviceIdentifier);
	case CTI_DEVICE_RESTRICTED:
		out->present = ExtendedDevice_PR_restricted;
		break;
	case CTI_DEVICE_ABSENT:
	case CTI_DEVICE_NOT_KNOWN:
	case CTI_DEVICE_NOT_REQUIRED:
	case CTI_DEVICE_NOT_SPECIFIED:
		out->present = ExtendedDevice_PR_notKnown;
		break;
	}
	return CTI_OK;
}

/* ---- connections ------------------------------------------------------------------------- */

static int local_read(const struct convert *convert, const LocalDeviceID_t *from,
                      struct cti_connection *out)
{
	switch (from->present) {
	case LocalDeviceID_PR_staticID: {
		struct cti_device device = {0};
		int code = device_id_read(convert, &from->choice.staticID, &device);
		/* As the switch wrote it: it goes back to it in requests. */
		out->device_id = device.received ? device.received : device.number;
		return code;
	}
	case LocalDeviceID_PR_dynamicID:
		out->dynamic = true;
		return octets_read(convert, from->choice.dynamicID.buf,
		                   (size_t)from->choice.dynamicID.size, &out->device_id);
	case LocalDeviceID_PR_NOTHING:
		break;
	}
	return convert_failed(convert, CTI_E_INVALID, "a device of no known kind");
}

int connection_read(const struct convert *convert, const ConnectionID_t *from,
                    struct cti_connection *out)
{
	const CallID_t *call = NULL;
	const LocalDeviceID_t *device = NULL;
	switch (from->present) {
	case ConnectionIDBody_PR_callID:
		call = &from->choice.callID;
		break;
	case ConnectionIDBody_PR_deviceID:
		device = &from->choice.deviceID;
		break;
	case ConnectionIDBody_PR_both:
		call = &from->choice.both.callID;
		device = &from->choice.both.deviceID;
		break;
	case ConnectionIDBody_PR_NOTHING:
		return convert_failed(convert, CTI_E_INVALID,
		                      "a connection without call and device");
	}
	/* Deviation taken: an empty callID (uaCSTA phones, which have one call) is none. */
	if (call && call->size) {
		int code = octets_read(convert, call->buf, (size_t)call->size, &out->call_id);
		if (code)
			return code;
	}
	return device ? local_read(convert, device, out) : CTI_OK;
}

static int local_write(const struct convert *convert, const struct cti_connection *from,
                       LocalDeviceID_t *out)
{
	if (from->dynamic) {
		out->present = LocalDeviceID_PR_dynamicID;
		return octets_write(convert, from->device_id, &out->choice.dynamicID);
	}
	out->present = LocalDeviceID_PR_staticID;
	return number_write(convert, from->device_id, &out->choice.staticID);
}

int connection_write(const struct convert *convert, const struct cti_connection *from,
                     ConnectionID_t *out)
{
	if (from->call_id && from->device_id) {
		out->present = ConnectionIDBody_PR_both;
		int code = octets_write(convert, from->call_id, &out->choice.both.callID);
		return code ? code : local_write(convert, from, &out->choice.both.deviceID);
	}
	if (from->call_id) {
		out->present = ConnectionIDBody_PR_callID;
		return octets_write(convert, from->call_id, &out->choice.callID);
	}
	if (from->device_id) {
		out->present = ConnectionIDBody_PR_deviceID;
		return local_write(convert, from, &out->choice.deviceID);
	}
	return convert_failed(convert, CTI_E_INVALID, "a connection without call and device");
}

/* ECMA-269 12.2.9. */
static int item_read(const struct convert *convert, const ConnectionListItem_t *from,
                     struct cti_connection_item *out)
{
	int code = CTI_OK;
	out->new_connection.state = out->old_connection.state = CTI_CONNECTION_UNKNOWN;
	if (from->newConnection)
		code = connection_read(convert, from->newConnection, &out->new_connection);
	if (!code && from->oldConnection)
		code = connection_read(convert, from->oldConnection, &out->old_connection);
	if (!code && from->endpoint) {
		const EndpointDevice_t *endpoint = from->endpoint;
		if (endpoint->present == EndpointDevice_PR_deviceID)
			code = device_id_read(convert, &endpoint->choice.deviceID, &out->endpoint);
		else
			out->endpoint.status = endpoint->present == EndpointDevice_PR_restricted
			                               ? CTI_DEVICE_RESTRICTED
			                               : CTI_DEVICE_NOT_KNOWN;
	}
	if (!code && from->associatedNID) {
		const AssociatedNID_t *nid = from->associatedNID;
		if (nid->present == AssociatedNID_PR_deviceID)
			code = device_id_read(convert, &nid->choice.deviceID, &out->associated_nid);
		else
			out->associated_nid.status = CTI_DEVICE_NOT_KNOWN;
	}
	return code;
}

int connections_read(const struct convert *convert, const ConnectionList_t *from,
                     const struct cti_connection_item **out, size_t *count)
{
	if (from->list.count <= 0)
		return CTI_OK;
	size_t items = (size_t)from->list.count;
	struct cti_connection_item *list = convert_room(convert, items * sizeof *list);
	if (!list)
		return CTI_E_NOMEM;
	for (size_t i = 0; i < items; i++) {
		int code = item_read(convert, from->list.array[i], &list[i]);
		if (code)
			return code;
	}
	*out = list;
	*count = items;
	return CTI_OK;
}

static int side_write(const struct convert *convert, const struct cti_connection *from,
                      ConnectionID_t **out)
{
	if (!from->call_id && !from->device_id)
		return CTI_OK;
	*out = convert_room(convert, sizeof **out);
	return *out ? connection_write(convert, from, *out) : CTI_E_NOMEM;
}

static int item_write(const struct convert *convert, const struct cti_connection_item *from,
                      ConnectionListItem_t *out)
{
	int code = side_write(convert, &from->new_connection, &out->newConnection);
	if (!code)
		code = side_write(convert, &from->old_connection, &out->oldConnection);
	if (!code && from->endpoint.status != CTI_DEVICE_ABSENT) {
		EndpointDevice_t *endpoint = out->endpoint =
		        convert_room(convert, sizeof *endpoint);
		if (!endpoint)
			return CTI_E_NOMEM;
		endpoint->present = EndpointDevice_PR_notKnown;
		if (from->endpoint.status == CTI_DEVICE_RESTRICTED)
			endpoint->present = EndpointDevice_PR_restricted;
		if (from->endpoint.status == CTI_DEVICE_NUMBER) {
			endpoint->present = EndpointDevice_PR_deviceID;
			code = device_id_write(convert, &from->endpoint,
			                       &endpoint->choice.deviceID);
		}
	}
	if (!code && from->associated_nid.status != CTI_DEVICE_ABSENT) {
		AssociatedNID_t *nid = out->associatedNID = convert_room(convert, sizeof *nid);
		if (!nid)
			return CTI_E_NOMEM;
		nid->present = AssociatedNID_PR_notKnown;
		if (from->associated_nid.status == CTI_DEVICE_NUMBER) {
			nid->present = AssociatedNID_PR_deviceID;
			code = device_id_write(convert, &from->associated_nid,
			                       &nid->choice.deviceID);
		}
	}
	return code;
}

int connections_write(const struct convert *convert, const struct cti_connection_item *from,
                      size_t count, ConnectionList_t *out)
{
	int code = list_make(convert, &out->list, count, sizeof(ConnectionListItem_t));
	for (size_t i = 0; !code && i < count; i++)
		code = item_write(convert, &from[i], out->list.array[i]);
	return code;
}

/* ---- private data ------------------------------------------------------------------------ */

/*
 * As text: XML as it came, else TLVs in hexadecimal. In a message it is TLVs always, XML being the
 * content of a UTF8String (xml_any.c).
 */
int private_read(const struct convert *convert, const ANY_t *const *from, size_t count,
                 const char **out)
{
	size_t total = 0;
	for (size_t i = 0; i < count; i++)
		total += (size_t)from[i]->size;
	char *text = convert_room(convert, 2 * total + 1);
	if (!text)
		return CTI_E_NOMEM;
	*out = text;
	uint8_t tag = 0;
	const uint8_t *content = NULL;
	size_t length = 0;
	if (count == 1 && xml_any_next(from[0]->buf, total, &tag, &content, &length) == total &&
	    tag == XML_TAG && length && content[0] == '<' && !memchr(content, 0, length)) {
		memcpy(text, content, length);
		return CTI_OK;
	}
	for (size_t i = 0; i < count; text += 2 * (size_t)from[i++]->size)
		hex_write(text, from[i]->buf, (size_t)from[i]->size);
	return CTI_OK;
}

static int tlv_write(const struct convert *convert, uint8_t tag, const void *content, size_t length,
                     ANY_t *out)
{
	struct csta_buffer buffer = {0};
	int code = xml_any_wrap(tag, content, length, &buffer);
	if (code)
		convert_failed(convert, code, "no memory left for private data");
	if (!code && buffer.length > INT32_MAX)
		code = convert_failed(convert, CTI_E_LIMIT, "too long");
	if (!code) {
		out->buf = convert_room(convert, buffer.length);
		code = out->buf ? CTI_OK : CTI_E_NOMEM;
	}
	if (!code) {
		memcpy(out->buf, buffer.data, buffer.length);
		out->size = (int)buffer.length;
	}
	csta_buffer_free(&buffer);
	return code;
}

int private_write(const struct convert *convert, const char *text, ANY_t *out)
{
	size_t length = text ? strlen(text) : 0;
	if (!length)
		return convert_failed(convert, CTI_E_INVALID, "private data is missing");
	if (text[0] == '<')
		return tlv_write(convert, XML_TAG, text, length, out);
	out->buf = convert_room(convert, length / 2 + 1);
	if (!out->buf)
		return CTI_E_NOMEM;
	if (length > INT32_MAX || !hex_read(text, length, out->buf))
		return convert_failed(convert, CTI_E_INVALID,
		                      "private data is neither XML nor hexadecimal");
	out->size = (int)(length / 2);
	return CTI_OK;
}

static const char reason_mark[] = "reason=";
#define REASON_MARK (sizeof reason_mark - 1)

int reason_read(const struct convert *convert, const char **private_data, const char **reason)
{
	size_t length = *private_data ? strlen(*private_data) : 0;
	uint8_t tag = 0;
	const uint8_t *content = NULL;
	size_t size = 0;
	if (length < 2 || memcmp(*private_data, "04", 2))
		return CTI_OK;
	uint8_t *octets = convert_room(convert, length / 2 + 1);
	if (!octets)
		return CTI_E_NOMEM;
	if (!hex_read(*private_data, length, octets) ||
	    xml_any_next(octets, length / 2, &tag, &content, &size) != length / 2 ||
	    size < REASON_MARK || memcmp(content, reason_mark, REASON_MARK))
		return CTI_OK;
	*private_data = NULL;
	return octets_read(convert, content + REASON_MARK, size - REASON_MARK, reason);
}

int reason_write(const struct convert *convert, const char *reason, const char **private_data)
{
	OCTET_STRING_t octets = {0};
	ANY_t any = {0};
	int code = octets_write(convert, reason, &octets);
	if (code)
		return code;
	uint8_t *marked = convert_room(convert, REASON_MARK + (size_t)octets.size + 1);
	if (!marked)
		return CTI_E_NOMEM;
	memcpy(marked, reason_mark, REASON_MARK);
	memcpy(marked + REASON_MARK, octets.buf, (size_t)octets.size);
	code = tlv_write(convert, STRING_TAG, marked, REASON_MARK + (size_t)octets.size, &any);
	const ANY_t *one = &any;
	return code ? code : private_read(convert, &one, 1, private_data);
}
