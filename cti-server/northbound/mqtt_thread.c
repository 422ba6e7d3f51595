/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The thread that keeps the connection to the broker: connect, poll(2), publish what waits, hand
 * over what comes. Each connection is a new client, so that libmosquitto keeps nothing of the last
 * one: what was not acknowledged goes back to our queue.
 */
#include "cti-server/northbound/mqtt_link.h"
#include "pbx-adapters/host/log.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#define CONNACK_US   10000000 /* to wait for the broker's word */
#define MISC_MS      1000     /* libmosquitto's keep-alive wants to be asked */
#define SYSTEM_CA    "/etc/ssl/certs"
#define V5_REFUSED   0x84
#define V311_REFUSED 1

/* ---- connection -------------------------------------------------------------------------- */

static void connected_set(struct link *link, bool connected)
{
	struct mqtt_door *door = link->door;
	pthread_mutex_lock(&door->lock);
	door->stats.connected = connected;
	if (connected) {
		door->stats.connects++;
		door->stats.version = link->version;
	}
	pthread_mutex_unlock(&door->lock);
}

/** Say it once, until it works again. */
static void trouble(struct link *link, const char *text)
{
	const struct cti_options *options = link->door->options;
	log_write(link->told ? CTI_LOG_DEBUG : CTI_LOG_WARN, "mqtt", "%s:%ld: %s",
	          cti_options_string(options, "host"), cti_options_int(options, "port"), text);
	link->told = true;
}

/** What was under way goes back, and the client goes. */
static void link_drop(struct link *link)
{
	struct mqtt_door *door = link->door;
	uint64_t first = (uint64_t)cti_options_int(door->options, "reconnect_min") * 1000;
	uint64_t last = (uint64_t)cti_options_int(door->options, "reconnect_max") * 1000;
	if (link->client)
		mosquitto_destroy(link->client);
	link->client = NULL;
	link->answered = link->lost = link->states_read = false;
	link->current = NULL;
	link->inflight = 0;
	memset(link->by_mid, 0, sizeof link->by_mid);
	memset(link->waits, 0, sizeof link->waits);
	strays_free(link);
	pthread_mutex_lock(&door->lock);
	door->stats.connected = false;
	door->inflight = 0;
	for (struct outgoing *outgoing; (outgoing = TAILQ_LAST(&link->sent, outgoings));) {
		TAILQ_REMOVE(&link->sent, outgoing, link);
		queue_return(&door->queue, outgoing);
	}
	pthread_mutex_unlock(&door->lock);
	link->retry_us = mqtt_now() + (link->pause_us ? link->pause_us : first);
	link->pause_us = link->pause_us ? link->pause_us * 2 : first * 2;
	if (link->pause_us > last)
		link->pause_us = last;
}

static void subscribe(struct link *link, const char *prefix, const char *filter, int qos)
{
	bool own_states = strstr(filter, "state");
	cti_text_clear(&link->topic);
	cti_text_literal(&link->topic, prefix);
	cti_text_literal(&link->topic, filter);
	/* Not our own publications back: what is retained there is all that is asked for. */
	int options = link->version == MQTT_PROTOCOL_V5 && own_states ? MQTT_SUB_OPT_NO_LOCAL : 0;
	if (link->topic.failed ||
	    mosquitto_subscribe_v5(link->client, NULL, link->topic.data, qos, options, NULL))
		link->lost = true;
	else
		link->unsubscribed++;
}

static void on_connect(struct mosquitto *client, void *arg, int reason, int flags,
                       const mosquitto_property *properties)
{
	struct link *link = arg;
	struct mqtt_door *door = link->door;
	(void)client, (void)flags, (void)properties;
	if (reason) {
		bool automatic = !strcmp(cti_options_string(door->options, "version"), "auto");
		bool version = reason == V5_REFUSED ||
		               (reason == V311_REFUSED && link->version == MQTT_PROTOCOL_V5);
		trouble(link, link->version == MQTT_PROTOCOL_V5 ? mosquitto_reason_string(reason)
		                                                : mosquitto_connack_string(reason));
		if (automatic && version)
			link->version = MQTT_PROTOCOL_V311;
		link->lost = true;
		return;
	}
	link->answered = true;
	link->mute_failures = 0;
	link->unsubscribed = 0;
	/* Switches do not come or go while the server runs. */
	for (size_t i = 0; i < door->switch_count; i++) {
		subscribe(link, door->switches[i].prefix, "request/+/+/+", 1);
		subscribe(link, door->switches[i].prefix, "+/+/state", 0);
	}
	if (mosquitto_publish(link->client, NULL, door->status_topic, (int)strlen(door->online),
	                      door->online, 1, true))
		link->lost = true;
	pthread_mutex_lock(&door->lock);
	queue_dirty_all(&door->queue);
	pthread_mutex_unlock(&door->lock);
}

