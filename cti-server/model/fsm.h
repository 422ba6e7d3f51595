/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fsm.h
 * ECMA-269's connection and agent states as tables of rows. A table says what the standard's
 * figures show; it forbids nothing: the model applies what is not in it all the same, counts
 * it, flags it CTI_EVENT_ANOMALY and reads the call again.
 */
#ifndef SERVER_FSM_H
#define SERVER_FSM_H

#include <cti/event.h>
#include <stdio.h>

/** A transition. @p from and @p to are states of the machine the row belongs to. */
struct fsm_row {
	int from;
	enum cti_event_type event;
	int to;
	const char *clause; /**< of ECMA-269 */
};

/** The rows of a machine; *count gets how many. */
const struct fsm_row *fsm_connection_rows(size_t *count);
const struct fsm_row *fsm_agent_rows(size_t *count);

/** Is there a row for this transition. Constant time. */
bool fsm_connection_knows(enum cti_connection_state from, enum cti_event_type,
                          enum cti_connection_state to);
bool fsm_agent_knows(enum cti_agent_state from, enum cti_event_type, enum cti_agent_state to);

/** State of the subject's connection after an event; CTI_CONNECTION_UNKNOWN: it stays as it is. */
enum cti_connection_state fsm_connection_target(enum cti_event_type);
/** State of the agent after an event; CTI_AGENT_UNKNOWN: not an agent's event. */
enum cti_agent_state fsm_agent_target(enum cti_event_type);

/** Print a machine ("connection", "agent"), one row a line; -1: there is no such machine. */
int fsm_dump(const char *machine, FILE *);

#endif
