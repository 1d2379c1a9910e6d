"""The document by itself: names that expressions can use, lengths of time, sensible numbers, unknown keys."""

from __future__ import annotations

import dataclasses
import keyword
import re
from collections import Counter
from typing import Any

from engine.core import durations
from engine.core.sentences import say
from engine.workflow.comments import KeyPath
from engine.workflow.model import Duration
from engine.workflow.rules.report import Report
from engine.workflow.shape import fields, suggestion, variants

_ID = re.compile(r"[a-z][a-z0-9_]*")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LONGEST_ID = 64


def check(report: Report) -> None:
    workflow = report.workflow
    _object(report, workflow, ())
    for kind, names in (("inputs", [item.name for item in workflow.inputs]), ("variables", list(workflow.variables))):
        for name in names:
            if not _NAME.fullmatch(name) or keyword.iskeyword(name):
                message = say("expressions cannot read {name!r} behind a dot", name=name)
                top = "inputs" if kind == "inputs" else "vars"
                hint = say("write {top}[{name!r}], or choose a name of letters, digits and _", top=top, name=name)
                report.add("warning", "bad-name", (kind, name), message, hint=hint)
    for name, count in Counter(item.name for item in workflow.inputs).items():
        if count > 1:
            report.add("error", "duplicate-name", ("inputs", name), say("two inputs are called {name!r}", name=name))
    if not workflow.steps:
        report.add("warning", "empty", ("steps",), say("the workflow has no steps"))
    if workflow.settings.max_parallel < 1:
        report.add("error", "out-of-range", ("settings", "max_parallel"), say("'max_parallel' must be 1 or more"))
    seen: dict[str, KeyPath] = {}
    for path, step in report.steps:
        _identity(report, path, step.id, seen)
        if step.retry is not None:
            if step.retry.attempts < 1:
                report.add("error", "out-of-range", (*path, "retry", "attempts"), say("'attempts' must be 1 or more"))
            if not 0 <= step.retry.jitter <= 1:
                report.add("error", "out-of-range", (*path, "retry", "jitter"), say("'jitter' must be between 0 and 1"))
    known = {step.id for step in workflow.steps}
    for id in workflow.layout.steps:
        if id not in known:
            report.add(
                "warning", "unknown-place", ("layout", "steps", id), say("there is no step {id!r} to place", id=id)
            )


def _identity(report: Report, path: KeyPath, id: str, seen: dict[str, KeyPath]) -> None:
    where = (*path, "id")
    if id in seen:
        first = report.document.marks.get(seen[id])
        message = say("two steps have the id {id!r}", id=id)
        if first is not None:
            message = say("two steps have the id {id!r} (the other is in line {line})", id=id, line=first.line)
        hint = say("give one of them another id, and check which one the edges and expressions mean")
        report.add("error", "duplicate-id", where, message, hint=hint)
        return
    seen[id] = path
    if not _ID.fullmatch(id):
        hint = say("begin with a lower-case letter, then lower-case letters, digits and _; the label may be any text")
        report.add("error", "bad-id", where, say("expressions cannot use the step id {id!r}", id=id), hint=hint)
    elif keyword.iskeyword(id):
        message = say("the step id {id!r} is a word of the expression language", id=id)
        report.add(
            "error",
            "bad-id",
            where,
            message,
            hint=say("choose another, such as {id}_1; the label may be any text", id=id),
        )
    elif len(id) > _LONGEST_ID:
        report.add(
            "error",
            "bad-id",
            where,
            say(
                "a step id has at most {longest} characters, and this one {count}",
                longest=_LONGEST_ID,
                count=len(id),
            ),
        )


def _object(report: Report, thing: Any, path: KeyPath) -> None:
    """Lengths of time and unknown keys of an object of the model and all inside it."""
    known = fields(type(thing))
    for field in known:
        value = getattr(thing, field.name)
        where = (*path, field.key)
        if Duration in variants(field.type) and value is not None:
            try:
                durations.seconds(value)
            except ValueError as error:
                report.add("error", "bad-duration", where, say("{key!r}: {error}", key=field.key, error=error))
        elif dataclasses.is_dataclass(value):
            _object(report, value, where)
        elif field.key == "steps" and isinstance(value, tuple):
            for place, step in report.steps:
                _object(report, step, place)
        elif field.key == "inputs":
            for item in value:
                _object(report, item, (*where, item.name))
    for key in thing.extra:
        if not key.startswith(("x-", "x_")) and key not in {field.key for field in known}:
            hint = suggestion(key, [field.key for field in known]) or say("keys of your own begin with x-")
            report.add(
                "warning", "unknown-key", (*path, key), say("the key {key!r} has no meaning here", key=key), hint=hint
            )
