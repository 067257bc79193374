#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The operator's QoS: what tc says in a router shapes the network's packets in Dom0, below the network's own class, and
# other networks notice nothing of it.
. "$(dirname "$0")/operators.sh"

define
operators_up
is "without tc in a router there is nothing of it in Dom0" "$(operators)" 0

# --- it shapes -------------------------------------------------------------------------------------

stream 1 5001 40
stream 1 5002 40
stream 2 5001 40
flows_start
flowing() { test "$(seen 2 5001)" -gt 50; }
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
delay=$(word delay)
ok "from tc to Dom0's answer it took less than 100 ms of a machine that does nothing else ($delay s)" \
	awk -v d="$delay" -v lax=$LAXER 'BEGIN { exit !(d > 0 && d < 0.1 * lax * lax) }'
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
	filter add dev eth0 ingress matchall action police rate $(rate 8) burst 4k conform-exceed drop
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
stream 1 5001 20
stream 1 5002 10
flows_start
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
flows_stop
sent="$(sent 1 eth1) $(sent 2 eth1)"
ok "packets came while it changed: $sent" test "${sent% *}" -gt 100 -a "${sent#* }" -gt 50
flows_reset
flows=0
arrived() { test "$(seen 1 5001) $(seen 1 5002)" = "$sent"; }
ok "nine changes under way, and not one packet is lost" wait_for 5 arrived
is "they were so many" "$(seen 1 5001) $(seen 1 5002)" "$sent"

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

# --- others notice nothing -------------------------------------------------------------------------------

# The link has a tree for net1's operator since his first one, and keeps it: making it anew each time would be felt.
stream 1 5001 60
stream 1 5002 60
stream 2 5001 40
flows_start
clear 1
timing_starts
for round in 1 2 3 4 5; do
	T 1 <<<"qdisc add dev eth1 root handle 1: tbf rate $(rate 1) burst 2k limit 50k"
	clear 1
done
unharmed "his tree comes and goes, full or empty"
is "and the link's stays" "$(tc -j qdisc show dev eth2 | jq -r '.[] | select(.root).handle')" 7f00:

# --- cake --------------------------------------------------------------------------------------------------

if have_cake; then
	T 1 <<-END
		qdisc add dev eth1 root handle 1: cake bandwidth $(rate 12) memlimit 1000mb
	END
	read -r a b <<<"$(measure 2 1 5001 1 5002)"
	within "cake: both flows together" "$(awk -v a="$a" -v b="$b" 'BEGIN { print a + b }')" 12 0.4
	within "and each has half" "$a" 6 0.3
	memory=$(tc -j qdisc show dev eth2 | jq '.[] | select(.kind == "cake").options.memlimit')
	ok "in bounds of Dom0's: $memory bytes" test "$memory" -le $((8 << 20))
	unharmed "cake"
	clear 1
else
	skip "cake" "this kernel has none"
fi
timing_ends
streams_end

# --- on a VLAN of the link ------------------------------------------------------------------------------------

ip link add link eth2 name eth2.7 type vlan id 7
ip link add br7 type bridge
ip link set br7 up
ip link set eth2.7 master br7 up
ip link set vif1.1 master br7
ip -n far link add link eth2-h name eth2.7 type vlan id 7
ip -n far link set eth2.7 up
ip -n far addr del 10.1.2.2/24 dev eth2-h
ip -n far addr add 10.1.2.2/24 dev eth2.7
ip -n far route replace 10.1.1.0/24 via 10.1.2.1
ok "the router answers on the VLAN" wait_for 10 F ping -c 1 -W 1 10.1.2.1
ok "and Dom0 forwards" wait_for 20 state_is 1 forwarding
stream 1 5001 40
stream 1 5002 40
stream 2 5001 40
watch
flows_start
wait_for 20 flowing
T 1 <<-END
	qdisc add dev eth1 root handle 1: htb default 20
	class add dev eth1 parent 1: classid 1:10 htb rate $(rate 10) ceil $(rate 10)
	class add dev eth1 parent 1: classid 1:20 htb rate $(rate 20) ceil $(rate 20)
	class add dev eth1 parent 1: classid 1:30 htb rate $(rate 1) ceil $(rate 1)
	filter add dev eth1 parent 1: protocol ip prio 1 flower ip_proto udp dst_port 5001 classid 1:10
	filter add dev eth1 parent 1: protocol ip prio 2 u32 match ip dport 5003 0xffff flowid 1:30
END
is "his tree is in force on the link below" "$(in_force 1)" '["eth1:eth2"]'
read -r a b c <<<"$(measure 2 1 5001 1 5002 2 5001)"
within "HTB on a VLAN: the filtered flow" "$a" 10 0.3
within "HTB on a VLAN: what goes to the default class" "$b" 20 0.5
within "the other network" "$c" 40 0.4
streams_end
clear 1

# --- what is left ----------------------------------------------------------------------------------------

T 1 <<-END
	qdisc replace dev eth1 root handle 1: tbf rate $(rate 10) burst 10k limit 10k
	qdisc add dev eth0 clsact
	filter add dev eth0 ingress matchall action drop
END
C network set net1 data_path vm
none() { test "$(operators)" = 0 && test -z "$(ip -br link | grep '^xn1')"; }
ok "with data path vm there is nothing left of it in Dom0" wait_for 10 none
operators_down
ok "Dom0's kernel had nothing to complain about" no_complaint
[ -z "${SHOW_LOG:-}" ] || cat "$tmp/daemon.log" >&2
tap_done
