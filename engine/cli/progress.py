"""How far an execution is, gathered from its events: the outermost steps, the rounds of loops, what runs inside.

It holds what is shown and no more, so a loop over a million items costs a few counters.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.api import ExecutionState, Progress
from engine.core import events
from engine.core.events import Entry, Event


@dataclass(slots=True)
class Loop:
    """Rounds of a loop. `first` and `began` are where this process found it: the rate is that of this process."""

    done: int = 0
    failed: int = 0
    total: int | None = None
    first: int = 0
    began: float = 0.0

    def rate(self, now: float) -> float:
        """Rounds a second, 0 where it is too early to say."""
        elapsed = now - self.began
        return (self.done - self.first) / elapsed if elapsed > 0.2 else 0.0

    def left(self, now: float) -> float | None:
        """Seconds until the end at that rate."""
        rate = self.rate(now)
        return (self.total - self.done) / rate if self.total is not None and rate > 0 else None


@dataclass(slots=True)
class Row:
    """A step as it is shown."""

    address: str
    activity: str = ""
    status: str = "running"
    attempt: int = 1
    began: float = 0.0
    ended: float | None = None
    error: dict[str, Any] | None = None
    loop: Loop | None = None
    done: float = 0.0
    total: float | None = None
    message: str = ""

    def seconds(self, now: float) -> float:
        return max(0.0, (now if self.ended is None else self.ended) - self.began)


@dataclass(slots=True)
class Board:
    """`rows` are the outermost steps in the order they started, `inner` the steps inside bodies that run now."""

    rows: dict[str, Row] = field(default_factory=dict)
    inner: dict[str, Row] = field(default_factory=dict)
    settled: int = 0
    skipped: int = 0
    clock: Callable[[], float] = time.time

    def recall(self, state: ExecutionState) -> None:
        """Take over what had happened before this process took the execution up."""
        outermost = state.scopes.get("")
        for name, step in (outermost.steps if outermost is not None else {}).items():
            if step.status == "skipped":
                self.skipped += 1
                continue
            row = Row(
                name, step.activity, step.status, max(1, step.attempt), step.started_at, step.ended_at, step.error
            )
            self.rows[name] = row
            self.settled += step.settled
            rounds = state.rounds.get(name)
            if rounds is not None:
                failed = sum(found.error is not None for found in rounds.values())
                row.loop = Loop(len(rounds), failed, None, len(rounds), self.clock())

    def take(self, news: Entry | Progress) -> Row | None:
        """Go on with an event or a report. Gives the row of the outermost step whose status it changed."""
        if isinstance(news, Progress):
            row = self._known(news.address, self.clock())
            if row is not None:
                row.done, row.total, row.message = news.done, news.total, news.message
            return None
        handler = _HANDLERS.get(type(news.event))
        return handler(self, news.at, news.event) if handler is not None else None

    def row(self, address: str) -> Row | None:
        """The row of a step that is shown."""
        return self.inner.get(address) if "/" in address else self.rows.get(address)

    def _known(self, address: str, at: float) -> Row | None:
        """Its row; an outermost step that went on after a resume has none yet."""
        if "/" not in address and address not in self.rows:
            self.rows[address] = Row(address, began=at)
        return self.row(address)

    def running(self) -> list[Row]:
        return [row for row in self.rows.values() if row.ended is None]

    def _started(self, at: float, event: events.StepStarted) -> Row | None:
        known = self.row(event.address)
        if known is None:
            known = Row(event.address, event.activity, began=at)
            (self.inner if "/" in event.address else self.rows)[event.address] = known
        known.status, known.attempt, known.ended, known.error = "running", event.attempt, None, None
        if event.attempt > 1:
            known.loop = None
        return None if "/" in event.address else known

    def _succeeded(self, at: float, event: events.StepSucceeded) -> Row | None:
        return self._ended(event.address, at, "succeeded")

    def _failed(self, at: float, event: events.StepFailed) -> Row | None:
        if event.retry_at is None:
            return self._ended(event.address, at, "failed", event.error)
        row = self.row(event.address)
        if row is None:
            return None
        row.status, row.error = "retrying", event.error
        return None if "/" in event.address else row

    def _skipped(self, at: float, event: events.StepSkipped) -> None:
        self.skipped += "/" not in event.address

    def _in_doubt(self, at: float, event: events.StepInDoubt) -> Row | None:
        return self._changed(event.address, "in_doubt")

    def _waiting(self, at: float, event: events.StepWaiting) -> Row | None:
        return self._changed(event.address, "waiting")

    def _paused(self, at: float, event: events.StepPaused) -> Row | None:
        return self._changed(event.address, "paused")

    def _decided(self, at: float, event: events.StepDecided) -> Row | None:
        if event.decision == "done":
            return self._ended(event.address, at, "succeeded")
        return None

    def _changed(self, address: str, status: str) -> Row | None:
        row = self.row(address)
        if row is None:
            return None
        row.status = status
        return None if "/" in address else row

    def _ended(self, address: str, at: float, status: str, error: dict[str, Any] | None = None) -> Row | None:
        if "/" in address:
            self.inner.pop(address, None)
            return None
        row = self._known(address, at)
        assert row is not None
        self.settled += row.ended is None
        row.status, row.ended, row.error = status, at, error
        return row

    def _round_started(self, at: float, event: events.IterationStarted) -> None:
        row = self._known(event.scope[: event.scope.rindex("[")], at)
        if row is not None and row.loop is None:
            row.loop = Loop(began=at)

    def _round_finished(self, at: float, event: events.IterationFinished) -> None:
        row = self._known(event.scope[: event.scope.rindex("[")], at)
        if row is None:
            return
        if row.loop is None:
            earlier = 0 if row.activity else max(0, int(row.done) - 1)
            row.loop = Loop(earlier, first=earlier, began=row.began)
        row.loop.done = int(row.done) or row.loop.done + 1
        row.loop.total = None if row.total is None else int(row.total)
        row.loop.failed += event.error is not None


_HANDLERS: dict[type[Event], Callable[[Board, float, Any], Row | None]] = {
    events.StepStarted: Board._started,
    events.StepSucceeded: Board._succeeded,
    events.StepFailed: Board._failed,
    events.StepSkipped: Board._skipped,
    events.StepWaiting: Board._waiting,
    events.StepInDoubt: Board._in_doubt,
    events.StepDecided: Board._decided,
    events.StepPaused: Board._paused,
    events.IterationStarted: Board._round_started,
    events.IterationFinished: Board._round_finished,
}
