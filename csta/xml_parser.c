/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The XML parser of a codec: libxml2's SAX2 push parser, one context, reset and used again (a fresh
 * one a message costs half as much as the message, a tree twice as much). No document type, no
 * entities but XML's five, nothing loaded from anywhere. Plain documents go a shorter way
 * (xml_scan.c). What the elements mean is xml_read.c's.
 */
#include "csta/deviation.h"
#include "csta/xml_scan.h"

#include <libxml/parserInternals.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A sender that makes up names fills the dictionary, which forgets none: after so many octets of
 * messages with new ones, a new parser takes its place.
 */
#define MADE_UP_MAX 20000
static const char *const namespaces[] = {
        [CSTA_ED2] = "http://www.ecma.ch/standards/ecma-323/csta/ed2",
        [CSTA_ED3] = "http://www.ecma-international.org/standards/ecma-323/csta/ed3",
        [CSTA_ED4] = "http://www.ecma-international.org/standards/ecma-323/csta/ed4",
        [CSTA_ED5] = "http://www.ecma-international.org/standards/ecma-323/csta/ed5",
        [CSTA_ED6] = "http://www.ecma-international.org/standards/ecma-323/csta/ed6",
};
static const char stem_ed2[] = "http://www.ecma.ch/standards/ecma-323/csta/ed";
static const char stem[] = "http://www.ecma-international.org/standards/ecma-323/csta/ed";

const char *csta_edition_namespace(enum csta_edition edition)
{
	return (unsigned)edition < sizeof(namespaces) / sizeof(*namespaces) ? namespaces[edition]
	                                                                    : NULL;
}

/* ".../ed3", ".../ed3/priv4"; edition 2 was published under ecma.ch, Avaya has it under the other.
 */
unsigned csta_edition_of(const char *ns, size_t length)
{
	size_t n = sizeof(stem) - 1;

	if (length > n && !memcmp(ns, stem, n))
		;
	else if (length > (n = sizeof(stem_ed2) - 1) && !memcmp(ns, stem_ed2, n))
		;
	else
		return 0;
	if (ns[n] < '2' || ns[n] > '6' || (length > n + 1 && ns[n + 1] != '/'))
		return 0;
	return (unsigned)(ns[n] - '0');
}

/* ---- failing ---------------------------------------------------------------------------- */

/* DeliveredEvent/connection/callID; the front is cut off where it gets long. */
static void path_write(const struct csta_xml_state *rd, char *path, size_t size)
{
	size_t used = 0;
	unsigned first = rd->depth > 4 ? rd->depth - 3 : 0;

	*path = '\0';
	if (first)
		used = (size_t)snprintf(path, size, "...");
	for (unsigned i = first; i < rd->depth && used < size; i++)
		used += (size_t)snprintf(path + used, size - used, "%s%s", i ? "/" : "",
		                         rd->frames[i].name);
}

int xml_shown(const char *text, size_t length)
{
	size_t n = length > 24 ? 24 : length;

	while (n < length && n > 0 && ((uint8_t)text[n] & 0xc0) == 0x80)
		n--;
	return (int)n;
}

int xml_fail(struct csta_xml_state *rd, int code, const char *format, ...)
{
	char what[CTI_ERROR_TEXT], path[96];
	va_list args;

	if (rd->code)
		return rd->code;
	if (rd->scanning)
		return rd->code = code;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	for (char *p = what; *p; p++)
		if ((uint8_t)*p < ' ')
			*p = ' ';
	path_write(rd, path, sizeof(path));
	rd->code = cti_error_set(rd->error, code, "line %d column %d%s%s: %s",
	                         rd->ctxt->input ? rd->ctxt->input->line : 0,
	                         rd->ctxt->input ? rd->ctxt->input->col : 0, *path ? ", " : "",
	                         path, what);
	xmlStopParser(rd->ctxt);
	return rd->code;
}

int xml_fail_memory(struct csta_xml_state *rd)
{
	struct cti_error why = {0};

	if (rd->message)
		csta_message_nomem(rd->message, &why);
	else
		cti_error_set(&why, CTI_E_NOMEM, "no memory");
	return xml_fail(rd, why.code, "%s", why.text);
}

