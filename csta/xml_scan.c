/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain documents, see xml_scan.h. XML 1.0 and its namespaces, less: document types, CDATA,
 * comments, processing instructions, names beyond ASCII, prefixes that are not declared, xml:...,
 * declarations taken back (xmlns=""), and line ends and tabs in attributes.
 *
 * Bounds: the last octet is a '>' (white space behind the root is cut off). So long as an octet is
 * no '>', there is one behind it. Every loop stops at a '>', and who steps over one looks for the
 * end.
 */
#include "csta/xml_scan.h"

#include "csta/text.h"

#include <string.h>

/* Beyond these, libxml2 has limits of its own to mind. */
#define LENGTH_MAX     (1u << 20)
#define DEPTH_MAX      64
#define NAMESPACES_MAX 32
#define ATTRIBUTES_MAX 16
#define SPELT_MAX      1024

_Thread_local bool xml_scan_off;

enum {
	START = 1, /* begins a name */
	NAME = 2,  /* goes on in it */
	TEXT = 4,  /* itself, between tags */
	VALUE = 8, /* itself, in an attribute */
};

static const uint8_t classes[256] = {
        ['\t'] = TEXT,
        ['\n'] = TEXT,
        [' ' ... '!'] = TEXT | VALUE,
        ['"'] = TEXT,
        ['#' ... '%'] = TEXT | VALUE,
        ['\''] = TEXT,
        ['(' ... ','] = TEXT | VALUE,
        ['-' ... '.'] = TEXT | VALUE | NAME,
        ['/'] = TEXT | VALUE,
        ['0' ... '9'] = TEXT | VALUE | NAME,
        [':' ... ';'] = TEXT | VALUE,
        ['='] = TEXT | VALUE,
        ['?' ... '@'] = TEXT | VALUE,
        ['A' ... 'Z'] = TEXT | VALUE | NAME | START,
        ['[' ... '\\'] = TEXT | VALUE,
        [']'] = VALUE,
        ['^'] = TEXT | VALUE,
        ['_'] = TEXT | VALUE | NAME | START,
        ['`'] = TEXT | VALUE,
        ['a' ... 'z'] = TEXT | VALUE | NAME | START,
        ['{' ... 0x7f] = TEXT | VALUE,
};

struct span {
	const char *at;
	size_t length;
};

struct name {
	struct span prefix, local; /* prefix.length 0: none */
};

struct attribute {
	struct name name;
	struct span value;
};

struct namespace
{
	struct span prefix, uri;
};

/* An element that is open. The words, in libxml2's dictionary, are there in captured XML only. */
struct open {
	struct span name;
	unsigned namespaces; /* declared before it */
	const xmlChar *local, *prefix, *uri;
};

struct scan {
	struct csta_xml_state *rd;
	const char *at, *end;
	unsigned depth, namespace_count, attribute_count, spelt_length;
	struct xml_tag tag;
	const xmlChar *attribute_words[5 * ATTRIBUTES_MAX], *declared_words[2 * NAMESPACES_MAX];
	struct open open[DEPTH_MAX];
	struct namespace namespaces[NAMESPACES_MAX];
	struct attribute attributes[ATTRIBUTES_MAX];
	char spelt[SPELT_MAX]; /* attributes' values that references stand in */
};

static bool is(char c, unsigned class)
{
	return classes[(uint8_t)c] & class;
}

static bool span_is(struct span a, const char *at, size_t length)
{
	return a.length == length && !memcmp(a.at, at, length);
}

#define SPAN_IS(span, word) span_is(span, word, sizeof(word) - 1)

/* The first octet from @p at on that is not of a class. */
static const char *past(const char *at, unsigned class)
{
	while (is(*at, class))
		at++;
	return at;
}

static void skip_blanks(struct scan *s)
{
	const char *at = s->at;

	while (csta_blank(*at))
		at++;
	s->at = at;
}

static bool take(struct scan *s, const char *word, size_t length)
{
	if ((size_t)(s->end - s->at) <= length || memcmp(s->at, word, length) != 0)
		return false;
	s->at += length;
	return true;
}

