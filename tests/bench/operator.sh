#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How long it takes to build, change and remove operators' trees on one link, in a lab. Usage: operator.sh [NETWORKS]
. "$(dirname "$0")/../netns/lib.sh"

n=${1:-1000}
need_modules
for m in sch_prio sch_fq_codel cls_u32; do
	modprobe -q $m 2>/dev/null || true
done
ip link add eth1 type dummy
ip link set eth1 up
{
	echo "qdisc add dev eth1 root handle 7f00: htb default 3"
	echo "class add dev eth1 parent 7f00: classid 7f00:2 htb rate 10gbit quantum 1514"
	for ((i = 0; i < n; i++)); do
		printf 'class add dev eth1 parent 7f00:2 classid 7f00:%x htb rate 1mbit ceil 10gbit quantum 1514\n' $((i << 4 | 8))
	done
} | tc -batch -
echo "# $n operators: HTB, four classes with fq_codel, eight u32 filters each"
"$top/${O:-build}/bin/bench-operator" eth1 "$n"
