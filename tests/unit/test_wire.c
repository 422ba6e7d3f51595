/* SPDX-License-Identifier: Apache-2.0 */
/* The clients' JSON: whatever a struct holds survives writing and reading. */
#include "sdk/wire.h"
#include "tests/support/nomem.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 3000

/* ---- Values, the same for the same seed -------------------------------------------------------
 */

static uint64_t seed;

static uint64_t draw(void)
{
	seed ^= seed << 13; /* xorshift64 */
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static unsigned upto(unsigned n)
{
	return (unsigned)(draw() % n);
}

static bool maybe(void)
{
	return upto(2);
}

/* What the generated structs point to; freed after each round. */
static void *blocks[4096];
static size_t block_count;

static void *keep(size_t size)
{
	assert_true(block_count < sizeof blocks / sizeof *blocks);
	return blocks[block_count++] = test_calloc(1, size ? size : 1);
}

static void forget(void)
{
	while (block_count)
		test_free(blocks[--block_count]);
}

/* Text with everything that JSON escapes and UTF-8 of every length. */
static char *some_text(void)
{
	static const char *const pieces[] = {
	        "a",
	        "2001",
	        "+86755",
	        "\"",
	        "\\",
	        "/",
	        "\n",
	        "\t",
	        "\x01",
	        "\x1f",
	        "\x7f",
	        " ",
	        "%",
	        "é",
	        "\xE4\xB8\xAD",
	        "\xF0\x9F\x93\x9E",
	        "#",
	        "\xE2\x80\xA8",
	        "{\"x\":1}",
	        "\xEF\xBF\xBF",
	};
	char *text = keep(256);
	for (unsigned n = upto(9); n; n--)
		strcat(text, pieces[upto(sizeof pieces / sizeof *pieces)]);
	return text;
}

static const char *text(void)
{
	return maybe() ? some_text() : NULL;
}

/* Never empty: names in the source. */
static const char *name(void)
{
	char *word = some_text();
	if (!*word)
		strcpy(word, "x");
	return maybe() ? word : NULL;
}

static struct cti_device device(void)
{
	struct cti_device device = {.status = (enum cti_device_status)upto(6)};
	if (device.status == CTI_DEVICE_ABSENT || device.status == CTI_DEVICE_RESTRICTED)
		return device;
	device.number = text();
	device.received = text();
	device.name = text();
	return device;
}

static enum cti_connection_state state(void)
{
	return (enum cti_connection_state)((int)upto(8) - 1);
}

static enum cti_agent_state agent_state(void)
{
	return (enum cti_agent_state)((int)upto(6) - 1);
}

static struct cti_connection connection(void)
{
	return (struct cti_connection){text(), text(), maybe(), state()};
}

static struct cti_octets octets(void)
{
	struct cti_octets octets = {.length = upto(20)};
	uint8_t *data = maybe() ? keep(octets.length) : NULL;
	if (!data)
		return (struct cti_octets){0};
	for (size_t i = 0; i < octets.length; i++)
		data[i] = (uint8_t)draw();
	octets.data = data;
	return octets;
}

static const struct cti_connection_item *items(size_t *count)
{
	*count = upto(4);
	struct cti_connection_item *items = keep(*count * sizeof *items);
	for (size_t i = 0; i < *count; i++)
		items[i] = (struct cti_connection_item){connection(), connection(), device(),
		                                        device()};
	return *count ? items : NULL;
}

static char *unique(unsigned i)
{
	char *text = some_text();
	sprintf(text + strlen(text), "%u", i);
	return text;
}

static const struct cti_pair *pairs(size_t *count)
{
	*count = upto(4);
	struct cti_pair *pairs = keep(*count * sizeof *pairs);
	for (unsigned i = 0; i < *count; i++)
		pairs[i] = (struct cti_pair){unique(i), some_text()};
	return *count ? pairs : NULL;
}

static struct cti_event event_draw(enum cti_event_type type)
{
	struct cti_event e;
	cti_event_init(&e, type);
	e.flags = upto(16);
	e.id = text(), e.tenant = name(), e.switch_name = name(), e.epoch = text();
	e.sequence = draw();
	e.time_us = (int64_t)(draw() % UINT64_C(315537897600000000)) - INT64_C(62135596800000000);
	e.interaction_id = text(), e.request_id = text(), e.monitor = text();
	struct cti_subject *subjects = keep((e.subject_count = upto(5)) * sizeof *subjects);
	for (unsigned i = 0; i < e.subject_count; i++)
		subjects[i] = (struct cti_subject){unique(i), draw() >> 1};
	e.subjects = e.subject_count ? subjects : NULL;
	e.attached = pairs(&e.attached_count);
	e.named = pairs(&e.named_count);
	e.connection = connection(), e.local_state = state();
	e.subject = device(), e.calling = device(), e.called = device(), e.other = device();
	e.last_redirection = device(), e.network_calling = device(), e.network_called = device();
	e.associated_calling = device(), e.associated_called = device(), e.group = device(),
	e.original_calling = device();
	e.cause = text(), e.primary_old = connection(), e.secondary_old = connection();
	e.items = items(&e.item_count);
	e.number_queued = (int)upto(100) - 1, e.calls_in_front = (int)upto(INT32_MAX) - 1;
	e.correlator = octets(), e.user_data = octets(), e.global_call = octets();
	e.thread = octets(), e.digits = text(), e.agent_id = text();
	e.pending_state = agent_state(), e.reason = text(), e.merged_into = text();
	e.parent = text(), e.text = text(), e.monitored = maybe();
	e.gap_from = maybe() ? draw() : 0, e.gap_to = maybe() ? draw() : 0;
	e.progress = upto(5), e.total = (unsigned)draw(), e.private_data = text();
	return e;
}

/* ---- Equal, field by field --------------------------------------------------------------------
 */

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_device(const struct cti_device *a, const struct cti_device *b)
{
	return a->status == b->status && same_text(a->number, b->number) &&
	       same_text(a->received, b->received) && same_text(a->name, b->name);
}

static bool same_connection(const struct cti_connection *a, const struct cti_connection *b)
{
	return same_text(a->call_id, b->call_id) && same_text(a->device_id, b->device_id) &&
	       a->dynamic == b->dynamic && a->state == b->state;
}

static bool same_octets(const struct cti_octets *a, const struct cti_octets *b)
{
	return !a->data == !b->data && a->length == b->length &&
	       (!a->length || !memcmp(a->data, b->data, a->length));
}

static bool same_items(const struct cti_connection_item *a, const struct cti_connection_item *b,
                       size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!same_connection(&a[i].new_connection, &b[i].new_connection) ||
		    !same_connection(&a[i].old_connection, &b[i].old_connection) ||
		    !same_device(&a[i].endpoint, &b[i].endpoint) ||
		    !same_device(&a[i].associated_nid, &b[i].associated_nid))
			return false;
	return true;
}

