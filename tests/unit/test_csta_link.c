/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The csta adapter on a real loopback socket, against a session in the switching role. Time is
 * virtual: the loop runs until what is waited for has happened, deadlines come when the test says.
 */
#include "csta/event.h"
#include "csta/frame.h"
#include "csta/pass.h"
#include "csta/session.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/host.h"
#include "pbx-adapters/host/options.h"
#include "test.h"

#include <GenerateDigitsArgument.h>
#include <SystemStatusArgument.h>
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

extern const struct cti_adapter cti_adapter_csta;

#define SECOND UINT64_C(1000000)
#define TOKENS 1024

static struct event_base *loop;
static struct clock *timing;
static struct host host;
static config_t configuration;
static struct cti_options *options;
static struct cti_adapter_instance *adapter;

/* What the adapter told its host. */
static struct {
	int ups, downs, connects, events, privates, stopped, wires_in, wires_out;
	int done[TOKENS], code[TOKENS];
	char text[CTI_ERROR_TEXT], link[CTI_ERROR_TEXT], monitor[64], line[512];
	char call_id[64], value[64], subject[64], message[128], named[64];
	enum cti_link_state state;
	size_t rows;
	uint64_t ask_in_done; /* token of a request to start from within done() */
	bool ask_in_event;
} told;

/* The switch. */
static struct {
	struct evconnlistener *listener;
	struct bufferevent *bev;
	struct csta_session *session;
	struct csta_session_config config;
	SSL_CTX *tls;
	int port, accepted, requests;
	bool keep_quiet, mute; /* mute: do not even read */
	int segments;          /* of a snapshot; 0: it is whole */
	bool over;
	const char *private_data; /* of its events, or NULL */
} pbx;

/* ---- the host ------------------------------------------------------------------------------ */

static void request(enum cti_service service, uint64_t token)
{
	struct cti_request wanted;
	cti_request_init(&wanted, service);
	wanted.device = "2001";
	wanted.destination = "2002";
	wanted.monitor = "99";
	wanted.connection.call_id = "17";
	wanted.connection.device_id = "2001";
	switch (service) {
	case CTI_SERVICE_MONITOR_START:
		cti_adapter_csta.monitor_start(adapter, token, &wanted);
		break;
	case CTI_SERVICE_MAKE_CALL:
		cti_adapter_csta.make_call(adapter, token, &wanted);
		break;
	case CTI_SERVICE_SNAPSHOT_DEVICE:
		cti_adapter_csta.snapshot_device(adapter, token, &wanted);
		break;
	default:
		cti_adapter_csta.hold_call(adapter, token, &wanted);
	}
}

static void host_event(const struct cti_host *h, const struct cti_event *event,
                       const struct csta_message *original)
{
	(void)h;
	assert_non_null(original);
	told.events++;
	if (event->type == CTI_EVENT_PRIVATE)
		told.privates++;
	snprintf(told.subject, sizeof told.subject, "%s",
	         event->subject.number ? event->subject.number : "");
	if (event->named_count)
		snprintf(told.named, sizeof told.named, "%s=%s", event->named[0].key,
		         event->named[0].value);
	if (told.ask_in_event)
		request(CTI_SERVICE_HOLD_CALL, 900 + (uint64_t)told.events);
}

static void host_done(const struct cti_host *h, uint64_t token, const struct cti_reply *reply)
{
	(void)h;
	assert_true(token < TOKENS);
	told.done[token]++;
	told.code[token] = reply->code;
	told.rows = reply->snapshot_count;
	for (size_t i = 0; i < reply->snapshot_count; i++) {
		char call[12];
		snprintf(call, sizeof call, "%zu", 10 * (i / 2 + 1) + i % 2);
		assert_string_equal(reply->snapshot[i].connection.call_id, call);
		assert_int_equal(reply->snapshot[i].connection.state, CTI_CONNECTION_ALERTING);
		assert_int_equal(reply->snapshot[i].other_states[0], CTI_CONNECTION_CONNECTED);
	}
	snprintf(told.text, sizeof told.text, "%s", reply->text ? reply->text : "");
	snprintf(told.value, sizeof told.value, "%s", reply->value ? reply->value : "");
	snprintf(told.message, sizeof told.message, "%s", reply->message ? reply->message : "");
	snprintf(told.call_id, sizeof told.call_id, "%s",
	         reply->connection.call_id ? reply->connection.call_id : "");
	snprintf(told.monitor, sizeof told.monitor, "%s", reply->monitor ? reply->monitor : "");
	if (told.ask_in_done) {
		uint64_t next = told.ask_in_done;
		told.ask_in_done = 0;
		request(CTI_SERVICE_HOLD_CALL, next);
	}
}

