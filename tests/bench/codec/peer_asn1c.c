/* SPDX-License-Identifier: Apache-2.0 */
#include "codec.h"

#include <CSTAEventReportArgument.h>
#include <ROSEapdu.h>
#include <stdlib.h>
#include <string.h>

static struct sample sample;
static ROSEapdu_t *envelope;
static CSTAEventReportArgument_t *report;
static uint8_t inner[1024], outer[1024];
static size_t inner_length, outer_length;

static void *decode(asn_TYPE_descriptor_t *type, const void *data, size_t length)
{
	void *value = NULL;
	asn_dec_rval_t got = ber_decode(NULL, type, &value, data, length);

	if (got.code != RC_OK || got.consumed != length)
		abort();
	return value;
}

static size_t encode(asn_TYPE_descriptor_t *type, void *value, void *out, size_t size)
{
	asn_enc_rval_t got = der_encode_to_buffer(type, value, out, size);

	if (got.encoded < 0)
		abort();
	return (size_t)got.encoded;
}

void peer_asn1c_decode_report(void)
{
	void *value = decode(&asn_DEF_CSTAEventReportArgument, inner, inner_length);

	ASN_STRUCT_FREE(asn_DEF_CSTAEventReportArgument, value);
}

void peer_asn1c_decode(void)
{
	ROSEapdu_t *apdu = decode(&asn_DEF_ROSEapdu, sample.data, sample.length);
	const ANY_t *argument = apdu->choice.invoke.argument;
	void *value =
	        decode(&asn_DEF_CSTAEventReportArgument, argument->buf, (size_t)argument->size);

	ASN_STRUCT_FREE(asn_DEF_CSTAEventReportArgument, value);
	ASN_STRUCT_FREE(asn_DEF_ROSEapdu, apdu);
}

void peer_asn1c_encode_report(void)
{
	inner_length = encode(&asn_DEF_CSTAEventReportArgument, report, inner, sizeof(inner));
}

/* The argument's octets are lent to the envelope. */
void peer_asn1c_encode(void)
{
	ANY_t *argument = envelope->choice.invoke.argument;

	peer_asn1c_encode_report();
	argument->buf = inner;
	argument->size = (int)inner_length;
	outer_length = encode(&asn_DEF_ROSEapdu, envelope, outer, sizeof(outer));
}

bool peer_asn1c_prepare(struct sample ber)
{
	const ANY_t *argument;

	sample = ber;
	envelope = decode(&asn_DEF_ROSEapdu, ber.data, ber.length);
	argument = envelope->choice.invoke.argument;
	if (!argument || (size_t)argument->size > sizeof(inner))
		return false;
	report = decode(&asn_DEF_CSTAEventReportArgument, argument->buf, (size_t)argument->size);
	free(argument->buf);
	peer_asn1c_encode();
	return outer_length == ber.length && !memcmp(outer, ber.data, ber.length);
}
