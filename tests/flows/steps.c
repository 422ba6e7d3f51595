/* SPDX-License-Identifier: Apache-2.0 */
/* One line of a flow after its header: who does what, or what is expected of whom. */
#include "csta/csta.h"
#include "pbx-adapters/host/options.h"
#include "tests/flows/fields.h"
#include "tests/flows/parse.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *words;
	unsigned arguments;
} verbs[] = {
#define X(name, text, arguments) {text, arguments},
        FLOW_VERBS(X)
#undef X
};

const char *flow_verb_words(enum flow_verb verb)
{
	return verbs[verb].words;
}

static bool is_app(const struct parser *p, const char *word)
{
	return flow_header_find(p->flow, FLOW_HEADER_APP, word) != NULL;
}

/* "app" or "phone" names, for the sentence that says what was expected. */
static const char *names_of(const struct parser *p, enum flow_header_kind kind, char out[96])
{
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < p->flow->header_count; i++) {
		const struct flow_header *h = &p->flow->headers[i];
		size_t words = kind == FLOW_HEADER_PHONE ? h->count : 1;

		for (size_t k = 0; h->kind == kind && k < words && at < 80; k++)
			at += (size_t)snprintf(out + at, 96 - at, "%s%s", at ? ", " : "",
			                       h->words[k]);
	}
	if (!at)
		snprintf(out, 96, "one that the header declares");
	return out;
}

/* Variables of a text: what an expected line binds, every other line must find bound. */
static int variables(struct parser *p, const char *text, bool binds)
{
	for (const char *at = strchr(text, '$'); at; at = strchr(at + 1, '$')) {
		size_t length = 1, i = 0;

		while (isalnum((unsigned char)at[length]) || at[length] == '_')
			length++;
		if (length == 1)
			return parse_fail(p, "\"%s\": a name must follow $", text);
		while (i < p->variable_count &&
		       (strncmp(p->variables[i], at, length) != 0 || p->variables[i][length]))
			i++;
		if (i < p->variable_count)
			continue;
		if (!binds)
			return parse_fail(
			        p, "%.*s is not bound yet: an earlier \"==>\" line must name it",
			        (int)length, at);
		if (i == PARSE_VARIABLES_MAX)
			return parse_fail(p, "more than %d variables", PARSE_VARIABLES_MAX);
		p->variables[i] = parse_take(p->flow, at, length);
		if (!p->variables[i])
			return parse_no_memory(p);
		p->variable_count++;
	}
	return 0;
}

/* Fields and tag from word @p first on. */
static int parse_fields(struct parser *p, struct flow_step *s, size_t first, enum field_of of,
                        bool binds)
{
	s->fields = parse_take(p->flow, NULL, (p->count + 1) * sizeof(*s->fields));
	if (!s->fields)
		return parse_no_memory(p);
	for (size_t i = first; i < p->count; i++) {
		const char *word = p->words[i], *sign = strpbrk(word, "=~"), *near;
		struct flow_field *f = &s->fields[s->field_count];
		int code;

		if (word[0] == ':' && isdigit((unsigned char)word[1])) {
			s->tag = (unsigned)strtoul(word + 1, NULL, 10);
			if (!s->tag || i + 1 < p->count)
				return parse_fail(p, "\"%s\": expected :1, :2, ... at the end",
				                  word);
			continue;
		}
		if (!sign || sign == word)
			return parse_fail(p, "\"%s\": expected field=value", word);
		f->name = parse_take(p->flow, word, (size_t)(sign - word));
		f->text = parse_keep(p, sign + 1);
		f->contains = *sign == '~';
		if (!f->name || !f->text)
			return parse_no_memory(p);
		if (!s->attach && !s->argument && !field_known(of, f->name)) {
			near = field_nearest(of, f->name);
			return parse_fail(p, "no field \"%s\" there%s%s", f->name,
			                  near ? "; did you mean " : "", near ? near : "");
		}
		if (f->contains && !binds)
			return parse_fail(p, "\"%s\": ~ is for what is expected", word);
		code = variables(p, f->text, binds);
		if (code)
			return code;
		s->field_count++;
	}
	return 0;
}

