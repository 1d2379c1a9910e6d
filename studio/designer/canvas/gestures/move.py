"""Dragging what is selected: steps with their bodies, notes, and frames with what lies in them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from engine.api import Edge, Workflow
from studio.base.i18n import tr, trn
from studio.base.theme import theme
from studio.designer import edits
from studio.designer.canvas.gestures.base import Gesture, Pointer
from studio.designer.canvas.gestures.snapping import Rest, rest
from studio.designer.canvas.gestures.spot import inside
from studio.designer.edits import Rect
from studio.designer.edits.wires import make_room

_MOST = 400
"""Boxes nearby that a dragged thing can be level with."""
_SHOWN = 600
"""Steps that are shown as they move, with their wires; of more only outlines are."""


class Move(Gesture):
    """Moves what is selected. One step without wires goes into a wire, or a body, that it is let go over."""

    cursor = Qt.CursorShape.SizeAllCursor

    def press(self, at: Pointer) -> None:
        surface, chosen = self.surface, self.surface.selection.value
        self._start = at.scene
        self._rest = Rest(0.0, 0.0)
        self._into: Edge | None = None
        self._joined: tuple[str, str] | None = None
        self._grabbed = self._box_of(at)
        boxes = surface.boxes
        self._steps, self._notes, self._frames = edits.moving(
            surface.workflow, surface.document.plan, boxes, chosen.steps, chosen.notes, chosen.frames
        )
        self._others = [boxes[id] for id in sorted(surface.scene.steps_in(surface.visible) - self._steps)[:_MOST]] + [
            item.box for id, item in surface.scene.notes.items() if id not in self._notes
        ]
        self._free_step = self._lone_step()
        many = len(self._steps) > _SHOWN
        self._ghosts = [QRectF(*boxes[id]) for id in self._steps if id in boxes] if many else []

    def _box_of(self, at: Pointer) -> Rect:
        scene, hit = self.surface.scene, at.hit
        if hit.id in scene.notes:
            return scene.notes[hit.id].box
        if hit.kind != "step" and hit.id in scene.frames:
            return scene.frames[hit.id].box
        shape = scene.geometry.shapes[hit.step]
        place = scene.geometry.place(hit.step)
        return Rect(place.x, place.y, shape.box.width, shape.header or shape.box.height)

    def _lone_step(self) -> str:
        """The one step that is dragged, if nothing leads to it or on from it."""
        only = self.surface.selection.only_step
        if len(self._steps) != 1 or self.surface.workflow.on_error == only:
            return ""
        return "" if any(only in (edge.source, edge.target) for edge in self.surface.workflow.edges) else only

    def move(self, at: Pointer) -> Gesture | None:
        by = at.scene - self._start
        if at.free:
            self._rest = Rest(by.x(), by.y())
        else:
            self._rest = rest(self._grabbed, by.x(), by.y(), self._others, self.surface.zoom)
        scene = self.surface.scene
        if self._ghosts:
            self.surface.show_gesture()
        else:
            scene.drag_offset(self._steps, self._rest.dx, self._rest.dy, notes=self._notes, frames=self._frames)
        if self._free_step:
            self._into = self._wire_below(at.scene)
            container = self._container_below(at.scene) if self._into is None else ""
            self._joined = inside(self.surface, container, at.scene) if container else None
            scene.highlight_drop(self._into or container)
        scene.guides(() if self._into is not None else self._rest.guides)
        return None

    def _wire_below(self, at: QPointF) -> Edge | None:
        """The wire under the mouse or under the middle of the step, if the step can stand in a wire."""
        step = self.surface.step(self._free_step)
        if step is None or not edits.main_outlet(step, self.surface.catalog):
            return None
        box = self.surface.geometry.shapes[self._free_step].box
        middle = QPointF(box.x + box.width / 2, box.y + box.height / 2)
        return self.surface.wire_at(at) or self.surface.wire_at(middle)

    def _container_below(self, at: QPointF) -> str:
        """The innermost container under the mouse."""
        found = [
            shape
            for shape in self.surface.geometry.shapes.values()
            if shape.container and shape.id != self._free_step and shape.box.holds(Rect(at.x(), at.y(), 0, 0))
        ]
        return min(found, key=lambda shape: shape.box.width * shape.box.height).id if found else ""

    def release(self, at: Pointer) -> None:
        into, joined, (dx, dy, _) = self._into, self._joined, self._rest
        self.cancel()
        places = self.surface.places_of(self._steps)

        def moved(workflow: Workflow) -> Workflow:
            return edits.move(workflow, dx, dy, self._steps, self._notes, self._frames, places=places)

        if joined is not None:
            text = tr(
                "Put “{step}” into “{container}”",
                step=self.surface.name(self._free_step),
                container=self._around(joined),
            )
            self.surface.edit(text, lambda workflow: edits.connect(moved(workflow), *joined, self._free_step))
            return
        if into is None:
            self.surface.edit(self._text(), moved)
            return

        def spliced(workflow: Workflow) -> Workflow:
            changed = edits.splice(moved(workflow), self.surface.catalog, into, self._free_step)
            boxes = dict(self.surface.boxes)
            own = boxes[self._free_step]
            boxes[self._free_step] = own._replace(x=own.x + dx, y=own.y + dy)
            follow = edits.behind(workflow, self.surface.document.plan, into)
            return make_room(changed, into, self._free_step, boxes, follow)

        name = self.surface.name(self._free_step)
        self.surface.edit(tr("Put “{step}” into a wire", step=name), spliced)

    def _around(self, source: tuple[str, str]) -> str:
        """What to call the container that an outlet leads into."""
        key = self.surface.document.plan.context(Edge(*source, ""))
        return self.surface.name(key[0] or source[0])

    def _text(self) -> str:
        chosen = self.surface.selection.value
        if chosen.steps:
            return trn("Move {n} step", "Move {n} steps", len(self._steps))
        return tr("Move a frame") if chosen.frames else tr("Move a note")

    def cancel(self) -> None:
        scene = self.surface.scene
        scene.end_drag()
        scene.guides(())
        scene.highlight_drop(None)

    def paint(self, painter: QPainter) -> None:
        if self._ghosts:
            pen = QPen(theme().color("focus"), 1)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.translate(self._rest.dx, self._rest.dy)
            painter.drawRects(self._ghosts)
            painter.translate(-self._rest.dx, -self._rest.dy)
