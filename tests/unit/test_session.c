/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions of both roles, back to back in memory, their octets cut as small as they come: opening,
 * requests both ways, events, time, ends, and everything that a bad peer may say.
 */
#include "csta/arena.h"
#include "csta/event.h"
#include "csta/frame.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define SECOND       UINT64_C(1000000)
#define TOKENS       512
#define NS4          "xmlns=\"http://www.ecma-international.org/standards/ecma-323/csta/ed4\""

struct side {
	struct csta_session *session;
	struct side *peer;
	struct csta_buffer out; /* on the way to the peer */
	int ups, downs, complaints, messages, statuses, wires;
	int answers[TOKENS], codes[TOKENS];
	char complaint[CTI_ERROR_TEXT], why[CTI_ERROR_TEXT];
	char elements[4096]; /* of the messages that came, a blank behind each */
	uint32_t last_id;
	bool keep_quiet; /* do not answer requests */
	bool send_fails;
	int reply_code;
};

static struct side phone, desk; /* switching, computing */
static uint64_t now;

/* ---- what sessions tell ----------------------------------------------------------------- */

static int side_send(void *arg, const void *octets, size_t length)
{
	struct side *side = arg;
	if (side->send_fails)
		return CTI_E_IO;
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
	assert_true(why->text[0] != '\0');
	strcpy(side->why, why->text);
}

static void side_message(void *arg, const struct csta_message *message)
{
	struct side *side = arg;
	side->messages++;
	side->last_id = message->invoke_id;
	if (strlen(side->elements) + strlen(message->type->element) + 2 < sizeof side->elements) {
		strcat(side->elements, message->type->element);
		strcat(side->elements, " ");
	}
	if (message->type->kind != CSTA_REQUEST || side->keep_quiet || message->type->no_response)
		return;
	struct cti_request request;
	struct cti_reply reply;
	struct csta_message *answer = NULL;
	struct cti_error error = {0};
	bool plenty = csta_alloc_fail_after < 0;
	if (csta_request_read(message, &request, &error)) {
		assert_false(plenty);
		return;
	}
	cti_reply_init(&reply);
	reply.code = side->reply_code;
	reply.connection.call_id = "17";
	reply.connection.device_id = "2001";
	reply.monitor = "99";
	int code = csta_reply_write(&answer, csta_session_codec(side->session), request.service,
	                            &reply, &error);
	if (!code)
		code = csta_session_respond(side->session, message->invoke_id, answer, now, &error);
	if (code && plenty)
		fail_msg("%s", error.text);
	csta_message_destroy(&answer);
}

static void side_answer(void *arg, uint64_t token, const struct csta_message *answer,
                        const struct cti_error *error)
{
	struct side *side = arg;
	assert_true(token < TOKENS);
	assert_true(!answer != !error);
	side->answers[token]++;
	side->codes[token] = error                                 ? error->code
	                     : answer->type->kind == CSTA_RESPONSE ? 0
	                                                           : CTI_E_REFUSED;
}

static void side_wire(void *arg, bool outgoing, const void *octets, size_t length,
                      const struct csta_message *message)
{
	(void)outgoing, (void)octets, (void)message;
	assert_true(length > 0);
	((struct side *)arg)->wires++;
}

static void side_complaint(void *arg, const struct cti_error *error)
{
	struct side *side = arg;
	side->complaints++;
	assert_true(error->code < 0 && error->text[0]);
	strcpy(side->complaint, error->text);
}

static void side_status(void *arg, const struct csta_message *message)
{
	(void)message;
	((struct side *)arg)->statuses++;
}

static const struct csta_session_ops ops = {
        .send = side_send,
        .up = side_up,
        .down = side_down,
        .message = side_message,
        .answer = side_answer,
        .wire = side_wire,
        .complaint = side_complaint,
        .status = side_status,
};

/* ---- two sides and what is between them --------------------------------------------------- */

static struct csta_session_config config(enum csta_encoding encoding)
{
	return (struct csta_session_config){
	        .encoding = encoding,
	        .framing = encoding == CSTA_XML ? CSTA_FRAME_XML : CSTA_FRAME_LEN16,
	        .heartbeat_us = 30 * SECOND,
	};
}

static void side_make(struct side *side, struct csta_session_config own, enum csta_role role)
{
	struct cti_error error = {0};
	memset(side, 0, sizeof *side);
	side->peer = side == &phone ? &desk : &phone;
	own.role = role;
	if (csta_session_create(&side->session, &own, &ops, side, now, &error))
		fail_msg("%s", error.text);
}

static void make(struct csta_session_config both)
{
	now = 1000 * SECOND;
	side_make(&phone, both, CSTA_SWITCHING);
	side_make(&desk, both, CSTA_COMPUTING);
}

static void unmake(void)
{
	csta_session_destroy(&phone.session);
	csta_session_destroy(&desk.session);
	csta_buffer_free(&phone.out);
	csta_buffer_free(&desk.out);
}

/* Hand octets over in pieces of exactly that size, so that a sanitizer sees each overrun. */
static void feed(struct side *to, const void *octets, size_t length, size_t piece)
{
	for (size_t at = 0; at < length; at += piece) {
		size_t size = length - at < piece ? length - at : piece;
		void *exact = malloc(size);
		assert_non_null(exact);
		memcpy(exact, (const char *)octets + at, size);
		csta_session_input(to->session, exact, size, now);
		free(exact);
	}
}

static bool carry(struct side *from, size_t piece)
{
	struct csta_buffer moving = from->out;
	if (!moving.length)
		return false;
	memset(&from->out, 0, sizeof from->out);
	feed(from->peer, moving.data, moving.length, piece);
	csta_buffer_free(&moving);
	return true;
}

static void pump(size_t piece)
{
	for (int rounds = 0; rounds < 1000; rounds++) {
		bool moved = carry(&phone, piece);
		if (!carry(&desk, piece) && !moved)
			return;
	}
	fail_msg("they never stop talking");
}

static void open_both(struct csta_session_config both, size_t piece)
{
	make(both);
	csta_session_start(phone.session, now);
	csta_session_start(desk.session, now);
	pump(piece);
	if (phone.ups != 1 || desk.ups != 1)
		fail_msg("not up: %s / %s, %s / %s", phone.why, desk.why, phone.complaint,
		         desk.complaint);
	assert_int_equal(csta_session_state(phone.session), CSTA_SESSION_OPEN);
	assert_int_equal(csta_session_state(desk.session), CSTA_SESSION_OPEN);
}

