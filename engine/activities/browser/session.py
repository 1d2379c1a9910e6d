"""A browser that stays open between steps, and how a step gets at it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from engine.activities.browser.driver import Driver, end_processes
from engine.activities.browser.faults import fault, gone
from engine.activities.browser.scan import SECRET, SNAPSHOT
from engine.core.secrets import redact
from engine.core.sentences import say
from engine.sdk import ActivityError, BusinessError, Context, File, Param
from engine.sdk.durations import Duration

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Dialog, Locator, Page

DEFAULT = "browser"
Session = Annotated[str, Param("Browser", "The name that Use browser gave it.", advanced=True)]
Patience = Annotated[
    Duration | None, Param("Wait at most", "Empty: as long as the browser is told to.", unit="s", advanced=True)
]
Answer = Literal["accept", "dismiss"]
_CLOSING = 8.0
_LOOK = 5_000.0


@dataclass(frozen=True)
class Said:
    """What a dialog of the page said, of which kind it was (alert, confirm, prompt), and how it was answered."""

    kind: str
    message: str
    answer: Answer


@dataclass
class Answers:
    """How dialogs are answered: those to come, one by one, then all others."""

    next: deque[tuple[Answer, str]] = field(default_factory=deque)
    policy: Answer | None = None
    text: str = ""


class Browser:
    """A browser of an execution. `page` is the tab that steps act on; `lock` lets one step at a time."""

    def __init__(
        self,
        name: str,
        driver: Driver,
        context: BrowserContext,
        *,
        pids: tuple[int, ...] = (),
        detach: Callable[[], Any] | None = None,
        scratch: Path | None = None,
        timeout: float = 15.0,
        headless: bool = True,
    ) -> None:
        self.name = name
        self.context = context
        self.timeout = timeout
        self.headless = headless
        self.lock = asyncio.Lock()
        self.answers = Answers()
        self.said: list[Said] = []
        self.lost = False
        self.crashed = False
        self._driver = driver
        self._pids = pids
        self._detach = detach
        self._scratch = scratch
        self._opened: list[Page] = []
        self._page: Page | None = None
        self._answering: set[asyncio.Task[None]] = set()
        driver.open += 1
        context.on("close", lambda _: self._lose())
        context.on("dialog", self._asked)
        context.on("page", self._watch)
        for page in context.pages:
            page.on("crash", self._crash)

    @property
    def pages(self) -> list[Page]:
        """The open tabs, in the order they were opened."""
        return [page for page in self.context.pages if not page.is_closed()]

    @property
    def page(self) -> Page:
        """The tab that steps act on: the last one where the chosen one was closed. Raises `SystemFault` without one."""
        if self._page is None or self._page.is_closed():
            pages = self.pages
            if not pages:
                raise gone(self)
            self._page = pages[-1]
        return self._page

    @page.setter
    def page(self, page: Page) -> None:
        self._page = page
        self.crashed = False

    async def new_page(self) -> Page:
        """Open a tab, and let the steps act on it."""
        self.page = await self.context.new_page()
        self._opened.append(self.page)
        return self.page

    def until(self, timeout: float | None) -> float:
        """The moment, on the monotonic clock, until which a step may wait."""
        return time.monotonic() + (self.timeout if timeout is None else timeout)

    def heard(self) -> list[Said]:
        """What dialogs said since this was last asked."""
        said, self.said = self.said, []
        return said

    def masks(self) -> list[Locator]:
        """What is covered in pictures of the current tab: passwords, and fields that a secret was put into."""
        return [frame.locator(f"input[type=password], [{SECRET}]") for frame in self.page.frames]

    async def evidence(self, around: Locator | None = None) -> tuple[File, ...]:
        """What the page looks like now: a picture, and its HTML or that around an element. Never fails."""
        files: list[File] = []
        if self.lost or self.crashed:
            return ()
        with contextlib.suppress(Exception):
            page = self.page
            picture = await page.screenshot(mask=self.masks(), timeout=_LOOK, animations="disabled")
            files.append(File(picture, "page.png", "image/png"))
            html = ""
            if around is not None:
                with contextlib.suppress(Exception):
                    html = await around.first.evaluate(
                        f"el => ({SNAPSHOT})(el.closest('form, table, fieldset, section, dialog') || el.parentElement)",
                        timeout=_LOOK,
                    )
            async with asyncio.timeout(_LOOK / 1000):
                html = html or await page.evaluate(SNAPSHOT, None)
            files.append(File(redact(html).encode("utf-8", "replace"), "page.html", "text/html"))
        return tuple(files)

    async def close(self) -> None:
        """Close it, by force if it does not answer, and remove what it left."""
        lost, self.lost = self.lost, True
        self._driver.open -= 1
        try:
            if not lost or self._detach is not None:
                async with asyncio.timeout(_CLOSING):
                    if self._detach is not None:
                        for page in self._opened:
                            if not page.is_closed():
                                await page.close()
                        await self._detach()
                    else:
                        await self.context.close()
        except Exception:
            pass  # it is gone or stuck; what is left of it is ended below
        finally:
            for task in list(self._answering):
                task.cancel()
            if self._pids:
                await asyncio.to_thread(end_processes, self._pids)
            if self._scratch is not None:
                await asyncio.to_thread(shutil.rmtree, self._scratch, True)

    def _lose(self) -> None:
        self.lost = True

    def _crash(self, page: Page) -> None:
        if page is self._page or self._page is None:
            self.crashed = True

    def _watch(self, page: Page) -> None:
        page.on("crash", self._crash)

    def _asked(self, dialog: Dialog) -> None:
        answers = self.answers
        if answers.next and dialog.type != "beforeunload":
            answer, text = answers.next.popleft()
        else:
            answer = answers.policy or ("dismiss" if dialog.type in ("confirm", "prompt") else "accept")
            text = answers.text
        self.said.append(Said(dialog.type, redact(dialog.message), answer))
        del self.said[:-50]
        task = asyncio.ensure_future(self._answer(dialog, answer, text))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, dialog: Dialog, answer: Answer, text: str) -> None:
        with contextlib.suppress(Exception):  # the page went away with its question
            if answer == "accept":
                await dialog.accept(text if dialog.type == "prompt" else "")
            else:
                await dialog.dismiss()


def opened(ctx: Context, name: str) -> Browser:
    """The open browser of that name. Raises `BusinessError` where there is none, `SystemFault` where it is gone."""
    browser = ctx.sessions.get(Browser, name)
    if browser is None:
        names = ctx.sessions.names(Browser)
        known = say("Open are: {names}.", names=", ".join(names)) if names else ""
        raise BusinessError(
            say("there is no open browser {name!r}", name=name),
            hint=known
            or say(
                "Put this step into the body of Use browser: it opens the browser, also again "
                "when the execution goes on after a rest."
            ),
        )
    if browser.lost:
        raise gone(browser)
    return browser


@asynccontextmanager
async def using(ctx: Context, name: str, address: str = "") -> AsyncIterator[Browser]:
    """The browser of that name for one step: others wait. What Playwright raises inside is put into words."""
    browser = opened(ctx, name)
    async with browser.lock:
        if browser.lost:
            raise gone(browser)
        from playwright.async_api import Error

        try:
            yield browser
        except Error as error:
            said = fault(error, browser, address)
            if not said.files:
                said.files = await browser.evidence()
            raise said from None
        except ActivityError as error:
            if not error.files:
                error.files = await browser.evidence()
            raise
