/* SPDX-License-Identifier: Apache-2.0 */
#include "pbx-adapters/host/host.h"

#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/log.h"

#include <stdint.h>

struct host *host_of(const struct cti_host *cti)
{
	return (struct host *)(uintptr_t)cti;
}

static uint64_t now_us(const struct cti_host *h)
{
	return clock_now(host_of(h)->clock);
}

static int64_t wall_us(const struct cti_host *h)
{
	return clock_wall(host_of(h)->clock);
}

static struct cti_timer *create(const struct cti_host *h, const char *name, void (*fire)(void *),
                                void *arg)
{
	return timer_create_on(host_of(h)->clock, name, fire, arg);
}

static void write_log(const struct cti_host *h, enum cti_log_level level, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	log_write_v(level, h->switch_name, format, ap);
	va_end(ap);
}

static void event(const struct cti_host *h, const struct cti_event *e,
                  const struct csta_message *original)
{
	(void)original;
	log_debug(h->switch_name, "event %s", cti_event_type_name(e->type));
}

static void done(const struct cti_host *h, uint64_t token, const struct cti_reply *reply)
{
	log_debug(h->switch_name, "done token=%llu code=%d", (unsigned long long)token,
	          reply->code);
}

static void link_is(const struct cti_host *h, enum cti_link_state state, const char *text)
{
	log_debug(h->switch_name, "link state=%d%s%s", (int)state, text ? " " : "",
	          text ? text : "");
}

static void monitor_stopped(const struct cti_host *h, const char *monitor, const char *why)
{
	log_debug(h->switch_name, "monitor %s stopped: %s", monitor, why ? why : "");
}

static void wire(const struct cti_host *h, enum cti_wire_direction direction, const void *bytes,
                 size_t length, const char *line)
{
	(void)bytes, (void)length;
	log_wire(h->switch_name, direction, line);
}

static bool wire_wanted(const struct cti_host *h)
{
	(void)h;
	return log_wire_enabled();
}

void host_init(struct host *host, const char *switch_name, struct event_base *loop,
               struct clock *clock, uint64_t seed)
{
	*host = (struct host){
	        .clock = clock,
	        .cti = {.abi = CTI_ADAPTER_ABI,
	                .size = sizeof host->cti,
	                .switch_name = switch_name,
	                .loop = loop,
	                .seed = seed,
	                .now_us = now_us,
	                .wall_us = wall_us,
	                .timer_create = create,
	                .timer_set = timer_set,
	                .timer_clear = timer_clear,
	                .timer_destroy = timer_destroy,
	                .log = write_log,
	                .event = event,
	                .done = done,
	                .link = link_is,
	                .monitor_stopped = monitor_stopped,
	                .wire = wire,
	                .wire_wanted = wire_wanted},
	};
}
