/* SPDX-License-Identifier: Apache-2.0 */
/* How things look: sentences, colours, tables. */
#include "sdk/cli/cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

const char *cli_colour(const struct cli *cli, enum cli_colour colour)
{
	static const char *const sequences[] = {
	        [PLAIN] = "\033[0m", [BOLD] = "\033[1m",     [DIM] = "\033[2m",
	        [RED] = "\033[31m",  [GREEN] = "\033[32m",   [YELLOW] = "\033[1;33m",
	        [BLUE] = "\033[34m", [MAGENTA] = "\033[35m", [CYAN] = "\033[36m",
	};
	return cli->colour ? sequences[colour] : "";
}

void cli_text(FILE *out, const char *text)
{
	for (; text && *text; text++)
		fputc((unsigned char)*text < ' ' || *text == 0x7F ? '?' : *text, out);
}

void cli_clock(char out[9], int64_t wall_us)
{
	time_t seconds = (time_t)(wall_us / 1000000);
	struct tm local;
	out[0] = '\0';
	if (localtime_r(&seconds, &local))
		strftime(out, 9, "%H:%M:%S", &local);
}

void cli_since(char out[16], int64_t wall_us)
{
	long long seconds = (long long)time(NULL) - wall_us / 1000000;
	out[0] = '\0';
	if (!wall_us)
		return;
	seconds = seconds < 0 ? 0 : seconds;
	if (seconds < 3600)
		snprintf(out, 16, "%lld:%02lld", seconds / 60, seconds % 60);
	else if (seconds < 360000)
		snprintf(out, 16, "%lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60,
		         seconds % 60);
	else
		snprintf(out, 16, "%lld d", seconds / 86400 % 1000000);
}

/* ---- Events ------------------------------------------------------------------------------------
 */

/*
 * {c} calling, {d} called, {s} subject, {o} other device, {p} who the subject talks to,
 * {a} agent, {q} digits, {m} merged into, {t} text, {n} number queued.
 */
static const struct {
	const char *sentence;
	enum cli_colour colour;
} looks[] = {
        [CTI_EVENT_CALL_SERVICE_INITIATED] = {"{s} picks up the receiver", DIM},
        [CTI_EVENT_CALL_ORIGINATED] = {"{c} calls {d}", BOLD},
        [CTI_EVENT_CALL_DIGITS_DIALED] = {"{s} dials {q}", DIM},
        [CTI_EVENT_CALL_OFFERED] = {"{c} is offered to {s}", YELLOW},
        [CTI_EVENT_CALL_DELIVERED] = {"{c} rings at {s}", YELLOW},
        [CTI_EVENT_CALL_ESTABLISHED] = {"{s} answers {p}", GREEN},
        [CTI_EVENT_CALL_HELD] = {"{s} puts {p} on hold", CYAN},
        [CTI_EVENT_CALL_RETRIEVED] = {"{s} takes {p} back", GREEN},
        [CTI_EVENT_CALL_QUEUED] = {"{c} waits in queue {s}", MAGENTA},
        [CTI_EVENT_CALL_DIVERTED] = {"{s} passes {c} on to {o}", CYAN},
        [CTI_EVENT_CALL_TRANSFERRED] = {"{s} transfers the call to {o}", CYAN},
        [CTI_EVENT_CALL_CONFERENCED] = {"{s} brings {o} into the call", CYAN},
        [CTI_EVENT_CALL_CONNECTION_CLEARED] = {"{s} leaves the call", DIM},
        [CTI_EVENT_CALL_CLEARED] = {"the call of {c} is over", DIM},
        [CTI_EVENT_CALL_FAILED] = {"{c} does not reach {d}", RED},
        [CTI_EVENT_CALL_NETWORK_REACHED] = {"{c} dials out to {d}", BOLD},
        [CTI_EVENT_CALL_INFORMATION] = {"more is known about the call of {c}", DIM},
        [CTI_EVENT_AGENT_LOGGED_ON] = {"agent {a} logs on at {s}", BLUE},
        [CTI_EVENT_AGENT_LOGGED_OFF] = {"agent {a} logs off", BLUE},
        [CTI_EVENT_AGENT_NOT_READY] = {"agent {a} is not ready", BLUE},
        [CTI_EVENT_AGENT_READY] = {"agent {a} is ready", BLUE},
        [CTI_EVENT_AGENT_BUSY] = {"agent {a} is busy", BLUE},
        [CTI_EVENT_AGENT_WORKING_AFTER_CALL] = {"agent {a} does after-call work", BLUE},
        [CTI_EVENT_DEVICE_BACK_IN_SERVICE] = {"{s} is back in service", GREEN},
        [CTI_EVENT_DEVICE_OUT_OF_SERVICE] = {"{s} is out of service", RED},
        [CTI_EVENT_DEVICE_MONITORED] = {"{s}: {t}", DIM},
        [CTI_EVENT_INTERACTION_MERGED] = {"the contact goes on as {m}", DIM},
        [CTI_EVENT_INTERACTION_ENDED] = {"the contact is over", DIM},
        [CTI_EVENT_INTERACTION_ATTACHED] = {"data was attached", DIM},
        [CTI_EVENT_SWITCH_LINK_UP] = {"the link to the switch is up", GREEN},
        [CTI_EVENT_SWITCH_LINK_DOWN] = {"the link to the switch is down: {t}", RED},
        [CTI_EVENT_SWITCH_RESYNC] = {"the switch is read again", DIM},
        [CTI_EVENT_STREAM_GAP] = {"{t}", RED},
        [CTI_EVENT_PRIVATE] = {"a private event of the switch", DIM},
        [CTI_EVENT_CSTA] = {"{s}: {e}", DIM},
};
_Static_assert(sizeof looks / sizeof *looks == CTI_EVENT_TYPES, "every event has its sentence");

