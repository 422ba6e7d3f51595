/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Application sessions (ECMA-354), XML only. The computing function asks for the versions that it
 * speaks and for a duration, and resets the timer when half of that has passed.
 *
 *     <StartApplicationSession><applicationInfo><applicationID>cti-server</applicationID>
 *     <applicationSpecificInfo><user>..</user><password>..</password></applicationSpecificInfo>
 *     </applicationInfo><requestedProtocolVersions><protocolVersion>http://www.ecma-international.
 *     org/standards/ecma-323/csta/ed4</protocolVersion></requestedProtocolVersions>
 *     <requestedSessionDuration>180</requestedSessionDuration></StartApplicationSession>
 */
#include "csta/session_private.h"

#include <ApplicationSessionTerminated.h>
#include <ResetApplicationSessionTimer.h>
#include <ResetApplicationSessionTimerNegResponse.h>
#include <ResetApplicationSessionTimerPosResponse.h>
#include <StartApplicationSession.h>
#include <StartApplicationSessionNegResponse.h>
#include <StartApplicationSessionPosResponse.h>
#include <StopApplicationSession.h>
#include <StopApplicationSessionNegResponse.h>
#include <StopApplicationSessionPosResponse.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>

#define SECOND UINT64_C(1000000)
/** Durations that are granted or believed, at most: a year. */
#define DURATION_MAX 31536000

/* ---- making messages ---------------------------------------------------------------------- */

static bool text_set(struct csta_message *message, UTF8String_t *out, const char *text)
{
	size_t length = strlen(text);
	out->buf = csta_message_alloc(message, length + 1);
	if (!out->buf)
		return false;
	memcpy(out->buf, text, length);
	out->size = (int)length;
	return true;
}

static bool number_set(struct csta_message *message, long **out, long number)
{
	*out = csta_message_alloc(message, sizeof **out);
	if (*out)
		**out = number;
	return *out;
}

/* Send what was made, unless it could not be made. */
static void send_made(struct csta_session *session, struct csta_message **message, bool made)
{
	struct cti_error error = {0};
	int code = made ? session_transmit(session, *message, &error)
	                : cti_error_set(&error, CTI_E_NOMEM, "session: out of memory");
	csta_message_destroy(message);
	if (code)
		session_drop(session, code, "%s", error.text);
}

static void ask_made(struct csta_session *session, struct csta_message **message, bool made,
                     enum session_use use)
{
	struct cti_error error = {0};
	int code = made ? session_ask(session, *message, use, 0, &error)
	                : cti_error_set(&error, CTI_E_NOMEM, "session: out of memory");
	csta_message_destroy(message);
	if (code)
		session_drop(session, code, "%s", error.text);
}

static bool make(struct csta_session *session, const char *element, struct csta_message **message)
{
	struct cti_error error = {0};
	if (!session_make(session, element, message, &error))
		return true;
	session_drop(session, error.code, "%s", error.text);
	return false;
}

/* ---- computing role ------------------------------------------------------------------------ */

static int escaped_append(struct csta_buffer *out, const char *text)
{
	int code = CTI_OK;
	for (; *text && !code; text++) {
		const char *entity = *text == '<'   ? "&lt;"
		                     : *text == '>' ? "&gt;"
		                     : *text == '&' ? "&amp;"
		                                    : NULL;
		code = entity ? csta_buffer_append(out, entity, strlen(entity))
		              : csta_buffer_append(out, text, 1);
	}
	return code;
}

/* The login as XML content, NUL-terminated. */
static int login_write(const struct csta_session_config *config, struct csta_buffer *out)
{
	bool avaya = config->login == CSTA_LOGIN_AVAYA;
	const char *const parts[] = {
	        avaya ? "<SessionLoginInfo xmlns=\"http://www.avaya.com/csta\"><userName>"
	              : "<user>",
	        config->user,
	        avaya ? "</userName><password>" : "</user><password>",
	        config->password ? config->password : "",
	        avaya ? "</password><sessionCleanupDelay>60</sessionCleanupDelay>"
	                "</SessionLoginInfo>"
	              : "</password>",
	};
	int code = CTI_OK;
	for (size_t i = 0; !code && i < sizeof parts / sizeof *parts; i++)
		code = i % 2 ? escaped_append(out, parts[i])
		             : csta_buffer_append(out, parts[i], strlen(parts[i]));
	return code ? code : csta_buffer_append(out, "", 1);
}

