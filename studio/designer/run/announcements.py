"""What a screen reader says of a run while the focus is elsewhere: a step that failed or is in doubt, and the end."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from studio.base.i18n import tr, trn
from studio.base.spoken import announce
from studio.designer.canvas.accessible import tell_renamed
from studio.designer.run import words
from studio.designer.run.model import RunModel
from studio.designer.run.runs import Runs
from studio.widgets.execution_status import status_word

_TOGETHER = 150
"""Milliseconds in which failures are said in one sentence."""


class Announcements(QObject):
    """Of the execution that an editor shows. What is only looked up again is not announced."""

    def __init__(self, runs: Runs) -> None:
        super().__init__(runs)
        self._runs = runs
        self._went: set[str] = set()
        """The executions that were seen going on."""
        self._failures: list[str] = []
        self._soon = QTimer(self, singleShot=True, interval=_TOGETHER)
        self._soon.timeout.connect(self._say_failures)
        runs.failed.connect(self._failed)
        runs.status_changed.connect(self._status)

    def _failed(self, model: RunModel, step: str) -> None:
        if model is not self._runs.shown or model.execution not in self._went:
            return
        view = self._runs.editor.view
        live = model.fold.step(step, 0.0)
        tell_renamed(view, step)
        name = next((one.label for one in model.workflow.steps if one.id == step), "") or step
        happened = live.message.partition("\n")[0] if live is not None else ""
        if live is not None and live.status == "doubt":
            self._failures.append(tr("“{step}” is in doubt: nobody knows whether it happened.", step=name))
        else:
            self._failures.append(tr("“{step}” failed: {what}", step=name, what=happened))
        self._soon.start()

    def _say_failures(self) -> None:
        if not self._failures:
            return
        first, *more = self._failures
        if more:
            first += " " + trn("{n} more step failed.", "{n} more steps failed.", len(more))
        self._failures = []
        announce(self._runs.editor.view, first, urgent=True)

    def _status(self) -> None:
        model = self._runs.shown
        if model is None:
            return
        if not model.resting:
            self._went.add(model.execution)
        elif model.execution in self._went:
            self._went.discard(model.execution)
            self._soon.stop()
            self._say_failures()
            text = tr(
                "{status} after {time}: {workflow}",
                status=status_word(model.status),
                time=words.length(model.seconds),
                workflow=model.fold.name,
            )
            announce(self._runs.editor.view, text)
