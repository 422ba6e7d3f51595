/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading. The first thing that is wrong ends it, with the name of the member; members that
 * are not known are passed over, so that either side may be newer.
 */
#include "sdk/wire_fields.h"

#include <stdlib.h>

struct scratch {
	struct scratch *next;
	max_align_t data[];
};

struct reader {
	int code; /* 0, or the first failure: every function then does nothing */
	struct cti_error *error;
	const char *what;        /* "event", "request", "reply": first word of the error */
	struct scratch *scratch; /* arrays that live until the copy is made */
};

static void *scratch_get(struct reader *reader, size_t count, size_t size)
{
	struct scratch *block = calloc(1, sizeof *block + (count ? count : 1) * size);
	if (!block) {
		reader->code = cti_error_set(reader->error, CTI_E_NOMEM, "%s: out of memory",
		                             reader->what);
		return NULL;
	}
	block->next = reader->scratch;
	reader->scratch = block;
	return block->data;
}

static int reader_end(struct reader *reader)
{
	while (reader->scratch) {
		struct scratch *next = reader->scratch->next;
		free(reader->scratch);
		reader->scratch = next;
	}
	return reader->code;
}

static void wrong(struct reader *reader, const char *name, const char *expected)
{
	if (!reader->code)
		reader->code = cti_error_set(reader->error, CTI_E_INVALID, "%s: %s: expected %s",
		                             reader->what, name, expected);
}

/* Member @p name if it has a value of this type; NULL if there is none, or after a failure. */
static json_t *member(struct reader *reader, const json_t *object, const char *name, json_type type,
                      const char *expected)
{
	json_t *value = reader->code ? NULL : json_object_get(object, name);
	if (!value || json_is_null(value))
		return NULL;
	if (json_typeof(value) == type)
		return value;
	wrong(reader, name, expected);
	return NULL;
}

static const char *get_string(struct reader *reader, const json_t *object, const char *name)
{
	json_t *value = member(reader, object, name, JSON_STRING, "a string");
	return value ? json_string_value(value) : NULL;
}

static json_t *get_object(struct reader *reader, const json_t *object, const char *name)
{
	return member(reader, object, name, JSON_OBJECT, "an object");
}

static json_t *get_array(struct reader *reader, const json_t *object, const char *name)
{
	return member(reader, object, name, JSON_ARRAY, "an array");
}

static bool get_boolean(struct reader *reader, const json_t *object, const char *name)
{
	json_t *value = reader->code ? NULL : json_object_get(object, name);
	if (value && !json_is_boolean(value) && !json_is_null(value))
		wrong(reader, name, "true or false");
	return json_is_true(value);
}

static int64_t get_integer(struct reader *reader, const json_t *object, const char *name,
                           int64_t fallback, int64_t least, int64_t most)
{
	json_t *value = member(reader, object, name, JSON_INTEGER, "an integer");
	if (!value)
		return fallback;
	json_int_t integer = json_integer_value(value);
	if (integer < least || integer > most) {
		wrong(reader, name, "an integer within its range");
		return fallback;
	}
	return integer;
}

/* A number that may not fit a double: written as a string of digits. */
static uint64_t get_sequence(struct reader *reader, const json_t *object, const char *name)
{
	const char *text = get_string(reader, object, name);
	uint64_t value = 0;
	if (!text)
		return 0;
	for (const char *at = text; *at || at == text; at++) {
		unsigned digit = (unsigned)*at - '0';
		if (digit > 9 || value > (UINT64_MAX - digit) / 10) {
			wrong(reader, name, "a string of decimal digits");
			return 0;
		}
		value = value * 10 + digit;
	}
	return value;
}

/* A word of a table; @p fallback if it is not there, an error if it is none of them. */
static int get_word(struct reader *reader, const json_t *object, const char *name, int fallback,
                    int (*parse)(const char *), const char *expected)
{
	const char *text = get_string(reader, object, name);
	if (!text)
		return fallback;
	int value = parse(text);
	if (value < 0)
		wrong(reader, name, expected);
	return value < 0 ? fallback : value;
}

static enum cti_connection_state get_state(struct reader *reader, const json_t *object,
                                           const char *name)
{
	return (enum cti_connection_state)get_word(reader, object, name, CTI_CONNECTION_UNKNOWN,
	                                           cti_connection_state_parse,
	                                           "a connection state");
}

