/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/northbound/mqtt_queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_SIZE 256

void queue_init(struct mqtt_queue *queue)
{
	TAILQ_INIT(&queue->losses);
	TAILQ_INIT(&queue->events);
	TAILQ_INIT(&queue->retained);
	TAILQ_INIT(&queue->dirty);
	STAILQ_INIT(&queue->replies);
	STAILQ_INIT(&queue->requests);
}

/* ---- what was lost ----------------------------------------------------------------------- */

static void lost_free(struct lost *lost)
{
	if (!lost)
		return;
	for (size_t i = 0; i < lost->subject_count; i++)
		free(lost->subjects[i]);
	free(lost->tenant);
	free(lost->switch_name);
	free(lost->epoch);
	free(lost);
}

static void lost_subject(struct lost *lost, const char *subject)
{
	for (size_t i = 0; i < lost->subject_count; i++)
		if (!strcmp(lost->subjects[i], subject))
			return;
	char *copy = lost->subject_count < GAP_SUBJECTS ? strdup(subject) : NULL;
	if (copy)
		lost->subjects[lost->subject_count++] = copy;
	else
		lost->more = true;
}

static struct lost *lost_create(const struct bus_event *event, const char *why)
{
	struct lost *lost = calloc(1, sizeof *lost);
	if (!lost)
		return NULL;
	lost->tenant = strdup(event->tenant);
	lost->switch_name = strdup(event->switch_name);
	lost->epoch = strdup(event->epoch);
	if (!lost->tenant || !lost->switch_name || !lost->epoch) {
		lost_free(lost);
		return NULL;
	}
	lost->from = lost->to = event->sequence;
	lost->why = why;
	return lost;
}

static void lost_add(struct lost *lost, const struct bus_event *event)
{
	if (event->sequence < lost->from)
		lost->from = event->sequence;
	if (event->sequence > lost->to)
		lost->to = event->sequence;
	for (size_t i = 0; i < event->subject_count; i++)
		lost_subject(lost, event->subjects[i].subject);
}

/** Puts it on the account of its stream's gap. */
static void loss_note(struct mqtt_queue *queue, const struct bus_event *event)
{
	struct outgoing *outgoing;
	queue->events_dropped++;
	TAILQ_FOREACH (outgoing, &queue->losses, link)
		if (!strcmp(outgoing->lost->switch_name, event->switch_name) &&
		    !strcmp(outgoing->lost->epoch, event->epoch)) {
			lost_add(outgoing->lost, event);
			return;
		}
	outgoing = calloc(1, sizeof *outgoing);
	if (!outgoing ||
	    !(outgoing->lost = lost_create(event, "the queue to the broker was full"))) {
		free(outgoing);
		return;
	}
	lost_add(outgoing->lost, event);
	TAILQ_INSERT_TAIL(&queue->losses, outgoing, link);
}

/* ---- rings ------------------------------------------------------------------------------- */

static size_t call_key(char key[KEY_SIZE], const struct bus_event *event)
{
	const char *call = event->connection.call_id;
	int length = call ? snprintf(key, KEY_SIZE, "%s %s", event->switch_name, call) : 0;
	return length > 0 && length < KEY_SIZE ? (size_t)length : 0;
}

static struct ring_call *call_find(const struct mqtt_queue *queue, const char *key, size_t length)
{
	struct map_node *node = map_find(&queue->calls, key, length);
	return node ? map_entry(node, struct ring_call, node) : NULL;
}

/** Without memory for it the ring is sent whatever happens to it. */
static void ring_note(struct mqtt_queue *queue, struct outgoing *outgoing)
{
	char key[KEY_SIZE];
	size_t length = call_key(key, outgoing->event);
	struct ring_call *call = length ? call_find(queue, key, length) : NULL;
	if (!length)
		return;
	if (!call) {
		call = calloc(1, sizeof *call + length + 1);
		if (!call)
			return;
		memcpy(call->key, key, length + 1);
		TAILQ_INIT(&call->rings);
		if (map_insert(&queue->calls, &call->node, call->key, length)) {
			free(call);
			return;
		}
	}
	outgoing->call = call;
	TAILQ_INSERT_TAIL(&call->rings, outgoing, by_call);
}

static void ring_forget(struct mqtt_queue *queue, struct outgoing *outgoing)
{
	struct ring_call *call = outgoing->call;
	if (!call)
		return;
	TAILQ_REMOVE(&call->rings, outgoing, by_call);
	outgoing->call = NULL;
	if (TAILQ_EMPTY(&call->rings)) {
		map_remove(&queue->calls, &call->node);
		free(call);
	}
}

