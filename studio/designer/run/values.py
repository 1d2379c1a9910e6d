"""The data of the last execution, as a step saw it: for previews, completion, and looking at what came out.

What the outermost steps gave is in the fold. What happened inside a round of a loop is read from the journal when it
is asked for, in a worker thread, and the last few rounds are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from engine.api import Client, Lookup
from engine.core import events
from engine.core.errors import NoValueError
from engine.core.values import ArtifactRef
from studio.base.i18n import tr
from studio.designer.run.names import NamesOfStep

if TYPE_CHECKING:
    from studio.bridge import Bridge
    from studio.designer.run.fold import Fold
    from studio.designer.run.model import RunModel

LARGEST = 32 * 1024 * 1024
"""Bytes of a value that is still fetched."""
KEPT = 64 * 1024 * 1024
"""Bytes of fetched values that are kept."""
ROUNDS = 16
"""Rounds whose steps are kept."""
FURTHEST = 200_000
"""Events that are read for one round, at most."""
PACE = 400
"""Milliseconds between two announcements of news while the execution runs: whoever listens reads it all anew."""


@dataclass(slots=True)
class StepValue:
    """What a step came to. `status` is `not_run`, `running`, `succeeded`, `failed` or `skipped`; `took` in seconds."""

    status: str = "not_run"
    output: Any = None
    error: dict[str, Any] | None = None
    address: str = ""
    started_at: float = 0.0
    ended_at: float | None = None
    parameters: Any = None

    @property
    def took(self) -> float | None:
        return None if self.ended_at is None else max(0.0, self.ended_at - self.started_at)


@dataclass(slots=True)
class Round:
    """One round of a loop: its steps by id, without those of loops inside it."""

    steps: dict[str, StepValue] = field(default_factory=dict)
    complete: bool = False


class LastValues(QObject):
    """Follows one execution. `lookup` is cheap; what it gives is read in a worker thread, as it may have to wait."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._model: RunModel | None = None
        self._rounds: OrderedDict[str, Round] = OrderedDict()
        self._fetched: OrderedDict[str, tuple[int, Any]] = OrderedDict()
        self._missed = False
        self._pause = QTimer(self, singleShot=True, interval=PACE)
        self._pause.timeout.connect(self._pause_over)

    def follow(self, model: RunModel | None) -> None:
        """Take the data of this execution from now on."""
        if model is self._model:
            return
        if self._model is not None:
            self._model.live_changed.disconnect(self._news)
        self._model = model
        self._rounds.clear()
        if model is not None:
            model.live_changed.connect(self._news)
        self.changed.emit()

    def follows(self, model: RunModel) -> bool:
        """Whether its data is what is given."""
        return model is self._model

    def _news(self, steps: object, wires: object) -> None:
        if self._pause.isActive() and self._model is not None and not self._model.resting:
            self._missed = True
        else:
            self._tell()

    def _tell(self) -> None:
        self._missed = False
        self._pause.start()
        self.changed.emit()

    def _pause_over(self) -> None:
        if self._missed:
            self._tell()

    @property
    def _fold(self) -> Fold | None:
        return self._model.fold if self._model is not None else None

    def loops(self, step: str) -> list[str]:
        """The loops around a step that had rounds, from the outermost in, by id."""
        fold = self._fold
        if fold is None:
            return []
        around = [key[0] for key in fold.plan.enclosing(step) if key[0]]
        looped = {address.rpartition("/")[2] for address in fold.rounds}
        return [id for id in reversed(around) if id in looped]

    def rounds(self, step: str) -> int:
        """How many rounds the innermost loop around a step had; 0 outside of loops."""
        loops = self.loops(step)
        found = self._scope(step, None) if loops else None
        return len(self._fold.rounds.get(found[-1][1], ())) if found and self._fold is not None else 0

    def lookup(self, step: str, round: int = 0) -> Lookup | None:
        """The names that a step saw in that round of the innermost loop around it. None before the first run."""
        fold = self._fold
        if fold is None or fold.seq == 0:
            return None
        return NamesOfStep(self, fold, self._scope(step, round), step)

    def read(self, step: str, round: int | None = None) -> StepValue:
        """What a step came to, in a round of the innermost loop around it, or in the newest; called in a worker
        thread. Its output is fetched where it is kept apart. Raises `RpaError` where it cannot be."""
        fold = self._fold
        if fold is None:
            return StepValue()
        scopes = self._scope(step, round)
        found = self._round(scopes[-1][0], scopes[-1][1]).steps.get(step) if scopes else self.outer(fold, step)
        if found is None:
            return StepValue()
        return StepValue(
            found.status, self.fetch(found.output), found.error, found.address, found.started_at, found.ended_at
        )

    def _scope(self, step: str, round: int | None) -> list[tuple[str, str, int]]:
        """The rounds around a step, from the outside in: scope, address of the loop, number. The newest of each loop
        but the innermost, of which it is `round`."""
        fold = self._fold
        assert fold is not None
        address, found = "", []
        looped = set(self.loops(step))
        inner = [key for key in fold.plan.enclosing(step) if key[0]]
        last = next((key[0] for key in inner if key[0] in looped), "")
        for container, port in reversed(inner):
            address = f"{address}/{container}" if address else container
            loop = address
            if port != "body":
                address = f"{address}.{port}"
            if container in looped:
                there = fold.rounds.get(loop, {})
                newest = max(there, default=0)
                number = round if container == last and round is not None else newest
                address = f"{address}[{number}]"
                found.append((address, loop, number))
        return found

    @staticmethod
    def outer(fold: Fold, step: str) -> StepValue | None:
        """What a step outside of loops came to in that execution; None while nothing is known of it."""
        tally = fold.tallies.get(step)
        if tally is None:
            return None
        status = {"done": "succeeded", "failed": "failed", "skipped": "skipped"}.get(tally.last, "running")
        error = tally.failure.error if tally.failure is not None and tally.last == "failed" else None
        started = fold.updated_at - tally.spent
        ended = started + tally.spent if tally.last else None
        return StepValue(status, tally.output, error, tally.address, started, ended, tally.parameters)

    # What may wait: called in worker threads.

    def fetch(self, value: Any) -> Any:
        """The value behind a reference; any other value as it is. Raises `RpaError`."""
        if not isinstance(value, ArtifactRef):
            return value
        kept = self._fetched.get(value.hash)
        if kept is not None:
            return kept[1]
        if value.size > LARGEST:
            raise NoValueError(
                tr("The value is too large to be shown: {summary}.", summary=value.summary),
                hint=tr("Write it to a file to look at it."),
            )
        found = self._bridge.ask(lambda client: client.value(value))
        self._fetched[value.hash] = (value.size, found)
        while sum(size for size, _ in list(self._fetched.values())) > KEPT:
            self._fetched.popitem(last=False)
        return found

    def _round(self, scope: str, loop: str) -> Round:
        known = self._rounds.get(scope)
        if known is not None and known.complete:
            return known
        model = self._model
        assert model is not None
        first = model.fold.rounds.get(loop, {}).get(int(scope[scope.rindex("[") + 1 : -1]))
        made = Round()
        if first is not None:
            execution = model.execution
            self._bridge.ask(lambda client: _read_round(client, execution, scope, first, made))
        self._rounds[scope] = made
        while len(self._rounds) > ROUNDS:
            self._rounds.popitem(last=False)
        return made

    def items(self, fold: Fold, chain: list[tuple[str, str, int]], place: int) -> Any:
        """What the loop at that place of the chain goes over."""
        _, loop, _ = chain[place]
        id = loop.rpartition("/")[2]
        if place == 0:
            tally = fold.tallies.get(id)
            given = tally.parameters if tally is not None else None
        else:
            outer = self._round(*chain[place - 1][:2]).steps.get(id)
            given = outer.parameters if outer is not None else None
        given = self.fetch(given)
        return self.fetch(given.get("items")) if isinstance(given, dict) else None

    def steps_of(self, scope: str, loop: str) -> dict[str, StepValue]:
        """The steps of one round."""
        return self._round(scope, loop).steps


