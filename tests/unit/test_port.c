/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated switch behind a socket: what an application hears over CSTA XML and CSTA BER is
 * what a client in the process hears, and bad applications hurt nobody.
 */
#include "csta/event.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/host.h"
#include "pbx-adapters/simulator/port.h"
#include "pbx-adapters/simulator/switch.h"
#include "tests/support/nomem.h"
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_SIZE 65536
#define TURNS    200 /* of the loop without anything new: at rest */

struct world {
	struct event_base *base;
	struct clock *clock;
	struct host host;
	struct sim_switch *sw;
	struct port *port;
	struct sim_client *inside;
	char heard_inside[LOG_SIZE];
};

struct application {
	struct world *world;
	struct bufferevent *bev;
	struct csta_session *session;
	enum cti_service service;
	bool up, down;
	unsigned answers;
	struct cti_reply *reply;
	char heard[LOG_SIZE];
};

/* ---- What is compared ---------------------------------------------------------------------- */

static size_t put_device(char *to, size_t size, const char *what, const struct cti_device *d)
{
	return d->status == CTI_DEVICE_ABSENT
	               ? 0
	               : (size_t)snprintf(to, size, " %s=%d:%s", what, (int)d->status,
	                                  d->number ? d->number : "");
}

static size_t put_connection(char *to, size_t size, const char *what,
                             const struct cti_connection *c)
{
	return c->call_id ? (size_t)snprintf(to, size, " %s=%s/%s", what, c->call_id,
	                                     c->device_id ? c->device_id : "")
	                  : 0;
}

static void put(char log[LOG_SIZE], const struct cti_event *e)
{
	size_t n = strlen(log);
#define PUT(function, ...) n += function(log + n, LOG_SIZE - n, __VA_ARGS__)
	PUT((size_t)snprintf, "%s %s", e->monitor, cti_event_type_name(e->type));
	PUT(put_connection, "connection", &e->connection);
	if (e->connection.call_id)
		PUT((size_t)snprintf, " state=%d", (int)e->connection.state);
	PUT((size_t)snprintf, " local=%d", (int)e->local_state);
	PUT(put_device, "subject", &e->subject);
	PUT(put_device, "calling", &e->calling);
	PUT(put_device, "called", &e->called);
	PUT(put_device, "last", &e->last_redirection);
	PUT(put_device, "other", &e->other);
	PUT(put_device, "networkCalling", &e->network_calling);
	PUT(put_device, "networkCalled", &e->network_called);
	PUT(put_device, "associatedCalling", &e->associated_calling);
	PUT(put_device, "associatedCalled", &e->associated_called);
	PUT(put_connection, "primary", &e->primary_old);
	PUT(put_connection, "secondary", &e->secondary_old);
	for (size_t i = 0; i < e->item_count; i++) {
		PUT(put_connection, "new", &e->items[i].new_connection);
		PUT(put_connection, "old", &e->items[i].old_connection);
		PUT(put_device, "endpoint", &e->items[i].endpoint);
		PUT(put_device, "nid", &e->items[i].associated_nid);
	}
	PUT((size_t)snprintf, " queue=%d,%d cause=%s flags=%u agent=%s pending=%d reason=%s",
	    e->number_queued, e->calls_in_front, e->cause ? e->cause : "", e->flags,
	    e->agent_id ? e->agent_id : "", (int)e->pending_state, e->reason ? e->reason : "");
	PUT(put_device, "group", &e->group);
	const struct cti_octets *octets[] = {&e->correlator, &e->user_data, &e->global_call,
	                                     &e->thread};
	for (size_t k = 0; k < 4; k++) {
		PUT((size_t)snprintf, " %zu:", octets[k]->length);
		for (size_t i = 0; i < octets[k]->length; i++)
			PUT((size_t)snprintf, "%02x", octets[k]->data[i]);
	}
	PUT((size_t)snprintf, "\n");
	assert_true(n < LOG_SIZE);
}

static void hear_inside(void *arg, const struct cti_event *e)
{
	struct world *w = arg;
	put(w->heard_inside, e);
}

