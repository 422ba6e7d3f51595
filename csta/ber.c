/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages in BER: the envelope of X.880 here, the argument or result by its layout (ber_value.h).
 *
 *   a1 1b  02 01 07  02 01 15  30 13  55 01 2a  a0 0e  a4 0c  6b ..  63 ..  0a 01 16
 *   invoke 7         op. 21           monitor   call   Delivered
 *                                               control
 *
 * Elements of ACSE stand bare.
 */
#include "csta/ber.h"

#include "csta/ber_value.h"
#include "csta/explain.h"

#include <string.h>

#define INTEGER  TLV_TAG(TLV_UNIVERSAL, 2)
#define NULL_TAG TLV_TAG(TLV_UNIVERSAL, 5)
#define SEQUENCE TLV_TAG(TLV_UNIVERSAL, 16)
#define INVOKE   TLV_TAG(TLV_CONTEXT, 1)
#define RESULT   TLV_TAG(TLV_CONTEXT, 2)
#define ERROR    TLV_TAG(TLV_CONTEXT, 3)
#define REJECT   TLV_TAG(TLV_CONTEXT, 4)
#define MONITOR  TLV_TAG(TLV_APPLICATION, 21)

#define UNIVERSAL_FAILURE 1 /* CSTA's one error code */

static size_t offset_of(const struct decoding *decoding, const uint8_t *at)
{
	return (size_t)(at - decoding->data);
}

/* "octet 12: INTEGER, expected: SEQUENCE" */
int ber_unexpected(const struct decoding *decoding, const struct tlv_reader *reader,
                   const char *expected)
{
	struct tlv_reader rest = *reader;
	struct tlv tlv;
	char found[32];

	return cti_error_set(decoding->error, CTI_E_INVALID, "octet %zu: %s, expected %s",
	                     offset_of(decoding, reader->next),
	                     tlv_read(&rest, &tlv) ? tlv_tag_text(tlv.tag, found, sizeof(found))
	                                           : "the end",
	                     expected);
}

static int read_integer(const struct decoding *decoding, struct tlv_reader *reader,
                        const char *what, int32_t *value)
{
	struct tlv_reader before = *reader;
	struct tlv tlv;

	if (!tlv_read(reader, &tlv) || tlv.tag != INTEGER)
		return ber_unexpected(decoding, &before, what);
	if (!tlv_integer(&tlv, value))
		return cti_error_set(decoding->error, CTI_E_INVALID,
		                     "octet %zu: %s of %zu octets, expected 1 to 4",
		                     offset_of(decoding, tlv.start), what, tlv.length);
	return 0;
}

/* -1 is an id like another to X.880, but not to struct csta_message. */
static int read_invoke_id(const struct decoding *decoding, struct tlv_reader *reader,
                          const char *expected, int32_t *id)
{
	size_t at = offset_of(decoding, reader->next);
	int failure = read_integer(decoding, reader, expected, id);

	if (!failure && *id == -1)
		return cti_error_set(decoding->error, CTI_E_INVALID, "octet %zu: invoke id -1", at);
	return failure;
}

/* ---- values ---------------------------------------------------------------------------- */

/* Read one element into the message. @p implicit: its tag is the envelope's, not the type's. */
static int value_decode(const struct decoding *decoding, struct csta_message *message,
                        const struct tlv *tlv, bool implicit)
{
	if (csta_value_read(message->arena, csta_layout_of_type(message->type), tlv, implicit,
	                    message->value))
		return 0;
	if (message->arena->failed)
		return csta_message_nomem(message, decoding->error);
	return csta_ber_explain(message->type, tlv, implicit, offset_of(decoding, tlv->start),
	                        decoding->error);
}

/* ---- decoding ---------------------------------------------------------------------------- */

