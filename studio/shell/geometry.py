"""Where a window may stand on the screens that are there: a remembered place is kept where it can be reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

GRIP = 36
"""Height of the strip by which a window is moved; so much of it, and four times as much across, must be in sight."""


class Box(NamedTuple):
    """A rectangle in device-independent pixels."""

    x: int
    y: int
    width: int
    height: int


def read(value: Any) -> Box | None:
    """A remembered rectangle, or None for anything else that a file may hold."""
    if not isinstance(value, (list, tuple)) or len(value) != 4:
        return None
    if any(type(part) is not int or abs(part) > 100_000 for part in value):
        return None
    box = Box(*value)
    return box if box.width > 0 and box.height > 0 else None


def fit(wanted: Box | None, screens: Sequence[Box], default: tuple[int, int], least: tuple[int, int]) -> Box:
    """`wanted` if its upper strip can be reached on one of `screens` (their free areas, the first one the main one),
    made smaller where it is larger than that screen; else a window of the size `default` in the middle of the main one.
    """
    if not screens:
        return wanted or Box(0, 0, *default)
    if wanted is not None:
        for screen in screens:
            across = min(wanted.x + wanted.width, screen.x + screen.width) - max(wanted.x, screen.x)
            down = min(wanted.y + GRIP, screen.y + screen.height) - max(wanted.y, screen.y)
            if across >= 4 * GRIP and down >= GRIP:
                return wanted._replace(
                    width=max(least[0], min(wanted.width, screen.width)),
                    height=max(least[1], min(wanted.height, screen.height)),
                )
    main = screens[0]
    width, height = min(default[0], main.width), min(default[1], main.height)
    return Box(main.x + (main.width - width) // 2, main.y + (main.height - height) // 2, width, height)
