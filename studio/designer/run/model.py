"""One execution as the window follows it: its events folded once a frame, and what changed announced."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from itertools import islice

from PySide6.QtCore import QObject, QTimer, Signal

from engine.api import Edge, Entry, Plan, Progress, Workflow
from studio.base.beat import beat
from studio.designer.canvas.live import StepLive, WireLive
from studio.designer.run.fold import Fold
from studio.designer.run.tally import Failure

TICK = 250
"""Milliseconds between two looks at the clock, for the texts of steps that go on."""
DRAWN = 100
"""Steps, and wires, that are announced at one beat: a run that begins may have news of thousands."""
SPOKEN = 0.1
"""Seconds between two announcements of how long it takes and how many steps are done."""
TICKED = 200
"""Steps whose texts follow the clock, at most."""


class RunModel(QObject):
    """Gets the events of one execution, in order, and knows how to show every step and wire.

    Of `steps` and `wires` in `live_changed`, None says that nothing is to be shown. `plan` is that of `workflow`, which
    is the version that the execution is pinned to.
    """

    live_changed = Signal(object, object)
    """What changed: step id -> `StepLive`, `Edge` -> `WireLive`."""
    arrived = Signal(object)
    """The entries and reports that were taken, for whoever reads along."""
    status_changed = Signal()
    """Its status, its duration or the number of steps that are done."""
    failed = Signal(str)
    """The id of a step that failed, or is in doubt, a moment ago."""

    def __init__(self, execution: str, workflow: Workflow, plan: Plan, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.fold = Fold(execution, workflow, plan)
        self._early: dict[int, Entry] = {}
        self._steps: dict[str, StepLive] = {}
        self._wires: dict[Edge, WireLive] = {}
        self._known: set[tuple[str, str]] = set()
        self._spoke = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._tick)

    @property
    def execution(self) -> str:
        return self.fold.execution

    @property
    def workflow(self) -> Workflow:
        """The version that is run, whatever was edited since."""
        return self.fold.workflow

    @property
    def status(self) -> str:
        """As in `ExecutionRecord.status`, or `interrupted` where the process that ran it is gone."""
        return "interrupted" if self.fold.interrupted else self.fold.status

    @property
    def resting(self) -> bool:
        """Whether nothing happens until somebody does something, or time passes."""
        return self.status not in ("queued", "running")

    @property
    def steps(self) -> Mapping[str, StepLive]:
        """All there is to show, for a canvas that begins to look."""
        return self._steps

    @property
    def wires(self) -> Mapping[Edge, WireLive]:
        return self._wires

    @property
    def seconds(self) -> float:
        """How long it has taken."""
        return self.fold.seconds(time.time())

    def failure(self, step: str) -> Failure | None:
        """The newest failure of a step."""
        tally = self.fold.tallies.get(step)
        return tally.failure if tally is not None else None

    def take(self, news: Iterable[Entry | Progress]) -> None:
        """Go on with what is of this execution. What comes early waits for what is missing before it."""
        mine = [one for one in news if one.execution == self.execution]
        if not mine:
            return
        mine = self._in_order(mine)
        before = self.fold.status, self.fold.interrupted
        self.fold.take(mine)
        self._tell_failures()
        if mine:
            self.arrived.emit(mine)
        if before != (self.fold.status, self.fold.interrupted):
            self._draw()
            self._keep_time()
            self._speak()
            return
        if self.fold.changed_steps or self.fold.changed_wires:
            beat().follow(self, self._draw)
        if time.monotonic() - self._spoke > SPOKEN:
            self._speak()

    def _in_order(self, news: list[Entry | Progress]) -> list[Entry | Progress]:
        """Without what is known, and without what does not follow on yet."""
        last = self.fold.seq
        ready: list[Entry | Progress] = []
        for one in news:
            if not isinstance(one, Entry):
                ready.append(one)
            elif one.seq == last + 1:
                ready.append(one)
                last += 1
                while self._early and (follower := self._early.pop(last + 1, None)) is not None:
                    ready.append(follower)
                    last += 1
            elif one.seq > last:
                self._early[one.seq] = one
        return ready

    def mark_interrupted(self) -> None:
        """The process that ran it is gone, and did not say so."""
        if not self.fold.finished and self.fold.status in ("queued", "running"):
            self.fold.interrupted = True
            self._announce(set(self.fold.tallies), set(self._wires))
            self._keep_time()
            self.status_changed.emit()

    def _announce(self, ids: set[str], edges: set[Edge]) -> None:
        now = time.time()
        steps: dict[str, StepLive | None] = {}
        for id in ids:
            live = self.fold.step(id, now)
            if live is not None and self._steps.get(id) != live:
                self._steps[id] = live
                steps[id] = live
        wires: dict[Edge, WireLive | None] = {}
        for edge in edges:
            wire = self.fold.wire(edge)
            if wire is not None and self._wires.get(edge) != wire:
                self._wires[edge] = wire
                wires[edge] = wire
        if steps or wires:
            self.live_changed.emit(steps, wires)

    def _draw(self) -> None:
        """Announce what is new; a picture needs it at the beat of the window, and no more of it than can be drawn."""
        fold = self.fold
        steps, wires = set(islice(fold.changed_steps, DRAWN)), set(islice(fold.changed_wires, DRAWN))
        fold.changed_steps -= steps
        fold.changed_wires -= wires
        if fold.changed_steps or fold.changed_wires:
            beat().follow(self, self._draw)
        else:
            beat().leave(self)
        self._announce(steps, wires)

    def _tell_failures(self) -> None:
        for id in tuple(self.fold.changed_steps):
            status = self.fold.tallies[id].status()
            if status in ("failed", "doubt") and (id, status) not in self._known:
                self._known.add((id, status))
                self.failed.emit(id)

    def _keep_time(self) -> None:
        if self.status in ("running", "waiting", "in_doubt", "queued"):
            self._timer.start()
        else:
            self._timer.stop()

    def _tick(self) -> None:
        self._announce(set(self.fold.ticking()[:TICKED]), set())
        self._speak()

    def _speak(self) -> None:
        self._spoke = time.monotonic()
        self.status_changed.emit()

    def close(self) -> None:
        """Follow it no longer."""
        self._timer.stop()
        beat().leave(self)