int ber_message_begin(const struct decoding *decoding, struct csta_message **message,
                      const struct csta_type *type, int32_t invoke_id)
{
	int failure = csta_message_create(message, decoding->codec, type, decoding->error);

	if (failure)
		return failure;
	csta_message_limit(*message, CSTA_MEMORY_OF(decoding->length));
	(*message)->invoke_id = (uint32_t)invoke_id;
	return 0;
}

/* The last thing in an envelope: a value, or nothing. */
static int read_value(const struct decoding *decoding, struct csta_message *message,
                      struct tlv_reader *reader)
{
	struct tlv tlv;

	if (!tlv_read(reader, &tlv)) {
		message->value = NULL;
		return 0;
	}
	if (reader->next != reader->end)
		return ber_unexpected(decoding, reader, "nothing more");
	return value_decode(decoding, message, &tlv, false);
}

int ber_read_monitor(const struct decoding *decoding, struct tlv_reader *reader,
                     struct tlv *monitor)
{
	struct tlv_reader before = *reader;

	if (!tlv_read(reader, monitor) || monitor->tag != MONITOR || monitor->constructed)
		return ber_unexpected(decoding, &before, "crossRefIdentifier [APPLICATION 21]");
	if (monitor->length > CSTA_MONITOR_ID_MAX)
		return cti_error_set(decoding->error, CTI_E_LIMIT,
		                     "octet %zu: crossRefIdentifier of %zu octets, at most %u",
		                     offset_of(decoding, monitor->start), monitor->length,
		                     CSTA_MONITOR_ID_MAX);
	return 0;
}

static int read_event(const struct decoding *decoding, struct csta_message **message,
                      struct tlv_reader *reader, int32_t invoke_id)
{
	struct tlv argument, monitor, category, event;
	struct tlv_reader inside = *reader, inner;
	const struct csta_type *type;
	int failure;

	if (!tlv_read(reader, &argument) || argument.tag != SEQUENCE || !argument.constructed)
		return ber_unexpected(decoding, &inside, "the SEQUENCE of an event report");
	inside = tlv_inside(&argument);
	failure = ber_read_monitor(decoding, &inside, &monitor);
	if (failure)
		return failure;
	inner = inside;
	if (!tlv_read(&inside, &category) || (category.tag & 3) != TLV_CONTEXT ||
	    !category.constructed)
		return ber_unexpected(decoding, &inner, "a category of events [0] to [7]");
	inner = tlv_inside(&category);
	if (!tlv_read(&inner, &event) || (event.tag & 3) != TLV_CONTEXT || !event.constructed) {
		inner = tlv_inside(&category);
		return ber_unexpected(decoding, &inner, "an event");
	}
	type = csta_type_of_event((int)(category.tag >> 2), (int)(event.tag >> 2));
	if (!type)
		return cti_error_set(decoding->error, CTI_E_UNSUPPORTED, "event [%u] %u not known",
		                     category.tag >> 2, event.tag >> 2);
	if (inner.next != inner.end)
		return ber_unexpected(decoding, &inner, "one event");
	if (inside.next != inside.end)
		return ber_unexpected(decoding, &inside, "nothing behind the event");
	failure = ber_message_begin(decoding, message, type, invoke_id);
	if (failure)
		return failure;
	memcpy((*message)->monitor, monitor.content, monitor.length);
	(*message)->monitor_length = monitor.length;
	return value_decode(decoding, *message, &event, true);
}

static bool is_dialect(const struct csta_codec *codec)
{
	return codec->phase != CSTA_PHASE_3;
}

static int read_invoke(const struct decoding *decoding, struct csta_message **message,
                       struct tlv_reader *reader)
{
	const struct csta_type *type;
	int32_t invoke_id, operation;
	struct tlv_reader before;
	struct tlv linked;
	int failure;

