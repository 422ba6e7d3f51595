#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The examples against a server with a simulated switch and a broker of their own: who sees the
# card, over ZeroMQ and over MQTT, and what takes it down. Waits for what must happen, never for a
# time to pass: a ring that nobody answers goes on for an hour.
cd "$(dirname "$0")/.." || exit 1
build=${CTI_BUILD:-build}
work=$(mktemp -d) || exit 1
pids= number=0 failed=0

finish() {
	for pid in $pids; do kill "$pid" 2>/dev/null; done
	for pid in $pids; do wait "$pid" 2>/dev/null; done
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

result() { # status, name, file to show where it failed
	number=$((number + 1))
	[ "$1" -eq 0 ] && echo "ok $number - $2" && return
	echo "not ok $number - $2"
	sed 's/^/# /' "$3"
	failed=1
}
skip() { number=$((number + 1)) && echo "ok $number - $1 # SKIP $2"; }
shows() { # file, text: within a minute
	for _ in $(seq 600); do
		! grep -qF -- "$2" "$1" || return 0
		sleep 0.1
	done
	return 1
}
ends() { # status, pid
	wait "$2"
	[ $? -eq "$1" ]
}
must() { # command...
	"$@" >"$work/must" 2>&1 && return
	echo "Bail out! $*"
	tail -n 20 "$work"/must "$work"/server | sed 's/^/# /'
	exit 1
}

# ---- A broker, a server -------------------------------------------------------------------------
port=$((20000 + $$ % 20000))
while :; do
	printf 'listener %d 127.0.0.1\nallow_anonymous true\npersistence false\n' $port >"$work/broker.conf"
	PATH=$PATH:/usr/sbin mosquitto -c "$work/broker.conf" >"$work/broker" 2>&1 &
	broker=$!
	until grep -q 'running' "$work/broker" || ! kill -0 $broker 2>/dev/null; do sleep 0.1; done
	! grep -q 'running' "$work/broker" || break
	grep -q 'Address already in use' "$work/broker" || must cat "$work/broker" "$work/none"
	port=$((port + 1))
done
pids=$broker

# +8675588880001 calls 2001 at once and is patient.
cat >"$work/server.conf" <<END
server = { id = "examples"; };
zmq = { router = "ipc://$work/zmq"; pub = ""; };
mqtt = { port = $port; };
switches = ( {
	name = "hq"; tenant = "test"; adapter = "simulator";
	monitors = { ranges = [ "2001-2009" ]; per_second = 0; };
	options = {
		extensions = [ "2001-2009" ]; hands_free = true; ring_limit = "1h";
		traffic = {
			calls_per_minute = 600; to = [ "2001" ]; callers = [ "+8675588880001" ];
			patience = "1h"; talk = "1h";
		};
	};
} );
END
"$build/cti-server" --config "$work/server.conf" 2>"$work/server" &
server=$!
pids="$server $pids"
must shows "$work/server" "connected to 127.0.0.1:$port"
export CTI_SERVER="ipc://$work/zmq"

python=
for candidate in /usr/bin/python3 python3; do
	[ "$python" ] || ! $candidate -c 'import paho.mqtt.client' 2>/dev/null || python=$candidate
done
pop() { # device, its standard input
	"$build/examples/screen-pop" "$1" <"$2" >"$work/zmq-$1" 2>&1 &
	pids="$! $pids"
	[ "$python" ] || return
	$python examples/screen-pop.py --port $port "$1" >"$work/mqtt-$1" 2>&1 &
	pids="$! $pids"
}
both() { # device, text, name
	shows "$work/zmq-$1" "$2"
	result $? "ZeroMQ: $3" "$work/zmq-$1"
	[ "$python" ] || { skip "MQTT: $3" "no python3-paho-mqtt" && return; }
	shows "$work/mqtt-$1" "$2"
	result $? "MQTT: $3" "$work/mqtt-$1"
}

# ---- The card -----------------------------------------------------------------------------------
mkfifo "$work/keys"
exec 3<>"$work/keys"
pop 2001 "$work/keys"
both 2001 '+8675588880001 rings 2001' "the caller's number"
both 2001 '深圳海风贸易有限公司' "the customer's name"
both 2001 '88 Binhai Avenue' "the address"
both 2001 'Invoice shows the old address' "an open ticket"
both 2001 'Asked for a new delivery date' "a last contact"
! grep -q 'Second line' "$work/zmq-2001"
result $? "a closed ticket is not shown" "$work/zmq-2001"
shows "$work/zmq-2001" '╯'
! grep -q "$(printf '\033')" "$work/zmq-2001"
result $? "no colours where it is no terminal" "$work/zmq-2001"
/usr/bin/env python3 - "$work/zmq-2001" >"$work/box" 2>&1 <<'END'
import sys, unicodedata
lines = [line.rstrip("\n") for line in open(sys.argv[1], encoding="utf-8") if line[0] in "╭│├╰"]
widths = {sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) for line in lines}
assert len(lines) == 11 and len(widths) == 1 and all(line[-1] in "╮│┤╯" for line in lines), (widths, lines)
END
result $? "the card is a box as wide everywhere, for wide characters too" "$work/box"

