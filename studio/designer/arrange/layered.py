"""The automatic layout of a whole workflow, or of some of its steps.

Every region is laid out on its own, from the inside out: a body becomes one box inside its container, what only an
`error` outlet leads to becomes one box below its step. Cost: linear in steps and wires, save for sorting.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.api import ERROR, HANDLER, MAIN, Edge, Frame, Place, Plan, RegionKey, Workflow
from studio.designer.arrange.blocks import DOWN, Block, Link, Node, arranged, up
from studio.designer.edits.places import Rect, place, snapped, with_bodies

Size = Callable[[str], tuple[float, float]]
"""Width and height of the box of a step, without bodies, by its id; in canvas units."""
Outlet = Callable[[Edge], float]
"""How far below the top of its step a wire starts."""


@dataclass(frozen=True, slots=True)
class Insets:
    """What the box of a container keeps free around its bodies, and how far below its top wires enter it."""

    left: float = 28.0
    top: float = 64.0
    right: float = 20.0
    bottom: float = 20.0
    inlet: float = 22.0


def layered(
    plan: Plan,
    size: Size,
    outlet: Outlet,
    *,
    inlet: Callable[[str], float] = lambda id: 28.0,
    insets: Insets = Insets(),
    only: Collection[str] | None = None,
    boxes: Mapping[str, Rect] | None = None,
) -> Mapping[str, Place]:
    """A place for every step, or for those of `only` and the bodies of those among them that are containers.

    What is laid out keeps its upper left corner, as `boxes` (of the steps as they stand) tell; without them it
    starts at 0, 0.
    """
    chosen = with_bodies(plan, only) if only is not None else None
    return _Layout(plan, size, outlet, inlet, insets, chosen, boxes or {}).places()


class _Layout:
    def __init__(
        self,
        plan: Plan,
        size: Size,
        outlet: Outlet,
        inlet: Callable[[str], float],
        insets: Insets,
        chosen: Collection[str] | None,
        boxes: Mapping[str, Rect],
    ) -> None:
        self._plan = plan
        self._size, self._outlet, self._inlet, self._insets = size, outlet, inlet, insets
        self._boxes = boxes
        self._order = [id for id in plan.order if chosen is None or id in chosen]
        self._known = frozenset(self._order)
        self._group = self._groups()
        self._blocks: dict[RegionKey, Block] = {}

    def _groups(self) -> dict[str, RegionKey]:
        """What each step is laid out with: its region, or the error outlet that alone leads to it."""
        found: dict[str, RegionKey] = {}
        error_of: dict[RegionKey, RegionKey] = {}
        for id in self._order:
            region = self._plan.inside(id)
            groups = [
                (edge.source, ERROR.name) if edge.port == ERROR.name else found.get(edge.source)
                for edge in self._plan.predecessors[id]
                if self._plan.inside(edge.source) == region
            ]
            entered = len(groups) < len(self._plan.predecessors[id])
            first = groups[0] if groups and not entered else None
            if first is None or id in self._plan.cyclic:
                found[id] = region
                continue
            shared: RegionKey = first
            for other in groups[1:]:
                shared = _common(shared, other or region, error_of, region)
            found[id] = shared
            if shared != region and shared not in error_of:
                error_of[shared] = found[shared[0]]
        return found

    def places(self) -> Mapping[str, Place]:
        members: dict[RegionKey, list[str]] = {}
        for id in self._order:
            members.setdefault(self._group[id], []).append(id)
        rank = {id: place for place, id in enumerate(self._plan.order)}
        out: dict[str, Place] = {}
        # A container comes before what is in its bodies, so the last group is the innermost.
        for key in sorted(members, key=lambda key: rank.get(key[0], -1), reverse=True):
            ids = members[key]
            block = self._arranged(ids)
            if key[0] in self._known:
                self._blocks[key] = block
            elif key not in (MAIN, HANDLER) or self._boxes:
                self._anchor(out, block, ids)
            else:
                self._blocks[key] = block
        main, handler = self._blocks.get(MAIN), self._blocks.get(HANDLER)
        below = Block()
        if main is not None:
            below.put(main, 0.0, 0.0)
        if handler is not None:
            below.put(handler, 0.0, up(main.height) + 2 * DOWN if main is not None else 0.0)
        out.update({id: Place(x, y) for id, (x, y) in below.places.items()})
        return {id: out[id] for id in self._order}

    def _anchor(self, out: dict[str, Place], block: Block, ids: Sequence[str]) -> None:
        standing = [self._boxes[id] for id in ids if id in self._boxes]
        x = snapped(min((box.x for box in standing), default=0.0))
        y = snapped(min((box.y for box in standing), default=0.0))
        if self._plan.inside(ids[0]) == HANDLER and any(self._plan.inside(id) == MAIN for id in out):
            y = max(y, up(max(place.y for place in out.values())) + 3 * DOWN)
        out.update({id: Place(x + left, y + top) for id, (left, top) in block.places.items()})

    def _arranged(self, ids: Sequence[str]) -> Block:
        nodes = {id: self._node(id) for id in ids}
        links: list[Link] = []
        for id in ids:
            for edge in self._plan.successors[id]:
                if edge.target in nodes and id not in self._plan.cyclic and (id, edge.port) not in self._blocks:
                    links.append(Link(id, edge.target, self._outlet(edge)))
        hung = {id: block for id in ids if (block := self._blocks.pop((id, ERROR.name), None)) is not None}
        return arranged(nodes, links, hung)

    def _node(self, id: str) -> Node:
        width, height = self._size(id)
        bodies = [
            self._blocks.pop(key)
            for key in dict.fromkeys((id, edge.port) for edge in self._plan.successors[id])
            if key in self._blocks and key[1] != ERROR.name
        ]
        if not bodies:
            return Node(Block({id: (0.0, 0.0)}, width, height), self._inlet(id))
        inside = Block({id: (0.0, 0.0)})
        y = self._insets.top
        for body in bodies:
            inside.put(body, self._insets.left, y)
            y += up(body.height) + DOWN
        inside.width = max(width, inside.width + self._insets.right)
        inside.height += self._insets.bottom
        return Node(inside, self._insets.inlet)


def _common(one: RegionKey, other: RegionKey, error_of: Mapping[RegionKey, RegionKey], region: RegionKey) -> RegionKey:
    """The innermost error group that both are in, or the region itself."""
    around: list[RegionKey] = [one]
    while around[-1] in error_of:
        around.append(error_of[around[-1]])
    while other not in around:
        if other not in error_of:
            return region
        other = error_of[other]
    return other


def laid_out(workflow: Workflow, places: Mapping[str, Place], before: Mapping[str, Rect]) -> Workflow:
    """The workflow with its steps at `places`; a frame goes along with the steps that stood in it, a note with the
    step that stood nearest. `before` are the boxes of the steps as they stood."""
    shift = {id: (new.x - before[id].x, new.y - before[id].y) for id, new in places.items() if id in before}
    changed = place(workflow, places)
    if not shift:
        return changed
    layout = changed.layout
    frames = tuple(_followed(frame, shift, before) for frame in layout.frames)
    notes = []
    for note in layout.notes:
        middle = (note.x + note.width / 2, note.y + note.height / 2)
        near = min(
            before,
            key=lambda id: (
                abs(before[id].x + before[id].width / 2 - middle[0])
                + abs(before[id].y + before[id].height / 2 - middle[1])
            ),
        )
        dx, dy = shift.get(near, (0.0, 0.0))
        notes.append(replace(note, x=note.x + dx, y=note.y + dy) if dx or dy else note)
    return replace(changed, layout=replace(layout, frames=frames, notes=tuple(notes)))


def _followed(frame: Frame, shift: Mapping[str, tuple[float, float]], before: Mapping[str, Rect]) -> Frame:
    area = Rect(frame.x, frame.y, frame.width, frame.height)
    held = {id: box for id, box in before.items() if area.holds(box)}
    if not held or not any(shift.get(id, (0.0, 0.0)) != (0.0, 0.0) for id in held):
        return frame

    def bounds(boxes: Collection[Rect]) -> tuple[float, float, float, float]:
        return (
            min(box.x for box in boxes),
            min(box.y for box in boxes),
            max(box.right for box in boxes),
            max(box.bottom for box in boxes),
        )

    moved = [
        box._replace(x=box.x + shift.get(id, (0.0, 0.0))[0], y=box.y + shift.get(id, (0.0, 0.0))[1])
        for id, box in held.items()
    ]
    left, top, right, bottom = (new - old for new, old in zip(bounds(moved), bounds(held.values()), strict=True))
    return replace(
        frame,
        x=frame.x + left,
        y=frame.y + top,
        width=frame.width + right - left,
        height=frame.height + bottom - top,
    )
