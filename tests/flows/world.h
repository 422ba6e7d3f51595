/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file world.h
 * What a flow happens in: one server, one switch behind one transport, the flow's applications,
 * and a recorder that hears everything. One thread, one loop, one virtual clock that stands
 * still until everything that was said has arrived.
 */
#ifndef FLOWS_WORLD_H
#define FLOWS_WORLD_H

#include "tests/flows/flow.h"
#include "tests/flows/ladder.h"

struct world;

/** An answer as it came to an application, by the flow's :n. */
struct app_reply {
	unsigned tag;
	struct cti_reply *reply;
	struct app_reply *next;
};

/** An application of the flow: a real client on a real socket. */
struct app {
	const char *name;
	struct world *world;
	struct cti_event **events; /**< every event that came, in order */
	size_t event_count, event_size;
	size_t taken;   /**< events before this one are behind the flow */
	uint64_t types; /**< bits of the event types that the flow names to this app */
	struct app_reply *replies;
	struct app *next;
	void *client; /**< the transport's own */
};

/** What a world may have beyond what a flow says, as text of the server's configuration. */
struct world_extra {
	const char *simulator; /**< options of the simulator in process; NULL: none */
	const char *switches;  /**< more of them: "{ name = ... }"; NULL: none */
	const char *log;       /**< file that the log goes to, from warnings on; NULL: none */
	bool pub, broker;
};

/**
 * Build it and wait until the switch has been read. @p extra may be NULL. @p ladder takes what
 * happens.
 */
int world_create(struct world **out, const struct flow *, enum flow_transport,
                 const struct world_extra *extra, struct ladder *ladder, struct cti_error *);
void world_destroy(struct world **);

/** The flow begins now: time counts from here, what has come before is not its affair. */
void world_begin(struct world *);
/** How many flows have begun here, this one included. */
unsigned world_plays(const struct world *);
/** Once around the loop, without waiting. */
void world_turn(struct world *);
struct server *world_server(struct world *);
struct sim_switch *world_switch(struct world *);
/** Address of the simulator's @p index-th port in process; NULL: there is none. */
const char *world_simulator_address(struct world *, size_t index);
struct broker *world_broker(struct world *);

/** Why the switch cannot do what the flow needs; NULL if it can. Valid until the next call. */
const char *world_lacks(struct world *);

/** Let everything that was said arrive, everywhere. CTI_E_TIMEOUT: it does not come to rest. */
int world_settle(struct world *, struct cti_error *);
/** Let time pass, settling after each instant at which something happened. */
int world_advance(struct world *, uint64_t us, struct cti_error *);
/** Since the flow began, microseconds. */
uint64_t world_now(const struct world *);

/** A step that acts; it has arrived everywhere when this returns. */
int world_do(struct world *, const struct flow_step *, struct cti_error *);
/** An application asks; the fields of the step are expanded already. */
int world_request(struct world *, struct app *, const struct flow_step *,
                  const struct flow_field *fields, struct cti_error *);
/** Wire flows: the switch sends; the test's own switch received this (false: nothing waits). */
int world_send(struct world *, const struct flow_step *, const struct flow_field *fields,
               struct cti_error *);

/** What the test's own switch received and the flow has not expected yet. */
struct world_request {
	const char *element; /**< of the message: "AnswerCall", "SystemRegister" */
	int service;         /**< enum cti_service, -1: of the session */
	uint32_t invoke_id;
	struct cti_request *request; /**< NULL if service is -1 */
	struct world_request *next;
};
struct world_request *world_received(struct world *);
/** Take one off; the flow's :n will answer it. */
void world_received_take(struct world *, struct world_request *, unsigned tag);

struct app *world_app(struct world *, const char *name);
/** Real waiting, for what a broker delivers: until @p app has more than @p count events. */
void world_wait(struct world *, struct app *, size_t count);
/** Every event of the server, each once, in the order of the stream. */
const struct app *world_recorder(const struct world *);
/** The first of them that belongs to the flow. */
size_t world_recorded_from(const struct world *);
/** Holes in sequences or in a subject's counters, as a sentence; NULL if there is none. */
const char *world_holes(struct world *);

#endif
