"""What lies below everything on a canvas: its colour and its dots; and what an empty one says."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap, QTransform

from studio.base.i18n import tr
from studio.base.icons import paint_icon
from studio.base.theme import theme
from studio.designer.canvas.ink import NEAR

if TYPE_CHECKING:
    from studio.designer.canvas.view import CanvasView

_DOTS = 24.0
"""From dot to dot, in canvas units."""


class Ground:
    """The ground of one view."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._dots: dict[tuple[float, int, int], QPixmap] = {}

    def forget(self) -> None:
        """Colours or the size of the view have changed."""
        self._dots.clear()

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw what of it lies in `rect`, which is in canvas units."""
        view = self._view
        transform = painter.worldTransform()
        painter.setWorldTransform(QTransform())
        area = transform.mapRect(rect).toAlignedRect().intersected(view.viewport().rect())
        painter.fillRect(area, theme().color("canvas"))
        zoom = view.zoom
        spacing = (_DOTS if zoom >= NEAR else _DOTS * 4) * zoom
        left, top = view.horizontalScrollBar().value(), view.verticalScrollBar().value()
        row = self._row(spacing, left)
        first = ceil((top + area.top() - 1) / spacing)
        last = int((top + area.bottom() + 1) // spacing)
        for index in range(first, last + 1):
            painter.drawPixmap(0, round(index * spacing - top), row)
        painter.setWorldTransform(transform)

    def _row(self, spacing: float, left: int) -> QPixmap:
        """A row of dots as wide as the view."""
        width = self._view.viewport().width()
        key = (spacing, left, width)
        found = self._dots.get(key)
        if found is None:
            self._dots.clear()
            dpr = self._view.devicePixelRatioF()
            found = QPixmap(round(width * dpr), ceil(dpr))
            found.setDevicePixelRatio(dpr)
            found.fill(Qt.GlobalColor.transparent)
            painter = QPainter(found)
            color = theme().color("canvas-dot")
            for index in range(ceil(left / spacing), int((left + width) // spacing) + 1):
                painter.fillRect(QRectF(round(index * spacing - left), 0, 1, 1), color)
            painter.end()
            self._dots[key] = found
        return found


def paint_empty(painter: QPainter, room: QSize) -> None:
    """The empty state, where the first step will appear."""
    painter.setWorldTransform(QTransform())
    color, px = theme().color, theme().px
    width, height = min(px(380), room.width() - 24), px(66)
    area = QRectF((room.width() - width) / 2, room.height() * 0.38 - height / 2, width, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(color("panel"))
    painter.setPen(QPen(color("line"), 1.0, Qt.PenStyle.DashLine))
    painter.drawRoundedRect(area, 10, 10)
    size = px(22)
    paint_icon(painter, QRectF(area.x() + 20, area.y() + px(13), size, size), "flow-arrow", color("text-3"))
    left = area.x() + 20 + size + 14
    painter.setFont(theme().font("section"))
    painter.setPen(color("text"))
    painter.drawText(QPointF(left, area.y() + px(28)), tr("Add the first step"))
    painter.setFont(theme().font("small"))
    painter.setPen(color("text-2"))
    painter.drawText(QPointF(left, area.y() + px(47)), tr("Press Tab, or drag one from the left."))
