/* SPDX-License-Identifier: Apache-2.0 */
#include "csta/guard.h"

#include "csta/tlv.h"

#include <OCTET_STRING.h>

/* In one piece, or in segments. */
static bool bits_fit(const struct tlv *tlv)
{
	struct tlv_reader inside = tlv_inside(tlv);
	struct tlv segment;

	if (!tlv->constructed)
		return tlv->length && tlv->content[0] <= (tlv->length > 1 ? 7 : 0);
	while (tlv_read(&inside, &segment))
		if (!bits_fit(&segment))
			return false;
	return true;
}

asn_dec_rval_t csta_bits_decode_ber(asn_codec_ctx_t *context, asn_TYPE_descriptor_t *type,
                                    void **value, const void *data, size_t size, int tag_mode)
{
	struct tlv_reader reader = {data, (const uint8_t *)data + size};
	struct tlv tlv;

	if (!tlv_read(&reader, &tlv) || !bits_fit(&tlv))
		return (asn_dec_rval_t){.code = RC_FAIL};
	return OCTET_STRING_decode_ber(context, type, value, data, size, tag_mode);
}
