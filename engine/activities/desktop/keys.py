"""Steps that use the keyboard."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Annotated, Literal

from engine.activities.desktop.clipboard import restored
from engine.activities.desktop.finding import at_work, bring_forward, matching
from engine.activities.desktop.platform import Desktop
from engine.activities.desktop.target import FailSafe
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Credential, Effect, Param, SystemFault, activity
from engine.sdk.durations import Duration

_PIECE = 20
"""Characters between two looks at whether the step was stopped."""

InWindow = Annotated[str, Param("Window", "Part of its title, or with * and ?; empty for the one in front.")]
Using = Annotated[Credential | None, Param("Credential", "Its password, instead of the text.")]


@dataclass(frozen=True)
class Typed:
    """How many characters were typed, and the title of the window that was in front."""

    count: int
    window: str


@dataclass(frozen=True)
class Pressed:
    """The keys that were pressed, and the title of the window that was in front."""

    keys: str
    window: str


@activity(
    "desktop.type", label="Type text", icon="keyboard", effect=Effect.ONCE, resources=("desktop",),
    keywords=("keyboard", "write", "enter", "password", "paste"),
)  # fmt: skip
def type_text(
    ctx: Context,
    text: Annotated[str, Param("Text", "A new line is the key Enter, a tab the key Tab.", kind="text")] = "",
    credential: Using = None,
    window: InWindow = "",
    how: Annotated[
        Literal["keys", "paste"], Param("How", "paste: by the clipboard, which gets back what it held.")
    ] = "keys",
    pause: Annotated[Duration, Param("Between two keys", unit="seconds", advanced=True)] = 0.01,
    fail_safe: FailSafe = "top_left",
) -> Typed:
    """Type text of any script into what has the focus.

    Click on the field first, or use "Set the text of an element". The output holds the `count` of characters.
    """
    written = credential.secret().reveal() if credential is not None else text
    with at_work(ctx, fail_safe) as finder:
        title = in_front(finder.desktop, window)
        finder.guard.check()
        if how == "paste":
            with restored(finder.desktop, written):
                finder.desktop.keyboard.chord(["ctrl", "v"])
            return Typed(len(written), title)
        for at in range(0, len(written), _PIECE):
            ctx.check()
            finder.guard.check()
            finder.desktop.keyboard.write(written[at : at + _PIECE], pause)
        return Typed(len(written), title)


@activity(
    "desktop.press", label="Press keys", icon="command", effect=Effect.ONCE, resources=("desktop",),
    keywords=("keyboard", "shortcut", "hot key", "enter", "ctrl"),
)  # fmt: skip
def press(
    ctx: Context,
    keys: Annotated[str, Param("Keys", "Together with +, one after the other with a space.", "ctrl+s enter")],
    window: InWindow = "",
    times: Annotated[int, Param("Times", advanced=True)] = 1,
    pause: Annotated[Duration, Param("Between two", unit="seconds", advanced=True)] = 0.05,
    fail_safe: FailSafe = "top_left",
) -> Pressed:
    """Press keys, such as a shortcut of a program.

    Keys are ctrl, alt, shift, win, enter, tab, esc, space, up, pagedown, f5, a, and so on.
    """
    chords = [chord.split("+") for chord in re.sub(r"\+\+", "+plus", keys).split()]
    if not chords or any(not key for chord in chords for key in chord):
        raise BusinessError(say("{keys!r} says no keys", keys=keys), hint=say("Such as ctrl+s, or tab tab enter."))
    with at_work(ctx, fail_safe) as finder:
        title = in_front(finder.desktop, window)
        for chord in chords * max(times, 0):
            ctx.check()
            finder.guard.check()
            finder.desktop.keyboard.chord(chord)
            time.sleep(pause)
        return Pressed(keys, title)


def in_front(desktop: Desktop, title: str) -> str:
    """Bring the window with that title to the front, and give the title of the one that is. Raises `ActivityError`."""
    windows = desktop.windows.all()
    if not title:
        return next((one.title for one in windows if one.active), "")
    found = matching(windows, title)
    if len(found) != 1:
        shown = ", ".join(repr(one.title) for one in found or windows)
        raise (BusinessError if found else SystemFault)(
            say("{count} windows match {title!r}; there are: {shown}", count=len(found), title=title, shown=shown),
            hint=say("Give more of the title, or wait for the window first."),
        )
    if not found[0].active and not bring_forward(desktop, found[0]):
        raise SystemFault(
            say("the window {title!r} does not come to the front", title=found[0].title),
            hint=say("See whether a dialog or a lock screen holds it back."),
        )
    return found[0].title
