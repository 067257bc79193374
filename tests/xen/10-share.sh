#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two DomUs behind one link, each asking for more than its SLA: both get what they were sold.
# vr1 sends by itself. vr2 is a router: what it sends was sent to it, over the same link and vif.
. "$(dirname "$0")/lib.sh"

forget_all
uplink
vif1=$(vif vr1) vif2=$(vif vr2)
driver=$(readlink "/sys/class/net/$vif1/device/driver")
is "$vif1 is xen-netback's" "${driver#*bus/}" xen-backend/drivers/vif
ok "which is a module of this kernel" grep -q '^xen_netback .*Live' /proc/modules

C link add eth1 capacity 8Mbit
C network add net1 domain vr1 link eth1 rc 2Mbit rl 5Mbit
C network add net2 domain vr2 link eth1 rc 1Mbit rl 3Mbit
ok "vr1's vif is bound by its domain's name" wait_for 20 bound_to "$vif1" net1
ok "vr2's, too" wait_for 20 bound_to "$vif2" net2
beyond1=$(beyond vr1 "$vif1") beyond2=$(beyond vr2 "$vif2") # they were running before

# The world outside is 10.9/16, behind 10.1.0.2; vr2 is the way to 10.8/16 from there.
world=$(ip netns exec hosts cat /sys/class/net/eth1-h/address)
domu run vr2 "arp -s 10.1.0.2 $world; ip route replace 10.8.0.0/16 via 10.1.0.2"
domu_flow vr1 "$world" 10.9.1.2 ratep 580
flow 2 eth1 "$(domu_mac vr2)" 10.8.2.2 ratep 500

# What the module let pass on eth1, of the networks and of Dom0 itself.
passed() {
	counter '[.[] | select(.device == "eth1") | (.offered_packets // 0) - (.dropped_packets // 0)] | add'
}
passed_before=$(passed)
far_before=$(far eth1 rx_packets)
flows_start
domu_flow_start vr1
start=$(date +%s)
# the first began before they sent, or in the middle of it
ok "long intervals pass" wait_for 120 closed "$start" net1 4
C history count 8 | sed 's/^/# /'
for net in net1 net2; do
	is "$net: conformity 0.95 or more in every long interval after the first" \
		"$(since "$start" $net | jq '.[1:] | length >= 3 and all(.conformity >= 0.95)')" true
done
is "vr1 asked for more than it was sold" "$(since "$start" net1 | jq '.[1:] | all(.demand_bps > 6e6)')" true
is "vr2, too" "$(since "$start" net2 | jq '.[1:] | all(.demand_bps > 4e6)')" true
got() { since "$start" "$1" | jq '.[1:] | (map(.throughput_bps) | add / length) / 1e6'; }
near "net1 got its long-term reservation, Mbit/s" "$(got net1)" 5 0.15
near "net2 got its long-term reservation, Mbit/s" "$(got net2)" 3 0.15
domu_flow_stop vr1
flows_stop

same_counters vr1 "$vif1" eth0 "$beyond1"
same_counters vr2 "$vif2" eth0 "$beyond2"
all_arrived() { # now and then somebody asks for an address, in the middle of this
	test "$(($(far eth1 rx_packets) - far_before))" = "$(($(passed) - passed_before))"
}
ok "what was let pass arrived, every packet" wait_for 10 all_arrived
tap_done
