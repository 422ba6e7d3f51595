/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the adapter: exactly one answer each, in time, whatever the adapter does. */
#include "csta/pass.h"
#include "cti-server/model/dialplan.h"
#include "cti-server/pbx_private.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTS_MAX 1000
/* A dialled number: the canonical one with line code and prefix. */
#define DIALLED (DIALPLAN_NUMBER + 32)

/* What a switch cannot do that lacks a verb. */
static const char *const cannot[] = {
        [CTI_SERVICE_MAKE_CALL] = "make calls",
        [CTI_SERVICE_ANSWER_CALL] = "answer calls",
        [CTI_SERVICE_CLEAR_CONNECTION] = "clear connections",
        [CTI_SERVICE_CLEAR_CALL] = "clear calls",
        [CTI_SERVICE_HOLD_CALL] = "hold calls",
        [CTI_SERVICE_RETRIEVE_CALL] = "retrieve calls",
        [CTI_SERVICE_ALTERNATE_CALL] = "alternate between calls",
        [CTI_SERVICE_RECONNECT_CALL] = "reconnect calls",
        [CTI_SERVICE_CONSULTATION_CALL] = "make consultation calls",
        [CTI_SERVICE_TRANSFER_CALL] = "transfer calls",
        [CTI_SERVICE_CONFERENCE_CALL] = "make conferences",
        [CTI_SERVICE_SINGLE_STEP_TRANSFER_CALL] = "transfer calls in a single step",
        [CTI_SERVICE_SINGLE_STEP_CONFERENCE_CALL] = "add a party in a single step",
        [CTI_SERVICE_DEFLECT_CALL] = "deflect calls",
        [CTI_SERVICE_DIRECTED_PICKUP_CALL] = "pick up a certain call",
        [CTI_SERVICE_GROUP_PICKUP_CALL] = "pick up calls of a group",
        [CTI_SERVICE_SET_AGENT_STATE] = "set agent states",
        [CTI_SERVICE_GET_AGENT_STATE] = "tell agent states",
        [CTI_SERVICE_MONITOR_START] = "be monitored",
        [CTI_SERVICE_MONITOR_STOP] = "stop a monitor",
        [CTI_SERVICE_CHANGE_MONITOR_FILTER] = "change a monitor's filter",
        [CTI_SERVICE_SNAPSHOT_DEVICE] = "tell the calls of a device",
        [CTI_SERVICE_SNAPSHOT_CALL] = "tell the parties of a call",
        [CTI_SERVICE_REQUEST_SYSTEM_STATUS] = "tell its status",
        [CTI_SERVICE_ESCAPE] = "take private requests",
};

/* The commonest refusals (ECMA-269 12.2.14) in plain words; of others the value speaks. */
static const struct {
	const char *value, *sentence;
} refusals[] = {
        {"invalidDeviceID", "the switch does not know this device"},
        {"invalidCallingDeviceID", "the switch does not know the calling device"},
        {"invalidCalledDeviceID", "the switch does not know the called number"},
        {"invalidDestination", "the destination cannot be reached"},
        {"invalidCallID", "the switch does not know this call"},
        {"invalidConnectionID", "this device is not in this call"},
        {"invalidConnectionState", "the call is not in a state for this"},
        {"noCallToAnswer", "no call rings there"},
        {"noActiveCall", "no call is connected there"},
        {"noHeldCall", "no call is on hold there"},
        {"noCallToClear", "there is no call to clear"},
        {"noConnectionToClear", "there is no connection to clear"},
        {"connectedCallExists", "another call is connected there"},
        {"invalidCallingDeviceState", "the calling device is busy"},
        {"serviceNotSupported", "the switch does not offer this service"},
        {"requestIncompatibleWithDevice", "this device cannot do that"},
        {"deviceOutOfService", "the device is out of service"},
        {"networkBusy", "no line is free"},
        {"trunkLimitExceeded", "no line is free"},
        {"overallMonitorLimitExceeded", "the switch has no monitor licence left"},
        {"objectMonitorLimitExceeded", "the device has as many monitors as the switch allows"},
        {"conferenceMemberLimitExceeded", "the conference is full"},
        {"performanceLimitExceeded", "the switch is overloaded"},
        {"privilegeViolationCallingDevice", "the calling device may not call this number"},
        {"invalidAgentIdentifier", "the switch does not know this agent"},
        {"invalidAgentID", "the switch does not know this agent"},
        {"invalidAgentPassword", "the agent's password is wrong"},
        {"invalidAgentGroup", "the agent is not of this group"},
        {"invalidAgentState", "the agent cannot go to this state now"},
        {"featureAlreadySet", "that is so already"},
};

