"""One execution while it is in memory: its journal, its state so far, and its way from the first step to an end."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.core import durations, events, faults, values
from engine.core.errors import ExecutionError, ExpressionError
from engine.core.sentences import say
from engine.core.values import ArtifactRef
from engine.runtime.definition import Prepared
from engine.runtime.journal import ExecutionJournal
from engine.runtime.region import RegionRun
from engine.runtime.retry import describe, failure
from engine.runtime.scope import BodyFailed, Frame, Scope, Suspended
from engine.runtime.state import ExecutionState, Round, ScopeState
from engine.runtime.step import Steps
from engine.sdk.sessions import Sessions

if TYPE_CHECKING:
    from engine.runtime.debugger import Debugger
    from engine.runtime.machine import Machine
    from engine.store.protocols import Lease

LOADED = faults.point("runtime.loaded")
FINISHING = faults.point("runtime.finishing")

PATIENCE = 60.0
"""Seconds that a wait may last before the execution leaves memory."""
SLICE = 30.0
"""Seconds after which a wait for a moment looks at the wall clock again."""
INLINE = 32 * 1024
"""Bytes of a value that events still carry themselves."""


class Execution:
    """Made by `Machine.take`; `run` is called once. Everything here happens on one event loop."""

    def __init__(
        self, machine: Machine, lease: Lease, state: ExecutionState, prepared: Prepared, debugger: Debugger | None
    ) -> None:
        self.id = lease.execution
        self.loop = asyncio.get_running_loop()
        self.thread = threading.get_ident()
        self.bus = machine.bus
        self.clock = machine.clock
        self.store = machine.store
        self.workers = machine.workers
        self.resources = machine.resources
        self.secrets = machine.secrets
        self.integrations = machine.integrations
        self.sessions = Sessions(machine.shared, machine.children.adopt)
        self.definitions = machine.definitions
        self.state = state
        self.debugger = debugger
        self.journal = ExecutionJournal(machine.store, lease, machine.bus, machine.clock)
        self.record = self.journal.record
        self.steps = Steps(self)
        self.halting = False
        self.cancelling = False
        self.in_doubt: list[str] = []
        self.ending: events.Event | None = None
        self.started_at = 0.0
        self.ended_at = 0.0
        self._lease = lease
        self._prepared = prepared
        self._reason = ""
        self._sleepers: set[asyncio.Task[None]] = set()
        self._patience = machine.patience
        self._scratch = machine.scratch
        if debugger is not None:
            debugger.log = lambda address, text: self.record_late(events.Logged(address, "info", text))
            debugger.noted = self._held

    async def run(self) -> None:
        """Run until it has ended, waits, is in doubt or paused; the journal then says which. Raises `StoreError` when
        the journal cannot be written: what was done since is found again, or in doubt, when it is resumed."""
        task = asyncio.current_task()
        self.started_at = self.state.started_at if self.state.started_at is not None else self.clock.now()
        try:
            try:
                self.record(events.ExecutionStarted(self._lease.owner, self._lease.fence))
                faults.reach(LOADED)
                ending = await self._ending()
            except asyncio.CancelledError:
                if not self.cancelling or task is None:
                    raise
                task.uncancel()
                ending = events.ExecutionCancelled(self._reason)
            faults.reach(FINISHING)
            self.ended_at = self.clock.now()
            self.record(ending)
            await self.journal.barrier()
            self.ending = ending
        finally:
            await self.journal.close()
            await self._leave()

    @property
    def scratch(self) -> Path:
        """The folder for what is needed while it runs."""
        folder = self._scratch / self.id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    async def _leave(self) -> None:
        """Close what is open and remove what is no longer needed, also when the task is cancelled meanwhile."""
        leaving = asyncio.ensure_future(self.sessions.close_all())
        try:
            await asyncio.shield(leaving)
        finally:
            folder = self._scratch / self.id
            if folder.exists():
                await asyncio.to_thread(shutil.rmtree, folder, True)

    async def _ending(self) -> events.Event:
        workflow = self._prepared.workflow
        frame = self.frame(self._prepared, "", self.state.inputs, Path(self.state.folder), 0, resumed=True)
        scope = self.root_scope(frame, self.state.scopes[""])
        limit = asyncio.timeout(self._time_left(workflow.settings.timeout))
        try:
            async with limit:
                ended = await self.run_frame(frame, scope)
        except Suspended as suspended:
            if self.halting:
                return events.ExecutionPaused(self._reason)
            return events.ExecutionWaiting(suspended.wake_at, tuple(self.in_doubt))
        except TimeoutError:
            if not limit.expired():
                raise
            message = say("the workflow took longer than {timeout}", timeout=workflow.settings.timeout)
            return events.ExecutionFailed(failure("timeout", "timeout", message, ""))
        if ended.error is not None:
            return events.ExecutionFailed(ended.error, await self.spill(ended.output))
        return events.ExecutionSucceeded(await self.spill(ended.output))

    def _time_left(self, timeout: str | None) -> float | None:
        if timeout is None:
            return None
        used = self.clock.now() - self.state.started_at if self.state.started_at is not None else 0.0
        return max(0.001, durations.seconds(timeout) - max(0.0, used))

    def frame(
        self, prepared: Prepared, address: str, inputs: dict[str, Any], folder: Path, depth: int, *, resumed: bool
    ) -> Frame:
        """A workflow about to be run; where it is `resumed`, with its variables as they were last set."""
        variables = values.plain(dict(prepared.workflow.variables))
        if resumed:
            variables.update(self.state.variables.get(address, {}))
        return Frame(prepared, address, inputs, variables, folder, depth)

    def root_scope(self, frame: Frame, past: ScopeState | None) -> Scope:
        """The outermost scope of a frame."""
        names = {
            "inputs": frame.inputs,
            "vars": frame.variables,
            "trigger": self.state.trigger,
            "execution": {
                "id": self.id,
                "workflow": self.state.workflow,
                "folder": str(frame.folder),
                "started_at": self.state.created_at,
            },
        }
        return Scope(frame, frame.address, None, past, names)

    async def run_frame(self, frame: Frame, scope: Scope) -> Round:
        """Run a workflow's main body, its error handler if that failed, and evaluate its outputs."""
        plan, limit = frame.prepared.plan, frame.prepared.workflow.settings.max_parallel
        try:
            signal = await RegionRun(self, scope, plan.main, limit).run()
        except BodyFailed as failed:
            if plan.handler is None:
                return Round(error=failed.error)
            scope.names["error"] = failed.error
            try:
                signal = await RegionRun(self, scope, plan.handler, limit).run()
            except BodyFailed as again:
                return Round(error={**failed.error, "handler_error": again.error})
            if signal is None:
                return Round(error=failed.error)
        if signal is not None and signal.port == "stop":
            if signal.output["status"] == "failed":
                stopped = signal.output
                return Round(error=failure("business", "stopped", stopped["message"], stopped["step"]))
            if signal.output["output"] is not None:
                return Round(signal.output["output"])
        try:
            return Round(values.plain(frame.prepared.outputs.evaluate(scope.names)))
        except ExpressionError as error:
            if signal is not None:
                return Round()
            error.args = (say("output {reason}", reason=error.message),)
            return Round(error=describe(error, frame.address))

    # What steps ask of their execution.

    def record_late(self, event: events.Event) -> None:
        """Note an event that comes from outside the flow; when the journal has ended it is dropped."""
        if self.journal.failure is None:
            self.record(event)

    def _held(self, address: str, reason: str) -> None:
        self.record_late(events.StepPaused(address, reason))
        self.journal.soon()

    async def wait(self, until: float, length: float, *, absolute: bool = False) -> None:
        """Wait until a moment (seconds since 1970), but no longer than `length` seconds: a wall clock that was set back
        does not prolong it. An `absolute` moment is looked up again on the wall clock while waiting.

        Raises `Suspended` when that is long enough to leave memory, or when the execution is halted.
        """
        left = min(until - self.clock.now(), length)
        if left <= 0:
            return
        if left > self._patience or self.halting:
            raise Suspended(until)
        ends = self.clock.monotonic() + left
        while (left := ends - self.clock.monotonic()) > 0:
            sleeper = self.loop.create_task(self.clock.sleep(min(left, SLICE)))
            self._sleepers.add(sleeper)
            try:
                await sleeper
            except asyncio.CancelledError:
                if self.halting and sleeper.cancelled() and not self.cancelling:
                    raise Suspended(until) from None
                sleeper.cancel()
                raise
            finally:
                self._sleepers.discard(sleeper)
            if absolute:
                ends = self.clock.monotonic() + until - self.clock.now()

    async def spill(self, value: Any) -> Any:
        """The value itself, or where it is large a reference to it as an artifact."""
        if not _may_be_large(value):
            return value
        data = values.encode(value).encode("ascii")
        if len(data) <= INLINE:
            return value
        return ArtifactRef(await self.store.put(data), len(data), _summary(value))

    async def load(self, value: Any) -> Any:
        """The value behind a reference; any other value as it is."""
        if type(value) is ArtifactRef:
            return values.decode((await self.store.fetch(value.hash)).decode("ascii"))
        return value

    # What others ask of the execution.

    def halt(self, reason: str) -> None:
        """Start no further step; what runs ends, what waits keeps its place."""
        self.halting = True
        self._reason = reason
        for sleeper in self._sleepers:
            sleeper.cancel()
        if self.debugger is not None:
            self.debugger.leave()

    def unsettled(self, within: str) -> bool:
        """Whether a body must keep its place although something ended it: the execution is halted, or a step whose
        address begins with `within` is in doubt and must not be forgotten unasked."""
        return self.halting or any(address.startswith(within) for address in self.in_doubt)

    def decide(self, decisions: Mapping[str, tuple[str, Any]]) -> None:
        """Settle steps that are in doubt. Raises `ExecutionError` for one that is not."""
        doubtful = [step.address for step in self.state.steps() if self.is_doubtful(step.address)]
        for wanted, (action, output) in decisions.items():
            matches = [address for address in doubtful if address == wanted or address.rpartition("/")[2] == wanted]
            if len(matches) != 1:
                found = ", ".join(doubtful) or say("none")
                hint = say("Use the address of a step in doubt.")
                if matches:
                    message = say("{wanted!r} names several steps; in doubt: {found}", wanted=wanted, found=found)
                else:
                    message = say("{wanted!r} is not in doubt; in doubt: {found}", wanted=wanted, found=found)
                raise ExecutionError(message, hint=hint)
            event = events.StepDecided(matches[0], action, values.plain(output), "person")
            self.record(event)
            self.state.apply([events.Entry(self.id, self.journal.seq, self.clock.now(), event)])

    def is_doubtful(self, address: str) -> bool:
        """Whether a step had started an effect that must not be repeated, and not finished it."""
        step = self.state.step(address)
        return step is not None and (step.status == "in_doubt" or (step.status == "running" and step.effect == "once"))

    def cancel(self, reason: str, task: asyncio.Task[Any]) -> None:
        """Stop its steps and end it."""
        self.cancelling = True
        self._reason = reason
        task.cancel()


def _may_be_large(value: Any) -> bool:
    """Whether encoding the value may give more than `INLINE` bytes; looks at no more of it than it must."""
    budget = INLINE // 8
    stack = [value]
    while stack:
        item = stack.pop()
        kind = type(item)
        budget -= 2
        if kind is str or kind is bytes:
            budget -= len(item) // 6
        elif kind is dict:
            budget -= sum(map(len, item)) // 6 + len(item)
            if budget >= 0:
                stack.extend(item.values())
        elif kind is list:
            budget -= len(item)
            if budget >= 0:
                stack.extend(item)
        if budget < 0:
            return True
    return False


def _summary(value: Any) -> str:
    if isinstance(value, list):
        return f"{len(value):,} items"
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, list):
                return f"{name}: {len(item):,} items"
        return f"{len(value):,} fields"
    if isinstance(value, str):
        return f"text of {len(value):,} characters"
    return type(value).__name__
