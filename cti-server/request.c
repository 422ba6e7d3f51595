/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/request.h"

#include "csta/pass.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"
#include "pbx-adapters/host/map.h"
#include "sdk/json_check.h"
#include "sdk/wire.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define DIGEST      32
#define WAITERS_MAX 16    /* repeats that wait for one answer */
#define ASKERS_MAX  10000 /* users whose pace is known; idle ones make room */
#define NUMBER_SIZE 128
#define NUMBERS     6 /* device numbers in a request */
#define TIMEOUT_MIN 100u
#define TIMEOUT_MAX 300000u

/* A user's pace: what is open and a bucket of tokens that fills by the second. */
struct asker {
	struct map_node node;
	size_t open;
	double tokens;
	uint64_t filled_us;
	char name[];
};

struct waiter {
	requests_done *done;
	void *arg;
};

/* A request under way, or answered and remembered. */
struct entry {
	struct map_node node;
	TAILQ_ENTRY(entry) link; /* in `pending` or, once answered, in `answered`, oldest first */
	struct requests *requests;
	struct asker *asker;
	struct cti_reply *reply; /* NULL: under way */
	uint64_t forget_us;
	unsigned char digest[DIGEST];
	struct waiter waiters[WAITERS_MAX];
	size_t waiter_count;
	const char *id;      /* within key */
	const char *service; /* a constant */
	char key[];          /* user, newline, id */
};
TAILQ_HEAD(entries, entry);

struct requests {
	struct clock *clock;
	struct rights *rights;
	struct requests_options options;
	struct cti_timer *forget;
	struct csta_codec *codec; /* for what passes through */
	struct pbx **switches;
	size_t switch_count;
	struct map entries, askers;
	struct entries pending, answered;
	size_t open, remembered;
};

/* ---- life -------------------------------------------------------------------------------- */

static void entry_free(struct entry *entry)
{
	map_remove(&entry->requests->entries, &entry->node);
	if (entry->reply) {
		TAILQ_REMOVE(&entry->requests->answered, entry, link);
		entry->requests->remembered--;
	} else {
		TAILQ_REMOVE(&entry->requests->pending, entry, link);
	}
	free(entry->reply);
	free(entry);
}

static void forget_old(void *arg)
{
	struct requests *requests = arg;
	uint64_t now = clock_now(requests->clock);
	struct entry *entry;
	while ((entry = TAILQ_FIRST(&requests->answered)) && entry->forget_us <= now)
		entry_free(entry);
	if (entry)
		timer_set(requests->forget, entry->forget_us - now);
}

int requests_create(struct requests **out, struct clock *clock, struct rights *rights,
                    const struct requests_options *options, struct cti_error *error)
{
	struct requests *requests = calloc(1, sizeof *requests);
	if (!requests)
		return cti_error_set(error, CTI_E_NOMEM, "requests: out of memory");
	requests->clock = clock;
	requests->rights = rights;
	requests->options = *options;
	TAILQ_INIT(&requests->pending);
	TAILQ_INIT(&requests->answered);
	requests->forget = timer_create_on(clock, "forget requests", forget_old, requests);
	int code = requests->forget ? csta_init(error)
	                            : cti_error_set(error, CTI_E_NOMEM, "requests: out of memory");
	if (!code)
		code = csta_codec_create(&requests->codec, NULL, error);
	if (code) {
		requests_destroy(&requests);
		return code;
	}
	*out = requests;
	return 0;
}

void requests_configure(struct requests *requests, const struct requests_options *options)
{
	requests->options = *options;
}

static void askers_free(struct requests *requests, bool idle_only)
{
	for (size_t i = 0; i < requests->askers.size; i++)
		for (struct map_node *node = requests->askers.buckets[i], *next; node;
		     node = next) {
			struct asker *asker = map_entry(node, struct asker, node);
			next = node->next;
			if (idle_only && asker->open)
				continue;
			map_remove(&requests->askers, node);
			free(asker);
		}
}

