/* SPDX-License-Identifier: Apache-2.0 */
/* Is the model consistent: what tests ask after everything they do to it. */
#include "cti-server/model/model.h"

static bool wrong(const struct model *m, struct cti_error *error, const char *what,
                  const char *whom)
{
	cti_error_set(error, CTI_E_INTERNAL, "%s: %s: %s", m->name, what, whom);
	return false;
}

static bool listed_at(const struct device *d, const struct conn *wanted)
{
	const struct conn *conn;
	LIST_FOREACH (conn, &d->conns, by_device)
		if (conn == wanted)
			return true;
	return false;
}

static bool call_in_interaction(const struct call *wanted)
{
	const struct call *call;
	LIST_FOREACH (call, &wanted->interaction->calls, by_interaction)
		if (call == wanted)
			return true;
	return false;
}

static bool check_call(const struct model *m, const struct call *call, struct cti_error *error)
{
	unsigned count = 0;
	const struct conn *conn, *other;
	LIST_FOREACH (conn, &call->conns, by_call) {
		count++;
		if (conn->call != call)
			return wrong(m, error, "connection of another call", call->id->text);
		if (call->over && conn->state != CTI_CONNECTION_NULL)
			return wrong(m, error, "ended call has a connection", call->id->text);
		if (conn->device &&
		    listed_at(conn->device, conn) != (conn->state != CTI_CONNECTION_NULL))
			return wrong(m, error, "device and call disagree", conn->id->text);
		LIST_FOREACH (other, &call->conns, by_call)
			if (other != conn && other->id == conn->id)
				return wrong(m, error, "two connections of a device",
				             conn->id->text);
	}
	if (count != call->conn_count)
		return wrong(m, error, "connections miscounted", call->id->text);
	if (call->over ? call->interaction != NULL
	               : call->interaction && !call_in_interaction(call))
		return wrong(m, error, "interaction and call disagree", call->id->text);
	if (call->id->call != call)
		return wrong(m, error, "call id leads elsewhere", call->id->text);
	return true;
}

static bool check_agents(const struct model *m, const struct device *d, struct cti_error *error)
{
	unsigned counts[CTI_AGENT_STATES_COUNT] = {0};
	const struct agent *a;
	TAILQ_FOREACH (a, &m->agents, all)
		for (unsigned i = 0; i < a->group_count; i++)
			counts[a->state] += a->groups[i] == d;
	for (int state = 0; state < CTI_AGENT_STATES_COUNT; state++)
		if (counts[state] != d->agents[state])
			return wrong(m, error, "agents miscounted", d->name->text);
	return true;
}

bool model_check(const struct model *m, struct cti_error *error)
{
	const struct call *call;
	const struct device *d;
	const struct conn *conn;
	size_t live = 0, over = 0, devices = 0;
	TAILQ_FOREACH (call, &m->live, by_age) {
		live++;
		if (call->over || !check_call(m, call, error))
			return call->over ? wrong(m, error, "ended call among the living",
			                          call->id->text)
			                  : false;
	}
	TAILQ_FOREACH (call, &m->over, by_age) {
		over++;
		if (!call->over || !check_call(m, call, error))
			return call->over ? false
			                  : wrong(m, error, "living call among the ended",
			                          call->id->text);
	}
	TAILQ_FOREACH (d, &m->devices, all) {
		devices++;
		if (!check_agents(m, d, error))
			return false;
		LIST_FOREACH (conn, &d->conns, by_device)
			if (conn->device != d || conn->state == CTI_CONNECTION_NULL)
				return wrong(m, error,
				             "device lists a connection that is not its own",
				             d->name->text);
	}
	if (live + over != m->calls.used || devices != m->device_count)
		return wrong(m, error, "calls or devices miscounted", m->name);
	if (m->stats.calls_begun - m->stats.calls_ended != live)
		return wrong(m, error, "calls begun and ended do not add up", m->name);
	return true;
}
