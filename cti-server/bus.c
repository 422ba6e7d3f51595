/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/bus.h"

#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"
#include "pbx-adapters/host/map.h"
#include "pbx-adapters/host/random.h"
#include "sdk/wire.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>

#define DOORS_MAX       16
#define RING_EVENTS     65536
#define RING_BYTES      (64u << 20)
#define EVENT_SUBJECTS  64      /* subjects that one event is counted on */
#define STREAM_SUBJECTS 1048576 /* counters kept for a stream; then the idlest is forgotten */
#define ID_SIZE         32
#define SUBJECT_LENGTH  256
#define INTERACTION     "interaction/"

struct event_own {
	struct bus_event public;
	atomic_uint refs;
	struct cti_subject subjects[]; /* behind them the JSON and the names */
};

/* What the bus knows of a subject: its counter and its last state. */
struct subject {
	struct map_node node;
	TAILQ_ENTRY(subject) by_use;   /* idlest first */
	TAILQ_ENTRY(subject) by_state; /* in the order in which they first had one */
	uint64_t counter;
	char *state;
	size_t state_length;
	uint64_t state_sequence;
	char name[];
};
TAILQ_HEAD(subjects, subject);

struct bus_stream {
	TAILQ_ENTRY(bus_stream) link;
	struct bus *bus;
	char *tenant, *switch_name;
	char epoch[9];
	uint64_t sequence;
	struct bus_event **ring; /* ring_events slots, first..first+count */
	size_t first, count, bytes;
	uint64_t forgotten;        /* last sequence that the ring has no more */
	uint64_t gap_from, gap_to; /* lost for want of memory and not told yet; 0: none */
	struct map subjects;
	struct subjects by_use, by_state;
	uint64_t counter_floor; /* highest counter of a forgotten subject */
	struct cti_text text;
	void (*refresh)(void *arg);
	void *refresh_arg;
};
TAILQ_HEAD(streams, bus_stream);

struct bus {
	const struct clock *clock;
	struct bus_options options;
	struct streams streams;
	struct {
		const struct bus_door *door;
		void *arg;
	} doors[DOORS_MAX];
};

struct bus_event *bus_event_ref(const struct bus_event *event)
{
	struct event_own *own = map_entry((uintptr_t)event, struct event_own, public);
	atomic_fetch_add_explicit(&own->refs, 1, memory_order_relaxed);
	return &own->public;
}

void bus_event_unref(struct bus_event **event)
{
	if (!*event)
		return;
	struct event_own *own = map_entry(*event, struct event_own, public);
	*event = NULL;
	if (atomic_fetch_sub_explicit(&own->refs, 1, memory_order_acq_rel) == 1)
		free(own);
}

int bus_create(struct bus **out, const struct clock *clock, const struct bus_options *options,
               struct cti_error *error)
{
	struct bus *bus = calloc(1, sizeof *bus);
	if (!bus)
		return cti_error_set(error, CTI_E_NOMEM, "bus: out of memory");
	bus->clock = clock;
	if (options)
		bus->options = *options;
	if (!bus->options.ring_events)
		bus->options.ring_events = RING_EVENTS;
	if (!bus->options.ring_bytes)
		bus->options.ring_bytes = RING_BYTES;
	TAILQ_INIT(&bus->streams);
	*out = bus;
	return 0;
}

static void subject_forget(struct bus_stream *stream, struct subject *subject)
{
	map_remove(&stream->subjects, &subject->node);
	TAILQ_REMOVE(&stream->by_use, subject, by_use);
	if (subject->state)
		TAILQ_REMOVE(&stream->by_state, subject, by_state);
	free(subject->state);
	free(subject);
}

static void ring_drop(struct bus_stream *stream)
{
	struct bus_event *event = stream->ring[stream->first];
	stream->forgotten = event->sequence;
	stream->bytes -= event->json_length;
	stream->first = (stream->first + 1) % stream->bus->options.ring_events;
	stream->count--;
	bus_event_unref(&event);
}

static void stream_destroy(struct bus_stream *stream)
{
	while (stream->count)
		ring_drop(stream);
	for (struct subject *subject; (subject = TAILQ_FIRST(&stream->by_use));)
		subject_forget(stream, subject);
	map_free(&stream->subjects);
	cti_text_free(&stream->text);
	free(stream->ring);
	free(stream->tenant);
	free(stream->switch_name);
	free(stream);
}

void bus_destroy(struct bus **bus)
{
	if (!*bus)
		return;
	for (struct bus_stream *stream; (stream = TAILQ_FIRST(&(*bus)->streams));) {
		TAILQ_REMOVE(&(*bus)->streams, stream, link);
		stream_destroy(stream);
	}
	free(*bus);
	*bus = NULL;
}