#define TAKE(s, word) take(s, word, sizeof(word) - 1)

/* ---- characters ----------------------------------------------------------------------------- */

/* XML 1.0, production 2. */
static bool allowed(uint32_t c)
{
	return (c >= 0x20 || c == '\t' || c == '\n' || c == '\r') && (c < 0xd800 || c > 0xdfff) &&
	       c != 0xfffe && c != 0xffff && c <= 0x10ffff;
}

/* Octets of the character of UTF-8 at *at, one of more than one; 0: it is none. */
static size_t wide_length(const char *text)
{
	const uint8_t *at = (const uint8_t *)text;
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	unsigned more = at[0] < 0xc2   ? 0
	                : at[0] < 0xe0 ? 1
	                : at[0] < 0xf0 ? 2
	                : at[0] < 0xf5 ? 3
	                               : 0;
	uint32_t c = at[0] & (0x3fu >> more);

	if (more == 0)
		return 0;
	for (unsigned i = 1; i <= more; i++) {
		if (at[i] >> 6 != 2)
			return 0;
		c = c << 6 | (at[i] & 0x3f);
	}
	return c >= least[more] && allowed(c) ? more + 1 : 0;
}

/* &#10; or &#xA; behind the &#. */
static size_t number_scan(struct scan *s, char out[static 4])
{
	unsigned base = *s->at == 'x' ? 16 : 10;
	const char *first;
	uint32_t c = 0;

	s->at += base == 16;
	for (first = s->at; *s->at != ';'; s->at++) {
		int digit = csta_hex_digit(*s->at);

		if (digit < 0 || (unsigned)digit >= base || c > 0x10ffff)
			return 0;
		c = c * base + (unsigned)digit;
	}
	if (s->at == first || !allowed(c))
		return 0;
	s->at++;
	return csta_utf8_put(c, out);
}

/* Octets of what a reference stands for; 0: it is none. */
static size_t reference_scan(struct scan *s, char out[static 4])
{
	static const struct {
		const char *name;
		size_t length;
		char c;
	} entities[] = {
	        {"lt;", 3, '<'},   {"gt;", 3, '>'},    {"amp;", 4, '&'},
	        {"quot;", 5, '"'}, {"apos;", 5, '\''},
	};

	s->at++;
	if (*s->at == '#') {
		s->at++;
		return number_scan(s, out);
	}
	for (size_t i = 0; i < sizeof(entities) / sizeof(*entities); i++)
		if (take(s, entities[i].name, entities[i].length)) {
			*out = entities[i].c;
			return 1;
		}
	return 0;
}

static void flush(struct scan *s, const char *from)
{
	if (s->at > from)
		xml_text(s->rd, from, (size_t)(s->at - from));
}

/* Up to the next tag. */
static bool text_scan(struct scan *s)
{
	const char *from = s->at;
	char octets[4];
	size_t n;

	for (;;) {
		s->at = past(s->at, TEXT);
		switch (*s->at) {
		case '<':
			flush(s, from);
			return true;
		case '>':
			if (++s->at == s->end)
				return false;
			break;
		case ']':
			if (s->at[1] == ']' && s->at[2] == '>')
				return false;
			s->at++;
			break;
		case '&':
			flush(s, from);
			n = reference_scan(s, octets);
			if (!n)
				return false;
			xml_text(s->rd, octets, n);
			from = s->at;
			break;
		case '\r': /* a line ends with a line feed alone (XML 1.0, 2.11) */
			flush(s, from);
			if (s->at[1] != '\n')
				xml_text(s->rd, "\n", 1);
			from = ++s->at;
			break;
		default:
			n = wide_length(s->at);
			if (!n)
				return false;
			s->at += n;
		}
	}
}

/* ---- tags ----------------------------------------------------------------------------------- */

static bool name_scan(struct scan *s, struct name *name)
{
	const char *from = s->at, *end;

	if (!is(*from, START))
		return false;
	end = past(from, NAME);
	name->prefix.length = 0;
	name->local.at = name->prefix.at = from;
	if (*end == ':') {
		name->prefix.length = (size_t)(end - from);
		name->local.at = ++end;
		if (!is(*end, START))
			return false;
		end = past(end, NAME);
		if (*end == ':')
			return false;
	}
	name->local.length = (size_t)(end - name->local.at);
	s->at = end;
	return end - from <= XML_NAME_LENGTH_MAX;
}

