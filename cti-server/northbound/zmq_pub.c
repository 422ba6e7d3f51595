/* SPDX-License-Identifier: Apache-2.0 */
/**
 * PUB, the bulk door: two frames, topic and JSON.
 *
 *     cti/v1/acme/hq/device/2003/event/call.delivered/   {CloudEvent}
 *     cti/v1/acme/hq/device/2003/state/                  {state}, empty when it is gone
 *
 * With CURVE the socket is in manual mode: a subscription takes effect only when the rights of
 * the key's user cover every topic that begins with it.
 */
#include "cti-server/northbound/topic.h"
#include "cti-server/northbound/zmq_inside.h"
#include "pbx-adapters/host/log.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define SUBSCRIPTION_MAX 512
#define PREFIXES_MAX     16

/** A topic is not even handed to libzmq when nobody subscribed to a prefix of it. */
struct pub_prefix {
	size_t length;
	char bytes[SUBSCRIPTION_MAX];
};

/** The filter that a subscription to this prefix amounts to, for the question of rights. */
static const char *prefix_filter(char *prefix, const char **switch_name, char out[WORD_SIZE])
{
	char *levels[7] = {NULL}, *save = prefix;
	size_t count = 0;
	bool closed = *prefix && prefix[strlen(prefix) - 1] == '/';
	for (char *level; count < 7 && (level = strsep(&save, "/"));)
		levels[count++] = level;
	/* cti v1 tenant switch kind id ...; what is cut within the id covers other ids too. */
	*switch_name = count > 4 ? levels[3] : NULL;
	if (count <= 4)
		return NULL;
	if (count < 6 || !strcmp(levels[4], "all") || (count == 6 && !closed) || !*levels[5])
		return "all";
	cti_wire_topic_unescape(levels[5]);
	snprintf(out, WORD_SIZE, "%s/%s", levels[4], levels[5]);
	return out;
}

struct asking {
	struct zmq_door *door;
	const char *user;
	bool refused;
};

static void stream_ask(void *arg, struct bus_stream *stream)
{
	struct asking *asking = arg;
	if (rights_filter(asking->door->context.rights, asking->user, bus_stream_switch(stream),
	                  "all", NULL))
		asking->refused = true;
}

static bool subscription_allowed(struct zmq_door *door, const char *user, const char *bytes,
                                 size_t length)
{
	char prefix[SUBSCRIPTION_MAX], word[WORD_SIZE];
	const char *switch_name;
	struct asking asking = {door, user, false};
	if (!user || !*user || length >= sizeof prefix)
		return false;
	memcpy(prefix, bytes, length);
	prefix[length] = '\0';
	const char *filter = prefix_filter(prefix, &switch_name, word);
	if (filter)
		return !rights_filter(door->context.rights, user, switch_name, filter, NULL);
	/* Not even the switch is named: every switch. */
	bus_streams(door->context.bus, stream_ask, &asking);
	return !asking.refused;
}

/** PREFIXES_MAX and more subscriptions, or no memory for them: everything is wanted. */
static bool topic_wanted(const struct zmq_door *door)
{
	if (door->pub_subscriptions != door->pub_prefix_count)
		return true;
	for (size_t i = 0; i < door->pub_prefix_count; i++) {
		const struct pub_prefix *p = &door->pub_prefixes[i];
		if (p->length <= door->topic.length &&
		    !memcmp(p->bytes, door->topic.data, p->length))
			return true;
	}
	return false;
}

/* Whether a topic could be that goes on with the level @p kind, "device/", behind @p base octets.
 */
static bool kind_wanted(const struct zmq_door *door, size_t base, const char *kind, size_t length)
{
	if (door->pub_subscriptions != door->pub_prefix_count || door->topic.failed)
		return true;
	for (size_t i = 0; i < door->pub_prefix_count; i++) {
		const struct pub_prefix *p = &door->pub_prefixes[i];
		size_t more = p->length > base ? p->length - base : 0;
		if (!memcmp(p->bytes, door->topic.data, p->length - more) &&
		    !memcmp(p->bytes + base, kind, more < length ? more : length))
			return true;
	}
	return false;
}

/* cti/v1/tenant/switch/all/... and cti/v1/tenant/switch/device/2003/event/... are events only. */
static bool prefix_of_states(const struct pub_prefix *p)
{
	const char *level = p->bytes, *end = p->bytes + p->length;
	for (int i = 0; level < end; i++) {
		const char *slash = memchr(level, '/', (size_t)(end - level));
		size_t length = (size_t)((slash ? slash : end) - level);
		if (i == 4 && slash && length == 3 && !memcmp(level, "all", 3))
			return false;
		if (i == 6 && length && *level == 'e')
			return false;
		if (!slash)
			break;
		level = slash + 1;
	}
	return true;
}

bool pub_wants_states(const struct zmq_door *door)
{
	if (!door->pub || door->pub_subscriptions != door->pub_prefix_count)
		return door->pub && door->pub_subscriptions;
	for (size_t i = 0; i < door->pub_prefix_count; i++)
		if (prefix_of_states(&door->pub_prefixes[i]))
			return true;
	return false;
}

