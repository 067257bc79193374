#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Figure 5(c) of the XNetMan paper, inside a lab: the round trip time of a network that wants low delay, while another
# one offers all that the link can carry. One of the four cases.
# Usage: fig5c.sh CONTROL PRIORITY MBIT SECONDS OUT [COSTS]
# CONTROL, PRIORITY: on|off; MBIT: speed of all wires, 1000 in the paper; COSTS: Dom0's CPU is scarce, and this is what packets
# cost of it (xnetman-ctl calibrate).
# Writes OUT.txt, a round trip time in ms a line, and OUT.json, their distribution.
. "$(dirname "$0")/../netns/lib.sh"

control=$1 priority=$2 wire=$3 seconds=$4 out=$5 costs=${6:-}
flood=5 # how many links full of frames net2 offers where the CPU is scarce
every=0.01003 pings=$((seconds * 100)) # not in step with the flows: their phases pass by one another
[ -z "$costs" ] || every=0.1003 pings=$((seconds * 10))
part() { echo "$(($1 * wire * 1000 / 1000))kbit"; } # thousandths of the wire, which are Mbit/s in the paper

# cable NAME FAR-NAMESPACE QUEUE [FAR-MBIT]: a wire of that speed in both directions, with a NIC's queue at this end.
cable() {
	ip link add "$1" type veth peer name "$1-h" netns "$2"
	ip link set "$1" up
	ip -n "$2" link set "$1-h" up
	tc qdisc add dev "$1" root netem rate "${wire}mbit" limit "$3"
	ip netns exec "$2" tc qdisc add dev "$1-h" root netem rate "${4:-$wire}mbit" limit "$3"
}

# Machine A sends net1's traffic into eth0, another one net2's into eth2; machine B is behind nic1, the link.
hosts_up
for m in macvlan sch_htb sch_netem; do modprobe -q $m 2>/dev/null || true; done
bus_up
module_load seed=5 # so that two runs in virtual time are the same
ip netns add far
ip netns add vr1
ip -n far link set lo up
cable eth0 hosts 1000
cable wire1 far 1000
if [ -n "$costs" ]; then
	sysctl -qw net.core.netdev_max_backlog=1000
	cable eth2 hosts 1000 $((flood * wire))
	# a firewall, so that to forward a packet costs more than to make it, or to drop it at once
	nft add table ip filter
	nft add chain ip filter forward '{ type filter hook forward priority 0; }'
	for n in {1..200}; do echo "add rule ip filter forward ip daddr 10.3.$n.0/24 drop"; done | nft -f -
else
	wire eth2
fi
ip link add link wire1 name nic1 type macvlan mode passthru
ip link set nic1 up

# net1 is routed by its virtual machine vr1, which has vif1.0 and vif1.1; net2 is split: Dom0 routes it, in its VRF.
for n in 0 1; do
	ip link add vif1.$n type veth peer name eth$n netns vr1
	ip link set vif1.$n up
	ip -n vr1 link set eth$n up
	ip addr add 10.3.$n.1/24 dev vif1.$n
	ip -n vr1 addr add 10.3.$n.2/24 dev eth$n
done
ip netns exec vr1 sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0
ip -n vr1 route add 10.1.0.0/16 via 10.3.0.1
ip -n vr1 route add 10.2.0.0/16 via 10.3.1.1
ip link add vrf2 type vrf table 102
ip link set vrf2 up
ip link set eth2 master vrf2
ip addr add 10.1.2.1/24 dev eth2
ip route add 10.2.2.0/24 dev nic1 table 102
ip addr add 10.1.1.1/24 dev eth0
ip addr add 10.2.0.1/16 dev nic1
ip netns exec hosts ip addr add 10.1.1.2/24 dev eth0-h
ip netns exec hosts ip route add 10.2.0.0/16 via 10.1.1.1
ip -n far addr add 10.2.0.9/16 dev wire1-h
ip -n far route add 10.1.0.0/16 via 10.2.0.1
hop() { # IN TO VIA: what comes in there goes that way
	ip rule add iif "$1" table $((200 + ++hops)) priority $((200 + hops))
	ip route add "$2" $3 table $((200 + hops))
}
hops=0
hop eth0 10.2.0.0/16 "via 10.3.0.2 dev vif1.0"
hop vif1.1 10.2.0.0/16 "dev nic1"
hop nic1 10.1.0.0/16 "via 10.3.1.2 dev vif1.1"
hop vif1.0 10.1.0.0/16 "dev eth0"
neigh nic1 10.2.1.2
neigh nic1 10.2.2.2

