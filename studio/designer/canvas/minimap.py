"""The minimap: the far layer once more, small, with the part that is seen; press or drag to look elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QTransform
from PySide6.QtWidgets import QWidget

from studio.base.i18n import tr
from studio.base.theme import theme

if TYPE_CHECKING:
    from studio.designer.canvas.view import CanvasView

SIZE = QSize(168, 104)
_PADDING = 8.0
_DELAY_MS = 120
"""How long after a change it is drawn anew: nobody looks at it while dragging."""


class Minimap(QWidget):
    def __init__(self, view: CanvasView) -> None:
        super().__init__(view.viewport())
        self._view = view
        self._picture: QPixmap | None = None
        self._stale = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._stale.timeout.connect(self._forget)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(tr("Minimap"))
        view.canvas.laid_out.connect(self._later)
        view.canvas.painted_over.connect(self._later)
        view.view_changed.connect(self.update)
        theme().changed.connect(self._forget)

    def sizeHint(self) -> QSize:
        return SIZE

    def _later(self) -> None:
        if self.isVisible() and not self._stale.isActive():
            self._stale.start()
        elif not self.isVisible():
            self._picture = None

    def _forget(self) -> None:
        self._picture = None
        self.update()

    def _transform(self) -> QTransform:
        """From canvas units to this widget."""
        area = (
            self._view.canvas.content().united(self._view.seen())
            if self._view.canvas.empty
            else (self._view.canvas.content())
        )
        room = QRectF(self.rect()).adjusted(_PADDING, _PADDING, -_PADDING, -_PADDING)
        factor = min(room.width() / max(1.0, area.width()), room.height() / max(1.0, area.height()), 0.12)
        moved = QTransform.fromTranslate(room.center().x(), room.center().y())
        return moved.scale(factor, factor).translate(-area.center().x(), -area.center().y())

    def paintEvent(self, event: QPaintEvent) -> None:
        color = theme().color
        transform = self._transform()
        if self._picture is None or self._picture.devicePixelRatio() != self.devicePixelRatioF():
            dpr = self.devicePixelRatioF()
            self._picture = QPixmap(self.size() * dpr)
            self._picture.setDevicePixelRatio(dpr)
            self._picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(color("line"), 1))
            painter.setBrush(color("panel"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
            painter.setWorldTransform(transform)
            self._view.canvas.far.paint(painter, wires=False)
            painter.end()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        inner = QRectF(self.rect()).adjusted(3.5, 3.5, -3.5, -3.5)
        seen = transform.mapRect(self._view.seen()).intersected(inner)
        if not seen.isEmpty():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(color("focus"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(seen, 3, 3)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._look(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._look(event.position())

    def _look(self, at: QPointF) -> None:
        back, possible = self._transform().inverted()
        if possible:
            self._view.look_at(back.map(at))
