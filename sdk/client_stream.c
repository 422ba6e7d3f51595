/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing lost, or you are told. Every event of a switch has a sequence, and for each of its
 * subjects a counter without holes. A client that hears all watches the sequence; one that hears
 * some subjects watches their counters.
 *
 * A hole, and a new connection, begin a *repair*: every subscription asks to resume after the
 * last sequence delivered. The server answers one subscription after the other, so what comes is
 * held back until all are confirmed, then sorted, cleared of duplicates and delivered. A hole
 * that is still there becomes a stream.gap.
 */
#include "sdk/client.h"
#include "sdk/wire_reader.h"

#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATE_BYTES (16 * 1024) /* a snapshot as a tree, about */

struct counter {
	uint64_t value;
	char subject[];
};

static int counter_compare(const void *a, const void *b)
{
	return strcmp(((const struct counter *)a)->subject, ((const struct counter *)b)->subject);
}

/* ---- Streams and positions ------------------------------------------------------------------ */

static void counters_clear(struct stream *stream)
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
		counters_clear(stream);
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
static struct stream *stream_read(struct cti_client *client, const json_t *item, const char **epoch,
                                  uint64_t *sequence)
{
	const char *name = json_string_value(json_object_get(item, "switch"));
	json_int_t value = json_integer_value(json_object_get(item, "sequence"));
	*epoch = json_string_value(json_object_get(item, "epoch"));
	*sequence = value > 0 ? (uint64_t)value : 0;
	return name && *epoch ? stream_get(client, name) : NULL;
}

void stream_told(struct cti_client *client, const json_t *streams, bool welcome)
{
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
		stream->present = true;
		stream->told.sequence = sequence;
		string_set(&stream->told.epoch, epoch);
		if (link || !stream->told.link)
			string_set(&stream->told.link, link);
		if (tenant || !stream->told.tenant)
			string_set(&stream->told.tenant, tenant);
	}
}

void cti_client_streams(const struct cti_client *client,
                        void (*each)(void *arg, const struct cti_stream *stream), void *arg)
{
	for (size_t i = 0; i < client->stream_count; i++)
		if (client->streams[i].present)
			each(arg, &client->streams[i].told);
}

/* From here on events of this epoch after @p sequence are expected. */
static void position_set(struct stream *stream, const char *epoch, uint64_t sequence)
{
	if (!stream->epoch || strcmp(stream->epoch, epoch) != 0) {
		char *copy = strdup(epoch);
		if (!copy)
			return; /* the next event shows the wrong epoch: another repair */
		free(stream->epoch);
		stream->epoch = copy;
		counters_clear(stream);
	}
	stream->sequence = sequence;
	stream->positioned = true;
}

/* ---- Filters and holes ------------------------------------------------------------------------
 */

static bool filter_matches(const char *filter, const char *subject)
{
	size_t length = strlen(filter);
	if (length > 1 && !strcmp(filter + length - 2, "/*"))
		return !strncmp(filter, subject, length - 1);
	return !strcmp(filter, "all") || !strcmp(filter, subject);
}

