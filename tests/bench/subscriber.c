/* SPDX-License-Identifier: Apache-2.0 */
/* The one who listens, on a thread of its own: ZeroMQ SUB, a session on ROUTER, MQTT, bare TCP. */
#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <mosquitto.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

struct subscriber {
	enum door door;
	struct tally *tally;
	pthread_t thread;
	atomic_bool stop, ready;
	void *context, *socket;
	struct mosquitto *mosquitto;
	const char *topic;
	int fd;
};

static void *run_zmq(void *arg)
{
	struct subscriber *s = arg;
	zmq_pollitem_t item = {s->socket, 0, ZMQ_POLLIN, 0};
	atomic_store(&s->ready, true);
	while (!atomic_load(&s->stop)) {
		zmq_msg_t frame;
		zmq_msg_init(&frame);
		if (zmq_msg_recv(&frame, s->socket, ZMQ_DONTWAIT) >= 0)
			tally_text(s->tally, zmq_msg_data(&frame), zmq_msg_size(&frame));
		else
			zmq_poll(&item, 1, 50);
		zmq_msg_close(&frame);
	}
	return NULL;
}

static void on_message(struct mosquitto *m, void *arg, const struct mosquitto_message *message)
{
	(void)m;
	struct subscriber *s = arg;
	tally_text(s->tally, message->payload, (size_t)message->payloadlen);
}

static void on_subscribe(struct mosquitto *m, void *arg, int mid, int count, const int *granted)
{
	(void)m, (void)mid, (void)count, (void)granted;
	atomic_store(&((struct subscriber *)arg)->ready, true);
}

static void *run_mqtt(void *arg)
{
	struct subscriber *s = arg;
	while (!atomic_load(&s->stop))
		if (mosquitto_loop(s->mosquitto, 50, 1) != MOSQ_ERR_SUCCESS) {
			fprintf(stderr, "bench: the broker closed the connection\n");
			break;
		}
	return NULL;
}

static void *run_tcp(void *arg)
{
	struct subscriber *s = arg;
	static char buffer[1 << 20];
	size_t have = 0;
	atomic_store(&s->ready, true);
	while (!atomic_load(&s->stop)) {
		if (poll(&(struct pollfd){s->fd, POLLIN, 0}, 1, 50) <= 0)
			continue;
		ssize_t n = recv(s->fd, buffer + have, sizeof buffer - have, 0);
		if (n <= 0)
			break;
		have += (size_t)n;
		tally_text(s->tally, buffer, have);
		/* A marker may be cut in two: keep less than one whole marker. */
		size_t keep = have < MARK_DIGITS - 1 ? have : MARK_DIGITS - 1;
		memmove(buffer, buffer + have - keep, keep);
		have = keep;
	}
	return NULL;
}

static int open_zmq(struct subscriber *s, const char *where)
{
	s->context = zmq_ctx_new();
	s->socket = zmq_socket(s->context, s->door == DOOR_ZMQ ? ZMQ_SUB : ZMQ_DEALER);
	int none = 0;
	zmq_setsockopt(s->socket, ZMQ_LINGER, &none, sizeof none);
	zmq_setsockopt(s->socket, ZMQ_RCVHWM, &none, sizeof none);
	if (s->door == DOOR_ZMQ)
		zmq_setsockopt(s->socket, ZMQ_SUBSCRIBE, s->topic, strlen(s->topic));
	if (zmq_connect(s->socket, where))
		return -1;
	if (s->door == DOOR_SESSION) {
		static const char hello[] = "{\"version\":1,\"client\":\"bench\"}";
		char subscribe[128];
		int n = snprintf(subscribe, sizeof subscribe, "{\"id\":\"1\",\"filter\":\"%s\"}",
		                 s->topic);
		zmq_send(s->socket, "hello", 5, ZMQ_SNDMORE);
		zmq_send(s->socket, hello, sizeof hello - 1, 0);
		zmq_send(s->socket, "subscribe", 9, ZMQ_SNDMORE);
		zmq_send(s->socket, subscribe, (size_t)n, 0);
	}
	return 0;
}

/* "host:port" */
static int split(const char *where, char host[64], int *port)
{
	const char *colon = strrchr(where, ':');
	if (!colon || (size_t)(colon - where) >= 64)
		return -1;
	memcpy(host, where, (size_t)(colon - where));
	host[colon - where] = 0;
	*port = atoi(colon + 1);
	return 0;
}

static int open_mqtt(struct subscriber *s, const char *where)
{
	char host[64];
	int port;
	mosquitto_lib_init();
	s->mosquitto = mosquitto_new(NULL, true, s);
	if (!s->mosquitto || split(where, host, &port))
		return -1;
	mosquitto_message_callback_set(s->mosquitto, on_message);
	mosquitto_subscribe_callback_set(s->mosquitto, on_subscribe);
	mosquitto_int_option(s->mosquitto, MOSQ_OPT_TCP_NODELAY, 1);
	return mosquitto_connect(s->mosquitto, host, port, 60) ||
	                       mosquitto_subscribe(s->mosquitto, NULL, s->topic, 1)
	               ? -1
	               : 0;
}

static int open_tcp(struct subscriber *s, const char *where)
{
	char host[64];
	int port, on = 1;
	if (split(where, host, &port))
		return -1;
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	inet_pton(AF_INET, host, &to.sin_addr);
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return connect(s->fd, (struct sockaddr *)&to, sizeof to);
}

int subscriber_start(struct subscriber **out, enum door door, const char *where, const char *topic,
                     struct tally *tally)
{
	struct subscriber *s = calloc(1, sizeof *s);
	if (!s)
		return -1;
	*s = (struct subscriber){.door = door, .tally = tally, .topic = topic, .fd = -1};
	static void *(*const run[])(void *) = {run_zmq, run_zmq, run_mqtt, run_tcp};
	int code = door == DOOR_MQTT  ? open_mqtt(s, where)
	           : door == DOOR_TCP ? open_tcp(s, where)
	                              : open_zmq(s, where);
	if (code || pthread_create(&s->thread, NULL, run[door], s)) {
		fprintf(stderr, "bench: cannot subscribe at %s\n", where);
		free(s);
		return -1;
	}
	while (!atomic_load(&s->ready))
		usleep(1000);
	*out = s;
	return 0;
}

void subscriber_stop(struct subscriber **subscriber)
{
	struct subscriber *s = *subscriber;
	if (!s)
		return;
	atomic_store(&s->stop, true);
	pthread_join(s->thread, NULL);
	if (s->socket)
		zmq_close(s->socket);
	if (s->context)
		zmq_ctx_term(s->context);
	if (s->mosquitto)
		mosquitto_destroy(s->mosquitto);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
	*subscriber = NULL;
}
