"""Steps that use the mouse."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, Literal

from engine.activities.desktop.finding import Finder, Match, Place, at_work, bring_forward
from engine.activities.desktop.platform import Button
from engine.activities.desktop.target import HELP, AsTarget, FailSafe, Patience, Where
from engine.sdk import Context, Effect, Param, activity

_BETWEEN = 0.04
"""Seconds between the clicks of a double click, and between press and release."""
_GLIDE = 0.3


@dataclass(frozen=True)
class Dragged:
    """Where it was taken and where it was put."""

    start: Place
    end: Place


@activity(
    "desktop.click", label="Click", icon="cursor-click", effect=Effect.ONCE, resources=("desktop",),
    keywords=("mouse", "button", "double click", "right click", "press"),
)  # fmt: skip
def click(
    ctx: Context,
    where: Where,
    button: Annotated[Button, Param("Mouse button")] = "left",
    clicks: Annotated[Literal[1, 2, 3], Param("Clicks")] = 1,
    right: Annotated[int, Param("Further to the right", "From the middle.", unit="px", advanced=True)] = 0,
    down: Annotated[int, Param("Further down", unit="px", advanced=True)] = 0,
    timeout: Patience = 10,
    fail_safe: FailSafe = "top_left",
) -> Place:
    """Click on something on the screen.

    It waits until the thing is there and stands still, and brings its window to the front. The output holds its place,
    `x` and `y` of the middle, and `used`, the candidate that found it.
    """
    with at_work(ctx, fail_safe) as finder:
        match = _steady(finder, where, timeout)
        x, y = match.box.center
        finder.guard.move(x + right, y + down)
        pointer = finder.desktop.pointer
        for number in range(clicks):
            if number:
                time.sleep(_BETWEEN)
            pointer.press(button)
            time.sleep(_BETWEEN / 3)
            pointer.release(button)
        return match.place


@activity(
    "desktop.hover", label="Point at", icon="cursor", effect=Effect.IDEMPOTENT, resources=("desktop",),
    keywords=("mouse", "move", "tooltip"),
)  # fmt: skip
def hover(ctx: Context, where: Where, timeout: Patience = 10, fail_safe: FailSafe = "top_left") -> Place:
    """Move the mouse onto something on the screen.

    The output holds its place, `x` and `y` of the middle, and `used`, the candidate that found it.
    """
    with at_work(ctx, fail_safe) as finder:
        match = _steady(finder, where, timeout)
        finder.guard.move(*match.box.center)
        return match.place


@activity(
    "desktop.drag", label="Drag", icon="hand-grabbing", effect=Effect.ONCE, resources=("desktop",),
    keywords=("mouse", "drop", "move"),
)  # fmt: skip
def drag(
    ctx: Context,
    start: Annotated[AsTarget, Param("From", HELP, "window=Files >> text=report.pdf")],
    end: Annotated[AsTarget, Param("To", HELP, "window=Files >> text=Archive")],
    button: Annotated[Button, Param("Mouse button", advanced=True)] = "left",
    timeout: Patience = 10,
    fail_safe: FailSafe = "top_left",
) -> Dragged:
    """Drag something to another place, with the mouse button held down.

    The output holds the places `start` and `end`.
    """
    with at_work(ctx, fail_safe) as finder:
        last = finder.find(end, timeout)
        first = _steady(finder, start, timeout)
        pointer = finder.desktop.pointer
        finder.guard.move(*first.box.center)
        pointer.press(button)
        try:
            time.sleep(_BETWEEN)
            x, y = first.box.center
            finder.guard.move(x + (8 if last.box.center[0] >= x else -8), y)  # programs wait for a first small move
            finder.guard.move(*last.box.center, _GLIDE)
            time.sleep(_BETWEEN)
        finally:
            pointer.release(button)
        return Dragged(first.place, last.place)


@activity(
    "desktop.scroll", label="Scroll", icon="mouse-scroll", effect=Effect.ONCE, resources=("desktop",),
    keywords=("mouse", "wheel"),
)  # fmt: skip
def scroll(
    ctx: Context,
    where: Where,
    down: Annotated[int, Param("Clicks down", "Of the wheel; negative to go up.")] = 3,
    right: Annotated[int, Param("Clicks to the right", "Negative to go left.", advanced=True)] = 0,
    timeout: Patience = 10,
    fail_safe: FailSafe = "top_left",
) -> Place:
    """Turn the wheel of the mouse over something on the screen.

    The output holds its place, `x` and `y` of the middle, and `used`, the candidate that found it.
    """
    with at_work(ctx, fail_safe) as finder:
        match = _steady(finder, where, timeout)
        finder.guard.move(*match.box.center)
        finder.desktop.pointer.scroll(down, right)
        return match.place


def _steady(finder: Finder, where: AsTarget, timeout: float) -> Match:
    """Found twice at the same place, its window in front."""
    until = time.monotonic() + timeout
    match = finder.find(where, timeout)
    if match.thing is not None:
        _raised(finder, match)
    while match.thing is not None and time.monotonic() < until:
        seen = match.box
        time.sleep(0.05)
        match = finder.find(where, max(0.0, until - time.monotonic()))
        if match.box == seen:
            break
    return match


def _raised(finder: Finder, match: Match) -> None:
    """Bring the window of an element to the front: another may cover it."""
    assert match.thing is not None
    pid, windows = match.thing.pid, finder.desktop.windows.all()
    own = [one for one in windows if one.pid == pid and one.holds(*match.box.center)]
    if match.window is not None:
        own = [one for one in own if one.id == match.window.id]
    elif any(one.active and one.pid == pid for one in windows):
        return  # to bring another of its windows forward would close a menu
    if own and not own[0].active:
        bring_forward(finder.desktop, own[0])
