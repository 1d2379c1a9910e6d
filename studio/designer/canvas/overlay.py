"""What lies above everything while somebody works: plus signs, the wire being dragged, guides, where a drop goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from studio.base.theme import theme
from studio.base.tokens import RADIUS
from studio.designer.canvas.curve import Curve, Point
from studio.designer.canvas.wires import STROKES, path_of

OVERLAY_Z = 10.0
PLUS = 9.0
"""Radius of the circle with a plus beside a free outlet."""
PLUS_AWAY = 20.0
"""How far its middle is from the outlet."""
Verdict = Literal["", "allowed", "refused"]


class Overlay(QGraphicsItem):
    def __init__(self) -> None:
        super().__init__()
        self.setZValue(OVERLAY_Z)
        self._pluses: tuple[Point, ...] = ()
        self._lit: Point | None = None
        self._wire: tuple[Curve, Verdict] | None = None
        self._guides: tuple[QLineF, ...] = ()
        self._port: Point | None = None
        self._over: Curve | None = None
        self._box: QRectF | None = None
        self._bounds = QRectF()

    def set_pluses(self, points: Iterable[Point], lit: Point | None = None) -> None:
        """Circles with a plus; `lit` is the one below the mouse."""
        self._pluses, self._lit = tuple(points), lit
        self._alter()

    def set_wire(self, curve: Curve | None, verdict: Verdict = "") -> None:
        self._wire = (curve, verdict) if curve is not None else None
        self._alter()

    def set_guides(self, lines: Iterable[QLineF]) -> None:
        self._guides = tuple(lines)
        self._alter()

    def set_drop(self, *, port: Point | None = None, wire: Curve | None = None, box: QRectF | None = None) -> None:
        """Where what is being dragged would go; nothing: nowhere."""
        self._port, self._over, self._box = port, wire, box
        self._alter()

    def _alter(self) -> None:
        self.prepareGeometryChange()
        areas = [QRectF(x - 12, y - 12, 24, 24) for x, y in self._pluses]
        if self._wire is not None:
            areas.append(QRectF(*self._wire[0].bounds).adjusted(-8, -8, 8, 8))
        if self._over is not None:
            areas.append(QRectF(*self._over.bounds).adjusted(-8, -8, 8, 8))
        if self._port is not None:
            areas.append(QRectF(self._port.x - 12, self._port.y - 12, 24, 24))
        if self._box is not None:
            areas.append(self._box.adjusted(-4, -4, 4, 4))
        areas += [QRectF(line.p1(), line.p2()).normalized().adjusted(-2, -2, 2, 2) for line in self._guides]
        self._bounds = QRectF()
        for area in areas:
            self._bounds = self._bounds.united(area)
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        self.draw(painter)

    def draw(self, painter: QPainter) -> None:
        """Paint all of it, in canvas units."""
        color = theme().color
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._guides:
            pen = QPen(color("focus"), 1)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawLines(list(self._guides))
        if self._box is not None:
            painter.setPen(QPen(color("focus"), 2))
            painter.drawRoundedRect(self._box, RADIUS["body"], RADIUS["body"])
        if self._over is not None:
            painter.setPen(STROKES["selected"].pen())
            painter.drawPath(path_of(self._over))
        if self._wire is not None:
            curve, verdict = self._wire
            painter.setPen(STROKES["refused" if verdict == "refused" else "allowed"].pen())
            painter.drawPath(path_of(curve))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("failed" if verdict == "refused" else "focus"))
            painter.drawEllipse(QPointF(*curve.end), 4, 4)
        if self._port is not None:
            halo = QColor(color("focus"))
            halo.setAlphaF(0.3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(halo)
            painter.drawEllipse(QPointF(*self._port), 10, 10)
            painter.setBrush(color("focus"))
            painter.drawEllipse(QPointF(*self._port), 6, 6)
        for point in self._pluses:
            self._paint_plus(painter, point, point == self._lit)

    def _paint_plus(self, painter: QPainter, point: Point, lit: bool) -> None:
        x, y = point
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("accent-hover" if lit else "accent"))
        painter.drawEllipse(QPointF(x, y), PLUS, PLUS)
        cross = QPainterPath(QPointF(x - 4, y))
        cross.lineTo(x + 4, y)
        cross.moveTo(x, y - 4)
        cross.lineTo(x, y + 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme().color("on-accent"), 1.5))
        painter.drawPath(cross)
