/* SPDX-License-Identifier: Apache-2.0 */
/* The ends of elements: what is complete then, and what stands in for what did not come. */
#include "csta/deviation.h"
#include "csta/xml_state.h"

#include <ConnectionIDBody.h>
#include <string.h>

/* ---- the ends of elements ----------------------------------------------------------------- */

/* The not-known value of a mandatory member that did not come. False: refused. */
static bool fill(struct csta_xml_state *rd, const struct xml_member *m, void *parent)
{
	void *value;

	if (m->type->shape == XML_MONITOR) {
		rd->message->monitor_length = 0;
		return true;
	}
	if (!m->type->fills)
		return false;
	value = csta_field_make(rd->message->arena, m->field, parent);
	if (!value)
		return !xml_fail_memory(rd);
	if (!m->type->fills_value)
		return true;
	if (m->type->layout->shape == CSTA_ENUMERATED)
		memcpy(value, &m->type->fill, sizeof(m->type->fill));
	else if (!csta_choice_make(rd->message->arena, m->type->layout, (unsigned)m->type->fill,
	                           value))
		return !xml_fail_memory(rd);
	return true;
}

static void sequence_end(struct csta_xml_state *rd, const struct xml_frame *frame)
{
	const struct xml_type *type = frame->type;

	for (unsigned i = 0; i < type->count; i++) {
		const struct xml_member *m = &type->members[i];
		uint64_t missing = type->mandatory.words[i / 64] & ~frame->seen.words[i / 64];

		if (!(missing >> i % 64)) { /* none up to the next word */
			i |= 63;
			continue;
		}
		if (!(missing >> i % 64 & 1))
			continue;
		if (!fill(rd, m, frame->value)) {
			xml_fail(rd, CTI_E_INVALID, "<%.*s> is missing", m->length,
			         xml_member_name(m));
			return;
		}
		/* Services that are not permitted need not be named. */
		if (m->type->shape != XML_BITS)
			rd->deviations |= CSTA_DEVIATION_MISSING;
	}
}

/* A result without extensions says so by having none. */
static bool has_element(const struct xml_type *choice, long alternative)
{
	for (unsigned i = 0; i < choice->count; i++)
		if (choice->members[i].index == alternative)
			return true;
	return false;
}

static void choice_end(struct csta_xml_state *rd, const struct xml_frame *frame)
{
	const struct xml_type *type = frame->type;
	char expected[96];

	if (!xml_set_empty(&frame->seen))
		return;
	if (type->fills_value) {
		if (has_element(type, type->fill))
			rd->deviations |= CSTA_DEVIATION_MISSING;
		if (!csta_choice_make(rd->message->arena, type->layout, (unsigned)type->fill,
		                      frame->value))
			xml_fail_memory(rd);
		return;
	}
	xml_expected(type, expected, sizeof(expected));
	xml_fail(rd, CTI_E_INVALID, "empty, expected one of %s", expected);
}

/* A set there, one value in ECMA-285. */
static void one_bit_end(struct csta_xml_state *rd, const struct xml_frame *frame)
{
	unsigned count = 0;

	for (unsigned i = 0; i < frame->type->count; i++)
		if (xml_set_has(&frame->seen, frame->type->members[i].index)) {
			*(long *)frame->value = frame->type->members[i].index;
			count++;
		}
	if (count != 1)
		xml_fail(rd, CTI_E_INVALID,
		         "%u of them are true, expected one: ECMA-285 has one %s", count,
		         frame->type->layout->type->name);
}

/* callID or deviceID or both came, and stand where they would if both had. */
static void connection_end(struct csta_xml_state *rd, const struct xml_frame *frame)
{
	ConnectionIDBody_t *connection = frame->value;
	LocalDeviceID_t device = connection->choice.both.deviceID;
	CallID_t call = connection->choice.both.callID;

	switch (frame->seen.words[0]) {
	case 3:
		connection->present = ConnectionIDBody_PR_both;
		return;
	case 2:
		memset(&connection->choice, 0, sizeof(connection->choice));
		connection->present = ConnectionIDBody_PR_deviceID;
		connection->choice.deviceID = device;
		return;
	case 0: /* known to be a connection, and no more: an empty callID */
		rd->deviations |= CSTA_DEVIATION_MISSING;
		if (!csta_octets_copy(rd->message->arena, &call, "", 0)) {
			xml_fail_memory(rd);
			return;
		}
		break;
	}
	memset(&connection->choice, 0, sizeof(connection->choice));
	connection->present = ConnectionIDBody_PR_callID;
	connection->choice.callID = call;
}

