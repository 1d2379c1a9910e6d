"""Starting a program, and waiting for its window."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from engine.activities.desktop.finding import evidence, matching
from engine.activities.desktop.platform import Window, opened
from engine.core.errors import ActivityError
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, StepTimeout, SystemFault, activity
from engine.sdk.durations import Duration

_LOOKING = 0.1
_LEAVING = 3.0
_ERRORS = 2000


@dataclass(frozen=True)
class Started:
    """The id of the process, and the window it opened."""

    pid: int
    window: Window | None


class Program:
    """A program that ends with the execution that started it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    async def close(self) -> None:
        await asyncio.to_thread(_end, self.process)


@activity(
    "desktop.start", label="Start a program", icon="rocket-launch", effect=Effect.ONCE, resources=("desktop",),
    keywords=("run", "open", "launch", "application"),
)  # fmt: skip
async def start(
    ctx: Context,
    command: Annotated[str | list[str], Param("Command", "The program and what it is given.", "mousepad notes.txt")],
    window: Annotated[str, Param("Wait for its window", "Part of its title; empty for the first new one.")] = "",
    wait: Annotated[bool, Param("Wait for a window", advanced=True)] = True,
    keep: Annotated[bool, Param("Leave it open", "Else it is ended with the execution.")] = False,
    folder: Annotated[Path | None, Param("In the folder", kind="folder", advanced=True)] = None,
    timeout: Annotated[Duration, Param("Wait at most", unit="seconds")] = 30,
) -> Started:
    """Start a program with a window, and wait until it is there.

    It is ended when the execution ends, or by the next start of the engine should that be killed. The output holds the
    `pid` and the `window`.
    """
    parts = shlex.split(command) if isinstance(command, str) else command
    if not parts:
        raise BusinessError(say("no program is named"), hint=say("Such as mousepad notes.txt."))
    before = await asyncio.to_thread(_windows)
    process = await asyncio.to_thread(_launched, parts, folder or ctx.folder)
    if not keep:
        ctx.sessions.adopt(process.pid)
        ctx.sessions.add(Program(process), f"{process.pid}")
    try:
        shown = await _first_window(ctx, process, parts[0], before, window, timeout) if wait else None
    finally:
        if keep:
            process.returncode = process.returncode or 0  # it lives on, and nobody here waits for its end
    return Started(process.pid, shown)


async def _first_window(
    ctx: Context, process: subprocess.Popen[bytes], program: str, before: list[Window], title: str, timeout: float
) -> Window:
    """The first new window with that title, else that of the process, else any. Raises `SystemFault`."""
    known = {one.id for one in before}
    until = time.monotonic() + timeout
    while True:
        now = [one for one in await asyncio.to_thread(_windows) if one.id not in known and one.title]
        found = matching(now, title) if title else [one for one in now if one.pid in (0, process.pid)] or now
        if found:
            return found[0]
        code = process.poll()
        if code:
            raise SystemFault(
                say("{program} ended with the code {code} and opened no window", program=program, code=code),
                hint=say("Try the command in a terminal of that desktop."),
            )
        if time.monotonic() >= until:
            files = await asyncio.to_thread(_picture)
            raise StepTimeout(
                say("{program} opened no window within {seconds:g} seconds", program=program, seconds=timeout),
                hint=say("Check the title, or allow more time."),
                files=files,
            )
        ctx.progress(timeout - (until - time.monotonic()), timeout)
        await asyncio.sleep(_LOOKING)


def _windows() -> list[Window]:
    with opened() as desktop:
        return desktop.windows.all()


def _picture() -> tuple[object, ...]:
    with opened() as desktop:
        return evidence(desktop)


def _launched(parts: list[str], folder: Path) -> subprocess.Popen[bytes]:
    with opened() as desktop, contextlib.suppress(ActivityError):
        desktop.accessibility.enable()
    environment = {**os.environ, "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
    try:
        return subprocess.Popen(
            parts, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    except (OSError, ValueError) as error:
        raise BusinessError(
            say("{program} cannot be started: {reason}", program=parts[0], reason=error.strerror or str(error))
            if isinstance(error, OSError)
            else say("{program} cannot be started", program=parts[0]),
            hint=say("Check the name of the program, and that it is installed."),
        ) from None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program with all it started."""
    import psutil

    with contextlib.suppress(psutil.Error):
        whole = psutil.Process(process.pid)
        running = [*whole.children(recursive=True), whole]
        for one in running:
            with contextlib.suppress(psutil.Error):
                one.terminate()
        for one in psutil.wait_procs(running, _LEAVING)[1]:
            with contextlib.suppress(psutil.Error):
                one.kill()
    process.wait()
