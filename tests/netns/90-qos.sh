#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The provider's QoS as links, networks and daemons come and go: packets find their class by the priority that the
# module gives them, and nothing is lost when any of it changes. What networks get by it is in 91-qos-rates.sh.
. "$(dirname "$0")/qos.sh"

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

# --- other people's trees -------------------------------------------------------------------

# former KIND OPTIONS...: what somebody put at the root comes back as it was when the tree goes
former() {
	local kind=$1 before
	C link set nic1 qos off
	modprobe -q "sch_$1" 2>/dev/null || true
	tc qdisc replace dev nic1 root handle 1: "$@" 2>/dev/null || {
		skip "somebody's $kind comes back" "this kernel has none"
		return
	}
	before=$(tc qdisc show dev nic1 root)
	C link set nic1 qos on
	is "somebody's $kind: there is a tree" "$(root_of nic1)" htb
	[ "$kind" != tbf ] || { # by another xnetmand
		daemon_down -KILL
		daemon_up
	}
	C link set nic1 qos off
	is "and it comes back as it was" "$(tc qdisc show dev nic1 root)" "$before"
	tc qdisc del dev nic1 root
}
former pfifo limit 77
former tbf rate "$(mbit 50)" burst 64kb limit 4mb
former fq_codel limit 500 flows 64 target 7ms interval 90ms noecn
former fq limit 700 flow_limit 50 nopacing
former cake bandwidth "$(mbit 50)" besteffort
former sfq perturb 10 quantum 3000
former pie limit 200 target 20ms

# refused WHAT WHY: that can't come back
refused() {
	cp "$conf/xnetman.yaml" "$tmp/before.yaml"
	C link set nic1 qos on 2>"$tmp/err" && refused=no || refused=yes
	is "somebody's $1: refused" $refused yes
	ok "with what to do" grep -q "at its root, and $2: remove it (tc qdisc del dev nic1 root)" "$tmp/err"
	ok "and the definition is what it was" cmp "$conf/xnetman.yaml" "$tmp/before.yaml"
}
tc qdisc add dev nic1 root handle 1: netem delay 3ms
refused "netem" "a qdisc of this kind can't be put back as it was"
is "it is still there" "$(root_of nic1)" netem
tc qdisc replace dev nic1 root handle 2: tbf rate "$(mbit 50)" burst 64kb limit 4mb
tc qdisc add dev nic1 parent 2:1 handle 3: pfifo
refused "tbf with a queue" "there are qdiscs below it"
tc qdisc replace dev nic1 root handle 4: fq_codel
tc filter add dev nic1 parent 4: matchall classid 4:1
refused "fq_codel with a filter" "it has filters"
tc qdisc del dev nic1 root
C link set nic1 qos on
is "when it is gone there can be a tree" "$(root_of nic1)" htb
tc qdisc del dev nic1 root
C reload
is "somebody removed ours: the next change brings it back" "$(root_of nic1)" htb
tc qdisc replace dev nic1 root handle 1: pfifo
ok "somebody put his own in its place: refused" sh -c '! xnetman-ctl reload 2>"$1"; grep -q "has taken the place of the tree" "$1"' sh "$tmp/err"
C reload
is "told once, and not touched" "$(root_of nic1)" pfifo
tc qdisc del dev nic1 root
C reload
is "gone, ours is there again" "$(root_of nic1)" htb

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
