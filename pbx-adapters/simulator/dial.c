/* SPDX-License-Identifier: Apache-2.0 */
/* Dialling: in stages (F32), and a connection that calls nobody (MakeConnection, 17.1.19). */
#include "pbx-adapters/simulator/json.h"

#include <stdio.h>
#include <string.h>

bool dial_is_staged(const char *digits)
{
	size_t n = strlen(digits);
	return !n || digits[n - 1] == ';';
}

bool dial_is_number(const char *digits)
{
	size_t n = strspn(digits, "+*#0123456789");
	return !digits[n] || !strcmp(digits + n, ";");
}

bool dial_fits(const struct conn *c, const char *digits)
{
	return strlen(c->call->dialled) + strlen(digits) < SWITCH_ID_SIZE;
}

/** The dialling is complete. */
static void dial(struct conn *c)
{
	struct call *call = c->call;
	struct callback *callback = c->callback;
	const char *cause = call->dial_cause ? call->dial_cause : "newCall";
	struct target target;
	call->sw->config.host->timer_clear(c->timer);
	c->callback = NULL;
	if (route_resolve(call->sw, call->dialled, &target) || target.device == c->device) {
		/* Some of it may be dialled already: it fails as it does by hand. */
		name_set(&call->called, call->dialled);
		c->why = "numberUnallocated";
		conn_set(c, CTI_CONNECTION_FAIL, CTI_EVENT_CALL_FAILED, c->why);
	} else {
		route_originate(c, &target, cause);
	}
	if (callback)
		callback_done(callback);
}

/** The digits so far. */
static void tell_digits(struct conn *c)
{
	struct cti_event e;
	call_event(c->call, c, CTI_EVENT_CALL_DIGITS_DIALED, "newCall", &e);
	e.digits = c->call->dialled;
	e.other = (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = c->call->dialled};
	monitor_report(c->call, &e, NULL);
}

void dial_begin(struct conn *c)
{
	char *dialled = c->call->dialled;
	if (c->joins) {
		join_lifted(c);
		return;
	}
	c->prompted = false;
	if (!dial_is_staged(dialled)) {
		dial(c);
		return;
	}
	c->call->sw->config.host->timer_clear(c->timer);
	if (c->why) { /* MakeConnection: nobody is dialled */
		c->call->called.status = CTI_DEVICE_NOT_KNOWN;
		conn_connect(c, c->why);
	} else if (*dialled) {
		dialled[strlen(dialled) - 1] = 0;
		if (*dialled)
			tell_digits(c);
	}
}

void dial_more(struct conn *c, const char *digits)
{
	char *dialled = c->call->dialled;
	bool staged = *digits && dial_is_staged(digits);
	strcat(dialled, digits);
	if (staged)
		dialled[strlen(dialled) - 1] = 0;
	tell_digits(c);
	if (!staged)
		dial(c);
}

/** Nothing more (an empty sequence) ends it, too. */
static enum fault dial_digits(struct ask *a, const json_t *argument)
{
	struct cti_connection ref =
	        json_connection(json_object_get(argument, "diallingConnection"));
	const char *digits = json_number(json_object_get(argument, "diallingSequence"));
	struct json_data data;
	struct conn *c;
	enum fault fault = ask_conn(a, &ref, CTI_CONNECTION_INITIATED, &c);
	if (!fault)
		fault = json_data(a, argument, &data);
	if (fault)
		return fault;
	if (!c)
		return invalidConnectionState;
	if (c->device->kind != EXTENSION)
		return requestIncompatibleWithConnection;
	if (c->state != CTI_CONNECTION_INITIATED || c->prompted)
		return invalidConnectionState;
	if (!digits || !dial_is_number(digits) || !dial_fits(c, digits) ||
	    (!*digits && !*c->call->dialled) || !strcmp(digits, ";"))
		return invalidDestination;
	if (!ask_attach(a, c->call))
		return resourceLimitExceeded;
	ask_ack(a);
	dial_more(c, digits);
	return OK;
}

/** A call of one: others are brought into it (SingleStepConferenceCall, JoinCall). */
static enum fault make_connection(struct ask *a, const json_t *argument)
{
	const char *originate = json_string_value(json_object_get(argument, "autoOriginate"));
	struct device *d =
	        device_find(a->sw, json_number(json_object_get(argument, "initiatingDevice")));
	struct json_data data;
	if (!d || d->kind != EXTENSION)
		return invalidCallingDeviceID;
	if (d->out_of_service)
		return deviceOutOfService;
	enum fault fault = json_data(a, argument, &data);
	if (fault)
		return fault;
	if (device_busy_with(d) || conn_in_state(d, CTI_CONNECTION_ALERTING))
		return invalidCallingDeviceState;
	struct conn *c = call_begin(d);
	if (!c)
		return resourceLimitExceeded;
	struct call *call = c->call;
	struct cti_connection made = conn_ref(c);
	fault = json_answer(a, json_pack("{s:o, s:o}", "initiatingDevice", json_conn(&made),
	                                 "callLinkageData", json_linkage(call)));
	if (fault || !ask_attach(a, call)) {
		conn_remove(c);
		call_destroy(call);
		return resourceLimitExceeded;
	}
	ask_ack(a);
	c->why = "makeConnection";
	c->prompted = !(originate && !strcmp(originate, "doNotPrompt"));
	if (c->prompted)
		conn_set(c, CTI_CONNECTION_INITIATED, CTI_EVENT_CALL_SERVICE_INITIATED, c->why);
	if (c->prompted && d->must_lift)
		conn_wait(c, a->sw->config.prompt_us, NULL);
	else
		dial_begin(c);
	return OK;
}

const struct json_service dial_services[] = {
        {"DialDigits", dial_digits}, {"MakeConnection", make_connection}, {NULL, NULL}};
