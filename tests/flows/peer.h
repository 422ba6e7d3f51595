/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file peer.h
 * The other end of the wire for flows of the second kind: a switch that does what the flow says.
 * It listens on a free loopback port, takes one link at a time, frames and codes with libcsta,
 * and keeps no state of calls. Requests that the flow never names are answered by themselves:
 * monitors with a cross reference, snapshots with nothing, the others with plain success.
 */
#ifndef FLOWS_PEER_H
#define FLOWS_PEER_H

#include "csta/csta.h"
#include "tests/flows/fields.h"
#include "tests/flows/flow.h"
#include "tests/flows/world.h"

struct event_base;
struct peer;

/** BER bare or XML with ECMA-323's header; @p flow outlives it. */
int peer_create(struct peer **out, struct event_base *, bool ber, const struct flow *,
                struct cti_error *);
void peer_destroy(struct peer **);
unsigned peer_port(const struct peer *);
bool peer_connected(const struct peer *);
/** Octets since the link was made: to and from the server. */
void peer_octets(const struct peer *, uint64_t *in, uint64_t *out);
/** What came in that could not be read; NULL if nothing. */
const char *peer_complaint(const struct peer *);

/** Close the link and refuse others, or take them again. */
int peer_cut(struct peer *, struct cti_error *);
int peer_restore(struct peer *, struct cti_error *);

/** hq --> cti: an event, an answer, or a file. */
int peer_send(struct peer *, const struct flow_step *, const struct flow_field *fields,
              struct cti_error *);
/** raw hq: octets, as they are. */
int peer_raw(struct peer *, const void *octets, size_t count, struct cti_error *);

/** What came and waits for the flow. */
struct world_request *peer_received(struct peer *);
void peer_take(struct peer *, struct world_request *, unsigned tag);

/**
 * Text of a file that a flow names: "capture:NAME" stands in $CSTA_REFERENCE/captures/xml
 * (CTI_E_UNSUPPORTED where that is not set), other names beside the flow. free() it.
 */
int peer_file(const struct flow *, const char *name, char **out, size_t *length,
              struct cti_error *);

#endif
