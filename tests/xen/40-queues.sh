#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest picks the number of its vif's queues; what its network may send does not depend on that.
. "$(dirname "$0")/lib.sh"

forget_all
uplink
running vr2 && xl destroy vr2
echo 4 >/sys/module/xen_netback/parameters/max_queues
C link add eth1 capacity 4Mbit
C network add net1 domain vr1 link eth1 rc 1Mbit rl 2Mbit
world=$(ip netns exec hosts cat /sys/class/net/eth1-h/address)
for queues in 1 2 4; do
	fresh vr1 queues=$queues
	device=$(vif vr1)
	is "$queues queues: netback has them" "$(find "/sys/class/net/$device/queues" -name 'rx-*' | wc -l)" $queues
	ok "$queues queues: bound" wait_for 20 bound_to "$device" net1
	# each packet on the next queue
	domu_flow vr1 "$world" 10.9.1.2 ratep 400 queue_map_min 0 queue_map_max $((queues - 1))
	domu_flow_start vr1
	start=$(date +%s)
	ok "$queues queues: a long interval passes" wait_for 60 closed "$start" net1 1
	near "$queues queues: the network gets what it was sold, Mbit/s" \
		"$(since "$start" net1 | jq '.[-1].throughput_bps / 1e6')" 2 0.05
	domu_flow_stop vr1
	same_counters vr1 "$device"
done
tap_done