/* Time goes on to @p until, each side ticked when it wants to be. */
static void advance(uint64_t until, bool talk)
{
	for (;;) {
		uint64_t a = csta_session_deadline(phone.session);
		uint64_t b = csta_session_deadline(desk.session);
		uint64_t next = a < b ? a : b;
		if (next > until)
			break;
		now = next > now ? next : now;
		csta_session_tick(phone.session, now);
		csta_session_tick(desk.session, now);
		if (talk)
			pump(7);
	}
	now = until;
}

static int ask(struct side *side, enum cti_service service, uint64_t token)
{
	struct cti_request request;
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	cti_request_init(&request, service);
	request.device = "2001";
	request.destination = "2002";
	request.monitor = "99";
	request.connection.call_id = request.held.call_id = "17";
	request.connection.device_id = request.held.device_id = "2001";
	if (csta_request_write(&message, csta_session_codec(side->session), &request, &error))
		fail_msg("%s", error.text);
	int code = csta_session_request(side->session, message, token, now, &error);
	csta_message_destroy(&message);
	return code;
}

static void event_send(struct side *side)
{
	struct cti_event event;
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	cti_event_init(&event, CTI_EVENT_CALL_HELD);
	event.monitor = "99";
	event.connection.call_id = "17";
	event.connection.device_id = "2001";
	event.subject = (struct cti_device){CTI_DEVICE_NUMBER, "2001", NULL, NULL};
	event.cause = "normal";
	if (csta_event_write(&message, csta_session_codec(side->session), &event, &error) ||
	    csta_session_event(side->session, message, now, &error))
		fail_msg("%s", error.text);
	csta_message_destroy(&message);
}

static void xml_feed(struct side *to, unsigned invoke_id, const char *body)
{
	struct csta_buffer out = {0};
	struct cti_error error = {0};
	csta_frame_begin(CSTA_FRAME_XML, &out);
	csta_buffer_append(&out, body, strlen(body));
	assert_int_equal(csta_frame_end(CSTA_FRAME_XML, &out, 0, invoke_id, &error), 0);
	feed(to, out.data, out.length, out.length);
	csta_buffer_free(&out);
}

static void ber_feed(struct side *to, const void *apdu, size_t length)
{
	struct csta_buffer out = {0};
	struct cti_error error = {0};
	csta_frame_begin(CSTA_FRAME_LEN16, &out);
	csta_buffer_append(&out, apdu, length);
	assert_int_equal(csta_frame_end(CSTA_FRAME_LEN16, &out, 0, 0, &error), 0);
	feed(to, out.data, out.length, 3);
	csta_buffer_free(&out);
}

static bool said(const struct side *side, const char *text)
{
	return side->out.length && memmem(side->out.data, side->out.length, text, strlen(text));
}

/* What these two allocate is not libcsta's, or is meant to fail. */
static void pump_without_memory(void)
{
	for (int rounds = 0; rounds < 20; rounds++) {
		for (int i = 0; i < 2; i++) {
			struct side *from = i ? &phone : &desk;
			struct csta_buffer moving = from->out;
			memset(&from->out, 0, sizeof from->out);
			csta_session_input(from->peer->session, moving.data, moving.length, now);
			csta_buffer_free(&moving);
		}
	}
}

static int ask_without_memory(uint64_t token)
{
	struct cti_request request;
	struct csta_message *message = NULL;
	cti_request_init(&request, CTI_SERVICE_HOLD_CALL);
	request.connection.call_id = "17";
	request.connection.device_id = "2001";
	int code = csta_request_write(&message, csta_session_codec(desk.session), &request, NULL);
	if (!code)
		code = csta_session_request(desk.session, message, token, now, NULL);
	csta_message_destroy(&message);
	return code;
}

/* ---- opening ------------------------------------------------------------------------------ */

static void opens_in_every_way(void **state)
{
	static const struct {
		enum csta_encoding encoding;
		enum csta_framing framing;
		enum csta_association association;
		bool handshake, login;
	} rows[] = {
	        {CSTA_XML, CSTA_FRAME_XML, CSTA_ASSOCIATE_NONE, false, false},
	        {CSTA_XML, CSTA_FRAME_XML, CSTA_ASSOCIATE_SESSION, false, false},
	        {CSTA_XML, CSTA_FRAME_XML, CSTA_ASSOCIATE_SESSION, false, true},
	        {CSTA_XML, CSTA_FRAME_XML, CSTA_ASSOCIATE_SYSTEM, false, false},
	        {CSTA_BER, CSTA_FRAME_BARE, CSTA_ASSOCIATE_NONE, false, false},
	        {CSTA_BER, CSTA_FRAME_BARE, CSTA_ASSOCIATE_ACSE, false, true},
	        {CSTA_BER, CSTA_FRAME_LEN16, CSTA_ASSOCIATE_ACSE, true, false},
	        {CSTA_BER, CSTA_FRAME_LEN16, CSTA_ASSOCIATE_SYSTEM, true, false},
	        {CSTA_BER, CSTA_FRAME_HIPATH26, CSTA_ASSOCIATE_ACSE, false, true},
	        {CSTA_BER, CSTA_FRAME_TPKT, CSTA_ASSOCIATE_ACSE, false, false},
	};
	static const size_t pieces[] = {1, 2, 3, 7, 100000};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t j = 0; j < COUNT(pieces); j++) {
			struct csta_session_config both = config(rows[i].encoding);
			both.framing = rows[i].framing;
			both.association = rows[i].association;
			both.bp_handshake = rows[i].handshake;
			both.user = rows[i].login ? "user & <son>" : NULL;
			both.password = rows[i].login ? "s3cr\"et'>" : NULL;
			open_both(both, pieces[j]);
			assert_int_equal(ask(&desk, CTI_SERVICE_MAKE_CALL, 1), 0);
			pump(pieces[j]);
			assert_int_equal(desk.answers[1], 1);
			assert_int_equal(desk.codes[1], 0);
			assert_int_equal(phone.complaints + desk.complaints, 0);
			/* An end in order. */
			csta_session_stop(desk.session, now);
			pump(pieces[j]);
			assert_int_equal(desk.downs, 1);
			assert_int_equal(csta_session_state(desk.session), CSTA_SESSION_CLOSED);
			csta_session_lost(phone.session, "closed", now);
			assert_int_equal(phone.downs, 1);
			unmake();
		}
	}
}

static void avaya_login_is_taken(void **state)
{
	struct csta_session_config both = config(CSTA_XML);
	(void)state;
	both.association = CSTA_ASSOCIATE_SESSION;
	both.login = CSTA_LOGIN_AVAYA;
	both.user = "user";
	both.password = "1234";
	open_both(both, 1);
	unmake();
}

