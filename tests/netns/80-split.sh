#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Plane separation: Dom0 forwards for a router what the router would, the router keeps what is for itself,
# nothing is lost when a live network is switched or xnetmand is killed, nobody takes what is another's.
. "$(dirname "$0")/routers.sh"

# Mbit/s of packets that come while something is changed
mbit=80
[ -z "${XNETMAN_LAB_DEBUG:-}" ] || mbit=8
[ -n "${XNETMAN_LAB_VIRTUAL:-}" ] || mbit=16
conf=$tmp/conf
mkdir -p "$conf/networks.d"
cat >"$conf/xnetman.yaml" <<-END
	policy: off
	links:
	  - name: eth1
	    capacity: 1Gbit
	  - name: eth2
	    capacity: 1Gbit
END
for n in 1 2; do
	cat >"$conf/networks.d/net$n.yaml" <<-END
		name: net$n
		ports: [vif$n.0, vif$n.1]
		bandwidth:
		  - link: any
		    rc: 100Mbit
	END
done

# What arrives behind the routers, by its TTL: pktgen sends with 32, so 31 has passed one, 30 two.
watch() {
	H nft -f - <<-END
		table netdev watch {
		  chain in { type filter hook ingress device eth2-h priority 0; }
		}
		flush chain netdev watch in
		$(for n in 1 2; do for net in 8 9; do for ttl in 30 31; do
			echo "add rule netdev watch in ip daddr 10.$n$net.0.0/16 ip ttl $ttl counter comment \"n$n$net-$ttl\""
		done; done; done)
	END
}

seen() { # N NET TTL: since watch
	H nft -j list chain netdev watch in |
		jq ".nftables[].rule | select(.comment == \"n$1$2-$3\").expr[].counter | select(.).packets"
}

stream() { # N NET COUNT [RATE]: from behind eth1, through router N
	flow "$1" eth1 "02:00:00:00:0$1:00" "10.$1$2.0.2" rate "${4:-30}" count "$3" pkt_size 1000 src_min "10.$1.1.2" src_max "10.$1.1.2"
}

# Packets of network 1 that come steadily from live_start until live_stop, which says in $live how many there were.
live_start() {
	watch
	stream 1 9 0 $mbit
	flows_start
	sleep 0.3
}

live_stop() {
	sleep 0.3
	flows_stop
	live=$(sent 1 eth1)
	flows_reset
	ok "packets came all the while: $live" test "$live" -gt 100
}

bridges_up
router 1
router 2
watch
# somebody else's filter, which is to stay
tc qdisc add dev eth1 clsact
tc filter add dev eth1 ingress prio 5 protocol ip flower dst_ip 203.0.113.1 action drop
tc filter show dev eth1 ingress >"$tmp/filters"
for n in 1 2; do
	ok "router $n answers" wait_for 10 H ping -c 1 -W 1 10.$n.1.1
	H ping -c 1 -W 1 10.$n.2.1 >/dev/null
	R $n ping -c 1 -W 1 10.$n.2.2 >/dev/null
done
daemon_up
ok "all vifs are ports" wait_for 10 bound 4

# vm
stream 1 9 1000
flows_run
flows_reset
is "vm: the router forwards" "$(seen 1 9 31)" 1000
fails() { ! "$@"; }
ok "a network with data path vm has no plane" fails C plane show net1

# split, before the router told anything
C network set net1 data_path split
ok "split: without a data plane all goes through the router" wait_for 10 state_is 1 "waiting for the router"
ok "the VRF and the macvlans are ports" wait_for 10 bound 7
watch
stream 1 9 1000
flows_run
flows_reset
is "and nothing is lost" "$(seen 1 9 31)" 1000

