/* SPDX-License-Identifier: Apache-2.0 */
/** The way of a request: read, authorised, remembered, paced, answered exactly once. */
#include "cti-server/bus.h"
#include "cti-server/request.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"
#include "tests/support/nomem.h"
#include "tests/unit/fake_pbx.h"
#include "tests/unit/test.h"

#define SECOND UINT64_C(1000000)

static const char config_text[] =
        "switches = ();\n"
        "users = ( { name = \"ann\"; password = \"x\"; role = \"agent\"; devices = [ \"2001\" ]; "
        "},\n"
        "          { name = \"sue\"; password = \"x\"; role = \"supervisor\"; },\n"
        "          { name = \"mon\"; password = \"x\"; role = \"monitor\"; } );\n";

struct fixture {
	struct clock *clock;
	struct bus *bus;
	struct config *config;
	struct rights *rights;
	struct requests *requests;
	struct pbx hq, branch;
	size_t answers;
	int code;
	enum cti_category category;
	char id[80], text[200], call[32];
};

static void on_done(void *arg, const char *id, const struct cti_reply *reply)
{
	struct fixture *f = arg;
	f->answers++;
	f->code = reply->code;
	f->category = reply->category;
	snprintf(f->id, sizeof f->id, "%s", id);
	snprintf(f->text, sizeof f->text, "%s", reply->text ? reply->text : "");
	snprintf(f->call, sizeof f->call, "%s",
	         reply->connection.call_id ? reply->connection.call_id : "");
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	log_set(CTI_LOG_ERROR, false);
	struct requests_options options = {600 * SECOND, 5, 4, 3, 10};
	struct cti_error why;
	*state = f;
	f->hq = (struct pbx){.name = "hq", .link = CTI_LINK_UP};
	f->branch = (struct pbx){.name = "branch", .link = CTI_LINK_UP};
	assert_int_equal(clock_create_virtual(&f->clock, 0, NULL), 0);
	assert_int_equal(bus_create(&f->bus, f->clock, NULL, NULL), 0);
	assert_int_equal(config_load_text(&f->config, config_text, &why), 0);
	assert_int_equal(rights_create(&f->rights, f->clock, f->bus, f->config, NULL), 0);
	assert_int_equal(requests_create(&f->requests, f->clock, f->rights, &options, NULL), 0);
	assert_int_equal(requests_add(f->requests, &f->hq), 0);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	struct cti_reply reply;
	cti_reply_init(&reply);
	while (f->hq.open_count)
		fake_answer(&f->hq, &reply);
	requests_destroy(&f->requests);
	rights_destroy(&f->rights);
	bus_destroy(&f->bus);
	clock_destroy(&f->clock);
	config_unload(&f->config);
	free(f);
	return 0;
}

static void ask_at(struct fixture *f, const char *user, const char *json,
                   const struct requests_place *place)
{
	struct cti_error why = {0};
	json_t *object = requests_parse(json, strlen(json), 4096, &why);
	assert_non_null(object);
	requests_submit(f->requests, user, object, place, on_done, f);
	json_decref(object);
}

static void ask(struct fixture *f, const char *user, const char *json)
{
	ask_at(f, user, json, NULL);
}

static void answer(struct fixture *f, const char *call)
{
	struct cti_reply reply;
	cti_reply_init(&reply);
	reply.connection.call_id = call;
	fake_answer(&f->hq, &reply);
}

#define MAKE(id, device)                                                                           \
	"{\"id\":\"" id "\",\"service\":\"MakeCall\",\"device\":\"" device                         \
	"\",\"destination\":\"3000\"}"

static void test_one_answer(void **state)
{
	struct fixture *f = *state;
	ask(f, "ann", MAKE("r1", "tel:2001"));
	assert_int_equal(f->answers, 0);
	assert_int_equal(f->hq.open_count, 1);
	const struct cti_request *request = f->hq.open[0].request;
	assert_string_equal(request->device, "2001");
	assert_string_equal(request->user, "ann");
	assert_string_equal(request->id, "r1");
	assert_string_equal(request->switch_name, "hq");
	assert_int_equal(request->timeout_ms, CTI_REQUEST_TIMEOUT_MS);
	assert_string_equal(f->hq.demanded, "2001");
	answer(f, "17");
	assert_int_equal(f->answers, 1);
	assert_int_equal(f->code, 0);
	assert_string_equal(f->id, "r1");
	assert_string_equal(f->call, "17");
	assert_int_equal(requests_open(f->requests), 0);
}