static bool same_pairs(const struct cti_pair *a, const struct cti_pair *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(a[i].key, b[i].key) != 0 || strcmp(a[i].value, b[i].value) != 0)
			return false;
	return true;
}

#define CHECK_VALUE(field)      assert_true(a->field == b->field)
#define CHECK_TEXT(field)       assert_true(same_text(a->field, b->field))
#define CHECK_DEVICE(field)     assert_true(same_device(&a->field, &b->field))
#define CHECK_CONNECTION(field) assert_true(same_connection(&a->field, &b->field))
#define CHECK_OCTETS(field)     assert_true(same_octets(&a->field, &b->field))

static void event_same(const struct cti_event *a, const struct cti_event *b)
{
	CHECK_VALUE(type), CHECK_VALUE(flags), CHECK_TEXT(id), CHECK_TEXT(tenant);
	CHECK_TEXT(switch_name), CHECK_TEXT(epoch), CHECK_VALUE(sequence), CHECK_VALUE(time_us);
	CHECK_TEXT(interaction_id), CHECK_TEXT(request_id), CHECK_TEXT(monitor);
	CHECK_VALUE(subject_count), CHECK_VALUE(attached_count), CHECK_VALUE(item_count);
	for (size_t i = 0; i < a->subject_count; i++) {
		CHECK_TEXT(subjects[i].subject);
		CHECK_VALUE(subjects[i].counter);
	}
	assert_true(same_pairs(a->attached, b->attached, a->attached_count));
	assert_int_equal(a->named_count, b->named_count);
	assert_true(same_pairs(a->named, b->named, a->named_count));
	assert_true(same_items(a->items, b->items, a->item_count));
	CHECK_CONNECTION(connection), CHECK_VALUE(local_state), CHECK_DEVICE(subject);
	CHECK_DEVICE(calling), CHECK_DEVICE(called), CHECK_DEVICE(last_redirection);
	CHECK_DEVICE(other), CHECK_DEVICE(network_calling), CHECK_DEVICE(network_called);
	CHECK_DEVICE(associated_calling), CHECK_DEVICE(associated_called), CHECK_TEXT(cause);
	CHECK_DEVICE(original_calling);
	CHECK_CONNECTION(primary_old), CHECK_CONNECTION(secondary_old);
	CHECK_VALUE(number_queued), CHECK_VALUE(calls_in_front), CHECK_OCTETS(correlator);
	CHECK_OCTETS(user_data), CHECK_OCTETS(global_call), CHECK_OCTETS(thread);
	CHECK_TEXT(digits), CHECK_TEXT(agent_id), CHECK_DEVICE(group), CHECK_VALUE(pending_state);
	CHECK_TEXT(reason), CHECK_TEXT(merged_into), CHECK_TEXT(parent), CHECK_TEXT(text);
	CHECK_VALUE(monitored), CHECK_VALUE(gap_from), CHECK_VALUE(gap_to), CHECK_VALUE(progress);
	CHECK_VALUE(total), CHECK_TEXT(private_data);
}

