"""Opening the display: Qt ends the whole program where it finds none that it can use, so that is caught and said."""

from __future__ import annotations

import os
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
