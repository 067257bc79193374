#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A TCP stream to a router that sends back what it gets, and what becomes of it: stream.py ADDRESS SECONDS-AFTER STOP

Sends numbered lines until the file STOP exists and some seconds have gone by. Prints, as JSON, lines sent and got back
in order, and the longest time between two that came back, in ms."""
import json
import os
import select
import socket
import sys
import time

WINDOW = 100  # lines on their way: less than a segment, which counts as one packet everywhere

address, after, stop = sys.argv[1], float(sys.argv[2]), sys.argv[3]


def connect():
    """The router takes one stream after the other, and needs a moment between two."""
    end = time.monotonic() + 30
    while True:
        try:
            return socket.create_connection((address, 7), timeout=60)
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


connection = connect()
connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
sent = back = 0
gap = 0.0
rest = b""
last = time.monotonic()
end = None
broken = None
while end is None or back < sent:
    now = time.monotonic()
    if end is None and os.path.exists(stop):
        end = now + after
    if (end is None or now < end) and sent - back < WINDOW:
        connection.sendall(b"%d\n" % sent)
        sent += 1
    elif end is not None and now > end + 60:
        broken = "what was sent last did not come back"
        break
    readable, _, _ = select.select([connection], [], [], 0.02)
    if readable:
        data = connection.recv(65536)
        if not data:
            broken = "the connection was closed"
            break
        lines = (rest + data).split(b"\n")
        rest = lines.pop()
        for line in lines:
            if line != b"%d" % back:
                broken = "line %d came back as %r" % (back, line)
                break
            back += 1
        gap = max(gap, time.monotonic() - last)
        last = time.monotonic()
    if broken:
        break
    time.sleep(0.005)
print(json.dumps({"sent": sent, "back": back, "gap_ms": round(gap * 1000), "broken": broken}))
sys.exit(broken is not None or sent != back or not sent)
