"""The store in an SQLite file: one connection writes, another reads, each on its own thread (aiosqlite)."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import itertools
import os
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import aiosqlite

from engine.core.clock import Clock, SystemClock
from engine.core.errors import (
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreReadOnly,
)
from engine.core.sentences import say
from engine.store import operations, schema, statements
from engine.store.artifacts import ArtifactFolder
from engine.store.group import Committer
from engine.store.lock import ProcessLock
from engine.store.operations import Operation, Reply
from engine.store.protocols import LOCAL_ORGANIZATION, Durability
from engine.store.sql import SqlStore
from engine.store.wishes import WishFolder

T = TypeVar("T")

OLDEST_SQLITE = (3, 35, 0)
"""The first with RETURNING."""

_BUSY_SECONDS = 5.0
_IDLE_SECONDS = 1.0
_LARGE_LOG = 16 * 1024 * 1024
_MOST_ROWS = 256
_CHECKPOINT_EVERY = 500
"""Groups after which the log goes into the file, so that its space is used anew: making it longer slows each commit."""
_LOOK_EVERY = 64
"""How many groups are committed between two looks at the size of the log."""


class SqliteStore(SqlStore):
    """See `engine.store.open_store`."""

    def __init__(
        self, path: Path, durability: Durability, readonly: bool, wait: float, clock: Clock | None = None
    ) -> None:
        super().__init__(LOCAL_ORGANIZATION)
        self.path = path
        self.writable = False
        self.exclusive = False
        self._durability = durability
        self._wait = wait
        self._clock = clock or SystemClock()
        self._lock = ProcessLock(path)
        self._artifacts = ArtifactFolder(path.with_name(path.name + ".artifacts"))
        self._wishes = WishFolder(path.with_name(path.name + ".wishes"))
        self._refusal: StoreError | None = _asked_for_reading(path) if readonly else None
        self._writer: aiosqlite.Connection | None = None
        self._reader: aiosqlite.Connection | None = None
        self._reader_opening = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._checkpointing: asyncio.Task[None] | None = None
        self._groups = 0
        self._last_group = 0.0
        self._log = path.with_name(path.name + "-wal")
        self._closed = False
        self._pid = os.getpid()
        self._committer = Committer(self._transact, after_group=self._after_group)

    # Opening and closing

    async def _open(self) -> None:
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise StoreError(
                say(
                    "SQLite {sqlite_version} is too old; RPA Studio needs 3.35 or newer.",
                    sqlite_version=sqlite3.sqlite_version,
                ),
                hint=say("Install a Python that brings a newer SQLite, for example from python.org."),
            )
        try:
            await self._open_file()
        except (sqlite3.Error, OSError) as error:
            raise translate(error, self.path) from error

    async def _open_file(self) -> None:
        if self.path.is_dir():
            raise StoreError(
                say("The store {path} is a folder.", path=self.path), hint=say("Name a file in it, such as store.db.")
            )
        if self._refusal is None and await self._take_lock():
            if self._version() != schema.VERSION:
                await asyncio.to_thread(schema.upgrade_sqlite, self.path)
            self._writer = await self._connect(read_only=False)
            self.writable = self.exclusive = True
            await self._transact(operations.void_leases())
        elif not self.path.exists():
            raise self._refusal or StoreError(say("There is no store {path}.", path=self.path))
        else:
            await self._query(operations.due(self._organization, 0, 1))

    async def _take_lock(self) -> bool:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists() and not os.access(self.path, os.W_OK):
                raise PermissionError(errno.EACCES, "no permission to write", str(self.path))
            if await self._lock.acquire(self._wait):
                return True
            self._refusal = self._lock.refusal()
        except OSError as error:
            refusal = translate(error, self.path)
            if not isinstance(refusal, StoreReadOnly) or not self.path.exists():
                raise
            self._refusal = refusal
        return False

    def _version(self) -> int:
        """The schema of the file, 0 for a new one. Raises `StoreTooNew`, `StoreCorrupt`, `sqlite3.Error`."""
        if not self.path.exists() or self.path.stat().st_size == 0:
            return 0
        connection = sqlite3.connect(_uri(self.path, "mode=rw"), uri=True, timeout=_BUSY_SECONDS)
        try:
            return _check_version(connection, self.path)
        finally:
            connection.close()

    async def _connect(self, *, read_only: bool) -> aiosqlite.Connection:
        made: list[sqlite3.Connection] = []

        def connect() -> sqlite3.Connection:
            connection = sqlite3.connect(
                _uri(self.path, self._mode if read_only else "mode=rw"),
                uri=True,
                isolation_level=None,
                timeout=_BUSY_SECONDS,
                check_same_thread=False,
            )
            try:
                connection.create_function("wall_clock", 0, self._clock.now)
                connection.execute("PRAGMA foreign_keys = ON")
                if read_only:
                    connection.execute("PRAGMA query_only = ON")
                    if _check_version(connection, self.path) < schema.VERSION:
                        raise StoreError(
                            say("The store {path} was written by an older version of RPA Studio.", path=self.path),
                            hint=say("Open it once for writing, so that it can be brought up to date."),
                        )
                else:
                    connection.execute("PRAGMA journal_mode = WAL")
                    connection.execute(f"PRAGMA synchronous = {'FULL' if self._durability == 'full' else 'NORMAL'}")
                    connection.execute("PRAGMA wal_autocheckpoint = 0")
            except BaseException:
                connection.close()
                raise
            made.append(connection)
            return connection

        connection = aiosqlite.Connection(connect, iter_chunk_size=64)
        try:
            return await connection
        except BaseException:
            connection._thread.join()  # it is ending, and must not tell a loop that is closed by then
            for opened in made:
                opened.close()  # given up while it was opened: it has reached nobody
            raise

    @property
    def _mode(self) -> str:
        """How to read: without write access and without a log, SQLite must be told that nobody writes."""
        if self.writable or os.access(self.path.parent, os.W_OK) or self._log_size() > 0:
            return "mode=ro"
        return "immutable=1"

    def _log_size(self) -> int:
        """In bytes; 0 where there is none."""
        try:
            return self._log.stat().st_size
        except OSError:
            return 0

    async def _close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._pid != os.getpid():
            return  # a forked child has neither the threads nor the lock
        await self._committer.drain()
        if self._timer is not None:
            self._timer.cancel()
        if self._checkpointing is not None:
            await asyncio.wait([self._checkpointing])
        try:
            if self._reader is not None:
                await self._reader.close()
            if self._writer is not None:
                await self._checkpoint("TRUNCATE")
                await self._writer.close()
        except sqlite3.Error as error:
            raise translate(error, self.path) from error
        finally:
            self._reader = self._writer = None
            self.writable = False
            self._lock.release()

    def _check_writable(self) -> None:
        if self._closed:
            raise StoreError(say("The store {path} is closed.", path=self.path))
        if self._refusal is not None:
            raise type(self._refusal)(self._refusal.message, hint=self._refusal.hint)
        self._lock.check()

    # Carrying operations on

    async def _query(self, operation: Operation[T]) -> T:
        if self._closed:
            raise StoreError(say("The store {path} is closed.", path=self.path))
        if self._pid != os.getpid():
            self._lock.check()
        try:
            if self._reader is None:
                async with self._reader_opening:
                    if self._reader is None:
                        self._reader = await self._connect(read_only=True)
            return await _submit(self._reader, lambda connection: _carry_on(connection, operation))
        except sqlite3.Error as error:
            raise translate(error, self.path) from error

    async def _transact(self, operation: Operation[T]) -> T:
        assert self._writer is not None
        try:
            return await _submit(self._writer, lambda connection: _in_transaction(connection, operation))
        except (sqlite3.Error, OSError, OverflowError) as error:
            raise translate(error, self.path) from error

    # The write-ahead log goes into the file when it has grown large, and when there is nothing else to do

    def _after_group(self) -> None:
        loop = asyncio.get_running_loop()
        self._groups += 1
        self._last_group = loop.time()
        large = self._groups % _LOOK_EVERY == 0 and self._log_size() > _LARGE_LOG
        if large or self._groups % _CHECKPOINT_EVERY == 0:
            self._checkpoint_soon()
        if self._timer is None:
            self._timer = loop.call_later(_IDLE_SECONDS, self._when_idle)

    def _when_idle(self) -> None:
        loop = asyncio.get_running_loop()
        left = self._last_group + _IDLE_SECONDS - loop.time()
        if left > 0:
            self._timer = loop.call_later(left, self._when_idle)
        else:
            self._timer = None
            self._checkpoint_soon()

    def _checkpoint_soon(self) -> None:
        if self._checkpointing is None or self._checkpointing.done():
            self._checkpointing = asyncio.create_task(self._checkpoint("PASSIVE"), name="store-checkpoint")

    async def _checkpoint(self, mode: str) -> None:
        """Failing is no harm: the log keeps everything, and the next time may succeed."""
        if self._writer is not None:
            with contextlib.suppress(sqlite3.Error):
                await _submit(self._writer, lambda connection: _checkpoint(connection, mode))

    async def ask(self, execution: str, wish: str) -> None:
        await self._wish(self._wishes.put, execution, wish)

    async def asked(self, owner: str) -> dict[str, str]:
        return await self._wish(self._wishes.all)

    async def answered(self, execution: str) -> None:
        await self._wish(self._wishes.remove, execution)

    async def _wish(self, method: Callable[..., T], *arguments: str) -> T:
        if self._closed:
            raise StoreError(say("The store {path} is closed.", path=self.path))
        try:
            return method(*arguments)
        except OSError as error:
            raise translate(error, self.path) from error

    async def put(self, data: bytes) -> str:
        self._check_writable()
        try:
            return await asyncio.to_thread(self._artifacts.put, data)
        except OSError as error:
            raise translate(error, self.path) from error

    async def fetch(self, hash: str) -> bytes:
        try:
            return await asyncio.to_thread(self._artifacts.fetch, hash)
        except OSError as error:
            raise translate(error, self.path) from error


def _uri(path: Path, options: str) -> str:
    return f"{path.absolute().as_uri()}?{options}"


async def _submit(connection: aiosqlite.Connection, function: Callable[[sqlite3.Connection], T]) -> T:
    """Run a function on the thread of a connection: one hop, however many statements it makes."""
    result: T = await connection._execute(function, connection._conn)  # type: ignore[no-untyped-call]
    return result


@lru_cache(maxsize=200)
def _adapted(statement: str) -> str:
    return statement.replace("{now}", "wall_clock()")


@lru_cache(maxsize=16)
def _append(size: int) -> str:
    """The statement that adds that many rows: one step of SQLite, during which it does not hold Python's lock."""
    rows = "VALUES " + ",".join(["(?,?,?,?,?,?,?)"] * size)
    return statements.APPEND.replace("{rows}", rows).replace("{lock}", "")


