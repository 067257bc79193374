#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A domain's vifs are its network's from their first packet to their last, however the domain was
# started, whatever happens to it, and nobody else's are.
. "$(dirname "$0")/lib.sh"

forget_all
uplink
C link add eth1 capacity 100Mbit
C network add net1 domain vr1 link eth1 rc 2Mbit rl 5Mbit
C network add other domain elsewhere link eth1 rc 1Mbit rl 3Mbit

ping_domu() { # ADDRESS [COUNT]
	ip netns exec hosts ping -q -c "${2:-5}" -i 0.2 -W 2 "$1"
}

# The port has all that the domain sent since it booted: it was bound before the first packet.
from_the_start() { # DOMAIN NETWORK
	ok "$1: bound to $2" wait_for 20 bound_to "$(vif "$1")" "$2"
	ok "$1: it is on the network" ping_domu "10.1.0.1${1#vr}"
	same_counters "$1" "$(vif "$1")"
}

# --- starts, stops ---
fresh vr1
from_the_start vr1 net1
was=$(vif vr1)

xl reboot vr1
booted() { running vr1 && [ "$(vif vr1)" != "$was" ] && domu wait vr1; }
ok "vr1: rebooted, as a domain with another number" wait_for 180 booted
ok "vr1: its old vif is no port any more" unbound "$was"
from_the_start vr1 net1

xl shutdown -w vr1
ok "vr1: shut down, no port of net1's is left" wait_for 20 portless net1

# --- domain numbers used again, by somebody else ---
number=$(xl domid vr2)
C network set net1 no domain domain vr1
xl destroy vr2
gcc -shared -fPIC -o "$tmp/domid.so" "$top/tests/xen/domid.c"
domu config vr1 >"$tmp/vr1.cfg"
LAB_DOMID=$number LD_PRELOAD=$tmp/domid.so xl create -q "$tmp/vr1.cfg"
domu wait vr1
is "vr1 has the number that was vr2's" "$(xl domid vr1)" "$number"
from_the_start vr1 net1
xl destroy vr1
domu config vr2 >"$tmp/vr2.cfg"
LAB_DOMID=$number LD_PRELOAD=$tmp/domid.so xl create -q "$tmp/vr2.cfg"
domu wait vr2
ok "vr2 has it again, and is nobody's" unbound "$(vif vr2)"
ok "though it sends" ping_domu 10.1.0.12
ok "and still is nobody's" unbound "$(vif vr2)"

# --- by UUID ---
uuid=00000000-0000-4000-8000-0000000000aa
C network set net1 domain ${uuid^^}
fresh vr1 uuid=$uuid vif2=bridge=xenbr0
from_the_start vr1 net1
ok "its second vif, too" bound_to "$(vif vr1 1)" net1
xl network-detach vr1 1
C network set net1 domain vr1
ok "named by its name instead: the same port goes on" bound_to "$(vif vr1)" net1
same_counters vr1 "$(vif vr1)"

# --- more vifs ---
xl network-attach vr1 bridge=xenbr0 mac=00:16:3e:00:01:01
second=$(vif vr1 1)
ok "a vif that is plugged in is bound, too" wait_for 20 bound_to "$second" net1
domu run vr1 "ip link set eth1 up; ip addr add 10.1.1.11/16 dev eth1"
ok "it works" ip netns exec hosts ping -q -c 3 -W 2 10.1.1.11
same_counters vr1 "$second" eth1
xl network-detach vr1 1
ok "unplugged, it is unbound" wait_for 20 unbound "$second"
ok "the first one stays" bound_to "$(vif vr1)" net1

# --- new names ---
xl rename vr1 elsewhere
ok "a renamed domain is the other network's" wait_for 20 bound_to "$(vif elsewhere)" other
ok "the old one has no port any more" portless net1
xl rename elsewhere vr1
ok "and back" wait_for 20 bound_to "$(vif vr1)" net1
device=$(vif vr1)
ip link set "$device" down
ip link set "$device" name router
ip link set router up
ok "a renamed device stays its port" wait_for 20 bound_to router net1
ok "and works" ping_domu 10.1.0.11
xl destroy vr1

domu start vr1 vif=bridge=xenbr0,vifname=uplink7
ok "a vif with a name of its own is bound" wait_for 20 bound_to uplink7 net1
ok "vr1: it is on the network" ping_domu 10.1.0.11
same_counters vr1 uplink7
xl destroy vr1

# --- libvirt ---
domu xml vr1 >"$tmp/vr1.xml"
virsh -q -c xen:///system create "$tmp/vr1.xml"
domu wait vr1
from_the_start vr1 net1
virsh -q -c xen:///system destroy vr1
ok "destroyed, it is unbound" wait_for 20 portless net1

# --- without the daemon, and with it again ---
systemctl stop xnetmand
started=$SECONDS
domu start vr1
ok "a domain starts without xnetmand" ping_domu 10.1.0.11
systemctl start xnetmand
ok "started later, xnetmand binds what is there" wait_for 20 bound_to "$(vif vr1)" net1
packets=$(port "$(vif vr1)" rx_packets)
systemctl restart xnetmand
ok "restarted, it goes on counting" [ "$(port "$(vif vr1)" rx_packets)" -ge "$packets" ]
systemctl kill -s KILL xnetmand
ok "killed, systemd starts it again" wait_for 30 xnetman-ctl -j info
ok "and its ports are still bound" wait_for 20 bound_to "$(vif vr1)" net1
ok "after all this no unit has failed" sh -c '! systemctl --failed --no-legend | grep .'
tap_done
