/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/northbound/zmq_inside.h"
#include "pbx-adapters/host/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_SIZE 128

static const char *const kinds[] = {"device/", "agent/", "queue/", "interaction/"};
#define KINDS (sizeof kinds / sizeof *kinds)

/** The kind that a subject begins with, with its slash; NULL if it is none of ours. */
static const char *kind_of(const char *subject)
{
	for (size_t i = 0; i < KINDS; i++)
		if (!strncmp(subject, kinds[i], strlen(kinds[i])))
			return kinds[i];
	return NULL;
}

int filter_canonical(struct zmq_door *door, struct bus_stream *stream, const char *filter,
                     char out[WORD_SIZE], struct cti_error *error)
{
	const char *kind = kind_of(filter);
	const char *id = kind ? filter + strlen(kind) : NULL;
	bool all = !strcmp(filter, "all");
	bool star = id && !strcmp(id, "*") && strcmp(kind, "interaction/");
	if ((!all && !star && (!id || !*id || *id == '*')) ||
	    (id && strlen(id) >= WORD_SIZE - strlen("interaction/")))
		return cti_error_set(error, CTI_E_INVALID,
		                     "filter '%.60s': expected all, device/ID, agent/ID, queue/ID, "
		                     "interaction/ID or a * for an ID",
		                     filter);
	struct pbx *pbx = requests_pbx(door->context.requests, bus_stream_switch(stream), NULL);
	char number[NUMBER_SIZE];
	if (pbx && id && !star && (!strcmp(kind, "device/") || !strcmp(kind, "queue/"))) {
		pbx_canonical(pbx, id, number, sizeof number);
		id = number;
	}
	snprintf(out, WORD_SIZE, "%s%s", kind ? kind : "all", id ? id : "");
	return 0;
}

struct filter *filter_create(struct session *session, struct bus_stream *stream, const char *id,
                             const char *subject)
{
	size_t length = strlen(subject);
	struct filter *filter = calloc(1, sizeof *filter + length + 1);
	if (!filter)
		return NULL;
	memcpy(filter->subject, subject, length + 1);
	snprintf(filter->id, sizeof filter->id, "%s", id);
	filter->session = session;
	filter->stream = stream;
	TAILQ_INSERT_TAIL(&session->filters, filter, by_session);
	session->filter_count++;
	return filter;
}

/** "hq device/2001": octets of the key, 0 if it does not fit. */
static size_t key_make(char key[WORD_SIZE * 2], const char *switch_name, const char *subject)
{
	size_t a = strlen(switch_name), b = strlen(subject);
	if (a + b + 2 > WORD_SIZE * 2)
		return 0;
	memcpy(key, switch_name, a);
	key[a] = ' ';
	memcpy(key + a + 1, subject, b + 1);
	return a + b + 1;
}

static struct topic *topic_find(const struct zmq_door *door, const char *key, size_t length)
{
	struct map_node *node = map_find(&door->topics, key, length);
	return node ? map_entry(node, struct topic, node) : NULL;
}

int filter_index(struct filter *filter)
{
	struct zmq_door *door = filter->session->door;
	char key[WORD_SIZE * 2];
	size_t length = key_make(key, bus_stream_switch(filter->stream), filter->subject);
	if (!length)
		return CTI_E_LIMIT;
	struct topic *topic = topic_find(door, key, length);
	if (!topic) {
		topic = calloc(1, sizeof *topic + length + 1);
		if (!topic)
			return CTI_E_NOMEM;
		memcpy(topic->key, key, length + 1);
		TAILQ_INIT(&topic->filters);
		if (map_insert(&door->topics, &topic->node, topic->key, length)) {
			free(topic);
			return CTI_E_NOMEM;
		}
	}
	filter->topic = topic;
	TAILQ_INSERT_TAIL(&topic->filters, filter, by_topic);
	return 0;
}

void filter_destroy(struct filter *filter)
{
	struct session *session = filter->session;
	struct topic *topic = filter->topic;
	if (topic) {
		TAILQ_REMOVE(&topic->filters, filter, by_topic);
		if (TAILQ_EMPTY(&topic->filters)) {
			map_remove(&session->door->topics, &topic->node);
			free(topic);
		}
	}
	TAILQ_REMOVE(&session->filters, filter, by_session);
	session->filter_count--;
	free(filter);
}

