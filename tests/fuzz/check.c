/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every message that was decoded, wherever it came from. */
#include "csta/codec.h"
#include "csta/event.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static const struct csta_type *asked; /* the request whose answer is decoded */

static const struct csta_type *pending(void *arg, uint32_t invoke_id)
{
	(void)arg;
	(void)invoke_id;
	return asked;
}

/* The encodings as one: edition 0 is BER, 1 JSON. */
static int encode(struct csta_codec *codec, const struct csta_message *message, unsigned edition,
                  struct csta_buffer *out, struct cti_error *error)
{
	return edition == 0   ? csta_encode_ber(codec, message, out, error)
	       : edition == 1 ? csta_encode_json(codec, message, out, error)
	                      : csta_encode_xml(codec, message, edition, out, error);
}

static int decode(struct csta_codec *codec, struct csta_message **out, unsigned edition,
                  const struct csta_buffer *from, struct cti_error *error)
{
	size_t used = from->length;
	int code = edition == 0 ? csta_decode_ber(out, codec, from->data, from->length, &used,
	                                          pending, NULL, error)
	           : edition == 1
	                   ? csta_decode_json(out, codec, from->data, from->length, error)
	                   : csta_decode_xml(out, codec, from->data, from->length, NULL, error);

	if (!code)
		fuzz_assert(used == from->length);
	return code;
}

static void show(const struct csta_message *message, const struct csta_buffer *encoded,
                 const char *what)
{
	struct csta_buffer tree = {0};

	csta_print_tree(message, true, &tree);
	if (encoded && encoded->length && *encoded->data == '<')
		fuzz_fail("%s\n%.*s%.*s", what, (int)tree.length, (char *)tree.data,
		          (int)encoded->length, (char *)encoded->data);
	fuzz_fail("%s\n%.*s", what, (int)tree.length, (char *)tree.data);
}

/*
 * What can be written can be read. What was read is written the same again. In BER and JSON it is
 * the same value as before; in XML, that it is so is the property test's, with the few exceptions.
 */
static void check_encoding(struct csta_codec *codec, const struct csta_message *message,
                           unsigned edition)
{
	struct csta_buffer first = {0}, second = {0};
	struct csta_message *again = NULL;
	struct cti_error error = {0};
	int code;

	fuzz_measure(codec);
	code = encode(codec, message, edition, &first, &error);
	fuzz_measured("encoding", message->arena->taken + first.length);
	if (code) {
		fuzz_check_error(code, &error);
		fuzz_assert(first.length == 0);
		csta_buffer_free(&first);
		return;
	}
	code = decode(codec, &again, edition, &first, &error);
	if (code == CTI_E_LIMIT) {
		csta_buffer_free(&first);
		return;
	}
	if (code)
		show(message, &first, error.text);
	if (edition < 2 &&
	    (!csta_message_equal(message, again) || !csta_message_equal(again, message)))
		show(message, &first, edition ? "another value after JSON" : "another after BER");
	code = encode(codec, again, edition, &second, &error);
	if (code)
		show(again, &first, error.text);
	if (first.length != second.length || memcmp(first.data, second.data, first.length)) {
		if (edition < 2)
			show(again, &first, "written otherwise the second time");
		csta_message_destroy(&again);
		code = decode(codec, &again, edition, &second, &error);
		if (code)
			show(message, &second, error.text);
		csta_buffer_clear(&first);
		code = encode(codec, again, edition, &first, &error);
		if (code || first.length != second.length ||
		    memcmp(first.data, second.data, first.length))
			show(again, &first, "XML does not come to rest");
	}
	csta_message_destroy(&again);
	csta_buffer_free(&first);
	csta_buffer_free(&second);
}

static void check_text(const struct csta_message *message)
{
	struct csta_buffer tree = {0};
	char line[512];

	for (size_t size = 1; size <= sizeof(line); size *= 8) {
		char *exact = malloc(size);

		fuzz_assert(exact);
		csta_describe(message, exact, size);
		fuzz_assert(memchr(exact, '\0', size));
		free(exact);
	}
	csta_describe(message, line, sizeof(line));
	fuzz_assert(!strpbrk(line, "\n\r\033"));
	for (int secrets = 0; secrets < 2; secrets++) {
		csta_buffer_clear(&tree);
		fuzz_assert(!csta_print_tree(message, secrets, &tree));
		fuzz_assert(tree.length && !memchr(tree.data, '\0', tree.length) &&
		            !memchr(tree.data, '\033', tree.length));
	}
	csta_buffer_free(&tree);
}

/* To the plain structs and back: what reads writes, and what was written reads. */
static void check_event(struct csta_codec *codec, const struct csta_message *message)
{
	struct csta_message *again = NULL;
	struct cti_error error = {0};
	struct cti_event event, second;
	int code = csta_event_read(message, &event, &error);

	if (!code)
		code = csta_event_write(&again, codec, &event, &error);
	if (code) {
		fuzz_check_error(code, &error);
		fuzz_assert(!again);
		return;
	}
	if (csta_event_read(again, &second, &error))
		show(again, NULL, error.text);
	fuzz_assert(event.type == second.type && event.item_count == second.item_count);
	csta_message_destroy(&again);
}

static void check_request(struct csta_codec *codec, const struct csta_message *message)
{
	struct csta_message *again = NULL;
	struct cti_error error = {0};
	struct cti_request request, second;
	int code = csta_request_read(message, &request, &error);

	if (!code)
		code = csta_request_write(&again, codec, &request, &error);
	if (code) {
		fuzz_check_error(code, &error);
		fuzz_assert(!again);
		return;
	}
	if (csta_request_read(again, &second, &error))
		show(again, NULL, error.text);
	fuzz_assert(request.service == second.service);
	csta_message_destroy(&again);
}

static void check_reply(struct csta_codec *codec, const struct csta_message *message,
                        enum cti_service service)
{
	struct csta_message *again = NULL;
	struct cti_error error = {0};
	const char *reference;
	struct cti_reply reply;
	bool last;
	int code;

	csta_snapshot_reference(message, service, &reply, &reference, NULL);
	csta_snapshot_segment_read(message, &reply, &reference, &last, NULL);
	code = csta_reply_read(message, service, &reply, &error);
	if (!code)
		code = csta_reply_write(&again, codec, service, &reply, &error);
	if (code)
		fuzz_check_error(code, &error);
	csta_message_destroy(&again);
}

void fuzz_check_message(struct csta_codec *codec, const struct csta_message *message)
{
	const struct csta_type *type = message->type;
	unsigned edition = CSTA_ED3 + (message->invoke_id + (unsigned)message->arena->taken) % 4;

	asked = type->operation < 0 ? NULL : csta_type_of_operation(type->operation, CSTA_REQUEST);
	fuzz_assert(csta_message_equal(message, message));
	check_text(message);
	if (type->encodings & CSTA_IN_BER)
		check_encoding(codec, message, 0);
	check_encoding(codec, message, 1);
	if (type->encodings & CSTA_IN_XML)
		check_encoding(codec, message, edition);
	switch (type->kind) {
	case CSTA_EVENT:
		check_event(codec, message);
		break;
	case CSTA_REQUEST:
		check_request(codec, message);
		check_reply(codec, message,
		            CTI_SERVICE_SNAPSHOT_DEVICE); /* segments are requests */
		break;
	case CSTA_RESPONSE:
	case CSTA_ERROR:
	case CSTA_REJECT:
		for (int service = 0; service < CTI_SERVICES_COUNT; service++)
			check_reply(codec, message, (enum cti_service)service);
		break;
	case CSTA_ASSOCIATION:
	case CSTA_SESSION:
		break;
	}
}