enum cli_colour cli_event_colour(enum cti_event_type type)
{
	return looks[type].colour;
}

static const char *label(const struct cti_device *device)
{
	const char *text = cti_device_label(device);
	return *text ? text : "somebody";
}

static bool same(const struct cti_device *a, const struct cti_device *b)
{
	return !strcmp(cti_device_label(a), cti_device_label(b));
}

static const char *word(const struct cti_event *event, char what)
{
	switch (what) {
	case 'c':
		return label(&event->calling);
	case 'd':
		return label(&event->called);
	case 's':
		return label(&event->subject);
	case 'o':
		return label(&event->other);
	case 'p': /* somebody other than the subject */
		return label(same(&event->subject, &event->calling) ? &event->called
		                                                    : &event->calling);
	case 'a':
		return event->agent_id ? event->agent_id : label(&event->subject);
	case 'q':
		return event->digits ? event->digits : label(&event->called);
	case 'm':
		return event->merged_into ? event->merged_into : "another";
	case 'e':
		return event->element ? event->element : "an event without a name";
	case 't':
		return event->text        ? event->text
		       : event->monitored ? "monitored"
		                          : "no reason given";
	}
	return "";
}

/* Causes that say what everybody thinks anyway. */
static bool usual(const char *cause)
{
	static const char *const words[] = {"normal",   "newCall",     "normalClearing",
	                                    "makeCall", "distributed", "enteringDistribution"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(cause, words[i]))
			return true;
	return false;
}

/* What the sentence does not say. */
static void details(FILE *out, const struct cti_event *event)
{

	bool rings =
	        event->type == CTI_EVENT_CALL_DELIVERED || event->type == CTI_EVENT_CALL_OFFERED;
	if (rings && *cti_device_label(&event->called) && !same(&event->called, &event->subject))
		fprintf(out, ", having dialled %s", cti_device_label(&event->called));
	if (*cti_device_label(&event->original_calling) &&
	    !same(&event->original_calling, &event->calling))
		fprintf(out, ", for %s", cti_device_label(&event->original_calling));
	if (event->type == CTI_EVENT_CALL_QUEUED && event->number_queued > 1)
		fprintf(out, ", %d are waiting", event->number_queued);
	if (event->type <= CTI_EVENT_CALL_INFORMATION && event->cause && !usual(event->cause))
		fprintf(out, " (%s)", event->cause);
	if (event->reason)
		fprintf(out, " (%s)", event->reason);
	for (size_t i = 0; i < event->attached_count; i++)
		fprintf(out, "%s%s=%s", i ? ", " : "  ", event->attached[i].key,
		        event->attached[i].value);
	if (event->flags & CTI_EVENT_RESYNC)
		fputs("  [found when the switch was read again]", out);
}

