"""Choosing: a click on something, and the rubber band."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QApplication

from studio.base.theme import theme
from studio.designer.canvas.gestures.base import Gesture, Pointer
from studio.designer.canvas.gestures.surface import Surface
from studio.designer.canvas.hits import Hit
from studio.designer.selection import Selected


def selected_at(hit: Hit) -> Selected:
    """What a click on this selects."""
    if hit.kind in ("wire", "wire-end") and hit.edge is not None:
        return Selected(edges=frozenset({hit.edge}))
    if hit.kind in ("note", "note-edge"):
        return Selected(notes=frozenset({hit.id}))
    if hit.kind in ("frame", "frame-edge"):
        return Selected(frames=frozenset({hit.id}))
    if hit.kind in ("step", "port"):
        return Selected(steps=frozenset({hit.step}))
    return Selected()


class Click(Gesture):
    """A press that becomes `drag` when the mouse is moved far enough, and a choice when it is not.

    `tap` is done on release instead of choosing, where it is given.
    """

    scrolls = False

    def __init__(
        self,
        surface: Surface,
        drag: Callable[[], Gesture] | None = None,
        tap: Callable[[Pointer], None] | None = None,
    ) -> None:
        super().__init__(surface)
        self._drag, self._tap = drag, tap

    def press(self, at: Pointer) -> None:
        self._start = at
        self._before = self.surface.selection.value
        self._meant = selected_at(at.hit)
        if self._meant and not at.adding and self._tap is None and self._meant | self._before != self._before:
            self.surface.selection.set(self._meant)

    def move(self, at: Pointer) -> Gesture | None:
        if (at.view - self._start.view).manhattanLength() < QApplication.startDragDistance() or self._drag is None:
            return None
        if self._meant and self._tap is None:
            self.surface.selection.add(self._meant.within(self.surface.workflow))
        gesture = self._drag()
        gesture.press(self._start)
        return gesture

    def release(self, at: Pointer) -> None:
        meant = self._meant.within(self.surface.workflow)
        if self._tap is not None:
            self._tap(self._start)
        elif self._start.held(Qt.KeyboardModifier.ControlModifier):
            self.surface.selection.toggle(meant)
        elif self._start.held(Qt.KeyboardModifier.ShiftModifier):
            self.surface.selection.add(meant)
        else:
            self.surface.selection.set(meant)

    def cancel(self) -> None:
        self.surface.selection.set(self._before.within(self.surface.workflow))


class RubberBand(Gesture):
    """Selects what an area touches (frames: what it holds); with Ctrl or Shift besides what was selected."""

    survives_edits = True

    def press(self, at: Pointer) -> None:
        self._start = self._end = at.scene
        self._before = self.surface.selection.value
        self._kept = self._before if at.adding else Selected()

    def move(self, at: Pointer) -> Gesture | None:
        self._end = at.scene
        self.surface.selection.set((self._kept | self._touched()).within(self.surface.workflow))
        self.surface.show_gesture()
        return None

    def release(self, at: Pointer) -> None:
        self.move(at)

    def cancel(self) -> None:
        self.surface.selection.set(self._before.within(self.surface.workflow))
        self.surface.show_gesture()

    @property
    def area(self) -> QRectF:
        return QRectF(self._start, self._end).normalized()

    def _touched(self) -> Selected:
        area, scene = self.area, self.surface.scene
        steps = scene.steps_in(area)
        return Selected(
            steps,
            self.surface.wires_of(steps) if len(steps) > 1 else frozenset(),
            frozenset(id for id, item in scene.notes.items() if area.intersects(QRectF(*item.box))),
            frozenset(id for id, item in scene.frames.items() if area.contains(QRectF(*item.box))),
        )

    def paint(self, painter: QPainter) -> None:
        line = theme().color("focus")
        fill = QColor(line)
        fill.setAlphaF(0.10)
        pen = QPen(line, 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(fill)
        painter.drawRect(self.area)
