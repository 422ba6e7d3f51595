/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/flows/broker.h"

#include "sdk/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <mosquitto.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BROKER_START_MS 10000

struct broker {
	char directory[64], config[96];
	unsigned port;
	pid_t pid;
};

struct subscriber {
	struct mosquitto *mosquitto;
	void (*event)(void *arg, const struct cti_event *);
	void *arg;
	char filters[512];
	unsigned wanted, granted;
};

static int loopback(unsigned port, bool bound, unsigned *out)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	socklen_t length = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), code;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	code = bound ? bind(fd, (struct sockaddr *)&at, sizeof(at))
	             : connect(fd, (struct sockaddr *)&at, sizeof(at));
	if (!code && out && !getsockname(fd, (struct sockaddr *)&at, &length))
		*out = ntohs(at.sin_port);
	if (fd >= 0)
		close(fd);
	return code;
}

static int start(struct broker *b, struct cti_error *error)
{
	int status;

	b->pid = fork();
	if (b->pid == 0) {
		int null = open("/dev/null", O_RDWR);
		char *const arguments[] = {"mosquitto", "-c", b->config, NULL};

		/* It must not outlive a test that dies. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execvp("mosquitto", arguments);
		execv("/usr/sbin/mosquitto", arguments);
		_exit(127);
	}
	if (b->pid < 0)
		return cti_error_set(error, CTI_E_IO, "fork: %s", strerror(errno));
	for (int waited = 0; waited < BROKER_START_MS; waited += 10) {
		if (loopback(b->port, false, NULL) == 0)
			return 0;
		if (waitpid(b->pid, &status, WNOHANG) == b->pid) {
			b->pid = 0;
			return WIFEXITED(status) && WEXITSTATUS(status) == 127
			               ? cti_error_set(error, CTI_E_UNSUPPORTED,
			                               "there is no mosquitto to run")
			               : cti_error_set(error, CTI_E_IO, "mosquitto ended at once");
		}
		poll(NULL, 0, 10);
	}
	return cti_error_set(error, CTI_E_TIMEOUT, "mosquitto does not listen");
}

int broker_create(struct broker **out, struct cti_error *error)
{
	struct broker *b = calloc(1, sizeof(*b));
	FILE *f;
	int code;

	if (!b)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	snprintf(b->directory, sizeof(b->directory), "%s/flows-XXXXXX",
	         getenv("TMPDIR") && strlen(getenv("TMPDIR")) < 40 ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(b->directory) || loopback(0, true, &b->port) != 0) {
		code = cti_error_set(error, CTI_E_IO, "%s: %s", b->directory, strerror(errno));
		free(b);
		return code;
	}
	snprintf(b->config, sizeof(b->config), "%s/mosquitto.conf", b->directory);
	f = fopen(b->config, "w");
	if (f) {
		/* Changing its user would take the tie to the test away. */
		if (geteuid() == 0)
			fprintf(f, "user root\n");
		fprintf(f, "listener %u 127.0.0.1\nallow_anonymous true\npersistence false\n",
		        b->port);
		fclose(f);
		code = start(b, error);
	} else {
		code = cti_error_set(error, CTI_E_IO, "%s: %s", b->config, strerror(errno));
	}
	if (code)
		broker_destroy(&b);
	else
		*out = b;
	return code;
}

static void stop(struct broker *b, int with)
{
	if (b->pid > 0) {
		kill(b->pid, with);
		waitpid(b->pid, NULL, 0);
	}
	b->pid = 0;
}

void broker_destroy(struct broker **broker)
{
	struct broker *b = *broker;

	if (!b)
		return;
	stop(b, SIGTERM);
	unlink(b->config);
	rmdir(b->directory);
	free(b);
	*broker = NULL;
}

void broker_kill(struct broker *b)
{
	stop(b, SIGKILL);
}

int broker_restart(struct broker *b, struct cti_error *error)
{
	stop(b, SIGTERM);
	return start(b, error);
}

unsigned broker_port(const struct broker *b)
{
	return b->port;
}

int broker_pid(const struct broker *b)
{
	return (int)b->pid;
}

/* ---- Subscribers ------------------------------------------------------------------------- */

/* "all" is cti/v1/TENANT/SWITCH/all/TYPE; "device/2001" .../device/2001/event/TYPE. */
static void on_connect(struct mosquitto *mosquitto, void *arg, int code)
{
	struct subscriber *s = arg;
	char copy[512], topic[600], *save = NULL;

	if (code)
		return;
	s->wanted = s->granted = 0;
	snprintf(copy, sizeof(copy), "%s", s->filters);
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		snprintf(topic, sizeof(topic), "cti/v1/+/+/%s/%s", w,
		         strcmp(w, "all") == 0 ? "+" : "event/+");
		s->wanted++;
		mosquitto_subscribe(mosquitto, NULL, topic, 1);
	}
}

static void on_subscribe(struct mosquitto *mosquitto, void *arg, int id, int count, const int *qos)
{
	(void)mosquitto;
	(void)id;
	(void)count;
	(void)qos;
	((struct subscriber *)arg)->granted++;
}

static void on_message(struct mosquitto *mosquitto, void *arg, const struct mosquitto_message *m)
{
	struct subscriber *s = arg;
	struct cti_event *event = NULL;

	(void)mosquitto;
	if (m->payloadlen > 0 &&
	    cti_wire_event_read(&event, m->payload, (size_t)m->payloadlen, NULL) == 0)
		s->event(s->arg, event);
	free(event);
}

int subscriber_create(struct subscriber **out, struct broker *broker, const char *filters,
                      void (*event)(void *arg, const struct cti_event *), void *arg,
                      struct cti_error *error)
{
	struct subscriber *s = calloc(1, sizeof(*s));
	int code;

	if (!s)
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	snprintf(s->filters, sizeof(s->filters), "%s", filters);
	s->event = event;
	s->arg = arg;
	mosquitto_lib_init();
	s->mosquitto = mosquitto_new(NULL, true, s);
	if (!s->mosquitto) {
		subscriber_destroy(&s);
		return cti_error_set(error, CTI_E_NOMEM, "out of memory");
	}
	mosquitto_connect_callback_set(s->mosquitto, on_connect);
	mosquitto_subscribe_callback_set(s->mosquitto, on_subscribe);
	mosquitto_message_callback_set(s->mosquitto, on_message);
	code = mosquitto_connect(s->mosquitto, "127.0.0.1", (int)broker_port(broker), 60);
	if (code) {
		cti_error_set(error, CTI_E_IO, "broker: %s", mosquitto_strerror(code));
		subscriber_destroy(&s);
		return CTI_E_IO;
	}
	*out = s;
	return 0;
}

void subscriber_destroy(struct subscriber **subscriber)
{
	struct subscriber *s = *subscriber;

	if (!s)
		return;
	if (s->mosquitto) {
		mosquitto_disconnect(s->mosquitto);
		mosquitto_destroy(s->mosquitto);
	}
	mosquitto_lib_cleanup();
	free(s);
	*subscriber = NULL;
}

bool subscriber_ready(struct subscriber *s)
{
	subscriber_poll(s, 1);
	return s->wanted && s->granted >= s->wanted;
}

void subscriber_poll(struct subscriber *s, int ms)
{
	if (mosquitto_loop(s->mosquitto, ms, 1) == MOSQ_ERR_CONN_LOST)
		mosquitto_reconnect(s->mosquitto);
}
