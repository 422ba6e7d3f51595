/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/flows/fields.h"

#include "pbx-adapters/host/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum type {
	DEVICE,     /* its number, or why there is none: restricted, notKnown, ... */
	CONNECTION, /* "17/2003" */
	CALL,       /* the call id of a connection */
	STATE,      /* the state of a connection */
	STRING,
	OCTETS, /* as text, bytes that do not print as \xx */
	COUNT,  /* int, -1: not there */
	NUMBER, /* unsigned, 0: not there */
	BOOLEAN,
	FLAG, /* a bit of event.flags */
	LOCAL_STATE,
	AGENT_STATE,
	PENDING_STATE, /* "" where it is unknown */
	REQUESTED_STATE,
	PARTICIPATION,
	CATEGORY,
	CODE,
	PARTIES, /* the devices of the connection list, sorted: "2001,2003" */
	AGENTS,  /* the rows of GetAgentState: "7001:ready" */
	CALLS,   /* the rows of a snapshot: "17/2003:connected" */
	ATTACHED,
};

struct field {
	const char *name;
	enum type type;
	size_t offset;
	unsigned bit;
	bool alias; /* another name of a field that stands above */
};

#define E(name, type, member)                                                                      \
	{                                                                                          \
		name, type, offsetof(struct cti_event, member), 0, false                           \
	}
#define ALIAS(name, type, member)                                                                  \
	{                                                                                          \
		name, type, offsetof(struct cti_event, member), 0, true                            \
	}
#define F(name, bit)                                                                               \
	{                                                                                          \
		name, FLAG, offsetof(struct cti_event, flags), bit, false                          \
	}
static const struct field event_fields[] = {
        E("device", DEVICE, subject),
        E("connection", CONNECTION, connection),
        E("call", CALL, connection),
        E("state", STATE, connection),
        E("callingDevice", DEVICE, calling),
        E("calledDevice", DEVICE, called),
        E("lastRedirectionDevice", DEVICE, last_redirection),
        E("otherDevice", DEVICE, other),
        ALIAS("newDestination", DEVICE, other),
        ALIAS("transferredToDevice", DEVICE, other),
        ALIAS("addedParty", DEVICE, other),
        E("associatedCallingDevice", DEVICE, associated_calling),
        E("associatedCalledDevice", DEVICE, associated_called),
        E("networkCallingDevice", DEVICE, network_calling),
        E("networkCalledDevice", DEVICE, network_called),
        E("originalCallingDevice", DEVICE, original_calling),
        E("cause", STRING, cause),
        E("localState", LOCAL_STATE, local_state),
        E("primaryOldCall", CONNECTION, primary_old),
        E("secondaryOldCall", CONNECTION, secondary_old),
        E("parties", PARTIES, items),
        E("numberQueued", COUNT, number_queued),
        E("callsInFront", COUNT, calls_in_front),
        E("correlator", OCTETS, correlator),
        E("userData", OCTETS, user_data),
        E("digits", STRING, digits),
        E("agent", STRING, agent_id),
        E("group", DEVICE, group),
        E("pending", PENDING_STATE, pending_state),
        E("reason", STRING, reason),
        E("interaction", STRING, interaction_id),
        E("parent", STRING, parent),
        E("mergedInto", STRING, merged_into),
        E("request", STRING, request_id),
        E("text", STRING, text),
        E("monitor", STRING, monitor),
        E("monitored", BOOLEAN, monitored),
        E("progress", NUMBER, progress),
        E("total", NUMBER, total),
        F("resync", CTI_EVENT_RESYNC),
        F("anomaly", CTI_EVENT_ANOMALY),
        F("derived", CTI_EVENT_DERIVED),
        F("distribution", CTI_EVENT_DISTRIBUTION),
        E("attached", ATTACHED, attached),
        {NULL, DEVICE, 0, 0, false},
};
#undef E
#undef F
#undef ALIAS

#define E(name, type, member)                                                                      \
	{                                                                                          \
		name, type, offsetof(struct cti_request, member), 0, false                         \
	}
static const struct field request_fields[] = {
        E("device", STRING, device),
        E("connection", CONNECTION, connection),
        E("held", CONNECTION, held),
        E("destination", STRING, destination),
        E("group", STRING, group),
        E("agent", STRING, agent_id),
        E("password", STRING, password),
        E("reason", STRING, reason),
        E("agentState", REQUESTED_STATE, agent_state),
        E("participation", PARTICIPATION, participation),
        E("doNotPrompt", BOOLEAN, do_not_prompt),
        E("callType", BOOLEAN, call_type),
        E("monitor", STRING, monitor),
        E("correlator", OCTETS, correlator),
        E("userData", OCTETS, user_data),
        E("privateData", STRING, private_data),
        E("id", STRING, id),
        E("timeoutMs", NUMBER, timeout_ms),
        {NULL, DEVICE, 0, 0, false},
};
#undef E