void *xml_alloc(struct csta_xml_state *rd, size_t size)
{
	void *block = csta_message_alloc(rd->message, size);

	if (!block)
		xml_fail_memory(rd);
	return block;
}

#if LIBXML_VERSION >= 21200
#define PARSER_ERROR const xmlError
#else
#define PARSER_ERROR xmlError
#endif

/* libxml2's own errors: the document is not well formed. */
static void parser_error(void *data, PARSER_ERROR *why)
{
	struct csta_xml_state *rd = ((xmlParserCtxt *)data)->_private;
	int code = CTI_E_INVALID;
	size_t length;

	if (!rd || why->level != XML_ERR_FATAL || rd->code)
		return; /* a prefix without namespace is no reason to refuse anything */
	if (why->code == XML_ERR_NO_MEMORY)
		code = CTI_E_NOMEM;
	else if (why->code != XML_ERR_TAG_NAME_MISMATCH && why->code != XML_ERR_RESERVED_XML_NAME &&
	         rd->ctxt->input && rd->ctxt->input->cur >= rd->ctxt->input->end &&
	         (rd->depth || !rd->message)) /* at the end, and something is still open */
		code = CTI_E_TRUNCATED;
	length = why->message ? strcspn(why->message, "\n") : 0;
	xml_fail(rd, code, "not well-formed XML: %.*s", (int)length, why->message);
}

/* <!DOCTYPE: the door of entities and of files elsewhere. No message has one. */
static void internal_subset(void *data, const xmlChar *name, const xmlChar *external,
                            const xmlChar *system)
{
	struct csta_xml_state *rd = ((xmlParserCtxt *)data)->_private;

	(void)external;
	(void)system;
	xml_fail(rd, CTI_E_INVALID, "<!DOCTYPE %.20s: document types are refused",
	         (const char *)name);
}

static xmlEntity *get_entity(void *data, const xmlChar *name)
{
	(void)data;
	return xmlGetPredefinedEntity(name);
}

/* The names of a tag, all of them; what libxml2 takes is 50 times longer. */
static bool names_fit(struct csta_xml_state *rd, const struct xml_tag *tag)
{
	size_t longest = tag->length;

	for (int i = 0; i < tag->attribute_count; i++) {
		size_t length = strlen((const char *)tag->attributes[(size_t)i * 5]);

		longest = length > longest ? length : longest;
	}
	if (longest <= XML_NAME_LENGTH_MAX)
		return true;
	xml_fail(rd, CTI_E_LIMIT, "<%.*s: a name of %zu octets, at most %d are accepted",
	         xml_shown(tag->name, tag->length), tag->name, longest, XML_NAME_LENGTH_MAX);
	return false;
}

static void start_element(void *data, const xmlChar *local, const xmlChar *prefix,
                          const xmlChar *uri, int declared_count, const xmlChar **declared,
                          int attribute_count, int defaulted, const xmlChar **attributes)
{
	struct csta_xml_state *rd = ((xmlParserCtxt *)data)->_private;
	struct xml_tag tag = {
	        .name = (const char *)local,
	        .length = strlen((const char *)local),
	        .prefix = prefix,
	        .uri = uri,
	        .declared = declared,
	        .attributes = attributes,
	        .declared_count = declared_count,
	        .attribute_count = attribute_count,
	};

	(void)defaulted;
	/* A tag that is cut off comes here too, before the parser says that it is. */
	if (!rd->code && (*rd->ctxt->input->cur == '>' || *rd->ctxt->input->cur == '/') &&
	    names_fit(rd, &tag))
		xml_element_start(rd, &tag);
}

static void end_element(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	xml_element_end(((xmlParserCtxt *)data)->_private, local, prefix, uri);
}

static void characters(void *data, const xmlChar *text, int length)
{
	xml_text(((xmlParserCtxt *)data)->_private, (const char *)text, (size_t)length);
}

/* ---- the context -------------------------------------------------------------------------- */

static void state_free(struct csta_xml_state *rd)
{
	if (!rd)
		return;
	xmlFreeParserCtxt(rd->ctxt);
	free(rd->frames);
	free(rd->prefixes);
	csta_buffer_free(&rd->text);
	csta_buffer_free(&rd->tlvs);
	csta_buffer_free(&rd->utf8);
	free(rd);
}

