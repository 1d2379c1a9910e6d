"""Tables and lists of a page as data: also over several pages, and those that load more as one scrolls."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from engine.activities.browser.finding import find
from engine.activities.browser.reading import clean
from engine.activities.browser.session import DEFAULT, Browser, Patience, Session, using
from engine.activities.browser.target import HELP, AsTarget, Candidate, Target, expanded, locator
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, SystemFault, activity
from engine.sdk.tables import column_names

if TYPE_CHECKING:
    from playwright.async_api import Locator

Next = Annotated[
    AsTarget | None,
    Param("Next page", "The button or link that leads to it; the last page has none that can be clicked."),
]
MaxPages = Annotated[int, Param("Pages at most", advanced=True)]
Scroll = Annotated[bool, Param("Scroll for more", "Where more is loaded as one scrolls down.")]
MaxRows = Annotated[int | None, Param("Rows at most", "Empty: all.", advanced=True)]
_FIRST = Target([Candidate("css", "table, [role=table], [role=grid]")])
_GRID = r"""
el => {
  const clean = text => (text || '').replace(/[ \t\u00a0]+/g, ' ').trim();
  const TABLE = 'table, [role=table], [role=grid], [role=treegrid]';
  const CELL = '[role=cell], [role=gridcell], [role=columnheader], [role=rowheader]';
  const table = el.matches(TABLE) ? el : el.querySelector(TABLE) || el.closest(TABLE);
  if (!table) return null;
  const own = row => row.closest(TABLE) === table;
  const rows = [...table.querySelectorAll('tr, [role=row]')].filter(own)
    .filter(row => row.getClientRects().length || getComputedStyle(row).display === 'contents');
  const grid = [], heads = [];
  const span = (cell, name) => {
    const said = cell.getAttribute(name) || cell.getAttribute('aria-' + name) || '1';
    return Math.min(Math.max(parseInt(said, 10) || 1, 1), 1000);
  };
  const held = field => {
    if (field.type === 'checkbox' || field.type === 'radio') return field.checked;
    return clean(field.tagName === 'SELECT' ? (field.selectedOptions[0] || {}).text : field.value);
  };
  rows.forEach((row, y) => {
    grid[y] = grid[y] || [];
    const cells = row.tagName === 'TR' ? [...row.cells]
      : [...row.querySelectorAll(CELL)].filter(c => c.closest('[role=row]') === row);
    let x = 0;
    for (const cell of cells) {
      while (grid[y][x] !== undefined) x++;
      const field = cell.querySelector('input:not([type=hidden]):not([type=password]), select, textarea');
      let text = clean(cell.innerText);
      if (!text && field) text = held(field);
      const down = span(cell, 'rowspan'), wide = span(cell, 'colspan');
      for (let dy = 0; dy < down && y + dy < rows.length; dy++)
        for (let dx = 0; dx < wide; dx++) (grid[y + dy] = grid[y + dy] || [])[x + dx] = text;
      x += wide;
    }
    const head = cells.length > 0 && (row.closest('thead') !== null
      || cells.every(c => c.tagName === 'TH' || c.getAttribute('role') === 'columnheader'));
    if (head && heads.length === y) heads.push(y);
  });
  const full = line => [...line].map(value => value === undefined ? null : value);
  return {heads: heads.map(y => full(grid[y])), rows: grid.slice(heads.length).filter(line => line.length).map(full)};
}"""
_ITEMS = r"""
(els, fields) => {
  const clean = text => (text || '').replace(/[ \t\u00a0]+/g, ' ').trim();
  const part = (el, path) => {
    const at = path.lastIndexOf('@');
    const selector = (at < 0 ? path : path.slice(0, at)).trim(), name = at < 0 ? '' : path.slice(at + 1).trim();
    const found = selector ? el.querySelector(selector) : el;
    if (!found) return null;
    if (!name) return clean(found.innerText ?? found.textContent);
    return (name === 'href' || name === 'src') && found[name] ? String(found[name]) : found.getAttribute(name);
  };
  const names = Object.keys(fields);
  if (!names.length) return els.map(el => clean(el.innerText ?? el.textContent));
  return els.map(el => Object.fromEntries(names.map(name => [name, part(el, fields[name])])));
}"""
_SCROLL = r"""
el => {
  let at = el;
  while (at && at !== document.body && at !== document.documentElement) {
    const flow = getComputedStyle(at).overflowY;
    if ((flow === 'auto' || flow === 'scroll') && at.scrollHeight > at.clientHeight + 1) break;
    at = at.parentElement;
  }
  if (!at || at === document.body) at = document.scrollingElement || document.documentElement;
  const end = () => at.scrollTop + at.clientHeight >= at.scrollHeight - 2;
  if (end()) at.scrollTop -= 2;
  at.scrollTop += Math.max(at.clientHeight * 0.8, 20);
  at.dispatchEvent(new Event('scroll', {bubbles: true}));
  return end();
}"""


@dataclass(frozen=True)
class ReadTable:
    """A table: its rows by column, the names of the columns in order, how many rows there are, and from how many
    pages they were read."""

    rows: list[dict[str, Any]]
    columns: list[str]
    count: int
    pages: int


@dataclass(frozen=True)
class ReadList:
    """The items, a text each or a mapping of what was asked for; how many there are, and from how many pages."""

    items: list[Any]
    count: int
    pages: int


@activity(
    "browser.read_table",
    label="Read table of page",
    icon="table",
    effect=Effect.IDEMPOTENT,
    keywords=("extract", "scrape", "rows", "grid", "data", "paging"),
)
async def read_table(
    ctx: Context,
    target: Annotated[AsTarget | None, Param("Table", f"Empty: the first one. {HELP}")] = None,
    next_page: Next = None,
    max_pages: MaxPages = 100,
    scroll: Scroll = False,
    max_rows: MaxRows = None,
    timeout: Patience = None,
    session: Session = DEFAULT,
) -> ReadTable:
    """Read a table of the page into rows, also over several pages, or as far as scrolling loads more.

    The names of the columns come from its header; merged cells count for each of theirs. The output is a table (`rows`,
    `columns`, `count`), with the number of `pages`.
    """
    heads: list[list[Any]] = []

    async def read(element: Locator) -> list[Any]:
        found: dict[str, Any] | None = await element.evaluate(_GRID)
        if found is None:
            raise BusinessError(
                say("what was found is no table"), hint=say("Name the table; for a list of other things use Read list.")
            )
        if not heads:
            heads.extend(found["heads"])
        return list(found["rows"])

    async with using(ctx, session) as browser:
        wanted = target if target is not None else _FIRST
        lines, pages = await _gather(ctx, browser, wanted, read, next_page, max_pages, scroll, max_rows, timeout)
    width = max((len(line) for line in [*heads, *lines]), default=0)
    names = column_names([_head([head[at] if at < len(head) else "" for head in heads]) for at in range(width)])
    rows = [dict(zip(names, [*line, *[None] * (width - len(line))], strict=True)) for line in lines]
    return ReadTable(clean(rows), clean(names), len(rows), pages)


@activity(
    "browser.read_list",
    label="Read list of page",
    icon="list-bullets",
    effect=Effect.IDEMPOTENT,
    keywords=("extract", "scrape", "items", "links", "data", "paging", "cards"),
)
async def read_list(
    ctx: Context,
    items: Annotated[AsTarget, Param("Items", f"All that it matches. {HELP}", "css=.product")],
    fields: Annotated[
        dict[str, str],
        Param(
            "What of each",
            "A name, and a CSS selector inside the item, with @ and an attribute; empty: its text.",
            "link: a@href",
            kind="table",
        ),
    ] = {},  # noqa: B006 - bound as a copy
    next_page: Next = None,
    max_pages: MaxPages = 100,
    scroll: Scroll = False,
    max_rows: MaxRows = None,
    timeout: Patience = None,
    session: Session = DEFAULT,
) -> ReadList:
    """Read all items of a list, of search results or of cards into data, also over several pages.

    The output holds `items`, `count` and the number of `pages`.
    """

    async def read(element: Locator) -> list[Any]:
        return list(await element.evaluate_all(_ITEMS, fields))

    async with using(ctx, session) as browser:
        found, pages = await _gather(
            ctx, browser, items, read, next_page, max_pages, scroll, max_rows, timeout, several=True
        )
    return ReadList(clean(found), len(found), pages)


async def _gather(
    ctx: Context,
    browser: Browser,
    target: Target,
    read: Callable[[Locator], Awaitable[list[Any]]],
    next_page: Target | None,
    max_pages: int,
    scroll: bool,
    max_rows: int | None,
    timeout: float | None,
    *,
    several: bool = False,
) -> tuple[list[Any], int]:
    """What `read` gives for each page together, and how many pages there were."""
    gathered: list[Any] = []
    most = max_rows if max_rows is not None else 10_000_000
    pages = 0
    while True:
        element = await _element(browser, target, browser.until(timeout), several)
        if scroll:
            found = await _scrolled(ctx, browser, element, read, most - len(gathered), timeout)
        else:
            found = await read(element)
        gathered += found
        pages += 1
        ctx.progress(len(gathered), max_rows)
        if next_page is None or len(gathered) >= most:
            break
        if pages >= max_pages:
            if await _next(browser, next_page) is None:
                break
            ctx.log("there are more pages than are to be read", "warning", pages=pages)
            break
        if not await _turn(browser, next_page, element, read, found, timeout):
            break
    return gathered[:most], pages


async def _element(browser: Browser, target: Target, until: float, several: bool) -> Locator:
    if not several:
        return (await find(browser, target, until)).locator
    pause = 0.02
    while True:
        for candidate in (one for given in target.candidates for one in expanded(given, False)):
            found = locator(browser.page, candidate)
            if await found.count():
                return found
        if time.monotonic() >= until:
            return locator(browser.page, target.candidates[0])
        await asyncio.sleep(pause)
        pause = min(pause * 1.6, 0.25)


async def _scrolled(
    ctx: Context,
    browser: Browser,
    element: Locator,
    read: Callable[[Locator], Awaitable[list[Any]]],
    most: int,
    timeout: float | None,
) -> list[Any]:
    """All that comes as one scrolls down, until nothing more comes for a while. Rows that the page takes away above
    as others come below are kept."""
    rows: list[Any] = []
    quiet = min(browser.timeout if timeout is None else timeout, 2.0)
    last = time.monotonic()
    end = False
    while True:
        now = await read(element)
        merged = _joined(rows, now)
        if len(merged) > len(rows):
            rows, last = merged, time.monotonic()
            ctx.progress(len(rows))
        if len(rows) >= most or (end and time.monotonic() - last > quiet):
            return rows
        moved_to_end: bool = await element.last.evaluate(_SCROLL)
        if moved_to_end and not end:
            last = time.monotonic()
        end = moved_to_end
        await asyncio.sleep(0.08 if end else 0.03)


def _joined(known: list[Any], now: list[Any]) -> list[Any]:
    """`known` followed by what is new in `now`, which may begin later: where the two overlap they are the same."""
    marks, fresh = [json.dumps(one) for one in known], [json.dumps(one) for one in now]
    if not known or fresh[: len(marks)] == marks:
        return list(now)
    for size in range(min(len(marks), len(fresh)), 0, -1):
        if marks[-size:] == fresh[:size]:
            return [*known, *now[size:]]
    there = set(marks)
    return [*known, *(one for one, mark in zip(now, fresh, strict=True) if mark not in there)]


async def _next(browser: Browser, target: Target) -> Locator | None:
    """The button to the next page, if there is one that can be clicked now."""
    for candidate in (one for given in target.candidates for one in expanded(given, False)):
        found = locator(browser.page, candidate).filter(visible=True)
        if await found.count():
            first = found.first
            dead = await first.evaluate(
                "el => !!el.closest('[disabled], [aria-disabled=true], .disabled, [inert]')"
                " || getComputedStyle(el).pointerEvents === 'none'"
            )
            return None if dead else first
    return None


async def _turn(
    browser: Browser,
    target: Target,
    element: Locator,
    read: Callable[[Locator], Awaitable[list[Any]]],
    before: list[Any],
    timeout: float | None,
) -> bool:
    """Go to the next page, and wait until it is there. Gives False on the last one."""
    from playwright.async_api import Error

    button = await _next(browser, target)
    if button is None:
        return False
    address = browser.page.url
    until = browser.until(timeout)
    await button.click()
    while True:
        try:
            if browser.page.url != address:
                await browser.page.wait_for_load_state("domcontentloaded")
            now = await read(element)
            if now and now != before:
                return True
        except Error:
            pass  # the page is just changing
        except BusinessError:
            pass  # the table is not there yet
        if time.monotonic() >= until:
            if await _next(browser, target) is None:
                return False
            raise SystemFault(
                say("the next page did not come"),
                hint=say("See in the picture what the page shows; allow more time, or name the button more exactly."),
            )
        await asyncio.sleep(0.05)


def _head(parts: list[Any]) -> str:
    return " ".join(dict.fromkeys(str(part) for part in parts if part not in (None, "")))
