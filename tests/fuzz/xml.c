/* SPDX-License-Identifier: Apache-2.0 */
/* Octets as one XML document: the scanner of plain documents and libxml2 agree on it. */
#include "csta/codec.h"
#include "csta/deviation.h"
#include "csta/xml_scan.h"
#include "tests/fuzz/targets.h"

#include <string.h>

struct outcome {
	struct csta_message *message;
	struct cti_error error;
	unsigned edition, deviations;
	int code;
};

static void decode(struct outcome *out, const uint8_t *data, size_t length, bool by_libxml2)
{
	struct csta_codec *codec = fuzz_codec();

	*out = (struct outcome){.edition = 99};
	xml_scan_off = by_libxml2;
	fuzz_measure(codec);
	out->code = csta_decode_xml(&out->message, codec, data, length, &out->edition, &out->error);
	fuzz_measured("decoding XML", length);
	xml_scan_off = false;
	out->deviations = csta_codec_deviations(codec);
	fuzz_assert(out->code ? !out->message : out->message != NULL);
	if (out->code)
		fuzz_check_error(out->code, &out->error);
	if (by_libxml2 && !out->code) /* nothing was declared, so nothing was expanded or loaded */
		fuzz_assert(!codec->xml->ctxt->hasExternalSubset && !codec->xml->ctxt->hasPErefs &&
		            !codec->xml->ctxt->extSubURI);
}

void run_xml(const uint8_t *data, size_t length)
{
	struct outcome a, b;

	decode(&a, data, length, false);
	decode(&b, data, length, true);
	if (a.code != b.code || a.error.code != b.error.code || strcmp(a.error.text, b.error.text))
		fuzz_fail("%d %s\n%d %s", a.code, a.error.text, b.code, b.error.text);
	fuzz_assert(a.edition == b.edition);
	if (!a.code) {
		fuzz_assert(a.deviations == b.deviations);
		fuzz_assert(csta_message_equal(a.message, b.message));
		fuzz_check_message(fuzz_codec(), a.message);
	}
	csta_message_destroy(&a.message);
	csta_message_destroy(&b.message);
}
