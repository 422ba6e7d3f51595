/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file involved.h
 * Which devices took part in each interaction and call that is under way, as heard on the bus:
 * who owns one of them may see it, end it and attach data to it. Bounded; forgotten at its end.
 * Loop thread only.
 */
#ifndef SERVER_INVOLVED_H
#define SERVER_INVOLVED_H

#include "cti-server/config.h"

struct bus;
struct involved;

int involved_create(struct involved **out, struct bus *, struct cti_error *);
/** Sets NULL, takes NULL. */
void involved_destroy(struct involved **);
/** True if one of @p devices took part; @p subject: "interaction/ID" or "call/ID". */
bool involved_device(const struct involved *, const char *switch_name, const char *subject,
                     config_words devices);

#endif
