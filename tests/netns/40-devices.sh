#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Devices are renamed, go away and come back, and the module is unloaded, all under load:
# nobody gets another's packets and nothing breaks.
. "$(dirname "$0")/lib.sh"

hosts_up
module_load
wire eth1
ip route add 10.2.0.0/16 dev eth1
neigh eth1 10.2.1.2
K network 1 net1
K network 2 net2
K link eth1

vif_up() { # NAME NET
	wire "$1"
	ip addr add "10.1.$2.1/24" dev "$1"
	K port "$1" "$2"
}

vif_up vif1.0 1
flow 1 vif1.0 "$(mac vif1.0)" 10.2.1.2 rate 20 pkt_size 500
flows_start
ok "traffic is counted" wait_for 10 sh -c '[ "$(xnetman-ctl kernel counters |
	jq "[.[] | select(.kind==\"share\" and .net_id==1).offered_packets] | add")" -gt 100 ]'

ip link set eth1 down
ip link set eth1 name eth9
ip link set eth9 up
ip route add 10.2.0.0/16 dev eth9
neigh eth9 10.2.1.2
is "a renamed link is the same link" "$(counter '.[] | select(.kind=="link").device')" eth9
before=$(share 1 eth9 offered_packets)
counts_on() { test "$(share 1 eth9 offered_packets)" -gt "$before"; }
ok "and goes on counting" wait_for 10 counts_on
K push 60s 1 eth9 1
ok "and is punished under the new name" wait_for 10 sh -c '[ "$(xnetman-ctl kernel counters |
	jq ".[] | select(.kind==\"share\" and .net_id==1).dropped_packets")" -gt 0 ]'
flows_stop
flows_reset

# A vif goes; its ifindex is given to another network's vif.
index=$(cat /sys/class/net/vif1.0/ifindex)
ip link del vif1.0
is "a port goes with its device" "$(counter '[.[] | select(.kind=="port")] | length')" 0
ip link add vif2.0 index "$index" type veth peer name vif2.0-h netns hosts
ip link set vif2.0 up
ip -n hosts link set vif2.0-h up
ip addr add 10.1.2.1/24 dev vif2.0
before=$(share 1 eth9 offered_packets) other=$(share 2 eth9 offered_packets)
flow 2 vif2.0 "$(mac vif2.0)" 10.2.1.2 count 100
flows_run
is "a reused ifindex does not inherit the network" "$(share 1 eth9 offered_packets)" "$before"
is "an unbound device is nobody's" "$(share 2 eth9 offered_packets)" "$other"
K port vif2.0 2
flows_reset
flow 2 vif2.0 "$(mac vif2.0)" 10.2.1.2 count 100
flows_run
is "bound again, it is its own network's" "$(share 2 eth9 offered_packets)" $((other + 100))
is "and not the old one's" "$(share 1 eth9 offered_packets)" "$before"
ok "a port cannot be taken by a second network" sh -c '! xnetman-ctl kernel port vif2.0 1'

# A network goes and another takes its place in the table: no stale punishment.
K push 60s 2 eth9 1
K del-network 2
K network 3 net3
K port vif2.0 3
flows_reset
flow 3 vif2.0 "$(mac vif2.0)" 10.2.1.2 count 100
before=$(far eth1 rx_packets)
flows_run
is "a new network is not punished for the old one" "$(($(far eth1 rx_packets) - before))" 100

# The link goes and comes back.
ip link del eth9
is "a link goes with its device" "$(counter '[.[] | select(.kind=="link")] | length')" 0
is "and so do its shares" "$(counter '[.[] | select(.kind=="share")] | length')" 0
wire eth1
ip route add 10.2.0.0/16 dev eth1
neigh eth1 10.2.1.2
K link eth1
flows_reset
flow 3 vif2.0 "$(mac vif2.0)" 10.2.1.2 count 100
flows_run
is "registered again, it counts from zero" "$(share 3 eth1 offered_packets)" 100

# A device that moves to another namespace is gone from Dom0.
ip link set vif2.0 netns hosts
is "a port that leaves the namespace is unbound" "$(counter '[.[] | select(.kind=="port")] | length')" 0

# Load and unload under load, many times.
vif_up vif1.0 1
flows_reset
flow 1 vif1.0 "$(mac vif1.0)" 10.2.1.2 rate 100 pkt_size 200
flows_start
reload() {
	local i
	for i in 1 2 3 4 5 6 7 8; do
		rmmod xnetman && insmod "$XNETMAN_KO" || return 1
		K network 1 net1 && K link eth1 && K port vif1.0 1 || return 1
		K push 60s 1 eth1 0.5 || return 1
		sleep 0.1
	done
}
ok "unloaded and loaded eight times under load" reload
before=$(share 1 eth1 dropped_packets)
drops_on() { test "$(share 1 eth1 dropped_packets)" -gt "$before"; }
ok "and works after that" wait_for 10 drops_on
churn() {
	local i
	for i in 1 2 3 4 5 6 7 8; do
		K del-port vif1.0 && K del-link eth1 && K del-network 1 || return 1
		K network 1 net1 && K link eth1 && K port vif1.0 1 || return 1
	done
}
ok "objects come and go under load" churn
rmmod xnetman
before=$(far eth1 rx_packets)
passes() { test "$(far eth1 rx_packets)" -gt $((before + 100)); }
ok "without the module everything passes" wait_for 10 passes
flows_stop
tap_done
