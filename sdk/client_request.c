/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests and echoes. A request is rendered once and kept until its answer: after a reconnect
 * it is sent again with the same id, which the server answers without doing it twice.
 */
#include "sdk/client.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Requests ----------------------------------------------------------------------------- */

static void pending_free(struct cti_client *client, struct pending *pending)
{
	TAILQ_REMOVE(&client->pendings, pending, link);
	client->pending_count--;
	if (pending->message.data) /* may hold an agent's password */
		explicit_bzero(pending->message.data, pending->message.length);
	cti_text_free(&pending->message);
	free(pending);
}

/* It is over: off the list first, then tell. */
static void pending_end(struct cti_client *client, struct pending *pending,
                        const struct cti_reply *reply)
{
	cti_replied *callback = pending->callback;
	void *arg = pending->arg;
	pending_free(client, pending);
	if (!callback)
		return;
	client->calls++;
	callback(arg, reply);
}

static void pending_fail(struct cti_client *client, struct pending *pending, int code,
                         const char *text)
{
	struct cti_reply reply;
	cti_reply_init(&reply);
	reply.code = code;
	reply.text = text;
	pending_end(client, pending, &reply);
}

static void pending_send(struct cti_client *client, struct pending *pending)
{
	cti_text_clear(&client->text);
	cti_text_raw(&client->text, pending->message.data, pending->message.length);
	client_session_send(client, "request");
	if (client->text.data)
		explicit_bzero(client->text.data, client->text.length);
	pending->deadline_us += pending->sent ? 0 : GRACE_US;
	pending->sent = pending->current = true;
}

void requests_send(struct cti_client *client)
{
	struct pending *pending;
	TAILQ_FOREACH (pending, &client->pendings, link)
		if (!pending->current)
			pending_send(client, pending);
}

void requests_lost(struct cti_client *client)
{
	struct pending *pending;
	TAILQ_FOREACH (pending, &client->pendings, link)
		pending->current = false;
}

static void requests_end_some(struct cti_client *client, int code, const char *text)
{
	struct pending *pending = TAILQ_FIRST(&client->pendings);
	while (pending && !client->dead) {
		struct pending *next = TAILQ_NEXT(pending, link);
		bool ending = pending->ending;
		if (ending)
			pending_fail(client, pending, code, text);
		/* A callback may have changed the list. */
		pending = ending ? TAILQ_FIRST(&client->pendings) : next;
	}
}

void requests_forgotten(struct cti_client *client)
{
	struct pending *pending;
	TAILQ_FOREACH (pending, &client->pendings, link)
		pending->ending = pending->sent;
	requests_end_some(client, CTI_E_UNKNOWN_OUTCOME,
	                  "the server was restarted; it may have been done");
}

/* All that are open now: what a callback asks next has its own life. */
void requests_end(struct cti_client *client, int code, const char *text)
{
	struct pending *pending;
	TAILQ_FOREACH (pending, &client->pendings, link)
		pending->ending = true;
	while ((pending = TAILQ_FIRST(&client->pendings)) && pending->ending)
		pending_fail(client, pending, code, text);
}

void requests_time(struct cti_client *client, uint64_t now)
{
	struct pending *pending, *next;
	TAILQ_FOREACH (pending, &client->pendings, link)
		pending->ending = now >= pending->deadline_us;
	for (pending = TAILQ_FIRST(&client->pendings); pending; pending = next) {
		next = TAILQ_NEXT(pending, link);
		if (!pending->ending)
			continue;
		if (!pending->deadline_us)
			pending_fail(client, pending, CTI_E_CLOSED, "the client was disconnected");
		else if (pending->sent)
			pending_fail(client, pending, CTI_E_UNKNOWN_OUTCOME,
			             "the server did not answer in time; it may have been done");
		else
			pending_fail(client, pending, CTI_E_TIMEOUT,
			             "no connection to the server in time; nothing was done");
		if (client->dead)
			return;
		next = TAILQ_FIRST(&client->pendings); /* a callback may have changed the list */
	}
}

uint64_t requests_deadline(const struct cti_client *client)
{
	const struct pending *pending;
	uint64_t at = UINT64_MAX;
	TAILQ_FOREACH (pending, &client->pendings, link)
		if (pending->deadline_us < at)
			at = pending->deadline_us;
	return at;
}

