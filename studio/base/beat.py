"""The one clock of all that moves by itself, so that a window full of motion is woken and painted once a frame.

Every timer of its own would ask for the interpreter on its own, and wait up to 5 ms for it while the engine is busy.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from functools import cache
from types import MethodType

from PySide6.QtCore import QObject, QTimer
from shiboken6 import isValid

FRAME_MS = 33
"""Milliseconds between two beats."""


class Beat(QObject):
    """It runs only while somebody follows it. It ends with the application, which widgets may outlive."""

    def __init__(self) -> None:
        super().__init__()
        self._followers: dict[int, weakref.WeakMethod[Callable[[], None]]] = {}
        self.at_work = False
        """Whether a beat is under way, or what it changed is being painted. May be read in any thread."""
        self._timer = QTimer(self, interval=FRAME_MS)
        self._timer.timeout.connect(self._tell)

    def follow(self, owner: QObject, method: Callable[[], None]) -> None:
        """Call this method of `owner` at every beat until `leave`, or until the owner is gone."""
        assert isinstance(method, MethodType)
        if not isValid(self):
            return
        self._followers[id(owner)] = weakref.WeakMethod(method)
        if not self._timer.isActive():
            self._timer.start()

    def leave(self, owner: QObject) -> None:
        """Call it no longer; it need not have been called."""
        self._followers.pop(id(owner), None)
        if not self._followers and isValid(self):
            self._timer.stop()

    def follows(self, owner: QObject) -> bool:
        """Whether it is called."""
        return id(owner) in self._followers

    def _rest(self) -> None:
        self.at_work = False

    def _tell(self) -> None:
        self.at_work = True
        QTimer.singleShot(0, self, self._rest)  # comes after the painting
        for key, reference in list(self._followers.items()):
            method = reference()
            if method is not None and isValid(method.__self__):  # type: ignore[attr-defined]
                method()
            elif self._followers.get(key) is reference:
                del self._followers[key]
        if not self._followers:
            self._timer.stop()


@cache
def beat() -> Beat:
    """The one of the process."""
    return Beat()
