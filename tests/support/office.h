/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file office.h
 * A simulated switch to test with: phones 2001 to 2004 in pickup group 2900, trunks T1 to T3, queue
 * 3000, park slot 2950, announcement 2960, recorder 2970, route point 2980 to 2004,
 * hunt groups of 2002 and 2003: 2910 sequential (overflow 2960), 2911 circular and not shown,
 * 2912 longest idle, 2913 parallel;
 * with agents 7001 (at 2001, wrap-up 10 s) and 7002 (at 2002, password "secret"), on a
 * virtual clock. One client writes down what its monitors report. For unit tests: it asserts.
 */
#ifndef TESTS_SUPPORT_OFFICE_H
#define TESTS_SUPPORT_OFFICE_H

#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/host.h"
#include "pbx-adapters/simulator/switch.h"
#include "tests/unit/test.h"

#include <stdio.h>

#define OFFICE_MONITORS 16
#define OFFICE_LOG      16384

struct office {
	struct clock *clock;
	struct host host;
	struct sim_switch *sw;
	struct sim_client *client;
	struct {
		char xref[8], name[16];
	} monitors[OFFICE_MONITORS];
	size_t monitor_count;
	/**
	 * "2001 DE 2002(newCall)[c]; ...": monitored device, event, subject, (cause), and in
	 * brackets the monitored device's own state: null, initiated, alerting, connected, hold,
	 * queued, fail.
	 */
	char log[OFFICE_LOG];
	struct cti_reply *reply; /**< the last */
	bool plainly;            /**< replies are not kept: the test itself needs no memory */
	char *full;              /**< with full_file: all that events say, for comparison */
	size_t full_size;
	FILE *full_file;
};

/** @p how->host is filled in. */
struct office *office_create(const struct switch_config *how, uint64_t seed);
void office_destroy(struct office *);
/** Short name of an event type: DE, ES, ... */
const char *office_code(enum cti_event_type);
/** A number, or "restricted", "notKnown", "-" (notRequired), "" (absent). */
const char *office_device(const struct cti_device *);
/** Ask for a service, as the office's client. Borrowed until the next time. */
const struct cti_reply *office_ask(struct office *, const struct cti_request *);
/**
 * Ask for a service that comes as JSON: "ParkCall parking=@2001 parkTo=2950 correlatorData='x": a
 * connection by its device, a device, a text; +20: a number.
 */
const struct cti_reply *office_service(struct office *, const char *text);
/**
 * One of the services that come as JSON, as an act, whichever @p which is; @p data is what it says
 * where it says something: the same again is nothing new.
 */
void office_form(char *out, size_t size, size_t which, const char *phone, const char *number,
                 unsigned data);
/** Start a monitor and call it @p name in the log. */
const struct cti_reply *office_monitor_as(struct office *, const struct cti_request *,
                                          const char *name);
/** Start a device-type monitor. */
const struct cti_reply *office_monitor(struct office *, const char *number);
/**
 * What somebody does: "2001 dials 2002", "2001 agent ready [7001]", "2001 make[-at-once] 2002" and
 * "2004 joins 2001 [silently]" (services), "ask ParkCall ..." (office_service()), "2001 fails",
 * "2001 works", "wait 20" (seconds). Returns what the switch says.
 */
int office_act(struct office *, const char *text);
/** Nothing of what people do may fail here. */
void must(int code);
/** Everybody hangs up until no call is left. */
void office_closes(struct office *);

#endif