/* ---- Tests --------------------------------------------------------------------------------------
 */

static void event_survives(void **unused)
{
	struct cti_text json = {0};
	struct cti_error error;
	(void)unused;
	seed = 20261122;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct cti_event event = event_draw((enum cti_event_type)(round % CTI_EVENT_TYPES));
		struct cti_event *back;
		cti_text_clear(&json);
		assert_int_equal(cti_wire_event_write(&json, &event), 0);
		assert_int_equal(strlen(json.data), json.length);
		if (cti_wire_event_read(&back, json.data, json.length, &error))
			fail_msg("round %u: %s\n%s", round, error.text, json.data);
		event_same(&event, back);
		/* ... and what was read writes the same bytes. */
		struct cti_text again = {0};
		assert_int_equal(cti_wire_event_write(&again, back), 0);
		assert_string_equal(again.data, json.data);
		cti_text_free(&again);
		free(back);
		forget();
	}
	cti_text_free(&json);
}

static void event_sample(void **unused)
{
	const struct cti_subject subjects[] = {
	        {"device/2003", 41}, {"queue/3000", 7}, {"interaction/01J0", 5}};
	const struct cti_pair attached[] = {{"customer", "4711"}};
	struct cti_text json = {0};
	struct cti_event event;
	(void)unused;
	cti_event_init(&event, CTI_EVENT_CALL_DELIVERED);
	event.id = "7f3a91c2-1042", event.tenant = "acme", event.switch_name = "hq";
	event.epoch = "7f3a91c2", event.sequence = 1042, event.interaction_id = "01J0";
	event.time_us = INT64_C(1795330800123456);
	event.subjects = subjects, event.subject_count = 3;
	event.connection = (struct cti_connection){"17", "2003", false, CTI_CONNECTION_ALERTING};
	event.subject = (struct cti_device){CTI_DEVICE_NUMBER, "2003", NULL, NULL};
	event.calling = (struct cti_device){CTI_DEVICE_RESTRICTED, "+8675588880001", "1", "Ann"};
	event.called = (struct cti_device){CTI_DEVICE_NUMBER, "3000", NULL, NULL};
	event.last_redirection = (struct cti_device){CTI_DEVICE_NOT_REQUIRED, NULL, NULL, NULL};
	event.cause = "distributed", event.attached = attached, event.attached_count = 1;
	assert_int_equal(cti_wire_event_write(&json, &event), 0);
	/* Design, section 7. What is withheld stays withheld whatever stands beside it. */
	assert_string_equal(
	        json.data,
	        "{\"specversion\":\"1.0\",\"id\":\"7f3a91c2-1042\",\"source\":\"/acme/hq\","
	        "\"type\":\"cti.call.delivered\",\"subject\":\"device/2003\","
	        "\"time\":\"2026-11-22T07:00:00.123456Z\",\"epoch\":\"7f3a91c2\","
	        "\"sequence\":\"00000000000000001042\",\"interactionid\":\"01J0\","
	        "\"data\":{\"subjects\":{\"device/2003\":41,\"queue/3000\":7,"
	        "\"interaction/01J0\":5},\"phase\":\"ringing\","
	        "\"connection\":{\"callID\":\"17\",\"deviceID\":\"2003\",\"state\":\"alerting\"},"
	        "\"alertingDevice\":{\"number\":\"2003\"},\"callingDevice\":{\"restricted\":true},"
	        "\"calledDevice\":{\"number\":\"3000\"},"
	        "\"lastRedirectionDevice\":{\"notRequired\":true},\"cause\":\"distributed\","
	        "\"attached\":{\"customer\":\"4711\"}}}");
	cti_text_clear(&json);
	event.flags = CTI_EVENT_DISTRIBUTION;
	assert_int_equal(cti_wire_event_write(&json, &event), 0);
	assert_non_null(strstr(json.data, "\"phase\":\"in distribution\""));
	cti_text_free(&json);
}

