# SPDX-License-Identifier: GPL-2.0-or-later
# In the lab: 10000 frames of 1514 bytes at 100 Mbit/s over a veth; prints the packets and bytes
# that arrived and the microseconds it took.
set -eu
modprobe pktgen 2>/dev/null || :
ip netns add far
ip link add near type veth peer name far netns far
sysctl -qw net.ipv6.conf.near.disable_ipv6=1
ip netns exec far sysctl -qw net.ipv6.conf.far.disable_ipv6=1
ip link set near up
ip -n far link set far up
echo "add_device near" >/proc/net/pktgen/kpktgend_0
mac=$(ip netns exec far cat /sys/class/net/far/address)
for setting in "count 10000" "pkt_size 1514" "dst_mac $mac" "dst 10.0.0.2" "rate 100M"; do
	echo "$setting" >/proc/net/pktgen/near
done
echo start >/proc/net/pktgen/pgctrl
took=$(sed -n 's/^Result: OK: \([0-9]*\).*/\1/p' /proc/net/pktgen/near)
ip netns exec far sh -c 'cd /sys/class/net/far/statistics && cat rx_packets rx_bytes' | paste -sd " " | sed "s/$/ $took/"