int bus_attach(struct bus *bus, const struct bus_door *door, void *arg)
{
	for (size_t i = 0; i < DOORS_MAX; i++)
		if (!bus->doors[i].door) {
			bus->doors[i].door = door;
			bus->doors[i].arg = arg;
			return 0;
		}
	return CTI_E_LIMIT;
}

void bus_detach(struct bus *bus, void *arg)
{
	for (size_t i = 0; i < DOORS_MAX; i++)
		if (bus->doors[i].arg == arg)
			bus->doors[i].door = NULL;
}

static int epoch_make(struct bus_stream *stream)
{
	uint64_t x = stream->bus->options.seed;
	if (!x) {
		if (getrandom(&x, sizeof x, 0) != sizeof x)
			return CTI_E_IO;
	} else {
		for (const char *at = stream->tenant; *at; at++)
			x = random_mix(x ^ (unsigned char)*at);
		for (const char *at = stream->switch_name; *at; at++)
			x = random_mix(x ^ (unsigned char)*at << 8);
	}
	snprintf(stream->epoch, sizeof stream->epoch, "%08" PRIx32, (uint32_t)random_mix(x));
	return 0;
}

struct bus_stream *bus_stream(struct bus *bus, const char *tenant, const char *switch_name)
{
	struct bus_stream *stream;
	TAILQ_FOREACH (stream, &bus->streams, link)
		if (!strcmp(stream->tenant, tenant) && !strcmp(stream->switch_name, switch_name))
			return stream;
	stream = calloc(1, sizeof *stream);
	if (!stream)
		return NULL;
	stream->bus = bus;
	TAILQ_INIT(&stream->by_use);
	TAILQ_INIT(&stream->by_state);
	stream->tenant = strdup(tenant);
	stream->switch_name = strdup(switch_name);
	stream->ring = calloc(bus->options.ring_events, sizeof *stream->ring);
	if (!stream->tenant || !stream->switch_name || !stream->ring || epoch_make(stream)) {
		stream_destroy(stream);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&bus->streams, stream, link);
	return stream;
}

const char *bus_stream_epoch(const struct bus_stream *stream)
{
	return stream->epoch;
}

uint64_t bus_stream_sequence(const struct bus_stream *stream)
{
	return stream->sequence;
}

const char *bus_stream_tenant(const struct bus_stream *stream)
{
	return stream->tenant;
}

const char *bus_stream_switch(const struct bus_stream *stream)
{
	return stream->switch_name;
}

static struct subject *subject_find(const struct bus_stream *stream, const char *name)
{
	struct map_node *node = map_find_text(&stream->subjects, name);
	return node ? map_entry(node, struct subject, node) : NULL;
}

/* Makes room by forgetting the idlest subject without a state. */
static void subjects_limit(struct bus_stream *stream)
{
	struct subject *subject;
	if (stream->subjects.count < STREAM_SUBJECTS)
		return;
	TAILQ_FOREACH (subject, &stream->by_use, by_use)
		if (!subject->state) {
			/* Should it come back it must not repeat a number. */
			if (subject->counter > stream->counter_floor)
				stream->counter_floor = subject->counter;
			subject_forget(stream, subject);
			return;
		}
}

/* The subject, made if it is new, as the one used last. NULL: no memory. */
static struct subject *subject_use(struct bus_stream *stream, const char *name)
{
	struct subject *subject = subject_find(stream, name);
	if (subject) {
		TAILQ_REMOVE(&stream->by_use, subject, by_use);
		TAILQ_INSERT_TAIL(&stream->by_use, subject, by_use);
		return subject;
	}
	subjects_limit(stream);
	size_t length = strlen(name);
	subject = calloc(1, sizeof *subject + length + 1);
	if (!subject)
		return NULL;
	memcpy(subject->name, name, length + 1);
	if (map_insert(&stream->subjects, &subject->node, subject->name, length)) {
		free(subject);
		return NULL;
	}
	subject->counter = stream->counter_floor;
	TAILQ_INSERT_TAIL(&stream->by_use, subject, by_use);
	return subject;
}

static void ring_keep(struct bus_stream *stream, struct bus_event *event)
{
	const struct bus_options *options = &stream->bus->options;
	while (stream->count && (stream->count == options->ring_events ||
	                         stream->bytes + event->json_length > options->ring_bytes))
		ring_drop(stream);
	stream->ring[(stream->first + stream->count) % options->ring_events] = event;
	stream->count++;
	stream->bytes += event->json_length;
}

