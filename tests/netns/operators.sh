# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the tests of operators' QoS: two routers with xnetman-guest, each a namespace with a vif in two bridges.
# Packets go from the namespace `hosts` (eth1) through Dom0, which forwards for both, by eth2, a link of 100 Mbit/s, to the
# namespace `far`; behind eth2 is a wire that is as fast, with a queue of 1000 frames, as a NIC has.
. "$(dirname "${BASH_SOURCE[0]}")/routers.sh"

# What is called 1 Mbit/s here: a packet costs time of the machine that the lab runs on, and a rate is one at any scale.
# Where time is real it is a machine's that has other things to do: rates are held to less exactly there.
M=200000 LAXER=1 LONGER=1 MOMENT=0.3
[ -z "${XNETMAN_LAB_DEBUG:-}" ] || M=100000 MOMENT=0.6
[ -n "${XNETMAN_LAB_VIRTUAL:-}" ] || M=25000 LAXER=4 LONGER=4 MOMENT=1
rate() { echo "$(($1 * M))bit"; }
FRAME_US=$((1000 * 8 * 1000 / (100 * M / 1000))) # what a packet of 1000 bytes takes on the link

conf=$tmp/conf

define() { # [QOS]: qos of the links
	mkdir -p "$conf/networks.d"
	cat >"$conf/xnetman.yaml" <<-END
		policy: off
		channel: {listen: "10.9.0.1:4790"}
		links:
		  - {name: eth1, capacity: $(rate 1000), qos: ${1:-auto}}
		  - {name: eth2, capacity: $(rate 100), qos: ${1:-auto}}
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
}

F() {
	nsenter --net=/run/netns/far -- "$@"
}

guest() { # N COMMAND...
	R "$1" xnetman-guest --config "$tmp/guest$1" --state "$tmp/guest$1.run" "${@:2}"
}

status() { # N: of the guest, as JSON, by its socket, which has a path and no namespace
	xnetman-guest --state "$tmp/guest$1.run" -j status
}

