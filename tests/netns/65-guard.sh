#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guard: when another network's demand steps from nothing to line rate, nobody gets less than 98%
# of its guarantee in any 100 ms, long before the next tick; and where it is not needed it does nothing.
. "$(dirname "$0")/lib.sh"

# What the link carries, Mbit/s. In virtual time senders are exact; in an emulated machine they are late and then
# send at once: there net1 sends less than it may, and what arrives in a second is judged by what was sent: without the guard
# it is 0.8 of it.
mbit=20 queue=60 exact= within=25
if [ -n "${XNETMAN_LAB_VIRTUAL:-}" ]; then
	exact=yes mbit=100 queue=12 within=30
fi
rate() { # PERCENT of the link
	echo $((mbit * $1 / 100))
}

trace=/sys/kernel/tracing
hosts_up
bus_up
module_load
for dev in vif1.0 vif2.0 eth1; do
	wire $dev
done
# A wire with a queue, in ms: as a NIC has, a thousand frames at 1 Gbit/s; more where senders are not exact.
tc qdisc replace dev eth1 root tbf rate ${mbit}Mbit burst 64kb limit $((mbit * queue * 125))
# At the far end each network has a device of its own, which counts what arrives.
for id in 1 2; do
	ip addr add 10.1.$id.1/24 dev vif$id.0
	ip route add 10.2.$id.0/24 dev eth1
	ip neigh replace 10.2.$id.2 lladdr 02:00:00:00:0$id:99 dev eth1 nud permanent
	ip -n hosts link add link eth1-h name far$id address 02:00:00:00:0$id:99 type macvlan
	ip -n hosts link set far$id up
done
H nft -f - <<-END
	table netdev far {
		chain in {
			type filter hook ingress device eth1-h priority 0;
			ip ecn ce counter
		}
	}
END
marked_arrived() {
	H nft list chain netdev far in | sed -n 's/.* packets \([0-9]*\).*/\1/p'
}

# Each 100 ms a line "time sent1 arrived1 sent2 arrived2", in s and bytes on the wire. No process is started for it: where
# the machine is emulated that takes longer.
samples=$tmp/samples
ip netns exec hosts bash -c '
	exec 8<> <(:)
	sample() {
		local file value line=$EPOCHREALTIME
		for file in vif1.0-h/statistics/tx_bytes far1/statistics/rx_bytes vif2.0-h/statistics/tx_bytes far2/statistics/rx_bytes; do
			read -r value <"/sys/class/net/$file"
			line+=" $value"
		done
		printf "%s\n" "$line"
	}
	while sample; do
		read -r -t 0.1 -u 8 || true
	done' >"$samples" &
sampler=$!

samples_are() { # N: there are so many
	[ "$(wc -l <"$samples")" -ge "$1" ]
}

# bins N FILE: N times 100 ms, from the last sample on
bins() {
	local n
	n=$(wc -l <"$samples")
	wait_for 30 samples_are $((n + $1))
	tail -n +"$n" "$samples" | head -n $(($1 + 1)) >"$2"
}

# Rates in Mbit/s: of the worst bin, and over bins FROM to TO.
least() { # FIELD FILE
	awk -v f="$1" 'NR > 1 { r = ($f - last) * 8 / ($1 - at) / 1e6; if (NR == 2 || r < m) m = r }
		{ last = $f; at = $1 } END { printf "%.2f\n", m }' "$2"
}
mean() { # FIELD FILE FROM TO
	awk -v f="$1" -v from="$3" -v to="$4" 'NR == from { a = $f; t = $1 }
		NR == to + 1 { printf "%.2f\n", ($f - a) * 8 / ($1 - t) / 1e6 }' "$2"
}
at_least() { # A B
	awk -v a="$1" -v b="$2" 'BEGIN { exit !(a >= b) }'
}

conf=$tmp/conf
mkdir -p "$conf/networks.d"
cat >"$conf/xnetman.yaml" <<-END
	links:
	  - name: eth1
	    capacity: ${mbit}Mbit
