/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A switch of paper. In XML a frame is 00 00 | length | invoke id in four digits | text; in BER
 * the APDU itself.
 */
#include "tests/flows/peer.h"

#include "csta/event.h"
#include "csta/frame.h"

#include <NoDataResult.h>
#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PEER_MONITORS    64
#define PEER_TAGS        64
#define PEER_DEVICE_SIZE 64

struct peer {
	struct event_base *base;
	const struct flow *flow;
	bool ber;
	struct evconnlistener *listener;
	struct bufferevent *link;
	unsigned port;
	uint64_t in, out;
	struct csta_codec *codec;
	struct csta_buffer text, frame, scratch;
	uint32_t next_invoke; /* of our own requests */
	struct world_request *received;
	struct peer_tag {
		unsigned tag;
		uint32_t invoke_id;
		int service;
	} tags[PEER_TAGS];
	size_t tag_count;
	char monitors[PEER_MONITORS][PEER_DEVICE_SIZE];
	size_t monitor_count;
	char complaint[CTI_ERROR_TEXT + 32];
};

static enum csta_framing framing(const struct peer *p)
{
	return p->ber ? CSTA_FRAME_BARE : CSTA_FRAME_XML;
}

static void request_free(struct world_request *r)
{
	free((void *)(uintptr_t)r->element);
	free(r->request);
	free(r);
}

static void link_close(struct peer *p)
{
	if (p->link)
		bufferevent_free(p->link);
	p->link = NULL;
}

/* ---- Out --------------------------------------------------------------------------------- */

static int send_octets(struct peer *p, const void *octets, size_t count, struct cti_error *error)
{
	if (!p->link)
		return cti_error_set(error, CTI_E_STATE, "%s: there is no link",
		                     p->flow->switch_name);
	if (bufferevent_write(p->link, octets, count) != 0)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	p->out += count;
	return 0;
}

static int send_body(struct peer *p, const void *body, size_t length, uint32_t invoke_id,
                     struct cti_error *error)
{
	size_t start;
	int code;

	csta_buffer_clear(&p->frame);
	start = p->frame.length;
	code = csta_frame_begin(framing(p), &p->frame);
	if (!code)
		code = csta_buffer_append(&p->frame, body, length);
	if (code)
		return cti_error_set(error, code, "out of memory");
	code = csta_frame_end(framing(p), &p->frame, start, invoke_id, error);
	return code ? code : send_octets(p, p->frame.data, p->frame.length, error);
}

static int send_message(struct peer *p, struct csta_message *m, uint32_t invoke_id,
                        struct cti_error *error)
{
	int code;

	m->invoke_id = invoke_id;
	csta_buffer_clear(&p->text);
	code = p->ber ? csta_encode_ber(p->codec, m, &p->text, error)
	              : csta_encode_xml(p->codec, m, CSTA_ED4, &p->text, error);
	return code ? code : send_body(p, p->text.data, p->text.length, invoke_id, error);
}

static int send_reply(struct peer *p, enum cti_service service, const struct cti_reply *reply,
                      uint32_t invoke_id, struct cti_error *error)
{
	struct csta_message *m = NULL;
	int code = csta_reply_write(&m, p->codec, service, reply, error);

	if (!code)
		code = send_message(p, m, invoke_id, error);
	csta_message_destroy(&m);
	return code;
}

/* The cross reference of the monitor on a device: its place in the list, from 1. */
static unsigned monitor_of(struct peer *p, const char *device, bool add)
{
	for (size_t i = 0; i < p->monitor_count; i++)
		if (strcmp(p->monitors[i], device) == 0)
			return (unsigned)i + 1;
	if (!add || p->monitor_count == PEER_MONITORS)
		return 0;
	snprintf(p->monitors[p->monitor_count++], sizeof(p->monitors[0]), "%s", device);
	return (unsigned)p->monitor_count;
}

static int send_event(struct peer *p, const struct flow_step *s, const struct flow_field *fields,
                      struct cti_error *error)
{
	struct cti_event event;
	struct csta_message *m = NULL;
	struct field_pool pool = {0};
	char monitor[16];
	unsigned number = 0;
	int code = 0;