static void host_link(const struct cti_host *h, enum cti_link_state state, const char *text)
{
	(void)h;
	told.state = state;
	told.ups += state == CTI_LINK_UP;
	told.downs += state == CTI_LINK_DOWN;
	told.connects += state == CTI_LINK_CONNECTING;
	assert_true(state != CTI_LINK_DOWN || text);
	if (text)
		snprintf(told.link, sizeof told.link, "%s", text);
}

static void host_stopped(const struct cti_host *h, const char *monitor, const char *why)
{
	(void)h;
	assert_non_null(why);
	told.stopped++;
	snprintf(told.monitor, sizeof told.monitor, "%s", monitor);
}

static void host_wire(const struct cti_host *h, enum cti_wire_direction direction,
                      const void *octets, size_t length, const char *line)
{
	(void)h;
	assert_true(octets && length && line);
	told.wires_in += direction == CTI_WIRE_IN;
	told.wires_out += direction == CTI_WIRE_OUT;
	snprintf(told.line, sizeof told.line, "%s", line);
	assert_null(strstr(line, "s3cret"));
}

/* ---- the switch ----------------------------------------------------------------------------- */

static void pbx_drop(void)
{
	if (pbx.bev)
		bufferevent_free(pbx.bev);
	pbx.bev = NULL;
	csta_session_destroy(&pbx.session);
	pbx.over = false;
}

static int pbx_send(void *arg, const void *octets, size_t length)
{
	(void)arg;
	return bufferevent_write(pbx.bev, octets, length);
}

static void pbx_down(void *arg, const struct cti_error *why)
{
	(void)arg, (void)why;
	pbx.over = true;
}

static void nothing(void *arg)
{
	(void)arg;
}

#define NS "xmlns=\"http://www.ecma-international.org/standards/ecma-323/csta/ed4\""

static struct csta_message *pbx_read(const char *xml)
{
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	if (csta_decode_xml(&message, csta_session_codec(pbx.session), xml, strlen(xml), NULL,
	                    &error))
		fail_msg("%s", error.text);
	return message;
}

/* The answer, and that many segments of two calls each. */
static void pbx_segments(uint32_t invoke_id)
{
	struct cti_error error = {0};
	struct csta_message *message = pbx_read(
	        "<SnapshotDeviceResponse " NS "><crossRefIDorSnapshotData><serviceCrossRefID>s1"
	        "</serviceCrossRefID></crossRefIDorSnapshotData></SnapshotDeviceResponse>");
	assert_int_equal(
	        csta_session_respond(pbx.session, invoke_id, message, clock_now(timing), &error),
	        0);
	csta_message_destroy(&message);
	for (int i = 1; i <= pbx.segments; i++) {
		char xml[2048];
		size_t used = (size_t)snprintf(
		        xml, sizeof xml,
		        "<SnapshotDeviceData " NS "><serviceCrossRefID>s1</serviceCrossRefID>"
		        "<segmentID>%d</segmentID><lastSegment>%s</lastSegment><snapshotData>",
		        i, i == pbx.segments ? "true" : "false");
		for (int j = 0; j < 2; j++)
			used += (size_t)snprintf(
			        xml + used, sizeof xml - used,
			        "<snapshotDeviceResponseInfo><connectionIdentifier><callID>%d"
			        "</callID><deviceID>2001</deviceID></connectionIdentifier>"
			        "<localCallState><simpleCallState>callReceived</simpleCallState>"
			        "</localCallState></snapshotDeviceResponseInfo>",
			        10 * i + j);
		snprintf(xml + used, sizeof xml - used, "</snapshotData></SnapshotDeviceData>");
		message = pbx_read(xml);
		assert_int_equal(
		        csta_session_request(pbx.session, message, 1, clock_now(timing), &error),
		        0);
		csta_message_destroy(&message);
	}
}

