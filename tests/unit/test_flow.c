/* SPDX-License-Identifier: Apache-2.0 */
/* The flow language: what is read, and the sentence for each way of writing it wrong. */
#include "tests/unit/test.h"

/* The runner is a program, not a library: its parser is taken in as source. */
#include "tests/flows/fields.c"
#include "tests/flows/parse.c"
#include "tests/flows/steps.c"

#define HEAD                                                                                       \
	"flow   A title of words   # and a comment\n"                                              \
	"phone  5551234 2001 2002\n"                                                               \
	"app    crm\n"                                                                             \
	"\n"

static struct flow *parsed(const char *text)
{
	struct flow *flow = NULL;
	struct cti_error error = {0};

	if (flow_parse(&flow, "t.flow", text, strlen(text), &error) != 0)
		fail_msg("%s", error.text);
	return flow;
}

static void test_reads_all_kinds(void **state)
{
	struct flow *flow = parsed(HEAD "5551234   dials     2001\n"
	                                "cti  ==>  crm   call.delivered device=2001 connection=$c\n"
	                                "# only a comment\n"
	                                "crm  -->  cti   AnswerCall connection=$c  :1\n"
	                                "cti  -->  crm   ok   :1\n"
	                                "any {\n"
	                                "  cti ==> crm call.established device=2001\n"
	                                "  cti ==> crm call.held text~\"not there\"\n"
	                                "}\n"
	                                "+90s\nquiet 250ms\ncut hq\nrestore hq\n"
	                                "2001 hangs up\n"
	                                "2001 transfers to 2002\n");
	const struct flow_step *s = flow->steps;

	(void)state;
	assert_string_equal(flow->title, "A title of words");
	assert_false(flow->wire);
	assert_int_equal(flow->transports, (1u << FLOW_TRANSPORTS) - 1);
	assert_int_equal(flow->step_count, 13);
	assert_int_equal(s[0].kind, FLOW_ACT);
	assert_int_equal(s[0].verb, FLOW_VERB_DIALS);
	assert_string_equal(s[0].argument, "2001");
	assert_int_equal(s[0].line, 5);
	assert_int_equal(s[1].kind, FLOW_EVENT);
	assert_int_equal(s[1].type, CTI_EVENT_CALL_DELIVERED);
	assert_int_equal(s[1].field_count, 2);
	assert_string_equal(s[1].fields[1].text, "$c");
	assert_int_equal(s[2].kind, FLOW_REQUEST);
	assert_int_equal(s[2].type, CTI_SERVICE_ANSWER_CALL);
	assert_int_equal(s[2].tag, 1);
	assert_true(s[3].ok);
	assert_int_equal(s[4].kind, FLOW_ANY);
	assert_int_equal(s[4].count, 2);
	assert_string_equal(s[6].fields[0].text, "not there");
	assert_true(s[6].fields[0].contains);
	assert_int_equal(s[7].us, 90000000);
	assert_int_equal(s[8].us, 250000);
	assert_int_equal(s[11].verb, FLOW_VERB_HANGS_UP);
	assert_int_equal(s[12].verb, FLOW_VERB_TRANSFERS_TO);
	flow_destroy(&flow);
	assert_null(flow);
	flow_destroy(&flow);
}

static void test_reads_second_kind(void **state)
{
	struct flow *flow = parsed("flow Wire\napp crm\nruns ber\nmonitors 2001\n\n"
	                           "hq --> cti call.delivered connection=17/2001 device=2001\n"
	                           "cti --> hq AnswerCall connection=$c :1\n"
	                           "hq --> cti ok :1\n"
	                           "raw hq 30 80ff 0000\n");

	(void)state;
	assert_true(flow->wire);
	assert_int_equal(flow->transports, 1 << FLOW_BER);
	assert_int_equal(flow->steps[0].kind, FLOW_SEND);
	assert_int_equal(flow->steps[1].kind, FLOW_EXPECT);
	assert_int_equal(flow->steps[3].octet_count, 5);
	assert_memory_equal(flow->steps[3].octets, "\x30\x80\xff\0\0", 5);
	flow_destroy(&flow);
}

