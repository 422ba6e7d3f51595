/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which phase of CSTA two sessions speak: what each is configured for, what the association says,
 * and what is on the wire then.
 */
#include "csta/event.h"
#include "csta/session.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct side {
	struct csta_session *session;
	struct csta_buffer out;  /* on the way to the peer */
	struct csta_buffer sent; /* all of it */
	int ups, downs, complaints, answers, code;
	char why[CTI_ERROR_TEXT], last[80];
};

static struct side phone, desk; /* switching, computing */

static int side_send(void *arg, const void *octets, size_t length)
{
	struct side *side = arg;
	csta_buffer_append(&side->sent, octets, length);
	return csta_buffer_append(&side->out, octets, length);
}

static void side_up(void *arg)
{
	((struct side *)arg)->ups++;
}

static void side_down(void *arg, const struct cti_error *why)
{
	struct side *side = arg;
	side->downs++;
	strcpy(side->why, why->text);
}

static void side_message(void *arg, const struct csta_message *message)
{
	struct side *side = arg;
	struct csta_message *answer = NULL;
	struct cti_error error = {0};
	struct cti_request request;
	struct cti_reply reply;

	snprintf(side->last, sizeof side->last, "%s", message->type->element);
	if (message->type->kind != CSTA_REQUEST)
		return;
	assert_int_equal(csta_request_read(message, &request, &error), 0);
	cti_reply_init(&reply);
	reply.connection.call_id = "17";
	reply.connection.device_id = "2001";
	reply.monitor = "99";
	assert_int_equal(csta_reply_write(&answer, csta_session_codec(side->session),
	                                  request.service, &reply, &error),
	                 0);
	assert_int_equal(csta_session_respond(side->session, message->invoke_id, answer, 1, &error),
	                 0);
	csta_message_destroy(&answer);
}

static void side_answer(void *arg, uint64_t token, const struct csta_message *answer,
                        const struct cti_error *error)
{
	struct side *side = arg;
	(void)token;
	side->answers++;
	side->code = error ? error->code : answer->type->kind == CSTA_RESPONSE ? 0 : CTI_E_REFUSED;
}

static void side_complaint(void *arg, const struct cti_error *error)
{
	struct side *side = arg;
	side->complaints++;
	strcpy(side->why, error->text);
}

static void side_make(struct side *side, enum csta_role role, enum csta_association association,
                      enum csta_phase phase)
{
	static const struct csta_session_ops ops = {.send = side_send,
	                                            .up = side_up,
	                                            .down = side_down,
	                                            .message = side_message,
	                                            .answer = side_answer,
	                                            .complaint = side_complaint};
	const struct csta_session_config config = {.role = role,
	                                           .encoding = CSTA_BER,
	                                           .framing = CSTA_FRAME_BARE,
	                                           .association = association,
	                                           .phase = phase};
	struct cti_error error = {0};

	*side = (struct side){0};
	if (csta_session_create(&side->session, &config, &ops, side, 1, &error))
		fail_msg("%s", error.text);
}

static void carry(void)
{
	while (phone.out.length || desk.out.length) {
		for (int i = 0; i < 2; i++) {
			struct side *from = i ? &desk : &phone, *to = i ? &phone : &desk;
			struct csta_buffer moving = from->out;

			from->out = (struct csta_buffer){0};
			csta_session_input(to->session, moving.data, moving.length, 1);
			csta_buffer_free(&moving);
		}
	}
}

static void open_both(enum csta_association association, enum csta_phase asks,
                      enum csta_phase speaks)
{
	side_make(&phone, CSTA_SWITCHING, association, speaks);
	side_make(&desk, CSTA_COMPUTING, association, asks);
	csta_session_start(phone.session, 1);
	csta_session_start(desk.session, 1);
	carry();
}

static void side_free(struct side *side)
{
	csta_session_destroy(&side->session);
	csta_buffer_free(&side->out);
	csta_buffer_free(&side->sent);
}

static void unmake(void)
{
	side_free(&phone);
	side_free(&desk);
}

static bool has_sent(const struct side *side, const char *octets, size_t length)
{
	for (size_t i = 0; i + length <= side->sent.length; i++)
		if (!memcmp(side->sent.data + i, octets, length))
			return true;
	return false;
}

