#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Memory that the module takes for each network with a port, on 1 and on 4 links: what is allocated more after the
# second half of 4,096 was made. The first half fills what is half full before. Lines of JSON in
# $XNETMAN_OUT/memory.json.
. "$(dirname "$0")/../netns/lib.sh"

n=4096

# Bytes of all objects, and those that each CPU has of its own. Told by allocator: what is free in the whole
# machine changes for other reasons.
allocated() {
	awk 'FILENAME == "/proc/slabinfo" { if (FNR > 2) sum += $2 * $4 }
		/^Percpu:/ { sum += $2 * 1024 }
		END { printf "%d", sum }' /proc/slabinfo /proc/meminfo
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
	before=$(allocated)
	bench-networks make $((n / 2 + 1)) $n p
	after=$(allocated)
	rmmod xnetman
	printf '{"links":%d,"cpus":%d,"bytes_per_network":%d}\n' $links "$(nproc)" $(((after - before) / (n / 2))) |
		tee -a "$XNETMAN_OUT/memory.json"
done
