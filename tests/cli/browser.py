"""A real browser without a window, driven as a person would: pointer, keys and fingers, over Chromium's DevTools pipe.

Messages are JSON objects ended by a zero byte, on the file descriptors 3 and 4 of the browser; nothing but the standard
library is needed. Events are those of the browser's own input (`Input.dispatch...`), not calls into the page.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE = 60.0  # seconds until an answer counts as missing
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars", "--remote-debugging-pipe")
KEYS = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Tab": 9, "Enter": 13}
SHIFT = 8


class Browser:
    """One page of one browser; `messages` keeps what the page complained about."""

    def __init__(self, write: int, read: int) -> None:
        self.write, self.read, self.buffer = write, read, b""
        self.count, self.session, self.messages = 0, "", list[str]()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol, and its answer; raises `AssertionError` where the browser refuses it."""
        self.count += 1
        message: dict[str, Any] = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE
        while (found := self._receive(deadline)).get("id") != self.count:
            self._note(found)
        assert "error" not in found, f"{method}: {found.get('error')}"
        result: dict[str, Any] = found["result"]
        return result

    def _receive(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.read], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, "the browser does not answer"
            chunk = os.read(self.read, 1 << 16)
            assert chunk, "the browser has ended"
            self.buffer += chunk
        text, _, self.buffer = self.buffer.partition(b"\0")
        found: dict[str, Any] = json.loads(text)
        return found

    def _note(self, event: Mapping[str, Any]) -> None:
        method, said = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = said["exceptionDetails"]
            self.messages.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded" and said["entry"]["level"] == "error":
            self.messages.append(said["entry"]["text"])
        elif method == "Network.requestWillBeSent" and not said["request"]["url"].startswith(("file:", "data:")):
            self.messages.append(f"asks the network for {said['request']['url']}")

    def open(self, page: Path, fragment: str = "") -> None:
        """Load the page afresh, and wait until it stands still."""
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=page.as_uri() + (f"#{fragment}" if fragment else ""))
        self.wait("document.readyState === 'complete' && !!document.getElementById('summary')?.textContent")

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def wait(self, condition: str) -> None:
        """Until an expression in the page is true."""
        deadline = time.monotonic() + PATIENCE
        while self.run(condition) is not True:
            assert time.monotonic() < deadline, f"never true: {condition}"
            time.sleep(0.02)

    def settle(self, part: str = "curves") -> None:
        """Until a part of the page, by default all curves, is no longer busy."""
        self.wait(f"document.getElementById('{part}').getAttribute('aria-busy') === 'false'")

    def screen(self, width: int, height: int, phone: bool = False, **media: str) -> None:
        """The size of the window; `phone` has fingers; `media` are features such as prefers_color_scheme."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.call("Emulation.setTouchEmulationEnabled", enabled=phone)
        features = [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]
        self.call("Emulation.setEmulatedMedia", features=features)

    def mouse(self, kind: str, x: float, y: float) -> None:
        """`mouseMoved`, `mousePressed` or `mouseReleased` at a place of the window."""
        pressed = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **pressed)

    def click(self, x: float, y: float) -> None:
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.mouse(kind, x, y)

    def touch(self, *places: tuple[float, float]) -> None:
        """A finger put down at the first place, moved over the others, and lifted."""
        for i, (x, y) in enumerate(places):
            self.call("Input.dispatchTouchEvent", type="touchMove" if i else "touchStart", touchPoints=[{"x": x, "y": y}])
        self.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def press(self, key: str, shift: bool = False) -> None:
        """One key, down and up."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=KEYS[key],
                      modifiers=SHIFT if shift else 0)

    def type_into(self, field: str, text: str) -> None:
        """Replace what stands in a field, by its id."""
        self.run(f"(() => {{ const x = document.getElementById('{field}'); x.focus(); x.select(); }})()")
        self.call("Input.insertText", text=text)

    def picture(self, file: Path) -> None:
        """A picture of the whole page."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        found = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip={**size, "scale": 1})
        file.write_bytes(base64.b64decode(found["data"]))


@contextmanager
def start(profile: Path) -> Iterator[Browser]:
    """A browser with an empty profile, ended on leaving."""
    to_browser, from_browser = os.pipe(), os.pipe()
    ends = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (to_browser[0], from_browser[1])]  # away from 3 and 4

    def connect() -> None:
        for end, fd in zip(ends, (3, 4), strict=True):
            os.dup2(end, fd)

    command = [str(PROGRAM), *FLAGS, f"--user-data-dir={profile}"]
    with (profile.parent / "browser.log").open("wb") as log:
        process = subprocess.Popen(command, preexec_fn=connect, pass_fds=(3, 4), stderr=log, stdout=log)
    for fd in (*ends, to_browser[0], from_browser[1]):
        os.close(fd)
    try:
        yield Browser(to_browser[1], from_browser[0])
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)
        os.close(to_browser[1])
        os.close(from_browser[0])