/* ---- the association ----------------------------------------------------------------------- */

static void association_agrees(void **state)
{
	static const struct {
		enum csta_phase asks, speaks, agreed; /* AUTO: refused */
	} rows[] = {
	        {CSTA_PHASE_AUTO, CSTA_PHASE_AUTO, CSTA_PHASE_3},
	        {CSTA_PHASE_AUTO, CSTA_PHASE_3, CSTA_PHASE_3},
	        {CSTA_PHASE_AUTO, CSTA_PHASE_2, CSTA_PHASE_AUTO},
	        {CSTA_PHASE_3, CSTA_PHASE_AUTO, CSTA_PHASE_3},
	        {CSTA_PHASE_3, CSTA_PHASE_1, CSTA_PHASE_AUTO},
	        {CSTA_PHASE_2, CSTA_PHASE_AUTO, CSTA_PHASE_2},
	        {CSTA_PHASE_2, CSTA_PHASE_2, CSTA_PHASE_2},
	        {CSTA_PHASE_2, CSTA_PHASE_1, CSTA_PHASE_1},
	        {CSTA_PHASE_2, CSTA_PHASE_3, CSTA_PHASE_AUTO},
	        {CSTA_PHASE_1, CSTA_PHASE_AUTO, CSTA_PHASE_1},
	        {CSTA_PHASE_1, CSTA_PHASE_2, CSTA_PHASE_1},
	        {CSTA_PHASE_1, CSTA_PHASE_3, CSTA_PHASE_AUTO},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool agreed = rows[i].agreed != CSTA_PHASE_AUTO;

		open_both(CSTA_ASSOCIATE_ACSE, rows[i].asks, rows[i].speaks);
		assert_int_equal(phone.ups, agreed);
		assert_int_equal(desk.ups, agreed);
		assert_int_equal(phone.complaints + desk.complaints, 0);
		if (agreed) {
			assert_int_equal(csta_session_phase(phone.session), rows[i].agreed);
			assert_int_equal(csta_session_phase(desk.session), rows[i].agreed);
		} else {
			assert_string_equal(phone.why, "AARQ: a phase of CSTA that is not ours");
			assert_string_equal(desk.why, "the switch refused the association: "
			                              "application context not supported");
		}
		unmake();
	}
}

/* Answers and questions of others, as far as they tell a phase. */
#define CONTEXT_180  "\xa1\x07\x06\x05\x2b\x0c\x00\x81\x34"
#define CONTEXT_218  "\xa1\x07\x06\x05\x2b\x0c\x00\x81\x5a"
#define OCTETS(text) text, sizeof text - 1

static void what_others_offer_is_understood(void **state)
{
	static const struct {
		const char *octets;
		size_t length;
		enum csta_phase phase;
	} rows[] = {
	        /* No user information: the context. */
	        {OCTETS("\x60\x09" CONTEXT_180), CSTA_PHASE_2},
	        {OCTETS("\x60\x09" CONTEXT_218), CSTA_PHASE_3},
	        /* The new form: versionFour, versionTwo alone, versionNineteen. */
	        {OCTETS("\x60\x16" CONTEXT_218 "\xbe\x0b\x28\x09\xa0\x07\xa0\x05\x03\x03\x00"
	                "\x10\x00"),
	         CSTA_PHASE_3},
	        {OCTETS("\x60\x15" CONTEXT_218 "\xbe\x0a\x28\x08\xa0\x06\xa0\x04\x03\x02\x06\x40"),
	         CSTA_PHASE_2},
	        {OCTETS("\x60\x17" CONTEXT_180 "\xbe\x0c\x28\x0a\xa0\x08\xa0\x06\x03\x04\x05"
	                "\x00\x00\x20"),
	         CSTA_PHASE_3},
	        /* A reference and no bit of a version: 1.3.12.0.218.200. */
	        {OCTETS("\x60\x1d" CONTEXT_218
	                "\xbe\x12\x28\x10\x06\x07\x2b\x0c\x00\x81\x5a\x81\x48\xa0\x05\xa0\x03"
	                "\x03\x01\x00"),
	         CSTA_PHASE_2},
	        /* The old form: versionOne alone. */
	        {OCTETS("\x60\x19" CONTEXT_180
	                "\xbe\x0e\x28\x0c\xa0\x0a\x30\x08\x03\x02\x07\x80\x30\x00\x30\x00"),
	         CSTA_PHASE_1},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		side_make(&phone, CSTA_SWITCHING, CSTA_ASSOCIATE_ACSE, CSTA_PHASE_AUTO);
		side_make(&desk, CSTA_COMPUTING, CSTA_ASSOCIATE_ACSE, CSTA_PHASE_AUTO);
		csta_session_start(phone.session, 1);
		csta_session_input(phone.session, rows[i].octets, rows[i].length, 1);
		if (!phone.ups)
			fail_msg("row %zu: %s", i, phone.why);
		assert_int_equal(csta_session_phase(phone.session), rows[i].phase);
		unmake();
	}
}

