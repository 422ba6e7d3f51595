/* SPDX-License-Identifier: Apache-2.0 */
/** What goes to the broker: answers, events with a copy for each topic, states, gaps. */
#include "cti-server/northbound/mqtt_link.h"
#include "cti-server/northbound/topic.h"
#include "pbx-adapters/host/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void outgoing_done(struct link *link, struct outgoing *outgoing)
{
	TAILQ_REMOVE(&link->sent, outgoing, link);
	pthread_mutex_lock(&link->door->lock);
	outgoing_free(&link->door->queue, outgoing);
	pthread_mutex_unlock(&link->door->lock);
}

void link_acknowledged(struct mosquitto *client, void *arg, int mid, int reason,
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

int link_publish(struct link *link, const char *topic, const void *payload, size_t length,
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
		cti_text_literal(&link->topic, WIRE_TOPIC_EVENT "stream.gap");
	} else {
		cti_text_literal(&link->topic, WIRE_TOPIC_ALL "stream.gap");
	}
}

static size_t copies_of(const struct outgoing *outgoing)
{
	return outgoing->lost ? outgoing->lost->subject_count + 1
	                      : topic_event_count(outgoing->event);
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
		cti_text_clear(&link->topic);
		topic_switch(&link->topic, outgoing->event->tenant, outgoing->event->switch_name);
		topic_event(&link->topic, link->topic.length, outgoing->event, outgoing->next);
		payload = outgoing->event->json;
		length = outgoing->event->json_length;
	}
	if (link->topic.failed)
		return CTI_E_NOMEM;
	if (!outgoing->lost && event_is_ring(outgoing->event) &&
	    link->version == MQTT_PROTOCOL_V5) {
		long left = cti_options_int(link->door->options, "ring_expiry") / 1000;
		mosquitto_property_add_int32(&properties, MQTT_PROP_MESSAGE_EXPIRY_INTERVAL,
		                             left > 0 ? (uint32_t)left : 1);
	}
	int code =
	        link_publish(link, link->topic.data, payload, length, false, properties, outgoing);
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
	else if (link_publish(link, link->topic.data, link->text.data, link->text.length, true,
	                      NULL, NULL))
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
	int code = link_publish(link, letter->topic, letter->payload, letter->length, false,
	                        properties, NULL);
	mosquitto_property_free_all(&properties);
	letter_free(letter);
	return !code;
}

bool link_pump(struct link *link)
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
