/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzzers begin with: messages of every row of the table, in all that a target reads. */
#include "csta/event.h"
#include "csta/frame.h"
#include "sdk/wire.h"
#include "tests/fuzz/targets.h"

#include <string.h>

#define EACH 4 /* of a row */

typedef void taker(void *arg, const void *data, size_t length);

/* Call @p use with messages of every row, the same ones each time. */
static void each(void (*use)(const struct csta_message *, taker *, void *), taker *take, void *arg)
{
	struct generator generator = {.state = 20261122};

	for (size_t row = 0; row < csta_type_count; row++)
		for (unsigned i = 0; i < EACH; i++) {
			struct csta_message *message = NULL;

			generator.how = i == 0   ? GENERATE_LEAST
			                : i == 1 ? GENERATE_ALL
			                         : GENERATE_SOME;
			generator.standard = i != 3;
			fuzz_assert(!generate_message(&message, &generator, fuzz_codec(),
			                              &csta_types[row]));
			use(message, take, arg);
			csta_message_destroy(&message);
		}
}

static void use_ber(const struct csta_message *message, taker *take, void *arg)
{
	struct csta_buffer out = {0};

	if (message->type->encodings & CSTA_IN_BER &&
	    !csta_encode_ber(fuzz_codec(), message, &out, NULL))
		take(arg, out.data, out.length);
	csta_buffer_free(&out);
}

void seed_ber(taker *take, void *arg)
{
	each(use_ber, take, arg);
}

static void use_xml(const struct csta_message *message, taker *take, void *arg)
{
	static unsigned turn;
	struct csta_buffer out = {0};

	if (message->type->encodings & CSTA_IN_XML &&
	    !csta_encode_xml(fuzz_codec(), message, CSTA_ED3 + turn++ % 4, &out, NULL))
		take(arg, out.data, out.length);
	csta_buffer_free(&out);
}

/* Documents that no generator makes, and that must not be more than they look. */
static const char *const documents[] = {
        "<?xml version='1.0' encoding='ISO-8859-1'?><SystemStatus/>",
        "<?xml version='1.0' encoding='UTF-16'?><SystemStatus/>",
        "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><SystemStatus>&b;</SystemStatus>",
        "<!DOCTYPE a SYSTEM 'http://127.0.0.1/a.dtd'><SystemStatus/>",
        "<!DOCTYPE a [<!ENTITY % b SYSTEM 'file:///a'>%b;]><SystemStatus/>",
        "<!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;&b;&b;'>]><SystemStatus>&c;</SystemStatus>",
        "<SystemStatus><xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='/etc/passwd'/>"
        "</SystemStatus>",
        "<?xml-stylesheet href='http://127.0.0.1/a.xsl'?><SystemStatus/>",
        "<p:SystemStatusResponse xmlns:p='urn:p'/>",
};

void seed_xml(taker *take, void *arg)
{
	each(use_xml, take, arg);
	for (size_t i = 0; i < sizeof(documents) / sizeof(*documents); i++)
		take(arg, documents[i], strlen(documents[i]));
}

static void use_json(const struct csta_message *message, taker *take, void *arg)
{
	struct csta_buffer out = {0};

	fuzz_assert(!csta_encode_json(fuzz_codec(), message, &out, NULL));
	take(arg, out.data, out.length);
	csta_buffer_free(&out);
}

void seed_json(taker *take, void *arg)
{
	each(use_json, take, arg);
}

/* Two frames of each framing. */
void seed_frame(taker *take, void *arg)
{
	static const uint8_t ber[] = {0xa1, 0x80, 2, 1,    1, 2, 2, 0,
	                              0xd3, 0x30, 3, 0x0a, 1, 2, 0, 0};
	static const uint8_t pieces[] = {0x26, 0, 2, 0xa1, 2, 0x26, 0x80, 2, 2, 0};
	static const char xml[] = "<SystemStatus/>";

	for (int framing = 0; framing <= CSTA_FRAME_TPKT; framing++) {
		const void *body = framing == CSTA_FRAME_XML ? (const void *)xml : ber;
		size_t length = framing == CSTA_FRAME_XML ? sizeof(xml) - 1 : sizeof(ber);
		struct csta_buffer out = {0};

		for (unsigned i = 0; i < 2; i++) {
			size_t start = out.length;

			fuzz_assert(!csta_frame_begin(framing, &out) &&
			            !csta_buffer_append(&out, body, length) &&
			            !csta_frame_end(framing, &out, start, i, NULL));
		}
		take(arg, out.data, out.length);
		csta_buffer_free(&out);
	}
	take(arg, pieces, sizeof(pieces));
}

/* As the SDK says the same things to clients and servers. */
static void use_wire(const struct csta_message *message, taker *take, void *arg)
{
	struct cti_text text = {0};
	struct cti_event event;
	struct cti_request request;
	struct cti_reply reply;
	struct cti_subject subject = {"device/2001", 41};
	int code = -1;

	if (!csta_event_read(message, &event, NULL)) {
		event.id = "7f3a91c2-1042", event.tenant = "acme", event.switch_name = "hq";
		event.epoch = "7f3a91c2", event.sequence = 1042, event.interaction_id = "01J0";
		event.subjects = &subject, event.subject_count = 1;
		code = cti_wire_event_write(&text, &event);
	} else if (!csta_request_read(message, &request, NULL)) {
		request.id = "r1", request.switch_name = "hq";
		code = cti_wire_request_write(&text, &request);
	} else {
		for (int service = 0; code && service < CTI_SERVICES_COUNT; service++)
			if (!csta_reply_read(message, service, &reply, NULL))
				code = cti_wire_reply_write(&text, "r1", &reply);
	}
	if (!code && text.length && !text.failed)
		take(arg, text.data, text.length);
	cti_text_free(&text);
}

void seed_wire(taker *take, void *arg)
{
	static const char attach[] =
	        "{\"id\":\"r2\",\"service\":\"AttachData\",\"switch\":\"hq\","
	        "\"interaction\":\"01J\",\"attached\":{\"customer\":\"4711\"}}";

	each(use_wire, take, arg);
	take(arg, attach, sizeof(attach) - 1);
}

void seed_topic(taker *take, void *arg)
{
	static const char *const levels[] = {"2001", "N%3C2001%3E", "a%2Fb%23", "%",
	                                     "%2",   "%00x",        "+",        "\xc3\xbc"};

	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++)
		take(arg, levels[i], strlen(levels[i]));
}
