/* SPDX-License-Identifier: Apache-2.0 */
/* A switch: its life, the host that its adapter sees, its link. */
#include "cti-server/model/dialplan.h"
#include "cti-server/pbx_private.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"
#include "sdk/wire.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pbx *pbx_of(const struct cti_host *h)
{
	return host_of(h)->owner;
}

/* ---- configuration ----------------------------------------------------------------------------
 */

/* Strings of a configuration, measured with block NULL, then copied. */
struct copy {
	char *block;
	size_t used;
};

static const char *copy_text(struct copy *c, const char *text)
{
	if (!text)
		return NULL;
	size_t size = strlen(text) + 1, at = c->used;
	c->used += size;
	return c->block ? memcpy(c->block + at, text, size) : text;
}

static void copy_config(struct copy *c, struct pbx_config *config)
{
	const char *const *ranges = config->monitors.ranges;
	size_t count = 0;
	while (ranges && ranges[count])
		count++;
	/* The list first: the block is aligned there. */
	const char **list = c->block ? (const char **)(void *)c->block : NULL;
	c->used = (count + 1) * sizeof *list;
	for (size_t i = 0; i < count; i++) {
		const char *text = copy_text(c, ranges[i]);
		if (list)
			list[i] = text;
	}
	if (list) {
		list[count] = NULL;
		config->monitors.ranges = list;
	}
	config->name = copy_text(c, config->name);
	config->tenant = copy_text(c, config->tenant);
	config->server = copy_text(c, config->server);
	config->dialplan.country = copy_text(c, config->dialplan.country);
	config->dialplan.area = copy_text(c, config->dialplan.area);
	config->dialplan.outside = copy_text(c, config->dialplan.outside);
	config->dialplan.national = copy_text(c, config->dialplan.national);
	config->dialplan.international = copy_text(c, config->dialplan.international);
}

/* *config becomes a copy whose strings are in the block returned. NULL: no memory. */
static char *config_take(struct pbx_config *config)
{
	struct copy measure = {0};
	struct pbx_config measured = *config;
	copy_config(&measure, &measured);
	struct copy copy = {.block = malloc(measure.used)};
	if (copy.block)
		copy_config(&copy, config);
	return copy.block;
}

/* ---- what the switch itself has to say ---------------------------------------------------------
 */

void pbx_publish(struct pbx *p, struct cti_event *e, struct device *d)
{
	model_subjects_begin(p->model);
	if (d)
		model_subject_device(p->model, d);
	model_publish(p->model, e, NULL);
}

void pbx_status(struct pbx *p)
{
	static const char *const links[] = {[CTI_LINK_DOWN] = "down",
	                                    [CTI_LINK_CONNECTING] = "connecting",
	                                    [CTI_LINK_UP] = "up"};
	struct cti_text t = {0};
	cti_text_literal(&t, "{\"link\":");
	cti_text_string(&t, links[p->link]);
	cti_text_literal(&t, pbx_current(p) ? ",\"current\":true" : ",\"current\":false");
	cti_text_literal(&t, ",\"progress\":");
	cti_text_unsigned(&t, p->resync.done);
	cti_text_literal(&t, ",\"total\":");
	cti_text_unsigned(&t, p->resync.total);
	if (p->config.server) {
		cti_text_literal(&t, ",\"server\":");
		cti_text_string(&t, p->config.server);
	}
	if (p->link_text[0]) {
		cti_text_literal(&t, ",\"text\":");
		cti_text_string(&t, p->link_text);
	}
	cti_text_literal(&t, "}");
	if (t.failed || bus_state_set(p->stream, "status", t.data, t.length))
		log_error(p->config.name, "state of the switch not set: out of memory");
	cti_text_free(&t);
}

/* ---- the host ---------------------------------------------------------------------------------
 */

static void host_event(const struct cti_host *h, const struct cti_event *e,
                       const struct csta_message *original)
{
	(void)original; /* for doors that pass it on; the model reads the event */
	struct pbx *p = pbx_of(h);
	log_debug(p->config.name, "event %s call=%s device=%s monitor=%s",
	          cti_event_type_name(e->type), e->connection.call_id ? e->connection.call_id : "",
	          e->subject.number ? e->subject.number : "", e->monitor ? e->monitor : "");
	model_event(p->model, e);
}

static void host_done(const struct cti_host *h, uint64_t token, const struct cti_reply *reply)
{
	pbx_answer(pbx_of(h), token, reply);
}

