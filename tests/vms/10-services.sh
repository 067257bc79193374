#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# All services by curl with XML written by hand.
. ./lib.sh

node n1 $(disks r1 r2 r3)
node n2 $(disks r4)
server main || exit 1

ok "sanityTest returns the text" says testString 'a &lt; b &amp; ü' sanityTest '<testString>a &lt; b &amp; ü</testString>'
ok "registerNodes registers two nodes" says registered 2 registerNodes \
	'<phyServer><name>n1</name></phyServer><phyServer><name>n2</name><key>ssh-ed25519 AAAA</key><IP>10.9.0.2</IP></phyServer>'
ok "a second time, they are known already" says registered 0 registerNodes \
	'<phyServer><name>n1</name></phyServer>'
ok "getRegisteredNodes tells names" says name n2 getRegisteredNodes ''
ok "and addresses" says IP 10.9.0.2 getRegisteredNodes ''
ok "and keys" says key 'ssh-ed25519 AAAA' getRegisteredNodes ''
ok "getPhysicalServerStatus tells memory" says memory 8388608 getPhysicalServerStatus '<phyServer>n1</phyServer>'
ok "a node is found by its address, too" says name n2 getPhysicalServerStatus '<phyServer>10.9.0.2</phyServer>'

for service in getAvailableOSes getAvailableArch getAvailableKernelVersions; do
	ok "$service with an empty repository" succeeds $service ''
done
echo disk >"$tmp/disk"
xnetman-vms --state "$tmp/main" image add router disk "$tmp/disk" os Debian arch i686 kernel-version 6.1.0
xnetman-vms --state "$tmp/main" image add bsd disk "$tmp/disk" os FreeBSD arch x86_64 kernel-version 14.0
ok "getAvailableOSes tells what was added" says OS FreeBSD getAvailableOSes ''
ok "getAvailableArch tells what was added" says arch i686 getAvailableArch ''
ok "getAvailableKernelVersions tells what was added" says kernelVersion 6.1.0 getAvailableKernelVersions ''

ok "createVirtualMachine without transfer" succeeds createVirtualMachine \
	"$(vm_body n1 r1)<vmIP>10.0.0.1/24</vmIP><vmRAM>64</vmRAM><netInterface>xenbr0</netInterface>"
uuid=$(element uuid <"$tmp/said")
ok "getVirtualMachineStatus: it runs" says state running getVirtualMachineStatus "$(vm_body n1 r1)"
ok "with the memory asked for" says maxMemory 65536 getVirtualMachineStatus "$(vm_body n1 r1)"
ok "under the UUID that was told" says uuid "$uuid" getVirtualMachineStatus "$(vm_body n1 r1)"
ok "with its address" says vmIP 10.0.0.1/24 getVirtualMachineStatus "$(vm_body n1 r1)"
ok "the node lists it" says virtualMachine r1 getPhysicalServerStatus '<phyServer>n1</phyServer>'
ok "getVirtualMachineSchedulerType" says schedulerType fair getVirtualMachineSchedulerType "$(vm_body n1 r1)"
ok "getVirtualMachineSchedulerParameters" says name weight getVirtualMachineSchedulerParameters "$(vm_body n1 r1)"
ok "setVirtualMachineSchedulerParameters" succeeds setVirtualMachineSchedulerParameters \
	"$(vm_body n1 r1)<Weight>77</Weight>"
ok "a cap where the scheduler has none is a fault" faults Invalid setVirtualMachineSchedulerParameters \
	"$(vm_body n1 r1)<Cap>50</Cap>"
ok "migrateVirtualMachine of one that runs: the test driver's own words" faults Hypervisor migrateVirtualMachine \
	'<sourcePhyServer>n1</sourcePhyServer><destPhyServer>n2</destPhyServer><vmName>r1</vmName><live>true</live>'
ok "libvirt's words are told" grep -q 'libvirt>.*not supported' "$tmp/said"
ok "shutdownVirtualMachine" succeeds shutdownVirtualMachine "$(vm_body n1 r1)"
ok "it is shut off" says state shutoff getVirtualMachineStatus "$(vm_body n1 r1)"
ok "migrateVirtualMachine of one that is shut off moves it" succeeds migrateVirtualMachine \
	'<sourcePhyServer>n1</sourcePhyServer><destPhyServer>n2</destPhyServer><vmName>r1</vmName><live>false</live>'
ok "it is on the other node" says uuid "$uuid" getVirtualMachineStatus "$(vm_body n2 r1)"
ok "and on the first no more" faults NotFound getVirtualMachineStatus "$(vm_body n1 r1)"
ok "destroyVirtualMachine" succeeds destroyVirtualMachine "$(vm_body n2 r1)"
ok "it is gone" faults NotFound getVirtualMachineStatus "$(vm_body n2 r1)"
ok "so its name can be had again" succeeds createVirtualMachine "$(create_body n1 r1)"

ok "createVirtualNetwork on two nodes" succeeds createVirtualNetwork \
	"<networkName>blue</networkName><phyServers>n1</phyServers><phyServers>n2</phyServers>$(
	)<VMNames>r2</VMNames><VMNames>r4</VMNames><IPs>10.1.0.1/24</IPs><IPs>10.1.0.2/24</IPs>$(
	)<RAMs>64</RAMs><RAMs>32</RAMs><netInterface>b0</netInterface><netInterface>b1</netInterface>"
is "one operation for each" "$(element operation <"$tmp/said" | wc -l)" 2
ok "its virtual machines run" says state running getVirtualMachineStatus "$(vm_body n2 r4)"
ok "and know their network" says networkName blue getVirtualMachineStatus "$(vm_body n1 r2)"
ok "getOperations of one virtual machine" says service createVirtualNetwork getOperations '<vmName>r4</vmName>'
ok "all of it has ended" sh -c "! grep -q '>running<' '$tmp/said'"

curl -s "$url?wsdl" >"$tmp/wsdl"
ok "the WSDL says where the server is" grep -qF "location=\"$url\"" "$tmp/wsdl"
is "and describes the sixteen services and getOperations" "$(grep -c '<operation name=.*' "$tmp/wsdl")" 34
is "each with a documentation" "$(sed -n '/<portType/,/<.portType/p' "$tmp/wsdl" | grep -c '<documentation>')" 17
ok "the server ends well" ends_well main "$pid"
tap_done
