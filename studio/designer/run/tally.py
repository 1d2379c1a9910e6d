"""One step of a workflow over all its rounds: what is counted of it, and how that is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.core.sentences import recalled
from studio.base.i18n import sentence, tr, trn
from studio.base.when import stamp
from studio.designer.canvas.live import Link, StepLive
from studio.designer.run import words

_ORDER = ("doubt", "paused", "running", "retrying", "waiting")
"""Of several rounds of a step, the first of these decides how the step is shown."""


@dataclass(slots=True)
class Failure:
    """The newest failure of a step. `retry_at` (seconds since 1970) is set while it will be tried again."""

    address: str
    error: dict[str, Any]
    attempt: int
    at: float
    retry_at: float | None = None
    port: str = ""

    @property
    def message(self) -> str:
        return sentence(recalled(self.error))

    @property
    def hint(self) -> str:
        return sentence(recalled(self.error, "hint"))


@dataclass(slots=True)
class Tally:
    """One step of the workflow over all its rounds. `active` is what goes on now: address -> status, since, until."""

    active: dict[str, tuple[str, float, float]] = field(default_factory=dict)
    ended: int = 0
    failed: int = 0
    skipped: int = 0
    spent: float = 0.0
    attempt: int = 0
    looped: bool = False
    last: str = ""
    """The status of the newest outcome: `done`, `failed` or `skipped`."""
    address: str = ""
    output: Any = None
    port: str = ""
    failure: Failure | None = None
    finished: int = 0
    reported: int = 0
    rounds_failed: int = 0
    total: int | None = None
    share: float | None = None
    report: str = ""
    parameters: Any = None
    """Of a container: what it was given, from its start."""

    @property
    def rounds(self) -> int:
        """How many rounds of a loop have ended: as it says itself, which comes sooner, or as the journal says."""
        return max(self.finished, self.reported)

    def status(self) -> str:
        """How to show it; empty before anything is known."""
        if self.active:
            found = {status for status, _, _ in self.active.values()}
            return next(status for status in _ORDER if status in found)
        return "failed" if self.failed else self.last

    def live(self, now: float, attempts: int | None, interrupted: bool) -> StepLive:
        """How to show it at that moment. `attempts` is how often it may be tried; `interrupted`: the process that ran
        it is gone."""
        status = self.status()
        chip, progress = "", None
        if self.rounds or self.total is not None:
            chip = words.of(self.rounds, self.total) if self.total is not None else _rounds(self.rounds)
            if self.rounds_failed:
                chip = tr("{chip}, {failed} failed", chip=chip, failed=self.rounds_failed)
            progress = min(1.0, self.rounds / self.total) if self.total else None
        elif self.share is not None and status == "running":
            progress = self.share
            chip = f"{self.share:.0%}"
        text, message = self._texts(status, now, attempts, interrupted)
        links: tuple[Link, ...] = ()
        if status == "doubt":
            links = (Link("answer", tr("Answer…")),)
        elif status in ("failed", "retrying"):
            links = (Link("details", tr("Show details")),)
        return StepLive(status, text, self.ended, progress, chip, message, links)  # type: ignore[arg-type]

    def _texts(self, status: str, now: float, attempts: int | None, interrupted: bool) -> tuple[str, str]:
        """What stands below the step, and what is said about it."""
        if self.active:
            since, until = next((a, b) for kind, a, b in self.active.values() if kind == status)
            if status == "running":
                if interrupted:
                    return tr("interrupted"), ""
                seconds = now - since
                return (words.elapsed(seconds) if seconds >= 0.3 else ""), self.report
            if status == "waiting":
                return words.length(max(0.0, until - now)), tr("until {time}", time=stamp(until, now))
            if status == "retrying":
                most = attempts if attempts is not None else self.attempt + 1
                text = tr("attempt {attempt} of {attempts}", attempt=self.attempt + 1, attempts=most)
                failure = self.failure
                left = max(0.0, until - now)
                after = tr("{attempt} starts in {time}.", attempt=text[:1].upper() + text[1:], time=words.elapsed(left))
                return text, f"{failure.message}\n{after}" if failure is not None else after
            if status == "doubt":
                return tr("since {time}", time=stamp(since, now)), tr("Nobody knows whether this happened.")
            return tr("paused"), ""
        if status == "failed":
            failure = self.failure
            said = "\n".join(filter(None, (failure.message, failure.hint))) if failure is not None else ""
            if self.failed > 1 or self.ended > 1:
                return tr("{failed} of {total} failed", failed=self.failed, total=self.ended), said
            if self.attempt > 1:
                return trn("{n} attempt", "{n} attempts", self.attempt), said
            return words.length(self.spent), said
        if status == "done":
            runs = self.ended
            mean = words.length(self.spent / max(1, runs))
            return (tr("{n} × {time}", n=runs, time=mean) if runs > 1 else mean), ""
        return "", ""


def _rounds(count: int) -> str:
    return trn("{n} round", "{n} rounds", count)
