/* SPDX-License-Identifier: Apache-2.0 */
/* What the switch refuses, and what its limits are. */
#include "tests/support/office.h"

#include <stdlib.h>
#include <string.h>

/* ---- Refusals: no state changes, nothing is reported --------------------------------------- */

static void refusals(void **state)
{
	(void)state;
	struct office *o = office_create(&(struct switch_config){0}, 1);
	for (int i = 1; i <= 4; i++) {
		char number[24];
		snprintf(number, sizeof number, "200%d", i);
		must(office_monitor(o, number)->code);
	}
	must(switch_phone_dial(o->sw, "2001", "2002", NULL)); /* 2002 rings */
	must(switch_phone_dial(o->sw, "5551234", "2003", NULL));
	must(switch_phone_answer(o->sw, "2003", NULL)); /* 2003 talks to outside */
	char ringing[16], talking[16];
	strcpy(ringing, switch_phone_call(o->sw, "2002", CTI_CONNECTION_ALERTING));
	strcpy(talking, switch_phone_call(o->sw, "2003", CTI_CONNECTION_CONNECTED));
	uint8_t big[257] = {0};
#define CALL(c, d) .connection = {.call_id = (c), .device_id = (d) }
#define HELD(c, d) .held = {.call_id = (c), .device_id = (d)}
	const struct {
		const char *value;
		enum cti_category category;
		struct cti_request r;
	} rows[] = {
#define OP CTI_CATEGORY_OPERATION
#define SI CTI_CATEGORY_STATE_INCOMPATIBILITY
	        {"invalidCallingDeviceID",
	         OP,
	         {.service = CTI_SERVICE_MAKE_CALL, .device = "2999", .destination = "2004"}},
	        {"invalidCallingDeviceID",
	         OP,
	         {.service = CTI_SERVICE_MAKE_CALL, .device = "3000", .destination = "2004"}},
	        {"invalidCalledDeviceID",
	         OP,
	         {.service = CTI_SERVICE_MAKE_CALL, .device = "2004", .destination = "2999"}},
	        {"invalidCalledDeviceID",
	         OP,
	         {.service = CTI_SERVICE_MAKE_CALL, .device = "2004", .destination = "2004"}},
	        {"invalidCalledDeviceID", OP, {.service = CTI_SERVICE_MAKE_CALL, .device = "2004"}},
	        {"invalidCalledDeviceID",
	         OP,
	         {.service = CTI_SERVICE_MAKE_CALL, .device = "2004", .destination = "20 04"}},
	        {"invalidCallingDeviceState",
	         SI,
	         {.service = CTI_SERVICE_MAKE_CALL, .device = "2003", .destination = "2004"}},
	        {"correlatorDataOutOfRange",
	         OP,
	         {.service = CTI_SERVICE_MAKE_CALL,
	          .device = "2004",
	          .destination = "2003",
	          .correlator = {big, 33}}},
	        {"valueOutOfRange",
	         OP,
	         {.service = CTI_SERVICE_MAKE_CALL,
	          .device = "2004",
	          .destination = "2003",
	          .user_data = {big, 257}}},
	        {"invalidCallID", OP, {.service = CTI_SERVICE_ANSWER_CALL, CALL("4711", "2002")}},
	        {"invalidConnectionID",
	         OP,
	         {.service = CTI_SERVICE_ANSWER_CALL, CALL(ringing, "2003")}},
	        {"invalidDeviceID",
	         OP,
	         {.service = CTI_SERVICE_ANSWER_CALL, CALL(ringing, "2999")}},
	        {"noCallToAnswer", SI, {.service = CTI_SERVICE_ANSWER_CALL, CALL(talking, "2003")}},
	        {"noCallToAnswer", SI, {.service = CTI_SERVICE_ANSWER_CALL, CALL(NULL, "2004")}},
	        {"requestIncompatibleWithConnection",
	         OP,
	         {.service = CTI_SERVICE_ANSWER_CALL, CALL(talking, "T1")}},
	        {"noActiveCall", SI, {.service = CTI_SERVICE_HOLD_CALL, CALL(ringing, "2002")}},
	        {"noActiveCall", SI, {.service = CTI_SERVICE_HOLD_CALL, CALL(NULL, "2004")}},
	        {"noHeldCall", SI, {.service = CTI_SERVICE_RETRIEVE_CALL, CALL(talking, "2003")}},
	        {"noConnectionToClear",
	         SI,
	         {.service = CTI_SERVICE_CLEAR_CONNECTION, CALL(NULL, "2004")}},
	        {"invalidCallID", OP, {.service = CTI_SERVICE_CLEAR_CALL, CALL("1", NULL)}},
	        {"invalidHeldConnectionID",
	         OP,
	         {.service = CTI_SERVICE_ALTERNATE_CALL, HELD("1", "2003"), CALL(talking, "2003")}},
	        {"invalidActiveConnectionID",
	         OP,
	         {.service = CTI_SERVICE_TRANSFER_CALL, HELD(talking, "2003"), CALL("1", "2003")}},
	        {"notDifferentDevices",
	         OP,
	         {.service = CTI_SERVICE_TRANSFER_CALL,
	          HELD(talking, "2003"),
	          CALL(talking, "2003")}},
	        {"notSameDevice",
	         OP,
	         {.service = CTI_SERVICE_CONFERENCE_CALL,
	          HELD(talking, "2003"),
	          CALL(ringing, "2001")}},
	        {"noHeldCall", SI, {.service = CTI_SERVICE_RECONNECT_CALL, CALL(talking, "2003")}},
	        {"noActiveCall",
	         SI,
	         {.service = CTI_SERVICE_CONSULTATION_CALL,
	          CALL(ringing, "2002"),
	          .destination = "2004"}},
	        {"invalidDestination",
	         OP,
	         {.service = CTI_SERVICE_CONSULTATION_CALL,
	          CALL(talking, "2003"),
	          .destination = "2999"}},
	        {"invalidConnectionState",
	         SI,
	         {.service = CTI_SERVICE_SINGLE_STEP_TRANSFER_CALL,
	          CALL(ringing, "2002"),
	          .destination = "2004"}},
	        {"invalidDestination",
	         OP,
	         {.service = CTI_SERVICE_SINGLE_STEP_CONFERENCE_CALL,
	          CALL(talking, "2003"),
	          .destination = "3000"}},
	        {"invalidDeviceState",
	         SI,
	         {.service = CTI_SERVICE_SINGLE_STEP_CONFERENCE_CALL,
	          CALL(talking, "2003"),
	          .destination = "2002"}},
	        {"valueOutOfRange",
	         OP,
	         {.service = CTI_SERVICE_SINGLE_STEP_CONFERENCE_CALL,
	          CALL(talking, "2003"),
	          .destination = "2004",
	          .participation = (enum cti_participation)7}},
	        {"invalidDestination",
	         OP,
	         {.service = CTI_SERVICE_DEFLECT_CALL,
	          CALL(ringing, "2002"),
	          .destination = "2999"}},
	        {"invalidDestination",
	         OP,
	         {.service = CTI_SERVICE_DEFLECT_CALL,
	          CALL(ringing, "2002"),
	          .destination = "2001"}},
	        {"invalidConnectionState",
	         SI,
	         {.service = CTI_SERVICE_DEFLECT_CALL,
	          CALL(ringing, "2001"),
	          .destination = "2004"}},
	        {"invalidDeviceState",
	         SI,
	         {.service = CTI_SERVICE_DIRECTED_PICKUP_CALL,
	          CALL(ringing, "2002"),
	          .device = "2003"}},
	        {"requestIncompatibleWithDevice",
	         OP,
	         {.service = CTI_SERVICE_DIRECTED_PICKUP_CALL,
	          CALL(ringing, "2002"),
	          .device = "3000"}},
	        {"invalidDeviceID",
	         OP,
	         {.service = CTI_SERVICE_GROUP_PICKUP_CALL, .device = "2999"}},
	        {"invalidDeviceID",
	         OP,
	         {.service = CTI_SERVICE_GROUP_PICKUP_CALL, .device = "2004", .group = "2999"}},
	        {"invalidMonitorCrossRefID",
	         OP,
	         {.service = CTI_SERVICE_MONITOR_STOP, .monitor = "ZZ"}},
	        {"invalidMonitorCrossRefID", OP, {.service = CTI_SERVICE_MONITOR_STOP}},
	        {"invalidMonitorCrossRefID",
	         OP,
	         {.service = CTI_SERVICE_CHANGE_MONITOR_FILTER, .monitor = "ZZ"}},
	        {"invalidDeviceID",
	         OP,
	         {.service = CTI_SERVICE_MONITOR_START, .device = "5551234"}},
	        {"invalidCallID", OP, {.service = CTI_SERVICE_MONITOR_START, CALL("1", "2001")}},
	        {"atLeastOneConditionalParameterNotProvided",
	         OP,
	         {.service = CTI_SERVICE_MONITOR_START}},
	        {"invalidDeviceID", OP, {.service = CTI_SERVICE_SNAPSHOT_DEVICE, .device = "2999"}},
	        {"invalidCallID", OP, {.service = CTI_SERVICE_SNAPSHOT_CALL}},
	        {"invalidAgentIdentifier",
	         OP,
	         {.service = CTI_SERVICE_SET_AGENT_STATE, .device = "2001", .agent_id = "7999"}},
	        {"invalidAgentPassword",
	         OP,
	         {.service = CTI_SERVICE_SET_AGENT_STATE,
	          .device = "2002",
	          .agent_id = "7002",
	          .password = "guess"}},
	        {"invalidAgentGroup",
	         OP,
	         {.service = CTI_SERVICE_SET_AGENT_STATE, .device = "2001", .group = "3999"}},
	        {"invalidAgentState",
	         OP,
	         {.service = CTI_SERVICE_SET_AGENT_STATE,
	          .device = "2001",
	          .agent_state = CTI_REQUEST_READY}},
	        {"atLeastOneConditionalParameterNotProvided",
	         OP,
	         {.service = CTI_SERVICE_SET_AGENT_STATE, .device = "2004"}},
	        {"requestIncompatibleWithDevice",
	         OP,
	         {.service = CTI_SERVICE_SET_AGENT_STATE, .device = "3000"}},
	        {"serviceNotSupported",
	         OP,
	         {.service = CTI_SERVICE_ESCAPE, .private_data = "<x/>"}},
#undef OP
#undef SI
	};
	uint64_t facts = switch_facts(o->sw);
	o->log[0] = 0;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct cti_reply *reply = office_ask(o, &rows[i].r);
		if (reply->code != CTI_E_REFUSED || reply->category != rows[i].category ||
		    strcmp(reply->value, rows[i].value) || !reply->text)
			fail_msg("row %zu, %s: got %d %s, expected %s", i,
			         cti_service_name(rows[i].r.service), reply->code,
			         reply->value ? reply->value : "", rows[i].value);
	}
	assert_string_equal(o->log, "");
	assert_int_equal(switch_facts(o->sw), facts);
	assert_int_equal(switch_calls(o->sw), 2);
	office_destroy(o);
}