def _add(connection: sqlite3.Connection, rows: Sequence[Sequence[object]]) -> int:
    """Add rows to the journal in steps whose sizes are powers of two, so that a few prepared statements do for all."""
    added = start = 0
    while start < len(rows):
        size = min(1 << (len(rows) - start).bit_length() - 1, _MOST_ROWS)
        values = list(itertools.chain.from_iterable(rows[start : start + size]))
        added += connection.execute(_append(size), values).rowcount
        start += size
    return added


def _carry_on(connection: sqlite3.Connection, operation: Operation[T]) -> T:
    reply: Reply | None = None
    try:
        while True:
            statement, parameters = operation.send(reply) if reply is not None else next(operation)
            if statement is statements.APPEND:
                reply = Reply([], _add(connection, parameters["rows"]))
            else:
                cursor = connection.execute(_adapted(statement), parameters)
                reply = Reply(cursor.fetchall(), cursor.rowcount)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        operation.close()


def _in_transaction(connection: sqlite3.Connection, operation: Operation[T]) -> T:
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = _carry_on(connection, operation)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def _checkpoint(connection: sqlite3.Connection, mode: str) -> None:
    connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()


def _check_version(connection: sqlite3.Connection, path: Path) -> int:
    """The schema of a file, 0 for an empty one. Raises `StoreTooNew`, `StoreError`, `sqlite3.Error`."""
    [version] = connection.execute("PRAGMA user_version").fetchone()
    [application] = connection.execute("PRAGMA application_id").fetchone()
    if application != schema.APPLICATION_ID and (
        version or connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    ):
        raise schema.foreign(path)
    schema.check(version, str(path))
    return int(version)


