"""One thing that is wrong with a document, said so that a person can put it right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.workflow.comments import KeyPath

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where, and what to do.

    An `error` keeps the workflow from running; a `warning` does not. `line` and `column` count from 1 and are 0 when
    the document was not read from text. `place` is where, by the names that `comments` tells of. `fix` is what a repair
    can build on: the edge to take away (`{"cut": Edge}`), or what an expression reads (`{"word": "steps.raed"}`).
    """

    severity: Severity
    code: str
    message: str
    step: str = ""
    parameter: str = ""
    line: int = 0
    column: int = 0
    hint: str = ""
    fix: Mapping[str, Any] = field(default_factory=dict)
    place: KeyPath = ()


def describe(problem: Problem, name: str) -> str:
    """The problem in one line, as compilers write it: `FILE:12:5: error: …`, followed by the hint."""
    place = f"{name}:{problem.line}:{problem.column}" if problem.line else name
    hint = f" ({problem.hint})" if problem.hint else ""
    return f"{place}: {problem.severity}: {problem.message}{hint}"