/* Keep octets that do not stand in the document so, or not together. */
static bool spell(struct scan *s, const char *octets, size_t length)
{
	if (length > sizeof(s->spelt) - s->spelt_length)
		return false;
	memcpy(s->spelt + s->spelt_length, octets, length);
	s->spelt_length += (unsigned)length;
	return true;
}

static bool value_scan(struct scan *s, struct span *value)
{
	const char *from, *spelt = NULL;
	char quote, octets[4];
	size_t n;

	skip_blanks(s);
	if (*s->at++ != '=')
		return false;
	skip_blanks(s);
	quote = *s->at;
	if (quote != '"' && quote != '\'')
		return false;
	for (from = ++s->at;;) {
		s->at = past(s->at, VALUE);
		if (*s->at == quote)
			break;
		if (*s->at == '>' || *s->at == '"' || *s->at == '\'') {
			if (++s->at == s->end)
				return false;
		} else if (*s->at == '&') {
			if (!spelt)
				spelt = s->spelt + s->spelt_length;
			if (!spell(s, from, (size_t)(s->at - from)))
				return false;
			n = reference_scan(s, octets);
			if (!n || !spell(s, octets, n))
				return false;
			from = s->at;
		} else {
			n = wide_length(s->at);
			if (!n)
				return false;
			s->at += n;
		}
	}
	*value = (struct span){from, (size_t)(s->at - from)};
	s->at++;
	if (!spelt)
		return true;
	if (!spell(s, value->at, value->length))
		return false;
	*value = (struct span){spelt, (size_t)(&s->spelt[s->spelt_length] - spelt)};
	return true;
}

/* The URI of a prefix, or of none; NULL: not declared. */
static const struct span *uri_find(const struct scan *s, struct span prefix)
{
	for (unsigned i = s->namespace_count; i-- > 0;)
		if (span_is(s->namespaces[i].prefix, prefix.at, prefix.length))
			return &s->namespaces[i].uri;
	return NULL;
}

static bool declare(struct scan *s, struct span prefix, struct span uri)
{
	for (unsigned i = s->open[s->depth].namespaces; i < s->namespace_count; i++)
		if (span_is(s->namespaces[i].prefix, prefix.at, prefix.length))
			return false;
	if (s->namespace_count == NAMESPACES_MAX || uri.length == 0 ||
	    (prefix.length >= 3 && !memcmp(prefix.at, "xml", 3)) ||
	    SPAN_IS(uri, "http://www.w3.org/XML/1998/namespace") ||
	    SPAN_IS(uri, "http://www.w3.org/2000/xmlns/"))
		return false;
	s->namespaces[s->namespace_count++] = (struct namespace){prefix, uri};
	return true;
}

/* One by its local name alone: two of a kind may be the same in two prefixes. */
static bool attribute_keep(struct scan *s, const struct attribute *attribute)
{
	struct span local = attribute->name.local;

	for (unsigned i = 0; i < s->attribute_count; i++)
		if (span_is(s->attributes[i].name.local, local.at, local.length))
			return false;
	if (s->attribute_count == ATTRIBUTES_MAX)
		return false;
	s->attributes[s->attribute_count++] = *attribute;
	return true;
}

/* Up to the > or / of the tag. */
static bool attributes_scan(struct scan *s)
{
	struct attribute a;

	for (;;) {
		const char *from = s->at;

		skip_blanks(s);
		if (*s->at == '>' || *s->at == '/')
			return true;
		if (s->at == from || !name_scan(s, &a.name) || !value_scan(s, &a.value))
			return false;
		if (SPAN_IS(a.name.prefix, "xmlns")) {
			if (!declare(s, a.name.local, a.value))
				return false;
		} else if (!a.name.prefix.length && SPAN_IS(a.name.local, "xmlns")) {
			if (!declare(s, a.name.prefix, a.value))
				return false;
		} else if (!attribute_keep(s, &a)) {
			return false;
		}
	}
}

