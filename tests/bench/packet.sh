#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What one forwarded packet costs, in instructions (1 ns of the guest's clock is 1
# instruction): plain forwarding, xnetman, and what else could do the job. Four networks
# with a port each; the traffic is network 1's. "punish" is dropping 10%.
. "$(dirname "$0")/../netns/lib.sh"

n=${1:-20000}
hosts_up
for id in 1 2 3 4; do
	wire vif$id.0
	ip addr add 10.1.$id.1/24 dev vif$id.0
done
wire eth1
ip route add 10.2.1.0/24 dev eth1
neigh eth1 10.2.1.2

forward() { # ns of the guest's clock per packet
	local t
	flows_reset
	flow 1 vif1.0 "$(mac vif1.0)" 10.2.1.2 count "$n"
	flows_run
	t=$(ip netns exec hosts sed -n 's/.*Result: OK: \([0-9]*\)(.*/\1/p' /proc/net/pktgen/vif1.0-h@1)
	echo $((t * 1000 / n))
}

base=0
measure() { # LABEL
	local cost
	forward >/dev/null # warm
	cost=$(forward)
	[ $base -ne 0 ] || base=$cost
	printf '%-44s %6d   %+5d   x%.3f\n' "$1" "$cost" $((cost - base)) \
		"$(awk -v a="$cost" -v b=$base 'BEGIN { print a / b }')"
}

printf '%-44s %6s   %5s   %s\n' "instructions per packet" total extra ratio
measure "forwarding, nothing loaded"

module_load
for id in 1 2 3 4; do
	K network $id net$id
	K port vif$id.0 $id
done
K link eth1
measure "xnetman: count on port and link"
K push 600s 1 eth1 10%
measure "xnetman: count and punish (systematic)"
K push 600s 1 inputs 10%
measure "xnetman: count and punish at the inputs"
K push 600s 1 eth1 10%
K sampler bernoulli
measure "xnetman: count and punish (bernoulli)"
K push 1s

# tree CLASSES: as xnetmand makes it, with so many networks' classes
tree() {
	tc qdisc replace dev eth1 root handle 7f00: htb default 3
	{
		echo "class add dev eth1 parent 7f00: classid 7f00:1 htb rate 40gbit burst 1m"
		echo "class add dev eth1 parent 7f00:1 classid 7f00:2 htb rate 40gbit burst 1m"
		echo "class add dev eth1 parent 7f00:2 classid 7f00:3 htb rate 100mbit ceil 40gbit quantum 1518"
		for ((i = 0; i < $1; i++)); do
			printf 'class add dev eth1 parent 7f00:2 classid 7f00:%x htb rate 30mbit ceil 40gbit burst 1m quantum 1518\n' \
				$((i * 16 + 8))
		done
	} | tc -batch -
}
modprobe -q sch_htb || true
K priority 1 eth1 7f00:8
for classes in 3 1000; do
	tree $classes
	measure "xnetman: count, HTB by priority, $classes classes"
	tc qdisc del dev eth1 root
done
rmmod xnetman

modprobe -a sch_htb sch_ingress act_police cls_matchall cls_fw act_gact iptable_filter iptable_mangle \
	xt_statistic xt_mark 2>/dev/null || true
tc qdisc add dev vif1.0 clsact
tc filter add dev vif1.0 ingress matchall action police rate 10gbit burst 1m conform-exceed drop
measure "tc police on the vif"
tc qdisc del dev vif1.0 clsact

tc qdisc add dev eth1 root handle 1: htb default 99
tc class add dev eth1 parent 1: classid 1:1 htb rate 40gbit ceil 40gbit
for id in 1 2 3 4; do
	tc class add dev eth1 parent 1:1 classid 1:1$id htb rate 9gbit ceil 40gbit
done
tc class add dev eth1 parent 1:1 classid 1:99 htb rate 1gbit ceil 40gbit
for id in 1 2 3 4; do
	tc filter add dev eth1 parent 1: protocol ip prio $id basic match "meta(rt_iif eq $(cat /sys/class/net/vif$id.0/ifindex))" \
		flowid 1:1$id 2>/dev/null || tc filter add dev eth1 parent 1: protocol ip prio $id u32 \
		match ip src 10.1.$id.0/24 flowid 1:1$id
done
measure "tc HTB, 4 classes, filters"
tc qdisc del dev eth1 root

if command -v iptables-legacy >/dev/null && iptables-legacy -L -n >/dev/null 2>&1; then
	for id in 4 3 2 1; do
		iptables-legacy -A FORWARD -i vif$id.0 -o eth1 # counts
	done
	measure "iptables: count 4 networks"
	iptables-legacy -A FORWARD -i vif1.0 -o eth1 -m statistic --mode random --probability 0.1 -j DROP
	measure "iptables: count and punish (as the prototype)"
fi
