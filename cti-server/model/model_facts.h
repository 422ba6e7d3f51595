/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file model_facts.h
 * "One fact, one event": a switch reports the same fact once for each monitor, each at its own
 * time. The facts of a call (or an agent) are remembered in order, with the monitors that told
 * each, and for each monitor a mark: how far in the words of others it has come. A monitor tells
 * everything in order, so its report is
 * - a fact ahead of its mark, and ahead of what it told of the same subject, that others told
 *   already: the same fact, the mark moves there. (One that surprised when it was told came
 *   before its turn: it may be meant whatever was told of its subject since.)
 * - none of these: a new fact. Thus hold, retrieve, hold again are three.
 * A monitor sees a call from when its own device joined: its mark starts there, lest the second
 * hold be taken for the first.
 */
#ifndef SERVER_MODEL_FACTS_H
#define SERVER_MODEL_FACTS_H

#include "cti-server/model/model_names.h"

/** Facts remembered of a call at most; the oldest are forgotten first. */
#define FACTS_MAX 64
/** Monitors followed in a call at most (bits of told); of others every report starts at the
 * beginning. */
#define FACTS_MONITORS 64
#define FACTS_INLINE   8

/** Identity of a fact within its call. */
struct fact {
	enum cti_event_type verb;
	struct name *subject; /**< device of the connection; NULL: the call */
	bool distribution;    /**< Delivered to a distribution mechanism, not a ring */
	bool strict;          /**< not a state: the same only with the same content */
	bool early;           /**< it was an anomaly when it was told */
	uint32_t content;     /**< hash of what else the report says */
	uint64_t at;          /**< when it was first told, monotonic microseconds */
	uint64_t told;        /**< monitors that told it: bits by place among the marks */
};

struct facts {
	struct fact own[FACTS_INLINE], *ring; /* ring: own, or allocated */
	struct facts_mark {
		struct name *monitor;
		uint32_t seen;
	} own_marks[FACTS_INLINE], *marks;
	uint32_t room, first, count; /* facts ever told; [first, count) are in the ring */
	uint32_t mark_room, mark_count;
};

void facts_init(struct facts *);
void facts_free(struct names *, struct facts *);

/** Where a report comes from. */
struct facts_source {
	struct name *monitor; /**< NULL: the switch has no monitors, it tells each fact once */
	uint32_t joined;      /**< facts.count when the monitor's device joined */
	uint64_t since;       /**< when the monitor was started */
	uint64_t now;
	bool moved; /**< the subject is not in the state any more that the report leads to */
};

/**
 * Was this told already? Then the source's mark moves past it. @p window: facts older than
 * this are only compared where nothing has happened to their subject since.
 */
bool facts_known(struct facts *, const struct fact *, const struct facts_source *, uint64_t window);
/** Remember a new fact, told by the source. Never fails: without memory the oldest is lost. */
void facts_add(struct facts *, struct names *, const struct fact *, const struct facts_source *);
/** Does the source know the latest that was told of this subject? */
bool facts_passed(const struct facts *, const struct facts_source *, const struct name *subject);

#endif
