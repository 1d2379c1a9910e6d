"""The store in PostgreSQL, through SQLAlchemy and asyncpg: what an orchestrator and its workers share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from sqlalchemy import TextClause, inspect, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from engine.core.errors import (
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreReadOnly,
    StoreUnreachable,
    UsageError,
)
from engine.core.sentences import say
from engine.store import operations, schema, statements
from engine.store.artifacts import check_digest, digest_of, missing, verified
from engine.store.group import Committer
from engine.store.operations import Operation, Reply
from engine.store.protocols import Durability
from engine.store.sql import SqlStore

T = TypeVar("T")

_MIGRATING = 0x52504153
"""The advisory lock under which one process at a time brings the schema up to date."""


class PostgresqlStore(SqlStore):
    """See `engine.store.open_store`. Several processes may write; leases, by the clock of the database, part them."""

    exclusive = False

    def __init__(self, location: str, durability: Durability, readonly: bool, organization: str) -> None:
        super().__init__(organization)
        try:
            url = make_url(location).set(drivername="postgresql+asyncpg")
        except (ArgumentError, ValueError):
            raise UsageError(
                say("The location of the store is not a PostgreSQL URL."),
                hint=say("Write postgresql://user@host:5432/database."),
            ) from None
        self.writable = not readonly
        self._url = url
        self._where = url.render_as_string(hide_password=True)
        self._settings = {"synchronous_commit": "on" if durability == "full" else "off"}
        self._engine: AsyncEngine | None = None
        self._committer = Committer(self._transact)

    async def _open(self) -> None:
        try:
            self._engine = create_async_engine(
                self._url, pool_size=3, connect_args={"server_settings": self._settings, "timeout": 10}
            )
        except ImportError:
            raise UsageError(
                say("PostgreSQL needs the library asyncpg."),
                hint=say("Install it with `pip install asyncpg`."),
            ) from None
        try:
            async with self._engine.begin() as connection:
                await connection.run_sync(self._bring_up_to_date)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise self._translate(error) from error

    def _bring_up_to_date(self, connection: Connection) -> None:
        if schema.check(_version(connection), self._where):
            return
        if not self.writable:
            raise StoreError(
                say("The store {store} is new, or was written by an older version of RPA Studio.", store=self._where),
                hint=say("Open it once for writing, so that it can be brought up to date."),
            )
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
        if not schema.check(_version(connection), self._where):
            schema.upgrade(connection)

    async def _close(self) -> None:
        await self._committer.drain()
        if self._engine is not None:
            engine, self._engine = self._engine, None
            await engine.dispose()

    def _check_writable(self) -> None:
        self._opened()
        if not self.writable:
            raise StoreReadOnly(
                say("The store {store} was opened for reading only.", store=self._where),
                hint=say("Open it for writing."),
            )

    def _opened(self) -> AsyncEngine:
        if self._engine is None:
            raise StoreError(say("The store {store} is closed.", store=self._where))
        return self._engine

    async def _query(self, operation: Operation[T]) -> T:
        return await self._transact(operation)

    async def _transact(self, operation: Operation[T]) -> T:
        try:
            async with self._opened().begin() as connection:
                return await _carry_on(connection, operation)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            raise self._translate(error) from error

    async def ask(self, execution: str, wish: str) -> None:
        await self._transact(operations.ask(execution, wish))

    async def asked(self, owner: str) -> dict[str, str]:
        return await self._query(operations.asked(owner))

    async def answered(self, execution: str) -> None:
        await self._transact(operations.answered(execution))

    async def put(self, data: bytes) -> str:
        self._check_writable()
        digest = digest_of(data)
        await self._transact(operations.put(self._organization, digest, data))
        return digest

    async def fetch(self, hash: str) -> bytes:
        check_digest(hash)
        data = await self._query(operations.fetch(self._organization, hash))
        if data is None:
            raise missing(hash)
        return verified(data, hash, self._where)

    def _translate(self, error: Exception) -> StoreError:
        """What an error of the database or of the network means for the store."""
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        state = str(getattr(cause, "sqlstate", None) or "")
        reason = (str(cause).strip().splitlines() or [type(cause).__name__])[0].split(">: ")[-1]
        if state.startswith("53") and state != "53300":
            return StoreFull(
                say("The server of the store {store} has no space left: {reason}.", store=self._where, reason=reason),
                hint=say(
                    "Free some space on the server and resume the execution. Everything acknowledged before is safe."
                ),
            )
        if state in ("25006", "42501"):
            return StoreReadOnly(
                say("The store {store} cannot be written: {reason}.", store=self._where, reason=reason)
            )
        if state.startswith("XX"):
            return StoreCorrupt(
                say("The store {store} is damaged: {reason}.", store=self._where, reason=reason),
                hint=say("Restore the database from a backup."),
            )
        if state in ("40P01", "55P03"):
            return StoreLocked(
                say("Somebody else has locked the store {store}: {reason}.", store=self._where, reason=reason)
            )
        if state[:2] in ("08", "57", "28", "3D") or state == "53300" or not state:
            return StoreUnreachable(
                say("The store {store} cannot be reached: {reason}.", store=self._where, reason=reason),
                hint=say("Check that the server runs, and the user, the password and the name of the database."),
            )
        return StoreError(
            say("The store {store} failed: {reason} ({state}).", store=self._where, reason=reason, state=state)
        )


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table("alembic_version"):
        return 0
    return int(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or 0)


_ROWS = """
SELECT r.value->>0, CAST(r.value->>1 AS integer), CAST(r.value->>2 AS integer), CAST(r.value->>3 AS double precision),
       r.value->>4, CAST(r.value->>5 AS integer), r.value->>6
FROM json_array_elements(CAST(:rows AS json)) AS r (value)
"""
_ROWS_AT_ONCE = 2000


@lru_cache(maxsize=200)
def _adapted(statement: str) -> TextClause:
    return text(
        statement.replace("{rows}", _ROWS)
        .replace("{lock}", "ORDER BY e.id FOR NO KEY UPDATE OF e")
        .replace("{now}", "CAST(extract(epoch FROM clock_timestamp()) AS double precision)")
    )


async def _add(connection: AsyncConnection, rows: Sequence[Sequence[object]]) -> int:
    """Add rows to the journal, as one JSON text each time: one parameter, however many rows."""
    added = 0
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        text_of_rows = json.dumps(rows[start : start + _ROWS_AT_ONCE])
        added += (await connection.execute(_adapted(statements.APPEND), {"rows": text_of_rows})).rowcount
    return added


async def _carry_on(connection: AsyncConnection, operation: Operation[T]) -> T:
    reply: Reply | None = None
    try:
        while True:
            statement, parameters = operation.send(reply) if reply is not None else next(operation)
            if statement is statements.APPEND:
                reply = Reply([], await _add(connection, parameters["rows"]))
            else:
                result = await connection.execute(_adapted(statement), parameters)
                reply = Reply(result.fetchall() if result.returns_rows else [], result.rowcount)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        operation.close()
