"""The far layer: the whole workflow as lists of flat bars and straight lines, kept up to date in place.

Below zoom 0.3 the view draws nothing but these lists, and so does the minimap. A status is drawn instead of a category.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.api import Edge
from studio.base.theme import theme
from studio.designer.canvas.shape import Shape
from studio.designer.canvas.wires import STROKES, Wire
from studio.designer.edits.places import Rect

K = TypeVar("K", bound=Hashable)
V = TypeVar("V", QRectF, QLineF)
STATUS_COLORS = {
    "running": "running",
    "done": "done",
    "failed": "failed",
    "retrying": "failed",
    "doubt": "doubt",
    "paused": "paused",
    "waiting": "waiting",
}
OFF = "line-field"
"""The colour of a bar that was skipped or is disabled."""


class Buckets(Generic[K, V]):
    """Values by colour, each found again by its key: setting and removing one does not touch the others."""

    def __init__(self) -> None:
        self.lists: dict[str, list[V]] = {}
        self._keys: dict[str, list[K]] = {}
        self._at: dict[K, tuple[str, int]] = {}

    def __len__(self) -> int:
        return len(self._at)

    def set(self, key: K, color: str, value: V) -> None:
        known = self._at.get(key)
        if known is not None and known[0] == color:
            self.lists[color][known[1]] = value
            return
        if known is not None:
            self.remove(key)
        values = self.lists.setdefault(color, [])
        self._at[key] = color, len(values)
        values.append(value)
        self._keys.setdefault(color, []).append(key)

    def remove(self, key: K) -> None:
        known = self._at.pop(key, None)
        if known is None:
            return
        color, index = known
        values, keys = self.lists[color], self._keys[color]
        values[index], keys[index] = values[-1], keys[-1]
        values.pop()
        if keys.pop() != key:
            self._at[keys[index]] = color, index

    def clear(self) -> None:
        self.lists.clear()
        self._keys.clear()
        self._at.clear()


class FarLayer:
    """What is seen from far away."""

    def __init__(self) -> None:
        self.steps: Buckets[str, QRectF] = Buckets()
        self.wires: Buckets[Edge, QLineF] = Buckets()
        self.backs: dict[str, QRectF] = {}
        self._frames: dict[str, tuple[str, QRectF]] = {}
        self._notes: dict[str, QRectF] = {}

    def clear(self) -> None:
        self.steps.clear()
        self.wires.clear()
        self.backs.clear()
        self._frames.clear()
        self._notes.clear()

    def set_step(self, shape: Shape, color: str) -> None:
        box = shape.box
        height = shape.header or box.height
        self.steps.set(shape.id, color, QRectF(box.x, box.y, box.width, height))
        if shape.container:
            self.backs[shape.id] = QRectF(box.x, box.y, box.width, box.height)
        elif self.backs:
            self.backs.pop(shape.id, None)

    def remove_step(self, id: str) -> None:
        self.steps.remove(id)
        self.backs.pop(id, None)

    def set_wire(self, wire: Wire) -> None:
        self.wires.set(wire.edge, wire.look, wire.line)

    def remove_wire(self, edge: Edge) -> None:
        self.wires.remove(edge)

    def set_frame(self, id: str, color: str, box: Rect | None) -> None:
        if box is None:
            self._frames.pop(id, None)
        else:
            self._frames[id] = color, QRectF(*box)

    def set_note(self, id: str, box: Rect | None) -> None:
        if box is None:
            self._notes.pop(id, None)
        else:
            self._notes[id] = QRectF(*box)

    def paint(self, painter: QPainter, *, wires: bool = True) -> None:
        """Draw everything; the painter's transformation leads from canvas units to its device."""
        color = theme().color
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for token, box in self._frames.values():
            fill = QColor(color(token))
            fill.setAlphaF(0.16)
            painter.fillRect(box, fill)
        if self.backs:
            pen = QPen(color("body-line"), 1)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(color("body-fill"))
            for area in sorted(self.backs.values(), key=lambda area: -area.width()):
                painter.drawRect(area)
        for note in self._notes.values():
            painter.fillRect(note, color("sticky-line"))
        if wires:
            for look, lines in self.wires.lists.items():
                if lines:
                    painter.setPen(STROKES[look].pen(hair=True))
                    painter.drawLines(lines)
        painter.setPen(Qt.PenStyle.NoPen)
        for token, bars in self.steps.lists.items():
            if bars:
                painter.setBrush(color(token))
                painter.drawRects(bars)
