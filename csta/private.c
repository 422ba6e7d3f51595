/* SPDX-License-Identifier: Apache-2.0 */
/* Filling the table of csta/private.h, by calls or from a text. */
#include "csta/private.h"

#include "csta/codec.h"
#include "csta/private_table.h"
#include "csta/text.h"
#include "csta/tlv.h"
#include "csta/write.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 16
#define ARC_MAX   UINT32_MAX

static int nomem(struct cti_error *error)
{
	return cti_error_set(error, CTI_E_NOMEM, "no memory for names of private data");
}

static void *zeroed(size_t size)
{
	return csta_alloc_fails() ? NULL : calloc(1, size);
}

static char *copied(const char *text, size_t length)
{
	char *copy = zeroed(length + 1);

	if (copy)
		memcpy(copy, text, length);
	return copy;
}

int csta_private_create(struct csta_private **out, struct cti_error *error)
{
	struct csta_private *table = zeroed(sizeof(*table));

	if (!table)
		return nomem(error);
	*out = table;
	return 0;
}

/* No deeper than CSTA_PRIVATE_DEPTH_MAX. */
static void steps_free(struct private_step *step)
{
	while (step) {
		struct private_step *next = step->next;

		steps_free(step->child);
		free(step->text);
		free(step->name);
		free(step);
		step = next;
	}
}

void csta_private_destroy(struct csta_private **table)
{
	if (!*table)
		return;
	for (size_t i = 0; i < (*table)->vendor_count; i++) {
		steps_free((*table)->vendors[i]->ber.child);
		steps_free((*table)->vendors[i]->xml.child);
		free((*table)->vendors[i]);
	}
	while ((*table)->marks) {
		struct private_mark *mark = (*table)->marks;

		(*table)->marks = mark->next;
		free(mark->namespace);
		free(mark);
	}
	free(*table);
	*table = NULL;
}

/* ---- vendors ----------------------------------------------------------------------------- */

const struct private_vendor *private_vendor_find(const struct csta_private *table, const char *name)
{
	for (size_t i = 0; i < table->vendor_count; i++)
		if (!strcmp(table->vendors[i]->name, name))
			return table->vendors[i];
	return NULL;
}

/* Letters, digits, - and _; in a field's name dots too. They become keys of JSON. */
static bool is_name(const char *text, bool dots)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '-' || c == '_' || (c == '.' && dots)))
			return false;
	}
	return length && length <= CSTA_PRIVATE_NAME_MAX;
}

static struct private_vendor *vendor_add(struct csta_private *table, const char *name,
                                         struct cti_error *error)
{
	struct private_vendor *vendor;

	if (!is_name(name, false)) {
		cti_error_set(error, CTI_E_INVALID,
		              "vendor \"%.80s\": expected letters, digits, - and _, at most %d",
		              name, CSTA_PRIVATE_NAME_MAX);
		return NULL;
	}
	if (table->vendor_count == CSTA_PRIVATE_VENDORS_MAX) {
		cti_error_set(error, CTI_E_LIMIT, "more than %d vendors", CSTA_PRIVATE_VENDORS_MAX);
		return NULL;
	}
	vendor = zeroed(sizeof(*vendor));
	if (!vendor) {
		nomem(error);
		return NULL;
	}
	snprintf(vendor->name, sizeof(vendor->name), "%s", name);
	table->vendors[table->vendor_count++] = vendor;
	return vendor;
}

/* "24" and what follows it; false: no number up to ARC_MAX. */
static bool number_take(const char **text, uint64_t *out)
{
	const char *p = *text;

	*out = 0;
	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		*out = *out * 10 + (uint64_t)(*p - '0');
		if (*out > ARC_MAX)
			return false;
	}
	*text = p;
	return true;
}

static size_t arc_write(uint64_t arc, uint8_t *out)
{
	size_t length = 1;

	while (arc >> 7 * length)
		length++;
	for (size_t i = 0; i < length; i++)
		out[i] = (uint8_t)((arc >> 7 * (length - 1 - i) & 0x7f) |
		                   (i + 1 < length ? 0x80 : 0));
	return length;
}

/* Content octets of "1.3.12.1206" (X.690 8.19); 0: it is none. */
static size_t oid_write(const char *text, uint8_t out[CSTA_OID_MAX])
{
	uint64_t first, arc;
	size_t length = 0;

	if (!number_take(&text, &first) || first > 2 || *text++ != '.' ||
	    !number_take(&text, &arc) || (first < 2 && arc > 39))
		return 0;
	for (arc += 40 * first;;) {
		if (length + 6 > CSTA_OID_MAX)
			return 0;
		length += arc_write(arc, out + length);
		if (!*text)
			return length;
		if (*text++ != '.' || !number_take(&text, &arc))
			return 0;
	}
}