/** A repeat waits with the first, or gets the same answer; it is never sent again. */
static void test_repeat(void **state)
{
	struct fixture *f = *state;
	ask(f, "ann", MAKE("r1", "2001"));
	ask(f, "ann", MAKE("r1", "2001"));
	assert_int_equal(f->hq.requests, 1);
	answer(f, "17");
	assert_int_equal(f->answers, 2);
	ask(f, "ann", MAKE("r1", "2001"));
	assert_int_equal(f->answers, 3);
	assert_string_equal(f->call, "17");
	assert_int_equal(f->hq.requests, 1);
	/* The id of another user is another id. */
	ask(f, "sue", MAKE("r1", "2001"));
	assert_int_equal(f->hq.requests, 2);
	/* The same id for something else is a mistake. */
	ask(f, "ann", MAKE("r1", "tel:2001"));
	assert_int_equal(f->code, CTI_E_INVALID);
	assert_int_equal(f->hq.requests, 2);
}

static void test_memory_ends(void **state)
{
	struct fixture *f = *state;
	f->hq.answer_at_once = true;
	ask(f, "ann", MAKE("r1", "2001"));
	clock_advance(f->clock, 599 * SECOND, NULL, NULL);
	ask(f, "ann", MAKE("r1", "2001"));
	assert_int_equal(f->hq.requests, 1);
	clock_advance(f->clock, 601 * SECOND, NULL, NULL);
	ask(f, "ann", MAKE("r1", "2001"));
	assert_int_equal(f->hq.requests, 2);
	/* Five are remembered; the sixth drives out the oldest. */
	ask(f, "ann", MAKE("a", "2001"));
	ask(f, "ann", MAKE("b", "2001"));
	ask(f, "ann", MAKE("c", "2001"));
	ask(f, "ann", MAKE("d", "2001"));
	ask(f, "ann", MAKE("r1", "2001"));
	assert_int_equal(f->hq.requests, 6);
	ask(f, "ann", MAKE("e", "2001"));
	ask(f, "ann", MAKE("r1", "2001"));
	assert_int_equal(f->hq.requests, 8);
}

static void test_overload(void **state)
{
	struct fixture *f = *state;
	ask(f, "ann", MAKE("1", "2001"));
	ask(f, "ann", MAKE("2", "2001"));
	ask(f, "ann", MAKE("3", "2001"));
	ask(f, "ann", MAKE("4", "2001"));
	assert_int_equal(f->answers, 1);
	assert_int_equal(f->code, CTI_E_BUSY);
	assert_string_equal(f->id, "4");
	ask(f, "sue", MAKE("1", "2001"));
	ask(f, "sue", MAKE("2", "2001"));
	assert_int_equal(f->answers, 2);
	assert_int_equal(f->code, CTI_E_BUSY);
	assert_int_equal(f->hq.open_count, 4);
	/* What was too much is not remembered: it may come again. */
	answer(f, "17");
	ask(f, "sue", MAKE("2", "2001"));
	assert_int_equal(f->hq.open_count, 4);
}

static void test_pace(void **state)
{
	struct fixture *f = *state;
	char json[128];
	f->hq.answer_at_once = true;
	for (int i = 0; i < 11; i++) {
		snprintf(json, sizeof json,
		         "{\"id\":\"p%d\",\"service\":\"SnapshotDevice\",\"device\":\"2001\"}", i);
		ask(f, "ann", json);
		assert_int_equal(f->code, i < 10 ? 0 : CTI_E_BUSY);
	}
	clock_advance(f->clock, SECOND / 10, NULL, NULL);
	ask(f, "ann", json);
	assert_int_equal(f->code, 0);
	ask(f, "ann", MAKE("p99", "2001"));
	assert_int_equal(f->code, CTI_E_BUSY);
}

