#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Dom0's CPU as a resource: three networks ask for twice what there is and get what they were sold, and
# one that floods small packets takes nothing from the others. In virtual time computing takes no
# time, so that there the model's figures are judged; where the clock counts instructions (scripts/lab
# --engine qemu --icount), the CPU that the kernel really spent: each vif has threaded NAPI, a thread
# that runs for that network only. An emulated machine in real time is too unsteady to be judged.
. "$(dirname "$0")/lib.sh"

conf=$tmp/conf
wanted=(0 0.2 0.17 0.13) # of what all ask for; a half in all
mkdir -p "$conf/networks.d"
virtual=${XNETMAN_LAB_VIRTUAL:-}

# machine [CAPACITY]
machine() {
	{
		echo "long_interval: 5s"
		[ $# -eq 0 ] || echo "cpu: $1"
		echo "links: [{name: eth1, capacity: 100Gbit}]"
	} >"$conf/xnetman.yaml"
}

# network ID RC RL
network() {
	echo "name: net$1
ports: [vif$1.0]
bandwidth: [{link: eth1, rc: 30Gbit}]
cpu: {rc: $2, rl: $3}" >"$conf/networks.d/net$1.yaml"
}

# A tick's figure of one network's CPU.
cpu() { # NETWORK KEY
	C -j status | jq ".resources[] | select(.name==\"cpu\").networks[] | select(.name==\"$1\") | .$2"
}

# within PROMISE GOT WANT: 3 percent
within() {
	near "$1" "$2" "$3" "$(awk -v w="$3" 'BEGIN { print 0.03 * w }')"
}

# Seconds of CPU that went into each network so far: its thread's, or where there is none the account's.
spent() { # ID
	cut -d' ' -f1 "/proc/${thread[$1]}/schedstat" | awk '{ printf "%.9f\n", $1 / 1e9 }'
}

hosts_up
bus_up
module_load
wire eth1
ip netns exec hosts tc qdisc add dev eth1-h clsact
ip netns exec hosts tc filter add dev eth1-h ingress matchall action drop
# What Dom0 has to look at for each packet that it lets in, so that dropping is much cheaper.
nft add table ip filter
nft add chain ip filter forward '{ type filter hook forward priority 0; }'
for n in {1..100}; do echo "add rule ip filter forward ip daddr 10.3.$n.0/24 drop"; done | nft -f -
thread=()
for id in 1 2 3; do
	wire vif$id.0
	ip addr add 10.1.$id.1/24 dev vif$id.0
	ip route add 10.2.$id.0/24 dev eth1
	neigh eth1 10.2.$id.2
	if [ -z "$virtual" ]; then
		ip netns exec hosts ethtool -K vif$id.0-h tso off >/dev/null
		ethtool -K vif$id.0 gro on >/dev/null
		echo 1 >/sys/class/net/vif$id.0/threaded
		thread[$id]=$(napi_thread vif$id.0)
	fi
	network $id 0.001 0.001
done

# --- what they ask for -----------------------------------------------------------------------

# kpps of each; in an emulated machine as much as it can take without being full
rate=${virtual:+5000}
rate=${rate:-3000}
for id in 1 2 3; do
	flow $id vif$id.0 "$(mac vif$id.0)" 10.2.$id.2 pkt_size 200 ratep $rate
done
machine
daemon_up --costs "$tmp/costs.json"
is "without calibration the status says so" \
	"$(C -j status | jq '.resources[] | select(.name=="cpu").calibrated')" false
flows_start
asks() { C -j status | jq -e '[.resources[] | select(.name=="cpu").networks[] | .demand_cores > 0] | all'; }
ok "CPU is counted without a capacity, for every network" wait_for 10 asks
sleep 5
is "and nobody is punished for it" "$(K counters | jq '[.[] | select(.kind=="network").ratio] | add')" 0
demand=$(C -j status | jq '.resources[] | select(.name=="cpu").throughput_cores')
echo "# three networks use $demand cores"

# --- half of it ------------------------------------------------------------------------------

# rounded down, so that parts fit into the whole
share() { awk -v d="$demand" -v f="$1" 'BEGIN { printf "%.6f", int(d * f * 1e6) / 1e6 }'; }
for id in 1 2 3; do network $id "$(share "${wanted[$id]}")" "$(share "${wanted[$id]}")"; done
machine "$(share 0.5)"
C reload
inputs() { K counters | jq -e '[.[] | select(.kind=="network").ratio > 0.1] | all'; }
ok "with half of that as budget all are punished at their inputs" wait_for 10 inputs
ok "and not at the link" sh -c "xnetman-ctl kernel counters | jq -e '[.[] | select(.kind==\"share\").ratio == 0] | all'"
sleep 5 # till the estimates are those of the new mix
if [ -n "$virtual" ]; then
	for id in 1 2 3; do
		within "net$id gets its share of CPU, by the model" "$(cpu net$id throughput_cores)" \
			"$(share "${wanted[$id]}")"
	done
elif [ -z "${XNETMAN_LAB_ICOUNT:-}" ]; then
	skip "each gets its share of the CPU that was really spent" "the time of this machine is the host's"
else
	for id in 1 2 3; do before[$id]=$(spent $id); done
	start=$(cut -d' ' -f1 /proc/uptime)
	sleep 10
	for id in 1 2 3; do after[$id]=$(spent $id); done
	end=$(cut -d' ' -f1 /proc/uptime)
	for id in 1 2 3; do
		within "net$id gets its share of the CPU that was really spent" \
			"$(awk -v a="${after[$id]}" -v b="${before[$id]}" -v s="$start" -v e="$end" \
				'BEGIN { printf "%.6f", (a - b) / (e - s) }')" \
			"$(share "${wanted[$id]}")"
	done
fi

# --- a flood of small packets ----------------------------------------------------------------

# Packets of networks 1 and 2 that the link sends in some seconds, per second.
rates() {
	local before after start end
	before=$(K counters | jq -c '[.[] | select(.kind=="share" and .net_id < 3) | .offered_packets - .dropped_packets]')
	start=$(cut -d' ' -f1 /proc/uptime)
	sleep 8
	after=$(K counters | jq -c '[.[] | select(.kind=="share" and .net_id < 3) | .offered_packets - .dropped_packets]')
	end=$(cut -d' ' -f1 /proc/uptime)
	jq -n --argjson a "$after" --argjson b "$before" --argjson s "$start" --argjson e "$end" \
		'[$a, $b] | transpose | map((.[0] - .[1]) / ($e - $s)) | .[]' | paste -sd ' '
}

flows_stop
network 1 "$(share 0.5)" "$(share 0.5)"
network 2 "$(share 0.5)" "$(share 0.5)"
network 3 "$(share 0.05)" "$(share 0.05)"
machine "$(share 1.1)"
C reload
pg vif3.0-h@3 "ratep 10"
flows_start
free() { K counters | jq -e '[.[] | select(.kind=="network" and .net_id < 3).ratio] | add == 0'; }
ok "with room for them the others are not punished" wait_for 10 free
sleep 3
read -r quiet1 quiet2 < <(rates)
flows_stop
pg vif3.0-h@3 "pkt_size 60"
pg vif3.0-h@3 "ratep $((rate * 4))"
flows_start
flooded() { K counters | jq -e '.[] | select(.kind=="network" and .net_id == 3).ratio > 0.3'; }
ok "a network that floods small packets is punished at its inputs" wait_for 10 flooded
if [ -z "$virtual${XNETMAN_LAB_ICOUNT:-}" ]; then
	skip "the others' throughput is as without the flood" "the time of this machine is the host's"
	daemon_down
	flows_stop
	tap_done
fi
sleep 3
read -r flood1 flood2 < <(rates)
near "net1's throughput is within 2% of that without the flood" "$flood1" "$quiet1" \
	"$(awk -v w="$quiet1" 'BEGIN { print 0.02 * w }')"
near "net2's is, too" "$flood2" "$quiet2" "$(awk -v w="$quiet2" 'BEGIN { print 0.02 * w }')"
daemon_down
is "a clean stop ends it" "$(K counters | jq '[.[] | select(.kind=="network").ratio] | add')" 0
flows_stop
tap_done
