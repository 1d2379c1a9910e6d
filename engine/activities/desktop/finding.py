"""A place found: all candidates tried in their order, again and again, until one finds it or the time is up."""

from __future__ import annotations

import contextlib
import fnmatch
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.activities.desktop import images, ocr
from engine.activities.desktop.failsafe import Guard
from engine.activities.desktop.platform import Box, Desktop, Thing, Window, opened
from engine.activities.desktop.target import Candidate, Corner, Target
from engine.core.sentences import joined, say
from engine.sdk import BusinessError, Context, File, SystemFault

if TYPE_CHECKING:
    from PIL.Image import Image

_FIRST, _LONGEST = 0.05, 0.4
_SETTLING = 0.6
"""Seconds for which several matches are borne: while a window changes, the old and the new are there at once."""
_SHOWN = 10


@dataclass(frozen=True)
class Place(Box):
    """Where it was found, in pixels of the screen; the middle of it; the candidate that found it, how alike it is from
    0 to 1, and the title of the window."""

    x: int
    y: int
    used: str
    likeness: float
    window: str


@dataclass(frozen=True)
class Match:
    """One place that a candidate found."""

    box: Box
    used: str
    about: str
    likeness: float = 1.0
    thing: Thing | None = None
    window: Window | None = None

    @property
    def place(self) -> Place:
        box, window = self.box, self.window
        return Place(
            box.left, box.top, box.width, box.height, *box.center, self.used, round(self.likeness, 4),
            window.title if window else "",
        )  # fmt: skip


@dataclass
class Look:
    """What is there at one moment; the screen is looked at once, and only if a candidate needs it."""

    desktop: Desktop
    within: Window | None
    read: dict[tuple[bytes, str], list[ocr.Word]] = field(default_factory=dict)

    @cached_property
    def area(self) -> Box:
        return self.within or self.desktop.screen.box

    @cached_property
    def shot(self) -> Image:
        return self.desktop.screen.picture(self.within)

    def words(self, language: str) -> list[ocr.Word]:
        """What can be read, which is read anew only when the picture changed."""
        key = (self.shot.tobytes(), language)
        if key not in self.read:
            self.read.clear()
            self.read[key] = ocr.words(self.shot, language)
        return self.read[key]