# eth2 has no clsact yet: to make one the kernel takes the device's qdiscs out of work
live_start
plane 1 | C plane load net1 -
ok "with one Dom0 forwards" wait_for 10 state_is 1 forwarding
live_stop
is "the first time, too, not one packet is lost" "$(($(seen 1 9 31) + $(seen 1 9 30)))" "$live"
watch
vif=$(near_end vif1.0 tx_packets)
share0=$(share 1 eth2 offered_packets)
stream 1 9 5000
flows_run
flows_reset
is "every packet arrives, its TTL one less" "$(seen 1 9 31)" 5000
near "none through the router (but ARP)" "$(near_end vif1.0 tx_packets)" "$vif" 10
is "counted for the network on the link" "$(($(share 1 eth2 offered_packets) - share0 >= 5000))" 1
is "its VRF has the route" "$(ip -j route show table "$(C -j plane show net1 | jq .table)" 10.19.0.0/16 | jq -r '.[0].dev')" xn1.1
stream 1 8 1000
watch
flows_run
flows_reset
is "what Dom0 has no route for goes through both" "$(seen 1 8 30)" 1000

# what is the router's own
ok "the router answers at both addresses" H sh -c 'ping -c 3 -i 0.2 10.1.1.1 && ping -c 3 -i 0.2 10.1.2.1'
H ip neigh flush dev eth1-h
ok "and to ARP, with its MAC" H sh -c 'ping -c 1 10.1.1.1 && ip neigh show 10.1.1.1 | grep -q 02:00:00:00:01:00'
R 1 nft -f - <<-END
	table netdev heard {
	  chain in {
	    type filter hook ingress device eth0 priority 0;
	    ip daddr 224.0.0.5 counter comment "mcast"
	    ip daddr 10.19.0.9 counter comment "ttl1"
	    ip daddr 10.19.0.2 counter comment "transit"
	  }
	}
END
heard() {
	R 1 nft -j list chain netdev heard in |
		jq ".nftables[].rule | select(.comment == \"$1\").expr[].counter | select(.).packets"
}
H ping -c 2 -i 0.2 -W 1 -I eth1-h 224.0.0.5 >/dev/null || true
is "multicast reaches the router" "$(heard mcast)" 2
H ip route add 10.19.0.9 via 10.1.1.1
H ping -c 2 -i 0.2 -W 1 -t 1 10.19.0.9 >"$tmp/ping" || true
is "so does what has no hop left, and the router tells so" "$(heard ttl1) $(grep -c 'From 10.1.1.1.*Time to live exceeded' "$tmp/ping")" "2 2"
ip addr add 10.19.0.2/32 dev eth1
passes() { tc filter show dev eth1 ingress | grep 'dst_ip 10.19.0.2'; }
ok "an address that Dom0 gets is noticed" wait_for 10 passes
watch
stream 1 9 500
flows_run
flows_reset
is "and packets to it are not taken for Dom0's" "$(seen 1 9 31) $(heard transit)" "500 500"
ip addr del 10.19.0.2/32 dev eth1

# the other network
watch
stream 1 9 3000
stream 2 9 3000
flows_run
flows_reset
is "the other network's packets go as they did" "$(seen 2 9 31) $(seen 1 9 31)" "3000 3000"

# IPv6
for at in 1:1::1/eth0 1:2::1/eth1; do
	ip -n router1 addr add "fd00:${at%/*}/64" dev "${at#*/}" nodad
