"""The scene: one item a step, container, frame and note, and the wires in tiles; it follows the document by its deltas.

Nothing here changes the document. What a gesture tries out (`drag_offset`, `provisional_wire`, `highlight_drop`) is
shown and forgotten again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QEvent, QLineF, QObject, QPointF, QRectF, QTimer, Signal
from PySide6.QtWidgets import QGraphicsScene

from engine.api import Catalog, Edge, Frame, Note, Port, Step
from studio.base.theme import theme
from studio.designer.canvas.container import ContainerBack, ContainerItem
from studio.designer.canvas.curve import Point, error_curve, flow_curve
from studio.designer.canvas.far import OFF, STATUS_COLORS, FarLayer
from studio.designer.canvas.frame_item import FrameItem, color_of
from studio.designer.canvas.geometry import Geometry, Moved
from studio.designer.canvas.hits import Hit, hit
from studio.designer.canvas.ink import Ink
from studio.designer.canvas.live import Mark, StepLive, WireLive
from studio.designer.canvas.motion import Motion
from studio.designer.canvas.note_item import NoteItem
from studio.designer.canvas.overlay import PLUS_AWAY, Overlay, Verdict
from studio.designer.canvas.step_item import StepItem
from studio.designer.canvas.wires import TouchedWires, Wire, WireLayer
from studio.designer.delta import Delta
from studio.designer.document import WorkflowDocument
from studio.designer.edits.places import Rect
from studio.designer.selection import Selection

_ROOM = 4096.0
_UNKNOWN = Port("next")
FRAME_MS = 16


class CanvasScene(QGraphicsScene):
    """Draws `document`; a step's declaration comes from `catalog`. `selection` is shown, and never changed here."""

    laid_out = Signal()
    """Something lies elsewhere, came or went."""
    painted_over = Signal()
    """States or colours have changed, and nothing moved."""
    bubble_changed = Signal(str)
    """The id of the step whose failure is to be shown; empty for none."""

    def __init__(
        self,
        document: WorkflowDocument,
        catalog: Catalog,
        selection: Selection | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.catalog = catalog
        self.selection = selection if selection is not None else Selection(self)
        self.ink = Ink()
        self.far = FarLayer()
        self.wires = WireLayer(self, self.ink)
        self.overlay = Overlay()
        self.pluses: tuple[tuple[Point, str, str], ...] = ()
        """The plus signs that are shown: where, and for which outlet of which step."""
        self._touched = TouchedWires(self.ink)
        self.steps: dict[str, StepItem] = {}
        self._backs: dict[str, ContainerBack] = {}
        self.frames: dict[str, FrameItem] = {}
        self.notes: dict[str, NoteItem] = {}
        self._live: dict[str, StepLive] = {}
        self._dirty_steps: set[str] = set()
        self._dirty_wires: set[Edge] = set()
        self._marks: dict[str | Edge, Mark] = {}
        self._problems: dict[str, str] = {}
        self._breakpoints: dict[str, bool] = {}
        self._selected_steps: frozenset[str] = frozenset()
        self._hover = Hit()
        self._bubble = ""
        self._content: QRectF | None = None
        self._failed: dict[str, None] = {}
        self._shifted_boxes: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._frame_timer = QTimer(self, singleShot=True, interval=FRAME_MS)
        self._frame_timer.timeout.connect(self.flush)
        self.motion = Motion(self._touched, self)
        self.addItem(self._touched)
        self.addItem(self.overlay)
        self.rebuild()
        document.changed.connect(self._follow)
        self.selection.changed.connect(self._show_selection)
        theme().changed.connect(self._restyle)

    def event(self, event: QEvent) -> bool:
        # What is to be painted anew is found in here, with the interpreter held: each item is asked for its outline.
        return super().event(event)

    # -- building and following --------------------------------------------------------------------------------------

    def rebuild(self) -> None:
        """Make everything anew: at the start, and when activities were loaded or are gone."""
        for item in (*self.steps.values(), *self._backs.values(), *self.frames.values(), *self.notes.values()):
            self.removeItem(item)
        for kept in (self.steps, self._backs, self.frames, self.notes):
            kept.clear()
        self.wires.clear()
        self.far.clear()
        self.motion.clear()
        workflow = self.document.workflow
        self._by_id: dict[str, Step] = {step.id: step for step in reversed(workflow.steps)}
        self._colors: dict[str, str] = {}
        self.geometry = Geometry(workflow, self.document.plan, self._ports)
        self._content = None
        self._make_room()
        self._lay(Moved(frozenset(self.geometry.shapes), frozenset(self.geometry.curves)))
        for frame in workflow.layout.frames:
            self._set_frame(frame.id, frame)
        for note in workflow.layout.notes:
            self._set_note(note.id, note)
        self._show_selection()
        self._touch()

    def _ports(self, step: Step) -> Sequence[Port]:
        """The outlets to draw; an unknown activity has one, so that something can follow it."""
        return self.document.ports(step) if self.catalog.get(step.activity) is not None else (_UNKNOWN,)

    def _follow(self, delta: Delta) -> None:
        workflow, geometry = self.document.workflow, self.geometry
        changed = delta.steps_changed
        structure = bool(
            delta.steps_added
            or delta.steps_removed
            or delta.edges_added
            or delta.edges_removed
            or "on_error" in delta.fields
        )
        if changed or structure:
            self._by_id = {step.id: step for step in reversed(workflow.steps)}
            structure = structure or any(geometry.other_outlets(self._by_id[id]) for id in changed)
        for id in changed | delta.steps_added:
            if id in self.steps and id in self._by_id:
                self.steps[id].set_step(self._by_id[id])
                self._color_far(id)
        if structure or delta.places:
            plan = self.document.plan
            self._lay(geometry.update(workflow, plan, structure=structure, steps=delta.places))
            for id, back in self._backs.items():
                back.set_depth(geometry.depth(id))
            self._make_room()
        if delta.notes:
            notes = {note.id: note for note in workflow.layout.notes}
            for id in delta.notes:
                self._set_note(id, notes.get(id))
        if delta.frames:
            frames = {frame.id: frame for frame in workflow.layout.frames}
            for id in delta.frames:
                self._set_frame(id, frames.get(id))
        self.selection.keep_to(workflow)
        if changed or delta.notes or delta.frames:
            self.painted_over.emit()

    def _lay(self, moved: Moved) -> None:
        """Bring items and wires to where the geometry says."""
        shapes, curves = self.geometry.shapes, self.geometry.curves
        for id in moved.steps:
            self._lay_step(id)
        for edge in moved.edges:
            curve = curves.get(edge)
            if curve is not None:
                known = self.wires.wires.get(edge)
                look = self._wire_look(edge, known)
                wire = self.wires.lead(edge, curve, look)
                if wire.look != look:
                    self.wires.set_look(wire, look)
                self.far.set_wire(wire)
            elif edge in self.wires.wires:
                self.wires.remove(edge)
                self.far.remove_wire(edge)
                self.motion.wires.discard(edge)
            if edge.port == "error" and (item := self.steps.get(edge.source)) is not None:
                wired = bool(self.geometry.outgoing(edge.source, "error"))
                if item.error_wired != wired:
                    item.error_wired = wired
                    item.refresh()
        for id in moved.steps:
            if (back := self._backs.get(id)) is not None and id in shapes:
                back.show_shape(shapes[id], id not in self.geometry.members)
        self._content = None
        if moved.edges:
            self._touch()
        if moved.steps or moved.edges:
            self._plus()
            self.laid_out.emit()

    def _lay_step(self, id: str) -> None:
        shape, item = self.geometry.shapes.get(id), self.steps.get(id)
        if item is not None and (shape is None or shape.container != item.form.container):
            self.removeItem(item)
            del self.steps[id]
            self.far.remove_step(id)
            self.motion.forget(id)
            if (back := self._backs.pop(id, None)) is not None:
                self.removeItem(back)
            item = None
        if shape is None:
            self._failed.pop(id, None)
            return
        if item is None:
            step = self._by_id[id]
            if shape.container:
                back = self._backs[id] = ContainerBack(self.ink, self.geometry.depth(id))
                self.addItem(back)
                item = ContainerItem(self.ink, self.catalog, step, shape, back)
            else:
                item = StepItem(self.ink, self.catalog, step, shape)
            item.live = self._live.get(id)
            item.problem = self._problems.get(id, "")
            item.mark = self._marks.get(id, "")
            item.breakpoint = self._breakpoints.get(id)
            item.selected = id in self._selected_steps
            self.steps[id] = item
            self.addItem(item)
        else:
            item.set_form(shape)
        self.far.set_step(shape, self._far_color(id))

    def _set_note(self, id: str, note: Note | None) -> None:
        self._content = None
        item = self.notes.get(id)
        if note is None:
            if item is not None:
                self.removeItem(self.notes.pop(id))
            self.far.set_note(id, None)
            return
        if item is None:
            item = self.notes[id] = NoteItem(self.ink, note)
            item.selected = id in self.selection.value.notes
            self.addItem(item)
        else:
            item.show_note(note)
        self.far.set_note(id, item.box)

    def _set_frame(self, id: str, frame: Frame | None) -> None:
        self._content = None
        item = self.frames.get(id)
        if frame is None:
            if item is not None:
                self.removeItem(self.frames.pop(id))
            self.far.set_frame(id, "", None)
            return
        if item is None:
            item = self.frames[id] = FrameItem(self.ink, frame)
            item.selected = id in self.selection.value.frames
            self.addItem(item)
        else:
            item.show_frame(frame)
        self.far.set_frame(id, color_of(frame), item.box)

    def _make_room(self) -> None:
        """The index of the scene divides its rectangle, so that must be no larger than what is in it needs."""
        bounds = self.content()
        if not self.sceneRect().contains(bounds) or self.sceneRect().isNull():
            self.setSceneRect(bounds.adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM))

    def content(self) -> QRectF:
        """The box around everything; null for an empty canvas."""
        if self._content is None:
            self._content = self._measured()
        return self._content

    def _measured(self) -> QRectF:
        box = self.geometry.bounds()
        bounds = QRectF(*box) if box is not None else QRectF()
        boxes = [*(frame.box for frame in self.frames.values()), *(note.box for note in self.notes.values())]
        for other in boxes:
            bounds = bounds.united(QRectF(*other))
        return bounds

    # -- asking ------------------------------------------------------------------------------------------------------

    @property
    def empty(self) -> bool:
        """Whether there is nothing on the canvas."""
        return not (self.steps or self.frames or self.notes)

    def hit(self, pos: QPointF, zoom: float = 1.0) -> Hit:
        """What is at a point of the canvas; see `Hit`."""
        return hit(self, pos, zoom)

    def box(self, step_id: str) -> QRectF:
        """The box of a step, a container with all it encloses. Raises `KeyError`."""
        return QRectF(*self.geometry.shapes[step_id].box)

    def steps_in(self, area: QRectF) -> frozenset[str]:
        """The steps whose box (of a container: whose header) meets an area."""
        found = set()
        for item in self.items(area):
            if isinstance(item, StepItem):
                box = item.form.box
                if area.intersects(QRectF(box.x, box.y, box.width, item.form.header or box.height)):
                    found.add(item.form.id)
        return frozenset(found)

    def tooltip(self, at: Hit) -> str:
        """What is too long to be shown at a place."""
        item = self.steps.get(at.step) if at.kind == "step" else None
        return item.tooltip if item is not None else ""

    # -- trying out --------------------------------------------------------------------------------------------------

    def drag_offset(
        self, ids: Iterable[str], dx: float, dy: float, *, notes: Iterable[str] = (), frames: Iterable[str] = ()
    ) -> None:
        """Show these steps (containers with what is in them), notes and frames moved, and no others."""
        self._lay(self.geometry.shift(self.geometry.within(ids), dx, dy))
        chosen = tuple(notes), tuple(frames)
        gone = set(self._shifted_boxes[0]) - set(chosen[0]), set(self._shifted_boxes[1]) - set(chosen[1])
        self._shifted_boxes = chosen
        for ids_, by_dx, by_dy in ((gone, 0.0, 0.0), (chosen, dx, dy)):
            for id in ids_[0]:
                if (note := self.notes.get(id)) is not None:
                    self.show_note_at(id, _shifted(note.own_box, by_dx, by_dy))
            for id in ids_[1]:
                if (frame := self.frames.get(id)) is not None:
                    self.show_frame_at(id, _shifted(frame.own_box, by_dx, by_dy))

    def end_drag(self) -> None:
        """Show everything where the document says."""
        self.drag_offset((), 0, 0)

    def show_note_at(self, id: str, box: Rect | None) -> None:
        """Show a note elsewhere, while it is moved or resized; None: where it belongs."""
        self._content = None
        item = self.notes[id]
        item.show_note(item.note, box)
        self.far.set_note(id, item.box)

    def show_frame_at(self, id: str, box: Rect | None) -> None:
        """Show a frame elsewhere, while it is moved or resized; None: where it belongs."""
        self._content = None
        item = self.frames[id]
        item.show_frame(item.frame, box)
        self.far.set_frame(id, color_of(item.frame), item.box)

    def provisional_wire(
        self, start: QPointF | None, end: QPointF | None = None, state: Verdict = "", *, error: bool = False
    ) -> None:
        """The wire that is being dragged; no points: none. `error` for one that leaves downwards."""
        if start is None or end is None:
            self.overlay.set_wire(None)
            return
        draw = error_curve if error else flow_curve
        self.overlay.set_wire(draw(Point(start.x(), start.y()), Point(end.x(), end.y())), state)

    def guides(self, lines: Iterable[QLineF]) -> None:
        """Lines that show what a moved step is level with; none: away with them."""
        self.overlay.set_guides(lines)

    def highlight_drop(self, target: Hit | Edge | QRectF | str | None) -> None:
        """Where a drop would go: a port (`Hit`), a wire (`Edge`), an area, the box of a container or step (its id)."""
        if isinstance(target, Hit) and target.kind == "port" and target.step in self.geometry.shapes:
            shape = self.geometry.shapes[target.step]
            outlet = shape.outlet(target.port) if target.port else None
            self.overlay.set_drop(port=outlet.point if outlet is not None else shape.inlet)
        elif isinstance(target, Hit) and target.edge is not None:
            self.overlay.set_drop(wire=self.geometry.curves.get(target.edge))
        elif isinstance(target, Edge):
            self.overlay.set_drop(wire=self.geometry.curves.get(target))
        elif isinstance(target, QRectF):
            self.overlay.set_drop(box=target)
        elif isinstance(target, str) and target in self.geometry.shapes:
            self.overlay.set_drop(box=self.box(target))
        else:
            self.overlay.set_drop()

    def set_hover(self, at: Hit | None) -> None:
        """What the mouse is over."""
        at = at or Hit()
        before, self._hover = self._hover, at
        if before.step != at.step or (before.kind == "canvas") != (at.kind == "canvas"):
            for id, on in ((before.step, False), (at.step, at.kind in ("step", "port"))):
                if (item := self.steps.get(id)) is not None and item.hovered != on:
                    item.hovered = on
                    item.refresh()
        if before.edge != at.edge:
            self._touch()
        if before != at:
            self._plus()

    def _plus(self) -> None:
        """Offer a plus beside every free outlet of the step below the mouse."""
        at, found = self._hover, []
        shape = self.geometry.shapes.get(at.step) if at.kind in ("step", "port") else None
        lit = None
        if shape is not None:
            for outlet in shape.outlets:
                if outlet.kind != "error" and not self.geometry.outgoing(shape.id, outlet.name):
                    point = Point(outlet.point.x + PLUS_AWAY, outlet.point.y)
                    found.append((point, shape.id, outlet.name))
                    lit = point if at.kind == "port" and at.port == outlet.name else lit
        if found or self.pluses:
            self.pluses = tuple(found)
            self.overlay.set_pluses([point for point, _, _ in found], lit)

    # -- states ------------------------------------------------------------------------------------------------------

    def set_live(
        self, steps: Mapping[str, StepLive | None], wires: Mapping[Edge, WireLive | None] | None = None
    ) -> None:
        """What a run says, only what is new. It is shown with the next frame."""
        for id, live in steps.items():
            if live is None:
                self._live.pop(id, None)
            else:
                self._live[id] = live
        self._dirty_steps.update(steps)
        for edge, wire_live in (wires or {}).items():
            if (wire := self.wires.wires.get(edge)) is not None:
                wire.live = wire_live
                self._dirty_wires.add(edge)
        if not self._frame_timer.isActive():
            self._frame_timer.start()

    def clear_live(self) -> None:
        """Forget the run."""
        self.set_live(
            dict.fromkeys(self._live), {edge: None for edge, wire in self.wires.wires.items() if wire.live is not None}
        )

    def flush(self) -> None:
        """Show at once what waits for the next frame."""
        self._frame_timer.stop()
        steps, self._dirty_steps = self._dirty_steps, set()
        wires, self._dirty_wires = self._dirty_wires, set()
        for id in steps:
            if (item := self.steps.get(id)) is not None:
                self._show_live(item, id)
        for edge in wires:
            if (wire := self.wires.wires.get(edge)) is not None:
                self._restroke(wire)
        if wires:
            self._touch()
        self.motion.check()
        self._choose_bubble()
        if steps or wires:
            self.painted_over.emit()

    def _show_live(self, item: StepItem, id: str) -> None:
        before, item.live = item.status, self._live.get(id)
        status = item.status
        item.refresh()
        if before != status:
            self.motion.moved(id, item, before, status)
            self._color_far(id)
        if status in ("failed", "retrying", "doubt") and item.live is not None and item.live.message:
            if before != status:
                self._failed.pop(id, None)
            self._failed[id] = None
        else:
            self._failed.pop(id, None)

    def live(self, step_id: str) -> StepLive | None:
        """What the run says of a step."""
        return self._live.get(step_id)

    def set_problems(self, problems: Mapping[str, str]) -> None:
        """The steps with a problem, and its level ("error" or "warning")."""
        self._problems = dict(problems)
        for id, item in self.steps.items():
            if item.problem != (level := problems.get(id, "")):
                item.problem = level
                item.refresh()

    def set_breakpoints(self, breakpoints: Mapping[str, bool]) -> None:
        """The steps with a breakpoint, and whether it is on."""
        self._breakpoints = dict(breakpoints)
        for id, item in self.steps.items():
            if item.breakpoint is not (on := breakpoints.get(id)):
                item.breakpoint = on
                item.refresh()

    def set_difference(self, marks: Mapping[str | Edge, Mark]) -> None:
        """How steps and wires differ from the version that is compared with; empty: no comparison."""
        before, self._marks = self._marks, dict(marks)
        for key in before.keys() | marks.keys():
            if isinstance(key, Edge):
                if (wire := self.wires.wires.get(key)) is not None:
                    self._restroke(wire)
            elif (item := self.steps.get(key)) is not None:
                item.mark = marks.get(key, "")
                item.refresh()

    def _restroke(self, wire: Wire) -> None:
        look = self._wire_look(wire.edge, wire)
        self.motion.wires.discard(wire.edge)
        if look == "running":
            self.motion.wires.add(wire.edge)
        self.wires.set_look(wire, look)
        self.far.set_wire(wire)

    def _wire_look(self, edge: Edge, wire: Wire | None) -> str:
        if wire is not None and wire.live is not None:
            return wire.live.status
        mark = self._marks.get(edge)
        if mark in ("added", "removed"):
            return mark
        if edge in self.geometry.leaving:
            return "leaving"
        return "error" if edge.port == "error" else "rest"

    def _touch(self) -> None:
        """Lift the wires that move, are selected or below the mouse."""
        wires = self.wires.wires
        found: dict[Edge, str] = dict.fromkeys(self.motion.wires, "running")
        if self._hover.edge is not None and self._hover.kind in ("wire", "wire-end"):
            found[self._hover.edge] = "hover-error" if self._hover.edge.port == "error" else "hover"
        for edge in self.selection.value.edges:
            found[edge] = "selected"
        if found or len(self._touched):
            self._touched.show_wires((wires[edge], look) for edge, look in found.items() if edge in wires)

    def _far_color(self, id: str) -> str:
        item = self.steps[id]
        if item.status in STATUS_COLORS:
            return STATUS_COLORS[item.status]
        if item.off:
            return OFF
        color = self._colors.get(item.step.activity)
        if color is None:
            activity = self.catalog.get(item.step.activity)
            color = "warn-mark" if activity is None else f"cat-{self.catalog.family(activity).color}"
            self._colors[item.step.activity] = color
        return color

    def _color_far(self, id: str) -> None:
        self.far.set_step(self.geometry.shapes[id], self._far_color(id))

    def _show_selection(self) -> None:
        chosen = self.selection.value
        for id in self._selected_steps ^ chosen.steps:
            if (item := self.steps.get(id)) is not None:
                item.selected = id in chosen.steps
                item.refresh()
        self._selected_steps = chosen.steps
        for ids, items in ((chosen.notes, self.notes), (chosen.frames, self.frames)):
            for id, other in items.items():
                if other.selected != (id in ids):
                    other.selected = id in ids
                    other.update()
        self._touch()
        self._choose_bubble()

    def _choose_bubble(self) -> None:
        """The failure to show: that of the selected step, else the newest."""
        only = self.selection.only_step
        chosen = only if only in self._failed else next(reversed(self._failed), "")
        if chosen or self._bubble:
            self._bubble = chosen
            self.bubble_changed.emit(chosen)

    def _restyle(self) -> None:
        """The theme or the size of the text has changed."""
        self.ink.reset()
        for step in self.steps.values():
            step.restyle()
        for frame in self.frames.values():
            frame.refresh()
        for note in self.notes.values():
            note.refresh()
        self.wires.refresh()
        self.motion.check()
        self.update()
        self.painted_over.emit()


def _shifted(box: Rect, dx: float, dy: float) -> Rect:
    return box._replace(x=box.x + dx, y=box.y + dy)
