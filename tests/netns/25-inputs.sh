#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A network's inputs drop the ratio that was pushed, once for each packet, wherever it comes in; nobody else's.
. "$(dirname "$0")/lib.sh"

n=10000
[ -z "${XNETMAN_LAB_DEBUG:-}" ] || n=2000
hosts_up
module_load
wire eth1
for id in 1 2 3; do
	wire vif$id.0
	ip addr add 10.1.$id.1/24 dev vif$id.0
done
wire vif1.1
ip addr add 10.1.4.1/24 dev vif1.1
K network 1 net1
K network 2 net2
K port vif1.0 1
K port vif1.1 1
K port vif2.0 2
K link eth1
sink eth1 10.2.0.0/16
neigh eth1 10.2.1.2
neigh eth1 10.2.2.2
neigh vif1.0 10.1.1.9
neigh vif1.1 10.1.4.9

# run_flow DEV DST: n packets come into Dom0 by DEV
run_flow() {
	flows_reset
	flow 9 "$1" "$(mac "$1")" "$2" count $n min_pkt_size 64 max_pkt_size 1515 flag TXSIZE_RND
	flows_run
}

part() { # OF: as a ratio of n
	awk -v a="$1" -v n=$n 'BEGIN { print a / n }'
}

K push 600s 1 inputs 0.3
is "the network's record tells its ratio" "$(counter '.[] | select(.kind=="network" and .net_id==1).ratio')" 0.3

run_flow vif1.0 10.2.1.2
is "from the DomU: all came in" "$(port vif1.0 rx_packets)" $n
near "from the DomU: dropped" "$(part "$(port vif1.0 rx_dropped_packets)")" 0.3 0.005
is "from the DomU: the rest got to the link" "$(share 1 eth1 offered_packets)" \
	$((n - $(port vif1.0 rx_dropped_packets)))
is "from the DomU: bytes, too" "$(share 1 eth1 offered_bytes)" \
	$(($(port vif1.0 rx_bytes) - $(port vif1.0 rx_dropped_bytes)))

run_flow vif3.0 10.1.1.9
near "to the DomU: dropped" "$(part "$(port vif1.0 tx_dropped_packets)")" 0.3 0.005
is "to the DomU: the rest left" "$(port vif1.0 tx_packets)" $((n - $(port vif1.0 tx_dropped_packets)))
is "to the DomU: that is what arrived" "$(far vif1.0 rx_packets)" "$(port vif1.0 tx_packets)"

before=$(port vif1.0 rx_dropped_packets)
run_flow vif1.0 10.1.4.9
passed=$((n - $(port vif1.0 rx_dropped_packets) + before))
is "from port to port of one network: dropped where it came in only" "$(port vif1.1 tx_dropped_packets)" 0
is "from port to port of one network: the rest arrived" "$(port vif1.1 tx_packets)" $passed

run_flow vif2.0 10.2.2.2
is "another network: nothing dropped" "$(share 2 eth1 offered_packets)" $n

before=$(port vif1.0 tx_packets)
K push 600s 1 inputs 1
ping -c 3 -i 0.2 -W 1 10.1.1.9 >/dev/null || true
is "Dom0's own packets pass" "$(($(port vif1.0 tx_packets) - before))" 3

K push 1s
run_flow vif1.0 10.2.1.2
is "no longer punished: nothing more dropped" \
	"$(($(share 1 eth1 offered_packets) + $(port vif1.0 rx_dropped_packets) + $(port vif1.1 tx_packets)))" $((3 * n))
tap_done
