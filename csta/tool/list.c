/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csta list: the table of messages for people, programs and the README.
 */
#include "csta/catalogue.h"
#include "csta/tool/tool.h"
#include "csta/walk.h"

#include <stdio.h>
#include <string.h>

#define CHAPTER_END 100

static bool wanted(const struct tool_options *options, const struct csta_type *type)
{
	const char *title = csta_chapter_title(csta_chapter_of(type));
	if (options->kind >= 0 && type->kind != (enum csta_kind)options->kind)
		return false;
	if (options->chapter && csta_chapter_of(type) != options->chapter)
		return false;
	return !options->file || strcasestr(type->element, options->file) ||
	       (title && strcasestr(title, options->file));
}

static void phases_print(char *text, unsigned phases)
{
	static const char *const names[] = {"I", "II", "III"};
	*text = '\0';
	for (unsigned i = 0; i < 3; i++)
		if (phases & 1u << (i + 1))
			strcat(strcat(text, *text ? " " : ""), names[i]);
}

/* ROSE's code, of events category and tag. */
static void operation_print(char *text, size_t size, const struct csta_type *type)
{
	if (type->event_category >= 0)
		snprintf(text, size, "%d.%d", type->event_category, type->event_tag);
	else if (type->operation >= 0)
		snprintf(text, size, "%d", type->operation);
	else
		snprintf(text, size, "-");
}

static void row_print(const struct csta_type *type)
{
	char operation[24], phases[16], doer[80], edition[12] = "-";
	operation_print(operation, sizeof operation, type);
	phases_print(phases, csta_phases_of(type));
	csta_doer_describe(type, doer, sizeof doer);
	if (type->encodings & CSTA_IN_XML)
		snprintf(edition, sizeof edition, "%u", type->first_edition);
	printf("%-40s %-11s %-9s %s%s%s %-5s %-8s %-8s %s\n", type->element,
	       csta_kind_name(type->kind), operation, type->encodings & CSTA_IN_BER ? "b" : "-",
	       type->encodings & CSTA_IN_XML ? "x" : "-",
	       type->encodings & CSTA_IN_JSON ? "j" : "-", edition, phases, type->clause, doer);
}

/* ---- JSON: names and clauses need no escapes --------------------------------------------- */

static void number_print(const char *name, int number)
{
	if (number >= 0)
		printf(",\"%s\":%d", name, number);
}

static void object_print(const struct csta_type *type)
{
	static const char *const encodings[] = {"ber", "xml", "json"};
	const char *separator = "", *name, *title = csta_chapter_title(csta_chapter_of(type));
	enum csta_doer doer = csta_doer_of(type, &name);
	char text[80];
	printf("{\"element\":\"%s\",\"kind\":\"%s\"", type->element, csta_kind_name(type->kind));
	number_print("operation", type->operation);
	number_print("eventCategory", type->event_category);
	number_print("eventTag", type->event_tag);
	printf(",\"type\":\"%s\",\"encodings\":[", type->value->name);
	for (unsigned i = 0; i < 3; i++)
		if (type->encodings & 1u << i) {
			printf("%s\"%s\"", separator, encodings[i]);
			separator = ",";
		}
	printf("],\"phases\":[");
	separator = "";
	for (unsigned i = 1; i <= 3; i++)
		if (csta_phases_of(type) & 1u << i) {
			printf("%s%u", separator, i);
			separator = ",";
		}
	printf("]");
	if (type->encodings & CSTA_IN_XML)
		number_print("firstEdition", (int)type->first_edition);
	printf(",\"clause\":\"%s\"", type->clause);
	if (title)
		printf(",\"chapter\":%u,\"chapterTitle\":\"%s\"", csta_chapter_of(type), title);
	printf(",\"answered\":%s", type->no_response ? "false" : "true");
	csta_doer_describe(type, text, sizeof text);
	printf(",\"interpreted\":%s,\"by\":\"%s\"", doer == CSTA_DOER_NONE ? "false" : "true",
	       text);
	if (doer == CSTA_DOER_VERB)
		printf(",\"verb\":\"%s\"", name);
	if (doer == CSTA_DOER_EVENT)
		printf(",\"event\":\"%s\"", name);
	printf("}");
}

/* ---- Markdown: a row a chapter -------------------------------------------------------------- */

