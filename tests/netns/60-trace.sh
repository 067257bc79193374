#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the module does can be watched: tracepoints by tracefs everywhere, and with perf where the
# kernel has it.
. "$(dirname "$0")/lib.sh"

trace=/sys/kernel/tracing
hosts_up
module_load
echo 1 >$trace/events/xnetman/enable
wire vif1.0
wire eth1
ip addr add 10.1.1.1/24 dev vif1.0
ip route add 10.2.1.0/24 dev eth1
neigh eth1 10.2.1.2
K network 7 net7
K link eth1
K port vif1.0 7
K push 60s 7 eth1 0.5
flow 1 vif1.0 "$(mac vif1.0)" 10.2.1.2 count 100 pkt_size 300
flows_run
K push 300ms 7 eth1 0.5
ok "the lease's end is traced" wait_for 10 grep -q 'lease: .*expired' $trace/trace
K del-port vif1.0
index=$(cat /sys/class/net/eth1/ifindex)
cp $trace/trace "$tmp/trace"
echo 0 >$trace/events/xnetman/enable
ok "a port's binding is traced" grep -q 'port: .*name=vif1.0 net=7 bound' "$tmp/trace"
ok "and its end" grep -q 'port: .*name=vif1.0 net=7 unbound' "$tmp/trace"
ok "a punishment is traced with its ratios" \
	grep -q "punish: net=7 ifindex=$index old=0 ppb new=500000000 ppb" "$tmp/trace"
dropped=$(share 7 eth1 dropped_packets)
near "half was dropped, within a few packets" "$dropped" 50 4
is "every drop is traced" "$(grep -c 'drop: net=7 .*len=300 B' "$tmp/trace")" "$dropped"

if [ "${XNETMAN_LAB:-}" != qemu ] || ! command -v perf >/dev/null; then
	skip "perf list shows the tracepoints" "perf events are in the QEMU lab's kernel only"
	skip "perf counts drops per network" "perf events are in the QEMU lab's kernel only"
	tap_done
fi
perf list 'xnetman:*' >"$tmp/list" 2>&1
ok "perf list shows the tracepoints" \
	test "$(grep -cE 'xnetman:(drop|lease|port|punish) ' "$tmp/list")" -eq 4
K port vif1.0 7
K push 60s 7 eth1 0.5
before=$(share 7 eth1 dropped_packets)
flows_reset
flow 1 vif1.0 "$(mac vif1.0)" 10.2.1.2 count 1000 pkt_size 300
flows_perf() {
	perf stat -a -x, -e xnetman:drop -o "$tmp/stat" -- \
		ip netns exec hosts sh -c 'echo start >/proc/net/pktgen/pgctrl'
}
flows_perf
is "perf counts every drop" "$(grep xnetman:drop "$tmp/stat" | cut -d, -f1)" \
	$(($(share 7 eth1 dropped_packets) - before))
tap_done
