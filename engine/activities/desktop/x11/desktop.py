"""One connection to the display for one step, and its named end when the display goes away."""

from __future__ import annotations

import contextlib
import os
import platform
import socket
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

from engine.activities.desktop.x11.atspi import Atspi
from engine.activities.desktop.x11.clipboard import Selection
from engine.activities.desktop.x11.keyboard import Keys
from engine.activities.desktop.x11.pointer import Mouse
from engine.activities.desktop.x11.screen import Root
from engine.activities.desktop.x11.windows import Clients
from engine.core.sentences import say
from engine.sdk import ActivityError, StepTimeout, SystemFault

_PASS = b"MIT-MAGIC-COOKIE-1"
_ANYWHERE = 0xFFFF


def connect() -> Any:
    """A connection to the display that the environment names, an `Xlib.display.Display`. Raises `SystemFault`."""
    name = os.environ.get("DISPLAY", "")
    if not name:
        wayland = os.environ.get("WAYLAND_DISPLAY")
        raise SystemFault(
            say("the desktop is a Wayland session, which lets no program use another's windows")
            if wayland
            else say("there is no display: DISPLAY is not set"),
            hint=say("Log in to an X11 (Xorg) session, or start the run with `xvfb-run rpa run …`."),
        )
    from Xlib.display import Display
    from Xlib.error import DisplayError
    from Xlib.support import connect as library

    library.get_auth, library.get_socket = cookie, reached
    try:
        display = Display(name)
    except (DisplayError, OSError, AttributeError) as error:
        raise SystemFault(
            say("the display {name} cannot be reached: {reason}", name=name, reason=_reason(error)),
            hint=say("Check that somebody is logged in there, and that DISPLAY and XAUTHORITY are theirs."),
        ) from None
    display.set_error_handler(lambda *about: None)  # a window that is gone is found out when it is asked
    return display


def cookie(connected: object, name: str, host: str | None, number: int) -> tuple[bytes, bytes]:
    """The name and the data of the pass for a display, as the file of X authority has it; nothing where there is none.

    The library's own way takes a missing file for an error, prints to the standard output, and leaves the file open.
    """
    path = Path(os.environ.get("XAUTHORITY") or "~/.Xauthority")
    try:
        data = path.expanduser().read_bytes()
    except (OSError, RuntimeError):
        return b"", b""
    local, here = platform.node().encode(), (host or "").encode()
    best: tuple[int, bytes, bytes] = (0, b"", b"")
    at = 0
    while at + 2 <= len(data):
        family = int.from_bytes(data[at : at + 2], "big")
        at += 2
        parts = []
        for _ in range(4):
            length = int.from_bytes(data[at : at + 2], "big")
            parts.append(data[at + 2 : at + 2 + length])
            at += 2 + length
        address, display, kind, key = parts
        if kind == _PASS and display in (b"", str(number).encode()):
            fits = 3 if address in (local, here) and address else 2 if family == _ANYWHERE else 1
            best = max(best, (fits, kind, key), key=lambda one: one[0])
    return best[1], best[2]


def reached(name: str, host: str | None, number: int) -> socket.socket:
    """A socket of the display; the library's own way leaves one open that could not be connected."""
    from Xlib.error import DisplayConnectionError

    far = bool(host) and host != "unix"
    found = socket.socket(socket.AF_INET if far else socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        found.connect((host, 6000 + number) if far else f"/tmp/.X11-unix/X{number}")
    except OSError as error:
        found.close()
        raise DisplayConnectionError(name, error.strerror or str(error)) from None
    return found


def _lost(error: BaseException) -> bool:
    """Whether the display went away; where the library fails to tell, it does so while it handles a broken pipe."""
    from Xlib.error import ConnectionClosedError

    if isinstance(error, ActivityError):
        return False
    kinds = (ConnectionClosedError, BrokenPipeError, ConnectionResetError)
    before = error.__context__
    return isinstance(error, kinds) or (isinstance(error, TypeError) and isinstance(before, kinds))


def _reason(error: Exception) -> str:
    text = str(error)
    return text.rpartition(": ")[2] or type(error).__name__


class X11Desktop:
    """See `engine.activities.desktop.platform.Desktop`."""

    def __init__(self) -> None:
        self.acted = False
        self._display: Any = None

    def __enter__(self) -> X11Desktop:
        self._display = connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "accessibility" in self.__dict__:
            self.accessibility.close()
        with contextlib.suppress(Exception):  # it went away, which the library tells in many ways
            self._display.close()
        if error is not None and _lost(error):
            raise gone(self.acted) from None

    @cached_property
    def pointer(self) -> Mouse:
        return Mouse(self._display, self._act)

    @cached_property
    def keyboard(self) -> Keys:
        return Keys(self._display, self._act)

    @cached_property
    def windows(self) -> Clients:
        return Clients(self._display)

    @cached_property
    def screen(self) -> Root:
        return Root(self._display)

    @cached_property
    def clipboard(self) -> Selection:
        return Selection(self._display)

    @cached_property
    def accessibility(self) -> Atspi:
        return Atspi()

    def _act(self) -> None:
        self.acted = True


def gone(acted: bool) -> SystemFault:
    """What to say when the display went away."""
    name = os.environ.get("DISPLAY", "")
    hint = say("See whether the session was ended or the connection to it broke; log in again, then resume.")
    if acted:
        return StepTimeout(
            say("the display {name} went away in the middle, so nobody knows what it did", name=name), hint=hint
        )
    return SystemFault(say("the display {name} went away", name=name), hint=hint)
