#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The provider's QoS: packets find their class by the priority that the module gives them, no priority takes
# anybody's guarantee, shapers delay and limiters drop, and nothing is lost when any of it changes.
. "$(dirname "$0")/lib.sh"

# A link of 100 Mbit/s: the device nic1 on a wire that is that fast and has a queue of 1000 frames, as a NIC has.
C=100
[ -n "${XNETMAN_LAB_VIRTUAL:-}" ] && [ -z "${XNETMAN_LAB_DEBUG:-}" ] || C=10
mbit() { echo "$(($1 * C / 100))Mbit"; }

conf=$tmp/conf
mkdir -p "$conf/networks.d"
cat >"$conf/xnetman.yaml" <<-END
	policy: off
	links:
	  - name: nic1
	    capacity: $(mbit 100)
END
define() { # N RC
	cat >"$conf/networks.d/net$1.yaml" <<-END
		name: net$1
		ports: [vif$1.0]
		bandwidth:
		  - link: nic1
		    rc: $(mbit "$2")
		    rl: $(mbit 100)
	END
}
define 1 10
define 2 30
define 3 50

hosts_up
need_modules_qos() {
	local m
	for m in macvlan sch_htb sch_netem sch_tbf cls_basic act_police; do
		modprobe -q $m 2>/dev/null || true
	done
}
need_modules_qos
bus_up
for id in 1 2 3; do
	wire vif$id.0
	ip addr add 10.1.$id.1/24 dev vif$id.0
done
# the far end of the wire is a host of its own, which answers
ip netns add far
ip link add wire1 type veth peer name wire1-h netns far
ip link set wire1 up
ip -n far link set lo up
ip -n far link set wire1-h up
ip -n far addr add 10.2.0.9/16 dev wire1-h
ip -n far route add 10.1.0.0/16 via 10.2.0.1
tc qdisc add dev wire1 root netem rate "$(mbit 100 | tr M m)" limit 1000
ip link add link wire1 name nic1 type macvlan mode passthru
ip link set nic1 up
ip addr add 10.2.0.1/16 dev nic1
for id in 1 2 3; do
	ip neigh replace 10.2.$id.2 lladdr 02:00:00:00:00:99 dev nic1 nud permanent
done
# no ARP: whatever arrives was sent by a network, or by a ping of this test
ip neigh replace 10.2.0.9 lladdr "$(ip netns exec far cat /sys/class/net/wire1-h/address)" dev nic1 nud permanent
ip -n far neigh replace 10.2.0.1 lladdr "$(mac nic1)" dev wire1-h nud permanent
ip netns exec hosts ip addr add 10.1.1.2/24 dev vif1.0-h
ip netns exec hosts ip route add 10.2.0.9/32 via 10.1.1.1

C() {
	xnetman-ctl "$@"
}

qos() { # JQ-FILTER
	C -j qos show | jq -r "$1"
}

class() { # NETWORK FIELD
	qos ".links[0].classes[] | select(.network==\"$1\").$2"
}

root_of() { # DEVICE
	tc -j qdisc show dev "$1" | jq -r '.[] | select(.root).kind'
}

far_packets() {
	ip netns exec far cat /sys/class/net/wire1-h/statistics/rx_packets
}

# load NET1 NET2 NET3: percent of the link that each offers, from now on
load() {
	local id=0 rate
	flows_reset
	for rate; do
		id=$((id + 1))
		[ "$rate" = 0 ] || flow $id vif$id.0 "$(mac vif$id.0)" 10.2.$id.2 \
			ratep "$((rate * C * 1000000 / 100 / 8 / 1514))"
	done
	flows_start
}

# What networks sent besides what was dropped anywhere, which has to arrive.
offered() {
	counter '[.[] | select(.kind=="share") | .offered_packets - .dropped_packets] | add'
}
dropped() {
	tc -s -j qdisc show dev nic1 root | jq '.[0].drops // 0'
}
wire_dropped() {
	tc -s -j qdisc show dev wire1 root | jq '.[0].drops // 0'
}
# settle BASE: all that was sent since is at the far end, but what queues dropped
accounted() {
	[ "$(far_packets)" -eq $(($(offered) - $1 - $(dropped) - $(wire_dropped))) ]
}

module_load
daemon_up

# --- the tree comes and goes ----------------------------------------------------------------

