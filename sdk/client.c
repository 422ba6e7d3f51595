/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Life, dispatch and time of a client. No thread but libzmq's own: everything happens in
 * cti_dispatch().
 *
 * What the caller polls is an epoll descriptor over ZeroMQ's descriptors, a timer and an
 * eventfd. ZeroMQ's are edge-triggered: they tell that something may have changed, once. So they
 * are read until EAGAIN, and wherever something can be left (a limit was reached, a send took
 * the signal), the eventfd is raised: from outside all is level-triggered.
 */
#include "sdk/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define KEY_LENGTH 40 /* Z85 of 32 octets */

uint64_t client_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND_US + (uint64_t)now.tv_nsec / 1000;
}

void client_state_set(struct cti_client *client, enum cti_client_state state,
                      const struct cti_error *why)
{
	if (client->state == state && !why)
		return;
	client->state = state;
	if (client->dead || !client->handlers.state)
		return;
	client->calls++;
	client->handlers.state(client->arg, state, why && why->code ? why : NULL);
}

/* ---- Create and destroy ---------------------------------------------------------------- */

static bool endpoint_is_local(const char *endpoint)
{
	static const char *const local[] = {"ipc://", "inproc://",
	                                    "tcp://localhost:", "tcp://[::1]:"};
	char host[16] = "";
	struct in_addr address;
	for (size_t i = 0; i < sizeof local / sizeof *local; i++)
		if (!strncmp(endpoint, local[i], strlen(local[i])))
			return true;
	/* 127.0.0.0/8, but not a name that only begins so. */
	return sscanf(endpoint, "tcp://%15[0-9.]:", host) == 1 &&
	       endpoint[strlen("tcp://") + strlen(host)] == ':' &&
	       inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

static int options_check(const struct cti_client_options *options, const char *endpoint,
                         struct cti_error *error)
{
	const char *const keys[] = {options->server_key, options->public_key, options->secret_key};
	if (!strstr(endpoint, "://"))
		return cti_error_set(error, CTI_E_INVALID,
		                     "endpoint %.80s: expected tcp://HOST:PORT or ipc://PATH",
		                     endpoint);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (keys[i] && strlen(keys[i]) != KEY_LENGTH)
			return cti_error_set(error, CTI_E_INVALID,
			                     "CURVE key: expected %d characters (Z85)", KEY_LENGTH);
	if (!options->public_key != !options->secret_key ||
	    (options->public_key && !options->server_key))
		return cti_error_set(error, CTI_E_INVALID,
		                     "CURVE: expected the server's key, or it with a key pair");
	if (options->password && !options->server_key && !options->insecure &&
	    !endpoint_is_local(endpoint))
		return cti_error_set(error, CTI_E_DENIED,
		                     "%.60s: no password to another machine without encryption "
		                     "(the server's CURVE key)",
		                     endpoint);
	return 0;
}

static bool string_keep(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return *to || !from;
}

static bool strings_keep(struct cti_client *client, const struct cti_client_options *options,
                         const char *endpoint)
{
	return string_keep(&client->endpoint, endpoint) &&
	       string_keep(&client->user, options->user) &&
	       string_keep(&client->password, options->password) &&
	       string_keep(&client->server_key, options->server_key) &&
	       string_keep(&client->public_key, options->public_key) &&
	       string_keep(&client->secret_key, options->secret_key) &&
	       string_keep(&client->name, options->name) &&
	       string_keep(&client->switch_name, options->switch_name) &&
	       string_keep(&client->server, "");
}

static bool descriptor_add(struct cti_client *client, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
	return fd >= 0 && !epoll_ctl(client->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static bool descriptors_open(struct cti_client *client)
{
	client->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	client->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	client->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return client->epoll_fd >= 0 && descriptor_add(client, client->timer_fd) &&
	       descriptor_add(client, client->wake_fd);
}

static void secret_free(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

static void descriptor_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void client_free(struct cti_client *client)
{
	subscriptions_free(client);
	streams_free(client);
	cti_text_free(&client->text);
	if (client->zmq)
		zmq_ctx_term(client->zmq);
	descriptor_close(client->epoll_fd);
	descriptor_close(client->timer_fd);
	descriptor_close(client->wake_fd);
	free(client->endpoint);
	free(client->user);
	secret_free(client->password);
	free(client->server_key);
	free(client->public_key);
	secret_free(client->secret_key);
	free(client->name);
	free(client->switch_name);
	free(client->server);
	free(client);
}

int cti_client_create(struct cti_client **out, const struct cti_client_options *options,
                      struct cti_error *error)
{
	const char *endpoint = options->endpoint ? options->endpoint : CTI_ENDPOINT;
	int code = options_check(options, endpoint, error);
	if (code)
		return code;
	struct cti_client *client = calloc(1, sizeof *client);
	if (!client)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	client->handlers = options->handlers;
	client->arg = options->arg;
	client->timeout_ms = options->request_timeout_ms;
	client->epoll_fd = client->timer_fd = client->wake_fd = -1;
	client->session.socket_fd = client->session.monitor_fd = -1;
	TAILQ_INIT(&client->subscriptions);
	TAILQ_INIT(&client->pendings);
	TAILQ_INIT(&client->echoes);
	if (!strings_keep(client, options, endpoint)) {
		code = cti_error_set(error, CTI_E_NOMEM, "out of memory");
	} else if (!descriptors_open(client) || !(client->zmq = zmq_ctx_new()) ||
	           getrandom(&client->id_prefix, sizeof client->id_prefix, 0) < 0) {
		code = cti_error_set(error, CTI_E_IO, "libcti: %s", strerror(errno));
	}
	if (code) {
		client_free(client);
		return code;
	}
	*out = client;
	return 0;
}

void cti_client_destroy(struct cti_client **pointer)
{
	struct cti_client *client = *pointer;
	*pointer = NULL;
	if (!client || client->dead)
		return;
	client->dead = true;
	client_session_close(client, "destroyed");
	requests_end(client, CTI_E_CLOSED, "the client was closed");
	echoes_end(client, CTI_E_CLOSED);
	if (!client->depth)
		client_free(client);
}

/* ---- Connect ----------------------------------------------------------------------------- */

int cti_connect(struct cti_client *client, struct cti_error *error)
{
	if (client->state != CTI_CLIENT_IDLE && client->state != CTI_CLIENT_REFUSED)
		return 0;
	client->retry_pause_us = 0;
	int code = session_open(client, error);
	if (!code)
		client->state = CTI_CLIENT_CONNECTING;
	client_settle(client);
	return code;
}

void cti_disconnect(struct cti_client *client)
{
	if (client->state == CTI_CLIENT_IDLE)
		return;
	client_session_close(client, "disconnected");
	client->state = CTI_CLIENT_IDLE;
	/* The answers come from the next dispatch: nothing is called back from here. */
	struct pending *pending;
	TAILQ_FOREACH (pending, &client->pendings, link)
		pending->deadline_us = 0;
	client_settle(client);
}

enum cti_client_state cti_client_state(const struct cti_client *client)
{
	return client->state;
}

const char *cti_client_state_name(enum cti_client_state state)
{
	switch (state) {
	case CTI_CLIENT_IDLE:
		return "idle";
	case CTI_CLIENT_CONNECTING:
		return "connecting";
	case CTI_CLIENT_READY:
		return "ready";
	case CTI_CLIENT_WAITING:
		return "waiting";
	case CTI_CLIENT_REFUSED:
		return "refused";
	}
	return "?";
}

const char *cti_client_server(const struct cti_client *client)
{
	return client->server;
}

void cti_client_stats(const struct cti_client *client, struct cti_client_stats *out)
{
	*out = client->stats;
}

/* ---- Dispatch ------------------------------------------------------------------------------ */

int cti_fd(const struct cti_client *client)
{
	return client->epoll_fd;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void timer_arm(struct cti_client *client)
{
	uint64_t at = earlier(session_deadline(client), requests_deadline(client));
	at = earlier(at, stream_deadline(client));
	if (at == UINT64_MAX)
		at = 0;
	else if (!at)
		at = 1; /* 0 would disarm; long past fires at once */
	if (at == client->armed_us)
		return;
	client->armed_us = at;
	struct itimerspec when = {
	        .it_value = {.tv_sec = (time_t)(at / SECOND_US),
	                     .tv_nsec = (long)(at % SECOND_US * 1000)},
	};
	timerfd_settime(client->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void wake(struct cti_client *client, bool on)
{
	uint64_t value = 1;
	if (client->awake == on)
		return;
	client->awake = on;
	/* Neither can fail: the counter is 0 before the write and 1 before the read. */
	ssize_t done = on ? write(client->wake_fd, &value, sizeof value)
	                  : read(client->wake_fd, &value, sizeof value);
	(void)done;
}

void client_settle(struct cti_client *client)
{
	if (client->depth || client->dead)
		return;
	timer_arm(client);
	if (session_pending(client))
		wake(client, true);
}

/* Whatever is due now. */
static void pump(struct cti_client *client)
{
	uint64_t expirations;
	wake(client, false);
	if (read(client->timer_fd, &expirations, sizeof expirations) > 0)
		client->armed_us = 0;
	bool more = session_read(client);
	/* Time only after what has come: the caller may not have been here for long. */
	uint64_t now = client_now();
	if (!client->dead && !more)
		session_time(client, now);
	if (!client->dead)
		stream_time(client, now);
	if (!client->dead)
		requests_time(client, now);
	if (!client->dead && more)
		wake(client, true);
}

int cti_dispatch(struct cti_client *client, int timeout_ms)
{
	if (client->depth)
		return CTI_E_STATE;
	uint64_t end = timeout_ms > 0 ? client_now() + (uint64_t)timeout_ms * 1000 : 0;
	client->calls = 0;
	for (;;) {
		client->depth = 1;
		pump(client);
		client->depth = 0;
		if (client->dead) {
			unsigned calls = client->calls;
			client_free(client);
			return (int)calls;
		}
		client_settle(client);
		if (client->calls || !timeout_ms)
			break;
		uint64_t now = client_now();
		if (timeout_ms > 0 && now >= end)
			break;
		struct pollfd ready = {.fd = client->epoll_fd, .events = POLLIN};
		int wait = timeout_ms < 0 ? -1 : (int)((end - now + 999) / 1000);
		if (poll(&ready, 1, wait) < 0)
			return errno == EINTR ? 0 : CTI_E_IO;
	}
	return (int)client->calls;
}
