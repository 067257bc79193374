#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A network's routes are counted exactly, whatever makes or removes them, and one above its limit is
# refused with its name, whoever adds it. Where its packets go is sampled evenly.
. "$(dirname "$0")/lib.sh"

many=10000
[ -z "${XNETMAN_LAB_DEBUG:-}" ] || many=2000
hosts_up
sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0
sysctl -qw net.ipv6.conf.all.forwarding=1
module_load

vrf_up() { # NAME TABLE DEV...
	local vrf=$1 table=$2 dev
	shift 2
	ip link add "$vrf" type vrf table "$table"
	ip link set "$vrf" up
	for dev; do
		wire "$dev"
		ip link set "$dev" master "$vrf"
		ip addr add "10.1.${dev//[!0-9]/}.1/24" dev "$dev"
		ip addr add "2001:db8:${dev//[!0-9]/}::1/64" dev "$dev" nodad
	done
}

net1() { # FIELD: of network 1's record
	counter ".[] | select(.kind==\"network\" and .net_id==1).$1"
}

# routes N [FIRST]: prefixes for `ip -batch`
prefixes() {
	awk -v n="$1" -v first="${2:-0}" 'BEGIN {
		for (i = first; i < first + n; i++)
			printf "10.%d.%d.%d/30\n", 64 + i / 16384, i / 64 % 256, i % 64 * 4 }'
}

batch() { # COMMAND OPTIONS: on what prefixes prints
	sed "s|.*|route $1 & $2|" >"$tmp/batch"
	ip -batch "$tmp/batch"
}

# refused PROMISE PATTERN COMMAND...
refused() {
	local promise=$1 pattern=$2 got=0
	shift 2
	"$@" >"$tmp/refusal" 2>&1 || got=$?
	ok "$promise" said "$got" "$pattern"
}

said() { # STATUS PATTERN
	cat "$tmp/refusal"
	[ "$1" -ne 0 ] && grep -qE "$2" "$tmp/refusal"
}

vrf_up vrf1 1001 vif1.0 vif3.0
vrf_up vrf2 1002 vif2.0
ip route add 10.2.1.0/24 dev vif1.0 table 1001
ip route add 10.2.2.0/24 dev vif1.0 table 1001 metric 5
ip route add default via 10.1.10.9 dev vif1.0 table 1001 metric 4000
ip -6 route add 2001:db8:2::/48 dev vif1.0 table 1001
ip -6 route add default dev vif1.0 table 1001
K network 1 net1
K network 2 net2
K port vif1.0 1

# --- counting ------------------------------------------------------------------------------------
K table 1 1001
is "what was there before is counted, without default routes and the kernel's own" "$(net1 routes)" 3
is "there is no limit at first" "$(net1 route_limit)" null
ip route add 10.2.9.0/24 dev vif2.0 table 1002
is "another table's routes do not count" "$(net1 routes)" 3
ip route add 10.2.1.0/24 dev vif1.0 table 1001 metric 7
is "a second route to a prefix counts once" "$(net1 routes)" 3
ip route del 10.2.1.0/24 dev vif1.0 table 1001 metric 0
is "and so does the prefix when its best route has gone" "$(net1 routes)" 3
ip route del 10.2.1.0/24 dev vif1.0 table 1001 metric 7
is "and no more with its last route" "$(net1 routes)" 2
ip route add blackhole 10.3.0.0/16 table 1001
ip route add unreachable 10.3.1.0/24 table 1001
ip route add prohibit 10.3.2.0/24 table 1001
is "routes to nowhere are routes" "$(net1 routes)" 5
ip route replace 10.3.1.0/24 dev vif3.0 table 1001
is "a replaced route counts once" "$(net1 routes)" 5
ip route del 10.3.0.0/16 table 1001
ip route del 10.3.1.0/24 table 1001
ip route del 10.3.2.0/24 table 1001
is "and is gone when deleted" "$(net1 routes)" 2
ip addr add 10.9.9.1/24 dev vif3.0
ip addr add 2001:db8:99::1/64 dev vif3.0 nodad
is "an address of a device makes no route of the network's" "$(net1 routes)" 2
ip addr del 10.9.9.1/24 dev vif3.0
ip addr del 2001:db8:99::1/64 dev vif3.0

