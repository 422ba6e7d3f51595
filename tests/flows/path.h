/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file path.h
 * The switch of a flow and the way to it: the simulator inside the server, the simulator behind
 * a CSTA link, or a switch of paper (peer.h).
 */
#ifndef FLOWS_PATH_H
#define FLOWS_PATH_H

#include "cti-server/server.h"
#include "tests/flows/flow.h"
#include "tests/flows/peer.h"

struct path;

int path_create(struct path **out, const struct flow *, enum flow_transport, struct clock *,
                struct event_base *, struct cti_error *);
/** After the server is gone. Sets NULL, takes NULL. */
void path_destroy(struct path **);
/**
 * adapter and options of the switch, as the server's configuration wants them. @p more: options
 * of the simulator in process, or NULL.
 */
void path_settings(const struct path *, const char *more, char *out, size_t size);
/** The server has been made, not started: find what is inside it. */
int path_attach(struct path *, struct server *, struct cti_error *);

/** True when all that one end has sent has reached the other. */
bool path_quiet(const struct path *);
/** Changes with everything that happens on it. */
uint64_t path_activity(const struct path *);
/** What came over it and was wrong; NULL if nothing. */
const char *path_complaint(const struct path *);

/** A step that a phone or the link does. */
int path_do(struct path *, const struct flow_step *, struct cti_error *);
/** Why the switch lacks what the flow needs; NULL if it does not. */
const char *path_lacks(const struct path *);
/** The simulated switch; NULL in flows of the second kind. */
struct sim_switch *path_switch(struct path *);
const char *path_simulator_address(struct path *, size_t index);
/** Flows of the second kind; NULL in the others. */
struct peer *path_peer(struct path *);

/** Outside numbers have more digits than this. */
#define PATH_EXTENSION_DIGITS 6

#endif
