/* SPDX-License-Identifier: Apache-2.0 */
#include "cti-server/involved.h"

#include "pbx-adapters/host/map.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#define INTERACTIONS_MAX 200000 /* beyond, the oldest are forgotten */
#define DEVICES_MAX      32     /* of one interaction */
#define KEY_SIZE         256

struct interaction {
	struct map_node node;
	TAILQ_ENTRY(interaction) link; /* oldest first */
	size_t count;
	char *devices[DEVICES_MAX];
	char key[];
};
TAILQ_HEAD(interactions, interaction);

struct involved {
	struct bus *bus;
	struct map map;
	struct interactions by_age;
};

/** "hq interaction/01J": its length, 0 if it is too long to be one of ours. */
static size_t key_make(char key[KEY_SIZE], const char *switch_name, const char *kind,
                       const char *id)
{
	size_t a = strlen(switch_name), b = strlen(kind), c = strlen(id);
	if (a + b + c + 2 > KEY_SIZE)
		return 0;
	memcpy(key, switch_name, a);
	key[a] = ' ';
	memcpy(key + a + 1, kind, b);
	memcpy(key + a + 1 + b, id, c + 1);
	return a + 1 + b + c;
}

static struct interaction *interaction_find(const struct involved *involved, const char *key,
                                            size_t length)
{
	struct map_node *node = map_find(&involved->map, key, length);
	return node ? map_entry(node, struct interaction, node) : NULL;
}

static void interaction_forget(struct involved *involved, struct interaction *interaction)
{
	map_remove(&involved->map, &interaction->node);
	TAILQ_REMOVE(&involved->by_age, interaction, link);
	for (size_t i = 0; i < interaction->count; i++)
		free(interaction->devices[i]);
	free(interaction);
}

static struct interaction *interaction_add(struct involved *involved, const char *key,
                                           size_t length)
{
	if (involved->map.count >= INTERACTIONS_MAX)
		interaction_forget(involved, TAILQ_FIRST(&involved->by_age));
	struct interaction *interaction = calloc(1, sizeof *interaction + length + 1);
	if (!interaction)
		return NULL;
	memcpy(interaction->key, key, length + 1);
	if (map_insert(&involved->map, &interaction->node, interaction->key, length)) {
		free(interaction);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&involved->by_age, interaction, link);
	return interaction;
}

static void device_add(struct interaction *interaction, const char *device)
{
	for (size_t i = 0; i < interaction->count; i++)
		if (!strcmp(interaction->devices[i], device))
			return;
	if (interaction->count < DEVICES_MAX &&
	    (interaction->devices[interaction->count] = strdup(device)))
		interaction->count++;
}

/** Every device that the event names took part in this; or it is over. */
static void subject_hear(struct involved *involved, const struct bus_event *heard, const char *kind,
                         const char *id, bool over)
{
	char key[KEY_SIZE];
	size_t length = key_make(key, heard->switch_name, kind, id);
	if (!length)
		return;
	struct interaction *known = interaction_find(involved, key, length);
	if (over) {
		if (known)
			interaction_forget(involved, known);
		return;
	}
	/* Without memory for it, only who sees everything sees it: the safe side. */
	if (!known && !(known = interaction_add(involved, key, length)))
		return;
	for (size_t i = 0; i < heard->subject_count; i++)
		if (!strncmp(heard->subjects[i].subject, "device/", 7))
			device_add(known, heard->subjects[i].subject + 7);
}

static void event_hear(void *arg, const struct bus_event *heard, const struct cti_event *event)
{
	for (size_t i = 0; i < event->subject_count; i++) {
		const char *subject = event->subjects[i].subject;
		if (strncmp(subject, "interaction/", 12))
			continue;
		bool over = (event->type == CTI_EVENT_INTERACTION_ENDED ||
		             event->type == CTI_EVENT_INTERACTION_MERGED) &&
		            event->interaction_id && !strcmp(subject + 12, event->interaction_id);
		subject_hear(arg, heard, "interaction/", subject + 12, over);
	}
	if (event->connection.call_id)
		subject_hear(arg, heard, "call/", event->connection.call_id,
		             event->type == CTI_EVENT_CALL_CLEARED);
}

static const struct bus_door door = {.event = event_hear};

int involved_create(struct involved **out, struct bus *bus, struct cti_error *error)
{
	struct involved *involved = calloc(1, sizeof *involved);
	if (!involved)
		return cti_error_set(error, CTI_E_NOMEM, "rights: out of memory");
	TAILQ_INIT(&involved->by_age);
	involved->bus = bus;
	int code = bus_attach(bus, &door, involved);
	if (code) {
		free(involved);
		return cti_error_set(error, code, "rights: too many doors on the bus");
	}
	*out = involved;
	return 0;
}

void involved_destroy(struct involved **involved)
{
	struct involved *i = *involved;
	if (!i)
		return;
	bus_detach(i->bus, i);
	for (struct interaction *first; (first = TAILQ_FIRST(&i->by_age));)
		interaction_forget(i, first);
	map_free(&i->map);
	free(i);
	*involved = NULL;
}

bool involved_device(const struct involved *involved, const char *switch_name, const char *subject,
                     config_words devices)
{
	char key[KEY_SIZE];
	size_t length = key_make(key, switch_name, "", subject);
	struct interaction *known = length ? interaction_find(involved, key, length) : NULL;
	for (size_t i = 0; known && i < known->count; i++)
		if (config_in_ranges(devices, known->devices[i]))
			return true;
	return false;
}
