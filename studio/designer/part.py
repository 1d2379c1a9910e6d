"""A part of a workflow that is copied: the text of a small workflow, which a person can read and mail.

What is pasted may come from anywhere, so it is read like a file from a stranger; what cannot be placed on a canvas is
answered with a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from engine.api import (
    Comments,
    Document,
    Frame,
    Layout,
    Note,
    Place,
    Plan,
    Step,
    Workflow,
    dumps,
    loads,
    rename_steps,
)
from engine.core.errors import DocumentError
from studio.base.i18n import tr, tr_sentence
from studio.designer import edits
from studio.designer.edits import Rect
from studio.designer.selection import Selected

OFFSET = 24.0
"""How far right and down of the original a copy is put, in canvas units."""
WIDE, HIGH, _GAP, _ROW = 184.0, 56.0, 48.0, 8
"""An ordinary step, the room between two, and how many stand side by side where nothing says where they stand."""
_WORD = re.compile("[a-z][a-z0-9_]*")
Mark = TypeVar("Mark", Note, Frame)
Line = TypeVar("Line", str, tuple[str, ...])
KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Pasted:
    """The document with the part in it, and what of it is new."""

    document: Document
    new: Selected


def enclosed(document: Document, plan: Plan, selected: Selected, boxes: Mapping[str, Rect] | None = None) -> Selected:
    """`selected` with what goes along: the bodies of containers and what lies in frames. `boxes` of steps, if known."""
    known = dict(boxes or {})
    if selected.frames and boxes is None:
        known = {id: Rect(place.x, place.y, WIDE, HIGH) for id, place in document.workflow.layout.steps.items()}
    steps, notes, frames = edits.moving(document.workflow, plan, known, selected.steps, selected.notes, selected.frames)
    return replace(selected, steps=steps, notes=notes, frames=frames)


def part_of(document: Document, selected: Selected, boxes: Mapping[str, Rect] | None = None) -> Document:
    """The selected steps, notes and frames as a document of their own, with the edges between them and their comments.

    `boxes` say where steps stand that the layout does not name.
    """
    workflow, layout = document.workflow, document.workflow.layout
    places = dict(layout.steps)
    for step in workflow.steps:
        box = boxes.get(step.id) if boxes is not None else None
        if box is not None and step.id not in places:
            places[step.id] = Place(box.x, box.y)
    return Document(
        Workflow(
            workflow.name,
            steps=tuple(step for step in workflow.steps if step.id in selected.steps),
            edges=tuple(
                edge for edge in workflow.edges if edge.source in selected.steps and edge.target in selected.steps
            ),
            layout=Layout(
                steps={id: place for id, place in places.items() if id in selected.steps},
                notes=tuple(note for note in layout.notes if note.id in selected.notes),
                frames=tuple(frame for frame in layout.frames if frame.id in selected.frames),
            ),
        ),
        comments=replace(document.comments, head=(), foot=()),
    )


def text_of(part: Document) -> str:
    """What the clipboard gets. Raises `DocumentError` for values that no text can hold."""
    return dumps(part.workflow, part.comments)


def read(text: str) -> Document:
    """The part that a text from the clipboard holds. Raises `DocumentError` that says why there is none."""
    if not text.strip():
        raise DocumentError(tr("The clipboard holds no text."), hint=tr("Copy steps first, here or in another window."))
    try:
        document = loads(text.replace("\x00", ""), name=tr("the text in the clipboard"))
    except (DocumentError, ValueError, RecursionError) as error:
        details = (error.message, error.hint) if isinstance(error, DocumentError) else (str(error), "")
        raise DocumentError(
            tr("The clipboard holds no steps, but some other text."),
            hint=" ".join(map(tr_sentence, filter(None, details))),
        ) from None
    layout = document.workflow.layout
    if not (document.workflow.steps or layout.notes or layout.frames):
        raise DocumentError(
            tr("The clipboard holds no steps, but some other text."),
            hint=tr("Copy steps first, here or in another window."),
        )
    return document


def paste(document: Document, part: Document, at: tuple[float, float] | None = None) -> Pasted:
    """`document` with `part` in it: under ids that are free, its expressions following them.

    The upper left corner of the part comes to `at`, in canvas units, or else a little beside where it came from.
    Expressions that read steps outside the part are left as they are; edges to such steps are not taken over. Inputs
    and variables that the part declares are added where the document has none of that name.
    """
    workflow = document.workflow
    part = _apart(part, workflow)
    inner, layout = part.workflow, part.workflow.layout
    ids = {step.id for step in inner.steps}
    places = _with_places(inner)
    dx, dy = _shift(inner, places, at, workflow)
    notes = tuple(replace(note, x=note.x + dx, y=note.y + dy) for note in layout.notes)
    frames = tuple(replace(frame, x=frame.x + dx, y=frame.y + dy) for frame in layout.frames)
    moved = {id: replace(place, x=place.x + dx, y=place.y + dy) for id, place in places.items()}
    inputs = {item.name for item in workflow.inputs}
    edges = tuple(edge for edge in dict.fromkeys(inner.edges) if edge.source in ids and edge.target in ids)
    around = workflow.layout
    changed = replace(
        workflow,
        inputs=(*workflow.inputs, *(item for item in inner.inputs if item.name not in inputs)),
        variables={**inner.variables, **workflow.variables} if inner.variables else workflow.variables,
        steps=(*workflow.steps, *inner.steps),
        edges=(*workflow.edges, *edges),
        layout=replace(
            around,
            steps={**around.steps, **moved},
            notes=(*around.notes, *notes),
            frames=(*around.frames, *frames),
        ),
    )
    new = Selected(
        frozenset(ids),
        frozenset(edges),
        frozenset(note.id for note in notes),
        frozenset(frame.id for frame in frames),
    )
    return Pasted(replace(document, workflow=changed, comments=_joined(document.comments, part.comments)), new)


def without(document: Document, selected: Selected) -> Document:
    """The document after the selected things were cut."""
    return replace(
        document,
        workflow=edits.delete(document.workflow, selected.steps, selected.edges, selected.notes, selected.frames),
    )


def _apart(part: Document, workflow: Workflow) -> Document:
    """`part` under ids that are not in `workflow`, each once."""
    steps: list[Step] = []
    own: set[str] = set()
    for step in part.workflow.steps:
        if not step.id or step.id in own:
            step = replace(step, id=edits.named_id(step.id or step.activity, own))
        own.add(step.id)
        steps.append(step)
    part = replace(part, workflow=replace(part.workflow, steps=tuple(steps)))
    taken = {step.id for step in workflow.steps}
    # A new id must not catch what the part reads of steps outside itself.
    free = taken | own | {word for step in steps for word in _words(step.parameters)}
    names: dict[str, str] = {}
    for step in steps:
        if step.id in taken:
            names[step.id] = edits.spare_id(step.id, free)
            free.add(names[step.id])
    if names:
        part = rename_steps(part, names)
    layout = part.workflow.layout
    marks = {note.id for note in workflow.layout.notes} | {frame.id for frame in workflow.layout.frames}
    notes, note_ids = _renamed(layout.notes, "note", marks)
    frames, frame_ids = _renamed(layout.frames, "frame", marks)
    tables: dict[KeyPath, dict[str | int, str]] = {("layout", "notes"): note_ids, ("layout", "frames"): frame_ids}

    def move(path: KeyPath) -> KeyPath:
        table = tables.get(path[:2]) if len(path) > 2 else None
        return (*path[:2], table.get(path[2], path[2]), *path[3:]) if table else path

    changed = replace(part.workflow, layout=replace(layout, notes=notes, frames=frames))
    return replace(part, workflow=changed, comments=part.comments.moved(move))


def _renamed(marks: tuple[Mark, ...], kind: str, taken: set[str]) -> tuple[tuple[Mark, ...], dict[str | int, str]]:
    """Notes or frames under ids that are not `taken`, which grows; and the new ids by the old ones."""
    out: list[Mark] = []
    names: dict[str | int, str] = {}
    for mark in marks:
        id = edits.spare_id(mark.id or kind, taken)
        names.setdefault(mark.id, id)
        taken.add(id)
        out.append(replace(mark, id=id))
    return tuple(out), names


def _words(value: Any) -> Iterator[str]:
    """Everything in the expressions of a value that could be the id of a step."""
    if isinstance(value, str):
        if "{{" in value:
            yield from _WORD.findall(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _words(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _words(item)


def _with_places(workflow: Workflow) -> dict[str, Place]:
    """Where the steps stand; those that stand nowhere come in rows below the others."""
    steps = [step.id for step in workflow.steps]
    places = {id: workflow.layout.steps[id] for id in steps if id in workflow.layout.steps}
    left = min((place.x for place in places.values()), default=0.0)
    top = max((place.y + HIGH + _GAP for place in places.values()), default=0.0)
    lost = [id for id in steps if id not in places]
    for number, id in enumerate(lost):
        row, column = divmod(number, _ROW)
        places[id] = Place(left + column * (WIDE + _GAP), top + row * (HIGH + _GAP))
    return places


def _shift(
    part: Workflow, places: Mapping[str, Place], at: tuple[float, float] | None, around: Workflow
) -> tuple[float, float]:
    """How far the part is moved: to `at`, or as far as nothing of it hides the very place it came from."""
    points = [(place.x, place.y) for place in places.values()] + corners(part.layout)
    if not points:
        return 0.0, 0.0
    if at is not None:
        left, top = min(x for x, _ in points), min(y for _, y in points)
        return edits.snapped(at[0]) - left, edits.snapped(at[1]) - top
    used = {(place.x, place.y) for place in around.layout.steps.values()}
    used.update(corners(around.layout))
    shift = OFFSET
    while any((x + shift, y + shift) in used for x, y in points):
        shift += OFFSET
    return shift, shift


def corners(layout: Layout) -> list[tuple[float, float]]:
    """Where notes and frames stand."""
    return [(note.x, note.y) for note in layout.notes] + [(frame.x, frame.y) for frame in layout.frames]


def _joined(comments: Comments, part: Comments) -> Comments:
    """`comments` with those of the pasted steps, edges, notes and frames."""

    def taken(found: Mapping[KeyPath, Line]) -> dict[KeyPath, Line]:
        return {
            path: line
            for path, line in found.items()
            if len(path) > (2 if path[0] == "layout" else 1) and path[0] in ("steps", "edges", "layout")
        }

    return replace(
        comments,
        before={**comments.before, **taken(part.before)},
        inline={**comments.inline, **taken(part.inline)},
        after={**comments.after, **taken(part.after)},
    )