echo >&3 # Enter
both 2001 'taken: answered here' "Enter answers, the card is taken down"
both 2001 'connected: interaction' "... and the call stays in sight"
interaction=$(sed -n 's/^connected: //p' "$work/zmq-2001")
both 2001 "${interaction:-none}" "... by the same interaction"

# ---- What takes it down -------------------------------------------------------------------------
dial() { # from, to
	"$build/examples/click-to-dial" "$1" "$2" >"$work/dial" 2>&1 &
	dial=$!
	pids="$! $pids"
	must shows "$work/dial" "$2: rings"
}
pop 2003 /dev/null
must shows "$work/zmq-2003" "Waiting for calls at 2003"
dial 2002 2003
both 2003 '2002 rings 2003' "a colleague rings"
kill -INT $dial
ends 1 $dial
result $? "click-to-dial: Ctrl-C ends it with status 1" "$work/dial"
both 2003 'taken: caller gave up: 2002' "... and takes the card down"

dial 2004 2003
both 2003 '2004 rings 2003' "another colleague rings"
must "$build/cti" pickup 2005 2003
both 2003 'taken: answered elsewhere, at 2005: 2004' "a pickup takes the card down"
ends 0 $dial
result $? "click-to-dial: answered, status 0" "$work/dial"
grep -q 'answered: 2005' "$work/dial"
result $? "... and says by whom" "$work/dial"

dial 2006 2003
both 2003 '2006 rings 2003' "and another"
must "$build/cti" deflect 2003 2007
both 2003 'taken: went to 2007: 2006' "a deflection takes the card down"
shows "$work/dial" '2007: rings'
result $? "click-to-dial follows the deflection" "$work/dial"
kill -INT $dial
ends 1 $dial
result $? "click-to-dial: given up again" "$work/dial"

# The colleague of 2001 gets the customer, and sees who it is.
must "$build/cti" consult 2001 2003
both 2003 '2001 rings 2003' "a consultation rings"
must "$build/cti" transfer 2001
both 2003 '+8675588880001 rings 2003' "who gets a transfer sees the customer"
must "$build/cti" answer 2003
both 2003 "connected: $interaction" "... in the same interaction"

# ---- What goes wrong ----------------------------------------------------------------------------
refused() { # status, text, name, command...
	status=$1 text=$2 name=$3 && shift 3
	"$@" >"$work/refused" 2>&1 </dev/null
	[ $? -eq "$status" ] && grep -qF -- "$text" "$work/refused"
	result $? "$name" "$work/refused"
}
refused 1 'not made: ' "click-to-dial: nowhere" "$build/examples/click-to-dial" 2008 9999
refused 1 'nobody answers there' "click-to-dial: no server" \
	"$build/examples/click-to-dial" --server "ipc://$work/none" 2008 2009
refused 2 usage: "click-to-dial: usage" "$build/examples/click-to-dial" 2008
refused 2 usage: "screen-pop: usage" "$build/examples/screen-pop" --answer-after soon 2008
refused 1 none.sql "screen-pop: no database" "$build/examples/screen-pop" --database "$work/none.sql" 2008
refused 1 'no such table: customers' "screen-pop: another database" \
	"$build/examples/screen-pop" --database /dev/null 2008

"$build/examples/screen-pop" --answer-after 0 2009 >"$work/zmq-2009" 2>&1 </dev/null &
last=$!
pids="$last $pids"
must shows "$work/zmq-2009" "Waiting for calls at 2009"
dial 2008 2009
shows "$work/zmq-2009" 'connected: interaction'
result $? "screen-pop: answers by itself" "$work/zmq-2009"

# The switch is in the server's process: nothing is left of its calls.
kill $server
wait $server
"$build/cti-server" --config "$work/server.conf" 2>>"$work/server" &
pids="$! $pids"
shows "$work/zmq-2009" 'ended: over meanwhile: 2008'
result $? "screen-pop: comes back to a server that was started again" "$work/zmq-2009"
kill -INT $last
ends 0 $last
result $? "screen-pop: Ctrl-C ends it well" "$work/zmq-2009"
echo "1..$number"
exit $failed