static int mark_add(struct csta_private *table, const struct private_vendor *vendor,
                    const char *oid, const char *namespace, struct cti_error *error)
{
	uint8_t octets[CSTA_OID_MAX];
	size_t length = oid ? oid_write(oid, octets) : 0;
	struct private_mark *mark;

	if (oid && !length)
		return cti_error_set(error, CTI_E_INVALID, "vendor %s: \"%.80s\" is no OID",
		                     vendor->name, oid);
	for (mark = table->marks; mark; mark = mark->next)
		if (oid ? !mark->namespace && mark->oid_length == length &&
		                    !memcmp(mark->oid, octets, length)
		        : mark->namespace && !strcmp(mark->namespace, namespace))
			return cti_error_set(error, CTI_E_INVALID, "vendor %s: %.80s is %s's",
			                     vendor->name, oid ? oid : namespace,
			                     mark->vendor->name);
	mark = zeroed(sizeof(*mark) + length);
	if (!mark)
		return nomem(error);
	if (namespace && !(mark->namespace = copied(namespace, strlen(namespace)))) {
		free(mark);
		return nomem(error);
	}
	mark->vendor = vendor;
	mark->oid_length = length;
	if (length)
		memcpy(mark->oid, octets, length);
	mark->next = table->marks;
	table->marks = mark;
	return 0;
}

int csta_private_vendor(struct csta_private *table, const char *name, const char *oid,
                        const char *namespace, struct cti_error *error)
{
	const struct private_vendor *vendor = private_vendor_find(table, name);
	int code = 0;

	if (!vendor)
		vendor = vendor_add(table, name, error);
	if (!vendor)
		return table->vendor_count == CSTA_PRIVATE_VENDORS_MAX ? CTI_E_LIMIT
		       : is_name(name, false)                          ? CTI_E_NOMEM
		                                                       : CTI_E_INVALID;
	if (oid)
		code = mark_add(table, vendor, oid, NULL, error);
	if (!code && namespace)
		code = mark_add(table, vendor, NULL, namespace, error);
	return code;
}

/* ---- fields ------------------------------------------------------------------------------ */

/* One step as text: where it ends, and what it is. */
struct step_read {
	uint64_t tag;
	unsigned position;
	const char *text; /* XML */
	size_t length;
};

/* ".24", "4", "a4", "u2#1" */
static bool ber_step_read(const char **at, bool first, struct step_read *out)
{
	static const char letters[] = "uap"; /* universal, application, (context,) private */
	const char *p = *at, *letter = strchr(letters, *p);
	uint64_t number, class = TLV_CONTEXT;

	*out = (struct step_read){0};
	if (first && *p == '.') {
		p++;
		if (!number_take(&p, &number))
			return false;
		out->tag = STEP_ARC | number;
	} else {
		if (*p && letter) {
			class = letter == letters       ? TLV_UNIVERSAL
			        : letter == letters + 1 ? TLV_APPLICATION
			                                : TLV_PRIVATE;
			p++;
		}
		if (!number_take(&p, &number) || number > ARC_MAX >> 2)
			return false;
		out->tag = TLV_TAG(class, number);
		if (*p == '#') {
			p++;
			if (!number_take(&p, &number) || !number || number > 255)
				return false;
			out->position = (unsigned)number;
		}
	}
	*at = p;
	return true;
}

static bool xml_step_read(const char **at, struct step_read *out)
{
	size_t length = strcspn(*at, "/");

	*out = (struct step_read){.text = *at, .length = length};
	*at += length;
	/* Nothing is below an attribute. */
	return length > (*out->text == '@') && length <= CSTA_PRIVATE_NAME_MAX &&
	       (*out->text != '@' || !**at);
}

static bool step_is(const struct private_step *step, const struct step_read *wanted)
{
	if (wanted->text)
		return !strncmp(step->text, wanted->text, wanted->length) &&
		       !step->text[wanted->length];
	return step->tag == wanted->tag && step->position == wanted->position;
}

