"""Pages from their templates in `resources/practice/pages`: every value is escaped unless it is `Html` already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from html import escape
from string import Template
from urllib.parse import urlencode

from engine.practice.state import FOLDER
from engine.practice.web import Reply

OFFICE = (("/", "Overview"), ("/customers", "Customers"), ("/orders", "Orders"), ("/orders/new", "New order"))
ROOMS = (
    ("/form", "Moving form"),
    ("/slow", "Slow page"),
    ("/frames", "Frames"),
    ("/files", "Files"),
    ("/scroll", "Long table"),
    ("/dialogs", "Dialogs"),
    ("/drag", "Drag and drop"),
    ("/errors", "Errors"),
)
_END = (("/scoreboard", "Scoreboard"),)


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


@cache
def _template(name: str) -> Template:
    return Template((FOLDER / "pages" / f"{name}.html").read_text("utf-8"))


def fill(template: str, **values: object) -> Html:
    """The template with its names filled in."""
    texts = {name: value if isinstance(value, Html) else escape(str(value)) for name, value in values.items()}
    return Html(_template(template).substitute(texts))


def page(
    template: str,
    title: str,
    *,
    path: str = "",
    notice: str = "",
    problem: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: object,
) -> Reply:
    """A whole page. `notice` says what was done, `problem` what was wrong; `path` is marked in the menu."""
    told = ""
    if notice:
        told = f'<p class="notice" role="status">{escape(notice)}</p>'
    if problem:
        told += f'<p class="problem" role="alert">{escape(problem)}</p>'
    menu = "".join(
        f"<h2>{name}</h2><ul>{''.join(_entry(address, label, path) for address, label in entries)}</ul>"
        for name, entries in (("Back office", OFFICE), ("Practice rooms", ROOMS), ("Result", _END))
    )
    body = fill(template, **values)
    whole = fill("layout", title=title, menu=Html(menu), told=Html(told), body=body)
    return Reply(whole.encode(), status, headers=headers or {})


def bare(template: str, **values: object) -> Reply:
    """A page without the menu: what stands in a frame or a window of its own."""
    return Reply(fill(template, **values).encode())


def _entry(address: str, label: str, path: str) -> str:
    current = ' aria-current="page"' if address == path else ""
    return f'<li><a href="{address}"{current}>{label}</a></li>'


def rows(lines: Iterable[Sequence[object]]) -> Html:
    """The rows of a table."""
    return Html("".join(f"<tr>{''.join(f'<td>{_cell(cell)}</td>' for cell in line)}</tr>" for line in lines))


def link(address: str, text: object) -> Html:
    return Html(f'<a href="{escape(address)}">{escape(str(text))}</a>')


def options(entries: Mapping[str, str], chosen: str = "") -> Html:
    """The choices of a select, by value."""
    return Html(
        "".join(
            f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(text)}</option>'
            for value, text in entries.items()
        )
    )


def pager(address: str, query: Mapping[str, str], number: int, last: int) -> Html:
    """Links to the other pages of a list."""

    def to(other: int, text: str, rel: str = "") -> str:
        if not 1 <= other <= last or other == number:
            current = ' aria-current="page"' if other == number and not rel else ""
            return f'<span class="{"off" if rel else "here"}"{current}>{text}</span>'
        target = f"{address}?{urlencode({**query, 'page': other})}"
        return f'<a href="{escape(target)}"{f" rel={rel}" if rel else ""}>{text}</a>'

    near = sorted({1, last, *range(max(1, number - 2), min(last, number + 2) + 1)})
    numbers = "".join(to(other, str(other)) for other in near)
    return Html(
        f'<nav class="pager" aria-label="Pages">{to(number - 1, "Previous", "prev")}{numbers}'
        f"{to(number + 1, 'Next', 'next')}</nav>"
    )


def _cell(value: object) -> str:
    return value if isinstance(value, Html) else escape(str(value))
