"""What is reached by keys although it is no step: the wires of a step one by one, notes and frames, and their sizes."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from engine.api import Edge, Workflow
from studio.base.i18n import tr
from studio.designer import edits
from studio.designer.canvas.gestures.surface import Surface
from studio.designer.edits.marks import SMALLEST_FRAME, SMALLEST_NOTE
from studio.designer.selection import Selected


def selected_wire(surface: Surface) -> Edge | None:
    """The wire that alone is selected."""
    chosen = surface.selection.value
    return next(iter(chosen.edges)) if len(chosen) == len(chosen.edges) == 1 else None


def next_wire(surface: Surface, *, back: bool = False) -> None:
    """Select a wire that leaves the selected step (`back`: that comes to it), or after one of them the next."""
    wire = selected_wire(surface)
    end = "" if wire is None else wire.target if back else wire.source
    step = end or surface.selection.only_step
    if step not in surface.geometry.shapes:
        return
    far = {
        edge: edge.source if back else edge.target
        for edge in surface.geometry.wires_of([step])
        if step == (edge.target if back else edge.source)
    }
    wires = sorted(far, key=lambda edge: (surface.boxes[far[edge]].y, surface.boxes[far[edge]].x, edge.port))
    if wires:
        after = wires.index(wire) + 1 if wire in wires else 0
        surface.selection.set(Selected(edges=frozenset({wires[after % len(wires)]})))


def next_mark(surface: Surface) -> None:
    """Select a note or a frame, or after one of them the next, from the top down."""
    scene, chosen = surface.scene, surface.selection.value
    boxes = {("note", id): item.own_box for id, item in scene.notes.items()}
    boxes |= {("frame", id): item.own_box for id, item in scene.frames.items()}
    if not boxes:
        return
    order = sorted(boxes, key=lambda one: (boxes[one].y, boxes[one].x, one))
    here = [*(("note", id) for id in chosen.notes), *(("frame", id) for id in chosen.frames)]
    kind, id = order[(order.index(here[0]) + 1) % len(order)] if len(here) == 1 and here[0] in boxes else order[0]
    only = frozenset({id})
    surface.selection.set(Selected(notes=only) if kind == "note" else Selected(frames=only))
    box = QRectF(*boxes[kind, id])
    if not surface.visible.intersects(box):
        surface.view.centerOn(box.center())


def resize_marks(surface: Surface, dx: float, dy: float) -> bool:
    """Move the lower right corner of the selected notes and frames; presses in a row are one command."""
    chosen = surface.selection.value
    if not (chosen.notes or chosen.frames):
        return False

    def change(workflow: Workflow) -> Workflow:
        for note in workflow.layout.notes:
            if note.id in chosen.notes:
                width, height = max(SMALLEST_NOTE[0], note.width + dx), max(SMALLEST_NOTE[1], note.height + dy)
                workflow = edits.set_note(workflow, note.id, width=width, height=height)
        for frame in workflow.layout.frames:
            if frame.id in chosen.frames:
                width, height = max(SMALLEST_FRAME[0], frame.width + dx), max(SMALLEST_FRAME[1], frame.height + dy)
                workflow = edits.set_frame(workflow, frame.id, width=width, height=height)
        return workflow

    text = tr("Resize a note") if chosen.notes else tr("Resize a frame")
    surface.edit(text, change, merge=f"resize {sorted(chosen.notes)} {sorted(chosen.frames)}")
    return True


def rename(surface: Surface) -> None:
    """Write over the one thing that is selected: the name of a step, the title of a frame, the text of a note."""
    chosen = surface.selection.value
    for kind, ids in (("step", chosen.steps), ("note", chosen.notes), ("frame", chosen.frames)):
        if len(ids) == len(chosen) == 1:
            surface.write_requested.emit(kind, next(iter(ids)))