struct tally {
	unsigned services, events, others, interpreted;
};

static void tally_add(struct tally *tally, const struct csta_type *type)
{
	if (type->kind == CSTA_RESPONSE)
		return;
	tally->services += type->kind == CSTA_REQUEST;
	tally->events += type->kind == CSTA_EVENT;
	tally->others += type->kind != CSTA_REQUEST && type->kind != CSTA_EVENT;
	tally->interpreted += csta_doer_of(type, NULL) != CSTA_DOER_NONE;
}

/* The names of a chapter's messages that are interpreted, or that are not. */
static void names_print(const struct tool_options *options, unsigned chapter, bool interpreted)
{
	const char *separator = "";
	for (size_t i = 0; i < csta_type_count; i++) {
		const struct csta_type *type = &csta_types[i];
		const char *element = type->element;
		size_t length = strlen(element);
		if (type->kind == CSTA_RESPONSE || csta_chapter_of(type) != chapter ||
		    !wanted(options, type) ||
		    (csta_doer_of(type, NULL) != CSTA_DOER_NONE) != interpreted)
			continue;
		if (type->kind == CSTA_EVENT && length > 5)
			length -= 5; /* "Event": these are in italics */
		printf(type->kind == CSTA_EVENT ? "%s*%.*s*" : "%s%.*s", separator, (int)length,
		       element);
		separator = ", ";
	}
}

static void chapter_print(const struct tool_options *options, unsigned chapter,
                          const struct tally *tally)
{
	const char *title = csta_chapter_title(chapter);
	printf("| %.0u%s%s | ", chapter, chapter ? " " : "", title ? title : "Other standards");
	if (tally->others)
		printf("%u", tally->others);
	else
		printf("%u + %u", tally->services, tally->events);
	printf(" | ");
	names_print(options, chapter, true);
	printf(" | ");
	names_print(options, chapter, false);
	printf(" |\n");
}

static void markdown_print(const struct tool_options *options)
{
	struct tally chapters[CHAPTER_END] = {0}, all = {0};
	for (size_t i = 0; i < csta_type_count; i++) {
		unsigned chapter = csta_chapter_of(&csta_types[i]);
		if (!wanted(options, &csta_types[i]) || chapter >= CHAPTER_END)
			continue;
		tally_add(&chapters[chapter], &csta_types[i]);
		tally_add(&all, &csta_types[i]);
	}
	printf("%u services, %u *events*, %u other messages. The server interprets %u of them; the "
	       "rest pass through whole.\n\n",
	       all.services, all.events, all.others, all.interpreted);
	printf("| chapter | messages | interpreted | passed through |\n|---|---|---|---|\n");
	for (unsigned chapter = 1; chapter <= CHAPTER_END; chapter++) {
		const struct tally *tally = &chapters[chapter % CHAPTER_END]; /* 0 last */
		if (tally->services + tally->events + tally->others)
			chapter_print(options, chapter % CHAPTER_END, tally);
	}
}

int tool_list(const struct tool_options *options)
{
	struct cti_error error = {0};
	unsigned count = 0;
	if (csta_init(&error)) {
		fprintf(stderr, "csta: %s\n", error.text);
		return TOOL_BAD;
	}
	for (size_t i = 0; i < csta_type_count; i++)
		count += wanted(options, &csta_types[i]);
	if (!count) {
		fprintf(stderr, "csta: no such message; `csta list` prints all\n");
		return TOOL_BAD;
	}
	if (options->markdown) {
		markdown_print(options);
		return fflush(stdout) ? TOOL_USAGE : TOOL_OK;
	}
	if (options->json)
		printf("[");
	else
		printf("%-40s %-11s %-9s %-3s %-5s %-8s %-8s %s\n", "message", "kind", "operation",
		       "in", "since", "phases", "clause", "who does it");
	for (size_t i = 0, printed = 0; i < csta_type_count; i++) {
		if (!wanted(options, &csta_types[i]))
			continue;
		if (!options->json) {
			row_print(&csta_types[i]);
			continue;
		}
		printf(printed++ ? ",\n " : "\n ");
		object_print(&csta_types[i]);
	}
	if (options->json)
		printf("\n]\n");
	return fflush(stdout) ? TOOL_USAGE : TOOL_OK;
}
