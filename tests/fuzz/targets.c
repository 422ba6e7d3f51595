/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/targets.h"

#include "csta/write.h"

#include <libxml/parser.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct fuzz_target fuzz_targets[] = {
        {"frame", run_frame, NULL, NULL, seed_frame, "xml", ".frame.bin", 4096},
        {"ber", run_ber, mutate_ber, cross_ber, seed_ber, "ber", ".hex", 4096},
        {"dialect", run_dialect, mutate_ber, cross_ber, seed_dialect, "ber", ".hex", 4096},
        {"xml", run_xml, mutate_xml, cross_xml, seed_xml, "xml", ".xml", 8192},
        {"json", run_json, mutate_json, NULL, seed_json, NULL, NULL, 8192},
        {"private", run_private, mutate_private, NULL, seed_private, NULL, NULL, 2048},
        {"session", run_session, mutate_session, NULL, seed_session, NULL, NULL, 8192},
        {"wire", run_wire, mutate_json, NULL, seed_wire, NULL, NULL, 8192},
        {"topic", run_topic, NULL, NULL, seed_topic, NULL, NULL, 256},
};
const size_t fuzz_target_count = sizeof(fuzz_targets) / sizeof(fuzz_targets[0]);

const struct fuzz_target *fuzz_target_find(const char *name)
{
	for (size_t i = 0; i < fuzz_target_count; i++)
		if (!strcmp(fuzz_targets[i].name, name))
			return &fuzz_targets[i];
	return NULL;
}

static xmlParserInput *load(const char *url, const char *id, xmlParserCtxt *ctxt)
{
	(void)ctxt;
	fuzz_fail("libxml2 loads %s %s", url ? url : "", id ? id : "");
}

static int match(const char *name)
{
	fuzz_fail("libxml2 opens %s", name);
}

void fuzz_init(void)
{
	struct cti_error error = {0};

	if (csta_init(&error))
		fuzz_fail("%s", error.text);
	xmlSetExternalEntityLoader(load);
	xmlRegisterInputCallbacks(match, NULL, NULL, NULL);
	fuzz_codec();
}

void fuzz_fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "broken promise: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	abort();
}

void fuzz_check_error(int code, const struct cti_error *error)
{
	const char *text = error->text;

	fuzz_assert(code < 0 && code == error->code && code != CTI_E_NOMEM &&
	            code != CTI_E_INTERNAL);
	fuzz_assert(memchr(text, '\0', sizeof(error->text)) && strlen(text) > 3);
	fuzz_assert(csta_is_utf8((const uint8_t *)text, strlen(text)));
	for (; *text; text++)
		if ((uint8_t)*text < ' ')
			fuzz_fail("a control character in the error \"%s\"", error->text);
}

struct csta_codec *fuzz_codec(void)
{
	static const char warm[] = "<!-- --><SystemStatusResponse/>";
	static struct csta_codec *codec;
	struct csta_message *message = NULL;

	if (codec)
		return codec;
	fuzz_assert(!csta_codec_create(&codec, NULL, NULL));
	/* The parser is the codec's own, not the first input's. */
	fuzz_assert(!csta_decode_xml(&message, codec, warm, sizeof(warm) - 1, NULL, NULL));
	csta_message_destroy(&message);
	return codec;
}

uint32_t fuzz_hash(const void *data, size_t length)
{
	const uint8_t *octets = data;
	uint32_t hash = 2166136261u;

	while (length--)
		hash = (hash ^ *octets++) * 16777619u;
	return hash;
}
