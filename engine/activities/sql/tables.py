"""What a database holds, for people and for workflows that look first."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Any

from engine.activities.sql.address import Address, Login, System, Timeout
from engine.activities.sql.database import Work, opened, turn
from engine.sdk import Context, Effect, Param, activity

if TYPE_CHECKING:
    from sqlalchemy.engine import Inspector


@dataclass(frozen=True)
class Column:
    """A column: its name and type, whether it may be null, whether it is a part of the primary key, its default (as
    SQL), and what it refers to (`table.column`, or nothing)."""

    name: str
    type: str
    nullable: bool
    primary_key: bool
    default: str | None
    refers_to: str


@dataclass(frozen=True)
class TableShape:
    """A table or view: its name, its columns, and the columns of its other unique keys."""

    name: str
    view: bool
    columns: list[Column]
    unique: list[list[str]]


@dataclass(frozen=True)
class Tables:
    """The tables and views, and how many they are."""

    tables: list[TableShape]
    count: int


@activity(
    "sql.tables", label="SQL tables", icon="table", effect=Effect.IDEMPOTENT,
    keywords=("schema", "columns", "database", "postgresql", "sqlite", "mariadb", "mysql"),
)  # fmt: skip
async def tables(
    ctx: Context,
    address: Address = "",
    credential: Login = None,
    integration: System = None,
    pattern: Annotated[str, Param("Names like", placeholder="order*")] = "*",
    schema: Annotated[str, Param("Schema", "Empty for the usual one.", advanced=True)] = "",
    timeout: Timeout = 60.0,
) -> Tables:
    """List the tables of a database with their columns.

    The output holds `tables` (each with `name`, `view`, `columns`, `unique`) and `count`.
    """
    database = await opened(ctx, address, credential, integration, must_exist=True)

    def work(work: Work) -> list[TableShape]:
        from sqlalchemy import inspect

        inspector = inspect(work.connection)
        names = [(name, False) for name in inspector.get_table_names(schema or None)]
        names += [(name, True) for name in inspector.get_view_names(schema or None)]
        wanted = sorted(one for one in names if fnmatchcase(one[0].lower(), pattern.lower()))
        found = []
        for number, (name, view) in enumerate(wanted, 1):
            found.append(_shape(inspector, name, view, schema or None))
            ctx.progress(number, len(wanted))
        return found

    async with turn(integration):
        found = await database.run(work, timeout, reading=True)
    return Tables(found, len(found))


def _shape(inspector: Inspector, name: str, view: bool, schema: str | None) -> TableShape:
    primary = [] if view else inspector.get_pk_constraint(name, schema)["constrained_columns"]
    refers: dict[str, str] = {}
    unique: list[list[str]] = []
    if not view:
        for foreign in inspector.get_foreign_keys(name, schema):
            for column, other in zip(foreign["constrained_columns"], foreign["referred_columns"], strict=False):
                refers[column] = f"{foreign['referred_table']}.{other}"
        unique = [
            [str(one) for one in found["column_names"]] for found in inspector.get_unique_constraints(name, schema)
        ]
    columns = [
        Column(
            str(column["name"]),
            _type(inspector, column["type"]),
            bool(column.get("nullable", True)),
            column["name"] in primary,
            str(column["default"]) if column.get("default") is not None else None,
            refers.get(str(column["name"]), ""),
        )
        for column in inspector.get_columns(name, schema)
    ]
    return TableShape(name, view, columns, unique)


def _type(inspector: Inspector, kind: Any) -> str:
    try:
        return str(kind.compile(inspector.dialect))
    except Exception:
        return str(kind)  # a type that SQLAlchemy knows by no name