static void request_survives(void **unused)
{
	struct cti_text json = {0};
	struct cti_error error;
	(void)unused;
	seed = 4711;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct cti_request request, back, *a = &request, *b = &back;
		cti_request_init(a, (enum cti_service)(round % CTI_SERVICES_COUNT));
		a->switch_name = text(), a->id = maybe() ? "r1" : NULL, a->timeout_ms = upto(9);
		a->connection = connection(), a->held = connection(), a->device = text();
		a->destination = text(), a->group = text(), a->agent_id = text();
		a->password = text(), a->reason = text(), a->monitor = text();
		if (a->service == CTI_SERVICE_SET_AGENT_STATE)
			a->agent_state = (enum cti_requested_agent_state)upto(5);
		a->participation = (enum cti_participation)upto(3);
		a->do_not_prompt = maybe(), a->call_type = maybe();
		a->monitor_filter = draw() % (UINT64_C(1) << CTI_EVENT_TYPES);
		a->correlator = octets(), a->user_data = octets(), a->private_data = text();
		a->user = "somebody else"; /* not for the wire: the server knows who asks */
		cti_text_clear(&json);
		assert_int_equal(cti_wire_request_write(&json, a), 0);
		assert_null(strstr(json.data, "somebody else"));
		json_t *object = json_loadb(json.data, json.length, 0, NULL);
		assert_non_null(object);
		/* Reading twice gives the same: what it keeps in the object does not disturb. */
		assert_int_equal(cti_wire_request_read(b, object, &error), 0);
		if (cti_wire_request_read(b, object, &error))
			fail_msg("round %u: %s\n%s", round, error.text, json.data);
		CHECK_VALUE(service), CHECK_TEXT(switch_name), CHECK_TEXT(id);
		CHECK_VALUE(timeout_ms), CHECK_CONNECTION(connection), CHECK_CONNECTION(held);
		CHECK_TEXT(device), CHECK_TEXT(destination), CHECK_TEXT(group);
		CHECK_TEXT(agent_id), CHECK_TEXT(password), CHECK_TEXT(reason);
		CHECK_VALUE(agent_state), CHECK_VALUE(participation), CHECK_VALUE(do_not_prompt);
		CHECK_VALUE(call_type), CHECK_TEXT(monitor), CHECK_VALUE(monitor_filter);
		CHECK_OCTETS(correlator), CHECK_OCTETS(user_data), CHECK_TEXT(private_data);
		assert_null(b->user);
		json_decref(object);
		forget();
	}
	cti_text_free(&json);
}

static const struct cti_snapshot_item *snapshot(size_t *count)
{
	struct cti_snapshot_item *items = keep((*count = upto(4)) * sizeof *items);
	for (size_t i = 0; i < *count; i++) {
		items[i].other_count = upto(3);
		enum cti_connection_state *states = keep(items[i].other_count * sizeof *states);
		for (size_t k = 0; k < items[i].other_count; k++)
			states[k] = state();
		items[i].connection = connection();
		items[i].device = device();
		items[i].other_states = states;
	}
	return items;
}

static const struct cti_agent_item *agents(size_t *count)
{
	struct cti_agent_item *items = keep((*count = upto(4)) * sizeof *items);
	for (size_t i = 0; i < *count; i++)
		items[i] = (struct cti_agent_item){text(), device(), maybe(), agent_state(),
		                                   agent_state()};
	return items;
}

static void reply_draw(struct cti_reply *reply)
{
	cti_reply_init(reply);
	if (maybe()) {
		reply->code = -1 - (int)upto(19);
		reply->category = (enum cti_category)upto(9);
		reply->value = text();
		reply->text = text();
	}
	reply->connection = connection();
	reply->items = items(&reply->item_count);
	reply->monitor = text();
	reply->monitor_existing_calls = maybe();
	reply->snapshot = snapshot(&reply->snapshot_count);
	reply->calling = device(), reply->called = device();
	reply->agents = agents(&reply->agent_count);
	reply->pending_state = agent_state();
	reply->system_status = text(), reply->private_data = text();
}

static void reply_same(const struct cti_reply *a, const struct cti_reply *b)
{
	CHECK_VALUE(code), CHECK_VALUE(category), CHECK_TEXT(value), CHECK_TEXT(text);
	CHECK_CONNECTION(connection), CHECK_VALUE(item_count), CHECK_TEXT(monitor);
	assert_true(same_items(a->items, b->items, a->item_count));
	CHECK_VALUE(monitor_existing_calls), CHECK_VALUE(snapshot_count);
	for (size_t i = 0; i < a->snapshot_count; i++) {
		CHECK_CONNECTION(snapshot[i].connection), CHECK_DEVICE(snapshot[i].device);
		CHECK_VALUE(snapshot[i].other_count);
		for (size_t k = 0; k < a->snapshot[i].other_count; k++)
			CHECK_VALUE(snapshot[i].other_states[k]);
	}
	CHECK_DEVICE(calling), CHECK_DEVICE(called), CHECK_VALUE(agent_count);
	for (size_t i = 0; i < a->agent_count; i++) {
		CHECK_TEXT(agents[i].agent_id), CHECK_DEVICE(agents[i].group);
		CHECK_VALUE(agents[i].logged_on), CHECK_VALUE(agents[i].state);
		CHECK_VALUE(agents[i].pending_state);
	}
	CHECK_VALUE(pending_state), CHECK_TEXT(system_status), CHECK_TEXT(private_data);
}

