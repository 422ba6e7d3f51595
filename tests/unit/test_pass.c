/* SPDX-License-Identifier: Apache-2.0 */
/* What the model does not know passes through whole: every message of the table, there and back. */
#include "csta/event.h"
#include "csta/pass.h"
#include "tests/support/generate.h"
#include "tests/support/messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Needs those before it. */
#include <cmocka.h>

static struct generator generator;

static void draw(struct csta_message **out, const struct csta_type *type)
{
	assert_int_equal(generate_message(out, &generator, codec, type), 0);
}

static void same_and_gone(struct csta_message **a, struct csta_message **b)
{
	assert_true(csta_message_equal(*a, *b));
	csta_message_destroy(a);
	csta_message_destroy(b);
}

static void test_every_request(void **state)
{
	struct csta_message *there, *back = NULL;
	struct cti_request request;
	struct cti_error error = {0};
	unsigned count = 0;

	(void)state;
	for (size_t row = 0; row < csta_type_count; row++) {
		if (csta_types[row].kind != CSTA_REQUEST)
			continue;
		draw(&there, &csta_types[row]);
		if (csta_pass_request_read(there, &request, &error))
			fail_msg("%s", error.text);
		assert_string_equal(request.element, csta_types[row].element);
		if (csta_pass_request_write(&back, codec, &request, &error))
			fail_msg("%s", error.text);
		back->invoke_id = there->invoke_id;
		same_and_gone(&there, &back);
		count++;
	}
	assert_true(count > 30);
}

static void test_every_event_and_answer(void **state)
{
	struct csta_message *there, *back = NULL;
	struct cti_event event;
	struct cti_reply reply;
	struct cti_error error = {0};

	(void)state;
	for (size_t row = 0; row < csta_type_count; row++) {
		const struct csta_type *type = &csta_types[row];
		const struct csta_type *answer =
		        type->kind == CSTA_REQUEST ? csta_type_of_response(type) : NULL;
		if (type->kind == CSTA_EVENT) {
			draw(&there, type);
			there->monitor_length = 1;
			there->monitor[0] = '7';
			if (csta_pass_event_read(there, &event, &error))
				fail_msg("%s", error.text);
			assert_int_equal(event.type, CTI_EVENT_CSTA);
			if (csta_event_write(&back, codec, &event, &error))
				fail_msg("%s", error.text);
			back->invoke_id = there->invoke_id;
			same_and_gone(&there, &back);
		}
		if (answer) {
			draw(&there, answer);
			if (csta_pass_reply_read(there, &reply, &error))
				fail_msg("%s", error.text);
			if (csta_pass_reply_write(&back, codec, type, &reply, &error))
				fail_msg("%s", error.text);
			back->invoke_id = there->invoke_id;
			same_and_gone(&there, &back);
		}
	}
}

static void request_is_refused(const char *element, const char *message, int code,
                               const char *words)
{
	struct csta_message *made = NULL;
	struct cti_request request;
	struct cti_error error = {0};

	cti_request_init(&request, CTI_SERVICE_OTHER);
	request.element = element;
	request.message = message;
	assert_int_equal(csta_pass_request_write(&made, codec, &request, &error), code);
	if (!strstr(error.text, words))
		fail_msg("'%s' does not say '%s'", error.text, words);
	assert_null(made);
}

static void test_what_is_wrong_is_said(void **state)
{
	(void)state;
	request_is_refused("MakeTea", NULL, CTI_E_UNSUPPORTED, "no service MakeTea");
	request_is_refused(NULL, NULL, CTI_E_UNSUPPORTED, "without a name");
	request_is_refused("DoNotDisturbEvent", NULL, CTI_E_UNSUPPORTED, "no service");
	request_is_refused("SetDoNotDisturb", "{", CTI_E_INVALID, "line 1");
	request_is_refused("SetDoNotDisturb", NULL, CTI_E_INVALID, "device");
	request_is_refused("SetDoNotDisturb", "{},\"invokeID\":1", CTI_E_INVALID, "device");
}

static void test_the_object_is_the_first_named(void **state)
{
	static const char json[] =
	        "{\"SingleStepTransferCall\":{\"activeCall\":{\"callID\":\"17\",\"deviceID\":{"
	        "\"staticID\":{\"deviceIdentifier\":{\"dialingNumber\":\"2001\"}}}},"
	        "\"transferredTo\":{\"deviceIdentifier\":{\"dialingNumber\":\"2002\"}}}}";
	struct csta_message *message = NULL;
	struct cti_connection connection;
	struct cti_device device;
	struct cti_error error = {0};

	(void)state;
	if (csta_decode_json(&message, codec, json, sizeof(json) - 1, &error))
		fail_msg("%s", error.text);
	assert_int_equal(csta_pass_object(message, &device, &connection, &error), 0);
	assert_string_equal(device.number, "2001");
	assert_string_equal(connection.call_id, "17");
	assert_string_equal(connection.device_id, "2001");
	csta_message_destroy(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_every_request),
	        cmocka_unit_test(test_every_event_and_answer),
	        cmocka_unit_test(test_what_is_wrong_is_said),
	        cmocka_unit_test(test_the_object_is_the_first_named),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, codec_setup, codec_teardown);
}
