"""Statements that change a database: one, or several that belong together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from engine.activities.sql.address import Address, Login, System, Timeout
from engine.activities.sql.database import Work, opened, turn
from engine.activities.sql.query import JsonColumns, Parameters, Sql, fetched, first_value
from engine.activities.sql.statement import Bound, bound, divided, names_in, single
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Effect, Param, activity
from engine.sdk.tables import Row

_MOST = 100_000

Expected = Annotated[
    int | None, Param("Rows that must be affected", "With any other number nothing is changed.", advanced=True)
]


@dataclass(frozen=True)
class Executed:
    """How many rows were affected; what the statement gave back (`RETURNING`), and the first value of it; and the key
    that a new row got, where the database tells."""

    affected: int
    rows: list[Row]
    value: Any
    last_id: int | None


@dataclass(frozen=True)
class Committed:
    """What each statement did, in order, and how many rows were affected by all of them."""

    results: list[Executed]
    affected: int


@activity(
    "sql.execute", label="SQL execute", icon="database", effect=Effect.ONCE,
    keywords=("insert", "update", "delete", "create", "database", "postgresql", "sqlite", "mariadb", "mysql"),
)  # fmt: skip
async def execute(
    ctx: Context,
    sql: Sql,
    address: Address = "",
    parameters: Parameters = {},  # noqa: B006
    credential: Login = None,
    integration: System = None,
    expected: Expected = None,
    json_columns: JsonColumns = [],  # noqa: B006
    timeout: Timeout = 60.0,
) -> Executed:
    """Run a statement that changes a database, once.

    It is committed at the end, or nothing is changed. When the connection breaks during the commit, nobody knows
    whether it was kept: that is an error which no retry of the step repeats.
    The output holds `affected`, `rows` (what `RETURNING` gives), `value` (the first in it) and `last_id`.
    """
    database = await opened(ctx, address, credential, integration)
    statement = bound(single(sql, database.target.dialect), parameters, database.target.dialect)
    async with turn(integration):
        return await database.run(lambda work: _executed(ctx, work, statement, expected, set(json_columns)), timeout)


@activity(
    "sql.transaction", label="SQL transaction", icon="database", effect=Effect.ONCE,
    keywords=("commit", "rollback", "script", "several", "database", "postgresql", "sqlite", "mariadb", "mysql"),
)  # fmt: skip
async def transaction(
    ctx: Context,
    sql: Annotated[
        str,
        Param(
            "Statements",
            "Divided by semicolons. A value stands in them by its name, `:name`.",
            "UPDATE …; INSERT …",
            kind="code",
            language="sql",
        ),
    ],
    address: Address = "",
    parameters: Parameters = {},  # noqa: B006
    credential: Login = None,
    integration: System = None,
    json_columns: JsonColumns = [],  # noqa: B006
    timeout: Timeout = 60.0,
) -> Committed:
    """Run several statements in order: all of them, or none.

    The first that fails undoes those before it. MariaDB commits by itself at each statement that defines tables.
    The output holds `results` (of each statement: `affected`, `rows`, `value`, `last_id`) and `affected`.
    """
    database = await opened(ctx, address, credential, integration)
    dialect = database.target.dialect
    texts = divided(sql, dialect)
    if not texts:
        raise BusinessError(say("there is no statement to run"))
    asked = {name for text in texts for name in names_in(text, dialect)}
    if unused := sorted(parameters.keys() - asked):
        raise BusinessError(say("the parameter {name!r} is given, and no statement asks for it", name=unused[0]))
    statements = [bound(text, parameters, dialect, all_used=False) for text in texts]

    def work(work: Work) -> list[Executed]:
        results = []
        for number, statement in enumerate(statements, 1):
            results.append(_executed(ctx, work, statement, None, set(json_columns)))
            ctx.progress(number, len(statements))
        return results

    async with turn(integration):
        results = await database.run(work, timeout)
    return Committed(results, sum(one.affected for one in results))


def _executed(ctx: Context, work: Work, statement: Bound, expected: int | None, json_columns: set[str]) -> Executed:
    if statement.verb in ("BEGIN", "COMMIT", "ROLLBACK", "START", "END"):
        raise BusinessError(
            say("{verb} is not a statement of its own here", verb=statement.verb),
            hint=say("A step begins and commits its transaction by itself."),
        )
    result = work.run(statement)
    rows: list[Row] = []
    if result.returns_rows:
        _, rows, _ = fetched(ctx, work, result, _MOST, json_columns)
        affected = len(rows) if result.rowcount < 0 or not rows else max(result.rowcount, len(rows))
        last = None
    else:
        affected = max(0, result.rowcount)
        last = (
            result.lastrowid
            if work.target.dialect != "postgresql" and statement.verb in ("INSERT", "REPLACE")
            else None
        )
    if expected is not None and affected != expected:
        raise BusinessError(
            say("{affected} rows were affected instead of {expected}", affected=affected, expected=expected),
            hint=say("Nothing was changed. See whether the condition of the statement finds what it should."),
        )
    return Executed(affected, rows, first_value(rows), last or None)