static void reply_survives(void **unused)
{
	struct cti_text json = {0};
	struct cti_error error;
	(void)unused;
	seed = 99;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct cti_reply reply, *back;
		const char *id, *said = some_text();
		reply_draw(&reply);
		cti_text_clear(&json);
		assert_int_equal(cti_wire_reply_write(&json, said, &reply), 0);
		json_t *object = json_loadb(json.data, json.length, 0, NULL);
		assert_non_null(object);
		if (cti_wire_reply_read(&back, &id, object, &error))
			fail_msg("round %u: %s\n%s", round, error.text, json.data);
		assert_string_equal(id, said);
		reply_same(&reply, back);
		free(back);
		json_decref(object);
		forget();
	}
	cti_text_free(&json);
}

static void attach_survives(void **unused)
{
	struct cti_text json = {0};
	struct cti_error error;
	struct cti_wire_attach *back;
	(void)unused;
	seed = 7;
	for (unsigned round = 0; round < 200; round++) {
		struct cti_wire_attach attach = {.id = "a1", .interaction = "01J0"};
		attach.switch_name = text();
		attach.pairs = pairs(&attach.pair_count);
		cti_text_clear(&json);
		assert_int_equal(cti_wire_attach_write(&json, &attach), 0);
		json_t *object = json_loadb(json.data, json.length, 0, NULL);
		assert_non_null(object);
		assert_int_equal(cti_wire_attach_read(&back, object, &error), 0);
		assert_string_equal(back->interaction, "01J0");
		assert_true(same_text(back->switch_name, attach.switch_name));
		assert_int_equal(back->pair_count, attach.pair_count);
		assert_true(same_pairs(back->pairs, attach.pairs, attach.pair_count));
		free(back);
		json_decref(object);
		forget();
	}
	/* One octet too much. */
	char *large = test_calloc(1, CTI_WIRE_ATTACHED_MAX + 1);
	memset(large, 'x', CTI_WIRE_ATTACHED_MAX);
	struct cti_wire_attach attach = {"a1", NULL, "01J0", &(struct cti_pair){"k", large}, 1};
	cti_text_clear(&json);
	assert_int_equal(cti_wire_attach_write(&json, &attach), 0);
	json_t *object = json_loadb(json.data, json.length, 0, NULL);
	assert_int_equal(cti_wire_attach_read(&back, object, &error), CTI_E_LIMIT);
	json_decref(object);
	/* A string, then something else. */
	object = json_loads("{\"id\":\"a1\",\"interaction\":\"01J0\","
	                    "\"attached\":{\"a\":\"1\",\"b\":2}}",
	                    0, NULL);
	assert_int_equal(cti_wire_attach_read(&back, object, &error), CTI_E_INVALID);
	assert_string_equal(error.text, "AttachData: attached: expected an object of strings");
	json_decref(object);
	test_free(large);
	cti_text_free(&json);
}