void requests_destroy(struct requests **requests)
{
	struct requests *r = *requests;
	if (!r)
		return;
	for (struct entry *entry; (entry = TAILQ_FIRST(&r->pending));)
		entry_free(entry);
	for (struct entry *entry; (entry = TAILQ_FIRST(&r->answered));)
		entry_free(entry);
	askers_free(r, false);
	map_free(&r->entries);
	map_free(&r->askers);
	timer_destroy(&r->forget);
	csta_codec_destroy(&r->codec);
	free(r->switches);
	free(r);
	*requests = NULL;
}

int requests_add(struct requests *requests, struct pbx *pbx)
{
	struct pbx **switches =
	        realloc(requests->switches, (requests->switch_count + 1) * sizeof *switches);
	if (!switches)
		return CTI_E_NOMEM;
	requests->switches = switches;
	switches[requests->switch_count++] = pbx;
	return 0;
}

size_t requests_open(const struct requests *requests)
{
	return requests->open;
}

struct pbx *requests_pbx(const struct requests *requests, const char *name, struct cti_error *error)
{
	char known[80] = "";
	size_t length = 0;
	if (!name && requests->switch_count == 1)
		return requests->switches[0];
	for (size_t i = 0; i < requests->switch_count; i++) {
		if (name && !strcmp(pbx_name(requests->switches[i]), name))
			return requests->switches[i];
		if (length < sizeof known)
			length += (size_t)snprintf(known + length, sizeof known - length, "%s%s",
			                           i ? ", " : "", pbx_name(requests->switches[i]));
	}
	if (name)
		cti_error_set(error, CTI_E_NOTFOUND, "there is no switch '%.40s', but: %s", name,
		              known);
	else
		cti_error_set(error, CTI_E_INVALID, "'switch' must say which: %s", known);
	return NULL;
}

/* ---- JSON from outside ------------------------------------------------------------------- */

json_t *requests_parse(const void *bytes, size_t length, size_t most, struct cti_error *error)
{
	json_error_t why;
	if (length > most) {
		cti_error_set(error, CTI_E_LIMIT, "JSON of %zu octets, at most %zu are taken",
		              length, most);
		return NULL;
	}
	if (cti_json_check(bytes, length, CTI_WIRE_DEPTH_MAX, error))
		return NULL;
	json_t *object = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &why);
	if (!object) {
		cti_error_set(error, CTI_E_INVALID, "JSON, line %d, column %d: %s", why.line,
		              why.column, why.text);
		return NULL;
	}
	if (!json_is_object(object)) {
		cti_error_set(error, CTI_E_INVALID, "JSON: expected an object { ... }");
		json_decref(object);
		return NULL;
	}
	return object;
}

/* ---- answers ----------------------------------------------------------------------------- */

static void refuse(requests_done *done, void *arg, const char *id, const struct cti_error *why)
{
	struct cti_reply reply;
	cti_reply_init(&reply);
	reply.code = why->code;
	reply.text = why->text;
	if (why->code == CTI_E_DENIED || why->code == CTI_E_AUTH)
		reply.category = CTI_CATEGORY_SECURITY;
	done(arg, id, &reply);
}

/** From now on the answer is remembered, within its bounds. */
static void entry_remember(struct entry *entry, struct cti_reply *copy)
{
	struct requests *requests = entry->requests;
	TAILQ_REMOVE(&requests->pending, entry, link);
	entry->reply = copy;
	entry->forget_us = clock_now(requests->clock) + requests->options.memory_us;
	TAILQ_INSERT_TAIL(&requests->answered, entry, link);
	requests->remembered++;
	if (!timer_is_set(requests->forget))
		timer_set(requests->forget, requests->options.memory_us);
	while (requests->remembered > requests->options.remembered)
		entry_free(TAILQ_FIRST(&requests->answered));
}

