"""Lining up and spreading what is selected. Containers count with their whole box; bodies follow them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from engine.api import Place
from studio.designer.edits.places import Rect

Edge = Literal["left", "center", "right", "top", "middle", "bottom"]


def align(boxes: Mapping[str, Rect], edge: Edge) -> Mapping[str, Place]:
    """Where the boxes stand when that edge (or centre line) of all is where that of their common bounds is."""
    if not boxes:
        return {}
    left = min(box.x for box in boxes.values())
    right = max(box.right for box in boxes.values())
    top = min(box.y for box in boxes.values())
    bottom = max(box.bottom for box in boxes.values())

    def moved(box: Rect) -> Place:
        if edge == "left":
            return Place(left, box.y)
        if edge == "right":
            return Place(right - box.width, box.y)
        if edge == "center":
            return Place((left + right - box.width) / 2, box.y)
        if edge == "top":
            return Place(box.x, top)
        if edge == "bottom":
            return Place(box.x, bottom - box.height)
        return Place(box.x, (top + bottom - box.height) / 2)

    return {id: moved(box) for id, box in boxes.items()}


def spread(boxes: Mapping[str, Rect], direction: Literal["x", "y"]) -> Mapping[str, Place]:
    """Where the boxes stand when the gaps between them are equal; the first and the last stay."""
    across = direction == "x"
    order = sorted(boxes, key=lambda id: boxes[id][:2] if across else (boxes[id].y, boxes[id].x))
    if len(order) < 3:
        return {id: Place(boxes[id].x, boxes[id].y) for id in order}

    def start(box: Rect) -> float:
        return box.x if across else box.y

    def length(box: Rect) -> float:
        return box.width if across else box.height

    first, last = boxes[order[0]], boxes[order[-1]]
    room = start(last) - start(first) - sum(length(boxes[id]) for id in order[:-1])
    gap = room / (len(order) - 1)
    places: dict[str, Place] = {}
    at = start(first)
    for id in order:
        box = boxes[id]
        places[id] = Place(at, box.y) if across else Place(box.x, at)
        at += length(box) + gap
    return places
