/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every message in a folder has the outcome that its manifest states. A file without a row
 * fails, and so does a row without a file. Our own vectors stand in own/; the captures of real
 * switches are read from $CSTA_REFERENCE/captures, and skipped where that is unset. A row:
 *
 *     xml/osv-cap-DeflectCall.xml     decodes DeflectCall no-namespace plain-destination
 *         newDestination/deviceIdentifier/dialingNumber = SUB_D
 *     ber/alcatel-oxe-p2-delivered.hex  refused INVALID expected nothing behind the event
 *
 * decodes ELEMENT [DEVIATION...]: with exactly these deviations (csta/deviation.h; false-length:
 * the frame's header says another length than the file has; phase-1, phase-2: it is of that phase
 * of CSTA). The fields below it are paths in the JSON of the message, private data
 * shown by the adapter's table (vendors.conf). template ELEMENT: the same,
 * with placeholders as texts. refused CODE TEXT: the error has this code and contains this text.
 * What decodes is encoded again: BER gives the same octets, unless same-value says that it gives
 * the same value only, XML the same value.
 */
#include "csta/csta.h"
#include "csta/deviation.h"
#include "csta/frame.h"
#include "csta/private.h"

#include <dirent.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX               70000
#define ROWS_MAX               256
#define FIELD_MAX              12
#define DEVIATION_FALSE_LENGTH (1u << 31)
#define DEVIATION_PHASE        (1u << 28) /* shifted by the phase, 1 or 2, less one */
#define DEVIATION_SAME_VALUE   (1u << 30)

struct row {
	char file[128], verb[16], what[160];
	char field[FIELD_MAX][2][256];
	unsigned fields, line;
};

struct manifest {
	char folder[512];
	struct row rows[ROWS_MAX];
	size_t count;
	unsigned line;
};

static struct csta_codec *codec;
static struct csta_private *names;
static unsigned tests, failures;

static void result(bool good, const char *folder, const char *name, const char *format, ...)
{
	va_list args;

	tests++;
	failures += !good;
	printf("%s %u - %s/%s\n", good ? "ok" : "not ok", tests, folder, name);
	if (good)
		return;
	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

/* ---- the manifest --------------------------------------------------------------------------- */

static char *trim(char *text)
{
	char *end = text + strlen(text);

	text += strspn(text, " \t");
	while (end > text && strchr(" \t\n", end[-1]))
		*--end = '\0';
	return text;
}

static bool field_parse(struct row *row, char *text)
{
	char *equals = strstr(text, " =");

	if (!equals || row->fields == FIELD_MAX)
		return false;
	*equals = '\0';
	snprintf(row->field[row->fields][0], sizeof(row->field[0][0]), "%s", trim(text));
	snprintf(row->field[row->fields][1], sizeof(row->field[0][1]), "%s", trim(equals + 2));
	row->fields++;
	return true;
}

static bool row_parse(struct manifest *m, char *line)
{
	struct row *row = &m->rows[m->count];
	bool inner = line[0] == ' ' || line[0] == '\t';

	if (line[0] == '#' || !*trim(line))
		return true;
	if (inner)
		return m->count > 0 && field_parse(row - 1, line);
	if (m->count == ROWS_MAX ||
	    sscanf(line, "%127s %15s %159[^\n]", row->file, row->verb, row->what) != 3)
		return false;
	row->fields = 0;
	row->line = m->line;
	m->count++;
	return true;
}

static bool manifest_read(struct manifest *m, const char *path, const char *folder)
{
	FILE *file = fopen(path, "r");
	char line[1024];
	bool good = true;

	snprintf(m->folder, sizeof(m->folder), "%s", folder);
	m->count = 0;
	m->line = 0;
	if (!file) {
		result(false, folder, "manifest", "%s cannot be read", path);
		return false;
	}
	while (good && fgets(line, sizeof(line), file)) {
		m->line++;
		good = row_parse(m, line);
	}
	fclose(file);
	if (!good)
		result(false, folder, "manifest", "%s line %u is no row", path, m->line);
	return good;
}

/* ---- one file ------------------------------------------------------------------------------- */

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && !strcmp(name + n - m, end);
}