static bool login_set(const struct csta_session_config *config, struct csta_message *message,
                      ApplicationInfo_t *info)
{
	struct csta_buffer login = {0};
	info->applicationSpecificInfo =
	        csta_message_alloc(message, sizeof *info->applicationSpecificInfo);
	bool made = info->applicationSpecificInfo && !login_write(config, &login) &&
	            text_set(message, info->applicationSpecificInfo, (const char *)login.data);
	if (login.data)
		explicit_bzero(login.data, login.length);
	csta_buffer_free(&login);
	return made;
}

/* The edition asked for, then the ones before it. */
static bool versions_set(struct csta_message *message, enum csta_edition edition,
                         ProtocolVersionList_t *out)
{
	int count = (int)edition - CSTA_ED2 + 1;
	UTF8String_t *versions = csta_message_alloc(message, (size_t)count * sizeof *versions);
	out->list.array = csta_message_alloc(message, (size_t)count * sizeof *out->list.array);
	if (!versions || !out->list.array)
		return false;
	for (int i = 0; i < count; i++) {
		out->list.array[i] = &versions[i];
		if (!text_set(message, &versions[i],
		              csta_edition_namespace((enum csta_edition)(edition - i))))
			return false;
	}
	out->list.count = out->list.size = count;
	return true;
}

void application_start(struct csta_session *session)
{
	const struct csta_session_config *config = &session->config;
	struct csta_message *message = NULL;
	if (config->role == CSTA_SWITCHING || !make(session, "StartApplicationSession", &message))
		return;
	StartApplicationSession_t *start = message->value;
	ApplicationInfo_t *info = &start->applicationInfo;
	info->applicationID = csta_message_alloc(message, sizeof *info->applicationID);
	bool made = info->applicationID &&
	            text_set(message, info->applicationID, config->application_id) &&
	            versions_set(message, session->edition, &start->requestedProtocolVersions);
	if (made && config->user)
		made = login_set(config, message, info);
	if (made && config->session_s)
		made = number_set(message, &start->requestedSessionDuration,
		                  (long)config->session_s);
	ask_made(session, &message, made, USE_START);
}

/* The timer runs for @p seconds from now; 0: it does not run. */
static void duration_set(struct csta_session *session, const long *seconds)
{
	session->renew_at = session->expire_at = NEVER;
	if (!seconds || *seconds <= 0)
		return;
	uint64_t duration = (uint64_t)(*seconds < DURATION_MAX ? *seconds : DURATION_MAX) * SECOND;
	session->expire_at = session->now + duration;
	if (session->config.role == CSTA_COMPUTING)
		session->renew_at = session->now + duration / 2;
}

static void start_answered(struct csta_session *session, const struct csta_message *answer)
{
	static const char *const reasons[] = {
	        [DefinedStartError_invalidApplicationInfo] = "invalidApplicationInfo",
	        [DefinedStartError_requestedProtocolVersionNotSupported] =
	                "requestedProtocolVersionNotSupported",
	        [DefinedStartError_serverResourcesBusy] = "serverResourcesBusy",
	        [DefinedStartError_maxNumberSessions] = "maxNumberSessions",
	};
	if (answer->type->value == &asn_DEF_StartApplicationSessionPosResponse) {
		const StartApplicationSessionPosResponse_t *response = answer->value;
		const UTF8String_t *version = &response->actualProtocolVersion;
		if (response->sessionID.size > SESSION_ID_MAX) {
			session_drop(session, CTI_E_LIMIT,
			             "session: an id of %d octets, at most %d are accepted",
			             response->sessionID.size, SESSION_ID_MAX);
			return;
		}
		memcpy(session->session_id, response->sessionID.buf,
		       (size_t)response->sessionID.size);
		session->session_id[response->sessionID.size] = '\0';
		unsigned edition =
		        csta_edition_of((const char *)version->buf, (size_t)version->size);
		if (edition >= CSTA_ED2 && edition <= CSTA_ED6) {
			session->edition = (enum csta_edition)edition;
			session->edition_known = true;
		} else {
			session_complain(session, CTI_E_INVALID,
			                 "session: actualProtocolVersion is none of ECMA-323, "
			                 "edition %d it is",
			                 (int)session->edition);
		}
		duration_set(session, response->actualSessionDuration);
		session_up(session);
		return;
	}
	if (answer->type->value == &asn_DEF_StartApplicationSessionNegResponse) {
		const StartApplicationSessionNegResponse_t *response = answer->value;
		const StartSessionError_t *why = &response->errorCode;
		if (why->present == StartSessionError_PR_applError)
			session_drop(session, CTI_E_REFUSED, "session refused: %.*s",
			             why->choice.applError.size, why->choice.applError.buf);
		else if (why->choice.definedError >= 0 &&
		         why->choice.definedError <= DefinedStartError_maxNumberSessions)
			session_drop(session,
			             why->choice.definedError ==
			                             DefinedStartError_invalidApplicationInfo
			                     ? CTI_E_AUTH
			                     : CTI_E_REFUSED,
			             "session refused: %s", reasons[why->choice.definedError]);
		else
			session_drop(session, CTI_E_REFUSED, "session refused");
		return;
	}
	session_drop(session, CTI_E_REFUSED,
	             "session refused: the switch answered with %s, it may not know ECMA-354",
	             answer->type->element);
}