static void wrong_password(void **state)
{
	(void)state;
	for (int xml = 0; xml < 2; xml++) {
		struct csta_session_config both = config(xml ? CSTA_XML : CSTA_BER);
		both.association = xml ? CSTA_ASSOCIATE_SESSION : CSTA_ASSOCIATE_ACSE;
		both.user = "user";
		both.password = "right";
		now = SECOND;
		side_make(&phone, both, CSTA_SWITCHING);
		both.password = "wrong";
		side_make(&desk, both, CSTA_COMPUTING);
		csta_session_start(phone.session, now);
		csta_session_start(desk.session, now);
		pump(5);
		assert_int_equal(phone.ups + desk.ups, 0);
		assert_int_equal(phone.downs, 1);
		assert_int_equal(desk.downs, 1);
		assert_non_null(strstr(desk.why, xml ? "invalidApplicationInfo" : "password"));
		assert_null(strstr(phone.why, "wrong\""));
		unmake();
		/* And none at all. */
		side_make(&phone, both, CSTA_SWITCHING);
		both.user = both.password = NULL;
		side_make(&desk, both, CSTA_COMPUTING);
		csta_session_start(phone.session, now);
		csta_session_start(desk.session, now);
		pump(5);
		assert_int_equal(phone.ups + desk.ups, 0);
		assert_int_equal(desk.downs, 1);
		unmake();
	}
}

static void editions_are_agreed(void **state)
{
	static const struct {
		unsigned asked, offered, agreed; /* 0: none */
	} rows[] = {{6, 6, 6}, {6, 3, 3}, {4, 6, 4}, {3, 4, 3},
	            {0, 5, 4}, {5, 0, 5}, {2, 6, 2}, {6, 2, 2}};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct csta_session_config both = config(CSTA_XML);
		both.association = CSTA_ASSOCIATE_SESSION;
		now = SECOND;
		both.edition = (enum csta_edition)rows[i].offered;
		side_make(&phone, both, CSTA_SWITCHING);
		both.edition = (enum csta_edition)rows[i].asked;
		side_make(&desk, both, CSTA_COMPUTING);
		csta_session_start(phone.session, now);
		csta_session_start(desk.session, now);
		pump(50);
		assert_int_equal(desk.ups, 1);
		assert_int_equal(csta_session_edition(desk.session), rows[i].agreed);
		assert_int_equal(csta_session_edition(phone.session), rows[i].agreed);
		unmake();
	}
	/* An edition that only the future knows. */
	struct csta_session_config both = config(CSTA_XML);
	both.association = CSTA_ASSOCIATE_SESSION;
	make(both);
	csta_session_start(phone.session, now);
	xml_feed(&phone, 1,
	         "<StartApplicationSession "
	         "xmlns=\"http://www.ecma-international.org/standards/ecma-354/appl_session\">"
	         "<applicationInfo><applicationID>x</applicationID></applicationInfo>"
	         "<requestedProtocolVersions><protocolVersion>http://www.ecma-international.org/"
	         "standards/ecma-323/csta/ed9</protocolVersion></requestedProtocolVersions>"
	         "</StartApplicationSession>");
	assert_true(said(&phone, "requestedProtocolVersionNotSupported"));
	assert_int_equal(phone.ups, 0);
	unmake();
}

/* Without an application session the peer's first message says which edition it speaks. */
static void the_peers_edition_is_taken(void **state)
{
	static const struct {
		const char *ns;
		unsigned edition;
	} rows[] = {{"http://www.ecma-international.org/standards/ecma-323/csta/ed6", 6},
	            {"http://www.ecma-international.org/standards/ecma-323/csta/ed3/priv4", 3},
	            {"http://www.ecma.ch/standards/ecma-323/csta/ed2", 2},
	            {"http://www.ecma-international.org/standards/ecma-323/csta/ed2/priv1", 2}};
	char xml[256];
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		make(config(CSTA_XML));
		csta_session_start(phone.session, now);
		snprintf(xml, sizeof(xml),
		         "<SystemStatus xmlns=\"%s\"><systemStatus>normal</systemStatus>"
		         "</SystemStatus>",
		         rows[i].ns);
		xml_feed(&phone, 5, xml);
		assert_int_equal(csta_session_edition(phone.session), rows[i].edition);
		assert_true(said(&phone, "0005"));
		assert_true(said(&phone, csta_edition_namespace(rows[i].edition)));
		assert_int_equal(phone.statuses, 1);
		assert_int_equal(phone.messages, 0);
		unmake();
	}
}

/* A switch that says SystemStatus twice is registered with once. */
static void one_registration(void **state)
{
	struct csta_session_config both = config(CSTA_XML);
	(void)state;
	both.association = CSTA_ASSOCIATE_SYSTEM;
	make(both);
	csta_session_start(desk.session, now);
	for (unsigned id = 1; id <= 2; id++)
		xml_feed(&desk, id,
		         "<SystemStatus " NS4
		         "><systemStatus>normal</systemStatus></SystemStatus>");
	size_t registers = 0;
	for (size_t i = 0; i + 16 < desk.out.length; i++)
		registers += !memcmp(desk.out.data + i, "<SystemRegister ", 16);
	assert_int_equal(registers, 1);
	assert_int_equal(desk.statuses, 2);
	assert_int_equal(desk.ups, 0);
	/* Refused, for the switch knows no registration: it reports all the same. */
	xml_feed(&desk, 1,
	         "<CSTAErrorCode " NS4
	         "><operation>serviceNotSupported</operation></CSTAErrorCode>");
	assert_int_equal(desk.ups, 1);
	unmake();
}

static void nobody_opens(void **state)
{
	static const enum csta_association xml[] = {CSTA_ASSOCIATE_SESSION, CSTA_ASSOCIATE_SYSTEM};
	(void)state;
	for (size_t i = 0; i < COUNT(xml) + 2; i++) {
		struct csta_session_config both = config(i < COUNT(xml) ? CSTA_XML : CSTA_BER);
		both.association = i < COUNT(xml) ? xml[i] : CSTA_ASSOCIATE_ACSE;
		both.bp_handshake = i == COUNT(xml) + 1;
		make(both);
		csta_session_start(desk.session, now);
		csta_session_start(phone.session, now);
		assert_int_equal(ask(&desk, CTI_SERVICE_MAKE_CALL, 1), CTI_E_STATE);
		advance(now + 9 * SECOND, false);
		assert_int_equal(desk.downs, 0);
		advance(now + 2 * SECOND, false);
		assert_int_equal(desk.downs, 1);
		assert_int_equal(phone.downs, 1);
		assert_int_equal(desk.answers[1], 0);
		assert_int_equal(ask(&desk, CTI_SERVICE_MAKE_CALL, 1), CTI_E_CLOSED);
		assert_true(csta_session_deadline(desk.session) == UINT64_MAX);
		unmake();
	}
}

