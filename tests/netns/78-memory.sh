#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Dom0's memory as a resource, from the SLA to the routing table: a network keeps as many routes as it was sold, the most
# used ones, its router has the others' packets, and not one is lost while routes go and come back.
. "$(dirname "$0")/routers.sh"

many=10000 limit=4000
[ -z "${XNETMAN_LAB_DEBUG:-}" ] || many=1000 limit=400
rate=20000 # packets per second over all prefixes
[ -n "${XNETMAN_LAB_VIRTUAL:-}" ] || rate=3000
wanted=$((many + 2)) # and what is connected
conf=$tmp/conf
mkdir -p "$conf/networks.d"
cat >"$conf/xnetman.yaml" <<-END
	long_interval: 5s
	memory: $((3 * many))routes
	links: [{name: eth1, capacity: 1Gbit}, {name: eth2, capacity: 1Gbit}]
END
for n in 1 2; do
	cat >"$conf/networks.d/net$n.yaml" <<-END
		name: net$n
		data_path: split
		ports: [vif$n.0, vif$n.1]
		bandwidth: [{link: any, rc: 300Mbit, rl: 500Mbit}]
		memory: {rl: ${many}routes, rmax: $((2 * many))routes}
	END
done

prefixes() {
	awk -v n=$many 'BEGIN { for (i = 0; i < n; i++) printf "10.%d.%d.%d/30\n", 64 + i / 16384, i / 64 % 256, i % 64 * 4 }'
}
last=$(prefixes | tail -n 1)

by() { # direct|router: packets to the prefixes that came out that way
	H nft -j list chain netdev watch in | jq ".nftables[].rule? | select(.comment? == \"$1\").expr[].counter? | values.packets"
}

memory() { # KEY: of net1, in the last tick
	C -j status | jq ".resources[] | select(.name == \"memory\").networks[] | select(.name == \"net1\").$1"
}

shown() { # KEY VALUE: of net1's data plane
	[ "$(C -j plane show net1 | jq ".$1")" = "$2" ]
}

bridges_up
router 1
router 2
ip -n router1 route add 10.64.0.0/10 via 10.1.2.2
H nft -f - <<-END
	table netdev watch {
	  chain in {
	    type filter hook ingress device eth2-h priority 0;
	    ip daddr 10.64.0.0/10 ip ttl 31 counter comment "direct"
	    ip daddr 10.64.0.0/10 ip ttl 30 counter comment "router"
	  }
	}
END
daemon_up
ok "all vifs, VRFs and macvlans are ports" wait_for 20 bound 10
H ping -c 1 -W 1 10.1.1.1 >/dev/null
R 1 ping -c 1 -W 1 10.1.2.2 >/dev/null

# --- room for all ------------------------------------------------------------------------------

prefixes | jq -R '{to: ., via: "10.1.2.2", dev: "eth1"}' | jq -s . >"$tmp/routes"
plane 1 | jq --slurpfile more "$tmp/routes" '.routes = .routes[:2] + $more[0]' >"$tmp/plane"
C plane load net1 - <"$tmp/plane"
ok "net1 has all its $wanted routes in Dom0" wait_for 20 shown routes_held $wanted
ok "and Dom0 forwards by them" wait_for 10 state_is 1 forwarding
is "the module counts them" "$(counter '.[] | select(.kind == "network" and .name == "net1").routes')" $wanted
before=$(by router)
flow 1 eth1 02:00:00:00:01:00 10.64.0.1 dst_max "${last%/*}" flag IPDST_RND pkt_size 100 ratep $rate src_min 10.1.1.2 src_max 10.1.1.2
flows_start
sleep 6
is "none goes by the router" "$(($(by router) - before))" 0

# --- less than it asks for -----------------------------------------------------------------------

C network set net1 memory rl ${limit}routes rmax ${limit}routes
ok "sold $limit, it keeps $limit" wait_for 20 shown routes_held $limit
is "wants as many as before" "$(C -j plane show net1 | jq .routes_wanted)" $wanted
ok "what it asks for, is allowed and has is shown" wait_for 5 sh -c "xnetman-ctl -j status | jq -e '.resources[] |
	select(.name == \"memory\").networks[] | select(.name == \"net1\") |
	.demand_routes == $wanted and .allowed_routes == $limit and .throughput_routes == $limit'"
goes_by_router() { [ "$(by router)" -gt "$((before + 100))" ]; }
ok "packets to the others go by the router" wait_for 20 goes_by_router
table=$(C -j plane show net1 | jq .table)
if ip route add 10.200.0.0/16 dev xn1.1 table "$table" 2>"$tmp/refusal"; then refusal=none; else refusal=$(cat "$tmp/refusal"); fi
is "ip route can't pass the limit" "$refusal" "Error: xnetman: network net1 has $limit of $limit routes."
is "net2 is left alone" "$(C -j plane show net2 | jq '[.routes_wanted, .routes_held]' -c)" "[0,0]"
judged() { C -j history net1 count 50 | jq -e "[.[] | select(.resource == \"memory\" and .throughput_routes == $limit)] | length >= 1"; }
ok "the history has what it held" wait_for 15 judged

# --- and all again -----------------------------------------------------------------------------------

C network set net1 memory rl ${many}routes rmax $((2 * many))routes
ok "sold more, it has all again" wait_for 30 shown routes_held $wanted
sleep 1
before=$(by router)
sleep 2
is "and none goes by the router any more" "$(($(by router) - before))" 0
flows_stop
sleep 1
is "not one packet was lost in all of it" "$(($(by direct) + $(by router)))" "$(sent 1 eth1)"
flows_reset
daemon_down
tap_done
