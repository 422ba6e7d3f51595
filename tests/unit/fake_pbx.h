/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A switch for tests of what lies north of the model: it takes every request, and answers when
 * the test says so. It stands in the place of cti-server/pbx.c in the program that includes it.
 */
#ifndef TESTS_UNIT_FAKE_PBX_H
#define TESTS_UNIT_FAKE_PBX_H

#include "cti-server/pbx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAKE_OPEN_MAX 64

struct pbx {
	const char *name;
	enum cti_link_state link;
	bool current;
	bool answer_at_once;
	struct {
		struct cti_request *request;
		pbx_done *done;
		void *arg;
	} open[FAKE_OPEN_MAX];
	size_t open_count, requests, demands, attached;
	char demanded[64], interaction[64], pair[128];
};

const char *pbx_name(const struct pbx *pbx)
{
	return pbx->name;
}

enum cti_link_state pbx_link(const struct pbx *pbx)
{
	return pbx->link;
}

bool pbx_current(const struct pbx *pbx)
{
	return pbx->current;
}

void pbx_request(struct pbx *pbx, const struct cti_request *request, pbx_done *done, void *arg)
{
	struct cti_reply reply;
	pbx->requests++;
	cti_reply_init(&reply);
	if (pbx->answer_at_once) {
		reply.connection = (struct cti_connection){"99", request->device, false,
		                                           CTI_CONNECTION_INITIATED};
		done(arg, &reply);
		return;
	}
	if (pbx->open_count == FAKE_OPEN_MAX)
		abort();
	pbx->open[pbx->open_count].request = cti_request_copy(request);
	pbx->open[pbx->open_count].done = done;
	pbx->open[pbx->open_count++].arg = arg;
}

/** Answers the oldest open request. */
static inline void fake_answer(struct pbx *pbx, const struct cti_reply *reply)
{
	pbx_done *done = pbx->open[0].done;
	void *arg = pbx->open[0].arg;
	free(pbx->open[0].request);
	pbx->open_count--;
	memmove(pbx->open, pbx->open + 1, pbx->open_count * sizeof *pbx->open);
	done(arg, reply);
}

int pbx_attach(struct pbx *pbx, const char *interaction, const struct cti_pair *pairs, size_t count,
               struct cti_error *error)
{
	if (!strcmp(interaction, "none"))
		return cti_error_set(error, CTI_E_NOTFOUND, "no interaction 'none'");
	pbx->attached++;
	snprintf(pbx->interaction, sizeof pbx->interaction, "%s", interaction);
	if (count)
		snprintf(pbx->pair, sizeof pbx->pair, "%s=%s", pairs[0].key, pairs[0].value);
	return 0;
}

void pbx_demand(struct pbx *pbx, const char *device)
{
	pbx->demands++;
	snprintf(pbx->demanded, sizeof pbx->demanded, "%s", device);
}

/** The dial plan of this switch: "tel:" goes away. */
void pbx_canonical(const struct pbx *pbx, const char *number, char *out, size_t size)
{
	(void)pbx;
	snprintf(out, size, "%s", strncmp(number, "tel:", 4) ? number : number + 4);
}

#endif
