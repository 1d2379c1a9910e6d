"""Groups of rows: gather, sum up, turn rows into columns and back."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from engine.core.errors import BusinessError
from engine.core.sentences import say
from engine.sdk import Effect, Param, activity
from engine.sdk.cells import cell_text
from engine.sdk.tables import (
    Names,
    Row,
    Rows,
    Table,
    absent,
    columns_of,
    identity,
    number,
    rank,
    require,
    row_key,
    table,
)

_MEASURE = re.compile(r"\s*([a-z_]+)\s*(?:\(\s*(.*?)\s*\)|\s(.*?))?\s*", re.DOTALL)


@dataclass(frozen=True)
class Groups:
    """The groups in order of first appearance, and how many there are."""

    groups: list[Row]
    count: int


@activity("data.group", label="Group rows", icon="stack", effect=Effect.PURE, keywords=("by", "partition"))
def group_rows(
    rows: Annotated[Rows, Param("Table", kind="table")],
    by: Annotated[Names, Param("By columns")],
) -> Groups:
    """Gather the rows that are alike in some columns.

    The output holds `groups`, a list to loop over: each has the columns of the grouping, `rows` (the whole rows of the
    group) and `count`. And `count`, the number of groups.
    """
    for name in ("rows", "count"):
        if name in by:
            raise BusinessError(
                say("a group cannot have a column {name!r}", name=name), hint=say("Rename the column first.")
            )
    found = [
        {**{name: members[0].get(name) for name in by}, "rows": members, "count": len(members)}
        for members in _members(rows, by)
    ]
    return Groups(found, len(found))


def _members(rows: list[Row], by: list[str]) -> list[list[Row]]:
    require(rows, by)
    if not by:
        return [rows]
    key = row_key(by)
    found: dict[Any, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return list(found.values())


@activity(
    "data.aggregate",
    label="Sum up",
    icon="sigma",
    effect=Effect.PURE,
    keywords=("total", "count", "average", "group by"),
)
def aggregate(
    rows: Annotated[Rows, Param("Table", kind="table")],
    measures: Annotated[
        dict[str, str],
        Param(
            "Measures",
            "New column, and what it holds: sum(column), mean, median, min, max, stdev, first, last, count, "
            "count_distinct, list, distinct or join.",
            "revenue: sum(amount)",
            kind="table",
        ),
    ],
    by: Annotated[Names, Param("By columns", "Empty for one row over the whole table.")] = [],  # noqa: B006
    decimals: Annotated[int | None, Param("Round to", unit="decimals", advanced=True)] = None,
) -> Table:
    """Sum up a table, or each group of rows that are alike in some columns.

    Empty cells do not count; `count` alone counts rows, `count(column)` the cells that hold something. Numbers kept as
    text are understood. Of no cells, a sum is 0, and a smallest, largest or mean is null. Groups stand in order of
    first appearance.
    The output is a table: `rows`, `columns`, `count`.
    """
    parsed = {name: _measure(text) for name, text in measures.items()}
    clash = [name for name in measures if name in by]
    if clash:
        raise BusinessError(say("the measure {clash!r} has the name of a column that is grouped by", clash=clash[0]))
    require(rows, [column for _, column in parsed.values() if column])
    places = {id(row): index for index, row in enumerate(rows)}
    made: list[Row] = []
    for members in _members(rows, by) if rows or not by else []:
        row: Row = {name: members[0].get(name) for name in by} if members else {}
        for name, (function, column) in parsed.items():
            row[name] = _rounded(_measured(function, column, members, places), decimals)
        made.append(row)
    return table(made, [*by, *measures])


def _measure(text: str) -> tuple[str, str]:
    match = _MEASURE.fullmatch(text)
    function = match.group(1) if match else ""
    column = (match.group(2) or match.group(3) or "") if match else ""
    if function not in _FUNCTIONS:
        raise BusinessError(
            say("{text!r} is not a measure", text=text),
            hint=say("Write for example sum(amount); there are {names}.", names=", ".join(_FUNCTIONS)),
        )
    if not column and function != "count":
        raise BusinessError(
            say("the measure {text!r} needs a column", text=text),
            hint=say("Write {function}(column).", function=function),
        )
    return function, column


def _measured(function: str, column: str, rows: list[Row], places: dict[int, int]) -> Any:
    if not column:
        return len(rows)
    cells = [(places[id(row)], row[column]) for row in rows if not absent(row.get(column))]
    if function in _NUMERIC:
        values = [number(value, place, column) for place, value in cells]
    else:
        values = [value for _, value in cells]
    if not values and function not in ("sum", "count", "count_distinct", "list", "distinct", "join"):
        return None
    return _FUNCTIONS[function](values)


def _rounded(value: Any, decimals: int | None) -> Any:
    return round(value, decimals) if decimals is not None and isinstance(value, float) else value


def _sum(values: list[Any]) -> float | int:
    if all(isinstance(value, int) for value in values):
        return int(sum(values))
    return math.fsum(values)


def _distinct(values: list[Any]) -> list[Any]:
    return list({identity(value): value for value in reversed(values)}.values())[::-1]


_NUMERIC = frozenset({"sum", "mean", "median", "stdev"})
_FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "sum": _sum,
    "mean": lambda values: math.fsum(values) / len(values),
    "median": statistics.median,
    "stdev": lambda values: statistics.stdev(values) if len(values) > 1 else None,
    "min": lambda values: min(values, key=rank),
    "max": lambda values: max(values, key=rank),
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "count": len,
    "count_distinct": lambda values: len({identity(value) for value in values}),
    "list": list,
    "distinct": _distinct,
    "join": lambda values: ", ".join(cell_text(value) for value in _distinct(values)),
}
_FUNCTIONS["average"] = _FUNCTIONS["avg"] = _FUNCTIONS["mean"]


@activity("data.pivot", label="Rows to columns", icon="swap", effect=Effect.PURE, keywords=("pivot", "cross table"))
def pivot(
    rows: Annotated[Rows, Param("Table", kind="table")],
    by: Annotated[Names, Param("One row for each", "Columns that stay at the left.")],
    column: Annotated[str, Param("One column for each", "Column whose values become columns.")],
    value: Annotated[str, Param("Cells from", "Column whose values fill the cells.")],
    measure: Annotated[
        Literal["sum", "mean", "median", "min", "max", "first", "last", "count", "count_distinct", "list", "join"],
        Param("Several values in one cell"),
    ] = "sum",
    fill: Annotated[Any, Param("Cells without a value", advanced=True)] = None,
) -> Table:
    """Turn the values of a column into columns: a cross table.

    The new columns are sorted. The output is a table: `rows`, `columns`, `count`.
    """
    require(rows, [*by, column, value])
    heads: dict[str, Any] = {}
    for row in rows:
        heads.setdefault(_head(row.get(column)), row.get(column))
    names = sorted(heads, key=lambda name: (absent(heads[name]), rank(heads[name]) if not absent(heads[name]) else ()))
    clash = [name for name in names if name in by]
    if clash:
        raise BusinessError(
            say(
                "the value {clash!r} of the column {column!r} is also a column that stays",
                clash=clash[0],
                column=column,
            )
        )
    places = {id(row): index for index, row in enumerate(rows)}
    made: list[Row] = []
    for members in _members(rows, by) if rows else []:
        cells: dict[str, list[Row]] = {}
        for row in members:
            cells.setdefault(_head(row.get(column)), []).append(row)
        kept = {name: members[0].get(name) for name in by}
        filled = {name: _measured(measure, value, cells[name], places) if name in cells else fill for name in names}
        made.append({**kept, **filled})
    return table(made, [*by, *names])


def _head(value: Any) -> str:
    return "(empty)" if absent(value) else cell_text(value)


@activity("data.unpivot", label="Columns to rows", icon="swap", effect=Effect.PURE, keywords=("melt", "flatten"))
def unpivot(
    rows: Annotated[Rows, Param("Table", kind="table")],
    keep: Annotated[Names, Param("Columns that stay")],
    columns: Annotated[Names, Param("Columns to turn", "Empty for all others.")] = [],  # noqa: B006
    name: Annotated[str, Param("Column for the names")] = "name",
    value: Annotated[str, Param("Column for the values")] = "value",
    skip_empty: Annotated[bool, Param("Leave out empty cells")] = False,
) -> Table:
    """Turn columns into rows: each cell becomes a row with the name of its column.

    The output is a table: `rows`, `columns`, `count`.
    """
    require(rows, [*keep, *columns])
    turned = columns or [one for one in columns_of(rows) if one not in keep]
    made = [
        {**{one: row.get(one) for one in keep}, name: one, value: row.get(one)}
        for row in rows
        for one in turned
        if not (skip_empty and absent(row.get(one)))
    ]
    return table(made, [*keep, name, value])
