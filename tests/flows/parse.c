/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a file to a struct flow:
 *
 *     flow   Inbound call answered from the desktop        header, ends at the first empty line
 *     phone  5551234  2001
 *     app    crm
 *
 *     5551234   dials     2001                             steps
 *     cti  ==>  crm       call.delivered   device=2001 connection=$c
 *     crm  -->  cti       AnswerCall       connection=$c   :1
 *     cti  -->  crm       ok                               :1
 */
#include "tests/flows/parse.h"

#include "csta/csta.h"
#include "pbx-adapters/host/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct block {
	struct block *next;
	max_align_t data[];
};

static const char *const transport_names[] = {"inproc", "xml", "ber", "ber2", "ber1", NULL};
static const char *const header_words[] = {
#define X(name, word) word,
        FLOW_HEADERS(X)
#undef X
                NULL};
const char *flow_transport_name(enum flow_transport transport)
{
	return transport_names[transport];
}

int flow_transport_parse(const char *name)
{
	for (int i = 0; transport_names[i]; i++)
		if (strcmp(transport_names[i], name) == 0)
			return i;
	return -1;
}

int64_t flow_duration(const char *text)
{
	static const struct {
		const char *unit;
		int64_t us;
	} units[] = {{"ms", 1000}, {"s", 1000000}, {"m", 60000000}, {"h", 3600000000}};
	char *end;
	long n;

	if (!isdigit((unsigned char)text[0]))
		return -1;
	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || n > 1000000)
		return -1;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(end, units[i].unit) == 0)
			return n * units[i].us;
	return -1;
}

