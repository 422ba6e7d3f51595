/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps, one after the other. After every step that acts the world comes to rest; what is
 * expected then has either come or will not.
 *
 * An event that the flow names somewhere to an application must be expected whenever it comes;
 * types that the flow never names to it are passed over.
 */
#include "tests/flows/play.h"

#include "tests/flows/match.h"
#include "tests/flows/world.h"

#include <cti/event.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct player {
	const struct flow *flow;
	struct world *world;
	struct play_result *result;
	struct match_names names;
};

static bool fail_step(struct player *p, const struct flow_step *s, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

static bool fail_step(struct player *p, const struct flow_step *s, const char *format, ...)
{
	char *text = p->result->text;
	size_t size = sizeof(p->result->text);
	int at = snprintf(text, size, "%s:%d: %s\n", p->flow->file, s->line, s->source);
	va_list args;

	p->result->outcome = PLAY_FAILED;
	if (at < 0 || (size_t)at >= size)
		return false;
	va_start(args, format);
	vsnprintf(text + at, size - (size_t)at, format, args);
	va_end(args);
	return false;
}

/* ---- What is expected -------------------------------------------------------------------- */

/* The next event that the flow must expect of this app; NULL if there is none. */
static struct cti_event *next_event(struct app *app)
{
	while (app->taken < app->event_count) {
		struct cti_event *e = app->events[app->taken];

		if (app->types >> e->type & 1)
			return e;
		app->taken++;
	}
	return NULL;
}

static bool event_fits(struct player *p, const struct flow_step *s, const struct cti_event *e,
                       char *differs, size_t size)
{
	if ((int)e->type != s->type) {
		snprintf(differs, size, "event: expected %s, came %s",
		         cti_event_type_name((enum cti_event_type)s->type),
		         cti_event_type_name(e->type));
		return false;
	}
	return match_fields(&p->names, FIELD_EVENT, e, s->fields, s->field_count, differs, size);
}

static bool expect_event(struct player *p, const struct flow_step *s)
{
	struct app *app = world_app(p->world, s->actor);
	char differs[FIELD_TEXT + 64], came[900];
	struct cti_event *e;

	while (!(e = next_event(app))) {
		size_t count = app->event_count;

		world_wait(p->world, app, count);
		if (app->event_count == count)
			return fail_step(p, s, "expected: %s\ncame:     nothing\n", s->source);
	}
	if (event_fits(p, s, e, differs, sizeof(differs))) {
		app->taken++;
		return true;
	}
	ladder_event_text(e, came, sizeof(came));
	return fail_step(p, s, "expected: %s\ncame:     cti ==> %s %s\ndiffers:  %s\n", s->source,
	                 s->actor, came, differs);
}

static struct app_reply *find_reply(struct player *p, const struct flow_step *s)
{
	struct app_reply *r = world_app(p->world, s->actor)->replies;

	while (r && r->tag != s->tag)
		r = r->next;
	return r;
}

static bool expect_answer(struct player *p, const struct flow_step *s)
{
	struct app_reply *r = find_reply(p, s);
	char differs[FIELD_TEXT + 64], came[900];

	if (!r)
		return fail_step(p, s, "expected: %s\ncame:     no answer\n", s->source);
	if ((r->reply->code == 0) != s->ok)
		snprintf(differs, sizeof(differs), "outcome: expected %s, came %s",
		         s->ok ? "ok" : "error", r->reply->code ? "error" : "ok");
	else if (match_fields(&p->names, FIELD_REPLY, r->reply, s->fields, s->field_count, differs,
	                      sizeof(differs)))
		return true;
	ladder_reply_text(r->reply, came, sizeof(came));
	return fail_step(p, s, "expected: %s\ncame:     cti --> %s %s :%u\ndiffers:  %s\n",
	                 s->source, s->actor, came, s->tag, differs);
}

static bool request_fits(struct player *p, const struct flow_step *s, const struct world_request *r,
                         char *differs, size_t size)
{
	const char *wanted =
	        s->argument ? s->argument : cti_service_name((enum cti_service)s->type);

	if (strcmp(r->element, wanted) != 0) {
		snprintf(differs, size, "service: expected %s, came %s", wanted, r->element);
		return false;
	}
	return !r->request || match_fields(&p->names, FIELD_REQUEST, r->request, s->fields,
	                                   s->field_count, differs, size);
}

/* The server may ask for other things in between (snapshots, monitors): those wait. */
static bool expect_request(struct player *p, const struct flow_step *s)
{
	char differs[FIELD_TEXT + 64] = "";

	for (struct world_request *r = world_received(p->world); r; r = r->next)
		if (request_fits(p, s, r, differs, sizeof(differs))) {
			ladder_add(&p->result->ladder, world_now(p->world), "cti --> %-8s %s :%u",
			           s->actor, r->element, s->tag);
			world_received_take(p->world, r, s->tag);
			return true;
		}
	return fail_step(p, s, "expected: %s\ncame:     no such request\n%s%s%s", s->source,
	                 differs[0] ? "differs:  " : "", differs, differs[0] ? "\n" : "");
}

static bool expect(struct player *p, const struct flow_step *s)
{
	return s->kind == FLOW_EVENT    ? expect_event(p, s)
	       : s->kind == FLOW_ANSWER ? expect_answer(p, s)
	                                : expect_request(p, s);
}

/* In either order: of what is still expected, the first that fits what comes next. */
static bool expect_any(struct player *p, const struct flow_step *s)
{
	bool done[FLOW_STEPS_MAX] = {false};

	for (size_t n = 0; n < s->count; n++) {
		const struct flow_step *first = NULL;
		size_t i;

		for (i = 0; i < s->count; i++) {
			if (done[i])
				continue;
			if (!first)
				first = &s[1 + i];
			if (expect(p, &s[1 + i]))
				break;
		}
		if (i == s->count) {
			/* Say it of the first that is missing. */
			expect(p, first);
			return false;
		}
		done[i] = true;
	}
	p->result->outcome = PLAY_PASSED;
	return true;
}

/* ---- What acts --------------------------------------------------------------------------- */

static bool act(struct player *p, const struct flow_step *s)
{
	struct flow_field fields[FLOW_WORDS_MAX];
	struct field_pool pool = {0};
	struct cti_error error = {0};
	int code = 0;

	ladder_add(&p->result->ladder, world_now(p->world), "%s", s->source);
	for (size_t i = 0; i < s->field_count && !code; i++) {
		fields[i] = s->fields[i];
		code = match_expand(&p->names, s->fields[i].text, &pool, &fields[i].text, &error);
	}
	if (!code)
		code = s->kind == FLOW_REQUEST
		               ? world_request(p->world, world_app(p->world, s->actor), s, fields,
		                               &error)
		       : s->kind == FLOW_SEND ? world_send(p->world, s, fields, &error)
		       : s->kind == FLOW_WAIT ? world_advance(p->world, s->us, &error)
		                              : world_do(p->world, s, &error);
	if (!code)
		code = world_settle(p->world, &error);
	field_pool_free(&pool);
	return code ? fail_step(p, s, "%s\n", error.text) : true;
}

static bool quiet(struct player *p, const struct flow_step *s)
{
	const struct app *all = world_recorder(p->world);
	size_t before = all->event_count;
	struct cti_error error = {0};
	char came[900];

	if (world_advance(p->world, s->us, &error) != 0)
		return fail_step(p, s, "%s\n", error.text);
	if (all->event_count == before)
		return true;
	ladder_event_text(all->events[before], came, sizeof(came));
	return fail_step(p, s, "expected: nothing\ncame:     %s\n", came);
}

static bool play_step(struct player *p, const struct flow_step *s)
{
	switch (s->kind) {
	case FLOW_EVENT:
	case FLOW_ANSWER:
	case FLOW_EXPECT:
		return expect(p, s);
	case FLOW_ANY:
		return expect_any(p, s);
	case FLOW_QUIET:
		return quiet(p, s);
	case FLOW_ACT:
	case FLOW_REQUEST:
	case FLOW_WAIT:
	case FLOW_CUT:
	case FLOW_RESTORE:
	case FLOW_MISS:
	case FLOW_LEAVE:
	case FLOW_RETURN:
	case FLOW_SEND:
	case FLOW_RAW:
		return act(p, s);
	}
	return false;
}

static void name_types(struct player *p)
{
	for (size_t i = 0; i < p->flow->step_count; i++) {
		const struct flow_step *s = &p->flow->steps[i];

		if (s->kind == FLOW_EVENT)
			world_app(p->world, s->actor)->types |= UINT64_C(1) << s->type;
	}
}

/* Nothing that the flow names may be left over, and no counter may have a hole. */
static bool check_end(struct player *p)
{
	const struct flow_step *last = &p->flow->steps[p->flow->step_count - 1];
	const char *holes = world_holes(p->world);
	char came[900];

	for (size_t i = 0; i < p->flow->header_count; i++) {
		const struct flow_header *h = &p->flow->headers[i];
		struct cti_event *e;

		if (h->kind != FLOW_HEADER_APP)
			continue;
		e = next_event(world_app(p->world, h->words[0]));
		if (!e)
			continue;
		ladder_event_text(e, came, sizeof(came));
		return fail_step(p, last,
		                 "expected: the end of the flow\ncame:     cti ==> %s %s\n",
		                 h->words[0], came);
	}
	return holes ? fail_step(p, last, "%s\n", holes) : true;
}

static void play_steps(struct player *p)
{
	for (size_t i = 0; i < p->flow->step_count; i++) {
		const struct flow_step *s = &p->flow->steps[i];

		if (!play_step(p, s))
			return;
		if (s->kind == FLOW_ANY)
			i += s->count;
	}
	check_end(p);
}

/* ---- What is compared between transports ------------------------------------------------- */

static void keep_line(struct play_lines *l, const char *text)
{
	if (l->count == l->size) {
		size_t size = l->size ? 2 * l->size : 64;
		char **grown = realloc(l->lines, size * sizeof(*grown));

		if (!grown)
			return;
		l->lines = grown;
		l->size = size;
	}
	l->lines[l->count] = strdup(text);
	if (l->lines[l->count])
		l->count++;
}

static void normalise(struct player *p, enum flow_transport via)
{
	const struct app *all = world_recorder(p->world);
	struct match_renamer renamer = {0};
	char text[2048];

	for (size_t i = world_recorded_from(p->world); i < all->event_count; i++) {
		/* How far the reading of the switch has come is the link's own affair. */
		if (all->events[i]->type == CTI_EVENT_SWITCH_RESYNC)
			continue;
		match_normal(&renamer, via, all->events[i], text, sizeof(text));
		keep_line(&p->result->events[via], text);
	}
	match_renamer_free(&renamer);
}

void play_in(struct world *world, const struct flow *flow, enum flow_transport transport,
             struct play_result *result)
{
	struct player p = {.flow = flow, .result = result, .world = world, .names.via = transport};

	world_begin(world);
	name_types(&p);
	play_steps(&p);
	for (int via = 0; via < FLOW_TRANSPORTS; via++)
		normalise(&p, (enum flow_transport)via);
	match_names_free(&p.names);
}

void play(const struct flow *flow, enum flow_transport transport, struct play_result *result)
{
	struct world *world = NULL;
	struct cti_error error = {0};
	const char *lacks;

	if (world_create(&world, flow, transport, NULL, &result->ladder, &error) != 0) {
		result->outcome = error.code == CTI_E_UNSUPPORTED ? PLAY_SKIPPED : PLAY_FAILED;
		snprintf(result->text, sizeof(result->text), "%s", error.text);
		return;
	}
	lacks = world_lacks(world);
	if (lacks) {
		result->outcome = PLAY_SKIPPED;
		snprintf(result->text, sizeof(result->text), "%s", lacks);
	} else {
		play_in(world, flow, transport, result);
	}
	world_destroy(&world);
}

void play_result_free(struct play_result *result)
{
	for (int via = 0; via < FLOW_TRANSPORTS; via++) {
		for (size_t i = 0; i < result->events[via].count; i++)
			free(result->events[via].lines[i]);
		free(result->events[via].lines);
	}
	ladder_free(&result->ladder);
	memset(result, 0, sizeof(*result));
}

int play_compare(const struct play_result *a, const struct play_result *b, enum flow_transport via,
                 char *text, size_t size)
{
	const struct play_lines *one = &a->events[via], *other = &b->events[via];
	size_t most = one->count > other->count ? one->count : other->count;

	for (size_t i = 0; i < most; i++) {
		const char *left = i < one->count ? one->lines[i] : "(nothing)";
		const char *right = i < other->count ? other->lines[i] : "(nothing)";

		if (strcmp(left, right) == 0)
			continue;
		snprintf(text, size, "event %zu differs\n one: %s\nother: %s\n", i + 1, left,
		         right);
		return 1;
	}
	return 0;
}
