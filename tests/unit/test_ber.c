/* SPDX-License-Identifier: Apache-2.0 */
/* BER: the envelope, the limits, and what is said of input that is refused. */
#include "csta/codec.h"
#include "test.h"
#include "tests/support/messages.h"

#include <DeliveredEvent.h>
#include <MakeCallArgument.h>
#include <RejectProblem.h>
#include <SystemStatusArgument.h>
#include <UniversalFailure.h>
#include <stdio.h>
#include <string.h>

static struct csta_message *decode(const char *hex)
{
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	uint8_t data[512];
	size_t length = unhex(hex, data, sizeof(data)), used = 0;

	if (csta_decode_ber(&message, codec, data, length, &used, NULL, NULL, &error))
		fail_msg("%s: %s", hex, error.text);
	assert_int_equal(used, length);
	return message;
}

static void assert_encodes(const struct csta_message *message, const char *hex)
{
	struct csta_buffer out = {0};
	struct cti_error error = {0};
	uint8_t data[512];
	size_t length = unhex(hex, data, sizeof(data));

	if (csta_encode_ber(codec, message, &out, &error))
		fail_msg("%s", error.text);
	assert_int_equal(out.length, length);
	assert_memory_equal(out.data, data, length);
	csta_buffer_free(&out);
}

static void assert_refused(const char *hex, int code, const char *text)
{
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	uint8_t data[512];
	size_t length = unhex(hex, data, sizeof(data)), used = 0;

	assert_int_equal(csta_decode_ber(&message, codec, data, length, &used, NULL, NULL, &error),
	                 code);
	assert_null(message);
	assert_int_equal(error.code, code);
	assert_string_equal(error.text, text);
}

/* ---- messages as switches send them ------------------------------------------------------- */

static void test_request(void **state)
{
	static const char hex[] = "a1 0c 020101 020200d3 3003 0a0102";
	struct csta_message *message = decode(hex);
	const SystemStatusArgument_t *status = message->value;

	(void)state;
	assert_string_equal(message->type->element, "SystemStatus");
	assert_int_equal(message->type->kind, CSTA_REQUEST);
	assert_int_equal(message->invoke_id, 1);
	assert_int_equal(status->systemStatus, SystemStatusValue_normal);
	assert_null(status->sysStatRegisterID);
	assert_encodes(message, hex);
	csta_message_destroy(&message);
}

static const char delivered[] = "a143 020107 020115 303b 55012a a036 a434"
                                "6b10 300e 80023137 a108 3006 8004 32303033" /* call 17 at 2003 */
                                "6308 3006 8004 32303033"
                                "6102 8800" /* the caller withholds his number */
                                "6208 3006 8004 33303030"
                                "6402 8700 4e0102 0a0116";

static void test_event(void **state)
{
	struct csta_message *message = decode(delivered);
	const DeliveredEvent_t *event = message->value;
	const DeviceID_t *device = &event->alertingDevice.choice.deviceIdentifier;

	(void)state;
	assert_string_equal(message->type->element, "DeliveredEvent");
	assert_int_equal(message->invoke_id, 7);
	assert_int_equal(message->monitor_length, 1);
	assert_int_equal(message->monitor[0], 0x2a);
	assert_int_equal(event->cause, EventCause_newCall);
	assert_int_equal(*event->localConnectionInfo, LocalConnectionState_alerting);
	assert_int_equal(event->callingDevice.present, ExtendedDevice_PR_restricted);
	assert_int_equal(device->deviceIdentifier.choice.dialingNumber.size, 4);
	assert_memory_equal(device->deviceIdentifier.choice.dialingNumber.buf, "2003", 4);
	assert_encodes(message, delivered);
	csta_message_destroy(&message);
}

