#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every operation, event and element of the standards' lists is in the table of messages, and no other.
cd "$(dirname "$0")/../.." || exit 1
program=${CTI_BUILD:-build}/tests/interop
command -v python3 >/dev/null || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
echo 1..1
if "$program" dump >"$work/dump" && python3 tests/interop/coverage.py "$work/dump" >"$work/out" 2>&1; then
	echo "ok 1 - the table of messages is the standards': $(cat "$work/out")"
else
	echo "not ok 1 - the table of messages is the standards'"
	sed 's/^/# /' "$work/out"
	exit 1
fi
