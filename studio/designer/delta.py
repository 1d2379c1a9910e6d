"""What an edit changed in a document: small, invertible, and telling enough for a canvas to repaint only that.

Documents are unchangeable and share what they have in common, so what differs is found by identity, in time linear in
the size of the document and without comparing contents.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from itertools import islice
from operator import is_
from typing import Any, Final

from engine.api import Document, Edge, Place, Workflow

_LISTS: Final = ("steps", "edges", "inputs")
_LAYOUT_LISTS: Final = ("notes", "frames")
_PLAIN: Final = tuple(one.name for one in fields(Workflow) if one.name not in (*_LISTS, "layout"))


@dataclass(frozen=True, slots=True)
class Splice:
    """How one tuple becomes another: `removed` are (index, item) of the old one, `inserted` of the new one."""

    removed: tuple[tuple[int, Any], ...] = ()
    inserted: tuple[tuple[int, Any], ...] = ()

    @property
    def inverted(self) -> Splice:
        return Splice(self.inserted, self.removed)

    def applied(self, items: Sequence[Any]) -> tuple[Any, ...]:
        gone = {index for index, _ in self.removed}
        left = [item for index, item in enumerate(items) if index not in gone] if gone else list(items)
        for index, item in self.inserted:
            left.insert(index, item)
        return tuple(left)

    @classmethod
    def between(cls, old: Sequence[Any], new: Sequence[Any]) -> Splice:
        # Most of it is the same, from the start up to the edit and from there to the end.
        shorter = min(len(old), len(new))
        start = _same(old, new, shorter)
        end = _same(reversed(old), reversed(new), shorter - start)
        left, right = old[start : len(old) - end], new[start : len(new) - end]
        olds, news = {id(item) for item in left}, {id(item) for item in right}
        kept = [id(item) for item in left if id(item) in news]
        apart = len(olds) == len(left) and len(news) == len(right)
        if apart and kept == [id(item) for item in right if id(item) in olds]:
            return cls(
                tuple((index, item) for index, item in enumerate(left, start) if id(item) not in news),
                tuple((index, item) for index, item in enumerate(right, start) if id(item) not in olds),
            )
        # Another order, or one item twice.
        return cls(tuple(enumerate(left, start)), tuple(enumerate(right, start)))


def _same(old: Iterable[Any], new: Iterable[Any], most: int) -> int:
    """How many items both begin with, `most` at most."""
    return next((index for index, same in enumerate(islice(map(is_, old, new), most)) if not same), most)


Pair = tuple[Any, Any]
"""What was, and what is."""


@dataclass(frozen=True)
class Delta:
    """`splices` by the field of the workflow (or of its layout) that is a tuple; `placed` by step id (None: no place);
    `values` by any other field, `layout` standing for the unknown keys of the layout, `comments` for the comments."""

    splices: Mapping[str, Splice] = field(default_factory=dict)
    placed: Mapping[str, tuple[Place | None, Place | None]] = field(default_factory=dict)
    values: Mapping[str, Pair] = field(default_factory=dict)

    @classmethod
    def between(cls, old: Document, new: Document) -> Delta:
        """What turns `old` into `new`. Items are compared by identity, whole fields by value."""
        before, after = old.workflow, new.workflow
        splices: dict[str, Splice] = {}
        pairs = [(name, getattr(before, name), getattr(after, name)) for name in _LISTS]
        pairs += [(name, getattr(before.layout, name), getattr(after.layout, name)) for name in _LAYOUT_LISTS]
        for name, one, other in pairs:
            if one is not other:
                splice = Splice.between(one, other)
                if splice.removed or splice.inserted:
                    splices[name] = splice
        was, now = before.layout.steps, after.layout.steps
        placed: dict[str, tuple[Place | None, Place | None]] = {}
        if was is not now:
            placed = {id: (one, now.get(id)) for id, one in was.items() if now.get(id) is not one}
            placed |= {id: (None, other) for id, other in now.items() if id not in was}
            placed = {id: pair for id, pair in placed.items() if pair[0] != pair[1]}
        values: dict[str, Pair] = {
            name: (getattr(before, name), getattr(after, name))
            for name in _PLAIN
            if getattr(before, name) is not getattr(after, name) and getattr(before, name) != getattr(after, name)
        }
        if before.layout.extra != after.layout.extra:
            values["layout"] = (before.layout.extra, after.layout.extra)
        if old.comments is not new.comments and old.comments != new.comments:
            values["comments"] = (old.comments, new.comments)
        return cls(splices, placed, values)

    def applied(self, document: Document) -> Document:
        """The document after the edit; `document` must be the one it was made on."""
        workflow = document.workflow
        layout = workflow.layout
        changes: dict[str, Any] = {}
        places: dict[str, Any] = {}
        for name, splice in self.splices.items():
            owner, into = (layout, places) if name in _LAYOUT_LISTS else (workflow, changes)
            into[name] = splice.applied(getattr(owner, name))
        if self.placed:
            steps = dict(layout.steps)
            for id, (_, place) in self.placed.items():
                if place is None:
                    steps.pop(id, None)
                else:
                    steps[id] = place
            places["steps"] = steps
        comments = document.comments
        for name, (_, value) in self.values.items():
            if name == "layout":
                places["extra"] = value
            elif name == "comments":
                comments = value
            else:
                changes[name] = value
        if places:
            changes["layout"] = replace(layout, **places)
        return replace(document, workflow=replace(workflow, **changes) if changes else workflow, comments=comments)

    def inverted(self) -> Delta:
        """The edit that takes this one back."""
        return Delta(
            {name: splice.inverted for name, splice in self.splices.items()},
            {id: (new, old) for id, (old, new) in self.placed.items()},
            {name: (new, old) for name, (old, new) in self.values.items()},
        )

    def __bool__(self) -> bool:
        return bool(self.splices or self.placed or self.values)

    def _ids(self, name: str, which: str) -> frozenset[str]:
        splice = self.splices.get(name)
        return frozenset(item.id for _, item in getattr(splice, which)) if splice is not None else frozenset()

    @cached_property
    def steps_added(self) -> frozenset[str]:
        return self._ids("steps", "inserted") - self._ids("steps", "removed")

    @cached_property
    def steps_removed(self) -> frozenset[str]:
        return self._ids("steps", "removed") - self._ids("steps", "inserted")

    @cached_property
    def steps_changed(self) -> frozenset[str]:
        """Steps that both have, with another content or in another order of the file."""
        return self._ids("steps", "removed") & self._ids("steps", "inserted")

    @cached_property
    def edges_added(self) -> frozenset[Edge]:
        splice = self.splices.get("edges", Splice())
        return frozenset(edge for _, edge in splice.inserted) - frozenset(edge for _, edge in splice.removed)

    @cached_property
    def edges_removed(self) -> frozenset[Edge]:
        splice = self.splices.get("edges", Splice())
        return frozenset(edge for _, edge in splice.removed) - frozenset(edge for _, edge in splice.inserted)

    @cached_property
    def places(self) -> frozenset[str]:
        """The steps that stand elsewhere."""
        return frozenset(self.placed)

    @cached_property
    def notes(self) -> frozenset[str]:
        """The notes added, changed or removed."""
        return self._ids("notes", "removed") | self._ids("notes", "inserted")

    @cached_property
    def frames(self) -> frozenset[str]:
        """The frames added, changed or removed."""
        return self._ids("frames", "removed") | self._ids("frames", "inserted")

    @cached_property
    def fields(self) -> frozenset[str]:
        """Other fields of the workflow that differ, `inputs` among them."""
        return frozenset(self.values) | ({"inputs"} & self.splices.keys())

    @cached_property
    def logic(self) -> bool:
        """Whether anything differs besides the canvas and the comments."""
        return bool({"steps", "edges", "inputs"} & self.splices.keys()) or bool(
            self.values.keys() - {"layout", "comments"}
        )
