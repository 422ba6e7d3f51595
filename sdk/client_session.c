/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection after the other: a new DEALER socket each, so that nothing of the last one
 * lingers, with a monitor that tells of a loss at once. Messages: sdk/wire.h.
 */
#include "sdk/client.h"
#include "sdk/json_check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <zmq.h>

#define LINGER_MS 100 /* for the good-bye */

static const int lost_events = ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED |
                               ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                               ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                               ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

/* ---- Open and close ----------------------------------------------------------------------- */

static bool option_set(void *socket, int option, int value)
{
	return !zmq_setsockopt(socket, option, &value, sizeof value);
}

static bool curve_set(struct cti_client *client, void *socket)
{
	char public_key[41], secret_key[41];
	const char *public = client->public_key, *secret = client->secret_key;
	if (!client->server_key)
		return true;
	if (!public) {
		if (zmq_curve_keypair(public_key, secret_key))
			return false;
		public = public_key;
		secret = secret_key;
	}
	bool done = !zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, client->server_key, 41) &&
	            !zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public, 41) &&
	            !zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret, 41);
	explicit_bzero(secret_key, sizeof secret_key);
	return done;
}

static int watch(struct cti_client *client, void *socket)
{
	int fd = -1;
	size_t size = sizeof fd;
	if (zmq_getsockopt(socket, ZMQ_FD, &fd, &size))
		return -1;
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
	return epoll_ctl(client->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -1 : fd;
}

static bool monitor_open(struct cti_client *client)
{
	struct client_session *session = &client->session;
	char name[64];
	snprintf(name, sizeof name, "inproc://monitor-%p", session->socket);
	session->monitor = zmq_socket(client->zmq, ZMQ_PAIR);
	return session->monitor && option_set(session->monitor, ZMQ_LINGER, 0) &&
	       !zmq_socket_monitor(session->socket, name, lost_events) &&
	       !zmq_connect(session->monitor, name) &&
	       (session->monitor_fd = watch(client, session->monitor)) >= 0;
}

static void hello_write(struct cti_client *client)
{
	struct cti_text *text = &client->text;
	cti_text_clear(text);
	cti_text_literal(text, "{\"version\":");
	cti_text_unsigned(text, CTI_WIRE_VERSION);
	if (client->user) {
		cti_text_literal(text, ",\"user\":");
		cti_text_string(text, client->user);
	}
	if (client->password) {
		cti_text_literal(text, ",\"password\":");
		cti_text_string(text, client->password);
	}
	cti_text_literal(text, ",\"client\":");
	cti_text_string(text, client->name ? client->name : "libcti/" CTI_VERSION);
	cti_text_literal(text, "}");
}

static int open_failed(struct cti_client *client, struct cti_error *error, const char *what)
{
	int code = errno == ENOMEM ? CTI_E_NOMEM : errno == EINVAL ? CTI_E_INVALID : CTI_E_IO;
	cti_error_set(error, code, "%.80s: %s: %s", client->endpoint, what, zmq_strerror(errno));
	client_session_close(client, NULL);
	return code;
}

int session_open(struct cti_client *client, struct cti_error *error)
{
	struct client_session *session = &client->session;
	session->began_us = session->heard_us = session->sent_us = client_now();
	session->heartbeat_us = HEARTBEAT_MS * 1000;
	session->socket = zmq_socket(client->zmq, ZMQ_DEALER);
	if (!session->socket)
		return open_failed(client, error, "socket");
	if (!option_set(session->socket, ZMQ_LINGER, 0) ||
	    !option_set(session->socket, ZMQ_RECONNECT_IVL, -1) ||
	    !option_set(session->socket, ZMQ_IPV6, 1) ||
	    zmq_setsockopt(session->socket, ZMQ_MAXMSGSIZE, &(int64_t){CTI_WIRE_MESSAGE_MAX},
	                   sizeof(int64_t)) ||
	    !curve_set(client, session->socket) || !monitor_open(client))
		return open_failed(client, error, "options");
	if (zmq_connect(session->socket, client->endpoint))
		return open_failed(client, error, "connect");
	session->socket_fd = watch(client, session->socket);
	if (session->socket_fd < 0)
		return open_failed(client, error, "descriptor");
	hello_write(client);
	bool sent = !client->text.failed &&
	            zmq_send(session->socket, "hello", 5, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0 &&
	            zmq_send(session->socket, client->text.data, client->text.length,
	                     ZMQ_DONTWAIT) >= 0;
	if (client->text.data)
		explicit_bzero(client->text.data, client->text.length);
	return sent ? 0 : open_failed(client, error, "send");
}

static void socket_close(struct cti_client *client, void **socket, int *fd)
{
	if (*fd >= 0)
		epoll_ctl(client->epoll_fd, EPOLL_CTL_DEL, *fd, NULL);
	if (*socket)
		zmq_close(*socket);
	*socket = NULL;
	*fd = -1;
}

void client_session_close(struct cti_client *client, const char *bye)
{
	struct client_session *session = &client->session;
	if (session->socket && bye && session->ready) {
		option_set(session->socket, ZMQ_LINGER, LINGER_MS);
		cti_text_clear(&client->text);
		cti_text_literal(&client->text, "{\"text\":");
		cti_text_string(&client->text, bye);
		cti_text_literal(&client->text, "}");
		if (!client->text.failed &&
		    zmq_send(session->socket, "bye", 3, ZMQ_DONTWAIT | ZMQ_SNDMORE) >= 0)
			zmq_send(session->socket, client->text.data, client->text.length,
			         ZMQ_DONTWAIT);
	}
	if (session->socket)
		zmq_socket_monitor(session->socket, NULL, 0);
	socket_close(client, &session->monitor, &session->monitor_fd);
	socket_close(client, &session->socket, &session->socket_fd);
	session->ready = false;
	session->broken = NULL;
	subscriptions_lost(client);
	requests_lost(client);
	echoes_lost(client);
}

/* ---- Lose and try again --------------------------------------------------------------------- */

static uint64_t jitter(uint64_t pause)
{
	uint32_t random = 0;
	if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0)
		random = (uint32_t)client_now();
	return pause - pause / 4 * random / UINT32_MAX;
}

static void retry_later(struct cti_client *client, uint64_t now)
{
	uint64_t *pause = &client->retry_pause_us;
	*pause = *pause ? *pause * 2 : RETRY_FIRST_US;
	if (*pause > RETRY_LAST_US)
		*pause = RETRY_LAST_US;
	client->retry_us = now + jitter(*pause);
}

void session_lost(struct cti_client *client, int code, const char *text)
{
	struct cti_error why;
	uint64_t now = client_now();
	if (client->session.ready && now - client->session.began_us >= STABLE_US)
		client->retry_pause_us = 0;
	cti_error_set(&why, code, "%.80s: %s", client->endpoint, text);
	client_session_close(client, NULL);
	retry_later(client, now);
	client_state_set(client, CTI_CLIENT_WAITING, &why);
}

/* The server does not want us, and would not the next time. */
static void session_refused(struct cti_client *client, const struct cti_error *why)
{
	client_session_close(client, NULL);
	client_state_set(client, CTI_CLIENT_REFUSED, why);
	if (!client->dead)
		requests_end(client, why->code, why->text);
	if (!client->dead)
		echoes_end(client, why->code);
}

void client_session_send(struct cti_client *client, const char *kind)
{
	struct client_session *session = &client->session;
	if (!session->ready || session->broken)
		return;
	if (client->text.failed)
		session->broken = "out of memory";
	else if (zmq_send(session->socket, kind, strlen(kind), ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0 ||
	         zmq_send(session->socket, client->text.data, client->text.length, ZMQ_DONTWAIT) <
	                 0)
		session->broken =
		        errno == EAGAIN ? "the server does not read" : zmq_strerror(errno);
	else
		session->sent_us = client_now();
}

/* ---- What comes --------------------------------------------------------------------------- */

static void welcome_received(struct cti_client *client, json_t *message)
{
	struct client_session *session = &client->session;
	struct cti_error why;
	json_int_t version = json_integer_value(json_object_get(message, "version"));
	json_int_t heartbeat = json_integer_value(json_object_get(message, "heartbeatMs"));
	const char *server = json_string_value(json_object_get(message, "server"));
	if (version != CTI_WIRE_VERSION) {
		cti_error_set(&why, CTI_E_UNSUPPORTED,
		              "%.80s: the server speaks version %" PRId64 ", expected %d",
		              client->endpoint, (int64_t)version, CTI_WIRE_VERSION);
		session_refused(client, &why);
		return;
	}
	if (session->ready)
		return;
	char *name = strdup(server ? server : "");
	if (name) {
		free(client->server);
		client->server = name;
	}
	if (heartbeat >= 100 && heartbeat <= 3600000)
		session->heartbeat_us = (uint64_t)heartbeat * 1000;
	session->ready = true;
	session->began_us = client_now();
	client->stats.connects++;
	bool anew = stream_told(client, json_object_get(message, "streams"), true);
	client_state_set(client, CTI_CLIENT_READY, NULL);
	if (!client->dead && anew)
		requests_forgotten(client);
	/* Any of these may lose the session again, or meet a client destroyed by a callback. */
	if (!client->dead && session->ready)
		subscriptions_send(client);
	if (!client->dead && session->ready)
		requests_send(client);
	if (!client->dead && session->ready)
		echoes_send(client);
}

static int code_of(const char *name)
{
#define X(code, number, text)                                                                      \
	if (name && !strcmp(name, #code))                                                          \
		return number;
	CTI_CODES(X)
#undef X
	return CTI_E_INTERNAL;
}

static void error_received(struct cti_client *client, json_t *message)
{
	const char *id = json_string_value(json_object_get(message, "id"));
	const char *text = json_string_value(json_object_get(message, "text"));
	struct cti_error why;
	cti_error_set(&why, code_of(json_string_value(json_object_get(message, "code"))), "%s",
	              text ? text : "the server gives no reason");
	if (id && (subscription_refused(client, id, &why) || request_refused(client, id, &why)))
		return;
	if (id) { /* of something that is over */
		client->stats.unknown++;
		return;
	}
	if (!client->session.ready &&
	    (why.code == CTI_E_AUTH || why.code == CTI_E_DENIED || why.code == CTI_E_UNSUPPORTED)) {
		session_refused(client, &why);
		return;
	}
	session_lost(client, why.code, why.text);
}

static void bye_received(struct cti_client *client, json_t *message)
{
	const char *text = json_string_value(json_object_get(message, "text"));
	struct cti_error why;
	cti_error_set(&why, CTI_E_CLOSED, "the server says good-bye%s%s", text ? ": " : "",
	              text ? text : "");
	session_lost(client, why.code, why.text);
}

static void sync_received(struct cti_client *client, json_t *message)
{
	stream_told(client, json_object_get(message, "streams"), false);
	counters_told(client, json_object_get(message, "streams"),
	              json_object_get(message, "subjects"));
	if (!client->dead && client->session.ready)
		echo_received(client, message);
}

static const struct {
	const char *kind;
	void (*received)(struct cti_client *, json_t *);
	bool early; /* may come before the welcome */
} kinds[] = {
        {"welcome", welcome_received, true}, {"error", error_received, true},
        {"bye", bye_received, true},         {"state", state_received, false},
        {"sync", sync_received, false},      {"subscribed", subscribed_received, false},
        {"reply", reply_received, false},
};

static void message_received(struct cti_client *client, const char *kind, size_t kind_length,
                             const char *json, size_t length)
{
	if (kind_length == 5 && !memcmp(kind, "event", 5) && client->session.ready) {
		event_received(client, json, length);
		return;
	}
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (kind_length != strlen(kinds[i].kind) ||
		    memcmp(kind, kinds[i].kind, kind_length) != 0)
			continue;
		json_t *message = cti_json_check(json, length, CTI_WIRE_DEPTH_MAX, NULL)
		                          ? NULL
		                          : json_loadb(json, length, 0, NULL);
		if (!json_is_object(message) || (!client->session.ready && !kinds[i].early))
			client->stats.malformed++;
		else
			kinds[i].received(client, message);
		json_decref(message);
		return;
	}
	client->stats.unknown++;
}

/* One message of two frames. False: there is none. Of any other shape: counted, passed over. */
static bool message_read(struct cti_client *client)
{
	void *socket = client->session.socket;
	zmq_msg_t frames[2];
	size_t count = 0;
	bool more;
	zmq_msg_init(&frames[0]);
	zmq_msg_init(&frames[1]);
	do {
		zmq_msg_t *frame = &frames[count < 2 ? count : 1];
		if (zmq_msg_recv(frame, socket, ZMQ_DONTWAIT) < 0)
			break;
		more = zmq_msg_more(frame);
		count++;
	} while (more);
	if (count)
		client->session.heard_us = client_now();
	if (count == 2)
		message_received(client, zmq_msg_data(&frames[0]), zmq_msg_size(&frames[0]),
		                 zmq_msg_data(&frames[1]), zmq_msg_size(&frames[1]));
	else if (count)
		client->stats.malformed++;
	zmq_msg_close(&frames[0]);
	zmq_msg_close(&frames[1]);
	return count > 0;
}

/* The monitor's first frame: 16 bits of event, 32 of value. True if the connection is gone. */
static bool monitor_read(struct cti_client *client)
{
	void *monitor = client->session.monitor;
	bool lost = false;
	for (;;) {
		uint8_t frame[6];
		char address[256];
		uint16_t event;
		if (zmq_recv(monitor, frame, sizeof frame, ZMQ_DONTWAIT) < 0)
			return lost;
		zmq_recv(monitor, address, sizeof address, ZMQ_DONTWAIT);
		memcpy(&event, frame, sizeof event);
		lost = lost || event & lost_events;
	}
}

bool session_read(struct cti_client *client)
{
	if (client->session.broken)
		session_lost(client, CTI_E_IO, client->session.broken);
	for (int i = 0; client->session.socket && !client->dead; i++) {
		if (i == MESSAGES_ONCE)
			return true;
		if (!message_read(client))
			break;
	}
	if (client->session.socket && !client->dead && monitor_read(client)) {
		/* What the I/O thread had read before it closed comes first. */
		void *socket = client->session.socket;
		while (client->session.socket == socket && !client->dead && message_read(client))
			;
		if (client->session.socket == socket && !client->dead)
			session_lost(client, CTI_E_CLOSED,
			             client->session.ready ? "the connection was closed"
			                                   : "nobody answers there");
	}
	return false;
}

bool session_pending(struct cti_client *client)
{
	void *sockets[] = {client->session.socket, client->session.monitor};
	if (client->session.broken)
		return true;
	for (size_t i = 0; i < 2; i++) {
		int events = 0;
		size_t size = sizeof events;
		if (sockets[i] && !zmq_getsockopt(sockets[i], ZMQ_EVENTS, &events, &size) &&
		    events & ZMQ_POLLIN)
			return true;
	}
	return false;
}

/* ---- Time --------------------------------------------------------------------------------- */

void session_time(struct cti_client *client, uint64_t now)
{
	struct client_session *session = &client->session;
	if (client->state == CTI_CLIENT_WAITING && now >= client->retry_us) {
		struct cti_error why;
		if (session_open(client, &why)) {
			retry_later(client, now);
			client_state_set(client, CTI_CLIENT_WAITING, &why);
		} else {
			client_state_set(client, CTI_CLIENT_CONNECTING, NULL);
		}
	} else if (client->state == CTI_CLIENT_CONNECTING && now >= session->began_us + HELLO_US) {
		session_lost(client, CTI_E_TIMEOUT, "no welcome from the server");
	} else if (session->ready && now >= session->heard_us + 3 * session->heartbeat_us) {
		session_lost(client, CTI_E_TIMEOUT, "the server is silent");
	} else if (session->ready && now >= session->sent_us + session->heartbeat_us) {
		/* The server forgets who is silent; and a lost tail of events shows. */
		echo_send_quiet(client);
	}
}

uint64_t session_deadline(const struct cti_client *client)
{
	const struct client_session *session = &client->session;
	switch (client->state) {
	case CTI_CLIENT_WAITING:
		return client->retry_us;
	case CTI_CLIENT_CONNECTING:
		return session->began_us + HELLO_US;
	case CTI_CLIENT_READY: {
		uint64_t send = session->sent_us + session->heartbeat_us;
		uint64_t lose = session->heard_us + 3 * session->heartbeat_us;
		return send < lose ? send : lose;
	}
	case CTI_CLIENT_IDLE:
	case CTI_CLIENT_REFUSED:
		break;
	}
	return UINT64_MAX;
}