#define E(name, type, member)                                                                      \
	{                                                                                          \
		name, type, offsetof(struct cti_reply, member), 0, false                           \
	}
static const struct field reply_fields[] = {
        E("code", CODE, code),
        E("category", CATEGORY, category),
        E("value", STRING, value),
        E("text", STRING, text),
        E("connection", CONNECTION, connection),
        E("call", CALL, connection),
        E("parties", PARTIES, items),
        E("monitor", STRING, monitor),
        E("calls", CALLS, snapshot),
        E("callingDevice", DEVICE, calling),
        E("calledDevice", DEVICE, called),
        E("agents", AGENTS, agents),
        E("pendingState", PENDING_STATE, pending_state),
        E("systemStatus", STRING, system_status),
        E("privateData", STRING, private_data),
        {NULL, DEVICE, 0, 0, false},
};
#undef E

static const struct field *const tables[] = {
        [FIELD_EVENT] = event_fields,
        [FIELD_REQUEST] = request_fields,
        [FIELD_REPLY] = reply_fields,
};

static const char *const device_words[] = {
        [CTI_DEVICE_ABSENT] = "",
        [CTI_DEVICE_NUMBER] = "",
        [CTI_DEVICE_NOT_KNOWN] = "notKnown",
        [CTI_DEVICE_RESTRICTED] = "restricted",
        [CTI_DEVICE_NOT_REQUIRED] = "notRequired",
        [CTI_DEVICE_NOT_SPECIFIED] = "notSpecified",
};
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

void *field_pool_take(struct field_pool *pool, const void *from, size_t length)
{
	void *block;

	if (pool->count == pool->size) {
		size_t size = pool->size ? 2 * pool->size : 16;
		void **grown = realloc(pool->blocks, size * sizeof(*grown));

		if (!grown)
			return NULL;
		pool->blocks = grown;
		pool->size = size;
	}
	block = calloc(1, length + 1);
	if (!block)
		return NULL;
	if (from)
		memcpy(block, from, length);
	pool->blocks[pool->count++] = block;
	return block;
}

void field_pool_free(struct field_pool *pool)
{
	for (size_t i = 0; i < pool->count; i++)
		free(pool->blocks[i]);
	free(pool->blocks);
	memset(pool, 0, sizeof(*pool));
}

static const struct field *field_find(enum field_of of, const char *name)
{
	static const struct field one_pair = {"attached.", ATTACHED, 0, 0, false};

	if (of == FIELD_EVENT && strncmp(name, "attached.", 9) == 0 && name[9])
		return &one_pair;
	for (const struct field *f = tables[of]; f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

bool field_known(enum field_of of, const char *name)
{
	return field_find(of, name) != NULL;
}

const char *field_nearest(enum field_of of, const char *name)
{
	const char *names[COUNT_OF(event_fields) + 1];
	size_t count = 0;

	for (const struct field *f = tables[of]; f->name; f++)
		names[count++] = f->name;
	names[count] = NULL;
	return options_nearest(name, names);
}

static void read_connection(const struct cti_connection *c, char *text)
{
	text[0] = '\0';
	if (c->call_id || c->device_id)
		snprintf(text, FIELD_TEXT, "%s/%s", c->call_id ? c->call_id : "",
		         c->device_id ? c->device_id : "");
}

static void read_octets(const struct cti_octets *o, char *text)
{
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; o->data && i < o->length && at + 4 < FIELD_TEXT; i++) {
		uint8_t c = o->data[i];

		at += (size_t)snprintf(text + at, FIELD_TEXT - at,
		                       c > 0x20 && c < 0x7f && c != '\\' ? "%c" : "\\%02x", c);
	}
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The list's order is the switch's own affair: sorted, so that it compares. */
static void read_parties(const struct cti_connection_item *items, size_t count, char *text)
{
	const char *devices[32];
	size_t n = 0, at = 0;

	for (size_t i = 0; i < count && n < COUNT_OF(devices); i++) {
		const char *d = items[i].new_connection.device_id;

		if (!d)
			d = items[i].endpoint.number;
		devices[n++] = d ? d : "?";
	}
	qsort(devices, n, sizeof(devices[0]), compare_text);
	text[0] = '\0';
	for (size_t i = 0; i < n && at < FIELD_TEXT; i++)
		at += (size_t)snprintf(text + at, FIELD_TEXT - at, "%s%s", i ? "," : "",
		                       devices[i]);
}

static void read_agents(const struct cti_reply *reply, char *text)
{
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < reply->agent_count && at < FIELD_TEXT; i++) {
		const struct cti_agent_item *a = &reply->agents[i];

		at += (size_t)snprintf(text + at, FIELD_TEXT - at, "%s%s:%s", i ? "," : "",
		                       a->agent_id ? a->agent_id : "?",
		                       cti_agent_state_name(a->state));
	}
}

static void read_calls(const struct cti_reply *reply, char *text)
{
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < reply->snapshot_count && at < FIELD_TEXT; i++) {
		const struct cti_connection *c = &reply->snapshot[i].connection;

		at += (size_t)snprintf(text + at, FIELD_TEXT - at, "%s%s/%s:%s", i ? "," : "",
		                       c->call_id ? c->call_id : "",
		                       c->device_id ? c->device_id : "",
		                       cti_connection_state_name(c->state));
	}
}

