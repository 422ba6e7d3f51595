/* SPDX-License-Identifier: Apache-2.0 */
/* The text of an element, and a DeviceID's attributes, become a C value. */
#include "csta/text.h"
#include "csta/xml_state.h"

#include <BitRate.h>
#include <DeflectCallArgument.h>
#include <DeviceID.h>
#include <LocalDeviceID.h>
#include <MediaCallCharacteristics.h>
#include <MediaClass.h>
#include <SwitchingSubDomainCCIEType.h>
#include <stdlib.h>
#include <string.h>

/* Text without the blanks that a pretty printer put around it. */
struct text {
	const char *at;
	size_t length;
};

static struct text trim(const char *at, size_t length)
{
	while (length && csta_blank(*at)) {
		at++;
		length--;
	}
	while (length && csta_blank(at[length - 1]))
		length--;
	return (struct text){at, length};
}

static struct text text_of(const struct csta_xml_state *rd)
{
	return trim((const char *)rd->text.data, rd->text.length);
}

static bool text_is(struct text text, const char *word)
{
	return text.length == strlen(word) && !memcmp(text.at, word, text.length);
}

static int shown(struct text text)
{
	return xml_shown(text.at, text.length);
}

static bool integer_read(struct text text, long *out)
{
	bool negative = text.length && *text.at == '-';
	long value = 0;

	if (text.length && (*text.at == '-' || *text.at == '+')) {
		text.at++;
		text.length--;
	}
	if (text.length == 0)
		return false;
	for (; text.length; text.at++, text.length--) {
		if (*text.at < '0' || *text.at > '9' ||
		    __builtin_mul_overflow(value, 10L, &value) ||
		    (negative ? __builtin_sub_overflow(value, *text.at - '0', &value)
		              : __builtin_add_overflow(value, *text.at - '0', &value)))
			return false;
	}
	*out = value;
	return true;
}

/* xs:float into an INTEGER: whole, or rounded. */
static void float_read(struct csta_xml_state *rd, long *out)
{
	struct text text = text_of(rd);
	char digits[64], *end = digits;
	double value = 0;

	if (integer_read(text, out))
		return;
	if (text.length && text.length < sizeof(digits) && !memchr(text.at, '\0', text.length)) {
		memcpy(digits, text.at, text.length);
		digits[text.length] = '\0';
		/* Neither hexadecimal nor INF nor NAN. */
		if (digits[strspn(digits, "+-.eE0123456789")] == '\0')
			value = strtod(digits, &end);
	}
	if (end == digits || *end || !(value > -0x1p62 && value < 0x1p62)) {
		xml_fail(rd, CTI_E_INVALID, "\"%.*s\", expected a number", shown(text), text.at);
		return;
	}
	*out = (long)(value < 0 ? value - 0.5 : value + 0.5);
	if ((double)*out != value)
		rd->deviations |= CSTA_DEVIATION_FRACTION;
}

void xml_boolean_read(struct csta_xml_state *rd, const struct xml_frame *frame, bool *out)
{
	struct text text = text_of(rd);

	(void)frame;
	if (text_is(text, "true") || text_is(text, "1"))
		*out = true;
	else if (text_is(text, "false") || text_is(text, "0"))
		*out = false;
	else
		xml_fail(rd, CTI_E_INVALID, "\"%.*s\", expected true or false", shown(text),
		         text.at);
}

/* Octets that were sent as text, see csta/text.h. */
static void octets_read(struct csta_xml_state *rd, struct text text, OCTET_STRING_t *out)
{
	uint8_t *octets;
	size_t n = 0;

	if (text.length < 4 || *text.at != '0' || !csta_text_hex(text.at, text.length)) {
		if (!csta_octets_copy(rd->message->arena, out, text.at, text.length))
			xml_fail_memory(rd);
		return;
	}
	octets = xml_alloc(rd, text.length / 2);
	if (!octets)
		return;
	for (size_t i = 2; i < text.length; i += 2)
		octets[n++] =
		        (uint8_t)(csta_hex_digit(text.at[i]) << 4 | csta_hex_digit(text.at[i + 1]));
	out->buf = octets;
	out->size = (int)n;
}