/* ---- The world ----------------------------------------------------------------------------- */

static struct world *world_create(enum csta_encoding encoding, enum csta_framing framing)
{
	static const struct switch_sink sink = {hear_inside, NULL};
	static const struct switch_agent agent = {
	        .id = "7001", .device = "2001", .queues = {"3000"}, .wrap_up_us = 5000000};
	struct world *w = calloc(1, sizeof *w);
	w->base = event_base_new();
	assert_int_equal(clock_create_virtual(&w->clock, 1700000000000000, NULL), 0);
	host_init(&w->host, "hq", w->base, w->clock, 7);
	struct switch_config config = {.host = &w->host.cti};
	assert_int_equal(switch_create(&w->sw, &config, NULL), 0);
	static const char *const numbers[] = {"2001", "2002", "2003"};
	struct switch_extension how = {.pickup_group = "2900"};
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(switch_extension(w->sw, numbers[i], &how, NULL), 0);
	assert_int_equal(switch_trunk(w->sw, "T1", NULL), 0);
	assert_int_equal(switch_trunk(w->sw, "T2", NULL), 0);
	assert_int_equal(switch_queue(w->sw, "3000", NULL), 0);
	assert_int_equal(switch_agent(w->sw, &agent, NULL), 0);
	assert_int_equal(switch_client_create(&w->inside, w->sw, &sink, w, NULL), 0);
	struct port_config port = {.encoding = encoding, .framing = framing, .max_links = 3};
	struct cti_error error = {0};
	if (port_create(&w->port, w->sw, &w->host.cti, &port, &error))
		fail_msg("%s", error.text);
	return w;
}

static void world_destroy(struct world *w)
{
	port_destroy(&w->port);
	switch_client_destroy(&w->inside);
	switch_destroy(&w->sw);
	clock_destroy(&w->clock);
	event_base_free(w->base);
	free(w);
}

/** Until nothing has moved for a while; loopback delivers at once. */
static void settle(struct world *w)
{
	uint64_t in, out, last = UINT64_MAX;
	for (int quiet = 0; quiet < TURNS; quiet++) {
		event_base_loop(w->base, EVLOOP_NONBLOCK);
		clock_advance(w->clock, clock_now(w->clock), NULL, NULL);
		port_octets(w->port, &in, &out);
		if (in + out != last)
			quiet = 0;
		last = in + out;
	}
}

static void wait_s(struct world *w, unsigned seconds)
{
	clock_advance(w->clock, clock_now(w->clock) + seconds * UINT64_C(1000000), NULL, NULL);
	settle(w);
}

/* ---- An application ------------------------------------------------------------------------ */

static int app_send(void *arg, const void *bytes, size_t length)
{
	struct application *a = arg;
	return bufferevent_write(a->bev, bytes, length);
}

static void app_up(void *arg)
{
	((struct application *)arg)->up = true;
}

static void app_down(void *arg, const struct cti_error *why)
{
	(void)why;
	((struct application *)arg)->down = true;
}

static void app_message(void *arg, const struct csta_message *m)
{
	struct application *a = arg;
	struct cti_event e;
	struct cti_request r;
	struct cti_error error = {0};
	struct csta_message *message = (struct csta_message *)(uintptr_t)m;
	if (m->type->kind == CSTA_EVENT) {
		if (csta_event_read(message, &e, &error))
			fail_msg("%s", error.text);
		put(a->heard, &e);
		return;
	}
	assert_int_equal(csta_request_read(message, &r, &error), 0);
	assert_int_equal(r.service, CTI_SERVICE_MONITOR_STOP);
	strcat(a->heard, r.monitor);
	strcat(a->heard, " stopped\n");
}

static void app_answer(void *arg, uint64_t token, const struct csta_message *m,
                       const struct cti_error *failure)
{
	struct application *a = arg;
	struct cti_reply reply;
	struct cti_error error = {0};
	assert_int_equal(token, 4711);
	a->answers++;
	free(a->reply);
	a->reply = NULL;
	if (!m) {
		assert_int_equal(failure->code, CTI_E_CLOSED);
		return;
	}
	if (csta_reply_read((struct csta_message *)(uintptr_t)m, a->service, &reply, &error))
		fail_msg("%s", error.text);
	a->reply = cti_reply_copy(&reply);
}

