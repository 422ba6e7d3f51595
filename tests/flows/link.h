/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file link.h
 * The switch of a flow and the way to it: the simulator inside the server, the simulator behind
 * a CSTA link, or a switch of paper (peer.h).
 */
#ifndef FLOWS_LINK_H
#define FLOWS_LINK_H

#include "cti-server/server.h"
#include "tests/flows/flow.h"
#include "tests/flows/peer.h"

struct link;

int link_create(struct link **out, const struct flow *, enum flow_transport, struct clock *,
                struct event_base *, struct cti_error *);
/** After the server is gone. Sets NULL, takes NULL. */
void link_destroy(struct link **);
/** adapter and options of the switch, as the server's configuration wants them. */
void link_settings(const struct link *, char *out, size_t size);
/** The server has been made, not started: find what is inside it. */
int link_attach(struct link *, struct server *, struct cti_error *);

/** True when all that one end has sent has reached the other. */
bool link_quiet(const struct link *);
/** Grows with everything that happens on it. */
uint64_t link_activity(const struct link *);
/** What came over it and was wrong; NULL if nothing. */
const char *link_complaint(const struct link *);

/** A step that a phone or the link does. */
int link_do(struct link *, const struct flow_step *, struct cti_error *);
/** Why the switch lacks what the flow needs; NULL if it does not. */
const char *link_lacks(const struct link *);
/** Flows of the second kind; NULL in the others. */
struct peer *link_peer(struct link *);

/** Outside numbers have more digits than this. */
#define LINK_EXTENSION_DIGITS 6

#endif