static void handshake_of_the_wrong_octet(void **state)
{
	struct csta_session_config both = config(CSTA_BER);
	(void)state;
	both.bp_handshake = true;
	make(both);
	csta_session_start(desk.session, now);
	assert_int_equal(desk.out.length, 1);
	assert_int_equal(desk.out.data[0], 'B');
	feed(&desk, "X", 1, 1);
	assert_int_equal(desk.downs, 1);
	assert_non_null(strstr(desk.why, "58, expected 50"));
	unmake();
}

static void nonsense_is_refused_at_once(void **state)
{
	struct csta_session_config bad[5] = {config(CSTA_XML), config(CSTA_XML), config(CSTA_BER),
	                                     config(CSTA_XML), config(CSTA_BER)};
	struct csta_session *session = NULL;
	(void)state;
	bad[0].framing = CSTA_FRAME_LEN16;
	bad[1].association = CSTA_ASSOCIATE_ACSE;
	bad[2].association = CSTA_ASSOCIATE_SESSION;
	bad[3].edition = (enum csta_edition)1;
	bad[4].pending = 1000000;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct cti_error error = {0};
		assert_true(csta_session_create(&session, &bad[i], &ops, NULL, 0, &error) < 0);
		assert_true(error.text[0] != '\0');
		assert_null(session);
	}
}

/* ---- requests ----------------------------------------------------------------------------- */

static void requests_both_ways(void **state)
{
	(void)state;
	for (int xml = 0; xml < 2; xml++) {
		open_both(config(xml ? CSTA_XML : CSTA_BER), 100000);
		for (uint64_t i = 0; i < 100; i++) {
			assert_int_equal(ask(&desk, CTI_SERVICE_HOLD_CALL, i), 0);
			assert_int_equal(ask(&phone, CTI_SERVICE_MONITOR_STOP, i), 0);
			event_send(&phone);
			if (i % 7 == 0)
				pump(1 + i);
		}
		pump(11);
		phone.reply_code = CTI_E_NOTFOUND;
		assert_int_equal(ask(&desk, CTI_SERVICE_SNAPSHOT_DEVICE, 100), 0);
		pump(11);
		for (int i = 0; i <= 100; i++)
			assert_int_equal(desk.answers[i], 1);
		for (int i = 0; i < 100; i++)
			assert_int_equal(phone.answers[i], 1);
		assert_int_equal(desk.codes[99], 0);
		assert_int_equal(desk.codes[100], CTI_E_REFUSED);
		assert_int_equal(desk.messages, 200);
		assert_int_equal(phone.messages, 101);
		const struct csta_session_stats *stats = csta_session_stats(desk.session);
		assert_int_equal(stats->messages_in, 301);
		assert_int_equal(stats->messages_out, 201);
		assert_int_equal(stats->late_answers, 0);
		assert_int_equal(stats->bad_in, 0);
		assert_true(stats->bytes_in > 1000 && stats->bytes_out > 1000);
		unmake();
	}
}

/* ECMA-323 J-2: 0..9998, and 9999 for events; each side has ids of its own. */
static void invoke_ids_go_round(void **state)
{
	(void)state;
	open_both(config(CSTA_XML), 100000);
	bool seen[10000] = {false};
	for (int i = 0; i < 10200; i++) {
		assert_int_equal(ask(&desk, CTI_SERVICE_RETRIEVE_CALL, 0), 0);
		carry(&desk, 100000);
		assert_true(phone.last_id <= 9998);
		if (i < 9999) {
			assert_false(seen[phone.last_id]);
			seen[phone.last_id] = true;
		}
		phone.elements[0] = '\0';
		pump(100000);
	}
	assert_int_equal(desk.answers[0], 10200);
	event_send(&phone);
	assert_true(said(&phone, "9999"));
	unmake();
	/* Ids that are still open are passed over. */
	open_both(config(CSTA_BER), 100000);
	phone.keep_quiet = true;
	assert_int_equal(ask(&desk, CTI_SERVICE_RETRIEVE_CALL, 7), 0);
	carry(&desk, 1);
	uint32_t taken = phone.last_id;
	phone.keep_quiet = false;
	for (int i = 0; i < 33000; i++) {
		assert_int_equal(ask(&desk, CTI_SERVICE_RETRIEVE_CALL, 0), 0);
		carry(&desk, 100000);
		assert_true(phone.last_id != taken);
		phone.elements[0] = '\0';
		pump(100000);
	}
	assert_int_equal(desk.answers[7], 0);
	unmake();
}

static void limits_of_open_requests(void **state)
{
	struct csta_session_config both = config(CSTA_XML);
	(void)state;
	both.pending = 3;
	open_both(both, 100000);
	phone.keep_quiet = true;
	for (uint64_t i = 0; i < 3; i++)
		assert_int_equal(ask(&desk, CTI_SERVICE_HOLD_CALL, i), 0);
	assert_int_equal(ask(&desk, CTI_SERVICE_HOLD_CALL, 3), CTI_E_BUSY);
	/* The heartbeat has a place of its own. */
	pump(100);
	now += 31 * SECOND;
	csta_session_tick(desk.session, now);
	assert_true(said(&desk, "SystemStatus"));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(desk.answers[i], 1);
		assert_int_equal(desk.codes[i], CTI_E_TIMEOUT);
	}
	assert_int_equal(desk.answers[3], 0);
	assert_int_equal(ask(&desk, CTI_SERVICE_HOLD_CALL, 4), 0);
	unmake();
}

static void late_answers_are_counted(void **state)
{
	(void)state;
	for (int xml = 0; xml < 2; xml++) {
		open_both(config(xml ? CSTA_XML : CSTA_BER), 100000);
		assert_int_equal(ask(&desk, CTI_SERVICE_HOLD_CALL, 1), 0);
		carry(&desk, 100000);
		now += 9 * SECOND;
		csta_session_tick(desk.session, now);
		assert_int_equal(desk.answers[1], 0);
		now += SECOND;
		csta_session_tick(desk.session, now);
		assert_int_equal(desk.answers[1], 1);
		assert_int_equal(desk.codes[1], CTI_E_TIMEOUT);
		pump(100000);
		assert_int_equal(desk.answers[1], 1);
		assert_int_equal(csta_session_stats(desk.session)->late_answers, 1);
		assert_int_equal(desk.downs, 0);
		unmake();
	}
}

