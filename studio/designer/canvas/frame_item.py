"""A frame: a titled area in a quiet colour, behind everything."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QStaticText
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.api import Frame
from studio.base.theme import theme
from studio.base.tokens import COLORS, RADIUS
from studio.designer.canvas.ink import NEAR, Ink
from studio.designer.edits.places import Rect

FRAME_Z = -30.0
SMALLEST = (80.0, 48.0)
LARGEST = 1e6


def sound(x: float, y: float, width: float, height: float, least: tuple[float, float]) -> Rect:
    """A box as it can be drawn: a file may say anything, also `.nan`."""
    x, y = (value if abs(value) <= LARGEST else 0.0 for value in (x, y))
    sizes = ((width, least[0]), (height, least[1]))
    width, height = (max(low, min(size, LARGEST)) if size == size else low for size, low in sizes)  # not `.nan`
    return Rect(x, y, width, height)


def color_of(frame: Frame) -> str:
    """The token of a frame's colour; that of control flow where it names none that is known."""
    token = f"cat-{frame.color}"
    return token if token in COLORS else "cat-flow"


class FrameItem(QGraphicsItem):
    def __init__(self, ink: Ink, frame: Frame) -> None:
        super().__init__()
        self.setZValue(FRAME_Z)
        self._ink = ink
        self._title: QStaticText | None = None
        self.selected = False
        self.show_frame(frame)

    def show_frame(self, frame: Frame, box: Rect | None = None) -> None:
        """Draw this frame; `box` instead of its own while it is being moved or resized."""
        self.frame = frame
        self.prepareGeometryChange()
        self.own_box = sound(frame.x, frame.y, frame.width, frame.height, SMALLEST)
        """What the document says."""
        self.box = box or self.own_box
        self.setPos(self.box.x, self.box.y)
        self._area = QRectF(0, 0, self.box.width, self.box.height)
        self.refresh()

    def refresh(self) -> None:
        self._title = None
        self.update()

    def boundingRect(self) -> QRectF:
        return self._area.adjusted(-3, -3, 3, 3)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        near = painter.worldTransform().m11() >= NEAR
        tone = theme().color(color_of(self.frame))
        fill, line = QColor(tone), QColor(tone)
        fill.setAlphaF(0.07)
        line.setAlphaF(0.45)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, near)
        painter.setBrush(fill)
        painter.setPen(self._ink.pen("focus", 2.0) if self.selected else QPen(line, 1.0))
        if near:
            painter.drawRoundedRect(self._area.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS["card"], RADIUS["card"])
        else:
            painter.drawRect(self._area)
        if self._title is None:
            self._title, _ = self._ink.shortened(self.frame.title, self._ink.title, self._area.width() - 24)
        painter.setPen(theme().color("text-2"))
        painter.setFont(self._ink.title)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawStaticText(QPointF(12, 7), self._title)
