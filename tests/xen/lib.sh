# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests on real Xen share. Sourced by bash scripts that run in the Xen lab
# (scripts/lab --engine xen --domains 2): vr1 and vr2 are on the bridge xenbr0, which gets the
# link eth1, whose far end is in the namespace `hosts`. TAP, wires and flows are tests/netns/lib.sh's.
. "$(dirname "${BASH_SOURCE[0]}")/../netns/lib.sh"

# The daemon without networks and links.
forget_all() {
	local name

	for name in $(C -j network list | jq -r '.[].name'); do
		C network delete "$name"
	done
	for name in $(C -j link list | jq -r '.[].name'); do
		C link delete "$name"
	done
}

# The link: eth1, in the bridge.
uplink() {
	[ ! -e /run/netns/hosts ] || return 0
	hosts_up
	wire eth1
	ip link set eth1 master xenbr0
	ip -n hosts addr add 10.1.0.2/16 dev eth1-h
}

running() { # DOMAIN
	xl domid "$1" >/dev/null 2>&1
}

# A DomU that a former test may have left in any state.
fresh() { # NAME [KEY=VALUE]...: see domu
	! running "$1" || xl destroy "$1"
	domu start "$@"
}

vif() { # DOMAIN [N]: its device in Dom0
	echo "vif$(xl domid "$1").${2:-0}"
}

domu_mac() { # DOMAIN
	domu run "$1" cat /sys/class/net/eth0/address
}

own() { # DOMAIN FIELD: the DomU's own counter
	domu run "$1" cat "/sys/class/net/eth0/statistics/$2"
}

bound_to() { # DEVICE NETWORK: is it that network's port in the kernel?
	local id

	id=$(C -j network list | jq ".[] | select(.name == \"$2\").id")
	[ -n "$id" ] && K counters | jq -e ".[] | select(.kind == \"port\" and .device == \"$1\" and .net_id == $id)"
}

portless() { # NETWORK
	[ "$(C -j port list | jq "[.[] | select(.network == \"$1\")] | length")" = 0 ]
}

unbound() { # DEVICE
	! K counters | jq -e ".[] | select(.kind == \"port\" and .device == \"$1\")"
}

# What a DomU sends by itself: pktgen there. domu_flow DOMAIN DST_MAC DST_IP [KEY VALUE]...
domu_flow() {
	local domain=$1 commands="cd /proc/net/pktgen; echo add_device eth0 >kpktgend_0"
	commands+="; for l in 'count 0' 'pkt_size 1514' 'dst_mac $2' 'dst_min $3' 'dst_max $3'"
	shift 3
	while [ $# -gt 0 ]; do
		commands+=" '$1 $2'"
		shift 2
	done
	domu run "$domain" "echo reset >/proc/net/pktgen/pgctrl; $commands; do echo \"\$l\" >eth0 || exit 1; done" >/dev/null
}

domu_flow_start() { # DOMAIN
	domu run "$1" '(echo start >/proc/net/pktgen/pgctrl) >/dev/null 2>&1 &'
}

domu_flow_stop() { # DOMAIN
	domu run "$1" 'echo stop >/proc/net/pktgen/pgctrl'
}

# Packets and bytes that the DomU sent, and that it received: by itself, and by its port; there also the
# packets that netback dropped, for want of room (tx_dropped) or after too long a wait (rx_dropped, the
# DomU's view). Netfront counts what it receives without the Ethernet header.
own_counts() { # DOMAIN DEV
	domu run "$1" "cd /sys/class/net/$2/statistics; cat tx_packets tx_bytes rx_packets rx_bytes" | paste -sd " " |
		awk '{ print $1, $2, $3, $4 + 14 * $3 }'
}

port_counts() { # DEVICE
	counter ".[] | select(.kind == \"port\" and .device == \"$1\") | [.rx_packets, .rx_bytes, .tx_packets, .tx_bytes] | join(\" \")" |
		paste -d " " - <(echo $(($(near_end "$1" tx_dropped) + $(near_end "$1" rx_dropped))))
}

# beyond DOMAIN DEVICE [DEV]: what the DomU counted at its DEV (eth0) beyond what its port DEVICE did, and
# netback dropped: packets and bytes sent, packets and bytes received. All 0 if the port had it from the
# first packet on. Of what was dropped only the packets are known, so then bytes received is "?".
beyond() {
	local end=$((SECONDS + 60)) before after own

	# what comes by itself (ARP, say) between two readings is not to be in one only
	until
		before=$(port_counts "$2")
		own=$(own_counts "$1" "${3:-eth0}")
		after=$(port_counts "$2")
		[ "$before" = "$after" ]
	do
		[ "$SECONDS" -lt "$end" ] || { echo "$2 does not become quiet"; return; }
	done
	echo "$own $after" | awk '{ print $1 - $5, $2 - $6, $3 - $7 + $9, $9 ? "?" : $4 - $8 }'
}

# same_counters DOMAIN DEVICE [DEV [BEYOND]]: DomU and port count the same, since boot or since beyond() printed that.
same_counters() {
	local was=${4:-0 0 0 0} now

	now=$(beyond "$1" "$2" "${3:-eth0}")
	case $was$now in *"?"*) was=${was% *} now=${now% *} ;; esac
	echo "# $2 (packets and bytes sent by $1, packets and bytes to it, packets dropped by netback): $(port_counts "$2")"
	is "$1 counts what its port does, sent and received" "$now" "$was"
}

# since TIME NETWORK: its long intervals on eth1 that began after TIME (date +%s) and are over, as JSON
since() {
	local il

	il=$(C -j info | jq .long_interval)
	C -j history "$2" count 100 | jq "[.[] | select(.link == \"eth1\" and .time - $il >= $1)]"
}

closed() { # TIME NETWORK COUNT
	[ "$(since "$1" "$2" | jq length)" -ge "$3" ]
}
