"""Where executions are kept: the journal, the rows derived from it, pinned definitions and artifacts.

`protocols` is what a store promises. `sqlite`, `postgresql` and `memory` keep it; the first two share `sql` (the
store), `operations` (what it does), `statements` (in which SQL), `group` (how it commits), `tables` and `migrations`
(in which schema). Imports `core` only. Importing this package is cheap: a store is imported when it is opened.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.core.errors import UsageError
from engine.core.sentences import say
from engine.store.protocols import LOCAL_ORGANIZATION, Durability, Store

if TYPE_CHECKING:
    from engine.core.clock import Clock

__all__ = ["open_store"]


def open_store(
    location: Path | str,
    *,
    durability: Durability = "full",
    readonly: bool = False,
    wait: float = 0,
    organization: str = LOCAL_ORGANIZATION,
    clock: Clock | None = None,
) -> Store:
    """A store, to be used as an async context manager; entering it raises `StoreError` where it cannot be opened.

    `location` is the path of an SQLite file, made where there is none; `postgresql://user@host/database`; or `memory:`.
    `wait` is for how many seconds to wait for another process that writes to the same file; after that the store
    is opened for reading. `organization` tells apart who shares a PostgreSQL database. `clock` times the leases;
    PostgreSQL uses its own.
    """
    if durability not in ("full", "process"):
        raise UsageError(say("The durability can be full or process, not {durability!r}.", durability=durability))
    text = str(location)
    if text == "memory:":
        from engine.store.memory import MemoryStore

        return MemoryStore(clock)
    if text.startswith(("postgresql://", "postgres://", "postgresql+asyncpg://")):
        from engine.store.postgresql import PostgresqlStore

        return PostgresqlStore(text, durability, readonly, organization)
    if "://" in text:
        raise UsageError(
            say("{scheme}:// is no kind of store.", scheme=text.partition("://")[0]),
            hint=say("Give the path of a file, or postgresql://…"),
        )
    if "\0" in text:
        raise UsageError(say("The path of the store holds a NUL character."))
    from engine.store.sqlite import SqliteStore

    return SqliteStore(Path(location), durability, readonly, wait, clock)
