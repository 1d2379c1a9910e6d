"""Steps that look at the screen."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from engine.activities.desktop.finding import Place, at_work, evidence, shot_file
from engine.activities.desktop.keys import in_front
from engine.activities.desktop.platform import Box, opened
from engine.activities.desktop.target import FailSafe, Patience, Where
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, File, Param, StepTimeout, activity
from engine.sdk.durations import Duration

_LOOKING = 0.15


@dataclass(frozen=True)
class Screenshot:
    """The picture, its size in pixels, and which part of the screen it shows."""

    picture: File
    width: int
    height: int
    left: int
    top: int


@dataclass(frozen=True)
class Waited:
    """How many seconds it took, and where it is; nothing if it is gone."""

    seconds: float
    place: Place | None


@activity(
    "desktop.find", label="Find on the screen", icon="magnifying-glass", effect=Effect.IDEMPOTENT,
    resources=("desktop",), keywords=("image", "ocr", "text", "element", "locate"),
)  # fmt: skip
def find(ctx: Context, where: Where, timeout: Patience = 10, fail_safe: FailSafe = "top_left") -> Place:
    """Tell where something is on the screen: an element, a picture or a text.

    The output holds `left`, `top`, `width`, `height`, the middle `x` and `y`, `used`, the candidate that found it, and
    `likeness`, from 0 to 1, for a picture.
    """
    with at_work(ctx, fail_safe) as finder:
        return finder.find(where, timeout).place


@activity(
    "desktop.wait", label="Wait for something on the screen", icon="hourglass", effect=Effect.IDEMPOTENT,
    resources=("desktop",), keywords=("appear", "disappear", "image", "text", "element"),
)  # fmt: skip
def wait(
    ctx: Context,
    where: Where,
    until: Annotated[Literal["there", "gone"], Param("Until it is")] = "there",
    timeout: Annotated[Duration, Param("At most", placeholder="2m")] = 60,
    fail_safe: FailSafe = "top_left",
) -> Waited:
    """Wait until something is on the screen, or is there no longer.

    It looks at the world and changes nothing; if the process dies meanwhile, it waits anew.
    """
    started = time.monotonic()
    with at_work(ctx, fail_safe) as finder:
        if until == "there":
            place = finder.find(where, timeout).place
            return Waited(round(time.monotonic() - started, 3), place)
        while finder.there(where):
            spent = time.monotonic() - started
            if spent >= timeout:
                raise StepTimeout(
                    say("{target} is still on the screen", target=str(where)),
                    hint=say("See in the picture what is shown; allow more time."),
                    files=evidence(finder.desktop),
                )
            ctx.progress(spent, timeout)
            time.sleep(min(_LOOKING, timeout - spent))
        return Waited(round(time.monotonic() - started, 3), None)


@activity(
    "desktop.screenshot", label="Take a screenshot", icon="camera", effect=Effect.IDEMPOTENT, resources=("desktop",),
    keywords=("picture", "image", "capture"),
)  # fmt: skip
def screenshot(
    window: Annotated[str, Param("Window", "Part of its title, or with * and ?; empty for the whole screen.")] = "",
    left: Annotated[int, Param("From the left", unit="px", advanced=True)] = 0,
    top: Annotated[int, Param("From the top", unit="px", advanced=True)] = 0,
    width: Annotated[int | None, Param("Width", "Empty for all the rest.", unit="px", advanced=True)] = None,
    height: Annotated[int | None, Param("Height", "Empty for all the rest.", unit="px", advanced=True)] = None,
) -> Screenshot:
    """Take a picture of the screen, of a window, or of a part of it.

    The output holds the `picture`, which is kept and can be given to other steps.
    """
    with opened() as desktop:
        area = desktop.screen.box
        if window:
            title = in_front(desktop, window)
            time.sleep(_LOOKING)  # until what was covered is drawn
            area = next((one for one in desktop.windows.all() if one.active and one.title == title), area)
        area = Box(
            area.left + left, area.top + top, width or max(area.width - left, 0), height or max(area.height - top, 0)
        )
        seen = desktop.screen.box
        if not (area.width > 0 and area.height > 0 and area.left < seen.width and area.top < seen.height):
            raise BusinessError(
                say("this part is not on the screen of {width} × {height}", width=seen.width, height=seen.height),
                hint=say("Give a smaller place."),
            )
        shown = replace(area, left=max(area.left, 0), top=max(area.top, 0))
        picture = desktop.screen.picture(area)
        return Screenshot(shot_file(picture, "screenshot.png"), picture.width, picture.height, shown.left, shown.top)
