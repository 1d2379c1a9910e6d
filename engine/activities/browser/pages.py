"""Pages and tabs: go to one, switch between them, and answer what they ask."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from engine.activities.browser.faults import shown_address
from engine.activities.browser.session import DEFAULT, Answer, Browser, Patience, Said, Session, using
from engine.core.secrets import redact
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, SystemFault, activity

if TYPE_CHECKING:
    from playwright.async_api import Page

Ready = Literal["loaded", "drawn", "quiet", "answered"]
_STATES: dict[Ready, Literal["load", "domcontentloaded", "networkidle", "commit"]] = {
    "loaded": "load",
    "drawn": "domcontentloaded",
    "quiet": "networkidle",
    "answered": "commit",
}
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")


@dataclass(frozen=True)
class PageState:
    """Where the browser is: the address and the title of the page, and the status it was answered with, if known."""

    address: str
    title: str
    status: int | None
    dialogs: list[Said]


@dataclass(frozen=True)
class Tab:
    """A tab: its number from 1, its address and title, and whether steps act on it."""

    number: int
    address: str
    title: str
    active: bool


@dataclass(frozen=True)
class Tabs:
    """The open tabs."""

    tabs: list[Tab]
    count: int


async def load(
    browser: Browser, address: str, timeout: float, ready: Ready = "loaded", check: bool = True
) -> int | None:
    """Open an address in the current tab and give the status it was answered with.

    Raises `BusinessError` for a status that is the caller's fault, `SystemFault` for one that is the server's.
    """
    if not _SCHEME.match(address):
        address = f"https://{address}"
    response = await browser.page.goto(address, wait_until=_STATES[ready], timeout=timeout * 1000)
    status = response.status if response is not None else None
    if check and status is not None and status >= 400:
        message = say("{address} was answered with {status}", address=shown_address(address), status=status)
        if status >= 500 or status in (408, 425, 429):
            raise SystemFault(message)
        raise BusinessError(message, hint=say("Check the address, and whether it wants a sign-in."))
    return status


@activity(
    "browser.go_to",
    label="Go to page",
    icon="globe-simple",
    effect=Effect.IDEMPOTENT,
    keywords=("open", "address", "url", "navigate", "reload", "back"),
)
async def go_to(
    ctx: Context,
    address: Annotated[str, Param("Address", "Or: back, forward, reload.", "https://shop.example/orders")],
    ready: Annotated[
        Ready, Param("Wait until", "drawn: its pictures may come later; quiet: no more requests.", advanced=True)
    ] = "loaded",
    check: Annotated[bool, Param("Fail on an error status", "400 and above.", advanced=True)] = True,
    timeout: Patience = None,
    session: Session = DEFAULT,
) -> PageState:
    """Go to an address, and wait until the page is loaded.

    The output holds `address`, `title`, `status`, and what `dialogs` said.
    """
    async with using(ctx, session, address) as browser:
        limit = browser.timeout if timeout is None else timeout
        page, status = browser.page, None
        word = address.strip().lower()
        if word == "back":
            await page.go_back(wait_until=_STATES[ready], timeout=limit * 1000)
        elif word == "forward":
            await page.go_forward(wait_until=_STATES[ready], timeout=limit * 1000)
        elif word == "reload":
            await page.reload(wait_until=_STATES[ready], timeout=limit * 1000)
        else:
            status = await load(browser, address.strip(), limit, ready, check)
        return PageState(page.url, await page.title(), status, browser.heard())


@activity(
    "browser.dialogs",
    label="Answer dialogs",
    icon="chat-centered-text",
    effect=Effect.IDEMPOTENT,
    keywords=("alert", "confirm", "prompt", "popup", "ok", "cancel"),
)
async def dialogs(
    ctx: Context,
    answer: Annotated[Answer, Param("Answer", "accept: OK; dismiss: Cancel.")] = "accept",
    which: Annotated[
        Literal["next", "all"], Param("Which", "next: the next one only; all: every one from now on.")
    ] = "next",
    text: Annotated[str, Param("Text", "Typed into one that asks for a text.")] = "",
    session: Session = DEFAULT,
) -> list[Said]:
    """Say how the dialogs of pages are to be answered, before the step that opens them.

    Without this, messages are closed, and questions are answered with Cancel. The output lists the dialogs that were
    shown since it was last asked: `kind`, `message` and `answer`.
    """
    async with using(ctx, session) as browser:
        if which == "next":
            browser.answers.next.append((answer, text))
        else:
            browser.answers.next.clear()
            browser.answers.policy, browser.answers.text = answer, text
        return browser.heard()


@activity("browser.tabs", label="List tabs", icon="tabs", effect=Effect.PURE, keywords=("windows", "pages", "popup"))
async def tabs(ctx: Context, session: Session = DEFAULT) -> Tabs:
    """List the open tabs. The output holds `tabs`, each with `number`, `address`, `title` and `active`, and `count`."""
    async with using(ctx, session) as browser:
        current = browser.page
        found = [
            Tab(at, page.url, redact(await page.title()), page is current) for at, page in enumerate(browser.pages, 1)
        ]
        return Tabs(found, len(found))


@activity(
    "browser.new_tab",
    label="New tab",
    icon="plus",
    effect=Effect.IDEMPOTENT,
    keywords=("open", "window", "page"),
)
async def new_tab(
    ctx: Context,
    address: Annotated[str, Param("Address", "Empty for an empty tab.")] = "",
    timeout: Patience = None,
    session: Session = DEFAULT,
) -> PageState:
    """Open another tab, on which the steps that follow act."""
    async with using(ctx, session, address) as browser:
        page = await browser.new_page()
        status = await load(browser, address, browser.timeout if timeout is None else timeout) if address else None
        return PageState(page.url, await page.title(), status, browser.heard())


@activity(
    "browser.switch_tab",
    label="Switch tab",
    icon="browsers",
    effect=Effect.IDEMPOTENT,
    keywords=("window", "popup", "page"),
)
async def switch_tab(
    ctx: Context,
    tab: Annotated[
        str | int,
        Param("Tab", "new: the one that is opened last; or its number from 1, a part of its title or address."),
    ] = "new",
    timeout: Patience = None,
    session: Session = DEFAULT,
) -> PageState:
    """Let the steps that follow act on another tab, and wait for it if it is not open yet."""
    async with using(ctx, session) as browser:
        until = browser.until(timeout)
        while True:
            page = await _tab(browser, str(tab).strip())
            if page is not None:
                break
            if time.monotonic() >= until:
                titles = [redact(await one.title()) for one in browser.pages]
                shown = ", ".join(f"{at}. {title}" for at, title in enumerate(titles, 1))
                raise SystemFault(say("there is no tab {tab!r}", tab=tab), hint=say("Open are: {names}.", names=shown))
            await asyncio.sleep(0.1)
        browser.page = page
        await page.bring_to_front()
        await page.wait_for_load_state("domcontentloaded", timeout=max(until - time.monotonic(), 0.5) * 1000)
        return PageState(page.url, await page.title(), None, browser.heard())


async def _tab(browser: Browser, wanted: str) -> Page | None:
    pages = browser.pages
    if wanted == "new":
        return pages[-1] if pages and pages[-1] is not browser.page else None
    if wanted.isascii() and wanted.isdigit():
        number = int(wanted)
        return pages[number - 1] if 0 < number <= len(pages) else None
    hits = [page for page in pages if wanted in page.url or wanted.casefold() in (await page.title()).casefold()]
    if len(hits) > 1:
        raise BusinessError(
            say("{count} tabs have {tab!r} in their title or address", count=len(hits), tab=wanted),
            hint=say("Give more of it, or the number."),
        )
    return hits[0] if hits else None


@activity("browser.close_tab", label="Close tab", icon="x", effect=Effect.IDEMPOTENT, keywords=("window", "page"))
async def close_tab(ctx: Context, session: Session = DEFAULT) -> Tabs:
    """Close the tab that steps act on; the last of the others takes its place. The output lists those that are left."""
    async with using(ctx, session) as browser:
        if len(browser.pages) == 1:
            raise BusinessError(say("the last tab cannot be closed"), hint=say("Close the browser instead."))
        await browser.page.close()
        current = browser.page
        found = [
            Tab(at, page.url, redact(await page.title()), page is current) for at, page in enumerate(browser.pages, 1)
        ]
        return Tabs(found, len(found))
