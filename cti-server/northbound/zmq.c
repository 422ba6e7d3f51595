/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/northbound/zmq_inside.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#define BATCH        256 /* messages taken before the loop has its turn again */
#define FRAMES       3   /* routing id, kind, JSON */
#define SILENCE      3   /* heartbeats after which a client is forgotten */
#define ROUTER_HWM   256 /* messages that libzmq holds for one client; the rest is our queue */
#define RETRY_US     10000
#define LINGER_MS    500
#define HEARTBEAT_MS 10000 /* of libzmq's own connections */

/* ---- sending ----------------------------------------------------------------------------- */

static void event_release(void *data, void *hint)
{
	struct bus_event *event = hint;
	(void)data;
	bus_event_unref(&event);
}

static int payload_make(zmq_msg_t *payload, struct bus_event *event, const char *text,
                        size_t length)
{
	if (!event) {
		if (zmq_msg_init_size(payload, length))
			return CTI_E_NOMEM;
		memcpy(zmq_msg_data(payload), text, length);
		return 0;
	}
	if (!zmq_msg_init_data(payload, (void *)(uintptr_t)event->json, event->json_length,
	                       event_release, bus_event_ref(event)))
		return 0;
	bus_event_unref(&(struct bus_event *){event});
	return CTI_E_NOMEM;
}

/** A send may have eaten the descriptor's edge: look at ZMQ_EVENTS again before the loop sleeps. */
static void recheck(struct zmq_door *door)
{
	if (door->recheck || door->handling)
		return;
	door->recheck = true;
	event_active(door->router_event, EV_READ, 0);
}

