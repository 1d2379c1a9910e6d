"""The text of a statement, and values bound to the names in it: `WHERE id = :id`. Values never become text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any

from engine.activities.sql.address import Dialect
from engine.core.sentences import say
from engine.sdk import BusinessError

_QUOTED = r"""
    (?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag)
  | --[^\n]*
  | /\*.*?(?:\*/|\Z)
  | "(?:[^"]|"")*"
  | `(?:[^`]|``)*`
"""
_REST = r"""
  | ::
  | (?<![\w:]):(?P<name>[A-Za-z_]\w*)
  | (?P<end>;)
"""
_PLAIN = r"| [eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*'"
_ESCAPED = r"| '(?:[^'\\]|\\.|'')*' | \#[^\n]*"
_IN = re.compile(r"(?P<not>\bnot\s+)?\bin\s*(?P<open>\(\s*)?$", re.IGNORECASE)
_BODY = re.compile(
    r"\s*(?:CREATE|BEGIN)\b[^;(]*\b(?:TRIGGER|PROCEDURE|FUNCTION|EVENT|PACKAGE|NOT\s+ATOMIC)\b", re.IGNORECASE
)
"""How statements begin that have semicolons of their own."""
_FIRST = re.compile(r"\s*(?:(?:--[^\n]*\n|/\*.*?\*/|\()\s*)*([A-Za-z]*)", re.DOTALL)


@cache
def _tokens(dialect: Dialect) -> re.Pattern[str]:
    quoted = _QUOTED.replace("(?P<tag>", "(?!)(?P<tag>") if dialect == "mariadb" else _QUOTED
    return re.compile(quoted + (_ESCAPED if dialect == "mariadb" else _PLAIN) + _REST, re.VERBOSE | re.DOTALL)


@dataclass(frozen=True)
class Bound:
    """A statement as its driver takes it: `names[i]` is that of `values[i]`."""

    sql: str
    values: tuple[Any, ...]
    names: tuple[str, ...]

    @property
    def verb(self) -> str:
        """Its first word, in upper case."""
        return first_word(self.sql)


def first_word(sql: str) -> str:
    """The first word of a statement, in upper case."""
    found = _FIRST.match(sql)
    return found[1].upper() if found else ""


def names_in(sql: str, dialect: Dialect) -> set[str]:
    """The names that values can be bound to."""
    return {found["name"] for found in _tokens(dialect).finditer(sql) if found["name"]}


def divided(script: str, dialect: Dialect) -> list[str]:
    """The statements of a script: what stands between its semicolons."""
    parts, start = [], 0
    for found in _tokens(dialect).finditer(script):
        if found["end"]:
            parts.append(script[start : found.start()])
            start = found.end()
    parts.append(script[start:])
    return [part.strip() for part in parts if first_word(part)]


def single(sql: str, dialect: Dialect) -> str:
    """`sql`, which is one statement. Raises `BusinessError` for none and for several."""
    parts = divided(sql, dialect)
    if not parts:
        raise BusinessError(say("there is no statement to run"))
    if len(parts) > 1 and not _BODY.match(sql):
        raise BusinessError(
            say("these are several statements"), hint=say("Use 'SQL transaction', which takes several.")
        )
    return sql


def bound(sql: str, given: Mapping[str, Any], dialect: Dialect, *, all_used: bool = True) -> Bound:
    """`sql` with `given` bound to its names. A list behind `IN` stands for as many values as it has.

    Raises `BusinessError` for a name without a value, and for values that no name asks for.
    """
    names = names_in(sql, dialect)
    if missing := sorted(names - given.keys()):
        close = get_close_matches(missing[0], list(given), 1)
        raise BusinessError(
            say("the statement asks for :{name}, and no such parameter is given", name=missing[0]),
            hint=say("Is {name!r} meant?", name=close[0]) if close else say("Add it to the parameters."),
        )
    if all_used and (unused := sorted(given.keys() - names)):
        raise BusinessError(
            say("the parameter {name!r} is given, and the statement does not ask for it", name=unused[0]),
            hint=say("Write :{name} where it belongs, without quotes.", name=unused[0]),
        )
    placed = _Placed(dialect)
    pieces: list[str] = []
    start = 0
    for found in _tokens(dialect).finditer(sql):
        name = found["name"]
        if name is None:
            continue
        pieces.append(placed.literal(sql[start : found.start()]))
        start = found.end()
        value = given[name]
        opened = _IN.search(sql, 0, found.start()) if isinstance(value, list) else None
        if opened is None:
            pieces.append(placed.value(name, value))
            continue
        if opened["open"] and not (closing := re.compile(r"\s*\)").match(sql, start)):
            raise BusinessError(
                say("the list {name!r} stands among other values behind IN", name=name),
                hint=say("Write IN :{name} for all of them.", name=name),
            )
        if opened["open"]:
            assert closing is not None
            start = closing.end()
        pieces.append(placed.values_in(name, value, opened, pieces))
    pieces.append(placed.literal(sql[start:]))
    return Bound("".join(pieces).rstrip().rstrip(";"), tuple(placed.values), tuple(placed.names))


class _Placed:
    """The values of a statement in the order and the way of its driver."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self.values: list[Any] = []
        self.names: list[str] = []

    def literal(self, text: str) -> str:
        return text.replace("%", "%%") if self._dialect == "mariadb" else text

    def value(self, name: str, value: Any) -> str:
        if self._dialect == "postgresql" and name in self.names:
            return f"${self.names.index(name) + 1}"
        self.values.append(value)
        self.names.append(name)
        return next(placeholders(self._dialect, len(self.values)))

    def values_in(self, name: str, values: list[Any], opened: re.Match[str], pieces: list[str]) -> str:
        before = pieces.pop()
        head, tail = before[: len(before) - len(opened[0])], before[len(before) - len(opened[0]) :]
        tail = tail.rstrip().removesuffix("(")
        if not values and self._dialect == "postgresql":
            return f"{head}{'<> ALL' if opened['not'] else '= ANY'}('{{}}')"
        if not values:
            return f"{head}{tail} (SELECT NULL FROM (SELECT 1 AS a) AS z WHERE 1 = 0)"
        places = ", ".join(self.value(f"{name}[{index}]", one) for index, one in enumerate(values))
        return f"{head}{tail} ({places})"


def placeholders(dialect: Dialect, first: int = 1) -> Iterator[str]:
    """The places of values, from the one numbered `first` on."""
    while True:
        yield {"postgresql": f"${first}", "mariadb": "%s", "sqlite": "?"}[dialect]
        first += 1
