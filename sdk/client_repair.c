/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing lost, or you are told. Every event of a switch has a sequence, and for each of its
 * subjects a counter without holes. A client that hears all watches the sequence; one that hears
 * some subjects watches their counters.
 *
 * A hole, and a new connection, begin a *repair*: every subscription asks to resume after the
 * last sequence delivered. The server answers one subscription after the other, so what comes is
 * held back until all are confirmed and an echo says that the replay is complete, then sorted,
 * cleared of duplicates and delivered. A hole that is still there becomes a stream.gap.
 */
#include "sdk/client.h"
#include "sdk/wire_reader.h"

#include <stdlib.h>
#include <string.h>

#define STATE_BYTES (16 * 1024) /* a snapshot as a tree, about */

/* ---- Delivery ------------------------------------------------------------------------------ */

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

/* Tell the application that what lay between position and @p next of @p epoch is gone. */
static void gap_deliver(struct cti_client *client, const struct stream *stream, const char *epoch,
                        uint64_t next)
{
	bool same = epoch && stream->epoch && !strcmp(epoch, stream->epoch);
	struct cti_event gap;
	cti_event_init(&gap, CTI_EVENT_STREAM_GAP);
	gap.tenant = stream->told.tenant;
	gap.switch_name = stream->told.switch_name;
	gap.epoch = epoch;
	gap.gap_from = same ? stream->sequence + 1 : 1;
	gap.gap_to = next > gap.gap_from ? next - 1 : gap.gap_from;
	gap.text = "events were lost between the server and this client";
	event_deliver(client, &gap);
}

/* A gap that the server tells: what counts from now on comes with the snapshots after it. */
static void server_gap(struct cti_client *client, struct stream *stream,
                       const struct cti_event *event)
{
	uint64_t end = event->sequence > event->gap_to ? event->sequence : event->gap_to;
	stream_counters_clear(stream);
	if (event->epoch && stream->epoch && !strcmp(event->epoch, stream->epoch) &&
	    end > stream->sequence)
		stream->sequence = end;
	event_deliver(client, event);
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
		/* The server tells it once for each subscription that cannot resume. */
		if (last && stream->gap_told)
			return true;
		stream->gap_told = last;
		server_gap(client, stream, event);
		return true;
	}
	if (stream_duplicate(stream, event)) {
		client->stats.duplicates++;
		return true;
	}
	if (stream_hole(client, stream, event)) {
		if (!last && client_now() >= client->repair_us)
			return false;
		client->repair_failed = last;
		client->refresh = true;
		gap_deliver(client, stream, event->epoch, event->sequence);
		if (client->dead)
			return true;
	}
	stream_account(client, stream, event);
	event_deliver(client, event);
	return true;
}

/* ---- Repair -------------------------------------------------------------------------------- */

void held_clear(struct cti_client *client)
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
		gap_deliver(client, stream, stream->told.epoch, stream->told.sequence + 1);
		stream_counters_clear(stream);
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
	        /* A gap, then the snapshots, then what came after. */
	        .sequence = event && event->type != CTI_EVENT_STREAM_GAP ? event->sequence : 0,
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
void repair_end(struct cti_client *client)
{
	if (client->repairing && (!client->repair_echoed || subscriptions_waiting(client)))
		return;
	if (client->repairing)
		repair_flush(client);
	if (!client->dead)
		subscriptions_tell(client);
	if (!client->dead)
		echoes_tell(client);
}

/* ---- What comes ---------------------------------------------------------------------------- */

void repair_begin(struct cti_client *client)
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
