/* SPDX-License-Identifier: Apache-2.0 */
/* How things stand: snapshots as tables, or as they came. */
#include "sdk/cli/cli.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* {"subject":"device/2001","switch":"hq","sequence":1042,"state":{…}} */
static void json_print(const struct cti_state *state)
{
	json_t *line =
	        json_pack("{ss ss sI so}", "subject", state->subject, "switch",
	                  state->switch_name ? state->switch_name : "", "sequence",
	                  (json_int_t)state->sequence, "state", json_loads(state->json, 0, NULL));
	char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	if (text)
		puts(text);
	free(text);
	json_decref(line);
}

/* Subscribe to OBJECT/ID or OBJECT/ *, each snapshot goes to @p row. */
static int show(struct cli *cli, const char *object, const char *id,
                void (*row)(struct cli *, const struct cti_state *), struct cli_table *table,
                const char *none)
{
	char filter[300];
	snprintf(filter, sizeof filter, "%s/%s", object, id ? id : "*");
	cli->on_snapshot = row;
	cli->arg = table;
	int status = cli_subscribe(cli, filter);
	if (!status && !cli->json)
		cli_table_print(cli, table, none);
	cli_table_free(table);
	return status;
}

static void head(struct cli_table *table, size_t columns, const char *const *names)
{
	table->columns = columns;
	for (size_t i = 0; i < columns; i++)
		cli_cell(table, BOLD, "%s", names[i]);
}
#define HEAD(table, ...)                                                                           \
	head(table, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),                        \
	     (const char *[]){__VA_ARGS__})

static enum cli_colour state_colour(enum cti_connection_state state)
{
	switch (state) {
	case CTI_CONNECTION_ALERTING:
		return YELLOW;
	case CTI_CONNECTION_CONNECTED:
		return GREEN;
	case CTI_CONNECTION_HOLD:
		return CYAN;
	case CTI_CONNECTION_QUEUED:
		return MAGENTA;
	case CTI_CONNECTION_FAIL:
		return RED;
	case CTI_CONNECTION_UNKNOWN:
	case CTI_CONNECTION_NULL:
	case CTI_CONNECTION_INITIATED:
	case CTI_CONNECTION_STATES_COUNT:
		break;
	}
	return PLAIN;
}

/* ---- calls --------------------------------------------------------------------------------------
 */

static void attached_write(char *out, size_t size, const struct cti_call *call)
{
	size_t used = 0;
	*out = '\0';
	for (size_t i = 0; i < call->attached_count && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s%s=%s", i ? " " : "",
		                         call->attached[i].key, call->attached[i].value);
}

static void call_rows(struct cli *cli, const struct cti_state *state)
{
	struct cli_table *table = cli->arg;
	if (cli->json && state->call_count)
		json_print(state);
	for (size_t i = 0; !cli->json && i < state->call_count; i++) {
		const struct cti_call *call = &state->calls[i];
		enum cti_connection_state connection = call->connection.state;
		char since[16], attached[512];
		cli_since(since, call->since_us);
		attached_write(attached, sizeof attached, call);
		const struct cti_device *caller = *cti_device_label(&call->original_calling)
		                                          ? &call->original_calling
		                                          : &call->calling;
		cli_cell(table, PLAIN, "%s",
		         call->connection.call_id ? call->connection.call_id : "");
		cli_cell(table, BOLD, "%s", state->device ? state->device : "");
		cli_cell(table, state_colour(connection), "%s",
		         cti_connection_state_name(connection));
		cli_cell(table, PLAIN, "%s", since);
		cli_cell(table, PLAIN, "%s", cti_device_label(caller));
		cli_cell(table, PLAIN, "%s", cti_device_label(&call->called));
		cli_cell(table, DIM, "%s", attached);
	}
}

int calls_run(struct cli *cli, int argc, char **argv)
{
	struct cli_table table = {0};
	int status = cli_connect(cli);
	if (status)
		return status;
	HEAD(&table, "CALL", "DEVICE", "STATE", "SINCE", "FROM", "DIALLED", "DATA");
	return show(cli, "device", argc ? argv[0] : NULL, call_rows, &table, "No calls.");
}

/* ---- devices, agents, queues
 * ---------------------------------------------------------------------- */

static void device_row(struct cli *cli, const struct cti_state *state)
{
	struct cli_table *table = cli->arg;
	enum cti_connection_state busiest = CTI_CONNECTION_UNKNOWN;
	if (cli->json) {
		json_print(state);
		return;
	}
	for (size_t i = 0; i < state->call_count; i++)
		if (busiest != CTI_CONNECTION_CONNECTED)
			busiest = state->calls[i].connection.state;
	cli_cell(table, BOLD, "%s", state->device ? state->device : state->subject);
	if (state->out_of_service)
		cli_cell(table, RED, "out of service");
	else
		cli_cell(table, state_colour(busiest), "%s",
		         state->call_count ? cti_connection_state_name(busiest) : "idle");
	cli_cell(table, PLAIN, "%zu", state->call_count);
	cli_cell(table, PLAIN, "%s", state->agent_id ? state->agent_id : "");
	cli_cell(table, state->monitored ? PLAIN : DIM, "%s", state->monitored ? "yes" : "no");
	cli_cell(table, DIM, "%s%s", state->current ? "" : "not read yet ",
	         state->reason ? state->reason : "");
}

