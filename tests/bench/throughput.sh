#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Packets per second that a Dom0 forwards with as many CPUs as the lab has: each CPU sends to a port of its own and
# forwards what it sent, out of one link. Lines of JSON in $XNETMAN_OUT/throughput.json.
#
# Usage: throughput.sh [ROUNDS [PACKETS]]
. "$(dirname "$0")/../netns/lib.sh"

rounds=${1:-5} packets=${2:-20000}
cpus=$(nproc)

hosts_up
wire eth1
ip route add 10.2.1.0/24 dev eth1
neigh eth1 10.2.1.2
for ((id = 1; id <= cpus; id++)); do
	wire p$id
	pg "kpktgend_$((id - 1))" "add_device p$id-h@$id"
	for word in "dst_mac $(mac p$id)" "dst_min 10.2.1.2" "dst_max 10.2.1.2" "src_min 10.1.$id.2" \
		"src_max 10.1.$id.2" "pkt_size 1514" "count $packets"; do
		pg "p$id-h@$id" "$word"
	done
done

# The slowest CPU's time counts.
run() {
	flows_run
	ip netns exec hosts sh -c 'cat /proc/net/pktgen/p*-h@*' |
		sed -n 's/.*Result: OK: \([0-9]*\)(.*/\1/p' |
		sort -n | tail -n 1 | awk -v n=$((cpus * packets)) '{ printf "%.0f", n / $1 * 1e6 }'
}

report() { # METHOD
	printf '{"cpus":%d,"method":"%s","pps":%s}\n' "$cpus" "$1" "$(run)" | tee -a "$XNETMAN_OUT/throughput.json"
}

run >/dev/null
for ((round = 1; round <= rounds; round++)); do
	report plain
	module_load
	K link eth1
	bench-networks make 1 "$cpus" p
	bench-networks push "$cpus" eth1 0 1000
	report xnetman-count
	bench-networks push "$cpus" eth1 10 1000
	report xnetman-punish
	rmmod xnetman
done
