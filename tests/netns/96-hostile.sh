#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever an operator's tc says, another network's packets are not lost, and take no longer than they did.
. "$(dirname "$0")/operators.sh"

define on
operators_up
stream 1 5001 60
stream 1 5002 60 tos 10
stream 2 5001 40
flows_start
timing_starts
lines=$(wc -l <"$tmp/daemon.log")

told_why() { # what there is when it was not told
	status 1
	tail -n 5 "$tmp/guest1.log" "$tmp/daemon.log"
	R 1 tc qdisc show
	return 1
}

n_hostile=0
# hostile NAME REFUSED: tc commands on standard input; REFUSED: what the operator is told, "" if it is taken.
# XNETMAN_CASES: a regular expression of the names that are tried.
hostile() {
	local before
	[[ $1 =~ ${XNETMAN_CASES:-} ]] || return 0
	n_hostile=$((n_hostile + 1))
	said=$(status 1)
	before=$(word refused)
	if ! T 1; then
		ok "hostile: $1: can be configured at all" told_why
		clear 1
		return
	fi
	if [ -n "$2" ]; then
		ok "hostile: $1: is refused: $(word last_refusal)" test "$(word refused)" -gt "$before"
		ok "  for that reason" test "$said" != "${said/"$2"/}"
		is "  nothing of it is in force" "$(operators)" 0
	else
		is "hostile: $1: is taken" "$(word refused)" "$before"
	fi
	sleep "$MOMENT"
	clear 1
	unharmed "  others"
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
	class add dev eth1 parent 7f00: classid 7f00:3 htb rate $(rate 500) quantum 1514
	class add dev eth1 parent 7f00: classid 7f00:8 htb rate $(rate 500) quantum 1514
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
deep="qdisc add dev eth1 root handle 1: htb default 1
class add dev eth1 parent 1: classid 1:1 htb rate $(rate 40)
qdisc add dev eth1 parent 1:1 handle 2: htb default 1
class add dev eth1 parent 2: classid 2:1 htb rate $(rate 30)
qdisc add dev eth1 parent 2:1 handle 3: htb default 1
class add dev eth1 parent 3: classid 3:1 htb rate $(rate 20)
qdisc add dev eth1 parent 3:1 handle 4: htb default 1
class add dev eth1 parent 4: classid 4:1 htb rate $(rate 10)"
hostile "HTB in HTB in HTB in HTB" "" <<-END
	$deep
END
hostile "one HTB more" "more than 4 qdiscs are one in another" <<-END
	$deep
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
if have_cake; then
	hostile "five cakes" "more than 4 cake" <<-END
		qdisc add dev eth1 root handle 1: prio bands 5
		$(for i in $(seq 5); do echo "qdisc add dev eth1 parent 1:$i handle 1$i: cake bandwidth $(rate 10)"; done)
	END
	hostile "a cake that looks at Dom0's connections" "cake with nat" <<-END
		qdisc add dev eth1 root handle 1: cake nat
	END
	hostile "a cake with all the memory" "" <<-END
		qdisc add dev eth1 root handle 1: cake bandwidth $(rate 1000) memlimit 4000000000
	END
else
	skip "hostile: cake" "this kernel has none"
fi
echo "# $n_hostile configurations"

# back and forth as fast as it goes
for i in $(seq 50); do
	R 1 tc qdisc replace dev eth1 root handle $((i % 7 + 1)): htb default 1
	R 1 tc qdisc replace dev eth1 root handle $((i % 7 + 1)): prio
done 2>/dev/null || true
sleep "$MOMENT"
unharmed "hostile: a hundred changes in a row"
ok "  Dom0 has dealt with the last" wait_for 10 all_told 1 0
ok "in all that xnetmand wrote a bounded number of lines ($(($(wc -l <"$tmp/daemon.log") - lines)))" \
	test $(($(wc -l <"$tmp/daemon.log") - lines)) -le 150

# --- the measure itself ----------------------------------------------------------------------------

clear 1
unharmed "at the end"
longer=$((most + 40000))
ip netns exec cable tc qdisc change dev away root netem rate "$(rate 100)" limit 1000 delay ${longer}us
sleep $((1 + longer / 1000000))
read -r _ _ d _ <<<"$(transit_since "$begin")"
ok "a wire that is $longer us longer is seen ($d us)" test "$d" -gt "$most"

streams_end
timing_ends
ok "Dom0's kernel had nothing to complain about" no_complaint
operators_down
[ -z "${SHOW_LOG:-}" ] || cat "$tmp/daemon.log" >&2
tap_done
