"""One expression: compiled once, evaluated any number of times."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from engine.core.errors import ExpressionError
from engine.core.sentences import say
from engine.workflow.expressions.access import Missing, Names
from engine.workflow.expressions.compiler import Compiler
from engine.workflow.expressions.limits import DEFAULT_LIMITS, Limits, Meter, weigh
from engine.workflow.expressions.source import Syntax


class Expression:
    """A compiled expression; immutable, and safe to evaluate from several threads at once."""

    __slots__ = ("_creates", "_limits", "_run", "_slots", "_steps", "names_used", "paths_used", "source")

    def __init__(self, source: str, limits: Limits = DEFAULT_LIMITS) -> None:
        compiler = _compiled(source, limits)
        self.source = source
        self.names_used: frozenset[str] = frozenset(compiler.names)
        """The top-level names it reads."""
        self.paths_used: frozenset[tuple[str, ...]] = frozenset(compiler.paths)
        """What it reads, as far as that is written out: `("steps", "read", "output", "rows")`."""
        self._run = compiler.run
        self._slots = [None] * compiler.slots
        self._steps = tuple(sorted(compiler.steps, key=lambda place: place[1]))
        self._creates = compiler.creates
        self._limits = limits

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"

    def evaluate(self, names: Names, meter: Meter | None = None) -> Any:
        """The value, as plain data; may share parts with the data in `names`, which is never changed.

        `meter` lets several evaluations share one budget. Raises `ExpressionError`, and of it `NoValueError` where
        a step, key or item that is read holds no value.
        """
        try:
            value = self._run([names, meter, self._limits, *self._slots])
            if self._creates and (type(value) is list or type(value) is dict):
                weigh(value, self._limits, self._limits.result)
            return value
        except ExpressionError as error:
            raise self._explained(error, names) from None
        except Exception as error:
            nested = isinstance(error, RecursionError)
            message = say("the expression nests too deep") if nested else say("the expression cannot be evaluated")
            raise self._explained(ExpressionError(message), names) from None

    def renamed_steps(self, names: Mapping[str, str]) -> str:
        """The source with `steps.old` and `steps['old']` made to read `names[old]`; all else stays as it is."""
        out: list[str] = []
        at = 0
        for step, start, end in self._steps:
            if step in names:
                out += [self.source[at:start], _step_access(self.source[start:end], names[step])]
                at = end
        return "".join(out) + self.source[at:]

    def _explained(self, error: ExpressionError, names: Names) -> ExpressionError:
        if isinstance(error, Missing):
            error = error.explained()
        error.source = error.source or self.source
        error.names = tuple(sorted(str(name) for name in names))
        return error


def _compiled(source: str, limits: Limits) -> Compiler:
    try:
        return Compiler(Syntax(source, limits), limits)
    except ExpressionError as error:
        raise error from None
    except RecursionError:
        raise ExpressionError(say("the expression nests too deep"), source=source, column=1) from None


def _step_access(written: str, step: str) -> str:
    """What to write in place of `.old` or `['old']`: the same style, unless the new id cannot be a name."""
    simple = step.isidentifier() and not keyword.iskeyword(step) and not step.startswith("_")
    if written.lstrip().startswith(".") and simple and unicodedata.normalize("NFKC", step) == step:
        return "." + step
    quote = '"' if '"' in written else "'"
    text = step.replace("\\", "\\\\").replace(quote, "\\" + quote)
    return f"[{quote}{text}{quote}]"


@lru_cache(maxsize=8_192)
def compile_expression(source: str, limits: Limits = DEFAULT_LIMITS) -> Expression:
    """The expression that `source` writes, without its braces; compiled once and kept.

    Raises `ExpressionError` with the source and the column, from 1.
    """
    return Expression(source, limits)
