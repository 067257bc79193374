# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by tests with virtual routers: each is a namespace with a vif in two bridges (br0 with the uplink eth1, br1 with
# eth2); they share the uplinks. The rest is lib.sh's.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# A router's own programs, by nsenter: `ip netns exec` also mounts, which takes a lab longer than the program itself.
R() { # N COMMAND...: in router N
	nsenter --net="/run/netns/router$1" -- "${@:2}"
}

router() { # N: eth0 10.N.1.1 in br0, eth1 10.N.2.1 in br1
	ip netns add "router$1"
	for i in 0 1; do
		ip link add "vif$1.$i" type veth peer name "eth$i" netns "router$1"
		ip link set "vif$1.$i" master "br$i" up
		ip -n "router$1" link set "eth$i" address "02:00:00:00:0$1:0$i" up
		ip -n "router$1" addr add "10.$1.$((i + 1)).1/24" dev "eth$i"
		ip -n hosts addr add "10.$1.$((i + 1)).2/24" dev "eth$((i + 1))-h"
	done
	R "$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
	# to 10.N9/16 both know the way, to 10.N8/16 only the router
	ip -n "router$1" route add "10.${1}9.0.0/16" via "10.$1.2.2"
	ip -n "router$1" route add "10.${1}8.0.0/16" via "10.$1.2.2"
}

bridges_up() { # and all else, but the routers
	hosts_up
	bus_up
	module_load
	local i
	for i in 0 1; do
		ip link add br$i type bridge
		ip link set br$i up
		wire eth$((i + 1))
		ip link set eth$((i + 1)) master br$i
	done
}

plane() { # N [MAC [RULES]]: the data plane of router N
	cat <<-END
		{"interfaces": [
		  {"name": "eth0", "mac": "${2:-02:00:00:00:0$1:00}", "addresses": ["10.$1.1.1"]},
		  {"name": "eth1", "mac": "02:00:00:00:0$1:01", "addresses": ["10.$1.2.1"]}],
		 "routes": [
		  {"to": "10.$1.1.0/24", "dev": "eth0"},
		  {"to": "10.$1.2.0/24", "dev": "eth1"},
		  {"to": "10.${1}9.0.0/16", "via": "10.$1.2.2", "dev": "eth1"}],
		 "nftables": ${3:-[]}}
	END
}

state() { # N
	C -j plane show "net$1" | jq -r .state
}

state_is() { # N STATE
	test "$(state "$1")" = "$2"
}

bound() {
	C -j port list | jq -e "[.[] | select(.ifindex > 0)] | length == $1"
}
