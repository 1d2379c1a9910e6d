"""The data pane: what the selected step gave, in which run and in which round."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QStackedWidget, QVBoxLayout, QWidget

from engine.core.sentences import recalled
from studio.base.i18n import number, sentence, tr
from studio.base.tasks import spawn
from studio.base.theme import set_kind
from studio.designer.run import words
from studio.designer.run.log import at_the_top
from studio.designer.run.popover import said
from studio.designer.run.values import StepValue
from studio.widgets.chip import Chip
from studio.widgets.empty import EmptyState
from studio.widgets.value_view import ValueView

if TYPE_CHECKING:
    from studio.bridge import Bridge
    from studio.designer.editor import Editor
    from studio.designer.run.controller import RunController
    from studio.designer.run.runs import Runs

_SOON = 60
"""Milliseconds after which news of a running execution are shown."""
_CHIPS = {"succeeded": "done", "failed": "failed", "skipped": "skipped", "running": "running", "not_run": ""}


class DataPane(QWidget):
    """Follows the selection of the editor it shows."""

    def __init__(self, controller: RunController, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller, self._bridge = controller, bridge
        self._editor: Editor | None = None
        self._watched: Runs | None = None
        self._asked: asyncio.Task[Any] | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON)
        self._soon.timeout.connect(self._look)
        self.title = QLabel(self)
        set_kind(self.title, "section")
        self.chip = Chip(parent=self)
        self.took = QLabel(self)
        set_kind(self.took, "caption")
        self.round = QSpinBox(self)
        self.round.setAccessibleName(tr("Item"))
        self.round.setPrefix(tr("item") + " ")
        self.round.setMinimum(1)
        self.round.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.round.valueChanged.connect(lambda value: self._soon.start())
        self.round.hide()
        head = QHBoxLayout()
        head.setContentsMargins(14, 8, 14, 0)
        head.setSpacing(10)
        head.addWidget(self.title)
        head.addWidget(self.chip)
        head.addWidget(self.took)
        head.addStretch(1)
        head.addWidget(self.round)
        self.empty = EmptyState("table", tr("Select a step to see what it gave."))
        self.view = ValueView(self, say=said)
        inner = QWidget(self)
        around = QVBoxLayout(inner)
        around.setContentsMargins(14, 4, 14, 10)
        around.addWidget(self.view)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(at_the_top(self.empty))
        self.pages.addWidget(inner)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.pages, 1)
        controller.shown_changed.connect(lambda editor: self._soon.start() if editor is self._editor else None)
        self._look()

    def show_editor(self, editor: Editor | None) -> None:
        """Show the data of another editor's step."""
        if self._editor is not None and self._watched is not None:
            self._editor.selection.changed.disconnect(self._select)
            self._watched.values.changed.disconnect(self._news)
        self._editor, self._watched = editor, self._controller.find(editor)
        if editor is not None and self._watched is not None:
            editor.selection.changed.connect(self._select)
            self._watched.values.changed.connect(self._news)
        self._select()

    def _news(self) -> None:
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def _select(self) -> None:
        runs, step = self._watched, self._editor.selection.only_step if self._editor is not None else ""
        rounds = runs.values.rounds(step) if runs is not None and step else 0
        self._count(rounds, to_last=True)
        self._look()

    def _count(self, rounds: int, *, to_last: bool) -> None:
        following = to_last or self.round.value() == self.round.maximum()
        self.round.blockSignals(True)
        self.round.setMaximum(max(1, rounds))
        self.round.setSuffix(" " + tr("of {n}", n=number(rounds)))
        if following:
            self.round.setValue(rounds)
        self.round.blockSignals(False)
        self.round.setVisible(rounds > 0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._soon.start()

    def _look(self) -> None:
        if not self.isVisible():
            return  # it looks when it is shown
        runs, step = self._watched, self._editor.selection.only_step if self._editor is not None else ""
        if runs is None or not step:
            self._say(tr("Select a step to see what it gave."), "")
            self.title.setText("")
            return
        found = next((one for one in runs.editor.document.workflow.steps if one.id == step), None)
        self.title.setText((found.label or found.id) if found is not None else step)
        rounds = runs.values.rounds(step)
        self._count(rounds, to_last=False)
        if self._asked is not None:
            self._asked.cancel()
        round = self.round.value() - 1 if rounds else None

        async def look() -> None:
            self._show(await self._bridge.run(runs.values.read, step, round))

        def failed(error: Exception) -> None:
            self._say(*words.trouble(error))

        self._asked = spawn(look(), failed=failed)

    def _show(self, value: StepValue) -> None:
        took = value.took
        self.took.setText(words.length(took) if took is not None and value.status in ("succeeded", "failed") else "")
        status = {"succeeded": tr("Done"), "failed": tr("Failed"), "skipped": tr("Skipped"), "running": tr("Running")}
        self.chip.setVisible(value.status in status)
        self.chip.set(_CHIPS[value.status], status.get(value.status, ""))
        if value.status == "not_run":
            self._say(tr("Not run yet."), tr("Run the workflow to see what this step gives."))
        elif value.status == "skipped":
            self._say(tr("Skipped."), tr("No path led here, or the step is disabled."))
        elif value.status == "failed":
            error = value.error or {}
            self._say(sentence(recalled(error)), sentence(recalled(error, "hint")))
        elif value.status == "running":
            self._say(tr("Running."), tr("What it gives is shown when it is done."))
        else:
            self.pages.setCurrentIndex(1)
            self.view.show_value(value.output)
            return
        self.chip.setVisible(value.status in status)

    def _say(self, title: str, text: str) -> None:
        self.chip.hide()
        self.took.clear()
        self.empty.show_text(title, text)
        self.pages.setCurrentIndex(0)