static struct pending *pending_find(const struct cti_client *client, const char *id)
{
	struct pending *pending;
	TAILQ_FOREACH (pending, &client->pendings, link)
		if (!strcmp(pending->id, id))
			return pending;
	return NULL;
}

void reply_received(struct cti_client *client, json_t *message)
{
	struct cti_reply *reply;
	const char *id = json_string_value(json_object_get(message, "id"));
	struct pending *pending = id ? pending_find(client, id) : NULL;
	struct cti_error error;
	if (!pending) {
		client->stats.unknown++;
	} else if (cti_wire_reply_read(&reply, &id, message, &error)) {
		client->stats.malformed++;
		pending_fail(client, pending, CTI_E_UNKNOWN_OUTCOME, error.text);
	} else {
		pending_end(client, pending, reply);
		free(reply);
	}
}

bool request_refused(struct cti_client *client, const char *id, const struct cti_error *why)
{
	struct pending *pending = pending_find(client, id);
	if (pending)
		pending_fail(client, pending, why->code, why->text);
	return pending != NULL;
}

/* Room for one more. Its id is ours, or the caller's. */
static int pending_create(struct cti_client *client, struct pending **out, const char *id,
                          unsigned timeout_ms, cti_replied *callback, void *arg)
{
	if (client->pending_count == CTI_CLIENT_REQUESTS_MAX)
		return CTI_E_BUSY;
	if (id && (strlen(id) > CTI_WIRE_REQUEST_ID_MAX || pending_find(client, id)))
		return CTI_E_INVALID;
	struct pending *pending = calloc(1, sizeof *pending);
	if (!pending)
		return CTI_E_NOMEM;
	if (id)
		snprintf(pending->id, sizeof pending->id, "%s", id);
	else
		snprintf(pending->id, sizeof pending->id, "%08" PRIx32 "-%u", client->id_prefix,
		         ++client->id_number);
	pending->deadline_us = client_now() + (uint64_t)timeout_ms * 1000;
	pending->callback = callback;
	pending->arg = arg;
	TAILQ_INSERT_TAIL(&client->pendings, pending, link);
	client->pending_count++;
	*out = pending;
	return 0;
}

/* Rendered: on its way, or off the list without a call. */
static int pending_start(struct cti_client *client, struct pending *pending, int code)
{
	if (code)
		pending_free(client, pending);
	else if (client->session.ready)
		pending_send(client, pending);
	client_settle(client);
	return code;
}

int cti_request(struct cti_client *client, const struct cti_request *request, cti_replied *callback,
                void *arg)
{
	struct cti_request copy = *request;
	struct pending *pending;
	if (!copy.timeout_ms)
		copy.timeout_ms = client->timeout_ms ? client->timeout_ms : CTI_REQUEST_TIMEOUT_MS;
	if (!copy.switch_name)
		copy.switch_name = client->switch_name;
	int code = pending_create(client, &pending, copy.id, copy.timeout_ms, callback, arg);
	if (code)
		return code;
	copy.id = pending->id;
	return pending_start(client, pending, cti_wire_request_write(&pending->message, &copy));
}

int cti_attach_data(struct cti_client *client, const char *interaction,
                    const struct cti_pair *pairs, size_t count, cti_replied *callback, void *arg)
{
	struct cti_wire_attach attach = {
	        .switch_name = client->switch_name,
	        .interaction = interaction,
	        .pairs = pairs,
	        .pair_count = count,
	};
	unsigned timeout_ms = client->timeout_ms ? client->timeout_ms : CTI_REQUEST_TIMEOUT_MS;
	struct pending *pending;
	size_t octets = 0;
	if (!interaction || !count)
		return CTI_E_INVALID;
	for (size_t i = 0; i < count; i++) {
		if (!pairs[i].key || !pairs[i].value)
			return CTI_E_INVALID;
		octets += strlen(pairs[i].key) + strlen(pairs[i].value);
	}
	if (octets > CTI_WIRE_ATTACHED_MAX)
		return CTI_E_LIMIT;
	int code = pending_create(client, &pending, NULL, timeout_ms, callback, arg);
	if (code)
		return code;
	attach.id = pending->id;
	return pending_start(client, pending, cti_wire_attach_write(&pending->message, &attach));
}

struct waiting {
	bool done;
	struct cti_reply *reply;
};

