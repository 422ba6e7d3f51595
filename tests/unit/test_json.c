/* SPDX-License-Identifier: Apache-2.0 */
/* JSON, the one-line description and the tree: shapes, refusals, masks. */
#include "csta/codec.h"
#include "test.h"
#include "tests/support/messages.h"

#include <MonitorStartArgument.h>
#include <SetAgentStateArgument.h>
#include <string.h>

static struct csta_message *decode(const char *json)
{
	struct csta_message *message = NULL;
	struct cti_error error = {0};

	if (csta_decode_json(&message, codec, json, strlen(json), &error))
		fail_msg("%s: %s", json, error.text);
	return message;
}

/* It is read, and written as it was. */
static void assert_json(const char *json)
{
	struct csta_message *message = decode(json);
	struct csta_buffer out = {0};

	assert_int_equal(csta_encode_json(codec, message, &out, NULL), 0);
	assert_text(&out, json);
	csta_buffer_free(&out);
	csta_message_destroy(&message);
}

static void assert_refused(const char *json, const char *text)
{
	struct csta_message *message = NULL;
	struct cti_error error = {0};

	assert_int_equal(csta_decode_json(&message, codec, json, strlen(json), &error),
	                 CTI_E_INVALID);
	assert_null(message);
	assert_string_equal(error.text, text);
}

#define DEVICE(number) "{\"deviceIdentifier\":{\"dialingNumber\":\"" number "\"}}"

static const char delivered[] =
        "{\"DeliveredEvent\":{"
        "\"connection\":{\"callID\":\"17\",\"deviceID\":{\"staticID\":" DEVICE(
                "2003") "}},"
                        "\"alertingDevice\":{\"deviceIdentifier\":" DEVICE(
                                "2003") "},"
                                        "\"callingDevice\":{\"restricted\":null},"
                                        "\"calledDevice\":{\"deviceIdentifier\":" DEVICE(
                                                "3000") "},"
                                                        "\"lastRedirectionDevice\":{"
                                                        "\"numberDialed\":" DEVICE(
                                                                "3000") "},"
                                                                        "\"originatingNIDConnection"
                                                                        "\":{\"deviceID\":{"
                                                                        "\"dynamicID\":{\"hex\":"
                                                                        "\"00ff\"}}},"
                                                                        "\"localConnectionInfo\":"
                                                                        "\"alerting\","
                                                                        "\"userData\":\"customer "
                                                                        "\\\"4711\\\"\","
                                                                        "\"cause\":\"newCall\","
                                                                        "\"callCharacteristics\":{"
                                                                        "\"acdCall\":true,"
                                                                        "\"priorityCall\":false},"
                                                                        "\"extensions\":{"
                                                                        "\"privateData\":[{\"hex\":"
                                                                        "\"a603020107\"}]}"
                                                                        "},\"invokeID\":9,"
                                                                        "\"monitorCrossRefID\":"
                                                                        "\"42\"}";

static void test_shapes(void **state)
{
	(void)state;
	assert_json(delivered);
	assert_json("{\"HoldCallResponse\":null,\"invokeID\":1}");
	assert_json("{\"HoldCallResponse\":{\"noData\":null},\"invokeID\":1}");
	assert_json("{\"Reject\":{\"invoke\":\"unrecognizedOperation\"}}");
	assert_json("{\"CSTAErrorCode\":{\"systemResourceAvailibility\":\"resourceBusy\"},"
	            "\"invokeID\":3}");
	assert_json("{\"CSTAErrorCode\":{\"unspecified\":null},\"invokeID\":3}");
	/* A cause that the standard does not have, bits beyond those with names. */
	assert_json("{\"BackInServiceEvent\":{\"device\":{\"notKnown\":null},\"cause\":4711},"
	            "\"invokeID\":9,\"monitorCrossRefID\":{\"hex\":\"0080\"}}");
	assert_json("{\"SystemRegister\":{\"requestTypes\":{\"systemStatus\":true,"
	            "\"requestSystemStatus\":false,\"switchingFunctionCapsChanged\":false,"
	            "\"switchingFunctionDevicesChanged\":false,\"4\":true}},\"invokeID\":2}");
	assert_json("{\"AARQ\":{\"aSO-context-name\":\"1.3.12.0.218\"}}");
	assert_json("{\"AARQ\":{\"aSO-context-name\":\"2.9223372036854775727\"}}");
	assert_json("{\"AARQ\":{\"aSO-context-name\":\"1.3.9223372036854775807\"}}");
	assert_json("{\"StartApplicationSession\":{\"applicationInfo\":{\"applicationID\":\"cti\","
	            "\"applicationSpecificInfo\":\"\\u000a<a>Z\xc3\xbcrich</a>\"},"
	            "\"requestedProtocolVersions\":[\"http://a\",\"http://b\"],"
	            "\"requestedSessionDuration\":180}}");
}

