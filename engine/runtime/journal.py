"""The journal of one running execution: events are noted at once, committed together, and published once durable."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from functools import partial

from engine.core import faults
from engine.core.clock import Clock
from engine.core.errors import StoreError
from engine.core.events import Entry, Event
from engine.core.sentences import say
from engine.runtime.bus import Bus
from engine.store.protocols import Journal, Lease

EVENT_RECORDED = faults.point("runtime.event_recorded")
BEFORE_PUBLISH = faults.point("runtime.before_publish")

LINGER = 0.02
"""Seconds that events of steps without effect may wait for company before they are committed."""
CROWD = 512
"""Events that are committed without waiting for more."""
TURN = 0.004
"""Seconds that steps may run without letting the loop see to others."""
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
        self._flight: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waiters: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._durable = lease.last_seq
        self._turn_ends = 0.0
        self.seq = lease.last_seq
        self.failure: BaseException | None = None

    def record(self, event: Event) -> None:
        """Note that something happened. Raises the error that stopped the journal, if one did."""
        if self.failure is not None:
            raise self.failure
        self.seq += 1
        self._pending.append(Entry(self._lease.execution, self.seq, self._clock.now(), event))
        faults.reach(EVENT_RECORDED)
        if self._timer is None:
            self._timer = self._loop.call_later(LINGER, self._lingered)
        if len(self._pending) == CROWD:
            self.soon()  # not at once: what is noted in one go must not be torn apart

    def soon(self) -> None:
        """Commit at the end of this turn of the loop, together with what the turn still brings."""
        if self._flight is None:
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Commit now what is pending, unless a commit is in flight; that one is followed by another."""
        if self._flight is not None or not self._pending or self.failure is not None:
            return
        batch, self._pending = self._pending, []
        self._flight = asyncio.ensure_future(self._store.append(self._lease, batch))
        self._flight.add_done_callback(partial(self._committed, batch))

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
        self._turn_ends = time.monotonic() + TURN

    @property
    def hurried(self) -> bool:
        """Whether it is time to `breathe`."""
        return time.monotonic() > self._turn_ends or len(self._pending) >= BACKLOG

    async def breathe(self) -> None:
        """Let the loop see to others, and wait for the disk when too much is uncommitted."""
        if len(self._pending) >= BACKLOG:
            await self.barrier()
        else:
            await asyncio.sleep(0)
            self._turn_ends = time.monotonic() + TURN

    def _lingered(self) -> None:
        self._timer = None
        self.flush()

    def _committed(self, batch: list[Entry], flight: asyncio.Future[None]) -> None:
        self._flight = None
        try:
            flight.result()
            self._durable = batch[-1].seq
            faults.reach(BEFORE_PUBLISH)
        except (Exception, asyncio.CancelledError) as error:
            self._fail(error)
            return
        self._bus.publish(batch)
        while self._waiters and self._waiters[0][0] <= self._durable:
            _, waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
        self.flush()

    def _fail(self, error: BaseException) -> None:
        self.failure = error
        for _, waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(error)
        self._waiters.clear()

    async def close(self) -> None:
        """Let the commit in flight end and stop the timer. What is pending is not committed."""
        self.failure = self.failure or StoreError(say("the journal of this execution is closed"))
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._flight is not None:
            await asyncio.wait({self._flight})