bool event_is_ring(const struct bus_event *event)
{
	return event->type == CTI_EVENT_CALL_DELIVERED && !(event->flags & CTI_EVENT_DISTRIBUTION);
}

static bool same_device(const struct cti_connection *a, const struct cti_connection *b)
{
	return a->device_id && b->device_id && !strcmp(a->device_id, b->device_id);
}

/** A later event of the same connection, or of the whole call, takes the ring's point away. */
static void rings_judge(struct mqtt_queue *queue, const struct bus_event *event)
{
	char key[KEY_SIZE];
	size_t length = queue->calls.count && !event_is_ring(event) ? call_key(key, event) : 0;
	struct ring_call *call = length ? call_find(queue, key, length) : NULL;
	struct outgoing *ring;
	bool whole = event->type == CTI_EVENT_CALL_CLEARED;
	if (!call || (!whole && event->connection.state == CTI_CONNECTION_ALERTING))
		return;
	TAILQ_FOREACH (ring, &call->rings, by_call)
		if (whole || same_device(&ring->event->connection, &event->connection))
			ring->stale = true;
}

/* ---- events ------------------------------------------------------------------------------ */

void outgoing_free(struct mqtt_queue *queue, struct outgoing *outgoing)
{
	ring_forget(queue, outgoing);
	bus_event_unref(&outgoing->event);
	lost_free(outgoing->lost);
	free(outgoing);
}

static void event_drop_oldest(struct mqtt_queue *queue)
{
	struct outgoing *oldest = TAILQ_FIRST(&queue->events);
	TAILQ_REMOVE(&queue->events, oldest, link);
	queue->count--;
	queue->bytes -= oldest->bytes;
	loss_note(queue, oldest->event);
	outgoing_free(queue, oldest);
}

void queue_event(struct mqtt_queue *queue, const struct bus_event *event, uint64_t now_us)
{
	rings_judge(queue, event);
	while (queue->count && (queue->count >= queue->event_limit ||
	                        queue->bytes + event->json_length > queue->byte_limit))
		event_drop_oldest(queue);
	struct outgoing *outgoing = calloc(1, sizeof *outgoing);
	if (!outgoing) {
		loss_note(queue, event);
		return;
	}
	outgoing->event = bus_event_ref(event);
	outgoing->queued_us = now_us;
	outgoing->bytes = event->json_length;
	queue->count++;
	queue->bytes += outgoing->bytes;
	TAILQ_INSERT_TAIL(&queue->events, outgoing, link);
	if (event_is_ring(event))
		ring_note(queue, outgoing);
}

/** A ring that came to nothing: in its place goes the news that its number is left out. */
static void ring_check(struct mqtt_queue *queue, struct outgoing *outgoing, uint64_t now_us)
{
	if (outgoing->lost || !event_is_ring(outgoing->event))
		return;
	bool old = now_us - outgoing->queued_us > queue->expiry_us;
	if (!outgoing->stale && !old)
		return;
	outgoing->lost =
	        lost_create(outgoing->event, old ? "a ring that was too old to be sent"
	                                         : "a ring that was over before it was sent");
	if (!outgoing->lost)
		return; /* no memory: rather late than never */
	lost_add(outgoing->lost, outgoing->event);
	ring_forget(queue, outgoing);
	queue->rings_stale++;
}

struct outgoing *queue_take(struct mqtt_queue *queue, uint64_t now_us)
{
	struct outgoing *outgoing = TAILQ_FIRST(&queue->losses);
	if (outgoing) {
		TAILQ_REMOVE(&queue->losses, outgoing, link);
	} else if ((outgoing = TAILQ_FIRST(&queue->events))) {
		TAILQ_REMOVE(&queue->events, outgoing, link);
		queue->count--;
		queue->bytes -= outgoing->bytes;
		ring_check(queue, outgoing, now_us);
	} else {
		return NULL;
	}
	outgoing->next = 0;
	outgoing->sending = true;
	outgoing->unacknowledged = 0;
	return outgoing;
}

void queue_return(struct mqtt_queue *queue, struct outgoing *outgoing)
{
	if (!outgoing->event) {
		TAILQ_INSERT_HEAD(&queue->losses, outgoing, link);
		return;
	}
	TAILQ_INSERT_HEAD(&queue->events, outgoing, link);
	queue->count++;
	queue->bytes += outgoing->bytes;
}

