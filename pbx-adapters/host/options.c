/* SPDX-License-Identifier: Apache-2.0 */
#include "pbx-adapters/host/options.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Longest word that is compared with the known ones, and most known ones. */
#define WORD_MAX  64u
#define NAMES_MAX 256u

struct value {
	long number;
	const char *text;
	char **items; /* LIST: owned */
	size_t count;
	config_setting_t *group;
};

struct cti_options {
	const struct cti_option *table;
	struct value values[];
};

const char *options_where(const config_setting_t *setting)
{
	static _Thread_local char where[128];
	const char *file = config_setting_source_file(setting);
	snprintf(where, sizeof where, "%s:%u", file ? file : "(defaults)",
	         (unsigned)config_setting_source_line(setting));
	return where;
}

static size_t smallest(size_t a, size_t b, size_t c)
{
	return a < b ? (a < c ? a : c) : (b < c ? b : c);
}

/** Levenshtein's distance; a swap of neighbours counts as two. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], la = strlen(a), lb = strlen(b);
	if (la > WORD_MAX || lb > WORD_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t up = row[j];
			bool same = tolower((unsigned char)a[i - 1]) ==
			            tolower((unsigned char)b[j - 1]);
			row[j] = smallest(up + 1, row[j - 1] + 1, diagonal + !same);
			diagonal = up;
		}
	}
	return row[lb];
}

const char *options_nearest(const char *word, const char *const *names)
{
	const char *best = NULL;
	/* Near: at most a third of the letters wrong, and two in any case. */
	size_t limit = strlen(word) / 3 > 2 ? strlen(word) / 3 : 2;
	for (; *names; names++) {
		size_t d = distance(word, *names);
		if (d <= limit && d < strlen(*names)) {
			best = *names;
			limit = d ? d - 1 : 0;
			if (!d)
				break;
		}
	}
	return best;
}

