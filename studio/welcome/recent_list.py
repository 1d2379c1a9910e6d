"""The list of the workflows that were last open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QMenu, QSizePolicy, QVBoxLayout, QWidget

from studio.base import when
from studio.base.i18n import N_, tr
from studio.base.icons import paint_icon
from studio.base.theme import set_kind, theme
from studio.welcome.recent import LastRun, Recent
from studio.widgets.chip import STATUSES
from studio.widgets.drawn_button import DrawnButton
from studio.widgets.empty import EmptyState

_SHOWN = 8

WORDS: Final[Mapping[str, str]] = {
    "running": N_("Running since {time}"),
    "queued": N_("Queued since {time}"),
    "waiting": N_("Waiting since {time}"),
    "paused": N_("Paused {time}"),
    "doubt": N_("In doubt since {time}"),
    "done": N_("Done {time}"),
    "failed": N_("Failed {time}"),
    "stopped": N_("Stopped {time}"),
}


class RecentRow(DrawnButton):
    """A workflow: its name, how its last execution ended, and when it was open. Del takes it off the list."""

    opened = Signal(object)
    forgotten = Signal(object)

    def __init__(self, one: Recent, parent: QWidget | None = None) -> None:
        super().__init__(one.name, parent)
        self.recent = one
        self.last: LastRun | None = None
        self.missing = False
        self.setToolTip(str(one.path))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: self.opened.emit(self.recent.path))

    @property
    def line(self) -> str:
        """What stands below the name."""
        if self.missing:
            return tr("The file is not there any more")
        if self.last is None:
            return self.recent.path.parent.name
        return tr(WORDS[self.last.status], time=when.at(self.last.since))

    def show_last(self, last: LastRun | None, missing: bool) -> None:
        self.last, self.missing = last, missing
        self.setAccessibleDescription(self.line)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(330), theme().px(55))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.forgotten.emit(self.recent.path)
        elif event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Open")).triggered.connect(self.click)
        menu.addAction(tr("Take off the list")).triggered.connect(lambda: self.forgotten.emit(self.recent.path))
        menu.popup(event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("pressed" if self.isDown() else "hover"))
            painter.drawRoundedRect(QRectF(self.rect()), 7, 7)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().color("focus"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 7, 7)
        side, half = theme().px(18), self.height() / 2
        glyph = QRectF(10, half - side / 2, side, side)
        paint_icon(painter, glyph, "flow-arrow", theme().color("text-2"))
        left, right = glyph.right() + 12, self.width() - 10.0
        opened = when.ago(self.recent.opened)
        painter.setFont(theme().font("small"))
        painter.setPen(theme().color("text-3"))
        taken = QFontMetrics(painter.font()).horizontalAdvance(opened)
        painter.drawText(QRectF(right - taken, 0, taken + 1, self.height()), Qt.AlignmentFlag.AlignVCenter, opened)
        right -= taken + 10
        self._paint_words(painter, left, right, half)
        painter.end()

    def _paint_words(self, painter: QPainter, left: float, right: float, half: float) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        strong: QFont = theme().font("strong")
        painter.setFont(strong)
        painter.setPen(theme().color("text-3" if self.missing else "text"))
        name = QFontMetrics(strong).elidedText(self.text(), Qt.TextElideMode.ElideRight, int(right - left))
        painter.drawText(QRectF(left, half - theme().px(18), right - left, theme().px(18)), middle, name)
        top, height = half, theme().px(17)
        if self.last is not None and not self.missing:
            dot = theme().px(6)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color(STATUSES[self.last.status][0]))
            painter.drawEllipse(QRectF(left, top + (height - dot) / 2, dot, dot))
            left += dot + 6
        painter.setFont(theme().font("small"))
        painter.setPen(theme().color("text-2"))
        mode = Qt.TextElideMode.ElideRight
        line = QFontMetrics(painter.font()).elidedText(self.line, mode, int(right - left))
        painter.drawText(QRectF(left, top, right - left, height), middle, line)


class RecentList(QFrame):
    """The rows on a card, or what to do where there is none."""

    opened = Signal(object)
    forgotten = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[RecentRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(6, 6, 6, 6)
        self._column.setSpacing(0)
        self._empty = EmptyState(
            "clock-counter-clockwise", tr("Nothing was open yet"), tr("What you open is found here again."), parent=self
        )
        self._column.addWidget(self._empty)

    def show_files(self, files: Sequence[Recent]) -> None:
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [RecentRow(one, self) for one in files[:_SHOWN]]
        for row in self.rows:
            row.opened.connect(self.opened)
            row.forgotten.connect(self.forgotten)
            self._column.addWidget(row)
        self._empty.setVisible(not self.rows)
        margin = 6 if self.rows else 0
        self._column.setContentsMargins(margin, margin, margin, margin)
        set_kind(self, "card" if self.rows else "")

    def show_last(self, last: Mapping[str, LastRun], missing: frozenset[Path]) -> None:
        """Say of each file how its last execution ended, and which are not there."""
        for row in self.rows:
            row.show_last(last.get(str(row.recent.path)), row.recent.path in missing)