static void read_attached(const struct cti_event *event, const char *key, char *text)
{
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < event->attached_count && at < FIELD_TEXT; i++) {
		const struct cti_pair *p = &event->attached[i];

		if (!key)
			at += (size_t)snprintf(text + at, FIELD_TEXT - at, "%s%s:%s", i ? "," : "",
			                       p->key, p->value);
		else if (strcmp(p->key, key) == 0)
			snprintf(text, FIELD_TEXT, "%s", p->value);
	}
}

static const char *enum_text(enum type type, int value)
{
	switch (type) {
	case STATE:
	case LOCAL_STATE:
		return value < 0 ? "" : cti_connection_state_name((enum cti_connection_state)value);
	case AGENT_STATE:
	case PENDING_STATE:
		return value < 0 ? "" : cti_agent_state_name((enum cti_agent_state)value);
	case REQUESTED_STATE:
		return cti_requested_agent_state_name((enum cti_requested_agent_state)value);
	case PARTICIPATION:
		return value == CTI_PARTICIPATION_SILENT   ? "silent"
		       : value == CTI_PARTICIPATION_ACTIVE ? "active"
		                                           : "none";
	case CATEGORY:
		return cti_category_name((enum cti_category)value);
	case CODE:
		return value ? cti_code_name(value) : "";
	default:
		return "";
	}
}

static void read_field(const struct field *f, const void *from, const char *name, char *text)
{
	const void *at = (const char *)from + f->offset;
	const struct cti_device *device = at;
	const struct cti_connection *connection = at;
	const char *s;

	text[0] = '\0';
	switch (f->type) {
	case DEVICE:
		s = device->status == CTI_DEVICE_NUMBER ? device->number
		                                        : device_words[device->status];
		snprintf(text, FIELD_TEXT, "%s", s ? s : "");
		break;
	case CONNECTION:
		read_connection(connection, text);
		break;
	case CALL:
		snprintf(text, FIELD_TEXT, "%s", connection->call_id ? connection->call_id : "");
		break;
	case STATE:
		if (connection->call_id || connection->device_id)
			snprintf(text, FIELD_TEXT, "%s", enum_text(STATE, (int)connection->state));
		break;
	case STRING:
		memcpy(&s, at, sizeof(s));
		snprintf(text, FIELD_TEXT, "%s", s ? s : "");
		break;
	case OCTETS:
		read_octets(at, text);
		break;
	case COUNT:
		if (*(const int *)at >= 0)
			snprintf(text, FIELD_TEXT, "%d", *(const int *)at);
		break;
	case NUMBER:
		if (*(const unsigned *)at)
			snprintf(text, FIELD_TEXT, "%u", *(const unsigned *)at);
		break;
	case BOOLEAN:
		snprintf(text, FIELD_TEXT, "%s", *(const bool *)at ? "true" : "");
		break;
	case FLAG:
		snprintf(text, FIELD_TEXT, "%s", *(const unsigned *)at & f->bit ? "true" : "");
		break;
	case LOCAL_STATE:
	case AGENT_STATE:
	case PENDING_STATE:
	case REQUESTED_STATE:
	case PARTICIPATION:
	case CATEGORY:
	case CODE:
		snprintf(text, FIELD_TEXT, "%s", enum_text(f->type, *(const int *)at));
		break;
	case PARTIES:
		/* The count stands right behind the list in both structs that have one. */
		memcpy(&s, at, sizeof(s));
		read_parties((const void *)s, *(const size_t *)((const char *)at + sizeof(s)),
		             text);
		break;
	case AGENTS:
		read_agents(from, text);
		break;
	case CALLS:
		read_calls(from, text);
		break;
	case ATTACHED:
		read_attached(from, strncmp(name, "attached.", 9) ? NULL : name + 9, text);
		break;
	}
}

void field_read(enum field_of of, const void *from, const char *name, char text[FIELD_TEXT])
{
	const struct field *f = field_find(of, name);

	text[0] = '\0';
	if (f)
		read_field(f, from, name, text);
}

void field_each(enum field_of of, const void *from,
                void (*each)(void *arg, const char *name, const char *text), void *arg)
{
	char text[FIELD_TEXT];

	for (const struct field *f = tables[of]; f->name; f++) {
		if (f->alias || (f->type == CALL && of == FIELD_EVENT))
			continue;
		read_field(f, from, f->name, text);
		if (text[0])
			each(arg, f->name, text);
	}
}

