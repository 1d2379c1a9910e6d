"""Files out of a page: what it gives to download, a picture of it, and it as a PDF."""

from __future__ import annotations

import asyncio
import base64
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from engine.activities.browser.finding import act, find
from engine.activities.browser.pages import load
from engine.activities.browser.session import DEFAULT, Browser, Patience, Session, using
from engine.activities.browser.target import AsTarget
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, File, Param, SystemFault, activity
from engine.sdk.durations import Duration
from engine.sdk.files import atomic_write

if TYPE_CHECKING:
    from playwright.async_api import Download, Locator, Response

Paper = Literal["A4", "A3", "A5", "Letter", "Legal"]
_PAPER = {"A4": (8.27, 11.7), "A3": (11.7, 16.54), "A5": (5.83, 8.27), "Letter": (8.5, 11.0), "Legal": (8.5, 14.0)}


@dataclass(frozen=True)
class DownloadedFile:
    """The file, kept with the execution, or the path where it was saved; the name that the site gave it, and its size
    in bytes."""

    file: File | None
    path: Path | None
    name: str
    size: int


@dataclass(frozen=True)
class Picture:
    """The picture, kept with the execution."""

    file: File


@dataclass(frozen=True)
class Printed:
    """The PDF, kept with the execution."""

    file: File


@activity(
    "browser.download",
    label="Download from page",
    icon="download-simple",
    effect=Effect.IDEMPOTENT,
    keywords=("save", "file", "export", "fetch"),
)
async def download(
    ctx: Context,
    target: Annotated[AsTarget | None, Param("Element", "That is clicked to get the file.", "link=Invoice")] = None,
    address: Annotated[str, Param("Address", "Of the file, where nothing is to be clicked.")] = "",
    folder: Annotated[
        Path | None, Param("Folder", "To save it in; empty: it is kept with the execution.", kind="folder")
    ] = None,
    name: Annotated[str, Param("File name", "Empty: the one the site gives it.", "invoice.pdf")] = "",
    patience: Annotated[Duration, Param("Time for the file", "To come whole.", unit="s", advanced=True)] = 300.0,
    timeout: Patience = None,
    session: Session = DEFAULT,
) -> DownloadedFile:
    """Download a file that a click or an address gives, signed in as the browser is.

    In the folder it takes its name only when it is whole, in place of a file of that name.
    The output holds `file` or `path`, `name` and `size`.
    """
    if (target is None) == (not address):
        raise BusinessError(
            say("either an element or an address is needed to download from"), hint=say("Give one of the two.")
        )
    async with using(ctx, session, address) as browser:
        lengths: dict[str, int] = {}

        def note(response: Response) -> None:
            length = response.headers.get("content-length", "")
            if length.isdigit() and "content-encoding" not in response.headers:
                lengths[response.url] = int(length)

        browser.context.on("response", note)
        try:
            given = await _asked(browser, target, address, timeout)
        finally:
            browser.context.remove_listener("response", note)
        try:
            async with asyncio.timeout(patience):
                failed = await given.failure()
                source = None if failed else Path(await given.path())
        except TimeoutError:
            await given.cancel()
            raise SystemFault(
                say("the file did not come whole in time"), hint=say("Allow more time for the file.")
            ) from None
        if source is None:
            raise SystemFault(say("the download was broken off: {reason}", reason=failed or ""))
        called = _file_name(name or given.suggested_filename)
        size = source.stat().st_size
        if size < lengths.get(given.url, 0):  # a browser takes what it got for the whole
            await given.delete()
            raise SystemFault(
                say("the download was broken off: {size} of {whole} bytes came", size=size, whole=lengths[given.url])
            )
        if folder is None:
            kept = ctx.scratch / f"download-{id(given):x}" / called
            await asyncio.to_thread(_move, source, kept)
            return DownloadedFile(File(kept, called, _media_type(called)), None, called, size)
        path = folder / called
        await asyncio.to_thread(_save, source, path)
        await given.delete()
        return DownloadedFile(None, path, called, size)


