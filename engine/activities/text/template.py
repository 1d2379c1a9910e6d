"""Fill templates: text with places in braces, and parts that repeat.

A template is data: `{name}`, `{customer.name}`, `{total:,.2f}`, `{date:%d.%m.%Y}`; `{{` and `}}` are braces.
`{#orders} … {/orders}` repeats its inside for each item of a list (whose fields are in reach by name, the item itself
as `{.}`), or shows it once if the value holds something; `{^orders} … {/orders}` shows it if it holds nothing.
Names read keys of mappings and places of lists, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any

from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Effect, Param, activity
from engine.sdk.cells import cell_text
from engine.sdk.encodings import decode_text
from engine.sdk.files import read_bytes
from engine.sdk.tables import shown

_MAX_RESULT = 20_000_000
_TOKEN = re.compile(r"\{\{|\}\}|\{([#^/]?)([^{}:]*)(?::([^{}]*))?\}|[{}]")
_ALONE = re.compile(r"^[ \t]*(\{[#^/][^{}]*\})[ \t]*\r?\n", re.MULTILINE)
_NUMBER = re.compile(r"[<>^]?[+]?\d{0,2}[,_]?(?:\.\d{1,2})?[dfg%]?")
_TEXT = re.compile(r"[<>^]\d{1,3}")
_DATE = re.compile(r"(?:[^%]|%-?[aAbBcdHIjmMpSUuVWwxXyYG%])*")


@dataclass(frozen=True)
class Filled:
    """The text, and how many places were filled in."""

    text: str
    count: int


@activity(
    "text.fill",
    label="Fill in a template",
    icon="note-pencil",
    effect=Effect.PURE,
    keywords=("render", "mail merge", "letter"),
)
async def fill(
    template: Annotated[str, Param("Template", "Text with places such as {name} and {total:,.2f}.", kind="text")],
    values: Annotated[dict[str, Any], Param("Values", "Name and value of each place.", kind="table")],
) -> Filled:
    """Fill values into a text.

    `{customer.name}` reads into a mapping or a list; `{total:,.2f}`, `{share:.1%}` and `{day:%d.%m.%Y}` say how numbers
    and dates look, `{name:<20}` pads; `{#orders}…{/orders}` repeats for each item, `{^orders}…{/orders}` shows if there
    are none; `{{` is a brace. A place without a value is an error; null is empty. The output holds `text` and `count`.
    """
    return _fill(template, values, say("the template"))


@activity(
    "text.fill_file",
    label="Fill in a template file",
    icon="note-pencil",
    effect=Effect.PURE,
    keywords=("render", "mail merge", "letter"),
)
def fill_file(
    template: Annotated[Path, Param("Template file", kind="file")],
    values: Annotated[dict[str, Any], Param("Values", "Name and value of each place.", kind="table")],
    encoding: Annotated[str, Param("Encoding", "auto, utf-8, windows-1251 …", advanced=True)] = "auto",
) -> Filled:
    """Fill values into the text of a template file.

    Places are written as for `text.fill`. The output holds `text` and `count`.
    """
    text, _ = decode_text(read_bytes(template), encoding, template.name)
    return _fill(text.removeprefix("\ufeff"), values, template.name)


def _fill(template: str, values: Mapping[str, Any], what: str) -> Filled:
    filler = _Filler(what)
    filler.render(_parse(template, what), [values])
    return Filled("".join(filler.parts), filler.count)


@dataclass
class _Section:
    """A part of a template: texts, places and further sections. `sign` is # or ^, empty for the whole."""

    sign: str
    name: str
    line: int
    parts: list[str | _Place | _Section] = field(default_factory=list)


@dataclass(frozen=True)
class _Place:
    name: str
    style: str
    line: int


def _parse(template: str, what: str) -> _Section:
    stack = [_Section("", "", 1)]
    for token, line in _tokens(template):
        if isinstance(token, str):
            stack[-1].parts.append(token)
            continue
        sign, name, style = token.group(1), (token.group(2) or "").strip(), token.group(3) or ""
        if sign is None or not name:
            raise BusinessError(
                say("{what}, line {line}: {group} is not a place", what=what, line=line, group=shown(token.group())),
                hint=say("Write {{name}}; a brace that is meant as such is written twice."),
            )
        if sign == "/":
            if len(stack) == 1 or stack[-1].name != name:
                opened = f"{{{stack[-1].sign}{stack[-1].name}}}" if len(stack) > 1 else "nothing"
                raise BusinessError(
                    say(
                        "{what}, line {line}: {{/{name}}} closes what was not opened; {opened} is open",
                        what=what,
                        line=line,
                        name=name,
                        opened=opened,
                    )
                )
            stack.pop()
        elif sign:
            if len(stack) > 50:
                raise BusinessError(say("{what}, line {line}: parts are nested too deeply", what=what, line=line))
            section = _Section(sign, name, line)
            stack[-1].parts.append(section)
            stack.append(section)
        else:
            stack[-1].parts.append(_Place(name, style, line))
    if len(stack) > 1:
        last = stack[-1]
        raise BusinessError(
            say(
                "{what}, line {line}: {{{sign}{name}}} is not closed",
                what=what,
                line=last.line,
                sign=last.sign,
                name=last.name,
            )
        )
    return stack[0]


