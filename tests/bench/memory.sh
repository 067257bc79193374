#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Memory that the module takes per network: 1,024 networks with a port each, on 1 and on 4 links, by what
# the kernel's memory has less afterwards. Lines of JSON in $XNETMAN_OUT/memory.json.
. "$(dirname "$0")/../netns/lib.sh"

n=1024

available() { # bytes, when all that is to be freed is freed
	sync
	echo 3 >/proc/sys/vm/drop_caches
	sleep 1
	awk '/^(MemFree|Buffers|Cached):/ { sum += $2 } END { printf "%d", sum * 1024 }' /proc/meminfo
}

need_modules
for ((i = 1; i <= n; i++)); do
	echo "link add p$i type dummy"
done | ip -batch -
for i in 1 2 3 4; do
	ip link add eth$i type dummy
done
for links in 1 4; do
	module_load
	bench-networks make 1 p eth1 >/dev/null
	rmmod xnetman
	module_load
	before=$(available)
	bench-networks make $n p eth1
	for ((i = 2; i <= links; i++)); do
		xnetman-ctl kernel link eth$i
	done
	after=$(available)
	rmmod xnetman
	printf '{"links":%d,"cpus":%d,"bytes_per_network":%d}\n' $links "$(nproc)" $(((before - after) / n)) |
		tee -a "$XNETMAN_OUT/memory.json"
done