static void test_error_and_reject(void **state)
{
	struct csta_message *message = decode("a3 0d 02020100 020101 a004 0a0200c2");
	const UniversalFailure_t *failure = message->value;
	const RejectProblem_t *problem;

	(void)state;
	assert_int_equal(message->type->kind, CSTA_ERROR);
	assert_int_equal(message->invoke_id, 256);
	assert_int_equal(failure->present, UniversalFailure_PR_operation);
	assert_int_equal(failure->choice.operation, OperationErrors_toneDurationOutOfRange);
	assert_encodes(message, "a3 0d 02020100 020101 a004 0a0200c2");
	csta_message_destroy(&message);

	message = decode("a3 0a 020105 020101 a702 0500");
	failure = message->value;
	assert_int_equal(failure->present, UniversalFailure_PR_unspecified);
	csta_message_destroy(&message);

	message = decode("a4 05 0500 800100");
	problem = message->value;
	assert_int_equal(message->type->kind, CSTA_REJECT);
	assert_int_equal(message->invoke_id, CSTA_NO_INVOKE_ID);
	assert_int_equal(problem->present, RejectProblem_PR_general);
	assert_encodes(message, "a4 05 0500 800100");
	csta_message_destroy(&message);

	message = decode("a4 06 020109 810101");
	problem = message->value;
	assert_int_equal(message->invoke_id, 9);
	assert_int_equal(problem->choice.invoke, InvokeProblem_unrecognizedOperation);
	csta_message_destroy(&message);
}

static const struct csta_type *pending_named(void *arg, uint32_t invoke_id)
{
	return invoke_id == 3 ? csta_type_of_element(arg, strlen(arg)) : NULL;
}

/* A result may leave its body out; then the request tells what it is of. */
static void test_result_without_body(void **state)
{
	static const uint8_t bare[] = {0xa2, 0x03, 0x02, 0x01, 0x03};
	static const uint8_t other[] = {0xa2, 0x0a, 0x02, 0x01, 0x03, 0x30,
	                                0x05, 0x02, 0x01, 0x09, 0x05, 0x00};
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	char name[] = "MonitorStop", held[] = "HoldCall", retrieved[] = "RetrieveCall";
	size_t used;

	(void)state;
	assert_int_equal(csta_decode_ber(&message, codec, bare, sizeof(bare), &used, pending_named,
	                                 name, &error),
	                 0);
	assert_string_equal(message->type->element, "MonitorStopResponse");
	assert_null(message->value);
	assert_encodes(message, "a2 03 020103");
	csta_message_destroy(&message);

	assert_refused("a2 03 020103", CTI_E_UNSUPPORTED,
	               "result 3 names no operation, and no request is known for it");
	assert_int_equal(csta_decode_ber(&message, codec, other, sizeof(other), &used,
	                                 pending_named, held, &error),
	                 0);
	assert_string_equal(message->type->element, "HoldCallResponse");
	csta_message_destroy(&message);
	assert_int_equal(csta_decode_ber(&message, codec, other, sizeof(other), &used,
	                                 pending_named, retrieved, &error),
	                 CTI_E_INVALID);
	assert_string_equal(error.text,
	                    "result 3 is of operation 9, the request was RetrieveCall (14)");
}

/* Private data in a vendor's own tags comes back as it was, and what precedes it too. */
static void test_private_data(void **state)
{
	static const char escape[] = "a1 16 02020602 020133 300d a40ba009a407a105a0030a0105";
	static const char both[] =
	        "a119 020105 020133 3011 a005 0403 313233 3003 800101 a603 040141";
	static const char event[] = "a116 020107 020115 300e 55012a a709 a007 a605a403020107";
	static const char beside[] = "a129 020107 020115 3021 55012a a01c a91a 6b03800141 63028700"
	                             "0a0116 7e0c a10a a605a403020107 040141";
	struct csta_message *message;

	(void)state;
	message = decode(escape);
	assert_encodes(message, escape);
	csta_message_destroy(&message);
	message = decode(both);
	assert_encodes(message, both);
	csta_message_destroy(&message);
	message = decode(event);
	assert_string_equal(message->type->element, "PrivateEvent");
	assert_encodes(message, event);
	csta_message_destroy(&message);
	message = decode(beside);
	assert_string_equal(message->type->element, "HeldEvent");
	assert_encodes(message, beside);
	csta_message_destroy(&message);
}

