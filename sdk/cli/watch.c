/* SPDX-License-Identifier: Apache-2.0 */
#include "sdk/cli/cli.h"

#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static volatile sig_atomic_t stopped;

static void stop(int number)
{
	(void)number;
	stopped = 1;
}

/* "10:04:05  ringing    +8675588880001 rings at 2003, having dialled 3000" */
static void event_print(struct cli *cli, const struct cti_event *event)
{
	char clock[9];
	cli_clock(clock, event->time_us);
	printf("%s%s%s  ", cli_colour(cli, DIM), clock, cli_colour(cli, PLAIN));
	if (!cli->switch_name && cli->arg) /* several switches */
		printf("%-8s", event->switch_name ? event->switch_name : "");
	printf("%s%-16s%s ", cli_colour(cli, cli_event_colour(event->type)),
	       cti_event_phase(event->type), cli_colour(cli, PLAIN));
	cli_sentence(stdout, event);
	if (event->connection.call_id) {
		printf("  %scall ", cli_colour(cli, DIM));
		cli_text(stdout, event->connection.call_id);
		fputs(cli_colour(cli, PLAIN), stdout);
	}
	putchar('\n');
}

static void event_came(struct cli *cli, const struct cti_event *event)
{
	if (stopped)
		return;
	if (cli->json) {
		char *json = cti_event_json(event);
		puts(json ? json : "{}");
		free(json);
	} else {
		event_print(cli, event);
	}
	fflush(stdout);
	if (cli->count && !--cli->count)
		stopped = 1;
}

static void stream_count(void *arg, const struct cti_stream *stream)
{
	(void)stream;
	++*(unsigned *)arg;
}

int watch_run(struct cli *cli, int argc, char **argv)
{
	const char *asked = argc ? argv[0] : "all";
	char filter[300];
	unsigned streams = 0;
	snprintf(filter, sizeof filter, "%s%s",
	         strchr(asked, '/') || !strcmp(asked, "all") ? "" : "device/", asked);
	int status = cli_connect(cli);
	if (status)
		return status;
	cti_client_streams(cli->client, stream_count, &streams);
	cli->arg = streams > 1 ? cli : NULL;
	cli->on_event = event_came;
	/* Without SA_RESTART: the wait ends. */
	struct sigaction action = {.sa_handler = stop};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	status = cli_subscribe(cli, filter);
	if (status)
		return status;
	if (!cli->json)
		fprintf(stderr, "%sWatching %s at %s. Ctrl-C ends.%s\n", cli_colour(cli, DIM),
		        filter, cti_client_server(cli->client), cli_colour(cli, PLAIN));
	bool ready = true;
	while (!stopped && !ferror(stdout)) {
		if (cti_dispatch(cli->client, 1000) < 0)
			return cli_fail(cli, CLI_SERVER, "cannot go on");
		if (cli->ready != ready)
			fprintf(stderr, "%s%s%s\n", cli_colour(cli, DIM),
			        cli->ready ? "connected again" : cli->why.text,
			        cli_colour(cli, PLAIN));
		ready = cli->ready;
		if (cti_client_state(cli->client) == CTI_CLIENT_REFUSED)
			return CLI_SERVER;
	}
	return CLI_OK;
}
