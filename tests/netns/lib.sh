# SPDX-License-Identifier: GPL-2.0-or-later
# What the functional tests and experiments share. Sourced by bash scripts that run as root
# inside a lab (scripts/lab): Dom0 is the initial network namespace, the world outside
# is the namespace `hosts`, and every wire is a veth pair whose far end is NAME-h there.

set -eu -o pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
. "$top/tests/tap.sh"

# wait_for SECONDS COMMAND...: until it succeeds; fails after that time, of which an emulated machine has more.
wait_for() {
	local end=$((SECONDS + $1 * ${XNETMAN_LAB_VIRTUAL:-8}))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -le "$end" ] || return 1
		sleep "${wait_pause:-0.05}"
	done
}

# The same, and asks less often: in virtual time each question costs much of the real one.
wait_until() {
	wait_pause=0.5 wait_for "$@"
}

# --- who does something ---------------------------------------------------------------------

C() {
	xnetman-ctl "$@"
}

H() { # in the namespace `hosts`
	ip netns exec hosts "$@"
}

# --- wires and hosts ---------------------------------------------------------------------

need_modules() {
	local m
	for m in veth vrf bridge 8021q pktgen sch_tbf sch_htb sch_netem dummy nfnetlink nf_tables; do
		modprobe -q "$m" 2>/dev/null || true # built in, in the UML lab
	done
}

# QEMU 7.2's TCG with several CPUs can run stale code when the kernel patches a jump label under
# traffic (an int3 oops, also without xnetman). A chain that stays keeps those labels as they are.
pin_hooks() {
	nft add table netdev pin
	nft add chain netdev pin in "{ type filter hook ingress device lo priority 0; }"
	nft add chain netdev pin out "{ type filter hook egress device lo priority 0; }"
}

hosts_up() {
	need_modules
	[ "${XNETMAN_LAB:-}" != qemu ] || pin_hooks
	ip netns add hosts
	ip -n hosts link set lo up
	# A burst waits, as in a NIC's ring, rather than being lost where nobody counts it.
	sysctl -qw net.core.netdev_max_backlog=200000
	sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
	sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.all.forwarding=0
	ip netns exec hosts sysctl -qw net.ipv6.conf.default.disable_ipv6=1
}

