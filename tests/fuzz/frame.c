/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Octets as a stream in each framing: whole or in pieces of any size, the same frames are cut, and
 * framing what was cut gives a frame that is cut the same again.
 */
#include "csta/frame.h"

#include "tests/fuzz/targets.h"

#include <stdlib.h>
#include <string.h>

#define FRAMINGS 5
#define LIMIT    65527

static void check_cut(enum csta_framing framing, const struct csta_frame *frame)
{
	struct csta_buffer out = {0}, scratch = {0};
	struct csta_frame again;
	struct cti_error error = {0};
	uint32_t id = framing == CSTA_FRAME_XML ? frame->invoke_id : CSTA_NO_INVOKE_ID;
	int code;

	fuzz_assert(frame->length && frame->length <= LIMIT);
	fuzz_assert(!csta_frame_begin(framing, &out));
	fuzz_assert(!csta_buffer_append(&out, frame->body, frame->length));
	code = csta_frame_end(framing, &out, 0, id, &error);
	if (code) /* a message that came in pieces can be longer than one */
		fuzz_assert(framing == CSTA_FRAME_HIPATH26 && frame->length > 0x7fff);
	else if (csta_frame_cut(&again, framing, out.data, out.length, LIMIT, &scratch, &error))
		fuzz_fail("%s: %s", csta_framing_name(framing), error.text);
	else
		fuzz_assert(again.total == out.length && again.length == frame->length &&
		            !memcmp(again.body, frame->body, frame->length) &&
		            again.invoke_id == id);
	csta_buffer_free(&out);
	csta_buffer_free(&scratch);
}

/* What is there of the stream grows; each piece stands in memory of its own size. */
static size_t cut_growing(enum csta_framing framing, const uint8_t *data, size_t length,
                          uint32_t chance, struct csta_frame *out, int *code)
{
	struct csta_buffer scratch = {0};
	size_t there = 0;

	for (;;) {
		uint8_t *piece = malloc(there ? there : 1);
		struct cti_error error = {0};

		fuzz_assert(piece);
		if (there)
			memcpy(piece, data, there);
		*code = csta_frame_cut(out, framing, piece, there, LIMIT, &scratch, &error);
		if (!*code)
			fuzz_assert(out->total <= there && out->length <= out->total);
		free(piece);
		out->body = NULL;
		if (*code != CTI_E_TRUNCATED || there == length)
			break;
		fuzz_assert(out->total > there);
		chance = chance * 1664525 + 1013904223;
		there += 1 + (chance >> 24) % (chance & 0x800 ? 4 : 200);
		if (there > length)
			there = length;
	}
	csta_buffer_free(&scratch);
	return there;
}

static void run_framing(enum csta_framing framing, const uint8_t *data, size_t length)
{
	struct csta_buffer scratch = {0};
	struct csta_frame frame, grown;
	struct cti_error error = {0};
	uint32_t chance = fuzz_hash(data, length);
	size_t at = 0;
	int code, other;

	for (unsigned frames = 0; frames < 16; frames++) {
		code = csta_frame_cut(&frame, framing, data + at, length - at, LIMIT, &scratch,
		                      &error);
		cut_growing(framing, data + at, length - at, chance, &grown, &other);
		if (code != other)
			fuzz_fail("%s: %d at once, %d in pieces", csta_framing_name(framing), code,
			          other);
		if (code) {
			if (code != CTI_E_TRUNCATED)
				fuzz_check_error(code, &error);
			break;
		}
		fuzz_assert(frame.total && frame.total <= length - at);
		fuzz_assert(frame.total == grown.total && frame.length == grown.length &&
		            frame.invoke_id == grown.invoke_id);
		check_cut(framing, &frame);
		at += frame.total;
	}
	csta_buffer_free(&scratch);
}

void run_frame(const uint8_t *data, size_t length)
{
	for (int framing = 0; framing < FRAMINGS; framing++) {
		size_t before = fuzz_blocks();

		run_framing((enum csta_framing)framing, data, length);
		fuzz_assert(fuzz_blocks() == before);
	}
}
