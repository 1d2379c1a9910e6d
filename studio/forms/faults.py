"""What is wrong with the expressions of a text, as it is typed: where, in one sentence, and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from engine.core.errors import ExpressionError, NoValueError
from studio.base.i18n import tr, tr_sentence
from studio.forms.completion import walk
from studio.forms.context import ROOTS, Names

_WORD = re.compile(r"[^\W\d]\w*")
_READ = re.compile(r"\s*(?:\.|\[\s*['\"]?)\s*([^\W\d]\w*)")
_WORD_BEFORE = re.compile(r"(\w+(?:\[\d+\])?)\s*\Z")


@dataclass(frozen=True, slots=True)
class Fault:
    """The characters `start` to `end` are wrong; `instead` is what to write there, empty where nobody knows."""

    start: int
    end: int
    message: str
    instead: str = ""
    hint: str = ""


def faults(text: str, names: Names, *, lazy: bool = False) -> tuple[Fault, ...]:
    """The faults of a parameter's text. `lazy`: the activity gives names of its own to the expression."""
    from engine.api import compile_template

    if "{{" not in text:
        return ()
    try:
        expressions = compile_template(text).expressions
    except ExpressionError as error:
        return (_unreadable(text, error),)
    found: list[Fault] = []
    for _, expression in expressions:
        place = text.find(expression.source)
        bounds = (place, place + len(expression.source))
        for name in sorted(expression.names_used):
            found += _unknown_name(text, bounds, name, names, lazy)
        for path in sorted(expression.paths_used):
            found += _unknown_path(text, bounds, path, names)
    return tuple(sorted(dict.fromkeys(found), key=lambda fault: fault.start))


def near(wrong: str, right: Iterable[str]) -> str:
    """The one of `right` that was probably meant, or nothing."""
    return next(iter(get_close_matches(wrong, list(right), 1, 0.6)), "")


def evaluation_fault(text: str, error: ExpressionError, known: Iterable[str]) -> Fault:
    """What the last execution's data has against an expression that can be read; `known` are the keys there are."""
    start = max(0, min(error.column - 1, len(text) - 1))
    key = _READ.match(text, start)
    if key is None or not isinstance(error, NoValueError):
        return _at(text, error)
    before = _WORD_BEFORE.search(text[:start])
    name = key[1]
    what = before[1] if before else ""
    message = tr("“{what}” has no “{name}”.", what=what, name=name) if what else _sentence(error.message)
    return Fault(key.start(1), key.end(1), message, near(name, known), error.hint)


def _unreadable(text: str, error: ExpressionError) -> Fault:
    from engine.api import FUNCTIONS

    fault = _at(text, error)
    wrong = text[fault.start : fault.end]
    called = text[fault.end :].lstrip().startswith("(") or "function" in error.message
    instead = near(wrong, FUNCTIONS) if called else ""
    return Fault(fault.start, fault.end, fault.message, instead if instead != wrong else "", error.hint)


def _at(text: str, error: ExpressionError) -> Fault:
    start = max(0, min(error.column - 1, len(text) - 1))
    match = _WORD.match(text, start)
    end = match.end() if match else min(start + 1, len(text))
    return Fault(start, end, _sentence(error.message), hint=error.hint)


def _sentence(message: str) -> str:
    message = tr_sentence(message)
    return message[:1].upper() + message[1:] + ("" if message.endswith((".", "!", "?")) else ".")


def _unknown_name(text: str, bounds: tuple[int, int], name: str, names: Names, lazy: bool) -> Iterator[Fault]:
    if name in names.roots():
        return
    if name in ROOTS:
        if lazy:
            return
        message = (
            tr("“{name}” has a value only in an error handler.", name=name)
            if name == "error"
            else tr("“{name}” has a value only in the body of a loop.", name=name)
        )
        yield from _marked(text, bounds, name, message)
        return
    instead = near(name, [*names.roots(), *(f"steps.{step.id}.output" for step in names.steps if step.id == name)])
    if lazy and not instead:
        return
    if names.step(name) is not None:
        instead = f"steps.{name}.output"
    elif name in names.inputs:
        instead = f"inputs.{name}"
    elif name in names.variables:
        instead = f"vars.{name}"
    yield from _marked(text, bounds, name, tr("Nothing is called “{name}” here.", name=name), instead)


def _unknown_path(text: str, bounds: tuple[int, int], path: tuple[str, ...], names: Names) -> Iterator[Fault]:
    if len(path) < 2:
        return
    top, name = path[:2]
    if top == "steps":
        step = names.step(name)
        if step is None:
            message = tr("There is no step “{name}”.", name=name)
            yield from _marked(text, bounds, name, message, near(name, (one.id for one in names.steps)), before=top)
        elif len(path) > 3 and path[2] == "output":
            yield from _unknown_field(text, bounds, path, step.schema)
        elif len(path) > 2 and path[2] not in ("output", "status", "error"):
            message = tr("A step has output, status and error, no “{name}”.", name=path[2])
            instead = near(path[2], ("output", "status", "error"))
            if not instead and path[2] in step.schema.get("properties", {}):
                instead = f"output.{path[2]}"
            yield from _marked(text, bounds, path[2], message, instead, before=name)
    elif top == "inputs" and name not in names.inputs:
        message = tr("The workflow has no input “{name}”.", name=name)
        yield from _marked(text, bounds, name, message, near(name, names.inputs), before=top)
    elif top == "vars" and names.variables_known and name not in names.variables:
        message = tr("No variable “{name}” is declared, and no step sets it.", name=name)
        yield from _marked(text, bounds, name, message, near(name, names.variables), before=top)


def _unknown_field(
    text: str, bounds: tuple[int, int], path: tuple[str, ...], schema: Mapping[str, Any]
) -> Iterator[Fault]:
    """A field that the declared output of a step cannot have."""
    at = ""
    for place, name in enumerate(path[3:], 3):
        found = walk(schema, at)
        properties = found.get("properties") if found else None
        if not found or not properties or found.get("additionalProperties"):
            return
        if name not in properties:
            what = path[1] if place == 3 else path[place - 1]
            message = tr("“{what}” has no “{name}”.", what=what, name=name)
            yield from _marked(text, bounds, name, message, near(name, properties), before=path[place - 1])
            return
        at += f".{name}"


def _marked(
    text: str, bounds: tuple[int, int], word: str, message: str, instead: str = "", before: str = ""
) -> Iterator[Fault]:
    """The fault at every place in `bounds` where `word` is read, after `before`."""
    ahead = rf"{re.escape(before)}['\"]?\s*\]?\s*(?:\.\s*|\[\s*['\"])" if before else r"(?<![\w.'\"])"
    for match in re.finditer(rf"{ahead}(?P<word>{re.escape(word)})(?!\w)", text[bounds[0] : bounds[1]]):
        yield Fault(bounds[0] + match.start("word"), bounds[0] + match.end("word"), message, instead)
        return
