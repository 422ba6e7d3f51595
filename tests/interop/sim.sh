#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cti-sim as people use it: its settings, its errors, its ports, and how it ends.
cd "$(dirname "$0")/../.." || exit 1
build=${CTI_BUILD:-build}
sim=$build/cti-sim
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$work"' EXIT
number=0 failed=0
[ -x "$sim" ] || { echo "1..0 # SKIP $sim is not built"; exit 0; }
result() { # status, name
	number=$((number + 1))
	[ "$1" -eq 0 ] && echo "ok $number - $2" || { echo "not ok $number - $2"; failed=1; sed 's/^/# /' "$work/out"; }
}
# says STATUS TEXT NAME ARGUMENT...
says() {
	want=$1 text=$2 name=$3
	shift 3
	"$sim" "$@" >"$work/out" 2>&1 </dev/null
	[ $? -eq "$want" ] && grep -qF -- "$text" "$work/out"
	result $? "$name"
}
# refused TEXT SETTINGS
refused() {
	echo "$2" >"$work/conf"
	says 1 "$1" "refused: $2" "$work/conf"
}

says 0 'calls_per_minute' '--help lists the settings' --help
says 0 'cti-sim ' '--version' --version
says 2 'expected a number' 'a seed is a number' --seed x
says 2 'more than one FILE' 'one file' a b
says 1 '/nonexistent: cannot be read' 'a file that is not there' /nonexistent
refused 'conf:1: syntax error' 'listen = ];'
refused "conf:1: unknown setting 'lisen'; did you mean 'listen'?" 'lisen = [ "xml:0" ];'
refused "conf:1: 'trunks' must be 0 to 10000" 'trunks = -1;'
refused 'loopback' 'listen = [ "xml:0.0.0.0:0" ];'
"$sim" --defaults >"$work/conf"
grep -q 'xml:8765' "$work/conf"
result $? '--defaults prints settings'
sed -i 's/:876[56]/:0/g' "$work/conf"

# run SIGNAL: starts with those settings, listens on both ports, ends cleanly.
run() {
	"$sim" "$work/conf" >"$work/out" 2>&1 </dev/null &
	pid=$!
	tries=0
	until [ "$(grep -c 'listening on 127.0.0.1:' "$work/out")" -eq 2 ] || [ $tries -ge 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	[ $tries -lt 100 ]
	result $? 'the settings it prints are settings it takes'
	kill -"$1" $pid
	wait $pid
	result $? "it ends well on SIG$1"
	pid=
}
run TERM
run INT
grep -iE 'leak|error|Sanitizer' "$work/out" >"$work/bad"
[ ! -s "$work/bad" ]
result $? 'and complains of nothing'
echo "1..$number"
exit $failed
