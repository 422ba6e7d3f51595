/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/arena.h"
#include "csta/private.h"
#include "csta/session_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_REQUEST_US  10000000
#define DEFAULT_MISSES      2
#define DEFAULT_PENDING     256
#define DEFAULT_PDU         65527
#define DEFAULT_APPLICATION "cti-server"

/* ---- life -------------------------------------------------------------------------------- */

static int config_check(const struct csta_session_config *config, struct cti_error *error)
{
	bool xml = config->encoding == CSTA_XML;
	if (xml != (config->framing == CSTA_FRAME_XML))
		return cti_error_set(error, CTI_E_INVALID, "session: %s framing does not carry %s",
		                     csta_framing_name(config->framing), xml ? "XML" : "BER");
	if (config->association == CSTA_ASSOCIATE_ACSE && xml)
		return cti_error_set(error, CTI_E_INVALID,
		                     "session: an ACSE association has no XML form");
	if (config->association == CSTA_ASSOCIATE_SESSION && !xml)
		return cti_error_set(error, CTI_E_INVALID,
		                     "session: an application session (ECMA-354) is XML only");
	if (config->edition && (config->edition < CSTA_ED2 || config->edition > CSTA_ED6))
		return cti_error_set(error, CTI_E_INVALID, "session: edition %d, expected 2 to 6",
		                     (int)config->edition);
	if (config->phase > CSTA_PHASE_3 || (xml && config->phase == CSTA_PHASE_1) ||
	    (xml && config->phase == CSTA_PHASE_2))
		return cti_error_set(error, CTI_E_INVALID,
		                     "session: phase %d, expected 1, 2 (BER) or 3",
		                     (int)config->phase);
	return CTI_OK;
}

static char *text_copy(const char *text)
{
	return text && !csta_alloc_fails() ? strdup(text) : NULL;
}

/* The strings are ours from now on. */
static int config_copy(struct csta_session *session, const struct csta_session_config *config)
{
	struct csta_session_config *own = &session->config;
	*own = *config;
	own->application_id =
	        text_copy(config->application_id ? config->application_id : DEFAULT_APPLICATION);
	own->user = text_copy(config->user);
	own->password = text_copy(config->password);
	if (!own->request_us)
		own->request_us = DEFAULT_REQUEST_US;
	if (!own->heartbeat_misses)
		own->heartbeat_misses = DEFAULT_MISSES;
	if (!own->pending)
		own->pending = DEFAULT_PENDING;
	if (!own->limits.pdu)
		own->limits.pdu = DEFAULT_PDU;
	return own->application_id && !own->user == !config->user &&
	                       !own->password == !config->password
	               ? CTI_OK
	               : CTI_E_NOMEM;
}

int csta_session_create(struct csta_session **out, const struct csta_session_config *config,
                        const struct csta_session_ops *ops, void *arg, uint64_t now_us,
                        struct cti_error *error)
{
	int code = config_check(config, error);
	if (code)
		return code;
	struct csta_session *session = csta_alloc_fails() ? NULL : calloc(1, sizeof *session);
	if (!session || config_copy(session, config)) {
		csta_session_destroy(&session);
		return cti_error_set(error, CTI_E_NOMEM, "session: out of memory");
	}
	session->ops = *ops;
	session->arg = arg;
	session->now = now_us;
	session->edition = config->edition ? config->edition : CSTA_ED4;
	session->edition_known = config->edition != 0;
	session->opening_at = session->beat_at = NEVER;
	session->renew_at = session->expire_at = NEVER;
	code = csta_codec_create(&session->codec, &session->config.limits, error);
	if (!code)
		code = csta_codec_names(session->codec, config->names, config->vendor, error);
	session->config.vendor = NULL; /* the codec knows; the caller's text is its own */
	if (!code) {
		csta_codec_set_phase(session->codec, config->phase);
		code = session_requests_create(session, error);
	}
	if (code)
		csta_session_destroy(&session);
	else
		*out = session;
	return code;
}

