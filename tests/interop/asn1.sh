#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An independent judge of our BER: Erlang's asn1ct compiles our modules and, where CSTA_REFERENCE
# names a folder with ECMA-285's own (ecma-285/*.asn1), those too. It decodes what we encode and
# encodes it again, and we must read the same values from that.
cd "$(dirname "$0")/../.." || exit 1
build=${CTI_BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
program=$build/tests/test_property
number=0

skip() {
	echo "1..0 # SKIP $1"
	exit 0
}
command -v erlc >/dev/null && command -v escript >/dev/null || skip "erlang is not installed (erlang-base, erlang-asn1)"
[ -x "$program" ] || skip "$program is not built"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

result() { # status text
	number=$((number + 1))
	[ "$1" -eq 0 ] && echo "ok $number - $2" || { echo "not ok $number - $2" && sed 's/^/# /' "$work/log"; }
}

# judge ours|reference types text
judge() {
	"$program" --vectors >"$work/vectors" &&
		escript tests/interop/asn1.escript "$work" "$1" "$2" "$work/vectors" "$work/back" >"$work/done" 2>"$work/log"
	result $? "$3 decodes what we encode"
	"$program" --compare "$work/back" >"$work/same" 2>>"$work/log" && cmp -s "$work/done" "$work/same" &&
		[ "$(cat "$work/same")" -ge 400 ]
	result $? "we read $(cat "$work/done") of $(wc -l <"$work/vectors") messages as $3 writes them again"
}

echo 1..6
# The tag in front of an Escape's private data is for asn1c only and on no wire.
(cd "$work" && cp "$OLDPWD"/asn1/*.asn1 . && sed -i 's/\[PRIVATE 0\] //' CSTA-Private.asn1 && erlc -bber [!A]*.asn1 ACSE.asn1) >"$work/log" 2>&1
result $? "asn1ct compiles our modules"
# Which module has which type.
for module in asn1/*.asn1; do
	sed -n "s/^\([A-Z][A-Za-z-]*\) *::=.*/\1 $(basename "$module" .asn1)/p" "$module"
done >"$work/types"
judge ours "$work/types" "asn1ct with our modules"

if [ -z "$CSTA_REFERENCE" ]; then
	for text in "compiles ECMA-285" "decodes" "encodes"; do
		number=$((number + 1))
		echo "ok $number - asn1ct $text # SKIP CSTA_REFERENCE does not name the standard's modules"
	done
	exit 0
fi
codes=$(sed -n 's/^\(SERVICE\|SERVICE_BER\|SERVICE_SINCE\|ONE_WAY\|ONE_WAY_SINCE\)(\([0-9], \)*[A-Za-z]*, \([0-9]*\),.*/\3/p' csta/chapters/*.def)
# shellcheck disable=SC2086 # a list
(python3 tests/interop/flatten.py "$CSTA_REFERENCE/ecma-285" "$work/REFERENCE.asn1" $codes >"$work/codes" &&
	cd "$work" && erlc -bber REFERENCE.asn1) >"$work/log" 2>&1
result $? "asn1ct compiles ECMA-285's own modules"
judge reference "$work/codes" "asn1ct with ECMA-285's modules"
