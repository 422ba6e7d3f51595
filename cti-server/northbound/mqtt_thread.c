/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The thread that keeps the connection to the broker: connect, poll(2), publish what waits, hand
 * over what comes. Each connection is a new client, so that libmosquitto keeps nothing of the last
 * one: what was not acknowledged goes back to our queue.
 */
#include "cti-server/northbound/mqtt_inside.h"
#include "cti-server/northbound/topic.h"
#include "pbx-adapters/host/log.h"

#include <errno.h>
#include <inttypes.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#define MIDS         65536
#define CONNACK_US   10000000 /* to wait for the broker's word */
#define MISC_MS      1000     /* libmosquitto's keep-alive wants to be asked */
#define STRAYS_MAX   100000
#define SYSTEM_CA    "/etc/ssl/certs"
#define V5_REFUSED   0x84
#define V311_REFUSED 1

struct link {
	struct mqtt_door *door;
	struct mosquitto *client;
	int version;   /* MQTT_PROTOCOL_V5 or V311 */
	bool answered; /* CONNACK came, and was good */
	bool lost;
	unsigned mute_failures; /* connections that ended before CONNACK, with this version */
	bool told;              /* the log has this trouble already */
	size_t unsubscribed;    /* SUBACKs that are still due */
	uint64_t connack_by_us, retry_us, pause_us;
	struct outgoings sent;    /* not acknowledged, oldest first */
	struct outgoing *current; /* the last of them has copies left to send */
	struct outgoing *by_mid[MIDS];
	bool waits[MIDS]; /* this message id is not acknowledged */
	size_t inflight;
	bool state_next; /* fairness between events and states */
	bool offline_sent;
	bool states_read; /* what was retained at the broker has come */
	char *strays[STRAYS_MAX];
	size_t stray_count;
	struct cti_text topic, text, filter;
};

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

