/* SPDX-License-Identifier: Apache-2.0 */
#include "pbx-adapters/simulator/port.h"

#include "csta/event.h"
#include "csta/frame.h"
#include "csta/pass.h"
#include "pbx-adapters/host/log.h"
#include "pbx-adapters/simulator/switch.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define LINE_MAX_OCTETS 2048 /* of a message in the wire trace */

/** A request that the switch has not answered yet, or whose answer is late by order. */
struct answer {
	struct link *link;
	uint32_t invoke_id;
	enum cti_service service;
	const struct csta_type *asked;
	struct cti_reply *reply; /* waits for the timer */
	struct cti_timer *timer;
	TAILQ_ENTRY(answer) next;
};
TAILQ_HEAD(answers, answer);

/** One application. */
struct link {
	struct port *port;
	struct bufferevent *bev;
	struct csta_session *session;
	struct sim_client *client; /* while the association stands */
	struct cti_timer *tick;
	uint64_t deadline;
	struct answers answers;
	bool dead;
	char peer[INET6_ADDRSTRLEN + 8];
	TAILQ_ENTRY(link) all;
};
TAILQ_HEAD(links, link);

struct port {
	struct sim_switch *sw;
	const struct cti_host *host;
	struct port_config config;
	struct evconnlistener *listener;
	struct event *reaper; /* frees the dead from the loop, where nobody uses them any more */
	struct links links;
	unsigned count;
	bool closed;
	uint64_t delay_us, in, out;
	char address[INET_ADDRSTRLEN + 8];
};

static uint64_t now(const struct link *l)
{
	return l->port->host->now_us(l->port->host);
}

/** The session's deadline follows every call into it. */
static void rearm(struct link *l)
{
	uint64_t deadline = l->dead ? UINT64_MAX : csta_session_deadline(l->session), at;
	const struct cti_host *host = l->port->host;
	if (deadline == l->deadline)
		return;
	l->deadline = deadline;
	at = now(l);
	if (deadline == UINT64_MAX)
		host->timer_clear(l->tick);
	else
		host->timer_set(l->tick, deadline > at ? deadline - at : 0);
}

static void tick(void *arg)
{
	struct link *l = arg;
	l->deadline = UINT64_MAX;
	csta_session_tick(l->session, now(l));
	rearm(l);
}

/* ---- Life of a link ------------------------------------------------------------------------ */

static void answer_free(struct answer *a)
{
	TAILQ_REMOVE(&a->link->answers, a, next);
	a->link->port->host->timer_destroy(&a->timer);
	free(a->reply);
	free(a);
}

/** Nothing more of this link, from now on; its memory goes with the next turn of the loop. */
static void bury(struct link *l)
{
	if (l->dead)
		return;
	l->dead = true;
	switch_client_destroy(&l->client);
	event_active(l->port->reaper, EV_TIMEOUT, 0);
}

static void link_free(struct link *l)
{
	struct port *p = l->port;
	for (struct answer *a; (a = TAILQ_FIRST(&l->answers));)
		answer_free(a);
	if (l->session) {
		p->in += csta_session_stats(l->session)->bytes_in;
		p->out += csta_session_stats(l->session)->bytes_out;
	}
	csta_session_destroy(&l->session);
	switch_client_destroy(&l->client);
	if (l->bev)
		bufferevent_free(l->bev);
	p->host->timer_destroy(&l->tick);
	TAILQ_REMOVE(&p->links, l, all);
	p->count--;
	free(l);
}

static void reap(evutil_socket_t fd, short what, void *arg)
{
	struct port *p = arg;
	(void)fd, (void)what;
	for (struct link *l = TAILQ_FIRST(&p->links), *next; l; l = next) {
		next = TAILQ_NEXT(l, all);
		if (!l->dead)
			continue;
		/* What the session said last (a refusal, the end of a session) still goes out. */
		evbuffer_unfreeze(bufferevent_get_output(l->bev), 1);
		evbuffer_write(bufferevent_get_output(l->bev), bufferevent_getfd(l->bev));
		link_free(l);
	}
}

/* ---- From the switch ----------------------------------------------------------------------- */

