"""The journal of one running execution: events are noted at once, committed together, and published once durable."""

from __future__ import annotations

import asyncio
from collections import deque

from engine.core import faults
from engine.core.clock import Clock
from engine.core.events import Entry, Event
from engine.runtime.bus import Bus
from engine.store.protocols import Journal, Lease

EVENT_RECORDED = faults.point("runtime.event_recorded")
BEFORE_PUBLISH = faults.point("runtime.before_publish")

LINGER = 0.02
"""Seconds that events of steps without effect may wait for company before they are committed."""
CROWD = 512
"""Events that are committed without waiting for more."""
BACKLOG = 4096
"""Uncommitted events after which the execution waits for the disk."""


class ExecutionJournal:
    """One commit is in flight at a time; whatever is noted meanwhile is the next one."""

    def __init__(self, store: Journal, lease: Lease, bus: Bus, clock: Clock) -> None:
        self._store = store
        self._lease = lease
        self._bus = bus
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._pending: list[Entry] = []
        self._flight: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waiters: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._durable = lease.last_seq
        self.seq = lease.last_seq
        self.failure: BaseException | None = None

    def record(self, event: Event) -> None:
        """Note that something happened. Raises the error that stopped the journal, if one did."""
        if self.failure is not None:
            raise self.failure
        self.seq += 1
        self._pending.append(Entry(self._lease.execution, self.seq, self._clock.now(), event))
        faults.reach(EVENT_RECORDED)
        if self._flight is None:
            if len(self._pending) >= CROWD:
                self.flush()
            elif self._timer is None:
                self._timer = self._loop.call_later(LINGER, self.flush)

    def soon(self) -> None:
        """Commit at the end of this turn of the loop, together with what the turn still brings."""
        if self._flight is None:
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Commit now what is pending, unless a commit is in flight; that one is followed by another."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._flight is None and self._pending and self.failure is None:
            self._flight = self._loop.create_task(self._commit())

    async def barrier(self) -> None:
        """Return when everything recorded so far is durable. Raises what kept it from becoming so."""
        if self.failure is not None:
            raise self.failure
        if self._durable >= self.seq:
            return
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._waiters.append((self.seq, waiter))
        self.flush()
        await waiter

    @property
    def crowded(self) -> bool:
        """Whether so much is uncommitted that the execution should wait (`barrier`)."""
        return len(self._pending) >= BACKLOG

    async def _commit(self) -> None:
        try:
            while self._pending:
                batch, self._pending = self._pending, []
                await self._store.append(self._lease, batch)
                self._durable = batch[-1].seq
                faults.reach(BEFORE_PUBLISH)
                self._bus.publish(batch)
                while self._waiters and self._waiters[0][0] <= self._durable:
                    _, waiter = self._waiters.popleft()
                    if not waiter.done():
                        waiter.set_result(None)
        except BaseException as error:
            self.failure = error
            for _, waiter in self._waiters:
                if not waiter.done():
                    waiter.set_exception(error)
            self._waiters.clear()
            if not isinstance(error, Exception):
                raise
        finally:
            self._flight = None

    async def close(self) -> None:
        """Let the commit in flight end and stop the timer. What is pending is not committed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._flight is not None:
            await asyncio.wait({self._flight})