/* Whether one more tag may be counted here. */
static bool countable(const struct private_step *parent, uint64_t tag)
{
	uint64_t counted[COUNTED_MAX];
	unsigned count = 0;

	for (const struct private_step *step = parent->child; step; step = step->next) {
		unsigned i = 0;

		if (!step->position)
			continue;
		while (i < count && counted[i] != step->tag)
			i++;
		if (step->tag == tag)
			return true;
		if (i == count && count < COUNTED_MAX)
			counted[count++] = step->tag;
	}
	return count < COUNTED_MAX;
}

static struct private_step *step_make(struct csta_private *table, struct private_step *parent,
                                      const struct step_read *wanted, struct cti_error *error)
{
	struct private_step *step = parent->child;

	while (step && !step_is(step, wanted))
		step = step->next;
	if (step)
		return step;
	if (table->step_count == CSTA_PRIVATE_STEPS_MAX ||
	    (wanted->position && !countable(parent, wanted->tag))) {
		cti_error_set(error, CTI_E_LIMIT, "more than %d steps of paths, or %d counted tags",
		              CSTA_PRIVATE_STEPS_MAX, COUNTED_MAX);
		return NULL;
	}
	step = zeroed(sizeof(*step));
	if (!step || (wanted->text && !(step->text = copied(wanted->text, wanted->length)))) {
		free(step);
		nomem(error);
		return NULL;
	}
	step->tag = wanted->tag;
	step->position = wanted->position;
	step->next = parent->child;
	parent->child = step;
	table->step_count++;
	return step;
}

/* The step that a path ends with; NULL has filled the error. */
static struct private_step *path_make(struct csta_private *table, struct private_step *step,
                                      bool xml, const char *path, struct cti_error *error)
{
	const char *p = path;
	struct step_read read;

	for (unsigned depth = 0; step; depth++) {
		bool arc = depth > 0 && step->tag & STEP_ARC;

		if (depth == CSTA_PRIVATE_DEPTH_MAX) {
			cti_error_set(error, CTI_E_LIMIT, "path \"%.80s\": more than %d steps",
			              path, CSTA_PRIVATE_DEPTH_MAX);
			return NULL;
		}
		if (!(xml ? xml_step_read(&p, &read)
		          : ber_step_read(&p, depth == 0 || arc, &read)) ||
		    (*p && *p != '/' && *p != '.')) {
			cti_error_set(error, CTI_E_INVALID,
			              "path \"%.80s\": octet %zu is no step, expected %s", path,
			              (size_t)(p - path),
			              xml ? "names between slashes"
			                  : ".24 of an OID, then tags 4, a4, p4 or u4#2");
			return NULL;
		}
		step = step_make(table, step, &read, error);
		if (step && !*p)
			return step;
		p += *p == '/';
	}
	return NULL;
}

int csta_private_field(struct csta_private *table, const char *vendor,
                       enum csta_private_encoding encoding, const char *path, const char *name,
                       enum csta_private_type type, struct cti_error *error)
{
	bool xml = encoding == CSTA_PRIVATE_XML;
	/* The table is the caller's to change: only those who look things up see it const. */
	struct private_vendor *found =
	        (struct private_vendor *)(uintptr_t)private_vendor_find(table, vendor);
	struct cti_error why = {0};
	struct private_step *step;

	if (!found)
		return cti_error_set(error, CTI_E_NOTFOUND, "no vendor %.80s", vendor);
	if (!is_name(name, true))
		return cti_error_set(error, CTI_E_INVALID,
		                     "field \"%.80s\": expected letters, digits, - _ and ., at "
		                     "most %d",
		                     name, CSTA_PRIVATE_NAME_MAX);
	step = path_make(table, xml ? &found->xml : &found->ber, xml, path, &why);
	if (!step)
		return cti_error_set(error, why.code, "%s", why.text);
	if (step->name)
		return cti_error_set(error, CTI_E_INVALID, "path \"%.80s\" is %s already", path,
		                     step->name);
	step->name = copied(name, strlen(name));
	step->type = type;
	return step->name ? 0 : nomem(error);
}

/* ---- a text ------------------------------------------------------------------------------ */

struct lines {
	struct csta_private *table;
	char vendor[CSTA_PRIVATE_NAME_MAX + 1]; /* of the fields that follow; "": none yet */
	struct cti_error why;
};

