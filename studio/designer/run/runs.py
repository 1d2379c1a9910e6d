"""The executions of one open workflow: those that run, the one that is looked at, and those of the past."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.api import FINISHED, Client, Edge, Entry, ExecutionRecord, Plan, Workflow, step_ports
from studio.base.i18n import tr
from studio.designer.canvas.live import StepLive, WireLive
from studio.designer.delta import Delta
from studio.designer.run.lines import Teller
from studio.designer.run.model import RunModel
from studio.designer.run.values import LastValues
from studio.widgets.log_table import LogModel

if TYPE_CHECKING:
    from pathlib import Path

    from studio.bridge import Bridge
    from studio.designer.editor import Editor

PAST = 50
"""Executions of the past that can be chosen."""
KEPT = 10
"""Executions of a workflow that are remembered; of more, the oldest that has ended is forgotten."""
LONGEST = 200_000
"""Events of an execution whose data is still taken for previews without being asked for."""
SLICE = 500
"""Entries of a journal that are folded in one go."""


class Runs(QObject):
    """One an editor. `shown` is the execution that its canvas, log and data show: the newest, unless a person chose."""

    shown_changed = Signal()
    """Another execution is shown, or none."""
    failed = Signal(object, str)
    """A step failed or is in doubt: the `RunModel` and the step's id."""
    forgotten = Signal(str)
    """An execution is no longer followed."""
    status_changed = Signal()
    """Something changed in the execution that is shown."""

    def __init__(self, bridge: Bridge, editor: Editor, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.editor = editor
        self.shown: RunModel | None = None
        self.values = LastValues(bridge, self)
        self.models: dict[str, RunModel] = {}
        """Those that are followed, by id, oldest first."""
        self._bridge = bridge
        self._logs: dict[str, LogModel] = {}
        self._quiet: set[str] = set()
        self._edited: dict[str, set[str]] = {}
        editor.document.changed.connect(self._document_changed)

    @property
    def running(self) -> list[RunModel]:
        """Those that have not ended and are not at rest, oldest first."""
        return [model for model in self.models.values() if not model.resting]

    def log(self, model: RunModel) -> LogModel:
        """The lines of an execution."""
        return self._logs[model.execution]

    def highlights(self, model: RunModel) -> bool:
        """Whether the canvas shows how it goes."""
        return model.execution not in self._quiet

    def follow(self, execution: str, workflow: Workflow, *, quiet: bool = False) -> RunModel:
        """Begin to follow an execution of that version of the workflow; its events come through `RunModel.take`."""
        plan = self.editor.document.plan
        if workflow is not self.editor.document.workflow:
            catalog = self._bridge.catalog
            plan = Plan.of(workflow, lambda step: step_ports(step, catalog.get(step.activity)))
        model = RunModel(execution, workflow, plan, self)
        self.models[execution] = model
        self._prune(model)
        self._edited[execution] = _differences(workflow, self.editor.document.workflow)
        if quiet:
            self._quiet.add(execution)
        log, teller = LogModel(self), Teller(model.fold)
        self._logs[execution] = log
        model.arrived.connect(lambda news: log.append(teller.lines(news)))
        model.live_changed.connect(lambda steps, wires: self._live(model, steps, wires))
        model.status_changed.connect(lambda: self._status(model))
        model.failed.connect(lambda step: self.failed.emit(model, step))
        return model

    async def open(self, execution: str, *, interrupted: bool = False) -> RunModel:
        """Follow an execution that began earlier, from its first event on. Raises `RpaError`."""
        known = self.models.get(execution)
        if known is None:
            workflow = await self._bridge.call(lambda client: client.definition(execution))
            current = self.editor.document.workflow
            known = self.follow(execution, current if workflow == current else workflow)
            await self.catch_up(known)
        if interrupted:
            known.mark_interrupted()
        return known

    async def catch_up(self, model: RunModel) -> None:
        """Read what the journal holds beyond what has arrived. Raises `RpaError`."""
        while True:
            chunk = await self._bridge.call(partial(_next_chunk, execution=model.execution, after=model.fold.seq))
            if not chunk:
                return
            for first in range(0, len(chunk), SLICE):
                model.take(chunk[first : first + SLICE])
                await asyncio.sleep(0)

    def show(self, model: RunModel | None) -> None:
        """Look at this one."""
        if model is self.shown:
            return
        self.shown = self.editor.run = model
        self.values.follow(model)
        self.redraw()
        self.shown_changed.emit()

    def redraw(self) -> None:
        """Show on the canvas what is known of the execution that is looked at."""
        scene, model = self.editor.scene, self.shown
        scene.clear_live()
        if model is not None and self.highlights(model):
            scene.set_live({id: self._marked(model, id, live) for id, live in model.steps.items()}, dict(model.wires))

    def forget(self, model: RunModel) -> None:
        """Follow an execution no longer."""
        model.close()
        self.models.pop(model.execution, None)
        log = self._logs.pop(model.execution, None)
        self._edited.pop(model.execution, None)
        self._quiet.discard(model.execution)
        if model is self.shown:
            self.show(None)
        if log is not None:
            log.deleteLater()
        model.deleteLater()
        self.forgotten.emit(model.execution)

    def _prune(self, newest: RunModel) -> None:
        ended = [model for model in self.models.values() if model.fold.finished and model is not self.shown]
        for model in ended[: max(0, len(self.models) - KEPT)]:
            if model is not newest and not self.values.follows(model):
                self.forget(model)

    async def past(self) -> list[ExecutionRecord]:
        """The executions of this workflow, newest first. Raises `RpaError`."""
        document = self.editor.document
        name, path = document.title, document.path
        names = {name, document.workflow.name or "workflow"}
        found: dict[str, ExecutionRecord] = {}
        for one in names:
            records = await self._bridge.call(lambda client, one=one: client.executions(workflow=one, limit=4 * PAST))  # type: ignore[misc]
            found.update((record.id, record) for record in records if _same(record.source, path))
        return sorted(found.values(), key=lambda record: record.id, reverse=True)[:PAST]

    async def recall(self) -> None:
        """Take the data of the newest finished execution for previews, without showing it. Raises `RpaError`."""
        if self.shown is None and not self.models:
            for record in await self.past():
                if record.status in FINISHED and record.last_seq <= LONGEST and self.shown is None:
                    self.values.follow(await self.open(record.id))
                    return

    def close(self) -> None:
        """The editor is closed; what runs goes on."""
        for model in self.models.values():
            model.close()

    def _live(self, model: RunModel, steps: Mapping[str, StepLive], wires: Mapping[Edge, WireLive]) -> None:
        if model is self.shown and self.highlights(model):
            scene = self.editor.scene
            scene.set_live({id: self._marked(model, id, live) for id, live in steps.items()}, wires)
            scene.flush()  # it is told no more often than it can be drawn

    def _marked(self, model: RunModel, id: str, live: StepLive) -> StepLive:
        """A step that was edited since says so."""
        if id not in self._edited[model.execution]:
            return live
        return replace(live, text=" · ".join(filter(None, (live.text, tr("edited since")))))

    def _status(self, model: RunModel) -> None:
        if model is self.shown:
            self.status_changed.emit()

    def _document_changed(self, delta: Delta) -> None:
        touched = delta.steps_changed | delta.steps_added | delta.steps_removed
        if not touched:
            return
        for execution, model in self.models.items():
            differ = _differences(model.workflow, self.editor.document.workflow)
            news = differ ^ self._edited[execution]
            self._edited[execution] = differ
            if news and model is self.shown and self.highlights(model):
                shown = {id: model.steps[id] for id in news | set(touched) if id in model.steps}
                self._live(model, shown, {})


def _differences(run: Workflow, now: Workflow) -> set[str]:
    """The steps that are not what they were when it started."""
    if run is now:
        return set()
    before = {step.id: step for step in run.steps}
    return {step.id for step in now.steps if (known := before.get(step.id)) is not None and known != step}


def _same(source: str, path: Path | None) -> bool:
    return (source == str(path.absolute())) if path is not None else not source


async def _next_chunk(client: Client, *, execution: str, after: int) -> list[Entry]:
    async with aclosing(client.journal(execution, after=after)) as chunks:  # type: ignore[type-var]
        async for chunk in chunks:
            return chunk
    return []
