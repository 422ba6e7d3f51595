/* SPDX-License-Identifier: Apache-2.0 */
/* Octets as private data: BER elements, or XML, which each encoding carries whole. */
#include "csta/tlv.h"
#include "csta/walk.h"
#include "csta/xml_state.h"
#include "tests/fuzz/targets.h"

#include <EscapeArgument.h>
#include <string.h>

static void as_xml(struct csta_codec *codec, const uint8_t *data, size_t length)
{
	struct csta_buffer tlvs = {0};
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	enum xml_raw_state state;
	int count;

	fuzz_measure(codec);
	state = xml_raw_check(codec, (const char *)data, length);
	fuzz_measured("checking XML", length);
	fuzz_assert(state != XML_RAW_NO_MEMORY);
	/* Whatever it is, what is written for it reads. */
	count = xml_any_from_raw((const char *)data, length, &tlvs);
	fuzz_assert(count >= 0);
	fuzz_assert(
	        !csta_message_create(&message, codec, csta_type_of_element("Escape", 6), &error));
	message->invoke_id = 1;
	fuzz_assert(csta_octets_copy(
	        message->arena,
	        (OCTET_STRING_t *)&((EscapeArgument_t *)message->value)->privateData, tlvs.data,
	        tlvs.length));
	if (count == 1)
		fuzz_check_message(codec, message);
	csta_message_destroy(&message);
	csta_buffer_free(&tlvs);
}

static void as_ber(struct csta_codec *codec, const uint8_t *data, size_t length)
{
	const struct csta_limits limits = {65527, 30, 4096, 0};
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	const uint8_t *content;
	size_t size, content_length, whole;
	uint8_t tag;

	whole = xml_any_next(data, length, &tag, &content, &content_length);
	fuzz_assert(whole <= length);
	if (tlv_check(data, length, &limits, &size, &error))
		return;
	fuzz_assert(whole == size);
	fuzz_assert(
	        !csta_message_create(&message, codec, csta_type_of_element("Escape", 6), &error));
	message->invoke_id = 1;
	fuzz_assert(csta_octets_copy(
	        message->arena,
	        (OCTET_STRING_t *)&((EscapeArgument_t *)message->value)->privateData, data, size));
	fuzz_check_message(codec, message);
	csta_message_destroy(&message);
}

void run_private(const uint8_t *data, size_t length)
{
	as_xml(fuzz_codec(), data, length);
	as_ber(fuzz_codec(), data, length);
}

size_t mutate_private(uint8_t *data, size_t length, size_t size, struct generator *chance)
{
	return (length && *data == '<' ? mutate_xml : mutate_ber)(data, length, size, chance);
}

void seed_private(void (*take)(void *, const void *, size_t), void *arg)
{
	static const char *const xml[] = {
	        "<a/>",
	        "<v:a xmlns:v='urn:v' v:b='1'><v:c xmlns='urn:d'><e/></v:c></v:a><a/>",
	        "<a b='&amp;&lt;&#10;'>x<b/>y</a>",
	        "text",
	        "&amp;",
	        "<ber xmlns=\"urn:ietf:params:xml:ns:cti:ber\">A105A0030A0105</ber>",
	        "<ber xmlns=\"urn:ietf:params:xml:ns:cti:ber\">0500</ber>"
	        "<ber xmlns=\"urn:ietf:params:xml:ns:cti:ber\">30800500 0000</ber>",
	        "<ber xmlns=\"urn:ietf:params:xml:ns:cti:ber\"/>"};
	static const uint8_t ber[][14] = {
	        {12, 0xa4, 0x0b, 0xa0, 0x09, 0xa4, 0x07, 0xa1, 0x05, 0xa0, 0x03, 0x0a, 0x01},
	        {6, 0x04, 0x04, 'a', 'b', 'c', 'd'},
	        {6, 0x30, 0x80, 0x05, 0x00, 0x00, 0x00},
	        {6, 0x0c, 0x04, '<', 'a', '/', '>'},
	        {4, 0x9f, 0x81, 0x01, 0x00}};

	for (size_t i = 0; i < sizeof(xml) / sizeof(*xml); i++)
		take(arg, xml[i], strlen(xml[i]));
	for (size_t i = 0; i < sizeof(ber) / sizeof(*ber); i++)
		take(arg, ber[i] + 1, ber[i][0]);
}