static void complain(void *arg, const struct cti_error *error)
{
	struct link *l = arg;
	l->port->host->log(l->port->host, CTI_LOG_WARN, "application %s: %s", l->peer, error->text);
}

/** Send and give back; a link that cannot carry what it must is closed by the session. */
static void ship(struct link *l, struct csta_message *m, int code, struct cti_error *error)
{
	csta_message_destroy(&m);
	if (code)
		complain(l, error);
	rearm(l);
}

/** A switch of an earlier phase says nothing where its protocol has no words. */
static bool phase_lacks(const struct link *l, const struct csta_message *m)
{
	const struct cti_host *host = l->port->host;
	enum csta_phase phase = csta_session_phase(l->session);
	if (!m || csta_type_phases(m->type) >> phase & 1)
		return false;
	host->log(host, CTI_LOG_DEBUG, "application %s: %s: not in CSTA Phase %d", l->peer,
	          m->type->element, (int)phase);
	return true;
}

/** An event that cannot be told ends the link: the application reads the switch again. */
static void hear_event(void *arg, const struct cti_event *event)
{
	struct link *l = arg;
	struct csta_message *m = NULL;
	struct cti_error error = {0};
	if (l->dead)
		return;
	int code = csta_event_write(&m, csta_session_codec(l->session), event, &error);
	if (phase_lacks(l, m)) {
		csta_message_destroy(&m);
		return;
	}
	if (!code)
		code = csta_session_event(l->session, m, now(l), &error);
	ship(l, m, code, &error);
	if (code && !l->dead) {
		csta_session_lost(l->session, "an event could not be sent", now(l));
		bury(l);
	}
}

static void hear_monitor_stopped(void *arg, const char *monitor, const char *why)
{
	struct link *l = arg;
	struct csta_message *m = NULL;
	struct cti_error error = {0};
	struct cti_request r;
	(void)why; /* the service has no place for it */
	if (l->dead)
		return;
	cti_request_init(&r, CTI_SERVICE_MONITOR_STOP);
	r.monitor = monitor;
	int code = csta_request_write(&m, csta_session_codec(l->session), &r, &error);
	if (!code)
		code = csta_session_request(l->session, m, 0, now(l), &error);
	ship(l, m, code, &error);
}

/* @p asked: the row of what was asked, for what the plain structs do not know. */
static void respond(struct link *l, uint32_t invoke_id, enum cti_service service,
                    const struct csta_type *asked, const struct cti_reply *reply)
{
	struct csta_codec *codec = csta_session_codec(l->session);
	struct csta_message *m = NULL;
	struct cti_error error = {0};
	/* Nobody is told of a RouteSelect that failed (ECMA-285: ALWAYS RESPONDS FALSE). */
	if (l->dead || asked->no_response)
		return;
	int code = service == CTI_SERVICE_OTHER
	                   ? csta_pass_reply_write(&m, codec, asked, reply, &error)
	                   : csta_reply_write(&m, codec, service, reply, &error);
	if (!code)
		code = csta_session_respond(l->session, invoke_id, m, now(l), &error);
	ship(l, m, code, &error);
}

static void late(void *arg)
{
	struct answer *a = arg;
	respond(a->link, a->invoke_id, a->service, a->asked, a->reply);
	answer_free(a);
}

static void hear_reply(void *arg, const struct cti_reply *reply)
{
	struct answer *a = arg;
	const struct port *p = a->link->port;
	if (p->delay_us) {
		a->reply = cti_reply_copy(reply);
		a->timer = p->host->timer_create(p->host, "late answer", late, a);
		if (a->reply && a->timer) {
			p->host->timer_set(a->timer, p->delay_us);
			return;
		}
	}
	respond(a->link, a->invoke_id, a->service, a->asked, reply);
	answer_free(a);
}

/* ---- From the application ------------------------------------------------------------------ */

static void refuse_request(struct link *l, const struct csta_message *asked, const char *value,
                           const char *text)
{
	struct cti_reply reply;
	cti_reply_init(&reply);
	reply.code = CTI_E_REFUSED;
	reply.category = CTI_CATEGORY_OPERATION;
	reply.value = value;
	reply.text = text;
	respond(l, asked->invoke_id, CTI_SERVICE_OTHER, asked->type, &reply);
}

