/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services that the plain structs do not know: they come and go as JSON with ECMA-323's names
 * (struct cti_request, element and message). request->device is the first device named there.
 */
#include "pbx-adapters/simulator/json.h"

#include <string.h>

static enum fault get_do_not_disturb(struct ask *a, struct device *d, const json_t *argument)
{
	(void)argument;
	return json_answer(a, json_pack("{s:b}", "doNotDisturbOn", d->do_not_disturb));
}

/* ECMA-269 22.1.16; 9.5.1: an event only if something changed. */
static enum fault set_do_not_disturb(struct ask *a, struct device *d, const json_t *argument)
{
	bool on = json_is_true(json_object_get(argument, "doNotDisturbOn"));
	ask_ack(a);
	if (d->do_not_disturb == on)
		return OK;
	d->do_not_disturb = on;
	json_report_device(
	        d, d, "DoNotDisturbEvent",
	        json_pack("{s:o, s:b}", "device", json_subject(d), "doNotDisturbOn", on));
	return OK;
}

static const struct {
	const char *element;
	enum fault (*perform)(struct ask *, struct device *, const json_t *argument);
} features[] = {
        {"GetDoNotDisturb", get_do_not_disturb},
        {"SetDoNotDisturb", set_do_not_disturb},
};

static const struct json_service *const services[] = {
        dial_services,    join_services, complete_services, park_services, data_services,
        predict_services, NULL};

static const struct json_service *service_find(const char *element)
{
	for (size_t i = 0; services[i]; i++)
		for (const struct json_service *s = services[i]; s->element; s++)
			if (!strcmp(s->element, element))
				return s;
	return NULL;
}

static enum fault perform_json(struct ask *a, const struct json_service *s)
{
	json_t *argument = json_loads(a->request->message ? a->request->message : "{}", 0, NULL);
	enum fault fault = argument ? s->perform(a, argument) : resourceLimitExceeded;
	json_decref(argument);
	return fault;
}

enum fault service_other(struct ask *a)
{
	const struct cti_request *r = a->request;
	const struct json_service *s = service_find(r->element);
	if (s)
		return perform_json(a, s);
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