static void entry_done(void *arg, const struct cti_reply *reply)
{
	struct entry *entry = arg;
	struct requests *requests = entry->requests;
	struct waiter waiters[WAITERS_MAX];
	size_t count = entry->waiter_count;
	char id[CTI_WIRE_REQUEST_ID_MAX + 1];

	log_info("request", "%.*s %s id=%s: %s%s%s", (int)(entry->id - entry->key - 1), entry->key,
	         entry->service, entry->id, cti_code_name(reply->code), reply->text ? " " : "",
	         reply->text ? reply->text : "");
	requests->open--;
	entry->asker->open--;
	memcpy(waiters, entry->waiters, sizeof waiters);
	snprintf(id, sizeof id, "%s", entry->id);
	entry->waiter_count = 0;
	/* What never went out may be tried again under its id. */
	struct cti_reply *copy = reply->code == CTI_E_BUSY ? NULL : cti_reply_copy(reply);
	if (copy)
		entry_remember(entry, copy);
	else
		entry_free(entry);
	for (size_t i = 0; i < count; i++)
		if (waiters[i].done)
			waiters[i].done(waiters[i].arg, id, reply);
}

void requests_forget(struct requests *requests, const void *arg)
{
	struct entry *entry;
	TAILQ_FOREACH (entry, &requests->pending, link)
		for (size_t i = 0; i < entry->waiter_count; i++)
			if (entry->waiters[i].arg == arg)
				entry->waiters[i].done = NULL;
}

/* ---- pace -------------------------------------------------------------------------------- */

static struct asker *asker_of(struct requests *requests, const char *user)
{
	size_t length = strlen(user);
	struct map_node *node = map_find(&requests->askers, user, length);
	if (node)
		return map_entry(node, struct asker, node);
	if (requests->askers.count >= ASKERS_MAX)
		askers_free(requests, true);
	struct asker *asker = calloc(1, sizeof *asker + length + 1);
	if (!asker)
		return NULL;
	memcpy(asker->name, user, length + 1);
	asker->tokens = requests->options.user_per_second;
	asker->filled_us = clock_now(requests->clock);
	if (map_insert(&requests->askers, &asker->node, asker->name, length)) {
		free(asker);
		return NULL;
	}
	return asker;
}

static int pace_check(struct requests *requests, struct asker *asker, struct cti_error *error)
{
	const struct requests_options *options = &requests->options;
	uint64_t now = clock_now(requests->clock);
	if (requests->open >= options->open)
		return cti_error_set(error, CTI_E_BUSY,
		                     "the server has %zu requests under way, try again later",
		                     requests->open);
	if (asker->open >= options->user_open)
		return cti_error_set(error, CTI_E_BUSY, "user '%s' has %zu requests under way",
		                     asker->name, asker->open);
	asker->tokens += (double)(now - asker->filled_us) * options->user_per_second / 1e6;
	if (asker->tokens > options->user_per_second)
		asker->tokens = options->user_per_second;
	asker->filled_us = now;
	if (asker->tokens < 1)
		return cti_error_set(error, CTI_E_BUSY,
		                     "user '%s' asks more than %u times a second", asker->name,
		                     options->user_per_second);
	asker->tokens--;
	return 0;
}

/* ---- asking ------------------------------------------------------------------------------ */

/** What the place says goes in where the object says nothing; both must agree. */
static int place_merge(json_t *object, const struct requests_place *place, struct cti_error *error)
{
	const struct {
		const char *name, *value;
	} members[] = {{"service", place->service},
	               {"switch", place->switch_name},
	               {"device", place->device}};
	for (size_t i = 0; i < 3; i++) {
		json_t *member = json_object_get(object, members[i].name);
		if (!members[i].value)
			continue;
		if (!member &&
		    json_object_set_new(object, members[i].name, json_string(members[i].value)))
			return cti_error_set(error, CTI_E_NOMEM, "out of memory");
		if (member && (!json_is_string(member) ||
		               strcmp(json_string_value(member), members[i].value)))
			return cti_error_set(error, CTI_E_INVALID,
			                     "'%s' differs from the topic's: '%.40s'",
			                     members[i].name, members[i].value);
	}
	json_t *connection = json_object_get(object, "connection");
	if (place->device && json_is_object(connection) &&
	    !json_object_get(connection, "deviceID") &&
	    json_object_set_new(connection, "deviceID", json_string(place->device)))
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	return 0;
}

static int digest_make(const json_t *object, unsigned char digest[DIGEST])
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text)
		return CTI_E_NOMEM;
	int made = EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL);
	OPENSSL_cleanse(text, strlen(text)); /* it may hold an agent's password */
	free(text);
	return made == 1 ? 0 : CTI_E_INTERNAL;
}

