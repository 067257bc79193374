#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A sender that heeds losses (TCP) and is punished has what it is allowed, and not less, in any second;
# one that does not heed them has that, too, and not more.
. "$(dirname "$0")/lib.sh"

mbit=8 # what each network is sold; an emulated machine can send that, too
hosts_up
bus_up
module_load
for dev in vif1.0 vif2.0 eth1; do
	wire $dev
done
tc qdisc replace dev eth1 root tbf rate 40Mbit burst 64kb limit 64kb

# net1 is a host that speaks TCP, 10 ms away, with a server behind the link, 10 ms from it.
ip netns add client
ip -n hosts link set vif1.0-h netns client
ip addr add 10.1.1.1/24 dev vif1.0
ip -n client addr add 10.1.1.2/24 dev vif1.0-h
ip -n client link set vif1.0-h up
ip -n client route add default via 10.1.1.1
ip addr add 10.2.0.1/16 dev eth1
ip -n hosts addr add 10.2.1.2/16 dev eth1-h
ip -n hosts route add default via 10.2.0.1
ip netns exec client ethtool -K vif1.0-h tso off gso off >/dev/null
tc -n client qdisc add dev vif1.0-h root netem delay 10ms limit 10000
tc -n hosts qdisc add dev eth1-h root netem delay 10ms limit 10000
# net2 offers twice what it is sold by UDP, and nobody is there.
ip addr add 10.1.2.1/24 dev vif2.0
neigh eth1 10.2.2.2
flow 2 vif2.0 "$(mac vif2.0)" 10.2.2.2 rate $((2 * mbit))

conf=$tmp/conf
mkdir -p "$conf/networks.d"
echo "links: [{name: eth1, capacity: 40Mbit}]" >"$conf/xnetman.yaml"
for id in 1 2; do
	cat >"$conf/networks.d/net$id.yaml" <<-END
		name: net$id
		ports: [vif$id.0]
		bandwidth: [{link: eth1, rc: ${mbit}Mbit, rl: ${mbit}Mbit}]
	END
done
daemon_up
ip netns exec hosts stream serve 10.2.1.2 &
server=$!
sleep 0.5
ip netns exec client stream send 10.2.1.2 1 cubic &
client=$!
flows_start

# Bytes of a network that the module let pass.
passed() { # ID
	echo $(($(share "$1" eth1 offered_bytes) - $(share "$1" eth1 dropped_bytes)))
}
# Mbit/s that net1 had in the worst second of so many, and both on average.
served() { # SECONDS
	local i
	for ((i = 0; i <= $1; i++)); do
		echo "$EPOCHREALTIME $(passed 1) $(passed 2)"
		[ "$i" = "$1" ] || sleep 1
	done | awk 'NR == 1 { from = $1; first = $3 }
		NR > 1 { r = ($2 - last) / ($1 - at) / 125e3; if (NR == 2 || r < least) least = r }
		NR == 1 { begun = $2 }
		{ at = $1; last = $2; end = $3 }
		END { s = (at - from) * 125e3; printf "%.2f %.2f %.2f\n", least, (last - begun) / s, (end - first) / s }'
}
within() { # VALUE LEAST MOST, percent of what they are sold
	awk -v v="$1" -v a="$2" -v b="$3" -v m="$mbit" 'BEGIN { exit !(v >= m * a / 100 && v <= m * b / 100) }'
}
sleep 5
read -r tcp _ udp < <(served 10)
ok "TCP has what it is allowed: $tcp of $mbit Mbit/s in the worst second" within "$tcp" 80 200
ok "UDP, too, and not more: $udp" within "$udp" 97 103
ok "both were punished" test "$(share 1 eth1 dropped_packets)" -gt 0 -a "$(share 2 eth1 dropped_packets)" -gt 100

# By the ratio alone TCP falls below that each time that it is punished.
xnetman-ctl link set eth1 guard off
sleep 2
read -r tcp _ udp < <(served 10)
ok "without the guard TCP has less: $tcp" within "$tcp" 0 80
ok "UDP has the same: $udp" within "$udp" 97 103
xnetman-ctl link set eth1 guard on
flows_stop
sleep 2
read -r _ tcp _ < <(served 30)
ok "alone on an idle link TCP has no more than it is sold: $tcp" within "$tcp" 88 112
kill $client $server
daemon_down
tap_done
