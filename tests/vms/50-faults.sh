#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What goes wrong: a fault each, nothing left behind, and nobody else has to wait.
. ./lib.sh

node n1 $(disks r1 r2 r3 r4) bare.img
node n2 $(disks r5)
/usr/bin/python3 silent.py >"$tmp/silent.port" &
silent=$!
servers+=("$silent")
wait_for 10 test -s "$tmp/silent.port"
hang="hang=test+tcp://%a:$(<"$tmp/silent.port")/default"
server main --node-kind "$hang" --question-timeout 2 --work-timeout 2 || exit 1
soap registerNodes "<phyServer><name>n1</name></phyServer><phyServer><name>n2</name></phyServer>$(
	)<phyServer><name>nofile</name></phyServer>$(
	)<phyServer><name>silent</name><IP>127.0.0.1</IP><hypervisor>hang</hypervisor></phyServer>" >/dev/null

# names NODE: of the virtual machines on it
names() {
	soap getPhysicalServerStatus "<phyServer>$1</phyServer>" | element virtualMachine | paste -sd ' '
}
claims() {
	/usr/bin/python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("select count(*) from " + sys.argv[2]).fetchone()[0])' "$tmp/main/registry.db" "$1"
}

# --- nodes ----------------------------------------------------------------------------------

ok "a node that is not registered" faults NotFound getPhysicalServerStatus '<phyServer>nobody</phyServer>'
ok "a node that cannot be reached" faults Unreachable getPhysicalServerStatus '<phyServer>nofile</phyServer>'
ok "with libvirt's words" grep -q '<xnv:libvirt>..*</xnv:libvirt>' "$tmp/said"
start=${EPOCHREALTIME/./}
ok "a node that says nothing: a fault after the time it has" faults Unreachable getPhysicalServerStatus '<phyServer>silent</phyServer>'
took=$(((${EPOCHREALTIME/./} - start) / 1000))
ok "which is 2 s ($took ms)" test $took -ge 1900 -a $took -lt 4000

for ((i = 0; i < 20; i++)); do
	envelope getPhysicalServerStatus '<phyServer>silent</phyServer>' | curl -s --max-time 60 -o /dev/null \
		-H 'Content-Type: text/xml' --data-binary @- "$url" &
	waiting[i]=$!
done
start=${EPOCHREALTIME/./}
for ((i = 0; i < 10; i++)); do
	soap getPhysicalServerStatus '<phyServer>n1</phyServer>' >/dev/null
done
took=$(((${EPOCHREALTIME/./} - start) / 1000))
# each would take 2 s if it had to wait
ok "while 20 calls wait for it, 10 about another node are answered at once ($took ms)" test $took -lt 10000
ok "and nodes are listed" says name silent getRegisteredNodes ''
wait "${waiting[@]}"

# --- one at a time --------------------------------------------------------------------------

ok "creation on it goes on when the caller waits no longer" faults Timeout createVirtualMachine "$(create_body silent v1)"
id=$(element operation <"$tmp/said")
ok "the fault names the operation" says state running getOperations "<operation>$id</operation>"
for service in createVirtualMachine:"$(create_body silent v1)" destroyVirtualMachine:"$(vm_body silent v1)" \
	shutdownVirtualMachine:"$(vm_body silent v1)" \
	setVirtualMachineSchedulerParameters:"$(vm_body silent v1)<Weight>1</Weight>" \
	migrateVirtualMachine:'<sourcePhyServer>silent</sourcePhyServer><destPhyServer>n1</destPhyServer><vmName>v1</vmName><live>true</live>'; do
	ok "${service%%:*} meanwhile: busy" faults Busy "${service%%:*}" "${service#*:}"
done
ok "the fault says with what" grep -q "createVirtualMachine, operation $id" "$tmp/said"
ok "migration to where it is being made: busy" faults Busy migrateVirtualMachine \
	'<sourcePhyServer>n1</sourcePhyServer><destPhyServer>silent</destPhyServer><vmName>v1</vmName><live>true</live>'
ok "it has not been claimed for that" test "$(claims claims)" = 1
ok "without waiting, creation is answered at once" succeeds createVirtualMachine "$(create_body n1 r4 '<wait>false</wait>')"
id=$(element operation <"$tmp/said")
ok "and done soon" wait_for 10 says state 'done' getOperations "<operation>$id</operation>"

