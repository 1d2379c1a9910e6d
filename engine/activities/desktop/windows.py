"""Steps that use windows as a whole."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated

from engine.activities.desktop.finding import evidence, matching
from engine.activities.desktop.keys import in_front
from engine.activities.desktop.platform import Box, Desktop, Window, opened
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, StepTimeout, SystemFault, activity
from engine.sdk.durations import Duration

_LOOKING = 0.05
_OBEYING = 1.0

Title = Annotated[str, Param("Window", "Part of its title, or with * and ?.", "Orders")]


@dataclass(frozen=True)
class WindowList:
    """The windows, the topmost first, and how many there are."""

    windows: list[Window]
    count: int


@dataclass(frozen=True)
class Closed:
    """How many windows were closed."""

    count: int


@activity(
    "desktop.windows", label="List windows", icon="app-window", effect=Effect.IDEMPOTENT, resources=("desktop",),
    keywords=("programs", "title"),
)  # fmt: skip
def list_windows(
    title: Annotated[str, Param("Title", "Part of it, or with * and ?; empty for all.")] = "",
) -> WindowList:
    """List the windows that are open, with title, program, process and place.

    The output holds `windows`, the one in front first, and their `count`.
    """
    with opened() as desktop:
        found = desktop.windows.all()
        found = matching(found, title) if title else found
        return WindowList(found, len(found))


@activity(
    "desktop.focus_window", label="Bring a window to the front", icon="arrow-square-up", effect=Effect.IDEMPOTENT,
    resources=("desktop",), keywords=("focus", "activate", "raise"),
)  # fmt: skip
def focus_window(title: Title) -> Window:
    """Bring a window to the front and give it the focus.

    The output holds its `title`, `program`, `pid` and place.
    """
    with opened() as desktop:
        window = _one(desktop, title)
        in_front(desktop, window.title)
        return _now(desktop, window)


@activity(
    "desktop.move_window", label="Move a window", icon="arrows-out-cardinal", effect=Effect.IDEMPOTENT,
    resources=("desktop",), keywords=("resize", "size", "place"),
)  # fmt: skip
def move_window(
    title: Title,
    left: Annotated[int | None, Param("From the left", "Empty to leave it.", unit="px")] = None,
    top: Annotated[int | None, Param("From the top", "Empty to leave it.", unit="px")] = None,
    width: Annotated[int | None, Param("Width", "Empty to leave it.", unit="px")] = None,
    height: Annotated[int | None, Param("Height", "Empty to leave it.", unit="px")] = None,
) -> Window:
    """Move a window or change its size; the place is that of what it shows, without title bar and frame.

    The output holds the place that it really has then: a program may not want to be as small or as large.
    """
    with opened() as desktop:
        window = _one(desktop, title)
        box = Box(
            window.left if left is None else left,
            window.top if top is None else top,
            width or window.width,
            height or window.height,
        )
        desktop.windows.place(window, box)
        last = window
        until = time.monotonic() + _OBEYING
        while time.monotonic() < until:
            last = _now(desktop, window)
            if (last.left, last.top, last.width, last.height) == (box.left, box.top, box.width, box.height):
                break
            time.sleep(_LOOKING)
        return last


@activity(
    "desktop.wait_window", label="Wait for a window", icon="hourglass-medium", effect=Effect.IDEMPOTENT,
    resources=("desktop",), keywords=("appear", "open", "dialog"),
)  # fmt: skip
def wait_window(
    ctx: Context, title: Title, timeout: Annotated[Duration, Param("At most", placeholder="2m")] = 60
) -> Window:
    """Wait until there is a window with that title.

    The output holds its `title`, `program`, `pid` and place.
    """
    started = time.monotonic()
    with opened() as desktop:
        while True:
            ctx.check()
            found = matching(desktop.windows.all(), title)
            if found:
                return found[0]
            spent = time.monotonic() - started
            if spent >= timeout:
                shown = ", ".join(repr(one.title) for one in desktop.windows.all())
                raise StepTimeout(
                    say("there is no window {title!r}; there are: {shown}", title=title, shown=shown),
                    hint=say("Check the title, or allow more time."),
                    files=evidence(desktop),
                )
            ctx.progress(spent, timeout)
            time.sleep(min(_LOOKING * 2, max(timeout - spent, 0)))


@activity(
    "desktop.close_window", label="Close a window", icon="x-square", effect=Effect.IDEMPOTENT, resources=("desktop",),
    keywords=("quit", "end"),
)  # fmt: skip
def close_window(
    ctx: Context,
    title: Title,
    all_of_them: Annotated[bool, Param("All that match")] = False,
    timeout: Annotated[Duration, Param("At most", unit="seconds")] = 5,
) -> Closed:
    """Ask a window to close, as its own button does. No such window is no error.

    A program that asks whether to save keeps its window open: that is an error with a picture.
    """
    with opened() as desktop:
        found = matching(desktop.windows.all(), title)
        if len(found) > 1 and not all_of_them:
            raise _several(found, title)
        for window in found:
            desktop.windows.close(window)
        closing = {window.id for window in found}
        until = time.monotonic() + timeout
        while closing & {one.id for one in desktop.windows.all()}:
            ctx.check()
            if time.monotonic() >= until:
                raise SystemFault(
                    say("the window {title!r} does not close", title=title),
                    hint=say("See in the picture whether it asks something; answer that first."),
                    files=evidence(desktop),
                )
            time.sleep(_LOOKING)
        return Closed(len(found))


def _one(desktop: Desktop, title: str) -> Window:
    found = matching(desktop.windows.all(), title)
    if len(found) == 1:
        return found[0]
    if found:
        raise _several(found, title)
    raise SystemFault(
        say("there is no window {title!r}", title=title),
        hint=say("Check the title, or wait for the window first."),
        files=evidence(desktop),
    )


def _several(found: list[Window], title: str) -> BusinessError:
    shown = ", ".join(repr(one.title) for one in found)
    return BusinessError(
        say("{title!r} matches {count} windows: {shown}", title=title, count=len(found), shown=shown),
        hint=say("Give more of the title."),
    )


def _now(desktop: Desktop, window: Window) -> Window:
    return next((one for one in desktop.windows.all() if one.id == window.id), window)
