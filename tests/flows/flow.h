/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file flow.h
 * A call flow as parsed: what it needs, and its steps. The language is described in README.md.
 * A file is parsed whole before anything runs; every error says file, line, what stands there
 * and what was expected.
 */
#ifndef FLOWS_FLOW_H
#define FLOWS_FLOW_H

#include <cti/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Transports: how the switch is reached. */
/** BER is CSTA Phase III; BER2 Phase II by association, BER1 Phase I by configuration. */
enum flow_transport { FLOW_INPROC, FLOW_XML, FLOW_BER, FLOW_BER2, FLOW_BER1, FLOW_TRANSPORTS };
const char *flow_transport_name(enum flow_transport);
/** -1 if there is none of that name. */
int flow_transport_parse(const char *name);

/** Limits: a flow is written by people, so what exceeds them is a mistake. */
#define FLOW_FILE_MAX  (64 * 1024)
#define FLOW_WORDS_MAX 24
#define FLOW_STEPS_MAX 1000

/** What a person at a phone does: its words, and how many numbers follow. */
#define FLOW_VERBS(X)                                                                              \
	X(DIALS, "dials", 1)                                                                       \
	X(ANSWERS, "answers", 0)                                                                   \
	X(HANGS_UP, "hangs up", 0)                                                                 \
	X(LIFTS, "lifts", 0)                                                                       \
	X(HOLDS, "holds", 0)                                                                       \
	X(RETRIEVES, "retrieves", 0)                                                               \
	X(CONSULTS, "consults", 1)                                                                 \
	X(TRANSFERS_TO, "transfers to", 1)                                                         \
	X(TRANSFERS, "transfers", 0)                                                               \
	X(CONFERENCES, "conferences", 0)                                                           \
	X(ALTERNATES, "alternates", 0)                                                             \
	X(RECONNECTS, "reconnects", 0)                                                             \
	X(DEFLECTS_TO, "deflects to", 1)                                                           \
	X(PICKS_UP_GROUP, "picks up in group", 0)                                                  \
	X(PICKS_UP, "picks up", 1)                                                                 \
	X(LOGS_ON, "logs on as", 1)                                                                \
	X(LOGS_OFF, "logs off", 0)                                                                 \
	X(IS_READY, "is ready", 0)                                                                 \
	X(IS_NOT_READY, "is not ready", 0)                                                         \
	X(IS_BUSY_WITH_WORK, "wraps up", 0)

enum flow_verb {
#define X(name, words, arguments) FLOW_VERB_##name,
	FLOW_VERBS(X)
#undef X
	        FLOW_VERB_COUNT
};
const char *flow_verb_words(enum flow_verb);

/** Header lines. */
#define FLOW_HEADERS(X)                                                                            \
	X(FLOW, "flow")           /* title */                                                      \
	X(SWITCH, "switch")       /* key=value: settings of the simulator */                       \
	X(PHONE, "phone")         /* numbers; more digits than an extension has: outside */        \
	X(EXTENSION, "extension") /* 2001 hands-free busy=2002: how a phone behaves */             \
	X(OUTSIDE, "outside")   /* 5551234 withholds is-busy answers=5s: what the far end does */  \
	X(AGENT, "agent")       /* 7001 at 2001 in 3000 [wrapup 30s] */                            \
	X(QUEUE, "queue")       /* 3000 */                                                         \
	X(GROUP, "group")       /* 2900 2001 2002: pickup group and its members */                 \
	X(APP, "app")           /* crm [watches F,F] [may S,S] [on D,D] [over mqtt] */             \
	X(NEEDS, "needs")       /* services, separated by commas */                                \
	X(PARK, "park")         /* park slots */                                                   \
	X(PLACE, "place")       /* number "route", "announcement" or "recorder", default-route= */ \
	X(HUNT, "hunt")         /* number order= hidden overflow= members */                       \
	X(RUNS, "runs")         /* transports, separated by commas */                              \
	X(MONITORS, "monitors") /* wire flows: devices that the server monitors */                 \
	X(SESSION, "session")   /* wire flows: how the session begins: auto, openscape */

enum flow_header_kind {
#define X(name, word) FLOW_HEADER_##name,
	FLOW_HEADERS(X)
#undef X
	        FLOW_HEADER_COUNT
};

struct flow_header {
	enum flow_header_kind kind;
	int line;
	size_t count; /**< words after the keyword */
	const char **words;
};

/** name=text, or name~text: contains. "-": must not be there, "*": anything that is. */
struct flow_field {
	const char *name, *text;
	bool contains;
};

enum flow_step_kind {
	FLOW_ACT,     /**< a person at a phone */
	FLOW_EVENT,   /**< cti ==> app: the next event of a type that the flow names to this app */
	FLOW_REQUEST, /**< app --> cti */
	FLOW_ANSWER,  /**< cti --> app ok|error */
	FLOW_WAIT,    /**< +90s */
	FLOW_QUIET,   /**< quiet 5s: nothing is published meanwhile */
	FLOW_ANY,     /**< any { } around the next `count` steps: in either order */
	FLOW_CUT,     /**< the link to the switch breaks and stays down */
	FLOW_RESTORE, /**< it can be made again */
	FLOW_MISS,    /**< hq misses call.established: reports its next one to nobody */
	FLOW_LEAVE,   /**< app leaves: closes its connection */
	FLOW_RETURN,  /**< app returns: resumes where it left */
	FLOW_SEND,    /**< wire: hq --> cti Message field=... */
	FLOW_EXPECT,  /**< wire: cti --> hq Service field=... */
	FLOW_RAW,     /**< wire: octets as they are */
};

struct flow_step {
	enum flow_step_kind kind;
	int line;
	const char *source; /**< the line as written, blanks squeezed */
	const char *actor;  /**< phone, app or switch */
	enum flow_verb verb;
	const char *
	        argument; /**< of a verb; the file of a wire message; CTI_SERVICE_OTHER's element */
	int type;         /**< enum cti_event_type or enum cti_service, -1 if none */
	bool ok;          /**< answer or wire reply: ok, not error */
	bool attach;      /**< request: data for an interaction, not a service of the switch */
	unsigned tag;     /**< :n, 0 if none */
	uint64_t us;      /**< wait, quiet */
	size_t count;     /**< any: steps inside */
	struct flow_field *fields;
	size_t field_count;
	const uint8_t *octets;
	size_t octet_count;
};

struct flow {
	const char *file, *title;
	const char *switch_name;
	bool wire;           /**< of the second kind: the test plays the switch */
	unsigned transports; /**< bits 1 << enum flow_transport */
	struct flow_header *headers;
	size_t header_count;
	struct flow_step *steps;
	size_t step_count;
	void *blocks; /* memory of all of it */
};

/** Parse @p text; @p file is for messages. free with flow_destroy(). */
int flow_parse(struct flow **out, const char *file, const char *text, size_t length,
               struct cti_error *);
/** Read and parse a file. */
int flow_load(struct flow **out, const char *path, struct cti_error *);
void flow_destroy(struct flow **);

/** Does a header of @p kind name @p word first (a phone: anywhere in it)? */
const struct flow_header *flow_header_find(const struct flow *, enum flow_header_kind,
                                           const char *word);
/** "90s", "250ms", "2m" in microseconds; -1 if it is none. */
int64_t flow_duration(const char *text);

#endif