static bool file_read(const char *path, uint8_t *data, size_t *length)
{
	FILE *file = fopen(path, "rb");

	if (!file)
		return false;
	*length = fread(data, 1, FILE_MAX, file);
	fclose(file);
	return *length < FILE_MAX;
}

/* Pairs of digits, blanks between them, to octets in place. */
static bool hex_to_octets(uint8_t *data, size_t *length)
{
	size_t n = 0;

	for (size_t i = 0; i < *length; i++) {
		unsigned octet;

		if (strchr(" \t\r\n", data[i]))
			continue;
		if (i + 1 >= *length || sscanf((const char *)data + i, "%2x", &octet) != 1)
			return false;
		data[n++] = (uint8_t)octet;
		i++;
	}
	*length = n;
	return true;
}

struct decoded {
	struct csta_message *message;
	struct cti_error error;
	int code;
	unsigned deviations;
	size_t used;
	bool again; /* BER: encoded again it is the same value at least */
};

/* The header of ECMA-323's framing, which whoever published a capture may have left false. */
static void frame_decode(struct decoded *d, const uint8_t *data, size_t length)
{
	struct csta_frame frame = {0};
	struct csta_buffer scratch = {0};

	d->code =
	        csta_frame_cut(&frame, CSTA_FRAME_XML, data, length, FILE_MAX, &scratch, &d->error);
	csta_buffer_free(&scratch);
	if (length < 8 || (d->code && d->code != CTI_E_TRUNCATED))
		return;
	d->code = csta_decode_xml(&d->message, codec, data + 8, length - 8, NULL, &d->error);
	d->deviations = csta_codec_deviations(codec);
	if (frame.total != length)
		d->deviations |= DEVIATION_FALSE_LENGTH;
}

/* In whatever phase it is; then what it becomes when it is encoded again in that. */
static void ber_decode(struct decoded *d, const uint8_t *data, size_t length)
{
	struct csta_buffer out = {0};
	struct csta_message *second = NULL;
	enum csta_phase phase;

	csta_codec_set_phase(codec, CSTA_PHASE_3);
	d->code = csta_decode_ber_any(&d->message, codec, data, length, &d->used, NULL, NULL,
	                              &phase, &d->error);
	if (d->code)
		return;
	if (phase != CSTA_PHASE_3)
		d->deviations |= DEVIATION_PHASE << ((int)phase - 1);
	csta_codec_set_phase(codec, phase);
	d->again = !csta_encode_ber(codec, d->message, &out, &d->error);
	if (d->again && (out.length != length || memcmp(out.data, data, length))) {
		d->again = !csta_decode_ber(&second, codec, out.data, out.length, NULL, NULL, NULL,
		                            &d->error) &&
		           csta_message_equal(d->message, second);
		d->deviations |= DEVIATION_SAME_VALUE;
		csta_message_destroy(&second);
	}
	csta_codec_set_phase(codec, CSTA_PHASE_3);
	csta_buffer_free(&out);
}

static struct decoded decode(const char *name, uint8_t *data, size_t *length)
{
	struct decoded d = {0};

	if (ends_with(name, ".hex")) {
		if (!hex_to_octets(data, length))
			d.code = cti_error_set(&d.error, CTI_E_INVALID,
			                       "the file is not hexadecimal");
		else
			ber_decode(&d, data, *length);
	} else if (ends_with(name, ".frame.bin")) {
		frame_decode(&d, data, *length);
	} else {
		d.code = csta_decode_xml(&d.message, codec, data, *length, NULL, &d.error);
		d.deviations = csta_codec_deviations(codec);
	}
	return d;
}

