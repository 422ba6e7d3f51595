/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/flows/ladder.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct line {
	char *text;
	size_t size, at;
};

static void add(struct line *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct line *l, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(l->text + l->at, l->size - l->at, format, args);
	va_end(args);
	if (n > 0)
		l->at += (size_t)n;
	if (l->at >= l->size)
		l->at = l->size - 1;
}

static void add_field(void *arg, const char *name, const char *text)
{
	add(arg, strchr(text, ' ') ? " %s=\"%s\"" : " %s=%s", name, text);
}

void ladder_event_text(const struct cti_event *event, char *out, size_t size)
{
	struct line l = {out, size, 0};

	add(&l, "%s", cti_event_type_name(event->type));
	field_each(FIELD_EVENT, event, add_field, &l);
}

void ladder_reply_text(const struct cti_reply *reply, char *out, size_t size)
{
	struct line l = {out, size, 0};

	add(&l, "%s", reply->code ? "error" : "ok");
	field_each(FIELD_REPLY, reply, add_field, &l);
}

void ladder_add(struct ladder *ladder, uint64_t now_us, const char *format, ...)
{
	char text[2048];
	struct line l = {text, sizeof(text), 0};
	va_list args;

	add(&l, "%4" PRIu64 ".%03" PRIu64 "  ", now_us / 1000000, now_us / 1000 % 1000);
	va_start(args, format);
	vsnprintf(text + l.at, sizeof(text) - l.at, format, args);
	va_end(args);
	if (ladder->verbose)
		printf("#   %s\n", text);
	if (ladder->count == ladder->size) {
		size_t size = ladder->size ? 2 * ladder->size : 64;
		char **grown = realloc(ladder->lines, size * sizeof(*grown));

		if (!grown)
			return;
		ladder->lines = grown;
		ladder->size = size;
	}
	ladder->lines[ladder->count] = strdup(text);
	if (ladder->lines[ladder->count])
		ladder->count++;
}

void ladder_event(struct ladder *ladder, uint64_t now_us, const char *app,
                  const struct cti_event *event)
{
	char text[2048];

	ladder_event_text(event, text, sizeof(text));
	ladder_add(ladder, now_us, "cti ==> %-8s %s", app, text);
}

void ladder_reply(struct ladder *ladder, uint64_t now_us, const char *app, unsigned tag,
                  const struct cti_reply *reply)
{
	char text[2048];

	ladder_reply_text(reply, text, sizeof(text));
	ladder_add(ladder, now_us, "cti --> %-8s %s :%u", app, text, tag);
}

void ladder_print(const struct ladder *ladder, FILE *out)
{
	for (size_t i = 0; i < ladder->count && !ladder->verbose; i++)
		fprintf(out, "#     %s\n", ladder->lines[i]);
}

void ladder_free(struct ladder *ladder)
{
	for (size_t i = 0; i < ladder->count; i++)
		free(ladder->lines[i]);
	free(ladder->lines);
	ladder->lines = NULL;
	ladder->count = ladder->size = 0;
}
