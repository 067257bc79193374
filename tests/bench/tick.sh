#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tick part by part: dump the counters, decide, push the ratios. Lines of JSON in $XNETMAN_OUT/tick.json.
#
# Usage: tick.sh [NETWORKS [LINKS [TICKS]]]
. "$(dirname "$0")/../netns/lib.sh"

need_modules
for ((i = 1; i <= 4; i++)); do
	ip link add eth$i type dummy
	ip link set eth$i up
done
for networks in ${1:-64 1024 4096}; do
	for links in ${2:-1 4}; do
		module_load
		devices=()
		for ((i = 1; i <= links; i++)); do
			devices+=("eth$i")
		done
		bench-tick "$networks" "${3:-41}" "${devices[@]}" | tee -a "$XNETMAN_OUT/tick.json"
		rmmod xnetman
	done
done
