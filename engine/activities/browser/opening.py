"""A browser opened and closed: around a body of steps, or by steps of their own."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from engine.activities.browser.driver import FLAGS, Choice, Driver, children, confined, driver, executable
from engine.activities.browser.faults import fault, launch_fault, shown_address
from engine.activities.browser.pages import load
from engine.activities.browser.session import DEFAULT, Browser, using
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Credential, Effect, Flow, Param, Port, SystemFault, To, activity
from engine.sdk.durations import Duration

Name = Annotated[str, Param("Name", "By which the steps inside find it.", DEFAULT)]
Address = Annotated[str, Param("Address", "Of the page to begin with.", "https://shop.example/orders")]
Visible = Annotated[bool, Param("Show it", "On the screen; unseen it is as quick and disturbs nobody.")]
Which = Annotated[Choice, Param("Browser", "auto: the first that is found.")]
Program = Annotated[
    Path | None, Param("Program", "Of the browser, if it is not found by itself.", kind="file", advanced=True)
]
Profile = Annotated[
    Path | None,
    Param("Profile", "A folder that keeps sign-ins, cookies and settings for the next time.", kind="folder"),
]
Attach = Annotated[
    str,
    Param(
        "Attach to",
        "A browser that runs already, with remote debugging; it stays open.",
        "http://127.0.0.1:9222",
        advanced=True,
    ),
]
Width = Annotated[int, Param("Width", unit="px", advanced=True)]
Height = Annotated[int, Param("Height", unit="px", advanced=True)]
Language = Annotated[str, Param("Language", "That pages are asked for.", "de-DE", advanced=True)]
Zone = Annotated[str, Param("Time zone", "Empty: that of this computer.", "Europe/Sofia", advanced=True)]
Unchecked = Annotated[bool, Param("Do not check certificates", "For test systems only.", advanced=True)]
SignIn = Annotated[
    Credential | None,
    Param("Credential", "For a site that lets the browser itself ask for it.", accepts=("login",), advanced=True),
]
Proxy = Annotated[str, Param("Proxy", placeholder="http://proxy:3128", advanced=True)]
Arguments = Annotated[list[str], Param("Arguments", "More of them for the browser's program.", advanced=True)]
Patience = Annotated[Duration, Param("Wait at most", "In each step, for what it needs.", unit="s")]
_RECYCLE = 100
"""Browsers after which the driver is started anew, when none is open: it never gives back all memory."""
_LAUNCH = 60.0
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Wanted:
    """A browser as it is to be opened."""

    name: str = DEFAULT
    visible: bool = False
    browser: Choice = "auto"
    program: Path | None = None
    profile: Path | None = None
    attach: str = ""
    width: int = 1280
    height: int = 800
    language: str = ""
    zone: str = ""
    unchecked: bool = False
    credential: Credential | None = None
    proxy: str = ""
    arguments: list[str] = field(default_factory=list)
    timeout: float = 15.0


@dataclass(frozen=True)
class OpenedBrowser:
    """The name of the browser, its program, the address and the title of its page."""

    name: str
    program: str
    address: str
    title: str


@activity(
    "browser.use",
    label="Use browser",
    icon="browser",
    effect=Effect.IDEMPOTENT,
    ports=(Port("restore", "Sign in", body=True), Port("body", "Steps", body=True), Port("next")),
    keywords=("open", "chrome", "edge", "chromium", "web", "session", "sign in", "login"),
)
async def use(
    flow: Flow,
    address: Address = "",
    visible: Visible = False,
    profile: Profile = None,
    timeout: Patience = 15.0,
    name: Name = DEFAULT,
    browser: Which = "auto",
    program: Program = None,
    attach: Attach = "",
    width: Width = 1280,
    height: Height = 800,
    language: Language = "",
    zone: Zone = "",
    credential: SignIn = None,
    unchecked: Unchecked = False,
    proxy: Proxy = "",
    arguments: Arguments = [],  # noqa: B006 - bound as a copy
) -> To:
    """Open a browser, run the steps in it, and close it.

    The steps behind Sign in run first, every time the browser is opened: also again when the execution goes on after a
    rest, a restart or a crash, because then the browser is a new one. What is done there must be harmless to repeat.
    The steps behind Steps run once. The browser is closed however they end, and the next start ends one that was left
    behind by a kill. The output is that of the last step.
    """
    wanted = Wanted(
        name, visible, browser, program, profile, attach, width, height, language, zone, unchecked, credential, proxy,
        arguments, timeout,
    )  # fmt: skip
    await _open(flow, wanted)
    try:
        await _begin(flow, name, address)
        ended = await flow.through("restore", anew=True)
        return ended if ended.port != "next" else await flow.through("body")
    finally:
        await flow.sessions.close(Browser, name)


@activity(
    "browser.open",
    label="Open browser",
    icon="browser",
    effect=Effect.IDEMPOTENT,
    keywords=("chrome", "edge", "chromium", "launch", "attach", "start"),
)
async def open_browser(
    ctx: Context,
    address: Address = "",
    visible: Visible = False,
    profile: Profile = None,
    timeout: Patience = 15.0,
    name: Name = DEFAULT,
    browser: Which = "auto",
    program: Program = None,
    attach: Attach = "",
    width: Width = 1280,
    height: Height = 800,
    language: Language = "",
    zone: Zone = "",
    credential: SignIn = None,
    unchecked: Unchecked = False,
    proxy: Proxy = "",
    arguments: Arguments = [],  # noqa: B006 - bound as a copy
) -> OpenedBrowser:
    """Open a browser for the steps that follow; it is closed by Close browser, or with the execution.

    It is not opened again when the execution goes on after a rest or a crash: Use browser does that.
    The output holds `name`, `program`, `address` and `title`.
    """
    wanted = Wanted(
        name, visible, browser, program, profile, attach, width, height, language, zone, unchecked, credential, proxy,
        arguments, timeout,
    )  # fmt: skip
    path = await _open(ctx, wanted)
    try:
        await _begin(ctx, name, address)
        async with using(ctx, name) as open_:
            return OpenedBrowser(name, path, open_.page.url, await open_.page.title())
    except BaseException:
        await ctx.sessions.close(Browser, name)
        raise


@activity("browser.close", label="Close browser", icon="x-circle", effect=Effect.IDEMPOTENT, keywords=("quit", "end"))
async def close_browser(ctx: Context, name: Name = DEFAULT) -> bool:
    """Close a browser that Open browser opened. The output says whether it was open."""
    return await ctx.sessions.close(Browser, name)


async def _begin(ctx: Context, name: str, address: str) -> None:
    if address:
        async with using(ctx, name, address) as browser:
            await load(browser, address, browser.timeout)


async def _open(ctx: Context, wanted: Wanted) -> str:
    """Open the browser and keep it as a session; gives its program. Raises `ActivityError`."""
    if wanted.name in ctx.sessions.names(Browser):
        raise BusinessError(
            say("there is an open browser {name!r} already", name=wanted.name),
            hint=say("Close it first, or give this one another name."),
        )
    if not 100 <= wanted.width <= 10_000 or not 100 <= wanted.height <= 10_000:
        raise BusinessError(say("a window is 100 to 10000 pixels wide and high"))
    path = None if wanted.attach else await asyncio.to_thread(executable, wanted.browser, wanted.program)
    found = await _driver(ctx)
    browser = await (_attach(ctx, found, wanted) if wanted.attach else _launch(ctx, found, wanted, path))
    browser.context.set_default_timeout(wanted.timeout * 1000)
    try:
        ctx.sessions.add(browser, wanted.name)
    except BaseException:
        await browser.close()
        raise
    return wanted.attach or str(path or "playwright")


async def _driver(ctx: Context) -> Driver:
    found = await driver(ctx.sessions)
    if found.openings >= _RECYCLE and not found.open:
        ctx.sessions.drop(found)
        await found.close()
        found = await driver(ctx.sessions)
    found.openings += 1
    return found


async def _launch(ctx: Context, found: Driver, wanted: Wanted, path: Path | None) -> Browser:
    scratch = ctx.scratch / f"browser-{next(_numbers)}"
    profile = wanted.profile or scratch / "profile"
    options: dict[str, Any] = {
        "headless": not wanted.visible,
        "args": [*FLAGS, *wanted.arguments],
        "chromium_sandbox": not confined(),
        "viewport": {"width": wanted.width, "height": wanted.height},
        "ignore_https_errors": wanted.unchecked,
        "downloads_path": str(scratch / "downloads"),
        "artifacts_dir": str(scratch / "artifacts"),
        "env": dict(os.environ),  # as it is now: the driver may have been started before there was a screen
        "timeout": _LAUNCH * 1000,
        "handle_sigint": False,
        "handle_sigterm": False,
        "handle_sighup": False,
    }
    if path is not None:
        options["executable_path"] = str(path)
    if wanted.language:
        options["locale"] = wanted.language
    if wanted.zone:
        options["timezone_id"] = wanted.zone
    if wanted.proxy:
        options["proxy"] = {"server": wanted.proxy}
    if wanted.credential is not None:
        options["http_credentials"] = {
            "username": wanted.credential.text("username"),
            "password": wanted.credential.secret().reveal(),
        }
    await asyncio.to_thread(_make, scratch / "artifacts", profile)
    before = await asyncio.to_thread(children, found.pid)
    program = path.name if path is not None else "chromium"
    try:
        context = await _whole(
            lambda: found.playwright.chromium.launch_persistent_context(str(profile), **options),
            lambda made: made.close(),
        )
    except Exception as error:
        raise launch_fault(error, program) from None
    now = await asyncio.to_thread(children, found.pid)
    mine = tuple(pid for pid, line in now.items() if pid not in before and str(profile) in line)
    for pid in (found.pid, *mine):
        ctx.sessions.adopt(pid)
    return Browser(
        wanted.name, found, context, pids=mine, scratch=scratch, timeout=wanted.timeout, headless=not wanted.visible
    )


async def _attach(ctx: Context, found: Driver, wanted: Wanted) -> Browser:
    try:
        running = await _whole(
            lambda: found.playwright.chromium.connect_over_cdp(wanted.attach, timeout=wanted.timeout * 1000),
            lambda made: made.close(),
        )
    except Exception:
        raise SystemFault(
            say("no browser answers at {address}", address=shown_address(wanted.attach)),
            hint=say("Start it with --remote-debugging-port=9222 and a profile folder of its own."),
        ) from None
    ctx.sessions.adopt(found.pid)
    context = running.contexts[0] if running.contexts else await running.new_context()
    browser = Browser(
        wanted.name, found, context, detach=running.close, timeout=wanted.timeout, headless=not wanted.visible
    )
    running.on("disconnected", lambda _: setattr(browser, "lost", True))
    if not browser.pages:
        try:
            await browser.new_page()
        except Exception as error:
            said = fault(error, browser)
            await browser.close()
            raise said from None
    return browser


async def _whole(make: Callable[[], Awaitable[Any]], undo: Callable[[Any], Awaitable[Any]]) -> Any:
    """What `make` gives. One who is cancelled meanwhile leaves nothing behind."""
    making = asyncio.ensure_future(make())
    try:
        return await asyncio.shield(making)
    except asyncio.CancelledError:
        try:
            await undo(await making)
        except Exception:
            pass  # it never came to be
        raise


def _make(*folders: Path) -> None:
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SystemFault(
                say("the folder {folder} cannot be made: {reason}", folder=folder, reason=error.strerror or error)
            ) from None
