"""JavaScript in the page, and what a browser remembers: cookies and storage."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any

from engine.activities.browser.faults import first_line, is_closed
from engine.activities.browser.reading import clean
from engine.activities.browser.session import DEFAULT, Session, using
from engine.core.sentences import say
from engine.core.values import plain
from engine.sdk import BusinessError, Context, Effect, Param, activity

Domain = Annotated[str, Param("Only for the site", "A part of its name; empty: all.", "shop.example")]


@dataclass(frozen=True)
class Ran:
    """What the script gave, as data."""

    value: Any


@dataclass(frozen=True)
class Cookies:
    """The cookies, and how many there are."""

    cookies: list[dict[str, Any]]
    count: int


@dataclass(frozen=True)
class State:
    """What a browser remembers: its cookies, and the storage of each site."""

    state: dict[str, Any]


@activity(
    "browser.run_javascript",
    label="Run JavaScript",
    icon="code",
    effect=Effect.ONCE,
    keywords=("script", "evaluate", "execute", "js"),
)
async def run_javascript(
    ctx: Context,
    code: Annotated[
        str,
        Param(
            "JavaScript",
            "An expression, or a function that gets the argument.",
            "argument => document.title",
            kind="code",
            language="javascript",
        ),
    ],
    argument: Annotated[Any, Param("Argument", "Data for the function.")] = None,
    frame: Annotated[str, Param("Frame", "Its name or address; empty: the page itself.", advanced=True)] = "",
    session: Session = DEFAULT,
) -> Ran:
    """Run JavaScript in the page. What it gives, also later through a promise, is in the output as `value`."""
    from playwright.async_api import Error

    async with using(ctx, session) as browser:
        place = browser.page.main_frame
        if frame:
            hits = [one for one in browser.page.frames if frame in (one.name, one.url)] or [
                one for one in browser.page.frames[1:] if frame in one.url
            ]
            if len(hits) != 1:
                raise BusinessError(
                    say("{count} frames are called {frame!r}", count=len(hits), frame=frame),
                    hint=say("Give its name or its whole address."),
                )
            place = hits[0]
        try:
            given = json.loads(json.dumps(plain(argument), default=str))
            return Ran(clean(plain(await place.evaluate(code, given))))
        except Error as error:
            if is_closed(error) or "navigation" in str(error):
                raise
            raise BusinessError(
                say("the script failed: {reason}", reason=first_line(error)),
                hint=say("Try it in the browser's console."),
            ) from None


@activity(
    "browser.get_cookies", label="Read cookies", icon="cookie", effect=Effect.PURE, keywords=("session", "export")
)
async def get_cookies(ctx: Context, site: Domain = "", session: Session = DEFAULT) -> Cookies:
    """Read the cookies of the browser. The output holds `cookies`, each with its name, value, domain and path."""
    async with using(ctx, session) as browser:
        found = [dict(one) for one in await browser.context.cookies() if site.lower() in one.get("domain", "").lower()]
        return Cookies(found, len(found))


@activity(
    "browser.set_cookies",
    label="Set cookies",
    icon="cookie",
    effect=Effect.IDEMPOTENT,
    keywords=("session", "import", "clear", "delete"),
)
async def set_cookies(
    ctx: Context,
    cookies: Annotated[
        list[dict[str, Any]],
        Param(
            "Cookies", "As Read cookies gives them: name and value, with url, or with domain and path.", kind="table"
        ),
    ],
    clear: Annotated[bool, Param("Remove the others first")] = False,
    session: Session = DEFAULT,
) -> Cookies:
    """Give cookies to the browser. The output holds those it has then."""
    from playwright.async_api import Error

    async with using(ctx, session) as browser:
        for number, one in enumerate(cookies, 1):
            if not one.get("name") or "value" not in one:
                raise BusinessError(
                    say("cookie {number} has no name or no value", number=number), hint=say("Give name and value.")
                )
        page = browser.page.url
        made = [one if one.get("url") or one.get("domain") else {**one, "url": page} for one in cookies]
        try:
            if clear:
                await browser.context.clear_cookies()
            if made:
                await browser.context.add_cookies(made)  # type: ignore[arg-type]
        except Error as error:
            raise BusinessError(
                say("the browser does not take these cookies: {reason}", reason=first_line(error)),
                hint=say("Give name and value, with url, or with domain and path."),
            ) from None
        found = [dict(one) for one in await browser.context.cookies()]
        return Cookies(found, len(found))


@activity(
    "browser.get_storage",
    label="Read storage",
    icon="database",
    effect=Effect.PURE,
    keywords=("local storage", "state", "export", "session"),
)
async def get_storage(ctx: Context, session: Session = DEFAULT) -> State:
    """Read what the browser remembers of all sites, so that another one can go on where this one was.

    The output holds it as `state`: the cookies, and the local storage by site.
    """
    async with using(ctx, session) as browser:
        return State(json.loads(json.dumps(await browser.context.storage_state())))


@activity(
    "browser.set_storage",
    label="Set storage",
    icon="database",
    effect=Effect.IDEMPOTENT,
    keywords=("local storage", "state", "import", "session"),
)
async def set_storage(
    ctx: Context,
    state: Annotated[dict[str, Any], Param("State", "As Read storage gives it; or names and texts for this site.")],
    session: Session = DEFAULT,
) -> State:
    """Let the browser remember what another one did, or put texts into the local storage of the site it is at.

    The output holds all it remembers then, as `state`.
    """
    from playwright.async_api import Error

    put = "values => { for (const [name, text] of values) localStorage.setItem(name, text); }"
    whole = isinstance(state.get("cookies"), list) or isinstance(state.get("origins"), list)
    async with using(ctx, session) as browser:
        try:
            if not whole:
                texts = [[name, one if isinstance(one, str) else json.dumps(plain(one))] for name, one in state.items()]
                await browser.page.evaluate(put, texts)
            else:
                if cookies := state.get("cookies"):
                    await browser.context.add_cookies(cookies)
                for site in state.get("origins") or []:
                    await _remember(browser.context, str(site["origin"]), site.get("localStorage") or [], put)
        except (Error, KeyError, TypeError) as error:
            if isinstance(error, Error) and is_closed(error):
                raise
            raise BusinessError(
                say("the browser does not take this state: {reason}", reason=first_line(error)),
                hint=say("Give what Read storage gave, or be at a page of the site first."),
            ) from None
        return State(json.loads(json.dumps(await browser.context.storage_state())))


async def _remember(context: Any, origin: str, items: list[dict[str, str]], put: str) -> None:
    """Put texts into the storage of a site, without asking the site for anything."""
    page = await context.new_page()
    try:
        await page.route("**/*", lambda route: route.fulfill(body="", content_type="text/html"))
        await page.goto(origin)
        await page.evaluate(put, [[one["name"], one["value"]] for one in items])
    finally:
        await page.close()
