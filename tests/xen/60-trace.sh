#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# perf and bpftrace see in Dom0 what the module does: the commands of doc/observing.md, as they
# stand there. Their output is left in $XNETMAN_OUT/observing.
. "$(dirname "$0")/lib.sh"

forget_all
uplink
running vr1 || domu start vr1
C link add eth1 capacity 4Mbit
C network add net1 domain vr1 link eth1 rc 500kbit
ok "bound" wait_for 20 bound_to "$(vif vr1)" net1
world=$(ip netns exec hosts cat /sys/class/net/eth1-h/address)
domu_flow vr1 "$world" 10.9.1.2 ratep 200
domu_flow_start vr1
punished() { C -j status | jq -e '.links[0].networks[0].ratio > 0'; }
ok "the network is punished" wait_for 60 punished

dropped() { counter '[.[] | select(.kind == "share") | .dropped_packets] | add'; }
show=$XNETMAN_OUT/observing
rm -rf "$show"
mkdir -p "$show"
n=0
while IFS= read -r line; do
	n=$((n + 1))
	before=$(dropped)
	ok "doc/observing.md: ${line:0:60}..." timeout 200 bash -c "$line"
	after=$(dropped)
	cp "$tmp/out" "$show/$n"
	case $line in
	"perf stat"*)
		seen=$(awk '/xnetman:drop/ { gsub(",", ""); print $1 }' "$show/$n")
		ok "perf counts the drops ($seen; the module, over a little longer, $((after - before)))" \
			[ "${seen:-0}" -gt 0 -a "${seen:-0}" -le $((after - before)) ]
		;;
	"perf record"*) ok "and shows them" grep -qE '[0-9]% +1514 |xnetman:(lease|punish)' "$show/$n" ;;
	"bpftrace"*) ok "and shows them" grep -qE '^@packets\[[0-9]+\]: [1-9]|\|@' "$show/$n" ;;
	esac
done < <(sed -n 's/^    \$ //p' "$top/doc/observing.md")
is "there are five of them" $n 5
domu_flow_stop vr1
tap_done
