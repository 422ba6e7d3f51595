/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file bus.h
 * The bus: one stream of events for each switch of each tenant, with an epoch and a 64-bit
 * sequence without holes, a counter for each subject, and the last state of each subject.
 * The model publishes; doors (northbound/) attach and send on. Events are rendered to JSON once
 * and shared by every door.
 *
 * A bounded ring of recent events lets a client that comes back resume; where it no longer
 * reaches, the client is told the gap. (The durable journal takes the ring's place behind the
 * same functions.)
 *
 * Loop thread only; struct bus_event is immutable and its reference count atomic, so that a
 * door's own thread may hold one.
 */
#ifndef SERVER_BUS_H
#define SERVER_BUS_H

#include <cti/error.h>
#include <cti/event.h>

struct clock;
struct bus;
struct bus_stream;

/** An event as published: immutable, shared. What doors go by is beside the text. */
struct bus_event {
	const char *json; /**< the CloudEvent, NUL-terminated */
	size_t json_length;
	enum cti_event_type type;
	unsigned flags; /**< enum cti_event_flags */
	const char *tenant, *switch_name, *epoch;
	uint64_t sequence;
	const struct cti_subject *subjects;
	size_t subject_count;
	struct cti_connection connection;
};
struct bus_event *bus_event_ref(const struct bus_event *);
void bus_event_unref(struct bus_event **);

/** Last state of a subject ("device/2003", "agent/7001", "queue/3000"); json NULL: gone. */
struct bus_state {
	const char *tenant, *switch_name, *subject;
	const char *json;
	size_t json_length;
	uint64_t sequence; /**< of the stream when it was set */
};

/** A door's ears. Called on the loop thread; must not publish from within. */
struct bus_door {
	/** The event as a whole, with its envelope, is lent for the call. */
	void (*event)(void *arg, const struct bus_event *, const struct cti_event *whole);
	void (*state)(void *arg, const struct bus_state *);
	/** Would it do anything with a state now? NULL: yes, if it has state(). */
	bool (*wants_states)(void *arg);
};

struct bus_options {
	size_t ring_events; /**< recent events kept for each stream; default 65536 */
	size_t ring_bytes;  /**< ... and octets; default 64 MiB */
	uint64_t seed;      /**< of epochs; 0: from the system's randomness */
};

int bus_create(struct bus **out, const struct clock *, const struct bus_options *,
               struct cti_error *);
void bus_destroy(struct bus **);
int bus_attach(struct bus *, const struct bus_door *, void *arg);
void bus_detach(struct bus *, void *arg);

/** The stream of a switch, opened on first use. Lives as long as the bus. */
struct bus_stream *bus_stream(struct bus *, const char *tenant, const char *switch_name);
const char *bus_stream_epoch(const struct bus_stream *);
uint64_t bus_stream_sequence(const struct bus_stream *); /**< of the last event; 0: none yet */

/**
 * Publish. Sets the envelope (id, tenant, switch, epoch, sequence, time unless given, subjects
 * with their counters) in a copy, renders it, keeps it, tells every door. @p subjects: names
 * such as "device/2003", canonical, without the switch.
 * CTI_E_NOMEM: nothing was published; the sequence then shows a gap event as soon as possible.
 */
int bus_publish(struct bus_stream *, const struct cti_event *, const char *const *subjects,
                size_t subject_count);
/** Set or (json NULL) remove the retained state of a subject. Unchanged states are not told. */
int bus_state_set(struct bus_stream *, const char *subject, const char *json, size_t length);

/**
 * Call @p each for every kept event after @p sequence, in order. Returns 0, or CTI_E_GAP when
 * some after it are no longer kept (then *first_kept is the oldest that is; nothing is called).
 * @p each NULL: only ask.
 */
int bus_replay(struct bus_stream *, uint64_t sequence, uint64_t *first_kept,
               void (*each)(void *arg, const struct bus_event *), void *arg);
/** Call @p each for the last state of every subject of the stream. */
void bus_states(struct bus_stream *, void (*each)(void *arg, const struct bus_state *), void *arg);
/**
 * Called before states are read, to set those that have changed (@p refresh NULL: none waits).
 * So a publisher may set a state that changes often once for many changes.
 */
void bus_stream_refresher(struct bus_stream *, void (*refresh)(void *arg), void *arg);
/** The last state of one subject; false: it has none. Valid until the subject's next state. */
bool bus_state_get(struct bus_stream *, const char *subject, struct bus_state *out);
/** Does a door want states now? Else they may wait until somebody reads them. */
bool bus_states_wanted(const struct bus *);
/** Call @p each for every stream. */
void bus_streams(struct bus *, void (*each)(void *arg, struct bus_stream *), void *arg);
/** Last counter of a subject; 0 if it never had an event. */
uint64_t bus_subject_counter(struct bus_stream *, const char *subject);
const char *bus_stream_tenant(const struct bus_stream *);
const char *bus_stream_switch(const struct bus_stream *);

#endif