static void take_message(void *arg, const struct csta_message *message)
{
	struct link *l = arg;
	struct cti_request request;
	struct cti_error error = {0};
	if (message->type->kind != CSTA_REQUEST) {
		cti_error_set(&error, CTI_E_INVALID, "%s: a switch does not take this",
		              message->type->element);
		complain(l, &error);
		return;
	}
	/* The strings of the request live in the message's memory. */
	int code = csta_request_read((struct csta_message *)(uintptr_t)message, &request, &error);
	if (code && message->type->no_response) {
		complain(l, &error);
		return;
	}
	if (code) {
		refuse_request(l, message, "invalidParameterValue", error.text);
		return;
	}
	struct answer *a = calloc(1, sizeof *a);
	if (!a) {
		refuse_request(l, message, "generic", "out of memory");
		return;
	}
	*a = (struct answer){.link = l,
	                     .invoke_id = message->invoke_id,
	                     .service = request.service,
	                     .asked = message->type};
	TAILQ_INSERT_TAIL(&l->answers, a, next);
	switch_request(l->client, &request, hear_reply, a);
}

static void take_answer(void *arg, uint64_t token, const struct csta_message *answer,
                        const struct cti_error *error)
{
	(void)arg, (void)token, (void)answer, (void)error; /* of our MonitorStop: we do not wait */
}

static int put_octets(void *arg, const void *bytes, size_t length)
{
	struct link *l = arg;
	struct evbuffer *out = bufferevent_get_output(l->bev);
	if (l->dead)
		return CTI_E_CLOSED;
	if (evbuffer_get_length(out) + length > l->port->config.max_output)
		return CTI_E_LIMIT;
	return evbuffer_add(out, bytes, length) ? CTI_E_NOMEM : 0;
}

static void is_up(void *arg)
{
	static const struct switch_sink sink = {hear_event, hear_monitor_stopped};
	struct link *l = arg;
	struct cti_error error;
	const struct cti_host *host = l->port->host;
	host->log(host, CTI_LOG_INFO, "application %s: associated", l->peer);
	if (switch_client_create(&l->client, l->port->sw, &sink, l, &error)) {
		complain(l, &error);
		bury(l);
	}
}

static void is_down(void *arg, const struct cti_error *why)
{
	struct link *l = arg;
	l->port->host->log(l->port->host, CTI_LOG_INFO, "application %s: %s", l->peer,
	                   why ? why->text : "gone");
	bury(l);
}

static void on_wire(void *arg, bool outgoing, const void *bytes, size_t length,
                    const struct csta_message *message)
{
	struct link *l = arg;
	char line[LINE_MAX_OCTETS];
	if (!log_wire_enabled())
		return;
	csta_session_describe(l->session, message, length, line, sizeof line);
	l->port->host->wire(l->port->host, outgoing ? CTI_WIRE_OUT : CTI_WIRE_IN, bytes, length,
	                    line);
}

static void on_read(struct bufferevent *bev, void *arg)
{
	struct link *l = arg;
	struct evbuffer *in = bufferevent_get_input(bev);
	size_t length;
	while (!l->dead && (length = evbuffer_get_contiguous_space(in))) {
		csta_session_input(l->session, evbuffer_pullup(in, (ev_ssize_t)length), length,
		                   now(l));
		evbuffer_drain(in, length);
	}
	rearm(l);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
	struct link *l = arg;
	(void)bev;
	if (l->dead || !(what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)))
		return;
	const char *why = what & BEV_EVENT_EOF
	                          ? "closed by the application"
	                          : evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR());
	csta_session_lost(l->session, why, now(l));
	bury(l);
}

/* ---- The port ------------------------------------------------------------------------------ */

