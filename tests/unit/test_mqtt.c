/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The MQTT door against a real mosquitto, started here on a free port of the loopback and killed
 * in between; the switch behind the door is a fake.
 */
#include "cti-server/bus.h"
#include "cti-server/northbound/mqtt.h"
#include "cti-server/northbound/mqtt_queue.h"
#include "cti-server/password.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"
#include "sdk/wire.h"
#include "tests/support/nomem.h"
#include "tests/unit/fake_pbx.h"
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <jansson.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECOND  UINT64_C(1000000)
#define WAIT_MS 20000 /* until something counts as missing */
#define HEARD   20000
#define BROKER  "mosquitto"

struct heard_message {
	char *topic, *payload;
	bool retain;
	uint16_t correlation;
};

/* A client of the broker, as a desktop is one. */
struct client {
	struct mosquitto *mosquitto;
	struct heard_message heard[HEARD];
	size_t count;
	bool subscribed;
	const char *user;
};

struct fixture {
	int port;
	pid_t broker;
	char directory[64], config_file[96], database[96], file[3][96];
	const char *broker_options;
	struct event_base *loop;
	struct clock *clock;
	struct bus *bus;
	struct bus_stream *stream;
	struct config *config;
	struct rights *rights;
	struct requests *requests;
	struct pbx hq;
	struct mqtt_door *door;
};

/* ---- broker ------------------------------------------------------------------------------ */

static int free_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	close(fd);
	return ntohs(address.sin_port);
}

static bool broker_answers(int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_port = htons((uint16_t)port);
	bool answers = !connect(fd, (struct sockaddr *)&address, sizeof address);
	close(fd);
	return answers;
}

