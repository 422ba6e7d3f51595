/* SPDX-License-Identifier: Apache-2.0 */
/* libcti: connecting, events, requests, callbacks. */
#include "tests/support/fake_server.h"
#include "tests/support/nomem.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- Connecting ---------------------------------------------------------------------------- */

static void count_stream(void *arg, const struct cti_stream *stream)
{
	assert_string_equal(stream->tenant, "acme");
	assert_string_equal(stream->switch_name, "hq");
	assert_string_equal(stream->epoch, "e1");
	assert_string_equal(stream->link, "up");
	assert_int_equal(stream->sequence, 10);
	++*(unsigned *)arg;
}

static void connects(void **state)
{
	static unsigned streams; /* answered as late as in the teardown */
	(void)state;
	assert_int_equal(cti_client_state(client), CTI_CLIENT_IDLE);
	assert_int_equal(cti_connect(client, NULL), 0);
	assert_int_equal(cti_client_state(client), CTI_CLIENT_CONNECTING);
	expect("hello");
	assert_int_equal(json_integer_value(json_object_get(message, "version")), 1);
	assert_string_equal(member("user"), "ann");
	assert_string_equal(member("password"), "secret");
	assert_string_equal(member("client"), "test/1");
	assert_int_equal(told.states, 0); /* nothing is called back outside of dispatch */
	welcome("e1", 10);
	WAIT_FOR(told.state == CTI_CLIENT_READY);
	assert_string_equal(cti_client_server(client), "cti-1");
	cti_client_streams(client, count_stream, &streams);
	assert_int_equal(streams, 1);

	cti_disconnect(client);
	assert_int_equal(cti_client_state(client), CTI_CLIENT_IDLE);
	expect("bye");
	connect_client();
}

static void refused(void **state)
{
	static unsigned count; /* answered as late as in the teardown */
	(void)state;
	assert_int_equal(cti_make_call(client, "2001", "3000", on_reply, &count), 0);
	assert_int_equal(cti_client_sync(client, on_synced, NULL), 0);
	assert_int_equal(cti_connect(client, NULL), 0);
	expect("hello");
	say("error", "{\"code\":\"AUTH\",\"text\":\"no such user\"}");
	say("bye", "{\"text\":\"no such user\"}");
	WAIT_FOR(told.state == CTI_CLIENT_REFUSED && count && told.synced);
	assert_int_equal(told.why.code, CTI_E_AUTH);
	assert_string_equal(told.why.text, "no such user");
	assert_int_equal(told.reply_code, CTI_E_AUTH);
	assert_int_equal(told.sync_code, CTI_E_AUTH);
	assert_int_equal(count, 1);
	/* Only when told to does it try again. */
	connect_client();
}

/* The server takes none but encrypted connections. */
static void encrypted(void **state)
{
	(void)state;
	connect_client();
	subscribe("all", 10);
	say_event("e1", 11, 1);
	WAIT_FOR(told.events == 1);
}

static void speaks_another_version(void **state)
{
	(void)state;
	assert_int_equal(cti_connect(client, NULL), 0);
	expect("hello");
	say("welcome", "{\"version\":2,\"server\":\"cti-1\"}");
	WAIT_FOR(told.state == CTI_CLIENT_REFUSED);
	assert_int_equal(told.why.code, CTI_E_UNSUPPORTED);
}

static void nobody_there(void **state)
{
	(void)state;
	fake_router_close();
	assert_int_equal(cti_connect(client, NULL), 0);
	WAIT_FOR(told.state == CTI_CLIENT_WAITING);
	assert_int_equal(told.why.code, CTI_E_CLOSED);
	/* ... and once somebody is, it comes. */
	fake_router_open();
	expect("hello");
	welcome("e1", 10);
	WAIT_FOR(told.state == CTI_CLIENT_READY);
}

