"""What stands under what in the outline: pure, linear in the size of the workflow, and no recursion over steps."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.api import HANDLER, MAIN, Frame, Plan, RegionKey, Step, Workflow

Kind = Literal["root", "step", "body", "handler", "frame", "notes", "note"]
Key = tuple[Kind, str]
"""A kind and an id: of a step, note or frame; `CONTAINER.PORT` for a body; empty for the three that are there once."""
ROOT: Key = ("root", "")
HANDLER_KEY: Key = ("handler", "")
NOTES: Key = ("notes", "")
_STEP_SIZE = 184.0, 56.0


@dataclass(frozen=True, slots=True)
class Tree:
    """Children by what they stand under, each list in the order to show it."""

    children: Mapping[Key, list[Key]] = field(default_factory=dict)

    def only(self, wanted: Collection[Key]) -> Tree:
        """What is `wanted`, and all it stands under."""
        parents = {child: parent for parent, children in self.children.items() for child in children}
        kept: set[Key] = set()
        for key in wanted:
            while key not in kept and key in parents:
                kept.add(key)
                key = parents[key]
        return Tree(
            {
                parent: [child for child in children if child in kept]
                for parent, children in self.children.items()
                if parent is ROOT or parent in kept
            }
        )


def outline(workflow: Workflow, plan: Plan, bodies: Mapping[str, tuple[str, ...]]) -> Tree:
    """The tree of a workflow; `bodies` are the body ports of every container.

    The steps of a region come in the order in which they can run. A body stands under its container, under the name
    of its port where there are several. Frames hold the steps of the main flow that lie in them, and stand where the
    first of those would.
    """
    children: dict[Key, list[Key]] = {ROOT: []}
    framed = _framed(workflow)
    regions: dict[RegionKey, list[str]] = {MAIN: []}
    for id in plan.order:
        regions.setdefault(plan.inside(id), []).append(id)
    for region, ids in regions.items():
        owner = _owner(region, bodies)
        if region == HANDLER:
            children[ROOT].append(HANDLER_KEY)
        elif owner[0] == "body":
            children.setdefault(("step", region[0]), []).append(owner)
        into = children.setdefault(owner, [])
        if region != MAIN or not framed:
            into += [("step", id) for id in ids]
            continue
        for id in ids:
            frame = framed.get(id)
            if frame is None:
                into.append(("step", id))
                continue
            key: Key = ("frame", frame)
            if key not in children:
                into.append(key)
            children.setdefault(key, []).append(("step", id))
    for item in workflow.layout.frames:
        if ("frame", item.id) not in children:
            children[ROOT].append(("frame", item.id))
            children[("frame", item.id)] = []
    # The error handler and the notes come last, whatever else was found after them.
    last: list[Key] = [HANDLER_KEY] if HANDLER_KEY in children else []
    if workflow.layout.notes:
        last.append(NOTES)
        children[NOTES] = list(dict.fromkeys(("note", note.id) for note in workflow.layout.notes))
    children[ROOT] = [key for key in dict.fromkeys(children[ROOT]) if key != HANDLER_KEY] + last
    return Tree(children)


def _owner(region: RegionKey, bodies: Mapping[str, tuple[str, ...]]) -> Key:
    if region == MAIN:
        return ROOT
    if region == HANDLER:
        return HANDLER_KEY
    container, port = region
    return ("step", container) if len(bodies.get(container, ())) < 2 else ("body", f"{container}.{port}")


def _framed(workflow: Workflow) -> dict[str, str]:
    """The frame that each step lies in with its middle: the smallest, where several do."""
    frames = sorted(workflow.layout.frames, key=lambda frame: frame.width * frame.height)
    if not frames:
        return {}
    found: dict[str, str] = {}
    for step in workflow.steps:
        place = workflow.layout.steps.get(step.id)
        if place is not None:
            x, y = place.x + _STEP_SIZE[0] / 2, place.y + _STEP_SIZE[1] / 2
            frame = next((frame for frame in frames if _inside(frame, x, y)), None)
            if frame is not None:
                found[step.id] = frame.id
    return found


def _inside(frame: Frame, x: float, y: float) -> bool:
    return frame.x <= x <= frame.x + frame.width and frame.y <= y <= frame.y + frame.height


def first_line(text: str) -> str:
    """What a note is called: its first line without Markdown's marks."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    return line.strip().lstrip("#>*-_ ").rstrip("*_ ")[:80]


def found_in(step: Step, words: Collection[str], more: str) -> bool:
    """Whether every word stands in the step's label, id, activity or `more` (the activity's label)."""
    text = f"{step.label}\n{step.id}\n{step.activity}\n{more}".lower()
    return all(word in text for word in words)
