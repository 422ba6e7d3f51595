/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services that the plain structs do not know: they come and go as JSON with ECMA-323's names
 * (struct cti_request, element and message). request->device is the first device named there.
 */
#include "pbx-adapters/simulator/inside.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The result of a service, given back with the answer; takes @p result. */
static enum fault answer_json(struct ask *a, json_t *result)
{
	a->scratch = result ? json_dumps(result, JSON_COMPACT) : NULL;
	json_decref(result);
	if (!a->scratch)
		return resourceLimitExceeded;
	a->reply.message = a->scratch;
	return OK;
}

/* Tell the monitors of a device; takes @p what. Without memory nobody is told: logged. */
static void report_json(struct device *d, const char *element, json_t *what)
{
	struct cti_event e;
	json_t *device = json_pack("{s:{s:{s:s}}}", "deviceIdentifier", "deviceIdentifier",
	                           "dialingNumber", d->id);
	char *text = NULL;
	if (device && what && !json_object_set(what, "device", device))
		text = json_dumps(what, JSON_COMPACT);
	json_decref(device);
	json_decref(what);
	if (!text) {
		const struct cti_host *host = d->sw->config.host;
		host->log(host, CTI_LOG_ERROR, "%s of %s is not reported: out of memory", element,
		          d->id);
		return;
	}
	cti_event_init(&e, CTI_EVENT_CSTA);
	e.subject = (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = d->id};
	e.element = element;
	e.message = text;
	monitor_report_device(d, &e);
	free(text);
}

static enum fault get_do_not_disturb(struct ask *a, struct device *d, const json_t *argument)
{
	(void)argument;
	return answer_json(a, json_pack("{s:b}", "doNotDisturbOn", d->do_not_disturb));
}

/* ECMA-269 22.1.16; 9.5.1: an event only if something changed. */
static enum fault set_do_not_disturb(struct ask *a, struct device *d, const json_t *argument)
{
	bool on = json_is_true(json_object_get(argument, "doNotDisturbOn"));
	ask_ack(a);
	if (d->do_not_disturb == on)
		return OK;
	d->do_not_disturb = on;
	report_json(d, "DoNotDisturbEvent", json_pack("{s:b}", "doNotDisturbOn", on));
	return OK;
}

static const struct {
	const char *element;
	enum fault (*perform)(struct ask *, struct device *, const json_t *argument);
} features[] = {
        {"GetDoNotDisturb", get_do_not_disturb},
        {"SetDoNotDisturb", set_do_not_disturb},
};

enum fault service_other(struct ask *a)
{
	const struct cti_request *r = a->request;
	for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
		if (strcmp(features[i].element, r->element) != 0)
			continue;
		struct device *d = r->device ? device_find(a->sw, r->device) : NULL;
		if (!d)
			return invalidDeviceID;
		if (d->kind != EXTENSION)
			return requestIncompatibleWithDevice;
		json_t *argument = json_loads(r->message ? r->message : "{}", 0, NULL);
		enum fault fault =
		        argument ? features[i].perform(a, d, argument) : resourceLimitExceeded;
		json_decref(argument);
		return fault;
	}
	return serviceNotSupported;
}
