# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine that takes connections and never says a word. Prints its port."""
import socket

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(64)
print(listener.getsockname()[1], flush=True)
taken = []
while True:
    taken.append(listener.accept())