/** The services that come as JSON: each in a state where it cannot be. */
static void refusals_of_json(void **state)
{
	(void)state;
	/* 2002 rings, 2003 talks to 2004; 2001 has called 2002. */
	static const struct {
		const char *ask, *value;
	} rows[] = {
	        {"AcceptCall callToBeAccepted=@2002", "invalidConnectionState"}, /* it rings */
	        {"AcceptCall callToBeAccepted=@2999", "invalidDeviceID"},
	        {"DialDigits diallingConnection=@2001 diallingSequence=1",
	         "invalidConnectionState"},
	        {"CamponCall camponConnection=@2003", "noCallToComplete"},
	        {"CamponCall camponConnection=@2002", "noCallToComplete"},
	        {"CallBack callbackConnection=@2003", "noCallToComplete"},
	        {"CallBackMessage callbackMessageConnection=@2003", "noCallToComplete"},
	        {"IntrudeCall intrude=@2001", "noCallToComplete"},
	        {"CallBackNonCallRelated originatingDevice=2001 targetDevice=2999",
	         "invalidDeviceID"},
	        {"CallBackNonCallRelated originatingDevice=2001 targetDevice=3000",
	         "requestIncompatibleWithDevice"},
	        {"CallBackNonCallRelated originatingDevice=2001 targetDevice=2001",
	         "requestIncompatibleWithDevice"},
	        {"CancelCallBack originatingDevice=2001 targetDevice=2002", "noCallToComplete"},
	        {"GetCallBack device=2999", "invalidDeviceID"},
	        {"JoinCall activeCall=@2003 joiningDevice=2001", "invalidDeviceState"},
	        {"JoinCall activeCall=@2003 joiningDevice=2004", "invalidDeviceID"},
	        {"JoinCall activeCall=@2003 joiningDevice=3000", "invalidDeviceID"},
	        {"MakeConnection initiatingDevice=2003", "invalidCallingDeviceState"},
	        {"MakeConnection initiatingDevice=3000", "invalidCallingDeviceID"},
	        {"MakePredictiveCall callingDevice=2950 calledDirectoryNumber=2001",
	         "invalidCallingDeviceID"},
	        {"MakePredictiveCall callingDevice=3000 calledDirectoryNumber=2999",
	         "invalidCalledDeviceID"},
	        {"MakePredictiveCall callingDevice=2003 calledDirectoryNumber=2001",
	         "invalidCallingDeviceState"},
	        {"MakePredictiveCall callingDevice=3000 calledDirectoryNumber=2001 alertTime=+0",
	         "valueOutOfRange"},
	        {"ParkCall parking=@2002 parkTo=2950", "noActiveCall"},
	        {"ParkCall parking=@2003 parkTo=3000", "requestIncompatibleWithDevice"},
	        {"ParkCall parking=@2003 parkTo=2999", "invalidDestination"},
	        {"ParkCall parking=@2003 parkTo=2004", "invalidDestination"},
	        {"GenerateDigits connectionToSendDigits=@2003 charactersToSend='12x",
	         "valueOutOfRange"},
	        {"GenerateDigits connectionToSendDigits=@2002 charactersToSend='1", "noActiveCall"},
	        {"GenerateDigits connectionToSendDigits=@2003 digitMode='rotaryPulse "
	         "charactersToSend='1*",
	         "valueOutOfRange"},
	        {"CancelTelephonyTones connectionToStopTone=@2003", "invalidConnectionState"},
	        {"AssociateData existingCall=@2003", "atLeastOneConditionalParameterNotProvided"},
	        {"AssociateData existingCall=@2003 "
	         "correlatorData='123456789012345678901234567890123",
	         "correlatorDataOutOfRange"},
	        {"SendUserInformation existingCall=@2003",
	         "atLeastOneConditionalParameterNotProvided"},
	        {"ChangeConnectionInformation connectionToBeChanged=@2003",
	         "atLeastOneConditionalParameterNotProvided"},
	};
	struct office *o = office_create(&(struct switch_config){0}, 1);
	must(switch_phone_dial(o->sw, "2001", "2002", NULL));
	must(switch_phone_dial(o->sw, "2003", "2004", NULL));
	must(switch_phone_answer(o->sw, "2004", NULL));
	must(office_monitor(o, "2001")->code);
	must(office_monitor(o, "2003")->code);
	uint64_t facts = switch_facts(o->sw);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct cti_reply *reply = office_service(o, rows[i].ask);
		if (reply->code != CTI_E_REFUSED || strcmp(reply->value, rows[i].value))
			fail_msg("%s: got %d %s, expected %s", rows[i].ask, reply->code,
			         reply->value ? reply->value : "", rows[i].value);
	}
	assert_string_equal(o->log, "");
	assert_int_equal(switch_facts(o->sw), facts);
	/* A slot has room for one, a pair for one camp-on and one call back. */
	must(office_service(o, "ParkCall parking=@2003 parkTo=2950")->code);
	must(switch_phone_hangup(o->sw, "2001", NULL));
	must(switch_phone_dial(o->sw, "2001", "2004", NULL));
	must(office_service(o, "CamponCall camponConnection=@2001")->code);
	assert_string_equal(office_service(o, "CamponCall camponConnection=@2001")->value,
	                    "noCallToComplete");
	must(switch_phone_dial(o->sw, "2002", "2003", NULL));
	must(switch_phone_answer(o->sw, "2003", NULL));
	assert_string_equal(office_service(o, "ParkCall parking=@2003 parkTo=2950")->value,
	                    "resourceBusy");
	const char *set = "CallBackNonCallRelated originatingDevice=2001 targetDevice=2004";
	must(office_service(o, set)->code);
	assert_string_equal(office_service(o, set)->value, "featureAlreadySet");
	assert_non_null(strstr(office_service(o, "GetCallBack device=2001")->message,
	                       "\"callBackMessageIndicator\":false"));
	must(office_service(o, "CancelCallBack originatingDevice=2001 targetDevice=2004")->code);
	office_closes(o);
	office_destroy(o);
}

