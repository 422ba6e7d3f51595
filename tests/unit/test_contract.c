/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of names of sdk/include/cti, the copies of events, requests and replies. */
#include "test.h"

#include <cti/event.h>
#include <cti/request.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void names_come_back(void **state)
{
	(void)state;
	for (int i = 0; i < CTI_EVENT_TYPES; i++) {
		const char *name = cti_event_type_name((enum cti_event_type)i);
		char full[64];
		snprintf(full, sizeof full, "cti.%s", name);
		assert_int_equal(cti_event_type_parse(name), i);
		assert_int_equal(cti_event_type_parse(full), i);
		assert_true(cti_event_phase((enum cti_event_type)i)[0] != '\0');
	}
	for (int i = 0; i < CTI_CONNECTION_STATES_COUNT; i++)
		assert_int_equal(cti_connection_state_parse(
		                         cti_connection_state_name((enum cti_connection_state)i)),
		                 i);
	for (int i = 0; i < CTI_AGENT_STATES_COUNT; i++)
		assert_int_equal(
		        cti_agent_state_parse(cti_agent_state_name((enum cti_agent_state)i)), i);
	for (int i = 0; i < CTI_SERVICES_COUNT; i++)
		assert_int_equal(cti_service_parse(cti_service_name((enum cti_service)i)), i);
	for (int i = 0; i <= CTI_REQUEST_WORKING_AFTER_CALL; i++)
		assert_int_equal(cti_requested_agent_state_parse(cti_requested_agent_state_name(
		                         (enum cti_requested_agent_state)i)),
		                 i);
}

static void unknown_names_are_refused(void **state)
{
	(void)state;
	assert_int_equal(cti_event_type_parse("call.answered"), -1);
	assert_int_equal(cti_event_type_parse(NULL), -1);
	assert_int_equal(cti_service_parse("makecall"), -1);
	assert_int_equal(cti_connection_state_parse(""), -1);
	assert_int_equal(cti_agent_state_parse("Ready"), -1);
	assert_string_equal(cti_connection_state_name(CTI_CONNECTION_UNKNOWN), "unknown");
	assert_string_equal(cti_agent_state_name(CTI_AGENT_UNKNOWN), "unknown");
	assert_string_equal(cti_event_type_name((enum cti_event_type)4711), "?");
	assert_string_equal(cti_category_name((enum cti_category)99), "");
}

static void codes_have_names_and_texts(void **state)
{
	(void)state;
	assert_string_equal(cti_code_name(CTI_E_TIMEOUT), "TIMEOUT");
	assert_string_equal(cti_strerror(CTI_E_TIMEOUT), "timed out");
	assert_string_equal(cti_strerror(CTI_OK), "success");
	assert_string_equal(cti_strerror(-4711), "unknown error");
	assert_string_equal(cti_code_name(-4711), "?");
	assert_string_equal(cti_category_name(CTI_CATEGORY_STATE_INCOMPATIBILITY),
	                    "stateIncompatibility");
}

static void a_sentence_is_one_line_cut_at_a_character(void **state)
{
	struct cti_error error;
	char text[400];
	(void)state;
	assert_int_equal(cti_error_set(&error, CTI_E_IO, "a\nb\tc%c", 0x7F), CTI_E_IO);
	assert_string_equal(error.text, "a b c ");
	assert_int_equal(error.code, CTI_E_IO);
	assert_int_equal(cti_error_set(&error, CTI_E_IO, "%s", "a\xff \xc3\xbc \xed\xa0\x80\xc3"),
	                 CTI_E_IO);
	assert_string_equal(error.text, "a? \xc3\xbc ????");
	assert_int_equal(cti_error_set(NULL, CTI_E_IO, "nobody listens"), CTI_E_IO);
	/* The cut falls on every octet of a character of 1, 2, 3 and 4 octets. */
	static const char *const characters[] = {"a", "ä", "€", "😀"};
	for (size_t c = 0; c < COUNT(characters); c++) {
		size_t size = strlen(characters[c]);
		for (size_t before = CTI_ERROR_TEXT - 6; before < CTI_ERROR_TEXT; before++) {
			memset(text, 'x', before);
			strcpy(text + before, characters[c]);
			cti_error_set(&error, CTI_E_IO, "%s", text);
			size_t expected = before + size < CTI_ERROR_TEXT ? before + size : before;
			assert_int_equal(strlen(error.text),
			                 expected < CTI_ERROR_TEXT ? expected : CTI_ERROR_TEXT - 1);
		}
	}
}

static void absent_is_absent(void **state)
{
	struct cti_event event;
	struct cti_request request;
	struct cti_reply reply;
	(void)state;
	memset(&event, 0x55, sizeof event);
	cti_event_init(&event, CTI_EVENT_CALL_QUEUED);
	assert_int_equal(event.type, CTI_EVENT_CALL_QUEUED);
	assert_int_equal(event.number_queued, -1);
	assert_int_equal(event.local_state, CTI_CONNECTION_UNKNOWN);
	assert_null(event.cause);
	assert_int_equal(event.calling.status, CTI_DEVICE_ABSENT);
	memset(&request, 0x55, sizeof request);
	cti_request_init(&request, CTI_SERVICE_HOLD_CALL);
	assert_int_equal(request.service, CTI_SERVICE_HOLD_CALL);
	assert_null(request.device);
	assert_int_equal(request.participation, CTI_PARTICIPATION_ACTIVE);
	memset(&reply, 0x55, sizeof reply);
	cti_reply_init(&reply);
	assert_int_equal(reply.pending_state, CTI_AGENT_UNKNOWN);
	assert_null(reply.items);
}