def _asked_for_reading(path: Path) -> StoreReadOnly:
    return StoreReadOnly(
        say("The store {path} was opened for reading only.", path=path), hint=say("Open it for writing.")
    )


def translate(error: Exception, path: Path) -> StoreError:
    """What an error of SQLite or of the file system means for the store."""
    if isinstance(error, OSError):
        return _of_the_file_system(error, path)
    kind = getattr(error, "sqlite_errorname", "") or ""
    if kind == "SQLITE_FULL":
        return _full(path)
    if kind.startswith(("SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH")):
        return _read_only(path, error)
    if kind.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return _corrupt(path, error)
    if kind.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return StoreLocked(
            say(
                "Another program has locked the store {path} for more than {seconds:.0f} seconds.",
                path=path,
                seconds=_BUSY_SECONDS,
            ),
            hint=say("Close the program that has the file open (a database browser, a backup) and try again."),
        )
    if kind.startswith("SQLITE_CANTOPEN"):
        return StoreError(
            say("The store {path} cannot be opened: {error}.", path=path, error=error),
            hint=say(
                "Its folder must be writable, also for reading, while it holds changes that a crash left behind "
                "({name}-wal). Copy the folder to where you can write, and open the copy.",
                name=path.name,
            ),
        )
    if isinstance(error, sqlite3.DataError | OverflowError):
        return StoreError(
            say("Something is too large for the store {path}: {error}.", path=path, error=error),
            hint=say("Large values belong in files."),
        )
    return StoreError(
        say("The store {path} failed: {error} ({kind}).", path=path, error=error, kind=kind or type(error).__name__)
    )