/* A request opens :n, its answer takes it. */
static int tag_open(struct parser *p, struct flow_step *s, bool from_server)
{
	if (!s->tag)
		return 0;
	for (size_t i = 0; i < p->tag_count; i++)
		if (p->tags[i].number == s->tag)
			return parse_fail(p, ":%u stands at line %d already", s->tag,
			                  p->tags[i].line);
	if (p->tag_count == PARSE_TAGS_MAX)
		return parse_fail(p, "more than %d requests", PARSE_TAGS_MAX);
	p->tags[p->tag_count++] = (struct parse_tag){s->tag, s->actor, p->line, from_server, false};
	return 0;
}

static int tag_answer(struct parser *p, struct flow_step *s, bool by_server)
{
	if (!s->tag)
		return parse_fail(p, "which request does it answer? expected :n at the end");
	for (size_t i = 0; i < p->tag_count; i++) {
		struct parse_tag *t = &p->tags[i];

		if (t->number != s->tag)
			continue;
		if (strcmp(t->actor, s->actor) != 0 || t->from_server == by_server)
			return parse_fail(p, ":%u was asked at line %d by another", s->tag,
			                  t->line);
		if (t->answered)
			return parse_fail(p, ":%u is answered twice", s->tag);
		t->answered = true;
		return 0;
	}
	return parse_fail(p, ":%u answers nothing: no request before it has that number", s->tag);
}

static int parse_event(struct parser *p, struct flow_step *s)
{
	static const char *const types[] = {
#define X(name, type, phase, element) type,
	        CTI_EVENTS(X)
#undef X
	                NULL};
	char near[64], names[96];

	if (p->count < 4 || !is_app(p, p->words[2]))
		return parse_fail(p, "expected cti ==> APP event, where APP is %s",
		                  names_of(p, FLOW_HEADER_APP, names));
	s->kind = FLOW_EVENT;
	s->actor = parse_keep(p, p->words[2]);
	s->type = cti_event_type_parse(p->words[3]);
	if (s->type < 0)
		return parse_fail(p, "\"%s\" is no event: expected for example call.delivered%s",
		                  p->words[3], parse_nearest(p->words[3], types, near));
	return s->actor ? parse_fields(p, s, 4, FIELD_EVENT, true) : parse_no_memory(p);
}

static int ok_or_error(struct parser *p, struct flow_step *s, size_t at)
{
	s->ok = strcmp(p->words[at], "ok") == 0;
	if (!s->ok && strcmp(p->words[at], "error") != 0)
		return parse_fail(p, "\"%s\": expected ok or error", p->words[at]);
	return 0;
}

/* cti --> crm ok connection=$c :1 */
static int parse_answer(struct parser *p, struct flow_step *s)
{
	int code;

	s->kind = FLOW_ANSWER;
	s->actor = parse_keep(p, p->words[2]);
	if (!s->actor)
		return parse_no_memory(p);
	code = p->count < 4 ? parse_fail(p, "expected ok or error") : ok_or_error(p, s, 3);
	if (!code)
		code = parse_fields(p, s, 4, FIELD_REPLY, true);
	return code ? code : tag_answer(p, s, true);
}

static int service_of(struct parser *p, const char *word)
{
	static const char *const services[] = {
#define X(name, verb, element) element,
	        CTI_SERVICES(X)
#undef X
	                NULL};
	char near[64];
	int service = cti_service_parse(word);
	const struct csta_type *type = csta_type_of_element(word, strlen(word));

	if (service < 0 && type && type->kind == CSTA_REQUEST)
		service = CTI_SERVICE_OTHER;
	if (service < 0)
		parse_fail(p, "\"%s\" is no service: expected for example AnswerCall%s", word,
		           parse_nearest(word, services, near));
	return service;
}

/* crm --> cti AnswerCall connection=$c :1, or crm --> cti AttachData interaction=$i key=value :2 */
static int parse_request(struct parser *p, struct flow_step *s)
{
	int code;

	s->kind = FLOW_REQUEST;
	if (p->count < 4 || strcmp(p->words[2], "cti") != 0)
		return parse_fail(p, "expected %s --> cti Service field=value", p->words[0]);
	s->attach = strcmp(p->words[3], "AttachData") == 0;
	s->type = s->attach ? -1 : service_of(p, p->words[3]);
	if (!s->attach && s->type < 0)
		return p->error ? p->error->code : CTI_E_INVALID;
	if (s->type == CTI_SERVICE_OTHER && !(s->argument = parse_keep(p, p->words[3])))
		return parse_no_memory(p);
	code = parse_fields(p, s, 4, FIELD_REQUEST, false);
	return code ? code : tag_open(p, s, false);
}

