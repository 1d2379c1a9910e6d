"""Where a step stands while it runs: the body it is in, the workflow that body belongs to, and the names it sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from engine.core.errors import NoValueError
from engine.core.sentences import say
from engine.runtime.definition import Prepared
from engine.runtime.state import ScopeState, StepState
from engine.workflow.expressions import Lookup, Template

SIGNALS = frozenset({"break", "continue", "stop"})
"""Ports that lead out of the body instead of along an edge."""


class Suspended(Exception):
    """Nothing in a body can go on before `wake_at` (seconds since 1970; None: before somebody decides)."""

    def __init__(self, wake_at: float | None = None) -> None:
        self.wake_at = wake_at


class BodyFailed(Exception):
    """A step in a body failed, and nothing in the body handled it."""

    def __init__(self, error: dict[str, Any]) -> None:
        self.error = error


class Outcome:
    """How a step ended: `succeeded`, `failed`, `skipped`, or `suspended` when it will go on another day.

    The flow leaves through `port`; a failed step without one fails its body.
    """

    __slots__ = ("error", "output", "port", "status", "view")

    def __init__(self, status: str, output: Any = None, port: str = "", error: dict[str, Any] | None = None) -> None:
        self.status = status
        self.output = output
        self.port = port
        self.error = error
        self.view = {"output": output, "status": status, "error": error}


class SkippedStep(Lookup):
    """What `steps.x` is when no live edge led to x."""

    def __init__(self, id: str) -> None:
        self._id = id

    def get(self, key: str) -> Any:
        if key == "status":
            return "skipped"
        raise NoValueError(
            say("the step {id!r} was skipped, so it has no output", id=self._id),
            hint=say("Use default(…) to say what holds then."),
        )

    def names(self) -> Iterable[str]:
        return ("status",)


class AbsentStep(Lookup):
    """What `steps.x` is before x has run."""

    def __init__(self, id: str) -> None:
        self._id = id

    def get(self, key: str) -> Any:
        if key == "status":
            return "not_run"
        raise NoValueError(
            say("the step {id!r} has not run", id=self._id),
            hint=say("Connect it so that it runs before, or use default(…) to say what holds then."),
        )

    def names(self) -> Iterable[str]:
        return ("status",)


class Steps(Lookup):
    """`steps`: what the steps of this body, and of the bodies around it, gave so far."""

    __slots__ = ("_scope",)

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def get(self, key: str) -> Any:
        scope: Scope | None = self._scope
        while scope is not None:
            found = scope.outcomes.get(key)
            if found is not None:
                if found.status == "skipped":
                    return SkippedStep(key)
                return found.view
            scope = scope.parent
        if key in self._scope.frame.prepared.ids:
            return AbsentStep(key)
        raise NoValueError(say("there is no step {key!r}", key=key))

    def names(self) -> Iterable[str]:
        return sorted(self._scope.frame.prepared.ids)


class Frame:
    """One workflow being run: the execution's own, or a subworkflow at `address`."""

    __slots__ = ("address", "depth", "folder", "inputs", "prepared", "variables")

    def __init__(
        self,
        prepared: Prepared,
        address: str,
        inputs: dict[str, Any],
        variables: dict[str, Any],
        folder: Path,
        depth: int,
    ) -> None:
        self.prepared = prepared
        self.address = address
        self.inputs = inputs
        self.variables = variables
        self.folder = folder
        self.depth = depth


class Scope:
    """One running of one body. `past` is what the journal already knows of it."""

    __slots__ = ("address", "frame", "names", "outcomes", "parent", "past")

    def __init__(
        self,
        frame: Frame,
        address: str,
        parent: Scope | None,
        past: ScopeState | None,
        names: Mapping[str, Any],
    ) -> None:
        self.frame = frame
        self.address = address
        self.parent = parent
        self.past = past
        self.outcomes: dict[str, Outcome] = {}
        self.names: dict[str, Any] = {**(parent.names if parent is not None else {}), **names}
        self.names["steps"] = Steps(self)

    def address_of(self, step: str) -> str:
        return f"{self.address}/{step}" if self.address else step

    def past_of(self, step: str) -> StepState | None:
        return self.past.steps.get(step) if self.past is not None else None


class BoundExpression:
    """A parameter that the step evaluates itself, in the scope it stands in (`engine.sdk.Expression`)."""

    __slots__ = ("_scope", "_template", "source")

    def __init__(self, template: Template, source: Any, scope: Scope) -> None:
        self._template = template
        self._scope = scope
        self.source = source

    def __call__(self, **names: Any) -> Any:
        return self._template.evaluate({**self._scope.names, **names} if names else self._scope.names)

    def within(self, scope: Scope) -> BoundExpression:
        """The same expression, seen from inside a body."""
        return BoundExpression(self._template, self.source, scope)