# wire NAME [RATE]: a device of Dom0 and its far end; RATE gives it a speed, as a NIC has.
wire() {
	ip link add "$1" type veth peer name "$1-h" netns hosts
	ip link set "$1" up
	ip -n hosts link set "$1-h" up
	[ $# -lt 2 ] || tc qdisc replace dev "$1" root tbf rate "$2" burst 64kb limit 4mb
}

# sink DEV NET...: Dom0 routes these destinations out of DEV; the far end counts and drops them.
sink() {
	local dev=$1 net
	shift
	ip addr add "10.254.${dev##*[!0-9]}.1/30" dev "$dev" 2>/dev/null || true
	for net; do
		ip route replace "$net" dev "$dev"
	done
}

# A neighbour on DEV that takes packets for ADDR (at a MAC that is nobody's, so nobody answers).
neigh() {
	ip neigh replace "$2" lladdr 02:00:00:00:00:99 dev "$1" nud permanent
}

mac() {
	cat "/sys/class/net/$1/address"
}

# --- traffic: pktgen, in the kernel -------------------------------------------------------

pg() {
	local file=$1
	shift
	ip netns exec hosts sh -c 'echo "$2" >/proc/net/pktgen/$1' sh "$file" "$*"
}

# flow ID DEV DST_MAC DST_IP [KEY VALUE]...: one pktgen flow out of DEV-h; keys are pktgen's
# (rate 300, count 1000, pkt_size 1514, min_pkt_size, max_pkt_size, flag TXSIZE_RND, vlan_id 10).
# On CPU $flow_cpu, 0 if that is not set.
flow() {
	local device="$2-h@$1" settings=("dst_mac $3" "dst_min $4" "dst_max $4"
		"src_min 10.1.$1.2" "src_max 10.1.$1.2" "pkt_size 1514" "count 0")
	shift 4
	while [ $# -gt 0 ]; do
		settings+=("$1 $2")
		shift 2
	done
	# in one process: to start one takes a second in a debug kernel
	ip netns exec hosts sh -c 'cd /proc/net/pktgen && file=$1 thread=$2 && shift 2 &&
		echo "add_device $file" >"$thread" &&
		for setting; do echo "$setting" >"$file" || exit; done' sh "$device" "kpktgend_${flow_cpu:-0}" "${settings[@]}"
}

# networks_up RATE...: vif1.0, vif2.0 ... and eth1, and of each network a flow of so many Mbit/s to 10.2.ID.2 behind eth1.
networks_up() {
	local id=0 rate
	wire eth1
	for rate; do
		id=$((id + 1))
		wire vif$id.0
		ip addr add 10.1.$id.1/24 dev vif$id.0
		ip route add 10.2.$id.0/24 dev eth1
		neigh eth1 10.2.$id.2
		flow $id vif$id.0 "$(mac vif$id.0)" 10.2.$id.2 rate "$rate"
	done
}

flows_run() { # until every count is reached
	pg pgctrl start
}

flows_start() {
	pg pgctrl start &
	flows_pid=$!
}

flows_stop() {
	pg pgctrl stop
	wait "$flows_pid" 2>/dev/null || true
}

flows_reset() {
	pg pgctrl reset
}

# sent ID DEV: packets and bytes that flow has sent
sent() {
	ip netns exec hosts sed -n 's/.*pkts-sofar: \([0-9]*\) .*/\1/p' "/proc/net/pktgen/$2-h@$1"
}

# far DEV FIELD: rx_packets, rx_bytes, tx_packets, tx_bytes of the far end
far() {
	ip netns exec hosts cat "/sys/class/net/$1-h/statistics/$2"
}

near_end() {
	cat "/sys/class/net/$1/statistics/$2"
}

# Process id of the thread that a device with threaded NAPI has. (Other processes come and go meanwhile.)
napi_thread() { # DEV
	{ grep -lx "napi/$1-[0-9]*" /proc/[0-9]*/comm 2>/dev/null || true; } | sed -n '1s:/proc/\([0-9]*\)/.*:\1:p'
}

# --- module and daemon ---------------------------------------------------------------------

# module_load [PARAMETER=VALUE]...
module_load() {
	insmod "$XNETMAN_KO" "$@"
}

K() {
	xnetman-ctl kernel "$@"
}

# counter JQ-FILTER: of the module's records
counter() {
	K counters | jq -r "$1"
}

# share NET_ID DEV FIELD; port DEV FIELD; host DEV FIELD
share() {
	counter ".[] | select(.kind==\"share\" and .net_id==$1 and .device==\"$2\") | .$3"
}

port() {
	counter ".[] | select(.kind==\"port\" and .device==\"$1\") | .$2"
}

host() {
	counter ".[] | select(.kind==\"link\" and .device==\"$1\") | .$2"
}

bus_up() {
	mkdir -p /run/dbus
	grep -q '^xnetman:' /etc/group || bus_group
	cat >"$tmp/bus.conf" <<-END
		<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
		 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
		<busconfig>
		  <type>system</type>
		  <listen>unix:path=/run/dbus/system_bus_socket</listen>
		  <auth>EXTERNAL</auth>
		  <policy context="default">
		    <allow user="*"/>
		    <deny own="*"/>
		    <deny send_type="method_call"/>
		    <allow send_type="signal"/>
		    <allow send_requested_reply="true" send_type="method_return"/>
		    <allow send_requested_reply="true" send_type="error"/>
		    <allow receive_type="method_call"/>
		    <allow receive_type="method_return"/>
		    <allow receive_type="error"/>
		    <allow receive_type="signal"/>
		    <allow send_destination="org.freedesktop.DBus"/>
		  </policy>
		  <include>$top/dist/org.xnetman1.conf</include>
		</busconfig>
	END
	dbus-daemon --config-file="$tmp/bus.conf" --fork --nopidfile --print-pid >"$tmp/bus.pid"
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/dbus/system_bus_socket
	export DBUS_SYSTEM_BUS_ADDRESS
}

# The lab's /etc is read-only: give it one that has the group.
bus_group() {
	cp /etc/group "$tmp/group"
	echo 'xnetman:x:990:' >>"$tmp/group"
	mount --bind "$tmp/group" /etc/group
}

# daemon_up [OPTION]...: with the definitions in $conf; returns when it is ready.
daemon_up() {
	mkdir -p "$conf/networks.d"
	xnetmand --config "$conf" --state "$tmp/state" --history "$tmp/history.db" "$@" \
		>>"$tmp/daemon.log" 2>&1 &
	daemon_pid=$!
	wait_for 10 daemon_answers || {
		cat "$tmp/daemon.log" >&2
		return 1
	}
}

daemon_answers() {
	xnetman-ctl -j info
}

daemon_down() {
	kill "${1:--TERM}" "$daemon_pid"
	wait "$daemon_pid" 2>/dev/null || true
}
