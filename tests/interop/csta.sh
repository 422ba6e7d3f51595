#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The csta command as people use it: every vector of tests/captures/own to every encoding and back,
# frames, streams of several messages, hexadecimal and pipes; and where it says that bad input is bad.
cd "$(dirname "$0")/../.." || exit 1
build=${CTI_BUILD:-build}
csta=$build/csta
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
number=0 failed=0
[ -x "$csta" ] || { echo "1..0 # SKIP $csta is not built"; exit 0; }
result() { # status, name
	number=$((number + 1))
	[ "$1" -eq 0 ] && echo "ok $number - $2" || { echo "not ok $number - $2"; failed=1; }
}
# says STATUS TEXT NAME COMMAND...: exit status, and the text in what it says.
says() {
	want=$1 text=$2 name=$3
	shift 3
	"$@" >"$work/said" 2>&1 </dev/null
	got=$?
	[ $got -eq "$want" ] && grep -qF -- "$text" "$work/said"
	result $? "$name" || true
	[ $got -eq "$want" ] && grep -qF -- "$text" "$work/said" || sed "s/^/# $got: /" "$work/said"
}
# pipe STATUS TEXT NAME INPUT ARGUMENT...: the same with standard input.
pipe() {
	want=$1 text=$2 name=$3 input=$4
	shift 4
	printf "$input" | "$csta" "$@" >"$work/said" 2>&1
	got=$?
	[ $got -eq "$want" ] && grep -qF -- "$text" "$work/said"
	result $? "$name"
	[ $got -eq "$want" ] && grep -qF -- "$text" "$work/said" || sed "s/^/# $got: /" "$work/said"
}

# ---- every message that decodes, through every encoding that has it ----------------------------
rounds=0 wrong=0 alone=0
for file in tests/captures/own/xml/* tests/captures/own/ber/*; do
	"$csta" convert --to json "$file" >"$work/json" 2>/dev/null || continue
	for to in ber xml; do
		"$csta" convert --to $to --edition 6 "$work/json" >"$work/$to" 2>"$work/why" ||
			{ alone=$((alone + 1)); continue; }
		"$csta" convert --from $to --to json "$work/$to" >"$work/back" 2>"$work/why"
		# Bare XML has no invoke id; BER must have one.
		for f in json back; do sed 's/,"invokeID":[0-9]*//; s/"invokeID":[0-9]*,//' "$work/$f" >"$work/$f.x"; done
		rounds=$((rounds + 1))
		cmp -s "$work/json.x" "$work/back.x" || { wrong=$((wrong + 1)); echo "# $file as $to: $(cat "$work/why")"; diff "$work/json.x" "$work/back.x" | head -4 | sed 's/^/# /'; }
	done
done
[ $wrong -eq 0 ] && [ $rounds -ge 20 ]
result $? "$rounds conversions and back are the identity ($alone not possible: one encoding has it alone)"

# ---- frames ---------------------------------------------------------------------------------
status='<SystemStatus xmlns="http://www.ecma-international.org/standards/ecma-323/csta/ed4"><systemStatus>normal</systemStatus></SystemStatus>'
for frame in bare len16 hipath26 tpkt; do
	printf '%s' "$status" | "$csta" convert --to ber --frame $frame --invoke-id 7 >"$work/one"
	cat "$work/one" "$work/one" "$work/one" | "$csta" decode -l >"$work/said" 2>&1
	[ "$(grep -c '^SystemStatus 7 systemStatus=normal' "$work/said")" -eq 3 ]
	result $? "three messages framed by $frame are found"
done
printf '%s' "$status" | "$csta" convert --to xml --frame xml --invoke-id 42 >"$work/one"
[ "$(head -c 8 "$work/one" | od -An -c | tr -d ' \n')" != "" ] && [ "$(tail -c +5 "$work/one" | head -c 4)" = 0042 ]
result $? "the header of ECMA-323 has the invoke id"
cat "$work/one" "$work/one" | "$csta" decode -l >"$work/said" 2>&1 && [ "$(grep -c '^SystemStatus 42' "$work/said")" -eq 2 ]
result $? "two framed XML messages are found"
printf '%s\n%s\n' "$status" "$status" | "$csta" decode -l >"$work/said" 2>&1 && [ "$(grep -c '^SystemStatus' "$work/said")" -eq 2 ]
result $? "two bare XML documents are found"
printf '%s\n%s\n' "$status" "$status" | "$csta" convert --to json | "$csta" convert --to ber | "$csta" decode -l >"$work/said" &&
	[ "$(grep -c '^SystemStatus 1' "$work/said")" -eq 2 ]