static void test_says_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
	        {"", "t.flow:1: expected a line \"flow TITLE\""},
	        {"flow x\n", "t.flow:2: no steps: expected them after an empty line"},
	        {"flows x\n", "t.flow:1: \"flows\" begins no header line; did you mean \"flow\"?"},
	        {"flow x\nruns tcp\n",
	         "t.flow:2: \"tcp\": expected inproc, xml, ber, ber2 or ber1"},
	        {"flow x\nneeds Answer\n",
	         "t.flow:2: \"Answer\" is no service: expected for example AnswerCall"},
	        {"flow x\nagent 7001 on 2001\n",
	         "t.flow:2: expected agent ID at PHONE in QUEUE [wrapup DURATION]"},
	        {"flow x\nflow y\n", "t.flow:2: a second title: one file holds one flow"},
	        {HEAD "2003 answers\n",
	         "t.flow:5: \"2003\": expected hq, an app or a phone: 5551234, 2001, 2002"},
	        {HEAD "2001 dails 2002\n", "t.flow:5: \"dails 2002\" is nothing that a phone does"},
	        {HEAD "2001 dials\n", "t.flow:5: \"2001 dials\": expected one number after it"},
	        {HEAD "2001 answers 5\n",
	         "t.flow:5: \"2001 answers 5\": expected nothing after it"},
	        {HEAD "cti ==> desk call.held\n",
	         "t.flow:5: expected cti ==> APP event, where APP is crm"},
	        {HEAD "cti ==> crm call.hold\n",
	         "t.flow:5: \"call.hold\" is no event: expected for "
	         "example call.delivered; did you mean \"call.held\"?"},
	        {HEAD "cti ==> crm call.held devise=1\n",
	         "t.flow:5: no field \"devise\" there; did you mean device"},
	        {HEAD "cti ==> crm call.held device\n",
	         "t.flow:5: \"device\": expected field=value"},
	        {HEAD "crm --> cti AnswerCall connection=$c :1\n",
	         "t.flow:5: $c is not bound yet: an earlier \"==>\" line must name it"},
	        {HEAD "crm --> cti AnswrCall\n",
	         "t.flow:5: \"AnswrCall\" is no service: expected for "
	         "example AnswerCall; did you mean \"AnswerCall\"?"},
	        {HEAD "crm --> cti AnswerCall connection=1/2 :1\n",
	         "t.flow:5: :1 is never answered: expected cti --> crm ok or error"},
	        {HEAD "cti --> crm ok :1\n",
	         "t.flow:5: :1 answers nothing: no request before it has that number"},
	        {HEAD "cti --> crm ok\n",
	         "t.flow:5: which request does it answer? expected :n at the end"},
	        {HEAD "cti --> crm okay :1\n", "t.flow:5: \"okay\": expected ok or error"},
	        {HEAD "+90\n", "t.flow:5: \"90\": expected a duration, for example 5s or 250ms"},
	        {HEAD "any {\n2001 answers\n}\n", "t.flow:6: any { } is for what is expected: "
	                                          "\"cti ==>\" or \"cti -->\""},
	        {HEAD "any {\ncti ==> crm call.held\n",
	         "t.flow:7: any { of line 5 is not closed: expected }"},
	        {HEAD "any {\n}\n", "t.flow:6: any { } holds nothing: expected steps in it"},
	        {HEAD "}\n", "t.flow:5: } closes nothing: expected a step"},
	        {HEAD "raw hq 3g\n", "t.flow:5: \"3g\": expected octets in hexadecimal"},
	        {HEAD "raw hq 30\n2001 answers\n",
	         "t.flow:6: a flow that plays the switch has no phones"},
	        {HEAD "cti ==> crm call.held text~\"a b\n",
	         "t.flow:5: the quote is not closed: expected \""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct flow *flow = NULL;
		struct cti_error error = {0};

		if (flow_parse(&flow, "t.flow", cases[i].text, strlen(cases[i].text), &error) == 0)
			fail_msg("case %zu was accepted, expected: %s", i, cases[i].error);
		assert_null(flow);
		assert_string_equal(error.text, cases[i].error);
	}
}

static void test_fields_come_back(void **state)
{
	static const char *const texts[][2] = {
	        {"device", "2001"},        {"callingDevice", "restricted"},
	        {"connection", "17/2001"}, {"state", "alerting"},
	        {"cause", "newCall"},      {"localState", "hold"},
	        {"numberQueued", "0"},     {"pending", "notReady"},
	        {"correlator", "abc"},     {"calledDevice", "notKnown"},
	};
	struct field_pool pool = {0};
	struct cti_event event;
	struct cti_error error;

	(void)state;
	cti_event_init(&event, CTI_EVENT_CALL_DELIVERED);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char text[FIELD_TEXT];

		assert_int_equal(
		        field_write(FIELD_EVENT, &event, texts[i][0], texts[i][1], &pool, &error),
		        0);
		field_read(FIELD_EVENT, &event, texts[i][0], text);
		assert_string_equal(text, texts[i][1]);
	}
	assert_int_equal(field_write(FIELD_EVENT, &event, "state", "ringing", &pool, &error),
	                 CTI_E_INVALID);
	assert_int_equal(field_write(FIELD_EVENT, &event, "connection", "17", &pool, &error),
	                 CTI_E_INVALID);
	assert_string_equal(error.text,
	                    "connection=17: expected callID/deviceID, for example 17/2003");
	field_pool_free(&pool);
}

static void test_durations(void **state)
{
	(void)state;
	assert_int_equal(flow_duration("250ms"), 250000);
	assert_int_equal(flow_duration("2m"), 120000000);
	assert_int_equal(flow_duration("1h"), 3600000000LL);
	assert_int_equal(flow_duration("5"), -1);
	assert_int_equal(flow_duration("-5s"), -1);
	assert_int_equal(flow_duration("99999999999999999999s"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_reads_all_kinds),    cmocka_unit_test(test_reads_second_kind),
	        cmocka_unit_test(test_says_what_is_wrong), cmocka_unit_test(test_fields_come_back),
	        cmocka_unit_test(test_durations),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