class Finder:
    """Looks for targets on a desktop, for one step."""

    def __init__(self, desktop: Desktop, ctx: Context, guard: Guard) -> None:
        self.desktop = desktop
        self.guard = guard
        self._ctx = ctx
        self._pictures: dict[Path, Any] = {}
        self._read: dict[tuple[bytes, str], list[ocr.Word]] = {}

    def find(self, target: Target | Path, seconds: float, *, hidden: bool = False, element: bool = False) -> Match:
        """The one match of the first candidate that finds one alone, in that time.

        Raises `BusinessError` that lists the matches where a candidate finds several, `SystemFault` that says what each
        candidate found where none finds it. With `element` only the accessibility tree is looked into, with `hidden`
        also what is in it and not shown.
        """
        assert isinstance(target, Target)
        if element and any(one.by not in ("any", "element") for one in target.candidates):
            raise BusinessError(
                say("this needs an element of the accessibility tree, not {target}", target=str(target)),
                hint=say("Give its role and name, such as field=Customer."),
            )
        until, pause, ambiguous_since = time.monotonic() + seconds, _FIRST, 0.0
        while True:
            self._ctx.check()
            self.guard.check()
            found, several, looks = self._once(target, hidden, element)
            if found is not None:
                return found
            now = time.monotonic()
            if several:
                ambiguous_since = ambiguous_since or now
                if now - ambiguous_since >= _SETTLING or now >= until:
                    raise self._ambiguous(several)
            else:
                ambiguous_since = 0.0
            if now >= until:
                raise SystemFault(
                    say("{target} is not on the screen; tried: {tried}", target=str(target), tried=joined(looks, "; ")),
                    hint=say("See in the picture what is shown; correct the candidates, or allow more time."),
                    files=evidence(self.desktop),
                )
            time.sleep(max(0.0, min(pause, until - now)))
            pause = min(pause * 1.6, _LONGEST)

    def there(self, target: Target | Path) -> bool:
        """Whether anything of it is on the screen now."""
        assert isinstance(target, Target)
        self._ctx.check()
        self.guard.check()
        found, several, _ = self._once(target, hidden=False, element=False)
        return found is not None or bool(several)

    def _once(self, target: Target, hidden: bool, element: bool) -> tuple[Match | None, list[Match], list[str]]:
        within: Window | None = None
        if target.window:
            windows = matching(self.desktop.windows.all(), target.window)
            if not windows:
                return None, [], [say("no window {title!r}", title=target.window)]
            if len(windows) > 1:
                about = [Match(one, f"window={target.window}", one.title, window=one) for one in windows]
                return None, about, []
            within = windows[0]
            if any(one.by != "element" for one in target.candidates):
                within = self._uncovered(within)
        look = Look(self.desktop, within, self._read)
        several: list[Match] = []
        looks: list[str] = []
        for candidate in [one for given in target.candidates for one in _expanded(given, element)]:
            matches, said = self._look(look, candidate, hidden)
            if candidate.nth is not None:
                matches = sorted(matches, key=lambda match: (match.box.top, match.box.left))
                at = candidate.nth - 1 if candidate.nth > 0 else candidate.nth
                matches = matches[at : at + 1 or None] if -len(matches) <= at < len(matches) else []
            looks.append(said)
            if len(matches) == 1 and not several:
                return matches[0], [], looks
            if len(matches) == 1:
                both = [one for one in several if one.box.holds(*matches[0].box.center)]
                if len(both) == 1:
                    return replace(both[0], used=f"{both[0].used} && {matches[0].used}"), [], looks
            several = several or matches
        return None, several, looks

    def _uncovered(self, window: Window) -> Window:
        """Brought to the front, so that what is seen there is it."""
        if not window.active:
            bring_forward(self.desktop, window)
        return next((one for one in self.desktop.windows.all() if one.id == window.id), window)

    def _look(self, look: Look, candidate: Candidate, hidden: bool) -> tuple[list[Match], str]:
        used, area = str(candidate), look.area
        if candidate.by == "element":
            return self._elements(look, candidate, hidden)
        if candidate.by == "position":
            box = Box(area.left + candidate.x, area.top + candidate.y, 1, 1)
            if area.holds(box.left, box.top):
                return [Match(box, used, used, window=look.within)], used
            return [], say("{what}: outside", what=used)
        if candidate.by == "text":
            boxes = [(box, 1.0) for box in ocr.locate(candidate.name, look.words(candidate.language))]
            said = say("{what}: {count} matches", what=used, count=len(boxes))
        else:
            boxes, best = images.locate(self._picture(candidate), look.shot, candidate.confidence, candidate.scales)
            said = say("{what}: {count} matches, the best {best:.0%} alike", what=used, count=len(boxes), best=best)
        left, top = max(area.left, 0), max(area.top, 0)
        matches = []
        for box, likeness in boxes:
            there = replace(box, left=box.left + left, top=box.top + top)
            matches.append(Match(there, used, used, likeness, window=look.within))
        return matches, said

    def _elements(self, look: Look, candidate: Candidate, hidden: bool) -> tuple[list[Match], str]:
        used, matches = str(candidate), []
        try:
            things = look.desktop.accessibility.find(candidate.role, candidate.name, look.within, hidden=hidden)
        except SystemFault as error:
            return [], say("{what}: {trouble}", what=used, trouble=error.message)
        for thing in things:
            with contextlib.suppress(LookupError):
                seen = thing.seen()
                shown = seen.width > 0 and seen.height > 0
                if hidden or shown:
                    box = Box(seen.left, seen.top, seen.width, seen.height)
                    about = say("{role} {name!r} at {x},{y}", role=seen.role, name=seen.name, x=seen.left, y=seen.top)
                    matches.append(Match(box, used, about, thing=thing, window=look.within))
        if not matches and look.within is not None and not look.desktop.accessibility.shows(look.within):
            return [], say("{what}: its program shows no elements; start it anew by a step", what=used)
        return matches, say("{what}: {count} matches", what=used, count=len(matches))

    def _picture(self, candidate: Candidate) -> Any:
        if candidate.image is None:
            raise BusinessError(say("a candidate has no picture"), hint=say("Choose the file of the picture."))
        path = candidate.image.expanduser()
        path = path if path.is_absolute() else self._ctx.folder / path
        if path not in self._pictures:
            self._pictures[path] = images.load(path)
        return self._pictures[path]

    def _ambiguous(self, several: list[Match]) -> BusinessError:
        listed = [
            say("{at}. {about} ({x},{y})", at=at, about=match.about, x=match.box.center[0], y=match.box.center[1])
            for at, match in enumerate(several[:_SHOWN], 1)
        ]
        return BusinessError(
            say(
                "{what} matches {count} places: {listed}",
                what=several[0].used,
                count=len(several),
                listed=joined(listed, "; "),
            ),
            hint=say("Say more exactly which one: another candidate, a window, or which of several."),
            files=evidence(self.desktop),
        )


@contextlib.contextmanager
def at_work(ctx: Context, corner: Corner) -> Iterator[Finder]:
    """The desktop of one step, with what finds things on it. Raises as `opened` does."""
    with opened() as desktop:
        yield Finder(desktop, ctx, Guard(desktop, corner))


def _expanded(candidate: Candidate, element: bool) -> list[Candidate]:
    """A plain name is that of an element, else a text that is shown."""
    if candidate.by != "any":
        return [candidate]
    named = replace(candidate, by="element")
    return [named] if element else [named, replace(candidate, by="text")]


def matching(windows: list[Window], title: str) -> list[Window]:
    """Those with that title, else those with it in theirs; `*` and `?` stand for anything."""
    wanted = title.casefold()
    if any(sign in wanted for sign in "*?"):
        return [one for one in windows if fnmatch.fnmatchcase(one.title.casefold(), wanted)]
    same = [one for one in windows if one.title.casefold() == wanted]
    return same or [one for one in windows if wanted in one.title.casefold()]


def bring_forward(desktop: Desktop, window: Window, seconds: float = 2.0) -> bool:
    """Give a window the focus, and tell whether it has it."""
    until = time.monotonic() + seconds
    desktop.windows.focus(window)
    while time.monotonic() < until:
        if any(one.id == window.id and one.active for one in desktop.windows.all()):
            return True
        time.sleep(0.03)
    return False


def evidence(desktop: Desktop) -> tuple[File, ...]:
    """What the screen shows, for an error."""
    try:
        return (shot_file(desktop.screen.picture(), "screen.png"),)
    except (OSError, SystemFault):
        return ()


def shot_file(picture: Image, name: str) -> File:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return File(stream.getvalue(), name, "image/png")