/*
 * Every pointer of the structs points into a buffer that is overwritten after the copy was made: a
 * pointer that was copied instead of what it points to shows.
 */
static char scratch[4096];
static size_t scratch_used;

static const char *lend(const char *text)
{
	char *copy = scratch + scratch_used;
	strcpy(copy, text);
	scratch_used += strlen(text) + 1;
	return copy;
}

static struct cti_device device(const char *number)
{
	return (struct cti_device){CTI_DEVICE_NUMBER, lend(number), lend("as received"),
	                           lend("Name")};
}

static struct cti_connection connection(const char *call)
{
	return (struct cti_connection){lend(call), lend("2001"), true, CTI_CONNECTION_HOLD};
}

static struct cti_octets octets(const char *text)
{
	return (struct cti_octets){(const uint8_t *)lend(text), strlen(text)};
}

static void device_is(const struct cti_device *device, const char *number)
{
	assert_int_equal(device->status, CTI_DEVICE_NUMBER);
	assert_string_equal(device->number, number);
	assert_string_equal(device->received, "as received");
	assert_string_equal(device->name, "Name");
}

static void octets_are(const struct cti_octets *octets, const char *text)
{
	assert_int_equal(octets->length, strlen(text));
	assert_memory_equal(octets->data, text, strlen(text));
}

static void event_copy_owns_everything(void **state)
{
	struct cti_connection_item items[2];
	struct cti_subject subjects[2];
	struct cti_pair pairs[1];
	struct cti_event event;
	(void)state;
	scratch_used = 0;
	cti_event_init(&event, CTI_EVENT_CALL_TRANSFERRED);
	const char **strings[] = {&event.id,       &event.tenant,         &event.switch_name,
	                          &event.epoch,    &event.interaction_id, &event.request_id,
	                          &event.monitor,  &event.cause,          &event.digits,
	                          &event.agent_id, &event.reason,         &event.merged_into,
	                          &event.parent,   &event.text,           &event.private_data};
	struct cti_device *devices[] = {&event.subject,
	                                &event.calling,
	                                &event.called,
	                                &event.last_redirection,
	                                &event.other,
	                                &event.network_calling,
	                                &event.network_called,
	                                &event.associated_calling,
	                                &event.associated_called,
	                                &event.group};
	struct cti_octets *data[] = {&event.correlator, &event.user_data, &event.global_call,
	                             &event.thread};
	char name[8];
	for (size_t i = 0; i < COUNT(strings); i++) {
		snprintf(name, sizeof name, "s%zu", i);
		*strings[i] = lend(name);
	}
	for (size_t i = 0; i < COUNT(devices); i++) {
		snprintf(name, sizeof name, "d%zu", i);
		*devices[i] = device(name);
	}
	for (size_t i = 0; i < COUNT(data); i++) {
		snprintf(name, sizeof name, "o%zu", i);
		*data[i] = octets(name);
	}
	event.connection = connection("c0");
	event.primary_old = connection("c1");
	event.secondary_old = connection("c2");
	for (int i = 0; i < 2; i++) {
		items[i].new_connection = connection("n");
		items[i].old_connection = connection("o");
		items[i].endpoint = device("e");
		items[i].associated_nid = device("t");
		subjects[i] = (struct cti_subject){lend("device/2001"), 41};
	}
	pairs[0] = (struct cti_pair){lend("customer"), lend("4711")};
	event.items = items;
	event.item_count = 2;
	event.subjects = subjects;
	event.subject_count = 2;
	event.attached = pairs;
	event.attached_count = 1;
	event.sequence = 1042;

	struct cti_event *copy = cti_event_copy(&event);
	assert_non_null(copy);
	const struct cti_event original = event;
	memset(scratch, '#', sizeof scratch);
	memset(items, '#', sizeof items);
	memset(subjects, '#', sizeof subjects);
	memset(pairs, '#', sizeof pairs);
	event = *copy; /* the tables above now look at the copy */

	assert_int_equal(original.type, copy->type);
	assert_int_equal(copy->sequence, 1042);
	for (size_t i = 0; i < COUNT(strings); i++) {
		snprintf(name, sizeof name, "s%zu", i);
		assert_string_equal(*strings[i], name);
	}
	for (size_t i = 0; i < COUNT(devices); i++) {
		snprintf(name, sizeof name, "d%zu", i);
		device_is(devices[i], name);
	}
	for (size_t i = 0; i < COUNT(data); i++) {
		snprintf(name, sizeof name, "o%zu", i);
		octets_are(data[i], name);
	}
	assert_string_equal(copy->connection.call_id, "c0");
	assert_string_equal(copy->primary_old.call_id, "c1");
	assert_string_equal(copy->secondary_old.device_id, "2001");
	assert_int_equal(copy->item_count, 2);
	assert_string_equal(copy->items[1].old_connection.call_id, "o");
	assert_string_equal(copy->items[1].new_connection.call_id, "n");
	device_is(&copy->items[1].endpoint, "e");
	device_is(&copy->items[0].associated_nid, "t");
	assert_string_equal(copy->subjects[1].subject, "device/2001");
	assert_int_equal(copy->subjects[1].counter, 41);
	assert_string_equal(copy->attached[0].value, "4711");
	free(copy);
}