static void app_complaint(void *arg, const struct cti_error *error)
{
	(void)arg;
	fail_msg("the switch sent: %s", error->text);
}

static void app_read(struct bufferevent *bev, void *arg)
{
	struct application *a = arg;
	char octets[701]; /* an odd cut */
	size_t n;
	while ((n = bufferevent_read(bev, octets, sizeof octets)))
		csta_session_input(a->session, octets, n, clock_now(a->world->clock));
}

static void app_event(struct bufferevent *bev, short what, void *arg)
{
	struct application *a = arg;
	(void)bev;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		csta_session_lost(a->session, "closed", clock_now(a->world->clock));
}

static struct bufferevent *dial(struct world *w)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	unsigned port = 0;
	assert_int_equal(sscanf(port_address(w->port), "127.0.0.1:%u", &port), 1);
	at.sin_port = htons((uint16_t)port);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	struct bufferevent *bev = bufferevent_socket_new(w->base, -1, BEV_OPT_CLOSE_ON_FREE);
	assert_int_equal(bufferevent_socket_connect(bev, (struct sockaddr *)&at, sizeof at), 0);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
	return bev;
}

static struct application *app_create(struct world *w, enum csta_encoding encoding,
                                      enum csta_framing framing)
{
	static const struct csta_session_ops ops = {.send = app_send,
	                                            .up = app_up,
	                                            .down = app_down,
	                                            .message = app_message,
	                                            .answer = app_answer,
	                                            .complaint = app_complaint};
	struct csta_session_config config = {
	        .encoding = encoding,
	        .framing = framing,
	        .association = encoding == CSTA_XML ? CSTA_ASSOCIATE_SESSION : CSTA_ASSOCIATE_ACSE};
	struct application *a = calloc(1, sizeof *a);
	a->world = w;
	a->bev = dial(w);
	bufferevent_setcb(a->bev, app_read, NULL, app_event, a);
	assert_int_equal(
	        csta_session_create(&a->session, &config, &ops, a, clock_now(w->clock), NULL), 0);
	csta_session_start(a->session, clock_now(w->clock));
	settle(w);
	return a;
}

static void app_destroy(struct application *a)
{
	if (!a->down)
		csta_session_lost(a->session, "end of test", clock_now(a->world->clock));
	csta_session_destroy(&a->session);
	bufferevent_free(a->bev);
	free(a->reply);
	free(a);
}

static void ask_only(struct application *a, const struct cti_request *r)
{
	struct csta_message *m = NULL;
	struct cti_error error = {0};
	a->service = r->service;
	if (csta_request_write(&m, csta_session_codec(a->session), r, &error) ||
	    csta_session_request(a->session, m, 4711, clock_now(a->world->clock), &error))
		fail_msg("%s", error.text);
	csta_message_destroy(&m);
	settle(a->world);
}

static const struct cti_reply *ask(struct application *a, const struct cti_request *r)
{
	unsigned before = a->answers;
	ask_only(a, r);
	assert_int_equal(a->answers, before + 1);
	assert_non_null(a->reply);
	return a->reply;
}

static void ignore_reply(void *arg, const struct cti_reply *reply)
{
	(void)arg;
	assert_int_equal(reply->code, 0);
}

static void monitor(struct application *a, const char *device)
{
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_MONITOR_START);
	r.device = device;
	assert_int_equal(ask(a, &r)->code, 0);
	assert_non_null(a->reply->monitor);
	switch_request(a->world->inside, &r, ignore_reply, NULL);
}

/* ---- Tests --------------------------------------------------------------------------------- */

