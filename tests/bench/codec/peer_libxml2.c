/* SPDX-License-Identifier: Apache-2.0 */
#include "codec.h"

#include <libxml/parser.h>
#include <libxml/xmlwriter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading ------------------------------------------------------------------------------ */

#define FIELDS     8
#define FIELD_SIZE 64

/* By the element that holds them; callID and deviceID are the connection's own. */
static const struct wanted {
	const char *element, *parent;
} wanted[FIELDS] = {
        {"callID", NULL},
        {"deviceID", NULL},
        {"deviceIdentifier", "answeringDevice"},
        {"deviceIdentifier", "callingDevice"},
        {"deviceIdentifier", "calledDevice"},
        {"numberDialed", NULL},
        {"localConnectionInfo", NULL},
        {"cause", NULL},
};

static struct reader {
	xmlParserCtxt *ctxt;
	struct sample xml;
	const xmlChar *elements[FIELDS],
	        *parents[FIELDS]; /* of the dictionary: equal if the same */
	const xmlChar *path[32];
	unsigned depth, next;
	char *into; /* the open field, or NULL */
	char fields[FIELDS][FIELD_SIZE];
	size_t lengths[FIELDS];
} reader;

/* Fields come in the order of the schema. */
static void start(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                  int declared_count, const xmlChar **declared, int attribute_count,
                  int defaulted_count, const xmlChar **attributes)
{
	struct reader *rd = user;

	(void)prefix, (void)uri, (void)declared_count, (void)declared;
	(void)attribute_count, (void)defaulted_count, (void)attributes;
	rd->into = NULL;
	if (rd->next < FIELDS && name == rd->elements[rd->next] &&
	    (!rd->parents[rd->next] || rd->path[rd->depth - 1] == rd->parents[rd->next]))
		rd->into = rd->fields[rd->next++];
	rd->path[rd->depth++] = name;
}

static void text(void *user, const xmlChar *octets, int length)
{
	struct reader *rd = user;
	size_t *have;

	if (!rd->into)
		return;
	have = &rd->lengths[rd->next - 1];
	if ((size_t)length > FIELD_SIZE - *have)
		return;
	memcpy(rd->into + *have, octets, (size_t)length);
	*have += (size_t)length;
}

static void end(void *user, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct reader *rd = user;

	(void)name, (void)prefix, (void)uri;
	rd->into = NULL;
	rd->depth--;
}

void peer_sax_decode(void)
{
	reader.depth = reader.next = 0;
	memset(reader.lengths, 0, sizeof(reader.lengths));
	xmlCtxtResetPush(reader.ctxt, NULL, 0, NULL, NULL);
	if (xmlParseChunk(reader.ctxt, (const char *)reader.xml.data, (int)reader.xml.length, 1) ||
	    reader.next != FIELDS)
		abort();
}

bool peer_sax_prepare(struct sample xml)
{
	static xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
	                            .startElementNs = start,
	                            .endElementNs = end,
	                            .characters = text,
	                            .ignorableWhitespace = text};

	reader.xml = xml;
	reader.ctxt = xmlCreatePushParserCtxt(&sax, &reader, NULL, 0, NULL);
	if (!reader.ctxt)
		return false;
	xmlCtxtUseOptions(reader.ctxt, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	for (unsigned i = 0; i < FIELDS; i++) {
		reader.elements[i] =
		        xmlDictLookup(reader.ctxt->dict, (const xmlChar *)wanted[i].element, -1);
		if (wanted[i].parent)
			reader.parents[i] = xmlDictLookup(reader.ctxt->dict,
			                                  (const xmlChar *)wanted[i].parent, -1);
	}
	peer_sax_decode();
	for (unsigned i = 0; i < FIELDS; i++) {
		char tagged[FIELD_SIZE + 2];

		snprintf(tagged, sizeof(tagged), ">%.*s<", (int)reader.lengths[i],
		         reader.fields[i]);
		if (!reader.lengths[i] || !memmem(xml.data, xml.length, tagged, strlen(tagged)))
			return false;
	}
	return true;
}

/* ---- writing ------------------------------------------------------------------------------ */

/* The document as the calls that write it. */
static struct step {
	enum { START, ATTRIBUTE, TEXT, END } call;
	xmlChar *name, *value;
} steps[256];
static unsigned step_count;
static xmlTextWriter *writer;
static xmlBuffer *buffer;

static void add(int call, const xmlChar *name, const xmlChar *value)
{
	if (step_count == sizeof(steps) / sizeof(*steps))
		abort();
	steps[step_count++] =
	        (struct step){call, name ? xmlStrdup(name) : NULL, value ? xmlStrdup(value) : NULL};
}

static void add_node(const xmlNode *node)
{
	add(START, node->name, NULL);
	for (const xmlNs *ns = node->nsDef; ns; ns = ns->next)
		add(ATTRIBUTE, (const xmlChar *)"xmlns", ns->href);
	for (const xmlAttr *a = node->properties; a; a = a->next)
		add(ATTRIBUTE, a->name, a->children->content);
	for (const xmlNode *child = node->children; child; child = child->next) {
		if (child->type == XML_TEXT_NODE)
			add(TEXT, NULL, child->content);
		else
			add_node(child);
	}
	add(END, NULL, NULL);
}

void peer_writer_encode(void)
{
	xmlBufferEmpty(buffer);
	xmlTextWriterStartDocument(writer, NULL, "UTF-8", NULL);
	for (unsigned i = 0; i < step_count; i++)
		switch (steps[i].call) {
		case START:
			xmlTextWriterStartElement(writer, steps[i].name);
			break;
		case ATTRIBUTE:
			xmlTextWriterWriteAttribute(writer, steps[i].name, steps[i].value);
			break;
		case TEXT:
			xmlTextWriterWriteString(writer, steps[i].value);
			break;
		case END:
			xmlTextWriterEndElement(writer);
			break;
		}
	xmlTextWriterEndDocument(writer);
	xmlTextWriterFlush(writer);
}

/* The writer ends the declaration and the document with a line end each. */
static bool same_but_lines(const xmlChar *text, size_t length, struct sample xml)
{
	size_t at = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			continue;
		if (at == xml.length || text[i] != xml.data[at++])
			return false;
	}
	return at == xml.length;
}

bool peer_writer_prepare(struct sample xml)
{
	xmlDoc *doc = xmlReadMemory((const char *)xml.data, (int)xml.length, NULL, NULL, 0);

	if (!doc)
		return false;
	add_node(xmlDocGetRootElement(doc));
	xmlFreeDoc(doc);
	buffer = xmlBufferCreate();
	writer = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
	if (!writer)
		return false;
	for (int twice = 0; twice < 2; twice++) {
		peer_writer_encode();
		if (!same_but_lines(xmlBufferContent(buffer), (size_t)xmlBufferLength(buffer), xml))
			return false;
	}
	return true;
}
