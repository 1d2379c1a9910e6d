"""Wires: connecting, cutting, moving an end, and putting a step into one. Whether a wire is allowed, `rules` says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from engine.api import Catalog, Edge, Place, Plan, Workflow
from studio.designer.edits.places import Rect, move, place, snapped, with_bodies
from studio.designer.edits.ports import main_outlet
from studio.designer.edits.reach import downstream
from studio.designer.edits.steps import STEP_SIZE, add_step

ACROSS = 48.0
"""The room between two steps in a row, in canvas units."""


def connect(workflow: Workflow, source: str, port: str, target: str) -> Workflow:
    """A wire from the outlet `port` of `source` to `target`; the same workflow when it is there already."""
    edge = Edge(source, port, target)
    return workflow if edge in workflow.edges else replace(workflow, edges=(*workflow.edges, edge))


def disconnect(workflow: Workflow, edges: Collection[Edge]) -> Workflow:
    """Without these wires."""
    gone = frozenset(edges)
    return replace(workflow, edges=tuple(edge for edge in workflow.edges if edge not in gone))


def move_target(workflow: Workflow, edge: Edge, target: str) -> Workflow:
    """The wire `edge` led to another step."""
    return _replaced(workflow, edge, Edge(edge.source, edge.port, target))


def move_source(workflow: Workflow, edge: Edge, source: str, port: str) -> Workflow:
    """The wire `edge` led from another outlet."""
    return _replaced(workflow, edge, Edge(source, port, edge.target))


def _replaced(workflow: Workflow, old: Edge, *new: Edge) -> Workflow:
    edges: list[Edge] = []
    for edge in workflow.edges:
        edges += new if edge == old else (edge,)
    return replace(workflow, edges=tuple(dict.fromkeys(edges)))


def splice(workflow: Workflow, catalog: Catalog, edge: Edge, step: str) -> Workflow:
    """The step put into the wire: what led to the wire's target leads to it, and its main outlet leads on."""
    outlet = main_outlet(workflow.step(step), catalog)
    onward = (Edge(step, outlet, edge.target),) if outlet else ()
    return _replaced(workflow, edge, Edge(edge.source, edge.port, step), *onward)


def splice_in(
    workflow: Workflow,
    catalog: Catalog,
    edge: Edge,
    activity: str,
    boxes: Mapping[str, Rect],
    *,
    follow: Collection[str] = (),
    size: tuple[float, float] = STEP_SIZE,
) -> tuple[Workflow, str]:
    """A new step of `activity` and `size` in a wire, and its id; see `make_room` for `boxes` and `follow`."""
    source = boxes.get(edge.source, Rect(0, 0, *STEP_SIZE))
    changed, id = add_step(workflow, catalog, activity, source.right + ACROSS, source.y)
    changed = splice(changed, catalog, edge, id)
    return make_room(changed, edge, id, {**boxes, id: Rect(source.right + ACROSS, source.y, *size)}, follow), id


def behind(workflow: Workflow, plan: Plan, edge: Edge) -> frozenset[str]:
    """What comes behind a wire, with all that is in the bodies there."""
    return with_bodies(plan, downstream(workflow, {edge.target}))


def make_room(
    workflow: Workflow, edge: Edge, step: str, boxes: Mapping[str, Rect], follow: Collection[str]
) -> Workflow:
    """The step placed between the ends of `edge`, and what is too near behind it moved on.

    `boxes` are those of all steps, `follow` the steps that come behind the wire, bodies included: they move to the
    right by what is missing, those that already stand far enough stay where they are.
    """
    source, target, own = boxes.get(edge.source), boxes.get(edge.target), boxes.get(step)
    if source is None or target is None or own is None or target.x <= source.x:
        return workflow
    room = target.x - source.right
    left = max(source.right + ACROSS, source.right + (room - own.width) / 2)
    y = own.y if min(source.y, target.y) <= own.y <= max(source.y, target.y) else source.y
    changed = place(workflow, {step: Place(snapped(left), snapped(y))})
    missing = snapped(left) + own.width + ACROSS - target.x
    if missing <= 0:
        return changed
    shift = -(-missing // 8) * 8
    behind = [id for id in follow if id != step and id in boxes and boxes[id].x >= target.x]
    known = {id: Place(boxes[id].x, boxes[id].y) for id in behind}
    return move(changed, shift, 0.0, behind, places=known)