static void test_invoke_ids(void **state)
{
	static const struct {
		uint32_t id;
		const char *hex;
	} ids[] = {{0, "020100"},
	           {127, "02017f"},
	           {128, "02020080"},
	           {255, "020200ff"},
	           {32767, "02027fff"},
	           {32768, "0203008000"},
	           {8388608, "020400800000"},
	           {0x7fffffff, "02047fffffff"},
	           /* What a peer makes of 0xabcd when it forgets the sign comes back to it the
	              same. */
	           {0xffffabcd, "0202abcd"}};

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		char hex[64];
		struct csta_message *message;

		snprintf(hex, sizeof(hex), "a2%02zx%s", strlen(ids[i].hex) / 2 + 8, ids[i].hex);
		snprintf(hex + strlen(hex), sizeof(hex) - strlen(hex), "3006020200d30500");
		message = decode(hex);
		assert_int_equal(message->invoke_id, ids[i].id);
		assert_encodes(message, hex);
		csta_message_destroy(&message);
	}
	assert_refused("a203 0201ff", CTI_E_INVALID, "octet 2: invoke id -1");
	assert_refused("a2 10 02060000000000ff 3006 020200d3 0500", CTI_E_INVALID,
	               "octet 2: an invoke id of 6 octets, expected 1 to 4");
}

/* Long and indefinite lengths are read, and written the short way. */
static void test_lengths(void **state)
{
	static const char *const forms[] = {
	        "a1810e 020101 020200d3 30820003 0a0102",
	        "a180 020101 020200d3 3003 0a0102 0000",
	        "a180 020101 020200d3 3080 0a0102 0000 0000",
	        "a18400000010 020101 02820002 00d3 3080 0a0102 0000",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct csta_message *message = decode(forms[i]);

		assert_encodes(message, "a10c 020101 020200d3 3003 0a0102");
		csta_message_destroy(&message);
	}
}

/* Strings in segments (X.690 8.7.3) are joined; asn1c takes none whose tag is not their own. */
static void test_segments(void **state)
{
	static const char *const forms[] = {
	        "a114 020101 020102 300c 6b0a a008 040141 2403 040142",
	        "a180 020101 020102 3080 6b80 a080 040141 040142 0000 0000 0000 0000",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct csta_message *message = decode(forms[i]);

		assert_encodes(message, "a10e 020101 020102 3006 6b04 80024142");
		csta_message_destroy(&message);
	}
	assert_refused("a10f 020101 020102 3007 6b05 a003 020141", CTI_E_INVALID,
	               "AnswerCall callToBeAnswered.callID: octet 12: [0] has segments that are no "
	               "OCTET STRINGs");
}

/* ---- what is refused ------------------------------------------------------------------------ */

static void test_unknown(void **state)
{
	struct csta_message *message;

	(void)state;
	assert_refused("a111 020107 020115 3009 55012a a304 ab020500", CTI_E_UNSUPPORTED,
	               "event [3] 11 not known");
	assert_refused("a111 020107 020115 3009 55012a a004 b2020500", CTI_E_UNSUPPORTED,
	               "event [0] 18 not known");
	assert_refused("a10b 020101 020203e7 30020500", CTI_E_UNSUPPORTED,
	               "operation 999 not known");
	assert_refused("a3 08 020105 020102 0500", CTI_E_UNSUPPORTED,
	               "error code 2 not known, CSTA has 1");
	/* The link goes on: the refused APDU was taken whole. */
	message = decode(delivered);
	csta_message_destroy(&message);
}