int parse_fail(struct parser *p, const char *format, ...)
{
	char text[CTI_ERROR_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return cti_error_set(p->error, CTI_E_INVALID, "%s:%d: %s", p->flow->file, p->line, text);
}

int parse_no_memory(struct parser *p)
{
	return cti_error_set(p->error, CTI_E_NOMEM, "%s: out of memory", p->flow->file);
}

/* Memory that lives as long as the flow. */
void *parse_take(struct flow *flow, const void *from, size_t length)
{
	struct block *b = calloc(1, sizeof(*b) + length + 1);

	if (!b)
		return NULL;
	b->next = flow->blocks;
	flow->blocks = b;
	if (from)
		memcpy(b->data, from, length);
	return b->data;
}

void flow_destroy(struct flow **flow)
{
	if (!*flow)
		return;
	for (struct block *b = (*flow)->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free((*flow)->headers);
	free((*flow)->steps);
	free(*flow);
	*flow = NULL;
}

const struct flow_header *flow_header_find(const struct flow *flow, enum flow_header_kind kind,
                                           const char *word)
{
	for (size_t i = 0; i < flow->header_count; i++) {
		const struct flow_header *h = &flow->headers[i];
		size_t words = kind == FLOW_HEADER_PHONE ? h->count : h->count ? 1 : 0;

		for (size_t k = 0; h->kind == kind && k < words; k++)
			if (strcmp(h->words[k], word) == 0)
				return h;
	}
	return NULL;
}

/* ---- One line into words ------------------------------------------------------------------ */

/* Blanks part words; quotes hold blanks together, also within name="..."; # begins a comment. */
static int split(struct parser *p, char *line)
{
	char *in = line, *out;

	p->count = 0;
	for (;;) {
		while (*in == ' ' || *in == '\t')
			in++;
		if (!*in || *in == '#')
			return 0;
		if (p->count == FLOW_WORDS_MAX)
			return parse_fail(p, "more than %d words", FLOW_WORDS_MAX);
		p->words[p->count++] = out = in;
		for (bool quote = false; *in && (quote || (*in != ' ' && *in != '\t')); in++) {
			if (*in == '"')
				quote = !quote;
			else
				*out++ = *in;
			if (quote && !in[1])
				return parse_fail(p, "the quote is not closed: expected \"");
		}
		if (*in)
			in++;
		*out = '\0';
	}
}

/* The words from @p first on as one text with single blanks. */
const char *parse_join(struct parser *p, size_t first)
{
	char text[1024];
	size_t at = 0;

	for (size_t i = first; i < p->count && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", i > first ? " " : "",
		                       p->words[i]);
	return parse_take(p->flow, text, at < sizeof(text) ? at : sizeof(text) - 1);
}

const char *parse_keep(struct parser *p, const char *word)
{
	return parse_take(p->flow, word, strlen(word));
}

/* Nearest of the names that @p kind declares, as "; did you mean x?" or "". */
const char *parse_nearest(const char *word, const char *const *names, char out[64])
{
	const char *near = options_nearest(word, names);

	out[0] = '\0';
	if (near)
		snprintf(out, 64, "; did you mean \"%s\"?", near);
	return out;
}

/* ---- Header -------------------------------------------------------------------------------- */

static int header_list(struct parser *p, const struct flow_header *h)
{
	unsigned transports = 0;

	for (size_t i = 0; i < h->count; i++) {
		char list[256], *save = NULL;

		snprintf(list, sizeof(list), "%s", h->words[i]);
		for (char *word = strtok_r(list, ",", &save); word;
		     word = strtok_r(NULL, ",", &save)) {
			int n = flow_transport_parse(word);

			if (h->kind == FLOW_HEADER_RUNS && n < 0)
				return parse_fail(
				        p, "\"%s\": expected inproc, xml, ber, ber2 or ber1", word);
			if (h->kind == FLOW_HEADER_NEEDS && cti_service_parse(word) < 0 &&
			    !csta_type_of_element(word, strlen(word)))
				return parse_fail(
				        p, "\"%s\" is no service: expected for example AnswerCall",
				        word);
			if (h->kind == FLOW_HEADER_RUNS)
				transports |= 1u << n;
		}
	}
	if (h->kind == FLOW_HEADER_RUNS)
		p->flow->transports = transports;
	return 0;
}

static int header_app(struct parser *p, const struct flow_header *h)
{
	for (size_t i = 1; i < h->count; i += 2) {
		static const char *const known[] = {"watches", "may", "on", "over", NULL};
		char near[64];

		if (!options_nearest(h->words[i], known) ||
		    strcmp(options_nearest(h->words[i], known), h->words[i]) != 0)
			return parse_fail(p, "\"%s\": expected watches, may, on or over%s",
			                  h->words[i], parse_nearest(h->words[i], known, near));
		if (i + 1 == h->count)
			return parse_fail(p, "nothing follows \"%s\"", h->words[i]);
	}
	return 0;
}

static int header_switch(struct parser *p, const struct flow_header *h)
{
	static const char *const known[] = {"no-answer=",
	                                    "ring-limit=",
	                                    "prompt=",
	                                    "wrap-up=",
	                                    "park-recall=",
	                                    "hold-recall=",
	                                    "transfer-recall=",
	                                    "trunks=",
	                                    "diverted=",
	                                    "intrude=",
	                                    NULL};

	for (size_t i = 0; i < h->count; i++) {
		const char *value = strchr(h->words[i], '=');
		size_t k = 0;

		while (known[k] && strncmp(known[k], h->words[i], strlen(known[k])) != 0)
			k++;
		if (!known[k])
			return parse_fail(p,
			                  "\"%s\": expected no-answer=, ring-limit=, prompt=, "
			                  "wrap-up=, park-recall=, hold-recall=, transfer-recall=, "
			                  "trunks=, diverted= or intrude=",
			                  h->words[i]);
		if (k < 7 && flow_duration(value + 1) < 0)
			return parse_fail(p, "\"%s\": expected a duration, for example 20s",
			                  h->words[i]);
	}
	return 0;
}

static int header_extension(struct parser *p, const struct flow_header *h)
{
	static const char *const inside[] = {
	        "immediate=",   "busy=",      "no-answer=", "do-not-disturb",
	        "call-waiting", "hands-free", "offered=",   NULL};
	static const char *const outside[] = {"withholds", "is-busy", "answers=", NULL};
	const char *const *known = h->kind == FLOW_HEADER_OUTSIDE ? outside : inside;
	char near[64];

	for (size_t i = 1; i < h->count; i++) {
		size_t k = 0;

		while (known[k] && strncmp(known[k], h->words[i], strlen(known[k])) != 0)
			k++;
		if (!known[k])
			return parse_fail(p, "\"%s\" is nothing of %s%s", h->words[i],
			                  known == outside ? "an outside party" : "an extension",
			                  parse_nearest(h->words[i], known, near));
	}
	return 0;
}

static int header_check(struct parser *p, const struct flow_header *h)
{
	if (!h->count)
		return parse_fail(p, "nothing follows \"%s\"", header_words[h->kind]);
	switch (h->kind) {
	case FLOW_HEADER_FLOW:
		if (p->flow->title)
			return parse_fail(p, "a second title: one file holds one flow");
		p->flow->title = parse_join(p, 1);
		return p->flow->title ? 0 : parse_no_memory(p);
	case FLOW_HEADER_AGENT:
		if (h->count < 5 || strcmp(h->words[1], "at") != 0 ||
		    strcmp(h->words[3], "in") != 0)
			return parse_fail(p,
			                  "expected agent ID at PHONE in QUEUE [wrapup DURATION]");
		if (h->count > 5 && (h->count != 7 || strcmp(h->words[5], "wrapup") != 0 ||
		                     flow_duration(h->words[6]) < 0))
			return parse_fail(p,
			                  "expected wrapup and a duration, for example wrapup 30s");
		return 0;
	case FLOW_HEADER_PLACE:
		return h->count < 2
		               ? parse_fail(p, "expected place NUMBER route|announcement|recorder")
		               : 0;
	case FLOW_HEADER_HUNT:
		return h->count < 2 ? parse_fail(p, "expected hunt NUMBER and its members") : 0;
	case FLOW_HEADER_SWITCH:
		return header_switch(p, h);
	case FLOW_HEADER_APP:
		return header_app(p, h);
	case FLOW_HEADER_NEEDS:
	case FLOW_HEADER_RUNS:
		return header_list(p, h);
	case FLOW_HEADER_SESSION:
		if (strcmp(h->words[0], "auto") != 0 && strcmp(h->words[0], "openscape") != 0)
			return parse_fail(p, "\"%s\": expected auto or openscape", h->words[0]);
		return 0;
	case FLOW_HEADER_EXTENSION:
	case FLOW_HEADER_OUTSIDE:
		return header_extension(p, h);
	case FLOW_HEADER_PHONE:
	case FLOW_HEADER_QUEUE:
	case FLOW_HEADER_PARK:
	case FLOW_HEADER_GROUP:
	case FLOW_HEADER_MONITORS:
	case FLOW_HEADER_COUNT:
		return 0;
	}
	return 0;
}

static int parse_header(struct parser *p)
{
	struct flow *flow = p->flow;
	struct flow_header *h, *grown;
	char near[64];
	int kind = 0;

	while (header_words[kind] && strcmp(header_words[kind], p->words[0]) != 0)
		kind++;
	if (!header_words[kind])
		return parse_fail(p, "\"%s\" begins no header line%s", p->words[0],
		                  parse_nearest(p->words[0], header_words, near));
	grown = realloc(flow->headers, (flow->header_count + 1) * sizeof(*grown));
	if (!grown)
		return parse_no_memory(p);
	flow->headers = grown;
	h = &grown[flow->header_count++];
	*h = (struct flow_header){.kind = (enum flow_header_kind)kind, .line = p->line};
	h->words = parse_take(flow, NULL, (p->count - 1) * sizeof(*h->words));
	if (!h->words)
		return parse_no_memory(p);
	for (h->count = 0; h->count + 1 < p->count; h->count++) {
		h->words[h->count] = parse_keep(p, p->words[h->count + 1]);
		if (!h->words[h->count])
			return parse_no_memory(p);
	}
	return header_check(p, h);
}

/* What only the whole tells. */
static int check_whole(struct parser *p)
{
	struct flow *flow = p->flow;

	if (!flow->title)
		return parse_fail(p, "expected a line \"flow TITLE\"");
	if (!flow->step_count)
		return parse_fail(p, "no steps: expected them after an empty line");
	if (p->any_line)
		return parse_fail(p, "any { of line %d is not closed: expected }", p->any_line);
	for (size_t i = 0; i < p->tag_count; i++)
		if (!p->tags[i].answered) {
			p->line = p->tags[i].line;
			return parse_fail(p,
			                  ":%u is never answered: expected %s --> %s ok or error",
			                  p->tags[i].number,
			                  p->tags[i].from_server ? flow->switch_name : "cti",
			                  p->tags[i].from_server ? "cti" : p->tags[i].actor);
		}
	for (size_t i = 0; i < flow->step_count; i++)
		if (flow->wire && flow->steps[i].kind == FLOW_ACT) {
			p->line = flow->steps[i].line;
			return parse_fail(p, "a flow that plays the switch has no phones");
		}
	/* In a flow of the second kind there is a wire always, and the paper speaks Phase III. */
	if (flow->wire)
		flow->transports &= 1u << FLOW_XML | 1u << FLOW_BER;
	return flow->transports ? 0 : parse_fail(p, "runs on no transport");
}

static int parse_line(struct parser *p, char *line, bool *in_header)
{
	int code = split(p, line);

	if (code || !p->count) {
		/* An empty line, not one of comment alone, ends the header. */
		if (!code && line[strspn(line, " \t")] != '#' && p->flow->header_count)
			*in_header = false;
		return code;
	}
	return *in_header ? parse_header(p) : parse_step(p);
}

int flow_parse(struct flow **out, const char *file, const char *text, size_t length,
               struct cti_error *error)
{
	struct parser *p = calloc(1, sizeof(*p));
	struct flow *flow = calloc(1, sizeof(*flow));
	char *copy = malloc(length + 1);
	bool in_header = true;
	int code = 0;

	if (p && flow && copy && (flow->file = parse_take(flow, file, strlen(file)))) {
		char *line = copy, *next;

		p->flow = flow;
		p->error = error;
		flow->switch_name = "hq";
		flow->transports = (1u << FLOW_TRANSPORTS) - 1;
		memcpy(copy, text, length);
		copy[length] = '\0';
		if (strlen(copy) != length)
			code = parse_fail(p, "a NUL octet: expected text");
		for (; !code && line; line = next) {
			next = strchr(line, '\n');
			if (next)
				*next++ = '\0';
			line[strcspn(line, "\r")] = '\0';
			p->line++;
			code = parse_line(p, line, &in_header);
		}
		if (!code)
			code = check_whole(p);
	} else {
		code = cti_error_set(error, CTI_E_NOMEM, "%s: out of memory", file);
	}
	free(copy);
	free(p);
	if (code)
		flow_destroy(&flow);
	else
		*out = flow;
	return code;
}

int flow_load(struct flow **out, const char *path, struct cti_error *error)
{
	char *text = malloc(FLOW_FILE_MAX + 1);
	FILE *f = fopen(path, "rb");
	size_t length;
	int code;

	if (!f || !text) {
		code = cti_error_set(error, CTI_E_IO, "%s: %s", path, strerror(errno));
	} else {
		length = fread(text, 1, FLOW_FILE_MAX + 1, f);
		code = ferror(f) ? cti_error_set(error, CTI_E_IO, "%s: cannot be read", path)
		       : length > FLOW_FILE_MAX
		               ? cti_error_set(error, CTI_E_LIMIT, "%s: longer than %d octets",
		                               path, FLOW_FILE_MAX)
		               : flow_parse(out, path, text, length, error);
	}
	if (f)
		fclose(f);
	free(text);
	return code;
}
