/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/event.h"
#include "pbx-adapters/csta/link.h"

#include <stdlib.h>

int link_requests_create(struct cti_adapter_instance *link, struct cti_error *error)
{
	unsigned count = link->config.pending;
	link->requests = calloc(count, sizeof *link->requests);
	if (!link->requests)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	for (unsigned i = 0; i < count; i++)
		link->requests[i].next = i + 1 < count ? i + 2 : 0;
	link->idle = 1;
	return CTI_OK;
}

void link_requests_destroy(struct cti_adapter_instance *link)
{
	free(link->requests);
}

void link_done_failed(struct cti_adapter_instance *link, uint64_t token, int code, const char *text)
{
	struct cti_reply reply;
	struct cti_error sentence;
	cti_reply_init(&reply);
	cti_error_set(&sentence, code, "%s: %s", link->host->switch_name, text);
	reply.code = code;
	reply.text = sentence.text;
	link->host->done(link->host, token, &reply);
}

/* The session's token is the place in the table. */
static void place_free(struct cti_adapter_instance *link, uint64_t place)
{
	struct link_request *request = &link->requests[place];
	request->used = false;
	request->next = link->idle;
	link->idle = (unsigned)place + 1;
}

static void request_send(struct cti_adapter_instance *link, uint64_t token,
                         enum cti_service service, struct csta_message *message)
{
	struct cti_error error = {0};
	if (!link->idle) {
		link_done_failed(link, token, CTI_E_BUSY, "too many requests are open");
		return;
	}
	unsigned place = link->idle - 1;
	struct link_request *request = &link->requests[place];
	link->idle = request->next;
	*request = (struct link_request){.token = token, .service = service, .used = true};
	int code = csta_session_request(link->session, message, place,
	                                link->host->now_us(link->host), &error);
	/* The link may have gone down in the attempt, and the request ended with it. */
	if (code && request->used) {
		place_free(link, place);
		link_done_failed(link, token, code, error.text);
	}
}

static bool link_is_up(struct cti_adapter_instance *link, uint64_t token)
{
	if (link->session && csta_session_state(link->session) == CSTA_SESSION_OPEN)
		return true;
	link_done_failed(link, token, CTI_E_CLOSED, "the link to the switch is down");
	return false;
}

void request_start(struct cti_adapter_instance *link, uint64_t token,
                   const struct cti_request *request)
{
	struct csta_message *message = NULL;
	struct cti_error error = {0};
	if (!link_is_up(link, token))
		return;
	link_enter(link);
	int code = csta_request_write(&message, csta_session_codec(link->session), request, &error);
	if (code)
		link_done_failed(link, token, code, error.text);
	else
		request_send(link, token, request->service, message);
	csta_message_destroy(&message);
	link_leave(link);
}

void request_pass(struct cti_adapter_instance *link, uint64_t token,
                  const struct csta_message *message)
{
	if (!link_is_up(link, token))
		return;
	struct csta_message copy = *message; /* the invoke id is ours, the rest is lent */
	link_enter(link);
	request_send(link, token, CTI_SERVICE_OTHER, &copy);
	link_leave(link);
}

void request_answered(void *arg, uint64_t place, const struct csta_message *answer,
                      const struct cti_error *error)
{
	struct cti_adapter_instance *link = arg;
	struct link_request request = link->requests[place];
	struct cti_error bad = {0};
	struct cti_reply reply;
	place_free(link, place);
	if (error) {
		link_done_failed(link, request.token, error->code, error->text);
		return;
	}
	cti_reply_init(&reply);
	if (answer && segments_begin(link, request.token, request.service, answer))
		return;
	/* What nobody answers (RouteSelect) is done when it is sent. */
	if (answer && csta_reply_read(answer, request.service, &reply, &bad)) {
		link_done_failed(link, request.token, bad.code, bad.text);
		return;
	}
	link->host->done(link->host, request.token, &reply);
}
