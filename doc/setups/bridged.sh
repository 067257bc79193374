#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Bridged: DomUs are on the NIC's own network, through a bridge in Dom0 (Xen's vif-bridge).
#
#     bridged.sh NIC CAPACITY         bridged.sh eth0 1Gbit
#
# Lasts until reboot; to keep it, write the bridge into /etc/network/interfaces. If Dom0 itself is
# reached over the NIC, do this from its console: the NIC's address belongs on the bridge then.
set -eu
nic=$1 capacity=$2

# stp off: a vif carries packets as soon as it is up
ip link add xenbr0 type bridge stp_state 0 forward_delay 0
ip link set "$nic" up
ip link set "$nic" master xenbr0
ip link set xenbr0 up

# The networks compete for the NIC, not for the bridge.
xnetman-ctl link add "$nic" capacity "$capacity"

cat <<EOF
Now, for each virtual network, in its domain's configuration:

    vif = [ "bridge=xenbr0" ]

and on this machine, for example:

    xnetman-ctl network add NAME domain DOMAIN link $nic rc 50Mbit rl 350Mbit
EOF