static int link_open(struct port *p, evutil_socket_t fd, struct link **out, struct cti_error *error)
{
	static const struct csta_session_ops ops = {
	        .send = put_octets,
	        .up = is_up,
	        .down = is_down,
	        .message = take_message,
	        .answer = take_answer,
	        .wire = on_wire,
	        .complaint = complain,
	};
	const struct csta_session_config config = {
	        .role = CSTA_SWITCHING,
	        .encoding = p->config.encoding,
	        .framing = p->config.framing,
	        .association = p->config.association,
	        .phase = p->config.phase,
	        .bp_handshake = p->config.bp_handshake,
	};
	struct link *l = calloc(1, sizeof *l);
	if (!l)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	l->port = p;
	l->deadline = UINT64_MAX;
	TAILQ_INIT(&l->answers);
	TAILQ_INSERT_TAIL(&p->links, l, all);
	p->count++;
	*out = l;
	l->bev = bufferevent_socket_new(p->host->loop, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!l->bev) {
		evutil_closesocket(fd);
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	}
	l->tick = p->host->timer_create(p->host, "application", tick, l);
	if (!l->tick)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	return csta_session_create(&l->session, &config, &ops, l, now(l), error);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
                      int length, void *arg)
{
	struct port *p = arg;
	struct link *l = NULL;
	struct cti_error error = {0};
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)from;
	char host[INET_ADDRSTRLEN] = "?";
	int one = 1;
	(void)listener, (void)length;
	if (p->closed || p->count >= p->config.max_links) {
		p->host->log(p->host, CTI_LOG_WARN, "an application was turned away: %s",
		             p->closed ? "the link is down" : "too many links");
		evutil_closesocket(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (link_open(p, fd, &l, &error)) {
		p->host->log(p->host, CTI_LOG_ERROR, "an application was turned away: %s",
		             error.text);
		if (l)
			link_free(l);
		return;
	}
	inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
	snprintf(l->peer, sizeof l->peer, "%s:%u", host, ntohs(in->sin_port));
	bufferevent_setcb(l->bev, on_read, NULL, on_event, l);
	bufferevent_enable(l->bev, EV_READ | EV_WRITE);
	csta_session_start(l->session, now(l));
	rearm(l);
}

/** One word after the encoding: a framing or what must come first. */
static bool parse_word(const char *word, struct port_config *out)
{
	static const char *const associations[] = {"none", "acse", "session", "system"};
	for (size_t i = 0; i < sizeof associations / sizeof *associations; i++)
		if (!strcmp(associations[i], word)) {
			out->association = (enum csta_association)i;
			out->no_association = out->association == CSTA_ASSOCIATE_NONE;
			return true;
		}
	if (!strcmp(word, "bp")) {
		out->bp_handshake = true;
		return true;
	}
	if (!strncmp(word, "phase", 5) && word[5] >= '1' && word[5] <= '3' && !word[6]) {
		out->phase = (enum csta_phase)(word[5] - '0');
		return out->phase == CSTA_PHASE_3 || out->encoding == CSTA_BER;
	}
	int framing = csta_framing_parse(word);
	if (framing < 0 || (framing == CSTA_FRAME_XML) != (out->encoding == CSTA_XML))
		return false;
	out->framing = (enum csta_framing)framing;
	return true;
}

static bool parse(char *text, struct port_config *out)
{
	char *colon = strchr(text, ':'), *digits, *end, *save;
	if (!colon)
		return false;
	*colon = 0;
	digits = strrchr(colon + 1, ':');
	out->address = digits ? colon + 1 : NULL;
	if (digits)
		*digits++ = 0;
	else
		digits = colon + 1;
	unsigned long number = strtoul(digits, &end, 10);
	if (!isdigit((unsigned char)*digits) || *end || number > 65535)
		return false;
	out->port = (uint16_t)number;
	const char *word = strtok_r(text, "+", &save);
	if (!word || (strcmp(word, "xml") && strcmp(word, "ber")))
		return false;
	out->encoding = *word == 'x' ? CSTA_XML : CSTA_BER;
	out->framing = *word == 'x' ? CSTA_FRAME_XML : CSTA_FRAME_LEN16;
	while ((word = strtok_r(NULL, "+", &save)))
		if (!parse_word(word, out))
			return false;
	return true;
}

int port_parse(const char *text, struct port_config *out, char room[64], struct cti_error *error)
{
	struct port_config config = {0};
	if (snprintf(room, 64, "%s", text) < 64 && parse(room, &config)) {
		*out = config;
		return 0;
	}
	return cti_error_set(error, CTI_E_CONFIG,
	                     "'%.40s': expected such as xml:8765, ber:127.0.0.1:8766, ber+bare:0, "
	                     "xml+system:8765",
	                     text);
}

static int listen_on(struct port *p, struct cti_error *error)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(p->config.port)};
	socklen_t length = sizeof at;
	if (inet_pton(AF_INET, p->config.address, &at.sin_addr) != 1 ||
	    ntohl(at.sin_addr.s_addr) >> 24 != 127)
		return cti_error_set(
		        error, CTI_E_CONFIG,
		        "%.60s: the simulator knows no users, so it listens on loopback "
		        "(127.0.0.1) only",
		        p->config.address);
	p->listener = evconnlistener_new_bind(p->host->loop, on_accept, p,
	                                      LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 16,
	                                      (const struct sockaddr *)&at, sizeof at);
	if (!p->listener)
		return cti_error_set(error, CTI_E_IO, "%s:%u: %s", p->config.address,
		                     p->config.port,
		                     evutil_socket_error_to_string(EVUTIL_SOCKET_ERROR()));
	getsockname(evconnlistener_get_fd(p->listener), (struct sockaddr *)&at, &length);
	inet_ntop(AF_INET, &at.sin_addr, p->address, sizeof p->address);
	snprintf(p->address + strlen(p->address), 8, ":%u", ntohs(at.sin_port));
	return 0;
}