static enum cti_agent_state get_agent_state(struct reader *reader, const json_t *object,
                                            const char *name)
{
	return (enum cti_agent_state)get_word(reader, object, name, CTI_AGENT_UNKNOWN,
	                                      cti_agent_state_parse, "an agent state");
}

static void get_device(struct reader *reader, const json_t *object, const char *name,
                       struct cti_device *out)
{
	json_t *device = get_object(reader, object, name);
	if (!device)
		return;
	*out = (struct cti_device){
	        .status = get_boolean(reader, device, "restricted")     ? CTI_DEVICE_RESTRICTED
	                  : get_boolean(reader, device, "notKnown")     ? CTI_DEVICE_NOT_KNOWN
	                  : get_boolean(reader, device, "notRequired")  ? CTI_DEVICE_NOT_REQUIRED
	                  : get_boolean(reader, device, "notSpecified") ? CTI_DEVICE_NOT_SPECIFIED
	                                                                : CTI_DEVICE_NUMBER,
	        .number = get_string(reader, device, "number"),
	        .received = get_string(reader, device, "received"),
	        .name = get_string(reader, device, "name"),
	};
}

static void get_connection(struct reader *reader, const json_t *object, const char *name,
                           struct cti_connection *out)
{
	json_t *connection = get_object(reader, object, name);
	*out = (struct cti_connection){.state = CTI_CONNECTION_UNKNOWN};
	if (!connection)
		return;
	out->call_id = get_string(reader, connection, "callID");
	out->device_id = get_string(reader, connection, "deviceID");
	out->dynamic = get_boolean(reader, connection, "dynamic");
	out->state = get_state(reader, connection, "state");
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	                              : -1;
}

/* False if it is no hexBinary; @p to has room for half of it. */
static bool hex_decode(const char *text, uint8_t *to)
{
	for (; *text; text += 2, to++) {
		int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);
		if (low < 0)
			return false;
		*to = (uint8_t)(high << 4 | low);
	}
	return true;
}

static void get_hex(struct reader *reader, const json_t *object, const char *name,
                    struct cti_octets *out)
{
	const char *text = get_string(reader, object, name);
	uint8_t *octets = text ? scratch_get(reader, strlen(text) / 2, 1) : NULL;
	if (!octets)
		return;
	if (hex_decode(text, octets))
		*out = (struct cti_octets){octets, strlen(text) / 2};
	else
		wrong(reader, name, "pairs of hexadecimal digits");
}

static const struct cti_connection_item *get_items(struct reader *reader, const json_t *object,
                                                   const char *name, size_t *count)
{
	json_t *array = get_array(reader, object, name);
	struct cti_connection_item *items =
	        array ? scratch_get(reader, json_array_size(array), sizeof *items) : NULL;
	*count = items ? json_array_size(array) : 0;
	for (size_t i = 0; i < *count; i++) {
		json_t *item = json_array_get(array, i);
		if (!json_is_object(item))
			wrong(reader, name, "an array of objects");
		get_connection(reader, item, "newConnection", &items[i].new_connection);
		get_connection(reader, item, "oldConnection", &items[i].old_connection);
		get_device(reader, item, "endpoint", &items[i].endpoint);
		get_device(reader, item, "associatedNID", &items[i].associated_nid);
	}
	return items;
}

/* Seconds since 1970 of a day, by the Gregorian calendar. */
static int64_t day_seconds(int year, int month, int day)
{
	int y = year - (month <= 2);
	int era = (y >= 0 ? y : y - 399) / 400, year_of_era = y - era * 400;
	int in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t days = (int64_t)era * 146097 + year_of_era * 365 + year_of_era / 4 -
	               year_of_era / 100 + in_year - 719468;
	return days * 86400;
}

/* Decimal digits at @p at, -1 if one is none. */
static int digits_read(const char *at, int count)
{
	int value = 0;
	while (count--) {
		if (*at < '0' || *at > '9')
			return -1;
		value = value * 10 + (*at++ - '0');
	}
	return value;
}

