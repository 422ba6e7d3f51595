# SPDX-License-Identifier: Apache-2.0
# Medians over the rounds, and medians (least..most) of ratios within a round.
function median(list, n,    i, j, t) {
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && list[j] < list[j - 1]; j--) {
			t = list[j]; list[j] = list[j - 1]; list[j - 1] = t
		}
	low = list[1]; high = list[n]
	return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}
function of(label, field,    i, n, list) {
	for (i = 1; i <= rounds; i++)
		if ((label, i, field) in value) list[++n] = value[label, i, field]
	return n ? median(list, n) : -1
}
function ratio(what, a, b, field, goal,    i, n, list, m) {
	for (i = 1; i <= rounds; i++)
		if ((a, i, field) in value && (b, i, field) in value && value[b, i, field] > 0)
			list[++n] = value[a, i, field] / value[b, i, field]
	if (!n) return
	m = median(list, n)
	printf "  %-52s %6.2f  (%.2f..%.2f)  goal %s\n", what, m, low, high, goal
}
/^# round/ { rounds = $3; next }
{
	if (!($1 in known)) { known[$1] = 1; order[++labels] = $1 }
	for (i = 2; i <= NF; i++) { split($i, pair, "="); value[$1, rounds, pair[1]] = pair[2] }
	if (value[$1, rounds, "sent"] != value[$1, rounds, "received"]) lost[$1]++
}
END {
	printf "\n%-16s %10s %10s %10s %10s %9s\n", "median of " rounds, "events/s", "CPU us/ev", "p50 us", "p99 us", "RSS MB"
	for (i = 1; i <= labels; i++) {
		l = order[i]
		printf "%-16s %10.0f %10.1f %10.1f %10.1f %9.1f%s\n", l, of(l, "rate"), of(l, "cpu_us"), of(l, "p50_us"), \
			of(l, "p99_us"), of(l, "rss_kb") / 1024, (l in lost) ? "  LOST EVENTS in " lost[l] " rounds" : ""
	}
	print "\nratios within a round:"
	ratio("throughput, XML to ZeroMQ / bridge to ZeroMQ", "xml-zmq", "bridge-zmq", "rate", ">= 2 (final 3)")
	ratio("CPU an event, XML to ZeroMQ / bridge", "xml-zmq", "bridge-zmq", "cpu_us", "<= 0.5 (final 0.33)")
	ratio("throughput, BER to ZeroMQ / bridge to ZeroMQ", "ber-zmq", "bridge-zmq", "rate", "(final 8)")
	ratio("throughput, BER / XML to ZeroMQ", "ber-zmq", "xml-zmq", "rate", ">= 1")
	ratio("throughput, XML to MQTT / bridge to MQTT", "xml-mqtt", "bridge-mqtt", "rate", "-")
	ratio("throughput, BER / XML to MQTT", "ber-mqtt", "xml-mqtt", "rate", "-")
	ratio("p50 at 1,000/s, XML to ZeroMQ / bridge", "xml-zmq@1k", "bridge-zmq@1k", "p50_us", "<= 1")
	ratio("p99 at 1,000/s, XML to ZeroMQ / bridge", "xml-zmq@1k", "bridge-zmq@1k", "p99_us", "<= 1")
	ratio("p50 at 1,000/s, XML to MQTT / bridge", "xml-mqtt@1k", "bridge-mqtt@1k", "p50_us", "<= 1")
	ratio("p99 at 1,000/s, XML to MQTT / bridge", "xml-mqtt@1k", "bridge-mqtt@1k", "p99_us", "<= 1")
	ratio("p50 at 1,000/s, BER / XML to ZeroMQ", "ber-zmq@1k", "xml-zmq@1k", "p50_us", "<= 1")
	ratio("p50 at 1,000/s, XML to ZeroMQ / bare relay", "xml-zmq@1k", "relay@1k", "p50_us", "<= 3.5")
}