def _tokens(template: str) -> Iterator[tuple[str | re.Match[str], int]]:
    # A line that holds nothing but the start or end of a part does not show.
    text = _ALONE.sub(lambda found: found.group(1) + "\r", template)
    at, line = 0, 1
    for found in _TOKEN.finditer(text):
        before = text[at : found.start()]
        if before:
            yield before, line
        line += before.count("\n")
        whole = found.group()
        at = found.end()
        if whole in ("{{", "}}"):
            yield whole[0], line
            continue
        yield found, line
        if found.group(1) and text[at : at + 1] == "\r" and text[at : at + 2] != "\r\n":
            at += 1
            line += 1
    if at < len(text):
        yield text[at:], line


class _Filler:
    """Collects the text."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.parts: list[str] = []
        self.count = 0
        self.size = 0

    def render(self, section: _Section, scopes: list[Any]) -> None:
        for part in section.parts:
            if isinstance(part, str):
                self._add(part)
            elif isinstance(part, _Place):
                self.count += 1
                value = self._read(part.name, scopes, part.line)
                self._add(self._styled(value, part))
            else:
                value = self._read(part.name, scopes, part.line)
                holds = value not in (None, False, "", 0) and value != [] and value != {}
                if part.sign == "^":
                    if not holds:
                        self.render(part, scopes)
                elif isinstance(value, list):
                    for item in value:
                        self.render(part, [*scopes, item])
                elif holds:
                    self.render(part, [*scopes, value] if isinstance(value, Mapping) else scopes)

    def _add(self, text: str) -> None:
        self.size += len(text)
        if self.size > _MAX_RESULT:
            raise BusinessError(
                say("{what} would give more than {most:,} characters", what=self.what, most=_MAX_RESULT)
            )
        self.parts.append(text)

    def _read(self, name: str, scopes: list[Any], line: int) -> Any:
        if name == ".":
            return scopes[-1]
        first, *rest = name.split(".")
        for scope in reversed(scopes):
            if isinstance(scope, Mapping) and first in scope:
                value: Any = scope[first]
                break
        else:
            raise self._missing(
                name, line, first, [key for scope in scopes if isinstance(scope, Mapping) for key in scope]
            )
        for part in rest:
            if isinstance(value, Mapping) and part in value:
                value = value[part]
            elif (
                isinstance(value, Sequence)
                and not isinstance(value, str)
                and part.isdecimal()
                and int(part) < len(value)
            ):
                value = value[int(part)]
            else:
                raise self._missing(name, line, part, list(value) if isinstance(value, Mapping) else [])
        return value

    def _missing(self, name: str, line: int, part: str, there: list[str]) -> BusinessError:
        listed = ", ".join(dict.fromkeys(map(str, there[:40]))) or say("nothing")
        message = say("{what}, line {line}: the place {{{name}}} has no value", what=self.what, line=line, name=name)
        if part != name:
            message = say(
                "{what}, line {line}: the place {{{name}}} has no {part!r}",
                what=self.what,
                line=line,
                name=name,
                part=part,
            )
        return BusinessError(message, hint=say("There is: {listed}.", listed=listed))

    def _styled(self, value: Any, place: _Place) -> str:
        style = place.style
        if not style or value is None:
            return cell_text(value)
        if isinstance(value, (datetime, date, time)):
            if "%" in style and len(style) <= 100 and _DATE.fullmatch(style):
                return value.strftime(style)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            if _NUMBER.fullmatch(style):
                return format(round(value) if style[-1] == "d" else value, style)
        elif isinstance(value, str) and _TEXT.fullmatch(style):
            return format(value, style)
        raise BusinessError(
            say(
                "{what}, line {line}: {value} in {{{name}}} cannot be shown as {style!r}",
                what=self.what,
                line=place.line,
                value=shown(value),
                name=place.name,
                style=style,
            ),
            hint=say("Numbers take for example ,.2f or .1%; dates %d.%m.%Y; text <20, >20 or ^20."),
        )