/* ---- From text ------------------------------------------------------------------------- */

static int bad(struct cti_error *error, const struct field *f, const char *text,
               const char *expected)
{
	return cti_error_set(error, CTI_E_INVALID, "%s=%s: expected %s", f->name, text, expected);
}

static int write_connection(const struct field *f, struct cti_connection *c, const char *text,
                            struct field_pool *pool, struct cti_error *error)
{
	const char *slash = strrchr(text, '/');

	if (!slash)
		return bad(error, f, text, "callID/deviceID, for example 17/2003");
	if (slash > text && !(c->call_id = field_pool_take(pool, text, (size_t)(slash - text))))
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	if (slash[1] && !(c->device_id = field_pool_take(pool, slash + 1, strlen(slash + 1))))
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	return 0;
}

static int write_device(struct cti_device *d, const char *text, struct field_pool *pool,
                        struct cti_error *error)
{
	for (size_t i = CTI_DEVICE_NOT_KNOWN; i < COUNT_OF(device_words); i++)
		if (strcmp(text, device_words[i]) == 0) {
			d->status = (enum cti_device_status)i;
			return 0;
		}
	d->number = field_pool_take(pool, text, strlen(text));
	d->status = CTI_DEVICE_NUMBER;
	return d->number ? 0 : cti_error_set(error, CTI_E_NOMEM, "out of memory");
}

static int participation_parse(const char *text)
{
	for (int i = CTI_PARTICIPATION_SILENT; i <= CTI_PARTICIPATION_NONE; i++)
		if (strcmp(enum_text(PARTICIPATION, i), text) == 0)
			return i;
	return -1;
}

static int category_parse(const char *text)
{
	for (int i = CTI_CATEGORY_OPERATION; i <= CTI_CATEGORY_UNSPECIFIED; i++)
		if (strcmp(cti_category_name((enum cti_category)i), text) == 0)
			return i;
	return -1;
}

static int write_enum(const struct field *f, void *at, const char *text, struct cti_error *error)
{
	int value = -1;

	switch (f->type) {
	case LOCAL_STATE:
		value = cti_connection_state_parse(text);
		break;
	case AGENT_STATE:
	case PENDING_STATE:
		value = cti_agent_state_parse(text);
		break;
	case REQUESTED_STATE:
		value = cti_requested_agent_state_parse(text);
		break;
	case PARTICIPATION:
		value = participation_parse(text);
		break;
	case CATEGORY:
		value = category_parse(text);
		break;
	default:
		break;
	}
	if (value < 0)
		return bad(error, f, text, "a name that the standard has");
	*(int *)at = value;
	return 0;
}

int field_write(enum field_of of, void *to, const char *name, const char *text,
                struct field_pool *pool, struct cti_error *error)
{
	const struct field *f = field_find(of, name);
	void *at = f ? (char *)to + f->offset : NULL;
	char *copy, *end;
	long number;
	int state;

	if (!f)
		return cti_error_set(error, CTI_E_INVALID, "no field \"%s\"", name);
	copy = field_pool_take(pool, text, strlen(text));
	if (!copy)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	switch (f->type) {
	case DEVICE:
		return write_device(at, text, pool, error);
	case CONNECTION:
		return write_connection(f, at, text, pool, error);
	case CALL:
		((struct cti_connection *)at)->call_id = copy;
		return 0;
	case STATE:
		state = cti_connection_state_parse(text);
		if (state < 0)
			return bad(error, f, text, "a connection state");
		((struct cti_connection *)at)->state = (enum cti_connection_state)state;
		return 0;
	case STRING:
		memcpy(at, &copy, sizeof(copy));
		return 0;
	case OCTETS:
		((struct cti_octets *)at)->data = (const uint8_t *)copy;
		((struct cti_octets *)at)->length = strlen(copy);
		return 0;
	case COUNT:
	case NUMBER:
		number = strtol(text, &end, 10);
		if (end == text || *end || number < 0 || number > INT32_MAX)
			return bad(error, f, text, "a number");
		*(int *)at = (int)number;
		return 0;
	case BOOLEAN:
		if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
			return bad(error, f, text, "true or false");
		*(bool *)at = text[0] == 't';
		return 0;
	case LOCAL_STATE:
	case AGENT_STATE:
	case PENDING_STATE:
	case REQUESTED_STATE:
	case PARTICIPATION:
	case CATEGORY:
		return write_enum(f, at, text, error);
	case FLAG:
	case CODE:
	case PARTIES:
	case AGENTS:
	case CALLS:
	case ATTACHED:
		return cti_error_set(error, CTI_E_INVALID, "%s can be expected, not sent", name);
	}
	return 0;
}
