/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/cli/cli.h"

#include <getopt.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int help_run(struct cli *cli, int argc, char **argv);

const struct cli_command cli_commands[] = {
        {"watch", "[FILTER]", "see what happens, as it happens",
         "FILTER: all (the default), device/2001 or just 2001, device/*, agent/7001, agent/*,\n"
         "queue/3000, queue/*, interaction/ID. Goes on until Ctrl-C, or --count events.\n",
         0, 1, watch_run},
        {"calls", "[DEVICE]", "the calls there are, or those at a device", "", 0, 1, calls_run},
        {"devices", "[DEVICE]", "the devices, who is logged on there and what they do", "", 0, 1,
         devices_run},
        {"agents", "[AGENT]", "the agents and their states", "", 0, 1, agents_run},
        {"queues", "[QUEUE]", "the queues: who waits, who could answer", "", 0, 1, queues_run},
        {"status", "", "the server and its switches", "", 0, 0, status_run},
        {"call", "FROM TO", "make device FROM call TO",
         "FROM goes off hook by itself; with --prompt it rings first and dials when lifted.\n", 2,
         2, call_run},
        {"answer", "DEVICE", "answer the call that rings at a device", "", 1, 1, on_call_run},
        {"hangup", "DEVICE", "hang up a device's call", "", 1, 1, on_call_run},
        {"hold", "DEVICE", "put a device's call on hold", "", 1, 1, on_call_run},
        {"retrieve", "DEVICE", "take a held call back", "", 1, 1, on_call_run},
        {"consult", "DEVICE TO", "hold the call and call TO", "", 2, 2, on_call_run},
        {"transfer", "DEVICE [TO]", "connect the held with the active call, or the call with TO",
         "Without TO: after a consultation, the two others talk and DEVICE is free.\n"
         "With TO: at once, without consultation.\n",
         1, 2, on_call_run},
        {"conference", "DEVICE", "make one call of the held and the active one", "", 1, 1,
         on_call_run},
        {"alternate", "DEVICE", "swap the held and the active call", "", 1, 1, on_call_run},
        {"reconnect", "DEVICE", "hang up the active call and take the held one back", "", 1, 1,
         on_call_run},
        {"deflect", "DEVICE TO", "send the call that rings at a device to TO", "", 2, 2,
         on_call_run},
        {"pickup", "DEVICE [RINGING]", "answer at DEVICE what rings at RINGING, or in its group",
         "", 1, 2, pickup_run},
        {"agent", "AGENT STATE", "change an agent's state",
         "STATE: login, logout, ready, notready or wrapup.\n"
         "--device says where the agent sits (if he is logged on, it is known), --group which\n"
         "group, --reason why. A password the switch wants: CTI_AGENT_PASSWORD.\n",
         2, 2, agent_run},
        {"attach", "DEVICE KEY=VALUE...", "attach data to a contact",
         "DEVICE: where the contact is now, or the id of its interaction.\n"
         "The data follows the customer through transfers. KEY= takes a key away.\n",
         2, -1, attach_run},
        {"request", "SERVICE [JSON]", "ask for any service of ECMA-269, by its name",
         "JSON: what ECMA-269 has in the request, in the form of `csta convert --to json`, whose\n"
         "`csta list` names the services: cti request SetDoNotDisturb \\\n"
         "'{\"device\":{\"deviceIdentifier\":{\"dialingNumber\":\"2001\"}},\"doNotDisturbOn\":true}"
         "'\n",
         1, 2, request_run},
        {"asyncapi", "", "describe topics, messages and the session, for programs",
         "An AsyncAPI 3 document (JSON) of what clients and the server say to each other over "
         "MQTT\n"
         "and ZeroMQ. Needs no server.\n",
         0, 0, asyncapi_run},
        {"help", "[COMMAND]", "what a command does", "", 0, 1, help_run},
        {NULL},
};

