"""Giving a step, an input or a variable another name, everywhere it is used.

A text that is no valid expression is left as it is: its problem is shown, and nothing is guessed.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from engine.core.errors import ExpressionError, UsageError
from engine.core.sentences import Sentence, say
from engine.workflow.codec import Document
from engine.workflow.comments import KeyPath
from engine.workflow.expressions import compile_template
from engine.workflow.model import Edge, Workflow

Subject = TypeVar("Subject", Workflow, Document)
Change = Callable[[str], str]

_SETTER = "control.set"


def rename_step(subject: Subject, old: str, new: str) -> Subject:
    """The same workflow (or document, with its comments) in which the step `old` is called `new`.

    Raises `UsageError` when there is no `old`, or already a `new`.
    """
    return rename_steps(subject, {old: new})


def rename_steps(subject: Subject, names: Mapping[str, str]) -> Subject:
    """The same with every step of `names`, old to new, renamed at once. Raises `UsageError` as `rename_step` does."""
    workflow = _workflow(subject)
    known = {step.id for step in workflow.steps}
    for old, new in names.items():
        _expect(old, new, known, say("step"))
        known.add(new)

    def change(text: str) -> str:
        return str(compile_template(text).renamed_steps(names)) if "steps" in text or not text.isascii() else text

    def called(id: str) -> str:
        return names.get(id, id)

    edges = {edge: Edge(called(edge.source), edge.port, called(edge.target)) for edge in workflow.edges}
    changed = _with_expressions(workflow, change)
    changed = replace(
        changed,
        on_error=called(workflow.on_error) if workflow.on_error is not None else None,
        steps=tuple(replace(step, id=names[step.id]) if step.id in names else step for step in changed.steps),
        edges=tuple(edges[edge] for edge in workflow.edges),
        layout=replace(workflow.layout, steps={called(id): place for id, place in workflow.layout.steps.items()}),
    )
    texts = {str(edge): str(to) for edge, to in edges.items()}

    def move(path: KeyPath) -> KeyPath:
        named = path[:1] in (("steps",), ("edges",))
        at: int = 1 if named else 2
        if len(path) <= at or not (named or path[:2] == ("layout", "steps")):
            return path
        name = path[at]
        table = texts if path[0] == "edges" else names
        return (*path[:at], table.get(name, name) if isinstance(name, str) else name, *path[at + 1 :])

    return _result(subject, changed, move)


def rename_input(subject: Subject, old: str, new: str) -> Subject:
    """The same with the input `old` called `new`. Raises `UsageError` as `rename_step` does."""
    workflow = _workflow(subject)
    _expect(old, new, {item.name for item in workflow.inputs}, say("input"))
    changed = _with_expressions(workflow, _reader("inputs", old, new))
    inputs = tuple(replace(item, name=new) if item.name == old else item for item in workflow.inputs)
    return _result(subject, replace(changed, inputs=inputs), _section("inputs", old, new))


def rename_variable(subject: Subject, old: str, new: str) -> Subject:
    """The same with the variable `old` called `new`, also where a step sets it. Raises `UsageError` likewise."""
    workflow = _workflow(subject)
    _expect(old, new, set(workflow.variables), say("variable"))
    changed = _with_expressions(workflow, _reader("vars", old, new))
    steps = tuple(
        replace(step, parameters={name: _renamed_key(value, old, new) for name, value in step.parameters.items()})
        if step.activity == _SETTER
        else step
        for step in changed.steps
    )
    variables = _renamed_key(dict(workflow.variables), old, new)
    return _result(subject, replace(changed, steps=steps, variables=variables), _section("variables", old, new))


def _workflow(subject: Workflow | Document) -> Workflow:
    return subject if isinstance(subject, Workflow) else subject.workflow


def _result(subject: Subject, workflow: Workflow, move: Callable[[KeyPath], KeyPath]) -> Subject:
    if isinstance(subject, Workflow):
        return workflow
    return replace(subject, workflow=workflow, comments=subject.comments.moved(move))


def _expect(old: str, new: str, known: set[str], what: Sentence) -> None:
    if old not in known:
        raise UsageError(say("there is no {what} {old!r}", what=what, old=old))
    if new in known:
        raise UsageError(say("there is already a {what} {new!r}", what=what, new=new), hint=say("choose another name"))


def _section(section: str, old: str, new: str) -> Callable[[KeyPath], KeyPath]:
    return lambda path: (section, new, *path[2:]) if path[:2] == (section, old) else path


def _renamed_key(value: Any, old: str, new: str) -> Any:
    if not isinstance(value, dict):
        return new if value == old else value
    return {new if key == old else key: item for key, item in value.items()}


def _with_expressions(workflow: Workflow, change: Change) -> Workflow:
    """`workflow` with every text that holds an expression sent through `change`."""
    return replace(
        workflow,
        outputs=_changed(dict(workflow.outputs), change),
        steps=tuple(
            step
            if (parameters := _changed(step.parameters, change)) is step.parameters
            else replace(step, parameters=parameters)
            for step in workflow.steps
        ),
    )


def _changed(value: Any, change: Change) -> Any:
    """The value changed, or the very same where nothing in it did."""
    if isinstance(value, str):
        if "{{" not in value:
            return value
        try:
            return change(value)
        except ExpressionError:
            return value
    if isinstance(value, dict):
        fields = {key: _changed(item, change) for key, item in value.items()}
        return fields if any(fields[key] is not value[key] for key in value) else value
    if isinstance(value, (list, tuple)):
        items = [_changed(item, change) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def _reader(top: str, old: str, new: str) -> Change:
    """Changes `top.old` and `top['old']` in the expressions of a text; what stands in quotes is passed over."""
    name = re.escape(old)
    access = re.compile(
        rf"""(?<![\w.]){top}(?:(?P<dot>\s*\.\s*){name}(?!\w)|(?P<open>\s*\[\s*(?P<quote>['"])){name}(?P<close>(?P=quote)\s*\]))"""
        r"""|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""",
        re.DOTALL,
    )

    simple = new.isidentifier() and not keyword.iskeyword(new) and not new.startswith("_")

    def renamed(match: re.Match[str]) -> str:
        if match["dot"] and simple:
            return f"{top}{match['dot']}{new}"
        if not (match["dot"] or match["open"]):
            return match[0]
        quote = match["quote"] or "'"
        text = new.replace("\\", "\\\\").replace(quote, f"\\{quote}")
        return f"{top}{match['open'] or '[' + quote}{text}{match['close'] or quote + ']'}"

    def change(text: str) -> str:
        if old not in text:
            return text
        for _, expression in compile_template(text).expressions:
            if any(path[:2] == (top, old) for path in expression.paths_used):
                source = expression.source
                text = text.replace("{{" + source + "}}", "{{" + access.sub(renamed, source) + "}}")
        return text

    return change
