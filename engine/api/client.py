"""The client protocol: all that a studio, a command line, a tray or an agent sees of an engine.

The embedded engine keeps it in-process; a server keeps the same protocol over HTTP. All arguments and answers are plain
data or frozen dataclasses, so that either is possible.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from engine.core.events import Entry
from engine.runtime.bus import Progress, Subscription
from engine.runtime.state import ExecutionState
from engine.sdk.catalog import Catalog
from engine.store.protocols import ExecutionRecord, Status
from engine.workflow.model import Workflow

if TYPE_CHECKING:
    from engine.runtime.debugger import Debugger


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a step that is in doubt. `output` is for `done`."""

    action: Literal["retry", "done", "fail"]
    output: Any = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A step of which nobody knows whether its effect happened. `parameters` is a short text of what it was given."""

    step: str
    activity: str
    parameters: str = ""
    started_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where an execution stands when it no longer runs. `duration_ms` counts from its first start."""

    execution: str
    workflow: str
    status: Status
    output: Any = None
    error: dict[str, Any] | None = None
    in_doubt: tuple[Doubt, ...] = ()
    wake_at: float | None = None
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What a fork does otherwise than its parent: new outputs of steps, variables, inputs, and another definition."""

    outputs: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    workflow: Workflow | None = None


class Client(Protocol):
    """Raises the errors of `engine.core.errors`, whose messages are meant for the user."""

    @property
    def catalog(self) -> Catalog:
        """The activities there are."""

    async def start(
        self,
        workflow: Path | Workflow,
        inputs: Mapping[str, Any] | None = None,
        *,
        folder: Path | None = None,
        source: Path | None = None,
        debugger: Debugger | None = None,
    ) -> str:
        """Pin the workflow, check the inputs, queue an execution and give its id. `source` is the file that a
        `Workflow` stands for, where it has one. Raises `DocumentError` with the problems of an invalid workflow,
        `InputError`, `StoreError`."""

    async def resume(self, execution: str, decisions: Mapping[str, Decision] | None = None) -> str:
        """Queue an unfinished execution again, with decisions by step address, and give its whole id. An address may be
        shortened to the step's id where only one such is in doubt. Raises `NoSuchExecution`, `ExecutionError`,
        `ExecutionBusy`."""

    async def wait(self, execution: str) -> Outcome:
        """Wait until it is finished, waiting, in doubt or paused."""

    async def outcome(self, execution: str) -> Outcome:
        """Where it stands now."""

    async def pause(self, execution: str, reason: str = "") -> None:
        """Start no further steps, let the running ones finish, keep the place."""

    async def cancel(self, execution: str, reason: str = "") -> None:
        """Stop its running steps and end it. Works on any unfinished execution."""

    async def fork(self, execution: str, *, at: int | None = None, changes: Changes | None = None) -> str:
        """Start a new execution from the moment after event `at` of another one, and give its id. Without `at`: from
        right before what failed it."""

    async def executions(
        self, *, status: Sequence[Status] = (), workflow: str = "", parent: str = "", limit: int = 100, before: str = ""
    ) -> list[ExecutionRecord]:
        """Newest first."""

    async def record(self, execution: str) -> ExecutionRecord:
        """Its row. A unique prefix or suffix of at least 4 characters of an id is enough."""

    async def state(self, execution: str, *, until: int | None = None) -> ExecutionState:
        """Its state now, or right after event `until`."""

    def journal(self, execution: str, *, after: int = 0) -> AsyncIterator[list[Entry]]:
        """Its events with `seq > after`, in chunks."""

    async def value(self, reference: Any) -> Any:
        """The value behind an `ArtifactRef`; any other value as it is."""

    async def definition(self, execution: str) -> Workflow:
        """The workflow it is pinned to."""

    async def delete(self, execution: str) -> None:
        """Hide a finished execution."""

    def subscribe(self, receive: Callable[[Entry | Progress], None], execution: str | None = None) -> Subscription:
        """Call `receive` on the engine's loop with every event that was committed, in order, and with the progress
        that running steps report. `Subscription.close()` ends it."""