/** Numbers as the dial plan writes them, in @p room. */
static void numbers_canonical(const struct pbx *pbx, struct cti_request *request,
                              char room[NUMBERS][NUMBER_SIZE])
{
	const char **numbers[NUMBERS] = {&request->device,         &request->destination,
	                                 &request->group,          &request->connection.device_id,
	                                 &request->held.device_id, NULL};
	for (size_t i = 0; numbers[i]; i++)
		if (*numbers[i]) {
			pbx_canonical(pbx, *numbers[i], room[i], NUMBER_SIZE);
			*numbers[i] = room[i];
		}
}

/** Everything of a request that is read and checked before it is sent. */
struct asked {
	const char *id, *user;
	unsigned char digest[DIGEST];
	struct pbx *pbx;
	struct cti_request request;
	struct cti_wire_attach *attach; /* AttachData instead */
	struct csta_message *message;   /* owns strings of a request that passes through */
	char numbers[NUMBERS][NUMBER_SIZE];
};

/** What passes through is read by libcsta: the device and call that it is about. */
static int asked_pass(const struct requests *requests, struct asked *asked, struct cti_error *error)
{
	struct cti_request *request = &asked->request;
	struct cti_device device;
	int code = csta_pass_request_write(&asked->message, requests->codec, request, error);
	if (!code)
		code = csta_pass_object(asked->message, &device, &request->connection, error);
	if (!code)
		request->device = device.number;
	return code;
}

static int asked_read(const struct requests *requests, struct asked *asked, const json_t *object,
                      struct cti_error *error)
{
	const char *service = json_string_value(json_object_get(object, "service"));
	const char *sw;
	int code;
	if (service && !strcmp(service, CTI_WIRE_ATTACH_DATA)) {
		code = cti_wire_attach_read(&asked->attach, object, error);
		sw = code ? NULL : asked->attach->switch_name;
	} else {
		code = cti_wire_request_read(&asked->request, object, error);
		sw = asked->request.switch_name;
	}
	if (code)
		return code;
	asked->pbx = requests_pbx(requests, sw, error);
	if (!asked->pbx)
		return error->code;
	sw = pbx_name(asked->pbx);
	if (asked->attach)
		return rights_attach(requests->rights, asked->user, sw, asked->attach->interaction,
		                     error);
	struct cti_request *request = &asked->request;
	request->switch_name = sw;
	request->user = asked->user;
	if (!request->timeout_ms)
		request->timeout_ms = CTI_REQUEST_TIMEOUT_MS;
	if (request->timeout_ms < TIMEOUT_MIN)
		request->timeout_ms = TIMEOUT_MIN;
	if (request->timeout_ms > TIMEOUT_MAX)
		request->timeout_ms = TIMEOUT_MAX;
	if (request->service == CTI_SERVICE_OTHER) {
		code = asked_pass(requests, asked, error);
		if (code)
			return code;
	}
	numbers_canonical(asked->pbx, request, asked->numbers);
	return rights_request(requests->rights, asked->user, sw, request, error);
}

/** A repeat: true if it was dealt with. */
static bool repeat(struct entry *entry, const unsigned char digest[DIGEST], const char *id,
                   requests_done *done, void *arg)
{
	struct cti_error why = {0};
	if (memcmp(entry->digest, digest, DIGEST)) {
		cti_error_set(&why, CTI_E_INVALID, "id '%s' was used for another request", id);
	} else if (entry->reply) {
		done(arg, id, entry->reply);
		return true;
	} else if (entry->waiter_count == WAITERS_MAX) {
		cti_error_set(&why, CTI_E_BUSY, "%d repeats wait for this answer already",
		              WAITERS_MAX);
	} else {
		entry->waiters[entry->waiter_count++] = (struct waiter){done, arg};
		return true;
	}
	refuse(done, arg, id, &why);
	return true;
}