static void pbx_message(void *arg, const struct csta_message *message)
{
	struct cti_request asked;
	struct cti_reply reply;
	struct csta_message *answer = NULL;
	struct cti_error error = {0};
	(void)arg;
	pbx.requests++;
	if (pbx.keep_quiet)
		return;
	cti_reply_init(&reply);
	assert_int_equal(csta_request_read(message, &asked, &error), 0);
	if (asked.service == CTI_SERVICE_OTHER && !strcmp(asked.element, "GetDoNotDisturb")) {
		assert_string_equal(asked.device, "2001");
		reply.message = "{\"doNotDisturbOn\":true}";
	} else if (asked.service == CTI_SERVICE_OTHER) {
		reply.code = CTI_E_UNSUPPORTED;
	} else if (asked.service == CTI_SERVICE_SNAPSHOT_DEVICE && pbx.segments) {
		pbx_segments(message->invoke_id);
		return;
	} else if (asked.service == CTI_SERVICE_MAKE_CALL) {
		reply.connection.call_id = "4242";
		reply.connection.device_id = asked.device;
	} else if (asked.service == CTI_SERVICE_MONITOR_START) {
		reply.monitor = "77";
	}
	struct csta_codec *codec = csta_session_codec(pbx.session);
	assert_int_equal(
	        asked.service == CTI_SERVICE_OTHER
	                ? csta_pass_reply_write(&answer, codec, message->type, &reply, &error)
	                : csta_reply_write(&answer, codec, asked.service, &reply, &error),
	        0);
	assert_int_equal(csta_session_respond(pbx.session, message->invoke_id, answer,
	                                      clock_now(timing), &error),
	                 0);
	csta_message_destroy(&answer);
}

static void pbx_answer(void *arg, uint64_t token, const struct csta_message *answer,
                       const struct cti_error *error)
{
	(void)arg, (void)token, (void)answer, (void)error;
}

static const struct csta_session_ops pbx_ops = {
        .send = pbx_send,
        .up = nothing,
        .down = pbx_down,
        .message = pbx_message,
        .answer = pbx_answer,
};

static void pbx_readable(struct bufferevent *bev, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(bev);
	uint8_t octets[4096];
	int length;
	(void)arg;
	while (!pbx.over && (length = evbuffer_remove(in, octets, sizeof octets)) > 0)
		csta_session_input(pbx.session, octets, (size_t)length, clock_now(timing));
	if (pbx.over)
		pbx_drop();
}

static void pbx_happened(struct bufferevent *bev, short what, void *arg)
{
	(void)bev, (void)arg;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		pbx_drop();
}

static void pbx_accept(struct evconnlistener *listener, evutil_socket_t socket,
                       struct sockaddr *address, int length, void *arg)
{
	struct cti_error error = {0};
	(void)listener, (void)address, (void)length, (void)arg;
	pbx_drop();
	pbx.accepted++;
	if (pbx.tls)
		pbx.bev = bufferevent_openssl_socket_new(loop, socket, SSL_new(pbx.tls),
		                                         BUFFEREVENT_SSL_ACCEPTING,
		                                         BEV_OPT_CLOSE_ON_FREE);
	else
		pbx.bev = bufferevent_socket_new(loop, socket, BEV_OPT_CLOSE_ON_FREE);
	assert_non_null(pbx.bev);
	bufferevent_setcb(pbx.bev, pbx_readable, NULL, pbx_happened, NULL);
	if (!pbx.mute)
		bufferevent_enable(pbx.bev, EV_READ | EV_WRITE);
	assert_int_equal(csta_session_create(&pbx.session, &pbx.config, &pbx_ops, NULL,
	                                     clock_now(timing), &error),
	                 0);
	csta_session_start(pbx.session, clock_now(timing));
}

static void pbx_listen(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	                              .sin_port = htons((uint16_t)pbx.port),
	                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	pbx.listener = evconnlistener_new_bind(loop, pbx_accept, NULL,
	                                       LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, -1,
	                                       (struct sockaddr *)&address, sizeof address);
	assert_non_null(pbx.listener);
	getsockname(evconnlistener_get_fd(pbx.listener), (struct sockaddr *)&address, &size);
	pbx.port = ntohs(address.sin_port);
}

static void pbx_event(const char *subject)
{
	struct cti_event event;
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	cti_event_init(&event, CTI_EVENT_CALL_DELIVERED);
	event.monitor = "77";
	event.connection.call_id = "17";
	event.connection.device_id = subject;
	event.subject = (struct cti_device){CTI_DEVICE_NUMBER, subject, NULL, NULL};
	event.cause = "newCall";
	event.private_data = pbx.private_data;
	assert_int_equal(
	        csta_event_write(&message, csta_session_codec(pbx.session), &event, &error), 0);
	assert_int_equal(csta_session_event(pbx.session, message, clock_now(timing), &error), 0);
	csta_message_destroy(&message);
}

