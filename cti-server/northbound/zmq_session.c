/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/northbound/zmq_inside.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Snapshots and replays of one session that wait to go out. */
#define EXTRA_BYTES_MAX (128u << 20)

struct session *session_find(struct zmq_door *door, const void *id, size_t length)
{
	struct map_node *node = map_find(&door->by_id, id, length);
	return node ? map_entry(node, struct session, node) : NULL;
}

struct session *session_create(struct zmq_door *door, const void *id, size_t length,
                               const char *user, const char *client)
{
	struct session *session = calloc(1, sizeof *session + length);
	if (!session)
		return NULL;
	session->user = strdup(user);
	session->client = strdup(client);
	memcpy(session->id, id, length);
	session->id_length = length;
	if (!session->user || !session->client ||
	    map_insert(&door->by_id, &session->node, session->id, length)) {
		free(session->user);
		free(session->client);
		free(session);
		return NULL;
	}
	session->door = door;
	session->heard_us = clock_now(door->context.clock);
	TAILQ_INIT(&session->filters);
	STAILQ_INIT(&session->queue);
	TAILQ_INSERT_TAIL(&door->sessions, session, link);
	door->stats.sessions++;
	return session;
}

static void item_free(struct session *session, struct item *item)
{
	struct zmq_door *door = session->door;
	if (item->extra) {
		session->extra_bytes -= item->length;
	} else {
		session->events--;
		session->bytes -= item->length;
	}
	door->total_bytes -= item->length;
	door->stats.queued_events--;
	door->stats.queued_bytes -= item->length;
	bus_event_unref(&item->event);
	free(item->text);
	free(item);
}

static void queue_clear(struct session *session)
{
	for (struct item *item; (item = STAILQ_FIRST(&session->queue));) {
		STAILQ_REMOVE_HEAD(&session->queue, link);
		item_free(session, item);
	}
}

static void session_unblock(struct session *session)
{
	if (session->blocked)
		TAILQ_REMOVE(&session->door->blocked, session, blocked_link);
	session->blocked = false;
}

void session_destroy(struct session *session)
{
	struct zmq_door *door = session->door;
	requests_forget(door->context.requests, session);
	session_unblock(session);
	if (session->resuming)
		TAILQ_REMOVE(&door->resuming, session, resuming_link);
	for (struct filter *filter; (filter = TAILQ_FIRST(&session->filters));)
		filter_destroy(filter);
	queue_clear(session);
	map_remove(&door->by_id, &session->node);
	TAILQ_REMOVE(&door->sessions, session, link);
	door->stats.sessions--;
	free(session->user);
	free(session->client);
	free(session);
}

static void session_die(struct session *session)
{
	session->state = SESSION_DEAD;
	session->door->has_dead = true;
}

void sessions_reap(struct zmq_door *door)
{
	if (!door->has_dead)
		return;
	door->has_dead = false;
	for (struct session *session = TAILQ_FIRST(&door->sessions), *next; session;
	     session = next) {
		next = TAILQ_NEXT(session, link);
		if (session->state == SESSION_DEAD)
			session_destroy(session);
	}
}

/** Behind what waits already. 0 or CTI_E_NOMEM. */
static int session_queue(struct session *session, const char *kind, struct bus_event *event,
                         const char *text, size_t length, bool extra)
{
	struct zmq_door *door = session->door;
	struct item *item = calloc(1, sizeof *item);
	if (!item)
		return CTI_E_NOMEM;
	if (!event) {
		item->text = malloc(length ? length : 1);
		if (!item->text) {
			free(item);
			return CTI_E_NOMEM;
		}
		memcpy(item->text, text, length);
	}
	item->kind = kind;
	item->event = event ? bus_event_ref(event) : NULL;
	item->length = length;
	item->extra = extra;
	if (extra) {
		session->extra_bytes += length;
	} else {
		session->events++;
		session->bytes += length;
	}
	door->total_bytes += length;
	door->stats.queued_events++;
	door->stats.queued_bytes += length;
	STAILQ_INSERT_TAIL(&session->queue, item, link);
	if (!session->blocked) {
		session->blocked = true;
		TAILQ_INSERT_TAIL(&door->blocked, session, blocked_link);
	}
	return 0;
}