static struct entry *entry_make(struct requests *requests, const struct asked *asked,
                                struct asker *asker)
{
	size_t user = strlen(asked->user), id = strlen(asked->id);
	struct entry *entry = calloc(1, sizeof *entry + user + id + 2);
	if (!entry)
		return NULL;
	memcpy(entry->key, asked->user, user);
	entry->key[user] = '\n';
	memcpy(entry->key + user + 1, asked->id, id + 1);
	entry->id = entry->key + user + 1;
	entry->requests = requests;
	entry->asker = asker;
	entry->service = asked->attach    ? CTI_WIRE_ATTACH_DATA
	                 : asked->message ? asked->message->type->element
	                                  : cti_service_name(asked->request.service);
	memcpy(entry->digest, asked->digest, DIGEST);
	if (map_insert(&requests->entries, &entry->node, entry->key, user + id + 1)) {
		free(entry);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&requests->pending, entry, link);
	requests->open++;
	asker->open++;
	return entry;
}

static void attach_send(struct entry *entry, const struct asked *asked)
{
	struct cti_error why = {0};
	struct cti_reply reply;
	cti_reply_init(&reply);
	reply.code = pbx_attach(asked->pbx, asked->attach->interaction, asked->attach->pairs,
	                        asked->attach->pair_count, &why);
	reply.text = reply.code ? why.text : NULL;
	entry_done(entry, &reply);
}

static void demand(const struct asked *asked)
{
	const struct cti_request *request = &asked->request;
	if (request->device)
		pbx_demand(asked->pbx, request->device);
	if (request->connection.device_id)
		pbx_demand(asked->pbx, request->connection.device_id);
}

static int id_check(const char *id, struct cti_error *error)
{
	if (!id || !*id || strlen(id) > CTI_WIRE_REQUEST_ID_MAX)
		return cti_error_set(error, CTI_E_INVALID,
		                     "request: 'id' must be 1 to %d characters",
		                     CTI_WIRE_REQUEST_ID_MAX);
	for (const char *at = id; *at; at++)
		if ((unsigned char)*at < ' ')
			return cti_error_set(error, CTI_E_INVALID,
			                     "request: 'id' must not have control characters");
	return 0;
}

/** Reads, checks and sends; on failure nothing was sent. */
static int ask(struct requests *requests, struct asked *asked, json_t *object,
               const struct requests_place *place, requests_done *done, void *arg,
               struct cti_error *error)
{
	char key[CTI_WIRE_REQUEST_ID_MAX + 128];
	int code = id_check(asked->id, error);
	if (!code && place)
		code = place_merge(object, place, error);
	if (code)
		return code;
	if (!rights_user(requests->rights, asked->user))
		return cti_error_set(error, CTI_E_AUTH, "there is no user '%.64s'", asked->user);
	if (digest_make(object, asked->digest))
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	int length = snprintf(key, sizeof key, "%s\n%s", asked->user, asked->id);
	if ((size_t)length >= sizeof key)
		return cti_error_set(error, CTI_E_INVALID, "the user's name is too long");
	struct map_node *node = map_find(&requests->entries, key, (size_t)length);
	if (node &&
	    repeat(map_entry(node, struct entry, node), asked->digest, asked->id, done, arg))
		return 0;

	struct asker *asker = asker_of(requests, asked->user);
	if (!asker)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	code = pace_check(requests, asker, error);
	if (!code)
		code = asked_read(requests, asked, object, error);
	if (code)
		return code;
	struct entry *entry = entry_make(requests, asked, asker);
	if (!entry)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	entry->waiters[entry->waiter_count++] = (struct waiter){done, arg};
	if (asked->attach) {
		attach_send(entry, asked);
		return 0;
	}
	demand(asked);
	pbx_request(asked->pbx, &asked->request, entry_done, entry);
	return 0;
}

void requests_submit(struct requests *requests, const char *user, json_t *object,
                     const struct requests_place *place, requests_done *done, void *arg)
{
	struct cti_error why = {0};
	struct asked asked = {.user = user, .id = json_string_value(json_object_get(object, "id"))};
	if (ask(requests, &asked, object, place, done, arg, &why)) {
		log_info("request", "%s id=%s: %s %s", user, asked.id ? asked.id : "",
		         cti_code_name(why.code), why.text);
		refuse(done, arg, asked.id ? asked.id : "", &why);
	}
	csta_message_destroy(&asked.message);
	free(asked.attach);
}