/** What answers decides what becomes of a predictive call (17.1.20). */
static void predictive_conditions(void **state)
{
	(void)state;
	struct office *o = office_create(&(struct switch_config){0}, 1);
	struct cti_request r;
	must(switch_outside_is(o->sw, "5551234", SWITCH_MACHINE, NULL));
	must(office_monitor(o, "T1")->code);
	must(office_monitor(o, "T2")->code); /* lines are taken in turn */
	cti_request_init(&r, CTI_SERVICE_OTHER);
	r.element = "MakePredictiveCall";
	r.message =
	        "{\"callingDevice\":{\"deviceIdentifier\":{\"dialingNumber\":\"3000\"}},"
	        "\"calledDirectoryNumber\":{\"deviceIdentifier\":{\"dialingNumber\":\"5551234\"}},"
	        "\"signallingDetection\":{\"signallingCondition\":\"callEstablished\","
	        "\"signallingConditionsAction\":\"destinationDetection\"},"
	        "\"destinationDetection\":[{\"destinationCondition\":\"answeringMachine\","
	        "\"detectionAction\":\"clearCalledConnection\"}]}";
	must(office_ask(o, &r)->code);
	o->log[0] = 0;
	must(switch_phone_answer(o->sw, "5551234", NULL));
	assert_string_equal(o->log, "T1 ES 5551234(networkSignal)[c]; "
	                            "T1 CC 5551234(destDetected)[n]");
	assert_int_equal(switch_calls(o->sw), 0);
	must(switch_outside_is(o->sw, "5551234", SWITCH_HUMAN, NULL));
	must(office_ask(o, &r)->code);
	o->log[0] = 0;
	must(switch_phone_answer(o->sw, "5551234", NULL));
	assert_string_equal(o->log, "T2 ES 5551234(networkSignal)[c]; "
	                            "T2 DE 3000(enteringDistribution)[c]; "
	                            "T2 QU 3000(noAvailableAgents)[c]");
	office_closes(o);
	office_destroy(o);
}

