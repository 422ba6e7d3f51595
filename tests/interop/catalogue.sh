#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What `csta list` says of the messages: in lines, as JSON, and in the README, which must not be stale.
cd "$(dirname "$0")/../.." || exit 1
csta=${CTI_BUILD:-build}/csta
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
number=0 failed=0
check() { # name, command...: it succeeds
	name=$1 && shift
	number=$((number + 1))
	if "$@" >"$work/out" 2>&1; then
		echo "ok $number - $name"
	else
		failed=1
		echo "not ok $number - $name"
		sed 's/^/# /' "$work/out" | tail -n 40
	fi
}
has() { # pattern, arguments of csta list...
	pattern=$1 && shift
	"$csta" list "$@" >"$work/list" && grep -Eq "$pattern" "$work/list"
}
lacks() {
	pattern=$1 && shift
	"$csta" list "$@" >"$work/list" && ! grep -Eq "$pattern" "$work/list"
}
refused() {
	! "$csta" list "$@"
}

check "the tables in README files are fresh" .ci/generated --check csta/README.md
check "a verb" has '^HoldCall +request +9 +bxj 3 .*III +17\.1\.15 +verb hold_call$'
check "an event" has '^DeliveredEvent +event +0\.4 +bxj 3 .*III +17\.2\.5 +event call\.delivered$'
check "a message of the session" has '^AARQ +association +- +b-j - .*X\.227 +session$'
check "what passes through" has '^SendUserInformation .* 18\.1\.6 +passes through$'
check "a word of the name" has '^HoldCall ' holdc
check "... and no other" lacks '^MakeCall ' holdc
check "a word of the chapter" has '^HoldCall ' 'call control'
check "a kind" lacks '^[A-Za-z]+ +(request|response) ' --kind event
check "a chapter" lacks ' 17\.[0-9.]+ ' --chapter 22
check "kind and chapter" has '^AgentBusyEvent ' --kind event --chapter 22
check "no such kind" refused --kind evnt
check "no such chapter" refused --chapter 11
check "no such message" refused Hodl
"$csta" list --json >"$work/json"
check "JSON says the same as the lines" /usr/bin/env python3 - "$csta" "$work/json" <<'PYTHON'
import json, subprocess, sys
rows = json.load(open(sys.argv[2]))
lines = subprocess.run([sys.argv[1], "list"], capture_output=True, text=True).stdout.splitlines()[1:]
assert [row["element"] for row in rows] == [line.split()[0] for line in lines]
for row, line in zip(rows, lines):
    assert line.endswith(row["by"]) and row["clause"] in line and row["kind"] in line, line
    assert row["interpreted"] == (row["by"] != "passes through"), row
PYTHON
schema_fails() { # status, what it says, arguments of csta schema...
	status=$1 says=$2 && shift 2
	"$csta" schema "$@" >"$work/schema" 2>&1
	[ $? -eq "$status" ] && grep -q "$says" "$work/schema"
}
check "a schema" sh -c "'$csta' schema HoldCall | grep -q '\"title\": \"HoldCall\"'"
check "a strict one" sh -c "'$csta' schema --strict SystemStatus | grep -q '\"minProperties\"\|\"enum\"'"
check "schema of no message" schema_fails 1 'no message Hodl' Hodl
check "schema of nothing" schema_fails 2 'a message, or --all DIR'
check "schemas into no folder" schema_fails 1 'No such file' --all "$work/none"
mkdir "$work/schemas"
check "every schema" "$csta" schema --all "$work/schemas"
check "... is there" [ "$(find "$work/schemas" -name '*.json' | wc -l)" -eq $(($("$csta" list | wc -l))) ]
echo "1..$number"
exit $failed
