#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A network with more routes than it may have keeps those that are used most. The others' packets go by the
# router, which the TTL shows; while routes go, stay away and come back, not one packet is lost.
. "$(dirname "$0")/lib.sh"

many=10000 limit=4000 huge=100000 idle=2000 busy=40000 seconds=20
[ -z "${XNETMAN_LAB_DEBUG:-}" ] || many=1000 limit=400 huge=5000 idle=200 busy=4000 seconds=16
# Fewer packets a second, so fewer routes: each of the busy ones is to be sampled a dozen times.
[ -n "${XNETMAN_LAB_VIRTUAL:-}" ] || many=2500 limit=1000 huge=20000 idle=500 busy=10000
hosts_up
module_load
K network 1 net1

# Packets come in by eth1. Held routes lead out of eth2; the default route to the router, which has them all
# and sends by its own way to the same place.
for dev in eth1 eth2 vif1.0; do wire $dev; done
ip netns add router
ip netns add far
ip -n hosts link set eth2-h netns far
ip -n hosts link set vif1.0-h netns router
ip link add out netns router type veth peer name out-h netns far
ip link add vrf1 type vrf table 1001
ip link set vrf1 up
for dev in eth1 eth2 vif1.0; do
	ip link set $dev master vrf1
	K port $dev 1
done
K port vrf1 1
for ns in router far; do
	ip netns exec $ns sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
	for dev in lo eth2-h vif1.0-h out out-h; do
		ip -n $ns link set $dev up 2>/dev/null || true
	done
done
ip -n router route add default via inet 192.0.2.1 dev out onlink
ip -n router neigh add 192.0.2.1 lladdr "$(ip netns exec far cat /sys/class/net/out-h/address)" dev out nud permanent
ip neigh add 192.0.2.2 lladdr "$(ip netns exec far cat /sys/class/net/eth2-h/address)" dev eth2 nud permanent
ip neigh add 192.0.2.3 lladdr "$(ip netns exec router cat /sys/class/net/vif1.0-h/address)" dev vif1.0 nud permanent
ip route add default via 192.0.2.3 dev vif1.0 onlink table 1001 metric 4294967295
ip netns exec far nft -f - <<-END
	table ip far {
		chain in {
			type filter hook prerouting priority 0;
			ip ttl 31 counter drop comment "direct"
			ip ttl 30 counter drop comment "router"
			ip protocol udp counter drop comment "other"
		}
	}
END

by() { # direct|router|other: packets that have arrived that way
	ip netns exec far nft -j list chain ip far in |
		jq ".nftables[].rule? | select(.comment? == \"$1\").expr[].counter? | values.packets"
}

net1() {
	counter ".[] | select(.kind==\"network\" and .net_id==1).$1"
}

address() { # NUMBER: of the first address of the prefix with it
	awk -v i="$1" 'BEGIN { printf "10.%d.%d.%d", 64 + i / 16384, i / 64 % 256, i % 64 * 4 }'
}

# routes N DEV GATEWAY: of the network, for the driver
routes() {
	awk -v n="$1" -v way="$2 $3" 'BEGIN {
		for (i = 0; i < n; i++)
			printf "set 10.%d.%d.%d/30 %s\n", 64 + i / 16384, i / 64 % 256, i % 64 * 4, way }'
}

driver_up() {
	coproc driver { exec drive-table; }
	driver_pid=$driver_PID
	tell open 1 1001
}

tell() { # COMMAND...: to the driver, and its answer
	echo "$*" >&"${driver[1]}"
	read -r -t 120 answer <&"${driver[0]}"
	echo "# $*: $answer"
}

held() {
	ip route show table 1001 proto 77 | awk '{ print $1 }' | sort
}

ranks() { # SECONDS: of the daemon's intervals
	local i
	for ((i = 0; i < $1; i++)); do
		sleep 1
		tell rank >/dev/null
	done
}

# --- all of them ----------------------------------------------------------------------------------
driver_up
routes $many eth2 192.0.2.2 >&"${driver[1]}"
tell end
tell limit $((2 * many))
is "$many routes are held" "$(net1 routes)" $many
tell stats
is "and all that are wanted" "$answer" "$many $many 0"

# --- traffic to every prefix, ten times as much to those at the end ----------------------------------
first_busy=$((many - limit))
mac1=$(mac eth1)
flow 1 eth1 "$mac1" 10.64.0.1 pkt_size 100 ratep $idle dst_max "$(address $many)" flag IPDST_RND
flow 2 eth1 "$mac1" "$(address $first_busy)" pkt_size 100 ratep $busy dst_max "$(address $many)" flag IPDST_RND
flows_start
ranks 2
is "with room for all none goes by the router" "$(by router)" 0

ranks $seconds
tell limit $limit
is "with a limit of $limit there are $limit" "$(net1 routes)" $limit
tell stats
is "and the network wants as many as before" "$answer" "$many $limit 0"
held >"$tmp/held"
kept=$(awk -F '[./]' -v first=$first_busy \
	'(($2 - 64) * 256 + $3) * 64 + $4 / 4 >= first { n++ } END { print n + 0 }' "$tmp/held")
