/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/flows/match.h"

#include "tests/flows/losses.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void match_names_free(struct match_names *n)
{
	for (size_t i = 0; i < n->count; i++) {
		free(n->names[i]);
		free(n->texts[i]);
	}
	free(n->names);
	free(n->texts);
	n->names = n->texts = NULL;
	n->count = 0;
}

static const char *lookup(const struct match_names *n, const char *name, size_t length)
{
	for (size_t i = 0; i < n->count; i++)
		if (strncmp(n->names[i], name, length) == 0 && !n->names[i][length])
			return n->texts[i];
	return NULL;
}

static bool bind(struct match_names *n, const char *name, size_t length, const char *text,
                 size_t text_length)
{
	char **names = realloc(n->names, (n->count + 1) * sizeof(*names));
	char **texts;

	if (!names)
		return false;
	n->names = names;
	texts = realloc(n->texts, (n->count + 1) * sizeof(*texts));
	if (!texts)
		return false;
	n->texts = texts;
	n->names[n->count] = strndup(name, length);
	n->texts[n->count] = strndup(text, text_length);
	if (!n->names[n->count] || !n->texts[n->count]) {
		free(n->names[n->count]);
		free(n->texts[n->count]);
		return false;
	}
	n->count++;
	return true;
}

static void unbind(struct match_names *n, size_t count)
{
	while (n->count > count) {
		n->count--;
		free(n->names[n->count]);
		free(n->texts[n->count]);
	}
}

static size_t name_length(const char *at)
{
	size_t length = 1;

	while (isalnum((unsigned char)at[length]) || at[length] == '_')
		length++;
	return length;
}

/* "$k/2001" against "17/2001": a name that is not bound takes what stands before the rest. */
static bool fits(struct match_names *n, const char *pattern, const char *text)
{
	while (*pattern) {
		size_t length, literal, rest;
		const char *value;

		if (*pattern != '$') {
			if (*pattern++ != *text++)
				return false;
			continue;
		}
		length = name_length(pattern);
		value = lookup(n, pattern, length);
		if (value) {
			if (strncmp(text, value, strlen(value)) != 0)
				return false;
			text += strlen(value);
			pattern += length;
			continue;
		}
		literal = strcspn(pattern + length, "$");
		rest = strlen(text);
		if (rest <= literal ||
		    strncmp(text + rest - literal, pattern + length, literal) != 0)
			return false;
		if (!bind(n, pattern, length, text, rest - literal))
			return false;
		text += rest - literal;
		pattern += length;
	}
	return !*text;
}

static bool field_fits(struct match_names *n, const struct flow_field *f, const char *text)
{
	if (strcmp(f->text, "-") == 0)
		return !*text;
	if (strcmp(f->text, "*") == 0)
		return *text;
	if (f->contains)
		return strstr(text, f->text) != NULL;
	return fits(n, f->text, text);
}

bool match_fields(struct match_names *n, enum field_of of, const void *from,
                  const struct flow_field *fields, size_t count, char *differs, size_t size)
{
	const char *type = of == FIELD_EVENT
	                           ? cti_event_type_name(((const struct cti_event *)from)->type)
	                           : NULL;
	size_t bound = n->count;

	for (size_t i = 0; i < count; i++) {
		const struct flow_field *f = &fields[i];
		struct field_pool pool = {0};
		const char *said = losses_said(n->via, type, f->name, f->text), *wanted = said;
		struct flow_field over = *f;
		char text[FIELD_TEXT];

		if (!said)
			continue;
		if (said != f->text)
			over = (struct flow_field){.name = f->name, .text = said};
		field_read(of, from, f->name, text);
		if (field_fits(n, &over, text))
			continue;
		if (match_expand(n, said, &pool, &wanted, NULL) != 0)
			wanted = said;
		snprintf(differs, size, "%s: expected %s%s, came %s", f->name,
		         f->contains ? "a text with " : "", wanted, text[0] ? text : "nothing");
		field_pool_free(&pool);
		unbind(n, bound);
		return false;
	}
	return true;
}

int match_expand(const struct match_names *n, const char *text, struct field_pool *pool,
                 const char **out, struct cti_error *error)
{
	char full[FIELD_TEXT];
	size_t at = 0;

	while (*text && at < sizeof(full) - 1) {
		size_t length;
		const char *value;

		if (*text != '$') {
			full[at++] = *text++;
			continue;
		}
		length = name_length(text);
		value = lookup(n, text, length);
		if (!value)
			return cti_error_set(error, CTI_E_NOTFOUND, "%.*s is not bound",
			                     (int)length, text);
		at += (size_t)snprintf(full + at, sizeof(full) - at, "%s", value);
		if (at >= sizeof(full))
			at = sizeof(full) - 1;
		text += length;
	}
	*out = field_pool_take(pool, full, at);
	return *out ? 0 : cti_error_set(error, CTI_E_NOMEM, "out of memory");
}

void match_renamer_free(struct match_renamer *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->ids[i]);
	free(r->ids);
	memset(r, 0, sizeof(*r));
}

static size_t number_of(struct match_renamer *r, const char *id)
{
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->ids[i], id) == 0)
			return i + 1;
	if (r->count == r->size) {
		size_t size = r->size ? 2 * r->size : 32;
		char **grown = realloc(r->ids, size * sizeof(*grown));

		if (!grown)
			return 0;
		r->ids = grown;
		r->size = size;
	}
	r->ids[r->count] = strdup(id);
	return r->ids[r->count] ? ++r->count : 0;
}

struct normal {
	struct match_renamer *renamer;
	enum flow_transport via;
	const char *type;
	char *out;
	size_t size, at;
};

static void add_normal(void *arg, const char *name, const char *text)
{
	static const char *const ids[] = {"interaction", "parent", "mergedInto", NULL};
	static const char *const calls[] = {"connection", "primaryOldCall", "secondaryOldCall",
	                                    NULL};
	struct normal *n = arg;
	char renamed[FIELD_TEXT];
	int wrote;

	/* Sentences name the transport; what local monitors saw is the link's own affair. */
	if (strcmp(name, "text") == 0 || strcmp(name, "localState") == 0)
		return;
	text = losses_said(n->via, n->type, name, text);
	if (!text)
		return;
	snprintf(renamed, sizeof(renamed), "%s", text);
	for (size_t i = 0; ids[i]; i++)
		if (strcmp(name, ids[i]) == 0)
			snprintf(renamed, sizeof(renamed), "#%zu", number_of(n->renamer, text));
	for (size_t i = 0; calls[i]; i++) {
		const char *slash = strrchr(text, '/');
		char call[FIELD_TEXT];

		if (strcmp(name, calls[i]) != 0 || !slash)
			continue;
		snprintf(call, sizeof(call), "%.*s", (int)(slash - text), text);
		snprintf(renamed, sizeof(renamed), "#%zu%s", number_of(n->renamer, call), slash);
	}
	wrote = snprintf(n->out + n->at, n->size - n->at, " %s=%s", name, renamed);
	if (wrote > 0)
		n->at += (size_t)wrote;
	if (n->at >= n->size)
		n->at = n->size - 1;
}

void match_normal(struct match_renamer *renamer, enum flow_transport via,
                  const struct cti_event *event, char *out, size_t size)
{
	struct normal n = {renamer, via, cti_event_type_name(event->type), out, size, 0};

	n.at = (size_t)snprintf(out, size, "%s", n.type);
	field_each(FIELD_EVENT, event, add_normal, &n);
}