# next hops
ip route add 10.4.0.0/16 table 1001 nexthop via 10.1.10.8 dev vif1.0 nexthop via 10.1.30.8 dev vif3.0
is "a route with two next hops is one" "$(net1 routes)" 3
ip -6 route add 2001:db8:4::/48 table 1001 nexthop via 2001:db8:10::8 dev vif1.0 \
	nexthop via 2001:db8:30::8 dev vif3.0
is "IPv6: a route with two next hops is one" "$(net1 routes)" 4
ip -6 route append 2001:db8:4::/48 via 2001:db8:30::7 dev vif3.0 table 1001
is "IPv6: a third next hop is no other route" "$(net1 routes)" 4
ip -6 route del 2001:db8:4::/48 via 2001:db8:10::8 dev vif1.0 table 1001
is "IPv6: it stays while it has a next hop" "$(net1 routes)" 4
ip -6 route replace 2001:db8:4::/48 via 2001:db8:10::8 dev vif1.0 table 1001
is "IPv6: one next hop instead of two" "$(net1 routes)" 4
ip -6 route replace 2001:db8:4::/48 table 1001 nexthop via 2001:db8:10::8 dev vif1.0 \
	nexthop via 2001:db8:30::8 dev vif3.0
is "IPv6: and two instead of one" "$(net1 routes)" 4
ip -6 route del 2001:db8:4::/48 table 1001
is "IPv6: it goes with all of them" "$(net1 routes)" 3
ip nexthop add id 71 via 10.1.10.8 dev vif1.0
ip -6 nexthop add id 72 via 2001:db8:10::8 dev vif1.0
ip route add 10.5.0.0/16 nhid 71 table 1001
ip -6 route add 2001:db8:5::/48 nhid 72 table 1001
is "routes with nexthop objects count" "$(net1 routes)" 5
ip nexthop del id 71
ip nexthop del id 72
is "and go with their object" "$(net1 routes)" 3

# devices
ip route add 10.6.0.0/16 dev vif3.0 table 1001
ip -6 route add 2001:db8:6::/48 dev vif3.0 table 1001
is "routes by another device" "$(net1 routes)" 5
ip link del vif3.0
is "routes go with their device, also those with another next hop" "$(net1 routes)" 2
prefixes 100 | batch add "dev vif1.0 table 1001"
is "a batch is counted" "$(net1 routes)" 102
ip route flush table 1001 proto boot
is "and so is a flush" "$(net1 routes)" 1
ip -6 route flush table 1001 proto boot
is "IPv6: and so is a flush" "$(net1 routes)" 0

# --- the limit ------------------------------------------------------------------------------------
K table 1 1001 4
prefixes 4 | batch add "dev vif1.0 table 1001"
refused "the route above the limit is refused with the network's name" \
	'^Error: xnetman: network net1 has 4 of 4 routes\.' ip route add 10.7.0.0/16 dev vif1.0 table 1001
refused "IPv6: likewise" 'xnetman: network net1 has 4 of 4 routes\.' \
	ip -6 route add 2001:db8:7::/48 dev vif1.0 table 1001
refused "IPv6: with two next hops" 'xnetman: network net1 has 4 of 4 routes\.' \
	ip -6 route add 2001:db8:7::/48 table 1001 nexthop via 2001:db8:10::7 dev vif1.0 \
	nexthop via 2001:db8:10::8 dev vif1.0
is "the refused routes are not there" "$(ip route show table 1001 10.7.0.0/16
	ip -6 route show table 1001 2001:db8:7::/48)" ""
is "nor counted" "$(net1 routes)" 4
is "but as refused" "$(net1 vetoed)" 3
first=$(prefixes 1)
ok "a route can be replaced at the limit" ip route replace "$first" via 10.1.10.9 dev vif1.0 table 1001
is "and is replaced" "$(ip route show table 1001 "$first" | grep -c 'via 10.1.10.9')" 1
ok "a default route can be added at the limit" ip route add default via 10.1.10.9 dev vif1.0 \
	table 1001 metric 4000