static void forget(struct csta_codec *codec)
{
	state_free(codec->xml);
	codec->xml = NULL;
}

/* The dictionary has all names of the schemas from the start: it does not grow with good messages.
 */
static bool names_know(struct csta_xml_state *rd)
{
	bool known = true;

	for (size_t i = 0; known && i < xml_name_count; i++)
		known = xmlDictLookup(rd->ctxt->dict, (const xmlChar *)xml_names[i], -1);
	for (size_t i = 0; known && i < csta_type_count; i++)
		known = xmlDictLookup(rd->ctxt->dict, (const xmlChar *)csta_types[i].element, -1);
	for (size_t i = 2; known && i < sizeof(namespaces) / sizeof(*namespaces); i++)
		known = xmlDictLookup(rd->ctxt->dict, (const xmlChar *)namespaces[i], -1);
	rd->names = xmlDictSize(rd->ctxt->dict);
	return known;
}

/* A message of @p length octets has been read: did it bring new names? */
static void names_count(struct csta_xml_state *rd, size_t length)
{
	int names = xmlDictSize(rd->ctxt->dict);

	if (names != rd->names)
		rd->made_up += length;
	rd->names = names;
}

static int state_fill(struct csta_xml_state *rd)
{
	xmlSAXHandler sax = {
	        .initialized = XML_SAX2_MAGIC,
	        .startElementNs = start_element,
	        .endElementNs = end_element,
	        .characters = characters,
	        .ignorableWhitespace = characters,
	        .cdataBlock = characters,
	        .internalSubset = internal_subset,
	        .getEntity = get_entity,
	        .serror = parser_error,
	};

	rd->frames = csta_alloc_fails() ? NULL
	                                : calloc(rd->codec->limits.depth + 1, sizeof(*rd->frames));
	if (!rd->frames)
		return CTI_E_NOMEM;
	rd->ctxt = csta_alloc_fails() ? NULL : xmlCreatePushParserCtxt(&sax, NULL, NULL, 0, NULL);
	/* Without NOENT, an & in an attribute comes as "&#38;". No entities but the five exist. */
	if (!rd->ctxt ||
	    xmlCtxtUseOptions(rd->ctxt, XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_IGNORE_ENC))
		return CTI_E_NOMEM;
	rd->ctxt->_private = rd;
	rd->ctxt->userData = rd->ctxt;
	return names_know(rd) ? 0 : CTI_E_NOMEM;
}

/* The codec's parser; NULL: no memory. */
static struct csta_xml_state *state_get(struct csta_codec *codec)
{
	struct csta_xml_state *rd = codec->xml;

	if (rd && rd->made_up <= MADE_UP_MAX)
		return rd;
	forget(codec);
	rd = csta_alloc_fails() ? NULL : calloc(1, sizeof(*rd));
	if (!rd)
		return NULL;
	rd->codec = codec;
	if (state_fill(rd)) {
		state_free(rd);
		return NULL;
	}
	codec->xml = rd;
	codec->xml_free = state_free;
	return rd;
}

static void state_clear(struct csta_xml_state *rd, struct cti_error *error)
{
	rd->scanning = rd->scanned = false;
	rd->message = NULL;
	rd->error = error;
	rd->code = 0;
	rd->edition = rd->deviations = 0;
	rd->checking = false;
	rd->own_uri = NULL;
	rd->depth = rd->skipped = rd->raw = 0;
	rd->raw_open = false;
	rd->prefix_count = 0;
	rd->text.length = 0;
}

/* Ready for a document in UTF-8 that begins with @p text. */
static void state_reset(struct csta_xml_state *rd, const char *text, size_t length,
                        struct cti_error *error)
{
	state_clear(rd, error);
	if (xmlCtxtResetPush(rd->ctxt, text, (int)length, NULL, NULL))
		xml_fail_memory(rd);
}

