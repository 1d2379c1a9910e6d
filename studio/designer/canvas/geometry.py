"""Where everything of a workflow lies: boxes, outlets, wires, bodies. Pure: it knows no Qt.

All lengths are canvas units, which are pixels at zoom 1; `y` grows downwards. A container (a step with body ports) has
a box that is derived: its header, and everything in its bodies with a margin around. So a body is never drawn
outside of what encloses it, whatever places a file gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from engine.api import ERROR, Edge, Plan, Port, Step, Workflow
from studio.designer.canvas.curve import Curve, Point, error_curve, flow_curve
from studio.designer.canvas.shape import (
    BODY_AROUND,
    BODY_HEIGHT,
    BODY_LEFT,
    BODY_NAMED,
    CONTAINER_WIDTH,
    ERROR_X,
    HEADER,
    OUTLET_STEP,
    STEP_HEIGHT,
    Face,
    Outlet,
    Shape,
    face_of,
)
from studio.designer.canvas.standing import places_of, sane, width_of
from studio.designer.delta import Splice
from studio.designer.edits.places import Rect

Ports = Callable[[Step], Sequence[Port]]


@dataclass(frozen=True, slots=True)
class Moved:
    """What lies otherwise than before: ids of steps (added, changed and removed alike), and edges."""

    steps: frozenset[str] = frozenset()
    edges: frozenset[Edge] = frozenset()


class Geometry:
    """The shapes and curves of one workflow. `update` brings it up to a changed workflow, `shift` tries out a move."""

    def __init__(self, workflow: Workflow, plan: Plan, ports: Ports) -> None:
        self._ports = ports
        self.shapes: dict[str, Shape] = {}
        self.boxes: dict[str, Rect] = {}
        """The box of every step, containers with all they enclose."""
        self.curves: dict[Edge, Curve] = {}
        """Every edge between steps that exist, once, in no order."""
        self.leaving: frozenset[Edge] = frozenset()
        """The edges that leave a body."""
        self.members: dict[str, list[str]] = {}
        """The steps directly in the bodies of each container."""
        self.bodies: dict[str, tuple[str, ...]] = {}
        """The body ports of each container."""
        self._owner: dict[str, str] = {}
        self._depth: dict[str, int] = {}
        self._faces: dict[str, Face] = {}
        self._made: dict[tuple[int, tuple[str, ...]], Face] = {}
        self._places: dict[str, Point] = {}
        self._widths: dict[str, float] = {}
        self._shifted: frozenset[str] = frozenset()
        self._dx = self._dy = 0.0
        self._touching: dict[str, list[Edge]] = {}
        self._missing: frozenset[str] = frozenset()
        self._workflow, self._steps = Workflow(), dict[str, Step]()
        self._follow(workflow, plan)

    # -- asking ------------------------------------------------------------------------------------------------------

    def place(self, id: str) -> Point:
        """Where a step was put: the upper left corner of a step, or of the header of a container."""
        found = self._places[id]
        return Point(found.x + self._dx, found.y + self._dy) if id in self._shifted else found

    def inlet(self, id: str) -> Point:
        return self.shapes[id].inlet

    def outlet(self, id: str, port: str) -> Point:
        """Where the wires of an outlet start. Raises `KeyError`."""
        found = self.shapes[id].outlet(port)
        if found is None:
            raise KeyError(port)
        return found.point

    def owner(self, id: str) -> str:
        """The container that a step is directly in; empty for none."""
        return self._owner.get(id, "")

    def depth(self, id: str) -> int:
        """How many containers are around a step."""
        return self._depth.get(id, 0)

    def within(self, ids: Iterable[str]) -> frozenset[str]:
        """The steps that move together with these: they, and everything in the bodies of those that are containers."""
        found = set(ids)
        waiting = list(found)
        while waiting:
            for id in self.members.get(waiting.pop(), ()):
                if id not in found:
                    found.add(id)
                    waiting.append(id)
        return frozenset(found)

    def wires_of(self, ids: Iterable[str]) -> set[Edge]:
        """The edges that start or end at these steps."""
        return {edge for id in ids for edge in self._touching.get(id, ())}

    def incoming(self, id: str) -> list[Edge]:
        return [edge for edge in self._touching.get(id, ()) if edge.target == id]

    def outgoing(self, id: str, port: str) -> list[Edge]:
        return [edge for edge in self._touching.get(id, ()) if edge.source == id and edge.port == port]

    def bounds(self) -> Rect | None:
        """The box around all steps; None where there is none."""
        return around(self.boxes.values())

    def other_outlets(self, step: Step) -> bool:
        """Whether a step that has changed has other outlets than it is drawn with."""
        used = sorted({edge.port for edge in self._touching.get(step.id, ()) if edge.source == step.id})
        face, known = face_of(self._ports(step), tuple(used)), self._faces.get(step.id)
        return known is None or (face.flow, face.bodies) != (known.flow, known.bodies)

    # -- changing ----------------------------------------------------------------------------------------------------

    def update(self, workflow: Workflow, plan: Plan, *, structure: bool, steps: Iterable[str] = ()) -> Moved:
        """Bring it up to a changed workflow and say what lies otherwise. `steps` were moved; where steps, edges or
        outlets may have changed (`structure`), what differs is looked for."""
        if not structure and not self._missing:  # where those stand depends on where the others do
            places = workflow.layout.steps
            known = [id for id in steps if id in self.shapes]
            if all(id in places and sane(places[id]) for id in known):
                for id in known:
                    self._places[id] = Point(places[id].x, places[id].y)
                    self._widths[id] = width_of(workflow, id)
                self._workflow = workflow
                return self._settle(known)
        return self._follow(workflow, plan)

    def shift(self, ids: Iterable[str], dx: float, dy: float) -> Moved:
        """Show these steps, and no others, away from their places; no ids: all where they belong."""
        before = self._shifted
        self._shifted = frozenset(id for id in ids if id in self.shapes) if dx or dy else frozenset()
        self._dx, self._dy = dx, dy
        return self._settle(before | self._shifted)

    # -- building ----------------------------------------------------------------------------------------------------

    def _follow(self, workflow: Workflow, plan: Plan) -> Moved:
        """Find what differs from the workflow before, and lay out that and what follows from it."""
        before, self._workflow = self._workflow, workflow
        known, self._steps = self._steps, {step.id: step for step in reversed(workflow.steps)}
        gone, added = known.keys() - self._steps.keys(), self._steps.keys() - known.keys()
        anew = {id for id, step in self._steps.items() if known.get(id) is not step}
        ends, cut, wired = self._wire(before, gone | added)
        by_id = self.shapes, self.boxes, self.bodies, self._places, self._widths, self._faces, self._touching
        for kept in by_id if gone else ():
            for id in gone:
                kept.pop(id, None)
        self._shifted = self._shifted.intersection(self._steps)
        self.leaving, left = frozenset(plan.escaped), self.leaving
        dirty = self._face(anew | ends) | self._enclose(plan) | self._put(before, plan, added) | added
        moved = self._settle(dirty, wired)
        for edge in cut:
            del self.curves[edge]
        return Moved(moved.steps | gone, moved.edges | cut | (left ^ self.leaving))

    def _wire(self, before: Workflow, strange: set[str]) -> tuple[set[str], set[Edge], set[Edge]]:
        """Know which edges touch which steps: the steps at the ends of what differs, and the edges that went and came.
        `strange` are the steps that were not there before, or are no longer."""
        edges, known = self._workflow.edges, self._steps.keys()
        splice = Splice.between(before.edges, edges)
        ends = {id for _, edge in (*splice.removed, *splice.inserted) for id in (edge.source, edge.target)} | strange
        if not ends:
            return set(), set(), set()
        # Where a step came or went, edges may have named it before, or still do.
        ends |= {id for edge in self.wires_of(strange) for id in (edge.source, edge.target)}
        if strange:
            ends |= {id for e in edges if e.source in strange or e.target in strange for id in (e.source, e.target)}
        found = [edge for edge in edges if edge.source in ends or edge.target in ends]
        old = self.wires_of(ends)
        ends &= known
        new = {edge: None for edge in found if edge.source in known and edge.target in known}
        for id in ends:
            self._touching[id] = []
        for edge in new:
            if edge.source in ends:
                self._touching[edge.source].append(edge)
            if edge.target in ends and edge.target != edge.source:
                self._touching[edge.target].append(edge)
        return ends, old.difference(new), set(new) - old

    def _face(self, ids: Iterable[str]) -> set[str]:
        """Know the outlets of these steps, and give those that may have to be laid out again."""
        found: set[str] = set()
        for id in ids:
            used = {edge.port: None for edge in self._touching[id] if edge.source == id}
            known = self._faces.get(id)
            face = self._faces[id] = self._shared(self._ports(self._steps[id]), tuple(sorted(used)))
            if face.bodies:
                self.bodies[id] = tuple(name for name, _ in face.bodies)
            else:
                self.bodies.pop(id, None)
            # Body ports stand level with what they lead to.
            if known is None or face.bodies or (face.flow, face.bodies) != (known.flow, known.bodies):
                found.add(id)
        return found

    def _shared(self, ports: Sequence[Port], used: tuple[str, ...]) -> Face:
        """The same face for all steps of one activity."""
        key = id(ports), used  # the face holds the ports, so that nothing else gets their identity
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = face_of(ports, used)
        return found

    def _enclose(self, plan: Plan) -> set[str]:
        """Know what is in which container, and give the containers around what went or came."""
        owner = {id: owner for id in plan.order if (owner := plan.inside(id)[0])}
        if list(owner.items()) == list(self._owner.items()):
            return set()
        before, self._owner = self._owner, owner
        changed = {id for id in before.keys() | owner.keys() if before.get(id) != owner.get(id)}
        found = {holder for id in changed for holder in (before.get(id), owner.get(id)) if holder in self._steps}
        self.members, self._depth = {}, {}
        for id, holder in owner.items():  # a container stands before what is in it
            self.members.setdefault(holder, []).append(id)
            self._depth[id] = self._depth.get(holder, 0) + 1
        return found

    def _put(self, before: Workflow, plan: Plan, added: Iterable[str]) -> set[str]:
        """Know where every step was put, and give those that were put elsewhere."""
        was, now = before.layout.steps, self._workflow.layout.steps
        looked = set(added)
        if was is not now:
            looked |= {id for id, place in now.items() if was.get(id) is not place} | (was.keys() - now.keys())
        looked &= self._steps.keys()
        if self._missing or any(id not in now or not sane(now[id]) for id in looked):
            places, self._missing = places_of(self._workflow, plan)
            looked |= {id for id, point in places.items() if self._places.get(id) != point}
        else:
            places = {id: Point(now[id].x, now[id].y) for id in looked}
        widths = {id: width_of(self._workflow, id) for id in looked}
        found = {id for id in looked if self._places.get(id) != places[id] or self._widths.get(id) != widths[id]}
        self._places |= places
        self._widths |= widths
        return found

    def _settle(self, ids: Iterable[str], wired: Iterable[Edge] = ()) -> Moved:
        """Lay out these steps and edges again, and what follows from that: from the inside out."""
        levels: dict[int, set[str]] = {}
        for id in ids:
            levels.setdefault(self.depth(id), set()).add(id)
        changed: set[str] = set()
        for depth in range(max(levels, default=-1), -1, -1):
            for id in levels.get(depth, ()):
                new = self._shape(id)
                if new != self.shapes.get(id):
                    self.shapes[id] = new
                    self.boxes[id] = new.box
                    changed.add(id)
                    if owner := self._owner.get(id):
                        levels.setdefault(depth - 1, set()).add(owner)
        edges = self.wires_of(changed).union(wired) if self.curves else wired
        return Moved(frozenset(changed), frozenset([edge for edge in edges if self._draw(edge)]))

    def _draw(self, edge: Edge) -> bool:
        """Lead an edge from outlet to inlet; False where that is where it led."""
        curve = self._curve(edge)
        if curve == self.curves.get(edge):
            return False
        self.curves[edge] = curve
        return True

    def _shape(self, id: str) -> Shape:
        face = self._faces[id]
        flow, bodies = face.flow, face.bodies
        x, y = self.place(id)
        count = len(flow)
        if not bodies:
            height = STEP_HEIGHT if count < 2 else max(STEP_HEIGHT, 16 + OUTLET_STEP * count)
            box = Rect(x, y, self._widths[id], height)
            header, inlet_y = 0.0, STEP_HEIGHT / 2
        else:
            header = max(HEADER, OUTLET_STEP * count)
            box = self._container(id, x, y, header, len(bodies))
            inlet_y = HEADER / 2
        outlets = [
            Outlet(
                name,
                label,
                "out",
                Point(box.right, box.y + (inlet_y if count == 1 else (0 if bodies else 8) + OUTLET_STEP * (row + 0.5))),
            )
            for row, (name, label) in enumerate(flow)
        ]
        if bodies:
            outlets += self._bodies(id, bodies, box, header)
        outlets.append(Outlet(ERROR.name, "", "error", Point(box.x + ERROR_X, box.bottom)))
        return Shape(id, box, header, Point(box.x, box.y + inlet_y), tuple(outlets))

    def _container(self, id: str, x: float, y: float, header: float, bodies: int) -> Rect:
        inner = around(self.shapes[member].box for member in self.members.get(id, ()))
        right, bottom = x + CONTAINER_WIDTH, y + header + BODY_HEIGHT
        if inner is not None:
            x = min(x, inner.x - (BODY_LEFT if bodies == 1 else BODY_NAMED))
            y = min(y, inner.y - BODY_AROUND - header)
            right = max(right, inner.right + BODY_AROUND)
            bottom = max(y + header + BODY_AROUND + STEP_HEIGHT, inner.bottom + BODY_AROUND)
        return Rect(x, y, right - x, bottom - y)

    def _bodies(self, id: str, bodies: Sequence[tuple[str, str]], box: Rect, header: float) -> list[Outlet]:
        """The body ports on the inner wall, each level with the first step it leads to, and apart from each other."""
        room = box.height - header
        wanted = []
        for row, (name, label) in enumerate(bodies):
            entries = [
                self.shapes[edge.target].inlet.y
                for edge in self.outgoing(id, name)
                if self._owner.get(edge.target) == id
            ]
            y = min(entries) if entries else box.y + header + room * (row + 0.5) / len(bodies)
            wanted.append((y, row, name, label))
        least = box.y + header + 12
        found: dict[int, Outlet] = {}
        for y, row, name, label in sorted(wanted):
            y = max(least, min(y, box.bottom - 12))
            found[row] = Outlet(name, label, "body", Point(box.x + 7, y))
            least = y + OUTLET_STEP
        return [found[row] for row in sorted(found)]

    def _curve(self, edge: Edge) -> Curve:
        outlet = self.shapes[edge.source].outlet(edge.port)
        assert outlet is not None, "every port that an edge names is among the outlets"
        end = self.shapes[edge.target].inlet
        return error_curve(outlet.point, end) if outlet.kind == "error" else flow_curve(outlet.point, end)


def around(boxes: Iterable[Rect]) -> Rect | None:
    """The smallest box that holds all of them; None for none."""
    known = list(boxes)
    if not known:
        return None
    left, top = min([box.x for box in known]), min([box.y for box in known])
    right, bottom = max([box.x + box.width for box in known]), max([box.y + box.height for box in known])
    return Rect(left, top, right - left, bottom - top)