static void a_day(struct world *w, struct application *a)
{
	static const uint8_t correlator[] = {0, 1, 'x', 255}, user[] = "hello";
	struct cti_request r;
	struct sim_switch *sw = w->sw;
	/* Queue, agent, reasons, hold, consultation, transfer, conference, pickup, outside. */
	assert_int_equal(switch_phone_agent(sw, "2001", CTI_REQUEST_LOGGED_ON, "7001", NULL, NULL),
	                 0);
	assert_int_equal(switch_phone_dial(sw, "5551234", "3000", NULL), 0);
	assert_int_equal(switch_phone_agent(sw, "2001", CTI_REQUEST_READY, NULL, NULL, NULL), 0);
	settle(w);
	cti_request_init(&r, CTI_SERVICE_ANSWER_CALL);
	r.connection.call_id = switch_phone_call(sw, "2001", CTI_CONNECTION_ALERTING);
	r.connection.device_id = "2001";
	assert_int_equal(ask(a, &r)->code, 0);
	cti_request_init(&r, CTI_SERVICE_SET_AGENT_STATE);
	r.device = "2001";
	r.agent_id = "7001";
	r.agent_state = CTI_REQUEST_NOT_READY;
	assert_int_equal(ask(a, &r)->code, 0);
	assert_int_equal(a->reply->pending_state, CTI_AGENT_NOT_READY);
	assert_int_equal(switch_phone_consult(sw, "2001", "2002", NULL), 0);
	assert_int_equal(switch_phone_answer(sw, "2002", NULL), 0);
	assert_int_equal(switch_phone_transfer(sw, "2001", NULL), 0);
	assert_int_equal(switch_phone_consult(sw, "2002", "2003", NULL), 0);
	assert_int_equal(switch_phone_answer(sw, "2003", NULL), 0);
	assert_int_equal(switch_phone_conference(sw, "2002", NULL), 0);
	assert_int_equal(switch_phone_hangup(sw, "5551234", NULL), 0);
	assert_int_equal(switch_phone_hangup(sw, "2003", NULL), 0);
	settle(w);
	cti_request_init(&r, CTI_SERVICE_MAKE_CALL);
	r.device = "2003";
	r.destination = "5550000";
	r.correlator = (struct cti_octets){correlator, sizeof correlator};
	r.user_data = (struct cti_octets){user, sizeof user};
	assert_int_equal(ask(a, &r)->code, 0);
	assert_string_equal(a->reply->connection.device_id, "2003");
	assert_string_equal(a->reply->connection.call_id,
	                    switch_phone_call(sw, "2003", CTI_CONNECTION_UNKNOWN));
	assert_int_equal(switch_phone_answer(sw, "5550000", NULL), 0);
	assert_int_equal(switch_phone_hangup(sw, "5550000", NULL), 0);
	assert_int_equal(switch_outside(sw, "5557777", SWITCH_RINGS, 0, true, NULL), 0);
	assert_int_equal(switch_phone_dial(sw, "5557777", "2002", NULL), 0);
	assert_int_equal(switch_phone_pickup(sw, "2003", NULL, NULL), 0);
	assert_int_equal(switch_phone_dial(sw, "2001", "2003", NULL), 0);
	assert_int_equal(switch_phone_hangup(sw, "2001", NULL), 0);
	assert_int_equal(switch_phone_hangup(sw, "2003", NULL), 0);
	settle(w);
}

static void hears_the_same(enum csta_encoding encoding, enum csta_framing framing)
{
	static const char *const devices[] = {"2001", "2002", "2003", "3000", "T1"};
	struct world *w = world_create(encoding, framing);
	struct application *a = app_create(w, encoding, framing);
	assert_true(a->up);
	for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
		monitor(a, devices[i]);
	a_day(w, a);
	assert_true(strlen(w->heard_inside) > 5000);
	if (strcmp(a->heard, w->heard_inside)) {
		size_t i = 0;
		while (a->heard[i] == w->heard_inside[i])
			i++;
		while (i && a->heard[i - 1] != '\n')
			i--;
		fail_msg("first difference:\nover the link: %.*s\nin process:    %.*s",
		         (int)strcspn(a->heard + i, "\n"), a->heard + i,
		         (int)strcspn(w->heard_inside + i, "\n"), w->heard_inside + i);
	}
	app_destroy(a);
	world_destroy(w);
}