packets() { echo "$(($1 * wire * 1000 / 8 / 1514))"; } # a second, thousandths of the wire
# Cores that forward a link full of frames, and a bit more, and drop the rest of the flood, by the model.
cores() {
	jq -r --argjson flood "$flood" --argjson n "$1" --argjson pps "$(packets 1000)" '.paths
		| 1.1 * (.forward.packet + .link.packet + (.forward.byte + .link.byte) * 1514)
			+ ($flood - 1.1) * (.drop.packet + .drop.byte * 1514)
		| (. * $pps * 1e4 | floor / 1e4) * $n' "$costs"
}
share_of_cpu() { # half of it for each
	[ -z "$costs" ] || echo "cpu: {rc: $(cores 1), rl: $(cores 1)}"
}
# as a NIC: DEV has a ring of its own, and the kernel asks all of them in turn; it takes both ends
ring() { # DEV NAMESPACE FAR-DEV
	ip netns exec "$2" ethtool -K "$3" tso off >/dev/null
	ethtool -K "$1" gro on >/dev/null
}
if [ -n "$costs" ]; then
	for dev in eth0 eth2; do ring $dev hosts $dev-h; done
	for n in 0 1; do ring vif1.$n vr1 eth$n; done
	ring wire1 far wire1-h
fi
# How long the CPU has worked, and waited, in its ticks.
cpu_times() {
	awk '$1 == "cpu" { print "[" $2 + $3 + $4 + $7 + $8 "," $5 + $6 "]" }' /proc/stat
}
conf=$tmp/conf
mkdir -p "$conf/networks.d"
cat >"$conf/xnetman.yaml" <<-END
	policy: $([ "$control" = on ] && echo xnetman || echo off)
	$([ -z "$costs" ] || echo "cpu: $(cores 2)")
	links: [{name: nic1, capacity: ${wire}Mbit}]
END
cat >"$conf/networks.d/net1.yaml" <<-END
	name: net1
	priority: $([ "$priority" = on ] && echo 7 || echo 0)
	ports: [vif1.0, vif1.1]
	bandwidth: [{link: nic1, rc: $(part 50), rl: $(part 400)}]
	$(share_of_cpu)
END
cat >"$conf/networks.d/net2.yaml" <<-END
	name: net2
	data_path: split
	ports: [vrf2, eth2]
	bandwidth: [{link: nic1, rc: $(part 100), rl: $(part 600)}]
	$(share_of_cpu)
END

# 1514 B frames: of net1 5% of the wire, less what the pings take; of net2 all that fits.
if [ -n "$costs" ]; then
	flow 1 eth0 "$(mac eth0)" 10.2.1.2 ratep "$(packets 25)" xmit_mode queue_xmit
	flow 2 eth2 "$(mac eth2)" 10.2.2.2 ratep "$(packets $((flood * 1000)))" xmit_mode queue_xmit
	daemon_up --costs "$costs"
else
	flow 1 eth0 "$(mac eth0)" 10.2.1.2 ratep "$(packets 48)" xmit_mode queue_xmit
	flow 2 eth2 "$(mac eth2)" 10.2.2.2 ratep "$(packets 1000)"
	daemon_up
fi
flows_start
sleep 5
# not in step with the flows: their phases pass by one another
before=$(cpu_times)
ip netns exec hosts ping -n -c "$pings" -i "$every" -s 1472 10.2.0.9 |
	sed -n 's/.*time=\([0-9.]*\) ms/\1/p' | sort -n >"$out.txt"
after=$(cpu_times)
xnetman-ctl -j status | jq -c '.links[0].networks[] | {name, demand_bps, throughput_bps, ratio}' >&2
flows_stop
daemon_down
jq -s --arg control "$control" --arg priority "$priority" --argjson sent "$pings" --argjson a "$before" --argjson b "$after" '
	def at(p): .[((length - 1) * p) | floor];
	{control: ($control == "on"), priority: ($priority == "on"), sent: $sent, received: length,
	 cpu_busy: (($b[0] - $a[0]) / ([$b[0] - $a[0] + $b[1] - $a[1], 1] | max) * 1000 | round / 1000),
	 rtt_ms: {min: .[0], p50: at(0.5), p95: at(0.95), p99: at(0.99), max: .[-1]}}' "$out.txt" >"$out.json"
cat "$out.json" >&2
