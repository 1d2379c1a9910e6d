"""Where a new step goes and what it is wired to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF

from engine.api import ERROR, Activity, Edge, Workflow
from studio.base.i18n import tr
from studio.base.preferences import preferences
from studio.designer import edits
from studio.designer.canvas.gestures.surface import Surface
from studio.designer.canvas.shape import (
    BODY_HEIGHT,
    CONTAINER_WIDTH,
    GAP_X,
    GAP_Y,
    HEADER,
    OUTLET_STEP,
    STEP_HEIGHT,
    STEP_WIDTH,
    Shape,
)
from studio.designer.edits import Rect
from studio.designer.selection import Selected

RECENT = "recent_activities"
"""Where the preferences remember what was added last."""
_KEPT = 12
_LOOPS = frozenset({"control.foreach", "control.while"})
_LEAVES_LOOP = frozenset({"control.break", "control.continue"})


@dataclass(frozen=True, slots=True)
class Spot:
    """`at` is the upper left corner of the step to be; `source` the outlet (step, port) that leads to it, `target`
    the step that it leads on to, `edge` the wire that it goes into."""

    at: QPointF
    source: tuple[str, str] | None = None
    target: str = ""
    edge: Edge | None = None


def centred(at: QPointF) -> QPointF:
    """The upper left corner of a step with its middle at a point."""
    return QPointF(at.x() - STEP_WIDTH / 2, at.y() - STEP_HEIGHT / 2)


def behind(surface: Surface, step: str, port: str = "") -> Spot:
    """Right behind a step: from the outlet `port`, or its first one that leads nowhere yet."""
    shape = surface.geometry.shapes[step]
    outlet = port or free_outlet(surface, step)
    found = shape.outlet(outlet)
    if found is not None and found.kind == "error":
        at = QPointF(shape.box.x + 32, shape.box.bottom + GAP_Y)
    elif found is not None and found.kind == "body":
        at = QPointF(found.point.x + 21, found.point.y - STEP_HEIGHT / 2)
    else:
        at = QPointF(shape.box.right + GAP_X, shape.inlet.y - STEP_HEIGHT / 2)
    return Spot(at, (step, outlet) if outlet else None)


def free_outlet(surface: Surface, step: str) -> str:
    """The outlet by which a new step would follow: the first that leads nowhere yet, else the main one."""
    found = surface.step(step)
    if found is None:
        return ""
    names = [port.name for port in edits.outlets(found, surface.catalog) if port.name != ERROR.name]
    free = [name for name in names if not surface.geometry.outgoing(step, name)]
    return free[0] if free else edits.main_outlet(found, surface.catalog)


def inside(surface: Surface, container: str, at: QPointF) -> tuple[str, str] | None:
    """What leads to a step that is put into a container at a point: the last step left of it, else a free body port."""
    shape: Shape = surface.geometry.shapes[container]
    before = [
        id
        for id in surface.geometry.members.get(container, ())
        if surface.geometry.shapes[id].box.right <= at.x() and not surface.geometry.shapes[id].container
    ]
    for id in sorted(before, key=lambda id: -surface.geometry.shapes[id].box.right):
        step = surface.step(id)
        outlet = edits.main_outlet(step, surface.catalog) if step is not None else ""
        if outlet and not surface.geometry.outgoing(id, outlet):
            return id, outlet
    bodies = [outlet for outlet in shape.outlets if outlet.kind == "body"]
    free = [outlet for outlet in bodies if not surface.geometry.outgoing(container, outlet.name)] or bodies
    nearest = min(free, key=lambda outlet: abs(outlet.point.y - at.y()), default=None)
    return (container, nearest.name) if nearest is not None else None


def can_follow(surface: Surface, spot: Spot, activity: Activity) -> bool:
    """Whether a step of `activity` makes sense there: leading on where it must, leaving a loop only inside one."""
    if spot.edge is not None or spot.target:
        ports = [port.name for port in activity.ports if not port.body and port.name != ERROR.name]
        if not ports:
            return False
    if activity.id not in _LEAVES_LOOP:
        return True
    source = spot.source or ((spot.edge.source, spot.edge.port) if spot.edge is not None else None)
    if source is None:
        return False
    plan = surface.document.plan
    key = plan.context(Edge(*source, ""))
    containers = [key[0], source[0] if key == source else ""]
    containers += [container for container, _ in plan.enclosing(source[0])]
    steps = {step.id: step.activity for step in surface.workflow.steps}
    return any(steps.get(id) in _LOOPS for id in containers)


def add_at(surface: Surface, spot: Spot, activity: str) -> str:
    """Add a step of `activity` there, wired, as one edit; it is selected then, and in sight. Gives its id."""
    known = surface.catalog.get(activity)
    label = tr(known.label) if known is not None else activity
    made: list[str] = []
    boxes, size = dict(surface.boxes), size_of(known)

    def change(workflow: Workflow) -> Workflow:
        if spot.edge is not None:
            follow = edits.behind(workflow, surface.document.plan, spot.edge)
            changed, id = edits.splice_in(
                workflow, surface.catalog, spot.edge, activity, boxes, follow=follow, size=size
            )
        else:
            taken = _in_the_way(surface, spot, boxes)
            changed, id = edits.add_step(
                workflow,
                surface.catalog,
                activity,
                spot.at.x(),
                spot.at.y(),
                source=spot.source,
                target=spot.target,
                taken=taken,
                size=size,
            )
        made.append(id)
        return changed

    surface.edit(tr("Add “{step}”", step=label), change)
    remember(activity)
    surface.selection.set(Selected(steps=frozenset(made)))
    surface.view.ensure_seen(made[0])
    return made[0]


def size_of(activity: Activity | None) -> tuple[float, float]:
    """Width and height of a new step of `activity`, in canvas units."""
    ports = activity.ports if activity is not None else ()
    if any(port.body for port in ports):
        return CONTAINER_WIDTH, HEADER + BODY_HEIGHT
    return STEP_WIDTH, STEP_HEIGHT if len(ports) < 2 else max(STEP_HEIGHT, 16 + OUTLET_STEP * len(ports))


def _in_the_way(surface: Surface, spot: Spot, boxes: dict[str, Rect]) -> Sequence[Rect]:
    """The boxes that a new step keeps clear of: not those of the containers it goes into."""
    around: set[str] = set()
    if spot.source is not None:
        plan = surface.document.plan
        if plan.context(Edge(*spot.source, "")) == spot.source:
            around.add(spot.source[0])
        around |= {container for container, _ in plan.enclosing(spot.source[0])}
    return [box for id, box in boxes.items() if id not in around]


def remember(activity: str) -> None:
    """Put an activity first among those used last."""
    preferences().set_state(RECENT, [activity, *(id for id in recent() if id != activity)][:_KEPT])


def recent() -> list[str]:
    """The ids of the activities that were added last, newest first."""
    found = preferences().state(RECENT, [])
    return [id for id in found if isinstance(id, str)] if isinstance(found, list) else []