static void over_xml(void **state)
{
	(void)state;
	hears_the_same(CSTA_XML, CSTA_FRAME_XML);
}

static void over_ber(void **state)
{
	(void)state;
	hears_the_same(CSTA_BER, CSTA_FRAME_BARE);
	hears_the_same(CSTA_BER, CSTA_FRAME_LEN16);
	hears_the_same(CSTA_BER, CSTA_FRAME_HIPATH26);
}

static void several_applications(enum csta_encoding encoding, enum csta_framing framing)
{
	struct world *w = world_create(encoding, framing);
	struct application *a = app_create(w, encoding, framing),
	                   *b = app_create(w, encoding, framing);
	monitor(a, "2001");
	monitor(b, "2002");
	assert_int_equal(port_links(w->port), 2);
	assert_int_equal(switch_phone_dial(w->sw, "2001", "2003", NULL), 0);
	settle(w);
	assert_non_null(strstr(a->heard, "call.delivered"));
	assert_string_equal(b->heard, "");
	/* A call monitor ends with its call: the switch says MonitorStop. */
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_MONITOR_START);
	r.connection.call_id = switch_phone_call(w->sw, "2001", CTI_CONNECTION_CONNECTED);
	r.call_type = true;
	assert_int_equal(ask(b, &r)->code, 0);
	/* a goes without a word; b stays. */
	app_destroy(a);
	settle(w);
	assert_int_equal(port_links(w->port), 1);
	assert_int_equal(switch_phone_hangup(w->sw, "2001", NULL), 0);
	settle(w);
	assert_non_null(strstr(b->heard, "call.cleared"));
	assert_non_null(strstr(b->heard, "2 stopped\n"));
	app_destroy(b);
	settle(w);
	assert_int_equal(port_links(w->port), 0);
	world_destroy(w);
}

static void applications_do_not_see_each_other(void **state)
{
	(void)state;
	several_applications(CSTA_XML, CSTA_FRAME_XML);
	several_applications(CSTA_BER, CSTA_FRAME_BARE);
}

static void refusals(enum csta_encoding encoding, enum csta_framing framing)
{
	struct world *w = world_create(encoding, framing);
	struct application *a = app_create(w, encoding, framing);
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_MAKE_CALL);
	r.device = "2999";
	r.destination = "2001";
	assert_int_equal(ask(a, &r)->code, CTI_E_REFUSED);
	assert_int_equal(a->reply->category, CTI_CATEGORY_OPERATION);
	assert_string_equal(a->reply->value, "invalidCallingDeviceID");
	cti_request_init(&r, CTI_SERVICE_ESCAPE);
	r.private_data = encoding == CSTA_XML ? "<x/>" : "0500";
	assert_int_equal(ask(a, &r)->code, CTI_E_REFUSED);
	assert_string_equal(a->reply->value, "serviceNotSupported");
	cti_request_init(&r, CTI_SERVICE_SNAPSHOT_DEVICE);
	r.device = "2001";
	assert_int_equal(ask(a, &r)->code, 0);
	assert_int_equal(a->reply->snapshot_count, 0);
	app_destroy(a);
	world_destroy(w);
}

static void refusals_arrive(void **state)
{
	(void)state;
	refusals(CSTA_XML, CSTA_FRAME_XML);
	refusals(CSTA_BER, CSTA_FRAME_BARE);
}

