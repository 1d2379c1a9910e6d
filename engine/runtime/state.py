"""What is true of an execution, as a fold over its events; there is no other record of it.

Only what is needed to go on, or to show the present, is kept: when a round of a loop has finished, the steps inside it
are forgotten and its output stays. Folding a prefix of the journal gives the state at that moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.core import events
from engine.core.events import Entry, Event


@dataclass(slots=True)
class StepState:
    """The last known of a step. `status` is `running`, `succeeded`, `failed` (for good), `retrying`, `skipped`,
    `waiting`, `in_doubt`, `paused`, or what somebody decided: `again` (another try) or `condemned` (it failed)."""

    address: str
    status: str
    activity: str = ""
    effect: str = ""
    attempt: int = 0
    output: Any = None
    port: str = ""
    error: dict[str, Any] | None = None
    details: dict[str, Any] = field(default_factory=dict)
    edited: dict[str, Any] | None = None
    wake_at: float | None = None
    wait_length: float = 0.0
    started_at: float = 0.0
    ended_at: float | None = None

    @property
    def settled(self) -> bool:
        """Whether the flow went on from here."""
        return self.status in ("succeeded", "failed", "skipped")


@dataclass(slots=True)
class Round:
    """How a body that ran to its end ended."""

    output: Any = None
    signal: str = ""
    error: dict[str, Any] | None = None


@dataclass(slots=True)
class ScopeState:
    """One running of a body: its steps by id, and the scopes of containers in it by address."""

    steps: dict[str, StepState] = field(default_factory=dict)
    finished: Round | None = None
    children: set[str] = field(default_factory=set)


@dataclass(slots=True)
class ExecutionState:
    """The fold. `scopes` holds the bodies still being run, by address (`""`: the outermost), `rounds` the finished
    rounds of loops still being run, by the loop's address and the round's number."""

    id: str = ""
    workflow: str = ""
    definition: str = ""
    status: str = "queued"
    source: str = ""
    folder: str = ""
    parent: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    trigger: Any = None
    variables: dict[str, dict[str, Any]] = field(default_factory=dict)
    scopes: dict[str, ScopeState] = field(default_factory=lambda: {"": ScopeState()})
    rounds: dict[str, dict[int, Round]] = field(default_factory=dict)
    output: Any = None
    error: dict[str, Any] | None = None
    in_doubt: tuple[str, ...] = ()
    wake_at: float | None = None
    last_seq: int = 0
    created_at: float = 0.0
    started_at: float | None = None
    updated_at: float = 0.0

    @property
    def finished(self) -> bool:
        return self.status in ("succeeded", "failed", "cancelled")

    @property
    def duration(self) -> float:
        """Seconds from the first start to the last event, never negative."""
        return max(0.0, self.updated_at - self.started_at) if self.started_at is not None else 0.0

    def steps(self) -> Iterator[StepState]:
        """Every step that is still remembered, outermost first."""
        for scope in self.scopes.values():
            yield from scope.steps.values()

    def step(self, address: str) -> StepState | None:
        """What is known of the step at that address."""
        scope, _, name = address.rpartition("/")
        found = self.scopes.get(scope)
        return found.steps.get(name) if found is not None else None

    def apply(self, entries: Iterable[Entry]) -> ExecutionState:
        """Go on with these entries, and return self."""
        for entry in entries:
            event = entry.event
            handler = _HANDLERS.get(type(event))
            if handler is not None:
                handler(self, entry, event)
            status = _STATUS_AFTER(event)
            if status is not None:
                self.status = status
                self.id = entry.execution
            self.last_seq = entry.seq
            self.updated_at = entry.at
        return self

    def _scope(self, address: str) -> ScopeState:
        scope = self.scopes.get(address)
        if scope is None:
            scope = self.scopes[address] = ScopeState()
            container = _container(address)
            parent = self.scopes.get(container.rpartition("/")[0])
            if parent is not None:
                parent.children.add(address)
        return scope

    def _forget(self, address: str) -> None:
        scope = self.scopes.pop(address, None)
        self.variables.pop(address, None)
        if scope is not None:
            for child in scope.children:
                self._forget(child)
            for step in scope.steps.values():
                self.rounds.pop(step.address, None)

    def _forget_bodies(self, step: str) -> None:
        """Forget all scopes of the container at that address."""
        scope, _, _ = step.rpartition("/")
        parent = self.scopes.get(scope)
        self.rounds.pop(step, None)
        if parent is not None and parent.children:
            gone = {child for child in parent.children if _container(child) == step}
            for child in gone:
                self._forget(child)
            parent.children -= gone


def _container(scope: str) -> str:
    """The address of the step that runs this scope: `each[3]` -> `each`, `a[1]/guard.catch` -> `a[1]/guard`."""
    head, slash, last = scope.rpartition("/")
    return head + slash + last.partition("[")[0].partition(".")[0]


_STATUS_AFTER = events.status_after


def _created(state: ExecutionState, entry: Entry, event: events.ExecutionCreated) -> None:
    state.id = entry.execution
    state.workflow = event.workflow
    state.definition = event.definition
    state.inputs = event.inputs
    state.source = event.source
    state.folder = event.folder
    state.parent = event.parent
    state.trigger = event.trigger
    state.created_at = entry.at


def _forked(state: ExecutionState, entry: Entry, event: events.ExecutionForked) -> None:
    state.id = entry.execution
    state.parent = event.parent
    state.created_at = entry.at
    state.started_at = None
    state.output = state.error = state.wake_at = None
    state.in_doubt = ()
    for scope in state.scopes.values():
        for name, step in list(scope.steps.items()):
            unhandled = step.status == "failed" and not step.port
            if unhandled or not (step.settled or _is_container(state, step.address)):
                del scope.steps[name]


def _is_container(state: ExecutionState, address: str) -> bool:
    return address in state.rounds or any(_container(scope) == address for scope in state.scopes if scope)


def _started(state: ExecutionState, entry: Entry, event: events.ExecutionStarted) -> None:
    if state.started_at is None:
        state.started_at = entry.at
    state.wake_at = None


def _waiting(state: ExecutionState, entry: Entry, event: events.ExecutionWaiting) -> None:
    state.wake_at = event.wake_at
    state.in_doubt = event.in_doubt


def _succeeded(state: ExecutionState, entry: Entry, event: events.ExecutionSucceeded) -> None:
    state.output = event.output


def _failed(state: ExecutionState, entry: Entry, event: events.ExecutionFailed) -> None:
    state.error = event.error
    state.output = event.output


def _step_started(state: ExecutionState, entry: Entry, event: events.StepStarted) -> None:
    scope, _, name = event.address.rpartition("/")
    steps = state._scope(scope).steps
    known = steps.get(name)
    if known is None:
        steps[name] = StepState(
            event.address, "running", event.activity, event.effect, event.attempt,
            details=event.details or {}, started_at=entry.at,
        )  # fmt: skip
        return
    if known.attempt != event.attempt:
        state._forget_bodies(event.address)
    known.status = "running"
    known.activity = event.activity
    known.effect = event.effect
    known.attempt = event.attempt
    known.details = event.details or {}
    known.started_at = entry.at
    known.edited = None
    known.wake_at = known.ended_at = None


def _step(state: ExecutionState, address: str) -> StepState:
    scope, _, name = address.rpartition("/")
    steps = state._scope(scope).steps
    known = steps.get(name)
    if known is None:
        known = steps[name] = StepState(address, "running")
    return known


def _step_succeeded(state: ExecutionState, entry: Entry, event: events.StepSucceeded) -> None:
    step = _step(state, event.address)
    step.status = "succeeded"
    step.output = event.output
    step.port = event.port
    step.error = step.wake_at = None
    step.details = {}
    step.ended_at = entry.at
    state._forget_bodies(event.address)


def _step_failed(state: ExecutionState, entry: Entry, event: events.StepFailed) -> None:
    step = _step(state, event.address)
    step.status = "failed" if event.retry_at is None else "retrying"
    step.error = event.error
    step.attempt = event.attempt
    step.port = event.port
    step.wake_at = event.retry_at
    step.ended_at = entry.at
    state._forget_bodies(event.address)


def _step_skipped(state: ExecutionState, entry: Entry, event: events.StepSkipped) -> None:
    step = _step(state, event.address)
    step.status = "skipped"
    step.port = event.reason if event.reason != "dead" else ""
    step.ended_at = entry.at


def _step_noted(state: ExecutionState, entry: Entry, event: events.StepNoted) -> None:
    step = _step(state, event.address)
    step.details = {**step.details, **event.details}


def _step_waiting(state: ExecutionState, entry: Entry, event: events.StepWaiting) -> None:
    step = _step(state, event.address)
    step.status = "waiting"
    step.wake_at = event.until
    step.wait_length = event.length


def _step_in_doubt(state: ExecutionState, entry: Entry, event: events.StepInDoubt) -> None:
    step = _step(state, event.address)
    step.status = "in_doubt"
    step.details = event.details or step.details


def _step_decided(state: ExecutionState, entry: Entry, event: events.StepDecided) -> None:
    step = _step(state, event.address)
    state.in_doubt = tuple(address for address in state.in_doubt if address != event.address)
    step.ended_at = entry.at
    if event.decision == "retry":
        step.status = "again"
    elif event.decision == "done":
        step.status = "succeeded"
        step.output = event.output
        step.port = ""
        step.error = None
        state._forget_bodies(event.address)
    else:
        step.status = "condemned"


def _step_paused(state: ExecutionState, entry: Entry, event: events.StepPaused) -> None:
    step = _step(state, event.address)
    if not step.settled and step.status != "running":
        step.status = "paused"


def _step_edited(state: ExecutionState, entry: Entry, event: events.StepEdited) -> None:
    _step(state, event.address).edited = event.parameters


def _iteration_started(state: ExecutionState, entry: Entry, event: events.IterationStarted) -> None:
    state._scope(event.scope)


def _iteration_finished(state: ExecutionState, entry: Entry, event: events.IterationFinished) -> None:
    scope = event.scope
    opening = scope.rindex("[")
    state.rounds.setdefault(scope[:opening], {})[int(scope[opening + 1 : -1])] = Round(
        event.output, event.signal, event.error
    )
    state._forget(scope)
    parent = state.scopes.get(scope[:opening].rpartition("/")[0])
    if parent is not None:
        parent.children.discard(scope)


def _body_finished(state: ExecutionState, entry: Entry, event: events.BodyFinished) -> None:
    state._forget(event.scope)
    state._scope(event.scope).finished = Round(event.output, event.signal, event.error)


def _variables_set(state: ExecutionState, entry: Entry, event: events.VariablesSet) -> None:
    state.variables[event.frame] = {**state.variables.get(event.frame, {}), **event.values}


_HANDLERS: dict[type[Event], Callable[[ExecutionState, Entry, Any], None]] = {
    events.ExecutionCreated: _created,
    events.ExecutionForked: _forked,
    events.ExecutionStarted: _started,
    events.ExecutionWaiting: _waiting,
    events.ExecutionSucceeded: _succeeded,
    events.ExecutionFailed: _failed,
    events.StepStarted: _step_started,
    events.StepSucceeded: _step_succeeded,
    events.StepFailed: _step_failed,
    events.StepSkipped: _step_skipped,
    events.StepNoted: _step_noted,
    events.StepWaiting: _step_waiting,
    events.StepInDoubt: _step_in_doubt,
    events.StepDecided: _step_decided,
    events.StepPaused: _step_paused,
    events.StepEdited: _step_edited,
    events.IterationStarted: _iteration_started,
    events.IterationFinished: _iteration_finished,
    events.BodyFinished: _body_finished,
    events.VariablesSet: _variables_set,
}
