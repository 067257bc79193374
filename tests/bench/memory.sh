#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Memory that the module takes for each network with a port, on 1 and on 4 links: what the kernel has less after the
# second half of 4,096 was made. The first half fills what is half full before. Lines of JSON in
# $XNETMAN_OUT/memory.json.
. "$(dirname "$0")/../netns/lib.sh"

n=4096

# Bytes that are free or can be. What was given back a moment ago is free after a grace period, and when the CPUs
# have given their own lists of pages back, which compacting makes them do.
available() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	sleep 2
	echo 1 >/proc/sys/vm/compact_memory
	awk '/^(MemFree|Buffers|Cached|SReclaimable):/ { sum += $2 } END { printf "%d", sum * 1024 }' /proc/meminfo
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
	for ((i = 1; i <= links; i++)); do
		K link eth$i
	done
	bench-networks make 1 $((n / 2)) p
	available >/dev/null
	before=$(available)
	bench-networks make $((n / 2 + 1)) $n p
	after=$(available)
	rmmod xnetman
	printf '{"links":%d,"cpus":%d,"bytes_per_network":%d}\n' $links "$(nproc)" $(((before - after) / (n / 2))) |
		tee -a "$XNETMAN_OUT/memory.json"
done