/* True if a subscription that is under way hears @p subject; NULL: everything of the switch. */
static bool covered(const struct cti_client *client, const struct stream *stream,
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
		char subject[512];
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
	if (stream->counter_count == COUNTERS_MAX || length >= 512)
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
static bool hole_before(const struct cti_client *client, const struct stream *stream,
                        const struct cti_event *event)
{
	if (!stream->positioned)
		return false;
	if (!event->epoch || strcmp(event->epoch, stream->epoch) != 0)
		return true;
	if (covered(client, stream, NULL))
		return event->sequence > stream->sequence + 1;
	for (size_t i = 0; i < event->subject_count; i++) {
		const struct cti_subject *subject = &event->subjects[i];
		const struct counter *counter = counter_find(stream, subject->subject);
		if (counter && subject->counter > counter->value + 1 &&
		    covered(client, stream, subject->subject))
			return true;
	}
	return false;
}

static void event_account(struct cti_client *client, struct stream *stream,
                          const struct cti_event *event)
{
	bool all = covered(client, stream, NULL);
	if (event->epoch)
		position_set(stream, event->epoch, event->sequence);
	for (size_t i = 0; !all && i < event->subject_count; i++)
		if (covered(client, stream, event->subjects[i].subject))
			counter_set(stream, event->subjects[i].subject, event->subjects[i].counter);
}

/* ---- Delivery -----------------------------------------------------------------------------------
 */

static void event_deliver(struct cti_client *client, const struct cti_event *event)
{
	if (event->type == CTI_EVENT_TYPES) { /* newer than this library */
		client->stats.unknown++;
		return;
	}
	if (event->type == CTI_EVENT_STREAM_GAP)
		client->stats.gaps++;
	client->stats.events++;
	if (!client->handlers.event)
		return;
	client->calls++;
	client->handlers.event(client->arg, event);
}

/* Tell the application that what lay between position and @p before is gone. */
static void gap_deliver(struct cti_client *client, const struct stream *stream, uint64_t before)
{
	struct cti_event gap;
	cti_event_init(&gap, CTI_EVENT_STREAM_GAP);
	gap.tenant = stream->told.tenant;
	gap.switch_name = stream->told.switch_name;
	gap.epoch = stream->epoch;
	gap.gap_from = stream->sequence + 1;
	gap.gap_to = before > gap.gap_from ? before - 1 : gap.gap_from;
	gap.text = "events were lost between the server and this client";
	event_deliver(client, &gap);
}

/* A gap that the server tells: what counts from now on comes with the snapshots after it. */
static void server_gap(struct cti_client *client, struct stream *stream,
                       const struct cti_event *event)
{
	uint64_t end = event->sequence > event->gap_to ? event->sequence : event->gap_to;
	counters_clear(stream);
	if (event->epoch && stream->epoch && !strcmp(event->epoch, stream->epoch) &&
	    end > stream->sequence)
		stream->sequence = end;
	event_deliver(client, event);
}

static bool duplicate(const struct stream *stream, const struct cti_event *event)
{
	return stream->positioned && event->epoch && !strcmp(event->epoch, stream->epoch) &&
	       event->sequence <= stream->sequence;
}

/* Deliver in order; with @p last a hole is a gap, otherwise the caller repairs it. */
static bool event_pass(struct cti_client *client, const struct cti_event *event, bool last)
{
	struct stream *stream = stream_get(client, event->switch_name);
	if (!stream) {
		client->stats.malformed++;
		return true;
	}
	if (event->type == CTI_EVENT_STREAM_GAP) {
		server_gap(client, stream, event);
		return true;
	}
	if (duplicate(stream, event)) {
		client->stats.duplicates++;
		return true;
	}
	if (hole_before(client, stream, event)) {
		if (!last && client_now() >= client->repair_us)
			return false;
		client->repair_failed = last;
		client->refresh = true;
		gap_deliver(client, stream, event->sequence);
		if (client->dead)
			return true;
	}
	event_account(client, stream, event);
	event_deliver(client, event);
	return true;
}

/* ---- Repair
 * ----------------------------------------------------------------------------------------- */

static void held_clear(struct cti_client *client)
{
	for (size_t i = 0; i < client->held_count; i++) {
		free(client->held[i].event);
		json_decref(client->held[i].state);
	}
	client->held_count = 0;
	client->held_bytes = 0;
}

/* There is more to catch up with than is held: tell it, and begin anew from snapshots. */
static void repair_give_up(struct cti_client *client)
{
	held_clear(client);
	client->repairing = false;
	for (size_t i = 0; i < client->stream_count && !client->dead; i++) {
		struct stream *stream = &client->streams[i];
		if (!stream->positioned)
			continue;
		stream->positioned = false;
		gap_deliver(client, stream, stream->told.sequence + 1);
		counters_clear(stream);
	}
	if (!client->dead && client->session.ready)
		subscriptions_send(client);
}

/* Keep it until the repair ends; false: it was too much, the repair is over. */
static bool hold(struct cti_client *client, struct cti_event *event, json_t *state, size_t bytes)
{
	if (client->held_count == HELD_MAX || client->held_bytes > HELD_BYTES_MAX - bytes) {
		repair_give_up(client);
		return false;
	}
	if (client->held_count == client->held_size) {
		size_t size = client->held_size ? client->held_size * 2 : 64;
		struct held *held = realloc(client->held, size * sizeof *held);
		if (!held) {
			repair_give_up(client);
			return false;
		}
		client->held = held;
		client->held_size = size;
	}
	client->held[client->held_count] = (struct held){
	        .sequence =
	                event ? event->sequence
	                      : (uint64_t)json_integer_value(json_object_get(state, "sequence")),
	        .order = client->held_count,
	        .event = event,
	        .state = state,
	};
	client->held_count++;
	client->held_bytes += bytes;
	return true;
}

static int held_compare(const void *a, const void *b)
{
	const struct held *one = a, *other = b;
	if (one->sequence != other->sequence)
		return one->sequence < other->sequence ? -1 : 1;
	return one->order < other->order ? -1 : one->order > other->order;
}

static void subscriptions_tell(struct cti_client *client)
{
	struct subscription *subscription;
	do {
		TAILQ_FOREACH (subscription, &client->subscriptions, link)
			if (subscription->tell)
				break;
		if (!subscription)
			return;
		subscription->tell = false;
		if (subscription->callback) {
			client->calls++;
			subscription->callback(subscription->arg, NULL);
		}
	} while (!client->dead);
}

static void repair_flush(struct cti_client *client)
{
	/* Callbacks may make this one lose its session: it works on a list of its own. */
	struct held *held = client->held;
	size_t count = client->held_count;
	client->held = NULL;
	client->held_count = client->held_size = client->held_bytes = 0;
	client->repairing = client->repair_failed = client->refresh = false;
	if (count)
		qsort(held, count, sizeof *held, held_compare);
	for (size_t i = 0; i < count; i++) {
		if (!client->dead && held[i].event)
			event_pass(client, held[i].event, true);
		else if (!client->dead)
			state_deliver(client, held[i].state);
		free(held[i].event);
		json_decref(held[i].state);
	}
	free(held);
	/* What does not help is not tried at once again. */
	if (client->repair_failed) {
		uint64_t pause = client->repair_pause_us * 2;
		client->repair_pause_us = !pause                   ? SECOND_US
		                          : pause > REPAIR_LAST_US ? REPAIR_LAST_US
		                                                   : pause;
		client->repair_us = client_now() + client->repair_pause_us;
	} else {
		client->repair_pause_us = 0;
	}
}

/* Once every subscription is confirmed: deliver what was held, tell who asked. */
static void repair_end(struct cti_client *client)
{
	const struct subscription *subscription;
	if (client->repairing) {
		TAILQ_FOREACH (subscription, &client->subscriptions, link)
			if (subscription->waiting)
				return;
		repair_flush(client);
	}
	if (!client->dead)
		subscriptions_tell(client);
	if (!client->dead)
		echoes_tell(client);
}

/* ---- Subscriptions on the wire
 * ---------------------------------------------------------------------- */

static void wire_id_write(struct cti_text *text, const struct subscription *subscription,
                          unsigned part)
{
	char id[48];
	snprintf(id, sizeof id, "{\"id\":\"S%d.%u.%u\"", subscription->number,
	         subscription->generation, part);
	cti_text_literal(text, id);
}

static void part_send(struct cti_client *client, struct subscription *subscription,
                      const char *switch_name, const struct stream *resume)
{
	struct cti_text *text = &client->text;
	cti_text_clear(text);
	wire_id_write(text, subscription, subscription->parts);
	cti_text_literal(text, ",\"filter\":");
	cti_text_string(text, subscription->filter);
	if (switch_name) {
		cti_text_literal(text, ",\"switch\":");
		cti_text_string(text, switch_name);
	}
	if (resume) {
		cti_text_literal(text, ",\"resume\":{\"epoch\":");
		cti_text_string(text, resume->epoch);
		cti_text_literal(text, ",\"sequence\":");
		cti_text_unsigned(text, resume->sequence);
		cti_text_literal(text, "}");
	}
	cti_text_literal(text, "}");
	subscription->parts++;
	subscription->waiting++;
	session_send(client, "subscribe");
}

static void parts_end(struct cti_client *client, struct subscription *subscription)
{
	for (unsigned part = 0; part < subscription->parts; part++) {
		cti_text_clear(&client->text);
		wire_id_write(&client->text, subscription, part);
		cti_text_literal(&client->text, "}");
		session_send(client, "unsubscribe");
	}
	subscription->parts = subscription->waiting = 0;
}

/* One message, or one a switch where a position is to be resumed. */
static void subscription_send(struct cti_client *client, struct subscription *subscription)
{
	const char *wanted = subscription->switch_name;
	subscription->generation++;
	subscription->parts = subscription->waiting = 0;
	for (size_t i = 0; subscription->confirmed && i < client->stream_count; i++) {
		const struct stream *stream = &client->streams[i];
		if (!stream->present || (wanted && strcmp(wanted, stream->told.switch_name) != 0))
			continue;
		part_send(client, subscription, stream->told.switch_name,
		          stream->positioned ? stream : NULL);
	}
	if (!subscription->parts)
		part_send(client, subscription, wanted, NULL);
}

/*
 * Subscribe again to everything, resuming where there is a position; what is new here and waits
 * for its confirmation is left alone.
 */
void subscriptions_send(struct cti_client *client)
{
	struct subscription *subscription;
	bool resume = false;
	client->confirm_by_us = client_now() + CONFIRM_US;
	for (size_t i = 0; i < client->stream_count; i++) {
		client->streams[i].reset = false;
		resume = resume || client->streams[i].positioned;
	}
	TAILQ_FOREACH (subscription, &client->subscriptions, link) {
		client->repairing = client->repairing || (resume && subscription->confirmed);
		if (subscription->confirmed)
			parts_end(client, subscription);
	}
	TAILQ_FOREACH (subscription, &client->subscriptions, link)
		if (subscription->confirmed || !subscription->waiting)
			subscription_send(client, subscription);
}

static void repair_begin(struct cti_client *client)
{
	client->stats.repairs++;
	subscriptions_send(client);
}

void event_received(struct cti_client *client, const char *json, size_t length)
{
	struct cti_event *event;
	/* One that cannot be read makes a hole, which the next one shows. */
	if (wire_event_read_any(&event, json, length, NULL)) {
		client->stats.malformed++;
		return;
	}
	if (!client->repairing && event_pass(client, event, false)) {
		free(event);
		return;
	}
	if (!client->repairing)
		repair_begin(client);
	if (!hold(client, event, NULL, length))
		free(event);
}

void state_received(struct cti_client *client, json_t *message)
{
	if (!client->repairing)
		state_deliver(client, message);
	else if (hold(client, NULL, message, STATE_BYTES))
		json_incref(message);
}

void subscriptions_lost(struct cti_client *client)
{
	struct subscription *subscription;
	TAILQ_FOREACH (subscription, &client->subscriptions, link) {
		subscription->parts = subscription->waiting = 0;
		subscription->tell = false;
	}
	held_clear(client);
	client->repairing = false;
}

/* Snapshots anew, without resuming: what a gap took away. */
static void snapshots_refresh(struct cti_client *client)
{
	struct subscription *subscription;
	client->refresh = false;
	client->confirm_by_us = client_now() + CONFIRM_US;
	TAILQ_FOREACH (subscription, &client->subscriptions, link) {
		if (!subscription->confirmed)
			continue;
		parts_end(client, subscription);
		subscription->generation++;
		part_send(client, subscription, subscription->switch_name, NULL);
	}
}

static bool unconfirmed(const struct cti_client *client)
{
	const struct subscription *subscription;
	TAILQ_FOREACH (subscription, &client->subscriptions, link)
		if (subscription->waiting)
			return true;
	return false;
}

void stream_time(struct cti_client *client, uint64_t now)
{
	if (!client->session.ready)
		return;
	if (now >= client->confirm_by_us && unconfirmed(client))
		session_lost(client, CTI_E_TIMEOUT, "the server does not confirm a subscription");
	else if (client->repairing && !unconfirmed(client))
		repair_end(client);
	else if (client->refresh && !client->repairing && now >= client->repair_us)
		snapshots_refresh(client);
}

uint64_t stream_deadline(const struct cti_client *client)
{
	if (!client->session.ready)
		return UINT64_MAX;
	uint64_t at = unconfirmed(client) ? client->confirm_by_us
	              : client->repairing ? 0 /* the last one it waited for was taken away */
	                                  : UINT64_MAX;
	if (client->refresh && !client->repairing && client->repair_us < at)
		at = client->repair_us;
	return at;
}

/* ---- What the server says of subscriptions
 * ---------------------------------------------------------- */

/* The subscription that a wire id is of; NULL if it is none, or of an earlier generation. */
static struct subscription *subscription_of(const struct cti_client *client, const char *id)
{
	int number;
	unsigned generation, part;
	char end;
	struct subscription *subscription;
	if (!id || sscanf(id, "S%d.%u.%u%c", &number, &generation, &part, &end) != 3)
		return NULL;
	TAILQ_FOREACH (subscription, &client->subscriptions, link)
		if (subscription->number == number && subscription->generation == generation &&
		    part < subscription->parts)
			return subscription;
	return NULL;
}

/* Where the stream stood when the subscription began to hear it. */
static void position_told(struct cti_client *client, const json_t *item)
{
	const char *epoch;
	uint64_t sequence;
	struct stream *stream = stream_read(client, item, &epoch, &sequence);
	if (!stream || json_is_true(json_object_get(item, "resumed")))
		return;
	bool same = stream->positioned && !strcmp(stream->epoch, epoch);
	if (client->repairing && !stream->reset) {
		/* Not resumed. Later subscriptions of this repair may say a later sequence,
		 * while events of the earlier ones are held: the first one counts. */
		stream->reset = true;
		counters_clear(stream);
		position_set(stream, epoch, sequence);
	} else if (!client->repairing && (!same || sequence > stream->sequence)) {
		position_set(stream, epoch, sequence);
	}
}

void subscribed_received(struct cti_client *client, json_t *message)
{
	struct subscription *subscription =
	        subscription_of(client, json_string_value(json_object_get(message, "id")));
	const json_t *streams = json_object_get(message, "streams");
	if (!subscription || !subscription->waiting)
		return;
	for (size_t i = 0; i < json_array_size(streams); i++)
		position_told(client, json_array_get(streams, i));
	if (--subscription->waiting)
		return;
	subscription->confirmed = true;
	subscription->tell = true;
	repair_end(client);
}

static void subscription_free(struct cti_client *client, struct subscription *subscription)
{
	TAILQ_REMOVE(&client->subscriptions, subscription, link);
	client->subscription_count--;
	free(subscription->filter);
	free(subscription->switch_name);
	free(subscription);
}

bool subscription_refused(struct cti_client *client, const char *id, const struct cti_error *why)
{
	struct subscription *subscription = subscription_of(client, id);
	if (!subscription)
		return id[0] == 'S';
	cti_subscribed *callback = subscription->callback;
	void *arg = subscription->arg;
	parts_end(client, subscription);
	subscription_free(client, subscription);
	if (callback) {
		client->calls++;
		callback(arg, why);
	}
	if (!client->dead)
		repair_end(client);
	return true;
}

void subscriptions_free(struct cti_client *client)
{
	while (!TAILQ_EMPTY(&client->subscriptions))
		subscription_free(client, TAILQ_FIRST(&client->subscriptions));
	held_clear(client);
	free(client->held);
	client->held = NULL;
}

void counters_told(struct cti_client *client, const json_t *streams, const json_t *subjects)
{
	bool lost = false;
	const char *key;
	json_t *value;
	for (size_t i = 0; i < json_array_size(streams); i++) {
		const char *epoch;
		uint64_t sequence;
		struct stream *stream =
		        stream_read(client, json_array_get(streams, i), &epoch, &sequence);
		if (stream && stream->positioned && covered(client, stream, NULL))
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
		if (!stream || told < 0 || covered(client, stream, NULL) ||
		    !covered(client, stream, subject))
			continue;
		const struct counter *counter = counter_find(stream, subject);
		if (!counter)
			counter_set(stream, subject, (uint64_t)told);
		else if ((uint64_t)told > counter->value)
			lost = true;
	}
	if (lost && !client->repairing && client_now() >= client->repair_us)
		repair_begin(client);
}

/* ---- Subscribing
 * ------------------------------------------------------------------------------------- */

static bool filter_valid(const char *filter)
{
	static const char *const objects[] = {"device/", "agent/", "queue/", "interaction/"};
	if (!filter || strlen(filter) > 256)
		return false;
	for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
		if (!strncmp(filter, objects[i], strlen(objects[i])))
			return filter[strlen(objects[i])] != '\0';
	return !strcmp(filter, "all");
}

int cti_subscribe(struct cti_client *client, const char *filter, const char *switch_name,
                  cti_subscribed *callback, void *arg)
{
	if (!filter_valid(filter))
		return CTI_E_INVALID;
	if (client->subscription_count == CTI_CLIENT_SUBSCRIPTIONS_MAX ||
	    client->subscription_number == INT32_MAX)
		return CTI_E_LIMIT;
	struct subscription *subscription = calloc(1, sizeof *subscription);
	if (!subscription)
		return CTI_E_NOMEM;
	subscription->filter = strdup(filter);
	subscription->switch_name = switch_name ? strdup(switch_name) : NULL;
	if (!subscription->filter || (switch_name && !subscription->switch_name)) {
		free(subscription->filter);
		free(subscription);
		return CTI_E_NOMEM;
	}
	subscription->callback = callback;
	subscription->arg = arg;
	subscription->number = ++client->subscription_number;
	TAILQ_INSERT_TAIL(&client->subscriptions, subscription, link);
	client->subscription_count++;
	int number = subscription->number;
	if (client->session.ready) {
		client->confirm_by_us = client_now() + CONFIRM_US;
		subscription_send(client, subscription);
	}
	client_settle(client);
	return number;
}

int cti_unsubscribe(struct cti_client *client, int number)
{
	struct subscription *subscription;
	TAILQ_FOREACH (subscription, &client->subscriptions, link)
		if (subscription->number == number)
			break;
	if (!subscription)
		return CTI_E_NOTFOUND;
	if (client->session.ready)
		parts_end(client, subscription);
	subscription_free(client, subscription);
	/* Counters of what is no longer heard go stale; those still heard are learnt again. */
	for (size_t i = 0; i < client->stream_count; i++)
		counters_clear(&client->streams[i]);
	client_settle(client);
	return 0;
}
