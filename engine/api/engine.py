"""The embedded engine: the client protocol over a machine and a store in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from engine.api.client import Changes, Decision, Doubt, Outcome
from engine.api.integrations import HomeIntegrations
from engine.core import events, values
from engine.core.clock import Clock, SystemClock
from engine.core.errors import ExecutionBusy, ExecutionError, StoreError, StoreLocked, UsageError
from engine.core.events import Entry
from engine.core.ids import new_id
from engine.core.secrets import SecretSource
from engine.core.sentences import say
from engine.core.settings import Settings
from engine.core.values import ArtifactRef
from engine.runtime.bus import Progress, Subscription
from engine.runtime.fork import fork
from engine.runtime.inputs import check_inputs
from engine.runtime.machine import CANCEL, Machine
from engine.runtime.state import ExecutionState
from engine.sdk.catalog import Catalog
from engine.store import open_store
from engine.store.protocols import FINISHED, Durability, ExecutionRecord, Status, Store
from engine.vault.source import EnvironmentSecrets, VaultSecrets
from engine.workflow import codec
from engine.workflow.model import SUFFIX, Workflow

if TYPE_CHECKING:
    from engine.integrations.registry import IntegrationRegistry
    from engine.runtime.debugger import Debugger
    from engine.vault.keys import Ask

ANSWER = 10.0
"""Seconds to wait for another process to do what it was asked."""


class Engine:
    """An open engine; made by `open_engine`. Implements `engine.api.client.Client`."""

    def __init__(
        self,
        store: Store,
        *,
        catalog: Catalog | None = None,
        clock: Clock | None = None,
        secrets: SecretSource | None = None,
        home: Path | None = None,
        recover: bool = False,
        limit: int = 100,
        patience: float | None = None,
    ) -> None:
        self.store = store
        self.catalog = catalog or Catalog()
        self._clock = clock or SystemClock()
        self._secrets = secrets or EnvironmentSecrets()
        self._recover = recover
        self._options: dict[str, Any] = {"limit": limit, "home": home}
        self._integrations = HomeIntegrations(home, self._secrets) if home is not None else None
        if patience is not None:
            self._options["patience"] = patience
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Engine:
        await self._stack.enter_async_context(self.store)
        if self._integrations is not None:
            self._stack.push_async_callback(self._integrations.close)
        self.machine = Machine(
            self.store, self.catalog, self._clock, self._secrets, integrations=self._integrations, **self._options
        )
        if self.store.writable:
            self.machine.start(recover=self._recover)
        return self

    async def __aexit__(self, *exc: object) -> None:
        try:
            await self.machine.stop(pause=exc[0] is None)
        finally:
            await self._stack.aclose()

    @property
    def writable(self) -> bool:
        """Whether executions can run here; false while another process holds the store."""
        return self.store.writable

    @property
    def refusal(self) -> StoreError | None:
        """Why executions cannot run here: who holds the store, or that it cannot be written."""
        return self.store.refusal

    @property
    def integrations(self) -> IntegrationRegistry:
        """The integrations of its home folder; see there. Raises `UsageError` for an engine without one."""
        if self._integrations is None:
            raise UsageError(say("an engine without a home folder has no integrations"))
        return self._integrations.registry

    async def start(
        self,
        workflow: Path | Workflow,
        inputs: Mapping[str, Any] | None = None,
        *,
        folder: Path | None = None,
        source: Path | None = None,
        debugger: Debugger | None = None,
    ) -> str:
        prepared, definition = self.machine.definitions.validated(workflow)
        checked = check_inputs(prepared.workflow, inputs or {})
        file = workflow if isinstance(workflow, Path) else source
        name, origin, home = _origin(file, prepared.workflow.name)
        created = events.ExecutionCreated(name, definition.hash, checked, origin, str(folder or home))
        id = new_id()
        await self.machine.create([Entry(id, 1, self._clock.now(), created)], definition, debugger)
        return id

    async def resume(self, execution: str, decisions: Mapping[str, Decision] | None = None) -> str:
        id = (await self.store.get(execution)).id
        chosen = {address: (decision.action, decision.output) for address, decision in (decisions or {}).items()}
        await self.machine.take(id, chosen)
        return id

    async def wait(self, execution: str) -> Outcome:
        run = await self.machine.wait(execution)
        ending = run.ending if run is not None else None
        if run is None or ending is None or isinstance(ending, events.ExecutionWaiting):
            return await self.outcome(execution)
        return Outcome(
            run.id,
            run.state.workflow,
            cast(Status, events.status_after(ending)),
            await self.value(getattr(ending, "output", None)),
            getattr(ending, "error", None),
            duration_ms=round(max(0.0, run.ended_at - run.started_at) * 1000),
        )

    async def outcome(self, execution: str) -> Outcome:
        record = await self.record(execution)
        state = await self.machine.state(record.id)
        doubts = tuple(
            Doubt(step.address, step.activity, str(step.details.get("parameters", "")), step.started_at)
            for address in state.in_doubt
            if (step := state.step(address)) is not None
        )
        return Outcome(
            state.id,
            state.workflow,
            record.status,
            await self.value(state.output),
            state.error,
            doubts,
            state.wake_at,
            round(state.duration * 1000),
        )

    async def pause(self, execution: str, reason: str = "") -> None:
        record = await self.record(execution)
        if not self.machine.pause(record.id, reason):
            raise ExecutionError(
                say("the execution {id} does not run here ({status})", id=record.id, status=record.status)
            )

    async def cancel(self, execution: str, reason: str = "") -> None:
        record = await self.record(execution)
        try:
            await self.machine.cancel(record.id, reason)
        except (ExecutionBusy, StoreLocked):
            await self._ask_to_cancel(record.id, reason)

    async def _ask_to_cancel(self, execution: str, reason: str) -> None:
        """Leave it to the process that runs it, and see whether it does."""
        await self.store.ask(execution, f"{CANCEL} {reason}")
        for _ in range(round(ANSWER / 0.1)):
            await asyncio.sleep(0.1)
            if (await self.record(execution)).status in FINISHED:
                return
        raise ExecutionBusy(
            say(
                "the process that runs the execution {execution} was asked to cancel it, and has not done so yet",
                execution=execution,
            ),
            hint=say("Look again with `rpa show`; a step that cannot be interrupted has to end first."),
        )

    async def fork(self, execution: str, *, at: int | None = None, changes: Changes | None = None) -> str:
        record = await self.record(execution)
        changes = changes or Changes()
        if changes.workflow is not None:
            _, definition = self.machine.definitions.validated(changes.workflow)
        else:
            definition = await self.store.definition(record.definition)
        history = await fork(
            self.store,
            self._clock,
            record.id,
            at,
            definition,
            outputs=changes.outputs,
            variables=changes.variables,
            inputs=changes.inputs,
        )
        await self.machine.create(history, definition)
        return history[0].execution

    async def executions(
        self, *, status: Sequence[Status] = (), workflow: str = "", parent: str = "", limit: int = 100, before: str = ""
    ) -> list[ExecutionRecord]:
        return await self.store.find(status=status, workflow=workflow, parent=parent, limit=limit, before=before)

    async def record(self, execution: str) -> ExecutionRecord:
        return await self.store.get(execution)

    async def state(self, execution: str, *, until: int | None = None) -> ExecutionState:
        return await self.machine.state((await self.record(execution)).id, until)

    async def journal(self, execution: str, *, after: int = 0) -> AsyncIterator[list[Entry]]:
        record = await self.record(execution)
        async with aclosing(self.store.read(record.id, after=after)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def value(self, reference: Any) -> Any:
        if type(reference) is ArtifactRef:
            return values.decode((await self.store.fetch(reference.hash)).decode("ascii"))
        return reference

    async def definition(self, execution: str) -> Workflow:
        definition = await self.store.definition((await self.record(execution)).definition)
        return codec.loads(definition.text).workflow

    async def delete(self, execution: str) -> None:
        await self.store.delete((await self.record(execution)).id)

    def subscribe(self, receive: Callable[[Entry | Progress], None], execution: str | None = None) -> Subscription:
        return self.machine.bus.subscribe(receive, execution)


def _origin(file: Path | None, name: str) -> tuple[str, str, Path]:
    """What to call an execution, the file it comes from, and the folder its relative paths start at."""
    if file is not None:
        path = file.absolute()
        return name or path.name.removesuffix(SUFFIX), str(path), path.parent
    return name or "workflow", "", Path.cwd()


def _durability(settings: Settings) -> Durability:
    return "process" if settings.durability == "process" else "full"


def open_engine(
    settings: Settings,
    *,
    write: bool = True,
    recover: bool = False,
    wait: float = 0.0,
    catalog: Catalog | None = None,
    ask: Ask | None = None,
) -> Engine:
    """The engine of this machine, to be used as an async context manager.

    With `write=False` it only reads. With `recover` it takes up what is unfinished and due. `wait` is how many seconds
    to wait for another process to let go of the store; after that the engine only reads (`writable` is false).
    Secrets come from the environment and the vault; `ask` asks a person for its passphrase, on a thread of its own.
    """
    store = open_store(settings.store, durability=_durability(settings), readonly=not write, wait=wait)
    secrets = VaultSecrets(settings.home, ask=ask)
    return Engine(
        store, catalog=catalog, secrets=secrets, home=settings.home, recover=recover, limit=settings.max_executions
    )
