/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that has a thread, together and in real time: the server with its ZeroMQ and MQTT
 * doors under the simulator's traffic, applications on threads of their own that come and go, a
 * broker that is killed and comes back. Nobody who is connected sees a hole. Written to be run
 * under ThreadSanitizer.
 */
#include "tests/unit/test.h"

/* The broker and its subscribers belong to the flow runner, which is a program. */
#include "csta/csta.h"
#include "cti-server/server.h"
#include "pbx-adapters/host/clock.h"
#include "tests/flows/broker.c"

#include <cti/client.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>

#define CLIENTS    4
#define EVENTS     300 /* that each application wants to see */
#define PATIENCE_S 120 /* real; sanitizers on a busy machine are slow */
#define RECONNECTS 3

struct application {
	const char *endpoint;
	uint64_t last, events, holes;
	unsigned leaves; /* after so many events it leaves and comes back, RECONNECTS times */
	int code;
};

static atomic_uint finished;
static atomic_bool over;

static void on_event(void *arg, const struct cti_event *event)
{
	struct application *a = arg;

	if (event->type == CTI_EVENT_STREAM_GAP || (a->last && event->sequence != a->last + 1))
		a->holes++;
	a->last = event->sequence;
	a->events++;
}

static void *application_run(void *arg)
{
	struct application *a = arg;
	struct cti_client_options options = {
	        .endpoint = a->endpoint, .name = "threads", .handlers.event = on_event, .arg = a};
	struct cti_client *client = NULL;
	struct cti_error error;
	unsigned left = 0;

	a->code = cti_client_create(&client, &options, &error);
	if (!a->code)
		a->code = cti_subscribe(client, "all", NULL, NULL, NULL) > 0 ? 0 : CTI_E_INTERNAL;
	if (!a->code)
		a->code = cti_connect(client, &error);
	while (!a->code && a->events < EVENTS && !atomic_load(&over)) {
		cti_dispatch(client, 50);
		if (a->leaves && left < RECONNECTS && a->events > a->leaves * (left + 1)) {
			left++;
			cti_disconnect(client);
			a->code = cti_connect(client, &error);
		}
	}
	cti_client_destroy(&client);
	atomic_fetch_add(&finished, 1);
	return NULL;
}

struct run {
	struct event_base *base;
	struct clock *clock;
	struct server *server;
	struct broker *broker;
	struct event *beat;
	uint64_t mqtt_last, mqtt_events, mqtt_holes;
	unsigned beats;
};

static void on_mqtt(void *arg, const struct cti_event *event)
{
	struct run *r = arg;

	/* At least once: what was not acknowledged when the broker died may come again. */
	if (event->type == CTI_EVENT_STREAM_GAP)
		r->mqtt_last = event->gap_to;
	else if (r->mqtt_last && event->sequence > r->mqtt_last + 1)
		r->mqtt_holes++;
	if (event->sequence > r->mqtt_last)
		r->mqtt_last = event->sequence;
	r->mqtt_events++;
}

static void on_beat(evutil_socket_t fd, short what, void *arg)
{
	struct run *r = arg;

	(void)fd;
	(void)what;
	if (++r->beats > PATIENCE_S * 20)
		atomic_store(&over, true);
	if (atomic_load(&finished) == CLIENTS)
		event_base_loopbreak(r->base);
}

