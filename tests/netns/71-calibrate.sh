#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# xnetman-ctl calibrate: what it says that packets cost is what they cost, where the clock counts instructions
# (scripts/lab --engine qemu --icount); elsewhere that it works, and leaves nothing behind.
. "$(dirname "$0")/lib.sh"

if [ -n "${XNETMAN_LAB_VIRTUAL:-}" ]; then
	skip "calibrating measures what packets cost" "in virtual time computing takes no time"
	tap_done
fi
conf=$tmp/conf
mkdir -p "$conf/networks.d"
echo "links: [{name: eth1, capacity: 10Gbit}]" >"$conf/xnetman.yaml"
echo "{name: net1, ports: [vif1.0], bandwidth: [{link: eth1, rc: 1Gbit}]}" >"$conf/networks.d/net1.yaml"
costs=$tmp/costs/costs.json
mkdir "$tmp/costs"

hosts_up
bus_up
module_load
wire eth1
wire vif1.0
# what becomes of a packet in the far end is not Dom0's work
ip netns exec hosts tc qdisc add dev eth1-h clsact
ip netns exec hosts tc filter add dev eth1-h ingress matchall action drop
ip link add br0 type bridge
ip link set br0 up
ip link set eth1 master br0
ip link set vif1.0 master br0
ip netns exec hosts ethtool -K vif1.0-h tso off >/dev/null
ethtool -K vif1.0 gro on >/dev/null
daemon_up --costs "$costs"
calibrated() { xnetman-ctl -j status | jq -e '.resources[] | select(.name == "cpu").calibrated'; }
ok "at first nothing is calibrated" sh -c '! xnetman-ctl -j status | jq -e ".resources[] | select(.name == \"cpu\").calibrated"'

links=$(ip -br link | awk '{ print $1 }' | sort)
ok "calibrate works" xnetman-ctl calibrate output "$costs"
sed 's/^/# /' "$tmp/out"
is "it leaves no device behind" "$(ip -br link | awk '{ print $1 }' | sort)" "$links"
ok "nor a process of its own" sh -c '! pgrep -x xnetman-ctl'
ok "the running daemon has loaded it" calibrated
is "every path costs something a packet" "$(jq '[.paths[] | .packet > 0 and .byte >= 0] | all and length == 5' "$costs")" true
is "dropping costs less than bridging, and routing more" \
	"$(jq '.paths | .drop.packet < .rx.packet and .rx.packet < .forward.packet' "$costs")" true

# The thread of a port's NAPI does all for its packets: what it ran is what they cost.
if [ -z "${XNETMAN_LAB_ICOUNT:-}" ]; then
	skip "packets cost what the model says" "the time of this machine is the host's"
else
	echo 1 >/sys/class/net/vif1.0/threaded
	thread=$(napi_thread vif1.0)
	ran() { cut -d' ' -f1 "/proc/$thread/schedstat"; }
	neigh eth1 10.2.1.2
	for size in 100 700 1400; do
		flow 1 vif1.0 02:00:00:00:00:99 10.2.1.2 pkt_size $size ratep 2000 count 10000
		bridge fdb replace 02:00:00:00:00:99 dev eth1 master static
		before=$(ran)
		flows_run
		sleep 1
		took=$(($(ran) - before))
		flows_reset
		near "a bridged packet of $size bytes takes what the model says, ns, within 15 %" $((took / 10000)) \
			"$(jq --argjson s $size '.paths | (.rx.packet + .link.packet + (.rx.byte + .link.byte) * $s) * 1e9 | round' "$costs")" \
			$((took / 10000 * 15 / 100))
	done
fi
daemon_down
tap_done
