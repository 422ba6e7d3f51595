/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The XML of private data in the table of csta/private.h. It comes as xml_raw.c keeps it, or in a
 * UTF8String of somebody's BER:
 *
 *     <AvayaEvents xmlns:ns1="http://www.avaya.com/csta" ...><invertFilter>true</invertFilter>...
 *
 * libxml2 reads it as the content of an element, where no DOCTYPE can stand: there are no entities
 * but XML's own.
 */
#include "csta/codec.h"
#include "csta/private_table.h"
#include "csta/text.h"

#include <errno.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

#define OPEN  "<private>"
#define CLOSE "</private>"

struct xml_search {
	struct private_search *search;
	bool opened;                         /* <private> is */
	const struct private_vendor *vendor; /* of the outermost element within */
	/* Where the open elements are in the table; deeper ones are not there. */
	const struct private_step *steps[CSTA_PRIVATE_DEPTH_MAX + 1];
	unsigned depth; /* elements open within <private> */
	char text[CSTA_PRIVATE_VALUE_MAX];
	size_t length; /* more than fits: it was too long */
};

static bool integer_value(const char *text, size_t length, int64_t *out)
{
	char digits[24], *end;

	if (!length || length >= sizeof(digits) || csta_blank(*text))
		return false;
	memcpy(digits, text, length);
	digits[length] = '\0';
	errno = 0;
	*out = strtoll(digits, &end, 10);
	return !*end && !errno;
}

static bool word_is(const char *text, size_t length, const char *word)
{
	return length == strlen(word) && !memcmp(text, word, length);
}

static void value_tell(struct xml_search *xml, const struct private_step *step, const char *text,
                       size_t length)
{
	struct csta_private_value value = {.type = CSTA_PRIVATE_TEXT};

	while (length && csta_blank(*text)) {
		text++;
		length--;
	}
	while (length && csta_blank(text[length - 1]))
		length--;
	value.octets = (const uint8_t *)text;
	value.length = length;
	if (step->type == CSTA_PRIVATE_INTEGER && integer_value(text, length, &value.integer)) {
		value.type = CSTA_PRIVATE_INTEGER;
	} else if (step->type == CSTA_PRIVATE_BOOLEAN) {
		value.boolean = word_is(text, length, "true") || word_is(text, length, "1");
		if (value.boolean || word_is(text, length, "false") || word_is(text, length, "0"))
			value.type = CSTA_PRIVATE_BOOLEAN;
	}
	private_tell(xml->search, xml->vendor, step, &value);
}

static const struct private_step *step_of(const struct private_step *parent, const char *mark,
                                          const xmlChar *name)
{
	size_t skip = strlen(mark);

	for (const struct private_step *step = parent ? parent->child : NULL; step;
	     step = step->next)
		if (!strncmp(step->text, mark, skip) &&
		    !strcmp(step->text + skip, (const char *)name))
			return step;
	return NULL;
}

static const struct private_vendor *vendor_of(const struct private_search *search,
                                              const xmlChar *namespace)
{
	for (const struct private_mark *mark = search->table->marks; namespace && mark;
	     mark = mark->next)
		if (mark->namespace && !strcmp(mark->namespace, (const char *)namespace))
			return mark->vendor;
	return NULL;
}

static void attributes_search(struct xml_search *xml, const struct private_step *parent,
                              const xmlChar **attributes, int count)
{
	for (; count-- && !xml->search->code; attributes += 5) {
		const struct private_step *step = step_of(parent, "@", attributes[0]);

		if (step && step->name)
			value_tell(xml, step, (const char *)attributes[3],
			           (size_t)(attributes[4] - attributes[3]));
		else if (!attributes[2] || strcmp((const char *)attributes[2],
		                                  "http://www.w3.org/2001/XMLSchema-instance") != 0)
			xml->search->rest = true;
	}
}

