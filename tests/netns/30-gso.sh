#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A GSO packet is counted as the segments that go on the wire.
. "$(dirname "$0")/lib.sh"

hosts_up
module_load
# A DomU in a namespace of its own sends TCP through Dom0; the link cannot segment, so
# that what its driver counts is what is on the wire.
ip netns add vr1
ip netns exec vr1 sysctl -qw net.ipv6.conf.default.disable_ipv6=1
ip link add vif1.0 type veth peer name eth0 netns vr1
ip link set vif1.0 up
ip addr add 10.1.1.1/24 dev vif1.0
ip -n vr1 link set lo up
ip -n vr1 link set eth0 up
ip -n vr1 addr add 10.1.1.2/24 dev eth0
ip -n vr1 route add default via 10.1.1.1
ip -n vr1 neigh add 10.1.1.1 lladdr "$(mac vif1.0)" dev eth0 nud permanent
ip neigh add 10.1.1.2 lladdr "$(ip netns exec vr1 cat /sys/class/net/eth0/address)" dev vif1.0 nud permanent
wire eth1
ip addr add 10.2.1.1/24 dev eth1
ip -n hosts addr add 10.2.1.2/24 dev eth1-h
ip -n hosts route add default via 10.2.1.1
ethtool -K eth1 tso off gso off >/dev/null
K network 1 net1
K port vif1.0 1
K link eth1

# The server must not see the end of its own input: it would hang up.
mkfifo "$tmp/silence"
exec 9<>"$tmp/silence"

transfer() {
	ip netns exec hosts busybox nc -l -p 5001 <&9 >"$tmp/received" &
	wait_for 10 sh -c 'ip netns exec hosts ss -Hltn | grep -q :5001' || return 1
	ip netns exec vr1 bash -c "dd if=/dev/zero bs=64k count=80 status=none >/dev/tcp/10.2.1.2/5001"
	wait $!
	test "$(stat -c %s "$tmp/received")" = $((80 * 65536))
}

p0=$(near_end eth1 tx_packets) b0=$(near_end eth1 tx_bytes)
ok "a TCP stream goes through" transfer
pkts=$(share 1 eth1 offered_packets)
ok "the port saw GSO packets (fewer than segments)" \
	test "$(near_end vif1.0 rx_packets)" -lt "$((pkts / 2))"
is "packets on the link are segments" "$((pkts + $(host eth1 offered_packets)))" \
	$(($(near_end eth1 tx_packets) - p0))
is "bytes on the link are the segments' with their headers" \
	"$(($(share 1 eth1 offered_bytes) + $(host eth1 offered_bytes)))" $(($(near_end eth1 tx_bytes) - b0))
is "packets at the port are the same segments" "$(port vif1.0 rx_packets)" "$pkts"
is "bytes at the port are the same" "$(port vif1.0 rx_bytes)" "$(share 1 eth1 offered_bytes)"
tap_done
