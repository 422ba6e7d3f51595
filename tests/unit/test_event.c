/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain structs to messages and back, through BER and through XML of every edition: what arrives is
 * what was sent. Compared as text, so that a failure shows the field.
 */
#include "csta/arena.h"
#include "csta/event.h"
#include "test.h"
#include "tests/support/messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- structs as text ---------------------------------------------------------------------- */

struct text {
	char data[8192];
	size_t used;
};

static void say(struct text *text, const char *name, const char *value)
{
	if (value)
		text->used +=
		        (size_t)snprintf(text->data + text->used, sizeof text->data - text->used,
		                         "%s=%s\n", name, value);
}

static void say_number(struct text *text, const char *name, long value)
{
	char number[24];
	snprintf(number, sizeof number, "%ld", value);
	say(text, name, number);
}

static void say_device(struct text *text, const char *name, const struct cti_device *device)
{
	static const char *const words[] = {
	        NULL, "", "notKnown", "restricted", "notRequired", "notSpecified"};
	char line[256];
	if (device->status == CTI_DEVICE_ABSENT)
		return;
	snprintf(line, sizeof line, "%s%s%s%s", words[device->status],
	         device->number ? device->number : "", device->name ? " name " : "",
	         device->name ? device->name : "");
	say(text, name, line);
}

static void say_connection(struct text *text, const char *name,
                           const struct cti_connection *connection)
{
	char line[256];
	if (!connection->call_id && !connection->device_id)
		return;
	snprintf(line, sizeof line, "%s.%s%s %s", connection->call_id ? connection->call_id : "-",
	         connection->device_id ? connection->device_id : "-",
	         connection->dynamic ? " dynamic" : "",
	         cti_connection_state_name(connection->state));
	say(text, name, line);
}

static void say_octets(struct text *text, const char *name, const struct cti_octets *octets)
{
	char line[128] = "";
	if (!octets->data)
		return;
	for (size_t i = 0; i < octets->length && i < 60; i++)
		sprintf(line + 2 * i, "%02x", octets->data[i]);
	say(text, name, line[0] ? line : "(empty)");
}

static void say_items(struct text *text, const struct cti_connection_item *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		say_connection(text, "item.new", &items[i].new_connection);
		say_connection(text, "item.old", &items[i].old_connection);
		say_device(text, "item.endpoint", &items[i].endpoint);
		say_device(text, "item.nid", &items[i].associated_nid);
	}
}

static const char *event_text(struct text *text, const struct cti_event *event)
{
	text->used = 0;
	say(text, "type", cti_event_type_name(event->type));
	say_number(text, "flags", event->flags);
	say(text, "monitor", event->monitor);
	say_connection(text, "connection", &event->connection);
	say_number(text, "local", event->local_state);
	say_device(text, "subject", &event->subject);
	say_device(text, "calling", &event->calling);
	say_device(text, "called", &event->called);
	say_device(text, "last_redirection", &event->last_redirection);
	say_device(text, "other", &event->other);
	say_device(text, "network_calling", &event->network_calling);
	say_device(text, "network_called", &event->network_called);
	say_device(text, "associated_calling", &event->associated_calling);
	say_device(text, "associated_called", &event->associated_called);
	say(text, "cause", event->cause);
	say_connection(text, "primary_old", &event->primary_old);
	say_connection(text, "secondary_old", &event->secondary_old);
	say_items(text, event->items, event->item_count);
	say_number(text, "number_queued", event->number_queued);
	say_number(text, "calls_in_front", event->calls_in_front);
	say_octets(text, "correlator", &event->correlator);
	say_octets(text, "user_data", &event->user_data);
	say_octets(text, "global_call", &event->global_call);
	say_octets(text, "thread", &event->thread);
	say(text, "digits", event->digits);
	say(text, "agent_id", event->agent_id);
	say_device(text, "group", &event->group);
	say(text, "pending", cti_agent_state_name(event->pending_state));
	say(text, "reason", event->reason);
	say(text, "private", event->private_data);
	return text->data;
}

static const char *request_text(struct text *text, const struct cti_request *request)
{
	text->used = 0;
	say(text, "service", cti_service_name(request->service));
	say_connection(text, "connection", &request->connection);
	say_connection(text, "held", &request->held);
	say(text, "device", request->device);
	say(text, "destination", request->destination);
	say(text, "group", request->group);
	say(text, "agent_id", request->agent_id);
	say(text, "password", request->password);
	say(text, "reason", request->reason);
	say_number(text, "agent_state", request->agent_state);
	say_number(text, "participation", request->participation);
	say_number(text, "do_not_prompt", request->do_not_prompt);
	say_number(text, "call_type", request->call_type);
	say(text, "monitor", request->monitor);
	say_number(text, "filter", (long)request->monitor_filter);
	say_octets(text, "correlator", &request->correlator);
	say_octets(text, "user_data", &request->user_data);
	say(text, "private", request->private_data);
	return text->data;
}