static void link_lost(struct pbx *p)
{
	char text[CTI_ERROR_TEXT + 64];
	struct cti_event e;
	p->stats.links_lost++;
	resync_stop(p);
	monitors_void(p);
	snprintf(text, sizeof text, "%s: the link broke before the switch answered",
	         p->config.name);
	pbx_requests_close(p, CTI_E_UNKNOWN_OUTCOME, text);
	cti_event_init(&e, CTI_EVENT_SWITCH_LINK_DOWN);
	e.text = p->link_text[0] ? p->link_text : "the link to the switch is lost";
	log_warn(p->config.name, "link down: %s", e.text);
	pbx_publish(p, &e, NULL);
	model_stale(p->model);
}

static void host_link(const struct cti_host *h, enum cti_link_state state, const char *text)
{
	struct pbx *p = pbx_of(h);
	enum cti_link_state was = p->link;
	snprintf(p->link_text, sizeof p->link_text, "%s", text ? text : "");
	p->link = state;
	/* Up again without having been down: the switch restarted, its monitors are void
	 * (ECMA-269 12.2.28, SystemStatus enabled). */
	if (was == CTI_LINK_UP) {
		if (state == CTI_LINK_UP && !text)
			snprintf(p->link_text, sizeof p->link_text, "the switch restarted");
		link_lost(p);
	}
	if (state == CTI_LINK_UP) {
		p->link_text[0] = '\0';
		resync_start(p);
	} else if (was == CTI_LINK_CONNECTING && state == CTI_LINK_DOWN) {
		log_info(p->config.name, "no link: %s", text ? text : "");
	}
	pbx_status(p);
}

static void host_monitor_stopped(const struct cti_host *h, const char *monitor, const char *why)
{
	monitor_ended(pbx_of(h), monitor, why);
}

/* ---- life -------------------------------------------------------------------------------------
 */

static int refuse(struct cti_error *error, const struct pbx_config *config, const char *what)
{
	return cti_error_set(error, CTI_E_CONFIG, "switch '%s': %s",
	                     config->name ? config->name : "", what);
}

static bool word(const char *text)
{
	static const char letters[] =
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	return text && *text && text[strspn(text, letters)] == '\0';
}

static int check(const struct pbx_config *config, struct cti_error *error)
{
	if (!word(config->name) || !word(config->tenant))
		return refuse(error, config,
		              "name and tenant are words of letters, digits, '-' and '_'");
	if (!config->adapter)
		return refuse(error, config, "no adapter");
	return monitors_check(config->monitors.ranges, error);
}

/* A batch of reports changes the same states again and again: they are set once. */
static void flush_later(void *arg)
{
	struct pbx *p = arg;
	if (bus_states_wanted(p->bus))
		event_active(p->flush, EV_TIMEOUT, 0);
}

static void flush_now(void *arg)
{
	struct pbx *p = arg;
	model_flush(p->model);
}

static void flush_due(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	flush_now(arg);
}

static int build(struct pbx *p, struct cti_error *error)
{
	const struct pbx_config *c = &p->config;
	const struct model_owner owner = {.arg = p,
	                                  .heal = resync_heal,
	                                  .heal_device = resync_heal_device,
	                                  .forget = resync_forget,
	                                  .cause = cause_of,
	                                  .flush = p->host.cti.loop ? flush_later : NULL};
	p->stream = bus_stream(p->bus, c->tenant, c->name);
	if (!p->stream || interactions_get(&p->interactions, p->bus, c->tenant) ||
	    model_create(&p->model, c->name, p->stream, p->clock, &p->config.dialplan,
	                 p->interactions, &owner, c->seed, c->max_calls) ||
	    monitors_init(p) || resync_init(p) ||
	    (owner.flush && !(p->flush = event_new(p->host.cti.loop, -1, 0, flush_due, p))))
		return cti_error_set(error, CTI_E_NOMEM, "switch '%s': out of memory", c->name);
	bus_stream_refresher(p->stream, flush_now, p);
	p->model->all_seen = !c->adapter->monitor_start;
	int code = monitors_apply(p, error);
	if (code)
		return code;
	return c->adapter->create(&p->instance, &p->host.cti, c->options, error);
}