static void a_request_is_answered_once(void **state)
{
	struct cti_reply reply;
	struct csta_message *answer = NULL;
	struct cti_error error = {0};
	(void)state;
	open_both(config(CSTA_XML), 100000);
	assert_int_equal(ask(&desk, CTI_SERVICE_HOLD_CALL, 1), 0);
	pump(100000);
	cti_reply_init(&reply);
	assert_int_equal(csta_reply_write(&answer, csta_session_codec(phone.session),
	                                  CTI_SERVICE_HOLD_CALL, &reply, &error),
	                 0);
	assert_int_equal(csta_session_respond(phone.session, phone.last_id, answer, now, &error),
	                 CTI_E_NOTFOUND);
	csta_message_destroy(&answer);
	unmake();
}

static void a_lost_link_answers_everything(void **state)
{
	(void)state;
	open_both(config(CSTA_BER), 100000);
	phone.keep_quiet = true;
	for (uint64_t i = 0; i < 50; i++)
		assert_int_equal(ask(&desk, CTI_SERVICE_HOLD_CALL, i), 0);
	csta_session_lost(desk.session, "reset by peer", now);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(desk.answers[i], 1);
		assert_int_equal(desk.codes[i], CTI_E_CLOSED);
	}
	assert_int_equal(desk.downs, 1);
	assert_non_null(strstr(desk.why, "reset by peer"));
	csta_session_lost(desk.session, "again", now);
	assert_int_equal(desk.downs, 1);
	unmake();
}

static void a_send_that_fails_closes(void **state)
{
	(void)state;
	open_both(config(CSTA_XML), 100000);
	assert_int_equal(ask(&desk, CTI_SERVICE_HOLD_CALL, 1), 0);
	desk.send_fails = true;
	assert_int_equal(ask(&desk, CTI_SERVICE_HOLD_CALL, 2), CTI_E_IO);
	assert_int_equal(desk.downs, 1);
	assert_int_equal(desk.answers[1], 1);
	assert_int_equal(desk.answers[2], 0); /* told by the code */
	unmake();
}

/* ---- time --------------------------------------------------------------------------------- */

static void heartbeats_are_answered(void **state)
{
	(void)state;
	for (int xml = 0; xml < 2; xml++) {
		open_both(config(xml ? CSTA_XML : CSTA_BER), 100000);
		advance(now + 3600 * SECOND, true);
		assert_int_equal(phone.downs + desk.downs, 0);
		/* Both are due at the same instant here. */
		assert_in_range(phone.statuses, 115, 121);
		assert_in_range(desk.statuses, 115, 121);
		assert_int_equal(phone.messages + desk.messages, 0);
		unmake();
	}
}

static void silence_ends_the_link(void **state)
{
	(void)state;
	open_both(config(CSTA_XML), 100000);
	uint64_t start = now;
	assert_int_equal(ask(&desk, CTI_SERVICE_HOLD_CALL, 1), 0);
	while (!desk.downs) {
		now = csta_session_deadline(desk.session);
		assert_true(now != UINT64_MAX);
		csta_session_tick(desk.session, now);
	}
	assert_true(now - start == 90 * SECOND);
	assert_non_null(strstr(desk.why, "2 heartbeats unanswered"));
	assert_int_equal(desk.codes[1], CTI_E_TIMEOUT);
	unmake();
}

static void any_message_is_a_sign_of_life(void **state)
{
	(void)state;
	open_both(config(CSTA_XML), 100000);
	for (int i = 0; i < 20; i++) {
		now += 29 * SECOND;
		csta_session_tick(desk.session, now);
		event_send(&phone);
		carry(&phone, 100000);
	}
	assert_int_equal(desk.downs, 0);
	assert_int_equal(desk.out.length, 0);
	unmake();
}

static void the_session_timer_is_renewed(void **state)
{
	struct csta_session_config both = config(CSTA_XML);
	(void)state;
	both.association = CSTA_ASSOCIATE_SESSION;
	both.session_s = 60;
	both.heartbeat_us = 0;
	open_both(both, 3);
	uint64_t start = now;
	assert_true(csta_session_deadline(desk.session) == start + 30 * SECOND);
	assert_true(csta_session_deadline(phone.session) == start + 60 * SECOND);
	advance(start + 600 * SECOND, true);
	assert_int_equal(phone.downs + desk.downs, 0);
	/* It goes silent: the switch ends the session at its time. */
	uint64_t renewed = csta_session_deadline(phone.session);
	csta_buffer_clear(&desk.out);
	now = renewed;
	csta_session_tick(phone.session, now);
	assert_int_equal(phone.downs, 1);
	assert_true(said(&phone, "sessionTimerExpired"));
	pump(9);
	assert_int_equal(desk.downs, 1);
	assert_non_null(strstr(desk.why, "sessionTimerExpired"));
	unmake();
}

static void a_shorter_session_is_granted(void **state)
{
	struct csta_session_config both = config(CSTA_XML);
	(void)state;
	both.association = CSTA_ASSOCIATE_SESSION;
	both.heartbeat_us = 0;
	now = SECOND;
	both.session_s = 20;
	side_make(&phone, both, CSTA_SWITCHING);
	both.session_s = 600;
	side_make(&desk, both, CSTA_COMPUTING);
	csta_session_start(phone.session, now);
	csta_session_start(desk.session, now);
	pump(100000);
	assert_true(csta_session_deadline(desk.session) == now + 10 * SECOND);
	unmake();
}