is "no priorities: no tree" "$(qos '.links[0].state')" off
is "and the device has the qdisc that it had" "$(root_of nic1)" noqueue
load 20 20 20
sleep 1
C qos set net1 link nic1 priority 7
is "a priority makes a tree" "$(qos '.links[0].state')" on
is "it is an HTB" "$(root_of nic1)" htb
sleep 1
C link set nic1 qos off
is "qos off: the qdisc is what it was" "$(root_of nic1)" noqueue
is "and packets are, too" "$(counter '[.[] | select(.kind=="share").priority] | add')" 0
C link set nic1 qos auto
is "qos auto: it is there again" "$(root_of nic1)" htb
sleep 1
flows_stop
ok "nothing was lost by all that" wait_for 10 accounted 0
for id in 1 2 3; do
	is "net$id: its class is told by the module" \
		"$(counter ".[] | select(.kind==\"share\" and .net_id==$id).priority" | xargs printf '%x')" 7f00"$(printf '%04x' $(((id - 1) * 16 + 8)))"
done

# --- classes --------------------------------------------------------------------------------

declare -A base
for id in 1 2 3; do
	base[$id]="$(class net$id sent_packets) $(share $id nic1 offered_packets)"
done
load 10 10 10
sleep 2
flows_stop
sleep 1
for id in 1 2 3; do
	read -r sent offered_before <<<"${base[$id]}"
	is "net$id: its class has sent what it offered" "$(($(class net$id sent_packets) - sent))" \
		"$(($(share $id nic1 offered_packets) - offered_before))"
done
host=$(class "" sent_packets)
ping -c 3 -i 0.2 10.2.0.9 >/dev/null
ok "Dom0's own packets have a class of their own" test "$(class "" sent_packets)" -ge $((host + 3))

# --- guarantees -----------------------------------------------------------------------------

# rates SECONDS: bit/s of each network, as the classes sent
rates() {
	local id a b since until
	a=$(C -j qos show)
	since=$EPOCHREALTIME
	sleep "$1"
	b=$(C -j qos show)
	until=$EPOCHREALTIME
	for id in 1 2 3; do
		jq -n --argjson a "$a" --argjson b "$b" --arg n net$id --argjson s "$(awk "BEGIN { print $until - $since }")" \
			'def v(x): x.links[0].classes[] | select(.network==$n).sent_bytes; (v($b) - v($a)) * 8 / $s'
	done
}
M=$((C * 10000)) # a percent of the link
load 150 30 50
sleep 1
mapfile -t v < <(rates 10)
flows_stop
near "net1 floods with the highest priority: net2 has its Rc" "${v[1]}" $((30 * M)) $((30 * M / 100))
near "and so has net3" "${v[2]}" $((50 * M)) $((50 * M / 100))
ok "and net1 has the rest (${v[0]} bit/s)" awk -v v="${v[0]}" -v m=$M 'BEGIN { exit !(v > 19 * m && v < 20.5 * m) }'
sleep 2

load 150 150 150
sleep 1
mapfile -t v < <(rates 10)
flows_stop
ok "all flood: net2 has at least its Rc (${v[1]} bit/s)" awk -v v="${v[1]}" -v m=$M 'BEGIN { exit !(v > 29.7 * m) }'
ok "all flood: net3 has at least its Rc (${v[2]} bit/s)" awk -v v="${v[2]}" -v m=$M 'BEGIN { exit !(v > 49.5 * m) }'
near "all flood: the link is full, and the queue in the tree" \
	"$(awk -v a="${v[0]}" -v b="${v[1]}" -v c="${v[2]}" 'BEGIN { print a + b + c }')" $((995 * M / 10)) $((5 * M / 10))
is "nothing was dropped on the wire" "$(wire_dropped)" 0
sleep 2

# --- delay ----------------------------------------------------------------------------------

rtt() { # PERCENTILE: of pings of full frames from net1, ms
	ip netns exec hosts ping -n -c 300 -i 0.0101 -s 1472 10.2.0.9 | sed -n 's/.*time=\([0-9.]*\) ms/\1/p' |
		sort -n | awk -v p="$1" '{ a[NR] = $1 } END { print a[int((NR - 1) * p) + 1] }'
}
frame=$(awk -v c=$C 'BEGIN { print 1514 * 8 / (c * 1000) }') # ms to send one
load 0 150 150
sleep 1
fast=$(rtt 0.99)
C link set nic1 qos off
sleep 1
slow=$(rtt 0.5)
flows_stop
C link set nic1 qos auto
if [ -n "${XNETMAN_LAB_VIRTUAL:-}" ]; then
	ok "priority: at most two frames' time more than its own (p99 $fast ms, a frame takes $frame ms)" \
		awk -v r="$fast" -v f="$frame" 'BEGIN { exit !(r <= 4 * f) }'
fi
ok "without a tree it waits behind all others ($slow ms)" awk -v s="$slow" -v f="$fast" 'BEGIN { exit !(s > 18 * f) }'
sleep 2

