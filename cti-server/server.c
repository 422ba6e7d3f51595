/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/server.h"

#include "cti-server/bus.h"
#include "cti-server/config_tables.h"
#include "cti-server/northbound/mqtt.h"
#include "cti-server/northbound/zmq.h"
#include "cti-server/pbx.h"
#include "cti-server/request.h"
#include "cti-server/rights.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLOW_US        100000 /* a handler that runs longer than this is told */
#define BROKER_WAIT_MS 1500   /* of SERVER_STOP_MS, to tell the broker */

struct server {
	struct event_base *loop;
	struct clock *clock;
	bool own;            /* loop and clock */
	struct config *boot; /* what switches and doors were made from */
	struct config *config;
	struct bus *bus;
	struct rights *rights;
	struct requests *requests;
	struct pbx **switches; /* as in boot */
	size_t switch_count;
	struct door_context context;
	struct zmq_door *zmq;
	struct mqtt_door *mqtt;
	bool started;
	const char *file;
	struct event *signals[3];
	bool quit;
};

/* ---- life -------------------------------------------------------------------------------- */

static struct requests_options requests_options_of(const struct cti_options *options)
{
	return (struct requests_options){
	        .memory_us = (uint64_t)cti_options_int(options, "request_memory") * 1000,
	        .remembered = (size_t)cti_options_int(options, "requests_remembered"),
	        .open = (size_t)cti_options_int(options, "requests_open"),
	        .user_open = (size_t)cti_options_int(options, "user_requests_open"),
	        .user_per_second = (unsigned)cti_options_int(options, "user_requests_per_second"),
	};
}

static int switches_create(struct server *server, struct cti_error *error)
{
	const struct config *config = server->config;
	server->switches = calloc(config->switch_count + 1, sizeof *server->switches);
	if (!server->switches)
		return cti_error_set(error, CTI_E_NOMEM, "server: out of memory");
	for (size_t i = 0; i < config->switch_count; i++) {
		int code = pbx_create(&server->switches[i], &config->switches[i].pbx, server->bus,
		                      server->clock, server->loop, error);
		if (code)
			return code;
		server->switch_count++;
		if (requests_add(server->requests, server->switches[i]))
			return cti_error_set(error, CTI_E_NOMEM, "server: out of memory");
	}
	return 0;
}

static int parts_create(struct server *server, struct cti_error *error)
{
	const struct cti_options *options = server->config->server;
	struct bus_options bus = {
	        .ring_events = (size_t)cti_options_int(options, "ring_events"),
	        .ring_bytes = (size_t)cti_options_int(options, "ring_bytes"),
	        .seed = (uint64_t)cti_options_int(options, "seed"),
	};
	struct requests_options requests = requests_options_of(options);
	int code = bus_create(&server->bus, server->clock, &bus, error);
	if (!code)
		code = rights_create(&server->rights, server->clock, server->bus, server->config,
		                     error);
	if (!code)
		code = requests_create(&server->requests, server->clock, server->rights, &requests,
		                       error);
	if (!code)
		code = switches_create(server, error);
	server->context = (struct door_context){
	        .server_id = cti_options_string(options, "id"),
	        .bus = server->bus,
	        .rights = server->rights,
	        .requests = server->requests,
	        .clock = server->clock,
	        .loop = server->loop,
	};
	return code;
}

static int server_make(struct server **out, struct clock *clock, struct event_base *loop,
                       struct config **config, struct cti_error *error)
{
	struct server *server = calloc(1, sizeof *server);
	if (!server) {
		config_unload(config);
		return cti_error_set(error, CTI_E_NOMEM, "server: out of memory");
	}
	server->config = server->boot = *config;
	*config = NULL;
	server->loop = loop;
	server->clock = clock;
	int code = 0;
	if (!loop) {
		server->own = true;
		server->loop = event_base_new();
		code = server->loop ? clock_create_real(&server->clock, server->loop, error)
		                    : cti_error_set(error, CTI_E_NOMEM, "server: no event loop");
	}
	if (!code)
		code = parts_create(server, error);
	if (code)
		server_destroy(&server);
	else
		*out = server;
	return code;
}

int server_create(struct server **out, struct config **config, struct cti_error *error)
{
	return server_make(out, NULL, NULL, config, error);
}

int server_create_with(struct server **out, struct clock *clock, struct event_base *loop,
                       struct config **config, struct cti_error *error)
{
	return server_make(out, clock, loop, config, error);
}

