/* SPDX-License-Identifier: Apache-2.0 */
/* Subscriptions: kept here, said to the server again and again. */
#include "sdk/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool subscriptions_waiting(const struct cti_client *client)
{
	const struct subscription *subscription;
	TAILQ_FOREACH (subscription, &client->subscriptions, link)
		if (subscription->waiting)
			return true;
	return false;
}

void subscriptions_tell(struct cti_client *client)
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

/* ---- Subscriptions on the wire ------------------------------------------------------------- */

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
	client_session_send(client, "subscribe");
}

static void parts_end(struct cti_client *client, struct subscription *subscription)
{
	for (unsigned part = 0; part < subscription->parts; part++) {
		cti_text_clear(&client->text);
		wire_id_write(&client->text, subscription, part);
		cti_text_literal(&client->text, "}");
		client_session_send(client, "unsubscribe");
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
		client->streams[i].reset = client->streams[i].gap_told = false;
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
	client->repair_echoed = false;
	if (client->repairing)
		client->repair_echo = echo_send_quiet(client);
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

void stream_time(struct cti_client *client, uint64_t now)
{
	if (!client->session.ready)
		return;
	if (now >= client->confirm_by_us &&
	    (subscriptions_waiting(client) || (client->repairing && !client->repair_echoed)))
		session_lost(client, CTI_E_TIMEOUT, "the server does not confirm a subscription");
	else if (client->repairing && client->repair_echoed && !subscriptions_waiting(client))
		repair_end(client);
	else if (client->refresh && !client->repairing && now >= client->repair_us)
		snapshots_refresh(client);
}

uint64_t stream_deadline(const struct cti_client *client)
{
	if (!client->session.ready)
		return UINT64_MAX;
	uint64_t at = UINT64_MAX;
	if (subscriptions_waiting(client) || (client->repairing && !client->repair_echoed))
		at = client->confirm_by_us;
	else if (client->repairing)
		at = 0; /* the last one it waited for was taken away */
	if (client->refresh && !client->repairing && client->repair_us < at)
		at = client->repair_us;
	return at;
}

/* ---- What the server says of subscriptions ------------------------------------------------- */

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
		stream_counters_clear(stream);
		stream_position(stream, epoch, sequence);
	} else if (!client->repairing && (!same || sequence > stream->sequence)) {
		stream_position(stream, epoch, sequence);
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

/* ---- Subscribing --------------------------------------------------------------------------- */

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
		free(subscription->switch_name);
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
		stream_counters_clear(&client->streams[i]);
	client_settle(client);
	return 0;
}
