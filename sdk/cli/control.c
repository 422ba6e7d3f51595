/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Call control. A person names a device; which of its calls is meant follows from what shall be
 * done: only a ringing call can be answered, only a held one retrieved. The switch itself is
 * asked for the device's calls (SnapshotDevice), so that it is right at this moment.
 */
#include "sdk/cli/cli.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- Answers ----------------------------------------------------------------------------------
 */

/* Ask, and say that it was done. */
static int do_it(struct cli *cli, const struct cti_request *request, const char *done)
{
	struct cti_reply *reply = NULL;
	int status = cli_ask(cli, request, &reply);
	if (status)
		return status;
	if (cli->json) {
		cli_reply_json(reply);
	} else {
		cli_text(stdout, done);
		if (reply->connection.call_id) {
			fputs(": call ", stdout);
			cli_text(stdout, reply->connection.call_id);
		}
		putchar('\n');
	}
	free(reply);
	return CLI_OK;
}

/* ---- The device's calls -------------------------------------------------------------------------
 */

/* Bit of each connection state. */
#define IN(state) (1u << CTI_CONNECTION_##state)
#define NO_CALL   0

/* What each command wants: the call in one of these states, tried from left to right. */
static const struct verb {
	const char *command;
	enum cti_service service;
	unsigned wanted[4]; /* of the call; ends with 0 */
	bool held;          /* and a held one beside it */
	const char *what;   /* that is missing, where it is */
	const char *done;   /* %s: the device, then the destination */
} verbs[] = {
        {"answer",
         CTI_SERVICE_ANSWER_CALL,
         {IN(ALERTING), IN(INITIATED)},
         false,
         "rings",
         "%s answers"},
        {"hangup",
         CTI_SERVICE_CLEAR_CONNECTION,
         {IN(CONNECTED), IN(INITIATED) | IN(FAIL), IN(ALERTING), IN(HOLD) | IN(QUEUED)},
         false,
         "is there",
         "%s hangs up"},
        {"hold", CTI_SERVICE_HOLD_CALL, {IN(CONNECTED)}, false, "is connected", "%s holds"},
        {"retrieve", CTI_SERVICE_RETRIEVE_CALL, {IN(HOLD)}, false, "is held", "%s has it back"},
        {"consult",
         CTI_SERVICE_CONSULTATION_CALL,
         {IN(CONNECTED)},
         false,
         "is connected",
         "%s calls %s"},
        {"transfer",
         CTI_SERVICE_TRANSFER_CALL,
         {IN(CONNECTED), IN(INITIATED) | IN(ALERTING)},
         true,
         "is connected",
         "%s has transferred"},
        {"transfer",
         CTI_SERVICE_SINGLE_STEP_TRANSFER_CALL,
         {IN(CONNECTED)},
         false,
         "is connected",
         "%s has transferred to %s"},
        {"conference",
         CTI_SERVICE_CONFERENCE_CALL,
         {IN(CONNECTED)},
         true,
         "is connected",
         "%s has joined them"},
        {"alternate",
         CTI_SERVICE_ALTERNATE_CALL,
         {IN(CONNECTED)},
         true,
         "is connected",
         "%s has the other"},
        {"reconnect",
         CTI_SERVICE_RECONNECT_CALL,
         {IN(CONNECTED), IN(INITIATED) | IN(ALERTING) | IN(FAIL)},
         true,
         "is connected",
         "%s has the first one back"},
        {"deflect",
         CTI_SERVICE_DEFLECT_CALL,
         {IN(ALERTING), IN(QUEUED)},
         false,
         "rings",
         "%s sends it to %s"},
};

static const struct cti_connection *pick(const struct cli *cli, const struct cti_reply *snapshot,
                                         const unsigned *wanted, size_t count,
                                         const struct cti_connection *other)
{
	for (size_t w = 0; w < count; w++)
		for (size_t i = 0; i < snapshot->snapshot_count; i++) {
			const struct cti_connection *call = &snapshot->snapshot[i].connection;
			bool named =
			        !cli->call || (call->call_id && !strcmp(call->call_id, cli->call));
			/* --call names the active one of two. */
			if (call != other && (named || (cli->call && wanted[w] == IN(HOLD))) &&
			    call->state >= 0 && wanted[w] & 1u << call->state)
				return call;
		}
	return NULL;
}

/* The calls of a device; NULL: said why not. */
static struct cti_reply *snapshot_ask(struct cli *cli, const char *device, int *status)
{
	struct cti_request request;
	struct cti_reply *reply = NULL;
	cti_request_init(&request, CTI_SERVICE_SNAPSHOT_DEVICE);
	request.device = device;
	*status = cli_ask(cli, &request, &reply);
	return reply;
}

