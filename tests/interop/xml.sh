#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The table's XML against the schemas of editions 3 and 6, which CSTA_REFERENCE has: child by child,
# and by documents made from the schemas, which are read and written again. What differs is in
# csta/chapters/differences. (That what we write is valid, tests/unit/test_convert.c tells.)
cd "$(dirname "$0")/../.." || exit 1
program=${CTI_BUILD:-build}/tests/interop
excuses=csta/chapters/differences
number=0
command -v python3 >/dev/null || { echo "1..0 # SKIP python3 is not installed"; exit 0; }
[ -n "$CSTA_REFERENCE" ] || { echo "1..0 # SKIP CSTA_REFERENCE does not name the schemas of ECMA-323"; exit 0; }
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT

result() { # status text
	number=$((number + 1))
	[ "$1" -eq 0 ] && echo "ok $number - $2: $(cat "$work/out")" || { echo "not ok $number - $2"; sed 's/^/# /' "$work/out"; }
}

echo 1..2
"$program" dump >"$work/dump" &&
	python3 tests/interop/children.py "$work/dump" "$CSTA_REFERENCE/ecma-323" $excuses >"$work/out" 2>&1
result $? "children, order, texts and values are the schemas'"
python3 tests/interop/documents.py make "$work/dump" "$CSTA_REFERENCE/ecma-323" "$work/documents" >"$work/out" 2>&1 &&
	"$program" read "$work/documents" >"$work/back" 2>"$work/out" &&
	python3 tests/interop/documents.py judge "$work/documents" "$work/back" $excuses >"$work/out" 2>&1
result $? "what the schemas allow is read and comes back"
