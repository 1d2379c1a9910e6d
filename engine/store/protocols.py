"""Every port of the store. Two implementations keep them: SQL (SQLite and PostgreSQL) and memory.

All methods are coroutines, safe to call from one event loop, and raise `StoreError` (see `engine.core.errors`).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from engine.core.errors import StoreError
from engine.core.events import Entry

LOCAL_ORGANIZATION = "00000000-0000-7000-8000-000000000000"
"""The one organization of a desktop."""

Status = Literal["queued", "running", "waiting", "paused", "in_doubt", "succeeded", "failed", "cancelled"]
FINISHED: frozenset[str] = frozenset({"succeeded", "failed", "cancelled"})
Durability = Literal["full", "process"]
"""`full` survives power loss; `process` survives kill -9 but may lose the last commits when the power fails."""


@dataclass(frozen=True, slots=True)
class ExecutionRecord:
    """The row of an execution. All but the lease is derived from its events, in the commit that stores them.

    Times are seconds since 1970. `wake_at` is when a waiting execution wants to go on. `owner` holds the lease until
    `lease_until`; `fence` grows with every claim.
    """

    id: str
    workflow: str
    definition: str
    status: Status
    created_at: float
    updated_at: float
    finished_at: float | None = None
    wake_at: float | None = None
    parent: str = ""
    source: str = ""
    error: str = ""
    last_seq: int = 0
    owner: str = ""
    lease_until: float = 0.0
    fence: int = 0
    organization_id: str = LOCAL_ORGANIZATION


@dataclass(frozen=True, slots=True)
class Definition:
    """A workflow, pinned: `text` is what the codec wrote, `hash` the SHA-256 of its UTF-8 in hexadecimal."""

    hash: str
    text: str


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to append to one execution. Every append carries `fence`; a newer claim makes it stale."""

    execution: str
    owner: str
    fence: int
    last_seq: int


class Journal(Protocol):
    """The append-only events of all executions."""

    def append(self, lease: Lease, entries: Sequence[Entry]) -> Awaitable[None]:
        """Commit the entries, in order, and return when they are durable: all or none.

        What queues while a flush is under way is the next group, across executions. `seq` continues the execution's
        without a gap. The record of the execution follows in the same commit (status, wake_at, error, last_seq).
        Raises `StaleFence` if the lease is no longer good, and then only for the guilty execution; `StoreFull`,
        `StoreReadOnly` when nothing was kept. Cancelling the caller does not undo what was queued.
        """

    def read(self, execution: str, *, after: int = 0, until: int | None = None) -> AsyncGenerator[list[Entry], None]:
        """The entries with `after < seq <= until`, in order, in chunks of some thousands."""


class Executions(Protocol):
    """The rows of executions, and the leases on them."""

    async def create(self, entries: Sequence[Entry], definition: Definition) -> ExecutionRecord:
        """Store a new execution with its first entries (seq 1, 2, …; the first an `ExecutionCreated`) and the
        definition it is pinned to, in one commit. The status is `queued`."""

    async def get(self, execution: str) -> ExecutionRecord:
        """Raises `NoSuchExecution`. A unique prefix or suffix of at least 4 characters of an id is enough."""

    async def find(
        self,
        *,
        status: Sequence[Status] = (),
        workflow: str = "",
        parent: str = "",
        limit: int = 100,
        before: str = "",
    ) -> list[ExecutionRecord]:
        """Newest first; `before` is the id of the last one seen."""

    async def claim(self, execution: str, owner: str, seconds: float) -> Lease:
        """Take the lease and raise the fence. Raises `ExecutionBusy` while somebody else's lease is good."""

    async def renew(self, leases: Sequence[Lease], seconds: float) -> list[Lease]:
        """Make the leases last longer. Gives those that were lost."""

    async def release(self, lease: Lease) -> None:
        """Give the lease back. Does nothing if it is stale."""

    async def due(self, now: float, limit: int = 100) -> list[ExecutionRecord]:
        """Executions without a good lease that could run: `queued`, `running`, or `waiting` with `wake_at <= now`."""

    async def definition(self, hash: str) -> Definition:
        """Raises `StoreError` if there is none."""

    async def pin(self, definition: Definition) -> None:
        """Store a definition that an execution needs besides its own (of a subworkflow)."""

    async def ask(self, execution: str, wish: str) -> None:
        """Leave a wish for the process that holds the execution's lease, or else the store. Needs no right to write."""

    async def asked(self, owner: str) -> dict[str, str]:
        """Wishes by execution: those that `owner` should see to."""

    async def answered(self, execution: str) -> None:
        """Forget the wish for an execution."""

    async def delete(self, execution: str) -> None:
        """Hide a finished execution. Raises `ExecutionError` for one that is not finished."""


class Artifacts(Protocol):
    """Large values, stored once by content hash."""

    async def put(self, data: bytes) -> str:
        """Store and return the SHA-256 in hexadecimal, when it is durable."""

    async def fetch(self, hash: str) -> bytes:
        """Raises `StoreError` when it is missing or damaged (the hash is checked)."""


class Store(Journal, Executions, Artifacts, Protocol):
    """The checkpoint store as a whole. Open it with `engine.store.open_store`; use it as an async context manager.

    `writable` is false where another process holds the store, or it is read-only: then only reads work, and writes
    raise `StoreLocked` or `StoreReadOnly`. `exclusive` says that no other process can write while this one does, so
    that leases of earlier processes are void.
    """

    writable: bool
    exclusive: bool

    @property
    def refusal(self) -> StoreError | None:
        """What a write would raise: who holds the store, or why it cannot be written. None while it is writable."""

    async def __aenter__(self) -> Store: ...

    async def __aexit__(self, *exc: object) -> None: ...
