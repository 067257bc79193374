#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A DomU that floods the smallest packets, as many as it can, does not push the other one below
# what it is guaranteed.
. "$(dirname "$0")/lib.sh"

forget_all
uplink
for vr in vr1 vr2; do
	running $vr || domu start $vr
done
C link add eth1 capacity 2500kbit
C network add net1 domain vr1 link eth1 rc 2Mbit rl 2Mbit
C network add net2 domain vr2 link eth1 rc 100kbit rl 500kbit
ok "both are bound" wait_for 20 bound_to "$(vif vr2)" net2

world=$(ip netns exec hosts cat /sys/class/net/eth1-h/address)
domu_flow vr1 "$world" 10.9.1.2 ratep 250 # 3.03 Mbit/s
domu_flow vr2 "$world" 10.9.2.2 pkt_size 60

row() { # ROWS FIELD: mean over two long intervals
	jq "[.[:2][].$2] | add / length" <<<"$1"
}
mbit() { awk -v b="$1" 'BEGIN { printf "%.3f Mbit/s", b / 1e6 }'; }

domu_flow_start vr1
start=$(date +%s)
ok "net1 alone for a long interval" wait_for 60 closed "$start" net1 1
alone=$(since "$start" net1 | jq ".[0].throughput_bps")

domu_flow_start vr2
start=$(date +%s)
packets=$(own vr2 tx_packets)
ok "net1 beside the flood for two" wait_for 90 closed "$start" net1 2
sent=$((($(own vr2 tx_packets) - packets) / ($(date +%s) - start)))
net1=$(since "$start" net1) net2=$(since "$start" net2)
domu_flow_stop vr2
domu_flow_stop vr1
echo "# net1 alone:            $(mbit "$alone")"
echo "# net1 beside the flood: $(mbit "$(row "$net1" throughput_bps)") of $(mbit "$(row "$net1" demand_bps)") it asked for, Ec $(row "$net1" ec_mean)"
echo "# net2, the flood:       $sent packets/s of 60 bytes, $(mbit "$(row "$net2" throughput_bps)") of $(mbit "$(row "$net2" demand_bps)")"
ok "the flood is one: more than five packets for each that net1 may send ($sent/s)" [ "$sent" -gt 825 ]
is "net1 gets its guarantee of 2 Mbit/s, within 1 %" \
	"$(jq '.[:2] | all(.throughput_bps >= 2e6 * 0.99)' <<<"$net1")" true
# over both: what a flood that is not steady sends more in the last second of one is charged to nobody
is "net2 gets no more than it was sold" "$(jq '[.[:2][].throughput_bps] | add / length <= 5e5 * 1.02' <<<"$net2")" true
tap_done