/* ---- retained ---------------------------------------------------------------------------- */

struct retained *queue_retained(const struct mqtt_queue *queue, const char *topic)
{
	struct map_node *node = map_find_text(&queue->topics, topic);
	return node ? map_entry(node, struct retained, node) : NULL;
}

static void mark_dirty(struct mqtt_queue *queue, struct retained *retained)
{
	if (retained->dirty)
		return;
	retained->dirty = true;
	TAILQ_INSERT_TAIL(&queue->dirty, retained, dirty_link);
}

static struct retained *retained_create(struct mqtt_queue *queue, const char *topic)
{
	size_t length = strlen(topic);
	struct retained *retained = calloc(1, sizeof *retained + length + 1);
	if (!retained)
		return NULL;
	memcpy(retained->topic, topic, length + 1);
	if (map_insert(&queue->topics, &retained->node, retained->topic, length)) {
		free(retained);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&queue->retained, retained, link);
	return retained;
}

int queue_retain(struct mqtt_queue *queue, const char *topic, const char *payload, size_t length)
{
	struct retained *retained = queue_retained(queue, topic);
	char *copy = NULL;
	if (payload) {
		copy = malloc(length ? length : 1);
		if (!copy)
			return CTI_E_NOMEM;
		memcpy(copy, payload, length);
	}
	if (!retained && !(retained = retained_create(queue, topic))) {
		free(copy);
		return CTI_E_NOMEM;
	}
	free(retained->payload);
	retained->payload = copy;
	retained->length = copy ? length : 0;
	mark_dirty(queue, retained);
	return 0;
}

struct retained *queue_dirty(struct mqtt_queue *queue)
{
	struct retained *retained = TAILQ_FIRST(&queue->dirty);
	if (retained) {
		TAILQ_REMOVE(&queue->dirty, retained, dirty_link);
		retained->dirty = false;
	}
	return retained;
}

void queue_dirty_all(struct mqtt_queue *queue)
{
	struct retained *retained;
	TAILQ_FOREACH (retained, &queue->retained, link) {
		mark_dirty(queue, retained);
	}
}

void retained_free(struct mqtt_queue *queue, struct retained *retained)
{
	map_remove(&queue->topics, &retained->node);
	TAILQ_REMOVE(&queue->retained, retained, link);
	if (retained->dirty)
		TAILQ_REMOVE(&queue->dirty, retained, dirty_link);
	free(retained->payload);
	free(retained);
}

/* ---- letters ----------------------------------------------------------------------------- */

struct letter *letter_create(const char *topic, const void *payload, size_t length)
{
	struct letter *letter = calloc(1, sizeof *letter);
	if (!letter)
		return NULL;
	letter->topic = strdup(topic);
	letter->payload = malloc(length + 1);
	if (!letter->topic || !letter->payload) {
		letter_free(letter);
		return NULL;
	}
	if (length)
		memcpy(letter->payload, payload, length);
	letter->payload[length] = '\0';
	letter->length = length;
	return letter;
}

void letter_free(struct letter *letter)
{
	if (!letter)
		return;
	if (letter->payload)
		explicit_bzero(letter->payload,
		               letter->length); /* an agent's password may be in it */
	free(letter->topic);
	free(letter->payload);
	free(letter->response);
	free(letter->correlation);
	free(letter);
}

struct letter *letters_take(struct letters *letters, size_t *count)
{
	struct letter *letter = STAILQ_FIRST(letters);
	if (letter) {
		STAILQ_REMOVE_HEAD(letters, link);
		(*count)--;
	}
	return letter;
}

void queue_reply(struct mqtt_queue *queue, struct letter *letter)
{
	if (queue->reply_count >= queue->letter_limit) {
		letter_free(letters_take(&queue->replies, &queue->reply_count));
		queue->replies_dropped++;
	}
	STAILQ_INSERT_TAIL(&queue->replies, letter, link);
	queue->reply_count++;
}

void queue_free(struct mqtt_queue *queue)
{
	struct outgoing *outgoing;
	while ((outgoing = queue_take(queue, 0)))
		outgoing_free(queue, outgoing);
	for (struct retained *retained; (retained = TAILQ_FIRST(&queue->retained));)
		retained_free(queue, retained);
	while (queue->reply_count)
		letter_free(letters_take(&queue->replies, &queue->reply_count));
	while (queue->request_count)
		letter_free(letters_take(&queue->requests, &queue->request_count));
	map_free(&queue->calls);
	map_free(&queue->topics);
}
