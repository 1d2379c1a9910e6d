"""What happened, said in lines: the log of one execution."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from engine.api import Entry, Progress
from engine.core import events
from engine.core.sentences import recalled
from engine.core.values import ArtifactRef
from studio.base.i18n import number, sentence, tr, tr_sentence, trn
from studio.base.when import stamp
from studio.designer.run import words
from studio.designer.run.fold import Fold, items_of
from studio.widgets.log_table import LogLine
from studio.widgets.value_text import brief

_LEVELS = {"debug": "debug", "info": "info", "warning": "warning", "error": "error", "critical": "error"}
LONGEST = 4000
"""Characters of a message that are kept."""


def outcome(value: Any) -> str:
    """An output in a few words."""
    count = items_of(value)
    if count is not None:
        return trn("{n} item", "{n} items", count)
    if isinstance(value, ArtifactRef):
        return value.summary
    return brief(value, 120) if value is not None else ""


class Teller:
    """Says what the events of one execution mean; `labels` are the names of its steps by id."""

    def __init__(self, fold: Fold) -> None:
        self._fold = fold
        self._labels = {step.id: step.label or step.id for step in fold.workflow.steps}
        self._attempts = {step.id: step.retry.attempts for step in fold.workflow.steps if step.retry is not None}
        self._began: dict[str, float] = {}
        self._said: dict[str, str] = {}
        """What each step that is not done yet has logged last."""

    def lines(self, news: Iterable[Entry | Progress]) -> list[LogLine]:
        """The lines of what has just been folded."""
        told = []
        for entry in news:
            if not isinstance(entry, Entry):
                continue
            say = _SENTENCES.get(type(entry.event))
            if say is not None:
                line = say(self, entry, entry.event)
                if line is not None:
                    told.append(line)
        return told

    def _line(self, entry: Entry, level: str, message: str, address: str = "") -> LogLine:
        step = self._fold.shown_at(address) if address else ""
        where = "—" if not address else self._labels[step] if address == step else address
        return LogLine(words.moment(entry.at), level, where, message[:LONGEST], step, address)

    def _logged(self, entry: Entry, event: events.Logged) -> LogLine:
        if event.address in self._began:
            self._said[event.address] = event.message
        return self._line(entry, _LEVELS.get(event.level, "info"), event.message, event.address)

    def _begun(self, entry: Entry, event: events.ExecutionStarted) -> LogLine:
        short = entry.execution[-8:]
        if self._fold.started_at == entry.at:
            return self._line(entry, "info", tr("Execution {id} started", id=short))
        return self._line(entry, "info", tr("Execution {id} goes on", id=short))

    def _waits(self, entry: Entry, event: events.ExecutionWaiting) -> LogLine:
        if event.in_doubt:
            return self._line(entry, "doubt", tr("Waits for your answer"))
        if event.wake_at is None:
            return self._line(entry, "info", tr("Waits"))
        return self._line(entry, "info", tr("Waits until {time}", time=stamp(event.wake_at)))

    def _paused(self, entry: Entry, event: events.ExecutionPaused) -> LogLine:
        return self._line(entry, "warning", tr("Paused: every finished step is kept"))

    def _won(self, entry: Entry, event: events.ExecutionSucceeded) -> LogLine:
        return self._line(entry, "info", tr("Succeeded in {time}", time=self._took(entry)))

    def _lost(self, entry: Entry, event: events.ExecutionFailed) -> LogLine:
        message = tr_sentence(recalled(event.error))
        return self._line(entry, "error", tr("Failed after {time}: {message}", time=self._took(entry), message=message))

    def _cancelled(self, entry: Entry, event: events.ExecutionCancelled) -> LogLine:
        return self._line(entry, "warning", tr("Stopped after {time}", time=self._took(entry)))

    def _took(self, entry: Entry) -> str:
        return words.length(max(0.0, entry.at - (self._fold.started_at or entry.at)))

    def _started(self, entry: Entry, event: events.StepStarted) -> LogLine | None:
        if "[" in event.address:
            return None
        self._began[event.address] = entry.at
        if event.attempt > 1:
            return self._line(entry, "debug", tr("Attempt {n} started", n=event.attempt), event.address)
        return self._line(entry, "debug", tr("Started"), event.address)

    def _succeeded(self, entry: Entry, event: events.StepSucceeded) -> LogLine | None:
        began, said = self._began.pop(event.address, None), self._said.pop(event.address, "")
        if "[" in event.address or began is None:
            return None
        took, given = words.length(max(0.0, entry.at - began)), outcome(event.output)
        if given and given == outcome(said):
            given = ""  # a step that logs gives what it has logged
        if event.port not in ("next", "done"):
            given = ", ".join(filter(None, (event.port, given)))
        message = tr("{outcome}, in {time}", outcome=given, time=took) if given else tr("Done in {time}", time=took)
        return self._line(entry, "info", message, event.address)

    def _failed(self, entry: Entry, event: events.StepFailed) -> LogLine:
        message = sentence(recalled(event.error)).removesuffix(".")
        attempts = self._attempts.get(event.address.rpartition("/")[2], 0)
        if attempts > 1:
            message = tr("{message} (attempt {n} of {total})", message=message, n=event.attempt, total=attempts)
        if event.retry_at is not None:
            wait = words.length(max(0.0, event.retry_at - entry.at))
            return self._line(
                entry, "error", tr("{message}, next in {time}", message=message, time=wait), event.address
            )
        return self._line(entry, "warning" if event.port else "error", message, event.address)

    def _round(self, entry: Entry, event: events.IterationFinished) -> LogLine | None:
        if event.error is None:
            return None
        loop, _, rest = event.scope.rpartition("[")
        message = tr("Item {n} failed, the loop goes on", n=number(int(rest[:-1])))
        return self._line(entry, "warning", message, loop) if self._goes_on(loop) else None

    def _goes_on(self, loop: str) -> bool:
        step = next((step for step in self._fold.workflow.steps if step.id == loop.rpartition("/")[2]), None)
        return step is not None and step.parameters.get("on_item_error", "fail") != "fail"

    def _delayed(self, entry: Entry, event: events.StepWaiting) -> LogLine:
        return self._line(entry, "info", tr("Waits until {time}", time=stamp(event.until)), event.address)

    def _doubtful(self, entry: Entry, event: events.StepInDoubt) -> LogLine:
        message = tr("It was cut off, and nobody knows whether it happened: it was not repeated")
        return self._line(entry, "doubt", message, event.address)

    def _decided(self, entry: Entry, event: events.StepDecided) -> LogLine:
        by_hand = event.by != "policy"
        message = {
            "done": tr("You said that it happened") if by_hand else tr("Taken as done, as the workflow says"),
            "retry": tr("You had it done again") if by_hand else tr("Done again, as the workflow says"),
        }.get(event.decision, tr("You stopped it here") if by_hand else tr("Failed, as the workflow says"))
        return self._line(entry, "doubt", message, event.address)

    def _skipped(self, entry: Entry, event: events.StepSkipped) -> LogLine | None:
        if "[" in event.address:
            return None
        message = tr("Skipped: it is disabled") if event.reason == "disabled" else tr("Skipped")
        return self._line(entry, "debug", message, event.address)


_SENTENCES: dict[type[events.Event], Callable[[Teller, Entry, Any], LogLine | None]] = {
    events.Logged: Teller._logged,
    events.ExecutionStarted: Teller._begun,
    events.ExecutionWaiting: Teller._waits,
    events.ExecutionPaused: Teller._paused,
    events.ExecutionSucceeded: Teller._won,
    events.ExecutionFailed: Teller._lost,
    events.ExecutionCancelled: Teller._cancelled,
    events.StepStarted: Teller._started,
    events.StepSucceeded: Teller._succeeded,
    events.StepFailed: Teller._failed,
    events.StepSkipped: Teller._skipped,
    events.StepWaiting: Teller._delayed,
    events.StepInDoubt: Teller._doubtful,
    events.StepDecided: Teller._decided,
    events.IterationFinished: Teller._round,
}
