"""An element found: all candidates tried in their order, again and again, until one finds it or the time is up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from engine.activities.browser.faults import acted, is_closed, is_passing, reason_of
from engine.activities.browser.scan import DESCRIBE
from engine.activities.browser.session import Browser
from engine.activities.browser.target import Candidate, Target, described, expanded, locator
from engine.core.secrets import redact
from engine.core.sentences import joined, say
from engine.sdk import BusinessError, StepTimeout, SystemFault

if TYPE_CHECKING:
    from playwright.async_api import Locator

T = TypeVar("T")
_SETTLING = 0.4
"""Seconds for which several matches are borne: while a page changes, the old and the new are there at once."""
_SLICE = 3.0
"""Seconds after which an element that cannot be used yet is looked for anew: another one may have come."""
_MISMATCH = (
    "Element is not",
    "Not a checkbox",
    "is not an HTMLInputElement",
    "cannot be filled",
    "Cannot type text into",
)
_FIRST, _LONGEST = 0.02, 0.25


@dataclass(frozen=True)
class Found:
    """The one element, and the candidate that found it."""

    locator: Locator
    used: str


@dataclass(frozen=True)
class Seen:
    """What a candidate found in one look."""

    candidate: Candidate
    total: int
    visible: int
    matches: list[str]
    trouble: str = ""

    def __str__(self) -> str:
        what = described(self.candidate)
        if self.trouble:
            return say("{what}: {trouble}", what=what, trouble=self.trouble)
        if not self.total:
            return say("{what}: nothing", what=what)
        if self.total == 1:
            return say("{what}: {match}", what=what, match=self.matches[0])
        return say("{what}: {count} matches", what=what, count=self.total)


async def find(browser: Browser, target: Target, until: float, *, field: bool = False, visible: bool = False) -> Found:
    """The element that the first candidate to find one alone finds. With `visible` it must be seen.

    Raises `BusinessError` that lists the matches where a candidate matches several and the others do not tell which,
    `SystemFault` that says what each candidate found where none finds it until then.
    """
    pause, ambiguous_since = _FIRST, 0.0
    while True:
        looks: list[Seen] = []
        several: Seen | None = None
        for candidate in [one for given in target.candidates for one in expanded(given, field)]:
            seen, one = await _look(browser, candidate)
            looks.append(seen)
            if one is not None and several is None and (seen.visible or not visible):
                return Found(one, described(candidate))
            if seen.total > 1 and several is None:
                several = seen
            elif several is not None and seen.total and candidate.frame == several.candidate.frame:
                both = await _both(browser, several.candidate, candidate)
                if both is not None:
                    return Found(both, f"{described(several.candidate)} && {described(candidate)}")
        now = time.monotonic()
        if several is not None:
            ambiguous_since = ambiguous_since or now
            if now - ambiguous_since >= _SETTLING or now >= until:
                raise await _ambiguous(browser, several)
        else:
            ambiguous_since = 0.0
        if now >= until:
            raise await _missing(browser, target, looks, visible)
        await asyncio.sleep(max(0.0, min(pause, until - now)))
        pause = min(pause * 1.6, _LONGEST)


async def act(
    browser: Browser,
    target: Target,
    until: float,
    action: Callable[[Locator, float], Awaitable[T]],
    *,
    field: bool = False,
    once: bool = False,
) -> tuple[T, str]:
    """Do something with an element, and give what that gives and the candidate that found it.

    `action` gets the element and how many milliseconds it may take. Where the element goes away or cannot be used yet,
    all is tried again until the time is up, unless with `once` it may have been acted on already: then `StepTimeout`,
    which nothing repeats by itself.
    """
    from playwright.async_api import Error
    from playwright.async_api import TimeoutError as Overdue

    while True:
        found = await find(browser, target, until, field=field)
        left = max(until - time.monotonic(), 0.05)
        try:
            return await action(found.locator, min(left, _SLICE) * 1000), found.used
        except Error as error:
            if once and (acted(error) or is_closed(error)):
                raise StepTimeout(
                    say(
                        "it failed while {what} was used, so nobody knows whether the page acted on it", what=found.used
                    ),
                    hint=say("See in the application whether it happened."),
                    files=await browser.evidence(),
                ) from None
            if not isinstance(error, Overdue) and not is_passing(error):
                raise _unfit(error, found) or error from None
            if time.monotonic() >= until:
                raise SystemFault(
                    say("{what} is there but cannot be used: {reason}", what=found.used, reason=reason_of(error)),
                    hint=say("See in the picture what the page shows; allow more time, or do first what enables it."),
                    files=await browser.evidence(found.locator),
                ) from None
        await asyncio.sleep(min(0.05, max(0.0, until - time.monotonic())))


async def _look(browser: Browser, candidate: Candidate) -> tuple[Seen, Locator | None]:
    from playwright.async_api import Error

    try:
        base = locator(browser.page, candidate)
        told: dict[str, Any] = await base.evaluate_all(DESCRIBE)
    except Error as error:
        gone = is_closed(error) and (browser.lost or browser.page.is_closed())
        if gone or browser.crashed or "crashed" in str(error):
            raise
        if "strict mode violation" in str(error):
            return Seen(candidate, 0, 0, [], say("its frame is there several times")), None
        if "selector" in str(error) and not is_passing(error):
            raise BusinessError(
                say("{what!r} is not a selector that the browser understands", what=described(candidate)),
                hint=say("Check its brackets and quotes."),
            ) from None
        return Seen(candidate, 0, 0, []), None
    seen = Seen(candidate, told["total"], told["visible"], [redact(one) for one in told["matches"]])
    if seen.total == 1:
        return seen, base
    if seen.visible == 1 and seen.total:
        return seen, base.filter(visible=True)
    return seen, None


async def _both(browser: Browser, several: Candidate, other: Candidate) -> Locator | None:
    """The one element that both candidates mean."""
    from playwright.async_api import Error

    both = locator(browser.page, several).and_(locator(browser.page, other))
    try:
        told = await both.evaluate_all(DESCRIBE)
    except Error:
        return None
    if told["total"] == 1:
        return both
    return both.filter(visible=True) if told["visible"] == 1 else None


async def _ambiguous(browser: Browser, seen: Seen) -> BusinessError:
    listed = joined([say("{at}. {match}", at=at, match=match) for at, match in enumerate(seen.matches, 1)], "; ")
    return BusinessError(
        say(
            "{what} matches {count} elements: {listed}", what=described(seen.candidate), count=seen.total, listed=listed
        ),
        hint=say("Say more exactly which one: another candidate, or which of several."),
        files=await browser.evidence(),
    )


async def _missing(browser: Browser, target: Target, looks: list[Seen], visible: bool) -> SystemFault:
    if visible and any(one.total for one in looks):
        message = say("the element {target} is there but not visible", target=str(target))
    else:
        tried = joined(list(dict.fromkeys(str(one) for one in looks)), "; ")
        message = say("there is no element {target} on the page; tried: {tried}", target=str(target), tried=tried)
    return SystemFault(
        message,
        hint=say("See in the picture what the page shows; correct the candidates, or allow more time."),
        files=await browser.evidence(),
    )


def _unfit(error: Exception, found: Found) -> BusinessError | None:
    """The element is of a kind that this cannot be done with."""
    text = str(error)
    if "Malformed value" in text:
        return BusinessError(
            say("{what} does not take this value", what=found.used),
            hint=say("A date is given as 2026-11-24, a time as 13:45, a number with a point."),
        )
    if any(mark in text for mark in _MISMATCH):
        return BusinessError(
            say("{what} is not a field that this can be done with", what=found.used),
            hint=say("Name the field itself, or use another step for its kind."),
        )
    return None
