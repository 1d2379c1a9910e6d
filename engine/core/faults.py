"""Named places where a test makes the program fail: the proof that nothing is lost there.

A module registers its places once, `COMMITTED = faults.point("store.after_commit")`, and passes them with
`faults.reach(COMMITTED)`, which does nothing unless something is armed. Tests arm one place at a time: in their own
process with `arm`, in another one through the environment variable `RPA_FAULT`, written `name[:nth][:action]`, where
`nth` counts visits from 1 and the action is `kill` (as by kill -9; the default), `raise` or `io`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import threading
from collections.abc import Iterator
from typing import Literal, NoReturn

Action = Literal["kill", "raise", "io"]

VARIABLE = "RPA_FAULT"
NAMES: set[str] = set()
"""Every place registered so far, by the modules that have been imported."""


class Injected(Exception):
    """The failure that a test asked for."""


class _Fault:
    """One armed place, and how many visits are left before it fails."""

    def __init__(self, name: str, action: Action, nth: int) -> None:
        if nth < 1:
            raise ValueError(f"visits of a fault point count from 1, not {nth}")
        if action not in ("kill", "raise", "io"):
            raise ValueError(f"a fault point can kill, raise or io, not {action!r}")
        self.name = name
        self.action = action
        self.left = nth
        self.lock = threading.Lock()

    def visit(self) -> None:
        with self.lock:
            self.left -= 1
            if self.left != 0:
                return
        _fail(self.name, self.action)


_armed: _Fault | None = None


def point(name: str) -> str:
    """Register a place and give its name back."""
    NAMES.add(name)
    return name


def reach(name: str) -> None:
    """Pass a place: fails if it is the armed one and this is the visit that was asked for."""
    if _armed is not None and _armed.name == name:
        _armed.visit()


@contextlib.contextmanager
def arm(name: str, action: Action = "raise", nth: int = 1) -> Iterator[None]:
    """Let the `nth` visit of a place fail, once, while the context lasts."""
    global _armed
    if name not in NAMES:
        raise ValueError(f"there is no fault point {name!r}")
    before, _armed = _armed, _Fault(name, action, nth)
    try:
        yield
    finally:
        _armed = before


def _fail(name: str, action: Action) -> NoReturn:
    if action == "io":
        raise OSError(errno.EIO, f"injected at {name}")
    if action == "kill":
        if hasattr(signal, "SIGKILL"):
            os.kill(os.getpid(), signal.SIGKILL)
        os._exit(137)
    raise Injected(name)


def _from_environment(text: str) -> _Fault | None:
    name, _, rest = text.partition(":")
    if not name:
        return None
    nth, action = 1, "kill"
    for part in filter(None, rest.split(":")):
        if part.isdecimal():
            nth = int(part)
        else:
            action = part
    return _Fault(name, action, nth)  # type: ignore[arg-type]


_armed = _from_environment(os.environ.get(VARIABLE, ""))
