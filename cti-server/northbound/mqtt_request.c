/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Requests over MQTT, on the loop's side.
 *
 *     cti/v1/acme/hq/request/ann/2001/AnswerCall   {"id":"r1","connection":{"callID":"17"}}
 *     cti/v1/acme/hq/reply/ann/r1                  {"id":"r1","ok":true}
 *
 * With MQTT 5 the id may be left out: the correlation data stands for it.
 */
#include "cti-server/northbound/mqtt_inside.h"
#include "cti-server/northbound/topic.h"
#include "pbx-adapters/host/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAYLOAD_MAX 65536
#define LEVELS      8

static void asked_free(struct asked *asked)
{
	TAILQ_REMOVE(&asked->door->asked, asked, link);
	letter_free(asked->letter);
	free(asked->prefix);
	free(asked);
}

void mqtt_requests_forget(struct mqtt_door *door)
{
	for (struct asked *asked; (asked = TAILQ_FIRST(&door->asked));) {
		requests_forget(door->context.requests, asked);
		asked_free(asked);
	}
}

/** Only below the user's own replies: a response topic is no way to write elsewhere. */
static const char *response_topic(const struct asked *asked)
{
	const char *response = asked->letter->response;
	size_t length = strlen(asked->prefix);
	if (!response || strncmp(response, asked->prefix, length) || !response[length] ||
	    strpbrk(response, "+#"))
		return NULL;
	return response;
}

static void reply_send(void *arg, const char *id, const struct cti_reply *reply)
{
	struct asked *asked = arg;
	struct mqtt_door *door = asked->door;
	const char *topic = response_topic(asked);
	struct letter *letter = NULL;

	cti_text_clear(&door->topic);
	cti_text_literal(&door->topic, topic ? topic : asked->prefix);
	if (!topic)
		cti_wire_topic_escape(&door->topic, *id ? id : "error");
	cti_text_clear(&door->text);
	if (!cti_wire_reply_write(&door->text, id, reply) && !door->text.failed &&
	    !door->topic.failed)
		letter = letter_create(door->topic.data, door->text.data, door->text.length);
	if (letter) {
		letter->correlation = asked->letter->correlation;
		letter->correlation_length = asked->letter->correlation_length;
		asked->letter->correlation = NULL;
		pthread_mutex_lock(&door->lock);
		queue_reply(&door->queue, letter);
		mqtt_tell_thread(door);
		pthread_mutex_unlock(&door->lock);
	} else {
		log_error("mqtt", "no memory for the answer to request '%s'", id);
	}
	asked_free(asked);
}

static void refuse(struct asked *asked, const struct cti_error *why)
{
	struct cti_reply reply;
	cti_reply_init(&reply);
	reply.code = why->code;
	reply.text = why->text;
	reply_send(asked, "", &reply);
}

/** The id that stands for a request without one: its correlation data, in hexadecimal. */
static int id_complete(json_t *object, const struct letter *letter)
{
	char id[CTI_WIRE_REQUEST_ID_MAX + 1] = "";
	const unsigned char *octets = letter->correlation;
	if (json_object_get(object, "id") || !octets)
		return 0;
	for (size_t i = 0; i < letter->correlation_length && 2 * i + 2 < sizeof id; i++)
		snprintf(id + 2 * i, 3, "%02x", octets[i]);
	return json_object_set_new(object, "id", json_string(id));
}

static bool switch_matches(const struct mqtt_door *door, const char *tenant, const char *name)
{
	char prefix[256];
	snprintf(prefix, sizeof prefix, WIRE_TOPIC_ROOT "%s/%s/", tenant, name);
	for (size_t i = 0; i < door->switch_count; i++)
		if (!strcmp(door->switches[i].prefix, prefix))
			return true;
	return false;
}

/** Levels: cti v1 tenant switch "request" user device service. False: it is no request. */
static bool topic_split(const struct mqtt_door *door, char *topic, char *levels[LEVELS])
{
	size_t count = 0;
	for (char *level; (level = strsep(&topic, "/"));) {
		if (count == LEVELS)
			return false;
		levels[count++] = level;
	}
	if (count != LEVELS || strcmp(levels[4], WIRE_TOPIC_REQUEST) || !*levels[5] ||
	    !switch_matches(door, levels[2], levels[3]))
		return false;
	return true;
}

static void malformed(struct mqtt_door *door)
{
	pthread_mutex_lock(&door->lock);
	door->stats.malformed++;
	pthread_mutex_unlock(&door->lock);
}

static void submit(struct mqtt_door *door, struct asked *asked, char *levels[LEVELS])
{
	struct letter *letter = asked->letter;
	struct cti_error why = {0};
	json_t *object =
	        letter->length ? requests_parse(letter->payload, letter->length, PAYLOAD_MAX, &why)
	                       : json_object();
	struct requests_place place = {levels[3], levels[6], levels[7]};
	cti_wire_topic_unescape(levels[5]);
	cti_wire_topic_unescape(levels[6]);
	cti_wire_topic_unescape(levels[7]);
	/* "-" stands for no device: SnapshotCall, ClearCall, AttachData. */
	if (!strcmp(place.device, "-"))
		place.device = NULL;
	if (!object || id_complete(object, letter)) {
		if (object)
			cti_error_set(&why, CTI_E_NOMEM, "out of memory");
		malformed(door);
		refuse(asked, &why);
	} else {
		requests_submit(door->context.requests, levels[5], object, &place, reply_send,
		                asked);
	}
	json_decref(object);
}

static void request_take(struct mqtt_door *door, struct letter *letter)
{
	char *topic = strdup(letter->topic), *levels[LEVELS];
	struct asked *asked = calloc(1, sizeof *asked);
	if (!topic || !asked || !topic_split(door, topic, levels)) {
		malformed(door);
		letter_free(letter);
		free(asked);
		free(topic);
		return;
	}
	asked->door = door;
	asked->letter = letter;
	TAILQ_INSERT_TAIL(&door->asked, asked, link);
	if (asprintf(&asked->prefix, WIRE_TOPIC_ROOT "%s/%s/" WIRE_TOPIC_REPLY "/%s/", levels[2],
	             levels[3], levels[5]) < 0) {
		asked->prefix = NULL;
		asked_free(asked);
	} else {
		submit(door, asked, levels);
	}
	free(topic);
}

void mqtt_requests_take(struct mqtt_door *door)
{
	for (;;) {
		pthread_mutex_lock(&door->lock);
		struct letter *letter =
		        letters_take(&door->queue.requests, &door->queue.request_count);
		door->stats.requests += letter != NULL;
		mqtt_tell_thread(door); /* it may read on */
		pthread_mutex_unlock(&door->lock);
		if (!letter)
			return;
		request_take(door, letter);
	}
}