static void request_copy_owns_everything(void **state)
{
	struct cti_request request;
	(void)state;
	scratch_used = 0;
	cti_request_init(&request, CTI_SERVICE_CONSULTATION_CALL);
	const char **strings[] = {&request.switch_name, &request.id,          &request.user,
	                          &request.device,      &request.destination, &request.group,
	                          &request.agent_id,    &request.password,    &request.reason,
	                          &request.monitor,     &request.private_data};
	char name[8];
	for (size_t i = 0; i < COUNT(strings); i++) {
		snprintf(name, sizeof name, "s%zu", i);
		*strings[i] = lend(name);
	}
	request.connection = connection("c");
	request.held = connection("h");
	request.correlator = octets("corr");
	request.user_data = octets("user");
	struct cti_request *copy = cti_request_copy(&request);
	assert_non_null(copy);
	memset(scratch, '#', sizeof scratch);
	request = *copy;
	for (size_t i = 0; i < COUNT(strings); i++) {
		snprintf(name, sizeof name, "s%zu", i);
		assert_string_equal(*strings[i], name);
	}
	assert_string_equal(copy->connection.call_id, "c");
	assert_string_equal(copy->held.call_id, "h");
	octets_are(&copy->correlator, "corr");
	octets_are(&copy->user_data, "user");
	free(copy);
}

static void reply_copy_owns_everything(void **state)
{
	enum cti_connection_state others[2] = {CTI_CONNECTION_CONNECTED, CTI_CONNECTION_ALERTING};
	struct cti_snapshot_item snapshot[2];
	struct cti_agent_item agents[1];
	struct cti_connection_item items[1];
	struct cti_reply reply;
	(void)state;
	scratch_used = 0;
	cti_reply_init(&reply);
	reply.value = lend("invalidDeviceID");
	reply.text = lend("a sentence");
	reply.monitor = lend("m");
	reply.system_status = lend("normal");
	reply.private_data = lend("<x/>");
	reply.connection = connection("c");
	reply.calling = device("1");
	reply.called = device("2");
	for (int i = 0; i < 2; i++)
		snapshot[i] = (struct cti_snapshot_item){connection("s"), device("3"),
		                                         i ? NULL : others, i ? 0 : 2};
	agents[0] = (struct cti_agent_item){lend("a"), device("g"), true, CTI_AGENT_READY,
	                                    CTI_AGENT_UNKNOWN};
	items[0] = (struct cti_connection_item){connection("n"), connection("o"), device("e"),
	                                        device("t")};
	reply.snapshot = snapshot;
	reply.snapshot_count = 2;
	reply.agents = agents;
	reply.agent_count = 1;
	reply.items = items;
	reply.item_count = 1;
	struct cti_reply *copy = cti_reply_copy(&reply);
	assert_non_null(copy);
	memset(scratch, '#', sizeof scratch);
	memset(snapshot, '#', sizeof snapshot);
	memset(agents, '#', sizeof agents);
	memset(items, '#', sizeof items);
	memset(others, '#', sizeof others);
	assert_string_equal(copy->value, "invalidDeviceID");
	assert_string_equal(copy->text, "a sentence");
	assert_string_equal(copy->monitor, "m");
	assert_string_equal(copy->system_status, "normal");
	assert_string_equal(copy->private_data, "<x/>");
	assert_string_equal(copy->connection.call_id, "c");
	device_is(&copy->calling, "1");
	device_is(&copy->called, "2");
	assert_int_equal(copy->snapshot[0].other_count, 2);
	assert_int_equal(copy->snapshot[0].other_states[1], CTI_CONNECTION_ALERTING);
	assert_null(copy->snapshot[1].other_states);
	device_is(&copy->snapshot[1].device, "3");
	assert_string_equal(copy->agents[0].agent_id, "a");
	device_is(&copy->agents[0].group, "g");
	assert_string_equal(copy->items[0].old_connection.call_id, "o");
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(names_come_back),
	        cmocka_unit_test(unknown_names_are_refused),
	        cmocka_unit_test(codes_have_names_and_texts),
	        cmocka_unit_test(a_sentence_is_one_line_cut_at_a_character),
	        cmocka_unit_test(absent_is_absent),
	        cmocka_unit_test(event_copy_owns_everything),
	        cmocka_unit_test(request_copy_owns_everything),
	        cmocka_unit_test(reply_copy_owns_everything),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
