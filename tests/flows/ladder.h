/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ladder.h
 * What has happened in a flow, one line each, as it is printed when the flow fails.
 */
#ifndef FLOWS_LADDER_H
#define FLOWS_LADDER_H

#include "tests/flows/fields.h"

#include <stdio.h>

struct ladder {
	char **lines;
	size_t count, size;
	bool verbose; /**< print each line as it comes */
};

/** @p now_us: since the flow began. A line that finds no memory is left out. */
void ladder_add(struct ladder *, uint64_t now_us, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/** "cti ==> crm  call.delivered device=2001 ..." */
void ladder_event(struct ladder *, uint64_t now_us, const char *app, const struct cti_event *);
/** "cti --> crm  ok ... :1" */
void ladder_reply(struct ladder *, uint64_t now_us, const char *app, unsigned tag,
                  const struct cti_reply *);
/** As TAP diagnostics. */
void ladder_print(const struct ladder *, FILE *);
void ladder_free(struct ladder *);

/** An event or reply as one line of words; the caller's buffer, cut at its size. */
void ladder_event_text(const struct cti_event *, char *out, size_t size);
void ladder_reply_text(const struct cti_reply *, char *out, size_t size);

#endif