long options_duration(const char *text)
{
	static const struct {
		const char *unit;
		long ms;
	} units[] = {{"", 1}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
	if (!isdigit((unsigned char)*text))
		return -1;
	char *end;
	errno = 0;
	long n = strtol(text, &end, 10);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (!strcmp(end, units[i].unit))
			return errno || n > LONG_MAX / units[i].ms ? -1 : n * units[i].ms;
	return -1;
}

static bool word_in(const char *word, const char *words)
{
	size_t n = strlen(word);
	for (const char *at = words; n && (at = strstr(at, word)); at += n)
		if ((at == words || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
			return true;
	return false;
}

static int wrong(struct cti_error *error, const config_setting_t *setting,
                 const struct cti_option *option, const char *expected)
{
	return cti_error_set(error, CTI_E_CONFIG, "%s: '%s' must be %s",
	                     setting ? options_where(setting) : "default", option->name, expected);
}

/** The text of a scalar; a number is written into @p buffer. NULL: not a scalar text. */
static const char *scalar_text(const config_setting_t *s, char buffer[24])
{
	if (config_setting_type(s) == CONFIG_TYPE_STRING)
		return config_setting_get_string(s);
	if (config_setting_type(s) != CONFIG_TYPE_INT &&
	    config_setting_type(s) != CONFIG_TYPE_INT64)
		return NULL;
	snprintf(buffer, 24, "%lld", config_setting_get_int64(s));
	return buffer;
}

static int read_number(struct value *v, const config_setting_t *s, const struct cti_option *o,
                       struct cti_error *error)
{
	char buffer[24];
	const char *text = s ? scalar_text(s, buffer) : o->fallback;
	const char *expected = "a whole number";
	char *end = NULL;
	if (o->type == CTI_OPTION_BOOL) {
		expected = "true or false";
		if (s && config_setting_type(s) == CONFIG_TYPE_BOOL) {
			v->number = config_setting_get_bool(s);
			return 0;
		}
		if (s || (strcmp(text, "true") && strcmp(text, "false")))
			return wrong(error, s, o, expected);
		v->number = !strcmp(text, "true");
		return 0;
	}
	if (o->type == CTI_OPTION_DURATION) {
		expected = "a duration such as \"250ms\", \"5s\" or \"2m\"";
		v->number = text ? options_duration(text) : -1;
		if (v->number < 0)
			return wrong(error, s, o, expected);
	} else {
		errno = 0;
		v->number = text && *text ? strtol(text, &end, 10) : 0;
		if (!end || *end || errno || (s && config_setting_type(s) == CONFIG_TYPE_STRING))
			return wrong(error, s, o, expected);
	}
	if ((o->min || o->max) && (v->number < o->min || v->number > o->max)) {
		char range[64];
		snprintf(range, sizeof range, "%ld to %ld%s", o->min, o->max,
		         o->type == CTI_OPTION_DURATION ? " ms" : "");
		return wrong(error, s, o, range);
	}
	return 0;
}

static int read_text(struct value *v, const config_setting_t *s, const struct cti_option *o,
                     struct cti_error *error)
{
	if (s && config_setting_type(s) != CONFIG_TYPE_STRING)
		return wrong(error, s, o, "a text in \"quotes\"");
	v->text = s ? config_setting_get_string(s) : o->fallback;
	if (o->type == CTI_OPTION_ENUM && v->text && !word_in(v->text, o->words)) {
		char list[96];
		snprintf(list, sizeof list, "one of: %s", o->words);
		return wrong(error, s, o, list);
	}
	return 0;
}

static int add_item(struct value *v, const char *text, size_t length, struct cti_error *error)
{
	char **items = realloc(v->items, (v->count + 1) * sizeof *items);
	if (items)
		v->items = items;
	char *copy = items ? strndup(text, length) : NULL;
	if (!copy)
		return cti_error_set(error, CTI_E_NOMEM, "options: out of memory");
	v->items[v->count++] = copy;
	return 0;
}

/** A list, an array, or one scalar; the default is written "a b c". */
static int read_list(struct value *v, const config_setting_t *s, const struct cti_option *o,
                     struct cti_error *error)
{
	char buffer[24];
	const char *text;
	if (!s) {
		for (text = o->fallback; *(text += strspn(text, " ")); text += strcspn(text, " ")) {
			int code = add_item(v, text, strcspn(text, " "), error);
			if (code)
				return code;
		}
		return 0;
	}
	if ((text = scalar_text(s, buffer)))
		return add_item(v, text, strlen(text), error);
	if (!config_setting_is_list(s) && !config_setting_is_array(s))
		return wrong(error, s, o, "a list such as [ \"2001\", \"2010-2019\" ]");
	for (int i = 0; i < config_setting_length(s); i++) {
		const config_setting_t *item = config_setting_get_elem(s, (unsigned)i);
		if (!(text = scalar_text(item, buffer)))
			return wrong(error, item, o, "a list of texts or numbers");
		int code = add_item(v, text, strlen(text), error);
		if (code)
			return code;
	}
	return 0;
}

static int read_value(struct value *v, config_setting_t *s, const struct cti_option *o,
                      struct cti_error *error)
{
	switch (o->type) {
	case CTI_OPTION_STRING:
	case CTI_OPTION_ENUM:
	case CTI_OPTION_SECRET:
		return read_text(v, s, o, error);
	case CTI_OPTION_INT:
	case CTI_OPTION_BOOL:
	case CTI_OPTION_DURATION:
		return read_number(v, s, o, error);
	case CTI_OPTION_LIST:
		return read_list(v, s, o, error);
	case CTI_OPTION_GROUP:
		if (s && !config_setting_is_aggregate(s))
			return wrong(error, s, o, "a group or a list of groups");
		v->group = s;
		return 0;
	}
	return cti_error_set(error, CTI_E_INTERNAL, "option '%s' has no type", o->name);
}

static bool ignored(const char *name, const char *const *ignore)
{
	for (; ignore && *ignore; ignore++)
		if (!strcmp(name, *ignore))
			return true;
	return false;
}

static int check_names(const config_setting_t *group, const struct cti_option *table,
                       const char *const *ignore, struct cti_error *error)
{
	const char *names[NAMES_MAX + 1];
	size_t count = 0;
	for (const struct cti_option *o = table; o->name && count < NAMES_MAX; o++)
		names[count++] = o->name;
	for (const char *const *i = ignore; i && *i && count < NAMES_MAX; i++)
		names[count++] = *i;
	names[count] = NULL;
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
		const char *name = config_setting_name(s), *near;
		const struct cti_option *o = table;
		while (o->name && strcmp(o->name, name))
			o++;
		if (o->name || ignored(name, ignore))
			continue;
		near = options_nearest(name, names);
		return cti_error_set(error, CTI_E_CONFIG, "%s: unknown setting '%s'%s%s%s",
		                     options_where(s), name, near ? "; did you mean '" : "",
		                     near ? near : "", near ? "'?" : "");
	}
	return 0;
}

int options_read(struct cti_options **out, config_setting_t *group, const struct cti_option *table,
                 const char *const *ignore, struct cti_error *error)
{
	if (group && !config_setting_is_group(group))
		return cti_error_set(error, CTI_E_CONFIG,
		                     "%s: expected a group { name = value; ... }",
		                     options_where(group));
	int code = group ? check_names(group, table, ignore, error) : 0;
	if (code)
		return code;
	size_t count = 0;
	while (table[count].name)
		count++;
	struct cti_options *options = calloc(1, sizeof *options + count * sizeof *options->values);
	if (!options)
		return cti_error_set(error, CTI_E_NOMEM, "options: out of memory");
	options->table = table;
	for (size_t i = 0; i < count && !code; i++) {
		const struct cti_option *o = &table[i];
		config_setting_t *s = group ? config_setting_get_member(group, o->name) : NULL;
		if (s || o->fallback)
			code = read_value(&options->values[i], s, o, error);
		else if (!o->optional)
			code = cti_error_set(error, CTI_E_CONFIG, "%s: setting '%s' is missing: %s",
			                     group ? options_where(group) : "defaults", o->name,
			                     o->help ? o->help : "");
	}
	if (code)
		options_destroy(&options);
	else
		*out = options;
	return code;
}

void options_destroy(struct cti_options **options)
{
	struct cti_options *o = *options;
	if (!o)
		return;
	for (size_t i = 0; o->table[i].name; i++) {
		for (size_t k = 0; k < o->values[i].count; k++)
			free(o->values[i].items[k]);
		free(o->values[i].items);
	}
	free(o);
	*options = NULL;
}

/** A name that is not in the table reads as "not given": the caller's mistake, not the user's. */
static const struct value *find(const struct cti_options *o, const char *name)
{
	static const struct value none;
	for (size_t i = 0; o->table[i].name; i++)
		if (!strcmp(o->table[i].name, name))
			return &o->values[i];
	return &none;
}

const char *cti_options_string(const struct cti_options *o, const char *name)
{
	return find(o, name)->text;
}

long cti_options_int(const struct cti_options *o, const char *name)
{
	return find(o, name)->number;
}

size_t cti_options_count(const struct cti_options *o, const char *name)
{
	return find(o, name)->count;
}

const char *cti_options_item(const struct cti_options *o, const char *name, size_t index)
{
	const struct value *v = find(o, name);
	return index < v->count ? v->items[index] : NULL;
}

void *cti_options_group(const struct cti_options *o, const char *name)
{
	return find(o, name)->group;
}

void options_print(const struct cti_option *table, void *stdio_file)
{
	static const char *const types[] = {"text", "number", "true/false", "duration",
	                                    "word", "secret", "list",       "group"};
	for (const struct cti_option *o = table; o->name; o++) {
		fprintf(stdio_file, "  %-16s %-10s %s", o->name, types[o->type],
		        o->help ? o->help : "");
		if (o->words)
			fprintf(stdio_file, " (%s)", o->words);
		if (o->min || o->max)
			fprintf(stdio_file, " [%ld..%ld]", o->min, o->max);
		if (o->fallback)
			fprintf(stdio_file, " default: %s", *o->fallback ? o->fallback : "none");
		else
			fputs(o->optional ? "" : " required", stdio_file);
		fputc('\n', stdio_file);
	}
}
