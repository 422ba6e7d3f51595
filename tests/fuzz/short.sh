#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The fuzzers with libFuzzer, as a test: so many inputs each, the same ones each time.
exec tests/fuzz/run -runs="${FUZZ_RUNS:-5000}"
