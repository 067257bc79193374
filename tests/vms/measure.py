#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The paper's tables 3 and 4: how long creation takes, and the CPU time of its client and server.

measure.py SERVER-PID ROUNDS NODE..., with XNETVMS_SERVER. Writes JSON: seconds of each round by node and way."""
import json
import os
import sys
import threading
import time
import urllib.request

URL = os.environ["XNETVMS_SERVER"]
TICK = os.sysconf("SC_CLK_TCK")
server, rounds, nodes = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]


def step_of(vm):
    body = (
        '<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body><getOperations xmlns="urn:xnetman:vms:1">'
        "<vmName>%s</vmName></getOperations></S:Body></S:Envelope>" % vm
    )
    request = urllib.request.Request(URL, body.encode(), {"Content-Type": "text/xml"})
    text = urllib.request.urlopen(request).read().decode()
    return text.split(":step>")[1].split("<")[0] if ":step>" in text else ""


class Watch(threading.Thread):
    """How long the disk's transfer takes, by asking how the operation goes."""

    def __init__(self, vm):
        super().__init__()
        self.vm, self.done, self.begun, self.seconds = vm, False, None, 0.0

    def run(self):
        while not self.done:
            now = time.monotonic()
            if step_of(self.vm) == "transferring the disk":
                self.begun = self.begun or now
                self.seconds = time.monotonic() - self.begun
            time.sleep(0.02)


def server_cpu():
    with open("/proc/%d/stat" % server) as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def client(*words):
    """Seconds, and of CPU, of one xnetman-vmctl."""
    start = time.monotonic()
    pid = os.posix_spawnp("xnetman-vmctl", ("xnetman-vmctl", "-j") + words, os.environ,
                          file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit("%s failed" % " ".join(words))
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime


def create(node, way):
    vm = "measured"
    words = ["vm", "create", node, vm, "ram", "64", "ip", "10.1.0.9/24", "interfaces", "br0"]
    words += ["transfer", "image", "router"] if way == "with" else ["disk", "ready.img"]
    watch = Watch(vm) if way == "with" else None
    if watch:
        watch.start()  # in a creation of its own, as asking costs time, too
        client(*words)
        watch.done = True
        watch.join()
        client("vm", "destroy", node, vm)
    before = server_cpu()
    seconds, cpu = client(*words)
    after = server_cpu()
    client("vm", "destroy", node, vm)
    return {"client": seconds, "client_cpu": cpu, "server_cpu": after - before,
            "transfer": watch.seconds if watch else None}


result = {node: {"with": [], "without": []} for node in nodes}
client("test", "warm")
for i in range(rounds):
    for node in nodes:
        for way in ("with", "without"):
            result[node][way].append(create(node, way))
    print("round %d of %d" % (i + 1, rounds), file=sys.stderr)
cheap = [client("test", "cheap")[1] for i in range(rounds)]
json.dump({"rounds": rounds, "nodes": result, "sanity_cpu": cheap}, sys.stdout)
