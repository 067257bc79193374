#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is dropped is the ratio that was pushed, for every size, and nobody else's packets.
. "$(dirname "$0")/lib.sh"

# The debug kernel takes a millisecond for a packet. With fewer of them the few packets by which each size
# class may be off weigh more.
n=100000 tolerance=0.001
[ -z "${XNETMAN_LAB_DEBUG:-}" ] || { n=5000 tolerance=0.005; }
hosts_up
module_load
wire vif1.0
wire vif2.0
wire eth1
for id in 1 2; do
	K network $id net$id
	K port vif$id.0 $id
	ip addr add 10.1.$id.1/24 dev vif$id.0
	ip route add 10.2.$id.0/24 dev eth1
	neigh eth1 10.2.$id.2
done
K link eth1

# run_mixed COUNT: network 1 sends sizes at random; network 2 one size
run_mixed() {
	flows_reset
	flow 1 vif1.0 "$(mac vif1.0)" 10.2.1.2 count "$1" min_pkt_size 64 max_pkt_size 1515 flag TXSIZE_RND
	flow 2 vif2.0 "$(mac vif2.0)" 10.2.2.2 count "$(($1 / 10))" pkt_size 700
	flows_run
}

delta() { # of share 1's counters since the last call, as fields: packets dropped bytes dropped_bytes
	local now
	now=$(counter '.[] | select(.kind=="share" and .net_id==1) |
		"\(.offered_packets) \(.dropped_packets) \(.offered_bytes) \(.dropped_bytes)"')
	echo "$now ${last:-0 0 0 0}" | awk '{ print $1 - $5, $2 - $6, $3 - $7, $4 - $8 }'
	echo "$now" >"$tmp/last"
}

for ratio in 0.3 0.987654; do
	K push 600s 1 eth1 $ratio
	far0=$(far eth1 rx_packets)
	run_mixed $n
	read -r pkts dropped bytes dropped_bytes < <(delta)
	last=$(cat "$tmp/last")
	is "ratio $ratio: every packet is counted" "$pkts" $n
	near "ratio $ratio: packets dropped, of the offered" \
		"$(awk -v a="$dropped" -v b="$pkts" 'BEGIN { print a / b }')" $ratio $tolerance
	near "ratio $ratio: bytes dropped, of the offered" \
		"$(awk -v a="$dropped_bytes" -v b="$bytes" 'BEGIN { print a / b }')" $ratio $tolerance
	went_out() { test $(($(far eth1 rx_packets) - far0)) -eq $((n - dropped + n / 10)); }
	ok "ratio $ratio: what was not dropped went out, and nothing else" wait_for 10 went_out
done
near "the last of them, relative to the pushed ratio" "$(awk -v a="$dropped_bytes" -v b="$bytes" \
	'BEGIN { print a / b / 0.987654 }')" 1 $tolerance
is "the other network lost nothing" "$(share 2 eth1 dropped_packets)" 0

# A pattern of sizes that would lock to a counter: 64, 1514, 64, 1514 ... is dropped evenly.
flows_reset
K push 600s 1 eth1 0.5
d0=$(share 1 eth1 dropped_bytes) p0=$(share 1 eth1 dropped_packets)
flow 1 vif1.0 "$(mac vif1.0)" 10.2.1.2 count 1000 pkt_size 64 rate 5
flow 2 vif1.0 "$(mac vif1.0)" 10.2.1.2 count 1000 pkt_size 1514 delay 102400
flows_run
near "two sizes in turn: packets" $(($(share 1 eth1 dropped_packets) - p0)) 1000 6
near "two sizes in turn: bytes" $(($(share 1 eth1 dropped_bytes) - d0)) $((1000 * 789)) 9000

K push 600s 1 eth1 1
before=$(far eth1 rx_packets)
flows_reset
flow 1 vif1.0 "$(mac vif1.0)" 10.2.1.2 count 1000
flows_run
is "ratio 1 lets nothing through" "$(far eth1 rx_packets)" "$before"

K sampler bernoulli
K push 600s 1 eth1 0.3
p0=$(share 1 eth1 dropped_packets)
run_mixed $n
near "Bernoulli: within 5 sigma" $(($(share 1 eth1 dropped_packets) - p0)) $((n * 3 / 10)) \
	"$(awk -v n=$n 'BEGIN { print 5 * sqrt(n * 0.3 * 0.7) }')"
K sampler systematic

# the lease
K push 3s 1 eth1 1
is "a pushed ratio is in force" "$(share 1 eth1 ratio)" 1
gen=$(K info | jq .generation)
ok "the lease ends punishments by itself" wait_for 20 sh -c \
	'xnetman-ctl kernel counters | jq -e "all(.[]; (.ratio // 0) == 0)"'
is "the generation stays" "$(K info | jq .generation)" "$gen"
is "nothing is left of the lease" "$(K info | jq .lease_ms)" 0

# a bad entry: nothing of the push is applied
K push 600s 1 eth1 0.25
ok "a push with an unknown network is refused" sh -c '! xnetman-ctl kernel push 600s 2 eth1 0.5 77 eth1 0.5'
is "and nothing of it applied" "$(share 2 eth1 ratio) $(share 1 eth1 ratio)" "0 0.25"
tap_done