static void invalid_utf8_is_replaced(void **unused)
{
	/* Stray, overlong, surrogate, beyond U+10FFFF, cut at the end. */
	static const char *const rows[][2] = {
	        {"a\x80z", "\"a\xEF\xBF\xBDz\""},
	        {"\xC0\xAF", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
	        {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
	        {"\xF4\x90\x80\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
	        {"\xE4\xB8", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
	        {"\xF0\x9F\x93\x9E", "\"\xF0\x9F\x93\x9E\""},
	};
	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cti_text json = {0};
		cti_text_string(&json, rows[i][0]);
		assert_string_equal(json.data, rows[i][1]);
		cti_text_free(&json);
	}
	/* Every octet after every lead octet: always JSON that jansson takes. */
	for (unsigned pair = 0x0101; pair <= 0xFFFF; pair++) {
		char bytes[] = {(char)(pair >> 8), (char)pair, 'x', 0};
		struct cti_text json = {0};
		cti_text_string(&json, bytes);
		json_t *value = json_loadb(json.data, json.length, JSON_DECODE_ANY, NULL);
		assert_non_null(value);
		json_decref(value);
		cti_text_free(&json);
	}
}

static void times(void **unused)
{
	static const struct {
		int64_t us;
		const char *text;
	} rows[] = {
	        {0, "\"1970-01-01T00:00:00.000000Z\""},
	        {-1, "\"1969-12-31T23:59:59.999999Z\""},
	        {INT64_C(951782399999999), "\"2000-02-28T23:59:59.999999Z\""},
	        {INT64_C(951868800000000), "\"2000-03-01T00:00:00.000000Z\""},
	        {INT64_C(253402300799999999), "\"9999-12-31T23:59:59.999999Z\""},
	        {INT64_MAX, "\"9999-12-31T23:59:59.999999Z\""},
	        {INT64_MIN, "\"0000-01-01T00:00:00.000000Z\""},
	};
	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cti_text json = {0};
		cti_wire_time_write(&json, rows[i].us);
		assert_string_equal(json.data, rows[i].text);
		cti_text_free(&json);
	}
}

static void topics(void **unused)
{
	struct cti_text topic = {0};
	(void)unused;
	cti_wire_topic_escape(&topic, "N<3021>;noa=nk/+#%\x01\x7f"
	                              "é");
	assert_string_equal(topic.data, "N<3021>;noa=nk%2F%2B%23%25%01%7Fé");
	cti_text_free(&topic);
}

#define EVENT(members) "{\"specversion\":\"1.0\",\"type\":\"cti.call.held\"," members "}"

static void bad_events_are_named(void **unused)
{
	static const struct {
		const char *json, *says;
		int code;
	} rows[] = {
	        {"", "octet", CTI_E_INVALID},
	        {"[]", "object", CTI_E_INVALID},
	        {"{\"type\":\"cti.call.held\"", "octet", CTI_E_INVALID},
	        {"{\"data\":{}}", "type", CTI_E_INVALID},
	        {"{\"type\":\"cti.call.sung\",\"data\":{}}", "type", CTI_E_UNSUPPORTED},
	        {EVENT("\"id\":1,\"data\":{}"), "id", CTI_E_INVALID},
	        {EVENT("\"id\":\"1\""), "data", CTI_E_INVALID},
	        {EVENT("\"source\":\"x\",\"data\":{}"), "source", CTI_E_INVALID},
	        {EVENT("\"source\":\"/a%ff/b\",\"data\":{}"), "source", CTI_E_INVALID},
	        {EVENT("\"source\":\"/a%00/b\",\"data\":{}"), "source", CTI_E_INVALID},
	        {EVENT("\"sequence\":7,\"data\":{}"), "sequence", CTI_E_INVALID},
	        {EVENT("\"sequence\":\"7x\",\"data\":{}"), "sequence", CTI_E_INVALID},
	        {EVENT("\"sequence\":\"18446744073709551616\",\"data\":{}"), "sequence",
	         CTI_E_INVALID},
	        {EVENT("\"time\":\"2026-13-01T00:00:00Z\",\"data\":{}"), "time", CTI_E_INVALID},
	        {EVENT("\"time\":\"today\",\"data\":{}"), "time", CTI_E_INVALID},
	        {EVENT("\"data\":{\"holdingDevice\":\"2001\"}"), "holdingDevice", CTI_E_INVALID},
	        {EVENT("\"data\":{\"connection\":{\"state\":\"odd\"}}"), "state", CTI_E_INVALID},
	        {EVENT("\"data\":{\"subjects\":{\"device/1\":-1}}"), "subjects", CTI_E_INVALID},
	        {EVENT("\"data\":{\"subjects\":{\"device/1\":1,\"device/1\":2}}"), "duplicate",
	         CTI_E_INVALID},
	        {EVENT("\"data\":{\"attached\":{\"k\":1}}"), "attached", CTI_E_INVALID},
	        {EVENT("\"data\":{\"privateNames\":[]}"), "privateNames", CTI_E_INVALID},
	        {EVENT("\"data\":{\"connections\":[1]}"), "connections", CTI_E_INVALID},
	        {EVENT("\"data\":{\"userData\":{\"string\":\"0\"}}"), "string", CTI_E_INVALID},
	        {EVENT("\"data\":{\"userData\":{\"string\":\"0g\"}}"), "string", CTI_E_INVALID},
	        {EVENT("\"data\":{\"numberQueued\":-2}"), "numberQueued", CTI_E_INVALID},
	        {EVENT("\"data\":{\"cause\":\"\\u0000\"}"), "octet", CTI_E_INVALID},
	};
	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cti_event *event = NULL;
		struct cti_error error = {0};
		int code = cti_wire_event_read(&event, rows[i].json, strlen(rows[i].json), &error);
		if (code != rows[i].code || !strstr(error.text, rows[i].says) || event)
			fail_msg("%s: %d, %s", rows[i].json, code, error.text);
	}
}

static void foreign_but_right(void **unused)
{
	/* Members that are not known, null for absent, an offset, a fraction of nine digits. */
	static const char json[] =
	        EVENT("\"id\":null,\"source\":\"/ac%6De/\",\"new\":[{}],"
	              "\"time\":\"2026-11-22T15:00:00.123456789+08:00\","
	              "\"data\":{\"new\":1,\"connection\":{\"callID\":\"1\",\"new\":true},"
	              "\"holdingDevice\":null}");
	struct cti_event *event;
	struct cti_error error;
	(void)unused;
	assert_int_equal(cti_wire_event_read(&event, json, sizeof json - 1, &error), 0);
	assert_null(event->id);
	assert_string_equal(event->tenant, "acme");
	assert_null(event->switch_name);
	assert_true(event->time_us == INT64_C(1795330800123456));
	assert_string_equal(event->connection.call_id, "1");
	assert_int_equal(event->subject.status, CTI_DEVICE_ABSENT);
	free(event);
}

static void limits(void **unused)
{
	char *large = test_calloc(1, CTI_WIRE_MESSAGE_MAX + 2);
	struct cti_text json = {0};
	struct cti_event event, *back;
	struct cti_error error;
	(void)unused;
	memset(large, '[', CTI_WIRE_MESSAGE_MAX + 1);
	assert_int_equal(cti_wire_event_read(&back, large, CTI_WIRE_MESSAGE_MAX + 1, &error),
	                 CTI_E_LIMIT);
	/* As deep as it is long: refused, without a deep stack. */
	assert_int_equal(cti_wire_event_read(&back, large, CTI_WIRE_MESSAGE_MAX, &error),
	                 CTI_E_LIMIT);
	assert_string_equal(error.text, "JSON nested deeper than 16 levels");
	/* Not deep, but more values than a message has. */
	for (size_t i = 0; i < CTI_WIRE_MESSAGE_MAX / 3; i++)
		memcpy(large + 3 * i, i ? "{}," : "[ [", 3);
	assert_int_equal(cti_wire_event_read(&back, large, CTI_WIRE_MESSAGE_MAX, &error),
	                 CTI_E_LIMIT);
	assert_non_null(strstr(error.text, "JSON of 262144 octets that would take"));
	memset(large, '[', CTI_WIRE_MESSAGE_MAX + 1);
	/* What does not fit is not written at all, and what stood before stays. */
	cti_event_init(&event, CTI_EVENT_CALL_HELD);
	event.text = large;
	cti_text_literal(&json, "before");
	assert_int_equal(cti_wire_event_write(&json, &event), CTI_E_LIMIT);
	assert_int_equal(json.length, 6);
	event.type = CTI_EVENT_TYPES;
	assert_int_equal(cti_wire_event_write(&json, &event), CTI_E_INVALID);
	cti_text_free(&json);
	test_free(large);
}

static void what_passes_through_comes_whole(void **unused)
{
	static const char message[] = "{\"parking\":{\"callID\":\"17\"},\"parkTo\":{\"x\":[1,2]}}";
	struct cti_request request, back;
	struct cti_reply reply, *read = NULL;
	struct cti_event event, *heard = NULL;
	struct cti_error error = {0};
	struct cti_text text = {0};
	const char *id;
	(void)unused;
	cti_request_init(&request, CTI_SERVICE_OTHER);
	request.element = "ParkCall";
	request.message = message;
	assert_int_equal(cti_wire_request_write(&text, &request), 0);
	json_t *object = json_loads(text.data, 0, NULL);
	assert_int_equal(cti_wire_request_read(&back, object, &error), 0);
	assert_int_equal(back.service, CTI_SERVICE_OTHER);
	assert_string_equal(back.element, "ParkCall");
	assert_string_equal(back.message, message);
	json_decref(object);

	/* What an application hands over is not trusted to be JSON. */
	request.message = "{\"a\":1},\"user\":\"root\"";
	assert_int_equal(cti_wire_request_write(&text, &request), CTI_E_INVALID);
	request.message = "[]";
	assert_int_equal(cti_wire_request_write(&text, &request), CTI_E_INVALID);

	cti_text_clear(&text);
	cti_reply_init(&reply);
	reply.message = message;
	assert_int_equal(cti_wire_reply_write(&text, "1", &reply), 0);
	object = json_loads(text.data, 0, NULL);
	assert_int_equal(cti_wire_reply_read(&read, &id, object, &error), 0);
	assert_string_equal(read->message, message);
	json_decref(object);
	free(read);

	cti_text_clear(&text);
	cti_event_init(&event, CTI_EVENT_CSTA);
	event.id = "e-1", event.tenant = "t", event.switch_name = "hq", event.epoch = "e";
	event.sequence = 1;
	event.element = "BridgedEvent";
	event.message = message;
	assert_int_equal(cti_wire_event_write(&text, &event), 0);
	assert_int_equal(cti_wire_event_read(&heard, text.data, text.length, &error), 0);
	assert_string_equal(heard->element, "BridgedEvent");
	assert_string_equal(heard->message, message);
	free(heard);
	cti_text_free(&text);
}

static void bad_requests_are_named(void **unused)
{
	static const struct {
		const char *json, *says;
		int code;
	} rows[] = {
	        {"[]", "object", CTI_E_INVALID},
	        {"{}", "service", CTI_E_INVALID},
	        {"{\"service\":\"ParkCall\",\"message\":[]}", "message", CTI_E_INVALID},
	        {"{\"service\":1}", "service", CTI_E_INVALID},
	        {"{\"service\":\"SetAgentState\"}", "requestedAgentState", CTI_E_INVALID},
	        {"{\"service\":\"SetAgentState\",\"requestedAgentState\":\"busy\"}",
	         "requestedAgentState", CTI_E_INVALID},
	        {"{\"service\":\"MakeCall\",\"timeoutMs\":-1}", "timeoutMs", CTI_E_INVALID},
	        {"{\"service\":\"MakeCall\",\"device\":2001}", "device", CTI_E_INVALID},
	        {"{\"service\":\"AnswerCall\",\"connection\":\"17\"}", "connection", CTI_E_INVALID},
	        {"{\"service\":\"MakeCall\",\"participationType\":\"loud\"}", "participationType",
	         CTI_E_INVALID},
	        {"{\"service\":\"MonitorStart\",\"monitorFilter\":[\"x\"]}", "monitorFilter",
	         CTI_E_INVALID},
	        {"{\"service\":\"MakeCall\",\"id\":\"1234567890123456789012345678901234567890"
	         "1234567890123456789012345\"}",
	         "id", CTI_E_INVALID},
	};
	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cti_request request;
		struct cti_error error = {0};
		json_t *object = json_loads(rows[i].json, 0, NULL);
		int code = cti_wire_request_read(&request, object, &error);
		if (code != rows[i].code || !strstr(error.text, rows[i].says))
			fail_msg("%s: %d, %s", rows[i].json, code, error.text);
		json_decref(object);
	}
}

