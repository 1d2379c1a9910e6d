"""A person who moves the mouse into a corner takes over: the step stops."""

from __future__ import annotations

from collections.abc import Mapping

from engine.activities.desktop.platform import Desktop
from engine.activities.desktop.target import Corner
from engine.core.sentences import say
from engine.sdk import BusinessError

_NEAR = 2
"""Pixels from the very corner."""
_left: dict[str, tuple[int, int]] = {}
"""Where a step put the mouse last: what it did itself is no sign from a person."""
_LAST = "last"


class Guard:
    """Looks at the mouse for one step."""

    def __init__(self, desktop: Desktop, corner: Corner) -> None:
        self._desktop = desktop
        self._corner = corner

    def check(self) -> None:
        """Raises `BusinessError`, which nothing repeats, if the mouse was moved into the corner."""
        if self._corner == "none":
            return
        place = self._desktop.pointer.position()
        if place == _left.get(_LAST):
            return
        box = self._desktop.screen.box
        x = "left" if place[0] < _NEAR else "right" if place[0] >= box.width - _NEAR else ""
        y = "top" if place[1] < _NEAR else "bottom" if place[1] >= box.height - _NEAR else ""
        if x and y and self._corner in ("any", f"{y}_{x}"):
            corner = _CALLED[f"{y}_{x}"]
            raise BusinessError(
                say("the mouse was moved into the {corner} corner, which stops the step", corner=corner),
                hint=say("Move it away, then resume. Another corner, or none, can be set in the step."),
            )

    def move(self, x: int, y: int, seconds: float = 0.0) -> None:
        """Move the mouse, unless a person stopped that."""
        self.check()
        self._desktop.pointer.move(x, y, seconds)
        _left[_LAST] = self._desktop.pointer.position()


_CALLED: Mapping[str, str] = {
    "top_left": say("upper left"),
    "top_right": say("upper right"),
    "bottom_left": say("lower left"),
    "bottom_right": say("lower right"),
}