static cti_verb *verb_of(const struct cti_adapter *a, enum cti_service service)
{
	switch (service) {
#define X(name, verb, element)                                                                     \
	case CTI_SERVICE_##name:                                                                   \
		return a->verb;
		CTI_SERVICES(X)
#undef X
	case CTI_SERVICES_COUNT:
	case CTI_SERVICE_OTHER:
		break;
	}
	return NULL;
}

bool pbx_can(const struct pbx *p, enum cti_service service)
{
	if (service == CTI_SERVICE_OTHER)
		return p->config.adapter->request != NULL;
	return verb_of(p->config.adapter, service) != NULL;
}

static uint64_t token_of(const struct open_request *r)
{
	return (uint64_t)r->generation << 32 | (r->index + 1);
}

static struct open_request *find(const struct pbx *p, uint64_t token)
{
	uint32_t index = (uint32_t)token - 1;
	struct open_request *r = index < p->request_count ? p->requests[index] : NULL;
	return r && r->open && r->generation == (uint32_t)(token >> 32) ? r : NULL;
}

static void fail(struct pbx *p, pbx_done *done, void *arg, int code, const char *format, ...)
        __attribute__((format(printf, 5, 6)));

/* Answer without the adapter. */
static void fail(struct pbx *p, pbx_done *done, void *arg, int code, const char *format, ...)
{
	char why[CTI_ERROR_TEXT], text[CTI_ERROR_TEXT + 64];
	va_list ap;
	va_start(ap, format);
	vsnprintf(why, sizeof why, format, ap);
	va_end(ap);
	snprintf(text, sizeof text, "%s: %s", p->config.name, why);
	struct cti_reply reply;
	cti_reply_init(&reply);
	reply.code = code;
	reply.text = text;
	p->stats.failed++;
	done(arg, &reply);
}

static void expired(void *arg)
{
	struct open_request *r = arg;
	struct pbx *p = r->pbx;
	char text[CTI_ERROR_TEXT];
	struct cti_reply reply;
	snprintf(text, sizeof text, "%s: no answer to %s within %g s", p->config.name, r->name,
	         r->timeout_ms / 1000.0);
	cti_reply_init(&reply);
	reply.code = CTI_E_TIMEOUT;
	reply.text = text;
	p->stats.timeouts++;
	pbx_answer(p, token_of(r), &reply);
}

static struct open_request *slot_make(struct pbx *p)
{
	if (p->request_count == p->request_room) {
		size_t room = p->request_room ? 2 * p->request_room : 32;
		struct open_request **more = realloc(p->requests, room * sizeof *more);
		if (!more)
			return NULL;
		p->requests = more;
		p->request_room = room;
	}
	struct open_request *r = calloc(1, sizeof *r);
	if (!r)
		return NULL;
	r->timer = timer_create_on(p->clock, "request", expired, r);
	if (!r->timer) {
		free(r);
		return NULL;
	}
	r->pbx = p;
	r->index = (uint32_t)p->request_count;
	p->requests[p->request_count++] = r;
	return r;
}

static struct open_request *slot_get(struct pbx *p)
{
	struct open_request *r = p->free_requests;
	if (r)
		p->free_requests = r->next_free;
	else
		r = slot_make(p);
	return r;
}

static void slot_put(struct pbx *p, struct open_request *r)
{
	timer_clear(r->timer);
	r->open = false;
	name_put(&p->model->names, &r->device);
	name_put(&p->model->names, &r->agent);
	p->open_count--;
	r->next_free = p->free_requests;
	p->free_requests = r;
}

/* Every failure has its sentence, and the sentence says which switch. */
static void complete_text(const struct pbx *p, struct cti_reply *reply, char *text, size_t size)
{
	size_t name = strlen(p->config.name);
	const char *sentence = reply->text;
	if (!reply->code)
		return;
	for (size_t i = 0; !sentence && reply->value && i < sizeof refusals / sizeof *refusals; i++)
		if (!strcmp(refusals[i].value, reply->value))
			sentence = refusals[i].sentence;
	if (sentence && !strncmp(sentence, p->config.name, name) && sentence[name] == ':')
		snprintf(text, size, "%s", sentence);
	else if (sentence)
		snprintf(text, size, "%s: %s", p->config.name, sentence);
	else if (reply->value)
		snprintf(text, size, "%s: the switch refused: %s %s", p->config.name,
		         cti_category_name(reply->category), reply->value);
	else
		snprintf(text, size, "%s: %s", p->config.name, cti_strerror(reply->code));
	reply->text = text;
}