/* RFC 3339 with 0 to 6 digits of a second's fraction (more are cut), Z or an offset. */
static bool time_read(const char *text, int64_t *out)
{
	static const char shape[] = "0000-00-00T00:00:00";
	for (size_t i = 0; i < sizeof shape - 1; i++)
		if (shape[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
			return false;
	int month = digits_read(text + 5, 2), day = digits_read(text + 8, 2);
	int hour = digits_read(text + 11, 2), minute = digits_read(text + 14, 2);
	int second = digits_read(text + 17, 2);
	if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
	    second > 60)
		return false;
	int64_t fraction = 0, scale = 100000;
	const char *at = text + 19;
	if (*at == '.')
		for (at++; *at >= '0' && *at <= '9'; at++, scale /= 10)
			fraction += (*at - '0') * scale;
	int offset = 0;
	if (*at == '+' || *at == '-') {
		if (strlen(at) != 6 || at[3] != ':' || digits_read(at + 1, 2) < 0 ||
		    digits_read(at + 4, 2) < 0)
			return false;
		offset = (digits_read(at + 1, 2) * 60 + digits_read(at + 4, 2)) * 60;
		if (*at == '-')
			offset = -offset;
	} else if (strcmp(at, "Z") != 0) {
		return false;
	}
	int64_t seconds = day_seconds(digits_read(text, 4), month, day) + hour * 3600 +
	                  minute * 60 + second - offset;
	*out = seconds * 1000000 + fraction;
	return true;
}

/* "/acme/hq", each name percent-escaped; an empty name is none. */
static void get_source(struct reader *reader, const json_t *root, struct cti_event *event)
{
	const char *source = get_string(reader, root, "source");
	const char **names[] = {&event->tenant, &event->switch_name};
	for (size_t i = 0; source && i < 2; i++) {
		if (*source != '/') {
			wrong(reader, "source", "/tenant/switch");
			return;
		}
		size_t length = strcspn(++source, "/"), used = 0;
		char *name = scratch_get(reader, length + 1, 1);
		if (!name)
			return;
		for (size_t at = 0; at < length; at++) {
			int high = source[at] == '%' ? hex_digit(source[at + 1]) : -1;
			int low = high < 0 ? -1 : hex_digit(source[at + 2]);
			name[used++] = low < 0 ? source[at] : (char)(high << 4 | low);
			at += low < 0 ? 0 : 2;
		}
		*names[i] = used ? name : NULL;
		source += length;
	}
}

static void get_subjects(struct reader *reader, const json_t *data, struct cti_event *event)
{
	json_t *object = get_object(reader, data, "subjects");
	struct cti_subject *subjects =
	        object ? scratch_get(reader, json_object_size(object), sizeof *subjects) : NULL;
	const char *key;
	json_t *value;
	if (!subjects)
		return;
	json_object_foreach (object, key, value) {
		if (!json_is_integer(value) || json_integer_value(value) < 0) {
			wrong(reader, "subjects", "counters, integers from 0");
			return;
		}
		subjects[event->subject_count++] =
		        (struct cti_subject){key, (uint64_t)json_integer_value(value)};
	}
	event->subjects = subjects;
}

static void get_pairs(struct reader *reader, const json_t *data, const char *name,
                      const struct cti_pair **out, size_t *count)
{
	json_t *object = get_object(reader, data, name);
	struct cti_pair *pairs =
	        object ? scratch_get(reader, json_object_size(object), sizeof *pairs) : NULL;
	const char *key;
	json_t *value;
	if (!pairs)
		return;
	json_object_foreach (object, key, value) {
		if (!json_is_string(value)) {
			wrong(reader, name, "an object of strings");
			return;
		}
		pairs[(*count)++] = (struct cti_pair){key, json_string_value(value)};
	}
	*out = pairs;
}

static const struct {
	const char *subject, *other, *items;
} names[] = {
#define X(name, subject, other, items) [CTI_EVENT_##name] = {subject, other, items},
        WIRE_EVENT_NAMES(X)
#undef X
};

static void get_envelope(struct reader *reader, const json_t *root, struct cti_event *event)
{
	const char *type = get_string(reader, root, "type");
	int number = cti_event_type_parse(type);
	if (!reader->code && (!type || number < 0))
		reader->code =
		        cti_error_set(reader->error, type ? CTI_E_UNSUPPORTED : CTI_E_INVALID,
		                      "event: unknown type %.60s", type ? type : "(none)");
	if (!reader->code)
		event->type = (enum cti_event_type)number;
	event->id = get_string(reader, root, "id");
	get_source(reader, root, event);
	const char *time = get_string(reader, root, "time");
	if (time && !time_read(time, &event->time_us))
		wrong(reader, "time", "a time by RFC 3339");
	event->epoch = get_string(reader, root, "epoch");
	event->sequence = get_sequence(reader, root, "sequence");
	event->interaction_id = get_string(reader, root, "interactionid");
	event->request_id = get_string(reader, root, "requestid");
}

static void get_octets(struct reader *reader, const json_t *data, const char *name,
                       struct cti_octets *out)
{
	json_t *object = get_object(reader, data, name);
	if (object)
		get_hex(reader, object, "string", out);
}

static void get_call_data(struct reader *reader, const json_t *data, struct cti_event *event)
{
	get_connection(reader, data, "connection", &event->connection);
	event->local_state = get_state(reader, data, "localConnectionInfo");
	get_device(reader, data, names[event->type].subject, &event->subject);
	get_device(reader, data, names[event->type].other, &event->other);
#define X(field, name) get_device(reader, data, name, &event->field);
	WIRE_EVENT_DEVICES(X)
#undef X
#define X(field, name) get_connection(reader, data, name, &event->field);
	WIRE_EVENT_CONNECTIONS(X)
#undef X
	event->items = get_items(reader, data, names[event->type].items, &event->item_count);
	event->number_queued = (int)get_integer(reader, data, "numberQueued", -1, 0, INT32_MAX);
	event->calls_in_front = (int)get_integer(reader, data, "callsInFront", -1, 0, INT32_MAX);
	get_octets(reader, data, "correlatorData", &event->correlator);
	get_octets(reader, data, "userData", &event->user_data);
	json_t *linkage = get_object(reader, data, "callLinkageData");
	if (linkage) {
		get_hex(reader, linkage, "globalCallLinkageID", &event->global_call);
		get_hex(reader, linkage, "threadLinkageID", &event->thread);
	}
}

static void get_other_data(struct reader *reader, const json_t *data, struct cti_event *event)
{
#define X(field, name) event->field = get_string(reader, data, name);
	WIRE_EVENT_STRINGS(X)
#undef X
	event->pending_state = get_agent_state(reader, data, "pendingAgentState");
	event->monitored = get_boolean(reader, data, "monitored");
	event->gap_from = get_sequence(reader, data, "gapFrom");
	event->gap_to = get_sequence(reader, data, "gapTo");
	event->progress = (unsigned)get_integer(reader, data, "progress", 0, 0, UINT32_MAX);
	event->total = (unsigned)get_integer(reader, data, "total", 0, 0, UINT32_MAX);
#define X(flag, name) event->flags |= get_boolean(reader, data, name) ? flag : 0;
	WIRE_EVENT_FLAGS(X)
#undef X
	get_pairs(reader, data, "attached", &event->attached, &event->attached_count);
}

int cti_wire_event_read(struct cti_event **out, const char *json, size_t length,
                        struct cti_error *error)
{
	struct reader reader = {.error = error, .what = "event"};
	if (length > CTI_WIRE_MESSAGE_MAX)
		return cti_error_set(error, CTI_E_LIMIT, "event: %zu octets, at most %d", length,
		                     CTI_WIRE_MESSAGE_MAX);
	json_error_t where;
	json_t *root = json_loadb(json, length, JSON_REJECT_DUPLICATES, &where);
	if (!root)
		return cti_error_set(error, CTI_E_INVALID, "event: octet %d: %s", where.position,
		                     where.text);
	struct cti_event event;
	cti_event_init(&event, CTI_EVENT_PRIVATE);
	if (!json_is_object(root))
		wrong(&reader, "message", "an object");
	get_envelope(&reader, root, &event);
	json_t *data = get_object(&reader, root, "data");
	if (data) {
		get_subjects(&reader, data, &event);
		get_call_data(&reader, data, &event);
		get_other_data(&reader, data, &event);
	} else {
		wrong(&reader, "data", "an object");
	}
	struct cti_event *copy = reader.code ? NULL : cti_event_copy(&event);
	if (!reader.code && !copy)
		reader.code = cti_error_set(error, CTI_E_NOMEM, "event: out of memory");
	json_decref(root);
	if (!reader_end(&reader))
		*out = copy;
	return reader.code;
}

/*
 * Octets of a request need a home as long as the object's: a member "octets" beside the
 * hexadecimal "string", set here.
 */
static void get_octets_kept(struct reader *reader, const json_t *data, const char *name,
                            struct cti_octets *out)
{
	struct cti_octets octets = {0};
	json_t *object = get_object(reader, data, name);
	if (object)
		get_hex(reader, object, "string", &octets);
	if (!octets.data)
		return;
	json_t *kept = json_stringn_nocheck((const char *)octets.data, octets.length);
	if (!kept || json_object_set_new(object, "octets", kept)) {
		reader->code = cti_error_set(reader->error, CTI_E_NOMEM, "%s: out of memory",
		                             reader->what);
		return;
	}
	*out = (struct cti_octets){(const uint8_t *)json_string_value(kept), octets.length};
}

static int participation_parse(const char *text)
{
#define X(name, word)                                                                              \
	if (!strcmp(text, word))                                                                   \
		return CTI_PARTICIPATION_##name;
	CTI_PARTICIPATIONS(X)
#undef X
	return -1;
}

static uint64_t get_filter(struct reader *reader, const json_t *object)
{
	json_t *array = get_array(reader, object, "monitorFilter");
	uint64_t filter = 0;
	for (size_t i = 0; i < json_array_size(array); i++) {
		int type = cti_event_type_parse(json_string_value(json_array_get(array, i)));
		if (type < 0)
			wrong(reader, "monitorFilter", "an array of event types");
		else
			filter |= UINT64_C(1) << type;
	}
	return filter;
}
_Static_assert(CTI_EVENT_TYPES <= 64, "monitor_filter has a bit for each event");

int cti_wire_request_read(struct cti_request *out, const json_t *object, struct cti_error *error)
{
	struct reader reader = {.error = error, .what = "request"};
	struct cti_request request;
	if (!json_is_object(object))
		return cti_error_set(error, CTI_E_INVALID, "request: expected an object");
	const char *service = get_string(&reader, object, "service");
	int number = cti_service_parse(service);
	if (!reader.code && number < 0)
		return cti_error_set(error, service ? CTI_E_UNSUPPORTED : CTI_E_INVALID,
		                     service ? "request: service: unknown service %.60s"
		                             : "request: service: expected a service's name%.0s",
		                     service ? service : "");
	cti_request_init(&request, reader.code ? CTI_SERVICE_MAKE_CALL : (enum cti_service)number);
#define X(field, name) request.field = get_string(&reader, object, name);
	WIRE_REQUEST_STRINGS(X)
#undef X
	if (request.id && strlen(request.id) > CTI_WIRE_REQUEST_ID_MAX)
		wrong(&reader, "id", "at most 64 octets");
	request.timeout_ms = (unsigned)get_integer(&reader, object, "timeoutMs", 0, 0, UINT32_MAX);
	get_connection(&reader, object, "connection", &request.connection);
	get_connection(&reader, object, "heldCall", &request.held);
	request.agent_state = (enum cti_requested_agent_state)get_word(
	        &reader, object, "requestedAgentState", 0, cti_requested_agent_state_parse,
	        "an agent state that can be asked for");
	if (number == CTI_SERVICE_SET_AGENT_STATE &&
	    !json_object_get(object, "requestedAgentState"))
		wrong(&reader, "requestedAgentState", "an agent state that can be asked for");
	request.participation = (enum cti_participation)get_word(
	        &reader, object, "participationType", CTI_PARTICIPATION_ACTIVE, participation_parse,
	        "silent, active or none");
	request.do_not_prompt = get_boolean(&reader, object, "doNotPrompt");
	request.call_type = get_boolean(&reader, object, "callType");
	request.monitor_filter = get_filter(&reader, object);
	get_octets_kept(&reader, object, "correlatorData", &request.correlator);
	get_octets_kept(&reader, object, "userData", &request.user_data);
	if (!reader_end(&reader))
		*out = request;
	return reader.code;
}

static const struct cti_snapshot_item *get_snapshot(struct reader *reader, const json_t *object,
                                                    size_t *count)
{
	json_t *array = get_array(reader, object, "snapshot");
	struct cti_snapshot_item *items =
	        array ? scratch_get(reader, json_array_size(array), sizeof *items) : NULL;
	*count = items ? json_array_size(array) : 0;
	for (size_t i = 0; i < *count; i++) {
		json_t *item = json_array_get(array, i);
		if (!json_is_object(item))
			wrong(reader, "snapshot", "an array of objects");
		get_connection(reader, item, "connection", &items[i].connection);
		get_device(reader, item, "device", &items[i].device);
		json_t *others = get_array(reader, item, "otherStates");
		enum cti_connection_state *states =
		        others ? scratch_get(reader, json_array_size(others), sizeof *states)
		               : NULL;
		for (size_t k = 0; states && k < json_array_size(others); k++) {
			const char *text = json_string_value(json_array_get(others, k));
			int state = cti_connection_state_parse(text);
			if (state < 0 && (!text || strcmp(text, "unknown") != 0))
				wrong(reader, "otherStates", "connection states");
			states[items[i].other_count++] = (enum cti_connection_state)state;
		}
		items[i].other_states = states;
	}
	return items;
}

static const struct cti_agent_item *get_agents(struct reader *reader, const json_t *object,
                                               size_t *count)
{
	json_t *array = get_array(reader, object, "agents");
	struct cti_agent_item *items =
	        array ? scratch_get(reader, json_array_size(array), sizeof *items) : NULL;
	*count = items ? json_array_size(array) : 0;
	for (size_t i = 0; i < *count; i++) {
		json_t *item = json_array_get(array, i);
		if (!json_is_object(item))
			wrong(reader, "agents", "an array of objects");
		items[i].agent_id = get_string(reader, item, "agentID");
		get_device(reader, item, "acdGroup", &items[i].group);
		items[i].logged_on = get_boolean(reader, item, "loggedOn");
		items[i].state = get_agent_state(reader, item, "agentState");
		items[i].pending_state = get_agent_state(reader, item, "pendingAgentState");
	}
	return items;
}

/* What a newer server may call by a name that is not known here still is a failure. */
static int code_parse(const char *name)
{
#define X(code, number, text)                                                                      \
	if (name && !strcmp(name, #code))                                                          \
		return number;
	CTI_CODES(X)
#undef X
	return CTI_E_INTERNAL;
}

static enum cti_category category_parse(const char *name)
{
#define X(category, text)                                                                          \
	if (name && !strcmp(name, text))                                                           \
		return CTI_CATEGORY_##category;
	CTI_CATEGORIES(X)
#undef X
	return name ? CTI_CATEGORY_UNSPECIFIED : CTI_CATEGORY_NONE;
}

static void get_error(struct reader *reader, const json_t *object, struct cti_reply *reply)
{
	json_t *error = get_object(reader, object, "error");
	reply->code = CTI_E_INTERNAL;
	if (!error) {
		wrong(reader, "error", "an object");
		return;
	}
	reply->code = code_parse(get_string(reader, error, "code"));
	reply->category = category_parse(get_string(reader, error, "category"));
	reply->value = get_string(reader, error, "value");
	reply->text = get_string(reader, error, "text");
}

int cti_wire_reply_read(struct cti_reply **out, const char **id, const json_t *object,
                        struct cti_error *error)
{
	struct reader reader = {.error = error, .what = "reply"};
	struct cti_reply reply;
	cti_reply_init(&reply);
	if (!json_is_object(object))
		return cti_error_set(error, CTI_E_INVALID, "reply: expected an object");
	const char *reply_id = get_string(&reader, object, "id");
	if (!reply_id)
		wrong(&reader, "id", "a string");
	if (!json_is_boolean(json_object_get(object, "ok")))
		wrong(&reader, "ok", "true or false");
	if (!json_is_true(json_object_get(object, "ok")))
		get_error(&reader, object, &reply);
#define X(field, name) reply.field = get_string(&reader, object, name);
	WIRE_REPLY_STRINGS(X)
#undef X
	get_connection(&reader, object, "connection", &reply.connection);
	reply.items = get_items(&reader, object, "connections", &reply.item_count);
	reply.monitor_existing_calls = get_boolean(&reader, object, "monitorExistingCalls");
	reply.snapshot = get_snapshot(&reader, object, &reply.snapshot_count);
	get_device(&reader, object, "callingDevice", &reply.calling);
	get_device(&reader, object, "calledDevice", &reply.called);
	reply.agents = get_agents(&reader, object, &reply.agent_count);
	reply.pending_state = get_agent_state(&reader, object, "pendingAgentState");
	struct cti_reply *copy = reader.code ? NULL : cti_reply_copy(&reply);
	if (!reader.code && !copy)
		reader.code = cti_error_set(error, CTI_E_NOMEM, "reply: out of memory");
	if (!reader_end(&reader)) {
		*out = copy;
		*id = reply_id;
	}
	return reader.code;
}