void server_destroy(struct server **out)
{
	struct server *server = *out;
	if (!server)
		return;
	server_stop(server);
	for (size_t i = 0; i < server->switch_count; i++)
		pbx_destroy(&server->switches[i]);
	free(server->switches);
	requests_destroy(&server->requests);
	rights_destroy(&server->rights);
	bus_destroy(&server->bus);
	if (server->own) {
		clock_destroy(&server->clock);
		if (server->loop)
			event_base_free(server->loop);
	}
	if (server->boot != server->config)
		config_unload(&server->boot);
	config_unload(&server->config);
	free(server);
	*out = NULL;
}

int server_start(struct server *server, struct cti_error *error)
{
	int code = zmq_door_create(&server->zmq, &server->context, server->config->zmq, error);
	if (!code && server->config->mqtt)
		code = mqtt_door_create(&server->mqtt, &server->context, server->config->mqtt,
		                        error);
	server->started = true;
	for (size_t i = 0; i < server->switch_count && !code; i++)
		code = pbx_start(server->switches[i], error);
	if (code)
		return code;
	if (!server->config->user_count)
		log_warn("server", "no users are configured: every program of this machine may do "
		                   "everything");
	log_info("server", "%s has started with %zu switch%s", server->context.server_id,
	         server->switch_count, server->switch_count == 1 ? "" : "es");
	return 0;
}

void server_stop(struct server *server)
{
	if (!server->started)
		return;
	server->started = false;
	/* Open requests are answered first, while there is somebody to tell. */
	for (size_t i = 0; i < server->switch_count; i++)
		pbx_stop(server->switches[i]);
	if (server->zmq)
		zmq_door_stop(server->zmq, "the server stops");
	mqtt_door_stop(&server->mqtt, BROKER_WAIT_MS);
	zmq_door_destroy(&server->zmq);
}

/* ---- reload ------------------------------------------------------------------------------ */

static struct pbx *switch_find(const struct server *server, const char *name)
{
	for (size_t i = 0; i < server->switch_count; i++)
		if (!strcmp(pbx_name(server->switches[i]), name))
			return server->switches[i];
	return NULL;
}

