"""Single fields: type, select, check, upload."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from engine.activities.browser.finding import act
from engine.activities.browser.scan import HIDE
from engine.activities.browser.session import DEFAULT, Patience, Session, using
from engine.activities.browser.target import Element, Field
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Credential, Effect, Param, activity
from engine.sdk.files import file_error

if TYPE_CHECKING:
    from playwright.async_api import Locator


@dataclass(frozen=True)
class Filled:
    """The candidate that found the field."""

    used: str


@dataclass(frozen=True)
class Selected:
    """The candidate that found the list, and the values that are selected in it now."""

    used: str
    values: list[str]


def text_of(credential: Credential, name: str) -> tuple[str, bool]:
    """A field of a credential, the chief one if none is named, and whether it is secret."""
    if name and name in credential.shown:
        return credential.text(name), False
    return credential.secret(name).reveal(), True


@activity(
    "browser.type",
    label="Type text",
    icon="textbox",
    effect=Effect.IDEMPOTENT,
    keywords=("fill", "enter", "input", "write", "password", "field"),
)
async def type_text(
    ctx: Context,
    target: Field,
    text: Annotated[str, Param("Text", "What the field holds afterwards; empty empties it.")] = "",
    credential: Annotated[
        Credential | None, Param("Credential", "In place of the text: a password is shown nowhere.")
    ] = None,
    part: Annotated[
        str, Param("Which part of it", "Empty: the password or key; username for the user name.", "username")
    ] = "",
    keys: Annotated[bool, Param("Key by key", "For a page that reacts to every key; slower.", advanced=True)] = False,
    timeout: Patience = None,
    session: Session = DEFAULT,
) -> Filled:
    """Type a text into a field, in place of what is there.

    A field is found by its label also where that only stands near it. The output holds `used`.
    """
    secret = False
    if credential is not None:
        if text:
            raise BusinessError(say("both a text and a credential are given"), hint=say("Leave one of them empty."))
        text, secret = text_of(credential, part)

    async def fill(element: Locator, limit: float) -> None:
        if secret:
            await element.evaluate(HIDE, timeout=limit)
        if keys:
            await element.fill("", timeout=limit)
            await element.press_sequentially(text, timeout=max(limit, 200.0 * len(text)))
        else:
            await element.fill(text, timeout=limit)

    async with using(ctx, session) as browser:
        _, used = await act(browser, target, browser.until(timeout), fill, field=True)
        return Filled(used)


@activity(
    "browser.select",
    label="Select option",
    icon="list-checks",
    effect=Effect.IDEMPOTENT,
    keywords=("choose", "dropdown", "list", "combobox"),
)
async def select(
    ctx: Context,
    target: Field,
    option: Annotated[str | list[str], Param("Option", "Its text or value; a list where several may be chosen.")],
    timeout: Patience = None,
    session: Session = DEFAULT,
) -> Selected:
    """Choose from a list. The output holds `used`, and the `values` that are selected now."""
    wanted = [option] if isinstance(option, str) else option

    async def choose(element: Locator, limit: float) -> list[str]:
        found: list[str] = await element.select_option(wanted, timeout=limit)
        return found

    async with using(ctx, session) as browser:
        values, used = await act(browser, target, browser.until(timeout), choose, field=True)
        return Selected(used, values)


@activity(
    "browser.check",
    label="Check box",
    icon="check-square",
    effect=Effect.IDEMPOTENT,
    keywords=("tick", "uncheck", "checkbox", "radio", "switch"),
)
async def check(
    ctx: Context,
    target: Field,
    checked: Annotated[bool, Param("Checked")] = True,
    timeout: Patience = None,
    session: Session = DEFAULT,
) -> Filled:
    """Check a box, a switch or a radio button, or take the check away. The output holds `used`."""
    async with using(ctx, session) as browser:
        _, used = await act(
            browser, target, browser.until(timeout), lambda element, limit: tick(element, checked, limit), field=True
        )
        return Filled(used)


async def tick(element: Locator, checked: bool, limit: float) -> None:
    """Bring a box to a state; where the page hides the box itself, through its label, as a person does."""
    hidden = await element.evaluate(
        "el => { const b = el.getBoundingClientRect(), s = getComputedStyle(el);"
        " return !!(el.labels && el.labels.length) && (b.width < 2 || b.height < 2 || s.visibility !== 'visible'"
        " || s.opacity === '0' || b.right < 0) }"
    )
    if not hidden:
        await element.set_checked(checked, timeout=limit)
    elif await element.is_checked() != checked:
        label = (await element.evaluate_handle("el => el.labels[0]")).as_element()
        if label is not None:
            await label.click(timeout=limit)


@activity(
    "browser.upload",
    label="Upload file",
    icon="upload-simple",
    effect=Effect.IDEMPOTENT,
    keywords=("attach", "choose", "file", "send"),
)
async def upload(
    ctx: Context,
    target: Element,
    files: Annotated[list[Path] | Path, Param("Files", "Also what an earlier step kept.", kind="file")],
    timeout: Patience = None,
    session: Session = DEFAULT,
) -> Filled:
    """Give files to a field for files, or to a button that asks for them.

    Whether they are sent at once is up to the page. The output holds `used`.
    """
    paths = files if isinstance(files, list) else [files]
    for path in paths:
        if not path.is_file():
            raise file_error(FileNotFoundError(), path, "read")

    async def give(element: Locator, limit: float) -> None:
        if await element.evaluate("el => el.tagName === 'INPUT' && el.type === 'file'"):
            await element.set_input_files(paths, timeout=limit)
            return
        inner = element.locator("input[type=file]")
        if await inner.count() == 1:
            await inner.set_input_files(paths, timeout=limit)
            return
        async with browser.page.expect_file_chooser(timeout=limit) as asked:
            await element.click(timeout=limit)
        await (await asked.value).set_files(paths, timeout=limit)

    async with using(ctx, session) as browser:
        _, used = await act(browser, target, browser.until(timeout), give, field=True)
        return Filled(used)