static size_t text_size(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

/* A copy at *room, which moves on behind it; NULL stays NULL. */
static const char *text_keep(char **room, const char *text, size_t size)
{
	if (!text)
		return NULL;
	char *copy = memcpy(*room, text, size);
	*room += size;
	return copy;
}

/* The rendering and what doors go by, in one block. NULL: no memory. */
static struct bus_event *event_make(struct bus_stream *stream, const struct cti_event *enveloped)
{
	cti_text_clear(&stream->text);
	if (cti_wire_event_write(&stream->text, enveloped) || stream->text.failed) {
		cti_text_free(&stream->text);
		return NULL;
	}
	const struct cti_connection *connection = &enveloped->connection;
	size_t count = enveloped->subject_count, lengths[EVENT_SUBJECTS];
	size_t size = stream->text.length + 1 + text_size(connection->call_id) +
	              text_size(connection->device_id);
	for (size_t i = 0; i < count; i++)
		size += lengths[i] = text_size(enveloped->subjects[i].subject);
	struct event_own *own = malloc(sizeof *own + count * sizeof *own->subjects + size);
	if (!own)
		return NULL;
	char *room = (char *)&own->subjects[count];
	atomic_init(&own->refs, 1);
	own->public = (struct bus_event){
	        .json = text_keep(&room, stream->text.data, stream->text.length + 1),
	        .json_length = stream->text.length,
	        .type = enveloped->type,
	        .flags = enveloped->flags,
	        .tenant = stream->tenant,
	        .switch_name = stream->switch_name,
	        .epoch = stream->epoch,
	        .sequence = enveloped->sequence,
	        .subjects = own->subjects,
	        .subject_count = count,
	        .connection = *connection,
	};
	for (size_t i = 0; i < count; i++)
		own->subjects[i] = (struct cti_subject){
		        text_keep(&room, enveloped->subjects[i].subject, lengths[i]),
		        enveloped->subjects[i].counter};
	own->public.connection.call_id =
	        text_keep(&room, connection->call_id, text_size(connection->call_id));
	own->public.connection.device_id =
	        text_keep(&room, connection->device_id, text_size(connection->device_id));
	return &own->public;
}

/* A contact that is over has no more events: its counter would only grow the table. */
static void interaction_forget(struct bus_stream *stream, const struct cti_event *event)
{
	if ((event->type != CTI_EVENT_INTERACTION_ENDED &&
	     event->type != CTI_EVENT_INTERACTION_MERGED) ||
	    !event->interaction_id)
		return;
	char name[SUBJECT_LENGTH];
	snprintf(name, sizeof name, INTERACTION "%s", event->interaction_id);
	struct subject *subject = subject_find(stream, name);
	if (subject && !subject->state)
		subject_forget(stream, subject);
}

/* "7f3a91c2-1042": written for every event, so without printf. */
static void id_write(char id[ID_SIZE], const struct bus_stream *stream)
{
	char digits[20];
	size_t count = 0, length = sizeof stream->epoch - 1;
	memcpy(id, stream->epoch, length);
	id[length++] = '-';
	for (uint64_t rest = stream->sequence; rest || !count; rest /= 10)
		digits[count++] = (char)('0' + rest % 10);
	while (count)
		id[length++] = digits[--count];
	id[length] = '\0';
}

/* Takes the next number, which is spent whether or not the event comes out. */
static int event_publish(struct bus_stream *stream, const struct cti_event *event,
                         const char *const *names, size_t count)
{
	struct cti_subject subjects[EVENT_SUBJECTS];
	struct cti_event enveloped = *event;
	char id[ID_SIZE];
	bool complete = true;

	stream->sequence++;
	for (size_t i = 0; i < count; i++) {
		struct subject *subject = subject_use(stream, names[i]);
		if (!subject) {
			complete = false;
			continue;
		}
		subjects[i] = (struct cti_subject){subject->name, ++subject->counter};
	}
	id_write(id, stream);
	enveloped.id = id;
	enveloped.tenant = stream->tenant;
	enveloped.switch_name = stream->switch_name;
	enveloped.epoch = stream->epoch;
	enveloped.sequence = stream->sequence;
	if (!enveloped.time_us)
		enveloped.time_us = clock_wall(stream->bus->clock);
	enveloped.subjects = count ? subjects : NULL;
	enveloped.subject_count = count;

	struct bus_event *made = complete ? event_make(stream, &enveloped) : NULL;
	if (!made) {
		if (!stream->gap_from)
			stream->gap_from = stream->sequence;
		stream->gap_to = stream->sequence;
		return CTI_E_NOMEM;
	}
	ring_keep(stream, made);
	for (size_t i = 0; i < DOORS_MAX; i++) {
		const struct bus_door *door = stream->bus->doors[i].door;
		if (door && door->event)
			door->event(stream->bus->doors[i].arg, made, &enveloped);
	}
	interaction_forget(stream, &enveloped);
	return 0;
}

/* Tells what was lost for want of memory, once there is some. */
static void gap_tell(struct bus_stream *stream)
{
	struct cti_event gap;
	if (!stream->gap_from)
		return;
	cti_event_init(&gap, CTI_EVENT_STREAM_GAP);
	gap.gap_from = stream->gap_from;
	gap.gap_to = stream->gap_to;
	gap.text = "the server had no memory for these events";
	if (event_publish(stream, &gap, NULL, 0))
		return;
	log_error("bus", "%s: events %" PRIu64 " to %" PRIu64 " were lost: out of memory",
	          stream->switch_name, gap.gap_from, gap.gap_to);
	stream->gap_from = stream->gap_to = 0;
}

int bus_publish(struct bus_stream *stream, const struct cti_event *event,
                const char *const *subjects, size_t subject_count)
{
	if (subject_count > EVENT_SUBJECTS)
		return CTI_E_LIMIT;
	gap_tell(stream);
	return event_publish(stream, event, subjects, subject_count);
}

int bus_state_set(struct bus_stream *stream, const char *name, const char *json, size_t length)
{
	struct subject *subject = json ? subject_use(stream, name) : subject_find(stream, name);
	if (!subject)
		return json ? CTI_E_NOMEM : 0;
	if (!json && !subject->state)
		return 0;
	if (json && subject->state && length == subject->state_length &&
	    !memcmp(json, subject->state, length))
		return 0;

	char *copy = NULL;
	if (json) {
		copy = malloc(length + 1);
		if (!copy)
			return CTI_E_NOMEM;
		memcpy(copy, json, length);
		copy[length] = '\0';
	}
	if (copy && !subject->state)
		TAILQ_INSERT_TAIL(&stream->by_state, subject, by_state);
	if (!copy)
		TAILQ_REMOVE(&stream->by_state, subject, by_state);
	free(subject->state);
	subject->state = copy;
	subject->state_length = copy ? length : 0;
	subject->state_sequence = stream->sequence;

	struct bus_state state = {
	        stream->tenant, stream->switch_name,   subject->name,
	        copy,           subject->state_length, stream->sequence,
	};
	for (size_t i = 0; i < DOORS_MAX; i++) {
		const struct bus_door *door = stream->bus->doors[i].door;
		if (door && door->state)
			door->state(stream->bus->doors[i].arg, &state);
	}
	return 0;
}

int bus_replay(struct bus_stream *stream, uint64_t sequence, uint64_t *first_kept,
               void (*each)(void *arg, const struct bus_event *), void *arg)
{
	size_t size = stream->bus->options.ring_events;
	if (sequence < stream->forgotten || sequence > stream->sequence) {
		*first_kept = stream->count ? stream->ring[stream->first]->sequence
		                            : stream->sequence + 1;
		return CTI_E_GAP;
	}
	if (!each)
		return 0;
	size_t low = 0, high = stream->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (stream->ring[(stream->first + middle) % size]->sequence <= sequence)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < stream->count; low++)
		each(arg, stream->ring[(stream->first + low) % size]);
	return 0;
}

