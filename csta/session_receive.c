/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came: to whom it goes, and what is said to a peer whose message is bad. A message that does
 * not decode costs that message, not the link:
 *
 *     BER   a1 request      a4 reject: unrecognizedOperation, mistypedArgument
 *           a2, a3 answer   the request ends in error, a4 reject: mistyped
 *           no id           a4 reject, NULL: badlyStructuredPDU
 *     XML   a request       CSTAErrorCode: serviceNotSupported, invalidParameterValue
 *           ...Response     the request ends in error
 */
#include "csta/event.h"
#include "csta/session_private.h"

#include <NoDataResult.h>
#include <RejectProblem.h>
#include <RequestSystemStatusResult.h>
#include <SystemRegisterArgument.h>
#include <SystemRegisterResult.h>
#include <SystemStatusArgument.h>
#include <string.h>

/* ---- messages of the session's own ------------------------------------------------------- */

static void send_or_complain(struct csta_session *session, struct csta_message **message)
{
	struct cti_error error = {0};
	int code = session_transmit(session, *message, &error);
	if (code == CTI_E_IO)
		session_drop(session, code, "%s", error.text);
	else if (code)
		session_complain(session, code, "%s", error.text);
	csta_message_destroy(message);
}

static void ask_or_complain(struct csta_session *session, struct csta_message **message,
                            enum session_use use)
{
	struct cti_error error = {0};
	int code = session_ask(session, *message, use, 0, &error);
	if (code && code != CTI_E_IO)
		session_complain(session, code, "%s", error.text);
	csta_message_destroy(message);
}

void session_system_status(struct csta_session *session, enum session_use use)
{
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	if (session_make(session, "SystemStatus", &message, &error)) {
		session_complain(session, error.code, "%s", error.text);
		return;
	}
	((SystemStatusArgument_t *)message->value)->systemStatus = SystemStatusValue_normal;
	ask_or_complain(session, &message, use);
}

/* OpenScape Voice: what the computing function wants to be asked and told (ECMA-269 14.1.1). */
static void system_register(struct csta_session *session)
{
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	uint8_t *types = NULL;
	if (!session_make(session, "SystemRegister", &message, &error))
		types = csta_message_alloc(message, 1);
	if (!types) {
		session_drop(session, CTI_E_NOMEM, "SystemRegister: out of memory");
		csta_message_destroy(&message);
		return;
	}
	SystemRegisterArgument_t *argument = message->value;
	types[0] = 0x80; /* systemStatus */
	argument->requestTypes.buf = types;
	argument->requestTypes.size = 1;
	argument->requestTypes.bits_unused = 6;
	ask_or_complain(session, &message, USE_REGISTER);
}

void session_refuse(struct csta_session *session, uint32_t invoke_id, int category,
                    const char *value)
{
	struct cti_reply reply;
	struct cti_error error = {0};
	struct csta_message *message = NULL;
	cti_reply_init(&reply);
	reply.code = CTI_E_REFUSED;
	reply.category = (enum cti_category)category;
	reply.value = value;
	session_peer_close(session, invoke_id);
	/* The service does not matter for an error. */
	if (csta_reply_write(&message, session->codec, CTI_SERVICE_ESCAPE, &reply, &error)) {
		session_complain(session, error.code, "%s", error.text);
		return;
	}
	message->invoke_id = invoke_id;
	send_or_complain(session, &message);
}

static void reject(struct csta_session *session, uint32_t invoke_id, RejectProblem_PR kind,
                   long problem)
{
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	if (session_make(session, "Reject", &message, &error)) {
		session_complain(session, error.code, "%s", error.text);
		return;
	}
	RejectProblem_t *value = message->value;
	value->present = kind;
	value->choice.general = problem;
	message->invoke_id = invoke_id;
	send_or_complain(session, &message);
}

/* ---- requests of the peer ---------------------------------------------------------------- */