static void begin(struct run *r, bool with_broker)
{
	struct timeval beat = {0, 50000};
	struct config *config = NULL;
	struct cti_error error = {0};
	char text[2048], mqtt[100] = "";

	if (with_broker && broker_create(&r->broker, &error) == CTI_E_UNSUPPORTED)
		skip();
	if (with_broker && !r->broker)
		fail_msg("%s", error.text);
	if (r->broker)
		snprintf(mqtt, sizeof(mqtt), "mqtt = { host = \"127.0.0.1\"; port = %u; };",
		         broker_port(r->broker));
	snprintf(
	        text, sizeof(text),
	        "log = { level = \"error\"; };\n"
	        "zmq = { router = \"tcp://127.0.0.1:*\"; pub = \"tcp://127.0.0.1:*\"; };\n%s\n"
	        "switches = ( { name = \"hq\"; adapter = \"simulator\";\n"
	        "  monitors = { ranges = [ \"2001-2020\", \"3000\" ]; per_second = 0; };\n"
	        "  options = { seed = 3; agents = ( { id = \"7001-7010\"; device = \"2001-2010\";\n"
	        "    queues = [ \"3000\" ]; state = \"ready\"; } );\n"
	        "    traffic = { calls_per_minute = 1200; staff = [ \"2001-2010\" ];\n"
	        "      answer = \"100ms\"; talk = \"300ms\"; patience = \"2s\"; }; }; } );\n",
	        mqtt);
	assert_int_equal(csta_init(&error), 0);
	r->base = event_base_new();
	assert_non_null(r->base);
	if (clock_create_real(&r->clock, r->base, &error) != 0 ||
	    config_load_text(&config, text, &error) != 0 ||
	    server_create_with(&r->server, r->clock, r->base, &config, &error) != 0 ||
	    server_start(r->server, &error) != 0)
		fail_msg("%s", error.text);
	r->beat = event_new(r->base, -1, EV_PERSIST, on_beat, r);
	assert_non_null(r->beat);
	event_add(r->beat, &beat);
	atomic_store(&finished, 0);
	atomic_store(&over, false);
}

static void end(struct run *r)
{
	event_free(r->beat);
	server_destroy(&r->server);
	clock_destroy(&r->clock);
	event_base_free(r->base);
	broker_destroy(&r->broker);
}

static void test_applications(void **state)
{
	struct application apps[CLIENTS] = {0};
	pthread_t threads[CLIENTS];
	struct run r = {0};

	(void)state;
	begin(&r, false);
	for (int i = 0; i < CLIENTS; i++) {
		apps[i].endpoint = server_router_endpoint(r.server);
		apps[i].leaves = i % 2 ? 60 : 0;
		assert_int_equal(pthread_create(&threads[i], NULL, application_run, &apps[i]), 0);
	}
	event_base_dispatch(r.base);
	for (int i = 0; i < CLIENTS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(apps[i].code, 0);
		assert_true(apps[i].events >= EVENTS);
		assert_int_equal(apps[i].holes, 0);
	}
	end(&r);
}

/* The broker dies without a word and comes back: all arrives, or a gap is told. */
static void test_broker_dies(void **state)
{
	struct subscriber *subscriber = NULL;
	struct cti_error error = {0};
	struct run r = {0};
	uint64_t before = 0;
	bool killed = false;

	(void)state;
	begin(&r, true);
	assert_int_equal(subscriber_create(&subscriber, r.broker, "all", on_mqtt, &r, &error), 0);
	while (r.mqtt_events < 2 * EVENTS && !atomic_load(&over)) {
		event_base_loop(r.base, EVLOOP_ONCE);
		subscriber_poll(subscriber, 1);
		if (!killed && r.mqtt_events >= EVENTS / 2) {
			killed = true;
			before = r.mqtt_events;
			broker_kill(r.broker);
			for (int i = 0; i < 20; i++)
				event_base_loop(r.base, EVLOOP_ONCE);
			assert_int_equal(broker_restart(r.broker, &error), 0);
			/* The broker that died knew its subscribers; what the server sends before
			 * this one is back is not for it. */
			r.mqtt_last = 0;
			subscriber_destroy(&subscriber);
			assert_int_equal(subscriber_create(&subscriber, r.broker, "all", on_mqtt,
			                                   &r, &error),
			                 0);
			while (!subscriber_ready(subscriber) && !atomic_load(&over))
				event_base_loop(r.base, EVLOOP_NONBLOCK);
		}
	}
	assert_true(killed);
	assert_true(r.mqtt_events > before + EVENTS / 2);
	assert_int_equal(r.mqtt_holes, 0);
	subscriber_destroy(&subscriber);
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_applications),
	        cmocka_unit_test(test_broker_dies),
	};

	signal(SIGPIPE, SIG_IGN);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
