"""Tables as activities hand them on: a list of rows, each a mapping from column to value, columns in order."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator

from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.core.values import encode

Row = dict[str, Any]


def _rows(value: Any) -> Any:
    """Whoever gives the whole output of a step that read a table means its rows."""
    if isinstance(value, Mapping) and isinstance(value.get("rows"), list):
        return value["rows"]
    return value


def _names(value: Any) -> Any:
    if isinstance(value, str):
        return [name.strip() for name in value.split(",") if name.strip()]
    return value


Rows = Annotated[list[Row], BeforeValidator(_rows)]
"""Parameter: a table. The output of a step that has `rows` is taken for them."""

Names = Annotated[list[str], BeforeValidator(_names)]
"""Parameter: names of columns, as a list or in one text with commas."""


@dataclass(frozen=True)
class Table:
    """A table: its rows, the names of the columns in order, and how many rows there are."""

    rows: list[Row]
    columns: list[str]
    count: int


def table(rows: list[Row], columns: Sequence[str] | None = None) -> Table:
    """`rows` as a result. `columns` where they are known without looking."""
    return Table(rows, list(columns) if columns is not None else columns_of(rows), len(rows))


def columns_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Every column of any row, in the order of first appearance."""
    found: dict[str, None] = {}
    last: Any = None
    for row in rows:
        keys = row.keys()
        if keys != last:
            found.update(dict.fromkeys(keys))
            last = keys
    return list(found)


def require(rows: Sequence[Mapping[str, Any]], names: Iterable[str], what: str = "") -> None:
    """Raise `BusinessError` that names the columns which no row has. A table without rows has every column."""
    if not rows:
        return
    missing = [name for name in names if name not in rows[0]]
    if missing:
        there = columns_of(rows)
        missing = [name for name in missing if name not in there]
    if missing:
        what = what or say("the table")
        listed = ", ".join(there[:40]) or say("none")
        raise BusinessError(
            say("{what} has no column {missing}", what=what, missing=", ".join(map(repr, missing))),
            hint=say("Its columns are: {names}.", names=listed),
        )


def column_names(header: Sequence[Any]) -> list[str]:
    """Usable names for the columns of a header as people leave it: trimmed, none empty, none twice."""
    names: list[str] = []
    taken: set[str] = set()
    for place, cell in enumerate(header, 1):
        name = " ".join(str(cell).split()) if cell is not None else ""
        name = name or f"column_{place}"
        unique, count = name, 1
        while unique in taken:
            count += 1
            unique = f"{name}_{count}"
        taken.add(unique)
        names.append(unique)
    return names


def identity(value: Any, loose: bool = False) -> Any:
    """Something hashable that is equal for equal values, and apart for true and 1.

    With `loose`, as people compare: by their text, without case and outer spaces, 5 and 5.0 and "5" alike.
    """
    kind = type(value)
    if loose:
        if kind is float and value.is_integer():
            value = int(value)
        if isinstance(value, (list, dict)):
            return encode(value)
        return None if value is None or value == "" else str(value).strip().casefold()
    if kind is str or kind is int:
        return value
    if kind is bool:
        return (bool, value)
    if kind is float:
        return "nan" if math.isnan(value) else value
    if kind is list or kind is dict:
        return (kind, encode(value))
    return value


def row_key(names: Sequence[str], loose: bool = False) -> Callable[[Mapping[str, Any]], Any]:
    """A function that gives the key of a row: a tuple of the identities of the named columns."""
    if len(names) == 1:
        name = names[0]
        return lambda row: (identity(row.get(name), loose),)
    return lambda row: tuple([identity(row.get(name), loose) for name in names])


def rank(value: Any, ignore_case: bool = False) -> tuple[int, Any]:
    """A sort key over values of any kinds: numbers, then times, then text, then the rest. Not for null."""
    if isinstance(value, (int, float)):
        return (0, value) if value == value else (1, 0)
    if isinstance(value, datetime):
        return (2, value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value)
    if isinstance(value, date):
        return (2, datetime(value.year, value.month, value.day))
    if isinstance(value, timedelta):
        return (3, value)
    if isinstance(value, time):
        return (4, value.isoformat())
    if isinstance(value, str):
        return (5, value.casefold() if ignore_case else value)
    return (6, encode(value))


def absent(value: Any) -> bool:
    """Whether a cell holds nothing: null, an empty text, or not a number."""
    return value is None or value == "" or value != value


def number(value: Any, row: int, column: str) -> float | int:
    """The number in a cell, also one kept as text. Raises `BusinessError` with the place; `row` counts from 0."""
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        try:
            found = float(value)
        except ValueError:
            pass
        else:
            if math.isfinite(found):
                return int(found) if found.is_integer() and "." not in value and "e" not in value.lower() else found
    raise BusinessError(
        say("row {row}, column {column!r}: {value} is not a number", row=row + 1, column=column, value=shown(value)),
        hint=say("Convert the column to numbers first, or leave out the rows that hold none."),
    )


def shown(value: Any, length: int = 40) -> str:
    """A value for a message: short, in quotes if it is text."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= length else text[: length - 1] + "…"