static void options_are_checked(void **state)
{
	static const struct {
		struct cti_client_options options;
		int code;
	} rows[] = {
	        {{.endpoint = "127.0.0.1:5580"}, CTI_E_INVALID},
	        {{.endpoint = "tcp://10.0.0.1:5580", .password = "p"}, CTI_E_DENIED},
	        {{.endpoint = "tcp://127.evil.org:5580", .password = "p"}, CTI_E_DENIED},
	        {{.endpoint = "tcp://10.0.0.1:5580", .password = "p", .insecure = true}, 0},
	        {{.endpoint = "tcp://127.0.0.1:5580", .password = "p"}, 0},
	        {{.endpoint = "ipc:///run/x", .password = "p"}, 0},
	        {{.server_key = "short"}, CTI_E_INVALID},
	        {{.public_key = "0000000000000000000000000000000000000000"}, CTI_E_INVALID},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cti_client *other = NULL;
		struct cti_error error = {0};
		assert_int_equal(cti_client_create(&other, &rows[i].options, &error), rows[i].code);
		assert_int_equal(!other, rows[i].code != 0);
		assert_int_equal(!*error.text, rows[i].code == 0);
		cti_client_destroy(&other);
	}
	struct cti_client *other;
	struct cti_error error;
	struct cti_client_options bad = {.endpoint = "carrier-pigeon://roof"};
	assert_int_equal(cti_client_create(&other, &bad, NULL), 0);
	assert_int_not_equal(cti_connect(other, &error), 0);
	assert_non_null(strstr(error.text, "carrier-pigeon"));
	cti_client_destroy(&other);
	assert_null(other);
	cti_client_destroy(&other);
}

/* ---- Events -----------------------------------------------------------------------------------
 */

static void subscribes(void **state)
{
	(void)state;
	connect_client();
	int number = cti_subscribe(client, "device/2001", "hq", on_subscribed, NULL);
	assert_true(number > 0);
	expect("subscribe");
	assert_string_equal(member("switch"), "hq");
	assert_null(json_object_get(message, "resume"));
	say("state",
	    "{\"subject\":\"device/2001\",\"switch\":\"hq\",\"sequence\":10,\"state\":"
	    "{\"device\":\"2001\",\"monitored\":true,\"calls\":[{\"callID\":\"17\","
	    "\"state\":\"alerting\",\"partners\":[{\"callID\":\"17\",\"deviceID\":\"3000\"}]}]}}");
	confirm("e1", 10, false);
	say_event("e1", 11, 41);
	WAIT_FOR(told.events == 1);
	assert_int_equal(told.snapshots, 1);
	assert_int_equal(told.subscribed, 1);
	assert_string_equal(told.subject, "device/2001");
	assert_string_equal(told.call, "17");
	/* A newer kind of event is counted and makes no hole; bad filters are told at once. */
	say("event",
	    "{\"type\":\"cti.call.sung\",\"source\":\"/acme/hq\",\"epoch\":\"e1\","
	    "\"sequence\":\"12\",\"data\":{\"subjects\":{\"device/2001\":42},\"song\":1}}");
	say_event("e1", 13, 43);
	WAIT_FOR(told.events == 2);
	SEQUENCES(11, 13);
	static const char *const filters[] = {"", "everything", "device/", "phone/1", NULL};
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
		assert_int_equal(cti_subscribe(client, filters[i], NULL, NULL, NULL),
		                 CTI_E_INVALID);
	assert_int_equal(cti_unsubscribe(client, number), 0);
	expect("unsubscribe");
	assert_int_equal(cti_unsubscribe(client, number), CTI_E_NOTFOUND);
}

static void subscription_denied(void **state)
{
	(void)state;
	connect_client();
	int number = cti_subscribe(client, "all", NULL, on_subscribed, NULL);
	expect("subscribe");
	say("error", "{\"code\":\"DENIED\",\"text\":\"not all\",\"id\":\"%s\"}", member("id"));
	WAIT_FOR(told.refused == 1);
	assert_int_equal(told.refusal.code, CTI_E_DENIED);
	assert_string_equal(told.refusal.text, "not all");
	assert_int_equal(cti_unsubscribe(client, number), CTI_E_NOTFOUND);
	assert_int_equal(cti_client_state(client), CTI_CLIENT_READY);
}

