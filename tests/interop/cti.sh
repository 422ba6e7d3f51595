#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The cti command against a server with a simulated switch: every command, every exit status.
cd "$(dirname "$0")/../.." || exit 1
build=${CTI_BUILD:-build}
work=$(mktemp -d)
pids=
finish() {
	for pid in $pids; do kill "$pid" 2>/dev/null; done
	for pid in $pids; do wait "$pid" 2>/dev/null; done
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM

number=0 failed=0
ok() { number=$((number + 1)) && echo "ok $number - $1"; }
fail() { # name, file to show
	number=$((number + 1)) failed=1
	echo "not ok $number - $1"
	[ -z "$2" ] || sed 's/^/# /' "$2" | tail -n 30
}
check() { # name, command...: it succeeds
	name=$1 && shift
	if "$@" >"$work/out" 2>&1; then ok "$name"; else fail "$name" "$work/out"; fi
}
status_is() { # expected status, name, command...
	expected=$1 name=$2 && shift 2
	"$@" >"$work/out" 2>&1
	if [ $? -eq "$expected" ]; then ok "$name"; else fail "$name" "$work/out"; fi
}
taken() {
	awk -v port="$(printf '%04X' "$1")" \
		'$4 == "0A" && substr($2, length($2) - 3) == port { found = 1 } END { exit !found }' /proc/net/tcp
}
free_port() {
	port=$1
	while taken "$port"; do port=$((port + 1)); done
	echo "$port"
}
wait_for_port() {
	for _ in $(seq 300); do
		taken "$1" && return
		sleep 0.1
	done
	echo "Bail out! nobody listens on port $1"
	cat "$work"/*.log | tail -n 20 | sed 's/^/# /'
	exit 1
}

# Unlikely to be somebody else's at this moment.
base=$((20000 + $$ % 20000))
router=$(free_port $base) && pub=$(free_port $((router + 1)))
cat >"$work/server.conf" <<END
server = { id = "cti"; };
log = { level = "info"; file = "$work/server.log"; };
zmq = { router = "tcp://127.0.0.1:$router"; pub = "tcp://127.0.0.1:$pub"; };
switches = ( {
	name = "hq"; tenant = "test"; adapter = "simulator";
	monitors = { ranges = [ "2001-2010", "3000" ]; per_second = 0; };
	options = {
		extensions = [ "2001-2010" ];
		queues = [ "3000" ];
		agents = ( { id = "7001"; device = "2001"; queues = [ "3000" ]; state = "ready"; } );
		pickup_groups = ( { id = "office"; members = [ "2001-2010" ]; } );
	};
} );
END
"$build/cti-server" --config "$work/server.conf" >"$work/start.log" 2>&1 &
server=$!
pids="$server $pids"
wait_for_port "$router"
CTI_SERVER=tcp://127.0.0.1:$router
export CTI_SERVER
cti=$build/cti

"$cti" --json watch 2007 >"$work/watch" 2>/dev/null &
watch=$!
pids="$watch $pids"
check "cti status" "$cti" status
check "cti devices" "$cti" devices
check "cti agents" "$cti" agents
check "cti queues" "$cti" queues
check "cti calls" "$cti" calls
# Each step waits for what the one before brought about.
state_is() { # device, states of its calls
	for _ in $(seq 300); do
		now=$("$cti" --json calls "$1" | grep -o '"calls":.*' |
			grep -oE '"callID":"[^"]*","state":"[a-zA-Z]*"' | grep -oE '[a-zA-Z]*"$' | tr -d '"' | sort | xargs)
		[ "$now" = "$2" ] && return
		sleep 0.1
	done
	echo "# $1 is: $now, not: $2"
	return 1
}
check "cti call" "$cti" call 2007 2008
check "... rings" state_is 2008 alerting
check "cti answer" "$cti" answer 2008
check "... connected" state_is 2008 connected
check "cti attach" "$cti" attach 2007 customer=4711 "note=two words"
"$cti" calls 2008 | grep -q 'customer=4711' && ok "... is seen at the other end" ||
	fail "... is seen at the other end"
check "cti hold" "$cti" hold 2008
check "... held" state_is 2008 hold
check "cti retrieve" "$cti" retrieve 2008
check "cti consult" "$cti" consult 2008 2009
check "... rings there" state_is 2009 alerting
check "cti answer, the consulted" "$cti" answer 2009
check "... two calls" state_is 2008 "connected hold"
check "cti alternate" "$cti" alternate 2008
check "cti transfer" "$cti" transfer 2008
check "... is out of it" state_is 2008 ""
check "cti transfer to another" "$cti" transfer 2009 2010
check "... rings at the other" state_is 2010 alerting
check "cti deflect" "$cti" deflect 2010 2006
check "... rings elsewhere" state_is 2006 alerting
check "cti pickup" "$cti" pickup 2005 2006
check "... connected where it was picked up" state_is 2005 connected
check "cti hangup" "$cti" hangup 2005
check "... is over" state_is 2007 ""
check "cti call, a third" "$cti" call 2007 2008
state_is 2008 alerting
check "cti pickup from the group" "$cti" pickup 2009
check "... connected there" state_is 2009 connected
check "cti consult, to come back from" "$cti" consult 2009 2010
state_is 2010 alerting
check "cti reconnect" "$cti" reconnect 2009
check "... has the first one back" state_is 2009 connected
check "... and only that" state_is 2010 ""
"$cti" consult 2009 2010 >/dev/null && state_is 2010 alerting && "$cti" answer 2010 >/dev/null
check "cti conference" "$cti" conference 2009
check "... all are in it" state_is 2010 connected
check "cti hangup of one" "$cti" hangup 2009
check "... leaves the others" state_is 2007 connected
check "cti --call names the call" "$cti" --call "$("$cti" --json calls 2007 |
	sed 's/.*"callID":"\([^"]*\)".*/\1/')" hangup 2007
check "... is over" state_is 2010 ""
check "cti agent, where he sits is known" "$cti" agent 7001 notready --device 2001 --reason lunch
"$cti" agents 7001 | grep -q 'notReady' && ok "... and is seen" || fail "... and is seen"
of_2007='"device":{"deviceIdentifier":{"dialingNumber":"2007"}}'
check "cti request: a service that passes through" "$cti" request SetDoNotDisturb "{$of_2007,\"doNotDisturbOn\":true}"
check "cti request prints the result" "$cti" request GetDoNotDisturb "{$of_2007}"
grep -q '^{"doNotDisturbOn":true}$' "$work/out" && ok "... as JSON" || fail "... as JSON" "$work/out"
status_is 1 "cti request: the switch does not have it" "$cti" request GetLampInformation "{$of_2007}"
grep -q serviceNotSupported "$work/out" && ok "... and says so" || fail "... and says so" "$work/out"
status_is 1 "cti request: what is missing" "$cti" request SetDoNotDisturb "{$of_2007}"
grep -q 'doNotDisturbOn' "$work/out" && ok "... is named" || fail "... is named" "$work/out"
status_is 1 "cti request: no such service" "$cti" request MakeTea
kill $watch
wait $watch
[ $? -eq 0 ] && ok "cti watch ends well" || fail "cti watch ends well"
/usr/bin/env python3 -c 'import json,sys
types = [json.loads(line)["type"] for line in open(sys.argv[1])]
assert "cti.call.established" in types and types[-1], types
told = [event["data"] for event in map(json.loads, open(sys.argv[1])) if event["type"] == "cti.csta.event"]
assert told and told[0]["element"] == "DoNotDisturbEvent" and told[0]["message"]["doNotDisturbOn"] is True, told
assert told[0]["device"]["number"] == "2007", told' "$work/watch" &&
	ok "cti watch --json is one event a line" || fail "cti watch --json is one event a line" "$work/watch"

status_is 1 "nothing to answer: status 1" "$cti" answer 2010
status_is 1 "the switch refuses: status 1" "$cti" call 2005 9999
status_is 2 "no such command: status 2" "$cti" wach
grep -q "Did you mean 'watch'" "$work/out" && ok "... the nearest is named" || fail "... the nearest is named" "$work/out"
status_is 2 "something missing: status 2" "$cti" call 2001
status_is 2 "a bad option: status 2" "$cti" --timeout never status
status_is 3 "nobody there: status 3" "$cti" --server tcp://127.0.0.1:1 status
kill "$server" && wait "$server"
printf 'users = ( { name = "ann"; password = "secret"; role = "supervisor"; } );\n' >>"$work/server.conf"
"$build/cti-server" --config "$work/server.conf" >"$work/start.log" 2>&1 &
pids="$! $pids"
wait_for_port "$router"
printf 'secret\n' >"$work/password"
check "a password from a file" "$cti" --user ann --password-file "$work/password" status
CTI_PASSWORD=secret CTI_USER=ann && export CTI_PASSWORD CTI_USER
check "... from the environment" "$cti" status
CTI_PASSWORD=wrong
status_is 3 "the wrong password: status 3" "$cti" status
check "cti help" "$cti" help
for command in $("$cti" help | sed -n 's/^  cti \([a-z]*\) .*/\1/p'); do
	"$cti" help "$command" >/dev/null || fail "cti help $command"
done
echo "1..$number"
exit $failed
