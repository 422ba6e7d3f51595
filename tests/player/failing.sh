#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A flow that does not hold must fail, and say where, what was expected, what came, what differs.
cd "$(dirname "$0")/../.." || exit 1
flows=${CTI_BUILD:-build}/tests/flows
[ -x "$flows" ] || { echo "1..0 # SKIP $flows is not built"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
count=0 failed=0

# check NAME TEXT: the last output has the text
check() {
	count=$((count + 1))
	if grep -qF -- "$2" "$folder/out"; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		echo "# expected: $2"
		sed 's/^/# /' "$folder/out"
		failed=1
	fi
}

# run: the flow on standard input, in process; its exit status stands in the output's last line
run() {
	cat >"$folder/a.flow"
	"$flows" --via inproc "$folder/a.flow" >"$folder/out" 2>/dev/null
	echo "status $?" >>"$folder/out"
}

head='flow A flow\nphone 2001 2002\napp crm\n\n2001 dials 2002\n'

printf "${head}cti ==> crm call.delivered device=2001\n" | run
check 'a field that differs fails' 'not ok 1 - A flow [inproc]'
check 'it names file and line' 'a.flow:6: cti ==> crm call.delivered device=2001'
check 'what came stands there' 'came:     cti ==> crm call.delivered device=2002'
check 'the field stands there' 'differs:  device: expected 2001, came 2002'
check 'the ladder stands there' '2001 dials 2002'
check 'the exit status says so' 'status 1'

printf "${head}cti ==> crm call.held\n" | run
check 'an event that does not come fails' 'came:     nothing'

printf "${head}2002 answers\ncti ==> crm call.established\n2001 hangs up\ncti ==> crm call.established\n" | run
check 'an event that comes once is not found twice' 'a.flow:9: cti ==> crm call.established'

printf "${head}2002 answers\ncti ==> crm call.established device=2002\n2002 holds\n2002 retrieves\n2002 holds\ncti ==> crm call.held\n" | run
check 'an event too many fails' 'expected: the end of the flow'

printf 'flow A flow\nphone 2001 2002\nextension 2001 no-answer=2002\nswitch no-answer=5s\napp crm\n\n2002 dials 2001\nquiet 10s\n' | run
check 'a disturbed quiet fails' 'expected: nothing'

printf "${head}crm --> cti AnswerCall connection=1/2002 :1\ncti --> crm ok :1\n" | run
check 'an answer that says no fails' 'differs:  outcome: expected ok, came error'

printf "${head}2001 flies\n" | run
check 'what is no flow fails before anything runs' 'a.flow:6: "flies" is nothing that a phone does'

printf "${head}2001 retrieves\n" | run
check 'a phone that cannot fails' 'not ok 1 - A flow [inproc]'

echo "1..$count"
exit $failed