static void answer_of_another_phase(void **state)
{
	/* Accepted, and versionFive; versionTwo; nothing. */
	static const char five[] = "\x61\x21" CONTEXT_218 "\xa2\x03\x02\x01\x00\xa3\x05\xa1\x03\x02"
	                           "\x01\x00\xbe\x0a\x28\x08\xa0\x06\xa0\x04\x03\x02\x03\x08";
	static const char two[] = "\x61\x21" CONTEXT_218 "\xa2\x03\x02\x01\x00\xa3\x05\xa1\x03\x02"
	                          "\x01\x00\xbe\x0a\x28\x08\xa0\x06\xa0\x04\x03\x02\x06\x40";
	static const char none[] = "\x61\x15" CONTEXT_218 "\xa2\x03\x02\x01\x00\xa3\x05\xa1\x03\x02"
	                           "\x01\x00";
	static const struct {
		const char *octets;
		size_t length;
		enum csta_phase asked, agreed; /* AUTO: not taken */
	} rows[] = {
	        {OCTETS(five), CSTA_PHASE_AUTO, CSTA_PHASE_3},
	        {OCTETS(two), CSTA_PHASE_AUTO, CSTA_PHASE_2},
	        {OCTETS(none), CSTA_PHASE_AUTO, CSTA_PHASE_3},
	        {OCTETS(five), CSTA_PHASE_2, CSTA_PHASE_AUTO},
	        {OCTETS(two), CSTA_PHASE_2, CSTA_PHASE_2},
	        {OCTETS(none), CSTA_PHASE_2, CSTA_PHASE_2},
	        {OCTETS(two), CSTA_PHASE_3, CSTA_PHASE_AUTO},
	        {OCTETS(none), CSTA_PHASE_1, CSTA_PHASE_1},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		side_make(&phone, CSTA_SWITCHING, CSTA_ASSOCIATE_ACSE, CSTA_PHASE_AUTO);
		side_make(&desk, CSTA_COMPUTING, CSTA_ASSOCIATE_ACSE, rows[i].asked);
		csta_session_start(desk.session, 1);
		csta_session_input(desk.session, rows[i].octets, rows[i].length, 1);
		assert_int_equal(desk.ups, rows[i].agreed != CSTA_PHASE_AUTO);
		if (desk.ups)
			assert_int_equal(csta_session_phase(desk.session), rows[i].agreed);
		else
			assert_non_null(strstr(desk.why, "speaks another phase of CSTA than the"));
		unmake();
	}
}

/* ---- what is said then --------------------------------------------------------------------- */

static int ask(enum cti_service service, struct cti_error *error)
{
	struct csta_message *message = NULL;
	struct cti_request request;
	int code;

	cti_request_init(&request, service);
	request.device = "2001";
	request.destination = "2002";
	request.connection.call_id = "17";
	request.connection.device_id = "2001";
	request.agent_state = CTI_REQUEST_READY;
	code = csta_request_write(&message, csta_session_codec(desk.session), &request, error);
	if (!code)
		code = csta_session_request(desk.session, message, 1, 1, error);
	csta_message_destroy(&message);
	carry();
	return code;
}