/* Many at once, and a caller that polls: the descriptor stays readable until all are out. */
static void descriptor_is_level_triggered(void **state)
{
	(void)state;
	connect_client();
	subscribe("all", 10);
	for (int i = 1; i <= 2000; i++)
		say_event("e1", 10 + i, i);
	for (int64_t end = fake_now_ms() + FAKE_PATIENCE_MS;
	     told.events < 2000 && fake_now_ms() < end;) {
		struct pollfd fd = {.fd = cti_fd(client), .events = POLLIN};
		assert_true(poll(&fd, 1, FAKE_PATIENCE_MS) == 1);
		cti_dispatch(client, 0);
		/* Sending in between takes libzmq's signal: it must not be lost. */
		if (told.events % 7 == 0)
			cti_client_sync(client, on_synced, NULL);
	}
	assert_int_equal(told.events, 2000);
	for (unsigned i = 0; i < 2000; i++)
		assert_int_equal(told.sequences[i], 11 + i);
	/* Nothing to do: not readable. */
	struct pollfd fd = {.fd = cti_fd(client), .events = POLLIN};
	while (poll(&fd, 1, 0))
		cti_dispatch(client, 0);
	assert_int_equal(cti_dispatch(client, 0), 0);
}

static void echoes(void **state)
{
	(void)state;
	assert_int_equal(cti_client_sync(client, on_synced, NULL), 0); /* waits for a connection */
	connect_client();
	expect("sync");
	say_event("e1", 11, 1);
	answer_sync(11, 1);
	WAIT_FOR(told.synced == 1);
	assert_int_equal(told.sync_code, 0);
	assert_int_equal(told.events, 1); /* delivered before */
}

/* ---- Requests
 * ------------------------------------------------------------------------------------ */

static void requests(void **state)
{
	const struct cti_connection call = {"17", "2001", false, CTI_CONNECTION_ALERTING};
	static unsigned count; /* answered as late as in the teardown */
	(void)state;
	/* Before there is a connection: it waits. */
	assert_int_equal(cti_make_call(client, "2001", "3000", on_reply, &count), 0);
	connect_client();
	expect("request");
	assert_string_equal(member("service"), "MakeCall");
	assert_string_equal(member("device"), "2001");
	assert_string_equal(member("destination"), "3000");
	say("reply",
	    "{\"id\":\"%s\",\"ok\":true,\"connection\":{\"callID\":\"17\",\"deviceID\":\"2001\"}}",
	    member("id"));
	WAIT_FOR(count == 1);
	assert_int_equal(told.reply_code, 0);
	assert_string_equal(told.call, "17");
	say("reply", "{\"id\":\"%s\",\"ok\":true}", member("id")); /* again: nobody's */

	assert_int_equal(cti_answer_call(client, &call, on_reply, &count), 0);
	expect("request");
	assert_string_equal(member("service"), "AnswerCall");
	say("reply",
	    "{\"id\":\"%s\",\"ok\":false,\"error\":{\"code\":\"REFUSED\",\"category\":"
	    "\"operation\","
	    "\"value\":\"invalidConnectionID\",\"text\":\"no such call\"}}",
	    member("id"));
	WAIT_FOR(count == 2);
	assert_int_equal(told.reply_code, CTI_E_REFUSED);
	assert_string_equal(told.cause, "invalidConnectionID");
	assert_string_equal(told.text, "no such call");

	/* An answer that makes no sense still is one; so is an error with its id. */
	assert_int_equal(cti_hold_call(client, &call, on_reply, &count), 0);
	expect("request");
	say("reply", "{\"id\":\"%s\",\"ok\":7}", member("id"));
	WAIT_FOR(count == 3);
	assert_int_equal(told.reply_code, CTI_E_UNKNOWN_OUTCOME);
	const struct cti_pair pair = {"customer", "4711"};
	assert_int_equal(cti_attach_data(client, "01J0", &pair, 1, on_reply, &count), 0);
	expect("request");
	assert_string_equal(member("service"), "AttachData");
	say("error", "{\"code\":\"BUSY\",\"text\":\"later\",\"id\":\"%s\"}", member("id"));
	WAIT_FOR(count == 4);
	assert_int_equal(told.reply_code, CTI_E_BUSY);
	assert_int_equal(told.replies, 4);
}