static void link_ready(struct link *link)
{
	link->pause_us = 0;
	link->told = false;
	log_info("mqtt", "connected to %s:%ld, MQTT %s",
	         cti_options_string(link->door->options, "host"),
	         cti_options_int(link->door->options, "port"),
	         link->version == MQTT_PROTOCOL_V5 ? "5" : "3.1.1");
	connected_set(link, true);
}

static void on_subscribe(struct mosquitto *client, void *arg, int mid, int count,
                         const int *granted, const mosquitto_property *properties)
{
	struct link *link = arg;
	(void)client, (void)mid, (void)properties;
	for (int i = 0; i < count; i++)
		if (granted[i] >= 0x80)
			log_warn("mqtt",
			         "the broker refuses a subscription: look at its access list "
			         "(cti-server --print-acl)");
	if (link->unsubscribed && !--link->unsubscribed)
		link_ready(link);
}

static void on_disconnect(struct mosquitto *client, void *arg, int reason,
                          const mosquitto_property *properties)
{
	struct link *link = arg;
	(void)client, (void)reason, (void)properties;
	link->lost = true;
}

static int client_configure(struct link *link)
{
	const struct mqtt_door *door = link->door;
	const struct cti_options *options = door->options;
	const char *user = cti_options_string(options, "user");
	const char *ca = cti_options_string(options, "ca_file");
	int code = mosquitto_int_option(link->client, MOSQ_OPT_PROTOCOL_VERSION, link->version);
	if (!code)
		code = mosquitto_int_option(link->client, MOSQ_OPT_TCP_NODELAY, 1);
	if (!code)
		code = mosquitto_max_inflight_messages_set(link->client, 0);
	if (!code)
		code = mosquitto_will_set(link->client, door->status_topic,
		                          (int)strlen(door->offline), door->offline, 1, true);
	if (!code && user)
		code = mosquitto_username_pw_set(link->client, user,
		                                 cti_options_string(options, "password"));
	if (!code && cti_options_int(options, "tls"))
		code = mosquitto_tls_set(link->client, ca, ca ? NULL : SYSTEM_CA,
		                         cti_options_string(options, "cert_file"),
		                         cti_options_string(options, "key_file"), NULL);
	return code;
}

/** Waits as long as the system takes for name and address. */
static void link_connect(struct link *link)
{
	struct mqtt_door *door = link->door;
	const struct cti_options *options = door->options;
	link->client = mosquitto_new(door->client_id, true, link);
	int code = link->client ? client_configure(link) : MOSQ_ERR_NOMEM;
	if (!code) {
		mosquitto_connect_v5_callback_set(link->client, on_connect);
		mosquitto_disconnect_v5_callback_set(link->client, on_disconnect);
		mosquitto_subscribe_v5_callback_set(link->client, on_subscribe);
		mosquitto_publish_v5_callback_set(link->client, link_acknowledged);
		mosquitto_message_v5_callback_set(link->client, link_heard);
		code = mosquitto_connect(link->client, cti_options_string(options, "host"),
		                         (int)cti_options_int(options, "port"),
		                         (int)(cti_options_int(options, "keepalive") / 1000));
	}
	pthread_mutex_lock(&door->lock);
	bool orphaned = door->orphaned; /* then the options are gone */
	pthread_mutex_unlock(&door->lock);
	link->connack_by_us = mqtt_now() + CONNACK_US;
	if (code && !orphaned) {
		trouble(link, code == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(code));
		link_drop(link);
	}
}

/* ---- the loop ---------------------------------------------------------------------------- */

/** One round of poll(2), at most @p wait_ms. */
static void turn(struct link *link, int wait_ms, bool full)
{
	struct mqtt_door *door = link->door;
	int fd = link->client ? mosquitto_socket(link->client) : -1;
	struct pollfd polled[2] = {{.fd = door->outbox_fd, .events = POLLIN}, {.fd = fd}};
	eventfd_t count;
	if (fd >= 0)
		polled[1].events = (short)((full ? 0 : POLLIN) |
		                           (mosquitto_want_write(link->client) ? POLLOUT : 0));
	if (poll(polled, fd >= 0 ? 2 : 1, wait_ms) < 0 && errno != EINTR)
		log_error("mqtt", "poll: %s", strerror(errno));
	if (polled[0].revents) {
		pthread_mutex_lock(&door->lock);
		if (eventfd_read(door->outbox_fd, &count))
			log_error("mqtt", "eventfd: %s", strerror(errno));
		door->outbox_told = false;
		pthread_mutex_unlock(&door->lock);
	}
	if (fd < 0)
		return;
	if ((polled[1].revents & (POLLIN | POLLERR | POLLHUP)) &&
	    mosquitto_loop_read(link->client, 1))
		link->lost = true;
	if (!link->lost && (polled[1].revents & POLLOUT) && mosquitto_loop_write(link->client, 1))
		link->lost = true;
	if (!link->lost && mosquitto_loop_misc(link->client))
		link->lost = true;
}