	failure = read_invoke_id(decoding, reader, "an invoke id", &invoke_id);
	if (failure)
		return failure;
	before = *reader;
	/* linkedId, which CSTA does not use. */
	if (!tlv_read(reader, &linked) || (linked.tag & 3) != TLV_CONTEXT)
		*reader = before;
	failure = read_integer(decoding, reader, "a local operation code", &operation);
	if (failure)
		return failure;
	if (operation == CSTA_OPERATION_EVENT_REPORT)
		return is_dialect(decoding->codec)
		               ? dialect_read_event(decoding, message, reader, invoke_id)
		               : read_event(decoding, message, reader, invoke_id);
	if (is_dialect(decoding->codec))
		return dialect_read_request(decoding, message, reader, invoke_id, operation);
	type = csta_type_of_operation(operation, CSTA_REQUEST);
	if (!type)
		return cti_error_set(decoding->error, CTI_E_UNSUPPORTED, "operation %d not known",
		                     operation);
	failure = ber_message_begin(decoding, message, type, invoke_id);
	return failure ? failure : read_value(decoding, *message, reader);
}

static int read_result(const struct decoding *decoding, struct csta_message **message,
                       struct tlv_reader *reader)
{
	const struct csta_type *request = NULL, *type = NULL;
	int32_t invoke_id, operation = -1;
	struct tlv_reader inside;
	struct tlv body;
	int failure;

	failure = read_invoke_id(decoding, reader, "an invoke id", &invoke_id);
	if (failure)
		return failure;
	if (decoding->pending)
		request = decoding->pending(decoding->pending_arg, (uint32_t)invoke_id);
	inside = *reader;
	if (tlv_read(reader, &body)) {
		if (body.tag != SEQUENCE || !body.constructed)
			return ber_unexpected(decoding, &inside, "the SEQUENCE of a result");
		inside = tlv_inside(&body);
		failure = read_integer(decoding, &inside, "a local operation code", &operation);
		if (failure)
			return failure;
		if (is_dialect(decoding->codec) && reader->next == reader->end)
			return dialect_read_result(decoding, message, &inside, invoke_id, operation,
			                           request);
		type = csta_type_of_operation(operation, CSTA_RESPONSE);
		if (!type)
			return cti_error_set(decoding->error, CTI_E_UNSUPPORTED,
			                     "result of operation %d not known", operation);
		if (request && request->operation != operation)
			return cti_error_set(
			        decoding->error, CTI_E_INVALID,
			        "result %d is of operation %d, the request was %s (%d)", invoke_id,
			        operation, request->element, request->operation);
	} else if (request) {
		type = csta_type_of_response(request);
	}
	if (!type)
		return cti_error_set(decoding->error, CTI_E_UNSUPPORTED,
		                     "result %d names no operation, and no request is known for it",
		                     invoke_id);
	if (reader->next != reader->end)
		return ber_unexpected(decoding, reader, "nothing behind the result");
	failure = ber_message_begin(decoding, message, type, invoke_id);
	return failure ? failure : read_value(decoding, *message, &inside);
}

static int read_error(const struct decoding *decoding, struct csta_message **message,
                      struct tlv_reader *reader)
{
	int32_t invoke_id, code;
	int failure = read_invoke_id(decoding, reader, "an invoke id", &invoke_id);

	failure = failure ? failure : read_integer(decoding, reader, "a local error code", &code);
	if (failure)
		return failure;
	if (code != UNIVERSAL_FAILURE)
		return cti_error_set(decoding->error, CTI_E_UNSUPPORTED,
		                     "error code %d not known, CSTA has 1", code);
	if (is_dialect(decoding->codec))
		return dialect_read_error(decoding, message, reader, invoke_id);
	failure = ber_message_begin(decoding, message, csta_type_of_element("CSTAErrorCode", 13),
	                            invoke_id);
	return failure ? failure : read_value(decoding, *message, reader);
}

static int read_reject(const struct decoding *decoding, struct csta_message **message,
                       struct tlv_reader *reader)
{
	struct tlv_reader before = *reader;
	int32_t invoke_id = 0;
	struct tlv id;
	int failure;