static void prefix_add(struct zmq_door *door, const char *bytes, size_t length)
{
	if (door->pub_prefix_count == PREFIXES_MAX || length > SUBSCRIPTION_MAX)
		return;
	if (!door->pub_prefixes)
		door->pub_prefixes = calloc(PREFIXES_MAX, sizeof *door->pub_prefixes);
	if (!door->pub_prefixes)
		return;
	struct pub_prefix *p = &door->pub_prefixes[door->pub_prefix_count++];
	p->length = length;
	memcpy(p->bytes, bytes, length);
}

static void prefix_remove(struct zmq_door *door, const char *bytes, size_t length)
{
	for (size_t i = 0; i < door->pub_prefix_count; i++) {
		struct pub_prefix *p = &door->pub_prefixes[i];
		if (p->length != length || memcmp(p->bytes, bytes, length))
			continue;
		*p = door->pub_prefixes[--door->pub_prefix_count];
		return;
	}
}

static void subscription_take(struct zmq_door *door, zmq_msg_t *frame)
{
	const char *bytes = zmq_msg_data(frame);
	size_t length = zmq_msg_size(frame);
	if (!length || (*bytes != 0 && *bytes != 1))
		return;
	if (*bytes == 0) {
		if (curve_is_on(door))
			zmq_setsockopt(door->pub, ZMQ_UNSUBSCRIBE, bytes + 1, length - 1);
		door->pub_subscriptions -= door->pub_subscriptions > 0;
		prefix_remove(door, bytes + 1, length - 1);
		return;
	}
	door->pub_subscriptions++;
	prefix_add(door, bytes + 1, length - 1);
	if (!curve_is_on(door))
		return;
	const char *user = zmq_msg_gets(frame, "User-Id");
	if (subscription_allowed(door, user, bytes + 1, length - 1)) {
		zmq_setsockopt(door->pub, ZMQ_SUBSCRIBE, bytes + 1, length - 1);
		return;
	}
	door->stats.subscriptions_denied++;
	log_warn("zmq", "pub: user '%s' may not subscribe to '%.*s'", user ? user : "",
	         length < 200 ? (int)length - 1 : 200, bytes + 1);
}

static void pub_readable(evutil_socket_t fd, short what, void *arg)
{
	struct zmq_door *door = arg;
	zmq_msg_t frame;
	(void)fd, (void)what;
	door->pub_recheck = false;
	for (;;) {
		zmq_msg_init(&frame);
		if (zmq_msg_recv(&frame, door->pub, ZMQ_DONTWAIT) < 0)
			break;
		subscription_take(door, &frame);
		zmq_msg_close(&frame);
	}
	zmq_msg_close(&frame);
}

static void event_release(void *data, void *hint)
{
	struct bus_event *event = hint;
	(void)data;
	bus_event_unref(&event);
}