async def _read_round(client: Client, execution: str, scope: str, first: int, made: Round) -> None:
    """Gather what happened in one round, from its first event to its end."""
    prefix, read = scope + "/", 0
    async with aclosing(client.journal(execution, after=first - 1)) as chunks:  # type: ignore[type-var]
        async for chunk in chunks:
            for entry in chunk:
                event = entry.event
                if type(event) is events.IterationFinished and event.scope == scope:
                    made.complete = True
                    return
                address = getattr(event, "address", "")
                if address.startswith(prefix) and "[" not in address[len(prefix) :]:
                    _note(made.steps, address, entry.at, event)
            read += len(chunk)
            if read > FURTHEST:
                return


def _note(steps: dict[str, StepValue], address: str, at: float, event: events.Event) -> None:
    step = steps.setdefault(address.rpartition("/")[2], StepValue("running", address=address, started_at=at))
    if isinstance(event, events.StepStarted):
        step.status, step.started_at = "running", at
        step.parameters = event.details.get("parameters") if isinstance(event.details, dict) else None
    elif isinstance(event, events.StepSucceeded):
        step.status, step.output, step.ended_at = "succeeded", event.output, at
    elif isinstance(event, events.StepFailed) and event.retry_at is None:
        step.status, step.error, step.ended_at = "failed", event.error, at
    elif isinstance(event, events.StepSkipped):
        step.status, step.ended_at = "skipped", at
    elif isinstance(event, events.StepDecided) and event.decision == "done":
        step.status, step.output, step.ended_at = "succeeded", event.output, at
