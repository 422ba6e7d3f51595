/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/event.h"
#include "pbx-adapters/csta/link.h"

#include <SystemStatusArgument.h>
#include <string.h>

static void event_received(struct cti_adapter_instance *link, const struct csta_message *message)
{
	const struct cti_host *host = link->host;
	struct cti_error error = {0};
	struct cti_event event;
	int code = csta_event_read(message, &event, &error);
	if (code) {
		host->log(host, CTI_LOG_WARN, "event left out: %s", error.text);
		return;
	}
	host->event(host, &event, message);
}

static void respond(struct cti_adapter_instance *link, uint32_t invoke_id, enum cti_service service,
                    const struct cti_reply *reply)
{
	const struct cti_host *host = link->host;
	struct csta_message *answer = NULL;
	struct cti_error error = {0};
	int code = csta_reply_write(&answer, csta_session_codec(link->session), service, reply,
	                            &error);
	if (!code)
		code = csta_session_respond(link->session, invoke_id, answer, host->now_us(host),
		                            &error);
	if (code)
		host->log(host, CTI_LOG_WARN, "the switch's request %u got no answer: %s",
		          invoke_id, error.text);
	csta_message_destroy(&answer);
}

static void request_received(struct cti_adapter_instance *link, const struct csta_message *message)
{
	const struct cti_host *host = link->host;
	struct cti_request request;
	struct cti_error error = {0};
	struct cti_reply reply;
	if (segment_received(link, message))
		return;
	cti_reply_init(&reply);
	int code = csta_request_read(message, &request, &error);
	if (!code && request.service == CTI_SERVICE_MONITOR_STOP) {
		/* ECMA-269 15.1.3: call gone, object gone, or load. Answered, whatever we think. */
		respond(link, message->invoke_id, request.service, &reply);
		host->monitor_stopped(host, request.monitor, "the switch stopped the monitor");
		return;
	}
	host->log(host, CTI_LOG_DEBUG, "the switch asks for %s, which is not served",
	          message->type->element);
	if (message->type->no_response)
		return;
	reply.code = CTI_E_UNSUPPORTED;
	respond(link, message->invoke_id, CTI_SERVICE_ESCAPE, &reply);
}

void message_received(void *arg, const struct csta_message *message)
{
	if (message->type->kind == CSTA_EVENT)
		event_received(arg, message);
	else
		request_received(arg, message);
}

/*
 * ECMA-269 12.2.28. After initializing or disabled, enabled says that every monitor is void: the
 * host is told that the link was down, and reads the switch again. An enabled out of the blue is
 * what some switches send as a heartbeat.
 */
void status_received(void *arg, const struct csta_message *message)
{
	struct cti_adapter_instance *link = arg;
	const struct cti_host *host = link->host;
	const SystemStatusArgument_t *status = message->value;
	switch (status->systemStatus) {
	case SystemStatusValue_initializing:
	case SystemStatusValue_disabled:
		link->was_disabled = true;
		host->log(host, CTI_LOG_WARN, "the switch is %s",
		          status->systemStatus == SystemStatusValue_disabled ? "disabled"
		                                                             : "initializing");
		break;
	case SystemStatusValue_enabled:
		if (!link->was_disabled || link->state != CTI_LINK_UP)
			break;
		link->was_disabled = false;
		link_state(link, CTI_LINK_DOWN, "the switch restarted");
		link_state(link, CTI_LINK_UP, NULL);
		break;
	case SystemStatusValue_messagesLost:
		host->log(host, CTI_LOG_WARN, "the switch lost messages (SystemStatus)");
		break;
	case SystemStatusValue_overloadImminent:
	case SystemStatusValue_overloadReached:
		host->log(host, CTI_LOG_WARN, "the switch is overloaded (SystemStatus)");
		break;
	default:
		break;
	}
}
