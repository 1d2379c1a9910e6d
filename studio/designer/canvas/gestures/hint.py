"""A short text beside the mouse: why something is refused."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from studio.base.theme import theme

_BESIDE = QPoint(14, 18)
_WIDEST = 320
_STAYS = 4000
"""How long a text stays that no gesture takes away, in milliseconds."""


class Hint(QLabel):
    """Lies over a viewport, lets the mouse through, and stays inside."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setContentsMargins(8, 5, 8, 5)
        self._gone = QTimer(self, singleShot=True, interval=_STAYS)
        self._gone.timeout.connect(self.hide)
        self.hide()

    def say(self, text: str, at: QPoint, *, stay: bool) -> None:
        """Show `text` beside a point of the parent; `stay` until it is taken away."""
        self.setFont(theme().font("small"))
        palette = self.palette()
        palette.setColor(self.foregroundRole(), theme().color("on-accent"))
        self.setPalette(palette)
        if text != self.text() or not self.isVisible():
            self.setText(text)
            width = min(_WIDEST, self.fontMetrics().horizontalAdvance(text) + 20)
            self.setFixedSize(width, self.heightForWidth(width))
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
        room = self._around.rect()
        place = at + _BESIDE
        x = max(0, min(place.x(), room.right() - self.width()))
        y = place.y() if place.y() + self.height() <= room.bottom() else at.y() - self.height() - 8
        self.move(x, max(0, y))
        self.show()
        self.raise_()
        if stay:
            self._gone.stop()
        else:
            self._gone.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("tooltip"))
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        painter.end()
        super().paintEvent(event)
