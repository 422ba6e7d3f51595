/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/model/fsm.h"
#include "sdk/names.h"

/* One row a line reads better than one field a line. */
/* clang-format off */
#define ROW(from, event, to, clause) \
	{CTI_CONNECTION_##from, CTI_EVENT_CALL_##event, CTI_CONNECTION_##to, clause},

static const struct fsm_row connection_rows[] = {
	ROW(NULL, SERVICE_INITIATED, INITIATED, "17.2.17")
	ROW(NULL, DIGITS_DIALED, INITIATED, "17.2.6")         /* first report of a staged call */
	ROW(NULL, ORIGINATED, CONNECTED, "17.2.17 FR6")       /* hands-free: never initiated */
	ROW(NULL, ESTABLISHED, CONNECTED, "17.2.8")           /* pickup without ringing */
	ROW(NULL, CONFERENCED, CONNECTED, "17.2.3")           /* single step, join, intrude */
	ROW(NULL, NETWORK_REACHED, CONNECTED, "17.2.12")      /* outgoing trunk taken */
	ROW(NULL, OFFERED, ALERTING, "17.2.13")
	ROW(NULL, DELIVERED, ALERTING, "17.2.5")
	ROW(NULL, QUEUED, QUEUED, "17.2.15")
	ROW(NULL, FAILED, FAIL, "17.2.9")
	ROW(INITIATED, SERVICE_INITIATED, INITIATED, "17.2.17") /* prompted, then off-hook */
	ROW(INITIATED, DIGITS_DIALED, INITIATED, "17.2.6")
	ROW(INITIATED, ORIGINATED, CONNECTED, "17.2.14")
	ROW(INITIATED, ESTABLISHED, CONNECTED, "17.2.8")      /* prompted by a pickup */
	ROW(INITIATED, CONFERENCED, CONNECTED, "17.2.3")      /* prompted by a join */
	ROW(INITIATED, FAILED, FAIL, "17.2.9")
	ROW(INITIATED, CONNECTION_CLEARED, NULL, "17.2.4")
	ROW(ALERTING, DELIVERED, ALERTING, "17.2.5")          /* offered, then ringing */
	ROW(ALERTING, ESTABLISHED, CONNECTED, "17.2.8")
	ROW(ALERTING, CONFERENCED, CONNECTED, "17.2.3")
	ROW(ALERTING, NETWORK_REACHED, CONNECTED, "17.2.12")
	ROW(ALERTING, QUEUED, QUEUED, "17.2.15")
	ROW(ALERTING, DIVERTED, NULL, "17.2.7")
	ROW(ALERTING, CONNECTION_CLEARED, NULL, "17.2.4")
	ROW(ALERTING, FAILED, FAIL, "17.2.9")
	ROW(CONNECTED, ORIGINATED, CONNECTED, "17.2.14")      /* implied by an earlier report */
	ROW(CONNECTED, DIGITS_DIALED, CONNECTED, "17.2.6")    /* overlap dialling on a trunk */
	ROW(CONNECTED, NETWORK_REACHED, CONNECTED, "17.2.12")
	ROW(CONNECTED, DELIVERED, ALERTING, "17.2.12 FR2")    /* trunk: the far end rings */
	ROW(CONNECTED, ESTABLISHED, CONNECTED, "17.2.12 FR2") /* trunk: the far end answered */
	ROW(CONNECTED, HELD, HOLD, "17.2.10")
	ROW(CONNECTED, CONFERENCED, CONNECTED, "17.2.3")
	ROW(CONNECTED, QUEUED, QUEUED, "17.2.15")             /* park on the own device */
	ROW(CONNECTED, FAILED, FAIL, "17.2.9")                /* blocked: the far end left */
	ROW(CONNECTED, CONNECTION_CLEARED, NULL, "17.2.4")
	ROW(CONNECTED, TRANSFERRED, NULL, "17.2.18")
	ROW(CONNECTED, DIVERTED, NULL, "17.2.7")
	ROW(HOLD, RETRIEVED, CONNECTED, "17.2.16")
	ROW(HOLD, CONFERENCED, CONNECTED, "17.2.3")
	ROW(HOLD, DELIVERED, ALERTING, "17.2.5")              /* hold recall */
	ROW(HOLD, QUEUED, QUEUED, "17.1.21 FR5")
	ROW(HOLD, FAILED, FAIL, "17.2.9")
	ROW(HOLD, CONNECTION_CLEARED, NULL, "17.2.4")
	ROW(HOLD, TRANSFERRED, NULL, "17.2.18")
	ROW(HOLD, DIVERTED, NULL, "17.2.7")
	ROW(QUEUED, QUEUED, QUEUED, "17.2.15")                /* the place in the queue moved */
	ROW(QUEUED, DELIVERED, ALERTING, "17.2.5")
	ROW(QUEUED, ESTABLISHED, CONNECTED, "17.2.8")
	ROW(QUEUED, CONFERENCED, CONNECTED, "17.2.3")
	ROW(QUEUED, DIVERTED, NULL, "17.2.7")
	ROW(QUEUED, CONNECTION_CLEARED, NULL, "17.2.4")
	ROW(QUEUED, FAILED, FAIL, "17.2.9")
	ROW(FAIL, QUEUED, QUEUED, "17.1.6")                   /* camp-on */
	ROW(FAIL, ESTABLISHED, CONNECTED, "17.2.8")           /* intrude, override */
	ROW(FAIL, CONFERENCED, CONNECTED, "17.2.3")
	ROW(FAIL, DIVERTED, NULL, "17.2.7")
	ROW(FAIL, CONNECTION_CLEARED, NULL, "17.2.4")
	ROW(INITIATED, CLEARED, NULL, "17.2.2")
	ROW(ALERTING, CLEARED, NULL, "17.2.2")
	ROW(CONNECTED, CLEARED, NULL, "17.2.2")
	ROW(HOLD, CLEARED, NULL, "17.2.2")
	ROW(QUEUED, CLEARED, NULL, "17.2.2")
	ROW(FAIL, CLEARED, NULL, "17.2.2")
};
#undef ROW

#define ROW(from, event, to) \
	{CTI_AGENT_##from, CTI_EVENT_AGENT_##event, CTI_AGENT_##to, "6.1.1.6.4"},

static const struct fsm_row agent_rows[] = {
	ROW(NULL, LOGGED_ON, NOT_READY)
	ROW(NULL, NOT_READY, NOT_READY)                /* implicit log on in one step, 6.1.1.6 */
	ROW(NULL, READY, READY)
	ROW(NOT_READY, LOGGED_ON, NOT_READY)           /* second step: to a group */
	ROW(NOT_READY, NOT_READY, NOT_READY)           /* after the log on; another reason */
	ROW(NOT_READY, READY, READY)
	ROW(NOT_READY, BUSY, BUSY)                     /* answers what rang before */
	ROW(NOT_READY, WORKING_AFTER_CALL, WORKING_AFTER_CALL)
	ROW(NOT_READY, LOGGED_OFF, NULL)
	ROW(READY, NOT_READY, NOT_READY)
	ROW(READY, BUSY, BUSY)
	ROW(READY, WORKING_AFTER_CALL, WORKING_AFTER_CALL)
	ROW(READY, LOGGED_OFF, NULL)
	ROW(BUSY, NOT_READY, NOT_READY)
	ROW(BUSY, READY, READY)
	ROW(BUSY, WORKING_AFTER_CALL, WORKING_AFTER_CALL)
	ROW(BUSY, LOGGED_OFF, NULL)
	ROW(WORKING_AFTER_CALL, NOT_READY, NOT_READY)
	ROW(WORKING_AFTER_CALL, READY, READY)
	ROW(WORKING_AFTER_CALL, BUSY, BUSY)
	ROW(WORKING_AFTER_CALL, LOGGED_OFF, NULL)
};
#undef ROW
/* clang-format on */

#define BIT(state) (1u << (state))

/* For each (event, from) the set of states it may lead to. Filled once from the rows. */
static uint8_t connection_known[CTI_EVENT_TYPES][CTI_CONNECTION_STATES_COUNT];
static uint8_t agent_known[CTI_EVENT_TYPES][CTI_AGENT_STATES_COUNT];

static void __attribute__((constructor)) index_rows(void)
{
	for (size_t i = 0; i < COUNT(connection_rows); i++) {
		const struct fsm_row *r = &connection_rows[i];
		connection_known[r->event][r->from] |= (uint8_t)BIT(r->to);
	}
	for (size_t i = 0; i < COUNT(agent_rows); i++)
		agent_known[agent_rows[i].event][agent_rows[i].from] |=
		        (uint8_t)BIT(agent_rows[i].to);
}

const struct fsm_row *fsm_connection_rows(size_t *count)
{
	*count = COUNT(connection_rows);
	return connection_rows;
}

const struct fsm_row *fsm_agent_rows(size_t *count)
{
	*count = COUNT(agent_rows);
	return agent_rows;
}

bool fsm_connection_knows(enum cti_connection_state from, enum cti_event_type event,
                          enum cti_connection_state to)
{
	return (unsigned)from < CTI_CONNECTION_STATES_COUNT &&
	       (unsigned)to < CTI_CONNECTION_STATES_COUNT && (unsigned)event < CTI_EVENT_TYPES &&
	       connection_known[event][from] & BIT(to);
}

bool fsm_agent_knows(enum cti_agent_state from, enum cti_event_type event, enum cti_agent_state to)
{
	return (unsigned)from < CTI_AGENT_STATES_COUNT && (unsigned)to < CTI_AGENT_STATES_COUNT &&
	       (unsigned)event < CTI_EVENT_TYPES && agent_known[event][from] & BIT(to);
}

/* Every event has one state that it leads to: read it from the first of its rows. */
static int target(const struct fsm_row *rows, size_t count, enum cti_event_type event)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].event == event)
			return rows[i].to;
	return -1;
}

enum cti_connection_state fsm_connection_target(enum cti_event_type event)
{
	return target(connection_rows, COUNT(connection_rows), event);
}

enum cti_agent_state fsm_agent_target(enum cti_event_type event)
{
	return target(agent_rows, COUNT(agent_rows), event);
}

int fsm_dump(const char *machine, FILE *out)
{
	bool agent = !strcmp(machine, "agent");
	if (!agent && strcmp(machine, "connection"))
		return -1;
	const struct fsm_row *rows = agent ? agent_rows : connection_rows;
	size_t count = agent ? COUNT(agent_rows) : COUNT(connection_rows);
	fprintf(out, "# from event to ECMA-269\n");
	for (size_t i = 0; i < count; i++) {
		const struct fsm_row *r = &rows[i];
		fprintf(out, "%-16s %-25s %-16s %s\n",
		        agent ? cti_agent_state_name(r->from) : cti_connection_state_name(r->from),
		        cti_event_type_name(r->event),
		        agent ? cti_agent_state_name(r->to) : cti_connection_state_name(r->to),
		        r->clause);
	}
	return 0;
}