static void broker_start(struct fixture *f)
{
	FILE *file = fopen(f->config_file, "w");
	assert_non_null(file);
	fprintf(file,
	        "listener %d 127.0.0.1\nlog_type none\n"
	        "persistence true\npersistence_location %s\n"
	        "max_queued_messages 100000\n%s",
	        f->port, f->directory, f->broker_options);
	fclose(file);
	f->broker = fork();
	if (!f->broker) {
		execlp(BROKER, BROKER, "-c", f->config_file, (char *)NULL);
		execl("/usr/sbin/" BROKER, BROKER, "-c", f->config_file, (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < WAIT_MS / 10 && !broker_answers(f->port); i++)
		poll(NULL, 0, 10);
	assert_true(broker_answers(f->port));
}

/** What it knows of sessions now outlives a kill. */
static void broker_save(struct fixture *f)
{
	struct stat status;
	unlink(f->database);
	kill(f->broker, SIGUSR1);
	for (int i = 0; i < WAIT_MS / 10 && (stat(f->database, &status) || !status.st_size); i++)
		poll(NULL, 0, 10);
	assert_int_equal(stat(f->database, &status), 0);
}

static void broker_stop(struct fixture *f, int how)
{
	kill(f->broker, how);
	waitpid(f->broker, NULL, 0);
	f->broker = 0;
}

/* ---- door -------------------------------------------------------------------------------- */

static void door_start(struct fixture *f)
{
	struct cti_error why = {0};
	struct door_context context = {"cti-1", f->bus, f->rights, f->requests, f->clock, f->loop};
	if (mqtt_door_create(&f->door, &context, f->config->mqtt, &why))
		fail_msg("%s", why.text);
}

static void open_world(struct fixture *f, const char *mqtt_options)
{
	struct requests_options options = {600 * SECOND, 1000, 100, 100, 1000};
	struct cti_error why = {0};
	char text[2000];
	log_set(CTI_LOG_ERROR, false);
	f->port = free_port();
	strcpy(f->directory, "/tmp/test_mqtt.XXXXXX");
	assert_non_null(mkdtemp(f->directory));
	assert_int_equal(chmod(f->directory, 0777), 0); /* mosquitto lays down root's rights */
	snprintf(f->config_file, sizeof f->config_file, "%s/mosquitto.conf", f->directory);
	snprintf(f->database, sizeof f->database, "%s/mosquitto.db", f->directory);
	for (int i = 0; i < 3; i++)
		snprintf(f->file[i], sizeof f->file[i], "%s/%d", f->directory, i);
	f->broker_options = "allow_anonymous true\n";
	snprintf(text, sizeof text,
	         "switches = (); zmq = { router = \"tcp://127.0.0.1:*\"; };\n"
	         "mqtt = { port = %d; reconnect_min = \"20ms\"; reconnect_max = \"100ms\"; %s };\n"
	         "users = ( { name = \"ann/1\"; role = \"agent\"; devices = [ \"2001\" ]; },"
	         " { name = \"sue\"; role = \"supervisor\"; } );\n",
	         f->port, mqtt_options);
	if (config_load_text(&f->config, text, &why))
		fail_msg("%s", why.text);
	f->loop = event_base_new();
	f->hq = (struct pbx){.name = "hq", .link = CTI_LINK_UP};
	assert_int_equal(clock_create_virtual(&f->clock, 0, NULL), 0);
	assert_int_equal(bus_create(&f->bus, f->clock, NULL, NULL), 0);
	f->stream = bus_stream(f->bus, "acme", "hq");
	assert_int_equal(rights_create(&f->rights, f->clock, f->bus, f->config, NULL), 0);
	assert_int_equal(requests_create(&f->requests, f->clock, f->rights, &options, NULL), 0);
	assert_int_equal(requests_add(f->requests, &f->hq), 0);
}

static void turn(struct fixture *f, struct client *client)
{
	event_base_loop(f->loop, EVLOOP_NONBLOCK);
	if (!client || mosquitto_loop(client->mosquitto, 1, 1))
		poll(NULL, 0, 1);
}

static struct mqtt_door_stats stats_of(struct fixture *f)
{
	struct mqtt_door_stats stats;
	mqtt_door_stats(f->door, &stats);
	return stats;
}

static void until_connected(struct fixture *f, bool connected)
{
	for (int i = 0; i < WAIT_MS && stats_of(f).connected != connected; i++)
		turn(f, NULL);
	assert_int_equal(stats_of(f).connected, connected);
}

static void until_quiet(struct fixture *f)
{
	for (int i = 0; i < WAIT_MS && !mqtt_door_is_quiet(f->door); i++)
		turn(f, NULL);
	assert_true(mqtt_door_is_quiet(f->door));
}

static void close_world(struct fixture *f)
{
	struct cti_reply reply;
	cti_reply_init(&reply);
	while (f->hq.open_count)
		fake_answer(&f->hq, &reply);
	mqtt_door_destroy(&f->door);
	requests_destroy(&f->requests);
	rights_destroy(&f->rights);
	bus_destroy(&f->bus);
	clock_destroy(&f->clock);
	event_base_free(f->loop);
	config_unload(&f->config);
	if (f->broker)
		broker_stop(f, SIGTERM);
	unlink(f->config_file);
	unlink(f->database);
	for (int i = 0; i < 3; i++)
		unlink(f->file[i]);
	rmdir(f->directory);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	*state = f;
	open_world(f, "");
	broker_start(f);
	door_start(f);
	until_connected(f, true);
	return 0;
}

static int teardown(void **state)
{
	close_world(*state);
	free(*state);
	return 0;
}

/* ---- client ------------------------------------------------------------------------------ */

static void on_message(struct mosquitto *mosquitto, void *arg,
                       const struct mosquitto_message *message,
                       const mosquitto_property *properties)
{
	struct client *client = arg;
	(void)mosquitto;
	assert_true(client->count < HEARD);
	struct heard_message *heard = &client->heard[client->count++];
	heard->topic = strdup(message->topic);
	heard->payload =
	        strndup(message->payload ? message->payload : "", (size_t)message->payloadlen);
	heard->retain = message->retain;
	void *octets = NULL;
	uint16_t length = 0;
	mosquitto_property_read_binary(properties, MQTT_PROP_CORRELATION_DATA, &octets, &length,
	                               false);
	heard->correlation = octets ? *(unsigned char *)octets : 0;
	free(octets);
}

static void on_subscribe(struct mosquitto *mosquitto, void *arg, int mid, int count,
                         const int *granted)
{
	(void)mosquitto, (void)mid, (void)count, (void)granted;
	((struct client *)arg)->subscribed = true;
}

static void client_open(struct fixture *f, struct client *client, const char *topic, const char *id)
{
	client->subscribed = false;
	client->mosquitto = mosquitto_new(id, !id, client);
	if (client->user)
		mosquitto_username_pw_set(client->mosquitto, client->user, "secret");
	mosquitto_int_option(client->mosquitto, MOSQ_OPT_PROTOCOL_VERSION,
	                     id ? MQTT_PROTOCOL_V311 : MQTT_PROTOCOL_V5);
	mosquitto_message_v5_callback_set(client->mosquitto, on_message);
	mosquitto_subscribe_callback_set(client->mosquitto, on_subscribe);
	assert_int_equal(mosquitto_connect(client->mosquitto, "127.0.0.1", f->port, 60), 0);
	assert_int_equal(mosquitto_subscribe(client->mosquitto, NULL, topic, 1), 0);
	for (int i = 0; i < WAIT_MS && !client->subscribed; i++)
		turn(f, client);
	assert_true(client->subscribed);
}

static struct client *client_new(struct fixture *f, const char *topic)
{
	struct client *client = calloc(1, sizeof *client);
	client_open(f, client, topic, NULL);
	return client;
}

static void client_clear(struct client *client)
{
	while (client->count) {
		client->count--;
		free(client->heard[client->count].topic);
		free(client->heard[client->count].payload);
	}
}

static void client_free(struct client *client)
{
	mosquitto_destroy(client->mosquitto);
	client_clear(client);
	free(client);
}

/** The message on this topic, NULL if none has come yet. */
static struct heard_message *find(struct client *client, const char *topic)
{
	for (size_t i = 0; i < client->count; i++)
		if (!strcmp(client->heard[i].topic, topic))
			return &client->heard[i];
	return NULL;
}

static struct heard_message *hear(struct fixture *f, struct client *client, const char *topic)
{
	struct heard_message *heard = NULL;
	for (int i = 0; i < WAIT_MS && !(heard = find(client, topic)); i++)
		turn(f, client);
	if (!heard)
		fail_msg("nothing on %s", topic);
	return heard;
}

/** Events of the whole switch so far: a mark for each sequence heard or announced as lost. */
static void account(struct client *client, unsigned char *heard, unsigned char *lost, size_t size)
{
	for (size_t i = 0; i < client->count; i++) {
		struct cti_event *event = NULL;
		const char *payload = client->heard[i].payload;
		if (strncmp(client->heard[i].topic, "cti/v1/acme/hq/all/", 19))
			continue;
		assert_int_equal(cti_wire_event_read(&event, payload, strlen(payload), NULL), 0);
		assert_in_range(event->sequence, 1, size - 1);
		if (event->type == CTI_EVENT_STREAM_GAP)
			for (uint64_t k = event->gap_from; k <= event->gap_to; k++)
				lost[k] = 1;
		else
			heard[event->sequence] = 1;
		free(event);
	}
}

static void publish(struct fixture *f, enum cti_event_type type, const char *one, const char *two,
                    const char *call, const char *device)
{
	const char *subjects[] = {one, two};
	struct cti_event event;
	cti_event_init(&event, type);
	event.connection.call_id = call;
	event.connection.device_id = device;
	event.connection.state = type == CTI_EVENT_CALL_DELIVERED ? CTI_CONNECTION_ALERTING
	                                                          : CTI_CONNECTION_CONNECTED;
	assert_int_equal(bus_publish(f->stream, &event, subjects, (one != NULL) + (two != NULL)),
	                 0);
}

/* ---- tests ------------------------------------------------------------------------------- */

static void test_events_and_states(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(bus_state_set(f->stream, "device/+49#1", "{\"a\":1}", 7), 0);
	until_quiet(f);
	struct client *desk = client_new(f, "cti/v1/#");
	struct heard_message *heard = hear(f, desk, "cti/v1/acme/hq/device/%2B49%231/state");
	assert_true(heard->retain);
	assert_string_equal(heard->payload, "{\"a\":1}");
	heard = hear(f, desk, "cti/v1/server/cti-1/status");
	assert_true(heard->retain);
	assert_string_equal(heard->payload, "{\"server\":\"cti-1\",\"online\":true}");
	heard = hear(f, desk, "cti/v1/acme/hq/status");
	assert_true(heard->retain);
	assert_non_null(strstr(heard->payload, "\"link\":\"up\""));

	publish(f, CTI_EVENT_CALL_DELIVERED, "device/2001", "queue/3000", "17", "2001");
	heard = hear(f, desk, "cti/v1/acme/hq/device/2001/event/call.delivered");
	assert_false(heard->retain);
	/* Copies of one event have the same bytes. */
	assert_string_equal(
	        hear(f, desk, "cti/v1/acme/hq/queue/3000/event/call.delivered")->payload,
	        find(desk, "cti/v1/acme/hq/device/2001/event/call.delivered")->payload);
	hear(f, desk, "cti/v1/acme/hq/all/call.delivered");

	/* A state that goes is cleared at the broker too. */
	assert_int_equal(bus_state_set(f->stream, "device/+49#1", NULL, 0), 0);
	until_quiet(f);
	struct client *later = client_new(f, "cti/v1/acme/hq/device/#");
	publish(f, CTI_EVENT_CALL_HELD, "device/2001", NULL, "17", "2001");
	hear(f, later, "cti/v1/acme/hq/device/2001/event/call.held");
	assert_null(find(later, "cti/v1/acme/hq/device/%2B49%231/state"));
	assert_int_equal(later->count, 1); /* events are never retained */
	client_free(later);
	client_free(desk);
}

static void publish_many(struct fixture *f, size_t count)
{
	for (size_t i = 0; i < count; i++)
		publish(f, CTI_EVENT_CALL_HELD, "device/2001", NULL, "17", "2001");
}

/** The broker is killed in the middle: every event arrives all the same. */
static void test_broker_killed(void **state)
{
	enum { PART = 300, ALL = 3 * PART };
	unsigned char heard[ALL + 1] = {0}, lost[ALL + 1] = {0};
	struct fixture *f = *state;
	struct client *desk = calloc(1, sizeof *desk);
	assert_int_equal(bus_state_set(f->stream, "device/2001", "{\"a\":1}", 7), 0);
	client_open(f, desk, "cti/v1/acme/hq/#", "desk");
	broker_save(f); /* the broker keeps this desk's session */
	publish_many(f, PART);
	for (int i = 0; i < WAIT_MS && desk->count < 2 * PART + 2; i++)
		turn(f, desk);
	mosquitto_destroy(desk->mosquitto);
	broker_stop(f, SIGKILL);
	until_connected(f, false);
	publish_many(f, PART);
	assert_int_equal(bus_state_set(f->stream, "device/2001", "{\"a\":2}", 7), 0);
	struct mqtt_door_stats stats = stats_of(f);
	assert_in_range(stats.queued_events, PART, PART);

	broker_start(f);
	publish_many(f, PART);
	until_connected(f, true);
	until_quiet(f);
	client_open(f, desk, "cti/v1/acme/hq/#", "desk");
	publish(f, CTI_EVENT_CALL_RETRIEVED, "device/2002", NULL, "17", "2001");
	hear(f, desk, "cti/v1/acme/hq/device/2002/event/call.retrieved");
	for (size_t i = 0; i < desk->count; i++) /* the mark itself is not counted */
		if (strstr(desk->heard[i].topic, "call.retrieved"))
			desk->heard[i].topic[0] = 'x';
	account(desk, heard, lost, ALL + 1);
	for (size_t i = 1; i <= ALL; i++)
		if (!heard[i])
			fail_msg("event %zu did not arrive%s", i,
			         lost[i] ? ", a gap was told" : "");
	client_free(desk);

	/* The states are retained again, newest. */
	desk = client_new(f, "cti/v1/acme/hq/device/#");
	assert_string_equal(hear(f, desk, "cti/v1/acme/hq/device/2001/state")->payload,
	                    "{\"a\":2}");
	client_free(desk);
	stats = stats_of(f);
	assert_int_equal(stats.connects, 2);
	assert_int_equal(stats.version, MQTT_PROTOCOL_V5);
	assert_int_equal(stats.events_dropped, 0);
}

/** While the broker is away for long, memory stays bounded, and what went is told. */
static void test_queue_bounded(void **state)
{
	enum { ALL = 5000, KEPT = 100 };
	static unsigned char heard[ALL + 2], lost[ALL + 2];
	struct fixture f[1] = {{0}};
	struct client *desk = calloc(1, sizeof *desk);
	(void)state;
	open_world(f, "queue_events = 100;");
	broker_start(f);
	client_open(f, desk, "cti/v1/acme/hq/#", "desk");
	broker_save(f);
	mosquitto_destroy(desk->mosquitto);
	broker_stop(f, SIGKILL);
	door_start(f);
	publish_many(f, ALL);
	struct mqtt_door_stats stats = stats_of(f);
	assert_int_equal(stats.queued_events, KEPT);
	assert_int_equal(stats.events_dropped, ALL - KEPT);

	broker_start(f);
	until_connected(f, true);
	until_quiet(f);
	client_open(f, desk, "cti/v1/acme/hq/#", "desk");
	publish(f, CTI_EVENT_CALL_RETRIEVED, "device/2002", NULL, "17", "2001");
	hear(f, desk, "cti/v1/acme/hq/device/2002/event/call.retrieved");
	account(desk, heard, lost, ALL + 2);
	for (size_t i = 1; i <= ALL; i++)
		assert_int_equal(heard[i] + 2 * lost[i], i <= ALL - KEPT ? 2 : 1);
	/* Who listens to one device only is told as well. */
	assert_non_null(find(desk, "cti/v1/acme/hq/device/2001/event/stream.gap"));
	assert_int_equal(stats_of(f).gaps, 1);
	client_free(desk);
	close_world(f);
}

/** A ring that was answered while the broker was away is not sent; nor one that is too old. */
static void test_stale_rings(void **state)
{
	struct fixture f[1] = {{0}};
	struct client *desk = calloc(1, sizeof *desk);
	(void)state;
	open_world(f, "");
	broker_start(f);
	client_open(f, desk, "cti/v1/acme/hq/#", "desk");
	broker_save(f);
	mosquitto_destroy(desk->mosquitto);
	broker_stop(f, SIGKILL);
	door_start(f);
	publish(f, CTI_EVENT_CALL_DELIVERED, "device/2001", NULL, "17", "2001"); /* answered */
	publish(f, CTI_EVENT_CALL_DELIVERED, "device/2002", NULL, "17", "2002"); /* rings on */
	publish(f, CTI_EVENT_CALL_ESTABLISHED, "device/2001", NULL, "17", "2001");
	publish(f, CTI_EVENT_CALL_DELIVERED, "device/2003", NULL, "18", "2003"); /* abandoned */
	publish(f, CTI_EVENT_CALL_CLEARED, NULL, NULL, "18", NULL);
	broker_start(f);
	until_connected(f, true);
	until_quiet(f);
	client_open(f, desk, "cti/v1/acme/hq/#", "desk");
	hear(f, desk, "cti/v1/acme/hq/all/call.cleared");
	assert_null(find(desk, "cti/v1/acme/hq/device/2001/event/call.delivered"));
	assert_null(find(desk, "cti/v1/acme/hq/device/2003/event/call.delivered"));
	assert_non_null(find(desk, "cti/v1/acme/hq/device/2002/event/call.delivered"));
	assert_non_null(find(desk, "cti/v1/acme/hq/device/2001/event/stream.gap"));
	assert_int_equal(stats_of(f).rings_stale, 2);
	client_free(desk);
	close_world(f);
}

struct kept {
	struct bus_event *event;
};

static void keep(void *arg, const struct bus_event *event, const struct cti_event *whole)
{
	struct kept *kept = arg;
	(void)whole;
	bus_event_unref(&kept->event);
	kept->event = bus_event_ref(event);
}

/** The queue alone, where time can be told: a ring that waited too long becomes a gap. */
static void test_old_ring(void **state)
{
	static const struct bus_door door = {.event = keep};
	struct fixture f[1] = {{0}};
	struct kept kept = {0};
	struct mqtt_queue queue = {
	        .event_limit = 10, .byte_limit = 1 << 20, .expiry_us = 30 * SECOND};
	(void)state;
	open_world(f, "");
	queue_init(&queue);
	assert_int_equal(bus_attach(f->bus, &door, &kept), 0);
	publish(f, CTI_EVENT_CALL_DELIVERED, "device/2001", NULL, "17", "2001");
	queue_event(&queue, kept.event, 1000);
	struct outgoing *taken = queue_take(&queue, 1000 + 30 * SECOND);
	assert_null(taken->lost);
	queue_return(&queue, taken); /* not acknowledged: it waits again */
	taken = queue_take(&queue, 1001 + 30 * SECOND);
	assert_non_null(taken->lost);
	assert_int_equal(taken->lost->from, 1);
	assert_int_equal(queue.rings_stale, 1);
	outgoing_free(&queue, taken);
	assert_null(queue_take(&queue, 0));
	queue_free(&queue);
	bus_detach(f->bus, &kept);
	bus_event_unref(&kept.event);
	close_world(f);
}

/** Each allocation of the queue fails in turn: what cannot be kept becomes part of a gap. */
static void test_memory(void **state)
{
	static const struct bus_door door = {.event = keep};
	struct fixture f[1] = {{0}};
	struct kept kept = {0};
	struct mqtt_queue queue = {
	        .event_limit = 4, .byte_limit = 1 << 20, .expiry_us = 30 * SECOND};
	struct outgoing *taken;
	unsigned char told[200] = {0};
	(void)state;
	open_world(f, "");
	queue_init(&queue);
	assert_int_equal(bus_attach(f->bus, &door, &kept), 0);
	for (long i = 0; i < 100; i++) {
		publish(f, CTI_EVENT_CALL_DELIVERED, "device/2001", "queue/3000", "17", "2001");
		nomem_after(i % 8, false);
		queue_event(&queue, kept.event, 1000);
		nomem_after(-1, false);
		assert_in_range(queue.count, 0, 4);
	}
	while ((taken = queue_take(&queue, 1000))) {
		if (taken->lost)
			for (uint64_t k = taken->lost->from; k <= taken->lost->to; k++)
				told[k] = 1;
		else
			told[taken->event->sequence] = 1;
		outgoing_free(&queue, taken);
	}
	for (size_t i = 5; i <= 100;
	     i++) /* before the first gap could be kept nothing can be told */
		assert_int_equal(told[i], 1);
	nomem_after(0, true);
	assert_int_equal(queue_retain(&queue, "a", "b", 1), CTI_E_NOMEM);
	assert_null(letter_create("a", "b", 1));
	nomem_after(-1, false);
	queue_free(&queue);
	bus_detach(f->bus, &kept);
	bus_event_unref(&kept.event);
	close_world(f);
}

/** What is retained and no longer exists is cleared, once the switch has been read. */
static void test_strays(void **state)
{
	struct fixture *f = *state;
	struct client *desk = client_new(f, "cti/v1/acme/#");
	mqtt_door_destroy(&f->door);
	assert_int_equal(mosquitto_publish(desk->mosquitto, NULL,
	                                   "cti/v1/acme/hq/device/gone/state", 2, "{}", 1, true),
	                 0);
	hear(f, desk, "cti/v1/acme/hq/device/gone/state");
	client_clear(desk);
	assert_int_equal(bus_state_set(f->stream, "device/2001", "{}", 2), 0);
	door_start(f);
	until_connected(f, true);
	hear(f, desk, "cti/v1/acme/hq/device/2001/state");
	until_quiet(f);
	assert_int_equal(stats_of(f).strays_cleared, 0);
	client_clear(desk);
	f->hq.current = true;
	publish(f, CTI_EVENT_SWITCH_LINK_UP, NULL, NULL, NULL, NULL);
	assert_string_equal(hear(f, desk, "cti/v1/acme/hq/device/gone/state")->payload, "");
	assert_null(find(desk, "cti/v1/acme/hq/device/2001/state"));
	client_free(desk);
}

static void ask(struct client *desk, const char *topic, const char *payload, const char *response,
                const char *correlation, bool retain)
{
	mosquitto_property *properties = NULL;
	if (response)
		mosquitto_property_add_string(&properties, MQTT_PROP_RESPONSE_TOPIC, response);
	if (correlation)
		mosquitto_property_add_binary(&properties, MQTT_PROP_CORRELATION_DATA, correlation,
		                              (uint16_t)strlen(correlation));
	assert_int_equal(mosquitto_publish_v5(desk->mosquitto, NULL, topic, (int)strlen(payload),
	                                      payload, 1, retain, properties),
	                 0);
	mosquitto_property_free_all(&properties);
}

static json_t *answer(struct fixture *f, struct client *desk, const char *topic)
{
	json_t *json = json_loads(hear(f, desk, topic)->payload, 0, NULL);
	assert_non_null(json);
	return json;
}

#define ANN "cti/v1/acme/hq/request/ann%2F1/2001/"

static void test_requests(void **state)
{
	struct fixture *f = *state;
	f->hq.answer_at_once = true;
	struct client *desk = client_new(f, "cti/v1/acme/hq/reply/#");
	ask(desk, ANN "MakeCall", "{\"id\":\"r/1\",\"destination\":\"3000\"}", NULL, NULL, false);
	json_t *reply = answer(f, desk, "cti/v1/acme/hq/reply/ann%2F1/r%2F1");
	assert_true(json_is_true(json_object_get(reply, "ok")));
	assert_string_equal(json_string_value(json_object_get(reply, "id")), "r/1");
	json_decref(reply);

	/* MQTT 5: where to answer and which question, without an id. */
	ask(desk, ANN "SnapshotDevice", "", "cti/v1/acme/hq/reply/ann%2F1/here", "Q", false);
	reply = answer(f, desk, "cti/v1/acme/hq/reply/ann%2F1/here");
	assert_true(json_is_true(json_object_get(reply, "ok")));
	assert_int_equal(find(desk, "cti/v1/acme/hq/reply/ann%2F1/here")->correlation, 'Q');
	json_decref(reply);

	/* A response topic is no way to write where one may not. */
	ask(desk, ANN "MakeCall", "{\"id\":\"r3\",\"destination\":\"1\"}",
	    "cti/v1/acme/hq/reply/sue/stolen", NULL, false);
	json_decref(answer(f, desk, "cti/v1/acme/hq/reply/ann%2F1/r3"));
	assert_null(find(desk, "cti/v1/acme/hq/reply/sue/stolen"));

	/* Not hers; not known; no JSON; no id: an answer all the same. */
	ask(desk, "cti/v1/acme/hq/request/ann%2F1/2002/MakeCall",
	    "{\"id\":\"r4\",\"destination\":\"1\"}", NULL, NULL, false);
	reply = answer(f, desk, "cti/v1/acme/hq/reply/ann%2F1/r4");
	assert_string_equal(
	        json_string_value(json_object_get(json_object_get(reply, "error"), "code")),
	        "DENIED");
	json_decref(reply);
	ask(desk, "cti/v1/acme/hq/request/bob/2001/MakeCall", "{\"id\":\"r5\"}", NULL, NULL, false);
	reply = answer(f, desk, "cti/v1/acme/hq/reply/bob/r5");
	assert_string_equal(
	        json_string_value(json_object_get(json_object_get(reply, "error"), "code")),
	        "AUTH");
	json_decref(reply);
	ask(desk, ANN "MakeCall", "{\"id\":", NULL, NULL, false);
	json_decref(answer(f, desk, "cti/v1/acme/hq/reply/ann%2F1/error"));
	client_clear(desk);
	ask(desk, ANN "MakeCall", "{}", NULL, NULL, false);
	json_decref(answer(f, desk, "cti/v1/acme/hq/reply/ann%2F1/error"));

	/* A retained request would dial at every start. */
	size_t before = f->hq.requests;
	ask(desk, ANN "MakeCall", "{\"id\":\"r6\",\"destination\":\"1\"}", NULL, NULL, true);
	json_decref(answer(f, desk, "cti/v1/acme/hq/reply/ann%2F1/r6"));
	assert_int_equal(f->hq.requests, before + 1);
	mqtt_door_destroy(&f->door);
	door_start(f);
	until_connected(f, true);
	uint64_t malformed = 0;
	for (int i = 0; i < WAIT_MS && !(malformed = stats_of(f).malformed); i++)
		turn(f, desk);
	assert_int_equal(malformed, 1);
	assert_int_equal(f->hq.requests, before + 1);
	client_free(desk);
}

/** Stopping says offline; dying does, too, by the last will. */
static void test_offline(void **state)
{
	struct fixture *f = *state;
	publish_many(f, 50);
	mqtt_door_stop(&f->door, 5000);
	struct client *desk = client_new(f, "cti/v1/#");
	assert_string_equal(hear(f, desk, "cti/v1/server/cti-1/status")->payload,
	                    "{\"server\":\"cti-1\",\"online\":false}");
	assert_non_null(
	        strstr(hear(f, desk, "cti/v1/acme/hq/status")->payload, "\"link\":\"down\""));
	client_free(desk);
	door_start(f);
	until_connected(f, true);
	desk = client_new(f, "cti/v1/server/#");
	assert_non_null(strstr(hear(f, desk, "cti/v1/server/cti-1/status")->payload, "true"));
	client_clear(desk);
	mqtt_door_destroy(&f->door); /* without a word */
	assert_non_null(strstr(hear(f, desk, "cti/v1/server/cti-1/status")->payload, "false"));
	client_free(desk);
}

static void test_version_3(void **state)
{
	struct fixture f[1] = {{0}};
	(void)state;
	open_world(f, "version = \"3.1.1\";");
	f->hq.current = true;
	f->hq.answer_at_once = true;
	broker_start(f);
	door_start(f);
	until_connected(f, true);
	assert_int_equal(stats_of(f).version, MQTT_PROTOCOL_V311);
	struct client *desk = client_new(f, "cti/v1/acme/hq/#");
	publish(f, CTI_EVENT_CALL_DELIVERED, "device/2001", NULL, "17", "2001");
	hear(f, desk, "cti/v1/acme/hq/device/2001/event/call.delivered");
	assert_int_equal(bus_state_set(f->stream, "device/2001", "{}", 2), 0);
	hear(f, desk, "cti/v1/acme/hq/device/2001/state");
	ask(desk, ANN "MakeCall", "{\"id\":\"r1\",\"destination\":\"3000\"}", NULL, NULL, false);
	json_decref(answer(f, desk, "cti/v1/acme/hq/reply/ann%2F1/r1"));
	client_free(desk);
	close_world(f);
}

/** The broker with the server's own access list, and passwords that both understand. */
static void test_access_list(void **state)
{
	struct fixture f[1] = {{0}};
	char options[400], hash[PASSWORD_HASH_SIZE];
	static const char *const users[] = {"server", "ann/1", "sue"};
	(void)state;
	open_world(f, "user = \"server\"; password = \"secret\";");
	f->hq.answer_at_once = true;
	config_unload(&f->config);
	snprintf(options, sizeof options,
	         "switches = ( { name = \"hq\"; tenant = \"acme\"; adapter = \"simulator\"; } );"
	         "mqtt = { port = %d; user = \"server\"; password = \"secret\"; };"
	         "users = ( { name = \"ann/1\"; role = \"agent\"; devices = [ \"2001\" ]; },"
	         " { name = \"sue\"; role = \"supervisor\"; } );",
	         f->port);
	assert_int_equal(config_load_text(&f->config, options, NULL), 0);
	assert_int_equal(rights_load(f->rights, f->config, NULL), 0);
	FILE *passwords = fopen(f->file[0], "w"), *acl = fopen(f->file[1], "w");
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(password_hash("secret", hash), 0);
		fprintf(passwords, "%s:%s\n", users[i], hash);
	}
	config_print_acl(f->config, acl);
	fclose(passwords);
	fclose(acl);
	snprintf(options, sizeof options, "allow_anonymous false\npassword_file %s\nacl_file %s\n",
	         f->file[0], f->file[1]);
	f->broker_options = options;
	broker_start(f);
	door_start(f);
	until_connected(f, true);

	struct client *ann = calloc(1, sizeof *ann), *sue = calloc(1, sizeof *sue);
	ann->user = "ann/1";
	client_open(f, ann, "cti/v1/#", NULL);
	sue->user = "sue";
	client_open(f, sue, "cti/v1/#", NULL);
	ask(ann, ANN "MakeCall", "{\"id\":\"r1\",\"destination\":\"3000\"}", NULL, NULL, false);
	json_decref(answer(f, ann, "cti/v1/acme/hq/reply/ann%2F1/r1"));
	/* In another's name: the broker drops it. */
	size_t before = f->hq.requests;
	ask(ann, "cti/v1/acme/hq/request/sue/2001/MakeCall",
	    "{\"id\":\"r2\",\"destination\":\"1\"}", NULL, NULL, false);
	ask(ann, ANN "MakeCall", "{\"id\":\"r3\",\"destination\":\"3000\"}", NULL, NULL, false);
	json_decref(answer(f, ann, "cti/v1/acme/hq/reply/ann%2F1/r3"));
	assert_int_equal(f->hq.requests, before + 1);
	/* Each sees what is theirs: ann her device, sue every device, neither the other's answers.
	 */
	publish(f, CTI_EVENT_CALL_HELD, "device/2002", NULL, "17", "2002");
	publish(f, CTI_EVENT_CALL_HELD, "device/2001", NULL, "17", "2001");
	hear(f, ann, "cti/v1/acme/hq/device/2001/event/call.held");
	hear(f, sue, "cti/v1/acme/hq/device/2001/event/call.held");
	assert_non_null(find(sue, "cti/v1/acme/hq/device/2002/event/call.held"));
	assert_null(find(ann, "cti/v1/acme/hq/device/2002/event/call.held"));
	assert_null(find(ann, "cti/v1/acme/hq/all/call.held"));
	assert_null(find(sue, "cti/v1/acme/hq/reply/ann%2F1/r1"));
	client_free(ann);
	client_free(sue);
	close_world(f);
}

/** A self-signed certificate for 127.0.0.1 in f->file[0], its key in f->file[1]. */
static void certificate_make(struct fixture *f)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_set_pubkey(certificate, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
	                           (const unsigned char *)"broker", -1, -1, 0);
	X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
	X509_EXTENSION *extension =
	        X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
	X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	FILE *file = fopen(f->file[0], "w");
	PEM_write_X509(file, certificate);
	fclose(file);
	file = fopen(f->file[1], "w");
	PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
	fclose(file);
	chmod(f->file[1], 0644); /* the broker reads it as another user */
	X509_free(certificate);
	EVP_PKEY_free(key);
}

