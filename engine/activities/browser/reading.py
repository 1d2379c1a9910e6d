"""What stands on a page: the text of an element, its value, its attributes, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from engine.activities.browser.finding import act
from engine.activities.browser.session import DEFAULT, Patience, Session, using
from engine.activities.browser.target import Element, expanded, locator
from engine.core.secrets import redact
from engine.sdk import Context, Effect, Param, activity

if TYPE_CHECKING:
    from playwright.async_api import Locator

What = Literal["text", "value", "checked", "html", "attribute", "attributes"]
_READ = """(el, [what, name]) => {
  if (what === 'value') {
    if (el.tagName === 'SELECT' && el.multiple) return [...el.selectedOptions].map(o => o.value);
    return el.type === 'password' ? '' : 'value' in el ? el.value : el.innerText;
  }
  if (what === 'checked') return 'checked' in el ? el.checked : el.getAttribute('aria-checked') === 'true';
  if (what === 'html') return el.innerHTML;
  if (what === 'attribute' && (name === 'href' || name === 'src') && el[name]) return String(el[name]);
  if (what === 'attribute') return el.getAttribute(name);
  if (what === 'attributes') return Object.fromEntries([...el.attributes].map(a => [a.name, a.value]));
  return (el.innerText ?? el.textContent).trim();
}"""


@dataclass(frozen=True)
class ReadValue:
    """What was read, and the candidate that found the element."""

    value: Any
    used: str


@dataclass(frozen=True)
class Counted:
    """How many elements there are, how many of them are visible, and the candidate that counted them."""

    count: int
    visible: int
    used: str


@activity(
    "browser.read",
    label="Read element",
    icon="text-align-left",
    effect=Effect.PURE,
    keywords=("text", "get", "extract", "value", "attribute", "scrape"),
)
async def read(
    ctx: Context,
    target: Element,
    what: Annotated[What, Param("What", "text: as it is seen; value: what a field holds.")] = "text",
    attribute: Annotated[str, Param("Attribute", placeholder="href", show_when={"what": ("attribute",)})] = "",
    timeout: Patience = None,
    session: Session = DEFAULT,
) -> ReadValue:
    """Read a text, a value or an attribute of an element, as soon as it is there.

    Passwords are not read. An attribute that is not there gives null. The output holds `value` and `used`.
    """

    async def look(element: Locator, limit: float) -> Any:
        return await element.evaluate(_READ, [what, attribute.strip().lower()], timeout=limit)

    async with using(ctx, session) as browser:
        field = what in ("value", "checked")
        value, used = await act(browser, target, browser.until(timeout), look, field=field)
        return ReadValue(clean(value), used)


@activity(
    "browser.count",
    label="Count elements",
    icon="list-numbers",
    effect=Effect.PURE,
    keywords=("exists", "visible", "number", "is there"),
)
async def count(ctx: Context, target: Element, session: Session = DEFAULT) -> Counted:
    """Count the elements that there are now, without waiting: 0 where there is none.

    It counts what the first candidate finds that finds any. The output holds `count`, `visible` and `used`.
    """
    async with using(ctx, session) as browser:
        for candidate in (one for given in target.candidates for one in expanded(given, False)):
            found = locator(browser.page, candidate)
            if total := await found.count():
                return Counted(total, await found.filter(visible=True).count(), str(candidate))
        return Counted(0, 0, "")


def clean(value: Any) -> Any:
    """What was read of a page, with secrets that were put into it masked."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, list):
        return [clean(one) for one in value]
    if isinstance(value, dict):
        return {clean(name): clean(one) for name, one in value.items()}
    return value