/* Members may come in any order; XML's names, not ASN.1's. */
static void test_order_and_names(void **state)
{
	struct csta_message *message =
	        decode("{\"invokeID\":5,\"MonitorStart\":{\"monitorType\":\"device\","
	               "\"requestedMonitorFilter\":{\"voice\":{\"play\":true}},"
	               "\"monitorObject\":{\"deviceObject\":" DEVICE("1") "}}}");
	const MonitorStartArgument_t *start = message->value;

	(void)state;
	assert_int_equal(message->invoke_id, 5);
	assert_int_equal(*start->monitorType, MonitorType_device);
	/* play is bit 1: two bits, the second set. */
	assert_int_equal(start->requestedMonitorFilter->voiceUnit->size, 1);
	assert_int_equal(start->requestedMonitorFilter->voiceUnit->bits_unused, 6);
	assert_int_equal(start->requestedMonitorFilter->voiceUnit->buf[0], 0x40);
	csta_message_destroy(&message);
	assert_json("{\"TransferedEvent\":{"
	            "\"primaryOldCall\":{\"callID\":\"1\"},"
	            "\"transferringDevice\":{\"notKnown\":null},"
	            "\"transferredToDevice\":{\"notKnown\":null},"
	            "\"transferredConnections\":[{\"oldConnection\":{\"callID\":\"1\"},"
	            "\"endpoint\":{\"restricted\":null}}],\"cause\":\"transfer\"},"
	            "\"invokeID\":9,\"monitorCrossRefID\":\"1\"}");
}

static void test_refusals(void **state)
{
	(void)state;
	assert_refused("{", "line 1, column 1: string or '}' expected near end of file");
	assert_refused("[]", "an array, expected an object");
	assert_refused("{}", "no message in the object");
	assert_refused("{\"MakeCal\":{}}", "MakeCal: no such message");
	assert_refused("{\"HoldCallResponse\":null,\"ClearCallResponse\":null}",
	               "ClearCallResponse: a second message");
	assert_refused("{\"SystemStatus\":{},\"invokeID\":1}",
	               "SystemStatus: it is missing, expected systemStatus");
	assert_refused("{\"SystemStatus\":{\"systemStatus\":\"norma\"}}",
	               "SystemStatus systemStatus: norma, expected a name that there is");
	assert_refused("{\"SystemStatus\":{\"systemStatus\":\"normal\",\"x\":1}}",
	               "SystemStatus: x, expected no such field");
	assert_refused("{\"SystemStatus\":{\"systemStatus\":\"normal\"},\"invokeID\":-1}",
	               "SystemStatus invokeID: a number, expected a number from 0 to 4294967294");
	assert_refused(
	        "{\"SystemStatus\":{\"systemStatus\":\"normal\"},\"monitorCrossRefID\":\"1\"}",
	        "SystemStatus monitorCrossRefID: it is there, expected it with events only");
	assert_refused(
	        "{\"BackInServiceEvent\":{\"device\":{\"notKnown\":null}}}",
	        "BackInServiceEvent monitorCrossRefID: it is missing, expected it with an event");
	assert_refused("{\"ClearCall\":{\"callToBeCleared\":{\"call\":\"1\"}}}",
	               "ClearCall callToBeCleared: call, expected no such field");
	assert_refused(
	        "{\"ClearCall\":{\"callToBeCleared\":{\"callID\":{\"hex\":\"0g\"}}}}",
	        "ClearCall callToBeCleared.callID: another character, expected hexadecimal digits");
	assert_refused("{\"ClearCall\":{\"callToBeCleared\":{\"callID\":7}}}",
	               "ClearCall callToBeCleared.callID: a number, expected a string or "
	               "{\"hex\":\"...\"}");
	assert_refused("{\"GetAgentStateResponse\":{\"agentStateList\":[{\"loggedOnState\":1}]}}",
	               "GetAgentStateResponse agentStateList[0].loggedOnState: a number, expected "
	               "a boolean");
	assert_refused("{\"Escape\":{\"privateData\":{\"hex\":\"0405\"}}}",
	               "Escape privateData: other octets, expected whole BER elements");
	assert_refused("{\"Escape\":{\"privateData\":{\"hex\":\"\"}}}",
	               "Escape privateData: nothing, expected one BER element");
	assert_refused("{\"Escape\":{\"privateData\":{\"hex\":\"05000500\"}}}",
	               "Escape privateData: several elements, expected one BER element");
	assert_refused(
	        "{\"HoldCallResponse\":{\"extensions\":{\"privateData\":[{\"hex\":\"0500\"},"
	        "{\"hex\":\"\"}]}}}",
	        "HoldCallResponse extensions.privateData[1]: nothing, expected one BER element");
	assert_refused("{\"SystemStatus\":{\"a\\n\\u001bb\":1}}",
	               "SystemStatus: a  b, expected no such field");
	assert_refused("{\"AARQ\":{\"aSO-context-name\":\"2.1\"},\"invokeID\":1}",
	               "AARQ invokeID: it is there, expected none with ACSE");
	assert_refused(
	        "{\"AARQ\":{\"aSO-context-name\":\"2.9223372036854775728\"}}",
	        "AARQ aSO-context-name: 2.9223372036854775728, expected an object identifier");
	assert_refused("{\"AARQ\":{\"aSO-context-name\":\"1.x\"}}",
	               "AARQ aSO-context-name: 1.x, expected an object identifier");
}

