/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML kept as it came: private data, ECMA-354's application specific info and extensions. Written
 * again from the parser's events, so that it stands on its own wherever it is put later:
 *
 *     <private xmlns:scx="http://www.siemens.com/schema/csta"><scx:a/></private>
 *     kept: <scx:a xmlns:scx="http://www.siemens.com/schema/csta"/>
 *
 * Prefixes that the outer elements declare are declared where they are first used. Elements of
 * the message's own namespace lose prefix and declaration: they are of the namespace of whatever
 * message they are sent in. Comments and processing instructions are dropped. Reading what was
 * written here gives the same again.
 */
#include "csta/xml_state.h"

#include <stdlib.h>
#include <string.h>

static void put(struct csta_xml_state *rd, const void *text, size_t length)
{
	if (!rd->code && csta_buffer_append(&rd->text, text, length))
		xml_fail_memory(rd);
}

static void put_string(struct csta_xml_state *rd, const void *text)
{
	put(rd, text, strlen(text));
}

static void put_escaped(struct csta_xml_state *rd, const char *text, size_t length, bool attribute)
{
	const char *end = text + length, *from = text;

	for (; text < end; text++) {
		const char *entity = *text == '<'    ? "&lt;"
		                     : *text == '>'  ? "&gt;"
		                     : *text == '&'  ? "&amp;"
		                     : *text == '\r' ? "&#13;"
		                     : !attribute    ? NULL
		                     : *text == '"'  ? "&quot;"
		                     : *text == '\n' ? "&#10;"
		                     : *text == '\t' ? "&#9;"
		                                     : NULL;

		if (!entity)
			continue;
		put(rd, from, (size_t)(text - from));
		put_string(rd, entity);
		from = text + 1;
	}
	put(rd, from, (size_t)(end - from));
}

/* What a prefix stands for in what was written so far. */
static const xmlChar *bound(const struct csta_xml_state *rd, const xmlChar *prefix, bool *declared)
{
	for (size_t i = rd->prefix_count; i-- > 0;)
		if (rd->prefixes[i].prefix == prefix) {
			*declared = true;
			return rd->prefixes[i].uri;
		}
	*declared = false;
	return prefix ? NULL : rd->own_uri;
}

static bool same(const xmlChar *a, const xmlChar *b)
{
	if (a && !*a)
		a = NULL;
	if (b && !*b)
		b = NULL;
	return a == b || (a && b && xmlStrEqual(a, b));
}

/* Write xmlns="..." or xmlns:p="..." unless that stands already. */
static void declare(struct csta_xml_state *rd, const xmlChar *prefix, const xmlChar *uri)
{
	struct xml_prefix *p;
	bool declared;
	const xmlChar *now = bound(rd, prefix, &declared);

	if (rd->code || ((declared || !prefix) && same(now, uri)))
		return;
	if (rd->prefix_count == rd->prefix_size) {
		size_t size = rd->prefix_size ? rd->prefix_size * 2 : 8;

		p = csta_alloc_fails() ? NULL : realloc(rd->prefixes, size * sizeof(*p));
		if (!p) {
			xml_fail_memory(rd);
			return;
		}
		rd->prefixes = p;
		rd->prefix_size = size;
	}
	rd->prefixes[rd->prefix_count++] = (struct xml_prefix){prefix, uri, rd->raw};
	put_string(rd, prefix ? " xmlns:" : " xmlns");
	if (prefix)
		put_string(rd, prefix);
	put_string(rd, "=\"");
	if (uri)
		put_escaped(rd, (const char *)uri, strlen((const char *)uri), true);
	put_string(rd, "\"");
}

/* The message's own namespace, and the one that is the default here, need no prefix. */
static const xmlChar *element_prefix(const struct csta_xml_state *rd, const xmlChar *prefix,
                                     const xmlChar *uri)
{
	bool declared;

	if (prefix && same(uri, rd->own_uri) && same(bound(rd, NULL, &declared), uri))
		return NULL;
	return prefix;
}

static void put_name(struct csta_xml_state *rd, const xmlChar *prefix, const xmlChar *local)
{
	if (prefix) {
		put_string(rd, prefix);
		put(rd, ":", 1);
	}
	put_string(rd, local);
}

void xml_raw_begin(struct csta_xml_state *rd)
{
	rd->raw = 0;
	rd->raw_open = false;
	rd->prefix_count = 0;
	rd->text.length = 0;
}

static void close_tag(struct csta_xml_state *rd)
{
	if (rd->raw_open)
		put(rd, ">", 1);
	rd->raw_open = false;
}

void xml_raw_start(struct csta_xml_state *rd, const struct xml_tag *tag)
{
	const xmlChar *prefix = element_prefix(rd, tag->prefix, tag->uri);
	const xmlChar **declared = tag->declared, **attribute = tag->attributes;

	close_tag(rd);
	rd->raw++;
	put(rd, "<", 1);
	put_name(rd, prefix, (const xmlChar *)tag->name);
	if (prefix ? tag->uri != NULL : true)
		declare(rd, prefix, tag->uri);
	/* All that it declares: an attribute's text may name a prefix (xsi:type="ns1:Login"). */
	for (int i = 0; i < tag->declared_count; i++)
		if (declared[2 * i] && declared[2 * i] != prefix &&
		    !same(declared[2 * i + 1], rd->own_uri))
			declare(rd, declared[2 * i], declared[2 * i + 1]);
	for (int i = 0; i < tag->attribute_count; i++, attribute += 5) {
		if (attribute[1] && attribute[2] && strcmp((const char *)attribute[1], "xml") != 0)
			declare(rd, attribute[1], attribute[2]);
		put(rd, " ", 1);
		put_name(rd, attribute[1], attribute[0]);
		put(rd, "=\"", 2);
		put_escaped(rd, (const char *)attribute[3], (size_t)(attribute[4] - attribute[3]),
		            true);
		put(rd, "\"", 1);
	}
	rd->raw_open = true;
}

void xml_raw_text(struct csta_xml_state *rd, const char *text, size_t length)
{
	if (length == 0)
		return;
	close_tag(rd);
	put_escaped(rd, text, length, false);
}

void xml_raw_end(struct csta_xml_state *rd, const xmlChar *local, const xmlChar *prefix,
                 const xmlChar *uri)
{
	bool declared;

	/* The start tag was written under the default namespace of its children's scope. */
	if (prefix && same(uri, rd->own_uri) && same(bound(rd, NULL, &declared), uri))
		prefix = NULL;
	if (rd->raw_open) {
		put(rd, "/>", 2);
	} else {
		put(rd, "</", 2);
		put_name(rd, prefix, local);
		put(rd, ">", 1);
	}
	rd->raw_open = false;
	while (rd->prefix_count && rd->prefixes[rd->prefix_count - 1].depth == rd->raw)
		rd->prefix_count--;
	rd->raw--;
}