static void test_malformed(void **state)
{
	(void)state;
	assert_refused("3003 020101", CTI_E_INVALID,
	               "octet 0: SEQUENCE, expected an APDU of ROSE [1] to [4] or ACSE "
	               "[APPLICATION 0] to 4");
	assert_refused("a10a 02022bff 30050102340500", CTI_E_INVALID,
	               "octet 6: length 5 runs over its parent's end by 1");
	assert_refused("a118 020107 020115 3010 55012a a00b a909 6b03800141 63028700",
	               CTI_E_INVALID, "HeldEvent: octet 26: the end, expected cause");
	assert_refused("a11b 020107 020115 3013 55012a a00e a90c 6b03800141 63028900 0a0116",
	               CTI_E_INVALID,
	               "HeldEvent holdingDevice: octet 24: [9], expected an alternative of "
	               "SubjectDeviceID");
	assert_refused("a114 020107 02010a 300c 3003800131 3003800132 0500", CTI_E_INVALID,
	               "MakeCall: octet 20: NULL, expected accountCode");
	assert_refused("a115 020107 020115 300d 55012a a004 a9020500 7e02a000", CTI_E_INVALID,
	               "octet 19: [APPLICATION 30], expected nothing behind the event");
	assert_refused("a114 020107 020200d3 300b 0a09 010203040506070809", CTI_E_INVALID,
	               "SystemStatus systemStatus: octet 11: ENUMERATED is a number of more than 8 "
	               "octets");
	assert_refused(
	        "a131 020107 020115 3029 5521"
	        "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a a004a9020500",
	        CTI_E_LIMIT, "octet 10: crossRefIdentifier of 33 octets, at most 32");
}

/* End-of-contents octets are two zeros, at the end of what has no length. */
static void test_end_of_contents(void **state)
{
	struct csta_message *message;

	(void)state;
	message = decode("a180 020101 020102 3080 6b80 800141 0000 0000 0000");
	csta_message_destroy(&message);
	assert_refused(
	        "a180 020101 020102 3080 6b80 800141 000158 0000 0000 0000", CTI_E_INVALID,
	        "octet 15: [UNIVERSAL 0], which can only be 00 00 and end what has no length");
	assert_refused(
	        "a180 020101 020102 3080 6b80 800141 008100 0000 0000 0000", CTI_E_INVALID,
	        "octet 15: [UNIVERSAL 0], which can only be 00 00 and end what has no length");
	assert_refused(
	        "a180 020101 020102 3080 6b80 800141 2000 0000 0000 0000", CTI_E_INVALID,
	        "octet 15: [UNIVERSAL 0], which can only be 00 00 and end what has no length");
	assert_refused(
	        "a10f 020101 020102 3007 6b03 800141 0000", CTI_E_INVALID,
	        "octet 15: [UNIVERSAL 0], which can only be 00 00 and end what has no length");
	assert_refused(
	        "0000", CTI_E_INVALID,
	        "octet 0: [UNIVERSAL 0], which can only be 00 00 and end what has no length");
}

/* Each beginning of a message says that more is needed; none reads beyond what is there. */
static void test_every_beginning(void **state)
{
	uint8_t data[512];
	size_t length = unhex(delivered, data, sizeof(data));

	(void)state;
	for (size_t i = 0; i < length; i++) {
		struct csta_message *message = NULL;
		struct cti_error error = {0};
		uint8_t exact[512];
		size_t used;

		memcpy(exact, data, i);
		assert_int_equal(
		        csta_decode_ber(&message, codec, exact, i, &used, NULL, NULL, &error),
		        CTI_E_TRUNCATED);
	}
}

/* Two messages in one buffer: the first is taken. */
static void test_used(void **state)
{
	struct csta_message *message = NULL;
	uint8_t data[512];
	size_t used,
	        length = unhex("a10c 020101 020200d3 3003 0a0102 a20b020101", data, sizeof(data));

	(void)state;
	assert_int_equal(csta_decode_ber(&message, codec, data, length, &used, NULL, NULL, NULL),
	                 0);
	assert_int_equal(used, 14);
	csta_message_destroy(&message);
}

/* Any octet changed to anything: refused or understood, never a crash, and what was understood can
 * be written. */
