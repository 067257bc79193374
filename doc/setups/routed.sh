#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Routed: Dom0 is the router between the NIC and each DomU's address (Xen's vif-route).
#
#     routed.sh NIC CAPACITY          routed.sh eth0 1Gbit
#
# Lasts until reboot; to keep it, write the settings into /etc/sysctl.d.
set -eu
nic=$1 capacity=$2

sysctl -q -w net.ipv4.ip_forward=1
# Dom0 answers for its DomUs' addresses on the NIC, so that the network outside needs no routes.
sysctl -q -w "net.ipv4.conf.$nic.proxy_arp=1"
ip link set "$nic" up

# Xen's vif-route needs ifconfig (package net-tools), and takes eth0's address unless told another NIC.
script=vif-route
if [ "$nic" != eth0 ]; then
	script=vif-route-$nic
	printf '#!/bin/sh\nnetdev=%s exec /etc/xen/scripts/vif-route "$@"\n' "$nic" >"/etc/xen/scripts/$script"
	chmod 755 "/etc/xen/scripts/$script"
fi

xnetman-ctl link add "$nic" capacity "$capacity"

cat <<EOF
Now, for each virtual network, in its domain's configuration (with its own address):

    vif = [ "script=$script,ip=192.0.2.10" ]

and on this machine, for example:

    xnetman-ctl network add NAME domain DOMAIN link $nic rc 50Mbit rl 350Mbit
EOF
