/* SPDX-License-Identifier: Apache-2.0 */
/** @file door.h What every door is given. Borrowed: it outlives the doors. */
#ifndef SERVER_DOOR_H
#define SERVER_DOOR_H

#include "cti-server/bus.h"
#include "cti-server/request.h"
#include "cti-server/rights.h"

struct clock;
struct event_base;

struct door_context {
	const char *server_id;
	struct bus *bus;
	struct rights *rights;
	struct requests *requests;
	struct clock *clock;
	struct event_base *loop;
};

/** True for what concerns a switch as a whole: everybody who hears anything of it gets it. */
static inline bool door_event_is_common(const struct bus_event *event)
{
	return event->type == CTI_EVENT_STREAM_GAP || event->type == CTI_EVENT_SWITCH_LINK_UP ||
	       event->type == CTI_EVENT_SWITCH_LINK_DOWN || event->type == CTI_EVENT_SWITCH_RESYNC;
}

#endif