int pbx_create(struct pbx **out, const struct pbx_config *config, struct bus *bus,
               struct clock *clock, struct event_base *loop, struct cti_error *error)
{
	int code = check(config, error);
	if (code)
		return code;
	struct pbx *p = calloc(1, sizeof *p);
	if (!p)
		return cti_error_set(error, CTI_E_NOMEM, "switch '%s': out of memory",
		                     config->name);
	p->config = *config;
	p->bus = bus;
	p->clock = clock;
	p->cause_pool.size = sizeof(struct cause);
	TAILQ_INIT(&p->causes);
	p->born = config_take(&p->config);
	if (!p->born) {
		free(p);
		return cti_error_set(error, CTI_E_NOMEM, "switch '%s': out of memory",
		                     config->name);
	}
	host_init(&p->host, p->config.name, loop, clock, config->seed);
	p->host.owner = p;
	p->host.cti.event = host_event;
	p->host.cti.done = host_done;
	p->host.cti.link = host_link;
	p->host.cti.monitor_stopped = host_monitor_stopped;
	code = build(p, error);
	if (code) {
		pbx_destroy(&p);
		return code;
	}
	pbx_status(p);
	*out = p;
	return 0;
}

void pbx_destroy(struct pbx **pbx)
{
	struct pbx *p = *pbx;
	*pbx = NULL;
	if (!p)
		return;
	if (p->started)
		pbx_stop(p);
	if (p->instance)
		p->config.adapter->destroy(&p->instance);
	if (p->model) {
		causes_free(p);
		/* The owner is going: nothing is to be healed any more. */
		p->model->owner = (struct model_owner){0};
	}
	pbx_requests_free(p);
	if (p->stream)
		bus_stream_refresher(p->stream, NULL, NULL);
	if (p->flush)
		event_free(p->flush);
	model_destroy(&p->model);
	interactions_put(&p->interactions);
	resync_free(p);
	monitors_free(p);
	free(p->block);
	free(p->born);
	free(p);
}

int pbx_start(struct pbx *p, struct cti_error *error)
{
	p->stopping = false;
	int code = p->config.adapter->start(p->instance, error);
	p->started = !code;
	return code;
}

void pbx_stop(struct pbx *p)
{
	char text[CTI_ERROR_TEXT + 64];
	if (!p->started)
		return;
	p->stopping = true;
	p->config.adapter->stop(p->instance);
	snprintf(text, sizeof text, "%s: the server stops", p->config.name);
	pbx_requests_close(p, CTI_E_CLOSED, text);
	if (p->link != CTI_LINK_DOWN) /* the adapter did not say so */
		host_link(&p->host.cti, CTI_LINK_DOWN, "the server stops");
	p->started = false;
}

const char *pbx_name(const struct pbx *p)
{
	return p->config.name;
}

enum cti_link_state pbx_link(const struct pbx *p)
{
	return p->link;
}

bool pbx_current(const struct pbx *p)
{
	return p->link == CTI_LINK_UP && !p->resync.running;
}

struct cti_adapter_instance *pbx_instance(struct pbx *p)
{
	return p->instance;
}

int pbx_reconfigure(struct pbx *p, const struct pbx_config *config, struct cti_error *error)
{
	struct pbx_config next = *config;
	int code = check(config, error);
	if (code)
		return code;
	if (strcmp(config->name, p->config.name) != 0 ||
	    strcmp(config->tenant, p->config.tenant) != 0 || config->adapter != p->config.adapter)
		return refuse(error, config, "another tenant or adapter needs a restart");
	char *block = config_take(&next);
	if (!block)
		return cti_error_set(error, CTI_E_NOMEM, "switch '%s': out of memory",
		                     config->name);
	/* Name, tenant and options stay as they are: adapter and model have borrowed them. */
	p->config.monitors = next.monitors;
	p->config.dialplan = next.dialplan;
	p->config.audit_us = next.audit_us;
	p->config.max_requests = next.max_requests;
	free(p->block);
	p->block = block;
	model_renumber(p->model);
	code = monitors_apply(p, error);
	struct device *d;
	TAILQ_FOREACH (d, &p->model->devices, all)
		if (d->monitoring == MONITOR_WANTED)
			resync_device(p, d);
	return code;
}

int pbx_attach(struct pbx *p, const char *interaction, const struct cti_pair *pairs, size_t count,
               struct cti_error *error)
{
	return model_attach(p->model, interaction, pairs, count, error);
}

void pbx_demand(struct pbx *p, const char *device)
{
	char number[DIALPLAN_NUMBER];
	pbx_canonical(p, device, number, sizeof number);
	monitors_demand(p, number, device);
}

void pbx_canonical(const struct pbx *p, const char *number, char *out, size_t size)
{
	dialplan_canonical(&p->config.dialplan, number, out, size, NULL);
}