	if (!tlv_read(reader, &id) || id.tag != NULL_TAG) {
		*reader = before;
		failure = read_invoke_id(decoding, reader, "an invoke id or NULL", &invoke_id);
		if (failure)
			return failure;
		id.tag = INTEGER;
	}
	failure =
	        ber_message_begin(decoding, message, csta_type_of_element("Reject", 6), invoke_id);
	if (failure)
		return failure;
	if (id.tag == NULL_TAG)
		(*message)->invoke_id = CSTA_NO_INVOKE_ID;
	before = *reader;
	failure = read_value(decoding, *message, reader);
	if (!failure && !(*message)->value)
		failure = ber_unexpected(decoding, &before, "a problem");
	return failure;
}

static int read_association(const struct decoding *decoding, struct csta_message **message,
                            const struct tlv *apdu)
{
	static const char *const names[] = {"AARQ", "AARE", "RLRQ", "RLRE", "ABRT"};
	int failure = csta_message_create(message, decoding->codec,
	                                  csta_type_of_element(names[apdu->tag >> 2], 4),
	                                  decoding->error);

	if (failure)
		return failure;
	csta_message_limit(*message, CSTA_MEMORY_OF(decoding->length));
	return value_decode(decoding, *message, apdu, false);
}

int csta_decode_ber(struct csta_message **out, struct csta_codec *codec, const void *data,
                    size_t length, size_t *used, csta_pending *pending, void *pending_arg,
                    struct cti_error *error)
{
	struct decoding decoding = {codec, data, 0, pending, pending_arg, error};
	struct tlv_reader reader = {data, NULL}, inside;
	struct csta_message *message = NULL;
	struct tlv apdu;
	size_t size;
	int failure = tlv_check(data, length, &codec->limits, &size, error);

	codec->lost[0] = '\0';
	if (failure)
		return failure;
	if (used)
		*used = size;
	decoding.length = size;
	reader.end = reader.next + size;
	tlv_read(&reader, &apdu);
	inside = tlv_inside(&apdu);
	if (apdu.constructed && apdu.tag == INVOKE)
		failure = read_invoke(&decoding, &message, &inside);
	else if (apdu.constructed && apdu.tag == RESULT)
		failure = read_result(&decoding, &message, &inside);
	else if (apdu.constructed && apdu.tag == ERROR)
		failure = read_error(&decoding, &message, &inside);
	else if (apdu.constructed && apdu.tag == REJECT)
		failure = read_reject(&decoding, &message, &inside);
	else if (apdu.constructed && (apdu.tag & 3) == TLV_APPLICATION && apdu.tag >> 2 <= 4)
		failure = read_association(&decoding, &message, &apdu);
	else
		failure = ber_unexpected(&decoding, &(struct tlv_reader){data, reader.end},
		                         "an APDU of ROSE [1] to [4] or ACSE [APPLICATION 0] to 4");
	if (failure) {
		csta_message_destroy(&message);
		return failure;
	}
	csta_message_limit(message, SIZE_MAX);
	*out = message;
	return 0;
}

/* ---- encoding ---------------------------------------------------------------------------- */

static void write_apdu(struct tlv_writer *writer, uint32_t tag)
{
	tlv_write_header(writer, tag, true, tlv_written(writer));
}

void ber_write_monitor(struct tlv_writer *writer, const struct csta_message *message)
{
	tlv_write(writer, message->monitor, message->monitor_length);
	tlv_write_header(writer, MONITOR, false, message->monitor_length);
	write_apdu(writer, SEQUENCE);
}

