"""Notes and frames: what people write and draw around steps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from engine.api import Frame, Note, Workflow
from studio.designer.edits.ids import mark_ids, spare_id
from studio.designer.edits.places import Rect, snapped

SMALLEST_NOTE = (96.0, 48.0)
SMALLEST_FRAME = (96.0, 64.0)
_AROUND = 16.0
_TITLE = 32.0


def add_note(
    workflow: Workflow, x: float, y: float, text: str = "", *, width: float = 240.0, height: float = 120.0
) -> tuple[Workflow, str]:
    """A new note with its upper left corner at `x`, `y`, and its id."""
    id = spare_id("note", mark_ids(workflow))
    note = Note(id, text, snapped(x), snapped(y), width, height)
    layout = replace(workflow.layout, notes=(*workflow.layout.notes, note))
    return replace(workflow, layout=layout), id


def add_frame(workflow: Workflow, area: Rect, title: str = "", *, color: str = "") -> tuple[Workflow, str]:
    """A new frame over `area`, and its id."""
    id = spare_id("frame", mark_ids(workflow))
    width, height = max(area.width, SMALLEST_FRAME[0]), max(area.height, SMALLEST_FRAME[1])
    frame = Frame(id, title, area.x, area.y, width, height, color)
    layout = replace(workflow.layout, frames=(*workflow.layout.frames, frame))
    return replace(workflow, layout=layout), id


def frame_around(workflow: Workflow, boxes: Iterable[Rect], title: str = "") -> tuple[Workflow, str]:
    """A new frame around `boxes` (at least one) with room for its title, and its id."""
    found = list(boxes)
    left = snapped(min(box.x for box in found) - _AROUND)
    top = snapped(min(box.y for box in found) - _TITLE)
    right = snapped(max(box.right for box in found) + _AROUND)
    bottom = snapped(max(box.bottom for box in found) + _AROUND)
    return add_frame(workflow, Rect(left, top, right - left, bottom - top), title)


def set_note(workflow: Workflow, id: str, **values: Any) -> Workflow:
    """Fields of a note: `text`, `x`, `y`, `width`, `height`."""
    notes = tuple(replace(note, **values) if note.id == id else note for note in workflow.layout.notes)
    return replace(workflow, layout=replace(workflow.layout, notes=notes))


def set_frame(workflow: Workflow, id: str, **values: Any) -> Workflow:
    """Fields of a frame: `title`, `color`, `x`, `y`, `width`, `height`."""
    frames = tuple(replace(frame, **values) if frame.id == id else frame for frame in workflow.layout.frames)
    return replace(workflow, layout=replace(workflow.layout, frames=frames))
