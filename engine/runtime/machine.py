"""Runs executions: takes the lease of each, bounds how many run at once, wakes those that wait, recovers those that
were left behind. Recovery is nothing special: what is unfinished and has no good lease is queued like anything else."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.core import events
from engine.core.clock import Clock
from engine.core.errors import ExecutionBusy, ExecutionError, NoSuchExecution, RpaError, StoreError
from engine.core.secrets import SecretSource
from engine.core.sentences import say
from engine.runtime.bus import Bus
from engine.runtime.children import Children
from engine.runtime.definitions import Definitions
from engine.runtime.execution import PATIENCE, Execution
from engine.runtime.resources import Resources
from engine.runtime.state import ExecutionState
from engine.runtime.supplies import Integrations, NoIntegrations
from engine.runtime.workers import Workers
from engine.sdk.catalog import Catalog
from engine.sdk.sessions import SharedSessions
from engine.store.protocols import FINISHED, Definition, ExecutionRecord, Lease, Store

if TYPE_CHECKING:
    from engine.runtime.debugger import Debugger

LEASE = 30.0
"""Seconds a lease lasts; it is renewed after a third of it."""
POLL = 5.0
"""Seconds between two looks for executions that are due."""
LISTEN = 0.5
"""Seconds between two looks for what other processes ask."""
CANCEL = "cancel"
GRACE = 5.0
"""Seconds given to threads when the machine stops."""
_ENDS = {"succeeded": say("succeeded"), "failed": say("failed"), "cancelled": say("cancelled")}
_log = logging.getLogger(__name__)


class Machine:
    """One a process and store. Everything happens on the event loop it was started on."""

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        clock: Clock,
        secrets: SecretSource,
        *,
        integrations: Integrations | None = None,
        home: Path | None = None,
        limit: int = 100,
        patience: float = PATIENCE,
    ) -> None:
        self.store = store
        self.catalog = catalog
        self.clock = clock
        self.secrets = secrets
        self.integrations = integrations or NoIntegrations()
        self.scratch = (home or Path(tempfile.gettempdir()) / f"rpa-{os.getpid()}") / "scratch"
        self.children = Children(home / "children" if home is not None else None)
        self.shared = SharedSessions()
        self.bus = Bus()
        self.workers = Workers()
        self.resources = Resources()
        self.definitions = Definitions(store, catalog)
        self.patience = patience
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{time.time_ns()}"
        self._slots = asyncio.Semaphore(limit)
        self._running: dict[str, tuple[Execution, asyncio.Task[None]]] = {}
        self._taking: set[str] = set()
        self._leases: dict[str, Lease] = {}
        self._chores: list[asyncio.Task[None]] = []

    def start(self, *, recover: bool) -> None:
        """Begin to renew leases; with `recover`, take up whatever is due, now and from now on."""
        if self.store.exclusive:
            self._tidy()
        self._chores.append(asyncio.create_task(self._renew(), name="rpa-leases"))
        self._chores.append(asyncio.create_task(self._listen(), name="rpa-wishes"))
        if recover:
            self._chores.append(asyncio.create_task(self._wake(), name="rpa-wake"))

    async def take(
        self,
        execution: str,
        decisions: Mapping[str, tuple[str, Any]] | None = None,
        debugger: Debugger | None = None,
    ) -> None:
        """Take the lease of an unfinished execution and let it go on as soon as there is room.

        Raises `NoSuchExecution`, `ExecutionBusy`, `StoreError`, and `ExecutionError` for a finished one or a wrong
        decision.
        """
        record = await self.store.get(execution)
        if record.status in FINISHED:
            raise ExecutionError(
                say("the execution {id} has already {status}", id=record.id, status=_ENDS[record.status]),
                hint=say("Start it anew with `rpa run`, or fork it from a moment with `rpa fork`."),
            )
        with self._alone(record.id):
            await self._take(record, decisions, debugger)

    async def create(
        self, entries: Sequence[events.Entry], definition: Definition, debugger: Debugger | None = None
    ) -> None:
        """Store a new execution and let it go on as soon as there is room. Raises `StoreError`."""
        with self._alone(entries[0].execution):
            record = await self.store.create(entries, definition)
            self.bus.publish(entries)
            await self._take(record, None, debugger)

    @contextlib.contextmanager
    def _alone(self, execution: str) -> Iterator[None]:
        """Keep others here from taking up the same execution meanwhile. Raises `ExecutionBusy` if it runs already."""
        if execution in self._running or execution in self._taking:
            raise ExecutionBusy(say("the execution {execution} is already running here", execution=execution))
        self._taking.add(execution)
        try:
            yield
        finally:
            self._taking.discard(execution)

    async def _take(
        self, record: ExecutionRecord, decisions: Mapping[str, tuple[str, Any]] | None, debugger: Debugger | None
    ) -> None:
        lease = await self.store.claim(record.id, self.owner, LEASE)
        try:
            state = await self.state(record.id)
            prepared = await self.definitions.pinned(state.definition)
            run = Execution(self, lease, state, prepared, debugger)
            if decisions:
                run.decide(decisions)
        except BaseException:
            await self.store.release(lease)
            raise
        self._leases[record.id] = lease
        task = asyncio.create_task(self._run(run, lease), name=f"rpa-execution-{record.id}")
        self._running[record.id] = (run, task)

    async def state(self, execution: str, until: int | None = None) -> ExecutionState:
        """The fold of an execution's journal. Raises `NoSuchExecution`."""
        state = ExecutionState()
        async with contextlib.aclosing(self.store.read(execution, until=until)) as chunks:
            async for chunk in chunks:
                state.apply(chunk)
        if state.last_seq == 0:
            raise NoSuchExecution(say("there is no execution {execution}", execution=execution))
        return state

    async def wait(self, execution: str) -> Execution | None:
        """The execution when it no longer runs here, or None if it does not. Raises the `StoreError` that stopped it,
        if one did."""
        found = self._running.get(execution)
        if found is None:
            return None
        run, task = found
        await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
        return run

    def running(self) -> list[str]:
        """Ids of the executions that run here."""
        return list(self._running)

    def pause(self, execution: str, reason: str) -> bool:
        """Start no further steps of it. Gives whether it runs here."""
        found = self._running.get(execution)
        if found is not None:
            found[0].halt(reason)
        return found is not None

    async def cancel(self, execution: str, reason: str) -> None:
        """End an unfinished execution, whether it runs here or rests. Raises `ExecutionBusy` if it runs elsewhere."""
        found = self._running.get(execution)
        if found is not None:
            run, task = found
            run.cancel(reason, task)
            await asyncio.wait({task})
            if run.ending is not None and events.status_after(run.ending) in FINISHED:
                return
        record = await self.store.get(execution)
        if record.status in FINISHED:
            raise ExecutionError(
                say("the execution {id} has already {status}", id=record.id, status=_ENDS[record.status])
            )
        lease = await self.store.claim(record.id, self.owner, LEASE)
        try:
            entry = events.Entry(record.id, lease.last_seq + 1, self.clock.now(), events.ExecutionCancelled(reason))
            await self.store.append(lease, [entry])
            self.bus.publish([entry])
        finally:
            await self.store.release(lease)

    async def stop(self, *, pause: bool = True) -> None:
        """Pause what runs, or with `pause=False` stop it at once, and end all threads and tasks."""
        for chore in self._chores:
            chore.cancel()
        for run, task in list(self._running.values()):
            if pause:
                run.halt("the engine was stopped")
            else:
                task.cancel()
        tasks = [task for _, task in self._running.values()]
        await asyncio.gather(*self._chores, *tasks, return_exceptions=True)
        await self.shared.close()
        left = await self.workers.close(GRACE if pause else 0.2)
        if left:
            _log.warning("%d steps in worker threads did not end", left)

    def _tidy(self) -> None:
        """Remove what an engine that was killed left behind: no other one is at work on the same home."""
        self.children.reap()
        if self.scratch.is_dir():
            with contextlib.suppress(OSError):
                self.scratch.rename(self.scratch.with_name(f"{self.scratch.name}-{time.time_ns()}"))
        for old in self.scratch.parent.glob(f"{self.scratch.name}-*"):
            self._chores.append(asyncio.create_task(asyncio.to_thread(shutil.rmtree, old, True), name="rpa-tidy"))

    async def _run(self, run: Execution, lease: Lease) -> None:
        try:
            async with self._slots:
                await run.run()
        except StoreError as error:
            _log.warning("execution %s stopped: %s", run.id, error)
            raise
        finally:
            self._running.pop(run.id, None)
            self._leases.pop(run.id, None)
            with contextlib.suppress(RpaError):
                await self.store.release(lease)

    async def _listen(self) -> None:
        while True:
            await asyncio.sleep(LISTEN)
            try:
                for execution, wish in (await self.store.asked(self.owner)).items():
                    await self.store.answered(execution)
                    action, _, reason = wish.partition(" ")
                    if action == CANCEL:
                        await self.cancel(execution, reason)
            except RpaError as error:
                _log.warning("a wish could not be granted: %s", error)

    async def _wake(self) -> None:
        while True:
            try:
                for record in await self.store.due(self.clock.now()):
                    if record.id not in self._running:
                        try:
                            await self.take(record.id)
                        except ExecutionBusy:
                            continue
                        except RpaError as error:
                            _log.warning("execution %s cannot go on: %s", record.id, error)
            except StoreError as error:
                _log.warning("looking for due executions failed: %s", error)
            await asyncio.sleep(POLL)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(LEASE / 3)
            try:
                lost = await self.store.renew(list(self._leases.values()), LEASE)
            except StoreError as error:
                _log.warning("renewing leases failed: %s", error)
                continue
            for lease in lost:
                found = self._running.get(lease.execution)
                if found is not None:
                    _log.warning("execution %s was taken over by another process", lease.execution)
                    found[1].cancel()
