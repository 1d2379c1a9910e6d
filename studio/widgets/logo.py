"""The sign of the program."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.base.theme import theme


class Logo(QWidget):
    """The sign at a size of `side` pixels."""

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = side
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(self._side), theme().px(self._side))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_logo(painter, QRectF(self.rect()))
        painter.end()


def paint_logo(painter: QPainter, rect: QRectF) -> None:
    """Draw the sign: two steps and the wire between them."""
    side = min(rect.width(), rect.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.left(), rect.top())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color("accent"))
    painter.drawRoundedRect(QRectF(0, 0, side, side), side * 0.24, side * 0.24)
    white = theme().color("on-accent")
    painter.setBrush(white)
    dot = side * 0.24
    painter.drawRoundedRect(QRectF(side * 0.17, side * 0.22, dot, dot), dot * 0.3, dot * 0.3)
    painter.drawRoundedRect(QRectF(side * 0.59, side * 0.54, dot, dot), dot * 0.3, dot * 0.3)
    path = QPainterPath()
    path.moveTo(side * 0.37, side * 0.34)
    path.cubicTo(side * 0.62, side * 0.34, side * 0.38, side * 0.66, side * 0.63, side * 0.66)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(white, side * 0.09, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPath(path)
    painter.restore()
