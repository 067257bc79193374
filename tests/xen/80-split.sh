#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Plane separation with a real DomU: xnetman-guest in vr1 carries what it forwards by over vchan, Dom0 forwards
# more packets than the DomU can, and none is lost when a live network is switched.
#
# vr1 is a router between the bridges xenbr1 (link eth1) and xenbr2 (link eth2); vr2 is next to it.
. "$(dirname "$0")/lib.sh"

forget_all
for vr in vr1 vr2; do
	! running $vr || xl destroy $vr
done
ip netns del hosts 2>/dev/null || true
ip link del eth1 2>/dev/null || true
hosts_up
for n in 1 2; do
	wire eth$n
	ip link add xenbr$n type bridge
	ip link set eth$n master xenbr$n
	ip link set xenbr$n up
	ip -n hosts addr add 10.1.$n.2/24 dev eth$n-h
	C link add eth$n capacity 1Gbit
done
C network add net1 domain vr1 link any rc 100Mbit
C network add net2 domain vr2 link any rc 100Mbit

router_up() { # what its files would have
	domu run vr1 "ip addr replace 10.1.2.1/24 dev eth1; ip link set eth1 up; ip route replace 10.19.0.0/16 via 10.1.2.2"
}
start_vr1() {
	domu start vr1 vif=bridge=xenbr1 vif2=bridge=xenbr2 ip=10.1.1.1/24 gw=
	router_up
}
start_vr1
domu start vr2 vif=bridge=xenbr1 ip=10.1.1.3/24 gw=
ok "vr1's vifs are net1's" wait_for 20 bound_to "$(vif vr1 1)" net1
reaches() { ip netns exec hosts ping -q -c 1 -W 2 "$1"; }
ok "vr1 answers" wait_for 10 reaches 10.1.1.1
ok "on both sides" wait_for 10 reaches 10.1.2.1

# --- the channel ---

guest() { # DOMAIN COMMAND...
	local domain=$1
	shift
	domu run "$domain" "xnetman-guest $*"
}
guest_up() { # DOMAIN
	domu run "$1" 'xnetman-guest >>/tmp/guest.log 2>&1 </dev/null &'
}
told() { # FIELD: of vr1's own view
	guest vr1 -j status | jq -r ".$1"
}
channel() { # NETWORK FIELD
	C -j channel list | jq -r ".[] | select(.network == \"$1\") | .$2"
}
all_told() { guest vr1 -j status | jq -e '.connected and (.pending | not)'; }
state_is() { [ "$(C -j plane show net1 | jq -r .state)" = "$1" ]; }
since_ns() { awk -v a="$1" -v b="$(date +%s%N)" 'BEGIN { printf "%.2f", (b - a) / 1e9 }'; }

token=$(C -j channel enroll net1 | jq -r .token)
is "a token for a domain's network means vchan" "${token##*:}" vchan
ok "vr1 enrols over vchan" guest vr1 enroll "$token"
guest_up vr1
connected() { [ "$(channel "$1" connected)" = true ]; }
ok "and connects" wait_for 30 connected net1
is "Dom0 has the key that vr1 has" "$(channel net1 key)" "$(told key)"
is "its peer is its domain" "$(channel net1 peer)" "domain $(xl domid vr1)"

# --- packets per second, through the DomU and by Dom0 ---

router=$(domu_mac vr1)
forwarded() { # PPS SECONDS: of so many packets of 60 bytes offered, how many come out, per second
	local before start
	flow 1 eth1 "$router" 10.19.0.2 pkt_size 60 ratep "$1" count 0
	flows_start
	sleep 2
	before=$(ip netns exec hosts cat /sys/class/net/eth2-h/statistics/rx_packets)
	start=$(date +%s%N)
	sleep "$2"
	echo $((($(ip netns exec hosts cat /sys/class/net/eth2-h/statistics/rx_packets) - before) * 1000 /
		(($(date +%s%N) - start) / 1000000)))
	flows_stop
	flows_reset
}
best() { # DATA-PATH: the most of several rates; too high a rate may well starve what forwards
	local rate got most=0
	for rate in 500 1000 2000 4000 8000 16000 32000; do
		got=$(forwarded $rate 4)
		echo "# $1: $rate packets/s offered, $got forwarded" >&2
		[ "$got" -le $most ] || most=$got
	done
	echo $most
}
vm=$(best vm)
C network set net1 data_path split
ok "split: Dom0 forwards by what vr1 told" wait_for 30 state_is forwarding
split=$(best split)
echo "# best: $vm packets/s through the DomU, $split in Dom0: $(awk -v a="$split" -v b="$vm" 'BEGIN { printf "%.1f", a / b }') times as many"
ok "split forwards more packets per second than the DomU" [ "$split" -gt "$vm" ]