static void strays_free(struct link *link)
{
	while (link->stray_count)
		free(link->strays[--link->stray_count]);
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

static void on_publish(struct mosquitto *, void *, int, int, const mosquitto_property *);
static void on_message(struct mosquitto *, void *, const struct mosquitto_message *,
                       const mosquitto_property *);

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
		mosquitto_publish_v5_callback_set(link->client, on_publish);
		mosquitto_message_v5_callback_set(link->client, on_message);
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

/* ---- sending ----------------------------------------------------------------------------- */

static void outgoing_done(struct link *link, struct outgoing *outgoing)
{
	TAILQ_REMOVE(&link->sent, outgoing, link);
	pthread_mutex_lock(&link->door->lock);
	outgoing_free(&link->door->queue, outgoing);
	pthread_mutex_unlock(&link->door->lock);
}

static void on_publish(struct mosquitto *client, void *arg, int mid, int reason,
                       const mosquitto_property *properties)
{
	struct link *link = arg;
	(void)client, (void)properties;
	if (mid < 0 || mid >= MIDS || !link->waits[mid])
		return;
	struct outgoing *outgoing = link->by_mid[mid];
	if (reason >= 0x80)
		log_warn("mqtt", "the broker refuses a message: %s",
		         mosquitto_reason_string(reason));
	link->by_mid[mid] = NULL;
	link->waits[mid] = false;
	link->inflight--;
	pthread_mutex_lock(&link->door->lock);
	link->door->stats.acknowledged++;
	link->door->inflight = link->inflight;
	pthread_mutex_unlock(&link->door->lock);
	if (outgoing && !--outgoing->unacknowledged && !outgoing->sending)
		outgoing_done(link, outgoing);
}

/** 0: libmosquitto has it (or nobody ever can); else nothing more goes for now. */
static int publish(struct link *link, const char *topic, const void *payload, size_t length,
                   bool retain, const mosquitto_property *properties, struct outgoing *outgoing)
{
	int mid = 0;
	int code = mosquitto_publish_v5(link->client, &mid, topic, (int)length, payload, 1, retain,
	                                link->version == MQTT_PROTOCOL_V5 ? properties : NULL);
	if (code == MOSQ_ERR_NO_CONN || code == MOSQ_ERR_CONN_LOST || code == MOSQ_ERR_ERRNO ||
	    code == MOSQ_ERR_TLS) {
		link->lost = true;
		return code;
	}
	if (code == MOSQ_ERR_NOMEM)
		return code;
	if (code) {
		log_error("mqtt", "%s: cannot be published: %s", topic, mosquitto_strerror(code));
		return 0;
	}
	link->by_mid[mid] = outgoing;
	link->waits[mid] = true;
	link->inflight++;
	if (outgoing)
		outgoing->unacknowledged++;
	pthread_mutex_lock(&link->door->lock);
	link->door->stats.published++;
	link->door->inflight = link->inflight;
	pthread_mutex_unlock(&link->door->lock);
	return 0;
}

/** The stream.gap that stands for what is lost, into the link's text. */
static int gap_write(struct link *link, const struct lost *lost)
{
	struct cti_event gap;
	char id[64];
	struct timespec now;
	cti_event_init(&gap, CTI_EVENT_STREAM_GAP);
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(id, sizeof id, "%s-%" PRIu64 "-gap", lost->epoch, lost->to);
	gap.id = id;
	gap.tenant = lost->tenant;
	gap.switch_name = lost->switch_name;
	gap.epoch = lost->epoch;
	gap.sequence = lost->to;
	gap.time_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	gap.gap_from = lost->from;
	gap.gap_to = lost->to;
	gap.text = lost->why;
	cti_text_clear(&link->text);
	return cti_wire_event_write(&link->text, &gap) || link->text.failed ? CTI_E_NOMEM : 0;
}

static void gap_topic(struct link *link, const struct lost *lost, size_t index)
{
	cti_text_clear(&link->topic);
	topic_switch(&link->topic, lost->tenant, lost->switch_name);
	if (index < lost->subject_count) {
		topic_subject(&link->topic, lost->subjects[index]);
		cti_text_literal(&link->topic, "/event/stream.gap");
	} else {
		cti_text_literal(&link->topic, "all/stream.gap");
	}
}

static size_t copies_of(const struct outgoing *outgoing)
{
	return outgoing->lost ? outgoing->lost->subject_count + 1
	                      : topic_event_count(outgoing->event->event);
}

static int copy_send(struct link *link, struct outgoing *outgoing)
{
	mosquitto_property *properties = NULL;
	const char *payload;
	size_t length;
	if (outgoing->lost) {
		if (gap_write(link, outgoing->lost))
			return CTI_E_NOMEM;
		gap_topic(link, outgoing->lost, outgoing->next);
		payload = link->text.data;
		length = link->text.length;
	} else {
		topic_event(&link->topic, outgoing->event, outgoing->next);
		payload = outgoing->event->json;
		length = outgoing->event->json_length;
	}
	if (link->topic.failed)
		return CTI_E_NOMEM;
	if (!outgoing->lost && event_is_ring(outgoing->event->event) &&
	    link->version == MQTT_PROTOCOL_V5) {
		long left = cti_options_int(link->door->options, "ring_expiry") / 1000;
		mosquitto_property_add_int32(&properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL,
		                             left > 0 ? (uint32_t)left : 1);
	}
	int code = publish(link, link->topic.data, payload, length, false, properties, outgoing);
	mosquitto_property_free_all(&properties);
	return code;
}

/** One copy of the oldest event. False: there is none, or no way. */
static bool event_send(struct link *link)
{
	struct outgoing *outgoing = link->current;
	if (!outgoing) {
		pthread_mutex_lock(&link->door->lock);
		outgoing = queue_take(&link->door->queue, mqtt_now());
		if (outgoing && outgoing->lost)
			link->door->stats.gaps++;
		pthread_mutex_unlock(&link->door->lock);
		if (!outgoing)
			return false;
		TAILQ_INSERT_TAIL(&link->sent, outgoing, link);
		link->current = outgoing;
	}
	if (copy_send(link, outgoing))
		return false;
	if (++outgoing->next < copies_of(outgoing))
		return true;
	outgoing->sending = false;
	link->current = NULL;
	if (!outgoing->unacknowledged)
		outgoing_done(link, outgoing);
	return true;
}

static bool state_send(struct link *link)
{
	struct mqtt_queue *queue = &link->door->queue;
	pthread_mutex_lock(&link->door->lock);
	struct retained *retained = queue_dirty(queue);
	if (retained) {
		cti_text_clear(&link->topic);
		cti_text_literal(&link->topic, retained->topic);
		cti_text_clear(&link->text);
		cti_text_raw(&link->text, retained->payload ? retained->payload : "",
		             retained->length);
		if (!retained->payload) {
			link->door->stats.strays_cleared++;
			retained_free(queue, retained);
		}
	}
	pthread_mutex_unlock(&link->door->lock);
	if (!retained)
		return false;
	if (link->topic.failed || link->text.failed)
		log_error("mqtt", "no memory for a state; it is told with its next change");
	else if (publish(link, link->topic.data, link->text.data, link->text.length, true, NULL,
	                 NULL))
		return false;
	return true;
}

static bool reply_send(struct link *link)
{
	struct mqtt_queue *queue = &link->door->queue;
	mosquitto_property *properties = NULL;
	pthread_mutex_lock(&link->door->lock);
	struct letter *letter = letters_take(&queue->replies, &queue->reply_count);
	pthread_mutex_unlock(&link->door->lock);
	if (!letter)
		return false;
	if (letter->correlation && link->version == MQTT_PROTOCOL_V5)
		mosquitto_property_add_binary(&properties, MQTT_PROP_CORRELATION_DATA,
		                              letter->correlation, letter->correlation_length);
	int code = publish(link, letter->topic, letter->payload, letter->length, false, properties,
	                   NULL);
	mosquitto_property_free_all(&properties);
	letter_free(letter);
	return !code;
}

/** Hands out what waits while the broker keeps up. False: nothing is left. */
static bool pump(struct link *link)
{
	size_t limit = (size_t)cti_options_int(link->door->options, "inflight");
	while (link->answered && !link->lost && link->inflight < limit) {
		if (reply_send(link))
			continue;
		link->state_next = !link->state_next;
		if (link->state_next ? state_send(link) || event_send(link)
		                     : event_send(link) || state_send(link))
			continue;
		return false;
	}
	return link->inflight >= limit;
}

/* ---- what comes -------------------------------------------------------------------------- */

static bool switch_current(const struct mqtt_door *door, const char *topic)
{
	for (size_t i = 0; i < door->switch_count; i++)
		if (!strncmp(topic, door->switches[i].prefix, strlen(door->switches[i].prefix)))
			return door->switches[i].current;
	return false;
}

/** Retained states that nobody has any more are cleared, once that is certain. */
static void strays_clear(struct link *link)
{
	struct mqtt_door *door = link->door;
	size_t kept = 0;
	pthread_mutex_lock(&door->lock);
	for (size_t i = 0; i < link->stray_count; i++) {
		char *topic = link->strays[i];
		if (!switch_current(door, topic)) {
			link->strays[kept++] = topic;
			continue;
		}
		if (!queue_retained(&door->queue, topic))
			queue_retain(&door->queue, topic, NULL, 0);
		free(topic);
	}
	pthread_mutex_unlock(&door->lock);
	link->stray_count = kept;
}

static void state_heard(struct link *link, const struct mosquitto_message *message)
{
	struct mqtt_door *door = link->door;
	pthread_mutex_lock(&door->lock);
	bool known = queue_retained(&door->queue, message->topic);
	pthread_mutex_unlock(&door->lock);
	if (known || !message->payloadlen || link->stray_count == STRAYS_MAX)
		return;
	char *topic = strdup(message->topic);
	if (topic)
		link->strays[link->stray_count++] = topic;
}

/** With 3.1.1 our own states come back; the first one comes after all that was retained. */
static void states_unsubscribe(struct link *link)
{
	const struct mqtt_door *door = link->door;
	for (size_t i = 0; i < door->switch_count && !link->states_read; i++) {
		cti_text_clear(&link->filter);
		cti_text_literal(&link->filter, door->switches[i].prefix);
		cti_text_literal(&link->filter, "+/+/state");
		if (link->filter.failed ||
		    mosquitto_unsubscribe(link->client, NULL, link->filter.data))
			return;
	}
	link->states_read = true;
}

static struct letter *letter_of(const struct mosquitto_message *message,
                                const mosquitto_property *properties)
{
	struct letter *letter =
	        letter_create(message->topic, message->payload, (size_t)message->payloadlen);
	if (letter && properties) {
		mosquitto_property_read_string(properties, MQTT_PROP_RESPONSE_TOPIC,
		                               &letter->response, false);
		mosquitto_property_read_binary(properties, MQTT_PROP_CORRELATION_DATA,
		                               &letter->correlation, &letter->correlation_length,
		                               false);
	}
	return letter;
}

static void on_message(struct mosquitto *client, void *arg, const struct mosquitto_message *message,
                       const mosquitto_property *properties)
{
	struct link *link = arg;
	struct mqtt_door *door = link->door;
	(void)client;
	size_t length = strlen(message->topic);
	if (length > 6 && !strcmp(message->topic + length - 6, "/state")) {
		if (message->retain)
			state_heard(link, message);
		else
			states_unsubscribe(link);
		return;
	}
	/* A retained request would dial again with every start of the server. */
	struct letter *letter = message->retain ? NULL : letter_of(message, properties);
	pthread_mutex_lock(&door->lock);
	if (letter) {
		STAILQ_INSERT_TAIL(&door->queue.requests, letter, link);
		door->queue.request_count++;
	} else {
		door->stats.malformed++;
	}
	pthread_mutex_unlock(&door->lock);
	if (letter)
		eventfd_write(door->inbox_fd, 1);
	else
		log_warn("mqtt", "%s: a request was ignored: %s", message->topic,
		         message->retain ? "it is retained" : "out of memory");
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
	pthread_mutex_lock(&door->lock);
	if (eventfd_read(door->outbox_fd, &count) && errno != EAGAIN)
		log_error("mqtt", "eventfd: %s", strerror(errno));
	door->outbox_told = false;
	pthread_mutex_unlock(&door->lock);
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
		return publish(link, door->status_topic, door->offline, strlen(door->offline), true,
		               NULL, NULL);
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
		bool left = pump(link);
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
