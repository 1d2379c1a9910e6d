"""A table's worth of rows put into a database: all of them, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain, islice
from typing import Annotated, Any, Literal

from engine.activities.sql.address import Address, Dialect, Login, System
from engine.activities.sql.database import Work, opened, turn
from engine.activities.sql.statement import Bound, placeholders
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, activity
from engine.sdk.durations import Duration
from engine.sdk.tables import Names, Row, Rows, columns_of

OnConflict = Literal["error", "skip", "update"]
_PLACES = 30_000
"""Values in one statement; SQLite and PostgreSQL take 32,766."""
_DUPLICATE = 1062


@dataclass(frozen=True)
class Inserted:
    """How many rows were given, and how many of them were written."""

    count: int
    written: int


@activity(
    "sql.insert", label="SQL insert", icon="database", effect=Effect.ONCE,
    keywords=("bulk", "load", "upsert", "table", "database", "postgresql", "sqlite", "mariadb", "mysql"),
)  # fmt: skip
async def insert(
    ctx: Context,
    rows: Annotated[Rows, Param("Rows", "Their columns are those of the table.")],
    table: Annotated[str, Param("Table", placeholder="orders")],
    address: Address = "",
    credential: Login = None,
    integration: System = None,
    on_conflict: Annotated[
        OnConflict, Param("If a row is there", "skip: leave it as it is; update: write the new values over it.")
    ] = "error",
    key: Annotated[
        Names,
        Param(
            "Key", "Columns by which a row is known. Empty for the primary key.", show_when={"on_conflict": ("update",)}
        ),
    ] = [],  # noqa: B006
    batch: Annotated[int, Param("Rows in one statement", advanced=True)] = 1000,
    timeout: Annotated[Duration, Param("Time limit", "For all rows.", advanced=True)] = 600.0,
) -> Inserted:
    """Put rows into a table, all of them or none.

    A column that a row lacks is null. A row is known as being there by the primary key or another unique one.
    The output holds `count` and `written`, which is smaller where rows were skipped.
    """
    if batch < 1:
        raise BusinessError(say("the limit must be at least 1"))
    database = await opened(ctx, address, credential, integration)
    if not rows:
        return Inserted(0, 0)
    columns = columns_of(rows)
    if not columns:
        raise BusinessError(say("the rows have no columns"))

    def work(work: Work) -> int:
        plan = _Plan(work, table, columns, on_conflict, key)
        size = max(1, min(batch, _PLACES // len(columns)))
        left = iter(enumerate(rows))
        done = written = 0
        while some := list(islice(left, size)):
            ctx.check()
            written += plan.write(work, some)
            done += len(some)
            ctx.progress(done, len(rows))
        return written

    async with turn(integration):
        return Inserted(len(rows), await database.run(work, timeout))


class _Plan:
    """How rows get into one table."""

    def __init__(self, work: Work, table: str, columns: list[str], on_conflict: OnConflict, key: Sequence[str]) -> None:
        from sqlalchemy import inspect
        from sqlalchemy.exc import NoSuchTableError

        schema, _, name = table.strip().rpartition(".")
        inspector = inspect(work.connection)
        try:
            there = [str(column["name"]) for column in inspector.get_columns(name, schema or None)]
            primary = inspector.get_pk_constraint(name, schema or None)["constrained_columns"]
        except NoSuchTableError:
            others = [*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)]
            message = say("there is no table {name!r} in {shown}", name=table, shown=work.target.shown)
            raise _unknown(message, name, others) from None
        for column in [*columns, *key]:
            if column not in there:
                raise _unknown(
                    say("the table {table} has no column {column!r}", table=table, column=column), column, there
                )
        self._dialect: Dialect = work.target.dialect
        self._on_conflict = on_conflict
        self._columns = columns
        quote = work.connection.dialect.identifier_preparer.quote
        quoted = [
            quote(column).replace("%", "%%") if self._dialect == "mariadb" else quote(column) for column in columns
        ]
        place = f"{quote(schema)}.{quote(name)}" if schema else quote(name)
        verb = "INSERT IGNORE INTO" if on_conflict == "skip" and self._dialect == "mariadb" else "INSERT INTO"
        self._head = f"{verb} {place} ({', '.join(quoted)}) VALUES "
        self._tail = self._conflict(list(key) or list(primary), dict(zip(columns, quoted, strict=True)), table, quote)

    def _conflict(self, key: list[str], quoted: dict[str, str], table: str, quote: Any) -> str:
        if self._on_conflict == "error" or (self._on_conflict == "skip" and self._dialect == "mariadb"):
            return ""
        if self._on_conflict == "skip":
            return " ON CONFLICT DO NOTHING"
        if not key:
            raise BusinessError(
                say("the table {table} has no primary key by which a row would be known", table=table),
                hint=say("Name the columns of the key."),
            )
        changed = [name for column, name in quoted.items() if column not in key] or [quoted[key[0]]]
        if self._dialect == "mariadb":
            return " ON DUPLICATE KEY UPDATE " + ", ".join(f"{name} = VALUES({name})" for name in changed)
        known_by = ", ".join(quote(column) for column in key)
        return f" ON CONFLICT ({known_by}) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in changed)

    def write(self, work: Work, rows: list[tuple[int, Row]]) -> int:
        places = placeholders(self._dialect)
        one_row = len(self._columns)
        sql = self._head + ", ".join(f"({', '.join(islice(places, one_row))})" for _ in rows) + self._tail
        values = tuple(chain.from_iterable([row.get(column) for column in self._columns] for _, row in rows))
        names = tuple(
            say("row {row}, column {column!r}", row=index + 1, column=column)
            for index, _ in rows
            for column in self._columns
        )
        written = work.run(Bound(sql, values, names)).rowcount
        if self._on_conflict == "skip" and self._dialect == "mariadb":
            self._check_warnings(work, len(rows) - written)
        return len(rows) if self._on_conflict == "update" or written < 0 else written

    def _check_warnings(self, work: Work, skipped: int) -> None:
        """MariaDB's IGNORE also lets pass values that do not fit, and only warns."""
        if work.connection.exec_driver_sql("SELECT @@warning_count").scalar_one() == skipped:
            return
        for _, code, message in work.connection.exec_driver_sql("SHOW WARNINGS"):
            if code != _DUPLICATE:
                raise BusinessError(say("a value does not fit its place: {reason}", reason=message))


def _unknown(message: str, name: str, there: list[str]) -> BusinessError:
    close = get_close_matches(name, there, 3, 0.5)
    if close:
        return BusinessError(message, hint=say("Is {names} meant?", names=", ".join(close)))
    return BusinessError(message, hint=say("There are: {names}.", names=", ".join(there[:40]) or "none"))
