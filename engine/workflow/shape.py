"""Plain data to the model and back, derived from the fields of the model's dataclasses.

Nothing is lost on the way in: a key that is not known, or has a value of the wrong type, goes to the `extra` of its
object and comes back out. What the model has no room for (a step that is no mapping, an edge that cannot be read)
is fatal.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple

from engine.core import values
from engine.core.errors import DocumentError
from engine.core.secrets import SecretRef
from engine.core.sentences import say
from engine.workflow.comments import Comments, KeyPath, item_names
from engine.workflow.model import Duration, Edge, Input, Place, Workflow
from engine.workflow.syntax import DEEPEST

_EDGE = re.compile(r"\s*([^.\s]*?)\s*(?:\.\s*(.*?))?\s*->\s*(\S*)\s*", re.DOTALL)
_TEXT, _LIST, _MAPPING = say("text"), say("a list"), say("a mapping")
_NUMBER, _WHOLE, _SWITCH = say("a number"), say("a whole number"), say("true or false")
_TEXTS = say("a list of texts")
_INPUTS, _INPUT = say("a mapping of names to inputs"), say("a mapping, such as {{type: text}}")
_EDGES, _ROW, _PLACE = (
    say("a list of edges"),
    say("a mapping of keys to values"),
    say("a mapping, such as {{x: 40, y: 80}}"),
)
_KINDS = {dict: _MAPPING, list: _LIST, str: _TEXT, bool: _SWITCH, int: _NUMBER, float: _NUMBER}


class Flaw(NamedTuple):
    """Something at `path` that does not fit the model; a fatal one cannot be held by it."""

    path: KeyPath
    code: str
    message: str
    hint: str = ""
    fatal: bool = False


class Field(NamedTuple):
    """A field of a dataclass of the model, as the file has it."""

    name: str
    key: str
    type: Any
    required: bool
    default: Any


_fields: dict[type, tuple[Field, ...]] = {}


def fields(model: type) -> tuple[Field, ...]:
    """The fields of a dataclass of the model in the order of the file, without `extra`."""
    if model not in _fields:
        _fields[model] = _read_fields(model)
    return _fields[model]


def _read_fields(model: type) -> tuple[Field, ...]:
    hints = typing.get_type_hints(model, include_extras=True)
    found = []
    for field in dataclasses.fields(model):
        if field.name == "extra":
            continue
        factory = field.default_factory
        missing = dataclasses.MISSING
        default = factory() if factory is not missing else None if field.default is missing else field.default
        key = {"parameters": "with", "format": "rpa"}.get(field.name, field.name)
        required = field.default is missing and factory is missing
        found.append(Field(field.name, key, hints[field.name], required, default))
    # Short things first: `with` is read last and is the longest, and the format heads the file.
    return tuple(sorted(found, key=lambda field: {"rpa": -1, "with": 1}.get(field.key, 0)))


def variants(kind: Any) -> tuple[Any, ...]:
    """The members of a union without None, or the type itself."""
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return tuple(member for member in typing.get_args(kind) if member is not type(None))
    return (kind,)


def suggestion(word: object, known: Iterable[str]) -> str:
    """`did you mean 'x'?`, or nothing when no known word is close."""
    close = difflib.get_close_matches(str(word), list(known), n=1, cutoff=0.6)
    return say("did you mean {close!r}?", close=close[0]) if close else ""


# --------------------------------------------------------------------------------------------------- data to model


def build(data: Mapping[str, Any]) -> tuple[Workflow, list[Flaw]]:
    """The workflow of plain data, and what did not fit. With a fatal flaw the workflow is not complete."""
    builder = _Builder()
    workflow: Workflow = builder.object(Workflow, data, ())
    return workflow, builder.flaws


class _Wrong(Exception):
    """A value is of the wrong type. The message says what belongs there."""

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.hint = hint


class _Builder:
    def __init__(self) -> None:
        self.flaws: list[Flaw] = []

    def object(self, model: type, data: Mapping[str, Any], path: KeyPath, name: str | None = None) -> Any:
        """One object of the model; `name` where the file has the name as the key of the mapping around it."""
        given: dict[str, Any] = {} if name is None else {"name": name}
        extra = dict(data)
        for field in fields(model):
            if field.name in given:
                continue
            if field.key not in data:
                if field.required and model is not Place:
                    self.flaws.append(Flaw(path, "missing-key", say("the key {key!r} is missing", key=field.key)))
                if field.required:
                    given[field.name] = 0.0 if model is Place else ""
                continue
            value = data[field.key]
            where = (*path, field.key)
            try:
                given[field.name] = self.value(field.type, value, where) if value is not None else field.default
                del extra[field.key]
            except _Wrong as wrong:
                found = repr(value) if wrong.hint else _KINDS.get(type(value)) or say("something else")
                hint = (
                    say("put it in quotes") if str(wrong) == _TEXT and type(value) in (int, float, bool) else wrong.hint
                )
                self.flaws.append(
                    Flaw(
                        where,
                        "wrong-type",
                        say("{key!r} must be {wrong}, and is {found}", key=field.key, wrong=wrong, found=found),
                        hint,
                    )
                )
            if field.required and given.get(field.name) is None:
                given[field.name] = 0.0 if model is Place else ""
        if extra:
            given["extra"] = extra
        return model(**given)

    def value(self, kind: Any, value: Any, path: KeyPath) -> Any:
        if kind is Any:
            return value
        if kind is str:
            return _expect(value, str, _TEXT)
        if kind is bool:
            return _expect(value, bool, _SWITCH)
        if kind is int:
            return _expect(value, int, _WHOLE)
        if kind is float:
            return _number(value)
        if kind is Duration:
            return _duration(value)
        origin = typing.get_origin(kind)
        if origin is Literal:
            return _choice(value, typing.get_args(kind))
        if origin is tuple:
            return self.items(typing.get_args(kind)[0], value, path)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return self.mapping(typing.get_args(kind)[1], value, path)
        if dataclasses.is_dataclass(kind):
            return self.object(typing.cast(type, kind), _expect(value, dict, _MAPPING), path)
        (member,) = variants(kind)
        return self.value(member, value, path)

    def items(self, kind: Any, value: Any, path: KeyPath) -> tuple[Any, ...]:
        if kind is Input:
            declared = self.held(value, dict, _INPUTS, path)
            found = []
            for name, item in declared.items():
                where = (*path, name)
                data = self.held({} if item is None else item, dict, _INPUT, where)
                found.append(self.object(Input, data, where, name))
            return tuple(found)
        if kind is Edge:
            edges = self.held(value, list, _EDGES, path)
            names = item_names(path, edges)
            return tuple(self.edge(item, (*path, name)) for name, item in zip(names, edges, strict=True))
        if dataclasses.is_dataclass(kind):
            rows = self.held(value, list, _LIST, path)
            names = item_names(path, rows)
            return tuple(
                self.object(
                    typing.cast(type, kind),
                    self.held(item, dict, _ROW, (*path, name)),
                    (*path, name),
                )
                for name, item in zip(names, rows, strict=True)
            )
        if kind is str and not all(isinstance(item, str) for item in _expect(value, list, _TEXTS)):
            raise _Wrong(_TEXTS)
        return tuple(_expect(value, list, _LIST))

    def mapping(self, kind: Any, value: Any, path: KeyPath) -> dict[str, Any]:
        found = _expect(value, dict, _MAPPING)
        if kind is Any:
            return dict(found)
        return {
            key: self.object(kind, self.held(item, dict, _PLACE, (*path, key)), (*path, key))
            for key, item in found.items()
        }

    def held(self, value: Any, kind: type, what: str, path: KeyPath) -> Any:
        """`value`, which the model can only hold if it is a `kind`."""
        if isinstance(value, kind):
            return value
        found = _KINDS.get(type(value)) or say("nothing")
        hint = say("begin every item below with '- '") if kind is list else say("write lines of 'key: value' below")
        self.flaws.append(
            Flaw(
                path, "structure", say("here must be {what}, and is {found}", what=what, found=found), hint, fatal=True
            )
        )
        return kind()

    def edge(self, value: Any, path: KeyPath) -> Edge:
        if isinstance(value, str):
            edge = read_edge(value)
            if edge is not None:
                return edge
        message = say("{value!r} is not an edge", value=value) if isinstance(value, str) else say("this is not an edge")
        self.flaws.append(Flaw(path, "structure", message, say("write it as 'step.port -> step'"), fatal=True))
        return Edge("", "", "")


def read_edge(text: str) -> Edge | None:
    """The edge of a text such as `read.next -> each`; without a port it is `next`. None if it is no edge."""
    source, dot, rest = text.partition(".")
    if dot and " -> " in rest:
        port, _, target = rest.rpartition(" -> ")
        if source and port and target and (source, port, target) == (source.strip(), port.strip(), target.strip()):
            return Edge(source, port, target)
    match = _EDGE.fullmatch(text)
    if match is None or not match[1] or not match[3] or match[2] == "":
        return None
    return Edge(match[1], match[2] or "next", match[3])


def _expect(value: Any, kind: type, what: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _Wrong(what)
    return value


def _number(value: Any) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300:
        return float(value)
    raise _Wrong(_NUMBER)


def _duration(value: Any) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return f"{value}s"
    if not isinstance(value, str):
        raise _Wrong(say("a length of time such as 30s or 1h30m"))
    return value


def _choice(value: Any, choices: tuple[Any, ...]) -> Any:
    if not isinstance(value, str) or value not in choices:
        raise _Wrong(say("one of {choices}", choices=", ".join(choices)), suggestion(value, choices))
    return value


# --------------------------------------------------------------------------------------------------- model to data


def unbuild(workflow: Workflow, comments: Comments | None = None) -> dict[str, Any]:
    """The plain data of a workflow in the order of the file, what is empty or default left out.

    A default that a person commented is kept, so that the comment has a place to stand. Raises `DocumentError` for
    values that no text can hold.
    """
    commented = set(comments.inline) | set(comments.before) | set(comments.after) if comments is not None else set()
    return _Unbuilder(commented).object(workflow, (), ("rpa", "name"))


class _Unbuilder:
    def __init__(self, commented: set[KeyPath]) -> None:
        self.commented = commented

    def object(self, thing: Any, path: KeyPath, always: tuple[str, ...] = (), skip: str = "") -> dict[str, Any]:
        data: dict[str, Any] = {}
        extra = thing.extra
        for field in fields(type(thing)):
            value = getattr(thing, field.name)
            if field.key == skip or (field.key in extra and (value == field.default or value == "")):
                continue
            where = (*path, field.key)
            if value != field.default or field.required or field.key in always or where in self.commented:
                data[field.key] = self.value(value, field, where)
        for key, value in extra.items():
            data.setdefault(key, plain(value, len(path) + 1))
        return data

    def value(self, value: Any, field: Field, path: KeyPath) -> Any:
        if field.key == "edges":
            return [str(edge) for edge in value]
        if field.key == "inputs":
            return {item.name: self.object(item, (*path, item.name), ("type",), "name") for item in value}
        if dataclasses.is_dataclass(value):
            return self.object(value, path)
        if isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
            names = item_names(path, [{"id": item.id} for item in value])
            return [self.object(item, (*path, name)) for name, item in zip(names, value, strict=True)]
        if isinstance(value, Mapping) and value and isinstance(next(iter(value.values())), Place):
            return {key: self.object(place, (*path, key)) for key, place in value.items()}
        if field.type is float and isinstance(value, float) and value.is_integer():
            return int(value)
        return plain(value, len(path))


def plain(value: Any, depth: int = 0) -> Any:
    """`value` as a file can hold it: dates become text, lengths of time seconds, a secret the expression that names it.

    Raises `DocumentError` for bytes, for what is no data, and for nesting that could not be read back.
    """
    kind = type(value)
    if kind is str or value is None or kind is int or kind is bool or kind is float:
        return value
    if depth >= DEEPEST:
        raise DocumentError(
            say("the workflow holds lists and mappings more than {depth} deep", depth=DEEPEST),
            hint=say("make its values flatter"),
        )
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else str(plain(key)): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, depth + 1) for item in value]
    return _single(value, depth)


_SINGLE: dict[type, Callable[[Any], Any]] = {
    datetime: lambda value: value.isoformat(),
    date: lambda value: value.isoformat(),
    time: lambda value: value.isoformat(),
    timedelta: lambda value: f"{value.total_seconds():.6f}".rstrip("0").rstrip(".") + "s",
    SecretRef: lambda value: f"{{{{ secret({value.name!r}) }}}}",
}


def _single(value: Any, depth: int) -> Any:
    try:
        found = values.plain(value)
    except TypeError as error:
        raise DocumentError(say("the workflow holds a value that no file can hold: {error}", error=error)) from None
    write = _SINGLE.get(type(found))
    if write is not None:
        return write(found)
    if isinstance(found, bytes):
        raise DocumentError(
            say("the workflow holds bytes, which no text file can hold"), hint=say("keep them in a file")
        )
    return plain(found, depth)