/* xs:hexBinary; OpenScape Voice breaks the lines of its correlators. */
static bool hex_read(struct csta_xml_state *rd, struct text text, uint8_t **out, int *length)
{
	uint8_t *octets = xml_alloc(rd, text.length / 2 + 1);
	unsigned digits = 0;

	if (!octets)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		char c = text.at[i];
		int digit = c >= '0' && c <= '9' ? c - '0' : csta_hex_digit(c);

		if (digit >= 0) {
			octets[digits / 2] = (uint8_t)(octets[digits / 2] << 4 | digit);
			digits++;
		} else if (csta_blank(c)) {
			rd->deviations |= CSTA_DEVIATION_HEX_BLANKS;
		} else {
			xml_fail(rd, CTI_E_INVALID, "\"%.*s\" is not hexadecimal", shown(text),
			         text.at);
			return false;
		}
	}
	if (digits % 2) {
		xml_fail(rd, CTI_E_INVALID, "%u hexadecimal digits, expected an even number",
		         digits);
		return false;
	}
	*out = octets;
	*length = (int)(digits / 2);
	return true;
}

static void time_read(struct csta_xml_state *rd, OCTET_STRING_t *out)
{
	struct text text = text_of(rd);
	char octets[48];
	size_t length = csta_time_read(text.at, text.length, octets);

	if (length == 0)
		octets_read(rd, text, out);
	else if (!csta_octets_copy(rd->message->arena, out, octets, length))
		xml_fail_memory(rd);
}

static void enumerated_read(struct csta_xml_state *rd, const struct csta_layout *layout, long *out)
{
	struct text text = text_of(rd);

	for (unsigned i = 0; text.length && i < layout->name_count; i++)
		if (*layout->names[i].name == *text.at && text_is(text, layout->names[i].name)) {
			*out = layout->names[i].value;
			return;
		}
	xml_fail(rd, CTI_E_INVALID, "\"%.*s\" is no %s", shown(text), text.at, layout->type->name);
}

static void monitor_read(struct csta_xml_state *rd)
{
	struct csta_message *message = rd->message;
	OCTET_STRING_t octets = {0};

	octets_read(rd, text_of(rd), &octets);
	if (rd->code)
		return;
	if ((size_t)octets.size > sizeof(message->monitor)) {
		xml_fail(rd, CTI_E_LIMIT, "%d octets, the limit is %d", octets.size,
		         CSTA_MONITOR_ID_MAX);
		return;
	}
	if (octets.size)
		memcpy(message->monitor, octets.buf, (size_t)octets.size);
	message->monitor_length = (size_t)octets.size;
}

void xml_bits_store(struct csta_xml_state *rd, void *bit_string, const struct xml_set *bits)
{
	BIT_STRING_t *out = bit_string;
	unsigned count = XML_SET_END;

	/* The string ends with the last bit set. */
	while (count && !bits->words[count / 64 - 1])
		count -= 64;
	while (count && !xml_set_has(bits, count - 1))
		count--;
	if (!csta_bit_resize(rd->message->arena, out, count)) {
		xml_fail_memory(rd);
		return;
	}
	for (unsigned i = 0; i < count; i++)
		if (xml_set_has(bits, i))
			out->buf[i / 8] |= (uint8_t)(0x80 >> i % 8);
}

/* ---- devices ------------------------------------------------------------------------------ */

static const struct xml_number *number_find(struct text text)
{
	for (size_t i = 0; i < xml_number_count; i++)
		if (text_is(text, xml_numbers[i].name))
			return &xml_numbers[i];
	return NULL;
}

/* mediaClass="voice data" */
static void classes_read(struct csta_xml_state *rd, struct text text)
{
	const struct csta_layout *layout = csta_layout_of(&asn_DEF_MediaClass);
	const char *end = text.at + text.length;

	rd->device.media = true;
	while (text.at < end) {
		const char *from = text.at;
		long bit;

		while (text.at < end && !csta_blank(*text.at))
			text.at++;
		if (csta_value_of(layout, from, (size_t)(text.at - from), &bit))
			rd->device.classes |= (uint16_t)(1u << bit);
		else if (text.at > from)
			rd->deviations |= CSTA_DEVIATION_UNKNOWN;
		if (text.at < end)
			text.at++;
	}
}

static void attribute_number(struct csta_xml_state *rd, const char *name, struct text text,
                             const asn_TYPE_descriptor_t *names, struct xml_optional *out)
{
	rd->device.media = true;
	out->there = names ? csta_value_of(csta_layout_of(names), text.at, text.length, &out->value)
	                   : integer_read(text, &out->value);
	if (!out->there)
		xml_fail(rd, CTI_E_INVALID, "attribute %s=\"%.*s\" is no %s", name, shown(text),
		         text.at, names ? names->name : "number");
}

