"""Functions over text."""

from __future__ import annotations

from typing import Any

from engine.core.errors import ExpressionError
from engine.core.sentences import say
from engine.workflow.expressions.functions.arguments import items as _items
from engine.workflow.expressions.functions.arguments import text as _text
from engine.workflow.expressions.functions.arguments import whole as _whole
from engine.workflow.expressions.functions.registry import function
from engine.workflow.expressions.limits import Meter
from engine.workflow.expressions.operators import contains as part_of
from engine.workflow.expressions.rendering import as_text, kind

_A_SEPARATOR = say("a separator")
_LENGTH = say("length")
_WIDTH = say("width")

_TEXT = "text"


def _made(meter: Meter, out: str) -> str:
    meter.text(len(out))
    return out


def _read(meter: Meter, value: Any) -> str:
    """A text that is about to be copied; checked before, because a copy of it takes its room."""
    found = _text(value)
    meter.text(len(found))
    return found


@function(_TEXT)
def upper(meter: Meter, text: str) -> str:
    """The text in capital letters."""
    return _made(meter, _read(meter, text).upper())


@function(_TEXT)
def lower(meter: Meter, text: str) -> str:
    """The text in small letters."""
    return _read(meter, text).lower()


@function(_TEXT)
def title(meter: Meter, text: str) -> str:
    """The text with a capital letter at the start of each word."""
    return _made(meter, _read(meter, text).title())


@function(_TEXT)
def capitalize(meter: Meter, text: str) -> str:
    """The text with a capital letter at its start and small ones after it."""
    return _made(meter, _read(meter, text).capitalize())


@function(_TEXT)
def strip(meter: Meter, text: str, chars: str | None = None) -> str:
    """The text without blanks, or these characters, at both ends."""
    return _read(meter, text).strip(_chars(chars))


@function(_TEXT)
def strip_start(meter: Meter, text: str, chars: str | None = None) -> str:
    """The text without blanks, or these characters, at its start."""
    return _read(meter, text).lstrip(_chars(chars))


@function(_TEXT)
def strip_end(meter: Meter, text: str, chars: str | None = None) -> str:
    """The text without blanks, or these characters, at its end."""
    return _read(meter, text).rstrip(_chars(chars))


def _chars(chars: Any) -> str | None:
    if chars is not None and len(_text(chars)) > 100:
        raise ExpressionError(say("at most 100 characters can be stripped"))
    return chars  # type: ignore[no-any-return]


@function(_TEXT)
def split(meter: Meter, text: str, separator: str | None = None, limit: int = -1) -> list[str]:
    """The parts of the text between the separators, or between blanks; at most limit cuts."""
    whole_text = _read(meter, text)
    if separator is not None and (type(separator) is not str or not separator):
        raise ExpressionError(say("a separator is text that is not empty"))
    most = _whole(limit)
    cap = meter.limits.items
    parts = whole_text.split(separator, cap if most < 0 else min(most, cap))
    meter.items(len(parts))
    return parts


@function(_TEXT)
def lines(meter: Meter, text: str) -> list[str]:
    """The lines of the text, without line ends."""
    found = _read(meter, text).splitlines()
    meter.items(len(found))
    return found


@function(_TEXT)
def join(meter: Meter, items: list[Any], separator: str = "") -> str:
    """The items as one text, with the separator between them."""
    _text(separator)
    parts: list[str] = []
    for item in _items(items, meter):
        part = item if type(item) is str else as_text(item, meter.limits)
        meter.text(len(part) + len(separator))
        parts.append(part)
    length = sum(map(len, parts)) + len(separator) * max(len(parts) - 1, 0)
    meter.text(length)
    return separator.join(parts)


@function(_TEXT)
def replace(meter: Meter, text: str, old: str, new: str, limit: int = -1) -> str:
    """The text with every old part, or the first limit of them, made new."""
    found = _read(meter, text)
    if type(old) is not str or type(new) is not str or not old:
        raise ExpressionError(say("what to replace is text that is not empty, and so is what to put there"))
    times = found.count(old) if _whole(limit) < 0 else min(limit, found.count(old))
    meter.text(len(found) + times * (len(new) - len(old)))
    return found.replace(old, new, times)


@function(_TEXT)
def startswith(text: str, prefix: str) -> bool:
    """Whether the text begins with the prefix."""
    return _text(text).startswith(_text(prefix))


@function(_TEXT)
def endswith(text: str, suffix: str) -> bool:
    """Whether the text ends with the suffix."""
    return _text(text).endswith(_text(suffix))


@function(_TEXT)
def remove_prefix(meter: Meter, text: str, prefix: str) -> str:
    """The text without the prefix, where it begins with it."""
    return _read(meter, text).removeprefix(_text(prefix))


@function(_TEXT)
def remove_suffix(meter: Meter, text: str, suffix: str) -> str:
    """The text without the suffix, where it ends with it."""
    return _read(meter, text).removesuffix(_text(suffix))


@function(_TEXT)
def contains(meter: Meter, whole: Any, part: Any) -> bool:
    """Whether the text, list or mapping holds the part, item or key."""
    return part_of(part, whole, meter)


@function(_TEXT)
def find(meter: Meter, text: str, part: str) -> int:
    """Where the part stands in the text, from 0; -1 where it does not."""
    return _read(meter, text).find(_text(part))


@function(_TEXT)
def before(meter: Meter, text: str, separator: str) -> str:
    """What stands before the first separator; the whole text where there is none."""
    return _read(meter, text).partition(_separator(separator))[0]


@function(_TEXT)
def after(meter: Meter, text: str, separator: str) -> str:
    """What stands after the first separator; empty where there is none."""
    return _read(meter, text).partition(_separator(separator))[2]


def _separator(value: Any) -> str:
    if not _text(value, _A_SEPARATOR):
        raise ExpressionError(say("a separator is text that is not empty"))
    return str(value)


@function(_TEXT)
def truncate(meter: Meter, text: str, length: int, end: str = "…") -> str:
    """The text cut to the length, which counts the mark at its end."""
    found, mark = _text(text), _text(end)
    most = _whole(length, _LENGTH, 0)
    if len(found) <= most:
        return found
    return _made(meter, found[: max(most - len(mark), 0)] + mark[:most])


@function(_TEXT)
def pad_start(meter: Meter, text: Any, width: int, fill: str = " ") -> str:
    """The text filled up at its start to the width: pad_start(7, 3, '0') is '007'."""
    found = as_text(text, meter.limits)
    return _filling(meter, found, width, fill) + found


@function(_TEXT)
def pad_end(meter: Meter, text: Any, width: int, fill: str = " ") -> str:
    """The text filled up at its end to the width."""
    found = as_text(text, meter.limits)
    filling = _filling(meter, found, width, fill)
    return found + filling


def _filling(meter: Meter, found: str, width: Any, fill: Any) -> str:
    if len(_text(fill)) != 1:
        raise ExpressionError(say("the fill is one character"))
    size = _whole(width, _WIDTH, 0)
    meter.text(max(size, len(found)))
    return str(fill) * max(size - len(found), 0)


@function(_TEXT)
def reverse(meter: Meter, value: Any) -> Any:
    """The text or list from its end to its start."""
    if type(value) is str:
        return _read(meter, value)[::-1]
    if type(value) is list:
        meter.items(len(value))
        return value[::-1]
    raise ExpressionError(say("text or a list is needed, not {kind}", kind=kind(value)))