static void test_tls(void **state)
{
	struct fixture f[1] = {{0}};
	char options[400], mqtt[400];
	(void)state;
	open_world(f, "");
	certificate_make(f);
	snprintf(options, sizeof options, "allow_anonymous true\ncertfile %s\nkeyfile %s\n",
	         f->file[0], f->file[1]);
	f->broker_options = options;
	broker_start(f);

	/* Signed by nobody that the system knows: no connection. */
	static const char format[] =
	        "switches = (); mqtt = { port = %d; tls = true; reconnect_min = \"10ms\"; "
	        "reconnect_max = \"10ms\"; %s%s%s };";
	config_unload(&f->config);
	snprintf(mqtt, sizeof mqtt, format, f->port, "", "", "");
	assert_int_equal(config_load_text(&f->config, mqtt, NULL), 0);
	assert_int_equal(rights_load(f->rights, f->config, NULL), 0);
	door_start(f);
	for (int i = 0; i < 200; i++)
		turn(f, NULL);
	assert_int_equal(stats_of(f).connects, 0);
	mqtt_door_destroy(&f->door);

	config_unload(&f->config);
	snprintf(mqtt, sizeof mqtt, format, f->port, "ca_file = \"", f->file[0], "\";");
	assert_int_equal(config_load_text(&f->config, mqtt, NULL), 0);
	assert_int_equal(rights_load(f->rights, f->config, NULL), 0);
	door_start(f);
	until_connected(f, true);
	publish_many(f, 100);
	until_quiet(f);
	assert_true(stats_of(f).acknowledged >= 200);
	close_world(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_events_and_states, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_broker_killed, setup, teardown),
	        cmocka_unit_test(test_queue_bounded),
	        cmocka_unit_test(test_stale_rings),
	        cmocka_unit_test(test_old_ring),
	        cmocka_unit_test(test_memory),
	        cmocka_unit_test_setup_teardown(test_strays, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_requests, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_offline, setup, teardown),
	        cmocka_unit_test(test_version_3),
	        cmocka_unit_test(test_access_list),
	        cmocka_unit_test(test_tls),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