result $? "two messages go through a pipe of three commands"

# ---- hexadecimal, answers, secrets ---------------------------------------------------------
pipe 0 'SystemStatus 1 systemStatus=normal' 'hexadecimal with comments' '# a capture\na1 0c 02 01 01 02:02:00 d3\n30 03 0a 01 02\n' decode -l
pipe 1 'character 0' 'what is said to be hexadecimal and is not' 'xyz' decode --hex
pipe 0 'SystemStatusResponse 1' 'an answer names its operation' 'a20b0201013006020200d30500' decode -l
pipe 0 'HoldCallResponse 5' 'an answer without one, known from the request before it' 'a10e0201050201093006 6b04 800231 37 a203020105' decode -l
pipe 0 'guessed' 'an answer that nothing is known of' 'a203020105' decode
pipe 0 'RetrieveCallResponse 5' 'an answer of which --operation tells' 'a203020105' decode -l --operation RetrieveCall
escape='a11602020602020133300da40ba009a407a105a0030a0105' vendors=pbx-adapters/csta/vendors.conf
pipe 0 'privateData=panasonic.systemData.get.deviceCategory=5' 'private data by name' "$escape" decode -l --private $vendors --vendor panasonic
pipe 0 'privateData=0xa40ba009a407a105a0030a0105' '... and whole, where nothing says whose it is' "$escape" decode -l --private $vendors
pipe 2 'vendor acme: the table of private data has no such' 'no such vendor' "$escape" decode --private $vendors --vendor acme
login='<StartApplicationSession><applicationInfo><applicationID>x</applicationID><applicationSpecificInfo><user>u</user><password>geheim</password></applicationSpecificInfo></applicationInfo><requestedProtocolVersions><protocolVersion>http://www.ecma-international.org/standards/ecma-323/csta/ed4</protocolVersion></requestedProtocolVersions></StartApplicationSession>'
printf '%s' "$login" | "$csta" decode >"$work/said" && ! grep -q geheim "$work/said"
result $? "a password is masked"
printf '%s' "$login" | "$csta" decode --secrets | grep -q geheim
result $? "a password is shown where it is asked for"

# ---- deviations and bad input: the place is named -----------------------------------------------
printf '\000\000\004A0002%s' "$status" >"$work/false"
says 0 'false-length: the frame' 'a false length is taken, and said' "$csta" validate "$work/false"
says 1 'false-length: the frame' 'and is an error with --strict' "$csta" validate --strict "$work/false"
pipe 0 'no-namespace' 'a missing namespace is a deviation' '<SystemStatus/>' validate
pipe 1 'line 2 column' 'bad XML: line and column' '<SystemStatus>\n<systemStatus>fine</systemStatus></SystemStatus>' validate
pipe 1 'SystemStatus/systemStatus' 'bad XML: the path' '<SystemStatus>\n<systemStatus>fine</systemStatus></SystemStatus>' validate
pipe 1 'octet 9' 'bad BER: the octet' 'a10c020101020200d330040a0102' validate
pipe 1 'ends at octet 13' 'BER that ends too early' 'a10c020101020200d330030a01' validate
pipe 1 'neither XML, nor JSON, nor BER' 'nothing known' 'hello' decode
pipe 1 'nothing in it' 'nothing at all' '' validate
pipe 1 'PDU 2' 'the second message of three is bad' '<SystemStatus/><Nonsense/><SystemStatus/>' validate
grep -q 'PDU 3: XML: SystemStatus' "$work/said"
result $? "and the third is still looked at"
pipe 1 'BER' 'what BER does not have is refused' "$(printf '%s' "$login" | sed 's/%/%%/g')" convert --to ber
pipe 1 'JSON' 'bad JSON' '{"SystemStatus":{"systemStatus":' validate

# ---- use ------------------------------------------------------------------------------------
says 2 'usage: csta COMMAND' 'no command' "$csta"
says 0 'usage: csta COMMAND' 'help' "$csta" --help
says 0 '--edition 2..6' 'help of a command' "$csta" help convert
says 0 'usage: csta validate' 'help of a command by option' "$csta" validate --help
says 2 'no command frobnicate' 'an unknown command' "$csta" frobnicate
says 2 '--to is missing' 'convert to what' "$csta" convert
says 2 'not understood: edi' 'an unknown encoding' "$csta" convert --to edi
says 2 'does not take' 'an option of another command' "$csta" decode --to ber
says 2 'No such file' 'a file that is not there' "$csta" decode "$work/nowhere"
says 0 'DeliveredEvent' 'the list of messages' "$csta" list
echo "1..$number"
exit $failed
