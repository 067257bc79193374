#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The set-ups of doc/setups, run as they stand: packets pass, and each network's are counted.
. "$(dirname "$0")/lib.sh"
setups=$top/doc/setups

forget_all
for vr in vr1 vr2; do
	running $vr && xl destroy $vr
done
ip link del xenbr0
ip netns del hosts 2>/dev/null || true
ip link del eth1 2>/dev/null || true
hosts_up
for nic in eth1 eth2 eth3; do
	wire $nic
done

ping_from_outside() { # ADDRESS
	ip netns exec hosts ping -q -c 5 -i 0.2 -W 2 "$1"
}

# --- bridged ---
ip -n hosts addr add 10.1.0.2/24 dev eth1-h
ok "bridged.sh runs" sh "$setups/bridged.sh" eth1 10Mbit
C network add net1 domain vr1 link eth1 rc 2Mbit rl 5Mbit
domu start vr1 vif=bridge=xenbr0 ip=10.1.0.11/24 gw=10.1.0.2
ok "bridged: the DomU is reached from outside" ping_from_outside 10.1.0.11
ok "bridged: its answers are counted on the link" \
	[ "$(counter '.[] | select(.kind == "share" and .device == "eth1").offered_packets')" -ge 5 ]
same_counters vr1 "$(vif vr1)"

# --- routed ---
ip -n hosts addr add 10.3.0.1/24 dev eth2-h
ip addr add 10.3.0.254/24 dev eth2
ok "routed.sh runs" sh "$setups/routed.sh" eth2 10Mbit
C network add net2 domain vr2 link eth2 rc 2Mbit rl 5Mbit
domu start vr2 vif=script=vif-route-eth2,ip=10.3.0.12 ip=10.3.0.12/32 gw=
domu run vr2 "ip route add 10.3.0.254 dev eth0; ip route add default via 10.3.0.254"
ok "routed: the DomU is reached from outside" ping_from_outside 10.3.0.12
ok "routed: its answers are counted on the link" \
	[ "$(counter '[.[] | select(.kind == "share" and .device == "eth2").offered_packets] | add')" -ge 5 ]
same_counters vr2 "$(vif vr2)"

# --- split ---
C link add eth3 capacity 10Mbit
ok "split.sh runs" sh "$setups/split.sh" net3 vr3 103 eth2 eth3
C network set net3 link eth3 rc 2Mbit rl 5Mbit
ip addr add 10.4.0.1/24 dev eth2.103
ip addr add 10.5.0.1/24 dev eth3.103
for n in 2 3; do
	ip -n hosts link add link eth$n-h name in$n type vlan id 103
	ip -n hosts link set in$n up
done
# two hosts, one on each side; the second is in a namespace of its own
ip netns add beyond
ip -n hosts link set in3 netns beyond
ip -n beyond link set in3 up
ip -n beyond addr add 10.5.0.2/24 dev in3
ip -n beyond route add default via 10.5.0.1
ip -n hosts addr add 10.4.0.2/24 dev in2
ip -n hosts route add 10.5.0.0/24 via 10.4.0.1
ok "split: Dom0 forwards between the network's VLANs" ping_from_outside 10.5.0.2
is "split: what it forwards is the network's, on the link" \
	"$(counter "[.[] | select(.kind == \"share\" and .device == \"eth3\" and .offered_packets >= 5)] | length")" 1
ok "split: another network's addresses are unreachable from it" sh -c '! ping -c 1 -W 1 -I vrf-net3 10.3.0.12'
ip netns del beyond
tap_done
