/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/messages.h"

#include "tests/unit/test.h"

#include <stdio.h>
#include <string.h>

struct csta_codec *codec;
const struct csta_type *pending_type;

int codec_setup(void **state)
{
	struct cti_error error = {0};

	(void)state;
	if (csta_init(&error) || csta_codec_create(&codec, NULL, &error)) {
		print_error("%s\n", error.text);
		return -1;
	}
	return 0;
}

int codec_teardown(void **state)
{
	(void)state;
	csta_codec_destroy(&codec);
	return 0;
}

const struct csta_type *pending(void *arg, uint32_t invoke_id)
{
	(void)arg;
	(void)invoke_id;
	return pending_type;
}

size_t unhex(const char *hex, uint8_t *out, size_t size)
{
	size_t length = 0;

	for (; *hex; hex++) {
		unsigned octet;

		if (*hex == ' ')
			continue;
		assert_true(length < size);
		assert_int_equal(sscanf(hex++, "%2x", &octet), 1);
		out[length++] = (uint8_t)octet;
	}
	return length;
}

void fail_message(const struct csta_message *message, const char *what)
{
	struct csta_buffer text = {0};

	csta_print_tree(message, true, &text);
	print_error("%s\n%.*s", what, (int)text.length, (char *)text.data);
	csta_buffer_free(&text);
	fail();
}

void assert_text(const struct csta_buffer *buffer, const char *text)
{
	if (buffer->length != strlen(text) || memcmp(buffer->data, text, buffer->length) != 0)
		fail_msg("%.*s\nexpected\n%s", (int)buffer->length, (char *)buffer->data, text);
}
