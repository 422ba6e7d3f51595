/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The distribution of calls to agents (flows F5, F6, F27 and F28 of README.md). Agent states follow
 * from the calls: a change marks whom it touches, and at its end acd_settle() draws the
 * conclusions, so that agent events come after the call events of the same instant.
 */
#ifndef SIMULATOR_ACD_H
#define SIMULATOR_ACD_H

#include "pbx-adapters/simulator/inside.h"

/** A call comes to a queue. @p again: back from an agent who did not answer, to the front. */
void acd_enter(struct queue *, struct call *, bool again);
/** The connection leaves its device, or its state changed. */
void acd_conn_changed(struct conn *);
void acd_conn_gone(struct conn *);
/** An agent let it ring too long. The connection is gone. */
void acd_missed(struct conn *);
/** Forced out: the device fails. */
void acd_force_off(struct agent *);
/** At the end of a change: agent states, then callers who wait. */
void acd_settle(struct sim_switch *);
/** Still something to settle. */
bool acd_unsettled(const struct sim_switch *);
void acd_destroy(struct sim_switch *);
void acd_wrap_up(void *agent);

enum fault service_set_agent_state(struct ask *);
enum fault service_get_agent_state(struct ask *);

#endif