int port_create(struct port **out, struct sim_switch *sw, const struct cti_host *host,
                const struct port_config *config, struct cti_error *error)
{
	int code = csta_init(error);
	struct port *p = code ? NULL : calloc(1, sizeof *p);
	if (!p)
		return code ? code : cti_error_set(error, CTI_E_NOMEM, "out of memory");
	*p = (struct port){.sw = sw, .host = host, .config = *config};
	TAILQ_INIT(&p->links);
	bool xml = config->encoding == CSTA_XML;
	if (xml)
		p->config.framing = CSTA_FRAME_XML;
	else if (p->config.framing == CSTA_FRAME_XML)
		p->config.framing = CSTA_FRAME_BARE;
	if (!config->no_association && config->association == CSTA_ASSOCIATE_NONE)
		p->config.association = xml ? CSTA_ASSOCIATE_SESSION : CSTA_ASSOCIATE_ACSE;
	if (!config->address)
		p->config.address = "127.0.0.1";
	if (!config->max_links)
		p->config.max_links = 64;
	if (!config->max_output)
		p->config.max_output = 16u << 20;
	p->reaper = event_new(host->loop, -1, 0, reap, p);
	code = p->reaper ? listen_on(p, error) : cti_error_set(error, CTI_E_NOMEM, "out of memory");
	p->config.address = NULL; /* borrowed until here */
	if (code)
		port_destroy(&p);
	else
		*out = p;
	return code;
}

static void drop_all(struct port *p, const char *why)
{
	for (struct link *l = TAILQ_FIRST(&p->links), *next; l; l = next) {
		next = TAILQ_NEXT(l, all);
		if (!l->dead)
			csta_session_lost(l->session, why, now(l));
		link_free(l);
	}
}

void port_destroy(struct port **port)
{
	struct port *p = *port;
	if (!p)
		return;
	*port = NULL;
	drop_all(p, "the switch stops");
	if (p->listener)
		evconnlistener_free(p->listener);
	if (p->reaper)
		event_free(p->reaper);
	free(p);
}

const char *port_address(const struct port *p)
{
	return p->address;
}

void port_open(struct port *p, bool is_open)
{
	p->closed = !is_open;
	if (!is_open)
		drop_all(p, "link fault");
}

void port_delay(struct port *p, uint64_t delay_us)
{
	p->delay_us = delay_us;
}

unsigned port_links(const struct port *p)
{
	return p->count;
}

void port_octets(const struct port *p, uint64_t *in, uint64_t *out)
{
	*in = p->in;
	*out = p->out;
	for (const struct link *l = TAILQ_FIRST(&p->links); l; l = TAILQ_NEXT(l, all)) {
		*in += csta_session_stats(l->session)->bytes_in;
		*out += csta_session_stats(l->session)->bytes_out;
	}
}
