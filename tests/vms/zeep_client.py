# SPDX-License-Identifier: GPL-2.0-or-later
"""All services, called as any user of zeep would: by names from the WSDL. Prints TAP."""
import sys
import zeep

client = zeep.Client(sys.argv[1] + "?wsdl")
service = client.service
n = 0
failed = 0


def ok(promise, holds, why=""):
    global n, failed
    n += 1
    failed += not holds
    print(f"{'ok' if holds else 'not ok'} {n} - {promise}")
    if not holds:
        print(f"# {why}")


def same(promise, got, want):
    ok(promise, got == want, f"got {got!r}, want {want!r}")


def fault(promise, code, call, **arguments):
    try:
        got = f"no fault: {call(**arguments)}"
    except zeep.exceptions.Fault as error:
        element = error.detail.find(".//{urn:xnetman:vms:1}code")
        got = element.text if element is not None else error.message
    same(promise, got, code)


same("sanityTest", service.sanityTest(testString="olá <&>"), "olá <&>")
same("registerNodes", service.registerNodes(phyServer=[{"name": "n1"}, {"name": "n2", "IP": ["10.9.0.2", "10.9.0.3"]}]), 2)
same("getRegisteredNodes", [node.name for node in service.getRegisteredNodes()], ["n1", "n2"])
same("with lists", service.getRegisteredNodes()[1].IP, ["10.9.0.2", "10.9.0.3"])
same("getPhysicalServerStatus", service.getPhysicalServerStatus(phyServer="n1").hypervisor, "TEST")
same("getAvailableOSes", service.getAvailableOSes(), ["Debian"])
same("getAvailableArch", service.getAvailableArch(), ["i686"])
same("getAvailableKernelVersions", service.getAvailableKernelVersions(), ["6.1.0"])

made = service.createVirtualMachine(phyServer="n1", vmName="r1", vmIP="10.0.0.1/24", vmRAM=64, netInterface=["br0", "br1"])
one = {"phyServer": "n1", "vmName": "r1"}
status = service.getVirtualMachineStatus(**one)
same("createVirtualMachine, getVirtualMachineStatus", (status.state, status.uuid), ("running", made.uuid))
same("numbers are numbers", status.maxMemory, 65536)
same("getVirtualMachineSchedulerType", service.getVirtualMachineSchedulerType(**one), "fair")
same("getVirtualMachineSchedulerParameters", service.getVirtualMachineSchedulerParameters(**one).Weight, 50)
ok("setVirtualMachineSchedulerParameters", service.setVirtualMachineSchedulerParameters(**one, Weight=60))
ok("shutdownVirtualMachine", service.shutdownVirtualMachine(**one))
ok("migrateVirtualMachine", service.migrateVirtualMachine(sourcePhyServer="n1", destPhyServer="n2", vmName="r1", live=False))
ok("destroyVirtualMachine", service.destroyVirtualMachine(phyServer="n2", vmName="r1"))
network = service.createVirtualNetwork(
    networkName="blue", phyServers=["n1", "n2"], VMNames=["r2", "r3"], IPs=["10.1.0.1/24", "10.1.0.2/24"],
    RAMs=[64, 64], netInterface=["br0", "br0"])
same("createVirtualNetwork", (network.networkName, len(network.operation)), ("blue", 2))
operations = service.getOperations(operation=made.operation)
same("getOperations", [(o.service, o.state) for o in operations], [("createVirtualMachine", "done")])

fault("a fault is of the WSDL's type", "NotFound", service.getVirtualMachineStatus, phyServer="n1", vmName="r9")
fault("a node that is not registered", "NotFound", service.getPhysicalServerStatus, phyServer="n9")
fault("a name that is taken", "Exists", service.createVirtualMachine, phyServer="n1", vmName="r2", vmRAM=64)
fault("what cannot be", "Invalid", service.createVirtualMachine, phyServer="n1", vmName="a/b", vmRAM=64)
print(f"1..{n}")
sys.exit(failed > 0)