near "of which nearly all are the most used" "$kept" "$limit" $((limit / 50))
before=$(by router)
came() { test "$(by router)" -gt "$((before + 100))"; }
ok "packets to those that are gone come by the router" wait_for 20 came
ranks 10
held >"$tmp/later"
changes=$(comm -3 "$tmp/held" "$tmp/later" | wc -l)
near "the choice rests while the use is the same" "$changes" 0 $((limit / 50))
is "never more than the limit" "$(net1 routes) $(net1 vetoed)" "$limit 0"

if ip route add 10.200.0.0/16 dev eth2 table 1001 2>"$tmp/refusal"; then refusal=none; else refusal=$(cat "$tmp/refusal"); fi
is "ip route can't pass the limit" "$refusal" "Error: xnetman: network net1 has $limit of $limit routes."

# --- another one becomes busy --------------------------------------------------------------------------
gone=$(comm -13 "$tmp/later" <(routes $first_busy - - | awk '{ print $2 }' | sort) | sed -n 1p)
flows_stop
flow 3 eth1 "$mac1" "${gone%/*}" pkt_size 100 ratep $((busy / 40))
flows_start
ranks 3
ok "a trimmed route that becomes busy comes back" grep -qx "$gone" <(held)
is "in another one's place" "$(net1 routes)" "$limit"

# --- the daemon goes and comes back ------------------------------------------------------------------------
held >"$tmp/held"
tell leave
wait "$driver_pid" 2>/dev/null || true
ok "without its daemon the network keeps what it has" diff <(held) "$tmp/held"
driver_up
tell limit $limit
tell begin
routes $many eth2 192.0.2.2 >&"${driver[1]}"
tell flush
tell end
tell flush
held >"$tmp/later"
is "a new one takes them over" "$(comm -12 "$tmp/held" "$tmp/later" | wc -l)" "$limit"

# --- and back --------------------------------------------------------------------------------------------
tell limit $((limit + limit / 4))
is "more room, more routes" "$(net1 routes)" $((limit + limit / 4))
tell limit 0
is "no room, no routes" "$(net1 routes)" 0
ranks 2
tell limit none
is "all the room, all the routes" "$(net1 routes)" $many
sleep 1
before=$(by router)
sleep 2
is "and no packet goes by the router any more" "$(($(by router) - before))" 0
flows_stop
sleep 1
is "nothing else arrived" "$(by other)" 0
arrived=$(($(by direct) + $(by router)))
is "not one packet is lost" "$arrived" "$(far eth1 tx_packets)"
flows_reset

# --- IPv6, next hops, foreign routes -------------------------------------------------------------------------
sysctl -qw net.ipv6.conf.all.disable_ipv6=0
for dev in eth1 eth2 vif1.0 vrf1; do echo 0 >"/proc/sys/net/ipv6/conf/$dev/disable_ipv6"; done
ip route add 10.201.0.0/16 dev eth2 table 1001
echo "set 2001:db8:1::/48 eth2 fe80::1 vif1.0 fe80::2" >&"${driver[1]}"
echo "set 10.202.0.0/16 eth2 192.0.2.2 vif1.0 192.0.2.3" >&"${driver[1]}"
echo "set 10.203.0.0/16 eth2 fe80::1" >&"${driver[1]}"
tell flush
is "IPv6 with two next hops" "$(ip -6 route show table 1001 2001:db8:1::/48 | grep -c nexthop)" 2
is "IPv4 with two next hops" "$(ip route show table 1001 10.202.0.0/16 | grep -c nexthop)" 2
is "IPv4 by an IPv6 gateway" "$(ip route show table 1001 10.203.0.0/16 | grep -c 'via inet6 fe80::1')" 1
echo "set 2001:db8:1::/48 eth2 fe80::3" >&"${driver[1]}"
tell flush
is "IPv6: another way replaces both" "$(ip -6 route show table 1001 2001:db8:1::/48 | grep -c 'via fe80::3')" 1
tell check
tell flush
tell stats
is "what is read back is what was written" "$answer" "$((many + 3)) $((many + 3)) 0"
echo "remove 10.202.0.0/16" >&"${driver[1]}"
tell close
is "what it put there goes at the end, what others did stays" "$(ip route show table 1001 | grep -c '^10')" 1

ip route del 10.201.0.0/16 table 1001

# --- very many ---------------------------------------------------------------------------------------------------
driver_up
routes $huge eth2 192.0.2.2 >&"${driver[1]}"
tell flush
is "$huge routes" "$(net1 routes)" $huge
tell limit $((huge / 2))
is "half of them" "$(net1 routes)" $((huge / 2))
tell limit none
is "and all again" "$(net1 routes)" $huge
tell close
wait "$driver_pid" 2>/dev/null || true
is "and none" "$(net1 routes)" 0
tap_done
