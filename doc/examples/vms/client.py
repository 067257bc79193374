#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Creates a virtual machine with an image of the repository, and shows how far it is (Debian: python3-zeep).

usage: client.py URL NODE NAME ADDRESS/PREFIX IMAGE [TOKEN-FILE]
"""
import sys
import time

import zeep


def connect(url, token_file=None):
    client = zeep.Client(url + "?wsdl")
    if token_file:
        with open(token_file, encoding="ascii") as file:
            client.transport.session.headers["Authorization"] = "Bearer " + file.read().strip()
    return client.service


def follow(service, operation):
    """Until it has ended; returns how."""
    while True:
        now = service.getOperations(operation=operation)[0]
        share = f" {100 * now.done // now.total}%" if now.total else ""
        print(f"\r{now.step or ''}{share}", end="\033[K", flush=True)
        if now.state != "running":
            print()
            return now
        time.sleep(0.5)


def main(url, node, name, address, image, token_file=None):
    service = connect(url, token_file)
    try:
        made = service.createVirtualMachine(
            phyServer=node, vmName=name, vmIP=address, vmRAM=256, netInterface=["xenbr0"],
            transfer=True, image=image, wait=False)
    except zeep.exceptions.Fault as fault:
        sys.exit(fault.message)
    ended = follow(service, made.operation)
    if ended.state != "done":
        sys.exit(ended.step)
    print(service.getVirtualMachineStatus(phyServer=node, vmName=name))


if __name__ == "__main__":
    if len(sys.argv) not in (6, 7):
        sys.exit(__doc__)
    main(*sys.argv[1:])