static void pbx_status(long status)
{
	const struct csta_type *type = csta_type_of_element("SystemStatus", 12);
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	assert_int_equal(
	        csta_message_create(&message, csta_session_codec(pbx.session), type, &error), 0);
	((SystemStatusArgument_t *)message->value)->systemStatus = status;
	assert_int_equal(csta_session_request(pbx.session, message, 0, clock_now(timing), &error),
	                 0);
	csta_message_destroy(&message);
}

/* ---- running -------------------------------------------------------------------------------- */

#define UNTIL(condition)                                                                           \
	do {                                                                                       \
		for (int turn = 0; turn < 20000 && !(condition); turn++) {                         \
			event_base_loop(loop, EVLOOP_NONBLOCK);                                    \
			if (turn > 100)                                                            \
				usleep(200);                                                       \
		}                                                                                  \
		if (!(condition))                                                                  \
			fail_msg("never: %s (link: %s; text: %s)", #condition, told.link,          \
			         told.text);                                                       \
	} while (0)

static void settle(void *arg)
{
	(void)arg;
	for (int i = 0; i < 20; i++)
		event_base_loop(loop, EVLOOP_NONBLOCK);
}

static void pass(uint64_t time)
{
	clock_advance(timing, clock_now(timing) + time, settle, NULL);
	settle(NULL);
}

static void begin(const char *more)
{
	char text[2048];
	struct cti_error error = {0};
	bool ber = strstr(more, "\"ber\"");
	memset(&told, 0, sizeof told);
	pbx.accepted = pbx.requests = 0;
	pbx.keep_quiet = pbx.mute = false;
	pbx.segments = 0;
	pbx.config = (struct csta_session_config){
	        .role = CSTA_SWITCHING,
	        .encoding = ber ? CSTA_BER : CSTA_XML,
	        .framing = ber ? CSTA_FRAME_LEN16 : CSTA_FRAME_XML,
	        .association = strstr(more, "\"system\"") ? CSTA_ASSOCIATE_SYSTEM
	                       : strstr(more, "\"none\"") ? CSTA_ASSOCIATE_NONE
	                       : ber                      ? CSTA_ASSOCIATE_ACSE
	                                                  : CSTA_ASSOCIATE_SESSION,
	        .session_s = 600,
	};
	snprintf(text, sizeof text, "hq: { host = \"127.0.0.1\"; port = %d; %s };", pbx.port, more);
	config_init(&configuration);
	if (!config_read_string(&configuration, text))
		fail_msg("%s", config_error_text(&configuration));
	if (options_read(&options, config_lookup(&configuration, "hq"), cti_adapter_csta.options,
	                 NULL, &error))
		fail_msg("%s", error.text);
	host_init(&host, "hq", loop, timing, 4711);
	host.cti.event = host_event;
	host.cti.done = host_done;
	host.cti.link = host_link;
	host.cti.monitor_stopped = host_stopped;
	host.cti.wire = host_wire;
	host.cti.wire_wanted = NULL;
	if (cti_adapter_csta.create(&adapter, &host.cti, options, &error))
		fail_msg("%s", error.text);
	assert_int_equal(cti_adapter_csta.start(adapter, &error), 0);
}

static void end(void)
{
	cti_adapter_csta.stop(adapter);
	assert_int_equal(told.state, CTI_LINK_DOWN);
	cti_adapter_csta.destroy(&adapter);
	assert_null(adapter);
	settle(NULL);
	pbx_drop();
	options_destroy(&options);
	config_destroy(&configuration);
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void calls_and_events(void **state)
{
	static const char *const ways[] = {"", "encoding = \"ber\";", "association = \"system\";",
	                                   "association = \"none\";",
	                                   "user = \"crm\"; password = \"s3cret\"; edition = 6;"};
	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		begin(ways[i]);
		UNTIL(told.ups == 1);
		assert_int_equal(told.connects, 1);
		request(CTI_SERVICE_MONITOR_START, 1);
		assert_int_equal(told.done[1], 0); /* not before the switch has said so */
		UNTIL(told.done[1]);
		assert_int_equal(told.code[1], 0);
		assert_string_equal(told.monitor, "77");
		request(CTI_SERVICE_MAKE_CALL, 2);
		UNTIL(told.done[2]);
		assert_string_equal(told.call_id, "4242");
		pbx_event("2001");
		UNTIL(told.events == 1);
		assert_string_equal(told.subject, "2001");
		assert_non_null(strstr(told.line, "DeliveredEvent"));
		assert_true(told.wires_in >= 3 && told.wires_out >= 2);
		end();
		assert_int_equal(told.done[1], 1);
		assert_int_equal(told.done[2], 1);
	}
}

