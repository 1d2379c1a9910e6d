"""The automatic layout of a whole workflow, or of some of its steps.

Every region is laid out on its own, from the inside out: a body becomes one box inside its container, what only an
`error` outlet leads to becomes one box below its step. Cost: linear in steps and wires, save for sorting.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from engine.api import ERROR, HANDLER, MAIN, Edge, Frame, Place, Plan, RegionKey, Workflow
from studio.designer.arrange.blocks import Block, Link, Node, arranged, up
from studio.designer.canvas.geometry import Geometry
from studio.designer.canvas.shape import BODY_AROUND, BODY_LEFT, BODY_NAMED, CONTAINER_WIDTH, GAP_Y, HEADER
from studio.designer.edits.places import Rect, place, snapped, with_bodies


def layered(geometry: Geometry, plan: Plan, only: Collection[str] | None = None) -> Mapping[str, Place]:
    """A place for every step, or for those of `only` and the bodies of those among them that are containers.

    What is laid out keeps its upper left corner, the rest of the workflow is not looked at.
    """
    return _Layout(geometry, plan, with_bodies(plan, only) if only is not None else None).places()


class _Layout:
    def __init__(self, geometry: Geometry, plan: Plan, chosen: Collection[str] | None) -> None:
        self._shapes, self._plan = geometry.shapes, plan
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
            groups: list[RegionKey] = []
            for edge in self._plan.predecessors[id]:
                if edge.source not in self._known or self._plan.inside(edge.source) != region:
                    groups.append(region)
                elif edge.port == ERROR.name:
                    error_of[edge.source, ERROR.name] = found.get(edge.source, region)
                    groups.append((edge.source, ERROR.name))
                else:
                    groups.append(found.get(edge.source, region))
            shared = groups[0] if groups and id not in self._plan.cyclic else region
            for other in groups[1:]:
                shared = _common(shared, other, error_of, region)
            found[id] = shared
        return self._kept(found, error_of)

    def _kept(self, found: dict[str, RegionKey], error_of: Mapping[RegionKey, RegionKey]) -> dict[str, RegionKey]:
        """Without the groups that lead back to the flow: those steps are part of it, and stand in its row."""
        dissolved: set[RegionKey] = set()
        for id in self._order:
            for edge in self._plan.successors[id]:
                if edge.target not in found or self._plan.inside(edge.target) != self._plan.inside(id):
                    continue
                goal = found[edge.target]
                around = {goal}
                while goal in error_of:
                    goal = error_of[goal]
                    around.add(goal)
                group = found[id]
                while group not in around and group in error_of:
                    dissolved.add(group)
                    group = error_of[group]
        if not dissolved:
            return found
        for id, group in found.items():
            while group in dissolved:
                group = error_of[group]
            found[id] = group
        return found

    def places(self) -> Mapping[str, Place]:
        members: dict[RegionKey, list[str]] = {}
        for id in self._order:
            members.setdefault(self._group[id], []).append(id)
        rank = {id: place for place, id in enumerate(self._plan.order)}
        apart: list[tuple[RegionKey, Block]] = []
        # A container comes before what is in its bodies, so the last group is the innermost.
        for key in sorted(members, key=lambda key: rank.get(key[0], -1), reverse=True):
            block = self._arranged(members[key])
            if key[0] in self._known:
                self._blocks[key] = block
            else:
                apart.append((key, block))
        out: dict[str, Place] = {}
        lowest = None
        for key, block in sorted(apart, key=lambda part: part[0] == HANDLER):
            standing = [self._shapes[id].box for id in members[key]]
            x, y = snapped(min(box.x for box in standing)), snapped(min(box.y for box in standing))
            if key == HANDLER and lowest is not None:
                x, y = min(x, *(place.x for place in out.values())), lowest + 2 * GAP_Y
            if key == MAIN:
                lowest = y + up(block.height)
            out.update({id: Place(*at) for id, at in block.places(x, y).items()})
        return {id: out[id] for id in self._order}

    def _arranged(self, ids: Sequence[str]) -> Block:
        nodes = {id: self._node(id) for id in ids}
        links = [
            Link(edge.source, edge.target, self._start(edge, nodes[id].block.height))
            for id in ids
            if id not in self._plan.cyclic
            for edge in self._plan.successors[id]
            if edge.target in nodes and self._plan.context(edge) == self._plan.inside(id)
        ]
        hung = {id: block for id in ids if (block := self._blocks.pop((id, ERROR.name), None)) is not None}
        return arranged(nodes, links, hung)

    def _start(self, edge: Edge, height: float) -> float:
        """How far below the top of its step, which becomes `height` high, a wire starts."""
        if edge.port == ERROR.name:
            return height
        shape = self._shapes[edge.source]
        outlet = shape.outlet(edge.port)
        return outlet.point.y - shape.box.y if outlet is not None else 0.0

    def _node(self, id: str) -> Node:
        shape = self._shapes[id]
        inlet = shape.inlet.y - shape.box.y
        ports = [outlet.name for outlet in shape.outlets if outlet.kind == "body"]
        bodies = [self._blocks.pop((id, port)) for port in ports if (id, port) in self._blocks]
        if not bodies:
            empty = shape.container and self._plan.region(id, ports[0]).steps == ()
            size = (shape.box.width, shape.box.height) if not shape.container or empty else (CONTAINER_WIDTH, HEADER)
            return Node(Block({id: (0.0, 0.0)}, *size), inlet)
        inside = Block({id: (0.0, 0.0)}, CONTAINER_WIDTH - BODY_AROUND)
        y = shape.header + BODY_AROUND
        for body in bodies:
            inside.put(body, BODY_LEFT if len(ports) == 1 else BODY_NAMED, y)
            y += up(body.height) + GAP_Y
        inside.width += BODY_AROUND
        inside.height += BODY_AROUND
        return Node(inside, inlet)


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
