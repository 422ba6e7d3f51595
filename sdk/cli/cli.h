/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file cli.h
 * The `cti` command: main.c (options, table of commands), session.c (the server), say.c (how
 * things look), watch.c, show.c, control.c (the commands); asyncapi.c, contract.c (what is said to
 * whom, as a document).
 */
#ifndef SDK_CLI_H
#define SDK_CLI_H

#include <cti.h>
#include <stdio.h>

/** Exit statuses, in the manual too. */
enum cli_status {
	CLI_OK = 0,
	CLI_REFUSED = 1, /**< the server or the switch refused, or there is no such thing */
	CLI_USAGE = 2,
	CLI_SERVER = 3,  /**< not reached, or it does not let us in */
	CLI_UNKNOWN = 4, /**< sent, and nobody knows whether it was done */
};

struct cli {
	/* Options. */
	const char *server, *user, *password_file, *server_key, *switch_name;
	const char *device, *group, *reason, *call;
	unsigned timeout_ms;
	long count;
	bool json, colour, prompt;

	const struct cli_command *command;
	struct cti_client *client;
	int status; /* once it is not CLI_OK, it stays */

	/* session.c */
	bool ready, lost, confirmed;
	struct cti_error why;
	void (*on_event)(struct cli *, const struct cti_event *);
	void (*on_snapshot)(struct cli *, const struct cti_state *);
	void *arg;
	char *found; /* by a snapshot: malloced */
};

struct cli_command {
	const char *name, *arguments, *summary, *text;
	int least, most; /* arguments; most -1: any number */
	int (*run)(struct cli *, int argc, char **argv);
};
extern const struct cli_command cli_commands[];

/* main.c */
/** "cti call: …" on standard error; returns the status. */
int cli_fail(struct cli *, int status, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* session.c */
/** Connect and wait for the welcome; says why not. */
int cli_connect(struct cli *);
/** Wait for a subscription: snapshots come meanwhile. 0 or a status, said why. */
int cli_subscribe(struct cli *, const char *filter);
/** Ask and wait. *reply to be freed, NULL unless it was answered well. Says why not. */
int cli_ask(struct cli *, const struct cti_request *, struct cti_reply **reply);
/** As on the wire: {"id":"","ok":true,…}. */
void cli_reply_json(const struct cti_reply *);
/** Exit status of a reply's code. */
int cli_status_of(int code);

/* say.c */
enum cli_colour { PLAIN, BOLD, DIM, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN };
/** Escape sequence to begin a colour, "" where there is none. */
const char *cli_colour(const struct cli *, enum cli_colour);
/** What happened, as a sentence: "+8675588880001 rings 2003". */
void cli_sentence(FILE *, const struct cti_event *);
enum cli_colour cli_event_colour(enum cti_event_type);
/** Text from a wire, control characters replaced: nothing moves the cursor. */
void cli_text(FILE *, const char *);
/** HH:MM:SS of a UTC time in local time. */
void cli_clock(char out[9], int64_t wall_us);
/** "1:05" since then; "" if 0. */
void cli_since(char out[16], int64_t wall_us);

/** A table: cells are kept until it is printed, columns as wide as they need. */
struct cli_table {
	size_t columns, count, size;
	struct cli_cell {
		char *text;
		enum cli_colour colour;
	} * cells;
};
void cli_cell(struct cli_table *, enum cli_colour, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/** Rows sorted by their first column. */
void cli_table_print(struct cli *, struct cli_table *, const char *none);
void cli_table_free(struct cli_table *);

/* The commands. */
int watch_run(struct cli *, int argc, char **argv);
int calls_run(struct cli *, int argc, char **argv);
int devices_run(struct cli *, int argc, char **argv);
int agents_run(struct cli *, int argc, char **argv);
int queues_run(struct cli *, int argc, char **argv);
int status_run(struct cli *, int argc, char **argv);
int call_run(struct cli *, int argc, char **argv);
int on_call_run(struct cli *, int argc, char **argv);
int pickup_run(struct cli *, int argc, char **argv);
int agent_run(struct cli *, int argc, char **argv);
int request_run(struct cli *, int argc, char **argv);
int attach_run(struct cli *, int argc, char **argv);
int asyncapi_run(struct cli *, int argc, char **argv);

#endif
