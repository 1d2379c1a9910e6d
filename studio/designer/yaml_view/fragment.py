"""A part of a document as text, and the document that a changed text means.

The text is what a copy of the selection gives. Written back, it replaces the steps, edges, notes and frames that it
showed, and their comments; everything else stays as it is, and what is equal stays the very same object, so that an
edit tells only what it changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from engine.api import Comments, Document, Edge, Plan, Problem, Workflow, compare, dumps, loads, rename_step
from engine.core.errors import DocumentError
from studio.base.i18n import tr
from studio.designer import edits
from studio.designer.part import enclosed, part_of, text_of
from studio.designer.selection import Selected

T = TypeVar("T")
KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fragment:
    """What is shown: `part` of a document, or all of it where `selected` is empty. `text` is what it says."""

    part: Document
    selected: Selected
    text: str


def fragment(document: Document, plan: Plan, selected: Selected) -> Fragment:
    """The selected things, with the bodies of containers and what lies in frames. Raises `DocumentError` for values
    that no text can hold."""
    if not selected:
        return Fragment(document, selected, dumps(document.workflow, document.comments))
    whole = enclosed(document, plan, selected)
    part = part_of(document, whole)
    own = whole.edges.intersection(document.workflow.edges).union(part.workflow.edges)
    edges = tuple(edge for edge in document.workflow.edges if edge in own)
    part = replace(part, workflow=replace(part.workflow, edges=edges))
    return Fragment(part, replace(whole, edges=own), text_of(part))


def read(text: str, shown: Fragment) -> Document:
    """What a changed text says. Raises `DocumentError` with problems, each in its line."""
    found = loads(text)
    if text == shown.text:
        return found
    # What was wrong before does not stop an edit elsewhere.
    known = {(problem.code, problem.place) for problem in loads(shown.text).problems} if found.problems else set()
    new = [problem for problem in found.problems if (problem.code, problem.place) not in known]
    if shown.selected:
        new += _strangers(found)
    new += _twice(found)
    if new:
        raise DocumentError(new[0].message, hint=new[0].hint, problems=tuple(new))
    return found


def _strangers(part: Document) -> list[Problem]:
    """The keys of a part that belong to the whole workflow."""
    workflow, empty = part.workflow, Workflow()
    keys = [
        name
        for name in ("description", "inputs", "variables", "outputs", "settings", "on_error")
        if getattr(workflow, name) != getattr(empty, name)
    ]
    message = tr("The selection has no such key: clear the selection to change the whole workflow.")
    return [_problem(part, (key,), message) for key in [*keys, *workflow.extra]]


def _twice(part: Document) -> list[Problem]:
    ids = [step.id for step in part.workflow.steps]
    again = {id for id in ids if ids.count(id) > 1} if len(set(ids)) < len(ids) else set()
    return [_problem(part, ("steps", f"{id}#2"), tr("Two steps have the id “{id}”.", id=id)) for id in sorted(again)]


def _problem(part: Document, place: KeyPath, message: str) -> Problem:
    mark = part.marks.get(place)
    line, column = (mark.line, mark.column) if mark is not None else (1, 1)
    return Problem("error", "structure", message, line=line, column=column, place=place)


def written(document: Document, shown: Fragment, new: Document) -> tuple[Document, Selected]:
    """`document` with what `shown` showed replaced by `new`, and what to select then. Raises `DocumentError`."""
    if not shown.selected:
        workflow = _shared(document.workflow, new.workflow)
        comments = document.comments if document.comments == new.comments else new.comments
        return replace(document, workflow=workflow, comments=comments), shown.selected
    document, part, selected = _renamed(document, shown, new)
    old, inner = document.workflow, part.workflow
    ids = frozenset(step.id for step in inner.steps)
    outer = {step.id for step in old.steps} - selected.steps
    taken = sorted(ids & outer)
    if taken:
        message = tr("There is already a step “{id}” outside the selection.", id=taken[0])
        raise DocumentError(message, problems=(_problem(new, ("steps", taken[0], "id"), message),))
    gone = selected.steps - ids
    left = edits.delete(old, gone)
    places = {id: place for id, place in left.layout.steps.items() if id not in selected.steps}
    layout = replace(
        left.layout,
        steps={**places, **inner.layout.steps},
        notes=_slotted(left.layout.notes, selected.notes, inner.layout.notes, _id),
        frames=_slotted(left.layout.frames, selected.frames, inner.layout.frames, _id),
    )
    workflow = replace(
        left,
        name=inner.name,
        steps=_slotted(old.steps, selected.steps, inner.steps, _id),
        edges=tuple(dict.fromkeys(_slotted(left.edges, selected.edges, inner.edges, _itself))),
        layout=layout,
    )
    notes, frames = (frozenset(mark.id for mark in marks) for marks in (inner.layout.notes, inner.layout.frames))
    edges = frozenset(inner.edges)
    changed = replace(
        document,
        workflow=_shared(old, workflow),
        comments=_with_comments(document.comments, selected, part.comments),
    )
    return changed, Selected(ids, edges if shown.selected.edges and not ids else frozenset(), notes, frames)


def _renamed(document: Document, shown: Fragment, new: Document) -> tuple[Document, Document, Selected]:
    """The document and the new part with each step that only got another id renamed everywhere it is read."""
    selected = shown.selected
    taken = {step.id for step in document.workflow.steps}
    for was, now in compare(shown.part.workflow, new.workflow).renamed:
        if now in taken or was not in taken:
            continue
        document = rename_step(document, was, now)
        steps = tuple(replace(step, id=was) if step.id == now else step for step in new.workflow.steps)
        places = {was if id == now else id: place for id, place in new.workflow.layout.steps.items()}
        back = replace(new.workflow, steps=steps, layout=replace(new.workflow.layout, steps=places))
        new = replace(new, workflow=rename_step(back, was, now))
        selected = replace(
            selected,
            steps=selected.steps - {was} | {now},
            edges=frozenset(_moved(edge, was, now) for edge in selected.edges),
        )
    return document, new, selected


def _moved(edge: Edge, was: str, now: str) -> Edge:
    def end(id: str) -> str:
        return now if id == was else id

    return Edge(end(edge.source), edge.port, end(edge.target))


def _id(item: Any) -> str:
    return str(item.id)


def _itself(item: Any) -> Any:
    return item


def _slotted(
    items: Sequence[T], mine: Collection[Hashable], new: Iterable[T], name: Callable[[T], Hashable]
) -> tuple[T, ...]:
    """`items` with those that are `mine` replaced by `new`, one after the other in their places, the rest behind."""
    waiting = list(new)
    slots = sum(name(item) in mine for item in items)
    filled: list[T] = []
    for item in items:
        if name(item) not in mine:
            filled.append(item)
            continue
        slots -= 1
        count = len(waiting) if not slots else 1
        filled += waiting[:count]
        del waiting[:count]
    return (*filled, *waiting)


def _shared(old: Workflow, new: Workflow) -> Workflow:
    """`new` with everything that is equal to what `old` has being that very object."""
    layout = replace(
        new.layout,
        steps=_same_values(old.layout.steps, new.layout.steps),
        notes=_same(old.layout.notes, new.layout.notes, _id),
        frames=_same(old.layout.frames, new.layout.frames, _id),
    )
    return replace(
        new,
        inputs=_same(old.inputs, new.inputs, lambda item: item.name),
        steps=_same(old.steps, new.steps, _id),
        edges=_same(old.edges, new.edges, _itself),
        layout=old.layout if layout == old.layout else layout,
    )


def _same(old: Sequence[T], new: Sequence[T], name: Callable[[T], Hashable]) -> tuple[T, ...]:
    known = {name(item): item for item in old}
    found = tuple(known[name(item)] if known.get(name(item)) == item else item for item in new)
    unchanged = len(found) == len(old) and all(one is other for one, other in zip(found, old, strict=True))
    return tuple(old) if unchanged else found


def _same_values(old: Mapping[str, T], new: Mapping[str, T]) -> Mapping[str, T]:
    if old == new:
        return old
    return {key: old[key] if old.get(key) == value else value for key, value in new.items()}


def _with_comments(comments: Comments, selected: Selected, part: Comments) -> Comments:
    """The comments with those of what was shown replaced by those of the part."""
    names: dict[tuple[str, ...], Collection[str]] = {
        ("steps",): selected.steps,
        ("edges",): {str(edge) for edge in selected.edges},
        ("layout", "steps"): selected.steps,
        ("layout", "notes"): selected.notes,
        ("layout", "frames"): selected.frames,
    }

    def shown(path: KeyPath) -> bool:
        if path[0] in ("rpa", "name") or path in (("steps",), ("edges",), ("layout",), *names):
            return True
        size = 2 if path[0] == "layout" else 1
        ids = names.get(tuple(str(key) for key in path[:size]))
        return ids is not None and len(path) > size and path[size] in ids

    def merged(old: Mapping[KeyPath, Any], new: Mapping[KeyPath, Any]) -> dict[KeyPath, Any]:
        return {**{path: lines for path, lines in old.items() if not shown(path)}, **new}

    before = dict(part.before)
    loose = (*part.head, *part.foot)
    if loose:  # what was written around the part belongs to nothing of the whole; the first key of it keeps it
        before[("steps",)] = (*loose, *before.get(("steps",), ()))
    changed = Comments(
        comments.head,
        merged(comments.before, before),
        merged(comments.inline, part.inline),
        merged(comments.after, part.after),
        comments.foot,
    )
    return comments if changed == comments else changed