static void response_send(struct csta_session *session, const struct csta_message *request,
                          void (*fill)(struct csta_message *))
{
	const struct csta_type *type = csta_type_of_response(request->type);
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	if (!type || csta_message_create(&message, session->codec, type, &error)) {
		session_complain(session, CTI_E_NOMEM, "%s: no answer could be made",
		                 request->type->element);
		return;
	}
	fill(message);
	message->invoke_id = request->invoke_id;
	send_or_complain(session, &message);
}

static void no_data_fill(struct csta_message *message)
{
	((NoDataResult_t *)message->value)->present = NoDataResult_PR_noData;
}

static void status_fill(struct csta_message *message)
{
	((RequestSystemStatusResult_t *)message->value)->systemStatus = SystemStatusValue_normal;
}

static void register_fill(struct csta_message *message)
{
	static uint8_t id[] = "1"; /* one registration a link */
	SystemRegisterResult_t *result = message->value;
	result->sysStatRegisterID.buf = id;
	result->sysStatRegisterID.size = 1;
}

static void status_take(struct csta_session *session, const struct csta_message *message)
{
	response_send(session, message, no_data_fill);
	if (session->phase == PHASE_DOWN)
		return;
	if (session->ops.status)
		session->ops.status(session->arg, message);
	if (session->config.association == CSTA_ASSOCIATE_SYSTEM &&
	    session->config.role == CSTA_COMPUTING && !session->registering &&
	    session->phase == PHASE_OPENING) {
		session->registering = true;
		system_register(session);
	}
}

static void status_request_take(struct csta_session *session, const struct csta_message *message)
{
	response_send(session, message, status_fill);
}

static void register_take(struct csta_session *session, const struct csta_message *message)
{
	response_send(session, message, register_fill);
	session_up(session);
}

static void register_cancel_take(struct csta_session *session, const struct csta_message *message)
{
	response_send(session, message, no_data_fill);
}

/* Requests that the session answers itself. */
static const struct own {
	const char *element;
	bool registration; /* of a switching function that wants it */
	void (*take)(struct csta_session *, const struct csta_message *);
} owns[] = {
        {"SystemStatus", false, status_take},
        {"RequestSystemStatus", false, status_request_take},
        {"SystemRegister", true, register_take},
        {"SystemRegisterCancel", true, register_cancel_take},
};

static const struct own *own_find(const struct csta_type *type)
{
	for (size_t i = 0; i < sizeof owns / sizeof *owns; i++)
		if (!strcmp(owns[i].element, type->element))
			return &owns[i];
	return NULL;
}

bool csta_session_takes(const struct csta_type *type)
{
	switch (type->kind) {
	case CSTA_REQUEST:
		return own_find(type);
	case CSTA_RESPONSE:
		type = csta_type_of_operation(type->operation, CSTA_REQUEST);
		return type && own_find(type);
	case CSTA_REJECT:
	case CSTA_ASSOCIATION:
	case CSTA_SESSION:
		return true;
	case CSTA_ERROR:
	case CSTA_EVENT:
		break;
	}
	return false;
}

/* False: it is the owner's. */
static bool request_own(struct csta_session *session, const struct csta_message *message)
{
	const struct own *own = own_find(message->type);
	if (!own || (own->registration && (session->config.role != CSTA_SWITCHING ||
	                                   session->config.association != CSTA_ASSOCIATE_SYSTEM)))
		return false;
	own->take(session, message);
	return true;
}

