"""A desktop of its own for a test: Xvfb on a free display with openbox, and a mouse and keyboard that are real to X.

::

    with Desktop((1600, 1000)) as desktop:
        program = desktop.start([sys.executable, "-m", "studio"])
        desktop.click(100, 200)
        desktop.type("orders")
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

NEEDED = ("Xvfb", "openbox", "xdotool", "setxkbmap")
PATIENCE = 20.0


def missing() -> list[str]:
    """The programs of the operating system that are not there."""
    return [name for name in NEEDED if shutil.which(name) is None]


class Desktop:
    """Ends everything that it started."""

    def __init__(self, size: tuple[int, int] = (1600, 1000), *, scale: float = 1.0) -> None:
        self.size = size
        self.scale = scale
        self.display = ""
        self._stack = ExitStack()

    def __enter__(self) -> Desktop:
        read, write = os.pipe()
        screen = f"{self.size[0]}x{self.size[1]}x24"
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", screen, "-nolisten", "tcp", "-noreset"],
            pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(write)
        self._stack.callback(_end, server)
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        if not number:
            self._stack.close()
            raise RuntimeError("Xvfb did not start")
        self.display = f":{number}"
        self.start(["openbox", "--sm-disable"])
        until = time.monotonic() + PATIENCE
        while self._xdotool("get_desktop", check=False).returncode and time.monotonic() < until:
            time.sleep(0.05)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def environment(self) -> dict[str, str]:
        """For a program that is to appear on this desktop."""
        left_out = ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE", "QT_QPA_PLATFORM", "DBUS_SESSION_BUS_ADDRESS")
        found = {name: value for name, value in os.environ.items() if name not in left_out}
        return {**found, "DISPLAY": self.display, "QT_SCALE_FACTOR": str(self.scale), "LC_ALL": "C.UTF-8"}

    def start(
        self, command: Sequence[str], *, environment: Mapping[str, str] | None = None, output: Path | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program on this desktop; it is ended with it. What it prints goes to the file `output`."""
        sink = output.open("wb") if output is not None else None
        try:
            program = subprocess.Popen(
                command,
                env={**self.environment, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=sink or subprocess.DEVNULL,
                stderr=subprocess.STDOUT,
            )
        finally:
            if sink is not None:
                sink.close()
        self._stack.callback(_end, program)
        return program

    def _xdotool(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["xdotool", *arguments], env=self.environment, capture_output=True, text=True, check=check, timeout=PATIENCE
        )

    def wait_for_window(self, name: str) -> str:
        """The X id of the first window whose title holds `name`. Raises `TimeoutError`."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = self._xdotool("search", "--onlyvisible", "--name", name, check=False).stdout.split()
            if found:
                return found[0]
            time.sleep(0.1)
        raise TimeoutError(f"no window {name!r} appeared")

    def move(self, x: float, y: float) -> None:
        self._xdotool("mousemove", str(round(x)), str(round(y)))

    def click(self, x: float, y: float, button: int = 1, *, times: int = 1) -> None:
        self.move(x, y)
        self._xdotool("click", "--repeat", str(times), "--delay", "60", str(button))

    def drag(self, start: tuple[float, float], end: tuple[float, float], *, steps: int = 8) -> None:
        """Press at `start`, move in small steps, release at `end`."""
        self.move(*start)
        self._xdotool("mousedown", "1")
        for step in range(1, steps + 1):
            share = step / steps
            self.move(start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
            time.sleep(0.02)
        self._xdotool("mouseup", "1")

    def key(self, *keys: str) -> None:
        """Press keys one after another, as xdotool names them: `ctrl+s`, `Return`."""
        self._xdotool("key", "--delay", "40", *keys)

    def type(self, text: str) -> None:
        self._xdotool("type", "--delay", "15", text)


def _end(program: subprocess.Popen[bytes]) -> None:
    if program.poll() is None:
        program.terminate()
        try:
            program.wait(5)
        except subprocess.TimeoutExpired:
            program.kill()
    program.wait()
