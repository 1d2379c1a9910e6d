"""Starting, stopping and watching executions of the open workflows."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from engine.api import Decision, Document, Entry, ExecutionRecord, Problem, Progress
from engine.core.errors import DocumentError, ExecutionError, InputError, StoreError
from studio.base.actions import Actions
from studio.base.i18n import sentence, tr, trn
from studio.base.tasks import spawn
from studio.designer.run import words
from studio.designer.run.announcements import Announcements
from studio.designer.run.doubt import Question
from studio.designer.run.inputs import ask_inputs
from studio.designer.run.model import RunModel
from studio.designer.run.runs import Runs
from studio.widgets.execution_status import chip_status, status_word

if TYPE_CHECKING:
    from studio.bridge import Bridge
    from studio.designer.editor import Editor

STOPPED = "stopped in the studio"
"""Why an execution was cancelled, for its journal."""


class RunController(QObject):
    """One a page. `current` gives the editor in front, whose runs the actions `run.*` are about.

    Call `attach` for every editor that is opened, `detach` when it is closed, and `front_changed` when another one
    comes to the front.
    """

    status_changed = Signal()
    """What the chip and the status bar say of the editor in front."""
    shown_changed = Signal(object)
    """An editor looks at another execution, or at none."""
    started = Signal(object)
    """An editor whose workflow a person has just started."""
    problems_found = Signal(object)
    """An editor whose workflow has errors that keep it from running."""
    details_wanted = Signal(object, str, str)
    """Editor, id of a step, address: where it says more about what happened there."""
    answer_wanted = Signal(object, object)
    """Editor and `Question`: a person is to answer for a step in doubt."""
    open_wanted = Signal(object, str)
    """A file to be opened (None: the execution has none), and the execution of it to be shown with `look`."""
    left_behind = Signal(object)
    """A list of `ExecutionRecord`: unfinished executions that nobody runs, found when the engine was opened."""

    def __init__(
        self,
        bridge: Bridge,
        actions: Actions,
        current: Callable[[], Editor | None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.actions = actions
        self._current = current
        self._runs: dict[Editor, Runs] = {}
        self._by_execution: dict[str, RunModel] = {}
        self._starting = 0
        self._early: dict[str, list[Entry | Progress]] = {}
        self._stopping: set[str] = set()
        self._mine: set[str] = set()
        self._looked = ""
        bridge.arrived.connect(self._arrived)
        bridge.opened.connect(self._opened)
        bridge.failed.connect(lambda error: self._refresh())
        actions.bind("run.start", self.start)
        actions.bind("run.fast", lambda: self.start(quiet=True))
        actions.bind("run.stop", self.stop)
        actions.bind("run.next_failure", self.next_failure)
        self._refresh()

    # Editors.

    def attach(self, editor: Editor) -> Runs:
        """Watch the executions of an editor's workflow from now on."""
        runs = Runs(self.bridge, editor, editor)
        Announcements(runs)
        self._runs[editor] = runs
        runs.shown_changed.connect(lambda: self._shown(editor))
        runs.status_changed.connect(lambda: self._status(editor))
        runs.forgotten.connect(self._forget)
        runs.failed.connect(lambda model, step: self._failed(editor, model, step))
        editor.view.link_clicked.connect(lambda step, link: self._link(editor, step, link))
        if self.bridge.ready:
            spawn(runs.recall(), failed=lambda error: None)
        return runs

    def detach(self, editor: Editor) -> None:
        """The editor is closed. What runs goes on."""
        runs = self._runs.pop(editor, None)
        if runs is not None:
            for execution in runs.models:
                self._forget(execution)
            runs.close()

    def _forget(self, execution: str) -> None:
        self._by_execution.pop(execution, None)
        self._mine.discard(execution)

    def runs(self, editor: Editor) -> Runs:
        """The executions of an editor's workflow. Raises `KeyError` for one that is not attached."""
        return self._runs[editor]

    def find(self, editor: Editor | None) -> Runs | None:
        """The same, or None where there is no such editor, or no longer."""
        return self._runs.get(editor) if editor is not None else None

    def followed(self, execution: str) -> RunModel | None:
        """The execution of that id, where an open editor knows it."""
        return self._by_execution.get(execution)

    def front_changed(self) -> None:
        """Another editor is in front."""
        self._refresh()

    @property
    def front(self) -> Runs | None:
        """The executions of the workflow in front."""
        return self.find(self._current())

    @property
    def running(self) -> int:
        """How many executions run in all editors."""
        return sum(len(runs.running) for runs in self._runs.values())

    # What a person asks for.

    def start(self, *, quiet: bool = False) -> None:
        """Run what is on the canvas in front, saved or not; `quiet` without showing how it goes."""
        editor = self._current()
        if editor is not None:
            spawn(self.run(editor, quiet=quiet), failed=lambda error: self._complain(editor, error))

    async def run(self, editor: Editor, *, quiet: bool = False, ask: bool = True) -> RunModel | None:
        """Check, ask for inputs (without `ask`: take their defaults), start. None where it was not started, and the
        person was told why."""
        if not self.bridge.writable:
            self.explain_engine(editor)
            return None
        document = editor.document.document
        errors = await self.bridge.run(_errors, document, self.bridge)
        if errors:
            self._show_problems(editor, errors)
            return None
        key = str(document.path) if document.path is not None else document.workflow.name
        title = editor.document.title
        inputs: dict[str, Any] | None = {}
        if ask:
            inputs = await ask_inputs(editor.window(), document.workflow, title, key, editor.folder)
        return await self._start(editor, document, inputs, quiet) if inputs is not None else None

    async def _start(self, editor: Editor, document: Document, inputs: dict[str, Any], quiet: bool) -> RunModel | None:
        workflow, path = document.workflow, document.path
        folder = path.parent if path is not None else Path.home()
        self._starting += 1
        try:
            execution = await self.bridge.call(
                lambda client: client.start(workflow, inputs, folder=folder, source=path)
            )
            runs = self._runs.get(editor)
            if runs is None:
                return None  # it was closed meanwhile; what was started goes on
            editor.banner.hide()
            model = runs.follow(execution, workflow, quiet=quiet)
            self._by_execution[execution] = model
            self._mine.add(execution)
            runs.show(model)
            model.take(self._early.pop(execution, []))
        finally:
            self._starting -= 1
            if not self._starting:
                self._early.clear()
        self._watch(editor, model)
        self.started.emit(editor)
        return model

    def stop(self) -> None:
        """Stop the execution that is shown in front; where it has ended, the newest that runs."""
        runs = self.front
        if runs is None:
            return
        model = runs.shown if runs.shown is not None and not runs.shown.fold.finished else None
        model = model or next(reversed(runs.running), None)
        if model is not None:
            spawn(self.cancel(model), failed=lambda error: self._complain(runs.editor, error))

    async def cancel(self, model: RunModel) -> None:
        """End an execution; what it has done stays done."""
        self._stopping.add(model.execution)
        self.status_changed.emit()
        try:
            await self.bridge.call(lambda client: client.cancel(model.execution, STOPPED))
        except ExecutionError:
            if not model.fold.finished:
                raise
        finally:
            self._stopping.discard(model.execution)
            self.status_changed.emit()

    async def resume(self, editor: Editor, execution: str, decisions: dict[str, Decision] | None = None) -> RunModel:
        """Let an execution go on, and show it. Raises `RpaError`."""
        runs = self._runs[editor]
        model = await runs.open(execution)
        self._by_execution[execution] = model
        self._mine.add(execution)
        runs.show(model)
        await self.bridge.call(lambda client: client.resume(execution, decisions))
        self._watch(editor, model)
        return model

    async def look(self, editor: Editor, execution: str) -> RunModel:
        """Show an execution, also one of the past. Raises `RpaError`."""
        runs = self._runs[editor]
        record = await self.bridge.call(lambda client: client.record(execution))
        nobody = not record.owner or record.lease_until < time.time()
        model = await runs.open(execution, interrupted=nobody and record.status in ("queued", "running"))
        self._by_execution[execution] = model
        runs.show(model)
        return model

    async def answer(self, editor: Editor, question: Question, decision: str, output: Any = None) -> None:
        """Settle a step that is in doubt, and go on once nothing else is. Raises `RpaError`."""
        chosen = Decision(decision, output)  # type: ignore[arg-type]
        await self.resume(editor, question.execution, {question.address: chosen})

    def questions(self, runs: Runs) -> list[Question]:
        """What a person is to answer for the execution that is shown."""
        model = runs.shown
        if model is None or model.status != "in_doubt":
            return []
        labels = {step.id: step.label or step.id for step in model.workflow.steps}
        activities = {step.id: step.activity for step in model.workflow.steps}
        found = []
        for address, (parameters, since) in model.fold.in_doubt.items():
            step = model.fold.shown_at(address)
            label = labels.get(step, address)
            name = activities.get(step, "")
            found.append(Question(model.execution, model.fold.name, address, label, name, parameters, since))
        return found

    def next_failure(self) -> None:
        """Go to the next step that failed or is in doubt."""
        runs = self.front
        if runs is None or runs.shown is None:
            return
        failures = [id for id in runs.shown.fold.failures() if id in runs.editor.scene.geometry.shapes]
        if failures:
            at = runs.editor.selection.only_step
            place = failures.index(at) + 1 if at in failures else 0
            runs.editor.reveal(failures[place % len(failures)])

    def explain_engine(self, editor: Editor) -> None:
        """Say why nothing can be run."""
        error = self.bridge.refusal or self.bridge.error
        if error is not None:
            self._complain(editor, error)
        else:
            editor.banner.show_message("info", tr("The engine is starting."), tr("Run again in a moment."))

    # What the status bar, the chip and the panes say.

    def chip(self) -> tuple[str, str]:
        """Status and text of the chip in the toolbar; empty where nothing is shown."""
        model = self.front.shown if self.front is not None else None
        if model is None:
            return "", ""
        if model.execution in self._stopping and not model.fold.finished:
            return "running", tr("Stopping…")
        took = words.length(model.seconds) if model.fold.finished else words.stopwatch(model.seconds)
        return chip_status(model.status), tr("{status} {time}", status=status_word(model.status), time=took)

    def steps(self) -> str:
        """How far it is: "5 of 12 steps"."""
        model = self.front.shown if self.front is not None else None
        if model is None or not model.fold.steps_total:
            return ""
        return tr("{done} of {total} steps", done=model.fold.steps_done, total=model.fold.steps_total)

    def status_text(self) -> str:
        """What the status bar says."""
        if self.bridge.state == "failed":
            return tr("The engine is not open")
        if self.bridge.ready and not self.bridge.writable:
            return tr("Reading only: another program runs executions")
        model = self.front.shown if self.front is not None else None
        if model is None:
            return tr("Ready") if self.bridge.ready else tr("Starting the engine…")
        name = model.fold.name
        if not model.resting:
            running = tr("Running {workflow}, {time}", workflow=name, time=words.stopwatch(model.seconds))
            return running + " · " + tr("Stopping is safe: every finished step is kept")
        if model.status == "cancelled":
            return tr("{workflow} was stopped; every finished step is kept", workflow=name)
        return f"{status_word(model.status)}: {name}"

    # What happens.

    def _arrived(self, batch: list[Entry | Progress]) -> None:
        news: dict[str, list[Entry | Progress]] = {}
        for one in batch:
            news.setdefault(one.execution, []).append(one)
        for execution, mine in news.items():
            model = self._by_execution.get(execution)
            if model is not None:
                model.take(mine)
            elif self._starting:
                self._early.setdefault(execution, []).extend(mine)

    def _watch(self, editor: Editor, model: RunModel) -> None:
        """Tell where an execution is stopped by something that no event says, such as a full disk."""

        async def wait() -> None:
            await self.bridge.call(lambda client: client.wait(model.execution))

        def failed(error: Exception) -> None:
            if editor in self._runs and isinstance(error, StoreError):
                model.mark_interrupted()
                self._complain(editor, error)

        spawn(wait(), failed=failed)

    def _opened(self) -> None:
        self._refresh()
        for runs in self._runs.values():
            spawn(runs.recall(), failed=lambda error: None)
        if self.bridge.writable and not self._looked:
            self._looked = "once"
            spawn(self._look_behind(), failed=lambda error: None)

    async def _look_behind(self) -> None:
        """Find what an earlier studio left unfinished."""
        records: list[ExecutionRecord] = await self.bridge.call(
            lambda client: client.executions(status=("queued", "running", "paused", "in_doubt"), limit=200)
        )
        left = [record for record in records if record.id not in self._by_execution]
        if left:
            self.left_behind.emit(left)

    def _shown(self, editor: Editor) -> None:
        self.shown_changed.emit(editor)
        self._refresh()

    def _status(self, editor: Editor) -> None:
        if editor is self._current():
            self._refresh()

    def _refresh(self) -> None:
        runs = self.front
        shown = runs.shown if runs is not None else None
        running = runs is not None and (bool(runs.running) or (shown is not None and not shown.fold.finished))
        self.actions.set_context("writable", self.bridge.writable)
        self.actions.set_context("running", running)
        self.actions.set_context("failures", shown is not None and shown.fold.troubled)
        self.status_changed.emit()

    def _failed(self, editor: Editor, model: RunModel, step: str) -> None:
        runs = self._runs[editor]
        if model is runs.shown and editor is self._current() and model.execution in self._mine:
            editor.reveal(step)

    def _link(self, editor: Editor, step: str, link: str) -> None:
        runs = self._runs.get(editor)
        if runs is None or runs.shown is None:
            return
        if link == "answer":
            for question in self.questions(runs):
                if runs.shown.fold.shown_at(question.address) == step:
                    self.answer_wanted.emit(editor, question)
                    return
        elif link == "details":
            failure = runs.shown.failure(step)
            self.details_wanted.emit(editor, step, failure.address if failure is not None else step)

    def _show_problems(self, editor: Editor, errors: list[Problem]) -> None:
        first = errors[0]
        title = trn("{n} problem keeps it from running.", "{n} problems keep it from running.", len(errors))
        buttons = [(tr("Show all"), lambda: self.problems_found.emit(editor))] if len(errors) > 1 else []
        text = f"{sentence(first.message)} {sentence(first.hint)}".strip()
        editor.banner.show_message("error", title, text, buttons)
        if first.step:
            editor.reveal(first.step)
        self.problems_found.emit(editor)

    def _complain(self, editor: Editor, error: Exception) -> None:
        """Say that something could not be done, and what to do about it."""
        if editor not in self._runs:
            return
        problems = [one for one in getattr(error, "problems", ()) if getattr(one, "severity", "") == "error"]
        if isinstance(error, DocumentError) and problems:
            self._show_problems(editor, problems)
            return
        title, hint = words.trouble(error)
        buttons = []
        if isinstance(error, InputError):
            hint = tr("Run it again and give the inputs.")
        elif self.bridge.state == "failed":
            buttons = [(tr("Try again"), self.bridge.retry)]
        editor.banner.show_message("error", title, hint, buttons)


def _errors(document: Document, bridge: Bridge) -> list[Problem]:
    from engine.api import check

    return [problem for problem in check(document, bridge.catalog) if problem.severity == "error"]