static void phases_are_spoken(void **state)
{
	static const struct {
		enum csta_association association;
		enum csta_phase phase;
		/* MonitorStart of 2001: operation, device. */
		const char *start;
		size_t length;
	} rows[] = {
	        {CSTA_ASSOCIATE_ACSE, CSTA_PHASE_2,
	         OCTETS("\x02\x01\x47\x30\x09\x80\x04"
	                "2001\x0a\x01\x01")},
	        {CSTA_ASSOCIATE_NONE, CSTA_PHASE_1,
	         OCTETS("\x02\x01\x47\x30\x09\x80\x04"
	                "2001\x0a\x01\x01")},
	        {CSTA_ASSOCIATE_ACSE, CSTA_PHASE_1,
	         OCTETS("\x02\x01\x47\x30\x09\x80\x04"
	                "2001\x0a\x01\x01")},
	};
	static const enum cti_service services[] = {
	        CTI_SERVICE_MONITOR_START,  CTI_SERVICE_MAKE_CALL,     CTI_SERVICE_ANSWER_CALL,
	        CTI_SERVICE_HOLD_CALL,      CTI_SERVICE_RETRIEVE_CALL, CTI_SERVICE_CLEAR_CONNECTION,
	        CTI_SERVICE_SET_AGENT_STATE};
	struct cti_error error;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		open_both(rows[i].association, rows[i].phase, rows[i].phase);
		for (size_t k = 0; k < COUNT(services); k++) {
			error = (struct cti_error){0};
			if (ask(services[k], &error) || desk.answers != (int)k + 1 || desk.code)
				fail_msg("row %zu, %s: %s %s", i, cti_service_name(services[k]),
				         error.text, desk.why);
		}
		assert_int_equal(phone.complaints + desk.complaints, 0);
		assert_true(has_sent(&desk, rows[i].start, rows[i].length));
		/* What the phase does not have is refused before anything is sent. */
		size_t before = desk.sent.length;
		assert_int_equal(ask(CTI_SERVICE_REQUEST_SYSTEM_STATUS, &error), CTI_E_UNSUPPORTED);
		assert_non_null(strstr(error.text, "not in CSTA Phase I"));
		assert_int_equal(desk.sent.length, before);
		unmake();
	}
}

/* 52 in Phases I and II, 211 in III; the session answers by itself. */
static void system_status_is_answered(void **state)
{
	static const char asked[] = "\xa1\x09\x02\x01\x05\x02\x01\x34\x0a\x01\x02";
	static const char answered[] = "\xa2\x0a\x02\x01\x05\x30\x05\x02\x01\x34\x05\x00";

	(void)state;
	for (int phase = 1; phase <= 2; phase++) {
		open_both(CSTA_ASSOCIATE_NONE, (enum csta_phase)phase, (enum csta_phase)phase);
		csta_session_input(desk.session, asked, sizeof asked - 1, 1);
		assert_int_equal(desk.complaints, 0);
		assert_true(has_sent(&desk, answered, sizeof answered - 1));
		unmake();
	}
}

static void phases_are_of_ber(void **state)
{
	static const struct csta_session_ops none = {0};
	struct csta_session_config config = {.encoding = CSTA_XML, .framing = CSTA_FRAME_XML};
	struct csta_session *session = NULL;
	struct cti_error error = {0};

	(void)state;
	config.phase = CSTA_PHASE_2;
	assert_int_equal(csta_session_create(&session, &config, &none, NULL, 1, &error),
	                 CTI_E_INVALID);
	assert_string_equal(error.text, "session: phase 2, expected 1, 2 (BER) or 3");
	config.phase = CSTA_PHASE_3;
	assert_int_equal(csta_session_create(&session, &config, &none, NULL, 1, &error), 0);
	csta_session_destroy(&session);
}

static int init(void **state)
{
	(void)state;
	return csta_init(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(association_agrees),
	        cmocka_unit_test(what_others_offer_is_understood),
	        cmocka_unit_test(answer_of_another_phase),
	        cmocka_unit_test(phases_are_spoken),
	        cmocka_unit_test(system_status_is_answered),
	        cmocka_unit_test(phases_are_of_ber),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("session_phase", tests, init, NULL);
}
