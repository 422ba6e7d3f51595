/* SPDX-License-Identifier: Apache-2.0 */
/** What clients say on ROUTER, and what they are told: sdk/wire.h has a sample of each message. */
#include "cti-server/northbound/topic.h"
#include "cti-server/northbound/zmq_inside.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USER_MAX   64
#define CLIENT_MAX 128

static const char *string_of(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

/** To somebody without a session: what does not go out now is lost to him. */
static void tell(struct zmq_door *door, const void *id, size_t id_length, const char *kind)
{
	if (!door->text.failed)
		door_send(door, id, id_length, kind, NULL, door->text.data, door->text.length);
}

static void error_text(struct zmq_door *door, const struct cti_error *why, const char *id)
{
	struct cti_text *text = &door->text;
	cti_text_clear(text);
	cti_text_literal(text, "{\"code\":");
	cti_text_string(text, cti_code_name(why->code));
	cti_text_literal(text, ",\"text\":");
	cti_text_string(text, why->text);
	if (id) {
		cti_text_literal(text, ",\"id\":");
		cti_text_string(text, id);
	}
	cti_text_literal(text, "}");
}

void protocol_error(struct session *session, const struct cti_error *why, const char *id)
{
	error_text(session->door, why, id);
	session_send_text(session, "error", false);
}

/** An error, then goodbye. */
static void turn_away(struct zmq_door *door, const void *id, size_t id_length,
                      const struct cti_error *why)
{
	error_text(door, why, NULL);
	tell(door, id, id_length, "error");
	cti_text_clear(&door->text);
	cti_text_literal(&door->text, "{\"text\":");
	cti_text_string(&door->text, why->text);
	cti_text_literal(&door->text, "}");
	tell(door, id, id_length, "bye");
}

/* ---- streams ----------------------------------------------------------------------------- */

struct listing {
	struct zmq_door *door;
	const char *user;
	bool more;
};

/** {"tenant":"acme","switch":"hq","epoch":"7f3a91c2","sequence":1042,"link":"up"} */
static void stream_list(void *arg, struct bus_stream *stream)
{
	struct listing *listing = arg;
	struct cti_text *text = &listing->door->text;
	const struct door_context *context = &listing->door->context;
	const char *name = bus_stream_switch(stream);
	struct pbx *pbx = requests_pbx(context->requests, name, NULL);
	if (!rights_switch(context->rights, listing->user, name))
		return;
	cti_text_literal(text, listing->more ? ",{\"tenant\":" : "{\"tenant\":");
	listing->more = true;
	cti_text_string(text, bus_stream_tenant(stream));
	cti_text_literal(text, ",\"switch\":");
	cti_text_string(text, name);
	cti_text_literal(text, ",\"epoch\":");
	cti_text_string(text, bus_stream_epoch(stream));
	cti_text_literal(text, ",\"sequence\":");
	cti_text_unsigned(text, bus_stream_sequence(stream));
	cti_text_literal(text, ",\"link\":");
	cti_text_string(text, topic_link_word(pbx));
	cti_text_literal(text, "}");
}

static void streams_write(struct zmq_door *door, const char *user)
{
	struct listing listing = {door, user, false};
	cti_text_literal(&door->text, "\"streams\":[");
	bus_streams(door->context.bus, stream_list, &listing);
	cti_text_literal(&door->text, "]");
}

/* ---- hello ------------------------------------------------------------------------------- */

static int hello_check(struct zmq_door *door, const json_t *object, const char *peer,
                       const char **user, struct cti_error *error)
{
	const char *asked = string_of(object, "user");
	json_int_t version = json_integer_value(json_object_get(object, "version"));
	if (version != CTI_WIRE_VERSION)
		return cti_error_set(error, CTI_E_UNSUPPORTED,
		                     "hello: protocol version %" JSON_INTEGER_FORMAT
		                     ", this server speaks %d",
		                     version, CTI_WIRE_VERSION);
	if (asked && strlen(asked) > USER_MAX)
		return cti_error_set(error, CTI_E_INVALID, "hello: 'user' is longer than %d octets",
		                     USER_MAX);
	if (peer && *peer) {
		if (asked && *asked && strcmp(asked, peer))
			return cti_error_set(error, CTI_E_AUTH, "hello: this key is not user '%s'",
			                     asked);
		*user = peer;
		return 0;
	}
	*user = asked && *asked ? asked : "anybody";
	return rights_login(door->context.rights, *user, string_of(object, "password"), error);
}

static void hello(struct zmq_door *door, const void *id, size_t id_length, const json_t *object,
                  const char *peer)
{
	struct cti_error why = {0};
	const char *user = NULL, *client = string_of(object, "client");
	int code = hello_check(door, object, peer, &user, &why);
	struct session *session = session_find(door, id, id_length);
	if (code == CTI_E_AUTH)
		door->stats.logins_failed++;
	if (session)
		session_destroy(session); /* whoever it was begins again */
	if (!code && door->stats.sessions >= door->session_limit)
		code = cti_error_set(&why, CTI_E_BUSY, "the server has %zu sessions, its limit",
		                     door->stats.sessions);
	char name[CLIENT_MAX];
	snprintf(name, sizeof name, "%s", client ? client : "");
	session = code ? NULL : session_create(door, id, id_length, user, name);
	if (!code && !session)
		code = cti_error_set(&why, CTI_E_NOMEM, "the server has no memory for a session");
	if (code) {
		log_info("zmq", "hello of '%s' refused: %s",
		         string_of(object, "user") ? string_of(object, "user") : "", why.text);
		turn_away(door, id, id_length, &why);
		return;
	}
	log_debug("zmq", "%s (%s): hello", session->user, session->client);
	struct cti_text *text = &door->text;
	cti_text_clear(text);
	cti_text_literal(text, "{\"version\":");
	cti_text_unsigned(text, CTI_WIRE_VERSION);
	cti_text_literal(text, ",\"server\":");
	cti_text_string(text, door->context.server_id);
	cti_text_literal(text, ",\"user\":");
	cti_text_string(text, session->user);
	cti_text_literal(text, ",\"heartbeatMs\":");
	cti_text_unsigned(text, door->heartbeat_us / 1000);
	cti_text_literal(text, ",");
	streams_write(door, session->user);
	cti_text_literal(text, "}");
	session_send_text(session, "welcome", false);
}

/* ---- subscribe --------------------------------------------------------------------------- */

struct subscribing {
	struct session *session;
	const char *id, *filter, *switch_name;
	const char *epoch; /* of a resume, or NULL */
	uint64_t sequence;
	struct cti_error why; /* of the last stream that was refused */
	size_t made;
	struct filter *current; /* whose states go out */
	struct filter *waiting; /* one that has its replay later */
};

static void state_send(struct subscribing *subscribing, const struct bus_state *state)
{
	struct cti_text *text = &subscribing->session->door->text;
	cti_text_clear(text);
	cti_text_literal(text, "{\"subject\":");
	cti_text_string(text, state->subject);
	cti_text_literal(text, ",\"switch\":");
	cti_text_string(text, state->switch_name);
	cti_text_literal(text, ",\"sequence\":");
	cti_text_unsigned(text, state->sequence);
	cti_text_literal(text, ",\"state\":");
	cti_text_raw(text, state->json, state->json_length);
	cti_text_literal(text, "}");
	session_send_text(subscribing->session, "state", true);
}

static void state_visit(void *arg, const struct bus_state *state)
{
	struct subscribing *subscribing = arg;
	const char *subject = subscribing->current->subject;
	size_t length = strlen(subject);
	if (!strcmp(subject, "all") ||
	    (subject[length - 1] == '*' && !strncmp(subject, state->subject, length - 1)))
		state_send(subscribing, state);
}

static void snapshot_send(struct subscribing *subscribing, struct filter *filter)
{
	struct bus_state state;
	subscribing->current = filter;
	if (!strcmp(filter->subject, "all") || filter->subject[strlen(filter->subject) - 1] == '*')
		bus_states(filter->stream, state_visit, subscribing);
	else if (bus_state_get(filter->stream, filter->subject, &state))
		state_send(subscribing, &state);
}

/** What a client asked to resume is not kept any more: that it knows. */
static void gap_send(struct session *session, struct bus_stream *stream, uint64_t from,
                     const char *why)
{
	struct cti_event gap;
	char id[48];
	cti_event_init(&gap, CTI_EVENT_STREAM_GAP);
	snprintf(id, sizeof id, "%s-%" PRIu64 "-gap", bus_stream_epoch(stream),
	         bus_stream_sequence(stream));
	gap.id = id;
	gap.tenant = bus_stream_tenant(stream);
	gap.switch_name = bus_stream_switch(stream);
	gap.epoch = bus_stream_epoch(stream);
	gap.sequence = bus_stream_sequence(stream);
	gap.time_us = clock_wall(session->door->context.clock);
	gap.gap_from = from;
	gap.gap_to = gap.sequence;
	gap.text = why;
	cti_text_clear(&session->door->text);
	if (!cti_wire_event_write(&session->door->text, &gap))
		session_send_text(session, "event", true);
}

/** True if the filter was put aside for its replay. */
static bool resume_prepare(struct subscribing *subscribing, struct filter *filter)
{
	struct session *session = subscribing->session;
	struct zmq_door *door = session->door;
	uint64_t first = 0;
	if (!subscribing->epoch)
		return false;
	if (strcmp(subscribing->epoch, bus_stream_epoch(filter->stream))) {
		/* Of all switches only the one of that epoch resumes; a named one began anew. */
		if (subscribing->switch_name)
			gap_send(session, filter->stream, 1,
			         "the server began a new stream of this switch");
		return false;
	}
	if (bus_replay(filter->stream, subscribing->sequence, &first, NULL, NULL)) {
		gap_send(session, filter->stream, subscribing->sequence + 1,
		         "the server keeps no events that old");
		return false;
	}
	filter->since = subscribing->sequence;
	filter->resumed = true;
	subscribing->waiting = filter;
	if (!session->resuming) {
		session->resuming = true;
		TAILQ_INSERT_TAIL(&door->resuming, session, resuming_link);
	}
	return true;
}

static void stream_subscribe(void *arg, struct bus_stream *stream)
{
	struct subscribing *subscribing = arg;
	struct session *session = subscribing->session;
	struct zmq_door *door = session->door;
	const char *name = bus_stream_switch(stream);
	char subject[WORD_SIZE];
	if (subscribing->switch_name && strcmp(subscribing->switch_name, name))
		return;
	if (filter_canonical(door, stream, subscribing->filter, subject, &subscribing->why))
		return;
	if (rights_filter(door->context.rights, session->user, name, subject, &subscribing->why)) {
		door->stats.subscriptions_denied++;
		return;
	}
	struct filter *filter = filter_create(session, stream, subscribing->id, subject);
	if (!filter) {
		cti_error_set(&subscribing->why, CTI_E_NOMEM,
		              "the server has no memory for a filter");
		return;
	}
	filter->since = bus_stream_sequence(stream);
	if (!resume_prepare(subscribing, filter)) {
		if (filter_index(filter)) {
			filter_destroy(filter);
			cti_error_set(&subscribing->why, CTI_E_NOMEM,
			              "the server has no memory for a filter");
			return;
		}
		snapshot_send(subscribing, filter);
	}
	subscribing->made++;
	struct pbx *pbx = requests_pbx(door->context.requests, name, NULL);
	if (pbx && !strncmp(subject, "device/", 7) && strcmp(subject, "device/*"))
		pbx_demand(pbx, subject + 7);
}

/** {"id":"1","filter":"device/2001","streams":[{"switch":"hq","epoch":…,"sequence":…,…}]} */
void protocol_subscribed(struct session *session, const char *id)
{
	struct cti_text *text = &session->door->text;
	struct filter *filter;
	const char *name = "", *comma = "";
	TAILQ_FOREACH (filter, &session->filters, by_session)
		if (!strcmp(filter->id, id))
			name = filter->subject;
	cti_text_clear(text);
	cti_text_literal(text, "{\"id\":");
	cti_text_string(text, id);
	cti_text_literal(text, ",\"filter\":");
	cti_text_string(text, name);
	cti_text_literal(text, ",\"streams\":[");
	TAILQ_FOREACH (filter, &session->filters, by_session) {
		if (strcmp(filter->id, id))
			continue;
		cti_text_literal(text, comma);
		cti_text_literal(text, "{\"tenant\":");
		cti_text_string(text, bus_stream_tenant(filter->stream));
		cti_text_literal(text, ",\"switch\":");
		cti_text_string(text, bus_stream_switch(filter->stream));
		cti_text_literal(text, ",\"epoch\":");
		cti_text_string(text, bus_stream_epoch(filter->stream));
		cti_text_literal(text, ",\"sequence\":");
		cti_text_unsigned(text, filter->since);
		cti_text_literal(text,
		                 filter->resumed ? ",\"resumed\":true}" : ",\"resumed\":false}");
		comma = ",";
	}
	cti_text_literal(text, "]}");
	session_send_text(session, "subscribed", false);
}

static int subscribe_check(struct subscribing *subscribing, const json_t *object)
{
	struct session *session = subscribing->session;
	struct cti_error *why = &subscribing->why;
	struct filter *filter;
	const json_t *resume = json_object_get(object, "resume");
	subscribing->id = string_of(object, "id");
	subscribing->filter = string_of(object, "filter");
	subscribing->switch_name = string_of(object, "switch");
	if (!subscribing->id || !*subscribing->id ||
	    strlen(subscribing->id) > CTI_WIRE_REQUEST_ID_MAX)
		return cti_error_set(why, CTI_E_INVALID,
		                     "subscribe: 'id' must be 1 to %d characters",
		                     CTI_WIRE_REQUEST_ID_MAX);
	if (!subscribing->filter)
		return cti_error_set(why, CTI_E_INVALID, "subscribe: 'filter' is missing");
	if (resume) {
		const json_t *sequence = json_object_get(resume, "sequence");
		subscribing->epoch = string_of(resume, "epoch");
		if (!subscribing->epoch || !json_is_integer(sequence) ||
		    json_integer_value(sequence) < 0)
			return cti_error_set(
			        why, CTI_E_INVALID,
			        "subscribe: 'resume' must have an 'epoch' and a 'sequence'");
		subscribing->sequence = (uint64_t)json_integer_value(sequence);
	}
	if (session->filter_count >= session->door->filter_limit)
		return cti_error_set(why, CTI_E_LIMIT, "subscribe: at most %zu filters",
		                     session->door->filter_limit);
	TAILQ_FOREACH (filter, &session->filters, by_session)
		if (!strcmp(filter->id, subscribing->id))
			return cti_error_set(why, CTI_E_EXISTS, "subscribe: id '%s' is in use",
			                     filter->id);
	if (subscribing->switch_name &&
	    !requests_pbx(session->door->context.requests, subscribing->switch_name, why))
		return why->code;
	return 0;
}

static void subscribe(struct session *session, const json_t *object)
{
	struct subscribing subscribing = {.session = session};
	if (!subscribe_check(&subscribing, object)) {
		bus_streams(session->door->context.bus, stream_subscribe, &subscribing);
		if (!subscribing.made && !subscribing.why.code)
			cti_error_set(&subscribing.why, CTI_E_NOTFOUND, "subscribe: no switch yet");
	}
	if (!subscribing.made)
		protocol_error(session, &subscribing.why, subscribing.id);
	else if (subscribing.waiting)
		subscribing.waiting->confirm = true;
	else
		protocol_subscribed(session, subscribing.id);
}

static void unsubscribe(struct session *session, const json_t *object)
{
	const char *id = string_of(object, "id");
	struct filter *filter, *next;
	size_t gone = 0;
	for (filter = TAILQ_FIRST(&session->filters); filter; filter = next) {
		next = TAILQ_NEXT(filter, by_session);
		if (id && !strcmp(filter->id, id)) {
			filter_destroy(filter);
			gone++;
		}
	}
	if (!gone) {
		struct cti_error why;
		cti_error_set(&why, CTI_E_NOTFOUND, "unsubscribe: no filter of that id");
		protocol_error(session, &why, id);
	}
}

/* ---- sync, request ----------------------------------------------------------------------- */

/** "hq/device/2001":41 for a filter of one subject; true if it is one. */
static bool counter_write(struct cti_text *text, const struct filter *filter, const char *comma)
{
	char name[WORD_SIZE * 2];
	size_t length = strlen(filter->subject);
	if (!strcmp(filter->subject, "all") || filter->subject[length - 1] == '*')
		return false;
	snprintf(name, sizeof name, "%s/%s", bus_stream_switch(filter->stream), filter->subject);
	cti_text_literal(text, comma);
	cti_text_string(text, name);
	cti_text_literal(text, ":");
	cti_text_unsigned(text, bus_subject_counter(filter->stream, filter->subject));
	return true;
}

static void sync(struct session *session, const json_t *object)
{
	struct cti_text *text = &session->door->text;
	const struct filter *filter;
	const char *comma = "";
	cti_text_clear(text);
	cti_text_literal(text, "{\"id\":");
	cti_text_string(text, string_of(object, "id"));
	cti_text_literal(text, ",");
	streams_write(session->door, session->user);
	cti_text_literal(text, ",\"subjects\":{");
	TAILQ_FOREACH (filter, &session->filters, by_session) {
		if (counter_write(text, filter, comma))
			comma = ",";
	}
	cti_text_literal(text, "}}");
	session_send_text(session, "sync", false);
}

void protocol_reply(void *arg, const char *id, const struct cti_reply *reply)
{
	struct session *session = arg;
	cti_text_clear(&session->door->text);
	if (cti_wire_reply_write(&session->door->text, id, reply))
		session->door->text.failed = true;
	session_send_text(session, "reply", false);
}

/* ---- all of it --------------------------------------------------------------------------- */

static bool kind_is(const char *kind, size_t length, const char *word)
{
	return length == strlen(word) && !memcmp(kind, word, length);
}

static void session_take(struct session *session, const char *kind, size_t length, json_t *object)
{
	struct zmq_door *door = session->door;
	session->heard_us = clock_now(door->context.clock);
	if (kind_is(kind, length, "subscribe")) {
		subscribe(session, object);
	} else if (kind_is(kind, length, "unsubscribe")) {
		unsubscribe(session, object);
	} else if (kind_is(kind, length, "request")) {
		requests_submit(door->context.requests, session->user, object, NULL, protocol_reply,
		                session);
	} else if (kind_is(kind, length, "sync")) {
		sync(session, object);
	} else if (kind_is(kind, length, "bye")) {
		session->state = SESSION_DEAD;
		door->has_dead = true;
	} else {
		struct cti_error why;
		door->stats.malformed++;
		cti_error_set(&why, CTI_E_INVALID, "unknown kind of message '%.*s'",
		              length < 32 ? (int)length : 32, kind);
		protocol_error(session, &why, NULL);
	}
}

void protocol_take(struct zmq_door *door, const void *id, size_t id_length, const char *kind,
                   size_t kind_length, const void *bytes, size_t length, const char *peer)
{
	struct cti_error why = {0};
	struct session *session = session_find(door, id, id_length);
	bool is_hello = kind_is(kind, kind_length, "hello");
	if (session && session->state != SESSION_OPEN)
		session = NULL;
	if (!session && !is_hello) {
		/* A goodbye needs no answer. */
		if (kind_is(kind, kind_length, "bye"))
			return;
		cti_error_set(&why, CTI_E_AUTH, "no session: say hello first");
		turn_away(door, id, id_length, &why);
		return;
	}
	json_t *object = requests_parse(bytes, length, door->message_max, &why);
	if (!object) {
		door->stats.malformed++;
		if (session)
			protocol_error(session, &why, NULL);
		else
			turn_away(door, id, id_length, &why);
	} else if (is_hello) {
		hello(door, id, id_length, object, peer);
	} else {
		session_take(session, kind, kind_length, object);
	}
	json_decref(object);
}