END
define() { # NETWORK RC RL, percent of the link
	cat >"$conf/networks.d/$1.yaml" <<-END
		name: $1
		ports: [vif${1#net}.0]
		bandwidth: [{link: eth1, rc: $(rate "$2")Mbit, rl: $(rate "$3")Mbit}]
	END
}
define net1 30 30
define net2 10 60
daemon_up

net() { # NETWORK FIELD
	C -j status | jq -r ".links[0].networks[] | select(.name==\"$1\") | .$2"
}
guard_rate() { # of the link in the kernel, bytes/s
	host eth1 rate
}
# Every tick is a line here, among others.
exec 7< <(exec xnetman-ctl monitor --ticks 2>/dev/null)
monitor=$!
next_tick() {
	local line
	while read -r -t 0.01 line <&7; do :; done
	while read -r -t 20 line <&7; do
		case $line in *"eth1 "*" Il "*) return ;; esac
	done
	return 1
}

# On one CPU both are on one thread of pktgen, so that they send in turn; where there are two, net2 sends on both.
# One that rests sends a packet each 50 ms.
flows_of() { # NET
	echo "$1"
	[ "$1" = 1 ] || [ "$(nproc)" = 1 ] || echo 3
}
demand() { # NET RATE
	local id n
	n=$(flows_of "$1" | wc -l)
	for id in $(flows_of "$1"); do
		pg "vif$1.0-h@$id" "rate $(($2 / n))"
	done
}
rest() { # NET
	local id
	for id in $(flows_of "$1"); do
		pg "vif$1.0-h@$id" "ratep 20"
	done
}
flow 1 vif1.0 "$(mac vif1.0)" 10.2.1.2 rate "$(rate $within)"
for id in $(flows_of 2); do
	flow_cpu=$((id - 2)) flow "$id" vif2.0 "$(mac vif2.0)" 10.2.2.2 ratep 20
done
flows_start
sleep 0.5

# step PHASE RATE1 RATE2 FILE [BINS]: net2's demand goes from nothing to RATE2, PHASE after a tick.
step() {
	demand 1 "$2"
	rest 2
	next_tick
	next_tick # of an Ic in which it rested
	sleep "$1"
	demand 2 "$3"
	bins "${5:-11}" "$4"
	[ "${5:-}" = 1 ] || rest 2
}

# kept WHAT FILE: net1 has what it is guaranteed
kept() {
	local got want
	if [ -n "$exact" ]; then
		got=$(least 3 "$2")
		ok "$1: net1 gets $got of $(rate 30) Mbit/s in the worst 100 ms" at_least "$got" "$((mbit * 30 * 98))e-4"
	else
		got=$(mean 3 "$2" 1 10) want=$(mean 2 "$2" 1 10)
		ok "$1: net1 gets $got of the $want Mbit/s that it sends" at_least "$got" "$(awk -v w="$want" 'BEGIN { print w * 0.88 }')"
	fi
}

next_tick
is "a link is guarded unless it says otherwise" "$(C -j link list | jq -r '.[0].guard')" on
near "the kernel knows what the link carries" "$(guard_rate)" $((mbit * 125000)) 0
near "and what net1 is entitled to" "$(share 1 eth1 rate)" $((mbit * 125000 * 30 / 100)) 1
step 0.05 "$(rate $within)" "$(rate 100)" "$tmp/on" 20
kept "net2 asks for all of the link just after a tick" "$tmp/on"
if [ -n "$exact" ]; then
	near "two ticks later net2 has the rest" "$(mean 5 "$tmp/on" 16 20)" "$(rate 70)" 1
	is "of net1 the guard dropped nothing" "$(net net1 guard_dropped_packets)" 0
	step 0.5 "$(rate $within)" "$(rate 100)" "$tmp/on"
	kept "in the middle between two" "$tmp/on"
	step 0.05 "$(rate 50)" "$(rate 100)" "$tmp/more"
	kept "net1 sends more than it is guaranteed" "$tmp/more"
fi
ok "what the guard dropped is told apart from the ratio's" sh -c \
	"[ $(net net2 guard_dropped_packets) -gt 0 ] && [ $(net net2 guard_dropped_packets) -lt $(net net2 dropped_packets) ]"
is "and shown" "$(C status | sed -n '2s/.*\(GUARD\).*/\1/p')" GUARD

if [ -n "$exact" ]; then # where it is not needed
	before=$(share 2 eth1 refused_packets)
	step 0.05 "$(rate $within)" "$(rate 60)" "$tmp/room" 1
	sleep 0.9
	is "a step that fits loses nothing" "$(share 2 eth1 refused_packets)" "$before"
fi

# ECN
for id in $(flows_of 2); do
	pg "vif2.0-h@$id" "tos 02"
done
[ -z "$exact" ] || echo 1 >$trace/events/xnetman/guard/enable
echo 4096 >$trace/buffer_size_kb
marked=$(share 2 eth1 marked_packets)
step 0.05 "$(rate $within)" "$(rate 101)" "$tmp/ecn"
echo 0 >$trace/events/enable
kept "packets that know ECN" "$tmp/ecn"
sleep 0.3
now=$(share 2 eth1 marked_packets)
ok "some of them are marked and not dropped" test "$now" -gt "$marked"
near "and arrive so" "$(marked_arrived)" "$now" $((now / 50))
[ -z "$exact" ] || ok "that is traced" grep -q 'guard: net=2 .*marked' $trace/trace
for id in $(flows_of 2); do
	pg "vif2.0-h@$id" "tos 00"
done

# without
C link set eth1 guard off
is "guard: off is in the file" "$(grep -c 'guard: off' "$conf/xnetman.yaml")" 1
next_tick
is "and the kernel guards no more" "$(guard_rate)" 0
if [ -n "$exact" ]; then
	step 0.05 "$(rate $within)" "$(rate 100)" "$tmp/off"
	got=$(least 3 "$tmp/off")
	ok "the same step without the guard takes from net1: $got of $(rate 30) Mbit/s" at_least "$((mbit * 30 * 90))e-4" "$got"
fi
C link set eth1 guard on
next_tick
ok "and on again" test "$(guard_rate)" -gt 0

# its end
demand 2 "$(rate 100)"
daemon_down -KILL
off() { [ "$(guard_rate)" = 0 ]; }
sleep 2.9
ok "killed, the daemon's guard ends with its lease" wait_for 5 off
daemon_up
guarded() { [ "$(guard_rate)" = $((mbit * 125000)) ]; }
ok "the next daemon's guard is there" wait_for 5 guarded
daemon_down
is "a clean stop ends it at once" "$(guard_rate)" 0
K push 60s guard link eth1 ${mbit}Mbit 64KiB guard 1 eth1 "$(rate 30)Mbit" 8KiB
sleep 0.5
ok "the module goes while it guards" rmmod xnetman
flows_stop
kill $monitor $sampler
tap_done
