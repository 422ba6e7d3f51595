#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Independent judges of our BER, for every row of the table that has it. Erlang's asn1ct compiles our
# modules and, where CSTA_REFERENCE names a folder with ECMA-285's own (ecma-285/*.asn1), those too:
# it decodes what we encode and encodes it again, and it makes values up; each way the other reads
# the same values. And a program reads both texts and names each difference (asn1/differences).
cd "$(dirname "$0")/../.." || exit 1
top=$PWD build=${CTI_BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
program=$build/tests/interop
number=0

skip() {
	echo "1..0 # SKIP $1"
	exit 0
}
command -v erlc >/dev/null && command -v escript >/dev/null || skip "erlang is not installed (erlang-base, erlang-asn1)"
command -v python3 >/dev/null || skip "python3 is not installed"
[ -x "$program" ] || skip "$program is not built"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
: >"$work/log"

result() { # status text
	number=$((number + 1))
	[ "$1" -eq 0 ] && echo "ok $number - $2" || { echo "not ok $number - $2" && sed 's/^/# /' "$work/log"; }
	: >"$work/log"
}

skipped() { # text why
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

# What is run once wants no optimising, which takes as long again.
compile() {
	(cd "$work" && erlc -bber +no_ssa_opt +no_bool_opt +no_type_opt "$@") >>"$work/log" 2>&1
}

asn1ct() { # arguments of asn1.escript
	(cd "$work" && escript "$top/tests/interop/asn1.escript" "$@" 2>>log)
}

# judge plan text: the vectors of the rows that the plan has, and as many made up
judge() {
	rows=$(wc -l <"$work/$1")
	awk 'NR == FNR { rows[$1] = 1; next } $2 in rows' "$work/$1" "$work/all" >"$work/vectors"
	asn1ct again "$1" vectors back >"$work/done" && [ "$(cat "$work/done")" -eq "$(wc -l <"$work/vectors")" ]
	result $? "$2 decodes what we encode, $rows messages"
	"$program" compare "$work/back" >"$work/same" 2>>"$work/log" && cmp -s "$work/done" "$work/same"
	result $? "we read $(cat "$work/same") vectors as $2 writes them again"
	asn1ct random "$1" made >"$work/done" && "$program" again "$work/made" >"$work/back" 2>>"$work/log"
	result $? "we read $(cat "$work/done") vectors that $2 makes up"
	asn1ct same "$1" made back >"$work/same" && cmp -s "$work/done" "$work/same"
	result $? "$2 reads the values that it made up as we write them again"
}

echo 1..12
"$program" dump >"$work/dump" && "$program" vectors >"$work/all" &&
	python3 tests/interop/flatten.py "$work/dump" >"$work/ours" 2>"$work/log" &&
	[ "$(wc -l <"$work/ours")" -eq "$(cut -d' ' -f2 "$work/all" | sort -u | wc -l)" ]
result $? "asn1/ has a type for each of $(wc -l <"$work/ours") messages"
# The tag in front of an Escape's private data is for asn1c only and on no wire.
# APPL-SESSION is XML's.
cp asn1/*.asn1 "$work" && sed -i 's/\[PRIVATE 0\] //' "$work"/CSTA-*.asn1 && rm "$work/APPL-SESSION.asn1" &&
	compile "$work"/*.asn1
result $? "asn1ct compiles our modules"
judge ours "asn1ct with our modules"

if [ -z "$CSTA_REFERENCE" ]; then
	for text in "asn1ct compiles ECMA-285" "it decodes" "we read" "we read what it makes up" "it reads" "the texts"; do
		skipped "$text" "CSTA_REFERENCE does not name the standard's modules"
	done
	exit 0
fi
python3 tests/interop/flatten.py "$work/dump" "$CSTA_REFERENCE/ecma-285" "$work/REFERENCE.asn1" \
	>"$work/theirs" 2>"$work/log" && sed 's/^/# /' "$work/log" && compile REFERENCE.asn1
result $? "asn1ct compiles ECMA-285's own modules"
awk 'NR == FNR { theirs[$1] = 1; next } !($1 in theirs) { print "# not judged by ECMA-285:", $1 }' \
	"$work/theirs" "$work/ours"
judge theirs "asn1ct with ECMA-285's modules"
python3 tests/interop/structure.py "$work/dump" "$CSTA_REFERENCE/ecma-285" asn1/differences >"$work/log"
status=$?
[ $status -eq 0 ] && sed 's/^/# /' "$work/log"
result $status "asn1/ is ECMA-285's text but for what asn1/differences says"
