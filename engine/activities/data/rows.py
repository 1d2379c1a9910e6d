"""Rows and columns of one table: keep, order, compute, choose, rename, convert."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from engine.core.errors import BusinessError, ExpressionError
from engine.core.sentences import say
from engine.sdk import Context, Effect, Expression, Param, activity
from engine.sdk.cells import CellFormat, CellType, type_word
from engine.sdk.tables import Names, Row, Rows, Table, absent, columns_of, rank, require, row_key, shown, table

_CHECK_EVERY = 1000


def evaluated(rows: list[Row], expression: Expression, ctx: Context) -> Iterator[tuple[int, Row, Any]]:
    """Each row with its index and what `expression` gives for it. Errors tell the row."""
    for index, row in enumerate(rows):
        if not index % _CHECK_EVERY:
            ctx.check()
        try:
            value = expression(item=row, index=index)
        except ExpressionError as error:
            raise BusinessError(
                say("row {index}: {message}", index=index + 1, message=error.message), hint=error.hint
            ) from None
        yield index, row, value


@activity("data.filter", label="Filter rows", icon="funnel", effect=Effect.PURE, keywords=("where", "select", "keep"))
def filter_rows(
    rows: Annotated[Rows, Param("Table", kind="table")],
    where: Annotated[
        Expression, Param("Keep rows where", "True or false for a row, called item.", "{{ item.amount > 100 }}")
    ],
    ctx: Context,
) -> Table:
    """Keep the rows for which a condition holds.

    The condition reads the row as `item` and its place, from 0, as `index`. Null, 0, an empty text and false leave a
    row out. The output is a table: `rows`, `columns`, `count`.
    """
    return table([row for _, row, keep in evaluated(rows, where, ctx) if keep], columns_of(rows))


@activity("data.sort", label="Sort rows", icon="sort-ascending", effect=Effect.PURE, keywords=("order",))
def sort_rows(
    rows: Annotated[Rows, Param("Table", kind="table")],
    ctx: Context,
    by: Annotated[
        Names, Param("By columns", "The first counts most. A minus before a name, or desc after it, sorts downwards.")
    ] = [],  # noqa: B006 - bound as a copy
    key: Annotated[
        Expression | None, Param("Or by the value of", "A value for a row, called item.", advanced=True)
    ] = None,
    descending: Annotated[bool, Param("Largest first", "Turns the whole order around.")] = False,
    empty: Annotated[Literal["last", "first"], Param("Empty cells", advanced=True)] = "last",
    ignore_case: Annotated[bool, Param("Upper and lower case are alike")] = True,
) -> Table:
    """Sort a table by one or several columns, or by a computed value.

    Rows that compare equal keep their order. Numbers come before dates, dates before text.
    The output is a table: `rows`, `columns`, `count`.
    """
    if key is not None:
        values = [value for _, _, value in evaluated(rows, key, ctx)]
        order = sorted(range(len(rows)), key=_sort_key(values, descending, empty, ignore_case), reverse=descending)
        return table([rows[index] for index in order], columns_of(rows))
    if not by:
        raise BusinessError(say("there is nothing to sort by"), hint=say("Give one or several columns, or a value."))
    keys = [_direction(name, columns_of(rows)) for name in by]
    require(rows, [name for name, _ in keys])
    order = list(range(len(rows)))
    for name, down in reversed(keys):
        ctx.check()
        down = down != descending
        values = [row.get(name) for row in rows]
        order.sort(key=_sort_key(values, down, empty, ignore_case), reverse=down)
    return table([rows[index] for index in order], columns_of(rows))


def _direction(name: str, columns: list[str]) -> tuple[str, bool]:
    if name in columns:
        return name, False
    if name.startswith(("-", "+")):
        return name[1:].strip(), name[0] == "-"
    first, _, last = name.rpartition(" ")
    if first and last.lower() in ("asc", "desc"):
        return first.strip(), last.lower() == "desc"
    return name, False


def _sort_key(values: list[Any], reverse: bool, empty: str, ignore_case: bool) -> Any:
    behind = (empty == "last") != reverse
    keys = [(behind,) if absent(value) else (not behind, *rank(value, ignore_case)) for value in values]
    return keys.__getitem__


@activity(
    "data.map",
    label="Compute columns",
    icon="function",
    effect=Effect.PURE,
    keywords=("calculate", "transform", "add column"),
)
def map_rows(
    rows: Annotated[Rows, Param("Table", kind="table")],
    row: Annotated[
        Expression,
        Param(
            "Columns",
            "Name and value of each column; a value reads the row as item.",
            "total: {{ item.price * item.quantity }}",
            kind="table",
        ),
    ],
    ctx: Context,
    keep: Annotated[bool, Param("Keep the other columns")] = True,
) -> Table:
    """Compute columns of every row.

    `Columns` is a mapping from column to value, computed anew for each row, which it reads as `item`, with its place
    as `index`. A column that is there already is replaced. A value that is no mapping is an error, unless the other
    columns are not kept and it is a row itself. The output is a table: `rows`, `columns`, `count`.
    """
    made: list[Row] = []
    for index, old, new in evaluated(rows, row, ctx):
        if not isinstance(new, dict):
            raise BusinessError(
                say("row {index}: {new} is not a mapping from column to value", index=index + 1, new=shown(new)),
                hint=say("Write the columns as `name: value` lines."),
            )
        made.append({**old, **new} if keep else new)
    return table(made)


@activity("data.select", label="Choose columns", icon="columns", effect=Effect.PURE, keywords=("keep", "reorder"))
async def select_columns(
    rows: Annotated[Rows, Param("Table", kind="table")],
    columns: Annotated[Names, Param("Columns to keep", "In the order they shall have.")],
) -> Table:
    """Keep some columns, in the order given.

    The output is a table: `rows`, `columns`, `count`.
    """
    require(rows, columns)
    return table([{name: row.get(name) for name in columns} for row in rows], columns)


@activity("data.drop", label="Remove columns", icon="columns", effect=Effect.PURE, keywords=("delete",))
async def drop_columns(
    rows: Annotated[Rows, Param("Table", kind="table")],
    columns: Annotated[Names, Param("Columns to remove", "One that is not there is no error.")],
) -> Table:
    """Remove some columns.

    The output is a table: `rows`, `columns`, `count`.
    """
    away = set(columns)
    return table([{name: value for name, value in row.items() if name not in away} for row in rows])


@activity("data.rename", label="Rename columns", icon="columns", effect=Effect.PURE)
async def rename_columns(
    rows: Annotated[Rows, Param("Table", kind="table")],
    names: Annotated[dict[str, str], Param("Names", "The old name, and the new one.", kind="table")],
) -> Table:
    """Rename columns, which stay in their places.

    The output is a table: `rows`, `columns`, `count`.
    """
    require(rows, names)
    columns = columns_of(rows)
    renamed = [names.get(name, name) for name in columns]
    for name in set(renamed):
        if renamed.count(name) > 1:
            raise BusinessError(
                say("two columns would be named {name!r}", name=name),
                hint=say("Remove one of them first, or choose another name."),
            )
    return table(
        [{names.get(name, name): value for name, value in row.items()} for row in rows], renamed if rows else None
    )


@activity(
    "data.slice",
    label="Take some rows",
    icon="scissors",
    effect=Effect.PURE,
    keywords=("limit", "first", "last", "top"),
)
async def slice_rows(
    rows: Annotated[Rows, Param("Table", kind="table")],
    count: Annotated[int | None, Param("How many", "Empty for all that follow.")] = None,
    skip: Annotated[int, Param("Leave out first")] = 0,
    from_end: Annotated[bool, Param("Count from the end")] = False,
) -> Table:
    """Take the first or the last rows of a table.

    The output is a table: `rows`, `columns`, `count`.
    """
    if skip < 0 or (count is not None and count < 0):
        raise BusinessError(say("a number of rows cannot be negative"))
    wanted = len(rows) if count is None else count
    if from_end:
        end = max(len(rows) - skip, 0)
        return table(rows[max(end - wanted, 0) : end], columns_of(rows))
    return table(rows[skip : skip + wanted], columns_of(rows))


@activity(
    "data.union",
    label="Put tables together",
    icon="git-merge",
    effect=Effect.PURE,
    keywords=("append", "concat", "merge"),
)
async def union(
    tables: Annotated[list[Rows], Param("Tables", "Their rows follow each other in this order.")],
    columns: Annotated[
        Literal["all", "common", "same"],
        Param("Columns", "All of any table, those of every table, or an error when they differ."),
    ] = "all",
) -> Table:
    """Put the rows of several tables into one.

    A cell that a table does not have is null. The output is a table: `rows`, `columns`, `count`.
    """
    names = [columns_of(rows) for rows in tables]
    every = list(dict.fromkeys(name for one in names for name in one))
    filled = [one for one in names if one]
    if columns == "common":
        every = [name for name in every if all(name in one for one in filled)]
    elif columns == "same":
        for place, one in enumerate(names, 1):
            if one and set(one) != set(every):
                odd = sorted(set(every) - set(one))
                raise BusinessError(
                    say(
                        "table {place} has no column {odd}, which another table has",
                        place=place,
                        odd=", ".join(map(repr, odd)),
                    )
                )
    return table([{name: row.get(name) for name in every} for rows in tables for row in rows], every)


@dataclass(frozen=True)
class Deduplicated:
    """The rows left, the columns, how many rows are left, and how many were removed."""

    rows: list[Row]
    columns: list[str]
    count: int
    removed: int


@activity(
    "data.deduplicate", label="Remove duplicates", icon="copy", effect=Effect.PURE, keywords=("distinct", "unique")
)
def deduplicate(
    rows: Annotated[Rows, Param("Table", kind="table")],
    by: Annotated[Names, Param("Alike in columns", "Empty for all columns.")] = [],  # noqa: B006 - bound as a copy
    keep: Annotated[
        Literal["first", "last", "none"], Param("Keep", "None leaves out every row that has a double.")
    ] = "first",
    ignore_case: Annotated[bool, Param("Compare as text", "Without case, and 5 is like '5'.")] = False,
) -> Deduplicated:
    """Remove the rows that are there more than once.

    The output is a table (`rows`, `columns`, `count`) and `removed`, how many rows went.
    """
    require(rows, by)
    columns = columns_of(rows)
    key = row_key(by or columns, ignore_case)
    keys = [key(row) for row in rows]
    places: dict[Any, int] = {}
    seen: dict[Any, int] = {}
    for index, one in enumerate(keys):
        seen[one] = seen.get(one, 0) + 1
        if keep == "last" or one not in places:
            places[one] = index
    kept = [
        row
        for index, row in enumerate(rows)
        if places[keys[index]] == index and (keep != "none" or seen[keys[index]] == 1)
    ]
    return Deduplicated(kept, columns, len(kept), len(rows) - len(kept))


@activity(
    "data.convert", label="Convert columns", icon="text-aa", effect=Effect.PURE, keywords=("type", "number", "date")
)
def convert_columns(
    rows: Annotated[Rows, Param("Table", kind="table")],
    types: Annotated[
        dict[str, CellType],
        Param(
            "Types",
            "Column, and what it shall hold: text, integer, number, boolean, date, datetime or auto.",
            kind="table",
        ),
    ],
    decimal: Annotated[Literal[".", ","], Param("Decimal sign")] = ".",
    date_format: Annotated[str, Param("Dates are written as", "Empty for ISO 8601.", "%d.%m.%Y")] = "",
    on_error: Annotated[Literal["fail", "null", "keep"], Param("A cell that does not fit")] = "fail",
) -> Table:
    """Turn the text in columns into numbers, dates or yes and no, or back into text.

    Cells that hold no text are left as they are, except that all is made text where text is asked for.
    The output is a table: `rows`, `columns`, `count`.
    """
    from engine.sdk.cells import cell_text

    require(rows, types)
    given = CellFormat(decimal, date_format)
    made = [dict(row) for row in rows]
    for name, kind in types.items():
        if kind == "auto":
            kind = given.infer([row[name] for row in rows if isinstance(row.get(name), str)])
        convert = given.converter(kind)
        for index, row in enumerate(made):
            value = row.get(name)
            if not isinstance(value, str):
                if kind == "text" and value is not None:
                    row[name] = cell_text(value, decimal, date_format)
                continue
            if kind == "text":
                continue
            try:
                row[name] = convert(value)
            except ValueError:
                if on_error == "fail":
                    raise BusinessError(
                        say(
                            "row {index}, column {name!r}: {value} is not a {kind}",
                            index=index + 1,
                            name=name,
                            value=shown(value),
                            kind=type_word(kind),
                        ),
                        hint=say("Correct the cell, or choose what happens to a cell that does not fit."),
                    ) from None
                if on_error == "null":
                    row[name] = None
    return table(made, columns_of(rows))
