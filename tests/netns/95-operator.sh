#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The operator's QoS: what tc says in a router shapes the network's packets in Dom0, below the network's own class;
# and whatever it says, another network's rate and delay stay what they were.
#
# Two routers with xnetman-guest, each a namespace with a vif in two bridges. Packets go from the namespace `hosts`
# (eth1) through Dom0, which forwards for both, by eth2, a link of 100 Mbit/s, to the namespace `far`.
. "$(dirname "$0")/lib.sh"

M=1000000 # what is called 1 Mbit/s here
[ -n "${XNETMAN_LAB_VIRTUAL:-}" ] || M=100000
rate() { echo "$(($1 * M))bit"; }

conf=$tmp/conf
mkdir -p "$conf/networks.d"
cat >"$conf/xnetman.yaml" <<-END
	policy: off
	channel: {listen: "10.9.0.1:4790"}
	links:
	  - {name: eth1, capacity: $(rate 1000)}
	  - {name: eth2, capacity: $(rate 100)}
END
for n in 1 2; do
	cat >"$conf/networks.d/net$n.yaml" <<-END
		name: net$n
		data_path: split
		ports: [vif$n.0, vif$n.1]
		bandwidth:
		  - {link: eth1, rc: $(rate 100)}
		  - {link: eth2, rc: $(rate 45), rl: $(rate 45)}
	END
done

R() { # N COMMAND...: in router N
	local n=$1
	shift
	ip netns exec "router$n" "$@"
}

H() {
	ip netns exec hosts "$@"
}

F() {
	ip netns exec far "$@"
}

C() {
	xnetman-ctl "$@"
}

guest() { # N COMMAND...
	local n=$1
	shift
	R "$n" xnetman-guest --config "$tmp/guest$n" --state "$tmp/guest$n.run" "$@"
}

guest_up() { # N
	R "$1" xnetman-guest --config "$tmp/guest$1" --state "$tmp/guest$1.run" >>"$tmp/guest$1.log" 2>&1 &
	eval "guest$1_pid=$!"
	wait_for 10 guest "$1" status
}

guest_down() { # N [SIGNAL]
	local pid
	eval "pid=\$guest$1_pid"
	kill "${2:--TERM}" "$pid"
	wait "$pid" 2>/dev/null || true
}

router() { # N: eth0 10.N.1.1 in br0, eth1 10.N.2.1 in br1
	ip netns add "router$1"
	ip -n "router$1" link set lo up
	for i in 0 1; do
		ip link add "vif$1.$i" type veth peer name "eth$i" netns "router$1"
		ip link set "vif$1.$i" master "br$i" up
		ip -n "router$1" link set "eth$i" address "02:00:00:00:0$1:0$i" up
		ip -n "router$1" addr add "10.$1.$((i + 1)).1/24" dev "eth$i"
	done
	ip -n hosts addr add "10.$1.1.2/24" dev eth1-h
	ip -n hosts route add "10.$1.2.0/24" via "10.$1.1.1"
	ip -n far addr add "10.$1.2.2/24" dev eth2-h
	ip -n far route add "10.$1.1.0/24" via "10.$1.2.1"
	ip -n "router$1" route add "10.${1}9.0.0/16" via "10.$1.2.2"
	R "$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
	ip link add "ctl$1" type veth peer name ctl0 netns "router$1"
	ip link set "ctl$1" up
	ip -n "router$1" link set ctl0 up
	ip addr add 10.9.0.1/32 dev "ctl$1" 2>/dev/null || true
	ip route add "10.9.0.1$1/32" dev "ctl$1"
	ip -n "router$1" addr add "10.9.0.1$1/32" dev ctl0
	ip -n "router$1" route add 10.9.0.1/32 dev ctl0
}

state_is() { # N STATE
	test "$(C -j plane show "net$1" | jq -r .state)" = "$2"
}

# --- what arrives --------------------------------------------------------------------------------

