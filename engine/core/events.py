"""What happened to an execution: the words of the journal, past tense, typed, each with the version of its shape.

An event says what happened; the entry around it says to which execution, as its how-manieth event, and when.
Addresses name steps inside bodies: `each[3]/fill` is the step `fill` in the fourth round of `each`. A scope is the
address of a body being run: `each[3]` or `guard.catch`; the outermost is the empty text.
Old events must stay readable for ever: a changed shape raises `version` and adds an upgrade to `_UPGRADES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple

from engine.core import values


@dataclass(frozen=True, slots=True)
class Event:
    """The base of all events."""

    version: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ExecutionCreated(Event):
    """An execution was asked for. `definition` is the content hash of the workflow it is pinned to."""

    workflow: str
    definition: str
    inputs: dict[str, Any]
    source: str = ""
    folder: str = ""
    parent: str = ""
    trigger: Any = None


@dataclass(frozen=True, slots=True)
class ExecutionForked(Event):
    """The events before this one were copied from `parent` up to its event `at`; steps then running start afresh."""

    parent: str
    at: int


@dataclass(frozen=True, slots=True)
class ExecutionStarted(Event):
    """A process took the execution up: the first time, or again after a wait, a crash or a pause."""

    process: str
    fence: int


@dataclass(frozen=True, slots=True)
class ExecutionWaiting(Event):
    """Nothing can go on before `wake_at` (seconds since 1970; None: before somebody decides). It left memory."""

    wake_at: float | None = None
    in_doubt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExecutionPaused(Event):
    """Somebody paused it, or the process was told to end; it goes on with `resume`."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class ExecutionSucceeded(Event):
    output: Any = None


@dataclass(frozen=True, slots=True)
class ExecutionFailed(Event):
    error: dict[str, Any]
    output: Any = None


@dataclass(frozen=True, slots=True)
class ExecutionCancelled(Event):
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StepStarted(Event):
    """A try at a step began. `details` holds what must not be computed again, such as the items of a loop,
    and for a step with an effect a short text of its parameters, for the person who may have to decide."""

    address: str
    activity: str
    effect: str
    attempt: int = 1
    details: Any = None


@dataclass(frozen=True, slots=True)
class StepSucceeded(Event):
    address: str
    output: Any = None
    port: str = "next"


@dataclass(frozen=True, slots=True)
class StepFailed(Event):
    """A try failed. With `retry_at` (seconds since 1970) another follows; else `port` says where the flow went on:
    `error`, `next` for a step that continues on error, or nowhere."""

    address: str
    error: dict[str, Any]
    attempt: int = 1
    retry_at: float | None = None
    port: str = ""


@dataclass(frozen=True, slots=True)
class StepSkipped(Event):
    """No live edge led there (`dead`), it is disabled, or a person skipped it while debugging."""

    address: str
    reason: str = "dead"


@dataclass(frozen=True, slots=True)
class StepNoted(Event):
    """A running step settled something that must not change when it goes on after a crash; added to its details."""

    address: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StepWaiting(Event):
    """A durable wait began. It ends at `until` (seconds since 1970); it was to last `length` seconds."""

    address: str
    until: float
    length: float


@dataclass(frozen=True, slots=True)
class StepInDoubt(Event):
    """It had started and not finished when the process died: nobody knows whether its effect happened."""

    address: str
    details: Any = None


@dataclass(frozen=True, slots=True)
class StepDecided(Event):
    """Somebody, or the workflow's policy, settled a step: `retry`, `done` with that output, or `fail`."""

    address: str
    decision: str
    output: Any = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class StepPaused(Event):
    """The debugger holds the execution before, or after the failure of, a step."""

    address: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StepEdited(Event):
    """Somebody changed parameters of a step while it was paused; these replace those of the workflow, once."""

    address: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class IterationStarted(Event):
    """A round of a `while` began: its condition held. `scope` is `loop[3]`."""

    scope: str


@dataclass(frozen=True, slots=True)
class IterationFinished(Event):
    """A round of a loop ended; what happened inside it needs no longer be known to go on. `signal` is `break` where
    it ended the loop; `error` is set where the round failed and the loop goes on."""

    scope: str
    output: Any = None
    signal: str = ""
    error: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class BodyFinished(Event):
    """A body that runs once (of a try, a parallel, a subworkflow) ended."""

    scope: str
    output: Any = None
    signal: str = ""
    error: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class VariablesSet(Event):
    """`vars` changed. `frame` is the address of the subworkflow whose variables these are, or empty."""

    values: dict[str, Any]
    frame: str = ""


@dataclass(frozen=True, slots=True)
class Logged(Event):
    address: str
    level: str
    message: str
    data: Any = None


class Entry(NamedTuple):
    """An event in its place. `at` is seconds since 1970; `seq` counts from 1 without gaps within an execution."""

    execution: str
    seq: int
    at: float
    event: Event


TYPES: dict[str, type[Event]] = {kind.__name__: kind for kind in Event.__subclasses__()}
_UPGRADES: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}
_FIELDS = {kind: tuple(field.name for field in fields(kind)) for kind in TYPES.values()}
_VALUES = {kind: attrgetter(*names) for kind, names in _FIELDS.items() if len(names) > 1}


def status_after(event: Event) -> str | None:
    """The status that an execution has after this event, or None where it does not change."""
    if isinstance(event, ExecutionWaiting):
        return "in_doubt" if event.in_doubt else "waiting"
    return _STATUS.get(type(event))


_STATUS: dict[type[Event], str] = {
    ExecutionCreated: "queued",
    ExecutionForked: "queued",
    ExecutionStarted: "running",
    ExecutionPaused: "paused",
    ExecutionSucceeded: "succeeded",
    ExecutionFailed: "failed",
    ExecutionCancelled: "cancelled",
}


class UnknownEvent(Exception):
    """The journal holds an event of a type or version that this program does not know."""


def dump(event: Event) -> str:
    """The text of an event's fields, without its type."""
    kind = type(event)
    read = _VALUES.get(kind)
    if read is None:
        return values.encode({name: getattr(event, name) for name in _FIELDS[kind]})
    return values.encode(dict(zip(_FIELDS[kind], read(event), strict=True)))


def load(kind: str, version: int, text: str) -> Event:
    """The event of a stored type, version and text. Raises `UnknownEvent`."""
    known = TYPES.get(kind)
    if known is None or version > known.version:
        raise UnknownEvent(f"{kind} version {version}")
    data = values.decode(text)
    while version < known.version:
        data = _UPGRADES[kind, version](data)
        version += 1
    if kind == "ExecutionWaiting":
        data["in_doubt"] = tuple(data["in_doubt"])
    return known(**data)