static void request_receive(struct csta_session *session, struct csta_message *message)
{
	/* CSTA before the session that is required: refused, and nothing else (ECMA-354). */
	bool early = session->phase == PHASE_OPENING &&
	             (session->config.association == CSTA_ASSOCIATE_SESSION ||
	              session->config.association == CSTA_ASSOCIATE_ACSE);
	if (early) {
		session_complain(session, CTI_E_STATE, "%s before the session stands",
		                 message->type->element);
		if (!message->type->no_response)
			session_refuse(session, message->invoke_id, CTI_CATEGORY_SECURITY,
			               "generic");
		return;
	}
	if (request_own(session, message))
		return;
	if (session->phase != PHASE_OPEN) {
		session_complain(session, CTI_E_STATE, "%s before the link is open",
		                 message->type->element);
		if (!message->type->no_response)
			session_refuse(session, message->invoke_id,
			               CTI_CATEGORY_STATE_INCOMPATIBILITY, "generic");
		return;
	}
	if (message->type->no_response) {
		session->ops.message(session->arg, message);
		return;
	}
	switch (session_peer_open(session, message->invoke_id)) {
	case CTI_OK:
		session->ops.message(session->arg, message);
		break;
	case CTI_E_EXISTS:
		session_complain(session, CTI_E_EXISTS, "invoke id %u: %s while it is in use",
		                 message->invoke_id, message->type->element);
		reject(session, message->invoke_id, RejectProblem_PR_invoke,
		       InvokeProblem_duplicateInvocation);
		break;
	default:
		session_complain(session, CTI_E_LIMIT, "invoke id %u: %u requests are open already",
		                 message->invoke_id, session->peer_count);
		session_refuse(session, message->invoke_id, CTI_CATEGORY_SUBSCRIBED_RESOURCE,
		               "outstandingReqLimitExceeded");
	}
}

/* ---- answers ----------------------------------------------------------------------------- */

static void register_answered(struct csta_session *session, const struct csta_message *answer,
                              const struct cti_error *error)
{
	if (!answer) {
		session_drop(session, error->code, "%s", error->text);
		return;
	}
	/* A switch without registration refuses it, and reports all the same. */
	if (answer->type->kind != CSTA_RESPONSE)
		session_complain(session, CTI_E_REFUSED, "SystemRegister was refused");
	session_up(session);
}

void session_answered(struct csta_session *session, const struct session_request *request,
                      const struct csta_message *answer, const struct cti_error *error)
{
	switch (request->use) {
	case USE_OWNER:
		session->ops.answer(session->arg, request->token, answer, error);
		break;
	case USE_REGISTER:
		register_answered(session, answer, error);
		break;
	case USE_START:
	case USE_RESET:
	case USE_STOP:
		application_answered(session, request->use, answer, error);
		break;
	case USE_HEARTBEAT: /* any sign of life will do, and any message is one */
	case USE_STATUS:    /* what counts is the registration that follows */
		break;
	}
}

static bool answers(const struct csta_type *answer, const struct csta_type *request)
{
	if (answer->kind == CSTA_ERROR || answer->kind == CSTA_REJECT)
		return true;
	if (answer == csta_type_of_response(request))
		return true;
	size_t length = strlen(request->element);
	return request->kind == CSTA_SESSION &&
	       !strncmp(answer->element, request->element, length) &&
	       !strcmp(answer->element + length, "NegResponse");
}

static void answer_receive(struct csta_session *session, const struct csta_message *message)
{
	struct session_request request;
	if (message->type->kind == CSTA_REJECT && message->invoke_id == CSTA_NO_INVOKE_ID) {
		session_complain(session, CTI_E_INVALID,
		                 "the peer could not read a message (reject without invoke id)");
		return;
	}
	/*
	 * The peer may reject an answer of ours, with the same kind of message: which id is meant,
	 * its own or ours, only the problem tells (X.880).
	 */
	if (message->type->kind == CSTA_REJECT) {
		const RejectProblem_t *problem = message->value;
		if (problem && (problem->present == RejectProblem_PR_returnResult ||
		                problem->present == RejectProblem_PR_returnError)) {
			session_complain(session, CTI_E_INVALID,
			                 "invoke id %u: the peer rejected our answer",
			                 message->invoke_id);
			return;
		}
	}
	if (!session_request_take(session, message->invoke_id, &request)) {
		session->stats.late_answers++;
		return;
	}
	if (answers(message->type, request.type)) {
		session_answered(session, &request, message, NULL);
		return;
	}
	struct cti_error error;
	cti_error_set(&error, CTI_E_INVALID, "invoke id %u: %s came as the answer to %s",
	              message->invoke_id, message->type->element, request.type->element);
	session_complain(session, CTI_E_INVALID, "%s", error.text);
	session_answered(session, &request, NULL, &error);
}

/* ---- bad messages ------------------------------------------------------------------------ */

