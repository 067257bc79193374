#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every path by which a network's packets reach a link is counted for that network, exactly:
# the counters equal the generators'.
. "$(dirname "$0")/lib.sh"

n=2000
hosts_up
module_load

# eth1 is the link. Network 1: vif1.0, routed. 2: vif2.0, in a bridge with eth2. 3: eth0.3, a VLAN
# in a VRF, routed. 4: vif4.0, routed out of a VLAN device above the link. 5: vif5.0 to vif1.0.
for dev in eth0 eth1 eth2 vif1.0 vif2.0 vif4.0 vif5.0; do
	wire $dev
done
K link eth1
K link eth2
for id in 1 2 3 4 5; do
	K network $id net$id
done

# 1: routed
K port vif1.0 1
ip addr add 10.1.1.1/24 dev vif1.0
ip route add 10.2.1.0/24 dev eth1
neigh eth1 10.2.1.2
flow 1 vif1.0 "$(mac vif1.0)" 10.2.1.2 count $n min_pkt_size 64 max_pkt_size 1514

# 2: bridged
K port vif2.0 2
ip link add br0 type bridge
ip link set br0 up
ip link set vif2.0 master br0
ip link set eth2 master br0
flow 2 vif2.0 02:00:00:00:00:99 10.2.2.2 count $n min_pkt_size 64 max_pkt_size 1514

# 3: VLAN in, VRF, out of the link
ip link add vrf3 type vrf table 103
ip link set vrf3 up
ip link add link eth0 name eth0.3 type vlan id 3
ip link set eth0.3 master vrf3 up
ip addr add 10.1.3.1/24 dev eth0.3
ip route add 10.2.3.0/24 dev eth1 table 103
neigh eth1 10.2.3.2
K port eth0.3 3
K port vrf3 3
flow 3 eth0 "$(mac eth0)" 10.2.3.2 count $n pkt_size 1000 vlan_id 3

# 4: out of a VLAN above the link: the tag is on the wire
K port vif4.0 4
ip addr add 10.1.4.1/24 dev vif4.0
ip link add link eth1 name eth1.4 type vlan id 4
ip link set eth1.4 up
ip route add 10.2.4.0/24 dev eth1.4
neigh eth1.4 10.2.4.2
flow 4 vif4.0 "$(mac vif4.0)" 10.2.4.2 count $n pkt_size 500

# 5: to another network's vif on the same machine: counted on both ports, on no link
K port vif5.0 5
ip addr add 10.1.5.1/24 dev vif5.0
neigh vif1.0 10.1.1.9
flow 5 vif5.0 "$(mac vif5.0)" 10.1.1.9 count $n pkt_size 300

flows_run

for id in 1 2 3 4 5; do
	dev=$(case $id in 3) echo eth0 ;; *) echo vif$id.0 ;; esac)
	is "generator of network $id sent all" "$(sent $id $dev)" $n
done

is "routed: packets of network 1 on the link" "$(share 1 eth1 offered_packets)" $n
is "routed: bytes of network 1 on the link" "$(share 1 eth1 offered_bytes)" "$(far vif1.0 tx_bytes)"
is "routed: port packets" "$(port vif1.0 rx_packets)" $n
is "routed: port bytes" "$(port vif1.0 rx_bytes)" "$(far vif1.0 tx_bytes)"
is "bridged: packets of network 2 on the link" "$(share 2 eth2 offered_packets)" $n
is "bridged: bytes of network 2 on the link" "$(share 2 eth2 offered_bytes)" "$(far vif2.0 tx_bytes)"
is "bridged: nothing on the other link" "$(share 2 eth1 offered_packets)" 0
is "VRF: packets of network 3 on the link" "$(share 3 eth1 offered_packets)" $n
is "VRF: bytes, the VLAN tag taken off" "$(share 3 eth1 offered_bytes)" $((n * 996))
is "VLAN port: packets" "$(port eth0.3 rx_packets)" $n
is "VLAN above the link: packets of network 4" "$(share 4 eth1 offered_packets)" $n
is "VLAN above the link: bytes with the tag" "$(share 4 eth1 offered_bytes)" $((n * 504))
is "vif to vif: in through its own port" "$(port vif5.0 rx_packets)" $n
is "vif to vif: out through the other port" "$(port vif1.0 tx_bytes)" $((n * 300))
is "vif to vif: on no link" "$(share 5 eth1 offered_packets)" 0
is "nothing was taken for the host's" "$(host eth1 offered_packets)" 0
is "no packet dropped" "$(counter '[.[].dropped_packets // 0] | add')" 0
is "all of it went out" "$(far eth1 rx_packets)" $((3 * n))

# Dom0's own packets belong to no network, and are never punished.
K push 60s 1 eth1 1 2 eth1 1 3 eth1 1 4 eth1 1 5 eth1 1
ip addr add 10.2.9.1/24 dev eth1
neigh eth1 10.2.9.2
before=$(far eth1 rx_packets)
ping -c 5 -i 0.2 -W 1 10.2.9.2 >/dev/null || true
is "Dom0's own packets are the host's" "$(host eth1 offered_packets)" 5
is "Dom0's own packets pass" "$(($(far eth1 rx_packets) - before))" 5
K push 1s

# Dom0 routes out of the bridge: skb_iif is the bridge. With a mark mask the network is known.
ip addr add 10.1.2.1/24 dev br0
ip route add 10.2.6.0/24 dev eth1
neigh eth1 10.2.6.2
flows_reset
flow 6 vif2.0 "$(mac br0)" 10.2.6.2 count 100 pkt_size 200
flows_run
is "out of a bridge, without marks: the host's" "$(host eth1 offered_packets)" 105
is "out of a bridge, without marks: not the network's" "$(share 2 eth1 offered_packets)" 0
K mark-mask 0xfff00000
flows_reset
flow 6 vif2.0 "$(mac br0)" 10.2.6.2 count 100 pkt_size 200
flows_run
is "out of a bridge, with marks: the network's packets" "$(share 2 eth1 offered_packets)" 100
is "out of a bridge, with marks: the network's bytes" "$(share 2 eth1 offered_bytes)" 20000

tap_done