static void waiting_replied(void *arg, const struct cti_reply *reply)
{
	struct waiting *waiting = arg;
	waiting->done = true;
	waiting->reply = cti_reply_copy(reply);
}

int cti_call_wait(struct cti_client *client, const struct cti_request *request,
                  struct cti_reply **out, struct cti_error *error)
{
	struct waiting waiting = {0};
	if (client->depth)
		return cti_error_set(error, CTI_E_STATE, "not from within a callback");
	int code = cti_connect(client, error);
	if (code)
		return code;
	code = cti_request(client, request, waiting_replied, &waiting);
	if (code)
		return cti_error_set(error, code, "%s: %s",
		                     request->element ? request->element
		                                      : cti_service_name(request->service),
		                     cti_strerror(code));
	/* Ends by the request's own deadline. */
	while (!waiting.done) {
		int done = cti_dispatch(client, -1);
		if (done < 0)
			return cti_error_set(error, done, "%s", cti_strerror(done));
	}
	if (!waiting.reply)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	code = waiting.reply->code;
	if (code)
		cti_error_set(error, code, "%s",
		              waiting.reply->text ? waiting.reply->text : cti_strerror(code));
	*out = waiting.reply;
	return code;
}

/* ---- Echoes --------------------------------------------------------------------------------- */

static void echo_send(struct cti_client *client, struct echo *echo)
{
	cti_text_clear(&client->text);
	cti_text_literal(&client->text, "{\"id\":\"");
	cti_text_unsigned(&client->text, echo->number);
	cti_text_literal(&client->text, "\"}");
	client_session_send(client, "sync");
	echo->sent = true;
}

static struct echo *echo_create(struct cti_client *client)
{
	struct echo *echo = calloc(1, sizeof *echo);
	if (!echo)
		return NULL;
	echo->number = ++client->echo_number;
	TAILQ_INSERT_TAIL(&client->echoes, echo, link);
	return echo;
}

int cti_client_sync(struct cti_client *client, void (*callback)(void *arg, int code), void *arg)
{
	struct echo *echo = echo_create(client);
	if (!echo)
		return CTI_E_NOMEM;
	echo->callback = callback;
	echo->arg = arg;
	if (client->session.ready)
		echo_send(client, echo);
	client_settle(client);
	return 0;
}

unsigned echo_send_quiet(struct cti_client *client)
{
	struct echo quiet = {.number = ++client->echo_number};
	echo_send(client, &quiet);
	return quiet.number;
}

void echoes_send(struct cti_client *client)
{
	struct echo *echo;
	TAILQ_FOREACH (echo, &client->echoes, link)
		if (!echo->sent)
			echo_send(client, echo);
}

void echoes_lost(struct cti_client *client)
{
	struct echo *echo;
	TAILQ_FOREACH (echo, &client->echoes, link)
		echo->sent = echo->answered;
}

static void echo_end(struct cti_client *client, struct echo *echo, int code)
{
	void (*callback)(void *arg, int code) = echo->callback;
	void *arg = echo->arg;
	TAILQ_REMOVE(&client->echoes, echo, link);
	free(echo);
	if (!callback)
		return;
	client->calls++;
	callback(arg, code);
}

void echo_received(struct cti_client *client, const json_t *message)
{
	const char *id = json_string_value(json_object_get(message, "id"));
	unsigned long number = id ? strtoul(id, NULL, 10) : 0;
	struct echo *echo;
	TAILQ_FOREACH (echo, &client->echoes, link)
		if (echo->number == number)
			echo->answered = true;
	if (client->repairing && client->repair_echo == number)
		client->repair_echoed = true;
	repair_end(client);
}

void echoes_tell(struct cti_client *client)
{
	struct echo *echo = TAILQ_FIRST(&client->echoes);
	while (echo && !client->dead) {
		struct echo *next = TAILQ_NEXT(echo, link);
		bool answered = echo->answered;
		if (answered)
			echo_end(client, echo, 0);
		/* A callback may have changed the list. */
		echo = answered ? TAILQ_FIRST(&client->echoes) : next;
	}
}

void echoes_end(struct cti_client *client, int code)
{
	struct echo *echo;
	TAILQ_FOREACH (echo, &client->echoes, link)
		echo->ending = true;
	while ((echo = TAILQ_FIRST(&client->echoes)) && echo->ending)
		echo_end(client, echo, code);
}