/* Private data under the names of the table; whole beside it. */
static void private_data_has_names(void **state)
{
	(void)state;
	begin("encoding = \"ber\"; private = \"pbx-adapters/csta/vendors.conf\"; "
	      "vendor = \"panasonic\";");
	UNTIL(told.ups == 1);
	pbx.private_data = "A605A9030A0101"; /* [6]{[9]{ENUMERATED 1}} */
	pbx_event("2001");
	pbx.private_data = NULL;
	UNTIL(told.events == 1);
	assert_string_equal(told.named, "panasonic.holdType=1");
	assert_non_null(strstr(told.line, "panasonic.holdType=1"));
	end();
}

static void requests_from_within_callbacks(void **state)
{
	(void)state;
	begin("");
	UNTIL(told.ups == 1);
	told.ask_in_event = true;
	told.ask_in_done = 5;
	for (int i = 0; i < 20; i++)
		pbx_event("2001");
	UNTIL(told.done[920]);
	UNTIL(told.done[5]);
	for (int i = 901; i <= 920; i++)
		assert_int_equal(told.done[i], 1);
	/* And while the link breaks: each is answered, none hangs. */
	pbx.keep_quiet = true;
	request(CTI_SERVICE_HOLD_CALL, 6);
	told.ask_in_done = 7;
	UNTIL(pbx.requests == 22);
	pbx_drop();
	UNTIL(told.downs == 1);
	assert_int_equal(told.done[6], 1);
	assert_int_equal(told.code[6], CTI_E_CLOSED);
	assert_int_equal(told.done[7], 1);
	assert_int_equal(told.code[7], CTI_E_CLOSED);
	end();
}

static void lost_and_back(void **state)
{
	(void)state;
	begin("reconnect_min = \"1s\"; reconnect_max = \"8s\";");
	UNTIL(told.ups == 1);
	pbx.keep_quiet = true;
	for (uint64_t i = 1; i <= 5; i++)
		request(CTI_SERVICE_HOLD_CALL, i);
	UNTIL(pbx.requests == 5);
	pbx_drop();
	UNTIL(told.downs == 1);
	for (int i = 1; i <= 5; i++) {
		assert_int_equal(told.done[i], 1);
		assert_int_equal(told.code[i], CTI_E_CLOSED);
	}
	assert_non_null(strstr(told.link, "next attempt in"));
	request(CTI_SERVICE_HOLD_CALL, 6);
	assert_int_equal(told.code[6], CTI_E_CLOSED);
	assert_non_null(strstr(told.text, "hq:"));
	pass(400000);
	assert_int_equal(pbx.accepted, 1);
	pass(700000);
	UNTIL(told.ups == 2);
	assert_int_equal(pbx.accepted, 2);
	pbx.keep_quiet = false;
	request(CTI_SERVICE_HOLD_CALL, 7);
	UNTIL(told.done[7]);
	assert_int_equal(told.code[7], 0);
	end();
}

/* Nobody there: each wait is up to twice the one before, and the same seed waits the same. */
static void backoff_grows(void **state)
{
	uint64_t waits[2][7];
	(void)state;
	evconnlistener_free(pbx.listener);
	for (int run = 0; run < 2; run++) {
		begin("reconnect_min = \"1s\"; reconnect_max = \"8s\";");
		for (int i = 0; i < 7; i++) {
			unsigned long long wait = 0;
			UNTIL(told.downs == i + 1);
			const char *in = strstr(told.link, "next attempt in ");
			assert_non_null(in);
			assert_int_equal(sscanf(in, "next attempt in %llu", &wait), 1);
			waits[run][i] = wait;
			uint64_t most = i < 3 ? 1000u << i : 8000;
			assert_in_range(wait, most / 2, most);
			assert_int_equal(told.connects, i + 1);
			pass((wait + 1) * 1000);
		}
		assert_int_equal(told.ups, 0);
		end();
	}
	assert_memory_equal(waits[0], waits[1], sizeof waits[0]);
	pbx_listen();
}

