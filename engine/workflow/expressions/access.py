"""Reading: one key or position of one value at a time. Nothing else of a Python object is ever touched."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from engine.core.errors import ExpressionError, NoValueError
from engine.core.sentences import say
from engine.core.values import FileRef, plain
from engine.workflow.expressions.rendering import PLAIN, as_text, kind, quoted


class Lookup(ABC):
    """A read-only mapping that answers field by field; the only thing beside plain data an expression may read."""

    @abstractmethod
    def get(self, key: str) -> Any:
        """The value of the field. Raises `NoValueError` with a message that stands alone when there is none."""

    @abstractmethod
    def names(self) -> Iterable[str]:
        """The fields there are, for messages and completion."""


class Missing(NoValueError):
    """A key that is not there: `default(...)` catches most of them, so it is put into words when it is asked for."""

    def __init__(self, what: str, key: Any, there: Iterable[str]) -> None:
        super().__init__()
        self.args = ()
        self.what = what
        self.key = key
        self.there = there

    @property
    def message(self) -> str:
        return self.args[0] if self.args else say("{what} has no key {key}", what=self.what, key=quoted(self.key))

    def explained(self) -> NoValueError:
        """The error that a caller sees: it holds no data."""
        hint = self.hint or suggestion(as_text(self.key), self.there)
        return NoValueError(self.message, hint=hint, source=self.source, column=self.column)


Names = Mapping[str, Any]
"""The names in reach of an expression: plain values and lookups, asked for one by one."""


def read(value: Any, key: Any, what: str) -> Any:
    """The field or item `key` of `value`, which the expression calls `what`.

    Raises `NoValueError` where a mapping, list or null has no such thing, `ExpressionError` where it cannot.
    """
    if type(value) is dict or (type(value) not in PLAIN and isinstance(value, Mapping)):
        return _of_mapping(value, key, what)
    if isinstance(value, Lookup):
        if type(key) is not str or key.startswith("_"):
            raise ExpressionError(
                say("{what} has no field {key}", what=what, key=quoted(key)), hint=suggestion(str(key), value.names())
            )
        return value.get(key)
    if type(value) is FileRef and key in _FILE_FIELDS:
        return getattr(value, key)
    if value is None:
        raise NoValueError(say("{what} is null, so it has no {key}", what=what, key=quoted(key)))
    if type(value) is list or type(value) is str:
        if type(key) is int:
            try:
                return value[key]
            except IndexError:
                raise NoValueError(_beyond(value, quoted(key), what)) from None
        hint = say("To read a field of every item, write pluck(items, 'field')") if type(value) is list else ""
        raise ExpressionError(
            say("{what} is {kind}, so it has no {key}", what=what, kind=kind(value), key=quoted(key)), hint=hint
        )
    hint = say("To read a part of it, write {key}({what})", key=key, what=what) if key in _DATE_PARTS else ""
    if type(value) is FileRef:
        hint = say("It has: {names}", names=listed(_FILE_FIELDS))
    raise ExpressionError(
        say("{what} is {kind}, so it has no {key}", what=what, kind=kind(value), key=quoted(key)), hint=hint
    )


def _beyond(value: list[Any] | str, key: str, what: str) -> str:
    if type(value) is list:
        return say("{what} has {count:,} items, none at position {key}", what=what, count=len(value), key=key)
    return say("{what} has {count:,} characters, none at position {key}", what=what, count=len(value), key=key)


_FILE_FIELDS = ("name", "size", "media_type")
_DATE_PARTS = ("year", "month", "day", "hour", "minute", "second", "weekday")


def _of_mapping(value: Mapping[str, Any], key: Any, what: str) -> Any:
    if type(key) in (list, dict) or key is None:
        raise ExpressionError(say("{kind} cannot be a key of {what}", kind=kind(key), what=what))
    try:
        return value[key if type(key) is str else as_text(key)]
    except KeyError:
        raise Missing(what, key, value) from None


def admit(value: Any, what: str) -> Any:
    """`value` as plain data, where it was read whole under the name `what`."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, Lookup):
        raise ExpressionError(
            say("{what} is not a value itself", what=what),
            hint=say("Read one of its fields: {names}", names=listed(value.names())),
        )
    if isinstance(value, (tuple, Mapping, str, int, float)):
        try:
            return plain(value)
        except TypeError:
            pass
    raise ExpressionError(say("{what} is not data that an expression can read", what=what))


def suggestion(wrong: str, right: Iterable[str]) -> str:
    """A hint that names the field that comes closest and those that there are."""
    names = list(right)
    there = say("It has: {names}", names=listed(names)) if names else say("It has nothing")
    return meant(wrong, names, there) or there


def meant(wrong: str, right: Iterable[str], there: str = "") -> str:
    """A hint that names what comes closest, if anything does, and goes on with `there`."""
    names = [str(name)[:60] for name in right]
    close = get_close_matches(wrong[:60], names[:200], n=1)
    if not close:
        return ""
    if not there:
        return say("Did you mean {close}?", close=quoted(close[0]))
    return say("Did you mean {close}? {there}", close=quoted(close[0]), there=there)


def listed(names: Iterable[str], most: int = 20) -> str:
    """The names, sorted and separated by commas; after `most` of them an ellipsis."""
    found = sorted(str(name)[:60] for name in names)
    return ", ".join(found[:most]) + (", …" if len(found) > most else "")
