"""The mouse and the keyboard: click, hover, drag, press."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from engine.activities.browser.faults import acted, first_line, is_closed
from engine.activities.browser.finding import act, find
from engine.activities.browser.session import DEFAULT, Patience, Said, Session, using
from engine.activities.browser.target import AsTarget, Element
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, StepTimeout, activity

if TYPE_CHECKING:
    from playwright.async_api import Locator

Modifier = Literal["Alt", "Control", "Meta", "Shift", "ControlOrMeta"]
Modifiers = Annotated[list[Modifier], Param("Keys held", advanced=True)]
Afterwards = Literal["nothing", "page", "quiet"]


@dataclass(frozen=True)
class Acted:
    """The candidate that found the element, the address the browser is at, and what dialogs said."""

    used: str
    address: str
    dialogs: list[Said]


@activity(
    "browser.click",
    label="Click",
    icon="cursor-click",
    effect=Effect.ONCE,
    keywords=("press", "button", "link", "mouse"),
)
async def click(
    ctx: Context,
    target: Element,
    how: Annotated[Literal["click", "double", "right", "middle"], Param("How")] = "click",
    afterwards: Annotated[
        Afterwards, Param("Then wait for", "page: the page that it leads to; quiet: that nothing is loaded any more.")
    ] = "nothing",
    modifiers: Modifiers = [],  # noqa: B006 - bound as a copy
    force: Annotated[bool, Param("Also if something lies over it", advanced=True)] = False,
    timeout: Patience = None,
    session: Session = DEFAULT,
) -> Acted:
    """Click an element, as soon as it is there, visible, still, enabled, and nothing lies over it.

    The output holds `used`, the candidate that found it, `address`, and what `dialogs` said.
    """

    async def press(element: Locator, limit: float) -> None:
        button: Literal["left", "right", "middle"] = "left" if how in ("click", "double") else how  # type: ignore[assignment]
        if how == "double":
            await element.dblclick(modifiers=modifiers, timeout=limit, force=force)
        else:
            await element.click(button=button, modifiers=modifiers, timeout=limit, force=force)

    async with using(ctx, session) as browser:
        until = browser.until(timeout)
        patience = (browser.timeout if timeout is None else timeout) * 1000
        page = browser.page
        if afterwards == "page":
            from playwright.async_api import Error

            found = await find(browser, target, until)
            clicked = False
            try:
                async with page.expect_navigation(timeout=patience):
                    _, used = await act(browser, target, until, press, once=True)
                    clicked = True
            except Error as error:
                if not clicked:
                    raise
                raise StepTimeout(
                    say(
                        "{what} was clicked, and no page followed: {reason}", what=found.used, reason=first_line(error)
                    ),
                    hint=say("See in the application whether it acted on the click."),
                ) from None
        else:
            _, used = await act(browser, target, until, press, once=True)
            if afterwards == "quiet":
                await page.wait_for_load_state("networkidle", timeout=patience)
        return Acted(used, browser.page.url, browser.heard())


@activity(
    "browser.hover", label="Hover", icon="cursor", effect=Effect.IDEMPOTENT, keywords=("mouse", "menu", "move", "point")
)
async def hover(ctx: Context, target: Element, timeout: Patience = None, session: Session = DEFAULT) -> Acted:
    """Move the mouse over an element, so that a menu or a hint opens."""
    async with using(ctx, session) as browser:
        _, used = await act(
            browser, target, browser.until(timeout), lambda element, limit: element.hover(timeout=limit)
        )
        return Acted(used, browser.page.url, browser.heard())


@activity(
    "browser.drag", label="Drag", icon="hand-grabbing", effect=Effect.ONCE, keywords=("drop", "move", "mouse", "sort")
)
async def drag(
    ctx: Context,
    target: Element,
    destination: Annotated[AsTarget, Param("Drop it on", "An element, named like the first.")],
    timeout: Patience = None,
    session: Session = DEFAULT,
) -> Acted:
    """Drag an element with the mouse and drop it on another one."""
    async with using(ctx, session) as browser:
        until = browser.until(timeout)
        place = await find(browser, destination, until)
        _, used = await act(
            browser, target, until, lambda element, limit: element.drag_to(place.locator, timeout=limit), once=True
        )
        return Acted(f"{used} -> {place.used}", browser.page.url, browser.heard())


@activity(
    "browser.press",
    label="Press key",
    icon="keyboard",
    effect=Effect.ONCE,
    keywords=("enter", "tab", "escape", "shortcut", "type"),
)
async def press(
    ctx: Context,
    keys: Annotated[str, Param("Keys", "Several with spaces between them.", "Enter, Control+A, ArrowDown Enter")],
    target: Annotated[AsTarget | None, Param("Element", "That gets them; empty: the one that has the focus.")] = None,
    timeout: Patience = None,
    session: Session = DEFAULT,
) -> Acted:
    """Press keys, alone or together: Enter, Escape, F5, Control+S."""
    from playwright.async_api import Error

    pressed = keys.split(" ") if keys.strip() else [keys]
    if not keys:
        raise BusinessError(say("no key is given"), hint=say("Such as Enter, Tab, Escape, F5 or Control+A."))
    async with using(ctx, session) as browser:
        used = ""
        try:
            if target is not None:
                _, used = await act(
                    browser, target, browser.until(timeout), lambda element, limit: element.focus(timeout=limit)
                )
            for key in filter(None, pressed):
                await browser.page.keyboard.press(key)
        except Error as error:
            if "Unknown key" in str(error):
                raise BusinessError(
                    say("there is no key {keys!r}", keys=keys), hint=say("Such as Enter, Tab, Escape, F5 or Control+A.")
                ) from None
            if is_closed(error) or acted(error):
                raise StepTimeout(
                    say("it failed while keys were pressed, so nobody knows whether the page acted on them"),
                    hint=say("See in the application whether it happened."),
                ) from None
            raise
        return Acted(used, browser.page.url, browser.heard())