static void attribute_read(struct csta_xml_state *rd, enum xml_shape shape, const char *name,
                           struct text text)
{
	struct xml_device *device = &rd->device;

	if (!strcmp(name, "typeOfNumber")) {
		device->dynamic = shape == XML_LOCAL_DEVICE && text_is(text, "dynamic");
		device->number = number_find(text);
		if (!device->number && !device->dynamic)
			rd->deviations |= CSTA_DEVIATION_NUMBER;
	} else if (!strcmp(name, "mediaClass")) {
		classes_read(rd, text);
	} else if (!strcmp(name, "connectionRate")) {
		attribute_number(rd, name, text, NULL, &device->rate);
	} else if (!strcmp(name, "bitRate")) {
		attribute_number(rd, name, text, &asn_DEF_BitRate, &device->bit_rate);
	} else if (!strcmp(name, "delayTolerance")) {
		attribute_number(rd, name, text, NULL, &device->delay);
	} else if (!strcmp(name, "switchingSubDomainCCIEType")) {
		attribute_number(rd, name, text, &asn_DEF_SwitchingSubDomainCCIEType,
		                 &device->ccie);
	} else if (!strcmp(name, "switchingSubDomainInformationElements")) {
		device->media = true;
		hex_read(rd, text, &device->elements, &device->elements_length);
	} else if (!strcmp(name, "privateNumber")) {
		device->private_number = text_is(text, "true") || text_is(text, "1");
	} else if (!strcmp(name, "privateName")) {
		device->private_name = text_is(text, "true") || text_is(text, "1");
	}
	/* Others (xsi:type, ...) say nothing about a device. */
}

void xml_device_begin(struct csta_xml_state *rd, const struct xml_frame *frame,
                      const xmlChar **attributes, int count)
{
	rd->device = (struct xml_device){.number = NULL};
	for (int i = 0; i < count && !rd->code; i++, attributes += 5)
		attribute_read(
		        rd, frame->type->shape, (const char *)attributes[0],
		        trim((const char *)attributes[3], (size_t)(attributes[4] - attributes[3])));
}

static long *optional_long(struct csta_xml_state *rd, const struct xml_optional *in)
{
	long *out = in->there ? xml_alloc(rd, sizeof(*out)) : NULL;

	if (out)
		*out = in->value;
	return out;
}

static void media_store(struct csta_xml_state *rd, DeviceID_t *out)
{
	const struct xml_device *device = &rd->device;
	const struct xml_set classes = {{device->classes}};
	MediaCallCharacteristics_t *media = xml_alloc(rd, sizeof(*media));

	if (!media)
		return;
	out->mediaCallCharacteristics = media;
	xml_bits_store(rd, &media->mediaClass, &classes);
	media->connectionRate = optional_long(rd, &device->rate);
	media->bitRate = optional_long(rd, &device->bit_rate);
	media->delayTolerance = optional_long(rd, &device->delay);
	media->switchingSubDomainCCIEType = optional_long(rd, &device->ccie);
	if (device->elements) {
		OCTET_STRING_t *elements = xml_alloc(rd, sizeof(*elements));

		if (elements) {
			elements->buf = device->elements;
			elements->size = device->elements_length;
		}
		media->switchingSubDomainInformationElements = elements;
	}
}

/* A flag here, a number or name of its own in ECMA-285: present, and empty. */
static OCTET_STRING_t *flag_store(struct csta_xml_state *rd)
{
	OCTET_STRING_t *out = xml_alloc(rd, sizeof(*out));

	if (out && !csta_octets_copy(rd->message->arena, out, "", 0))
		xml_fail_memory(rd);
	return out;
}