static int vendor_line(struct lines *lines, char *const *words, unsigned count)
{
	int code;

	if (count < 2 || count % 2)
		return cti_error_set(&lines->why, CTI_E_INVALID,
		                     "expected vendor NAME [oid OID | namespace URI]...");
	code = csta_private_vendor(lines->table, words[1], NULL, NULL, &lines->why);
	for (unsigned i = 2; !code && i < count; i += 2) {
		bool oid = !strcmp(words[i], "oid");

		if (!oid && strcmp(words[i], "namespace") != 0)
			return cti_error_set(&lines->why, CTI_E_INVALID,
			                     "\"%.40s\", expected oid or namespace", words[i]);
		code = csta_private_vendor(lines->table, words[1], oid ? words[i + 1] : NULL,
		                           oid ? NULL : words[i + 1], &lines->why);
	}
	if (!code)
		snprintf(lines->vendor, sizeof(lines->vendor), "%s", words[1]);
	return code;
}

static int field_line(struct lines *lines, char *const *words, unsigned count)
{
	static const char *const types[] = {[CSTA_PRIVATE_OCTETS] = "octets",
	                                    [CSTA_PRIVATE_TEXT] = "text",
	                                    [CSTA_PRIVATE_INTEGER] = "integer",
	                                    [CSTA_PRIVATE_BOOLEAN] = "boolean"};
	unsigned type = 0;

	if (count != 4)
		return cti_error_set(&lines->why, CTI_E_INVALID, "expected %s PATH NAME TYPE",
		                     words[0]);
	if (!*lines->vendor)
		return cti_error_set(&lines->why, CTI_E_INVALID, "a field before any vendor");
	while (type <= CSTA_PRIVATE_BOOLEAN && strcmp(types[type], words[3]) != 0)
		type++;
	if (type > CSTA_PRIVATE_BOOLEAN)
		return cti_error_set(&lines->why, CTI_E_INVALID,
		                     "\"%.40s\", expected text, integer, octets or boolean",
		                     words[3]);
	return csta_private_field(lines->table, lines->vendor,
	                          *words[0] == 'x' ? CSTA_PRIVATE_XML : CSTA_PRIVATE_BER, words[1],
	                          words[2], (enum csta_private_type)type, &lines->why);
}

/* A comment begins at a # that a blank is before: one within a word counts (u2#1). */
static int line_read(struct lines *lines, char *line)
{
	char *words[WORDS_MAX], *save = NULL;
	unsigned count = 0;

	for (char *word = strtok_r(line, " \t\r", &save); word && *word != '#';
	     word = strtok_r(NULL, " \t\r", &save)) {
		if (count == WORDS_MAX)
			return cti_error_set(&lines->why, CTI_E_LIMIT, "more than %d words",
			                     WORDS_MAX);
		words[count++] = word;
	}
	if (!count)
		return 0;
	if (!strcmp(words[0], "vendor"))
		return vendor_line(lines, words, count);
	if (!strcmp(words[0], "ber") || !strcmp(words[0], "xml"))
		return field_line(lines, words, count);
	return cti_error_set(&lines->why, CTI_E_INVALID, "\"%.40s\", expected vendor, ber or xml",
	                     words[0]);
}

int csta_private_read(struct csta_private *table, const char *text, size_t length,
                      const char *source, struct cti_error *error)
{
	struct lines lines = {.table = table};
	unsigned number = 0;
	char *copy, *save = NULL;
	int code = 0;

	if (length > CSTA_PRIVATE_TEXT_MAX)
		return cti_error_set(error, CTI_E_LIMIT, "%s: %zu octets, the limit is %u", source,
		                     length, CSTA_PRIVATE_TEXT_MAX);
	if (!csta_is_utf8((const uint8_t *)text, length))
		return cti_error_set(error, CTI_E_INVALID, "%s: not a text in UTF-8", source);
	copy = copied(text, length);
	if (!copy)
		return nomem(error);
	save = copy;
	while (!code && save) {
		char *line = save;

		save = strchr(line, '\n');
		if (save)
			*save++ = '\0';
		number++;
		code = line_read(&lines, line);
	}
	if (code)
		cti_error_set(error, code, "%s line %u: %s", source, number, lines.why.text);
	free(copy);
	return code;
}

int csta_codec_names(struct csta_codec *codec, const struct csta_private *table, const char *vendor,
                     struct cti_error *error)
{
	const struct private_vendor *found =
	        table && vendor ? private_vendor_find(table, vendor) : NULL;

	if (vendor && !found)
		return cti_error_set(error, CTI_E_NOTFOUND,
		                     "vendor %.80s: the table of private data has no such", vendor);
	codec->names = table;
	codec->vendor = found;
	return 0;
}
