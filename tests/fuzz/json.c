/* SPDX-License-Identifier: Apache-2.0 */
/* Octets as one message in JSON. */
#include "tests/fuzz/targets.h"

void run_json(const uint8_t *data, size_t length)
{
	struct csta_codec *codec = fuzz_codec();
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	int code;

	fuzz_measure(codec);
	code = csta_decode_json(&message, codec, data, length, &error);
	fuzz_measured("decoding JSON", length);
	if (code) {
		fuzz_check_error(code, &error);
		fuzz_assert(!message);
		return;
	}
	fuzz_check_message(codec, message);
	csta_message_destroy(&message);
}
