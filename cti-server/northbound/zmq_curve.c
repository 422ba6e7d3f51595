/* SPDX-License-Identifier: Apache-2.0 */
/**
 * CURVE: the server's key, and who may connect. libzmq asks over an inproc socket (ZAP, RFC 27);
 * the loop answers there, without a thread:
 *
 *     "1.0" request-id domain address routing-id "CURVE" key(32 octets)
 *     "1.0" request-id "200" "OK" user ""
 */
#include "cti-server/northbound/zmq_inside.h"
#include "pbx-adapters/host/log.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define Z85_KEY 41 /* with its NUL */
#define FRAMES  7

struct zap {
	struct zmq_door *door;
	void *socket;
	struct event *event;
};

bool curve_is_on(const struct zmq_door *door)
{
	return cti_options_string(door->options, "curve_secret_file");
}

static int secret_read(const char *path, char key[Z85_KEY], struct cti_error *error)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return cti_error_set(error, CTI_E_CONFIG, "zmq.curve_secret_file %s: %s", path,
		                     strerror(errno));
	size_t length = fread(key, 1, Z85_KEY - 1, file);
	fclose(file);
	key[length] = '\0';
	uint8_t raw[32];
	if (length != Z85_KEY - 1 || !zmq_z85_decode(raw, key))
		return cti_error_set(error, CTI_E_CONFIG,
		                     "zmq.curve_secret_file %s: expected 40 characters Z85", path);
	return 0;
}

int curve_apply(struct zmq_door *door, void *socket, struct cti_error *error)
{
	char secret[Z85_KEY];
	int on = 1;
	if (!curve_is_on(door))
		return 0;
	int code =
	        secret_read(cti_options_string(door->options, "curve_secret_file"), secret, error);
	if (!code && (zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, sizeof on) ||
	              zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret, Z85_KEY) ||
	              zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, "cti", 3)))
		code = cti_error_set(error, CTI_E_CONFIG, "zmq: CURVE: %s", zmq_strerror(errno));
	explicit_bzero(secret, sizeof secret);
	return code;
}

static void zap_answer(struct zap *zap, zmq_msg_t frames[FRAMES], size_t count)
{
	struct zmq_door *door = zap->door;
	const char *user = NULL;
	char key[Z85_KEY] = "";
	if (count == FRAMES && zmq_msg_size(&frames[6]) == 32 &&
	    zmq_z85_encode(key, zmq_msg_data(&frames[6]), 32))
		user = rights_curve_user(door->context.rights, key);
	bool any = !strcmp(cti_options_string(door->options, "curve_clients"), "any");
	bool good = user || (any && *key);
	if (!good)
		log_warn("zmq", "CURVE: nobody has the key '%s'", key);
	const char *rest[] = {good ? "200" : "400", good ? "OK" : "nobody has this key",
	                      user ? user : "", ""};
	zmq_send(zap->socket, "1.0", 3, ZMQ_SNDMORE);
	zmq_send(zap->socket, count > 1 ? zmq_msg_data(&frames[1]) : "",
	         count > 1 ? zmq_msg_size(&frames[1]) : 0, ZMQ_SNDMORE);
	for (size_t i = 0; i < 4; i++)
		zmq_send(zap->socket, rest[i], strlen(rest[i]), i < 3 ? ZMQ_SNDMORE : 0);
}

static void zap_readable(evutil_socket_t fd, short what, void *arg)
{
	struct zap *zap = arg;
	(void)fd, (void)what;
	for (;;) {
		zmq_msg_t frames[FRAMES], frame;
		size_t count = 0;
		int more = 1;
		while (more) {
			zmq_msg_init(&frame);
			if (zmq_msg_recv(&frame, zap->socket, ZMQ_DONTWAIT) < 0) {
				zmq_msg_close(&frame);
				for (size_t i = 0; i < count; i++)
					zmq_msg_close(&frames[i]);
				return;
			}
			more = zmq_msg_more(&frame);
			if (count < FRAMES)
				frames[count++] = frame;
			else
				zmq_msg_close(&frame);
		}
		zap_answer(zap, frames, count);
		for (size_t i = 0; i < count; i++)
			zmq_msg_close(&frames[i]);
	}
}

int zap_create(struct zmq_door *door, struct cti_error *error)
{
	if (!curve_is_on(door))
		return 0;
	struct zap *zap = calloc(1, sizeof *zap);
	if (!zap)
		return cti_error_set(error, CTI_E_NOMEM, "zmq: out of memory");
	int fd, linger = 0;
	size_t size = sizeof fd;
	door->zap = zap;
	zap->door = door;
	zap->socket = zmq_socket(door->zmq, ZMQ_REP);
	if (!zap->socket || zmq_setsockopt(zap->socket, ZMQ_LINGER, &linger, sizeof linger) ||
	    zmq_bind(zap->socket, "inproc://zeromq.zap.01") ||
	    zmq_getsockopt(zap->socket, ZMQ_FD, &fd, &size))
		return cti_error_set(error, CTI_E_IO, "zmq: ZAP: %s", zmq_strerror(errno));
	zap->event = event_new(door->context.loop, fd, EV_READ | EV_PERSIST, zap_readable, zap);
	if (!zap->event || event_add(zap->event, NULL))
		return cti_error_set(error, CTI_E_NOMEM, "zmq: out of memory");
	event_active(zap->event, EV_READ, 0);
	return 0;
}

void zap_destroy(struct zmq_door *door)
{
	if (!door->zap)
		return;
	if (door->zap->event)
		event_free(door->zap->event);
	if (door->zap->socket)
		zmq_close(door->zap->socket);
	free(door->zap);
	door->zap = NULL;
}