static void the_switch_stops_a_monitor(void **state)
{
	struct cti_request stop;
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	(void)state;
	begin("");
	UNTIL(told.ups == 1);
	cti_request_init(&stop, CTI_SERVICE_MONITOR_STOP);
	stop.monitor = "77";
	assert_int_equal(
	        csta_request_write(&message, csta_session_codec(pbx.session), &stop, &error), 0);
	assert_int_equal(csta_session_request(pbx.session, message, 1, clock_now(timing), &error),
	                 0);
	csta_message_destroy(&message);
	UNTIL(told.stopped == 1);
	assert_string_equal(told.monitor, "77");
	/* It was answered: nothing is overdue at the switch. */
	settle(NULL);
	assert_int_equal(csta_session_stats(pbx.session)->messages_in, 2);
	end();
}

static void a_restart_of_the_switch(void **state)
{
	(void)state;
	begin("");
	UNTIL(told.ups == 1);
	pbx_status(SystemStatusValue_enabled); /* somebody's heartbeat */
	settle(NULL);
	assert_int_equal(told.downs, 0);
	pbx_status(SystemStatusValue_initializing);
	pbx_status(SystemStatusValue_enabled);
	UNTIL(told.ups == 2);
	assert_int_equal(told.downs, 1);
	assert_int_equal(pbx.accepted, 1);
	end();
}

static void a_dead_switch_is_noticed(void **state)
{
	(void)state;
	begin("heartbeat = \"10s\"; heartbeat_misses = 2;");
	UNTIL(told.ups == 1);
	pbx_status(SystemStatusValue_normal);
	settle(NULL);
	bufferevent_disable(pbx.bev, EV_READ); /* it hangs: the connection stands */
	pass(29 * SECOND);
	assert_int_equal(told.downs, 0);
	pass(2 * SECOND);
	UNTIL(told.downs == 1);
	assert_non_null(strstr(told.link, "heartbeats unanswered"));
	end();
}

static void a_switch_that_does_not_read(void **state)
{
	(void)state;
	begin("max_output = 65536; max_requests = 1000;");
	UNTIL(told.ups == 1);
	for (uint64_t i = 1; i < 900; i++)
		request(CTI_SERVICE_MAKE_CALL, i);
	assert_int_equal(told.downs, 1);
	for (int i = 1; i < 900; i++)
		assert_int_equal(told.done[i], 1);
	end();
}

static void too_many_at_once(void **state)
{
	(void)state;
	begin("max_requests = 4;");
	UNTIL(told.ups == 1);
	pbx.keep_quiet = true;
	for (uint64_t i = 1; i <= 5; i++)
		request(CTI_SERVICE_HOLD_CALL, i);
	assert_int_equal(told.done[5], 1);
	assert_int_equal(told.code[5], CTI_E_BUSY);
	pass(11 * SECOND); /* the switch never answers */
	for (int i = 1; i <= 4; i++) {
		assert_int_equal(told.done[i], 1);
		assert_int_equal(told.code[i], CTI_E_TIMEOUT);
	}
	end();
}

static void messages_pass_through(void **state)
{
	const struct csta_type *type = csta_type_of_element("GenerateDigits", 14);
	struct csta_codec *codec = NULL;
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	(void)state;
	begin("");
	UNTIL(told.ups == 1);
	assert_int_equal(csta_codec_create(&codec, NULL, &error), 0);
	assert_int_equal(csta_message_create(&message, codec, type, &error), 0);
	GenerateDigitsArgument_t *digits = message->value;
	digits->connectionToSendDigits.present = ConnectionIDBody_PR_callID;
	digits->connectionToSendDigits.choice.callID.buf = (uint8_t *)strdup("17");
	digits->connectionToSendDigits.choice.callID.size = 2;
	digits->charactersToSend.buf = (uint8_t *)strdup("123#");
	digits->charactersToSend.size = 4;
	cti_adapter_csta.request(adapter, 1, message);
	UNTIL(told.done[1]);
	assert_int_equal(told.code[1], CTI_E_REFUSED); /* our switch does not know it */
	assert_string_equal(told.value, "serviceNotSupported");
	free(digits->connectionToSendDigits.choice.callID.buf);
	free(digits->charactersToSend.buf);
	csta_message_destroy(&message);

	struct cti_request request;
	cti_request_init(&request, CTI_SERVICE_OTHER);
	request.element = "GetDoNotDisturb";
	request.message = "{\"device\":{\"deviceIdentifier\":{\"dialingNumber\":\"2001\"}}}";
	assert_int_equal(csta_pass_request_write(&message, codec, &request, &error), 0);
	cti_adapter_csta.request(adapter, 2, message);
	UNTIL(told.done[2]);
	assert_int_equal(told.code[2], 0);
	assert_string_equal(told.message, "{\"doNotDisturbOn\":true}");
	csta_message_destroy(&message);
	csta_codec_destroy(&codec);
	end();
}

