"""What every gesture is: press, move, release; or cancelled."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QPainter

from studio.designer.canvas.gestures.surface import Surface
from studio.designer.canvas.hits import Hit

NO_KEYS = Qt.KeyboardModifier.NoModifier


@dataclass(frozen=True, slots=True)
class Pointer:
    """The mouse: where on the canvas, where in the viewport, what lies there, and which keys are held."""

    scene: QPointF
    view: QPoint
    hit: Hit
    keys: Qt.KeyboardModifier = NO_KEYS

    def held(self, key: Qt.KeyboardModifier) -> bool:
        return bool(self.keys & key)

    @property
    def adding(self) -> bool:
        """Whether what is meant is added to the selection."""
        return self.held(Qt.KeyboardModifier.ControlModifier) or self.held(Qt.KeyboardModifier.ShiftModifier)

    @property
    def free(self) -> bool:
        """Whether snapping is turned off."""
        return self.held(Qt.KeyboardModifier.ControlModifier) or self.held(Qt.KeyboardModifier.AltModifier)


class Gesture:
    """From press to release. Only `release` changes the document, once; `cancel` takes everything shown back."""

    cursor: Qt.CursorShape | None = None
    survives_edits = False
    """Whether it can go on when the document changes under it."""
    scrolls = True
    """Whether the canvas scrolls when the mouse is held at its edge."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface

    def press(self, at: Pointer) -> None:
        """The button went down."""

    def move(self, at: Pointer) -> Gesture | None:
        """The mouse was moved. Gives the gesture that goes on in place of this one, if another shall."""
        return None

    def release(self, at: Pointer) -> None:
        """The button went up."""

    def cancel(self) -> None:
        """Esc, or the ground has changed: as if it had never begun."""

    def paint(self, painter: QPainter) -> None:
        """Draw over the canvas, in canvas units."""
