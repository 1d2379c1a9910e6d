"""Cutting wires with a stroke across them."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from engine.api import Edge
from studio.base.i18n import trn
from studio.base.theme import theme
from studio.designer import edits
from studio.designer.canvas.gestures.base import Gesture, Pointer


class Cut(Gesture):
    """Takes away every wire that the stroke crosses."""

    cursor = Qt.CursorShape.CrossCursor

    def press(self, at: Pointer) -> None:
        self._stroke = [at.scene]
        self._crossed: dict[Edge, None] = {}

    def move(self, at: Pointer) -> Gesture | None:
        piece = QLineF(self._stroke[-1], at.scene)
        self._stroke.append(at.scene)
        area = QRectF(piece.p1(), piece.p2()).normalized().adjusted(-1, -1, 1, 1)
        for edge, wire in self.surface.scene.wires.wires.items():
            if edge in self._crossed or not area.intersects(wire.rect):
                continue
            points = [QPointF(*point) for point in wire.curve.points()]
            if any(_cross(piece, QLineF(one, other)) for one, other in pairwise(points)):
                self._crossed[edge] = None
        self.surface.show_gesture()
        return None

    def release(self, at: Pointer) -> None:
        crossed = [edge for edge in self._crossed if edge in self.surface.geometry.curves]
        if crossed:
            text = trn("Cut {n} wire", "Cut {n} wires", len(crossed))
            self.surface.edit(text, lambda workflow: edits.disconnect(workflow, crossed))
        self.surface.show_gesture()

    def cancel(self) -> None:
        self._crossed.clear()
        self.surface.show_gesture()

    def paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = QPen(theme().color("failed"), 2.5)
        painter.setPen(pen)
        for edge in self._crossed:
            curve = self.surface.geometry.curves.get(edge)
            if curve is not None:
                painter.drawPolyline([QPointF(*point) for point in curve.points()])
        pen = QPen(theme().color("failed"), 1.5, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawPolyline(self._stroke)


def _cross(one: QLineF, other: QLineF) -> bool:
    kind, _ = one.intersects(other)
    return kind is QLineF.IntersectionType.BoundedIntersection