static void snapshots_in_segments(void **state)
{
	struct csta_message *stray;
	struct cti_error error = {0};
	(void)state;
	begin("request_timeout = \"10s\";");
	UNTIL(told.ups == 1);
	pbx.segments = 3;
	request(CTI_SERVICE_SNAPSHOT_DEVICE, 1);
	UNTIL(told.done[1]);
	assert_int_equal(told.code[1], 0);
	assert_int_equal(told.rows, 6);
	/* A segment of nothing that was asked for, and one whose others never come. */
	stray = pbx_read("<SnapshotDeviceData " NS "><serviceCrossRefID>s9</serviceCrossRefID>"
	                 "<lastSegment>true</lastSegment><snapshotData/></SnapshotDeviceData>");
	assert_int_equal(csta_session_request(pbx.session, stray, 1, clock_now(timing), &error), 0);
	csta_message_destroy(&stray);
	pbx.segments = -1; /* a cross reference and no more */
	request(CTI_SERVICE_SNAPSHOT_DEVICE, 2);
	settle(NULL);
	assert_int_equal(told.done[2], 0);
	pass(11 * SECOND);
	assert_int_equal(told.done[2], 1);
	assert_int_equal(told.code[2], CTI_E_TIMEOUT);
	/* The link is lost meanwhile. */
	request(CTI_SERVICE_SNAPSHOT_DEVICE, 3);
	settle(NULL);
	pbx.segments = 0;
	pbx_drop();
	UNTIL(told.downs == 1);
	assert_int_equal(told.done[3], 1);
	assert_int_equal(told.code[3], CTI_E_CLOSED);
	end();
}

static void hostile_octets(void **state)
{
	uint64_t seed = 7;
	(void)state;
	for (int round = 0; round < 40; round++) {
		uint8_t octets[200];
		begin(round % 2 ? "encoding = \"ber\";" : "");
		UNTIL(told.ups == 1);
		for (size_t i = 0; i < sizeof octets; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			octets[i] = (uint8_t)(seed >> 56);
		}
		/* Out of step, or a message that is none. */
		if (round % 4 > 1)
			memcpy(octets,
			       round % 2 ? "\x00\x20"
			                 : "\0\0\0\x20"
			                   "0005",
			       round % 2 ? 2 : 8);
		bufferevent_write(pbx.bev, octets, sizeof octets);
		pbx.keep_quiet = true;
		/* It may wait for the rest of a frame; it goes on once the switch is gone. */
		UNTIL(!pbx.bev || !evbuffer_get_length(bufferevent_get_output(pbx.bev)));
		settle(NULL);
		pbx_drop();
		UNTIL(told.downs == 1);
		end();
	}
}

