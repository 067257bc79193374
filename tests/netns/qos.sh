# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by tests of the provider's QoS: three networks on one link. The rest is lib.sh's.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# A link of 100 Mbit/s: the device nic1 on a wire that is that fast and has a queue of 1000 frames, as a NIC has.
C=100
[ -n "${XNETMAN_LAB_VIRTUAL:-}" ] && [ -z "${XNETMAN_LAB_DEBUG:-}" ] || C=10
mbit() { echo "$(($1 * C * 10))kbit"; }

conf=$tmp/conf
mkdir -p "$conf/networks.d"
cat >"$conf/xnetman.yaml" <<-END
	policy: off
	links:
	  - name: nic1
	    capacity: $(mbit 100)
END
define() { # N RC
	cat >"$conf/networks.d/net$1.yaml" <<-END
		name: net$1
		ports: [vif$1.0]
		bandwidth:
		  - link: nic1
		    rc: $(mbit "$2")
		    rl: $(mbit 100)
	END
}
define 1 10
define 2 30
define 3 50

hosts_up
need_modules_qos() {
	local m
	for m in macvlan sch_htb sch_netem sch_tbf cls_basic act_police; do
		modprobe -q $m 2>/dev/null || true
	done
}
need_modules_qos
bus_up
for id in 1 2 3; do
	wire vif$id.0
	ip addr add 10.1.$id.1/24 dev vif$id.0
done
# the far end of the wire is a host of its own, which answers
ip netns add far
ip link add wire1 type veth peer name wire1-h netns far
ip link set wire1 up
ip -n far link set lo up
ip -n far link set wire1-h up
ip -n far addr add 10.2.0.9/16 dev wire1-h
ip -n far route add 10.1.0.0/16 via 10.2.0.1
tc qdisc add dev wire1 root netem rate "$(mbit 100)" limit 1000
ip link add link wire1 name nic1 type macvlan mode passthru
ip link set nic1 up
ip addr add 10.2.0.1/16 dev nic1
for id in 1 2 3; do
	ip neigh replace 10.2.$id.2 lladdr 02:00:00:00:00:99 dev nic1 nud permanent
done
# no ARP: whatever arrives was sent by a network, or by a ping of this test
ip neigh replace 10.2.0.9 lladdr "$(ip netns exec far cat /sys/class/net/wire1-h/address)" dev nic1 nud permanent
ip -n far neigh replace 10.2.0.1 lladdr "$(mac nic1)" dev wire1-h nud permanent
ip netns exec hosts ip addr add 10.1.1.2/24 dev vif1.0-h
ip netns exec hosts ip route add 10.2.0.9/32 via 10.1.1.1

qos() { # JQ-FILTER
	C -j qos show | jq -r "$1"
}

class() { # NETWORK FIELD
	qos ".links[0].classes[] | select(.network==\"$1\").$2"
}

root_of() { # DEVICE
	tc -j qdisc show dev "$1" | jq -r '.[] | select(.root).kind'
}

far_packets() {
	ip netns exec far cat /sys/class/net/wire1-h/statistics/rx_packets
}

# load NET1 NET2 NET3: percent of the link that each offers, from now on
load() {
	local id=0 rate
	flows_reset
	for rate; do
		id=$((id + 1))
		[ "$rate" = 0 ] || flow $id vif$id.0 "$(mac vif$id.0)" 10.2.$id.2 \
			ratep "$((rate * C * 1000000 / 100 / 8 / 1514))"
	done
	flows_start
}

# What networks sent besides what was dropped anywhere, which has to arrive.
offered() {
	counter '[.[] | select(.kind=="share") | .offered_packets - .dropped_packets] | add'
}
dropped() {
	tc -s -j qdisc show dev nic1 root | jq '.[0].drops // 0'
}
wire_dropped() {
	tc -s -j qdisc show dev wire1 root | jq '.[0].drops // 0'
}
# settle BASE: all that was sent since is at the far end, but what queues dropped
accounted() {
	[ "$(far_packets)" -eq $(($(offered) - $1 - $(dropped) - $(wire_dropped))) ]
}