/* The words of a set of deviations, as the manifest has them. */
static void deviations_write(unsigned deviations, char *out, size_t size)
{
	size_t used = 0;

	*out = '\0';
	for (unsigned bit = 0; csta_deviation_name(bit); bit++)
		if (deviations >> bit & 1)
			used += (size_t)snprintf(out + used, size - used, " %s",
			                         csta_deviation_name(bit));
	if (deviations & DEVIATION_FALSE_LENGTH)
		used += (size_t)snprintf(out + used, size - used, " false-length");
	for (unsigned phase = 1; phase < 3; phase++)
		if (deviations & DEVIATION_PHASE << (phase - 1))
			used += (size_t)snprintf(out + used, size - used, " phase-%u", phase);
	if (deviations & DEVIATION_SAME_VALUE)
		snprintf(out + used, size - used, " same-value");
}

/* A field of the message in JSON, as text; false: there is none. */
static bool field_get(const json_t *root, const char *element, const char *path, char *out,
                      size_t size)
{
	const json_t *at;
	char copy[256], *part, *rest = copy;

	/* invokeID and monitorCrossRefID stand beside the message, all else is within. */
	snprintf(copy, sizeof(copy), "%s", path);
	part = strsep(&rest, "/");
	at = json_object_get(json_object_get(root, element), part);
	if (!at)
		at = json_object_get(root, part);
	while (at && (part = strsep(&rest, "/")))
		at = json_is_array(at) ? json_array_get(at, (size_t)atoi(part))
		                       : json_object_get(at, part);
	if (!at)
		return false;
	if (json_is_string(at)) {
		snprintf(out, size, "%s", json_string_value(at));
	} else {
		char *text = json_dumps(at, JSON_ENCODE_ANY | JSON_COMPACT);

		snprintf(out, size, "%s", text ? text : "");
		free(text);
	}
	return true;
}

static bool fields_check(const struct row *row, const struct csta_message *message, char *why,
                         size_t size)
{
	struct csta_buffer text = {0};
	struct cti_error error = {0};
	json_t *root = NULL;
	bool good = !csta_encode_json(codec, message, &text, &error) &&
	            (root = json_loadb((const char *)text.data, text.length, 0, NULL));

	if (!good)
		snprintf(why, size, "as JSON: %s", error.text);
	for (unsigned i = 0; good && i < row->fields; i++) {
		char value[1024] = "nothing";

		good = field_get(root, message->type->element, row->field[i][0], value,
		                 sizeof(value)) &&
		       !strcmp(value, row->field[i][1]);
		if (!good)
			snprintf(why, size, "%s is %.200s, expected %s", row->field[i][0], value,
			         row->field[i][1]);
	}
	json_decref(root);
	csta_buffer_free(&text);
	return good;
}

/* XML encoded again has the same value. */
static bool xml_again(const struct csta_message *message, struct cti_error *error)
{
	struct csta_buffer out = {0};
	struct csta_message *second = NULL;
	bool good = !csta_encode_xml(codec, message, CSTA_ED6, &out, error) &&
	            !csta_decode_xml(&second, codec, out.data, out.length, NULL, error) &&
	            csta_message_equal(message, second);

	csta_message_destroy(&second);
	csta_buffer_free(&out);
	return good;
}

static bool outcome_check(const struct row *row, const struct decoded *d, size_t length, char *why,
                          size_t size)
{
	struct cti_error error = {0};
	bool ber = ends_with(row->file, ".hex");
	char actual[512], words[256];

	if (!strcmp(row->verb, "refused")) {
		snprintf(actual, sizeof(actual), "%s %s",
		         d->code ? cti_code_name(d->code) : "decodes", d->error.text);
		snprintf(why, size, "expected refused %s; it is %s", row->what, actual);
		snprintf(words, sizeof(words), "%s", row->what);
		words[strcspn(words, " ")] = '\0';
		return d->code && !strcmp(words, cti_code_name(d->code)) &&
		       strstr(d->error.text, row->what + strlen(words) + 1);
	}
	if (d->code) {
		snprintf(why, size, "refused %s %s", cti_code_name(d->code), d->error.text);
		return false;
	}
	deviations_write(d->deviations, words, sizeof(words));
	snprintf(actual, sizeof(actual), "%s%s", d->message->type->element, words);
	if (strcmp(row->verb, "decodes") && strcmp(row->verb, "template")) {
		snprintf(why, size, "no such outcome: %s", row->verb);
		return false;
	}
	if (strcmp(actual, row->what)) {
		snprintf(why, size, "decodes %s, expected %s", actual, row->what);
		return false;
	}
	if (ber && d->used != length) {
		snprintf(why, size, "%zu of %zu octets taken", d->used, length);
		return false;
	}
	if (!fields_check(row, d->message, why, size))
		return false;
	if (ber ? d->again : xml_again(d->message, &error))
		return true;
	snprintf(why, size, "encoded again it differs: %s", ber ? d->error.text : error.text);
	return false;
}

