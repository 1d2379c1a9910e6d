"""A pool of connections to one database, and work done on one of them: in a transaction, in time, and stoppable."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from engine.activities.sql.address import Target, target
from engine.activities.sql.cells import sent
from engine.activities.sql.refusals import Refused, explained, refused, unreachable
from engine.activities.sql.statement import Bound
from engine.core import durations
from engine.core.sentences import say
from engine.sdk import BusinessError, Context, Credential, Integration, StepTimeout, SystemFault
from engine.sdk.endpoint import trust

if TYPE_CHECKING:
    import ssl

    from sqlalchemy.engine import Connection, CursorResult
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")
_CONNECT = 10.0
_IDLE = 1800
_GRACE = 5.0
_LOCKED = 10.0
_ROLLS_BACK = frozenset(
    {"SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "WITH", "VALUES", "SHOW", "EXPLAIN", "LOCK"}
)
"""The statements of MariaDB that do not end a transaction by themselves."""


@dataclass
class Work:
    """One connection while it is worked on, as the function sees it that does the work (SQLAlchemy's blocking way)."""

    target: Target
    connection: Connection
    driver: Any
    reading: bool
    sql: str = ""
    kept: bool = False
    """Whether something may have been kept already: the commit was sent, or a statement that commits by itself."""

    def run(
        self, bound: Bound, *, streamed: bool = False, several: list[tuple[Any, ...]] | None = None
    ) -> CursorResult[Any]:
        """Run a statement; `streamed`, its rows are fetched as they are read. `several` are further sets of values."""
        from sqlalchemy.util import await_only

        self.sql = bound.sql
        if self.target.dialect == "mariadb" and not self.reading and bound.verb not in _ROLLS_BACK:
            self.kept = True
        kinds = [""] * len(bound.values)
        if self.target.dialect == "postgresql" and bound.values:
            prepared = await_only(self.driver.prepare(bound.sql))
            kinds = [kind.name for kind in prepared.get_parameters()]
        values = tuple(
            sent(value, self.target.dialect, str(name), kind)
            for value, name, kind in zip(bound.values, bound.names, kinds, strict=True)
        )
        options = {"stream_results": True} if streamed else {}
        return self.connection.exec_driver_sql(bound.sql, values or None, execution_options=options)


class Database:
    """A pool of connections: a session that all executions share."""

    def __init__(self, target: Target, engine: AsyncEngine) -> None:
        self.target = target
        self._engine = engine

    async def close(self) -> None:
        await self._engine.dispose()

    async def run(self, work: Callable[[Work], T], timeout: float, *, reading: bool = False) -> T:
        """Do `work` on a connection of its own in one transaction, which is committed at its end unless `reading`.

        Cancelled, or after `timeout` seconds, the server is told to stop. Raises `BusinessError`, `SystemFault`, and
        `StepTimeout` where nobody knows whether the transaction was committed.
        """
        held: list[Work] = []
        task = asyncio.ensure_future(self._work(work, held, reading))
        try:
            done, _ = await asyncio.wait({task}, timeout=timeout)
            if not done:
                await self._stop(held, task)
        except asyncio.CancelledError:
            await self._stop(held, task)
            raise
        if task.cancelled() or (not done and task.exception() is not None):
            await self._raise_late(held, timeout)
        try:
            return task.result()
        except (BusinessError, SystemFault):
            raise
        except Exception as error:
            raise await self._told(error, held) from None

    async def _work(self, work: Callable[[Work], T], held: list[Work], reading: bool) -> T:
        async with self._engine.connect() as connection:
            await connection.execution_options(rpa_reading=reading)
            driver = (await connection.get_raw_connection()).driver_connection
            result = await connection.run_sync(self._begun, work, held, driver, reading)
            if reading:
                await _given_back(connection, self.target)
            else:
                held[0].kept = True
                await connection.commit()
        return result

    def _begun(
        self, connection: Connection, work: Callable[[Work], T], held: list[Work], driver: Any, reading: bool
    ) -> T:
        held.append(Work(self.target, connection, driver, reading))
        if reading:
            for statement in _READ_ONLY[self.target.dialect]:
                connection.exec_driver_sql(statement)
        return work(held[0])

    async def _stop(self, held: list[Work], task: asyncio.Future[Any]) -> None:
        """Have the server stop what it does, and wait for a moment for its answer; what is committed is left to end."""
        if held and not task.done():
            with contextlib.suppress(Exception):
                async with asyncio.timeout(_GRACE):
                    await self._interrupt(held[0].driver)
        if not task.done():
            await asyncio.wait({task}, timeout=_GRACE)
        task.cancel()
        await asyncio.wait({task})

    async def _interrupt(self, driver: Any) -> None:
        if self.target.dialect == "sqlite":
            await driver.interrupt()
            return
        from sqlalchemy.pool import NullPool

        statement = (
            f"SELECT pg_cancel_backend({int(driver.get_server_pid())})"
            if self.target.dialect == "postgresql"
            else f"KILL QUERY {int(driver.thread_id())}"
        )
        apart = await asyncio.to_thread(_engine, self.target, NullPool)
        try:
            async with apart.connect() as connection:
                await connection.exec_driver_sql(statement)
        finally:
            await apart.dispose()

    async def _raise_late(self, held: list[Work], timeout: float) -> None:
        shown, limit = self.target.shown, durations.text(timeout)
        if held and held[0].kept:
            raise StepTimeout(
                say(
                    "{shown} was not done within {limit}, and nobody knows whether it was kept",
                    shown=shown,
                    limit=limit,
                ),
                hint=say("See in the database whether it was."),
            )
        raise SystemFault(
            say(
                "{shown} was not done within {limit}; it was stopped, and nothing is changed", shown=shown, limit=limit
            ),
            hint=say("Allow more time, or ask for less."),
        )

    async def _told(self, error: Exception, held: list[Work]) -> Exception:
        if not held and (found := unreachable(error, self.target)) is not None:
            return found
        sql = held[0].sql if held else ""
        said = refused(error, self.target.dialect, sql)
        if said is None:
            return error
        if said.kind == "gone" and held and held[0].kept:
            return StepTimeout(
                say(
                    "the connection to {shown} broke, and nobody knows whether it was kept: {reason}",
                    shown=self.target.shown,
                    reason=said.reason,
                ),
                hint=say("See in the database whether it was."),
            )
        return explained(said, self.target, sql, await self._tables(said))

    async def _tables(self, said: Refused) -> list[str]:
        """The tables there are, where one was not."""
        found: list[str] = []
        if said.kind == "table":
            with contextlib.suppress(Exception):
                async with asyncio.timeout(_GRACE), self._engine.connect() as connection:
                    await connection.execution_options(rpa_reading=True)
                    found = await connection.run_sync(_table_names)
        return found


_READ_ONLY = {
    "sqlite": ("PRAGMA query_only = 1",),
    "postgresql": ("SET TRANSACTION READ ONLY",),
    "mariadb": ("ROLLBACK", "START TRANSACTION READ ONLY"),
}


async def _given_back(connection: AsyncConnection, target: Target) -> None:
    """Rows of MariaDB that were not read would all be read before the connection serves again."""
    driver = (await connection.get_raw_connection()).driver_connection
    unread = getattr(getattr(driver, "_result", None), "unbuffered_active", False)
    if target.dialect == "mariadb" and unread:
        await connection.invalidate()
    else:
        await connection.rollback()


def _table_names(connection: Connection) -> list[str]:
    from sqlalchemy import inspect

    inspector = inspect(connection)
    return [*inspector.get_table_names(), *inspector.get_view_names()]


async def opened(
    ctx: Context,
    address: str,
    credential: Credential | None,
    integration: Integration | None,
    *,
    must_exist: bool = False,
) -> Database:
    """The pool that serves a step. `must_exist`: a file of SQLite is not made by looking for it."""
    wanted = target(address, credential, integration, ctx.folder)
    if wanted.path is not None and must_exist and not await asyncio.to_thread(wanted.path.is_file):
        reason = say("the file is not there")
        message = say("there is no database {shown}: {reason}", shown=wanted.shown, reason=reason)
        raise BusinessError(message, hint=say("Check the address."))

    async def make() -> Database:
        return Database(wanted, await asyncio.to_thread(_engine, wanted))

    return await ctx.sessions.shared(Database, make, wanted.key)


def turn(integration: Integration | None) -> AbstractAsyncContextManager[None]:
    """Around every request: the turn and the count of the integration, if it is one."""
    return integration.call() if integration is not None else nullcontext()


def _engine(target: Target, pool: Any = None) -> AsyncEngine:
    """In a thread: importing SQLAlchemy and reading certificates take their time."""
    from sqlalchemy import event
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool

    options: dict[str, Any] = {"connect_args": _arguments(target), "hide_parameters": True}
    if pool is None and target.path is None:
        options |= {
            "poolclass": AsyncAdaptedQueuePool,
            "pool_pre_ping": True,
            "pool_recycle": _IDLE,
            "max_overflow": 10,
        }
    else:
        options["poolclass"] = NullPool  # opening a file costs nothing, and a file that is not open can be moved
    engine = create_async_engine(target.url(), **options)
    if target.path is not None:
        event.listen(engine.sync_engine, "connect", _connected)
        event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _arguments(target: Target) -> dict[str, Any]:
    if target.dialect == "sqlite":
        return {"timeout": _LOCKED}
    protected: ssl.SSLContext | bool | str = target.encryption
    if target.encryption in ("require", "verify-full"):
        protected = trust(target.encryption == "verify-full", target.authority)
    if target.dialect == "postgresql":
        encryption = False if protected == "disable" else protected
        return {"timeout": _CONNECT, "ssl": encryption, "server_settings": {"application_name": "rpa-studio"}}
    return {"connect_timeout": _CONNECT, **({} if isinstance(protected, str) else {"ssl": protected})}


def _connected(connection: Any, record: Any) -> None:
    """SQLite's driver would begin transactions by rules of its own, and leave statements that define tables out."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("rpa_reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