# --- changes under overload -----------------------------------------------------------------

before=$(($(offered) - $(far_packets) - $(dropped) - $(wire_dropped)))
load 150 150 150
sleep 1
for n in 1 2 3; do
	C qos set net2 link nic1 priority $n shaper "$(mbit 40)" delay 20ms
	C qos set net3 link nic1 limiter "$(mbit 60)"
	sleep 0.5
	C qos set net2 link nic1 no shaper
	C qos set net3 link nic1 no limiter
	sleep 0.5
done
flows_stop
ok "priorities, shapers, limiters changed under overload: every packet is accounted for" \
	wait_for 10 accounted "$before"
C qos set net2 link nic1 priority 0

# --- shaper and limiter ---------------------------------------------------------------------

C qos set net2 link nic1 shaper "$(mbit 40)" delay 20ms
C qos set net3 link nic1 limiter "$(mbit 55)"
load 0 60 80
sleep 1
mapfile -t v < <(rates 5)
queued=$(class net2 backlog_bytes)
limited=$(class net3 limiter_dropped_packets)
flows_stop
near "shaper: net2 sends its rate" "${v[1]}" $((40 * M)) $((40 * M / 50))
ok "shaper: no more waits than the delay allows ($queued bytes)" \
	test "$queued" -gt 0 -a "$queued" -le $((40 * M / 8 / 50 + 3028))
near "limiter: net3 sends its rate" "${v[2]}" $((55 * M)) $((55 * M / 50))
ok "limiter: what is above is dropped at once ($limited packets)" test "$limited" -gt 0
is "limiter: and does not wait" "$(class net3 backlog_packets)" 0
ok "a shaper below the guarantee is refused" sh -c '! xnetman-ctl qos set net2 link nic1 shaper 1Mbit 2>"$1"; grep -q "below rc + re" "$1"' sh "$tmp/err"
C qos set net2 link nic1 no shaper
C qos set net3 link nic1 no limiter
sleep 1

# --- at arrival -----------------------------------------------------------------------------

neigh vif1.0 10.1.1.9
C qos set net1 arrival shaper "$(mbit 20)" limiter "$(mbit 50)"
is "at arrival: an HTB on the vif" "$(root_of vif1.0)" htb
flows_reset
flow 2 vif2.0 "$(mac vif2.0)" 10.1.1.9 ratep "$((60 * C * 1000000 / 100 / 8 / 1514))"
flows_start
sleep 1
a=$(far vif1.0 rx_bytes)
sleep 5
b=$(far vif1.0 rx_bytes)
flows_stop
near "at arrival: the shaper's rate" $(((b - a) * 8 / 5)) $((20 * M)) $((20 * M / 50))
ok "at arrival: the limiter drops" test "$(qos '.arrivals[0].limiter_dropped_packets')" -gt 0
C qos set net1 no arrival
is "at arrival: no more, and the vif's qdisc is what it was" "$(root_of vif1.0)" noqueue

# --- other people's trees -------------------------------------------------------------------

C link set nic1 qos off
tc qdisc add dev nic1 root tbf rate "$(mbit 50 | tr M m)" burst 64kb limit 4mb
cp "$conf/xnetman.yaml" "$tmp/before.yaml"
C link set nic1 qos on 2>"$tmp/err" && refused=no || refused=yes
is "somebody's tree: refused" $refused yes
ok "with what to do" grep -q "somebody's qdisc tbf 8...: is at its root: remove it" "$tmp/err"
is "it is still there" "$(root_of nic1)" tbf
ok "and the definition is what it was" cmp "$conf/xnetman.yaml" "$tmp/before.yaml"
tc qdisc del dev nic1 root
C link set nic1 qos on
is "when it is gone there can be a tree" "$(root_of nic1)" htb
tc qdisc del dev nic1 root
C reload
is "somebody removed ours: the next change brings it back" "$(root_of nic1)" htb

# --- restarts -------------------------------------------------------------------------------

before=$(($(offered) - $(far_packets) - $(dropped) - $(wire_dropped)))
load 20 20 20
sleep 1
sent=$(class net2 sent_packets)
daemon_down -KILL
sleep 1
daemon_up
ok "killed and started again: the classes went on counting" test "$(class net2 sent_packets)" -gt "$sent"
daemon_down
is "stopped: the tree stays" "$(root_of nic1)" htb
daemon_up
sleep 1
flows_stop
ok "nothing was lost by that" wait_for 10 accounted "$before"
for id in 1 2 3; do
	C network delete net$id
done
C link delete nic1
is "the link is released: the qdisc is what it was" "$(root_of nic1)" noqueue
tap_done
