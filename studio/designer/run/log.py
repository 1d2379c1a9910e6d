"""The log pane: what happened in the execution that is looked at, and the choice of which one that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from engine.api import ExecutionRecord
from studio.base.i18n import tr, trn
from studio.base.icons import icon
from studio.base.tasks import spawn
from studio.base.theme import set_kind, theme
from studio.base.when import stamp
from studio.designer.run import words
from studio.designer.run.runs import Runs
from studio.widgets.chip import STATUSES
from studio.widgets.empty import EmptyState
from studio.widgets.execution_status import chip_status, status_word
from studio.widgets.list_box import ListBox
from studio.widgets.log_table import LogLine, LogModel, LogTable
from studio.widgets.search_field import SearchField

if TYPE_CHECKING:
    from studio.designer.editor import Editor
    from studio.designer.run.controller import RunController

_PAUSE = 120
"""Milliseconds after the last key before the filter is applied."""
_FILTERS = ("debug", "info", "warning", "error")


class RunChooser(QToolButton):
    """Which execution of the open workflow is looked at: those that run, and those of the past."""

    def __init__(self, controller: RunController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._runs: Runs | None = None
        self.setObjectName("run-chooser")
        self.setToolTip(tr("Which execution is shown"))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setIcon(icon("clock-counter-clockwise", color="text-2"))
        set_kind(self, "tool")
        self.choices = QMenu(self)
        self.choices.aboutToShow.connect(self._fill)
        self.setMenu(self.choices)

    def show_runs(self, runs: Runs | None) -> None:
        """Choose among these."""
        self._runs = runs
        self.setEnabled(runs is not None)
        self.refresh()

    def refresh(self) -> None:
        """Say which one is shown."""
        model = self._runs.shown if self._runs is not None else None
        if model is None:
            self.setText(tr("No run yet"))
        elif not model.fold.finished:
            self.setText(tr("This run"))
        elif self._runs is not None and model is next(reversed(self._runs.models.values()), None):
            self.setText(tr("Last run"))
        else:
            self.setText(stamp(model.fold.created_at))
        self.setAccessibleName(tr("Execution shown: {run}", run=self.text()))

    def _fill(self) -> None:
        self.choices.clear()
        runs = self._runs
        if runs is None:
            return
        for model in reversed(runs.models.values()):
            if not model.fold.finished:
                self._add(model.execution, model.status, model.fold.created_at, words.stopwatch(model.seconds))
        waiting = self.choices.addAction(tr("Looking for earlier runs…"))
        waiting.setEnabled(False)

        def fill(past: list[ExecutionRecord]) -> None:
            self.choices.removeAction(waiting)
            if not self.choices.isEmpty() and past:
                self.choices.addSeparator()
            for record in past:
                known = runs.models.get(record.id)
                if known is not None and not known.fold.finished:
                    continue
                took = words.length(max(0.0, (record.finished_at or record.updated_at) - record.created_at))
                self._add(record.id, record.status, record.created_at, took)
            if self.choices.isEmpty():
                self.choices.addAction(tr("This workflow has not run yet")).setEnabled(False)
            if self.choices.isVisible():
                self.choices.adjustSize()

        async def find() -> None:
            fill(await runs.past())

        def failed(error: Exception) -> None:
            waiting.setText(tr("Earlier runs cannot be read"))

        spawn(find(), failed=failed)

    def _add(self, execution: str, status: str, at: float, took: str) -> None:
        assert self._runs is not None
        shown = self._runs.shown is not None and self._runs.shown.execution == execution
        action = self.choices.addAction(f"{stamp(at)}    {status_word(status)}    {took}")
        color, _, glyph = STATUSES[chip_status(status)]
        action.setIcon(icon(glyph or "play-fill", color=color))
        action.setCheckable(shown)
        action.setChecked(shown)
        action.setToolTip(execution)
        action.triggered.connect(lambda: self._choose(execution))

    def _choose(self, execution: str) -> None:
        if self._runs is not None:
            editor = self._runs.editor
            spawn(
                self._controller.look(editor, execution),
                failed=lambda error: editor.banner.show_message(
                    "error", tr("That run cannot be shown."), " ".join(words.trouble(error)).strip()
                ),
            )


class LogPane(QWidget):
    """`tools` (filter, level, execution, follow, copy) stand above the lines until a page puts them elsewhere."""

    def __init__(self, controller: RunController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._editor: Editor | None = None
        self.tools = QWidget(self)
        self.filter = SearchField(tr("Filter log"), parent=self.tools)
        self.filter.setMaximumWidth(theme().px(220))
        self.levels = ListBox(self.tools)
        self.levels.addItems([tr("All levels"), tr("Without detail"), tr("Warnings and errors"), tr("Errors")])
        self.levels.setSizeAdjustPolicy(ListBox.SizeAdjustPolicy.AdjustToContents)
        self.levels.setCurrentIndex(1)
        self.levels.setAccessibleName(tr("Least level"))
        self.chooser = RunChooser(controller, self.tools)
        self.follow = _tool("arrow-line-down", tr("Follow the newest line"), self.tools)
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        self.copy = _tool("copy", tr("Copy the selected lines, or all"), self.tools)
        row = QHBoxLayout(self.tools)
        row.setContentsMargins(12, 4, 8, 4)
        row.setSpacing(6)
        row.addWidget(self.filter, 1)
        row.addStretch()
        for widget in (self.levels, self.chooser, self.follow, self.copy):
            row.addWidget(widget)
        self.table = LogTable(self)
        self._no_lines = LogModel(self)
        self.table.jumped.connect(self._jump)
        self.dropped = QLabel(self)
        set_kind(self.dropped, "caption")
        self.dropped.setContentsMargins(14, 2, 14, 2)
        self.dropped.hide()
        self.empty = EmptyState("list-bullets", tr("Nothing has run yet."), tr("Press F5 to run the workflow."))
        self.pages = QStackedWidget(self)
        self.pages.addWidget(at_the_top(self.empty))
        self.pages.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tools)
        column.addWidget(self.dropped)
        column.addWidget(self.pages, 1)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE)
        self._pause.timeout.connect(self._filter)
        self.filter.textChanged.connect(lambda text: self._pause.start())
        self.levels.currentIndexChanged.connect(lambda index: self._filter())
        self.follow.toggled.connect(self.table.set_follow)
        self.table.follow_changed.connect(self.follow.setChecked)
        self.copy.clicked.connect(self.table.copy)
        controller.shown_changed.connect(lambda editor: self._refresh() if editor is self._editor else None)
        controller.status_changed.connect(self.chooser.refresh)
        self._refresh()

    @property
    def errors(self) -> int:
        """How many lines are errors, for a badge."""
        model = self.table.model()
        return getattr(model, "errors", 0)

    def show_editor(self, editor: Editor | None) -> None:
        """Show the log of another editor."""
        self._editor = editor
        self._refresh()

    def show_address(self, address: str) -> None:
        """Bring the newest line about a step into sight."""
        model = self._log()
        if model is None:
            return
        self.levels.setCurrentIndex(0)
        self.filter.clear()
        self._filter()
        rows = [row for row, line in enumerate(model.rows()) if line.address == address]
        if rows:
            worst = [row for row in rows if model.line(row).level == "error"]
            self.table.set_follow(False)
            self.table.selectRow((worst or rows)[-1])
            self.table.scrollTo(model.index((worst or rows)[-1], 3))

    def _log(self) -> LogModel | None:
        runs = self._runs()
        return runs.log(runs.shown) if runs is not None and runs.shown is not None else None

    def _runs(self) -> Runs | None:
        return self._controller.find(self._editor)

    def _refresh(self) -> None:
        self.chooser.show_runs(self._runs())
        log = self._log()
        self.pages.setCurrentIndex(1 if log is not None else 0)
        self.table.show_log(log if log is not None else self._no_lines)
        if log is not None:
            log.dropped_changed.connect(self._show_dropped, Qt.ConnectionType.UniqueConnection)
            self._filter()
        self._show_dropped()

    def _show_dropped(self) -> None:
        dropped = getattr(self.table.model(), "dropped", 0) if self.pages.currentWidget() is self.table else 0
        self.dropped.setVisible(dropped > 0)
        self.dropped.setText(trn("{n} earlier line is in the journal", "{n} earlier lines are in the journal", dropped))

    def _filter(self) -> None:
        log = self._log()
        if log is not None:
            log.set_filter(self.filter.text(), _FILTERS[self.levels.currentIndex()])

    def _jump(self, line: LogLine) -> None:
        if self._editor is not None and line.target:
            self._editor.reveal(line.target)
            self._editor.setFocus()


def _tool(glyph: str, text: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setIcon(icon(glyph, color="text-2"))
    button.setToolTip(text)
    button.setAccessibleName(text)
    set_kind(button, "tool")
    return button


def at_the_top(empty: EmptyState) -> QWidget:
    """Where the first line would stand."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(14, 8, 14, 8)
    column.addWidget(empty)
    column.addStretch(1)
    return page