static void file_test(const struct manifest *m, const struct row *row)
{
	static uint8_t data[FILE_MAX];
	char path[1024], why[2048] = "the file cannot be read";
	size_t length;
	bool good = false;

	snprintf(path, sizeof(path), "%s/%s", m->folder, row->file);
	/* Panasonic's private data does not say whose it is. */
	if (csta_codec_names(codec, names, strstr(row->file, "panasonic") ? "panasonic" : NULL,
	                     NULL))
		snprintf(why, sizeof(why), "no vendor of that name");
	else if (file_read(path, data, &length)) {
		struct decoded d = decode(row->file, data, &length);

		good = outcome_check(row, &d, length, why, sizeof(why));
		csta_message_destroy(&d.message);
	}
	result(good, m->folder, row->file, "manifest line %u: %s", row->line, why);
}

/* ---- folders -------------------------------------------------------------------------------- */

static void strangers_test(const struct manifest *m, const char *sub)
{
	char path[1024], name[512];
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", m->folder, sub);
	dir = opendir(path);
	if (!dir) {
		result(false, m->folder, sub, "the folder cannot be read");
		return;
	}
	while ((entry = readdir(dir))) {
		bool known = entry->d_name[0] == '.';

		snprintf(name, sizeof(name), "%s/%s", sub, entry->d_name);
		for (size_t i = 0; i < m->count && !known; i++)
			known = !strcmp(m->rows[i].file, name);
		if (!known)
			result(false, m->folder, name, "the manifest has no row for it");
	}
	closedir(dir);
}

static void folder_test(const char *manifest, const char *folder)
{
	static struct manifest m;

	if (!manifest_read(&m, manifest, folder))
		return;
	for (size_t i = 0; i < m.count; i++)
		file_test(&m, &m.rows[i]);
	strangers_test(&m, "ber");
	strangers_test(&m, "xml");
}

static bool names_read(struct cti_error *error)
{
	static uint8_t text[FILE_MAX];
	size_t length;

	if (!file_read("pbx-adapters/csta/vendors.conf", text, &length)) {
		cti_error_set(error, CTI_E_IO, "vendors.conf cannot be read");
		return false;
	}
	return !csta_private_create(&names, error) &&
	       !csta_private_read(names, (const char *)text, length, "vendors.conf", error);
}

int main(void)
{
	const char *reference = getenv("CSTA_REFERENCE");
	struct cti_error error = {0};
	char folder[512];

	if (csta_init(&error) || csta_codec_create(&codec, NULL, &error) || !names_read(&error)) {
		printf("Bail out! %s\n", error.text);
		return 1;
	}
	folder_test("tests/captures/own/manifest", "tests/captures/own");
	if (reference && *reference) {
		snprintf(folder, sizeof(folder), "%s/captures", reference);
		folder_test("tests/captures/manifest", folder);
	} else {
		printf("ok %u - captures of real switches # SKIP CSTA_REFERENCE is not set\n",
		       ++tests);
	}
	csta_codec_destroy(&codec);
	csta_private_destroy(&names);
	printf("1..%u\n", tests);
	return failures != 0;
}
