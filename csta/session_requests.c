/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Open requests: found by invoke id through a hash of chains, in order of deadline in a list (every
 * request has the same time, so the oldest is due first). All memory is taken at creation.
 */
#include "csta/arena.h"
#include "csta/session_private.h"

#include <stdlib.h>
#include <string.h>

#define XML_IDS 9999  /* 0..9998, ECMA-323 J-2 */
#define BER_IDS 32768 /* never more than two octets */

static void *room(size_t count, size_t size)
{
	return csta_alloc_fails() ? NULL : calloc(count, size);
}

int session_requests_create(struct csta_session *session, struct cti_error *error)
{
	unsigned most = session->config.encoding == CSTA_XML ? XML_IDS / 2 : BER_IDS / 2;
	if (session->config.pending > most)
		return cti_error_set(error, CTI_E_LIMIT,
		                     "session: %u requests at once, at most %u have an invoke id",
		                     session->config.pending, most);
	session->capacity = session->config.pending + SESSION_OWN;
	unsigned buckets = 16;
	while (buckets < session->capacity)
		buckets *= 2;
	session->mask = buckets - 1;
	session->requests = room(session->capacity, sizeof *session->requests);
	session->buckets = room(buckets, sizeof *session->buckets);
	session->peers = room(SESSION_PEERS, sizeof *session->peers);
	if (!session->requests || !session->buckets || !session->peers)
		return cti_error_set(error, CTI_E_NOMEM, "session: out of memory");
	for (unsigned i = 0; i < session->capacity; i++)
		session->requests[i].chain = i + 1 < session->capacity ? i + 2 : 0;
	session->idle = 1;
	session->next_id = 1;
	return CTI_OK;
}

void session_requests_destroy(struct csta_session *session)
{
	free(session->requests);
	free(session->buckets);
	free(session->peers);
}

static struct session_request *request_find(struct csta_session *session, uint32_t invoke_id,
                                            unsigned **link)
{
	unsigned *at = &session->buckets[invoke_id & session->mask];
	for (; *at; at = &session->requests[*at - 1].chain) {
		if (session->requests[*at - 1].invoke_id == invoke_id) {
			*link = at;
			return &session->requests[*at - 1];
		}
	}
	return NULL;
}

const struct csta_type *session_request_type(void *arg, uint32_t invoke_id)
{
	unsigned *link;
	const struct session_request *request = request_find(arg, invoke_id, &link);
	return request ? request->type : NULL;
}

bool session_request_take(struct csta_session *session, uint32_t invoke_id,
                          struct session_request *out)
{
	unsigned *link;
	struct session_request *request = request_find(session, invoke_id, &link);
	if (!request)
		return false;
	unsigned place = *link;
	*out = *request;
	*link = request->chain;
	if (request->older)
		session->requests[request->older - 1].newer = request->newer;
	else
		session->oldest = request->newer;
	if (request->newer)
		session->requests[request->newer - 1].older = request->older;
	else
		session->newest = request->older;
	request->chain = session->idle;
	session->idle = place;
	session->used--;
	return true;
}

/* The next id that no open request has: ids are not reused soon, so that a late answer finds none.
 */
uint32_t session_id_take(struct csta_session *session)
{
	uint32_t ids = session->config.encoding == CSTA_XML ? XML_IDS : BER_IDS;
	unsigned *link;
	while (request_find(session, session->next_id % ids, &link))
		session->next_id = (session->next_id + 1) % ids;
	uint32_t id = session->next_id;
	session->next_id = (session->next_id + 1) % ids;
	return id;
}

static void request_put(struct csta_session *session, const struct csta_message *message,
                        enum session_use use, uint64_t token)
{
	unsigned place = session->idle;
	struct session_request *request = &session->requests[place - 1];
	unsigned *bucket = &session->buckets[message->invoke_id & session->mask];
	session->idle = request->chain;
	*request = (struct session_request){
	        .invoke_id = message->invoke_id,
	        .use = use,
	        .type = message->type,
	        .token = token,
	        .deadline = session->now + session->config.request_us,
	        .chain = *bucket,
	        .older = session->newest,
	};
	*bucket = place;
	if (session->newest)
		session->requests[session->newest - 1].newer = place;
	else
		session->oldest = place;
	session->newest = place;
	session->used++;
}

int session_ask(struct csta_session *session, struct csta_message *message, enum session_use use,
                uint64_t token, struct cti_error *error)
{
	unsigned limit = use == USE_OWNER ? session->config.pending : session->capacity;
	if (session->used >= limit)
		return cti_error_set(error, CTI_E_BUSY, "%u requests are open already",
		                     session->used);
	message->invoke_id = session_id_take(session);
	/* In the table before it is sent: the answer may come from within send(). */
	bool answered = !message->type->no_response;
	if (answered)
		request_put(session, message, use, token);
	int code = session_transmit(session, message, error);
	struct session_request dropped;
	if (code && answered)
		session_request_take(session, message->invoke_id, &dropped);
	if (code == CTI_E_IO)
		session_drop(session, code, "%s could not be sent", message->type->element);
	else if (!code && !answered && use == USE_OWNER)
		session->ops.answer(session->arg, token, NULL, NULL);
	return code;
}

uint64_t session_requests_deadline(const struct csta_session *session)
{
	return session->oldest ? session->requests[session->oldest - 1].deadline : NEVER;
}

void session_requests_expire(struct csta_session *session)
{
	struct session_request request;
	while (session_requests_deadline(session) <= session->now &&
	       session_request_take(session, session->requests[session->oldest - 1].invoke_id,
	                            &request)) {
		struct cti_error error;
		cti_error_set(&error, CTI_E_TIMEOUT, "%s: no answer in %llu ms",
		              request.type->element,
		              (unsigned long long)session->config.request_us / 1000);
		session_answered(session, &request, NULL, &error);
	}
}

void session_requests_abandon(struct csta_session *session, const struct cti_error *why)
{
	struct session_request request;
	while (session->oldest &&
	       session_request_take(session, session->requests[session->oldest - 1].invoke_id,
	                            &request))
		if (request.use == USE_OWNER)
			session_answered(session, &request, NULL, why);
}

/*
 * XML clients are known to have several requests of the same id open (pyssimist: 0000 for each
 * user); in BER that is a duplicate invocation (X.880).
 */
int session_peer_open(struct csta_session *session, uint32_t invoke_id)
{
	if (session->peer_count == SESSION_PEERS)
		return CTI_E_LIMIT;
	if (session->config.encoding == CSTA_BER)
		for (unsigned i = 0; i < session->peer_count; i++)
			if (session->peers[i] == invoke_id)
				return CTI_E_EXISTS;
	session->peers[session->peer_count++] = invoke_id;
	return CTI_OK;
}

bool session_peer_close(struct csta_session *session, uint32_t invoke_id)
{
	for (unsigned i = 0; i < session->peer_count; i++) {
		if (session->peers[i] != invoke_id)
			continue;
		session->peers[i] = session->peers[--session->peer_count];
		return true;
	}
	return false;
}
