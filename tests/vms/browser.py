# SPDX-License-Identifier: GPL-2.0-or-later
"""A headless Chromium, by its DevTools protocol over a pipe."""
import base64
import json
import os
import select
import subprocess
import time

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
         "--disable-component-update", "--no-first-run", "--remote-debugging-pipe", "--window-size=1200,1600"]


class Browser:
    """One page; complaints has what it said on the console, errors and what it was not allowed to do."""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        theirs_in, self.out = os.pipe()
        self.inp, theirs_out = os.pipe()

        def as_3_and_4():
            low, high = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(low, 3)
            os.dup2(high, 4)

        self.log = open(os.path.join(folder, "log"), "wb")
        self.process = subprocess.Popen(["chromium", *FLAGS, "--user-data-dir=" + folder, "about:blank"], close_fds=False,
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, preexec_fn=as_3_and_4,
                                        env={**os.environ, "HOME": folder})
        os.close(theirs_in)
        os.close(theirs_out)
        self.buffer, self.number, self.session = b"", 0, None
        self.complaints, self.requests = [], []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def message(self, end):
        while b"\0" not in self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.inp], [], [], left)[0]:
                return None
            data = os.read(self.inp, 1 << 20)
            if not data:
                raise RuntimeError("the browser is gone")
            self.buffer += data
        text, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(text)

    def send(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        return self.number

    def note(self, message):
        method, params = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning"):
            self.complaints.append(str(params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.complaints.append(params["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"])
        elif method == "Page.javascriptDialogOpening":
            self.send("Page.handleJavaScriptDialog", accept=True)

    def call(self, method, **params):
        number, end = self.send(method, **params), time.monotonic() + 60
        while (answer := self.message(end)) is not None:
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(method + ": " + answer["error"]["message"])
                return answer["result"]
            self.note(answer)
        raise RuntimeError(method + ": no answer")

    def run(self, script):
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(script + ": " + str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def wait(self, script, seconds=40):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.run(script):
                return True
            rest = time.monotonic() + 0.1
            while (message := self.message(rest)) is not None:
                self.note(message)
        return False

    def picture(self, path):
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def close(self):
        self.process.kill()
        self.process.wait()
        self.log.close()
