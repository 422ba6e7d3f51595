/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON between clients and the server, both directions: as an event, a request, a reply and
 * attached data. What reads is written, and reads the same again.
 */
#include "sdk/wire.h"

#include "sdk/json_check.h"
#include "tests/fuzz/targets.h"

#include <stdlib.h>
#include <string.h>

static void texts_equal(struct cti_text *first, struct cti_text *second)
{
	fuzz_assert(!first->failed && !second->failed);
	if (first->length != second->length || memcmp(first->data, second->data, first->length))
		fuzz_fail("written otherwise the second time:\n%.*s\n%.*s", (int)first->length,
		          first->data, (int)second->length, second->data);
	cti_text_free(first);
	cti_text_free(second);
}

static void read_event(const char *json, size_t length)
{
	struct cti_text first = {0}, second = {0};
	struct cti_event *event = NULL, *again = NULL;
	struct cti_error error = {0};
	int code;

	fuzz_measure(NULL);
	code = cti_wire_event_read(&event, json, length, &error);
	fuzz_measured("reading an event", length);
	if (code) {
		fuzz_check_error(code, &error);
		fuzz_assert(!event);
		return;
	}
	fuzz_assert(!cti_wire_event_write(&first, event));
	if (cti_wire_event_read(&again, first.data, first.length, &error))
		fuzz_fail("%s:\n%.*s", error.text, (int)first.length, first.data);
	fuzz_assert(!cti_wire_event_write(&second, again));
	free(event);
	free(again);
	texts_equal(&first, &second);
}

static void read_request(const json_t *object)
{
	struct cti_text first = {0}, second = {0};
	struct cti_error error = {0};
	struct cti_request request, again;
	int code = cti_wire_request_read(&request, object, &error);
	json_t *other;

	if (code) {
		fuzz_check_error(code, &error);
		return;
	}
	code = cti_wire_request_write(&first, &request);
	fuzz_assert(!code);
	other = json_loadb(first.data, first.length, JSON_REJECT_DUPLICATES, NULL);
	if (!other || cti_wire_request_read(&again, other, &error))
		fuzz_fail("%s:\n%.*s", error.text, (int)first.length, first.data);
	fuzz_assert(!cti_wire_request_write(&second, &again));
	json_decref(other);
	texts_equal(&first, &second);
}

static void read_reply(const json_t *object)
{
	struct cti_text first = {0}, second = {0};
	struct cti_reply *reply = NULL, *again = NULL;
	struct cti_error error = {0};
	const char *id = NULL;
	int code = cti_wire_reply_read(&reply, &id, object, &error);
	json_t *other;

	if (code) {
		fuzz_check_error(code, &error);
		fuzz_assert(!reply);
		return;
	}
	fuzz_assert(!cti_wire_reply_write(&first, id, reply));
	other = json_loadb(first.data, first.length, 0, NULL);
	if (!other || cti_wire_reply_read(&again, &id, other, &error))
		fuzz_fail("%s:\n%.*s", error.text, (int)first.length, first.data);
	fuzz_assert(!cti_wire_reply_write(&second, id, again));
	json_decref(other);
	free(reply);
	free(again);
	texts_equal(&first, &second);
}

static void read_attached(const json_t *object)
{
	struct cti_text first = {0}, second = {0};
	struct cti_wire_attach *attach = NULL, *again = NULL;
	struct cti_error error = {0};
	int code = cti_wire_attach_read(&attach, object, &error);
	json_t *other;

	if (code) {
		fuzz_check_error(code, &error);
		fuzz_assert(!attach);
		return;
	}
	fuzz_assert(!cti_wire_attach_write(&first, attach));
	other = json_loadb(first.data, first.length, 0, NULL);
	if (!other || cti_wire_attach_read(&again, other, &error))
		fuzz_fail("%s:\n%.*s", error.text, (int)first.length, first.data);
	fuzz_assert(!cti_wire_attach_write(&second, again));
	json_decref(other);
	free(attach);
	free(again);
	texts_equal(&first, &second);
}

void run_wire(const uint8_t *data, size_t length)
{
	struct cti_error error = {0};
	json_t *object;

	read_event((const char *)data, length);
	if (cti_json_check((const char *)data, length, CTI_WIRE_DEPTH_MAX, &error)) {
		fuzz_check_error(error.code, &error);
		return;
	}
	fuzz_measure(NULL);
	object = json_loadb((const char *)data, length, JSON_REJECT_DUPLICATES, NULL);
	fuzz_measured("reading JSON", length);
	if (!json_is_object(object)) {
		json_decref(object);
		return;
	}
	read_request(object);
	read_reply(object);
	read_attached(object);
	json_decref(object);
}

/* ---- a level of an MQTT topic ------------------------------------------------------------------
 */

/* An id survives its way through a topic; any level, as it came, can be taken for one. */
void run_topic(const uint8_t *data, size_t length)
{
	struct cti_text level = {0};
	char *id = strndup((const char *)data, length), *other;

	fuzz_assert(id);
	cti_wire_topic_escape(&level, id);
	fuzz_assert(!level.failed && !strpbrk(level.data ? level.data : "", "/+#"));
	other = strdup(level.data ? level.data : "");
	fuzz_assert(other);
	cti_wire_topic_unescape(other);
	if (strcmp(id, other))
		fuzz_fail("%s: %s, %s", id, level.data, other);
	cti_wire_topic_unescape(id);
	fuzz_assert(strlen(id) <= length);
	free(id);
	free(other);
	cti_text_free(&level);
}
