"""The names that a step saw in the last execution, as its expressions read them.

What is not at hand is fetched when it is read, so expressions are evaluated in a worker thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from engine.api import AbsentStep, Lookup, SkippedStep
from engine.core.errors import NoValueError, RpaError
from studio.base.i18n import tr

if TYPE_CHECKING:
    from studio.designer.run.fold import Fold
    from studio.designer.run.values import LastValues, StepValue


class NamesOfStep(Lookup):
    """The names in reach of one step."""

    def __init__(self, values: LastValues, fold: Fold, chain: list[tuple[str, str, int]], step: str) -> None:
        self._values, self._fold, self._chain, self._step = values, fold, chain, step

    def names(self) -> Iterable[str]:
        found = ["inputs", "steps", "vars", "trigger", "execution"]
        if self._chain:
            found += ["item", "index"]
        if self._error() is not None:
            found.append("error")
        return found

    def get(self, key: str) -> Any:
        fold = self._fold
        if key == "steps":
            return _Steps(self._values, fold, self._chain)
        if key == "inputs":
            return fold.inputs
        if key == "vars":
            return dict(fold.variables)
        if key == "trigger":
            return fold.trigger
        if key == "execution":
            return {
                "id": fold.execution,
                "workflow": fold.name,
                "folder": fold.folder,
                "started_at": fold.created_at,
            }
        if key == "index" and self._chain:
            return self._chain[-1][2]
        if key == "item" and self._chain:
            return self._item()
        error = self._error() if key == "error" else None
        if error is not None:
            return error
        raise NoValueError(tr("There is no {name} here.", name=repr(key)))

    def _item(self) -> Any:
        number = self._chain[-1][2]
        items = _reached(lambda: self._values.items(self._fold, self._chain, len(self._chain) - 1))
        if isinstance(items, list) and 0 <= number < len(items):
            return items[number]
        if isinstance(items, dict) and 0 <= number < len(items):
            key = list(items)[number]
            return {"key": key, "value": items[key]}
        if type(items) is int:
            return number
        raise NoValueError(tr("There was no item {n} in the last run.", n=number))

    def _error(self) -> dict[str, Any] | None:
        """What a handler around the step handles: the newest failure of the last run."""
        plan = self._fold.plan
        regions = list(plan.enclosing(self._step))
        if not any(port in ("catch", "finally") for _, port in regions) and not any(not id for id, _ in regions):
            return None
        failures = [tally.failure for tally in self._fold.tallies.values() if tally.failure is not None]
        return max(failures, key=lambda one: one.at).error if failures else None


class _Steps(Lookup):
    """`steps`: what the steps of this round, and of the bodies around it, gave."""

    def __init__(self, values: LastValues, fold: Fold, chain: list[tuple[str, str, int]]) -> None:
        self._values, self._fold, self._chain = values, fold, chain

    def names(self) -> Iterable[str]:
        return sorted(step.id for step in self._fold.workflow.steps)

    def get(self, key: str) -> Any:
        if not any(step.id == key for step in self._fold.workflow.steps):
            raise NoValueError(tr("There was no step {name} in the last run.", name=repr(key)))
        loops = self._values.loops(key)
        if len(loops) > len(self._chain) or any(
            id != loop.rpartition("/")[2] for id, (_, loop, _) in zip(loops, self._chain, strict=False)
        ):
            return AbsentStep(key)
        if loops:
            scope, loop, _ = self._chain[len(loops) - 1]
            found = _reached(lambda: self._values.steps_of(scope, loop)).get(key)
        else:
            found = self._values.outer(self._fold, key)
        if found is None or found.status in ("not_run", "running"):
            return AbsentStep(key)
        if found.status == "skipped":
            return SkippedStep(key)
        return _Step(self._values, found)


class _Step(Lookup):
    """What one step gave; its output is fetched when it is read."""

    def __init__(self, values: LastValues, found: StepValue) -> None:
        self._values, self._found = values, found

    def names(self) -> Iterable[str]:
        return ("output", "status", "error")

    def get(self, key: str) -> Any:
        if key == "output":
            return _reached(lambda: self._values.fetch(self._found.output))
        if key == "status":
            return self._found.status
        if key == "error":
            return self._found.error
        raise NoValueError(tr("A step has no {name}; it has output, status and error.", name=repr(key)))


def _reached(get: Any) -> Any:
    """What an expression reads; where the engine cannot give it, the expression holds no value."""
    try:
        return get()
    except NoValueError:
        raise
    except RpaError as error:
        raise NoValueError(error.message, hint=error.hint) from None