/* ---- what the reader is given --------------------------------------------------------------- */

/* False: no memory. */
static bool word(struct scan *s, struct span span, const xmlChar **out)
{
	*out = xmlDictLookup(s->rd->ctxt->dict, (const xmlChar *)span.at, (int)span.length);
	return *out != NULL;
}

/* A URI, most often the one of the message before. False: no memory. */
static bool uri_word(struct scan *s, struct span span, const xmlChar **out)
{
	struct csta_xml_state *rd = s->rd;

	if (!rd->last_uri || strncmp((const char *)rd->last_uri, span.at, span.length) != 0 ||
	    rd->last_uri[span.length]) {
		rd->last_uri = NULL;
		if (!word(s, span, &rd->last_uri))
			return false;
	}
	*out = rd->last_uri;
	return true;
}

/* Prefix and URI of a name; elements without prefix are of the default namespace. */
static bool name_words(struct scan *s, const struct name *name, bool element,
                       const xmlChar **prefix, const xmlChar **uri)
{
	const struct span *found = NULL;

	*prefix = *uri = NULL;
	if (name->prefix.length || element)
		found = uri_find(s, name->prefix);
	if (name->prefix.length && (!found || !word(s, name->prefix, prefix)))
		return false;
	return !found || uri_word(s, *found, uri);
}

/* Five pointers each, as libxml2 gives them. */
static bool attribute_words(struct scan *s)
{
	const xmlChar **out = s->attribute_words;

	for (unsigned i = 0; i < s->attribute_count; i++, out += 5) {
		const struct attribute *a = &s->attributes[i];

		if (!word(s, a->name.local, &out[0]) ||
		    !name_words(s, &a->name, false, &out[1], &out[2]))
			return false;
		out[3] = (const xmlChar *)a->value.at;
		out[4] = out[3] + a->value.length;
	}
	return true;
}

static bool declared_words(struct scan *s)
{
	const xmlChar **out = s->declared_words;

	for (unsigned i = s->open[s->depth].namespaces; i < s->namespace_count; i++, out += 2) {
		const struct namespace *n = &s->namespaces[i];

		out[0] = NULL;
		if ((n->prefix.length && !word(s, n->prefix, &out[0])) || !word(s, n->uri, &out[1]))
			return false;
	}
	return true;
}

/* Outside of captured XML, what an element is called is enough: no word is looked up. */
static bool element_give(struct scan *s, const struct name *name)
{
	struct open *open = &s->open[s->depth];
	struct xml_tag *tag = &s->tag;
	bool raw = xml_captures(s->rd);

	tag->name = name->local.at;
	tag->length = name->local.length;
	tag->attribute_count = (int)s->attribute_count;
	tag->declared_count = (int)(s->namespace_count - open->namespaces);
	if (s->attribute_count && !attribute_words(s))
		return false;
	if (raw) {
		if (!declared_words(s) || !word(s, name->local, &open->local))
			return false;
		tag->name = (const char *)open->local;
	}
	if (raw || s->depth == 0) {
		if (!name_words(s, name, true, &open->prefix, &open->uri))
			return false;
		tag->prefix = open->prefix;
		tag->uri = open->uri;
	} else if (name->prefix.length && !uri_find(s, name->prefix)) {
		return false;
	}
	xml_element_start(s->rd, tag);
	return true;
}

static void element_close(struct scan *s)
{
	const struct open *open = &s->open[--s->depth];

	if (s->rd->raw)
		xml_element_end(s->rd, open->local, open->prefix, open->uri);
	else
		xml_element_end(s->rd, NULL, NULL, NULL);
	s->namespace_count = open->namespaces;
}

