/* SPDX-License-Identifier: Apache-2.0 */
/* One logical trace in three renderings: CSTA XML and BER frames, AMI text for the bridge. */
#include "bench.h"
#include "csta/csta.h"
#include "csta/event.h"
#include "csta/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STEPS 5

uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* xorshift64*: the trace must not depend on the C library. */
static uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dULL;
}

static const struct step {
	enum cti_event_type type;
	enum cti_connection_state state;
	const char *cause, *ami;
} steps[STEPS] = {
        {CTI_EVENT_CALL_DELIVERED, CTI_CONNECTION_ALERTING, "newCall", "Ringing"},
        {CTI_EVENT_CALL_ESTABLISHED, CTI_CONNECTION_CONNECTED, "newCall", "Up"},
        {CTI_EVENT_CALL_HELD, CTI_CONNECTION_HOLD, "normal", "Hold"},
        {CTI_EVENT_CALL_RETRIEVED, CTI_CONNECTION_CONNECTED, "normal", "Up"},
        {CTI_EVENT_CALL_CONNECTION_CLEARED, CTI_CONNECTION_NULL, "normalClearing", "Down"},
};

static const uint8_t blank_mark[MARK_DIGITS / 2] = {0xca, 0xfe};

struct numbers {
	char call[16], device[16], caller[24];
};

static struct cti_device device_of(const char *number)
{
	return (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = number};
}

static int render_csta(struct csta_codec *codec, enum wire_format format, const struct step *step,
                       const struct numbers *n, struct csta_buffer *out, struct cti_error *error)
{
	struct cti_event event;
	cti_event_init(&event, step->type);
	event.monitor = n->device;
	event.connection = (struct cti_connection){n->call, n->device, false, step->state};
	event.local_state = step->state;
	event.subject = device_of(n->device);
	event.cause = step->cause;
	event.correlator = (struct cti_octets){blank_mark, sizeof blank_mark};
	if (step->type == CTI_EVENT_CALL_DELIVERED || step->type == CTI_EVENT_CALL_ESTABLISHED) {
		event.calling = device_of(n->caller);
		event.called = device_of(n->device);
		event.last_redirection.status = CTI_DEVICE_NOT_REQUIRED;
	}
	struct csta_message *message = NULL;
	int code = csta_event_write(&message, codec, &event, error);
	if (code)
		return code;
	message->invoke_id = format == WIRE_XML ? CSTA_EVENT_INVOKE_ID : 1;
	enum csta_framing framing = format == WIRE_XML ? CSTA_FRAME_XML : CSTA_FRAME_LEN16;
	code = csta_frame_begin(framing, out);
	if (!code)
		code = format == WIRE_XML ? csta_encode_xml(codec, message, CSTA_ED6, out, error)
		                          : csta_encode_ber(codec, message, out, error);
	if (!code)
		code = csta_frame_end(framing, out, 0, CSTA_EVENT_INVOKE_ID, error);
	csta_message_destroy(&message);
	return code;
}

/* As Asterisk's manager writes it, with the marker as one more field. */
static int render_ami(const struct step *step, const struct numbers *n, struct csta_buffer *out)
{
	char text[768];
	int length = snprintf(
	        text, sizeof text,
	        "Event: Newstate\r\nPrivilege: call,all\r\nChannel: PJSIP/%s-%08lx\r\n"
	        "ChannelState: 5\r\nChannelStateDesc: %s\r\nCallerIDNum: %s\r\n"
	        "CallerIDName: <unknown>\r\nConnectedLineNum: %s\r\nConnectedLineName: Agent %s\r\n"
	        "Language: en\r\nAccountCode: \r\nContext: internal\r\nExten: %s\r\nPriority: 1\r\n"
	        "Uniqueid: 1732259999.%s\r\nLinkedid: 1732259999.%s\r\nCause: %s\r\n"
	        "Mark: " MARK_MAGIC "0000000000000000000000000000\r\n\r\n",
	        n->device, strtoul(n->call, NULL, 10), step->ami, n->caller, n->device, n->device,
	        n->device, n->call, n->call, step->cause);
	return csta_buffer_append(out, text, (size_t)length);
}

static int find_mark(enum wire_format format, struct frame *frame)
{
	const void *what = format == WIRE_BER ? (const void *)blank_mark : MARK_MAGIC "00000000";
	size_t size = format == WIRE_BER ? sizeof blank_mark : 12;
	const uint8_t *at = memmem(frame->bytes, frame->length, what, size);
	if (!at) /* hexadecimal in capitals */
		at = memmem(frame->bytes, frame->length, "CAFE00000000", 12);
	if (!at)
		return -1;
	frame->mark = (size_t)(at - frame->bytes);
	return 0;
}

int trace_build(struct trace *trace, enum wire_format format, size_t events, unsigned devices,
                uint64_t seed)
{
	struct cti_error error = {0};
	struct csta_codec *codec = NULL;
	*trace = (struct trace){.format = format, .frames = calloc(events, sizeof *trace->frames)};
	if (!trace->frames || csta_init(&error) || csta_codec_create(&codec, NULL, &error))
		goto fail;
	for (size_t i = 0; i < events; i++) {
		unsigned device = (unsigned)(i % devices);
		size_t call = i / devices / STEPS * devices + device;
		const struct step *step = &steps[i / devices % STEPS];
		struct numbers n;
		snprintf(n.call, sizeof n.call, "%zu", call + 1);
		snprintf(n.device, sizeof n.device, "%u", 20000 + device);
		uint64_t caller = (seed ^ call * 0x9e3779b97f4a7c15ULL) | 1;
		snprintf(n.caller, sizeof n.caller, "+86755%08u",
		         (unsigned)(random_next(&caller) % 100000000));
		struct csta_buffer out = {0};
		int code = format == WIRE_AMI ? render_ami(step, &n, &out)
		                              : render_csta(codec, format, step, &n, &out, &error);
		if (code)
			goto fail;
		trace->frames[i] = (struct frame){.bytes = out.data, .length = out.length};
		trace->count = i + 1;
		if (find_mark(format, &trace->frames[i])) {
			fprintf(stderr, "bench: no marker in frame %zu\n", i);
			goto fail;
		}
	}
	csta_codec_destroy(&codec);
	return 0;
fail:
	fprintf(stderr, "bench: trace: %s\n", error.text);
	csta_codec_destroy(&codec);
	trace_free(trace);
	return -1;
}

void trace_free(struct trace *trace)
{
	for (size_t i = 0; i < trace->count; i++)
		free(trace->frames[i].bytes);
	free(trace->frames);
	*trace = (struct trace){0};
}

void trace_stamp(struct trace *trace, size_t index, uint64_t number, uint64_t now)
{
	struct frame *frame = &trace->frames[index];
	uint8_t *at = frame->bytes + frame->mark;
	static const char digits[] = "0123456789abcdef";
	if (trace->format == WIRE_BER) {
		for (int i = 0; i < 6; i++)
			at[2 + i] = (uint8_t)(number >> (40 - 8 * i));
		for (int i = 0; i < 8; i++)
			at[8 + i] = (uint8_t)(now >> (56 - 8 * i));
		return;
	}
	for (int i = 0; i < 12; i++)
		at[4 + i] = (uint8_t)digits[number >> (44 - 4 * i) & 15];
	for (int i = 0; i < 16; i++)
		at[16 + i] = (uint8_t)digits[now >> (60 - 4 * i) & 15];
}