/* hq --> cti Delivered..., ok :1, error :1, file NAME */
static int parse_send(struct parser *p, struct flow_step *s)
{
	int code = 0;

	p->flow->wire = true;
	s->kind = FLOW_SEND;
	if (p->count < 4 || strcmp(p->words[2], "cti") != 0)
		return parse_fail(p, "expected %s --> cti event, ok, error or file", p->words[0]);
	if (strcmp(p->words[3], "file") == 0) {
		if (p->count < 5)
			return parse_fail(p, "expected the name of a file");
		s->argument = parse_keep(p, p->words[4]);
		if (!s->argument)
			return parse_no_memory(p);
		code = parse_fields(p, s, 5, FIELD_EVENT, false);
		return code || !s->tag ? code : tag_answer(p, s, false);
	}
	s->type = cti_event_type_parse(p->words[3]);
	if (s->type >= 0)
		return parse_fields(p, s, 4, FIELD_EVENT, false);
	if (ok_or_error(p, s, 3) != 0)
		return parse_fail(p, "\"%s\": expected an event, ok, error or file", p->words[3]);
	code = parse_fields(p, s, 4, FIELD_REPLY, false);
	return code ? code : tag_answer(p, s, false);
}

/* cti --> hq AnswerCall connection=... :1, or an element of the session: SystemRegister :2 */
static int parse_expect(struct parser *p, struct flow_step *s)
{
	int code;

	p->flow->wire = true;
	s->kind = FLOW_EXPECT;
	s->actor = parse_keep(p, p->words[2]);
	if (!s->actor)
		return parse_no_memory(p);
	if (p->count < 4)
		return parse_fail(p, "expected cti --> %s Service", p->words[2]);
	s->type = cti_service_parse(p->words[3]);
	s->argument = s->type < 0 ? parse_keep(p, p->words[3]) : NULL;
	code = parse_fields(p, s, 4, FIELD_REQUEST, true);
	return code ? code : tag_open(p, s, true);
}

static int parse_act(struct parser *p, struct flow_step *s)
{
	static const char *const known[] = {
#define X(name, text, arguments) text,
	        FLOW_VERBS(X)
#undef X
	                NULL};
	char near[64], names[96];
	const char *rest = parse_join(p, 1);

	if (!rest)
		return parse_no_memory(p);
	s->kind = FLOW_ACT;
	if (!flow_header_find(p->flow, FLOW_HEADER_PHONE, p->words[0]))
		return parse_fail(p, "\"%s\": expected %s, an app or a phone: %s", p->words[0],
		                  p->flow->switch_name, names_of(p, FLOW_HEADER_PHONE, names));
	for (int v = 0; v < FLOW_VERB_COUNT; v++) {
		size_t length = strlen(verbs[v].words);
		const char *tail = rest + length;

		if (strncmp(rest, verbs[v].words, length) != 0 || (*tail && *tail != ' '))
			continue;
		tail += *tail == ' ';
		s->verb = (enum flow_verb)v;
		s->argument = *tail ? tail : NULL;
		if (!*tail != !verbs[v].arguments || strchr(tail, ' '))
			return parse_fail(p, "\"%s %s\": expected %s", p->words[0], rest,
			                  verbs[v].arguments ? "one number after it"
			                                     : "nothing after it");
		return 0;
	}
	return parse_fail(p, "\"%s\" is nothing that a phone does%s", rest,
	                  parse_nearest(rest, known, near));
}

static int parse_time(struct parser *p, struct flow_step *s, const char *word)
{
	int64_t us = flow_duration(word);

	if (us < 0)
		return parse_fail(p, "\"%s\": expected a duration, for example 5s or 250ms", word);
	s->us = (uint64_t)us;
	return 0;
}

static int parse_raw(struct parser *p, struct flow_step *s)
{
	uint8_t octets[4096];
	size_t count = 0;

	p->flow->wire = true;
	s->kind = FLOW_RAW;
	for (size_t i = 2; i < p->count; i++)
		for (const char *at = p->words[i]; *at; at += 2) {
			unsigned value;
			int taken = 0;

			if (sscanf(at, "%2x%n", &value, &taken) != 1 || taken != 2)
				return parse_fail(p, "\"%s\": expected octets in hexadecimal",
				                  p->words[i]);
			if (count == sizeof(octets))
				return parse_fail(p, "more than %zu octets", sizeof(octets));
			octets[count++] = (uint8_t)value;
		}
	s->octets = parse_take(p->flow, octets, count);
	s->octet_count = count;
	return s->octets ? 0 : parse_no_memory(p);
}

