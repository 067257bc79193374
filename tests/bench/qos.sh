#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How long it takes to build, change and remove a link's tree, in a lab. Usage: qos.sh [NETWORKS]
. "$(dirname "$0")/../netns/lib.sh"

n=${1:-1000}
conf=$tmp/conf
mkdir -p "$conf/networks.d"
cat >"$conf/xnetman.yaml" <<-END
	policy: off
	links:
	  - name: eth1
	    capacity: 10Gbit
	    qos: off
END
define() { # RC: all of them
	local i
	for ((i = 1; i <= n; i++)); do
		printf 'name: net%d\npriority: %d\nbandwidth: [{link: eth1, rc: %s}]\n' "$i" $((i % 8)) "$1" \
			>"$conf/networks.d/net$i.yaml"
	done
}

# took LABEL COMMAND...
took() {
	local label=$1 start=$EPOCHREALTIME
	shift
	"$@" >/dev/null
	awk -v l="$label" -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%-44s %8.1f ms\n", l, (b - a) * 1000 }'
}

need_modules
bus_up
module_load
ip link add eth1 type dummy
ip link set eth1 up
define 1Mbit
daemon_up
classes() {
	tc class show dev eth1 | wc -l
}

took "reload, $n networks, no tree" xnetman-ctl reload
took "make the tree" xnetman-ctl link set eth1 qos on
[ "$(classes)" -eq $((n + 3)) ] || { echo "there are $(classes) classes" >&2; exit 1; }
took "reload, nothing changed" xnetman-ctl reload
define 2Mbit
took "reload, every class changed" xnetman-ctl reload
took "change one network" xnetman-ctl qos set net7 link eth1 priority 3
took "add a limiter to one network" xnetman-ctl qos set net7 link eth1 limiter 50Mbit
took "add a network" xnetman-ctl network add extra link eth1 rc 1Mbit
took "remove it" xnetman-ctl network delete extra
took "figures of all classes" xnetman-ctl -j qos show eth1
daemon_down
took "start, with the tree there" daemon_up
took "remove the tree" xnetman-ctl link set eth1 qos off
daemon_down
