"""Expressions: that they compile, and that every name they read is one that can hold a value there.

A step that stands elsewhere may not have run, which is a warning: `default(...)` is a way to deal with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from engine.core.errors import ExpressionError
from engine.core.sentences import say
from engine.workflow.comments import KeyPath
from engine.workflow.expressions import compile_template
from engine.workflow.graph import HANDLER
from engine.workflow.model import Step
from engine.workflow.rules.activities import has_expression
from engine.workflow.rules.flow import in_loop
from engine.workflow.rules.report import Report
from engine.workflow.shape import suggestion

NAMES = frozenset({"inputs", "steps", "vars", "item", "index", "trigger", "execution", "error"})
"""The names that expressions of a step can read."""

_OF_LOOPS = frozenset({"item", "index"})
_SETTER = "control.set"


class _Use(NamedTuple):
    """A template, where it stands, and whose step it is (None: the outputs)."""

    path: KeyPath
    value: Any
    step: Step | None
    lazy: bool


class _Read(NamedTuple):
    """A step that a template reads, and the text that does."""

    use: _Use
    place: KeyPath
    text: str
    target: str


def check(report: Report) -> None:
    for name, value in report.workflow.variables.items():
        if has_expression(value):
            message = say("the initial value of the variable {name!r} is not evaluated", name=name)
            hint = say("set it in a step with control.set")
            report.add("warning", "not-evaluated", ("variables", name), message, hint=hint)
    variables = _variables(report)
    reads: list[_Read] = []
    for use in _uses(report):
        try:
            expressions = compile_template(use.value).expressions
        except ExpressionError as error:
            place, text = _leaf(use, error.source)
            report.add(
                "error",
                "bad-expression",
                place,
                error.message,
                hint=error.hint,
                text=text,
                offset=max(error.column - 1, 0),
            )
            continue
        for path, expression in expressions:
            place = (*use.path, *path)
            text = _at(use.value, path)
            _names(report, use, place, text, expression.names_used)
            for read in expression.paths_used:
                if len(read) > 1:
                    _path(report, place, text, read, variables)
                if len(read) > 1 and read[0] == "steps" and read[1] in report.by_id:
                    reads.append(_Read(use, place, text, read[1]))
    _upstream(report, reads)


def _uses(report: Report) -> Iterator[_Use]:
    for path, step in report.steps:
        activity = report.activity(step)
        for name, value in step.parameters.items():
            if has_expression(value):
                parameter = activity.by_name.get(name) if activity is not None else None
                lazy = parameter is not None and parameter.lazy
                yield _Use((*path, "with", name), value, step, lazy)
    for name, value in report.workflow.outputs.items():
        if has_expression(value):
            yield _Use(("outputs", name), value, None, False)


def _leaf(use: _Use, source: str) -> tuple[KeyPath, str]:
    """The place of the text in which an expression failed."""
    waiting: list[tuple[KeyPath, Any]] = [(use.path, use.value)]
    while waiting:
        path, value = waiting.pop()
        if value == source and isinstance(value, str):
            return path, value
        if isinstance(value, Mapping):
            waiting += [((*path, key), item) for key, item in value.items()]
        elif isinstance(value, (list, tuple)):
            waiting += [((*path, index), item) for index, item in enumerate(value)]
    return use.path, ""


def _at(value: Any, path: Iterable[str | int]) -> str:
    for key in path:
        value = value[key]
    return str(value)


def _names(report: Report, use: _Use, place: KeyPath, text: str, names: Iterable[str]) -> None:
    for name in sorted(names):
        if use.lazy:
            # An activity may call a lazy parameter with names of its own, which only its documentation tells.
            hint = "" if name in NAMES else suggestion(name, NAMES)
            if hint:
                _add(
                    report,
                    "unknown-name",
                    place,
                    text,
                    name,
                    say("is {name!r} known here?", name=name),
                    hint,
                    "warning",
                )
            continue
        if name not in NAMES:
            hint = suggestion(name, NAMES) or say("the names in reach are {names}", names=", ".join(sorted(NAMES)))
            _add(report, "unknown-name", place, text, name, say("the name {name!r} is not known here", name=name), hint)
        elif name in _OF_LOOPS and (use.step is None or not in_loop(report, use.step.id)):
            message = say("{name!r} has a value only in the body of a loop", name=name)
            _add(
                report,
                "outside-loop",
                place,
                text,
                name,
                message,
                say("connect the step behind the body port of a loop"),
            )


def _path(report: Report, place: KeyPath, text: str, read: tuple[str, ...], variables: frozenset[str] | None) -> None:
    top, name = read[:2]
    if top == "steps" and name not in report.by_id:
        hint = suggestion(name, report.by_id)
        _add(report, "unknown-step", place, text, f"steps.{name}", say("there is no step {name!r}", name=name), hint)
    elif top == "inputs":
        declared = [item.name for item in report.workflow.inputs]
        if name not in declared:
            hint = suggestion(name, declared) or say("declare it under 'inputs'")
            _add(
                report,
                "unknown-input",
                place,
                text,
                f"inputs.{name}",
                say("the workflow has no input {name!r}", name=name),
                hint,
            )
    elif top == "vars" and variables is not None and name not in variables:
        message = say("no variable {name!r} is declared, and no step sets it", name=name)
        hint = suggestion(name, variables) or say("declare it under 'variables', with its initial value")
        _add(report, "unknown-variable", place, text, f"vars.{name}", message, hint)


def _variables(report: Report) -> frozenset[str] | None:
    """The variables that are declared or set by a step; None when that cannot be told."""
    names = set(report.workflow.variables)
    for step in report.workflow.steps:
        activity = report.activity(step)
        if activity is None or activity.id != _SETTER:
            continue
        for value in step.parameters.values():
            if isinstance(value, Mapping):
                names.update(value)
            elif isinstance(value, str) and "{{" in value:
                return None
            elif isinstance(value, str):
                names.add(value)
    return frozenset(names)


def _upstream(report: Report, reads: list[_Read]) -> None:
    """Warn of every read of a step that need not have run, all in one walk along the order of steps."""
    bits = {id: 1 << rank for rank, id in enumerate(dict.fromkeys(read.target for read in reads))}
    plan = report.plan
    above: dict[str, int] = {}
    handler = 0
    for id, bit in bits.items():
        if HANDLER not in plan.enclosing(id):
            handler |= bit
    for id in plan.order:
        reached = handler if id == report.workflow.on_error else 0
        for edge in plan.predecessors[id]:
            reached |= above.get(edge.source, 0) | bits.get(edge.source, 0)
        above[id] = reached
    for read in reads:
        step, target = read.use.step, read.target
        containers = [container for container, _ in plan.enclosing(target)]
        if report.by_id[target].disabled:
            message = say("the step {target!r} is disabled, so it has no output", target=target)
            hint = say("enable it, or write default(steps.{target}.output, …)", target=target)
            _add(report, "disabled-step", read.place, read.text, f"steps.{target}", message, hint, "warning")
        elif step is None or above[step.id] & bits[target] or target in plan.cyclic or step.id in plan.cyclic:
            if step is None and any(containers):
                _outside(report, read, containers[0])
        elif read.use.lazy and step.id in containers:
            continue
        elif target == step.id:
            message = say(
                "the step {target!r} reads its own output, which is not there before it has run", target=target
            )
            _add(report, "not-upstream", read.place, read.text, f"steps.{target}", message, "", "warning")
        elif containers and containers[0] not in [container for container, _ in plan.enclosing(step.id)]:
            _outside(report, read, containers[0])
        else:
            message = say("the step {target!r} need not have run before {id!r}", target=target, id=step.id)
            hint = say(
                "connect {target!r} so that it leads to {id!r}, or write default(steps.{target}.output, …)",
                target=target,
                id=step.id,
            )
            _add(report, "not-upstream", read.place, read.text, f"steps.{target}", message, hint, "warning")


def _outside(report: Report, read: _Read, container: str) -> None:
    if not container:
        return
    message = say(
        "the step {target!r} is in the body of {container!r} and cannot be read from outside it",
        target=read.target,
        container=container,
    )
    hint = say("read steps.{container}.output instead", container=container)
    _add(report, "not-upstream", read.place, read.text, f"steps.{read.target}", message, hint, "warning")


def _add(
    report: Report, code: str, place: KeyPath, text: str, word: str, message: str, hint: str, severity: Any = ""
) -> None:
    """Note a problem with `word`, which the expressions in `text` read."""
    found = re.search(rf"(?<![\w.]){re.escape(word)}(?!\w)", text)
    severity = severity or ("warning" if code == "unknown-variable" else "error")
    offset = found.start() if found else text.find("{{")
    report.add(severity, code, place, message, hint=hint, fix={"word": word}, text=text, offset=offset)
