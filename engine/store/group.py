"""Group commit: one flush under way at a time, and what queues meanwhile is the next group.

An item is some rows for the journal, or an operation. A group is one transaction: the rows of all its items first, in
one statement, then the operations in order. If the group fails it is rolled back and its items are tried one by one,
so that only the guilty fail. A caller hears of its item only after the commit; cancelling a caller leaves its item.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any, TypeVar

from engine.core import faults
from engine.core.errors import (
    RpaError,
    StaleFence,
    StoreCorrupt,
    StoreError,
    StoreLocked,
    StoreReadOnly,
    StoreUnreachable,
)
from engine.core.events import Entry
from engine.core.sentences import say
from engine.store import operations
from engine.store.operations import Operation
from engine.store.protocols import Lease
from engine.store.records import Change, change_after, check_sequence

BEFORE_INSERT = faults.point("store.before_insert")
AFTER_INSERT = faults.point("store.after_insert")
AFTER_COMMIT = faults.point("store.after_commit")
BEFORE_ACK = faults.point("store.before_ack")

T = TypeVar("T")
_MOST_ROWS = 5000
_MOST_CHARACTERS = 8_000_000
_OF_THE_STORE = (StoreLocked, StoreReadOnly, StoreCorrupt, StoreUnreachable)
"""What fails all items alike: trying them one by one would only take long."""
_EVERY = ""


class Item:
    """What one caller asked for."""

    __slots__ = ("changes", "future", "operation", "rows", "size")

    def __init__(
        self,
        future: asyncio.Future[Any],
        rows: list[list[Any]],
        changes: dict[tuple[str, int], Change],
        operation: Callable[[], Operation[Any]] | None,
    ) -> None:
        self.future = future
        self.rows = rows
        self.changes = changes
        self.operation = operation
        self.size = sum(len(row[6]) for row in rows)

    @property
    def execution(self) -> str:
        return self.rows[0][0] if self.rows else ""


def flush(items: Sequence[Item]) -> Operation[list[Any]]:
    """The work of one transaction. Returns what to tell each item: a result or an `RpaError`."""
    faults.reach(BEFORE_INSERT)
    stale: set[tuple[str, int]] = set()
    rows = [row for item in items for row in item.rows]
    if rows:
        changes: dict[tuple[str, int], Change] = {}
        for item in items:
            changes.update(item.changes)
        stale = yield from operations.append(rows, changes)
    outcomes: list[Any] = []
    for item in items:
        outcome: Any = None
        if item.operation is not None:
            try:
                outcome = yield from item.operation()
            except RpaError as error:
                outcome = error
        elif stale and (item.rows[0][0], item.rows[0][1]) in stale:
            outcome = operations.stale(item.execution)
        outcomes.append(outcome)
    faults.reach(AFTER_INSERT)
    return outcomes


class Committer:
    """Queues items and commits them in groups.

    `transact` runs an operation in a transaction of its own and returns its result after the commit, or raises
    `StoreError`. `after_group` is called after each group.
    """

    def __init__(
        self,
        transact: Callable[[Operation[Any]], Awaitable[Any]],
        *,
        after_group: Callable[[], None] | None = None,
    ) -> None:
        self._transact = transact
        self._after_group = after_group
        self._queue: deque[Item] = deque()
        self._task: asyncio.Task[None] | None = None
        self._tails: dict[str, tuple[int, int]] = {}

    def hold(self, lease: Lease) -> None:
        """Accept appends under this lease, and under no earlier one."""
        self._tails[lease.execution] = (lease.fence, lease.last_seq)

    def drop(self, lease: Lease) -> None:
        """Accept no further appends under this lease."""
        if self._tails.get(lease.execution, (0, 0))[0] == lease.fence:
            del self._tails[lease.execution]

    def append(self, lease: Lease, entries: Sequence[Entry]) -> asyncio.Future[None]:
        """Queue entries for the journal."""
        fence, last = self._tails.get(lease.execution, (0, 0))
        if fence != lease.fence:
            raise operations.stale(lease.execution)
        if entries[0].execution != lease.execution:
            raise StoreError(
                say(
                    "An event of execution {execution} under the lease of {holder}.",
                    execution=entries[0].execution,
                    holder=lease.execution,
                )
            )
        check_sequence(entries, last + 1)
        rows = []
        changes = {}
        for entry in entries:
            rows.append(operations.journal_row(entry, fence))
            change = change_after(entry)
            if change is not None:
                changes[entry.execution, fence] = change
        self._tails[lease.execution] = (fence, entries[-1].seq)
        return self._enqueue(rows, changes, None)

    def perform(self, operation: Callable[[], Generator[Any, Any, T]]) -> asyncio.Future[T]:
        """Queue an operation. It is called again if its group has to be tried anew."""
        return self._enqueue([], {}, operation)

    async def drain(self) -> None:
        """Wait until nothing is queued or under way."""
        while self._queue or self._task is not None:
            self._start()
            assert self._task is not None
            await asyncio.wait([self._task])

    def _enqueue(
        self, rows: list[list[Any]], changes: dict[tuple[str, int], Change], operation: Any
    ) -> asyncio.Future[Any]:
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._queue.append(Item(future, rows, changes, operation))
        self._start()
        return future

    def _start(self) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="store-commit")

    async def _run(self) -> None:
        try:
            while self._queue:
                await self._commit(self._next_group())
                if self._after_group is not None:
                    self._after_group()
        finally:
            self._task = None

    def _next_group(self) -> list[Item]:
        group: list[Item] = []
        rows = size = 0
        while self._queue:
            item = self._queue[0]
            rows += len(item.rows)
            size += item.size
            if group and (rows > _MOST_ROWS or size > _MOST_CHARACTERS):
                break
            group.append(self._queue.popleft())
        return group

    async def _commit(self, group: list[Item]) -> None:
        try:
            try:
                outcomes = await self._transact(flush(group))
            except _OF_THE_STORE as error:
                outcomes = [error] * len(group)
            except Exception:
                outcomes = await self._one_by_one(group)
            try:
                faults.reach(AFTER_COMMIT)
                faults.reach(BEFORE_ACK)
            except Exception as error:
                outcomes = [error] * len(group)
        except BaseException:
            for item in group:
                item.future.cancel()
            raise
        for item, outcome in zip(group, outcomes, strict=True):
            if item.rows and isinstance(outcome, Exception):
                self._refuse_after(item, outcome)
            _tell(item, outcome)

    async def _one_by_one(self, group: list[Item]) -> list[Any]:
        outcomes: list[Any] = []
        failed: dict[str, Exception] = {}
        for item in group:
            outcome: Any = failed.get(item.execution) or failed.get(_EVERY)
            if outcome is None:
                try:
                    [outcome] = await self._transact(_again(item))
                except Exception as error:
                    outcome = error
            outcomes.append(outcome)
            if isinstance(outcome, _OF_THE_STORE):
                failed[_EVERY] = outcome
            elif item.rows and isinstance(outcome, Exception):
                failed[item.execution] = outcome
        return outcomes

    def _refuse_after(self, item: Item, error: Exception) -> None:
        """What an execution queued behind a failed item would leave a gap: it fails too, and counting goes back."""
        execution, fence, first = item.rows[0][:3]
        if self._tails.get(execution, (0, 0))[0] == fence:
            if isinstance(error, StaleFence):
                del self._tails[execution]
            else:
                self._tails[execution] = (fence, min(first - 1, self._tails[execution][1]))
        behind = [other for other in self._queue if other.rows and other.rows[0][:2] == [execution, fence]]
        for other in behind:
            self._queue.remove(other)
            _tell(other, error)


def _again(item: Item) -> Operation[list[Any]]:
    """The work of one item whose group failed. Its rows may be there: a connection can break while it commits."""
    if item.rows:
        execution, fence = item.rows[0][:2]
        if (yield from operations.landed(execution, fence, item.rows[-1][2])):
            return [None]
    return (yield from flush([item]))


def _tell(item: Item, outcome: Any) -> None:
    if item.future.done():
        return
    if isinstance(outcome, Exception):
        item.future.set_exception(outcome)
    else:
        item.future.set_result(outcome)
