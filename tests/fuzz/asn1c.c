/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asn1c's own codec reads nothing from a wire: what each of its decoders and encoders for BER
 * begins with is ours here (the linker's --wrap), and fails.
 */
#include "tests/fuzz/fuzz.h"

void __wrap_ber_check_tags(void);
void __wrap_ber_fetch_tag(void);
void __wrap_der_write_tags(void);

void __wrap_ber_check_tags(void)
{
	fuzz_fail("asn1c decodes");
}

void __wrap_ber_fetch_tag(void)
{
	fuzz_fail("asn1c decodes");
}

void __wrap_der_write_tags(void)
{
	fuzz_fail("asn1c encodes");
}