/* An answer that does not decode still ends its request. */
static void answer_bad(struct csta_session *session, uint32_t invoke_id,
                       const struct cti_error *error)
{
	struct session_request request;
	if (session_request_take(session, invoke_id, &request))
		session_answered(session, &request, NULL, error);
	else
		session->stats.late_answers++;
}

/* The INTEGER at @p at; returns what follows, NULL if there is none. */
static const uint8_t *integer_read(const uint8_t *at, const uint8_t *end, uint32_t *out)
{
	if (end - at < 3 || at[0] != 0x02 || !at[1] || at[1] > 4 || end - at < 2 + at[1])
		return NULL;
	*out = 0;
	for (unsigned i = 0; i < at[1]; i++)
		*out = *out << 8 | at[2 + i];
	return at + 2 + at[1];
}

static void ber_bad(struct csta_session *session, const uint8_t *octets, size_t length,
                    const struct cti_error *error)
{
	const uint8_t *end = octets + length;
	uint32_t invoke_id, operation = 0;
	size_t header = 2;
	if (length > 1 && octets[1] & 0x80)
		header += octets[1] & 0x7F;
	const uint8_t *at = length > header ? integer_read(octets + header, end, &invoke_id) : NULL;
	if (!at || octets[0] < 0xA1 || octets[0] > 0xA3) {
		/* Never reject a reject, and leave the association to itself. */
		if (octets[0] != 0xA4 && (octets[0] & 0xE0) != 0x60)
			reject(session, CSTA_NO_INVOKE_ID, RejectProblem_PR_general,
			       GeneralProblem_badlyStructuredPDU);
		return;
	}
	switch (octets[0]) {
	case 0xA1:
		if (!integer_read(at, end, &operation) || operation == CSTA_OPERATION_EVENT_REPORT)
			return; /* an event: nobody answers it, not even with a reject */
		reject(session, invoke_id, RejectProblem_PR_invoke,
		       error->code == CTI_E_UNSUPPORTED ? InvokeProblem_unrecognizedOperation
		                                        : InvokeProblem_mistypedArgument);
		break;
	case 0xA2:
		answer_bad(session, invoke_id, error);
		if (session->phase != PHASE_DOWN)
			reject(session, invoke_id, RejectProblem_PR_returnResult,
			       ReturnResultProblem_mistypedResult);
		break;
	case 0xA3:
		answer_bad(session, invoke_id, error);
		if (session->phase != PHASE_DOWN)
			reject(session, invoke_id, RejectProblem_PR_returnError,
			       ReturnErrorProblem_mistypedParameter);
		break;
	}
}

static bool name_octet(uint8_t octet)
{
	return (octet | 0x20) >= 'a' ? (octet | 0x20) <= 'z' : octet >= '0' && octet <= '9';
}

/* Local name of the root element, as far as it can be seen in what does not parse. */
static size_t root_name(const uint8_t *octets, size_t length, const char **name)
{
	for (size_t i = 0; i + 1 < length; i++) {
		if (octets[i] != '<' || !name_octet(octets[i + 1]))
			continue;
		size_t start = i + 1, end = start;
		while (end < length && (name_octet(octets[end]) || octets[end] == ':')) {
			if (octets[end] == ':')
				start = end + 1;
			end++;
		}
		*name = (const char *)octets + start;
		return end - start;
	}
	return 0;
}

static bool ends_with(const char *name, size_t length, const char *end)
{
	size_t tail = strlen(end);
	return length >= tail && !memcmp(name + length - tail, end, tail);
}

/*
 * A length that is too long swallows the frames that follow: XML has no NUL, so what looks like a
 * header within it is one. Returns where, 0 if nowhere.
 */
static size_t header_within(const uint8_t *octets, size_t length)
{
	for (size_t i = 1; i + 8 < length; i++) {
		if (octets[i] || octets[i + 1] || octets[i + 8] != '<')
			continue;
		bool digits = true;
		for (size_t j = 4; j < 8; j++)
			digits &= octets[i + j] >= '0' && octets[i + j] <= '9';
		if (digits)
			return i;
	}
	return 0;
}