done
ip -n router1 route add fd19::/16 via fd00:1:2::2
R 1 sysctl -qw net.ipv6.conf.all.forwarding=1
H sysctl -qw net.ipv6.conf.eth1-h.disable_ipv6=0 net.ipv6.conf.eth2-h.disable_ipv6=0
ip -n hosts addr add fd00:1:1::2/64 dev eth1-h nodad
ip -n hosts addr add fd00:1:2::2/64 dev eth2-h nodad
H nft add rule netdev watch in ip6 daddr fd19::/16 ip6 hoplimit 31 counter comment n1v6-31
R 1 nft add rule netdev heard in ip6 daddr fd19::/16 counter comment transit6
sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0
plane6() {
	plane 1 | jq '.interfaces[0].addresses += ["fd00:1:1::1"] | .interfaces[1].addresses += ["fd00:1:2::1"] |
		.routes += [{"to": "fd00:1:1::/64", "dev": "eth0"}, {"to": "fd00:1:2::/64", "dev": "eth1"},
			{"to": "fd19::/16", "via": "fd00:1:2::2", "dev": "eth1"}]'
}
stream6() {
	stream 1 9 1000
	pg eth1-h@1 "dst6 fd19::9"
	pg eth1-h@1 "src6 fd00:1:1::2"
	flows_run
	flows_reset
}
# The data plane is made anew, so that its macvlans have IPv6.
C network set net1 data_path vm
C network set net1 data_path split
plane6 | C plane load net1 -
ok "split again" wait_for 10 state_is 1 forwarding
stream6
is "IPv6: as long as Dom0 does not forward it the router does" "$(seen 1 v6 31) $(heard transit6)" "1000 1000"
sysctl -qw net.ipv6.conf.all.forwarding=1
C reload
stream6
is "then Dom0" "$(seen 1 v6 31) $(heard transit6)" "2000 1000"
ok "the router answers" H sh -c 'ping -6 -c 2 -i 0.2 fd00:1:1::1 && ping -6 -c 2 -i 0.2 fd00:1:2::1'
H ip -6 neigh flush dev eth1-h
ok "and to neighbour discovery, with its MAC" H sh -c 'ping -6 -c 1 fd00:1:1::1 && ip neigh show fd00:1:1::1 | grep -q 02:00:00:00:01:00'

# live: back and forth, again and again, while packets come steadily
live_start
for round in 1 2 3; do
	C network set net1 data_path vm
	sleep 0.3
	C network set net1 data_path split
	plane 1 | C plane load net1 -
	sleep 0.3
done
live_stop
is "switched back and forth, not one packet is lost" "$(($(seen 1 9 31) + $(seen 1 9 30)))" "$live"
ok "and Dom0 forwards again" wait_for 10 state_is 1 forwarding

# killed
heard0=$(heard transit)
live_start
daemon_down -KILL
sleep 0.5
daemon_up
is "a new xnetmand takes over what forwards" "$(state 1)" "forwarding, waiting for the router"
sleep 0.5
plane 1 | C plane load net1 -
ok "and goes on with what the router tells" wait_for 10 state_is 1 forwarding
live_stop
is "killed and started again, not one packet is lost" "$(seen 1 9 31)" "$live"
is "and Dom0 forwarded them all" "$(heard transit)" "$heard0"

# somebody else's MAC
C network set net2 data_path split
ok "net2 is split" wait_for 10 state_is 2 "waiting for the router"
plane 2 02:00:00:00:01:00 | C plane load net2 -
watch
stream 1 9 1000
stream 2 9 1000
flows_run
flows_reset
is "a router that claims another's MAC gets nothing of it" "$(seen 1 9 31)" 1000
is "and its own goes on" "$(seen 2 9 31)" 1000
ok "it has no interface by that" test "$(C -j plane show net2 | jq '[.ports[] | select(.mac == "02:00:00:00:01:00")] | length')" = 0
plane 2 "$(mac eth1)" | C plane load net2 -
ok "nor by one of Dom0's" test "$(C -j plane show net2 | jq -r '[.ports[] | select(.interface == "eth0")] | length')" = 0
plane 2 | C plane load net2 -
ok "with its own it forwards" wait_for 10 state_is 2 forwarding

