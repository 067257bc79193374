#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What people do wrong, end to end: each row is refused with its exit status and one line on
# stderr that says what, where and what to do, and nothing has changed afterwards.
. "$(dirname "$0")/lib.sh"

conf=$tmp/conf
net1=$conf/networks.d/net1.yaml net2=$conf/networks.d/net2.yaml machine=$conf/xnetman.yaml
mkdir -p "$conf/networks.d"
cat >"$machine" <<-END
	short_interval: 1s
	long_interval: 15s
	links:
	  - name: eth1
	    capacity: 100Mbit
	  - name: eth2
	    capacity: 1Gbit
END
cat >"$net1" <<-END
	name: net1
	ports: [vif1.0]
	bandwidth:
	  - link: eth1
	    rc: 5Mbit
	    rl: 35Mbit
END
cat >"$net2" <<-END
	name: net2
	ports: [vif2.0]
	bandwidth:
	  - link: any
	    rc: 60Mbit
END

# --- rows ----------------------------------------------------------------------------------

# The definitions, byte by byte, in $now. Builtins only: a process costs 0.1 s here.
look() {
	local file text
	now=
	for file in "$conf"/* "$conf"/networks.d/* "$conf"/networks.d/.[!.]*; do
		[ -f "$file" ] || continue
		IFS= read -r -d '' text <"$file" || true
		now+="$file: $text"
	done
}

# What the module has, without counters.
objects() {
	K counters | jq -cS '.[] | {kind, net_id, ifindex, name, ratio}'
}

# judge STATUS PATTERN: of the command just run, whose status is $got
judge() {
	[ "$got" = "$1" ] || echo "exit status $got, not $1"
	[ "${#lines[@]}" = 1 ] || echo "${#lines[@]} lines on stderr, not 1"
	[[ ${lines[0]-} =~ ^(xnetman-ctl|xnetmand):\ $2 ]] || echo "stderr does not match: $2"
	[[ ${lines[*]-} != *[[:cntrl:]]* ]] || echo "control characters on stderr"
	[ "$now" = "$before" ] || echo "definitions have changed: $now"
	[ -z "${daemon_pid-}" ] || kill -0 "$daemon_pid" || echo "the daemon is dead"
}

# row PROMISE STATUS PATTERN COMMAND...: it is refused. What it says with -j is judged later.
row() {
	local promise=$1 status=$2 pattern=$3 before now got=0 lines document
	shift 3
	look
	before=$now
	"$@" >"$tmp/stdout" 2>"$tmp/stderr" </dev/null || got=$?
	look
	mapfile -t lines <"$tmp/stderr"
	mapfile -t document <"$tmp/stdout"
	judge "$status" "$pattern" >"$tmp/faults" 2>&1
	ok "$promise" fault_free
	case " $* " in *" xnetman-ctl -j "*)
		printf '%s\n' "${document[@]}" >>"$tmp/documents"
		printf '%s %s\n' "$got" "${lines[0]-}" >>"$tmp/errors"
		;;
	esac
}

fault_free() {
	[ ! -s "$tmp/faults" ] || {
		cat "$tmp/faults" "$tmp/stderr"
		return 1
	}
}

nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
ctl=(xnetman-ctl -j)
daemon=(timeout 20 xnetmand --config "$conf" --state "$tmp/state" --history none)

# bad PROMISE STATUS PATTERN WORD...: of xnetman-ctl
bad() {
	row "$1" "$2" "$3" "${ctl[@]}" "${@:4}"
}

# text PROMISE FILE TEXT PATTERN [BLAMED]: a reload with this in FILE is refused with the fault in
# BLAMED, by default FILE, which is put right again afterwards.
text() {
	local old=
	[ ! -e "$2" ] || IFS= read -r -d '' old <"$2" || true
	printf '%b' "$3" >"$2"
	bad "$1" 1 "${5-$2}$4" reload
	if [ -n "$old" ]; then printf %s "$old" >"$2"; else rm "$2"; fi
}

same_objects() {
	objects >"$tmp/objects"
	ok "$1" diff "$tmp/kernel" "$tmp/objects"
}

# --- without the module, and with that of another version -----------------------------------

hosts_up
bus_up
row "no module: xnetmand does not start" 1 'the xnetman kernel module is not loaded: modprobe xnetman' \
	"${daemon[@]}"
bad "no module: kernel info" 6 'kernel info: .* is not loaded: modprobe xnetman' kernel info
bad "no daemon: status" 2 'xnetmand is not running: start it with: systemctl start xnetmand' status
bad "no daemon: a change" 2 'xnetmand is not running: start it with' link add eth9 capacity 1Gbit

version=$(<"$top/VERSION")
LC_ALL=C sed "s/\(version=\|\x00\)${version//./\\.}\x00/\1${version//[0-9]/9}\x00/g" \
	"$XNETMAN_KO" >"$tmp/other.ko"
insmod "$tmp/other.ko"
versions="module is version ${version//[0-9]/9}, this program is version $version: load the module.* rmmod"
row "module of another version: xnetmand does not start" 1 ".*$versions" "${daemon[@]}"
bad "module of another version: kernel counters" 6 "kernel counters: .*$versions" kernel counters
bad "module of another version: kernel push" 6 "kernel push: .*$versions" kernel push 1s
rmmod xnetman

# --- xnetmand does not start ------------------------------------------------------------------

module_load
wire vif1.0
wire vif2.0
wire eth1
row "xnetmand as nobody" 1 'needs root .*: systemctl start xnetmand' "${nobody[@]}" "${daemon[@]}"
row "xnetmand: unknown option" 2 'unknown option --frob: try xnetmand --help' xnetmand --frob
row "xnetmand: option without value" 2 'a value is missing after --config' xnetmand --config
row "xnetmand: a word too many" 2 '"now" is no option: try' xnetmand now
row "xnetmand: no configuration directory" 1 "$tmp/nowhere: cannot be read: No such file" \
	"${daemon[@]}" --config "$tmp/nowhere"
row "xnetmand: a file for a configuration directory" 1 "$machine: is not a directory" \
	"${daemon[@]}" --config "$machine"
row "xnetmand: a state directory that can't be" 1 '/proc/nowhere/lock: No such file' \
	"${daemon[@]}" --state /proc/nowhere
row "xnetmand: no such bus" 1 'bus unix:path=/nowhere: .*: is dbus running' \
	"${daemon[@]}" --bus unix:path=/nowhere
row "xnetmand: a bus that is no address" 1 'bus gibberish: .*: is dbus running' \
	"${daemon[@]}" --bus gibberish
cp "$machine" "$tmp/machine"
chmod o+w "$net1"
row "xnetmand: a definition that everybody may write" 1 "$net1: everybody may write to it: chmod o-w" \
	"${daemon[@]}"
chmod o-w "$net1"
echo 'long_interval: 2500ms' >"$machine"
row "xnetmand: a mistake in a definition" 1 "$machine:1: long_interval: .* is no multiple of" \
	"${daemon[@]}"
cp "$tmp/machine" "$machine"
objects >"$tmp/kernel"
ok "and the module has nothing" test ! -s "$tmp/kernel"

# --- a daemon that runs -------------------------------------------------------------------------

daemon_up
objects >"$tmp/kernel"
xnetman-ctl monitor >"$tmp/monitor" 2>&1 &
monitor=$!
row "a second xnetmand" 1 "$tmp/state/lock: another xnetmand is running: stop it first" "${daemon[@]}"
row "a second xnetmand with another state" 1 'bus: another xnetmand owns org.xnetman1: stop it first' \
	"${daemon[@]}" --state "$tmp/other"

# what is asked for
bad "unit missing" 1 'network set: rc: "10" has no unit: write 100Mbit, 100kbit or 100bit' network set net1 link eth1 rc 10
bad "ambiguous unit" 1 'network set: rc: "10Mbps" may mean bytes or bits' network set net1 link eth1 rc 10Mbps
bad "negative rate" 1 'network set: rc: .*negative' network set net1 link eth1 rc -5Mbit
bad "Rc above the link's capacity" 1 'bandwidth\[0\].rc: rc \+ re is 200Mbit, more than the capacity of eth1, 100Mbit' \
	network add net3 link eth1 rc 200Mbit
bad "guarantees above the link's capacity" 1 'bandwidth\[0\].rc: .* does not fit .*eth1.*: write at most 35Mbit' \
	network add net3 link eth1 rc 36Mbit
bad "Rl < Rc" 1 'bandwidth\[0\].rl: "4Mbit" is below rc' network set net1 link eth1 rl 4Mbit
bad "Rmax < Rl" 1 'bandwidth\[0\].rmax: "30Mbit" is below rl' network set net1 link eth1 rmax 30Mbit
bad "no such link" 1 'bandwidth\[0\].link: "eth7" .*: add it there, or write one of eth1, eth2, any' \
	network add net3 link eth7 rc 1Mbit
bad "the same link twice" 1 'network add: rc of link eth1: given twice' network add net3 link eth1 rc 1Mbit link eth1 rc 2Mbit
bad "unknown key" 1 'network add: unknown key "rcc": did you mean "rc"' network add net3 link eth1 rcc 1Mbit
bad "a key before its link" 1 'network add: rc: on which link' network add net3 rc 1Mbit
bad "duplicate name" 4 'name: network net1 exists already, in .*net1.yaml' network add net1
bad "no such network: set" 3 'network net9: no such network' network set net9 priority 1
bad "no such network: show" 3 'network net9: no such network' network show net9
bad "no such network: delete" 3 'name: there is no network net9' network delete net9
bad "no such network: port" 3 'network net9: no such network' port add vif9.0 network net9
bad "port used twice" 4 'port vif1.0: is a port of network net1 already' port add vif1.0 network net2
bad "port used twice, in a definition" 1 'ports\[0\]: vif1.0 is a port of network net1 already' \
	network add net3 port vif1.0
bad "no such port" 3 'port vif9.0: no network has it' port delete vif9.0
bad "priority out of range" 1 'priority: .*write 0 \(lowest\) to 7' network set net1 priority 9
bad "unknown path" 1 'network set: data_path: "spilt" is not a data path: write vm or split' network set net1 data_path spilt
bad "link there already" 4 'name: eth1 is a link already' link add eth1 capacity 1Gbit
bad "no such link: set" 3 'name: eth7 is not a link: add it first' link set eth7 capacity 1Gbit
bad "no such link: delete" 3 'name: eth7 is not a link' link delete eth7
bad "no such link: status" 3 'no link eth7: see xnetman-ctl link list' status eth7
bad "a link without capacity" 1 'link add: capacity is missing' link add eth3
bad "capacity without unit" 1 'link add: capacity: "1000" has no unit' link add eth3 capacity 1000
bad "capacity 0" 1 'capacity: .*0 is no capacity' link set eth1 capacity 0
bad "capacity below what is sold" 1 "$net1:6: bandwidth\[0\].rl: .* more than the capacity of eth1, 10Mbit" \
	link set eth1 capacity 10Mbit
bad "deleting a link that is sold" 1 "$net1:4: bandwidth\[0\].link: \"eth1\" is not a link" link delete eth1
bad "a link called any" 1 'name: "any" means every link' link add any capacity 1Gbit
same_objects "the module has what it had (requests)"

# names
long=$(printf 'n%.0s' {1..5000})
bad "a path for a name" 1 'name: "../../etc/passwd" is not a name' network add ../../etc/passwd
bad "a path for a name: delete" 1 'name: "../xnetman" is not a name' network delete ../xnetman
bad "an absolute path for a name" 1 'name: "/etc/shadow" is not a name' network add /etc/shadow
mkfifo "$tmp/fifo.yaml"
bad "a name that leads to a FIFO" 1 'name: "../../fifo" is not a name' network add ../../fifo
mkfifo "$conf/networks.d/net3.yaml"
bad "a FIFO where the definition is to be" 1 "$conf/networks.d/net3.yaml: is not a regular file" network add net3
rm "$conf/networks.d/net3.yaml"
bad "an empty name" 1 'name: "" is not a name' network add ''
bad "a name with control characters" 1 'name: "a\?\[31mb\?c" is not a name' network add $'a\e[31mb\nc'
bad "a name that is no UTF-8" 1 'network add: name: is not UTF-8' network add $'\xff\xfe'
bad "no UTF-8: set" 1 'network set: .*UTF-8' network set $'\xff\xfe' priority 1
bad "a name of 5000 bytes" 1 'name: "n+" is not a name: use 1 to 63' network add "$long"
bad "a command of 5000 bytes" 1 'unknown command "n+": one of status' "$long"
bad "a device of 5000 bytes" 1 'name: "n+" is not the name of a device' link add "$long" capacity 1Gbit
bad "a path for a device" 1 'name: "../eth1" is not the name of a device' link add ../eth1 capacity 1Gbit
bad "control characters in a device" 1 'ports\[1\]: "a\?b" is not the name' port add $'a\tb' network net1
bad "a device of 5000 bytes for a port" 1 'ports\[1\]: "n+\.\.\." is too long: at most 64 bytes' port add "$long" network net1
bad "an unknown name with control characters" 3 'network a\?b: no such network' network show $'a\ab'
same_objects "the module has what it had (names)"

# what is in the files
text "file: unit missing" "$net1" 'name: net1\nbandwidth:\n  - link: eth1\n    rc: 100\n' \
	':4: bandwidth\[0\].rc: "100" has no unit: write 100Mbit'
text "file: Rc above the link's capacity" "$net1" 'name: net1\nbandwidth:\n- link: eth1\n  rc: 1Gbit\n' \
	':4: bandwidth\[0\].rc: 1Gbit, more than the capacity of eth1|:4: bandwidth\[0\].rc: .*1Gbit.* capacity of eth1, 100Mbit'
text "file: guarantees above the link's capacity" "$net2" 'name: net2\nbandwidth:\n- link: eth1\n  rc: 96Mbit\n' \
	':4: bandwidth\[0\].rc: .*5Mbit of its 100Mbit are guaranteed to others: write at most 95Mbit'
text "file: Rl < Rc" "$net1" 'name: net1\nbandwidth:\n- link: eth1\n  rc: 5Mbit\n  rl: 4Mbit\n' \
	':5: bandwidth\[0\].rl: "4Mbit" is below rc'
text "file: Rmax < Rl" "$net1" 'name: net1\nbandwidth:\n- {link: eth1, rl: 4Mbit, rmax: 3Mbit}\n' \
	':3: bandwidth\[0\].rmax: "3Mbit" is below rl'
text "file: unknown key" "$net1" 'name: net1\nprorty: 1\n' ':2: prorty: unknown key: did you mean priority'
text "file: name twice" "$conf/networks.d/net3.yaml" 'name: net1\n' ':1: name: "net1" is there twice'
text "file: name is not the file's" "$conf/networks.d/net3.yaml" 'name: net4\n' \
	':1: name: .*write name: net3, or rename the file to net4.yaml'
text "file: no such link" "$net1" 'name: net1\nbandwidth:\n- link: eth7\n' \
	':3: bandwidth\[0\].link: "eth7" .*add it there, or write one of eth1, eth2, any'
text "file: port twice" "$net2" 'name: net2\nports: [vif1.0]\n' \
	':2: ports\[0\]: vif1.0 is a port of network net1 already'
text "file: broken YAML" "$net1" 'name: net1\nports: [vif1.0\nbandwidth: x\n' ':3: YAML: .*close the bracket'
text "file: control characters" "$net1" 'name: net1\ndomain: "\001"\n' ':2: YAML: .*this is not text'
text "file: a name of 5000 bytes" "$net1" "name: $long\n" ':1: name: "?n+.* is not a name|:1: name: .*too long'
text "file: a path for a name" "$net1" 'name: ../net1\n' ':1: name: "../net1" is not a name'
text "file: Il is no multiple of Ic" "$machine" 'short_interval: 2s\nlong_interval: 15s\n' \
	':2: long_interval: 15s, is no multiple of the short one, 2s: write long_interval: 16s|:2: long_interval: .*write long_interval: 16s'
text "file: Ic out of range" "$machine" 'short_interval: 49ms\n' ':1: short_interval: .*write 50ms to 60s'
text "file: unknown key of the machine" "$machine" 'polcy: off\n' ':1: polcy: unknown key: did you mean policy'
text "file: a link taken from under its networks" "$machine" 'links: [{name: eth2, capacity: 1Gbit}]\n' \
	':4: bandwidth\[0\].link: "eth1" is not a link of .*: add it there, or write one of eth2, any' "$net1"
chmod o+w "$conf/networks.d"
bad "file: a directory that everybody may write" 1 "$conf/networks.d: everybody may write to it: chmod o-w" reload
chmod o-w "$conf/networks.d"
chmod o+w "$net1"
bad "file: a definition that everybody may write" 1 "$net1: everybody may write to it: chmod o-w" reload
bad "a change next to a file that everybody may write" 1 "$net1: everybody may write to it" network set net2 priority 1
chmod o-w "$net1"
ln -s /dev/zero "$conf/networks.d/net3.yaml"
bad "file: a device" 1 "$conf/networks.d/net3.yaml: is not a regular file" reload
rm "$conf/networks.d/net3.yaml"
same_objects "the module has what it had (files)"

# who asks
may='permission denied: only root and members of the group xnetman may change this'
row "nobody: network add" 5 "$may" "${nobody[@]}" "${ctl[@]}" network add net3
row "nobody: network delete" 5 "$may" "${nobody[@]}" "${ctl[@]}" network delete net1
row "nobody: link set" 5 "$may" "${nobody[@]}" "${ctl[@]}" link set eth1 capacity 1Gbit
row "nobody: reload" 5 "$may" "${nobody[@]}" "${ctl[@]}" reload
row "nobody: kernel push" 5 'kernel push: .*not permitted: needs root' "${nobody[@]}" "${ctl[@]}" kernel push 1s
row "nobody: kernel del-network" 5 'kernel del-network: .*not permitted: needs root' \
	"${nobody[@]}" "${ctl[@]}" kernel del-network 1
same_objects "the module has what it had (nobody)"

# words
bad "no command" 1 'a command is missing: see xnetman-ctl --help'
bad "unknown command" 1 'unknown command "stauts": did you mean "status"' stauts
bad "ambiguous command" 1 '"p" may be port, plane, plot: write more of it' p
bad "unknown verb" 1 'unknown command "remove": one of list, show' network remove net1
bad "words missing" 1 "network add: the network's name is missing" network add
bad "words missing: show" 1 'network show: name is missing' network show
bad "words missing: set" 1 'network set: nothing to set' network set net1
bad "words missing: port" 1 'port add: network is missing' port add vif9.0
bad "a value missing" 1 'link set: capacity: its value is missing' link set eth1 capacity
bad "a word too many" 1 'reload: "now": nothing more is expected here' reload now
bad "unknown option" 1 'unknown command "--frob"' --frob
bad "unknown option of a command" 1 'history: unknown key "frob"' history --frob 3
bad "an option without value" 1 '--bus: its address is missing' status --bus
bad "no such bus" 2 "can't reach the bus: .*: is dbus-daemon running|can't reach the bus" --bus unix:path=/nowhere status
bad "a bus that is no address" 2 "can't reach" --bus gibberish status
bad "a number that is none" 1 'history: count: "many" is not a whole number' history count many
bad "a number out of range" 1 'count 0: give 1 to' history count 0
bad "a time that is none" 1 'monitor: seconds: "-1" is not' monitor seconds -1
bad "top without a terminal" 1 'top needs a terminal: see xnetman-ctl status' top

# files given to the tool
echo '{"ticks": 3}' >"$tmp/noseries.json"
echo '{"ticks": [' >"$tmp/nojson.json"
: >"$tmp/empty.json"
echo '{"ticks": [], "intervals": []}' >"$tmp/empty_series.json"
for command in table plot; do
	bad "$command: no file" 1 "$command: $tmp/none.json: No such file" $command "$tmp/none.json"
	bad "$command: a directory" 1 "$command: $tmp: cannot be read: Is a directory" $command "$tmp"
	bad "$command: an empty file" 1 "$command: $tmp/empty.json:.*not JSON" $command "$tmp/empty.json"
	bad "$command: no JSON" 1 "$command: $tmp/nojson.json:2: not JSON" $command "$tmp/nojson.json"
	bad "$command: no series" 1 "$command: $tmp/noseries.json: no list \"ticks\"" $command "$tmp/noseries.json"
done
bad "plot: unknown format" 1 'plot: .*gif' plot "$tmp/empty_series.json" format gif
bad "record: no such link" 3 'no link eth7' record link eth7 seconds 1
bad "record: which link" 1 'record: there are 2 links: say link LINK' record seconds 1
bad "record: a file that can't be" 1 '/nowhere/x.json: No such file' record link eth1 seconds 1 output /nowhere/x.json
printf '# network net1 rc 50Mbit\nt,net1\n1,1Mbit\n' >"$tmp/nocapacity.csv"
printf '# capacity 1Gbit\n# network net1 rc 50\nt,net1\n1,1Mbit\n' >"$tmp/nounit.csv"
printf '# capacity 1Gbit\n# network net1 rc 50Mbit\nt,net1\n1,1Mbit\n' >"$tmp/good.csv"
printf '# capacity 1Gbit\n# network net1 rc 50Mbit\nt,net1\n1,1Mbit\n2\n' >"$tmp/short.csv"
bad "simulate: no file" 1 "simulate: /nowhere.csv: can't be read: No such file" simulate /nowhere.csv
bad "simulate: words missing" 1 'simulate: no file: name a trace' simulate
bad "simulate: no capacity" 1 "simulate: $tmp/nocapacity.csv.*capacity" simulate "$tmp/nocapacity.csv"
bad "simulate: unit missing" 1 "simulate: $tmp/nounit.csv:2: .*rc.*has no unit" simulate "$tmp/nounit.csv"
bad "simulate: a row too short" 1 "simulate: $tmp/short.csv:5: " simulate "$tmp/short.csv"
bad "simulate: unknown policy" 1 'simulate: .*policy.*xnetman, xnetmon or off' simulate "$tmp/good.csv" --policy fair
bad "simulate: unknown option" 1 'simulate: --frob: is no option here: see xnetman-ctl simulate --help' simulate "$tmp/good.csv" --frob

# the module itself
bad "kernel: no verb" 1 'kernel: a verb is missing: see xnetman-ctl kernel --help' kernel
bad "kernel: unknown verb" 1 'kernel: unknown verb "puhs": did you mean "push"' kernel puhs
bad "kernel: words missing" 1 'kernel network: write: network ID NAME' kernel network 3
bad "kernel: id 0" 1 'kernel network: network id: "0" is not a whole number of 1..2147483647' kernel network 0 x
bad "kernel: an id too large" 1 'kernel network: network id: "99999999999999999999" is not' kernel network 99999999999999999999 x
bad "kernel: an id that is none" 1 'kernel del-network: network id: "net1" is not' kernel del-network net1
bad "kernel: no such id" 3 'kernel del-network: network .*77: .*there is no network with this id' kernel del-network 77
bad "kernel: a name in use" 4 'kernel network: network net2: .*another network has this name' kernel network 77 net2
bad "kernel: an empty name" 1 'kernel network: network : .*NET_NAME is empty' kernel network 77 ''
bad "kernel: a name of 5000 bytes" 1 'kernel network: .*' kernel network 77 "$long"
bad "kernel: unknown device" 3 'kernel link: nosuch: no such device: .ip link. lists them' kernel link nosuch
bad "kernel: a link already" 4 'kernel link: link eth1: .*is a link already' kernel link eth1
bad "kernel: no link" 3 'kernel del-link: link vif1.0: .*is not a link' kernel del-link vif1.0
bad "kernel: no port" 3 'kernel del-port: port eth1: .*is not a port' kernel del-port eth1
bad "kernel: port of an unknown network" 3 'kernel port: port eth1: .*no network with this id' kernel port eth1 77
bad "kernel: a port already" 4 'kernel port: port vif1.0: .*is a port already' kernel port vif1.0 2
bad "kernel: push without lease" 1 'kernel push: write: push LEASE' kernel push
bad "kernel: a lease without unit" 1 'kernel push: lease: "3" has no unit' kernel push 3
bad "kernel: a lease too long" 1 'kernel push: .*lease' kernel push 1h
bad "kernel: words missing in a push" 1 'kernel push: .*come as ID DEVICE.inputs RATIO, or guard' kernel push 1s 1 eth1
bad "kernel: ratio > 1" 1 'kernel push: ratio: "1.5" ' kernel push 1s 1 eth1 1.5
bad "kernel: ratio > 100%" 1 'kernel push: ratio: "101%" ' kernel push 1s 1 eth1 101%
bad "kernel: a ratio that is none" 1 'kernel push: ratio: "nan" ' kernel push 1s 1 eth1 nan
bad "kernel: push with an unknown device" 3 'kernel push: nosuch: no such device' kernel push 1s 1 nosuch 0.5
bad "kernel: push with an unknown network" 3 'kernel push: push: .*RATIOS\[0\]: there is no network with its id' kernel push 1s 77 eth1 0.5
bad "kernel: push on what is no link" 3 'kernel push: push: .*not a link' kernel push 1s 1 vif1.0 0.5
bad "kernel: unknown sampler" 1 'kernel sampler: .*"dice" is neither systematic nor bernoulli' kernel sampler dice
bad "kernel: a mask that is none" 1 'kernel mark-mask: mark mask: "0xg" is not' kernel mark-mask 0xg
bad "kernel: a mask with a hole" 1 'kernel mark-mask: .*must be contiguous' kernel mark-mask 0xf0f0
same_objects "the module has what it had (kernel)"

# --- what -j said to all this --------------------------------------------------------------------

jq -r '"\(.code) xnetman-ctl: \(.error)"' "$tmp/documents" >"$tmp/said"
ok "with -j each error is one document with the text and the status" diff "$tmp/errors" "$tmp/said"
ok "nothing was ever changed or announced" sh -c "! grep changed $tmp/monitor"
kill $monitor

# --- what is allowed: devices that don't exist yet -------------------------------------------------

ok "a link whose device doesn't exist is taken" xnetman-ctl link add eth9 capacity 1Gbit
ok "and told in link list" sh -c "xnetman-ctl link list | grep -q '^eth9 .*no such device'"
ok "a port whose device doesn't exist is taken" xnetman-ctl port add vif9.0 network net1
ok "and told in port list" sh -c "xnetman-ctl port list | grep -q '^vif9.0 .*waiting'"
wire eth9
there() { xnetman-ctl link list | grep -q '^eth9 .* up '; }
ok "the link is controlled when its device comes" wait_for 10 there

# --- the module goes away under the daemon ---------------------------------------------------------

rmmod xnetman
bad "module gone: a change" 6 'module xnetman is not loaded: modprobe xnetman' network set net1 priority 1
bad "module gone: kernel counters" 6 'kernel counters: .*is not loaded: modprobe xnetman' kernel counters
daemon_down
daemon_pid=
bad "daemon gone: a change" 2 'xnetmand is not running: start it with' network set net1 priority 1
tap_done
