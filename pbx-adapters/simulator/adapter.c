/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated switch as an adapter in process: one client of the switch, and its ports. */
#include "csta/pass.h"
#include "pbx-adapters/simulator/port.h"
#include "pbx-adapters/simulator/simulator.h"
#include "pbx-adapters/simulator/switch.h"
#include "pbx-adapters/simulator/traffic.h"

#include <stdlib.h>
#include <sys/queue.h>

#define PORTS_MAX 16

/** A request on its way: to the switch, or (its answer late by order) back. */
struct pending {
	struct cti_adapter_instance *instance;
	uint64_t token;
	struct cti_reply *reply;
	struct cti_timer *timer;
	TAILQ_ENTRY(pending) next;
};
TAILQ_HEAD(pendings, pending);

struct cti_adapter_instance {
	const struct cti_host *host;
	struct sim_switch *sw;
	struct sim_client *client; /* NULL: the link is down */
	struct pendings pending;
	struct port *ports[PORTS_MAX];
	size_t port_count;
	struct traffic *traffic;
	void *traffic_group; /* config_setting_t */
	uint64_t delay_us;
	bool started;
};

/* ---- Requests ------------------------------------------------------------------------------ */

static void pending_free(struct pending *p)
{
	TAILQ_REMOVE(&p->instance->pending, p, next);
	p->instance->host->timer_destroy(&p->timer);
	free(p->reply);
	free(p);
}

static void finish(struct pending *p, const struct cti_reply *reply)
{
	struct cti_adapter_instance *i = p->instance;
	uint64_t token = p->token;
	struct cti_reply *late = p->reply;
	p->reply = NULL; /* may be what @p reply points to */
	pending_free(p);
	i->host->done(i->host, token, reply);
	free(late);
}

static void finish_late(void *arg)
{
	struct pending *p = arg;
	finish(p, p->reply);
}

static void answered(void *arg, const struct cti_reply *reply)
{
	struct pending *p = arg;
	const struct cti_adapter_instance *i = p->instance;
	if (i->delay_us) {
		p->reply = cti_reply_copy(reply);
		p->timer = i->host->timer_create(i->host, "late answer", finish_late, p);
		if (p->reply && p->timer) {
			i->host->timer_set(p->timer, i->delay_us);
			return;
		}
	}
	finish(p, reply);
}

static void fail(struct cti_adapter_instance *i, uint64_t token, int code, const char *text)
{
	struct cti_reply reply;
	cti_reply_init(&reply);
	reply.code = code;
	reply.text = text;
	i->host->done(i->host, token, &reply);
}

static void ask(struct cti_adapter_instance *i, uint64_t token, const struct cti_request *request)
{
	if (!i->client) {
		fail(i, token, CTI_E_CLOSED, "the link to the switch is down");
		return;
	}
	struct pending *p = calloc(1, sizeof *p);
	if (!p) {
		fail(i, token, CTI_E_NOMEM, "out of memory");
		return;
	}
	p->instance = i;
	p->token = token;
	TAILQ_INSERT_TAIL(&i->pending, p, next);
	switch_request(i->client, request, answered, p);
}

static void pass(struct cti_adapter_instance *i, uint64_t token, const struct csta_message *message)
{
	struct cti_request request;
	struct cti_error error = {0};
	int code = csta_pass_request_read(message, &request, &error);
	if (code)
		fail(i, token, code, error.text);
	else
		ask(i, token, &request);
}

/* ---- The link ------------------------------------------------------------------------------ */

static void hear_event(void *arg, const struct cti_event *event)
{
	struct cti_adapter_instance *i = arg;
	i->host->event(i->host, event, NULL);
}

static void hear_monitor_stopped(void *arg, const char *monitor, const char *why)
{
	struct cti_adapter_instance *i = arg;
	i->host->monitor_stopped(i->host, monitor, why);
}

static int link_up(struct cti_adapter_instance *i, struct cti_error *error)
{
	static const struct switch_sink sink = {hear_event, hear_monitor_stopped};
	int code = i->client ? 0 : switch_client_create(&i->client, i->sw, &sink, i, error);
	if (!code)
		i->host->link(i->host, CTI_LINK_UP, NULL);
	return code;
}

