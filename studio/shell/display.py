"""The display: Qt ends the whole program where it finds none that it can use, so it is looked for, and that is said."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler


@contextmanager
def opening(refuse: Callable[[str], int]) -> Iterator[None]:
    """While the application is made: where Qt gives up, end with the status that `refuse` gives for the reason."""
    said: list[str] = []

    def hear(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if kind is QtMsgType.QtFatalMsg:
            code = refuse((said or [message.partition(".")[0]])[0])
            sys.stderr.flush()
            os._exit(code)  # there is no way back into the program from here
        said.append(message)

    qInstallMessageHandler(hear)
    try:
        yield
    finally:
        qInstallMessageHandler(None)
    if said:
        print(*said, sep="\n", file=sys.stderr)


def missing_display() -> str:
    """Why no window can be shown here; empty where one can, as far as that can be told beforehand.

    Qt ends the program where it finds no display, so it is looked for first.
    """
    if not sys.platform.startswith("linux"):
        return ""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform and not platform.startswith(("xcb", "wayland")):
        return ""
    if os.environ.get("WAYLAND_DISPLAY"):
        return ""
    display = os.environ.get("DISPLAY", "")
    if not display:
        return "there is no display to open a window on: neither DISPLAY nor WAYLAND_DISPLAY is set"
    host, _, number = display.rpartition(":")
    if host in ("", "unix") and number.partition(".")[0].isdigit():
        name = f"/tmp/.X11-unix/X{number.partition('.')[0]}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(2)
            # Linux servers listen in the abstract name too, and some only there.
            for address in (name, "\0" + name):
                try:
                    probe.connect(address)
                    return ""
                except OSError:
                    continue
        return f"the display {display} does not answer"
    return ""