static void faults(void **state)
{
	(void)state;
	struct world *w = world_create(CSTA_XML, CSTA_FRAME_XML);
	struct application *a = app_create(w, CSTA_XML, CSTA_FRAME_XML);
	struct cti_request r;
	monitor(a, "2001");
	/* An answer that comes late, and one that never comes. */
	cti_request_init(&r, CTI_SERVICE_MAKE_CALL);
	r.device = "2001";
	r.destination = "2002";
	port_delay(w->port, 3000000);
	unsigned before = a->answers;
	ask_only(a, &r);
	assert_int_equal(a->answers, before);
	assert_non_null(strstr(a->heard, "call.delivered"));
	wait_s(w, 3);
	assert_int_equal(a->answers, before + 1);
	assert_int_equal(a->reply->code, 0);
	cti_request_init(&r, CTI_SERVICE_HOLD_CALL);
	r.connection.device_id = "2001";
	r.connection.call_id = switch_phone_call(w->sw, "2001", CTI_CONNECTION_CONNECTED);
	ask_only(a, &r);
	port_open(w->port, false);
	settle(w);
	assert_true(a->down);
	assert_int_equal(a->answers, before + 2);
	assert_null(a->reply);
	assert_int_equal(port_links(w->port), 0);
	struct application *b = app_create(w, CSTA_XML, CSTA_FRAME_XML);
	assert_false(b->up);
	port_open(w->port, true);
	port_delay(w->port, 0);
	struct application *c = app_create(w, CSTA_XML, CSTA_FRAME_XML);
	assert_true(c->up);
	monitor(c, "2001");
	app_destroy(a);
	app_destroy(b);
	app_destroy(c);
	world_destroy(w);
}