void bus_stream_refresher(struct bus_stream *stream, void (*refresh)(void *arg), void *arg)
{
	stream->refresh = refresh;
	stream->refresh_arg = arg;
}

static void states_refresh(struct bus_stream *stream)
{
	if (stream->refresh)
		stream->refresh(stream->refresh_arg);
}

bool bus_states_wanted(const struct bus *bus)
{
	for (size_t i = 0; i < DOORS_MAX; i++) {
		const struct bus_door *door = bus->doors[i].door;
		if (door && door->state &&
		    (!door->wants_states || door->wants_states(bus->doors[i].arg)))
			return true;
	}
	return false;
}

void bus_states(struct bus_stream *stream, void (*each)(void *arg, const struct bus_state *),
                void *arg)
{
	struct subject *subject;
	states_refresh(stream);
	TAILQ_FOREACH (subject, &stream->by_state, by_state) {
		struct bus_state state = {
		        stream->tenant, stream->switch_name,   subject->name,
		        subject->state, subject->state_length, subject->state_sequence,
		};
		each(arg, &state);
	}
}

bool bus_state_get(struct bus_stream *stream, const char *name, struct bus_state *out)
{
	states_refresh(stream);
	struct subject *subject = subject_find(stream, name);
	if (!subject || !subject->state)
		return false;
	*out = (struct bus_state){
	        stream->tenant, stream->switch_name,   subject->name,
	        subject->state, subject->state_length, subject->state_sequence,
	};
	return true;
}

void bus_streams(struct bus *bus, void (*each)(void *arg, struct bus_stream *), void *arg)
{
	struct bus_stream *stream;
	TAILQ_FOREACH (stream, &bus->streams, link) {
		each(arg, stream);
	}
}

uint64_t bus_subject_counter(struct bus_stream *stream, const char *subject)
{
	struct subject *known = subject_find(stream, subject);
	return known ? known->counter : 0;
}