static void test_limits(void **state)
{
	static const char small[] = "{\"GetAgentStateResponse\":{\"agentStateList\":["
	                            "{\"loggedOnState\":true},{\"loggedOnState\":true}]}}";
	struct csta_codec *limited = NULL;
	struct csta_message *message = NULL;
	struct cti_error error = {0};

	(void)state;
	assert_int_equal(csta_codec_create(&limited, &(struct csta_limits){.elements = 1}, &error),
	                 0);
	assert_int_equal(csta_decode_json(&message, limited, small, strlen(small), &error),
	                 CTI_E_LIMIT);
	assert_string_equal(error.text, "GetAgentStateResponse agentStateList: 2 items, at most 1");
	csta_codec_destroy(&limited);
	assert_int_equal(csta_codec_create(&limited, &(struct csta_limits){.pdu = 4}, &error), 0);
	assert_int_equal(csta_decode_json(&message, limited, small, strlen(small), &error),
	                 CTI_E_LIMIT);
	csta_codec_destroy(&limited);
	assert_int_equal(csta_codec_create(&limited, &(struct csta_limits){.memory = 150}, &error),
	                 0);
	assert_int_equal(csta_decode_json(&message, limited, small, strlen(small), &error),
	                 CTI_E_LIMIT);
	assert_string_equal(error.text,
	                    "GetAgentStateResponse: more than 150 octets of decoded value");
	csta_codec_destroy(&limited);
	assert_null(message);
}

static void test_describe(void **state)
{
	struct csta_message *message = decode(delivered);
	char line[512], shorter[32];

	(void)state;
	assert_int_equal(csta_describe(message, line, sizeof(line)), 0);
	assert_string_equal(
	        line, "DeliveredEvent 9 monitor \"42\" connection=17/2003 alertingDevice=2003 "
	              "callingDevice=restricted calledDevice=3000 "
	              "lastRedirectionDevice=3000 originatingNIDConnection=0x00ff "
	              "localConnectionInfo=alerting userData=customer \\\"4711\\\" "
	              "cause=newCall callCharacteristics={acdCall} "
	              "extensions=[0xa603020107]");
	assert_int_equal(csta_describe(message, shorter, sizeof(shorter)), 0);
	assert_string_equal(shorter, "DeliveredEvent 9 monitor \"42...");
	csta_message_destroy(&message);
	message = decode("{\"CSTAErrorCode\":{\"operation\":\"invalidDeviceID\"},\"invokeID\":3}");
	assert_int_equal(csta_describe(message, line, sizeof(line)), 0);
	assert_string_equal(line, "CSTAErrorCode 3 operation=invalidDeviceID");
	csta_message_destroy(&message);
}