ok "so can one of another network" ip route add 10.7.0.0/16 dev vif2.0 table 1002
ip route del "$first" table 1001
ok "one may come when one has gone" ip route add 10.7.0.0/16 dev vif1.0 table 1001
refused "and no second one" 'has 4 of 4 routes' ip route add 10.8.0.0/16 dev vif1.0 table 1001
K network 1 renamed
refused "the name is the present one" 'network renamed has 4 of 4' ip route add 10.8.0.0/16 dev vif1.0 table 1001
K network 1 net1
K table 1 1001 2
is "a lower limit removes none" "$(net1 routes)" 4
refused "but lets none in" 'network net1 has 4 of 2 routes' ip route add 10.8.0.0/16 dev vif1.0 table 1001
K table 1 1001
ok "without a limit any number" ip route add 10.8.0.0/16 dev vif1.0 table 1001
K table 1 1001 0
refused "a limit of 0 lets none in" 'network net1 has 5 of 0 routes' ip route add 10.9.0.0/16 dev vif1.0 table 1001

# --- whose table ----------------------------------------------------------------------------------
refused "Dom0's own tables can't be had" "Dom0's own" K table 1 254
refused "nor another network's" "another network's" K table 2 1001
refused "nor has a network that isn't there one" 'no network' K table 9 1003
K table 1 1002 100
is "another table is counted in its place" "$(net1 table) $(net1 routes)" "1002 2"
ok "the old one has no limit any more" ip route add 10.9.0.0/16 dev vif1.0 table 1001
K table 1 none
is "no table, no routes" "$(net1 table)" null
K table 1 1001 100
K del-network 1
ok "a network that goes takes its limit with it" batch add "dev vif1.0 table 1001" < <(prefixes 200 1000)
K network 1 net1
K port vif1.0 1

# --- samples --------------------------------------------------------------------------------------
ip route flush table 1001 proto boot
ip route add default via 10.1.10.9 dev vif1.0 table 1001 metric 4000
neigh vif1.0 10.1.10.9
K table 1 1001 100
refused "a network without limit is not sampled" 'no ROUTE_LIMIT' K samples 2
flow 1 vif1.0 "$(mac vif1.0)" 10.77.0.1 count 16000
flows_run
sampled() {
	K samples 1 | jq "[.[]] | add // 0"
}
is "one packet in 16 is sampled, and where it was to go is told" \
	"$(K samples 1 | jq -c 'map_values(. > 990 and . < 1010)')" '{"10.77.0.1":true}'
before=$(sampled)
flows_reset
flow 1 vif1.0 02:00:00:00:00:77 10.77.0.1 count 1600
flows_run
is "what the VRF does not route is not" "$(sampled)" "$before"

# --- many, and the module goes under them -------------------------------------------------------------
K table 1 1001 $((many - 1))
prefixes $many | batch add "dev vif1.0 table 1001" 2>"$tmp/many" || true
is "the last of $many routes is one too many" "$(net1 routes) $(grep -c "network net1 has $((many - 1)) of" "$tmp/many")" \
	"$((many - 1)) 1"
K table 1 1001
prefixes 1 $((many - 1)) | batch replace "dev vif1.0 table 1001"
is "$many routes" "$(net1 routes)" $many
rmmod xnetman
ok "the module goes while there are $many routes" true
module_load
K network 1 net1
K table 1 1001 $many
is "and counts them when it is back" "$(net1 routes)" $many
refused "and holds the limit" 'network net1 has' ip route add 10.8.0.0/16 dev vif1.0 table 1001
ip link del vrf1
ip route flush table 1001
is "the table goes with its VRF's devices" "$(net1 routes)" 0
churn() {
	local i
	for i in 1 2 3 4 5 6; do
		K table 2 1002 10 && K table 2 1003 && K table 2 none || return 1
	done
}
while ip route replace 10.7.0.0/16 dev vif2.0 table 1002 && ip route del 10.7.0.0/16 table 1002; do :; done &
routes_pid=$!
K network 2 net2
ok "tables come and go while routes change" churn
rmmod xnetman
kill $routes_pid
wait $routes_pid 2>/dev/null || true
ok "and the module may go meanwhile" true
tap_done