/* From the inside out. */
void ber_write_envelope(struct tlv_writer *writer, enum csta_kind kind, uint32_t invoke_id,
                        int operation, bool empty)
{
	switch (kind) {
	case CSTA_EVENT:
	case CSTA_REQUEST:
		tlv_write_integer(writer, INTEGER, operation);
		tlv_write_integer(writer, INTEGER, (int32_t)invoke_id);
		write_apdu(writer, INVOKE);
		break;
	case CSTA_RESPONSE:
		if (!empty) {
			tlv_write_integer(writer, INTEGER, operation);
			write_apdu(writer, SEQUENCE);
		}
		tlv_write_integer(writer, INTEGER, (int32_t)invoke_id);
		write_apdu(writer, RESULT);
		break;
	case CSTA_ERROR:
		tlv_write_integer(writer, INTEGER, UNIVERSAL_FAILURE);
		tlv_write_integer(writer, INTEGER, (int32_t)invoke_id);
		write_apdu(writer, ERROR);
		break;
	case CSTA_REJECT:
		if (invoke_id == CSTA_NO_INVOKE_ID)
			tlv_write_header(writer, NULL_TAG, false, 0);
		else
			tlv_write_integer(writer, INTEGER, (int32_t)invoke_id);
		write_apdu(writer, REJECT);
		break;
	case CSTA_ASSOCIATION:
	case CSTA_SESSION:
		break;
	}
}

/* The value, and of an event its category and the report around it. */
static int write_value(struct tlv_writer *writer, const struct csta_message *message,
                       struct cti_error *error)
{
	const struct csta_type *type = message->type;
	const struct csta_layout *incomplete = NULL;
	bool event = type->kind == CSTA_EVENT;

	if (message->value)
		incomplete = csta_value_write(writer, csta_layout_of_type(type),
		                              event ? TLV_TAG(TLV_CONTEXT, type->event_tag)
		                                    : CSTA_NO_TAG,
		                              message->value);
	if (incomplete)
		return cti_error_set(error, CTI_E_INVALID, "%s: %s is incomplete", type->element,
		                     incomplete->type->name);
	if (event) {
		write_apdu(writer, TLV_TAG(TLV_CONTEXT, type->event_category));
		ber_write_monitor(writer, message);
	}
	return 0;
}

/* What the envelope needs and the value cannot say. */
static int envelope_check(const struct csta_message *message, struct cti_error *error)
{
	const struct csta_type *type = message->type;

	if (!(type->encodings & CSTA_IN_BER))
		return cti_error_set(error, CTI_E_UNSUPPORTED, "%s: not in BER", type->element);
	if (!message->value && !csta_type_may_be_empty(type))
		return cti_error_set(error, CTI_E_INVALID, "%s: no value", type->element);
	if (type->kind != CSTA_REJECT && type->kind != CSTA_ASSOCIATION &&
	    message->invoke_id == CSTA_NO_INVOKE_ID)
		return cti_error_set(error, CTI_E_INVALID, "%s: no invoke id", type->element);
	if (message->monitor_length > CSTA_MONITOR_ID_MAX)
		return cti_error_set(error, CTI_E_INVALID, "%s: monitor id of %zu octets",
		                     type->element, message->monitor_length);
	return 0;
}

int csta_encode_ber(struct csta_codec *codec, const struct csta_message *message,
                    struct csta_buffer *out, struct cti_error *error)
{
	const struct csta_type *type = message->type;
	struct tlv_writer writer = tlv_writer(&codec->scratch);
	int operation = type->operation, failure = envelope_check(message, error);

	codec->lost[0] = '\0';
	if (failure)
		return failure;
	if (is_dialect(codec) && type->kind != CSTA_ASSOCIATION && type->kind != CSTA_REJECT)
		failure = dialect_write(codec, &writer, message, &operation, error);
	else
		failure = write_value(&writer, message, error);
	if (failure)
		return failure;
	ber_write_envelope(&writer, type->kind, message->invoke_id, operation, !message->value);
	if (writer.failed || csta_buffer_append(out, writer.at, tlv_written(&writer)))
		return cti_error_set(error, CTI_E_NOMEM, "%s: no memory", type->element);
	return 0;
}
