"""A ring around what has the keys and shows it in no other way: lists, trees, tables, pages of text."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QAbstractItemView, QApplication, QTextBrowser, QWidget
from shiboken6 import isValid

from studio.base.theme import theme

_WIDE = 2


class FocusRing(QObject):
    """Follows the keys in all windows. Canvases have a ring of their own."""

    def __init__(self, app: QApplication, parent: QObject) -> None:
        super().__init__(parent)
        self._ring: _Ring | None = None
        app.focusChanged.connect(self._moved)

    def _moved(self, before: QWidget | None, now: QWidget | None) -> None:
        if self._ring is not None and isValid(self._ring):
            self._ring.let_go()
        self._ring = None
        if now is None or not isinstance(now, (QAbstractItemView, QTextBrowser)):
            return
        if now.window().windowType() is Qt.WindowType.Popup:
            return
        self._ring = _Ring(now)


class _Ring(QWidget):
    """Over the edge of a widget; the mouse goes through it."""

    def __init__(self, around: QWidget) -> None:
        super().__init__(around)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._around = around
        around.installEventFilter(self)
        self._fit()
        self.show()
        self.raise_()

    def let_go(self) -> None:
        self.hide()
        self.deleteLater()

    def _fit(self) -> None:
        area = self._around.rect()
        self.setGeometry(area)
        self.setMask(QRegion(area) - QRegion(area.adjusted(_WIDE, _WIDE, -_WIDE, -_WIDE)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._fit()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("focus"))
        painter.end()