static void verbs_check_their_arguments(void **state)
{
	const struct cti_connection call = {"17", "2001", false, CTI_CONNECTION_ALERTING};
	char large[CTI_WIRE_ATTACHED_MAX + 1];
	(void)state;
	memset(large, 'x', sizeof large - 1);
	large[sizeof large - 1] = '\0';
	const struct cti_pair too_large = {"k", large};
	assert_int_equal(cti_make_call(client, NULL, "1", NULL, NULL), CTI_E_INVALID);
	assert_int_equal(cti_make_call(client, "1", NULL, NULL, NULL), CTI_E_INVALID);
	assert_int_equal(cti_answer_call(client, NULL, NULL, NULL), CTI_E_INVALID);
	assert_int_equal(cti_transfer_call(client, NULL, &call, NULL, NULL), CTI_E_INVALID);
	assert_int_equal(cti_deflect_call(client, &call, NULL, NULL, NULL), CTI_E_INVALID);
	assert_int_equal(cti_pickup_call(client, &call, NULL, NULL, NULL), CTI_E_INVALID);
	assert_int_equal(cti_set_agent_state(client, NULL, CTI_REQUEST_READY, NULL, NULL, NULL,
	                                     NULL, NULL, NULL),
	                 CTI_E_INVALID);
	assert_int_equal(cti_attach_data(client, NULL, &too_large, 1, NULL, NULL), CTI_E_INVALID);
	assert_int_equal(cti_attach_data(client, "i", &too_large, 1, NULL, NULL), CTI_E_LIMIT);
	for (unsigned i = 0; i < CTI_CLIENT_REQUESTS_MAX; i++)
		assert_int_equal(cti_snapshot_device(client, "1", on_reply, NULL), 0);
	assert_int_equal(cti_snapshot_device(client, "1", on_reply, NULL), CTI_E_BUSY);
	assert_int_equal(told.replies, 0);
	cti_client_destroy(&client);
	assert_int_equal(told.replies, CTI_CLIENT_REQUESTS_MAX);
	assert_int_equal(told.reply_code, CTI_E_CLOSED);
}

static void requests_end_in_time(void **state)
{
	struct cti_request request;
	static unsigned unsent, sent; /* answered as late as in the teardown */
	(void)state;
	cti_request_init(&request, CTI_SERVICE_MAKE_CALL);
	request.device = "2001", request.destination = "1", request.timeout_ms = 1;
	assert_int_equal(cti_request(client, &request, on_reply, &unsent), 0);
	WAIT_FOR(unsent == 1);
	assert_int_equal(told.reply_code, CTI_E_TIMEOUT);
	connect_client();
	assert_int_equal(cti_request(client, &request, on_reply, &sent), 0);
	expect("request");
	assert_int_equal(json_integer_value(json_object_get(message, "timeoutMs")), 1);
	WAIT_FOR(sent == 1);
	assert_int_equal(told.reply_code, CTI_E_UNKNOWN_OUTCOME);
	assert_int_equal(unsent, 1);
	/* Disconnecting answers too, from the next dispatch. */
	request.timeout_ms = 0;
	assert_int_equal(cti_request(client, &request, on_reply, &sent), 0);
	cti_disconnect(client);
	assert_int_equal(sent, 1);
	WAIT_FOR(sent == 2);
	assert_int_equal(told.reply_code, CTI_E_CLOSED);
}

static void request_is_sent_again(void **state)
{
	static unsigned count; /* answered as late as in the teardown */
	char id[65];
	(void)state;
	connect_client();
	assert_int_equal(cti_make_call(client, "2001", "3000", on_reply, &count), 0);
	expect("request");
	snprintf(id, sizeof id, "%s", member("id"));
	fake_router_close();
	WAIT_FOR(told.state == CTI_CLIENT_WAITING);
	fake_router_open();
	expect("hello");
	welcome("e1", 10);
	expect("request");
	assert_string_equal(member("id"), id);
	say("reply", "{\"id\":\"%s\",\"ok\":true}", id);
	WAIT_FOR(count == 1);
	assert_int_equal(told.reply_code, 0);
}