# one MAC, two networks: the other router moves to it (in a bridge the last who spoke has it)
ip -n router2 link set eth0 address 02:00:00:00:01:00
R 2 ping -c 1 -W 1 10.2.1.2 >/dev/null || true
plane 2 02:00:00:00:01:00 | C plane load net2 -
contested() { C -j plane show net$1 | jq -e '.ports[] | select(.contested)'; }
ok "one MAC in two networks is contested" wait_for 10 contested 1
ok "in both" contested 2
is "there is one warning" "$(grep -c 'both have a router with MAC 02:00:00:00:01:00' "$tmp/daemon.log")" 1
ok "and nothing to that MAC is diverted" sh -c '! tc filter show dev eth1 ingress | grep -q 02:00:00:00:01:00'
ip -n router2 link set eth0 address 02:00:00:00:02:00
R 2 ping -c 1 -W 1 10.2.1.2 >/dev/null || true
R 1 ping -c 1 -W 1 10.1.1.2 >/dev/null || true
plane 2 | C plane load net2 -
ok "corrected, both forward" wait_for 10 state_is 1 forwarding
ok "net2, too" state_is 2 forwarding

# the router's rules
rules='[{"table": {"family": "ip", "name": "fw"}},
 {"chain": {"family": "ip", "table": "fw", "name": "fwd", "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}},
 {"rule": {"family": "ip", "table": "fw", "chain": "fwd", "handle": 3, "expr": [
  {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "eth0"}},
  {"match": {"op": "==", "left": {"meta": {"key": "oifname"}}, "right": "eth1"}},
  {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "daddr"}}, "right": {"prefix": {"addr": "10.19.0.0", "len": 24}}}},
  {"counter": {"packets": 0, "bytes": 0}}, {"accept": null}]}}]'
plane 1 "" "$rules" | C plane load net1 -
ok "rules are put into a table of the network" nft list table inet xnetman-net1
is "they are counted" "$(C -j plane show net1 | jq .rules)" 1
watch
stream 1 9 1000
stream 2 9 1000
flows_run
flows_reset
is "what they accept passes, what the other network sends too" "$(seen 1 9 31) $(seen 2 9 31)" "1000 1000"
is "the rule saw it" "$(nft -j list table inet xnetman-net1 | jq '[.nftables[].rule | select(.chain == "ip-fw-fwd").expr[].counter | select(.).packets] | add')" 1000
plane 1 "" "$(sed 's/10.19.0.0/10.19.1.0/' <<<"$rules")" | C plane load net1 -
watch
stream 1 9 1000
flows_run
flows_reset
is "what they do not accept does not" "$(seen 1 9 31)" 0
stream 1 8 1000
flows_run
flows_reset
is "what the router forwards itself it judges itself" "$(seen 1 8 30)" 1000
nft list table inet xnetman-net1 | grep -v counter >"$tmp/before"
bad=$(sed 's/{"accept": null}/{"queue": null}/' <<<"$rules")
ok "a ruleset that cannot be carried is refused" sh -c '! xnetman-ctl plane load net1 -' <<<"$(plane 1 "" "$bad")"
is "and says so" "$(plane 1 "" "$bad" | C plane load net1 - 2>&1 | grep -c 'ip fw fwd handle 3: queue is not carried')" 1
nft list table inet xnetman-net1 | grep -v counter >"$tmp/after"
ok "the rules before it are in force" cmp "$tmp/before" "$tmp/after"
ok "its packets go through the router" wait_for 10 state_is 1 "rules refused"
watch
heard0=$(heard transit)
stream 1 9 1000
flows_run
flows_reset
is "where they pass by its own" "$(seen 1 9 31) $(($(heard transit) - heard0))" "1000 1000"

# what is left
C network del net2
C network set net1 data_path vm
gone() { ! ip -br link | grep '^xn' && ! nft list tables | grep xnetman && ! ip route show table all | grep 'table 78600'; }
ok "at the end no device, table or rule is left" wait_for 10 gone
tc filter show dev eth1 ingress >"$tmp/filters-after"
ok "and the filter that was there before is as it was" cmp "$tmp/filters" "$tmp/filters-after"
C link del eth1
C link del eth2
is "with the links the qdisc that was made is gone, the other stays" "$(tc qdisc show dev eth2 | grep -c clsact) $(tc qdisc show dev eth1 | grep -c clsact)" "0 1"
daemon_down
[ -z "${SHOW_LOG:-}" ] || cat "$tmp/daemon.log" >&2
tap_done
