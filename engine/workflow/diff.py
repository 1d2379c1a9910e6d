"""What two documents mean differently: steps, edges and declarations apart from where things stand on the canvas."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.workflow.model import Edge, Step, Workflow
from engine.workflow.rename import rename_step
from engine.workflow.shape import unbuild

_WIDTH = 60


class _Absent:
    def __repr__(self) -> str:
        return "(nothing)"


ABSENT: Final = _Absent()
"""Stands for a value that one of the two documents does not have."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs. `key` is where: `with.path`, `inputs.orders.type`; `old` or `new` may be `ABSENT`."""

    key: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class StepChange:
    """A step that both have, and what differs in it."""

    id: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs. A renamed step is one with the same activity and parameters under another id.

    Expressions that only follow a rename do not count as changed. `moved` are steps that stand elsewhere on the
    canvas; `layout` holds what differs in notes and frames.
    """

    renamed: tuple[tuple[str, str], ...] = ()
    added: tuple[Step, ...] = ()
    removed: tuple[Step, ...] = ()
    changed: tuple[StepChange, ...] = ()
    edges_added: tuple[Edge, ...] = ()
    edges_removed: tuple[Edge, ...] = ()
    document: tuple[Change, ...] = ()
    moved: tuple[str, ...] = ()
    layout: tuple[Change, ...] = ()

    @property
    def logic(self) -> bool:
        """Whether anything differs that could change what runs or how it reads in the journal."""
        steps = self.renamed or self.added or self.removed or self.changed
        return bool(steps or self.edges_added or self.edges_removed or self.document)

    def __bool__(self) -> bool:
        return self.logic or bool(self.moved or self.layout)


def compare(old: Workflow, new: Workflow) -> Difference:
    """What `new` has that `old` has not, and the other way round."""
    renamed: list[tuple[str, str]] = []
    while pairs := _renames(old, new):
        for was, now in pairs:
            old = rename_step(old, was, now)
        renamed += pairs
    before, after = unbuild(old), unbuild(new)
    olds = {step.id: (step, data) for step, data in zip(old.steps, before.get("steps", ()), strict=True)}
    news = {step.id: (step, data) for step, data in zip(new.steps, after.get("steps", ()), strict=True)}
    changed = []
    for id, (_, data) in news.items():
        if id in olds:
            changes = tuple(_changes(olds[id][1], data))
            if changes:
                changed.append(StepChange(id, changes))
    old_layout, new_layout = before.pop("layout", {}), after.pop("layout", {})
    old_places, new_places = old_layout.pop("steps", {}), new_layout.pop("steps", {})
    for data in (before, after):
        data.pop("steps", None)
        data.pop("edges", None)
    return Difference(
        renamed=tuple(renamed),
        added=tuple(step for id, (step, _) in news.items() if id not in olds),
        removed=tuple(step for id, (step, _) in olds.items() if id not in news),
        changed=tuple(changed),
        edges_added=_without(new.edges, old.edges),
        edges_removed=_without(old.edges, new.edges),
        document=tuple(_changes(before, after)),
        moved=tuple(id for id in news if id in olds and old_places.get(id) != new_places.get(id)),
        layout=tuple(_changes(old_layout, new_layout)),
    )


def _without(edges: tuple[Edge, ...], others: tuple[Edge, ...]) -> tuple[Edge, ...]:
    known = set(others)
    return tuple(edge for edge in dict.fromkeys(edges) if edge not in known)


def _renames(old: Workflow, new: Workflow) -> list[tuple[str, str]]:
    """Steps of `old` that stand in `new` under another id, as far as that can be seen at once."""
    old_ids, new_ids = {step.id for step in old.steps}, {step.id for step in new.steps}
    found: list[tuple[str, str]] = []
    waiting: dict[str, list[str]] = {}
    for step in old.steps:
        if step.id not in new_ids:
            waiting.setdefault(_signature(step), []).append(step.id)
    for step in new.steps:
        candidates = waiting.get(_signature(step), []) if step.id not in old_ids else []
        if candidates:
            found.append((candidates.pop(0), step.id))
    return found


def _signature(step: Step) -> str:
    return f"{step.activity}\n{json.dumps(step.parameters, sort_keys=True, default=repr)}"


def _changes(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> Iterator[Change]:
    for key in dict.fromkeys([*new, *old]):
        before, after = old.get(key, ABSENT), new.get(key, ABSENT)
        where = f"{prefix}{key}"
        sides = [side for side in (before, after) if side is not ABSENT]
        # A whole section that only one of them has is told key by key, a single value of it in one line.
        if all(isinstance(side, dict) for side in sides) and (len(sides) == 2 or not prefix):
            yield from _changes({} if before is ABSENT else before, {} if after is ABSENT else after, f"{where}.")
        elif type(before) is not type(after) or before != after:
            yield Change(where, before, after)


# --------------------------------------------------------------------------------------------------------- as text


def render(difference: Difference, old: str = "", new: str = "") -> str:
    """The difference for a person to read; `old` and `new` are what the two are called."""
    lines = [f"{old} -> {new}"] if old or new else []
    if not difference:
        return "\n".join([*lines, "No differences."])
    steps = [f"  > {after} (was {before})" for before, after in difference.renamed]
    steps += [f"  + {step.id}  {step.activity}{_label(step)}" for step in difference.added]
    steps += [f"  - {step.id}  {step.activity}{_label(step)}" for step in difference.removed]
    for step in difference.changed:
        steps.append(f"  ~ {step.id}")
        steps += [f"      {line}" for change in step.changes for line in _lines(change)]
    edges = [f"  + {edge}" for edge in difference.edges_added] + [f"  - {edge}" for edge in difference.edges_removed]
    document = [f"  ~ {line}" for change in difference.document for line in _lines(change)]
    canvas = [f"  moved: {', '.join(difference.moved)}"] if difference.moved else []
    canvas += [f"  ~ {line}" for change in difference.layout for line in _lines(change)]
    for title, found in (("Steps", steps), ("Edges", edges), ("Workflow", document), ("Canvas", canvas)):
        if found:
            lines += [title, *found]
    if not difference.logic:
        lines.append("Only the canvas differs; it runs the same.")
    return "\n".join(lines)


def _label(step: Step) -> str:
    return f"  ({step.label})" if step.label else ""


def _lines(change: Change) -> list[str]:
    if isinstance(change.old, str) and isinstance(change.new, str) and "\n" in change.old + change.new:
        rows = difflib.unified_diff(change.old.splitlines(), change.new.splitlines(), lineterm="", n=1)
        return [f"{change.key}:", *(f"  {row}" for row in list(rows)[2:] if not row.startswith("@@"))]
    return [f"{change.key}: {_short(change.old)} -> {_short(change.new)}"]


def _short(value: Any) -> str:
    if value is ABSENT:
        return repr(value)
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
