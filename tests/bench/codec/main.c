/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec rounds N         N interleaved rounds of all cases: nanoseconds of CPU an operation
 * codec repeat NAME N    one case N times, for callgrind to count in repeat()
 * codec names            all cases
 * tests/bench/codec/run strings them together.
 */
#include "codec.h"
#include "csta/event.h"
#include "csta/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH_NS 20000000u /* one case in one round */

static const char document[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><EstablishedEvent "
        "xmlns=\"http://www.ecma-international.org/standards/ecma-323/csta/ed6\">"
        "<monitorCrossRefID>1042</monitorCrossRefID>"
        "<establishedConnection><callID>20417</callID><deviceID>sip:2003@pbx.local</deviceID>"
        "</establishedConnection>"
        "<answeringDevice><deviceIdentifier>sip:2003@pbx.local</deviceIdentifier>"
        "</answeringDevice>"
        "<callingDevice><deviceIdentifier typeOfNumber=\"explicitPublic:international\">"
        "4989722012345</deviceIdentifier></callingDevice>"
        "<calledDevice><deviceIdentifier>sip:3000@pbx.local</deviceIdentifier></calledDevice>"
        "<lastRedirectionDevice><numberDialed>sip:3000@pbx.local</numberDialed>"
        "</lastRedirectionDevice>"
        "<localConnectionInfo>connected</localConnectionInfo>"
        "<correlatorData><string>CAFE000000000412</string></correlatorData>"
        "<cause>newCall</cause>"
        "<callCharacteristics><acdCall>true</acdCall></callCharacteristics>"
        "</EstablishedEvent>";

static struct csta_codec *codec;
static struct csta_message *message;
static struct csta_buffer xml, ber, json, framed, out;
static struct cti_event event;

static _Noreturn void fail(const char *what, const struct cti_error *error)
{
	fprintf(stderr, "codec: %s%s%s\n", what, error ? ": " : "", error ? error->text : "");
	exit(1);
}

/* ---- ours ----------------------------------------------------------------------------------- */

static void check(int code, const char *what, const struct cti_error *error)
{
	if (code)
		fail(what, error);
}

static void xml_decode(void)
{
	struct csta_message *got = NULL;
	struct cti_error error = {0};

	check(csta_decode_xml(&got, codec, xml.data, xml.length, NULL, &error), "XML", &error);
	csta_message_destroy(&got);
}

static void xml_encode(void)
{
	struct cti_error error = {0};

	csta_buffer_clear(&out);
	check(csta_encode_xml(codec, message, CSTA_ED6, &out, &error), "XML", &error);
}

static void ber_decode_ours(void)
{
	struct csta_message *got = NULL;
	struct cti_error error = {0};
	size_t used;

	check(csta_decode_ber(&got, codec, ber.data, ber.length, &used, NULL, NULL, &error), "BER",
	      &error);
	csta_message_destroy(&got);
}

static void ber_encode_ours(void)
{
	struct cti_error error = {0};

	csta_buffer_clear(&out);
	check(csta_encode_ber(codec, message, &out, &error), "BER", &error);
}

static void json_encode(void)
{
	struct cti_error error = {0};

	csta_buffer_clear(&out);
	check(csta_encode_json(codec, message, &out, &error), "JSON", &error);
}

static void json_decode(void)
{
	struct csta_message *got = NULL;
	struct cti_error error = {0};

	check(csta_decode_json(&got, codec, json.data, json.length, &error), "JSON", &error);
	csta_message_destroy(&got);
}

/* The struct's memory is the message's: one message each. */
static void ber_decode_event(void)
{
	struct csta_message *got = NULL;
	struct cti_event to;
	struct cti_error error = {0};
	size_t used;

	check(csta_decode_ber(&got, codec, ber.data, ber.length, &used, NULL, NULL, &error), "BER",
	      &error);
	check(csta_event_read(got, &to, &error), "event", &error);
	csta_message_destroy(&got);
}

static void event_write(void)
{
	struct csta_message *made = NULL;
	struct cti_error error = {0};

	check(csta_event_write(&made, codec, &event, &error), "event", &error);
	csta_message_destroy(&made);
}

static void frame_cut(void)
{
	struct csta_frame frame;
	struct cti_error error = {0};

	check(csta_frame_cut(&frame, CSTA_FRAME_XML, framed.data, framed.length, 65535, &out,
	                     &error),
	      "frame", &error);
}

static const struct bench_case {
	const char *name;
	void (*run)(void);
} cases[] = {
        {"xml-decode", xml_decode},
        {"sax-decode", peer_sax_decode},
        {"xml-encode", xml_encode},
        {"writer-encode", peer_writer_encode},
        {"ber-decode", ber_decode_ours},
        {"asn1c-decode", peer_asn1c_decode},
        {"asn1c-decode-report", peer_asn1c_decode_report},
        {"ber-encode", ber_encode_ours},
        {"asn1c-encode", peer_asn1c_encode},
        {"asn1c-encode-report", peer_asn1c_encode_report},
        {"json-encode", json_encode},
        {"jansson-encode", peer_jansson_encode},
        {"json-decode", json_decode},
        {"ber-decode+event", ber_decode_event},
        {"event-write", event_write},
        {"frame-cut", frame_cut},
};
#define CASES (sizeof(cases) / sizeof(*cases))

/* ---- measuring ------------------------------------------------------------------------------ */

/* The function that callgrind counts in. */
static __attribute__((noinline)) void repeat(void (*run)(void), unsigned times)
{
	while (times--)
		run();
}

/* Of this thread: what else the machine does counts little. */
static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static double batch(void (*run)(void), unsigned times)
{
	uint64_t from = cpu_ns();

	repeat(run, times);
	return (double)(cpu_ns() - from) / times;
}

static void rounds(unsigned count)
{
	unsigned times[CASES];

	for (size_t i = 0; i < CASES; i++) {
		batch(cases[i].run, 1000);
		times[i] = (unsigned)(BATCH_NS / batch(cases[i].run, 1000)) + 1;
	}
	printf("sizes ber=%zu xml=%zu json=%zu\n", ber.length, xml.length, json.length);
	for (unsigned round = 1; round <= count; round++) {
		printf("# round %u\n", round);
		for (size_t i = 0; i < CASES; i++)
			printf("%s ns=%.1f\n", cases[i].name, batch(cases[i].run, times[i]));
	}
}

static void prepare(void)
{
	struct cti_error error = {0};
	size_t start = 0;

	check(csta_init(&error), "init", &error);
	check(csta_codec_create(&codec, NULL, &error), "codec", &error);
	check(csta_decode_xml(&message, codec, document, strlen(document), NULL, &error), "XML",
	      &error);
	message->invoke_id = 1042;
	check(csta_encode_xml(codec, message, CSTA_ED6, &xml, &error), "XML", &error);
	check(csta_encode_ber(codec, message, &ber, &error), "BER", &error);
	check(csta_encode_json(codec, message, &json, &error), "JSON", &error);
	check(csta_event_read(message, &event, &error), "event", &error);
	check(csta_frame_begin(CSTA_FRAME_XML, &framed), "frame", NULL);
	check(csta_buffer_append(&framed, xml.data, xml.length), "frame", NULL);
	check(csta_frame_end(CSTA_FRAME_XML, &framed, start, CSTA_EVENT_INVOKE_ID, &error), "frame",
	      &error);
	if (xml.length != strlen(document) || memcmp(xml.data, document, xml.length))
		fail("XML changed", NULL);
	if (!peer_sax_prepare((struct sample){xml.data, xml.length}))
		fail("libxml2's parser finds other fields", NULL);
	if (!peer_writer_prepare((struct sample){xml.data, xml.length}))
		fail("xmlTextWriter writes another document", NULL);
	if (!peer_asn1c_prepare((struct sample){ber.data, ber.length}))
		fail("asn1c makes other octets", NULL);
	if (!peer_jansson_prepare((struct sample){json.data, json.length}))
		fail("jansson writes other text", NULL);
}

int main(int argc, char **argv)
{
	prepare();
	if (argc == 3 && !strcmp(argv[1], "rounds")) {
		rounds((unsigned)atoi(argv[2]));
		return 0;
	}
	for (size_t i = 0; i < CASES; i++) {
		if (argc == 2 && !strcmp(argv[1], "names"))
			puts(cases[i].name);
		else if (argc == 4 && !strcmp(argv[2], cases[i].name)) {
			cases[i].run(); /* what is made once */
			repeat(cases[i].run, (unsigned)atoi(argv[3]));
		}
	}
	return 0;
}
