"""The steps and wires that only the other workflow has, drawn where they stood; nothing can be done to them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.api import Catalog, Edge, Workflow
from studio.base.icons import paint_icon
from studio.base.theme import theme
from studio.base.tokens import RADIUS
from studio.designer.canvas.ink import letters
from studio.designer.canvas.look import Look, look
from studio.designer.canvas.scene import CanvasScene

_WIDE, _HIGH, _TILE = 184.0, 56.0, 36.0
_ABOVE = -0.5
"""Below steps, above the canvas."""


class Ghosts(QGraphicsItem):
    """One item for all of them. `scene` tells where the ends of wires are that lead to what is still there."""

    def __init__(self, ghosts: Workflow, scene: CanvasScene, catalog: Catalog) -> None:
        super().__init__()
        self.setZValue(_ABOVE)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.boxes: dict[str, QRectF] = {}
        self._looks: dict[str, Look] = {}
        below = scene.itemsBoundingRect().bottom() + 40
        for rank, step in enumerate(ghosts.steps):
            place = ghosts.layout.steps.get(step.id)
            x, y = (place.x, place.y) if place is not None else (rank % 6 * 232.0, below + rank // 6 * 96)
            self.boxes[step.id] = QRectF(x, y, _WIDE, _HIGH)
            self._looks[step.id] = look(step, catalog)
        self.paths = [path for edge in ghosts.edges if (path := self._wire(edge, scene)) is not None]
        self._rect = QRectF()
        for box in self.boxes.values():
            self._rect = self._rect.united(box)
        for path in self.paths:
            self._rect = self._rect.united(path.boundingRect())
        self._rect.adjust(-14, -14, 14, 14)

    def _box(self, id: str, scene: CanvasScene) -> QRectF | None:
        return self.boxes.get(id) or (scene.box(id) if id in scene.geometry.shapes else None)

    def _wire(self, edge: Edge, scene: CanvasScene) -> QPainterPath | None:
        source, target = self._box(edge.source, scene), self._box(edge.target, scene)
        if source is None or target is None:
            return None
        start = QPointF(source.right(), source.top() + _HIGH / 2)
        end = QPointF(target.left(), target.top() + _HIGH / 2)
        reach = max(24.0, min(120.0, abs(end.x() - start.x()) / 2))
        path = QPainterPath(start)
        path.cubicTo(start + QPointF(reach, 0), end - QPointF(reach, 0), end)
        return path

    def boundingRect(self) -> QRectF:
        return self._rect

    def shape(self) -> QPainterPath:
        return QPainterPath()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        color = theme().color("failed")
        pen = QPen(color, 1.5, Qt.PenStyle.DashLine)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        for path in self.paths:
            painter.drawPath(path)
        for id, box in self.boxes.items():
            self._paint_step(painter, box, self._looks[id], pen, color)

    @staticmethod
    def _paint_step(painter: QPainter, box: QRectF, shown: Look, pen: QPen, color: QColor) -> None:
        painter.setPen(pen)
        painter.setBrush(theme().color("failed-soft"))
        painter.drawRoundedRect(box, RADIUS["step"], RADIUS["step"])
        tile = QRectF(box.left() + 9, box.top() + 10, _TILE, _TILE)
        paint_icon(painter, tile.adjusted(8, 8, -8, -8), shown.icon, color)
        painter.setFont(letters("section"))
        painter.setPen(color)
        room = box.adjusted(54, 0, -10, 0)
        text = QFontMetricsF(painter.font()).elidedText(shown.title, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