void pbx_answer(struct pbx *p, uint64_t token, const struct cti_reply *answer)
{
	struct open_request *r = find(p, token);
	if (!r) {
		p->stats.late_answers++;
		log_warn(p->config.name,
		         "answer to a request that is not open: token=%" PRIu64 " code=%d", token,
		         answer->code);
		return;
	}
	struct cti_reply reply = *answer;
	char text[CTI_ERROR_TEXT + 64];
	complete_text(p, &reply, text, sizeof text);
	pbx_done *done = r->done;
	void *arg = r->arg;
	/* The resync reads numbers as the switch wrote them. */
	if (!r->internal && !model_numbers_reply(p->model, &reply)) {
		cti_reply_init(&reply);
		snprintf(text, sizeof text, "%s: the answer to %s is too long", p->config.name,
		         r->name);
		reply.code = CTI_E_LIMIT;
		reply.text = text;
	}
	if (r->cause)
		cause_answered(p, r->cause, &reply);
	if (r->service == CTI_SERVICE_SET_AGENT_STATE && !reply.code &&
	    reply.pending_state != CTI_AGENT_UNKNOWN)
		model_agent_pending(p->model, r->device ? r->device->text : NULL,
		                    r->agent ? r->agent->text : NULL, reply.pending_state);
	if (reply.code && !r->internal)
		p->stats.failed++;
	slot_put(p, r);
	done(arg, &reply);
}

/* A service that the model does not know, as a CSTA message. */
static void pass(struct pbx *p, struct open_request *r, const struct cti_request *request)
{
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	uint64_t token = token_of(r);
	int code = p->codec ? 0 : csta_codec_create(&p->codec, NULL, &error);
	if (!code)
		code = csta_pass_request_write(&message, p->codec, request, &error);
	if (code) {
		struct cti_reply reply;
		cti_reply_init(&reply);
		reply.code = code;
		reply.text = error.text;
		pbx_answer(p, token, &reply);
		return;
	}
	r->name = message->type->element;
	p->config.adapter->request(p->instance, token, message);
	csta_message_destroy(&message);
}

static void start(struct pbx *p, struct open_request *r, const struct cti_request *request,
                  pbx_done *done, void *arg)
{
	r->open = true;
	r->generation++;
	r->service = request->service;
	r->name = request->service == CTI_SERVICE_OTHER ? "the request"
	                                                : cti_service_name(request->service);
	r->done = done;
	r->arg = arg;
	r->timeout_ms = request->timeout_ms ? request->timeout_ms : CTI_REQUEST_TIMEOUT_MS;
	p->open_count++;
	timer_set(r->timer, (uint64_t)r->timeout_ms * 1000);
	if (request->service == CTI_SERVICE_OTHER)
		pass(p, r, request);
	else
		verb_of(p->config.adapter, request->service)(p->instance, token_of(r), request);
}

/* Can it be handed on at all? Answers it if not. */
static bool admit(struct pbx *p, const struct cti_request *request, size_t limit, pbx_done *done,
                  void *arg)
{
	if (!pbx_can(p, request->service))
		fail(p, done, arg, CTI_E_UNSUPPORTED, "the switch cannot %s",
		     (unsigned)request->service < CTI_SERVICES_COUNT
		             ? cannot[request->service]
		             : "do more than call and agent control");
	else if (p->link != CTI_LINK_UP || p->stopping)
		fail(p, done, arg, CTI_E_CLOSED, "no link to the switch%s%s",
		     p->link_text[0] ? ": " : "", p->link_text);
	else if (p->open_count >= limit)
		fail(p, done, arg, CTI_E_BUSY, "%zu requests are open already", p->open_count);
	else
		return true;
	return false;
}

void pbx_ask(struct pbx *p, const struct cti_request *request, pbx_done *done, void *arg)
{
	if (!admit(p, request, SIZE_MAX, done, arg))
		return;
	struct open_request *r = slot_get(p);
	if (!r) {
		fail(p, done, arg, CTI_E_NOMEM, "out of memory");
		return;
	}
	r->internal = true;
	r->cause = NULL;
	start(p, r, request, done, arg);
}

/* A device of the switch as it was written by who configured it, else as it is dialled. */
static const char *to_switch(const struct pbx *p, const char *number, char out[DIALLED])
{
	if (!number)
		return NULL;
	const struct device *d = model_device_find(p->model, number);
	if (d && d->written)
		snprintf(out, DIALLED, "%s", d->written->text);
	else
		dialplan_dial(&p->config.dialplan, number, out, DIALLED);
	return out;
}