static void ends_of_application_sessions(void **state)
{
	struct csta_session_config both = config(CSTA_XML);
	(void)state;
	both.association = CSTA_ASSOCIATE_SESSION;
	/* The application stops. */
	open_both(both, 100000);
	csta_session_stop(desk.session, now);
	assert_int_equal(desk.downs, 0);
	pump(1);
	assert_int_equal(desk.downs, 1);
	assert_int_equal(phone.downs, 1);
	assert_non_null(strstr(phone.why, "the application stopped the session"));
	unmake();
	/* Nobody answers that: it ends all the same. */
	open_both(both, 100000);
	csta_session_stop(desk.session, now);
	advance(now + 3 * SECOND, false);
	assert_int_equal(desk.downs, 1);
	unmake();
	/* The switch stops. */
	open_both(both, 100000);
	csta_session_stop(phone.session, now);
	pump(1);
	assert_int_equal(phone.downs, 1);
	assert_int_equal(desk.downs, 1);
	unmake();
	/* A session that is not ours cannot be stopped, nor a second one started. */
	open_both(both, 100000);
	xml_feed(&phone, 5,
	         "<StopApplicationSession><sessionID>stolen</sessionID><sessionEndReason>"
	         "<definedEndReason>normal</definedEndReason></sessionEndReason>"
	         "</StopApplicationSession>");
	assert_true(said(&phone, "invalidSessionID"));
	csta_buffer_clear(&phone.out);
	xml_feed(&phone, 6,
	         "<ResetApplicationSessionTimer><sessionID>stolen</sessionID>"
	         "</ResetApplicationSessionTimer>");
	assert_true(said(&phone, "ResetApplicationSessionTimerNegResponse"));
	csta_buffer_clear(&phone.out);
	xml_feed(&phone, 7,
	         "<StartApplicationSession><applicationInfo><applicationID>x</applicationID>"
	         "</applicationInfo><requestedProtocolVersions><protocolVersion>"
	         "http://www.ecma-international.org/standards/ecma-323/csta/ed4</protocolVersion>"
	         "</requestedProtocolVersions></StartApplicationSession>");
	assert_true(said(&phone, "maxNumberSessions"));
	assert_int_equal(phone.downs, 0);
	unmake();
}

static void associations_are_released_and_aborted(void **state)
{
	struct csta_session_config both = config(CSTA_BER);
	(void)state;
	both.association = CSTA_ASSOCIATE_ACSE;
	open_both(both, 100000);
	csta_session_stop(phone.session, now);
	pump(1);
	assert_int_equal(desk.downs, 1);
	assert_int_equal(phone.downs, 1);
	assert_non_null(strstr(desk.why, "released"));
	unmake();
	open_both(both, 100000);
	ber_feed(&desk, "\x64\x03\x80\x01\x00", 5); /* ABRT, as a Panasonic says it */
	assert_int_equal(desk.downs, 1);
	assert_non_null(strstr(desk.why, "aborted"));
	unmake();
}

/* ---- bad peers ---------------------------------------------------------------------------- */

