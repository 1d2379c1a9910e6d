"""Where a dragged thing comes to rest: level with others nearby, else on the grid."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from PySide6.QtCore import QLineF

from studio.base.preferences import preferences
from studio.designer.edits import Rect, snapped

_NEAR = 6.0
"""How near, in pixels, something must come to be level."""
_PAST = 16.0
"""How far a guide reaches beyond what it joins, in canvas units."""

_MIDDLE = 0.5
_SHARES = (0.0, 1.0, _MIDDLE)
"""Edges first: of two boxes of one size the middles say nothing more."""


class Rest(NamedTuple):
    """How far the thing is moved, and the lines that show what it is level with."""

    dx: float
    dy: float
    guides: tuple[QLineF, ...] = ()


def rest(box: Rect, dx: float, dy: float, others: Collection[Rect], zoom: float) -> Rest:
    """Where `box` comes to rest when it is dragged by `dx`, `dy` among `others`."""
    reach = _NEAR / zoom if preferences().get("guides") else 0.0
    moved = box._replace(x=box.x + dx, y=box.y + dy)
    across = _level([(o.x, o.width) for o in others], moved.x, moved.width, reach) if reach else None
    down = _level([(o.y, o.height) for o in others], moved.y, moved.height, reach) if reach else None
    grid = bool(preferences().get("snap"))
    x = across if across is not None else snapped(moved.x) if grid else moved.x
    y = down if down is not None else snapped(moved.y) if grid else moved.y
    found = box._replace(x=x, y=y)
    guides = (*_upright(found, others), *_lying(found, others)) if across is not None or down is not None else ()
    return Rest(x - box.x, y - box.y, guides)


def _level(others: list[tuple[float, float]], start: float, length: float, reach: float) -> float | None:
    """Where `start` must be so that an edge or the middle is level with that of another; None when none is near."""
    best, found = reach, None
    for other, size in others:
        for place in (other, other + size - length, other + (size - length) / 2):
            if abs(place - start) <= best:
                best, found = abs(place - start), place
    return found


def _upright(box: Rect, others: Collection[Rect]) -> list[QLineF]:
    lines: list[QLineF] = []
    for share in _SHARES:
        x = box.x + share * box.width
        level = [o for o in others if abs(o.x + share * o.width - x) < 0.01]
        if level and not (share == _MIDDLE and len(lines) == 2):
            top = min(box.y, *(o.y for o in level)) - _PAST
            bottom = max(box.bottom, *(o.bottom for o in level)) + _PAST
            lines.append(QLineF(x, top, x, bottom))
    return lines


def _lying(box: Rect, others: Collection[Rect]) -> list[QLineF]:
    lines: list[QLineF] = []
    for share in _SHARES:
        y = box.y + share * box.height
        level = [o for o in others if abs(o.y + share * o.height - y) < 0.01]
        if level and not (share == _MIDDLE and len(lines) == 2):
            left = min(box.x, *(o.x for o in level)) - _PAST
            right = max(box.right, *(o.right for o in level)) + _PAST
            lines.append(QLineF(left, y, right, y))
    return lines