static const char *reply_text(struct text *text, const struct cti_reply *reply)
{
	text->used = 0;
	say_number(text, "code", reply->code);
	say(text, "category", cti_category_name(reply->category));
	say(text, "value", reply->value);
	say_connection(text, "connection", &reply->connection);
	say_items(text, reply->items, reply->item_count);
	say(text, "monitor", reply->monitor);
	say_number(text, "existing", reply->monitor_existing_calls);
	for (size_t i = 0; i < reply->snapshot_count; i++) {
		say_connection(text, "snapshot", &reply->snapshot[i].connection);
		say_number(text, "snapshot.state", reply->snapshot[i].connection.state);
		say_device(text, "snapshot.device", &reply->snapshot[i].device);
		for (size_t j = 0; j < reply->snapshot[i].other_count; j++)
			say_number(text, "snapshot.other", reply->snapshot[i].other_states[j]);
	}
	say_device(text, "calling", &reply->calling);
	say_device(text, "called", &reply->called);
	for (size_t i = 0; i < reply->agent_count; i++) {
		say(text, "agent", reply->agents[i].agent_id);
		say_device(text, "agent.group", &reply->agents[i].group);
		say_number(text, "agent.on", reply->agents[i].logged_on);
		say(text, "agent.state", cti_agent_state_name(reply->agents[i].state));
		say(text, "agent.pending", cti_agent_state_name(reply->agents[i].pending_state));
	}
	say(text, "pending", cti_agent_state_name(reply->pending_state));
	say(text, "status", reply->system_status);
	say(text, "private", reply->private_data);
	return text->data;
}

/* ---- through a wire ------------------------------------------------------------------------ */

enum { WIRE_BER, WIRE_ED3, WIRE_ED4, WIRE_ED5, WIRE_ED6, WIRES };

static struct csta_message *through(struct csta_message *message, int wire)
{
	struct csta_buffer out = {0};
	struct csta_message *arrived = NULL;
	struct cti_error error = {0};
	size_t used = 0;
	int code;
	if (wire == WIRE_BER) {
		if (message->invoke_id == CSTA_NO_INVOKE_ID)
			message->invoke_id = 1;
		code = csta_encode_ber(codec, message, &out, &error);
		if (!code)
			code = csta_decode_ber(&arrived, codec, out.data, out.length, &used,
			                       pending, NULL, &error);
	} else {
		code = csta_encode_xml(codec, message, (enum csta_edition)(wire - WIRE_ED3 + 3),
		                       &out, &error);
		if (!code)
			code = csta_decode_xml(&arrived, codec, out.data, out.length, NULL, &error);
	}
	if (code)
		fail_msg("%s, wire %d: %s\n%.*s", message->type->element, wire, error.text,
		         wire == WIRE_BER ? 0 : (int)out.length, out.data ? (char *)out.data : "");
	csta_buffer_free(&out);
	return arrived;
}

static struct csta_message *event_message(const struct cti_event *event)
{
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	if (csta_event_write(&message, codec, event, &error))
		fail_msg("%s: %s", cti_event_type_name(event->type), error.text);
	return message;
}

static struct cti_event event_of(const struct csta_message *message)
{
	struct cti_event event;
	struct cti_error error = {0};
	if (csta_event_read(message, &event, &error))
		fail_msg("%s: %s", message->type->element, error.text);
	return event;
}

/* ---- events -------------------------------------------------------------------------------- */

