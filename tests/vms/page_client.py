#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""All services by the server's page in a browser, by what a person would press: page_client.py URL FOLDER. TAP; pictures
in FOLDER. n1 and n2 are nodes of libvirt's test driver, n1 has the disks of r1 and r2, n2 that of r3."""
import json
import os
import re
import sys

from browser import Browser

url, folder = sys.argv[1:]
browser = Browser(os.path.join(folder, "profile"))
n = failed = 0


def ok(promise, good, why=""):
    global n, failed
    n += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {n} - {promise}")
    if not good:
        print(f"# {why or browser.run('document.body.innerText')}".replace("\n", "\n# "), flush=True)


def press(form, **fields):
    """Fill a form in and send it."""
    script = f"const form = document.getElementById('{form}'); form.closest('details') && (form.closest('details').open = true);"
    for name, value in fields.items():
        for i, one in enumerate(value if isinstance(value, list) else [value]):
            script += f"{{ const input = form.querySelectorAll('[name={name}]')[{i}];"
            if isinstance(one, bool):
                script += f"input.checked = {json.dumps(one)};"
            else:
                script += f"input.value = {json.dumps(str(one))}; input.dispatchEvent(new Event('input'));"
            script += "}"
    browser.run("(() => {" + script + "form.requestSubmit(); })()")
    browser.wait(f"!document.querySelector('#{form} button:not([type=button])').disabled")


def click(label):
    return browser.run(f"(() => {{ const b = document.querySelector('[aria-label={json.dumps(label)}]'); b && b.click(); return !!b; }})()")


def has(table, *cells):
    """A row of the table begins with these cells."""
    want = json.dumps([str(cell) for cell in cells])
    return browser.wait(f"Array.from(document.querySelectorAll('#{table} tbody tr'), tr => Array.from(tr.cells, td => td.innerText.trim()))"
                        f".some(row => {want}.every((cell, i) => row[i] === cell))")


browser.call("Page.navigate", url=url)
browser.wait("document.getElementById('health')")
ok("sanityTest: the page says that the server works", browser.wait("document.getElementById('health').textContent === 'the server works'"))
press("register", name="n1")
press("register", name="n2", IP="10.9.0.2, 10.9.0.3")
ok("registerNodes, getRegisteredNodes", has("nodes", "n2", "test", "10.9.0.2, 10.9.0.3"))
ok("getPhysicalServerStatus", browser.wait("document.getElementById('nodes').innerText.includes('TEST')"))
for name, service, want in (("OS", "getAvailableOSes", "Debian"), ("arch", "getAvailableArch", "i686"),
                            ("kernelVersion", "getAvailableKernelVersions", "6.1.0")):
    ok(service, browser.run(f"document.querySelector('#create [name={name}]').value") == want)

press("create", phyServer="n1", vmName="r1", vmRAM=64, vmIP="10.0.0.1/24", netInterface="br0, br1")
ok("createVirtualMachine, getVirtualMachineStatus", has("vms", "n1", "r1", "running", "10.0.0.1/24", "", "64"))
ok("getOperations", browser.wait("/createVirtualMachine\\s+n1\\s+r1\\s+done/.test(document.getElementById('operations').innerText)"))
click("Open r1 on n1")
ok("getVirtualMachineSchedulerType", browser.wait("document.getElementById('scheduler').textContent === 'fair'"))
ok("getVirtualMachineSchedulerParameters", browser.run("document.querySelector('[name=Weight]').value") == "50")
browser.picture(os.path.join(folder, "page.png"))
press("schedule", Weight=60)
ok("setVirtualMachineSchedulerParameters", browser.wait("!document.getElementById('machine').hidden && document.getElementById('fault').hidden"))
click("Shut down r1 on n1")
ok("shutdownVirtualMachine", has("vms", "n1", "r1", "shutoff"))
press("migrate", destPhyServer="n2", live=False)
ok("migrateVirtualMachine", has("vms", "n2", "r1", "shutoff"))
click("Destroy r1 on n2")
ok("destroyVirtualMachine, once a person has confirmed it", browser.wait("!document.getElementById('vms').innerText.includes('r1')"))
press("network", networkName="blue", phyServers=["n1", "n2"], VMNames=["r2", "r3"], IPs=["10.1.0.1/24", "10.1.0.2/24"],
      RAMs=[64, 64], netInterface=["br0", "br0"])
ok("createVirtualNetwork", has("vms", "n1", "r2", "running", "10.1.0.1/24", "blue") and has("vms", "n2", "r3", "running"))

called = set(re.findall(r'<(\w+) xmlns="urn:xnetman:vms:1"', " ".join(r.get("postData", "") for r in browser.requests)))
ok("that was all sixteen", len(called - {"getOperations"}) == 16, ", ".join(sorted(called)))
ok("there were no complaints", not browser.complaints, "\n".join(browser.complaints))
press("create", phyServer="n1", vmName="r2", vmRAM=64)
ok("a fault is shown, with its code", browser.wait("document.getElementById('fault').innerText.startsWith('Exists: n1, r2')"))
browser.run("document.getElementById('network').querySelector('[name=networkName]').value = '<img src=x onerror=alert(1)>'")
press("register", name="<b>n9</b>")
ok("what somebody writes is text", browser.run("!document.querySelector('#fault b') && document.getElementById('fault').innerText.includes('<b>n9</b>')"))
ok("nothing was asked of anybody else", all(r["url"].startswith((url, "data:", "about:")) for r in browser.requests),
   str({r["url"] for r in browser.requests}))
ok("every control has a name", browser.run(
    "Array.from(document.querySelectorAll('input, select, button'), e => (e.labels?.[0] ?? e).textContent || e.ariaLabel).every(Boolean)"))
browser.call("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=True)
ok("a phone's width is enough", browser.run("document.documentElement.scrollWidth <= 390"),
   str(browser.run("document.documentElement.scrollWidth")))
browser.picture(os.path.join(folder, "phone.png"))
browser.close()
print(f"1..{n}")
sys.exit(failed > 0)