# Counted behind the link: by network and port of UDP.
watch() {
	F nft -f - <<-END
		table netdev watch {
		  chain in { type filter hook ingress device eth2-h priority 0; }
		}
		flush chain netdev watch in
		$(for n in 1 2; do for port in 5001 5002 5003; do
			echo "add rule netdev watch in ip daddr 10.${n}9.0.0/16 udp dport $port counter comment \"n$n-$port\""
		done; done)
	END
}

seen() { # N PORT: packets since watch
	F nft -j list chain netdev watch in |
		jq ".nftables[].rule | select(.comment == \"n$1-$2\").expr[].counter | select(.).packets"
}

flows=0
stream() { # N PORT MBIT [KEY VALUE]...: from behind eth1, through router N; for ever unless there is a count
	local n=$1 port=$2 mbit=$3
	flows=$((flows + 1))
	shift 3
	flow $flows eth1 "02:00:00:00:0$n:00" "10.${n}9.0.2" pkt_size 1000 ratep "$((mbit * M / 8000))" \
		src_min "10.$n.1.2" src_max "10.$n.1.2" udp_dst_min "$port" udp_dst_max "$port" \
		udp_src_min 4000 udp_src_max 4000 "$@"
}

streams_end() {
	flows_stop
	flows_reset
	flows=0
}

# All counters, as lines "nN-PORT PACKETS", and when.
counters() { # FILE
	date +%s.%N >"$1.time"
	F nft -j list chain netdev watch in |
		jq -r '.nftables[].rule | select(.) | "\(.comment) \(.expr[].counter | select(.).packets)"' >"$1"
}

