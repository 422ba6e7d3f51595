/* SPDX-License-Identifier: Apache-2.0 */
/* cti-sim: the simulated switch alone, with CSTA links for any application. */
#include "csta/csta.h"
#include "pbx-adapters/host/clock.h"
#include "pbx-adapters/host/host.h"
#include "pbx-adapters/host/log.h"
#include "pbx-adapters/host/options.h"
#include "pbx-adapters/simulator/simulator.h"

#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** What a visitor gets without a configuration. */
static const char defaults[] = "extensions = [ \"2001-2020\" ];\n"
                               "queues = [ \"3000\" ];\n"
                               "agents = ( { id = \"7002-7006\"; device = \"2002-2006\"; "
                               "queues = [ \"3000\" ]; wrap_up = \"10s\"; state = \"ready\"; } );\n"
                               "hands_free = true;\n"
                               "outside_answer = \"5s\";\n"
                               "listen = [ \"xml:8765\", \"ber:8766\" ];\n"
                               "traffic = { calls_per_minute = 6; to = [ \"3000\", \"2007\" ]; "
                               "staff = [ \"2002-2010\" ]; };\n";

static void usage(FILE *out)
{
	fputs("usage: cti-sim [options] [FILE]\n"
	      "\n"
	      "A PBX with ACD for CSTA applications to talk to, on loopback. FILE is a libconfig\n"
	      "file with the settings below; without it: 20 extensions, a queue, five agents,\n"
	      "callers, CSTA XML on port 8765 and CSTA BER on port 8766.\n"
	      "\n"
	      "  -s, --seed N     the same seed gives the same calls (default 1)\n"
	      "  -v, --verbose    log more; twice: everything\n"
	      "  -w, --wire       log each PDU on one line\n"
	      "  -d, --defaults   print the settings used without FILE, and end\n"
	      "  -V, --version    print the version, and end\n"
	      "  -h, --help       print this, and end\n"
	      "\n"
	      "Settings:\n",
	      out);
	options_print(simulator_options, out);
}

struct arguments {
	const char *file;
	uint64_t seed;
	int verbose;
	bool wire;
};

/** -1: go on; else the exit status. */
static int read_arguments(int argc, char **argv, struct arguments *a)
{
	static const struct option longs[] = {
	        {"seed", 1, NULL, 's'},
	        {"verbose", 0, NULL, 'v'},
	        {"wire", 0, NULL, 'w'},
	        {"defaults", 0, NULL, 'd'},
	        {"version", 0, NULL, 'V'},
	        {"help", 0, NULL, 'h'},
	        {0},
	};
	char *end;
	for (int c; (c = getopt_long(argc, argv, "s:vwdVh", longs, NULL)) != -1;)
		switch (c) {
		case 's':
			a->seed = strtoull(optarg, &end, 0);
			if (*end || !*optarg) {
				fprintf(stderr, "cti-sim: --seed %s: expected a number\n", optarg);
				return 2;
			}
			break;
		case 'v':
			a->verbose++;
			break;
		case 'w':
			a->wire = true;
			break;
		case 'd':
			fputs(defaults, stdout);
			return 0;
		case 'V':
			puts("cti-sim " CTI_VERSION);
			return 0;
		case 'h':
			usage(stdout);
			return 0;
		default:
			fputs("Try 'cti-sim --help'.\n", stderr);
			return 2;
		}
	if (argc - optind > 1) {
		fputs("cti-sim: more than one FILE\nTry 'cti-sim --help'.\n", stderr);
		return 2;
	}
	a->file = argv[optind];
	return -1;
}

static int read_settings(config_t *config, const char *file, struct cti_error *error)
{
	if (file ? config_read_file(config, file) : config_read_string(config, defaults))
		return 0;
	if (config_error_type(config) == CONFIG_ERR_FILE_IO)
		return cti_error_set(error, CTI_E_CONFIG, "%s: cannot be read", file);
	return cti_error_set(error, CTI_E_CONFIG, "%s:%d: %s", file ? file : "defaults",
	                     config_error_line(config), config_error_text(config));
}

static void on_signal(evutil_socket_t signal, short what, void *base)
{
	(void)signal, (void)what;
	event_base_loopbreak(base);
}

static int serve(struct event_base *base, struct cti_adapter_instance *instance,
                 struct cti_error *error)
{
	struct event *interrupt = evsignal_new(base, SIGINT, on_signal, base);
	struct event *terminate = evsignal_new(base, SIGTERM, on_signal, base);
	int code = CTI_E_NOMEM;
	if (interrupt && terminate && !event_add(interrupt, NULL) && !event_add(terminate, NULL))
		code = cti_adapter_simulator.start(instance, error);
	else
		cti_error_set(error, code, "out of memory");
	const char *address;
	for (size_t i = 0; !code && (address = simulator_address(instance, i)); i++)
		printf("cti-sim: listening on %s\n", address);
	fflush(stdout);
	if (!code) {
		event_base_dispatch(base);
		cti_adapter_simulator.stop(instance);
	}
	if (interrupt)
		event_free(interrupt);
	if (terminate)
		event_free(terminate);
	return code;
}

static int run(const struct arguments *a, struct cti_error *error)
{
	config_t config;
	struct cti_options *options = NULL;
	struct clock *clock = NULL;
	struct host host;
	struct cti_adapter_instance *instance = NULL;
	struct event_base *base = event_base_new();
	int code = base ? csta_init(error) : cti_error_set(error, CTI_E_NOMEM, "out of memory");
	config_init(&config);
	if (!code)
		code = read_settings(&config, a->file, error);
	if (!code)
		code = options_read(&options, config_root_setting(&config), simulator_options, NULL,
		                    error);
	if (!code)
		code = clock_create_real(&clock, base, error);
	if (!code) {
		struct log_options log = {a->verbose > 1 ? CTI_LOG_TRACE
		                          : a->verbose   ? CTI_LOG_DEBUG
		                                         : CTI_LOG_INFO,
		                          LOG_TEXT, a->wire, NULL};
		code = log_open(&log, clock, error);
	}
	if (!code) {
		host_init(&host, "sim", base, clock, a->seed);
		code = cti_adapter_simulator.create(&instance, &host.cti, options, error);
	}
	if (!code)
		code = serve(base, instance, error);
	cti_adapter_simulator.destroy(&instance);
	log_close();
	clock_destroy(&clock);
	options_destroy(&options);
	config_destroy(&config);
	if (base)
		event_base_free(base);
	return code;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.seed = 1};
	struct cti_error error = {0};
	int status = read_arguments(argc, argv, &arguments);
	if (status >= 0)
		return status;
	signal(SIGPIPE, SIG_IGN);
	if (run(&arguments, &error)) {
		fprintf(stderr, "cti-sim: %s\n", error.text);
		return 1;
	}
	return 0;
}
