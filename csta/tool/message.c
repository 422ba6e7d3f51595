/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/frame.h"
#include "csta/private.h"
#include "csta/tool/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Requests that are remembered for their answers, at most: the oldest are forgotten. */
#define ASKED_MAX 4096

static int names_read(struct tool_decoder *decoder, struct cti_error *error)
{
	const struct tool_options *options = decoder->options;
	struct csta_buffer text = {0};
	int code = tool_file_read(options->names, &text, error);
	if (!code)
		code = csta_private_create(&decoder->names, error);
	if (!code)
		code = csta_private_read(decoder->names, (const char *)text.data, text.length,
		                         options->names, error);
	if (!code)
		code = csta_codec_names(decoder->codec, decoder->names, options->vendor, error);
	csta_buffer_free(&text);
	return code;
}

int tool_decoder_create(struct tool_decoder *decoder, const struct tool_options *options,
                        struct cti_error *error)
{
	/* A file may hold more than a link may carry. */
	struct csta_limits limits = {.pdu = 16u * 1024 * 1024, .elements = 1u << 20};
	*decoder = (struct tool_decoder){.options = options};
	decoder->asked = calloc(ASKED_MAX, sizeof *decoder->asked);
	decoder->asked_ids = calloc(ASKED_MAX, sizeof *decoder->asked_ids);
	if (!decoder->asked || !decoder->asked_ids)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	int code = csta_codec_create(&decoder->codec, &limits, error);
	return !code && options->names ? names_read(decoder, error) : code;
}

void tool_decoder_destroy(struct tool_decoder *decoder)
{
	csta_codec_destroy(&decoder->codec);
	csta_private_destroy(&decoder->names);
	csta_buffer_free(&decoder->joined);
	free(decoder->asked);
	free(decoder->asked_ids);
}

static void asked_put(struct tool_decoder *decoder, const struct csta_message *message)
{
	if (message->type->kind != CSTA_REQUEST || message->type->no_response)
		return;
	size_t place = decoder->asked_count++ % ASKED_MAX;
	decoder->asked[place] = message->type;
	decoder->asked_ids[place] = message->invoke_id;
}

/* The request of that id that was seen last; or the one that --operation names. */
static const struct csta_type *asked_get(void *arg, uint32_t invoke_id)
{
	struct tool_decoder *decoder = arg;
	const char *named = decoder->options->operation;
	if (named)
		return csta_type_of_element(named, strlen(named));
	for (size_t i = decoder->asked_count, seen = 0; i-- && seen < ASKED_MAX; seen++)
		if (decoder->asked_ids[i % ASKED_MAX] == invoke_id)
			return decoder->asked[i % ASKED_MAX];
	return NULL;
}

/* For a result of an id and nothing else: that of a service that has nothing to say. */
static const struct csta_type *any_empty(void *arg, uint32_t invoke_id)
{
	(void)arg, (void)invoke_id;
	return csta_type_of_element("AnswerCall", 10);
}

static bool is_empty_result(const struct tool_pdu *pdu)
{
	return pdu->length > 4 && pdu->body[0] == 0xA2 && pdu->body[1] < 0x80 &&
	       pdu->body[2] == 0x02 && pdu->body[1] == pdu->body[3] + 2;
}

static int ber_decode(struct csta_message **out, struct tool_decoder *decoder, struct tool_pdu *pdu,
                      struct cti_error *error)
{
	size_t used = 0;
	int code;
	decoder->phase = decoder->options->phase;
	csta_codec_set_phase(decoder->codec, decoder->phase);
	if (decoder->phase == CSTA_PHASE_AUTO)
		code = csta_decode_ber_any(out, decoder->codec, pdu->body, pdu->length, &used,
		                           asked_get, decoder, &decoder->phase, error);
	else
		code = csta_decode_ber(out, decoder->codec, pdu->body, pdu->length, &used,
		                       asked_get, decoder, error);
	if (code && !decoder->options->operation && is_empty_result(pdu) &&
	    !csta_decode_ber(out, decoder->codec, pdu->body, pdu->length, &used, any_empty, NULL,
	                     NULL)) {
		strcpy(pdu->deviation, "guessed: a result without its operation; AnswerCall stands "
		                       "for any service that returns nothing (--operation)");
		return CTI_OK;
	}
	return code;
}

int tool_decode(struct csta_message **out, struct tool_decoder *decoder, struct tool_pdu *pdu,
                struct cti_error *error)
{
	int code = CTI_OK;
	decoder->edition = 0;
	decoder->phase = CSTA_PHASE_AUTO;
	switch (pdu->encoding) {
	case TOOL_BER:
		code = ber_decode(out, decoder, pdu, error);
		break;
	case TOOL_XML:
		code = csta_decode_xml(out, decoder->codec, pdu->body, pdu->length,
		                       &decoder->edition, error);
		if (!code)
			(*out)->invoke_id = pdu->invoke_id;
		break;
	case TOOL_JSON:
	case TOOL_AUTO:
		code = csta_decode_json(out, decoder->codec, pdu->body, pdu->length, error);
		break;
	}
	if (!code)
		asked_put(decoder, *out);
	return code;
}

int tool_encode(struct tool_decoder *decoder, struct csta_message *message, struct csta_buffer *out,
                struct cti_error *error)
{
	const struct tool_options *options = decoder->options;
	unsigned edition = options->edition   ? options->edition
	                   : decoder->edition ? decoder->edition
	                                      : CSTA_ED4;
	bool framed = options->out_frame >= 0;
	bool event = message->type->kind == CSTA_EVENT;
	enum csta_framing framing =
	        framed ? (enum csta_framing)options->out_frame : CSTA_FRAME_BARE;
	size_t start = out->length;
	int code = CTI_OK;
	if (options->invoke_id >= 0)
		message->invoke_id = (uint32_t)options->invoke_id;
	/* A bare XML document has no invoke id, where BER and frames cannot do without. */
	bool wanted = options->to == TOOL_BER || framed;
	bool reject = message->type->kind == CSTA_REJECT || message->type->kind == CSTA_ASSOCIATION;
	if (wanted && message->invoke_id == CSTA_NO_INVOKE_ID && !reject)
		message->invoke_id = event ? CSTA_EVENT_INVOKE_ID : 1;
	if (framed && framing == CSTA_FRAME_XML && event)
		message->invoke_id = CSTA_EVENT_INVOKE_ID;
	if (framed && csta_frame_begin(framing, out))
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	switch (options->to) {
	case TOOL_BER:
		csta_codec_set_phase(decoder->codec, options->to_phase);
		code = csta_encode_ber(decoder->codec, message, out, error);
		if (!code && csta_codec_lost(decoder->codec)[0])
			fprintf(stderr, "csta: %s: not in that phase: %s\n", message->type->element,
			        csta_codec_lost(decoder->codec));
		break;
	case TOOL_XML:
		code = csta_encode_xml(decoder->codec, message, (enum csta_edition)edition, out,
		                       error);
		break;
	case TOOL_JSON:
	case TOOL_AUTO:
		code = csta_encode_json(decoder->codec, message, out, error);
		break;
	}
	if (!code && framed)
		code = csta_frame_end(framing, out, start, message->invoke_id, error);
	return code;
}