static void xml_bad(struct csta_session *session, const struct csta_frame *frame,
                    const struct cti_error *error)
{
	const char *name = "";
	size_t within = header_within(frame->body, frame->length);
	if (within) {
		session_drop(session, CTI_E_INVALID,
		             "out of step: frame: the length of %zu is false, another frame "
		             "begins at octet %zu",
		             frame->total, within + csta_frame_header(CSTA_FRAME_XML));
		return;
	}
	size_t length = root_name(frame->body, frame->length, &name);
	if (frame->invoke_id == CSTA_EVENT_INVOKE_ID || ends_with(name, length, "Event"))
		return;
	if (ends_with(name, length, "Response") || ends_with(name, length, "CSTAErrorCode")) {
		answer_bad(session, frame->invoke_id, error);
		return;
	}
	const struct csta_type *type = csta_type_of_element(name, length);
	if (type && type->no_response)
		return;
	session_refuse(session, frame->invoke_id, CTI_CATEGORY_OPERATION,
	               !length ? "generic"
	               : type  ? "invalidParameterValue"
	                       : "serviceNotSupported");
}

/* ---- all --------------------------------------------------------------------------------- */

static int decode(struct csta_session *session, const struct csta_frame *frame,
                  struct csta_message **message, struct cti_error *error)
{
	if (session->config.encoding == CSTA_XML) {
		unsigned edition = 0;
		int code = csta_decode_xml(message, session->codec, frame->body, frame->length,
		                           &edition, error);
		if (code)
			return code;
		(*message)->invoke_id = frame->invoke_id;
		if (edition && !session->edition_known) {
			session->edition = (enum csta_edition)edition;
			session->edition_known = true;
		}
		return CTI_OK;
	}
	size_t used = 0;
	int code = csta_decode_ber(message, session->codec, frame->body, frame->length, &used,
	                           session_request_type, session, error);
	if (code == CTI_E_TRUNCATED)
		return cti_error_set(error, CTI_E_INVALID,
		                     "the frame ends before its message: %zu octets are too few",
		                     frame->length);
	if (!code && used < frame->length)
		session_complain(session, CTI_E_INVALID,
		                 "%s: %zu octets behind the message are ignored",
		                 (*message)->type->element, frame->length - used);
	return code;
}

static void dispatch(struct csta_session *session, struct csta_message *message)
{
	switch (message->type->kind) {
	case CSTA_ASSOCIATION:
		acse_receive(session, message);
		break;
	case CSTA_SESSION:
		if (ends_with(message->type->element, strlen(message->type->element), "Response"))
			answer_receive(session, message);
		else
			application_receive(session, message);
		break;
	case CSTA_RESPONSE:
	case CSTA_ERROR:
	case CSTA_REJECT:
		answer_receive(session, message);
		break;
	case CSTA_REQUEST:
		request_receive(session, message);
		break;
	case CSTA_EVENT:
		if (session->phase == PHASE_OPEN)
			session->ops.message(session->arg, message);
		else
			session_complain(session, CTI_E_STATE, "%s before the link is open",
			                 message->type->element);
		break;
	}
}

void session_receive(struct csta_session *session, const struct csta_frame *frame,
                     const void *octets)
{
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	int code = decode(session, frame, &message, &error);
	if (session->ops.wire)
		session->ops.wire(session->arg, false, octets, frame->total, message);
	if (!code) {
		session->stats.messages_in++;
		session->beats = 0;
		if (session->beat_at != NEVER)
			session->beat_at = session->now + session->config.heartbeat_us;
		dispatch(session, message);
		csta_message_destroy(&message);
		return;
	}
	if (session->config.encoding == CSTA_XML)
		session_complain(session, code, "invoke id %04u: %s", frame->invoke_id, error.text);
	else
		session_complain(session, code, "%s", error.text);
	if (session->phase == PHASE_DOWN)
		return;
	if (session->config.encoding == CSTA_XML)
		xml_bad(session, frame, &error);
	else
		ber_bad(session, frame->body, frame->length, &error);
}
