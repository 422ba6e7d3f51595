/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Click to dial: one telephone calls another, and the terminal shows how far it got.
 *
 *     click-to-dial 2001 3000
 *
 * Ctrl-C hangs up. Exit status: 0 answered, 1 not answered, 2 usage.
 */
#include <cti/client.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct dial {
	struct cti_client *client;
	const char *from, *to;
	char request[48]; /* id of our request: the events of our call carry it, others' do not */
	char call[128];   /* id of our call; "": not known yet */
	bool no_prompt;
	int status; /* -1: it goes on */
};

static bool same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

static void end(struct dial *dial, int status, const char *what, const char *why)
{
	printf("%s%s%s\n", what, why && *why ? ": " : "", why ? why : "");
	dial->status = status;
}

static void on_event(void *arg, const struct cti_event *event)
{
	struct dial *dial = arg;
	const char *call = event->connection.call_id, *cause = event->cause;
	const char *where = event->subject.number ? event->subject.number : dial->to;
	bool from = same(event->connection.device_id, dial->from);

	if (!*dial->call && call && same(event->request_id, dial->request))
		snprintf(dial->call, sizeof dial->call, "%s", call);
	if (dial->status >= 0 || !*dial->call || !same(call, dial->call))
		return;
	if (event->type == CTI_EVENT_CALL_SERVICE_INITIATED)
		printf("%s: lift the receiver\n", dial->from);
	else if (event->type == CTI_EVENT_CALL_ORIGINATED)
		printf("%s: dialled %s\n", dial->from, dial->to);
	else if (event->type == CTI_EVENT_CALL_DELIVERED && event->flags & CTI_EVENT_DISTRIBUTION)
		printf("%s: looks for somebody\n", where);
	else if (event->type == CTI_EVENT_CALL_DELIVERED)
		printf("%s: rings\n", where);
	else if (event->type == CTI_EVENT_CALL_QUEUED && event->calls_in_front > 0)
		printf("%s: queued, %d before us\n", where, event->calls_in_front);
	else if (event->type == CTI_EVENT_CALL_QUEUED)
		printf("%s: queued\n", where);
	else if (event->type == CTI_EVENT_CALL_NETWORK_REACHED)
		printf("%s: outside\n", dial->to);
	else if (event->type == CTI_EVENT_CALL_ESTABLISHED && !from)
		end(dial, 0, "answered", where);
	else if (event->type == CTI_EVENT_CALL_FAILED)
		end(dial, 1, "failed", cause);
	else if (event->type == CTI_EVENT_CALL_CLEARED ||
	         (event->type == CTI_EVENT_CALL_CONNECTION_CLEARED && from))
		end(dial, 1, "not answered", cause);
}

static void on_reply(void *arg, const struct cti_reply *reply)
{
	struct dial *dial = arg;
	if (reply->code)
		end(dial, 1, "not made", reply->text);
	else if (!*dial->call && reply->connection.call_id)
		snprintf(dial->call, sizeof dial->call, "%s", reply->connection.call_id);
}

/** Nothing will be missed now: make the call. Again after a reconnect, hence the question. */
static void on_subscribed(void *arg, const struct cti_error *error)
{
	struct dial *dial = arg;
	struct cti_request request;
	cti_request_init(&request, CTI_SERVICE_MAKE_CALL);
	request.id = dial->request;
	request.device = dial->from;
	request.destination = dial->to;
	request.do_not_prompt = dial->no_prompt;
	if (error) {
		end(dial, 1, dial->from, error->text);
	} else if (!*dial->request) {
		snprintf(dial->request, sizeof dial->request, "click-%d-%lld", (int)getpid(),
		         (long long)time(NULL));
		int code = cti_request(dial->client, &request, on_reply, dial);
		if (code)
			end(dial, 1, "not made", cti_strerror(code));
	}
}

static void on_state(void *arg, enum cti_client_state state, const struct cti_error *why)
{
	struct dial *dial = arg;
	if (why)
		fprintf(stderr, "click-to-dial: %s\n", why->text);
	/* Lost in the middle of the call: the library gets what was missed. */
	if (state == CTI_CLIENT_REFUSED || (state == CTI_CLIENT_WAITING && !*dial->request))
		dial->status = 1;
}

static volatile sig_atomic_t stopped;
static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

/** The person changed his mind: take the call back. */
static void hang_up(struct dial *dial)
{
	struct cti_request request;
	struct cti_reply *reply = NULL;
	struct cti_error error;
	cti_request_init(&request, CTI_SERVICE_CLEAR_CONNECTION);
	request.connection.call_id = dial->call;
	request.connection.device_id = dial->from;
	if (*dial->call && cti_call_wait(dial->client, &request, &reply, &error))
		fprintf(stderr, "click-to-dial: not hung up: %s\n", error.text);
	free(reply);
}

static int usage(int status)
{
	fputs("usage: click-to-dial [OPTIONS] FROM TO\n"
	      "\n"
	      "  --server ENDPOINT  default: $CTI_SERVER, or " CTI_ENDPOINT "\n"
	      "  --switch NAME      where there are several\n"
	      "  --no-prompt        dial at once, FROM need not lift the receiver first\n"
	      "\n"
	      "$CTI_USER and $CTI_PASSWORD say who you are. Exit status: 0 answered, 1 not, 2 "
	      "usage.\n",
	      status ? stderr : stdout);
	return status;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"server", required_argument, NULL, 's'},
	                                        {"no-prompt", no_argument, NULL, 'n'},
	                                        {"switch", required_argument, NULL, 'w'},
	                                        {"help", no_argument, NULL, 'h'},
	                                        {0}};
	struct dial dial = {.status = -1};
	struct cti_client_options client = {.endpoint = getenv("CTI_SERVER"),
	                                    .user = getenv("CTI_USER"),
	                                    .password = getenv("CTI_PASSWORD"),
	                                    .name = "click-to-dial",
	                                    .handlers = {on_state, on_event, NULL},
	                                    .arg = &dial};
	struct cti_error error;
	for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
		if (option == 's')
			client.endpoint = optarg;
		else if (option == 'w')
			client.switch_name = optarg;
		else if (option == 'n')
			dial.no_prompt = true;
		else
			return usage(option == 'h' ? 0 : 2);
	}
	if (optind + 2 != argc)
		return usage(2);
	dial.from = argv[optind];
	dial.to = argv[optind + 1];
	setvbuf(stdout, NULL, _IOLBF, 0);

	char filter[80];
	struct sigaction action = {.sa_handler = on_signal};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	snprintf(filter, sizeof filter, "device/%s", dial.from);
	if (cti_client_create(&dial.client, &client, &error) || cti_connect(dial.client, &error)) {
		fprintf(stderr, "click-to-dial: %s\n", error.text);
		return 1;
	}
	int code = cti_subscribe(dial.client, filter, client.switch_name, on_subscribed, &dial);
	if (code < 0)
		end(&dial, 1, filter, cti_strerror(code));
	/* A signal ends the wait; one that comes just before it is seen a moment later. */
	while (dial.status < 0 && !stopped)
		cti_dispatch(dial.client, 200);
	if (dial.status < 0)
		hang_up(&dial);
	cti_client_destroy(&dial.client);
	return dial.status == 0 ? 0 : 1;
}
