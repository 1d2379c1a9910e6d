"""The document as plain, unchangeable data: what a `NAME.rpa.yaml` says, without how it is written or run.

Every `extra` holds the keys that this version does not know, so that a file of a newer version, or of a person's own
invention, is saved with nothing lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

FORMAT = 1
"""The newest version of the document that this program writes."""

SUFFIX = ".rpa.yaml"

InputType = Literal[
    "text", "number", "integer", "boolean", "date", "datetime", "list", "mapping", "file", "folder", "secret", "any"
]
InDoubt = Literal["ask", "retry", "done", "fail"]
"""What happens to a ONCE step that had started and not finished when the process died."""
Data = Mapping[str, Any]
Duration = Annotated[str, "duration"]
"""A length of time such as `30s`, `5m` or `1h30m`; see `engine.core.durations`."""


@dataclass(frozen=True, slots=True)
class Input:
    """What a workflow is started with. Without a `default` it must be given, unless `required` is false (then null)."""

    name: str
    type: InputType = "any"
    label: str = ""
    help: str = ""
    required: bool = True
    default: Any = None
    choices: tuple[Any, ...] = ()
    extra: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how soon a failed step is tried again.

    `attempts` counts all tries. `delay` (a length of time) is the pause before the second; it grows by `backoff` up to
    `max_delay`; `jitter` is the share of the pause that is random, 0 to 1. `on` lists which errors are worth it:
    `system` (the default), `business`, `timeout`, `any`, or a text found in the message.
    """

    attempts: int = 3
    delay: Duration = "1s"
    backoff: Literal["fixed", "linear", "exponential"] = "exponential"
    max_delay: Duration = "5m"
    jitter: float = 0.1
    on: tuple[str, ...] = ("system",)
    extra: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """A node: an activity with its parameters, under a stable id that expressions use.

    `parameters` is what the file calls `with`. `join` says whether all incoming edges must be decided or the first
    live one is enough. `timeout` is a length of time. `in_doubt` overrides the workflow's policy.
    """

    id: str
    activity: str
    parameters: Data = field(default_factory=dict)
    label: str = ""
    note: str = ""
    disabled: bool = False
    join: Literal["all", "any"] = "all"
    retry: Retry | None = None
    timeout: Duration | None = None
    continue_on_error: bool = False
    in_doubt: InDoubt | None = None
    extra: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edge:
    """`read.next -> each`: from a port of one step to another step."""

    source: str
    port: str
    target: str

    def __str__(self) -> str:
        return f"{self.source}.{self.port} -> {self.target}"


@dataclass(frozen=True, slots=True)
class Note:
    """A canvas note in Markdown. `x`, `y`, `width`, `height` in canvas units."""

    id: str
    text: str
    x: float = 0.0
    y: float = 0.0
    width: float = 240.0
    height: float = 120.0
    extra: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Frame:
    """A titled box drawn behind steps."""

    id: str
    title: str
    x: float = 0.0
    y: float = 0.0
    width: float = 400.0
    height: float = 300.0
    color: str = ""
    extra: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step stands on the canvas, in canvas units."""

    x: float
    y: float
    extra: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the canvas looks; nothing here changes what runs."""

    steps: Mapping[str, Place] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    frames: tuple[Frame, ...] = ()
    extra: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """How a workflow runs. `timeout` is for the whole execution; `max_parallel` bounds its steps running at once."""

    in_doubt: InDoubt = "ask"
    timeout: Duration | None = None
    max_parallel: int = 100
    extra: Data = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Workflow:
    """A whole document.

    `variables` are the initial values of `vars`; `outputs` the expressions whose values are the execution's output.
    `on_error` is the id of the step that starts the workflow's error handler: it and what is reached from it run when
    the execution fails, with `error` in reach, and not otherwise.
    """

    name: str = ""
    description: str = ""
    inputs: tuple[Input, ...] = ()
    variables: Data = field(default_factory=dict)
    outputs: Data = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    on_error: str | None = None
    steps: tuple[Step, ...] = ()
    edges: tuple[Edge, ...] = ()
    layout: Layout = field(default_factory=Layout)
    format: int = FORMAT
    extra: Data = field(default_factory=dict)

    def step(self, id: str) -> Step:
        """The step of that id. Raises `KeyError`."""
        for step in self.steps:
            if step.id == id:
                return step
        raise KeyError(id)
