#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The live page in a browser, as TAP: what it shows is what xnetman-ctl says; it can be used without a mouse and on a
phone; it does not grow. Usage: web_page.py URL FOLDER DEFINITION, run beside the daemon."""
import json
import os
import subprocess
import sys

from browser import Browser

url, folder, definition = sys.argv[1:]
pictures = os.path.join(os.environ.get("XNETMAN_OUT", folder))
count = 0


def ok(promise, good, why=""):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {promise}", flush=True)
    if not good and why:
        print("#", str(why).replace("\n", "\n# "), flush=True)


def ctl(*words):
    return json.loads(subprocess.run(["xnetman-ctl", "-j", *words], capture_output=True, text=True).stdout)


# --- values, as a person should read them; written anew here, not taken from the page ---

def short(value):
    return format(float(format(value, ".4g")), ".10f").rstrip("0").rstrip(".")


def rate(value):
    prefixes = ["", "k", "M", "G", "T"]
    while float(format(abs(value), ".4g")) >= 1000:
        value /= 1000
        prefixes.pop(0)
    return f"{short(value)} {prefixes[0]}bit/s"


def percent(ratio):
    if ratio <= 0 or ratio >= 1:
        return f"{round(100 * ratio)} %"
    return f"{min(max(100 * ratio, 0.1), 99.9):.1f} %"


CELLS = """(place) => Object.fromEntries([...document.querySelectorAll(place + " tbody tr")].map((row) => [
    row.querySelector("th").textContent.trim(),
    Object.fromEntries([...row.querySelectorAll("[data-key]")].map((e) => [e.dataset.key, [e.dataset.value, e.textContent]]))]))"""


def compare():
    """Page and xnetman-ctl in the same tick. What differs: a list, None if the tick went on meanwhile."""
    tick = int(page.run("document.getElementById('clock').dataset.tick"))
    rows = page.run(f"({CELLS})('#resources')")
    shares = page.run(f"({CELLS})('#shares')")
    name = page.run("document.querySelector('#resources input:checked').value")
    status = ctl("status")
    wrong, n = [], 0

    if status["tick"] != tick or int(page.run("document.getElementById('clock').dataset.tick")) != tick:
        return None

    def check(what, record, cells, texts):
        nonlocal n
        for key, (value, text) in cells.items():
            n += 1
            if key in record and float(value or "nan") != record[key]:
                wrong.append(f"{what} {key}: {value} on the page, {record[key]} by xnetman-ctl")
            if key not in record and value != "":
                wrong.append(f"{what} {key}: {value} on the page, none by xnetman-ctl")
            form = next((f for end, f in texts.items() if key.endswith(end)), None)
            if form and key in record and text != form(record[key]):
                wrong.append(f"{what} {key}: says {text!r}, not {form(record[key])!r}")

    texts = {"_bps": rate, "ratio": percent, "weight": percent, "conformity": percent, "utilisation": percent, "ec": percent}
    for row in status["links"]:
        check(row["name"], row, rows[row["name"]], texts)
        if row["name"] == name:
            for network in row["networks"]:
                check(network["name"], network, shares[network["name"]], texts)
    if n < 20:
        wrong.append(f"only {n} values are on the page")
    return wrong


def same_values():
    for _ in range(20):
        wrong = compare()
        if wrong is not None:
            return wrong
        page.sleep(0.3)
    return ["page and xnetman-ctl were never in the same tick"]


def overflow():
    return page.run("document.documentElement.scrollWidth - window.innerWidth")


def nameless():
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    wanted = ("button", "textbox", "searchbox", "checkbox", "radio", "link", "table", "image", "img")
    return [n["role"]["value"] for n in nodes if not n.get("ignored") and n.get("role", {}).get("value") in wanted
            and not n.get("name", {}).get("value")]


page = Browser(folder)

# --- what it shows ---
page.size(1280, 900)
page.open(url)
ok("the page shows a tick", page.wait("document.getElementById('clock')?.dataset.tick > 0"), page.complaints)
page.sleep(12)
wrong = same_values()
ok("its values are those of xnetman-ctl -j, and so is how they are written", not wrong, "\n".join(wrong))
ok("every network has lines in the charts", page.run(
    "[...document.querySelectorAll('figure')].length == 6 && "
    "document.querySelectorAll('#chart-throughput .series[d]:not([d=\"\"])').length == "
    "document.querySelectorAll('#shares tbody tr').length"))
ok("a chart says its values to who does not see it", "net1" in page.run(
    "document.querySelector('#chart-throughput svg').getAttribute('aria-label')"))
breaches = [b for n in ctl("report")["networks"] for b in n["breaches"]]
told = page.run("document.getElementById('breaches-note').textContent")
ok("there were breaches, and the newest are listed", len(breaches) > 6 and str(len(breaches)) in told
   and page.run("document.querySelectorAll('#breaches tbody tr').length") == 6, told)
page.picture(os.path.join(pictures, "desktop.png"))

# --- admission, by keyboard ---
page.run("document.getElementById('definition').focus()")
page.call("Input.insertText", text=open(definition).read())
page.key("Tab", 9)
ok("the button comes after the definition", page.run("document.activeElement.textContent") == "Check")
page.key("Enter", 13, "\r")
ok("a definition is answered", page.wait("document.getElementById('verdict').textContent"))
want = subprocess.run(["xnetman-ctl", "-j", "admit", definition], capture_output=True, text=True).stdout
want = json.loads(want)
got = page.run("""[...document.querySelectorAll('#checks tbody tr')].map((row) => [row.lastElementChild.textContent,
    ...[...row.querySelectorAll('[data-key]')].map((e) => e.dataset.value)])""")
suffix = {"bandwidth": "_bps", "cpu": "_cores", "memory": "_routes"}


def amounts(check):
    end = suffix[check["resource"]] if check["of"] else "_bytes" if check["check"] == "disk" else ""
    return [check.get(what + end) for what in ("asked", "sold", "capacity", "room")]


checks = [["fits" if c["ok"] else "does not fit", *amounts(c)] for c in want["checks"]]
ok("its table of checks is that of xnetman-ctl admit",
   [[r[0], *[float(v) if v else None for v in r[1:]]] for r in got] == checks and not want["admitted"], f"{got}\n{checks}")
ok("and it says why", "does not fit" in page.run("document.getElementById('verdict').textContent"))
ok("nothing was changed", all(n["name"] != want["network"] for n in ctl("network", "list")))
page.run("document.getElementById('definition').value = 'bandwidth: ['")
page.run("document.querySelector('#admission button').click()")
ok("a mistake is told with its line", page.wait("document.getElementById('verdict').textContent.startsWith('Line ')"),
   page.run("document.getElementById('verdict').textContent"))
ok("what a browser says of it is that answer only", all("/api/admit" in c for c in page.complaints), page.complaints)
page.complaints.clear()

# --- growth ---
before = page.metrics()
page.sleep(600)
after = page.metrics()
ok("in 10 minutes the page has no more elements (%d, %d)" % (before["Nodes"], after["Nodes"]),
   after["Nodes"] <= before["Nodes"] + 20)
ok("nor listeners", after["JSEventListeners"] <= before["JSEventListeners"])
# a tick is six numbers of each network in the charts
page.sleep(30)
later = page.metrics()
page.sleep(120)
last = page.metrics()
ok("its heap holds ten minutes of ticks (%d KiB more)" % ((after["JSHeapUsedSize"] - before["JSHeapUsedSize"]) / 1024),
   after["JSHeapUsedSize"] - before["JSHeapUsedSize"] < 1500 * 1024)
ok("and then grows no more (%d KiB in 2 minutes)" % ((last["JSHeapUsedSize"] - later["JSHeapUsedSize"]) / 1024),
   last["JSHeapUsedSize"] - later["JSHeapUsedSize"] < 100 * 1024)
wrong = same_values()
ok("its values are right still", not wrong, "\n".join(wrong))
page.picture(os.path.join(pictures, "desktop-later.png"))

# --- who sees it ---
page.run("document.getElementById('more').click()")
ok("all breaches are those of xnetman-ctl report", page.run(
    "[...document.querySelectorAll('#breaches tbody [data-key=error]')].map((e) => +e.dataset.value).sort()") ==
    sorted(b["error"] for n in ctl("report")["networks"] for b in n["breaches"]))
page.run("document.getElementById('more').click()")
ok("whatever can be used has a name", not nameless(), nameless())
page.run("document.getElementById('data').open = true")
ok("what charts draw is a table, too", page.wait("document.querySelectorAll('#points tbody tr').length >= 5"))
page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
page.sleep(2)
page.picture(os.path.join(pictures, "dark.png"))
page.call("Emulation.setEmulatedMedia", features=[])
page.run("document.getElementById('data').open = false")
page.size(390, 844, True)
page.sleep(3)
ok("a phone need not scroll sideways", overflow() <= 0, overflow())
page.picture(os.path.join(pictures, "phone.png"))
page.size(1280, 900)
page.run("document.querySelector('#resources input[value=cpu]').click()")
page.sleep(3)
ok("CPU has its figures, with their unit", "core" in page.run("document.querySelector('#shares [data-key=demand_cores]').textContent"))
page.picture(os.path.join(pictures, "cpu.png"))
ok("it asked nobody else", all(r.startswith((url, "about:", "data:")) for r in page.requests),
   [r for r in page.requests if not r.startswith(url)])
ok("no complaint in the console", not page.complaints, page.complaints)
page.close()
print(f"1..{count}")
