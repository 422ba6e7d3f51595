/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/cli/cli.h"
#include "sdk/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PASSWORD_MAX 256

static void state_changed(void *arg, enum cti_client_state state, const struct cti_error *why)
{
	struct cli *cli = arg;
	cli->ready = state == CTI_CLIENT_READY;
	cli->lost = state == CTI_CLIENT_WAITING || state == CTI_CLIENT_REFUSED;
	cli->why = why ? *why : (struct cti_error){0};
}

static void event_came(void *arg, const struct cti_event *event)
{
	struct cli *cli = arg;
	if (cli->on_event)
		cli->on_event(cli, event);
}

static void snapshot_came(void *arg, const struct cti_state *state)
{
	struct cli *cli = arg;
	if (cli->on_snapshot && state->json)
		cli->on_snapshot(cli, state);
}

/* ---- The password ------------------------------------------------------------------------- */

/* First line of a stream, without its end; false: there is none, or it is too long. */
static bool line_read(FILE *from, char out[PASSWORD_MAX])
{
	if (!fgets(out, PASSWORD_MAX, from))
		return false;
	size_t length = strcspn(out, "\r\n");
	bool whole = out[length] || feof(from);
	out[length] = '\0';
	return whole;
}

static bool password_ask(const struct cli *cli, char out[PASSWORD_MAX])
{
	struct termios old, quiet;
	FILE *terminal = fopen("/dev/tty", "r+e");
	if (!terminal)
		return false;
	fprintf(terminal, "Password of %s: ", cli->user);
	fflush(terminal);
	bool asked = !tcgetattr(fileno(terminal), &old);
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	asked = asked && !tcsetattr(fileno(terminal), TCSAFLUSH, &quiet);
	bool read = asked && line_read(terminal, out);
	if (asked)
		tcsetattr(fileno(terminal), TCSAFLUSH, &old);
	fputc('\n', terminal);
	fclose(terminal);
	return read;
}

/* From the environment, a file, or the person; without a user there is none. */
static int password_get(struct cli *cli, char out[PASSWORD_MAX])
{
	const char *given = getenv("CTI_PASSWORD");
	if (cli->password_file) {
		FILE *file = fopen(cli->password_file, "re");
		bool read = file && line_read(file, out);
		if (file)
			fclose(file);
		return read ? CLI_OK
		            : cli_fail(cli, CLI_USAGE, "%s: %s", cli->password_file,
		                       file ? "expected one line" : strerror(errno));
	}
	if (given)
		snprintf(out, PASSWORD_MAX, "%s", given);
	else if (cli->user && !cli->server_key && !password_ask(cli, out))
		return cli_fail(cli, CLI_USAGE,
		                "no password: set CTI_PASSWORD, or use --password-file");
	return CLI_OK;
}

/* ---- The connection -------------------------------------------------------------------------- */

int cli_connect(struct cli *cli)
{
	char password[PASSWORD_MAX] = "";
	int status = password_get(cli, password);
	if (status)
		return status;
	const struct cti_client_options options = {
	        .endpoint = cli->server,
	        .user = cli->user,
	        .password = *password ? password : NULL,
	        .server_key = cli->server_key,
	        .name = "cti/" CTI_VERSION,
	        .switch_name = cli->switch_name,
	        .request_timeout_ms = cli->timeout_ms,
	        .handlers = {state_changed, event_came, snapshot_came},
	        .arg = cli,
	};
	struct cti_error error;
	int code = cti_client_create(&cli->client, &options, &error);
	explicit_bzero(password, sizeof password);
	code = code ? code : cti_connect(cli->client, &error);
	if (code)
		return cli_fail(cli, code == CTI_E_INVALID ? CLI_USAGE : CLI_SERVER, "%s",
		                error.text);
	while (!cli->ready && !cli->lost)
		if (cti_dispatch(cli->client, -1) < 0)
			break;
	return cli->ready ? CLI_OK : cli_fail(cli, CLI_SERVER, "%s", cli->why.text);
}

int cli_status_of(int code)
{
	switch (code) {
	case 0:
		return CLI_OK;
	case CTI_E_UNKNOWN_OUTCOME:
		return CLI_UNKNOWN;
	case CTI_E_AUTH:
	case CTI_E_CLOSED:
	case CTI_E_IO:
	case CTI_E_TIMEOUT:
		return CLI_SERVER;
	}
	return CLI_REFUSED;
}

static void subscribed(void *arg, const struct cti_error *error)
{
	struct cli *cli = arg;
	cli->confirmed = true;
	cli->why = error ? *error : (struct cti_error){0};
}

int cli_subscribe(struct cli *cli, const char *filter)
{
	cli->confirmed = false;
	int number = cti_subscribe(cli->client, filter, cli->switch_name, subscribed, cli);
	if (number < 0)
		return cli_fail(cli, CLI_USAGE, "%s: no such filter", filter);
	while (!cli->confirmed && !cli->lost)
		if (cti_dispatch(cli->client, -1) < 0)
			break;
	if (cli->lost || cli->why.code)
		return cli_fail(cli, cli->lost ? CLI_SERVER : CLI_REFUSED, "%s", cli->why.text);
	return CLI_OK;
}

void cli_reply_json(const struct cti_reply *reply)
{
	struct cti_text text = {0};
	if (!cti_wire_reply_write(&text, "", reply))
		puts(text.data);
	cti_text_free(&text);
}

int cli_ask(struct cli *cli, const struct cti_request *request, struct cti_reply **reply)
{
	struct cti_error error;
	int code = cti_call_wait(cli->client, request, reply, &error);
	if (!code)
		return CLI_OK;
	if (cli->json && *reply)
		cli_reply_json(*reply);
	const char *value = *reply && (*reply)->value ? (*reply)->value : "";
	cli_fail(cli, cli_status_of(code), "%s%s%s%s", error.text, *value ? " (" : "", value,
	         *value ? ")" : "");
	free(*reply);
	*reply = NULL;
	return cli_status_of(code);
}
