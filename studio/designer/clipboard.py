"""Cut, copy, paste and duplicate. What is copied is the text of a small workflow, which a person can read and mail.

What is pasted may come from anywhere, so it is read like a file from a stranger; what cannot be placed on a canvas is
answered with a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import QToolTip

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
from engine.core.errors import DocumentError, RpaError
from studio.base.i18n import tr, tr_sentence, trn
from studio.base.tasks import spawn
from studio.designer import edits
from studio.designer.edits import Rect
from studio.designer.selection import Selected

if TYPE_CHECKING:
    from studio.base.actions import Actions
    from studio.designer.editor import Editor

OFFSET = 24.0
"""How far right and down of the original a copy is put, in canvas units."""
_WIDE, _HIGH, _GAP, _ROW = 184.0, 56.0, 48.0, 8
"""An ordinary step, the room between two, and how many stand side by side where nothing says where they stand."""
_SMALL = 50_000
"""Characters that are read at once; longer texts are read beside the window."""

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
        known = {id: Rect(place.x, place.y, _WIDE, _HIGH) for id, place in document.workflow.layout.steps.items()}
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
    top = max((place.y + _HIGH + _GAP for place in places.values()), default=0.0)
    lost = [id for id in steps if id not in places]
    for number, id in enumerate(lost):
        row, column = divmod(number, _ROW)
        places[id] = Place(left + column * (_WIDE + _GAP), top + row * (_HIGH + _GAP))
    return places


def _shift(
    part: Workflow, places: Mapping[str, Place], at: tuple[float, float] | None, around: Workflow
) -> tuple[float, float]:
    """How far the part is moved: to `at`, or as far as nothing of it hides the very place it came from."""
    points = [(place.x, place.y) for place in places.values()] + _corners(part.layout)
    if not points:
        return 0.0, 0.0
    if at is not None:
        left, top = min(x for x, _ in points), min(y for _, y in points)
        return edits.snapped(at[0]) - left, edits.snapped(at[1]) - top
    used = {(place.x, place.y) for place in around.layout.steps.values()}
    used.update(_corners(around.layout))
    shift = OFFSET
    while any((x + shift, y + shift) in used for x, y in points):
        shift += OFFSET
    return shift, shift


def _corners(layout: Layout) -> list[tuple[float, float]]:
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


# The window's side.


def bind_clipboard(
    actions: Actions,
    current: Callable[[], Editor | None],
    say: Callable[[Editor, str, str], None] | None = None,
) -> None:
    """Bind cut, copy, paste and duplicate of the editor in front. `say` shows an editor's user a title and a text."""
    glue = _Glue(current, say or _tip)
    for id, handler in (
        ("edit.cut", glue.cut),
        ("edit.copy", glue.copy),
        ("edit.paste", glue.paste),
        ("edit.duplicate", glue.duplicate),
    ):
        actions.bind(id, handler)


def _tip(editor: Editor, title: str, text: str) -> None:
    QToolTip.showText(QCursor.pos(), "\n".join(filter(None, (title, text))), editor)


class _Glue:
    def __init__(self, current: Callable[[], Editor | None], say: Callable[[Editor, str, str], None]) -> None:
        self._current = current
        self._say = say

    def copy(self) -> None:
        editor = self._current()
        if editor is not None:
            self._copied(editor)

    def cut(self) -> None:
        editor = self._current()
        selected = self._copied(editor) if editor is not None else None
        if editor is not None and selected is not None:
            editor.document.edit_document(
                _named(selected, tr("Cut"), tr("Cut {name}")), lambda document: without(document, selected)
            )

    def paste(self) -> None:
        editor = self._current()
        if editor is None:
            return
        text = QGuiApplication.clipboard().text()
        if len(text) <= _SMALL:
            try:
                self._place(editor, read(text), tr("Paste"), tr("Paste {name}"))
            except DocumentError as error:
                self._say(editor, tr_sentence(error.message), tr_sentence(error.hint))
            return
        spawn(self._paste_large(editor, text), failed=lambda error: self._refuse(editor, error))

    async def _paste_large(self, editor: Editor, text: str) -> None:
        part = await editor.bridge.run(read, text)
        self._place(editor, part, tr("Paste"), tr("Paste {name}"))

    def _refuse(self, editor: Editor, error: Exception) -> None:
        if not isinstance(error, RpaError):
            raise error
        self._say(editor, tr_sentence(error.message), tr_sentence(error.hint))

    def duplicate(self) -> None:
        editor = self._current()
        if editor is None or not editor.selection.value:
            return
        document, boxes = editor.document, _boxes(editor)
        selected = enclosed(document.document, document.plan, editor.selection.value, boxes)
        part = part_of(document.document, selected, boxes)
        self._place(editor, part, tr("Duplicate"), tr("Duplicate {name}"), beside=True)

    def _copied(self, editor: Editor) -> Selected | None:
        document, boxes = editor.document, _boxes(editor)
        selected = enclosed(document.document, document.plan, editor.selection.value, boxes)
        if not (selected.steps or selected.notes or selected.frames):
            return None
        try:
            QGuiApplication.clipboard().setText(text_of(part_of(document.document, selected, boxes)))
        except DocumentError as error:
            self._say(editor, tr_sentence(error.message), tr_sentence(error.hint))
            return None
        return selected

    def _place(self, editor: Editor, part: Document, text: str, named: str, *, beside: bool = False) -> None:
        document = editor.document
        pasted = paste(document.document, part, None if beside else _target(editor, part))
        document.edit_document(_named(pasted.new, text, named), lambda _: pasted.document)
        editor.selection.set(replace(pasted.new, edges=frozenset()))


def _named(selected: Selected, text: str, named: str) -> str:
    """What undo calls it: `Paste 3 steps`."""
    steps, marks = len(selected.steps), len(selected.notes) + len(selected.frames)
    if steps:
        return named.format(name=trn("{n} step", "{n} steps", steps))
    return named.format(name=trn("{n} note or frame", "{n} notes and frames", marks)) if marks else text


def _boxes(editor: Editor) -> Mapping[str, Rect]:
    """Where the canvas shows the steps."""
    return editor.scene.geometry.boxes


def _target(editor: Editor, part: Document) -> tuple[float, float] | None:
    """Under the cursor if it is over the canvas; else beside the original if that is in sight, else in the middle."""
    view = editor.view
    port = view.viewport()
    cursor = port.mapFromGlobal(QCursor.pos())
    if port.underMouse() and port.rect().contains(cursor):
        point = view.mapToScene(cursor)
        return point.x(), point.y()
    seen = view.mapToScene(port.rect()).boundingRect()
    layout = part.workflow.layout
    points = [(place.x, place.y) for place in layout.steps.values()] + _corners(layout)
    if any(seen.contains(x + OFFSET, y + OFFSET) for x, y in points):
        return None
    return seen.center().x() - _WIDE / 2, seen.center().y() - _HIGH / 2
