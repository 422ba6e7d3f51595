/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long snapshots: the answer gives a cross reference, the rows follow in messages of their own
 * (ECMA-269 16.1). They are collected here until the last has come; the request ends once, like
 * every other.
 */
#include "csta/event.h"
#include "pbx-adapters/csta/link.h"

#include <stdlib.h>
#include <string.h>

/** Segments of one snapshot, at most. */
#define SEGMENTS_MAX 256

static void collection_free(struct link_collection *collection)
{
	for (size_t i = 0; i < collection->count; i++)
		free(collection->parts[i]);
	free(collection->parts);
	free(collection->reference);
	*collection = (struct link_collection){0};
}

static void collection_failed(struct cti_adapter_instance *link, struct link_collection *collection,
                              int code, const char *text)
{
	uint64_t token = collection->token;
	collection_free(collection);
	link_done_failed(link, token, code, text);
}

/* A copy of what came, kept behind those that came before. */
static int part_add(struct link_collection *collection, const struct cti_reply *reply)
{
	struct cti_reply **parts;
	if (collection->count == SEGMENTS_MAX)
		return CTI_E_LIMIT;
	parts = realloc(collection->parts, (collection->count + 1) * sizeof(*parts));
	if (!parts)
		return CTI_E_NOMEM;
	collection->parts = parts;
	parts[collection->count] = cti_reply_copy(reply);
	return parts[collection->count] ? (collection->count++, CTI_OK) : CTI_E_NOMEM;
}

bool segments_begin(struct cti_adapter_instance *link, uint64_t token, enum cti_service service,
                    const struct csta_message *answer)
{
	struct link_collection *collection = link->collections;
	const char *reference = NULL;
	struct cti_error error = {0};
	struct cti_reply reply;
	if (csta_snapshot_reference(answer, service, &reply, &reference, &error) || !reference)
		return false;
	while (collection < link->collections + COLLECTIONS && collection->reference)
		collection++;
	if (collection == link->collections + COLLECTIONS) {
		link_done_failed(link, token, CTI_E_BUSY, "too many snapshots in segments");
		return true;
	}
	*collection = (struct link_collection){.token = token, .reference = strdup(reference)};
	if (!collection->reference || part_add(collection, &reply))
		collection_failed(link, collection, CTI_E_NOMEM, "out of memory");
	else
		link->host->timer_set(link->collect, link->config.request_us);
	return true;
}

/* All rows side by side; what they point to stays in the parts. */
static void collection_done(struct cti_adapter_instance *link, struct link_collection *collection)
{
	struct link_collection whole = *collection;
	struct cti_reply reply = *whole.parts[0];
	size_t rows = 0, row = 0;
	for (size_t i = 0; i < whole.count; i++)
		rows += whole.parts[i]->snapshot_count;
	struct cti_snapshot_item *list = rows ? calloc(rows, sizeof *list) : NULL;
	if (rows && !list) {
		collection_failed(link, collection, CTI_E_NOMEM, "out of memory");
		return;
	}
	for (size_t i = 0; i < whole.count; i++)
		for (size_t j = 0; j < whole.parts[i]->snapshot_count; j++)
			list[row++] = whole.parts[i]->snapshot[j];
	reply.snapshot = list;
	reply.snapshot_count = rows;
	/* Its place is free before the host hears of it, and may ask again. */
	*collection = (struct link_collection){0};
	link->host->done(link->host, whole.token, &reply);
	free(list);
	collection_free(&whole);
}

bool segment_received(struct cti_adapter_instance *link, const struct csta_message *message)
{
	struct link_collection *collection = link->collections;
	const char *reference = NULL;
	bool last = false;
	struct cti_error error = {0};
	struct cti_reply reply;
	int code = csta_snapshot_segment_read(message, &reply, &reference, &last, &error);
	if (code == CTI_E_UNSUPPORTED)
		return false;
	if (code) {
		link->host->log(link->host, CTI_LOG_WARN, "%s", error.text);
		return true;
	}
	while (collection < link->collections + COLLECTIONS &&
	       (!collection->reference || strcmp(collection->reference, reference)))
		collection++;
	if (collection == link->collections + COLLECTIONS) {
		link->host->log(link->host, CTI_LOG_WARN,
		                "a segment of no snapshot that was asked for: %s", reference);
		return true;
	}
	code = part_add(collection, &reply);
	if (code)
		collection_failed(link, collection, code, "the snapshot has too many segments");
	else if (last)
		collection_done(link, collection);
	else
		link->host->timer_set(link->collect, link->config.request_us);
	return true;
}

void segments_abandon(struct cti_adapter_instance *link, int code, const char *text)
{
	for (size_t i = 0; i < COLLECTIONS; i++)
		if (link->collections[i].reference)
			collection_failed(link, &link->collections[i], code, text);
}
