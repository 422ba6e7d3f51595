/* SPDX-License-Identifier: Apache-2.0 */
/** cti-server: command line, configuration, and a server that runs until it is told to stop. */
#include "cti-server/adapters.h"
#include "cti-server/config.h"
#include "cti-server/model/fsm.h"
#include "cti-server/password.h"
#include "cti-server/server.h"
#include "pbx-adapters/host/log.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_FILE "/etc/cti-server.conf"
#define PASSWORD_MAX 256

static void print_usage(FILE *out)
{
	fputs("usage: cti-server [--config FILE | --demo] [what]\n"
	      "\n"
	      "  -c, --config FILE        read this configuration (default: " DEFAULT_FILE ")\n"
	      "      --demo               run a simulated switch, no configuration needed\n"
	      "\n"
	      "Instead of running:\n"
	      "      --check-config       say whether the configuration is good\n"
	      "      --print-config       the configuration in use with --demo\n"
	      "      --print-config-manual  every setting with its range, default and meaning\n"
	      "      --print-acl          the access list that the MQTT broker needs\n"
	      "      --hash-password      read a password from standard input, print its hash\n"
	      "      --adapters           the switches that this server can speak to\n"
	      "      --dump-fsm NAME      a state table: connection, agent\n"
	      "      --version\n"
	      "  -h, --help\n"
	      "\n"
	      "SIGHUP reads the configuration again and reopens the log; SIGTERM and SIGINT "
	      "stop.\n",
	      out);
}

static int fail(const struct cti_error *error)
{
	fprintf(stderr, "cti-server: %s\n", error->text);
	return 1;
}

static int print_adapters(void)
{
	for (size_t i = 0; adapters_builtin()[i]; i++)
		printf("%-12s %s\n", adapters_builtin()[i]->name, adapters_builtin()[i]->summary);
	return 0;
}

static int print_hash(void)
{
	char password[PASSWORD_MAX], hash[PASSWORD_HASH_SIZE];
	if (!fgets(password, sizeof password, stdin)) {
		fputs("cti-server: no password on standard input\n", stderr);
		return 1;
	}
	password[strcspn(password, "\r\n")] = '\0';
	int code = password_hash(password, hash);
	explicit_bzero(password, sizeof password);
	if (code) {
		fprintf(stderr, "cti-server: %s\n", cti_strerror(code));
		return 1;
	}
	puts(hash);
	return 0;
}

static int load(struct config **config, const char *file, bool demo)
{
	struct cti_error why = {0};
	int code = demo ? config_load_text(config, config_demo, &why)
	                : config_load(config, file, &why);
	return code ? fail(&why) : 0;
}

static int run(struct config *config, const char *file)
{
	struct cti_error why = {0};
	struct server *server = NULL;
	int code = log_open(&config->log_options, NULL, &why);
	if (code) {
		config_unload(&config);
		return fail(&why);
	}
	code = server_create(&server, &config, &why);
	if (!code)
		code = server_start(server, &why);
	if (!code)
		code = server_run(server, file, &why);
	server_destroy(&server);
	log_info("server", "stopped");
	log_close();
	return code ? fail(&why) : 0;
}

enum what {
	RUN,
	CHECK = 256,
	DEMO,
	PRINT_CONFIG,
	MANUAL,
	ACL,
	HASH,
	ADAPTERS,
	FSM,
	VERSION,
};

static const struct option long_options[] = {
        {"config", required_argument, NULL, 'c'},
        {"demo", no_argument, NULL, DEMO},
        {"check-config", no_argument, NULL, CHECK},
        {"print-config", no_argument, NULL, PRINT_CONFIG},
        {"print-config-manual", no_argument, NULL, MANUAL},
        {"print-acl", no_argument, NULL, ACL},
        {"hash-password", no_argument, NULL, HASH},
        {"adapters", no_argument, NULL, ADAPTERS},
        {"dump-fsm", required_argument, NULL, FSM},
        {"version", no_argument, NULL, VERSION},
        {"help", no_argument, NULL, 'h'},
        {0},
};

static int with_config(enum what what, const char *file, bool demo)
{
	struct config *config = NULL;
	if (load(&config, file, demo))
		return 1;
	if (what == RUN)
		return run(config, demo ? NULL : file);
	if (what == ACL)
		config_print_acl(config, stdout);
	else
		printf("%s: good: %zu switch%s, %zu user%s\n", demo ? "--demo" : file,
		       config->switch_count, config->switch_count == 1 ? "" : "es",
		       config->user_count, config->user_count == 1 ? "" : "s");
	config_unload(&config);
	return 0;
}

int main(int argc, char **argv)
{
	const char *file = DEFAULT_FILE, *fsm = NULL;
	enum what what = RUN;
	bool demo = false;
	for (int option; (option = getopt_long(argc, argv, "c:h", long_options, NULL)) != -1;) {
		if (option == 'h') {
			print_usage(stdout);
			return 0;
		}
		if (option == '?') {
			print_usage(stderr);
			return 2;
		}
		if (option == 'c')
			file = optarg;
		else if (option == DEMO)
			demo = true;
		else
			what = (enum what)option;
		if (option == FSM)
			fsm = optarg;
	}
	if (optind < argc) {
		fprintf(stderr, "cti-server: '%s' is not understood\n", argv[optind]);
		print_usage(stderr);
		return 2;
	}
	switch (what) {
	case PRINT_CONFIG:
		fputs(config_demo, stdout);
		return 0;
	case MANUAL:
		config_print_manual(stdout);
		return 0;
	case HASH:
		return print_hash();
	case ADAPTERS:
		return print_adapters();
	case FSM:
		if (!fsm_dump(fsm, stdout))
			return 0;
		fprintf(stderr, "cti-server: no state table '%s': connection or agent\n", fsm);
		return 2;
	case VERSION:
		puts("cti-server " CTI_VERSION);
		return 0;
	case RUN:
	case CHECK:
	case ACL:
	case DEMO:
		break;
	}
	return with_config(what, file, demo);
}
