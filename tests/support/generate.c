/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/generate.h"

#include "csta/codec.h"

#include <CallLinkageDataListItems.h>
#include <ConnectionListItems.h>
#include <DeviceListItems.h>
#include <Grammars.h>
#include <InnerXML.h>
#include <TimeInfo.h>
#include <UTF8String.h>
#include <VoiceLanguage.h>
#include <XMLContent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define LIST_BUDGET  40
#define COUNT(array) (unsigned)(sizeof(array) / sizeof((array)[0]))

/* xorshift64* */
uint64_t generate_random(struct generator *generator)
{
	generator->state ^= generator->state >> 12;
	generator->state ^= generator->state << 25;
	generator->state ^= generator->state >> 27;
	return generator->state * 0x2545F4914F6CDD1Du;
}

unsigned generate_below(struct generator *generator, unsigned end)
{
	return (unsigned)((generate_random(generator) >> 32) * end >> 32);
}

struct making {
	struct generator *generator;
	struct csta_arena *arena;
};

static bool make_value(struct making *, const struct csta_layout *, void *value);

static bool make_field(struct making *making, const struct csta_layout *layout, unsigned index,
                       void *value)
{
	const struct csta_field *field = &layout->fields[index];
	const asn_TYPE_member_t *member = &layout->type->elements[index];
	void *made = csta_field_make(making->arena, field, value);

	if (making->generator->seen)
		making->generator->seen(making->generator->arg, field);
	do /* strings and numbers of the standard are in its bounds: try until one is */
		if (!made || !make_value(making, field->layout, made))
			return false;
	while (making->generator->standard && member->memb_constraints &&
	       (field->layout->shape == CSTA_OCTETS || field->layout->shape == CSTA_TEXT ||
	        field->layout->shape == CSTA_INTEGER) &&
	       member->memb_constraints(member->type, made, NULL, NULL));
	return true;
}

static bool make_sequence(struct making *making, const struct csta_layout *layout, void *value)
{
	for (unsigned i = 0; i < layout->field_count; i++) {
		const struct csta_field *field = &layout->fields[i];
		enum generate_how how = making->generator->how;

		if (field->optional &&
		    (how == GENERATE_LEAST ||
		     (how == GENERATE_SOME && generate_below(making->generator, 2))))
			continue;
		if (!make_field(making, layout, i, value))
			return false;
	}
	return true;
}

static bool make_choice(struct making *making, const struct csta_layout *layout, void *value)
{
	unsigned index = generate_below(making->generator, layout->field_count);

	return csta_choice_make(making->arena, layout, index, value) &&
	       make_field(making, layout, index, value);
}

/* SendMessage's, which ECMA-285 has as SEQUENCEs of one field. */
static bool is_one(const asn_TYPE_descriptor_t *type)
{
	return type == &asn_DEF_DeviceListItems || type == &asn_DEF_ConnectionListItems ||
	       type == &asn_DEF_CallLinkageDataListItems;
}

static bool make_list(struct making *making, const struct csta_layout *layout, void *value)
{
	static const unsigned lengths[] = {0, 1, 1, 1, 2, 3, 17};
	struct generator *generator = making->generator;
	unsigned length = lengths[generate_below(generator, COUNT(lengths))];

	if ((!length && generator->standard) || (generator->strict && is_one(layout->type)))
		length = 1;
	if (length > generator->budget)
		length = generator->budget ? 1 : generator->standard;
	generator->budget -= length < generator->budget ? length : generator->budget;
	while (length--) {
		void *item = csta_list_append(making->arena, layout, value);

		if (!item || !make_value(making, layout->fields[0].layout, item))
			return false;
	}
	return true;
}

static long make_integer(struct generator *generator)
{
	static const long edges[] = {0,        1,          -1,     127,   128,     -128,
	                             -129,     255,        256,    32767, 32768,   65535,
	                             INT_MAX,  INT_MIN,    -32769, 65536, 8388608, LONG_MAX,
	                             LONG_MIN, 4294967296, 42};

	return edges[generate_below(generator, COUNT(edges))];
}

static long make_enumerated(struct generator *generator, const struct csta_layout *layout)
{
	if (!generator->standard && !generate_below(generator, 10))
		return 999;
	return layout->names[generate_below(generator, layout->name_count)].value;
}

