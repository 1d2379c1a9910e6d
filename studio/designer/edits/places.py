"""Where things stand: snapping, room for a new step, and moving steps with all that belongs to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from engine.api import Place, Plan, Workflow

GRID = 8
"""What places snap to, in canvas units."""
_FARTHEST = 1e7
"""A file may place a step at `.nan`, or light years away: it is drawn elsewhere, and is moved from there."""


class Rect(NamedTuple):
    """A box on the canvas, in canvas units; `x`, `y` its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def meets(self, other: Rect, margin: float = 0.0) -> bool:
        """Whether the two have less than `margin` between them."""
        return (
            self.x < other.right + margin
            and other.x < self.right + margin
            and self.y < other.bottom + margin
            and other.y < self.bottom + margin
        )

    def holds(self, other: Rect) -> bool:
        """Whether `other` lies inside."""
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom


def snapped(value: float, grid: float = GRID) -> float:
    """The nearest place of the grid."""
    return round(value / grid) * grid


def free_place(x: float, y: float, size: tuple[float, float], taken: Iterable[Rect], *, gap: float = 16) -> Place:
    """The place on the grid at or below `x`, `y` where a box of `size` is `gap` away from every box of `taken`."""
    x, y = snapped(x), snapped(y)
    in_column = sorted(
        (box for box in taken if box.x < x + size[0] + gap and x < box.right + gap), key=lambda box: box.y
    )
    wanted = Rect(x, y, *size)
    for box in in_column:
        if wanted.meets(box, gap):
            wanted = wanted._replace(y=-(-(box.bottom + gap) // GRID) * GRID)
    return Place(wanted.x, wanted.y)


def place(workflow: Workflow, places: Mapping[str, Place]) -> Workflow:
    """The steps of `places` put there; what else is known of their places stays."""
    steps = dict(workflow.layout.steps)
    changed = False
    for id, new in places.items():
        old = steps.get(id)
        if old is None:
            steps[id] = new
        elif (old.x, old.y) != (new.x, new.y):
            steps[id] = replace(old, x=new.x, y=new.y)
        else:
            continue
        changed = True
    return replace(workflow, layout=replace(workflow.layout, steps=steps)) if changed else workflow


def inside(frame: Rect, boxes: Mapping[str, Rect]) -> frozenset[str]:
    """The ids of those `boxes` that lie inside a frame."""
    return frozenset(id for id, box in boxes.items() if frame.holds(box))


def moving(
    workflow: Workflow,
    plan: Plan,
    boxes: Mapping[str, Rect],
    steps: Collection[str] = (),
    notes: Collection[str] = (),
    frames: Collection[str] = (),
) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """What moves when these are moved (steps, notes, frames): the bodies of containers, and what lies in frames.

    `boxes` are those of the steps. A frame takes along the frames inside it, but none that is just as large.
    """
    by_id = {frame.id: Rect(frame.x, frame.y, frame.width, frame.height) for frame in workflow.layout.frames}
    found_steps, found_notes, found_frames = set(steps), set(notes), set(frames)
    for id in frames:
        box = by_id.get(id)
        if box is None:
            continue
        found_steps |= inside(box, boxes)
        found_frames |= {other for other, area in by_id.items() if box.holds(area) and not area.holds(box)}
        found_notes |= {
            note.id for note in workflow.layout.notes if box.holds(Rect(note.x, note.y, note.width, note.height))
        }
    return with_bodies(plan, found_steps), frozenset(found_notes), frozenset(found_frames)


def with_bodies(plan: Plan, steps: Collection[str]) -> frozenset[str]:
    """The steps, and all in the bodies of those that are containers."""
    chosen = frozenset(steps)
    if not any(plan.context(edge)[0] == id for id in chosen for edge in plan.successors.get(id, ())):
        return chosen  # nothing leaves them by the port of a body
    region_in: dict[tuple[str, str], bool] = {}
    found = set(chosen)
    for id in plan.order:
        key = plan.inside(id)
        trail = []
        while key[0] and key not in region_in and key[0] not in chosen:
            trail.append(key)
            key = plan.around(key)
        answer = region_in.get(key, key[0] in chosen)
        for passed in trail:
            region_in[passed] = answer
        if answer:
            found.add(id)
    return frozenset(found)


def move(
    workflow: Workflow,
    dx: float,
    dy: float,
    steps: Collection[str] = (),
    notes: Collection[str] = (),
    frames: Collection[str] = (),
    *,
    places: Mapping[str, Place] | None = None,
) -> Workflow:
    """These things moved by `dx`, `dy`. `places` says where steps stand that the layout does not place, or nowhere."""
    if not dx and not dy:
        return workflow
    layout = workflow.layout
    known = dict(layout.steps)
    for id in steps:
        old, shown = known.get(id), (places or {}).get(id)
        if old is None or not (abs(old.x) <= _FARTHEST and abs(old.y) <= _FARTHEST):
            old = shown if old is None or shown is None else replace(old, x=shown.x, y=shown.y)
        if old is not None:
            known[id] = replace(old, x=old.x + dx, y=old.y + dy)
    return replace(
        workflow,
        layout=replace(
            layout,
            steps=known,
            notes=tuple(
                replace(note, x=note.x + dx, y=note.y + dy) if note.id in notes else note for note in layout.notes
            ),
            frames=tuple(
                replace(frame, x=frame.x + dx, y=frame.y + dy) if frame.id in frames else frame
                for frame in layout.frames
            ),
        ),
    )
