#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Figure 4 of the XNetMan paper, inside a lab: three networks with different SLAs offer the
# same demand to one link.
# Usage: fig4.sh DIVISOR SECONDS OUT.json   (DIVISOR 1: the paper's rates, 10: a tenth)
. "$(dirname "$0")/../netns/lib.sh"

div=$1 seconds=$2 out=$3
mbit() { echo "$(($1 / div))Mbit"; }

# eth0 and eth1 are NICs. net1 and net2 are split: their packets go eth0 -> Dom0 -> eth1, each
# in its VRF. net3 is forwarded by its virtual router, and comes from its vif.
hosts_up
bus_up
module_load seed=4 # so that two runs in virtual time are the same
wire eth0
wire vif3.0
wire eth1 "$(mbit 1000)"
for n in 1 2; do
	ip link add vrf$n type vrf table 10$n
	ip link set vrf$n up
	ip link add link eth0 name eth0.$n type vlan id $n
	ip link set eth0.$n master vrf$n up
	ip addr add 10.1.$n.1/24 dev eth0.$n
	ip route add 10.2.$n.0/24 dev eth1 table 10$n
done
ip addr add 10.1.3.1/24 dev vif3.0
ip route add 10.2.3.0/24 dev eth1
for n in 1 2 3; do
	neigh eth1 10.2.$n.2
done

# UDP with 1472 B of payload: 1514 B on the wire. The rate is that of these; then come 4 B of VLAN tag,
# which stays behind at eth0.
flow 1 eth0 "$(mac eth0)" 10.2.1.2 rate $((300 / div)) vlan_id 1 pkt_size 1518
flow 2 eth0 "$(mac eth0)" 10.2.2.2 rate $((300 / div)) vlan_id 2 pkt_size 1518
flow 3 vif3.0 "$(mac vif3.0)" 10.2.3.2 rate $((300 / div))

conf=$tmp/conf
mkdir -p "$conf/networks.d"
cat >"$conf/xnetman.yaml" <<-END
	links: [{name: eth1, capacity: $(mbit 1000)}]
END
define() { # NAME PATH PORTS RC RL
	cat >"$conf/networks.d/$1.yaml" <<-END
		name: $1
		data_path: $2
		ports: [$3]
		bandwidth: [{link: eth1, rc: $4, rl: $5}]
	END
}
define net1 split "vrf1, eth0.1" "$(mbit 50)" "$(mbit 350)"
define net2 split "vrf2, eth0.2" "$(mbit 100)" "$(mbit 100)"
define net3 vm vif3.0 0 "$(mbit 250)"

# The recorder is there before the first tick, and the traffic after the recorder.
daemon_up
if [ "${FIG4_LIVE:-}" ]; then
	xnetman-ctl monitor --ticks &
	monitor=$!
fi
xnetman-ctl record --seconds "$seconds" --output "$out" &
recorder=$!
sleep 0.3
flows_start
wait "$recorder"
[ -z "${monitor:-}" ] || kill "$monitor"
flows_stop
daemon_down

# What the far end of the link saw must be what the module says it let through.
passed() {
	counter '[.[] | select(.kind=="share") | .offered_packets - .dropped_packets] | add'
}
queue_drops=$(tc -s -j qdisc show dev eth1 root | jq '.[0].drops')
arrived() { [ "$(far eth1 rx_packets)" -eq $(($(passed) - queue_drops)) ]; }
wait_for 5 arrived || differ=yes
echo "the module let $(passed) packets pass, the far end received $(far eth1 rx_packets)," \
	"the queue dropped $queue_drops"
[ -z "${differ:-}" ]