	cti_event_init(&event, (enum cti_event_type)s->type);
	for (size_t i = 0; i < s->field_count && !code; i++)
		code = field_write(FIELD_EVENT, &event, fields[i].name, fields[i].text, &pool,
		                   error);
	if (!event.monitor) {
		if (event.connection.device_id)
			number = monitor_of(p, event.connection.device_id, false);
		if (!number && event.subject.number)
			number = monitor_of(p, event.subject.number, false);
		snprintf(monitor, sizeof(monitor), "%u", number ? number : 1);
		event.monitor = monitor;
	}
	if (!code)
		code = csta_event_write(&m, p->codec, &event, error);
	if (!code)
		code = send_message(p, m, p->ber ? p->next_invoke++ : CSTA_EVENT_INVOKE_ID, error);
	csta_message_destroy(&m);
	field_pool_free(&pool);
	return code;
}

static const struct peer_tag *tag_find(const struct peer *p, unsigned tag)
{
	for (size_t i = 0; i < p->tag_count; i++)
		if (p->tags[i].tag == tag)
			return &p->tags[i];
	return NULL;
}

static int send_answer(struct peer *p, const struct flow_step *s, const struct flow_field *fields,
                       struct cti_error *error)
{
	const struct peer_tag *t = tag_find(p, s->tag);
	struct field_pool pool = {0};
	struct cti_reply reply;
	int code = 0;

	if (!t || t->service < 0)
		return cti_error_set(error, CTI_E_STATE,
		                     ":%u is no request that can be answered so", s->tag);
	cti_reply_init(&reply);
	reply.code = s->ok ? 0 : CTI_E_REFUSED;
	for (size_t i = 0; i < s->field_count && !code; i++)
		code = field_write(FIELD_REPLY, &reply, fields[i].name, fields[i].text, &pool,
		                   error);
	if (!code)
		code = send_reply(p, (enum cti_service)t->service, &reply, t->invoke_id, error);
	field_pool_free(&pool);
	return code;
}

int peer_file(const struct flow *flow, const char *name, char **out, size_t *length,
              struct cti_error *error)
{
	const char *reference = getenv("CSTA_REFERENCE"), *slash = strrchr(flow->file, '/');
	char path[1024];
	FILE *f;

	if (strncmp(name, "capture:", 8) == 0) {
		if (!reference || !*reference)
			return cti_error_set(error, CTI_E_UNSUPPORTED,
			                     "CSTA_REFERENCE is not set: no captures");
		snprintf(path, sizeof(path), "%s/captures/xml/%s", reference, name + 8);
	} else {
		snprintf(path, sizeof(path), "%.*s%s", slash ? (int)(slash - flow->file) + 1 : 0,
		         flow->file, name);
	}
	f = fopen(path, "rb");
	*out = f ? calloc(1, FLOW_FILE_MAX) : NULL;
	if (!*out) {
		if (f)
			fclose(f);
		return cti_error_set(error, CTI_E_IO, "%s: %s", path, strerror(errno));
	}
	*length = fread(*out, 1, FLOW_FILE_MAX - 1, f);
	fclose(f);
	return 0;
}

/* Put @p with between <name> and </name>: what the flow changes in a captured message. */
static int replace_text(char **text, size_t *length, const char *name, const char *with,
                        struct cti_error *error)
{
	char *at = *text, *end, *grown;
	size_t name_length = strlen(name), head, with_length = strlen(with);

	while ((at = strstr(at, name)) && (at == *text || (at[-1] != '<' && at[-1] != ':') ||
	                                   (at[name_length] != '>' && at[name_length] != ' ')))
		at++;
	at = at ? strchr(at, '>') : NULL;
	end = at ? strchr(at, '<') : NULL;
	if (!end)
		return cti_error_set(error, CTI_E_NOTFOUND, "the file has no element %s", name);
	head = (size_t)(at + 1 - *text);
	grown = calloc(1, *length + with_length + 1);
	if (!grown)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	memcpy(grown, *text, head);
	memcpy(grown + head, with, with_length);
	strcpy(grown + head + with_length, end);
	*length = strlen(grown);
	free(*text);
	*text = grown;
	return 0;
}

/* A file goes out as it stands; its kind only decides which invoke id its frame has. */
static int send_file(struct peer *p, const struct flow_step *s, const struct flow_field *fields,
                     struct cti_error *error)
{
	const struct peer_tag *t = tag_find(p, s->tag);
	struct csta_message *m = NULL;
	uint32_t invoke_id = CSTA_EVENT_INVOKE_ID;
	size_t length = 0;
	char *text = NULL;
	int code;

