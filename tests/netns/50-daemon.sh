#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# xnetmand under load: decisions reach the kernel, changes keep counters and the long interval's
# account, a killed daemon's punishments end, and a new one takes over.
. "$(dirname "$0")/lib.sh"

conf=$tmp/conf
mkdir -p "$conf/networks.d"
# In real time so long that a kill and a restart fit into one, on a slow machine, too.
il=15s
[ -n "${XNETMAN_LAB_VIRTUAL:-}" ] || il=30s
cat >"$conf/xnetman.yaml" <<-END
	long_interval: $il
	links:
	  - name: eth1
	    capacity: 100Mbit
END
cat >"$conf/networks.d/net1.yaml" <<-END
	name: net1
	ports: [vif1.0]
	bandwidth:
	  - link: eth1
	    rc: 5Mbit
	    rl: 35Mbit
END
cat >"$conf/networks.d/net2.yaml" <<-END
	name: net2
	ports: [vif2.0]
	bandwidth:
	  - link: any
	    rc: 10Mbit
END

hosts_up
bus_up
networks_up 30 30

net() { # NETWORK FIELD, on eth1
	C -j status | jq -r ".links[0].networks[] | select(.name==\"$1\") | .$2"
}

ok "without the module the daemon says so" sh -c \
	"xnetmand --config $conf --state $tmp/state --history none 2>&1 | grep -q 'modprobe xnetman'"
module_load
daemon_up
is "ports are bound" "$(C -j port list | jq '[.[] | select(.ifindex > 0)] | length')" 2
flows_start

punished() { test "$(net net2 ratio | cut -c1-4)" = 0.66; }
ok "net2 (30M offered, 10M sold) is punished by 2/3" wait_for 10 punished
near "net1 is not" "$(net net1 ratio)" 0 0
near "net2 has no weight" "$(net net2 weight)" 0 0
near "net2's allowed rate" "$(net net2 allowed_bps)" 10000000 1
share_ratio() { counter '.[] | select(.kind=="share" and .ratio > 0.6).ratio'; }
told() { test -n "$(share_ratio)"; }
ok "the ratio is in the kernel" wait_for 10 told

# changes while running
before=$(net net1 offered_packets)
C network set net2 link any rc 15Mbit
near_half() { C -j status | jq -e '.links[0].networks[] | select(.name=="net2").ratio | . > 0.49 and . < 0.51'; }
ok "a changed reservation takes effect" wait_for 10 near_half
ok "and is in the file" grep -q 15Mbit "$conf/networks.d/net2.yaml"
ok "counters went on" test "$(net net1 offered_packets)" -gt "$before"
C network add net3 port vif3.0 link eth1 rc 1Mbit rl 2Mbit
ok "a new network is there" test -n "$(net net3 rl_bps)"
is "its port waits for its device" "$(C -j port list | jq '.[] | select(.device=="vif3.0").ifindex')" 0
wire vif3.0
bound() { test "$(C -j port list | jq '.[] | select(.device=="vif3.0").ifindex')" -gt 0; }
ok "and is bound when the device comes" wait_for 10 bound
ip link del vif3.0
unbound() { test "$(C -j port list | jq '.[] | select(.device=="vif3.0").ifindex')" = 0; }
ok "and unbound when it goes" wait_for 10 unbound
C network del net3
ok "a deleted network is gone, file and all" test ! -e "$conf/networks.d/net3.yaml"
ok "and from the kernel" sh -c "! xnetman-ctl kernel counters | jq -e '.[] | select(.name==\"net3\")'"
echo 'nonsense: true' >"$conf/networks.d/net4.yaml"
ok "a reload with a mistake is refused" sh -c '! xnetman-ctl reload'
ok "and says file, line and key" sh -c 'xnetman-ctl reload 2>&1 | grep -q "net4.yaml:1: nonsense"'
ok "and everything goes on" test -n "$(net net2 ratio)"
rm "$conf/networks.d/net4.yaml"
ok "a reload without one is taken" C reload

# a reader and a stranger
ok "anyone may read" setpriv --reuid 65534 --clear-groups xnetman-ctl status
ok "a stranger may not write" sh -c '! setpriv --reuid 65534 --clear-groups xnetman-ctl network del net1'
ok "nor push to the kernel" sh -c '! setpriv --reuid 65534 --clear-groups xnetman-ctl kernel push 1s'
ok "nobody deleted anything" test -e "$conf/networks.d/net1.yaml"
ok "a member of the group may write" setpriv --reuid 65534 --groups 990 xnetman-ctl reload
ok "a second daemon is refused" sh -c "! timeout 20 xnetmand --config $conf --state $tmp/state --history none"
ok "the interface can be introspected" sh -c \
	'busctl introspect org.xnetman1 /org/xnetman1 | grep -q "\.GetStatus *method"'

# signals
C monitor --ticks >"$tmp/monitor" 2>&1 &
monitor=$!
sleep 1
C network set net2 link any rc 3Mbit
ok "a new punishment is signalled" wait_for 10 grep -q "punished *net2" "$tmp/monitor"
kill $monitor
ok "a tick has a line for the link" grep -q 'eth1 .*% .*Il .*net1' "$tmp/monitor"
ok "and none for CPU and memory, which have no capacity" sh -c "! grep -E 'cpu|memory' $tmp/monitor"

# killed
used() { net net1 used_bits | cut -d. -f1; }
ok "some of this Il is used" wait_for 60 sh -c "test \"\$(xnetman-ctl -j status | jq '.elapsed >= 3 and .elapsed <= 6')\" = true"
used0=$(used) elapsed0=$(C -j status | jq .elapsed)
daemon_down -KILL
punishments() { counter '[.[].ratio // 0] | add'; }
gone() { test "$(punishments)" = 0; }
ok "killed, its punishments are gone within the lease" wait_for 4 gone
dropped=$(share 2 eth1 dropped_packets)
sleep 0.5
ok "and everything passes" test "$(counter '[.[] | select(.kind=="share").dropped_packets] | add')" -ge "${dropped:-0}"
daemon_up
again() { C -j status | jq -e '.links[0].networks[] | select(.name=="net2") | .ratio > 0.5'; }
ok "restarted, punishments are back" wait_for 10 again
ok "networks kept their counters" test "$(net net1 offered_packets)" -gt "$before"
ok "the account of the long interval goes on" awk -v u="$(used)" -v u0="$used0" 'BEGIN { exit !(u > u0) }'
near "its elapsed time too (used / elapsed is net1's 30 Mbit/s)" \
	"$(C -j status | jq '(.links[0].networks[] | select(.name=="net1").used_bits) / .elapsed / 1e6')" 30 2.5
closed() { C -j history net2 | jq -e 'length > 0'; }
ok "the long interval is closed into the history" wait_for 60 closed

# a clean stop ends punishments at once
daemon_down
is "a clean stop ends punishments" "$(punishments)" 0
daemon_up
rmmod xnetman
ok "the module goes away: the daemon lives" wait_for 5 C -j info
sleep 2
module_load
ok "and comes back: all is applied again" wait_for 10 again
both_bound() { test "$(C -j port list | jq '[.[] | select(.ifindex > 0)] | length')" = 2; }
ok "ports are bound again" wait_for 10 both_bound
daemon_down
flows_stop
tap_done