int devices_run(struct cli *cli, int argc, char **argv)
{
	struct cli_table table = {0};
	int status = cli_connect(cli);
	if (status)
		return status;
	HEAD(&table, "DEVICE", "STATE", "CALLS", "AGENT", "MONITORED", "");
	return show(cli, "device", argc ? argv[0] : NULL, device_row, &table, "No devices.");
}

static enum cli_colour agent_colour(enum cti_agent_state state)
{
	switch (state) {
	case CTI_AGENT_READY:
		return GREEN;
	case CTI_AGENT_BUSY:
		return YELLOW;
	case CTI_AGENT_WORKING_AFTER_CALL:
		return CYAN;
	case CTI_AGENT_NOT_READY:
		return RED;
	case CTI_AGENT_UNKNOWN:
	case CTI_AGENT_NULL:
	case CTI_AGENT_STATES_COUNT:
		break;
	}
	return DIM;
}

static void agent_row(struct cli *cli, const struct cti_state *state)
{
	struct cli_table *table = cli->arg;
	char since[16], groups[256] = "";
	size_t used = 0;
	if (cli->json) {
		json_print(state);
		return;
	}
	for (size_t i = 0; i < state->group_count && used < sizeof groups; i++)
		used += (size_t)snprintf(groups + used, sizeof groups - used, "%s%s", i ? " " : "",
		                         state->groups[i]);
	cli_since(since, state->since_us);
	cli_cell(table, BOLD, "%s", state->agent_id ? state->agent_id : state->subject);
	cli_cell(table, agent_colour(state->agent_state), "%s",
	         state->agent_state == CTI_AGENT_NULL ? "logged off"
	                                              : cti_agent_state_name(state->agent_state));
	cli_cell(table, PLAIN, "%s", since);
	cli_cell(table, PLAIN, "%s", state->device ? state->device : "");
	cli_cell(table, PLAIN, "%s", groups);
	cli_cell(table, DIM, "%s", state->reason ? state->reason : "");
}

int agents_run(struct cli *cli, int argc, char **argv)
{
	struct cli_table table = {0};
	int status = cli_connect(cli);
	if (status)
		return status;
	HEAD(&table, "AGENT", "STATE", "SINCE", "DEVICE", "GROUPS", "");
	return show(cli, "agent", argc ? argv[0] : NULL, agent_row, &table, "No agents.");
}

static void count_cell(struct cli_table *table, int count, enum cli_colour colour)
{
	if (count < 0)
		cli_cell(table, DIM, "?");
	else
		cli_cell(table, count ? colour : DIM, "%d", count);
}

static void queue_row(struct cli *cli, const struct cti_state *state)
{
	struct cli_table *table = cli->arg;
	char since[16];
	if (cli->json) {
		json_print(state);
		return;
	}
	cli_since(since, state->since_us);
	cli_cell(table, BOLD, "%s", state->device ? state->device : state->subject);
	count_cell(table, state->waiting, MAGENTA);
	cli_cell(table, PLAIN, "%s", state->waiting > 0 ? since : "");
	count_cell(table, state->agents.logged_on, PLAIN);
	count_cell(table, state->agents.ready, GREEN);
	count_cell(table, state->agents.busy, YELLOW);
	count_cell(table, state->agents.not_ready, RED);
	count_cell(table, state->agents.working_after_call, CYAN);
}

int queues_run(struct cli *cli, int argc, char **argv)
{
	struct cli_table table = {0};
	int status = cli_connect(cli);
	if (status)
		return status;
	HEAD(&table, "QUEUE", "WAITING", "LONGEST", "LOGGED ON", "READY", "BUSY", "NOT READY",
	     "AFTER CALL");
	return show(cli, "queue", argc ? argv[0] : NULL, queue_row, &table, "No queues.");
}

/* ---- status
 * --------------------------------------------------------------------------------------- */

static void stream_json(void *arg, const struct cti_stream *stream)
{
	json_t *line = json_pack("{ss ss ss ss ss sI}", "server", arg, "tenant", stream->tenant,
	                         "switch", stream->switch_name, "link", stream->link, "epoch",
	                         stream->epoch, "sequence", (json_int_t)stream->sequence);
	char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	if (text)
		puts(text);
	free(text);
	json_decref(line);
}

static void stream_row(void *arg, const struct cti_stream *stream)
{
	struct cli_table *table = arg;
	bool up = !strcmp(stream->link, "up");
	cli_cell(table, BOLD, "%s", stream->switch_name);
	cli_cell(table, PLAIN, "%s", stream->tenant);
	cli_cell(table, up ? GREEN : RED, "%s", stream->link);
	cli_cell(table, PLAIN, "%" PRIu64, stream->sequence);
	cli_cell(table, DIM, "%s", stream->epoch);
}

int status_run(struct cli *cli, int argc, char **argv)
{
	struct cli_table table = {0};
	char name[256];
	(void)argc, (void)argv;
	int status = cli_connect(cli);
	if (status)
		return status;
	snprintf(name, sizeof name, "%s", cti_client_server(cli->client));
	if (cli->json) {
		cti_client_streams(cli->client, stream_json, name);
		return CLI_OK;
	}
	fputs("Server ", stdout);
	cli_text(stdout, name);
	printf(" at %s\n", cli->server ? cli->server : CTI_ENDPOINT);
	HEAD(&table, "SWITCH", "TENANT", "LINK", "EVENTS", "EPOCH");
	cti_client_streams(cli->client, stream_row, &table);
	cli_table_print(cli, &table, "It has no switches for you.");
	cli_table_free(&table);
	return CLI_OK;
}
