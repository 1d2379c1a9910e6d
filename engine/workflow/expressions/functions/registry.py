"""How a function of the expression language is declared: a typed, documented Python function."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.core.sentences import say

_TABLE: dict[str, Function] = {}


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the table."""

    name: str
    call: Callable[..., Any]
    signature: str
    """As it is written: `replace(text, old, new)`."""
    help: str
    """What it gives, in one line."""
    category: str
    metered: bool
    """Whether `call` takes the meter of the evaluation before its arguments."""
    shape: inspect.Signature

    def misfit(self, count: int, named: list[str]) -> str:
        """What is wrong with a call of `count` values and these named ones; empty when it fits."""
        try:
            self.shape.bind(*[None] * count, **dict.fromkeys(named))
        except TypeError as error:
            return _said(str(error))
        return ""


def function(category: str, name: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put the decorated function into the table. A first parameter called `meter` is given the `Meter`."""

    def declare(call: Callable[..., Any]) -> Callable[..., Any]:
        own = name or call.__name__.rstrip("_")
        parameters = list(inspect.signature(call).parameters.values())
        metered = bool(parameters) and parameters[0].name == "meter"
        shape = inspect.Signature([part.replace(annotation=part.empty) for part in parameters[metered:]])
        written = ", ".join(_written(part) for part in shape.parameters.values())
        help_ = (call.__doc__ or "").strip().splitlines()[0]
        _TABLE[own] = Function(own, call, f"{own}({written})", help_, category, metered, shape)
        return call

    return declare


def _said(problem: str) -> str:
    """What `inspect` found, as a sentence that can be translated."""
    name = problem.split("'")[1] if problem.count("'") == 2 else ""
    known = (
        say("too many positional arguments"),
        say("missing a required argument: {name!r}", name=name),
        say("multiple values for argument {name!r}", name=name),
        say("got an unexpected keyword argument {name!r}", name=name),
    )
    return next((sentence for sentence in known if sentence == problem), problem)


def table() -> dict[str, Function]:
    """All declared functions by name, sorted."""
    return dict(sorted(_TABLE.items()))


def _written(part: inspect.Parameter) -> str:
    star = "*" if part.kind is part.VAR_POSITIONAL else ""
    if part.default is part.empty:
        return star + part.name
    return f"{part.name}={_LITERALS.get(repr(part.default), repr(part.default))}"


_LITERALS = {"None": "null", "True": "true", "False": "false"}