bool filter_matches(const struct filter *filter, const struct bus_event *event)
{
	if (door_event_is_common(event) || !strcmp(filter->subject, "all"))
		return true;
	size_t length = strlen(filter->subject);
	bool star = filter->subject[length - 1] == '*';
	for (size_t i = 0; i < event->subject_count; i++)
		if (star ? !strncmp(event->subjects[i].subject, filter->subject, length - 1)
		         : !strcmp(event->subjects[i].subject, filter->subject))
			return true;
	return false;
}

/** To every session of a topic that has not got this event yet. */
static void topic_publish(struct zmq_door *door, const struct bus_event *event, const char *subject)
{
	char key[WORD_SIZE * 2];
	size_t length = key_make(key, event->switch_name, subject);
	struct topic *topic = length ? topic_find(door, key, length) : NULL;
	struct filter *filter;
	if (!topic)
		return;
	TAILQ_FOREACH (filter, &topic->filters, by_topic) {
		struct session *session = filter->session;
		if (session->mark == door->mark)
			continue;
		session->mark = door->mark;
		session_send(session, "event", (struct bus_event *)(uintptr_t)event, event->json,
		             event->json_length, false);
	}
}

static bool session_hears(const struct session *session, const char *switch_name)
{
	const struct filter *filter;
	TAILQ_FOREACH (filter, &session->filters, by_session) {
		if (filter->topic && !strcmp(bus_stream_switch(filter->stream), switch_name))
			return true;
	}
	return false;
}

/** What concerns a switch as a whole goes to whoever listens to anything of it. */
static void common_publish(struct zmq_door *door, const struct bus_event *event)
{
	struct session *session;
	TAILQ_FOREACH (session, &door->sessions, link) {
		if (session_hears(session, event->switch_name))
			session_send(session, "event", (struct bus_event *)(uintptr_t)event,
			             event->json, event->json_length, false);
	}
}

void filters_publish(struct zmq_door *door, const struct bus_event *event)
{
	if (!door->topics.count)
		return;
	door->mark++;
	if (door_event_is_common(event)) {
		common_publish(door, event);
		return;
	}
	topic_publish(door, event, "all");
	for (size_t i = 0; i < event->subject_count; i++) {
		const char *kind = kind_of(event->subjects[i].subject);
		char star[32];
		topic_publish(door, event, event->subjects[i].subject);
		if (!kind)
			continue;
		snprintf(star, sizeof star, "%s*", kind);
		topic_publish(door, event, star);
	}
}

/* ---- resuming ---------------------------------------------------------------------------- */

struct replay {
	struct session *session;
	struct bus_stream *stream;
};

static void replay_event(void *arg, const struct bus_event *event)
{
	struct replay *replay = arg;
	struct filter *filter;
	TAILQ_FOREACH (filter, &replay->session->filters, by_session) {
		if (filter->stream != replay->stream || filter->topic ||
		    event->sequence <= filter->since || !filter_matches(filter, event))
			continue;
		session_send(replay->session, "event", (struct bus_event *)(uintptr_t)event,
		             event->json, event->json_length, true);
		return;
	}
}

/** Everything of one stream that the session's new filters missed, in order. */
static void stream_resume(struct session *session, struct bus_stream *stream)
{
	struct replay replay = {session, stream};
	uint64_t from = UINT64_MAX, first;
	struct filter *filter;
	TAILQ_FOREACH (filter, &session->filters, by_session)
		if (filter->stream == stream && !filter->topic && filter->since < from)
			from = filter->since;
	if (from < bus_stream_sequence(stream))
		bus_replay(stream, from, &first, replay_event, &replay);
	TAILQ_FOREACH (filter, &session->filters, by_session)
		if (filter->stream == stream && !filter->topic && filter_index(filter))
			session_bye(session, "the server has no memory for your filters");
}

void filters_resume(struct zmq_door *door)
{
	struct session *session;
	while ((session = TAILQ_FIRST(&door->resuming))) {
		struct filter *filter;
		TAILQ_REMOVE(&door->resuming, session, resuming_link);
		session->resuming = false;
		TAILQ_FOREACH (filter, &session->filters, by_session)
			if (!filter->topic && session->state == SESSION_OPEN)
				stream_resume(session, filter->stream);
		TAILQ_FOREACH (filter, &session->filters, by_session)
			if (filter->confirm) {
				filter->confirm = false;
				protocol_subscribed(session, filter->id);
			}
	}
}