static void device_read(struct csta_xml_state *rd, DeviceID_t *out)
{
	const struct xml_device *device = &rd->device;
	const struct xml_number *number = device->number ? device->number : &xml_numbers[0];
	DeviceIdentifier_t *id = &out->deviceIdentifier;
	struct text text = text_of(rd);
	OCTET_STRING_t *octets = &id->choice.dialingNumber;

	if (number->present == DeviceIdentifier_PR_deviceNumber) {
		if (integer_read(text, &id->choice.deviceNumber)) {
			octets = NULL;
		} else {
			rd->deviations |= CSTA_DEVIATION_NUMBER;
			number = &xml_numbers[0];
		}
	}
	id->present = (DeviceIdentifier_PR)number->present;
	switch (id->present) {
	case DeviceIdentifier_PR_explicitPublic:
		id->choice.explicitPublic.present = (PublicTON_PR)number->inner;
		octets = &id->choice.explicitPublic.choice.unknown; /* all in one place */
		break;
	case DeviceIdentifier_PR_explicitPrivate:
		id->choice.explicitPrivate.present = (PrivateTON_PR)number->inner;
		octets = &id->choice.explicitPrivate.choice.unknown;
		break;
	case DeviceIdentifier_PR_NOTHING:
	case DeviceIdentifier_PR_dialingNumber:
	case DeviceIdentifier_PR_deviceNumber:
	case DeviceIdentifier_PR_implicitPublic:
	case DeviceIdentifier_PR_implicitPrivate:
	case DeviceIdentifier_PR_other:
		break;
	}
	if (octets)
		octets_read(rd, text, octets);
	if (device->private_number)
		out->privateNumber = flag_store(rd);
	if (device->private_name)
		out->privateName = flag_store(rd);
	if (device->media)
		media_store(rd, out);
}

static void local_device_read(struct csta_xml_state *rd, LocalDeviceID_t *out)
{
	if (rd->device.dynamic) {
		out->present = LocalDeviceID_PR_dynamicID;
		octets_read(rd, text_of(rd), &out->choice.dynamicID);
		return;
	}
	out->present = LocalDeviceID_PR_staticID;
	device_read(rd, &out->choice.staticID);
}

/* All editions but 6: the number itself, where edition 6 has <device> elements. */
static void destination_read(struct csta_xml_state *rd, const struct xml_frame *frame)
{
	const struct csta_field *first = frame[-1].type->layout->fields + frame->bit - 1;
	DeviceID_t *device;

	if (!xml_set_empty(&frame->seen))
		return;
	device = csta_field_make(rd->message->arena, first, frame->value);
	if (!device) {
		xml_fail_memory(rd);
		return;
	}
	if (rd->edition != 2 && rd->edition != CSTA_ED3)
		rd->deviations |= CSTA_DEVIATION_PLAIN_DESTINATION;
	device_read(rd, device);
}

void xml_value_read(struct csta_xml_state *rd, const struct xml_frame *frame)
{
	struct text text;
	bool set = false;

	switch (frame->type->shape) {
	case XML_BOOLEAN:
		xml_boolean_read(rd, frame, &set);
		*(int *)frame->value = set;
		break;
	case XML_INTEGER:
		text = text_of(rd);
		if (!integer_read(text, frame->value))
			xml_fail(rd, CTI_E_INVALID, "\"%.*s\", expected a number", shown(text),
			         text.at);
		break;
	case XML_FLOAT:
		float_read(rd, frame->value);
		break;
	case XML_TRUTH:
		xml_boolean_read(rd, frame, &set);
		*(long *)frame->value = set;
		break;
	case XML_ENUMERATED:
		enumerated_read(rd, frame->type->layout, frame->value);
		break;
	case XML_STRING:
		octets_read(rd, text_of(rd), frame->value);
		break;
	case XML_HEX:
	case XML_ANY_HEX: {
		OCTET_STRING_t *octets = frame->value;

		hex_read(rd, text_of(rd), &octets->buf, &octets->size);
		break;
	}
	case XML_TIME:
		time_read(rd, frame->value);
		break;
	case XML_DEVICE:
		device_read(rd, frame->value);
		break;
	case XML_LOCAL_DEVICE:
		local_device_read(rd, frame->value);
		break;
	case XML_DESTINATIONS:
		destination_read(rd, frame);
		break;
	case XML_MONITOR:
		monitor_read(rd);
		break;
	case XML_FIXED:
		if (!text_is(text_of(rd), frame->type->text))
			rd->deviations |= CSTA_DEVIATION_UNKNOWN;
		break;
	case XML_RAW:
		if (!csta_octets_copy(rd->message->arena, frame->value, rd->text.data,
		                      rd->text.length))
			xml_fail_memory(rd);
		break;
	case XML_BIT:
	case XML_ANY_RAW:
	case XML_NULL:
	case XML_SEQUENCE:
	case XML_CHOICE:
	case XML_CHOICES:
	case XML_LIST:
	case XML_WRAPPED:
	case XML_BITS:
	case XML_ONE_BIT:
	case XML_CONNECTION:
	case XML_TWOFOLD:
	case XML_ANY:
	case XML_ANY_LIST:
		break; /* no text, or read elsewhere */
	}
}
