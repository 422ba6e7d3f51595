/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Octets as one APDU of CSTA Phase I and of Phase II, and of whichever phase they fit. What decodes
 * without loss is written in its phase again, and is the same message then.
 */
#include "csta/codec.h"
#include "tests/fuzz/targets.h"

#include <string.h>

static struct csta_codec *codec_of(enum csta_phase phase)
{
	static struct csta_codec *codecs[CSTA_PHASE_3 + 1];

	if (!codecs[phase]) {
		fuzz_assert(!csta_codec_create(&codecs[phase], NULL, NULL));
		csta_codec_set_phase(codecs[phase], phase);
	}
	return codecs[phase];
}

/* Every invoke id is of some request that the phase has. */
static const struct csta_type *any_request(void *arg, uint32_t invoke_id)
{
	const enum csta_phase *phase = arg;

	for (size_t i = 0; i < csta_type_count; i++) {
		const struct csta_type *type = &csta_types[(invoke_id + i) % csta_type_count];

		if (type->kind == CSTA_REQUEST && csta_type_phases(type) & 1u << *phase)
			return type;
	}
	return NULL;
}

static void check_again(struct csta_codec *codec, const struct csta_message *message,
                        enum csta_phase phase)
{
	struct csta_message *again = NULL;
	struct csta_buffer out = {0};
	struct cti_error error = {0};
	size_t used;
	int code = csta_encode_ber(codec, message, &out, &error);

	if (code) {
		fuzz_check_error(code, &error);
	} else if (!*csta_codec_lost(codec)) {
		code = csta_decode_ber(&again, codec, out.data, out.length, &used, any_request,
		                       &phase, &error);
		/* An answer may have been another request's. */
		if (code && message->type->kind != CSTA_RESPONSE)
			fuzz_fail("%s: written, but not read: %s", message->type->element,
			          error.text);
		if (!code)
			fuzz_check_message(fuzz_codec(), again);
		csta_message_destroy(&again);
	}
	csta_buffer_free(&out);
}

static void decode(const uint8_t *data, size_t length, enum csta_phase phase)
{
	struct csta_codec *codec = codec_of(phase);
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	size_t used = 0;
	int code;

	fuzz_measure(codec);
	code = csta_decode_ber(&message, codec, data, length, &used, any_request, &phase, &error);
	fuzz_measured("decoding BER of another phase", length);
	fuzz_assert(used <= length && strlen(csta_codec_lost(codec)) < sizeof(codec->lost));
	if (code) {
		fuzz_check_error(code, &error);
		fuzz_assert(!message);
		return;
	}
	fuzz_check_message(fuzz_codec(), message);
	check_again(codec, message, phase);
	csta_message_destroy(&message);
}

void run_dialect(const uint8_t *data, size_t length)
{
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	enum csta_phase phase = CSTA_PHASE_3, found = CSTA_PHASE_AUTO;
	size_t used;
	int code;

	decode(data, length, CSTA_PHASE_1);
	decode(data, length, CSTA_PHASE_2);
	code = csta_decode_ber_any(&message, fuzz_codec(), data, length, &used, any_request, &phase,
	                           &found, &error);
	fuzz_assert(csta_codec_phase(fuzz_codec()) == CSTA_PHASE_3);
	if (code)
		fuzz_check_error(code, &error);
	else
		fuzz_assert(message && found >= CSTA_PHASE_1 && found <= CSTA_PHASE_3);
	csta_message_destroy(&message);
}

/* What the phases have, in their words. */
void seed_dialect(void (*take)(void *, const void *, size_t), void *arg)
{
	struct generator generator = {.state = 180};

	for (size_t row = 0; row < csta_type_count; row++)
		for (unsigned i = 0; i < 12; i++) {
			enum csta_phase phase = i % 2 ? CSTA_PHASE_1 : CSTA_PHASE_2;
			struct csta_message *message = NULL;
			struct csta_buffer out = {0};

			if (!(csta_type_phases(&csta_types[row]) & 1u << phase))
				continue;
			generator.how = (enum generate_how)(i / 2 % 3);
			generator.standard = i % 4 < 2;
			fuzz_assert(!generate_message(&message, &generator, codec_of(phase),
			                              &csta_types[row]));
			if (!csta_encode_ber(codec_of(phase), message, &out, NULL))
				take(arg, out.data, out.length);
			csta_message_destroy(&message);
			csta_buffer_free(&out);
		}
}