static bool text_differs(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/** Values of one section as they were read: true if one differs. */
static bool section_differs(const struct cti_options *a, const struct cti_options *b,
                            const struct cti_option *table)
{
	if (!a || !b)
		return a != b;
	for (; table->name; table++) {
		if (cti_options_int(a, table->name) != cti_options_int(b, table->name) ||
		    text_differs(cti_options_string(a, table->name),
		                 cti_options_string(b, table->name)) ||
		    cti_options_count(a, table->name) != cti_options_count(b, table->name))
			return true;
		for (size_t i = 0; i < cti_options_count(a, table->name); i++)
			if (text_differs(cti_options_item(a, table->name, i),
			                 cti_options_item(b, table->name, i)))
				return true;
	}
	return false;
}

/** What does not take effect until a restart is said, so that nobody waits for it. */
static void restart_note(const struct server *server, const struct config *next)
{
	const struct config *boot = server->boot;
	const struct config_switch *old, *new;
	if (section_differs(boot->zmq, next->zmq, config_zmq_table))
		log_warn("server", "reload: 'zmq' has changed: that needs a restart");
	if (section_differs(boot->mqtt, next->mqtt, config_mqtt_table))
		log_warn("server", "reload: 'mqtt' has changed: that needs a restart");
	if (strcmp(cti_options_string(boot->server, "id"), cti_options_string(next->server, "id")))
		log_warn("server", "reload: 'server.id' has changed: that needs a restart");
	if (boot->log_options.format != next->log_options.format ||
	    text_differs(boot->log_options.file, next->log_options.file))
		log_warn("server",
		         "reload: 'log.format' or 'log.file' has changed: that needs a restart");
	for (size_t i = 0; i < boot->switch_count; i++) {
		old = &boot->switches[i];
		new = config_switch_find(next, old->pbx.name);
		if (!new)
			log_warn("server", "reload: switch '%s' is gone: that needs a restart",
			         old->pbx.name);
		else if (old->pbx.adapter != new->pbx.adapter ||
		         strcmp(old->pbx.tenant, new->pbx.tenant) ||
		         section_differs(old->adapter, new->adapter, old->pbx.adapter->options))
			log_warn("server",
			         "reload: tenant, adapter or options of switch '%s' have changed: "
			         "that needs a "
			         "restart",
			         old->pbx.name);
	}
	for (size_t i = 0; i < next->switch_count; i++)
		if (!config_switch_find(boot, next->switches[i].pbx.name))
			log_warn("server", "reload: switch '%s' is new: that needs a restart",
			         next->switches[i].pbx.name);
}

static int switches_reconfigure(struct server *server, const struct config *next,
                                struct cti_error *error)
{
	for (size_t i = 0; i < next->switch_count; i++) {
		struct pbx *pbx = switch_find(server, next->switches[i].pbx.name);
		int code = pbx ? pbx_reconfigure(pbx, &next->switches[i].pbx, error) : 0;
		if (code)
			return code;
	}
	return 0;
}

int server_reload(struct server *server, struct config **config, struct cti_error *error)
{
	struct config *next = *config;
	*config = NULL;
	int code = rights_load(server->rights, next, error);
	if (!code && (code = switches_reconfigure(server, next, error)))
		rights_load(server->rights, server->config, NULL);
	if (code) {
		config_unload(&next);
		return code;
	}
	restart_note(server, next);
	struct requests_options requests = requests_options_of(next->server);
	requests_configure(server->requests, &requests);
	log_set(next->log_options.level, next->log_options.wire);
	if (server->config != server->boot)
		config_unload(&server->config);
	server->config = next;
	if (server->zmq)
		zmq_door_reload(server->zmq);
	log_info("server", "the configuration was read again");
	return 0;
}

/* ---- running ----------------------------------------------------------------------------- */

static void on_stop(evutil_socket_t signal_number, short what, void *arg)
{
	struct server *server = arg;
	(void)what;
	log_info("server", "signal %d: stopping", (int)signal_number);
	server_quit(server);
}

static void on_reload(evutil_socket_t signal_number, short what, void *arg)
{
	struct server *server = arg;
	struct config *config = NULL;
	struct cti_error why = {0};
	(void)signal_number, (void)what;
	log_reopen();
	if (!server->file)
		return;
	if (config_load(&config, server->file, &why) || server_reload(server, &config, &why))
		log_error("server", "reload: %s; the old configuration stays", why.text);
}

/** Processor time of this thread, which stands still while the loop waits. */
static int64_t busy_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static int turn(struct server *server)
{
	int64_t before = busy_us();
	int ended = event_base_loop(server->loop, EVLOOP_ONCE);
	int64_t busy = busy_us() - before;
	if (busy > SLOW_US)
		log_warn("server", "the loop was busy for %lld ms: everybody had to wait",
		         (long long)(busy / 1000));
	return ended < 0 ? CTI_E_IO : 0;
}

static int signals_open(struct server *server, struct cti_error *error)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
	for (size_t i = 0; i < 3; i++) {
		server->signals[i] =
		        evsignal_new(server->loop, numbers[i],
		                     numbers[i] == SIGHUP ? on_reload : on_stop, server);
		if (!server->signals[i] || event_add(server->signals[i], NULL))
			return cti_error_set(error, CTI_E_NOMEM, "server: out of memory");
	}
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

int server_run(struct server *server, const char *file, struct cti_error *error)
{
	server->file = file;
	int code = signals_open(server, error);
	while (!code && !server->quit)
		if ((code = turn(server)))
			cti_error_set(error, code, "server: the event loop failed");
	server_stop(server);
	for (size_t i = 0; i < 3; i++)
		if (server->signals[i])
			event_free(server->signals[i]);
	return code;
}

void server_quit(struct server *server)
{
	server->quit = true;
	event_base_loopbreak(server->loop);
}

/* ---- for tests --------------------------------------------------------------------------- */

struct pbx *server_pbx(struct server *server, const char *name)
{
	return switch_find(server, name);
}

struct bus *server_bus(struct server *server)
{
	return server->bus;
}

const char *server_router_endpoint(const struct server *server)
{
	return server->zmq ? zmq_door_router_endpoint(server->zmq) : NULL;
}

const char *server_pub_endpoint(const struct server *server)
{
	return server->zmq ? zmq_door_pub_endpoint(server->zmq) : NULL;
}

bool server_mqtt_connected(const struct server *server)
{
	struct mqtt_door_stats stats = {0};
	if (server->mqtt)
		mqtt_door_stats(server->mqtt, &stats);
	return stats.connected;
}

bool server_is_quiet(const struct server *server)
{
	struct zmq_door_stats zmq = {0};
	if (server->zmq)
		zmq_door_stats(server->zmq, &zmq);
	return !zmq.queued_events && !requests_open(server->requests) &&
	       (!server->mqtt || mqtt_door_is_quiet(server->mqtt));
}
