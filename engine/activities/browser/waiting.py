"""Wait for what a page shows, without guessing how long that takes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Annotated, Literal

from engine.activities.browser.faults import is_passing
from engine.activities.browser.finding import find
from engine.activities.browser.session import DEFAULT, Browser, Patience, Session, using
from engine.activities.browser.target import AsTarget, Target, described, expanded, locator
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, SystemFault, activity

Until = Literal["visible", "hidden", "there", "gone", "enabled", "text", "address", "loaded", "quiet", "script"]
_ELEMENT: tuple[Until, ...] = ("visible", "hidden", "there", "gone", "enabled")


@dataclass(frozen=True)
class Waited:
    """How long it took in seconds, the candidate that found the element, and the address the browser is at."""

    seconds: float
    used: str
    address: str


@activity(
    "browser.wait",
    label="Wait for page",
    icon="hourglass",
    effect=Effect.PURE,
    keywords=("until", "visible", "loaded", "appear", "disappear", "ready"),
)
async def wait(
    ctx: Context,
    until: Annotated[
        Until,
        Param(
            "Until", "An element is visible, hidden, …; a text; an address; loaded; quiet: no more requests; a script."
        ),
    ] = "visible",
    target: Annotated[
        AsTarget | None, Param("Element", "For text: in which it stands; empty: anywhere.", "button=Save")
    ] = None,
    text: Annotated[
        str,
        Param(
            "Text, address or script",
            "A part of the text or address; or JavaScript that gives true at last.",
            show_when={"until": ("text", "address", "script")},
        ),
    ] = "",
    timeout: Patience = None,
    session: Session = DEFAULT,
) -> Waited:
    """Wait until a condition holds on the page; then the flow goes on at once.

    Steps that use an element wait for it by themselves. The output holds `seconds`, `used` and `address`.
    """
    if until in _ELEMENT and target is None:
        raise BusinessError(say("no element is given to wait for"), hint=say("Name it, or wait for something else."))
    if until in ("text", "address", "script") and not text.strip():
        raise BusinessError(
            say("it is not said what to wait for"), hint=say("Give the text, the address or the script.")
        )
    async with using(ctx, session) as browser:
        began = time.monotonic()
        limit = browser.timeout if timeout is None else timeout
        used = ""
        if until in ("loaded", "quiet"):
            state: Literal["load", "networkidle"] = "load" if until == "loaded" else "networkidle"
            await browser.page.wait_for_load_state(state, timeout=limit * 1000)
        elif target is not None and until in ("visible", "there"):
            used = (await find(browser, target, began + limit, visible=until == "visible")).used
        else:
            used = await _until(browser, until, target, text, began + limit)
        return Waited(round(time.monotonic() - began, 3), used, browser.page.url)


async def _until(browser: Browser, until: Until, target: Target | None, text: str, end: float) -> str:
    from playwright.async_api import Error

    pause = 0.02
    while True:
        try:
            used = await _holds(browser, until, target, text)
            if used is not None:
                return used
        except Error as error:
            if until == "script" and not is_passing(error) and "SyntaxError" in str(error):
                raise BusinessError(say("the script is not JavaScript"), hint=say("Give an expression.")) from None
            if not is_passing(error):
                raise
        if time.monotonic() >= end:
            what = str(target) if target is not None and until in _ELEMENT else text
            raise SystemFault(
                say("waited in vain for {what} ({until})", what=what, until=until),
                hint=say("See in the picture what the page shows; allow more time."),
                files=await browser.evidence(),
            )
        await asyncio.sleep(max(0.0, min(pause, end - time.monotonic())))
        pause = min(pause * 1.6, 0.25)


async def _holds(browser: Browser, until: Until, target: Target | None, text: str) -> str | None:
    """The candidate for which the condition holds now, or an empty text where it needs none; None if it does not."""
    page = browser.page
    if until == "address":
        return "" if text in page.url else None
    if until == "script":
        return "" if await page.evaluate(text) else None
    if target is None:
        found = await page.locator("body").inner_text()
        return "" if _plain(text) in _plain(found) else None
    last = ""
    for candidate in (one for given in target.candidates for one in expanded(given, False)):
        base = locator(page, candidate)
        shown = base.filter(visible=True)
        last = described(candidate)
        if until == "gone" and await base.count():
            return None
        if until == "hidden" and await shown.count():
            return None
        if until == "enabled" and await shown.count() and await shown.first.is_enabled():
            return last
        if until == "text" and any(_plain(text) in _plain(one) for one in await base.all_inner_texts()):
            return last
    return last if until in ("gone", "hidden") else None


def _plain(text: str) -> str:
    return " ".join(text.split())
