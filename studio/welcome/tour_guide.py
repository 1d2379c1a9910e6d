"""The guide that goes along: a small card over the window, and a ring around the place where to act."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from studio.base.i18n import tr
from studio.base.icons import icon
from studio.base.tasks import in_thread, spawn
from studio.base.theme import set_kind, theme
from studio.welcome.examples import documents
from studio.welcome.tour import TASKS, Tour, write_sample

Places = Callable[[str], QRect | None]
"""Brings the place of a task into sight, and gives where it is in global coordinates; None where it cannot be shown."""

_SHOWN = 4000
_BEAT = 40
_log = logging.getLogger(__name__)


class Ring(QWidget):
    """Lies over the window and draws a ring around one place for some seconds; clicks go through it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._place = QRect()
        self._time = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_BEAT)
        self._timer.timeout.connect(self._beat)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    @property
    def place(self) -> QRect:
        """What the ring is around, in coordinates of the window."""
        return self._place

    def show_at(self, place: QRect) -> None:
        """`place` is in coordinates of the window."""
        self._place = place
        self._time = 0
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()
        self._timer.start()

    def _beat(self) -> None:
        self._time += _BEAT
        if self._time > _SHOWN:
            self._timer.stop()
            self.hide()
        elif not theme().reduced:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        phase = 0.5 if theme().reduced else abs((self._time % 1000) / 500 - 1)
        grown = 4 + 4 * phase
        painter.setPen(QPen(theme().color("focus"), 3))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self._place).adjusted(-grown, -grown, grown, grown), 9, 9)
        painter.end()


class TourGuide(QFrame):
    """Says at the lower left of the window what to do next while the tour goes along."""

    def __init__(
        self,
        tour: Tour,
        window: QWidget,
        places: Places,
        folder: Path | None = None,
        *,
        run: Callable[..., Awaitable[Any]] = in_thread,
    ) -> None:
        super().__init__(window)
        set_kind(self, "popover")
        self._run = run
        self._tour = tour
        self._window = window
        self._places = places
        self._folder = folder if folder is not None else documents()
        self.ring = Ring(window)
        self._ringed = ""
        self.setAccessibleName(tr("Your first workflow"))
        self._count = QLabel(self)
        set_kind(self._count, "caption")
        self.title = QLabel(self)
        set_kind(self.title, "section")
        self.text = QLabel(self)
        set_kind(self.text, "small")
        for label in (self.title, self.text):
            label.setWordWrap(True)
        self.button = QPushButton(self)
        self.button.clicked.connect(self._press)
        self.close_button = QToolButton(self)
        self.close_button.setIcon(icon("x", color="text-3"))
        self.close_button.setToolTip(tr("Close. Help brings it back"))
        self.close_button.setAccessibleName(tr("Close"))
        self.close_button.clicked.connect(tour.close)
        head = QHBoxLayout()
        head.addWidget(self._count)
        head.addStretch(1)
        head.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 6, 8, 12)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addSpacing(8)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        window.installEventFilter(self)
        tour.changed.connect(self._refresh)
        self.hide()

    def begin(self) -> None:
        """Start the tour or go on with it, with a table to use, and show where the next task is done."""
        spawn(self._write_sample())
        self._tour.start()
        self._tour.look()
        self.show_me()

    async def _write_sample(self) -> None:
        try:
            await self._run(write_sample, self._folder)
        except OSError as error:
            _log.warning("the sample could not be written to %s: %s", self._folder, error)

    def show_me(self) -> None:
        """Show where the next task is done."""
        task = self._tour.task
        place = self._places(task.id) if task is not None else None
        if task is not None and place is not None:
            self._ringed = task.id
            self.ring.show_at(QRect(self._window.mapFromGlobal(place.topLeft()), place.size()))

    def _press(self) -> None:
        if self._tour.finished:
            self._tour.close()
        else:
            self.show_me()

    def _refresh(self) -> None:
        tour = self._tour
        self.setVisible(tour.active and not tour.card_shown)
        if not tour.active:
            self.ring.hide()
            return
        task = tour.task
        if task is None or task.id != self._ringed:
            self.ring.hide()  # what it is around is done
        if task is None:
            self._count.setText(tr("Done"))
            self.title.setText(tr("Your first workflow has run"))
            self.text.setText(tr("The rows went from the CSV file into the workbook. Save it with Ctrl+S to keep it."))
            self.button.setText(tr("Close"))
        else:
            self._count.setText(tr("{done} of {all}", done=tour.done + 1, all=len(TASKS)))
            self.title.setText(tr(task.title))
            self.text.setText(tr(task.text).format(folder=self._folder) + ".")
            self.button.setText(tr("Show me"))
        self._place()

    def _place(self) -> None:
        self.setFixedWidth(theme().px(300))
        layout = self.layout()
        if layout is not None:
            layout.activate()
            height = layout.heightForWidth(self.width())
            self.setFixedHeight(height if height > 0 else self.sizeHint().height())
        bottom = self._window.height() - theme().px(24) - 16
        self.move(QPoint(theme().px(52) + 16, bottom - self.height()))
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._window and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False