/* C programs send the NUL at the end of their strings. */
static size_t padding_length(const char *text, size_t length)
{
	size_t padding = 0;

	/* Two octets a character, where a NUL is half of one. */
	if (length >= 2 && (!text[0] || !text[1] || (uint8_t)text[0] >= 0xfe))
		return 0;
	while (padding < length && !text[length - 1 - padding])
		padding++;
	return padding;
}

/* A plain document, without libxml2. */
static bool scan(struct csta_xml_state *rd, const char *text, size_t length)
{
	if (xml_scan_off)
		return false;
	state_clear(rd, NULL);
	rd->scanning = true;
	rd->scanned = xml_scan(rd, text, length);
	rd->scanning = false;
	if (!rd->scanned && rd->message)
		csta_message_destroy(&rd->message);
	return rd->scanned;
}

static void parse(struct csta_xml_state *rd, const char *text, size_t length,
                  struct cti_error *error)
{
	state_clear(rd, error);
	rd->code = xml_encoding_read(rd, &text, &length, error);
	if (rd->code)
		return;
	state_reset(rd, text, length, error);
	if (!rd->code)
		xmlParseChunk(rd->ctxt, NULL, 0, 1);
	if (!rd->code && rd->ctxt->errNo == XML_ERR_NO_MEMORY)
		xml_fail_memory(rd);
	if (!rd->code && (!rd->ctxt->wellFormed || !rd->message || rd->depth))
		xml_fail(rd, CTI_E_TRUNCATED, "not well-formed XML: the document ends too early");
}

int csta_decode_xml(struct csta_message **out, struct csta_codec *codec, const void *data,
                    size_t length, unsigned *edition, struct cti_error *error)
{
	struct csta_xml_state *rd;
	size_t padding = padding_length(data, length);

	if (length > codec->limits.pdu)
		return cti_error_set(error, CTI_E_LIMIT, "%zu octets of XML, the limit is %zu",
		                     length, codec->limits.pdu);
	length -= padding;
	if (length == 0)
		return cti_error_set(error, CTI_E_TRUNCATED, "no XML: empty message");
	rd = state_get(codec);
	if (!rd)
		return cti_error_set(error, CTI_E_NOMEM, "XML parser: no memory");
	rd->length = length;
	if (!scan(rd, data, length))
		parse(rd, data, length, error);
	names_count(rd, length);
	if (padding)
		rd->deviations |= CSTA_DEVIATION_PADDING;
	if (rd->code) {
		int code = rd->code;

		csta_message_destroy(&rd->message);
		if (code == CTI_E_NOMEM)
			forget(codec); /* the parser may be half of one */
		return code;
	}
	csta_message_limit(rd->message, SIZE_MAX);
	*out = rd->message;
	rd->message = NULL;
	if (edition)
		*edition = rd->edition;
	return 0;
}

enum xml_raw_state xml_raw_check(struct csta_codec *codec, const char *raw, size_t length)
{
	static const char open[] = "<private>", close[] = "</private>";
	struct csta_xml_state *rd = state_get(codec);
	unsigned deviations;
	bool same;

	if (!rd)
		return XML_RAW_NO_MEMORY;
	deviations = rd->deviations;
	state_reset(rd, open, sizeof(open) - 1, NULL);
	rd->deviations = deviations;
	rd->checking = true;
	if (!rd->code) {
		xmlParseChunk(rd->ctxt, raw, (int)length, 0);
		xmlParseChunk(rd->ctxt, close, sizeof(close) - 1, 1);
	}
	names_count(rd, length);
	if (rd->code || !rd->ctxt->wellFormed || rd->depth)
		return rd->code == CTI_E_NOMEM ? XML_RAW_NO_MEMORY : XML_RAW_BAD;
	same = rd->text.length == length && (!length || !memcmp(rd->text.data, raw, length));
	return same ? XML_RAW_SAME : XML_RAW_OTHER;
}

unsigned csta_codec_deviations(const struct csta_codec *codec)
{
	return codec->xml ? codec->xml->deviations : 0;
}

const char *csta_deviation_name(unsigned bit)
{
	static const char *const names[] = {
#define X(name, text, meaning) text,
	        CSTA_DEVIATIONS(X)
#undef X
	};

	return bit < CSTA_DEVIATION_COUNT ? names[bit] : NULL;
}
