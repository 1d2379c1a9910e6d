"""Work for another thread, of which only the newest answer counts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from typing import Any

from PySide6.QtCore import QObject, QThreadPool, Signal

_log = logging.getLogger(__name__)


@cache
def _pool() -> QThreadPool:
    """Few threads, as most of the work is Python's, and gone soon after the last of it."""
    pool = QThreadPool()
    pool.setMaxThreadCount(4)
    pool.setExpiryTimeout(100)
    return pool


class Worker(QObject):
    """`ask` calls a function in a thread of the pool; `answered` tells what it gave, unless something else was asked
    since. What it raises goes to the log, and `answered` tells None."""

    answered = Signal(object)
    _done = Signal(int, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._asked = 0
        self._done.connect(self._take)

    def ask(self, function: Callable[..., Any], *values: Any) -> None:
        self._asked += 1
        _pool().start(partial(_work, self, self._asked, function, values))

    def forget(self) -> None:
        """Take no answer to what was asked."""
        self._asked += 1

    def _take(self, asked: int, answer: Any) -> None:
        if asked == self._asked:
            self.answered.emit(answer)


def _work(worker: Worker, asked: int, function: Callable[..., Any], values: tuple[Any, ...]) -> None:
    try:
        answer = function(*values)
    except Exception:
        _log.exception("%s failed", getattr(function, "__name__", "work"))
        answer = None
    # Whoever asked may be gone by now.
    with suppress(RuntimeError):
        worker._done.emit(asked, answer)
