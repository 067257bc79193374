#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A network that moves to another machine takes its account with it: what it used there counts here.
. "$(dirname "$0")/lib.sh"

conf=$tmp/conf
mkdir -p "$conf/networks.d"
printf 'long_interval: 60s\nlinks: [{name: eth1, capacity: 100Mbit}]\n' >"$conf/xnetman.yaml"
hosts_up
bus_up
wire vif1.0
wire eth1
ip addr add 10.1.1.1/24 dev vif1.0
ip route add 10.2.1.0/24 dev eth1
neigh eth1 10.2.1.2
flow 1 vif1.0 "$(mac vif1.0)" 10.2.1.2 rate 30
module_load
daemon_up
B() { # METHOD ARGUMENT...
	busctl call org.xnetman1 /org/xnetman1 org.xnetman1.Manager "$@"
}
define() {
	xnetman-ctl network add net1 port vif1.0 link eth1 rc 1Mbit rl 40Mbit
}
used() {
	xnetman-ctl -j status | jq '.links[0].networks[] | select(.name == "net1").used_bits'
}
elapsed() {
	xnetman-ctl -j status | jq .elapsed
}
average() { # of eth1, as GetAccount tells it
	B GetAccount s net1 | grep -oP '"eth1" \K[^ ]+'
}
# TICKS more. They come by the clock; to look for each would take a slow machine longer than they last.
ticked() {
	sleep "$1"
}
define
# early in an interval, so that none begins before the test is over
ticked "$(elapsed | awk '{ print 60 - int($1) + 1 }')"
flows_start
ticked 8
account=$(B GetAccount s net1)
ok "an account is told, of each link and resource" grep -qE '^a\(sd\) 3 "eth1" [0-9.e+]+ "cpu" [0-9.e+-]+ "memory" 0$' <<<"$account"
mean=$(average)
ok "it is what was used, by the time that has gone by ($mean)" awk -v m="$mean" -v u="$(used)" -v e="$(elapsed)" \
	'BEGIN { exit !(m > 1e6 && m * e > u * 0.8 && m * e < u * 1.25) }'
flows_stop
xnetman-ctl network delete net1
define
ticked 1
ok "elsewhere, it begins with nothing" awk -v u="$(used)" 'BEGIN { exit !(u < 1e6) }'
# as xnetman-vms does it: an answer is what busctl takes as arguments
eval "set -- ${account#a(sd) }"
ok "it takes its account along" B TakeAccount 'sa(sd)' net1 "$@"
near "which is its average for all of this interval so far" "$(used)" "$(awk -v m="$mean" -v e="$(elapsed)" 'BEGIN { print m * e }')" \
	"$(awk -v m="$mean" 'BEGIN { print m * 2 }')"
before=$(used)
ok "less than it has used here" B TakeAccount 'sa(sd)' net1 1 eth1 1
is "changes nothing" "$(used)" "$before"
ok "a link that is not here is passed over" B TakeAccount 'sa(sd)' net1 1 eth9 5e6
for bad in nan inf -1 1e12; do
	ok "no network uses $bad of a link: refused" sh -c "! busctl call org.xnetman1 /org/xnetman1 org.xnetman1.Manager \
		TakeAccount 'sa(sd)' net1 2 cpu 0.1 eth1 $bad"
done
is "and nothing was changed" "$(used)" "$before"
ok "nor is there another network" sh -c "! busctl call org.xnetman1 /org/xnetman1 org.xnetman1.Manager TakeAccount 'sa(sd)' net9 0"
daemon_down -KILL
daemon_up
ok "it survives the daemon" awk -v u="$(used)" -v b="$before" 'BEGIN { exit !(u >= b) }'
flows_reset
daemon_down
tap_done
