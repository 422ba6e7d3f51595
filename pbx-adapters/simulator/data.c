/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services of clause 18: data, digits and tones of a call. No connection changes its state by them.
 */
#include "pbx-adapters/simulator/json.h"

#include <string.h>

/** AcceptCall (17.1.1) stands here too: F31. */
static enum fault accept_call(struct ask *a, const json_t *argument)
{
	struct cti_connection ref = json_connection(json_object_get(argument, "callToBeAccepted"));
	struct json_data data;
	struct conn *c;
	enum fault fault = ask_conn(a, &ref, CTI_CONNECTION_ALERTING, &c);
	if (!fault)
		fault = json_data(a, argument, &data);
	if (fault)
		return fault;
	if (!c || !c->offered)
		return invalidConnectionState;
	if (!ask_attach(a, c->call))
		return resourceLimitExceeded;
	ask_ack(a);
	route_accept(c);
	return OK;
}

/* ---- Data ---------------------------------------------------------------------------------- */

/** CallInformation (18.2.1). */
static void tell_information(struct conn *c, const struct cti_octets *user_data)
{
	struct cti_event e;
	call_event(c->call, c, CTI_EVENT_CALL_INFORMATION, NULL, &e);
	e.calling = name_device(&c->call->calling);
	if (user_data)
		e.user_data = *user_data;
	monitor_report(c->call, &e, NULL);
}

static enum fault any_conn(struct ask *a, const json_t *id, struct conn **out)
{
	struct cti_connection ref = json_connection(id);
	enum fault fault = ask_conn(a, &ref, CTI_CONNECTION_CONNECTED, out);
	return fault ? fault : *out ? OK : noActiveCall;
}

static enum fault associate_data(struct ask *a, const json_t *argument)
{
	static const char *const any[] = {
	        "correlatorData",      "accountCode",         "authCode",
	        "callQualifyingData",  "callCharacteristics", "subjectOfCall",
	        "languagePreferences", "deviceInfo"};
	const json_t *account = json_object_get(argument, "accountCode");
	uint8_t code[SWITCH_WORD_SIZE - 1];
	struct json_data data;
	struct conn *c;
	enum fault fault = any_conn(a, json_object_get(argument, "existingCall"), &c);
	if (!fault)
		fault = json_data(a, argument, &data);
	if (fault)
		return fault;
	size_t length = account ? json_octets(account, code, sizeof code) : 0, given = 0;
	for (size_t i = 0; i < sizeof any / sizeof *any; i++)
		given += json_object_get(argument, any[i]) != NULL;
	if (!given)
		return atLeastOneConditionalParameterNotProvided;
	if (length == SIZE_MAX)
		return valueOutOfRange;
	if (!ask_attach(a, c->call))
		return resourceLimitExceeded;
	ask_ack(a);
	if (account) {
		memcpy(c->call->account, code, length);
		c->call->account[length] = 0;
	}
	tell_information(c, NULL);
	return OK;
}

/** Told once, and not kept with the call. */
static enum fault send_user_information(struct ask *a, const json_t *argument)
{
	struct json_data data;
	struct conn *c;
	enum fault fault = any_conn(a, json_object_get(argument, "existingCall"), &c);
	if (!fault)
		fault = json_data(a, argument, &data);
	if (fault)
		return fault;
	if (!data.request.user_data.data)
		return atLeastOneConditionalParameterNotProvided;
	ask_ack(a);
	tell_information(c, &data.request.user_data);
	return OK;
}

/** A party that receives only is silent; it does not keep the call alive. */
static enum fault change_connection_information(struct ask *a, const json_t *argument)
{
	const json_t *wanted = json_object_get(argument, "requestedConnectionInfo");
	const char *flow = json_string_value(json_object_get(wanted, "flowDirection"));
	struct conn *c;
	enum fault fault = any_conn(a, json_object_get(argument, "connectionToBeChanged"), &c);
	if (fault)
		return fault;
	if (c->state != CTI_CONNECTION_CONNECTED)
		return invalidConnectionState;
	if (!flow)
		return atLeastOneConditionalParameterNotProvided;
	bool silent = !strcmp(flow, "receive") || !strcmp(flow, "none");
	fault = json_answer(a,
	                    json_pack("{s:{s:s}}", "actualConnectionInfo", "flowDirection", flow));
	if (fault)
		return fault;
	ask_ack(a);
	c->silent = silent;
	tell_information(c, NULL);
	return OK;
}

