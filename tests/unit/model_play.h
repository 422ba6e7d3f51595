/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model on a bus of its own and a virtual clock; reports and events as lines of text:
 *
 *     says(p, "2003: delivered c1/2003 calling=5551234 called=2003 local=alerting");
 *     heard(p, "delivered c1/2003 alerting i1");
 *
 * A report begins with the monitored device ("-:" the switch has no monitors). An event shows type
 * without "call.", connection, state, flags (! anomaly, ~ resync, = derived) and the
 * interaction, numbered in the order of appearance.
 */
#ifndef TESTS_UNIT_MODEL_PLAY_H
#define TESTS_UNIT_MODEL_PLAY_H

#include "cti-server/model/model.h"
#include "pbx-adapters/host/clock.h"
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLAY_INTERACTIONS 64

struct play {
	struct clock *clock;
	struct bus *bus;
	struct bus_stream *stream;
	struct interactions *interactions;
	struct model *model;
	struct pbx_dialplan dialplan;
	char interaction[PLAY_INTERACTIONS][INTERACTION_ID];
	char text[65536]; /* what was heard since last asked */
	size_t used;
	unsigned healed; /* times that a call was to be read again */
	char last_json[8192];
	uint64_t sequence;
};

static int play_interaction(struct play *p, const char *id)
{
	if (!id)
		return 0;
	for (int i = 0; i < PLAY_INTERACTIONS; i++) {
		if (!p->interaction[i][0])
			snprintf(p->interaction[i], INTERACTION_ID, "%s", id);
		if (!strcmp(p->interaction[i], id))
			return i + 1;
	}
	return -1;
}

