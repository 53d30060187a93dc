"""A real browser for tests: Chromium without a window, driven through its debugging protocol over two pipes.

    with Browser(script=False) as page:
        page.go(url, headers)
        page.value("document.title")
"""
import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")


class BrowserFailure(Exception):
    pass


class Browser:
    """One page. `script`: whether pages may run theirs; what a test evaluates runs in any case."""

    def __init__(self, script=True, width=1280, height=900):
        self.script, self.size = script, (width, height)
        self.number = 0
        self.events = []

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="bindery-browser-")
        near, self.out = os.pipe()
        self.into, far = os.pipe()
        # The browser wants them as 3 and 4: copies with higher numbers do not overwrite each other.
        to_browser, from_browser = (fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (near, far))
        os.close(near)
        os.close(far)

        def give():
            os.dup2(to_browser, 3)
            os.dup2(from_browser, 4)

        self.log = open(os.path.join(self.folder, "log"), "wb")
        self.process = subprocess.Popen(
            [PROGRAM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
             "--ignore-certificate-errors", "--no-first-run", "--disable-extensions", "--disable-background-networking",
             "--disable-component-update", "--hide-scrollbars", "--force-device-scale-factor=1",
             f"--user-data-dir={self.folder}/profile", "about:blank"],
            stdout=self.log, stderr=self.log, preexec_fn=give, close_fds=False)
        os.close(to_browser)
        os.close(from_browser)
        self.pending = b""
        self.session = None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")
        self.ask("Network.enable")
        self.resize(*self.size)
        if not self.script:
            self.ask("Emulation.setScriptExecutionDisabled", value=True)
        return self

    def __exit__(self, *rest):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.out)
        os.close(self.into)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- the protocol

    def read(self, until):
        while b"\0" not in self.pending:
            ready, _, _ = select.select([self.into], [], [], max(0, until - time.monotonic()))
            piece = os.read(self.into, 1 << 20) if ready else b""
            if not piece:
                raise BrowserFailure("the browser " + ("ended" if ready else "does not answer"))
            self.pending += piece
        message, self.pending = self.pending.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + 60
        while True:
            answer = self.read(until)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise BrowserFailure(f"{method}: {answer['error']['message']}")
                return answer["result"]
            if "method" in answer:
                self.events.append(answer)

    def wait(self, method):
        until = time.monotonic() + 60
        while True:
            for event in self.events:
                if event["method"] == method:
                    self.events.remove(event)
                    return event["params"]
            self.events.append(self.read(until))

    # ---- what tests do

    def resize(self, width, height, mobile=False):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def go(self, url, headers=None):
        self.ask("Network.setExtraHTTPHeaders", headers=headers or {})
        self.events.clear()
        answer = self.ask("Page.navigate", url=url)
        if "errorText" in answer:
            raise BrowserFailure(f"{url}: {answer['errorText']}")
        self.wait("Page.loadEventFired")

    def value(self, expression):
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserFailure(f"{expression[:200]}: {answer['exceptionDetails'].get('exception', {}).get('description', '')}")
        return answer["result"].get("value")

    def click(self, selector, loads=False):
        """A real click in the middle of the first element; `loads`: it leads to another page."""
        place = self.value(f"""(() => {{ const e = document.querySelector({json.dumps(selector)}); if (!e) return null;
            e.scrollIntoView({{block: "center"}}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()""")
        if not place:
            raise BrowserFailure(f"there is no {selector} to click")
        self.events.clear()
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)
        if loads:
            self.wait("Page.loadEventFired")

    def picture(self, path, whole=False):
        answer = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole,
                          **({"clip": {**self.value("({x: 0, y: 0, width: document.documentElement.scrollWidth, "
                                                    "height: Math.min(6000, document.documentElement.scrollHeight), scale: 1})")}}
                             if whole else {}))
        with open(path, "wb") as file:
            file.write(base64.b64decode(answer["data"]))