static unsigned make_length(struct generator *generator)
{
	static const unsigned lengths[] = {0, 1, 2, 4, 8, 13, 20, 40, 127, 128, 200};

	return lengths[generate_below(generator,
	                              generate_below(generator, 8) ? 8 : COUNT(lengths))];
}

static bool make_octets(struct making *making, OCTET_STRING_t *octets)
{
	uint8_t data[256];
	unsigned length = make_length(making->generator);
	bool text = making->generator->standard || generate_below(making->generator, 2);

	for (unsigned i = 0; i < length; i++)
		data[i] = text ? (uint8_t)('0' + generate_below(making->generator, 75))
		               : (uint8_t)generate_random(making->generator);
	return csta_octets_copy(making->arena, octets, data, length);
}

static bool make_text(struct making *making, const struct csta_layout *layout, OCTET_STRING_t *text)
{
	/* What an encoding must escape, or must not take for something of its own. */
	static const char *const texts[] = {"",          "#",    "2001",   "+86 755 8888",
	                                    "a\"b\\c",   "<&>'", "0x4142", "N<2001>A;noa=nk",
	                                    "tel:+4989", "{x}",  "Anna",   "a b",
	                                    "]]>"};
	static const char *const wide[] = {"Zürich", "日本", "😀", "line\nline\tend\n", " blank "};
	/* XML as reading gives it: self-contained, entities where needed, nothing else. */
	static const char *const xml[] = {"<user>anna</user>", "a &amp; b",
	                                  "<n:a xmlns:n=\"urn:n\" n:b=\"1\"/>",
	                                  "<a xmlns=\"urn:x\"><b>&lt;</b></a>"};
	struct generator *generator = making->generator;
	const char *chosen = texts[generate_below(generator, COUNT(texts))];

	if (layout->type == &asn_DEF_UTF8String && generate_below(generator, 2))
		chosen = wide[generate_below(generator,
		                             COUNT(wide) - (generator->standard ? 2 : 0))];
	if (layout->type == &asn_DEF_Grammars || layout->type == &asn_DEF_InnerXML ||
	    (layout->type == &asn_DEF_XMLContent && generator->standard))
		chosen = xml[generate_below(generator, COUNT(xml))];
	if (layout->type == &asn_DEF_VoiceLanguage && generator->standard)
		chosen = "en-US";
	return csta_octets_copy(making->arena, text, chosen, strlen(chosen));
}

/* A BER element: a string, or something of a vendor's. */
static bool make_any(struct making *making, OCTET_STRING_t *any)
{
	static const uint8_t vendors[][9] = {
	        {7, 0xa6, 0x05, 0xa4, 0x03, 0x02, 0x01, 0x07},
	        {2, 0x05, 0x00},
	        {6, 0x30, 0x04, 0x80, 0x02, 'x', 'y'},
	        {4, 0x9f, 0x81, 0x01, 0x00},         /* [129], a tag of three octets */
	        {6, 0x0c, 0x04, '<', 'a', '/', '>'}, /* XML in BER */
	        {5, 0x0c, 0x03, 'a', '&', 'b'},      /* a text that is no XML */
	};
	uint8_t data[2 + 127];
	OCTET_STRING_t string = {0};
	unsigned pick = generate_below(making->generator, COUNT(vendors) + 2);

	if (making->generator->strict)
		pick = pick > 2 ? COUNT(vendors) : 1;
	if (pick < COUNT(vendors))
		return csta_octets_copy(making->arena, any, vendors[pick] + 1, vendors[pick][0]);
	do
		if (!make_octets(making, &string))
			return false;
	while (string.size > 127);
	data[0] = 0x04;
	data[1] = (uint8_t)string.size;
	if (string.size)
		memcpy(data + 2, string.buf, (size_t)string.size);
	return csta_octets_copy(making->arena, any, data, (size_t)string.size + 2);
}

