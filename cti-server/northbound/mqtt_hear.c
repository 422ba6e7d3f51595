/* SPDX-License-Identifier: Apache-2.0 */
/** What comes from the broker: requests, and states of the past that are retained there. */
#include "cti-server/northbound/mqtt_link.h"
#include "pbx-adapters/host/log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

void strays_free(struct link *link)
{
	while (link->stray_count)
		free(link->strays[--link->stray_count]);
}

static bool switch_current(const struct mqtt_door *door, const char *topic)
{
	for (size_t i = 0; i < door->switch_count; i++)
		if (!strncmp(topic, door->switches[i].prefix, strlen(door->switches[i].prefix)))
			return door->switches[i].current;
	return false;
}

void strays_clear(struct link *link)
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

void link_heard(struct mosquitto *client, void *arg, const struct mosquitto_message *message,
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
