/* SPDX-License-Identifier: Apache-2.0 */
/* The parser's two halves: parse.c has lines, header and the whole; steps.c the steps. */
#ifndef FLOWS_PARSE_H
#define FLOWS_PARSE_H

#include "tests/flows/flow.h"

#define PARSE_TAGS_MAX      64
#define PARSE_VARIABLES_MAX 64

/* A request and, later, its answer: who asked what under :n, at which line. */
struct parse_tag {
	unsigned number;
	const char *actor;
	int line;
	bool from_server, answered;
};

struct parser {
	struct flow *flow;
	struct cti_error *error;
	int line, any_line; /* any_line: of the open any { }, 0 if none */
	size_t any;         /* its step */
	const char *words[FLOW_WORDS_MAX];
	size_t count;
	struct parse_tag tags[PARSE_TAGS_MAX];
	size_t tag_count;
	const char *variables[PARSE_VARIABLES_MAX];
	size_t variable_count;
};

/* Sets the error with file and line; returns its code. */
int parse_fail(struct parser *, const char *format, ...) __attribute__((format(printf, 2, 3)));
int parse_no_memory(struct parser *);
/* Memory that lives as long as the flow, zeroed, one octet longer than asked. NULL: none. */
void *parse_take(struct flow *, const void *from, size_t length);
const char *parse_keep(struct parser *, const char *word);
/* The words from @p first on as one text with single blanks. */
const char *parse_join(struct parser *, size_t first);
/* The nearest of @p names as "; did you mean "x"?", or "". */
const char *parse_nearest(const char *word, const char *const *names, char out[64]);
/* The words of p are one step. */
int parse_step(struct parser *);

#endif
