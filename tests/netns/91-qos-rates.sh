#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What networks get by the provider's QoS: no priority takes anybody's guarantee, the highest one does not wait, shapers
# delay and limiters drop.
. "$(dirname "$0")/qos.sh"

module_load
daemon_up
C qos set net1 link nic1 priority 7

# --- guarantees -----------------------------------------------------------------------------

# rates SECONDS: bit/s of each network, as the classes sent
rates() {
	local id a b since until
	a=$(C -j qos show)
	since=$EPOCHREALTIME
	sleep "$1"
	b=$(C -j qos show)
	until=$EPOCHREALTIME
	for id in 1 2 3; do
		jq -n --argjson a "$a" --argjson b "$b" --arg n net$id --argjson s "$(awk "BEGIN { print $until - $since }")" \
			'def v(x): x.links[0].classes[] | select(.network==$n).sent_bytes; (v($b) - v($a)) * 8 / $s'
	done
}
M=$((C * 10000)) # a percent of the link
load 150 30 50
sleep 1
mapfile -t v < <(rates 10)
flows_stop
near "net1 floods with the highest priority: net2 has its Rc" "${v[1]}" $((30 * M)) $((30 * M / 100))
near "and so has net3" "${v[2]}" $((50 * M)) $((50 * M / 100))
ok "and net1 has the rest (${v[0]} bit/s)" awk -v v="${v[0]}" -v m=$M 'BEGIN { exit !(v > 19 * m && v < 20.5 * m) }'
sleep 2

load 150 150 150
sleep 1
mapfile -t v < <(rates 10)
flows_stop
ok "all flood: net2 has at least its Rc (${v[1]} bit/s)" awk -v v="${v[1]}" -v m=$M 'BEGIN { exit !(v > 29.7 * m) }'
ok "all flood: net3 has at least its Rc (${v[2]} bit/s)" awk -v v="${v[2]}" -v m=$M 'BEGIN { exit !(v > 49.5 * m) }'
near "all flood: the link is full, and the queue in the tree" \
	"$(awk -v a="${v[0]}" -v b="${v[1]}" -v c="${v[2]}" 'BEGIN { print a + b + c }')" $((995 * M / 10)) $((5 * M / 10))
is "nothing was dropped on the wire" "$(wire_dropped)" 0
sleep 2

# --- delay ----------------------------------------------------------------------------------

# rtt PERCENTILE: of pings of full frames from net1, ms. They are an eighth of what it was guaranteed, as there is
# a promise about what is within that.
rtt() {
	ip netns exec hosts ping -n -c $((3 * C)) -i "$(awk -v c=$C 'BEGIN { print 1.01 / c }')" -s 1472 10.2.0.9 | sed -n 's/.*time=\([0-9.]*\) ms/\1/p' |
		sort -n | awk -v p="$1" '{ a[NR] = $1 } END { print a[int((NR - 1) * p) + 1] }'
}
frame=$(awk -v c=$C 'BEGIN { print 1514 * 8 / (c * 1000) }') # ms to send one
load 0 150 150
sleep 1
fast=$(rtt 0.99)
C link set nic1 qos off
sleep 1
slow=$(rtt 0.5)
flows_stop
C link set nic1 qos auto
if [ -n "${XNETMAN_LAB_VIRTUAL:-}" ]; then
	ok "priority: at most two frames' time more than its own (p99 $fast ms, a frame takes $frame ms)" \
		awk -v r="$fast" -v f="$frame" 'BEGIN { exit !(r <= 4 * f) }'
fi
ok "without a tree it waits behind all others ($slow ms)" awk -v s="$slow" -v f="$fast" 'BEGIN { exit !(s > 18 * f) }'
sleep 2

# --- shaper and limiter ---------------------------------------------------------------------

C qos set net2 link nic1 shaper "$(mbit 40)" delay 20ms
C qos set net3 link nic1 limiter "$(mbit 55)"
load 0 60 80
sleep 1
mapfile -t v < <(rates 5)
queued=$(class net2 backlog_bytes)
limited=$(class net3 limiter_dropped_packets)
flows_stop
near "shaper: net2 sends its rate" "${v[1]}" $((40 * M)) $((40 * M / 50))
ok "shaper: no more waits than the delay allows ($queued bytes)" \
	test "$queued" -gt 0 -a "$queued" -le $((40 * M / 8 / 50 + 3028))
near "limiter: net3 sends its rate" "${v[2]}" $((55 * M)) $((55 * M / 50))
ok "limiter: what is above is dropped at once ($limited packets)" test "$limited" -gt 0
is "limiter: and does not wait" "$(class net3 backlog_packets)" 0
ok "a shaper below the guarantee is refused" sh -c '! xnetman-ctl qos set net2 link nic1 shaper 1Mbit 2>"$1"; grep -q "below rc + re" "$1"' sh "$tmp/err"
C qos set net2 link nic1 no shaper
C qos set net3 link nic1 no limiter
sleep 1

# --- at arrival -----------------------------------------------------------------------------

neigh vif1.0 10.1.1.9
C qos set net1 arrival shaper "$(mbit 20)" limiter "$(mbit 50)"
is "at arrival: an HTB on the vif" "$(root_of vif1.0)" htb
flows_reset
flow 2 vif2.0 "$(mac vif2.0)" 10.1.1.9 ratep "$((60 * C * 1000000 / 100 / 8 / 1514))"
flows_start
sleep 1
a=$(far vif1.0 rx_bytes)
sleep 5
b=$(far vif1.0 rx_bytes)
flows_stop
near "at arrival: the shaper's rate" $(((b - a) * 8 / 5)) $((20 * M)) $((20 * M / 50))
ok "at arrival: the limiter drops" test "$(qos '.arrivals[0].limiter_dropped_packets')" -gt 0
C qos set net1 no arrival
is "at arrival: no more, and the vif's qdisc is what it was" "$(root_of vif1.0)" noqueue
daemon_down
tap_done
