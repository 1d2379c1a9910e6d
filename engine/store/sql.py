"""The store on an SQL database: what SQLite and PostgreSQL have in common."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import Self, TypeVar

from engine.core.errors import StoreError
from engine.core.events import Entry
from engine.store import operations
from engine.store.group import Committer
from engine.store.operations import Operation
from engine.store.protocols import Definition, ExecutionRecord, Lease, Status
from engine.store.records import new_record

T = TypeVar("T")
_LAST_SEQ = 2**31 - 1


class SqlStore(ABC):
    """Keeps `engine.store.protocols.Store` but for opening, artifacts, and carrying an operation on."""

    writable: bool
    exclusive: bool
    _committer: Committer

    def __init__(self, organization: str) -> None:
        self._organization = organization

    @abstractmethod
    async def _query(self, operation: Operation[T]) -> T:
        """Carry on an operation that only reads. Raises `StoreError`."""

    @abstractmethod
    def _check_writable(self) -> None:
        """Raises `StoreLocked`, `StoreReadOnly` or `StoreError` where nothing can be written."""

    @property
    def refusal(self) -> StoreError | None:
        try:
            self._check_writable()
        except StoreError as error:
            return error
        return None

    @abstractmethod
    async def _open(self) -> None: ...

    @abstractmethod
    async def _close(self) -> None: ...

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        closing = asyncio.ensure_future(self._close())
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await closing
            raise

    def append(self, lease: Lease, entries: Sequence[Entry]) -> asyncio.Future[None]:
        try:
            self._check_writable()
            if entries:
                return self._committer.append(lease, entries)
        except Exception as error:
            return _settled(error)
        return _settled(None)

    async def read(
        self, execution: str, *, after: int = 0, until: int | None = None
    ) -> AsyncGenerator[list[Entry], None]:
        last = _LAST_SEQ if until is None else min(until, _LAST_SEQ)
        while after < last:
            chunk = await self._query(operations.read(self._organization, execution, after, last))
            if not chunk:
                return
            yield chunk
            after = chunk[-1].seq

    async def create(self, entries: Sequence[Entry], definition: Definition) -> ExecutionRecord:
        self._check_writable()
        record = new_record(entries, definition.hash, self._organization)
        rows = [operations.journal_row(entry, 0) for entry in entries]
        return await self._committer.perform(partial(operations.create, record, rows, definition))

    async def get(self, execution: str) -> ExecutionRecord:
        return await self._query(operations.get(self._organization, execution))

    async def find(
        self,
        *,
        status: Sequence[Status] = (),
        workflow: str = "",
        parent: str = "",
        limit: int = 100,
        before: str = "",
    ) -> list[ExecutionRecord]:
        return await self._query(operations.find(self._organization, status, workflow, parent, limit, before))

    async def claim(self, execution: str, owner: str, seconds: float) -> Lease:
        self._check_writable()
        lease = await self._committer.perform(partial(operations.claim, self._organization, execution, owner, seconds))
        self._committer.hold(lease)
        return lease

    async def renew(self, leases: Sequence[Lease], seconds: float) -> list[Lease]:
        self._check_writable()
        return await self._committer.perform(partial(operations.renew, tuple(leases), seconds))

    async def release(self, lease: Lease) -> None:
        self._check_writable()
        self._committer.drop(lease)
        await self._committer.perform(partial(operations.release, lease))

    async def due(self, now: float, limit: int = 100) -> list[ExecutionRecord]:
        return await self._query(operations.due(self._organization, now, limit))

    async def definition(self, hash: str) -> Definition:
        return await self._query(operations.definition_of(self._organization, hash))

    async def pin(self, definition: Definition) -> None:
        self._check_writable()
        await self._committer.perform(partial(operations.pin, self._organization, definition))

    async def delete(self, execution: str) -> None:
        self._check_writable()
        await self._committer.perform(partial(operations.delete, self._organization, execution))


def _settled(error: Exception | None) -> asyncio.Future[None]:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
    return future