static const uint8_t global_id[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

#define DEVICE(text)                                                                               \
	{                                                                                          \
		.status = CTI_DEVICE_NUMBER, .number = text                                        \
	}

static const struct cti_connection_item two_items[] = {
        {.new_connection = {"33", "2001", false, CTI_CONNECTION_UNKNOWN},
         .old_connection = {"17", "2001", false, CTI_CONNECTION_UNKNOWN},
         .endpoint = DEVICE("2001"),
         .associated_nid = DEVICE("T1")},
        {.new_connection = {"33", "0x00FF", true, CTI_CONNECTION_UNKNOWN},
         .old_connection = {"18", NULL, false, CTI_CONNECTION_UNKNOWN},
         .endpoint = {.status = CTI_DEVICE_RESTRICTED},
         .associated_nid = {.status = CTI_DEVICE_NOT_KNOWN}},
};

/* Every field that any event has. */
static struct cti_event full(enum cti_event_type type)
{
	struct cti_event event;
	cti_event_init(&event, type);
	event.monitor = "1173673890";
	event.connection = (struct cti_connection){"FF00010000000000EC6114647E570000", "2001",
	                                           false, CTI_CONNECTION_UNKNOWN};
	event.local_state = CTI_CONNECTION_CONNECTED;
	event.subject = (struct cti_device)DEVICE("2001");
	event.calling = (struct cti_device)DEVICE("+8675588880001");
	event.called.status = CTI_DEVICE_NOT_KNOWN;
	event.last_redirection = (struct cti_device)DEVICE("3000");
	event.other = (struct cti_device)DEVICE("N<2002>Anna;displayNumber=2002;noa=nk");
	event.network_calling.status = CTI_DEVICE_RESTRICTED;
	event.network_called = (struct cti_device)DEVICE("02911");
	event.associated_calling = (struct cti_device)DEVICE("T1");
	event.associated_called.status = CTI_DEVICE_NOT_KNOWN;
	event.cause = "distributed";
	event.primary_old = (struct cti_connection){"17", "2001", false, CTI_CONNECTION_UNKNOWN};
	event.secondary_old = (struct cti_connection){"18", "2001", false, CTI_CONNECTION_UNKNOWN};
	event.items = two_items;
	event.item_count = 2;
	event.number_queued = 7;
	event.calls_in_front = 6;
	event.correlator = (struct cti_octets){(const uint8_t *)"\0\1\xFF", 3};
	event.user_data = (struct cti_octets){(const uint8_t *)"hello", 5};
	event.global_call = (struct cti_octets){global_id, 16};
	event.thread = (struct cti_octets){global_id, 8};
	event.agent_id = "4711";
	event.group = (struct cti_device)DEVICE("3000");
	event.pending_state = CTI_AGENT_NOT_READY;
	event.private_data = "<scx:staticOndDN xmlns:scx=\"http://www.siemens.com/schema/csta\">"
	                     "17133013</scx:staticOndDN>";
	return event;
}

static bool has_element(int type)
{
	return cti_event_element((enum cti_event_type)type)[0] != '\0';
}

static void events_come_back_from_every_wire(void **state)
{
	struct text sent, came;
	int types = 0;
	(void)state;
	for (int type = 0; type < CTI_EVENT_TYPES; type++) {
		struct cti_event event = full((enum cti_event_type)type);
		if (!has_element(type))
			continue;
		types++;
		if (type == CTI_EVENT_CALL_SERVICE_INITIATED)
			event.called.status = CTI_DEVICE_ABSENT; /* edition 6 has it alone */
		/* What the event can carry of all that. */
		struct csta_message *first = event_message(&event);
		struct cti_event carried = event_of(first);
		event_text(&sent, &carried);
		assert_int_equal(carried.type, type);
		assert_string_equal(carried.monitor, "1173673890");
		assert_non_null(carried.private_data);
		for (int wire = 0; wire < WIRES; wire++) {
			struct csta_message *message = event_message(&carried);
			struct csta_message *arrived = through(message, wire);
			struct cti_event again = event_of(arrived);
			assert_string_equal(event_text(&came, &again), sent.data);
			csta_message_destroy(&message);
			csta_message_destroy(&arrived);
		}
		csta_message_destroy(&first);
	}
	assert_int_equal(types, 26);
}

static void delivered_carries_all_it_has(void **state)
{
	struct cti_event event = full(CTI_EVENT_CALL_DELIVERED);
	struct text text;
	(void)state;
	struct csta_message *message = event_message(&event);
	struct cti_event came = event_of(message);
	assert_string_equal(
	        event_text(&text, &came),
	        "type=call.delivered\nflags=0\nmonitor=1173673890\n"
	        "connection=FF00010000000000EC6114647E570000.2001 alerting\nlocal=3\n"
	        "subject=2001\ncalling=+8675588880001\ncalled=notKnown\nlast_redirection=3000\n"
	        "network_calling=restricted\nnetwork_called=02911\nassociated_calling=T1\n"
	        "associated_called=notKnown\ncause=distributed\nnumber_queued=-1\n"
	        "calls_in_front=-1\ncorrelator=0001ff\nuser_data=68656c6c6f\n"
	        "global_call=0102030405060708090a0b0c0d0e0f10\nthread=0102030405060708\n"
	        "pending=unknown\nprivate=<scx:staticOndDN "
	        "xmlns:scx=\"http://www.siemens.com/schema/csta\">17133013</scx:staticOndDN>\n");
	csta_message_destroy(&message);
}

/* The state of the subject's connection after each event (ECMA-269 17.2). */
static void events_tell_the_state(void **state)
{
	static const struct {
		enum cti_event_type type;
		enum cti_connection_state state;
	} rows[] = {
	        {CTI_EVENT_CALL_SERVICE_INITIATED, CTI_CONNECTION_INITIATED},
	        {CTI_EVENT_CALL_ORIGINATED, CTI_CONNECTION_CONNECTED},
	        {CTI_EVENT_CALL_DIGITS_DIALED, CTI_CONNECTION_INITIATED},
	        {CTI_EVENT_CALL_OFFERED, CTI_CONNECTION_ALERTING},
	        {CTI_EVENT_CALL_DELIVERED, CTI_CONNECTION_ALERTING},
	        {CTI_EVENT_CALL_ESTABLISHED, CTI_CONNECTION_CONNECTED},
	        {CTI_EVENT_CALL_HELD, CTI_CONNECTION_HOLD},
	        {CTI_EVENT_CALL_RETRIEVED, CTI_CONNECTION_CONNECTED},
	        {CTI_EVENT_CALL_QUEUED, CTI_CONNECTION_QUEUED},
	        {CTI_EVENT_CALL_DIVERTED, CTI_CONNECTION_NULL},
	        {CTI_EVENT_CALL_CONNECTION_CLEARED, CTI_CONNECTION_NULL},
	        {CTI_EVENT_CALL_CLEARED, CTI_CONNECTION_NULL},
	        {CTI_EVENT_CALL_FAILED, CTI_CONNECTION_FAIL},
	        {CTI_EVENT_CALL_NETWORK_REACHED, CTI_CONNECTION_CONNECTED},
	        {CTI_EVENT_CALL_INFORMATION, CTI_CONNECTION_UNKNOWN},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cti_event event = full(rows[i].type);
		struct csta_message *message = event_message(&event);
		assert_int_equal(event_of(message).connection.state, rows[i].state);
		csta_message_destroy(&message);
	}
}

static void special_cases(void **state)
{
	struct cti_event event, came;
	struct csta_message *message;
	(void)state;
	/* Originated: the subject is the caller. */
	cti_event_init(&event, CTI_EVENT_CALL_ORIGINATED);
	event.monitor = "1";
	event.connection.call_id = "17";
	event.calling = (struct cti_device)DEVICE("2001");
	message = event_message(&event);
	came = event_of(message);
	assert_string_equal(came.subject.number, "2001");
	assert_string_equal(came.calling.number, "2001");
	assert_string_equal(came.cause, "normal"); /* mandatory, and none was given */
	assert_null(came.connection.device_id);
	csta_message_destroy(&message);
	/* Digits. */
	cti_event_init(&event, CTI_EVENT_CALL_DIGITS_DIALED);
	event.monitor = "1";
	event.connection.device_id = "2001";
	event.digits = "0049";
	message = event_message(&event);
	came = event_of(message);
	assert_string_equal(came.digits, "0049");
	assert_null(came.connection.call_id);
	csta_message_destroy(&message);
	/* Delivered to a distribution mechanism: nothing rings. */
	event = full(CTI_EVENT_CALL_DELIVERED);
	event.cause = "enteringDistribution";
	message = event_message(&event);
	assert_int_equal(event_of(message).flags, CTI_EVENT_DISTRIBUTION);
	csta_message_destroy(&message);
	/* Clearing the correlator is not the same as not giving one. */
	event.correlator = (struct cti_octets){(const uint8_t *)"", 0};
	message = event_message(&event);
	came = event_of(message);
	assert_non_null(came.correlator.data);
	assert_int_equal(came.correlator.length, 0);
	csta_message_destroy(&message);
}

/* ECMA-285 and ECMA-323 do not spell all causes alike; ours is ECMA-323's. */
static void causes_are_spelt_as_in_xml(void **state)
{
	static const char *const causes[] = {"notAvailableBearerService", "badURI",
	                                     "interdigitTimeout", "dTMFDigitDetected", "newCall"};
	(void)state;
	for (size_t i = 0; i < COUNT(causes); i++) {
		for (int wire = 0; wire < WIRES; wire++) {
			struct cti_event event = full(CTI_EVENT_CALL_FAILED);
			event.cause = causes[i];
			struct csta_message *message = event_message(&event);
			struct csta_message *arrived = through(message, wire);
			assert_string_equal(event_of(arrived).cause, causes[i]);
			csta_message_destroy(&message);
			csta_message_destroy(&arrived);
		}
	}
}

static void reasons_travel_as_private_data(void **state)
{
	(void)state;
	for (int wire = 0; wire < WIRES; wire++) {
		struct cti_event event;
		cti_event_init(&event, CTI_EVENT_AGENT_NOT_READY);
		event.monitor = "1";
		event.subject = (struct cti_device)DEVICE("2001");
		event.reason = "lunch ü";
		struct csta_message *message = event_message(&event);
		struct csta_message *arrived = through(message, wire);
		struct cti_event came = event_of(arrived);
		assert_string_equal(came.reason, "lunch ü");
		assert_null(came.private_data);
		csta_message_destroy(&message);
		csta_message_destroy(&arrived);
	}
}

/* Octets that are no text: Alcatel's cross references and dynamic device ids. */
static void binary_identifiers(void **state)
{
	(void)state;
	for (int wire = 0; wire < WIRES; wire++) {
		struct cti_event event = full(CTI_EVENT_CALL_HELD);
		event.monitor = "0x0142F900";
		event.connection =
		        (struct cti_connection){"0x0058", "0x10960100", true, CTI_CONNECTION_HOLD};
		struct csta_message *message = event_message(&event);
		assert_int_equal(message->monitor_length, 4);
		assert_memory_equal(message->monitor, "\x01\x42\xF9\x00", 4);
		struct csta_message *arrived = through(message, wire);
		struct cti_event came = event_of(arrived);
		assert_string_equal(came.monitor, "0x0142F900");
		assert_string_equal(came.connection.call_id, "0x0058");
		assert_string_equal(came.connection.device_id, "0x10960100");
		assert_true(came.connection.dynamic);
		csta_message_destroy(&message);
		csta_message_destroy(&arrived);
	}
}

static void bad_events_are_refused(void **state)
{
	struct cti_event event = full(CTI_EVENT_CALL_DELIVERED);
	struct csta_message *message = NULL;
	struct cti_error error;
	(void)state;
	event.monitor = NULL;
	assert_int_equal(csta_event_write(&message, codec, &event, &error), CTI_E_INVALID);
	event = full(CTI_EVENT_CALL_DELIVERED);
	event.monitor = "a cross reference that is far too long to be one";
	assert_int_equal(csta_event_write(&message, codec, &event, &error), CTI_E_LIMIT);
	event = full(CTI_EVENT_CALL_DELIVERED);
	event.cause = "noSuchCause";
	assert_int_equal(csta_event_write(&message, codec, &event, &error), CTI_E_INVALID);
	assert_non_null(strstr(error.text, "cause"));
	event = full(CTI_EVENT_CALL_DELIVERED);
	event.connection.call_id = event.connection.device_id = NULL;
	assert_int_equal(csta_event_write(&message, codec, &event, &error), CTI_E_INVALID);
	assert_non_null(strstr(error.text, "connection"));
	event = full(CTI_EVENT_CALL_DELIVERED);
	event.global_call.length = 17;
	assert_int_equal(csta_event_write(&message, codec, &event, &error), CTI_E_LIMIT);
	event = full(CTI_EVENT_CALL_DELIVERED);
	event.private_data = "neither";
	assert_int_equal(csta_event_write(&message, codec, &event, &error), CTI_E_INVALID);
	event = full(CTI_EVENT_INTERACTION_ENDED);
	assert_int_equal(csta_event_write(&message, codec, &event, &error), CTI_E_UNSUPPORTED);
	assert_null(message);
}

/* Forms that switches send and that we never write. */
static void number_forms(void **state)
{
	static const struct {
		const char *element, *number, *received;
	} rows[] = {
	        {"<deviceIdentifier typeOfNumber=\"explicitPublic:international\">4930123"
	         "</deviceIdentifier>",
	         "+4930123", "4930123"},
	        {"<deviceIdentifier typeOfNumber=\"explicitPublic:national\">30123"
	         "</deviceIdentifier>",
	         "30123", NULL},
	        {"<deviceIdentifier typeOfNumber=\"deviceNumber\">4711</deviceIdentifier>", "4711",
	         NULL},
	        {"<deviceIdentifier>N&lt;7868772298&gt;Line71001;displayNumber=7868772298"
	         "</deviceIdentifier>",
	         "N<7868772298>Line71001;displayNumber=7868772298", NULL},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char xml[1024];
		struct csta_message *message = NULL;
		struct cti_error error = {0};
		snprintf(xml, sizeof xml,
		         "<HeldEvent xmlns=\"http://www.ecma-international.org/standards/ecma-323/"
		         "csta/ed4\"><monitorCrossRefID>1</monitorCrossRefID><heldConnection>"
		         "<callID>17</callID><deviceID>2001</deviceID></heldConnection>"
		         "<holdingDevice>%s</holdingDevice><cause>newCall</cause></HeldEvent>",
		         rows[i].element);
		if (csta_decode_xml(&message, codec, xml, strlen(xml), NULL, &error))
			fail_msg("row %zu: %s", i, error.text);
		struct cti_event event = event_of(message);
		assert_string_equal(event.subject.number, rows[i].number);
		if (rows[i].received)
			assert_string_equal(event.subject.received, rows[i].received);
		else
			assert_null(event.subject.received);
		csta_message_destroy(&message);
	}
}

/* ---- requests ------------------------------------------------------------------------------ */

static struct cti_request full_request(enum cti_service service)
{
	struct cti_request request;
	cti_request_init(&request, service);
	request.connection = (struct cti_connection){"17", "2001", false, CTI_CONNECTION_UNKNOWN};
	request.held = (struct cti_connection){"18", "2001", false, CTI_CONNECTION_UNKNOWN};
	request.device = "2001";
	request.destination = "+493012345";
	request.group = "3000";
	request.agent_id = "4711";
	request.password = "secret";
	request.agent_state = CTI_REQUEST_READY;
	request.participation = CTI_PARTICIPATION_SILENT;
	request.do_not_prompt = true;
	request.call_type = true;
	request.monitor = "99";
	request.monitor_filter =
	        UINT64_C(1) << CTI_EVENT_CALL_DELIVERED | UINT64_C(1) << CTI_EVENT_CALL_OFFERED |
	        UINT64_C(1) << CTI_EVENT_AGENT_READY |
	        UINT64_C(1) << CTI_EVENT_DEVICE_OUT_OF_SERVICE |
	        UINT64_C(1) << CTI_EVENT_CALL_INFORMATION | UINT64_C(1) << CTI_EVENT_PRIVATE;
	request.correlator = (struct cti_octets){(const uint8_t *)"corr", 4};
	request.user_data = (struct cti_octets){(const uint8_t *)"user", 4};
	return request;
}

static void requests_come_back_from_every_wire(void **state)
{
	(void)state;
	for (int service = 0; service < CTI_SERVICES_COUNT; service++) {
		struct text sent, came;
		struct cti_error error = {0};
		struct cti_request request = full_request((enum cti_service)service), carried;
		struct csta_message *first = NULL;
		if (service == CTI_SERVICE_ESCAPE)
			request.private_data = "A105A0030A0105";
		if (service == CTI_SERVICE_SET_AGENT_STATE)
			request.reason = "7";
		if (csta_request_write(&first, codec, &request, &error) ||
		    csta_request_read(first, &carried, &error))
			fail_msg("%s: %s", cti_service_name((enum cti_service)service), error.text);
		request_text(&sent, &carried);
		assert_int_equal(carried.service, service);
		for (int wire = 0; wire < WIRES; wire++) {
			struct csta_message *message = NULL;
			struct cti_request again;
			assert_int_equal(csta_request_write(&message, codec, &carried, &error), 0);
			struct csta_message *arrived = through(message, wire);
			assert_int_equal(csta_request_read(arrived, &again, &error), 0);
			assert_string_equal(request_text(&came, &again), sent.data);
			csta_message_destroy(&message);
			csta_message_destroy(&arrived);
		}
		csta_message_destroy(&first);
	}
}

/* What each service reads, as request.h states. */
static void requests_carry_their_fields(void **state)
{
	static const struct {
		enum cti_service service;
		const char *lines[6];
	} rows[] = {
	        {CTI_SERVICE_MAKE_CALL,
	         {"device=2001\n", "destination=+493012345\n", "do_not_prompt=1\n",
	          "correlator=636f7272\n", "user_data=75736572\n"}},
	        {CTI_SERVICE_ANSWER_CALL, {"connection=17.2001"}},
	        {CTI_SERVICE_CLEAR_CALL, {"connection=17.2001"}},
	        {CTI_SERVICE_TRANSFER_CALL, {"connection=17.2001", "held=18.2001"}},
	        {CTI_SERVICE_RECONNECT_CALL, {"connection=17.2001", "held=18.2001"}},
	        {CTI_SERVICE_CONSULTATION_CALL,
	         {"connection=17.2001", "destination=+493012345\n", "user_data=75736572\n"}},
	        {CTI_SERVICE_DEFLECT_CALL, {"connection=17.2001", "destination=+493012345\n"}},
	        {CTI_SERVICE_SINGLE_STEP_CONFERENCE_CALL,
	         {"connection=17.2001", "destination=+493012345\n", "participation=0\n"}},
	        {CTI_SERVICE_DIRECTED_PICKUP_CALL, {"connection=17.2001", "device=2001\n"}},
	        {CTI_SERVICE_GROUP_PICKUP_CALL, {"device=2001\n", "group=3000\n"}},
	        {CTI_SERVICE_SET_AGENT_STATE,
	         {"device=2001\n", "agent_id=4711\n", "password=secret\n", "group=3000\n",
	          "agent_state=3\n"}},
	        {CTI_SERVICE_MONITOR_START, {"device=2001\n", "call_type=1\n"}},
	        {CTI_SERVICE_MONITOR_STOP, {"monitor=99\n"}},
	        {CTI_SERVICE_SNAPSHOT_CALL, {"connection=17.2001"}},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text text;
		struct csta_message *message = NULL;
		struct cti_error error = {0};
		struct cti_request request = full_request(rows[i].service), came;
		assert_int_equal(csta_request_write(&message, codec, &request, &error), 0);
		assert_int_equal(csta_request_read(message, &came, &error), 0);
		request_text(&text, &came);
		for (size_t j = 0; j < COUNT(rows[i].lines) && rows[i].lines[j]; j++)
			if (!strstr(text.data, rows[i].lines[j]))
				fail_msg("%s lost %s:\n%s", cti_service_name(rows[i].service),
				         rows[i].lines[j], text.data);
		if (rows[i].service == CTI_SERVICE_MONITOR_START)
			assert_true(came.monitor_filter == request.monitor_filter);
		csta_message_destroy(&message);
	}
}

static void a_call_can_be_monitored(void **state)
{
	struct cti_request request, came;
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	(void)state;
	cti_request_init(&request, CTI_SERVICE_MONITOR_START);
	request.connection.call_id = "17";
	assert_int_equal(csta_request_write(&message, codec, &request, &error), 0);
	assert_int_equal(csta_request_read(message, &came, &error), 0);
	assert_null(came.device);
	assert_string_equal(came.connection.call_id, "17");
	csta_message_destroy(&message);
	request.connection.call_id = NULL;
	assert_int_equal(csta_request_write(&message, codec, &request, &error), CTI_E_INVALID);
	cti_request_init(&request, CTI_SERVICE_MAKE_CALL);
	assert_int_equal(csta_request_write(&message, codec, &request, &error), CTI_E_INVALID);
	assert_non_null(strstr(error.text, "callingDevice"));
	assert_null(message);
}

/* ---- replies ------------------------------------------------------------------------------- */

static void reply_round(enum cti_service service, const struct cti_reply *reply)
{
	struct text sent, came;
	reply_text(&sent, reply);
	const char *element = cti_service_name(service);
	pending_type = csta_type_of_element(element, strlen(element));
	for (int wire = 0; wire < WIRES; wire++) {
		struct csta_message *message = NULL;
		struct cti_reply again;
		struct cti_error error = {0};
		if (csta_reply_write(&message, codec, service, reply, &error))
			fail_msg("%s: %s", element, error.text);
		struct csta_message *arrived = through(message, wire);
		if (csta_reply_read(arrived, service, &again, &error))
			fail_msg("%s: %s", element, error.text);
		assert_string_equal(reply_text(&came, &again), sent.data);
		if (reply->code)
			assert_non_null(again.text);
		csta_message_destroy(&message);
		csta_message_destroy(&arrived);
	}
}

static void plain_replies(void **state)
{
	(void)state;
	for (int service = 0; service < CTI_SERVICES_COUNT; service++) {
		struct cti_reply reply;
		cti_reply_init(&reply);
		switch (service) {
		case CTI_SERVICE_TRANSFER_CALL:
		case CTI_SERVICE_CONFERENCE_CALL:
		case CTI_SERVICE_SINGLE_STEP_TRANSFER_CALL:
			reply.items = two_items;
			reply.item_count = 2;
			/* fall through */
		case CTI_SERVICE_MAKE_CALL:
		case CTI_SERVICE_CONSULTATION_CALL:
		case CTI_SERVICE_SINGLE_STEP_CONFERENCE_CALL:
		case CTI_SERVICE_DIRECTED_PICKUP_CALL:
		case CTI_SERVICE_GROUP_PICKUP_CALL:
			reply.connection = (struct cti_connection){"17", "2001", false,
			                                           CTI_CONNECTION_UNKNOWN};
			break;
		case CTI_SERVICE_SET_AGENT_STATE:
			reply.pending_state = CTI_AGENT_WORKING_AFTER_CALL;
			break;
		case CTI_SERVICE_MONITOR_START:
			reply.monitor = "1136370025";
			reply.monitor_existing_calls = true;
			break;
		case CTI_SERVICE_REQUEST_SYSTEM_STATUS:
			reply.system_status = "overloadImminent";
			break;
		default:
			break;
		}
		reply_round((enum cti_service)service, &reply);
	}
}

static void snapshots(void **state)
{
	static const enum cti_connection_state two[] = {CTI_CONNECTION_CONNECTED,
	                                                CTI_CONNECTION_HOLD};
	static const struct cti_snapshot_item device[] = {
	        {{"17", "2001", false, CTI_CONNECTION_ALERTING}, DEVICE("5551234"), two, 1},
	        {{"18", "2001", false, CTI_CONNECTION_HOLD}, {.status = CTI_DEVICE_ABSENT}, two, 2},
	        {{"19", "2001", false, CTI_CONNECTION_INITIATED}, {0}, NULL, 0},
	        {{"20", "2001", false, CTI_CONNECTION_UNKNOWN}, {0}, NULL, 0},
	};
	static const struct cti_snapshot_item call[] = {
	        {{"17", "2001", false, CTI_CONNECTION_CONNECTED}, DEVICE("2001"), NULL, 0},
	        {{"17", "0x00FF", true, CTI_CONNECTION_ALERTING},
	         {.status = CTI_DEVICE_RESTRICTED},
	         NULL,
	         0},
	};
	struct cti_reply reply;
	(void)state;
	cti_reply_init(&reply);
	reply_round(CTI_SERVICE_SNAPSHOT_DEVICE, &reply); /* an idle device */
	reply.snapshot = device;
	reply.snapshot_count = COUNT(device);
	reply_round(CTI_SERVICE_SNAPSHOT_DEVICE, &reply);
	reply.snapshot = call;
	reply.snapshot_count = COUNT(call);
	reply.calling = (struct cti_device)DEVICE("5551234");
	reply.called.status = CTI_DEVICE_NOT_KNOWN;
	reply_round(CTI_SERVICE_SNAPSHOT_CALL, &reply);
}

/* csta-semantics 1.4; the only form of some switches. */
static void simple_call_states(void **state)
{
	static const struct {
		const char *name;
		enum cti_connection_state local;
		int other; /* -1: no other */
	} rows[] = {
	        {"callNull", CTI_CONNECTION_NULL, -1},
	        {"callPending", CTI_CONNECTION_INITIATED, -1},
	        {"callOriginated", CTI_CONNECTION_CONNECTED, -1},
	        {"callDelivered", CTI_CONNECTION_CONNECTED, CTI_CONNECTION_ALERTING},
	        {"callDeliveredHeld", CTI_CONNECTION_HOLD, CTI_CONNECTION_ALERTING},
	        {"callReceived", CTI_CONNECTION_ALERTING, CTI_CONNECTION_CONNECTED},
	        {"callEstablished", CTI_CONNECTION_CONNECTED, CTI_CONNECTION_CONNECTED},
	        {"callEstablishedHeld", CTI_CONNECTION_HOLD, CTI_CONNECTION_CONNECTED},
	        {"callReceivedOnHold", CTI_CONNECTION_ALERTING, CTI_CONNECTION_HOLD},
	        {"callEstablishedOnHold", CTI_CONNECTION_CONNECTED, CTI_CONNECTION_HOLD},
	        {"callQueued", CTI_CONNECTION_CONNECTED, CTI_CONNECTION_QUEUED},
	        {"callQueuedHeld", CTI_CONNECTION_HOLD, CTI_CONNECTION_QUEUED},
	        {"callFailed", CTI_CONNECTION_CONNECTED, CTI_CONNECTION_FAIL},
	        {"callFailedHeld", CTI_CONNECTION_HOLD, CTI_CONNECTION_FAIL},
	        {"callBlocked", CTI_CONNECTION_FAIL, -1},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char xml[1024];
		struct csta_message *message = NULL;
		struct cti_error error = {0};
		struct cti_reply reply;
		snprintf(xml, sizeof xml,
		         "<SnapshotDeviceResponse xmlns=\"http://www.ecma-international.org/"
		         "standards/ecma-323/csta/ed4\"><crossRefIDorSnapshotData><snapshotData>"
		         "<snapshotDeviceResponseInfo><connectionIdentifier><callID>17</callID>"
		         "<deviceID>2001</deviceID></connectionIdentifier><localCallState>"
		         "<simpleCallState>%s</simpleCallState></localCallState>"
		         "</snapshotDeviceResponseInfo></snapshotData></crossRefIDorSnapshotData>"
		         "</SnapshotDeviceResponse>",
		         rows[i].name);
		if (csta_decode_xml(&message, codec, xml, strlen(xml), NULL, &error) ||
		    csta_reply_read(message, CTI_SERVICE_SNAPSHOT_DEVICE, &reply, &error))
			fail_msg("%s: %s", rows[i].name, error.text);
		assert_int_equal(reply.snapshot_count, 1);
		assert_int_equal(reply.snapshot[0].connection.state, rows[i].local);
		assert_int_equal(reply.snapshot[0].other_count, rows[i].other >= 0);
		if (rows[i].other >= 0)
			assert_int_equal(reply.snapshot[0].other_states[0], rows[i].other);
		csta_message_destroy(&message);
	}
}

static void agent_lists(void **state)
{
	static const struct cti_agent_item agents[] = {
	        {"4711", DEVICE("3000"), true, CTI_AGENT_READY, CTI_AGENT_NOT_READY},
	        {"4712", {0}, true, CTI_AGENT_BUSY, CTI_AGENT_WORKING_AFTER_CALL},
	        {NULL, {0}, false, CTI_AGENT_NULL, CTI_AGENT_UNKNOWN},
	        {"4713", {0}, true, CTI_AGENT_WORKING_AFTER_CALL, CTI_AGENT_NULL},
	};
	struct cti_reply reply;
	(void)state;
	cti_reply_init(&reply);
	reply.agents = agents;
	reply.agent_count = COUNT(agents);
	reply_round(CTI_SERVICE_GET_AGENT_STATE, &reply);
}

static void refusals(void **state)
{
	static const struct {
		enum cti_category category;
		const char *value;
	} rows[] = {
	        {CTI_CATEGORY_OPERATION, "invalidDeviceID"},
	        {CTI_CATEGORY_OPERATION, "connectionReservoationOutOfRange"},
	        {CTI_CATEGORY_SECURITY, "generic"},
	        {CTI_CATEGORY_STATE_INCOMPATIBILITY, "noCallToAnswer"},
	        {CTI_CATEGORY_SYSTEM_RESOURCE, "overallMonitorLimitExceeded"},
	        {CTI_CATEGORY_SUBSCRIBED_RESOURCE, "objectMonitorLimitExceeded"},
	        {CTI_CATEGORY_PERFORMANCE, "performanceLimitExceeded"},
	        {CTI_CATEGORY_PRIVATE_DATA, "cSTAPrivateDataInfoError"},
	        {CTI_CATEGORY_UNSPECIFIED, NULL},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cti_reply reply;
		cti_reply_init(&reply);
		reply.code = CTI_E_REFUSED;
		reply.category = rows[i].category;
		reply.value = rows[i].value;
		reply_round(CTI_SERVICE_MAKE_CALL, &reply);
	}
	struct cti_reply reply;
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	cti_reply_init(&reply);
	reply.code = CTI_E_REFUSED;
	reply.category = CTI_CATEGORY_OPERATION;
	reply.value = "noSuchError";
	assert_int_equal(csta_reply_write(&message, codec, CTI_SERVICE_MAKE_CALL, &reply, &error),
	                 CTI_E_INVALID);
	/* Our own codes become words of ECMA-269. */
	static const struct {
		int code;
		const char *value;
	} codes[] = {{CTI_E_UNSUPPORTED, "serviceNotSupported"},
	             {CTI_E_NOTFOUND, "objectNotKnown"},
	             {CTI_E_BUSY, "performanceLimitExceeded"},
	             {CTI_E_STATE, "generic"},
	             {CTI_E_INTERNAL, "generic"}};
	for (size_t i = 0; i < COUNT(codes); i++) {
		struct cti_reply came;
		reply.code = codes[i].code;
		reply.category = CTI_CATEGORY_NONE;
		reply.value = NULL;
		assert_int_equal(
		        csta_reply_write(&message, codec, CTI_SERVICE_HOLD_CALL, &reply, &error),
		        0);
		assert_int_equal(csta_reply_read(message, CTI_SERVICE_HOLD_CALL, &came, &error), 0);
		assert_int_equal(came.code, CTI_E_REFUSED);
		assert_string_equal(came.value, codes[i].value);
		csta_message_destroy(&message);
	}
}

static void a_wrong_answer_is_not_taken(void **state)
{
	struct cti_reply reply;
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	(void)state;
	cti_reply_init(&reply);
	assert_int_equal(csta_reply_write(&message, codec, CTI_SERVICE_HOLD_CALL, &reply, &error),
	                 0);
	assert_int_equal(csta_reply_read(message, CTI_SERVICE_MAKE_CALL, &reply, &error),
	                 CTI_E_INVALID);
	assert_non_null(strstr(error.text, "HoldCallResponse"));
	csta_message_destroy(&message);
}

/* Every allocation fails in turn: an error, and no message by half. */
static void out_of_memory(void **state)
{
	(void)state;
	for (int type = 0; type < CTI_EVENT_TYPES; type++) {
		struct cti_event event = full((enum cti_event_type)type);
		struct csta_codec *fresh = NULL;
		if (!has_element(type))
			continue;
		/* A codec of its own: an idle arena would have room. */
		for (long n = 0;; n++) {
			struct csta_message *message = NULL;
			struct cti_error error = {0};
			assert_int_equal(csta_codec_create(&fresh, NULL, NULL), 0);
			csta_alloc_fail_after = n;
			int code = csta_event_write(&message, fresh, &event, &error);
			csta_alloc_fail_after = -1;
			assert_true(!code == !!message);
			if (code && (code != CTI_E_NOMEM || !error.text[0]))
				fail_msg("%s, allocation %ld: %d \"%s\"",
				         cti_event_type_name(event.type), n, code, error.text);
			csta_message_destroy(&message);
			csta_codec_destroy(&fresh);
			if (!code)
				break;
		}
	}
	/* Reading takes its memory from the message, which may have a limit. */
	struct csta_limits limits = {.pdu = 4096, .memory = 4096};
	struct cti_event event = full(CTI_EVENT_CALL_TRANSFERRED);
	struct csta_message *message = event_message(&event), *arrived = NULL;
	struct csta_codec *small = NULL;
	struct csta_buffer out = {0};
	struct cti_error error = {0};
	size_t used = 0;
	assert_int_equal(csta_codec_create(&small, &limits, &error), 0);
	message->invoke_id = 1;
	assert_int_equal(csta_encode_ber(codec, message, &out, &error), 0);
	int code =
	        csta_decode_ber(&arrived, small, out.data, out.length, &used, NULL, NULL, &error);
	if (!code)
		code = csta_event_read(arrived, &event, &error);
	assert_int_equal(code, CTI_E_LIMIT);
	csta_message_destroy(&message);
	csta_message_destroy(&arrived);
	csta_codec_destroy(&small);
	csta_buffer_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(events_come_back_from_every_wire),
	        cmocka_unit_test(delivered_carries_all_it_has),
	        cmocka_unit_test(events_tell_the_state),
	        cmocka_unit_test(special_cases),
	        cmocka_unit_test(causes_are_spelt_as_in_xml),
	        cmocka_unit_test(reasons_travel_as_private_data),
	        cmocka_unit_test(binary_identifiers),
	        cmocka_unit_test(bad_events_are_refused),
	        cmocka_unit_test(number_forms),
	        cmocka_unit_test(requests_come_back_from_every_wire),
	        cmocka_unit_test(requests_carry_their_fields),
	        cmocka_unit_test(a_call_can_be_monitored),
	        cmocka_unit_test(plain_replies),
	        cmocka_unit_test(snapshots),
	        cmocka_unit_test(simple_call_states),
	        cmocka_unit_test(agent_lists),
	        cmocka_unit_test(refusals),
	        cmocka_unit_test(a_wrong_answer_is_not_taken),
	        cmocka_unit_test(out_of_memory),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, codec_setup, codec_teardown);
}
