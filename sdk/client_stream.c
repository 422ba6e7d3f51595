/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where each switch's stream stands, and whether something is missing: a client that hears all
 * watches the sequence, one that hears some subjects watches their counters.
 */
#include "sdk/client.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#define SUBJECT_MAX 512 /* longer ones are not watched */

struct counter {
	uint64_t value;
	char subject[];
};

static int counter_compare(const void *a, const void *b)
{
	return strcmp(((const struct counter *)a)->subject, ((const struct counter *)b)->subject);
}

/* ---- Streams and positions ----------------------------------------------------------------- */

void stream_counters_clear(struct stream *stream)
{
	tdestroy(stream->counters, free);
	stream->counters = NULL;
	stream->counter_count = 0;
}

static void string_free(const char *string)
{
	free((void *)(uintptr_t)string);
}

void streams_free(struct cti_client *client)
{
	for (size_t i = 0; i < client->stream_count; i++) {
		struct stream *stream = &client->streams[i];
		stream_counters_clear(stream);
		string_free(stream->told.tenant);
		string_free(stream->told.switch_name);
		string_free(stream->told.link);
		string_free(stream->told.epoch);
		free(stream->epoch);
	}
	free(client->streams);
	client->streams = NULL;
	client->stream_count = 0;
}

static void string_set(const char **to, const char *from)
{
	char *copy = strdup(from ? from : "");
	if (!copy)
		return; /* the old one stays: shown to people only */
	string_free(*to);
	*to = copy;
}

/* The stream of a switch, made when it is new; NULL: no memory, or too many. */
struct stream *stream_get(struct cti_client *client, const char *switch_name)
{
	const char *name = switch_name ? switch_name : "";
	for (size_t i = 0; i < client->stream_count; i++)
		if (!strcmp(client->streams[i].told.switch_name, name))
			return &client->streams[i];
	if (client->stream_count == STREAMS_MAX)
		return NULL;
	struct stream *streams =
	        realloc(client->streams, (client->stream_count + 1) * sizeof *streams);
	if (!streams)
		return NULL;
	client->streams = streams;
	struct stream *stream = &streams[client->stream_count];
	*stream = (struct stream){0};
	stream->told.switch_name = strdup(name);
	if (!stream->told.switch_name)
		return NULL;
	client->stream_count++;
	return stream;
}

/* What a list of streams says; also how far it says that this one is. */
struct stream *stream_read(struct cti_client *client, const json_t *item, const char **epoch,
                           uint64_t *sequence)
{
	const char *name = json_string_value(json_object_get(item, "switch"));
	json_int_t value = json_integer_value(json_object_get(item, "sequence"));
	*epoch = json_string_value(json_object_get(item, "epoch"));
	*sequence = value > 0 ? (uint64_t)value : 0;
	return name && *epoch ? stream_get(client, name) : NULL;
}

bool stream_told(struct cti_client *client, const json_t *streams, bool welcome)
{
	bool anew = false;
	for (size_t i = 0; welcome && i < client->stream_count; i++)
		client->streams[i].present = false;
	for (size_t i = 0; i < json_array_size(streams); i++) {
		const json_t *item = json_array_get(streams, i);
		const char *epoch, *link = json_string_value(json_object_get(item, "link"));
		const char *tenant = json_string_value(json_object_get(item, "tenant"));
		uint64_t sequence;
		struct stream *stream = stream_read(client, item, &epoch, &sequence);
		if (!stream)
			continue;
		anew = anew || (stream->told.epoch && strcmp(stream->told.epoch, epoch) != 0);
		stream->present = true;
		stream->told.sequence = sequence;
		string_set(&stream->told.epoch, epoch);
		if (link || !stream->told.link)
			string_set(&stream->told.link, link);
		if (tenant || !stream->told.tenant)
			string_set(&stream->told.tenant, tenant);
	}
	return anew;
}

void cti_client_streams(const struct cti_client *client,
                        void (*each)(void *arg, const struct cti_stream *stream), void *arg)
{
	for (size_t i = 0; i < client->stream_count; i++)
		if (client->streams[i].present)
			each(arg, &client->streams[i].told);
}

/* From here on events of this epoch after @p sequence are expected. */
void stream_position(struct stream *stream, const char *epoch, uint64_t sequence)
{
	if (!stream->epoch || strcmp(stream->epoch, epoch) != 0) {
		char *copy = strdup(epoch);
		if (!copy)
			return; /* the next event shows the wrong epoch: another repair */
		free(stream->epoch);
		stream->epoch = copy;
		stream_counters_clear(stream);
	}
	stream->sequence = sequence;
	stream->positioned = true;
}

/* ---- Filters and holes --------------------------------------------------------------------- */

static bool filter_matches(const char *filter, const char *subject)
{
	size_t length = strlen(filter);
	if (length > 1 && !strcmp(filter + length - 2, "/*"))
		return !strncmp(filter, subject, length - 1);
	return !strcmp(filter, "all") || !strcmp(filter, subject);
}

/* True if a subscription that is under way hears @p subject; NULL: everything of the switch. */
static bool stream_covered(const struct cti_client *client, const struct stream *stream,
                           const char *subject)
{
	const struct subscription *subscription;
	TAILQ_FOREACH (subscription, &client->subscriptions, link) {
		if (!subscription->confirmed)
			continue;
		if (subscription->switch_name &&
		    strcmp(subscription->switch_name, stream->told.switch_name) != 0)
			continue;
		if (!strcmp(subscription->filter, "all") ||
		    (subject && filter_matches(subscription->filter, subject)))
			return true;
	}
	return false;
}