/** Topic and one frame; @p payload stays the caller's. */
static void pub_send(struct zmq_door *door, zmq_msg_t *payload)
{
	static const int on = 1, off = 0;
	zmq_msg_t copy;
	cti_text_literal(&door->topic, "/");
	if (!door->topic.failed && !topic_wanted(door))
		return;
	if (!door->pub_recheck) { /* as with ROUTER: a send may eat the descriptor's edge */
		door->pub_recheck = true;
		event_active(door->pub_event, EV_READ, 0);
	}
	if (door->topic.failed) {
		cti_text_free(&door->topic);
		door->stats.pub_dropped++;
		return;
	}
	bool full = zmq_send(door->pub, door->topic.data, door->topic.length,
	                     ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0;
	if (full) {
		/* Some subscriber has its fill: he loses this one, the others get it. */
		door->stats.pub_dropped++;
		zmq_setsockopt(door->pub, ZMQ_XPUB_NODROP, &off, sizeof off);
		if (zmq_send(door->pub, door->topic.data, door->topic.length,
		             ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) {
			zmq_setsockopt(door->pub, ZMQ_XPUB_NODROP, &on, sizeof on);
			return;
		}
	}
	zmq_msg_init(&copy);
	zmq_msg_copy(&copy, payload);
	if (zmq_msg_send(&copy, door->pub, ZMQ_DONTWAIT) < 0)
		zmq_msg_close(&copy);
	if (full)
		zmq_setsockopt(door->pub, ZMQ_XPUB_NODROP, &on, sizeof on);
	door->stats.published++;
}

static void event_send(struct zmq_door *door, const struct bus_event *event)
{
	zmq_msg_t payload;
	if (zmq_msg_init_data(&payload, (void *)(uintptr_t)event->json, event->json_length,
	                      event_release, bus_event_ref(event))) {
		struct bus_event *held = (struct bus_event *)(uintptr_t)event;
		bus_event_unref(&held);
		door->stats.pub_dropped++;
		return;
	}
	cti_text_clear(&door->topic);
	topic_switch(&door->topic, event->tenant, event->switch_name);
	for (size_t i = 0, base = door->topic.length; i < topic_event_count(event); i++) {
		if (i < event->subject_count) {
			const char *subject = event->subjects[i].subject;
			const char *slash = strchr(subject, '/');
			if (slash &&
			    !kind_wanted(door, base, subject, (size_t)(slash + 1 - subject)))
				continue;
		}
		topic_event(&door->topic, base, event, i);
		pub_send(door, &payload);
	}
	zmq_msg_close(&payload);
}

static void pub_flush(struct zmq_door *door)
{
	for (size_t i = 0; i < door->pub_waiting_count; i++) {
		event_send(door, door->pub_waiting[i]);
		bus_event_unref(&door->pub_waiting[i]);
	}
	door->pub_waiting_count = 0;
}

static void burst_due(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	pub_flush(arg);
}

int pub_create(struct zmq_door *door, struct cti_error *error)
{
	const char *endpoint = cti_options_string(door->options, "pub");
	/* libzmq hears of what was taken in steps of half its mark: twice, to hold what is said. */
	int hwm = 2 * (int)cti_options_int(door->options, "pub_hwm"), on = 1, linger = 500, fd;
	size_t size = sizeof fd;
	/* With it, 127.0.0.1 would call itself [::ffff:127.0.0.1]. */
	int v6 = strchr(endpoint, '[') != NULL;
	int64_t longest = SUBSCRIPTION_MAX;
	char bound[256];
	size_t bound_size = sizeof bound;
	if (!*endpoint)
		return 0;
	door->pub = zmq_socket(door->zmq, ZMQ_XPUB);
	if (!door->pub)
		return cti_error_set(error, CTI_E_IO, "zmq.pub: %s", zmq_strerror(errno));
	int code = curve_apply(door, door->pub, error);
	if (code)
		return code;
	/* Full is told (EAGAIN) so that it can be counted; then it is sent to the others all the
	 * same. What a subscriber sends is subscriptions: libzmq keeps a node for each octet. */
	if (zmq_setsockopt(door->pub, ZMQ_MAXMSGSIZE, &longest, sizeof longest) ||
	    zmq_setsockopt(door->pub, ZMQ_SNDHWM, &hwm, sizeof hwm) ||
	    zmq_setsockopt(door->pub, ZMQ_LINGER, &linger, sizeof linger) ||
	    zmq_setsockopt(door->pub, ZMQ_XPUB_NODROP, &on, sizeof on) ||
	    (curve_is_on(door) && zmq_setsockopt(door->pub, ZMQ_XPUB_MANUAL, &on, sizeof on)) ||
	    zmq_setsockopt(door->pub, ZMQ_IPV6, &v6, sizeof v6) || zmq_bind(door->pub, endpoint) ||
	    zmq_getsockopt(door->pub, ZMQ_LAST_ENDPOINT, bound, &bound_size) ||
	    zmq_getsockopt(door->pub, ZMQ_FD, &fd, &size))
		return cti_error_set(error, CTI_E_IO, "zmq.pub = \"%s\": %s", endpoint,
		                     zmq_strerror(errno));
	door->pub_endpoint = strdup(bound);
	door->pub_event =
	        event_new(door->context.loop, fd, EV_READ | EV_PERSIST, pub_readable, door);
	door->pub_burst = event_new(door->context.loop, -1, 0, burst_due, door);
	if (!door->pub_endpoint || !door->pub_event || !door->pub_burst ||
	    event_add(door->pub_event, NULL))
		return cti_error_set(error, CTI_E_NOMEM, "zmq: out of memory");
	event_active(door->pub_event, EV_READ, 0);
	return 0;
}

void pub_destroy(struct zmq_door *door)
{
	if (door->pub)
		pub_flush(door);
	if (door->pub_burst)
		event_free(door->pub_burst);
	door->pub_burst = NULL;
	if (door->pub_event)
		event_free(door->pub_event);
	if (door->pub)
		zmq_close(door->pub);
	free(door->pub_prefixes);
	door->pub_prefixes = NULL;
	door->pub_event = NULL;
	door->pub = NULL;
}

void pub_event(struct zmq_door *door, const struct bus_event *event)
{
	if (!door->pub || !door->pub_subscriptions)
		return;
	if (door->pub_waiting_count == PUB_BURST)
		pub_flush(door);
	if (!door->pub_waiting_count)
		event_active(door->pub_burst, EV_TIMEOUT, 0);
	door->pub_waiting[door->pub_waiting_count++] = bus_event_ref(event);
}

void pub_state(struct zmq_door *door, const struct bus_state *state)
{
	zmq_msg_t payload;
	if (!pub_wants_states(door))
		return;
	pub_flush(door); /* a state never overtakes its event */
	if (zmq_msg_init_size(&payload, state->json_length)) {
		door->stats.pub_dropped++;
		return;
	}
	if (state->json_length)
		memcpy(zmq_msg_data(&payload), state->json, state->json_length);
	cti_text_clear(&door->topic);
	topic_switch(&door->topic, state->tenant, state->switch_name);
	topic_subject(&door->topic, state->subject);
	cti_text_literal(&door->topic, WIRE_TOPIC_STATE);
	pub_send(door, &payload);
	zmq_msg_close(&payload);
}