static void reset_answered(struct csta_session *session, const struct csta_message *answer,
                           const struct cti_error *error)
{
	if (answer && answer->type->value == &asn_DEF_ResetApplicationSessionTimerPosResponse) {
		const ResetApplicationSessionTimerPosResponse_t *response = answer->value;
		long same = (long)session->config.session_s;
		duration_set(session, response->actualSessionDuration
		                              ? response->actualSessionDuration
		                              : &same);
		return;
	}
	if (answer && answer->type->value == &asn_DEF_ResetApplicationSessionTimerNegResponse) {
		const ResetApplicationSessionTimerNegResponse_t *response = answer->value;
		if (response->errorCode.present == ResetSessionError_PR_definedError &&
		    response->errorCode.choice.definedError == DefinedResetError_invalidSessionID) {
			session_drop(session, CTI_E_CLOSED,
			             "the switch no longer knows the session (invalidSessionID)");
			return;
		}
	}
	session_complain(session, error ? error->code : CTI_E_REFUSED,
	                 "session: the timer was not reset: %s",
	                 error ? error->text : answer->type->element);
	/* Again when half of the rest has passed, down to a second. */
	uint64_t rest = session->expire_at > session->now ? session->expire_at - session->now : 0;
	session->renew_at = rest > 2 * SECOND ? session->now + rest / 2 : NEVER;
}

void application_answered(struct csta_session *session, enum session_use use,
                          const struct csta_message *answer, const struct cti_error *error)
{
	switch (use) {
	case USE_START:
		if (answer)
			start_answered(session, answer);
		else
			session_drop(session, error->code, "%s", error->text);
		break;
	case USE_RESET:
		reset_answered(session, answer, error);
		break;
	case USE_STOP:
		session_drop(session, CTI_E_CLOSED, "stopped");
		break;
	default:
		break;
	}
}

static void renew(struct csta_session *session)
{
	struct csta_message *message = NULL;
	session->renew_at = NEVER;
	if (!make(session, "ResetApplicationSessionTimer", &message))
		return;
	ResetApplicationSessionTimer_t *reset = message->value;
	bool made = text_set(message, &reset->sessionID, session->session_id);
	if (made && session->config.session_s)
		made = number_set(message, &reset->requestedSessionDuration,
		                  (long)session->config.session_s);
	ask_made(session, &message, made, USE_RESET);
}

/* ---- switching role ------------------------------------------------------------------------ */

static void terminate(struct csta_session *session, bool expired)
{
	struct csta_message *message = NULL;
	if (!make(session, "ApplicationSessionTerminated", &message))
		return;
	ApplicationSessionTerminated_t *terminated = message->value;
	SessionTermReason_t *reason = &terminated->sessionTermReason;
	bool made = text_set(message, &terminated->sessionID, session->session_id);
	if (expired) {
		reason->present = SessionTermReason_PR_definedTermReason;
		reason->choice.definedTermReason = DefinedTermReason_sessionTimerExpired;
	} else {
		reason->present = SessionTermReason_PR_serverTermReason;
		made = made && text_set(message, &reason->choice.serverTermReason, "stopped");
	}
	message->invoke_id = CSTA_EVENT_INVOKE_ID;
	send_made(session, &message, made);
}

void application_stop(struct csta_session *session)
{
	struct csta_message *message = NULL;
	if (session->config.role == CSTA_SWITCHING) {
		terminate(session, false);
		session_drop(session, CTI_E_CLOSED, "stopped");
		return;
	}
	if (!make(session, "StopApplicationSession", &message))
		return;
	StopApplicationSession_t *stop = message->value;
	bool made = text_set(message, &stop->sessionID, session->session_id);
	stop->sessionEndReason.present = SessionEndReason_PR_definedEndReason;
	stop->sessionEndReason.choice.definedEndReason = DefinedEndReason_normal;
	ask_made(session, &message, made, USE_STOP);
}

/* Content of the first element called @p either or @p or_else within @p node, NULL if there is
 * none. */
