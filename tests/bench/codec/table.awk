# SPDX-License-Identifier: Apache-2.0
# Medians over the rounds, medians (least..most) of ratios within a round, ratios of instructions.
function median(list, n,    i, j, t) {
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && list[j] < list[j - 1]; j--) {
			t = list[j]; list[j] = list[j - 1]; list[j - 1] = t
		}
	low = list[1]; high = list[n]
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}
function ratio(what, a, b, goal,    i, list, time, count, met) {
	for (i = 1; i <= rounds; i++)
		list[i] = ns[a, i] / ns[b, i]
	time = median(list, rounds)
	count = (a in instr) && (b in instr) ? instr[a] / instr[b] : 0
	met = time <= goal && count <= goal ? "met" : "MISSED"
	printf "  %-46s %6.3f  (%.3f..%.3f) %11s   <= %-5g %s\n", what, time, low, high, \
		count ? sprintf("%.3f", count) : "-", goal, met
}
/^sizes/ { sizes = $0; next }
/^# round/ { rounds = $3; next }
{
	if (!($1 in known)) { known[$1] = 1; order[++names] = $1 }
	split($2, pair, "=")
	if (pair[1] == "ns") ns[$1, rounds] = pair[2]
	else instr[$1] = pair[2]
}
END {
	sub(/^sizes /, "", sizes)
	printf "\nEstablishedEvent, octets: %s; medians of %d rounds\n", sizes, rounds
	printf "%-24s %12s %16s\n", "", "CPU ns", "instructions"
	for (i = 1; i <= names; i++) {
		for (r = 1; r <= rounds; r++) list[r] = ns[order[i], r]
		printf "%-24s %12.0f %16s\n", order[i], median(list, rounds), \
			(order[i] in instr) ? sprintf("%.0f", instr[order[i]]) : "-"
	}
	printf "\n%-48s %6s  %-14s %12s   %s\n", "ours / peer", "time", "", "instructions", "goal"
	ratio("decode XML / libxml2's SAX2, eight fields", "xml-decode", "sax-decode", 1.5)
	ratio("encode XML / xmlTextWriter", "xml-encode", "writer-encode", 0.25)
	ratio("decode BER / asn1c alone", "ber-decode", "asn1c-decode", 1.2)
	ratio("decode BER / asn1c, without the envelope", "ber-decode", "asn1c-decode-report", 1.2)
	ratio("encode BER / asn1c alone", "ber-encode", "asn1c-encode", 1.2)
	ratio("encode BER / asn1c, without the envelope", "ber-encode", "asn1c-encode-report", 1.2)
	ratio("encode JSON / jansson, build and dump", "json-encode", "jansson-encode", 0.25)
}