# measure SECONDS [N PORT]...: what arrived meanwhile, in Mbit/s (frames of 1000 bytes), one line
measure() {
	local seconds=$1
	shift
	counters "$tmp/then"
	sleep "$seconds"
	counters "$tmp/now"
	while [ $# -gt 0 ]; do
		awk -v key="n$1-$2" -v m=$M -v s="$(cat "$tmp/then.time")" -v e="$(cat "$tmp/now.time")" \
			'$1 == key { p = $2 - p } END { printf "%.2f ", p * 8000 / (e - s) / m }' "$tmp/then" "$tmp/now"
		shift 2
	done
}

within() { # DESCRIPTION GOT WANTED TOLERANCE
	ok "$1: $2 Mbit/s (want $3 +- $4)" awk -v g="$2" -v w="$3" -v t="$4" 'BEGIN { exit !(g >= w - t && g <= w + t) }'
}

# --- what is told ----------------------------------------------------------------------------------

refused() {
	guest "$1" -j status | jq -r .refused
}

changes() { # of tc that the guest has seen
	guest "$1" -j status | jq .tc_changes
}

all_told() { # N CHANGES: there was another since, and all is answered
	guest "$1" -j status | jq -e ".tc_changes > $2 and .connected and (.pending | not)"
}

# T N: tc commands on standard input, all at once; waits until Dom0 has dealt with them
T() {
	local before
	before=$(changes "$1")
	R "$1" tc -batch - >/dev/null || return 1
	wait_for 10 all_told "$1" "$before"
}

clear() { # N
	local before
	[[ $(R "$1" tc qdisc show) =~ qdisc\ [a-z_]+\ [1-9a-f] ]] || return 0
	before=$(changes "$1")
	for dev in eth0 eth1; do
		R "$1" tc qdisc del dev $dev root 2>/dev/null || true
		R "$1" tc qdisc del dev $dev clsact 2>/dev/null || true
		R "$1" tc qdisc del dev $dev ingress 2>/dev/null || true
	done
	wait_for 10 all_told "$1" "$before"
}

in_force() { # N: what is in force on which link
	C -j plane show "net$1" | jq -c '[.qos[] | select(.qdiscs) | "\(.interface):\(.links | join(","))"]'
}

operators() { # qdiscs with handles of operators at eth2
	tc -j qdisc show dev eth2 | jq '[.[] | select(.handle | test("^[456][0-9a-f]{3}:$"))] | length'
}

# --- the set-up ------------------------------------------------------------------------------------

hosts_up
for m in sch_prio sch_fq_codel sch_cake sch_ingress cls_flower cls_u32 cls_fw cls_matchall act_police act_gact \
	act_skbedit act_mirred macvlan sch_sfq; do
	modprobe -q $m 2>/dev/null || true
done
bus_up
ip netns add far
ip -n far link set lo up
for i in 0 1; do
	ip link add br$i type bridge
	ip link set br$i up
done
wire eth1
ip link add eth2 type veth peer name eth2-h netns far
ip link set eth2 up
ip -n far link set eth2-h up
ip link set eth1 master br0
ip link set eth2 master br1
router 1
router 2
watch
module_load
daemon_up
for n in 1 2; do
	ok "router $n answers" wait_for 10 H ping -c 1 -W 1 10.$n.1.1
	F ping -c 1 -W 1 10.$n.2.1 >/dev/null
	guest $n enroll "$(C -j channel enroll net$n | jq -r .token)"
	guest_up $n
	ok "Dom0 forwards for router $n" wait_for 20 state_is $n forwarding
done
is "without tc in a router there is nothing of it in Dom0" "$(operators)" 0

# --- it shapes -------------------------------------------------------------------------------------

stream 1 5001 40
stream 1 5002 40
stream 2 5001 40
flows_start
flowing() { test "$(seen 2 5001)" -gt 500; }
wait_for 10 flowing
T 1 <<-END
	qdisc add dev eth1 root handle 1: htb default 20
	class add dev eth1 parent 1: classid 1:1 htb rate $(rate 60)
	class add dev eth1 parent 1:1 classid 1:10 htb rate $(rate 10) ceil $(rate 10)
	class add dev eth1 parent 1:1 classid 1:20 htb rate $(rate 20) ceil $(rate 20)
	qdisc add dev eth1 parent 1:10 handle 10: fq_codel
	filter add dev eth1 parent 1: protocol ip prio 1 flower ip_proto udp dst_port 5001 classid 1:10
END
is "HTB with filters is in force on the link behind its interface" "$(in_force 1)" '["eth1:eth2"]'
delay=$(guest 1 -j status | jq .delay)
ok "from tc to Dom0's answer it took less than 100 ms ($delay s)" awk -v d="$delay" 'BEGIN { exit !(d > 0 && d < 0.1) }'
read -r a b c <<<"$(measure 2 1 5001 1 5002 2 5001)"
within "HTB: the filtered flow" "$a" 10 0.3
within "HTB: what goes to the default class" "$b" 20 0.5
within "the other network" "$c" 40 0.4

# in place: no qdisc is made anew
handles=$(tc qdisc show dev eth2 | sort | md5sum)
T 1 <<-END
	class change dev eth1 parent 1:1 classid 1:10 htb rate $(rate 5) ceil $(rate 5)
END
is "a class that changes is changed in place" "$(tc qdisc show dev eth2 | sort | md5sum)" "$handles"
read -r a <<<"$(measure 2 1 5001)"
within "and shapes as it says now" "$a" 5 0.2

clear 1
T 1 <<-END
	qdisc add dev eth1 root handle 1: tbf rate $(rate 15) burst 10k limit 50k
END
read -r a b c <<<"$(measure 2 1 5001 1 5002 2 5001)"
within "TBF: both flows together" "$(awk -v a="$a" -v b="$b" 'BEGIN { print a + b }')" 15 0.4
within "the other network" "$c" 40 0.4
streams_end

# PRIO where the network's class is the bottleneck: net2 takes what it was sold, net1 has the rest
stream 1 5001 40
stream 1 5002 40 tos 10
stream 2 5001 45
flows_start
clear 1
T 1 <<-END
	qdisc add dev eth1 root handle 1: prio priomap 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2 2
	filter add dev eth1 parent 1: protocol ip prio 1 u32 match ip dport 5001 0xffff flowid 1:1
END
read -r a b c <<<"$(measure 2 1 5001 1 5002 2 5001)"
within "PRIO: the flow of the first band has all it wants" "$a" 40 0.5
ok "and the other what is left ($b Mbit/s)" awk -v b="$b" 'BEGIN { exit !(b < 16) }'
within "the other network" "$c" 45 0.45
clear 1
T 1 <<-END
	qdisc add dev eth1 root handle 1: prio
END
read -r a b c <<<"$(measure 2 1 5001 1 5002 2 5001)"
within "PRIO without a filter goes by TOS, as in the router" "$b" 40 0.5
ok "and the rest comes behind ($a Mbit/s)" awk -v b="$a" 'BEGIN { exit !(b < 16) }'
streams_end

# police at the interface
stream 1 5001 40
stream 2 5001 40
flows_start
clear 1
T 1 <<-END
	qdisc add dev eth0 clsact
	filter add dev eth0 ingress matchall action police rate $(rate 8) burst 20k conform-exceed drop
END
read -r a c <<<"$(measure 2 1 5001 2 5001)"
within "police at ingress" "$a" 8 0.3
within "the other network" "$c" 40 0.4
clear 1
read -r a <<<"$(measure 1 1 5001)"
within "and it ends with the filter" "$a" 40 0.4
T 1 <<-END
	qdisc add dev eth1 clsact
	filter add dev eth1 egress protocol ip prio 1 flower ip_proto udp dst_port 5001 action drop
END
read -r a c <<<"$(measure 1 1 5001 2 5001)"
within "drop at egress" "$a" 0 0
within "the other network" "$c" 40 0.4
streams_end
clear 1

# --- no packet is lost when it changes ---------------------------------------------------------------

watch
stream 1 5001 20 count 10000
stream 1 5002 10 count 5000
(flows_run) &
stream_pid=$!
for round in 1 2 3; do
	T 1 <<-END
		qdisc replace dev eth1 root handle 1: htb default 20
		class replace dev eth1 parent 1: classid 1:10 htb rate $(rate 30)
		class replace dev eth1 parent 1: classid 1:20 htb rate $(rate 30)
		filter add dev eth1 parent 1: protocol ip prio 1 flower ip_proto udp dst_port 5001 classid 1:10
	END
	T 1 <<-END
		qdisc replace dev eth1 root handle 2: prio
		qdisc replace dev eth1 parent 2:1 handle 3: fq_codel
	END
	T 1 <<-END
		qdisc replace dev eth1 root handle 4: tbf rate $(rate 50) burst 20k limit 100k
	END
done
still() { kill -0 $stream_pid; }
ok "the streams outlast the changes" still
wait $stream_pid
flows_reset
flows=0
arrived() { test "$(seen 1 5001) $(seen 1 5002)" = "10000 5000"; }
ok "nine changes under way, and not one packet is lost" wait_for 5 arrived
is "$(seen 1 5001) and $(seen 1 5002)" "$(seen 1 5001) $(seen 1 5002)" "10000 5000"

# --- others restart ------------------------------------------------------------------------------------

tree=$(tc qdisc show dev eth2 | grep -E ' [456][0-9a-f]{3}: ')
daemon_down -KILL
daemon_up
connected() { C -j channel list | jq -e ".[] | select(.network==\"net$1\") | .connected"; }
ok "after xnetmand was killed the guest is back" wait_for 30 connected 1
in_force_again() { test "$(in_force 1)" = '["eth1:eth2"]'; }
ok "and its tree in force" wait_for 20 in_force_again
ok "below the same class" test "$(tc qdisc show dev eth2 | grep -c ' parent 7f00:')" -ge 1
guest_down 1 -KILL
is "while the guest is away its tree stays" "$(in_force 1)" '["eth1:eth2"]'
R 1 tc qdisc del dev eth1 root
guest_up 1
gone() { test "$(in_force 1)" = '[]' && test "$(operators)" = 0; }
ok "what it does not tell any more is gone" wait_for 20 gone
ok "the other guest is back, too" wait_for 30 connected 2
ok "and forwarded for" wait_for 20 state_is 2 forwarding

# --- hostile and odd -----------------------------------------------------------------------------------

# Net1 floods all the while. What may a configuration of its operator do to net2?
stream 1 5001 60
stream 1 5002 60 tos 10
stream 2 5001 40
flows_start

# delay: worst round trip of net2's, ms
delay() {
	H ping -q -c 20 -i 0.02 -W 2 -I 10.2.1.2 10.2.2.2 >"$tmp/ping" || true
	grep -q ' 0% packet loss' "$tmp/ping" || {
		echo 99999
		return
	}
	sed -n 's|^rtt .* = [0-9.]*/[0-9.]*/\([0-9.]*\)/.*|\1|p' "$tmp/ping"
}

H ping -c 2 -W 2 -I 10.2.1.2 10.2.2.2 >/dev/null
worst=0
for i in 1 2 3; do
	d=$(delay)
	worst=$(awk -v a="$worst" -v b="$d" 'BEGIN { print (a > b ? a : b) }')
done
echo "# net2 beside net1's flood, without tc in any router: worst round trip $worst ms"
lines=$(wc -l <"$tmp/daemon.log")

told_why() { # what there is when it was not told
	guest 1 -j status
	tail -n 5 "$tmp/guest1.log" "$tmp/daemon.log"
	R 1 tc qdisc show
	return 1
}

n_hostile=0
# hostile NAME REFUSED: tc commands on standard input; REFUSED: what the operator is told, "" if it is taken
hostile() {
	local before told rate d commands
	commands=$(cat)
	n_hostile=$((n_hostile + 1))
	clear 1
	before=$(refused 1)
	if ! T 1 <<<"$commands"; then
		ok "hostile: $1: can be configured at all" told_why
		return
	fi
	told=$(guest 1 -j status | jq -r .last_refusal)
	if [ -n "$2" ]; then
		ok "hostile: $1: is refused" test "$(refused 1)" -gt "$before"
		ok "  with a word to the operator: $told" grep -q -- "$2" <<<"$told"
		is "  and nothing of it is in force" "$(operators)" 0
	else
		is "hostile: $1: is taken" "$(refused 1)" "$before"
	fi
	read -r rate <<<"$(measure 0.5 2 5001)"
	within "  net2 has its rate" "$rate" 40 0.8
	d=$(delay)
	ok "  and its delay: worst round trip $d ms" awk -v d="$d" -v w="$worst" 'BEGIN { exit !(d <= w * 1.5 + 1) }'
}

hostile "netem" "netem: is not carried" <<-END
	qdisc add dev eth1 root netem delay 1s
END
hostile "netem inside of HTB" "netem: is not carried" <<-END
	qdisc add dev eth1 root handle 1: htb default 10
	class add dev eth1 parent 1: classid 1:10 htb rate $(rate 10)
	qdisc add dev eth1 parent 1:10 handle 2: netem loss 50%
END
hostile "sfq" "sfq: is not carried" <<-END
	qdisc add dev eth1 root handle 1: sfq
END
hostile "HTB of the provider's handle" "" <<-END
	qdisc add dev eth1 root handle 7f00: htb default 3
	class add dev eth1 parent 7f00: classid 7f00:3 htb rate $(rate 500)
	class add dev eth1 parent 7f00: classid 7f00:8 htb rate $(rate 500)
END
hostile "rates far above the link's" "" <<-END
	qdisc add dev eth1 root handle 1: htb default 10
	class add dev eth1 parent 1: classid 1:10 htb rate 100gbit burst 100mb cburst 100mb prio 0 quantum 200000
END
hostile "a rate of next to nothing" "" <<-END
	qdisc add dev eth1 root handle 1: htb default 10
	class add dev eth1 parent 1: classid 1:10 htb rate 8bit ceil 8bit
END
hostile "quantum of one byte, beside a huge one" "" <<-END
	qdisc add dev eth1 root handle 1: htb default 10
	class add dev eth1 parent 1: classid 1:10 htb rate $(rate 10) ceil $(rate 100) quantum 1
	class add dev eth1 parent 1: classid 1:20 htb rate $(rate 10) ceil $(rate 100) quantum 4000000000
	filter add dev eth1 parent 1: protocol ip prio 1 u32 match ip dport 5002 0xffff flowid 1:20
END
hostile "a default class that is not there" "" <<-END
	qdisc add dev eth1 root handle 1: htb default 99
	class add dev eth1 parent 1: classid 1:10 htb rate $(rate 10)
END
hostile "an HTB without a class" "" <<-END
	qdisc add dev eth1 root handle 1: htb
END
hostile "HTB in HTB in HTB in HTB" "" <<-END
	qdisc add dev eth1 root handle 1: htb default 1
	class add dev eth1 parent 1: classid 1:1 htb rate $(rate 40)
	qdisc add dev eth1 parent 1:1 handle 2: htb default 1
	class add dev eth1 parent 2: classid 2:1 htb rate $(rate 30)
	qdisc add dev eth1 parent 2:1 handle 3: htb default 1
	class add dev eth1 parent 3: classid 3:1 htb rate $(rate 20)
	qdisc add dev eth1 parent 3:1 handle 4: htb default 1
	class add dev eth1 parent 4: classid 4:1 htb rate $(rate 10)
END
hostile "one HTB more" "more than 4 qdiscs are one in another" <<-END
	qdisc add dev eth1 root handle 1: htb default 1
	class add dev eth1 parent 1: classid 1:1 htb rate $(rate 40)
	qdisc add dev eth1 parent 1:1 handle 2: htb default 1
	class add dev eth1 parent 2: classid 2:1 htb rate $(rate 30)
	qdisc add dev eth1 parent 2:1 handle 3: htb default 1
	class add dev eth1 parent 3: classid 3:1 htb rate $(rate 20)
	qdisc add dev eth1 parent 3:1 handle 4: htb default 1
	class add dev eth1 parent 4: classid 4:1 htb rate $(rate 10)
	qdisc add dev eth1 parent 4:1 handle 5: prio
END
hostile "HTB's classes five deep" "more than 4 classes are one in another" <<-END
	qdisc add dev eth1 root handle 1: htb default 5
	class add dev eth1 parent 1: classid 1:1 htb rate $(rate 40)
	class add dev eth1 parent 1:1 classid 1:2 htb rate $(rate 40)
	class add dev eth1 parent 1:2 classid 1:3 htb rate $(rate 40)
	class add dev eth1 parent 1:3 classid 1:4 htb rate $(rate 40)
	class add dev eth1 parent 1:4 classid 1:5 htb rate $(rate 40)
END
hostile "65 classes" "more than 64 classes" <<-END
	qdisc add dev eth1 root handle 1: htb default 1
	$(for i in $(seq 65); do echo "class add dev eth1 parent 1: classid 1:$(printf %x "$i") htb rate $(rate 1)"; done)
END
hostile "64 classes, each with all of the queue that it may have" "" <<-END
	qdisc add dev eth1 root handle 1: htb default 1
	$(for i in $(seq 64); do echo "class add dev eth1 parent 1: classid 1:$(printf %x "$i") htb rate 1kbit"; done)
END
hostile "a queue of four thousand million packets" "" <<-END
	qdisc add dev eth1 root handle 1: tbf rate 8kbit burst 2k limit 4000000000
	qdisc add dev eth1 parent 1:1 handle 2: pfifo limit 4000000000
END
hostile "fq_codel with all the memory" "" <<-END
	qdisc add dev eth1 root handle 1: fq_codel limit 4000000000 flows 65536 memory_limit 4000000000 target 1000s interval 1000s
END
hostile "a TBF whose burst is less than a packet" "" <<-END
	qdisc add dev eth1 root handle 1: tbf rate $(rate 10) burst 100 limit 10k
END
hostile "a TBF with a peakrate" "peakrate: is not carried" <<-END
	qdisc add dev eth1 root handle 1: tbf rate $(rate 10) burst 10k limit 10k peakrate $(rate 20) mtu 1600
END
hostile "seventeen qdiscs" "more than 16 qdiscs" <<-END
	qdisc add dev eth1 root handle 1: prio bands 16
	$(for i in $(seq 16); do echo "qdisc add dev eth1 parent 1:$(printf %x "$i") handle $(printf %x $((i + 16))): pfifo"; done)
END
hostile "PRIO that puts everything into its last band" "" <<-END
	qdisc add dev eth1 root handle 1: prio bands 16 priomap 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15 15
END
hostile "an overhead of 60000 bytes" "overhead" <<-END
	qdisc add dev eth1 root handle 1: htb default 1
	class add dev eth1 parent 1: classid 1:1 htb rate $(rate 50) overhead 60000
END
hostile "a size table" "stab: is not carried" <<-END
	qdisc add dev eth1 root handle 1: stab linklayer atm overhead 10 htb default 1
END
base="qdisc add dev eth1 root handle 1: htb default 10
class add dev eth1 parent 1: classid 1:10 htb rate $(rate 10) ceil $(rate 100)
class add dev eth1 parent 1: classid 1:20 htb rate $(rate 10) ceil $(rate 100)"
hostile "a filter to another's class" "its class is not there" <<-END
	$base
	filter add dev eth1 parent 1: protocol ip prio 1 u32 match ip dport 5001 0xffff flowid 7f00:18
END
hostile "a filter that copies packets to another device" "mirred" <<-END
	$base
	filter add dev eth1 parent 1: protocol ip prio 1 u32 match u32 0 0 action mirred egress mirror dev eth0
END
hostile "a filter that redirects at ingress" "mirred" <<-END
	qdisc add dev eth0 clsact
	filter add dev eth0 ingress protocol all prio 1 matchall action mirred egress redirect dev eth1
END
hostile "a filter that sets the priority of another's class" "no class of this interface" <<-END
	$base
	filter add dev eth1 parent 1: protocol ip prio 1 u32 match u32 0 0 flowid 1:10 action skbedit priority 7f00:18
END
hostile "a mark at ingress" "skbedit at ingress" <<-END
	qdisc add dev eth0 clsact
	filter add dev eth0 ingress protocol all prio 1 matchall action skbedit mark 1
END
hostile "packets of an incoming interface" "indev" <<-END
	$base
	filter add dev eth1 parent 1: protocol ip prio 1 flower indev eth0 classid 1:20
END
hostile "a jump to a chain" "gact" <<-END
	qdisc add dev eth0 clsact
	filter add dev eth0 ingress protocol ip prio 1 flower dst_ip 10.19.0.0/16 action goto chain 5
	filter add dev eth0 ingress chain 5 protocol ip prio 1 flower action drop
END
hostile "u32 with a hash table" "u32 with" <<-END
	$base
	filter add dev eth1 parent 1: protocol ip prio 5 handle 2: u32 divisor 256
	filter add dev eth1 parent 1: protocol ip prio 5 u32 ht 2:0: match ip dport 5001 0xffff flowid 1:20
	filter add dev eth1 parent 1: protocol ip prio 5 u32 ht 800:: match u32 0 0 hashkey mask 0xff at 12 link 2:
END
hostile "u32 before the IP header" "u32 not from the IP header on" <<-END
	$base
	filter add dev eth1 parent 1: protocol ip prio 1 u32 match u16 0x0800 0xffff at -2 flowid 1:20
END
hostile "a loop of reclassification" "" <<-END
	$base
	filter add dev eth1 parent 1: protocol ip prio 1 u32 match u32 0 0 flowid 1:10 action police rate 8kbit burst 2k conform-exceed reclassify
END
hostile "64 filters that never match" "" <<-END
	$base
	$(for i in $(seq 64); do echo "filter add dev eth1 parent 1: protocol ip prio 1 u32 match ip dport $((6000 + i)) 0xffff flowid 1:20"; done)
END
hostile "65 filters" "more than 64 filters" <<-END
	$base
	$(for i in $(seq 65); do echo "filter add dev eth1 parent 1: protocol ip prio 1 u32 match ip dport $((6000 + i)) 0xffff flowid 1:20"; done)
END
hostile "flower with nine sets of fields" "more than 8 different sets of fields" <<-END
	$base
	$(for i in $(seq 9); do echo "filter add dev eth1 parent 1: protocol ip prio $i flower dst_ip 10.$i.0.0/$((15 + i)) classid 1:20"; done)
END
hostile "basic, with a match of its own language" "basic: is not carried" <<-END
	$base
	filter add dev eth1 parent 1: protocol ip prio 1 basic classid 1:20
END
hostile "one police for two filters" "police shared" <<-END
	qdisc add dev eth0 clsact
	action add action police rate $(rate 10) burst 10k index 7
	filter add dev eth0 ingress protocol ip prio 1 flower ip_proto udp action police index 7
	filter add dev eth0 ingress protocol ip prio 2 flower ip_proto tcp action police index 7
END
R 1 tc actions flush action police
hostile "a block that others might share" "block: is not carried" <<-END
	qdisc add dev eth0 ingress_block 22 clsact
	filter add block 22 protocol ip prio 1 flower dst_ip 10.19.0.0/16 action drop
END
hostile "everything dropped" "" <<-END
	qdisc add dev eth0 clsact
	filter add dev eth0 ingress protocol all prio 1 matchall action drop
	filter add dev eth0 egress protocol all prio 1 matchall action drop
END
hostile "two interfaces' worth of qdiscs" "" <<-END
	qdisc add dev eth0 root handle 1: tbf rate $(rate 1) burst 10k limit 10k
	qdisc add dev eth1 root handle 1: tbf rate $(rate 1) burst 10k limit 10k
END
echo "# $n_hostile configurations"

# back and forth as fast as it goes
clear 1
before=$(refused 1)
for i in $(seq 50); do
	R 1 tc qdisc replace dev eth1 root handle $((i % 7 + 1)): htb default 1
	R 1 tc qdisc replace dev eth1 root handle $((i % 7 + 1)): prio
done 2>/dev/null || true
read -r rate <<<"$(measure 1 2 5001)"
within "hostile: a hundred changes in a row: net2 has its rate" "$rate" 40 0.8
settled() { guest 1 -j status | jq -e '.connected and (.pending | not)'; }
ok "  and Dom0 has dealt with the last" wait_for 10 settled
ok "in all that xnetmand wrote a bounded number of lines ($(($(wc -l <"$tmp/daemon.log") - lines)))" \
	test $(($(wc -l <"$tmp/daemon.log") - lines)) -le 150
streams_end

# --- what is left ----------------------------------------------------------------------------------------

T 1 <<-END
	qdisc replace dev eth1 root handle 1: tbf rate $(rate 10) burst 10k limit 10k
	qdisc add dev eth0 clsact
	filter add dev eth0 ingress matchall action drop
END
C network set net1 data_path vm
none() { test "$(operators)" = 0 && test -z "$(ip -br link | grep '^xn1')"; }
ok "with data path vm there is nothing left of it in Dom0" wait_for 10 none
guest_down 1
guest_down 2
daemon_down
ok "the kernel had nothing to complain about" sh -c '! dmesg | grep -E "quantum of class|sch_tbf|classify loop|too deep"'
[ -z "${SHOW_LOG:-}" ] || cat "$tmp/daemon.log" >&2
tap_done
