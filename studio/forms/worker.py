"""Work for another thread, of which only the newest answer counts."""

from __future__ import annotations

import atexit
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from typing import Any
from weakref import ref

from PySide6.QtCore import QObject, QThreadPool, Signal
from shiboken6 import isValid

_PATIENCE = 1000
"""Milliseconds that the end of the program waits for what still runs."""
_log = logging.getLogger(__name__)


@cache
def _pool() -> QThreadPool:
    """Few threads, as most of the work is Python's, and gone soon after the last of it."""
    pool = QThreadPool()
    pool.setMaxThreadCount(4)
    pool.setExpiryTimeout(100)
    atexit.register(_end, pool)
    return pool


def _end(pool: QThreadPool) -> None:
    """Start nothing more, and let what runs come to its end while there is still somebody to tell."""
    pool.clear()
    pool.waitForDone(_PATIENCE)


class _Post(QObject):
    """Brings answers to the thread of the windows. It lives as long as the program: Qt crashes where a thread tells
    something through an object that is being deleted meanwhile, and whoever asked may be."""

    arrived = Signal(object, int, object)

    def __init__(self) -> None:
        super().__init__()
        self.arrived.connect(self._deliver)

    def _deliver(self, asker: ref[Worker], asked: int, answer: Any) -> None:
        worker = asker()
        if worker is not None and isValid(worker):
            worker.take(asked, answer)


@cache
def _post() -> _Post:
    return _Post()


class Worker(QObject):
    """`ask` calls a function in a thread of the pool; `answered` tells what it gave, unless something else was asked
    since. What it raises goes to the log, and `answered` tells None."""

    answered = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._asked = 0

    def ask(self, function: Callable[..., Any], *values: Any) -> None:
        self._asked += 1
        _pool().start(partial(_work, _post(), ref(self), self._asked, function, values))

    def forget(self) -> None:
        """Take no answer to what was asked."""
        self._asked += 1

    def take(self, asked: int, answer: Any) -> None:
        """The answer to what was asked as that number has come."""
        if asked == self._asked:
            self.answered.emit(answer)


def _work(
    post: _Post, asker: ref[Worker], asked: int, function: Callable[..., Any], values: tuple[Any, ...]
) -> None:
    try:
        answer = function(*values)
    except Exception:
        _log.exception("%s failed", getattr(function, "__name__", "work"))
        answer = None
    with suppress(RuntimeError):  # it took longer than the end of the program waits
        post.arrived.emit(asker, asked, answer)
