"""A small drawing of a workflow."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from studio.base.theme import theme
from studio.welcome.examples import Picture

_STEP = (184.0, 56.0)
_MOST = 0.26
_READABLE = 0.16
"""Scale from which a step is a box with a tile; below it is a flat bar."""


def paint_picture(painter: QPainter, rect: QRectF, picture: Picture, margin: float = 20) -> None:
    """Draw `picture` into the middle of `rect`."""
    if not picture.dots:
        return
    boxes = [QRectF(dot.x, dot.y, *_STEP) for dot in picture.dots]
    whole = QRectF(boxes[0])
    for box in (*boxes, *(QRectF(*frame) for frame in picture.frames)):
        whole = whole.united(box)
    room = rect.adjusted(margin, margin, -margin, -margin)
    scale = min(_MOST, room.width() / whole.width(), room.height() / whole.height())
    painter.save()
    painter.setClipRect(rect)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center())
    painter.scale(scale, scale)
    painter.translate(-whole.center())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color("body-fill"))
    for frame in picture.frames:
        painter.drawRoundedRect(QRectF(*frame), 20, 20)
    pen = QPen(theme().color("wire"), 1.2)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for source, target in picture.wires:
        painter.drawPath(_wire(boxes[source], boxes[target]))
    for box, dot in zip(boxes, picture.dots, strict=True):
        _paint_step(painter, box, dot.color, scale)
    painter.restore()


def _wire(source: QRectF, target: QRectF) -> QPainterPath:
    start, end = QPointF(source.right(), source.center().y()), QPointF(target.left(), target.center().y())
    reach = max(24.0, min(120.0, (end.x() - start.x()) / 2))
    path = QPainterPath(start)
    path.cubicTo(start + QPointF(reach, 0), end - QPointF(reach, 0), end)
    return path


def _paint_step(painter: QPainter, box: QRectF, color: str, scale: float) -> None:
    if scale < _READABLE:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color(color))
        painter.drawRoundedRect(box, 10, 10)
        return
    line = QPen(theme().color("node-line"), 1)
    line.setCosmetic(True)
    painter.setPen(line)
    painter.setBrush(theme().color("raised"))
    painter.drawRoundedRect(box, 14, 14)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color(color))
    painter.drawRoundedRect(QRectF(box.left() + 9, box.top() + 9, 38, 38), 9, 9)
    painter.setBrush(theme().color("line-field"))
    painter.drawRoundedRect(QRectF(box.left() + 62, box.center().y() - 6, 100, 12), 6, 6)
