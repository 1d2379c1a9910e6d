"""Rows read from a database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from engine.activities.sql.address import Address, Login, System, Timeout
from engine.activities.sql.cells import readers
from engine.activities.sql.database import Work, opened, turn
from engine.activities.sql.statement import bound, single
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, activity
from engine.sdk.tables import Names, Row, column_names

if TYPE_CHECKING:
    from sqlalchemy.engine import CursorResult

Sql = Annotated[
    str,
    Param(
        "Statement",
        "A value stands in it by its name, `:name`.",
        "SELECT * FROM orders WHERE id = :id",
        kind="code",
        language="sql",
    ),
]
Parameters = Annotated[dict[str, Any], Param("Parameters", "What the names in the statement stand for.", kind="table")]
JsonColumns = Annotated[Names, Param("JSON columns", "Whose text is read as JSON.", advanced=True)]
_BATCH = 1000


@dataclass(frozen=True)
class Found:
    """The rows; the first of them, and the first value in it (null if there is none); the names of the columns; the
    number of rows; and whether there would have been more."""

    rows: list[Row]
    row: Row | None
    value: Any
    columns: list[str]
    count: int
    truncated: bool


@activity(
    "sql.query", label="SQL query", icon="database", effect=Effect.IDEMPOTENT,
    keywords=("select", "database", "postgresql", "sqlite", "mariadb", "mysql", "read"),
)  # fmt: skip
async def query(
    ctx: Context,
    sql: Sql,
    address: Address = "",
    parameters: Parameters = {},  # noqa: B006
    credential: Login = None,
    integration: System = None,
    wanted: Annotated[
        Literal["all", "first", "one"], Param("Rows", "one: exactly one, any other number is an error.")
    ] = "all",
    limit: Annotated[int, Param("At most", unit="rows", advanced=True)] = 10_000,
    json_columns: JsonColumns = [],  # noqa: B006
    timeout: Timeout = 60.0,
) -> Found:
    """Read rows from a database.

    It cannot change anything there. Rows are fetched as they are read; when there are more than the limit, the rest is
    left out, and `truncated` tells. A list behind `IN` stands for all its values. Numbers, dates, bytes and, from
    PostgreSQL, JSON arrive as what they are.
    The output holds `rows`, `row` (the first), `value` (the first in it), `columns`, `count` and `truncated`.
    """
    if limit < 1:
        raise BusinessError(say("the limit must be at least 1"))
    most = {"all": limit, "first": 1, "one": 2}[wanted]
    database = await opened(ctx, address, credential, integration, must_exist=True)
    statement = bound(single(sql, database.target.dialect), parameters, database.target.dialect)

    def work(work: Work) -> tuple[list[str], list[Row], bool]:
        result = work.run(statement, streamed=True)
        if not result.returns_rows:
            return [], [], False
        return fetched(ctx, work, result, most, set(json_columns))

    async with turn(integration):
        columns, rows, more = await database.run(work, timeout, reading=True)
    if wanted == "one" and len(rows) != 1:
        raise BusinessError(
            say("the query gave more than one row") if rows else say("the query gave no row"),
            hint=say("Exactly one was expected."),
        )
    return Found(rows, rows[0] if rows else None, first_value(rows), columns, len(rows), more and wanted == "all")


def fetched(
    ctx: Context, work: Work, result: CursorResult[Any], most: int, json_columns: set[str]
) -> tuple[list[str], list[Row], bool]:
    """The columns, at most so many rows of a result, and whether there are more."""
    description = result.cursor.description
    columns = column_names([column[0] for column in description])
    read: list[Callable[[Any], Any]] = readers(description, work.target.dialect, json_columns)
    rows: list[Row] = []
    while batch := result.fetchmany(min(_BATCH, most + 1 - len(rows))):
        for found in batch:
            rows.append({name: one(value) for name, one, value in zip(columns, read, found, strict=True)})
        if len(rows) > most:
            return columns, rows[:most], True
        ctx.progress(len(rows), None, say("{count} rows", count=len(rows)))
    return columns, rows, False


def first_value(rows: list[Row]) -> Any:
    """The first value of the first row, or None."""
    return next(iter(rows[0].values()), None) if rows else None