static void play_add(struct play *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void play_add(struct play *p, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	int n = vsnprintf(p->text + p->used, sizeof p->text - p->used, format, ap);
	va_end(ap);
	if (n > 0 && p->used + (size_t)n < sizeof p->text)
		p->used += (size_t)n;
}

static void play_event(void *arg, const struct bus_event *b, const struct cti_event *e)
{
	struct play *p = arg;
	const char *type = cti_event_type_name(e->type);
	/* Without holes, whatever happens. */
	assert_true(e->sequence > p->sequence);
	p->sequence = e->sequence;
	snprintf(p->last_json, sizeof p->last_json, "%s", b->json);
	play_add(p, "%s%s", p->used ? "\n" : "", strncmp(type, "call.", 5) ? type : type + 5);
	if (e->connection.call_id)
		play_add(p, " %s/%s", e->connection.call_id,
		         e->connection.device_id ? e->connection.device_id : "");
	if (e->connection.call_id && e->connection.device_id)
		play_add(p, " %s", cti_connection_state_name(e->connection.state));
	if (e->agent_id)
		play_add(p, " %s", e->agent_id);
	if (e->type == CTI_EVENT_DEVICE_MONITORED)
		play_add(p, " %s %d", e->subject.number, e->monitored);
	if (e->type == CTI_EVENT_SWITCH_RESYNC || e->type == CTI_EVENT_SWITCH_LINK_UP)
		play_add(p, " %u/%u", e->progress, e->total);
	if (e->flags & (CTI_EVENT_ANOMALY | CTI_EVENT_RESYNC | CTI_EVENT_DERIVED))
		play_add(p, " %s%s%s", e->flags & CTI_EVENT_ANOMALY ? "!" : "",
		         e->flags & CTI_EVENT_RESYNC ? "~" : "",
		         e->flags & CTI_EVENT_DERIVED ? "=" : "");
	if (e->interaction_id)
		play_add(p, " i%d", play_interaction(p, e->interaction_id));
	if (e->merged_into)
		play_add(p, ">i%d", play_interaction(p, e->merged_into));
	if (e->parent)
		play_add(p, "<i%d", play_interaction(p, e->parent));
	if (e->request_id)
		play_add(p, " by %s", e->request_id);
}

static inline void play_heal(void *arg, struct call *call, uint64_t delay)
{
	struct play *p = arg;
	(void)call, (void)delay;
	p->healed++;
}

static const struct bus_door play_door = {.event = play_event};

/* Bus and clock, without a model. */
static struct play *play_bus(void)
{
	struct play *p = calloc(1, sizeof *p);
	struct bus_options options = {.seed = 7, .ring_events = 4096};
	assert_non_null(p);
	assert_int_equal(clock_create_virtual(&p->clock, 1700000000000000, NULL), 0);
	assert_int_equal(bus_create(&p->bus, p->clock, &options, NULL), 0);
	assert_int_equal(bus_attach(p->bus, &play_door, p), 0);
	p->stream = bus_stream(p->bus, "acme", "hq");
	return p;
}

/* The devices of the list are monitored and have been read. */
static inline struct play *play_begin(const char *const *devices)
{
	struct play *p = play_bus();
	const struct model_owner owner = {.arg = p, .heal = play_heal};
	assert_int_equal(interactions_get(&p->interactions, p->bus, "acme"), 0);
	assert_int_equal(model_create(&p->model, "hq", p->stream, p->clock, &p->dialplan,
	                              p->interactions, &owner, 42, 0),
	                 0);
	for (; devices && *devices; devices++) {
		char monitor[32];
		struct device *d = model_device(p->model, *devices);
		assert_non_null(d);
		snprintf(monitor, sizeof monitor, "m%s", *devices);
		d->monitor = name_get(&p->model->names, monitor);
		d->monitor->monitored = d;
		d->monitoring = MONITOR_ACTIVE;
		d->current = true;
	}
	return p;
}

static inline void play_end(struct play **play)
{
	struct play *p = *play;
	struct cti_error error = {0};
	if (p->model && !model_check(p->model, &error))
		fail_msg("%s", error.text);
	bus_detach(p->bus, p);
	model_destroy(&p->model);
	interactions_put(&p->interactions);
	bus_destroy(&p->bus);
	clock_destroy(&p->clock);
	free(p);
	*play = NULL;
}

static inline struct cti_connection play_connection(char *text)
{
	struct cti_connection c = {.call_id = text, .state = CTI_CONNECTION_UNKNOWN};
	char *slash = strchr(text, '/'), *state = strchr(text, '=');
	if (state && cti_connection_state_parse(state + 1) >= 0) {
		*state = '\0';
		c.state = cti_connection_state_parse(state + 1);
	}
	if (slash) {
		*slash = '\0';
		c.device_id = slash + 1;
	}
	return c;
}

static inline void play_device(struct cti_device *d, const char *number)
{
	d->status = strcmp(number, "?") ? CTI_DEVICE_NUMBER : CTI_DEVICE_RESTRICTED;
	d->number = d->status == CTI_DEVICE_NUMBER ? number : NULL;
}

static inline void play_word(struct cti_event *e, struct cti_connection_item *items, char *word)
{
	char *value = strchr(word, '=');
	if (!value || (strchr(word, '/') && strchr(word, '/') < value)) {
		e->connection = play_connection(word);
		return;
	}
	*value++ = '\0';
	if (!strcmp(word, "calling"))
		play_device(&e->calling, value);
	else if (!strcmp(word, "called"))
		play_device(&e->called, value);
	else if (!strcmp(word, "redirected"))
		play_device(&e->last_redirection, value);
	else if (!strcmp(word, "subject"))
		play_device(&e->subject, value);
	else if (!strcmp(word, "to"))
		play_device(&e->other, value);
	else if (!strcmp(word, "group"))
		play_device(&e->group, value);
	else if (!strcmp(word, "cause"))
		e->cause = value;
	else if (!strcmp(word, "reason"))
		e->reason = value;
	else if (!strcmp(word, "digits"))
		e->digits = value;
	else if (!strcmp(word, "agent"))
		e->agent_id = value;
	else if (!strcmp(word, "old"))
		e->primary_old = play_connection(value);
	else if (!strcmp(word, "second"))
		e->secondary_old = play_connection(value);
	else if (!strcmp(word, "local"))
		e->local_state = cti_connection_state_parse(value);
	else if (!strcmp(word, "linkage")) {
		e->global_call.data = (const uint8_t *)value;
		e->global_call.length = strlen(value);
	} else if (!strcmp(word, "item")) { /* new<old, new=state<old */
		struct cti_connection_item *item = &items[e->item_count++];
		char *old = strchr(value, '<');
		if (old) {
			*old = '\0';
			item->old_connection = play_connection(old + 1);
		}
		item->new_connection = play_connection(value);
		e->items = items;
	} else {
		fail_msg("what is '%s'?", word);
	}
}

/* One report read from a line into *e; strings point into @p line. */
static inline void play_read(struct cti_event *e, struct cti_connection_item *items, char *monitor,
                             char *line)
{
	char *save = NULL, type[64];
	char *at = strtok_r(line, " ", &save), *name = strtok_r(NULL, " ", &save);
	assert_non_null(name);
	at[strlen(at) - 1] = '\0';
	snprintf(type, sizeof type, "%s%s", strchr(name, '.') ? "" : "call.", name);
	int known = cti_event_type_parse(type);
	if (known < 0)
		fail_msg("no event %s", type);
	cti_event_init(e, (enum cti_event_type)known);
	if (strcmp(at, "-")) {
		sprintf(monitor, "m%s", at);
		e->monitor = monitor;
	}
	for (char *word; (word = strtok_r(NULL, " ", &save));)
		play_word(e, items, word);
}

static inline void says(struct play *p, const char *line)
{
	char copy[1024], monitor[64];
	struct cti_event e;
	struct cti_connection_item items[8] = {0};
	struct cti_error error = {0};
	snprintf(copy, sizeof copy, "%s", line);
	play_read(&e, items, monitor, copy);
	model_event(p->model, &e);
	if (!model_check(p->model, &error))
		fail_msg("after '%s': %s", line, error.text);
}

/* What came out since last asked; lines in order. */
static inline void heard(struct play *p, const char *expected)
{
	if (strcmp(p->text, expected))
		fail_msg("expected:\n%s\nheard:\n%s", expected, p->text);
	p->used = 0;
	p->text[0] = '\0';
}

static inline void forget_heard(struct play *p)
{
	p->used = 0;
	p->text[0] = '\0';
}

struct play_state {
	const char *subject;
	char *json;
};

static inline void play_pick(void *arg, const struct bus_state *state)
{
	struct play_state *wanted = arg;
	if (!strcmp(state->subject, wanted->subject))
		wanted->json = strdup(state->json);
}

/* Is this part of the subject's state; part NULL: there is none. */
static inline void state_has(struct play *p, const char *subject, const char *part)
{
	struct play_state wanted = {.subject = subject};
	bus_states(p->stream, play_pick, &wanted);
	if (!part) {
		if (wanted.json)
			fail_msg("%s has a state: %s", subject, wanted.json);
		return;
	}
	if (!wanted.json || !strstr(wanted.json, part))
		fail_msg("%s: no '%s' in %s", subject, part, wanted.json ? wanted.json : "nothing");
	free(wanted.json);
}

static inline void wait_us(struct play *p, uint64_t us)
{
	clock_advance(p->clock, clock_now(p->clock) + us, NULL, NULL);
}

#endif
