/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is in a file: hexadecimal or not, framed or not, BER, XML or JSON. Each is told by its first
 * octets:
 *
 *     <                              XML, one document after the other
 *     {                              JSON, one object after the other
 *     00 00 .. .. digit x 4  <       XML in ECMA-323's frames
 *     a1..a4, 60..64                 BER, one APDU after the other
 *     26 .. .. a1                    BER in a HiPath's frames
 *     03 00 .. .. a1                 BER in TPKT
 *     .. .. a1                       BER behind two octets of length
 *
 * Captures are published with lengths that somebody edited: where the body shows what the length
 * must be, it is taken, and said.
 */
#include "csta/frame.h"
#include "csta/text.h"
#include "csta/tool/tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Octets of a file at most. */
#define FILE_MAX (64u * 1024 * 1024)
/** A PDU of a file may be larger than one on a link. */
#define PDU_MAX (16u * 1024 * 1024)

/* ---- reading ------------------------------------------------------------------------------- */

static int stream_read(FILE *file, struct csta_buffer *out, const char *name,
                       struct cti_error *error)
{
	uint8_t chunk[65536];
	size_t length;
	while ((length = fread(chunk, 1, sizeof chunk, file)) > 0) {
		if (out->length + length > FILE_MAX)
			return cti_error_set(error, CTI_E_LIMIT, "%s: more than %u octets", name,
			                     FILE_MAX);
		if (csta_buffer_append(out, chunk, length))
			return cti_error_set(error, CTI_E_NOMEM, "%s: out of memory", name);
	}
	if (ferror(file))
		return cti_error_set(error, CTI_E_IO, "%s: %s", name, strerror(errno));
	return CTI_OK;
}

int tool_file_read(const char *name, struct csta_buffer *out, struct cti_error *error)
{
	FILE *file = fopen(name, "rb");
	int code;
	if (!file)
		return cti_error_set(error, CTI_E_IO, "%s: %s", name, strerror(errno));
	code = stream_read(file, out, name, error);
	fclose(file);
	return code;
}

/* Between digits; a # makes the rest of the line a comment. */
static bool hex_gap(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ':' || c == ',';
}

/* Two passes: with @p out NULL it only says whether all of it is hexadecimal, and where not. */
static bool hex_read(const uint8_t *data, size_t length, struct csta_buffer *out, size_t *wrong)
{
	int high = -1;
	bool any = false;
	for (size_t i = 0; i < length; i++) {
		*wrong = i;
		if (data[i] == '#') {
			while (i < length && data[i] != '\n')
				i++;
			continue;
		}
		if (data[i] == '0' && i + 1 < length && (data[i + 1] | 0x20) == 'x' && high < 0) {
			i++;
			continue;
		}
		if (hex_gap(data[i])) {
			if (high >= 0)
				return false;
			continue;
		}
		int digit = csta_hex_digit((char)data[i]);
		if (digit < 0)
			return false;
		if (high < 0) {
			high = digit;
			continue;
		}
		uint8_t octet = (uint8_t)(high << 4 | digit);
		if (out && csta_buffer_append(out, &octet, 1))
			return false;
		high = -1;
		any = true;
	}
	*wrong = length;
	return any && high < 0;
}

int tool_read(struct tool_input *input, const struct tool_options *options, struct cti_error *error)
{
	bool standard = !options->file || !strcmp(options->file, "-");
	struct csta_buffer raw = {0}, octets = {0};
	*input = (struct tool_input){.name = standard ? "standard input" : options->file};
	FILE *file = standard ? stdin : fopen(options->file, "rb");
	if (!file)
		return cti_error_set(error, CTI_E_IO, "%s: %s", input->name, strerror(errno));
	int code = stream_read(file, &raw, input->name, error);
	if (!standard)
		fclose(file);
	size_t wrong = 0;
	bool hex = !code && options->form != 'b' && hex_read(raw.data, raw.length, NULL, &wrong);
	if (!code && options->form == 'h' && !hex)
		code = cti_error_set(error, CTI_E_INVALID,
		                     "%s: character %zu: expected pairs of hexadecimal digits",
		                     input->name, wrong);
	if (!code && hex && !hex_read(raw.data, raw.length, &octets, &wrong))
		code = cti_error_set(error, CTI_E_NOMEM, "%s: out of memory", input->name);
	if (hex)
		csta_buffer_free(&raw);
	if (code) {
		csta_buffer_free(&raw);
		csta_buffer_free(&octets);
		return code;
	}
	input->hex = hex;
	input->data = hex ? octets.data : raw.data;
	input->length = hex ? octets.length : raw.length;
	return CTI_OK;
}

void tool_input_free(struct tool_input *input)
{
	free(input->data);
	input->data = NULL;
}

/* ---- what it is ---------------------------------------------------------------------------- */

static bool is_apdu(const uint8_t *at, size_t length)
{
	return length && ((at[0] >= 0xA1 && at[0] <= 0xA4) || (at[0] >= 0x60 && at[0] <= 0x64));
}

static bool is_digits(const uint8_t *at)
{
	for (int i = 0; i < 4; i++)
		if (at[i] < '0' || at[i] > '9')
			return false;
	return true;
}

/* A header of ECMA-323 with XML behind it. */
static bool is_xml_frame(const uint8_t *at, size_t length)
{
	bool indicator = length >= 8 && ((!at[0] && !at[1]) || (at[0] == '0' && at[1] == '0'));
	return indicator && is_digits(at + 4) && (length == 8 || at[8] == '<' || at[8] == 0xEF);
}

static int frame_guess(const uint8_t *at, size_t length)
{
	if (is_xml_frame(at, length))
		return CSTA_FRAME_XML;
	if (is_apdu(at, length))
		return CSTA_FRAME_BARE;
	if (length > 3 && at[0] == 0x26 && is_apdu(at + 3, length - 3))
		return CSTA_FRAME_HIPATH26;
	if (length > 4 && at[0] == 3 && !at[1] && is_apdu(at + 4, length - 4))
		return CSTA_FRAME_TPKT;
	if (length > 2 && is_apdu(at + 2, length - 2))
		return CSTA_FRAME_LEN16;
	return TOOL_FRAME_NONE;
}

static size_t text_begin(const uint8_t *data, size_t length, size_t at)
{
	if (length - at >= 3 && !memcmp(data + at, "\xEF\xBB\xBF", 3))
		at += 3;
	while (at < length && strchr(" \t\r\n", data[at]) && data[at])
		at++;
	return at;
}

/* ---- bare XML and JSON, several in a file --------------------------------------------------- */

static const uint8_t *find(const uint8_t *data, size_t length, const char *what)
{
	return memmem(data, length, what, strlen(what));
}

/* A document ends where the next declaration begins; without declarations, at its root's end. */
static size_t xml_end(const uint8_t *data, size_t length)
{
	size_t depth = 0, at = 0;
	while (at < length) {
		const uint8_t *open = memchr(data + at, '<', length - at), *close;
		if (!open)
			return length;
		at = (size_t)(open - data);
		size_t rest = length - at;
		bool comment = rest >= 4 && !memcmp(open, "<!--", 4);
		bool section = rest >= 9 && !memcmp(open, "<![CDATA[", 9);
		bool instruction = rest >= 2 && open[1] == '?';
		close = find(open, rest,
		             comment       ? "-->"
		             : section     ? "]]>"
		             : instruction ? "?>"
		                           : ">");
		if (!close)
			return length;
		size_t end = (size_t)(close - data) + (comment || section ? 3
		                                       : instruction      ? 2
		                                                          : 1);
		if (!comment && !section && !instruction && rest > 1 && open[1] != '!') {
			if (open[1] == '/')
				depth -= depth > 0;
			else if (close[-1] != '/')
				depth++;
			if (!depth)
				return end;
		}
		at = end;
	}
	return length;
}

static size_t json_end(const uint8_t *data, size_t length)
{
	size_t depth = 0;
	bool text = false;
	for (size_t i = 0; i < length; i++) {
		if (text) {
			if (data[i] == '\\')
				i++;
			else if (data[i] == '"')
				text = false;
		} else if (data[i] == '"') {
			text = true;
		} else if (data[i] == '{' || data[i] == '[') {
			depth++;
		} else if (data[i] == '}' || data[i] == ']') {
			if (depth <= 1)
				return i + 1;
			depth--;
		}
	}
	return length;
}

static int text_next(struct tool_pdu *pdu, const struct tool_input *input, size_t at, bool json)
{
	const uint8_t *from = input->data + at;
	size_t length = input->length - at;
	pdu->encoding = json ? TOOL_JSON : TOOL_XML;
	pdu->frame = TOOL_FRAME_NONE;
	pdu->body = from;
	pdu->length = pdu->total = json ? json_end(from, length) : xml_end(from, length);
	return CTI_OK;
}

/* ---- frames ---------------------------------------------------------------------------------- */

/* Where the next header of ECMA-323 stands: XML holds no NUL. */
static size_t next_header(const uint8_t *data, size_t length)
{
	for (size_t i = 8; i < length; i++)
		if (!data[i] && is_xml_frame(data + i, length - i))
			return i;
	return length;
}

static int xml_next(struct tool_pdu *pdu, const struct tool_input *input, size_t at,
                    struct cti_error *error)
{
	const uint8_t *from = input->data + at;
	size_t rest = input->length - at;
	if (rest < 8 || !is_digits(from + 4) || (from[0] | from[1]) & ~0x30)
		return cti_error_set(error, rest < 8 ? CTI_E_TRUNCATED : CTI_E_INVALID,
		                     "octet %zu: expected a header of ECMA-323: 0000, length, four "
		                     "digits",
		                     at);
	size_t says = (size_t)from[2] << 8 | from[3], is = next_header(from, rest);
	/* White space behind the last one is nobody's. */
	if (says >= 8 && says < is && text_begin(from, is, says) == is)
		is = says;
	if (says != is)
		snprintf(pdu->deviation, sizeof pdu->deviation,
		         "false-length: the frame's header says %zu octets, there are %zu", says,
		         is);
	pdu->encoding = TOOL_XML;
	pdu->frame = CSTA_FRAME_XML;
	pdu->body = from + 8;
	pdu->length = is - 8;
	pdu->total = is;
	pdu->invoke_id = (uint32_t)((from[4] - '0') * 1000 + (from[5] - '0') * 100 +
	                            (from[6] - '0') * 10 + (from[7] - '0'));
	return CTI_OK;
}

/* The APDU delimits itself: it tells what the frame's length must be. */
static void apdu_check(struct tool_pdu *pdu, const struct tool_input *input, size_t header)
{
	size_t span = 0, rest = input->length - pdu->offset - header;
	if (csta_ber_span(input->data + pdu->offset + header, rest, PDU_MAX, &span, NULL) ||
	    span == pdu->length)
		return;
	snprintf(pdu->deviation, sizeof pdu->deviation,
	         "false-length: the frame's header says %zu octets, its APDU has %zu", pdu->length,
	         span);
	pdu->body = input->data + pdu->offset + header;
	pdu->length = span;
	pdu->total = header + span;
}

static int ber_next(struct tool_pdu *pdu, struct tool_decoder *decoder,
                    const struct tool_input *input, size_t at, struct cti_error *error)
{
	enum csta_framing framing = (enum csta_framing)pdu->frame;
	size_t header = csta_frame_header(framing), rest = input->length - at, span = 0;
	struct csta_frame frame;
	struct cti_error why = {0};
	int code = csta_frame_cut(&frame, framing, input->data + at, rest, PDU_MAX,
	                          &decoder->joined, &why);
	pdu->encoding = TOOL_BER;
	pdu->body = frame.body;
	pdu->length = frame.length;
	pdu->total = frame.total;
	/* A length beyond the end of the file, and a whole APDU before it. */
	if (code == CTI_E_TRUNCATED && header && rest > header &&
	    !csta_ber_span(input->data + at + header, rest - header, PDU_MAX, &span, NULL)) {
		pdu->length = frame.total > header ? frame.total - header : 0;
		apdu_check(pdu, input, header);
		return CTI_OK;
	}
	if (code == CTI_E_TRUNCATED)
		return cti_error_set(error, code, "ends at octet %zu, %zu more are expected",
		                     input->length, frame.total - rest);
	if (code)
		return cti_error_set(error, code, "from octet %zu: %s", at, why.text);
	if (header && frame.body == input->data + at + header)
		apdu_check(pdu, input, header);
	return CTI_OK;
}

int tool_next(struct tool_pdu *pdu, struct tool_decoder *decoder, const struct tool_input *input,
              struct cti_error *error)
{
	const struct tool_options *options = decoder->options;
	size_t at = pdu->offset + pdu->total;
	unsigned number = pdu->number;
	int frame = number ? pdu->frame : options->frame;
	enum tool_encoding encoding = number ? pdu->encoding : options->from;
	size_t text = text_begin(input->data, input->length, at);
	*pdu = (struct tool_pdu){
	        .number = number + 1, .offset = at, .frame = frame, .invoke_id = CSTA_NO_INVOKE_ID};
	if (text == input->length && (number || at == input->length || text > at))
		return number ? CTI_E_NOTFOUND
		              : cti_error_set(error, CTI_E_TRUNCATED, "there is nothing in it");

	const uint8_t *first = input->data + text;
	if (frame == TOOL_FRAME_AUTO) {
		frame = frame_guess(input->data + at, input->length - at);
		if (encoding == TOOL_XML && frame != CSTA_FRAME_XML)
			frame = TOOL_FRAME_NONE;
	}
	if (encoding == TOOL_AUTO) {
		bool framed = frame != TOOL_FRAME_NONE;
		encoding = framed              ? frame == CSTA_FRAME_XML ? TOOL_XML : TOOL_BER
		           : *first == '<'     ? TOOL_XML
		           : *first == '{'     ? TOOL_JSON
		           : is_apdu(first, 1) ? TOOL_BER
		                               : TOOL_AUTO;
	}
	if (encoding == TOOL_AUTO)
		return cti_error_set(
		        error, CTI_E_INVALID,
		        "octet %zu is %02x: neither XML, nor JSON, nor BER, nor one of "
		        "their frames (--from and --frame force one)",
		        at, input->data[at]);
	if (encoding != TOOL_BER && frame != CSTA_FRAME_XML) {
		pdu->offset = text;
		return text_next(pdu, input, text, encoding == TOOL_JSON);
	}
	if (frame == CSTA_FRAME_XML)
		return xml_next(pdu, input, at, error);
	pdu->frame = frame == TOOL_FRAME_NONE ? CSTA_FRAME_BARE : frame;
	return ber_next(pdu, decoder, input, at, error);
}