static void test_rights_first(void **state)
{
	struct fixture *f = *state;
	ask(f, "ann", MAKE("1", "2002"));
	assert_int_equal(f->code, CTI_E_DENIED);
	assert_int_equal(f->category, CTI_CATEGORY_SECURITY);
	assert_non_null(strstr(f->text, "2002"));
	ask(f, "mon", MAKE("2", "2001"));
	assert_int_equal(f->code, CTI_E_DENIED);
	assert_non_null(strstr(f->text, "monitor"));
	ask(f, "bob", MAKE("3", "2001"));
	assert_int_equal(f->code, CTI_E_AUTH);
	assert_int_equal(f->answers, 3);
	assert_int_equal(f->hq.requests + f->hq.demands, 0);
}

static void test_malformed(void **state)
{
	static const char *const bad[] = {
	        "{\"service\":\"MakeCall\",\"device\":\"2001\"}",
	        "{\"id\":\"\",\"service\":\"MakeCall\",\"device\":\"2001\"}",
	        "{\"id\":7,\"service\":\"MakeCall\",\"device\":\"2001\"}",
	        "{\"id\":\"a\\nb\",\"service\":\"MakeCall\",\"device\":\"2001\"}",
	        "{\"id\":\"1\",\"service\":\"MakeCoffee\",\"device\":\"2001\"}",
	        "{\"id\":\"1\",\"device\":\"2001\"}",
	        "{\"id\":\"1\",\"service\":\"MakeCall\",\"device\":2001}",
	        "{\"id\":\"1\",\"service\":\"AnswerCall\",\"connection\":\"17\"}",
	        "{\"id\":\"1\",\"service\":\"MakeCall\",\"device\":\"2001\",\"switch\":\"moon\"}",
	        "{\"id\":\"12345678901234567890123456789012345678901234567890123456789012345\","
	        "\"service\":\"MakeCall\",\"device\":\"2001\"}",
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ask(f, "sue", bad[i]);
		assert_int_equal(f->answers, i + 1);
		assert_true(f->code == CTI_E_INVALID || f->code == CTI_E_UNSUPPORTED ||
		            f->code == CTI_E_NOTFOUND);
		assert_true(strlen(f->text) > 10);
	}
	assert_int_equal(f->hq.requests, 0);
}

static void test_place(void **state)
{
	struct requests_place place = {"hq", "2001", "AnswerCall"};
	struct fixture *f = *state;
	ask_at(f, "ann", "{\"id\":\"1\",\"connection\":{\"callID\":\"17\"}}", &place);
	assert_int_equal(f->hq.open_count, 1);
	assert_int_equal(f->hq.open[0].request->service, CTI_SERVICE_ANSWER_CALL);
	assert_string_equal(f->hq.open[0].request->connection.device_id, "2001");
	ask_at(f, "ann", "{\"id\":\"2\",\"device\":\"2002\",\"connection\":{\"callID\":\"17\"}}",
	       &place);
	assert_int_equal(f->code, CTI_E_INVALID);
	ask_at(f, "ann", "{\"id\":\"3\",\"service\":\"ClearCall\"}", &place);
	assert_int_equal(f->code, CTI_E_INVALID);
	assert_int_equal(f->hq.requests, 1);
}

static void test_switch_must_be_said(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(requests_add(f->requests, &f->branch), 0);
	ask(f, "sue", MAKE("1", "2001"));
	assert_int_equal(f->code, CTI_E_INVALID);
	assert_non_null(strstr(f->text, "hq, branch"));
	ask(f, "sue",
	    "{\"id\":\"2\",\"service\":\"MakeCall\",\"switch\":\"branch\",\"device\":\"1\"}");
	assert_int_equal(f->branch.open_count, 1);
	struct cti_reply reply;
	cti_reply_init(&reply);
	fake_answer(&f->branch, &reply);
}