void cli_sentence(FILE *out, const struct cti_event *event)
{
	const char *sentence = looks[event->type].sentence;
	if (event->type == CTI_EVENT_CALL_DELIVERED && event->flags & CTI_EVENT_DISTRIBUTION)
		sentence = "{c} reaches {s}";
	if (event->type == CTI_EVENT_CALL_CLEARED && !*cti_device_label(&event->calling))
		sentence = "the call is over";
	char *text = NULL;
	size_t size;
	FILE *line = open_memstream(&text, &size);
	if (!line)
		return;
	for (const char *at = sentence; *at; at++) {
		if (*at == '{') {
			fputs(word(event, at[1]), line);
			at += 2;
		} else {
			fputc(*at, line);
		}
	}
	details(line, event);
	if (!fclose(line))
		cli_text(out, text);
	free(text);
}

/* ---- Tables ------------------------------------------------------------------------------------
 */

void cli_cell(struct cli_table *table, enum cli_colour colour, const char *format, ...)
{
	va_list arguments;
	char *text;
	if (table->count == table->size) {
		size_t size = table->size ? table->size * 2 : 64;
		struct cli_cell *cells = realloc(table->cells, size * sizeof *cells);
		if (!cells)
			abort(); /* a terminal's table: no memory for that, none for anything */
		table->cells = cells;
		table->size = size;
	}
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		abort();
	va_end(arguments);
	table->cells[table->count++] = (struct cli_cell){text, colour};
}

/* Columns that a text takes; as many octets as it has where that cannot be known. */
static size_t width(const char *text)
{
	wchar_t wide[256];
	size_t length = mbstowcs(wide, text, 256);
	int columns = length < 256 ? wcswidth(wide, length) : -1;
	return columns < 0 ? strlen(text) : (size_t)columns;
}

static int cell_compare(const void *a, const void *b)
{
	const struct cli_cell *one = a, *other = b;
	/* Numbers by their value: shorter ones first. */
	size_t x = strlen(one->text), y = strlen(other->text);
	return x != y ? (x < y ? -1 : 1) : strcmp(one->text, other->text);
}

static void cell_print(struct cli *cli, const struct cli_cell *cell, size_t room)
{
	bool coloured = cli->colour && cell->colour != PLAIN;
	if (coloured)
		fputs(cli_colour(cli, cell->colour), stdout);
	cli_text(stdout, cell->text);
	if (coloured)
		fputs(cli_colour(cli, PLAIN), stdout);
	for (size_t pad = width(cell->text); pad < room; pad++)
		putchar(' ');
}

void cli_table_print(struct cli *cli, struct cli_table *table, const char *none)
{
	size_t columns = table->columns, rows = table->count / columns;
	size_t widths[16] = {0};
	if (rows > 1)
		qsort(table->cells + columns, rows - 1, columns * sizeof *table->cells,
		      cell_compare);
	for (size_t i = 0; i < table->count; i++) {
		size_t wide = width(table->cells[i].text), column = i % columns;
		widths[column] = wide > widths[column] ? wide : widths[column];
	}
	if (rows <= 1)
		printf("%s\n", none);
	for (size_t i = 0; rows > 1 && i < table->count; i++) {
		bool last = i % columns == columns - 1;
		cell_print(cli, &table->cells[i], last ? 0 : widths[i % columns] + 2);
		if (last)
			putchar('\n');
	}
}

void cli_table_free(struct cli_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i].text);
	free(table->cells);
	*table = (struct cli_table){0};
}