static const struct option options[] = {
        {"server", required_argument, NULL, 's'},
        {"user", required_argument, NULL, 'u'},
        {"password-file", required_argument, NULL, 'p'},
        {"server-key", required_argument, NULL, 'k'},
        {"switch", required_argument, NULL, 'w'},
        {"json", no_argument, NULL, 'j'},
        {"prompt", no_argument, NULL, 'P'},
        {"colour", required_argument, NULL, 'C'},
        {"color", required_argument, NULL, 'C'},
        {"timeout", required_argument, NULL, 't'},
        {"count", required_argument, NULL, 'n'},
        {"call", required_argument, NULL, 'c'},
        {"device", required_argument, NULL, 'd'},
        {"group", required_argument, NULL, 'g'},
        {"reason", required_argument, NULL, 'r'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
};

static const char options_text[] =
        "Options:\n"
        "  -s, --server ENDPOINT   default: $CTI_SERVER or " CTI_ENDPOINT "\n"
        "  -u, --user NAME         default: $CTI_USER; password: $CTI_PASSWORD, file, or asked "
        "for\n"
        "  -p, --password-file FILE\n"
        "  -k, --server-key KEY    the server's CURVE key: encrypts\n"
        "  -w, --switch NAME       where there are several\n"
        "  -j, --json              one JSON object a line\n"
        "      --colour WHEN       auto, always, never\n"
        "  -t, --timeout SECONDS   of a request, default 10\n"
        "  -n, --count N           watch: end after N events\n"
        "  -c, --call ID           which call, where a device has several\n"
        "      --prompt            call: FROM rings first\n"
        "  -d, --device, -g, --group, -r, --reason   see `cti help agent`\n"
        "Exit status: 0 done, 1 refused or not there, 2 usage, 3 server not reached, 4 outcome "
        "unknown.\n";

int cli_fail(struct cli *cli, int status, const char *format, ...)
{
	va_list arguments;
	char text[512];
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	fflush(stdout);
	fprintf(stderr, "cti%s%s: ", cli->command ? " " : "",
	        cli->command ? cli->command->name : "");
	cli_text(stderr, text);
	fputc('\n', stderr);
	cli->status = cli->status ? cli->status : status;
	return status;
}

static void usage(FILE *out)
{
	fputs("Usage: cti [OPTIONS] COMMAND\n\n", out);
	for (const struct cli_command *command = cli_commands; command->name; command++) {
		int width = fprintf(out, "  cti %s %s", command->name, command->arguments);
		fprintf(out, "%*s%s\n", width < 34 ? 34 - width : 1, "", command->summary);
	}
	fprintf(out, "\n%s", options_text);
}

static void command_usage(const struct cli_command *command, FILE *out)
{
	fprintf(out, "Usage: cti %s %s\n%s.\n%s", command->name, command->arguments,
	        command->summary, command->text);
}

/* How many letters must change, come or go (Levenshtein). */
static size_t distance(const char *a, const char *b)
{
	size_t row[32], columns = strlen(b);
	if (columns >= sizeof row / sizeof *row)
		return columns;
	for (size_t k = 0; k <= columns; k++)
		row[k] = k;
	for (size_t i = 1; *a; a++, i++) {
		size_t corner = row[0];
		row[0] = i;
		for (size_t k = 1; k <= columns; k++) {
			size_t change = corner + (*a != b[k - 1]);
			corner = row[k];
			row[k] = row[k] < row[k - 1] ? row[k] + 1 : row[k - 1] + 1;
			row[k] = change < row[k] ? change : row[k];
		}
	}
	return row[columns];
}

static const struct cli_command *command_find(struct cli *cli, const char *name)
{
	const struct cli_command *nearest = NULL;
	size_t least = 3; /* further away it is no typing error */
	for (const struct cli_command *command = cli_commands; command->name; command++) {
		size_t away = distance(name, command->name);
		if (!away)
			return command;
		if (away < least) {
			least = away;
			nearest = command;
		}
	}
	if (nearest)
		cli_fail(cli, CLI_USAGE, "there is no '%s'. Did you mean '%s'?", name,
		         nearest->name);
	else
		cli_fail(cli, CLI_USAGE, "there is no '%s'. `cti help` lists the commands", name);
	return NULL;
}

static int help_run(struct cli *cli, int argc, char **argv)
{
	if (!argc) {
		usage(stdout);
		return CLI_OK;
	}
	const struct cli_command *command = command_find(cli, argv[0]);
	if (!command)
		return CLI_USAGE;
	command_usage(command, stdout);
	return CLI_OK;
}

/* A number above 0, or 0 if it is none. */
static long number_read(const char *text, double scale)
{
	char *end;
	double value = strtod(text, &end);
	return *end || !(value > 0) || value * scale > 1e9 ? 0 : (long)(value * scale);
}

static bool colour_read(struct cli *cli, const char *when)
{
	if (strcmp(when, "auto") != 0 && strcmp(when, "always") != 0 && strcmp(when, "never") != 0)
		return false;
	cli->colour = *when != 'n' && (when[1] == 'l' || cli->colour);
	return true;
}

/* 0, or CLI_USAGE; help and version end the program. */
static int option_read(struct cli *cli, int option, bool *help)
{
	const char **words[] = {
	        ['s'] = &cli->server,     ['u'] = &cli->user,        ['p'] = &cli->password_file,
	        ['k'] = &cli->server_key, ['w'] = &cli->switch_name, ['c'] = &cli->call,
	        ['d'] = &cli->device,     ['g'] = &cli->group,       ['r'] = &cli->reason};
	switch (option) {
	case 'j':
		cli->json = true;
		return 0;
	case 'P':
		cli->prompt = true;
		return 0;
	case 't':
		cli->timeout_ms = (unsigned)number_read(optarg, 1000);
		return cli->timeout_ms
		               ? 0
		               : cli_fail(cli, CLI_USAGE,
		                          "--timeout %s: expected a number of seconds", optarg);
	case 'n':
		cli->count = number_read(optarg, 1);
		return cli->count ? 0
		                  : cli_fail(cli, CLI_USAGE, "--count %s: expected a number from 1",
		                             optarg);
	case 'C':
		return colour_read(cli, optarg)
		               ? 0
		               : cli_fail(cli, CLI_USAGE,
		                          "--colour %s: expected auto, always or never", optarg);
	case 'h':
		*help = true;
		return 0;
	case 'V':
		puts("cti " CTI_VERSION);
		exit(CLI_OK);
	case '?':
		fputs("`cti help` lists the options.\n", stderr);
		return CLI_USAGE;
	}
	*words[option] = optarg;
	return 0;
}

static int command_run(struct cli *cli, int argc, char **argv)
{
	const struct cli_command *command = cli->command;
	if (argc < command->least || (command->most >= 0 && argc > command->most)) {
		cli_fail(cli, CLI_USAGE, "%s",
		         argc < command->least ? "something is missing" : "too many arguments");
		command_usage(command, stderr);
		return CLI_USAGE;
	}
	int status = command->run(cli, argc, argv);
	cti_client_destroy(&cli->client);
	if (fflush(stdout) || ferror(stdout))
		return cli_fail(cli, CLI_REFUSED, "cannot write to standard output");
	return status ? status : cli->status;
}

int main(int argc, char **argv)
{
	struct cli cli = {
	        .server = getenv("CTI_SERVER"),
	        .user = getenv("CTI_USER"),
	        .colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
	};
	bool help = false;
	int option;
	setlocale(LC_CTYPE, "");
	while ((option = getopt_long(argc, argv, "s:u:p:k:w:jt:n:c:d:g:r:hV", options, NULL)) != -1)
		if (option_read(&cli, option, &help))
			return CLI_USAGE;
	if (optind == argc) {
		usage(help ? stdout : stderr);
		return help ? CLI_OK : CLI_USAGE;
	}
	cli.command = command_find(&cli, argv[optind]);
	if (!cli.command)
		return CLI_USAGE;
	if (help) {
		command_usage(cli.command, stdout);
		return CLI_OK;
	}
	return command_run(&cli, argc - optind - 1, argv + optind + 1);
}