static void test_tree(void **state)
{
	struct csta_message *message =
	        decode("{\"ClearConnection\":{\"connectionToBeCleared\":"
	               "{\"callID\":\"17\",\"deviceID\":{\"staticID\":" DEVICE(
	                       "2003") "}},"
	                               "\"reason\":\"normalClearing\"},\"invokeID\":8}");
	struct csta_buffer out = {0};

	(void)state;
	assert_int_equal(csta_print_tree(message, false, &out), 0);
	assert_text(&out, "ClearConnection\n"
	                  "  invokeID: 8\n"
	                  "  connectionToBeCleared\n"
	                  "    both\n"
	                  "      callID: \"17\"\n"
	                  "      deviceID\n"
	                  "        staticID\n"
	                  "          deviceIdentifier\n"
	                  "            dialingNumber: \"2003\"\n"
	                  "  reason: normalClearing\n");
	csta_buffer_free(&out);
	csta_message_destroy(&message);
}

/* Passwords, account and authorisation codes, wherever they stand. */
static void test_secrets(void **state)
{
	static const char *const messages[] = {
	        "{\"SetAgentState\":{\"device\":" DEVICE(
	                "1") ",\"requestedAgentState\":\"loggedOn\",\"agentID\":\"7\","
	                     "\"password\":\"S3CRET\"},\"invokeID\":1}",
	        "{\"MakeCall\":{\"callingDevice\":" DEVICE(
	                "1") ",\"calledDirectoryNumber\":" DEVICE("2") ",\"accountCode\":"
	                                                               "\"S3CRET\",\"authCode\":"
	                                                               "\"S3CRET\"},\"invokeID\":"
	                                                               "1}",
	        "{\"AgentLoggedOnEvent\":{\"agentDevice\":{\"notKnown\":null},"
	        "\"agentPassword\":\"S3CRET\"},\"invokeID\":1,\"monitorCrossRefID\":\"1\"}",
	        "{\"CallInformationEvent\":{\"connection\":{\"callID\":\"1\"},\"device\":"
	        "{\"notKnown\":null},\"accountInfo\":\"S3CRET\",\"authCode\":\"S3CRET\"},"
	        "\"invokeID\":1,\"monitorCrossRefID\":\"1\"}",
	        "{\"AARQ\":{\"aSO-context-name\":\"1.3.12.0.218\",\"calling-authentication-value\":"
	        "{\"external\":{\"encoding\":{\"single-ASN1-type\":{\"simple\":{\"name\":\"cti\","
	        "\"password\":\"S3CRET\"}}}}}}}",
	        "{\"AARQ\":{\"aSO-context-name\":\"1.3.12.0.218\",\"calling-authentication-value\":"
	        "{\"charstring\":\"S3CRET\"}}}",
	        "{\"StartApplicationSession\":{\"applicationInfo\":{\"applicationID\":\"cti\","
	        "\"applicationSpecificInfo\":\"<password>S3CRET</password>\"},"
	        "\"requestedProtocolVersions\":[]}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct csta_message *message = decode(messages[i]);
		struct csta_buffer out = {0};
		char line[1024];

		assert_int_equal(csta_describe(message, line, sizeof(line)), 0);
		assert_null(strstr(line, "S3CRET"));
		assert_non_null(strstr(line, "***"));
		assert_int_equal(csta_print_tree(message, false, &out), 0);
		csta_buffer_append(&out, "", 1);
		assert_null(strstr((char *)out.data, "S3CRET"));
		assert_non_null(strstr((char *)out.data, "***"));
		csta_buffer_clear(&out);
		assert_int_equal(csta_print_tree(message, true, &out), 0);
		csta_buffer_append(&out, "", 1);
		assert_non_null(strstr((char *)out.data, "S3CRET"));
		csta_buffer_free(&out);
		csta_message_destroy(&message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_shapes),   cmocka_unit_test(test_order_and_names),
	        cmocka_unit_test(test_refusals), cmocka_unit_test(test_limits),
	        cmocka_unit_test(test_describe), cmocka_unit_test(test_tree),
	        cmocka_unit_test(test_secrets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("JSON", tests, codec_setup, codec_teardown);
}