	if (p->ber)
		return cti_error_set(error, CTI_E_UNSUPPORTED, "files are XML");
	code = peer_file(p->flow, s->argument, &text, &length, error);
	for (size_t i = 0; i < s->field_count && !code; i++)
		code = replace_text(&text, &length, fields[i].name, fields[i].text, error);
	if (!code)
		code = csta_decode_xml(&m, p->codec, text, length, NULL, error);
	if (!code && t)
		invoke_id = t->invoke_id;
	else if (!code && m->type->kind == CSTA_REQUEST)
		invoke_id = p->next_invoke++;
	if (!code)
		code = send_body(p, text, length, invoke_id, error);
	csta_message_destroy(&m);
	free(text);
	return code;
}

int peer_send(struct peer *p, const struct flow_step *s, const struct flow_field *fields,
              struct cti_error *error)
{
	if (s->argument)
		return send_file(p, s, fields, error);
	return s->type >= 0 ? send_event(p, s, fields, error) : send_answer(p, s, fields, error);
}

int peer_raw(struct peer *p, const void *octets, size_t count, struct cti_error *error)
{
	return send_octets(p, octets, count, error);
}

/* ---- In ---------------------------------------------------------------------------------- */

/* Does the flow itself expect requests of this name? */
static bool scripted(const struct peer *p, const char *element)
{
	for (size_t i = 0; i < p->flow->step_count; i++) {
		const struct flow_step *s = &p->flow->steps[i];
		const char *name = s->argument;

		if (s->kind != FLOW_EXPECT)
			continue;
		if (s->type >= 0)
			name = cti_service_name((enum cti_service)s->type);
		if (strcmp(name, element) == 0)
			return true;
	}
	return false;
}

static int answer_itself(struct peer *p, const struct csta_message *m,
                         const struct cti_request *request, struct cti_error *error)
{
	const struct csta_type *type = csta_type_of_response(m->type);
	struct csta_message *response = NULL;
	struct cti_reply reply;
	char monitor[16];
	int code;

	if (request) {
		cti_reply_init(&reply);
		if (request->service == CTI_SERVICE_MONITOR_START && request->device) {
			snprintf(monitor, sizeof(monitor), "%u",
			         monitor_of(p, request->device, true));
			reply.monitor = monitor;
		}
		return send_reply(p, request->service, &reply, m->invoke_id, error);
	}
	if (!type)
		return 0;
	code = csta_message_create(&response, p->codec, type, error);
	if (!code && type->value == &asn_DEF_NoDataResult)
		((NoDataResult_t *)response->value)->present = NoDataResult_PR_noData;
	if (!code)
		code = send_message(p, response, m->invoke_id, error);
	csta_message_destroy(&response);
	return code;
}

static int keep_request(struct peer *p, const struct csta_message *m,
                        const struct cti_request *request, struct cti_error *error)
{
	struct world_request *r = calloc(1, sizeof(*r)), **at = &p->received;

	if (r) {
		r->element = strdup(m->type->element);
		r->service = request ? (int)request->service : -1;
		r->invoke_id = m->invoke_id;
		r->request = request ? cti_request_copy(request) : NULL;
	}
	if (!r || !r->element || (request && !r->request)) {
		if (r)
			request_free(r);
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	}
	while (*at)
		at = &(*at)->next;
	*at = r;
	return 0;
}

static int take_message(struct peer *p, struct csta_message *m, struct cti_error *error)
{
	struct cti_request request;
	bool known;

	if (m->type->kind != CSTA_REQUEST && m->type->kind != CSTA_SESSION)
		return 0; /* answers to our own requests */
	cti_request_init(&request, CTI_SERVICE_ESCAPE);
	known = m->type->kind == CSTA_REQUEST && csta_request_read(m, &request, NULL) == 0 &&
	        request.service != CTI_SERVICE_OTHER;
	if (scripted(p, m->type->element))
		return keep_request(p, m, known ? &request : NULL, error);
	return answer_itself(p, m, known ? &request : NULL, error);
}

/* The only request that such a switch makes. */
static const struct csta_type *pending(void *arg, uint32_t invoke_id)
{
	(void)arg;
	(void)invoke_id;
	return csta_type_of_element("SystemStatus", strlen("SystemStatus"));
}

static int take_frame(struct peer *p, const struct csta_frame *f, struct cti_error *error)
{
	struct csta_message *m = NULL;
	size_t used;
	int code = p->ber ? csta_decode_ber(&m, p->codec, f->body, f->length, &used, pending, NULL,
	                                    error)
	                  : csta_decode_xml(&m, p->codec, f->body, f->length, NULL, error);

	if (code)
		return code;
	if (!p->ber)
		m->invoke_id = f->invoke_id;
	code = take_message(p, m, error);
	csta_message_destroy(&m);
	return code;
}