int door_send(struct zmq_door *door, const void *id, size_t id_length, const char *kind,
              struct bus_event *event, const char *text, size_t length)
{
	zmq_msg_t payload;
	if (payload_make(&payload, event, text, length))
		return CTI_E_BUSY;
	recheck(door);
	/* With ROUTER_MANDATORY the first frame tells whether the client is there and has room. */
	if (zmq_send(door->router, id, id_length, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) {
		int code = errno == EAGAIN ? CTI_E_BUSY : CTI_E_CLOSED;
		zmq_msg_close(&payload);
		return code;
	}
	zmq_send(door->router, kind, strlen(kind), ZMQ_DONTWAIT | ZMQ_SNDMORE);
	if (zmq_msg_send(&payload, door->router, ZMQ_DONTWAIT) < 0)
		zmq_msg_close(&payload);
	door->stats.sent++;
	return 0;
}

/* ---- receiving --------------------------------------------------------------------------- */

/** One message; false: there is none. What has too many frames is read and refused. */
static bool router_take(struct zmq_door *door)
{
	zmq_msg_t frames[FRAMES], frame;
	size_t count = 0, all = 0;
	int more = 1;
	while (more) {
		zmq_msg_init(&frame);
		if (zmq_msg_recv(&frame, door->router, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&frame);
			break;
		}
		all++;
		more = zmq_msg_more(&frame);
		if (count < FRAMES)
			frames[count++] = frame;
		else
			zmq_msg_close(&frame);
	}
	if (all == FRAMES) {
		protocol_take(door, zmq_msg_data(&frames[0]), zmq_msg_size(&frames[0]),
		              zmq_msg_data(&frames[1]), zmq_msg_size(&frames[1]),
		              zmq_msg_data(&frames[2]), zmq_msg_size(&frames[2]),
		              zmq_msg_gets(&frames[2], "User-Id"));
	} else if (all) {
		static const char text[] =
		        "{\"code\":\"INVALID\",\"text\":\"expected two frames: a kind "
		        "and a JSON object\"}";
		door->stats.malformed++;
		door_send(door, zmq_msg_data(&frames[0]), zmq_msg_size(&frames[0]), "error", NULL,
		          text, sizeof text - 1);
	}
	for (size_t i = 0; i < count; i++)
		zmq_msg_close(&frames[i]);
	return all;
}

static bool router_has_more(const struct zmq_door *door)
{
	int events = 0;
	size_t size = sizeof events;
	/* Asking makes libzmq look at what its I/O thread has for us. */
	return !zmq_getsockopt(door->router, ZMQ_EVENTS, &events, &size) && events & ZMQ_POLLIN;
}

static void router_readable(evutil_socket_t fd, short what, void *arg)
{
	struct zmq_door *door = arg;
	size_t taken = 0;
	bool more, progress;
	(void)fd, (void)what;
	door->recheck = false;
	door->handling = true;
	do {
		while (taken < BATCH && router_has_more(door) && router_take(door))
			taken++;
		filters_resume(door);
		progress = sessions_flush(door);
		sessions_reap(door);
		more = router_has_more(door);
	} while ((more || progress) && taken < BATCH);
	door->handling = false;
	if (more)
		recheck(door);
	/* Room for one client may have come up while another was tried: nobody tells. */
	if (!TAILQ_EMPTY(&door->blocked))
		timer_set(door->retry, RETRY_US);
}

static void retry(void *arg)
{
	recheck(arg);
}

/* ---- life -------------------------------------------------------------------------------- */

static void sweep(void *arg)
{
	struct zmq_door *door = arg;
	uint64_t now = clock_now(door->context.clock);
	struct session *session;
	TAILQ_FOREACH (session, &door->sessions, link) {
		if (session->heard_us + SILENCE * door->heartbeat_us > now)
			continue;
		if (session->state == SESSION_OPEN) {
			door->stats.expired++;
			session_bye(session, "nothing was heard of you for three heartbeats");
		} else {
			session->state = SESSION_DEAD;
			door->has_dead = true;
		}
		/* A goodbye that does not go out has another heartbeat. */
		session->heard_us += door->heartbeat_us;
	}
	recheck(door);
	timer_set(door->sweep, door->heartbeat_us);
}

static void on_event(void *arg, const struct bus_event *event, const struct cti_event *whole)
{
	(void)whole;
	filters_publish(arg, event);
	pub_event(arg, event);
}

static void on_state(void *arg, const struct bus_state *state)
{
	pub_state(arg, state);
}

static bool wants_states(void *arg)
{
	return pub_wants_states(arg);
}

static const struct bus_door bus_door = {
        .event = on_event, .state = on_state, .wants_states = wants_states};

static int router_create(struct zmq_door *door, struct cti_error *error)
{
	const char *endpoint = cti_options_string(door->options, "router");
	int64_t message_max = (int64_t)door->message_max;
	int on = 1, hwm = ROUTER_HWM, linger = LINGER_MS, heartbeat = HEARTBEAT_MS,
	    silence = SILENCE * HEARTBEAT_MS, fd;
	size_t size = sizeof fd;
	/* With it, 127.0.0.1 would call itself [::ffff:127.0.0.1]. */
	int v6 = strchr(endpoint, '[') != NULL;
	char bound[256];
	size_t bound_size = sizeof bound;
	door->router = zmq_socket(door->zmq, ZMQ_ROUTER);
	if (!door->router)
		return cti_error_set(error, CTI_E_IO, "zmq.router: %s", zmq_strerror(errno));
	int code = curve_apply(door, door->router, error);
	if (code)
		return code;
	if (zmq_setsockopt(door->router, ZMQ_ROUTER_MANDATORY, &on, sizeof on) ||
	    zmq_setsockopt(door->router, ZMQ_MAXMSGSIZE, &message_max, sizeof message_max) ||
	    zmq_setsockopt(door->router, ZMQ_SNDHWM, &hwm, sizeof hwm) ||
	    zmq_setsockopt(door->router, ZMQ_RCVHWM, &hwm, sizeof hwm) ||
	    zmq_setsockopt(door->router, ZMQ_LINGER, &linger, sizeof linger) ||
	    zmq_setsockopt(door->router, ZMQ_HEARTBEAT_IVL, &heartbeat, sizeof heartbeat) ||
	    zmq_setsockopt(door->router, ZMQ_HEARTBEAT_TIMEOUT, &silence, sizeof silence) ||
	    zmq_setsockopt(door->router, ZMQ_IPV6, &v6, sizeof v6) ||
	    zmq_bind(door->router, endpoint) ||
	    zmq_getsockopt(door->router, ZMQ_LAST_ENDPOINT, bound, &bound_size) ||
	    zmq_getsockopt(door->router, ZMQ_FD, &fd, &size))
		return cti_error_set(error, CTI_E_IO, "zmq.router = \"%s\": %s", endpoint,
		                     zmq_strerror(errno));
	door->router_endpoint = strdup(bound);
	door->router_event =
	        event_new(door->context.loop, fd, EV_READ | EV_PERSIST, router_readable, door);
	if (!door->router_endpoint || !door->router_event || event_add(door->router_event, NULL))
		return cti_error_set(error, CTI_E_NOMEM, "zmq: out of memory");
	recheck(door);
	return 0;
}

static size_t size_option(const struct cti_options *options, const char *name)
{
	return (size_t)cti_options_int(options, name);
}

static struct zmq_door *door_make(const struct door_context *context,
                                  const struct cti_options *options)
{
	struct zmq_door *door = calloc(1, sizeof *door);
	if (!door)
		return NULL;
	door->context = *context;
	door->options = options;
	TAILQ_INIT(&door->sessions);
	TAILQ_INIT(&door->blocked);
	TAILQ_INIT(&door->resuming);
	door->session_limit = size_option(options, "sessions");
	door->filter_limit = size_option(options, "subscriptions");
	door->event_limit = size_option(options, "queue_events");
	door->byte_limit = size_option(options, "queue_bytes");
	door->total_limit = size_option(options, "queue_total");
	door->message_max = size_option(options, "message_max");
	door->heartbeat_us = size_option(options, "heartbeat") * 1000;
	return door;
}

int zmq_door_create(struct zmq_door **out, const struct door_context *context,
                    const struct cti_options *options, struct cti_error *error)
{
	struct zmq_door *door = door_make(context, options);
	if (!door)
		return cti_error_set(error, CTI_E_NOMEM, "zmq: out of memory");
	int code = 0;
	door->zmq = zmq_ctx_new();
	door->sweep = timer_create_on(context->clock, "zmq sessions", sweep, door);
	door->retry = timer_create_on(context->clock, "zmq retry", retry, door);
	if (!door->zmq || !door->sweep || !door->retry)
		code = cti_error_set(error, CTI_E_NOMEM, "zmq: out of memory");
	if (!code)
		code = zap_create(door, error);
	if (!code)
		code = router_create(door, error);
	if (!code)
		code = pub_create(door, error);
	if (!code && bus_attach(context->bus, &bus_door, door))
		code = cti_error_set(error, CTI_E_LIMIT, "zmq: too many doors on the bus");
	if (code) {
		zmq_door_destroy(&door);
		return code;
	}
	timer_set(door->sweep, door->heartbeat_us);
	log_info("zmq", "sessions on %s%s%s%s%s", door->router_endpoint,
	         door->pub_endpoint ? ", events on " : "",
	         door->pub_endpoint ? door->pub_endpoint : "", curve_is_on(door) ? ", CURVE" : "",
	         "");
	*out = door;
	return 0;
}

void zmq_door_stop(struct zmq_door *door, const char *why)
{
	struct session *session;
	TAILQ_FOREACH (session, &door->sessions, link) {
		session_bye(session, why);
	}
	sessions_reap(door);
}

void zmq_door_destroy(struct zmq_door **out)
{
	struct zmq_door *door = *out;
	if (!door)
		return;
	bus_detach(door->context.bus, door);
	for (struct session *session; (session = TAILQ_FIRST(&door->sessions));)
		session_destroy(session);
	timer_destroy(&door->sweep);
	timer_destroy(&door->retry);
	if (door->router_event)
		event_free(door->router_event);
	if (door->router)
		zmq_close(door->router);
	pub_destroy(door);
	zap_destroy(door);
	if (door->zmq)
		zmq_ctx_term(door->zmq);
	map_free(&door->by_id);
	map_free(&door->topics);
	cti_text_free(&door->text);
	cti_text_free(&door->topic);
	free(door->router_endpoint);
	free(door->pub_endpoint);
	free(door);
	*out = NULL;
}

void zmq_door_reload(struct zmq_door *door)
{
	const struct rights *rights = door->context.rights;
	struct session *session;
	TAILQ_FOREACH (session, &door->sessions, link) {
		struct filter *filter, *next;
		if (!rights_user(rights, session->user)) {
			session_bye(session, "this user is no longer in the configuration");
			continue;
		}
		for (filter = TAILQ_FIRST(&session->filters); filter; filter = next) {
			struct cti_error why = {0};
			next = TAILQ_NEXT(filter, by_session);
			if (rights_filter(rights, session->user, bus_stream_switch(filter->stream),
			                  filter->subject, &why)) {
				protocol_error(session, &why, filter->id);
				filter_destroy(filter);
			}
		}
	}
	sessions_reap(door);
}

const char *zmq_door_router_endpoint(const struct zmq_door *door)
{
	return door->router_endpoint;
}

const char *zmq_door_pub_endpoint(const struct zmq_door *door)
{
	return door->pub_endpoint;
}

void zmq_door_stats(const struct zmq_door *door, struct zmq_door_stats *stats)
{
	*stats = door->stats;
}
