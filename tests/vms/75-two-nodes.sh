#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two nodes with QEMU, reached over SSH: a network across both, which answers when it is said to be there, and live
# migration from one to the other.
. ./lib.sh
. ./hosts.sh

lack=$(hosts_lack)
if [ -n "$lack" ]; then
	skip "a network across two nodes" "$lack"
	tap_done
fi
[ -n "${XN_OWN_NAMESPACES-}" ] || XN_OWN_NAMESPACES=1 exec \
	unshare -m -n -p --fork --kill-child --mount-proc bash "$0"

at_exit hosts_stop
make_guest
hosts_start || exit 1
server main --node-kind "$node_kind" --question-timeout 30 || exit 1
hosts_register
add_image() { # NAME INITRD
	xnetman-vms --state "$tmp/main" image add "$1" disk "$tmp/disk" kernel "$tmp/kernel" initrd "$2" \
		arguments 'console=ttyS0 quiet' os Debian arch x86_64 kernel-version 6.1.0
}
add_image router "$tmp/initrd"
ok "a node tells what it is" says hypervisor QEMU getPhysicalServerStatus '<phyServer>xen1</phyServer>'

network() { # NAME IMAGE VM1 VM2 BRIDGE2
	echo "<networkName>$1</networkName><phyServers>xen1</phyServers><phyServers>xen2</phyServers>" \
		"<VMNames>$3</VMNames><VMNames>$4</VMNames><IPs>10.1.0.1/24</IPs><IPs>10.1.0.2/24</IPs>" \
		"<RAMs>96</RAMs><RAMs>96</RAMs><netInterface>br0</netInterface><netInterface>$5</netInterface>" \
		"<transfer>true</transfer><image>$2</image>"
}
domains() {
	v 1 list --all --name
	v 2 list --all --name
}
left_nothing() {
	[ -z "$(ls "$tmp/shared")" ] && [ -z "$(domains | tr -d '\n')" ] || { ls "$tmp/shared"; domains; return 1; }
}

ok "createVirtualNetwork across both" succeeds createVirtualNetwork "$(network blue router b1 b2 br0)"
ok "the first answers pings as soon as it has returned" ping -c 1 -W 1 10.1.0.1
ok "and so does the second" ping -c 1 -W 1 10.1.0.2

# --- live migration -------------------------------------------------------------------------

migrate() { # FROM TO VM LIVE
	soap migrateVirtualMachine "<sourcePhyServer>xen$1</sourcePhyServer><destPhyServer>xen$2</destPhyServer>$(
		)<vmName>$3</vmName><live>$4</live>" >"$tmp/said"
	[ "$(<"$tmp/status")" = 200 ] || { cat "$tmp/said"; return 1; }
}
watch() { # a stream and pings, until $tmp/stop
	rm -f "$tmp/stop"
	/usr/bin/python3 stream.py 10.1.0.1 3 "$tmp/stop" >"$tmp/stream" 2>&1 &
	stream=$!
	ping -i 0.05 -w 120 -D 10.1.0.1 >"$tmp/pings" &
	pinger=$!
	servers+=("$pinger")
	wait_for 20 grep -q 'icmp_seq=20 ' "$tmp/pings"
}
watched() { # how long nothing came back, in ms, by the numbers of pings
	touch "$tmp/stop"
	wait "$stream"
	status=$?
	kill -INT "$pinger"
	wait "$pinger"
	sed -n 's/.*icmp_seq=\([0-9]*\) .*/\1/p' "$tmp/pings" |
		awk 'NR > 1 && $1 - last - 1 > most { most = $1 - last - 1 } { last = $1 } END { print most * 50 }' >"$tmp/gap"
	return $status
}
cpu_of() { # N VM: ns of CPU time that its node has given it
	v "$1" dominfo "$2" | awk '/CPU time/ { print $3 * 1000 }'
}
watch
ok "live migration" migrate 1 2 b1 true
ok "loses nothing of a TCP stream" watched
ours=$(<"$tmp/gap")
echo "# stream: $(<"$tmp/stream"); no ping for $ours ms"
is "it runs on the second node" "$(v 2 domstate b1)" running
ok "and is gone from the first" sh -c "! nsenter -t ${host_pid[1]} -m -n -u virsh -q -c qemu:///system dominfo b1"
ok "the server knows where it is" says vmIP 10.1.0.1/24 getVirtualMachineStatus "$(vm_body xen2 b1)"

watch
ok "the same by plain virsh" in_host 2 env HOME=/tmp virsh -q -c qemu:///system migrate --live --persistent \
	--undefinesource b1 "qemu+unix:///system?socket=$tmp/host1/run/libvirt/libvirt-sock" tcp://192.0.2.1
ok "loses nothing either" watched
echo "# plain virsh: stream: $(<"$tmp/stream"); no ping for $(<"$tmp/gap") ms, ours $ours ms"
ok "and back" in_host 1 env HOME=/tmp virsh -q -c qemu:///system migrate --live --persistent --undefinesource b1 \
	"qemu+unix:///system?socket=$tmp/host2/run/libvirt/libvirt-sock" tcp://192.0.2.2

ok "migration that is not live" migrate 2 1 b1 false
ok "it answers there" wait_for 20 ping -c 1 -W 1 10.1.0.1
v 2 define <(v 1 dumpxml b1 | sed '/<uuid>/d') >/dev/null
ok "a node that has one of that name: a fault" faults Exists migrateVirtualMachine \
	'<sourcePhyServer>xen1</sourcePhyServer><destPhyServer>xen2</destPhyServer><vmName>b1</vmName><live>true</live>'
ok "and it runs on where it was" ping -c 1 -W 1 10.1.0.1
v 2 undefine b1 >/dev/null
for vm in 1,b1 2,b2; do
	ok "destroyVirtualMachine ${vm#*,}" succeeds destroyVirtualMachine "$(vm_body "xen${vm%,*}" "${vm#*,}")"
done
ok "nothing is left" left_nothing

# --- all or none ----------------------------------------------------------------------------

ok "a bridge that one node has not: a fault" faults Hypervisor createVirtualNetwork "$(network red router b1 b2 br7)"
ok "and nothing is left on either" left_nothing
ok "the server ends well" ends_well main "$pid"

sed -i 's/$b ifconfig eth0 .*/:/' "$tmp/guest/init" # takes no address
pack_guest >"$tmp/mute"
add_image mute "$tmp/mute"
server main --node-kind "$node_kind" --question-timeout 30 --boot-timeout 5 || exit 1
ok "routers that do not answer: a fault" faults Timeout createVirtualNetwork "$(network red mute b1 b2 br0)"
ok "which says who" grep -q '10.1.0.1 does not answer on br0' "$tmp/said"
ok "and nothing is left on either" left_nothing
ok "the server ends well" ends_well main "$pid"
tap_done