static void start(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *namespace,
                  int declared_count, const xmlChar **declared, int attribute_count, int defaulted,
                  const xmlChar **attributes)
{
	struct xml_search *xml = arg;
	const struct private_step *parent = NULL, *step;

	(void)prefix, (void)defaulted;
	if (!xml->opened) {
		xml->opened = true;
		return;
	}
	if (xml->search->code)
		return;
	if (xml->depth == 0) {
		xml->vendor = vendor_of(xml->search, namespace);
		for (int i = 0; i < declared_count && !xml->vendor; i++)
			xml->vendor = vendor_of(xml->search, declared[2 * i + 1]);
		if (!xml->vendor)
			xml->vendor = xml->search->vendor;
		parent = xml->vendor ? &xml->vendor->xml : NULL;
	} else if (xml->depth <= CSTA_PRIVATE_DEPTH_MAX) {
		parent = xml->steps[xml->depth - 1];
	}
	step = step_of(parent, "", name);
	if (!step)
		xml->search->rest = true;
	if (xml->depth <= CSTA_PRIVATE_DEPTH_MAX)
		xml->steps[xml->depth] = step;
	xml->depth++;
	xml->length = 0;
	if (step)
		attributes_search(xml, step, attributes, attribute_count);
}

static void end(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *namespace)
{
	struct xml_search *xml = arg;
	const struct private_step *step;

	(void)name, (void)prefix, (void)namespace;
	if (!xml->depth)
		return;
	xml->depth--;
	step = xml->depth <= CSTA_PRIVATE_DEPTH_MAX ? xml->steps[xml->depth] : NULL;
	if (step && step->name && !xml->search->code) {
		if (xml->length <= sizeof(xml->text))
			value_tell(xml, step, xml->text, xml->length);
		else
			xml->search->rest = true;
	}
	xml->length = 0;
}

static void characters(void *arg, const xmlChar *text, int length)
{
	struct xml_search *xml = arg;
	const struct private_step *step = xml->depth && xml->depth <= CSTA_PRIVATE_DEPTH_MAX + 1
	                                          ? xml->steps[xml->depth - 1]
	                                          : NULL;

	if (step && step->name) {
		if (xml->length + (size_t)length <= sizeof(xml->text))
			memcpy(xml->text + xml->length, text, (size_t)length);
		else
			xml->length = sizeof(xml->text);
		xml->length += (size_t)length;
		return;
	}
	for (int i = 0; i < length; i++)
		if (!csta_blank((char)text[i]))
			xml->search->rest = true;
}

/* libxml2 would print them. */
static void quiet(void *arg, const char *format, ...)
{
	(void)arg, (void)format;
}

void private_xml_search(struct private_search *search, const char *text, size_t length)
{
	xmlSAXHandler handler = {.initialized = XML_SAX2_MAGIC,
	                         .startElementNs = start,
	                         .endElementNs = end,
	                         .characters = characters,
	                         .cdataBlock = characters,
	                         .warning = quiet,
	                         .error = quiet,
	                         .fatalError = quiet};
	struct xml_search xml = {.search = search};
	xmlParserCtxt *ctxt;

	if (length > search->limits->pdu) {
		search->rest = true;
		return;
	}
	ctxt = csta_alloc_fails() ? NULL : xmlCreatePushParserCtxt(&handler, &xml, NULL, 0, NULL);
	if (!ctxt) {
		search->code = CTI_E_NOMEM;
		return;
	}
	xmlCtxtUseOptions(ctxt, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (xmlParseChunk(ctxt, OPEN, sizeof(OPEN) - 1, 0) ||
	    xmlParseChunk(ctxt, text, (int)length, 0) ||
	    xmlParseChunk(ctxt, CLOSE, sizeof(CLOSE) - 1, 1) || !ctxt->wellFormed)
		search->rest = true;
	if (ctxt->errNo == XML_ERR_NO_MEMORY && !search->code)
		search->code = CTI_E_NOMEM;
	if (ctxt->myDoc)
		xmlFreeDoc(ctxt->myDoc);
	xmlFreeParserCtxt(ctxt);
}
