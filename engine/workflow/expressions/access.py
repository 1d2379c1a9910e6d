"""Reading: one key or position of one value at a time. Nothing else of a Python object is ever touched."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from engine.core.errors import ExpressionError, NoValueError
from engine.core.values import plain
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
    """A key that is not there. What comes closest is looked for by `explained`, once nobody has caught the error."""

    def __init__(self, message: str, key: str, there: Iterable[str]) -> None:
        super().__init__(message)
        self.key = key
        self.there = there

    def explained(self) -> NoValueError:
        """The error that a caller sees: it holds no data."""
        hint = self.hint or suggestion(self.key, self.there)
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
            raise ExpressionError(f"{what} has no field {quoted(key)}", hint=suggestion(str(key), value.names()))
        return value.get(key)
    if value is None:
        raise NoValueError(f"{what} is null, so it has no {quoted(key)}")
    if type(value) is list or type(value) is str:
        if type(key) is int:
            try:
                return value[key]
            except IndexError:
                length = f"{len(value):,} " + ("items" if type(value) is list else "characters")
                raise NoValueError(f"{what} has {length}, none at position {quoted(key)}") from None
        hint = "To read a field of every item, write pluck(items, 'field')" if type(value) is list else ""
        raise ExpressionError(f"{what} is {kind(value)}, so it has no {quoted(key)}", hint=hint)
    hint = f"To read a part of it, write {key}({what})" if key in _DATE_PARTS else ""
    raise ExpressionError(f"{what} is {kind(value)}, so it has no {quoted(key)}", hint=hint)


_DATE_PARTS = ("year", "month", "day", "hour", "minute", "second", "weekday")


def _of_mapping(value: Mapping[str, Any], key: Any, what: str) -> Any:
    if type(key) in (list, dict) or key is None:
        raise ExpressionError(f"{kind(key)} cannot be a key of {what}")
    try:
        return value[key if type(key) is str else as_text(key)]
    except KeyError:
        raise Missing(f"{what} has no key {quoted(key)}", as_text(key), value) from None


def admit(value: Any, what: str) -> Any:
    """`value` as plain data, where it was read whole under the name `what`."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, Lookup):
        raise ExpressionError(f"{what} is not a value itself", hint=f"Read one of its fields: {listed(value.names())}")
    if isinstance(value, (tuple, Mapping, str, int, float)):
        try:
            return plain(value)
        except TypeError:
            pass
    raise ExpressionError(f"{what} is not data that an expression can read")


def suggestion(wrong: str, right: Iterable[str], what: str = "It has") -> str:
    """A hint that names what comes closest and what there is."""
    names = [str(name)[:60] for name in right]
    close = get_close_matches(wrong[:60], names[:200], n=1)
    there = f"{what}: {listed(names)}" if names else f"{what} nothing"
    return f"Did you mean {quoted(close[0])}? {there}" if close else there


def listed(names: Iterable[str], most: int = 20) -> str:
    """The names, sorted and separated by commas; after `most` of them an ellipsis."""
    found = sorted(str(name)[:60] for name in names)
    return ", ".join(found[:most]) + (", …" if len(found) > most else "")