/* It began its streams anew: it does not know what it did, so it is not asked twice. */
static void request_is_not_repeated_to_another(void **state)
{
	static unsigned count; /* answered as late as in the teardown */
	(void)state;
	connect_client();
	assert_int_equal(cti_make_call(client, "2001", "3000", on_reply, &count), 0);
	expect("request");
	fake_router_close();
	WAIT_FOR(told.state == CTI_CLIENT_WAITING);
	assert_int_equal(cti_make_call(client, "2001", "3001", on_reply, &count), 0);
	fake_router_open();
	expect("hello");
	welcome("e2", 1);
	WAIT_FOR(count == 1);
	assert_int_equal(told.reply_code, CTI_E_UNKNOWN_OUTCOME);
	expect("request");
	assert_string_equal(member("destination"), "3001");
}

/* ---- Callbacks that do things
 * ---------------------------------------------------------------------- */

static void destroy_from_callback(void *arg, const struct cti_reply *reply)
{
	on_reply(arg, reply);
	assert_int_equal(cti_dispatch(client, 0), CTI_E_STATE);
	cti_client_destroy(&client);
	assert_null(client);
}

static void destroyed_in_callback(void **state)
{
	static unsigned count; /* answered as late as in the teardown */
	(void)state;
	connect_client();
	subscribe("all", 10);
	assert_int_equal(cti_make_call(client, "2001", "1", destroy_from_callback, &count), 0);
	assert_int_equal(cti_make_call(client, "2001", "2", on_reply, &count), 0);
	assert_int_equal(cti_client_sync(client, on_synced, NULL), 0);
	expect("request");
	say("reply", "{\"id\":\"%s\",\"ok\":true}", member("id"));
	say_event("e1", 11, 1);
	/* Not by run_once(): after the callback there is no client. */
	for (int64_t end = fake_now_ms() + FAKE_PATIENCE_MS; client && fake_now_ms() < end;)
		cti_dispatch(client, 100);
	assert_null(client);
	assert_int_equal(count, 2);
	assert_int_equal(told.reply_code, CTI_E_CLOSED);
	assert_int_equal(told.synced, 1);
	assert_int_equal(told.sync_code, CTI_E_CLOSED);
	assert_int_equal(told.events, 0);
}

/* One that asks again whenever it is told no must not keep the library busy for ever. */
static void ask_again(void *arg, const struct cti_reply *reply)
{
	on_reply(arg, reply);
	if (client)
		assert_int_equal(cti_make_call(client, "2001", "3000", ask_again, arg), 0);
}

static void asked_again_in_callback(void **state)
{
	static unsigned count; /* answered as late as in the teardown */
	(void)state;
	assert_int_equal(cti_make_call(client, "2001", "3000", ask_again, &count), 0);
	assert_int_equal(cti_connect(client, NULL), 0);
	expect("hello");
	say("error", "{\"code\":\"AUTH\",\"text\":\"no\"}");
	WAIT_FOR(told.state == CTI_CLIENT_REFUSED && count);
	assert_int_equal(count, 1);
	cti_client_destroy(&client);
	assert_int_equal(count, 2);
}

/* ---- Waiting, with a server on its own thread
 * ---------------------------------------------------------- */

static void *serve(void *arg)
{
	char kind[32];
	(void)arg;
	for (int requests_left = 2; requests_left;) {
		struct timespec pause = {.tv_nsec = 1000000};
		if (!take(kind)) {
			nanosleep(&pause, NULL);
		} else if (!strcmp(kind, "hello")) {
			welcome("e1", 10);
		} else if (!strcmp(kind, "request")) {
			requests_left--;
			if (!strcmp(member("service"), "MakeCall"))
				say("reply",
				    "{\"id\":\"%s\",\"ok\":true,\"connection\":{\"callID\":\"9\"}}",
				    member("id"));
			else
				say("reply",
				    "{\"id\":\"%s\",\"ok\":false,\"error\":{\"code\":\"DENIED\","
				    "\"text\":\"not yours\"}}",
				    member("id"));
		}
	}
	return NULL;
}

