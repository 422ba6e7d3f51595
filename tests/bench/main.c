/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench run ...   play a trace into whoever connects, count what the subscriber gets, one line out
 * bench relay ... copy octets from a switch to a subscriber: the floor
 * tests/bench/run strings them together.
 */
#include "bench.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_on(int port)
{
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in at = {.sin_family = AF_INET,
	                         .sin_port = htons((uint16_t)port),
	                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 8)) {
		perror("bench: listen");
		exit(1);
	}
	return fd;
}

static int connect_to(int port)
{
	int on = 1;
	struct sockaddr_in to = {.sin_family = AF_INET,
	                         .sin_port = htons((uint16_t)port),
	                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	for (int tries = 0; tries < 200; tries++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		if (!connect(fd, (struct sockaddr *)&to, sizeof to))
			return fd;
		close(fd);
		usleep(50000);
	}
	fprintf(stderr, "bench: nobody listens on port %d\n", port);
	exit(1);
}

/* bench relay SWITCH_PORT SUBSCRIBER_PORT */
static int relay(int from_port, int to_port)
{
	static char buffer[65536];
	static const char login[] = "Action: Login\r\n\r\n";
	int on = 1, listener = listen_on(to_port);
	int to = accept(listener, NULL, NULL), from = connect_to(from_port);
	setsockopt(to, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (send(from, login, sizeof login - 1, 0) < 0)
		return 1;
	ssize_t n;
	while ((n = recv(from, buffer, sizeof buffer, 0)) > 0)
		for (ssize_t at = 0; at < n;) {
			ssize_t done = send(to, buffer + at, (size_t)(n - at), MSG_NOSIGNAL);
			if (done <= 0)
				return 0;
			at += done;
		}
	return 0;
}

/* User and system time of a process and its threads, microseconds. */
static double cpu_us(int pid)
{
	char path[64], line[1024];
	unsigned long user = 0, sys = 0;
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	FILE *file = fopen(path, "r");
	if (!file)
		return 0;
	char *after = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
	if (after)
		sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
		       &sys);
	fclose(file);
	return (double)(user + sys) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

static long resident_kb(int pid)
{
	char path[64], line[256];
	long kb = 0;
	snprintf(path, sizeof path, "/proc/%d/status", pid);
	FILE *file = fopen(path, "r");
	while (file && fgets(line, sizeof line, file))
		if (!strncmp(line, "VmRSS:", 6))
			kb = atol(line + 6);
	if (file)
		fclose(file);
	return kb;
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

static void print_result(const char *label, struct tally *tally, uint64_t events, double seconds,
                         double cpu, long rss)
{
	uint64_t got = atomic_load(&tally->received), skip = events > 11000 ? 1000 : events / 10;
	uint64_t n = 0;
	for (uint64_t i = skip; i < events; i++)
		if (tally->seen[i >> 3] >> (i & 7) & 1)
			tally->latency_ns[n++] = tally->latency_ns[i];
	for (uint64_t i = 0, shown = 0; got < events && i < events && shown < 10; i++)
		if (!(tally->seen[i >> 3] >> (i & 7) & 1))
			fprintf(stderr, "bench: %s: event %llu did not arrive (%llu)\n", label,
			        (unsigned long long)i, (unsigned long long)++shown);
	qsort(tally->latency_ns, n, sizeof *tally->latency_ns, by_value);
	printf("%s sent=%llu received=%llu duplicates=%llu disorder=%llu seconds=%.3f rate=%.0f "
	       "cpu_us=%.2f p50_us=%.1f p99_us=%.1f rss_kb=%ld\n",
	       label, (unsigned long long)events, (unsigned long long)got,
	       (unsigned long long)tally->duplicates, (unsigned long long)tally->disorder, seconds,
	       (double)got / seconds, cpu / (double)events,
	       n ? (double)tally->latency_ns[n / 2] / 1e3 : 0,
	       n ? (double)tally->latency_ns[n * 99 / 100] / 1e3 : 0, rss);
}

static const struct option options[] = {
        {"label", 1, 0, 'l'}, {"format", 1, 0, 'f'}, {"door", 1, 0, 'd'},    {"where", 1, 0, 'w'},
        {"topic", 1, 0, 't'}, {"port", 1, 0, 'p'},   {"events", 1, 0, 'n'},  {"rate", 1, 0, 'r'},
        {"pid", 1, 0, 'P'},   {"window", 1, 0, 'W'}, {"devices", 1, 0, 'D'}, {"settle", 1, 0, 's'},
        {0, 0, 0, 0},
};

static int pick(const char *word, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(word, words[i]))
			return i;
	fprintf(stderr, "bench: what is '%s'?\n", word);
	exit(2);
}

struct play_job {
	int listener;
	struct trace trace;
	unsigned devices;
	struct pace pace;
	struct tally tally;
	atomic_bool go, ready;
	int code, pid;
	double cpu; /* used by then, microseconds */
	long rss;
	uint64_t end;
};

static void play_ended(void *arg)
{
	struct play_job *job = arg;
	job->end = now_ns();
	job->cpu = cpu_us(job->pid);
	job->rss = resident_kb(job->pid);
}

static void *play_thread(void *arg)
{
	struct play_job *job = arg;
	job->code = switch_play(job->listener, &job->trace, job->devices, &job->pace, &job->tally,
	                        &job->go, &job->ready);
	return NULL;
}

static int run(int argc, char **argv)
{
	static const char *const formats[] = {"xml", "ber", "ami", NULL};
	static const char *const doors[] = {"zmq", "session", "mqtt", "tcp", NULL};
	struct play_job job = {.devices = 200, .pace = {.events = 100000, .window = 2048}};
	const char *label = "run", *where = "", *topic = "";
	int format = WIRE_XML, door = DOOR_ZMQ, port = 0, pid = 0, settle_ms = 500;
	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;)
		switch (c) {
		case 'l':
			label = optarg;
			break;
		case 'f':
			format = pick(optarg, formats);
			break;
		case 'd':
			door = pick(optarg, doors);
			break;
		case 'w':
			where = optarg;
			break;
		case 't':
			topic = optarg;
			break;
		case 'p':
			port = atoi(optarg);
			break;
		case 'n':
			job.pace.events = strtoull(optarg, NULL, 10);
			break;
		case 'r':
			job.pace.per_second = atof(optarg);
			break;
		case 'P':
			pid = atoi(optarg);
			break;
		case 'W':
			job.pace.window = strtoull(optarg, NULL, 10);
			break;
		case 'D':
			job.devices = (unsigned)atoi(optarg);
			break;
		case 's':
			settle_ms = atoi(optarg);
			break;
		default:
			return 2;
		}
	job.pid = pid;
	job.pace.ended = play_ended;
	job.pace.arg = &job;
	/* Frames are reused round and round: whole calls only. */
	size_t round = (size_t)job.devices * 5,
	       kept = round * (100000 / round ? 100000 / round : 1);
	if (kept > job.pace.events)
		kept = job.pace.events;
	struct subscriber *subscriber = NULL;
	pthread_t thread;
	if (trace_build(&job.trace, (enum wire_format)format, kept, job.devices, 20261122) ||
	    tally_init(&job.tally, job.pace.events))
		return 1;
	job.listener = listen_on(port);
	if (pthread_create(&thread, NULL, play_thread, &job))
		return 1;
	/* The relay connects to the switch only once it has a subscriber. */
	if (door == DOOR_TCP &&
	    subscriber_start(&subscriber, (enum door)door, where, topic, &job.tally))
		return 1;
	while (!atomic_load(&job.ready))
		usleep(1000);
	if (door != DOOR_TCP &&
	    subscriber_start(&subscriber, (enum door)door, where, topic, &job.tally))
		return 1;
	usleep((unsigned)settle_ms * 1000); /* subscriptions travel */
	double cpu = cpu_us(pid);
	uint64_t start = now_ns();
	atomic_store(&job.go, true);
	pthread_join(thread, NULL);
	double seconds = (double)(job.end - start) * 1e-9;
	print_result(label, &job.tally, job.pace.events, seconds, job.cpu - cpu, job.rss);
	bool whole = atomic_load(&job.tally.received) == job.pace.events && !job.code;
	subscriber_stop(&subscriber);
	trace_free(&job.trace);
	tally_free(&job.tally);
	return whole ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "relay"))
		return relay(atoi(argv[2]), atoi(argv[3]));
	if (argc >= 2 && !strcmp(argv[1], "run"))
		return run(argc - 1, argv + 1);
	fprintf(stderr,
	        "usage: bench run --port PORT --format xml|ber|ami --door zmq|session|mqtt|tcp "
	        "--where ENDPOINT --topic TOPIC [--events N] [--rate R] [--pid PID]\n"
	        "       bench relay SWITCH_PORT SUBSCRIBER_PORT\n");
	return 2;
}
