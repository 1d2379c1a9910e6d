"""Progress as plain lines, for a pipe or a log file: few enough to read, often enough to know that it goes on."""

from __future__ import annotations

from collections import Counter

from engine.api import Progress
from engine.cli.progress import Board, Row
from engine.cli.terminal import Terminal, printable
from engine.core import durations
from engine.core.events import Entry, Logged, StepFailed, StepInDoubt

PATIENCE = 1.0
"""Seconds after which a running step gets a line of its own."""
REPEAT = 10.0
"""Seconds between lines of a step that goes on."""
SAMPLES = 5
"""Lines about the inside of one loop, of each kind, that are shown."""


class Lines:
    """Prints a line when an outermost step ends, and while it lasts one now and then."""

    def __init__(self, board: Board, terminal: Terminal) -> None:
        self._board = board
        self._terminal = terminal
        self._shown: dict[str, float] = {}
        self._samples: Counter[tuple[str, str]] = Counter()

    def take(self, news: Entry | Progress) -> None:
        row = self._board.take(news)
        if row is not None and (row.ended is not None or row.status in ("retrying", "waiting", "in_doubt", "paused")):
            self._terminal.say(line(row, self._terminal, self._board.clock()))
        elif isinstance(news, Entry):
            self._inside(news)

    def say(self, text: str) -> None:
        self._terminal.say(text)

    def tick(self) -> None:
        """Called now and then: say what still runs."""
        now = self._board.clock()
        for row in self._board.running():
            last = self._shown.get(row.address)
            if row.status == "running" and now - (row.began if last is None else last) >= (
                PATIENCE if last is None else REPEAT
            ):
                self._shown[row.address] = now
                self._terminal.say(line(row, self._terminal, now))

    def close(self) -> None:
        """Say how much was left out."""
        for (loop, kind), count in self._samples.items():
            if count > SAMPLES:
                self._terminal.say(f"  {loop}: {count - SAMPLES:,} more {kind}; rpa journal shows all")

    def _inside(self, entry: Entry) -> None:
        event = entry.event
        if isinstance(event, Logged):
            if event.level != "debug" and self._sample(event.address, "log lines"):
                self._terminal.say(log_line(event))
        elif isinstance(event, StepFailed) and "/" in event.address and event.retry_at is None:
            if self._sample(event.address, "failures"):
                self._terminal.say(f"  {self._terminal.symbol('failed')} {event.address}: {_message(event.error)}")
        elif isinstance(event, StepInDoubt) and "/" in event.address:
            self._terminal.say(f"  {self._terminal.symbol('in_doubt')} {event.address}: in doubt")

    def _sample(self, address: str, kind: str) -> bool:
        loop = address.partition("[")[0] if "[" in address else ""
        if not loop:
            return True
        self._samples[loop, kind] += 1
        return self._samples[loop, kind] <= SAMPLES


def line(row: Row, terminal: Terminal, now: float) -> str:
    """A step in one line."""
    seconds = row.seconds(now)
    parts = [f"{terminal.symbol(row.status)} {printable(row.address)}"]
    if row.ended is None or row.status == "failed":
        parts.append(row.status.replace("_", " "))
    if row.ended is not None or seconds >= PATIENCE:
        parts.append(durations.text(seconds))
    if row.attempt > 1:
        parts.append(f"try {row.attempt}")
    parts += counts(row, now)
    if row.error is not None:
        parts.append(_message(row.error))
    return "  ".join(parts)


def counts(row: Row, now: float) -> list[str]:
    """How far a loop, or a step that reports it, has come."""
    if row.loop is not None:
        loop = row.loop
        parts = [f"{loop.done:,}/{loop.total:,}" if loop.total is not None else f"{loop.done:,} rounds"]
        if loop.failed:
            parts.append(f"{loop.failed:,} failed")
        rate, left = loop.rate(now), loop.left(now)
        if row.ended is None and rate:
            parts.append(f"{rate:,.1f}/s" if rate < 100 else f"{rate:,.0f}/s")
            if left is not None:
                parts.append(f"{durations.text(max(1.0, left))} left")
        return parts
    if row.ended is not None:
        return []
    parts = [f"{row.done / row.total:.0%}"] if row.total else []
    return [*parts, printable(row.message)] if row.message else parts


def log_line(event: Logged) -> str:
    """A line that a step logged."""
    level = "" if event.level == "info" else f"{event.level}: "
    return f"  {printable(event.address)}: {level}{printable(event.message)}"


def _message(error: dict[str, object]) -> str:
    return printable(str(error.get("message", "")))