/* What a service cannot do without; NULL: it is all there. */
static const char *missing(const struct cti_request *r)
{
	bool connection = false, held = false, device = false, destination = false;
	switch (r->service) {
	case CTI_SERVICE_MAKE_CALL:
		device = destination = true;
		break;
	case CTI_SERVICE_ANSWER_CALL:
	case CTI_SERVICE_CLEAR_CONNECTION:
	case CTI_SERVICE_CLEAR_CALL:
	case CTI_SERVICE_HOLD_CALL:
	case CTI_SERVICE_RETRIEVE_CALL:
	case CTI_SERVICE_SNAPSHOT_CALL:
		connection = true;
		break;
	case CTI_SERVICE_ALTERNATE_CALL:
	case CTI_SERVICE_RECONNECT_CALL:
	case CTI_SERVICE_TRANSFER_CALL:
	case CTI_SERVICE_CONFERENCE_CALL:
		connection = held = true;
		break;
	case CTI_SERVICE_CONSULTATION_CALL:
	case CTI_SERVICE_SINGLE_STEP_TRANSFER_CALL:
	case CTI_SERVICE_SINGLE_STEP_CONFERENCE_CALL:
	case CTI_SERVICE_DEFLECT_CALL:
		connection = destination = true;
		break;
	case CTI_SERVICE_DIRECTED_PICKUP_CALL:
		connection = device = true;
		break;
	case CTI_SERVICE_GROUP_PICKUP_CALL:
	case CTI_SERVICE_SET_AGENT_STATE:
	case CTI_SERVICE_GET_AGENT_STATE:
	case CTI_SERVICE_SNAPSHOT_DEVICE:
		device = true;
		break;
	case CTI_SERVICE_MONITOR_START:
	case CTI_SERVICE_MONITOR_STOP:
	case CTI_SERVICE_CHANGE_MONITOR_FILTER:
	case CTI_SERVICE_REQUEST_SYSTEM_STATUS:
	case CTI_SERVICE_ESCAPE:
	case CTI_SERVICES_COUNT:
	case CTI_SERVICE_OTHER: /* libcsta knows */
		break;
	}
	if (connection && !r->connection.call_id)
		return "connection";
	if (held && !r->held.call_id)
		return "held";
	if (device && !r->device)
		return "device";
	return destination && (!r->destination || !*r->destination) ? "destination" : NULL;
}

void pbx_request(struct pbx *p, const struct cti_request *request, pbx_done *done, void *arg)
{
	size_t limit =
	        (p->config.max_requests ? p->config.max_requests : REQUESTS_MAX) + p->resync.open;
	const char *lacks = missing(request);
	p->stats.requests++;
	if (lacks) {
		fail(p, done, arg, CTI_E_INVALID, "%s needs '%s'",
		     cti_service_name(request->service), lacks);
		return;
	}
	if (!admit(p, request, limit, done, arg))
		return;
	struct open_request *r = slot_get(p);
	if (!r) {
		fail(p, done, arg, CTI_E_NOMEM, "out of memory");
		return;
	}
	r->internal = false;
	r->cause = cause_begin(p, request);
	/* Without memory the pending state is not shown; the answer says it all the same. */
	r->device = request->device ? name_get(&p->model->names, request->device) : NULL;
	r->agent = request->agent_id ? name_get(&p->model->names, request->agent_id) : NULL;

	struct cti_request written = *request;
	char device[DIALLED], destination[DIALLED], group[DIALLED];
	written.device = to_switch(p, request->device, device);
	written.destination = to_switch(p, request->destination, destination);
	written.group = to_switch(p, request->group, group);
	model_connection_received(p->model, &written.connection);
	model_connection_received(p->model, &written.held);
	start(p, r, &written, done, arg);
}

void pbx_requests_close(struct pbx *p, int code, const char *why)
{
	for (size_t i = 0; i < p->request_count; i++) {
		struct open_request *r = p->requests[i];
		if (!r->open)
			continue;
		struct cti_reply reply;
		cti_reply_init(&reply);
		reply.code = code;
		reply.text = why;
		pbx_answer(p, token_of(r), &reply);
	}
}

void pbx_requests_free(struct pbx *p)
{
	for (size_t i = 0; i < p->request_count; i++) {
		timer_destroy(&p->requests[i]->timer);
		free(p->requests[i]);
	}
	free(p->requests);
	csta_codec_destroy(&p->codec);
	p->requests = NULL;
	p->request_count = p->request_room = 0;
}
