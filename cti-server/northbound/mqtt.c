/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/northbound/mqtt.h"

#include "cti-server/northbound/mqtt_inside.h"
#include "cti-server/northbound/topic.h"
#include "pbx-adapters/host/log.h"

#include <errno.h>
#include <event2/event.h>
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define LETTERS_MAX 10000 /* answers that wait for the broker, requests that wait for the loop */

uint64_t mqtt_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void mqtt_tell_thread(struct mqtt_door *door)
{
	if (door->outbox_told)
		return;
	door->outbox_told = true;
	eventfd_write(door->outbox_fd, 1);
}

/* ---- from the bus ------------------------------------------------------------------------ */

/** The lock is held. The door's topic says where. */
static void retain(struct mqtt_door *door, const char *payload, size_t length)
{
	if (door->topic.failed || queue_retain(&door->queue, door->topic.data, payload, length))
		log_error("mqtt", "no memory for a state; it is told with its next change");
	mqtt_tell_thread(door);
}

static void status_retain(struct mqtt_door *door, struct bus_stream *stream, bool online)
{
	cti_text_clear(&door->topic);
	topic_switch(&door->topic, bus_stream_tenant(stream), bus_stream_switch(stream));
	cti_text_literal(&door->topic, WIRE_TOPIC_STATUS);
	cti_text_clear(&door->text);
	topic_switch_status(&door->text, &door->context, stream, online);
	if (door->text.failed)
		return;
	pthread_mutex_lock(&door->lock);
	retain(door, door->text.data, door->text.length);
	pthread_mutex_unlock(&door->lock);
}

/** Everything of the switch has been read: what is retained beyond that is of the past. */
static void switch_is_current(struct mqtt_door *door, const char *tenant, const char *name)
{
	cti_text_clear(&door->topic);
	topic_switch(&door->topic, tenant, name);
	if (door->topic.failed)
		return;
	pthread_mutex_lock(&door->lock);
	for (size_t i = 0; i < door->switch_count; i++)
		if (!strcmp(door->switches[i].prefix, door->topic.data))
			door->switches[i].current = true;
	mqtt_tell_thread(door);
	pthread_mutex_unlock(&door->lock);
}

static void on_event(void *arg, const struct bus_event *event, const struct cti_event *whole)
{
	struct mqtt_door *door = arg;
	(void)whole;
	pthread_mutex_lock(&door->lock);
	queue_event(&door->queue, event, mqtt_now());
	mqtt_tell_thread(door);
	pthread_mutex_unlock(&door->lock);
	if (!door_event_is_common(event))
		return;
	struct bus_stream *stream =
	        bus_stream(door->context.bus, event->tenant, event->switch_name);
	if (stream)
		status_retain(door, stream, true);
	if (event->type == CTI_EVENT_SWITCH_LINK_UP)
		switch_is_current(door, event->tenant, event->switch_name);
}

static void on_state(void *arg, const struct bus_state *state)
{
	struct mqtt_door *door = arg;
	cti_text_clear(&door->topic);
	topic_switch(&door->topic, state->tenant, state->switch_name);
	topic_subject(&door->topic, state->subject);
	cti_text_literal(&door->topic, WIRE_TOPIC_STATE);
	pthread_mutex_lock(&door->lock);
	retain(door, state->json, state->json_length);
	pthread_mutex_unlock(&door->lock);
}

static const struct bus_door bus_door = {.event = on_event, .state = on_state};

/** A switch that is there when the door opens: its states, its status, its topics. */
static void stream_open(void *arg, struct bus_stream *stream)
{
	struct mqtt_door *door = arg;
	struct pbx *pbx = requests_pbx(door->context.requests, bus_stream_switch(stream), NULL);
	if (door->switch_count < SWITCHES_MAX &&
	    asprintf(&door->switches[door->switch_count].prefix, WIRE_TOPIC_ROOT "%s/%s/",
	             bus_stream_tenant(stream), bus_stream_switch(stream)) > 0)
		door->switches[door->switch_count++].current = pbx && pbx_current(pbx);
	else
		log_error("mqtt", "no memory for switch %s: no requests to it",
		          bus_stream_switch(stream));
	bus_states(stream, on_state, door);
	status_retain(door, stream, true);
}

static void stream_close(void *arg, struct bus_stream *stream)
{
	status_retain(arg, stream, false);
}

/* ---- life -------------------------------------------------------------------------------- */

static void inbox_readable(evutil_socket_t fd, short what, void *arg)
{
	struct mqtt_door *door = arg;
	eventfd_t count;
	(void)what;
	if (!eventfd_read(fd, &count))
		mqtt_requests_take(door);
}

static int strings_make(struct mqtt_door *door)
{
	const char *id = door->context.server_id;
	const char *client = cti_options_string(door->options, "client_id");
	door->client_id = strdup(client ? client : id);
	if (asprintf(&door->status_topic, WIRE_TOPIC_ROOT WIRE_TOPIC_SERVER "%s/" WIRE_TOPIC_STATUS,
	             id) < 0)
		door->status_topic = NULL;
	if (asprintf(&door->online, "{\"server\":\"%s\",\"online\":true}", id) < 0)
		door->online = NULL;
	if (asprintf(&door->offline, "{\"server\":\"%s\",\"online\":false}", id) < 0)
		door->offline = NULL;
	return door->client_id && door->status_topic && door->online && door->offline ? 0
	                                                                              : CTI_E_NOMEM;
}