static struct counter *counter_find(const struct stream *stream, const char *subject)
{
	struct {
		struct counter head;
		char subject[SUBJECT_MAX];
	} key;
	size_t length = strlen(subject);
	if (length >= sizeof key.subject)
		return NULL;
	memcpy(key.head.subject, subject, length + 1);
	struct counter **found = tfind(&key.head, &stream->counters, counter_compare);
	return found ? *found : NULL;
}

static void counter_set(struct stream *stream, const char *subject, uint64_t value)
{
	struct counter *counter = counter_find(stream, subject);
	size_t length = strlen(subject);
	if (counter) {
		counter->value = value;
		return;
	}
	/* Beyond the limit, or without memory: not watched. */
	if (stream->counter_count == COUNTERS_MAX || length >= SUBJECT_MAX)
		return;
	counter = malloc(sizeof *counter + length + 1);
	if (!counter)
		return;
	counter->value = value;
	memcpy(counter->subject, subject, length + 1);
	if (tsearch(counter, &stream->counters, counter_compare))
		stream->counter_count++;
	else
		free(counter);
}

/* Is something missing before this event? */
bool stream_hole(const struct cti_client *client, const struct stream *stream,
                 const struct cti_event *event)
{
	if (!stream->positioned)
		return false;
	if (!event->epoch || strcmp(event->epoch, stream->epoch) != 0)
		return true;
	if (stream_covered(client, stream, NULL))
		return event->sequence > stream->sequence + 1;
	for (size_t i = 0; i < event->subject_count; i++) {
		const struct cti_subject *subject = &event->subjects[i];
		const struct counter *counter = counter_find(stream, subject->subject);
		if (counter && subject->counter > counter->value + 1 &&
		    stream_covered(client, stream, subject->subject))
			return true;
	}
	return false;
}

void stream_account(struct cti_client *client, struct stream *stream, const struct cti_event *event)
{
	bool all = stream_covered(client, stream, NULL);
	if (event->epoch)
		stream_position(stream, event->epoch, event->sequence);
	for (size_t i = 0; !all && i < event->subject_count; i++)
		if (stream_covered(client, stream, event->subjects[i].subject))
			counter_set(stream, event->subjects[i].subject, event->subjects[i].counter);
}

bool stream_duplicate(const struct stream *stream, const struct cti_event *event)
{
	return stream->positioned && event->epoch && !strcmp(event->epoch, stream->epoch) &&
	       event->sequence <= stream->sequence;
}

/* Do the counters of a sync's answer cover every subscription to this stream? */
static bool stream_watched(const struct cti_client *client, const struct stream *stream)
{
	const struct subscription *subscription;
	TAILQ_FOREACH (subscription, &client->subscriptions, link) {
		size_t length = strlen(subscription->filter);
		bool here = !subscription->switch_name ||
		            !strcmp(subscription->switch_name, stream->told.switch_name);
		if (here && (!subscription->confirmed || subscription->filter[length - 1] == '*'))
			return false;
	}
	return true;
}

/*
 * Nothing is missing up to here: a resume need not go back further, even where the events of
 * long ago were about others and are no longer kept.
 */
static void positions_advance(struct cti_client *client)
{
	for (size_t i = 0; i < client->stream_count; i++) {
		struct stream *stream = &client->streams[i];
		if (stream->positioned && stream->told.epoch &&
		    !strcmp(stream->epoch, stream->told.epoch) &&
		    stream->told.sequence > stream->sequence && stream_watched(client, stream))
			stream->sequence = stream->told.sequence;
	}
}

void counters_told(struct cti_client *client, const json_t *streams, const json_t *subjects)
{
	bool lost = false;
	if (client->repairing)
		return;
	const char *key;
	json_t *value;
	for (size_t i = 0; i < json_array_size(streams); i++) {
		const char *epoch;
		uint64_t sequence;
		struct stream *stream =
		        stream_read(client, json_array_get(streams, i), &epoch, &sequence);
		if (stream && stream->positioned && stream_covered(client, stream, NULL))
			lost = lost || strcmp(stream->epoch, epoch) != 0 ||
			       sequence > stream->sequence;
	}
	json_object_foreach ((json_t *)(uintptr_t)subjects, key, value) {
		const char *subject = strchr(key, '/');
		char name[256];
		if (!subject || (size_t)(subject - key) >= sizeof name || !json_is_integer(value))
			continue;
		memcpy(name, key, (size_t)(subject - key));
		name[subject++ - key] = '\0';
		struct stream *stream = stream_get(client, name);
		json_int_t told = json_integer_value(value);
		if (!stream || told < 0 || stream_covered(client, stream, NULL) ||
		    !stream_covered(client, stream, subject))
			continue;
		const struct counter *counter = counter_find(stream, subject);
		if (!counter)
			counter_set(stream, subject, (uint64_t)told);
		else if ((uint64_t)told > counter->value)
			lost = true;
	}
	if (!lost)
		positions_advance(client);
	else if (client_now() >= client->repair_us)
		repair_begin(client);
}