void session_bye(struct session *session, const char *why)
{
	struct zmq_door *door = session->door;
	if (session->state != SESSION_OPEN)
		return;
	queue_clear(session);
	session_unblock(session);
	session->state = SESSION_CLOSING;
	cti_text_clear(&door->text);
	cti_text_literal(&door->text, "{\"text\":");
	cti_text_string(&door->text, why);
	cti_text_literal(&door->text, "}");
	log_info("zmq", "%s (%s): dropped: %s", session->user, session->client, why);
	if (door->text.failed) {
		session_die(session);
		return;
	}
	int code = door_send(door, session->id, session->id_length, "bye", NULL, door->text.data,
	                     door->text.length);
	if (code == CTI_E_BUSY &&
	    !session_queue(session, "bye", NULL, door->text.data, door->text.length, true))
		return;
	session_die(session);
}

/** Why this client must go rather than have one more message wait; NULL: it may. */
static const char *session_overflow(const struct session *session, size_t length, bool extra)
{
	const struct zmq_door *door = session->door;
	if (door->total_bytes + length > door->total_limit)
		return "all clients together have too much waiting: come back and resume";
	if (extra)
		return session->extra_bytes + length > EXTRA_BYTES_MAX
		               ? "too much of snapshots and replays is waiting: come back and "
		                 "resume"
		               : NULL;
	if (session->events >= door->event_limit || session->bytes + length > door->byte_limit)
		return "too slow: too many events are waiting: come back and resume";
	return NULL;
}

void session_send(struct session *session, const char *kind, struct bus_event *event,
                  const char *text, size_t length, bool extra)
{
	struct zmq_door *door = session->door;
	if (session->state != SESSION_OPEN)
		return;
	if (STAILQ_EMPTY(&session->queue)) {
		int code =
		        door_send(door, session->id, session->id_length, kind, event, text, length);
		if (code == CTI_E_CLOSED)
			session_die(session);
		if (code != CTI_E_BUSY)
			return;
	}
	const char *why = session_overflow(session, length, extra);
	if (!why && session_queue(session, kind, event, text, length, extra))
		why = "the server has no memory for your events: come back and resume";
	if (why) {
		door->stats.slow_dropped++;
		session_bye(session, why);
	}
}

void session_send_text(struct session *session, const char *kind, bool extra)
{
	struct cti_text *text = &session->door->text;
	if (text->failed) {
		cti_text_free(text);
		session_bye(session,
		            "the server has no memory for your messages: come back and resume");
		return;
	}
	session_send(session, kind, NULL, text->data, text->length, extra);
}

bool session_flush(struct session *session)
{
	bool progress = false;
	if (session->state == SESSION_DEAD)
		return false;
	for (struct item *item; (item = STAILQ_FIRST(&session->queue)); progress = true) {
		int code = door_send(session->door, session->id, session->id_length, item->kind,
		                     item->event, item->text, item->length);
		if (code == CTI_E_BUSY)
			return progress;
		if (code) {
			session_die(session);
			return progress;
		}
		STAILQ_REMOVE_HEAD(&session->queue, link);
		item_free(session, item);
	}
	session_unblock(session);
	if (session->state == SESSION_CLOSING)
		session_die(session);
	return progress;
}

bool sessions_flush(struct zmq_door *door)
{
	bool progress = false;
	for (struct session *session = TAILQ_FIRST(&door->blocked), *next; session;
	     session = next) {
		next = TAILQ_NEXT(session, blocked_link);
		progress = session_flush(session) || progress;
	}
	return progress;
}
