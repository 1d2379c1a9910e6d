"""The card of the guided first workflow on the page one begins at."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from studio.base.i18n import tr
from studio.base.icons import icon, paint_icon
from studio.base.theme import set_kind, theme
from studio.welcome.tour import TASKS, Task, Tour
from studio.welcome.tour_picture import TourPicture
from studio.widgets.chip import Chip


class TaskRow(QWidget):
    """One task: done, to be done now, or later."""

    show_me = Signal()

    def __init__(self, number: int, task: Task, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = number
        self._state = "later"
        self._title = QLabel(tr(task.title), self)
        self._text = QLabel(tr(task.text).format(folder=folder), self)
        self._text.setWordWrap(True)
        set_kind(self._text, "small")
        self.button = QPushButton(tr("Show me"), self)
        self.button.clicked.connect(self.show_me)
        words = QVBoxLayout()
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._text)
        row = QHBoxLayout(self)
        row.setContentsMargins(11 + theme().px(18) + 11, 5, 10, 5)
        row.setSpacing(10)
        row.addLayout(words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)

    def set_state(self, state: str) -> None:
        """`done`, `now` or `later`."""
        self._state = state
        self._text.setVisible(state != "done")
        self.button.setVisible(state == "now")
        set_kind(self._title, "section" if state == "now" else "label")
        self.setAccessibleName(tr("{task}, done", task=self._title.text()) if state == "done" else self._title.text())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._state == "now":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("select"))
            painter.drawRoundedRect(QRectF(self.rect()), 7, 7)
        side = theme().px(18)
        line = self._title.geometry().center().y()
        circle = QRectF(11, line - side / 2, side, side)
        if self._state == "done":
            paint_icon(painter, circle, "check-circle-fill", theme().color("done"))
        else:
            now = self._state == "now"
            painter.setPen(Qt.PenStyle.NoPen if now else QPen(theme().color("line-strong"), 1.3))
            painter.setBrush(theme().color("accent") if now else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(circle.adjusted(0.7, 0.7, -0.7, -0.7))
            painter.setFont(theme().font("caption"))
            painter.setPen(theme().color("on-accent" if now else "text-2"))
            painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(self._number))
        painter.end()


class TourCard(QFrame):
    """The tasks at the left, a drawing of the one to be done at the right. `show_me` starts the tour, or goes on."""

    show_me = Signal()

    def __init__(self, tour: Tour, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_kind(self, "card")
        self._tour = tour
        title = QLabel(tr("Your first workflow"), self)
        set_kind(title, "heading")
        self._count = Chip(parent=self)
        time = QLabel(tr("two minutes"), self)
        set_kind(time, "small")
        self.close_button = QToolButton(self)
        self.close_button.setIcon(icon("x", color="text-3"))
        self.close_button.setToolTip(tr("Close. Help brings it back"))
        self.close_button.setAccessibleName(tr("Close"))
        self.close_button.clicked.connect(tour.close)
        head = QHBoxLayout()
        head.setContentsMargins(11, 0, 4, 4)
        head.setSpacing(10)
        for widget in (title, self._count):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(time)
        head.addWidget(self.close_button)
        left = QVBoxLayout()
        left.setContentsMargins(10, 12, 10, 12)
        left.setSpacing(1)
        left.addLayout(head)
        self.rows: list[TaskRow] = []
        for number, task in enumerate(TASKS, start=1):
            row = TaskRow(number, task, folder, self)
            row.show_me.connect(self.show_me)
            left.addWidget(row)
            self.rows.append(row)
        left.addStretch(1)
        self._picture = TourPicture(self)
        self._picture.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.setSpacing(0)
        whole.addLayout(left, 11)
        whole.addWidget(self._picture, 12)
        tour.changed.connect(self._refresh)
        self._refresh()

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(420), super().minimumSizeHint().height())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tour.show_card(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tour.show_card(False)

    def _refresh(self) -> None:
        tour = self._tour
        for number, row in enumerate(self.rows):
            row.set_state("done" if number < tour.done else "now" if number == tour.done else "later")
        self._count.set("", tr("{done} of {all} done", done=tour.done, all=len(TASKS)))
        self._count.setVisible(tour.done > 0)
        self._picture.show_task(tour.task.id if tour.task is not None else "")
        self.setVisible(not tour.hidden and not tour.finished)