static bool make_bits(struct making *making, const struct csta_layout *layout, BIT_STRING_t *bits)
{
	struct generator *generator = making->generator;
	unsigned named = layout->name_count ? layout->name_count : 20, count, end = 0;

	for (unsigned i = 0; i < layout->name_count; i++)
		if ((unsigned)layout->names[i].value >= end)
			end = (unsigned)layout->names[i].value + 1;
	count = generate_below(generator, (end ? end : named) + 1);
	if (!generator->standard && !generate_below(generator, 8))
		count += 11;
	if (!csta_bit_resize(making->arena, bits, count))
		return false;
	for (unsigned i = 0; i < count; i++)
		if (generate_below(generator, 2))
			csta_bit_set(making->arena, bits, i);
	return true;
}

static bool make_oid(struct making *making, OBJECT_IDENTIFIER_t *oid)
{
	static const uint8_t oids[][10] = {{6, 0x2b, 0x0c, 0x00, 0x81, 0x5a, 0x00},
	                                   {7, 0x2b, 0x0c, 0x00, 0x82, 0x1d, 0x81, 0x48},
	                                   {1, 0x51},
	                                   {6, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d}};
	const uint8_t *chosen = oids[generate_below(making->generator, COUNT(oids))];
	OCTET_STRING_t octets = {0};

	if (!csta_octets_copy(making->arena, &octets, chosen + 1, chosen[0]))
		return false;
	oid->buf = octets.buf;
	oid->size = octets.size;
	return true;
}

static bool make_time(struct making *making, OCTET_STRING_t *time)
{
	char text[32];
	int length = snprintf(text, sizeof(text), "202611220700%02u%s",
	                      generate_below(making->generator, 60),
	                      generate_below(making->generator, 2) ? "Z" : ".5+0800");

	return csta_octets_copy(making->arena, time, text, (size_t)length);
}

static bool make_value(struct making *making, const struct csta_layout *layout, void *value)
{
	struct generator *generator = making->generator;

	switch (layout->shape) {
	case CSTA_SEQUENCE:
		return make_sequence(making, layout, value);
	case CSTA_CHOICE:
		return make_choice(making, layout, value);
	case CSTA_LIST:
		return make_list(making, layout, value);
	case CSTA_INTEGER:
		*(long *)value = make_integer(generator);
		return true;
	case CSTA_ENUMERATED:
		*(long *)value = make_enumerated(generator, layout);
		return true;
	case CSTA_BOOLEAN:
		*(int *)value = (int)generate_below(generator, 2);
		return true;
	case CSTA_NULL:
		return true;
	case CSTA_OCTETS:
		if (layout->type == &asn_DEF_TimeInfo &&
		    (generator->standard || generate_below(generator, 2)))
			return make_time(making, value);
		return make_octets(making, value);
	case CSTA_TEXT:
		return make_text(making, layout, value);
	case CSTA_ANY:
		return make_any(making, value);
	case CSTA_BITS:
		return make_bits(making, layout, value);
	case CSTA_OID:
		return make_oid(making, value);
	}
	return false;
}

int generate_message(struct csta_message **out, struct generator *generator,
                     struct csta_codec *codec, const struct csta_type *type)
{
	static const uint32_t ids[] = {0,    1,     127,   128,   255,       256,
	                               9998, 32767, 32768, 65535, 0x7fffffff};
	struct csta_message *message = NULL;
	struct making making = {.generator = generator};
	int failure = csta_message_create(&message, codec, type, NULL);

	if (failure)
		return failure;
	making.arena = message->arena;
	generator->budget = LIST_BUDGET;
	if (type->kind != CSTA_ASSOCIATION && type->kind != CSTA_SESSION)
		message->invoke_id = ids[generate_below(generator, COUNT(ids))];
	if (type->kind == CSTA_REJECT && !generate_below(generator, 3))
		message->invoke_id = CSTA_NO_INVOKE_ID;
	if (type->kind == CSTA_EVENT) {
		message->monitor_length = 1 + generate_below(generator, CSTA_MONITOR_ID_MAX);
		for (size_t i = 0; i < message->monitor_length; i++)
			message->monitor[i] =
			        generator->standard ? (uint8_t)('0' + generate_below(generator, 10))
			                            : (uint8_t)generate_random(generator);
	}
	if (make_value(&making, csta_layout_of_type(type), message->value)) {
		*out = message;
		return 0;
	}
	failure = csta_message_nomem(message, NULL);
	csta_message_destroy(&message);
	return failure;
}
