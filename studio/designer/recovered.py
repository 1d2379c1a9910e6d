"""The offer to take up again what an earlier session left unsaved."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QDate, QDateTime, QLocale, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio.base.i18n import language, tr, trn
from studio.base.theme import set_kind, theme
from studio.designer.unsaved import Unsaved

Answer = Literal["open", "discard", ""]
_WIDTH, _HEIGHT = 520, 360


class RecoveredDialog(QDialog):
    """Each workflow with a check box; `answer` is what to do with the `chosen` ones, "" to leave all for later."""

    def __init__(self, parent: QWidget | None, found: Sequence[Unsaved]) -> None:
        super().__init__(parent)
        self.answer: Answer = ""
        self.chosen = list(found)
        self.setWindowTitle(tr("Unsaved work"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(theme().px(_WIDTH))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(8)
        heading = QLabel(trn("{n} workflow was not saved", "{n} workflows were not saved", len(found)), self)
        set_kind(heading, "heading")
        words = QLabel(tr("RPA Studio ended before that. Every edit is still here and can be undone."), self)
        for label in (heading, words):
            label.setWordWrap(True)
            column.addWidget(label)
        self.boxes: list[tuple[QCheckBox, Unsaved]] = []
        rows = QWidget(self)
        lines = QVBoxLayout(rows)
        lines.setContentsMargins(12, 10, 12, 10)
        lines.setSpacing(12)
        for unsaved in found:
            lines.addWidget(self._row(unsaved, rows))
        lines.addStretch(1)
        area = QScrollArea(self)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it has it
        area.setWidget(rows)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setSizeAdjustPolicy(QScrollArea.SizeAdjustPolicy.AdjustToContents)
        area.setMinimumHeight(min(rows.heightForWidth(theme().px(_WIDTH - 40)), theme().px(_HEIGHT)))
        column.addWidget(area, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.discard_button = self._button(tr("Discard"), "danger", "discard")
        self.later_button = self._button(tr("Later"), "", "")
        self.open_button = self._button(tr("Open"), "primary", "open")
        row.addWidget(self.discard_button)
        row.addStretch(1)
        row.addWidget(self.later_button)
        row.addWidget(self.open_button)
        column.addLayout(row)

    def _row(self, unsaved: Unsaved, parent: QWidget) -> QWidget:
        row = QWidget(parent)
        column = QVBoxLayout(row)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        box = QCheckBox(unsaved.title or tr("New workflow"), row)
        box.setChecked(True)
        box.toggled.connect(self._refresh)
        column.addWidget(box)
        self.boxes.append((box, unsaved))
        path = unsaved.document.path
        facts = [
            str(path) if path is not None else tr("Never saved"),
            trn("{n} edit", "{n} edits", unsaved.done) if unsaved.done else tr("no edits"),
            _when(unsaved.when),
        ]
        lines = [(" · ".join(facts), "small")]
        if unsaved.changed:
            lines.append((tr("Another program has changed the file since."), "small"))
        if unsaved.complaint:
            lines.append((unsaved.complaint, "small"))
        for text, kind in lines:
            label = QLabel(text, row)
            label.setWordWrap(True)
            label.setIndent(theme().px(24))
            set_kind(label, kind)
            column.addWidget(label)
        box.setAccessibleDescription(" ".join(text for text, _ in lines))
        return row

    def _button(self, text: str, kind: str, answer: Answer) -> QPushButton:
        button = QPushButton(text, self)
        if kind:
            set_kind(button, kind)
        button.setAutoDefault(kind == "primary")
        button.setDefault(kind == "primary")
        button.clicked.connect(lambda: self._give(answer))
        return button

    def _give(self, answer: Answer) -> None:
        self.answer = answer
        self.accept()

    def _refresh(self) -> None:
        self.chosen = [unsaved for box, unsaved in self.boxes if box.isChecked()]
        some = bool(self.chosen)
        self.open_button.setEnabled(some)
        self.discard_button.setEnabled(some)


def _when(moment: float) -> str:
    """The time of a moment (seconds since 1970), with its day unless that is today."""
    then = QDateTime.fromSecsSinceEpoch(int(moment))
    if then.date() == QDate.currentDate():
        return tr("Today {time}", time=then.toString("HH:mm"))
    return QLocale(language()).toString(then, "d MMM HH:mm")


async def offer(parent: QWidget | None, found: Sequence[Unsaved]) -> tuple[Answer, list[Unsaved]]:
    """What to do with which of these; "" for all of them later."""
    dialog = RecoveredDialog(parent, found)
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def end() -> None:
        if not ended.done():
            ended.set_result(None)

    dialog.finished.connect(lambda _: end())
    dialog.open()
    try:
        await ended
    except asyncio.CancelledError:
        dialog.close()
        raise
    return dialog.answer, dialog.chosen if dialog.answer else []