# --- what vr1 changes ---

table=$(C -j plane show net1 | jq .table)
has_route() { ip route show table "$table" "$1" | grep .; }
has_no_route() { ! has_route "$1"; }
domu run vr1 ip route add 10.18.0.0/16 via 10.1.2.2
ok "a route that vr1 gets Dom0 gets" wait_for 5 has_route 10.18.0.0/16
ok "and has told it in less than 100 ms: $(told delay) s" awk -v d="$(told delay)" 'BEGIN { exit !(d > 0 && d < 0.1) }'
domu run vr1 ip route del 10.18.0.0/16
ok "and loses, too" wait_for 5 has_no_route 10.18.0.0/16
domu run vr1 "nft 'add table ip fw; add chain ip fw f { type filter hook forward priority 0; }; add rule ip fw f ip daddr 10.19.7.0/24 counter drop'"
has_rule() { nft list table inet xnetman-net1 | grep '10.19.7.0/24'; }
ok "so with a rule of its filter" wait_for 5 has_rule
ok "after which Dom0 still forwards" wait_for 5 state_is forwarding

# --- nothing is lost ---

out() { ip netns exec hosts cat /sys/class/net/eth2-h/statistics/rx_packets; }
ip -n hosts neigh replace 10.1.1.1 lladdr "$router" dev eth1-h
flow 1 eth1 "$router" 10.19.0.2 pkt_size 200 ratep 200
before=$(out)
flows_start
for round in 1 2 3; do
	C network set net1 data_path vm
	sleep 2
	C network set net1 data_path split
	wait_for 20 state_is forwarding
	sleep 2
done
flows_stop
sent=$(sent 1 eth1)
flows_reset
ok "packets came all the while" test "$sent" -gt 1000
sleep 1
near "of $sent packets not one is lost (some more: ARP)" "$(($(out) - before))" $((sent + 10)) 10

# --- beginning again ---

systemctl restart xnetmand
start=$(date +%s%N)
ok "xnetmand restarted: vr1 is back" wait_for 30 connected net1
ok "and has told all" wait_for 30 all_told
echo "# after $(since_ns "$start") s"
ok "Dom0 forwards by it" wait_for 10 state_is forwarding

# What a router has on its disk; this one has none.
dom0=$(domu run vr1 cat /etc/xnetman-guest/dom0)
files=$(domu run vr1 "tar -c -C /etc xnetman-guest | gzip | base64" | tr -d '\n')
restore() {
	domu run vr1 "echo $files | base64 -d | gunzip | tar -x -C /etc"
}
was=$(vif vr1)
xl reboot vr1
booted() { running vr1 && [ "$(vif vr1)" != "$was" ] && domu wait vr1; }
ok "vr1 reboots" wait_for 180 booted
router_up
restore
start=$(date +%s%N)
guest_up vr1
ok "and is back by its key, as another domain" wait_for 30 connected net1
ok "and has told all" wait_for 30 all_told
echo "# after $(since_ns "$start") s"
ok "Dom0 forwards for it" wait_for 30 state_is forwarding

# --- others ---

routes=$(ip route show table "$table" | md5sum)
untouched() { connected net1 && [ "$(ip route show table "$table" | md5sum)" = "$routes" ]; }
logged() { journalctl -b -u xnetmand -o cat | grep "$1" >/dev/null; }
C channel enroll net2 >/dev/null # so that Dom0 looks for a guest in vr2
domu run vr2 "umask 077; mkdir -p /etc/xnetman-guest; echo $dom0 >/etc/xnetman-guest/dom0"
guest_up vr2
strange=$(guest vr2 -j status | jq -r .key)
ok "vr2 with a key that nobody enrolled is refused, and that is logged" wait_for 30 logged "domain $(xl domid vr2): refused: .*$strange"
ok "net1 is as it was" untouched
domu run vr2 'killall xnetman-guest'
ok "net1's token is no use twice" sh -c "! domu run vr2 xnetman-guest enroll $token"
ok "net1 still is" untouched
ok "vr2 enrols for net2" guest vr2 enroll "$(C -j channel enroll net2 | jq -r .token)"
guest_up vr2
ok "and is net2's" wait_for 30 connected net2
ok "while net1 is as it was" untouched
xl destroy vr1
gone() { [ "$(channel net1 connected)" = false ]; }
ok "a domain that died is missed" wait_for 60 gone
C network delete net1
clean() { ! ip -br link | grep '^xn' && ! nft list tables | grep xnetman-net1; }
ok "without its network nothing is left of the data plane" wait_for 20 clean
tap_done