static int door_open(struct mqtt_door *door, struct cti_error *error)
{
	door->inbox_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	door->outbox_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (door->inbox_fd < 0 || door->outbox_fd < 0)
		return cti_error_set(error, CTI_E_IO, "mqtt: eventfd: %s", strerror(errno));
	door->inbox_event = event_new(door->context.loop, door->inbox_fd, EV_READ | EV_PERSIST,
	                              inbox_readable, door);
	if (strings_make(door) || !door->inbox_event || event_add(door->inbox_event, NULL))
		return cti_error_set(error, CTI_E_NOMEM, "mqtt: out of memory");
	bus_streams(door->context.bus, stream_open, door);
	if (bus_attach(door->context.bus, &bus_door, door))
		return cti_error_set(error, CTI_E_LIMIT, "mqtt: too many doors on the bus");
	return 0;
}

/** The loop's side of it. */
static void door_close(struct mqtt_door *door)
{
	mqtt_requests_forget(door);
	if (door->inbox_event)
		event_free(door->inbox_event);
	cti_text_free(&door->topic);
	cti_text_free(&door->text);
}

void mqtt_door_free(struct mqtt_door *door)
{
	queue_free(&door->queue);
	for (size_t i = 0; i < door->switch_count; i++)
		free(door->switches[i].prefix);
	if (door->inbox_fd >= 0)
		close(door->inbox_fd);
	if (door->outbox_fd >= 0)
		close(door->outbox_fd);
	free(door->client_id);
	free(door->status_topic);
	free(door->online);
	free(door->offline);
	pthread_mutex_destroy(&door->lock);
	free(door);
}

int mqtt_door_create(struct mqtt_door **out, const struct door_context *context,
                     const struct cti_options *options, struct cti_error *error)
{
	struct mqtt_door *door = calloc(1, sizeof *door);
	if (!door)
		return cti_error_set(error, CTI_E_NOMEM, "mqtt: out of memory");
	door->context = *context;
	door->options = options;
	door->inbox_fd = door->outbox_fd = -1;
	TAILQ_INIT(&door->asked);
	queue_init(&door->queue);
	door->queue.event_limit = (size_t)cti_options_int(options, "queue_events");
	door->queue.byte_limit = (size_t)cti_options_int(options, "queue_bytes");
	door->queue.letter_limit = LETTERS_MAX;
	door->queue.expiry_us = (uint64_t)cti_options_int(options, "ring_expiry") * 1000;
	pthread_mutex_init(&door->lock, NULL);
	mosquitto_lib_init();
	int code = door_open(door, error);
	if (!code && pthread_create(&door->thread, NULL, mqtt_thread, door))
		code = cti_error_set(error, CTI_E_IO, "mqtt: no thread: %s", strerror(errno));
	if (code) {
		bus_detach(context->bus, door);
		door_close(door);
		mqtt_door_free(door);
		mosquitto_lib_cleanup();
		return code;
	}
	*out = door;
	return 0;
}

void mqtt_door_stop(struct mqtt_door **out, unsigned wait_ms)
{
	struct mqtt_door *door = *out;
	if (!door)
		return;
	*out = NULL;
	bus_detach(door->context.bus, door);
	bus_streams(door->context.bus, stream_close, door);
	door_close(door);
	pthread_mutex_lock(&door->lock);
	door->stop_by_us = mqtt_now() + (uint64_t)wait_ms * 1000;
	mqtt_tell_thread(door);
	pthread_mutex_unlock(&door->lock);

	/* A name that does not resolve keeps the thread longer than anybody wants to wait. */
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += wait_ms / 1000 + 1;
	if (!pthread_timedjoin_np(door->thread, NULL, &until)) {
		mqtt_door_free(door);
		mosquitto_lib_cleanup();
		return;
	}
	log_warn("mqtt",
	         "the broker's name or address still keeps the connection waiting: left so");
	pthread_mutex_lock(&door->lock);
	bool over = door->over;
	door->orphaned = true;
	pthread_mutex_unlock(&door->lock);
	pthread_detach(door->thread);
	if (over)
		mqtt_door_free(door);
}

void mqtt_door_destroy(struct mqtt_door **door)
{
	mqtt_door_stop(door, 0);
}

void mqtt_door_stats(struct mqtt_door *door, struct mqtt_door_stats *stats)
{
	pthread_mutex_lock(&door->lock);
	*stats = door->stats;
	stats->queued_events = door->queue.count;
	stats->queued_bytes = door->queue.bytes;
	stats->events_dropped = door->queue.events_dropped;
	stats->rings_stale = door->queue.rings_stale;
	pthread_mutex_unlock(&door->lock);
}

bool mqtt_door_is_quiet(struct mqtt_door *door)
{
	pthread_mutex_lock(&door->lock);
	const struct mqtt_queue *queue = &door->queue;
	bool quiet = !door->stats.connected ||
	             (!queue->count && TAILQ_EMPTY(&queue->losses) && TAILQ_EMPTY(&queue->dirty) &&
	              !queue->reply_count && !queue->request_count && !door->inflight);
	pthread_mutex_unlock(&door->lock);
	return quiet && TAILQ_EMPTY(&door->asked);
}
