"""Where a file puts the steps, and where those stand that it does not place. Pure: it knows no Qt."""

from __future__ import annotations

from engine.api import Place, Plan, Workflow
from studio.designer.canvas.curve import Point
from studio.designer.canvas.shape import (
    BODY_AROUND,
    FARTHEST,
    GAP_X,
    GAP_Y,
    HEADER,
    STEP_HEIGHT,
    STEP_NARROWEST,
    STEP_WIDEST,
    STEP_WIDTH,
)


def width_of(workflow: Workflow, id: str) -> float:
    """The width that the file gives a step, in eights; the usual one where it gives none that makes sense."""
    place = workflow.layout.steps.get(id)
    width = place.extra.get("width") if place is not None else None
    if isinstance(width, bool) or not isinstance(width, (int, float)) or not STEP_NARROWEST <= width <= STEP_WIDEST:
        return STEP_WIDTH
    return round(width / 8) * 8.0


def sane(place: Place) -> bool:
    return abs(place.x) <= FARTHEST and abs(place.y) <= FARTHEST


def places_of(workflow: Workflow, plan: Plan) -> tuple[dict[str, Point], frozenset[str]]:
    """Where every step was put, and which of them the file does not place: they stand in columns below the others, and
    below them each loop or try with what is in it."""
    known = workflow.layout.steps
    places = {id: Point(place.x, place.y) for id in plan.order if (place := known.get(id)) is not None and sane(place)}
    missing = [id for id in plan.order if id not in places]
    if missing:
        top = max((point.y for point in places.values()), default=-STEP_HEIGHT - GAP_Y) + STEP_HEIGHT + GAP_Y
        left = min((point.x for point in places.values()), default=0.0)
        column: dict[str, int] = {}
        owned: dict[str, list[str]] = {"": []}
        for id in missing:  # a container stands before what is in it
            column[id] = max(
                (column[edge.source] + 1 for edge in plan.predecessors[id] if edge.source in column), default=0
            )
            owner = plan.inside(id)[0]
            owned.setdefault(owner if owner in column else "", []).append(id)
        coming: list[str | None] = [""]  # None: a container ends
        while coming:
            holder = coming.pop()
            if holder is None:
                top += BODY_AROUND
                continue
            if holder:
                places[holder] = Point(left + column[holder] * (STEP_WIDTH + GAP_X), top)
                top += HEADER + BODY_AROUND
            rows: dict[int, int] = {}
            for id in owned[holder]:
                if id not in owned:
                    row = rows[column[id]] = rows.get(column[id], -1) + 1
                    x = left + column[id] * (STEP_WIDTH + GAP_X)
                    places[id] = Point(x, top + row * (STEP_HEIGHT + GAP_Y))
            top += max((row + 1 for row in rows.values()), default=0) * (STEP_HEIGHT + GAP_Y)
            coming += [None, *(id for id in reversed(owned[holder]) if id in owned)]
    return places, frozenset(missing)