static void on_read(struct bufferevent *link, void *arg)
{
	struct peer *p = arg;
	struct evbuffer *input = bufferevent_get_input(link);
	struct cti_error error = {0};
	int code = 0;

	while (!code && evbuffer_get_length(input)) {
		size_t length = evbuffer_get_length(input);
		const uint8_t *data = evbuffer_pullup(input, -1);
		struct csta_frame f;

		code = data ? csta_frame_cut(&f, framing(p), data, length, 65527, &p->scratch,
		                             &error)
		            : CTI_E_NOMEM;
		if (code == CTI_E_TRUNCATED)
			return;
		if (!code)
			code = take_frame(p, &f, &error);
		if (!code) {
			p->in += f.total;
			evbuffer_drain(input, f.total);
		}
	}
	if (code) {
		snprintf(p->complaint, sizeof(p->complaint), "the server sent: %s", error.text);
		link_close(p);
	}
}

static void on_event(struct bufferevent *link, short what, void *arg)
{
	struct peer *p = arg;

	(void)link;
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		link_close(p);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
                      int length, void *arg)
{
	struct peer *p = arg;

	(void)listener;
	(void)from;
	(void)length;
	link_close(p);
	p->in = p->out = 0;
	p->monitor_count = 0;
	p->link = bufferevent_socket_new(p->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!p->link) {
		evutil_closesocket(fd);
		return;
	}
	bufferevent_setcb(p->link, on_read, NULL, on_event, p);
	bufferevent_enable(p->link, EV_READ | EV_WRITE);
}

/* ---- Life -------------------------------------------------------------------------------- */

static int listen_on(struct peer *p, unsigned port, struct cti_error *error)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	socklen_t length = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	p->listener = evconnlistener_new_bind(p->base, on_accept, p,
	                                      LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 8,
	                                      (struct sockaddr *)&at, sizeof(at));
	if (!p->listener)
		return cti_error_set(error, CTI_E_IO, "cannot listen on 127.0.0.1: %s",
		                     strerror(errno));
	getsockname(evconnlistener_get_fd(p->listener), (struct sockaddr *)&at, &length);
	p->port = ntohs(at.sin_port);
	return 0;
}

int peer_create(struct peer **out, struct event_base *base, bool ber, const struct flow *flow,
                struct cti_error *error)
{
	struct peer *p = calloc(1, sizeof(*p));
	int code;

	if (!p)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	p->base = base;
	p->ber = ber;
	p->flow = flow;
	p->next_invoke = 1;
	code = csta_codec_create(&p->codec, NULL, error);
	if (!code)
		code = listen_on(p, 0, error);
	if (code)
		peer_destroy(&p);
	else
		*out = p;
	return code;
}

void peer_destroy(struct peer **peer)
{
	struct peer *p = *peer;

	if (!p)
		return;
	link_close(p);
	if (p->listener)
		evconnlistener_free(p->listener);
	while (p->received) {
		struct world_request *r = p->received;

		p->received = r->next;
		request_free(r);
	}
	csta_codec_destroy(&p->codec);
	csta_buffer_free(&p->text);
	csta_buffer_free(&p->frame);
	csta_buffer_free(&p->scratch);
	free(p);
	*peer = NULL;
}

unsigned peer_port(const struct peer *p)
{
	return p->port;
}

bool peer_connected(const struct peer *p)
{
	return p->link != NULL;
}

void peer_octets(const struct peer *p, uint64_t *in, uint64_t *out)
{
	*in = p->in;
	*out = p->out;
}

const char *peer_complaint(const struct peer *p)
{
	return p->complaint[0] ? p->complaint : NULL;
}

int peer_cut(struct peer *p, struct cti_error *error)
{
	(void)error;
	link_close(p);
	if (p->listener)
		evconnlistener_free(p->listener);
	p->listener = NULL;
	return 0;
}

int peer_restore(struct peer *p, struct cti_error *error)
{
	return p->listener ? 0 : listen_on(p, p->port, error);
}

struct world_request *peer_received(struct peer *p)
{
	return p->received;
}

void peer_take(struct peer *p, struct world_request *request, unsigned tag)
{
	struct world_request **at = &p->received;

	while (*at && *at != request)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = request->next;
	if (tag && p->tag_count < PEER_TAGS)
		p->tags[p->tag_count++] =
		        (struct peer_tag){tag, request->invoke_id, request->service};
	request_free(request);
}
