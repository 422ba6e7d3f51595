#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The fuzzers with libFuzzer, as a test: so many inputs each, the same ones each time.
if [ ! -x "${FUZZ_BUILD:-${CTI_BUILD:-build}-fuzz}/tests/libfuzzer" ]; then
	echo "ok 1 # SKIP no libFuzzer: clang is not there"
	echo 1..1
	exit 0
fi
exec tests/fuzz/run -runs="${FUZZ_RUNS:-3000}"