static void secret_free(const char *secret)
{
	char *text = (char *)(uintptr_t)secret;
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

void csta_session_destroy(struct csta_session **at)
{
	struct csta_session *session = *at;
	if (!session)
		return;
	*at = NULL;
	session_requests_destroy(session);
	csta_codec_destroy(&session->codec);
	csta_buffer_free(&session->input);
	csta_buffer_free(&session->joined);
	csta_buffer_free(&session->output);
	free((char *)(uintptr_t)session->config.application_id);
	secret_free(session->config.user);
	secret_free(session->config.password);
	free(session);
}

void session_complain(struct csta_session *session, int code, const char *format, ...)
{
	char text[2 * CTI_ERROR_TEXT]; /* cut by cti_error_set(), which minds characters */
	struct cti_error error;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	cti_error_set(&error, code, "%s", text);
	session->stats.bad_in++;
	if (session->ops.complaint)
		session->ops.complaint(session->arg, &error);
}

void session_drop(struct csta_session *session, int code, const char *format, ...)
{
	char text[2 * CTI_ERROR_TEXT];
	struct cti_error why, closed;
	va_list arguments;

	if (session->phase == PHASE_DOWN)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	cti_error_set(&why, code, "%s", text);
	cti_error_set(&closed, CTI_E_CLOSED, "link closed: %s", text);
	session->phase = PHASE_DOWN;
	session->opening_at = session->beat_at = session->renew_at = session->expire_at = NEVER;
	session->peer_count = 0;
	csta_buffer_clear(&session->input);
	session_requests_abandon(session, &closed);
	session->ops.down(session->arg, &why);
}

void session_up(struct csta_session *session)
{
	if (session->phase != PHASE_OPENING)
		return;
	session->phase = PHASE_OPEN;
	session->opening_at = NEVER;
	if (session->config.heartbeat_us)
		session->beat_at = session->now + session->config.heartbeat_us;
	session->ops.up(session->arg);
}

static void associate(struct csta_session *session)
{
	session->phase = PHASE_OPENING;
	switch (session->config.association) {
	case CSTA_ASSOCIATE_NONE:
		session_up(session);
		break;
	case CSTA_ASSOCIATE_ACSE:
		acse_start(session);
		break;
	case CSTA_ASSOCIATE_SESSION:
		application_start(session);
		break;
	case CSTA_ASSOCIATE_SYSTEM:
		/* The switch speaks first. */
		if (session->config.role == CSTA_SWITCHING)
			session_system_status(session, USE_STATUS);
		break;
	}
}

static int octets_send(struct csta_session *session, const void *octets, size_t length,
                       const struct csta_message *message)
{
	if (session->ops.wire)
		session->ops.wire(session->arg, true, octets, length, message);
	session->stats.bytes_out += length;
	return session->ops.send(session->arg, octets, length);
}

void csta_session_start(struct csta_session *session, uint64_t now_us)
{
	session->now = now_us;
	if (session->phase != PHASE_NEW)
		return;
	session->opening_at = now_us + session->config.request_us;
	if (!session->config.bp_handshake) {
		associate(session);
		return;
	}
	session->phase = PHASE_HANDSHAKE;
	if (session->config.role == CSTA_COMPUTING && octets_send(session, "B", 1, NULL))
		session_drop(session, CTI_E_IO, "the handshake could not be sent");
}

void csta_session_lost(struct csta_session *session, const char *why, uint64_t now_us)
{
	session->now = now_us;
	session_drop(session, CTI_E_CLOSED, "connection lost: %s", why ? why : "closed");
}

void csta_session_stop(struct csta_session *session, uint64_t now_us)
{
	session->now = now_us;
	if (session->phase == PHASE_STOPPING || session->phase == PHASE_DOWN)
		return;
	bool open = session->phase == PHASE_OPEN;
	session->phase = PHASE_STOPPING;
	session->opening_at = now_us + SESSION_STOP_US;
	session->beat_at = session->renew_at = session->expire_at = NEVER;
	if (open && session->config.association == CSTA_ASSOCIATE_ACSE)
		acse_stop(session);
	else if (open && session->config.association == CSTA_ASSOCIATE_SESSION)
		application_stop(session);
	else
		session_drop(session, CTI_E_CLOSED, "stopped");
}

/* ---- out --------------------------------------------------------------------------------- */

int session_make(struct csta_session *session, const char *element, struct csta_message **out,
                 struct cti_error *error)
{
	const struct csta_type *type = csta_type_of_element(element, strlen(element));
	if (!type)
		return cti_error_set(error, CTI_E_INTERNAL, "no message %s", element);
	return csta_message_create(out, session->codec, type, error);
}

int session_transmit(struct csta_session *session, struct csta_message *message,
                     struct cti_error *error)
{
	struct csta_buffer *out = &session->output;
	enum csta_framing framing = session->config.framing;
	csta_buffer_clear(out);
	if (csta_frame_begin(framing, out))
		return cti_error_set(error, CTI_E_NOMEM, "%s: out of memory",
		                     message->type->element);
	int code = session->config.encoding == CSTA_XML
	                   ? csta_encode_xml(session->codec, message, session->edition, out, error)
	                   : csta_encode_ber(session->codec, message, out, error);
	if (!code)
		code = csta_frame_end(framing, out, 0, message->invoke_id, error);
	if (code)
		return code;
	session->stats.messages_out++;
	if (octets_send(session, out->data, out->length, message))
		return cti_error_set(error, CTI_E_IO, "%s: could not be sent",
		                     message->type->element);
	return CTI_OK;
}

static int not_open(const struct csta_session *session, struct cti_error *error)
{
	if (session->phase == PHASE_OPEN)
		return CTI_OK;
	return cti_error_set(error, session->phase >= PHASE_STOPPING ? CTI_E_CLOSED : CTI_E_STATE,
	                     "the link is not open");
}

int csta_session_request(struct csta_session *session, struct csta_message *message, uint64_t token,
                         uint64_t now_us, struct cti_error *error)
{
	session->now = now_us;
	int code = not_open(session, error);
	return code ? code : session_ask(session, message, USE_OWNER, token, error);
}

int csta_session_respond(struct csta_session *session, uint32_t invoke_id,
                         struct csta_message *message, uint64_t now_us, struct cti_error *error)
{
	session->now = now_us;
	int code = not_open(session, error);
	if (code)
		return code;
	if (!session_peer_close(session, invoke_id))
		return cti_error_set(error, CTI_E_NOTFOUND, "no request %u waits for an answer",
		                     invoke_id);
	message->invoke_id = invoke_id;
	code = session_transmit(session, message, error);
	if (code == CTI_E_IO) {
		session_drop(session, code, "%s could not be sent", message->type->element);
	} else if (code) {
		/* The peer still gets its answer, if a poor one. */
		session_peer_open(session, invoke_id);
		session_refuse(session, invoke_id, 1, "generic");
	}
	return code;
}

int csta_session_event(struct csta_session *session, struct csta_message *message, uint64_t now_us,
                       struct cti_error *error)
{
	session->now = now_us;
	int code = not_open(session, error);
	if (code)
		return code;
	/* XML has one id for all events; in BER an event is an invoke that nobody answers. */
	message->invoke_id = session->config.encoding == CSTA_BER ? session_id_take(session)
	                                                          : CSTA_EVENT_INVOKE_ID;
	code = session_transmit(session, message, error);
	if (code == CTI_E_IO)
		session_drop(session, code, "%s could not be sent", message->type->element);
	return code;
}

/* ---- in ---------------------------------------------------------------------------------- */

/* Alcatel: 'B' of the client, 'P' of the switch, before the first frame. */
static size_t handshake_take(struct csta_session *session, const uint8_t *octets)
{
	bool computing = session->config.role == CSTA_COMPUTING;
	uint8_t expected = computing ? 'P' : 'B';
	if (octets[0] != expected) {
		session_drop(session, CTI_E_INVALID,
		             "handshake: octet 0 is %02x, expected %02x ('%c')", octets[0],
		             expected, expected);
		return 0;
	}
	if (!computing && octets_send(session, "P", 1, NULL)) {
		session_drop(session, CTI_E_IO, "the handshake could not be sent");
		return 0;
	}
	associate(session);
	return 1;
}

/* Take whole frames off the front; returns the octets taken. */
static size_t frames_take(struct csta_session *session, const uint8_t *octets, size_t length)
{
	size_t taken = 0;
	while (taken < length && session->phase != PHASE_DOWN) {
		struct csta_frame frame;
		struct cti_error error = {0};
		if (session->phase == PHASE_HANDSHAKE) {
			taken += handshake_take(session, octets + taken);
			continue;
		}
		int code = csta_frame_cut(&frame, session->config.framing, octets + taken,
		                          length - taken, session->config.limits.pdu,
		                          &session->joined, &error);
		if (code == CTI_E_TRUNCATED)
			break;
		if (code) {
			session->stats.bad_in++;
			if (session->ops.wire)
				session->ops.wire(session->arg, false, octets + taken,
				                  length - taken, NULL);
			session_drop(session, code, "out of step: %s", error.text);
			break;
		}
		session_receive(session, &frame, octets + taken);
		taken += frame.total;
	}
	return taken;
}

void csta_session_input(struct csta_session *session, const void *bytes, size_t length,
                        uint64_t now_us)
{
	session->now = now_us;
	session->stats.bytes_in += length;
	if (session->phase == PHASE_NEW || session->phase == PHASE_DOWN)
		return;
	/* Whole frames straight from the caller's bytes; only the rest is copied. */
	if (!session->input.length) {
		size_t taken = frames_take(session, bytes, length);
		if (session->phase != PHASE_DOWN && taken < length &&
		    csta_buffer_append(&session->input, (const uint8_t *)bytes + taken,
		                       length - taken))
			session_drop(session, CTI_E_NOMEM, "out of memory for input");
		return;
	}
	if (csta_buffer_append(&session->input, bytes, length)) {
		session_drop(session, CTI_E_NOMEM, "out of memory for input");
		return;
	}
	size_t taken = frames_take(session, session->input.data, session->input.length);
	if (session->phase == PHASE_DOWN || !taken)
		return;
	memmove(session->input.data, session->input.data + taken, session->input.length - taken);
	session->input.length -= taken;
}

/* ---- time -------------------------------------------------------------------------------- */

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t csta_session_deadline(const struct csta_session *session)
{
	uint64_t at = earlier(session->opening_at, session->beat_at);
	at = earlier(at, earlier(session->renew_at, session->expire_at));
	return earlier(at, session_requests_deadline(session));
}

static void beat(struct csta_session *session)
{
	if (session->beats >= session->config.heartbeat_misses) {
		session_drop(session, CTI_E_TIMEOUT, "no sign of life: %u heartbeats unanswered",
		             session->beats);
		return;
	}
	session->beats++;
	session->beat_at = session->now + session->config.heartbeat_us;
	session_system_status(session, USE_HEARTBEAT);
}

static void opening_over(struct csta_session *session)
{
	static const char *const missing[] = {
	        [CSTA_ASSOCIATE_NONE] = "the handshake",
	        [CSTA_ASSOCIATE_ACSE] = "the association (ACSE)",
	        [CSTA_ASSOCIATE_SESSION] = "the application session (ECMA-354)",
	        [CSTA_ASSOCIATE_SYSTEM] = "SystemStatus and SystemRegister",
	};
	if (session->phase == PHASE_STOPPING)
		session_drop(session, CTI_E_CLOSED, "stopped, the peer did not confirm");
	else
		session_drop(session, CTI_E_TIMEOUT, "%s did not come about in %llu ms",
		             session->phase == PHASE_HANDSHAKE
		                     ? missing[CSTA_ASSOCIATE_NONE]
		                     : missing[session->config.association],
		             (unsigned long long)session->config.request_us / 1000);
}

void csta_session_tick(struct csta_session *session, uint64_t now_us)
{
	session->now = now_us;
	session_requests_expire(session);
	if (now_us >= session->opening_at)
		opening_over(session);
	if (now_us >= session->beat_at)
		beat(session);
	application_tick(session);
}

/* ---- what it is -------------------------------------------------------------------------- */

struct csta_codec *csta_session_codec(struct csta_session *session)
{
	return session->codec;
}

enum csta_session_state csta_session_state(const struct csta_session *session)
{
	switch (session->phase) {
	case PHASE_HANDSHAKE:
	case PHASE_OPENING:
		return CSTA_SESSION_OPENING;
	case PHASE_OPEN:
		return CSTA_SESSION_OPEN;
	case PHASE_NEW:
	case PHASE_STOPPING:
	case PHASE_DOWN:
		break;
	}
	return CSTA_SESSION_CLOSED;
}

enum csta_phase csta_session_phase(const struct csta_session *session)
{
	return csta_codec_phase(session->codec);
}

void csta_session_describe(const struct csta_session *session, const struct csta_message *message,
                           size_t length, char *line, size_t size)
{
	static const char *const names[] = {"?", "I", "II", "III"};
	const char *lost = csta_codec_lost(session->codec);
	if (!message || csta_describe(message, line, size))
		snprintf(line, size, "%s, %zu octets",
		         message ? message->type->element : "not decoded", length);
	size_t end = strlen(line);
	if (message && session->config.encoding == CSTA_BER && *lost)
		snprintf(line + end, size - end, " (lost in CSTA Phase %s: %s)",
		         names[csta_session_phase(session)], lost);
}

enum csta_edition csta_session_edition(const struct csta_session *session)
{
	return session->edition;
}

const struct csta_session_stats *csta_session_stats(const struct csta_session *session)
{
	return &session->stats;
}