static void bad_options(void **state)
{
	static const struct {
		const char *more, *says;
	} rows[] = {
	        {"framing = \"len16\";", "len16 framing does not carry XML"},
	        {"association = \"acse\";", "no XML form"},
	        {"encoding = \"ber\"; association = \"session\";", "XML only"},
	        {"tls_cert = \"x\";", "without tls"},
	        {"vendor = \"avaya\";", "vendor without private"},
	        {"private = \"/nonexistent\";", "\"/nonexistent\": No such file"},
	        {"private = \"README.md\";", "README.md line "},
	        {"private = \"pbx-adapters/csta/vendors.conf\"; vendor = \"acme\";",
	         "vendor acme: the table of private data has no such"},
	        {"tls = true; tls_ca = \"/nonexistent\";", "tls_ca /nonexistent"},
	        {"reconnect_min = \"9s\"; reconnect_max = \"1s\";", "shorter"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cti_error error = {0};
		char text[512];
		struct cti_adapter_instance *none = NULL;
		snprintf(text, sizeof text, "hq: { host = \"127.0.0.1\"; port = 1; %s };",
		         rows[i].more);
		config_init(&configuration);
		assert_int_equal(config_read_string(&configuration, text), CONFIG_TRUE);
		assert_int_equal(options_read(&options, config_lookup(&configuration, "hq"),
		                              cti_adapter_csta.options, NULL, &error),
		                 0);
		host_init(&host, "hq", loop, timing, 1);
		assert_true(cti_adapter_csta.create(&none, &host.cti, options, &error) < 0);
		assert_null(none);
		if (!strstr(error.text, rows[i].says))
			fail_msg("\"%s\" does not say \"%s\"", error.text, rows[i].says);
		options_destroy(&options);
		config_destroy(&configuration);
	}
}

/* ---- TLS ------------------------------------------------------------------------------------ */

static char certificate_file[] = "/tmp/test-csta-link-XXXXXX";

/* A certificate of its own for 127.0.0.1 and pbx.example, trusted by being the CA. */
static void certificate_make(void)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	X509 *certificate = X509_new();
	assert_true(key && certificate);
	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_set_pubkey(certificate, key);
	X509_NAME *name = X509_get_subject_name(certificate);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"pbx", -1, -1,
	                           0);
	X509_set_issuer_name(certificate, name);
	X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name,
	                                            "IP:127.0.0.1,DNS:pbx.example");
	assert_non_null(names);
	X509_add_ext(certificate, names, -1);
	X509_EXTENSION_free(names);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	pbx.tls = SSL_CTX_new(TLS_server_method());
	assert_int_equal(SSL_CTX_use_certificate(pbx.tls, certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(pbx.tls, key), 1);
	int file = mkstemp(certificate_file);
	assert_true(file >= 0);
	FILE *out = fdopen(file, "w");
	assert_int_equal(PEM_write_X509(out, certificate), 1);
	fclose(out);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

static void tls(void **state)
{
	char more[256];
	(void)state;
	certificate_make();
	snprintf(more, sizeof more, "tls = true; tls_ca = \"%s\";", certificate_file);
	begin(more);
	UNTIL(told.ups == 1);
	request(CTI_SERVICE_MAKE_CALL, 1);
	UNTIL(told.done[1]);
	assert_string_equal(told.call_id, "4242");
	end();
	snprintf(more, sizeof more, "tls = true; tls_ca = \"%s\"; tls_name = \"pbx.example\";",
	         certificate_file);
	begin(more);
	UNTIL(told.ups == 1);
	end();
	/* Another name, or nobody's certificate: no link, and the reason. */
	snprintf(more, sizeof more, "tls = true; tls_ca = \"%s\"; tls_name = \"other.example\";",
	         certificate_file);
	begin(more);
	UNTIL(told.downs == 1);
	assert_int_equal(told.ups, 0);
	assert_non_null(strstr(told.link, "ostname mismatch"));
	end();
	begin("tls = true;");
	UNTIL(told.downs == 1);
	assert_int_equal(told.ups, 0);
	assert_non_null(strstr(told.link, "self"));
	end();
	/* A switch that speaks no TLS. */
	SSL_CTX *kept = pbx.tls;
	pbx.tls = NULL;
	snprintf(more, sizeof more, "tls = true; tls_ca = \"%s\"; association = \"system\";",
	         certificate_file);
	begin(more);
	UNTIL(told.downs == 1);
	assert_int_equal(told.ups, 0);
	end();
	SSL_CTX_free(kept);
	unlink(certificate_file);
}

/* A connection that is accepted and then leads nowhere. */
static void connections_that_lead_nowhere(void **state)
{
	(void)state;
	begin("");
	pbx.mute = true;
	UNTIL(pbx.accepted == 1);
	settle(NULL);
	pass(11 * SECOND);
	UNTIL(told.downs == 1);
	assert_non_null(strstr(told.link, "StartApplicationSession: no answer"));
	assert_int_equal(told.ups, 0);
	end();
}

static int setup(void **state)
{
	struct cti_error error = {0};
	(void)state;
	loop = event_base_new();
	if (csta_init(&error) || !loop || clock_create_virtual(&timing, 1700000000000000, &error))
		return -1;
	pbx_listen();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	evconnlistener_free(pbx.listener);
	clock_destroy(&timing);
	event_base_free(loop);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(calls_and_events),
	        cmocka_unit_test(private_data_has_names),
	        cmocka_unit_test(requests_from_within_callbacks),
	        cmocka_unit_test(lost_and_back),
	        cmocka_unit_test(backoff_grows),
	        cmocka_unit_test(the_switch_stops_a_monitor),
	        cmocka_unit_test(a_restart_of_the_switch),
	        cmocka_unit_test(a_dead_switch_is_noticed),
	        cmocka_unit_test(a_switch_that_does_not_read),
	        cmocka_unit_test(too_many_at_once),
	        cmocka_unit_test(messages_pass_through),
	        cmocka_unit_test(snapshots_in_segments),
	        cmocka_unit_test(hostile_octets),
	        cmocka_unit_test(bad_options),
	        cmocka_unit_test(connections_that_lead_nowhere),
	        cmocka_unit_test(tls),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}