/** Rubbish from one, while another works; and more links than there is room for. */
static void hostile(enum csta_encoding encoding, enum csta_framing framing)
{
	static const char *const rubbish[] = {
	        "GET / HTTP/1.1\r\n\r\n", "\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	        "\x30\x84\x7f\xff\xff\xff\x01\x02", "\x01\x02\x03\x04\x05\x06\x07\x08"};
	struct world *w = world_create(encoding, framing);
	struct application *good = app_create(w, encoding, framing);
	monitor(good, "2001");
	for (size_t i = 0; i < sizeof rubbish / sizeof *rubbish; i++) {
		struct bufferevent *bad = dial(w);
		bufferevent_write(bad, rubbish[i], strlen(rubbish[i]));
		settle(w);
		bufferevent_free(bad);
		settle(w);
		assert_int_equal(port_links(w->port), 1);
	}
	struct bufferevent *many[4];
	for (size_t i = 0; i < 4; i++)
		many[i] = dial(w);
	settle(w);
	assert_int_equal(port_links(w->port), 3);
	for (size_t i = 0; i < 4; i++)
		bufferevent_free(many[i]);
	settle(w);
	/* Who connects and says nothing is shown the door. */
	struct bufferevent *silent = dial(w);
	settle(w);
	assert_int_equal(port_links(w->port), 2);
	wait_s(w, 60);
	assert_int_equal(port_links(w->port), 1);
	bufferevent_free(silent);
	assert_int_equal(switch_phone_dial(w->sw, "2002", "2001", NULL), 0);
	settle(w);
	assert_non_null(strstr(good->heard, "call.delivered"));
	app_destroy(good);
	world_destroy(w);
}

static void hostile_applications(void **state)
{
	(void)state;
	hostile(CSTA_XML, CSTA_FRAME_XML);
	hostile(CSTA_BER, CSTA_FRAME_BARE);
}

/** Who does not read is cut off when too much waits for it; the switch and the others go on. */
static void a_reader_that_sleeps(void **state)
{
	(void)state;
	struct world *w = world_create(CSTA_XML, CSTA_FRAME_XML);
	port_destroy(&w->port);
	struct port_config small = {.encoding = CSTA_XML, .max_output = 65536};
	assert_int_equal(port_create(&w->port, w->sw, &w->host.cti, &small, NULL), 0);
	struct application *a = app_create(w, CSTA_XML, CSTA_FRAME_XML);
	monitor(a, "2001");
	bufferevent_disable(a->bev, EV_READ);
	for (int i = 0; i < 20000 && port_links(w->port); i++) {
		assert_int_equal(switch_phone_dial(w->sw, "2001", "2002", NULL), 0);
		assert_int_equal(switch_phone_hangup(w->sw, "2001", NULL), 0);
		w->heard_inside[0] = 0;
		if (i % 100 == 0)
			settle(w);
	}
	assert_int_equal(port_links(w->port), 0);
	a->heard[0] = 0;
	app_destroy(a);
	world_destroy(w);
}

/** Memory fails in turn while the switch reports: an application hears everything, or is told. */
static void memory_fails(enum csta_encoding encoding, enum csta_framing framing)
{
	long runs = 0;
	for (bool failed = true; failed; runs++) {
		struct world *w = world_create(encoding, framing);
		struct application *a = app_create(w, encoding, framing);
		monitor(a, "2001");
		nomem_after(runs, false);
		switch_phone_dial(w->sw, "2001", "2002", NULL);
		switch_phone_answer(w->sw, "2002", NULL);
		failed = nomem_failed();
		nomem_after(-1, false);
		settle(w);
		if (!a->down)
			assert_string_equal(a->heard, w->heard_inside);
		app_destroy(a);
		if (switch_calls(w->sw))
			assert_int_equal(switch_phone_hangup(w->sw, "2001", NULL), 0);
		a = app_create(w, encoding, framing);
		assert_true(a->up);
		monitor(a, "2002");
		assert_int_equal(switch_phone_dial(w->sw, "2003", "2002", NULL), 0);
		settle(w);
		assert_non_null(strstr(a->heard, "call.delivered"));
		app_destroy(a);
		world_destroy(w);
	}
	assert_true(runs > 5);
}

static void every_allocation_fails(void **state)
{
	(void)state;
	memory_fails(CSTA_XML, CSTA_FRAME_XML);
	memory_fails(CSTA_BER, CSTA_FRAME_BARE);
}

static void words_of_listen(void **state)
{
	(void)state;
	static const char *const bad[] = {"",           "xml",   "xml:",         "xml:x",
	                                  "xml:65536",  "xnl:1", "xml:1:2:x",    "ber+x:1",
	                                  "xml :1",     ":1",    "xml+phase2:1", "ber+phase4:1",
	                                  "ber+phase:1"};
	struct port_config config;
	struct cti_error error;
	char address[64];
	assert_int_equal(port_parse("ber+len16:127.0.0.2:99", &config, address, &error), 0);
	assert_int_equal(config.encoding, CSTA_BER);
	assert_int_equal(config.framing, CSTA_FRAME_LEN16);
	assert_int_equal(config.port, 99);
	assert_string_equal(config.address, "127.0.0.2");
	assert_int_equal(port_parse("xml:0", &config, address, &error), 0);
	assert_null(config.address);
	assert_int_equal(config.framing, CSTA_FRAME_XML);
	assert_int_equal(port_parse("ber+bare+none:1", &config, address, &error), 0);
	assert_int_equal(config.framing, CSTA_FRAME_BARE);
	assert_true(config.no_association);
	assert_int_equal(port_parse("ber:1", &config, address, &error), 0);
	assert_int_equal(config.framing, CSTA_FRAME_LEN16);
	assert_int_equal(port_parse("xml+system:1", &config, address, &error), 0);
	assert_int_equal(config.association, CSTA_ASSOCIATE_SYSTEM);
	assert_int_equal(config.phase, CSTA_PHASE_AUTO);
	assert_int_equal(port_parse("ber+bp+phase2:1", &config, address, &error), 0);
	assert_int_equal(config.phase, CSTA_PHASE_2);
	assert_true(config.bp_handshake);
	assert_int_equal(port_parse("ber+none+phase1:1", &config, address, &error), 0);
	assert_int_equal(config.phase, CSTA_PHASE_1);
	assert_true(config.no_association && !config.bp_handshake);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(port_parse(bad[i], &config, address, &error), CTI_E_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(over_xml),
	        cmocka_unit_test(over_ber),
	        cmocka_unit_test(applications_do_not_see_each_other),
	        cmocka_unit_test(refusals_arrive),
	        cmocka_unit_test(faults),
	        cmocka_unit_test(hostile_applications),
	        cmocka_unit_test(a_reader_that_sleeps),
	        cmocka_unit_test(every_allocation_fails),
	        cmocka_unit_test(words_of_listen),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (csta_init(NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
