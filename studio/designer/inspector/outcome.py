"""What came out of a step in the last execution: in full on its own tab, and field by field in the section `Gives`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.core.errors import RpaError
from engine.core.sentences import recalled
from studio.base.i18n import tr, tr_sentence
from studio.base.theme import set_kind, theme
from studio.designer.inspector.data import LastData
from studio.designer.run.words import length
from studio.forms.completion import kind_of
from studio.forms.shown import brief
from studio.forms.worker import Worker
from studio.widgets.chip import Chip
from studio.widgets.empty import EmptyState

_STATUSES = {"succeeded": "done", "failed": "failed", "skipped": "skipped", "running": "running"}
_MOST = 24
"""Fields that are listed."""


class Outcome(NamedTuple):
    """What a step came to, or why that cannot be told."""

    status: str
    output: Any = None
    error: Mapping[str, Any] | None = None
    took: float | None = None
    problem: str = ""


def read_outcome(data: LastData, step: str) -> Outcome:
    """What a step came to in its newest round; for a worker thread."""
    try:
        found = data.read(step)
    except RpaError as error:
        return Outcome("unknown", problem=" ".join(map(tr_sentence, filter(None, (error.message, error.hint)))))
    return Outcome(found.status, found.output, found.error, found.took)


class Gives(QWidget):
    """Name and value of every field that the activity declares; its type where nothing has run yet."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(theme().px(18), 0, 0, 0)
        self._grid.setHorizontalSpacing(theme().px(16))
        self._grid.setVerticalSpacing(theme().px(4))
        self._grid.setColumnStretch(1, 1)

    def show_outcome(self, schema: Mapping[str, Any], outcome: Outcome | None) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        output = outcome.output if outcome is not None and outcome.status == "succeeded" else None
        fields: dict[str, str] = {
            name: kind_of(one, schema.get("$defs", {})) for name, one in schema.get("properties", {}).items()
        }
        if isinstance(output, Mapping) and not fields:
            fields = dict.fromkeys(map(str, list(output)[:_MOST]), "")
        if not fields:
            self._row(0, "", _plain_words(schema, outcome), output is None)
            return
        for row, (name, kind) in enumerate(list(fields.items())[:_MOST]):
            known = isinstance(output, Mapping) and name in output
            self._row(row, name, brief(output[name], 120) if known and isinstance(output, Mapping) else kind, not known)

    def _row(self, row: int, name: str, text: str, muted: bool) -> None:
        value = QLabel(self)
        value.setTextFormat(Qt.TextFormat.PlainText)
        set_kind(value, "muted" if muted else "code")
        value.setMinimumWidth(10)
        metrics = value.fontMetrics()
        value.setText(metrics.elidedText(text, Qt.TextElideMode.ElideRight, theme().px(190)))
        value.setToolTip(text)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if name:
            label = QLabel(name, self)
            label.setTextFormat(Qt.TextFormat.PlainText)
            set_kind(label, "code")
            self._grid.addWidget(label, row, 0)
        self._grid.addWidget(value, row, 1 if name else 0, 1, 1 if name else 2)


def _plain_words(schema: Mapping[str, Any], outcome: Outcome | None) -> str:
    if outcome is not None and outcome.status == "succeeded":
        return brief(outcome.output, 120)
    return kind_of(schema, schema.get("$defs", {})) or tr("Shown after the first run.")


class OutcomePage(QWidget):
    """Status, duration and value; the error of a failed step with what to do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        px = theme().px
        self._worker = Worker(self)
        self._worker.answered.connect(self._show)
        self.chip = Chip("", "", self)
        self._took = QLabel(self)
        set_kind(self._took, "muted")
        head = QHBoxLayout()
        head.addWidget(self.chip)
        head.addWidget(self._took)
        head.addStretch(1)
        self._error = QFrame(self)
        set_kind(self._error, "card")
        self._message = QLabel(self._error)
        self._message.setWordWrap(True)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        set_kind(self._message, "error")
        self._hint = QLabel(self._error)
        self._hint.setWordWrap(True)
        self._hint.setTextFormat(Qt.TextFormat.PlainText)
        card = QVBoxLayout(self._error)
        card.addWidget(self._message)
        card.addWidget(self._hint)
        self.empty = EmptyState(
            "play", tr("This step has not run yet"), tr("Press F5, and what it gives is shown here."), None, self
        )
        self._value: Any = None
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(px(14), px(12), px(14), px(12))
        self._whole.setSpacing(px(10))
        self._whole.addLayout(head)
        self._whole.addWidget(self._error)
        self._whole.addWidget(self.empty)
        self._whole.addStretch(0)
        self._show(None)

    def show_step(self, data: LastData | None, step: str) -> None:
        """Read what the step came to, and show it."""
        if data is None:
            self._worker.forget()
            self._show(None)
        else:
            self._worker.ask(read_outcome, data, step)

    def _show(self, outcome: Outcome | None) -> None:
        status = outcome.status if outcome is not None else "not_run"
        words = {
            "succeeded": tr("Done"),
            "failed": tr("Failed"),
            "skipped": tr("Skipped"),
            "running": tr("Running"),
            "unknown": tr("Not to be read"),
        }
        self.chip.set(_STATUSES.get(status, ""), words.get(status, ""))
        self.chip.setVisible(status in words)
        took = outcome.took if outcome is not None else None
        self._took.setText("" if took is None else length(took))
        self.empty.setVisible(status in ("not_run", "skipped"))
        if status == "skipped":
            self.empty.show_text(tr("This step was skipped in the last run"), tr("No wire that was taken led to it."))
        elif status == "not_run":
            self.empty.show_text(tr("This step has not run yet"), tr("Press F5, and what it gives is shown here."))
        problem = outcome.problem if outcome is not None else ""
        error = outcome.error if outcome is not None else None
        self._error.setVisible(bool(problem or error))
        if problem or error:
            self._message.setText(problem or tr_sentence(recalled(error or {})))
            hint = "" if problem else tr_sentence(recalled(error or {}, "hint"))
            self._hint.setText(hint)
            self._hint.setVisible(bool(hint))
        shown = outcome is not None and status == "succeeded"
        if shown and self._value is None:
            from studio.widgets.value_view import ValueView

            self._value = ValueView(self)
            self._whole.insertWidget(3, self._value, 1)
        if self._value is not None:
            self._value.setVisible(shown)
            if shown and outcome is not None:
                self._value.show_value(outcome.output)