static void link_lost(struct link *link)
{
	bool automatic = !strcmp(cti_options_string(link->door->options, "version"), "auto");
	if (link->answered) {
		trouble(link, "the connection is lost");
	} else if (automatic && ++link->mute_failures % 2 == 0) {
		/* Some brokers hang up on a version they do not know. */
		link->version =
		        link->version == MQTT_PROTOCOL_V5 ? MQTT_PROTOCOL_V311 : MQTT_PROTOCOL_V5;
	}
	link_drop(link);
}

/** Everything is out: then the server is offline, and goodbye. True when it is over. */
static bool farewell(struct link *link, bool left, uint64_t stop_by_us)
{
	struct mqtt_door *door = link->door;
	if (!link->answered || mqtt_now() >= stop_by_us)
		return true;
	if (left || link->lost)
		return false;
	if (!link->offline_sent) {
		link->offline_sent = true;
		return link_publish(link, door->status_topic, door->offline, strlen(door->offline),
		                    true, NULL, NULL);
	}
	return !link->inflight;
}

static int wait_of(const struct link *link, uint64_t stop_by_us)
{
	uint64_t now = mqtt_now();
	if (stop_by_us)
		return 20;
	if (!link->client)
		return link->retry_us > now ? (int)((link->retry_us - now) / 1000) + 1 : 0;
	return MISC_MS;
}

static void run(struct link *link)
{
	struct mqtt_door *door = link->door;
	for (;;) {
		pthread_mutex_lock(&door->lock);
		uint64_t stop_by_us = door->stop_by_us;
		bool orphaned = door->orphaned, full = door->queue.request_count >= REQUESTS_MAX;
		pthread_mutex_unlock(&door->lock);
		if (orphaned)
			return;
		if (!stop_by_us && !link->client && mqtt_now() >= link->retry_us) {
			link_connect(link);
			continue;
		}
		if (link->client && !link->answered && mqtt_now() >= link->connack_by_us)
			link->lost = true;
		if (link->lost)
			link_lost(link);
		if (link->stray_count)
			strays_clear(link);
		bool left = link_pump(link);
		if (stop_by_us && farewell(link, left, stop_by_us))
			break;
		turn(link, wait_of(link, stop_by_us), full);
	}
	/* Without a farewell the connection is just cut: then the last will says it. */
	if (link->offline_sent && !link->inflight) {
		mosquitto_disconnect(link->client);
		mosquitto_loop_write(link->client, 1);
	}
}

static void link_free(struct link *link)
{
	struct mqtt_door *door = link->door;
	if (link->client)
		mosquitto_destroy(link->client);
	pthread_mutex_lock(&door->lock);
	for (struct outgoing *outgoing; (outgoing = TAILQ_FIRST(&link->sent));) {
		TAILQ_REMOVE(&link->sent, outgoing, link);
		outgoing_free(&door->queue, outgoing);
	}
	pthread_mutex_unlock(&door->lock);
	strays_free(link);
	cti_text_free(&link->topic);
	cti_text_free(&link->text);
	cti_text_free(&link->filter);
	free(link);
}

void *mqtt_thread(void *arg)
{
	struct mqtt_door *door = arg;
	struct link *link = calloc(1, sizeof *link);
	pthread_setname_np(pthread_self(), "mqtt");
	if (link) {
		link->door = door;
		TAILQ_INIT(&link->sent);
		link->version = strcmp(cti_options_string(door->options, "version"), "3.1.1")
		                        ? MQTT_PROTOCOL_V5
		                        : MQTT_PROTOCOL_V311;
		run(link);
		link_free(link);
	} else {
		log_error("mqtt", "no memory for the connection: this door stays shut");
	}
	pthread_mutex_lock(&door->lock);
	door->over = true;
	door->stats.connected = false;
	bool orphaned = door->orphaned;
	pthread_mutex_unlock(&door->lock);
	if (orphaned)
		mqtt_door_free(door);
	return NULL;
}