async def _asked(browser: Browser, target: AsTarget | None, address: str, timeout: float | None) -> Download:
    """The download that the click or the address begins."""
    from playwright.async_api import Error

    until = browser.until(timeout)
    limit = (browser.timeout if timeout is None else timeout) * 1000
    if target is not None:
        await find(browser, target, until)
    try:
        async with browser.page.expect_download(timeout=limit) as coming:
            if target is not None:
                await act(browser, target, until, lambda element, left: element.click(timeout=left))
            else:
                try:
                    await load(browser, address, limit / 1000)
                except Error as error:
                    if "Download is starting" not in str(error) and "ERR_ABORTED" not in str(error):
                        raise
                else:
                    raise BusinessError(
                        say("the address gives a page, and no file"), hint=say("Check the address and the sign-in.")
                    )
        return await coming.value
    except Error as error:
        if "download" in str(error) and "Timeout" in str(error):
            raise SystemFault(
                say("no download began"), hint=say("See in the picture what the page shows; allow more time.")
            ) from None
        raise


@activity(
    "browser.screenshot",
    label="Screenshot of page",
    icon="camera",
    effect=Effect.PURE,
    keywords=("picture", "image", "png", "capture"),
)
async def screenshot(
    ctx: Context,
    target: Annotated[AsTarget | None, Param("Element", "Empty: the page.")] = None,
    whole: Annotated[bool, Param("The whole page", "Also what one would scroll to.")] = False,
    name: Annotated[str, Param("File name", advanced=True)] = "page.png",
    timeout: Patience = None,
    session: Session = DEFAULT,
) -> Picture:
    """Take a picture of the page or of an element. Passwords and typed secrets are covered.

    The output holds it as `file`.
    """
    async with using(ctx, session) as browser:
        masks = browser.masks()

        async def shoot(element: Locator, limit: float) -> bytes:
            return await element.screenshot(timeout=limit, mask=masks, animations="disabled")

        if target is None:
            limit = (browser.timeout if timeout is None else timeout) * 1000
            data = await browser.page.screenshot(full_page=whole, mask=masks, timeout=limit, animations="disabled")
        else:
            data, _ = await act(browser, target, browser.until(timeout), shoot)
        return Picture(File(data, name or "page.png", "image/png"))


@activity(
    "browser.pdf", label="Page as PDF", icon="file-pdf", effect=Effect.PURE, keywords=("print", "save", "document")
)
async def pdf(
    ctx: Context,
    paper: Annotated[Paper, Param("Paper")] = "A4",
    landscape: Annotated[bool, Param("Landscape")] = False,
    background: Annotated[bool, Param("With colours and pictures behind the text", advanced=True)] = True,
    name: Annotated[str, Param("File name", advanced=True)] = "page.pdf",
    session: Session = DEFAULT,
) -> Printed:
    """Print the page to a PDF. The output holds it as `file`."""
    async with using(ctx, session) as browser:
        width, height = _PAPER[paper]
        tool = await browser.context.new_cdp_session(browser.page)
        try:
            made = await tool.send(
                "Page.printToPDF",
                {"paperWidth": width, "paperHeight": height, "landscape": landscape, "printBackground": background},
            )
        finally:
            await tool.detach()
        return Printed(File(base64.b64decode(made["data"]), name or "page.pdf", "application/pdf"))


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(source, target)


def _save(source: Path, path: Path) -> None:
    with atomic_write(path) as stream, open(source, "rb") as content:
        shutil.copyfileobj(content, stream, 1 << 20)


def _file_name(name: str) -> str:
    """One part of a path, whatever the site says."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join("_" if sign in '<>:"|?*' or ord(sign) < 32 else sign for sign in last).strip(" .")
    return kept[-150:] or "download"


def _media_type(name: str) -> str:
    import mimetypes

    return mimetypes.guess_type(name)[0] or "application/octet-stream"