/* <name>, as most are: without prefix and attributes, not captured. False: otherwise. */
static bool short_scan(struct scan *s)
{
	struct open *open = &s->open[s->depth];
	const char *from = s->at, *end = past(from, NAME);

	if (*end != '>' || end - from > XML_NAME_LENGTH_MAX || !is(*from, START) || s->depth == 0 ||
	    xml_captures(s->rd))
		return false;
	s->tag.name = open->name.at = from;
	s->tag.length = open->name.length = (size_t)(end - from);
	s->tag.attribute_count = s->tag.declared_count = 0;
	open->namespaces = s->namespace_count;
	s->at = end + 1;
	s->depth++;
	xml_element_start(s->rd, &s->tag);
	return true;
}

static bool start_scan(struct scan *s)
{
	struct open *open = &s->open[s->depth];
	struct name name;

	if (s->depth == DEPTH_MAX)
		return false;
	s->at++;
	if (short_scan(s))
		return true;
	open->name.at = s->at;
	if (!name_scan(s, &name))
		return false;
	open->name.length = (size_t)(s->at - open->name.at);
	open->namespaces = s->namespace_count;
	s->attribute_count = 0;
	if (*s->at != '>' && !attributes_scan(s))
		return false;
	if (!element_give(s, &name))
		return false;
	s->depth++;
	if (*s->at == '/') {
		s->at++;
		if (*s->at != '>')
			return false;
		element_close(s);
	}
	s->at++;
	return true;
}

static bool end_scan(struct scan *s)
{
	const struct span *name = &s->open[s->depth - 1].name;

	s->at += 2;
	if (!take(s, name->at, name->length))
		return false;
	skip_blanks(s);
	if (*s->at != '>')
		return false;
	s->at++;
	element_close(s);
	return true;
}

/* ---- the document --------------------------------------------------------------------------- */

/* Behind a blank, name="..." of the XML declaration, whose value is either word. False: otherwise.
 */
static bool pseudo_scan(struct scan *s, const char *name, const char *one, const char *other)
{
	struct span value;

	return take(s, name, strlen(name)) && value_scan(s, &value) &&
	       (span_is(value, one, strlen(one)) || span_is(value, other, strlen(other)));
}

/* Whether one more stands in the declaration. */
static bool pseudo_follows(struct scan *s, const char *name)
{
	const char *from = s->at;

	skip_blanks(s);
	if (s->at > from && *s->at == *name)
		return true;
	s->at = from;
	return false;
}

static bool declaration_scan(struct scan *s)
{
	if (TAKE(s, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>") || !TAKE(s, "<?xml"))
		return true;
	if (!pseudo_follows(s, "version") || !pseudo_scan(s, "version", "1.0", "1.0"))
		return false;
	if (pseudo_follows(s, "encoding") && !pseudo_scan(s, "encoding", "UTF-8", "utf-8"))
		return false;
	if (pseudo_follows(s, "standalone") && !pseudo_scan(s, "standalone", "yes", "no"))
		return false;
	skip_blanks(s);
	return TAKE(s, "?>");
}

/* Not the whole of it is zeroed: it is larger than most documents. */
static void begin(struct scan *s, struct csta_xml_state *rd, const char *text, size_t length)
{
	s->rd = rd;
	s->at = text;
	s->end = text + length;
	s->depth = s->namespace_count = s->spelt_length = 0;
	s->tag = (struct xml_tag){.attributes = s->attribute_words, .declared = s->declared_words};
}

bool xml_scan(struct csta_xml_state *rd, const char *text, size_t length)
{
	struct scan s;

	while (length && csta_blank(text[length - 1]))
		length--;
	if (length == 0 || length > LENGTH_MAX || text[length - 1] != '>')
		return false;
	begin(&s, rd, text, length);
	TAKE(&s, "\xef\xbb\xbf");
	if (!declaration_scan(&s))
		return false;
	skip_blanks(&s);
	if (*s.at != '<' || !start_scan(&s))
		return false;
	while (s.depth) {
		if (rd->code || s.at == s.end)
			return false;
		if (*s.at != '<' && xml_lays_out(rd))
			skip_blanks(&s);
		if (*s.at != '<' && !text_scan(&s))
			return false;
		if (s.at[1] == '/' ? !end_scan(&s) : !start_scan(&s))
			return false;
	}
	return !rd->code && s.at == s.end && rd->message && !rd->depth;
}
