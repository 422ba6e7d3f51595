/* SPDX-License-Identifier: Apache-2.0 */
/* One device, one name: every number of a report becomes canonical before anything looks at it. */
#include "cti-server/model/dialplan.h"
#include "cti-server/model/model.h"

#include <stdalign.h>
#include <string.h>

void model_numbers_begin(struct model *m)
{
	m->scratch_used = 0;
	m->received = NULL;
	m->items_received = NULL;
}

static void *scratch(struct model *m, size_t size)
{
	size_t at = (m->scratch_used + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (size > m->scratch_size || at > m->scratch_size - size)
		return NULL;
	m->scratch_used = at + size;
	return m->scratch + at;
}

static const char *keep(struct model *m, const char *text, size_t size)
{
	char *to = scratch(m, size);
	return to ? memcpy(to, text, size) : NULL;
}

/* The canonical form of *text; *name gets the name in it, if there is one and it is wanted. */
static bool canonical(struct model *m, const char **text, const char **name)
{
	char number[DIALPLAN_NUMBER], found[DIALPLAN_NAME];
	if (dialplan_plain(m->dialplan, *text))
		return true;
	if (strlen(*text) > MODEL_ID_MAX)
		return false;
	dialplan_canonical(m->dialplan, *text, number, sizeof number, found);
	if (name && !*name && found[0] && !(*name = keep(m, found, strlen(found) + 1)))
		return false;
	if (strcmp(number, *text) && !(*text = keep(m, number, strlen(number) + 1)))
		return false;
	return true;
}

bool model_number_device(struct model *m, struct cti_device *d)
{
	if (d->status != CTI_DEVICE_NUMBER) {
		d->number = d->received = NULL;
		return true;
	}
	if (!d->number) {
		d->status = CTI_DEVICE_NOT_KNOWN;
		return true;
	}
	const char *as_written = d->number;
	if (!canonical(m, &d->number, &d->name))
		return false;
	if (d->number != as_written && !d->received)
		d->received = as_written;
	return true;
}

bool model_number_connection(struct model *m, struct cti_connection *c, const char **received)
{
	const char *as_written = c->device_id;
	if (received)
		*received = NULL;
	if (c->call_id && (!*c->call_id || strlen(c->call_id) > MODEL_ID_MAX))
		return false;
	/* A dynamic id is no number: it means something with its call alone (ECMA-269 12.3.9). */
	if (!as_written || c->dynamic)
		return !as_written || strlen(as_written) <= MODEL_ID_MAX;
	if (!canonical(m, &c->device_id, NULL))
		return false;
	if (received && c->device_id != as_written)
		*received = as_written;
	return true;
}

static bool items(struct model *m, struct cti_event *e)
{
	if (!e->item_count)
		return true;
	if (e->item_count > MODEL_PARTIES_MAX) {
		model_over_limit(m, "connections in a transfer or conference");
		return false;
	}
	struct cti_connection_item *to = scratch(m, e->item_count * sizeof *to);
	if (!to)
		return false;
	memcpy(to, e->items, e->item_count * sizeof *to);
	m->items_received = e->items;
	e->items = to;
	for (size_t i = 0; i < e->item_count; i++)
		if (!model_number_connection(m, &to[i].new_connection, NULL) ||
		    !model_number_connection(m, &to[i].old_connection, NULL) ||
		    !model_number_device(m, &to[i].endpoint) ||
		    !model_number_device(m, &to[i].associated_nid))
			return false;
	return true;
}

bool model_numbers(struct model *m, struct cti_event *e)
{
	struct cti_device *devices[] = {
	        &e->subject,
	        &e->calling,
	        &e->called,
	        &e->last_redirection,
	        &e->network_calling,
	        &e->network_called,
	        &e->associated_calling,
	        &e->associated_called,
	        &e->group,
	        /* What is being dialled is no number yet. */
	        e->type == CTI_EVENT_CALL_DIGITS_DIALED ? &e->group : &e->other,
	};
	for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
		if (!model_number_device(m, devices[i]))
			return false;
	if (e->agent_id && strlen(e->agent_id) > MODEL_ID_MAX)
		return false;
	return model_number_connection(m, &e->connection, &m->received) &&
	       model_number_connection(m, &e->primary_old, NULL) &&
	       model_number_connection(m, &e->secondary_old, NULL) && items(m, e);
}

/* Lists of an answer are copied to be changed. */
static void *list(struct model *m, const void *from, size_t count, size_t size)
{
	void *to = count <= MODEL_DEVICES_MAX ? scratch(m, count * size) : NULL;
	return to ? memcpy(to, from, count * size) : NULL;
}

bool model_numbers_reply(struct model *m, struct cti_reply *r)
{
	struct cti_connection_item *rows = NULL;
	struct cti_snapshot_item *snapshot = NULL;
	struct cti_agent_item *agents = NULL;
	model_numbers_begin(m);
	if (r->item_count && !(rows = list(m, r->items, r->item_count, sizeof *rows)))
		return false;
	if (r->snapshot_count &&
	    !(snapshot = list(m, r->snapshot, r->snapshot_count, sizeof *snapshot)))
		return false;
	if (r->agent_count && !(agents = list(m, r->agents, r->agent_count, sizeof *agents)))
		return false;
	bool ok = model_number_connection(m, &r->connection, NULL) &&
	          model_number_device(m, &r->calling) && model_number_device(m, &r->called);
	for (size_t i = 0; ok && i < r->item_count; i++)
		ok = model_number_connection(m, &rows[i].new_connection, NULL) &&
		     model_number_connection(m, &rows[i].old_connection, NULL) &&
		     model_number_device(m, &rows[i].endpoint) &&
		     model_number_device(m, &rows[i].associated_nid);
	for (size_t i = 0; ok && i < r->snapshot_count; i++)
		ok = model_number_connection(m, &snapshot[i].connection, NULL) &&
		     model_number_device(m, &snapshot[i].device);
	for (size_t i = 0; ok && i < r->agent_count; i++)
		ok = model_number_device(m, &agents[i].group);
	r->items = rows;
	r->snapshot = snapshot;
	r->agents = agents;
	return ok;
}