static bool two_words(const struct parser *p, const char *first, const char *second)
{
	return p->count == 2 && (!first || strcmp(p->words[0], first) == 0) &&
	       (!second || strcmp(p->words[1], second) == 0);
}

static int parse_words(struct parser *p, struct flow_step *s)
{
	const char *first = p->words[0], *hq = p->flow->switch_name;
	const char *arrow = p->count > 1 ? p->words[1] : "";

	s->actor = parse_keep(p, first);
	if (!s->actor)
		return parse_no_memory(p);
	if (first[0] == '+' && p->count == 1) {
		s->kind = FLOW_WAIT;
		return parse_time(p, s, first + 1);
	}
	if (two_words(p, "quiet", NULL)) {
		s->kind = FLOW_QUIET;
		return parse_time(p, s, p->words[1]);
	}
	if (two_words(p, "cut", hq) || two_words(p, "restore", hq)) {
		s->kind = first[0] == 'c' ? FLOW_CUT : FLOW_RESTORE;
		return 0;
	}
	if (strcmp(first, "raw") == 0 && strcmp(arrow, hq) == 0)
		return parse_raw(p, s);
	if (strcmp(first, hq) == 0 && strcmp(arrow, "misses") == 0 && p->count == 3) {
		s->kind = FLOW_MISS;
		s->type = cti_event_type_parse(p->words[2]);
		return s->type < 0 ? parse_fail(p, "\"%s\" is no event", p->words[2]) : 0;
	}
	if (strcmp(first, "cti") == 0 && strcmp(arrow, "==>") == 0)
		return parse_event(p, s);
	if (strcmp(first, "cti") == 0 && strcmp(arrow, "-->") == 0 && p->count > 2) {
		char names[96];

		if (is_app(p, p->words[2]))
			return parse_answer(p, s);
		if (strcmp(p->words[2], hq) == 0)
			return parse_expect(p, s);
		return parse_fail(p, "\"%s\": expected %s or an app: %s", p->words[2], hq,
		                  names_of(p, FLOW_HEADER_APP, names));
	}
	if (is_app(p, first) && strcmp(arrow, "-->") == 0)
		return parse_request(p, s);
	if (is_app(p, first) && (two_words(p, NULL, "leaves") || two_words(p, NULL, "returns"))) {
		s->kind = arrow[0] == 'l' ? FLOW_LEAVE : FLOW_RETURN;
		return 0;
	}
	if (strcmp(first, hq) == 0 && strcmp(arrow, "-->") == 0)
		return parse_send(p, s);
	return parse_act(p, s);
}

int parse_step(struct parser *p)
{
	struct flow *flow = p->flow;
	struct flow_step *s, *grown;
	int code;

	if (two_words(p, "any", "{")) {
		if (p->any_line)
			return parse_fail(p, "any { of line %d is still open: expected }",
			                  p->any_line);
		p->any_line = p->line;
	} else if (p->count == 1 && strcmp(p->words[0], "}") == 0) {
		if (!p->any_line)
			return parse_fail(p, "} closes nothing: expected a step");
		p->any_line = 0;
		s = &flow->steps[p->any];
		s->count = (size_t)(&flow->steps[flow->step_count] - s) - 1;
		return s->count ? 0 : parse_fail(p, "any { } holds nothing: expected steps in it");
	}
	if (flow->step_count == FLOW_STEPS_MAX)
		return parse_fail(p, "more than %d steps", FLOW_STEPS_MAX);
	if (!flow->steps) {
		grown = calloc(FLOW_STEPS_MAX, sizeof(*grown));
		if (!grown)
			return parse_no_memory(p);
		flow->steps = grown;
	}
	s = &flow->steps[flow->step_count++];
	s->line = p->line;
	s->type = -1;
	s->source = parse_join(p, 0);
	if (!s->source)
		return parse_no_memory(p);
	if (p->any_line == p->line) {
		s->kind = FLOW_ANY;
		p->any = flow->step_count - 1;
		return 0;
	}
	code = parse_words(p, s);
	if (!code && p->any_line && s->kind != FLOW_EVENT && s->kind != FLOW_ANSWER &&
	    s->kind != FLOW_EXPECT)
		return parse_fail(p, "any { } is for what is expected: \"cti ==>\" or \"cti -->\"");
	return code;
}