for ((i = 0; i < 20; i++)); do
	envelope createVirtualMachine "$(create_body n1 r1)" | curl -s --max-time 60 -o "$tmp/race.$i" \
		-H 'Content-Type: text/xml' --data-binary @- "$url" &
	racing[i]=$!
done
wait "${racing[@]}"
is "of 20 calls that create the same one, one does" "$(grep -l '<xnv:uuid>' "$tmp"/race.* | wc -l)" 1
is "the others are told that it is there, or being made" \
	"$(cat "$tmp"/race.* | grep -oE '<xnv:code>(Busy|Exists)<' | wc -l)" 19
ok "it runs" says state running getVirtualMachineStatus "$(vm_body n1 r1)"

# --- nothing left behind --------------------------------------------------------------------

before=$(names n1)
vms=$(claims vms)
ok "a disk that is not there" faults NotFound createVirtualMachine "$(create_body n1 nodisk)"
ok "an image that is not there" faults NotFound createVirtualMachine "$(create_body n1 r2 '<transfer>true</transfer><image>x</image>')"
ok "transfer of no image in particular" faults Invalid createVirtualMachine "$(create_body n1 r2 '<transfer>true</transfer>')"
ok "a disk that another has" faults Exists createVirtualMachine "$(create_body n1 r2 '<disk>r1.img</disk>')"
ok "an address where neither kernel nor cloud-init can be given it" faults Hypervisor createVirtualMachine "$(create_body n1 bare)"
ok "a node that cannot be reached" faults Unreachable createVirtualMachine "$(create_body nofile r2)"
is "the node has what it had" "$(names n1)" "$before"
is "and so has the registry" "$(claims vms)" "$vms"
is "nothing is claimed but what goes on" "$(claims claims)" 1
ok "what failed can be done right" succeeds createVirtualMachine "$(create_body n1 r2)"

network() { # SECOND-NODE SECOND-VM SECOND-ADDRESS
	echo "<networkName>blue</networkName><phyServers>n2</phyServers><phyServers>$1</phyServers><VMNames>r5</VMNames>$(
		)<VMNames>$2</VMNames><IPs>10.1.0.1/24</IPs><IPs>$3</IPs><RAMs>64</RAMs><RAMs>64</RAMs>$(
		)<netInterface>b</netInterface><netInterface>b</netInterface>"
}
vms=$(claims vms)
ok "a network of which one has no disk" faults NotFound createVirtualNetwork "$(network n1 nodisk 10.1.0.2/24)"
ok "says which one" grep -q '<xnv:vmName>nodisk<' "$tmp/said"
ok "a network of which one node cannot be reached" faults Unreachable createVirtualNetwork "$(network nofile r3 10.1.0.2/24)"
ok "a network of which one is there already" faults Exists createVirtualNetwork "$(network n1 r1 10.1.0.2/24)"
ok "a network of which one is busy" faults Busy createVirtualNetwork "$(network silent v1 10.1.0.2/24)"
ok "a network with an address twice" faults Invalid createVirtualNetwork "$(network n1 r3 10.1.0.1/24)"
ok "a network with one virtual machine twice" faults Busy createVirtualNetwork "$(network n2 r5 10.1.0.2/24)"
is "none of them left anything on the node" "$(names n2)" ""
is "nor in the registry" "$(claims vms)" "$vms"
ok "the network without fault is made" succeeds createVirtualNetwork "$(network n1 r3 10.1.0.2/24)"

# --- the server is killed -------------------------------------------------------------------

kill -KILL "$pid"
wait "$pid" 2>/dev/null
ok "what it was doing is noted" test "$(claims claims)" = 1
server main --node-kind "$hang" --question-timeout 2 --work-timeout 2 || exit 1
ok "after a kill, what it was doing has failed" wait_for 10 says step 'the server was stopped in the middle' getOperations \
	'<phyServer>silent</phyServer>'
ok "and is being undone" says service 'undo of createVirtualMachine' getOperations '<phyServer>silent</phyServer>'
kill -TERM "$silent"
unclaimed() {
	[ "$(claims claims)" = 0 ]
}
ok "as its node is gone for good, that fails" wait_for 30 unclaimed
ok "the server ends well" ends_well main "$pid"
tap_done
