#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Split: Dom0 forwards the network's packets itself, in a VRF of the network's own; the DomU keeps the
# control plane. The network has a VLAN on each NIC.
#
#     split.sh NETWORK DOMAIN VLAN NIC...         split.sh net1 vr1 101 eth0 eth1
#
# The NICs are links already (xnetman-ctl link add). Lasts until reboot.
set -eu
network=$1 domain=$2 vlan=$3
shift 3

sysctl -q -w net.ipv4.ip_forward=1
# The table has the number of the VLAN. What is not in it is unreachable, not looked up elsewhere.
ip link add "vrf-$network" type vrf table "$vlan"
ip link set "vrf-$network" up
ip route add table "$vlan" unreachable default metric 4278198272

ports="port vrf-$network"
for nic; do
	ip link add link "$nic" name "$nic.$vlan" type vlan id "$vlan"
	ip link set "$nic.$vlan" master "vrf-$network"
	ip link set "$nic.$vlan" up
	ports="$ports port $nic.$vlan"
done

# shellcheck disable=SC2086 # a list
xnetman-ctl network add "$network" data_path split domain "$domain" $ports

cat <<EOF
Now addresses and routes, as the DomU has them, for example:

    ip address add 192.0.2.1/24 dev $1.$vlan
    ip route add vrf vrf-$network 198.51.100.0/24 via 192.0.2.2

and what it was sold:

    xnetman-ctl network set $network link $1 rc 50Mbit rl 350Mbit
EOF
