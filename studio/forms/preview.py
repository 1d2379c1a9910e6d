"""What a parameter's text gives with the data of the last execution."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from engine.core.errors import ExpressionError, NoValueError, RpaError
from studio.base.i18n import tr, tr_sentence
from studio.forms.faults import Fault, evaluation_fault
from studio.forms.shown import brief, summary

if TYPE_CHECKING:
    from engine.api import Lookup

State = Literal["value", "null", "empty", "not_run", "skipped", "missing", "error"]
_MOST = 240
"""Characters of a preview."""


@dataclass(frozen=True, slots=True)
class Preview:
    """`text` is what to show; `state` which kind of answer it is. `more` says how much the value is."""

    state: State
    text: str
    more: str = ""
    fault: Fault | None = None


def names_of(lookup: Lookup | Mapping[str, Any]) -> Mapping[str, Any]:
    """The names of an expression, from what a context gives: a mapping, or a lookup of which each field is a name."""
    if isinstance(lookup, Mapping):
        return lookup
    return _Fields(lookup)


class _Fields(Mapping[str, Any]):
    """A lookup as the mapping that evaluation takes."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def __getitem__(self, name: str) -> Any:
        try:
            return self._lookup.get(name)
        except NoValueError:
            raise KeyError(name) from None

    def __iter__(self) -> Any:
        return iter(self._lookup.names())

    def __len__(self) -> int:
        return len(list(self._lookup.names()))


def preview(text: str, names: Mapping[str, Any]) -> Preview | None:
    """The value of `text`; None where it cannot be read, which `faults` tells about. Bounded as a run is; it may take
    the 50 ms of CPU time that an expression may, for each of its expressions."""
    from engine.api import compile_template

    try:
        template = compile_template(text)
    except RpaError:
        return None
    try:
        value = template.evaluate(names)
    except NoValueError as error:
        return _absent(text, error, template.expressions, names)
    except ExpressionError as error:
        return Preview("error", tr_sentence(error.message), fault=evaluation_fault(text, error, ()))
    if value is None:
        return Preview("null", "null")
    if value == "":
        return Preview("empty", tr("empty text"))
    return Preview("value", brief(value, _MOST), summary(value))


def _absent(text: str, error: NoValueError, expressions: Iterable[Any], names: Mapping[str, Any]) -> Preview:
    for _, expression in expressions:
        for path in sorted(expression.paths_used):
            status = _status(path[1], names) if len(path) > 1 and path[0] == "steps" else ""
            if status == "skipped":
                return Preview("skipped", tr("skipped: “{step}” was skipped in the last run", step=path[1]))
            if status == "not_run":
                return Preview("not_run", tr("not run yet: “{step}” has not run", step=path[1]))
    fault = evaluation_fault(text, error, _keys(error))
    return Preview("missing", fault.message, fault=fault)


def _status(step: str, names: Mapping[str, Any]) -> str:
    from engine.api import compile_expression

    try:
        return str(compile_expression(f"steps[{step!r}].status").evaluate(names))
    except RpaError:
        return ""


def _keys(error: NoValueError) -> list[str]:
    """The keys that the engine's hint names: `Did you mean 'total'? It has: region, total`."""
    _, _, there = error.hint.rpartition(": ")
    return [name for name in there.split(", ") if name.isidentifier()]
