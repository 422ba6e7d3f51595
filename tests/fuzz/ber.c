/* SPDX-License-Identifier: Apache-2.0 */
/* Octets as one BER APDU, alone and as answers to requests that are open. */
#include "tests/fuzz/targets.h"

#include <string.h>

/* Every invoke id is of some request. */
static const struct csta_type *any_request(void *arg, uint32_t invoke_id)
{
	(void)arg;
	for (size_t i = 0; i < csta_type_count; i++) {
		const struct csta_type *type = &csta_types[(invoke_id + i) % csta_type_count];

		if (type->kind == CSTA_REQUEST)
			return type;
	}
	return NULL;
}

/* Whether a request could make a difference. */
static bool decode(const uint8_t *data, size_t length, csta_pending *pending)
{
	bool answer;
	struct csta_codec *codec = fuzz_codec();
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	size_t used = 0;
	int code;

	fuzz_measure(codec);
	code = csta_decode_ber(&message, codec, data, length, &used, pending, NULL, &error);
	fuzz_measured("decoding BER", length);
	fuzz_assert(used <= length);
	if (code) {
		fuzz_check_error(code, &error);
		fuzz_assert(!message);
		return true;
	}
	fuzz_assert(used > 0);
	answer = message->type->kind == CSTA_RESPONSE;
	fuzz_check_message(codec, message);
	csta_message_destroy(&message);
	return answer;
}

void run_ber(const uint8_t *data, size_t length)
{
	if (decode(data, length, NULL))
		decode(data, length, any_request);
}
