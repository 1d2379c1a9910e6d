"""What differs between two workflows, as a list a person reads, marks a canvas draws, and changes that can be taken.

`mine` is the open workflow, `theirs` the one it is compared with. An item is told from the side of `mine`: *added* is
what only `mine` has. Taking an item makes `mine` like `theirs` in that one thing; taking one after the other, comparing
anew in between, ends where nothing differs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from engine.api import Change, Edge, Layout, Step, Workflow, compare, rename_step
from studio.designer import edits
from studio.designer.sections import SECTIONS

Kind = Literal["added", "removed", "changed", "renamed", "moved", "wire-added", "wire-removed", "workflow", "canvas"]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that differs. `name` is a step's id, an edge's text or a part of the workflow; `details` what differs
    in it, old (theirs) and new (mine). `take` makes `mine` like `theirs` in it."""

    kind: Kind
    name: str
    take: Callable[[Workflow], Workflow] = field(compare=False)
    details: tuple[Change, ...] = ()
    was: str = ""
    """The id of a renamed step in `theirs`."""
    edge: Edge | None = None

    @property
    def step(self) -> str:
        """The id of the step it is about, or ""."""
        return self.name if self.kind in ("added", "removed", "changed", "renamed", "moved") else ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`marks` are the steps of `mine` that differ; `ghosts` the steps and edges only `theirs` has, at their places;
    `wires` the edges only `mine` has."""

    items: tuple[Item, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    ghosts: Workflow = field(default_factory=Workflow)
    wires: frozenset[Edge] = frozenset()


def compared(theirs: Workflow, mine: Workflow) -> Comparison:
    """All that differs, steps first, in the order of `mine`."""
    difference = compare(theirs, mine)
    aligned = theirs
    for was, now in difference.renamed:
        aligned = rename_step(aligned, was, now)
    olds = {step.id: step for step in aligned.steps}
    news = {step.id for step in mine.steps}
    rank = {step.id: number for number, step in enumerate(mine.steps)}

    items = [Item("renamed", now, _renaming(now, was), was=was) for was, now in difference.renamed]
    items += [Item("added", step.id, _deleting(step.id)) for step in difference.added]
    items += [Item("changed", one.id, _putting(olds[one.id]), one.changes) for one in difference.changed]
    items += [Item("moved", id, _placing(id, aligned)) for id in difference.moved]
    items.sort(key=lambda item: rank.get(item.name, -1))
    items += [Item("removed", step.id, _restoring(step, aligned)) for step in difference.removed]
    # The wires of a step that is added or removed come and go with it.
    shared = olds.keys() & news
    for edge in difference.edges_added:
        if {edge.source, edge.target} <= shared or not {edge.source, edge.target} <= news:
            items.append(Item("wire-added", str(edge), _cutting(edge), edge=edge))
    for edge in difference.edges_removed:
        if {edge.source, edge.target} <= shared or not {edge.source, edge.target} <= olds.keys():
            items.append(Item("wire-removed", str(edge), _wiring(edge), edge=edge))
    items += [Item("workflow", part, _filling(part, aligned), changes) for part, changes in _parts(difference.document)]
    items += [Item("canvas", part, _drawing(part, aligned), changes) for part, changes in _parts(difference.layout)]

    marks: dict[str, str] = {}
    for item in items:
        if item.kind in ("added", "changed", "renamed") or (item.kind == "moved" and item.name not in marks):
            marks[item.name] = item.kind
    gone = {step.id for step in difference.removed}
    ghosts = Workflow(
        steps=difference.removed,
        edges=tuple(
            edge for edge in difference.edges_removed if edge.source in gone | news and edge.target in gone | news
        ),
        layout=Layout({id: place for id, place in aligned.layout.steps.items() if id in gone}),
    )
    return Comparison(tuple(items), marks, ghosts, frozenset(difference.edges_added))


def _parts(changes: tuple[Change, ...]) -> list[tuple[str, tuple[Change, ...]]]:
    """The changes by the part of the workflow that they are in."""
    parts: dict[str, list[Change]] = {}
    for change in changes:
        parts.setdefault(change.key.partition(".")[0], []).append(change)
    return [(part, tuple(found)) for part, found in parts.items()]


# ---------------------------------------------------------------------------------------------- taking one of them

Take = Callable[[Workflow], Workflow]


def _renaming(now: str, was: str) -> Take:
    def take(mine: Workflow) -> Workflow:
        ids = {step.id for step in mine.steps}
        return rename_step(mine, now, was) if now in ids and was not in ids else mine

    return take


def _deleting(id: str) -> Take:
    return lambda mine: edits.delete(mine, [id])


def _putting(step: Step) -> Take:
    return lambda mine: replace(mine, steps=tuple(step if other.id == step.id else other for other in mine.steps))


def _placing(id: str, theirs: Workflow) -> Take:
    def take(mine: Workflow) -> Workflow:
        places = {other: place for other, place in mine.layout.steps.items() if other != id}
        if id in theirs.layout.steps:
            places[id] = theirs.layout.steps[id]
        return replace(mine, layout=replace(mine.layout, steps=places))

    return take


def _restoring(step: Step, theirs: Workflow) -> Take:
    """The step back behind the one it stood behind, at its place, with its wires to what is there."""

    def take(mine: Workflow) -> Workflow:
        if any(other.id == step.id for other in mine.steps):
            return mine
        order = [other.id for other in theirs.steps]
        before = set(order[: order.index(step.id)])
        at = max((rank + 1 for rank, other in enumerate(mine.steps) if other.id in before), default=0)
        steps = (*mine.steps[:at], step, *mine.steps[at:])
        ids = {other.id for other in steps}
        edges = [
            edge
            for edge in theirs.edges
            if step.id in (edge.source, edge.target) and edge.source in ids and edge.target in ids
        ]
        restored = replace(mine, steps=steps, edges=tuple(dict.fromkeys([*mine.edges, *edges])))
        return _placing(step.id, theirs)(restored)

    return take


def _cutting(edge: Edge) -> Take:
    return lambda mine: edits.disconnect(mine, [edge])


def _wiring(edge: Edge) -> Take:
    return lambda mine: edits.connect(mine, edge.source, edge.port, edge.target)


def _filling(part: str, theirs: Workflow) -> Take:
    def take(mine: Workflow) -> Workflow:
        changes: dict[str, Any] = {}
        name = {"rpa": "format"}.get(part, part)
        extra = _extra(part, mine.extra, theirs.extra)
        if extra != mine.extra:
            changes["extra"] = extra
        if name in SECTIONS or name == "format":
            changes[name] = getattr(theirs, name)
        return replace(mine, **changes)

    return take


def _drawing(part: str, theirs: Workflow) -> Take:
    def take(mine: Workflow) -> Workflow:
        layout, other = mine.layout, theirs.layout
        changes: dict[str, Any] = {}
        extra = _extra(part, layout.extra, other.extra)
        if extra != layout.extra:
            changes["extra"] = extra
        if part in ("notes", "frames"):
            changes[part] = getattr(other, part)
        return replace(mine, layout=replace(layout, **changes))

    return take


def _extra(part: str, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """The unknown keys of `mine`, those of `theirs` where they belong to `part`; a key may hold dots."""
    left = {key: value for key, value in mine.items() if key.partition(".")[0] != part}
    return {**left, **{key: value for key, value in theirs.items() if key.partition(".")[0] == part}}