/** Who transfers must leave somebody who talks. */
static void no_transfer_among_the_waiting(void **state)
{
	(void)state;
	struct office *o = office_create(&(struct switch_config){0}, 1);
	must(switch_phone_dial(o->sw, "2001", "3000", NULL));
	must(switch_phone_consult(o->sw, "2001", "2002", NULL));
	struct cti_request r;
	cti_request_init(&r, CTI_SERVICE_TRANSFER_CALL);
	r.connection.device_id = "2001";
	assert_string_equal(office_ask(o, &r)->value, "invalidHeldConnectionState");
	must(switch_phone_answer(o->sw, "2002", NULL));
	must(office_ask(o, &r)->code);
	assert_string_equal(o->reply->connection.device_id, "2002");
	must(switch_phone_hangup(o->sw, "2002", NULL));
	assert_int_equal(switch_calls(o->sw), 0);
	office_destroy(o);
}

static void limits(void **state)
{
	(void)state;
	struct office *o = office_create(
	        &(struct switch_config){.max_calls = 1, .max_monitors = 2, .max_conference = 2}, 1);
	struct cti_request r;
	must(office_monitor(o, "2001")->code);
	must(office_monitor(o, "2001")->code); /* two monitors on one device are two */
	assert_string_equal(office_monitor(o, "2002")->value, "overallMonitorLimitExceeded");
	must(switch_phone_dial(o->sw, "5551234", "2001", NULL));
	assert_int_equal(switch_phone_dial(o->sw, "2003", "2002", NULL), CTI_E_NOMEM);
	cti_request_init(&r, CTI_SERVICE_MAKE_CALL);
	r.device = "2003";
	r.destination = "2002";
	assert_string_equal(office_ask(o, &r)->value, "resourceLimitExceeded");
	must(switch_phone_answer(o->sw, "2001", NULL));
	cti_request_init(&r, CTI_SERVICE_SINGLE_STEP_CONFERENCE_CALL);
	r.connection.device_id = "2001";
	r.destination = "2002";
	r.participation = CTI_PARTICIPATION_ACTIVE;
	assert_string_equal(office_ask(o, &r)->value, "conferenceMemberLimitExceeded");
	must(switch_phone_hangup(o->sw, "2001", NULL));
	office_destroy(o);

	/* Three trunks: the fourth caller finds none, nor does who dials out. */
	o = office_create(&(struct switch_config){0}, 1);
	for (int i = 0; i < 3; i++) {
		char number[24];
		snprintf(number, sizeof number, "555000%d", i);
		must(switch_phone_dial(o->sw, number, "3000", NULL));
	}
	assert_int_equal(switch_phone_dial(o->sw, "5550003", "3000", NULL), CTI_E_BUSY);
	cti_request_init(&r, CTI_SERVICE_MAKE_CALL);
	r.device = "2001";
	r.destination = "5551234";
	assert_string_equal(office_ask(o, &r)->value, "networkBusy");
	must(office_monitor(o, "2001")->code);
	o->log[0] = 0;
	must(switch_phone_dial(o->sw, "2001", "5551234", NULL));
	assert_non_null(strstr(o->log, "2001 FA 2001(trunksBusy)[f]"));
	office_destroy(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(refusals),
	        cmocka_unit_test(refusals_of_json),
	        cmocka_unit_test(predictive_conditions),
	        cmocka_unit_test(no_transfer_among_the_waiting),
	        cmocka_unit_test(limits),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
