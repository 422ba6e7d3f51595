/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The switch of the benchmark: takes one link, answers what is asked of it (monitors, snapshots,
 * status) through libcsta's session in the switching role, then plays the trace. Speaking AMI it
 * answers the login. Frames that are due together go out in one write.
 */
#include "bench.h"
#include "csta/event.h"
#include "csta/session.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define STALL_NS  10000000000ull
#define BATCH_MAX 64

struct link {
	int fd;
	struct csta_session *session; /* NULL: AMI */
	unsigned monitors, snapshots; /* answered */
	bool closed, logged_in, playing;
};

static int link_send(void *arg, const void *bytes, size_t length)
{
	struct link *link = arg;
	const uint8_t *at = bytes;
	while (length) {
		ssize_t n = send(link->fd, at, length, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			poll(&(struct pollfd){link->fd, POLLOUT, 0}, 1, 1000);
			continue;
		}
		if (n <= 0)
			return CTI_E_IO;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

static void link_message(void *arg, const struct csta_message *message)
{
	struct link *link = arg;
	struct cti_error error = {0};
	struct cti_request request;
	struct cti_reply reply;
	struct csta_message *answer = NULL, *copy = NULL;
	memcpy(&copy, &message, sizeof copy); /* csta_request_read keeps strings in the message */
	if (message->type->kind != CSTA_REQUEST || message->type->no_response)
		return;
	cti_reply_init(&reply);
	if (csta_request_read(copy, &request, &error)) {
		fprintf(stderr, "bench: switch: %s: %s\n", message->type->element, error.text);
		return;
	}
	if (request.service == CTI_SERVICE_MONITOR_START) {
		reply.monitor = request.device;
		reply.monitor_existing_calls = true;
		link->monitors++;
	} else if (request.service == CTI_SERVICE_SNAPSHOT_DEVICE && !link->playing) {
		link->snapshots++; /* no calls yet; later it could not tell the truth */
	} else if (request.service == CTI_SERVICE_REQUEST_SYSTEM_STATUS) {
		reply.system_status = "normal";
	} else if (request.service != CTI_SERVICE_MONITOR_STOP) {
		reply.code = CTI_E_REFUSED;
		reply.category = CTI_CATEGORY_OPERATION;
		reply.value = "serviceNotSupported";
	}
	if (csta_reply_write(&answer, csta_session_codec(link->session), request.service, &reply,
	                     &error) ||
	    csta_session_respond(link->session, message->invoke_id, answer, now_ns() / 1000,
	                         &error))
		fprintf(stderr, "bench: switch: answer: %s\n", error.text);
	csta_message_destroy(&answer);
}

static void link_down(void *arg, const struct cti_error *why)
{
	struct link *link = arg;
	fprintf(stderr, "bench: switch: link down: %s\n", why ? why->text : "");
	link->closed = true;
}

static void link_up(void *arg)
{
	(void)arg;
}

static void link_answer(void *arg, uint64_t token, const struct csta_message *answer,
                        const struct cti_error *error)
{
	(void)arg;
	(void)token;
	(void)answer;
	(void)error;
}

static const struct csta_session_ops link_ops = {
        .send = link_send,
        .up = link_up,
        .down = link_down,
        .message = link_message,
        .answer = link_answer,
};

/* Take what has come, at most @p wait_ms later. */
static void link_read(struct link *link, int wait_ms)
{
	char buffer[65536];
	if (poll(&(struct pollfd){link->fd, POLLIN, 0}, 1, wait_ms) <= 0)
		return;
	ssize_t n = recv(link->fd, buffer, sizeof buffer, MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		link->closed = true;
	if (n <= 0)
		return;
	if (link->session) {
		csta_session_input(link->session, buffer, (size_t)n, now_ns() / 1000);
	} else if (memmem(buffer, (size_t)n, "ogin", 4) && !link->logged_in) {
		static const char yes[] =
		        "Response: Success\r\nMessage: Authentication accepted\r\n\r\n";
		link_send(link, yes, sizeof yes - 1);
		link->logged_in = true;
	}
}

static int link_open(struct link *link, int listener, enum wire_format format)
{
	*link = (struct link){.fd = accept(listener, NULL, NULL)};
	if (link->fd < 0)
		return -1;
	int on = 1;
	setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (format == WIRE_AMI) {
		static const char banner[] = "Asterisk Call Manager/9.0.0\r\n";
		return link_send(link, banner, sizeof banner - 1);
	}
	struct cti_error error = {0};
	struct csta_session_config config = {
	        .role = CSTA_SWITCHING,
	        .encoding = format == WIRE_XML ? CSTA_XML : CSTA_BER,
	        .framing = format == WIRE_XML ? CSTA_FRAME_XML : CSTA_FRAME_LEN16,
	        .association = CSTA_ASSOCIATE_NONE,
	        .edition = CSTA_ED6,
	};
	if (csta_session_create(&link->session, &config, &link_ops, link, now_ns() / 1000,
	                        &error)) {
		fprintf(stderr, "bench: switch: %s\n", error.text);
		return -1;
	}
	csta_session_start(link->session, now_ns() / 1000);
	return 0;
}

static bool link_ready(const struct link *link, unsigned devices)
{
	return link->session ? link->snapshots >= devices : link->logged_in;
}

/* How many may go out now: by the pace, by the window, at most a batch. */
static uint64_t due(const struct pace *pace, uint64_t sent, uint64_t start,
                    const struct tally *tally)
{
	uint64_t got = atomic_load_explicit(&tally->received, memory_order_acquire);
	uint64_t room = pace->window > sent - got ? pace->window - (sent - got) : 0;
	uint64_t n = pace->events - sent;
	if (pace->per_second > 0) {
		uint64_t by_now =
		        (uint64_t)((double)(now_ns() - start) * 1e-9 * pace->per_second) + 1;
		n = by_now > sent ? (by_now - sent < n ? by_now - sent : n) : 0;
	}
	if (n > room)
		n = room;
	return n > BATCH_MAX ? BATCH_MAX : n;
}

static void pause_until_due(const struct pace *pace, uint64_t sent, uint64_t start)
{
	uint64_t wait = 20000; /* the window is full: look again soon */
	if (pace->per_second > 0) {
		uint64_t at = start + (uint64_t)((double)sent / pace->per_second * 1e9);
		uint64_t now = now_ns();
		wait = at > now ? at - now : 1000;
	}
	nanosleep(&(struct timespec){(time_t)(wait / 1000000000u), (long)(wait % 1000000000u)},
	          NULL);
}

static void play(struct link *link, struct trace *trace, const struct pace *pace,
                 struct tally *tally)
{
	static uint8_t out[BATCH_MAX * 4096];
	uint64_t start = now_ns(), sent = 0, moved = start, last = 0;
	link->playing = true;
	while (sent < pace->events && !link->closed) {
		uint64_t n = due(pace, sent, start, tally);
		size_t length = 0;
		for (uint64_t i = 0; i < n; i++, sent++) {
			size_t index = sent % trace->count;
			trace_stamp(trace, index, sent, now_ns());
			if (length + trace->frames[index].length > sizeof out)
				break;
			memcpy(out + length, trace->frames[index].bytes,
			       trace->frames[index].length);
			length += trace->frames[index].length;
		}
		if (length && link_send(link, out, length))
			link->closed = true;
		uint64_t got = atomic_load(&tally->received);
		if (n || got != last)
			moved = now_ns();
		last = got;
		if (now_ns() - moved > STALL_NS)
			return;
		if (!n)
			pause_until_due(pace, sent, start);
		link_read(link, 0);
	}
	for (moved = now_ns();
	     atomic_load(&tally->received) < sent && now_ns() - moved < STALL_NS;) {
		uint64_t got = atomic_load(&tally->received);
		link_read(link, 1);
		if (atomic_load(&tally->received) != got)
			moved = now_ns();
	}
}

int switch_play(int listener, struct trace *trace, unsigned devices, const struct pace *pace,
                struct tally *tally, atomic_bool *go, atomic_bool *ready)
{
	struct link link;
	if (link_open(&link, listener, trace->format))
		return -1;
	while (!link.closed && !link_ready(&link, devices))
		link_read(&link, 100);
	atomic_store(ready, true);
	while (!link.closed && !atomic_load(go))
		link_read(&link, 5);
	if (!link.closed)
		play(&link, trace, pace, tally);
	pace->ended(pace->arg);
	int code = link.closed ? -1 : 0;
	csta_session_destroy(&link.session);
	close(link.fd);
	return code;
}