static void waits(void **state)
{
	struct cti_request request;
	struct cti_reply *reply;
	struct cti_error error;
	pthread_t thread;
	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
	cti_request_init(&request, CTI_SERVICE_MAKE_CALL);
	request.device = "2001", request.destination = "1", request.timeout_ms = FAKE_PATIENCE_MS;
	assert_int_equal(cti_call_wait(client, &request, &reply, &error), 0);
	assert_string_equal(reply->connection.call_id, "9");
	free(reply);
	request.service = CTI_SERVICE_CLEAR_CALL;
	assert_int_equal(cti_call_wait(client, &request, &reply, &error), CTI_E_DENIED);
	assert_string_equal(error.text, "not yours");
	assert_int_equal(reply->code, CTI_E_DENIED);
	free(reply);
	pthread_join(thread, NULL);
}

/* ---- What is installed
 * ----------------------------------------------------------------------------------- */

/* Everything that an application calls, with each allocation failing in turn. */
static int use(struct cti_client **out)
{
	const struct cti_client_options options = {.endpoint = "tcp://127.0.0.1:1", .user = "u"};
	const struct cti_pair pair = {"k", "v"};
	int code = cti_client_create(out, &options, NULL);
	int number = code ? 0 : cti_subscribe(*out, "all", "hq", NULL, NULL);
	code = number < 0 ? number : code;
	code = code ? code : cti_make_call(*out, "1", "2", on_reply, NULL);
	code = code ? code : cti_attach_data(*out, "i", &pair, 1, on_reply, NULL);
	return code ? code : cti_client_sync(*out, on_synced, NULL);
}

static void without_memory(void **state)
{
	(void)state;
	for (long n = 0;; n++) {
		struct cti_client *other = NULL;
		nomem_after(n, false);
		int code = use(&other);
		bool failed = nomem_failed();
		nomem_after(-1, false);
		assert_int_equal(code, failed ? CTI_E_NOMEM : 0);
		cti_client_destroy(&other);
		if (!failed)
			break;
	}
	assert_int_equal(told.reply_code, CTI_E_CLOSED);
}

static void event_to_json(void **state)
{
	struct cti_event event;
	(void)state;
	cti_event_init(&event, CTI_EVENT_CALL_HELD);
	event.subject = (struct cti_device){CTI_DEVICE_NUMBER, "2001", NULL, NULL};
	char *json = cti_event_json(&event);
	assert_non_null(strstr(json, "\"holdingDevice\":{\"number\":\"2001\"}"));
	free(json);
	assert_string_equal(cti_device_label(&event.subject), "2001");
	assert_string_equal(cti_device_label(&event.calling), "");
	event.calling.status = CTI_DEVICE_RESTRICTED;
	assert_string_equal(cti_device_label(&event.calling), "withheld");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        FAKE_TEST(connects),
	        FAKE_TEST(refused),
	        cmocka_unit_test_setup_teardown(encrypted, fake_setup_curve, fake_teardown),
	        FAKE_TEST(speaks_another_version),
	        FAKE_TEST(nobody_there),
	        FAKE_TEST(options_are_checked),
	        FAKE_TEST(subscribes),
	        FAKE_TEST(subscription_denied),
	        FAKE_TEST(descriptor_is_level_triggered),
	        FAKE_TEST(echoes),
	        FAKE_TEST(requests),
	        FAKE_TEST(verbs_check_their_arguments),
	        FAKE_TEST(requests_end_in_time),
	        FAKE_TEST(request_is_sent_again),
	        FAKE_TEST(request_is_not_repeated_to_another),
	        FAKE_TEST(destroyed_in_callback),
	        FAKE_TEST(asked_again_in_callback),
	        FAKE_TEST(waits),
	        FAKE_TEST(without_memory),
	        cmocka_unit_test(event_to_json),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