static void any_end(struct csta_xml_state *rd, const struct xml_frame *frame)
{
	if (xml_set_empty(&frame->seen) && frame->type->shape == XML_ANY)
		xml_fail(rd, CTI_E_INVALID, "empty, expected <string> or <private>");
}

/* What was captured or written in hexadecimal as TLVs: one for ANY, any number in a list. */
static void any_store(struct csta_xml_state *rd, const struct xml_frame *holder, void *value)
{
	const uint8_t *content;
	size_t content_length, length;
	uint8_t tag;

	for (size_t at = 0; at < rd->tlvs.length; at += length) {
		const uint8_t *p = rd->tlvs.data + at;
		ANY_t *any = value;

		length = xml_any_next(p, rd->tlvs.length - at, &tag, &content, &content_length);
		if (holder->type->shape == XML_ANY_LIST)
			any = csta_list_append(rd->message->arena, holder->type->layout, value);
		if (!any ||
		    !csta_octets_copy(rd->message->arena, (OCTET_STRING_t *)any, p, length)) {
			xml_fail_memory(rd);
			return;
		}
	}
}

static void private_end(struct csta_xml_state *rd, const struct xml_frame *frame, bool raw)
{
	const struct xml_frame *holder = frame - 1;
	OCTET_STRING_t octets = {0};
	struct xml_frame hex = *frame;
	int code;

	csta_buffer_clear(&rd->tlvs);
	if (raw) {
		code = xml_any_from_raw((const char *)rd->text.data, rd->text.length, &rd->tlvs);
		if (code >= 0 && code != 1 && holder->type->shape == XML_ANY)
			xml_fail(rd, CTI_E_INVALID, "%d private data, expected one", code);
	} else {
		hex.value = &octets;
		xml_value_read(rd, &hex);
		code = xml_any_wrap(0x04, octets.buf, (size_t)octets.size, &rd->tlvs);
	}
	if (code < 0)
		xml_fail_memory(rd);
	if (!rd->code)
		any_store(rd, holder, frame->value);
}

/* A list of no items is no value; what only XML can say of a device (notKnown) no number. */
static void wrapped_empty(struct csta_xml_state *rd, const struct xml_frame *frame)
{
	const struct csta_field *field;
	struct xml_frame device = {.type = frame->type->members->type, .value = frame->value};
	void **pointer;

	if (frame == rd->frames) { /* the message itself */
		xml_fail(rd, CTI_E_INVALID, "empty, expected <%.*s>", frame->type->members->length,
		         xml_member_name(frame->type->members));
		return;
	}
	field = frame[-1].type->layout->fields + frame->bit;
	pointer = (void **)((char *)frame[-1].value + field->offset);
	if (field->pointer) {
		*pointer = NULL;
		return;
	}
	rd->deviations |= CSTA_DEVIATION_MISSING;
	rd->text.length = 0;
	xml_device_begin(rd, &device, NULL, 0);
	xml_value_read(rd, &device);
}

void xml_frame_end(struct csta_xml_state *rd, struct xml_frame *frame)
{
	switch (frame->type->shape) {
	case XML_SEQUENCE:
		sequence_end(rd, frame);
		break;
	case XML_CHOICE:
	case XML_CHOICES:
		choice_end(rd, frame);
		break;
	case XML_CONNECTION:
		connection_end(rd, frame);
		break;
	case XML_BITS:
		xml_bits_store(rd, frame->value, &frame->seen);
		break;
	case XML_ONE_BIT:
		one_bit_end(rd, frame);
		break;
	case XML_BIT: {
		bool set = false;

		xml_boolean_read(rd, frame, &set);
		if (set)
			xml_set_add(&frame[-1].seen, frame->bit);
		break;
	}
	case XML_WRAPPED:
		if (xml_set_empty(&frame->seen))
			wrapped_empty(rd, frame);
		break;
	case XML_TWOFOLD:
		/* <correlatorData/>: no octets */
		break;
	case XML_ANY:
	case XML_ANY_LIST:
		any_end(rd, frame);
		break;
	case XML_ANY_HEX:
		private_end(rd, frame, false);
		break;
	case XML_ANY_RAW:
		private_end(rd, frame, true);
		break;
	case XML_LIST:
	case XML_NULL:
		break;
	case XML_DESTINATIONS:
	case XML_BOOLEAN:
	case XML_INTEGER:
	case XML_FLOAT:
	case XML_TRUTH:
	case XML_ENUMERATED:
	case XML_STRING:
	case XML_HEX:
	case XML_TIME:
	case XML_DEVICE:
	case XML_LOCAL_DEVICE:
	case XML_MONITOR:
	case XML_FIXED:
	case XML_RAW:
		xml_value_read(rd, frame);
		break;
	}
}