static void test_every_octet_changed(void **state)
{
	uint8_t data[512];
	size_t length = unhex(delivered, data, sizeof(data));

	(void)state;
	for (size_t i = 0; i < length; i++)
		for (unsigned value = 0; value < 256; value++) {
			struct csta_message *message = NULL;
			struct cti_error error = {0};
			struct csta_buffer out = {0};
			uint8_t kept = data[i];
			size_t used;

			data[i] = (uint8_t)value;
			if (csta_decode_ber(&message, codec, data, length, &used, NULL, NULL,
			                    &error)) {
				assert_true(error.code != 0 && error.text[0]);
			} else {
				if (csta_encode_ber(codec, message, &out, &error))
					fail_msg("octet %zu %02x: %s", i, value, error.text);
				csta_message_destroy(&message);
			}
			csta_buffer_free(&out);
			data[i] = kept;
		}
}

/* ---- limits --------------------------------------------------------------------------------- */

static int decode_limited(const struct csta_limits *limits, const uint8_t *data, size_t length,
                          struct cti_error *error)
{
	struct csta_codec *limited;
	struct csta_message *message = NULL;
	size_t used;
	int failure;

	assert_int_equal(csta_codec_create(&limited, limits, error), 0);
	failure = csta_decode_ber(&message, limited, data, length, &used, NULL, NULL, error);
	csta_message_destroy(&message);
	csta_codec_destroy(&limited);
	return failure;
}

static void test_limits(void **state)
{
	struct cti_error error = {0};
	uint8_t data[4096];
	size_t length = unhex(delivered, data, sizeof(data));

	(void)state;
	assert_int_equal(decode_limited(&(struct csta_limits){.pdu = 69}, data, length, &error), 0);
	assert_int_equal(decode_limited(&(struct csta_limits){.pdu = 68}, data, length, &error),
	                 CTI_E_LIMIT);
	assert_string_equal(error.text, "message of 69 octets, at most 68 are accepted");
	/* Known from the header alone. */
	assert_int_equal(decode_limited(&(struct csta_limits){.pdu = 68}, data, 2, &error),
	                 CTI_E_LIMIT);
	assert_int_equal(decode_limited(&(struct csta_limits){.depth = 8}, data, length, &error),
	                 0);
	assert_int_equal(decode_limited(&(struct csta_limits){.depth = 7}, data, length, &error),
	                 CTI_E_LIMIT);
	assert_int_equal(decode_limited(&(struct csta_limits){.elements = 5}, data, length, &error),
	                 CTI_E_LIMIT);
	assert_int_equal(decode_limited(&(struct csta_limits){.memory = 512}, data, length, &error),
	                 CTI_E_LIMIT);

	/* Nested as deep as the octets go, with and without lengths. */
	for (size_t i = 0; i < sizeof(data); i += 2) {
		data[i] = 0xa1;
		data[i + 1] = 0x80;
	}
	assert_int_equal(decode_limited(NULL, data, sizeof(data), &error), CTI_E_LIMIT);
	assert_string_equal(error.text, "octet 64: elements nested deeper than 32");
	/* However much is allowed, the nesting is bounded. */
	assert_int_equal(
	        decode_limited(&(struct csta_limits){.depth = 100000}, data, sizeof(data), &error),
	        CTI_E_LIMIT);
	/* A message without end is refused when it passes the limit. */
	memset(data + 2, 0, sizeof(data) - 2);
	for (size_t i = 2; i + 2 < sizeof(data); i += 2)
		data[i] = 0x05;
	assert_int_equal(decode_limited(&(struct csta_limits){.pdu = 1000}, data, 1001, &error),
	                 CTI_E_LIMIT);
}

/* ---- the rest ---------------------------------------------------------------------------------
 */