guest_up() { # N
	R "$1" xnetman-guest --config "$tmp/guest$1" --state "$tmp/guest$1.run" >>"$tmp/guest$1.log" 2>&1 &
	eval "guest$1_pid=$!"
	wait_for 10 status "$1"
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

# All counters, as lines "nN-PORT PACKETS", and when: between the two times that are noted.
counters() { # FILE
	local begin=$EPOCHREALTIME
	F nft -j list chain netdev watch in >"$1.json"
	echo "$begin $EPOCHREALTIME" >"$1.time"
	jq -r '.nftables[].rule | select(.) | "\(.comment) \(.expr[].counter | select(.).packets)"' "$1.json" >"$1"
}

# What the link's wire was sent too much of, before there was a tree, has left it.
wire_idle() {
	[[ $(nsenter --net=/run/netns/cable tc -s qdisc show dev away root) =~ backlog\ [0-9A-Za-z]+\ ([0-9]+)p ]] &&
		[ "${BASH_REMATCH[1]}" -lt 16 ]
}

# measure SECONDS [N PORT]...: what arrived meanwhile, in Mbit/s (frames of 1000 bytes), one line
measure() {
	local seconds=$(($1 * LONGER)) times
	shift
	wait_for 10 wire_idle
	counters "$tmp/then"
	sleep "$seconds"
	counters "$tmp/now"
	times="$(<"$tmp/then.time") $(<"$tmp/now.time")"
	while [ $# -gt 0 ]; do
		awk -v key="n$1-$2" -v m=$M -v times="$times" '$1 == key { p = $2 - p }
			END { split(times, t); printf "%.2f ", p * 8000 / ((t[3] + t[4] - t[1] - t[2]) / 2) / m }' "$tmp/then" "$tmp/now"
		shift 2
	done
}

within() { # DESCRIPTION GOT WANTED TOLERANCE
	ok "$1: $2 Mbit/s (want $3 +- $4)" awk -v g="$2" -v w="$3" -v t="$4" -v lax=$LAXER \
		'BEGIN { exit !(g >= w - t * lax && g <= w + t * lax) }'
}

# --- what becomes of net2 ----------------------------------------------------------------------------

# Net1 floods, by the first two streams, so that the link is full; the link has its tree, and nothing is in force of an
# operator's. From now on every packet of net2's is timed, from eth1 to behind the link's wire (see transit.c).
timing_starts() {
	local usual
	transit eth1 far eth2-h 10.29.0.2 >"$tmp/transit" &
	transit_pid=$!
	wait_for 20 timed
	begin=$EPOCHREALTIME
	# its burst after a pause is what net1 may always send (doc/design.md, QoS of the provider)
	for _ in 1 2 3; do
		net1_sends 10
		sleep 0.25
		net1_sends $((60 * M / 8000))
		sleep 0.25
	done
	read -r _ _ usual begin <<<"$(transit_since "$begin")"
	# one frame of net1's more. Where time is real, an emulated machine that has more to do is late by half a second at times:
	# there it is only seen if packets are not sent at all
	most=$((usual + FRAME_US))
	[ -n "${XNETMAN_LAB_VIRTUAL:-}" ] || most=$((usual + 1000000))
	echo "# net2 beside net1's flood: the slowest packet takes $usual us, a frame $FRAME_US us: $most us are allowed"
	sleep "$MOMENT"
	unharmed "without tc in any router"
}

# Packets/s of each of the first two streams.
net1_sends() {
	pg eth1-h@1 "ratep $1"
	pg eth1-h@2 "ratep $1"
}

timed() {
	test "$(wc -l <"$tmp/transit")" -gt 100
}

timing_ends() {
	kill "$transit_pid"
	wait "$transit_pid" 2>/dev/null || true
}

transit_past() { # TIME: what arrived until then is written
	tail -n 1 "$tmp/transit" | awk -v t="$1" '{ exit !($1 > t) }'
}

# transit_since TIME: of what arrived since: packets lost, Mbit/s, the longest that a packet took (us); and until when
transit_since() {
	local end=$EPOCHREALTIME
	sleep 0.06
	wait_for 5 transit_past "$end" || true
	tail -c 1000000 "$tmp/transit" | awk -v s="$1" -v e="$end" -v m=$M '
		$1 > s && $1 <= e { n++; if (n == 1) first = last = $2; if ($2 > last) last = $2; if ($3 > worst) worst = $3 }
		END { printf "%d %.2f %d %s\n", n ? last - first + 1 - n : -1, n * 8000 / (e - s) / m, worst, e }'
}

# unharmed WHEN: what became of net2 since the last time
unharmed() {
	local lost rate d
	read -r lost rate d begin <<<"$(transit_since "$begin")"
	ok "$1: net2 has $rate Mbit/s, lost $lost packets, the slowest took $d us" \
		awk -v r="$rate" -v l="$lost" -v d="$d" -v most="$most" -v t=$LAXER \
		'BEGIN { exit !(l == 0 && d <= most && r > 40 - t && r < 40 + t) }'
}

# --- what is told ----------------------------------------------------------------------------------

# What the guest has said last. A process costs most in a lab, so its words are looked for by hand.
said=
word() { # KEY
	[[ $said =~ \"$1\":\ *(\"([^\"\\]|\\.)*\"|[^,}]*) ]] || return 1
	echo "${BASH_REMATCH[1]}"
}

all_told() { # N CHANGES: there was another since, and all is answered
	said=$(status "$1") || return 1
	[ "$(word tc_changes)" -gt "$2" ] && [ "$(word connected) $(word pending)" = "true false" ]
}

# tell N COMMAND...: what changes tc in the router; waits until Dom0 has dealt with it
tell() {
	local before
	said=$(status "$1")
	before=$(word tc_changes)
	R "$@" || return 1
	sleep 0.05 # the guest waits for a moment of silence
	wait_for 10 all_told "$1" "$before"
}

# T N: tc commands on standard input, all at once
T() {
	tell "$1" tc -batch - >/dev/null
}

clear() { # N
	[[ $(R "$1" tc qdisc show) =~ qdisc\ [a-z_]+\ [1-9a-f] ]] || return 0
	tell "$1" sh -c 'tc -force -batch - || true' >/dev/null 2>&1 <<-END
		qdisc del dev eth0 root
		qdisc del dev eth0 clsact
		qdisc del dev eth0 ingress
		qdisc del dev eth1 root
		qdisc del dev eth1 clsact
		qdisc del dev eth1 ingress
	END
}

have_cake() {
	R 1 tc qdisc add dev ctl0 root cake 2>/dev/null && R 1 tc qdisc del dev ctl0 root
}

in_force() { # N: what is in force on which link
	C -j plane show "net$1" | jq -c '[.qos[] | select(.qdiscs) | "\(.interface):\(.links | join(","))"]'
}

operators() { # qdiscs with handles of operators at eth2
	tc qdisc show dev eth2 | grep -cE '^qdisc [a-z_]+ [456][0-9a-f]{3}: ' || true
}

# Of Dom0's devices and handles: the routers' complaints are in the same log.
no_complaint() {
	! dmesg | grep -E 'quantum of class [4-7][0-9A-F]{7} |sch_tbf: .* device (eth2|xn)|classify loop|too deep'
}

# --- the set-up ------------------------------------------------------------------------------------

# The wire behind eth2: what comes in at one end goes out at the other, at the link's speed.
cable() {
	local end
	ip netns add cable
	ip link add eth2 type veth peer name near netns cable
	ip -n cable link add away type veth peer name eth2-h netns far
	for end in near away; do
		ip -n cable link set $end up
		ip netns exec cable tc qdisc add dev $end clsact
	done
	ip netns exec cable tc filter add dev near ingress matchall action mirred egress redirect dev away
	ip netns exec cable tc filter add dev away ingress matchall action mirred egress redirect dev near
	ip netns exec cable tc qdisc add dev away root netem rate "$(rate 100)" limit 1000
	ip link set eth2 up
	ip -n far link set eth2-h up
}

operators_up() {
	local m n
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
	cable
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
}

operators_down() {
	guest_down 1
	guest_down 2
	daemon_down
}
