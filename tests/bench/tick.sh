#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tick at full size, in a lab: 4,096 networks on 4 links.
. "$(dirname "$0")/../netns/lib.sh"

need_modules
module_load
for dev in eth1 eth2 eth3 eth4; do
	ip link add $dev type dummy
	ip link set $dev up
done
bench-tick "${1:-4096}" "${2:-21}" eth1 eth2 eth3 eth4
