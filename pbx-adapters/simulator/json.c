/* SPDX-License-Identifier: Apache-2.0 */
#include "pbx-adapters/simulator/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Reading ------------------------------------------------------------------------------- */

/** The first text below @p value: numbers stand under their type, maybe under two. */
static const char *first_text(json_t *value, int depth)
{
	const char *key, *text = json_string_value(value);
	json_t *member;
	if (!text && depth)
		json_object_foreach (value, key, member)
			if ((text = first_text(member, depth - 1)))
				break;
	return text;
}

const char *json_number(const json_t *device_id)
{
	return first_text(json_object_get(device_id, "deviceIdentifier"), 2);
}

struct cti_connection json_connection(const json_t *id)
{
	const json_t *device = json_object_get(id, "deviceID");
	return (struct cti_connection){
	        .call_id = json_string_value(json_object_get(id, "callID")),
	        .device_id = json_number(json_object_get(device, "staticID")),
	        .state = CTI_CONNECTION_UNKNOWN,
	};
}

size_t json_octets(const json_t *octets, uint8_t *out, size_t max)
{
	const char *hex = json_string_value(json_object_get(octets, "hex")),
	           *text = json_string_value(octets);
	size_t length = hex ? strlen(hex) / 2 : text ? json_string_length(octets) : SIZE_MAX;
	if (length > max)
		return SIZE_MAX;
	if (text && length)
		memcpy(out, text, length);
	for (size_t i = 0; hex && i < length; i++) {
		unsigned octet;
		if (sscanf(hex + 2 * i, "%2x", &octet) != 1)
			return SIZE_MAX;
		out[i] = (uint8_t)octet;
	}
	return length;
}

/** Absent: nothing. False: too long. */
static bool data_read(const json_t *value, uint8_t *room, size_t max, struct cti_octets *out)
{
	if (!value)
		return true;
	/* CorrelatorData and UserData may be wrapped: {"string": ...}. */
	const json_t *wrapped = json_object_get(value, "string");
	size_t length = json_octets(wrapped ? wrapped : value, room, max);
	if (length == SIZE_MAX)
		return false;
	*out = (struct cti_octets){room, length};
	return true;
}

enum fault json_data(struct ask *a, const json_t *argument, struct json_data *data)
{
	data->request = *a->request;
	data->request.correlator = data->request.user_data = (struct cti_octets){0};
	if (!data_read(json_object_get(argument, "correlatorData"), data->correlator,
	               sizeof data->correlator, &data->request.correlator))
		return correlatorDataOutOfRange;
	if (!data_read(json_object_get(argument, "userData"), data->user, sizeof data->user,
	               &data->request.user_data))
		return valueOutOfRange;
	a->request = &data->request;
	return OK;
}

/* ---- Making -------------------------------------------------------------------------------- */

json_t *json_device(const char *number)
{
	return json_pack("{s:{s:s}}", "deviceIdentifier", "dialingNumber", number);
}

json_t *json_subject(const struct device *d)
{
	return json_pack("{s:o}", "deviceIdentifier", json_device(d->id));
}

json_t *json_conn(const struct cti_connection *c)
{
	return json_pack("{s:s, s:{s:o}}", "callID", c->call_id, "deviceID", "staticID",
	                 json_device(c->device_id));
}

static json_t *json_hex(const uint8_t octets[LINKAGE_SIZE])
{
	char text[2 * LINKAGE_SIZE + 1];
	for (int i = 0; i < LINKAGE_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02X", (unsigned)octets[i]);
	return json_pack("{s:s}", "hex", text);
}

json_t *json_linkage(const struct call *call)
{
	return json_pack("{s:{s:{s:o}}, s:{s:{s:o}}}", "globalCallData", "globalCallLinkageID",
	                 "subDomainCallLinkageID", json_hex(call->global), "threadData",
	                 "threadLinkageID", "subDomainThreadID", json_hex(call->thread));
}

enum fault json_answer(struct ask *a, json_t *result)
{
	free(a->scratch);
	a->scratch = result ? json_dumps(result, JSON_COMPACT) : NULL;
	json_decref(result);
	a->reply.message = a->scratch;
	return a->scratch ? OK : resourceLimitExceeded;
}

static char *event_text(struct sim_switch *sw, const char *element, const char *whose, json_t *what)
{
	char *text = what ? json_dumps(what, JSON_COMPACT) : NULL;
	json_decref(what);
	if (!text)
		sw->config.host->log(sw->config.host, CTI_LOG_ERROR,
		                     "%s of %s is not reported: out of memory", element, whose);
	return text;
}

void json_report_device(struct device *d, const struct device *first, const char *element,
                        json_t *what)
{
	struct cti_event e;
	char *text = event_text(d->sw, element, d->id, what);
	if (!text)
		return;
	cti_event_init(&e, CTI_EVENT_CSTA);
	e.subject = (struct cti_device){.status = CTI_DEVICE_NUMBER, .number = first->id};
	e.element = element;
	e.message = text;
	monitor_report_device(d, &e);
	free(text);
}

void json_report_call(struct conn *subject, const char *element, json_t *what)
{
	struct cti_event e;
	struct call *call = subject->call;
	char *text = event_text(call->sw, element, call->id, what);
	if (!text)
		return;
	cti_event_init(&e, CTI_EVENT_CSTA);
	e.subject = conn_party(subject);
	e.connection = conn_ref(subject);
	e.connection.state = CTI_CONNECTION_UNKNOWN; /* such events tell none */
	e.element = element;
	e.message = text;
	monitor_report(call, &e, NULL);
	free(text);
}
