"""Steps that use elements of the accessibility tree, without mouse and keys where they can."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, Literal

from engine.activities.desktop.finding import Finder, at_work, bring_forward, evidence
from engine.activities.desktop.keys import Using
from engine.activities.desktop.platform import Thing as Node
from engine.activities.desktop.target import FailSafe, Patience, Thing
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, SystemFault, activity

_SHOWING = 1.0

Action = Literal["press", "focus", "select", "check", "uncheck", "other"]


@dataclass(frozen=True)
class Told:
    """What an element says of itself: its role and name, what is written in it, and its states."""

    role: str
    name: str
    text: str
    states: list[str]
    used: str


@dataclass(frozen=True)
class Written:
    """How many characters the element holds now, and the candidate that found it."""

    count: int
    used: str


@activity(
    "desktop.set_text", label="Set the text of an element", icon="textbox", effect=Effect.IDEMPOTENT,
    resources=("desktop",), keywords=("fill", "field", "type", "accessibility", "password"),
)  # fmt: skip
def set_text(
    ctx: Context,
    element: Thing,
    text: Annotated[str, Param("Text", kind="text")] = "",
    credential: Using = None,
    timeout: Patience = 10,
    fail_safe: FailSafe = "top_left",
) -> Written:
    """Replace what is written in a field of a program.

    It is written by the accessibility tree, or typed where the program does not take that. Then it is read again: what
    the field did not take is an error.
    """
    written = credential.secret().reveal() if credential is not None else text
    with at_work(ctx, fail_safe) as finder:
        match = finder.find(element, timeout, element=True)
        assert match.thing is not None
        try:
            before = match.thing.seen()
            if not match.thing.write(written):
                _type(finder, match.thing, written)
            hidden = before.role == "password text"
            if not hidden and not _shows(match.thing, written):
                raise SystemFault(
                    say("{what} did not take the text", what=match.used),
                    hint=say("See whether it is a field, can be written, and takes so many characters."),
                    files=evidence(finder.desktop),
                )
        except LookupError:
            raise _gone(finder, match.used) from None
        return Written(len(written), match.used)


@activity(
    "desktop.read_text", label="Read an element", icon="text-aa", effect=Effect.IDEMPOTENT, resources=("desktop",),
    keywords=("get", "field", "value", "checked", "accessibility", "label"),
)  # fmt: skip
def read_text(
    ctx: Context,
    element: Thing,
    timeout: Patience = 10,
    fail_safe: FailSafe = "top_left",
) -> Told:
    """Read what is written in an element of a program, and whether it is checked, enabled and so on.

    The output holds `role`, `name`, `text` and `states`, such as checked, enabled, focused and selected.
    """
    with at_work(ctx, fail_safe) as finder:
        match = finder.find(element, timeout, element=True)
        assert match.thing is not None
        try:
            seen = match.thing.seen()
        except LookupError:
            raise _gone(finder, match.used) from None
        return Told(seen.role, seen.name, seen.text, seen.states, match.used)


@activity(
    "desktop.act", label="Act on an element", icon="hand-tap", effect=Effect.ONCE, resources=("desktop",),
    keywords=("press", "button", "menu", "check", "select", "accessibility"),
)  # fmt: skip
def act(
    ctx: Context,
    element: Thing,
    action: Annotated[Action, Param("Action")] = "press",
    name: Annotated[str, Param("Name of the action", "One that it has.", show_when={"action": ("other",)})] = "",
    timeout: Patience = 10,
    fail_safe: FailSafe = "top_left",
) -> Told:
    """Press, focus, select or check an element of a program by the accessibility tree, without the mouse.

    It reaches also what is not shown, such as the items of a menu that is closed. The output holds its `role`, `name`
    and `text`, and its `states` before that.
    """
    with at_work(ctx, fail_safe) as finder:
        match = finder.find(element, timeout, element=True, hidden=True)
        thing = match.thing
        assert thing is not None
        try:
            seen = thing.seen()
            if not {"sensitive", "enabled"} & set(seen.states):
                raise SystemFault(
                    say("{what} is there but disabled", what=match.used),
                    hint=say("Do first what enables it, or wait for it."),
                    files=evidence(finder.desktop),
                )
            if action in ("check", "uncheck"):
                if ("checked" in seen.states) != (action == "check"):
                    thing.act()
            elif action in ("focus", "select"):
                if not (thing.focus() if action == "focus" else thing.select()):
                    raise BusinessError(
                        say("{what} cannot be given the focus or selected", what=match.used),
                        hint=say("Click on it instead."),
                    )
            else:
                thing.act(name if action == "other" else "")
        except LookupError:
            raise _gone(finder, match.used) from None
        return Told(seen.role, seen.name, seen.text, seen.states, match.used)


def _type(finder: Finder, thing: Node, text: str) -> None:
    own = [one for one in finder.desktop.windows.all() if one.pid == thing.pid]
    if own and not own[0].active:
        bring_forward(finder.desktop, own[0])
    if not thing.focus():
        raise BusinessError(
            say("this element takes no text"), hint=say("Name the field itself, or click on it and type.")
        )
    finder.guard.check()
    finder.desktop.keyboard.chord(["ctrl", "a"])
    finder.desktop.keyboard.chord(["delete"])
    finder.desktop.keyboard.write(text, 0.01)


def _shows(thing: Node, text: str) -> bool:
    """Whether an element holds the text now, or soon."""
    until = time.monotonic() + _SHOWING
    while thing.seen().text.rstrip("\n") != text.rstrip("\n"):
        if time.monotonic() > until:
            return False
        time.sleep(0.03)
    return True


def _gone(finder: Finder, used: str) -> SystemFault:
    return SystemFault(
        say("{what} went away while it was used", what=used),
        hint=say("See in the picture what is shown; the window may have been closed."),
        files=evidence(finder.desktop),
    )