static void test_cannot_encode(void **state)
{
	struct csta_message *message = NULL;
	struct csta_buffer out = {0};
	struct cti_error error = {0};
	const struct csta_type *type = csta_type_of_element("StartApplicationSession", 23);

	(void)state;
	assert_int_equal(csta_message_create(&message, codec, type, &error), 0);
	assert_int_equal(csta_encode_ber(codec, message, &out, &error), CTI_E_UNSUPPORTED);
	assert_string_equal(error.text, "StartApplicationSession: not in BER");
	csta_message_destroy(&message);

	type = csta_type_of_element("DeliveredEvent", 14);
	assert_int_equal(csta_message_create(&message, codec, type, &error), 0);
	assert_int_equal(csta_encode_ber(codec, message, &out, &error), CTI_E_INVALID);
	assert_string_equal(error.text, "DeliveredEvent: no invoke id");
	message->invoke_id = 1;
	csta_buffer_append(&out, "x", 1);
	assert_int_equal(csta_encode_ber(codec, message, &out, &error), CTI_E_INVALID);
	assert_int_equal(out.length, 1);
	csta_message_destroy(&message);
	csta_buffer_free(&out);
}

/* Absent stands for the standard's value. */
static void test_equal_after_defaults(void **state)
{
	struct csta_message *bare = decode("a112 020107 02010a 300a 3003800131 3003800132");
	struct csta_message *told = decode("a115 020107 02010a 300d 3003800131 3003800132 830100");
	struct csta_message *other = decode("a115 020107 02010a 300d 3003800131 3003800132 830101");

	(void)state;
	assert_true(csta_message_equal(bare, told));
	assert_true(csta_message_equal(told, bare));
	assert_false(csta_message_equal(bare, other));
	csta_message_destroy(&bare);
	csta_message_destroy(&told);
	csta_message_destroy(&other);
}

/* The table: codes, tags and names lead to their rows and to nothing else. */
static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < csta_type_count; i++) {
		const struct csta_type *type = &csta_types[i];

		assert_ptr_equal(csta_type_of_element(type->element, strlen(type->element)), type);
		assert_null(csta_type_of_element(type->element, strlen(type->element) - 1) == type
		                    ? type
		                    : NULL);
		if (type->kind == CSTA_EVENT)
			assert_ptr_equal(csta_type_of_event(type->event_category, type->event_tag),
			                 type);
		if ((type->kind == CSTA_REQUEST || type->kind == CSTA_RESPONSE) &&
		    (type->encodings & CSTA_IN_BER))
			assert_ptr_equal(csta_type_of_operation(type->operation, type->kind), type);
		if (type->kind == CSTA_REQUEST)
			assert_int_equal(!csta_type_of_response(type), type->no_response);
	}
	assert_null(csta_type_of_operation(3, CSTA_REQUEST));
	assert_null(csta_type_of_operation(-1, CSTA_REQUEST));
	assert_null(csta_type_of_operation(100000, CSTA_RESPONSE));
	assert_null(csta_type_of_event(0, 18));
	assert_null(csta_type_of_event(-1, 0));
	assert_null(csta_type_of_event(8, 0));
	assert_null(csta_type_of_element("", 0));
	assert_string_equal(
	        csta_type_of_response(csta_type_of_element("StopApplicationSession", 22))->element,
	        "StopApplicationSessionPosResponse");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_request),
	        cmocka_unit_test(test_event),
	        cmocka_unit_test(test_error_and_reject),
	        cmocka_unit_test(test_result_without_body),
	        cmocka_unit_test(test_private_data),
	        cmocka_unit_test(test_invoke_ids),
	        cmocka_unit_test(test_lengths),
	        cmocka_unit_test(test_segments),
	        cmocka_unit_test(test_unknown),
	        cmocka_unit_test(test_malformed),
	        cmocka_unit_test(test_end_of_contents),
	        cmocka_unit_test(test_every_beginning),
	        cmocka_unit_test(test_used),
	        cmocka_unit_test(test_every_octet_changed),
	        cmocka_unit_test(test_limits),
	        cmocka_unit_test(test_cannot_encode),
	        cmocka_unit_test(test_equal_after_defaults),
	        cmocka_unit_test(test_table),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("BER", tests, codec_setup, codec_teardown);
}