static void link_down(struct cti_adapter_instance *i, const char *why)
{
	if (!i->client)
		return;
	switch_client_destroy(&i->client);
	for (struct pending *p; (p = TAILQ_FIRST(&i->pending));) {
		uint64_t token = p->token;
		pending_free(p);
		fail(i, token, CTI_E_CLOSED, "the link to the switch was lost");
	}
	i->host->link(i->host, CTI_LINK_DOWN, why);
}

struct sim_switch *simulator_switch(struct cti_adapter_instance *i)
{
	return i->sw;
}

void simulator_link(struct cti_adapter_instance *i, bool up, const char *why)
{
	struct cti_error error;
	for (size_t k = 0; k < i->port_count; k++)
		port_open(i->ports[k], up);
	if (!i->started)
		return;
	if (!up)
		link_down(i, why ? why : "fault: the link was cut");
	else if (!i->client && link_up(i, &error))
		i->host->log(i->host, CTI_LOG_ERROR, "the link stays down: %s", error.text);
}

void simulator_delay(struct cti_adapter_instance *i, uint64_t delay_us)
{
	i->delay_us = delay_us;
	for (size_t k = 0; k < i->port_count; k++)
		port_delay(i->ports[k], delay_us);
}

const char *simulator_address(struct cti_adapter_instance *i, size_t index)
{
	return index < i->port_count ? port_address(i->ports[index]) : NULL;
}

/* ---- Life ---------------------------------------------------------------------------------- */

static void destroy(struct cti_adapter_instance **instance)
{
	struct cti_adapter_instance *i = *instance;
	if (!i)
		return;
	*instance = NULL;
	traffic_destroy(&i->traffic);
	for (size_t k = 0; k < i->port_count; k++)
		port_destroy(&i->ports[k]);
	switch_client_destroy(&i->client);
	switch_destroy(&i->sw);
	free(i);
}

static int create(struct cti_adapter_instance **out, const struct cti_host *host,
                  const struct cti_options *options, struct cti_error *error)
{
	struct cti_adapter_instance *i = calloc(1, sizeof *i);
	if (!i)
		return cti_error_set(error, CTI_E_NOMEM, "simulator: out of memory");
	i->host = host;
	TAILQ_INIT(&i->pending);
	i->traffic_group = cti_options_group(options, "traffic");
	int code = simulator_setup(&i->sw, host, options, error);
	size_t ports = cti_options_count(options, "listen");
	if (!code && ports > PORTS_MAX)
		code = cti_error_set(error, CTI_E_CONFIG, "listen: at most %d ports", PORTS_MAX);
	for (size_t k = 0; !code && k < ports; k++) {
		struct port_config config;
		char address[64];
		code = port_parse(cti_options_item(options, "listen", k), &config, address, error);
		if (!code)
			code = port_create(&i->ports[k], i->sw, host, &config, error);
		i->port_count += !code;
	}
	if (code) {
		destroy(&i);
		return code;
	}
	simulator_delay(i, (uint64_t)cti_options_int(options, "response_delay") * 1000);
	*out = i;
	return 0;
}

static int start(struct cti_adapter_instance *i, struct cti_error *error)
{
	int code = 0;
	if (i->traffic_group && !i->traffic)
		code = traffic_create(&i->traffic, i->sw, i->host, i->traffic_group, error);
	if (code)
		return code;
	for (size_t k = 0; k < i->port_count; k++)
		port_open(i->ports[k], true);
	i->started = true;
	return link_up(i, error);
}

static void stop(struct cti_adapter_instance *i)
{
	i->started = false;
	traffic_destroy(&i->traffic);
	for (size_t k = 0; k < i->port_count; k++)
		port_open(i->ports[k], false);
	link_down(i, "stopped");
}

const struct cti_adapter cti_adapter_simulator = {
        CTI_ADAPTER_HEAD,
        .name = "simulator",
        .summary = "A PBX with ACD in the process, deterministic by seed; CSTA ports for others.",
        .options = simulator_options,
        .create = create,
        .start = start,
        .stop = stop,
        .destroy = destroy,
#define X(name, verb, element) .verb = ask,
        CTI_SERVICES(X)
#undef X
                .request = pass,
};