def _of_the_file_system(error: OSError, path: Path) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full(path)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return _read_only(path, error)
    return StoreError(
        say(
            "The store {path} failed: {reason} ({file}).",
            path=path,
            reason=error.strerror or error,
            file=error.filename or path,
        )
    )


def _full(path: Path) -> StoreFull:
    return StoreFull(
        say("There is no space left for the store {path}; what was to be written was not kept.", path=path),
        hint=say("Free some space and resume the execution. Everything acknowledged before is safe."),
    )


def _read_only(path: Path, error: Exception) -> StoreReadOnly:
    return StoreReadOnly(
        say("The store {path} cannot be written: {error}.", path=path, error=getattr(error, "strerror", "") or error),
        hint=say(
            "Give yourself write permission to the file and its folder, or choose another data folder with RPA_HOME."
        ),
    )


def _corrupt(path: Path, error: Exception) -> StoreCorrupt:
    aside = path.with_name(f"{path.name}.damaged-{datetime.now():%Y%m%d}")
    return StoreCorrupt(
        say("The store {path} is damaged: {error}.", path=path, error=error),
        hint=say(
            "Nothing was deleted. Move it with its -wal file to {aside} and put a backup in its place; "
            "without one, `sqlite3 {aside} .recover` gets out what can be read, and a new store is begun "
            "where none is found.",
            aside=aside,
        ),
    )