static const struct verb *verb_of(const struct cli *cli, int argc)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (!strcmp(verbs[i].command, cli->command->name))
			return &verbs[i +
			              (verbs[i].service == CTI_SERVICE_TRANSFER_CALL && argc == 2)];
	return NULL;
}

int on_call_run(struct cli *cli, int argc, char **argv)
{
	const struct verb *verb = verb_of(cli, argc);
	const unsigned held_state = IN(HOLD);
	struct cti_request request;
	char done[256];
	int status = cli_connect(cli);
	struct cti_reply *snapshot = status ? NULL : snapshot_ask(cli, argv[0], &status);
	if (!snapshot)
		return status;
	cti_request_init(&request, verb->service);
	const struct cti_connection *held =
	        verb->held ? pick(cli, snapshot, &held_state, 1, NULL) : NULL;
	const struct cti_connection *call =
	        pick(cli, snapshot, verb->wanted, sizeof verb->wanted / sizeof *verb->wanted, held);
	if (!call || (verb->held && !held)) {
		status = cli_fail(cli, CLI_REFUSED, "no call %s at %s",
		                  call ? "is held" : verb->what, argv[0]);
	} else {
		request.connection = *call;
		if (held)
			request.held = *held;
		request.destination = argc > 1 ? argv[1] : NULL;
		/* The table's own formats, with a destination where there is one to name. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(done, sizeof done, verb->done, argv[0], argc > 1 ? argv[1] : "");
#pragma GCC diagnostic pop
		status = do_it(cli, &request, done);
	}
	free(snapshot);
	return status;
}

int call_run(struct cli *cli, int argc, char **argv)
{
	struct cti_request request;
	char done[256];
	(void)argc;
	int status = cli_connect(cli);
	if (status)
		return status;
	cti_request_init(&request, CTI_SERVICE_MAKE_CALL);
	request.device = argv[0];
	request.destination = argv[1];
	request.do_not_prompt = !cli->prompt;
	snprintf(done, sizeof done, "%s calls %s", argv[0], argv[1]);
	return do_it(cli, &request, done);
}

int pickup_run(struct cli *cli, int argc, char **argv)
{
	static const unsigned wanted[] = {IN(ALERTING), IN(QUEUED)};
	struct cti_request request;
	char done[256];
	struct cti_reply *snapshot = NULL;
	int status = cli_connect(cli);
	if (status)
		return status;
	snprintf(done, sizeof done, "%s picks up", argv[0]);
	cti_request_init(&request, CTI_SERVICE_GROUP_PICKUP_CALL);
	request.device = argv[0];
	request.group = cli->group;
	if (argc == 2) {
		snapshot = snapshot_ask(cli, argv[1], &status);
		if (!snapshot)
			return status;
		const struct cti_connection *call = pick(cli, snapshot, wanted, 2, NULL);
		if (!call) {
			free(snapshot);
			return cli_fail(cli, CLI_REFUSED, "no call rings at %s", argv[1]);
		}
		request.service = CTI_SERVICE_DIRECTED_PICKUP_CALL;
		request.connection = *call;
		request.group = NULL;
	}
	status = do_it(cli, &request, done);
	free(snapshot);
	return status;
}

/* ---- Agents
 * ---------------------------------------------------------------------------------------- */

static void device_keep(struct cli *cli, const struct cti_state *state)
{
	free(cli->found);
	cli->found = state->device ? strdup(state->device) : NULL;
}

/* Where an agent sits; NULL: said why it is not known. */
static char *agent_device(struct cli *cli, const char *agent, int *status)
{
	char filter[300];
	snprintf(filter, sizeof filter, "agent/%s", agent);
	cli->on_snapshot = device_keep;
	*status = cli_subscribe(cli, filter);
	cli->on_snapshot = NULL;
	if (!*status && !cli->found)
		*status = cli_fail(cli, CLI_REFUSED,
		                   "it is not known where agent %s sits: use --device", agent);
	return cli->found;
}

int agent_run(struct cli *cli, int argc, char **argv)
{
	static const struct {
		const char *word, *done;
		enum cti_requested_agent_state state;
	} rows[] = {
	        {"login", "logs on", CTI_REQUEST_LOGGED_ON},
	        {"logout", "logs off", CTI_REQUEST_LOGGED_OFF},
	        {"ready", "is ready", CTI_REQUEST_READY},
	        {"notready", "is not ready", CTI_REQUEST_NOT_READY},
	        {"wrapup", "does after-call work", CTI_REQUEST_WORKING_AFTER_CALL},
	};
	struct cti_request request;
	char done[256] = "", *device = NULL;
	(void)argc;
	cti_request_init(&request, CTI_SERVICE_SET_AGENT_STATE);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!strcmp(argv[1], rows[i].word)) {
			request.agent_state = rows[i].state;
			snprintf(done, sizeof done, "Agent %s %s", argv[0], rows[i].done);
		}
	if (!*done)
		return cli_fail(cli, CLI_USAGE,
		                "%s: expected login, logout, ready, notready or wrapup", argv[1]);
	int status = cli_connect(cli);
	if (status)
		return status;
	if (!cli->device && !(device = agent_device(cli, argv[0], &status)))
		return status;
	request.device = cli->device ? cli->device : device;
	request.agent_id = argv[0];
	request.password = getenv("CTI_AGENT_PASSWORD");
	request.group = cli->group;
	request.reason = cli->reason;
	status = do_it(cli, &request, done);
	free(device);
	return status;
}

/* ---- Data
 * ------------------------------------------------------------------------------------------- */

static void interaction_keep(struct cli *cli, const struct cti_state *state)
{

	for (size_t i = 0; i < state->call_count; i++) {
		const struct cti_call *call = &state->calls[i];
		bool named = !cli->call || (call->connection.call_id &&
		                            !strcmp(call->connection.call_id, cli->call));
		if (!call->interaction_id || !named)
			continue;
		/* The one that is talked to, or else any. */
		if (cli->found && call->connection.state != CTI_CONNECTION_CONNECTED)
			continue;
		free(cli->found);
		cli->found = strdup(call->interaction_id);
	}
}

/* A ULID is 26 letters and digits; no device number is that long. */
static bool is_interaction(const char *text)
{
	size_t length = 0;
	while (isalnum((unsigned char)text[length]))
		length++;
	return length == 26 && !text[length];
}

static char *interaction_find(struct cli *cli, const char *device, int *status)
{
	char filter[300];
	snprintf(filter, sizeof filter, "device/%s", device);
	cli->on_snapshot = interaction_keep;

	*status = cli_subscribe(cli, filter);
	if (!*status && !cli->found)
		*status = cli_fail(cli, CLI_REFUSED, "no call is there at %s", device);
	return cli->found;
}

struct attaching {
	struct cli *cli;
	bool done;
};

static void attached(void *arg, const struct cti_reply *reply)
{
	struct attaching *attaching = arg;
	struct cli *cli = attaching->cli;
	attaching->done = true;
	if (cli->json)
		cli_reply_json(reply);
	if (reply->code)
		cli_fail(cli, cli_status_of(reply->code), "%s",
		         reply->text ? reply->text : cti_strerror(reply->code));
	else if (!cli->json)
		puts("Attached");
}

int attach_run(struct cli *cli, int argc, char **argv)
{
	struct attaching attaching = {cli, false};
	struct cti_pair *pairs = calloc((size_t)argc, sizeof *pairs);
	char *found = NULL;
	int status = pairs ? CLI_OK : cli_fail(cli, CLI_REFUSED, "out of memory");
	for (int i = 1; !status && i < argc; i++) {
		char *equals = strchr(argv[i], '=');
		if (!equals || equals == argv[i]) {
			status = cli_fail(cli, CLI_USAGE, "%s: expected KEY=VALUE", argv[i]);
			break;
		}
		*equals = '\0';
		pairs[i - 1] = (struct cti_pair){argv[i], equals + 1};
	}
	status = status ? status : cli_connect(cli);
	if (!status && !is_interaction(argv[0]))
		found = interaction_find(cli, argv[0], &status);
	if (!status) {
		int code = cti_attach_data(cli->client, found ? found : argv[0], pairs,
		                           (size_t)argc - 1, attached, &attaching);
		if (code)
			status = cli_fail(cli, CLI_REFUSED, "%s", cti_strerror(code));
	}
	while (!status && !attaching.done)
		if (cti_dispatch(cli->client, -1) < 0)
			status = CLI_SERVER;
	free(found);
	free(pairs);
	return status ? status : cli->status;
}

/* ---- Anything else ----------------------------------------------------------------------------
 */

int request_run(struct cli *cli, int argc, char **argv)
{
	struct cti_request request;
	struct cti_reply *reply = NULL;
	cti_request_init(&request, CTI_SERVICE_OTHER);
	request.element = argv[0];
	request.message = argc > 1 ? argv[1] : "{}";
	int status = cli_connect(cli);
	if (!status)
		status = cli_ask(cli, &request, &reply);
	if (status)
		return status;
	if (cli->json)
		cli_reply_json(reply);
	else
		puts(reply->message ? reply->message : "done");
	free(reply);
	return CLI_OK;
}
