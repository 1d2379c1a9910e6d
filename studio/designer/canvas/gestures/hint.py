"""A short text beside the mouse: why something is refused."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from studio.base.spoken import announce
from studio.base.theme import theme

_BESIDE = QPoint(14, 18)
_WIDEST = 320
_PAD = 8
_STAYS = 4000
"""How long a text stays that no gesture takes away, in milliseconds."""


class Hint(QLabel):
    """Lies over a viewport, lets the mouse through, and stays inside."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._gone = QTimer(self, singleShot=True, interval=_STAYS)
        self._gone.timeout.connect(self.hide)
        self.hide()

    def say(self, text: str, at: QPoint, *, stay: bool) -> None:
        """Show `text` beside a point of the parent; `stay` until it is taken away."""
        self.setFont(theme().font("small"))
        if text != self.text() or not self.isVisible():
            self.setText(text)
            flags = Qt.TextFlag.TextWordWrap
            area = self.fontMetrics().boundingRect(QRect(0, 0, _WIDEST - 2 * _PAD, 10_000), flags, text)
            self.setFixedSize(area.width() + 2 * _PAD + 2, area.height() + _PAD + 2)
            announce(self._around, text)
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
        painter.setPen(theme().color("on-accent"))
        painter.setFont(self.font())
        inside = QRectF(self.rect()).adjusted(_PAD, 0, -_PAD, 0)
        painter.drawText(inside, Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter, self.text())