static void test_attach(void **state)
{
#define ATTACH(id, interaction)                                                                    \
	"{\"id\":\"" id "\",\"service\":\"AttachData\",\"interaction\":\"" interaction             \
	"\",\"attached\":{\"customer\":\"4711\"}}"
	struct fixture *f = *state;
	ask(f, "sue", ATTACH("1", "I1"));
	assert_int_equal(f->code, 0);
	assert_string_equal(f->hq.interaction, "I1");
	assert_string_equal(f->hq.pair, "customer=4711");
	ask(f, "sue", ATTACH("2", "none"));
	assert_int_equal(f->code, CTI_E_NOTFOUND);
	ask(f, "mon", ATTACH("3", "I1"));
	assert_int_equal(f->code, CTI_E_DENIED);

	/* An agent only where an own device takes part. */
	ask(f, "ann", ATTACH("4", "I1"));
	assert_int_equal(f->code, CTI_E_DENIED);
	const char *subjects[] = {"device/2001", "interaction/I1"};
	struct cti_event event;
	cti_event_init(&event, CTI_EVENT_CALL_DELIVERED);
	event.interaction_id = "I1";
	assert_int_equal(bus_publish(bus_stream(f->bus, "acme", "hq"), &event, subjects, 2), 0);
	ask(f, "ann", ATTACH("5", "I1"));
	assert_int_equal(f->code, 0);
	event.type = CTI_EVENT_INTERACTION_ENDED;
	assert_int_equal(bus_publish(bus_stream(f->bus, "acme", "hq"), &event, subjects, 2), 0);
	ask(f, "ann", ATTACH("6", "I1"));
	assert_int_equal(f->code, CTI_E_DENIED);
	assert_int_equal(f->hq.attached, 2);
}

/** A client that has gone is not told; the request goes on and is remembered. */
static void test_forget(void **state)
{
	struct fixture *f = *state;
	ask(f, "ann", MAKE("1", "2001"));
	requests_forget(f->requests, f);
	answer(f, "17");
	assert_int_equal(f->answers, 0);
	ask(f, "ann", MAKE("1", "2001"));
	assert_string_equal(f->call, "17");
}

/** Each allocation fails in turn: still exactly one answer, and nothing is dialled twice. */
static void test_memory(void **state)
{
	struct fixture *f = *state;
	bool failed = true;
	f->hq.answer_at_once = true;
	for (long i = 0; failed; i++) {
		char json[160];
		size_t answers = f->answers, requests = f->hq.requests;
		assert_in_range(i, 0, 100);
		clock_advance(f->clock, clock_now(f->clock) + SECOND, NULL, NULL);
		snprintf(json, sizeof json,
		         "{\"id\":\"m%ld\",\"service\":\"MakeCall\",\"device\":\"2001\","
		         "\"destination\":\"1\"}",
		         i);
		nomem_after(i, false);
		ask(f, i % 2 ? "ann" : "sue", json);
		failed = nomem_failed();
		nomem_after(-1, false);
		assert_int_equal(f->answers, answers + 1);
		assert_int_equal(f->hq.requests, requests + (f->code == 0));
		assert_true(f->code == 0 || f->code == CTI_E_NOMEM);
		assert_int_equal(requests_open(f->requests), 0);
	}
}

static void test_parse(void **state)
{
	struct cti_error why;
	char deep[64];
	(void)state;
	memset(deep, '[', sizeof deep);
	assert_null(requests_parse(deep, sizeof deep, 4096, &why));
	assert_int_equal(why.code, CTI_E_LIMIT);
	assert_null(requests_parse("{}", 2, 1, &why));
	assert_int_equal(why.code, CTI_E_LIMIT);
	assert_null(requests_parse("[]", 2, 100, &why));
	assert_int_equal(why.code, CTI_E_INVALID);
	assert_null(requests_parse("{\"a\":1,\"a\":2}", 13, 100, &why));
	assert_null(requests_parse("{\"a\":\n tru}", 11, 100, &why));
	assert_non_null(strstr(why.text, "line 2"));
	/* Brackets within a string are no depth. */
	json_t *object =
	        requests_parse("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[\"}", 36, 100, &why);
	assert_non_null(object);
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(test_one_answer, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_repeat, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_memory_ends, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_overload, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_pace, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_rights_first, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_malformed, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_place, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_switch_must_be_said, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_attach, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_forget, setup, teardown),
	        cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
	        cmocka_unit_test(test_parse),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
