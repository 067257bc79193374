#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Operators' trees of many networks on one link, in a lab. Usage: operator.sh [NETWORKS]
# How long it takes to build, change and remove them; and where the clock counts instructions (scripts/lab --icount),
# what a packet costs that is forwarded through one of them, when there are few and when there are many.
. "$(dirname "$0")/../netns/lib.sh"

n=${1:-1000}
packets=20000
need_modules
for m in sch_prio sch_fq_codel cls_u32; do
	modprobe -q $m 2>/dev/null || true
done

link_tree() { # DEVICE CLASSES: as xnetmand makes it
	{
		echo "qdisc add dev $1 root handle 7f00: htb default 3"
		echo "class add dev $1 parent 7f00: classid 7f00:1 htb rate 40gbit burst 1m"
		echo "class add dev $1 parent 7f00:1 classid 7f00:2 htb rate 40gbit burst 1m quantum 1514"
		echo "class add dev $1 parent 7f00:2 classid 7f00:3 htb rate 100mbit ceil 40gbit quantum 1514"
		for ((i = 0; i < $2; i++)); do
			printf 'class add dev %s parent 7f00:2 classid 7f00:%x htb rate 30mbit ceil 40gbit burst 1m quantum 1514\n' \
				"$1" $((i << 4 | 8))
		done
	} | tc -batch -
}

bench() {
	"$top/${O:-build}/bin/bench-operator" "$@"
}

times() {
	ip link add eth1 type dummy
	ip link set eth1 up
	link_tree eth1 "$n"
	echo "# $n operators: HTB, four classes with fq_codel, eight u32 filters each"
	bench eth1 "$n"
}

forward() { # instructions per packet
	local t
	flows_reset
	flow 1 vif1.0 "$(mac vif1.0)" 10.2.1.2 count $packets
	flows_run
	t=$(ip netns exec hosts sed -n 's/.*Result: OK: \([0-9]*\)(.*/\1/p' /proc/net/pktgen/vif1.0-h@1)
	echo $((t * 1000 / packets))
}

# Packets of network 1 pass its filters, all of which miss, and wait in its default class.
costs() {
	local cost first= trees
	hosts_up
	wire vif1.0
	ip addr add 10.1.1.1/24 dev vif1.0
	wire eth1
	ip route add 10.2.1.0/24 dev eth1
	neigh eth1 10.2.1.2
	module_load
	K network 1 net1
	K port vif1.0 1
	K link eth1
	K priority 1 eth1 7f00:8
	for trees in 0 3 $((n / 10)) "$n"; do
		link_tree eth1 $((trees > 3 ? trees : 3))
		[ "$trees" = 0 ] || bench eth1 "$trees" keep >/dev/null
		forward >/dev/null # warm
		cost=$(forward)
		[ "$trees" != 3 ] || first=$cost
		echo "$trees operators' trees: $cost instructions per forwarded packet$([ "$trees" -lt 4 ] ||
			awk -v a="$cost" -v b="$first" 'BEGIN { printf ", x%.4f of 3", a / b }')"
		tc qdisc del dev eth1 root
	done
}

if [ -n "${XNETMAN_LAB_ICOUNT:-}" ]; then
	costs
else
	times
fi
