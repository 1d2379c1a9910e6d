"""The line around a canvas that a person has come to by keys. A selection says nothing of that: it stays when another
pane has the keys, and with nothing selected there is none."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QWidget

from studio.base.theme import theme

WIDTH = 2
_KEYS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
_BACK = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason, Qt.FocusReason.MenuBarFocusReason)
"""Whoever had the focus gets it again."""


class FocusRing(QWidget):
    """Only as large as its line, so that what a view scrolls is still copied."""

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._wanted = False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        theme().changed.connect(self.update)

    def focused(self, event: QFocusEvent) -> None:
        """The view got the focus, or lost it."""
        if event.gotFocus() and event.reason() not in _BACK:
            self._wanted = event.reason() in _KEYS
        self.setVisible(event.gotFocus() and self._wanted)

    def pressed(self) -> None:
        """The mouse took over."""
        self._wanted = False
        self.hide()

    def surround(self) -> None:
        """Lie along the edges of the viewport."""
        area = self._viewport.rect()
        if area != self.geometry():
            self.setGeometry(area)
            self.setMask(QRegion(area) - QRegion(area.adjusted(WIDTH, WIDTH, -WIDTH, -WIDTH)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("focus"))
        painter.end()
