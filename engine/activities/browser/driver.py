"""What drives browsers: Playwright's driver, one for the process; and where the browser itself is found."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from engine.activities.browser.scan import ENGINE
from engine.activities.browser.target import FIELD_ENGINE
from engine.core.sentences import say
from engine.sdk import BusinessError, Sessions, SystemFault

if TYPE_CHECKING:
    from playwright.async_api import Playwright

Choice = Literal["auto", "chromium", "chrome", "edge"]

VARIABLE = "RPA_BROWSER"
"""The environment variable that names the browser's program where a step does not."""
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_ON_PATH: dict[str, tuple[str, ...]] = {
    "chromium": ("chromium", "chromium-browser"),
    "chrome": ("google-chrome", "google-chrome-stable", "chrome"),
    "edge": ("microsoft-edge", "microsoft-edge-stable", "msedge"),
}
_ON_WINDOWS: dict[str, tuple[str, ...]] = {
    "chromium": (r"Chromium\Application\chrome.exe",),
    "chrome": (r"Google\Chrome\Application\chrome.exe",),
    "edge": (r"Microsoft\Edge\Application\msedge.exe",),
}
_ON_MAC: dict[str, tuple[str, ...]] = {
    "chromium": ("Chromium.app/Contents/MacOS/Chromium",),
    "chrome": ("Google Chrome.app/Contents/MacOS/Google Chrome",),
    "edge": ("Microsoft Edge.app/Contents/MacOS/Microsoft Edge",),
}
_STOPPING = 5.0


class Driver:
    """Playwright's driver, a process of its own. `openings` counts the browsers it opened, `open` those that are."""

    def __init__(self, playwright: Playwright, pid: int) -> None:
        self.playwright = playwright
        self.pid = pid
        self.openings = 0
        self.open = 0

    async def close(self) -> None:
        """End it, by force if it does not answer."""
        try:
            async with asyncio.timeout(_STOPPING):
                await self.playwright.stop()
        except Exception:
            pass  # it is gone, or stuck: either way it is ended below
        await asyncio.to_thread(end_processes, (self.pid,))


async def driver(sessions: Sessions) -> Driver:
    """The driver of this process, started if it is not there or died. Raises `SystemFault` where it cannot start."""
    found = await sessions.shared(Driver, _start)
    if not await asyncio.to_thread(_alive, found.pid):
        sessions.drop(found)
        with contextlib.suppress(Exception):
            await found.close()
        found = await sessions.shared(Driver, _start)
    return found


async def _start() -> Driver:
    try:
        from playwright.async_api import async_playwright
    except ImportError:
        raise SystemFault(
            say("the library that drives browsers is not installed"), hint="pip install playwright"
        ) from None
    before = await asyncio.to_thread(children)
    try:
        playwright = await async_playwright().start()
        await playwright.selectors.register(FIELD_ENGINE, script=ENGINE, content_script=True)
    except Exception as error:
        raise SystemFault(
            say("what drives browsers cannot be started: {reason}", reason=str(error).strip().split("\n")[0][:300]),
            hint=say("On Debian and Ubuntu it needs the package libatomic1: apt-get install libatomic1."),
        ) from None
    started = [
        pid for pid, line in (await asyncio.to_thread(children)).items() if pid not in before and "run-driver" in line
    ]
    return Driver(playwright, started[0] if started else 0)


def children(of: int = 0) -> dict[int, str]:
    """The processes that a process started itself, by id, with their command lines."""
    import psutil

    found: dict[int, str] = {}
    with contextlib.suppress(psutil.Error):
        for one in psutil.Process(of or os.getpid()).children():
            with contextlib.suppress(psutil.Error):
                found[one.pid] = " ".join(one.cmdline())
    return found


def _alive(pid: int) -> bool:
    import psutil

    try:
        return not pid or psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def end_processes(pids: tuple[int, ...]) -> None:
    """Kill these processes and all that they started, those that still run."""
    import psutil

    for pid in filter(None, pids):
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            for one in [*process.children(recursive=True), process]:
                with contextlib.suppress(psutil.Error):
                    one.kill()


def executable(choice: Choice, given: Path | None) -> Path | None:
    """The browser's program; None for Playwright's own. Raises `BusinessError` for one given that is not there, and
    `SystemFault` where there is none at all."""
    named = given or (Path(os.environ[VARIABLE]) if choice == "auto" and os.environ.get(VARIABLE) else None)
    if named is not None:
        found = shutil.which(named)
        if found is None:
            raise BusinessError(
                say("there is no program {path} to use as the browser", path=named),
                hint=say("Give the path of Chrome, Edge or Chromium, or none, so that it is searched."),
            )
        return Path(found)
    for name in ("chrome", "chromium", "edge") if choice == "auto" else (choice,):
        for path in _places(name):
            if path.is_file():
                return path
    if choice in ("auto", "chromium"):
        return None
    raise SystemFault(
        say("{browser} is not installed", browser=choice.capitalize()),
        hint=say("Install it, or choose another browser."),
    )


def _places(name: str) -> Iterator[Path]:
    for program in _ON_PATH[name]:
        if found := shutil.which(program):
            yield Path(found)
    if sys.platform == "win32":
        for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
            if folder := os.environ.get(variable):
                yield from (Path(folder) / rest for rest in _ON_WINDOWS[name])
    if sys.platform == "darwin":
        for folder in (Path("/Applications"), Path.home() / "Applications"):
            yield from (folder / rest for rest in _ON_MAC[name])


def confined() -> bool:
    """Whether the browser's own sandbox cannot be had: as root, or in a container."""
    if sys.platform != "linux":
        return False
    if os.geteuid() == 0 or os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv"):
        return True
    try:
        return any(mark in Path("/proc/1/cgroup").read_text("utf-8") for mark in ("docker", "kubepods", "lxc"))
    except OSError:
        return False
