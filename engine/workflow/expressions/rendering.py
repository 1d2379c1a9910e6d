"""How a value looks inside text, and what its kind is called."""

from __future__ import annotations

import base64
import json
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.core.errors import ExpressionError
from engine.core.secrets import SecretRef
from engine.core.sentences import say
from engine.core.values import FileRef
from engine.workflow.expressions.limits import DEFAULT_LIMITS, Limits, weigh

PLAIN = frozenset(
    {type(None), bool, int, float, str, list, dict, date, datetime, time, timedelta, bytes, SecretRef, FileRef}
)

_KINDS: dict[type, str] = {
    type(None): "null",
    bool: say("true or false"),
    int: say("a number"),
    float: say("a number"),
    str: say("text"),
    list: say("a list"),
    dict: say("a mapping"),
    date: say("a date"),
    datetime: say("a date and time"),
    time: say("a time"),
    timedelta: say("a duration"),
    bytes: say("bytes"),
    SecretRef: say("a secret"),
    FileRef: say("a kept file"),
}

_NAMES = say("a group of names")


def kind(value: Any) -> str:
    """What a value is, in words: `a list`, `text`, `null`."""
    return _KINDS.get(type(value)) or _NAMES


def as_text(value: Any, limits: Limits = DEFAULT_LIMITS) -> str:
    """How `value` looks inside text.

    Null is empty, true and false are lower-case, a number is the shortest text that reads back as the same number,
    without `.0` where it is whole (as a spreadsheet shows it). Dates, times and durations are ISO 8601, bytes base64,
    lists and mappings JSON. Raises `ExpressionError` when that would be longer than a text may be.
    """
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if value is None:
        return ""
    if kind is bool:
        return "true" if value else "false"
    if kind is float:
        text = repr(value)
        return text[:-2] if text.endswith(".0") else text
    if kind is list or kind is dict:
        return to_json(value, limits)
    return _scalar(value)


def to_json(value: Any, limits: Limits = DEFAULT_LIMITS, indent: int | None = None) -> str:
    """`value` as JSON; dates, durations and bytes become text. Raises `ExpressionError` when it grows too long."""
    if type(value) in (list, dict):
        weigh(value, limits, limits.text)
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_scalar, indent=indent)
    except ValueError:
        raise ExpressionError(say("JSON has no number that is infinite or not a number")) from None
    if len(text) > limits.text:
        raise ExpressionError(say("the text grows beyond {text:,} characters", text=limits.text))
    return text


def _scalar(value: Any) -> str:
    kind = type(value)
    if kind is int:
        try:
            return repr(value)
        except ValueError:
            raise ExpressionError(say("the number is too large to be written out")) from None
    if kind is datetime or kind is date or kind is time:
        return value.isoformat()  # type: ignore[no-any-return]
    if kind is timedelta:
        return iso_duration(value)
    if kind is bytes:
        return base64.b64encode(value).decode("ascii")
    if kind is FileRef:
        return value.name  # type: ignore[no-any-return]
    if kind is SecretRef:
        message = say("the secret {name!r} cannot become part of a text", name=value.name)
        raise ExpressionError(message, hint=say("A secret must be the whole value of a parameter that takes one."))
    raise ExpressionError(say("a {name} is not data", name=kind.__name__))


def iso_duration(value: timedelta) -> str:
    """ISO 8601: `P1DT2H30M`, `-PT0.5S`; zero is `PT0S`."""
    sign = "-" if value < timedelta(0) else ""
    value = abs(value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    part = f"{seconds}.{value.microseconds:06}".rstrip("0") if value.microseconds else str(seconds)
    days = f"{value.days}D" if value.days else ""
    clock = "".join((f"{hours}H" * (hours > 0), f"{minutes}M" * (minutes > 0), f"{part}S" * (part != "0")))
    return f"{sign}P{days}{'T' + clock if clock else ''}" if days or clock else "PT0S"


def quoted(value: Any) -> str:
    """A scalar as a message shows it: short, with a text in quotation marks."""
    text = as_text(value) if type(value) not in (list, dict, SecretRef) else kind(value)
    text = text if len(text) <= 40 else text[:39] + "…"
    return f"'{text}'" if type(value) is str else text or "null"