static void bad_xml_costs_the_message(void **state)
{
	static const struct {
		unsigned id;
		const char *body, *answer; /* NULL: none */
	} rows[] = {
	        {7, "<MakeCall " NS4 "><callingDevice>1</callingDevice></MakeCal>",
	         "invalidParameterValue"},
	        {8, "<NoSuchService " NS4 "/>", "serviceNotSupported"},
	        {9, "what is this?", "generic"},
	        {10, "", "generic"},
	        {11,
	         "<a><b><c><d><e><f><g><h><i><j><k><l><m><n><o><p><q><r><s><t><u><v><w><x><y>"
	         "<z><A><B><C><D><E><F><G><H><I>",
	         "serviceNotSupported"},
	        {9999, "<HeldEvent " NS4 "><monitorCrossRefID>1</monitorCrossRefID></HeldEvent",
	         NULL},
	        {9999, "<NoSuchEvent " NS4 "/>", NULL},
	        {12, "<HoldCallResponse " NS4 "><x", NULL},
	        {13, "<CSTAErrorCode " NS4 "><operation>", NULL},
	        {14, "<!DOCTYPE a [<!ENTITY b \"c\">]><MakeCall>&b;</MakeCall>",
	         "invalidParameterValue"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		open_both(config(CSTA_XML), 100000);
		char id[16];
		snprintf(id, sizeof id, "%04u", rows[i].id);
		xml_feed(&phone, rows[i].id, rows[i].body);
		if (phone.complaints != 1 || phone.downs)
			fail_msg("row %zu: %d complaints, %s", i, phone.complaints, phone.why);
		assert_non_null(strstr(phone.complaint, id));
		if (rows[i].answer) {
			if (!said(&phone, rows[i].answer))
				fail_msg("row %zu: %.*s", i, (int)phone.out.length,
				         (char *)phone.out.data);
			assert_true(said(&phone, "CSTAErrorCode"));
			assert_true(said(&phone, id));
		} else {
			assert_int_equal(phone.out.length, 0);
		}
		/* And the link goes on. */
		csta_buffer_clear(&phone.out);
		assert_int_equal(ask(&desk, CTI_SERVICE_HOLD_CALL, 1), 0);
		pump(100000);
		assert_int_equal(desk.codes[1], 0);
		assert_int_equal(desk.answers[1], 1);
		unmake();
	}
}

static void bad_ber_costs_the_message(void **state)
{
	static const struct {
		const char *apdu;
		size_t length;
		const char *answer;
		size_t answer_length;
	} rows[] = {
	        /* operation 999: unrecognizedOperation */
	        {"\xa1\x09\x02\x01\x05\x02\x02\x03\xe7\x05\x00", 11,
	         "\xa4\x06\x02\x01\x05\x81\x01\x01", 8},
	        /* MakeCall with a NULL: mistypedArgument */
	        {"\xa1\x08\x02\x01\x06\x02\x01\x0a\x05\x00", 10, "\xa4\x06\x02\x01\x06\x81\x01\x02",
	         8},
	        /* Alcatel's broken result: its opcode is a BOOLEAN (captured, and so answered) */
	        {"\xa2\x0b\x02\x02\x2b\xff\x30\x05\x01\x02\x34\x05\x00", 13,
	         "\xa4\x07\x02\x02\x2b\xff\x82\x01\x02", 9},
	        /* no invoke id at all */
	        {"\xa1\x03\x05\x00\x00", 5, "\xa4\x05\x05\x00\x80\x01\x02", 7},
	        {"\x30\x03\x02\x01\x01", 5, "\xa4\x05\x05\x00\x80\x01\x02", 7},
	        /* an event of no known kind: nobody answers events */
	        {"\xa1\x0c\x02\x01\x07\x02\x01\x15\x30\x04\x55\x00\xbf\x00", 14, NULL, 0},
	        /* rejects are never rejected */
	        {"\xa4\x02\x30\x00", 4, NULL, 0},
	        {"\xa4\x05\x05\x00\x80\x01\x00", 7, NULL, 0},
	        /* the frame is longer than its message, or shorter */
	        {"\xa1\x20\x02\x01\x05\x02\x01\x0a", 8, "\xa4\x06\x02\x01\x05\x81\x01\x02", 8},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		open_both(config(CSTA_BER), 100000);
		ber_feed(&phone, rows[i].apdu, rows[i].length);
		if (phone.complaints != 1 || phone.downs)
			fail_msg("row %zu: %d complaints, %s", i, phone.complaints, phone.why);
		if (phone.out.length != (rows[i].answer ? rows[i].answer_length + 2 : 0))
			fail_msg("row %zu: %zu octets of answer (%s)", i, phone.out.length,
			         phone.complaint);
		if (rows[i].answer)
			assert_memory_equal(phone.out.data + 2, rows[i].answer,
			                    rows[i].answer_length);
		csta_buffer_clear(&phone.out);
		assert_int_equal(ask(&desk, CTI_SERVICE_HOLD_CALL, 1), 0);
		pump(100000);
		assert_int_equal(desk.codes[1], 0);
		unmake();
	}
}

static void a_bad_answer_ends_its_request(void **state)
{
	(void)state;
	open_both(config(CSTA_XML), 100000);
	phone.keep_quiet = true;
	for (uint64_t i = 1; i <= 3; i++)
		assert_int_equal(ask(&desk, CTI_SERVICE_HOLD_CALL, i), 0);
	carry(&desk, 100000);
	xml_feed(&desk, 1, "<HoldCallResponse " NS4 "><extensions></HoldCallResponse>");
	assert_int_equal(desk.codes[1], CTI_E_INVALID);
	xml_feed(&desk, 2, "<RetrieveCallResponse " NS4 "/>"); /* that was not the question */
	assert_int_equal(desk.codes[2], CTI_E_INVALID);
	assert_non_null(strstr(desk.complaint, "RetrieveCallResponse"));
	xml_feed(&desk, 3, "<HoldCallResponse " NS4 "/>");
	assert_int_equal(desk.codes[3], 0);
	for (int i = 1; i <= 3; i++)
		assert_int_equal(desk.answers[i], 1);
	assert_int_equal(desk.out.length, 0);
	unmake();
	/* BER: rejected, and the request of that id is over. */
	open_both(config(CSTA_BER), 100000);
	phone.keep_quiet = true;
	assert_int_equal(ask(&desk, CTI_SERVICE_MAKE_CALL, 1), 0);
	carry(&desk, 100000);
	ber_feed(&desk, "\xa2\x0a\x02\x01\x01\x30\x05\x02\x01\x0a\x05\x00", 12);
	assert_int_equal(desk.answers[1], 1);
	assert_int_equal(desk.codes[1], CTI_E_INVALID);
	assert_memory_equal(desk.out.data + 2, "\xa4\x06\x02\x01\x01\x82\x01\x02", 8);
	unmake();
}

static void out_of_step_is_the_end(void **state)
{
	(void)state;
	open_both(config(CSTA_XML), 100000);
	assert_int_equal(ask(&desk, CTI_SERVICE_HOLD_CALL, 1), 0);
	feed(&desk, "GET / HTTP/1.1\r\n", 16, 16);
	assert_int_equal(desk.downs, 1);
	assert_non_null(strstr(desk.why, "octet 0 is 47"));
	assert_int_equal(desk.answers[1], 1);
	feed(&desk, "more", 4, 1); /* nobody listens any more */
	assert_int_equal(desk.downs, 1);
	unmake();
	open_both(config(CSTA_BER), 100000);
	struct csta_session_config small = config(CSTA_BER);
	unmake();
	small.limits.pdu = 100;
	open_both(small, 100000);
	feed(&phone, "\x00\x65", 2, 1);
	assert_int_equal(phone.downs, 1);
	assert_non_null(strstr(phone.why, "101 octets exceeds the limit of 100"));
	unmake();
}

/* Two frames, the first with a length that takes in the second: seen in published captures. */
static void a_false_length_is_named(void **state)
{
	static const char body[] =
	        "<HoldCall " NS4 "><callToBeHeld><callID>1</callID></callToBeHeld>"
	        "</HoldCall>";
	char stream[600] = "\0\0\0\0"
	                   "0001";
	size_t length = sizeof body - 1;
	(void)state;
	open_both(config(CSTA_XML), 100000);
	stream[3] = (char)(length + 8 + 100);
	stream[2] = (char)((length + 8 + 100) >> 8);
	memcpy(stream + 8, body, length);
	char *second = stream + 8 + length;
	memcpy(second,
	       "\0\0\0\0"
	       "0002",
	       8);
	second[3] = (char)(length + 8);
	memcpy(second + 8, body, length);
	feed(&phone, stream, 16 + 2 * length, 1000);
	assert_int_equal(phone.downs, 1);
	assert_non_null(strstr(phone.why, "is false, another frame begins at octet"));
	unmake();
}

static void csta_before_the_session(void **state)
{
	(void)state;
	for (int xml = 0; xml < 2; xml++) {
		struct csta_session_config both = config(xml ? CSTA_XML : CSTA_BER);
		both.association = xml ? CSTA_ASSOCIATE_SESSION : CSTA_ASSOCIATE_ACSE;
		make(both);
		csta_session_start(phone.session, now);
		if (xml)
			xml_feed(&phone, 3,
			         "<MonitorStop " NS4 "><monitorCrossRefID>1</monitorCrossRefID>"
			         "</MonitorStop>");
		else
			ber_feed(&phone, "\xa1\x0b\x02\x01\x01\x02\x01\x49\x30\x03\x55\x01\x31",
			         13);
		assert_int_equal(phone.messages, 0);
		assert_int_equal(phone.complaints, 1);
		if (xml)
			assert_true(said(&phone, "<security>generic</security>"));
		else /* returnError 1, security generic */
			assert_memory_equal(phone.out.data + 2,
			                    "\xa3\x0b\x02\x01\x01\x02\x01\x01\xa1\x03\x0a\x01\x00",
			                    13);
		unmake();
	}
}

static void too_many_requests_of_the_peer(void **state)
{
	struct csta_session_config both = config(CSTA_XML);
	(void)state;
	both.pending = 2000;
	open_both(both, 100000);
	phone.keep_quiet = true;
	for (uint64_t i = 0; i < 1100; i++) {
		assert_int_equal(ask(&desk, CTI_SERVICE_HOLD_CALL, i < 500 ? i : 500), 0);
		carry(&desk, 100000);
	}
	assert_int_equal(phone.messages, 1024);
	assert_true(said(&phone, "outstandingReqLimitExceeded"));
	pump(100000);
	assert_int_equal(desk.answers[500], 76);
	unmake();
	/* The same id twice: X.880's duplicateInvocation. */
	static const char stop[] = "\xa1\x0b\x02\x01\x05\x02\x01\x49\x30\x03\x55\x01\x31";
	open_both(config(CSTA_BER), 100000);
	phone.keep_quiet = true;
	ber_feed(&phone, stop, 13);
	assert_int_equal(phone.out.length, 0);
	ber_feed(&phone, stop, 13);
	assert_int_equal(phone.messages, 1);
	assert_memory_equal(phone.out.data + 2, "\xa4\x06\x02\x01\x05\x81\x01\x00", 8);
	unmake();
}

/*
 * A conversation, one octet of it changed at a time, and cut at every octet: nothing crashes, every
 * request has one answer when all is over.
 */
static void every_octet_wrong_once(void **state)
{
	(void)state;
	for (int xml = 0; xml < 2; xml++) {
		struct csta_session_config both = config(xml ? CSTA_XML : CSTA_BER);
		both.association = xml ? CSTA_ASSOCIATE_SESSION : CSTA_ASSOCIATE_ACSE;
		/* What a switch says: its side of the opening, an answer, an event. */
		struct csta_buffer script = {0};
		make(both);
		csta_session_start(phone.session, now);
		csta_session_start(desk.session, now);
		carry(&desk, 100000);
		csta_buffer_append(&script, phone.out.data, phone.out.length);
		carry(&phone, 100000);
		assert_int_equal(ask(&desk, CTI_SERVICE_MAKE_CALL, 1), 0);
		carry(&desk, 100000);
		event_send(&phone);
		csta_buffer_append(&script, phone.out.data, phone.out.length);
		unmake();
		uint64_t seed = 1;
		for (size_t at = 0; at < script.length; at++) {
			for (int kind = 0; kind < 3; kind++) {
				seed = seed * 6364136223846793005u + 1442695040888963407u;
				uint8_t kept = script.data[at];
				size_t length = kind == 2 ? at : script.length;
				if (kind < 2)
					script.data[at] ^= kind ? (uint8_t)(seed >> 56 | 1)
					                        : (uint8_t)(1 << seed % 8);
				make(both);
				csta_session_start(desk.session, now);
				/* The request goes out as soon as the link is up. */
				for (size_t i = 0; i < length; i++) {
					feed(&desk, script.data + i, 1, 1);
					if (desk.ups && !desk.wires)
						fail();
					if (desk.ups == 1 && !desk.answers[1] &&
					    csta_session_state(desk.session) == CSTA_SESSION_OPEN &&
					    !desk.keep_quiet) {
						desk.keep_quiet = true;
						assert_int_equal(
						        ask(&desk, CTI_SERVICE_MAKE_CALL, 1), 0);
					}
				}
				csta_session_lost(desk.session, "end", now);
				assert_int_equal(desk.downs, 1);
				assert_int_equal(desk.answers[1], desk.ups ? 1 : 0);
				unmake();
				script.data[at] = kept;
			}
		}
		csta_buffer_free(&script);
	}
}

/* Every allocation of libcsta fails in turn: less is done, but nothing twice and nothing by half.
 */
static void out_of_memory(void **state)
{
	static const enum csta_association associations[] = {
	        CSTA_ASSOCIATE_SESSION, CSTA_ASSOCIATE_SYSTEM, CSTA_ASSOCIATE_ACSE};
	(void)state;
	for (size_t i = 0; i < COUNT(associations); i++) {
		bool ber = associations[i] == CSTA_ASSOCIATE_ACSE;
		struct csta_session_config both = config(ber ? CSTA_BER : CSTA_XML);
		both.association = associations[i];
		both.user = "user";
		both.password = "password";
		both.role = CSTA_COMPUTING;
		/* Making it. */
		for (long n = 0;; n++) {
			struct csta_session *session = NULL;
			struct cti_error error = {0};
			csta_alloc_fail_after = n;
			int code = csta_session_create(&session, &both, &ops, &desk, 0, &error);
			csta_alloc_fail_after = -1;
			assert_true(!code == !!session);
			csta_session_destroy(&session);
			if (!code)
				break;
			assert_int_equal(code, CTI_E_NOMEM);
		}
		/* Using it. */
		bool asked;
		long n = 0;
		do {
			asked = false;
			make(both);
			csta_alloc_fail_after = n++;
			csta_session_start(phone.session, now);
			csta_session_start(desk.session, now);
			pump_without_memory();
			if (csta_session_state(desk.session) == CSTA_SESSION_OPEN) {
				asked = !ask_without_memory(1);
				pump_without_memory();
			}
			csta_alloc_fail_after = -1;
			csta_session_lost(desk.session, "end", now);
			csta_session_lost(phone.session, "end", now);
			assert_int_equal(desk.downs, 1);
			assert_int_equal(phone.downs, 1);
			assert_int_equal(desk.answers[1], asked);
			unmake();
		} while (n < 2000 && (!asked || desk.codes[1]));
		assert_in_range(n, 20, 1999);
	}
}

static int setup(void **state)
{
	(void)state;
	return csta_init(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(opens_in_every_way),
	        cmocka_unit_test(avaya_login_is_taken),
	        cmocka_unit_test(wrong_password),
	        cmocka_unit_test(editions_are_agreed),
	        cmocka_unit_test(the_peers_edition_is_taken),
	        cmocka_unit_test(one_registration),
	        cmocka_unit_test(nobody_opens),
	        cmocka_unit_test(handshake_of_the_wrong_octet),
	        cmocka_unit_test(nonsense_is_refused_at_once),
	        cmocka_unit_test(requests_both_ways),
	        cmocka_unit_test(invoke_ids_go_round),
	        cmocka_unit_test(limits_of_open_requests),
	        cmocka_unit_test(late_answers_are_counted),
	        cmocka_unit_test(a_request_is_answered_once),
	        cmocka_unit_test(a_lost_link_answers_everything),
	        cmocka_unit_test(a_send_that_fails_closes),
	        cmocka_unit_test(heartbeats_are_answered),
	        cmocka_unit_test(silence_ends_the_link),
	        cmocka_unit_test(any_message_is_a_sign_of_life),
	        cmocka_unit_test(the_session_timer_is_renewed),
	        cmocka_unit_test(a_shorter_session_is_granted),
	        cmocka_unit_test(ends_of_application_sessions),
	        cmocka_unit_test(associations_are_released_and_aborted),
	        cmocka_unit_test(bad_xml_costs_the_message),
	        cmocka_unit_test(bad_ber_costs_the_message),
	        cmocka_unit_test(a_bad_answer_ends_its_request),
	        cmocka_unit_test(out_of_step_is_the_end),
	        cmocka_unit_test(a_false_length_is_named),
	        cmocka_unit_test(csta_before_the_session),
	        cmocka_unit_test(too_many_requests_of_the_peer),
	        cmocka_unit_test(every_octet_wrong_once),
	        cmocka_unit_test(out_of_memory),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, NULL);
}
