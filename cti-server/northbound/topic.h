/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file topic.h
 * Topics and the status documents of design section 7, the same for MQTT and ZeroMQ (which
 * closes them with a '/').
 */
#ifndef SERVER_NORTHBOUND_TOPIC_H
#define SERVER_NORTHBOUND_TOPIC_H

#include "cti-server/bus.h"
#include "cti-server/northbound/door.h"
#include "sdk/wire.h"
#include "sdk/wire_topics.h"

/** Append "cti/v1/{tenant}/{switch}/". */
void topic_switch(struct cti_text *, const char *tenant, const char *switch_name);
/** Append "device/2003" with the id escaped. */
void topic_subject(struct cti_text *, const char *subject);

/** How many copies of an event go out: one a subject, and one under "all/". */
size_t topic_event_count(const struct bus_event *);
/** The topic of copy @p index, without a closing '/', behind topic_switch()'s @p base octets. */
void topic_event(struct cti_text *text, size_t base, const struct bus_event *, size_t index);

/** "up", "connecting", "down"; NULL is down. */
const char *topic_link_word(const struct pbx *);
/** {"server":"cti-1","switch":"hq","link":"up","current":true,"epoch":…,"sequence":…}. */
void topic_switch_status(struct cti_text *, const struct door_context *, struct bus_stream *,
                         bool online);

#endif