static xmlChar *element_text(xmlNode *node, const char *either, const char *or_else)
{
	for (; node; node = node->next) {
		if (node->type != XML_ELEMENT_NODE)
			continue;
		if (!strcmp((const char *)node->name, either) ||
		    !strcmp((const char *)node->name, or_else))
			return xmlNodeGetContent(node);
		xmlChar *text = element_text(node->children, either, or_else);
		if (text)
			return text;
	}
	return NULL;
}

/* Both ways that are known to give a name and a password (enum csta_login). */
static bool login_right(const struct csta_session_config *config, const XMLContent_t *content)
{
	struct csta_buffer wrapped = {0};
	bool right = false;
	if (!config->user)
		return true;
	if (!content || csta_buffer_append(&wrapped, "<x>", 3) ||
	    csta_buffer_append(&wrapped, content->buf, (size_t)content->size) ||
	    csta_buffer_append(&wrapped, "</x>", 4)) {
		csta_buffer_free(&wrapped);
		return false;
	}
	xmlDoc *document =
	        xmlReadMemory((const char *)wrapped.data, (int)wrapped.length, NULL, "UTF-8",
	                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (document) {
		xmlNode *root = xmlDocGetRootElement(document);
		xmlChar *user = element_text(root, "user", "userName");
		xmlChar *password = element_text(root, "password", "password");
		const char *given = password ? (const char *)password : "";
		right = user &&
		        session_secret_equal(config->user, user, strlen((const char *)user)) &
		                session_secret_equal(config->password ? config->password : "",
		                                     given, strlen(given));
		xmlFree(user);
		xmlFree(password);
		xmlFreeDoc(document);
	}
	explicit_bzero(wrapped.data, wrapped.length);
	csta_buffer_free(&wrapped);
	return right;
}

/* The first version asked for that we speak; NULL: none. */
static const UTF8String_t *version_choose(const struct csta_session_config *config,
                                          const ProtocolVersionList_t *versions, unsigned *edition)
{
	unsigned highest = config->edition ? (unsigned)config->edition : CSTA_ED6;
	for (int i = 0; i < versions->list.count; i++) {
		const UTF8String_t *version = versions->list.array[i];
		*edition = csta_edition_of((const char *)version->buf, (size_t)version->size);
		if (*edition >= CSTA_ED2 && *edition <= highest)
			return version;
	}
	return NULL;
}

static void start_refuse(struct csta_session *session, uint32_t invoke_id, long why)
{
	struct csta_message *message = NULL;
	if (!make(session, "StartApplicationSessionNegResponse", &message))
		return;
	StartApplicationSessionNegResponse_t *response = message->value;
	response->errorCode.present = StartSessionError_PR_definedError;
	response->errorCode.choice.definedError = why;
	message->invoke_id = invoke_id;
	send_made(session, &message, true);
}

/* What is asked for, up to what the configuration grants; nothing if sessions are not timed. */
static long duration_grant(const struct csta_session *session, const long *requested)
{
	long most = (long)session->config.session_s;
	return requested && *requested > 0 && *requested < most ? *requested : most;
}

static void start_receive(struct csta_session *session, const struct csta_message *message)
{
	const StartApplicationSession_t *start = message->value;
	unsigned edition = 0;
	if (session->phase != PHASE_OPENING) {
		start_refuse(session, message->invoke_id, DefinedStartError_maxNumberSessions);
		return;
	}
	if (!login_right(&session->config, start->applicationInfo.applicationSpecificInfo)) {
		start_refuse(session, message->invoke_id, DefinedStartError_invalidApplicationInfo);
		session_drop(session, CTI_E_AUTH, "session: user or password are wrong");
		return;
	}
	const UTF8String_t *version =
	        version_choose(&session->config, &start->requestedProtocolVersions, &edition);
	if (!version) {
		start_refuse(session, message->invoke_id,
		             DefinedStartError_requestedProtocolVersionNotSupported);
		session_complain(session, CTI_E_UNSUPPORTED,
		                 "session: no protocol version in common");
		return;
	}
	session->edition = (enum csta_edition)edition;
	session->edition_known = true;
	snprintf(session->session_id, sizeof session->session_id, "%012llx",
	         (unsigned long long)session->now & 0xFFFFFFFFFFFF);
	struct csta_message *reply = NULL;
	if (!make(session, "StartApplicationSessionPosResponse", &reply))
		return;
	StartApplicationSessionPosResponse_t *response = reply->value;
	long duration = duration_grant(session, start->requestedSessionDuration);
	response->actualProtocolVersion = *version;
	bool made = text_set(reply, &response->sessionID, session->session_id);
	if (made && duration)
		made = number_set(reply, &response->actualSessionDuration, duration);
	duration_set(session, &duration);
	reply->invoke_id = message->invoke_id;
	send_made(session, &reply, made);
	session_up(session);
}

static bool id_right(const struct csta_session *session, const UTF8String_t *id)
{
	return (size_t)id->size == strlen(session->session_id) &&
	       !memcmp(id->buf, session->session_id, (size_t)id->size);
}

static void stop_receive(struct csta_session *session, const struct csta_message *message)
{
	const StopApplicationSession_t *stop = message->value;
	bool right = session->phase == PHASE_OPEN && id_right(session, &stop->sessionID);
	struct csta_message *reply = NULL;
	if (!make(session,
	          right ? "StopApplicationSessionPosResponse" : "StopApplicationSessionNegResponse",
	          &reply))
		return;
	if (!right) {
		StopApplicationSessionNegResponse_t *response = reply->value;
		response->errorCode.present = StopSessionError_PR_definedError;
		response->errorCode.choice.definedError = DefinedStopError_invalidSessionID;
	}
	reply->invoke_id = message->invoke_id;
	send_made(session, &reply, true);
	if (right)
		session_drop(session, CTI_E_CLOSED, "the application stopped the session");
}

static void reset_receive(struct csta_session *session, const struct csta_message *message)
{
	const ResetApplicationSessionTimer_t *reset = message->value;
	bool right = session->phase == PHASE_OPEN && id_right(session, &reset->sessionID);
	struct csta_message *reply = NULL;
	bool made = true;
	if (!make(session,
	          right ? "ResetApplicationSessionTimerPosResponse"
	                : "ResetApplicationSessionTimerNegResponse",
	          &reply))
		return;
	if (right) {
		ResetApplicationSessionTimerPosResponse_t *response = reply->value;
		long duration = duration_grant(session, reset->requestedSessionDuration);
		if (duration)
			made = number_set(reply, &response->actualSessionDuration, duration);
		duration_set(session, &duration);
	} else {
		ResetApplicationSessionTimerNegResponse_t *response = reply->value;
		response->errorCode.present = ResetSessionError_PR_definedError;
		response->errorCode.choice.definedError = DefinedResetError_invalidSessionID;
	}
	reply->invoke_id = message->invoke_id;
	send_made(session, &reply, made);
}

static void terminated_receive(struct csta_session *session, const struct csta_message *message)
{
	const ApplicationSessionTerminated_t *terminated = message->value;
	const SessionTermReason_t *reason = &terminated->sessionTermReason;
	if (reason->present == SessionTermReason_PR_serverTermReason)
		session_drop(session, CTI_E_CLOSED, "the switch ended the session: %.*s",
		             reason->choice.serverTermReason.size,
		             reason->choice.serverTermReason.buf);
	else
		session_drop(session, CTI_E_CLOSED, "the switch ended the session: %s",
		             reason->choice.definedTermReason ==
		                             DefinedTermReason_sessionTimerExpired
		                     ? "sessionTimerExpired"
		                     : "resourceLimitation");
}

/* ---- both ---------------------------------------------------------------------------------- */

void application_receive(struct csta_session *session, struct csta_message *message)
{
	const struct asn_TYPE_descriptor_s *type = message->type->value;
	if (type == &asn_DEF_ApplicationSessionTerminated) {
		terminated_receive(session, message);
		return;
	}
	if (session->config.role != CSTA_SWITCHING ||
	    session->config.association != CSTA_ASSOCIATE_SESSION) {
		session_complain(session, CTI_E_UNSUPPORTED, "%s: this link has no sessions",
		                 message->type->element);
		session_refuse(session, message->invoke_id, CTI_CATEGORY_OPERATION,
		               "serviceNotSupported");
		return;
	}
	if (type == &asn_DEF_StartApplicationSession)
		start_receive(session, message);
	else if (type == &asn_DEF_StopApplicationSession)
		stop_receive(session, message);
	else if (type == &asn_DEF_ResetApplicationSessionTimer)
		reset_receive(session, message);
}

void application_tick(struct csta_session *session)
{
	if (session->now >= session->renew_at)
		renew(session);
	/* The timer is the switch's: only its side ends the session. */
	if (session->now < session->expire_at)
		return;
	session->expire_at = NEVER;
	if (session->config.role == CSTA_SWITCHING && session->phase == PHASE_OPEN) {
		terminate(session, true);
		session_drop(session, CTI_E_TIMEOUT, "the session's timer expired");
	}
}
