/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/northbound/topic.h"

#include <string.h>

void topic_switch(struct cti_text *text, const char *tenant, const char *switch_name)
{
	cti_text_literal(text, WIRE_TOPIC_ROOT);
	cti_text_literal(text, tenant);
	cti_text_literal(text, "/");
	cti_text_literal(text, switch_name);
	cti_text_literal(text, "/");
}

void topic_subject(struct cti_text *text, const char *subject)
{
	const char *slash = strchr(subject, '/');
	if (!slash) {
		cti_wire_topic_escape(text, subject);
		return;
	}
	cti_text_raw(text, subject, (size_t)(slash + 1 - subject));
	cti_wire_topic_escape(text, slash + 1);
}

size_t topic_event_count(const struct bus_event *event)
{
	return event->subject_count + 1;
}

void topic_event(struct cti_text *text, size_t base, const struct bus_event *event, size_t index)
{
	if (text->length > base)
		text->length = base;
	if (index < event->subject_count) {
		topic_subject(text, event->subjects[index].subject);
		cti_text_literal(text, WIRE_TOPIC_EVENT);
	} else {
		cti_text_literal(text, WIRE_TOPIC_ALL);
	}
	cti_text_literal(text, cti_event_type_name(event->type));
}

const char *topic_link_word(const struct pbx *pbx)
{
	switch (pbx ? pbx_link(pbx) : CTI_LINK_DOWN) {
	case CTI_LINK_DOWN:
		return "down";
	case CTI_LINK_CONNECTING:
		return "connecting";
	case CTI_LINK_UP:
		return "up";
	}
	return "down";
}

void topic_switch_status(struct cti_text *text, const struct door_context *context,
                         struct bus_stream *stream, bool online)
{
	struct pbx *pbx = requests_pbx(context->requests, bus_stream_switch(stream), NULL);
	bool here = pbx && online;
	cti_text_literal(text, "{\"server\":");
	cti_text_string(text, context->server_id);
	cti_text_literal(text, ",\"tenant\":");
	cti_text_string(text, bus_stream_tenant(stream));
	cti_text_literal(text, ",\"switch\":");
	cti_text_string(text, bus_stream_switch(stream));
	cti_text_literal(text, ",\"link\":");
	cti_text_string(text, topic_link_word(here ? pbx : NULL));
	cti_text_literal(text,
	                 here && pbx_current(pbx) ? ",\"current\":true" : ",\"current\":false");
	cti_text_literal(text, ",\"epoch\":");
	cti_text_string(text, bus_stream_epoch(stream));
	cti_text_literal(text, ",\"sequence\":");
	cti_text_unsigned(text, bus_stream_sequence(stream));
	cti_text_literal(text, "}");
}