/* ---- Digits and tones ---------------------------------------------------------------------- */

/** Only who hears the other side can send to it; a trunk also while the far end rings. */
static enum fault sender(struct ask *a, const json_t *id, struct conn **out)
{
	enum fault fault = any_conn(a, id, out);
	if (fault)
		return fault;
	bool trunk = (*out)->device->kind == TRUNK && (*out)->state == CTI_CONNECTION_ALERTING;
	return (*out)->state == CTI_CONNECTION_CONNECTED || trunk ? OK : invalidConnectionState;
}

static enum fault generate_digits(struct ask *a, const json_t *argument)
{
	const char *digits = json_string_value(json_object_get(argument, "charactersToSend")),
	           *mode = json_string_value(json_object_get(argument, "digitMode"));
	bool pulse = mode && !strcmp(mode, "rotaryPulse");
	struct conn *c;
	enum fault fault = sender(a, json_object_get(argument, "connectionToSendDigits"), &c);
	if (fault)
		return fault;
	if (!digits || !*digits ||
	    digits[strspn(digits, pulse ? "0123456789" : "0123456789*#ABCDabcd,")])
		return valueOutOfRange;
	ask_ack(a);
	struct cti_connection from = conn_ref(c);
	json_report_call(c, "DigitsGeneratedEvent",
	                 json_pack("{s:o, s:s}", "connection", json_conn(&from),
	                           "digitGeneratedList", digits));
	return OK;
}

static void tone_ends(struct conn *c)
{
	c->tone = false;
}

/** Lasts until it is cancelled, its time is over or the connection is held. */
static enum fault generate_tones(struct ask *a, const json_t *argument)
{
	json_t *tone = json_object_get(argument, "toneToSend"),
	       *duration = json_object_get(argument, "toneDuration");
	struct conn *c;
	enum fault fault = sender(a, json_object_get(argument, "connectionToSendTone"), &c);
	if (fault)
		return fault;
	if (!tone || (duration && json_integer_value(duration) <= 0))
		return valueOutOfRange;
	if (c->tone)
		return featureAlreadySet;
	ask_ack(a);
	c->tone = true;
	if (duration) /* milliseconds */
		conn_wait(c, (uint64_t)json_integer_value(duration) * 1000, tone_ends);
	struct cti_connection from = conn_ref(c);
	json_t *what =
	        json_pack("{s:o, s:O}", "connection", json_conn(&from), "toneGenerated", tone);
	if (what && duration && json_object_set(what, "toneDuration", duration)) {
		json_decref(what);
		what = NULL;
	}
	json_report_call(c, "TelephonyTonesGeneratedEvent", what);
	return OK;
}

static enum fault cancel_tones(struct ask *a, const json_t *argument)
{
	struct conn *c;
	enum fault fault = any_conn(a, json_object_get(argument, "connectionToStopTone"), &c);
	if (fault)
		return fault;
	if (!c->tone)
		return invalidConnectionState;
	ask_ack(a);
	if (c->expired == tone_ends)
		a->sw->config.host->timer_clear(c->timer);
	c->tone = false;
	return OK;
}

const struct json_service data_services[] = {
        {"AcceptCall", accept_call},
        {"AssociateData", associate_data},
        {"SendUserInformation", send_user_information},
        {"ChangeConnectionInformation", change_connection_information},
        {"GenerateDigits", generate_digits},
        {"GenerateTelephonyTones", generate_tones},
        {"CancelTelephonyTones", cancel_tones},
        {NULL, NULL},
};
