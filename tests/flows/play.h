/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file play.h
 * Plays a flow over one transport and says how it went.
 */
#ifndef FLOWS_PLAY_H
#define FLOWS_PLAY_H

#include "tests/flows/flow.h"
#include "tests/flows/ladder.h"

struct world;

enum play_outcome { PLAY_PASSED, PLAY_FAILED, PLAY_SKIPPED };

/** Lines of text, in order. */
struct play_lines {
	char **lines;
	size_t count, size;
};

struct play_result {
	enum play_outcome outcome;
	char text[1600]; /**< why it failed (several lines) or was skipped */
	struct ladder ladder;
	/** Every event of the server, with call ids, interactions and so on by order of appearance,
	 * and without what the link of the index cannot say: equal over all transports. */
	struct play_lines events[FLOW_TRANSPORTS];
};

/** @p result is zeroed but for ladder.verbose; play_result_free() it. */
void play(const struct flow *, enum flow_transport, struct play_result *result);
/** The steps alone, in a world that stands already and has the flow's phones and applications. */
void play_in(struct world *, const struct flow *, enum flow_transport, struct play_result *result);
void play_result_free(struct play_result *);

/**
 * Compare the events of two transports, as the second says them. 0 if they are equal; else 1 and
 * *text says where they part.
 */
int play_compare(const struct play_result *a, const struct play_result *b, enum flow_transport,
                 char *text, size_t size);

#endif
