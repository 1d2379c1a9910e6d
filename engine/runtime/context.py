"""What a running activity is given of its surroundings (`engine.sdk.Context`)."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.core.events import Event, Logged
from engine.core.secrets import redact
from engine.core.values import plain
from engine.runtime.bus import Progress
from engine.sdk.context import Cancelled, Level
from engine.sdk.sessions import Sessions

if TYPE_CHECKING:
    from engine.runtime.execution import Execution
    from engine.runtime.scope import Scope

PROGRESS_INTERVAL = 0.1
"""Seconds between two reports of progress that are passed on."""


class StepContext:
    """The context of one try at one step."""

    def __init__(self, run: Execution, scope: Scope, address: str, attempt: int) -> None:
        self._run = run
        self._scope = scope
        self.step = address
        self.attempt = attempt
        self.cancelled = False
        self.late: list[Event] = []
        """Events that belong right before the outcome of the step."""
        self._reported = 0.0

    @property
    def execution(self) -> str:
        return self._run.id

    @property
    def key(self) -> str:
        return f"{self._run.id}/{self.step}"

    @property
    def folder(self) -> Path:
        return self._scope.frame.folder

    @property
    def scratch(self) -> Path:
        return self._run.scratch

    @property
    def sessions(self) -> Sessions:
        return self._run.sessions

    def log(self, message: str, level: Level = "info", **data: Any) -> None:
        event = Logged(self.step, level, redact(str(message)), plain(data) or None)
        if threading.get_ident() == self._run.thread:
            self._run.journal.record(event)
        else:
            self._run.loop.call_soon_threadsafe(self._run.record_late, event)

    def progress(self, done: float, total: float | None = None, message: str = "") -> None:
        now = time.monotonic()
        if now - self._reported < PROGRESS_INTERVAL and done != total:
            return
        self._reported = now
        news = (Progress(self._run.id, self.step, done, total, redact(message)),)
        if threading.get_ident() == self._run.thread:
            self._run.bus.publish(news)
        else:
            self._run.loop.call_soon_threadsafe(self._run.bus.publish, news)

    def check(self) -> None:
        if self.cancelled:
            raise Cancelled