/* A million octets of noise, made of JSON's own: an error or an event, never a crash. */
static void noise(void **unused)
{
	static const char *const words[] = {
	        "{",
	        "}",
	        "[",
	        "]",
	        ",",
	        ":",
	        "\"type\"",
	        "\"data\"",
	        "\"cti.call.held\"",
	        "1",
	        "-1",
	        "\"connection\"",
	        "\"holdingDevice\"",
	        "\"number\"",
	        "\"\\ud800\"",
	        "null",
	        "true",
	        "1e999",
	        "\"source\"",
	        "\"/a/b\"",
	        "\"subjects\"",
	};
	(void)unused;
	seed = 3;
	for (unsigned round = 0; round < 20000; round++) {
		char json[512] = "{\"type\":\"cti.call.held\",\"data\":{";
		struct cti_event *event = NULL;
		for (unsigned n = upto(20); n; n--)
			strcat(json, words[upto(sizeof words / sizeof *words)]);
		if (maybe())
			strcat(json, "}}");
		if (!cti_wire_event_read(&event, json, strlen(json), NULL))
			free(event);
		else
			assert_null(event);
	}
}

/* Each allocation fails in turn: an error, nothing half done, nothing leaked. */
static void without_memory(void **unused)
{
	struct cti_text whole = {0};
	(void)unused;
	seed = 5;
	struct cti_event event = event_draw(CTI_EVENT_CALL_TRANSFERRED);
	assert_int_equal(cti_wire_event_write(&whole, &event), 0);
	for (long n = 0;; n++) {
		struct cti_text json = {0};
		nomem_after(n, false);
		int code = cti_wire_event_write(&json, &event);
		bool failed = nomem_failed();
		nomem_after(-1, false);
		assert_int_equal(code, failed ? CTI_E_NOMEM : 0);
		assert_int_equal(json.length, failed ? 0 : whole.length);
		cti_text_free(&json);
		if (!failed)
			break;
	}
	for (long n = 0;; n++) {
		struct cti_event *back = NULL;
		nomem_after(n, false);
		int code = cti_wire_event_read(&back, whole.data, whole.length, NULL);
		bool failed = nomem_failed();
		nomem_after(-1, false);
		assert_int_equal(code, failed ? CTI_E_NOMEM : 0);
		assert_int_equal(!back, failed);
		free(back);
		if (!failed)
			break;
	}
	cti_text_free(&whole);
	forget();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(event_survives),
	        cmocka_unit_test(event_sample),
	        cmocka_unit_test(request_survives),
	        cmocka_unit_test(reply_survives),
	        cmocka_unit_test(attach_survives),
	        cmocka_unit_test(invalid_utf8_is_replaced),
	        cmocka_unit_test(times),
	        cmocka_unit_test(topics),
	        cmocka_unit_test(bad_events_are_named),
	        cmocka_unit_test(foreign_but_right),
	        cmocka_unit_test(limits),
	        cmocka_unit_test(bad_requests_are_named),
	        cmocka_unit_test(what_passes_through_comes_whole),
	        cmocka_unit_test(noise),
	        cmocka_unit_test(without_memory),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
